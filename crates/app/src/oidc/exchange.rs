//! A token in the place of another (RFC 8693): an application that was given one, or is the resource it is for, asks for one
//! that another resource takes. Nobody gets more by it than the first token told, and the person has to be one whom that
//! resource is for.

use std::sync::Arc;

use sallyport_model::{Application, User, oidc::OidcGrant};
use sallyport_store::Reader;
use sallyport_wire::oidc::{ErrorCode, OAuthError, TokenExchange, TokenReply};

use super::{
    Refused,
    client::{Asker, Client},
    grant::{ACCESS, Access, Draft},
    token::{Bound, Given, narrowed},
    userinfo,
};
use crate::{AppError, Ctx, application::by_ikey};

/// Exchanges a token.
pub(super) async fn exchange(
    ctx: &Ctx,
    asker: Asker,
    asked: TokenExchange,
    bound: Bound,
) -> Result<Given, Refused> {
    asker.client.demand(OidcGrant::TokenExchange)?;
    if asker.is_public() {
        return Err(Refused::new(
            ErrorCode::UnauthorizedClient,
            "a client without a secret exchanges nothing",
        ));
    }
    let target = match (&asked.audience, &asked.resource) {
        (Some(target), None) | (None, Some(target)) => target.clone(),
        (None, None) | (Some(_), Some(_)) => {
            return Err(Refused::new(
                ErrorCode::InvalidRequest,
                "audience or resource says for whom, and one of them",
            ));
        }
    };
    if !asker.client.settings.resources.contains(&target) {
        return Err(Refused::new(
            ErrorCode::InvalidTarget,
            "tokens of this client are not for that resource",
        ));
    }
    let unknown =
        || OAuthError::new(ErrorCode::InvalidGrant, "the subject token is not known, or not for this client");
    let id = userinfo::access_id(ctx, asked.subject_token.expose()).await?.ok_or_else(unknown)?;
    let (draft, scope) = (Draft::draw(ctx, ACCESS)?, asked.scope);
    let given = ctx
        .write(move |tx| {
            if let Err(error) = asker.spend(tx)? {
                return Ok(Err(error));
            }
            if let Err(error) = bound.spend(tx)? {
                return Ok(Err(error));
            }
            let ctx = tx.ctx;
            let Some((subject, about)) = userinfo::good(tx, ctx, &id)? else { return Ok(Err(unknown())) };
            let Some(about) = about.filter(|_| is_theirs(&asker.client, &subject)) else {
                return Ok(Err(unknown()));
            };
            if !is_for(tx, ctx, &target, &about.user)? {
                let text = "the resource is not for this person";
                return Ok(Err(OAuthError::new(ErrorCode::AccessDenied, text)));
            }
            let scope = match narrowed(&subject.scope, scope.as_ref()) {
                Ok(scope) => scope,
                Err(error) => return Ok(Err(error)),
            };
            let access = Access {
                application: asker.client.application.id,
                grant: subject.grant.clone(),
                scope,
                resource: Some(target.clone()),
                jkt: bound.jkt().map(str::to_owned),
                issued: ctx.now,
            };
            draft.put_access(tx, &access)?;
            Ok(Ok(Given {
                client: Arc::clone(&asker.client),
                access,
                access_id: draft.hash.clone(),
                access_token: draft.token.clone(),
                refresh_token: None,
                about: Some(about),
                with_id_token: false,
                issued_token_type: Some(TokenReply::ISSUED),
            }))
        })
        .await??;
    Ok(given)
}

/// Whether a token was given to this client, or is for it.
fn is_theirs(client: &Client, access: &Access) -> bool {
    match &access.resource {
        Some(resource) => client.is_resource(resource),
        None => access.application == client.application.id,
    }
}

/// Whether a resource that is one of our applications is for this person; of others we do not know.
fn is_for(reader: &mut Reader, ctx: &Ctx, target: &str, user: &User) -> Result<bool, AppError> {
    let Some(found) = by_ikey(reader, target)? else { return Ok(true) };
    let Application { enabled, used_by, .. } = found.value;
    let around = ctx.org.view.groups_around(reader, user.id)?;
    Ok(enabled && used_by.is_for(user.id, &around))
}
