//! Keys that we sign with, a pair for each application: one signs, one waits and stands in our metadata already.

use std::sync::Arc;

use sallyport_crypto::saml_key::{KeyKind, SamlKey};
use sallyport_model::{Application, id::ApplicationId};
use sallyport_saml::Certificate;
use sallyport_store::{Reader, Versioned};
use zeroize::Zeroizing;

use crate::{AppError, Ctx, Tx, ctx::open_secret};

/// Secrets of an application: the private key that signs, and the one that waits.
const SIGNS: &str = "saml_key";
const WAITS: &str = "saml_next_key";
/// How long a certificate is good, in seconds. Nobody follows it; a key is replaced when it may be lost, and not by date.
const LIFE: i64 = 10 * 365 * 86_400;

/// A key with its certificate, drawn before the write, which may run more than once.
#[derive(Clone)]
pub(crate) struct KeyDraft {
    pkcs8: Zeroizing<Vec<u8>>,
    certificate: String,
}

impl KeyDraft {
    /// RSA, which is all that many applications know. It takes a while, so it is made beside the threads that answer.
    pub(crate) async fn draw(ctx: &Ctx) -> Result<Self, AppError> {
        let internal = |error: String| AppError::Internal(format!("no SAML key can be made: {error}"));
        let (random, now) = (Arc::clone(&ctx.org.random), ctx.now.unix_seconds());
        let drawn = tokio::task::spawn_blocking(move || {
            let pkcs8 = SamlKey::generate(KeyKind::Rsa2048).map_err(|error| error.to_string())?;
            let key = SamlKey::from_pkcs8(&pkcs8).ok_or("it cannot be read back")?;
            // Clocks of others may be behind.
            let der = key.certificate("Sallyport SAML", (now - 86_400, now + LIFE), &*random);
            let certificate = Certificate::from_der(&der.map_err(|error| error.to_string())?);
            Ok::<_, String>(Self {
                certificate: certificate.map_err(|error| error.to_string())?.base64(),
                pkcs8,
            })
        });
        drawn.await.map_err(|error| internal(error.to_string()))?.map_err(internal)
    }

    /// The first key of a new application, and the one that waits.
    pub(crate) fn put_first(
        pair: &[Self; 2],
        tx: &mut Tx<'_, '_>,
        id: ApplicationId,
    ) -> Result<(), AppError> {
        let [signs, waits] = pair;
        tx.seal_secret(&id.to_string(), SIGNS, &signs.pkcs8)?;
        tx.seal_secret(&id.to_string(), WAITS, &waits.pkcs8)
    }

    /// As they stand in the application.
    pub(crate) fn certificates(pair: &[Self; 2]) -> Vec<String> {
        pair.iter().map(|draft| draft.certificate.clone()).collect()
    }
}

/// Has the key that waits sign from now on; the former one is gone, and what it signed is refused by whoever reads our metadata
/// again. An application that knows both certificates notices nothing.
///
/// # Errors
/// Denied, or no such application.
pub async fn rotate(ctx: &Ctx, id: ApplicationId) -> Result<Versioned<Application>, AppError> {
    ctx.allow(sallyport_model::Action::ManageApplications)?;
    let draft = KeyDraft::draw(ctx).await?;
    ctx.write(move |tx| {
        let before = tx.application_to_manage(id)?;
        let owner = id.to_string();
        let ctx = tx.ctx;
        let waits = open_secret(tx, ctx, &owner, WAITS)?;
        let (Some(waits), Some(certificate)) = (waits, before.saml_certificates.get(1)) else {
            return Err(AppError::Conflict("it has no SAML keys".into()));
        };
        let certificates = vec![certificate.clone(), draft.certificate.clone()];
        tx.seal_secret(&owner, SIGNS, &waits)?;
        tx.seal_secret(&owner, WAITS, &draft.pkcs8)?;
        let changed =
            tx.update(&before, Application { saml_certificates: certificates, ..before.value.clone() })?;
        Ok(tx.record(changed, "rotate_saml_key"))
    })
    .await
}

/// The key that signs for an application, from the store.
pub(crate) fn signs(reader: &mut Reader, ctx: &Ctx, id: ApplicationId) -> Result<Option<SamlKey>, AppError> {
    let pkcs8 = open_secret(reader, ctx, &id.to_string(), SIGNS)?;
    Ok(pkcs8.and_then(|pkcs8| SamlKey::from_pkcs8(&pkcs8)))
}
