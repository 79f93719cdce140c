//! A person's decision about a return, by machine.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::item::LONGEST_COMMENT;
use domain::returns::{Command, CommandKind, Return};
use serde::Deserialize;
use utoipa::ToSchema;

use super::asked::{Fields, read};
use super::call::Call;
use super::commands::{LineNamed, give, lines_named};
use super::problem::Problem;
use super::returns::rma_of;
use super::shapes::ReturnOut;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::services::Access;

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

impl ReviewIn {
    /// What is decided, where it can be read.
    fn kind(&self) -> Result<CommandKind, Problem> {
        let found = DECISIONS.into_iter().find(|(name, _)| *name == self.decision);
        found.map(|(_, kind)| kind).ok_or_else(|| {
            let mut fields = Fields::default();
            fields.wrong("decision", format!("is one of {}", DECISIONS.map(|(name, _)| name).join(", ")));
            fields.checked().err().unwrap_or_else(|| Problem::not_found("there is no such decision"))
        })
    }

    fn command(self, kind: CommandKind, request: &Return) -> Result<Command, Problem> {
        if self.version.is_some_and(|version| version != request.version) {
            let detail = format!("this return was changed since: its version is {}, it is {}", request.version, request.status());
            return Err(Problem::new(StatusCode::CONFLICT, "version", detail));
        }
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
        fields.checked()?;
        Ok(match kind {
            CommandKind::Decline => Command::Decline { lots, reason, note },
            CommandKind::AskEvidence => Command::AskEvidence { lots, note: note.unwrap_or_default() },
            _ => Command::Approve { lots, note },
        })
    }
}

/// Decide what waits for a person: approve it, decline it with a reason, or ask the customer for more. They are told at once by mail. What was
/// decided so before answers as it stands.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/review", tag = "returns", operation_id = "review_return", request_body = ReviewIn,
    params(
        ("rma" = String, Path, description = "Its number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names this request")
    ),
    responses((status = 200, body = ReturnOut))
)]
pub async fn review(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(rma): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let given: ReviewIn = read(&body)?;
    let kind = given.kind()?;
    let forbidden = || Problem::new(StatusCode::FORBIDDEN, "forbidden", "this key may not decide");
    let access = rma_of(&rma).and_then(|rma| Access::of_people(&desk.key, rma, kind).ok_or_else(forbidden));
    give(&state, &desk, &call, &body, access, move |request| given.command(kind, request)).await
}
