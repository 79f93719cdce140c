//! What the forms of the dock send.

use domain::item::LONGEST_COMMENT;
use domain::plain::several_lines;
use domain::policy::{BasisPoints, LONGEST_ANSWER, MOST_QUESTIONS};
use domain::returns::{CommandKind, Deduction, Disposition, Grade, HandOut, Inspection, LineNo, Lot, LotNo, Outcome, Return, ReturnLine};
use domain::scrap::ScrapGround;

use super::decisions::Decide;
use crate::forms::{Fields, noted};
use crate::ports::{CasePage, Mistake, Noted};

/// Where goods go, of that name.
pub(super) fn place_of(code: &str) -> Option<Disposition> {
    Disposition::PLACES.into_iter().find(|(name, _)| *name == code).map(|(_, to)| to)
}

/// Whether goods may go there: what was not accepted is still the customer's.
pub(super) fn may_go(found: Inspection, to: Disposition) -> bool {
    found != Inspection::Rejected || matches!(to, Disposition::SendBack | Disposition::Quarantine)
}

/// The forms of the dock.
pub struct DockForm;

impl DockForm {
    pub const RECEIVE: &'static str = "do-receive";

    #[must_use]
    pub fn of_line(line: LineNo) -> String {
        format!("do-inspect-{line}")
    }

    /// Who says it: their account's name.
    pub const CLERK: &'static str = "clerk";
    /// By which name it is taken once.
    pub const KEY: &'static str = "key";
    pub const PUT: &'static str = "do-put";
    pub const SEND_BACK: &'static str = "do-send-back";

    /// Their names: what they are about is said beside them while the page is open.
    #[must_use]
    pub fn ids(page: &CasePage) -> Vec<String> {
        let receives = page.can.contains(&CommandKind::Receive).then(|| Self::RECEIVE.to_owned());
        let inspects = page.request.lines.iter().filter(|_| page.can.contains(&CommandKind::Inspect)).map(|line| Self::of_line(line.id));
        let puts = page.can.contains(&CommandKind::Dispose).then(|| Self::PUT.to_owned());
        let sends = page.can.contains(&CommandKind::SendBack).then(|| Self::SEND_BACK.to_owned());
        receives.into_iter().chain(inspects).chain(puts).chain(sends).collect()
    }

    /// The version of the return that was looked at.
    pub fn version(fields: &Fields) -> Result<u64, Noted> {
        fields.get(Decide::VERSION).parse().map_err(|_| noted("", Mistake::Changed))
    }
}

/// What came: units of lines, by what became of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiveForm {
    pub counted: Vec<(LineNo, u32, Outcome)>,
    /// Units that nobody announced.
    pub beside: u32,
    /// What they are.
    pub sku: Option<String>,
    pub warehouse: Option<String>,
    pub version: u64,
}

impl ReceiveForm {
    pub(super) const KINDS: [(&'static str, Outcome); 3] =
        [("came", Outcome::Received), ("short", Outcome::Short), ("wrong", Outcome::WrongItem)];
    pub const BESIDE: &'static str = "beside";
    pub const SKU: &'static str = "sku";
    pub const WAREHOUSE: &'static str = "warehouse";

    #[must_use]
    pub fn field(kind: &str, line: LineNo) -> String {
        format!("{kind}|{line}")
    }

    /// The first field of a line: where what is wrong with its count is said.
    #[must_use]
    pub fn count_of(line: LineNo) -> String {
        Self::field("came", line)
    }

    /// What was sent, of that return; every mistake at its field.
    pub fn parse(fields: &Fields, request: &Return) -> Result<Self, Vec<Noted>> {
        let mut mistakes = Vec::new();
        let mut counted = Vec::new();
        for line in &request.lines {
            let most = HandOut::of(request).waiting(CommandKind::Receive, line.id);
            for (kind, outcome) in Self::KINDS {
                let name = Self::field(kind, line.id);
                match units(fields.get(&name)) {
                    Some(0) => {}
                    Some(units) => counted.push((line.id, units, outcome)),
                    None => mistakes.push(noted(name, Mistake::DockCount { most })),
                }
            }
        }
        let beside = units(fields.get(Self::BESIDE));
        if beside.is_none() {
            mistakes.push(noted(Self::BESIDE, Mistake::DockCount { most: MOST_BESIDE }));
        }
        let beside = beside.unwrap_or_default();
        if counted.is_empty() && beside == 0 && mistakes.is_empty() {
            mistakes.push(noted("", Mistake::DockNothing));
        }
        let version = DockForm::version(fields).map_err(|mistake| mistakes.push(mistake)).unwrap_or_default();
        let (sku, warehouse) = (fields.maybe(Self::SKU).map(|_| fields.short(Self::SKU)), fields.maybe(Self::WAREHOUSE));
        if mistakes.is_empty() { Ok(Self { counted, beside, sku, warehouse, version }) } else { Err(mistakes) }
    }
}

/// Units beside what was announced, at the most.
pub(super) const MOST_BESIDE: u32 = 9_999;

/// A number of units; nothing typed is none.
fn units(text: &str) -> Option<u32> {
    if text.is_empty() { Some(0) } else { text.parse().ok().filter(|units| *units <= MOST_BESIDE) }
}

/// What units of a line are like, and where they go.
#[derive(Clone, Debug, PartialEq)]
pub struct InspectForm {
    pub line: LineNo,
    pub units: u32,
    /// Nothing: as the answers say.
    pub found: Option<Inspection>,
    pub grade: Option<Grade>,
    pub deduct: Option<Deduction>,
    /// Nothing: where a rule says, or that is decided later.
    pub to: Option<Disposition>,
    /// Why it goes elsewhere than a rule says.
    pub why: Option<String>,
    pub ground: Option<ScrapGround>,
    pub words: Option<String>,
    /// What was answered: question, answer, and why it is taken though it was not sold.
    pub answers: Vec<(String, String, Option<String>)>,
    pub version: u64,
}

impl InspectForm {
    pub(super) const LINE: &'static str = "line";
    pub const RESULT: &'static str = "result";
    pub(super) const GRADE: &'static str = "grade";
    pub const PERCENT: &'static str = "percent";
    pub const TO: &'static str = "to";
    pub const GROUND: &'static str = "ground";
    pub(super) const WORDS: &'static str = "findings";
    pub(super) const UNITS: &'static str = "units";
    pub const WHY: &'static str = "why";
    const ANSWER: &'static str = "answer";
    const SOLD: &'static str = "sold";
    /// The value of a result that the answers say.
    pub(super) const BY_ANSWERS: &'static str = "answers";
    pub const PHOTOS: &'static str = "photos";

    /// A field of a line's form.
    #[must_use]
    pub fn field(name: &str, line: LineNo) -> String {
        format!("{name}|{line}")
    }

    #[must_use]
    pub fn count_of(line: LineNo) -> String {
        Self::field(Self::UNITS, line)
    }

    /// The answer to a question of a line's form.
    #[must_use]
    pub fn answer_of(question: &str, line: LineNo) -> String {
        format!("{}|{question}|{line}", Self::ANSWER)
    }

    /// Why an answer is taken though it was not sold.
    #[must_use]
    pub fn sold_of(question: &str, line: LineNo) -> String {
        format!("{}|{question}|{line}", Self::SOLD)
    }

    /// Whether a field is one for photos.
    #[must_use]
    pub fn is_of_photos(field: &str) -> bool {
        field.strip_prefix(Self::PHOTOS).is_some_and(|line| line.starts_with('|'))
    }

    /// The form that was sent.
    #[must_use]
    pub fn line_of(fields: &Fields) -> Option<LineNo> {
        fields.get(Self::LINE).parse().ok()
    }

    /// What was sent, of that return; every mistake at its field.
    pub fn parse(fields: &Fields, request: &Return) -> Result<Self, Vec<Noted>> {
        let mut mistakes = Vec::new();
        let named = Self::line_of(fields).filter(|line| request.line(*line).is_some());
        let Some(line) = named else { return Err(vec![noted("", Mistake::Changed)]) };
        let field = |name: &str| Self::field(name, line);
        let get = |name: &str| fields.get(&field(name)).to_owned();
        let most = HandOut::of(request).waiting(CommandKind::Inspect, line);
        let count = Some(get(Self::UNITS)).filter(|text| !text.is_empty()).map_or(Some(most), |text| units(&text));
        let units = count.filter(|units| (1..=most).contains(units)).unwrap_or_else(|| {
            mistakes.push(noted(field(Self::UNITS), Mistake::DockCount { most }));
            0
        });
        let result = get(Self::RESULT);
        let found = Inspection::RESULTS.into_iter().find(|(name, _)| *name == result).map(|(_, found)| found);
        let answers = Self::answers(fields, line);
        if found.is_none() && (result != Self::BY_ANSWERS || answers.is_empty()) {
            mistakes.push(noted(field(Self::RESULT), Mistake::Unanswered));
        }
        let grade = get(Self::GRADE).parse().ok();
        let percent = get(Self::PERCENT).replace(',', ".");
        let deduct = (!percent.is_empty() && found.is_none_or(|found| found == Inspection::Downgraded)).then(|| {
            let points = percent
                .trim_end_matches('%')
                .trim()
                .parse()
                .ok()
                .and_then(|percent| BasisPoints::try_from(domain::money::Amount(percent)).ok());
            points.map(Deduction::Percent).ok_or_else(|| noted(field(Self::PERCENT), Mistake::DockPercent))
        });
        let deduct = deduct.transpose().map_err(|mistake| mistakes.push(mistake)).unwrap_or_default();
        let to = place_of(&get(Self::TO));
        if to.zip(found).is_some_and(|(to, found)| !may_go(found, to)) {
            mistakes.push(noted(field(Self::TO), Mistake::DockTheirs));
        }
        let ground: Option<ScrapGround> = get(Self::GROUND).parse().ok().filter(|_| to.is_some_and(Disposition::destroys));
        let words = fields.maybe(&field(Self::WORDS)).map(|words| several_lines(&words)).filter(|words| !words.is_empty());
        if words.as_ref().is_some_and(|words| words.chars().count() > LONGEST_COMMENT) {
            mistakes.push(noted(field(Self::WORDS), Mistake::CommentLong { most: LONGEST_COMMENT as u32 }));
        }
        let why = reason(fields, &field(Self::WHY), &mut mistakes);
        let version = DockForm::version(fields).map_err(|mistake| mistakes.push(mistake)).unwrap_or_default();
        let form = Self { line, units, found, grade, deduct, to, why, ground, words, answers, version };
        if mistakes.is_empty() { Ok(form) } else { Err(mistakes) }
    }

    /// What was answered to a line's form; whether each is an answer only the form knows.
    fn answers(fields: &Fields, line: LineNo) -> Vec<(String, String, Option<String>)> {
        let of = |name: &str| -> Option<String> {
            let rest = name.strip_prefix(Self::ANSWER)?.strip_prefix('|')?;
            let (question, of) = rest.split_once('|')?;
            (of.parse() == Ok(line)).then(|| question.to_owned())
        };
        let given = fields.0.iter().filter_map(|(name, value)| Some((of(name)?, value)));
        let given = given.filter(|(_, value)| !value.trim().is_empty()).take(MOST_QUESTIONS);
        given
            .map(|(question, value)| {
                let why = fields.maybe(&Self::sold_of(&question, line)).map(|why| several_lines(&why)).filter(|why| !why.is_empty());
                // What is longer than an answer is still longer then.
                let cut = |text: &str, most: usize| text.chars().take(most + 1).collect::<String>();
                (question, cut(value, LONGEST_ANSWER), why.map(|why| why.chars().take(LONGEST_COMMENT).collect()))
            })
            .collect()
    }
}

/// Why something goes elsewhere than a rule says.
fn reason(fields: &Fields, name: &str, mistakes: &mut Vec<Noted>) -> Option<String> {
    let why = fields.maybe(name).map(|why| several_lines(&why)).filter(|why| !why.is_empty())?;
    if why.chars().count() > LONGEST_COMMENT {
        mistakes.push(noted(name, Mistake::CommentLong { most: LONGEST_COMMENT as u32 }));
    }
    Some(why)
}

/// Where a lot goes that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutLot {
    pub lot: LotNo,
    pub to: Disposition,
    pub ground: Option<ScrapGround>,
    /// Why it goes elsewhere than a rule says.
    pub why: Option<String>,
}

/// Where lots go that were looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutForm {
    pub lots: Vec<PutLot>,
    pub version: u64,
}

impl PutForm {
    #[must_use]
    pub fn field(name: &str, lot: LotNo) -> String {
        format!("{name}|{lot}")
    }

    /// Lots that lie there, or are kept apart, and of which it is to be said where they go.
    pub fn waiting(request: &Return) -> impl Iterator<Item = (&ReturnLine, &Lot)> {
        let lies = |lot: &Lot| matches!(lot.state.disposition, Disposition::None | Disposition::Quarantine);
        request.lots().filter(move |(_, lot)| lot.state.is_live() && lot.state.inspection != Inspection::Pending && lies(lot))
    }

    /// What was sent, of that return; every mistake at its field.
    pub fn parse(fields: &Fields, request: &Return) -> Result<Self, Vec<Noted>> {
        let mut mistakes = Vec::new();
        let mut lots = Vec::new();
        for (_, lot) in Self::waiting(request) {
            let name = Self::field(InspectForm::TO, lot.id);
            let Some(to) = place_of(fields.get(&name)) else { continue };
            if !may_go(lot.state.inspection, to) {
                mistakes.push(noted(name, Mistake::DockTheirs));
                continue;
            }
            let ground = fields.get(&Self::field(InspectForm::GROUND, lot.id)).parse().ok().filter(|_| to.destroys());
            let why = reason(fields, &Self::field(InspectForm::WHY, lot.id), &mut mistakes);
            lots.push(PutLot { lot: lot.id, to, ground, why });
        }
        if lots.is_empty() && mistakes.is_empty() {
            mistakes.push(noted("", Mistake::DockNowhere));
        }
        let version = DockForm::version(fields).map_err(|mistake| mistakes.push(mistake)).unwrap_or_default();
        if mistakes.is_empty() { Ok(Self { lots, version }) } else { Err(mistakes) }
    }
}

/// What left for the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendBackForm {
    pub tracking_number: Option<String>,
    pub version: u64,
}

impl SendBackForm {
    pub(super) const NUMBER: &'static str = "tracking";

    pub fn parse(fields: &Fields) -> Result<Self, Vec<Noted>> {
        let version = DockForm::version(fields).map_err(|mistake| vec![mistake])?;
        Ok(Self { tracking_number: fields.maybe(Self::NUMBER).map(|_| fields.short(Self::NUMBER)), version })
    }
}
