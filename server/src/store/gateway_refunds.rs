//! What a gateway was asked to give back.

use domain::returns::PaymentNo;
use domain::rma::RmaNumber;

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

/// How it stands with the gateway, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayState {
    /// It was asked, or is about to be.
    Asked,
    /// It was asked for the last time, and may have done it.
    Unheard,
    Pending,
    RequiresAction,
    Succeeded,
    Failed,
    Canceled,
    /// It knows nothing of it, and is not asked again.
    GivenUp,
}

impl GatewayState {
    const ALL: [Self; 8] =
        [Self::Asked, Self::Unheard, Self::Pending, Self::RequiresAction, Self::Succeeded, Self::Failed, Self::Canceled, Self::GivenUp];

    /// As stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Unheard => "unheard",
            Self::Pending => "pending",
            Self::RequiresAction => "requires_action",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::GivenUp => "given_up",
        }
    }
}

/// A refund that a gateway was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayRefund {
    /// Our name for it.
    pub id: String,
    pub rma: RmaNumber,
    pub payment: PaymentNo,
    pub state: GatewayState,
    /// The gateway's name for it.
    pub reference: Option<String>,
    /// When it was first asked; epoch milliseconds.
    pub asked_at: i64,
    /// When it last said something, or was asked how it stands.
    pub looked_at: i64,
}

type Columns = (String, String, String, String, Option<String>, i64, i64);

macro_rules! columns {
    () => {
        "SELECT id, rma, payment, state, reference, asked_at, looked_at FROM gateway_refunds "
    };
}

fn read((id, rma, payment, state, reference, asked_at, looked_at): Columns) -> Result<GatewayRefund, StoreError> {
    let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("gateway refund", error);
    Ok(GatewayRefund {
        rma: rma.parse().map_err(|error| corrupt(&error))?,
        payment: payment.parse().map_err(|error| corrupt(&error))?,
        state: GatewayState::ALL.into_iter().find(|known| known.code() == state).ok_or_else(|| corrupt(&state))?,
        id,
        reference,
        asked_at,
        looked_at,
    })
}

/// A refund by our name for it.
pub async fn find_gateway_refund(conn: &mut Conn<'_>, id: &str) -> Result<Option<GatewayRefund>, StoreError> {
    fetch_optional!(conn, Columns, concat!(columns!(), "WHERE id = $1"), id)?.map(read).transpose()
}

/// What was asked for a return, by payments.
pub async fn gateway_refunds_of(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Vec<GatewayRefund>, StoreError> {
    let rows = fetch_all!(conn, Columns, concat!(columns!(), "WHERE rma = $1 ORDER BY id"), rma.to_string())?;
    rows.into_iter().map(read).collect()
}

/// Refunds of which it is not known how they ended, asked for and last looked at before a moment; the longest waiting first.
pub async fn open_gateway_refunds(conn: &mut Conn<'_>, before: i64, most: i64) -> Result<Vec<GatewayRefund>, StoreError> {
    let rows = fetch_all!(
        conn,
        Columns,
        concat!(
            columns!(),
            "WHERE state IN ('asked', 'unheard', 'pending', 'requires_action') AND looked_at < $1 ORDER BY looked_at, id LIMIT $2"
        ),
        before,
        most
    )?;
    rows.into_iter().map(read).collect()
}

/// Writes a refund down, or how it stands now.
pub async fn put_gateway_refund(conn: &mut Conn<'_>, row: &GatewayRefund) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO gateway_refunds (id, rma, payment, state, reference, asked_at, looked_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, reference = excluded.reference, looked_at = excluded.looked_at",
        &row.id,
        row.rma.to_string(),
        row.payment.to_string(),
        row.state.code(),
        row.reference.as_deref(),
        row.asked_at,
        row.looked_at
    )?;
    Ok(())
}
