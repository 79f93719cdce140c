//! Forms: what was sent is read for what the page shows, with what is wrong with it.
#![cfg(feature = "ssr")]
#![allow(clippy::unwrap_used, reason = "tests")]

use app::find_order::{OrderSought, ReturnSought};
use app::forms::{CommandForm, Fields, noted};
use app::ports::{ExchangeChoice, ExchangeView, ItemHead, Mistake, Noted, OfferView, SendPage, WhyItem, WishItem};
use app::start_return::{FilesField, ItemWhy, ItemWish, WayBack};
use app::track_return::changes::Cancel;
use app::ui::units_meant;
use app::withdraw::StatementTyped;
use domain::ids::LineKey;
use domain::item::ItemSaid;
use domain::money::Money;
use domain::policy::{Basis, Decision, Method, Payer, Resolution, Shows};
use domain::reason::ReasonTree;

fn head() -> ItemHead {
    ItemHead { key: "7|a|1".parse().unwrap(), name: "Lamp".into(), variant: None, category: None, image: None, units: 2 }
}

fn why() -> WhyItem {
    let reasons = ReasonTree::default().all().to_vec();
    WhyItem {
        head: head(),
        reasons,
        reason: None,
        sub_reason: None,
        conditions: vec!["unopened", "opened"],
        ask_fit: true,
        ask_seal: false,
        said: ItemSaid::default(),
    }
}

fn mistakes(noted: &[Noted]) -> Vec<(&str, &Mistake)> {
    noted.iter().map(|noted| (noted.field.as_str(), &noted.mistake)).collect()
}

#[test]
fn an_order_is_sought_by_number_and_contact() {
    let (sought, wrong) = OrderSought::parse(&[("number", " #1001 "), ("contact", "138 0000 0001")].into());
    assert_eq!((sought.number.as_str(), wrong), ("#1001", Vec::new()));
    let (_, wrong) = OrderSought::parse(&[("contact", "somebody")].into());
    assert_eq!(mistakes(&wrong), [("number", &Mistake::NumberMissing), ("contact", &Mistake::ContactForm)]);
    let (sought, wrong) = ReturnSought::parse(&[("rma", "R-"), ("rma_contact", "a@b.org")].into());
    assert_eq!((sought.rma, mistakes(&wrong)), (None, vec![("rma", &Mistake::ReturnSlip)]));
}

#[test]
fn a_number_that_was_chosen_means_the_item_tick_or_not() {
    let item: LineKey = "7|a|1".parse().unwrap();
    let meant = |fields: &[(&str, &str)], unasked: u32| {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        units_meant(&Fields(fields), &item, unasked)
    };
    let (tick, before) = (("units|7|a|1", "1"), ("before|7|a|1", "1"));
    let count = |number| ("count|7|a|1", number);
    assert_eq!(meant(&[tick], 1), Some(1));
    assert_eq!(meant(&[tick, count("2")], 1), Some(2));
    assert_eq!(meant(&[count("1")], 1), None, "what stands there unasked");
    assert_eq!(meant(&[count("2")], 1), Some(2));
    assert_eq!((meant(&[count("2")], 2), meant(&[count("1")], 2)), (None, Some(1)), "all of them stand there unasked");
    assert_eq!(meant(&[count("2"), before], 1), None, "its tick was taken away");
    assert_eq!((meant(&[tick, count("many")], 1), meant(&[count("many")], 1), meant(&[count("0")], 1)), (Some(0), None, None));
}

#[test]
fn why_is_read_for_what_is_asked_of_the_item() {
    let read = |fields: &[(&str, &str)]| {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        ItemWhy::parse(&Fields(fields), &why())
    };
    let (said, wrong) = read(&[]);
    assert_eq!(said, ItemWhy::default());
    let missing = Mistake::ReasonMissing { name: "Lamp".into() };
    assert_eq!(mistakes(&wrong), [("reason|7|a|1", &missing), ("condition|7|a|1", &Mistake::ConditionMissing)]);

    let (said, wrong) = read(&[
        ("reason|7|a|1", "quality"),
        ("sub_reason|7|a|1|size", "too_small"),
        ("condition|7|a|1", "damaged"),
        ("packaging|7|a|1|damaged_in_transit", "damaged"),
    ]);
    assert_eq!((said.reason.as_deref(), said.sub_reason, said.said), (Some("quality"), None, ItemSaid::default()));
    assert_eq!(mistakes(&wrong), [("sub_reason|7|a|1", &Mistake::SubReasonMissing), ("condition|7|a|1", &Mistake::ConditionMissing)]);

    let packaging = ("packaging|7|a|1|damaged_in_transit", "damaged");
    let (said, wrong) = read(&[("reason|7|a|1", "damaged_in_transit"), ("condition|7|a|1", "opened"), ("fit|7|a|1", "vast"), packaging]);
    let told = ItemSaid { condition: "opened".parse().ok(), packaging: "damaged".parse().ok(), ..ItemSaid::default() };
    assert_eq!((said.said, wrong), (told, Vec::new()));

    let (_, wrong) = read(&[("reason|7|a|1", "missing_item"), ("comment|7|a|1", &"a".repeat(2_001))]);
    assert_eq!(mistakes(&wrong), [("comment|7|a|1", &Mistake::CommentLong { most: 2_000 })], "what never arrived is in no state");
}

#[test]
fn a_wish_is_one_of_what_can_be_had() {
    let euro = |minor| Money::new(minor, "EUR".parse().unwrap());
    let offer = |resolution| OfferView {
        resolution,
        amount: euro(500),
        bonus: euro(0),
        by: "2026-11-21T04:00:00Z".parse().unwrap(),
        within: None,
        basis: Basis::Policy,
        fee: euro(0),
        payer: Payer::Customer,
    };
    let choice = |sku: &str, enough| ExchangeChoice { sku: sku.into(), label: sku.into(), available: 1, enough, difference: None };
    let mut item = WishItem {
        head: head(),
        decision: Decision::Approved,
        why: Vec::new(),
        offers: vec![offer(Resolution::Refund), offer(Resolution::Exchange)],
        chosen: None,
        exchange: ExchangeView { known: true, choices: vec![choice("L", true), choice("XL", false)], wanted: String::new() },
        changes: Vec::new(),
        states: Vec::new(),
        means: Vec::new(),
        names: Vec::new(),
    };
    let name = || "Lamp".to_owned();
    for (wish, sku, kept, mistake) in [
        ("refund", "", Some(Resolution::Refund), None),
        ("repair", "", None, Some(("wish|7|a|1", Mistake::WishMissing { name: name() }))),
        ("exchange", "L", Some(Resolution::Exchange), None),
        ("exchange", "XL", Some(Resolution::Exchange), Some(("exchange|7|a|1", Mistake::ExchangeGone { name: name() }))),
        ("exchange", "S", Some(Resolution::Exchange), Some(("exchange|7|a|1", Mistake::ExchangeMissing { name: name() }))),
    ] {
        let (read, wrong) = ItemWish::parse(&[("wish|7|a|1", wish), ("exchange|7|a|1", sku)].into(), &item);
        assert_eq!(read.resolution, kept, "{wish} {sku}");
        let wrong = wrong.into_iter().next().map(|noted| (noted.field, noted.mistake));
        assert_eq!(wrong, mistake.map(|(field, mistake)| (field.to_owned(), mistake)), "{wish} {sku}");
    }
    item.exchange = ExchangeView::default();
    let (read, wrong) = ItemWish::parse(&[("wish|7|a|1", "exchange"), ("exchange|7|a|1", "the blue one")].into(), &item);
    assert_eq!((read.exchange.as_str(), wrong), ("the blue one", Vec::new()), "asked for in words where no stock is told");
    item.decision = Decision::Declined;
    assert_eq!(ItemWish::parse(&[("wish|7|a|1", "refund")].into(), &item).0.resolution, None);
}

#[test]
fn a_way_back_is_one_of_those_offered() {
    let page = SendPage {
        nowhere: false,
        full: Vec::new(),
        draft: None,
        seen: None,
        rma: None,
        methods: vec![(Method::Pickup, Money::new(0, "EUR".parse().unwrap()))],
        free: true,
        worth: 0,
        chosen: None,
        from: None,
        days: vec!["2026-11-24".parse().unwrap()],
        slots: vec!["09-12".into()],
        pickup: None,
        label_until: "2026-11-21T04:00:00Z".parse().unwrap(),
        mistakes: Vec::new(),
    };
    let among =
        |method, date, slot| WayBack::parse(&[("method", method), ("pickup_date", date), ("pickup_slot", slot)].into()).among(&page);
    assert_eq!(among("pickup", "2026-11-24", "09-12").1, Vec::new());
    assert_eq!(mistakes(&among("pickup", "2026-11-25", "09-12").1), [("pickup", &Mistake::PickupMissing)]);
    let (way, wrong) = among("drop_off", "", "");
    assert_eq!((way.method, mistakes(&wrong)), (None, vec![("method", &Mistake::MethodMissing)]));
}

#[test]
fn files_are_of_an_item_shown_whatever_its_name() {
    let items: Vec<LineKey> = ["7|a", "7|a|1"].map(|key| key.parse().unwrap()).into();
    for (of, name) in [
        (FilesField::beyond(items[1].clone()), "files|7|a|1"),
        (FilesField::slot(items[1].clone(), Shows::SerialNumber, 1), "files.serial_number|7|a|1"),
        (FilesField::slot(items[0].clone(), Shows::Damage, 2), "files.damage.2|7|a"),
    ] {
        assert_eq!((of.name().as_str(), FilesField::named(name, &items).as_ref()), (name, Some(&of)));
    }
    for name in ["files|7|b", "files.|7|a", "files.grandmother|7|a", "files.damage.0|7|a", "files.damage.x|7|a", "reason|7|a", "files"] {
        assert_eq!(FilesField::named(name, &items), None, "{name}");
    }
}

#[test]
fn calling_off_is_all_of_it_unless_lines_could_be_chosen() {
    assert_eq!(Cancel::parse(&Fields::default()).unwrap(), Cancel::Whole);
    assert_eq!(Cancel::parse(&[("choose", "1")].into()).unwrap_err(), noted("line", Mistake::NothingChosen));
    let Ok(Cancel::Lines(lines)) = Cancel::parse(&[("choose", "1"), ("line", "2"), ("line", "x"), ("line", "3")].into()) else { panic!() };
    assert_eq!(lines.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2", "3"]);
}

#[test]
fn a_statement_needs_a_name_an_order_and_an_address_and_no_reason() {
    let whole = [
        ("withdraw_name", " Anna\u{7} Berg "),
        ("withdraw_order", "the lamp"),
        ("withdraw_email", "anna@example.com"),
        ("withdraw_what", "whole"),
    ];
    let (typed, wrong) = StatementTyped::parse(&whole.into(), &[], false);
    assert_eq!((typed.name.as_str(), typed.some, wrong), ("Anna Berg", false, Vec::new()));
    let (_, wrong) = StatementTyped::parse(&[("withdraw_what", "some")].into(), &[], false);
    let missing = [
        ("withdraw_name", &Mistake::WithdrawNameMissing),
        ("withdraw_order", &Mistake::WithdrawOrderMissing),
        ("withdraw_email", &Mistake::EmailForm),
        ("withdraw_items", &Mistake::WithdrawItemsMissing),
    ];
    assert_eq!(mistakes(&wrong), missing);
    // Of an order that is theirs, its address is known, and units are those there are.
    let some = [
        ("withdraw_name", "Anna"),
        ("withdraw_order", "7"),
        ("withdraw_what", "some"),
        ("units|7|a|1", "1"),
        ("count|7|a|1", "9"),
        ("units|7|a|2", "1"),
    ];
    let (typed, wrong) = StatementTyped::parse(&some.into(), &[head()], true);
    assert_eq!((typed.items, wrong), (vec![(head().key, 2)], Vec::new()));
}
