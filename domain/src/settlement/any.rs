//! Any order, and anything asked of it, for properties.

use proptest::prelude::*;
use serde_json::json;

use super::{Claim, FeeTerms, Outside, Part, Terms};
use crate::order::{Order, OrderDiscount, OrderDocument, OrderLine, Payment};
use crate::policy::{BasisPoints, FeeKind, FeePer, OutboundRefund, Payer, Resolution};

/// An order of one line for 10.00; others are made from it.
pub fn model() -> Order {
    let document: OrderDocument = serde_json::from_value(json!({"number": "1", "placed_at": "2026-01-01T00:00:00Z", "currency": "EUR",
        "customer": {"email": "a@b.org"}, "lines": [{"id": "0", "sku": "s", "name": "n", "quantity": 1, "unit_price": "10.00"}]}))
    .unwrap();
    Order::parse(&document).unwrap()
}

/// One to five lines with discounts, thresholds, tax in or on top, gifts, shipping and duties; one to three payments that bring what it
/// adds up to, or `off` that: less, or a tip more.
pub fn order(off: bool) -> impl Strategy<Value = Order> {
    let price = prop_oneof![0i64..20, 0i64..30_000];
    let line = (1u32..6, price, 0i64..130, 0i64..3_000, 0usize..12);
    let discount = (0i64..8_000, prop::option::of(0i64..60_000));
    let some = |most: i64| prop_oneof![2 => Just(0), 1 => 0..most];
    (
        (prop::collection::vec(line, 1..6), prop::collection::vec(discount, 0..3)),
        (any::<bool>(), some(2_000), some(2_000)),
        prop::collection::vec((0i64..100, any::<bool>()), 1..4),
        -30i64..10,
    )
        .prop_map(move |((lines, discounts), (included, shipping, duties), payments, difference)| {
            let mut order = model();
            let pattern = order.lines.remove(0);
            let lines = lines.into_iter().enumerate();
            order.lines = lines
                .map(|(place, (quantity, unit_price, off, tax, gift_with))| OrderLine {
                    id: place.to_string().parse().unwrap(),
                    quantity,
                    unit_price,
                    // Half of the lines have none.
                    discount: unit_price * i64::from(quantity) * (off - 65).max(0) / 64,
                    tax,
                    gift_with: (gift_with < place).then(|| gift_with.to_string().parse().unwrap()),
                    ..pattern.clone()
                })
                .collect();
            let discount = |(amount, minimum_spend)| OrderDiscount { code: None, amount, minimum_spend };
            order.discounts = discounts.into_iter().map(discount).collect();
            (order.prices_include_tax, order.shipping, order.duties) = (included, shipping, duties);
            let total = order.computed_total();
            let brought = if off { total + total * difference / 100 } else { total };
            let cuts: Vec<i64> = payments.iter().map(|(cut, _)| *cut).collect();
            let parts = crate::money::split(brought, &cuts).into_iter().zip(&payments).enumerate();
            let method = |credit: bool| if credit { "store_credit" } else { "card" }.parse().ok();
            order.payments = parts
                .map(|(place, (amount, (_, credit)))| Payment {
                    id: Some(format!("p{place}")),
                    method: method(*credit),
                    amount,
                    card_ending: None,
                })
                .collect();
            order
        })
}

/// Terms with or without a fee and bonus.
fn terms() -> impl Strategy<Value = Terms> {
    let fee = (0i64..5_000, 0i64..500, any::<bool>(), any::<bool>()).prop_map(|(percent, flat, unit, handling)| FeeTerms {
        kind: if handling { FeeKind::Handling } else { FeeKind::Restocking },
        percent: BasisPoints(percent),
        flat,
        per: if unit { FeePer::Unit } else { FeePer::Line },
    });
    let outbound =
        prop_oneof![4 => Just(OutboundRefund::WhenAllReturned), 1 => Just(OutboundRefund::Always), 1 => Just(OutboundRefund::Never)];
    let share = prop_oneof![Just(0i64), Just(3_000), 0i64..10_000];
    (prop::option::weighted(0.2, fee), share, outbound).prop_map(|(fee, share, outbound)| Terms {
        fee,
        share: BasisPoints(share),
        outbound,
        payer: Payer::Customer,
        freight: None,
    })
}

/// Units of a line, whatever is wanted for them.
pub fn claim() -> impl Strategy<Value = Claim> {
    let wanted = prop_oneof![
        6 => Just(Resolution::Refund),
        2 => Just(Resolution::StoreCredit),
        2 => Just(Resolution::Exchange),
        2 => Just(Resolution::KeepRefund),
        1 => Just(Resolution::Replacement),
    ];
    let less = prop_oneof![4 => Just(0i64), 1 => 0i64..20_000];
    // What came in exchange comes back at the price at which it came, now and then.
    let price = || prop_oneof![Just(1_000i64), Just(2_500), 0i64..40_000];
    let prices = (prop::option::of(price()), prop::option::weighted(0.3, price()));
    (0usize..5, 1u32..4, wanted, terms(), prices, less).prop_map(|(line, units, resolution, terms, (price, succeeds), less)| Claim {
        price,
        less,
        succeeds,
        ..Claim::of(line.to_string().parse().unwrap(), units, resolution, terms)
    })
}

/// Claims of one return, with or without freight.
pub fn part() -> impl Strategy<Value = Part> {
    (prop::collection::vec(claim(), 0..4), prop_oneof![3 => Just(0i64), 1 => 0i64..2_000]).prop_map(|(claims, freight)| Part {
        claims,
        freight,
        ..Part::default()
    })
}

/// A credit by somebody else.
pub fn outside() -> impl Strategy<Value = Outside> {
    (prop::option::of((0usize..5, 1u32..3)), prop::option::of(0usize..4), 0i64..20_000).prop_map(|(units, payment, amount)| Outside {
        units: units.map(|(line, units)| (line.to_string().parse().unwrap(), units)),
        payment: payment.map(|place| format!("p{place}")),
        amount,
    })
}
