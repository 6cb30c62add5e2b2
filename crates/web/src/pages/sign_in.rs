//! Sign-in: name and password at the first door, a code or a passkey at the second, or a passkey at both. What decides is [`sallyport_app::signin`];
//! here it is shown, and its end becomes a cookie.

use askama::Template;
use axum::{
    Router,
    extract::{Query, RawQuery},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_app::{
    Ctx, Phrase, Secret, passkey, saml, session, setup,
    signin::{
        self, Admission, Answer, Begin, Denial, FirstDoorProof, SecondDoorStep, Step,
        duo::{self, Back, Going},
    },
    sso,
};
use sallyport_model::{FactorKind, signin::Resource};
use serde::Deserialize;

use super::{
    cookie, enroll_by_mail,
    fields::Fields,
    guard::{AtPassword, Door, Portal, Posted},
    next::{application_at, door_then, home},
    notice,
    oidc::signed_out,
    page::Page,
    refusal::Refusal,
    saml::shown_out,
    second_door::{self, Begins, Offers, Remember, Said, SecondDoor, question},
    shell::DoorShell,
    step_up,
};
use crate::{
    State,
    call::user_agent,
    language::{Markup, Text},
};

/// How long the step's cookie lives, in seconds; the step itself says how long it is good.
pub(super) const STEP_LIFE: u32 = 10 * 60;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/sign-in", get(show).post(first_door))
        .route("/sign-in/passkey", get(restart).post(by_passkey))
        .route("/sign-in/second/waiting", get(waiting))
        .route("/sign-in/second", get(second_door_again).post(second_door))
        .route("/sign-in/second/text", get(restart).post(text))
        .route("/sign-in/second/duo", get(restart).post(to_duo))
        .route("/sign-in/duo", get(from_duo))
        .route("/sign-out", post(sign_out))
}

/// Where somebody wanted to go.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    pub(super) next: String,
    /// Whether somebody who is signed in is to do so once more.
    #[serde(default)]
    pub(super) again: bool,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct FirstDoorPage {
    shell: DoorShell,
    /// Where this browser shows which device it is on, and comes back from.
    this_device: String,
    next: String,
    /// The application that this leads to.
    application: Option<String>,
    name: String,
    problem: Option<Text>,
    notice: Option<Markup>,
    set_up: bool,
    /// What the browser is asked about passkeys, as JSON.
    question: Option<String>,
}

#[derive(Template)]
#[template(path = "second_door.html")]
struct SecondDoorPage {
    shell: DoorShell,
    second: SecondDoor,
}

/// Leads on to Duo.
#[derive(Template)]
#[template(path = "duo_away.html")]
pub(super) struct AwayPage {
    pub(super) shell: DoorShell,
    pub(super) url: String,
}

async fn show(
    portal: Result<Portal, Refusal>,
    door: Door,
    Query(wanted): Query<Wanted>,
    uri: Uri,
) -> Result<Response, Refusal> {
    if let Ok(portal) = portal
        && !wanted.again
    {
        return Ok(Redirect::to(home(&wanted.next, !portal.user.roles.is_empty())).into_response());
    }
    let shell = DoorShell::new(&door).chosen_at(&door_then("/sign-in", &wanted.next));
    let page = FirstDoorPage {
        application: application_name(&door, &wanted.next).await?,
        this_device: door_then("/this-device", &wanted.next),
        next: wanted.next,
        name: String::new(),
        problem: None,
        notice: notice::of(&uri).map(|notice| notice.say(shell.say)),
        shell,
        set_up: setup::is_done(&door.ctx).await?,
        question: question(passkey::ask_at_first_door(&door.ctx, &door.form_token).await?)?,
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
        resource: leads_to(&door, fields.raw("next")).await?,
        first_door: FirstDoorProof::Password(fields.secret("password")),
    };
    let step = signin::begin(&door.ctx, begin).await?;
    match &step {
        Step::SecondDoor(asked) if asks_duo_alone(asked) => {
            leave(&door, &asked.handle, fields.raw("next")).await
        }
        Step::Allowed(_) | Step::Denied(_) | Step::EnrollmentNeeded { .. } | Step::SecondDoor(_) => {
            answer(&door, step, fields.raw("next"), name).await
        }
    }
}

/// What is signed in to on the way there.
async fn leads_to(door: &Door, next: &str) -> Result<Resource, Refusal> {
    let application = application_at(next).map(|(application, _)| application);
    Ok(sso::on_the_way(&door.ctx, application).await?)
}

async fn application_name(door: &Door, next: &str) -> Result<Option<String>, Refusal> {
    Ok(match leads_to(door, next).await? {
        Resource::Application { name, .. } => Some(name),
        Resource::Api | Resource::DeviceLogin { .. } | Resource::Portal => None,
    })
}

/// Whether there is nothing to choose.
fn asks_duo_alone(step: &SecondDoorStep) -> bool {
    !step.offers.is_empty() && step.offers.iter().all(|offer| offer.kind() == FactorKind::Duo)
}

async fn to_duo(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let handle = Secret::from(cookie::find(&door.headers, cookie::STEP).unwrap_or_default());
    leave(&door, &handle, fields.raw("next")).await
}

/// To Duo, by way of a page that leads on by itself: a redirect as the answer to a form would make every place that Duo
/// sends the browser on to a target of our form, which our content security policy forbids.
async fn leave(door: &Door, handle: &Secret, next: &str) -> Result<Response, Refusal> {
    match duo::go(&door.ctx, handle, next).await? {
        Going::Not(step) => answer(door, step, next, String::new()).await,
        Going::To(url) => {
            let mut response = Page(AwayPage { shell: DoorShell::new(door), url }).into_response();
            cookie::set_for(response.headers_mut(), cookie::STEP, handle.expose(), STEP_LIFE);
            Ok(response)
        }
    }
}

/// A browser comes back from Duo, that is from another site. What proves that it is the one that left is the cookie.
async fn from_duo(
    portal: Result<AtPassword, Refusal>,
    door: Door,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let query = query.unwrap_or_default();
    if let Ok(AtPassword(portal)) = portal
        && let Some(response) = step_up::from_duo(&portal, &query).await?
    {
        return Ok(response);
    }
    let handle = Secret::from(cookie::find(&door.headers, cookie::STEP).unwrap_or_default());
    match duo::back(&door.ctx, &handle, &query).await? {
        Back::AtDoor { step: step @ Step::Allowed(_), next } => {
            answer(&door, step, &next, String::new()).await
        }
        Back::AtDoor { step, next } => {
            Ok(door.with_form_cookie(answer(&door, step, &next, String::new()).await?))
        }
        Back::AtHome => Ok(Redirect::to("/").into_response()),
    }
}

async fn second_door(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let handle = Secret::from(cookie::find(&door.headers, cookie::STEP).unwrap_or_default());
    let (given, wish) = (second_door::answer(&fields)?, second_door::wish(&fields, &door.headers)?);
    match signin::answer_and_remember(&door.ctx, &handle, given, wish).await? {
        Step::SecondDoor(step) => to_second_door(&door, step, Some(&fields), fields.raw("next"), None).await,
        step @ (Step::Allowed(_) | Step::Denied(_) | Step::EnrollmentNeeded { .. }) => {
            answer(&door, step, fields.raw("next"), String::new()).await
        }
    }
}

/// The same door once more, as when its page is loaded again.
async fn second_door_again(door: Door, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let Some(handle) = cookie::find(&door.headers, cookie::STEP) else {
        return Ok(restart().await.into_response());
    };
    match signin::answer(&door.ctx, &Secret::from(handle), Answer::Again).await? {
        Step::SecondDoor(step) => {
            Ok(door.with_form_cookie(to_second_door(&door, step, None, &wanted.next, None).await?))
        }
        Step::Allowed(_) | Step::Denied(_) | Step::EnrollmentNeeded { .. } => {
            Ok(restart().await.into_response())
        }
    }
}

/// A code by text, to be typed at the same door.
async fn text(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let handle = Secret::from(cookie::find(&door.headers, cookie::STEP).unwrap_or_default());
    let step = signin::text(&door.ctx, &handle, second_door::phone(&fields)?).await?;
    if let Step::SecondDoor(sent) = &step
        && sent.problem.is_none()
    {
        return to_second_door(
            &door,
            sent.clone(),
            Some(&fields),
            fields.raw("next"),
            Some(signin::ON_ITS_WAY),
        )
        .await;
    }
    answer(&door, step, fields.raw("next"), String::new()).await
}

async fn waiting(door: Door) -> Result<Response, Refusal> {
    let handle = Secret::from(cookie::find(&door.headers, cookie::STEP).unwrap_or_default());
    Ok(second_door::is_over(&door.ctx, &handle).await?)
}

/// Both doors at once, without a name.
async fn by_passkey(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let assertion = second_door::assertion(&fields)?.ok_or_else(Refusal::missing_passkey)?;
    let to = leads_to(&door, fields.raw("next")).await?;
    let step = signin::begin_by_passkey(&door.ctx, to, &door.form_token, assertion).await?;
    answer(&door, step, fields.raw("next"), String::new()).await
}

async fn answer(door: &Door, step: Step, next: &str, name: String) -> Result<Response, Refusal> {
    match step {
        Step::Allowed(admission) => enter(door, &admission, next).await,
        Step::SecondDoor(step) => to_second_door(door, step, None, next, None).await,
        Step::Denied(denial) => to_first_door(door, &denial, next, name).await,
        Step::EnrollmentNeeded { by_mail, .. } => {
            Ok(enroll_by_mail::needed(door, by_mail.map(|boxed| *boxed)))
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

async fn to_second_door(
    door: &Door,
    step: SecondDoorStep,
    fields: Option<&Fields>,
    next: &str,
    told: Option<Phrase>,
) -> Result<Response, Refusal> {
    let status = if step.problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell = DoorShell::new(door).chosen_at(&door_then("/sign-in/second", next));
    let page = SecondDoorPage {
        second: SecondDoor {
            action: "/sign-in/second",
            form_token: door.form_token.expose().to_owned(),
            hidden: ("next", next.to_owned()),
            question: question(passkey::ask_at_second_door(&door.ctx, &step.handle, &step.offers).await?)?,
            remember: Remember::of(&door.ctx, &step, fields)?,
            offers: Offers(step.offers),
            button: shell.say.sign_in(),
            waiting: step.waiting,
            waits_at: Some("/sign-in/second/waiting"),
            duo_at: Some("/sign-in/second/duo"),
            said: Said::of(
                told.map(|told| shell.say.said(told)),
                step.problem.map(|problem| shell.say.said(problem)),
                fields,
            ),
        },
        shell,
    };
    let mut response = (status, Page(page)).into_response();
    cookie::set_for(response.headers_mut(), cookie::STEP, step.handle.expose(), STEP_LIFE);
    Ok(response)
}

async fn to_first_door(door: &Door, denial: &Denial, next: &str, name: String) -> Result<Response, Refusal> {
    let status = match denial.retry_after_seconds {
        Some(_) => StatusCode::TOO_MANY_REQUESTS,
        None => StatusCode::FORBIDDEN,
    };
    let shell = DoorShell::new(door).chosen_at(&door_then("/sign-in", next));
    let page = FirstDoorPage {
        application: application_name(door, next).await?,
        this_device: door_then("/this-device", next),
        next: next.to_owned(),
        name,
        problem: Some(shell.say.said(denial.text)),
        shell,
        notice: None,
        set_up: true,
        question: question(passkey::ask_at_first_door(&door.ctx, &door.form_token).await?)?,
    };
    let mut response = (status, Page(page)).into_response();
    if let Some(seconds) = denial.retry_after_seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    cookie::clear(response.headers_mut(), cookie::STEP);
    Ok(response)
}

async fn sign_out(Posted { who: AtPassword(portal), .. }: Posted<AtPassword>) -> Result<Response, Refusal> {
    let goodbye = saml::leave(&portal.ctx, &portal.session, None).await?;
    Ok(signed_out(shown_out(DoorShell::again(&portal), goodbye, true)?))
}
