//! News of a return while its page is open: server-sent events, each the changed part of the page in the reader's words.

use std::convert::Infallible;
use std::time::Duration;

use app::format::Format;
use app::say::Say;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::rma::RmaNumber;
use futures::{Stream, stream};
use serde::Deserialize;

use super::guard;
use super::places::Place;
use super::staff::AtDesk;
use super::state::AppState;
use crate::desks::{Desk, Session, StaffDesk, Visitor};
use crate::live::{Listener, Present};

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
    stream_to(state, Reader::Shopper(visitor), session, number, known, &headers)
}

/// `GET /staff/returns/{rma}/live`: for people at work, who see there who else has it open.
pub async fn follow_case(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    AtDesk(desk): AtDesk,
    Path(rma): Path<String>,
    Query(known): Query<Known>,
    headers: HeaderMap,
) -> Response {
    let Ok(number) = rma.parse::<RmaNumber>() else { return StatusCode::NOT_FOUND.into_response() };
    let Some((session, colleague)) = desk.session() else { return StatusCode::UNAUTHORIZED.into_response() };
    let here = state.services.live.arrive(number, colleague);
    stream_to(state, Reader::Staff { desk: Box::new(desk), visitor, _here: here, beside: None }, session, number, known, &headers)
}

fn stream_to(state: AppState, reader: Reader, session: String, number: RmaNumber, known: Known, headers: &HeaderMap) -> Response {
    let Some(places) = places(&state, session, reader.visitor()) else { return guard::too_many() };
    let seen = seen(headers, known.after);
    let follower = Follower { listener: state.services.live.listen(), state, reader, number, seen, _places: places };
    let news = stream::unfold(follower, |mut follower| async move {
        let event = follower.next().await?;
        Some((Ok::<_, Infallible>(event), follower))
    });
    streamed(news)
}

/// Places for a further stream to this session and address; none where there are enough. Their page goes on without: it is up to date whenever it is
/// opened.
pub(super) fn places(state: &AppState, session: String, visitor: &Visitor) -> Option<[Place<String>; 2]> {
    let limits = state.services.config.limits;
    let of_session = state.streams.take(session, limits.streams_per_session);
    let of_address = state.streams.take(visitor.address.to_string(), limits.connections_per_address);
    Some([of_session?, of_address?])
}

/// News as they come.
pub(super) fn streamed(news: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    let stay = KeepAlive::new().interval(Duration::from_secs(20));
    // A broken connection is taken up again after a second.
    let mut response = Sse::new(news).keep_alive(stay).into_response();
    // Private like the page: by itself a stream may be kept, if only to be asked for again.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The number of what the page shows, by a browser that was cut off the last that it saw.
pub(super) fn seen(headers: &HeaderMap, shown: u64) -> u64 {
    headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.parse().ok()).unwrap_or(shown)
}

/// Who follows a return.
enum Reader {
    Shopper(Visitor),
    Staff {
        desk: Box<StaffDesk>,
        visitor: Visitor,
        _here: Present,
        /// Who else had it open when it was looked at last.
        beside: Option<Vec<String>>,
    },
}

impl Reader {
    fn visitor(&self) -> &Visitor {
        match self {
            Self::Shopper(visitor) | Self::Staff { visitor, .. } => visitor,
        }
    }
}

struct Follower {
    listener: Listener,
    state: AppState,
    reader: Reader,
    number: RmaNumber,
    seen: u64,
    _places: [Place<String>; 2],
}

impl Follower {
    /// The next news; each holds everything, so that none can be missed and none is shown twice.
    async fn next(&mut self) -> Option<Event> {
        while !self.listener.is_over() {
            let (version, html) = self.look().await?;
            if let Some(html) = html {
                self.seen = version;
                return Some(Event::default().id(version.to_string()).retry(Duration::from_secs(1)).data(html));
            }
            let _ = tokio::time::timeout(LOOK, self.listener.hears_of(self.number)).await;
        }
        // The browser asks again in a second, and is answered by whichever server is there.
        None
    }

    /// How it stands, and the page's part where that is news; nothing at all where the session has ended.
    async fn look(&mut self) -> Option<(u64, Option<String>)> {
        let (rma, seen) = (self.number.to_string(), self.seen);
        let say = self.say();
        let front = self.state.front.clone();
        match &mut self.reader {
            Reader::Shopper(visitor) => {
                // "Forget me" in another tab ends it; a session with a new token is taken up again by the browser, who has it.
                let token = visitor.session.token.clone()?;
                visitor.session = Session::find(&self.state.services, &token).await.ok()?;
                visitor.session.token.as_ref()?;
                let page = Desk::new(self.state.services.clone(), visitor.clone()).as_it_stands(&rma).await.ok()?;
                let version = page.request.version;
                Some((version, (version > seen).then(|| app::track_return::news(say, front, page))))
            }
            Reader::Staff { desk, beside, .. } => {
                let page = desk.case_as_it_stands(&rma).await.ok()??;
                let version = page.request.version;
                let others_came =
                    beside.as_ref().is_some_and(|beside| *beside != page.beside) || beside.is_none() && !page.beside.is_empty();
                *beside = Some(page.beside.clone());
                Some((version, (version > seen || others_came).then(|| app::staff::news(say, front, page))))
            }
        }
    }

    fn say(&self) -> Say {
        let visitor = self.reader.visitor();
        let zone = visitor.zone.clone().unwrap_or_else(|| self.state.services.shop_zone());
        Say::new(Format::new(visitor.locale, zone, self.state.services.clock.now()))
    }
}
