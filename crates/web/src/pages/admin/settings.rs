//! What the organisation decided once for everybody.

use askama::Template;
use axum::{
    Router,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use sallyport_app::{Versioned, settings};
use sallyport_model::{
    Action, Settings,
    settings::{
        AccountPolicy, DeviceLogin, PasskeyPolicy, PasswordPolicy, PosixDefaults, SecondDoorPolicy, SshKeys,
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
    /// The groups that pass the second door, where it is for groups.
    second_door_groups: Vec<Choice>,
    /// The groups that are asked for it at devices.
    login_groups: Vec<Choice>,
    may_change: bool,
}

impl SettingsPage {
    fn second_door(&self) -> &'static str {
        match &self.settings.second_door {
            SecondDoorPolicy::Always => "always",
            SecondDoorPolicy::Groups { .. } => "groups",
            SecondDoorPolicy::Never => "never",
        }
    }

    fn login(&self) -> &DeviceLogin {
        &self.settings.device_login
    }
}

async fn show(admin: Admin) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let settings = settings::show(ctx).await?;
    let second_door_groups = match &settings.second_door {
        SecondDoorPolicy::Groups { groups } => groups.as_slice(),
        SecondDoorPolicy::Always | SecondDoorPolicy::Never => &[],
    };
    let page = SettingsPage {
        shell: Shell::admin(&admin, HERE),
        second_door_groups: pick::chosen(ctx, Kind::UserGroups, second_door_groups).await?,
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
    let replaced = settings::update(&admin.0.ctx, fields.number("version"), settings).await?;
    Ok(Redirect::to(match replaced.notice {
        None => "/admin/settings?done=saved",
        Some(_) => "/admin/settings?done=saved-passwords-alone",
    }))
}

fn read(fields: &Fields, before: &Settings) -> Result<Settings, Refusal> {
    let missing = |what: &str| Refusal::missing(&format!("Give a number for {what}."));
    Ok(Settings {
        organization: fields.text("organization"),
        second_door: second_door(fields)?,
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
        passkeys: PasskeyPolicy { instead_of_password: fields.ticked("passkey_instead_of_password") },
        posix: PosixDefaults {
            first_uid: fields.number("first_uid").ok_or_else(|| missing("the first user number"))?,
            last_uid: fields.number("last_uid").ok_or_else(|| missing("the last user number"))?,
            shell: fields.text("shell"),
            home: fields.text("home"),
        },
        device_login: device_login::read(fields)?,
        telephony: before.telephony.clone(),
        duo: before.duo.clone(),
    })
}

fn second_door(fields: &Fields) -> Result<SecondDoorPolicy, Refusal> {
    match fields.raw("second_door") {
        "always" => Ok(SecondDoorPolicy::Always),
        "never" => Ok(SecondDoorPolicy::Never),
        "groups" => {
            let groups = fields.list("second_door_groups");
            if groups.is_empty() {
                return Err(Refusal::missing("Choose at least one group that has to pass the second door."));
            }
            let groups = groups.iter().map(|id| id.parse()).collect::<Result<_, _>>();
            Ok(SecondDoorPolicy::Groups { groups: groups.map_err(sallyport_app::AppError::from)? })
        }
        _ => Err(Refusal::missing("Choose when the second door is asked for.")),
    }
}
