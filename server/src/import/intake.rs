//! Between reading and writing: orders are checked on the reading side and handed over in batches.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};

use domain::ids::LineId;
use domain::money::Currency;
use domain::order::{Admitted, FieldProblem};
use tokio::sync::mpsc;

use super::ImportError;
use super::platform::Told;
use super::report::Refusal;
use crate::store::{Credit, OrderToPut};

/// Orders written in one transaction.
const ORDERS: usize = 500;
/// A batch is also handed over when its documents are this long together: memory stays bounded whatever the orders hold.
const BYTES: usize = 4 << 20;
/// Or when this much else is in it.
const OTHERS: usize = 5_000;
/// An order may have thousands of lines that are wrong in the same way: so many problems of one are said.
const MOST_PROBLEMS: usize = 10;
/// A problem names what was found, which may be as long as the file.
const MOST_LETTERS: usize = 2_000;

/// What was read since the last batch.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub orders: Vec<OrderToPut>,
    /// Where each of them starts, and how many lines it has.
    pub places: Vec<(u64, u64)>,
    /// Refunds that came with the orders, by the order's key.
    pub credits: Vec<(String, Vec<Credit>)>,
    pub notes: Vec<NoteLine>,
    /// What was left out of orders that were taken, or changed.
    pub changed: Vec<Refusal>,
    pub refused: Vec<Refusal>,
    pub skipped: BTreeMap<String, u64>,
    pub recognised: BTreeMap<String, u64>,
    /// Rows read so far, in all.
    pub rows: u64,
    pub broken_off: Option<String>,
    bytes: usize,
}

/// A line of a credit note that says nothing, or not enough, of the order it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NoteLine {
    /// In the file.
    pub line: u64,
    pub credit_note: String,
    pub position: i64,
    /// The order's number, where it is known.
    pub order: Option<String>,
    /// The shop's name for the customer.
    pub customer: Option<String>,
    /// Epoch milliseconds.
    pub at: i64,
    pub sku: Option<String>,
    /// The order's line, where it is known.
    pub order_line: Option<LineId>,
    pub quantity: u32,
    pub amount: i64,
    pub currency: Currency,
}

/// Where readers put what they read.
pub(super) struct Intake {
    batch: Batch,
    batches: mpsc::Sender<Batch>,
    /// By the hash of a number: the line of the order that has it, and what the source knows it by.
    numbers: HashMap<u64, (u64, Box<str>)>,
    hasher: RandomState,
}

impl Intake {
    pub fn new(batches: mpsc::Sender<Batch>) -> Self {
        Self { batch: Batch::default(), batches, numbers: HashMap::new(), hasher: RandomState::new() }
    }

    /// `rows` more were read.
    pub fn count(&mut self, rows: u64) {
        self.batch.rows += rows;
    }

    /// An order that starts at `line`. It is taken, or refused with all that is wrong with it.
    pub fn order(&mut self, line: u64, told: Told) -> Result<(), ImportError> {
        let Told { document, credits, mut notes, identity } = told;
        let number = document.number.clone();
        let Admitted { order, document, notes: more } = match document.admit() {
            Ok(admitted) => admitted,
            Err(problems) => return self.refuse(line, Some(&number), &problems),
        };
        let to_put = OrderToPut::new(&order, &document)?;
        if let Some(problem) = identity.and_then(|identity| self.namesake(&to_put.key, identity, line)) {
            return self.refuse(line, Some(&number), &[problem]);
        }
        notes.extend(more);
        if !notes.is_empty() {
            let changed = told_of(line, Some(&number), &notes);
            self.batch.changed.push(changed);
        }
        self.batch.bytes += to_put.document().len();
        if !credits.is_empty() {
            self.batch.credits.push((to_put.key.clone(), credits));
        }
        self.batch.places.push((line, order.lines.len() as u64));
        self.batch.orders.push(to_put);
        self.hand_over_if_full()
    }

    /// What is wrong where another order has this number. The same order again is none.
    fn namesake(&mut self, key: &str, identity: String, line: u64) -> Option<FieldProblem> {
        let number = self.hasher.hash_one(key);
        match self.numbers.get(&number) {
            Some((first, other)) if **other != *identity => {
                let problem = format!("is that of order `{other}` (line {first}), which is taken: order `{identity}` needs another");
                Some(FieldProblem::new("number", problem))
            }
            Some(_) => None,
            None => {
                self.numbers.insert(number, (line, identity.into_boxed_str()));
                None
            }
        }
    }

    /// A line of a credit note.
    pub fn note_line(&mut self, note: NoteLine) -> Result<(), ImportError> {
        self.batch.notes.push(note);
        self.hand_over_if_full()
    }

    /// An order that cannot be taken.
    pub fn refuse(&mut self, line: u64, number: Option<&str>, problems: &[FieldProblem]) -> Result<(), ImportError> {
        self.batch.refused.push(told_of(line, number, problems));
        self.hand_over_if_full()
    }

    /// A row left out on purpose.
    pub fn skip(&mut self, label: &str) {
        count(&mut self.batch.skipped, label);
    }

    /// A row that belongs to an order or a credit note, but is no line of goods.
    pub fn recognise(&mut self, label: &str) {
        count(&mut self.batch.recognised, label);
    }

    /// The source cannot be read any further.
    pub fn break_off(&mut self, reason: impl ToString) {
        self.batch.broken_off = Some(reason.to_string());
    }

    /// Hands over what is left.
    pub fn finish(mut self) -> Result<(), ImportError> {
        self.hand_over()
    }

    fn hand_over_if_full(&mut self) -> Result<(), ImportError> {
        let Batch { orders, bytes, notes, refused, changed, .. } = &self.batch;
        if orders.len() >= ORDERS || *bytes >= BYTES || notes.len() + refused.len() + changed.len() >= OTHERS {
            self.hand_over()
        } else {
            Ok(())
        }
    }

    fn hand_over(&mut self) -> Result<(), ImportError> {
        let rows = self.batch.rows;
        let batch = std::mem::replace(&mut self.batch, Batch { rows, ..Batch::default() });
        self.batches.blocking_send(batch).map_err(|_| ImportError::Stopped)
    }
}

/// What is wrong with an order, or was changed in it, as far as it is read by anybody.
fn told_of(line: u64, number: Option<&str>, problems: &[FieldProblem]) -> Refusal {
    let mut reason = problems.iter().take(MOST_PROBLEMS).map(ToString::to_string).collect::<Vec<_>>().join("; ");
    if problems.len() > MOST_PROBLEMS {
        reason.push_str(&format!("; and {} more", problems.len() - MOST_PROBLEMS));
    }
    if let Some((end, _)) = reason.char_indices().nth(MOST_LETTERS) {
        reason.truncate(end);
        reason.push('…');
    }
    let order = number.map(str::trim).filter(|number| !number.is_empty()).map(|number| number.chars().take(80).collect());
    Refusal { line, order, reason }
}

fn count(counts: &mut BTreeMap<String, u64>, label: &str) {
    match counts.get_mut(label) {
        Some(count) => *count += 1,
        None => {
            counts.insert(label.to_owned(), 1);
        }
    }
}

/// What `read` takes in, all of it, for tests of readers.
#[cfg(test)]
pub(super) fn taken(read: impl FnOnce(&mut Intake) -> Result<(), ImportError>) -> Batch {
    let (sender, mut batches) = mpsc::channel(1);
    let mut intake = Intake::new(sender);
    read(&mut intake).unwrap();
    intake.finish().unwrap();
    batches.try_recv().unwrap()
}

#[cfg(test)]
impl Batch {
    /// The orders as they are stored.
    pub fn documents(&self) -> Vec<domain::order::OrderDocument> {
        self.orders.iter().map(|order| domain::order::OrderDocument::from_json(order.document().as_bytes()).unwrap()).collect()
    }

    /// The orders, parsed.
    pub fn parsed(&self) -> Vec<domain::order::Order> {
        self.documents().iter().map(|document| domain::order::Order::parse(document).unwrap()).collect()
    }

    /// Line and note of what was changed.
    pub fn changes(&self) -> Vec<(u64, &str)> {
        self.changed.iter().map(|change| (change.line, change.reason.as_str())).collect()
    }

    /// Line and reason of what was refused.
    pub fn reasons(&self) -> Vec<(u64, &str)> {
        self.refused.iter().map(|refusal| (refusal.line, refusal.reason.as_str())).collect()
    }
}
