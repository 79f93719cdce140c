//! `settle`: the arithmetic of one order's part of a return.

use super::receipt::{ReceiptKind, ReceiptLine, Settlement, TenderShare};
use super::shares::Terms;
use crate::ids::LineId;
use crate::money::{share, split};
use crate::order::{Order, OrderLine};
use crate::policy::{BasisPoints, Case, FeeEffect, FeePer, History, LineVerdict, OutboundRefund, Payer, Policy, Resolution, gifts_kept};

/// Units that come back (or stay, for part of the price), with what policy says of them.
#[derive(Clone, Debug)]
pub struct SettleLine<'p> {
    /// Line of the order.
    pub line: LineId,
    /// Units.
    pub quantity: u32,
    /// What the customer gets.
    pub resolution: Resolution,
    /// Fee.
    pub fee: Option<&'p FeeEffect>,
    /// Store credit bonus, or the share paid for keeping the item.
    pub share: BasisPoints,
    /// Whether outbound shipping comes back.
    pub outbound: OutboundRefund,
    /// Gifts that stay: line, units, price.
    pub gifts_kept: Vec<(LineId, u32, i64)>,
    /// Price of one unit of what is wanted in exchange (P7); `None`: an even exchange.
    pub new_price: Option<i64>,
}

/// The lines to settle of a request that was judged: those not declined, each with its wish or the first thing offered.
pub fn settle_lines<'p>(policy: &Policy, case: &Case<'_>, verdicts: &[LineVerdict<'p>]) -> Vec<SettleLine<'p>> {
    let lines = verdicts.iter().zip(case.lines).filter_map(|(verdict, asked)| {
        let offer = match asked.resolution {
            Some(wish) => verdict.offer(wish),
            None => verdict.offers.first(),
        };
        let offer = offer.filter(|_| verdict.refusals.is_empty())?;
        let line = case.order.line(&verdict.line)?;
        Some(SettleLine {
            line: verdict.line.clone(),
            quantity: verdict.quantity,
            resolution: offer.resolution,
            fee: offer.fee.map(|rule| &rule.then),
            share: offer.share,
            outbound: verdict.outbound,
            gifts_kept: gifts_kept(policy, case, line, verdict.quantity),
            new_price: None,
        })
    });
    lines.collect()
}

/// What the customer pays for the way back: nothing where any line of the parcel travels at the shop's cost (one parcel, one
/// freight), else the rule's fixed amount, else the price of the chosen method. None where nothing travels.
pub fn freight_charge(case: &Case<'_>, verdicts: &[LineVerdict<'_>]) -> Option<i64> {
    let travelling = verdicts.iter().zip(case.lines).filter(|(verdict, asked)| {
        verdict.refusals.is_empty()
            && asked
                .resolution
                .or(verdict.offers.first().map(|offer| offer.resolution))
                .is_some_and(|resolution| asked.sends_back(resolution))
    });
    let charges = travelling.map(|(verdict, _)| {
        if verdict.payer == Payer::Merchant {
            return 0;
        }
        let flat = verdict.freight.and_then(|rule| rule.then.flat.as_ref()).and_then(|flat| flat.in_currency(case.order.currency));
        let of_method =
            || case.method.and_then(|method| verdict.methods.iter().find(|(offered, _)| *offered == method)).map(|(_, price)| *price);
        flat.or_else(of_method).unwrap_or(0)
    });
    charges.min()
}

/// What the customer gets back by exchanging units of a line for something of that price: negative where they pay more.
pub fn exchange_difference(order: &Order, line: &OrderLine, units: u32, new_price: i64) -> i64 {
    paid_share(order, line, units) - new_price * i64::from(units)
}

/// Grants what is due for `lines` after what came back before, less `freight`. Never more than was captured and not granted yet.
/// A dearer exchange takes from what the other lines grant; what that does not cover is due from the customer.
pub fn settle(order: &Order, history: &History, lines: &[SettleLine<'_>], freight: i64) -> Settlement {
    let terms = Terms::of(order);
    let mut sums = Sums::new(order);

    let before: Vec<u32> = order.lines.iter().map(|line| history.units(&line.id).min(line.quantity)).collect();
    let mut after = before.clone();
    let back = |resolution: Resolution| matches!(resolution, Resolution::Refund | Resolution::StoreCredit);
    for asked in lines.iter().filter(|asked| back(asked.resolution)) {
        if let Some(place) = order.lines.iter().position(|line| line.id == asked.line) {
            after[place] = (after[place] + asked.quantity).min(order.lines[place].quantity);
        }
    }
    let was = terms.back(order, &before);
    let is = terms.back(order, &after);

    // Order discounts: taken off per discount on the receipt, and shared out to the lines as the base of their fees.
    let net: Vec<i64> = is.net.iter().zip(&was.net).map(|(is, was)| is - was).collect();
    let discount = is.discount_lost - was.discount_lost;
    let off_line = split(discount, &net);
    let mut line_values = vec![0; order.lines.len()];
    for asked in lines {
        let Some(place) = order.lines.iter().position(|line| line.id == asked.line) else { continue };
        let line = &order.lines[place];
        match asked.resolution {
            Resolution::Refund | Resolution::StoreCredit => {
                let units = after[place] - before[place];
                let gross = line.unit_price * i64::from(units);
                sums.add(ReceiptKind::Goods { line: line.id.clone(), units }, gross, asked.resolution);
                sums.add(ReceiptKind::LineDiscount { line: line.id.clone() }, net[place] - gross, asked.resolution);
                sums.add(ReceiptKind::Tax { line: line.id.clone() }, is.tax[place] - was.tax[place], asked.resolution);
                line_values[place] = net[place] - off_line[place];
            }
            Resolution::KeepRefund => {
                let kept = asked.share.of(paid_share(order, line, asked.quantity));
                let kind = ReceiptKind::KeptItem { line: line.id.clone(), units: asked.quantity, percent: asked.share.percent() };
                sums.add(kind, kept, asked.resolution);
            }
            Resolution::Exchange => {
                if let Some(price) = asked.new_price {
                    let (line_id, units) = (line.id.clone(), asked.quantity);
                    let worth = paid_share(order, line, units);
                    sums.add(ReceiptKind::ExchangedItem { line: line_id.clone(), units }, worth, asked.resolution);
                    sums.add(ReceiptKind::NewItem { line: line_id, units }, -price * i64::from(units), asked.resolution);
                }
            }
            Resolution::Replacement | Resolution::Repair => {}
        }
    }
    let parts = split(discount, &differences(&is.lost_by_discount, &was.lost_by_discount));
    for (place, part) in parts.iter().enumerate() {
        let kind = match order.discounts.get(place) {
            Some(discount) => {
                let kept = order.goods_value() - is.net.iter().sum::<i64>();
                let minimum_lost = discount.minimum_spend.is_some_and(|minimum| kept < minimum) && !is.complete;
                ReceiptKind::OrderDiscount { code: discount.code.clone(), minimum_lost }
            }
            None => ReceiptKind::UnlistedDiscount,
        };
        sums.shared(kind, -part);
    }
    for asked in lines.iter().filter(|asked| back(asked.resolution)) {
        let Some(place) = order.lines.iter().position(|line| line.id == asked.line) else { continue };
        if let Some(fee) = asked.fee {
            let base = line_values[place].max(0);
            let flat = fee.flat.as_ref().and_then(|flat| flat.in_currency(order.currency)).unwrap_or(0);
            let times = if fee.per == FeePer::Unit { i64::from(asked.quantity) } else { 1 };
            let charge = (fee.percent.of(base) + flat * times).min(base);
            let percent = (fee.percent.0 > 0).then(|| fee.percent.percent());
            sums.add(ReceiptKind::Fee { line: asked.line.clone(), fee: fee.kind, percent }, -charge, asked.resolution);
        }
        for (gift, units, price) in &asked.gifts_kept {
            sums.add(ReceiptKind::GiftKept { line: gift.clone(), units: *units }, -price.min(&sums.total().max(0)), asked.resolution);
        }
    }

    let pays_back = lines.iter().any(|asked| back(asked.resolution));
    let finished = is.complete && !was.complete;
    let shipping_due = lines.iter().filter(|asked| back(asked.resolution)).any(|asked| match asked.outbound {
        OutboundRefund::Never => false,
        OutboundRefund::WhenAllReturned => is.complete,
        OutboundRefund::Always => true,
    });
    let outbound = if shipping_due { (order.shipping - history.outbound_refunded).max(0) } else { 0 };
    sums.shared(ReceiptKind::Shipping, outbound);
    sums.shared(ReceiptKind::Duties, is.duties - was.duties);
    if finished && pays_back {
        sums.shared(ReceiptKind::OtherCharges, terms.surplus());
    }
    sums.shared(ReceiptKind::Freight, -freight.min(sums.total().max(0)));

    let left = (order.captured() - history.granted).max(0);
    let dearer = lines.iter().any(|asked| asked.resolution == Resolution::Exchange && asked.new_price.is_some());
    let least = if dearer { sums.total().min(0) } else { 0 };
    let over = sums.total() - sums.total().clamp(least, left);
    sums.shared(ReceiptKind::Cap, -over);

    let bonus_rate = lines.iter().find(|asked| asked.resolution == Resolution::StoreCredit).map_or(BasisPoints(0), |asked| asked.share);
    sums.finish(history, bonus_rate, outbound)
}

fn differences(is: &[i64], was: &[i64]) -> Vec<i64> {
    is.iter().zip(was).map(|(is, was)| is - was).collect()
}

/// What was paid for some units of a line: its net share less the order discounts' share, tax on top included.
fn paid_share(order: &Order, line: &OrderLine, units: u32) -> i64 {
    let of = |amount: i64| share(amount, i64::from(units), i64::from(line.quantity));
    let (net, value) = (of(line.net()), order.goods_value());
    let discounts: i64 = order.discounts.iter().map(|discount| discount.amount).sum();
    let tax = if order.prices_include_tax { 0 } else { of(line.tax) };
    net - crate::money::share_up(discounts.min(value), net, value) + tax
}

/// Receipt lines with running sums per destination.
struct Sums<'o> {
    order: &'o Order,
    receipt: Vec<ReceiptLine>,
    refund: i64,
    credit: i64,
}

impl<'o> Sums<'o> {
    fn new(order: &'o Order) -> Self {
        Self { order, receipt: Vec::new(), refund: 0, credit: 0 }
    }

    fn total(&self) -> i64 {
        self.refund + self.credit
    }

    fn add(&mut self, kind: ReceiptKind, amount: i64, resolution: Resolution) {
        if resolution == Resolution::StoreCredit {
            self.credit += amount;
        } else {
            self.refund += amount;
        }
        if amount != 0 {
            self.receipt.push(ReceiptLine { kind, amount });
        }
    }

    /// An amount of the whole return: shared between money and credit in proportion to what each holds.
    fn shared(&mut self, kind: ReceiptKind, amount: i64) {
        let parts = split(amount, &[self.refund, self.credit]);
        self.refund += parts[0];
        self.credit += parts[1];
        if amount != 0 {
            self.receipt.push(ReceiptLine { kind, amount });
        }
    }

    fn finish(self, history: &History, bonus: BasisPoints, outbound: i64) -> Settlement {
        let granted = self.total().max(0);
        // A fee may leave one destination in debt to the other; what is paid out is never negative.
        let store_credit = self.credit.clamp(0, granted);
        let refund = granted - store_credit;
        Settlement {
            currency: self.order.currency,
            expected: granted,
            due: granted - self.total(),
            store_credit,
            bonus: bonus.of(store_credit),
            tenders: tenders(self.order, history.granted, refund),
            outbound,
            receipt: self.receipt,
        }
    }
}

/// Shares `refund` out to the payments in the order they were made, after `before` that went back already.
fn tenders(order: &Order, before: i64, refund: i64) -> Vec<TenderShare> {
    let (mut skip, mut rest) = (before, refund);
    let mut shares = Vec::new();
    for (place, payment) in order.payments.iter().enumerate() {
        let used = skip.min(payment.amount);
        skip -= used;
        let amount = (payment.amount - used).min(rest);
        rest -= amount;
        if amount > 0 {
            let method = payment.method.as_ref().map(|method| method.as_str().to_owned());
            shares.push(TenderShare { payment: place, id: payment.id.clone(), method, amount });
        }
    }
    shares
}
