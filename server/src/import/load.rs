//! Writing what was read: batches into the store, refusals into their file, credit notes to the purchases they belong to.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use futures::{StreamExt, stream};
use tokio::sync::mpsc;

use super::intake::{Batch, Intake, NoteLine};
use super::matching::{Outcome, Target};
use super::report::{Progress, Refusal, Report, kind};
use super::{Format, ImportError, Options, RefusalsTo, Source, csv, json, matching, shopify, woocommerce};
use crate::store::{self, Credit, OrderToPut, Put, Store, StoreError};
use crate::tables::cell;

/// Batches that may wait between reading and writing: enough for both to be busy, few enough to stay small.
const WAITING: usize = 2;
/// Customers whose credit notes are matched at the same time.
const MATCHES: usize = 32;

/// Kinds of reasons that are told apart: reasons repeat what they are about, and there is no end of that.
const MOST_KINDS: usize = 200;

/// Imports orders from `source` at `now` (epoch milliseconds). Every order is taken whole or not at all; what is refused is explained
/// in the report and does not keep the rest out; doing it again changes nothing. `progress` is called from time to time.
pub async fn run(
    store: &Store,
    now: i64,
    source: Source,
    options: Options,
    progress: &mut (dyn FnMut(&Progress) + Send),
) -> Result<Report, ImportError> {
    let read_bytes = Arc::new(AtomicU64::new(0));
    let mut load = Load {
        store: store.clone(),
        now,
        started: Instant::now(),
        size: source.size(),
        read_bytes: read_bytes.clone(),
        refusals: Refusals::open(options.refusals.clone())?,
        report: Report::default(),
        notes: Vec::new(),
    };
    let (sender, mut batches) = mpsc::channel(WAITING);
    let reading = tokio::task::spawn_blocking(move || read(source, &options, Intake::new(sender), read_bytes));
    while let Some(batch) = batches.recv().await {
        load.write(batch).await?;
        progress(&load.progress());
    }
    reading.await.map_err(|_| ImportError::Stopped)??;
    load.match_notes(progress).await?;
    progress(&load.progress());
    load.finish()
}

fn read(source: Source, options: &Options, mut intake: Intake, read_bytes: Arc<AtomicU64>) -> Result<(), ImportError> {
    let folder = source.folder().to_owned();
    match source.open(read_bytes) {
        Err(error) => intake.break_off(error),
        Ok(text) => match options.format {
            Format::Json => json::read(text, &mut intake)?,
            Format::ShopifyJson => shopify::read_json(text, &mut intake)?,
            Format::ShopifyCsv => shopify::read_csv(text, &options.time_zone, &mut intake)?,
            Format::WoocommerceJson => woocommerce::read(text, &options.time_zone, &mut intake)?,
            Format::Csv => {
                let mapping = options.mapping.as_ref().ok_or_else(ImportError::no_mapping)?;
                let folder: PathBuf = options.joins_from.clone().unwrap_or(folder);
                csv::read(text, mapping, &folder, &mut intake)?;
            }
        },
    }
    intake.finish()
}

impl ImportError {
    fn no_mapping() -> Self {
        Self::NoMapping(csv::SHIPPED_MAPPINGS.iter().map(|(name, _)| *name).collect())
    }
}

struct Load {
    store: Store,
    now: i64,
    started: Instant,
    size: Option<u64>,
    read_bytes: Arc<AtomicU64>,
    refusals: Refusals,
    report: Report,
    /// Kept to the end: the purchase a credit note belongs to may stand anywhere in the file.
    notes: Vec<NoteLine>,
}

impl Load {
    async fn write(&mut self, batch: Batch) -> Result<(), ImportError> {
        let Batch { orders, places, credits, .. } = batch;
        let puts = match self.put(orders.clone(), credits.clone()).await {
            // One that the database takes for no order must not cost the others: each by itself, then.
            Err(error) if error.is_refusal() => self.put_one_by_one(&orders, &places, credits).await?,
            puts => {
                self.count_credits(&credits);
                puts?.into_iter().map(Some).collect()
            }
        };
        for (put, (_, lines)) in puts.into_iter().zip(places) {
            let Some(put) = put else { continue };
            self.report.order_lines += lines;
            match put {
                Put::Created => self.report.created += 1,
                Put::Replaced => self.report.replaced += 1,
                Put::Unchanged => self.report.unchanged += 1,
            }
        }
        self.report.rows = batch.rows;
        for (label, count) in batch.skipped {
            *self.report.skipped.entry(label).or_default() += count;
        }
        for (label, count) in batch.recognised {
            *self.report.recognised.entry(label).or_default() += count;
        }
        for refusal in batch.refused {
            self.refuse(refusal)?;
        }
        for note in batch.changed {
            self.report.noted += 1;
            count(&mut self.report.noted_by_reason, &note.reason);
            self.refusals.note(note)?;
        }
        self.notes.extend(batch.notes);
        self.report.broken_off = self.report.broken_off.take().or(batch.broken_off);
        Ok(())
    }

    async fn put(&self, orders: Vec<OrderToPut>, credits: Vec<(String, Vec<Credit>)>) -> Result<Vec<Put>, StoreError> {
        let now = self.now;
        let write = self.store.write(move |mut conn| {
            Box::pin(async move {
                let puts = store::put_orders(&mut conn, &orders, now).await?;
                for (key, credits) in &credits {
                    store::record_credits(&mut conn, key, credits).await?;
                }
                Ok::<_, StoreError>(puts)
            })
        });
        write.await
    }

    /// Each order in a transaction of its own; nothing for one that the database refuses.
    async fn put_one_by_one(
        &mut self,
        orders: &[OrderToPut],
        places: &[(u64, u64)],
        mut credits: Vec<(String, Vec<Credit>)>,
    ) -> Result<Vec<Option<Put>>, ImportError> {
        let mut puts = Vec::with_capacity(orders.len());
        for (order, (line, _)) in orders.iter().zip(places) {
            let at = credits.iter().position(|(key, _)| *key == order.key);
            let own: Vec<_> = at.map(|at| credits.remove(at)).into_iter().collect();
            match self.put(vec![order.clone()], own.clone()).await {
                Ok(put) => {
                    self.count_credits(&own);
                    puts.push(put.first().copied());
                }
                Err(error) if error.is_refusal() => {
                    let reason = format!("the database does not take it: {}", error.chain());
                    self.refuse(Refusal { line: *line, order: Some(order.key.clone()), reason })?;
                    puts.push(None);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(puts)
    }

    fn count_credits(&mut self, credits: &[(String, Vec<Credit>)]) {
        for credit in credits.iter().flat_map(|(_, credits)| credits) {
            self.report.credits.refunds += 1;
            self.report.credits.refund_units += u64::from(credit.quantity);
        }
    }

    fn refuse(&mut self, refusal: Refusal) -> Result<(), ImportError> {
        self.report.refused += 1;
        count(&mut self.report.refused_by_reason, &refusal.reason);
        self.refusals.add(refusal)
    }

    async fn match_notes(&mut self, progress: &mut (dyn FnMut(&Progress) + Send)) -> Result<(), ImportError> {
        let targets = matching::by_target(std::mem::take(&mut self.notes));
        let (orders, others): (Vec<_>, Vec<_>) = targets.into_iter().partition(|(target, _)| matches!(target, Target::Order(_)));
        for targets in [orders, others] {
            let store = self.store.clone();
            // Each in a transaction of its own, many at once: on SQLite they share their commits.
            let matches =
                stream::iter(targets).map(|(target, notes)| {
                    let store = store.clone();
                    async move {
                        store.write(move |mut conn| Box::pin(async move { matching::match_notes(&mut conn, &target, notes).await })).await
                    }
                });
            let mut matches = matches.buffered(MATCHES);
            while let Some(outcomes) = matches.next().await {
                for (note, outcome) in outcomes? {
                    self.noted(note, outcome)?;
                }
                progress(&self.progress());
            }
        }
        Ok(())
    }

    fn noted(&mut self, note: NoteLine, outcome: Outcome) -> Result<(), ImportError> {
        let counts = &mut self.report.credits;
        counts.matched_units += u64::from(outcome.matched);
        let Some(reason) = outcome.problem else {
            counts.matched += 1;
            return Ok(());
        };
        counts.unmatched += 1;
        counts.unmatched_units += u64::from(note.quantity - outcome.matched);
        *counts.unmatched_by_reason.entry(kind(&reason)).or_default() += 1;
        self.refusals.add(Refusal { line: note.line, order: Some(note.credit_note), reason })
    }

    fn progress(&self) -> Progress {
        let share = |size: u64| self.read_bytes.load(Ordering::Relaxed) as f64 / size.max(1) as f64;
        Progress {
            rows: self.report.rows,
            orders: self.report.orders(),
            refused: self.report.refused,
            rows_per_second: self.report.rows as f64 / self.started.elapsed().as_secs_f64().max(0.001),
            share: self.size.map(share),
        }
    }

    fn finish(mut self) -> Result<Report, ImportError> {
        (self.report.refusals_file, self.report.refusals, self.report.notes) = self.refusals.finish()?;
        self.report.elapsed = self.started.elapsed();
        Ok(self.report)
    }
}

/// The file of refusals, or what was refused and what was noted.
type Kept = (Option<PathBuf>, Vec<Refusal>, Vec<Refusal>);

/// Refusals on their way to the merchant.
enum Refusals {
    File { path: PathBuf, file: Box<::csv::Writer<File>>, some: bool },
    Report { most: usize, list: Vec<Refusal>, notes: Vec<Refusal> },
}

impl Refusals {
    fn open(to: RefusalsTo) -> Result<Self, ImportError> {
        let path = match to {
            RefusalsTo::Report { most } => return Ok(Self::Report { most, list: Vec::new(), notes: Vec::new() }),
            RefusalsTo::File(path) => path,
        };
        let failed = |source| ImportError::File { path: path.clone(), source };
        let mut file = ::csv::Writer::from_writer(File::create(&path).map_err(failed)?);
        file.write_record(["line", "order", "reason"]).map_err(|error| failed(error.into()))?;
        Ok(Self::File { path, file: Box::new(file), some: false })
    }

    fn add(&mut self, refusal: Refusal) -> Result<(), ImportError> {
        match self {
            Self::Report { most, list, .. } if list.len() < *most => list.push(refusal),
            Self::Report { .. } => {}
            Self::File { path, file, some } => {
                *some = true;
                let row = [refusal.line.to_string(), cell(refusal.order.unwrap_or_default()), cell(refusal.reason)];
                file.write_record(row).map_err(|error| ImportError::File { path: path.clone(), source: error.into() })?;
            }
        }
        Ok(())
    }

    /// Something that was left out of an order that is in, or changed.
    fn note(&mut self, note: Refusal) -> Result<(), ImportError> {
        match self {
            Self::Report { most, notes, .. } if notes.len() < *most => notes.push(note),
            Self::Report { .. } => {}
            Self::File { .. } => self.add(Refusal { reason: format!("taken, but {}", note.reason), ..note })?,
        }
        Ok(())
    }

    /// The file where there is one, else what was refused and what was noted.
    fn finish(self) -> Result<Kept, ImportError> {
        match self {
            Self::Report { list, notes, .. } => Ok((None, list, notes)),
            Self::File { path, mut file, some } => {
                let failed = |source| ImportError::File { path: path.clone(), source };
                file.flush().map_err(failed)?;
                if !some {
                    std::fs::remove_file(&path).map_err(failed)?;
                    return Ok((None, Vec::new(), Vec::new()));
                }
                Ok((Some(path), Vec::new(), Vec::new()))
            }
        }
    }
}

/// Counts a reason by its kind, as long as there are not too many kinds.
fn count(kinds: &mut BTreeMap<String, u64>, reason: &str) {
    let kind = Some(kind(reason)).filter(|kind| kinds.len() < MOST_KINDS || kinds.contains_key(kind));
    *kinds.entry(kind.unwrap_or_else(|| "others".to_owned())).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_refusals_holds_no_formula() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("refused.csv");
        let mut refusals = Refusals::open(RefusalsTo::File(path.clone())).unwrap();
        refusals.add(Refusal { line: 1, order: Some("=1+1".into()), reason: "@x".into() }).unwrap();
        refusals.finish().unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), "line,order,reason\n1,'=1+1,'@x\n");
    }
}
