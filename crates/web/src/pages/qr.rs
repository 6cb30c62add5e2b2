//! The QR code of a seed, as a picture inside the page: it is asked for from nobody and kept nowhere.

use data_encoding::BASE64;
use qrcode::{EcLevel, QrCode, render::svg};

/// `text` as the address of a picture; empty if it is too long for one.
pub(crate) fn picture(text: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return String::new() };
    let svg = code.render::<svg::Color<'_>>().min_dimensions(232, 232).quiet_zone(true).build();
    format!("data:image/svg+xml;base64,{}", BASE64.encode(svg.as_bytes()))
}

/// A seed in groups of four, for typing.
pub(crate) fn grouped(seed: &str) -> String {
    let chars: Vec<char> = seed.chars().collect();
    chars.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_picture_and_can_be_typed() {
        assert!(picture("otpauth://totp/Example:ada?secret=ABCD").starts_with("data:image/svg+xml;base64,"));
        assert_eq!(grouped("ABCDEFGHI"), "ABCD EFGH I");
    }
}
