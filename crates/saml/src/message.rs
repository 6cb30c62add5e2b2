//! What all messages have in common (core section 3.2), and what is said when one is refused.

use std::fmt::Write as _;

use sallyport_crypto::random::{self, NoRandomness, Random};
use sallyport_model::time::{Span, Time};

use crate::{
    dsig::SignatureError,
    enc::EncryptionError,
    names::{ASSERTION, ENTITY, PROTOCOL},
    when,
    xml::{Element, XmlError},
};

/// How far clocks may be apart.
pub const SKEW: Span = Span::seconds(60);
/// How long after it was made a request is still answered.
const LIFE_OF_REQUEST: Span = Span::minutes(5);
/// Longest identifier of a message.
const LONGEST_ID: usize = 256;
/// Longest name of an entity (core section 8.3.6).
pub(crate) const LONGEST_ENTITY: usize = 1024;

/// Why a message is not taken. Whoever sent it is told that it was refused; which check failed is for our own record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("it asks for an answer at an address that is not registered")]
    Address,
    #[error("it is for another audience")]
    Audience,
    #[error("it is not encoded as its binding says")]
    Encoding,
    #[error(transparent)]
    Encryption(#[from] EncryptionError),
    #[error("it was sent to another address")]
    Destination,
    #[error("it answers another request, or none")]
    InResponseTo,
    #[error("it is from somebody else")]
    Issuer,
    #[error("it has more or fewer assertions than one")]
    OneAssertion,
    #[error("a parameter is there twice, or missing")]
    Parameter,
    #[error("it is not addressed to here")]
    Recipient,
    #[error("what it wants back is longer than allowed, or has control characters")]
    RelayState,
    #[error("it was used before")]
    Replayed,
    #[error("it is of another form than allowed")]
    Shape,
    #[error(transparent)]
    Signature(#[from] SignatureError),
    #[error("it says that nobody was signed in")]
    Status,
    #[error("it names nobody, or in a way that is not taken")]
    Subject,
    #[error("it is too old, from the future, or good for too long")]
    Time,
    #[error(transparent)]
    Xml(#[from] XmlError),
}

/// The start of every message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub id: String,
    pub issued: Time,
    pub destination: Option<String>,
    /// The entity that it is from.
    pub issuer: String,
}

impl Header {
    /// Of a message of this name.
    pub(crate) fn read(message: &Element, local: &str) -> Result<Self, Refused> {
        if !message.is(PROTOCOL, local) {
            return Err(Refused::Shape);
        }
        let first = message.elements().next().ok_or(Refused::Shape)?;
        let (id, issued) = id_and_instant(message)?;
        let destination = message.attribute("Destination").map(str::to_owned);
        Ok(Self { id, issued, destination, issuer: issuer(first)? })
    }

    /// Whether it was made a moment ago and sent here. What is signed has to say where to, so that nobody passes it on.
    pub(crate) fn check(&self, here: &str, is_signed: bool, now: Time) -> Result<(), Refused> {
        if self.issued > now.plus(SKEW) || self.issued.plus(LIFE_OF_REQUEST).plus(SKEW) < now {
            return Err(Refused::Time);
        }
        match self.destination.as_deref() {
            Some(destination) if destination == here => Ok(()),
            None if !is_signed => Ok(()),
            Some(_) | None => Err(Refused::Destination),
        }
    }

    /// The start of a message of ours.
    pub(crate) fn written(&self, local: &str) -> Element {
        Element::new(PROTOCOL, local)
            .with("ID", &*self.id)
            .with("Version", "2.0")
            .with("IssueInstant", when::written(self.issued))
            .with_some("Destination", self.destination.as_deref())
            .child(Element::new(ASSERTION, "Issuer").text(&self.issuer))
    }
}

/// The name and time of a message or an assertion, which has to be of this version.
pub(crate) fn id_and_instant(element: &Element) -> Result<(String, Time), Refused> {
    let id = element.attribute("ID").filter(|id| is_id(id)).ok_or(Refused::Shape)?;
    let issued = element.attribute("IssueInstant").and_then(when::read).ok_or(Refused::Shape)?;
    if element.attribute("Version") != Some("2.0") || !element.has_elements_only() {
        return Err(Refused::Shape);
    }
    Ok((id.to_owned(), issued))
}

/// The entity named by an issuer.
pub(crate) fn issuer(element: &Element) -> Result<String, Refused> {
    let format = element.attribute("Format").is_none_or(|format| format == ENTITY);
    let name = element.only_text().filter(|name| !name.is_empty() && name.len() <= LONGEST_ENTITY);
    let is_it = element.is(ASSERTION, "Issuer") && format;
    name.filter(|_| is_it).map(str::to_owned).ok_or(Refused::Issuer)
}

pub(crate) fn is_id(id: &str) -> bool {
    let begins = id.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    begins && id.len() <= LONGEST_ID && id.chars().all(goes_on)
}

/// A fresh name for a message or an assertion of ours.
///
/// # Errors
/// No randomness.
pub fn fresh_id(random: &dyn Random) -> Result<String, NoRandomness> {
    let bytes = random::bytes::<20>(random)?;
    // Names of XML begin with no digit.
    let mut id = String::from("_");
    for byte in bytes {
        let _ = write!(id, "{byte:02x}");
    }
    Ok(id)
}

/// A truth value as XML Schema writes it; none means no.
pub(crate) fn is_true(value: Option<&str>) -> Result<bool, Refused> {
    match value {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => Err(Refused::Shape),
    }
}
