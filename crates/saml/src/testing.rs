//! Two parties that know each other, for the tests of this room.

use std::sync::LazyLock;

use sallyport_crypto::{
    SystemRandom,
    saml_key::{KeyKind, PublicKey, SamlKey},
};
use sallyport_model::time::{Span, Time};

use crate::{
    binding::{Kind, Received},
    certificate::Certificate,
    consume::{Answers, Expected, Signed},
    dsig::Signer,
    name_id::{NameId, NameIdFormat},
    response::{Attribute, EncryptFor, Protection, Statement, context},
    xml::{Element, canonical},
};

pub(crate) const IDP: &str = "https://idp.example/saml";
pub(crate) const SSO: &str = "https://idp.example/saml/sso";
pub(crate) const SP: &str = "https://app.example/metadata";
pub(crate) const ACS: &str = "https://app.example/acs";
pub(crate) const NOW: Time = Time::from_unix_seconds(1_900_000_000);

pub(crate) struct Party {
    pub(crate) key: SamlKey,
    pub(crate) public: PublicKey,
    pub(crate) certificate: Certificate,
}

impl Party {
    fn of(kind: KeyKind) -> Self {
        let key = SamlKey::from_pkcs8(&SamlKey::generate(kind).unwrap()).unwrap();
        // Anybody may put any name on a certificate.
        let der = key.certificate("idp.example", (0, 4_000_000_000), &SystemRandom::new()).unwrap();
        let certificate = Certificate::from_der(&der).unwrap();
        Self { public: key.public().unwrap(), key, certificate }
    }

    pub(crate) const fn signer(&self) -> Signer<'_> {
        Signer::new(&self.key, Some(&self.certificate))
    }
}

pub(crate) static PROVIDER: LazyLock<Party> = LazyLock::new(|| Party::of(KeyKind::Rsa2048));
pub(crate) static APPLICATION: LazyLock<Party> = LazyLock::new(|| Party::of(KeyKind::Rsa2048));
pub(crate) static STRANGER: LazyLock<Party> = LazyLock::new(|| Party::of(KeyKind::Rsa2048));

pub(crate) fn ada() -> NameId {
    NameId::new(NameIdFormat::Unspecified, "ada")
}

/// What is said of Ada, in answer to `_request`.
pub(crate) fn statement<'a>(name_id: &'a NameId, attributes: &'a [Attribute]) -> Statement<'a> {
    Statement {
        issuer: IDP,
        audience: SP,
        acs: ACS,
        in_response_to: Some("_request"),
        name_id,
        session_index: "_session",
        signed_in: NOW.minus(Span::minutes(3)),
        session_until: Some(NOW.plus(Span::hours(8))),
        context: context::TWO_FACTORS,
        attributes,
        now: NOW,
    }
}

pub(crate) fn protection<'a>(sign_response: bool, encrypt: Option<EncryptFor<'a>>) -> Protection<'a> {
    Protection { signer: PROVIDER.signer(), sign_response, encrypt }
}

pub(crate) fn text(element: &Element) -> String {
    String::from_utf8(canonical(element, &[])).unwrap()
}

pub(crate) fn posted(kind: Kind, text: &str) -> Result<Received, crate::Refused> {
    Received::from_form(kind, &crate::base64::encoded(text.as_bytes()), None)
}

pub(crate) fn expected<'a>(keys: &'a [&'a PublicKey], decryption: &'a [&'a SamlKey]) -> Expected<'a> {
    Expected {
        entity_id: SP,
        acs: ACS,
        issuer: IDP,
        keys,
        decryption,
        answers: Answers::Request("_request"),
        signed: Signed::Either,
    }
}

/// A part of a text, from where it begins to behind where it ends.
pub(crate) fn part<'a>(text: &'a str, begins: &str, ends: &str) -> &'a str {
    let start = text.find(begins).unwrap();
    let length = text[start..].find(ends).unwrap() + ends.len();
    &text[start..start + length]
}
