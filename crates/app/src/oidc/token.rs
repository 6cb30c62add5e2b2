//! The token endpoint: every way to tokens ends here.

use std::sync::Arc;

use sallyport_crypto::Secret;
use sallyport_model::{
    Time, User,
    oidc::{AccessTokenFormat, OidcGrant},
};
use sallyport_store::{Once, StoreError, Versioned};
use sallyport_wire::oidc::{
    DpopProof, ErrorCode, GrantRequest, OAuthError, Params, Scope, TokenReply, TokenType, left_half_hash,
    path, signed,
};
use serde_json::{Map, Value, json};

use super::{
    ACCESS_LIFE, ID_TOKEN_LIFE, Refused,
    claims::{self, About, Where},
    client::{Asker, Client},
    client_credentials,
    code::{self, Redeeming},
    device, exchange,
    grant::{Access, Draft, Grant, subject},
    issuer, refresh,
};
use crate::{AppError, Ctx, Tx, signing_key};

/// Kind of a proof of possession that was used, by its unique id.
const PROOF: &str = "oidc_dpop";

/// What a request is bound to, if it is to a key.
pub(super) struct Bound(Option<Proof>);

struct Proof {
    jkt: String,
    hash: String,
    expires: Time,
}

impl Bound {
    /// Reads the proof that came with a request to one of our endpoints.
    pub(super) fn of(
        ctx: &Ctx,
        proof: Option<&str>,
        method: &str,
        at: &str,
        access_token: Option<&str>,
    ) -> Result<Self, OAuthError> {
        let Some(proof) = proof else { return Ok(Self(None)) };
        let uri = format!("{}{at}", issuer(ctx));
        let read = DpopProof::verify(proof, method, &uri, access_token, ctx.now.unix_seconds())
            .map_err(|error| OAuthError::new(ErrorCode::InvalidDpopProof, error.to_string()))?;
        Ok(Self(Some(Proof {
            hash: ctx.org.keys.hash_token(PROOF, &format!("{} {}", read.jkt, read.jti)),
            jkt: read.jkt,
            expires: Time::from_unix_seconds(read.expires),
        })))
    }

    pub(super) fn jkt(&self) -> Option<&str> {
        self.0.as_ref().map(|proof| proof.jkt.as_str())
    }

    /// Spends the proof, so that it is good once on all nodes.
    pub(super) fn spend(&self, tx: &mut Tx<'_, '_>) -> Result<Result<(), OAuthError>, AppError> {
        let Some(Proof { hash, expires, .. }) = &self.0 else { return Ok(Ok(())) };
        let once = Once { owner: String::new(), expires: *expires, used: None, doc: String::new() };
        match tx.put_once(PROOF, hash, &once) {
            Ok(()) => Ok(Ok(())),
            Err(StoreError::Taken { .. }) => {
                let text = "the DPoP proof was used before";
                Ok(Err(OAuthError::new(ErrorCode::InvalidDpopProof, text)))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// What is given, before it is signed: that is done outside of the write.
pub(super) struct Given {
    pub(super) client: Arc<Client>,
    pub(super) access: Access,
    /// What the access token is called in the store.
    pub(super) access_id: String,
    pub(super) access_token: Secret,
    pub(super) refresh_token: Option<Secret>,
    /// Whose it is, if it is somebody's.
    pub(super) about: Option<About>,
    pub(super) with_id_token: bool,
    pub(super) issued_token_type: Option<&'static str>,
}

/// Answers a request for tokens.
///
/// # Errors
/// In the words of the protocol; busy, or something of ours failed.
pub async fn give(
    ctx: &Ctx,
    authorization: Option<&str>,
    dpop: Option<&str>,
    params: &Params,
) -> Result<TokenReply, Refused> {
    let asker = Asker::of(ctx, authorization, params, path::TOKEN).await?;
    let bound = Bound::of(ctx, dpop, "POST", path::TOKEN, None)?;
    if asker.client.settings.requires_dpop && bound.jkt().is_none() {
        return Err(Refused::new(
            ErrorCode::InvalidDpopProof,
            "this client proves with DPoP whose tokens they are",
        ));
    }
    let given = match GrantRequest::read(params)? {
        GrantRequest::AuthorizationCode { code, redirect_uri, verifier } => {
            code::redeem(ctx, asker, Redeeming { code, redirect_uri, verifier }, bound).await?
        }
        GrantRequest::ClientCredentials { scope, resource } => {
            client_credentials::give(ctx, asker, scope, resource, bound).await?
        }
        GrantRequest::RefreshToken { token, scope } => {
            refresh::refresh(ctx, asker, token, scope, bound).await?
        }
        GrantRequest::DeviceCode { device_code } => device::poll(ctx, asker, device_code, bound).await?,
        GrantRequest::TokenExchange(asked) => exchange::exchange(ctx, asker, asked, bound).await?,
    };
    Ok(reply(ctx, given).await?)
}

/// Keeps the tokens of a grant: an access token, and a refresh token where the client may have one.
pub(super) fn put_tokens(
    tx: &mut Tx<'_, '_>,
    asker: &Asker,
    grant: &Grant,
    user: Versioned<User>,
    bound: &Bound,
    (access_draft, refresh_draft): (&Draft, &Draft),
) -> Result<Given, AppError> {
    let jkt = bound.jkt().map(str::to_owned);
    let access = Access {
        application: grant.application,
        grant: Some(grant.id.clone()),
        scope: grant.scope.clone(),
        resource: grant.resource.clone(),
        jkt: jkt.clone(),
        issued: tx.ctx.now,
    };
    access_draft.put_access(tx, &access)?;
    let refreshes = asker.client.may(OidcGrant::RefreshToken);
    if refreshes {
        // A client that keeps a secret proves with it whose the token is.
        refresh_draft.put_refresh(tx, grant, jkt.filter(|_| asker.is_public()))?;
    }
    Ok(Given {
        client: Arc::clone(&asker.client),
        access,
        access_id: access_draft.hash.clone(),
        access_token: access_draft.token.clone(),
        refresh_token: refreshes.then(|| refresh_draft.token.clone()),
        about: Some(claims::about(tx, grant, user)?),
        with_id_token: true,
        issued_token_type: None,
    })
}

/// Signs what has to be, and says all of it.
pub(super) async fn reply(ctx: &Ctx, given: Given) -> Result<TokenReply, AppError> {
    let algorithm = given.client.settings.signing_algorithm;
    let is_jwt = given.client.settings.access_tokens == AccessTokenFormat::Jwt;
    let has_id_token = given.with_id_token && given.about.is_some() && given.access.scope.has("openid");
    let signer = if is_jwt || has_id_token {
        let asking = ctx.clone();
        Some(ctx.read(move |reader| asking.org.view.signer(reader, &asking, algorithm)).await?)
    } else {
        None
    };
    let sign = |typ: &str, claims: &Map<String, Value>| {
        let signer = signer.as_ref()?;
        signed(&signer.key, &signer.kid, typ, claims)
    };
    let unsigned = || AppError::Internal("nothing could be signed".into());
    let access_token = if is_jwt {
        sign("at+jwt", &access_claims(ctx, &given)).ok_or_else(unsigned)?
    } else {
        given.access_token.expose().to_owned()
    };
    let id_token = match &given.about {
        Some(about) if has_id_token => {
            let mut claims = claims::told(ctx, &given.client, about, Where::IdToken);
            let now = ctx.now.unix_seconds();
            claims.insert("iss".into(), issuer(ctx).into());
            claims.insert("aud".into(), given.client.application.ikey.as_str().into());
            claims.insert("iat".into(), now.into());
            claims.insert("exp".into(), (now + ID_TOKEN_LIFE.as_seconds()).into());
            let hash = left_half_hash(signing_key::jws(algorithm), &access_token);
            claims.insert("at_hash".into(), hash.into());
            Some(sign("JWT", &claims).ok_or_else(unsigned)?)
        }
        Some(_) | None => None,
    };
    Ok(TokenReply {
        access_token,
        token_type: if given.access.jkt.is_some() { TokenType::Dpop } else { TokenType::Bearer },
        expires_in: ACCESS_LIFE.as_seconds(),
        refresh_token: given.refresh_token.map(|token| token.expose().to_owned()),
        id_token,
        scope: given.access.scope.to_string(),
        issued_token_type: given.issued_token_type,
        further: Map::new(),
    })
}

/// What a signed access token says (RFC 9068). `jti` is the hash of the opaque one that rests in the store, so that it can be
/// looked at and revoked like any other.
fn access_claims(ctx: &Ctx, given: &Given) -> Map<String, Value> {
    let (access, client) = (&given.access, &given.client);
    let now = ctx.now.unix_seconds();
    let audience = access.resource.clone().unwrap_or_else(|| client.application.ikey.clone());
    let sub = match &given.about {
        Some(about) => subject(ctx, client, about.user.id),
        None => client.application.ikey.clone(),
    };
    let mut claims = Map::new();
    let mut say = |name: &str, value: Value| {
        claims.insert(name.to_owned(), value);
    };
    say("iss", issuer(ctx).into());
    say("sub", sub.into());
    say("aud", audience.into());
    say("client_id", client.application.ikey.as_str().into());
    say("iat", now.into());
    say("exp", (now + ACCESS_LIFE.as_seconds()).into());
    say("jti", given.access_id.as_str().into());
    say("scope", access.scope.to_string().into());
    if let Some(jkt) = &access.jkt {
        say("cnf", json!({ "jkt": jkt }));
    }
    if let Some(about) = &given.about {
        say("auth_time", about.grant.authenticated.unix_seconds().into());
        say("acr", super::acr(about.grant.level).into());
    }
    claims
}

/// The scope of an answer: what was asked for, as far as it was given before.
pub(super) fn narrowed(given: &Scope, asked: Option<&Scope>) -> Result<Scope, OAuthError> {
    match asked {
        None => Ok(given.clone()),
        Some(asked) if asked.is_within(given) => Ok(asked.clone()),
        Some(_) => Err(OAuthError::new(ErrorCode::InvalidScope, "the scope is more than was given")),
    }
}
