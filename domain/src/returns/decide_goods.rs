//! Guards of what a warehouse says of goods: what came, and what was found.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::by_rule::Proposed;
use super::command::{CommandKind, Finding};
use super::event::Event;
use super::inspection::Inspection;
use super::lot::{Disposition, Lot};
use super::moves::{Move, Step};
use super::number::{LotNo, ReceiptNo};
use super::receipt::{Beside, Booked, Looked, Outcome, Receipt};
use super::refused::{Refused, unknown, written};
use super::request::Return;
use crate::days::local_day;
use crate::scrap::{ScrapGround, needs_ground};

/// What a rule proposed, with why goods go elsewhere where they do.
pub(super) fn reasoned(proposed: &Proposed, to: Disposition) -> Result<Proposed, Refused> {
    if proposed.to == to {
        return Ok(Proposed { otherwise: None, ..proposed.clone() });
    }
    let why = proposed.otherwise.as_deref().map(written).transpose()?;
    let otherwise = why.ok_or_else(|| Refused::NotAsProposed { to: proposed.to, rule: proposed.by.rule.clone() })?;
    Ok(Proposed { otherwise: Some(otherwise), ..proposed.clone() })
}

impl Return {
    /// Splits off what is named of lots: for each, the lot it becomes. `items`: lot and units, each checked by `may`.
    fn parted<'i, I: 'i>(
        &self,
        kind: CommandKind,
        items: &'i [I],
        of: impl Fn(&I) -> (LotNo, u32),
        may: impl Fn(&Lot, &I) -> Step,
    ) -> Result<Vec<(LotNo, &'i I)>, Refused> {
        let mut parted: Vec<(LotNo, &I)> = Vec::new();
        for line in &self.lines {
            let mut next = line.next_lot();
            for lot in &line.lots {
                let here: Vec<&I> = items.iter().filter(|item| of(item).0 == lot.id).collect();
                let asked: u64 = here.iter().map(|item| u64::from(of(item).1)).sum();
                if here.iter().any(|item| of(item).1 == 0) || asked > u64::from(lot.units) {
                    return Err(Refused::Units { lot: lot.id, asked: u32::try_from(asked).unwrap_or(u32::MAX), there: lot.units });
                }
                let mut left = lot.units;
                for item in here {
                    match may(lot, item) {
                        Step::Refused => return Err(self.refused(kind).into()),
                        // Said of all of it before.
                        Step::Already if of(item).1 == lot.units => {}
                        Step::Already => left -= of(item).1,
                        Step::To(_) => {
                            left -= of(item).1;
                            parted.push((if left == 0 { lot.id } else { next }, item));
                            next.lot += u32::from(left > 0);
                        }
                    }
                }
            }
        }
        match items.iter().map(|item| of(item).0).find(|id| self.lot(*id).is_none()) {
            Some(id) => Err(unknown("lot", id)),
            None => Ok(parted),
        }
    }

    /// Whether those lots may be destroyed, where they would be (N20).
    pub(super) fn check_ground(&self, lots: &[LotNo], to: Disposition, ground: Option<ScrapGround>, now: Timestamp) -> Result<(), Refused> {
        if !to.destroys() {
            let said = ground.map(|_| Refused::Senseless("a ground to destroy goods is named only where they are destroyed"));
            return said.map_or(Ok(()), Err);
        }
        let country = self.from.as_ref().and_then(|from| from.country);
        // The ban began at one moment in the whole union; an hour is nothing that anybody scraps by.
        let today = local_day(now, &TimeZone::UTC);
        let asks = |id: &LotNo| {
            let line = self.line(id.line);
            line.is_some_and(|line| needs_ground(line.asked.kinds.iter().chain(&line.asked.category), country, today))
        };
        if ground.is_none() && lots.iter().any(asks) { Err(Refused::NoGround) } else { Ok(()) }
    }

    /// Whether the law asks for a reason to destroy a lot, and none that it knows is said.
    pub fn asks_ground(&self, lot: LotNo, ground: Option<ScrapGround>, now: Timestamp) -> bool {
        self.check_ground(&[lot], Disposition::Scrap, ground, now).is_err()
    }

    pub(super) fn receive(
        &self,
        now: Timestamp,
        warehouse: Option<&String>,
        tracking_number: Option<&String>,
        items: &[(LotNo, u32, Outcome)],
        beside: &[Beside],
    ) -> Result<Vec<Event>, Refused> {
        if items.is_empty() && beside.is_empty() {
            return Err(Refused::Senseless("something was looked for, or came beside"));
        }
        let told = !items.is_empty();
        let parted = self.parted(
            CommandKind::Receive,
            items,
            |(lot, units, _)| (*lot, *units),
            |lot, (_, _, outcome)| self.step(lot, outcome.to_do()),
        )?;
        let items: Vec<Booked> = parted.into_iter().map(|(lot, &(of, units, outcome))| Booked { of, lot, units, outcome }).collect();
        // What came beside has no name of its own: it was told before where all that it is told with was. By itself it is more of the same.
        let same = |receipt: &Receipt| receipt.beside == beside && receipt.tracking_number.as_ref() == tracking_number;
        if items.is_empty() && (beside.is_empty() || told && self.receipts.iter().any(same)) {
            return Ok(Vec::new());
        }
        let receipt = Receipt {
            id: ReceiptNo::after(self.receipts.len()),
            at: now,
            warehouse: warehouse.cloned(),
            tracking_number: tracking_number.cloned(),
            items,
            beside: beside.to_vec(),
        };
        Ok(vec![Event::Received { receipt }])
    }

    pub(super) fn inspect(&self, items: &[Finding]) -> Result<Vec<Event>, Refused> {
        if items.is_empty() {
            return Err(Refused::Senseless("something was looked at"));
        }
        for item in items {
            if item.found == Inspection::Pending || (item.deduct.is_some() && item.found != Inspection::Downgraded) {
                return Err(Refused::Senseless("an inspection says what was found, and takes off only where that is less than was said"));
            }
        }
        let may = |lot: &Lot, item: &Finding| match Move::of_finding(item.found).map_or(Step::Refused, |to_do| self.step(lot, to_do)) {
            // Found the same, worth something else.
            Step::Already if item.deduct != lot.deduct || item.grade.is_some_and(|grade| Some(grade) != lot.grade) => {
                let stands = matches!(lot.state.disposition, Disposition::None | Disposition::Quarantine) && !self.standing(lot.id).settled;
                if stands { Step::To(lot.state) } else { Step::Refused }
            }
            step => step,
        };
        let parted = self.parted(CommandKind::Inspect, items, |item| (item.lot, item.units), may)?;
        let looked = |(lot, item): (LotNo, &Finding)| Looked {
            of: item.lot,
            lot,
            units: item.units,
            found: item.found,
            grade: item.grade,
            deduct: item.deduct,
            deduct_rule: item.deduct_rule.clone(),
            findings: item.findings.clone(),
            evidence: item.evidence.clone(),
            answers: item.answers.clone(),
        };
        let items: Vec<Looked> = parted.into_iter().map(looked).collect();
        Ok(if items.is_empty() { Vec::new() } else { vec![Event::Inspected { items }] })
    }
}

#[cfg(test)]
mod tests {
    use super::super::by_rule::ByRule;
    use super::super::command::Command;
    use super::super::line::ReturnLine;
    use super::super::number::LineNo;
    use super::super::said::{LineAsked, Opening};
    use super::super::tasks::{TaskKind, tasks};
    use super::super::testing::*;
    use super::*;
    use crate::order::Address;
    use crate::policy::{Decision, Method, Resolution};

    const LOT: LotNo = LotNo { line: LineNo(1), lot: 1 };

    fn of_kinds(kinds: &[&str], country: Option<&str>, decision: Decision) -> Return {
        let kinds = kinds.iter().map(|kind| kind.parse().unwrap()).collect();
        let line = LineAsked { kinds, ..asked("1", 1, Resolution::Refund, decision) };
        let from = country.map(|country| Address { country: country.parse().ok(), ..Address::default() });
        Return::from_events(&Return::open(Opening { from, ..opening(vec![line], false) })).unwrap()
    }

    fn give(request: &mut Return, command: &Command) -> Result<Vec<Event>, Refused> {
        let events = request.decide(command, role_for(command), &facts(request))?;
        events.iter().for_each(|event| request.evolve(event));
        Ok(events)
    }

    fn looked_at(kinds: &[&str], country: Option<&str>) -> Return {
        let mut request = of_kinds(kinds, country, Decision::Approved);
        let found = Finding::plain(LOT, 1, Inspection::Accepted);
        let items = vec![(LOT, 1, Outcome::Received)];
        give(&mut request, &Command::Receive { warehouse: None, tracking_number: None, items, beside: Vec::new() }).unwrap();
        give(&mut request, &Command::Inspect { items: vec![found] }).unwrap();
        request
    }

    #[test]
    fn what_came_beside_is_told_once_with_what_it_came_with_and_by_itself_as_often_as_it_comes() {
        let mut request = of_kinds(&[], None, Decision::Approved);
        let socks = |units| vec![Beside { of: None, sku: "SOCK".parse().ok(), units }];
        let came = |number: &str, items: &[(LotNo, u32, Outcome)], beside: Vec<Beside>| Command::Receive {
            warehouse: None,
            tracking_number: Some(number.to_owned()),
            items: items.to_vec(),
            beside,
        };
        let all = [(LOT, 1, Outcome::Received)];
        let table = [
            (came("T-1", &all, socks(2)), 1, "it came"),
            (came("T-1", &all, socks(2)), 1, "told again"),
            (came("T-1", &all, Vec::new()), 1, "told again in part"),
            (came("T-1", &all, socks(1)), 2, "another number of them"),
            (came("T-2", &all, socks(2)), 3, "from another parcel"),
            (came("T-1", &[], socks(2)), 4, "two more"),
            (came("T-1", &[], socks(2)), 5, "and two more"),
        ];
        for (command, receipts, why) in table {
            give(&mut request, &command).unwrap();
            assert_eq!(request.receipts.len(), receipts, "{why}");
        }
    }

    #[test]
    fn clothes_of_the_union_are_destroyed_on_a_lawful_ground_only() {
        let dispose = |to, ground| Command::Dispose { lots: vec![LOT], to, ground, proposed: None };
        for to in [Disposition::Scrap, Disposition::Recycle] {
            for (kinds, country) in [("apparel", Some("DE")), ("footwear", Some("FR")), ("apparel", None)] {
                let mut request = looked_at(&[kinds], country);
                let refused = give(&mut request, &dispose(to, None)).unwrap_err();
                assert_eq!(refused, Refused::NoGround, "{kinds} {country:?}");
                assert!(refused.to_string().contains("dangerous_product, ") && refused.to_string().contains("donate"), "{refused}");
                assert_eq!(request.lot(LOT).unwrap().1.state.disposition, Disposition::None);
                for ground in ScrapGround::ALL {
                    let mut request = request.clone();
                    let events = give(&mut request, &dispose(to, Some(*ground))).unwrap();
                    assert_eq!(events, [Event::Disposed { lots: vec![LOT], to, ground: Some(*ground), proposed: None }]);
                    assert_eq!(request.lot(LOT).unwrap().1.scrap_ground, Some(*ground));
                }
            }
            for (kinds, country) in [("apparel", Some("CN")), ("apparel", Some("GB")), ("electronics", Some("DE"))] {
                assert!(give(&mut looked_at(&[kinds], country), &dispose(to, None)).is_ok(), "{kinds} {country:?}");
            }
        }
        let mut request = looked_at(&["apparel"], Some("DE"));
        let kept = dispose(Disposition::Restock, Some(ScrapGround::BeyondRepair));
        assert!(matches!(give(&mut request, &kept), Err(Refused::Senseless(_))), "a ground for what is kept");
        assert!(give(&mut request, &dispose(Disposition::Donate, None)).is_ok(), "what is given away is not destroyed");
    }

    #[test]
    fn the_shops_own_category_says_as_much_as_a_kind() {
        let mut request = looked_at(&[], Some("DE"));
        request.lines.iter_mut().for_each(|line: &mut ReturnLine| line.asked.category = "apparel".parse().ok());
        let scrap = Command::Dispose { lots: vec![LOT], to: Disposition::Scrap, ground: None, proposed: None };
        assert_eq!(give(&mut request, &scrap), Err(Refused::NoGround));
    }

    #[test]
    fn goods_go_where_a_rule_says_or_elsewhere_for_a_reason() {
        let by = ByRule { policy: 1, rule: "as-new".parse().unwrap(), read: Vec::new() };
        let proposed =
            |otherwise: Option<&str>| Some(Proposed { to: Disposition::Restock, by: by.clone(), otherwise: otherwise.map(str::to_owned) });
        let put = |to, proposed| Command::Dispose { lots: vec![LOT], to, ground: None, proposed };
        let kept = |events: Vec<Event>| match events.as_slice() {
            [Event::Disposed { proposed, .. }] => proposed.clone().and_then(|proposed| proposed.otherwise),
            other => panic!("{other:?}"),
        };
        let not_so = Refused::NotAsProposed { to: Disposition::Restock, rule: by.rule.clone() };
        let goods = || looked_at(&[], Some("CN"));
        assert_eq!(
            kept(give(&mut goods(), &put(Disposition::Restock, proposed(Some("why not")))).unwrap()),
            None,
            "as proposed: no reason"
        );
        assert_eq!(give(&mut goods(), &put(Disposition::Resell, proposed(None))), Err(not_so.clone()));
        assert!(not_so.to_string().contains("`as-new`") && not_so.to_string().contains("`restock`"), "{not_so}");
        assert!(matches!(give(&mut goods(), &put(Disposition::Resell, proposed(Some(" ")))), Err(Refused::Senseless(_))));
        let long = "x".repeat(2_001);
        assert!(matches!(give(&mut goods(), &put(Disposition::Resell, proposed(Some(&long)))), Err(Refused::TooLong { .. })));
        let mut torn = goods();
        assert_eq!(kept(give(&mut torn, &put(Disposition::Resell, proposed(Some(" torn ")))).unwrap()).as_deref(), Some("torn"));
        assert_eq!(give(&mut torn, &put(Disposition::Resell, proposed(None))).unwrap(), [], "done before: nothing is asked again");
    }

    #[test]
    fn no_way_leads_to_a_plain_label_for_dangerous_goods() {
        let issue = || Command::IssueLabel { parcel: parcel(), promises: None };
        let want = || Command::WantLabel { carrier: "post".into(), promises: None };
        for decision in [Decision::Approved, Decision::InReview] {
            for method in [Method::SelfShip, Method::DropOff, Method::Pickup, Method::Counter, Method::Arranged] {
                let mut request = of_kinds(&["hazmat-lithium"], Some("DE"), decision);
                request.method = method;
                if decision == Decision::InReview {
                    give(&mut request, &Command::Approve { lots: None, note: None }).unwrap();
                }
                assert!(request.is_approved_whole(), "{method}: a person can say yes all the same");
                assert!(!request.needs_label(), "{method}");
                assert_eq!(give(&mut request, &issue()), Err(Refused::DangerousGoods), "{method}");
                assert_eq!(give(&mut request, &want()), Err(Refused::DangerousGoods), "{method}");
                let (here, _) = tasks(&request, at(0));
                let arranges = here.iter().any(|task| task.kind == TaskKind::ArrangeTransport);
                assert_eq!(arranges, method != Method::Counter, "{method}: somebody sees to it");
            }
        }
        let mut plain = of_kinds(&["electronics"], Some("DE"), Decision::Approved);
        assert!(plain.needs_label());
        assert!(give(&mut plain, &issue()).is_ok());
    }

    #[test]
    fn a_label_of_before_is_not_printed_once_the_goods_are_dangerous() {
        let mut request = of_kinds(&[], Some("DE"), Decision::Approved);
        give(&mut request, &Command::IssueLabel { parcel: parcel(), promises: None }).unwrap();
        assert!(request.has_label());
        request.lines.iter_mut().for_each(|line| line.asked.kinds = vec!["battery".parse().unwrap()]);
        assert!(!request.has_label());
        request.lines.iter_mut().for_each(|line| line.asked.resolution = Resolution::KeepRefund);
        assert_eq!(request.danger(), None, "what stays with the customer travels nowhere");
    }

    impl Return {
        fn is_approved_whole(&self) -> bool {
            self.lines.iter().all(ReturnLine::is_approved)
        }
    }
}
