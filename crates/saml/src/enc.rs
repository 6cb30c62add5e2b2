//! XML Encryption of assertions: AES-GCM under a key that is wrapped by RSA-OAEP (XML Encryption 1.1 sections 5.2.4 and 5.5).
//!
//! No CBC, which anybody can turn into an oracle: an application that reads nothing else gets its assertions signed and over
//! TLS, as most do. Decrypted bytes are a document of their own, read and verified like any other.

use sallyport_crypto::{
    gcm,
    random::{self, NoRandomness, Random},
    saml_key::{Oaep, PublicKey, SamlKey},
};
use zeroize::Zeroizing;

use crate::{
    base64,
    dsig::SHA256,
    names::{ASSERTION, DSIG, XENC},
    xml::{Element, Limits, canonical, read},
};

const NONCE: usize = 12;
const OF_ELEMENT: &str = "http://www.w3.org/2001/04/xmlenc#Element";
const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
/// OAEP whose mask is made with SHA-1, whatever its digest is.
const OAEP_MGF1P: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
/// OAEP that names its mask.
const OAEP: &str = "http://www.w3.org/2009/xmlenc11#rsa-oaep";
const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
const MGF1_SHA256: &str = "http://www.w3.org/2009/xmlenc11#mgf1sha256";

/// How the content is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cipher {
    Aes128Gcm,
    Aes256Gcm,
}

impl Cipher {
    const ALL: [(Self, &str); 2] = [
        (Self::Aes128Gcm, "http://www.w3.org/2009/xmlenc11#aes128-gcm"),
        (Self::Aes256Gcm, "http://www.w3.org/2009/xmlenc11#aes256-gcm"),
    ];

    const fn key_length(self) -> usize {
        match self {
            Self::Aes128Gcm => 16,
            Self::Aes256Gcm => 32,
        }
    }

    /// How others name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(other, _)| *other == self).map_or("", |(_, name)| *name)
    }

    /// The cipher of this name, if we have it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, other)| *other == name).map(|(cipher, _)| *cipher)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncryptionError {
    #[error("an algorithm is not one of those allowed")]
    Algorithm,
    #[error("no key of ours opens it, or it was changed")]
    Closed,
    #[error("the key given wraps nothing: it is not RSA")]
    Key,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("what is encrypted is of another form than allowed")]
    Shape,
}

/// An assertion that only the owner of `to` reads, as it stands in a response.
///
/// # Errors
/// No randomness, or a key that wraps nothing.
pub fn encrypt(
    assertion: &Element,
    to: &PublicKey,
    cipher: Cipher,
    oaep: Oaep,
    random: &dyn Random,
) -> Result<Element, EncryptionError> {
    let mut key = Zeroizing::new(vec![0; cipher.key_length()]);
    random.fill(&mut key)?;
    let nonce = random::bytes::<NONCE>(random)?;
    let sealed = gcm::sealed(&key, &nonce, canonical(assertion, &[])).ok_or(EncryptionError::Key)?;
    let sealed = [nonce.as_slice(), &sealed].concat();
    let wrapped = to.wrap(oaep, &key).ok_or(EncryptionError::Key)?;
    let wrapped = Element::new(XENC, "EncryptedKey").child(wrapping(oaep)).child(value(&wrapped));
    let data = Element::new(XENC, "EncryptedData")
        .with("Type", OF_ELEMENT)
        .child(Element::new(XENC, "EncryptionMethod").with("Algorithm", cipher.name()))
        .child(Element::new(DSIG, "KeyInfo").child(wrapped))
        .child(value(&sealed));
    Ok(Element::new(ASSERTION, "EncryptedAssertion").child(data))
}

fn wrapping(oaep: Oaep) -> Element {
    let xenc11 = crate::xml::Space { prefix: "xenc11", uri: XENC11 };
    let method = |name: &str| Element::new(XENC, "EncryptionMethod").with("Algorithm", name);
    let digest = |name: &str| Element::new(DSIG, "DigestMethod").with("Algorithm", name);
    match oaep {
        Oaep::Sha1 => method(OAEP_MGF1P).child(digest(SHA1)),
        Oaep::Sha256 => {
            let mask = Element::new(xenc11, "MGF").with("Algorithm", MGF1_SHA256);
            method(OAEP).child(digest(SHA256)).child(mask)
        }
    }
}

fn value(bytes: &[u8]) -> Element {
    let text = Element::new(XENC, "CipherValue").text(&base64::encoded(bytes));
    Element::new(XENC, "CipherData").child(text)
}

/// What was encrypted for one of these keys. It was not verified by this, and everything in it remains to be.
///
/// # Errors
/// It was not, or in another way than is allowed.
pub fn decrypt(encrypted: &Element, keys: &[&SamlKey]) -> Result<Element, EncryptionError> {
    let data = encrypted.only(XENC, "EncryptedData").ok_or(EncryptionError::Shape)?;
    let method = data.only(XENC, "EncryptionMethod").and_then(|method| method.attribute("Algorithm"));
    let cipher = method.and_then(Cipher::named).ok_or(EncryptionError::Algorithm)?;
    let inside = data.only(DSIG, "KeyInfo").and_then(|info| info.only(XENC, "EncryptedKey"));
    // Some put the wrapped key beside what it opens.
    let wrapped = inside.or_else(|| encrypted.only(XENC, "EncryptedKey")).ok_or(EncryptionError::Shape)?;
    let oaep = wrapped.only(XENC, "EncryptionMethod").and_then(oaep).ok_or(EncryptionError::Algorithm)?;
    let wrapped = bytes(wrapped, 1024).ok_or(EncryptionError::Shape)?;
    let sealed = bytes(data, Limits::MESSAGE.bytes).ok_or(EncryptionError::Shape)?;
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(EncryptionError::Shape)?;
    let opened = keys.iter().find_map(|key| {
        let key = key.unwrap(oaep, &wrapped).filter(|key| key.len() == cipher.key_length())?;
        gcm::opened(&key, nonce, sealed)
    });
    read(&opened.ok_or(EncryptionError::Closed)?, Limits::MESSAGE).map_err(|_| EncryptionError::Shape)
}

/// How a key was wrapped; a method with one digest throughout, and no label.
fn oaep(method: &Element) -> Option<Oaep> {
    let xenc11 = crate::xml::Space { prefix: "", uri: XENC11 };
    let of = |element: Option<&Element>| element?.attribute("Algorithm").map(str::to_owned);
    let name = method.attribute("Algorithm")?;
    let digest = of(method.only(DSIG, "DigestMethod"));
    let mask = of(method.only(xenc11, "MGF"));
    let known = 1 + usize::from(mask.is_some());
    if method.elements().count() > known {
        return None;
    }
    match (name, digest.as_deref(), mask.as_deref()) {
        (OAEP_MGF1P, None | Some(SHA1), None) => Some(Oaep::Sha1),
        (OAEP, Some(SHA256), Some(MGF1_SHA256)) => Some(Oaep::Sha256),
        (_, _, _) => None,
    }
}

fn bytes(element: &Element, most: usize) -> Option<Vec<u8>> {
    let value = element.only(XENC, "CipherData")?.only(XENC, "CipherValue")?;
    base64::decoded(value.only_text()?, most)
}

#[cfg(test)]
mod tests {
    use sallyport_crypto::{SystemRandom, saml_key::KeyKind};

    use super::*;

    #[test]
    fn what_is_encrypted_opens_for_its_key_and_unchanged_alone() {
        let key = |kind| SamlKey::from_pkcs8(&SamlKey::generate(kind).unwrap()).unwrap();
        let (ours, other, curve) = (key(KeyKind::Rsa2048), key(KeyKind::Rsa2048), key(KeyKind::P256));
        let assertion = Element::new(ASSERTION, "Assertion").with("ID", "_1").text("ä & <b>");
        let random = SystemRandom::new();
        for cipher in [Cipher::Aes128Gcm, Cipher::Aes256Gcm] {
            for oaep in [Oaep::Sha1, Oaep::Sha256] {
                let to = ours.public().unwrap();
                let encrypted = encrypt(&assertion, &to, cipher, oaep, &random).unwrap();
                let sent = canonical(&encrypted, &[]);
                assert!(!String::from_utf8_lossy(&sent).contains("&amp;"));
                let back = read(&sent, Limits::MESSAGE).unwrap();
                assert_eq!(decrypt(&back, &[&other, &curve, &ours]).as_ref(), Ok(&assertion));
                assert_eq!(decrypt(&back, &[&other]), Err(EncryptionError::Closed));
                assert_eq!(decrypt(&back, &[]), Err(EncryptionError::Closed));
            }
        }
        let to = curve.public().unwrap();
        let refused = encrypt(&assertion, &to, Cipher::Aes256Gcm, Oaep::Sha1, &random);
        assert_eq!(refused, Err(EncryptionError::Key));
    }

    #[test]
    fn no_other_algorithm_is_taken() {
        let ours = SamlKey::from_pkcs8(&SamlKey::generate(KeyKind::Rsa2048).unwrap()).unwrap();
        let assertion = Element::new(ASSERTION, "Assertion");
        let to = ours.public().unwrap();
        let encrypted =
            encrypt(&assertion, &to, Cipher::Aes256Gcm, Oaep::Sha1, &SystemRandom::new()).unwrap();
        let good = String::from_utf8(canonical(&encrypted, &[])).unwrap();
        for (from, to) in [
            (Cipher::Aes256Gcm.name(), "http://www.w3.org/2001/04/xmlenc#aes256-cbc"),
            (OAEP_MGF1P, "http://www.w3.org/2001/04/xmlenc#rsa-1_5"),
            (OAEP_MGF1P, OAEP),
            (SHA1, SHA256),
            (SHA1, "http://www.w3.org/2001/04/xmldsig-more#md5"),
        ] {
            let changed = read(good.replace(from, to).as_bytes(), Limits::MESSAGE).unwrap();
            assert_eq!(decrypt(&changed, &[&ours]), Err(EncryptionError::Algorithm), "{to}");
        }
    }
}
