//! Sign-in: name and password at the first door, a code at the second. What decides is [`sallyport_app::signin`];
//! here it is shown, and its end becomes a cookie.

use askama::Template;
use axum::{
    Router,
    extract::Query,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_app::{
    Ctx, Secret, session, setup,
    signin::{self, Admission, Begin, Denial, FirstDoorProof, Offer, SecondDoorStep, Step},
};
use sallyport_model::{FactorKind, signin::Resource};
use serde::Deserialize;

use super::{
    cookie,
    guard::{AtPassword, Door, Portal, Posted},
    next::home,
    notice,
    page::Page,
    refusal::Refusal,
    shell::DoorShell,
};
use crate::{State, call::user_agent};

/// How long the step's cookie lives, in seconds; the step itself says how long it is good.
pub(super) const STEP_LIFE: u32 = 10 * 60;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/sign-in", get(show).post(first_door))
        .route("/sign-in/second", get(restart).post(second_door))
        .route("/sign-out", post(sign_out))
}

/// Where somebody wanted to go.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    pub(super) next: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct FirstDoorPage {
    shell: DoorShell,
    next: String,
    name: String,
    problem: Option<String>,
    notice: Option<&'static str>,
    set_up: bool,
}

#[derive(Template)]
#[template(path = "second_door.html")]
struct SecondDoorPage {
    shell: DoorShell,
    next: String,
    offers: Offers,
    problem: Option<&'static str>,
}

/// With what the second door could be opened.
pub(super) struct Offers(pub(super) Vec<Offer>);

impl Offers {
    pub(super) fn has(&self, kind: FactorKind) -> bool {
        self.0.iter().any(|offer| offer.kind == kind)
    }
}

#[derive(Template)]
#[template(path = "enrollment_needed.html")]
struct EnrollmentNeededPage {
    shell: DoorShell,
}

async fn show(
    portal: Result<Portal, Refusal>,
    door: Door,
    Query(wanted): Query<Wanted>,
    uri: Uri,
) -> Result<Response, Refusal> {
    if let Ok(portal) = portal {
        return Ok(Redirect::to(home(&wanted.next, !portal.user.roles.is_empty())).into_response());
    }
    let page = FirstDoorPage {
        shell: DoorShell::new(&door),
        next: wanted.next,
        name: String::new(),
        problem: None,
        notice: notice::of(&uri),
        set_up: setup::is_done(&door.ctx).await?,
    };
    Ok(door.with_form_cookie(Page(page).into_response()))
}

async fn restart() -> Redirect {
    Redirect::to("/sign-in")
}

async fn first_door(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let name = fields.text("name");
    let begin = Begin {
        name: name.clone(),
        resource: Resource::Portal,
        first_door: FirstDoorProof::Password(fields.secret("password")),
    };
    let step = signin::begin(&door.ctx, begin).await?;
    answer(&door, step, fields.raw("next"), name).await
}

async fn second_door(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let handle = Secret::from(cookie::find(&door.headers, cookie::STEP).unwrap_or_default());
    let step = signin::passcode(&door.ctx, &handle, &fields.secret("passcode")).await?;
    answer(&door, step, fields.raw("next"), String::new()).await
}

async fn answer(door: &Door, step: Step, next: &str, name: String) -> Result<Response, Refusal> {
    match step {
        Step::Allowed(admission) => enter(door, &admission, next).await,
        Step::SecondDoor(step) => Ok(to_second_door(door, step, next)),
        Step::Denied(denial) => Ok(to_first_door(door, &denial, next, name)),
        Step::EnrollmentNeeded { .. } => {
            Ok(Page(EnrollmentNeededPage { shell: DoorShell::new(door) }).into_response())
        }
    }
}

/// Opens a session under a new id; whatever session this browser had before ends.
async fn enter(door: &Door, admission: &Admission, next: &str) -> Result<Response, Refusal> {
    end_former(&door.ctx, &door.headers).await?;
    let (secret, _) = session::open(&door.ctx, admission, user_agent(&door.headers)).await?;
    let administrator = admission.both_doors() && !admission.user().roles.is_empty();
    let mut response = Redirect::to(home(next, administrator)).into_response();
    let headers = response.headers_mut();
    cookie::set(headers, cookie::SESSION, secret.expose());
    cookie::clear(headers, cookie::STEP);
    cookie::clear(headers, cookie::FORM);
    Ok(response)
}

async fn end_former(ctx: &Ctx, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(former) = cookie::find(headers, cookie::SESSION) else { return Ok(()) };
    if let Ok((ctx, _, session)) = session::authenticate_to_change_password(ctx, former).await {
        session::end(&ctx, &session).await?;
    }
    Ok(())
}

fn to_second_door(door: &Door, step: SecondDoorStep, next: &str) -> Response {
    let status = if step.problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = SecondDoorPage {
        shell: DoorShell::new(door),
        next: next.to_owned(),
        offers: Offers(step.offers),
        problem: step.problem,
    };
    let mut response = (status, Page(page)).into_response();
    cookie::set_for(response.headers_mut(), cookie::STEP, step.handle.expose(), STEP_LIFE);
    response
}

fn to_first_door(door: &Door, denial: &Denial, next: &str, name: String) -> Response {
    let status = match denial.retry_after_seconds {
        Some(_) => StatusCode::TOO_MANY_REQUESTS,
        None => StatusCode::FORBIDDEN,
    };
    let page = FirstDoorPage {
        shell: DoorShell::new(door),
        next: next.to_owned(),
        name,
        problem: Some(denial.text.to_owned()),
        notice: None,
        set_up: true,
    };
    let mut response = (status, Page(page)).into_response();
    if let Some(seconds) = denial.retry_after_seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    cookie::clear(response.headers_mut(), cookie::STEP);
    response
}

async fn sign_out(Posted { who: AtPassword(portal), .. }: Posted<AtPassword>) -> Result<Response, Refusal> {
    session::end(&portal.ctx, &portal.session).await?;
    let mut response = Redirect::to("/sign-in?done=signed-out").into_response();
    cookie::clear(response.headers_mut(), cookie::SESSION);
    Ok(response)
}
