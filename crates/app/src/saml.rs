//! SAML 2.0 for applications, whose identity provider we are, and WS-Federation, whose tokens are assertions of SAML. Whether somebody may pass is decided by [`crate::sso`], as for every
//! other protocol; here it is asked, answered and ended in the words of this one.
//!
//! Each application has addresses and keys of its own: its requests come to its own address, so that none can be taken for
//! another's, and a key that is lost is one application's.

mod answer;
mod chain;
pub(crate) mod keys;
mod logout;
mod refused;
mod registration;
mod remote;
mod sign_on;
#[cfg(test)]
mod tests;
pub mod trial;
pub mod ws_federation;

use std::sync::Arc;

use sallyport_crypto::saml_key::PublicKey;
use sallyport_model::{Application, ApplicationKind, NameIdFormat, SamlService, id::ApplicationId};
use sallyport_saml::{
    Certificate, Refused, binding::Received, dsig::SignatureError, metadata::IdentityProvider, xml::canonical,
};

pub(crate) use self::{
    keys::KeyDraft,
    registration::{Given, checked, taken},
    remote::{given, refresh},
};
pub use self::{
    keys::rotate,
    logout::{Goodbye, Way, leave, sign_out},
    refused::{LastRefused, last_refused},
    remote::{LastRead, last_read, read_metadata},
    sign_on::{Turn, begin, go_on, start},
};
use crate::{AppError, Ctx};

/// Our own name to an application, which is also where our metadata for it is.
#[must_use]
pub fn entity_id(ctx: &Ctx, application: ApplicationId) -> String {
    format!("{}/saml/{application}", ctx.org.config.external_url.trim_end_matches('/'))
}

/// Where an application sends people to sign in.
#[must_use]
pub fn sign_on_url(ctx: &Ctx, application: ApplicationId) -> String {
    format!("{}/sso", entity_id(ctx, application))
}

/// Where an application sends people to sign out.
#[must_use]
pub fn logout_url(ctx: &Ctx, application: ApplicationId) -> String {
    format!("{}/slo", entity_id(ctx, application))
}

/// Our metadata for an application, for everybody to read who knows its id.
///
/// # Errors
/// The store's, or there is no such application.
pub async fn metadata(ctx: &Ctx, id: ApplicationId) -> Result<Vec<u8>, AppError> {
    let found = find(ctx, id, ApplicationKind::Saml).await?;
    let (application, service) = found.ok_or_else(|| AppError::not_found("application", id))?;
    let certificates = certificates(&application.saml_certificates)?;
    let certificates: Vec<&Certificate> = certificates.iter().collect();
    let own = IdentityProvider {
        entity_id: &entity_id(ctx, id),
        sign_on: &sign_on_url(ctx, id),
        logout: Some(&logout_url(ctx, id)),
        certificates: &certificates,
        want_signed_requests: service.signs_requests,
        name_id_formats: &NameIdFormat::ALL,
        valid_until: None,
    };
    Ok(canonical(&own.written(), &[]))
}

/// An application that asks in this way, and is enabled.
async fn find(
    ctx: &Ctx,
    id: ApplicationId,
    kind: ApplicationKind,
) -> Result<Option<(Arc<Application>, SamlService)>, AppError> {
    Ok(find_any(ctx, id).await?.filter(|(found, _)| found.kind == kind))
}

/// An application that takes assertions, and is enabled.
async fn find_any(ctx: &Ctx, id: ApplicationId) -> Result<Option<(Arc<Application>, SamlService)>, AppError> {
    let asking = ctx.clone();
    let found = ctx.read(move |reader| asking.org.view.application(reader, id)).await?;
    Ok(found.filter(|found| found.kind.takes_assertions() && found.enabled).and_then(|found| {
        let service = found.saml.clone()?;
        Some((found, service))
    }))
}

/// Certificates as they are kept.
fn certificates(texts: &[String]) -> Result<Vec<Certificate>, AppError> {
    let read = texts.iter().map(|text| Certificate::parse(text));
    let read: Result<Vec<Certificate>, _> = read.collect();
    read.map_err(|error| AppError::Internal(format!("a certificate that is kept: {error}")))
}

/// What an application says, if it is from whom it has to be: verified by the keys that it is registered with.
fn opened(
    service: &SamlService,
    received: &Received,
    must_be_signed: bool,
) -> Result<sallyport_saml::binding::Opened, Refused> {
    let entity = received.alleged_issuer()?;
    if service.entity_id.is_empty() || entity != service.entity_id {
        return Err(Refused::Issuer);
    }
    let certificates: Vec<Certificate> =
        service.certificates.iter().filter_map(|text| Certificate::parse(text).ok()).collect();
    let keys: Vec<&PublicKey> = certificates.iter().map(Certificate::key).collect();
    received.open(&keys, must_be_signed)
}

/// What is told of a refusal: all that helps whoever sets an application up, and of signatures nothing that helps whoever
/// forges one. Which check failed is in our own log.
fn told(ctx: &Ctx, id: ApplicationId, refused: Refused) -> String {
    tracing::warn!(application = %id, source = ?ctx.source, check = ?refused, "a SAML message is refused: {refused}");
    if refused == Refused::Signature(SignatureError::Missing) {
        return "The application has to sign what it sends here, and it did not.".into();
    }
    if matches!(refused, Refused::Signature(_) | Refused::Encryption(_)) {
        return "What the application sent is not signed as it should be, or was changed on the way.".into();
    }
    format!("What the application sent is refused: {refused}.")
}
