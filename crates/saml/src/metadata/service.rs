//! Metadata of an application: what it calls itself, where answers may go, and its keys.

use sallyport_crypto::saml_key::PublicKey;
use sallyport_model::{
    RedirectUri, RedirectUriError,
    saml::{SamlConsumer, SamlEndpoint},
    time::{Span, Time},
};
use serde::{Deserialize, Serialize};

use crate::{
    binding::binding_named,
    certificate::{Certificate, CertificateError},
    dsig::{Place, SignatureError, verify},
    enc::Cipher,
    message::{LONGEST_ENTITY, Refused, is_true},
    names::{DSIG, METADATA, POST, PROTOCOL},
    request::AuthnRequest,
    when,
    xml::{Element, Limits, XmlError, read},
};

/// Most endpoints of a kind, and keys.
const MOST: usize = 64;
/// Longest text that is kept of what is only shown.
const LONGEST_SHOWN: usize = 200;

/// An application, as it describes itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceProvider {
    pub entity_id: String,
    /// What it calls itself, to be shown.
    #[serde(default)]
    pub name: Option<String>,
    /// At least one; in the order given.
    pub acs: Vec<SamlConsumer>,
    #[serde(default)]
    pub logout: Vec<SamlEndpoint>,
    /// By which it signs, and for which we encrypt.
    #[serde(default)]
    pub signing: Vec<Certificate>,
    #[serde(default)]
    pub encryption: Vec<Certificate>,
    /// Names of what it decrypts, if it says so.
    #[serde(default)]
    pub encryption_methods: Vec<String>,
    /// Names of the formats it wants people named in, the best first.
    #[serde(default)]
    pub name_id_formats: Vec<String>,
    #[serde(default)]
    pub signs_requests: bool,
    #[serde(default)]
    pub wants_signed_assertions: bool,
    /// Attributes it asks for, by name.
    #[serde(default)]
    pub attributes: Vec<String>,
    #[serde(default)]
    pub valid_until: Option<Time>,
    /// How often to read this again, if it says so.
    #[serde(default)]
    pub read_again_after: Option<Span>,
}

/// Why something is no metadata of an application.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    #[error("`{url}` {why}")]
    Address { url: String, why: RedirectUriError },
    #[error("{0}")]
    Certificate(#[from] CertificateError),
    #[error("it names no entity, or one of more than {LONGEST_ENTITY} characters")]
    EntityId,
    #[error("it was good until {}", .0.written())]
    Expired(Time),
    #[error("two consumers of assertions have the index {0}")]
    Index(u16),
    #[error("it has no consumer of assertions that takes them in a form (HTTP-POST)")]
    NoConsumer,
    #[error("it is not the metadata of a service provider of SAML 2.0")]
    NoServiceProvider,
    #[error("it describes {0} service providers; give the metadata of one")]
    Several(usize),
    #[error("`{0}` is of another form than the standard has it")]
    Shape(&'static str),
    #[error("{0}")]
    Signature(#[from] SignatureError),
    #[error("it has more endpoints or keys of a kind than {MOST}")]
    TooMany,
    #[error("it cannot be read as XML: it {0}")]
    Xml(#[from] XmlError),
}

impl ServiceProvider {
    /// Reads a file. Where there are `keys` it has to be signed by one of them.
    ///
    /// # Errors
    /// It is none of one application, or can not be used any more.
    pub fn read(bytes: &[u8], keys: &[&PublicKey], now: Time) -> Result<Self, MetadataError> {
        let document = read(bytes, Limits::METADATA)?;
        let verified = match keys {
            [] => None,
            keys => Some(verify(&document, &document, Place::First, keys)?),
        };
        let document = verified.as_ref().map_or(&document, |verified| verified.element());
        let entity = entity(document)?;
        let valid_until = earliest(&[document, entity, role(entity)?])?;
        if let Some(until) = valid_until.filter(|until| *until <= now) {
            return Err(MetadataError::Expired(until));
        }
        let mut provider = Self::of(entity, role(entity)?)?;
        provider.valid_until = valid_until;
        provider.read_again_after = entity.attribute("cacheDuration").and_then(when::length);
        Ok(provider)
    }

    fn of(entity: &Element, role: &Element) -> Result<Self, MetadataError> {
        let entity_id = entity.attribute("entityID").unwrap_or_default();
        if entity_id.is_empty() || entity_id.len() > LONGEST_ENTITY || entity_id.chars().any(char::is_control)
        {
            return Err(MetadataError::EntityId);
        }
        let truth =
            |name: &'static str| is_true(role.attribute(name)).map_err(|_| MetadataError::Shape(name));
        let (signing, encryption) = certificates(role)?;
        let formats = role.named(METADATA, "NameIDFormat").filter_map(Element::only_text);
        Ok(Self {
            entity_id: entity_id.to_owned(),
            name: name(entity),
            acs: consumers(role)?,
            logout: logout(role)?,
            signing,
            encryption,
            encryption_methods: methods(role),
            name_id_formats: formats.take(MOST).map(shown).collect(),
            signs_requests: truth("AuthnRequestsSigned")?,
            wants_signed_assertions: truth("WantAssertionsSigned")?,
            attributes: wanted(role),
            valid_until: None,
            read_again_after: None,
        })
    }

    /// The keys it signs with.
    #[must_use]
    pub fn keys(&self) -> Vec<&PublicKey> {
        self.signing.iter().map(Certificate::key).collect()
    }
}

/// Where the answer to a request goes: to an address that is registered, byte for byte, and nowhere else.
///
/// # Errors
/// The request names another one.
pub fn consumer<'a>(
    registered: &'a [SamlConsumer],
    request: &AuthnRequest,
) -> Result<&'a SamlConsumer, Refused> {
    let found = match (&request.acs_url, request.acs_index) {
        (Some(url), None) => registered.iter().find(|consumer| consumer.url.as_str() == url),
        (None, Some(index)) => registered.iter().find(|consumer| consumer.index == index),
        (None, None) => default_consumer(registered),
        (Some(_), Some(_)) => None,
    };
    found.ok_or(Refused::Address)
}

/// Where answers go that nobody asked for.
#[must_use]
pub fn default_consumer(registered: &[SamlConsumer]) -> Option<&SamlConsumer> {
    registered.iter().find(|consumer| consumer.is_default).or_else(|| registered.first())
}

/// What to encrypt with for somebody who decrypts by methods of these names: the best cipher that we share. None where they
/// are named and we have none of them.
#[must_use]
pub fn cipher(methods: &[String]) -> Option<Cipher> {
    let is_named = |cipher: &Cipher| methods.iter().any(|name| name == cipher.name());
    match methods.iter().any(|name| is_of_content(name)) {
        true => [Cipher::Aes256Gcm, Cipher::Aes128Gcm].into_iter().find(is_named),
        false => Some(Cipher::Aes256Gcm),
    }
}

/// Whether a method encrypts content, and not keys.
fn is_of_content(name: &str) -> bool {
    ["-gcm", "-cbc"].iter().any(|ending| name.ends_with(ending))
}

/// The one entity that is a service provider.
fn entity(document: &Element) -> Result<&Element, MetadataError> {
    if document.is(METADATA, "EntityDescriptor") {
        return Ok(document);
    }
    if !document.is(METADATA, "EntitiesDescriptor") {
        return Err(MetadataError::NoServiceProvider);
    }
    let services = |entity: &&Element| entity.named(METADATA, "SPSSODescriptor").next().is_some();
    let mut found = document.named(METADATA, "EntityDescriptor").filter(services);
    match (found.next(), found.count()) {
        (Some(entity), 0) => Ok(entity),
        (Some(_), others) => Err(MetadataError::Several(others + 1)),
        (None, _) => Err(MetadataError::NoServiceProvider),
    }
}

fn role(entity: &Element) -> Result<&Element, MetadataError> {
    let speaks = |role: &&Element| {
        let protocols = role.attribute("protocolSupportEnumeration").unwrap_or_default();
        protocols.split_ascii_whitespace().any(|protocol| protocol == PROTOCOL.uri)
    };
    let mut roles = entity.named(METADATA, "SPSSODescriptor").filter(speaks);
    match (roles.next(), roles.count()) {
        (Some(role), 0) => Ok(role),
        (Some(_), others) => Err(MetadataError::Several(others + 1)),
        (None, _) => Err(MetadataError::NoServiceProvider),
    }
}

/// When the first of them ends to be good.
fn earliest(elements: &[&Element]) -> Result<Option<Time>, MetadataError> {
    let moments = elements.iter().filter_map(|element| element.attribute("validUntil"));
    let moments = moments.map(|text| when::read(text).ok_or(MetadataError::Shape("validUntil")));
    let moments: Result<Vec<Time>, MetadataError> = moments.collect();
    Ok(moments?.into_iter().min())
}

fn address(text: &str) -> Result<RedirectUri, MetadataError> {
    text.parse()
        .map_err(|why| MetadataError::Address { url: text.chars().take(LONGEST_SHOWN).collect(), why })
}

fn consumers(role: &Element) -> Result<Vec<SamlConsumer>, MetadataError> {
    let mut consumers = Vec::<SamlConsumer>::new();
    for endpoint in role.named(METADATA, "AssertionConsumerService") {
        // Others speak artifacts or SOAP, which we do not send.
        if endpoint.attribute("Binding") != Some(POST) {
            continue;
        }
        let shape = MetadataError::Shape("AssertionConsumerService");
        let index = endpoint.attribute("index").unwrap_or("0").parse().map_err(|_| shape.clone())?;
        if consumers.iter().any(|other| other.index == index) {
            return Err(MetadataError::Index(index));
        }
        let url = address(endpoint.attribute("Location").unwrap_or_default())?;
        let is_default = is_true(endpoint.attribute("isDefault")).map_err(|_| shape)?;
        consumers.push(SamlConsumer { index, url, is_default });
        if consumers.len() > MOST {
            return Err(MetadataError::TooMany);
        }
    }
    if consumers.is_empty() { Err(MetadataError::NoConsumer) } else { Ok(consumers) }
}

fn logout(role: &Element) -> Result<Vec<SamlEndpoint>, MetadataError> {
    let mut endpoints = Vec::new();
    for endpoint in role.named(METADATA, "SingleLogoutService") {
        let Some(binding) = endpoint.attribute("Binding").and_then(binding_named) else { continue };
        let url = address(endpoint.attribute("Location").unwrap_or_default())?;
        let response_url = endpoint.attribute("ResponseLocation").map(address).transpose()?;
        endpoints.push(SamlEndpoint { binding, url, response_url });
        if endpoints.len() > MOST {
            return Err(MetadataError::TooMany);
        }
    }
    Ok(endpoints)
}

/// Those it signs with, and those to encrypt for; a key without a use is for both.
fn certificates(role: &Element) -> Result<(Vec<Certificate>, Vec<Certificate>), MetadataError> {
    let (mut signing, mut encryption) = (Vec::new(), Vec::new());
    for descriptor in role.named(METADATA, "KeyDescriptor") {
        let uses = match descriptor.attribute("use") {
            None => (true, true),
            Some("signing") => (true, false),
            Some("encryption") => (false, true),
            Some(_) => return Err(MetadataError::Shape("KeyDescriptor")),
        };
        let info = descriptor.only(DSIG, "KeyInfo").ok_or(MetadataError::Shape("KeyDescriptor"))?;
        let data = info.named(DSIG, "X509Data").flat_map(|data| data.named(DSIG, "X509Certificate"));
        for text in data {
            let text = text.only_text().ok_or(CertificateError::Unreadable)?;
            let certificate = Certificate::parse(text)?;
            if uses.1 && certificate.key().can_wrap() {
                encryption.push(certificate.clone());
            }
            if uses.0 {
                signing.push(certificate);
            }
            if signing.len().max(encryption.len()) > MOST {
                return Err(MetadataError::TooMany);
            }
        }
    }
    Ok((signing, encryption))
}

fn methods(role: &Element) -> Vec<String> {
    let descriptors = role.named(METADATA, "KeyDescriptor");
    let methods = descriptors.flat_map(|descriptor| descriptor.named(METADATA, "EncryptionMethod"));
    methods.filter_map(|method| method.attribute("Algorithm")).take(MOST).map(shown).collect()
}

fn wanted(role: &Element) -> Vec<String> {
    let services = role.named(METADATA, "AttributeConsumingService");
    let attributes = services.flat_map(|service| service.named(METADATA, "RequestedAttribute"));
    attributes.filter_map(|attribute| attribute.attribute("Name")).take(MOST).map(shown).collect()
}

fn name(entity: &Element) -> Option<String> {
    let organization = entity.named(METADATA, "Organization").next()?;
    let names = ["OrganizationDisplayName", "OrganizationName"];
    let mut found = names.iter().filter_map(|local| organization.named(METADATA, local).next()?.only_text());
    found.find(|name| !name.is_empty()).map(shown)
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST_SHOWN).collect()
}
