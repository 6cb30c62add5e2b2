//! Permissions for machines to enrol, with the line to type there.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::CreateEnrollmentToken;
use sallyport_app::{Versioned, device};
use sallyport_model::{EnrollmentToken, Time, id::EnrollmentTokenId};

use super::once::OncePage;
use crate::{
    State,
    pages::{
        filters,
        guard::{Admin, Posted},
        listing::Wanted,
        page::Page,
        refusal::Refusal,
        shell::Shell,
    },
};

const HERE: &str = "/admin/devices";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/enrollment-tokens", get(list).post(create))
        .route("/admin/enrollment-tokens/{id}/revoke", post(revoke))
}

#[derive(Template)]
#[template(path = "admin/enrollment_tokens.html")]
struct TokensPage {
    shell: Shell,
    tokens: Vec<Versioned<EnrollmentToken>>,
    now: Time,
    next: Option<String>,
}

async fn list(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let found = device::list_tokens(&admin.0.ctx, wanted.request()).await?;
    let page = TokensPage {
        shell: Shell::admin(&admin, HERE),
        next: wanted.next(found.next.as_deref()),
        tokens: found.items,
        now: admin.0.ctx.now,
    };
    Ok(Page(page).into_response())
}

async fn create(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let groups = fields.list("groups");
    let input = CreateEnrollmentToken {
        description: fields.text("description"),
        groups: groups.clone(),
        hours: fields.number("hours"),
    };
    let created = device::create_token(ctx, input).await?;
    let token = created.secret.expose();
    let fate = if groups.is_empty() {
        "waits in quarantine until it is admitted"
    } else {
        "joins its groups at once"
    };
    let line = created.install.as_ref().map(|line| line.expose().to_owned());
    let way = if line.is_some() {
        "Type the line on the machine, as a user who may sudo."
    } else {
        "This server has no agent package to install yet; give the token to `sallyport-agent enroll` on the machine."
    };
    let text = format!("It enrols one machine, which then {fate}. {way}");
    let line = line.map(|line| ("Install and enrol in one line", line));
    let secrets = line.into_iter().chain([("Enrolment token", token.to_owned())]).collect();
    let heading = ("Enrol a device".to_owned(), text);
    Ok(OncePage::show(&admin, HERE, heading, secrets, "/admin/enrollment-tokens".into()))
}

async fn revoke(Path(id): Path<EnrollmentTokenId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    device::revoke_token(&form.who.0.ctx, id).await?;
    Ok(Redirect::to("/admin/enrollment-tokens?done=revoked"))
}
