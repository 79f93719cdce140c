//! The label of a return, drawn when it is asked for.

use app::format::Format;
use app::say::Say;
use domain::order::Address;
use domain::returns::{LotNo, Parcel, Reception, Return, ReturnLine, stock_here};
use domain::words::Locale;

use super::Services;
use crate::carriers::OwnLabels;
use crate::config::Config;
use crate::labels::{Content, Label, LabelError, LabelSize, Putaway, label_pdf, putaway_pdf};
use crate::objects::ObjectsError;
use crate::store::StoreError;

/// Why there is no label.
#[derive(Debug, thiserror::Error)]
pub enum NoLabel {
    /// The return has none.
    #[error("this return has no label")]
    None,
    /// It cannot be drawn.
    #[error(transparent)]
    Drawing(#[from] LabelError),
    /// What a carrier made is not where it was put.
    #[error("the carrier's label is not among the files")]
    Lost,
    /// The place for files.
    #[error(transparent)]
    Objects(#[from] ObjectsError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
}

impl Services {
    /// The label as PDF: the carrier's, where it was bought; else one of our own, in a reader's language.
    pub async fn label_pdf(&self, request: &Return, locale: Locale, size: LabelSize) -> Result<Vec<u8>, NoLabel> {
        if let Some(file) = request.parcel().and_then(|parcel| parcel.file.as_ref()) {
            return Ok(self.objects.get(file).await?.ok_or(NoLabel::Lost)?.into());
        }
        let say = Say::new(Format::new(locale, self.shop_zone(), self.clock.now()));
        let label = label_of(request, &self.config, say).ok_or(NoLabel::None)?;
        // Fonts and shapes take milliseconds: other requests go on meanwhile.
        let drawn = tokio::task::spawn_blocking(move || label_pdf(&label, size)).await;
        drawn.map_err(|_| NoLabel::Stopping)?.map_err(NoLabel::from)
    }
}

impl Services {
    /// What is stuck on goods of a lot that came, to carry them to where they go, in a reader's language. For people at work.
    pub async fn putaway_pdf(&self, request: &Return, lot: LotNo, locale: Locale) -> Result<Vec<u8>, NoLabel> {
        let say = Say::new(Format::new(locale, self.shop_zone(), self.clock.now()));
        let label = putaway_of(request, lot, &self.config, say).ok_or(NoLabel::None)?;
        let drawn = tokio::task::spawn_blocking(move || putaway_pdf(&label)).await;
        drawn.map_err(|_| NoLabel::Stopping)?.map_err(NoLabel::from)
    }
}

/// The label of a lot in a reader's words. Nothing where its goods did not come.
fn putaway_of(request: &Return, lot: LotNo, config: &Config, say: Say) -> Option<Putaway> {
    let m = say.m;
    let (line, lot) = request.lots().find(|(_, known)| known.id == lot)?;
    if lot.state.reception != Reception::Received {
        return None;
    }
    let asked = &line.asked;
    let lies = stock_here(request).into_iter().find(|here| here.lot == lot.id);
    let name = match &asked.variant {
        Some(variant) => m.format_aside(&asked.name, variant),
        None => asked.name.clone(),
    };
    let facts = [
        Some((m.putaway_sku(), asked.sku.to_string())),
        Some((m.putaway_units(), say.f.number(lot.units))),
        lot.grade.map(|grade| (m.dock_grade(), grade.to_string())),
        lies.as_ref().and_then(|here| here.to).map(|state| (m.putaway_lies(), say.stock_state(state).to_owned())),
        lies.and_then(|here| here.warehouse).map(|warehouse| (m.dock_warehouse(), warehouse)),
    ];
    Some(Putaway {
        rma: request.rma,
        lot: lot.id,
        place: say.disposition(lot.state.disposition).to_owned(),
        name: say.units_of(&name, lot.units),
        facts: facts.into_iter().flatten().map(|(name, value)| (name.to_owned(), value)).collect(),
        address: config.page_in(m.locale, &format!("/staff/returns/{}", request.rma)),
        say,
    })
}

/// The label of a return's parcel in a reader's words. Nothing where no parcel has a label yet.
fn label_of(request: &Return, config: &Config, say: Say) -> Option<Label> {
    let parcel = request.parcel()?;
    let from = request.from.clone().or_else(|| request.contact.name.clone().map(|name| Address { name: Some(name), ..Address::default() }));
    let packed = |line: &&ReturnLine| line.is_approved() && line.asked.sends_back();
    let contents = request.live_lines().filter(packed).map(|line| Content {
        name: line.asked.name.clone(),
        variant: line.asked.variant.clone(),
        units: request.units_held(line),
    });
    Some(Label {
        shop: config.shop.name.get(say.m.locale).unwrap_or_default().to_owned(),
        phone: config.shop.phone.clone(),
        // A setting that cannot be parsed stops the server's start.
        to: Address::parse(&config.shop.address).unwrap_or_default(),
        from,
        to_latin: config.shop.address_latin.as_ref().and_then(|address| Address::parse(address).ok()),
        rma: request.rma,
        sscc: is_sscc(parcel),
        tracking_number: parcel.tracking_number.clone(),
        method: request.method,
        pickup: request.pickup.clone(),
        expires_at: parcel.expires_at,
        contents: contents.collect(),
        address: config.page_in(say.m.locale, &format!("/returns/{}", request.rma)),
        say,
    })
}

/// 18 digits of the built-in carrier are a serial shipping container code; another carrier's may be anything.
fn is_sscc(parcel: &Parcel) -> bool {
    parcel.carrier == OwnLabels::CODE
        && parcel.tracking_number.len() == 18
        && parcel.tracking_number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use app::format::Format;
    use domain::returns::{Event, Opening};
    use domain::rma::RmaNumber;
    use jiff::tz::TimeZone;
    use serde_json::json;

    use super::*;

    const NOON: &str = "2026-11-21T12:00:00Z";

    fn say() -> Say {
        Say::new(Format::new(Locale::En, TimeZone::UTC, NOON.parse().unwrap()))
    }

    fn returned(from: serde_json::Value) -> Return {
        let line = |id: &str, resolution: &str, verdict: &str| {
            json!({
                "order": "10248", "line": id, "sku": id, "name": id, "variant": "M", "quantity": 2, "reason": "size", "fault": "customer",
                "resolution": resolution, "verdict": verdict, "why": [],
            })
        };
        let opening: Opening = serde_json::from_value(json!({
            "rma": RmaNumber::from_random(1), "opened_at": NOON, "channel": "web", "locale": "en", "contact": { "name": "Anna Berg" },
            "from": from, "orders": [], "method": "drop_off",
            "lines": [line("shirt", "refund", "approved"), line("stool", "keep_refund", "approved"), line("tea", "refund", "declined")],
            "promises": { "label": NOON, "sent": NOON, "arrived": NOON, "inspected": NOON, "refunded": NOON },
        }))
        .unwrap();
        Return::from_events(&Return::open(opening)).unwrap()
    }

    fn with_parcel(carrier: &str, number: &str) -> Label {
        let mut request = returned(json!(null));
        for tracking_number in ["HB1", number] {
            let (issued_at, expires_at) = (NOON.parse().unwrap(), NOON.parse().unwrap());
            let (carrier, tracking_number) = (carrier.into(), tracking_number.into());
            let (contents, scans, reference, file) = (Vec::new(), Vec::new(), None, None);
            let parcel = Parcel { carrier, tracking_number, reference, file, voided: false, issued_at, expires_at, contents, scans };
            request.evolve(&Event::LabelIssued { parcel, promises: None });
        }
        label_of(&request, &Config::default(), say()).unwrap()
    }

    #[test]
    fn a_return_without_a_parcel_has_no_label() {
        assert!(label_of(&returned(json!(null)), &Config::default(), say()).is_none());
    }

    #[test]
    fn the_last_parcel_counts_and_only_what_comes_back_is_packed() {
        let label = with_parcel("own", "HB2");
        assert_eq!(label.tracking_number, "HB2");
        assert_eq!(label.contents, [Content { name: "shirt".into(), variant: Some("M".into()), units: 2 }]);
        assert_eq!(label.address, format!("http://127.0.0.1:3000/returns/{}", label.rma));
        assert_eq!((label.shop.as_str(), label.from.unwrap().name.as_deref()), ("Linden & Co.", Some("Anna Berg")));
        assert_eq!(label.to.postal_code.as_deref(), Some("310051"));
    }

    #[test]
    fn eighteen_digits_are_an_sscc_only_where_we_made_them() {
        assert!(with_parcel("own", "040123450000000016").sscc);
        assert!(!with_parcel("own", "HB7KQ4M2XD01").sscc);
        assert!(!with_parcel("post", "040123450000000016").sscc);
    }

    #[test]
    fn the_country_is_named_across_a_border_only() {
        let mut label = with_parcel("own", "HB2");
        let mut last = |country: &str| {
            label.from = Some(Address { country: country.parse().ok(), ..Address::default() });
            label.to_lines().pop().unwrap()
        };
        assert_eq!((last("DE").as_str(), last("CN").as_str()), ("CHINA", "椴木生活退货组 Linden & Co."));
    }
}
