//! What the page of a return shows.

use domain::reason::Reason;
use domain::returns::{Entry, Return, ReturnLine};

use super::{Given, Noted};

/// `/returns/{rma}`
#[derive(Clone, Debug)]
pub struct ReturnPage {
    pub request: Return,
    pub entries: Vec<Entry>,
    /// Photos and documents that were given.
    pub given: Vec<Given>,
    /// A label can be printed.
    pub label: bool,
    /// The label has expired.
    pub label_expired: bool,
    /// It can still be changed.
    pub can_change: bool,
    /// What was wrong with the last change, on whichever page it was.
    pub mistakes: Vec<Noted>,
    /// It can still be called off.
    pub can_cancel: bool,
    /// Days from arrival to the money, at most.
    pub days_to_money: i64,
    /// The reasons that its lines name.
    pub reasons: Vec<Reason>,
}

impl ReturnPage {
    /// What was wrong with the last change at these fields; at none (`""`): with the change as a whole.
    #[must_use]
    pub fn mistakes_at(&self, fields: &[&str]) -> Vec<Noted> {
        self.mistakes.iter().filter(|noted| fields.contains(&noted.field.as_str())).cloned().collect()
    }

    /// Why a line comes back, where the return has the same item for another reason too: it is told apart by that.
    #[must_use]
    pub fn told_apart(&self, line: &ReturnLine) -> Option<&Reason> {
        let twice = self.request.lines.iter().any(|other| other.id != line.id && other.asked.is_of(&line.asked.order, &line.asked.line));
        let code = line.asked.sub_reason.as_ref().unwrap_or(&line.asked.reason);
        self.reasons.iter().find(|reason| reason.code == *code).filter(|_| twice)
    }
}
