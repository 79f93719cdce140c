//! Pages of people at work.

mod bulk;
mod case;
mod coming;
mod decisions;
mod devices;
mod door;
mod frame;
mod goods;
mod goods_forms;
mod hand_over;
mod keys;
mod macros;
mod me;
mod order;
mod own;
mod people;
mod queue;
mod replies;
mod rules;
mod search;
mod views;

pub use bulk::{Bulk, BulkForm};
pub use case::{Case, news};
pub use coming::Coming;
pub use decisions::{Decide, Decision, Filling, unfilled};
pub use devices::{DeviceForm, Devices, Pair};
pub use door::{Door, SignInTyped, WelcomeForm, WelcomePerson};
pub use frame::{Here, StaffFrame, TAKEN_BACK};
pub use goods_forms::{DockForm, InspectForm, PutForm, ReceiveForm, SendBackForm};
pub use macros::{DeedForm, MacroAhead, MacroForm, Macros};
pub use me::Me;
pub use order::{Gives, Giving, OneOrder};
pub use own::{ChangeFactor, ChangePassword, FactorForm, PasswordForm};
pub use people::{People, PersonForm};
pub use queue::{HandTo, Handing, Queue, asked, list_address};
pub use replies::{Replies, ReplyForm};
pub use rules::{RuleForm, Rules};
pub use search::{CHANNELS, OpenFor, Search};
pub use views::ViewForm;

use std::sync::Arc;

use leptos::prelude::expect_context;

use crate::ports::StaffDesk;

fn desk() -> Arc<dyn StaffDesk> {
    expect_context::<Arc<dyn StaffDesk>>()
}
