//! How events are written, and read again whatever version wrote them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::actor::Actor;
use super::event::{Event, Recorded};
use super::number::CommandId;
use super::request::Return;
use super::upcast::upcast;

/// A return's events as far as this version knows them, and the state they lead to.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The events, in order; those of a newer version are left out.
    pub events: Vec<Recorded>,
    /// The return, which says whether any was left out.
    pub request: Return,
}

/// An event as it is kept: its number, its time, who decided it and what it is, both as JSON.
pub type Row<'r> = (u64, Timestamp, &'r str, &'r str);

/// Why a history is no history.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// No event, or the first is not the opening of a return.
    #[error("it does not begin with its opening")]
    Beginning,
    /// An event whose kind and schema are known here is not what they say.
    #[error("event {seq}: {why}")]
    Event { seq: u64, why: String },
}

/// An event as JSON, with its kind, its schema and the command it came of.
pub fn write_event(recorded: &Recorded) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Written<'r> {
        #[serde(flatten)]
        event: &'r Event,
        schema: u32,
        command_id: &'r CommandId,
    }
    serde_json::to_string(&Written { event: &recorded.event, schema: recorded.event.schema(), command_id: &recorded.command_id })
}

impl History {
    /// Reads a return's events, the first first.
    pub fn read<'r>(rows: impl IntoIterator<Item = Row<'r>>) -> Result<Self, Unreadable> {
        let mut events: Vec<Recorded> = Vec::new();
        let mut request: Option<Return> = None;
        for (seq, at, actor, event) in rows {
            let wrong = |error: serde_json::Error| Unreadable::Event { seq, why: error.to_string() };
            let envelope: Envelope = serde_json::from_str(event).map_err(wrong)?;
            let schema = envelope.schema.unwrap_or(1);
            if !is_known(&envelope.kind, schema) {
                let request = request.as_mut().ok_or(Unreadable::Beginning)?;
                (request.newer, request.version) = (true, request.version + 1);
                continue;
            }
            let mut actor: Actor = serde_json::from_str(actor).map_err(wrong)?;
            let event: Event = if schema == 1 {
                let mut value: Map<String, Value> = serde_json::from_str(event).map_err(wrong)?;
                upcast(&mut value, &mut actor, request.as_ref());
                serde_json::from_value(value.into()).map_err(wrong)?
            } else {
                match envelope.opening {
                    // The largest by far, and read without looking for its kind first.
                    Some(opening) => Event::Opened { opening: serde_json::from_str(opening.get()).map_err(wrong)? },
                    None => serde_json::from_str(event).map_err(wrong)?,
                }
            };
            match &mut request {
                None => request = Some(Return::from_events([&event]).ok_or(Unreadable::Beginning)?),
                Some(request) => {
                    let earlier = events.iter().map(|earlier| (earlier.seq, &earlier.event));
                    request.evolve_after(&event, earlier).ok_or(Unreadable::Beginning)?;
                }
            }
            // Before commands had names, what happened in the same millisecond was taken for one.
            let command_id = CommandId::new(envelope.command_id.unwrap_or_else(|| at.as_millisecond().to_string()));
            events.push(Recorded { seq, at, actor, command_id, event });
        }
        Ok(Self { events, request: request.ok_or(Unreadable::Beginning)? })
    }
}

/// What is beside an event in its JSON.
#[derive(Deserialize)]
struct Envelope<'e> {
    kind: String,
    schema: Option<u64>,
    command_id: Option<String>,
    /// What only the event `opened` has.
    #[serde(borrow)]
    opening: Option<&'e RawValue>,
}

fn is_known(kind: &str, schema: u64) -> bool {
    Event::KINDS.iter().any(|(known, newest)| *known == kind && schema <= u64::from(*newest))
}
