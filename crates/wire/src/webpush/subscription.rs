//! A subscription as a browser writes it (`PushSubscription.toJSON()`, Push API section 8), read strictly: its address is
//! one that this server will be made to call.

use std::{fmt, net::Ipv6Addr};

use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::p256;
use serde::{Deserialize, Serialize};

use super::encryption::{POINT, SALT};

const LONGEST_JSON: usize = 4096;
const LONGEST_ENDPOINT: usize = 2048;
const LONGEST_HOST: usize = 253;
const HTTPS_PORT: u16 = 443;

/// Where one browser is reached, and the keys under which it reads. Its `Debug` shows the service alone: who knows the rest
/// can wake the phone.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscription {
    endpoint: Endpoint,
    pub(super) key: [u8; POINT],
    pub(super) auth: [u8; SALT],
}

/// The address of one browser at its service: `https://host[:port]/path`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    url: String,
    origin: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubscriptionError {
    #[error("the subscription is longer than {LONGEST_JSON} bytes")]
    TooLong,
    #[error("the subscription is not the JSON that a browser makes of one")]
    Json,
    #[error("the endpoint of the subscription is not `https://host/path`")]
    Endpoint,
    #[error("the key `p256dh` of the subscription is no point of P-256 in unpadded base64url")]
    Key,
    #[error("the secret `auth` of the subscription is not 16 bytes in unpadded base64url")]
    Auth,
}

/// Browsers write an expiry too. It is not kept, for a service says so when a subscription is gone.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    #[serde(borrow)]
    endpoint: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    keys: WrittenKeys<'a>,
}

#[derive(Serialize, Deserialize)]
struct WrittenKeys<'a> {
    #[serde(borrow)]
    p256dh: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    auth: std::borrow::Cow<'a, str>,
}

impl Subscription {
    /// # Errors
    /// It is none that could be used.
    pub fn parse(json: &[u8]) -> Result<Self, SubscriptionError> {
        if json.len() > LONGEST_JSON {
            return Err(SubscriptionError::TooLong);
        }
        let written: Written<'_> = serde_json::from_slice(json).map_err(|_| SubscriptionError::Json)?;
        let endpoint = Endpoint::parse(&written.endpoint).ok_or(SubscriptionError::Endpoint)?;
        let key = decoded(&written.keys.p256dh).filter(p256::is_point).ok_or(SubscriptionError::Key)?;
        let auth = decoded(&written.keys.auth).ok_or(SubscriptionError::Auth)?;
        Ok(Self { endpoint, key, auth })
    }

    /// As [`Self::parse`] reads it, for keeping.
    #[must_use]
    pub fn to_json(&self) -> String {
        let [p256dh, auth] = [self.key.as_slice(), &self.auth].map(|bytes| BASE64URL_NOPAD.encode(bytes));
        let keys = WrittenKeys { p256dh: p256dh.into(), auth: auth.into() };
        let written = Written { endpoint: self.endpoint.as_str().into(), keys };
        serde_json::to_string(&written).unwrap_or_default()
    }

    #[must_use]
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Endpoint {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Scheme, host and port, as browsers write them (RFC 6454 section 6.2).
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    fn parse(url: &str) -> Option<Self> {
        if url.len() > LONGEST_ENDPOINT {
            return None;
        }
        let rest = url.strip_prefix("https://")?;
        let (authority, path) = rest.split_at(rest.find(['/', '?'])?);
        // What RFC 3986 lets stand in a path and a query. A fragment is never sent, so none may pretend to be.
        let in_path = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&b);
        path.bytes().all(in_path).then_some(())?;
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']')?;
                (format!("[{}]", host.parse::<Ipv6Addr>().ok()?), port)
            }
            None => {
                let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
                let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
                let fits = (1..=LONGEST_HOST).contains(&host.len()) && host.bytes().all(plain);
                fits.then(|| (host.to_ascii_lowercase(), port))?
            }
        };
        let port = match port {
            "" => HTTPS_PORT,
            given => {
                let digits = given.strip_prefix(':')?;
                let number = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?;
                number.filter(|port| *port != 0)?
            }
        };
        let origin =
            if port == HTTPS_PORT { format!("https://{host}") } else { format!("https://{host}:{port}") };
        Some(Self { url: url.to_owned(), origin })
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({}/..)", self.origin)
    }
}

fn decoded<const N: usize>(text: &str) -> Option<[u8; N]> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()?.try_into().ok()
}
