//! What a policy says of some products and not of others.

use domain::policy::{Clause, Condition, FactKind, Table, Wants};

use super::PolicyWords;

/// A kind of product, with what is different for it.
pub struct Product {
    pub name: String,
    /// What it is about, and what holds: "How long", "30 days from delivery".
    pub rows: Vec<(&'static str, String)>,
}

/// The products that rules name, in the order in which they name them. `past`: rules that concern nobody any more.
pub fn products(words: &PolicyWords<'_>, past: impl Fn(&Condition) -> bool) -> Vec<Product> {
    let mut products: Vec<Product> = Vec::new();
    for table in Table::ALL {
        for rule in words.policy.heads(*table).into_iter().filter(|rule| !past(rule.when)) {
            let Some(effect) = words.rule(*table, rule.id.as_str()) else { continue };
            let clauses = rule.when.clauses();
            for (place, clause) in clauses.iter().enumerate() {
                let others: Vec<Clause> =
                    clauses.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, other)| other.clone()).collect();
                for name in named(words, clause) {
                    let row = (words.table(*table), told(words, &effect, &others));
                    match products.iter_mut().find(|product| product.name == name) {
                        Some(product) => product.rows.push(row),
                        None => products.push(Product { name, rows: vec![row] }),
                    }
                }
            }
        }
    }
    products
}

/// The kinds of product that a clause wants one of.
fn named(words: &PolicyWords<'_>, clause: &Clause) -> Vec<String> {
    match clause {
        Clause::Fact(FactKind::Category | FactKind::Tag, Wants::OneOf(codes)) => codes.iter().map(|code| words.say.code(code)).collect(),
        Clause::Fact(FactKind::FinalSale, Wants::Is(true)) => vec![words.clause(clause)],
        Clause::Any(groups) => {
            let one = |group: &Vec<Clause>| if let [clause] = group.as_slice() { named(words, clause) } else { Vec::new() };
            groups.iter().flat_map(one).collect()
        }
        _ => Vec::new(),
    }
}

/// What holds, and when, beside the product itself.
fn told(words: &PolicyWords<'_>, effect: &str, others: &[Clause]) -> String {
    let m = words.say.m;
    match others {
        [] => effect.to_owned(),
        _ if others.iter().all(|clause| matches!(clause, Clause::Not(_))) => m.policy_but(words.all_of(others), effect),
        _ => m.format_pair(words.all_of(others), effect),
    }
}
