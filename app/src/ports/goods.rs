//! What the dock is told: what a policy says of goods that are looked at, and what was found of them.

use domain::policy::{BasisPoints, Found, Grade, Question};
use domain::returns::{Disposition, LineNo, LotNo};

/// What a policy says of a line whose goods are looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct DockLine {
    pub line: LineNo,
    /// What whoever looks at them is asked.
    pub questions: Vec<Question>,
    /// Where rules send them, by what is found.
    pub ways: Vec<DockWay>,
    /// What rules take off of them, by grade; what the law keeps them from is left out.
    pub percents: Vec<(Grade, BasisPoints)>,
}

/// What was found of a lot, the last time it was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseLooked {
    pub lot: LotNo,
    pub findings: Option<String>,
    /// Questions of its form with their answers, and why what was not sold was taken.
    pub answers: Vec<(Question, String, Option<String>)>,
    /// What is taken off, and the rule that says so, where one does.
    pub deduct: Option<(BasisPoints, Option<String>)>,
}

/// Where a rule sends goods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockPlace {
    pub to: Disposition,
    /// Id of the rule.
    pub rule: String,
}

/// Where a rule sends goods, and what must be found for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockWay {
    pub place: DockPlace,
    /// What is found, and the grades with it; none named: whatever the grade, or without one.
    pub when: Vec<(Found, Vec<Grade>)>,
}
