//! Names of payments as gateways, banks and bookkeepers see them.

use domain::returns::PaymentNo;
use domain::rma::RmaNumber;

/// Our name for a payment at its gateway: what it is asked by, and what its answers are known by.
pub fn refund_name(rma: RmaNumber, payment: PaymentNo) -> String {
    format!("{rma}-{payment}")
}

/// What such a name names; nothing where somebody else gave it.
pub(super) fn named(name: &str) -> Option<(RmaNumber, PaymentNo)> {
    let (rma, payment) = name.rsplit_once('-')?;
    let named: (RmaNumber, PaymentNo) = (rma.parse().ok()?, payment.parse().ok()?);
    (refund_name(named.0, named.1) == name).then_some(named)
}
