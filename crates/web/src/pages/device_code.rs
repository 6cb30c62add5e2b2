//! Where somebody types the code that a device without a browser shows, and says whether that device is theirs. What decides is
//! [`sallyport_app::oidc`].

use askama::Template;
use axum::{
    Router,
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use sallyport_app::oidc::{Confirming, DeviceTurn, device_ask, device_decide};
use serde::Deserialize;

use super::{
    fields::encode,
    filters,
    guard::{AtPassword, Portal, Posted},
    oidc::{about, asked_at},
    page::Page,
    refusal::Refusal,
    shell::DoorShell,
};
use crate::{
    State,
    language::{Markup, Text},
};

const HERE: &str = "/device";

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/device", get(show).post(typed)).route("/device/answer", post(answer))
}

#[derive(Template)]
#[template(path = "device_code.html")]
struct CodePage {
    shell: DoorShell,
    code: String,
    problem: Option<Text>,
}

#[derive(Template)]
#[template(path = "device_confirm.html")]
struct ConfirmPage {
    shell: DoorShell,
    asked: Confirming,
    username: String,
    place: Option<String>,
    told: Vec<Markup>,
}

#[derive(Template)]
#[template(path = "device_done.html")]
struct DonePage {
    shell: DoorShell,
    title: Text,
    text: Markup,
    problem: Option<Text>,
}

#[derive(Deserialize)]
struct Given {
    #[serde(default)]
    user_code: String,
}

/// A code in the address is put into the form and nothing else: whoever sends a link does not answer for anybody.
async fn show(AtPassword(portal): AtPassword, Query(given): Query<Given>) -> Response {
    let code: String =
        given.user_code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(16).collect();
    Page(CodePage { shell: DoorShell::again(&portal).chosen_at(HERE), code, problem: None }).into_response()
}

async fn typed(Posted { who: AtPassword(portal), fields }: Posted<AtPassword>) -> Result<Response, Refusal> {
    let code = fields.raw("user_code");
    let turn = device_ask(&portal.ctx, &portal.session, code).await?;
    Ok(shown(&portal, code, turn))
}

async fn answer(Posted { who: AtPassword(portal), fields }: Posted<AtPassword>) -> Result<Response, Refusal> {
    let code = fields.raw("user_code");
    let yes = fields.raw("answer") == "yes";
    let turn = device_decide(&portal.ctx, &portal.session, code, yes).await?;
    Ok(shown(&portal, code, turn))
}

fn shown(portal: &Portal, code: &str, turn: DeviceTurn) -> Response {
    let shell = DoorShell::again(portal);
    let say = shell.say;
    let again = |problem: Text, status: StatusCode| {
        let page =
            CodePage { shell: DoorShell::again(portal), code: code.to_owned(), problem: Some(problem) };
        (status, Page(page)).into_response()
    };
    match turn {
        DeviceTurn::Wrong => again(say.device_wrong(), StatusCode::UNPROCESSABLE_ENTITY),
        DeviceTurn::TooMany => again(say.device_too_many(), StatusCode::TOO_MANY_REQUESTS),
        DeviceTurn::Confirm(asked) => {
            let place = asked.source.as_ref().map(|source| match asked.country {
                Some(country) => format!("{source} ({country})"),
                None => source.clone(),
            });
            let told = asked.scopes.iter().map(|scope| about(say, scope)).collect();
            let username = portal.user.name.to_string();
            Page(ConfirmPage { shell, asked, username, place, told }).into_response()
        }
        DeviceTurn::Ask(ask) => asked_at(&format!("{HERE}?user_code={}", encode(code)), ask),
        DeviceTurn::Done { application, yes: true } => {
            let (title, text) = (say.device_done(), say.device_done_how(&application));
            Page(DonePage { shell, title, text, problem: None }).into_response()
        }
        DeviceTurn::Done { application, yes: false } => {
            let (title, text) = (say.device_title(), say.device_refused(&application));
            Page(DonePage { shell, title, text, problem: None }).into_response()
        }
        DeviceTurn::Denied { application, text } => {
            let problem = Some(say.said(text));
            let (title, text) = (say.stays_shut(), say.device_refused(&application));
            (StatusCode::FORBIDDEN, Page(DonePage { shell, title, text, problem })).into_response()
        }
    }
}
