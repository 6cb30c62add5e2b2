//! What an application does with an answer, here for ourselves: where people come from another identity provider, and to try
//! what we send (profiles section 4.1.4.3, core section 2).
//!
//! The shape of the document is looked at first: one assertion, and signatures at the two places where they may be. Then every
//! signature is verified. What is said about the person is read from what was verified and from nothing else. And it
//! counts once: nobody gets it without saying where that is written down.

mod assertion;
#[cfg(test)]
pub(crate) mod tests;

use sallyport_crypto::saml_key::{PublicKey, SamlKey};
use sallyport_model::{
    saml::SamlBinding,
    time::{Span, Time},
};

use crate::{
    binding::{Kind, Received},
    dsig::{Place, SignatureError, Verified, is_signature, verify},
    enc::decrypt,
    logout::succeeded,
    message::{Refused, SKEW, id_and_instant, issuer},
    name_id::NameId,
    names::{ASSERTION, PROTOCOL},
    response::Attribute,
    xml::Element,
};

/// Longest that an assertion may be good for.
const LONGEST_LIFE: Span = Span::hours(24);

/// Which signatures an answer has to have. Whatever signature it has is verified anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    Assertion,
    Both,
    Either,
    Response,
}

/// What an answer has to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers<'a> {
    /// This request of ours, which this very browser carried.
    Request(&'a str),
    /// Nothing: the other side began.
    Unasked,
}

/// What is configured, and what was asked.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    /// Who we are to the other side, and where answers come to.
    pub entity_id: &'a str,
    pub acs: &'a str,
    /// Who the other side is, and its keys: no other count, whatever a message brings.
    pub issuer: &'a str,
    pub keys: &'a [&'a PublicKey],
    /// Ours, for what is encrypted.
    pub decryption: &'a [&'a SamlKey],
    pub answers: Answers<'a>,
    pub signed: Signed,
}

/// What was said about a person, and holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    pub issuer: String,
    pub name_id: NameId,
    pub session_index: Option<String>,
    pub signed_in: Time,
    pub session_until: Option<Time>,
    pub context: Option<String>,
    pub attributes: Vec<Attribute>,
}

/// An assertion that holds, as long as it has not been used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unspent {
    id: String,
    until: Time,
    assertion: Assertion,
}

impl Unspent {
    /// The assertion, if `first` says that it is seen for the first time. It is given the issuer, the assertion's name, and
    /// until when both have to be remembered.
    ///
    /// # Errors
    /// It was used before.
    pub fn spend(self, first: impl FnOnce(&str, &str, Time) -> bool) -> Result<Assertion, Refused> {
        if first(&self.assertion.issuer, &self.id, self.until) {
            Ok(self.assertion)
        } else {
            Err(Refused::Replayed)
        }
    }
}

/// Reads an answer.
///
/// # Errors
/// Something about it is not as it has to be. Which, is not for whoever brought it.
pub fn consume(received: &Received, expected: &Expected<'_>, now: Time) -> Result<Unspent, Refused> {
    let document = received.document();
    // What carries an assertion goes in a form and not in an address.
    if (received.kind, received.binding) != (Kind::Response, SamlBinding::Post)
        || !document.is(PROTOCOL, "Response")
    {
        return Err(Refused::Shape);
    }
    let assertions = |element: &Element| is_assertion(element) || is_encrypted(element);
    if document.count(&assertions) != 1
        || document.elements().filter(|element| assertions(element)).count() != 1
    {
        return Err(if succeeded(document) == Ok(false) { Refused::Status } else { Refused::OneAssertion });
    }
    let verified = signed_response(document, expected)?;
    let response = verified.as_ref().map_or(document, Verified::element);
    check_response(response, verified.is_some(), expected, now)?;
    let assertion = signed_assertion(document, response, verified.is_some(), expected)?;
    assertion::read(&assertion, expected, now)
}

fn is_assertion(element: &Element) -> bool {
    element.is(ASSERTION, "Assertion")
}

fn is_encrypted(element: &Element) -> bool {
    element.is(ASSERTION, "EncryptedAssertion")
}

/// The answer as it was signed, if it was. There are no signatures but those of the answer and of its assertion.
fn signed_response(document: &Element, expected: &Expected<'_>) -> Result<Option<Verified>, Refused> {
    let of = |element: &Element| element.elements().filter(|child| is_signature(child)).count();
    let outer = of(document);
    let inner: usize = document.elements().filter(|element| is_assertion(element)).map(of).sum();
    if document.count(&is_signature) != outer + inner {
        return Err(SignatureError::Place.into());
    }
    if outer == 0 {
        return Ok(None);
    }
    Ok(Some(verify(document, document, Place::AfterIssuer, expected.keys)?))
}

fn check_response(
    response: &Element,
    is_signed: bool,
    expected: &Expected<'_>,
    now: Time,
) -> Result<(), Refused> {
    let (_, issued) = id_and_instant(response)?;
    if issued > now.plus(SKEW) || issued.plus(LONGEST_LIFE) < now {
        return Err(Refused::Time);
    }
    let first = response.elements().next().filter(|first| first.is(ASSERTION, "Issuer"));
    if let Some(first) = first
        && issuer(first)? != expected.issuer
    {
        return Err(Refused::Issuer);
    }
    match response.attribute("Destination") {
        Some(destination) if destination == expected.acs => {}
        // What is signed says where it goes.
        None if !is_signed => {}
        Some(_) | None => return Err(Refused::Destination),
    }
    if !answers(response.attribute("InResponseTo"), expected.answers) {
        return Err(Refused::InResponseTo);
    }
    if succeeded(response)? { Ok(()) } else { Err(Refused::Status) }
}

fn answers(given: Option<&str>, expected: Answers<'_>) -> bool {
    match expected {
        Answers::Request(id) => given == Some(id),
        Answers::Unasked => given.is_none(),
    }
}

/// The assertion as it was signed, by itself or with the answer around it.
fn signed_assertion(
    document: &Element,
    response: &Element,
    response_is_signed: bool,
    expected: &Expected<'_>,
) -> Result<Element, Refused> {
    let decrypted = match response.elements().find(|element| is_encrypted(element)) {
        Some(encrypted) => Some(decrypt(encrypted, expected.decryption)?),
        None => None,
    };
    // A signature inside is over what stands in the document as it came; what was encrypted is a document of its own.
    let (found, within) = match &decrypted {
        Some(decrypted) => (Some(decrypted), decrypted),
        None => (document.elements().find(|element| is_assertion(element)), document),
    };
    let found = found.filter(|found| is_assertion(found)).ok_or(Refused::OneAssertion)?;
    if within.count(&is_assertion) != 1 || within.count(&is_encrypted) != 0 {
        return Err(Refused::OneAssertion);
    }
    let inner = found.elements().filter(|child| is_signature(child)).count();
    if decrypted.is_some() && found.count(&is_signature) != inner {
        return Err(SignatureError::Place.into());
    }
    let verified = match inner {
        0 => None,
        _ => Some(verify(found, within, Place::AfterIssuer, expected.keys)?),
    };
    let enough = match expected.signed {
        Signed::Assertion => verified.is_some(),
        Signed::Both => verified.is_some() && response_is_signed,
        Signed::Either => verified.is_some() || response_is_signed,
        Signed::Response => response_is_signed,
    };
    if !enough {
        return Err(SignatureError::Missing.into());
    }
    match (verified, decrypted) {
        (Some(verified), _) => Ok(verified.element().clone()),
        (None, Some(decrypted)) => Ok(decrypted),
        // Not signed by itself: as it stands in the signed answer.
        (None, None) => {
            response.elements().find(|element| is_assertion(element)).cloned().ok_or(Refused::OneAssertion)
        }
    }
}
