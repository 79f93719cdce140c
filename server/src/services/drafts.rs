//! A return that somebody is still writing, held on the server: reload, back and a second tab see the same.

use app::ports::Noted;
use domain::ids::{Code, LineId, LineKey, OrderNumber};
use domain::item::ItemSaid;
use domain::policy::{Basis, Method, Resolution};
use domain::returns::Pickup;
use domain::rma::RmaNumber;
use serde::{Deserialize, Serialize};

use super::Services;
use super::request::{LineRequest, ReturnRequest, Shown};
use crate::store::{self, AuditNote, Conn, StoreError};

/// A draft.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Its name; not part of what is stored under it.
    #[serde(skip)]
    pub id: String,
    /// Orders it is about.
    pub orders: Vec<OrderNumber>,
    /// What was said of each chosen line.
    pub lines: Vec<DraftLine>,
    /// What was said of lines that are not chosen any more: chosen again, they have it again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aside: Vec<DraftLine>,
    /// Something that "why?" must be told is still missing.
    pub told_in_part: bool,
    /// How often a page was answered; what is kept while a page is being filled in does not count.
    pub answers: u64,
    /// How it comes back.
    pub method: Option<Method>,
    /// When the door is called at.
    pub pickup: Option<Pickup>,
    /// What was wrong with the last answer.
    pub mistakes: Vec<Noted>,
    /// The page those mistakes belong to; empty: whichever is shown next.
    pub mistakes_on: String,
    /// The return that what is chosen joins (N10).
    pub joins: Option<RmaNumber>,
    /// The return it became.
    pub rma: Option<RmaNumber>,
    /// Who at work writes it, for the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Helper>,
}

/// Somebody at work who writes for a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Helper {
    /// Their name in the house's books.
    pub id: String,
    /// What they are called.
    pub name: String,
    /// How the customer asked: `phone`, `chat`, `counter`, `email` (C2).
    pub channel: Code,
    /// How the purchase was shown, where not by the order itself: rules may ask for it (P24).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Code>,
}

/// A chosen line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftLine {
    /// Order.
    pub order: OrderNumber,
    /// Line.
    pub line: LineId,
    /// Units.
    pub quantity: u32,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
    /// Why, more finely.
    #[serde(default)]
    pub sub_reason: Option<String>,
    /// What they say of it.
    #[serde(flatten)]
    pub said: ItemSaid,
    /// What is wished for.
    #[serde(default)]
    pub resolution: Option<Resolution>,
    /// On which terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// The product wanted in exchange, as typed.
    #[serde(default)]
    pub exchange_sku: String,
}

impl DraftLine {
    /// Some units of a line, nothing said yet.
    pub fn new(order: OrderNumber, line: LineId, quantity: u32) -> Self {
        Self {
            order,
            line,
            quantity,
            reason: None,
            sub_reason: None,
            said: ItemSaid::default(),
            resolution: None,
            basis: None,
            exchange_sku: String::new(),
        }
    }

    /// Whether it is the line of that name, however its order is written.
    pub fn is(&self, key: &LineKey) -> bool {
        self.order == key.order && self.line == key.line
    }

    /// Names the line in forms.
    pub fn key(&self) -> LineKey {
        LineKey { order: self.order.clone(), line: self.line.clone() }
    }
}

impl Draft {
    /// Mistakes to show on a page.
    pub fn mistakes_of(&self, page: &str) -> Vec<Noted> {
        if self.mistakes_on == page || self.mistakes_on.is_empty() { self.mistakes.clone() } else { Vec::new() }
    }

    /// What a page of it was made from, as the form on that page carries it: when it comes back, [`Draft::still_as`] tells whether another
    /// window changed what the questions rest on meanwhile. The answers to its own question are no part of that.
    pub fn seen(&self, page: &str) -> String {
        format!("{}.{}", self.answers, self.ground(page))
    }

    /// Whether a form asked about what the draft still holds. One that does not say (sent by hand) is taken at its word.
    pub fn still_as(&self, page: &str, seen: Option<&str>) -> bool {
        seen.and_then(|seen| seen.split_once('.')).is_none_or(|(_, ground)| ground == self.ground(page))
    }

    /// Whether no page at all was answered since.
    pub fn unanswered_since(&self, seen: Option<&str>) -> bool {
        seen.and_then(|seen| seen.split_once('.')).is_some_and(|(answers, _)| answers == self.answers.to_string())
    }

    /// A digest of what the question on a page rests on.
    fn ground(&self, page: &str) -> String {
        let asks_after = |question: &str| PAGES.iter().position(|known| *known == page) > PAGES.iter().position(|known| *known == question);
        let line = |line| {
            let line: &DraftLine = line;
            (
                asks_after("items").then(|| (line.key().to_string(), line.quantity)),
                asks_after("why").then_some((&line.reason, &line.sub_reason, &line.said.condition, line.said.seal_broken)),
                asks_after("wish").then_some((line.resolution, line.basis, &line.exchange_sku)),
            )
        };
        let lines: Vec<_> = self.lines.iter().map(line).collect();
        let way = asks_after("send").then_some((self.method, &self.pickup));
        let ground = serde_json::to_string(&(lines, way)).unwrap_or_default();
        crate::secrets::digest(&ground).chars().take(12).collect()
    }

    /// The draft as it would be with nothing wished for yet: what is possible must not depend on that.
    pub fn without_wishes(&self) -> Self {
        let mut open = Self { method: None, ..self.clone() };
        open.lines.iter_mut().for_each(|line| (line.resolution, line.basis) = (None, None));
        open
    }

    /// The first page whose question is not answered yet.
    pub fn unanswered(&self) -> Option<&'static str> {
        if self.lines.is_empty() {
            Some("items")
        } else if self.told_in_part || self.lines.iter().any(|line| line.reason.is_none()) {
            Some("why")
        } else {
            None
        }
    }

    /// The page with its first open question.
    pub fn stands_at(&self) -> &'static str {
        match self.unanswered() {
            Some(page) => page,
            None if self.lines.iter().all(|line| line.resolution.is_none()) => "wish",
            None => "check",
        }
    }

    /// As a request, in the shopper's language.
    pub fn request(&self, locale: domain::words::Locale) -> ReturnRequest {
        let text = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let line = |line: &DraftLine| LineRequest {
            order: line.order.clone(),
            line: line.line.clone(),
            quantity: line.quantity,
            reason: line.reason.clone(),
            sub_reason: line.sub_reason.clone(),
            said: line.said.clone(),
            resolution: line.resolution,
            basis: line.basis,
            exchange_sku: text(&line.exchange_sku).and_then(|sku| sku.parse().ok()),
            evidence: Shown::InDraft(self.id.clone()),
            agreed: None,
        };
        ReturnRequest {
            lines: self.lines.iter().map(line).collect(),
            email: None,
            phone: None,
            channel: self.by.as_ref().map_or_else(web, |by| by.channel.clone()),
            // Who reads about it afterwards is the customer.
            locale: Some(locale).filter(|_| self.by.is_none()),
            method: self.method,
            pickup: self.pickup.clone(),
            withdrawal: false,
            from: None,
            proof: self.by.as_ref().and_then(|by| by.proof.clone()),
            within: None,
            beside: 0,
            declared_at: None,
        }
    }
}

/// The channel of these pages.
pub fn web() -> Code {
    Code::from_words("web").expect("a code")
}

/// Pages of a draft, in the order of their questions.
const PAGES: [&str; 5] = ["items", "why", "wish", "send", "check"];

/// Drafts of one order that are looked through for one to go on with.
const MOST_BEGUN: i64 = 20;

async fn note_orders(conn: &mut Conn<'_>, id: &str, orders: &[OrderNumber]) -> Result<(), StoreError> {
    for order in orders {
        store::note_draft_of_order(conn, id, order.as_str()).await?;
    }
    Ok(())
}

fn corrupt(error: &serde_json::Error) -> StoreError {
    StoreError::Corrupt { what: "draft", why: error.to_string() }
}

impl Services {
    /// A new draft about orders; what is chosen joins a return, where one is named.
    pub async fn start_draft(&self, orders: Vec<OrderNumber>, joins: Option<RmaNumber>) -> Result<String, StoreError> {
        self.begin_draft(Draft { orders, joins, ..Draft::default() }, None).await
    }

    /// Writes a new draft, with what the audit trail says of it.
    async fn begin_draft(&self, draft: Draft, note: Option<AuditNote>) -> Result<String, StoreError> {
        // The page of one that is written for a customer says so.
        let id = format!("{}{:032x}", if draft.by.is_some() { app::start_return::FOR_CUSTOMER } else { "" }, rand::random::<u128>());
        let data = serde_json::to_string(&draft).map_err(|error| corrupt(&error))?;
        let (name, now) = (id.clone(), self.clock.millis());
        let start = self.store.write(move |mut conn| {
            Box::pin(async move {
                store::insert_draft(&mut conn, &name, &data, now).await?;
                note_orders(&mut conn, &name, &draft.orders).await?;
                match &note {
                    Some(note) => store::note_audit(&mut conn, note).await,
                    None => Ok(()),
                }
            })
        });
        start.await?;
        Ok(id)
    }

    /// A new draft about an order, which somebody at work writes for its customer; nothing where there is no such order.
    pub async fn start_for_customer(&self, order: &str, by: Helper, address: String) -> Result<Option<String>, StoreError> {
        let number = store::number_meant(&mut self.store.read().await?.conn(), order).await?;
        let Some(number) = number else { return Ok(None) };
        let note = AuditNote {
            at: self.clock.millis(),
            actor: by.id.clone(),
            what: "write_for_customer".to_owned(),
            subject: format!("order:{number}"),
            address: Some(address),
            after: Some(by.channel.to_string()),
            ..AuditNote::default()
        };
        let draft = Draft { orders: vec![number], by: Some(by), ..Draft::default() };
        self.begin_draft(draft, Some(note)).await.map(Some)
    }

    /// The draft that was begun last of those about `order`, has not been sent off, and is of no order that `known` does not say yes to.
    /// A rehearsal, whose orders everybody may open, finds none: nobody should go on with a stranger's.
    pub async fn begun(&self, order: &OrderNumber, known: impl Fn(&OrderNumber) -> bool) -> Result<Option<Draft>, StoreError> {
        if self.config.demo {
            return Ok(None);
        }
        let ids = store::open_drafts_of_order(&mut self.store.read().await?.conn(), order.as_str(), MOST_BEGUN).await?;
        for id in ids {
            let draft = self.draft(&id).await?.map(|(draft, _)| draft);
            let usable =
                |draft: &Draft| draft.rma.is_none() && draft.joins.is_none() && draft.by.is_none() && draft.orders.iter().all(&known);
            if let Some(draft) = draft.filter(usable) {
                return Ok(Some(draft));
            }
        }
        Ok(None)
    }

    /// The draft of that name, and how often it was changed.
    pub async fn draft(&self, id: &str) -> Result<Option<(Draft, i64)>, StoreError> {
        let mut read = self.store.read().await?;
        let stored = store::find_draft(&mut read.conn(), id).await?;
        let read = |stored: store::StoredDraft| {
            let draft: Draft = serde_json::from_str(&stored.data).map_err(|error| corrupt(&error))?;
            // What it became is known from the moment the return is there, whether or not anybody got to note it in the draft.
            let rma = draft.rma.or_else(|| stored.became?.parse().ok());
            Ok((Draft { id: id.to_owned(), rma, ..draft }, stored.version))
        };
        stored.map(read).transpose()
    }

    /// Keeps a draft that was read at `version`.
    pub async fn keep_draft(&self, id: &str, draft: &Draft, version: i64) -> Result<(), StoreError> {
        let data = serde_json::to_string(draft).map_err(|error| corrupt(&error))?;
        let (id, draft, now) = (id.to_owned(), draft.clone(), self.clock.millis());
        let keep = self.store.write(move |mut conn| {
            Box::pin(async move {
                store::update_draft(&mut conn, &id, &data, version, now).await?;
                // It began with the first.
                note_orders(&mut conn, &id, draft.orders.get(1..).unwrap_or_default()).await
            })
        });
        keep.await
    }
}
