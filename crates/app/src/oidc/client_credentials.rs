//! Tokens for an application itself, with nobody signed in (RFC 6749, section 4.4).

use std::sync::Arc;

use sallyport_model::oidc::OidcGrant;
use sallyport_wire::oidc::{ErrorCode, Scope};

use super::{
    Refused,
    client::{Asker, Client},
    grant::{ACCESS, Access, Draft},
    token::{Bound, Given},
};
use crate::Ctx;

/// Scopes that are about a person.
const OF_PEOPLE: [&str; 6] = sallyport_model::OidcClient::SCOPES;

/// Gives an access token and nothing else.
pub(super) async fn give(
    ctx: &Ctx,
    asker: Asker,
    scope: Option<Scope>,
    resource: Option<String>,
    bound: Bound,
) -> Result<Given, Refused> {
    asker.client.demand(OidcGrant::ClientCredentials)?;
    if asker.is_public() {
        return Err(Refused::new(
            ErrorCode::UnauthorizedClient,
            "a client without a secret is nobody by itself",
        ));
    }
    check_resource(&asker.client, resource.as_deref())?;
    let own = |scope: Scope| OF_PEOPLE.iter().fold(scope, |scope, word| scope.without(word));
    let allowed = &asker.client.settings.scopes;
    let scope = own(scope.unwrap_or_else(|| allowed.iter().cloned().collect()).and(allowed));
    let access = Access {
        application: asker.client.application.id,
        grant: None,
        scope,
        resource,
        jkt: bound.jkt().map(str::to_owned),
        issued: ctx.now,
    };
    let (draft, kept) = (Draft::draw(ctx, ACCESS)?, access.clone());
    let (access_token, access_id) = (draft.token.clone(), draft.hash.clone());
    let client = Arc::clone(&asker.client);
    ctx.write(move |tx| {
        if let Err(error) = asker.spend(tx)? {
            return Ok(Err(error));
        }
        if let Err(error) = bound.spend(tx)? {
            return Ok(Err(error));
        }
        draft.put_access(tx, &kept)?;
        Ok(Ok(()))
    })
    .await??;
    Ok(Given {
        client,
        access,
        access_id,
        access_token,
        refresh_token: None,
        about: None,
        with_id_token: false,
        issued_token_type: None,
    })
}

/// Whether tokens of this client may be for a resource.
pub(super) fn check_resource(client: &Client, resource: Option<&str>) -> Result<(), Refused> {
    match resource {
        Some(resource) if !client.settings.resources.contains(resource) => {
            Err(Refused::new(ErrorCode::InvalidTarget, "tokens of this client are not for that resource"))
        }
        Some(_) | None => Ok(()),
    }
}
