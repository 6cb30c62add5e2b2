//! The keys a file is encrypted and authenticated with, and the secrets under them.

use data_encoding::BASE64;
use roxmltree::Node;
use sallyport_crypto::{cbc, mac::MacKey};
use zeroize::Zeroizing;

use super::{KeyError, PskcError, child, text_of};

const AES_128: &str = "http://www.w3.org/2001/04/xmlenc#aes128-cbc";
const AES_256: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";

/// What opens the secrets of a file.
pub(super) struct Keys(Option<Encrypted>);

struct Encrypted {
    key: Zeroizing<Vec<u8>>,
    mac: MacKey,
}

impl Keys {
    pub(super) fn of(container: Node<'_, '_>, key: Option<&[u8]>) -> Result<Self, PskcError> {
        let Some(encryption) = child(container, "EncryptionKey") else { return Ok(Self(None)) };
        if child(encryption, "DerivedKey").is_some() || child(encryption, "X509Data").is_some() {
            return Err(PskcError::OtherKey);
        }
        let key = key.ok_or(PskcError::KeyNeeded)?;
        if ![16, 32].contains(&key.len()) {
            return Err(PskcError::KeyLength);
        }
        let method = child(container, "MACMethod").ok_or(PskcError::NoMac)?;
        let mac_key = match child(method, "MACKey") {
            Some(sealed) => decrypted(key, sealed).ok_or(PskcError::WrongKey)?,
            None => Zeroizing::new(key.to_vec()),
        };
        let mac = match method.attribute("Algorithm").unwrap_or_default() {
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1" => MacKey::sha1(&mac_key),
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256" => MacKey::sha256(&mac_key),
            _ => return Err(PskcError::NoMac),
        };
        Ok(Self(Some(Encrypted { key: Zeroizing::new(key.to_vec()), mac })))
    }

    /// A secret in the clear. An encrypted one is looked at only when its code is right.
    pub(super) fn open(&self, secret: Node<'_, '_>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        if let Some(plain) = text_of(secret, "PlainValue") {
            return base64(plain).ok_or(KeyError::Secret);
        }
        let sealed = child(secret, "EncryptedValue").ok_or(KeyError::Secret)?;
        let keys = self.0.as_ref().ok_or(KeyError::Secret)?;
        let bytes = cipher_value(sealed).ok_or(KeyError::Secret)?;
        let code = text_of(secret, "ValueMAC").and_then(base64).ok_or(KeyError::Altered)?;
        if !keys.mac.is_code_of(&code, &bytes) {
            return Err(KeyError::Altered);
        }
        decrypted(&keys.key, sealed).ok_or(KeyError::Secret)
    }
}

/// What was encrypted under this key, where it says that it was in a way we read.
fn decrypted(key: &[u8], sealed: Node<'_, '_>) -> Option<Zeroizing<Vec<u8>>> {
    let method = child(sealed, "EncryptionMethod")?.attribute("Algorithm")?;
    match (method, key.len()) {
        (AES_128, 16) | (AES_256, 32) => cbc::decrypted(key, &cipher_value(sealed)?),
        _ => None,
    }
}

fn cipher_value(sealed: Node<'_, '_>) -> Option<Zeroizing<Vec<u8>>> {
    base64(text_of(child(sealed, "CipherData")?, "CipherValue")?)
}

fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let compact: Zeroizing<Vec<u8>> =
        Zeroizing::new(text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect());
    BASE64.decode(&compact).ok().map(Zeroizing::new)
}
