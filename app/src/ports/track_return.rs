//! What the page of a return shows.

use domain::credit_note::CreditNoteNo;
use domain::money::Money;
use domain::order::Address;
use domain::policy::{Resolution, Span};
use domain::reason::Reason;
use domain::returns::{Entry, LineNo, Return, ReturnLine};
use serde::{Deserialize, Serialize};

use super::{GiftView, Given, Noted};

/// What was just done to a return: said on top of its page, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// Items were added.
    Added,
    /// It comes back another way, or at another time.
    Way,
    Label,
    Cancelled,
    /// Some of it was cancelled.
    Part,
    /// An offer was answered.
    Answered,
    /// The customer wrote to the shop.
    Written,
    /// They asked to look again.
    Appealed,
    /// They said how it went.
    Rated,
    /// Likewise, and that it did not go well.
    RatedLow,
    /// They named an account.
    Account,
}

/// `/returns/{rma}`
#[derive(Clone, Debug)]
pub struct ReturnPage {
    pub request: Return,
    pub entries: Vec<Entry>,
    /// Photos and documents that were given.
    pub given: Vec<Given>,
    /// A label can be printed.
    pub label: bool,
    /// Where its carrier shows the parcel.
    pub tracking: Option<String>,
    /// Where it can be handed in, the nearest first.
    pub hand_in: Vec<HandIn>,
    /// The label has expired.
    pub label_expired: bool,
    /// It can still be changed.
    pub can_change: bool,
    /// Photos can be added.
    pub can_show: bool,
    /// Lines of which something was declined, and about which they may ask to look again.
    pub appealable: Vec<LineNo>,
    /// What was wrong with the last change, on whichever page it was.
    pub mistakes: Vec<Noted>,
    /// It can still be called off.
    pub can_cancel: bool,
    /// What was just done to it.
    pub told: Option<Told>,
    /// From the goods' arrival until the money has left, at most.
    pub after_arrival: Span,
    /// The reasons that its lines name.
    pub reasons: Vec<Reason>,
    /// Money goes by bank transfer: the end of the account that it goes to, where that is known. Nothing where none goes so.
    pub account: Option<Option<String>>,
    /// What is due can be paid from the page.
    pub pays_online: bool,
    /// What was given on top because the shop or the carrier was at fault.
    pub gifts: Vec<GiftView>,
    /// Numbers of the credit notes of what was paid back, with what each is of.
    pub credit_notes: Vec<(CreditNoteNo, Money)>,
}

/// Where a parcel can be handed in.
#[derive(Clone, Debug, PartialEq)]
pub struct HandIn {
    pub name: String,
    /// Who takes it there.
    pub carrier: Option<String>,
    pub address: Address,
    /// In the shop's own words.
    pub hours: Option<String>,
    /// As the crow flies, where that is known.
    pub km: Option<f64>,
    /// Latitude and longitude, in degrees.
    pub spot: Option<(f64, f64)>,
}

impl ReturnPage {
    /// What was wrong with the last change at these fields; at none (`""`): with the change as a whole.
    #[must_use]
    pub fn mistakes_at(&self, fields: &[&str]) -> Vec<Noted> {
        self.mistakes.iter().filter(|noted| fields.contains(&noted.field.as_str())).cloned().collect()
    }

    /// Whether all of it stays with the customer, for part of its price.
    #[must_use]
    pub fn keeps(&self) -> bool {
        let mut live = self.request.live_lines().peekable();
        live.peek().is_some() && live.all(|line| line.asked.resolution == Resolution::KeepRefund)
    }

    /// Why a line comes back, where the return has the same item for another reason too: it is told apart by that.
    #[must_use]
    pub fn told_apart(&self, line: &ReturnLine) -> Option<&Reason> {
        let twice = self.request.lines.iter().any(|other| other.id != line.id && other.asked.is_of(&line.asked.order, &line.asked.line));
        let code = line.asked.sub_reason.as_ref().unwrap_or(&line.asked.reason);
        self.reasons.iter().find(|reason| reason.code == *code).filter(|_| twice)
    }
}
