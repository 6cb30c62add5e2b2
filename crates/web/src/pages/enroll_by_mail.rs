//! Enrolling a first factor at the sign-in itself: the password was right, and a code is mailed to the address of record.
//! What the password proved waits in a cookie; without the code it opens nothing.

use askama::Template;
use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use sallyport_app::{
    AppError, Secret,
    factor::at_door::{self, ByMail, ON_ITS_WAY},
};

use super::{
    cookie,
    enroll::{Steps, show_seed},
    guard::{Door, Posted},
    page::Page,
    refusal::Refusal,
    shell::DoorShell,
    sign_in::STEP_LIFE,
};
use crate::{
    State,
    language::{Markup, Text},
};

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/sign-in/enroll", get(restart).post(mail))
        .route("/sign-in/enroll/code", get(restart).post(begin))
}

#[derive(Template)]
#[template(path = "enrollment_needed.html")]
struct NeededPage {
    shell: DoorShell,
    /// Where a code can be mailed to.
    mail_to: Option<String>,
}

#[derive(Template)]
#[template(path = "enroll_by_mail.html")]
struct CodePage {
    shell: DoorShell,
    /// Where it went.
    to: Option<String>,
    problem: Option<Markup>,
    /// What was done.
    told: Option<Text>,
}

/// Said to whoever passed the first door and has nothing for the second.
pub(super) fn needed(door: &Door, by_mail: Option<ByMail>) -> Response {
    let (handle, mail_to) = by_mail.map(|by_mail| (by_mail.handle, by_mail.to)).unzip();
    let mut response = Page(NeededPage { shell: DoorShell::new(door), mail_to }).into_response();
    match handle {
        Some(handle) => cookie::set_for(response.headers_mut(), cookie::STEP, handle.expose(), STEP_LIFE),
        None => cookie::clear(response.headers_mut(), cookie::STEP),
    }
    response
}

async fn restart() -> Redirect {
    Redirect::to("/sign-in")
}

/// Where it goes is what stands in the directory; the form says nothing.
async fn mail(Posted { who: door, .. }: Posted<Door>) -> Result<Response, Refusal> {
    let (to, sent) = at_door::mail_code(&door.ctx, &handle(&door)).await?;
    let shell = DoorShell::new(&door);
    let (status, told, problem) = match sent {
        Ok(()) => (StatusCode::OK, Some(shell.say.said(ON_ITS_WAY)), None),
        Err(problem) => (StatusCode::UNPROCESSABLE_ENTITY, None, Some(shell.say.words(&problem.into()))),
    };
    let page = CodePage { shell, to: Some(to), problem, told };
    Ok((status, Page(page)).into_response())
}

async fn begin(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    match at_door::begin_totp(&door.ctx, &handle(&door), &fields.secret("code")).await {
        Ok(pending) => show_seed(&door, &Steps::at_door(), &pending, None).await,
        Err(AppError::Invalid { reason, .. }) => {
            let shell = DoorShell::new(&door);
            let problem = Some(shell.say.words(&reason));
            let page = CodePage { shell, to: None, problem, told: None };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn handle(door: &Door) -> Secret {
    Secret::from(cookie::find(&door.headers, cookie::STEP).unwrap_or_default())
}
