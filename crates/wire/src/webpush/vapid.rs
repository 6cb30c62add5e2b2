//! Who sends: voluntary identification of the application server (VAPID, RFC 8292).
//!
//! The token names the origin of the service it is for, so that no service can use it at another, and whom its operators may
//! write to. A browser takes messages from the key it subscribed with and from no other.

use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::{Random, p256::EcdsaKey, random::NoRandomness};
use zeroize::Zeroizing;

use super::subscription::Endpoint;

/// RFC 8292 section 2 allows a day. Half of it forgives a clock.
const LIFETIME: i64 = 12 * 3600;
const LONGEST_CONTACT: usize = 256;

/// The key of an organisation.
pub struct VapidKey(EcdsaKey);

impl VapidKey {
    /// A fresh one, as PKCS #8.
    ///
    /// # Errors
    /// No randomness.
    pub fn generate(random: &dyn Random) -> Result<Zeroizing<Vec<u8>>, NoRandomness> {
        EcdsaKey::generate(random)
    }

    /// None if this is no such key.
    #[must_use]
    pub fn from_pkcs8(key: &[u8]) -> Option<Self> {
        EcdsaKey::from_pkcs8(key).map(Self)
    }

    /// The public key, an uncompressed point: what a page subscribes with (`applicationServerKey`).
    #[must_use]
    pub const fn public(&self) -> &[u8; 65] {
        self.0.public()
    }

    /// The public key as text, in unpadded base64url.
    #[must_use]
    pub fn public_text(&self) -> String {
        BASE64URL_NOPAD.encode(self.public())
    }
}

/// Whom the operators of a service may write to: `mailto:` and an address, or the address of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the contact for push services is `mailto:` and a mail address, or an `https://` address")]
pub struct BadContact;

impl Contact {
    /// # Errors
    /// It is neither a mail address nor a page.
    pub fn parse(contact: &str) -> Result<Self, BadContact> {
        let mail = |address: &str| {
            address
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        };
        let page = |rest: &str| rest.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'[');
        let known = contact.strip_prefix("mailto:").is_some_and(mail)
            || contact.strip_prefix("https://").is_some_and(page);
        let plain = contact.len() <= LONGEST_CONTACT && contact.bytes().all(|b| b.is_ascii_graphic());
        (known && plain).then(|| Self(contact.to_owned())).ok_or(BadContact)
    }
}

/// The sender of our messages.
pub struct Vapid {
    pub key: VapidKey,
    pub contact: Contact,
}

impl Vapid {
    /// The value of `Authorization` for the service of `endpoint` (RFC 8292 section 3).
    pub(super) fn authorization(&self, endpoint: &Endpoint, now: i64) -> Option<String> {
        let claims = serde_json::json!({
            "aud": endpoint.origin(),
            "exp": now.saturating_add(LIFETIME),
            "sub": self.contact.0,
        });
        let [header, claims] = [r#"{"typ":"JWT","alg":"ES256"}"#, &claims.to_string()]
            .map(|part| BASE64URL_NOPAD.encode(part.as_bytes()));
        let signed = format!("{header}.{claims}");
        let signature = BASE64URL_NOPAD.encode(&self.key.0.sign(signed.as_bytes())?);
        Some(format!("vapid t={signed}.{signature}, k={}", self.key.public_text()))
    }
}
