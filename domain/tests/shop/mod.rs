//! Cases told in a few words: an order of one item, what its owner says of it, and what policy answers.
//! Long because whatever a case may say of a request has a word of its own.
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(dead_code, reason = "each test file uses its part")]

use domain::ids::Code;
use domain::order::{Order, OrderDocument};
use domain::policy::{Case, CaseLine, Decision, History, LineVerdict, Method, Policy, Resolution, Sentence, judge, read};
use domain::reason::ReasonTree;
use domain::settlement::{Part, ReceiptKind, Settlement, books, claims, freight_charge};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The policy in `tests/policies`, checked as `homebound policy check` would.
pub fn policy(file: &str) -> Policy {
    let path = format!("{}/tests/policies/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    checked(&text, file)
}

/// The policy the product starts with.
pub fn default_policy() -> Policy {
    checked(domain::policy::DEFAULT, "default.json")
}

fn checked(text: &str, name: &str) -> Policy {
    read(text, &ReasonTree::default()).unwrap_or_else(|problems| {
        let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{name}:\n{}", shown.join("\n"))
    })
}

/// A request for one item, to be judged.
#[derive(Clone)]
pub struct Ask<'p> {
    policy: &'p Policy,
    pub order: Value,
    others: Vec<(String, u32)>,
    reason: Option<(String, Option<String>)>,
    condition: Option<String>,
    resolution: Option<Resolution>,
    method: Option<Method>,
    quantity: u32,
    asked: Option<String>,
    return_region: Option<String>,
    proof: Option<Code>,
    prior_returns: u32,
    repairs: usize,
    beside: i64,
    photos: usize,
}

impl<'p> Ask<'p> {
    /// One unit for 100.00 CNY, ordered, sent and delivered a while ago, opened and asked back on the day it arrived because it does not please.
    pub fn of(policy: &'p Policy) -> Self {
        let order = json!({
            "number": "1", "placed_at": "2026-03-01T04:00:00Z", "currency": "CNY", "channel": "web",
            // Bought by a business: what policy says alone, with no law beneath it.
            "consumer": false,
            "customer": {"email": "a@example.com"}, "ship_to": {"country": "CN"},
            "lines": [{"id": "1", "sku": "A", "name": "A thing", "quantity": 1, "unit_price": "100.00", "tags": []}],
            "payments": [], "deliveries": [{"delivered_at": "2026-03-05T04:00:00Z"}],
        });
        Self {
            policy,
            order,
            others: Vec::new(),
            reason: Some(("dislike".into(), None)),
            condition: Some("opened".into()),
            resolution: None,
            method: None,
            quantity: 1,
            asked: None,
            return_region: None,
            proof: None,
            prior_returns: 0,
            repairs: 0,
            beside: 0,
            photos: 0,
        }
    }

    fn line(&mut self) -> &mut Value {
        &mut self.order["lines"][0]
    }

    pub fn category(mut self, category: &str) -> Self {
        self.line()["category"] = category.into();
        self
    }

    pub fn tag(mut self, tag: &str) -> Self {
        self.line()["tags"].as_array_mut().unwrap().push(tag.into());
        self
    }

    pub fn sku(mut self, sku: &str) -> Self {
        self.line()["sku"] = sku.into();
        self
    }

    pub fn set(mut self, field: &str, value: Value) -> Self {
        self.line()[field] = value;
        self
    }

    pub fn quantity(mut self, units: u32) -> Self {
        self.line()["quantity"] = units.into();
        self.quantity = units;
        self
    }

    pub fn in_usd(self, price: &str) -> Self {
        self.in_currency("USD", price)
    }

    pub fn in_currency(mut self, currency: &str, price: &str) -> Self {
        self.order["currency"] = currency.into();
        self.line()["unit_price"] = price.into();
        self
    }

    pub fn price(mut self, price: &str) -> Self {
        self.line()["unit_price"] = price.into();
        self
    }

    pub fn tax_on_top(mut self, tax: &str) -> Self {
        self.order["prices_include_tax"] = false.into();
        self.line()["tax"] = tax.into();
        self
    }

    pub fn shipping(mut self, shipping: &str) -> Self {
        self.order["shipping"] = shipping.into();
        self
    }

    pub fn with_line(mut self, sku: &str, price: &str) -> Self {
        let id = (self.order["lines"].as_array().unwrap().len() + 1).to_string();
        self.order["lines"].as_array_mut().unwrap().push(json!({"id": id, "sku": sku, "name": sku, "quantity": 1, "unit_price": price}));
        self
    }

    /// A gift that came with the item; `coming` of it come back too.
    pub fn gift(mut self, units: u32, coming: u32) -> Self {
        let gift = json!({"id": "gift", "sku": "G", "name": "A gift", "quantity": units, "unit_price": "15.00", "discount": format!("{}.00", 15 * units), "gift_with": "1"});
        self.order["lines"].as_array_mut().unwrap().push(gift);
        if coming > 0 {
            self.others.push(("gift".into(), coming));
        }
        self
    }

    pub fn tier(mut self, tier: Option<&str>) -> Self {
        self.order["customer"]["tier"] = tier.into();
        self
    }

    pub fn country(mut self, country: &str) -> Self {
        self.order["ship_to"]["country"] = country.into();
        self
    }

    pub fn region(mut self, region: &str) -> Self {
        self.order["ship_to"]["region"] = region.into();
        self
    }

    pub fn return_region(mut self, region: &str) -> Self {
        self.return_region = Some(region.into());
        self
    }

    pub fn channel(mut self, channel: &str) -> Self {
        self.order["channel"] = channel.into();
        self
    }

    pub fn proof(mut self, proof: &str) -> Self {
        self.proof = Some(proof.parse().unwrap());
        self
    }

    pub fn paid_by(mut self, method: &str) -> Self {
        let amount = self.order["lines"][0]["unit_price"].clone();
        self.order["payments"] = json!([{"id": "p", "method": method, "amount": amount}]);
        self
    }

    pub fn ordered(mut self, day: &str) -> Self {
        self.order["placed_at"] = format!("{day}T18:00:00Z").into();
        self
    }

    pub fn shipped(mut self, day: &str) -> Self {
        self.order["deliveries"][0]["shipped_at"] = format!("{day}T18:00:00Z").into();
        self
    }

    pub fn delivered(mut self, day: &str) -> Self {
        // Noon in the policy's zone: the day is this one there.
        let noon = day.parse::<jiff::civil::Date>().unwrap().at(12, 0, 0, 0);
        let arrived = self.policy.time_zone.to_timestamp(noon).unwrap();
        self.order["deliveries"][0]["delivered_at"] = arrived.to_string().into();
        if self.order["placed_at"].as_str().unwrap().parse::<Timestamp>().unwrap() > arrived {
            self.order["placed_at"] = (arrived - jiff::SignedDuration::from_hours(30)).to_string().into();
        }
        self
    }

    /// Sent on that day (noon in the policy's zone); nothing is told of its arrival.
    pub fn under_way_since(mut self, day: &str) -> Self {
        let noon = day.parse::<jiff::civil::Date>().unwrap().at(12, 0, 0, 0);
        let sent = self.policy.time_zone.to_timestamp(noon).unwrap();
        self.order["placed_at"] = (sent - jiff::SignedDuration::from_hours(30)).to_string().into();
        self.order["deliveries"] = json!([{"shipped_at": sent.to_string()}]);
        self
    }

    pub fn order_discount(mut self, amount: &str) -> Self {
        self.order["discounts"] = json!([{"code": "OFF", "amount": amount}]);
        self
    }

    /// So many units of another line of the order come back too.
    pub fn and(mut self, line: &str, units: u32) -> Self {
        self.others.push((line.into(), units));
        self
    }

    /// Paid for what comes back with it of other orders, minor units.
    pub fn beside(mut self, minor: i64) -> Self {
        self.beside = minor;
        self
    }

    pub fn asked(mut self, day: &str) -> Self {
        self.asked = Some(day.into());
        self
    }

    pub fn reason(mut self, reason: &str) -> Self {
        let mut parts = reason.split('/');
        self.reason = Some((parts.next().unwrap().into(), parts.next().map(Into::into)));
        self
    }

    pub fn condition(mut self, condition: &str) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// Nobody says what state it is in.
    pub fn condition_untold(mut self) -> Self {
        self.condition = None;
        self
    }

    pub fn wish(mut self, resolution: Resolution) -> Self {
        self.resolution = Some(resolution);
        self
    }

    pub fn method(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    pub fn photos(mut self, photos: usize) -> Self {
        self.photos = photos;
        self
    }

    pub fn prior_returns(mut self, returns: u32) -> Self {
        self.prior_returns = returns;
        self
    }

    /// It was repaired so often before because the shop answers for it.
    pub fn repaired(mut self, times: usize) -> Self {
        self.repairs = times;
        self
    }

    pub fn now(&self) -> Timestamp {
        match &self.asked {
            Some(day) => {
                let noon = day.parse::<jiff::civil::Date>().unwrap().at(12, 0, 0, 0);
                self.policy.time_zone.to_timestamp(noon).unwrap()
            }
            None => self.order["deliveries"][0]["delivered_at"].as_str().unwrap().parse().unwrap(),
        }
    }

    /// Judges, settles, and hands all of it to `look`.
    pub fn with<T>(&self, look: impl FnOnce(&Policy, &Case<'_>, &[LineVerdict<'_>], Settlement) -> T) -> T {
        let document: OrderDocument = serde_json::from_value(self.order.clone()).unwrap();
        let order = Order::parse(&document).unwrap();
        let tree = ReasonTree::default();
        let category = order.lines[0].category.as_ref();
        let chosen = self.reason.as_ref().map(|(reason, sub)| tree.choose(reason, sub.as_deref(), category).unwrap());
        let asked = |line: &str, quantity: u32| CaseLine {
            line: line.parse().unwrap(),
            quantity,
            reason: chosen.clone(),
            condition: self.condition.as_deref().map(|condition| condition.parse().unwrap()),
            resolution: self.resolution,
            evidence: vec![domain::policy::EvidenceKind::Photo; self.photos],
            law: domain::policy::SaidOfLaw::default(),
        };
        let mut lines = vec![asked("1", self.quantity)];
        lines.extend(self.others.iter().map(|(line, units)| asked(line, *units)));
        let repaired = vec!["1".parse().unwrap(); self.repairs];
        let history = History { prior_returns: self.prior_returns, beside: self.beside, repaired, ..History::default() };
        let case = Case {
            order: &order,
            history: &history,
            lines: &lines,
            method: self.method,
            withdrawal: false,
            return_region: self.return_region.as_deref(),
            proof: self.proof.as_ref(),
        };
        let verdict = judge(self.policy, &case, self.now());
        let claims = claims(&case, &verdict.lines);
        let freight = freight_charge(claims.iter().map(|claim| &claim.terms)).unwrap_or(0);
        let settled = books(&order, self.policy.gifts, &[], &[Part { claims, freight, ..Part::default() }]).parts.remove(0);
        look(self.policy, &case, &verdict.lines, settled)
    }

    /// The verdict on the item, without its borrowed rules.
    pub fn judge(&self) -> Said {
        self.with(|policy, case, verdicts, _| {
            let verdict = &verdicts[0];
            Said {
                decision: verdict.decision,
                window: Window { state: verdict.window.state },
                payer: verdict.payer,
                outbound: verdict.outbound,
                methods: verdict.methods.clone(),
                evidence: verdict.evidence.iter().map(|effect| (effect.ask, effect.of)).collect(),
                review: verdict.review,
                sentences: verdict.sentences(policy, case),
            }
        })
    }

    pub fn offers(&self) -> Vec<Resolution> {
        self.with(|_, _, verdicts, _| verdicts[0].offers.iter().map(|offer| offer.resolution).collect())
    }

    /// What is granted for `resolution`, and every summand but the goods, by kind.
    pub fn refund_of(self, resolution: Resolution) -> (i64, Vec<(&'static str, i64)>) {
        self.wish(resolution).with(|_, _, _, settled| {
            let rest = settled
                .receipt
                .iter()
                .filter(|line| !matches!(line.kind, ReceiptKind::Goods { .. }))
                .map(|line| (name(&line.kind), line.amount));
            (settled.expected, rest.collect())
        })
    }
}

pub struct Said {
    pub decision: Decision,
    pub window: Window,
    pub payer: domain::policy::Payer,
    pub outbound: domain::policy::OutboundRefund,
    pub methods: Vec<(Method, i64)>,
    pub evidence: Vec<(domain::policy::EvidenceKind, domain::policy::EvidenceOf)>,
    pub review: Option<domain::policy::ReviewGround>,
    pub sentences: Vec<Sentence>,
}

pub struct Window {
    pub state: domain::policy::WindowState,
}

pub fn name(kind: &ReceiptKind) -> &'static str {
    match kind {
        ReceiptKind::Goods { .. } => "goods",
        ReceiptKind::LineDiscount { .. } => "line discount",
        ReceiptKind::OrderDiscount { .. } => "order discount",
        ReceiptKind::UnlistedDiscount => "unlisted discount",
        ReceiptKind::Tax { .. } => "tax",
        ReceiptKind::Fee { .. } => "fee",
        ReceiptKind::KeptItem { .. } => "kept item",
        ReceiptKind::ExchangedItem { .. } => "exchanged_item",
        ReceiptKind::NewItem { .. } => "new_item",
        ReceiptKind::Deduction { .. } => "deduction",
        ReceiptKind::GiftKept { .. } => "gift kept",
        ReceiptKind::Shipping => "shipping",
        ReceiptKind::Duties => "duties",
        ReceiptKind::OtherCharges => "other charges",
        ReceiptKind::Freight => "freight",
        ReceiptKind::PriceProtection { .. } => "price_protection",
        ReceiptKind::Collected => "collected",
        ReceiptKind::Cap => "cap",
    }
}
