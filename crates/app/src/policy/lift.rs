//! The portal as it is built in, for whoever holds the machine and is shut out by a policy.

use sallyport_model::{
    Method, Policy, Time, fold, id::PolicyId, policy::Applied, settings::SecondDoorPolicy,
};
use sallyport_policy::EffectivePolicy;

use crate::{AppError, Ctx, Tx, ctx::settings};

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
    /// for whoever mends it. Factors that can be enrolled are on again where none of them was.
    pub(crate) fn apply(&self, tx: &mut Tx<'_, '_>) -> Result<(), AppError> {
        let mut sections = EffectivePolicy::default().sections();
        sections.second_door = Some(SecondDoorPolicy::Always);
        let policy = match tx.find_by_key::<Policy>(&fold(NAME))? {
            Some(before) if before.sections == sections => before.id,
            Some(before) => {
                let changed = tx.update(&before, Policy { sections, ..before.value.clone() })?;
                tx.record(changed, "update").id
            }
            None => {
                let (id, duo_id, created) = (self.id, self.duo_id.clone(), self.now);
                let created = tx.create(Policy { id, name: NAME.into(), duo_id, sections, created })?;
                tx.record(created, "create").id
            }
        };
        let before = settings(tx)?;
        let mut after = before.value.clone();
        after.portal_policies = Applied { policy: Some(policy), groups: Vec::new() };
        let enrolled_by_code = |method| matches!(method, Method::Passkey | Method::Totp);
        for row in after.factors.iter_mut().filter(|row| enrolled_by_code(row.method)) {
            (row.on, row.groups) = (true, Vec::new());
        }
        if after != before.value {
            let changed = tx.update(&before, after)?;
            tx.record(changed, "update");
        }
        Ok(())
    }
}
