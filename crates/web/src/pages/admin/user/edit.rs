//! Creating a user and changing one.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use sallyport_api::rest::{CreateUser, TellAbout, UpdateUser};
use sallyport_app::{AppError, user};
use sallyport_model::{Action, id::UserId};

use super::HERE;
use crate::{
    language::sentence,
    pages::{
        fields::Fields,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::Shell,
    },
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
    ssh_keys: String,
    uid: String,
    gid: String,
    shell: String,
    home: String,
    manager: String,
    active: bool,
}

impl Given {
    /// Whether something stands among the things that most people need not set.
    fn has_account_data(&self) -> bool {
        [&self.uid, &self.gid, &self.shell, &self.home, &self.ssh_keys].iter().any(|text| !text.is_empty())
    }
}

/// Whoever could not send the form is not shown it.
pub(super) async fn blank(admin: Admin) -> Result<Response, Refusal> {
    admin.0.ctx.allow(Action::CreateUser)?;
    let given = Given { active: true, ..Given::default() };
    Ok(Page(NewUserPage { shell: Shell::admin(&admin, HERE), given, problem: None }).into_response())
}

pub(super) async fn create(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let created = match described(&fields) {
        Ok(input) => user::create(&admin.0.ctx, input).await,
        Err(error) => Err(error),
    };
    match created {
        Ok(user) => Ok(Redirect::to(&format!("{HERE}/{}?done=created", user.id)).into_response()),
        Err(error @ (AppError::Invalid { .. } | AppError::Conflict(_))) => {
            let problem = Some(sentence(&error.to_string()));
            let page = NewUserPage { shell: Shell::admin(&admin, HERE), given: given(&fields), problem };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn described(fields: &Fields) -> Result<CreateUser, AppError> {
    Ok(CreateUser {
        name: fields.text("name"),
        aliases: None,
        display_name: fields.optional("display_name"),
        mails: Some(fields.lines("mails")),
        phones: Some(fields.lines("phones")),
        ssh_keys: Some(fields.lines("ssh_keys")),
        shell: fields.optional("shell"),
        home: fields.optional("home"),
        uid: fields.number_if_given("uid")?,
        gid: fields.number_if_given("gid")?,
        manager: fields.optional("manager"),
        device_right: None,
        about: TellAbout::default(),
        active: fields.ticked("active"),
    })
}

fn given(fields: &Fields) -> Given {
    Given {
        name: fields.text("name"),
        display_name: fields.text("display_name"),
        mails: fields.raw("mails").to_owned(),
        phones: fields.raw("phones").to_owned(),
        ssh_keys: fields.raw("ssh_keys").to_owned(),
        uid: fields.text("uid"),
        gid: fields.text("gid"),
        shell: fields.text("shell"),
        home: fields.text("home"),
        manager: fields.text("manager"),
        active: fields.ticked("active"),
    }
}

/// What is told about a person; attributes one a line, as `name=value`.
fn told(fields: &Fields) -> Result<TellAbout, AppError> {
    let attribute = |line: String| match line.split_once('=') {
        Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
        None => Err(AppError::invalid("attributes", "are written as name=value, one a line")),
    };
    Ok(TellAbout {
        given_name: Some(fields.text("given_name")),
        family_name: Some(fields.text("family_name")),
        notes: Some(fields.text("notes")),
        attributes: Some(fields.lines("attributes").into_iter().map(attribute).collect::<Result<_, _>>()?),
    })
}

pub(super) async fn update(
    Path(id): Path<UserId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let input = UpdateUser {
        aliases: Some(fields.lines("aliases")),
        display_name: fields.optional("display_name"),
        mails: Some(fields.lines("mails")),
        phones: Some(fields.lines("phones")),
        ssh_keys: Some(fields.lines("ssh_keys")),
        shell: fields.optional("shell"),
        home: fields.optional("home"),
        manager: Some(fields.optional("manager")),
        device_right: Some(fields.word("device_right")),
        about: told(&fields)?,
    };
    user::update(&admin.0.ctx, id, fields.number("version"), input).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}?done=saved")))
}
