//! Problem documents (RFC 9457): what is wrong, at which field, and what to do.

use app::say::Say;
use axum::http::StatusCode;
use domain::order::FieldProblem;
use domain::returns::{CommandRefused, Refused};
use serde::Serialize;
use utoipa::ToSchema;

use crate::desks;
use crate::import::ImportError;
use crate::services::{Assessment, ChangeError, LineAssessment, OpenError, OrderProblem, RequestProblem, StockProblem, Wrong};
use crate::store::StoreError;

const BUSY: &str = "the database did not answer in time; try again in a moment (what comes with an Idempotency-Key is never done twice)";

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem: `/problems/validation`.
    #[serde(rename = "type")]
    pub kind: String,
    /// HTTP status.
    pub status: u16,
    /// The kind in words.
    pub title: String,
    /// This case in words.
    pub detail: String,
    /// Fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// What could be done instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub possible: Vec<String>,
}

/// A field that is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// Path: `lines[0].quantity`.
    pub field: String,
    /// What is wrong and what is expected.
    pub problem: String,
}

impl Problem {
    /// A problem of a kind.
    pub fn new(status: StatusCode, kind: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("/problems/{kind}"),
            status: status.as_u16(),
            title: status.canonical_reason().unwrap_or_default().to_owned(),
            detail: detail.into(),
            errors: Vec::new(),
            possible: Vec::new(),
        }
    }

    /// There is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    pub(super) fn no_order(number: &str) -> Self {
        Self::not_found(format!("there is no order `{number}`"))
    }

    /// Fields that are wrong.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] => format!("{}: {}", one.field, one.problem),
            many => format!("{} fields are wrong", many.len()),
        };
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation", detail) }
    }

    /// One field that is wrong.
    pub(super) fn field(field: &str, problem: impl Into<String>) -> Self {
        Self::fields(vec![FieldError { field: field.to_owned(), problem: problem.into() }])
    }

    /// Why a return was not opened: where policy says no to all of it, with each line's reasons in the language asked for.
    pub(super) fn of_opening(error: OpenError, say: &Say) -> Self {
        let errors = if let OpenError::NothingToReturn(assessment) = &error { why(assessment, say) } else { Vec::new() };
        Self::from(error).or_errors(errors)
    }

    /// Why a return was not changed, likewise.
    pub(super) fn of_change(error: ChangeError, say: &Say) -> Self {
        let errors = if let ChangeError::Declined(assessment) = &error { why(assessment, say) } else { Vec::new() };
        Self::from(error).or_errors(errors)
    }

    fn or_errors(self, errors: Vec<FieldError>) -> Self {
        if errors.is_empty() { self } else { Self { errors, ..self } }
    }

    pub(super) fn failed(error: &(dyn std::error::Error + 'static)) -> Self {
        let reference = match desks::failed(error) {
            app::ports::DeskError::Failed { reference } => reference,
            _ => String::new(),
        };
        let detail = format!("something failed on our side and nothing was done; tell us this reference: {reference}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }
}

fn why(assessment: &Assessment, say: &Say) -> Vec<FieldError> {
    let line = |(place, line): (usize, &LineAssessment)| FieldError {
        field: format!("lines[{place}]"),
        problem: line.why.iter().map(|why| say.sentence(why)).collect::<Vec<_>>().join(" "),
    };
    assessment.lines.iter().enumerate().map(line).collect()
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stale(what) => {
                Self::new(StatusCode::CONFLICT, "stale", format!("the {what} was changed at the same moment; try again"))
            }
            StoreError::Newer => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "newer-version",
                "a newer version of this server has changed this; it can be read here, and changed there",
            ),
            error if error.is_passing() => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the database was too busy for a call");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", BUSY)
            }
            error => Self::failed(&error),
        }
    }
}

impl From<FieldProblem> for FieldError {
    fn from(problem: FieldProblem) -> Self {
        Self { field: problem.field, problem: problem.problem }
    }
}

impl From<RequestProblem> for FieldError {
    fn from(problem: RequestProblem) -> Self {
        Self { field: problem.field, problem: problem.wrong.to_string() }
    }
}

impl From<OrderProblem> for Problem {
    fn from(error: OrderProblem) -> Self {
        match error {
            OrderProblem::Fields(problems) => Self::fields(problems.into_iter().map(Into::into).collect()),
            OrderProblem::Store(error) => error.into(),
        }
    }
}

impl From<StockProblem> for Problem {
    fn from(error: StockProblem) -> Self {
        match error {
            StockProblem::Fields(problems) => Self::fields(problems.into_iter().map(Into::into).collect()),
            StockProblem::Store(error) => error.into(),
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Store(error) => error.into(),
            error => Self::failed(&error),
        }
    }
}

impl From<OpenError> for Problem {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Problems(problems) => {
                // Units that somebody else's request holds are a conflict, not a slip of this one.
                let conflict = problems
                    .iter()
                    .any(|problem| matches!(&problem.wrong, Wrong::NotAvailable { in_returns, .. } if !in_returns.is_empty()));
                let sold_out = problems.iter().any(|problem| matches!(problem.wrong, Wrong::SoldOut { .. }));
                let fields = Self::fields(problems.into_iter().map(Into::into).collect());
                if conflict {
                    Self { status: 409, kind: "/problems/units-taken".into(), title: "Conflict".into(), ..fields }
                } else if sold_out {
                    Self { status: 409, kind: "/problems/sold-out".into(), title: "Conflict".into(), ..fields }
                } else {
                    fields
                }
            }
            OpenError::NothingToReturn(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "nothing-to-return", error.to_string()),
            OpenError::KeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "this Idempotency-Key came with a different request before; use a new key for a new request",
            ),
            OpenError::Store(error) => error.into(),
        }
    }
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        let conflict = |kind: &str, detail: String| Self::new(StatusCode::CONFLICT, kind, detail);
        match error {
            ChangeError::Unknown => Self::not_found("there is no such return"),
            ChangeError::Refused(refused) => refused.into(),
            ChangeError::Problems(problems) => OpenError::Problems(problems).into(),
            ChangeError::KeyReused => OpenError::KeyReused.into(),
            ChangeError::Declined(_) => conflict("declined", error.to_string()),
            ChangeError::Apart => conflict("apart", error.to_string()),
            ChangeError::TooManyLabels => conflict("too-many-labels", error.to_string()),
            ChangeError::OverLimit(_) => Self::new(StatusCode::FORBIDDEN, "over-limit", error.to_string()),
            ChangeError::ByHand(_) | ChangeError::AsCredit | ChangeError::NotCredit => Self::field("method", error.to_string()),
            ChangeError::TooManyPhotos(_) => conflict("evidence-too-many", error.to_string()),
            ChangeError::Disputed => conflict("disputed", error.to_string()),
            ChangeError::NoLabel => conflict("no-label", error.to_string()),
            ChangeError::Store(error) => error.into(),
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::State(refused) => refused.into(),
            Refused::Role { .. } => Self::new(StatusCode::FORBIDDEN, "not-allowed", refused.to_string()),
            Refused::Unknown { .. } => Self::not_found(refused.to_string()),
            Refused::DangerousGoods => Self::new(StatusCode::CONFLICT, "dangerous-goods", refused.to_string()),
            Refused::Held { .. } => Self::new(StatusCode::CONFLICT, "on-hold", refused.to_string()),
            Refused::SamePerson => Self::new(StatusCode::FORBIDDEN, "second-person", refused.to_string()),
            Refused::NotPaid { .. } => Self::new(StatusCode::CONFLICT, "not-paid", refused.to_string()),
            Refused::TooLate => Self::new(StatusCode::CONFLICT, "too-late", refused.to_string()),
            Refused::RatedBefore => Self::new(StatusCode::CONFLICT, "rated-before", refused.to_string()),
            Refused::Unanswered { .. } => Self::new(StatusCode::CONFLICT, "unanswered", refused.to_string()),
            Refused::Left { .. } => Self::new(StatusCode::CONFLICT, "units", refused.to_string()),
            Refused::Units { .. }
            | Refused::Amount { .. }
            | Refused::NoGround
            | Refused::NotAsProposed { .. }
            | Refused::TooLong { .. }
            | Refused::Day { .. }
            | Refused::Senseless(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation", refused.to_string()),
        }
    }
}

impl From<CommandRefused> for Problem {
    fn from(refused: CommandRefused) -> Self {
        let possible = refused.possible.iter().map(ToString::to_string).collect();
        Self { possible, ..Self::new(StatusCode::CONFLICT, "not-possible", refused.to_string()) }
    }
}
