//! Enrolling the first factor with a code that an administrator handed out: an authenticator application or a passkey.
//! Opening the page spends nothing; the code is spent together with the proof that the factor works.

use askama::Template;
use axum::{
    Router,
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use sallyport_app::{
    AppError, Secret, Words,
    factor::{self, PendingTotp, enrollable::Enrollable},
    passkey, push,
};
use serde::Deserialize;

use super::{
    cookie,
    fields::encode,
    guard::{Door, Posted},
    page::Page,
    phone_code::PhoneCode,
    qr,
    refusal::Refusal,
    second_door::{attestation, question},
    shell::DoorShell,
};
use crate::{State, language::Markup};

/// How long somebody may take from the QR code to the first code, in seconds.
pub(crate) const PENDING_LIFE: u32 = 15 * 60;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/enroll", get(show).post(begin))
        .route("/enroll/confirm", post(confirm))
        .route("/enroll/passkey", post(by_passkey))
        .route("/enroll/phone", post(by_phone))
        .route("/frame/qr", get(qr::show))
}

#[derive(Deserialize)]
struct Given {
    #[serde(default)]
    code: String,
}

#[derive(Template)]
#[template(path = "enroll.html")]
struct EnrollPage {
    shell: DoorShell,
    code: String,
    problem: Option<Markup>,
}

/// Where the steps after the code are sent.
#[derive(Debug, Clone)]
pub(super) struct Steps {
    pub(super) at: &'static str,
    /// Which prompt of an application they belong to.
    pub(super) prompt: Option<String>,
    /// Where it begins anew.
    pub(super) start: String,
    /// Whether browsers make passkeys for the address that the page stands at.
    pub(super) makes_passkeys: bool,
}

impl Steps {
    /// At our own door.
    pub(super) fn at_door() -> Self {
        Self { at: "/enroll", prompt: None, start: "/enroll".into(), makes_passkeys: true }
    }

    pub(super) fn at_prompt(id: &str) -> Self {
        Self {
            at: "/oauth/v1/prompt/enroll",
            prompt: Some(id.to_owned()),
            start: format!("/oauth/v1/prompt?prompt={}", encode(id)),
            makes_passkeys: true,
        }
    }

    fn passkey(&self) -> String {
        format!("{}/passkey", self.at)
    }
}

#[derive(Template)]
#[template(path = "enroll_seed.html")]
struct SeedPage {
    shell: DoorShell,
    steps: Steps,
    name: String,
    qr: String,
    seed: String,
    /// What may be enrolled.
    ways: Enrollable,
    /// To come back with, shown at setup only.
    code: Option<String>,
    /// What the browser is asked to make instead of a key for an application, as JSON.
    question: Option<String>,
    /// The models of what may keep it, where some are named.
    models: Option<String>,
}

#[derive(Template)]
#[template(path = "enroll_again.html")]
struct AgainPage {
    shell: DoorShell,
    steps: Steps,
    problem: Markup,
}

#[derive(Template)]
#[template(path = "enroll_done.html")]
struct DonePage {
    shell: DoorShell,
    /// Whether it is a passkey, and no application.
    passkey: bool,
}

async fn show(door: Door, Query(given): Query<Given>) -> Response {
    let page = EnrollPage { shell: at_begin(&door), code: given.code, problem: None };
    door.with_form_cookie(Page(page).into_response())
}

async fn begin(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    match factor::begin_totp(&door.ctx, &fields.secret("code")).await {
        Ok(pending) => show_seed(&door, &Steps::at_door(), &pending, None).await,
        Err(AppError::Invalid { reason, .. }) => {
            let shell = at_begin(&door);
            let problem = Some(shell.say.words(&reason));
            let page = EnrollPage { shell, code: String::new(), problem };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Around the first page. What comes after it is shown once, so no language is chosen there.
fn at_begin(door: &Door) -> DoorShell {
    DoorShell::new(door).chosen_at("/enroll")
}

/// Shows the seed once; what belongs to it waits in a cookie.
pub(super) async fn show_seed(
    door: &Door,
    steps: &Steps,
    pending: &PendingTotp,
    code: Option<&str>,
) -> Result<Response, Refusal> {
    let page = SeedPage {
        shell: DoorShell::new(door),
        name: pending.user_name.clone(),
        qr: qr::picture(pending.uri.expose()),
        seed: qr::grouped(pending.seed.expose()),
        code: code.map(str::to_owned),
        ways: pending.ways,
        question: match steps.makes_passkeys && pending.ways.passkey {
            true => question(passkey::ask_for_first(&door.ctx, &pending.handle).await?)?,
            false => None,
        },
        models: passkey::models::accepted(&door.ctx).await?,
        steps: steps.clone(),
    };
    let mut response = Page(page).into_response();
    cookie::set_for(response.headers_mut(), cookie::ENROLLMENT, pending.handle.expose(), PENDING_LIFE);
    Ok(response)
}

async fn confirm(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let handle = Secret::from(cookie::find(&door.headers, cookie::ENROLLMENT).unwrap_or_default());
    let shell = DoorShell::new(&door);
    match factor::confirm_totp(&door.ctx, &handle, &fields.secret("passcode")).await {
        Ok(_) => Ok(done(shell, false)),
        Err(AppError::Invalid { reason, .. }) => Ok(again(&door, &Steps::at_door(), &reason)),
        Err(error) => Err(error.into()),
    }
}

/// The first code was not right; the application has the key by now.
pub(super) fn again(door: &Door, steps: &Steps, reason: &Words) -> Response {
    let shell = DoorShell::new(door);
    let page = AgainPage { problem: shell.say.words(reason), steps: steps.clone(), shell };
    (StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response()
}

/// A passkey in place of an application.
async fn by_passkey(Posted { who: door, fields }: Posted<Door>) -> Result<Response, Refusal> {
    let handle = Secret::from(cookie::find(&door.headers, cookie::ENROLLMENT).unwrap_or_default());
    passkey::enroll_first(&door.ctx, &handle, &fields.text("name"), &attestation(&fields)?).await?;
    Ok(done(DoorShell::new(&door), true))
}

#[derive(Template)]
#[template(path = "enroll_phone.html")]
struct PhonePage {
    shell: DoorShell,
    steps: Steps,
    phone: PhoneCode,
}

/// A phone in place of an application. The enrolment is complete when the phone is activated.
async fn by_phone(Posted { who: door, .. }: Posted<Door>) -> Result<Response, Refusal> {
    let handle = Secret::from(cookie::find(&door.headers, cookie::ENROLLMENT).unwrap_or_default());
    Ok(phone(&door, &Steps::at_door(), &push::begin_first(&door.ctx, &handle).await?))
}

pub(super) fn phone(door: &Door, steps: &Steps, begun: &push::Begun) -> Response {
    let page = PhonePage { shell: DoorShell::new(door), steps: steps.clone(), phone: PhoneCode::of(begun) };
    Page(page).into_response()
}

fn done(shell: DoorShell, passkey: bool) -> Response {
    let mut response = Page(DonePage { shell, passkey }).into_response();
    cookie::clear(response.headers_mut(), cookie::ENROLLMENT);
    response
}
