//! The shop's colour: its hue and chroma are kept, its lightness is chosen so that text on it, and in it, is always readable.

use color::{Oklch, OpaqueColor, Srgb};
use serde::{Deserialize, Deserializer, de};

/// The brand's colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colour {
    /// Degrees on the OKLCH wheel, 0 to 360.
    pub hue: f32,
    /// Chroma: 0 is grey; more than 0.13 is not shown by every screen at our lightness.
    pub chroma: f32,
}

/// Lightness of the brand where text on it is white (OKLCH).
const LIGHTNESS: f32 = 0.46;
const MOST_CHROMA: f32 = 0.13;

impl Colour {
    /// From red, green and blue.
    pub fn of(red: u8, green: u8, blue: u8) -> Self {
        let [_, chroma, hue] = OpaqueColor::<Srgb>::from_rgb8(red, green, blue).convert::<Oklch>().components;
        Self { hue: hue.rem_euclid(360.0), chroma: chroma.min(MOST_CHROMA) }
    }

    /// As buttons of mails have it: `#1d5c4d`.
    pub fn hex(self) -> String {
        let colour = OpaqueColor::<Oklch>::new([LIGHTNESS, self.chroma, self.hue]).to_rgba8();
        format!("#{:02x}{:02x}{:02x}", colour.r, colour.g, colour.b)
    }
}

/// `#1d5c4d` or, shorter, `#fff`; with its sign or without.
fn parse(text: &str) -> Option<[u8; 3]> {
    let digits: Vec<u8> =
        text.strip_prefix('#').unwrap_or(text).chars().map(|digit| Some(digit.to_digit(16)? as u8)).collect::<Option<_>>()?;
    match digits[..] {
        [red, green, blue] => Some([red * 17, green * 17, blue * 17]),
        [r1, r2, g1, g2, b1, b2] => Some([r1 * 16 + r2, g1 * 16 + g2, b1 * 16 + b2]),
        _ => None,
    }
}

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let [red, green, blue] = parse(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is not a colour such as #1d5c4d")))?;
        Ok(Self::of(red, green, blue))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_text_is_readable_on_every_brand() {
        for red in (0..=255).step_by(17) {
            for green in (0..=255).step_by(17) {
                for blue in (0..=255).step_by(17) {
                    let [r, g, b] = parse(&Colour::of(red, green, blue).hex()).unwrap();
                    // WCAG 2.1.
                    let contrast = 1.05 / (OpaqueColor::<Srgb>::from_rgb8(r, g, b).relative_luminance() + 0.05);
                    assert!(contrast >= 4.5, "#{red:02x}{green:02x}{blue:02x}: {contrast}");
                }
            }
        }
    }

    #[test]
    fn a_colour_is_read_in_both_lengths() {
        assert_eq!((parse("#1d5c4d"), parse("1D5C4D")), (Some([0x1d, 0x5c, 0x4d]), Some([0x1d, 0x5c, 0x4d])));
        assert_eq!((parse("#f0a"), parse("#1d5c4"), parse("+1d5c4"), parse("")), (Some([0xff, 0, 0xaa]), None, None, None));
        let ours = Colour::of(0x1d, 0x5c, 0x4d);
        assert!((ours.hue - 174.1).abs() < 0.5 && (ours.chroma - 0.069).abs() < 0.005, "{ours:?}");
    }
}
