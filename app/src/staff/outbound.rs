//! Goods that have not reached the customer (P23): what is asked about them from the page of an order, and what became of them on the page of the return
//! that it is.

use std::collections::BTreeMap;

use domain::ids::LineId;
use domain::item::LONGEST_COMMENT;
use domain::policy::Resolution;
use domain::returns::{Command, CommandKind, LONGEST_REFERENCE, OutboundKind, OutboundOutcome, ReportedBy, Return};
use jiff::civil::Date;
use leptos::prelude::*;

use super::decisions::{Decide, unfilled};
use crate::forms::{Fields, noted};
use crate::messages::Messages;
use crate::ports::{CasePage, Mistake, Noted, OrderPage};
use crate::say::Say;
use crate::ui::{Field, FieldError, field_id, mistake_at};

/// Something to ask about goods of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskOutbound {
    pub kind: OutboundKind,
    /// Which delivery, from 0; nothing: the one that fits.
    pub delivery: Option<usize>,
    /// Units of lines; none: all.
    pub lines: Vec<(LineId, u32)>,
    pub by: ReportedBy,
    pub wish: Resolution,
    pub until: Option<Date>,
    pub words: Option<String>,
    pub note: Option<String>,
    /// Names this form.
    pub key: String,
}

impl AskOutbound {
    pub const KIND: &str = "outbound-kind";
    pub const DELIVERY: &str = "outbound-delivery";
    const BY: &str = "outbound-by";
    pub const WISH: &str = "outbound-wish";
    pub const UNTIL: &str = "outbound-until";
    const WORDS: &str = "outbound-words";
    const NOTE: &str = "outbound-note";
    const UNITS: &str = "outbound-units-";
    const KEY: &str = "key";

    /// The field of a line's units.
    #[must_use]
    pub fn units_of(line: &str) -> String {
        format!("{}{line}", Self::UNITS)
    }

    /// What was sent, of an order with these lines.
    pub fn parse(fields: &Fields, lines: &[LineId]) -> Result<Self, Noted> {
        let kind = fields.get(Self::KIND).parse().map_err(|()| noted(Self::KIND, Mistake::Unanswered))?;
        let mut units = Vec::new();
        for line in lines {
            let field = Self::units_of(line.as_str());
            let Some(typed) = fields.maybe(&field) else { continue };
            match typed.trim().parse::<u32>() {
                Ok(0) => {}
                Ok(count) => units.push((line.clone(), count)),
                Err(_) => return Err(noted(&field, Mistake::Unanswered)),
            }
        }
        let words = |field: &'static str| {
            let words = fields.maybe(field).map(|words| words.replace("\r\n", "\n"));
            let long = words.as_ref().is_some_and(|words| words.chars().count() > LONGEST_COMMENT);
            if long { Err(noted(field, Mistake::CommentLong { most: LONGEST_COMMENT as u32 })) } else { Ok(words) }
        };
        Ok(Self {
            kind,
            delivery: fields.get(Self::DELIVERY).parse().ok(),
            lines: units,
            by: fields.get(Self::BY).parse().unwrap_or(ReportedBy::Customer),
            wish: fields.get(Self::WISH).parse().unwrap_or(Resolution::Refund),
            until: day(fields, Self::UNTIL)?,
            words: words(Self::WORDS)?,
            note: words(Self::NOTE)?,
            key: fields.get(Self::KEY).chars().take(100).collect(),
        })
    }

    /// What was typed, to be shown again.
    #[must_use]
    pub fn typed(fields: &Fields) -> BTreeMap<String, String> {
        let ours = fields.0.iter().filter(|(name, value)| name.starts_with("outbound-") && !value.is_empty());
        ours.take(300).map(|(name, value)| (name.clone(), value.chars().take(LONGEST_COMMENT).collect())).collect()
    }
}

/// A day, where one was typed.
fn day(fields: &Fields, field: &'static str) -> Result<Option<Date>, Noted> {
    fields.maybe(field).map(|text| text.parse().map_err(|_| noted(field, Mistake::Unanswered))).transpose()
}

/// What is known of goods on their way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboundForm {
    Pursue { reference: String, until: Option<Date> },
    Answer { outcome: OutboundOutcome, reason: Option<String>, note: Option<String> },
}

impl OutboundForm {
    const DO: &str = "outbound-do";
    pub const REFERENCE: &str = "outbound-reference";
    pub const UNTIL: &str = "outbound-answer-by";
    pub const OUTCOME: &str = "outbound-outcome";
    pub const REASON: &str = "outbound-reason";
    const NOTE: &str = "outbound-note";
    const PURSUE: &str = "do-pursue-outbound";
    const ANSWER: &str = "do-answer-outbound";

    /// What was sent, and the version of the return that was looked at.
    pub fn parse(fields: &Fields) -> Result<(Self, u64), Noted> {
        let version = fields.get(Decide::VERSION).parse().map_err(|_| noted("", Mistake::Changed))?;
        let words = |field: &'static str| {
            let words = fields.maybe(field).map(|words| words.replace("\r\n", "\n"));
            let long = words.as_ref().is_some_and(|words| words.chars().count() > LONGEST_COMMENT);
            if long { Err(noted(field, Mistake::CommentLong { most: LONGEST_COMMENT as u32 })) } else { Ok(words) }
        };
        let form = if fields.get(Self::DO) == CommandKind::PursueOutbound.code() {
            let reference = fields.maybe(Self::REFERENCE).ok_or_else(|| noted(Self::REFERENCE, Mistake::Unanswered))?;
            if reference.chars().count() > LONGEST_REFERENCE {
                return Err(noted(Self::REFERENCE, Mistake::CommentLong { most: LONGEST_REFERENCE as u32 }));
            }
            Self::Pursue { reference, until: day(fields, Self::UNTIL)? }
        } else {
            let outcome: OutboundOutcome = fields.get(Self::OUTCOME).parse().map_err(|()| noted(Self::OUTCOME, Mistake::Unanswered))?;
            let reason = words(Self::REASON)?;
            if reason.is_none() && !outcome.gives() {
                return Err(noted(Self::REASON, Mistake::StaffWordsMissing));
            }
            if let Some(mistake) = unfilled(reason.as_deref().unwrap_or_default()) {
                return Err(noted(Self::REASON, mistake));
            }
            Self::Answer { outcome, reason, note: words(Self::NOTE)? }
        };
        Ok((form, version))
    }

    #[must_use]
    pub fn kind(&self) -> CommandKind {
        match self {
            Self::Pursue { .. } => CommandKind::PursueOutbound,
            Self::Answer { .. } => CommandKind::AnswerOutbound,
        }
    }

    /// Whether the customer gets what they asked for by it.
    #[must_use]
    pub fn gives(&self) -> bool {
        matches!(self, Self::Answer { outcome, .. } if outcome.gives())
    }

    #[must_use]
    pub fn command(self) -> Command {
        match self {
            Self::Pursue { reference, until } => Command::PursueOutbound { reference, until },
            Self::Answer { outcome, reason, note } => Command::AnswerOutbound { outcome, reason, note },
        }
    }

    /// The forms that say which version was looked at.
    pub(super) fn ids(request: &Return) -> Vec<&'static str> {
        if request.outbound.is_some() { vec![Self::PURSUE, Self::ANSWER] } else { Vec::new() }
    }
}

impl Say {
    #[must_use]
    pub fn outbound_kind(&self, kind: OutboundKind) -> &'static str {
        match kind {
            OutboundKind::Cancel => self.m.outbound_cancel(),
            OutboundKind::Intercept => self.m.outbound_intercept(),
            OutboundKind::Refused => self.m.outbound_refused(),
            OutboundKind::NotReceived => self.m.outbound_not_received(),
        }
    }

    #[must_use]
    pub fn outbound_outcome(&self, outcome: OutboundOutcome) -> &'static str {
        match outcome {
            OutboundOutcome::Stopped => self.m.outbound_stopped(),
            OutboundOutcome::TooLate => self.m.outbound_too_late(),
            OutboundOutcome::ComingBack => self.m.outbound_coming_back(),
            OutboundOutcome::Delivered => self.m.outbound_delivered(),
            OutboundOutcome::Lost => self.m.outbound_lost(),
        }
    }

    fn reported_by(&self, by: ReportedBy) -> &'static str {
        match by {
            ReportedBy::Customer => self.m.outbound_by_customer(),
            ReportedBy::Carrier => self.m.outbound_by_carrier(),
            ReportedBy::Shop => self.m.outbound_by_shop(),
        }
    }
}

/// "Something about the delivery", on the page of an order.
#[component]
pub(super) fn Ask(page: OrderPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let typed = |name: &str| page.typed.get(name).cloned().unwrap_or_default();
    let wrong = |name: &str| mistake_at(&page.mistakes, name);
    let ours = |noted: &Noted| noted.field.starts_with("outbound-");
    let open = page.mistakes.iter().any(ours) || page.typed.keys().any(|name| name.starts_with("outbound-"));
    let choice = |name: &'static str, label: &'static str, options: Vec<(String, String)>| {
        let (id, chosen) = (field_id(name), typed(name));
        let options: Vec<_> = options
            .into_iter()
            .map(|(value, text)| view! { <option value=value.clone() selected=value == chosen>{text}</option> })
            .collect();
        view! { <p class="field"><label for=id.clone()>{label}</label><FieldError mistake=wrong(name) id=id.clone()/><select id=id name=name>{options}</select></p> }
    };
    let kinds = OutboundKind::ALL.iter().map(|kind| (kind.code().to_owned(), say.outbound_kind(*kind).to_owned())).collect();
    let by = ReportedBy::ALL.iter().map(|by| (by.code().to_owned(), say.reported_by(*by).to_owned())).collect();
    let wishes =
        [Resolution::Refund, Resolution::Replacement].map(|wish| (wish.code().to_owned(), say.resolution(wish).to_owned())).to_vec();
    let deliveries = (page.order.deliveries.len() > 1).then(|| {
        let named = page.order.deliveries.iter().enumerate().map(|(place, delivery)| {
            let about = [Some(format!("{}.", place + 1)), delivery.carrier.clone(), delivery.tracking_number.clone()];
            (place.to_string(), about.into_iter().flatten().collect::<Vec<_>>().join(" · "))
        });
        let any = std::iter::once((String::new(), m.outbound_delivery_any().to_owned()));
        choice(AskOutbound::DELIVERY, m.outbound_delivery(), any.chain(named).collect())
    });
    let units: Vec<_> = page
        .items
        .iter()
        .filter(|item| item.units > item.in_returns && item.came_for.is_none())
        .map(|item| {
            let name = AskOutbound::units_of(&item.line);
            let (id, value, mistake) = (field_id(&name), typed(&name), wrong(&name));
            view! {
                <p class="field">
                    <label for=id.clone()>{m.outbound_units(&item.name)}</label>
                    <FieldError mistake=mistake id=id.clone()/>
                    <input id=id name=name value=value inputmode="numeric" autocomplete="off"/>
                </p>
            }
        })
        .collect();
    if units.is_empty() {
        return ().into_any();
    }
    let some = page.typed.keys().any(|name| name.starts_with(AskOutbound::UNITS));
    let text = |name: &'static str, label: &'static str, hint: Option<&'static str>| {
        let id = field_id(name);
        view! {
            <p class="field">
                <label for=id.clone()>{label}</label>
                {hint.map(|hint| view! { <span class="hint">{hint}</span> })}
                <FieldError mistake=wrong(name) id=id.clone()/>
                <textarea id=id name=name rows="3" maxlength=LONGEST_COMMENT>{typed(name)}</textarea>
            </p>
        }
    };
    let until_id = field_id(AskOutbound::UNTIL);
    view! {
        <section class="talk" aria-label=m.outbound_open()>
            <details class="card" open=open>
                <summary>{m.outbound_open()}</summary>
                <p class="quiet">{m.outbound_open_text()}</p>
                <form class="form" method="post" action=format!("{}/outbound", page.order.path)>
                    <input type="hidden" name=AskOutbound::KEY value=page.key.clone()/>
                    {choice(AskOutbound::KIND, m.outbound_kind(), kinds)}
                    {deliveries}
                    {choice(AskOutbound::BY, m.outbound_by(), by)}
                    {choice(AskOutbound::WISH, m.outbound_wish(), wishes)}
                    <p class="field">
                        <label for=until_id.clone()>{m.outbound_until()}</label>
                        <span class="hint">{m.outbound_until_hint()}</span>
                        <FieldError mistake=wrong(AskOutbound::UNTIL) id=until_id.clone()/>
                        <input id=until_id type="date" name=AskOutbound::UNTIL value=typed(AskOutbound::UNTIL)/>
                    </p>
                    <details open=some><summary>{m.outbound_some()}</summary>{units}</details>
                    {text(AskOutbound::WORDS, m.outbound_words(), Some(m.outbound_words_hint()))}
                    {text(AskOutbound::NOTE, m.staff_talk_note(), None)}
                    <p class="acts"><button class="btn" type="submit">{m.outbound_open_action()}</button></p>
                </form>
            </details>
        </section>
    }
    .into_any()
}

/// What is known of goods on their way out, beside the orders.
#[component]
pub(super) fn Known(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let outbound = page.request.outbound.clone()?;
    let delivery = outbound.delivery.clone().unwrap_or_default();
    let by = [delivery.carrier, delivery.tracking_number].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let rows = [
        (m.outbound_kind(), Some(say.outbound_kind(outbound.kind).to_owned())),
        (m.outbound_said_by(), Some(say.reported_by(outbound.reported_by).to_owned())),
        (m.outbound_delivery(), Some(by).filter(|by| !by.is_empty())),
        (m.outbound_left(), delivery.shipped_at.map(|at| say.f.moment(at))),
        (m.outbound_arrived(), delivery.delivered_at.map(|at| say.f.moment(at))),
        (m.outbound_reference(), outbound.pursued.clone()),
        (m.outbound_due(), outbound.is_open().then(|| say.f.moment(outbound.until))),
        (m.outbound_became(), outbound.outcome.map(|outcome| say.outbound_outcome(outcome).to_owned())),
    ];
    let rows: Vec<_> = rows.into_iter().filter_map(|(name, value)| Some(view! { <dt>{name}</dt><dd>{value?}</dd> })).collect();
    Some(view! { <section class="card"><h2 class="h">{m.outbound_title()}</h2><dl class="facts-of">{rows}</dl></section> })
}

/// "The carrier was asked", and "what became of it".
#[component]
pub(super) fn Tell(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let outbound = page.request.outbound.clone()?;
    let can = |kind: CommandKind| page.can.contains(&kind);
    if !can(CommandKind::AnswerOutbound) && !can(CommandKind::PursueOutbound) {
        return None;
    }
    let typed: BTreeMap<String, String> = page.counted.clone().into_iter().collect();
    let typed = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let wrong = |name: &str| mistake_at(&page.mistakes, name);
    let action = format!("/staff/returns/{}/outbound", page.request.rma);
    let until_id = field_id(OutboundForm::UNTIL);
    let pursue = can(CommandKind::PursueOutbound).then(|| {
        let open = wrong(OutboundForm::REFERENCE).or(wrong(OutboundForm::UNTIL)).is_some();
        view! {
            <details class="card" open=open>
                <summary>{m.outbound_pursue()}</summary>
                <form class="form" method="post" action=action.clone() id=OutboundForm::PURSUE>
                    <input type="hidden" name=OutboundForm::DO value=CommandKind::PursueOutbound.code()/>
                    <Field name=OutboundForm::REFERENCE label=m.outbound_reference_label() hint="" value=typed(OutboundForm::REFERENCE) wrong=wrong(OutboundForm::REFERENCE) autocomplete="off" inputmode="text"/>
                    <p class="field">
                        <label for=until_id.clone()>{m.outbound_pursue_until()}</label>
                        <span class="hint">{m.outbound_until_hint()}</span>
                        <FieldError mistake=wrong(OutboundForm::UNTIL) id=until_id.clone()/>
                        <input id=until_id.clone() type="date" name=OutboundForm::UNTIL value=typed(OutboundForm::UNTIL)/>
                    </p>
                    <p class="acts"><button class="btn second small" type="submit">{m.outbound_pursue_action()}</button></p>
                </form>
            </details>
        }
    });
    let reads = Messages::new(page.request.locale).language_name();
    let (outcome_id, reason_id, note_id) = (field_id(OutboundForm::OUTCOME), field_id(OutboundForm::REASON), field_id(OutboundForm::NOTE));
    let answer = can(CommandKind::AnswerOutbound).then(|| {
        let chosen = typed(OutboundForm::OUTCOME);
        let known = |outcome: &&OutboundOutcome| outbound.outcome != Some(**outcome) || page.request.lines.iter().any(domain::returns::ReturnLine::is_appealed);
        let options: Vec<_> = outbound
            .kind
            .outcomes()
            .iter()
            .filter(known)
            .map(|outcome| view! { <option value=outcome.code() selected=outcome.code() == chosen>{say.outbound_outcome(*outcome)}</option> })
            .collect();
        let open = [OutboundForm::OUTCOME, OutboundForm::REASON, OutboundForm::NOTE].into_iter().any(|name| wrong(name).is_some());
        view! {
            <details class="card" open=open>
                <summary>{m.outbound_became()}</summary>
                <form class="form" method="post" action=action.clone() id=OutboundForm::ANSWER>
                    <input type="hidden" name=OutboundForm::DO value=CommandKind::AnswerOutbound.code()/>
                    <p class="field">
                        <label for=outcome_id.clone()>{m.outbound_became()}</label>
                        <FieldError mistake=wrong(OutboundForm::OUTCOME) id=outcome_id.clone()/>
                        <select id=outcome_id.clone() name=OutboundForm::OUTCOME>{options}</select>
                    </p>
                    <p class="field">
                        <label for=reason_id.clone()>{m.outbound_reason()}</label>
                        <span class="hint">{m.outbound_reason_hint(reads)}</span>
                        <FieldError mistake=wrong(OutboundForm::REASON) id=reason_id.clone()/>
                        <textarea id=reason_id.clone() name=OutboundForm::REASON rows="4" maxlength=LONGEST_COMMENT>{typed(OutboundForm::REASON)}</textarea>
                    </p>
                    <p class="field">
                        <label for=note_id.clone()>{m.staff_talk_note()}</label>
                        <FieldError mistake=wrong(OutboundForm::NOTE) id=note_id.clone()/>
                        <textarea id=note_id.clone() name=OutboundForm::NOTE rows="2" maxlength=LONGEST_COMMENT>{typed(OutboundForm::NOTE)}</textarea>
                    </p>
                    <p class="acts"><button class="btn" type="submit">{m.outbound_answer_action()}</button></p>
                </form>
            </details>
        }
    });
    Some(view! { <section class="talk" aria-label=m.outbound_title()>{answer}{pursue}</section> })
}
