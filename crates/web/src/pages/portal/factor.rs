//! One's own factors: another authenticator application, passkey or phone, or one less. Only behind both doors.

use askama::Template;
use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use sallyport_api::rest::AddPhone;
use sallyport_app::{AppError, Secret, factor, hardware_token, passkey, push, signin};
use sallyport_model::id::FactorId;

use crate::{
    language::{Markup, Text},
    pages::{
        cookie,
        enroll::PENDING_LIFE,
        guard::{BehindBothDoors, Portal, Posted},
        page::Page,
        phone_code::PhoneCode,
        qr,
        refusal::Refusal,
        second_door::{attestation, question},
        shell::{DoorShell, Shell},
        sign_in::AwayPage,
    },
};

#[derive(Template)]
#[template(path = "portal/totp.html")]
struct TotpPage {
    shell: Shell,
    name: String,
    qr: String,
    seed: String,
    /// Instead of the seed, which is shown once.
    problem: Option<Markup>,
}

pub(super) async fn begin(
    Posted { who: BehindBothDoors(portal), .. }: Posted<BehindBothDoors>,
) -> Result<Response, Refusal> {
    let pending = factor::begin_own_totp(&portal.ctx, &portal.session).await?;
    let page = TotpPage {
        shell: Shell::portal(&portal, "/"),
        name: pending.user_name.clone(),
        qr: qr::picture(pending.uri.expose()),
        seed: qr::grouped(pending.seed.expose()),
        problem: None,
    };
    let mut response = Page(page).into_response();
    cookie::set_for(response.headers_mut(), cookie::ENROLLMENT, pending.handle.expose(), PENDING_LIFE);
    Ok(response)
}

pub(super) async fn confirm(
    headers: HeaderMap,
    Posted { who: BehindBothDoors(portal), fields }: Posted<BehindBothDoors>,
) -> Result<Response, Refusal> {
    let handle = Secret::from(cookie::find(&headers, cookie::ENROLLMENT).unwrap_or_default());
    match factor::confirm_totp(&portal.ctx, &handle, &fields.secret("passcode")).await {
        Ok(_) => {
            let mut response = Redirect::to("/?done=enrolled").into_response();
            cookie::clear(response.headers_mut(), cookie::ENROLLMENT);
            Ok(response)
        }
        Err(AppError::Invalid { reason, .. }) => {
            let page = TotpPage {
                shell: Shell::portal(&portal, "/"),
                name: portal.user.name.to_string(),
                qr: String::new(),
                seed: String::new(),
                problem: Some(portal.language.words(&reason)),
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "portal/passkey.html")]
struct PasskeyPage {
    shell: Shell,
    /// What the browser is asked to make, as JSON; none where browsers make none for our address.
    question: Option<String>,
    /// The models that count, where some are named.
    models: Option<String>,
}

pub(super) async fn new_passkey(BehindBothDoors(portal): BehindBothDoors) -> Result<Response, Refusal> {
    let question = question(passkey::ask_for_own(&portal.ctx, &portal.session).await?)?;
    let models = passkey::models::accepted(&portal.ctx).await?;
    Ok(Page(PasskeyPage { shell: Shell::portal(&portal, "/"), question, models }).into_response())
}

pub(super) async fn add_passkey(
    Posted { who: BehindBothDoors(portal), fields }: Posted<BehindBothDoors>,
) -> Result<Redirect, Refusal> {
    let attestation = attestation(&fields)?;
    passkey::enroll_own(&portal.ctx, &portal.session, fields.raw("name"), &attestation).await?;
    Ok(Redirect::to("/?done=enrolled"))
}

#[derive(Template)]
#[template(path = "portal/phone.html")]
struct PhonePage {
    shell: Shell,
    title: Text,
    phone: PhoneCode,
}

pub(super) async fn begin_phone(
    Posted { who: BehindBothDoors(portal), .. }: Posted<BehindBothDoors>,
) -> Result<Response, Refusal> {
    let begun = push::begin_own(&portal.ctx, &portal.session).await?;
    let title = portal.language.add_phone();
    Ok(Page(PhonePage::new(&portal, title, &begun)).into_response())
}

/// One's own phone, whose page makes another key.
pub(super) async fn reactivate(
    Path(id): Path<FactorId>,
    Posted { who: BehindBothDoors(portal), .. }: Posted<BehindBothDoors>,
) -> Result<Response, Refusal> {
    let begun = push::reactivation::begin_own(&portal.ctx, &portal.session, id).await?;
    let factors = factor::list(&portal.ctx, portal.user.id).await?;
    let name = factors.iter().find(|factor| factor.id == id).map(|factor| factor.name.as_str());
    let title = portal.language.reactivate_named(name.unwrap_or_default());
    Ok(Page(PhonePage::new(&portal, title, &begun)).into_response())
}

impl PhonePage {
    fn new(portal: &Portal, title: Text, begun: &push::Begun) -> Self {
        Self { shell: Shell::portal(portal, "/"), title, phone: PhoneCode::of(begun) }
    }
}

/// To Duo's prompt, where people look after the devices they have there.
pub(super) async fn to_duo(
    Posted { who: BehindBothDoors(portal), .. }: Posted<BehindBothDoors>,
) -> Result<Response, Refusal> {
    let url = signin::duo::go_to_look_after(&portal.ctx, &portal.session).await?;
    Ok(Page(AwayPage { shell: DoorShell::again(&portal), url }).into_response())
}

pub(super) async fn rename(
    Path(id): Path<FactorId>,
    Posted { who: BehindBothDoors(portal), fields }: Posted<BehindBothDoors>,
) -> Result<Redirect, Refusal> {
    factor::rename_own(&portal.ctx, &portal.session, id, fields.raw("name")).await?;
    Ok(Redirect::to("/?done=saved"))
}

/// A hardware token that is out of step.
pub(super) async fn resync(
    Path(id): Path<FactorId>,
    Posted { who: BehindBothDoors(portal), fields }: Posted<BehindBothDoors>,
) -> Result<Redirect, Refusal> {
    hardware_token::resync_own(&portal.ctx, &portal.session, id, &fields.list("code")).await?;
    Ok(Redirect::to("/?done=token-resynced"))
}

#[derive(Template)]
#[template(path = "portal/number.html")]
struct NumberPage {
    shell: Shell,
    last_four: String,
    problem: Option<Markup>,
}

pub(super) async fn begin_number(
    Posted { who: BehindBothDoors(portal), fields }: Posted<BehindBothDoors>,
) -> Result<Response, Refusal> {
    let input =
        AddPhone { number: fields.text("number"), name: fields.optional("name"), ..AddPhone::default() };
    let pending = factor::phone::begin_own(&portal.ctx, &portal.session, &input).await?;
    let page = NumberPage { shell: Shell::portal(&portal, "/"), last_four: pending.last_four, problem: None };
    let mut response = Page(page).into_response();
    cookie::set_for(response.headers_mut(), cookie::ENROLLMENT, pending.handle.expose(), PENDING_LIFE);
    Ok(response)
}

pub(super) async fn confirm_number(
    headers: HeaderMap,
    Posted { who: BehindBothDoors(portal), fields }: Posted<BehindBothDoors>,
) -> Result<Response, Refusal> {
    let handle = Secret::from(cookie::find(&headers, cookie::ENROLLMENT).unwrap_or_default());
    let code = fields.secret("passcode");
    match factor::phone::confirm_own(&portal.ctx, &portal.session, &handle, &code).await {
        Ok(_) => {
            let mut response = Redirect::to("/?done=enrolled").into_response();
            cookie::clear(response.headers_mut(), cookie::ENROLLMENT);
            Ok(response)
        }
        Err(AppError::Invalid { field: "passcode", reason }) => {
            let (shell, last_four) = (Shell::portal(&portal, "/"), String::new());
            let page = NumberPage { shell, last_four, problem: Some(portal.language.words(&reason)) };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// What was proved with the factor no longer counts, this session included: the next page is the sign-in.
pub(super) async fn remove(
    Path(id): Path<FactorId>,
    Posted { who: BehindBothDoors(portal), .. }: Posted<BehindBothDoors>,
) -> Result<Redirect, Refusal> {
    factor::remove_own(&portal.ctx, &portal.session, id).await?;
    Ok(Redirect::to("/sign-in?done=factor-removed"))
}
