//! Whose is it? Who says that an order or a return is theirs may be guessing: each guess is counted before it is tried, so that many at once are no more than there may be, and given back where it was right.

use app::account::CodeAsked;
use app::forms::noted;
use app::ports::{DeskError, Mistake};

use domain::ids::OrderNumber;
use domain::order::Customer;
use domain::rma::RmaNumber;
use domain::written::{slipped_numbers, typed_numbers};

use super::{Desk, Next, SLOW_NO};
use crate::contact::is_contact_of;
use crate::desks::failed;
use crate::desks::session::LoginForm;
use crate::security::{self, Incident};
use crate::store::{self, OrderRow, StoreError};

/// In which guesses are counted, milliseconds.
const WINDOW: i64 = 15 * 60 * 1000;

/// Whether somebody is whom they say they are.
pub(super) enum Recognised<T> {
    /// It is theirs.
    Theirs(T),
    /// Not clear which of theirs they mean.
    Unclear(Mistake),
    /// It is not, or there is no such thing.
    NotTheirs,
    /// Too many have guessed at it, from wherever: nobody's word is taken before they have read a mail to its owner.
    Guarded,
}

/// A guess that was counted.
pub(super) struct Guess {
    subjects: Vec<String>,
    at: &'static str,
}

enum TooMany {
    /// From one address.
    Here,
    /// At one thing, from all addresses.
    There,
    Store(StoreError),
}

impl From<StoreError> for TooMany {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Desk {
    /// Recognises a visitor for an order. Unknown and mismatched answer the same, in the same time.
    pub(super) async fn recognise_order(&self, number: &str, contact: &str) -> Result<Recognised<OrderNumber>, DeskError> {
        let slipped = slipped_numbers(number);
        // Of all writings that may mean one order.
        let subject = slipped.iter().chain(&typed_numbers(number)).min_by_key(|form| form.len()).map(|form| format!("order:{form}"));
        let Some(guess) = self.guess_at("an order", subject).await? else { return Ok(Recognised::Guarded) };
        let asked = tokio::time::Instant::now();
        let mut read = self.services.store.read().await?;
        let mut like = store::orders_written_like(&mut read.conn(), number).await?;
        let theirs = |row: &OrderRow| is_contact_of(&row.order.customer, row.order.country(), contact);
        like.retain(theirs);
        let mut meant = Vec::new();
        if like.is_empty() && !slipped.is_empty() {
            meant = store::orders_of_forms(&mut read.conn(), "", &slipped).await?;
            meant.retain(theirs);
        }
        drop(read);
        let exactly = like.first().is_some_and(|row| row.order.number.as_str() == number.trim());
        let recognised = match (like.as_slice(), meant.as_slice()) {
            ([one, others @ ..], _) if exactly || others.is_empty() => Some(Recognised::Theirs(one.order.number.clone())),
            ([_, ..], _) => Some(Recognised::Unclear(Mistake::SeveralNumbers { numbers: numbers_of(&like) })),
            ([], [one, ..]) => Some(Recognised::Unclear(Mistake::NumberMeant { number: one.order.number.to_string() })),
            ([], []) => None,
        };
        if let Some(recognised) = recognised {
            self.was_right(guess).await?;
            return Ok(recognised);
        }
        self.was_wrong(&guess);
        self.services.clock.hold_back(asked, SLOW_NO).await;
        Ok(Recognised::NotTheirs)
    }

    /// Recognises a visitor for a return, likewise.
    pub(super) async fn recognise_return(&self, rma: RmaNumber, contact: &str) -> Result<Recognised<()>, DeskError> {
        let Some(guess) = self.guess_at("a return", Some(format!("return:{rma}"))).await? else { return Ok(Recognised::Guarded) };
        let asked = tokio::time::Instant::now();
        let mut read = self.services.store.read().await?;
        let found = store::find_return(&mut read.conn(), rma).await?;
        drop(read);
        let theirs = found.is_some_and(|request| {
            let contact_of = Customer {
                id: None,
                name: None,
                email: request.contact.email,
                phone: request.contact.phone,
                tier: None,
                tier_then: None,
                locale: None,
            };
            let country = request.from.as_ref().and_then(|from| from.country);
            is_contact_of(&contact_of, country, contact)
        });
        if theirs {
            self.was_right(guess).await?;
            return Ok(Recognised::Theirs(()));
        }
        self.was_wrong(&guess);
        self.services.clock.hold_back(asked, SLOW_NO).await;
        Ok(Recognised::NotTheirs)
    }

    /// Counts a guess from this visitor's address, `at` something that is not of one order.
    pub(super) async fn guess(&self, at: &'static str) -> Result<Guess, DeskError> {
        self.guess_at(at, None).await?.ok_or(DeskError::Busy)
    }

    /// Counts a guess from this visitor's address and at `subject`; nothing where there were enough at that. What is refused is not counted.
    async fn guess_at(&self, at: &'static str, subject: Option<String>) -> Result<Option<Guess>, DeskError> {
        let (limits, now) = (self.services.config.limits, self.services.clock.millis());
        // The address first: who guesses a lot is stopped themselves before the order is guarded from its owner.
        // Sealed: what was typed as a number may be a mail address, and as long as a form.
        let subjects = [Some(format!("address:{}", self.visitor.address)), subject].into_iter().flatten();
        let subjects: Vec<String> = subjects.map(|subject| format!("guess:{}", self.services.secret.seal("guess", &subject))).collect();
        let guess = Guess { subjects: subjects.clone(), at };
        let counting = self.services.store.write(move |mut conn| {
            Box::pin(async move {
                let bounds = [(limits.lookups_per_address, TooMany::Here), (limits.lookups_per_order, TooMany::There)];
                for (subject, (most, too_many)) in subjects.iter().zip(bounds) {
                    if store::count_attempt(&mut conn, subject, WINDOW, now).await? > most {
                        return Err(too_many);
                    }
                }
                Ok(())
            })
        });
        match counting.await {
            Ok(()) => Ok(Some(guess)),
            Err(TooMany::Here) => {
                self.note(Incident::TooMany, at);
                Err(DeskError::Busy)
            }
            Err(TooMany::There) => {
                self.note(Incident::TooMany, at);
                Ok(None)
            }
            Err(TooMany::Store(error)) => Err(failed(&error)),
        }
    }

    /// A guess that was none.
    pub(super) async fn was_right(&self, guess: Guess) -> Result<(), DeskError> {
        let given = self.services.store.write(move |mut conn| {
            Box::pin(async move {
                for subject in &guess.subjects {
                    store::give_back(&mut conn, subject).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        given.await.map_err(|error| failed(&error))
    }

    /// A guess that stays counted.
    pub(super) fn was_wrong(&self, guess: &Guess) {
        self.note(Incident::WrongGuess, guess.at);
    }

    pub(super) fn note(&self, incident: Incident, at: &'static str) {
        incident.note(at, &security::visitor(&self.services.secret, self.visitor.address), None);
    }

    /// Asks for a code by mail instead: it lets the owner in, whoever else guesses.
    pub(super) async fn ask_for_code(&mut self, contact: &str) -> Result<Next, DeskError> {
        let email = if contact.contains('@') { contact.to_owned() } else { String::new() };
        let mistakes = vec![noted(CodeAsked::EMAIL, Mistake::Guarded)];
        self.visitor.session.data.login = LoginForm { email, mistakes, ..LoginForm::default() };
        self.keep_session(false).await?;
        Ok(Next::with_session("/account"))
    }
}

fn numbers_of(rows: &[OrderRow]) -> Vec<String> {
    rows.iter().map(|row| row.order.number.to_string()).collect()
}
