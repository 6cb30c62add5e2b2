//! Colours as style sheets write them, and how well one can be read on another (WCAG 2.2, success criterion 1.4.3).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A colour of sRGB, such as `#1a6dd0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Color([u8; 3]);

/// What is no colour.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a colour such as #1a6dd0")]
pub struct ColorError;

impl Color {
    pub const WHITE: Self = Self([255; 3]);
    pub const BLACK: Self = Self([0; 3]);
    /// What text must have to what it stands on, in hundredths.
    pub const READABLE: u32 = 450;

    #[must_use]
    pub const fn of(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// The contrast of the two in hundredths, from 100 to 2100.
    #[must_use]
    pub fn contrast(self, other: Self) -> u32 {
        let (a, b) = (self.luminance(), other.luminance());
        let ratio = (a.max(b) + 0.05) / (a.min(b) + 0.05);
        // From 1 to 21. Rounded down: what is not quite enough is not enough.
        (ratio * 100.0 + 1e-6) as u32
    }

    /// White where it can be read on this, else black: one of them always can.
    #[must_use]
    pub fn ink(self) -> Self {
        if self.contrast(Self::WHITE) >= Self::READABLE { Self::WHITE } else { Self::BLACK }
    }

    /// The nearest to this that can be read on `ground`, going towards black on light ground and towards white on dark.
    #[must_use]
    pub fn readable_on(self, ground: Self) -> Self {
        let towards = if ground.ink() == Self::WHITE { Self::WHITE } else { Self::BLACK };
        (0..=100)
            .map(|percent| self.mixed(towards, percent))
            .find(|color| color.contrast(ground) >= Self::READABLE)
            .unwrap_or(towards)
    }

    /// With so many percent of another.
    #[must_use]
    pub fn mixed(self, other: Self, percent: u32) -> Self {
        let part = percent.min(100);
        let mix = |a: u8, b: u8| {
            let mixed = (u32::from(a) * (100 - part) + u32::from(b) * part + 50) / 100;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        let ([a, b, c], [d, e, f]) = (self.0, other.0);
        Self([mix(a, d), mix(b, e), mix(c, f)])
    }

    /// The relative luminance, from 0 to 1.
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126f64.mul_add(red, 0.7152f64.mul_add(green, 0.0722 * blue))
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl FromStr for Color {
    type Err = ColorError;

    fn from_str(text: &str) -> Result<Self, ColorError> {
        let digits = text.trim().strip_prefix('#').ok_or(ColorError)?;
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(ColorError);
        }
        let number = u32::from_str_radix(digits, 16).map_err(|_| ColorError)?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl TryFrom<String> for Color {
    type Error = ColorError;

    fn try_from(text: String) -> Result<Self, ColorError> {
        text.parse()
    }
}

impl From<Color> for String {
    fn from(color: Color) -> Self {
        color.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn color(text: &str) -> Color {
        text.parse().unwrap()
    }

    #[test]
    fn contrast_is_what_others_say_it_is() {
        assert_eq!(color("#000000").contrast(Color::WHITE), 2100);
        assert_eq!(color("#ffffff").contrast(Color::WHITE), 100);
        // The greys on both sides of the border, as every checker has them.
        assert_eq!(color("#767676").contrast(Color::WHITE), 454);
        assert_eq!(color("#777777").contrast(Color::WHITE), 447);
        assert_eq!(color("#ff0000").contrast(Color::WHITE), 399);
    }

    #[test]
    fn on_every_colour_something_can_be_read_and_the_nearest_readable_one_is_readable() {
        for number in (0..0x100_0000u32).step_by(0x1357) {
            let [_, red, green, blue] = number.to_be_bytes();
            let any = Color::of(red, green, blue);
            assert!(any.contrast(any.ink()) >= Color::READABLE, "{any}");
            for ground in [color("#fafafa"), color("#262626")] {
                assert!(any.readable_on(ground).contrast(ground) >= Color::READABLE, "{any} on {ground}");
            }
        }
        assert_eq!(color("#1a6dd0").readable_on(color("#fafafa")), color("#1a6dd0"));
    }

    #[test]
    fn what_is_no_colour_is_refused_and_what_is_comes_back() {
        assert_eq!(color(" #1A6dD0 ").to_string(), "#1a6dd0");
        for wrong in ["", "1a6dd0", "#1a6dd", "#1a6dd00", "#1a6dg0", "#+a6dd0", "red", "#1a6d}0", "#é1a6"] {
            assert_eq!(wrong.parse::<Color>(), Err(ColorError), "{wrong}");
        }
    }
}
