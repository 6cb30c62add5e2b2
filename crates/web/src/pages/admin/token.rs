//! API tokens, for programs.

use askama::Template;
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::CreateToken;
use sallyport_app::{listing::Listed as _, token};
use sallyport_model::{ApiToken, Role, Time, id::TokenId};

use super::once::OncePage;
use crate::{
    State,
    pages::{
        filters,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::Shell,
        table::{Act, Asked, Cell, Column, Filter, Table, TableOf},
    },
};

const HERE: &str = "/admin/tokens";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/tokens", get(list).post(create))
        .route("/admin/tokens.csv", get(export))
        .route("/admin/tokens/{id}/revoke", post(revoke))
}

#[derive(Template)]
#[template(path = "admin/tokens.html")]
struct TokensPage {
    shell: Shell,
    table: Table,
}

/// A token at a time.
struct Row {
    token: ApiToken,
    now: Time,
}

const TABLE: TableOf<Row> = TableOf {
    name: "tokens",
    path: HERE,
    columns: &[
        Column::new("name", "Name", |row| Cell::text(&*row.token.name)),
        Column::new("role", "Role", |row| Cell::text(row.token.role.as_str().replace('_', " "))),
        Column::new("created", "Made", |row| Cell::time(row.token.created)),
        Column::new("expires", "Until", |row| Cell::time(row.token.expires)),
        Column::new("state", "State", state),
        Column::unusual("id", "Id", |row| Cell::code(row.token.id.to_string())),
    ],
    sorts: ApiToken::SORTS,
    usual_sort: "-created",
    noun: "tokens",
    empty: "No program has a token. With one, a program calls the API as the role of the token may; the command line takes it as \
            SALLYPORT_TOKEN.",
    tick: None,
    act: Some(revoke_it),
};

async fn list(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let page = TokensPage {
        shell: Shell::admin(&admin, HERE),
        table: TABLE
            .table::<ApiToken>(ctx, &asked, filters_of(&asked), |token| Row { token, now: ctx.now })
            .await?,
    };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let (ctx, filters) = (&admin.0.ctx, filters_of(&asked));
    Ok(TABLE.download::<ApiToken>(ctx, &asked, &filters, |token| Row { token, now: ctx.now }).await?)
}

fn filters_of(asked: &Asked) -> Vec<Filter> {
    vec![
        Filter::words(asked, "Name"),
        Filter::choice(
            asked,
            "role",
            ("Role", "Any role"),
            Role::ALL.iter().map(|role| (role.as_str(), role.as_str())),
        ),
    ]
}

fn state(row: &Row) -> Cell {
    if row.token.revoked {
        Cell::state("revoked")
    } else if row.token.expires < row.now {
        Cell::badge("bg-secondary-lt", "expired")
    } else {
        Cell::badge("bg-green-lt", "good")
    }
}

fn revoke_it(row: &Row) -> Option<Act> {
    (!row.token.revoked).then(|| Act {
        action: format!("{HERE}/{}/revoke", row.token.id),
        words: "Revoke",
        label: format!("Revoke {}", row.token.name),
        warning: Some("The program that has it is refused from then on. This cannot be undone; another token can be made."),
    })
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
