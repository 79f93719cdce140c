//! What a row of the table of routes says.

use app::routes::Reader;
use axum::extract::DefaultBodyLimit;
use axum::routing::MethodRouter;
use utoipa_axum::router::UtoipaMethodRouter;

use super::state::AppState;
use crate::config::Limits;
use crate::store::Scope;

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever comes.
    Anybody,
    /// The visitor who holds the draft, was recognised for the return, or may see the file that the address names. Whether they do is known to
    /// the desk alone, which hands nothing out before it has looked.
    Holder,
    /// People at work who are signed in: the router does not let others through. In what capacity they may do what they ask for is looked at
    /// by the desk.
    Staff,
    /// A machine with a key of this scope at the least: the router does not let others through.
    Key(Scope),
}

impl From<Reader> for Who {
    fn from(reader: Reader) -> Self {
        match reader {
            Reader::Anybody => Self::Anybody,
            Reader::Holder => Self::Holder,
            Reader::Staff => Self::Staff,
        }
    }
}

/// How it answers somebody whom it is not for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// With a page that says so.
    Page,
    /// By sending the browser to such a page.
    Form,
    /// With a status.
    Data,
}

/// Bytes of what another server tells: more than any event of Stripe's has.
const HOOK: usize = 256 << 10;

/// How much may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// What a form or a request holds.
    Text,
    /// Files of one line: as many as there can be, at their largest.
    Files,
    /// One file and what a form puts around it; twice over, so that what is too large is read past: whoever is cut off while sending may not
    /// hear why.
    File,
    /// A file of orders.
    Import,
    /// What another server tells by itself.
    Hook,
}

impl Body {
    /// In bytes.
    #[must_use]
    pub fn most(self, limits: &Limits) -> usize {
        let file = limits.evidence.bytes;
        match self {
            Self::Text => limits.body,
            Self::Files => file.saturating_mul(limits.evidence.per_line).saturating_add(limits.body),
            Self::File => file.saturating_mul(2).saturating_add(limits.body),
            Self::Import => limits.import_body,
            Self::Hook => HOOK,
        }
    }

    /// What answers that method, and takes no more; what is only read brings nothing.
    pub(super) fn limiting(self, answers: MethodRouter<AppState>, method: &str, limits: &Limits) -> MethodRouter<AppState> {
        if method == "GET" { answers } else { answers.route_layer(DefaultBodyLimit::max(self.most(limits))) }
    }
}

#[derive(Clone)]
pub struct Row {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// As the router has it: `/returns/{rma}`.
    pub path: String,
    /// Who may ask.
    pub who: Who,
    /// How it answers others.
    pub kind: Kind,
    /// How much may be sent.
    pub body: Body,
    pub(super) answers: MethodRouter<AppState>,
}

impl Row {
    /// What answers, within its limits.
    pub(super) fn answering(&self, limits: &Limits) -> MethodRouter<AppState> {
        self.body.limiting(self.answers.clone(), self.method, limits)
    }
}

/// Rows, as a table.
macro_rules! rows {
    ($($method:ident $path:literal $who:ident $kind:ident $body:ident $answers:expr;)*) => {
        vec![$($crate::http::row::Row {
            method: $crate::http::row::rows!(@name $method),
            path: $path.to_owned(),
            who: $crate::http::row::Who::$who,
            kind: $crate::http::row::Kind::$kind,
            body: $crate::http::row::Body::$body,
            answers: $method($answers),
        }),*]
    };
    (@name get) => { "GET" };
    (@name post) => { "POST" };
    (@name put) => { "PUT" };
    (@name delete) => { "DELETE" };
}

pub(super) use rows;

/// A call by machine: its path, method and words stand beside its handler, who may call and how much they may send here.
pub struct KeyedCall {
    /// The least a key must be good for.
    pub scope: Scope,
    /// How much may be sent.
    pub body: Body,
    pub(super) route: UtoipaMethodRouter<AppState>,
}

impl KeyedCall {
    /// `GET`, `PUT`, `POST` or `DELETE`.
    pub(super) fn method(&self) -> &'static str {
        let Some(item) = self.route.1.paths.values().next() else { return "" };
        let methods = [("GET", &item.get), ("PUT", &item.put), ("POST", &item.post), ("DELETE", &item.delete)];
        methods.into_iter().find(|(_, operation)| operation.is_some()).map_or("", |(name, _)| name)
    }

    /// Below `/api`: `/v1/returns/{rma}`.
    pub(super) fn path(&self) -> String {
        self.route.1.paths.keys().next().cloned().unwrap_or_default()
    }

    pub(super) fn row(self) -> Row {
        let (method, path) = (self.method(), self.path());
        let answers = self.route.2;
        Row { method, path: format!("/api{path}"), who: Who::Key(self.scope), kind: Kind::Data, body: self.body, answers }
    }
}
