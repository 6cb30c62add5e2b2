//! What the organisation decided once for everybody.

use askama::Template;
use axum::{
    Router,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use sallyport_app::{Versioned, settings};
use sallyport_model::{
    Action, RecoverySettings, Settings,
    settings::{
        AccountPolicy, CodePolicy, DeviceLogin, PasskeyPolicy, PasswordPolicy, PosixDefaults, SshKeys,
    },
};

use super::{
    device_login,
    pick::{self, Choice, Kind},
};
use crate::{
    State,
    pages::{
        fields::Fields,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
    },
};

const HERE: &str = "/admin/settings";

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/settings", get(show).post(update))
}

#[derive(Template)]
#[template(path = "admin/settings.html")]
struct SettingsPage {
    shell: Shell,
    settings: Versioned<Settings>,
    /// The groups that are asked for it at devices.
    login_groups: Vec<Choice>,
    may_change: bool,
}

impl SettingsPage {
    fn login(&self) -> &DeviceLogin {
        &self.settings.device_login
    }
}

async fn show(admin: Admin) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let settings = settings::show(ctx).await?;
    let page = SettingsPage {
        shell: Shell::admin(&admin, HERE),
        login_groups: pick::chosen(ctx, Kind::UserGroups, &settings.device_login.groups).await?,
        may_change: may(ctx, Action::ChangeSettings),
        settings,
    };
    Ok(Page(page).into_response())
}

async fn update(Posted { who: admin, fields }: Posted<Admin>) -> Result<Redirect, Refusal> {
    // What has a page of its own stays as it is; whoever changed it in between has changed the version too.
    let before = settings::show(&admin.0.ctx).await?;
    let settings = read(&fields, &before)?;
    settings::update(&admin.0.ctx, fields.number("version"), settings).await?;
    Ok(Redirect::to("/admin/settings?done=saved"))
}

fn read(fields: &Fields, before: &Settings) -> Result<Settings, Refusal> {
    let missing = |what: &str| Refusal::missing(&format!("Give a number for {what}."));
    Ok(Settings {
        organization: fields.text("organization"),
        policy: before.policy.clone(),
        factors: before.factors.clone(),
        portal_policies: before.portal_policies.clone(),
        device_policies: before.device_policies.clone(),
        passwords: PasswordPolicy {
            shortest: fields.number("shortest").ok_or_else(|| missing("the shortest password"))?,
            refuse_common: fields.ticked("refuse_common"),
            expire_after_days: fields
                .number("expire_after_days")
                .ok_or_else(|| missing("the days after which passwords expire"))?,
        },
        accounts: AccountPolicy {
            idle_days: fields
                .number("idle_days")
                .ok_or_else(|| missing("the days after which accounts are dormant"))?,
        },
        passkeys: PasskeyPolicy {
            instead_of_password: fields.ticked("passkey_instead_of_password"),
            always_verified: fields.ticked("passkey_always_verified"),
            models: before.passkeys.models.clone(),
        },
        codes: CodePolicy { drift: fields.ticked("code_drift") },
        enrollment: before.enrollment.clone(),
        posix: PosixDefaults {
            first_uid: fields.number("first_uid").ok_or_else(|| missing("the first user number"))?,
            last_uid: fields.number("last_uid").ok_or_else(|| missing("the last user number"))?,
            shell: fields.text("shell"),
            home: fields.text("home"),
        },
        device_login: device_login::read(fields)?,
        telephony: before.telephony.clone(),
        mail: before.mail.clone(),
        duo: before.duo.clone(),
        branding: before.branding.clone(),
        recovery: RecoverySettings { help_desk_alone: fields.ticked("help_desk_alone") },
        first_hour_dismissed: before.first_hour_dismissed,
    })
}
