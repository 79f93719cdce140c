//! Events of older shapes, made what they would be today.
//!
//! Schema 1 named lines by order and line, knew no lots, and gave a rule's answers to whoever had asked.

use serde_json::{Map, Value, json};

use super::actor::Actor;
use super::number::LotNo;
use super::request::Return;
use super::{LineNo, ReturnLine};

/// From schema 1 to 2. `request`: the return before the event.
pub(super) fn upcast(event: &mut Map<String, Value>, actor: &mut Actor, request: Option<&Return>) {
    let kind = event.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    let Some(request) = request else { return };
    match kind.as_str() {
        "approved" | "sent_to_review" | "declined" | "cancelled" => {
            if let Some(lines) = event.remove("lines") {
                let lots: Vec<Value> = lines_of(request, &lines).flat_map(|line| &line.lots).map(|lot| lot.id.to_string().into()).collect();
                event.insert("lots".into(), lots.into());
            }
            if kind != "cancelled" {
                *actor = Actor::System;
            }
        }
        "evidence_added" => {
            if let Some(lines) = event.get_mut("lines") {
                *lines = lines_of(request, lines).map(|line| Value::from(line.id.to_string())).collect();
            }
        }
        "lines_added" => {
            if let Some(Value::Array(lines)) = event.get_mut("lines") {
                let mut next = request.next_line();
                lines.iter_mut().for_each(|asked| *asked = added(request, asked.take(), &mut next));
            }
        }
        _ => {}
    }
}

/// The lines that references name by order and line.
fn lines_of<'r>(request: &'r Return, references: &Value) -> impl Iterator<Item = &'r ReturnLine> {
    let references: Vec<Value> = references.as_array().cloned().unwrap_or_default();
    request.lines.iter().filter(move |line| references.iter().any(|reference| is(line, reference)))
}

fn is(line: &ReturnLine, reference: &Value) -> bool {
    reference["order"].as_str() == Some(line.asked.order.as_str()) && reference["line"].as_str() == Some(line.asked.line.as_str())
}

/// Units of a line that is live joined it; of one that was declined or called off, a new one took its place.
fn added(request: &Return, asked: Value, next: &mut LineNo) -> Value {
    let known = request.lines.iter().find(|line| is(line, &asked));
    match known {
        Some(line) if line.lots.iter().any(|lot| lot.state.is_live()) => {
            json!({ "lot": LotNo::first(line.id).to_string(), "asked": asked })
        }
        _ => {
            let lot = LotNo::first(*next);
            next.0 += 1;
            json!({ "lot": lot.to_string(), "instead_of": known.map(|line| line.id.to_string()), "asked": asked })
        }
    }
}
