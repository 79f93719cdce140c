//! The bell while a page is open: server-sent events, each with how many messages are new.

use std::convert::Infallible;
use std::time::Duration;

use app::ui::rung;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use domain::rma::RmaNumber;
use futures::stream;
use serde::Deserialize;

use super::places::Place;
use super::state::AppState;
use super::{guard, live, pages};
use crate::desks::{Session, Visitor};
use crate::live::Listener;
use crate::store;

/// Also looked at when nobody rings: in case a ring was lost, and for returns that were opened since.
const LOOK: Duration = Duration::from_secs(30);

/// What the page knows already.
#[derive(Deserialize)]
pub struct Known {
    /// How many were new.
    #[serde(default)]
    unread: u64,
}

/// `GET /account/inbox/live`
pub async fn follow(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Query(known): Query<Known>,
    headers: HeaderMap,
) -> Response {
    let Some(session) = visitor.session.token.clone().filter(|_| !visitor.session.data.theirs().is_nobody()) else {
        // The browser does not ask again.
        return StatusCode::NO_CONTENT.into_response();
    };
    let Some(places) = live::places(&state, session, &visitor) else { return guard::too_many() };
    let seen = live::seen(&headers, known.unread);
    let listener = state.services.live.listen();
    let follower = Follower { listener, state, visitor, subjects: Vec::new(), seen, _places: places };
    let news = stream::unfold(follower, |mut follower| async move {
        let event = follower.next().await?;
        Some((Ok::<_, Infallible>(event), follower))
    });
    live::streamed(news)
}

struct Follower {
    listener: Listener,
    state: AppState,
    visitor: Visitor,
    /// What their messages are about, as of the last look.
    subjects: Vec<String>,
    seen: u64,
    _places: [Place<String>; 2],
}

impl Follower {
    /// The next time that the number is another.
    async fn next(&mut self) -> Option<Event> {
        while !self.listener.is_over() {
            // "Forget me" in another tab ends it.
            let token = self.visitor.session.token.clone()?;
            self.visitor.session = Session::find(&self.state.services, &token).await.ok()?;
            self.visitor.session.token.as_ref()?;
            self.subjects = self.state.services.subjects(&self.visitor.session.data.theirs()).await.ok()?;
            let unread = self.state.services.unread(&self.subjects).await.ok()?;
            if unread != self.seen {
                self.seen = unread;
                let zone = self.visitor.zone.clone().unwrap_or_else(|| self.state.services.shop_zone());
                let html = rung(pages::reader(&self.state, &self.visitor, zone), unread);
                return Some(Event::default().id(unread.to_string()).retry(Duration::from_secs(1)).data(html));
            }
            let Self { listener, subjects, .. } = self;
            let meant = |rma: RmaNumber| subjects.binary_search(&store::of_return(rma)).is_ok();
            let _ = tokio::time::timeout(LOOK, listener.hears_of_any(meant)).await;
        }
        None
    }
}
