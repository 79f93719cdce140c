//! Claims against suppliers and carriers, as people at work see to them (P27); and the table of them.

use app::forms::{Fields, noted};
use app::ports::{ClaimPage, ClaimStepView, ClaimView, ClaimsAsked, ClaimsPage, ClaimsShown, DeskError, Mistake, Noted, StaffTold};
use app::staff::{ClaimForm, ClaimStepForm};
use domain::claim::{ClaimRefused, ClaimStep, deadline_runs};
use domain::rma::RmaNumber;
use domain::staff::Room;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::queue::{called, names_of};
use super::{StaffDesk, StaffNext, number_of, order_path};
use crate::desks::failed;
use crate::services::{AtClaims, ClaimError, ClaimStepTold, ClaimTold, IdempotencyKey, MOST_CLAIMS, Services};
use crate::store::{self, ClaimRow, ClaimsIn, ClaimsWanted, StoreError};
use crate::tables::Table;

const PAGE: &str = "/staff/claims";
/// Rows of the page.
const MOST: i64 = 100;
/// Claims in a file.
const MOST_IN_FILE: usize = 200_000;
const MOST_FIELDS: usize = 20;

fn page_of(number: i64) -> String {
    format!("{PAGE}/C{number}")
}

fn wanted(asked: &ClaimsAsked, limit: i64) -> ClaimsWanted {
    let of = match asked.shown {
        ClaimsShown::Going => ClaimsIn::Going,
        ClaimsShown::State(state) => ClaimsIn::State(state),
        ClaimsShown::All => ClaimsIn::All,
    };
    ClaimsWanted { against: asked.against, of, after: None, limit }
}

impl StaffDesk {
    fn at_claims(&self) -> Result<AtClaims, DeskError> {
        let access = AtClaims::of_staff(self.member()?, self.services.seal_of(self.visitor.address));
        access.ok_or_else(|| DeskError::NotForYou { who: Room::Claims.who().to_vec() })
    }

    pub(super) async fn claims(&self, asked: ClaimsAsked) -> Result<ClaimsPage, DeskError> {
        self.at_claims()?;
        let kept = self.take_kept(PAGE).await?;
        let mut rows = self.services.claims(wanted(&asked, MOST + 1)).await.map_err(|error| failed(&error))?;
        let more = rows.len() as i64 > MOST;
        rows.truncate(MOST as usize);
        let people = self.services.people().await.map_err(|error| failed(&error))?;
        let (names, today) = (names_of(&people), self.today());
        let mut typed = ClaimForm::typed(&kept.fields());
        if let Some(rma) = asked.rma.filter(|_| typed.is_empty()) {
            let read = async || {
                let mut read = self.services.store.read().await?;
                store::find_return(&mut read.conn(), rma).await
            };
            let found = read().await.map_err(|error: StoreError| failed(&error))?;
            typed = found.map(|request| ClaimForm::about(&request)).unwrap_or_default();
        }
        Ok(ClaimsPage {
            rail: self.rail(kept.told).await?,
            asked,
            rows: rows.into_iter().map(|row| view(row, &names, today)).collect(),
            more,
            key: Uuid::now_v7().to_string(),
            typed,
            mistakes: kept.mistakes,
        })
    }

    /// Claims about a return, for its page: of whoever sees to claims.
    pub(super) async fn claims_of(&self, rma: RmaNumber) -> Result<Vec<ClaimView>, DeskError> {
        if self.at_claims().is_err() {
            return Ok(Vec::new());
        }
        let rows = self.services.claims_of_return(rma).await.map_err(|error| failed(&error))?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let people = self.services.people().await.map_err(|error| failed(&error))?;
        let (names, today) = (names_of(&people), self.today());
        Ok(rows.into_iter().map(|row| view(row, &names, today)).collect())
    }

    pub(super) async fn claim(&self, number: &str) -> Result<ClaimPage, DeskError> {
        let (access, number) = (self.at_claims()?, number_of('C', number)?);
        let kept = self.take_kept(&page_of(number)).await?;
        let found = self.services.claim(number).await.map_err(|error| failed(&error))?;
        let (row, steps) = found.ok_or(DeskError::NotFound)?;
        let people = self.services.people().await.map_err(|error| failed(&error))?;
        let (names, fields) = (names_of(&people), kept.fields());
        let step = |row: store::ClaimStepRow| ClaimStepView { at: row.at, who: called(&names, &row.who), step: row.step, said: row.said };
        let typed = ClaimStepForm::ALL.into_iter().filter_map(|name| Some((name.to_owned(), fields.maybe(name)?)));
        Ok(ClaimPage {
            rail: self.rail(kept.told).await?,
            order_path: row.order.as_ref().map(|order| order_path(order.as_str())),
            steps: steps.into_iter().map(step).collect(),
            may_settle: access.also(Room::Payments),
            typed: typed.collect(),
            mistakes: kept.mistakes,
            claim: view(row, &names, self.today()),
        })
    }

    /// How many claims are still to be filed, and how many of them by a day that is over, of whoever sees to them, where some are.
    pub(super) async fn claims_counted(&self) -> Result<Option<(u64, u64)>, DeskError> {
        if !Room::Claims.is_for(self.member()?.roles.iter()) {
            return Ok(None);
        }
        let (open, late) = self.services.claims_counted().await.map_err(|error| failed(&error))?;
        Ok((open > 0).then_some((open.unsigned_abs(), late.unsigned_abs())))
    }

    /// "Open the claim".
    pub async fn open_claim(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let access = self.at_claims()?;
        let form = match ClaimForm::parse(fields, self.today()) {
            Ok(form) => form,
            Err(mistakes) => return self.form_again(PAGE.to_owned(), String::new(), fields, MOST_FIELDS, mistakes).await,
        };
        let key = (!form.key.is_empty()).then(|| IdempotencyKey {
            scope: format!("staff:{}", access.id()),
            key: form.key.clone(),
            digest: String::new(),
            request: Some("claim".to_owned()),
            answer: None,
        });
        let ClaimForm { ground, party, rma, order, tracking, expected, since, due, note, .. } = form;
        let told = ClaimTold { party, ground, rma, tracking, order, expected, due, since, note };
        match self.services.open_claim(&access, told, key).await {
            Ok(row) => self.told(StaffTold::ClaimOpened { number: row.number }, page_of(row.number)).await,
            Err(ClaimError::UnknownReturn) => {
                let mistakes = vec![noted(ClaimForm::RMA, Mistake::NoReturn)];
                self.form_again(PAGE.to_owned(), String::new(), fields, MOST_FIELDS, mistakes).await
            }
            Err(error) => Err(refused(error)),
        }
    }

    /// "It is filed", "They will pay", "Settle it", "Declined", "Drop it".
    pub async fn step_claim(&mut self, number: &str, step: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let (access, number) = (self.at_claims()?, number_of('C', number)?);
        let step: ClaimStep = step.parse().map_err(|()| DeskError::NotFound)?;
        let seen = fields.get(ClaimStepForm::VERSION).parse().ok();
        let mistake = match told_of(step, fields) {
            Ok(told) => match self.services.step_claim(&access, number, told, seen).await {
                Ok(_) => return self.told(StaffTold::Changed { name: format!("C{number}") }, page_of(number)).await,
                Err(ClaimError::Changed | ClaimError::Refused(ClaimRefused::State(_))) => noted("", Mistake::ClaimMoved),
                Err(ClaimError::Refused(ClaimRefused::Nothing)) => noted(ClaimStepForm::PAID, Mistake::StaffAmountForm),
                Err(ClaimError::Refused(ClaimRefused::Currency(_))) => noted(ClaimStepForm::CURRENCY, Mistake::ClaimCurrency),
                Err(error) => return Err(refused(error)),
            },
            Err(mistake) => mistake,
        };
        self.form_again(page_of(number), String::new(), fields, MOST_FIELDS, vec![mistake]).await
    }

    /// The claims that the page shows, all of them, as a file: its name, and what is in it.
    pub async fn claims_file(&self, fields: &Fields) -> Result<(String, String), DeskError> {
        self.at_claims()?;
        let text = claims_table(&self.services, wanted(&ClaimForm::asked(fields), 0)).await;
        Ok((format!("claims-{}.csv", self.today()), text.map_err(|error| failed(&error))?))
    }
}

fn refused(error: ClaimError) -> DeskError {
    match error {
        ClaimError::Store(error) => failed(&error),
        ClaimError::NotYours => DeskError::NotForYou { who: Room::Payments.who().to_vec() },
        _ => DeskError::NotFound,
    }
}

fn told_of(step: ClaimStep, fields: &Fields) -> Result<ClaimStepTold, Noted> {
    Ok(match step {
        ClaimStep::File => ClaimStepTold::File { reference: ClaimStepForm::reference(fields) },
        ClaimStep::Agree => ClaimStepTold::Agree,
        ClaimStep::Settle => ClaimStepTold::Settle { paid: ClaimStepForm::paid(fields)? },
        ClaimStep::Decline => ClaimStepTold::Decline { reason: ClaimStepForm::reason(fields, step)? },
        ClaimStep::Drop => ClaimStepTold::Drop { reason: ClaimStepForm::reason(fields, step)? },
    })
}

/// Whether a claim's last day matters on that day, and is over.
pub(crate) fn is_late(row: &ClaimRow, today: Date) -> bool {
    row.due.is_some_and(|due| due < today) && deadline_runs(row.ground, row.state)
}

fn view(row: ClaimRow, names: &[(String, String)], today: Date) -> ClaimView {
    ClaimView {
        late: is_late(&row, today),
        number: row.number,
        opened_at: row.opened_at,
        who: called(names, &row.who),
        party: row.party,
        ground: row.ground,
        state: row.state,
        rma: row.rma,
        tracking: row.tracking,
        order: row.order,
        batch: row.batch,
        expected: row.expected,
        due: row.due,
        filed_at: row.filed_at,
        reference: row.reference,
        settled: row.settled.zip(row.settled_at),
        note: row.note,
        version: row.version,
    }
}

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub enum NoTable {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the table cannot be written: {0}")]
    Csv(#[from] csv::Error),
}

/// Claims as a table (CSV, RFC 4180, UTF-8), however many there are.
pub async fn claims_table(services: &Services, mut wanted: ClaimsWanted) -> Result<String, NoTable> {
    let today = domain::policy::local_day(services.clock.now(), &services.shop_zone());
    let head = [
        "claim",
        "opened",
        "against",
        "party",
        "ground",
        "state",
        "due",
        "overdue",
        "return",
        "order",
        "tracking",
        "batch",
        "currency",
        "expected",
        "filed",
        "settled",
        "settled_at",
        "reference",
        "note",
    ];
    let mut table = Table::with(head)?;
    wanted.limit = MOST_CLAIMS;
    let mut rows = 0;
    loop {
        let found = services.claims(wanted).await?;
        for row in &found {
            table.row(cells(row, today))?;
        }
        rows += found.len();
        match found.last() {
            Some(last) if found.len() as i64 == MOST_CLAIMS && rows < MOST_IN_FILE => wanted.after = Some((last.due, last.number)),
            _ => break,
        }
    }
    Ok(table.text()?)
}

fn cells(row: &ClaimRow, today: Date) -> [String; 19] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let moment = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let amount = |amount: Option<domain::money::Money>| amount.map(domain::money::Money::decimal).unwrap_or_default();
    [
        format!("C{}", row.number),
        row.opened_at.to_string(),
        row.ground.against().to_string(),
        row.party.clone(),
        row.ground.to_string(),
        row.state.to_string(),
        row.due.map(|due| due.to_string()).unwrap_or_default(),
        if is_late(row, today) { "yes".to_owned() } else { String::new() },
        row.rma.map(|rma| rma.to_string()).unwrap_or_default(),
        row.order.as_ref().map(ToString::to_string).unwrap_or_default(),
        text(&row.tracking),
        row.batch.map(|batch| batch.to_string()).unwrap_or_default(),
        row.expected.or(row.settled).map(|amount| amount.currency.to_string()).unwrap_or_default(),
        amount(row.expected),
        moment(row.filed_at),
        amount(row.settled),
        moment(row.settled_at),
        text(&row.reference),
        text(&row.note),
    ]
}
