//! Style sheets, scripts and pictures, embedded into the binary. Their addresses carry a hash of all of them, so a
//! browser may keep them for ever and still never mixes two versions.

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::State;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

struct Asset {
    name: &'static str,
    kind: &'static str,
    plain: &'static [u8],
    gzip: Option<&'static [u8]>,
}

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/assets/{hash}/{*name}", get(asset))
        .route("/favicon.ico", get(|headers: HeaderMap| async move { answer("icon.svg", &headers) }))
}

async fn asset(Path((hash, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    if hash != HASH {
        return StatusCode::NOT_FOUND.into_response();
    }
    answer(&name, &headers)
}

fn answer(name: &str, headers: &HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mentions = |header, word: &str| {
        headers.get(header).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(word))
    };
    let mut response = if mentions(header::IF_NONE_MATCH, HASH) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        match asset.gzip.filter(|_| mentions(header::ACCEPT_ENCODING, "gzip")) {
            Some(gzip) => ([(header::CONTENT_ENCODING, "gzip")], gzip).into_response(),
            None => asset.plain.into_response(),
        }
    };
    let answered = response.headers_mut();
    answered.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    answered.insert(header::ETAG, HeaderValue::from_static(ETAG));
    answered.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    answered.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    response
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn every_text_that_is_worth_it_is_there_compressed_and_says_the_same() {
        for asset in ASSETS {
            let is_text = asset.kind.starts_with("text/") || asset.kind == "image/svg+xml";
            if !is_text || asset.plain.len() < 600 {
                continue;
            }
            let gzip = asset.gzip.unwrap_or_else(|| panic!("{} goes out uncompressed", asset.name));
            assert!(gzip.len() < asset.plain.len(), "{}", asset.name);
            let mut unpacked = Vec::new();
            flate2::read::GzDecoder::new(gzip).read_to_end(&mut unpacked).unwrap();
            assert_eq!(unpacked, asset.plain, "{}", asset.name);
        }
    }
}
