//! What rules say of tasks of people at work that are late.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Deserialize;

use super::effects::Effect;
use super::whom::Whom;
use crate::ids::Code;

/// The longest that a task may be late before it goes to somebody else, hours: a year.
pub const MOST_HOURS: u32 = 8_760;

/// What people have to do, by its codes.
pub const TASKS: [&str; 23] = [
    "review",
    "check_money",
    "issue_label",
    "arrange_transport",
    "chase_parcel",
    "renew_label",
    "trace_parcel",
    "receive",
    "inspect",
    "resolve",
    "answer_appeal",
    "put_away",
    "send_back",
    "settle",
    "release",
    "pay",
    "send_item",
    "repair",
    "stop_parcel",
    "trace_outbound",
    "answer_customer",
    "collect_due",
    "claw_back",
];

static UNKNOWN_TASK: LazyLock<String> = LazyLock::new(|| format!("names what nobody has to do; there are {}", TASKS.join(", ")));

/// What becomes of a task that is late.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EscalationEffect {
    /// Of these kinds, as the queue calls them (`review`, `pay`, …); left out: of all.
    #[serde(default)]
    pub tasks: Vec<Code>,
    /// So many hours after it was due.
    #[schemars(range(max = 8_760))]
    pub after_hours: u32,
    /// Whose it is then, whoever had it.
    pub to: Whom,
}

impl EscalationEffect {
    /// Whether it is of tasks of that kind, by its code.
    #[must_use]
    pub fn is_of(&self, kind: &str) -> bool {
        self.tasks.is_empty() || self.tasks.iter().any(|task| task.as_str() == kind)
    }
}

impl Effect for EscalationEffect {
    fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let unknown = self.tasks.iter().any(|task| !TASKS.contains(&task.as_str()));
        let unknown = unknown.then(|| ("tasks", UNKNOWN_TASK.as_str()));
        let long = (self.after_hours > MOST_HOURS).then_some(("after_hours", "is more than a year (8760)"));
        let nobody = self.to.problem().map(|problem| ("to", problem));
        unknown.into_iter().chain(long).chain(nobody).collect()
    }
}
