//! The code that a browser carries from us to an application. It is worth nothing to whoever sees it on its way: it is good
//! once, within a minute, for the client it was made for, with the secret that the client began with.

use sallyport_crypto::Secret;
use sallyport_model::{
    id::{ApplicationId, SignInId},
    oidc::OidcGrant,
};
use sallyport_store::Once;
use sallyport_wire::oidc::{Challenge, ErrorCode, OAuthError, Verifier};
use serde::{Deserialize, Serialize};

use super::{
    CODE_LIFE, Refused,
    authorize::Kept,
    backchannel,
    client::Asker,
    grant::{ACCESS, Draft, Grant, REFRESH},
    token::{Bound, Given, put_tokens},
};
use crate::{
    AppError, Ctx, Tx,
    sso::{self, Passage},
};

/// Kind of a code, and its prefix.
const CODE: &str = "spok";

/// What a code stands for.
#[derive(Serialize, Deserialize)]
struct Coded {
    grant: Grant,
    redirect_uri: String,
    challenge: Challenge,
    dpop_jkt: Option<String>,
}

/// A code to hand out, drawn before the write.
#[derive(Clone)]
pub(super) struct NewCode {
    pub(super) code: Secret,
    hash: String,
    grant: String,
    pub(super) sign_in: SignInId,
}

impl NewCode {
    pub(super) fn draw(ctx: &Ctx) -> Result<Self, AppError> {
        let (code, hash) = ctx.bearer(CODE)?;
        Ok(Self { code, hash, grant: ctx.uuid()?.simple().to_string(), sign_in: ctx.id(SignInId::new)? })
    }

    /// Keeps what the code stands for, and notes the sign-in.
    pub(super) fn put(&self, tx: &mut Tx<'_, '_>, kept: &Kept, passage: &Passage) -> Result<(), AppError> {
        let application = &kept.client.application;
        sso::note(tx, self.sign_in, application, passage)?;
        backchannel::note(tx, &kept.client, passage)?;
        let request = &kept.request;
        let Some(challenge) = request.challenge.clone() else {
            return Err(AppError::Internal("a request without a challenge came through".into()));
        };
        let grant = Grant::of(&kept.client, passage, self.grant.clone(), request.scope.clone(), tx.ctx.now);
        let coded = Coded {
            grant: Grant {
                nonce: request.nonce.clone(),
                claims: request.claims.clone(),
                resource: request.resource.clone(),
                ..grant
            },
            redirect_uri: request.redirect_uri.clone(),
            challenge,
            dpop_jkt: request.dpop_jkt.clone(),
        };
        let once = Once {
            owner: passage.user.id.to_string(),
            expires: tx.ctx.now.plus(CODE_LIFE),
            used: None,
            doc: serde_json::to_string(&coded)?,
        };
        Ok(tx.put_once(CODE, &self.hash, &once)?)
    }
}

/// What is shown to redeem a code.
pub(super) struct Redeeming {
    pub(super) code: Secret,
    pub(super) redirect_uri: Option<String>,
    pub(super) verifier: Option<Verifier>,
}

fn refused(text: &str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidGrant, text)
}

/// Redeems a code for tokens.
pub(super) async fn redeem(
    ctx: &Ctx,
    asker: Asker,
    redeeming: Redeeming,
    bound: Bound,
) -> Result<Given, Refused> {
    asker.client.demand(OidcGrant::AuthorizationCode)?;
    let hash = ctx.org.keys.hash_token(CODE, redeeming.code.expose());
    let drafts = (Draft::draw(ctx, ACCESS)?, Draft::draw(ctx, REFRESH)?);
    let given = ctx
        .write(move |tx| {
            // A refusal spends what was shown all the same, so it is no error of the transaction.
            if let Err(error) = asker.spend(tx)? {
                return Ok(Err(error));
            }
            if let Err(error) = bound.spend(tx)? {
                return Ok(Err(error));
            }
            let grant = match spend(tx, &hash, asker.client.application.id, &redeeming, &bound)? {
                Ok(grant) => grant,
                Err(error) => return Ok(Err(error)),
            };
            let ctx = tx.ctx;
            let Some(user) = grant.person(tx, ctx)? else {
                return Ok(Err(refused("access was withdrawn in the meantime")));
            };
            grant.put(tx)?;
            put_tokens(tx, &asker, &grant, user, &bound, (&drafts.0, &drafts.1)).map(Ok)
        })
        .await??;
    Ok(given)
}

/// Spends a code. Whoever shows one that is spent ends what was given for it: one of the two who had it was a thief.
fn spend(
    tx: &mut Tx<'_, '_>,
    hash: &str,
    asks: ApplicationId,
    redeeming: &Redeeming,
    bound: &Bound,
) -> Result<Result<Grant, OAuthError>, AppError> {
    let unknown = || Ok(Err(refused("the code is unknown, used or expired")));
    let Some(once) = tx.find_once(CODE, hash)? else { return unknown() };
    let coded: Coded = serde_json::from_str(&once.doc)?;
    // Somebody else's code stays good for whoever it was given to.
    if coded.grant.application != asks {
        return unknown();
    }
    let now = tx.ctx.now;
    if !tx.use_once(CODE, hash, now)? {
        if once.used.is_some() {
            coded.grant.end_as_stolen(tx)?;
        }
        return unknown();
    }
    if redeeming.redirect_uri.as_ref() != Some(&coded.redirect_uri) {
        return Ok(Err(refused("redirect_uri is another one than that of the request")));
    }
    let is_theirs = redeeming.verifier.as_ref().is_some_and(|verifier| coded.challenge.is_of(verifier));
    if !is_theirs {
        return Ok(Err(refused("code_verifier is not that of the request's code_challenge")));
    }
    if coded.dpop_jkt.is_some() && coded.dpop_jkt.as_deref() != bound.jkt() {
        return Ok(Err(refused("the code is bound to another key")));
    }
    Ok(Ok(coded.grant))
}
