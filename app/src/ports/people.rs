//! What pages show of people at work themselves.

use domain::ids::EmailAddress;
use domain::rma::RmaNumber;
use domain::staff::{Member, Roles, StaffLimits};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Noted;

/// What stands beside every page of somebody who is in.
#[derive(Clone, Debug)]
pub struct Rail {
    pub name: String,
    pub roles: Roles,
    /// Open tasks of theirs.
    pub open: u64,
    /// What was just done, said once.
    pub told: Option<StaffTold>,
}

/// What somebody at work has just done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "told", rename_all = "snake_case")]
pub enum StaffTold {
    /// A command on a return.
    Done {
        rma: RmaNumber,
        command: String,
    },
    /// Tasks of a return were given to somebody, put off or woken.
    Handed {
        rma: RmaNumber,
        what: String,
    },
    /// It was done before, or somebody else did it.
    Already {
        rma: RmaNumber,
    },
    /// Somebody may work here, by a link that is to be handed over; or is to choose a new password by it.
    Link {
        name: String,
        address: String,
    },
    /// What somebody may was changed.
    Changed {
        name: String,
    },
    /// Nothing opens for somebody any more.
    Ended {
        name: String,
    },
    /// Other sessions were ended.
    SessionsEnded,
    /// So they were, and a new password or code app works from now on.
    PasswordChanged,
    FactorChanged,
    /// A code was made, to be typed on a device.
    Pairing {
        name: String,
        code: String,
    },
    /// A device is none of the house's any more.
    DeviceEnded {
        name: String,
    },
}

/// `/staff/me`
#[derive(Clone, Debug)]
pub struct MePage {
    pub rail: Rail,
    pub email: EmailAddress,
    pub limits: StaffLimits,
    /// They sign in with a password of ours, and codes.
    pub has_password: bool,
    pub sessions: Vec<SessionView>,
}

/// `/staff/me/password`
#[derive(Clone, Debug)]
pub struct PasswordPage {
    pub rail: Rail,
    pub email: EmailAddress,
    pub mistakes: Vec<Noted>,
}

/// `/staff/me/factor`
#[derive(Clone, Debug)]
pub struct FactorPage {
    pub rail: Rail,
    /// What the new app's codes are made of, locked: the form brings it back.
    pub factor: String,
    /// What the app reads from a QR code.
    pub address: String,
    /// The same, to be typed.
    pub key: String,
    pub mistakes: Vec<Noted>,
}

/// Somewhere that somebody is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    /// Its name in forms.
    pub id: String,
    pub agent: String,
    pub began_at: Timestamp,
    pub used_at: Timestamp,
    /// The one that reads this.
    pub here: bool,
}

/// `/staff/people`
#[derive(Clone, Debug)]
pub struct PeoplePage {
    pub rail: Rail,
    pub people: Vec<PersonView>,
    pub mistakes: Vec<Noted>,
    /// As typed.
    pub name: String,
    pub email: String,
}

/// Somebody who works here, or did.
#[derive(Clone, Debug)]
pub struct PersonView {
    pub member: Member,
    /// They have chosen a password.
    pub ready: bool,
    pub left: bool,
}

/// `/staff/devices`
#[derive(Clone, Debug)]
pub struct DevicesPage {
    pub rail: Rail,
    pub devices: Vec<DeviceView>,
    /// A code that was just made; it is shown once.
    pub pairing: Option<PairingView>,
    pub mistakes: Vec<Noted>,
    /// As typed.
    pub name: String,
    pub warehouses: String,
}

/// A device of the house that people share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceView {
    pub id: String,
    pub name: String,
    pub warehouses: Vec<String>,
    pub paired_at: Timestamp,
    pub used_at: Timestamp,
}

/// A code that is to be typed on a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairingView {
    pub name: String,
    pub code: String,
    /// Where it is typed, and the same with the code.
    pub address: String,
    pub link: String,
}

/// `/staff/pair`
#[derive(Clone, Debug)]
pub struct PairPage {
    /// As typed.
    pub code: String,
    pub mistakes: Vec<Noted>,
    /// What it is called, where it is paired already.
    pub paired: Option<String>,
}
