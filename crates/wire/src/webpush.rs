//! Web Push: a message that wakes a page in somebody's browser, through the service of the browser's vendor (RFC 8030).
//!
//! That service is nobody we know. So it gets a message that only the browser can read (RFC 8291), that is as long as every
//! other one, and that is signed with a key which says that all of ours come from the same sender, and nothing more (RFC 8292).

mod answer;
mod encryption;
#[cfg(any(test, feature = "soft"))]
pub mod soft;
mod subscription;
#[cfg(test)]
mod tests;
mod vapid;

use sallyport_crypto::{Random, p256::AgreementKey, random, random::NoRandomness};

pub use self::{
    answer::{Refused, outcome},
    encryption::LONGEST_PAYLOAD,
    subscription::{Endpoint, Subscription, SubscriptionError},
    vapid::{BadContact, Contact, Vapid, VapidKey},
};

/// Names a message, so that a later one of the same name takes its place while it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic(String);

impl Topic {
    /// Up to 32 letters, digits, hyphens and underscores (RFC 8030 section 5.4); else none.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        ((1..=32).contains(&name.len()) && name.bytes().all(plain)).then(|| Self(name.to_owned()))
    }
}

/// How soon a phone that spares its battery should be told (RFC 8030 section 5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    High,
    Low,
    Normal,
    VeryLow,
}

impl Urgency {
    const fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Low => "low",
            Self::Normal => "normal",
            Self::VeryLow => "very-low",
        }
    }
}

/// What is to be told.
#[derive(Clone)]
pub struct Message<'a> {
    /// At most [`LONGEST_PAYLOAD`] bytes, for the page's service worker.
    pub payload: &'a [u8],
    /// How many seconds it is worth something; the service drops it then.
    pub ttl: u32,
    pub urgency: Urgency,
    pub topic: Option<Topic>,
}

impl<'a> Message<'a> {
    /// Somebody waits at a door for a minute at most.
    #[must_use]
    pub const fn urgent(payload: &'a [u8]) -> Self {
        Self { payload, ttl: 60, urgency: Urgency::High, topic: None }
    }

    /// Something happened that somebody should hear of today.
    #[must_use]
    pub const fn news(payload: &'a [u8]) -> Self {
        Self { payload, ttl: 86_400, urgency: Urgency::High, topic: None }
    }
}

/// A request to be posted to the service. It has no `Debug`: its address is known to nobody else, and it carries a token.
pub struct Request {
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub content_type: &'static str,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error("a message to a browser has at most {LONGEST_PAYLOAD} bytes")]
    TooLong,
    #[error("the message cannot be encrypted or signed with these keys")]
    Unusable,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// The message, encrypted for the browser of `subscription` and signed by `vapid`, as it is posted at `now` (Unix seconds).
///
/// # Errors
/// Too long, or no randomness.
pub fn push_message(
    subscription: &Subscription,
    vapid: &Vapid,
    message: &Message<'_>,
    now: i64,
    random: &dyn Random,
) -> Result<Request, MessageError> {
    let once = encryption::Once { key: AgreementKey::generate(random)?, salt: random::bytes(random)? };
    let body = encryption::encrypted(subscription, message.payload, LONGEST_PAYLOAD, &once)?;
    let authorization = vapid.authorization(subscription.endpoint(), now).ok_or(MessageError::Unusable)?;
    let mut headers = vec![
        ("Authorization", authorization),
        ("Content-Encoding", encryption::CODING.to_owned()),
        ("TTL", message.ttl.to_string()),
        ("Urgency", message.urgency.word().to_owned()),
    ];
    headers.extend(message.topic.as_ref().map(|topic| ("Topic", topic.0.clone())));
    let url = subscription.endpoint().as_str().to_owned();
    Ok(Request { url, headers, content_type: "application/octet-stream", body })
}
