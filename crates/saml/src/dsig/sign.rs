//! Signing what we send.

use sallyport_crypto::saml_key::{Algorithm, SamlKey};

use super::{DigestMethod, Place, SHA256, name_of};
use crate::{
    base64,
    certificate::Certificate,
    names::{DSIG, ENVELOPED, EXCLUSIVE},
    xml::{Element, canonical},
};

/// What we sign with.
#[derive(Clone, Copy)]
pub struct Signer<'a> {
    pub key: &'a SamlKey,
    pub algorithm: Algorithm,
    /// Put beside the signature, because some want to see there what they already have.
    pub certificate: Option<&'a Certificate>,
}

/// The key is of another kind than the algorithm, or there is nothing with an `ID` to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key does not sign by this algorithm")]
pub struct SigningError;

impl<'a> Signer<'a> {
    /// By the key's own algorithm.
    #[must_use]
    pub const fn new(key: &'a SamlKey, certificate: Option<&'a Certificate>) -> Self {
        Self { key, algorithm: key.algorithm(), certificate }
    }

    /// The element with a signature over all of it, at its place.
    ///
    /// # Errors
    /// The key does not sign so.
    pub fn sign(&self, element: Element, place: Place) -> Result<Element, SigningError> {
        let id = element.attribute("ID").or_else(|| element.attribute("AssertionID"));
        let id = id.ok_or(SigningError)?;
        let info = self.signed_info(id, &DigestMethod::Sha256.of(&canonical(&element, &[])));
        let signature = self.key.sign(self.algorithm, &canonical(&info, &[])).ok_or(SigningError)?;
        let key_info = self.certificate.map(key_info);
        let signature = Element::new(DSIG, "Signature")
            .child(info)
            .child(Element::new(DSIG, "SignatureValue").text(&base64::encoded(&signature)))
            .children(key_info);
        Ok(element.child_at(place.index(), signature))
    }

    fn signed_info(&self, id: &str, digest: &[u8]) -> Element {
        let named = |what: &str, algorithm: &str| Element::new(DSIG, what).with("Algorithm", algorithm);
        let transforms = Element::new(DSIG, "Transforms")
            .child(named("Transform", ENVELOPED))
            .child(named("Transform", EXCLUSIVE.uri));
        let reference = Element::new(DSIG, "Reference")
            .with("URI", format!("#{id}"))
            .child(transforms)
            .child(named("DigestMethod", SHA256))
            .child(Element::new(DSIG, "DigestValue").text(&base64::encoded(digest)));
        Element::new(DSIG, "SignedInfo")
            .child(named("CanonicalizationMethod", EXCLUSIVE.uri))
            .child(named("SignatureMethod", name_of(self.algorithm)))
            .child(reference)
    }
}

/// A certificate as signatures and metadata carry it.
pub(crate) fn key_info(certificate: &Certificate) -> Element {
    let text = Element::new(DSIG, "X509Certificate").text(&certificate.base64());
    Element::new(DSIG, "KeyInfo").child(Element::new(DSIG, "X509Data").child(text))
}
