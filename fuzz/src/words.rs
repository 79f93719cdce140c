//! Single words: numbers of orders and returns, amounts, addresses, codes, languages.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use domain::ids::{Code, EmailAddress, LineId, OrderNumber, PhoneNumber, Sku};
use domain::money::{Amount, Currency};
use domain::rma::RmaNumber;
use domain::words::Locale;
use domain::written::{loose_number, slipped_numbers, typed_numbers};

/// What is written is read again as the same.
fn comes_back<T: FromStr<Err: Debug> + Display + PartialEq + Debug>(text: &str) -> Option<T> {
    let read: T = text.parse().ok()?;
    assert_eq!(read.to_string().parse::<T>().unwrap(), read, "{text:?}");
    Some(read)
}

/// Reads each as each.
pub fn attack(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    comes_back::<RmaNumber>(&text);
    comes_back::<Code>(&text);
    comes_back::<LineId>(&text);
    comes_back::<Sku>(&text);
    comes_back::<PhoneNumber>(&text);
    comes_back::<Locale>(&text);
    if let Some(number) = comes_back::<OrderNumber>(&text) {
        let loose = loose_number(number.as_str());
        assert_eq!(loose_number(&loose), loose, "it is its own");
        assert!(typed_numbers(number.as_str()).contains(&loose), "who types a number exactly finds it");
    }
    if let Some(email) = comes_back::<EmailAddress>(&text) {
        assert!(!email.masked().is_empty());
        assert!(!email.as_str().contains(['\r', '\n', '\0']));
    }
    let _ = (Code::from_words(&text), typed_numbers(&text), slipped_numbers(&text));
    let Some((currency, amount)) = text.split_once(' ') else { return };
    let (Ok(currency), Ok(amount)) = (currency.parse::<Currency>(), amount.parse::<Amount>()) else { return };
    let _ = amount.rounded_minor(currency);
    if let Ok(minor) = amount.minor(currency) {
        assert_eq!(Amount::from_minor(minor, currency).minor(currency), Ok(minor));
    }
}
