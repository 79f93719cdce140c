//! The reach of the policy document: eleven real retailers' policies, each written as a document without any code for it, and
//! judged on cases made from its facts (P2, C39–C47, P17).

mod shop;

use domain::policy::{Decision, Method, OutboundRefund, Payer, Resolution, WindowState};
use shop::{Ask, policy};

fn closes(ask: Ask) -> Option<String> {
    match ask.judge().window.state {
        WindowState::Open(day) | WindowState::Closed(day) => Some(day.to_string()),
        WindowState::Unlimited => Some("never".into()),
        WindowState::Waits | WindowState::Never => None,
    }
}

#[test]
fn windows_by_tier_with_a_holiday_extension_and_its_exceptions() {
    let policy = policy("bestbuy-us-2018.json");
    let ask = || Ask::of(&policy).ordered("2018-09-01").delivered("2018-09-04");
    for (tier, last) in [(None, "2018-09-19"), (Some("elite"), "2018-10-04"), (Some("elite-plus"), "2018-10-19")] {
        assert_eq!(closes(ask().tier(tier).category("tv")).as_deref(), Some(last), "{tier:?}");
        assert_eq!(
            closes(ask().tier(tier).category("phones")).as_deref(),
            Some("2018-09-18"),
            "no tier lifts the phones' window: {tier:?}"
        );
        assert_eq!(closes(ask().tier(tier).tag("wedding-registry")).as_deref(), Some("2018-11-03"));
    }
    let holiday = || Ask::of(&policy).ordered("2018-11-20").delivered("2018-11-24");
    for (tier, last) in [(None, "2019-01-12"), (Some("elite"), "2019-01-27"), (Some("elite-plus"), "2019-02-11")] {
        assert_eq!(closes(holiday().tier(tier).category("tv")).as_deref(), Some(last), "{tier:?}");
        assert_eq!(closes(holiday().tier(tier).category("phones")).as_deref(), Some("2018-12-08"), "phones have no extension");
    }
    let late = || Ask::of(&policy).ordered("2018-12-28").delivered("2019-01-05");
    assert_eq!(closes(late()).as_deref(), Some("2019-01-20"), "the later of the date and 15 days");
    assert_eq!(closes(late().tier(Some("elite-plus"))).as_deref(), Some("2019-02-19"));
    assert_eq!(holiday().category("care-plan").asked("2018-11-25").judge().decision, Decision::Declined);
    assert_eq!(holiday().asked("2019-01-12").judge().decision, Decision::Approved);
    assert_eq!(holiday().asked("2019-01-13").judge().decision, Decision::Declined);
}

#[test]
fn flat_and_percent_fees_with_waivers_by_state_pair_and_seal() {
    let policy = policy("bestbuy-business.json");
    let ask = || Ask::of(&policy).in_usd("200.00").condition("opened");
    let phone = || ask().category("phones").region("CA");
    assert_eq!(phone().quantity(2).refund_of(Resolution::Refund), (33_000, vec![("fee", -7_000)]), "35.00 for each of two phones");
    assert_eq!(phone().condition("unopened").refund_of(Resolution::Refund), (20_000, vec![]));
    assert_eq!(phone().region("OH").refund_of(Resolution::Refund), (20_000, vec![]), "bought and returned in a state of the list");
    assert_eq!(phone().region("OH").return_region("CA").refund_of(Resolution::Refund).0, 16_500, "both must be in the list");
    assert_eq!(ask().category("drones").region("CA").refund_of(Resolution::Refund), (17_000, vec![("fee", -3_000)]));
    assert_eq!(ask().category("tables").tag("special-order").refund_of(Resolution::Refund).0, 17_000);
    assert_eq!(ask().category("tables").refund_of(Resolution::Refund).0, 20_000);
    assert_eq!(ask().category("media").offers(), [Resolution::Replacement], "opened media: the identical item only");
    assert_eq!(ask().category("media").condition("unopened").offers(), [Resolution::Refund, Resolution::Exchange]);
    assert_eq!(ask().tag("custom").judge().decision, Decision::Declined);
    assert_eq!(ask().category("apparel").condition("used").judge().decision, Decision::Declined);
}

#[test]
fn the_refunds_destination_depends_on_the_category() {
    let policy = policy("ikea-be.toml");
    let ask = || Ask::of(&policy).ordered("2025-01-10").delivered("2025-01-12");
    for category in ["custom-products", "food-market", "fabric-per-metre", "plants", "bargain-corner"] {
        assert_eq!(ask().category(category).offers(), [Resolution::StoreCredit], "{category}");
    }
    assert_eq!(ask().category("sofas").offers(), [Resolution::Refund, Resolution::StoreCredit]);
    assert_eq!(ask().category("sofas").proof("none").offers(), [Resolution::StoreCredit]);
    assert_eq!(ask().asked("2026-01-12").judge().decision, Decision::Approved);
    assert_eq!(ask().asked("2026-01-13").judge().decision, Decision::Declined);
    for condition in ["dirty", "damaged", "incomplete", "altered"] {
        assert_eq!(ask().condition(condition).judge().decision, Decision::Declined, "{condition}");
    }
    assert_eq!(ask().condition("damaged").reason("damaged_in_transit").judge().decision, Decision::Approved);
    assert_eq!(ask().condition("opened").judge().decision, Decision::Approved);
}

#[test]
fn outbound_shipping_kept_and_a_choice_priced_by_destination() {
    let policy = policy("wayfair-ca.json");
    let ask = || Ask::of(&policy).in_currency("CAD", "600.00");
    let mattress = || ask().category("mattress");
    assert_eq!(mattress().offers(), [Resolution::StoreCredit, Resolution::Refund]);
    assert_eq!(mattress().refund_of(Resolution::StoreCredit), (60_000, vec![]));
    assert_eq!(mattress().refund_of(Resolution::Refund), (55_100, vec![("fee", -4_900)]));
    assert_eq!(mattress().tag("king").refund_of(Resolution::Refund).0, 50_100);
    assert_eq!(closes(mattress().delivered("2026-01-01")).as_deref(), Some("2026-04-11"), "100 nights");
    assert_eq!(closes(mattress().tag("topper").delivered("2026-01-01")).as_deref(), Some("2026-01-31"), "toppers have no trial");
    assert_eq!(mattress().paid_by("financing").offers(), [Resolution::Refund], "no store credit for some tenders");
    assert_eq!(ask().judge().outbound, OutboundRefund::WhenAllReturned);
    assert_eq!(Ask::of(&policy).in_currency("CAD", "49.99").judge().outbound, OutboundRefund::Never);
    assert_eq!(ask().tag("upgraded-shipping").judge().outbound, OutboundRefund::Never);
    assert_eq!(ask().tag("delivered-unassembled").condition("assembled").judge().decision, Decision::Declined);
    assert_eq!(ask().tag("box-over-108-inches").judge().decision, Decision::Declined);
    assert_eq!(ask().category("assembly-service").judge().decision, Decision::Declined);
}

#[test]
fn a_label_fee_and_shipping_back_when_the_shop_was_wrong() {
    let policy = policy("lady-foot-locker.json");
    let ask = || Ask::of(&policy).in_usd("100.00").tax_on_top("8.00").shipping("7.00");
    assert_eq!(ask().refund_of(Resolution::Refund), (10_101, vec![("tax", 800), ("freight", -699)]), "product and tax, less the label");
    let (granted, rest) = ask().reason("wrong_item").refund_of(Resolution::Refund);
    assert_eq!((granted, rest), (11_500, vec![("tax", 800), ("shipping", 700)]), "shipping comes back, no label fee");
    assert_eq!(ask().proof("gift_receipt").offers(), [Resolution::Exchange, Resolution::StoreCredit]);
    assert_eq!(ask().proof("none").offers(), [Resolution::Exchange, Resolution::StoreCredit]);
}

#[test]
fn a_fee_that_depends_on_a_line_of_the_order() {
    let policy = policy("rebdolls.json");
    let ask = || Ask::of(&policy).in_usd("50.00").shipping("5.00");
    assert_eq!(ask().refund_of(Resolution::Refund), (3_900, vec![("freight", -1_100)]));
    assert_eq!(ask().with_line("PREPAID-RETURN-1", "3.00").refund_of(Resolution::Refund), (4_701, vec![("freight", -299)]));
    assert_eq!(ask().sku("PREPAID-RETURN-1").judge().decision, Decision::Declined, "the service itself does not come back");
    assert_eq!(ask().tag("clearance").judge().decision, Decision::Declined);
}

#[test]
fn a_matrix_of_channel_category_and_membership() {
    let policy = policy("rei.json");
    let ask = || Ask::of(&policy).ordered("2026-01-10").delivered("2026-01-20").channel("web");
    let member = || ask().tier(Some("member"));
    assert_eq!(closes(member()).as_deref(), Some("2027-01-10"), "from the purchase, not the delivery");
    assert_eq!(closes(ask()).as_deref(), Some("2026-04-10"));
    assert_eq!(closes(member().category("outdoor-electronics")).as_deref(), Some("2026-04-10"));
    assert_eq!(closes(member().tag("used-gear")).as_deref(), Some("2026-02-09"));
    assert_eq!(closes(ask().tag("used-gear")), None, "not for others at all");
    assert_eq!(member().tag("used-gear").channel("store").judge().decision, Decision::Declined);
    for category in ["membership", "passes", "gift-card"] {
        assert_eq!(member().category(category).judge().decision, Decision::Declined, "{category}");
    }
}

#[test]
fn a_short_window_with_a_percent_fee() {
    let policy = policy("youyoushoes.json");
    let ask = || Ask::of(&policy).in_usd("80.00").ordered("2026-03-01").delivered("2026-03-05");
    assert_eq!(ask().refund_of(Resolution::Refund), (7_600, vec![("fee", -400)]));
    assert_eq!(ask().asked("2026-03-12").judge().decision, Decision::Approved);
    assert_eq!(ask().asked("2026-03-13").judge().decision, Decision::Declined);
    assert_eq!(ask().judge().payer, Payer::Customer);
    assert_eq!(ask().tag("clearance").judge().decision, Decision::Declined);
    assert_eq!(ask().judge().methods, [(Method::SelfShip, 0)]);
}

#[test]
fn a_clock_that_starts_when_the_parcel_leaves() {
    let policy = policy("rainbow.json");
    let ask = || Ask::of(&policy).ordered("2026-05-01").shipped("2026-05-03").delivered("2026-05-20");
    assert_eq!(closes(ask()).as_deref(), Some("2026-06-02"));
    for category in ["lingerie", "bras", "panties", "shapewear", "earrings", "gift-card"] {
        assert_eq!(ask().category(category).judge().decision, Decision::Declined, "{category}");
        assert_eq!(ask().category(category).reason("quality").judge().decision, Decision::Approved, "{category}");
    }
    assert_eq!(ask().reason("wrong_item").offers(), [Resolution::Replacement, Resolution::Refund]);
    assert_eq!(ask().reason("wrong_item").judge().payer, Payer::Merchant);
    assert_eq!(ask().judge().payer, Payer::Customer);
}

#[test]
fn seven_days_without_a_reason_by_law() {
    let policy = policy("cn-consumer-law-25.json");
    let ask = || Ask::of(&policy).ordered("2026-11-01").delivered("2026-11-05");
    assert_eq!(closes(ask()).as_deref(), Some("2026-11-12"), "day 1 is the day after signing");
    assert_eq!(ask().asked("2026-11-12").judge().decision, Decision::Approved);
    for tag in ["personalised", "perishable", "downloaded", "no-return-confirmed"] {
        assert_eq!(ask().tag(tag).judge().decision, Decision::Declined, "{tag}");
    }
    assert_eq!(ask().category("newspapers").judge().decision, Decision::Declined);
    assert_eq!(ask().tag("digital-media").condition("unopened").judge().decision, Decision::Approved);
    assert_eq!(ask().tag("digital-media").condition("opened").judge().decision, Decision::Declined);
    assert_eq!(ask().condition("opened").judge().decision, Decision::Approved, "opening to look is no fault");
    assert_eq!(ask().condition("used").judge().decision, Decision::Declined);
    assert_eq!(ask().reason("quality").judge().payer, Payer::Merchant, "art. 24");
    assert_eq!(ask().judge().payer, Payer::Customer);
}

#[test]
fn windows_by_tier_or_by_receipt() {
    let policy = policy("abcd-membership.json");
    let ask = || Ask::of(&policy).ordered("2026-01-31").delivered("2026-02-03");
    for (tier, last) in [(Some("gold"), "never"), (Some("silver"), "2026-07-31"), (Some("bronze"), "2026-05-01"), (None, "2026-03-02")] {
        assert_eq!(closes(ask().tier(tier)).as_deref(), Some(last), "{tier:?}");
        assert_eq!(closes(ask().tier(tier).proof("receipt")).as_deref(), Some("never"), "a receipt lifts it: {tier:?}");
    }
}
