//! Pages of people at work.

mod bulk;
mod case;
mod claims;
mod coming;
mod compensations;
mod decisions;
mod deliveries;
mod devices;
mod differences;
mod dock;
mod door;
mod elsewhere;
mod feedback;
mod frame;
mod goods;
mod goods_forms;
mod hand_over;
mod keys;
mod leaving;
mod macros;
mod me;
mod messages;
mod open_for;
mod order;
mod outbound;
mod own;
mod parcels;
mod payments;
mod people;
mod pickups;
mod privacy;
mod queue;
mod repair_forms;
mod repairs;
mod replies;
mod rules;
mod scan;
mod scanner;
mod search;
mod settle;
mod stock;
mod transfers;
mod views;

pub use bulk::{Bulk, BulkForm};
pub use case::{Case, news};
pub use claims::{ClaimForm, ClaimStepForm, Claims, OneClaim};
pub use coming::Coming;
pub use compensations::{Compensations, CompensationsForm};
pub use decisions::{Decide, Decision, Filling, unfilled};
pub use deliveries::{AgainForm, Deliveries};
pub use devices::{DeviceForm, Devices, Pair};
pub use differences::{DifferenceForm, Differences};
pub use dock::beside::{Beside, beside};
pub use dock::{AtDock, DockCase, codes};
pub use door::{Door, SignInTyped, WelcomeForm, WelcomePerson};
pub use elsewhere::ElsewhereForm;
pub use feedback::{FeedbackForm, FeedbackReport, TagsForm};
pub use frame::{Here, StaffFrame, TAKEN_BACK};
pub use goods_forms::{DockForm, InspectForm, PutForm, PutLot, ReceiveForm, SendBackForm};
pub use macros::{DeedForm, MacroAhead, MacroForm, Macros};
pub use me::Me;
pub use messages::{AllMessages, MessageForm, OneMessage, message_path};
pub use open_for::{CHANNELS, OpenFor};
pub use order::{Gives, Giving, OneOrder};
pub use outbound::{AskOutbound, OutboundForm};
pub use own::{ChangeFactor, ChangePassword, FactorForm, PasswordForm};
pub use parcels::{EndForm, LinkForm, OneParcel, PARCEL_CODE, ParcelForm, Parcels};
pub use payments::Payments;
pub use people::{People, PersonForm};
pub use pickups::{AreaForm, Pickups};
pub use privacy::{Privacy, PrivacyForm};
pub use queue::{HandTo, Handing, Queue, asked, list_address};
pub use repair_forms::{RepairDoneForm, RepairForm, RepairGiveUpForm, RepairProgressForm, RepairTakeForm};
pub use repairs::{OneRepair, Repairs};
pub use replies::{Replies, ReplyForm};
pub use rules::{RuleForm, Rules};
pub use scan::{SCANNED, STOPPED, Scan};
pub use search::Search;
pub use settle::{SettleForm, collectable};
pub use stock::{AlertForm, BatchForm, OneBatch, Stock};
pub use transfers::{OneTransfer, TransferForm, Transfers};
pub use views::ViewForm;

use std::sync::Arc;

use leptos::prelude::expect_context;

use crate::ports::StaffDesk;

fn desk() -> Arc<dyn StaffDesk> {
    expect_context::<Arc<dyn StaffDesk>>()
}
