//! Permissions for machines to enrol, with the line to type there.

use askama::Template;
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::CreateEnrollmentToken;
use sallyport_app::{device, listing::Listed as _};
use sallyport_model::{EnrollmentToken, Time, id::EnrollmentTokenId};

use super::once::OncePage;
use crate::{
    State,
    pages::{
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::Shell,
        table::{Act, Asked, Cell, Column, Filter, Table, TableOf},
    },
};

const HERE: &str = "/admin/devices";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/enrollment-tokens", get(list).post(create))
        .route("/admin/enrollment-tokens.csv", get(export))
        .route("/admin/enrollment-tokens/{id}/revoke", post(revoke))
}

#[derive(Template)]
#[template(path = "admin/enrollment_tokens.html")]
struct TokensPage {
    shell: Shell,
    table: Table,
}

/// A token at a time.
struct Row {
    token: EnrollmentToken,
    now: Time,
}

const TABLE: TableOf<Row> = TableOf {
    name: "enrollment-tokens",
    path: "/admin/enrollment-tokens",
    columns: &[
        Column::new("description", "For", |row| Cell::text(&*row.token.description)),
        Column::new("created", "Made", |row| Cell::time(row.token.created)),
        Column::new("expires", "Until", |row| Cell::time(row.token.expires)),
        Column::new("state", "State", state),
        Column::unusual("id", "Id", |row| Cell::code(row.token.id.to_string())),
    ],
    sorts: EnrollmentToken::SORTS,
    usual_sort: "-created",
    noun: "tokens",
    empty: "No token was made so far.",
    tick: None,
    act: Some(take_back),
};

fn state(row: &Row) -> Cell {
    match row.token.used_by {
        Some(device) => Cell::link(format!("{HERE}/{device}"), "used"),
        None if row.token.expires < row.now => Cell::badge("bg-secondary-lt", "expired"),
        None => Cell::badge("bg-green-lt", "open"),
    }
}

fn take_back(row: &Row) -> Option<Act> {
    row.token.used_by.is_none().then(|| Act {
        action: format!("/admin/enrollment-tokens/{}/revoke", row.token.id),
        words: "Take back",
        label: format!("Take back {}", row.token.description),
        warning: None,
    })
}

async fn list(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let (ctx, filters) = (&admin.0.ctx, filters_of(&asked));
    let now = ctx.now;
    let table = TABLE.table::<EnrollmentToken>(ctx, &asked, filters, |token| Row { token, now }).await?;
    let page = TokensPage { shell: Shell::admin(&admin, HERE), table };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let (ctx, filters) = (&admin.0.ctx, filters_of(&asked));
    let now = ctx.now;
    Ok(TABLE.download::<EnrollmentToken>(ctx, &asked, &filters, |token| Row { token, now }).await?)
}

fn filters_of(asked: &Asked) -> Vec<Filter> {
    vec![Filter::words(asked, "For which machine")]
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
