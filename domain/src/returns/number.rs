//! Names of a return's parts: small numbers, in the order in which they came to be. They mean nothing outside their return.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What is no name of such a part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no part of a return")]
pub struct NoSuchName(String);

macro_rules! text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::from_text::from_text(deserializer)
            }
        }
    };
}

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = NoSuchName;
            fn from_str(text: &str) -> Result<Self, NoSuchName> {
                let number = text.strip_prefix($prefix).and_then(|digits| digits.parse().ok());
                number.filter(|number| *number > 0).map(Self).ok_or_else(|| NoSuchName(text.to_owned()))
            }
        }

        text!($name);

        impl $name {
            /// The one after so many.
            pub(super) fn after(count: usize) -> Self {
                Self(count as u32 + 1)
            }
        }
    };
}

numbered!(
    /// A line of a return: `1`.
    LineNo ""
);
numbered!(
    /// A receipt: `r1`.
    ReceiptNo "r"
);
numbered!(
    /// An offer: `o1`.
    OfferNo "o"
);
numbered!(
    /// A grant: `g1`.
    GrantNo "g"
);
numbered!(
    /// An attempt to pay: `p1`.
    PaymentNo "p"
);
numbered!(
    /// A remedy: `m1`.
    RemedyNo "m"
);

numbered!(
    /// Money that the customer paid: `c1`.
    CollectedNo "c"
);

/// A lot of a line: `1.2` is the second of line 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LotNo {
    pub line: LineNo,
    /// Which of its lots.
    pub lot: u32,
}

impl LotNo {
    /// The first lot of a line: all its units, until they part.
    pub fn first(line: LineNo) -> Self {
        Self { line, lot: 1 }
    }
}

impl fmt::Display for LotNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.line, self.lot)
    }
}

impl FromStr for LotNo {
    type Err = NoSuchName;
    fn from_str(text: &str) -> Result<Self, NoSuchName> {
        let name = || NoSuchName(text.to_owned());
        let (line, lot) = text.split_once('.').ok_or_else(name)?;
        let lot = lot.parse().ok().filter(|lot| *lot > 0).ok_or_else(name)?;
        Ok(Self { line: line.parse()?, lot })
    }
}

text!(LotNo);

/// Names the command that events came of, so that cause is known and not guessed. Opaque.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommandId(String);

impl CommandId {
    /// Of a text that no other command has.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
