//! What an application may be registered with, and how its metadata becomes that.

use sallyport_model::{
    Application, ApplicationKind, NameIdFormat, RedirectUri, SamlService, name::printable,
};
use sallyport_saml::{
    Certificate,
    binding::RelayState,
    metadata::{ServiceProvider, cipher},
};
use sallyport_store::Versioned;

use crate::{AppError, Tx, application};

const MOST: usize = 64;
const MOST_ATTRIBUTES: usize = 100;
const LONGEST: usize = 256;
const LONGEST_ENTITY: usize = 1024;

/// The settings as they are, if all of them can hold together for an application of this kind.
///
/// # Errors
/// The first field that cannot.
pub(crate) fn checked(kind: ApplicationKind, service: &SamlService) -> Result<SamlService, AppError> {
    let invalid = |field, reason: String| Err(AppError::invalid(field, reason));
    if kind == ApplicationKind::WsFederation {
        saml_alone(service)?;
    }
    let mut service = service.clone();
    let entity = service.entity_id.as_str();
    if entity.len() > LONGEST_ENTITY || entity.trim() != entity || entity.chars().any(char::is_control) {
        return invalid("saml.entity_id", "is longer than 1024 characters, or has blanks around it".into());
    }
    if service.consumers.len().max(service.logout.len()) > MOST {
        return invalid("saml.consumers", format!("at most {MOST} addresses of a kind"));
    }
    let mut indexes: Vec<u16> = service.consumers.iter().map(|consumer| consumer.index).collect();
    indexes.sort_unstable();
    if indexes.windows(2).any(|pair| pair.first() == pair.last()) {
        return invalid("saml.consumers", "two addresses have the same index".into());
    }
    certificates("saml.certificates", &mut service.certificates)?;
    certificates("saml.encryption_certificates", &mut service.encryption_certificates)?;
    if service.signs_requests && service.certificates.is_empty() {
        let text = "needs a certificate of the application, to see by whom requests are signed";
        return invalid("saml.signs_requests", text.into());
    }
    encryption(&service)?;
    attributes(&service)?;
    if let Some(state) = &service.relay_state
        && RelayState::parse(state).is_err()
    {
        return invalid("saml.relay_state", "is longer than 2048 bytes, or has control characters".into());
    }
    Ok(service)
}

/// Certificates that can be used, in the one form in which they are kept.
fn certificates(field: &'static str, texts: &mut Vec<String>) -> Result<(), AppError> {
    if texts.len() > MOST {
        return Err(AppError::invalid(field, format!("at most {MOST}")));
    }
    for text in texts.iter_mut() {
        let read = Certificate::parse(text).map_err(|error| AppError::invalid(field, error.to_string()))?;
        *text = read.base64();
    }
    texts.dedup();
    Ok(())
}

/// What WS-Federation has no words for.
fn saml_alone(service: &SamlService) -> Result<(), AppError> {
    let fields = [
        ("saml.signs_requests", service.signs_requests),
        ("saml.wants_encryption", service.wants_encryption),
        ("saml.wants_signed_response", service.wants_signed_response),
        ("saml.logout", !service.logout.is_empty()),
        ("saml.metadata_url", service.metadata_url.is_some()),
    ];
    match fields.into_iter().find(|(_, is_set)| *is_set) {
        Some((field, _)) => {
            Err(AppError::invalid(field, "is for SAML, and there is no such thing in WS-Federation"))
        }
        None => Ok(()),
    }
}

fn encryption(service: &SamlService) -> Result<(), AppError> {
    if !service.wants_encryption {
        return Ok(());
    }
    let can = service
        .encryption_certificates
        .iter()
        .any(|text| Certificate::parse(text).is_ok_and(|certificate| certificate.key().can_wrap()));
    let reason = if !can {
        "needs a certificate of the application with an RSA key to encrypt for"
    } else if cipher(&service.encryption_methods).is_none() {
        "the application decrypts by CBC alone, which can be turned against it; it is left unencrypted, over TLS"
    } else {
        return Ok(());
    };
    Err(AppError::invalid("saml.wants_encryption", reason))
}

fn attributes(service: &SamlService) -> Result<(), AppError> {
    let invalid = |reason: String| Err(AppError::invalid("saml.attributes", reason));
    if service.attributes.len() > MOST_ATTRIBUTES {
        return invalid(format!("at most {MOST_ATTRIBUTES}"));
    }
    for (place, rule) in service.attributes.iter().enumerate() {
        let (name, shown) = (rule.attribute.as_str(), printable(&rule.attribute, 64));
        if name.is_empty() || name.len() > LONGEST || name.chars().any(char::is_control) {
            return invalid(format!("`{shown}` is no name of an attribute"));
        }
        if service.attributes.iter().skip(place + 1).any(|other| other.attribute == name) {
            return invalid(format!("`{shown}` is said twice"));
        }
    }
    Ok(())
}

/// What an application says about itself, and where that was read, if it is to be read there again.
pub(crate) struct Given<'a> {
    pub(crate) provider: &'a ServiceProvider,
    pub(crate) url: Option<&'a RedirectUri>,
}

/// Takes it over.
pub(super) fn take(
    tx: &mut Tx<'_, '_>,
    before: Versioned<Application>,
    version: Option<i64>,
    given: &Given<'_>,
) -> Result<Versioned<Application>, AppError> {
    crate::user::expect_version(&before, version)?;
    if before.kind != ApplicationKind::Saml {
        return Err(AppError::invalid("metadata", "is for applications that ask by SAML"));
    }
    let service = checked(before.kind, &taken(before.saml.clone().unwrap_or_default(), given))?;
    let after = Application { saml: Some(service), ..before.value.clone() };
    if after == before.value { Ok(before) } else { application::replace(tx, &before, after) }
}

pub(crate) fn taken(before: SamlService, given: &Given<'_>) -> SamlService {
    let Given { provider, url } = given;
    let texts = |certificates: &[Certificate]| certificates.iter().map(Certificate::base64).collect();
    let format = provider.name_id_formats.iter().find_map(|name| NameIdFormat::named(name));
    // What it names first is what it wants; a wish that is as good as none leaves what was said before.
    let name_id = format.filter(|format| *format != NameIdFormat::Unspecified).unwrap_or(before.name_id);
    SamlService {
        entity_id: provider.entity_id.clone(),
        metadata_url: url.cloned(),
        consumers: provider.acs.clone(),
        logout: provider.logout.clone(),
        certificates: texts(&provider.signing),
        encryption_certificates: texts(&provider.encryption),
        encryption_methods: provider.encryption_methods.clone(),
        signs_requests: provider.signs_requests && !provider.signing.is_empty(),
        wants_encryption: before.wants_encryption && !provider.encryption.is_empty(),
        name_id,
        ..before
    }
}
