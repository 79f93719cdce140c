//! Commands of people at work, by machine: a row each, and what a machine sends with it.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::item::LONGEST_COMMENT;
use domain::replies::places_of;
use domain::returns::{Command, CommandKind, OutboundOutcome, Return};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::asked::{Fields, read};
use super::call::Call;
use super::commands::{LineNamed, check_version, give, in_words, lines_named, maybe_words};
use super::problem::Problem;
use super::returns::rma_of;
use super::shapes::ReturnOut;
use crate::desks::MachineDesk;
use crate::http::row::{Body, KeyedCall};
use crate::http::state::AppState;
use crate::services::Access;
use crate::store::Scope;

/// A row for each call: its words, its name and path, what it is sent.
macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident $id:literal $call:literal $input:ty;)+) => {
        $(
            $(#[$doc])*
            #[utoipa::path(
                post, path = $call, tag = "returns", operation_id = $id, request_body = $input,
                params(
                    ("rma" = String, Path, description = "Its number"),
                    ("Idempotency-Key" = Option<String>, Header, description = "Names this request")
                ),
                responses((status = 200, body = ReturnOut))
            )]
            pub async fn $name(
                State(state): State<AppState>,
                desk: MachineDesk,
                call: Call,
                Path(rma): Path<String>,
                body: Bytes,
            ) -> Result<Response, Problem> {
                carry_out::<$input>(&state, &desk, &call, &rma, &body).await
            }
        )+

        /// The calls, as rows.
        pub(super) fn calls() -> Vec<KeyedCall> {
            vec![$(KeyedCall { scope: Scope::Staff, body: Body::Text, route: routes!($name) }),+]
        }
    };
}

calls! {
    /// Decide what waits for a person: approve it, decline it with a reason, or ask the customer for more. They are told at once by mail. What was
    /// decided so before answers as it stands.
    review "review_return" "/v1/returns/{rma}/review" ReviewIn;
    /// Note something for who works on the return. Neither the customer nor keys of scope `read` or `write` ever see it.
    note "note_on_return" "/v1/returns/{rma}/notes" NoteIn;
    /// Write to the customer: it stands on their page and is mailed to them. Or say that what they wrote needs no answer. Either way it waits for
    /// nobody any more. The same twice in a row is sent once.
    write "write_to_customer" "/v1/returns/{rma}/messages" MessageIn;
    /// Give the customer more time to send it, at most 90 days from today; dates that follow are promised anew, and a label of the shop's own works
    /// as long. They are told at once by mail, with the reason. The same day again changes nothing.
    extend "extend_return" "/v1/returns/{rma}/extend" ExtendIn;
    /// Of a return of goods on their way out: say that their carrier was asked, or what became of them. They are told at once by mail what became of
    /// them; what was said so before answers as it stands. What comes back is then received and inspected like any return; for what was stopped or
    /// lost nothing has to come back.
    outbound "answer_outbound_case" "/v1/returns/{rma}/outbound" OutboundAnswerIn;
}

/// What a machine sends with a command of people at work.
trait PeopleIn: DeserializeOwned + Send + 'static {
    /// What is to be done, where it can be read.
    fn kind(&self) -> Result<CommandKind, Problem>;

    /// The command, of the kind that it is.
    fn command(self, kind: CommandKind, request: &Return) -> Result<Command, Problem>;
}

async fn carry_out<I: PeopleIn>(state: &AppState, desk: &MachineDesk, call: &Call, rma: &str, body: &[u8]) -> Result<Response, Problem> {
    let given: I = read(body)?;
    let kind = given.kind()?;
    let access = leave(desk, rma, kind);
    give(state, desk, call, body, access, move |request| given.command(kind, request)).await
}

/// The key's leave to give a command of people at work.
pub(super) fn leave(desk: &MachineDesk, rma: &str, kind: CommandKind) -> Result<Access<Return>, Problem> {
    let forbidden = || Problem::new(StatusCode::FORBIDDEN, "forbidden", format!("this key may not {kind}"));
    rma_of(rma).and_then(|rma| Access::of_people(&desk.key, rma, kind).ok_or_else(forbidden))
}

/// What a person decided.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Review)]
pub struct ReviewIn {
    /// `approve`, `decline`, or `ask` for more evidence before that.
    pub decision: String,
    /// Which lines; left out: all that wait.
    #[serde(default)]
    #[schema(min_items = 1)]
    pub lines: Option<Vec<LineNamed>>,
    /// Why it is declined, in words for the customer, at most 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub reason: Option<String>,
    /// At most 2,000 characters. With `ask` it is needed, and says what is asked for, in words for the customer; else it is for who works on
    /// the return, and the customer never sees it.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub note: Option<String>,
    /// The `version` of the return that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    pub version: Option<u64>,
}

/// Decisions, with the commands they are.
pub(super) const DECISIONS: [(&str, CommandKind); 3] =
    [("approve", CommandKind::Approve), ("decline", CommandKind::Decline), ("ask", CommandKind::AskEvidence)];

impl PeopleIn for ReviewIn {
    fn kind(&self) -> Result<CommandKind, Problem> {
        let found = DECISIONS.into_iter().find(|(name, _)| *name == self.decision);
        found
            .map(|(_, kind)| kind)
            .ok_or_else(|| Problem::field("decision", format!("is one of {}", DECISIONS.map(|(name, _)| name).join(", "))))
    }

    fn command(self, kind: CommandKind, request: &Return) -> Result<Command, Problem> {
        check_version(self.version, request)?;
        let lots = self.lines.map(|named| lines_named(request, &named)).transpose()?.map(|lines| request.lots_of(&lines));
        let mut fields = Fields::default();
        let mut said = |field: &str, words: Option<String>| {
            let words = words.map(|words| words.trim().to_owned()).filter(|words| !words.is_empty());
            if words.as_ref().is_some_and(|words| words.chars().count() > LONGEST_COMMENT) {
                fields.wrong(field, format!("is longer than {LONGEST_COMMENT} characters"));
            }
            words
        };
        let (reason, note) = (said("reason", self.reason), said("note", self.note));
        if kind == CommandKind::AskEvidence && note.is_none() {
            fields.wrong("note", "says what is asked for");
        }
        if kind != CommandKind::Decline && reason.is_some() {
            fields.wrong("reason", "goes with `decline`");
        }
        let read = if kind == CommandKind::Decline { ("reason", &reason) } else { ("note", &note) };
        if let (field, Some(words)) = read
            && kind != CommandKind::Approve
            && let Some(wrong) = unfilled(words)
        {
            fields.wrong(field, wrong);
        }
        fields.checked()?;
        Ok(match kind {
            CommandKind::Decline => Command::Decline { lots, reason, note },
            CommandKind::AskEvidence => Command::AskEvidence { lots, note: note.unwrap_or_default() },
            _ => Command::Approve { lots, note },
        })
    }
}

/// What customers read has no place of a saved reply left open, whoever writes it.
fn unfilled(words: &str) -> Option<String> {
    let names: Vec<String> = places_of(words).into_iter().map(|name| format!("{{{name}}}")).collect();
    (!names.is_empty()).then(|| format!("still has {} to be filled in", names.join(", ")))
}

/// As [`in_words`], of what the customer reads.
fn in_words_to_customer(field: &str, words: &str) -> Result<String, Problem> {
    let words = in_words(field, words)?;
    match unfilled(&words) {
        Some(wrong) => Err(Problem::field(field, wrong)),
        None => Ok(words),
    }
}

/// Something for who works on a return.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Note)]
pub struct NoteIn {
    /// At most 2,000 characters; line breaks are kept.
    #[schema(min_length = 1, max_length = 2_000)]
    pub text: String,
    /// The `version` of the return that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    pub version: Option<u64>,
}

impl PeopleIn for NoteIn {
    fn kind(&self) -> Result<CommandKind, Problem> {
        Ok(CommandKind::Note)
    }

    fn command(self, _: CommandKind, request: &Return) -> Result<Command, Problem> {
        check_version(self.version, request)?;
        Ok(Command::Note { note: in_words("text", &self.text)? })
    }
}

/// More time.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Extension)]
pub struct ExtendIn {
    /// The last day on which it may be sent, by the shop's clock.
    #[schema(format = Date)]
    pub until: String,
    /// Why, in words for the customer, at most 2,000 characters.
    #[schema(min_length = 1, max_length = 2_000)]
    pub reason: String,
    /// The `version` of the return that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    pub version: Option<u64>,
}

impl PeopleIn for ExtendIn {
    fn kind(&self) -> Result<CommandKind, Problem> {
        Ok(CommandKind::Extend)
    }

    fn command(self, _: CommandKind, request: &Return) -> Result<Command, Problem> {
        check_version(self.version, request)?;
        let until = self.until.parse().map_err(|_| Problem::field("until", "is a date: `2026-12-24`"))?;
        Ok(Command::Extend { until, reason: in_words_to_customer("reason", &self.reason)? })
    }
}

/// What is known of goods on their way out: one of `reference` and `outcome`.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OutboundAnswer, examples(
    json!({"reference": "Inquiry 4711", "until": "2026-12-24"}),
    json!({"outcome": "delivered", "reason": "Your neighbour has it."})
))]
pub struct OutboundAnswerIn {
    /// The carrier was asked, and calls the inquiry or claim so; at most 100 characters.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    pub reference: Option<String>,
    /// With `reference`: the carrier answers by the end of that day, at most 90 days ahead; left out: as the policy's `promises` say.
    #[serde(default)]
    #[schema(format = Date)]
    pub until: Option<String>,
    /// What became of them: `stopped` or `too_late` of what was to be held back; else `coming_back`, `delivered` or `lost`.
    #[serde(default)]
    pub outcome: Option<String>,
    /// With `outcome`: in words for the customer, at most 2,000 characters; needed with `too_late` and `delivered`.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2_000)]
    pub reason: Option<String>,
    /// With `outcome`: for people at work, at most 2,000 characters; the customer never sees it.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub note: Option<String>,
    /// The `version` of the return that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    pub version: Option<u64>,
}

impl PeopleIn for OutboundAnswerIn {
    fn kind(&self) -> Result<CommandKind, Problem> {
        match (&self.reference, &self.outcome) {
            (Some(_), None) => Ok(CommandKind::PursueOutbound),
            (None, Some(_)) => Ok(CommandKind::AnswerOutbound),
            _ => Err(Problem::field("", "says one of `reference` and `outcome`")),
        }
    }

    fn command(self, _: CommandKind, request: &Return) -> Result<Command, Problem> {
        check_version(self.version, request)?;
        if let Some(reference) = self.reference {
            let until = self.until.map(|text| text.parse().map_err(|_| Problem::field("until", "is a date: `2026-12-24`"))).transpose()?;
            return Ok(Command::PursueOutbound { reference, until });
        }
        let outcomes = || OutboundOutcome::ALL.iter().map(|outcome| outcome.code()).collect::<Vec<_>>().join(", ");
        let outcome = self.outcome.and_then(|code| code.parse().ok());
        let outcome: OutboundOutcome = outcome.ok_or_else(|| Problem::field("outcome", format!("is one of {}", outcomes())))?;
        let reason = self.reason.map(|reason| in_words_to_customer("reason", &reason)).transpose()?;
        if reason.is_none() && !outcome.gives() {
            return Err(Problem::field("reason", "says why, in words for the customer"));
        }
        let note = maybe_words("note", self.note.as_deref())?;
        Ok(Command::AnswerOutbound { outcome, reason, note })
    }
}

/// A message to the customer, or that theirs needs none: one of `text` and `no_answer_needed`.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = MessageToCustomer)]
pub struct MessageIn {
    /// In at most 2,000 characters; line breaks are kept.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2_000)]
    pub text: Option<String>,
    /// `true`: what the customer wrote needs no answer.
    #[serde(default)]
    pub no_answer_needed: bool,
    /// The `version` of the return that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    pub version: Option<u64>,
}

impl PeopleIn for MessageIn {
    fn kind(&self) -> Result<CommandKind, Problem> {
        match (&self.text, self.no_answer_needed) {
            (Some(_), false) => Ok(CommandKind::Write),
            (None, true) => Ok(CommandKind::SettleTalk),
            _ => Err(Problem::field("", "says one of `text` and `no_answer_needed`")),
        }
    }

    fn command(self, _: CommandKind, request: &Return) -> Result<Command, Problem> {
        check_version(self.version, request)?;
        let words = self.text.map(|text| in_words_to_customer("text", &text)).transpose()?;
        Ok(words.map_or(Command::SettleTalk, |words| Command::Write { words }))
    }
}
