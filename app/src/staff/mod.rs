//! Pages of people at work.

mod case;
mod coming;
mod decisions;
mod devices;
mod door;
mod frame;
mod keys;
mod me;
mod own;
mod people;
mod queue;
mod search;

pub use case::{Case, news};
pub use coming::Coming;
pub use decisions::{Decide, Decision};
pub use devices::{DeviceForm, Devices, Pair};
pub use door::{Door, SignInTyped, WelcomeForm, WelcomePerson};
pub use frame::{Here, StaffFrame};
pub use me::Me;
pub use own::{ChangeFactor, ChangePassword, FactorForm, PasswordForm};
pub use people::{People, PersonForm};
pub use queue::{HandTo, Handing, Queue};
pub use search::Search;

use std::sync::Arc;

use leptos::prelude::expect_context;

use crate::ports::StaffDesk;

fn desk() -> Arc<dyn StaffDesk> {
    expect_context::<Arc<dyn StaffDesk>>()
}
