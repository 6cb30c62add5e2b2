//! Enrolling a first factor at the prompt: a code, mailed or from an administrator, then an authenticator application, a
//! passkey or a phone, and on with the prompt. What decides is [`sallyport_app::duo::prompt::enroll`].

use askama::Template;
use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use sallyport_app::{
    AppError, Secret,
    duo::prompt::{
        TOO_LATE, Turn,
        enroll::{self, At, Began, ToEnroll},
    },
};

use crate::{
    State,
    language::Text,
    pages::{
        cookie,
        enroll::{Steps, again, phone, show_seed},
        fields::Fields,
        guard::{Door, Posted},
        page::Page,
        refusal::Refusal,
        second_door::attestation,
        shell::DoorShell,
    },
};

/// How long somebody may take for it, in seconds; the prompt itself says how long it is good.
const LIFE: u32 = 15 * 60;

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/oauth/v1/prompt/enroll", post(mail))
        .route("/oauth/v1/prompt/enroll/code", post(begin))
        .route("/oauth/v1/prompt/enroll/confirm", post(confirm))
        .route("/oauth/v1/prompt/enroll/passkey", post(by_passkey))
        .route("/oauth/v1/prompt/enroll/phone", post(by_phone))
        .route("/oauth/v1/prompt/enroll/done", post(done))
}

#[derive(Template)]
#[template(path = "prompt_enroll.html")]
struct EnrollPage {
    shell: DoorShell,
    application: String,
    username: String,
    /// Which prompt this page is for.
    prompt: String,
    mail_to: Option<String>,
    told: Option<Text>,
    problem: Option<Text>,
}

/// The page for somebody who has to enrol something first.
pub(super) fn show(door: &Door, asked: ToEnroll) -> Response {
    let status = if asked.problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let ToEnroll { prompt, handle, mail_to, told, problem } = asked;
    let shell = DoorShell::new(door).chosen_at(&format!("/oauth/v1/prompt?prompt={}", prompt.id));
    let page = EnrollPage {
        application: prompt.application_name,
        username: prompt.username,
        prompt: prompt.id,
        mail_to,
        told: told.map(|told| shell.say.said(told)),
        problem: problem.map(|problem| shell.say.said(problem)),
        shell,
    };
    let mut response = (status, Page(page)).into_response();
    cookie::set_for(response.headers_mut(), cookie::PROMPT, handle.expose(), LIFE);
    response
}

async fn mail(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let handle = super::handle(&door);
    let turn = enroll::mail_code(&door.ctx, at(&handle, &fields)).await?;
    super::answer(&door, turn, None).await
}

async fn begin(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let handle = super::handle(&door);
    match enroll::begin(&door.ctx, at(&handle, &fields), &fields.secret("code")).await? {
        Began::Not(turn) => super::answer(&door, turn, None).await,
        Began::Pending(pending) => {
            let steps = Steps { makes_passkeys: is_at_home(&door), ..Steps::at_prompt(fields.raw("prompt")) };
            show_seed(&door, &steps, &pending, None).await
        }
    }
}

async fn confirm(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let (handle, pending) = (super::handle(&door), pending(&door));
    let passcode = fields.secret("passcode");
    match enroll::confirm_totp(&door.ctx, at(&handle, &fields), &pending, &passcode).await {
        Ok(turn) => enrolled(&door, turn, false).await,
        Err(AppError::Invalid { reason, .. }) => {
            Ok(again(&door, &Steps::at_prompt(fields.raw("prompt")), &reason))
        }
        Err(error) => Err(error.into()),
    }
}

async fn by_passkey(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let (handle, pending, made) = (super::handle(&door), pending(&door), attestation(&fields)?);
    let named = (&*fields.text("name"), &made);
    let turn = enroll::enroll_passkey(&door.ctx, at(&handle, &fields), &pending, named).await?;
    enrolled(&door, turn, true).await
}

async fn by_phone(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let (handle, pending) = (super::handle(&door), pending(&door));
    let begun = enroll::begin_phone(&door.ctx, at(&handle, &fields), &pending).await?;
    let begun = begun.ok_or_else(|| Refusal::no_prompt(TOO_LATE))?;
    Ok(phone(&door, &Steps::at_prompt(fields.raw("prompt")), &begun))
}

/// The phone is theirs, they say: the prompt goes on with what there is.
async fn done(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let handle = super::handle(&door);
    let turn = enroll::go_on(&door.ctx, at(&handle, &fields)).await?;
    super::answer(&door, turn, None).await
}

/// On with the prompt, which says what was done.
async fn enrolled(door: &Door, turn: Turn, passkey: bool) -> Result<Response, Refusal> {
    let say = DoorShell::new(door).say;
    let told = if passkey { say.notice_enrolled() } else { say.enrolled_app() };
    let mut response = match turn {
        Turn::Ask(asked) => super::ask(door, *asked, None, Some(told)).await?,
        turn @ (Turn::Back(_) | Turn::Enroll(_) | Turn::Nowhere(_) | Turn::Over(_)) => {
            super::answer(door, turn, None).await?
        }
    };
    cookie::clear(response.headers_mut(), cookie::ENROLLMENT);
    Ok(response)
}

fn at<'a>(handle: &'a Secret, fields: &'a Fields) -> At<'a> {
    At { handle, id: fields.raw("prompt") }
}

fn pending(door: &Door) -> Secret {
    Secret::from(cookie::find(&door.headers, cookie::ENROLLMENT).unwrap_or_default())
}

/// Whether the page stands under the name that passkeys belong to, and not under one of the application's own.
fn is_at_home(door: &Door) -> bool {
    let ours = door.ctx.org.config.host().as_bytes();
    let mut hosts = door.headers.get_all(header::HOST).iter();
    hosts.next().is_some_and(|host| host.as_bytes().eq_ignore_ascii_case(ours)) && hosts.next().is_none()
}
