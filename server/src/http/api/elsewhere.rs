//! A return of something that was bought elsewhere, by machine (P24).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::{Code, EmailAddress, Sku};
use domain::money::{Amount, Currency};
use domain::order::{AddressDocument, BoughtElsewhere, LEAST_BOUGHT, MOST_UNITS_ELSEWHERE};
use domain::plain::one_line;
use domain::policy::local_day;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::asked::{CustomerIn, Fields, LineIn, PickupIn, ReturnIn, read, request_in};
use super::call::Call;
use super::problem::Problem;
use super::shapes::ReturnOut;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::services::{Helper, OpenError, web};

/// Characters of a name.
const LONGEST: usize = 200;

/// What was bought, and where.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Bought)]
pub struct BoughtIn {
    /// The shop that sold it.
    #[schema(min_length = 1, max_length = 200)]
    pub shop: String,
    /// The day on which it was bought, as on the receipt: `2026-10-05`; not in the future.
    #[schema(format = Date)]
    pub on: String,
    /// What it is called.
    #[schema(min_length = 1, max_length = 200)]
    pub item: String,
    /// As this shop knows it; left out: it does not.
    #[serde(default)]
    pub sku: Option<String>,
    /// As in orders: rules may ask for it.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub category: Option<String>,
    /// Units that were bought.
    #[schema(minimum = 1, maximum = 100)]
    pub quantity: u32,
    /// What one unit cost there, tax and all.
    #[schema(schema_with = price)]
    pub unit_price: Amount,
    /// ISO 4217.
    #[schema(pattern = "^[A-Za-z]{3}$")]
    pub currency: String,
}

fn price() -> utoipa::openapi::Ref {
    utoipa::openapi::Ref::from_schema_name("Amount")
}

/// Whose it is.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = BoughtBy)]
pub struct BoughtByIn {
    /// Their name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Mail address: who has the credit, and hears of it.
    #[schema(max_length = 254, pattern = r"^[0-9A-Za-z!#$%&'*+/=?^_`{|}~.-]{1,64}@([0-9A-Za-z-]{1,63}\.)+[0-9A-Za-z-]{1,63}$")]
    pub email: String,
}

/// A request for a return of something that was bought elsewhere, version 1.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ReturnElsewhere, examples(json!({
    "bought": {"shop": "Teehaus am Markt", "on": "2026-10-05", "item": "Kettle", "category": "kitchen", "quantity": 1, "unit_price": "49.00", "currency": "EUR"},
    "customer": {"name": "Anna Berg", "email": "anna@example.com"}, "channel": "counter", "proof": "receipt", "method": "self_ship",
    "lines": [{"line": "1", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "store_credit"}]
})))]
pub struct ElsewhereIn {
    pub bought: BoughtIn,
    pub customer: BoughtByIn,
    /// `counter`, `phone`, `chat`, …; left out: `api`.
    #[serde(default)]
    pub channel: Option<String>,
    /// What comes back of it, and why. The `line` of each is `1`; `order` is left out.
    #[schema(min_items = 1, max_items = 200)]
    pub lines: Vec<LineIn>,
    /// How it comes back; left out: the first that fits.
    #[serde(default)]
    pub method: Option<String>,
    /// When the door is called at.
    #[serde(default)]
    pub pickup: Option<PickupIn>,
    /// Language of the mails: `zh-CN`, `en`, `de`, `fr`, by the language alone (`de-AT` is `de`); left out: the shop's.
    #[serde(default)]
    pub locale: Option<String>,
    /// Where it comes from.
    #[serde(default)]
    #[schema(schema_with = super::asked::address)]
    pub from: Option<AddressDocument>,
    /// How the purchase was shown: rules may ask for it.
    #[serde(default)]
    pub proof: Option<String>,
}

impl ElsewhereIn {
    /// What was bought, with all that is wrong with it in `fields`; nothing where anything is.
    fn bought(&self, today: Date, fields: &mut Fields) -> Option<BoughtElsewhere> {
        let BoughtIn { shop, on, item, sku, category, quantity, unit_price, currency } = &self.bought;
        let mut text = |field: &str, text: &str| {
            let line = one_line(text, LONGEST);
            if line.is_empty() || text.chars().count() > LONGEST {
                fields.wrong(field, format!("has 1 to {LONGEST} characters"));
            }
            line
        };
        let (name, shop, item) = (text("customer.name", &self.customer.name), text("bought.shop", shop), text("bought.item", item));
        let email: Option<EmailAddress> = fields.parsed("customer.email", Some(&self.customer.email));
        let on: Option<Date> = on.parse().ok().filter(|day| (LEAST_BOUGHT..=today).contains(day));
        if on.is_none() {
            fields.wrong("bought.on", format!("is a day from {LEAST_BOUGHT} to {today}"));
        }
        let known: Option<Sku> = fields.parsed("bought.sku", sku.as_deref());
        if category.as_ref().is_some_and(|words| words.chars().count() > LONGEST) {
            fields.wrong("bought.category", format!("has at most {LONGEST} characters"));
        }
        if !(1..=MOST_UNITS_ELSEWHERE).contains(quantity) {
            fields.wrong("bought.quantity", format!("is between 1 and {MOST_UNITS_ELSEWHERE}"));
        }
        let currency: Option<Currency> = fields.parsed("bought.currency", Some(currency));
        let all = |currency: Currency| -> Result<i64, String> {
            let one = unit_price.minor(currency).map_err(|error| error.to_string())?;
            let all = Amount::from_minor(one.saturating_mul((*quantity).into()), currency).minor(currency);
            all.map_err(|error| error.to_string()).and_then(|all| if all < 0 { Err("is less than nothing".to_owned()) } else { Ok(all) })
        };
        if let Some(Err(wrong)) = currency.map(all) {
            fields.wrong("bought.unit_price", wrong);
        }
        Some(BoughtElsewhere {
            name,
            email: email?,
            shop,
            on: on?,
            item,
            sku: known,
            category: category.as_deref().and_then(|words| Code::from_words(&one_line(words, LONGEST))),
            units: *quantity,
            currency: currency?,
            price: *unit_price,
        })
    }

    /// The return of it that is asked for, of the order that it becomes.
    fn asked(self, order: String) -> ReturnIn {
        // Who asks is whose it is: of that order, there is nobody else.
        let (customer, Self { channel, lines, method, pickup, locale, from, proof, .. }) = (CustomerIn::default(), self);
        ReturnIn { orders: vec![order], customer, channel, lines, method, pickup, withdrawal: false, locale, from, proof }
    }
}

/// Open a return of something that another shop sold, for keys of scope `staff`: it is written down as an order of its own (`E-…`), which brings no money
/// and gives none back, and the policy's `elsewhere` rules say what may be had for it; where none does, a person decides. With `Idempotency-Key`, the same
/// request answers the same return, however often it is sent; without, each is another purchase. Where nothing may come back, nothing is opened (422,
/// `nothing-to-return`).
#[utoipa::path(
    post, path = "/v1/returns/elsewhere", operation_id = "open_return_elsewhere", tag = "returns", request_body = ElsewhereIn,
    params(("Idempotency-Key" = Option<String>, Header, description = "Names this request; at most 200 characters")),
    responses((status = 201, body = ReturnOut))
)]
pub async fn open(State(state): State<AppState>, desk: MachineDesk, call: Call, body: Bytes) -> Result<Response, Problem> {
    let given: ElsewhereIn = read(&body)?;
    let named = call.named(&desk.key, &body, StatusCode::CREATED)?;
    let name = named.as_ref().map_or_else(|| Uuid::now_v7().to_string(), |named| named.key.clone());
    let by = Helper {
        id: format!("key:{}", desk.key.name),
        name: desk.key.name.clone(),
        channel: given.channel.as_deref().map_or_else(|| Code::from_words("api"), Code::from_words).unwrap_or_else(web),
        proof: None,
    };
    let mut fields = Fields::default();
    let bought = given.bought(local_day(state.services.clock.now(), &state.services.shop_zone()), &mut fields);
    let order = state.services.number_elsewhere(&by, &name);
    let request = request_in(&given.asked(order), &desk.key, &mut fields);
    fields.checked()?;
    let bought = bought.ok_or_else(|| Problem::field("bought", "is not all there"))?;
    let opening = |error| Problem::of_opening(error, &call.say);
    if state.services.write_down(&bought, &name, &by, None).await?.is_none() {
        return Err(opening(OpenError::KeyReused));
    }
    let opened = state.services.open_return(request, desk.actor(), named).await;
    Ok(call.answer(opened.map_err(opening)?, StatusCode::CREATED))
}
