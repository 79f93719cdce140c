//! Who holds the money that orders were paid with, and gives it back.

mod port;
mod statement;
mod stripe;
mod webhook;

use std::sync::Arc;

pub use port::{Checkout, CheckoutAsk, CheckoutState, Gateway, GatewayError, RefundAsk, RefundState, Refunded};
pub use statement::{MOST_ROWS, Unreadable, read_statement};
pub use stripe::Stripe;
pub use webhook::{CheckoutSaid, DisputeSaid, GatewayEvent, GatewayEventKind, HookError, OutsideSaid, RefundSaid, verify};

use crate::config::Config;

/// The gateway that the settings name, if they name one.
pub fn of(config: &Config) -> Option<Arc<dyn Gateway>> {
    Stripe::of(&config.stripe).map(|stripe| Arc::new(stripe) as Arc<dyn Gateway>)
}
