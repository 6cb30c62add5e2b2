//! API tokens, for programs.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::CreateToken;
use sallyport_app::{Versioned, token};
use sallyport_model::{ApiToken, Role, Time, id::TokenId};

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

const HERE: &str = "/admin/tokens";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/tokens", get(list).post(create))
        .route("/admin/tokens/{id}/revoke", post(revoke))
}

#[derive(Template)]
#[template(path = "admin/tokens.html")]
struct TokensPage {
    shell: Shell,
    tokens: Vec<Versioned<ApiToken>>,
    next: Option<String>,
    now: Time,
}

async fn list(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let found = token::list(&admin.0.ctx, wanted.request()).await?;
    let page = TokensPage {
        shell: Shell::admin(&admin, HERE),
        next: wanted.next(found.next.as_deref()),
        tokens: found.items,
        now: admin.0.ctx.now,
    };
    Ok(Page(page).into_response())
}

async fn create(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let input = CreateToken {
        name: fields.text("name"),
        role: fields.word("role").ok_or_else(|| Refusal::missing("Choose a role."))?,
        days: fields.number("days").ok_or_else(|| Refusal::missing("Give a number of days."))?,
    };
    let (token, secret) = token::create(&admin.0.ctx, input).await?;
    let title = format!("Token {}", token.name);
    let text = format!(
        "A program that calls the API with it may do what the role {} may. Keep it like a password.",
        token.role.as_str().replace('_', " ")
    );
    Ok(OncePage::show(
        &admin,
        HERE,
        (title, text),
        vec![("API token", secret.expose().to_owned())],
        HERE.into(),
    ))
}

async fn revoke(Path(id): Path<TokenId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    token::revoke(&form.who.0.ctx, id).await?;
    Ok(Redirect::to("/admin/tokens?done=revoked"))
}
