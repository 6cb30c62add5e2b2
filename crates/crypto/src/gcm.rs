//! AES-GCM with a key (of 16 or 32 bytes) that seals one message and no second, as content codings of others want it
//! (RFC 8188, XML Encryption 1.1 section 5.2.4). What is ours and rests is sealed by [`crate::seal`].

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

/// How much longer a sealed message is.
pub const TAG: usize = 16;

/// The message, sealed; none beyond the limit of the cipher, or with a key of another length.
#[must_use]
pub fn sealed(key: &[u8], nonce: &[u8; NONCE_LEN], mut message: Vec<u8>) -> Option<Vec<u8>> {
    let nonce = Nonce::assume_unique_for_key(*nonce);
    ready(key)?.seal_in_place_append_tag(nonce, Aad::empty(), &mut message).ok()?;
    Some(message)
}

/// What was sealed; none if it was altered or sealed otherwise.
#[must_use]
pub fn opened(key: &[u8], nonce: &[u8; NONCE_LEN], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let mut message = Zeroizing::new(sealed.to_vec());
    let length = ready(key)?.open_in_place(nonce, Aad::empty(), &mut message).ok()?.len();
    message.truncate(length);
    Some(message)
}

fn ready(key: &[u8]) -> Option<LessSafeKey> {
    let algorithm = match key.len() {
        16 => &AES_128_GCM,
        32 => &AES_256_GCM,
        _ => return None,
    };
    UnboundKey::new(algorithm, key).ok().map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_opens_as_it_was_sealed_and_not_otherwise() {
        assert!(sealed(&[1; 24], &[2; 12], b"text".to_vec()).is_none());
        let long = sealed(&[1; 32], &[2; 12], b"text".to_vec()).unwrap();
        assert_eq!(opened(&[1; 32], &[2; 12], &long).unwrap().as_slice(), b"text");
        let sealed = sealed(&[1; 16], &[2; 12], b"text".to_vec()).unwrap();
        assert_eq!(sealed.len(), 4 + TAG);
        assert_eq!(opened(&[1; 16], &[2; 12], &sealed).unwrap().as_slice(), b"text");
        assert!(opened(&[3; 16], &[2; 12], &sealed).is_none());
        assert!(opened(&[1; 16], &[3; 12], &sealed).is_none());
        assert!(opened(&[1; 16], &[2; 12], &sealed[1..]).is_none());
        assert!(opened(&[1; 16], &[2; 12], &[]).is_none());
    }
}
