//! One order's document, as a shop sends it.

use domain::order::{Order, OrderDocument};

/// Reads it; what was read is written, and read again as the same.
pub fn attack(data: &[u8]) {
    let Ok(document) = OrderDocument::from_json(data) else { return };
    let written = serde_json::to_vec(&document).unwrap();
    assert_eq!(OrderDocument::from_json(&written).unwrap(), document);
    match Order::parse(&document) {
        Err(problems) => assert!(!problems.is_empty(), "refused without a reason"),
        Ok(order) => {
            assert_eq!(Order::parse(&document).unwrap(), order);
            assert!(order.captured() >= 0 && order.goods_value() >= 0);
            for line in &order.lines {
                assert_eq!(order.line(&line.id), Some(line), "each line is found by its name");
            }
        }
    }
}
