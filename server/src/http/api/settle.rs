//! What finance does with a return, by machine: less is offered, money is promised and paid, and what goes out instead is followed.
//! Long because each of these calls says in full what is sent with it, and what is answered.

use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::money::{Amount, Money};
use domain::plain::one_line;
use domain::returns::{
    Collectable, CollectedFor, Command, CommandKind, CommandRefused, GrantNo, LineNo, PaymentNo, RemedyNo, RemedyState, Return,
};
use domain::staff::StaffLimits;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::asked::{Fields, amount, read, read_or_nothing};
use super::call::Call;
use super::commands::{LineNamed, check_version, in_words, lines_named, maybe_words};
use super::people::leave;
use super::problem::Problem;
use super::shapes::ReturnOut;
use crate::desks::MachineDesk;
use crate::http::row::{Body, KeyedCall};
use crate::http::state::AppState;
use crate::services::{HoldAsked, OfferAsked, PayAsked, PayBy, PaymentFate};
use crate::store::Scope;

/// Characters of a bank's, gateway's or shop's name for something.
const LONGEST_REFERENCE: usize = 200;

/// What becomes of a payment, by name.
pub(super) const PAYMENT_FATES: [&str; 3] = ["paid", "failed", "reversed"];

/// The calls, as rows.
pub(super) fn calls() -> Vec<KeyedCall> {
    let call = |scope, route| KeyedCall { scope, body: Body::Text, route };
    vec![
        call(Scope::Staff, routes!(offer)),
        call(Scope::Finance, routes!(grant)),
        call(Scope::Finance, routes!(hold_grant)),
        call(Scope::Finance, routes!(pay)),
        call(Scope::Finance, routes!(payment_became)),
        call(Scope::Staff, routes!(owe_replacement)),
        call(Scope::Staff, routes!(move_remedy)),
        call(Scope::Finance, routes!(collect)),
        // For two scopes, neither of which is good for the other: the call itself looks whether it is one of them.
        call(Scope::Read, routes!(waive)),
    ]
}

/// Less money than expected.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = OfferToMake, examples(json!({}), json!({"lines": [{"id": "1"}], "amount": "35.00"})))]
pub struct OfferIn {
    /// For which lines, of one order where `amount` is said; left out: all that were found to be worth less, and were not asked about.
    #[serde(default)]
    #[schema(min_items = 1)]
    pub lines: Option<Vec<LineNamed>>,
    /// What is offered for them in all, less than they would bring if they were as said; after an appeal it may be all of that, which then is settled
    /// without a question. Left out: what is left once what was found at inspection is taken off.
    #[serde(default)]
    #[schema(schema_with = amount)]
    pub amount: Option<Amount>,
    /// The `version` of the return that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    pub version: Option<u64>,
}

/// Offer less money for what was found to be worth less than said. The customer is told by mail, and accepts, appeals or has it sent back
/// (`…/offer`); where they say nothing until it ends, as the policy's `promises` say (`answer`), it counts as accepted, but never for a withdrawal.
/// What was offered so before answers as it stands.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/offers", tag = "money", operation_id = "make_offer",
    request_body(content = Option<OfferIn>, description = "Nothing is as good as `{}`"),
    params(("rma" = String, Path, description = "Its number"), ("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    responses((status = 200, body = ReturnOut))
)]
pub async fn offer(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(rma): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let given: OfferIn = read_or_nothing(&body)?;
    let access = leave(&desk, &rma, CommandKind::Offer)?;
    let named = call.named(&desk.key, &body, StatusCode::OK)?;
    let made = state.services.offer(access, named, move |request| {
        check_version(given.version, request)?;
        Ok::<_, Problem>(OfferAsked { lines: lines_of(request, given.lines.as_deref())?, amount: given.amount })
    });
    Ok(call.answer(made.await?, StatusCode::OK))
}

/// What is promised.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = GrantToMake, examples(json!({}), json!({"lines": [{"id": "1"}]})))]
pub struct GrantIn {
    /// Lines; left out: all for which it is due.
    #[serde(default)]
    #[schema(min_items = 1)]
    pub lines: Option<Vec<LineNamed>>,
    /// On an appeal against what was taken off and is promised: so much more, for `lines` of one order; at most what was taken off.
    #[serde(default)]
    #[schema(schema_with = amount)]
    pub amount: Option<Amount>,
    /// The `version` of the return that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    pub version: Option<u64>,
}

/// Promise what is due for what was looked at, lost or need not come back: the money that the order's books say, never more, and the item that goes
/// out instead. Each lot once; what was promised before answers as it stands. 409: nothing is due yet.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/grant", tag = "money", operation_id = "grant",
    request_body(content = Option<GrantIn>, description = "Nothing is as good as `{}`"),
    params(("rma" = String, Path, description = "Its number"), ("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    responses((status = 200, body = ReturnOut))
)]
pub async fn grant(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(rma): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let given: GrantIn = read_or_nothing(&body)?;
    let access = leave(&desk, &rma, CommandKind::Grant)?;
    let named = call.named(&desk.key, &body, StatusCode::OK)?;
    let limits = StaffLimits::default();
    let Some(amount) = given.amount else {
        let granted = state.services.grant(access, limits, named, move |request| {
            check_version(given.version, request)?;
            lines_of(request, given.lines.as_deref())
        });
        return Ok(call.answer(granted.await?, StatusCode::OK));
    };
    let granted = state.services.grant_on_appeal(access, limits, named, move |request| {
        check_version(given.version, request)?;
        let lines = lines_of(request, given.lines.as_deref())?;
        Ok::<_, Problem>((lines.ok_or_else(|| Problem::field("lines", "names what the amount is for"))?, amount))
    });
    Ok(call.answer(granted.await?, StatusCode::OK))
}

/// What becomes of promised money that has not left, by name.
pub(super) const HOLDS: [&str; 2] = ["held", "released"];

/// Whether promised money may be paid.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = GrantHold, examples(json!({"state": "held", "note": "The bank asks who they are."}), json!({"state": "released"})))]
pub struct HoldIn {
    /// `held`: it is not paid for now, by people, machines or rules; `released`: it may be paid, and what rules pay is sent on its way.
    #[schema(example = "held")]
    pub state: String,
    /// Why, for people at work, in at most 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub note: Option<String>,
}

/// Stop promised money that has not left, or let it go. What the policy wants two people to look at (`second_look_above`) is released by another
/// than who promised it. What is so already answers as it stands. 403, `second-person`: somebody else has to.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/grants/{grant}", tag = "money", operation_id = "hold_grant", request_body = HoldIn,
    params(
        ("rma" = String, Path, description = "Its number"),
        ("grant" = String, Path, description = "The grant's name in it: `g1`"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names this request")
    ),
    responses((status = 200, body = ReturnOut))
)]
pub async fn hold_grant(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path((rma, grant)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Problem> {
    let given: HoldIn = read(&body)?;
    let access = leave(&desk, &rma, CommandKind::Release)?;
    let named = call.named(&desk.key, &body, StatusCode::OK)?;
    let grant: GrantNo = part_of("grant", &grant)?;
    let note = maybe_words("note", given.note.as_deref())?;
    let asked = match given.state.as_str() {
        "held" => HoldAsked::Hold(note),
        "released" => HoldAsked::Release(note),
        other => return Err(Problem::field("state", format!("`{other}` is not one of {}", HOLDS.join(", ")))),
    };
    let done = state.services.hold_grant(access, StaffLimits::default(), named, move |_| Ok::<_, Problem>((grant, asked)));
    Ok(call.answer(done.await?, StatusCode::OK))
}

/// How money leaves.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = PaymentToMake, examples(json!({"method": "manual", "reference": "SEPA 2026-11-27/14"}), json!({"method": "gateway"})))]
pub struct PayIn {
    /// `gateway`: back to the payments of the order, as they were made, by the gateway that took them; `manual`: it was paid by hand, and has left;
    /// `store_credit`: as credit in the shop. What was paid or promised as credit goes back as credit in any case. Left out: as `gateway`.
    #[serde(default)]
    pub method: Option<String>,
    /// With `manual`: what bank or till call it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub reference: Option<String>,
    /// Which grant; left out: all that is promised.
    #[serde(default)]
    #[schema(pattern = "^g[1-9][0-9]{0,8}$")]
    pub grant: Option<String>,
    /// The `version` of the return that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    pub version: Option<u64>,
}

/// Pay what was promised, each grant once: what is paid or on its way answers as it stands. 409: nothing is promised yet.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/pay", tag = "money", operation_id = "pay",
    request_body(content = Option<PayIn>, description = "Nothing is as good as `{}`"),
    params(("rma" = String, Path, description = "Its number"), ("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    responses((status = 200, body = ReturnOut))
)]
pub async fn pay(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(rma): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let given: PayIn = read_or_nothing(&body)?;
    let access = leave(&desk, &rma, CommandKind::Pay)?;
    let named = call.named(&desk.key, &body, StatusCode::OK)?;
    let mut fields = Fields::default();
    let by = fields.listed("method", given.method.as_deref(), &PayBy::NAMES);
    let grant: Option<GrantNo> = fields.parsed("grant", given.grant.as_deref());
    let reference = reference(&mut fields, given.reference.as_deref());
    if reference.is_some() && by != Some(PayBy::Manual) {
        fields.wrong("reference", "goes with `manual`");
    }
    fields.checked()?;
    let version = given.version;
    let paid = state.services.pay(access, StaffLimits::default(), named, move |request| {
        check_version(version, request)?;
        Ok::<_, Problem>(PayAsked { grant, by, reference })
    });
    Ok(call.answer(paid.await?, StatusCode::OK))
}

/// What became of a payment.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PaymentOutcome, examples(json!({"state": "failed", "reason": "The account is closed."})))]
pub struct BecameIn {
    /// `paid`: it has left; `failed`: it did not; `reversed`: it left and came back.
    #[schema(example = "paid")]
    pub state: String,
    /// Why, for people at work, in at most 2,000 characters; with `failed` and `reversed`.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub reason: Option<String>,
    /// With `paid`: what bank or gateway call it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub reference: Option<String>,
}

/// Say what became of a payment. What failed or came back is promised still, and is paid again; what is so already answers as it stands.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/payments/{payment}", tag = "money", operation_id = "report_payment", request_body = BecameIn,
    params(
        ("rma" = String, Path, description = "Its number"),
        ("payment" = String, Path, description = "The payment's name in it: `p1`"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names this request")
    ),
    responses((status = 200, body = ReturnOut))
)]
pub async fn payment_became(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path((rma, payment)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Problem> {
    let given: BecameIn = read(&body)?;
    let access = leave(&desk, &rma, CommandKind::ConfirmPayment)?;
    let named = call.named(&desk.key, &body, StatusCode::OK)?;
    let payment: PaymentNo = part_of("payment", &payment)?;
    let mut fields = Fields::default();
    let reference = reference(&mut fields, given.reference.as_deref());
    let reason = maybe_words("reason", given.reason.as_deref())?;
    let fate = match (given.state.as_str(), &reason, &reference) {
        ("paid", None, _) => Some(PaymentFate::Paid),
        ("failed", _, None) => Some(PaymentFate::Failed(reason)),
        ("reversed", _, None) => Some(PaymentFate::Reversed(reason)),
        ("paid" | "failed" | "reversed", ..) => {
            fields.wrong("", "`reference` goes with `paid`, `reason` with `failed` and `reversed`");
            None
        }
        (other, ..) => {
            fields.wrong("state", format!("`{other}` is not one of {}", PAYMENT_FATES.join(", ")));
            None
        }
    };
    fields.checked()?;
    let Some(fate) = fate else { return Err(Problem::field("state", "is missing")) };
    let said = state.services.payment_became(access, named, move |_| Ok::<_, Problem>((payment, fate, reference)));
    Ok(call.answer(said.await?, StatusCode::OK))
}

/// What goes out in the place of a repair that failed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = ReplacementToOwe, examples(json!({}), json!({"lines": [{"id": "1"}]})))]
pub struct ReplacementIn {
    /// For which lines; left out: all whose repair failed.
    #[serde(default)]
    #[schema(min_items = 1)]
    pub lines: Option<Vec<LineNamed>>,
    /// The `version` of the return that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    pub version: Option<u64>,
}

/// Promise the same new in the place of a repair that failed, where no rule says what comes then, money is due, and the customer would rather have it.
/// What was promised before answers as it stands. 409: no repair failed, or money is promised for it.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/remedies", tag = "money", operation_id = "owe_replacement",
    request_body(content = Option<ReplacementIn>, description = "Nothing is as good as `{}`"),
    params(("rma" = String, Path, description = "Its number"), ("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    responses((status = 200, body = ReturnOut))
)]
pub async fn owe_replacement(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(rma): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let given: ReplacementIn = read_or_nothing(&body)?;
    let access = leave(&desk, &rma, CommandKind::OweRemedy)?;
    let named = call.named(&desk.key, &body, StatusCode::OK)?;
    let owed = state.services.replace(access, named, move |request| {
        check_version(given.version, request)?;
        lines_of(request, given.lines.as_deref())
    });
    Ok(call.answer(owed.await?, StatusCode::OK))
}

/// How far what goes out instead of money has come.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = RemedyStep, examples(json!({"state": "shipped", "reference": "1Z999AA10123456784"})))]
pub struct RemedyIn {
    /// `reserved`, `ordered`, `shipped`, `delivered`, or `called_off`: then money is due for it.
    #[schema(example = "shipped")]
    pub state: String,
    /// The shop's name for the order that goes out, or its parcel's number.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub reference: Option<String>,
}

/// Say how far what goes out instead of money has come: an exchange, a replacement, a repaired item. It only goes on; what is so already answers
/// as it stands.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/remedies/{remedy}", tag = "money", operation_id = "move_remedy", request_body = RemedyIn,
    params(
        ("rma" = String, Path, description = "Its number"),
        ("remedy" = String, Path, description = "The remedy's name in it: `m1`"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names this request")
    ),
    responses((status = 200, body = ReturnOut))
)]
pub async fn move_remedy(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path((rma, remedy)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Problem> {
    let given: RemedyIn = read(&body)?;
    let access = leave(&desk, &rma, CommandKind::MoveRemedy)?;
    let named = call.named(&desk.key, &body, StatusCode::OK)?;
    let remedy: RemedyNo = part_of("remedy", &remedy)?;
    let mut fields = Fields::default();
    let reference = reference(&mut fields, given.reference.as_deref());
    let to = fields.listed("state", Some(&given.state), &RemedyState::MOVES);
    fields.checked()?;
    let Some(to) = to else { return Err(Problem::field("state", "is missing")) };
    let moved = state.services.carry_out(access, named, move |_| Ok::<_, Problem>(Command::MoveRemedy { remedy, to, reference, at: None }));
    Ok(call.answer(moved.await?, StatusCode::OK))
}

/// What the customer paid.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CollectedMoney, examples(json!({"reference": "SEPA 2026-11-27/15"}), json!({"for": "back", "amount": "35.00", "reference": "till 4"})))]
pub struct CollectIn {
    /// `due`: what something dearer in exchange costs more; `back`: what was given before goods came that never did. Left out: what there is of them,
    /// `due` first.
    #[serde(default, rename = "for")]
    pub cause: Option<String>,
    /// The order; may be left out where it is due for one.
    #[serde(default)]
    pub order: Option<String>,
    /// At most what is due or was given; left out: all of it.
    #[serde(default)]
    #[schema(schema_with = amount)]
    pub amount: Option<Amount>,
    /// What bank or till call it. The same again is the same payment.
    #[schema(min_length = 1, max_length = 200)]
    pub reference: String,
    /// The `version` of the return that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    pub version: Option<u64>,
}

/// Record that the customer paid by hand what was due before something dearer goes out, or paid back what was given before goods came that never did.
/// What is due is in the order's books with it, and the exchange goes on. Told before, it answers as it stands. 409: nothing is due, and nothing was given
/// ahead.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/collect", tag = "money", operation_id = "collect", request_body = CollectIn,
    params(("rma" = String, Path, description = "Its number"), ("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    responses((status = 200, body = ReturnOut))
)]
pub async fn collect(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(rma): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let given: CollectIn = read(&body)?;
    let access = leave(&desk, &rma, CommandKind::Collect)?;
    let named = call.named(&desk.key, &body, StatusCode::OK)?;
    let mut fields = Fields::default();
    let reference = reference(&mut fields, Some(&given.reference));
    let cause = fields.listed("for", given.cause.as_deref(), &CAUSES);
    fields.checked()?;
    let collected = state.services.carry_out(access, named, move |request| {
        check_version(given.version, request)?;
        collected_of(request, cause, given.order.as_deref(), given.amount.as_ref(), reference)
    });
    Ok(call.answer(collected.await?, StatusCode::OK))
}

/// What money is collected for, by name.
pub(super) const CAUSES: [(&str, CollectedFor); 2] = [("due", CollectedFor::Due), ("back", CollectedFor::Back)];

/// The command that says so.
fn collected_of(
    request: &Return,
    cause: Option<CollectedFor>,
    order: Option<&str>,
    amount: Option<&Amount>,
    reference: Option<String>,
) -> Result<Command, Problem> {
    let order = match order {
        Some(named) => Some(request.order_meant(named).ok_or_else(|| Problem::field("order", "is none of the return's"))?.clone()),
        None => None,
    };
    // What was told before is known by its name, whatever is due now.
    let before = request.collected.iter().find(|known| known.payment.is_none() && known.reference == reference);
    if let Some(known) = before.filter(|known| cause.is_none_or(|cause| cause == known.cause)) {
        let (order, lots, cause) = (known.order.clone(), known.lots.clone(), known.cause);
        let (currency, amount) = (known.currency, known.amount);
        return Ok(Command::Collect { order, lots, cause, currency, amount, payment: None, reference });
    }
    let meant = |one: &Collectable| cause.is_none_or(|cause| cause == one.cause) && order.as_ref().is_none_or(|order| *order == one.order);
    let mut found = request.collectable();
    found.retain(meant);
    let Some(Collectable { cause, order: number, lots, amount: Money { minor: most, currency } }) = found.first().cloned() else {
        return Err(refused(request, CommandKind::Collect));
    };
    if order.is_none() && found.iter().any(|one| one.cause == cause && one.order != number) {
        return Err(Problem::field("order", "is missing, and it is due for several"));
    }
    let amount = match amount {
        Some(amount) => amount.minor(currency).map_err(|error| Problem::field("amount", error.to_string()))?,
        None if most == 0 => return Err(Problem::field("amount", "is missing, and nobody knows what it is worth")),
        None => most,
    };
    Ok(Command::Collect { order: number, lots, cause, currency, amount, payment: None, reference })
}

fn refused(request: &Return, command: CommandKind) -> Problem {
    CommandRefused { command, status: request.status(), possible: request.possible() }.into()
}

/// What is not asked back.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Waiver, examples(json!({"reason": "They lost it in a move."})))]
pub struct WaiveIn {
    /// Why, for people at work.
    #[schema(min_length = 1, max_length = 2_000)]
    pub reason: String,
    /// For which lines; left out: all for which something was given ahead.
    #[serde(default)]
    #[schema(min_items = 1)]
    pub lines: Option<Vec<LineNamed>>,
    /// The `version` of the return that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    pub version: Option<u64>,
}

/// Ask nothing back of what was given before goods came that never did: money that was paid early, an item that went out at once. What was waived before
/// answers as it stands. For keys of staff and of finance.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/waive", tag = "money", operation_id = "waive", request_body = WaiveIn,
    params(("rma" = String, Path, description = "Its number"), ("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    responses((status = 200, body = ReturnOut))
)]
pub async fn waive(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(rma): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let given: WaiveIn = read(&body)?;
    let access = leave(&desk, &rma, CommandKind::Waive)?;
    let named = call.named(&desk.key, &body, StatusCode::OK)?;
    let reason = in_words("reason", &given.reason)?;
    let waived = state.services.carry_out(access, named, move |request| {
        check_version(given.version, request)?;
        let lines = lines_of(request, given.lines.as_deref())?;
        Ok::<_, Problem>(Command::Waive { lots: lines.map(|lines| request.lots_of(&lines)), reason })
    });
    Ok(call.answer(waived.await?, StatusCode::OK))
}

/// The part of a return that is named in an address.
fn part_of<T: FromStr>(what: &str, name: &str) -> Result<T, Problem> {
    name.parse().map_err(|_| Problem::not_found(format!("this return has no {what} {name}")))
}

fn lines_of(request: &Return, named: Option<&[LineNamed]>) -> Result<Option<Vec<LineNo>>, Problem> {
    named.map(|named| lines_named(request, named)).transpose()
}

fn reference(fields: &mut Fields, text: Option<&str>) -> Option<String> {
    let text = one_line(text?, LONGEST_REFERENCE + 1);
    if !(1..=LONGEST_REFERENCE).contains(&text.chars().count()) {
        fields.wrong("reference", format!("has 1 to {LONGEST_REFERENCE} characters"));
    }
    Some(text)
}
