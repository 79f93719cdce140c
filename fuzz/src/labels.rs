//! A label that bears whatever somebody is called and whatever was bought.

use app::format::Format;
use app::say::Say;
use domain::order::Address;
use domain::policy::Method;
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use server::labels::{Content, Label, LabelSize, label_pdf};

/// One line of the text for each place on the label; every size of it is a document.
pub fn attack(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.lines().map(str::to_owned);
    let mut next = || lines.next().unwrap_or_default();
    let now = Timestamp::from_second(1_790_000_000).unwrap();
    let locale = Locale::ALL[data.len() % Locale::ALL.len()];
    let address = Address { name: Some(next()), line1: Some(next()), city: Some(next()), ..Address::default() };
    let label = Label {
        say: Say::new(Format::new(locale, TimeZone::UTC, now)),
        shop: next(),
        phone: Some(next()),
        to: address.clone(),
        to_latin: Some(address.clone()),
        from: Some(Address { region: Some(next()), postal_code: Some(next()), ..address }),
        rma: RmaNumber::from_random(7).unwrap(),
        tracking_number: "HB0000000001".to_owned(),
        sscc: false,
        method: Method::DropOff,
        pickup: None,
        expires_at: now,
        contents: (0..3).map(|place| Content { name: next(), variant: Some(next()), units: place }).collect(),
        address: "https://returns.example".to_owned(),
    };
    for size in LabelSize::ALL {
        assert!(label_pdf(&label, size).unwrap().starts_with(b"%PDF-"), "{size:?}");
    }
}
