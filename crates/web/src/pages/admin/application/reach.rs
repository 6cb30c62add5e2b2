//! Who may use an application, and by what they recognise it.

use axum::{extract::Path, response::Redirect};
use sallyport_api::rest::UpdateApplication;
use sallyport_app::{AppError, Ctx, application};
use sallyport_model::{UsedBy, id::ApplicationId};

use super::{
    HERE,
    pick::{self, Choice, Kind},
};
use crate::pages::{
    guard::{Admin, Posted},
    refusal::Refusal,
};

pub(super) struct UsedByForm {
    pub(super) everybody: bool,
    pub(super) users: Vec<Choice>,
    pub(super) groups: Vec<Choice>,
}

impl UsedByForm {
    pub(super) async fn of(ctx: &Ctx, used_by: &UsedBy) -> Result<Self, AppError> {
        let UsedBy::Only { users, groups } = used_by else {
            return Ok(Self { everybody: true, users: Vec::new(), groups: Vec::new() });
        };
        let users: Vec<_> = users.iter().collect();
        let groups: Vec<_> = groups.iter().collect();
        Ok(Self {
            everybody: false,
            users: pick::chosen(ctx, Kind::Users, &users).await?,
            groups: pick::chosen(ctx, Kind::UserGroups, &groups).await?,
        })
    }

    pub(super) fn is_nobody(&self) -> bool {
        !self.everybody && self.users.is_empty() && self.groups.is_empty()
    }
}

pub(super) async fn say(
    Path(id): Path<ApplicationId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let ids = |name: &str| fields.list(name);
    let used_by = if fields.raw("who") == "everybody" {
        UsedBy::Everybody
    } else {
        let unreadable = || AppError::invalid("used_by", "names somebody whom nobody knows");
        UsedBy::Only {
            users: ids("users")
                .iter()
                .map(|id| id.parse())
                .collect::<Result<_, _>>()
                .map_err(|_| unreadable())?,
            groups: ids("groups")
                .iter()
                .map(|id| id.parse())
                .collect::<Result<_, _>>()
                .map_err(|_| unreadable())?,
        }
    };
    let input = UpdateApplication { used_by: Some(used_by), ..UpdateApplication::default() };
    application::update(&admin.0.ctx, id, fields.number("version"), input).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}?done=saved")))
}

pub(super) async fn draw(
    Path(id): Path<ApplicationId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let input = UpdateApplication { logo: Some(fields.text("logo")), ..UpdateApplication::default() };
    application::update(&admin.0.ctx, id, fields.number("version"), input).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}?done=saved")))
}
