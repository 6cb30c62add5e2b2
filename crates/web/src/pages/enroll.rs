//! Enrolling the first factor with a code that an administrator handed out. Opening the page spends nothing; the
//! code is spent together with the first passcode.

use askama::Template;
use axum::{
    Router,
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use sallyport_app::{
    AppError, Secret,
    factor::{self, PendingTotp},
};
use serde::Deserialize;

use super::{
    cookie,
    guard::{Door, Posted},
    page::Page,
    qr,
    refusal::{Refusal, sentence},
    shell::DoorShell,
};
use crate::State;

/// How long somebody may take from the QR code to the first code, in seconds.
pub(crate) const PENDING_LIFE: u32 = 15 * 60;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/enroll", get(show).post(begin))
        .route("/enroll/confirm", post(confirm))
        .route("/frame/qr", get(qr::show))
}

#[derive(Deserialize)]
struct Given {
    #[serde(default)]
    code: String,
}

#[derive(Template)]
#[template(path = "enroll.html")]
struct EnrollPage {
    shell: DoorShell,
    code: String,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "enroll_seed.html")]
struct SeedPage {
    shell: DoorShell,
    name: String,
    qr: String,
    seed: String,
    /// To come back with, shown at setup only.
    code: Option<String>,
}

#[derive(Template)]
#[template(path = "enroll_again.html")]
struct AgainPage {
    shell: DoorShell,
    problem: String,
}

#[derive(Template)]
#[template(path = "enroll_done.html")]
struct DonePage {
    shell: DoorShell,
}

async fn show(door: Door, Query(given): Query<Given>) -> Response {
    let page = EnrollPage { shell: DoorShell::new(&door), code: given.code, problem: None };
    door.with_form_cookie(Page(page).into_response())
}

async fn begin(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    match factor::begin_totp(&door.ctx, &fields.secret("code")).await {
        Ok(pending) => Ok(show_seed(&door, &pending, None)),
        Err(AppError::Invalid { reason, .. }) => {
            let problem = Some(sentence(&reason));
            let page = EnrollPage { shell: DoorShell::new(&door), code: String::new(), problem };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Shows the seed once; what belongs to it waits in a cookie.
pub(crate) fn show_seed(door: &Door, pending: &PendingTotp, code: Option<&str>) -> Response {
    let page = SeedPage {
        shell: DoorShell::new(door),
        name: pending.user_name.clone(),
        qr: qr::picture(pending.uri.expose()),
        seed: qr::grouped(pending.seed.expose()),
        code: code.map(str::to_owned),
    };
    let mut response = Page(page).into_response();
    cookie::set_for(response.headers_mut(), cookie::ENROLLMENT, pending.handle.expose(), PENDING_LIFE);
    response
}

async fn confirm(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let handle = Secret::from(cookie::find(&door.headers, cookie::ENROLLMENT).unwrap_or_default());
    let shell = DoorShell::new(&door);
    match factor::confirm_totp(&door.ctx, &handle, &fields.secret("passcode")).await {
        Ok(_) => {
            let mut response = Page(DonePage { shell }).into_response();
            cookie::clear(response.headers_mut(), cookie::ENROLLMENT);
            Ok(response)
        }
        Err(AppError::Invalid { reason, .. }) => {
            let page = AgainPage { shell, problem: sentence(&reason) };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
