//! What stands around every page of people at work.

use domain::money::Currency;
use domain::rma::RmaNumber;
use domain::staff::Roles;
use serde::{Deserialize, Serialize};

/// What stands beside every page of somebody who is in.
#[derive(Clone, Debug)]
pub struct Rail {
    /// Their account's name.
    pub id: String,
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
    /// So much that did not arrive is sent again.
    SentAgain {
        count: u64,
    },
    /// A command on a return.
    Done {
        rma: RmaNumber,
        command: String,
        /// By which name it can be taken back for a moment.
        #[serde(default)]
        undo: Option<String>,
    },
    /// Tasks of a return were given to somebody, put off or woken.
    Handed {
        rma: RmaNumber,
        what: String,
    },
    /// Money was given back on an order although nothing comes back; minor units.
    GivenBack {
        order: String,
        currency: Currency,
        amount: i64,
    },
    /// A gateway's report was held against our books: so many differences.
    Compared {
        number: i64,
        found: u64,
    },
    /// Transfers were put into a file for the bank; so many could not be.
    TransfersMade {
        number: i64,
        left_out: u64,
    },
    /// From how many units on somebody is told was said anew.
    AlertSaved,
    /// A batch was carried out: of so many units, and of so many not.
    BatchRun {
        done: u64,
        not: u64,
    },
    /// Compensation was given, or refused.
    CompensationDecided {
        given: bool,
    },
    /// A customer was erased.
    Erased,
    /// A claim was opened.
    ClaimOpened {
        number: i64,
    },
    /// A parcel that nobody knows was put on a shelf.
    Shelved {
        number: i64,
    },
    /// Something else is said of it.
    ParcelChanged {
        number: i64,
    },
    /// It is of a return.
    ParcelLinked {
        rma: RmaNumber,
        number: i64,
    },
    /// It went elsewhere.
    ParcelEnded {
        number: i64,
    },
    /// Something was said of a repair order.
    RepairChanged {
        number: i64,
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
    /// A macro was done.
    Acted {
        rma: RmaNumber,
        name: String,
        #[serde(default)]
        undo: Option<String>,
    },
    /// Something is shared from now on, or otherwise than before.
    Saved {
        name: String,
    },
    /// Something that was shared is gone.
    Deleted,
    /// Nothing opens for somebody any more.
    Ended {
        name: String,
    },
    /// Other sessions were ended.
    /// All sessions of somebody.
    SignedOut {
        name: String,
    },
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
