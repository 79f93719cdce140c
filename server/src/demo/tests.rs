use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use domain::ids::Code;
use domain::policy::{Case, CaseLine, Decision, Found, Grade, Graded, History, Method, Policy, SaidOfLaw, Seen, judge};
use domain::reason::{ChosenReason, ReasonTree};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::*;

fn orders(now: Timestamp) -> Vec<(orders::Demo, Order)> {
    let demos = || orders::departments().into_iter().flat_map(|part| part.demos);
    let parsed = demos().map(|demo| {
        let number = demo.number;
        Order::parse(&demo.document(now).unwrap()).unwrap_or_else(|problems| panic!("{number}: {problems:?}"))
    });
    demos().zip(parsed).collect()
}

fn shop(now: Timestamp) -> (Policy, Value) {
    let document = policy::document(now);
    let policy = domain::policy::read(&document, &ReasonTree::default()).unwrap_or_else(|problems| panic!("{problems:?}"));
    (policy, serde_json::from_str(&document).unwrap())
}

/// Every reason and sub-reason that can be chosen for a category.
fn reasons(category: Option<&Code>) -> Vec<ChosenReason> {
    let tree = ReasonTree::default();
    let choices = tree.offered(category).flat_map(|reason| {
        let subs = reason.sub_reasons.iter().map(|sub| Some(sub.code.as_str()));
        std::iter::once(None).chain(subs).map(|sub| tree.choose(reason.code.as_str(), sub, category).unwrap())
    });
    choices.collect()
}

/// The decision on a line, and the rules that fired.
fn answer(policy: &Policy, document: &Value, case: &Case<'_>, now: Timestamp) -> (Decision, BTreeSet<String>) {
    let verdict = judge(policy, case, now);
    let said = &verdict.lines[0];
    let fired = said.trace.iter().filter(|look| look.fired()).map(|look| {
        let table = serde_json::to_value(look.table).unwrap();
        document[table.as_str().unwrap()][usize::from(look.rule)]["id"].as_str().unwrap().to_owned()
    });
    (said.decision, fired.collect())
}

fn case<'a>(order: &'a Order, history: &'a History, lines: &'a [CaseLine], method: Option<Method>) -> Case<'a> {
    Case { order, history, lines, method, withdrawal: false, return_region: None, proof: None }
}

/// One unit of a line, for a reason or `reason/sub_reason`.
fn line_of(order: &Order, line: &str, reason: &str, condition: &str) -> CaseLine {
    let line = order.line(&line.parse().unwrap()).unwrap();
    let (reason, sub) = reason.split_once('/').map_or((reason, None), |(reason, sub)| (reason, Some(sub)));
    CaseLine {
        line: line.id.clone(),
        quantity: 1,
        reason: ReasonTree::default().choose(reason, sub, line.category.as_ref()).ok(),
        condition: condition.parse().ok(),
        resolution: None,
        evidence: Vec::new(),
        law: SaidOfLaw::default(),
    }
}

#[test]
fn every_order_is_whole_and_can_be_found() {
    let shown = orders(Timestamp::now());
    assert_eq!(shown.len(), 40);
    let mut numbers = BTreeSet::new();
    let mut languages = BTreeMap::new();
    for (demo, order) in &shown {
        assert!(numbers.insert(demo.number), "{} is there twice", demo.number);
        *languages.entry(order.customer.locale).or_insert(0) += 1;
        assert_eq!(order.captured(), order.computed_total(), "{}", demo.number);
        let (email, phone) = (order.customer.email.as_ref(), order.customer.phone.as_ref());
        let finds = [email.map(ToString::to_string), phone.map(ToString::to_string)];
        assert!(finds.contains(&Some(demo.contact().to_owned())), "{}: {} finds nothing", demo.number, demo.contact());
        assert!(demo.zh.ends_with('。') && demo.en.ends_with('.'), "{} says what it shows in a sentence", demo.number);
    }
    assert_eq!(languages, BTreeMap::from([(Some(Locale::ZhCn), 20), (Some(Locale::En), 20)]));
    assert_eq!(shown.iter().filter(|(demo, _)| demo.highlight).count(), 6, "the front page names a few");
}

/// Rules that fire when the goods of a line are looked at, whatever is found.
fn at_the_dock(policy: &Policy, case: &Case<'_>, now: Timestamp) -> Vec<String> {
    let Some(hand) = policy.at_hand(case, now) else { return Vec::new() };
    let mut fired: Vec<String> = hand.form().map(|form| form.id.to_string()).into_iter().collect();
    for found in Found::ALL.iter().copied() {
        for grade in Grade::ALL.iter().copied().map(Some).chain([None]) {
            let seen = Seen { found, grade };
            fired.extend(hand.goes_to(seen).map(|fired| fired.rule.id.to_string()));
            fired.extend(hand.payout(Some(seen)).map(|fired| fired.rule.id.to_string()));
            match hand.graded(seen) {
                Graded::By(by, _) | Graded::ByLaw(by) => fired.push(by.rule.id.to_string()),
                Graded::Silent => {}
            }
        }
    }
    fired
}

#[test]
fn every_rule_can_be_met() {
    let now = Timestamp::now();
    let (policy, document) = shop(now);
    let mut fired = BTreeSet::new();
    for (_, order) in orders(now) {
        // Returned one by one, its units are returns before this one.
        let units: u32 = order.lines.iter().map(|line| line.quantity).sum();
        let histories = [0, units - 1].map(|prior_returns| History { prior_returns, ..History::default() });
        for line in &order.lines {
            for reason in reasons(line.category.as_ref()) {
                for condition in ["unopened", "opened", "used", "dirty", "altered"] {
                    let asked = [CaseLine {
                        line: line.id.clone(),
                        quantity: 1,
                        reason: Some(reason.clone()),
                        condition: condition.parse().ok(),
                        resolution: None,
                        evidence: Vec::new(),
                        law: SaidOfLaw::default(),
                    }];
                    fired.extend(at_the_dock(&policy, &case(&order, &histories[0], &asked, None), now));
                    for history in &histories {
                        for &method in Method::ALL {
                            fired.extend(answer(&policy, &document, &case(&order, history, &asked, Some(method)), now).1);
                        }
                    }
                }
            }
        }
    }
    let tables = document.as_object().unwrap().values().filter_map(Value::as_array);
    let rules = tables.flatten().filter(|rule| rule.get("then").is_some());
    let never: Vec<_> = rules.filter_map(|rule| rule["id"].as_str()).filter(|id| !fired.contains(*id)).collect();
    assert!(never.is_empty(), "no order of the demo shop meets {never:?}");
}

/// Whatever day of the week it is: what ends on a day off ends after it.
#[test]
fn every_order_shows_what_it_says() {
    (0..7).for_each(|days| shows_what_it_says(Timestamp::now() + SignedDuration::from_hours(24 * days)));
}

fn shows_what_it_says(now: Timestamp) {
    use Decision::{Approved, Declined, InReview};
    let (policy, document) = shop(now);
    let shown = orders(now);
    for (number, line, reason, condition, decision, rule) in [
        ("10248", "1", "dislike", "opened", Approved, "diamond-pickup"),
        ("10249", "1", "dislike", "opened", InReview, "high-value"),
        ("10249", "2", "dislike", "opened", Approved, "gold"),
        ("10250", "1", "dislike", "opened", Approved, "furniture-depreciation"),
        ("10251", "1", "dislike", "unopened", Approved, "unopened-late"),
        ("10251", "1", "dislike", "opened", Declined, "no-reason"),
        ("10252", "1", "dislike", "opened", Declined, "special-price"),
        ("10252", "1", "wrong_item", "opened", InReview, "photo-of-wrong-item"),
        ("10253", "1", "dislike", "opened", Declined, "standard"),
        ("10254", "1", "dislike", "opened", Approved, "customer-pays"),
        ("10255", "1", "dislike", "opened", Declined, "no-reason"),
        ("10255", "1", "dislike", "unopened", Approved, "unopened-late"),
        ("10256", "1", "dislike", "opened", Approved, "cross-border"),
        ("10257", "1", "quality", "used", Approved, "under-warranty"),
        ("10258", "1", "dislike", "opened", Declined, "personalised"),
        ("10258", "2", "dislike", "opened", Declined, "hygiene-opened"),
        ("10258", "2", "dislike", "unopened", Approved, "gold"),
        ("10259", "1", "damaged_in_transit", "opened", InReview, "photo-of-packaging"),
        ("10260", "1", "size/too_small", "opened", Approved, "standard"),
        ("10261", "1", "dislike", "unopened", Approved, "unopened"),
        ("10262", "1", "dislike", "unopened", Declined, "gold"),
        ("10263", "1", "dislike", "unopened", Declined, "gift-card"),
        ("10263", "2", "dislike", "unopened", Declined, "digital"),
        ("10264", "1", "dislike", "opened", Approved, "cross-border"),
        ("10265", "1", "dislike", "opened", Approved, "diamond-free"),
        ("10266", "1", "dislike", "unopened", Declined, "perishable"),
        ("10266", "2", "dislike", "unopened", Approved, "standard"),
        ("10267", "1", "quality/functional_fault", "used", Declined, "fault"),
        ("10268", "1", "quality/cosmetic_flaw", "opened", Approved, "our-fault"),
        ("10269", "2", "dislike", "opened", Approved, "standard"),
        ("10270", "1", "dislike", "opened", Approved, "anniversary"),
        ("10271", "1", "dislike", "opened", Approved, "gold"),
        ("10272", "1", "dislike", "opened", Approved, "gold"),
        ("10273", "12", "size/too_large", "opened", Approved, "no-reason"),
        ("10274", "1", "dislike", "opened", Approved, "no-reason"),
        ("10275", "1", "quality/functional_fault", "used", InReview, "report-for-costly-faults"),
        ("10276", "1", "quality/functional_fault", "used", Approved, "under-warranty"),
        ("10276", "2", "quality/functional_fault", "used", InReview, "fault"),
        ("10277", "1", "dislike", "opened", Declined, "no-reason"),
        ("10277", "2", "dislike", "opened", Approved, "no-reason"),
        ("10278", "1", "size/too_small", "opened", Approved, "no-reason"),
        ("10278", "1", "size/too_small", "used", InReview, "worn"),
        ("10279", "1", "dislike", "opened", Declined, "standard"),
        ("10280", "1", "dislike", "opened", Approved, "by-rules"),
        ("10281", "1", "missing_item", "opened", Approved, "missing"),
        ("10281", "2", "wrong_item", "opened", InReview, "photo-of-wrong-item"),
        ("10282", "1", "dislike", "opened", InReview, "diamond-free"),
        ("10282", "2", "dislike", "opened", Approved, "bulky"),
        ("10283", "1", "dislike", "unopened", Declined, "furniture"),
        ("10284", "1", "dislike", "unopened", Approved, "unopened-late"),
        ("10285", "1", "dislike", "opened", Approved, "furniture"),
        ("10286", "1", "dislike", "unopened", Approved, "cross-border"),
        ("10287", "1", "dislike", "opened", InReview, "hygiene-opened"),
        ("10287", "2", "dislike", "opened", Approved, "cross-border"),
    ] {
        let (_, order) = shown.iter().find(|(demo, _)| demo.number == number).unwrap();
        let asked = [line_of(order, line, reason, condition)];
        let history = History::default();
        let (decided, fired) = answer(&policy, &document, &case(order, &history, &asked, None), now);
        assert_eq!(decided, decision, "{now}: {number}, line {line} because of {reason}, {condition}: {fired:?}");
        assert!(fired.contains(rule), "{now}: {number}, line {line} because of {reason}, {condition}: not {rule} but {fired:?}");
    }
}

#[test]
fn after_six_returns_of_a_year_a_person_has_a_look() {
    let now = Timestamp::now();
    let (policy, document) = shop(now);
    let shown = orders(now);
    let (_, order) = shown.iter().find(|(demo, _)| demo.number == "10280").unwrap();
    let asked = [line_of(order, "1", "dislike", "opened")];
    for (prior_returns, decision) in [(5, Decision::Approved), (6, Decision::InReview)] {
        let history = History { prior_returns, ..History::default() };
        assert_eq!(answer(&policy, &document, &case(order, &history, &asked, None), now).0, decision);
    }
    assert!(order.lines[0].quantity > 6, "one visitor can get there");
}

#[test]
fn a_gift_comes_back_with_each_item_it_came_with() {
    let now = Timestamp::now();
    let (policy, document) = shop(now);
    for (demo, order) in orders(now).iter().filter(|(demo, _)| ["10253", "10279"].contains(&demo.number)) {
        let asked = ["1", "2"].map(|line| line_of(order, line, "dislike", "opened"));
        let history = History::default();
        assert_eq!(answer(&policy, &document, &case(order, &history, &asked, None), now).0, Decision::Approved, "{}", demo.number);
    }
}

#[test]
fn pictures_are_ours_small_and_served_by_us() {
    let public = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public");
    let mut drawn = BTreeSet::new();
    for (demo, order) in orders(Timestamp::now()) {
        for image in order.lines.iter().filter_map(|line| line.image.as_deref()) {
            assert!(public.join(&image[1..]).is_file(), "{}: there is no {image}", demo.number);
            drawn.insert(image.to_owned());
        }
    }
    for file in std::fs::read_dir(public.join("demo")).unwrap() {
        let path = file.unwrap().path();
        let address = format!("/demo/{}", path.file_name().unwrap().display());
        assert!(drawn.contains(&address), "{address} is in no order");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.len() <= 1536, "{address} has {} bytes", text.len());
        assert!(!text.contains("<script") && !text.contains("href") && !text.contains("style"), "{address} is more than a drawing");
    }
}

#[test]
fn the_shelves_hold_what_orders_can_be_exchanged_for() {
    let stock = stock::all();
    let bought = orders(Timestamp::now());
    let price_of = |sku: &str| {
        let lines = bought.iter().flat_map(|(_, order)| order.lines.iter().map(move |line| (order, line)));
        lines.filter(|(_, line)| line.sku.as_str() == sku).map(|(order, line)| order.money(line.unit_price)).next()
    };
    let mut skus = BTreeSet::new();
    let mut families: BTreeMap<&str, Vec<stock::Stocked>> = BTreeMap::new();
    for stocked in stock {
        assert!(skus.insert(stocked.sku), "{} lies there twice", stocked.sku);
        families.entry(stocked.variant_of).or_default().push(stocked);
    }
    for (family, variants) in families {
        assert!((3..=6).contains(&variants.len()), "{family} has {} variants", variants.len());
        assert!(variants.iter().any(|variant| variant.quantity == 0), "nothing of {family} is sold out");
        let price = |variant: &stock::Stocked| {
            let amount: domain::money::Amount = serde_json::from_value(variant.price.into()).unwrap();
            let currency = variant.currency.parse().unwrap();
            domain::money::Money::new(amount.minor(currency).unwrap(), currency)
        };
        let sold: Vec<_> = variants.iter().filter_map(|variant| Some((price(variant), price_of(variant.sku)?))).collect();
        assert!(!sold.is_empty(), "nobody bought anything of {family}");
        for (stocked, paid) in &sold {
            assert_eq!(stocked, paid, "{family} costs what it cost");
        }
        let minor = |variant: &stock::Stocked| price(variant).minor;
        let (least, most) = (variants.iter().map(minor).min(), variants.iter().map(minor).max());
        assert!(
            sold.iter().all(|(stocked, _)| least < Some(stocked.minor) && Some(stocked.minor) < most),
            "{family}: one cheaper, one dearer"
        );
    }
}

/// What README.md says of the orders.
fn table() -> String {
    let mut orders: Vec<_> = orders_to_try().into_iter().flat_map(|part| part.orders).collect();
    orders.sort_by(|one, other| one.number.cmp(&other.number));
    let rows = orders.iter().map(|order| {
        let shows = order.shows.get(Locale::En).unwrap_or_default().replace('|', "\\|");
        format!("| {} | {} | {shows} |\n", order.number, order.contact)
    });
    format!("\n| order | e-mail or phone | what it shows |\n|---|---|---|\n{}\n", rows.collect::<String>())
}

#[test]
fn the_readme_lists_the_orders() {
    const MARKS: (&str, &str) = ("<!-- demo -->\n", "<!-- /demo -->");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(MARKS.0).unwrap();
    let (listed, after) = rest.split_once(MARKS.1).unwrap();
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&path, [before, MARKS.0, &table(), MARKS.1, after].concat()).unwrap();
    } else {
        assert!(listed == table(), "README.md lists other orders; mend it with: UPDATE_README=1 cargo test -p server --lib demo");
    }
}
