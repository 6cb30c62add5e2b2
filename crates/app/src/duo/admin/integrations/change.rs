//! Making, changing and deleting protected applications. What a call says is one write.

use sallyport_api::rest::{CreateApplication, UpdateApplication};
use sallyport_crypto::Secret;
use sallyport_model::{
    Action, Application, ApplicationKind, Policy, UsernameNormalization,
    id::{ApplicationId, OrgId, PolicyId},
    policy::Applied,
};
use sallyport_store::Reader;
use sallyport_wire::duo::{
    ParamError, Params, Reply,
    admin::{GLOBAL, IntegrationFields, IntegrationObject, KeyedIntegrationObject},
};

use super::{
    super::{super::DuoError, ids, unknown},
    known, object,
};
use crate::{AppError, Ctx, Tx, application};

/// `for_nobody_yet`: whether whoever says nothing about it lets nobody in.
pub(super) async fn create(ctx: &Ctx, params: &Params, for_nobody_yet: bool) -> Result<Reply, DuoError> {
    ctx.allow(Action::ManageApplications)?;
    let fields = IntegrationFields::read(params)?;
    let name = fields.name.clone().ok_or(ParamError::Missing("name"))?;
    let kind = fields.kind.clone().ok_or(ParamError::Missing("type"))?;
    let input = CreateApplication { name, kind: ApplicationKind::DuoAuthApi };
    let mut draft = application::Draft::new(ctx, &input)?;
    draft.application.enabled = fields.enabled.unwrap_or(!for_nobody_yet);
    draft.application.duo_type = Some(kind);
    let skey = draft.skey().clone();
    let integration = ctx
        .write(move |tx| {
            let made = draft.create(tx)?;
            let after = edited(tx, &made, &fields)?;
            let made = if after == made.value { made } else { application::replace(tx, &made, after)? };
            object(tx, &made)
        })
        .await?;
    Ok(told_once(integration, &skey))
}

pub(super) async fn modify(ctx: &Ctx, ikey: &str, params: &Params) -> Result<Reply, DuoError> {
    let id = one_to_manage(ctx, ikey).await?;
    let fields = IntegrationFields::read(params)?;
    let skey = if fields.resets_key { Some(application::fresh_skey(ctx)?) } else { None };
    let sealed = skey.clone();
    let integration = ctx
        .write(move |tx| {
            let before = tx.application_to_manage(id)?;
            let after = edited(tx, &before, &fields)?;
            let changed =
                if after == before.value { before } else { application::replace(tx, &before, after)? };
            if let Some(skey) = &sealed {
                application::replace_skey(tx, &changed, skey)?;
            }
            object(tx, &changed)
        })
        .await?;
    Ok(match skey {
        Some(skey) => told_once(integration, &skey),
        None => Reply::ok(&integration),
    })
}

pub(super) async fn delete(ctx: &Ctx, ikey: &str) -> Result<Reply, DuoError> {
    let id = one_to_manage(ctx, ikey).await?;
    application::delete(ctx, id, None).await?;
    Ok(Reply::empty())
}

/// One of another kind is told as out of reach before anything is drawn or written.
async fn one_to_manage(ctx: &Ctx, ikey: &str) -> Result<ApplicationId, DuoError> {
    ctx.allow(Action::ManageApplications)?;
    let found = known(ctx, ikey).await?;
    match found.kind {
        ApplicationKind::Bookmark
        | ApplicationKind::DuoAdminApi
        | ApplicationKind::ForwardAuth
        | ApplicationKind::Oidc
        | ApplicationKind::Saml
        | ApplicationKind::WsFederation => Err(AppError::AboveOwnRights.into()),
        ApplicationKind::DuoAuthApi => Ok(found.id),
    }
}

fn told_once(integration: IntegrationObject, skey: &Secret) -> Reply {
    Reply::ok(&KeyedIntegrationObject { integration, secret_key: skey.expose().to_owned() })
}

/// An application as a call leaves it.
fn edited(
    tx: &mut Tx<'_, '_>,
    before: &Application,
    fields: &IntegrationFields,
) -> Result<Application, AppError> {
    let policies = match &fields.policy_key {
        None => None,
        Some(key) => {
            // Which policy holds at an application is said by whoever may write policies.
            tx.ctx.allow(Action::ChangeSettings)?;
            let org = tx.ctx.org.id;
            let policy = key.as_deref().map(|key| policy_with(tx, org, key)).transpose()?;
            Some(Applied { policy: policy.flatten(), ..before.policies.clone() })
        }
    };
    let input = UpdateApplication {
        name: fields.name.clone(),
        redirect_uris: fields.redirect_uris.clone(),
        enabled: fields.enabled,
        username_normalization: fields
            .simple_names
            .map(|simple| if simple { UsernameNormalization::Simple } else { UsernameNormalization::None }),
        policies,
        ..UpdateApplication::default()
    };
    let mut after = application::edited(tx, before, &input)?;
    if let Some(kind) = &fields.kind {
        after.duo_type = Some(kind.clone());
    }
    Ok(after)
}

/// The policy with this key; nothing for the one that holds everywhere.
fn policy_with(reader: &mut Reader, org: OrgId, key: &str) -> Result<Option<PolicyId>, AppError> {
    if key == GLOBAL || key == ids::of_global_policy(org) {
        return Ok(None);
    }
    let all = reader.list_all::<Policy>()?;
    let found = all.into_iter().find(|policy| policy.duo_id == key).map(|policy| policy.id);
    found.map(Some).ok_or_else(|| unknown("policy_key"))
}
