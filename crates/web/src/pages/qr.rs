//! QR codes. That of a seed is a picture inside the page: it is asked for from nobody and kept nowhere. That of an
//! activation code is fetched by whoever an application shows its address to.

use axum::{
    extract::Query,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use data_encoding::BASE64;
use qrcode::{EcLevel, QrCode, render::svg};
use sallyport_app::duo;
use serde::Deserialize;

use super::refusal::Refusal;
use crate::call::Anyone;

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    value: String,
}

/// `activation_barcode` of the Auth API: leads a phone to where a factor is enrolled. It draws nothing but our own
/// addresses, so that nobody can have a picture of theirs under our name.
pub(super) async fn show(Anyone(ctx): Anyone, Query(wanted): Query<Wanted>) -> Response {
    let page = duo::activation_page(&ctx, &wanted.value);
    let Some(svg) = page.and_then(|page| drawn(&page)) else {
        return Refusal::nothing_here().into_response();
    };
    let mut response = svg.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
    response
}

/// `text` as the address of a picture; empty if it is too long for one.
pub(crate) fn picture(text: &str) -> String {
    let Some(svg) = drawn(text) else { return String::new() };
    format!("data:image/svg+xml;base64,{}", BASE64.encode(svg.as_bytes()))
}

fn drawn(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    Some(code.render::<svg::Color<'_>>().min_dimensions(232, 232).quiet_zone(true).build())
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
