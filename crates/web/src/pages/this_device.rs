//! Which device of this organisation a browser is on: the page that leads to the agent of that machine, and where the agent leads back
//! to. What is judged there is [`sallyport_app::device::proof`].

use askama::Template;
use axum::{
    Router,
    extract::{Query, RawQuery},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use sallyport_app::device::proof::{Answer, Outcome, ask, hear};
use sallyport_wire::oidc::Params;

use super::{
    cookie,
    guard::{Door, Posted},
    next::{door_then, home},
    oidc::led_on,
    page::Page,
    refusal::Refusal,
    shell::DoorShell,
    sign_in::Wanted,
};
use crate::{
    State,
    language::{Language, Text},
};

/// How long a browser keeps what it is known by, in seconds: as long as a question is good, and as a proof.
const QUESTION_LIFE: u32 = 2 * 60;
const PROOF_LIFE: u32 = 8 * 3600;
/// Longest signature, in hexadecimal digits.
const LONGEST_SIGNATURE: usize = 128;

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/this-device", get(show).post(lead)).route("/this-device/back", get(back))
}

#[derive(Template)]
#[template(path = "this_device.html")]
struct ThisDevicePage {
    shell: DoorShell,
    next: String,
    problem: Option<Text>,
}

async fn show(door: Door, Query(wanted): Query<Wanted>) -> Response {
    page(&door, wanted.next, None)
}

fn page(door: &Door, next: String, problem: Option<fn(Language) -> Text>) -> Response {
    let shell = DoorShell::new(door).chosen_at(&door_then("/this-device", &next));
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let problem = problem.map(|problem| problem(shell.say));
    door.with_form_cookie((status, Page(ThisDevicePage { shell, next, problem })).into_response())
}

/// To the agent of this machine, if there is one.
async fn lead(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let next = home(fields.raw("next"), false);
    let asked = ask(&door.ctx, next).await?;
    let mut response = led_on(DoorShell::new(&door), asked.url);
    cookie::set_for(response.headers_mut(), cookie::QUESTION, asked.question.expose(), QUESTION_LIFE);
    Ok(response)
}

/// From there, that is from another site.
async fn back(door: Door, RawQuery(query): RawQuery) -> Result<Response, Refusal> {
    let late = |door: &Door| page(door, "/".into(), Some(Language::this_device_late));
    let Some(question) = cookie::find(&door.headers, cookie::QUESTION) else { return Ok(late(&door)) };
    let params = Params::from_query(query.as_deref().unwrap_or_default()).ok();
    let said = |name, longest| params.as_ref().and_then(|params| params.line(name, longest).ok().flatten());
    let (challenge, signature) = (said("challenge", 64), said("signature", LONGEST_SIGNATURE));
    let device = said("device", 64).and_then(|device| device.parse().ok());
    let user = said("user", 64).and_then(|user| user.parse().ok());
    let answer = match (&challenge, device, user, &signature) {
        (Some(challenge), Some(device), Some(user), Some(signature)) => {
            Some(Answer { challenge, device, user, signature })
        }
        (_, _, _, _) => None,
    };
    let mut response = match hear(&door.ctx, question, answer).await? {
        Outcome::Proved { proof, next } => {
            let mut response = Redirect::to(home(&next, false)).into_response();
            cookie::set_for(response.headers_mut(), cookie::DEVICE, proof.expose(), PROOF_LIFE);
            response
        }
        Outcome::NotAsked => late(&door),
        Outcome::Unknown { next } => page(&door, next, Some(Language::this_device_unknown)),
    };
    cookie::clear(response.headers_mut(), cookie::QUESTION);
    Ok(response)
}
