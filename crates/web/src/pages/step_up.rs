//! The second door once more, for somebody who is signed in and comes from another network, came in by one door, or passed it
//! too long ago for what they want. What decides is [`sallyport_app::session::step_up`].
//!
//! It is open to somebody whose password has expired too: a new one may need the second door passed lately, and may be all
//! that this leads to.

use askama::Template;
use axum::{
    Router,
    extract::Query,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_app::{
    Phrase,
    access_rule::{self, AtAdminPortal},
    passkey,
    session::{
        self,
        step_up::{self, Doors, Leaves, SteppedUp},
    },
    signin::{Offer, challenge::Waiting},
    sso::{self, Level},
};
use sallyport_model::{FactorKind, signin::Resource};

use super::{
    cookie,
    fields::Fields,
    guard::{AtPassword, Portal, Posted},
    next::{application_at, door_then, home},
    page::Page,
    refusal::Refusal,
    second_door::{self, Begins, Offers, Said, SecondDoor, question},
    shell::DoorShell,
    sign_in::{AwayPage, Wanted},
};
use crate::{State, language::Text};

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/step-up", get(show).post(pass))
        .route("/step-up/text", post(text))
        .route("/step-up/waiting", get(waiting))
        .route("/step-up/duo", post(to_duo))
}

#[derive(Template)]
#[template(path = "step_up.html")]
struct StepUpPage {
    shell: DoorShell,
    /// Why it stands here.
    title: Text,
    second: SecondDoor,
}

impl StepUpPage {
    async fn new(
        portal: &Portal,
        next: &str,
        (told, problem): (Option<Phrase>, Option<Phrase>),
        fields: Option<&Fields>,
    ) -> Result<Page<Self>, Refusal> {
        let (ctx, session) = (&portal.ctx, &portal.session);
        let (offers, waiting) = offers(portal, next).await?;
        let shell = DoorShell::again(portal).chosen_at(&door_then("/step-up", next));
        let second = SecondDoor {
            action: "/step-up",
            form_token: session.form_token.clone(),
            hidden: ("next", next.to_owned()),
            question: question(passkey::ask_once_more(ctx, session, &offers).await?)?,
            offers: Offers(offers),
            button: shell.say.go_on(),
            waiting,
            waits_at: Some("/step-up/waiting"),
            duo_at: Some("/step-up/duo"),
            remember: None,
            said: Said::of(
                told.map(|told| shell.say.said(told)),
                problem.map(|problem| shell.say.said(problem)),
                fields,
            ),
        };
        let title = match step_up::doors(ctx, session) {
            Doors::Elsewhere => shell.say.on_another_network(),
            Doors::Both | Doors::One => shell.say.second_door_again(),
        };
        Ok(Page(Self { shell, title, second }))
    }
}

async fn show(AtPassword(portal): AtPassword, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    if !stands_here(&portal, &wanted.next).await? {
        return Ok(go_on(&portal, &wanted.next));
    }
    Ok(StepUpPage::new(&portal, &wanted.next, (None, None), None).await?.into_response())
}

async fn pass(Posted { who: AtPassword(portal), fields }: Posted<AtPassword>) -> Result<Response, Refusal> {
    let next = fields.raw("next");
    if !stands_here(&portal, next).await? {
        return Ok(go_on(&portal, next));
    }
    let (to, _) = leads_to(&portal, next).await?;
    let stepped_up = step_up::pass(&portal.ctx, &portal.session, &to, second_door::answer(&fields)?).await?;
    answer(&portal, next, stepped_up, Some(&fields)).await
}

async fn answer(
    portal: &Portal,
    next: &str,
    stepped_up: SteppedUp,
    fields: Option<&Fields>,
) -> Result<Response, Refusal> {
    match stepped_up {
        SteppedUp::Through(secret) => {
            let mut response = go_on(portal, next);
            cookie::set(response.headers_mut(), cookie::SESSION, secret.expose());
            Ok(response)
        }
        SteppedUp::Waiting => Ok(StepUpPage::new(portal, next, (None, None), None).await?.into_response()),
        not_yet @ SteppedUp::NotYet { .. } => refused(portal, next, &not_yet, fields).await,
    }
}

/// To Duo, by way of a page that leads on by itself, as from the sign-in.
async fn to_duo(Posted { who: AtPassword(portal), fields }: Posted<AtPassword>) -> Result<Response, Refusal> {
    let next = fields.raw("next");
    if !stands_here(&portal, next).await? {
        return Ok(go_on(&portal, next));
    }
    let (to, _) = leads_to(&portal, next).await?;
    match step_up::go_to_duo(&portal.ctx, &portal.session, &to, next).await? {
        Leaves::To(url) => Ok(Page(AwayPage { shell: DoorShell::again(&portal), url }).into_response()),
        Leaves::Not(stepped_up) => answer(&portal, next, stepped_up, None).await,
    }
}

/// A browser comes back from Duo to where it left from: `None` if that was no open session. What proves that it is the one
/// that left is the session's cookie.
pub(super) async fn from_duo(portal: &Portal, query: &str) -> Result<Option<Response>, Refusal> {
    let (ctx, session) = (&portal.ctx, &portal.session);
    if !step_up::left_for_duo(ctx, session, query).await? {
        return Ok(None);
    }
    let (stepped_up, next) = step_up::back_from_duo(ctx, session, query).await?;
    Ok(Some(answer(portal, &next, stepped_up, None).await?))
}

async fn waiting(AtPassword(portal): AtPassword) -> Result<Response, Refusal> {
    let over = step_up::is_over(&portal.ctx, &portal.session, second_door::PATIENCE).await?;
    Ok(second_door::answered(over))
}

/// A code by text, to be typed here.
async fn text(Posted { who: AtPassword(portal), fields }: Posted<AtPassword>) -> Result<Response, Refusal> {
    let next = fields.raw("next");
    if !stands_here(&portal, next).await? {
        return Ok(go_on(&portal, next));
    }
    let (to, _) = leads_to(&portal, next).await?;
    match step_up::text(&portal.ctx, &portal.session, &to, second_door::phone(&fields)?).await? {
        None => {
            let told = Some(sallyport_app::signin::ON_ITS_WAY);
            Ok(StepUpPage::new(&portal, next, (told, None), None).await?.into_response())
        }
        Some(not_yet) => refused(&portal, next, &not_yet, None).await,
    }
}

async fn refused(
    portal: &Portal,
    next: &str,
    not_yet: &SteppedUp,
    fields: Option<&Fields>,
) -> Result<Response, Refusal> {
    let SteppedUp::NotYet { text, retry_after_seconds } = not_yet else { return Ok(go_on(portal, next)) };
    let page = StepUpPage::new(portal, next, (None, Some(*text)), fields).await?;
    let Some(seconds) = *retry_after_seconds else {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let mut response = (StatusCode::TOO_MANY_REQUESTS, page).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    Ok(response)
}

/// With what it can be passed here; on the way to an application, with what counts there.
async fn offers(portal: &Portal, next: &str) -> Result<(Vec<Offer>, Option<Waiting>), Refusal> {
    let (to, level) = leads_to(portal, next).await?;
    Ok(sso::offers(&portal.ctx, &portal.session, &to, level).await?)
}

/// What the second door is passed for, and how much is wanted there.
async fn leads_to(portal: &Portal, next: &str) -> Result<(Resource, Level), Refusal> {
    let (application, level) = application_at(next).unzip();
    let to = sso::on_the_way(&portal.ctx, application).await?;
    Ok((to, level.unwrap_or(Level::OneDoor)))
}

/// Whether the second door stands here; else both were passed already, and lately.
async fn stands_here(portal: &Portal, next: &str) -> Result<bool, Refusal> {
    // What is proved already is found out where this leads.
    if application_at(next).is_some() {
        return Ok(!offers(portal, next).await?.0.is_empty());
    }
    match step_up::doors(&portal.ctx, &portal.session) {
        Doors::Elsewhere => Ok(true),
        Doors::Both if is_asked_for_at_admin_portal(portal, next).await? => Ok(true),
        Doors::Both => Ok(session::asks_for_code(&portal.ctx, &portal.session).await?),
        Doors::One
            if step_up::offers(&portal.ctx, &portal.session, &Resource::Portal).await?.0.is_empty() =>
        {
            Err(Refusal::second_door_first())
        }
        Doors::One => Ok(true),
    }
}

/// Whether a rule about the administrators' portal asks for it, on the way there.
async fn is_asked_for_at_admin_portal(portal: &Portal, next: &str) -> Result<bool, Refusal> {
    if portal.user.roles.is_empty() || !next.starts_with("/admin") {
        return Ok(false);
    }
    let stands = access_rule::at_admin_portal(&portal.ctx, &portal.user, &portal.session).await?;
    let has_something = !step_up::offers(&portal.ctx, &portal.session, &Resource::Portal).await?.0.is_empty();
    match stands {
        AtAdminPortal::StepUp if has_something => Ok(true),
        AtAdminPortal::StepUp => Err(Refusal::second_door_first()),
        AtAdminPortal::Open | AtAdminPortal::Shut(_) => Ok(false),
    }
}

fn go_on(portal: &Portal, next: &str) -> Response {
    Redirect::to(home(next, !portal.user.roles.is_empty())).into_response()
}
