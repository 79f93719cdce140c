//! Withdrawing from a contract. Taken from anybody, for whatever order they name; what they are shown of it is what they typed, unless they were
//! recognised for it.

use app::forms::Fields;
use app::messages::Messages;
use app::ports::{DeskError, ItemHead, StatementPage, WithdrawItem, WithdrawPage, WithdrawalAhead, WithdrawalReceipt};
use app::say::Say;
use app::withdraw::{CHANGED, StatementTyped, VERSION};
use domain::entry::Account;
use domain::plain::one_line;
use domain::policy::{Basis, Decision};
use domain::withdrawal::{Items, Statement, Withdrawn};
use jiff::tz::TimeZone;

use super::{Desk, Next, SLOW_NO, freight_is_free, head, names, travels};
use crate::desks::failed;
use crate::security::Incident;
use crate::services::{Assessment, Declared, HeldDraft, MOST_ACKNOWLEDGED, NotReceived, WithdrawDraft, web};
use crate::store::{self, OrderRow, StoreError, Withdrawal};

const HOUR: i64 = 60 * 60 * 1000;
/// What is filled in is kept so many times as often as a statement is received, from one address.
const TRIES: i64 = 5;
/// Letters of a product's name in a statement.
const LONGEST_ITEM: usize = 120;

impl Desk {
    pub(super) async fn withdraw(&self, order: Option<&str>) -> Result<WithdrawPage, DeskError> {
        let data = &self.visitor.session.data;
        let own = match order {
            Some(typed) => self.own_order_written(typed).await?,
            // The one they looked at last.
            None => match data.orders.last() {
                Some(key) => self.own_order_written(key).await?,
                None => None,
            },
        };
        let draft = WithdrawDraft {
            name: own.as_ref().and_then(|row| row.order.customer.name.clone()).unwrap_or_default(),
            order: own.as_ref().map_or_else(|| order.unwrap_or_default().to_owned(), |row| row.order.number.to_string()),
            email: match &data.account {
                Some(Account::Email(email)) => email.clone(),
                _ => String::new(),
            },
            ..WithdrawDraft::default()
        };
        self.form(None, draft, own).await
    }

    pub(super) async fn change_statement(&self, link: &str) -> Result<WithdrawPage, DeskError> {
        let held = self.held(link).await?;
        if held.became.is_some() {
            return Err(DeskError::Moved(format!("/withdraw/{link}")));
        }
        let own = self.known_order(&held.draft).await?;
        self.form(Some(link.to_owned()), held.draft, own).await
    }

    async fn form(&self, link: Option<String>, draft: WithdrawDraft, own: Option<OrderRow>) -> Result<WithdrawPage, DeskError> {
        let heads = self.heads(own.as_ref()).await?;
        let chosen = |head: &ItemHead| draft.items.iter().find(|(line, _)| *line == head.key.line).map_or(0, |(_, units)| *units);
        Ok(WithdrawPage {
            link,
            known_email: own.as_ref().and_then(|row| row.order.customer.email.as_ref()).map(|email| email.masked()),
            items: heads.into_iter().map(|head| WithdrawItem { chosen: chosen(&head), head }).collect(),
            name: draft.name,
            order: draft.order,
            email: draft.email,
            some: draft.some,
            words: draft.words,
            mistakes: draft.mistakes,
        })
    }

    /// "Continue": a new statement.
    pub async fn begin_withdrawal(&mut self, fields: &Fields) -> Result<Next, DeskError> {
        self.fill_in(None, fields).await
    }

    /// "Continue", after a change.
    pub async fn change_withdrawal(&mut self, link: &str, fields: &Fields) -> Result<Next, DeskError> {
        if self.held(link).await?.became.is_some() {
            return Ok(Next::to(format!("/withdraw/{link}")));
        }
        self.fill_in(Some(link), fields).await
    }

    async fn fill_in(&self, link: Option<&str>, fields: &Fields) -> Result<Next, DeskError> {
        self.count_withdrawal("withdrawal-draft", self.services.config.limits.codes_per_address.saturating_mul(TRIES)).await?;
        let mut own = self.own_order_written(fields.get(StatementTyped::ORDER)).await?;
        if let (None, Some(link)) = (&own, link) {
            // The session that began it may be over.
            let before = self.held(link).await?.draft;
            own = self.known_order(&before).await?.filter(|row| row.order.number.as_str() == fields.get(StatementTyped::ORDER));
        }
        let reached = own.as_ref().is_some_and(|row| row.order.customer.email.is_some());
        let (typed, mistakes) = StatementTyped::parse(fields, &self.heads(own.as_ref()).await?, reached);
        let next = if mistakes.is_empty() { "" } else { "/change" };
        let draft = WithdrawDraft {
            name: typed.name,
            order: typed.order,
            email: typed.email,
            some: typed.some,
            items: typed.items.into_iter().map(|(key, units)| (key.line, units)).collect(),
            words: typed.words,
            known: own.map(|row| row.order.number),
            mistakes,
        };
        match (self.services.keep_withdrawal_draft(link, &draft).await?, link) {
            (Some(link), _) => Ok(Next::to(format!("/withdraw/{link}{next}"))),
            // Another window has confirmed it.
            (None, link) => Ok(Next::to(format!("/withdraw/{}", link.unwrap_or_default()))),
        }
    }

    pub(super) async fn statement(&self, link: &str) -> Result<StatementPage, DeskError> {
        let held = self.held(link).await?;
        if let Some(id) = &held.became {
            let found = self.services.withdrawal(id).await?.ok_or(DeskError::NotFound)?;
            return Ok(self.received(link, &held, found));
        }
        if !held.draft.mistakes.is_empty() {
            return Err(DeskError::Moved(format!("/withdraw/{link}/change")));
        }
        let own = self.known_order(&held.draft).await?;
        let statement = self.stated(&held.draft, own.as_ref())?;
        let ahead = match &own {
            Some(row) => self.services.withdrawal_ahead(&row.order.number, &statement.items).await?,
            None => None,
        };
        Ok(StatementPage {
            link: link.to_owned(),
            version: held.version,
            to: shown(&held.draft, &statement),
            statement,
            due: self.services.withdrawal_due(self.services.clock.now()),
            ahead: ahead.and_then(|ahead| ahead_of(&ahead)),
            received: None,
        })
    }

    fn received(&self, link: &str, held: &HeldDraft, found: Withdrawal) -> StatementPage {
        StatementPage {
            link: link.to_owned(),
            version: held.version,
            to: shown(&held.draft, &found.statement),
            due: found.due_at,
            ahead: None,
            received: Some(WithdrawalReceipt {
                id: found.id.clone(),
                at: found.received_at,
                zone: found.zone.clone(),
                // Whether there is such an order is told to whom it is known to belong, and by mail to its contact.
                rma: found.rma.filter(|_| held.draft.known.is_some()),
                times: found.acknowledged,
                again: found.acknowledged < MOST_ACKNOWLEDGED,
            }),
            statement: found.statement,
        }
    }

    /// "Confirm withdrawal": once, however often it is pressed.
    pub async fn confirm_withdrawal(&mut self, link: &str, fields: &Fields) -> Result<Next, DeskError> {
        let asked = tokio::time::Instant::now();
        let held = self.held(link).await?;
        let here = format!("/withdraw/{link}");
        if held.became.is_some() || !held.draft.mistakes.is_empty() {
            return Ok(Next::to(here));
        }
        // Another window has changed it: what is confirmed is what was read.
        if fields.get(VERSION).parse() != Ok(held.version) {
            return Ok(Next::to(format!("{here}?{CHANGED}=yes")));
        }
        self.count_withdrawal("withdrawal", self.services.config.limits.codes_per_address).await?;
        let own = self.known_order(&held.draft).await?;
        let declared = Declared {
            statement: self.stated(&held.draft, own.as_ref())?,
            zone: self.visitor.zone.clone(),
            known: own.map(|row| row.order.number),
            draft: Some((link.to_owned(), held.version)),
            by_machine: false,
            key: None,
        };
        let theirs = declared.known.as_ref().is_some_and(|number| self.visitor.session.data.knows_order(number.as_str()));
        let opened = match self.services.withdraw(declared).await {
            Ok(received) => received.rma,
            Err(NotReceived::Changed) => None,
            Err(NotReceived::Store(error)) => return Err(error.into()),
            Err(error) => return Err(failed(&error)),
        };
        if held.draft.known.is_none() {
            self.services.clock.hold_back(asked, SLOW_NO).await;
        }
        // Who has the order open need not say again that its return is theirs.
        if let Some(rma) = opened.filter(|_| theirs) {
            self.visitor.session.recognise_return(rma);
            self.keep_session(false).await?;
            return Ok(Next::with_session(here));
        }
        Ok(Next::to(here))
    }

    /// "Send it again"
    pub async fn acknowledge_again(&mut self, link: &str, _: &Fields) -> Result<Next, DeskError> {
        if let Some(id) = self.held(link).await?.became {
            self.count_withdrawal("withdrawal", self.services.config.limits.codes_per_address).await?;
            self.services.acknowledge_again(&id).await?;
        }
        Ok(Next::to(format!("/withdraw/{link}")))
    }

    /// The withdrawal that a draft became, for its receipt.
    pub async fn receipt(&self, link: &str) -> Result<Withdrawal, DeskError> {
        let became = self.held(link).await?.became.ok_or(DeskError::NotFound)?;
        self.services.withdrawal(&became).await?.ok_or(DeskError::NotFound)
    }

    /// What is declared: of an order that is theirs, by its number and with names of its items.
    fn stated(&self, draft: &WithdrawDraft, own: Option<&OrderRow>) -> Result<Statement, DeskError> {
        let m = Messages::new(self.visitor.locale);
        let items = match (draft.some, draft.items.as_slice()) {
            (false, _) => Items::Whole,
            (true, []) => Items::Words(draft.words.clone()),
            (true, items) => Items::Lines(
                items
                    .iter()
                    .map(|(line, units)| {
                        let name = own.and_then(|row| row.order.line(line)).map(|line| match &line.variant {
                            Some(variant) => m.format_aside(&line.name, variant),
                            None => line.name.clone(),
                        });
                        Withdrawn { line: line.clone(), name: name.map(|name| one_line(&name, LONGEST_ITEM)), quantity: Some(*units) }
                    })
                    .collect(),
            ),
        };
        let order = own.map_or_else(|| draft.order.clone(), |row| row.order.number.to_string());
        let own_email = || own.and_then(|row| row.order.customer.email.clone());
        let email = if draft.email.is_empty() { own_email() } else { draft.email.parse().ok() };
        let format = app::format::Format::new(self.visitor.locale, TimeZone::UTC, self.services.clock.now());
        Ok(Statement {
            name: draft.name.clone(),
            sentence: Say::new(format).withdrawal_sentence(&order, &items),
            order,
            items,
            email: email.ok_or(DeskError::NotFound)?,
            locale: self.visitor.locale,
            channel: web(),
        })
    }

    async fn held(&self, link: &str) -> Result<HeldDraft, DeskError> {
        self.services.withdrawal_draft(link).await?.ok_or(DeskError::NotFound)
    }

    /// The order a draft is of, where whoever began it was recognised for it.
    async fn known_order(&self, draft: &WithdrawDraft) -> Result<Option<OrderRow>, DeskError> {
        let Some(number) = &draft.known else { return Ok(None) };
        let mut read = self.services.store.read().await?;
        Ok(store::find_order_with_returns(&mut read.conn(), number.as_str()).await?.map(|(row, _)| row))
    }

    /// The order that was written, where this visitor was recognised for it.
    async fn own_order_written(&self, typed: &str) -> Result<Option<OrderRow>, DeskError> {
        let data = &self.visitor.session.data;
        if typed.is_empty() || data.orders.is_empty() && data.account.is_none() {
            return Ok(None);
        }
        let mut read = self.services.store.read().await?;
        let like = store::orders_written_like(&mut read.conn(), typed).await?;
        let owns = |row: &OrderRow| data.account.as_ref().is_some_and(|account| account.owns(&row.order.customer));
        Ok(like.into_iter().find(|row| data.knows_order(row.order.number.as_str()) || owns(row)))
    }

    /// Its items that are not in a return.
    async fn heads(&self, own: Option<&OrderRow>) -> Result<Vec<ItemHead>, DeskError> {
        let Some(row) = own else { return Ok(Vec::new()) };
        let outlook = self.services.outlook(row).await?;
        let lines = row.order.items().zip(&outlook.lines).filter(|(_, seen)| seen.available > 0);
        Ok(lines.map(|(line, seen)| head(line, row, seen.available)).collect())
    }

    /// Counts what comes from this visitor's address; each may make us send a mail.
    async fn count_withdrawal(&self, what: &'static str, most: i64) -> Result<(), DeskError> {
        let subject = format!("{what}:{}", self.services.secret.seal("withdrawal", &self.visitor.address.to_string()));
        let now = self.services.clock.millis();
        let counted = self.services.store.write(move |mut conn| {
            Box::pin(async move { Ok::<_, StoreError>(store::count_attempt(&mut conn, &subject, HOUR, now).await? <= most) })
        });
        if counted.await? {
            return Ok(());
        }
        self.note(Incident::TooMany, "a withdrawal");
        Err(DeskError::Busy)
    }
}

/// Where it is acknowledged, as far as they may see it: what they typed, or the order's own address, masked.
fn shown(draft: &WithdrawDraft, statement: &Statement) -> String {
    if draft.email.is_empty() { statement.email.masked() } else { statement.email.to_string() }
}

/// What is told of it before it is declared.
fn ahead_of(assessment: &Assessment) -> Option<WithdrawalAhead> {
    let part = assessment.parts.first()?;
    let goes = || assessment.lines.iter().filter(|line| line.decision != Decision::Declined);
    let by_law = goes().all(|line| line.basis == Basis::Law);
    Some(WithdrawalAhead {
        settlement: part.settlement.clone(),
        names: names(&[&*part.row]),
        send_by: travels(assessment).then_some(assessment.promises.sent),
        freight_free: travels(assessment) && freight_is_free(assessment),
        refund_by: assessment.promises.refunded,
        until: goes().filter_map(|line| line.until).min().filter(|_| by_law),
        person: assessment.lines.iter().any(|line| line.decision != Decision::Approved),
    })
}
