//! The demo shop: orders dated relative to now, each showing a rule.

use app::ports::DemoOrder;

/// What the front page of a demo shop offers to try.
pub fn orders_to_try() -> Vec<DemoOrder> {
    Vec::new()
}
