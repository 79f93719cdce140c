//! Parcels on their way here, by their carriers' numbers.

use domain::returns::{Authorization, Lot, Parcel, Reception, Return};

table! {
    /// A parcel of a return.
    expected_parcels, key "tracking_number, rma", rma, {
        tracking_number: String as "TEXT",
        parcel: i64 as "BIGINT",
        expected_until: Option<i64> as "BIGINT",
        void: i64 as "BIGINT",
    }
}

pub(super) fn of(request: &Return) -> Vec<Row> {
    let last = request.parcels.len();
    let mut rows: Vec<Row> = Vec::new();
    for (parcel, place) in request.parcels.iter().zip(1..) {
        let void = is_void(request, parcel, place == last);
        let waited_for = !void && travelling(request, parcel).any(|lot| lot.state.reception < Reception::Received);
        let row = Row {
            rma: request.rma.to_string(),
            tracking_number: parcel.tracking_number.clone(),
            parcel: place as i64,
            expected_until: waited_for.then(|| request.promises.arrived.as_millisecond()),
            void: i64::from(void),
        };
        // Of two labels of one number the later counts.
        rows.retain(|known| known.tracking_number != row.tracking_number);
        rows.push(row);
    }
    rows.sort_by(|a, b| a.tracking_number.cmp(&b.tracking_number));
    rows
}

/// Whether nothing should travel in it: it was not seen, and a later label took its place or nothing is left to send.
fn is_void(request: &Return, parcel: &Parcel, last: bool) -> bool {
    parcel.scans.is_empty() && (parcel.voided || !last || travelling(request, parcel).next().is_none())
}

/// Lots that may come in it, or came.
fn travelling<'r>(request: &'r Return, parcel: &'r Parcel) -> impl Iterator<Item = &'r Lot> {
    let inside = |lot: &Lot| parcel.contents.is_empty() || parcel.contents.contains(&lot.id);
    let comes = |lot: &Lot| lot.state.is_live() && lot.state.authorization == Authorization::Approved;
    request.lots().filter(move |(line, lot)| line.asked.sends_back() && comes(lot) && inside(lot)).map(|(_, lot)| lot)
}
