//! Refresh tokens: each is good once and brings the next. One that comes back was in two hands, so everything that was
//! given with it ends (RFC 9700, section 4.14).

use sallyport_crypto::Secret;
use sallyport_model::{Application, User, oidc::OidcGrant};
use sallyport_wire::oidc::{ErrorCode, OAuthError, Scope};

use super::{
    Refused,
    client::Asker,
    grant::{ACCESS, Draft, Grant, REFRESH, Refresh},
    token::{Bound, Given, narrowed, put_tokens},
};
use crate::{AppError, Ctx, Tx};

fn refused(text: &str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidGrant, text)
}

/// New tokens for one that is spent.
pub(super) async fn refresh(
    ctx: &Ctx,
    asker: Asker,
    token: Secret,
    scope: Option<Scope>,
    bound: Bound,
) -> Result<Given, Refused> {
    asker.client.demand(OidcGrant::RefreshToken)?;
    let hash = ctx.org.keys.hash_token(REFRESH, token.expose());
    let drafts = (Draft::draw(ctx, ACCESS)?, Draft::draw(ctx, REFRESH)?);
    let given = ctx
        .write(move |tx| {
            if let Err(error) = asker.spend(tx)? {
                return Ok(Err(error));
            }
            if let Err(error) = bound.spend(tx)? {
                return Ok(Err(error));
            }
            let grant = match spend(tx, &hash, &asker, (scope.as_ref(), &bound))? {
                Ok(grant) => grant,
                Err(error) => return Ok(Err(error)),
            };
            let ctx = tx.ctx;
            let Some(user) = grant.person(tx, ctx)? else {
                return Ok(Err(refused("access was withdrawn in the meantime")));
            };
            if let Some(error) = objection(tx, &grant, &user)? {
                return Ok(Err(error));
            }
            put_tokens(tx, &asker, &grant, user, &bound, (&drafts.0, &drafts.1)).map(Ok)
        })
        .await??;
    Ok(given)
}

/// Whether the application is still for this person: what was so at the sign-in may have changed since.
fn objection(tx: &mut Tx<'_, '_>, grant: &Grant, user: &User) -> Result<Option<OAuthError>, AppError> {
    let around = tx.ctx.org.view.groups_around(tx, user.id)?;
    let application = tx.find::<Application>(grant.application)?;
    let allowed = application
        .is_some_and(|application| application.enabled && application.used_by.is_for(user.id, &around));
    Ok((!allowed).then(|| refused("the application is not for this person any more")))
}

/// The grant of a token that is good, as far as it is asked for.
fn spend(
    tx: &mut Tx<'_, '_>,
    hash: &str,
    asker: &Asker,
    (scope, bound): (Option<&Scope>, &Bound),
) -> Result<Result<Grant, OAuthError>, AppError> {
    let unknown = || Ok(Err(refused("the refresh token is unknown, used or expired")));
    let now = tx.ctx.now;
    let Some(once) = tx.find_once(REFRESH, hash)? else { return unknown() };
    let refresh: Refresh = serde_json::from_str(&once.doc)?;
    let Some(grant) = Grant::find(tx, &refresh.grant, now)? else { return unknown() };
    if grant.application != asker.client.application.id {
        return unknown();
    }
    // Before it is spent: whoever does not hold the key cannot use it up.
    if refresh.jkt.is_some() && refresh.jkt.as_deref() != bound.jkt() {
        return Ok(Err(OAuthError::new(
            ErrorCode::InvalidDpopProof,
            "the refresh token is bound to another key",
        )));
    }
    // Nor is it spent by a wish that goes too far; one that comes back ends the grant whatever it wishes.
    let narrower = match narrowed(&grant.scope, scope) {
        Err(error) if once.used.is_none() => return Ok(Err(error)),
        narrower => narrower.unwrap_or_default(),
    };
    if !tx.use_once(REFRESH, hash, now)? {
        if once.used.is_some() {
            grant.end_as_stolen(tx)?;
        }
        return unknown();
    }
    Ok(Ok(Grant { scope: narrower, ..grant }))
}
