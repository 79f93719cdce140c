//! Coupons, points and credit for what went wrong, as people at work decide about them and see what came of them (C34, C35, B43).

use app::forms::{Fields, noted};
use app::ports::{CompensationsAsked, CompensationsPage, DeskError, GiftFigure, GiftView, Mistake, StaffTold};
use app::staff::CompensationsForm;
use domain::compensation::GiftState;
use domain::money::Money;
use domain::rma::RmaNumber;
use domain::staff::Room;
use jiff::ToSpan;
use jiff::civil::Date;

use super::{StaffDesk, StaffNext};
use crate::desks::{failed, gift_view};
use crate::services::{AtCompensations, DecideGiftError};
use crate::store::{CompensationRow, GiftFigures};
use crate::tables::Table;

const PAGE: &str = "/staff/compensations";
/// Rows of what was given last.
const LATEST: i64 = 20;
/// Days that the figures are of at most, and where nobody says which.
const MOST_DAYS: i32 = 3_660;
const DAYS: i64 = 90;

impl StaffDesk {
    fn at_compensations(&self) -> Result<AtCompensations, DeskError> {
        let access = AtCompensations::of_staff(self.member()?, self.services.seal_of(self.visitor.address));
        access.ok_or_else(|| DeskError::NotForYou { who: Room::Compensations.who().to_vec() })
    }

    /// The days that are asked for, and whether these can be shown.
    fn days_of(&self, asked: CompensationsAsked) -> (Date, Date, bool) {
        let until = asked.until.unwrap_or(self.today());
        let from = asked.from.unwrap_or(until.saturating_sub(DAYS.days()));
        let fits = from <= until && (until - from).get_days() <= MOST_DAYS;
        if fits { (from, until, true) } else { (self.today().saturating_sub(DAYS.days()), self.today(), false) }
    }

    async fn figures(&self, from: Date, until: Date) -> Result<Vec<GiftFigures>, DeskError> {
        let zone = self.services.shop_zone();
        let begin = from.to_zoned(zone.clone()).ok();
        let end = until.tomorrow().ok().and_then(|day| day.to_zoned(zone).ok());
        let Some((begin, end)) = begin.zip(end) else { return Ok(Vec::new()) };
        self.services.gift_figures(begin.timestamp(), end.timestamp()).await.map_err(|error| failed(&error))
    }

    pub(super) async fn compensations(&self, asked: CompensationsAsked) -> Result<CompensationsPage, DeskError> {
        self.at_compensations()?;
        let kept = self.take_kept(PAGE).await?;
        let (from, until, fits) = self.days_of(asked);
        let (zone, now) = (self.services.shop_zone(), self.services.clock.now());
        let view = |row: CompensationRow| gift_view(row, &zone, now);
        let waiting = self.services.compensations_waiting().await.map_err(|error| failed(&error))?;
        let latest = self.services.compensations_given(None, LATEST).await.map_err(|error| failed(&error))?;
        let figures = self.figures(from, until).await?;
        let mut mistakes = kept.mistakes;
        mistakes.extend((!fits).then(|| noted("", Mistake::GiftDays)));
        Ok(CompensationsPage {
            rail: self.rail(kept.told).await?,
            waiting: waiting.into_iter().map(view).collect(),
            from,
            until,
            figures: figures.into_iter().map(figure).collect(),
            latest: latest.into_iter().map(view).collect(),
            mistakes,
        })
    }

    /// How much waits for a yes or a no, of whoever may decide it, where something does.
    pub(super) async fn gifts_counted(&self) -> Result<Option<u64>, DeskError> {
        if self.at_compensations().is_err() {
            return Ok(None);
        }
        let waiting = self.services.count_compensations_waiting().await.map_err(|error| failed(&error))?;
        Ok((waiting > 0).then_some(waiting.unsigned_abs()))
    }

    /// What of a return waits for a yes or a no, for its page: of whoever may decide it.
    pub(super) async fn gifts_waiting_of(&self, rma: RmaNumber) -> Result<Vec<GiftView>, DeskError> {
        if self.at_compensations().is_err() {
            return Ok(Vec::new());
        }
        let rows = self.services.compensations_of(rma).await.map_err(|error| failed(&error))?;
        let (zone, now) = (self.services.shop_zone(), self.services.clock.now());
        Ok(rows.into_iter().filter(|row| row.state == GiftState::Waiting).map(|row| gift_view(row, &zone, now)).collect())
    }

    /// "Give it", "Do not give it".
    pub async fn decide_compensation(&mut self, id: &str, what: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let access = self.at_compensations()?;
        let give = match what {
            "give" => true,
            "refuse" => false,
            _ => return Err(DeskError::NotFound),
        };
        match self.services.decide_compensation(&access, id, give).await {
            Ok(_) => self.told(StaffTold::CompensationDecided { given: give }, PAGE).await,
            Err(DecideGiftError::Decided(_)) => {
                self.form_again(PAGE.to_owned(), String::new(), fields, 0, vec![noted("", Mistake::GiftDecided)]).await
            }
            Err(DecideGiftError::Unknown) => Err(DeskError::NotFound),
            Err(DecideGiftError::Store(error)) => Err(failed(&error)),
        }
    }

    /// The figures that the page shows, as a file: its name, and what is in it.
    pub async fn compensations_file(&self, fields: &Fields) -> Result<(String, String), DeskError> {
        self.at_compensations()?;
        let (from, until, _) = self.days_of(CompensationsForm::asked(fields));
        let figures = self.figures(from, until).await?;
        let written = || -> Result<String, csv::Error> {
            let head = ["rule", "kind", "currency", "given", "worth", "redeemed", "taken_off", "withdrawn", "expired", "bought_again"];
            let mut table = Table::with(head)?;
            for row in figures.into_iter().map(figure) {
                table.row([
                    row.rule,
                    row.kind.to_string(),
                    row.currency.to_string(),
                    row.given.to_string(),
                    row.worth.decimal(),
                    row.redeemed.to_string(),
                    row.taken_off.decimal(),
                    row.withdrawn.to_string(),
                    row.expired.to_string(),
                    row.bought_again.to_string(),
                ])?;
            }
            table.text()
        };
        Ok((format!("compensation-{from}-{until}.csv"), written().map_err(|error| failed(&error))?))
    }
}

fn figure(row: GiftFigures) -> GiftFigure {
    let money = |minor| Money::new(minor, row.currency);
    GiftFigure {
        worth: money(row.worth),
        taken_off: money(row.taken_off),
        rule: row.rule,
        kind: row.kind,
        currency: row.currency,
        given: row.given,
        redeemed: row.redeemed,
        withdrawn: row.withdrawn,
        expired: row.expired,
        bought_again: row.bought_again,
    }
}
