//! Cases about goods on their way out (P23): opened on an order by people at work, or by the customer who does not have them. Each is a return of those
//! units, in review until it is known what became of them; one that was refused at the door comes back at once. No policy is asked: nothing has
//! reached the customer.

use domain::ids::{Code, LineId};
use domain::item::ItemSaid;
use domain::order::{Address, Order};
use domain::policy::{Basis, Decision, Method, Policy, Resolution, ReviewGround, Sentence, after, local_day};
use domain::returns::{
    Contact, Event, LineAsked, NotOutbound, OnItsWay, Opening, OrderPart, Outbound, OutboundKind, ReportedBy, Return, Role, has_left,
};
use domain::rma::RmaNumber;
use domain::settlement::{Ledger, Settlement};
use domain::words::Locale;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde_json::json;

use super::Services;
use super::access::Access;
use super::doing::Doing;
use super::held::{part_of, units_taken};
use super::once::{Carried, IdempotencyKey};
use super::open_return::{Begun, drawn};
use super::refusals::OpenError;
use super::run::lock_family;
use crate::store::{self, AuditNote, Conn, OrderRow, StoreError};

/// Nobody is given longer than that to find out, in days from today.
const FURTHEST: i64 = 90;

/// What is to be asked about goods on their way out.
#[derive(Clone, Debug)]
pub struct OpenOutbound {
    pub kind: OutboundKind,
    /// Which of the order's deliveries, by its place from 0; nothing: the only one that fits, or, of what is held back, all that has not left.
    pub delivery: Option<usize>,
    /// Units of lines; none named: all that there are.
    pub lines: Vec<(LineId, u32)>,
    pub reported_by: ReportedBy,
    /// What the customer is to get; nothing: their money.
    pub resolution: Option<Resolution>,
    /// What was said of it, in the words of who reported it.
    pub words: Option<String>,
    /// For colleagues.
    pub note: Option<String>,
    /// It is known what became of it by the end of that day; nothing: as the policy says.
    pub until: Option<Date>,
    /// How it came to us: `web`, `phone`, `api`, …
    pub channel: Code,
    /// Of the letters; nothing: the customer's.
    pub locale: Option<Locale>,
}

/// Why nothing was opened.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    #[error("there is no such order")]
    Unknown,
    #[error(transparent)]
    Refused(#[from] NotOutbound),
    #[error("the order, or the delivery, has no line `{0}`")]
    UnknownLine(LineId),
    #[error("{available} of it are there to ask about")]
    Units { line: LineId, available: u32 },
    /// All of it is in returns, or was given back elsewhere.
    #[error("none of it is left to ask about")]
    NothingLeft(Vec<RmaNumber>),
    #[error("this cannot be had for it")]
    Resolution,
    #[error("the day is one from {least} to {most}")]
    Day { least: Date, most: Date },
    #[error("this Idempotency-Key was used for a different request")]
    KeyReused,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OpenError> for OutboundError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => Self::Store(error),
            _ => Self::KeyReused,
        }
    }
}

impl Services {
    /// Opens a case about goods on their way out; by the same key once.
    pub async fn open_outbound(
        &self,
        access: Access<Order>,
        asked: OpenOutbound,
        key: Option<IdempotencyKey>,
    ) -> Result<Carried, OutboundError> {
        let services = self.clone();
        let open =
            self.store.write(move |mut conn| Box::pin(async move { services.open_outbound_in(&mut conn, access, asked, key).await }));
        let opened = open.await?;
        self.done(opened.request.rma);
        Ok(opened)
    }

    async fn open_outbound_in(
        &self,
        conn: &mut Conn<'_>,
        access: Access<Order>,
        asked: OpenOutbound,
        key: Option<IdempotencyKey>,
    ) -> Result<Carried, OutboundError> {
        let (order, doing) = (access.subject, Doing::begin(access.actor, access.role, self.clock.now(), self.hooks.current(conn).await?));
        lock_family(conn, &[order.to_string()]).await?;
        if let Some(key) = &key
            && let Some((before, answer)) = key.before(conn).await?
        {
            let rma: RmaNumber = before.answer.parse().map_err(|error| StoreError::corrupt("answer", error))?;
            let request = store::find_return(conn, rma).await?.ok_or_else(|| StoreError::corrupt("answer", "its return is gone"))?;
            return Ok(Carried { request, again: true, answer, command: None });
        }
        let (row, returns) = store::find_order_with_returns(conn, order.as_str()).await?.ok_or(OutboundError::Unknown)?;
        let (policy_version, policy) = self.policies.for_order(conn, row.order.placed_at).await?;
        let way = asked.kind.on_its_way(&row.order, asked.delivery)?;
        // Whoever says that it is not there knows that it left; where no shop tells how it goes, a person opens it.
        if access.role == Role::Customer && !way.delivery.is_some_and(has_left) {
            return Err(NotOutbound::NotLeft.into());
        }
        let lines = self.outbound_lines(&asked, &row, &returns, &way, &policy)?;
        let (opening, outbound) = opening(&asked, &row, lines, &way, (policy_version, &policy), doing.now)?;
        let priced = priced(opening, &outbound, &row, &returns, &policy)?;
        let opened = loop {
            let mut events = Return::open_outbound(Opening { rma: drawn(), ..priced.clone() }, outbound.clone());
            events.extend(asked.note.clone().map(|note| Event::Noted { note }));
            let begun = Begun::of(events)?;
            if store::insert_return(conn, &begun.written(&doing)?).await? {
                break begun.request;
            }
        };
        if let Some(by) = access.by {
            let after = Some(format!("{} of order {}", asked.kind, row.order.number));
            let private = Some(json!({"words": asked.words, "note": asked.note}).to_string());
            let note = by.note(doing.now, "open_outbound", format!("return:{}", opened.rma));
            let note = AuditNote { after, private, ..note };
            store::note_audit(conn, &note).await?;
        }
        let mut answer = None;
        if let Some(key) = &key {
            answer = key.keep(conn, &opened, doing.now).await?.ok_or(OutboundError::KeyReused)?;
        }
        Ok(Carried { request: opened, again: false, answer, command: None })
    }

    /// What is asked about, as lines of a return.
    fn outbound_lines(
        &self,
        asked: &OpenOutbound,
        row: &OrderRow,
        returns: &[Return],
        way: &OnItsWay<'_>,
        policy: &Policy,
    ) -> Result<Vec<LineAsked>, OutboundError> {
        let resolution = asked.resolution.unwrap_or(Resolution::Refund);
        if !asked.kind.resolutions().contains(&resolution) {
            return Err(OutboundError::Resolution);
        }
        let mut in_returns = Vec::new();
        let mut left: Vec<(LineId, u32)> = Vec::new();
        for (id, units) in &way.units {
            let Some(line) = row.order.line(id) else { continue };
            let taken = units_taken(row, returns, id);
            left.push((id.clone(), (*units).min(line.quantity.saturating_sub(taken.units))));
            in_returns.extend(taken.in_returns);
        }
        let mut wanted: Vec<(LineId, u32)> = left.iter().filter(|(_, units)| *units > 0).cloned().collect();
        if !asked.lines.is_empty() {
            wanted = Vec::new();
            for (id, units) in &asked.lines {
                let known = left.iter().find(|(known, _)| known == id).ok_or_else(|| OutboundError::UnknownLine(id.clone()))?;
                let before: u32 = wanted.iter().filter(|(known, _)| known == id).map(|(_, units)| units).sum();
                let available = known.1.saturating_sub(before);
                if *units == 0 || *units > available {
                    return Err(OutboundError::Units { line: id.clone(), available });
                }
                wanted.push((id.clone(), *units));
            }
        }
        if wanted.is_empty() {
            in_returns.sort_by_key(ToString::to_string);
            in_returns.dedup();
            return Err(OutboundError::NothingLeft(in_returns));
        }
        let certain = asked.kind.is_certain();
        let reason: Code = asked.kind.reason().parse().map_err(|error| StoreError::corrupt("reason", error))?;
        let line = |(place, (id, quantity)): (usize, (LineId, u32))| {
            let product = row.order.line(&id)?;
            Some(LineAsked {
                order: row.order.number.clone(),
                line: id,
                sku: product.sku.clone(),
                name: product.name.clone(),
                variant: product.variant.clone(),
                category: product.category.clone(),
                kinds: policy.kinds_of(product),
                image: product.image.clone(),
                quantity,
                reason: reason.clone(),
                sub_reason: None,
                fault: asked.kind.fault(),
                said: ItemSaid { comment: asked.words.clone().filter(|_| place == 0), ..ItemSaid::default() },
                resolution,
                basis: Basis::Policy,
                exchange_sku: None,
                exchange_name: None,
                exchange_price: None,
                succeeds: None,
                never_arrived: matches!(asked.kind, OutboundKind::Cancel | OutboundKind::NotReceived),
                evidence: Vec::new(),
                evidence_wanted: Vec::new(),
                verdict: if certain { Decision::Approved } else { Decision::InReview },
                why: if certain { Vec::new() } else { vec![Sentence::Review { ground: ReviewGround::Outbound }] },
                review: (!certain).then_some(ReviewGround::Outbound),
                terms: Some(asked.kind.terms()),
            })
        };
        Ok(wanted.into_iter().enumerate().filter_map(line).collect())
    }
}

fn opening(
    asked: &OpenOutbound,
    row: &OrderRow,
    lines: Vec<LineAsked>,
    way: &OnItsWay<'_>,
    (policy_version, policy): (i64, &Policy),
    now: Timestamp,
) -> Result<(Opening, Outbound), OutboundError> {
    let (order, customer) = (&row.order, &row.order.customer);
    let span = if asked.kind.is_carried() { policy.promises.investigation } else { policy.promises.stop };
    let until = match asked.until {
        None => after(policy, now, span),
        Some(day) => {
            let least = local_day(now, &policy.time_zone);
            let most = least.saturating_add(FURTHEST.days());
            policy.end_of(day).filter(|_| (least..=most).contains(&day)).ok_or(OutboundError::Day { least, most })?
        }
    };
    let outbound = Outbound {
        kind: asked.kind,
        reported_by: asked.reported_by,
        delivery: way.delivery.map(Into::into),
        ask_by: after(policy, now, policy.promises.review).min(until),
        until,
        pursued: None,
        outcome: None,
    };
    let opening = Opening {
        rma: drawn(),
        opened_at: now,
        channel: asked.channel.clone(),
        locale: asked.locale.or(customer.locale).unwrap_or(Locale::En),
        contact: Contact { name: customer.name.clone(), email: customer.email.clone(), phone: customer.phone.clone() },
        from: order.ship_to.clone().map(|from| Address { name: from.name.or(customer.name.clone()), ..from }),
        withdrawal: false,
        orders: vec![OrderPart {
            number: order.number.clone(),
            placed_at: order.placed_at,
            policy_version,
            settlement: Settlement::nothing(order.currency),
        }],
        lines,
        method: Method::None,
        pickup: None,
        promises: asked.kind.promises(policy, until, now),
    };
    Ok((opening, outbound))
}

/// With what it comes to in the order's books, after the returns that were opened before it.
fn priced(opening: Opening, outbound: &Outbound, row: &OrderRow, returns: &[Return], policy: &Policy) -> Result<Opening, StoreError> {
    let request = Begun::of(Return::open_outbound(opening.clone(), outbound.clone()))?.request;
    let outside = row.outside();
    let mut ledger = Ledger::beside(&row.order, policy.gifts, &outside, row.goodwill(), &row.lowered());
    for earlier in returns {
        ledger.enter(&part_of(row, policy, earlier));
    }
    let settlement = ledger.enter(&part_of(row, policy, &request));
    let orders = opening.orders.iter().map(|part| OrderPart { settlement: settlement.clone(), ..part.clone() }).collect();
    Ok(Opening { orders, ..opening })
}
