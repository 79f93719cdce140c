//! Projections: what is read from returns in other ways than by their number. Written with the events; made anew by `homebound rebuild`.

/// A projection's row, and a macro of its name with the texts that read and write the table. Rows go to the database as JSON.
macro_rules! table {
    ($(#[$doc:meta])* $name:ident, key $key:literal, $about:ident, { $($column:ident: $type:ty as $sql:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        pub(super) struct Row {
            #[serde(skip)]
            pub(super) $about: String,
            $(pub(super) $column: $type),+
        }

        crate::store::conn::by_name!(Row { $about, $($column),+ });

        impl super::Projected for Row {
            const TABLE: super::Table = super::Table::$name;

            fn about(&self) -> &str {
                &self.$about
            }
        }

        macro_rules! $name {
            // Rows about `$1` go into it …
            (insert) => {
                concat!(
                    "INSERT INTO ", stringify!($name), " (", stringify!($about) $(, ", ", stringify!($column))+, ")
                     SELECT $1" $(, ", CAST(value ->> '", stringify!($column), "' AS ", $sql, ")")+
                )
            };
            // … in place of those that were there and are not the same.
            (instead) => {
                concat!(
                    "ON CONFLICT (", $key, ") DO UPDATE SET ", stringify!($about), " = excluded.", stringify!($about)
                        $(, ", ", stringify!($column), " = excluded.", stringify!($column))+,
                    " WHERE (", stringify!($name), ".", stringify!($about) $(, ", ", stringify!($name), ".", stringify!($column))+,
                    ") IS DISTINCT FROM (excluded.", stringify!($about) $(, ", excluded.", stringify!($column))+, ")"
                )
            };
            (select) => {
                concat!("SELECT ", stringify!($about) $(, ", ", stringify!($column))+, " FROM ", stringify!($name))
            };
        }
    };
}
#[macro_use]
mod expected_parcels;
#[macro_use]
mod money;
#[macro_use]
mod payments;
#[macro_use]
mod remedies;
#[macro_use]
mod return_lines;
#[macro_use]
mod search_terms;
#[macro_use]
mod tasks;
mod mend;

use domain::returns::Return;
use jiff::Timestamp;
use serde::Serialize;

use super::conn::execute;
use super::{Conn, StoreError};
pub use mend::{Difference, Mended, check_projections, forget_projections, keep_projections, rebuild_projections};

/// What is derived from events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(non_camel_case_types, reason = "they are called as their tables are")]
pub enum Table {
    /// Returns: their state, and the columns beside it.
    returns,
    /// Orders of returns.
    return_orders,
    /// Lines of returns.
    return_lines,
    /// Tasks.
    tasks,
    /// Parcels on their way.
    expected_parcels,
    /// Money of returns.
    money,
    /// Attempts to pay it.
    payments,
    /// What goes out instead.
    remedies,
    /// What returns are found by.
    search_terms,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::returns,
        Self::return_orders,
        Self::return_lines,
        Self::tasks,
        Self::expected_parcels,
        Self::money,
        Self::payments,
        Self::remedies,
        Self::search_terms,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::returns => "returns",
            Self::return_orders => "return_orders",
            Self::return_lines => "return_lines",
            Self::tasks => "tasks",
            Self::expected_parcels => "expected_parcels",
            Self::money => "money",
            Self::payments => "payments",
            Self::remedies => "remedies",
            Self::search_terms => "search_terms",
        }
    }
}

/// A row of one of the tables.
trait Projected: Clone + PartialEq + Serialize {
    const TABLE: Table;

    /// The return that it is about.
    fn about(&self) -> &str;
}

/// What a return is in every projection.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Projection {
    orders: Vec<String>,
    lines: Vec<return_lines::Row>,
    tasks: Vec<tasks::Row>,
    parcels: Vec<expected_parcels::Row>,
    money: Vec<money::Row>,
    payments: Vec<payments::Row>,
    remedies: Vec<remedies::Row>,
    terms: Vec<search_terms::Row>,
    /// When its tasks change though nothing happens, in epoch milliseconds.
    #[serde(skip)]
    pub(super) next_change_at: Option<i64>,
}

impl Projection {
    /// As it is at `now`.
    pub(super) fn of(request: &Return, now: Timestamp) -> Self {
        let (tasks, next_change_at) = tasks::of(request, now);
        let mut orders: Vec<String> = request.orders.iter().map(|part| part.number.to_string()).collect();
        orders.sort();
        orders.dedup();
        let (lines, parcels, money) = (return_lines::of(request), expected_parcels::of(request), money::of(request));
        let (payments, remedies, terms) = (payments::of(request), remedies::of(request), search_terms::of(request));
        Self { orders, lines, tasks, parcels, money, payments, remedies, terms, next_change_at }
    }

    /// Whether there is neither a task nor money in it.
    pub(super) fn is_plain(&self) -> bool {
        self.tasks.is_empty() && self.money.is_empty()
    }

    /// As the texts take it.
    pub(super) fn json(&self) -> Result<String, StoreError> {
        serde_json::to_string(self).map_err(|error| StoreError::corrupt("projection", error))
    }
}

/// Puts a return's rows in place of those that were there. What is the same stays untouched. Whoever calls holds the return's row.
///
/// Orders never leave a return, and parcels only where what was done is taken back ([`forget_parcels`]), so theirs are not looked for. Who has a task, and that it sleeps, goes with it: the next of its kind is a
/// task like any other, which whoever is there takes up.
pub(super) async fn put(conn: &mut Conn<'_>, rma: &str, projection: &Projection) -> Result<(), StoreError> {
    execute!(
        conn,
        concat!(
            "WITH orders AS (INSERT INTO return_orders (rma, order_key) SELECT $1, value
               FROM JSON_ARRAY_ELEMENTS_TEXT($2::JSON -> 'orders') WHERE true ON CONFLICT (order_key, rma) DO NOTHING),
             no_lines AS (DELETE FROM return_lines WHERE rma = $1 AND line NOT IN
               (SELECT CAST(value ->> 'line' AS BIGINT) FROM JSON_ARRAY_ELEMENTS($2::JSON -> 'lines'))),
             no_tasks AS (DELETE FROM tasks WHERE subject_kind = 'return' AND subject = $1 AND kind NOT IN
               (SELECT value ->> 'kind' FROM JSON_ARRAY_ELEMENTS($2::JSON -> 'tasks'))),
             no_assignments AS (DELETE FROM task_assignments WHERE subject_kind = 'return' AND subject = $1 AND kind NOT IN
               (SELECT value ->> 'kind' FROM JSON_ARRAY_ELEMENTS($2::JSON -> 'tasks'))),
             no_money AS (DELETE FROM money WHERE rma = $1 AND currency NOT IN
               (SELECT value ->> 'currency' FROM JSON_ARRAY_ELEMENTS($2::JSON -> 'money'))),
             no_payments AS (DELETE FROM payments WHERE rma = $1 AND payment NOT IN
               (SELECT CAST(value ->> 'payment' AS BIGINT) FROM JSON_ARRAY_ELEMENTS($2::JSON -> 'payments'))),
             no_remedies AS (DELETE FROM remedies WHERE rma = $1 AND remedy NOT IN
               (SELECT CAST(value ->> 'remedy' AS BIGINT) FROM JSON_ARRAY_ELEMENTS($2::JSON -> 'remedies'))),
             no_terms AS (DELETE FROM search_terms WHERE rma = $1 AND (kind, term) NOT IN
               (SELECT value ->> 'kind', value ->> 'term' FROM JSON_ARRAY_ELEMENTS($2::JSON -> 'terms'))),
             terms AS (", search_terms!(insert), " FROM JSON_ARRAY_ELEMENTS($2::JSON -> 'terms') WHERE true ", search_terms!(instead), "),
             lines AS (", return_lines!(insert), " FROM JSON_ARRAY_ELEMENTS($2::JSON -> 'lines') WHERE true ", return_lines!(instead), "),
             its_tasks AS (", tasks!(insert), " FROM JSON_ARRAY_ELEMENTS($2::JSON -> 'tasks') WHERE true ", tasks!(instead), "),
             parcels AS (", expected_parcels!(insert), " FROM JSON_ARRAY_ELEMENTS($2::JSON -> 'parcels') WHERE true ", expected_parcels!(instead), "),
             its_payments AS (", payments!(insert), " FROM JSON_ARRAY_ELEMENTS($2::JSON -> 'payments') WHERE true ", payments!(instead), "),
             its_remedies AS (", remedies!(insert), " FROM JSON_ARRAY_ELEMENTS($2::JSON -> 'remedies') WHERE true ", remedies!(instead), "),
             its_money AS (", money!(insert), " FROM JSON_ARRAY_ELEMENTS($2::JSON -> 'money') WHERE true ", money!(instead), ")
             SELECT 1"
        ) =>
        concat!(
            "INSERT INTO return_orders (rma, order_key) SELECT $1, value FROM JSON_EACH($2, '$.orders') WHERE true ON CONFLICT DO NOTHING;
             DELETE FROM return_lines WHERE rma = $1 AND line NOT IN (SELECT value ->> 'line' FROM JSON_EACH($2, '$.lines'));
             DELETE FROM tasks WHERE subject_kind = 'return' AND subject = $1
               AND kind NOT IN (SELECT value ->> 'kind' FROM JSON_EACH($2, '$.tasks'));
             DELETE FROM task_assignments WHERE subject_kind = 'return' AND subject = $1
               AND kind NOT IN (SELECT value ->> 'kind' FROM JSON_EACH($2, '$.tasks'));
             DELETE FROM money WHERE rma = $1 AND currency NOT IN (SELECT value ->> 'currency' FROM JSON_EACH($2, '$.money'));
             DELETE FROM payments WHERE rma = $1 AND payment NOT IN (SELECT value ->> 'payment' FROM JSON_EACH($2, '$.payments'));
             DELETE FROM remedies WHERE rma = $1 AND remedy NOT IN (SELECT value ->> 'remedy' FROM JSON_EACH($2, '$.remedies'));
             DELETE FROM search_terms WHERE rma = $1
               AND (kind, term) NOT IN (SELECT value ->> 'kind', value ->> 'term' FROM JSON_EACH($2, '$.terms'));
             ", search_terms!(insert), " FROM JSON_EACH($2, '$.terms') WHERE true ", search_terms!(instead), ";
             ", return_lines!(insert), " FROM JSON_EACH($2, '$.lines') WHERE true ", return_lines!(instead), ";
             ", tasks!(insert), " FROM JSON_EACH($2, '$.tasks') WHERE true ", tasks!(instead), ";
             ", expected_parcels!(insert), " FROM JSON_EACH($2, '$.parcels') WHERE true ", expected_parcels!(instead), ";
             ", payments!(insert), " FROM JSON_EACH($2, '$.payments') WHERE true ", payments!(instead), ";
             ", remedies!(insert), " FROM JSON_EACH($2, '$.remedies') WHERE true ", remedies!(instead), ";
             ", money!(insert), " FROM JSON_EACH($2, '$.money') WHERE true ", money!(instead)
        ),
        rma,
        projection.json()?
    )?;
    Ok(())
}

/// Parcels that a return has no more: their labels were taken back.
pub async fn forget_parcels(conn: &mut Conn<'_>, rma: &str, numbers: &[String]) -> Result<(), StoreError> {
    for number in numbers {
        execute!(conn, "DELETE FROM expected_parcels WHERE tracking_number = $1 AND rma = $2", number, rma)?;
    }
    Ok(())
}
