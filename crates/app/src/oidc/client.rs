//! Relying parties: found by their client id, and proved by what they are registered with.

use std::sync::Arc;

use sallyport_crypto::{Secret, constant_time_eq};
use sallyport_model::{
    Application, OidcClient, Time,
    oidc::{ClientAuthentication, OidcGrant},
};
use sallyport_store::{Once, Reader, StoreError};
use sallyport_wire::oidc::{
    ClientAssertion, ClientAuth, ErrorCode, JwkSet, LEEWAY, OAuthError, Params, Token, client_auth, path,
};

use super::{Refused, issuer};
use crate::{AppError, Ctx, Tx, application};

/// Secret of an application: the hash of what it proves itself with.
pub(crate) const CLIENT_SECRET: &str = "client_secret";
/// Kind of an assertion that was used, by its unique id.
const ASSERTION: &str = "oidc_assertion";

/// A relying party as it asks.
pub(crate) struct Client {
    pub(crate) application: Application,
    pub(crate) settings: OidcClient,
    secret_hash: Option<String>,
    keys: Arc<JwkSet>,
}

impl Client {
    /// The relying party with this client id, disabled ones too.
    pub(crate) fn find(reader: &mut Reader, id: &str) -> Result<Option<Self>, AppError> {
        let Some(application) = application::by_ikey(reader, id)? else { return Ok(None) };
        let Some(settings) = application.oidc.clone() else { return Ok(None) };
        let hash = reader.find_secret(&application.id.to_string(), CLIENT_SECRET)?;
        let secret_hash = hash.and_then(|hash| String::from_utf8(hash).ok());
        let keys = match &settings.jwks {
            Some(keys) => JwkSet::read(keys.as_bytes())
                .map_err(|error| AppError::Internal(format!("keys of {}: {error}", application.id)))?,
            None => JwkSet::default(),
        };
        let keys = Arc::new(keys);
        Ok(Some(Self { application: application.value, settings, secret_hash, keys }))
    }

    /// Whether tokens that are for this are for this client.
    pub(super) fn is_resource(&self, resource: &str) -> bool {
        self.settings.resource.as_deref() == Some(resource) || self.application.ikey == resource
    }

    pub(crate) fn may(&self, grant: OidcGrant) -> bool {
        self.settings.grants.contains(&grant)
    }

    /// The keys by which it may have signed this.
    async fn keys(&self, ctx: &Ctx, assertion: &str) -> Result<Arc<JwkSet>, Refused> {
        match &self.settings.jwks_uri {
            Some(uri) if self.settings.jwks.is_none() => {
                let kid = Token::read(assertion).ok().and_then(|token| token.kid().map(str::to_owned));
                ctx.org.remote_keys.at(ctx, uri, kid.as_deref()).await
            }
            Some(_) | None => Ok(Arc::clone(&self.keys)),
        }
    }

    /// # Errors
    /// `unauthorized_client`.
    pub(super) fn demand(&self, grant: OidcGrant) -> Result<(), OAuthError> {
        if self.may(grant) {
            return Ok(());
        }
        let text = format!("this client is not registered for {}", grant.as_str());
        Err(OAuthError::new(ErrorCode::UnauthorizedClient, text))
    }
}

/// The form in which a client's secret rests.
pub(crate) fn secret_hash(ctx: &Ctx, secret: &Secret) -> String {
    ctx.org.keys.hash_token(CLIENT_SECRET, secret.expose())
}

/// Whoever asks at one of our endpoints, and has proved to be that client.
pub struct Asker {
    pub(super) client: Arc<Client>,
    /// An assertion that has to be spent with what it is for.
    assertion: Option<Spent>,
}

struct Spent {
    hash: String,
    owner: String,
    expires: Time,
}

/// Said to whoever is no client, or another, so that nobody learns which there are.
fn unknown() -> Refused {
    Refused::new(ErrorCode::InvalidClient, "the client is not known, or did not prove who it is")
}

/// The relying party with this client id.
pub(super) async fn find(ctx: &Ctx, id: &str) -> Result<Option<Arc<Client>>, AppError> {
    let (asking, id) = (ctx.clone(), id.to_owned());
    ctx.read(move |reader| asking.org.view.client(reader, &id)).await
}

impl Asker {
    /// Who asks at the endpoint at `at`: a client that is enabled, by the one method it is registered with.
    ///
    /// # Errors
    /// `invalid_client`, or `invalid_request` for what cannot be read.
    pub async fn of(
        ctx: &Ctx,
        authorization: Option<&str>,
        params: &Params,
        at: &str,
    ) -> Result<Self, Refused> {
        params.says_nothing_twice()?;
        let auth = client_auth(authorization, params)?;
        let client = find(ctx, auth.client_id()).await?.ok_or_else(unknown)?;
        if !client.application.enabled {
            return Err(unknown());
        }
        let assertion = match (&auth, client.settings.authentication) {
            (
                ClientAuth::Basic { secret, .. } | ClientAuth::Post { secret, .. },
                ClientAuthentication::Secret,
            ) => {
                let given = secret_hash(ctx, secret);
                let is_same = |known: &String| constant_time_eq(known.as_bytes(), given.as_bytes());
                if !client.secret_hash.as_ref().is_some_and(is_same) {
                    return Err(unknown());
                }
                None
            }
            (ClientAuth::Assertion { client_id, assertion }, ClientAuthentication::PrivateKeyJwt) => {
                let keys = client.keys(ctx, assertion).await?;
                Some(Spent::of(ctx, &client, &keys, (client_id, assertion), at)?)
            }
            (ClientAuth::None { .. }, ClientAuthentication::None) => None,
            (
                ClientAuth::Assertion { .. }
                | ClientAuth::Basic { .. }
                | ClientAuth::None { .. }
                | ClientAuth::Post { .. },
                ClientAuthentication::None
                | ClientAuthentication::PrivateKeyJwt
                | ClientAuthentication::Secret,
            ) => return Err(unknown()),
        };
        Ok(Self { client, assertion })
    }

    /// We, in its place, for a sign-in on trial.
    pub(super) const fn in_place_of(client: Arc<Client>) -> Self {
        Self { client, assertion: None }
    }

    /// Spends the assertion, if there is one: with what it is for, so that it is good once on all nodes.
    pub(super) fn spend(&self, tx: &mut Tx<'_, '_>) -> Result<Result<(), OAuthError>, AppError> {
        let Some(Spent { hash, owner, expires }) = &self.assertion else { return Ok(Ok(())) };
        let once = Once { owner: owner.clone(), expires: *expires, used: None, doc: String::new() };
        match tx.put_once(ASSERTION, hash, &once) {
            Ok(()) => Ok(Ok(())),
            Err(StoreError::Taken { .. }) => {
                let text = "the client assertion was used before";
                Ok(Err(OAuthError::new(ErrorCode::InvalidClient, text)))
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn is_public(&self) -> bool {
        self.client.settings.authentication == ClientAuthentication::None
    }
}

impl Spent {
    fn of(
        ctx: &Ctx,
        client: &Client,
        keys: &JwkSet,
        (id, assertion): (&str, &str),
        at: &str,
    ) -> Result<Self, Refused> {
        let issuer = issuer(ctx);
        let (here, token) = (format!("{issuer}{at}"), format!("{issuer}{}", path::TOKEN));
        // The issuer is what FAPI 2.0 wants; the endpoints are what libraries send that follow RFC 7523.
        let audiences = [issuer, token.as_str(), here.as_str()];
        let now = ctx.now.unix_seconds();
        let read = ClientAssertion::verify(assertion, id, keys, &audiences, now)
            .map_err(|error| Refused::new(ErrorCode::InvalidClient, error.to_string()))?;
        Ok(Self {
            hash: ctx.org.keys.hash_token(ASSERTION, &format!("{id} {}", read.jti)),
            owner: client.application.id.to_string(),
            expires: Time::from_unix_seconds(read.expires.saturating_add(LEEWAY)),
        })
    }
}
