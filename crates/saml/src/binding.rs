//! How messages travel through a browser: in the query of an address, or in a form that sends itself (bindings sections 3.4 and
//! 3.5).

mod query;
#[cfg(test)]
mod tests;

use sallyport_crypto::saml_key::{Algorithm, PublicKey};
use sallyport_model::saml::SamlBinding;
use serde::{Deserialize, Serialize};

use crate::{
    base64,
    dsig::{Place, SignatureError, Signer, SigningError, is_signature, verify},
    message::Refused,
    names::{POST, PROTOCOL, REDIRECT},
    shown::shown,
    xml::{Element, Limits, canonical, read},
};

/// Longest of what an application wants back with the answer. The standard says 80 bytes, and hardly anybody keeps to it.
const LONGEST_STATE: usize = 2048;

/// What an application wants back with the answer: opaque to us, and never followed anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RelayState(String);

impl RelayState {
    /// # Errors
    /// It is too long, or has control characters.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let is_good = text.len() <= LONGEST_STATE && !text.chars().any(char::is_control);
        if is_good { Ok(Self(text.to_owned())) } else { Err(Refused::RelayState) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RelayState {
    type Error = Refused;

    fn try_from(text: String) -> Result<Self, Refused> {
        Self::parse(&text)
    }
}

impl From<RelayState> for String {
    fn from(state: RelayState) -> Self {
        state.0
    }
}

/// How metadata and requests name a binding.
#[must_use]
pub const fn name_of(binding: SamlBinding) -> &'static str {
    match binding {
        SamlBinding::Post => POST,
        SamlBinding::Redirect => REDIRECT,
    }
}

/// The binding of this name, if we speak it.
#[must_use]
pub fn binding_named(uri: &str) -> Option<SamlBinding> {
    [SamlBinding::Post, SamlBinding::Redirect].into_iter().find(|binding| name_of(*binding) == uri)
}

/// Whether something is asked or answered, which is how the parameter is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Request,
    Response,
}

impl Kind {
    #[must_use]
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// A signature that travels beside its message.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Detached {
    /// The octets of the query that were signed, as they came.
    signed: Vec<u8>,
    algorithm: Option<Algorithm>,
    value: Vec<u8>,
}

/// A message as it came: somebody says something, and nobody has looked yet whether it is true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub kind: Kind,
    pub binding: SamlBinding,
    pub relay_state: Option<RelayState>,
    document: Element,
    detached: Option<Detached>,
}

/// A message that was looked at: read from what was signed, if it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub(crate) element: Element,
    pub is_signed: bool,
}

impl Received {
    /// From a form: the two fields as they were sent.
    ///
    /// # Errors
    /// They are no message.
    pub fn from_form(kind: Kind, message: &str, relay_state: Option<&str>) -> Result<Self, Refused> {
        let bytes = base64::decoded(message, Limits::MESSAGE.bytes).ok_or(Refused::Encoding)?;
        let document = read(&bytes, Limits::MESSAGE)?;
        let relay_state = state(relay_state)?;
        Ok(Self { kind, binding: SamlBinding::Post, relay_state, document, detached: None })
    }

    /// From the query of an address, as it came: without its question mark, and not decoded.
    ///
    /// # Errors
    /// It is no message.
    pub fn from_query(raw: &str) -> Result<Self, Refused> {
        let query = query::Query::read(raw)?;
        let document = read(&query.message, Limits::MESSAGE)?;
        let relay_state = state(query.relay_state.as_deref())?;
        Ok(Self {
            kind: query.kind,
            binding: SamlBinding::Redirect,
            relay_state,
            document,
            detached: query.detached,
        })
    }

    /// Who says to have sent it: good for looking up whose keys to verify with, and for nothing else.
    ///
    /// # Errors
    /// It names nobody.
    pub fn alleged_issuer(&self) -> Result<String, Refused> {
        crate::message::issuer(self.document.elements().next().ok_or(Refused::Shape)?)
    }

    /// What it says is called, to tell requests to sign in from those to sign out. Not verified either.
    #[must_use]
    pub fn alleged_name(&self) -> &str {
        if self.document.space() == PROTOCOL.uri { self.document.local() } else { "" }
    }

    /// The message as people read it, whoever sent it and whether it is true or not.
    #[must_use]
    pub fn shown(&self) -> String {
        shown(&self.document)
    }

    pub(crate) const fn document(&self) -> &Element {
        &self.document
    }

    /// Verifies every signature there is by one of `keys`. Where there are no keys nothing counts as signed.
    ///
    /// # Errors
    /// A signature is bad; or there is none, and it had to be signed.
    pub fn open(&self, keys: &[&PublicKey], must_be_signed: bool) -> Result<Opened, Refused> {
        let missing =
            || if must_be_signed { Err(Refused::Signature(SignatureError::Missing)) } else { Ok(()) };
        let opened = |element: &Element, is_signed| Opened { element: element.clone(), is_signed };
        if keys.is_empty() {
            missing()?;
            return Ok(opened(&self.document, false));
        }
        let beside = match &self.detached {
            Some(detached) => detached.verify(keys).map(|()| true)?,
            None => false,
        };
        if self.document.count(&is_signature) > 0 {
            let verified = verify(&self.document, &self.document, Place::AfterIssuer, keys)?;
            // One signature and no more, wherever another might hide.
            if self.document.count(&is_signature) > 1 {
                return Err(SignatureError::Place.into());
            }
            return Ok(opened(verified.element(), true));
        }
        if !beside {
            missing()?;
        }
        Ok(opened(&self.document, beside))
    }
}

impl Detached {
    fn verify(&self, keys: &[&PublicKey]) -> Result<(), SignatureError> {
        let algorithm = self.algorithm.ok_or(SignatureError::Algorithm)?;
        let verifies = keys.iter().any(|key| key.verifies(algorithm, &self.signed, &self.value));
        if verifies { Ok(()) } else { Err(SignatureError::NoKey) }
    }
}

fn state(given: Option<&str>) -> Result<Option<RelayState>, Refused> {
    given.filter(|given| !given.is_empty()).map(RelayState::parse).transpose()
}

/// A form that sends itself: where to, and its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostForm {
    pub action: String,
    pub fields: Vec<(&'static str, String)>,
}

impl PostForm {
    /// With a message, which carries its signature in it.
    #[must_use]
    pub fn new(action: &str, kind: Kind, message: &Element, relay_state: Option<&RelayState>) -> Self {
        let message = base64::encoded(&canonical(message, &[]));
        let state = relay_state.map(|state| ("RelayState", state.as_str().to_owned()));
        let fields = std::iter::once((kind.parameter(), message)).chain(state).collect();
        Self { action: action.to_owned(), fields }
    }
}

/// The address that carries a message, signed beside it.
///
/// # Errors
/// The key does not sign so.
pub fn redirect(
    to: &str,
    kind: Kind,
    message: &Element,
    relay_state: Option<&RelayState>,
    signer: Option<&Signer<'_>>,
) -> Result<String, SigningError> {
    let query = query::written(kind, &canonical(message, &[]), relay_state, signer)?;
    let joint = if to.contains('?') { '&' } else { '?' };
    Ok(format!("{to}{joint}{query}"))
}
