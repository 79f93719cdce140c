//! What customers are told on an occasion, the same by every channel.

use domain::ids::LineId;
use domain::money::Money;
use domain::replies::Place;
use domain::returns::{Event, Grant, PaidTo, Payment, PaymentNo, Recorded, Return, Status};
use domain::settlement::ReceiptLine;
use jiff::civil::Date;

use super::Say;
use crate::messages::{Occasion, Texts, filled};
use crate::ports::{InboxSaid, InboxView};

/// What is said on an occasion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub subject: String,
    /// Goes on where the greeting ended; see [`Words::opening`].
    pub lead: String,
    /// What somebody said, as they said it.
    pub quote: Option<String>,
    pub notes: Vec<String>,
    /// What stands in the places of its texts, by name.
    pub values: Vec<(&'static str, String)>,
}

impl Words {
    /// The lead where no greeting goes before it.
    #[must_use]
    pub fn opening(&self) -> String {
        let mut letters = self.lead.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }

    /// All that a text to a phone says in a shop's `own` words; `link`: where its reader goes on.
    #[must_use]
    pub fn text(&self, own: &str, link: &str) -> String {
        let values = self.values.iter().map(|(name, value)| (*name, value.as_str()));
        filled(own, &values.chain([("link", link)]).collect::<Vec<_>>())
    }
}

impl Say {
    /// What is said of a return, as it and its events were then.
    #[must_use]
    pub fn told_of_return(&self, occasion: Occasion, texts: &Texts, request: &Return, events: &[Recorded], shop: &str) -> Words {
        let now = events.last().map_or(request.opened_at, |last| last.at);
        let instead = match request.status() {
            Status::InReview => texts.lead_in_review.as_deref(),
            Status::Declined => texts.lead_declined.as_deref(),
            _ => None,
        };
        let promises = request.promises;
        let by = match occasion {
            Occasion::EvidenceAsked => request.awaits(now),
            Occasion::DeadlineExtended => Some(promises.sent),
            Occasion::GoodsReceived => Some(promises.inspected),
            Occasion::OfferMade => events.last().and_then(|last| until_of(&last.event)),
            Occasion::MoneyGranted | Occasion::ItemPromised | Occasion::ItemAhead | Occasion::ItemInstead => {
                Some(promises.refunded.max(now))
            }
            Occasion::GoodsReceivedPartly | Occasion::GoodsInspected | Occasion::GoodsFoundOtherwise => Some(promises.refunded),
            _ => None,
        };
        let (rma, date) = (request.rma.to_string(), self.f.by(by.or(promises.decided).unwrap_or(promises.sent)));
        let date = match (occasion, &request.pickup) {
            (Occasion::PickupTomorrow | Occasion::PickupMissed, Some(pickup)) => {
                self.m.mail_pickup_time(self.f.date(pickup.date), self.slot(&pickup.slot))
            }
            _ => date,
        };
        let awaited = || request.awaited().first().map(|awaited| self.f.money(Money::new(awaited.amount, awaited.currency)));
        let taken = || request.collected.last().map(|collected| self.f.money(Money::new(collected.amount, collected.currency)));
        let asked = match occasion {
            Occasion::PaymentAsked | Occasion::PaymentReminder => awaited(),
            Occasion::PaymentTaken => taken(),
            _ => None,
        };
        let mut at_stake = done_last(events).map(|recorded| self.at_stake(&recorded.event, request));
        let (amount, expected) = at_stake.find(|(amount, _)| !amount.is_empty()).unwrap_or_default();
        let amount = asked.or(Some(amount).filter(|amount| !amount.is_empty())).unwrap_or_else(|| self.all_of(request));
        let expected = if expected.is_empty() { amount.clone() } else { expected };
        let known = |place| self.known(place, request, Some(shop)).unwrap_or_default();
        let (order, items) = (known(Place::OrderNumber), known(Place::Items));
        let values = [
            ("rma", rma.as_str()),
            ("date", date.as_str()),
            ("shop", shop),
            ("amount", amount.as_str()),
            ("expected", expected.as_str()),
            ("order", order.as_str()),
            ("items", items.as_str()),
        ];
        let beside = matches!(occasion, Occasion::GoodsReceived | Occasion::GoodsReceivedPartly) && came_beside(events);
        let words = self.told_with(texts, &values, None);
        Words {
            lead: instead.map_or(words.lead, |instead| filled(instead, &values)),
            quote: is_quoted(occasion).then(|| in_their_words(events)).flatten(),
            notes: beside.then(|| self.m.mail_beside().to_owned()).into_iter().chain(words.notes).collect(),
            ..words
        }
    }

    /// What is said of money that is given back although nothing comes back, `reason` as it was put for the customer.
    #[must_use]
    pub fn told_of_concession(&self, texts: &Texts, order: &str, amount: Money, reason: &str, shop: &str) -> Words {
        let amount = self.f.money(amount);
        let values = [("order", order), ("amount", amount.as_str()), ("shop", shop)];
        self.told_with(texts, &values, Some(reason))
    }

    /// What a message says.
    #[must_use]
    pub fn told_by(&self, message: &InboxView, shop: &str) -> Words {
        let InboxView { occasion, texts, said, .. } = message;
        match said {
            InboxSaid::Return(request, events) => self.told_of_return(*occasion, texts, request, events, shop),
            InboxSaid::Concession { order, amount, reason } => self.told_of_concession(texts, order, *amount, reason, shop),
            InboxSaid::Gift(gift) => self.told_of_gift(*occasion, texts, gift, shop),
            InboxSaid::Credit { left, last } => self.told_of_credit(texts, *left, *last, shop),
        }
    }

    /// What is said of credit that ends with that day, if it is not spent.
    #[must_use]
    pub fn told_of_credit(&self, texts: &Texts, left: Money, last: Date, shop: &str) -> Words {
        let (amount, date) = (self.f.money(left), self.f.date(last));
        self.told_with(texts, &[("amount", amount.as_str()), ("date", date.as_str()), ("shop", shop)], None)
    }

    /// What is said with these values, and of `reason`, as it was put.
    #[must_use]
    pub fn told_with(&self, texts: &Texts, values: &[(&'static str, &str)], reason: Option<&str>) -> Words {
        Words {
            values: values.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
            subject: filled(&texts.subject, values),
            lead: filled(&texts.lead, values),
            quote: reason.map(str::to_owned).filter(|reason| !reason.is_empty()),
            notes: texts.note.as_deref().map(|note| filled(note, values)).into_iter().collect(),
        }
    }

    /// How a promised amount comes about.
    #[must_use]
    pub fn rows_of_grant(&self, request: &Return, grant: &Grant) -> Vec<(String, String)> {
        let row =
            |row: &ReceiptLine| (self.receipt(row, |line| name_of(request, line)), self.f.amount(Money::new(row.amount, grant.currency)));
        grant.receipt.iter().map(row).collect()
    }

    /// What a return comes to: promised, else expected.
    fn all_of(&self, request: &Return) -> String {
        let granted = request.grants.first().map(|grant| Money::new(grant.amount + grant.bonus, grant.currency));
        let expected = || request.orders.first().map(|part| Money::new(part.settlement.expected, part.settlement.currency));
        granted.or_else(expected).map(|amount| self.f.money(amount)).unwrap_or_default()
    }

    /// The money that an event is about, in words; of an offer, what was expected, too.
    fn at_stake(&self, event: &Event, request: &Return) -> (String, String) {
        let told = |minor, currency| self.f.money(Money::new(minor, currency));
        match event {
            Event::Offered { offer } => (told(offer.amount, offer.currency), told(offer.expected, offer.currency)),
            Event::Granted { grant } => (told(grant.amount + grant.bonus, grant.currency), String::new()),
            Event::PaymentMade { payment, .. } => {
                let bonus = |paid: &Payment, grant: &Grant| if paid.to == PaidTo::StoreCredit { grant.bonus } else { 0 };
                let all = paid(request, *payment).map(|(paid, grant)| told(paid.amount + bonus(paid, grant), grant.currency));
                (all.unwrap_or_default(), String::new())
            }
            Event::PaymentFailed { payment, .. } | Event::PaymentReversed { payment, .. } => {
                let all = paid(request, *payment).map(|(failed, grant)| told(failed.amount, grant.currency));
                (all.unwrap_or_default(), String::new())
            }
            _ => Default::default(),
        }
    }
}

/// What the lines of a return's orders are called, by their names in the books.
#[must_use]
pub fn names_of(request: &Return) -> Vec<(String, String)> {
    request.lines.iter().map(|line| (line.asked.in_books().to_string(), line.asked.name.clone())).collect()
}

/// What a line of a return's orders is called.
#[must_use]
pub fn name_of(request: &Return, line: &LineId) -> String {
    let known = request.lines.iter().find(|known| known.asked.in_books() == line);
    known.map_or_else(|| line.to_string(), |known| known.asked.name.clone())
}

/// Whether something came with what was done last that was not announced.
fn came_beside(events: &[Recorded]) -> bool {
    done_last(events).any(|recorded| matches!(&recorded.event, Event::Received { receipt } if !receipt.beside.is_empty()))
}

/// What was done last, with what followed from it at once; the youngest first.
fn done_last(events: &[Recorded]) -> impl Iterator<Item = &Recorded> {
    let last = events.last().map(|last| &last.command_id);
    events.iter().rev().take_while(move |recorded| Some(&recorded.command_id) == last)
}

/// A payment, with the grant that it pays.
pub(crate) fn paid(request: &Return, payment: PaymentNo) -> Option<(&Payment, &Grant)> {
    let paid = request.payments.iter().find(|known| known.id == payment)?;
    Some((paid, request.grants.iter().find(|grant| grant.id == paid.grant)?))
}

/// Till when an offer stands.
fn until_of(event: &Event) -> Option<jiff::Timestamp> {
    match event {
        Event::Offered { offer } => Some(offer.until),
        _ => None,
    }
}

/// Whether somebody's own words belong to it.
fn is_quoted(occasion: Occasion) -> bool {
    matches!(
        occasion,
        Occasion::DeadlineExtended
            | Occasion::EvidenceAsked
            | Occasion::ReturnDeclined
            | Occasion::ShopWrote
            | Occasion::AppealReceived
            | Occasion::OutboundStopped
            | Occasion::OutboundTooLate
            | Occasion::OutboundComingBack
            | Occasion::OutboundDelivered
            | Occasion::OutboundLost
    )
}

/// What was said last by whoever decided or wrote.
fn in_their_words(events: &[Recorded]) -> Option<String> {
    events.iter().rev().find_map(|recorded| match &recorded.event {
        Event::EvidenceAsked { note, .. } => Some(Some(note.clone())),
        Event::Extended { reason, .. } => Some(Some(reason.clone())),
        Event::Declined { reason, .. } | Event::OutboundAnswered { reason, .. } => Some(reason.clone()),
        Event::ShopWrote { words } | Event::Appealed { words, .. } => Some(Some(words.clone())),
        _ => None,
    })?
}
