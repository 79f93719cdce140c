//! The shop's colour: its hue and chroma are kept, its lightness is chosen so that text on it, and in it, is always readable.

use palette::{FromColor, Oklch, Srgb};
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
        let colour = Oklch::from_color(Srgb::new(red, green, blue).into_format::<f32>());
        Self { hue: colour.hue.into_positive_degrees(), chroma: colour.chroma.min(MOST_CHROMA) }
    }

    /// As buttons of mails have it: `#1d5c4d`.
    pub fn hex(self) -> String {
        let colour = Srgb::from_color(Oklch::new(LIGHTNESS, self.chroma, self.hue)).into_format::<u8>();
        format!("#{:02x}{:02x}{:02x}", colour.red, colour.green, colour.blue)
    }
}

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let colour: Srgb<u8> = text.parse().map_err(|_| de::Error::custom(format!("`{text}` is not a colour such as #1d5c4d")))?;
        Ok(Self::of(colour.red, colour.green, colour.blue))
    }
}

#[cfg(test)]
mod tests {
    use palette::color_difference::Wcag21RelativeContrast;

    use super::*;

    #[test]
    fn white_text_is_readable_on_every_brand() {
        for red in (0..=255).step_by(17) {
            for green in (0..=255).step_by(17) {
                for blue in (0..=255).step_by(17) {
                    let colour: Srgb<u8> = Colour::of(red, green, blue).hex().parse().unwrap();
                    let contrast = colour.into_format::<f32>().relative_contrast(Srgb::new(1.0, 1.0, 1.0));
                    assert!(contrast >= 4.5, "#{red:02x}{green:02x}{blue:02x}: {contrast}");
                }
            }
        }
    }
}
