//! Where a browser comes from an application to be signed in to it, and where it goes back from. What decides is
//! [`sallyport_app::oidc`].
//!
//! A browser goes back by a redirect where it came by a plain request. Where it may have come from a form of ours it is led on by
//! a page, for a redirect as the answer to a form would make every application a target of our forms, which our content
//! security policy forbids.

use askama::Template;
use axum::{
    Router,
    extract::{FromRequest, FromRequestParts as _, Query, Request},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_app::{
    Secret,
    oidc::{Consenting, Leaving, Turn, agree, begin, go_on},
    saml::Goodbye,
    sso::{Ask, Level},
};
use sallyport_wire::oidc::{Answered, Params, ResponseMode, with_query};
use serde::Deserialize;

use super::{
    cookie,
    guard::{AtPassword, Posted, Visitor},
    next::{at_application, door_then},
    page::Page,
    refusal::Refusal,
    saml::shown_out,
    shell::DoorShell,
};
use crate::{
    State,
    call::policy_with_form_to,
    language::{Language, Markup, Text, shown},
    prompt::Brought,
};

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/oidc/authorize", get(authorize).post(authorize))
        .route("/oidc/continue", get(show))
        .route("/oidc/consent", post(answer))
        .route("/oidc/logout", get(leave).post(leave))
        .route("/oidc/logout/confirmed", post(left))
}

#[derive(Template)]
#[template(path = "prompt_back.html")]
struct BackPage {
    shell: DoorShell,
    said: Said,
    url: String,
}

#[derive(Template)]
#[template(path = "post_back.html")]
struct PostPage {
    shell: DoorShell,
    said: Said,
    url: String,
    fields: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "sso_over.html")]
struct OverPage {
    shell: DoorShell,
    application: String,
    username: String,
    problem: Text,
    way_back: String,
    /// What goes back with a form, where the application wants one.
    fields: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage {
    shell: DoorShell,
    application: String,
    told: Vec<Markup>,
    ticket: String,
}

#[derive(Template)]
#[template(path = "leave.html")]
struct LeavePage {
    shell: DoorShell,
    application: Option<String>,
    /// What the application said, to be said again with the answer.
    query: String,
}

/// Begins, upon what an application of another site sends.
async fn authorize(
    axum::extract::State(state): axum::extract::State<State>,
    request: Request,
) -> Result<Response, Refusal> {
    let (mut parts, body) = request.into_parts();
    let came = Visitor::from_request_parts(&mut parts, &state).await?;
    let posted = parts.method == axum::http::Method::POST;
    let brought = Brought::from_request(Request::from_parts(parts, body), &state).await;
    let params = brought.ok().and_then(|brought| brought.params.ok());
    let params = params.ok_or_else(|| Refusal::no_way_on("The request cannot be read.".into()))?;
    let turn = begin(&came.door.ctx, params, came.session()).await?;
    match turn {
        // Another site's form brings no cookie of ours: whether somebody is signed in is seen on the next request.
        Turn::Ask { ticket, .. } if posted && came.portal.is_none() => {
            Ok(Redirect::to(&continued(&ticket)).into_response())
        }
        Turn::Back(answered) if answered.mode == ResponseMode::Query => {
            Ok(Redirect::to(&answered.url()).into_response())
        }
        turn @ (Turn::Ask { .. }
        | Turn::Consent { .. }
        | Turn::Back(_)
        | Turn::Nowhere(_)
        | Turn::Over { .. }) => show_turn(&came, turn),
    }
}

#[derive(Deserialize)]
struct Ticket {
    #[serde(default)]
    ticket: String,
}

/// Goes on, when a page of ours has led back here.
async fn show(came: Visitor, Query(given): Query<Ticket>) -> Result<Response, Refusal> {
    let turn = go_on(&came.door.ctx, &Secret::from(given.ticket.as_str()), came.session()).await?;
    show_turn(&came, turn)
}

/// What somebody said who was asked whether an application may be told about them.
async fn answer(Posted { who: AtPassword(portal), fields }: Posted<AtPassword>) -> Result<Response, Refusal> {
    let ticket = Secret::from(fields.raw("ticket"));
    let yes = fields.raw("answer") == "yes";
    let turn = agree(&portal.ctx, &ticket, Some(&portal.session), yes).await?;
    show_turn_at(DoorShell::again(&portal), portal.user.name.as_str(), turn)
}

/// An application wants somebody signed out.
async fn leave(
    axum::extract::State(state): axum::extract::State<State>,
    request: Request,
) -> Result<Response, Refusal> {
    let (mut parts, body) = request.into_parts();
    let came = Visitor::from_request_parts(&mut parts, &state).await?;
    let posted = parts.method == axum::http::Method::POST;
    let brought = Brought::from_request(Request::from_parts(parts, body), &state).await;
    let params = brought.ok().and_then(|brought| brought.params.ok());
    let params = params.ok_or_else(|| Refusal::no_way_on("The request cannot be read.".into()))?;
    if posted && came.portal.is_none() {
        // Another site's form brings no cookie of ours: who is signed in is seen on the next request.
        let query = logout_query(&params);
        return Ok(Redirect::to(&format!("/oidc/logout?{query}")).into_response());
    }
    let (shell, ctx) =
        (DoorShell::visited(&came), came.portal.as_ref().map_or(&came.door.ctx, |portal| &portal.ctx));
    Ok(match sallyport_app::oidc::leave(ctx, &params, came.session(), false).await? {
        Leaving::Ask { application, query } => Page(LeavePage { shell, application, query }).into_response(),
        Leaving::Gone(goodbye) => signed_out(shown_out(shell, goodbye, false)?),
    })
}

/// The person said so themselves.
async fn left(Posted { who: AtPassword(portal), fields }: Posted<AtPassword>) -> Result<Response, Refusal> {
    let params = Params::from_query(fields.raw("query"));
    let params = params.map_err(|_| Refusal::no_way_on("The request cannot be read.".into()))?;
    let goodbye = match sallyport_app::oidc::leave(&portal.ctx, &params, Some(&portal.session), true).await? {
        Leaving::Ask { .. } => Goodbye::Out(None),
        Leaving::Gone(goodbye) => goodbye,
    };
    Ok(signed_out(shown_out(DoorShell::again(&portal), goodbye, true)?))
}

/// Without what kept this browser signed in.
pub(super) fn signed_out(mut response: Response) -> Response {
    cookie::clear(response.headers_mut(), cookie::SESSION);
    response
}

/// What a form said that matters, as a query.
fn logout_query(params: &Params) -> String {
    let names = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];
    let said = names.map(|name| (name, params.line(name, 16 * 1024).ok().flatten()));
    let pairs: Vec<(&str, &str)> =
        said.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
    with_query("", &pairs).trim_start_matches('?').to_owned()
}

fn show_turn(came: &Visitor, turn: Turn) -> Result<Response, Refusal> {
    show_turn_at(DoorShell::visited(came), came.name(), turn)
}

/// The page that a turn shows, or where it leads.
pub(super) fn show_turn_at(shell: DoorShell, username: &str, turn: Turn) -> Result<Response, Refusal> {
    match turn {
        Turn::Back(answered) => back(shell, answered),
        Turn::Nowhere(error) => Err(Refusal::no_way_on(format!("{}.", error.error_description))),
        Turn::Over { application, text, back } => {
            let (policy, way_back, fields) = match back.mode {
                ResponseMode::Query => (None, back.url(), Vec::new()),
                ResponseMode::FormPost => {
                    (Some(form_policy(&back.redirect_uri)?), back.redirect_uri, back.fields)
                }
            };
            let problem = shell.say.said(text);
            let username = username.to_owned();
            let page = OverPage { shell, application, username, problem, way_back, fields };
            let mut response = (StatusCode::FORBIDDEN, Page(page)).into_response();
            if let Some(policy) = policy {
                response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
            }
            Ok(response)
        }
        Turn::Ask { ticket, ask } => Ok(asked_at(&continued(&ticket), ask)),
        Turn::Consent { ticket, consenting } => Ok(Page(consent(shell, consenting, &ticket)).into_response()),
    }
}

/// To the page that asks, and back to `here`.
pub(super) fn asked_at(here: &str, ask: Ask) -> Response {
    let page = match ask {
        Ask::NewPassword => door_then("/password", here),
        Ask::SignIn { again, application } => {
            let door = door_then("/sign-in", &at_application(here, application, Level::OneDoor));
            if again { format!("{door}&again=true") } else { door }
        }
        Ask::StepUp { application, level } => {
            door_then("/step-up", &at_application(here, application, level))
        }
    };
    Redirect::to(&page).into_response()
}

/// Says that somebody is not let in, and why.
pub(super) fn over(
    came: &Visitor,
    application: String,
    text: sallyport_app::Phrase,
    way_back: String,
) -> Response {
    let (shell, username) = (DoorShell::visited(came), came.name().to_owned());
    let (problem, fields) = (shell.say.said(text), Vec::new());
    let page = OverPage { shell, application, username, problem, way_back, fields };
    (StatusCode::FORBIDDEN, Page(page)).into_response()
}

/// Where a request goes on that waits under this ticket.
fn continued(ticket: &Secret) -> String {
    format!("/oidc/continue?ticket={}", ticket.expose())
}

fn consent(shell: DoorShell, consenting: Consenting, ticket: &Secret) -> ConsentPage {
    let Consenting { application, scopes } = consenting;
    let told = scopes.iter().map(|scope| about(shell.say, scope)).collect();
    ConsentPage { shell, application, told, ticket: ticket.expose().to_owned() }
}

/// What a scope tells, in words.
pub(super) fn about(say: Language, scope: &str) -> Markup {
    match scope {
        "openid" => shown(&say.consent_sub()),
        "profile" => shown(&say.consent_profile()),
        "email" => shown(&say.consent_email()),
        "phone" => shown(&say.consent_phone()),
        "groups" => shown(&say.consent_groups()),
        "offline_access" => shown(&say.consent_offline()),
        other => say.consent_other(other),
    }
}

/// Back to the application, by way of a page that leads on by itself.
fn back(shell: DoorShell, answered: Answered) -> Result<Response, Refusal> {
    match answered.mode {
        ResponseMode::Query => Ok(led_on(shell, answered.url())),
        ResponseMode::FormPost => {
            let policy = form_policy(&answered.redirect_uri)?;
            Ok(posted_on(Said::back(shell.say), shell, policy, answered.redirect_uri, answered.fields))
        }
    }
}

/// A content security policy that lets a form go to this registered address.
fn form_policy(redirect_uri: &str) -> Result<HeaderValue, Refusal> {
    policy_with_form_to(origin(redirect_uri))
        .ok_or_else(|| Refusal::no_way_on("The redirect URI cannot be posted to.".into()))
}

/// What a page says that leads on by itself.
pub(super) struct Said {
    title: Text,
    text: Text,
}

impl Said {
    /// To somebody who goes back.
    pub(super) fn back(say: Language) -> Self {
        Self { title: say.going_back(), text: say.being_taken_back() }
    }

    /// To somebody who is signed out and goes round the applications.
    pub(super) fn signed_out(say: Language) -> Self {
        Self { title: say.notice_signed_out(), text: say.applications_are_told() }
    }
}

/// Back, by a page that leads on by itself.
pub(super) fn led_on(shell: DoorShell, url: String) -> Response {
    led_on_saying(Said::back(shell.say), shell, url)
}

/// The same, with something else to say.
pub(super) fn led_on_saying(said: Said, shell: DoorShell, url: String) -> Response {
    Page(BackPage { shell, said, url }).into_response()
}

/// By a form that sends itself, where the page's content security `policy` lets it go.
pub(super) fn posted_on(
    said: Said,
    shell: DoorShell,
    policy: HeaderValue,
    url: String,
    fields: Vec<(&'static str, String)>,
) -> Response {
    ([(header::CONTENT_SECURITY_POLICY, policy)], Page(PostPage { shell, said, url, fields })).into_response()
}

/// Scheme, host and port of a registered address.
pub(super) fn origin(uri: &str) -> &str {
    let host = uri.find("://").map_or(0, |at| at + 3);
    let end = uri.get(host..).and_then(|rest| rest.find(['/', '?'])).map_or(uri.len(), |at| host + at);
    uri.get(..end).unwrap_or_default()
}
