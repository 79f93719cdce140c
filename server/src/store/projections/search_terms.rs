//! What returns are found by. Personal data, and no more of it than is looked for: where a customer is erased, the rows of their returns go by `rma`,
//! and what a return does not say any more is not written again.

use std::collections::BTreeSet;

use domain::returns::Return;
use domain::search::{self, TermKind};

use crate::contact::phone_key;

table! {
    /// A term of a return.
    search_terms, key "rma, kind, term", rma, {
        kind: String as "TEXT",
        term: String as "TEXT",
        ended: i64 as "BIGINT",
        opened_at: i64 as "BIGINT",
    }
}

pub(super) fn of(request: &Return) -> Vec<Row> {
    let mut terms: BTreeSet<(TermKind, String)> = BTreeSet::new();
    let names = [&request.contact.name, &request.from.as_ref().and_then(|from| from.name.clone())];
    terms.extend(names.into_iter().flatten().flat_map(|name| search::names(name)).map(|term| (TermKind::Name, term)));
    terms.extend(request.contact.phone.iter().map(|phone| (TermKind::Phone, search::phone(&phone_key(phone)))));
    terms.extend(request.lines.iter().map(|line| (TermKind::Sku, search::code(line.asked.sku.as_str()))));
    let (ended, opened_at) = (i64::from(request.status().is_end()), request.opened_at.as_millisecond());
    let row = |(kind, term): (TermKind, String)| Row { rma: request.rma.to_string(), kind: kind.code().to_owned(), term, ended, opened_at };
    let mut rows: Vec<Row> = terms.into_iter().filter(|(_, term)| !term.is_empty()).map(row).collect();
    rows.sort_by(|a, b| (&a.kind, &a.term).cmp(&(&b.kind, &b.term)));
    rows
}
