//! Encryption for one browser (RFC 8291), in the content coding `aes128gcm` (RFC 8188) with its one record.
//!
//! Every message is padded to the same length: whoever carries it sees when somebody is asked, and nothing of what.

use sallyport_crypto::{gcm, hkdf, p256::AgreementKey};
use zeroize::Zeroizing;

use super::{MessageError, subscription::Subscription};

/// Longest payload, and the length to which every payload is padded. Services take bodies of 4,096 bytes; some on their
/// way to a phone carry a quarter less.
pub const LONGEST_PAYLOAD: usize = 2048;

pub(super) const CODING: &str = "aes128gcm";
pub(super) const POINT: usize = 65;
pub(super) const SALT: usize = 16;
/// Length that a record may have, tag included. It only has to be longer than ours (RFC 8291 section 4).
const RECORD_SIZE: u32 = 4096;
/// Stands between the payload of the last record and its padding.
pub(super) const LAST: u8 = 2;

/// What is used for one message and for no second.
pub(super) struct Once {
    pub(super) key: AgreementKey,
    pub(super) salt: [u8; SALT],
}

/// Key and nonce of the one record.
pub(super) struct RecordKey {
    pub(super) key: Zeroizing<[u8; 16]>,
    pub(super) nonce: Zeroizing<[u8; 12]>,
}

/// The two ends of a message, who both arrive at the same keys.
pub(super) struct Ends<'a> {
    pub(super) browser: &'a [u8; POINT],
    pub(super) sender: &'a [u8; POINT],
    pub(super) auth: &'a [u8; SALT],
    pub(super) salt: &'a [u8; SALT],
}

impl Ends<'_> {
    /// RFC 8291 section 3.4.
    pub(super) fn record_key(&self, secret: &[u8; 32]) -> Option<RecordKey> {
        let info: [&[u8]; 3] = [b"WebPush: info\0", self.browser, self.sender];
        let input = hkdf::derived::<32>(self.auth, secret, &info)?;
        let key = hkdf::derived(self.salt, &*input, &[b"Content-Encoding: aes128gcm\0"])?;
        let nonce = hkdf::derived(self.salt, &*input, &[b"Content-Encoding: nonce\0"])?;
        Some(RecordKey { key, nonce })
    }
}

/// The body of a message: header, and `payload` padded to `length`, sealed.
pub(super) fn encrypted(
    subscription: &Subscription,
    payload: &[u8],
    length: usize,
    once: &Once,
) -> Result<Vec<u8>, MessageError> {
    if payload.len() > length {
        return Err(MessageError::TooLong);
    }
    let sender = once.key.public();
    let ends = Ends { browser: &subscription.key, sender, auth: &subscription.auth, salt: &once.salt };
    let secret = once.key.agree(&subscription.key).ok_or(MessageError::Unusable)?;
    let record = ends.record_key(&secret).ok_or(MessageError::Unusable)?;
    let mut plain = Vec::with_capacity(length + 1 + gcm::TAG);
    plain.extend_from_slice(payload);
    plain.push(LAST);
    plain.resize(length + 1, 0);
    let sealed = gcm::sealed(record.key.as_slice(), &record.nonce, plain).ok_or(MessageError::Unusable)?;
    let mut body = Vec::with_capacity(SALT + 5 + POINT + sealed.len());
    body.extend_from_slice(&once.salt);
    body.extend_from_slice(&RECORD_SIZE.to_be_bytes());
    body.push(POINT as u8);
    body.extend_from_slice(sender);
    body.extend_from_slice(&sealed);
    Ok(body)
}
