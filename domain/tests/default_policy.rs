//! The policy the product starts with shows the rules that must work: C5, C26, C39–C49, P17, P19, B22.

mod shop;

use domain::policy::{
    BasisPoints, Decision, EvidenceKind, EvidenceOf, Gift, Method, Payer, Resolution, ReviewGround, Sentence, WindowState,
};
use shop::{Ask, default_policy};

#[test]
fn seven_days_without_a_reason_and_not_eight() {
    let policy = default_policy();
    let ask = || Ask::of(&policy).condition("opened").delivered("2026-03-05");
    assert_eq!(ask().asked("2026-03-12").judge().decision, Decision::Approved, "C39, C40: the last day");
    let late = ask().asked("2026-03-13").judge();
    assert_eq!(late.decision, Decision::Declined);
    assert_eq!(late.sentences, [Sentence::WindowClosed { last_day: "2026-03-12".parse().unwrap() }]);
}

#[test]
fn the_day_turns_at_midnight_in_the_shops_zone() {
    let policy = default_policy();
    // 15:30 UTC on 12 March is 23:30 in Shanghai: still the last day. 16:30 UTC is the next day there.
    let ask = Ask::of(&policy).condition("opened").delivered("2026-03-05");
    let at = |time: &str| ask.with(|policy, case, _, _| domain::policy::judge(policy, case, time.parse().unwrap()).lines[0].decision);
    assert_eq!(at("2026-03-12T15:30:00Z"), Decision::Approved);
    assert_eq!(at("2026-03-12T16:30:00Z"), Decision::Declined);
}

#[test]
fn unopened_goods_can_be_exchanged_after_the_seven_days() {
    let policy = default_policy();
    let ask = || Ask::of(&policy).delivered("2026-03-05").asked("2026-03-16");
    assert_eq!(ask().condition("opened").judge().decision, Decision::Declined);
    assert_eq!(ask().condition("unopened").judge().decision, Decision::Approved, "C5");
    assert_eq!(ask().condition("unopened").offers(), [Resolution::Exchange, Resolution::StoreCredit]);
    assert_eq!(
        ask().condition("unopened").wish(Resolution::Refund).judge().sentences,
        [Sentence::NotOffered { resolution: Resolution::Refund }]
    );
}

#[test]
fn furniture_has_thirty_days_and_ten_percent_off() {
    let policy = default_policy();
    let ask = || Ask::of(&policy).category("furniture").price("1680.00").delivered("2026-03-05").asked("2026-04-04");
    assert_eq!(ask().judge().decision, Decision::Approved);
    assert_eq!(ask().refund_of(Resolution::Refund), (151_200, vec![("fee", -16_800)]), "C43");
    assert_eq!(ask().asked("2026-04-05").judge().decision, Decision::Declined);
    assert_eq!(ask().reason("quality").refund_of(Resolution::Refund), (168_000, vec![]), "no depreciation for a fault of ours");
}

#[test]
fn special_price_goods_come_back_only_for_a_fault() {
    let policy = default_policy();
    for ask in [Ask::of(&policy).tag("special-price"), Ask::of(&policy).set("final_sale", true.into())] {
        let said = ask.clone().judge();
        assert_eq!(said.decision, Decision::Declined, "C44");
        assert!(matches!(said.sentences[..], [Sentence::Excluded { ground: domain::policy::ExclusionGround::SpecialPrice }]));
        let faulty = ask.reason("wrong_item").photos(1);
        assert!(faulty.offers().contains(&Resolution::Refund) && faulty.judge().decision == Decision::Approved);
    }
    for tag in ["personalised", "perishable", "digital"] {
        assert_eq!(Ask::of(&policy).tag(tag).judge().decision, Decision::Declined, "P17 {tag}");
    }
    assert_eq!(Ask::of(&policy).tag("hygiene").condition("opened").judge().decision, Decision::Declined);
    assert_eq!(Ask::of(&policy).tag("hygiene").condition("unopened").judge().decision, Decision::Approved);
}

#[test]
fn gifts_come_back_with_what_they_came_with() {
    let policy = default_policy();
    let alone = Ask::of(&policy).gift(1, 0).judge();
    assert_eq!(alone.decision, Decision::Declined, "C45");
    assert!(matches!(&alone.sentences[..], [Sentence::GiftMissing { name, units: 1, .. }] if name == "A gift"));
    let together = Ask::of(&policy).gift(1, 1);
    assert_eq!(together.clone().judge().decision, Decision::Approved);
    assert_eq!(together.refund_of(Resolution::Refund).0, 10_000, "the gift is worth nothing by itself");
    assert_eq!(Ask::of(&policy).gift(1, 0).wish(Resolution::Exchange).judge().decision, Decision::Approved, "an exchange keeps the gift");
}

#[test]
fn a_campaign_gives_longer() {
    let policy = default_policy();
    let ask = || Ask::of(&policy).condition("opened").ordered("2026-06-10").delivered("2026-06-13");
    let said = ask().asked("2026-07-05").judge();
    assert_eq!(said.decision, Decision::Approved, "C46");
    assert!(matches!(&said.sentences[0], Sentence::WindowCampaign { last_day, .. } if last_day.to_string() == "2026-07-05"));
    assert_eq!(ask().asked("2026-07-06").judge().decision, Decision::Declined);
    assert_eq!(
        Ask::of(&policy).ordered("2026-06-21").condition("opened").delivered("2026-06-24").asked("2026-07-05").judge().decision,
        Decision::Declined
    );
}

#[test]
fn tiers_have_longer_and_diamond_sends_free_from_the_door() {
    let policy = default_policy();
    let ask = |tier: Option<&str>, day: &str| Ask::of(&policy).condition("opened").tier(tier).delivered("2026-03-05").asked(day);
    for (tier, last, next) in
        [(None, "2026-03-12", "2026-03-13"), (Some("gold"), "2026-03-20", "2026-03-21"), (Some("diamond"), "2026-04-04", "2026-04-05")]
    {
        assert_eq!(ask(tier, last).judge().decision, Decision::Approved, "C47 {tier:?}");
        assert_eq!(ask(tier, next).judge().decision, Decision::Declined, "C47 {tier:?}");
    }
    let diamond = ask(Some("diamond"), "2026-03-06").method(Method::Pickup);
    assert_eq!(diamond.judge().methods[0], (Method::Pickup, 0), "C48");
    assert_eq!(diamond.judge().payer, Payer::Merchant, "C49");
    assert!(diamond.judge().sentences.contains(&Sentence::FreightFreeTier { tier: "diamond".into() }));
    assert_eq!(diamond.refund_of(Resolution::Refund).0, 10_000);
    let plain = ask(None, "2026-03-06").method(Method::DropOff);
    assert_eq!(plain.judge().methods, [(Method::DropOff, 800), (Method::SelfShip, 0)]);
    assert_eq!(plain.refund_of(Resolution::Refund), (9_200, vec![("freight", -800)]), "C41");
    let at_the_door = ask(None, "2026-03-06").method(Method::Pickup).judge();
    assert_eq!(at_the_door.sentences, [Sentence::MethodNotOffered { method: Method::Pickup }]);
}

#[test]
fn a_fault_under_guarantee_is_replaced_free() {
    let policy = default_policy();
    let ask = || Ask::of(&policy).set("warranty_months", 12.into()).reason("quality/functional_fault").delivered("2026-03-05");
    let said = ask().asked("2027-03-05").judge();
    assert_eq!((said.decision, said.payer), (Decision::Approved, Payer::Merchant), "C26");
    assert_eq!(ask().asked("2027-03-05").offers(), [Resolution::Replacement]);
    assert!(matches!(said.window.state, WindowState::Open(day) if day.to_string() == "2027-03-05"));
    assert!(matches!(said.sentences[0], Sentence::UnderWarranty { .. }));
    assert_eq!(ask().asked("2027-03-06").judge().decision, Decision::Declined);
    assert_eq!(ask().reason("dislike").asked("2026-06-05").judge().decision, Decision::Declined, "the guarantee is for faults");
}

#[test]
fn only_the_evidence_the_case_needs_is_asked_for() {
    let policy = default_policy();
    assert!(Ask::of(&policy).judge().evidence.is_empty(), "B22");
    assert!(Ask::of(&policy).reason("quality/cosmetic_flaw").price("20.00").judge().evidence.is_empty(), "cheap: no photo");
    assert_eq!(Ask::of(&policy).reason("quality/cosmetic_flaw").judge().evidence, [(EvidenceKind::Photo, EvidenceOf::Fault)]);
    let damaged = || Ask::of(&policy).reason("damaged_in_transit");
    assert_eq!(damaged().judge().evidence.len(), 2);
    assert_eq!(damaged().photos(2).judge().decision, Decision::Approved);
    let unseen = damaged().photos(1).judge();
    assert_eq!(
        (unseen.decision, unseen.review),
        (Decision::InReview, Some(ReviewGround::Evidence)),
        "nobody is stuck for want of a camera"
    );
    assert_eq!(Ask::of(&policy).reason("quality/functional_fault").price("6000.00").judge().evidence[0].0, EvidenceKind::TestReport, "C27");
}

#[test]
fn value_and_many_returns_raise_the_review_and_never_deny() {
    let policy = default_policy();
    assert_eq!(Ask::of(&policy).price("2000.00").judge().review, Some(ReviewGround::HighValue));
    let serial = Ask::of(&policy).prior_returns(6).judge();
    assert_eq!((serial.decision, serial.review), (Decision::InReview, Some(ReviewGround::SerialReturner)), "P19");
    assert_eq!(Ask::of(&policy).prior_returns(5).judge().decision, Decision::Approved);
}

#[test]
fn across_the_border_a_price_that_is_not_known_is_not_guessed() {
    let policy = default_policy();
    let in_euro = || Ask::of(&policy).in_currency("EUR", "50.00").country("DE");
    assert_eq!(in_euro().judge().methods, [(Method::DropOff, 690), (Method::SelfShip, 0)]);
    let in_krona = Ask::of(&policy).in_currency("SEK", "500.00").country("SE");
    assert_eq!(in_krona.judge().methods, [(Method::SelfShip, 0)], "a way without a price in kronor is not offered");
}

#[test]
fn the_state_of_an_item_is_asked_only_where_the_answer_depends_on_it() {
    use domain::policy::conditions_that_matter;
    let policy = default_policy();
    let states = |ask: Ask| {
        let now = ask.now();
        ask.with(|policy, case, _, _| {
            conditions_that_matter(policy, case, &case.lines[0], &domain::reason::ReasonTree::default(), now).len()
        })
    };
    assert_eq!(states(Ask::of(&policy)), 5, "used, dirty and altered goods do not come back");
    assert_eq!(states(Ask::of(&policy).gift(1, 0)), 5, "whether its gift comes along or not");
    assert_eq!(states(Ask::of(&policy).category("gift-card")), 0, "a gift card does not come back whatever its state (B22)");
}

#[test]
fn what_is_declined_may_still_come_back_in_another_state() {
    use domain::policy::states_that_help;
    let policy = default_policy();
    let helps = |asked: &str| {
        let ask = Ask::of(&policy).condition("opened").delivered("2026-03-05").asked(asked);
        let now = ask.now();
        ask.with(|policy, case, _, _| states_that_help(policy, case, &case.lines[0], now))
    };
    let [late] = helps("2026-03-13").try_into().unwrap();
    assert_eq!((late.condition.as_str(), late.window), ("unopened", WindowState::Open("2026-03-20".parse().unwrap())), "C5");
    assert_eq!(late.offers, [Resolution::Exchange, Resolution::StoreCredit]);
    assert_eq!(helps("2026-03-21"), [], "after fifteen days nothing helps");
}

#[test]
fn whether_anything_can_still_be_asked_for_counts_every_reason_and_state() {
    use domain::policy::could_come_back;
    let policy = default_policy();
    let can = |ask: Ask| {
        let now = ask.now();
        ask.with(|policy, case, _, _| could_come_back(policy, case, &case.lines[0], &domain::reason::ReasonTree::default(), now))
    };
    let late = |asked: &str| Ask::of(&policy).delivered("2026-03-05").asked(asked);
    assert!(can(late("2026-03-20")), "unopened it can be exchanged");
    assert!(can(late("2026-04-04")), "something may be wrong with it");
    assert!(!can(late("2026-04-05")), "past everything");
    assert!(can(Ask::of(&policy).gift(1, 0)), "with its gift");
}

#[test]
fn for_a_fault_of_ours_there_is_a_tenth_off_the_next_order_whatever_the_currency() {
    let policy = default_policy();
    let given = |ask: Ask<'_>| {
        ask.with(|policy, case, _, _| {
            let hand = policy.at_hand(case, "2026-03-10T08:00:00Z".parse().unwrap()).unwrap();
            hand.compensation().map(|(fired, paid)| (fired.rule.then.gifts(paid, true), fired.rule.then.good_for()))
        })
    };
    let tenth = Some((vec![Gift::Percent { share: BasisPoints(1_000), up_to: None }], 90));
    assert_eq!(given(Ask::of(&policy).reason("quality")), tenth, "C34");
    assert_eq!(given(Ask::of(&policy).in_currency("JPY", "4800").reason("wrong_item")), tenth);
    for reason in ["dislike", "size", "damaged_in_transit"] {
        assert_eq!(given(Ask::of(&policy).reason(reason)), None, "{reason}");
    }
}
