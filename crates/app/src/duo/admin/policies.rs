//! Policies: the organisation's own, which is among its settings, and those that are applied to applications, for
//! everybody or for groups there. What is applied to the portal and to logins at devices is not said here.

mod change;
mod sections;

use std::collections::BTreeMap;

use sallyport_model::{
    Action, Application, Group, Policy, Settings, User,
    id::OrgId,
    policy::{Section, Sections as Ours},
    signin::Resource,
};
use sallyport_policy::{EffectivePolicy, Origin as Said};
use sallyport_store::{Reader, Versioned};
use sallyport_wire::duo::{
    Params, Reply,
    admin::{
        AppliedTo, CalculatedPolicy, GLOBAL, Origin, Paging, Policies, PolicyObject, PolicySummaries,
        PolicySummary, SectionName,
    },
};

use super::{super::DuoError, ids, not_found, page, unknown};
use crate::{AppError, Ctx, application, ctx::settings, policy, user::by_duo_id};

/// What it is called that holds everywhere.
const GLOBAL_NAME: &str = "Global Policy";

pub(super) async fn answer(ctx: &Ctx, call: &Policies, params: &Params) -> Result<Reply, DuoError> {
    match call {
        Policies::BulkModify => change::several(ctx, params).await,
        Policies::Calculate => calculate(ctx, params).await,
        Policies::Copy => change::copy(ctx, params).await,
        Policies::Create => change::create(ctx, params).await,
        Policies::Delete { policy } => change::delete(ctx, policy).await,
        Policies::List => list(ctx, params).await,
        Policies::Modify { policy } => change::one(ctx, policy, params).await,
        Policies::Show { policy } => show(ctx, policy).await,
        Policies::Summary => summary(ctx).await,
    }
}

/// A policy that a key names.
enum Named {
    Global(Box<Versioned<Settings>>),
    Other(Box<Versioned<Policy>>),
}

impl Named {
    fn find(reader: &mut Reader, org: OrgId, key: &str) -> Result<Option<Self>, AppError> {
        if key == GLOBAL || key == ids::of_global_policy(org) {
            return Ok(Some(Self::Global(Box::new(settings(reader)?))));
        }
        let found = reader.list_all::<Policy>()?.into_iter().find(|policy| policy.duo_id == key);
        Ok(found.map(|policy| Self::Other(Box::new(policy))))
    }

    fn told(&self, org: OrgId) -> PolicyObject {
        match self {
            Self::Global(settings) => global(org, settings),
            Self::Other(policy) => object(policy),
        }
    }
}

fn object(policy: &Policy) -> PolicyObject {
    PolicyObject {
        policy_key: policy.duo_id.clone(),
        policy_name: policy.name.clone(),
        is_global_policy: false,
        sections: sections::told(&policy.sections),
    }
}

/// The organisation's policy says everything: what nobody decided, as it is built in.
fn global(org: OrgId, settings: &Settings) -> PolicyObject {
    let layers = [(Said::Organization, &settings.policy)];
    let mut all = EffectivePolicy::merge(&layers, &[], &Default::default()).sections();
    if let Some(methods) = &mut all.methods {
        methods.retain(|method| !settings.factors.iter().any(|row| row.method == *method && !row.on));
    }
    PolicyObject {
        policy_key: ids::of_global_policy(org),
        policy_name: GLOBAL_NAME.into(),
        is_global_policy: true,
        sections: sections::told(&all),
    }
}

async fn show(ctx: &Ctx, key: &str) -> Result<Reply, DuoError> {
    ctx.allow(Action::ReadSettings)?;
    let (key, org) = (key.to_owned(), ctx.org.id);
    let found = ctx.read(move |reader| Named::find(reader, org, &key)).await?;
    Ok(Reply::ok(&found.ok_or_else(not_found)?.told(org)))
}

async fn list(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    ctx.allow(Action::ReadSettings)?;
    let (paging, org) = (Paging::read(params, Paging::MOST)?, ctx.org.id);
    let told = ctx
        .read_many(move |reader| {
            let settings = settings(reader)?;
            let mut told = vec![global(org, &settings)];
            told.extend(reader.list_all::<Policy>()?.iter().map(|policy| object(policy)));
            Ok(told)
        })
        .await?;
    Ok(page(paging, &paging.of(told)))
}

async fn summary(ctx: &Ctx) -> Result<Reply, DuoError> {
    ctx.allow(Action::ReadSettings)?;
    let org = ctx.org.id;
    let policies = ctx
        .read_many(move |reader| {
            let mut applied: BTreeMap<_, Vec<AppliedTo>> = BTreeMap::new();
            for application in reader.list_all::<Application>()? {
                let told = |apply_type, group_name| AppliedTo {
                    app_integration_key: application.ikey.clone(),
                    app_name: application.name.clone(),
                    apply_type,
                    group_name,
                };
                if let Some(policy) = application.policies.policy {
                    applied.entry(policy).or_default().push(told("app", None));
                }
                for of in &application.policies.groups {
                    let group = reader.find::<Group>(of.group)?.map(|group| group.value.name);
                    applied.entry(of.policy).or_default().push(told("group_app", group));
                }
            }
            let mut policies = vec![PolicySummary {
                policy_key: ids::of_global_policy(org),
                policy_name: GLOBAL_NAME.into(),
                policy_applies_to: Vec::new(),
            }];
            policies.extend(reader.list_all::<Policy>()?.into_iter().map(|policy| PolicySummary {
                policy_applies_to: applied.remove(&policy.id).unwrap_or_default(),
                policy_key: policy.value.duo_id,
                policy_name: policy.value.name,
            }));
            Ok(policies)
        })
        .await?;
    let policy_count = u64::try_from(policies.len()).unwrap_or(u64::MAX);
    let warnings = Vec::new();
    Ok(Reply::ok(&PolicySummaries { policies, policy_count, response_is_truncated: false, warnings }))
}

/// What holds for one person at one application, with the policy that says each section.
async fn calculate(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    ctx.allow(Action::ReadSettings)?;
    let ikey = params.required_line("integration_key", 64)?;
    let user = params.required_line("user_id", 64)?;
    let asking = ctx.clone();
    let told = ctx
        .read(move |reader| {
            let user: Versioned<User> = by_duo_id(reader, &user)?.ok_or_else(|| unknown("user_id"))?;
            let found = application::by_ikey(reader, &ikey)?.ok_or_else(|| unknown("integration_key"))?;
            let resource = Resource::Application { application: found.id, name: found.value.name };
            let held = policy::in_force(reader, &asking, user.id, &resource, false)?;
            if held.missing {
                let text = "a policy that is applied there does not exist any more, so nobody is let in";
                return Err(AppError::Conflict(text.into()));
            }
            let said = Ours { methods: Some(held.policy.usable().collect()), ..held.policy.sections() };
            let sections = sections::told(&said);
            let mut policy_elements = BTreeMap::new();
            for name in SectionName::ALL.into_iter().filter(|name| sections::says(&sections, *name)) {
                let said_by = held.policy.origin(section_of(name));
                policy_elements.insert(name.as_str(), origin(reader, &asking, said_by)?);
            }
            Ok(CalculatedPolicy { policy_elements, sections })
        })
        .await?;
    Ok(Reply::ok(&told))
}

const fn section_of(name: SectionName) -> Section {
    match name {
        SectionName::AnonymousNetworks => Section::AnonymousNetworks,
        SectionName::AuthenticationMethods => Section::Methods,
        SectionName::AuthenticationPolicy => Section::SecondDoor,
        SectionName::AuthorizedNetworks => Section::AuthorizedNetworks,
        SectionName::NewUser => Section::NewUser,
        SectionName::RememberedDevices => Section::RememberedDevices,
        SectionName::UserLocation => Section::UserLocation,
    }
}

fn origin(reader: &mut Reader, ctx: &Ctx, said_by: &Said) -> Result<Origin, AppError> {
    let (id, apply_type) = match said_by {
        // What is built in is told with the policy that holds everywhere.
        Said::BuiltIn | Said::Organization => {
            let policy_key = ids::of_global_policy(ctx.org.id);
            return Ok(Origin { policy_key, policy_name: GLOBAL_NAME.into(), apply_type: "global" });
        }
        Said::Group { policy, .. } => (*policy, "group_app"),
        Said::Resource { policy } => (*policy, "app"),
    };
    let found = reader.find::<Policy>(id)?.ok_or_else(|| AppError::not_found("policy", id))?;
    Ok(Origin { policy_key: found.duo_id.clone(), policy_name: found.value.name, apply_type })
}
