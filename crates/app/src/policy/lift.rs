//! The portal as it is built in, for whoever holds the machine and is shut out by a policy.

use sallyport_model::{
    Method, User,
    policy::{Applied, MethodRow},
    settings::SecondDoorPolicy,
};
use sallyport_policy::EffectivePolicy;

use super::saying;
use crate::{AppError, Tx, ctx::settings, signin::throttle};

const NAME: &str = "The portal as built in";

/// Applies a policy to the portal that says everything as it is built in, in place of all that was applied there. What else
/// was written stays, for applications and for whoever mends it. What can be enrolled with a code is on again where nothing
/// of it was on for this owner.
pub(crate) fn lift(tx: &mut Tx<'_, '_>, owner: &User) -> Result<(), AppError> {
    let mut sections = EffectivePolicy::default().sections();
    sections.second_door = Some(SecondDoorPolicy::Always);
    let policy = saying(tx, NAME, sections)?;
    let before = settings(tx)?;
    let mut after = before.value.clone();
    after.portal_policies = Applied { policy: Some(policy), groups: Vec::new() };
    // Nobody knows whether they have a key of a model that is named.
    let any_passkey = after.passkeys.models.is_empty();
    let enrolled_by_code = |row: &MethodRow| match row.method {
        Method::Passkey => any_passkey,
        Method::Totp => true,
        Method::BypassCode
        | Method::Call
        | Method::Duo
        | Method::HardwareToken
        | Method::Mail
        | Method::Push
        | Method::Text => false,
    };
    let groups = tx.ctx.org.view.groups_around(tx, owner.id)?;
    let rows = MethodRow::complete(&after.factors);
    if !rows.iter().any(|row| enrolled_by_code(row) && row.is_for(&groups)) {
        for row in after.factors.iter_mut().filter(|row| enrolled_by_code(row)) {
            (row.on, row.groups) = (true, Vec::new());
        }
    }
    throttle::forgive(tx, owner)?;
    if after != before.value {
        let changed = tx.update(&before, after)?;
        tx.record(changed, "update");
    }
    Ok(())
}
