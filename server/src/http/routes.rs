//! Every route on one screen: a row says what answers, who may ask and how much they may send. Pages are rows of [`app::routes`], calls by
//! machine rows of [`api::calls`]. The router serves these rows and nothing else.

use app::routes::Reader;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, delete, get, post, put};
use utoipa_axum::router::UtoipaMethodRouter;

use super::evidence::{OfDraft, OfReturn};
use super::router::AppState;
use super::{api, assets, calendar, entry, evidence, forms, health, labels, live, logo, pages, preview, rehearsal};
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
    /// A machine with a key of this scope at the least: the router does not let others through.
    Key(Scope),
}

impl From<Reader> for Who {
    fn from(reader: Reader) -> Self {
        match reader {
            Reader::Anybody => Self::Anybody,
            Reader::Holder => Self::Holder,
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
        }
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
    answers: MethodRouter<AppState>,
}

impl Row {
    /// What answers, within its limits.
    pub(super) fn answering(&self, limits: &Limits) -> MethodRouter<AppState> {
        self.answers.clone().route_layer(DefaultBodyLimit::max(self.body.most(limits)))
    }
}

macro_rules! rows {
    ($($method:ident $path:literal $who:ident $kind:ident $body:ident $answers:expr;)*) => {
        vec![$(Row {
            method: rows!(@name $method),
            path: $path.to_owned(),
            who: Who::$who,
            kind: Kind::$kind,
            body: Body::$body,
            answers: $method($answers),
        }),*]
    };
    (@name get) => { "GET" };
    (@name post) => { "POST" };
    (@name put) => { "PUT" };
    (@name delete) => { "DELETE" };
}

/// What shoppers meet: pages answer `GET`, the forms on them `POST` to the same or a neighbouring address. Their visitor is known.
pub(super) fn shopper() -> Vec<Row> {
    let page = |(path, reader): (String, Reader)| Row {
        method: "GET",
        path,
        who: reader.into(),
        kind: Kind::Page,
        body: Body::Text,
        answers: get(pages::page),
    };
    let mut rows: Vec<Row> = app::routes::pages().into_iter().map(page).collect();
    rows.extend(rows! {
        get    "/start"                          Anybody Form Text  entry::start;
        get    "/continue/{link}"                Anybody Form Text  entry::carry_on;
        get    "/r/{link}"                       Anybody Form Text  entry::follow_mail;
        post   "/"                               Anybody Form Text  forms::find_order;
        post   "/find-return"                    Anybody Form Text  forms::find_return;
        post   "/account/code"                   Anybody Form Text  forms::send_code;
        post   "/account/enter"                  Anybody Form Text  forms::enter_code;
        post   "/account/return"                 Anybody Form Text  forms::return_from_account;
        post   "/account/leave"                  Anybody Form Text  forms::leave;
        post   "/return/{draft}/items"           Holder  Form Text  forms::choose_items;
        post   "/return/{draft}/orders"          Holder  Form Text  forms::add_order;
        post   "/return/{draft}/why"             Holder  Form Text  forms::tell_why;
        post   "/return/{draft}/wish"            Holder  Form Text  forms::choose_wish;
        post   "/return/{draft}/send"            Holder  Form Text  forms::choose_method;
        post   "/return/{draft}/preview/{step}"  Holder  Data Text  preview::preview;
        post   "/return/{draft}/check"           Holder  Form Text  forms::submit;
        post   "/return/{draft}/show"            Holder  Form Files evidence::form::<OfDraft>;
        post   "/return/{draft}/uploads"         Holder  Data Text  evidence::announce::<OfDraft>;
        get    "/return/{draft}/uploads/{id}"    Holder  Data Text  evidence::upload::<OfDraft>;
        put    "/return/{draft}/uploads/{id}"    Holder  Data Text  evidence::piece::<OfDraft>;
        delete "/return/{draft}/uploads/{id}"    Holder  Data Text  evidence::give_up::<OfDraft>;
        delete "/return/{draft}/evidence/{id}"   Holder  Data Text  evidence::remove;
        post   "/returns/{rma}/photos"           Holder  Form Files evidence::form::<OfReturn>;
        post   "/returns/{rma}/uploads"          Holder  Data Text  evidence::announce::<OfReturn>;
        get    "/returns/{rma}/uploads/{id}"     Holder  Data Text  evidence::upload::<OfReturn>;
        put    "/returns/{rma}/uploads/{id}"     Holder  Data Text  evidence::piece::<OfReturn>;
        delete "/returns/{rma}/uploads/{id}"     Holder  Data Text  evidence::give_up::<OfReturn>;
        get    "/evidence/{id}"                  Holder  Data Text  evidence::file;
        get    "/evidence/{id}/preview"          Holder  Data Text  evidence::preview;
        post   "/returns/{rma}/verify"           Holder  Form Text  forms::verify;
        post   "/returns/{rma}/add"              Holder  Form Text  forms::add_items;
        post   "/returns/{rma}/method"           Holder  Form Text  forms::switch_method;
        post   "/returns/{rma}/label"            Holder  Form Text  forms::new_label;
        post   "/returns/{rma}/cancel"           Holder  Form Text  forms::cancel;
        get    "/returns/{rma}/label.pdf"        Holder  Form Text  labels::label;
        get    "/returns/{rma}/pickup.ics"       Holder  Form Text  calendar::pickup;
        get    "/returns/{rma}/live"             Holder  Data Text  live::follow;
        post   "/demo/clock"                     Anybody Data Text  rehearsal::move_clock;
    });
    rows
}

/// What needs no visitor.
pub(super) fn plain() -> Vec<Row> {
    rows! {
        get "/healthz"       Anybody Data Text health::alive;
        get "/readyz"        Anybody Data Text health::ready;
        get "/metrics"       Anybody Data Text health::metrics;
        get "/assets/{*path}" Anybody Data Text assets::serve;
        get "/demo/{*path}"  Anybody Data Text assets::serve;
        get "/logo"          Anybody Data Text logo::serve;
        get "/icon.svg"      Anybody Data Text assets::serve;
        get "/robots.txt"    Anybody Data Text assets::serve;
    }
}

/// What stands beside the calls by machine, and refuses as they do.
pub(super) fn beside_calls() -> Vec<Row> {
    rows! {
        get "/api/openapi.json" Anybody Data Text api::described;
    }
}

/// A call by machine: its path, method and words stand beside its handler, who may call and how much they may send here.
pub struct KeyedCall {
    /// The least a key must be good for.
    pub scope: Scope,
    /// How much may be sent.
    pub body: Body,
    pub(super) route: UtoipaMethodRouter<AppState>,
}

impl KeyedCall {
    /// What answers, for keys of that scope and within its limits.
    pub(super) fn answering(self, state: &AppState) -> UtoipaMethodRouter<AppState> {
        let (schemas, paths, answers) = self.route;
        let keyed = from_fn_with_state((state.clone(), self.scope), api::with_key);
        let most = self.body.most(&state.services.config.limits);
        (schemas, paths, answers.route_layer(DefaultBodyLimit::max(most)).route_layer(keyed))
    }

    fn row(self) -> Row {
        let (_, paths, answers) = self.route;
        let (path, item) = paths.paths.into_iter().next().unwrap_or_default();
        let methods = [("GET", &item.get), ("PUT", &item.put), ("POST", &item.post), ("DELETE", &item.delete)];
        let method = methods.into_iter().find(|(_, operation)| operation.is_some()).map_or("", |(name, _)| name);
        Row { method, path: format!("/api{path}"), who: Who::Key(self.scope), kind: Kind::Data, body: self.body, answers }
    }
}

#[must_use]
pub fn table() -> Vec<Row> {
    shopper().into_iter().chain(plain()).chain(beside_calls()).chain(api::calls().into_iter().map(KeyedCall::row)).collect()
}
