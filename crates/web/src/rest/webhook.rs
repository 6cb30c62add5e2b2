//! Webhooks, and what became of what they were told.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use sallyport_api::rest::{CreateWebhook, UpdateWebhook};
use sallyport_app::webhook::{self, Shown};
use sallyport_model::{
    Action, Time, Webhook,
    event::{Delivery, DeliveryAttempt, DeliveryState},
    id::EventId,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::{Answer, Created, Made, Noun, PageOf, entity_tag},
    input::{IfMatch, Json, Listing, Named, NamedTwo, Parameters, id, limit},
    route::{Gives, LISTING, Needs::Right, Route, STATE, shape},
};
use crate::call::ApiCall;

const STATES: [&str; 2] = ["enabled", "disabled"];

/// A webhook, and how it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ShownWebhook {
    #[serde(flatten)]
    webhook: Webhook,
    #[serde(flatten)]
    standing: ShownStanding,
    /// Deliveries that wait.
    waiting: i64,
    /// Until when two secrets sign, where one was replaced lately.
    both_sign_until: Option<Time>,
}

/// How a reader of events stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ShownStanding {
    /// Events that it was not told of yet.
    pub(super) behind: i64,
    /// What went wrong last, if nothing has gone right since.
    pub(super) problem: Option<String>,
    pub(super) failing_since: Option<Time>,
    /// When something last went right.
    pub(super) succeeded: Option<Time>,
    /// Events that were taken.
    pub(super) sent: i64,
    /// Events that it will never be told of, because it was away for more than a week.
    pub(super) lost: i64,
}

impl ShownStanding {
    pub(super) fn of(standing: sallyport_app::event::Standing, behind: i64) -> Self {
        Self {
            behind,
            problem: standing.problem,
            failing_since: standing.failing_since,
            succeeded: standing.succeeded,
            sent: standing.sent,
            lost: standing.lost,
        }
    }
}

/// A webhook that is new, with the secret it signs with.
#[derive(Serialize, ToSchema)]
struct CreatedWebhook {
    #[serde(flatten)]
    webhook: ShownWebhook,
    version: i64,
    secret: String,
}

impl IntoResponse for CreatedWebhook {
    fn into_response(self) -> Response {
        let tag = entity_tag(self.version);
        ([(header::ETAG, tag)], axum::Json(self)).into_response()
    }
}

/// A webhook's new secret.
#[derive(Serialize, ToSchema)]
struct WebhookSecret {
    secret: String,
    /// Until when the former one signs as well.
    both_sign_until: Option<Time>,
}

/// A delivery, and what came of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ShownDelivery {
    /// The event's, which the receiver is told as `webhook-id`.
    id: EventId,
    kind: String,
    /// Whom it is about.
    subject: String,
    state: DeliveryState,
    /// When it is tried next, of one that waits.
    due: Time,
    first: Option<Time>,
    tries: u32,
    /// The last calls, oldest first.
    attempts: Vec<DeliveryAttempt>,
}

/// A delivery with what is sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct WholeDelivery {
    #[serde(flatten)]
    delivery: ShownDelivery,
    body: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichDeliveries {
    after: Option<EventId>,
    limit: Option<usize>,
}

pub(super) fn routes() -> Vec<Route> {
    let (read, manage) = (Right(Action::ReadSettings), Right(Action::ManageConnectors));
    let shown = || Gives::Noun(shape::<ShownWebhook>());
    let [_, after, most] = LISTING;
    vec![
        Route::get("/webhooks", list, read, "Lists webhooks in order of names.")
            .with(&LISTING)
            .with(&[STATE])
            .gives(Gives::PageOfNouns(shape::<Webhook>())),
        Route::post(
            "/webhooks",
            create,
            manage,
            "Makes a webhook. The secret it signs with is shown this once.",
        )
        .takes::<CreateWebhook>()
        .gives(Gives::CreatedOnce(shape::<CreatedWebhook>())),
        Route::get("/webhooks/{webhook}", show, read, "Shows a webhook, and how it stands.").gives(shown()),
        Route::patch("/webhooks/{webhook}", update, manage, "Changes a webhook, or switches it on or off.")
            .takes::<UpdateWebhook>()
            .conditional()
            .gives(shown()),
        Route::delete("/webhooks/{webhook}", delete, manage, "Deletes a webhook with what it was told.")
            .conditional(),
        Route::post(
            "/webhooks/{webhook}/rotate",
            rotate,
            manage,
            "Makes another secret, which is shown this once. For a day the former one signs as well.",
        )
        .conditional()
        .gives(Gives::Made(shape::<WebhookSecret>())),
        Route::post(
            "/webhooks/{webhook}/test",
            test,
            manage,
            "Sends an event of the kind `webhook.test` now, and says what came of it.",
        )
        .conditional()
        .gives(Gives::One(shape::<ShownDelivery>())),
        Route::get(
            "/webhooks/{webhook}/deliveries",
            deliveries,
            Right(Action::ReadAudit),
            "Lists what a webhook was told, the newest first, and what came of it.",
        )
        .with(&[after, most])
        .gives(Gives::Page(shape::<ShownDelivery>())),
        Route::get(
            "/webhooks/{webhook}/deliveries/{event}",
            delivery,
            Right(Action::ReadAudit),
            "Shows a delivery, with what is sent.",
        )
        .gives(Gives::One(shape::<WholeDelivery>())),
        Route::post(
            "/webhooks/{webhook}/deliveries/{event}/redeliver",
            redeliver,
            manage,
            "Has a delivery made once more, or one that waits made now: the same event under the same id.",
        )
        .conditional(),
    ]
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(listing): Parameters<Listing>,
) -> Answer<PageOf<Noun<Webhook>>> {
    Ok(webhook::list(&ctx, listing.page(&STATES)?).await?.into())
}

async fn create(ApiCall(ctx): ApiCall, Json(input): Json<CreateWebhook>) -> Answer<Created<CreatedWebhook>> {
    let (made, secret) = webhook::create(&ctx, input).await?;
    let at = format!("/webhooks/{}", made.webhook.id);
    let Noun { value: webhook, version } = made.into();
    Ok(Created { at, noun: CreatedWebhook { webhook, version, secret: secret.expose().to_owned() } })
}

async fn show(ApiCall(ctx): ApiCall, Named(webhook): Named) -> Answer<Noun<ShownWebhook>> {
    let webhook = webhook::resolve(&ctx, &webhook).await?;
    Ok(webhook::show(&ctx, webhook.id).await?.into())
}

async fn update(
    ApiCall(ctx): ApiCall,
    Named(webhook): Named,
    IfMatch(version): IfMatch,
    Json(input): Json<UpdateWebhook>,
) -> Answer<Noun<ShownWebhook>> {
    let webhook = webhook::resolve(&ctx, &webhook).await?;
    Ok(webhook::update(&ctx, webhook.id, version, input).await?.into())
}

async fn delete(
    ApiCall(ctx): ApiCall,
    Named(webhook): Named,
    IfMatch(version): IfMatch,
) -> Answer<StatusCode> {
    let webhook = webhook::resolve(&ctx, &webhook).await?;
    webhook::delete(&ctx, webhook.id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn rotate(
    ApiCall(ctx): ApiCall,
    Named(webhook): Named,
    if_match: IfMatch,
) -> Answer<Made<WebhookSecret>> {
    ctx.allow(Action::ManageConnectors)?;
    let webhook = webhook::resolve(&ctx, &webhook).await?;
    let ctx = if_match.on::<Webhook>(webhook.id, ctx);
    let (shown, secret) = webhook::rotate(&ctx, webhook.id).await?;
    let secret = secret.expose().to_owned();
    Ok(Made(WebhookSecret { secret, both_sign_until: shown.both_sign_until }))
}

async fn test(
    ApiCall(ctx): ApiCall,
    Named(webhook): Named,
    if_match: IfMatch,
) -> Answer<axum::Json<ShownDelivery>> {
    ctx.allow(Action::ManageConnectors)?;
    let webhook = webhook::resolve(&ctx, &webhook).await?;
    let ctx = if_match.on::<Webhook>(webhook.id, ctx);
    Ok(axum::Json(webhook::test(&ctx, webhook.id).await?.into()))
}

async fn deliveries(
    ApiCall(ctx): ApiCall,
    Named(webhook): Named,
    Parameters(which): Parameters<WhichDeliveries>,
) -> Answer<PageOf<ShownDelivery>> {
    ctx.allow(Action::ReadAudit)?;
    let webhook = webhook::resolve(&ctx, &webhook).await?;
    let (items, next) = webhook::deliveries(&ctx, webhook.id, which.after, limit(which.limit)?).await?;
    let items = items.into_iter().map(ShownDelivery::from).collect();
    Ok(PageOf { items, next: next.map(|next| next.to_string()) })
}

async fn delivery(
    ApiCall(ctx): ApiCall,
    NamedTwo(webhook, event): NamedTwo,
) -> Answer<axum::Json<WholeDelivery>> {
    ctx.allow(Action::ReadAudit)?;
    let webhook = webhook::resolve(&ctx, &webhook).await?;
    let found = webhook::delivery(&ctx, webhook.id, id(&event)?).await?;
    let body = found.body.clone();
    Ok(axum::Json(WholeDelivery { delivery: found.into(), body }))
}

async fn redeliver(
    ApiCall(ctx): ApiCall,
    NamedTwo(webhook, event): NamedTwo,
    if_match: IfMatch,
) -> Answer<StatusCode> {
    ctx.allow(Action::ManageConnectors)?;
    let webhook = webhook::resolve(&ctx, &webhook).await?;
    let ctx = if_match.on::<Webhook>(webhook.id, ctx);
    webhook::redeliver(&ctx, webhook.id, id(&event)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<Delivery> for ShownDelivery {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.event,
            kind: delivery.kind,
            subject: delivery.subject,
            state: delivery.state,
            due: delivery.due,
            first: delivery.first,
            tries: delivery.tries,
            attempts: delivery.attempts,
        }
    }
}

impl From<Shown> for Noun<ShownWebhook> {
    fn from(shown: Shown) -> Self {
        let Shown { webhook, standing, behind, waiting, both_sign_until } = shown;
        let version = webhook.version;
        let standing = ShownStanding::of(standing, behind);
        Self { value: ShownWebhook { webhook: webhook.value, standing, waiting, both_sign_until }, version }
    }
}
