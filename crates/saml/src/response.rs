//! What an application is answered (core sections 2 and 3.3.3, profiles section 4.1.4.2).

use sallyport_crypto::{
    random::Random,
    saml_key::{Oaep, PublicKey},
};
use sallyport_model::time::{Span, Time};

use crate::{
    dsig::{Place, Signer, SigningError},
    enc::{Cipher, EncryptionError, encrypt},
    message::{Header, fresh_id},
    name_id::NameId,
    names::{ASSERTION, BEARER, NAMED_BASIC, NAMED_BY_URI, PROTOCOL},
    when,
    xml::Element,
};

/// Classes of authentication, as we name them.
pub mod context {
    /// A password over TLS.
    pub const PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
    /// Two factors of different kinds (REFEDS).
    pub const TWO_FACTORS: &str = "https://refeds.org/profile/mfa";
    pub const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified";
}

/// How long an answer may be on its way.
pub(crate) const LIFE: Span = Span::minutes(5);
/// How far behind the clock of an application may be.
pub(crate) const BEFORE: Span = Span::minutes(1);

/// One thing said about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    pub name: String,
    pub values: Vec<String>,
}

/// What an application is told about somebody who was signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement<'a> {
    /// Who we are, who it is for, where it goes, and what it answers, if anything.
    pub issuer: &'a str,
    pub audience: &'a str,
    pub acs: &'a str,
    pub in_response_to: Option<&'a str>,
    pub name_id: &'a NameId,
    /// The session, by a name that means something to us when the application signs out of it.
    pub session_index: &'a str,
    pub signed_in: Time,
    pub session_until: Option<Time>,
    pub context: &'a str,
    pub attributes: &'a [Attribute],
    pub now: Time,
}

/// For whom an assertion is encrypted, and how.
#[derive(Clone, Copy)]
pub struct EncryptFor<'a> {
    pub key: &'a PublicKey,
    pub cipher: Cipher,
    pub oaep: Oaep,
}

/// What protects an answer. The assertion is always signed: it is what counts, and it is all that is left of an answer where
/// an application keeps it.
#[derive(Clone, Copy)]
pub struct Protection<'a> {
    pub signer: Signer<'a>,
    pub sign_response: bool,
    pub encrypt: Option<EncryptFor<'a>>,
}

/// Why an answer cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    #[error(transparent)]
    Encryption(#[from] EncryptionError),
    #[error(transparent)]
    NoRandomness(#[from] sallyport_crypto::random::NoRandomness),
    #[error(transparent)]
    Signing(#[from] SigningError),
}

impl Statement<'_> {
    /// The answer, signed and encrypted as was said.
    ///
    /// # Errors
    /// No randomness, or a key that does not do what is asked of it.
    pub fn response(
        &self,
        protection: &Protection<'_>,
        random: &dyn Random,
    ) -> Result<Element, ResponseError> {
        self.around(self.signed(&protection.signer, random)?, protection, random)
    }

    /// The assertion of an answer, signed.
    ///
    /// # Errors
    /// No randomness, or a key that does not sign so.
    pub fn signed(&self, signer: &Signer<'_>, random: &dyn Random) -> Result<Element, ResponseError> {
        Ok(signer.sign(self.assertion(fresh_id(random)?), Place::AfterIssuer)?)
    }

    /// The answer around its assertion, protected as was said.
    ///
    /// # Errors
    /// No randomness, or a key that does not do what is asked of it.
    pub fn around(
        &self,
        assertion: Element,
        protection: &Protection<'_>,
        random: &dyn Random,
    ) -> Result<Element, ResponseError> {
        let assertion = match protection.encrypt {
            Some(to) => encrypt(&assertion, to.key, to.cipher, to.oaep, random)?,
            None => assertion,
        };
        let status = status(Status::SUCCESS);
        let response = head(self.issuer, self.acs, self.in_response_to, self.now, random)?;
        let response = response.child(status).child(assertion);
        if protection.sign_response {
            return Ok(protection.signer.sign(response, Place::AfterIssuer)?);
        }
        Ok(response)
    }

    pub(crate) fn assertion(&self, id: String) -> Element {
        let until = when::written(self.now.plus(LIFE));
        let of = |local: &str| Element::new(ASSERTION, local);
        let confirmed = of("SubjectConfirmationData")
            .with_some("InResponseTo", self.in_response_to)
            .with("NotOnOrAfter", &*until)
            .with("Recipient", self.acs);
        let subject = of("Subject")
            .child(self.name_id.written())
            .child(of("SubjectConfirmation").with("Method", BEARER).child(confirmed));
        let conditions = of("Conditions")
            .with("NotBefore", when::written(self.now.minus(BEFORE)))
            .with("NotOnOrAfter", until)
            .child(of("AudienceRestriction").child(of("Audience").text(self.audience)));
        let class = of("AuthnContext").child(of("AuthnContextClassRef").text(self.context));
        let authn = of("AuthnStatement")
            .with("AuthnInstant", when::written(self.signed_in))
            .with("SessionIndex", self.session_index)
            .with_some("SessionNotOnOrAfter", self.session_until.map(when::written))
            .child(class);
        let attributes = (!self.attributes.is_empty())
            .then(|| of("AttributeStatement").children(self.attributes.iter().map(Attribute::written)));
        of("Assertion")
            .with("ID", id)
            .with("Version", "2.0")
            .with("IssueInstant", when::written(self.now))
            .child(of("Issuer").text(self.issuer))
            .child(subject)
            .child(conditions)
            .child(authn)
            .children(attributes)
    }
}

impl Attribute {
    fn written(&self) -> Element {
        let by_uri = self.name.starts_with("urn:") || self.name.contains("://");
        let values = self.values.iter();
        let values = values.map(|value| Element::new(ASSERTION, "AttributeValue").text(value));
        Element::new(ASSERTION, "Attribute")
            .with("Name", &*self.name)
            .with("NameFormat", if by_uri { NAMED_BY_URI } else { NAMED_BASIC })
            .children(values)
    }
}

fn head(
    issuer: &str,
    to: &str,
    in_response_to: Option<&str>,
    now: Time,
    random: &dyn Random,
) -> Result<Element, ResponseError> {
    let (issuer, destination) = (issuer.to_owned(), Some(to.to_owned()));
    let header = Header { id: fresh_id(random)?, issued: now, destination, issuer };
    Ok(header.written("Response").with_some("InResponseTo", in_response_to))
}

/// How a request ended: who says so (first level), and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    pub(crate) first: &'static str,
    pub(crate) second: Option<&'static str>,
}

impl Status {
    pub(crate) const SUCCESS: Self = Self::new("Success", None);
    /// Nobody could be signed in without being asked.
    pub const NO_PASSIVE: Self = Self::new("Responder", Some("NoPassive"));
    /// Not with the proof that was asked for.
    pub const NO_AUTHN_CONTEXT: Self = Self::new("Responder", Some("NoAuthnContext"));
    /// Not by a name of the format that was asked for.
    pub const INVALID_NAME_ID_POLICY: Self = Self::new("Requester", Some("InvalidNameIDPolicy"));
    /// Whoever asked, or whoever was to be signed in, may not.
    pub const REQUEST_DENIED: Self = Self::new("Responder", Some("RequestDenied"));
    /// Some sessions could not be ended.
    pub const PARTIAL_LOGOUT: Self = Self::new("Responder", Some("PartialLogout"));

    const fn new(first: &'static str, second: Option<&'static str>) -> Self {
        Self { first, second }
    }
}

/// The name of a status in messages.
pub(crate) const STATUS: &str = "urn:oasis:names:tc:SAML:2.0:status:";

pub(crate) fn status(status: Status) -> Element {
    let code = |name: &str| Element::new(PROTOCOL, "StatusCode").with("Value", format!("{STATUS}{name}"));
    let first = code(status.first).children(status.second.map(code));
    Element::new(PROTOCOL, "Status").child(first)
}

/// The answer to a request that came to nothing, signed.
///
/// # Errors
/// No randomness, or a key that does not sign so.
pub fn failure(
    issuer: &str,
    acs: &str,
    in_response_to: Option<&str>,
    why: Status,
    signer: &Signer<'_>,
    (now, random): (Time, &dyn Random),
) -> Result<Element, ResponseError> {
    let response = head(issuer, acs, in_response_to, now, random)?.child(status(why));
    Ok(signer.sign(response, Place::AfterIssuer)?)
}
