//! The secret key of an application: shown once, kept sealed or hashed, replaced, and found again by the front door.

use std::sync::Arc;

use sallyport_crypto::{Secret, random};
use sallyport_model::{Action, Application, ApplicationKind, id::ApplicationId};
use sallyport_store::Reader;

use super::by_ikey;
use crate::{
    AppError, Ctx, Tx,
    ctx::open_secret,
    oidc::{CLIENT_SECRET, secret_hash},
    view::Keyed,
};

/// Secret of an application: its secret key, sealed.
pub(super) const SKEY: &str = "skey";
const SKEY_LENGTH: usize = 40;
const SKEY_ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// What is typed into the protected application. The secret key cannot be read again.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Our host as this application calls it, with the port if it is not 443.
    pub host: String,
    pub ikey: String,
    pub skey: Secret,
    /// The certificate authority to trust, PEM, where our certificate is of our own; whose it is else, is not ours to say.
    pub ca: Option<String>,
}

/// Keeps a secret key: sealed where we sign with it ourselves, hashed where it is only shown to us.
pub(super) fn put_skey(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    skey: &Secret,
) -> Result<(), AppError> {
    let id = application.id.to_string();
    match application.kind {
        ApplicationKind::Bookmark
        | ApplicationKind::ForwardAuth
        | ApplicationKind::Saml
        | ApplicationKind::WsFederation => Ok(()),
        ApplicationKind::DuoAdminApi | ApplicationKind::DuoAuthApi => {
            tx.seal_secret(&id, SKEY, skey.expose().as_bytes())
        }
        ApplicationKind::Oidc => {
            let hash = secret_hash(tx.ctx, skey);
            Ok(tx.put_secret(&id, CLIENT_SECRET, hash.as_bytes())?)
        }
    }
}

/// Replaces the secret key. The former one is worth nothing from now on.
///
/// # Errors
/// Denied, or no such application.
pub async fn rotate_skey(ctx: &Ctx, id: ApplicationId) -> Result<Credentials, AppError> {
    let skey = fresh_skey(ctx)?;
    let sealed = skey.clone();
    let application = ctx
        .write(move |tx| {
            let application = tx.application_to_manage(id)?;
            replace_skey(tx, &application, &sealed)?;
            Ok(application)
        })
        .await?;
    Ok(credentials_of(ctx, &application, skey))
}

pub(crate) fn replace_skey(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    skey: &Secret,
) -> Result<(), AppError> {
    if application.kind.takes_assertions() {
        return Err(AppError::Conflict("it has no secret key; rotate its SAML key".into()));
    }
    if !application.kind.has_key() {
        return Err(AppError::Conflict("it has no key: it never asks us".into()));
    }
    put_skey(tx, application, skey)?;
    tx.record_touched(application, "rotate_skey");
    Ok(())
}

/// The application with this integration key and the key its requests are signed with, for the front door. A
/// disabled one is found too: its people are denied in the words of the protocol, for a client that is told its key
/// is unknown may let them in.
///
/// # Errors
/// The store's, or a key that does not open.
pub async fn credentials(ctx: &Ctx, ikey: &str) -> Result<Option<Arc<Keyed>>, AppError> {
    if let Some(keyed) = ctx.org.view.keyed_at(ctx.org.db.acknowledged(), ikey) {
        return Ok(Some(keyed));
    }
    let (ikey, reading) = (ikey.to_owned(), ctx.clone());
    ctx.read(move |reader| reading.org.view.keyed(reader, &reading, &ikey)).await
}

/// An application with the key its requests are signed with, from the store.
pub(crate) fn keyed(reader: &mut Reader, ctx: &Ctx, ikey: &str) -> Result<Option<Keyed>, AppError> {
    let Some(application) = by_ikey(reader, ikey)? else { return Ok(None) };
    let skey = open_secret(reader, ctx, &application.id.to_string(), SKEY)?;
    let skey = skey.and_then(|bytes| std::str::from_utf8(&bytes).ok().map(Secret::from));
    Ok(skey.map(|skey| Keyed { application: application.value, verifying: (&skey).into(), skey }))
}

/// Only for whoever manages applications: a key that nobody may replace need not be drawn.
pub(crate) fn fresh_skey(ctx: &Ctx) -> Result<Secret, AppError> {
    ctx.allow(Action::ManageApplications)?;
    Ok(Secret::new(random::from_alphabet(&*ctx.org.random, SKEY_ALPHABET, SKEY_LENGTH)?))
}

pub(super) fn credentials_of(ctx: &Ctx, application: &Application, skey: Secret) -> Credentials {
    Credentials {
        host: ctx.org.config.host_for(application),
        ikey: application.ikey.clone(),
        skey,
        ca: ctx.org.config.shows_own_certificate.then(|| ctx.org.config.ca_pem.clone()),
    }
}
