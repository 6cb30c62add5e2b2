//! Administrators: people with a role, who are read here. To make one, to change one or to take a role away is for people.

use std::collections::BTreeSet;

use sallyport_model::{Action, FactorKind, Method, PasswordStatus, Role, Time, User, UserState};
use sallyport_store::Reader;
use sallyport_wire::duo::{
    ApiError, Code, Params, Reply,
    admin::{AdminMethods, AdminObject, Admins, Paging},
};

use super::{super::DuoError, not_found, nothing, objects::Seen, page};
use crate::{AppError, Ctx, ctx::settings, factor, policy::in_force_for};

pub(super) async fn answer(ctx: &Ctx, call: &Admins, params: &Params) -> Result<Reply, DuoError> {
    match call {
        Admins::Change => {
            let text = "administrators are made and changed by owners, and by no program";
            Err(ApiError::new(Code::Forbidden).with_detail(text).into())
        }
        Admins::List => {
            let paging = Paging::read(params, Paging::MOST)?;
            Ok(page(paging, &paging.of(all(ctx).await?)))
        }
        Admins::Methods => Ok(Reply::ok(&methods(ctx).await?)),
        Admins::Pending => nothing(params),
        Admins::Show { admin } => {
            let found = all(ctx).await?.into_iter().find(|object| object.admin_id == *admin);
            Ok(Reply::ok(&found.ok_or_else(not_found)?))
        }
    }
}

async fn all(ctx: &Ctx) -> Result<Vec<AdminObject>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    let now = ctx.now;
    ctx.read_many(move |reader| {
        let users = reader.list_all::<User>()?;
        let admins = users.iter().filter(|user| !user.roles.is_empty());
        admins.map(|user| object(reader, user, now)).collect()
    })
    .await
}

fn object(reader: &mut Reader, user: &User, now: Time) -> Result<AdminObject, AppError> {
    let factors = factor::of(reader, user.id, now)?;
    let is_active = user.state == UserState::Active && user.trashed.is_none();
    Ok(AdminObject {
        admin_id: id_of(user),
        name: user.display_name.clone(),
        email: user.mails.first().map(|mail| mail.address.clone()).unwrap_or_default(),
        phone: user.phones.first().map(|phone| phone.number.clone()),
        role: role_of(user),
        status: if is_active { "Active" } else { "Disabled" },
        restricted_by_admin_units: false,
        admin_units: Vec::new(),
        password_change_required: user.password_status == PasswordStatus::Expired,
        hardtoken: factors.iter().any(|factor| factor.kind() == FactorKind::HardwareToken),
        subaccount_role: None,
        last_login: Seen::of(reader, user.id)?.last_login.map(Time::unix_seconds),
        created: user.created.unix_seconds(),
    })
}

/// A person has an id as a user and one as an administrator, of which one leads to the other.
fn id_of(user: &User) -> String {
    format!("DE{}", user.duo_id.strip_prefix("DU").unwrap_or(&user.duo_id))
}

/// The role that may do most. The protocol has no word for whoever runs commands, so that is told in ours.
fn role_of(user: &User) -> &'static str {
    let by_rights = [Role::Owner, Role::Administrator, Role::HelpDesk, Role::CommandRunner, Role::Auditor];
    match by_rights.into_iter().find(|role| user.roles.contains(role)) {
        Some(Role::Owner) => "Owner",
        Some(Role::Administrator) => "Administrator",
        Some(Role::HelpDesk) => "Help Desk",
        Some(Role::CommandRunner) => "Command Runner",
        Some(Role::Auditor) | None => "Read-only",
    }
}

/// What opens the second door of the portal to somebody with a role. Never a text or a call.
async fn methods(ctx: &Ctx) -> Result<AdminMethods, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    let asking = ctx.clone();
    let policy = ctx
        .read(move |reader| {
            let settings = settings(reader)?;
            let groups = BTreeSet::new();
            Ok(in_force_for(reader, &asking, &settings, &settings.portal_policies, &groups)?.0)
        })
        .await?;
    Ok(AdminMethods {
        hardware_token_enabled: policy.allows(Method::HardwareToken),
        mobile_otp_enabled: policy.allows(Method::Totp),
        push_enabled: policy.allows(Method::Push),
        sms_enabled: false,
        verified_push_enabled: policy.allows(Method::Push),
        verified_push_length: policy.verified_push.value.digits,
        voice_enabled: false,
        yubikey_enabled: false,
    })
}
