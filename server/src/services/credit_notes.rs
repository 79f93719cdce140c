//! Credit notes (P26): written down with the payment that they are of, drawn and written as XML when they are asked for.

use app::format::Format;
use app::say::Say;
use domain::credit_note::{CreditNote, CreditNoteNo, Heading, ItemKind, Party};
use domain::en16931::{self, NoInvoice, Words};
use domain::ids::LineId;
use domain::money::Money;
use domain::order::{Address, Order};
use domain::returns::{Event, PaymentNo, Recorded, Return};
use domain::rma::RmaNumber;
use domain::settlement::ReceiptLine;
use domain::words::Locale;
use jiff::Timestamp;

use super::Services;
use super::label::NoLabel;
use crate::labels::{Paper, PaperRow, paper_pdf};
use crate::store::{self, Conn, StoreError};

impl Services {
    /// Writes down the credit note of each payment of which it was recorded that its money left, within the transaction that records it.
    pub(super) async fn issue_credit_notes(&self, conn: &mut Conn<'_>, request: &Return, recorded: &[Recorded]) -> Result<(), StoreError> {
        for recorded in recorded {
            match &recorded.event {
                Event::PaymentMade { payment, .. } => self.issue_credit_note(conn, request, *payment, recorded.at).await?,
                Event::PaymentReversed { payment, .. } => self.take_credit_note_back(conn, request, *payment, recorded.at).await?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes down the credit note of a payment. Nothing happens where it has one.
    async fn issue_credit_note(&self, conn: &mut Conn<'_>, request: &Return, payment: PaymentNo, now: Timestamp) -> Result<(), StoreError> {
        let made = request.payments.iter().find(|known| known.id == payment);
        let grant = made.and_then(|payment| request.grants.iter().find(|grant| grant.id == payment.grant));
        let Some((payment, grant)) = made.zip(grant) else { return Ok(()) };
        if store::has_credit_note(conn, request.rma, payment.id).await? {
            return Ok(());
        }
        let found = store::find_order(conn, grant.order.as_str()).await?;
        let order = found.ok_or_else(|| StoreError::corrupt("credit note", format!("there is no order {}", grant.order)))?.order;
        // It corrects an invoice of this shop's; for what another shop sold there is none.
        if order.elsewhere {
            return Ok(());
        }
        let locale = request.locale;
        let heading = Heading {
            number: store::next_credit_note(conn).await?,
            at: now,
            issued_on: now.to_zoned(self.shop_zone()).date(),
            locale,
            seller: self.seller(locale),
            buyer: buyer(request, &order),
            rma: request.rma,
        };
        store::insert_credit_note(conn, &CreditNote::of(heading, &order, grant, payment)).await
    }

    /// Writes down what takes the credit note of a payment back whose money came back. Nothing happens where it has none, or was taken back.
    async fn take_credit_note_back(
        &self,
        conn: &mut Conn<'_>,
        request: &Return,
        payment: PaymentNo,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let notes = store::credit_notes_of(conn, request.rma).await?;
        let of_it = |note: &&CreditNote| note.payment == payment;
        let Some(note) = notes.iter().filter(of_it).rfind(|note| note.corrects.is_none()) else { return Ok(()) };
        if notes.iter().any(|other| other.corrects == Some(note.number)) {
            return Ok(());
        }
        let number = store::next_credit_note(conn).await?;
        store::insert_credit_note(conn, &note.taken_back(number, now, now.to_zoned(self.shop_zone()).date())).await
    }

    fn seller(&self, locale: Locale) -> Party {
        let shop = &self.config.shop;
        let name = shop.name.get(locale).unwrap_or_default().to_owned();
        // A setting that cannot be parsed stops the server's start.
        Party { name, address: Address::parse(&shop.address).unwrap_or_default(), vat_id: shop.vat_id.clone() }
    }

    /// A credit note by its number.
    pub async fn credit_note(&self, number: CreditNoteNo) -> Result<Option<CreditNote>, StoreError> {
        store::find_credit_note(&mut self.store.read().await?.conn(), number).await
    }

    /// The credit notes of a return, the oldest first.
    pub async fn credit_notes_of(&self, rma: RmaNumber) -> Result<Vec<CreditNote>, StoreError> {
        store::credit_notes_of(&mut self.store.read().await?.conn(), rma).await
    }

    /// As PDF, in the customer's language.
    pub async fn credit_note_pdf(&self, note: &CreditNote) -> Result<Vec<u8>, NoLabel> {
        let paper = paper_of(note, self.say_of(note));
        // Fonts and shapes take milliseconds: other requests go on meanwhile.
        let drawn = tokio::task::spawn_blocking(move || paper_pdf(&paper)).await;
        drawn.map_err(|_| NoLabel::Stopping)?.map_err(NoLabel::from)
    }

    /// As the XML of EN 16931.
    pub fn credit_note_xml(&self, note: &CreditNote) -> Result<String, NoInvoice> {
        let say = self.say_of(note);
        let host = self.config.public_url.split("://").last().unwrap_or_default().trim_end_matches('/').to_owned();
        let words = Words {
            items: texts_of(note, &say),
            terms: terms_of(note, &say),
            about: say.m.credit_note_about(note.order.as_str(), note.rma),
            somebody: say.m.credit_note_somebody().to_owned(),
            seller_id: host,
        };
        en16931::ubl(note, &words)
    }

    fn say_of(&self, note: &CreditNote) -> Say {
        Say::new(Format::new(note.locale, self.shop_zone(), note.at))
    }
}

/// Whoever bought: as the order names them, else as they gave their name to the return.
fn buyer(request: &Return, order: &Order) -> Party {
    let address = order.ship_to.clone().or_else(|| request.from.clone()).unwrap_or_default();
    let name = order.customer.name.clone().or_else(|| address.name.clone()).or_else(|| request.contact.name.clone());
    Party { name: name.unwrap_or_default(), address, vat_id: None }
}

/// What each row says.
fn texts_of(note: &CreditNote, say: &Say) -> Vec<String> {
    let text = |item: &domain::credit_note::Item| {
        let name = |line: &LineId| item.name.clone().unwrap_or_else(|| line.to_string());
        match &item.kind {
            ItemKind::Row { row } => say.receipt(&ReceiptLine { kind: row.clone(), amount: item.gross }, name),
            ItemKind::Part => say.m.credit_note_part(note.order.as_str()),
        }
    };
    note.items.iter().map(text).collect()
}

/// That the money has left, or came back.
fn terms_of(note: &CreditNote, say: &Say) -> String {
    let day = say.f.full_date(note.issued_on);
    match note.corrects {
        Some(number) => say.m.credit_note_back_terms(day, number),
        None => say.m.credit_note_terms(day),
    }
}

fn paper_of(note: &CreditNote, say: Say) -> Paper {
    let m = say.m;
    let money = |minor: i64| say.f.money(Money::new(minor, note.currency));
    let party = |party: &Party, otherwise: &str| {
        let name = if party.name.trim().is_empty() { otherwise.to_owned() } else { party.name.clone() };
        let address = Address { name: None, ..party.address.clone() };
        let country = address.country.map(|country| m.country(country.as_str()).unwrap_or(country.name()).to_owned());
        std::iter::once(name).chain(say.f.address_within(&address)).chain(country).collect::<Vec<_>>()
    };
    let rate = |item: domain::credit_note::TaxRate| m.credit_note_rate(say.f.number(item.percent()));
    let rows = note.items.iter().zip(texts_of(note, &say)).map(|(item, text)| PaperRow {
        text,
        beside: if note.taxed { rate(item.rate) } else { String::new() },
        amount: money(item.gross),
    });
    let rows = rows.collect();
    let mut sums: Vec<(String, String)> = Vec::new();
    for tax in note.taxes.iter().filter(|_| note.taxed) {
        sums.push((m.credit_note_net(rate(tax.rate)), money(tax.net)));
        sums.push((m.credit_note_tax(rate(tax.rate)), money(tax.tax)));
    }
    let vat_id = note.seller.vat_id.as_ref().map(|vat_id| (m.credit_note_vat_id().to_owned(), vat_id.clone()));
    let facts = [
        Some((m.credit_note_number().to_owned(), note.number.to_string())),
        Some((m.credit_note_date().to_owned(), say.f.full_date(note.issued_on))),
        note.corrects.map(|number| (m.credit_note_back_of().to_owned(), number.to_string())),
        Some((m.credit_note_order().to_owned(), note.order.to_string())),
        Some((m.credit_note_return().to_owned(), note.rma.to_string())),
        vat_id,
    ];
    Paper {
        from: party(&note.seller, ""),
        to: party(&note.buyer, m.credit_note_somebody()),
        title: if note.corrects.is_some() { m.credit_note_back_title() } else { m.credit_note_title() }.to_owned(),
        facts: facts.into_iter().flatten().collect(),
        rows,
        sums,
        total: (if note.corrects.is_some() { m.credit_note_back_total() } else { m.credit_note_total() }.to_owned(), money(note.total)),
        notes: vec![terms_of(note, &say)],
        say,
    }
}
