//! Credit notes that name no order, or no line of it: their units are found among the customer's earlier purchases, the latest first.

use std::collections::BTreeMap;

use domain::money::{share, split};

use super::intake::NoteLine;
use crate::store::{self, BoughtLine, Conn, Credit, Purchase, StoreError};

/// What a credit note is matched against.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    Order(String),
    Customer(String),
    Nobody,
}

/// What became of a line of a credit note.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Units found.
    pub matched: u32,
    /// Why not all of them were.
    pub problem: Option<String>,
}

/// `notes` by what they are matched against, each target's in the order of time. Notes that name their order come first: the units
/// they take are not there for the others.
pub(super) fn by_target(notes: Vec<NoteLine>) -> BTreeMap<Target, Vec<NoteLine>> {
    let mut targets: BTreeMap<Target, Vec<NoteLine>> = BTreeMap::new();
    for note in notes {
        let target = match (&note.order, &note.customer) {
            (Some(order), _) => Target::Order(order.trim().to_owned()),
            (None, Some(customer)) => Target::Customer(customer.clone()),
            (None, None) => Target::Nobody,
        };
        targets.entry(target).or_default().push(note);
    }
    for notes in targets.values_mut() {
        notes.sort_by_key(|note| (note.at, note.line));
    }
    targets
}

/// Finds the units of a target's notes and records them.
pub(super) async fn match_notes(
    conn: &mut Conn<'_>,
    target: &Target,
    notes: Vec<NoteLine>,
) -> Result<Vec<(NoteLine, Outcome)>, StoreError> {
    let mut purchases: Vec<Purchase> = match target {
        Target::Order(number) => match store::number_meant(conn, number).await? {
            Some(number) => store::purchase_of_number(conn, number.as_str()).await?.into_iter().collect(),
            None => Vec::new(),
        },
        Target::Customer(customer) => store::purchases_of_customer(conn, customer).await?,
        Target::Nobody => Vec::new(),
    };
    let known: Vec<Vec<Credit>> = purchases.iter().map(|purchase| purchase.credits.clone()).collect();
    let mut outcomes = Vec::with_capacity(notes.len());
    for note in notes {
        let outcome = match target {
            Target::Nobody => Outcome::none("this credit note names neither an order nor a customer".into()),
            Target::Order(number) if purchases.is_empty() => Outcome::none(format!("order `{number}` is not known")),
            _ => place(&mut purchases, &note),
        };
        outcomes.push((note, outcome));
    }
    for (purchase, _) in purchases.iter().zip(known).filter(|(purchase, known)| purchase.credits != *known) {
        store::record_credits(conn, &purchase.key, &purchase.credits).await?;
    }
    Ok(outcomes)
}

impl Outcome {
    fn none(problem: String) -> Self {
        Self { matched: 0, problem: Some(problem) }
    }
}

/// Puts the units of `note` on lines of `purchases` (the latest first): on the latest line that has enough of them left at the
/// price the note gives back, at any price where there is none, or on several lines where no single one has enough. What was put
/// there by an earlier import of the same note counts.
fn place(purchases: &mut [Purchase], note: &NoteLine) -> Outcome {
    let same = |credit: &Credit| credit.credit_note == note.credit_note && credit.position == note.position;
    let before: Vec<&Credit> = purchases.iter().flat_map(|purchase| &purchase.credits).filter(|credit| same(credit)).collect();
    let known: u32 = before.iter().map(|credit| credit.quantity).sum();
    if !before.is_empty() && known >= note.quantity {
        return Outcome { matched: note.quantity, problem: None };
    }
    let open = note.quantity - known;
    let candidates: Vec<(usize, usize, u32)> = candidates(purchases, note).collect();
    if candidates.is_empty() {
        return Outcome { matched: known, problem: Some(nothing_found(note)) };
    }
    let mut enough = candidates.iter().filter(|(_, _, left)| *left >= open && (open > 0 || note.order.is_some()));
    let whole = enough.clone().find(|(purchase, line, _)| is_price_of(note, &purchases[*purchase].lines[*line])).or_else(|| enough.next());
    let mut pieces: Vec<(usize, usize, u32)> = Vec::new();
    if let Some(&(purchase, line, _)) = whole {
        pieces.push((purchase, line, open));
    } else {
        let mut rest = open;
        for (purchase, line, left) in candidates.into_iter().filter(|(_, _, left)| *left > 0) {
            let units = left.min(rest);
            rest -= units;
            pieces.push((purchase, line, units));
            if rest == 0 {
                break;
            }
        }
    }
    let placed: u32 = pieces.iter().map(|(_, _, units)| units).sum();
    let amount = if note.quantity == 0 { note.amount } else { share(note.amount, i64::from(placed), i64::from(note.quantity)) };
    let weights: Vec<i64> = pieces.iter().map(|(_, _, units)| i64::from(*units)).collect();
    for ((purchase, line, quantity), amount) in pieces.into_iter().zip(split(amount, &weights)) {
        let purchase = &mut purchases[purchase];
        let line = purchase.lines[line].id.clone();
        match purchase.credits.iter_mut().find(|credit| same(credit) && credit.line == line) {
            Some(credit) => {
                credit.quantity += quantity;
                credit.amount += amount;
            }
            None => {
                let (credit_note, position) = (note.credit_note.clone(), note.position);
                purchase.credits.push(Credit { credit_note, position, line, quantity, amount });
            }
        }
    }
    let matched = known + placed;
    let problem = (matched < note.quantity).then(|| match matched {
        0 => format!("no unit is left of {}", purchases_of(note)),
        _ => format!("only {matched} of {} units are left of {}", note.quantity, purchases_of(note)),
    });
    Outcome { matched, problem }
}

/// Lines the note may mean, the latest purchase first, with the units that are left: (purchase, line, units).
fn candidates(purchases: &[Purchase], note: &NoteLine) -> impl Iterator<Item = (usize, usize, u32)> {
    // Where the order is named, its time says nothing: clocks of two systems differ.
    let in_time = |purchase: &Purchase| note.order.is_some() || purchase.placed_at <= note.at;
    let means = |line: &BoughtLine| match (&note.order_line, &note.sku) {
        (Some(id), _) => line.id == *id,
        (None, Some(sku)) => line.sku.to_lowercase() == sku.to_lowercase(),
        // Money without goods, on an order that is named.
        (None, None) => note.quantity == 0 && note.order.is_some(),
    };
    purchases.iter().enumerate().filter(move |(_, purchase)| in_time(purchase) && purchase.currency == note.currency).flat_map(
        move |(at, purchase)| {
            let lines = purchase.lines.iter().enumerate().filter(move |(_, line)| means(line));
            lines.map(move |(place, line)| (at, place, left(purchase, line)))
        },
    )
}

/// Units of a line that neither came back outside nor are held by a return: such a return is credited by its own doing.
fn left(purchase: &Purchase, line: &BoughtLine) -> u32 {
    let credited: u32 = purchase.credits.iter().filter(|credit| credit.line == line.id).map(|credit| credit.quantity).sum();
    let held: u32 = purchase.in_returns.iter().filter(|(id, _)| *id == line.id).map(|(_, units)| units).sum();
    line.quantity.saturating_sub(credited).saturating_sub(held)
}

/// Whether the note gives back, for each unit, what it cost on this line.
fn is_price_of(note: &NoteLine, line: &BoughtLine) -> bool {
    i128::from(note.amount) * i128::from(line.quantity) == i128::from(line.net) * i128::from(note.quantity)
}

fn purchases_of(note: &NoteLine) -> String {
    let what = match (&note.order_line, &note.sku) {
        (Some(line), _) => format!("line `{line}`"),
        (None, Some(sku)) => format!("`{sku}`"),
        (None, None) => "anything".to_owned(),
    };
    match (&note.order, &note.customer) {
        (Some(order), _) => format!("{what} in order `{order}`"),
        (None, Some(customer)) => format!("{what} in earlier purchases of customer `{customer}`"),
        (None, None) => what,
    }
}

fn nothing_found(note: &NoteLine) -> String {
    format!("there is no {} in {}", purchases_of(note), note.currency)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purchase(key: &str, placed_at: i64, lines: &[(&str, &str, u32)]) -> Purchase {
        let line = |&(id, sku, quantity): &(&str, &str, u32)| BoughtLine {
            id: id.parse().unwrap(),
            sku: sku.into(),
            quantity,
            net: i64::from(quantity) * 100,
        };
        let lines = lines.iter().map(line).collect();
        Purchase { key: key.into(), placed_at, currency: "GBP".parse().unwrap(), lines, credits: Vec::new(), in_returns: Vec::new() }
    }

    fn note(number: &str, at: i64, sku: &str, quantity: u32) -> NoteLine {
        NoteLine {
            line: 1,
            credit_note: number.into(),
            position: 1,
            order: None,
            customer: Some("c1".into()),
            at,
            sku: Some(sku.into()),
            order_line: None,
            quantity,
            amount: i64::from(quantity) * 100,
            currency: "GBP".parse().unwrap(),
        }
    }

    fn units(purchases: &[Purchase]) -> Vec<(&str, u32, i64)> {
        let mut units: Vec<_> = purchases
            .iter()
            .flat_map(|purchase| purchase.credits.iter().map(|credit| (purchase.key.as_str(), credit.quantity, credit.amount)))
            .collect();
        units.sort_unstable();
        units
    }

    #[test]
    fn the_latest_purchase_with_enough_units_is_credited() {
        let mut purchases =
            [purchase("late", 90, &[("1", "A", 2)]), purchase("mid", 50, &[("1", "a", 6)]), purchase("old", 10, &[("1", "A", 9)])];
        assert_eq!(place(&mut purchases, &note("C1", 60, "A", 4)), Outcome { matched: 4, problem: None });
        assert_eq!(units(&purchases), [("mid", 4, 400)]);
        assert_eq!(place(&mut purchases, &note("C2", 95, "A", 2)), Outcome { matched: 2, problem: None });
        assert_eq!(units(&purchases), [("late", 2, 200), ("mid", 4, 400)]);
    }

    #[test]
    fn a_purchase_at_the_price_that_is_given_back_goes_first() {
        let mut purchases =
            [purchase("late", 90, &[("1", "A", 5)]), purchase("mid", 50, &[("1", "A", 5)]), purchase("old", 10, &[("1", "A", 5)])];
        purchases[0].lines[0].net = 400;
        place(&mut purchases, &note("C1", 99, "A", 2));
        assert_eq!(units(&purchases), [("mid", 2, 200)]);
    }

    #[test]
    fn units_that_no_single_purchase_has_are_taken_from_several() {
        let mut purchases = [purchase("late", 90, &[("1", "A", 2), ("2", "A", 1)]), purchase("old", 10, &[("1", "A", 2)])];
        assert_eq!(place(&mut purchases, &note("C1", 99, "A", 4)), Outcome { matched: 4, problem: None });
        assert_eq!(units(&purchases), [("late", 1, 100), ("late", 2, 200), ("old", 1, 100)]);
        let outcome = place(&mut purchases, &note("C2", 99, "A", 3));
        assert_eq!(outcome.matched, 1);
        assert_eq!(outcome.problem.unwrap(), "only 1 of 3 units are left of `A` in earlier purchases of customer `c1`");
    }

    #[test]
    fn the_same_note_again_changes_nothing() {
        let mut purchases = [purchase("late", 90, &[("1", "A", 2)]), purchase("old", 10, &[("1", "A", 2)])];
        for _ in 0..2 {
            place(&mut purchases, &note("C1", 99, "A", 3));
            assert_eq!(units(&purchases), [("late", 2, 200), ("old", 1, 100)]);
        }
    }

    #[test]
    fn units_in_a_return_are_not_credited_a_second_time() {
        let mut purchases = [purchase("late", 90, &[("1", "A", 1)])];
        purchases[0].in_returns.push(("1".parse().unwrap(), 1));
        let outcome = place(&mut purchases, &note("C1", 99, "A", 1));
        assert_eq!(outcome.problem.unwrap(), "no unit is left of `A` in earlier purchases of customer `c1`");
        assert!(units(&purchases).is_empty());
    }

    #[test]
    fn a_named_order_is_credited_whatever_its_time_and_money_alone_goes_to_its_first_line() {
        let mut purchases = [purchase("77", 90, &[("1", "A", 1), ("2", "B", 1)])];
        let named = NoteLine { order: Some("77".into()), ..note("C1", 10, "B", 1) };
        assert_eq!(place(&mut purchases, &named).problem, None);
        let money = NoteLine { order: Some("77".into()), sku: None, amount: 250, ..note("C2", 10, "", 0) };
        assert_eq!(place(&mut purchases, &money).problem, None);
        assert_eq!(units(&purchases), [("77", 0, 250), ("77", 1, 100)]);
        assert_eq!(purchases[0].credits[1].line.as_str(), "1");
        let stranger = place(&mut purchases, &note("C3", 99, "Z", 1));
        assert_eq!(stranger.problem.unwrap(), "there is no `Z` in earlier purchases of customer `c1` in GBP");
    }
}
