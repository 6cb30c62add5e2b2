//! Request signatures: who sent a request, and which of its parameters that sender vouched for.
//!
//! A request names an integration key and carries an HMAC of a canonical text under the matching secret
//! key. Nothing on the wire says which version of the text was signed, so a verifier computes the candidates
//! (version, host spelling, parameter order) and takes the request if any of them matches. What comes back
//! is exactly what the match covers: nothing else in the request may be trusted.

use sallyport_crypto::{Secret, mac::MacKey};

use super::params::{MAX_PARAMS, ParamError, Params};
use super::urlencoded;

mod canonical;
mod client;
mod date;
mod request;

pub use client::{Keys, SignError, SignVersion, SignedRequest, sign};
pub use request::{Credentials, Request, Signature};

use canonical::Canonical;
use request::Message;

/// How far a request's date may be from our clock, in seconds.
pub const MAX_SKEW: u64 = 300;

/// The versions of the canonical text that are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// No date, so it can be replayed for ever; only for old clients of `/rest/v1`.
    V1,
    V2,
    V4,
    /// The only one that covers `X-Duo-*` headers.
    V5,
}

impl Version {
    const BEST_FIRST: [Self; 4] = [Self::V5, Self::V4, Self::V2, Self::V1];

    /// Whether the body is hashed as it is; otherwise it is a form whose parameters are signed.
    const fn hashes_body(self) -> bool {
        match self {
            Self::V4 | Self::V5 => true,
            Self::V1 | Self::V2 => false,
        }
    }

    const fn has_date(self) -> bool {
        !matches!(self, Self::V1)
    }
}

/// What the operator allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy<'a> {
    /// Whether undated signatures are accepted on `/rest/v1`.
    pub allow_v1: bool,
    /// The names this server goes by, beside the one in the request's `Host`, with or without port.
    pub public_hosts: &'a [String],
}

/// A secret key, made ready for the two digests that clients sign with.
#[derive(Clone)]
pub struct VerifyingKey {
    sha1: MacKey,
    sha512: MacKey,
}

impl From<&Secret> for VerifyingKey {
    fn from(skey: &Secret) -> Self {
        let key = skey.expose().as_bytes();
        Self { sha1: MacKey::sha1(key), sha512: MacKey::sha512(key) }
    }
}

/// A request whose sender holds the secret key.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    pub version: Version,
    /// When the request was signed, in Unix seconds, if that was part of what was signed.
    pub signed_at: Option<i64>,
    /// All parameters that the signature covers, and no others.
    pub params: Params,
}

/// Why a request is not accepted. `ApiError` says each in the protocol's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("the request has no readable credentials")]
    CredentialsMissing,
    #[error("the date of the request is unreadable or too far from now")]
    DateInvalid,
    #[error("the request has no date")]
    DateMissing,
    /// Not found out here: for whoever looks up the secret key.
    #[error("the integration key is unknown")]
    KeyUnknown,
    #[error("the signature does not match the request")]
    Mismatch,
    #[error(transparent)]
    Params(#[from] ParamError),
}

/// Checks a request with these credentials against the secret key of their integration key.
pub fn verify(
    request: &Request<'_>,
    credentials: &Credentials,
    skey: &VerifyingKey,
    policy: &Policy<'_>,
    now_unix: i64,
) -> Result<Verified, SignatureError> {
    let message = Message::read(request, policy.public_hosts)?;
    let is_v1_allowed = policy.allow_v1 && message.is_rest_v1();
    let date = checked_date(request, now_unix);
    if let (Err(error), false) = (&date, is_v1_allowed) {
        return Err(error.clone());
    }
    let signature = credentials.signature.ok_or(SignatureError::Mismatch)?;
    let attempt = Attempt { message: &message, date: date.as_ref().ok().map(|d| d.text), signature, skey };
    let version = Version::BEST_FIRST
        .into_iter()
        .filter(|version| *version != Version::V1 || is_v1_allowed)
        .find(|version| attempt.matches(*version));
    match (version, date) {
        (Some(version), date) => Ok(Verified {
            version,
            signed_at: date.ok().map(|d| d.unix).filter(|_| version.has_date()),
            params: covered_params(version, &message)?,
        }),
        // Without a usable date only v1 was tried, and the client is more likely to have a wrong clock.
        (None, Err(SignatureError::DateInvalid)) => Err(SignatureError::DateInvalid),
        (None, _) => Err(SignatureError::Mismatch),
    }
}

struct DateLine<'a> {
    text: &'a str,
    unix: i64,
}

fn checked_date<'a>(request: &Request<'a>, now_unix: i64) -> Result<DateLine<'a>, SignatureError> {
    let text = request.date_text()?.ok_or(SignatureError::DateMissing)?;
    let unix = date::parse(text).ok_or(SignatureError::DateInvalid)?;
    if unix.abs_diff(now_unix) > MAX_SKEW {
        Err(SignatureError::DateInvalid)
    } else {
        Ok(DateLine { text, unix })
    }
}

/// One request against one key.
struct Attempt<'a> {
    message: &'a Message<'a>,
    date: Option<&'a str>,
    signature: Signature,
    skey: &'a VerifyingKey,
}

impl Attempt<'_> {
    fn matches(&self, version: Version) -> bool {
        let Some(orders) = self.message.signed_param_lines(version) else { return false };
        let Some(hashes) = self.hash_lines(version) else { return false };
        let date = if version.has_date() { self.date } else { None };
        if version.has_date() != date.is_some() {
            return false;
        }
        self.message.hosts.iter().any(|host| {
            orders.iter().any(|params| {
                let (method, path) = (self.message.method.as_str(), self.message.path);
                let text = Canonical { date, method, host, path, params, hashes: &hashes }.text();
                self.is_signature_of(&text)
            })
        })
    }

    /// The lines after the parameters, or nothing if this version cannot have made this signature.
    fn hash_lines(&self, version: Version) -> Option<Vec<String>> {
        let is_sha512 = matches!(self.signature, Signature::Sha512(_));
        match version {
            Version::V1 | Version::V2 => Some(Vec::new()),
            Version::V4 => is_sha512.then(|| vec![canonical::body_hash(self.message.body)]),
            Version::V5 => {
                let headers = canonical::x_duo_hash(self.message.headers)?;
                is_sha512.then(|| vec![canonical::body_hash(self.message.body), headers])
            }
        }
    }

    fn is_signature_of(&self, text: &str) -> bool {
        match &self.signature {
            Signature::Sha1(received) => self.skey.sha1.is_code_of(received, text.as_bytes()),
            Signature::Sha512(received) => self.skey.sha512.is_code_of(received, text.as_bytes()),
        }
    }
}

/// The parameters a match of this version covers.
fn covered_params(version: Version, message: &Message<'_>) -> Result<Params, ParamError> {
    let query = Params::from_pairs(message.query.clone())?;
    if message.body.is_empty() {
        return Ok(query);
    }
    // The content type is not signed, the bytes are: a hashed body that looks like JSON is read as JSON,
    // so that nobody on the way can have it read as something else.
    let looks_like_json = message.body.trim_ascii_start().starts_with(b"{");
    let body = match &message.form {
        Some(_) if version.hashes_body() && looks_like_json => Params::from_json(message.body)?,
        Some(form) => Params::from_pairs(form.clone())?,
        None => Params::from_json(message.body)?,
    };
    Ok(query.and(body))
}

impl Message<'_> {
    /// The spellings of the parameter line, or nothing if this version cannot cover this body.
    fn signed_param_lines(&self, version: Version) -> Option<Vec<String>> {
        if version.hashes_body() {
            return Some(canonical::param_lines(&self.query));
        }
        let form = match &self.form {
            Some(form) => form.as_slice(),
            None if self.body.is_empty() => &[],
            None => return None,
        };
        Some(canonical::param_lines(&[self.query.as_slice(), form].concat()))
    }
}

#[cfg(test)]
mod tests;
