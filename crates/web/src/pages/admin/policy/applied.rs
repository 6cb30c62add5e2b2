//! The part of a form that applies policies: one for everybody, and an ordered list for groups.

use sallyport_app::{AppError, Ctx, Versioned, group, policy};
use sallyport_model::{
    Action, Policy,
    id::{GroupId, PolicyId},
    policy::{Applied, GroupPolicy},
};

use crate::pages::{fields::Fields, refusal::Refusal, shell::may};

/// Empty rows at the end of the list of groups.
const MORE: usize = 2;

/// What the form shows.
pub(in crate::pages::admin) struct AppliedForm {
    pub(in crate::pages::admin) policies: Vec<Versioned<Policy>>,
    pub(in crate::pages::admin) applied: Applied,
    /// In their order, and blank ones for more.
    pub(in crate::pages::admin) rows: Vec<GroupRow>,
}

/// A row of the list of groups.
pub(in crate::pages::admin) struct GroupRow {
    pub(in crate::pages::admin) place: usize,
    /// Its name; blank in a row that is free.
    pub(in crate::pages::admin) group: String,
    pub(in crate::pages::admin) policy: Option<PolicyId>,
}

impl AppliedForm {
    /// The form of a resource; without any policy to choose where somebody may not see them.
    pub(in crate::pages::admin) async fn of(ctx: &Ctx, applied: &Applied) -> Result<Self, AppError> {
        let policies = if may(ctx, Action::ReadSettings) { policy::all(ctx).await? } else { Vec::new() };
        let mut rows = Vec::with_capacity(applied.groups.len() + MORE);
        for GroupPolicy { group, policy } in &applied.groups {
            let name =
                group::show(ctx, *group).await.map_or_else(|_| group.to_string(), |group| group.value.name);
            rows.push((name, Some(*policy)));
        }
        rows.extend(std::iter::repeat_n((String::new(), None), MORE));
        let row = |(place, (group, policy))| GroupRow { place, group, policy };
        let rows = rows.into_iter().enumerate().map(row).collect();
        Ok(Self { policies, applied: applied.clone(), rows })
    }
}

/// What the form brought. Fields begin with `prefix`: `_policy`, and as many `_group` as `_group_policy`, with a group's id
/// or name in each.
pub(in crate::pages::admin) async fn read(
    ctx: &Ctx,
    fields: &Fields,
    prefix: &str,
) -> Result<Applied, Refusal> {
    let policy = |given: &str| -> Result<Option<PolicyId>, Refusal> {
        match given.trim() {
            "" => Ok(None),
            given => Ok(Some(given.parse().map_err(AppError::from)?)),
        }
    };
    let groups = fields.every(&format!("{prefix}_group"));
    let policies = fields.every(&format!("{prefix}_group_policy"));
    let mut rows = Vec::new();
    for (group, of) in groups.iter().zip(&policies) {
        match (group.trim(), policy(of)?) {
            ("", None) => {}
            ("", Some(_)) => return Err(Refusal::missing("Name the group that the policy is for.")),
            (_, None) => return Err(Refusal::missing("Choose a policy for each group.")),
            (group, Some(policy)) => {
                let group: GroupId = group::resolve(ctx, group).await?.id;
                rows.push(GroupPolicy { group, policy });
            }
        }
    }
    Ok(Applied { policy: policy(fields.raw(&format!("{prefix}_policy")))?, groups: rows })
}
