//! Applications: those that ask for the second door are made, changed and deleted here; programs such as this one are made
//! by people, and so are their grants.

mod change;

use sallyport_model::{Action, Application, ApplicationKind, Grant, Policy};
use sallyport_store::Reader;
use sallyport_wire::duo::{
    ApiError, Code, Params, Reply,
    admin::{IntegrationObject, Integrations, Paging, Slice},
};

use super::{super::DuoError, not_found, page};
use crate::{AppError, Ctx, application};

pub(super) async fn answer(ctx: &Ctx, call: &Integrations, params: &Params) -> Result<Reply, DuoError> {
    match call {
        Integrations::Create { for_nobody_yet } => change::create(ctx, params, *for_nobody_yet).await,
        Integrations::Delete { ikey } => change::delete(ctx, ikey).await,
        Integrations::List => list(ctx, params).await,
        Integrations::Modify { ikey } => change::modify(ctx, ikey, params).await,
        Integrations::Show { ikey } => {
            let found = known(ctx, ikey).await?;
            Ok(Reply::ok(&ctx.read(move |reader| object(reader, &found)).await?))
        }
        Integrations::SecretKey { ikey } => {
            known(ctx, ikey).await?;
            let text = "a secret key is shown once, when it is made; replace it if it is lost";
            Err(ApiError::new(Code::Forbidden).with_detail(text).into())
        }
    }
}

async fn known(ctx: &Ctx, ikey: &str) -> Result<Application, DuoError> {
    match application::resolve(ctx, ikey).await {
        Ok(found) if found.ikey == ikey => Ok(found.value),
        Ok(_) | Err(AppError::NotFound { .. }) => Err(not_found()),
        Err(error) => Err(error.into()),
    }
}

async fn list(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    ctx.allow(Action::ReadDirectory)?;
    let paging = Paging::read(params, Paging::MOST)?;
    let slice = ctx
        .read_many(move |reader| {
            let (found, total) = reader.slice::<Application>(None, paging.offset, paging.limit)?;
            let items = found.iter().map(|application| object(reader, application));
            Ok(Slice { items: items.collect::<Result<_, _>>()?, total })
        })
        .await?;
    Ok(page(paging, &slice))
}

fn object(reader: &mut Reader, application: &Application) -> Result<IntegrationObject, AppError> {
    let granted = |grant| u8::from(application.grants.contains(&grant));
    let policy = match application.policies.policy {
        Some(id) => reader.find::<Policy>(id)?,
        None => None,
    };
    Ok(IntegrationObject {
        integration_key: application.ikey.clone(),
        name: application.name.clone(),
        kind: match (application.kind, &application.duo_type) {
            // Duo's own words for a bookmark and for an application that signs people in by OpenID Connect.
            (ApplicationKind::Bookmark, _) => "sso-bookmark".into(),
            (ApplicationKind::ForwardAuth, _) => "sso-generic".into(),
            (ApplicationKind::DuoAdminApi, _) => "adminapi".into(),
            (ApplicationKind::Oidc, _) => "sso-oidc-generic".into(),
            (ApplicationKind::Saml | ApplicationKind::WsFederation, _) => "sso-generic".into(),
            (ApplicationKind::DuoAuthApi, Some(said)) => said.clone(),
            (ApplicationKind::DuoAuthApi, None) if application.redirect_uris.is_empty() => "authapi".into(),
            (ApplicationKind::DuoAuthApi, None) => "websdk".into(),
        },
        notes: String::new(),
        enroll_policy: "enroll",
        greeting: String::new(),
        groups_allowed: Vec::new(),
        user_access: if application.enabled { "ALL_USERS" } else { "NO_USERS" },
        networks_for_api_access: String::new(),
        policy_key: policy.map(|policy| policy.value.duo_id),
        redirect_uris: application.redirect_uris.iter().map(ToString::to_string).collect(),
        self_service_allowed: false,
        username_normalization_policy: application.username_normalization.as_str(),
        adminapi_admins: 0,
        adminapi_admins_read: granted(Grant::AdminsRead),
        adminapi_allow_to_set_permissions: 0,
        adminapi_info: granted(Grant::Info),
        adminapi_integrations: granted(Grant::Integrations),
        adminapi_read_log: granted(Grant::ReadLog),
        adminapi_read_resource: granted(Grant::ReadResource),
        adminapi_settings: granted(Grant::Settings),
        adminapi_write_resource: granted(Grant::WriteResource),
    })
}
