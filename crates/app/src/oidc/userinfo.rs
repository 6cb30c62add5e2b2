//! The userinfo endpoint (OpenID Connect Core, section 5.3), and how an access token is shown.

use sallyport_model::Application;
use sallyport_store::Reader;
use sallyport_wire::oidc::{ErrorCode, OAuthError, Token, path};
use serde_json::{Map, Value};

use super::{
    Refused,
    claims::{self, Where},
    grant::{ACCESS, Access, Grant},
    issuer,
    token::Bound,
};
use crate::{AppError, Ctx};

/// An access token as it is brought in a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Bearer,
    Dpop,
}

fn refused(text: &str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidToken, text)
}

/// What the store calls an access token, whichever form it has: a signed one names itself, if we signed it and it is not over.
pub(super) async fn access_id(ctx: &Ctx, token: &str) -> Result<Option<String>, AppError> {
    if !token.contains('.') {
        return Ok(Some(ctx.org.keys.hash_token(ACCESS, token)));
    }
    let Ok(read) = Token::read(token) else { return Ok(None) };
    let (asking, now) = (ctx.clone(), ctx.now);
    let keys = ctx.read(move |reader| asking.org.view.jwks(reader, now)).await?;
    let verified = read.verified(&[Some("at+jwt")], keys.candidates(read.alg(), read.kid()));
    let Ok(claims) = verified else { return Ok(None) };
    let is_ours = claims.required_line("iss", 1024).is_ok_and(|iss| iss == issuer(ctx));
    let is_good = claims.required_time("exp").is_ok_and(|exp| exp >= ctx.now.unix_seconds());
    Ok(claims.required_line("jti", 128).ok().filter(|_| is_ours && is_good))
}

/// What an access token stands for, while it is good for anything: its application is enabled, and the person and the session
/// behind it are what they were.
pub(super) fn good(
    reader: &mut Reader,
    ctx: &Ctx,
    id: &str,
) -> Result<Option<(Access, Option<claims::About>)>, AppError> {
    let Some(once) = reader.find_once(ACCESS, id)?.filter(|once| once.expires >= ctx.now) else {
        return Ok(None);
    };
    let access: Access = serde_json::from_str(&once.doc)?;
    let enabled = reader.find::<Application>(access.application)?.is_some_and(|found| found.enabled);
    if !enabled {
        return Ok(None);
    }
    let Some(grant) = &access.grant else { return Ok(Some((access, None))) };
    let Some(grant) = Grant::find(reader, grant, ctx.now)? else { return Ok(None) };
    let Some(user) = grant.person(reader, ctx)? else { return Ok(None) };
    let about = claims::about(reader, &grant, user)?;
    Ok(Some((access, Some(about))))
}

/// What the access token's application is told about its person.
///
/// # Errors
/// `invalid_token` or `insufficient_scope`; busy, or something of ours failed.
pub async fn userinfo(
    ctx: &Ctx,
    scheme: Scheme,
    token: &str,
    dpop: Option<&str>,
    method: &str,
) -> Result<Map<String, Value>, Refused> {
    let unknown = || refused("the access token is unknown, expired or revoked");
    let id = access_id(ctx, token).await?.ok_or_else(unknown)?;
    let asking = ctx.clone();
    let found = ctx.read(move |reader| good(reader, &asking, &id)).await?;
    let (access, about) = found.ok_or_else(unknown)?;
    prove(ctx, &access, scheme, token, dpop, method).await?;
    let about = about.filter(|_| access.resource.is_none());
    let about =
        about.ok_or_else(|| refused("the access token is not about a person, or for somebody else"))?;
    if !access.scope.has("openid") {
        return Err(Refused::new(ErrorCode::InsufficientScope, "this needs the scope openid"));
    }
    let (asking, application) = (ctx.clone(), access.application);
    let client = ctx
        .read(move |reader| match asking.org.view.application(reader, application)? {
            Some(found) => asking.org.view.client(reader, &found.ikey),
            None => Ok(None),
        })
        .await?
        .ok_or_else(unknown)?;
    let about = about.narrowed(&access.scope);
    Ok(claims::told(ctx, &client, &about, Where::Userinfo))
}

/// A token that is bound to a key is good with a proof by that key, and with no other word in front of it.
async fn prove(
    ctx: &Ctx,
    access: &Access,
    scheme: Scheme,
    token: &str,
    dpop: Option<&str>,
    method: &str,
) -> Result<(), Refused> {
    match (&access.jkt, scheme) {
        (None, Scheme::Bearer) => Ok(()),
        (None, Scheme::Dpop) => Err(refused("the access token is bound to no key").into()),
        (Some(_), Scheme::Bearer) => {
            Err(refused("the access token is bound to a key, which has to be proved").into())
        }
        (Some(jkt), Scheme::Dpop) => {
            let bound = Bound::of(ctx, dpop, method, path::USERINFO, Some(token))?;
            if bound.jkt() != Some(jkt) {
                return Err(Refused::new(
                    ErrorCode::InvalidDpopProof,
                    "the DPoP proof is missing, or by another key",
                ));
            }
            ctx.write(move |tx| bound.spend(tx)).await??;
            Ok(())
        }
    }
}
