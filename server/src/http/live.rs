//! News of a return while its page is open: server-sent events, each the changed part of the page in the reader's words.

use std::convert::Infallible;
use std::time::Duration;

use app::format::Format;
use app::ports::{ReturnPage, ShopperDesk};
use app::say::Say;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::rma::RmaNumber;
use futures::stream;
use serde::Deserialize;

use super::guard;
use super::places::Place;
use super::state::AppState;
use crate::desks::{Desk, Session, Visitor};
use crate::live::Listener;

/// Also looked at when nobody rings, in case a ring was lost.
const LOOK: Duration = Duration::from_secs(30);

/// What the page knows already.
#[derive(Deserialize)]
pub struct Known {
    /// Number of events the page was made from.
    #[serde(default)]
    after: u64,
}

/// `GET /returns/{rma}/live`
pub async fn follow(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path(rma): Path<String>,
    Query(known): Query<Known>,
    headers: HeaderMap,
) -> Response {
    let Ok(number) = rma.parse::<RmaNumber>() else { return StatusCode::NOT_FOUND.into_response() };
    if !matches!(Desk::new(state.services.clone(), visitor.clone()).may_see(number).await, Ok(true)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    // Whose they are: nobody may see a return without a session.
    let session = visitor.session.token.clone().unwrap_or_default();
    let limits = state.services.config.limits;
    let of_session = state.streams.take(session, limits.streams_per_session);
    let of_address = state.streams.take(visitor.address.to_string(), limits.connections_per_address);
    // Their page goes on without: it is up to date whenever it is opened.
    let (Some(of_session), Some(of_address)) = (of_session, of_address) else { return guard::too_many() };
    // A browser that was cut off says what it saw last.
    let seen = headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.parse().ok()).unwrap_or(known.after);
    let follower = Follower { listener: state.services.live.listen(), state, visitor, number, seen, _places: [of_session, of_address] };
    let news = stream::unfold(follower, |mut follower| async move {
        let event = follower.next().await?;
        Some((Ok::<_, Infallible>(event), follower))
    });
    let stay = KeepAlive::new().interval(Duration::from_secs(20));
    // A broken connection is taken up again after a second.
    let mut response = Sse::new(news).keep_alive(stay).into_response();
    // Private like the page: by itself a stream may be kept, if only to be asked for again.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

struct Follower {
    listener: Listener,
    state: AppState,
    visitor: Visitor,
    number: RmaNumber,
    seen: u64,
    _places: [Place<String>; 2],
}

impl Follower {
    /// The next news; each holds everything, so that none can be missed and none is shown twice.
    async fn next(&mut self) -> Option<Event> {
        while !self.listener.is_over() {
            // "Forget me" in another tab ends it; a session with a new token is taken up again by the browser, who has it.
            let token = self.visitor.session.token.clone()?;
            self.visitor.session = Session::find(&self.state.services, &token).await.ok()?;
            self.visitor.session.token.as_ref()?;
            let desk = Desk::new(self.state.services.clone(), self.visitor.clone());
            match desk.return_page(&self.number.to_string()).await {
                Ok(page) if page.request.version > self.seen => {
                    self.seen = page.request.version;
                    return Some(Event::default().id(self.seen.to_string()).retry(Duration::from_secs(1)).data(self.news(page)));
                }
                Ok(_) => {}
                Err(_) => return None,
            }
            let _ = tokio::time::timeout(LOOK, self.listener.hears_of(self.number)).await;
        }
        // The browser asks again in a second, and is answered by whichever server is there.
        None
    }

    fn news(&self, page: ReturnPage) -> String {
        let zone = self.visitor.zone.clone().unwrap_or_else(|| self.state.services.shop_zone());
        let say = Say::new(Format::new(self.visitor.locale, zone, self.state.services.clock.now()));
        app::track_return::news(say, self.state.front.clone(), page)
    }
}
