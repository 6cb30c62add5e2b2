//! The first hour in the browser: a one-time link becomes an organisation and its first owner, who goes straight on
//! to the second factor.

use askama::Template;
use axum::{
    Router,
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use sallyport_app::{
    AppError, factor,
    setup::{self, Setup},
};
use serde::Deserialize;

use super::{
    enroll,
    guard::{Door, Posted},
    page::Page,
    refusal::Refusal,
    shell::DoorShell,
};
use crate::{State, language::sentence};

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/setup", get(show).post(run))
}

#[derive(Deserialize)]
struct Given {
    #[serde(default)]
    link: String,
}

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    shell: DoorShell,
    link: String,
    organization: String,
    name: String,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "setup_closed.html")]
struct ClosedPage {
    shell: DoorShell,
    done: bool,
}

/// Looks at the link and spends nothing.
async fn show(door: Door, Query(given): Query<Given>) -> Result<Response, Refusal> {
    let shell = DoorShell::new(&door).in_english();
    if !setup::link_is_good(&door.ctx, &given.link).await? {
        let done = setup::is_done(&door.ctx).await?;
        return Ok((StatusCode::NOT_FOUND, Page(ClosedPage { shell, done })).into_response());
    }
    let page = SetupPage {
        shell,
        link: given.link,
        organization: String::new(),
        name: String::new(),
        problem: None,
    };
    Ok(door.with_form_cookie(Page(page).into_response()))
}

async fn run(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let setup = Setup {
        organization: fields.text("organization"),
        admin_name: fields.text("name"),
        password: fields.secret("password"),
    };
    let again = |problem: String| {
        let page = SetupPage {
            shell: DoorShell::new(&door).in_english(),
            link: fields.text("link"),
            organization: fields.text("organization"),
            name: fields.text("name"),
            problem: Some(problem),
        };
        (StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response()
    };
    if fields.raw("password") != fields.raw("password_again") {
        return Ok(again("The two passwords are not the same.".into()));
    }
    match setup::by_link(&door.ctx, fields.raw("link"), setup).await {
        Ok(done) => {
            let pending = factor::begin_totp(&door.ctx, &done.enrollment_code).await?;
            enroll::show_seed(&door, &enroll::Steps::at_door(), &pending, Some(done.enrollment_code.expose()))
                .await
        }
        Err(AppError::Invalid { reason, .. }) => Ok(again(sentence(&reason.to_string()))),
        Err(AppError::Unauthenticated) => {
            Ok(again("This link is not good any more. Start the server again for a new one.".into()))
        }
        Err(error) => Err(error.into()),
    }
}
