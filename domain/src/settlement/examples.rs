//! Orders and what becomes of them, as a shop would tell it: each row of the examples, by hand.

use serde_json::json;

use super::tests::{line, order};
use super::{
    Account, Cause, Claim, FeeTerms, Granted, Leg, LegState, Outside, PaidHere, Part, Protection, ReceiptKind, Tender, Terms, books,
};
use crate::order::Order;
use crate::policy::{BasisPoints, GiftRule, Resolution};

fn shop(lines: &[(&str, u32, &str, &str)], more: serde_json::Value) -> Order {
    let lines: Vec<_> = lines
        .iter()
        .map(|(id, quantity, price, discount)| {
            json!({"id": id, "sku": id, "name": id, "quantity": quantity, "unit_price": price, "discount": discount})
        })
        .collect();
    let mut document = json!({"number": "1", "placed_at": "2026-01-01T00:00:00Z", "currency": "EUR", "customer": {"email": "a@b.org"}});
    document["lines"] = lines.into();
    for (key, value) in more.as_object().unwrap() {
        document[key] = value.clone();
    }
    order(document)
}

fn swapped(id: &str, units: u32, price: i64) -> Claim {
    Claim { resolution: Resolution::Exchange, price: Some(price), ..line(id, units) }
}

fn kept(id: &str, units: u32, percent: i64) -> Claim {
    let terms = Terms { share: BasisPoints(percent * 100), ..Terms::OUTSIDE };
    Claim { resolution: Resolution::KeepRefund, terms, ..line(id, units) }
}

fn credit(id: &str, units: u32, percent: i64) -> Claim {
    Claim { resolution: Resolution::StoreCredit, ..kept(id, units, percent) }
}

/// Units that came in exchange at a price, and come back.
fn came(id: &str, units: u32, price: i64) -> Claim {
    Claim { succeeds: Some(price), ..line(id, units) }
}

/// Expected and due of the returns together, and of each.
fn worth(order: &Order, gifts: GiftRule, parts: &[&[Claim]]) -> (i64, Vec<i64>) {
    let parts: Vec<Part> = parts.iter().map(|claims| Part { claims: claims.to_vec(), ..Part::default() }).collect();
    let books = books(order, gifts, &[], &parts);
    let each: Vec<i64> = books.parts.iter().map(|part| part.expected - part.due).collect();
    assert_eq!(each.iter().sum::<i64>(), books.expected - books.due);
    for part in &books.parts {
        assert_eq!(part.receipt.iter().map(|line| line.amount).sum::<i64>(), part.expected - part.due, "a receipt sums to its amount");
    }
    (books.expected - books.due, each)
}

#[test]
fn what_was_due_and_paid_is_the_order_s_and_goes_back_when_nothing_comes_for_it() {
    let one = shop(&[("a", 1, "100.00", "0"), ("b", 1, "30.00", "0")], json!({"payments": [{"id": "p", "amount": "130.00"}]}));
    let dear = |paid: Vec<PaidHere>| Part { claims: vec![swapped("a", 1, 12_000)], paid, ..Part::default() };
    let paid = || vec![PaidHere { payment: Some("due".into()), amount: 2_000 }];
    let of = |parts: &[Part]| books(&one, GiftRule::Keep, &[], parts);
    let owed = of(&[dear(Vec::new())]);
    assert_eq!((owed.due, owed.captured), (2_000, 13_000));
    let settled = of(&[dear(paid())]);
    assert_eq!((settled.due, settled.expected, settled.captured), (0, 0, 15_000));
    assert_eq!(settled.parts[0].receipt.iter().map(|row| row.amount).sum::<i64>(), 0);
    assert!(settled.parts[0].receipt.iter().any(|row| row.kind == ReceiptKind::Collected && row.amount == 2_000));
    assert_eq!(
        settled.payments.iter().map(|row| (row.id.as_deref(), row.brought)).collect::<Vec<_>>(),
        [(Some("p"), 13_000), (Some("due"), 2_000)]
    );
    // Called off, it becomes money: what the item cost, and what was paid for the other.
    let off = of(&[Part { claims: vec![line("a", 1)], paid: paid(), ..Part::default() }]);
    assert_eq!((off.expected, off.due), (12_000, 0));
    // Nothing of it comes back: what was paid goes back, by the payment that brought it once the first is spent.
    let asked = [Part { claims: vec![line("a", 1), line("b", 1)], paid: paid(), ..Part::default() }];
    let account = Account { order: &one, gifts: GiftRule::Keep, outside: &[], asked: &asked, accepted: &[], grants: &[], lowered: &[] };
    let alone = account.grantable(&Part { paid: paid(), ..Part::default() });
    assert_eq!((alone.expected, alone.due), (2_000, 0));
    let all = account.grantable(&asked[0]);
    let tenders: Vec<(Option<&str>, i64)> = all.tenders.iter().map(|share| (share.id.as_deref(), share.amount)).collect();
    assert_eq!((all.expected, tenders), (15_000, vec![(Some("p"), 13_000), (Some("due"), 2_000)]));
    // Another return of the order has nothing of it.
    let exchange = [dear(paid())];
    let beside = Account { asked: &exchange, accepted: &exchange, ..account };
    assert_eq!(beside.grantable(&Part { claims: vec![line("b", 1)], ..Part::default() }).expected, 3_000);
}

/// P21: what came in exchange comes back as the unit that was bought, for all that was paid for it, whichever is entered first.
#[test]
fn what_came_in_exchange_comes_back_for_what_it_cost_in_the_end() {
    let off = |amount: &str| json!({"discounts": [{"amount": amount}]});
    let plain = shop(&[("a", 2, "100.00", "0")], json!({}));
    let on_sale = shop(&[("a", 1, "100.00", "20.00")], json!({}));
    let reduced = shop(&[("a", 1, "100.00", "0")], off("20.00"));
    let again = |price, came: i64| Claim { succeeds: Some(came), ..swapped("a", 1, price) };
    let kept_new = |price| Claim { succeeds: Some(price), ..kept("a", 1, 30) };
    let credited = |price| Claim { succeeds: Some(price), ..credit("a", 1, 0) };
    for (name, order, claims, right) in [
        ("a dearer one", &plain, vec![swapped("a", 1, 12_000), came("a", 1, 12_000)], vec![-2_000, 12_000]),
        ("a cheaper one", &plain, vec![swapped("a", 1, 6_000), came("a", 1, 6_000)], vec![4_000, 6_000]),
        ("another size", &plain, vec![swapped("a", 1, 10_000), came("a", 1, 10_000)], vec![0, 10_000]),
        ("for credit", &plain, vec![swapped("a", 1, 6_000), credited(6_000)], vec![4_000, 6_000]),
        ("with a discount of its own", &on_sale, vec![swapped("a", 1, 10_000), came("a", 1, 10_000)], vec![0, 8_000]),
        ("with a discount on all", &reduced, vec![swapped("a", 1, 12_000), came("a", 1, 12_000)], vec![-2_000, 10_000]),
        ("twice", &plain, vec![swapped("a", 1, 12_000), again(15_000, 12_000), came("a", 1, 15_000)], vec![-2_000, -3_000, 15_000]),
        ("twice at one price", &plain, vec![swapped("a", 1, 10_000), again(10_000, 10_000), came("a", 1, 10_000)], vec![0, 0, 10_000]),
        ("back to what it was", &plain, vec![swapped("a", 1, 12_000), again(10_000, 12_000)], vec![-2_000, 2_000]),
        (
            "with the other that was bought",
            &plain,
            vec![swapped("a", 1, 12_000), came("a", 1, 12_000), line("a", 1)],
            vec![-2_000, 12_000, 10_000],
        ),
        (
            "after the other that was bought",
            &plain,
            vec![line("a", 1), swapped("a", 1, 6_000), came("a", 1, 6_000)],
            vec![10_000, 4_000, 6_000],
        ),
        ("two, one of which comes back", &plain, vec![swapped("a", 2, 12_000), came("a", 1, 12_000)], vec![-4_000, 12_000]),
        ("kept for part", &plain, vec![swapped("a", 1, 12_000), kept_new(12_000)], vec![-2_000, 3_600]),
        ("its price was not known", &plain, vec![Claim { price: None, ..swapped("a", 1, 0) }, line("a", 1)], vec![0, 10_000]),
    ] {
        let due: i64 = right.iter().map(|amount: &i64| (-amount).max(0)).sum();
        let parts: Vec<Part> = claims
            .iter()
            .zip(&right)
            .map(|(claim, right)| {
                let amount = (-right).max(0);
                let paid = if amount > 0 { vec![PaidHere { payment: Some(format!("due-{amount}")), amount }] } else { Vec::new() };
                Part { claims: vec![claim.clone()], paid, ..Part::default() }
            })
            .collect();
        let books = books(order, GiftRule::Keep, &[], &parts);
        let each: Vec<i64> = books.parts.iter().map(|part| part.expected - part.due).collect();
        let told: Vec<i64> = right.iter().map(|amount| (*amount).max(0)).collect();
        assert_eq!((each, books.due), (told, 0), "{name}");
        assert_eq!(books.captured, order.captured() + due, "{name}");
        for part in &books.parts {
            assert_eq!(part.receipt.iter().map(|row| row.amount).sum::<i64>(), part.expected - part.due, "{name}: {:?}", part.receipt);
        }
        let turned: Vec<Part> = parts.iter().rev().cloned().collect();
        let other = super::books(order, GiftRule::Keep, &[], &turned);
        assert_eq!((other.expected, other.due), (books.expected, books.due), "{name}, the other way round");
    }
    // What comes back is one row: that item, for what it cost.
    let parts = [vec![swapped("a", 1, 12_000)], vec![came("a", 1, 12_000)]].map(|claims| Part { claims, ..Part::default() });
    let books = books(&plain, GiftRule::Keep, &[], &parts);
    let row = (&books.parts[1].receipt[0].kind, books.parts[1].receipt[0].amount, books.parts[1].receipt.len());
    assert_eq!(row, (&ReceiptKind::NewItem { line: "a".parse().unwrap(), units: 1 }, 12_000, 1));
}

#[test]
fn what_is_given_back_is_what_was_paid_less_what_stays_costs() {
    let off = |amount: &str, minimum: &str| json!({"discounts": [{"amount": amount, "minimum_spend": minimum}]});
    let threshold = shop(&[("a", 1, "150.00", "0"), ("b", 1, "50.00", "0")], off("50.00", "200.00"));
    let three = shop(&[("a", 3, "100.00", "0")], off("60.00", "200.00"));
    let two = shop(&[("a", 2, "100.00", "0")], off("50.00", "150.00"));
    let shipped = shop(&[("a", 2, "10.00", "0")], json!({"shipping": "15.00"}));
    let unlisted = shop(&[("a", 2, "50.00", "0")], json!({"payments": [{"amount": "80.00"}]}));
    let taxed = order(json!({"number": "1", "placed_at": "2026-01-01T00:00:00Z", "currency": "EUR", "customer": {"email": "a@b.org"},
        "prices_include_tax": false,
        "lines": [{"id": "a", "sku": "a", "name": "a", "quantity": 1, "unit_price": "24.50", "tax": "4.66"}]}));
    let on_sale = shop(&[("a", 1, "100.00", "20.00")], json!({}));
    let reduced = shop(&[("a", 1, "100.00", "0")], json!({"discounts": [{"amount": "20.00"}]}));
    let odd = shop(&[("a", 3, "3.34", "0.02")], json!({}));
    let beyond = shop(&[("a", 1, "100.00", "0")], json!({"shipping": "10.00", "discounts": [{"amount": "105.00"}]}));
    let dutied = shop(&[("a", 2, "5.00", "9.99")], json!({"duties": "10.00"}));
    let dutied_by_order = shop(&[("a", 2, "5.00", "0")], json!({"duties": "10.00", "discounts": [{"amount": "9.99"}]}));
    let swaps = shop(&[("a", 2, "24.50", "0"), ("b", 1, "51.00", "0")], off("20.00", "90.00"));
    let (a, b) = (|units| line("a", units), |units| line("b", units));
    for (name, order, claims, right) in [
        ("the 50 back", &threshold, vec![b(1)], 0),
        ("then the 150 too", &threshold, vec![b(1), a(1)], 15_000),
        ("the 50 called off", &threshold, vec![a(1)], 10_000),
        ("one of three", &three, vec![a(1)], 8_000),
        ("two of three", &three, vec![a(2)], 14_000),
        ("the 50 becomes a thing of 1.00", &threshold, vec![swapped("b", 1, 100)], 0),
        ("of 60.00", &threshold, vec![swapped("b", 1, 6_000)], -1_000),
        ("one back, the other swapped evenly", &two, vec![a(1), swapped("a", 1, 10_000)], 5_000),
        ("one back, the other kept for 30 %", &two, vec![a(1), kept("a", 1, 30)], 8_000),
        ("both back with shipping", &shipped, vec![a(2)], 3_500),
        ("one called off", &shipped, vec![a(1)], 1_000),
        ("kept for 30 % of what was paid", &unlisted, vec![kept("a", 1, 30)], 1_200),
        ("an even exchange with an unlisted discount", &unlisted, vec![swapped("a", 1, 5_000)], 0),
        ("another size, with tax on top", &taxed, vec![swapped("a", 1, 2_450)], 0),
        ("on sale, at the same list price", &on_sale, vec![swapped("a", 1, 10_000)], 0),
        ("on sale, dearer", &on_sale, vec![swapped("a", 1, 12_000)], -2_000),
        ("on sale, cheaper", &on_sale, vec![swapped("a", 1, 6_000)], 3_200),
        ("a dearer one under an order discount", &reduced, vec![swapped("a", 1, 12_000)], -2_000),
        ("one of 3 for 10.00", &odd, vec![a(1)], 333),
        ("two of them", &odd, vec![a(2)], 666),
        ("three of them", &odd, vec![a(3)], 1_000),
        ("a discount beyond the goods", &beyond, vec![a(1)], 500),
        ("duties follow goods before rounding", &dutied, vec![a(1)], 500),
        ("duties beside an order discount", &dutied_by_order, vec![a(1)], 500),
        ("both swapped, then the rest: as if bought so", &swaps, vec![swapped("a", 2, 2_450), b(1)], 5_100 - 2_000),
    ] {
        assert_eq!(worth(order, GiftRule::Keep, &[&claims]).0, right, "{name}");
        // In returns of their own, in either order, it comes to the same.
        let apart: Vec<&[Claim]> = claims.iter().map(std::slice::from_ref).collect();
        let turned: Vec<&[Claim]> = apart.iter().rev().copied().collect();
        assert_eq!(worth(order, GiftRule::Keep, &apart).0, right, "{name}, apart");
        assert_eq!(worth(order, GiftRule::Keep, &turned).0, right, "{name}, turned");
    }
}

#[test]
fn a_gift_is_deducted_while_what_earned_it_is_back_and_it_is_not() {
    let shop = |paid: &str| {
        order(json!({"number": "1", "placed_at": "2026-01-01T00:00:00Z", "currency": "EUR", "customer": {"email": "a@b.org"},
            "lines": [{"id": "item", "sku": "a", "name": "a", "quantity": 1, "unit_price": "100.00"},
                {"id": "gift", "sku": "b", "name": "b", "quantity": 1, "unit_price": "20.00", "discount": paid, "gift_with": "item"}]}))
    };
    let (free, paid) = (shop("20.00"), shop("5.00"));
    let (item, gift) = (line("item", 1), line("gift", 1));
    let deduct = |order: &Order, parts: &[&[Claim]]| worth(order, GiftRule::Deduct, parts).1;
    assert_eq!(deduct(&free, &[std::slice::from_ref(&item), std::slice::from_ref(&gift)]), [8_000, 2_000], "80.00, then 100.00 in all");
    assert_eq!(deduct(&free, &[std::slice::from_ref(&gift), std::slice::from_ref(&item)]), [0, 10_000]);
    assert_eq!(deduct(&paid, &[std::slice::from_ref(&item)]), [9_500], "15.00 was paid for it: 5.00 are missing");
}

#[test]
fn no_payment_takes_back_more_than_it_brought() {
    let order = shop(
        &[("a", 4, "25.00", "0")],
        json!({"payments": [{"id": "card", "method": "gift_card", "amount": "30.00"}, {"id": "pi", "method": "card", "amount": "70.00"}]}),
    );
    // Opened 1 and 2, the first called off, opened 1 and 1 again: what stands is 2, 1, 1.
    let stands: Vec<Part> = [2, 1, 1].map(|units| Part { claims: vec![line("a", units)], ..Part::default() }).into();
    let gone = books(&order, GiftRule::Keep, &[], &stands);
    assert_eq!(gone.payments.iter().map(|payment| payment.expected).collect::<Vec<_>>(), [3_000, 7_000]);
    // Credit takes no payment's place.
    let mut parts = stands.clone();
    parts[0].claims[0].resolution = Resolution::StoreCredit;
    let gone = books(&order, GiftRule::Keep, &[], &parts);
    assert_eq!(gone.payments.iter().map(|payment| payment.expected).collect::<Vec<_>>(), [3_000, 2_000]);
    // What the shop gave back itself leaves so much less.
    let outside = [Outside { units: None, payment: Some("pi".into()), amount: 6_500 }];
    let gone = books(&order, GiftRule::Keep, &outside, &stands);
    assert_eq!((gone.expected, gone.payments[0].expected, gone.payments[1].expected), (3_500, 3_000, 500));
}

#[test]
fn what_goes_back_to_a_card_says_which_it_is() {
    let paid = json!({"payments": [{"id": "gift", "method": "gift_card", "amount": "30.00"},
        {"id": "pi", "method": "card", "amount": "70.00", "card_ending": "4242"}]});
    let order = shop(&[("a", 4, "25.00", "0")], paid);
    let books = books(&order, GiftRule::Keep, &[], &[Part { claims: vec![line("a", 2)], ..Part::default() }]);
    let endings: Vec<_> = books.parts[0].tenders.iter().map(|share| (share.amount, share.card_ending.as_deref())).collect();
    assert_eq!(endings, [(3_000, None), (2_000, Some("4242"))]);
    let written = serde_json::to_value(&books.parts[0].tenders).unwrap();
    assert_eq!((&written[0]["card_ending"], &written[1]["card_ending"]), (&json!(null), &json!("4242")));
    let before: Vec<super::TenderShare> = serde_json::from_value(json!([{"payment": 1, "method": "card", "amount": 2_000}])).unwrap();
    assert_eq!(before[0].card_ending, None, "what was written before is read");
}

#[test]
fn money_given_back_elsewhere_is_not_given_back_again() {
    let order = shop(&[("a", 2, "50.00", "0")], json!({}));
    let outside = [Outside { units: Some(("a".parse().unwrap(), 1)), payment: None, amount: 5_000 }];
    assert_eq!(books(&order, GiftRule::Keep, &outside, &[Part { claims: vec![line("a", 1)], ..Part::default() }]).expected, 5_000);
    let order = shop(&[("a", 1, "85.00", "0")], json!({}));
    let outside = [Outside { units: None, payment: None, amount: 8_500 }];
    assert_eq!(books(&order, GiftRule::Keep, &outside, &[Part { claims: vec![line("a", 1)], ..Part::default() }]).expected, 0);
}

#[test]
fn a_bonus_is_paid_by_each_lines_own_rate_and_never_on_credit() {
    let order = shop(&[("a", 1, "100.00", "0"), ("b", 1, "100.00", "0")], json!({"payments": [{"method": "card", "amount": "200.00"}]}));
    let part = |claims: Vec<Claim>| [Part { claims, ..Part::default() }];
    let bonus = |order: &Order, claims: Vec<Claim>| books(order, GiftRule::Keep, &[], &part(claims)).parts[0].bonus;
    assert_eq!(bonus(&order, vec![credit("a", 1, 10), credit("b", 1, 5)]), 1_500);
    assert_eq!(bonus(&order, vec![credit("b", 1, 5), credit("a", 1, 10)]), 1_500);
    let by_credit = shop(&[("a", 1, "100.00", "0")], json!({"payments": [{"method": "store_credit", "amount": "100.00"}]}));
    assert_eq!(bonus(&by_credit, vec![credit("a", 1, 5)]), 0);
}

#[test]
fn a_surplus_beyond_what_tips_come_to_waits_for_a_person() {
    let paid = |amount: &str| shop(&[("a", 1, "100.00", "0")], json!({"payments": [{"amount": amount}]}));
    assert_eq!(worth(&paid("110.00"), GiftRule::Keep, &[&[line("a", 1)]]).0, 11_000);
    assert_eq!(worth(&paid("110.01"), GiftRule::Keep, &[&[line("a", 1)]]).0, 10_000);
    assert_eq!(crate::settlement::unexplained(&paid("5000.00")), 490_000);
}

#[test]
fn a_price_beyond_all_bounds_wraps_nothing() {
    let order = shop(&[("a", 1_000, "5.00", "0")], json!({}));
    assert_eq!(worth(&order, GiftRule::Keep, &[&[swapped("a", 1_000, crate::money::LARGEST_MINOR)]]).0, 0, "even, and a person looks");
}

fn account<'a>(order: &'a Order, accepted: &'a [Part], grants: &'a [Granted]) -> Account<'a> {
    Account { order, gifts: GiftRule::Keep, outside: &[], asked: accepted, accepted, grants, lowered: &[] }
}

fn granted(amount: i64) -> Granted {
    Granted { id: 0, cause: Cause::Worth, amount, credit: 0, legs: Vec::new() }
}

fn of(claims: Vec<Claim>) -> Part {
    Part { claims, ..Part::default() }
}

#[test]
fn what_was_granted_too_early_is_paid_by_later_grants_and_never_asked_back() {
    // 60 off from 200: 80.00 for the first; two come to 140.00, but the second's fee takes all of its half.
    let order = shop(&[("a", 3, "100.00", "0")], json!({"discounts": [{"amount": "60.00", "minimum_spend": "200.00"}]}));
    let first = account(&order, &[], &[]).grantable(&of(vec![line("a", 1)]));
    assert_eq!(first.expected, 8_000);
    let fee =
        Terms { fee: FeeTerms::of(&serde_json::from_value(json!({"flat": {"EUR": "90.00"}})).unwrap(), order.currency), ..Terms::OUTSIDE };
    let accepted = [of(vec![line("a", 1)]), of(vec![Claim { terms: fee, ..line("a", 1) }])];
    let second = account(&order, &accepted[..1], &[granted(8_000)]).grantable(&accepted[1]);
    assert_eq!((second.expected, second.due), (0, 0), "a fee beyond what it brings is granted 0.00");
    let books = account(&order, &accepted, &[granted(8_000), granted(0)]).books();
    assert_eq!((books.granted, books.offsets, books.expected), (8_000, 1_000, 0));
    let third = account(&order, &accepted, &[granted(8_000), granted(0)]).grantable(&of(vec![line("a", 1)]));
    assert_eq!(third.expected, 16_000 - 8_000, "240.00 less the fee, less what was granted");
    assert_eq!(third.receipt.iter().map(|row| row.amount).sum::<i64>(), third.expected);
}

#[test]
fn a_payment_on_its_way_takes_its_place_and_a_failed_one_frees_it() {
    let order = shop(
        &[("a", 4, "25.00", "0")],
        json!({"payments": [{"id": "gift", "method": "gift_card", "amount": "30.00"}, {"id": "pi", "method": "card", "amount": "70.00"}]}),
    );
    let to = |id: &str, amount: i64, state| Leg { to: Tender::Payment(Some(id.into())), amount, state };
    let accepted = [of(vec![line("a", 1)]), of(vec![line("a", 2)])];
    let mut grants = [Granted { legs: vec![to("gift", 2_500, LegState::Pending)], ..granted(2_500) }, granted(5_000)];
    let placed = account(&order, &accepted, &grants).place(&grants[1], &[]);
    assert_eq!(placed.legs, [to("gift", 500, LegState::Pending), to("pi", 4_500, LegState::Pending)]);
    assert_eq!(account(&order, &accepted, &grants).books().payments[0].pending, 2_500);
    for gone in [LegState::Failed, LegState::Reversed] {
        grants[0].legs[0].state = gone;
        assert_eq!(grants[0].unpaid(), (2_500, 0));
        assert_eq!(account(&order, &accepted, &grants).place(&grants[1], &[]).legs[0], to("gift", 3_000, LegState::Pending));
    }
}

#[test]
fn a_present_stands_beside_the_worth_up_to_what_was_captured() {
    let order = shop(&[("a", 2, "50.00", "0")], json!({}));
    let present = Granted { cause: Cause::Goodwill, ..granted(3_000) };
    let one = account(&order, &[], std::slice::from_ref(&present)).grantable(&of(vec![line("a", 1)]));
    assert_eq!(one.expected, 5_000, "it is not taken off what comes back");
    let both = account(&order, &[], std::slice::from_ref(&present)).grantable(&of(vec![line("a", 2)]));
    assert_eq!(both.expected, 7_000, "but no more is given back than was paid");
    assert_eq!(account(&order, &[], &[present]).goodwill(9_999), 7_000);
}

#[test]
fn a_lowered_price_goes_when_the_unit_comes_back() {
    let order = shop(&[("a", 2, "50.00", "0")], json!({}));
    let lowered = Part { protections: vec![Protection { line: "a".parse().unwrap(), units: 2, amount: 2_000 }], ..Part::default() };
    let settled = account(&order, &[], &[]).grantable(&lowered);
    assert_eq!(
        (settled.expected, &settled.receipt[0].kind),
        (2_000, &ReceiptKind::PriceProtection { line: "a".parse().unwrap(), units: 2 })
    );
    let accepted = [lowered];
    let one = account(&order, &accepted, &[granted(2_000)]).grantable(&of(vec![line("a", 1)]));
    assert_eq!(one.expected, 4_000, "10.00 of its 50.00 were given");
    let both = account(&order, &accepted, &[granted(2_000)]).grantable(&of(vec![line("a", 2)]));
    assert_eq!(both.expected, 8_000);
}
