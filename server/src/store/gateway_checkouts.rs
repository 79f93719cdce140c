//! Pages on which a gateway is to take what is due.

use domain::ids::OrderNumber;
use domain::money::Money;
use domain::rma::RmaNumber;

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

/// How it stands with the gateway, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckoutIs {
    /// It was asked for, or is about to be.
    Asked,
    /// The customer can pay there.
    Open,
    /// They are done, and the money is on its way.
    Waiting,
    Paid,
    /// The money did not come.
    Failed,
    /// Nobody can pay there any more.
    Expired,
}

impl CheckoutIs {
    const ALL: [Self; 6] = [Self::Asked, Self::Open, Self::Waiting, Self::Paid, Self::Failed, Self::Expired];

    /// As stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    /// Whether money may still come of it.
    pub const fn goes_on(self) -> bool {
        matches!(self, Self::Asked | Self::Open | Self::Waiting)
    }
}

/// A page that a gateway was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayCheckout {
    /// Our name for it.
    pub id: String,
    pub rma: RmaNumber,
    pub order: OrderNumber,
    pub amount: Money,
    pub state: CheckoutIs,
    /// The gateway's name for it.
    pub reference: Option<String>,
    /// It takes nothing after that, by the true clock; epoch seconds.
    pub until: i64,
    /// When it was first asked for; epoch milliseconds.
    pub asked_at: i64,
    /// When it last said something, or was asked how it stands.
    pub looked_at: i64,
}

type Columns = (String, String, String, i64, String, String, Option<String>, i64, i64, i64);

macro_rules! columns {
    () => {
        "SELECT id, rma, order_key, amount, currency, state, reference, until, asked_at, looked_at FROM gateway_checkouts "
    };
}

fn read((id, rma, order, amount, currency, state, reference, until, asked_at, looked_at): Columns) -> Result<GatewayCheckout, StoreError> {
    let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("gateway checkout", error);
    Ok(GatewayCheckout {
        rma: rma.parse().map_err(|error| corrupt(&error))?,
        order: order.parse().map_err(|error| corrupt(&error))?,
        amount: Money::new(amount, currency.parse().map_err(|error| corrupt(&error))?),
        state: CheckoutIs::ALL.into_iter().find(|known| known.code() == state).ok_or_else(|| corrupt(&state))?,
        id,
        reference,
        until,
        asked_at,
        looked_at,
    })
}

/// A page by our name for it.
pub async fn find_gateway_checkout(conn: &mut Conn<'_>, id: &str) -> Result<Option<GatewayCheckout>, StoreError> {
    fetch_optional!(conn, Columns, concat!(columns!(), "WHERE id = $1"), id)?.map(read).transpose()
}

/// Pages that were asked for of a return, the oldest first.
pub async fn gateway_checkouts_of(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Vec<GatewayCheckout>, StoreError> {
    let rows = fetch_all!(conn, Columns, concat!(columns!(), "WHERE rma = $1 ORDER BY asked_at, id"), rma.to_string())?;
    rows.into_iter().map(read).collect()
}

/// Pages of which it is not known how they ended, last looked at before a moment; the longest waiting first.
pub async fn open_gateway_checkouts(conn: &mut Conn<'_>, before: i64, most: i64) -> Result<Vec<GatewayCheckout>, StoreError> {
    let rows = fetch_all!(
        conn,
        Columns,
        concat!(columns!(), "WHERE state IN ('asked', 'open', 'waiting') AND looked_at < $1 ORDER BY looked_at, id LIMIT $2"),
        before,
        most
    )?;
    rows.into_iter().map(read).collect()
}

/// Writes a page down, or how it stands now.
pub async fn put_gateway_checkout(conn: &mut Conn<'_>, row: &GatewayCheckout) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO gateway_checkouts (id, rma, order_key, amount, currency, state, reference, until, asked_at, looked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, reference = excluded.reference, looked_at = excluded.looked_at",
        &row.id,
        row.rma.to_string(),
        row.order.as_str(),
        row.amount.minor,
        row.amount.currency.code(),
        row.state.code(),
        row.reference.as_deref(),
        row.until,
        row.asked_at,
        row.looked_at
    )?;
    Ok(())
}
