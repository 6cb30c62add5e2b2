//! The token that a protected application keeps for a device of somebody who passed the second door there.
//!
//! It names the sign-in that it came of, under a code of ours, and is kept nowhere: what it stands for is read from that
//! sign-in each time.

use sallyport_crypto::{Secret, constant_time_eq};
use sallyport_model::{
    User,
    id::SignInId,
    policy::RememberedFor,
    signin::{Resource, SignIn, SignInState},
};
use sallyport_policy::EffectivePolicy;
use sallyport_store::Reader;

use super::{FORGOTTEN, Proof, leaves_a_trace};
use crate::{AppError, Ctx, policy, signin::Admission};

/// Kind of the code in a token.
const TOKEN: &str = "trusted_device";

/// The token of a sign-in.
pub(crate) fn of(ctx: &Ctx, sign_in: SignInId) -> Secret {
    let code = ctx.org.keys.hash_token(TOKEN, &sign_in.to_string());
    Secret::new(format!("{sign_in}.{code}"))
}

/// The sign-in whose token an application is given, where policy has devices remembered there.
///
/// # Errors
/// The store's.
pub(crate) async fn earned(ctx: &Ctx, admission: &Admission) -> Result<Option<SignInId>, AppError> {
    let (user, resource, id) =
        (admission.user().id, admission.resource().clone(), admission.sign_in().to_string());
    if !admission.both_doors() {
        return Ok(None);
    }
    let asking = ctx.clone();
    ctx.read(move |reader| {
        let Some(person) = reader.find::<User>(user)? else { return Ok(None) };
        let Some(stored) = reader.find_sign_in(&id)? else { return Ok(None) };
        let held = policy::in_force(reader, &asking, user, &resource, false)?;
        let (now, proof) = (asking.org.clock.now().max(asking.now), proof(&stored.sign_in));
        let until = proof.and_then(|proof| proof.until(&person, &resource, &held.policy, now));
        Ok(until.map(|_| stored.sign_in.id))
    })
    .await
}

/// Whether this is the token of a sign-in of this person at this application that counts yet.
pub(crate) fn counts(
    reader: &mut Reader,
    ctx: &Ctx,
    token: &Secret,
    user: &User,
    resource: &Resource,
    policy: &EffectivePolicy,
) -> Result<bool, AppError> {
    let Some(id) = token.expose().split_once('.').and_then(|(id, _)| id.parse::<SignInId>().ok()) else {
        return Ok(false);
    };
    if !constant_time_eq(of(ctx, id).expose().as_bytes(), token.expose().as_bytes()) {
        return Ok(false);
    }
    let stored = reader.find_sign_in(&id.to_string())?;
    let Some(proof) = stored.and_then(|stored| proof(&stored.sign_in)) else { return Ok(false) };
    let forgotten = reader.counter(&user.id.to_string(), FORGOTTEN)?;
    Ok(proof.until(user, resource, policy, ctx.now).is_some()
        && forgotten.is_none_or(|forgotten| proof.at.0 > forgotten)
        && proof.is_there(reader, ctx.now)?)
}

/// What a sign-in proves, if it is one through both doors.
fn proof(sign_in: &SignIn) -> Option<Proof> {
    let (SignInState::Allowed { at }, Some(second)) = (&sign_in.state, &sign_in.second_door) else {
        return None;
    };
    leaves_a_trace(second.kind).then_some(Proof {
        user: sign_in.user?,
        epoch: sign_in.epoch,
        factor: second.factor,
        kind: second.kind,
        resource: sign_in.resource.clone(),
        // An application keeps it for itself.
        reach: RememberedFor::OneApplication,
        at: *at,
    })
}
