//! What a gateway says that does not fit our books, as finance sees to it.

use app::forms::{Fields, noted};
use app::ports::{DeskError, DifferenceView, DifferencesPage, Mistake, ReportView, StaffTold};
use app::staff::DifferenceForm;
use domain::plain::one_line;
use jiff::Timestamp;
use jiff::civil::Date;

use super::queue::{called, names_of};
use super::{StaffDesk, StaffNext, number_of};
use crate::desks::failed;
use crate::gateways::{Unreadable, read_statement};
use crate::services::{AtPayments, DifferenceError, Report};
use crate::store::{DifferenceRow, ReportRow};

const PAGE: &str = "/staff/differences";
/// Rows of the page, and reports on it.
const MOST: i64 = 100;
const MOST_REPORTS: i64 = 10;
/// Characters of a file's name.
const LONGEST_NAME: usize = 200;
/// What could not be read of a report, as it is kept until the page is shown.
const UNREAD: &str = "unread";

impl StaffDesk {
    pub(super) async fn differences(&self, settled: bool) -> Result<DifferencesPage, DeskError> {
        let access = self.payments_access()?;
        let kept = self.take_kept(PAGE).await?;
        let rows = match settled {
            true => self.services.differences_settled(&access, i64::MAX, MOST + 1).await,
            false => self.services.differences(&access, 0, MOST + 1).await,
        };
        let mut rows = rows.map_err(|error| failed(&error))?;
        let more = rows.len() as i64 > MOST;
        rows.truncate(MOST as usize);
        let reports = self.services.reports(&access, MOST_REPORTS).await.map_err(|error| failed(&error))?;
        let people = self.services.people().await.map_err(|error| failed(&error))?;
        let names = names_of(&people);
        let typed = kept.fields();
        let unread = |text: &str| {
            let (line, why) = text.split_once(' ')?;
            Some((line.parse().ok()?, why.to_owned()))
        };
        Ok(DifferencesPage {
            rail: self.rail(kept.told).await?,
            settled,
            rows: rows.into_iter().map(|row| view(row, &names)).collect(),
            more,
            reports: reports.into_iter().map(|row| report_view(row, &names)).collect(),
            today: self.today(),
            open: number_of('D', typed.get(DifferenceForm::NUMBER)).ok(),
            typed: typed.get(DifferenceForm::REASON).to_owned(),
            unread: typed.all(UNREAD).filter_map(unread).collect(),
            mistakes: kept.mistakes,
        })
    }

    /// How many differences are open, of whoever sees to them, where some are.
    pub(super) async fn differences_counted(&self) -> Result<Option<u64>, DeskError> {
        let Some(access) = AtPayments::of_staff(self.member()?, String::new()) else { return Ok(None) };
        let open = self.services.differences_counted(&access).await.map_err(|error| failed(&error))?;
        Ok((open > 0).then_some(open.unsigned_abs()))
    }

    /// "Settle it".
    pub async fn settle_difference(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let (access, number) = (self.payments_access()?, number_of('D', fields.get(DifferenceForm::NUMBER))?);
        let reason = match DifferenceForm::reason(fields) {
            Ok(reason) => reason,
            Err(mistake) => return self.form_again(PAGE.to_owned(), String::new(), fields, 4, vec![mistake]).await,
        };
        match self.services.settle_difference(&access, number, reason).await {
            Ok(_) => self.told(StaffTold::Changed { name: format!("D{number}") }, PAGE).await,
            Err(DifferenceError::Unknown | DifferenceError::KeyReused) => Err(DeskError::NotFound),
            Err(DifferenceError::Store(error)) => Err(failed(&error)),
        }
    }

    /// "Compare", of a report that was sent as a file.
    pub async fn reconcile(&mut self, fields: &Fields, file: Option<(String, Vec<u8>)>) -> Result<StaffNext, DeskError> {
        let access = self.payments_access()?;
        let wrong = |field: &str, mistake: Mistake| vec![noted(field, mistake)];
        let none = Fields::default();
        let Some((name, bytes)) = file.filter(|(_, bytes)| !bytes.is_empty()) else {
            let mistakes = wrong(DifferenceForm::FILE, Mistake::ReportMissing);
            return self.form_again(PAGE.to_owned(), String::new(), &none, 0, mistakes).await;
        };
        let days = match DifferenceForm::days(fields) {
            Ok(days) => days,
            Err(mistake) => return self.form_again(PAGE.to_owned(), String::new(), &none, 0, vec![mistake]).await,
        };
        let read = tokio::task::spawn_blocking(move || read_statement(&bytes)).await.map_err(|error| failed(&error))?;
        let refunds = match read {
            Ok(refunds) => refunds,
            Err(error) => {
                let unread = match error {
                    Unreadable::Rows(rows) => rows.into_iter().map(|(line, why)| format!("{line} {why}")).collect(),
                    error => vec![format!("1 {error}")],
                };
                let unread = Fields(unread.into_iter().map(|text| (UNREAD.to_owned(), text)).collect());
                let mistakes = wrong(DifferenceForm::FILE, Mistake::ReportUnread);
                return self.form_again(PAGE.to_owned(), String::new(), &unread, 20, mistakes).await;
            }
        };
        let zone = self.services.shop_zone();
        let start = |day: Date| day.to_zoned(zone.clone()).map(|at| at.timestamp()).ok();
        let within = days.and_then(|(from, to)| Some((start(from)?, self.last_of(to)?)));
        let report = Report { name: one_line(&name, LONGEST_NAME), refunds, within };
        match self.services.reconcile(&access, report, None).await {
            Ok(row) => {
                let told = StaffTold::Compared { number: row.number, found: row.found.unsigned_abs() };
                self.told(told, PAGE).await
            }
            Err(DifferenceError::Store(error)) => Err(failed(&error)),
            Err(_) => Err(DeskError::NotFound),
        }
    }
}

fn view(row: DifferenceRow, names: &[(String, String)]) -> DifferenceView {
    let who = row.who.map(|who| called(names, &who));
    let settled = row.ended_at.zip(who).map(|(at, who): (Timestamp, String)| (at, who, row.reason));
    DifferenceView { number: row.number, at: row.at, what: row.what, rma: row.rma, order: row.order, settled }
}

fn report_view(row: ReportRow, names: &[(String, String)]) -> ReportView {
    ReportView {
        number: row.number,
        at: row.at,
        who: called(names, &row.who),
        name: row.name,
        refunds: row.refunds.unsigned_abs(),
        fit: row.fit.unsigned_abs(),
        found: row.found.unsigned_abs(),
        ended: row.ended.unsigned_abs(),
    }
}
