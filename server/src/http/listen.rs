//! Takes connections, as many as there are places for. Whoever opens one must say in time what they want, and take in time what they asked for.
//! HTTP/1.1 is all that is spoken: what came with HTTP/2 (streams within a connection, packed heads) needs no limits here.

use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;
use tower_http::timeout::TimeoutBody;

use super::address::counted;
use super::places::{Place, Places};
use crate::config::Config;

/// After an error that is not of one connection (no more files can be opened, say) some may have ended.
const REST: Duration = Duration::from_secs(1);
/// How often it is said that there are too many connections, at the most.
const SAY: Duration = Duration::from_secs(60);
/// Files that are no connections of visitors: the database's, uploads, mails, the log, and of those who are told that there is no place.
const OWN_FILES: usize = 256;
/// How many are told at the same time that there is no place, and for how long they may listen. Others are cut off.
const TOLD: usize = 64;
const LISTENS: Duration = Duration::from_secs(1);
/// How long whoever was let in when the server was told to stop may take to say what they want: they were told that somebody is here.
const MOMENT: Duration = Duration::from_secs(1);
const FULL: &str = "Too many visitors at once. Please try again in a moment. 访问人数过多，请稍后再试。\n";

/// Who is let in, and how long they are waited for.
#[derive(Clone, Copy, Debug)]
pub struct Door {
    /// Connections at the same time.
    most: usize,
    /// From one address; `None` where a proxy connects for everybody.
    most_of_one: Option<usize>,
    /// In which a new connection says what it wants.
    first_head: Duration,
    /// In which something must move.
    patience: Duration,
}

impl Door {
    /// As the settings say, for a process that may have `files` open.
    pub fn of(config: &Config, files: usize) -> Self {
        let limits = config.limits;
        let most = limits.connections.min(files.saturating_sub(OWN_FILES)).max(1);
        if most < limits.connections {
            tracing::warn!(files, connections = most, "fewer connections than limits.connections: this process may open no more files");
        }
        Self {
            most,
            most_of_one: config.client_address_header.is_none().then_some(limits.connections_per_address),
            first_head: Duration::from_secs(limits.first_head_seconds),
            patience: Duration::from_secs(limits.patience_seconds),
        }
    }
}

/// Serves until `stop` comes; what is under way is then finished. A connection is closed that does not send a request's head, or more of its
/// body, or take more of an answer, in time.
pub async fn serve(listener: TcpListener, router: Router, door: Door, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(door.patience);
    // Each connection holds a receiver.
    let (under_way, _) = watch::channel(());
    let mut room = Room::of(door);
    let mut stop = pin!(stop);
    loop {
        let (stream, from) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    rest_after(&error).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let Some((stream, open)) = room.let_in(stream, from) else { continue };
        // Small writes, such as news of a return, go out at once.
        let _ = stream.set_nodelay(true);
        let (router, asked) = (router.clone(), Arc::new(AtomicBool::new(false)));
        let has_asked = asked.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            let mut request = request.map(|body| Body::new(TimeoutBody::new(door.patience, body)));
            request.extensions_mut().insert(ConnectInfo(from));
            router.clone().oneshot(request)
        });
        let connection = http.serve_connection(TokioIo::new(Box::pin(taken_within(door.patience, stream))), service);
        let mut told = under_way.subscribe();
        tokio::spawn(async move {
            let mut connection = pin!(connection);
            let said_nothing = async {
                tokio::time::sleep(door.first_head).await;
                if has_asked.load(Ordering::Relaxed) {
                    std::future::pending::<()>().await;
                }
            };
            let served = async {
                tokio::select! {
                    ended = connection.as_mut() => return ended,
                    _ = told.changed() => {}
                }
                // One on which nothing was said yet would be closed at once, though a request may be on its way.
                if !has_asked.load(Ordering::Relaxed)
                    && let Ok(ended) = tokio::time::timeout(MOMENT, connection.as_mut()).await
                {
                    return ended;
                }
                connection.as_mut().graceful_shutdown();
                connection.await
            };
            tokio::select! {
                ended = served => if let Err(error) = ended {
                    tracing::trace!(%error, "a connection ended early");
                },
                () = said_nothing => {}
            }
            drop(open);
        });
    }
    drop(listener);
    let _ = under_way.send(());
    under_way.closed().await;
}

/// The places at the door.
struct Room {
    door: Door,
    all: Places<()>,
    of_one: Places<IpAddr>,
    told: Places<()>,
    /// When it was logged last that there were too few.
    logged: Option<Instant>,
}

/// The places of a connection that is open: of all, and of one address.
struct Open {
    _of_all: Place<()>,
    _of_one: Option<Place<IpAddr>>,
}

impl Open {
    fn with(of_all: Place<()>, of_one: Option<Place<IpAddr>>) -> Self {
        // Of all doors of this process.
        metrics::gauge!("connections_open").increment(1.0);
        Self { _of_all: of_all, _of_one: of_one }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        metrics::gauge!("connections_open").decrement(1.0);
    }
}

impl Room {
    fn of(door: Door) -> Self {
        Self { door, all: Places::default(), of_one: Places::default(), told: Places::default(), logged: None }
    }

    /// Places for a connection. Where there is none it is told so: whoever waited for one would not know what for.
    fn let_in(&mut self, stream: TcpStream, from: SocketAddr) -> Option<(TcpStream, Open)> {
        let of_one = self.door.most_of_one.map(|most| self.of_one.take(counted(from.ip()), most));
        if matches!(of_one, Some(None)) {
            self.refuse(stream, "address");
            return None;
        }
        let Some(of_all) = self.all.take((), self.door.most) else {
            self.refuse(stream, "all");
            return None;
        };
        Some((stream, Open::with(of_all, of_one.flatten())))
    }

    fn refuse(&mut self, stream: TcpStream, by: &'static str) {
        metrics::counter!("connections_refused_total", "by" => by).increment(1);
        if self.logged.is_none_or(|logged| logged.elapsed() > SAY) {
            tracing::warn!(open = self.all.taken(), by, "connections are refused: there are as many as limits.connections… allows");
            self.logged = Some(Instant::now());
        }
        if let Some(place) = self.told.take((), TOLD) {
            tokio::spawn(async move {
                let _ = tokio::time::timeout(LISTENS, tell_full(stream)).await;
                drop(place);
            });
        }
    }
}

/// Says that there is no place, and waits until that was heard: a connection that is closed while the other side is still asking is cut off, and
/// takes what was said with it.
async fn tell_full(mut stream: TcpStream) -> std::io::Result<()> {
    let head = "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\nretry-after: 10\r\nconnection: close\r\n";
    stream.write_all(format!("{head}content-length: {}\r\n\r\n{FULL}", FULL.len()).as_bytes()).await?;
    stream.shutdown().await?;
    let mut unread = [0; 1_024];
    while stream.read(&mut unread).await? > 0 {}
    Ok(())
}

/// A stream of which the other side must take something in every `patience`.
fn taken_within(patience: Duration, stream: TcpStream) -> TimeoutStream<TcpStream> {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(patience));
    stream
}

async fn rest_after(error: &std::io::Error) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "no connection could be taken");
        tokio::time::sleep(REST).await;
    }
}
