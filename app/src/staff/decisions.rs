//! What can be said and decided about a return by people at work.

use domain::item::LONGEST_COMMENT;
use domain::replies::places_of;
use domain::returns::{Command, CommandKind, LineNo, Return};
use jiff::civil::Date;
use leptos::prelude::*;

use super::hand_over::HandOver;
use super::keys::{self, Key};
use super::macros::Pick;
use super::replies::{FillIn, REPLY, braced};
use crate::forms::{Fields, noted};
use crate::messages::Messages;
use crate::ports::{CasePage, Mistake, Noted};
use crate::say::Say;
use crate::ui::{FieldError, escaped, field_id, mistake_at};

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Approve,
    Decline,
    Ask,
    Cancel,
    /// More time to send it.
    Extend,
    /// Something said to the customer.
    Write,
    /// Something said to colleagues.
    Note,
    /// What the customer wrote needs no answer.
    SettleTalk,
}

impl Decision {
    pub(super) const ALL: [Self; 8] =
        [Self::Approve, Self::Decline, Self::Ask, Self::Cancel, Self::Extend, Self::Write, Self::Note, Self::SettleTalk];

    /// Whether the next case comes after it: talk leaves the case open.
    #[must_use]
    pub fn decides(self) -> bool {
        matches!(self, Self::Approve | Self::Decline | Self::Ask | Self::Cancel)
    }

    /// Whether the customer reads what is said with it.
    #[must_use]
    pub fn is_read(self) -> bool {
        matches!(self, Self::Decline | Self::Ask | Self::Cancel | Self::Extend | Self::Write)
    }

    #[must_use]
    pub fn kind(self) -> CommandKind {
        match self {
            Self::Approve => CommandKind::Approve,
            Self::Decline => CommandKind::Decline,
            Self::Ask => CommandKind::AskEvidence,
            Self::Cancel => CommandKind::Cancel,
            Self::Extend => CommandKind::Extend,
            Self::Write => CommandKind::Write,
            Self::Note => CommandKind::Note,
            Self::SettleTalk => CommandKind::SettleTalk,
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Approve => keys::APPROVE,
            Self::Decline => keys::DECLINE,
            Self::Ask => keys::ASK,
            Self::Cancel => keys::CANCEL,
            Self::Extend => keys::EXTEND,
            Self::Write | Self::SettleTalk => keys::WRITE,
            Self::Note => keys::NOTE,
        }
    }

    /// The form that gives it.
    pub(super) const fn form(self) -> &'static str {
        match self {
            Self::Approve => "do-approve",
            Self::Decline => "do-decline",
            Self::Ask => "do-ask",
            Self::Cancel => "do-cancel",
            Self::Extend => "do-extend",
            Self::Write => "do-write",
            Self::Note => "do-note",
            Self::SettleTalk => "do-settle-talk",
        }
    }

    /// The field of the words that go with it.
    const fn words(self) -> &'static str {
        match self {
            Self::Approve => "approve-words",
            Self::Decline => "decline-words",
            Self::Ask => "ask-words",
            Self::Cancel => "cancel-words",
            Self::Extend => "extend-words",
            Self::Write => "write-words",
            Self::Note => "note-words",
            Self::SettleTalk => "settle-words",
        }
    }
}

/// A decision about a return, by somebody at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decide {
    pub decision: Decision,
    /// The lines that are meant; all that wait, where none is named.
    pub lines: Vec<LineNo>,
    /// For the customer (declined, asked), or for colleagues (approved).
    pub words: Option<String>,
    /// Until when there is more time.
    pub until: Option<Date>,
    /// The version of the return that was looked at.
    pub version: u64,
}

impl Decide {
    const DECISION: &str = "decision";
    const LINE: &str = "line";
    pub const UNTIL: &str = "extend-until";
    pub const VERSION: &str = "version";

    /// What was sent; a mistake is shown at its field.
    pub fn parse(fields: &Fields) -> Result<Self, Noted> {
        let code = fields.get(Self::DECISION);
        let named = Decision::ALL.into_iter().find(|decision| decision.kind().code() == code);
        let decision = named.ok_or_else(|| noted("", Mistake::Unanswered))?;
        // Browsers count a line's end as one character and send two.
        let words = fields.maybe(decision.words()).map(|words| words.replace("\r\n", "\n"));
        if words.as_ref().is_some_and(|words| words.chars().count() > LONGEST_COMMENT) {
            return Err(noted(decision.words(), Mistake::CommentLong { most: LONGEST_COMMENT as u32 }));
        }
        if matches!(decision, Decision::Write | Decision::Note) && words.is_none() {
            return Err(noted(decision.words(), Mistake::Unanswered));
        }
        if matches!(decision, Decision::Decline | Decision::Ask | Decision::Extend) && words.is_none() {
            return Err(noted(decision.words(), Mistake::StaffWordsMissing));
        }
        if decision.is_read()
            && let Some(mistake) = unfilled(words.as_deref().unwrap_or_default())
        {
            return Err(noted(decision.words(), mistake));
        }
        let until = fields.get(Self::UNTIL).parse().ok();
        if decision == Decision::Extend && until.is_none() {
            return Err(noted(Self::UNTIL, Mistake::Unanswered));
        }
        let version = fields.get(Self::VERSION).parse();
        let version = if decision.decides() { version.map_err(|_| noted("", Mistake::Changed))? } else { version.unwrap_or_default() };
        Ok(Self { decision, lines: fields.all(Self::LINE).filter_map(|line| line.parse().ok()).collect(), words, until, version })
    }

    /// The field of its words.
    #[must_use]
    pub fn words_field(&self) -> &'static str {
        self.decision.words()
    }

    /// What was typed with it, to be shown again.
    #[must_use]
    pub fn typed(fields: &Fields) -> String {
        Decision::ALL
            .into_iter()
            .find_map(|decision| fields.maybe(decision.words()))
            .unwrap_or_default()
            .chars()
            .take(LONGEST_COMMENT)
            .collect()
    }

    #[must_use]
    pub fn command(self, request: &Return) -> Command {
        let lots = (!self.lines.is_empty()).then(|| request.lots_of(&self.lines));
        match self.decision {
            Decision::Approve => Command::Approve { lots, note: self.words },
            Decision::Decline => Command::Decline { lots, reason: self.words, note: None },
            Decision::Ask => Command::AskEvidence { lots, note: self.words.unwrap_or_default() },
            Decision::Cancel => Command::Cancel { lots, reason: self.words },
            Decision::Write => Command::Write { words: self.words.unwrap_or_default() },
            Decision::Note => Command::Note { note: self.words.unwrap_or_default() },
            Decision::SettleTalk => Command::SettleTalk,
            Decision::Extend => Command::Extend { until: self.until.unwrap_or_default(), reason: self.words.unwrap_or_default() },
        }
    }
}

/// What keeps words from being sent: places that nothing was filled in for.
#[must_use]
pub fn unfilled(words: &str) -> Option<Mistake> {
    let names: Vec<String> = places_of(words).into_iter().map(braced).collect();
    (!names.is_empty()).then_some(Mistake::Unfilled { names })
}

/// "Fill in": a saved reply, into the box of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filling {
    pub reply: String,
    pub words_field: &'static str,
}

impl Filling {
    #[must_use]
    pub fn parse(fields: &Fields) -> Option<Self> {
        let code = fields.get(Decide::DECISION);
        let decision = Decision::ALL.into_iter().find(|decision| decision.is_read() && decision.kind().code() == code)?;
        Some(Self { reply: fields.maybe(REPLY)?, words_field: decision.words() })
    }
}

/// What can be decided now: the decision first, what needs words behind its name.
#[component]
pub(super) fn DecideBar(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let can = |decision: Decision| page.can.contains(&decision.kind());
    let decides = |decision: Decision| decision.decides() && can(decision);
    if !Decision::ALL.into_iter().any(decides) && !page.tasks.iter().any(|task| task.theirs) {
        return ().into_any();
    }
    let request = &page.request;
    let rma = request.rma;
    let waits: Vec<_> = request.live_lines().collect();
    let several = waits.len() > 1;
    let lines = |id: &'static str| {
        several.then(|| {
            let ticks: Vec<_> = waits
                .iter()
                .map(|line| {
                    view! { <label class="tick"><input class="check" type="checkbox" name=Decide::LINE value=line.id.to_string() checked=true/> <span>{line.asked.name.clone()}</span></label> }
                })
                .collect();
            view! { <fieldset class="which" id=id><legend>{m.staff_decide_which()}</legend>{ticks}</fieldset> }
        })
    };
    let action = format!("/staff/returns/{rma}/decide");
    let hidden = |decision: Decision| view! { <input type="hidden" name=Decide::DECISION value=decision.kind().code()/> };
    let expected = say.expected(request);
    let until = || {
        let (wrong, id) = (mistake_at(&page.mistakes, Decide::UNTIL), field_id(Decide::UNTIL));
        let least = say.f.day(request.promises.sent).to_string();
        view! {
            <p class="field">
                <label for=id.clone()>{m.staff_decide_extend_until()}</label>
                <FieldError mistake=wrong id=id.clone()/>
                <input id=id type="date" name=Decide::UNTIL min=least/>
            </p>
        }
    };
    let with_words = |decision: Decision, name: &'static str, label: &'static str, button: &'static str, class: &'static str| {
        can(decision).then(|| {
            let wrong = mistake_at(&page.mistakes, decision.words());
            let at_day = decision == Decision::Extend && mistake_at(&page.mistakes, Decide::UNTIL).is_some();
            let (open, id) = (wrong.is_some() || at_day || page.open == decision.words(), field_id(decision.words()));
            let fill = (decision.is_read() && decision != Decision::Extend).then(|| view! { <FillIn id=format!("{}-reply", decision.form()) rma=page.request.rma replies=page.replies.clone()/> });
            let typed = if open { page.typed.clone() } else { String::new() };
            view! {
                <details class="decide" open=open>
                    <summary class="btn second small" data-key=decision.key() aria-keyshortcuts=decision.key()>{name} " " <Key key=decision.key()/></summary>
                    <form class="form card" method="post" action=action.clone() id=decision.form()>
                        {hidden(decision)}
                        {(decision != Decision::Extend).then(|| lines(decision.kind().code()))}
                        {(decision == Decision::Extend).then(&until)}
                        {fill}
                        <p class="field">
                            <label for=id.clone()>{label}</label>
                            <FieldError mistake=wrong id=id.clone()/>
                            <textarea id=id name=decision.words() rows="4" maxlength=LONGEST_COMMENT>{escaped(&typed)}</textarea>
                        </p>
                        <p class="acts"><button class=class type="submit">{button}</button></p>
                    </form>
                </details>
            }
        })
    };
    let approve = can(Decision::Approve).then(|| {
        view! {
            <form class="approve" method="post" action=action.clone() id=Decision::Approve.form()>
                {hidden(Decision::Approve)}
                {lines("approve-lines")}
                <button class="btn" type="submit" data-key=keys::APPROVE aria-keyshortcuts=keys::APPROVE>{m.staff_decide_approve()} " " <Key key=keys::APPROVE/></button>
            </form>
        }
    });
    view! {
        <section class="decisions" aria-label=m.staff_decide()>
            {can(Decision::Approve).then(|| view! { <p class="grow">{m.staff_decide_text(expected)}</p> })}
            <div class="acts">
                <HandOver page=page.clone()/>
                {with_words(Decision::Cancel, m.staff_decide_cancel(), m.staff_decide_cancel_words(), m.staff_decide_cancel(), "btn danger")}
                {with_words(Decision::Extend, m.staff_decide_extend(), m.staff_decide_extend_words(), m.staff_decide_extend_action(), "btn")}
                {with_words(Decision::Ask, m.staff_decide_ask(), m.staff_decide_ask_words(), m.staff_decide_ask_action(), "btn")}
                {with_words(Decision::Decline, m.staff_decide_decline(), m.staff_decide_decline_words(), m.staff_decide_decline_action(), "btn danger")}
                {approve}
            </div>
        </section>
    }
    .into_any()
}

/// What is said to the customer, and to colleagues: two boxes that look like nothing but themselves.
#[component]
pub(super) fn Talk(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let can = |decision: Decision| page.can.contains(&decision.kind());
    let action = format!("/staff/returns/{}/decide", page.request.rma);
    let reads = Messages::new(page.request.locale).language_name();
    let name = page.request.contact.name.clone().unwrap_or_else(|| m.staff_case_customer().to_owned());
    let form = |decision: Decision, title: String, hint: Option<String>, button: &'static str, class: &'static str| {
        can(decision).then(|| {
            let wrong = mistake_at(&page.mistakes, decision.words());
            let (open, id) = (wrong.is_some() || page.open == decision.words(), field_id(decision.words()));
            let fill = decision.is_read().then(|| view! { <FillIn id=format!("{}-reply", decision.form()) rma=page.request.rma replies=page.replies.clone()/> });
            let typed = if open { page.typed.clone() } else { String::new() };
            view! {
                <details class=class open=open>
                    <summary data-key=decision.key() aria-keyshortcuts=decision.key()>{title.clone()} " " <Key key=decision.key()/></summary>
                    <form class="form" method="post" action=action.clone() id=decision.form()>
                        <input type="hidden" name=Decide::DECISION value=decision.kind().code()/>
                        {fill}
                        <p class="field">
                            <label for=id.clone() class="sr">{title}</label>
                            {hint.map(|hint| view! { <span class="hint">{hint}</span> })}
                            <FieldError mistake=wrong id=id.clone()/>
                            <textarea id=id name=decision.words() rows="4" maxlength=LONGEST_COMMENT>{escaped(&typed)}</textarea>
                        </p>
                        <p class="acts"><button class="btn second small" type="submit">{button}</button></p>
                    </form>
                </details>
            }
        })
    };
    let settle = can(Decision::SettleTalk).then(|| {
        view! {
            <form method="post" action=action.clone() id=Decision::SettleTalk.form()>
                <input type="hidden" name=Decide::DECISION value=CommandKind::SettleTalk.code()/>
                <button class="link" type="submit">{m.staff_talk_settle()}</button>
            </form>
        }
    });
    view! {
        <section class="talk" aria-label=m.staff_talk()>
            {form(Decision::Write, m.staff_talk_write(&name), Some(m.staff_talk_write_hint(reads)), m.staff_talk_send(), "card")}
            {form(Decision::Note, m.staff_talk_note().to_owned(), None, m.staff_talk_keep(), "card private")}
            {settle}
            <Pick rma=page.request.rma macros=page.macros.clone()/>
        </section>
    }
}
