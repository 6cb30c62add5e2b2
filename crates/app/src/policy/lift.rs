//! The portal as it is built in, for whoever holds the machine and is shut out by a policy.

use sallyport_model::{
    Method, Policy, Time, User, fold,
    id::PolicyId,
    policy::{Applied, MethodRow},
    settings::SecondDoorPolicy,
};
use sallyport_policy::EffectivePolicy;

use crate::{AppError, Ctx, Tx, ctx::settings, signin::throttle};

const NAME: &str = "The portal as built in";

/// A policy that says everything as it is built in, with what it needs of randomness.
pub(crate) struct Lifted {
    id: PolicyId,
    duo_id: String,
    now: Time,
}

impl Lifted {
    pub(crate) fn draw(ctx: &Ctx) -> Result<Self, AppError> {
        Ok(Self { id: ctx.id(PolicyId::new)?, duo_id: ctx.duo_id("PO")?, now: ctx.now })
    }

    /// Applies it to the portal, in place of all that was applied there. What else was written stays, for applications and
    /// for whoever mends it. What can be enrolled with a code is on again where nothing of it was on for this owner.
    pub(crate) fn apply(&self, tx: &mut Tx<'_, '_>, owner: &User) -> Result<(), AppError> {
        let mut sections = EffectivePolicy::default().sections();
        sections.second_door = Some(SecondDoorPolicy::Always);
        let policy = match tx.find_by_key::<Policy>(&fold(NAME))? {
            // It may be applied elsewhere too, so it is taken as it is or not at all.
            Some(before) if before.sections == sections => before.id,
            taken => {
                let (id, duo_id, created) = (self.id, self.duo_id.clone(), self.now);
                let name = if taken.is_some() { format!("{NAME} ({duo_id})") } else { NAME.to_owned() };
                let created = tx.create(Policy { id, name, duo_id, sections, created })?;
                tx.record(created, "create").id
            }
        };
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
}
