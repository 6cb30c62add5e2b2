//! Changing one's own password.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use sallyport_app::{AppError, session};

use crate::pages::{
    guard::{Portal, Posted},
    page::Page,
    refusal::{Refusal, sentence},
    shell::Shell,
};

#[derive(Template)]
#[template(path = "portal/password.html")]
struct PasswordPage {
    shell: Shell,
    problem: Option<String>,
}

pub(super) async fn show(portal: Portal) -> Response {
    Page(PasswordPage { shell: Shell::portal(&portal, "/password"), problem: None }).into_response()
}

pub(super) async fn change(Posted { who: portal, fields }: Posted<Portal>) -> Result<Response, Refusal> {
    let again = |problem: String| {
        let page = PasswordPage { shell: Shell::portal(&portal, "/password"), problem: Some(problem) };
        (StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response()
    };
    if fields.raw("new_password") != fields.raw("new_password_again") {
        return Ok(again("The two new passwords are not the same.".into()));
    }
    let (old, new) = (fields.secret("old_password"), fields.secret("new_password"));
    match session::change_own_password(&portal.ctx, &portal.session, &old, &new).await {
        Ok(()) => Ok(Redirect::to("/password?done=password-changed").into_response()),
        Err(AppError::Invalid { reason, .. }) => Ok(again(sentence(&reason))),
        Err(error) => Err(error.into()),
    }
}
