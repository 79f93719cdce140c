//! Commands that need nothing but the return, for machines and for forms. One that has its row in the domain's table needs a row and what a machine
//! sends here, its page and its words; what has to be read and judged before has a story in `services`, and its call in `changes.rs`.

use app::track_return::appeal::Appeal;
use app::track_return::changes::{AnswerOffer, Cancel};
use app::track_return::feedback::Rate;
use app::track_return::talk::Write;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use domain::ids::OrderNumber;
use domain::item::LONGEST_COMMENT;
use domain::plain::several_lines;
use domain::returns::{Command, LineNo, MOST_STARS, OfferAnswer, OfferNo, Return, ReturnLine};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::asked::{Fields, read_or_nothing};
use super::call::{Call, writing};
use super::problem::Problem;
use super::returns::rma_of;
use super::shapes::ReturnOut;
use crate::desks::MachineDesk;
use crate::http::forms;
use crate::http::row::{Body, KeyedCall, Row, rows};
use crate::http::state::AppState;
use crate::services::Access;
use crate::store::Scope;

/// A row for each command: its words, where a machine gives it and what it sends, where a form does and which.
macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident $id:literal $call:literal $input:ty, $path:literal $form:ty;)+) => {
        $(
            $(#[$doc])*
            #[utoipa::path(
                post, path = $call, tag = "returns", operation_id = $id, request_body(content = Option<$input>, description = "Nothing is as good as `{}`"),
                params(
                    ("rma" = String, Path, description = "Its number"),
                    ("Idempotency-Key" = Option<String>, Header, description = "Names this request")
                ),
                responses(
                    (status = 200, body = ReturnOut)
                )
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
            vec![$(KeyedCall { scope: Scope::Write, body: Body::Text, route: routes!($name) }),+]
        }

        /// The forms, as rows.
        pub(in crate::http) fn forms() -> Vec<Row> {
            rows! { $(post $path Holder Form Text forms::command::<$form>;)+ }
        }
    };
}

commands! {
    /// Cancel a return, or some of its lines; what stays is settled anew. What was cancelled before answers as it stands.
    cancel "cancel_return" "/v1/returns/{rma}/cancel" CancelIn, "/returns/{rma}/cancel" Cancel;
    /// The customer's answer to an offer of less money than expected. The same answer again changes nothing.
    answer_offer "answer_offer" "/v1/returns/{rma}/offer" AnswerOfferIn, "/returns/{rma}/offer" AnswerOffer;
    /// What the customer writes to the shop: somebody answers within a working day, on the return's page and by mail. The same twice in a row is
    /// taken once; 409: so much waits for an answer already.
    answer "write_to_shop" "/v1/returns/{rma}/answers" AnswerIn, "/returns/{rma}/write" Write;
    /// The customer says that a "no" seems wrong: a person looks again at what was declined, by policy or by somebody, as long as nobody else has
    /// taken the units since. Once for each decision; the same again changes nothing. Photos are added as usual.
    appeal "appeal" "/v1/returns/{rma}/appeal" AppealIn, "/returns/{rma}/appeal" Appeal;
    /// The customer says how it went, once a return is over: not before its money has left. Said again within 30 days it takes the place of what was said,
    /// later it does not: 409, `rated-before`. With 1 or 2 stars somebody asks what went wrong.
    rate "rate_return" "/v1/returns/{rma}/feedback" RateIn, "/returns/{rma}/feedback" Rate;
}

/// What a machine sends with a command; nothing is as good as `{}`.
trait CommandIn: DeserializeOwned + Send + 'static {
    fn command(self, request: &Return) -> Result<Command, Problem>;
}

async fn carry_out<I: CommandIn>(state: &AppState, desk: &MachineDesk, call: &Call, rma: &str, body: &[u8]) -> Result<Response, Problem> {
    let given: I = read_or_nothing(body)?;
    let access = rma_of(rma).and_then(|rma| writing(&desk.key, rma));
    give(state, desk, call, body, access, |request| given.command(request)).await
}

/// Carries out a command that needs nothing but the return, for whoever has leave to give it.
pub(super) async fn give(
    state: &AppState,
    desk: &MachineDesk,
    call: &Call,
    body: &[u8],
    access: Result<Access<Return>, Problem>,
    command: impl FnOnce(&Return) -> Result<Command, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let named = call.named(&desk.key, body, StatusCode::OK)?;
    let carried = state.services.carry_out(access?, named, command).await?;
    Ok(call.answer(carried, StatusCode::OK))
}

/// Why a return is cancelled.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = Cancellation)]
pub struct CancelIn {
    /// In words, shown on the timeline.
    #[serde(default)]
    pub reason: Option<String>,
    /// Lines to cancel; left out: all of them.
    #[serde(default)]
    #[schema(min_items = 1)]
    pub lines: Option<Vec<LineNamed>>,
}

impl CommandIn for CancelIn {
    fn command(self, request: &Return) -> Result<Command, Problem> {
        let lines = self.lines.map(|named| lines_named(request, &named)).transpose()?;
        let reason: Option<String> = self.reason.map(|reason| reason.chars().filter(|letter| !letter.is_control()).take(500).collect());
        let reason = reason.filter(|reason| !reason.trim().is_empty());
        Ok(Command::Cancel { lots: lines.map(|lines| request.lots_of(&lines)), reason })
    }
}

/// An answer: one of `accept`, `appeal` and `send_back`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = OfferAnswer)]
pub struct AnswerOfferIn {
    /// Which offer: `o1`; may be left out where one waits for an answer.
    #[serde(default)]
    #[schema(pattern = "^o[1-9][0-9]{0,8}$")]
    pub offer: Option<String>,
    /// `true`: they take it.
    #[serde(default)]
    pub accept: bool,
    /// They do not, and say why, in at most 2,000 characters; a person looks again.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub appeal: Option<String>,
    /// `true`: the goods are to come back to them.
    #[serde(default)]
    pub send_back: bool,
}

impl CommandIn for AnswerOfferIn {
    fn command(self, request: &Return) -> Result<Command, Problem> {
        let mut fields = Fields::default();
        let waiting: Vec<OfferNo> = request.offers.iter().filter(|offer| offer.is_open()).map(|offer| offer.id).collect();
        let offer = match (&self.offer, request.offers.as_slice(), waiting.as_slice()) {
            (Some(named), ..) => fields.parsed("offer", Some(named)),
            (None, [only], _) => Some(only.id),
            (None, _, [waiting]) => Some(*waiting),
            (None, [], _) => {
                fields.wrong("offer", "nothing was offered");
                None
            }
            (None, ..) => {
                fields.wrong("offer", "is missing, and several were made");
                None
            }
        };
        let appeal = self.appeal.as_deref().map(str::trim);
        if appeal.is_some_and(|words| words.chars().count() > LONGEST_COMMENT) {
            fields.wrong("appeal", format!("is longer than {LONGEST_COMMENT} characters"));
        }
        let answer = match (self.accept, appeal, self.send_back) {
            (true, None, false) => Some(OfferAnswer::Accept),
            (false, Some(words), false) => Some(OfferAnswer::Appeal(words.to_owned())),
            (false, None, true) => Some(OfferAnswer::SendBack),
            _ => {
                fields.wrong("", "says one of `accept`, `appeal` and `send_back`");
                None
            }
        };
        fields.checked()?;
        let (Some(offer), Some(answer)) = (offer, answer) else { return Err(Problem::not_found("there is no such offer")) };
        Ok(Command::AnswerOffer { offer, answer })
    }
}

/// What the customer writes.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = MessageOfCustomer)]
pub struct AnswerIn {
    /// In at most 2,000 characters; line breaks are kept.
    #[serde(default)]
    #[schema(required = true, min_length = 1, max_length = 2_000)]
    pub text: String,
    /// The `version` of the return that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    pub version: Option<u64>,
}

impl CommandIn for AnswerIn {
    fn command(self, request: &Return) -> Result<Command, Problem> {
        check_version(self.version, request)?;
        Ok(Command::Answer { words: in_words("text", &self.text)? })
    }
}

/// What seems wrong.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = Appeal)]
pub struct AppealIn {
    /// Why, in at most 2,000 characters; line breaks are kept.
    #[serde(default)]
    #[schema(required = true, min_length = 1, max_length = 2_000)]
    pub text: String,
    /// Which lines; left out: all that were declined.
    #[serde(default)]
    #[schema(min_items = 1)]
    pub lines: Option<Vec<LineNamed>>,
    /// The `version` of the return that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    pub version: Option<u64>,
}

impl CommandIn for AppealIn {
    fn command(self, request: &Return) -> Result<Command, Problem> {
        check_version(self.version, request)?;
        let words = in_words("text", &self.text)?;
        let lines = self.lines.map(|named| lines_named(request, &named)).transpose()?;
        Ok(Command::Appeal { lots: lines.map(|lines| request.lots_of(&lines)), words })
    }
}

/// How it went.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = FeedbackIn, examples(json!({"stars": 4, "words": "The money was here within three days."})))]
pub struct RateIn {
    /// From 1, very poor, to 5, very good.
    #[serde(default)]
    #[schema(required = true, minimum = 1, maximum = 5)]
    pub stars: u8,
    /// In the customer's own words, at most 2,000 characters; line breaks are kept.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub words: Option<String>,
}

impl CommandIn for RateIn {
    fn command(self, _: &Return) -> Result<Command, Problem> {
        if !(1..=MOST_STARS).contains(&self.stars) {
            return Err(Problem::field("stars", "is 1 to 5"));
        }
        Ok(Command::Rate { stars: self.stars, words: maybe_words("words", self.words.as_deref())? })
    }
}

/// What must be said in words, and in no more than are read.
pub(super) fn in_words(field: &str, text: &str) -> Result<String, Problem> {
    let words = several_lines(text);
    match words.chars().count() {
        0 => Err(Problem::field(field, "must be said in words")),
        count if count > LONGEST_COMMENT => Err(Problem::field(field, format!("is longer than {LONGEST_COMMENT} characters"))),
        _ => Ok(words),
    }
}

/// Likewise, of what may be left out: blank is nothing.
pub(super) fn maybe_words(field: &str, text: Option<&str>) -> Result<Option<String>, Problem> {
    text.filter(|text| !text.trim().is_empty()).map(|text| in_words(field, text)).transpose()
}

/// Two people do not decide about different things.
pub(super) fn check_version(seen: Option<u64>, request: &Return) -> Result<(), Problem> {
    if seen.is_none_or(|seen| seen == request.version) {
        return Ok(());
    }
    let detail = format!("this return was changed since: its version is {}, it is {}", request.version, request.status());
    Err(Problem::new(StatusCode::CONFLICT, "version", detail))
}

/// A line of a return, by its name in it, or by order and line: then every line that is of it.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = LineName)]
pub struct LineNamed {
    /// Its name in the return.
    #[serde(default)]
    pub id: Option<String>,
    /// Order; may be left out where the return is of one order.
    #[serde(default)]
    pub order: Option<String>,
    /// Line of the order.
    #[serde(default)]
    pub line: Option<String>,
}

/// The lines of a return that are named.
pub(super) fn lines_named(request: &Return, named: &[LineNamed]) -> Result<Vec<LineNo>, Problem> {
    let mut fields = Fields::default();
    let mut found: Vec<LineNo> = Vec::new();
    for (place, name) in named.iter().enumerate() {
        let order: Option<Option<&OrderNumber>> = name.order.as_deref().map(|order| request.order_meant(order));
        let is = |line: &&ReturnLine| {
            let of_order = order.is_none_or(|order| order == Some(&line.asked.order));
            let by_id = name.id.as_deref().is_none_or(|id| id == line.id.to_string());
            // What came in exchange goes by its own name, or by that of what was bought.
            let names = [line.asked.line.as_str(), line.asked.in_books().as_str()];
            let by_line = name.line.as_deref().is_none_or(|id| names.contains(&id));
            of_order && by_id && by_line
        };
        let lines: Vec<LineNo> = request.lines.iter().filter(is).map(|line| line.id).collect();
        if name.id.is_none() && name.line.is_none() {
            fields.wrong(format!("lines[{place}]"), "needs `id`, or `order` and `line`");
        } else if lines.is_empty() {
            fields.wrong(format!("lines[{place}]"), "is not in this return");
        }
        found.extend(lines.into_iter().filter(|line| !found.contains(line)).collect::<Vec<_>>());
    }
    if named.is_empty() {
        fields.wrong("lines", "names nothing; leave it out for all of it");
    }
    fields.checked()?;
    Ok(found)
}
