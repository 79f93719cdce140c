//! Puts the domain's values into words: one place, for pages, mails and labels.

use domain::ids::LineId;
use domain::money::{Currency, Money};
use domain::policy::{
    Change, ClockStart, Decision, EvidenceEffect, EvidenceKind, EvidenceOf, ExclusionGround, FeeKind, FeePer, Method, Resolution,
    ReviewGround, Sentence, Span,
};
use domain::reason::Reason;
use domain::returns::{Because, CommandKind, Moment, RemedyKind, Return, Status};
use domain::settlement::{ReceiptKind, ReceiptLine, Settlement, TenderShare};

use crate::format::Format;
use crate::messages::Messages;

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

    /// A reason: the shop's own name for it, or ours.
    #[must_use]
    pub fn reason(&self, reason: &Reason) -> String {
        let own = reason.name.get(self.m.locale);
        own.or_else(|| self.m.reason(reason.code.as_str())).map_or_else(|| plain_code(reason.code.as_str()), str::to_owned)
    }

    /// A code of an open vocabulary: category, tier, tag, means of payment.
    #[must_use]
    pub fn code(&self, code: &str) -> String {
        self.m.code(code).map_or_else(|| plain_code(code), str::to_owned)
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

    /// What evidence is of.
    #[must_use]
    pub fn evidence_of(&self, of: EvidenceOf) -> &'static str {
        match of {
            EvidenceOf::Item => self.m.evidence_item(),
            EvidenceOf::Damage => self.m.evidence_damage(),
            EvidenceOf::Packaging => self.m.evidence_packaging(),
            EvidenceOf::ShippingLabel => self.m.evidence_shipping_label(),
            EvidenceOf::SerialNumber => self.m.evidence_serial_number(),
            EvidenceOf::Fault => self.m.evidence_fault(),
        }
    }

    /// What is asked for, as a list says it, and why.
    #[must_use]
    pub fn wanted(&self, effect: &EvidenceEffect) -> (String, &'static str) {
        let m = self.m;
        let why = match effect.of {
            _ if effect.ask == EvidenceKind::TestReport => m.show_why_report(),
            EvidenceOf::Item => m.show_why_item(),
            EvidenceOf::Damage => m.show_why_damage(),
            EvidenceOf::Packaging => m.show_why_packaging(),
            EvidenceOf::ShippingLabel => m.show_why_shipping_label(),
            EvidenceOf::SerialNumber => m.show_why_serial_number(),
            EvidenceOf::Fault => m.show_why_fault(),
        };
        match effect.ask {
            EvidenceKind::Photo => (m.show_photo(u64::from(effect.at_least), self.evidence_of(effect.of)), why),
            EvidenceKind::TestReport => (m.show_report().to_owned(), why),
        }
    }

    /// Why things are excluded, for the policy page.
    #[must_use]
    pub fn exclusion(&self, ground: ExclusionGround) -> &'static str {
        match ground {
            ExclusionGround::FinalSale => self.m.ground_final_sale(),
            ExclusionGround::SpecialPrice => self.m.ground_special_price(),
            ExclusionGround::Hygiene => self.m.ground_hygiene(),
            ExclusionGround::Personalised => self.m.ground_personalised(),
            ExclusionGround::Perishable => self.m.ground_perishable(),
            ExclusionGround::Digital => self.m.ground_digital(),
            ExclusionGround::GiftCard => self.m.ground_gift_card(),
            ExclusionGround::Opened => self.m.ground_opened(),
            ExclusionGround::Used => self.m.ground_used(),
            ExclusionGround::Incomplete => self.m.ground_incomplete(),
            ExclusionGround::Service => self.m.ground_service(),
            ExclusionGround::Policy => self.m.ground_policy(),
        }
    }

    /// Why a person looks, for the policy page.
    #[must_use]
    pub fn review(&self, ground: ReviewGround) -> &'static str {
        match ground {
            ReviewGround::HighValue => self.m.ground_high_value(),
            ReviewGround::Evidence => self.m.ground_evidence(),
            ReviewGround::SerialReturner => self.m.ground_serial_returner(),
            ReviewGround::UnclearReason => self.m.ground_unclear_reason(),
            ReviewGround::AmountUnknown => self.m.ground_amount_unknown(),
            ReviewGround::LeftBehind => self.m.ground_left_behind(),
            ReviewGround::OrderToldAnew => self.m.ground_order_told_anew(),
            ReviewGround::Unexplained => self.m.ground_unexplained(),
            ReviewGround::Policy => self.m.ground_policy(),
        }
    }

    /// One reason of a verdict.
    #[must_use]
    pub fn sentence(&self, sentence: &Sentence) -> String {
        let m = self.m;
        match sentence {
            Sentence::WindowDays { day, days, .. } if *day < 0 => m.sentence_window_early(days),
            Sentence::WindowDays { day, days, from, last_day } => {
                let date = self.f.date(*last_day);
                match from {
                    ClockStart::Delivery => m.sentence_window_days_delivery(date, day, days),
                    ClockStart::Order => m.sentence_window_days_order(date, day, days),
                    ClockStart::Shipment => m.sentence_window_days_shipment(date, day, days),
                }
            }
            Sentence::WindowUntil { last_day } => m.sentence_window_until(self.f.date(*last_day)),
            Sentence::WindowCampaign { campaign, last_day } => {
                m.sentence_window_campaign(campaign.get(m.locale).unwrap_or_default(), self.f.date(*last_day))
            }
            Sentence::UnderWarranty { last_day: Some(last_day) } => m.sentence_under_warranty_until(self.f.date(*last_day)),
            Sentence::UnderWarranty { last_day: None } => m.sentence_under_warranty().into(),
            Sentence::WindowUnlimited {} => m.sentence_window_unlimited().into(),
            Sentence::WindowClosed { last_day } => m.sentence_window_closed(self.f.date(*last_day)),
            Sentence::WindowNever {} => m.sentence_window_never().into(),
            Sentence::OrderCancelled {} => m.sentence_order_cancelled().into(),
            Sentence::Excluded { ground } => self.excluded(*ground).into(),
            Sentence::NotOffered { resolution } => m.sentence_not_offered(self.resolution(*resolution)),
            Sentence::MethodNotOffered { method } => m.sentence_method_not_offered(self.method(*method)),
            Sentence::GiftMissing { name, units, .. } => m.sentence_gift_missing(u64::from(*units), name),
            Sentence::BundleIncomplete { name, units, .. } => m.sentence_bundle_incomplete(u64::from(*units), name),
            Sentence::GiftDeducted { name, units } => m.sentence_gift_deducted(u64::from(*units), name),
            Sentence::Fee { kind, percent, flat, per } => {
                let fee = self.fee(*kind);
                let flat = flat.as_ref().map(|flat| format!("{} {}", flat.amount, flat.currency));
                match (percent, flat, per) {
                    (Some(percent), _, _) => m.sentence_fee_percent(fee, percent),
                    (None, Some(amount), FeePer::Unit) => m.sentence_fee_flat_unit(amount, fee),
                    (None, amount, _) => m.sentence_fee_flat_line(amount.unwrap_or_default(), fee),
                }
            }
            Sentence::FreightFreeTier { tier } => m.sentence_freight_free_tier(self.code(tier)),
            Sentence::FreightFreeFault {} => m.sentence_freight_free_fault().into(),
            Sentence::FreightFree {} => m.sentence_freight_free().into(),
            Sentence::FreightCustomer {} => m.sentence_freight_customer().into(),
            Sentence::Review { ground } => match ground {
                ReviewGround::HighValue => m.sentence_review_high_value(),
                ReviewGround::Evidence => m.sentence_review_evidence(),
                ReviewGround::SerialReturner => m.sentence_review_serial_returner(),
                ReviewGround::UnclearReason => m.sentence_review_unclear_reason(),
                ReviewGround::AmountUnknown => m.sentence_review_amount_unknown(),
                ReviewGround::LeftBehind => m.sentence_review_left_behind(),
                ReviewGround::OrderToldAnew => m.sentence_review_order_told_anew(),
                ReviewGround::Unexplained => m.sentence_review_unexplained(),
                ReviewGround::Policy => m.sentence_review_policy(),
            }
            .into(),
            Sentence::Own { words } => words.get(m.locale).unwrap_or_default().to_owned(),
        }
    }

    fn excluded(&self, ground: ExclusionGround) -> &'static str {
        match ground {
            ExclusionGround::FinalSale => self.m.sentence_excluded_final_sale(),
            ExclusionGround::SpecialPrice => self.m.sentence_excluded_special_price(),
            ExclusionGround::Hygiene => self.m.sentence_excluded_hygiene(),
            ExclusionGround::Personalised => self.m.sentence_excluded_personalised(),
            ExclusionGround::Perishable => self.m.sentence_excluded_perishable(),
            ExclusionGround::Digital => self.m.sentence_excluded_digital(),
            ExclusionGround::GiftCard => self.m.sentence_excluded_gift_card(),
            ExclusionGround::Opened => self.m.sentence_excluded_opened(),
            ExclusionGround::Used => self.m.sentence_excluded_used(),
            ExclusionGround::Incomplete => self.m.sentence_excluded_incomplete(),
            ExclusionGround::Service => self.m.sentence_excluded_service(),
            ExclusionGround::Policy => self.m.sentence_excluded_policy(),
        }
    }

    /// What would change an answer. `name`: the product of a line.
    #[must_use]
    pub fn change(&self, change: &Change, then: Decision, name: impl Fn(&LineId) -> String) -> String {
        let answer = match then {
            Decision::Approved => self.m.change_then_approved(),
            Decision::InReview => self.m.change_then_in_review(),
            Decision::Declined => self.m.change_then_declined(),
        };
        match change {
            Change::Resolution { resolution } => self.m.change_resolution(answer, self.resolution(*resolution)),
            Change::Include { line, units } => self.m.change_include(answer, u64::from(*units), name(line)),
            Change::Fault => self.m.change_fault(answer),
            Change::Later { day } => self.m.change_later(answer, self.f.date(*day)),
        }
    }

    /// Where the money of an order paid so goes back to.
    #[must_use]
    pub fn means_of_methods(&self, methods: &[String]) -> &'static str {
        match methods {
            [] => self.m.verdict_means_other(),
            [first, rest @ ..] if rest.iter().all(|other| other == first) => self.means_of(first),
            _ => self.m.verdict_means_several(),
        }
    }

    /// Where a tender's share goes back to.
    #[must_use]
    pub fn means_of_tender(&self, share: &TenderShare) -> &'static str {
        self.means_of(share.method.as_deref().unwrap_or_default())
    }

    /// Where the money of a settlement goes back to.
    #[must_use]
    pub fn means_of_settlement(&self, settlement: &Settlement) -> &'static str {
        match settlement.tenders.as_slice() {
            [one] => self.means_of(one.method.as_deref().unwrap_or_default()),
            [] => self.m.verdict_means_other(),
            _ => self.m.verdict_means_several(),
        }
    }

    fn means_of(&self, method: &str) -> &'static str {
        match method {
            "card" | "credit_card" | "credit-card" | "debit_card" | "debit-card" | "visa" | "mastercard" => self.m.verdict_means_card(),
            "alipay" => self.m.verdict_means_alipay(),
            "wechat" | "wechat-pay" | "wechatpay" => self.m.verdict_means_wechat(),
            "paypal" => self.m.verdict_means_paypal(),
            "gift_card" | "gift-card" | "voucher" => self.m.verdict_means_gift_card(),
            _ => self.m.verdict_means_other(),
        }
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
            ReceiptKind::Fee { line, fee, percent: Some(percent) } => m.receipt_fee_percent(self.fee(*fee), name(line), percent),
            ReceiptKind::Fee { line, fee, percent: None } => m.receipt_fee(self.fee(*fee), name(line)),
            ReceiptKind::KeptItem { line, units, percent } => m.receipt_kept_item(name(line), percent, units),
            ReceiptKind::ExchangedItem { line, units } => m.receipt_exchanged_item(name(line), units),
            ReceiptKind::NewItem { units, .. } => m.receipt_new_item(units),
            ReceiptKind::PriceProtection { line, units } => m.receipt_price_protection(name(line), units),
            ReceiptKind::GiftKept { line, units } => m.receipt_gift_kept(name(line), units),
            ReceiptKind::Shipping => m.receipt_shipping().into(),
            ReceiptKind::Duties => m.receipt_duties().into(),
            ReceiptKind::OtherCharges => m.receipt_other_charges().into(),
            ReceiptKind::Freight => m.receipt_freight().into(),
            ReceiptKind::Cap => m.receipt_cap().into(),
        }
    }

    /// A moment of a timeline.
    #[must_use]
    pub fn moment(&self, moment: &Moment) -> String {
        let m = self.m;
        match moment {
            Moment::Requested { by: Some(by), .. } => m.moment_requested_by(by),
            Moment::Requested { at_once: true, by: None } => m.moment_requested_at_once().into(),
            Moment::Requested { at_once: false, by: None } => m.moment_requested().into(),
            Moment::Approved => m.moment_approved().into(),
            Moment::Declined { lines } => m.moment_declined_some(*lines as u64),
            Moment::Decision => m.moment_decision().into(),
            Moment::Added { names } => m.moment_added(m.list(names)),
            Moment::MethodChanged { method, pickup } => {
                let when = pickup.as_ref().map(|pickup| format!(" {} {}", self.f.date(pickup.date), self.slot(&pickup.slot)));
                m.moment_method_changed(format!("{}{}", self.method(*method), when.unwrap_or_default()))
            }
            Moment::EvidenceAdded { files } => m.moment_evidence_added(*files as u64),
            Moment::Label { .. } => m.moment_label().into(),
            Moment::Send { method: Method::Pickup, pickup: Some(pickup) } => {
                m.moment_send_pickup_when(self.f.date(pickup.date), self.slot(&pickup.slot))
            }
            Moment::Send { method, .. } => match method {
                Method::Pickup => m.moment_send_pickup(),
                Method::DropOff => m.moment_send_drop_off(),
                Method::Counter => m.moment_send_counter(),
                Method::SelfShip | Method::None => m.moment_send_self_ship(),
            }
            .into(),
            Moment::Checked => m.moment_checked().into(),
            Moment::Refund { amounts, credit } => {
                let sums: Vec<String> = amounts.iter().map(|(currency, minor)| self.f.money(Money::new(*minor, *currency))).collect();
                match (sums.is_empty(), credit) {
                    (true, _) => m.moment_refund_plain().into(),
                    (false, true) => m.moment_refund_credit(m.list(&sums)),
                    (false, false) => m.moment_refund(m.list(&sums)),
                }
            }
            Moment::ExchangeSent => m.moment_exchange_sent().into(),
            Moment::ExpectedChanged { amount, because } => {
                let because = self.because(*because);
                match amount {
                    Some((currency, minor)) if *minor < 0 => m.moment_expected_due(self.f.money(Money::new(-minor, *currency)), because),
                    Some((currency, minor)) => m.moment_expected_changed(self.f.money(Money::new(*minor, *currency)), because),
                    None => because.to_owned(),
                }
            }
            Moment::Flagged { .. } => m.moment_flagged().into(),
            Moment::Cancelled { names, .. } if !names.is_empty() => m.moment_cancelled_some(m.list(names)),
            Moment::Cancelled { .. } => m.moment_cancelled().into(),
            Moment::EvidenceAsked { note } => m.moment_evidence_asked(note),
            Moment::Lapsed => m.moment_lapsed().into(),
            Moment::OnItsWay => m.moment_on_its_way().into(),
            Moment::Delivered => m.moment_delivered().into(),
            Moment::Lost => m.moment_lost().into(),
            Moment::Received { complete: true } => m.moment_received().into(),
            Moment::Received { complete: false } => m.moment_received_partly().into(),
            Moment::Inspected { as_said: true } => m.moment_inspected().into(),
            Moment::Inspected { as_said: false } => m.moment_inspected_otherwise().into(),
            Moment::Offered { amount, until } => m.moment_offered(self.minor(*amount), self.f.by(*until)),
            Moment::OfferAccepted => m.moment_offer_accepted().into(),
            Moment::OfferAppealed => m.moment_offer_appealed().into(),
            Moment::OfferSendBack => m.moment_offer_send_back().into(),
            Moment::OfferLapsed => m.moment_offer_lapsed().into(),
            Moment::SentBack => m.moment_sent_back().into(),
            Moment::Granted { amount } => m.moment_granted(self.minor(*amount)),
            Moment::Paid { amount, credit: false } => m.moment_paid(self.minor(*amount)),
            Moment::Paid { amount, credit: true } => m.moment_paid_credit(self.minor(*amount)),
            Moment::PaymentFailed => m.moment_payment_failed().into(),
            Moment::RemedySent { remedy } => match remedy {
                RemedyKind::Exchange => m.moment_exchange_sent_now(),
                RemedyKind::Replacement => m.moment_replacement_sent(),
                RemedyKind::Repair => m.moment_repair_sent(),
            }
            .into(),
            Moment::RemedyDelivered { remedy } => match remedy {
                RemedyKind::Exchange => m.moment_exchange_arrived(),
                RemedyKind::Replacement => m.moment_replacement_arrived(),
                RemedyKind::Repair => m.moment_repair_arrived(),
            }
            .into(),
            Moment::RemedyCalledOff { remedy } => match remedy {
                RemedyKind::Exchange => m.moment_exchange_off(),
                RemedyKind::Replacement => m.moment_replacement_off(),
                RemedyKind::Repair => m.moment_repair_off(),
            }
            .into(),
        }
    }

    /// What a command does, as on a button.
    #[must_use]
    pub fn command(&self, command: CommandKind) -> &'static str {
        let m = self.m;
        match command {
            CommandKind::Approve => m.command_approve(),
            CommandKind::SendToReview => m.command_send_to_review(),
            CommandKind::Decline => m.command_decline(),
            CommandKind::AskEvidence => m.command_ask_evidence(),
            CommandKind::Cancel => m.command_cancel(),
            CommandKind::Lapse => m.command_lapse(),
            CommandKind::AddLines => m.command_add_lines(),
            CommandKind::SwitchMethod => m.command_switch_method(),
            CommandKind::AddEvidence => m.command_add_evidence(),
            CommandKind::IssueLabel => m.command_issue_label(),
            CommandKind::Settle => m.command_settle(),
            CommandKind::Flag => m.command_flag(),
            CommandKind::Scan => m.command_scan(),
            CommandKind::Receive => m.command_receive(),
            CommandKind::Inspect => m.command_inspect(),
            CommandKind::Dispose => m.command_dispose(),
            CommandKind::SendBack => m.command_send_back(),
            CommandKind::Offer => m.command_offer(),
            CommandKind::AnswerOffer => m.command_answer_offer(),
            CommandKind::LapseOffer => m.command_lapse_offer(),
            CommandKind::Grant => m.command_grant(),
            CommandKind::Pay => m.command_pay(),
            CommandKind::ConfirmPayment => m.command_confirm_payment(),
            CommandKind::FailPayment => m.command_fail_payment(),
            CommandKind::ReversePayment => m.command_reverse_payment(),
            CommandKind::OweRemedy => m.command_owe_remedy(),
            CommandKind::MoveRemedy => m.command_move_remedy(),
        }
    }

    fn minor(&self, (currency, minor): (Currency, i64)) -> String {
        self.f.money(Money::new(minor, currency))
    }

    /// Why an amount changed.
    #[must_use]
    pub fn because(&self, because: Because) -> &'static str {
        let m = self.m;
        match because {
            Because::ReturnOpened => m.because_return_opened(),
            Because::ReturnChanged => m.because_return_changed(),
            Because::ReturnCancelled => m.because_return_cancelled(),
            Because::ReturnDeclined => m.because_return_declined(),
            Because::ItemsCancelled => self.m.because_items_cancelled(),
            Because::ItemsDeclined => self.m.because_items_declined(),
            Because::CreditedOutside => m.because_credited_outside(),
            Because::OrderToldAnew => m.because_order_told_anew(),
        }
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
