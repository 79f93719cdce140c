//! What is on a label, and the PDF of it.

use app::say::Say;
use domain::order::Address;
use domain::policy::Method;
use domain::returns::{Parcel, Pickup, Return, ReturnLine};
use domain::rma::RmaNumber;
use jiff::Timestamp;
use serde::Deserialize;

use super::codes::Bars;
use super::face::{self, Codes};
use super::layout::Layout;
use super::packing::{self, Lists};
use super::sheet::Paper;
use crate::carriers::OwnLabels;
use crate::config::Config;

/// How a label is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LabelSize {
    /// 105 × 148 mm: label printers, half of an A5 sticker sheet.
    A6,
    /// 210 × 297 mm: the label in the upper half, what to do and what to pack below the fold.
    A4,
    /// A4 with large type (N11): the label on the first page, what to do and what to pack on the next.
    Large,
}

impl LabelSize {
    /// All of them.
    pub const ALL: [LabelSize; 3] = [LabelSize::A6, LabelSize::A4, LabelSize::Large];
}

/// Everything on a label.
#[derive(Clone, Debug)]
pub struct Label {
    /// Language, dates.
    pub say: Say,
    /// The shop's name in that language.
    pub shop: String,
    /// The shop's phone: some carriers call before they deliver.
    pub phone: Option<String>,
    /// Where the parcel goes.
    pub to: Address,
    /// Where it comes from.
    pub from: Option<Address>,
    /// The return.
    pub rma: RmaNumber,
    /// The parcel's number.
    pub tracking_number: String,
    /// The number is a serial shipping container code: its bar code is GS1-128.
    pub sscc: bool,
    /// How it travels.
    pub method: Method,
    /// When the door is called at.
    pub pickup: Option<Pickup>,
    /// The label works until then.
    pub expires_at: Timestamp,
    /// What is in the parcel.
    pub contents: Vec<Content>,
    /// The return's page, for the QR code.
    pub address: String,
}

/// Some units of a product in the parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Product.
    pub name: String,
    /// Size, colour.
    pub variant: Option<String>,
    /// Units.
    pub units: u32,
}

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum LabelError {
    /// A parcel's number that no bar code of this size can hold.
    #[error("the parcel number `{0}` does not fit into the label's bar code")]
    TrackingNumber(String),
    /// An address that no QR code of this size can hold.
    #[error("the address `{0}` is too long for the label's QR code: choose a shorter public_url")]
    Address(String),
    /// The PDF could not be written.
    #[error("the label's PDF cannot be written: {0}")]
    Pdf(String),
}

/// Whether the label of a return can be printed.
pub fn has_label(request: &Return) -> bool {
    request.parcel().is_some() && request.lines.iter().any(ReturnLine::is_approved)
}

impl Label {
    /// The label of a return's parcel in a reader's words. Nothing where no parcel has a label yet.
    #[must_use]
    pub fn of(request: &Return, config: &Config, say: Say) -> Option<Self> {
        let parcel = request.parcel()?;
        let from =
            request.from.clone().or_else(|| request.contact.name.clone().map(|name| Address { name: Some(name), ..Address::default() }));
        let packed = |line: &&ReturnLine| line.is_approved() && line.asked.sends_back();
        let contents = request.live_lines().filter(packed).map(|line| Content {
            name: line.asked.name.clone(),
            variant: line.asked.variant.clone(),
            units: request.units_held(line),
        });
        Some(Self {
            shop: config.shop.name.get(say.m.locale).unwrap_or_default().to_owned(),
            phone: config.shop.phone.clone(),
            // A setting that cannot be parsed stops the server's start.
            to: Address::parse(&config.shop.address).unwrap_or_default(),
            from,
            rma: request.rma,
            sscc: is_sscc(parcel),
            tracking_number: parcel.tracking_number.clone(),
            method: request.method,
            pickup: request.pickup.clone(),
            expires_at: parcel.expires_at,
            contents: contents.collect(),
            address: format!("{}/returns/{}", config.public_url, request.rma),
            say,
        })
    }

    /// The parcel's number as bars.
    pub(super) fn bars(&self) -> Result<Bars, LabelError> {
        if self.sscc { Bars::gs1_128(&self.tracking_number) } else { Bars::code_128(&self.tracking_number) }
    }

    /// The lines of the address the parcel goes to. Across a border its country is named, whatever its country's habit.
    pub(super) fn to_lines(&self) -> Vec<String> {
        let mut lines = self.say.f.address(&self.to);
        if let (Some(to), Some(from)) = (self.to.country, self.from.as_ref().and_then(|from| from.country))
            && to != from
            && lines.last().is_none_or(|last| *last != to.to_string())
        {
            lines.push(to.to_string());
        }
        lines
    }
}

/// The PDF of a label: tagged, in its language, real text (PDF/UA-1). Takes some milliseconds of computing: not for an async task.
pub fn label_pdf(label: &Label, size: LabelSize) -> Result<Vec<u8>, LabelError> {
    let mut paper = Paper::new(label.say.m.locale);
    let layout = match size {
        LabelSize::A6 => &Layout::A6,
        LabelSize::A4 => &Layout::A4,
        LabelSize::Large => &Layout::LARGE,
    };
    let codes = Codes::of(label, layout)?;
    match size {
        LabelSize::A6 => paper.page(Paper::A6, |sheet| face::draw(sheet, label, layout, &codes))?,
        LabelSize::A4 => {
            let next = paper.page(Paper::A4, |sheet| {
                face::draw(sheet, label, layout, &codes);
                face::fold(sheet, label);
                packing::draw(sheet, label, &Lists::A4, true)
            })?;
            packing::further_pages(&mut paper, label, &Lists::A4, next)?;
        }
        LabelSize::Large => {
            paper.page(Paper::A4, |sheet| face::draw(sheet, label, layout, &codes))?;
            let next = paper.page(Paper::A4, |sheet| packing::draw(sheet, label, &Lists::LARGE, false))?;
            packing::further_pages(&mut paper, label, &Lists::LARGE, next)?;
        }
    }
    paper.finish(&format!("{} {} · {}", label.say.m.label_title(), label.rma, label.shop))
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
    use domain::words::Locale;
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
            let parcel = Parcel { carrier, tracking_number, issued_at, expires_at, contents: Vec::new(), scans: Vec::new() };
            request.evolve(&Event::LabelIssued { parcel, promises: None });
        }
        Label::of(&request, &Config::default(), say()).unwrap()
    }

    #[test]
    fn a_return_without_a_parcel_has_no_label() {
        assert!(Label::of(&returned(json!(null)), &Config::default(), say()).is_none());
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
        assert_eq!((last("DE").as_str(), last("CN").as_str()), ("CN", "椴木生活退货组 Linden & Co."));
    }
}
