//! Where a browser comes from an application that asks by SAML, and where it goes back from. What decides is
//! [`sallyport_app::saml`].

use askama::Template;
use axum::{
    Form, Router,
    extract::{FromRequest, FromRequestParts as _, Path, Query, Request},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use sallyport_app::{
    Secret,
    saml::{Goodbye, Turn, Way, begin, go_on, metadata, sign_out, start},
};
use sallyport_model::id::ApplicationId;
use sallyport_saml::{
    Refused,
    binding::{Kind, PostForm, Received},
};
use serde::Deserialize;

use super::{
    guard::Visitor,
    oidc::{Said, asked_at, led_on, led_on_saying, posted_on},
    page::Page,
    refusal::Refusal,
    shell::DoorShell,
};
use crate::{State, call::policy_with_form_to, language::Text};

const CONTINUE: &str = "/saml/continue";
/// As it is registered for metadata (metadata appendix A). Others may keep it for an hour.
const METADATA: &str = "application/samlmetadata+xml";
pub(super) const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=3600");

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/saml/continue", get(show))
        .route("/saml/{application}", get(describe))
        .route("/saml/{application}/start", get(go))
        .route("/saml/{application}/sso", get(sign_on).post(sign_on))
        .route("/saml/{application}/slo", get(leave).post(leave))
}

#[derive(Template)]
#[template(path = "saml_over.html")]
struct OverPage {
    shell: DoorShell,
    application: String,
    username: String,
    problem: Text,
}

/// What another site sent here, in the address or in a form, with whoever may be signed in.
struct Sent {
    came: Visitor,
    received: Result<Received, Refused>,
    posted: bool,
}

impl FromRequest<State> for Sent {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &State) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let came = Visitor::from_request_parts(&mut parts, state).await?;
        let posted = parts.method == Method::POST;
        if !posted {
            let received = Received::from_query(parts.uri.query().unwrap_or_default());
            return Ok(Self { came, received, posted });
        }
        let form = Form::<Vec<(String, String)>>::from_request(Request::from_parts(parts, body), state).await;
        let received = form.map_err(|_| Refused::Encoding).and_then(|Form(fields)| from_fields(&fields));
        Ok(Self { came, received, posted })
    }
}

fn from_fields(fields: &[(String, String)]) -> Result<Received, Refused> {
    let one = |wanted: &str| {
        let mut found = fields.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        match (found.next(), found.next()) {
            (value, None) => Ok(value),
            (_, Some(_)) => Err(Refused::Parameter),
        }
    };
    let state = one("RelayState")?;
    match (one("SAMLRequest")?, one("SAMLResponse")?) {
        (Some(message), None) => Received::from_form(Kind::Request, message, state),
        (None, Some(message)) => Received::from_form(Kind::Response, message, state),
        (Some(_), Some(_)) | (None, None) => Err(Refused::Parameter),
    }
}

/// Our metadata for an application.
async fn describe(
    crate::call::Anyone(ctx): crate::call::Anyone,
    Path(id): Path<ApplicationId>,
) -> Result<Response, Refusal> {
    let document = metadata(&ctx, id).await?;
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(METADATA)), (header::CACHE_CONTROL, KEPT)];
    Ok((headers, document).into_response())
}

async fn sign_on(Path(id): Path<ApplicationId>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { came, received, posted } = sent;
    match begin(&came.door.ctx, id, received, came.session()).await? {
        // Another site's form brings no cookie of ours: whether somebody is signed in is seen on the next request.
        Turn::Ask { ticket, .. } if posted && came.portal.is_none() => {
            Ok(Redirect::to(&continued(&ticket)).into_response())
        }
        turn @ (Turn::Ask { .. } | Turn::Back(_) | Turn::Leave | Turn::Nowhere(_) | Turn::Over { .. }) => {
            show_turn(&came, turn)
        }
    }
}

/// Begins here, without the application having asked.
async fn go(came: Visitor, Path(id): Path<ApplicationId>) -> Result<Response, Refusal> {
    let turn = start(&came.door.ctx, id, came.session()).await?;
    show_turn(&came, turn)
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

async fn leave(Path(id): Path<ApplicationId>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { came, received, posted } = sent;
    // Who comes back from another application may have been sent there by a form of ours.
    let is_on_the_way = received.as_ref().is_ok_and(|received| received.kind == Kind::Response);
    let goodbye = sign_out(&came.door.ctx, id, received, came.session()).await?;
    shown_out(DoorShell::new(&came.door), goodbye, posted || is_on_the_way)
}

/// Where a browser goes whose session has ended. `by_page`: a redirect to another site could be held up by what the page allows
/// whose form has led here. To an application that is asked to end its own it goes by a page in any case, for that is where
/// somebody may stop.
pub(super) fn shown_out(shell: DoorShell, goodbye: Goodbye, by_page: bool) -> Result<Response, Refusal> {
    match goodbye {
        Goodbye::Back(Way::Address(url)) | Goodbye::Out(Some(url)) => {
            Ok(if by_page { led_on(shell, url) } else { Redirect::to(&url).into_response() })
        }
        Goodbye::Back(Way::Form(form)) => back(shell, form),
        Goodbye::Nowhere(text) => Err(Refusal::no_way_on(text)),
        Goodbye::On(Way::Address(url)) => Ok(led_on_saying(Said::signed_out(shell.say), shell, url)),
        Goodbye::On(Way::Form(form)) => sent(Said::signed_out(shell.say), shell, form),
        Goodbye::Out(None) => Ok(Redirect::to("/sign-in?done=signed-out").into_response()),
    }
}

pub(super) fn show_turn(came: &Visitor, turn: Turn) -> Result<Response, Refusal> {
    let shell = DoorShell::visited(came);
    match turn {
        Turn::Back(form) => back(shell, form),
        // Anybody can send a browser there, so the person is asked.
        Turn::Leave => Ok(Redirect::to("/oidc/logout").into_response()),
        Turn::Nowhere(text) => Err(Refusal::no_way_on(text)),
        Turn::Over { application, text } => {
            let username = came.name().to_owned();
            let page = OverPage { problem: shell.say.said(text), application, username, shell };
            Ok((StatusCode::FORBIDDEN, Page(page)).into_response())
        }
        Turn::Ask { ticket, ask } => Ok(asked_at(&continued(&ticket), ask)),
    }
}

/// Where a request goes on that waits under this ticket.
pub(super) fn continued(ticket: &Secret) -> String {
    format!("{CONTINUE}?ticket={}", ticket.expose())
}

/// Back to the application, by a form that sends itself.
fn back(shell: DoorShell, form: PostForm) -> Result<Response, Refusal> {
    sent(Said::back(shell.say), shell, form)
}

/// To an application. Where a form leads on from there is the application's to say: many have several hosts, and browsers hold
/// their redirects to what this page allows.
fn sent(said: Said, shell: DoorShell, form: PostForm) -> Result<Response, Refusal> {
    let to = if form.action.starts_with("https://") { "https:" } else { "https: http:" };
    let policy = policy_with_form_to(to)
        .ok_or_else(|| Refusal::no_way_on("The application cannot be answered.".into()))?;
    Ok(posted_on(said, shell, policy, form.action, form.fields))
}
