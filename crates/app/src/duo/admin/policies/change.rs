//! Making and changing policies. Each call is one write: what a policy says and where it is applied change together, and of
//! several policies all or none.

use std::collections::BTreeMap;

use sallyport_model::{
    Action, Policy,
    id::{ApplicationId, GroupId},
    name::display_name,
    policy::Sections as Ours,
};
use sallyport_store::{Reader, Versioned};
use sallyport_wire::duo::{
    ApiError, Code, ParamError, Params, Reply,
    admin::{BulkChange, CopyPolicy, PolicyFields, PolicyObject, SectionName, Sections},
};

use super::{Named, object, sections};
use crate::{
    AppError, Ctx, Tx, application,
    duo::{
        DuoError,
        admin::{ids, not_found, unknown},
    },
    policy::{self, Placing, check_sections, place, write_changed, write_new},
    settings,
};

pub(super) async fn create(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    let fields = PolicyFields::read(params)?;
    let name = fields.name.clone().ok_or(ParamError::Missing("policy_name"))?;
    let said = sections::read(&fields.sections, &Ours::default())?;
    let placings = placings(ctx, fields).await?;
    let policy = policy::new(ctx, &name, said)?;
    let made = ctx
        .write(move |tx| {
            let made = write_new(tx, &policy)?;
            place(tx, made.id, &placings)?;
            Ok(made)
        })
        .await?;
    Ok(Reply::ok(&object(&made)))
}

/// Copies what the organisation's own policy says, too: all that was decided, and nothing that is built in.
pub(super) async fn copy(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    let CopyPolicy { policy: key, names } = CopyPolicy::read(params)?;
    let blank = names.iter().map(|name| policy::new(ctx, name, Ours::default()));
    let blank: Vec<Policy> = blank.collect::<Result<_, _>>()?;
    let made = ctx
        .write(move |tx| {
            let org = tx.ctx.org.id;
            let said = match Named::find(tx, org, &key)?.ok_or_else(|| unknown("policy_key"))? {
                Named::Global(settings) => settings.policy.clone(),
                Named::Other(policy) => policy.value.sections,
            };
            let copies = blank.iter().map(|blank| Policy { sections: said.clone(), ..blank.clone() });
            copies.map(|copy| write_new(tx, &copy)).collect::<Result<Vec<_>, _>>()
        })
        .await?;
    let policies: Vec<PolicyObject> = made.iter().map(|policy| object(policy)).collect();
    Ok(Reply::ok(&BTreeMap::from([("policies", policies)])))
}

pub(super) async fn one(ctx: &Ctx, key: &str, params: &Params) -> Result<Reply, DuoError> {
    let fields = PolicyFields::read(params)?;
    let change = Change {
        name: fields.name.clone(),
        sections: fields.sections.clone(),
        without: fields.without.clone(),
    };
    let (key, placings) = (key.to_owned(), placings(ctx, fields).await?);
    let told = ctx
        .write(move |tx| {
            let org = tx.ctx.org.id;
            let Some(named) = Named::find(tx, org, &key)? else { return Ok(None) };
            match &named {
                Named::Global(_) if !placings.is_empty() => {
                    return Err(AppError::invalid("apply_to_apps", "this policy holds everywhere already"));
                }
                Named::Global(_) => {}
                Named::Other(policy) => place(tx, policy.id, &placings)?,
            }
            Ok(Some(change.make(tx, named)?.told(org)))
        })
        .await?;
    Ok(Reply::ok(&told.ok_or_else(not_found)?))
}

pub(super) async fn several(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    let BulkChange { policies, sections, without } = BulkChange::read(params)?;
    let change = Change { name: None, sections, without };
    let told = ctx
        .write(move |tx| {
            let org = tx.ctx.org.id;
            let keys = match &policies {
                None => tx.list_all::<Policy>()?.into_iter().map(|policy| policy.value.duo_id).collect(),
                Some(keys) => keys.clone(),
            };
            let changed = keys.iter().map(|key| {
                let named = Named::find(tx, org, key)?;
                let named = named.ok_or_else(|| unknown("policies_to_update.edit_list"))?;
                Ok(change.make(tx, named)?.told(org))
            });
            changed.collect::<Result<Vec<_>, AppError>>()
        })
        .await?;
    Ok(Reply::ok(&told))
}

pub(super) async fn delete(ctx: &Ctx, key: &str) -> Result<Reply, DuoError> {
    ctx.allow(Action::ReadSettings)?;
    let (key, org) = (key.to_owned(), ctx.org.id);
    match ctx.read(move |reader| Named::find(reader, org, &key)).await?.ok_or_else(not_found)? {
        Named::Global(_) => {
            let text = "the policy that holds everywhere cannot be deleted";
            Err(ApiError::new(Code::InvalidParameters).with_detail(text).into())
        }
        Named::Other(policy) => {
            policy::delete(ctx, policy.id, None).await?;
            Ok(Reply::empty())
        }
    }
}

/// What a policy says otherwise from now on.
struct Change {
    name: Option<String>,
    sections: Sections,
    without: Vec<SectionName>,
}

impl Change {
    fn said(&self, before: &Ours) -> Result<Ours, AppError> {
        let mut after = sections::read(&self.sections, before)?;
        for name in &self.without {
            if sections::says(&self.sections, *name) {
                let text = format!("`{}` cannot be both given and deleted", name.as_str());
                return Err(AppError::invalid("sections_to_delete", text));
            }
            sections::forget(&mut after, *name);
        }
        Ok(after)
    }

    /// Makes the change where it is one, and answers with what is in force then.
    fn make(&self, tx: &mut Tx<'_, '_>, named: Named) -> Result<Named, AppError> {
        tx.ctx.allow(Action::ChangeSettings)?;
        match named {
            Named::Global(before) => {
                if self.name.is_some() {
                    return Err(AppError::invalid(
                        "policy_name",
                        "the policy that holds everywhere keeps its name",
                    ));
                }
                let mut after = before.value.clone();
                after.policy = self.said(&before.policy)?;
                if after == before.value {
                    return Ok(Named::Global(before));
                }
                Ok(Named::Global(Box::new(settings::replace(tx, Some(before.version), &after)?.settings)))
            }
            Named::Other(before) => {
                let mut after = before.value.clone();
                if let Some(name) = &self.name {
                    after.name = display_name(name)?;
                }
                after.sections = self.said(&before.sections)?;
                if after == before.value {
                    return Ok(Named::Other(before));
                }
                check_sections(tx, &after.sections)?;
                Ok(Named::Other(Box::new(write_changed(tx, &before, after)?)))
            }
        }
    }
}

/// Where a policy is applied from now on, or no more, by our own ids. The later word about an application counts.
async fn placings(ctx: &Ctx, fields: PolicyFields) -> Result<BTreeMap<ApplicationId, Placing>, DuoError> {
    ctx.allow(Action::ChangeSettings)?;
    let placed = ctx.read(move |reader| {
        let mut placings: BTreeMap<ApplicationId, Placing> = BTreeMap::new();
        for (ikeys, holds) in [(&fields.take_from, false), (&fields.apply_to, true)] {
            for ikey in ikeys {
                placings.entry(application(reader, ikey)?).or_default().everybody = Some(holds);
            }
        }
        for (ikey, given) in &fields.take_from_groups {
            let groups = groups(reader, given)?;
            placings.entry(application(reader, ikey)?).or_default().without.extend(groups);
        }
        for (ikey, given) in &fields.apply_to_groups {
            let groups = groups(reader, given)?;
            placings.entry(application(reader, ikey)?).or_default().groups.extend(groups);
        }
        Ok(placings)
    });
    Ok(placed.await?)
}

fn application(reader: &mut Reader, ikey: &str) -> Result<ApplicationId, AppError> {
    let found: Option<Versioned<_>> = application::by_ikey(reader, ikey)?;
    found.map(|found| found.id).ok_or_else(|| unknown("app_integration_key"))
}

fn groups(reader: &mut Reader, given: &[String]) -> Result<Vec<GroupId>, AppError> {
    let mut groups = Vec::with_capacity(given.len());
    for id in given {
        groups.push(ids::find_group(reader, id)?.ok_or_else(|| unknown("group_id_list"))?.id);
    }
    Ok(groups)
}
