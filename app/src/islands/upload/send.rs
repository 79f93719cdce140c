//! A file sent in pieces. A piece that does not arrive is sent again, later and later; the server says where to go on.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, RequestInit, Response, UrlSearchParams};

use super::browser::{member, pause};

/// Bytes of a piece.
const PIECE: f64 = 262_144.0;
/// A request that takes longer has broken off.
const PATIENCE: u32 = 60_000;
/// How often a file's connection may break in a row; with the pauses it is two minutes.
const TRIES: i32 = 10;
const LONGEST_PAUSE: i32 = 20_000;

/// What became of a file.
pub(super) enum Sent {
    /// It is kept: what the server says of it.
    Kept(JsValue),
    /// It is not, and why, in the reader's words.
    Refused(String),
    /// The connection did not come back.
    Broken,
    /// The reader thought better of it.
    GivenUp,
}

/// What a server said.
enum Answer {
    Done(JsValue),
    Continue(f64),
    Refused(String),
    Broken,
}

/// Who wants to know how it goes.
pub(super) trait Watch {
    /// Whether the file is still wanted.
    fn wanted(&self) -> bool;
    /// How much has arrived, 0 to 1.
    fn arrived(&self, part: f64);
    /// The connection broke; it is tried again.
    fn broke(&self);
}

/// What a file is of.
pub(super) struct Subject {
    pub(super) line: String,
    /// Code of what it shows, or nothing.
    pub(super) shows: String,
}

/// Sends `file` to `place`.
pub(super) async fn send(place: &str, of: &Subject, name: &str, file: &Blob, watch: &impl Watch) -> Sent {
    let size = file.size();
    let mut upload: Option<String> = None;
    let (mut offset, mut broken) = (0.0, 0);
    loop {
        let at = upload.as_ref().map(|id| format!("{place}/uploads/{id}"));
        if !watch.wanted() {
            if let Some(at) = at {
                let _ = ask("DELETE", &at, None).await;
            }
            return Sent::GivenUp;
        }
        let answer = match &at {
            None => announce(place, of, name, size).await,
            // After a break the server knows best what has arrived.
            Some(at) if broken > 0 => ask("GET", at, None).await,
            Some(at) => match file.slice_with_f64_and_f64(offset, (offset + PIECE).min(size)) {
                Ok(piece) => ask("PUT", &format!("{at}?offset={offset}"), Some(&piece)).await,
                Err(_) => return Sent::Broken,
            },
        };
        match answer {
            Answer::Done(told) => {
                broken = 0;
                upload = upload.or_else(|| member(&told, "id")?.as_string());
                if let Some(why) = member(&told, "refused").and_then(|why| why.as_string()) {
                    return Sent::Refused(why);
                }
                if let Some(evidence) = member(&told, "evidence") {
                    return Sent::Kept(evidence);
                }
                offset = member(&told, "offset").and_then(|offset| offset.as_f64()).unwrap_or(offset);
            }
            Answer::Continue(at) => offset = at,
            Answer::Refused(why) => return Sent::Refused(why),
            Answer::Broken if broken >= TRIES => return Sent::Broken,
            Answer::Broken => {
                broken += 1;
                watch.broke();
                pause((500 << broken).min(LONGEST_PAUSE)).await;
            }
        }
        watch.arrived(offset / size);
    }
}

async fn announce(place: &str, of: &Subject, name: &str, size: f64) -> Answer {
    let Ok(form) = UrlSearchParams::new() else { return Answer::Broken };
    form.append("line", &of.line);
    form.append("shows", &of.shows);
    form.append("name", name);
    form.append("size", &size.to_string());
    ask("POST", &format!("{place}/uploads"), Some(&form)).await
}

/// Forgets what is kept. False where the connection is broken.
pub(super) async fn remove(place: &str, id: &str) -> bool {
    !matches!(ask("DELETE", &format!("{place}/evidence/{id}"), None).await, Answer::Broken)
}

async fn ask(method: &str, address: &str, body: Option<&JsValue>) -> Answer {
    request(method, address, body).await.unwrap_or(Answer::Broken)
}

async fn request(method: &str, address: &str, body: Option<&JsValue>) -> Option<Answer> {
    let request = RequestInit::new();
    request.set_method(method);
    request.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)));
    if let Some(body) = body {
        request.set_body(body);
    }
    let response: Response = JsFuture::from(window().fetch_with_str_and_init(address, &request)).await.ok()?.dyn_into().ok()?;
    if response.status() == 204 {
        return Some(Answer::Done(JsValue::UNDEFINED));
    }
    let told = JsFuture::from(response.json().ok()?).await.ok()?;
    let refused = || member(&told, "refused").and_then(|why| why.as_string());
    Some(match response.status() {
        200..300 => Answer::Done(told),
        409 if let Some(at) = member(&told, "offset").and_then(|at| at.as_f64()) => Answer::Continue(at),
        400..500 => refused().map_or(Answer::Broken, Answer::Refused),
        _ => Answer::Broken,
    })
}
