//! An order of the demo shop, told in a few words.

use domain::order::{Order, OrderDocument};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::people::Person;

/// An order of the demo shop, and what it shows.
pub struct Demo {
    pub number: &'static str,
    /// What it shows, in one sentence.
    pub zh: &'static str,
    pub en: &'static str,
    /// Among the first that the front page names.
    pub highlight: bool,
    buyer: Person,
    /// Days ago.
    ordered: i64,
    /// Days ago; none: not there yet.
    delivered: Option<i64>,
    means: &'static str,
    items: Vec<Item>,
    parcels: Vec<Parcel>,
    more: Value,
}

/// A product in an order.
pub struct Item {
    line: Value,
}

/// Some lines that arrived together.
pub struct Parcel {
    /// Days ago.
    pub delivered: i64,
    /// Line and units.
    pub lines: &'static [(&'static str, u32)],
}

/// What `buyer` ordered and received so many days ago.
pub fn demo(number: &'static str, buyer: Person, ordered: i64, delivered: i64) -> Demo {
    let means = buyer.means;
    let delivered = Some(delivered);
    Demo {
        number,
        zh: "",
        en: "",
        highlight: false,
        buyer,
        ordered,
        delivered,
        means,
        items: Vec::new(),
        parcels: Vec::new(),
        more: json!({}),
    }
}

pub fn item(sku: &str, name: &str, variant: &str, category: &str, price: &str) -> Item {
    Item { line: json!({"sku": sku, "name": name, "variant": variant, "category": category, "quantity": 1, "unit_price": price}) }
}

impl Item {
    pub fn units(self, units: u32) -> Self {
        self.with(json!({"quantity": units}))
    }

    /// The picture of that name in `public/demo`.
    pub fn drawn(self, picture: &str) -> Self {
        self.with(json!({"image": format!("/demo/{picture}.svg")}))
    }

    pub fn tagged(self, tag: &str) -> Self {
        self.with(json!({"tags": [tag]}))
    }

    pub fn guaranteed(self, months: u32) -> Self {
        self.with(json!({"warranty_months": months}))
    }

    /// Given for nothing with the item of that line.
    pub fn gift_with(self, line: &str, price: &str) -> Self {
        self.with(json!({"gift_with": line, "discount": price}))
    }

    pub fn with(mut self, more: Value) -> Self {
        merge(&mut self.line, more);
        self
    }
}

impl Demo {
    pub fn shows(mut self, zh: &'static str, en: &'static str) -> Self {
        (self.zh, self.en) = (zh, en);
        self
    }

    pub fn of(mut self, items: impl IntoIterator<Item = Item>) -> Self {
        self.items = items.into_iter().collect();
        self
    }

    /// One of those that the front page names first.
    pub fn first(mut self) -> Self {
        self.highlight = true;
        self
    }

    pub fn under_way(mut self) -> Self {
        self.delivered = None;
        self
    }

    pub fn paid_by(mut self, means: &'static str) -> Self {
        self.means = means;
        self
    }

    pub fn in_parcels(mut self, parcels: impl IntoIterator<Item = Parcel>) -> Self {
        self.parcels = parcels.into_iter().collect();
        self
    }

    pub fn with(mut self, more: Value) -> Self {
        merge(&mut self.more, more);
        self
    }

    /// What finds it besides its number: the mail address, or the phone number of who has none.
    pub fn contact(&self) -> &'static str {
        self.buyer.email.unwrap_or(self.buyer.phone)
    }

    /// The order as a shop would send it at `now`.
    pub fn document(self, now: Timestamp) -> serde_json::Result<OrderDocument> {
        let number = self.number;
        let deliveries = self.deliveries(now);
        let lines = self.items.into_iter().enumerate().map(|(place, item)| {
            let mut line = item.line;
            merge(&mut line, json!({"id": (place + 1).to_string()}));
            line
        });
        let mut order = json!({
            "number": number, "placed_at": ago(now, self.ordered, 3), "currency": self.buyer.currency, "channel": "web",
            "customer": self.buyer.customer(), "ship_to": self.buyer.home, "lines": lines.collect::<Vec<_>>(), "shipping": "10.00",
            "deliveries": deliveries,
        });
        merge(&mut order, self.more);
        let mut document: OrderDocument = serde_json::from_value(order)?;
        // What was captured is what the order comes to.
        if let (true, Ok(order)) = (document.payments.is_empty(), Order::parse(&document)) {
            let amount = order.money(order.computed_total()).decimal();
            document.payments = vec![serde_json::from_value(json!({
                "id": format!("pi_{number}"), "method": self.means, "amount": amount,
                "card_ending": (self.means == "card").then_some("4242"),
            }))?];
        }
        Ok(document)
    }

    fn deliveries(&self, now: Timestamp) -> Vec<Value> {
        let shipped = ago(now, self.ordered - 1, 0);
        let parcel = |place: usize, delivered: Option<i64>, lines: &[(&str, u32)]| {
            let lines: Vec<Value> = lines.iter().map(|(id, quantity)| json!({"id": id, "quantity": quantity})).collect();
            json!({"id": format!("d{place}"), "lines": lines, "shipped_at": shipped, "delivered_at": delivered.map(|days| ago(now, days, 0)),
                "warehouse": "HZ1", "carrier": "sf", "tracking_number": format!("SF{}000{place}", self.number), "picker": "p07", "packer": "k03"})
        };
        if self.parcels.is_empty() {
            return vec![parcel(1, self.delivered, &[])];
        }
        self.parcels.iter().enumerate().map(|(place, sent)| parcel(place + 1, Some(sent.delivered), sent.lines)).collect()
    }
}

/// So many days and hours ago.
fn ago(now: Timestamp, days: i64, hours: i64) -> String {
    (now - SignedDuration::from_hours(days * 24 + hours)).to_string()
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}
