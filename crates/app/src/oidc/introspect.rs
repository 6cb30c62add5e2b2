//! Introspection (RFC 7662) and revocation (RFC 7009): a client asks about its own tokens, and a resource about those that are
//! for it. About any other the answer is that it is nothing.

use sallyport_crypto::Secret;
use sallyport_store::Reader;
use sallyport_wire::oidc::{ErrorCode, Params, Revocation, path};
use serde_json::{Value, json};

use super::{
    Refused,
    client::Asker,
    grant::{ACCESS, Access, Grant, REFRESH, Refresh, subject},
    issuer, userinfo,
};
use crate::{AppError, Ctx};

/// What a token is.
///
/// # Errors
/// `invalid_client`, or `invalid_request`; busy, or something of ours failed.
pub async fn introspect(ctx: &Ctx, authorization: Option<&str>, params: &Params) -> Result<Value, Refused> {
    let asker = Asker::of(ctx, authorization, params, path::INTROSPECT).await?;
    if asker.is_public() {
        return Err(Refused::new(
            ErrorCode::InvalidClient,
            "a client without a secret is told nothing about tokens",
        ));
    }
    let token = Revocation::read(params)?.token;
    let inactive = json!({ "active": false });
    let Some(id) = userinfo::access_id(ctx, token.expose()).await? else { return Ok(inactive) };
    let refresh_id = ctx.org.keys.hash_token(REFRESH, token.expose());
    let (asking, client) = (ctx.clone(), asker.client.clone());
    let spent = ctx.write(move |tx| asker.spend(tx)).await?;
    spent?;
    let found = ctx
        .read(move |reader| {
            if let Some((access, about)) = userinfo::good(reader, &asking, &id)? {
                let is_theirs = access.application == client.application.id
                    || access.resource.as_ref().is_some_and(|of| client.is_resource(of));
                let sub = about.as_ref().map(|about| subject(&asking, &client, about.user.id));
                let name = about.as_ref().map(|about| about.user.name.to_string());
                let owner = asking.org.view.application(reader, access.application)?;
                let client_id = owner.map(|owner| owner.ikey.clone());
                return Ok(is_theirs.then(|| told(&asking, &access, sub, name, client_id)));
            }
            let refresh = good_refresh(reader, &asking, &refresh_id)?;
            let refresh = refresh.filter(|grant| grant.application == client.application.id);
            Ok(refresh.map(|grant| {
                json!({
                    "active": true,
                    "iss": issuer(&asking),
                    "client_id": client.application.ikey,
                    "sub": grant.subject(&asking, &client),
                    "scope": grant.scope.to_string(),
                })
            }))
        })
        .await?;
    Ok(found.unwrap_or(inactive))
}

fn told(
    ctx: &Ctx,
    access: &Access,
    sub: Option<String>,
    username: Option<String>,
    client_id: Option<String>,
) -> Value {
    let issued = access.issued.unix_seconds();
    let mut told = json!({
        "active": true,
        "iss": issuer(ctx),
        "client_id": client_id,
        "sub": sub.or_else(|| client_id.clone()),
        "scope": access.scope.to_string(),
        "token_type": if access.jkt.is_some() { "DPoP" } else { "Bearer" },
        "aud": access.resource.clone().or(client_id),
        "iat": issued,
        "exp": issued + super::ACCESS_LIFE.as_seconds(),
    });
    if let Some(members) = told.as_object_mut() {
        members.extend(username.map(|name| ("username".to_owned(), Value::from(name))));
        members.extend(access.jkt.as_ref().map(|jkt| ("cnf".to_owned(), json!({ "jkt": jkt }))));
    }
    told
}

fn good_refresh(reader: &mut Reader, ctx: &Ctx, id: &str) -> Result<Option<Grant>, AppError> {
    let once = reader.find_once(REFRESH, id)?;
    let Some(once) = once.filter(|once| once.used.is_none() && once.expires >= ctx.now) else {
        return Ok(None);
    };
    let refresh: Refresh = serde_json::from_str(&once.doc)?;
    let Some(grant) = Grant::find(reader, &refresh.grant, ctx.now)? else { return Ok(None) };
    Ok(grant.person(reader, ctx)?.map(|_| grant))
}

/// Revokes a token; with a refresh token, everything that was given with it. What is no token is revoked already.
///
/// # Errors
/// `invalid_client`, or `invalid_request`; busy, or something of ours failed.
pub async fn revoke(ctx: &Ctx, authorization: Option<&str>, params: &Params) -> Result<(), Refused> {
    let asker = Asker::of(ctx, authorization, params, path::REVOKE).await?;
    let token: Secret = Revocation::read(params)?.token;
    let access_id = userinfo::access_id(ctx, token.expose()).await?;
    let refresh_id = ctx.org.keys.hash_token(REFRESH, token.expose());
    ctx.write(move |tx| {
        if let Err(error) = asker.spend(tx)? {
            return Ok(Err(error));
        }
        let (now, own) = (tx.ctx.now, asker.client.application.id);
        if let Some(id) = &access_id
            && let Some(once) = tx.find_once(ACCESS, id)?
        {
            if serde_json::from_str::<Access>(&once.doc)?.application == own {
                tx.delete_once(ACCESS, id)?;
            }
        } else if let Some(once) = tx.find_once(REFRESH, &refresh_id)? {
            let refresh: Refresh = serde_json::from_str(&once.doc)?;
            if let Some(grant) = Grant::find(tx, &refresh.grant, now)?
                && grant.application == own
            {
                grant.end(tx)?;
            }
        }
        Ok(Ok(()))
    })
    .await??;
    Ok(())
}
