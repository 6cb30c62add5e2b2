//! JSON Web Tokens of one kind: signed with HMAC-SHA512 (RFC 7515, 7518 section 3.2), in the compact form.
//!
//! The algorithm belongs to the key and is not chosen by the token: a header that names another is refused, and nothing
//! else in it is ever looked up. The signature is checked before the claims are read. The keys have 40 bytes, fewer
//! than RFC 7518 wants, because all SDKs of the protocol fix that length.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::{
    Secret,
    mac::{MacKey, hmac_sha512},
};
use serde::Serialize;
use serde_json::Value;

use super::super::params::{ParamError, Params};
use crate::compact::{self, CompactError, Parts};

/// The most bytes a token may have.
pub const MAX_TOKEN: usize = compact::MAX_TOKEN;

/// `{"alg":"HS512","typ":"JWT"}`
const HEADER: &str = "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9";

/// Why a token says nothing. Told to the other side in one word: who holds the key can look at the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    #[error("the token's claims cannot be read: {0}")]
    Claims(#[from] ParamError),
    #[error("the token is not signed with HS512, or wants more of its reader")]
    Header,
    #[error("the token is not three parts of base64url")]
    Malformed,
    #[error("the token is not signed with this key")]
    Signature,
    #[error("the token is too long")]
    TooLong,
}

/// An application's secret key as it signs tokens.
#[derive(Clone)]
pub struct Hs512<'a>(&'a Secret);

impl<'a> Hs512<'a> {
    #[must_use]
    pub const fn new(secret: &'a Secret) -> Self {
        Self(secret)
    }

    /// A token with these claims; empty if they cannot be written, which no type of ours is.
    #[must_use]
    pub fn sign(&self, claims: &impl Serialize) -> String {
        let Ok(claims) = serde_json::to_vec(claims) else { return String::new() };
        let text = format!("{HEADER}.{}", BASE64URL_NOPAD.encode(&claims));
        let code = hmac_sha512(self.0.expose().as_bytes(), text.as_bytes());
        format!("{text}.{}", BASE64URL_NOPAD.encode(&code))
    }

    /// The claims of a token that this key has signed.
    pub fn open(&self, token: &str) -> Result<Claims, JwtError> {
        let parts = Parts::of(token)?;
        demand_hs512(&parts)?;
        let signature = parts.signature()?;
        let key = MacKey::sha512(self.0.expose().as_bytes());
        if !key.is_code_of(&signature, parts.signed.as_bytes()) {
            return Err(JwtError::Signature);
        }
        claims(&parts)
    }
}

impl fmt::Debug for Hs512<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hs512(..)")
    }
}

/// What a token claims. No name stands in it twice.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(Params);

impl Claims {
    /// What a token says of itself, before anybody knows who signed it: good for finding the key and for nothing else.
    pub(super) fn unverified(token: &str) -> Result<Self, JwtError> {
        claims(&Parts::of(token)?)
    }

    pub(super) const fn params(&self) -> &Params {
        &self.0
    }

    /// A text that has to be there, of at most `max` bytes, without control characters.
    pub(super) fn line(&self, name: &'static str, max: usize) -> Result<String, ParamError> {
        self.optional_line(name, max)?.ok_or(ParamError::Missing(name))
    }

    /// A text that may be absent. Unlike a parameter, a claim that is no text is none.
    pub(super) fn optional_line(&self, name: &'static str, max: usize) -> Result<Option<String>, ParamError> {
        match self.0.json(name)? {
            None | Some(Value::String(_)) => self.0.line(name, max),
            Some(_) => Err(ParamError::Invalid(name)),
        }
    }

    /// A moment in Unix seconds that has to be there: a number, whole or with a fraction, or either as text.
    pub(super) fn time(&self, name: &'static str) -> Result<i64, ParamError> {
        let text = self.0.text(name, 32)?.ok_or(ParamError::Missing(name))?;
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let whole = whole.parse().ok().filter(|_| digits(whole) && digits(fraction));
        whole.ok_or(ParamError::Invalid(name))
    }
}

impl From<CompactError> for JwtError {
    fn from(error: CompactError) -> Self {
        match error {
            CompactError::Malformed => Self::Malformed,
            CompactError::TooLong => Self::TooLong,
        }
    }
}

fn claims(parts: &Parts<'_>) -> Result<Claims, JwtError> {
    Ok(Claims(parts.claims()??))
}

fn demand_hs512(parts: &Parts<'_>) -> Result<(), JwtError> {
    let header = parts.header()?.map_err(|_| JwtError::Header)?;
    let says = |name, expected: &str| match header.json(name) {
        Ok(Some(Value::String(text))) => Some(text.eq_ignore_ascii_case(expected)),
        Ok(None) => None,
        Ok(Some(_)) | Err(_) => Some(false),
    };
    let alg = matches!(header.json("alg"), Ok(Some(Value::String(text))) if text == "HS512");
    // What a token calls critical has to be understood (RFC 7515, section 4.1.11), and nothing is.
    let plain = says("typ", "JWT") != Some(false) && !header.names().any(|name| name == "crit");
    if alg && plain { Ok(()) } else { Err(JwtError::Header) }
}
