//! `X-Twilio-Signature`: HMAC-SHA1, keyed with the account's token, over the whole URL and the posted fields in order of
//! their names.
//!
//! A port in the URL may or may not be in what was signed, so both are tried; either way only who has the token signs.

use data_encoding::BASE64;
use sallyport_crypto::{
    Secret,
    mac::{self, MacKey},
};

use super::form::Form;

pub const HEADER: &str = "x-twilio-signature";

/// The signature of a request, as the header carries it.
#[must_use]
pub fn sign(token: &Secret, url: &str, form: &Form) -> String {
    BASE64.encode(&mac::hmac_sha1(token.expose().as_bytes(), &signed(url, form)))
}

/// Whether `header` is the signature of this request.
#[must_use]
pub fn verify(token: &Secret, url: &str, form: &Form, header: &str) -> bool {
    let Ok(code) = BASE64.decode(header.trim().as_bytes()) else { return false };
    // Whoever has no token set has no requests that count.
    if token.is_empty() {
        return false;
    }
    let key = MacKey::sha1(token.expose().as_bytes());
    let urls = [Some(url.to_owned()), without_port(url), with_port(url)];
    urls.into_iter().flatten().any(|url| key.is_code_of(&code, &signed(&url, form)))
}

fn signed(url: &str, form: &Form) -> Vec<u8> {
    let mut fields: Vec<&(String, String)> = form.fields().iter().collect();
    fields.sort();
    fields.dedup();
    let mut text = url.as_bytes().to_vec();
    for (name, value) in fields {
        text.extend_from_slice(name.as_bytes());
        text.extend_from_slice(value.as_bytes());
    }
    text
}

/// Scheme, host, port and the rest.
fn parts(url: &str) -> Option<(&str, &str, Option<&str>, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
            Some((scheme, host, Some(port), tail))
        }
        _ => Some((scheme, authority, None, tail)),
    }
}

fn without_port(url: &str) -> Option<String> {
    let (scheme, host, port, tail) = parts(url)?;
    port.map(|_| format!("{scheme}://{host}{tail}"))
}

fn with_port(url: &str) -> Option<String> {
    let (scheme, host, port, tail) = parts(url)?;
    let usual = if scheme == "https" { 443 } else { 80 };
    port.is_none().then(|| format!("{scheme}://{host}:{usual}{tail}"))
}
