//! Withdrawing from a contract (Directive 2011/83/EU, art. 11a): a statement is filled in, read once, confirmed. Nothing else is asked.

mod ask;
mod form;
mod statement;

pub use ask::{ChangeStatement, Withdraw};
pub use form::StatementTyped;
pub use statement::{CHANGED, ShowStatement, VERSION};

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::ui::Step;

/// A statement is filled in, and confirmed.
fn step(number: u32, name: &'static str) -> Step {
    Step { number, of: 2, name }
}

/// What was begun, by the page's address.
fn link() -> String {
    use_params_map().with_untracked(|params| params.get("link").unwrap_or_default())
}
