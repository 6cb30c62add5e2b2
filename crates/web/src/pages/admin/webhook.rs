//! Webhooks: whom they tell of what, how they stand, and what became of each delivery.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::{CreateWebhook, UpdateWebhook};
use sallyport_app::{
    AppError, Secret,
    listing::Listed as _,
    webhook::{self, Shown},
};
use sallyport_model::{
    Action, Webhook,
    event::{Delivery, DeliveryState, EventKinds},
    id::{EventId, WebhookId},
};
use serde::Deserialize;

use super::once::OncePage;
use crate::{
    State,
    pages::{
        fields::Fields,
        filters,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
        table::{Asked, Cell, Column, Filter, Table, TableOf, cell::Part},
    },
};

const HERE: &str = "/admin/webhooks";
/// Kinds of events that a line of the table names.
const KINDS_NAMED: usize = 3;
/// Deliveries on one page.
const SHOWN: usize = 20;

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/webhooks", get(list).post(create))
        .route("/admin/webhooks.csv", get(export))
        .route("/admin/webhooks/{id}", get(show).post(update))
        .route("/admin/webhooks/{id}/rotate", post(rotate))
        .route("/admin/webhooks/{id}/test", post(test))
        .route("/admin/webhooks/{id}/delete", post(delete))
        .route("/admin/webhooks/{id}/deliveries/{event}", get(show_delivery))
        .route("/admin/webhooks/{id}/deliveries/{event}/redeliver", post(redeliver))
}

#[derive(Template)]
#[template(path = "admin/webhooks.html")]
struct WebhooksPage {
    shell: Shell,
    table: Table,
    may_manage: bool,
}

const TABLE: TableOf<Webhook> = TableOf {
    name: "webhooks",
    path: HERE,
    columns: &[
        Column::new("name", "Name", |hook| Cell::link(format!("{HERE}/{}", hook.id), &*hook.name)),
        Column::new("url", "URL", |hook| Cell::code(&*hook.url)),
        Column::filed("kinds", "Told of", told_of, |hook| {
            hook.kinds.iter().map(EventKinds::as_str).collect::<Vec<_>>().join(" ")
        }),
        Column::new("state", "State", |hook| Cell::on_or_off(hook.enabled)),
        Column::unusual("id", "Id", |hook| Cell::code(hook.id.to_string())),
    ],
    sorts: Webhook::SORTS,
    usual_sort: "name",
    noun: "webhooks",
    empty: "A webhook tells a program of yours what happens here, as it happens: who was suspended, which sign-in was refused. \
            Every call is signed, and made again until it is taken.",
    tick: None,
    act: None,
};

#[derive(Template)]
#[template(path = "admin/webhook.html")]
struct WebhookPage {
    shell: Shell,
    shown: Shown,
    deliveries: Vec<Delivery>,
    next: Option<EventId>,
    may_manage: bool,
    may_read: bool,
    /// What came of a test that was not taken.
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/delivery.html")]
struct DeliveryPage {
    shell: Shell,
    webhook: Webhook,
    delivery: Delivery,
    may_manage: bool,
}

impl WebhookPage {
    /// What it is told of, as it is typed.
    fn kinds(&self) -> String {
        self.shown.webhook.kinds.iter().map(EventKinds::as_str).collect::<Vec<_>>().join("\n")
    }
}

#[derive(Deserialize)]
struct From {
    before: Option<EventId>,
}

async fn list(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let page = WebhooksPage {
        shell: Shell::admin(&admin, HERE),
        table: TABLE.table::<Webhook>(ctx, &asked, filters_of(&asked), |noun| noun).await?,
        may_manage: may(ctx, Action::ManageConnectors),
    };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let (ctx, filters) = (&admin.0.ctx, filters_of(&asked));
    Ok(TABLE.download::<Webhook>(ctx, &asked, &filters, |noun| noun).await?)
}

fn filters_of(asked: &Asked) -> Vec<Filter> {
    vec![Filter::words(asked, "Name or URL"), Filter::on_or_off(asked)]
}

fn told_of(webhook: &Webhook) -> Cell {
    if webhook.kinds.is_empty() {
        return Cell::text("everything");
    }
    let named = webhook.kinds.iter().take(KINDS_NAMED).map(|kinds| Part::Code(kinds.to_string()));
    let more = (webhook.kinds.len() > KINDS_NAMED).then(|| Part::Text("…".into()));
    Cell(named.chain(more).collect())
}

async fn create(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let input = CreateWebhook { name: fields.text("name"), url: fields.text("url"), kinds: kinds(&fields)? };
    let (made, secret) = webhook::create(&admin.0.ctx, input).await?;
    Ok(once(&admin, &made, &secret))
}

fn once(admin: &Admin, shown: &Shown, secret: &Secret) -> Response {
    let title = format!("Secret of {}", shown.webhook.name);
    let text = "The receiver checks by it that a call is ours and is fresh (Standard Webhooks). Keep it like a password.";
    let secrets = vec![("Signing secret", secret.expose().to_owned())];
    OncePage::show(admin, HERE, (title, text.to_owned()), secrets, format!("{HERE}/{}", shown.webhook.id))
}

/// What is typed, a kind a line or with commas between.
fn kinds(fields: &Fields) -> Result<Vec<EventKinds>, Refusal> {
    let typed = fields.lines("kinds").join(",");
    let words = typed.split(',').map(str::trim).filter(|word| !word.is_empty());
    let kinds = words.map(str::parse::<EventKinds>).collect::<Result<_, _>>();
    Ok(kinds.map_err(|error| AppError::invalid("kinds", error.to_string()))?)
}

async fn page(
    admin: &Admin,
    id: WebhookId,
    before: Option<EventId>,
    problem: Option<String>,
) -> Result<Page<WebhookPage>, Refusal> {
    let ctx = &admin.0.ctx;
    let shown = webhook::show(ctx, id).await?;
    let may_read = may(ctx, Action::ReadAudit);
    let (deliveries, next) =
        if may_read { webhook::deliveries(ctx, id, before, SHOWN).await? } else { (Vec::new(), None) };
    let (shell, may_manage) = (Shell::admin(admin, HERE), may(ctx, Action::ManageConnectors));
    Ok(Page(WebhookPage { shell, shown, deliveries, next, may_manage, may_read, problem }))
}

async fn show(
    admin: Admin,
    Path(id): Path<WebhookId>,
    Query(from): Query<From>,
) -> Result<Response, Refusal> {
    Ok(page(&admin, id, from.before, None).await?.into_response())
}

async fn update(
    Path(id): Path<WebhookId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let input = UpdateWebhook {
        name: fields.optional("name"),
        url: fields.optional("url"),
        kinds: Some(kinds(&fields)?),
        enabled: Some(fields.ticked("enabled")),
    };
    webhook::update(&admin.0.ctx, id, fields.number("version"), input).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}?done=saved")))
}

async fn rotate(Path(id): Path<WebhookId>, form: Posted<Admin>) -> Result<Response, Refusal> {
    let (shown, secret) = webhook::rotate(&form.who.0.ctx, id).await?;
    Ok(once(&form.who, &shown, &secret))
}

async fn test(
    Path(id): Path<WebhookId>,
    Posted { who: admin, .. }: Posted<Admin>,
) -> Result<Response, Refusal> {
    let made = webhook::test(&admin.0.ctx, id).await?;
    if made.state == DeliveryState::Delivered {
        return Ok(Redirect::to(&format!("{HERE}/{id}?done=webhook-heard")).into_response());
    }
    let why = made.last().map(|attempt| match attempt.status {
        Some(status) => format!("The receiver answered {status}: {}", attempt.answer),
        None => format!("The receiver was not reached: {}", attempt.answer),
    });
    let page = page(&admin, id, None, Some(why.unwrap_or_default())).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn delete(Path(id): Path<WebhookId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    webhook::delete(&form.who.0.ctx, id, form.fields.number("version")).await?;
    Ok(Redirect::to("/admin/webhooks?done=deleted"))
}

async fn show_delivery(
    admin: Admin,
    Path((id, event)): Path<(WebhookId, EventId)>,
) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let delivery = webhook::delivery(ctx, id, event).await?;
    let webhook = webhook::show(ctx, id).await?.webhook.value;
    let may_manage = webhook.enabled && may(ctx, Action::ManageConnectors);
    Ok(Page(DeliveryPage { shell: Shell::admin(&admin, HERE), webhook, delivery, may_manage })
        .into_response())
}

async fn redeliver(
    Path((id, event)): Path<(WebhookId, EventId)>,
    form: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    webhook::redeliver(&form.who.0.ctx, id, event).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}?done=webhook-again")))
}
