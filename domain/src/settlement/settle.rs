//! From what policy says of a request to what goes into the books.

use super::claims::Claim;
use super::terms::{FeeTerms, Terms};
use crate::policy::{Basis, Case, CaseLine, LineVerdict, Offer, Payer};

/// What goes into the books of a request that was judged: the lines not declined, each with its wish or the first thing offered.
pub fn claims(case: &Case<'_>, verdicts: &[LineVerdict<'_>]) -> Vec<Claim> {
    verdicts.iter().zip(case.lines).filter_map(|(verdict, asked)| claim(case, verdict, asked)).collect()
}

/// What goes into the books for one line; nothing where it is declined.
pub fn claim(case: &Case<'_>, verdict: &LineVerdict<'_>, asked: &CaseLine) -> Option<Claim> {
    let offer = verdict.taken(asked).filter(|_| verdict.refusals.is_empty())?;
    let terms = terms(case, verdict, asked, offer);
    let claim = Claim::of(case.order.in_books(&verdict.line).clone(), verdict.quantity, offer.resolution, terms);
    Some(Claim { succeeds: case.order.successor(&verdict.line).and_then(|successor| successor.price), ..claim })
}

/// What the verdict on a line means in money, where the customer takes `offer`.
fn terms(case: &Case<'_>, verdict: &LineVerdict<'_>, asked: &CaseLine, offer: &Offer<'_>) -> Terms {
    let currency = case.order.currency;
    let freight = asked.sends_back(offer.resolution).then(|| {
        if offer.payer == Payer::Merchant {
            return 0;
        }
        let by_policy = verdict.freight.filter(|_| offer.basis == Basis::Policy);
        let flat = by_policy.and_then(|rule| rule.then.flat.as_ref()).and_then(|flat| flat.in_currency(currency));
        let of_method = || {
            case.method
                .and_then(|method| verdict.methods_of(offer).into_iter().find(|(offered, _)| *offered == method))
                .map(|(_, price)| price)
        };
        // Where no way is chosen yet, a flat amount is known all the same.
        of_method().or(flat).unwrap_or(0)
    });
    Terms {
        fee: offer.fee.and_then(|rule| FeeTerms::of(&rule.then, currency)),
        share: offer.share,
        outbound: offer.outbound,
        payer: offer.payer,
        freight,
    }
}

/// What a parcel's way back costs the customer: nothing where any line of it travels at the shop's cost (one parcel, one freight), else
/// the least that any line in it asks. None where nothing travels.
pub fn freight_charge<'t>(terms: impl IntoIterator<Item = &'t Terms>) -> Option<i64> {
    terms.into_iter().filter_map(|terms| terms.freight).min()
}
