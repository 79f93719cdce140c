//! Money that goes by bank transfer, as finance sees to it.

use app::forms::{Fields, noted};
use app::ports::{DeskError, Mistake, Noted, StaffTold, TransferBatchView, TransferDueView, TransferPage, TransferView, TransfersPage};
use app::staff::TransferForm;
use app::track_return::bank::BankForm;
use domain::bank::Payee;
use domain::returns::CommandKind;
use domain::rma::RmaNumber;
use domain::staff::Room;
use uuid::Uuid;

use super::queue::{called, names_of};
use super::{StaffDesk, StaffNext, number_of};
use crate::desks::failed;
use crate::services::{
    Access, AtPayments, IdempotencyKey, MOST_TRANSFERS, NoBankFile, TransferDue, TransferError, batch_name, transfers_table,
};
use crate::store::{TransferBatch, TransferRow};

const PAGE: &str = "/staff/payments/transfers";
/// Batches on the page.
const MOST_BATCHES: i64 = 20;

fn page_of(number: i64) -> String {
    format!("{PAGE}/{}", batch_name(number))
}

impl StaffDesk {
    pub(super) fn payments_access(&self) -> Result<AtPayments, DeskError> {
        let access = AtPayments::of_staff(self.member()?, self.services.seal_of(self.visitor.address));
        access.ok_or_else(|| DeskError::NotForYou { who: Room::Payments.who().to_vec() })
    }

    pub(super) async fn transfers(&self) -> Result<TransfersPage, DeskError> {
        let access = self.payments_access()?;
        let kept = self.take_kept(PAGE).await?;
        let (due, more) = self.services.transfers_due(&access, None, MOST_TRANSFERS).await.map_err(|error| failed(&error))?;
        let batches = self.services.transfer_batches(&access, i64::MAX, MOST_BATCHES).await.map_err(|error| failed(&error))?;
        let people = self.services.people().await.map_err(|error| failed(&error))?;
        let names = names_of(&people);
        let too_many = due.len() > MOST_TRANSFERS;
        Ok(TransfersPage {
            typed: kept.fields().short(TransferForm::RMA),
            rail: self.rail(kept.told).await?,
            due: due.into_iter().take(MOST_TRANSFERS).map(due_view).collect(),
            more: more.is_some() || too_many,
            batches: batches.into_iter().map(|batch| batch_view(batch, &names)).collect(),
            key: Uuid::now_v7().to_string(),
            mistakes: kept.mistakes,
        })
    }

    pub(super) async fn transfer(&self, number: &str) -> Result<TransferPage, DeskError> {
        let (access, number) = (self.payments_access()?, number_of('T', number)?);
        let kept = self.take_kept(&page_of(number)).await?;
        let found = self.services.transfers(&access, number).await.map_err(|error| failed(&error))?;
        let (batch, transfers) = found.ok_or(DeskError::NotFound)?;
        let people = self.services.people().await.map_err(|error| failed(&error))?;
        let why = |why: NoBankFile| {
            let code = match why {
                NoBankFile::NoOwnAccount => "no_own_account",
                NoBankFile::NotSepa => "not_sepa",
                NoBankFile::Forgotten => "forgotten",
                NoBankFile::Empty => "empty",
            };
            code.to_owned()
        };
        Ok(TransferPage {
            rail: self.rail(kept.told).await?,
            file: self.services.bank_file(&batch, &transfers).map(|_| ()).map_err(why),
            batch: batch_view(batch, &names_of(&people)),
            transfers: transfers.into_iter().map(view).collect(),
            mistakes: kept.mistakes,
        })
    }

    /// A batch as a file: its name, its kind, and what is in it. `transfers.xml` is for the bank, `transfers.csv` (RFC 4180, UTF-8) for whatever else.
    pub async fn transfers_file(&self, number: &str, file: &str) -> Result<(String, &'static str, String), DeskError> {
        let (access, number) = (self.payments_access()?, number_of('T', number)?);
        let found = self.services.transfers(&access, number).await.map_err(|error| failed(&error))?;
        let (batch, transfers) = found.ok_or(DeskError::NotFound)?;
        let name = format!("transfers-{}", batch_name(number));
        match file {
            "transfers.xml" => {
                let xml = self.services.bank_file(&batch, &transfers).map_err(|_| DeskError::NotFound)?;
                Ok((format!("{name}.xml"), "application/xml", xml))
            }
            "transfers.csv" => {
                let text = transfers_table(&transfers).map_err(|error| failed(&error))?;
                Ok((format!("{name}.csv"), "text/csv; charset=utf-8", text))
            }
            _ => Err(DeskError::NotFound),
        }
    }

    /// "Put them into a file".
    pub async fn make_transfers(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let access = self.payments_access()?;
        let chosen = match TransferForm::chosen(fields) {
            Ok(chosen) if chosen.len() <= MOST_TRANSFERS => chosen,
            Ok(_) => return self.transfer_mistaken(PAGE.to_owned(), vec![noted(TransferForm::DUE, Mistake::TransfersNothing)]).await,
            Err(mistake) => return self.transfer_mistaken(PAGE.to_owned(), vec![mistake]).await,
        };
        let member = self.member()?.clone();
        let key = fields.maybe(TransferForm::KEY).map(|key| IdempotencyKey {
            scope: format!("staff:{}", access.id()),
            key: key.chars().take(100).collect(),
            digest: String::new(),
            request: Some("transfers".to_owned()),
            answer: None,
        });
        let seal = self.services.seal_of(self.visitor.address);
        let leave = |rma| Access::of_staff(&member, rma, CommandKind::Pay, seal.clone());
        match self.services.make_transfers(&access, &member.limits, chosen, leave, key).await {
            Ok(made) => {
                let (number, left_out) = (made.batch.number, made.left_out.len() as u64);
                self.told(StaffTold::TransfersMade { number, left_out }, page_of(number)).await
            }
            Err(error) => {
                let mistake = mistake(error)?;
                self.transfer_mistaken(PAGE.to_owned(), vec![mistake]).await
            }
        }
    }

    /// "Save", of an account that finance was told.
    pub async fn type_account(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let access = self.payments_access()?;
        // Nothing of an account is kept with a form.
        let shown = Fields(vec![(TransferForm::RMA.to_owned(), fields.short(TransferForm::RMA))]);
        let Ok(rma) = fields.get(TransferForm::RMA).parse::<RmaNumber>() else {
            return self.form_again(PAGE.to_owned(), String::new(), &shown, 1, vec![noted(TransferForm::RMA, Mistake::NoReturn)]).await;
        };
        let payee = match BankForm::parse(fields) {
            Ok(payee) => payee,
            Err(mistakes) => return self.form_again(PAGE.to_owned(), String::new(), &shown, 1, mistakes).await,
        };
        match self.services.type_account(&access, rma, payee).await {
            Ok(()) => self.told(StaffTold::Changed { name: rma.to_string() }, PAGE).await,
            Err(error) => {
                let mistake = mistake(error)?;
                self.form_again(PAGE.to_owned(), String::new(), &shown, 1, vec![mistake]).await
            }
        }
    }

    /// "The bank did it".
    pub async fn transfers_left(&mut self, number: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let (access, number) = (self.payments_access()?, number_of('T', number)?);
        let member = self.member()?.clone();
        let seal = self.services.seal_of(self.visitor.address);
        let leave = |rma| Access::of_staff(&member, rma, CommandKind::ConfirmPayment, seal.clone());
        let said = self.services.transfers_left(&access, number, TransferForm::reference(fields), leave).await;
        self.said_of(number, said.map(|_| ())).await
    }

    /// "It did not leave".
    pub async fn transfer_failed(&mut self, number: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let (access, number) = (self.payments_access()?, number_of('T', number)?);
        let (nth, reason) = match TransferForm::failed(fields) {
            Ok(form) => form,
            Err(mistake) => return self.transfer_mistaken(page_of(number), vec![mistake]).await,
        };
        let member = self.member()?.clone();
        let seal = self.services.seal_of(self.visitor.address);
        let leave = |rma| Access::of_staff(&member, rma, CommandKind::FailPayment, seal.clone());
        let said = self.services.transfer_failed(&access, number, nth, reason, leave).await;
        self.said_of(number, said.map(|_| ())).await
    }

    async fn said_of(&self, number: i64, said: Result<(), TransferError>) -> Result<StaffNext, DeskError> {
        match said {
            Ok(()) => self.told(StaffTold::Changed { name: batch_name(number) }, page_of(number)).await,
            Err(error) => {
                let mistake = mistake(error)?;
                self.transfer_mistaken(page_of(number), vec![mistake]).await
            }
        }
    }

    /// Back to the page, with what was wrong.
    async fn transfer_mistaken(&self, path: String, mistakes: Vec<Noted>) -> Result<StaffNext, DeskError> {
        self.form_again(path, String::new(), &Fields::default(), 0, mistakes).await
    }
}

fn mistake(error: TransferError) -> Result<Noted, DeskError> {
    match error {
        TransferError::Unknown => Err(DeskError::NotFound),
        TransferError::UnknownReturn => Ok(noted(TransferForm::RMA, Mistake::NoReturn)),
        TransferError::NotDue => Ok(noted(TransferForm::RMA, Mistake::TransferNotDue)),
        TransferError::KeyReused => Ok(noted("", Mistake::Changed)),
        TransferError::Store(error) => Err(failed(&error)),
    }
}

/// Whose account it is, and its end.
fn shown(payee: Payee) -> (String, String) {
    let account = payee.account.hinted();
    (payee.holder, account)
}

fn due_view(due: TransferDue) -> TransferDueView {
    TransferDueView {
        rma: due.rma,
        grant: due.grant,
        order: due.order.to_string(),
        amount: due.amount,
        due: due.due,
        to: due.payee.map(shown),
    }
}

fn batch_view(batch: TransferBatch, names: &[(String, String)]) -> TransferBatchView {
    TransferBatchView {
        number: batch.number,
        at: batch.at,
        who: called(names, &batch.who),
        transfers: batch.transfers.unsigned_abs(),
        pending: batch.pending.unsigned_abs(),
    }
}

fn view(row: TransferRow) -> TransferView {
    TransferView { nth: row.nth, rma: row.rma, payment: row.payment, amount: row.amount, to: row.payee.map(shown), state: row.state }
}
