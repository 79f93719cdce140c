//! Guards of what customers pay: for what goes out dearer, and back for what was given ahead; and what is due of either.
//! Long because each way in which money is asked for, comes and goes back has its guard and its case here.

use super::collected::{Awaited, Collectable, Collected, CollectedFor, GivenAhead};
use super::command::{CommandKind, Which};
use super::event::Event;
use super::line::ReturnLine;
use super::lot::{Authorization, Lot, Reception};
use super::number::LotNo;
use super::refused::{Refused, check_amount, unknown, written};
use super::remedy::{Remedy, RemedyKind, RemedyState};
use super::request::Return;
use crate::ids::OrderNumber;
use crate::money::Money;
use crate::plain::maybe_line;

/// The longest name that bank, till or gateway have for a payment, in characters.
const LONGEST_NAME: usize = 255;
/// More than any order comes to, minor units.
const LARGEST: i64 = 1_000_000_000_000;

impl Return {
    /// What the customer is to pay before exchanges go out, order by order.
    pub fn awaited(&self) -> Vec<Awaited> {
        let due = self.orders.iter().filter(|part| part.settlement.due > 0);
        due.filter_map(|part| {
            let waits = || self.remedies.iter().filter(|remedy| self.has_not_left(remedy, &part.number));
            Some(Awaited {
                order: part.number.clone(),
                lots: waits().flat_map(|remedy| remedy.lots.iter().copied()).collect(),
                currency: part.settlement.currency,
                amount: part.settlement.due,
                since: waits().map(|remedy| remedy.at).min()?,
            })
        })
        .collect()
    }

    fn has_not_left(&self, remedy: &Remedy, order: &OrderNumber) -> bool {
        let theirs = |lot: &LotNo| self.lot(*lot).is_some_and(|(line, _)| line.asked.order == *order);
        let waits = matches!(remedy.state, RemedyState::Due | RemedyState::Reserved);
        remedy.kind == RemedyKind::Exchange && waits && remedy.lots.iter().any(theirs)
    }

    /// What the customer is to pay before that goes out.
    pub fn awaited_for(&self, remedy: &Remedy) -> Option<Awaited> {
        self.awaited().into_iter().find(|awaited| remedy.lots.iter().any(|lot| awaited.lots.contains(lot)))
    }

    /// What was given for goods that are missing: money that was promised before they came, or an item that left; order by order. What was waived
    /// or came back is not among it. `gone`: what is not waited for any more, alone.
    pub fn given_ahead(&self, gone: bool) -> Vec<GivenAhead> {
        let missing =
            |line: &ReturnLine, lot: &Lot| self.is_missing(line, lot) && (!gone || lot.state.authorization == Authorization::Lapsed);
        let of = |item: bool| {
            let by_order =
                self.by_order(|line, lot| missing(line, lot) && self.was_given(lot.id) && item == self.remedy_of(lot.id).is_some());
            by_order.into_iter().filter_map(|(order, lots)| {
                let currency = self.orders.iter().find(|part| part.number == order)?.settlement.currency;
                Some(GivenAhead { amount: self.worth_given(&lots), order, lots, currency })
            })
        };
        of(false).chain(of(true)).collect()
    }

    /// All that the customer may have paid for: what is due first, then what was given ahead.
    pub fn collectable(&self) -> Vec<Collectable> {
        let one = |cause, order, lots, minor, currency| Collectable { cause, order, lots, amount: Money::new(minor, currency) };
        let due = self.awaited().into_iter().map(|due| one(CollectedFor::Due, due.order, due.lots, due.amount, due.currency));
        let given = self.given_ahead(false).into_iter();
        due.chain(given.map(|given| one(CollectedFor::Back, given.order, given.lots, given.amount, given.currency))).collect()
    }

    /// Whether it should have come and did not.
    fn is_missing(&self, line: &ReturnLine, lot: &Lot) -> bool {
        let on_its_way = matches!(lot.state.reception, Reception::Awaiting | Reception::InTransit);
        let waits = match lot.state.authorization {
            Authorization::Approved => on_its_way,
            Authorization::Lapsed => true,
            _ => false,
        };
        line.asked.sends_back() && waits && !self.came_back(lot.id) && !self.waived.contains(&lot.id)
    }

    fn was_given(&self, lot: LotNo) -> bool {
        let left = |state| matches!(state, RemedyState::Shipped | RemedyState::Delivered);
        let paid = self.grants_of(lot).any(|grant| self.sent_of(grant.id) > 0);
        paid || self.remedy_of(lot).is_some_and(|remedy| left(remedy.state) && remedy.kind != RemedyKind::Repair)
    }

    /// At most what was given for those lots: money that left, and what went out at its price, where that is known.
    fn worth_given(&self, lots: &[LotNo]) -> i64 {
        let for_them = self.grants.iter().filter(|grant| grant.lots.iter().any(|lot| lots.contains(lot)));
        let money: i64 = for_them.map(|grant| self.sent_of(grant.id)).sum();
        let item = |id: &LotNo| {
            let (line, lot) = self.lot(*id)?;
            self.remedy_of(*id)?;
            line.asked.exchange_price?.checked_mul(i64::from(lot.units))
        };
        money + lots.iter().filter_map(item).sum::<i64>()
    }

    /// Whether the money that was given for a lot ahead came back: it is as if it had not been asked for.
    pub fn is_paid_back(&self, lot: LotNo) -> bool {
        self.remedy_of(lot).is_none() && self.came_back(lot)
    }

    /// Whether what was given for a lot ahead was paid.
    fn came_back(&self, lot: LotNo) -> bool {
        self.collected.iter().any(|collected| collected.cause == CollectedFor::Back && collected.lots.contains(&lot))
    }

    /// What of an order's money came from the customer for this return. What was paid for an item that is theirs now is a sale of its own, and
    /// none of the order's.
    pub fn collected_of<'r>(&'r self, order: &'r OrderNumber) -> impl Iterator<Item = &'r Collected> {
        let ours = move |collected: &&Collected| {
            let kept = || collected.lots.iter().any(|lot| self.is_paid_back(*lot));
            collected.order == *order && (collected.cause == CollectedFor::Due || kept())
        };
        self.collected.iter().filter(ours)
    }

    /// Whether something was paid for what goes out in exchange for a lot, and nothing does any more.
    pub(super) fn was_paid_for_nothing(&self, lot: LotNo) -> bool {
        let paid = |collected: &Collected| collected.cause == CollectedFor::Due && collected.lots.contains(&lot);
        self.remedy_of(lot).is_none() && self.collected.iter().any(paid) && self.grants_of(lot).next().is_none()
    }

    pub(super) fn collect(&self, collected: Collected) -> Result<Vec<Event>, Refused> {
        let kind = CommandKind::Collect;
        let same = |known: &&Collected| match &collected.payment {
            Some(_) => known.payment == collected.payment,
            None => known.payment.is_none() && known.reference == collected.reference && known.cause == collected.cause,
        };
        if self.collected.iter().any(|known| same(&known)) {
            return Ok(Vec::new());
        }
        let part = self.orders.iter().find(|part| part.number == collected.order).ok_or_else(|| unknown("order", &collected.order))?;
        if part.settlement.currency != collected.currency {
            return Err(Refused::Senseless("an order's money has the order's currency"));
        }
        for lot in &collected.lots {
            let (line, _) = self.lot(*lot).ok_or_else(|| unknown("lot", lot))?;
            if line.asked.order != collected.order {
                return Err(Refused::Senseless("money is for lots of one order"));
            }
        }
        if collected.lots.is_empty() {
            return Err(Refused::Senseless("lots are named"));
        }
        let most = match (&collected.payment, collected.cause) {
            // It is there, whatever became of the return since it was asked for.
            (Some(_), _) => LARGEST,
            (None, CollectedFor::Due) => {
                let awaited = self.awaited().into_iter().find(|awaited| awaited.order == collected.order);
                let awaited = awaited.filter(|awaited| collected.lots.iter().all(|lot| awaited.lots.contains(lot)));
                awaited.ok_or_else(|| self.refused(kind))?.amount
            }
            (None, CollectedFor::Back) => {
                let theirs =
                    |given: &GivenAhead| given.order == collected.order && collected.lots.iter().all(|lot| given.lots.contains(lot));
                self.given_ahead(false).into_iter().find(theirs).ok_or_else(|| self.refused(kind))?;
                // What an item is worth that has no price a person says.
                match self.worth_given(&collected.lots) {
                    0 => LARGEST,
                    most => most,
                }
            }
        };
        check_amount(collected.currency, collected.amount, 1, most)?;
        let reference = maybe_line(collected.reference.as_deref(), LONGEST_NAME);
        if collected.payment.is_none() && reference.is_none() {
            return Err(Refused::Senseless("what came by hand has the name that bank or till gave it"));
        }
        let over = if collected.cause == CollectedFor::Back { self.waited_for(&collected.lots) } else { Vec::new() };
        Ok(std::iter::once(Event::Collected { collected: Collected { reference, ..collected } }).chain(lapsed(over)).collect())
    }

    pub(super) fn waive(&self, lots: &Which, reason: &str) -> Result<Vec<Event>, Refused> {
        let reason = written(reason)?;
        let given: Vec<LotNo> = self.given_ahead(false).into_iter().flat_map(|given| given.lots).collect();
        let lots = if lots.is_some() { self.named(lots)? } else { given.clone() };
        let before = !self.waived.is_empty() && lots.iter().all(|lot| self.waived.contains(lot));
        if before {
            return Ok(Vec::new());
        }
        if lots.is_empty() || !lots.iter().all(|lot| given.contains(lot)) {
            return Err(self.refused(CommandKind::Waive).into());
        }
        let over = self.waited_for(&lots);
        Ok(std::iter::once(Event::Waived { lots, reason }).chain(lapsed(over)).collect())
    }

    /// Of those the lots that somebody still waits for.
    fn waited_for(&self, lots: &[LotNo]) -> Vec<LotNo> {
        let waits = |lot: &LotNo| self.lot(*lot).is_some_and(|(_, lot)| lot.state.authorization == Authorization::Approved);
        lots.iter().copied().filter(waits).collect()
    }
}

/// Nobody waits for goods any more that are paid for, or given.
fn lapsed(lots: Vec<LotNo>) -> Option<Event> {
    (!lots.is_empty()).then_some(Event::Lapsed { lots })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::collected::DUE_TASK_AFTER;
    use super::super::command::Command;
    use super::super::grant::{GrantCause, PaidTo};
    use super::super::number::{GrantNo, LineNo, PaymentNo, RemedyNo};
    use super::super::said::LineAsked;
    use super::super::tasks::{TaskKind, tasks};
    use super::super::testing::*;
    use super::*;
    use crate::policy::{Decision, Resolution};

    const LOT: LotNo = LotNo { line: LineNo(1), lot: 1 };

    /// An exchange that costs 5.00 more, of which the other item is owed.
    fn dearer() -> Return {
        let mut opening =
            opening(vec![LineAsked { exchange_price: Some(1_500), ..asked("1", 1, Resolution::Exchange, Decision::Approved) }], false);
        opening.orders[0].settlement.due = 500;
        let mut request = Return::from_events(&Return::open(opening)).unwrap();
        give(&mut request, &Command::OweRemedy { lots: vec![LOT] }).unwrap();
        request
    }

    fn give(request: &mut Return, command: &Command) -> Result<usize, Refused> {
        let events = request.decide(command, role_for(command), &facts(request))?;
        events.iter().for_each(|event| request.evolve(event));
        Ok(events.len())
    }

    fn collect(cause: CollectedFor, amount: i64, payment: Option<&str>, reference: Option<&str>) -> Command {
        let (payment, reference) = (payment.map(str::to_owned), reference.map(str::to_owned));
        Command::Collect { order: "1".parse().unwrap(), lots: vec![LOT], cause, currency: eur(), amount, payment, reference }
    }

    fn moved(to: RemedyState) -> Command {
        Command::MoveRemedy { remedy: RemedyNo(1), to, reference: None, at: None }
    }

    fn kinds(request: &Return, now: Timestamp) -> Vec<TaskKind> {
        tasks(request, now).0.iter().map(|task| task.kind).collect()
    }

    #[test]
    fn something_dearer_waits_until_it_is_paid() {
        let mut request = dearer();
        let since = request.remedies[0].at;
        assert!(!kinds(&request, since).contains(&TaskKind::SendItem), "nobody sends it yet");
        assert!(!kinds(&request, since).contains(&TaskKind::CollectDue));
        let late = since + DUE_TASK_AFTER;
        let told = tasks(&request, late).0.into_iter().find(|task| task.kind == TaskKind::CollectDue).unwrap();
        assert_eq!((told.due, told.value.map(|value| value.minor)), (late, Some(500)));
        for to in [RemedyState::Ordered, RemedyState::Shipped, RemedyState::Delivered] {
            assert_eq!(give(&mut request, &moved(to)), Err(Refused::NotPaid { currency: eur(), amount: 500 }), "{to:?}");
        }
        assert_eq!(give(&mut request, &moved(RemedyState::Reserved)), Ok(1), "it may be kept aside meanwhile");

        // By hand no more than is due, and with a name.
        assert!(matches!(give(&mut request, &collect(CollectedFor::Due, 501, None, Some("bank"))), Err(Refused::Amount { most: 500, .. })));
        assert!(matches!(give(&mut request, &collect(CollectedFor::Due, 500, None, Some(" "))), Err(Refused::Senseless(_))));
        assert_eq!(give(&mut request, &collect(CollectedFor::Due, 500, None, Some("bank"))), Ok(1));
        assert_eq!(give(&mut request, &collect(CollectedFor::Due, 500, None, Some("bank"))), Ok(0), "told twice");
        // The books say that nothing is due any more; then it goes.
        request.orders[0].settlement.due = 0;
        assert!(kinds(&request, since).contains(&TaskKind::SendItem));
        assert!(give(&mut request, &collect(CollectedFor::Due, 500, None, Some("again"))).is_err());
        assert_eq!(give(&mut request, &moved(RemedyState::Shipped)), Ok(1));
        // What a gateway took is there all the same, once.
        assert_eq!(give(&mut request, &collect(CollectedFor::Due, 500, Some("pi_1"), None)), Ok(1));
        assert_eq!(give(&mut request, &collect(CollectedFor::Due, 500, Some("pi_1"), None)), Ok(0));
    }

    #[test]
    fn what_was_paid_for_something_that_does_not_come_goes_back_whatever_becomes_of_the_goods() {
        let mut request = dearer();
        give(&mut request, &collect(CollectedFor::Due, 500, Some("pi_1"), None)).unwrap();
        request.orders[0].settlement.due = 0;
        assert!(request.grantable(None).is_empty(), "it is for the other item");
        give(&mut request, &moved(RemedyState::CalledOff)).unwrap();
        give(&mut request, &Command::Cancel { lots: None, reason: None }).unwrap();
        assert!(request.status().is_end());
        assert_eq!(kinds(&request, at(50)), [TaskKind::Settle]);
        let groups = request.grantable(None);
        assert_eq!(groups.iter().map(|group| group.cause).collect::<Vec<_>>(), [GrantCause::PaidBack]);
        let grant = Command::Grant {
            order: "1".parse().unwrap(),
            lots: vec![LOT],
            cause: GrantCause::PaidBack,
            currency: eur(),
            amount: 500,
            bonus: 0,
            receipt: receipt(500),
        };
        assert_eq!((give(&mut request, &grant), give(&mut request, &grant)), (Ok(1), Ok(0)), "once");
        assert_eq!(kinds(&request, at(50)), [TaskKind::Pay]);
        let to = PaidTo::Collected { payment: "pi_1".into() };
        give(&mut request, &Command::Pay { grant: GrantNo(1), to, amount: 500, reference: None }).unwrap();
        give(&mut request, &Command::ConfirmPayment { payment: PaymentNo(1), reference: None }).unwrap();
        assert_eq!(kinds(&request, at(50)), []);
    }

    /// Money that was promised and paid before anything came.
    fn paid_ahead() -> Return {
        let mut request = opened(vec![asked("1", 2, Resolution::Refund, Decision::Approved)], false);
        let grant = Command::Grant {
            order: "1".parse().unwrap(),
            lots: vec![LOT],
            cause: GrantCause::Early,
            currency: eur(),
            amount: 2_000,
            bonus: 0,
            receipt: receipt(2_000),
        };
        give(&mut request, &grant).unwrap();
        give(&mut request, &Command::Pay { grant: GrantNo(1), to: PaidTo::Manual, amount: 2_000, reference: None }).unwrap();
        give(&mut request, &Command::ConfirmPayment { payment: PaymentNo(1), reference: None }).unwrap();
        request
    }

    #[test]
    fn what_was_given_ahead_of_goods_that_never_come_is_asked_back_until_it_is_there_or_waived() {
        let request = paid_ahead();
        assert!(!kinds(&request, at(19)).contains(&TaskKind::ClawBack), "they may still come");
        let asked = tasks(&request, at(20)).0.into_iter().find(|task| task.kind == TaskKind::ClawBack).unwrap();
        assert_eq!((asked.due, asked.value.map(|value| value.minor)), (at(40), Some(2_000)));

        let mut came = request.clone();
        let items = vec![(LOT, 2, super::super::receipt::Outcome::Received)];
        give(&mut came, &Command::Receive { warehouse: None, tracking_number: None, items, beside: Vec::new() }).unwrap();
        assert!(!kinds(&came, at(60)).contains(&TaskKind::ClawBack));

        let mut gone = request;
        give(&mut gone, &Command::Lapse { lots: None }).unwrap();
        assert_eq!((gone.status().is_end(), kinds(&gone, at(15))), (true, vec![TaskKind::ClawBack]));
        let line = &gone.lines[0];
        assert_eq!(gone.units_held(line), 2, "they are paid for");
        let mut waived = gone.clone();
        assert!(matches!(give(&mut waived, &Command::Waive { lots: None, reason: " ".into() }), Err(Refused::Senseless(_))));
        assert_eq!(give(&mut waived, &Command::Waive { lots: None, reason: "a gift".into() }), Ok(1));
        assert_eq!(give(&mut waived, &Command::Waive { lots: None, reason: "a gift".into() }), Ok(0));
        assert_eq!((kinds(&waived, at(60)), waived.units_held(&waived.lines[0])), (vec![], 2));

        assert!(matches!(
            give(&mut gone, &collect(CollectedFor::Back, 2_001, None, Some("bank"))),
            Err(Refused::Amount { most: 2_000, .. })
        ));
        assert_eq!(give(&mut gone, &collect(CollectedFor::Back, 2_000, None, Some("bank"))), Ok(1));
        assert_eq!((kinds(&gone, at(60)), gone.units_held(&gone.lines[0])), (vec![], 0), "theirs again, as if never asked for");
        assert_eq!(gone.collected_of(&"1".parse().unwrap()).map(|one| one.amount).sum::<i64>(), 2_000);
    }

    #[test]
    fn what_is_paid_for_an_item_that_left_ahead_is_a_sale_of_its_own() {
        let mut request = dearer();
        request.orders[0].settlement.due = 0;
        give(&mut request, &moved(RemedyState::Shipped)).unwrap();
        give(&mut request, &Command::Lapse { lots: None }).unwrap();
        let given = request.given_ahead(true);
        assert_eq!((given.len(), given[0].amount), (1, 1_500), "at its price");
        let ahead = |moment: &super::super::timeline::Moment| *moment == super::super::timeline::Moment::ExchangeSent;
        assert!(!super::super::timeline::timeline(&request, &[], at(15)).iter().any(|entry| ahead(&entry.moment)), "it has left");
        assert_eq!(kinds(&request, at(60)), [TaskKind::ClawBack]);
        give(&mut request, &collect(CollectedFor::Back, 1_500, None, Some("bank"))).unwrap();
        assert_eq!(request.collected_of(&"1".parse().unwrap()).count(), 0);
        assert_eq!(kinds(&request, at(60)), []);
    }
}
