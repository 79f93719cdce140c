//! The codes machines read: Code 128 or GS1-128 of the parcel's number, QR of the return's address.

use barcoders::sym::code128::Code128;
use qrcodegen::{QrCode, QrCodeEcc};

use super::error::LabelError;

/// Modules of white on either side of a bar code (ISO/IEC 15417).
pub(super) const BARS_QUIET: usize = 10;

/// A bar code: its modules from left to right, and the text that belongs below.
pub(super) struct Bars {
    pub dark: Vec<bool>,
    pub text: String,
}

impl Bars {
    /// Of any printable ASCII.
    pub fn code_128(number: &str) -> Result<Self, LabelError> {
        if number.is_empty() || !number.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(LabelError::TrackingNumber(number.to_owned()));
        }
        Self::encode(&with_code_sets(number), number.to_owned())
    }

    /// Of a serial shipping container code: GS1-128 with AI 00 (GS1 General Specifications, section 3.2).
    pub fn gs1_128(sscc: &str) -> Result<Self, LabelError> {
        if sscc.len() != 18 || !sscc.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(LabelError::TrackingNumber(sscc.to_owned()));
        }
        // FNC1 first says that it is GS1's.
        Self::encode(&format!("{SET_C}{FNC1}00{sscc}"), format!("(00) {sscc}"))
    }

    fn encode(data: &str, text: String) -> Result<Self, LabelError> {
        let code = Code128::new(data).map_err(|_| LabelError::TrackingNumber(text.clone()))?;
        Ok(Self { dark: code.encode().into_iter().map(|module| module == 1).collect(), text })
    }

    /// The widest of `widths` (mm) at which it fits into `room` (mm) with its quiet zones.
    pub fn module(&self, room: f32, widths: &[f32]) -> Option<f32> {
        let modules = (self.dark.len() + 2 * BARS_QUIET) as f32;
        widths.iter().copied().filter(|width| width * modules <= room).reduce(f32::max)
    }

    /// Start and length of each bar, in modules.
    pub fn bars(&self) -> Vec<(usize, usize)> {
        stretches(self.dark.iter().copied())
    }
}

// How barcoders writes code sets and function characters.
const SET_B: char = 'Ɓ';
const SET_C: char = 'Ć';
const FNC1: char = 'Ź';

/// Set C takes two digits at a time: worth changing to for four or more at either end, six or more in between (ISO/IEC 15417).
fn with_code_sets(number: &str) -> String {
    let mut data = String::new();
    let mut set = None;
    let mut rest = number;
    while let Some(first) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let at_an_end = data.is_empty() || digits == rest.len();
        let pairs = if digits >= if at_an_end { 4 } else { 6 } { digits / 2 } else { 0 };
        // An odd digit goes before the pairs where set B is left for them, after them where the code starts with them.
        let (wanted, taken) = match (pairs, digits % 2, data.is_empty()) {
            (0, _, _) => (SET_B, first.len_utf8()),
            (_, 1, false) if set == Some(SET_B) => (SET_B, 1),
            _ => (SET_C, pairs * 2),
        };
        if set != Some(wanted) {
            data.push(wanted);
            set = Some(wanted);
        }
        data.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    data
}

/// A QR code (ISO/IEC 18004), level M or better where it fits, else L.
pub(super) struct Qr {
    code: QrCode,
    /// Length of one module in mm.
    pub module: f32,
}

/// Modules of white around a QR code (ISO/IEC 18004); layouts keep them.
#[cfg(test)]
pub(super) const QR_QUIET: usize = 4;

/// Below this a phone's camera has trouble (mm).
const QR_SMALLEST: f32 = 0.5;

impl Qr {
    /// At most `side` mm wide, without its quiet zone. Modules are whole dots of a thermal printer (8 in a mm).
    pub fn new(text: &str, side: f32) -> Result<Self, LabelError> {
        let levels = [QrCodeEcc::Medium, QrCodeEcc::Low];
        let codes = levels.into_iter().filter_map(|level| QrCode::encode_text(text, level).ok());
        let sized = codes.map(|code| Self { module: (side / code.size() as f32 * 8.0).floor() / 8.0, code });
        sized.into_iter().find(|qr| qr.module >= QR_SMALLEST).ok_or_else(|| LabelError::Address(text.to_owned()))
    }

    /// Width in mm.
    pub fn side(&self) -> f32 {
        self.code.size() as f32 * self.module
    }

    /// Column, row and length of each horizontal stretch of dark modules.
    pub fn stretches(&self) -> Vec<(usize, usize, usize)> {
        let size = self.code.size();
        let row = |y: i32| stretches((0..size).map(move |x| self.code.get_module(x, y)));
        (0..size).flat_map(|y| row(y).into_iter().map(move |(start, length)| (start, y as usize, length))).collect()
    }
}

fn stretches(dark: impl Iterator<Item = bool>) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (place, _) in dark.enumerate().filter(|(_, dark)| *dark) {
        match found.last_mut() {
            Some((start, length)) if *start + *length == place => *length += 1,
            _ => found.push((place, 1)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_packed_in_pairs_where_that_is_shorter() {
        for (number, data) in [
            ("HB7KQ4M2XD01", "ƁHB7KQ4M2XD01"),
            ("123456", "Ć123456"),
            ("12345", "Ć1234Ɓ5"),
            ("AB1234", "ƁABĆ1234"),
            ("AB12345", "ƁAB1Ć2345"),
            ("A123456B", "ƁAĆ123456ƁB"),
            ("A12345B", "ƁA12345B"),
            ("123", "Ɓ123"),
        ] {
            assert_eq!(with_code_sets(number), data, "{number}");
        }
    }

    #[test]
    fn a_number_no_bar_code_can_hold_is_refused() {
        for number in ["", "快递 1", "a\u{7f}", "Źx"] {
            assert!(matches!(Bars::code_128(number), Err(LabelError::TrackingNumber(_))), "{number}");
        }
        for number in ["", "12345678901234567", "12345678901234567a"] {
            assert!(matches!(Bars::gs1_128(number), Err(LabelError::TrackingNumber(_))), "{number}");
        }
    }

    #[test]
    fn bars_are_as_wide_as_the_room_allows_and_never_too_thin() {
        let bars = Bars::code_128("HB7KQ4M2XD01").unwrap();
        assert_eq!(bars.dark.len(), 11 * 14 + 13);
        assert_eq!(bars.module(97.0, &[0.5, 0.25]), Some(0.5));
        assert_eq!(bars.module(60.0, &[0.5, 0.25]), Some(0.25));
        assert_eq!(bars.module(40.0, &[0.5, 0.25]), None);
        assert_eq!(Bars::gs1_128("040123450000000016").unwrap().dark.len(), 11 * 13 + 13);
    }

    #[test]
    fn an_address_too_long_for_a_readable_qr_code_is_refused() {
        assert!(Qr::new(&"x".repeat(150), 27.0).is_ok());
        assert!(matches!(Qr::new(&"x".repeat(400), 27.0), Err(LabelError::Address(_))));
        assert!(matches!(Qr::new(&"x".repeat(9_000), 270.0), Err(LabelError::Address(_))));
    }
}
