//! The prompt: the second door for an application of others, whose browser is sent here and goes back from here. What
//! decides is [`sallyport_app::duo::prompt`].
//!
//! A browser comes from another site, so the first request proves itself by its application's signature; what is sent
//! from the page afterwards is a form of ours like any other. It goes back by way of a page that leads on by itself: a
//! redirect as the answer to a form would make every place the application sends it on to a target of our form, which
//! our content security policy forbids.

mod enroll;

use askama::Template;
use axum::{
    Router,
    extract::Query,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_app::{
    Secret,
    duo::prompt::{self, Asked, NOT_SIGNED, Over, Turn, Why},
    passkey,
    signin::{Answer, ON_ITS_WAY},
};
use sallyport_model::FactorKind;
use serde::Deserialize;

use super::{
    cookie,
    fields::Fields,
    guard::{Door, Posted},
    oidc::led_on,
    page::Page,
    refusal::Refusal,
    second_door::{self, Begins, Offers, Remember, Said, SecondDoor, question},
    shell::DoorShell,
    sign_in::STEP_LIFE,
};
use crate::{State, language::Text, prompt::Brought};

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/oauth/v1/prompt", get(again).post(pass))
        .route("/oauth/v1/prompt/text", post(text))
        .route("/oauth/v1/prompt/waiting", get(waiting))
        .route("/oauth/v1/prompt/cancel", post(cancel))
        .merge(enroll::routes())
}

#[derive(Template)]
#[template(path = "prompt.html")]
struct PromptPage {
    shell: DoorShell,
    application: String,
    username: String,
    /// Which prompt this page is for.
    prompt: String,
    second: SecondDoor,
}

#[derive(Template)]
#[template(path = "prompt_over.html")]
struct OverPage {
    shell: DoorShell,
    application: String,
    username: String,
    /// `None`: something of theirs has to be enrolled first.
    problem: Option<Text>,
    way_back: String,
}

/// Begins, upon what an application of another site sends.
pub(crate) async fn authorize(door: Door, brought: Brought) -> Result<Response, Refusal> {
    let Ok(params) = brought.params else { return Err(Refusal::no_prompt(NOT_SIGNED)) };
    let turn = prompt::authorize(&brought.ctx, &params, brought.host.as_deref()).await?;
    match turn {
        Turn::Back(url) => Ok(Redirect::to(&url).into_response()),
        turn @ (Turn::Ask(_) | Turn::Enroll(_) | Turn::Nowhere(_) | Turn::Over(_)) => {
            Ok(door.with_form_cookie(answer(&door, turn, None).await?))
        }
    }
}

#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    prompt: String,
}

/// The same prompt once more, as when its page is loaded again.
async fn again(door: Door, Query(shown): Query<Shown>) -> Result<Response, Refusal> {
    let turn = prompt::answer(&door.ctx, &handle(&door), &shown.prompt, Answer::Again, None).await?;
    Ok(door.with_form_cookie(answer(&door, turn, None).await?))
}

async fn pass(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let (given, wish) = (second_door::answer(&fields)?, second_door::wish(&fields, &door.headers)?);
    let turn = prompt::answer(&door.ctx, &handle(&door), fields.raw("prompt"), given, wish).await?;
    answer(&door, turn, Some(&fields)).await
}

async fn text(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let phone = second_door::phone(&fields)?;
    let turn = prompt::text(&door.ctx, &handle(&door), fields.raw("prompt"), phone).await?;
    match turn {
        Turn::Ask(asked) if asked.step.problem.is_none() => {
            let told = DoorShell::new(&door).say.said(ON_ITS_WAY);
            ask(&door, *asked, Some(&fields), Some(told)).await
        }
        Turn::Ask(_) | Turn::Back(_) | Turn::Enroll(_) | Turn::Nowhere(_) | Turn::Over(_) => {
            answer(&door, turn, Some(&fields)).await
        }
    }
}

async fn waiting(door: Door) -> Result<Response, Refusal> {
    Ok(second_door::is_over(&door.ctx, &handle(&door)).await?)
}

async fn cancel(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let turn = prompt::cancel(&door.ctx, &handle(&door), fields.raw("prompt")).await?;
    answer(&door, turn, None).await
}

fn handle(door: &Door) -> Secret {
    Secret::from(cookie::find(&door.headers, cookie::PROMPT).unwrap_or_default())
}

async fn answer(door: &Door, turn: Turn, fields: Option<&Fields>) -> Result<Response, Refusal> {
    match turn {
        Turn::Ask(asked) => ask(door, *asked, fields, None).await,
        Turn::Enroll(asked) => Ok(enroll::show(door, *asked)),
        Turn::Back(url) => Ok(without_cookie(led_on(DoorShell::new(door), url))),
        Turn::Nowhere(text) => Err(Refusal::no_prompt(text)),
        Turn::Over(over) => Ok(end(door, *over)),
    }
}

async fn ask(
    door: &Door,
    Asked { prompt, step }: Asked,
    fields: Option<&Fields>,
    told: Option<Text>,
) -> Result<Response, Refusal> {
    let status = if step.problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell = DoorShell::new(door).chosen_at(&format!("/oauth/v1/prompt?prompt={}", prompt.id));
    let page = PromptPage {
        application: prompt.application_name,
        username: prompt.username,
        prompt: prompt.id.clone(),
        second: SecondDoor {
            action: "/oauth/v1/prompt",
            form_token: door.form_token.expose().to_owned(),
            hidden: ("prompt", prompt.id.clone()),
            question: question(passkey::ask_at_second_door(&door.ctx, &step.handle, &step.offers).await?)?,
            remember: Remember::of(&door.ctx, &step, fields)?,
            offers: Offers(step.offers),
            button: shell.say.go_on(),
            waiting: step.waiting,
            waits_at: Some("/oauth/v1/prompt/waiting"),
            duo_at: None,
            said: Said::of(told, step.problem.map(|problem| shell.say.said(problem)), fields),
        },
        shell,
    };
    let mut response = (status, Page(page)).into_response();
    cookie::set_for(response.headers_mut(), cookie::PROMPT, step.handle.expose(), STEP_LIFE);
    Ok(response)
}

fn end(door: &Door, Over { prompt, why }: Over) -> Response {
    let (status, problem, retry_after) = match &why {
        Why::Denied(denial) if denial.retry_after_seconds.is_some() => {
            (StatusCode::TOO_MANY_REQUESTS, Some(denial.text), denial.retry_after_seconds)
        }
        Why::Denied(denial) => (StatusCode::FORBIDDEN, Some(denial.text), None),
        Why::EnrollmentNeeded => (StatusCode::FORBIDDEN, None, None),
    };
    let shell = DoorShell::new(door);
    let page = OverPage {
        way_back: prompt.way_back(),
        application: prompt.application_name,
        username: prompt.username,
        problem: problem.map(|problem| shell.say.said(problem)),
        shell,
    };
    let mut response = (status, without_cookie(Page(page))).into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn without_cookie(page: impl IntoResponse) -> Response {
    let mut response = page.into_response();
    cookie::clear(response.headers_mut(), cookie::PROMPT);
    response
}
