//! What the law asks about one line of an order, gathered by whoever knows it.

use std::fmt;

use jiff::civil::Date;

use crate::coded::coded;
use crate::ids::Code;

/// How the contract came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concluded {
    /// Through a shop's pages or an app.
    Online,
    /// By telephone, mail or the like.
    Distance,
    /// Face to face, away from the shop: at the door, on an excursion.
    OffPremises,
    /// In the shop.
    Premises,
}

coded!(Concluded { Online => "online", Distance => "distance", OffPremises => "off_premises", Premises => "premises" });

/// Whether and when the customer was told of the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Informed {
    /// Before the contract, or so it is taken to be.
    InTime,
    Never,
    /// On that day.
    Late(Date),
}

/// Whether and when the customer got a copy of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// As the law wants, or nobody said otherwise.
    InTime,
    Never,
    /// On that day.
    On(Date),
}

impl fmt::Display for Informed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InTime => f.write_str("true"),
            Self::Never => f.write_str("false"),
            Self::Late(day) => day.fmt(f),
        }
    }
}

impl fmt::Display for Copy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InTime => f.write_str("true"),
            Self::Never => f.write_str("false"),
            Self::On(day) => day.fmt(f),
        }
    }
}

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The customer does not want it any more, for whatever reason.
    Withdrawal,
    /// It is not as it should be.
    Conformity {
        /// It differs from what was promised.
        not_as_described: bool,
    },
}

/// What was done with digital content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digital {
    /// Supply has begun.
    pub started: bool,
    /// The customer had agreed to that, knowing the right ends.
    pub consented: bool,
    /// That was confirmed to them.
    pub confirmed: bool,
}

/// The state that goods are in, as far as the law asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it came, or opened to look at it.
    Intact,
    /// Used.
    Used,
    /// Not whole, or not what it was.
    Broken,
    Untold,
}

/// What is known of the goods.
#[derive(Clone, Copy, Debug)]
pub struct Goods<'a> {
    /// Kinds that an exception could be about.
    pub kinds: &'a [Code],
    /// Whether it was sealed when it came; nothing: its kind says so.
    pub sealed_on_delivery: Option<bool>,
    /// Whether the customer broke the seal; nothing: nobody said.
    pub seal_broken: Option<bool>,
    pub digital: Option<Digital>,
    /// Whether the customer agreed, for this purchase, that it does not come back; nothing: nobody said.
    pub exclusion_confirmed: Option<bool>,
    pub state: State,
    /// How often it was repaired before under the shop's liability.
    pub repairs: u32,
}

/// What is known of one line. Days are the customer's.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub today: Date,
    /// Subdivision that the customer lives in, by name or code.
    pub region: Option<&'a str>,
    /// A consumer bought it.
    pub consumer: bool,
    pub concluded: Concluded,
    /// Day of the contract.
    pub contract: Date,
    pub informed: Informed,
    /// Whether the customer was told that the way back is theirs to pay.
    pub informed_of_return_cost: bool,
    /// Whether the shop's policy was shown before the purchase.
    pub policy_displayed: bool,
    pub contract_copy: Copy,
    /// What the shop had to say before the contract was missing or wrong.
    pub disclosure_defective: bool,
    /// When these goods arrived; nothing: they have not.
    pub received: Option<Date>,
    /// When the last goods of the order arrived; nothing: some are missing.
    pub received_all: Option<Date>,
    /// Nobody told when they arrived: both days are guesses.
    pub arrival_guessed: bool,
    pub goods: Goods<'a>,
    pub claim: Claim,
    /// When the customer learned that something is wrong.
    pub known: Option<Date>,
    /// When the goods were back with the shop.
    pub goods_received: Option<Date>,
}
