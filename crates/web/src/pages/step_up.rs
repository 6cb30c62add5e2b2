//! The second door once more, for somebody who is signed in and comes from another network, or came in by one door. What
//! decides is [`sallyport_app::session::step_up`].

use askama::Template;
use axum::{
    Router,
    extract::Query,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_app::{
    Phrase, passkey,
    session::step_up::{self, Doors, SteppedUp},
};
use sallyport_model::FactorKind;

use super::{
    cookie,
    guard::{Portal, Posted},
    next::{door_then, home},
    page::Page,
    refusal::Refusal,
    second_door::{self, Offers, SecondDoor, question},
    shell::DoorShell,
    sign_in::Wanted,
};
use crate::{State, language::Text};

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/step-up", get(show).post(pass))
        .route("/step-up/text", post(text))
        .route("/step-up/waiting", get(waiting))
}

#[derive(Template)]
#[template(path = "step_up.html")]
struct StepUpPage {
    shell: DoorShell,
    second: SecondDoor,
    problem: Option<Text>,
    /// What was done.
    told: Option<Text>,
}

impl StepUpPage {
    async fn new(
        portal: &Portal,
        next: &str,
        problem: Option<Phrase>,
        told: Option<Phrase>,
    ) -> Result<Page<Self>, Refusal> {
        let (ctx, session) = (&portal.ctx, &portal.session);
        let (offers, waiting) = step_up::offers(ctx, session).await?;
        let shell = DoorShell::again(portal).chosen_at(&door_then("/step-up", next));
        let second = SecondDoor {
            action: "/step-up",
            form_token: session.form_token.clone(),
            hidden: ("next", next.to_owned()),
            question: question(passkey::ask_once_more(ctx, session, &offers)?)?,
            offers: Offers(offers),
            button: shell.say.go_on(),
            waiting,
            waits_at: Some("/step-up/waiting"),
            duo_at: None,
            remember: None,
        };
        let (problem, told) =
            (problem.map(|problem| shell.say.said(problem)), told.map(|told| shell.say.said(told)));
        Ok(Page(Self { shell, second, problem, told }))
    }
}

async fn show(portal: Portal, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    if !stands_here(&portal).await? {
        return Ok(go_on(&portal, &wanted.next));
    }
    Ok(StepUpPage::new(&portal, &wanted.next, None, None).await?.into_response())
}

async fn pass(Posted { who: portal, fields }: Posted<Portal>) -> Result<Response, Refusal> {
    let next = fields.raw("next");
    if !stands_here(&portal).await? {
        return Ok(go_on(&portal, next));
    }
    match step_up::pass(&portal.ctx, &portal.session, second_door::answer(&fields)?).await? {
        SteppedUp::Through(secret) => {
            let mut response = go_on(&portal, next);
            cookie::set(response.headers_mut(), cookie::SESSION, secret.expose());
            Ok(response)
        }
        SteppedUp::Waiting => Ok(StepUpPage::new(&portal, next, None, None).await?.into_response()),
        not_yet @ SteppedUp::NotYet { .. } => refused(&portal, next, &not_yet).await,
    }
}

async fn waiting(portal: Portal) -> Result<Response, Refusal> {
    let over = step_up::is_over(&portal.ctx, &portal.session, second_door::PATIENCE).await?;
    Ok(second_door::answered(over))
}

/// A code by text, to be typed here.
async fn text(Posted { who: portal, fields }: Posted<Portal>) -> Result<Response, Refusal> {
    let next = fields.raw("next");
    if !stands_here(&portal).await? {
        return Ok(go_on(&portal, next));
    }
    match step_up::text(&portal.ctx, &portal.session, second_door::phone(&fields)?).await? {
        None => {
            let told = Some(sallyport_app::signin::ON_ITS_WAY);
            Ok(StepUpPage::new(&portal, next, None, told).await?.into_response())
        }
        Some(not_yet) => refused(&portal, next, &not_yet).await,
    }
}

async fn refused(portal: &Portal, next: &str, not_yet: &SteppedUp) -> Result<Response, Refusal> {
    let SteppedUp::NotYet { text, retry_after_seconds } = not_yet else { return Ok(go_on(portal, next)) };
    let page = StepUpPage::new(portal, next, Some(*text), None).await?;
    let Some(seconds) = *retry_after_seconds else {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let mut response = (StatusCode::TOO_MANY_REQUESTS, page).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    Ok(response)
}

/// Whether the second door stands here; else both were passed already.
async fn stands_here(portal: &Portal) -> Result<bool, Refusal> {
    match step_up::doors(&portal.ctx, &portal.session) {
        Doors::Elsewhere => Ok(true),
        Doors::Both => Ok(false),
        Doors::One if step_up::offers(&portal.ctx, &portal.session).await?.0.is_empty() => {
            Err(Refusal::second_door_first())
        }
        Doors::One => Ok(true),
    }
}

fn go_on(portal: &Portal, next: &str) -> Response {
    Redirect::to(home(next, !portal.user.roles.is_empty())).into_response()
}
