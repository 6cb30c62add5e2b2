//! Changing one's own password, by choice or because it has expired.

use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use sallyport_app::{
    AppError,
    session::{self, NewPassword, step_up},
    user::password::{self, Length},
};
use sallyport_model::{PasswordStatus, signin::Resource};
use sallyport_wire::http::local_path;

use crate::{
    language::{Markup, shown},
    pages::{
        cookie,
        guard::{AtPassword, Portal, Posted},
        next::door_then,
        page::Page,
        refusal::Refusal,
        shell::Shell,
        sign_in::Wanted,
    },
};

#[derive(Template)]
#[template(path = "portal/password.html")]
struct PasswordPage {
    shell: Shell,
    expired: bool,
    /// Where they were on the way to.
    next: String,
    asks_for_code: bool,
    /// Whether that code is to be had: something of theirs gives codes.
    has_codes: bool,
    length: Length,
    problem: Option<Markup>,
}

impl PasswordPage {
    async fn new(portal: &Portal, next: &str, problem: Option<Markup>) -> Result<Self, Refusal> {
        Ok(Self {
            shell: Shell::portal(portal, "/password").chosen_at("/password"),
            next: local_path(next).unwrap_or_default().to_owned(),
            expired: portal.user.password_status == PasswordStatus::Expired,
            asks_for_code: session::asks_for_code(&portal.ctx, &portal.session).await?,
            has_codes: step_up::offers(&portal.ctx, &portal.session, &Resource::Portal)
                .await?
                .0
                .iter()
                .any(|offer| offer.kind().is_code()),
            length: password::length(&portal.ctx, portal.user.id).await?,
            problem,
        })
    }

    /// By way of the second door, back to this page.
    fn step_up(&self) -> String {
        door_then("/step-up", &door_then("/password", &self.next))
    }
}

pub(super) async fn show(
    AtPassword(portal): AtPassword,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refusal> {
    Ok(Page(PasswordPage::new(&portal, &wanted.next, None).await?).into_response())
}

pub(super) async fn change(
    Posted { who: AtPassword(portal), fields }: Posted<AtPassword>,
) -> Result<Response, Refusal> {
    let problem = if fields.raw("new_password") == fields.raw("new_password_again") {
        let given = NewPassword {
            old: fields.secret("old_password"),
            new: fields.secret("new_password"),
            passcode: fields.secret("passcode"),
        };
        match session::change_own_password(&portal.ctx, &portal.session, &given).await {
            Ok((secret, _)) => {
                let back = local_path(fields.raw("next")).unwrap_or("/password?done=password-changed");
                let mut response = Redirect::to(back).into_response();
                cookie::set(response.headers_mut(), cookie::SESSION, secret.expose());
                return Ok(response);
            }
            Err(AppError::Invalid { reason, .. }) => portal.language.words(&reason),
            Err(error) => return Err(error.into()),
        }
    } else {
        shown(&portal.language.passwords_differ())
    };
    let page = PasswordPage::new(&portal, fields.raw("next"), Some(problem)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}
