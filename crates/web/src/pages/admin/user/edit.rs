//! Creating a user and changing one.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use sallyport_api::rest::{CreateUser, UpdateUser};
use sallyport_app::{AppError, user};
use sallyport_model::id::UserId;

use super::HERE;
use crate::pages::{
    fields::Fields,
    guard::{Admin, Posted},
    page::Page,
    refusal::{Refusal, sentence},
    shell::Shell,
};

#[derive(Template)]
#[template(path = "admin/user_new.html")]
struct NewUserPage {
    shell: Shell,
    given: Given,
    problem: Option<String>,
}

/// What the form holds, to be filled in again.
#[derive(Default)]
struct Given {
    name: String,
    display_name: String,
    mails: String,
    phones: String,
    active: bool,
}

pub(super) async fn blank(admin: Admin) -> Response {
    let given = Given { active: true, ..Given::default() };
    Page(NewUserPage { shell: Shell::admin(&admin, HERE), given, problem: None }).into_response()
}

pub(super) async fn create(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let input = CreateUser {
        name: fields.text("name"),
        display_name: fields.optional("display_name"),
        mails: Some(fields.lines("mails")),
        phones: Some(fields.lines("phones")),
        active: fields.ticked("active"),
        ..CreateUser::default()
    };
    match user::create(&admin.0.ctx, input).await {
        Ok(user) => Ok(Redirect::to(&format!("{HERE}/{}?done=created", user.id)).into_response()),
        Err(error @ (AppError::Invalid { .. } | AppError::Conflict(_))) => {
            let problem = Some(sentence(&error.to_string()));
            let page = NewUserPage { shell: Shell::admin(&admin, HERE), given: given(&fields), problem };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn given(fields: &Fields) -> Given {
    Given {
        name: fields.text("name"),
        display_name: fields.text("display_name"),
        mails: fields.raw("mails").to_owned(),
        phones: fields.raw("phones").to_owned(),
        active: fields.ticked("active"),
    }
}

pub(super) async fn update(
    Path(id): Path<UserId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let input = UpdateUser {
        display_name: fields.optional("display_name"),
        mails: Some(fields.lines("mails")),
        phones: Some(fields.lines("phones")),
        ssh_keys: Some(fields.lines("ssh_keys")),
        shell: fields.optional("shell"),
        manager: Some(fields.optional("manager")),
        device_right: Some(fields.word("device_right")),
    };
    user::update(&admin.0.ctx, id, fields.number("version"), input).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}?done=saved")))
}
