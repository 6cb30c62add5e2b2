//! Where a policy is applied: a change of applications that is made together with the policy's own.

use std::collections::BTreeMap;

use sallyport_model::{
    Action, Application,
    id::{ApplicationId, GroupId, PolicyId},
    policy::{Applied, GroupPolicy},
};

use super::check_applied;
use crate::{AppError, Tx};

/// At one application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Placing {
    /// Whether the policy holds for everybody there from now on (`true`), or no more (`false`).
    pub everybody: Option<bool>,
    /// Groups that it holds for from now on. One that had another policy there has this one in its place.
    pub groups: Vec<GroupId>,
    /// Groups that it holds for no more.
    pub without: Vec<GroupId>,
}

/// Applies a policy to applications, or takes it away from them. What it was not applied to, it is not taken from.
///
/// # Errors
/// Denied, no such application, one that nobody signs in to, or a group that is not there.
pub(crate) fn place(
    tx: &mut Tx<'_, '_>,
    policy: PolicyId,
    placings: &BTreeMap<ApplicationId, Placing>,
) -> Result<(), AppError> {
    // What a policy says at an application is said by whoever may write policies.
    tx.ctx.allow(Action::ChangeSettings)?;
    for (id, placing) in placings {
        let before = tx.find::<Application>(*id)?.ok_or_else(|| AppError::not_found("application", id))?;
        if !before.kind.is_signed_in_to() {
            return Err(AppError::invalid("policies", "are for applications that people sign in to"));
        }
        let mut after = before.value.clone();
        placing.change(policy, &mut after.policies);
        if after == before.value {
            continue;
        }
        check_applied(tx, "policies", &after.policies)?;
        let changed = tx.update(&before, after)?;
        tx.record(changed, "update");
    }
    Ok(())
}

impl Placing {
    fn change(&self, policy: PolicyId, applied: &mut Applied) {
        match self.everybody {
            Some(true) => applied.policy = Some(policy),
            Some(false) if applied.policy == Some(policy) => applied.policy = None,
            Some(false) | None => {}
        }
        applied.groups.retain(|of| of.policy != policy || !self.without.contains(&of.group));
        for group in &self.groups {
            match applied.groups.iter_mut().find(|of| of.group == *group) {
                Some(known) => known.policy = policy,
                None => applied.groups.push(GroupPolicy { group: *group, policy }),
            }
        }
    }
}
