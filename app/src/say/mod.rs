//! Puts the domain's values into words: one place, for pages, mails and labels.

mod gift;
mod reply;
mod staff;
mod timeline;
mod told;
mod verdict;
mod way;
mod withdrawal;

use domain::ids::LineId;
use domain::money::{Currency, Money};
use domain::policy::{FeeKind, Method, Resolution, Shows, Span};
use domain::reason::Reason;
use domain::returns::{Return, Status};
use domain::rma::RmaNumber;
use domain::settlement::{ReceiptKind, ReceiptLine, Settlement, TenderShare};
use domain::words::Locale;
use jiff::tz::TimeZone;

use crate::format::Format;
use crate::messages::Messages;
use crate::ports::PaidBy;

pub(crate) use told::paid;
pub use told::{Words, name_of, names_of};
pub use way::WayCost;
pub use withdrawal::Labels;

/// A reader's words: texts and forms together.
#[derive(Clone, Debug)]
pub struct Say {
    pub m: Messages,
    pub f: Format,
}

impl Say {
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self { m: Messages::new(format.locale), f: format }
    }

    #[must_use]
    pub fn resolution(&self, resolution: Resolution) -> &'static str {
        match resolution {
            Resolution::Refund => self.m.resolution_refund(),
            Resolution::StoreCredit => self.m.resolution_store_credit(),
            Resolution::Exchange => self.m.resolution_exchange(),
            Resolution::Replacement => self.m.resolution_replacement(),
            Resolution::Repair => self.m.resolution_repair(),
            Resolution::KeepRefund => self.m.resolution_keep_refund(),
        }
    }

    /// What a resolution means; `means`: where money goes back to.
    #[must_use]
    pub fn resolution_text(&self, resolution: Resolution, means: &str) -> String {
        match resolution {
            Resolution::Refund => self.m.resolution_refund_text(means),
            Resolution::StoreCredit => self.m.resolution_store_credit_text().into(),
            Resolution::Exchange => self.m.resolution_exchange_text().into(),
            Resolution::Replacement => self.m.resolution_replacement_text().into(),
            Resolution::Repair => self.m.resolution_repair_text().into(),
            Resolution::KeepRefund => self.m.resolution_keep_refund_text().into(),
        }
    }

    #[must_use]
    pub fn method(&self, method: Method) -> &'static str {
        match method {
            Method::Pickup => self.m.method_pickup(),
            Method::DropOff => self.m.method_drop_off(),
            Method::SelfShip => self.m.method_self_ship(),
            Method::Counter => self.m.method_counter(),
            Method::Arranged => self.m.method_arranged(),
            Method::None => self.m.method_none(),
        }
    }

    /// What a method means.
    #[must_use]
    pub fn method_text(&self, method: Method) -> &'static str {
        match method {
            Method::Pickup => self.m.method_pickup_text(),
            Method::DropOff => self.m.method_drop_off_text(),
            Method::SelfShip => self.m.method_self_ship_text(),
            Method::Counter => self.m.method_counter_text(),
            Method::Arranged => self.m.method_arranged_text(),
            Method::None => self.m.method_none_text(),
        }
    }

    #[must_use]
    pub fn status(&self, status: Status) -> &'static str {
        match status {
            Status::InReview => self.m.status_in_review(),
            Status::Approved => self.m.status_approved(),
            Status::InTransit => self.m.status_in_transit(),
            Status::Attention => self.m.status_attention(),
            Status::Received => self.m.status_received(),
            Status::Inspected => self.m.status_inspected(),
            Status::Granted => self.m.status_granted(),
            Status::Offered => self.m.status_offered(),
            Status::SentBack => self.m.status_sent_back(),
            Status::Lapsed => self.m.status_lapsed(),
            Status::Completed => self.m.status_completed(),
            Status::Declined => self.m.status_declined(),
            Status::Cancelled => self.m.status_cancelled(),
        }
    }

    /// Where a return stands: as its status says, or better where what stays with the customer, its money or its pickup says more.
    #[must_use]
    pub fn stands(&self, request: &Return) -> &'static str {
        match request.status() {
            Status::Approved if !request.live_lines().any(|line| line.asked.sends_back()) => self.m.status_agreed(),
            Status::Approved if request.method == Method::Pickup => self.m.status_approved_pickup(),
            Status::Granted if request.payments.iter().any(|payment| payment.state.holds()) => self.m.status_paid(),
            status => self.status(status),
        }
    }

    /// A time zone as people call it: `Beijing time`.
    #[must_use]
    pub fn zone(&self, zone: &TimeZone) -> String {
        let name = zone.iana_name().unwrap_or("UTC");
        match (self.m.zone(name), name.rsplit_once('/')) {
            (Some(known), _) => known.to_owned(),
            (None, Some((_, city))) => self.m.format_zone_of(city.replace('_', " ")),
            (None, None) => name.to_owned(),
        }
    }

    /// The number of a return to read out, where these readers have words for letters: those of the international radiotelephony alphabet (ICAO
    /// Annex 10), digits as digits. In Chinese nobody knows them: two groups of four are enough.
    #[must_use]
    pub fn spelled(&self, rma: RmaNumber) -> Option<String> {
        const WORDS: [&str; 26] = [
            "Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett", "Kilo", "Lima", "Mike",
            "November", "Oscar", "Papa", "Quebec", "Romeo", "Sierra", "Tango", "Uniform", "Victor", "Whiskey", "X-ray", "Yankee", "Zulu",
        ];
        let symbols = rma.symbols();
        let words = symbols.chars().map(|symbol| match symbol {
            'A'..='Z' => WORDS[symbol as usize - 'A' as usize].to_owned(),
            digit => digit.to_string(),
        });
        let words: Vec<String> = words.collect();
        (self.m.locale != Locale::ZhCn).then(|| format!("{} — {}", words[..4].join(" · "), words[4..].join(" · ")))
    }

    /// A reason: the shop's own name for it, or ours.
    #[must_use]
    pub fn reason(&self, reason: &Reason) -> String {
        let own = reason.name.get(self.m.locale);
        own.or_else(|| self.m.reason(reason.code.as_str())).map_or_else(|| plain_code(reason.code.as_str()), str::to_owned)
    }

    /// A thing, with how many of it there are where they are several.
    #[must_use]
    pub fn units_of(&self, name: &str, units: u32) -> String {
        if units > 1 { self.m.track_units_of(name, units) } else { name.to_owned() }
    }

    /// A code of an open vocabulary: category, tier, tag, means of payment.
    #[must_use]
    pub fn code(&self, code: &str) -> String {
        self.m.code(code).map_or_else(|| plain_code(code), str::to_owned)
    }

    /// What was found of goods.
    #[must_use]
    pub fn found(&self, found: domain::policy::Found) -> &'static str {
        match found {
            domain::policy::Found::Accepted => self.m.policy_result_accepted(),
            domain::policy::Found::Downgraded => self.m.policy_result_downgraded(),
            domain::policy::Found::Rejected => self.m.policy_result_rejected(),
        }
    }

    #[must_use]
    pub fn fee(&self, fee: FeeKind) -> &'static str {
        match fee {
            FeeKind::Restocking => self.m.fee_restocking(),
            FeeKind::Depreciation => self.m.fee_depreciation(),
            FeeKind::Processing => self.m.fee_processing(),
            FeeKind::Handling => self.m.fee_handling(),
        }
    }

    /// What evidence is of, within a sentence.
    #[must_use]
    pub fn evidence_of(&self, shows: Shows) -> &'static str {
        match shows {
            Shows::Item => self.m.evidence_item(),
            Shows::Damage => self.m.evidence_damage(),
            Shows::Packaging => self.m.evidence_packaging(),
            Shows::ShippingLabel => self.m.evidence_shipping_label(),
            Shows::SerialNumber => self.m.evidence_serial_number(),
            Shows::Fault => self.m.evidence_fault(),
            Shows::TestReport => self.m.evidence_test_report(),
            Shows::Receipt => self.m.evidence_receipt(),
        }
    }

    /// What a photo or document shows: `nth` of several of the same, from 1.
    #[must_use]
    pub fn shown(&self, shows: Shows, nth: u32) -> String {
        let name = match shows {
            Shows::Item => self.m.shown_item(),
            Shows::Damage => self.m.shown_damage(),
            Shows::Packaging => self.m.shown_packaging(),
            Shows::ShippingLabel => self.m.shown_shipping_label(),
            Shows::SerialNumber => self.m.shown_serial_number(),
            Shows::Fault => self.m.shown_fault(),
            Shows::TestReport => self.m.shown_test_report(),
            Shows::Receipt => self.m.shown_receipt(),
        };
        if nth == 1 { name.to_owned() } else { self.m.show_nth(nth, name) }
    }

    /// Why it is asked for, and how it is shown well.
    #[must_use]
    pub fn tip(&self, shows: Shows) -> String {
        let m = self.m;
        let (why, tip) = match shows {
            Shows::Item => (m.show_why_item(), m.show_tip_item()),
            Shows::Damage => (m.show_why_damage(), m.show_tip_damage()),
            Shows::Packaging => (m.show_why_packaging(), m.show_tip_packaging()),
            Shows::ShippingLabel => (m.show_why_shipping_label(), m.show_tip_shipping_label()),
            Shows::SerialNumber => (m.show_why_serial_number(), m.show_tip_serial_number()),
            Shows::Fault => (m.show_why_fault(), m.show_tip_fault()),
            Shows::TestReport => (m.show_why_report(), m.show_tip_report()),
            Shows::Receipt => (m.show_why_receipt(), m.show_tip_receipt()),
        };
        m.show_tip(tip, why)
    }

    /// Where the money of an order paid so goes back to.
    #[must_use]
    pub fn means_of_payments(&self, payments: &[PaidBy]) -> String {
        match payments {
            [] => self.m.verdict_means_other().into(),
            [first, rest @ ..] if rest.iter().all(|other| other == first) => self.means_of(&first.method, first.card_ending.as_deref()),
            _ => self.m.verdict_means_several().into(),
        }
    }

    /// Where a tender's share goes back to.
    #[must_use]
    pub fn means_of_tender(&self, share: &TenderShare) -> String {
        self.means_of(share.method.as_deref().unwrap_or_default(), share.card_ending.as_deref())
    }

    /// Where the money of a settlement goes back to.
    #[must_use]
    pub fn means_of_settlement(&self, settlement: &Settlement) -> String {
        match settlement.tenders.as_slice() {
            [one] => self.means_of_tender(one),
            [] => self.m.verdict_means_other().into(),
            _ => self.m.verdict_means_several().into(),
        }
    }

    /// Gateways that take cards have names of their own, but only of a card is an ending told: wallets and gift cards are named as such.
    fn means_of(&self, method: &str, card_ending: Option<&str>) -> String {
        let named = match (method, card_ending) {
            ("alipay", _) => self.m.verdict_means_alipay(),
            ("wechat" | "wechat-pay" | "wechatpay", _) => self.m.verdict_means_wechat(),
            ("paypal", _) => self.m.verdict_means_paypal(),
            ("gift_card" | "gift-card" | "voucher", _) => self.m.verdict_means_gift_card(),
            (_, Some(digits)) => return self.m.verdict_means_card_ending(digits),
            ("card" | "credit_card" | "credit-card" | "debit_card" | "debit-card" | "visa" | "mastercard", None) => {
                self.m.verdict_means_card()
            }
            _ => self.m.verdict_means_other(),
        };
        named.to_owned()
    }

    /// A line of a receipt. `name`: the product of an order line.
    #[must_use]
    pub fn receipt(&self, line: &ReceiptLine, name: impl Fn(&LineId) -> String) -> String {
        let m = self.m;
        match &line.kind {
            ReceiptKind::Goods { line, units } => m.receipt_goods(name(line), units),
            ReceiptKind::LineDiscount { line } => m.receipt_line_discount(name(line)),
            ReceiptKind::OrderDiscount { code: Some(code), minimum_lost: false } => m.receipt_order_discount(code),
            ReceiptKind::OrderDiscount { code: None, minimum_lost: false } => m.receipt_order_discount_plain().into(),
            ReceiptKind::OrderDiscount { code: Some(code), minimum_lost: true } => m.receipt_minimum_lost(code),
            ReceiptKind::OrderDiscount { code: None, minimum_lost: true } => m.receipt_minimum_lost_plain().into(),
            ReceiptKind::UnlistedDiscount => m.receipt_unlisted_discount().into(),
            ReceiptKind::Tax { line } => m.receipt_tax(name(line)),
            ReceiptKind::Fee { line, fee, percent: Some(percent) } => {
                m.receipt_fee_percent(self.fee(*fee), name(line), self.f.number(percent))
            }
            ReceiptKind::Fee { line, fee, percent: None } => m.receipt_fee(self.fee(*fee), name(line)),
            ReceiptKind::KeptItem { line, units, percent } => m.receipt_kept_item(name(line), self.f.number(percent), units),
            ReceiptKind::ExchangedItem { line, units } => m.receipt_exchanged_item(name(line), units),
            // What came in exchange and comes back brings something; what goes out costs.
            ReceiptKind::NewItem { units, .. } if line.amount > 0 => m.receipt_came_item(units),
            ReceiptKind::NewItem { units, .. } => m.receipt_new_item(units),
            ReceiptKind::PriceProtection { line, units } => m.receipt_price_protection(name(line), units),
            ReceiptKind::Deduction { line, units } => m.receipt_deduction(name(line), units),
            ReceiptKind::GiftKept { line, units } => m.receipt_gift_kept(name(line), units),
            ReceiptKind::Shipping => m.receipt_shipping().into(),
            ReceiptKind::Duties => m.receipt_duties().into(),
            ReceiptKind::OtherCharges => m.receipt_other_charges().into(),
            ReceiptKind::Freight => m.receipt_freight().into(),
            ReceiptKind::Collected => m.receipt_collected().into(),
            ReceiptKind::Cap => m.receipt_cap().into(),
        }
    }

    pub(crate) fn minor(&self, (currency, minor): (Currency, i64)) -> String {
        self.f.money(Money::new(minor, currency))
    }

    /// Hours of a pickup: `09-12` as `9:00 – 12:00`.
    #[must_use]
    pub fn slot(&self, slot: &str) -> String {
        match slot.split_once('-') {
            Some((from, to)) => self.m.send_slot(from.trim_start_matches('0'), to.trim_start_matches('0')),
            None => slot.to_owned(),
        }
    }

    /// A span of time.
    #[must_use]
    pub fn span(&self, span: Span) -> String {
        match span {
            Span::Hours(n) => self.m.policy_hours(u64::from(n)),
            Span::Days(n) => self.m.policy_days(u64::from(n)),
            Span::WorkingDays(n) => self.m.policy_working_days(u64::from(n)),
        }
    }

    /// The amounts of a return, per currency.
    #[must_use]
    pub fn expected(&self, request: &Return) -> String {
        let sums: Vec<String> = request.expected().iter().map(|(currency, minor)| self.f.money(Money::new(*minor, *currency))).collect();
        self.m.list(&sums)
    }
}

/// A code nobody has named: with spaces for its dashes.
fn plain_code(code: &str) -> String {
    code.replace(['-', '_'], " ")
}
