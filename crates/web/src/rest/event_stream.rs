//! Event streams, and how far each has come.

use axum::http::StatusCode;
use sallyport_api::rest::{CreateEventStream, UpdateEventStream};
use sallyport_app::{
    Secret,
    event_stream::{self, Shown},
};
use sallyport_model::{Action, EventStream, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    answer::{Answer, Created, Noun, PageOf},
    input::{IfMatch, Json, Listing, Named, Parameters},
    route::{Gives, LISTING, Needs::Right, Route, STATE, shape},
    settings::known,
    webhook::ShownStanding,
};
use crate::call::ApiCall;

const STATES: [&str; 2] = ["enabled", "disabled"];

/// An event stream, and how it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ShownEventStream {
    #[serde(flatten)]
    stream: EventStream,
    #[serde(flatten)]
    standing: ShownStanding,
    /// Whether there is a secret; it is never shown.
    has_secret: bool,
    /// When the oldest event happened that it was not told of yet.
    behind_since: Option<Time>,
}

/// An event stream to make, with the secret that an HTTP collector asks for.
#[derive(Deserialize, ToSchema)]
struct NewEventStream {
    #[serde(flatten)]
    input: CreateEventStream,
    #[schema(value_type = Option<String>, format = Password)]
    #[serde(default)]
    secret: Option<Secret>,
}

/// Changes to an event stream. Without a secret the one before stays, unless it was for another target.
#[derive(Deserialize, ToSchema)]
struct ChangedEventStream {
    #[serde(flatten)]
    input: UpdateEventStream,
    #[schema(value_type = Option<String>, format = Password)]
    #[serde(default)]
    secret: Option<Secret>,
}

pub(super) fn routes() -> Vec<Route> {
    let (read, manage) = (Right(Action::ReadSettings), Right(Action::ManageConnectors));
    let shown = || Gives::Noun(shape::<ShownEventStream>());
    vec![
        Route::get("/event-streams", list, read, "Lists event streams in order of names.")
            .with(&LISTING)
            .with(&[STATE])
            .gives(Gives::PageOfNouns(shape::<EventStream>())),
        Route::post(
            "/event-streams",
            create,
            manage,
            "Makes an event stream, which is told of what happens from then on.",
        )
        .takes::<NewEventStream>()
        .gives(Gives::Created(shape::<ShownEventStream>())),
        Route::get("/event-streams/{stream}", show, read, "Shows an event stream, and how it stands.")
            .gives(shown()),
        Route::patch(
            "/event-streams/{stream}",
            update,
            manage,
            "Changes an event stream, or switches it on or off.",
        )
        .takes::<ChangedEventStream>()
        .conditional()
        .gives(shown()),
        Route::delete(
            "/event-streams/{stream}",
            delete,
            manage,
            "Deletes an event stream. What it wrote stays where it is.",
        )
        .conditional(),
        Route::post(
            "/event-streams/{stream}/test",
            test,
            manage,
            "Records an event of the kind `event_stream.test`, which goes the way of all events, at once.",
        )
        .conditional(),
    ]
}

/// The fields that the input has, with the secret's.
fn kept(input: &impl Serialize) -> Value {
    let mut kept = serde_json::to_value(input).unwrap_or_default();
    if let Some(fields) = kept.as_object_mut() {
        fields.insert("secret".into(), Value::Null);
    }
    kept
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(listing): Parameters<Listing>,
) -> Answer<PageOf<Noun<EventStream>>> {
    Ok(event_stream::list(&ctx, listing.page(&STATES)?).await?.into())
}

async fn create(ApiCall(ctx): ApiCall, Json(body): Json<Value>) -> Answer<Created<Noun<ShownEventStream>>> {
    let NewEventStream { input, secret } = known(body, &[], |new: &NewEventStream| kept(&new.input))?;
    let made = event_stream::create(&ctx, input, secret).await?;
    Ok(Created { at: format!("/event-streams/{}", made.stream.id), noun: made.into() })
}

async fn show(ApiCall(ctx): ApiCall, Named(stream): Named) -> Answer<Noun<ShownEventStream>> {
    let stream = event_stream::resolve(&ctx, &stream).await?;
    Ok(event_stream::show(&ctx, stream.id).await?.into())
}

async fn update(
    ApiCall(ctx): ApiCall,
    Named(stream): Named,
    IfMatch(version): IfMatch,
    Json(body): Json<Value>,
) -> Answer<Noun<ShownEventStream>> {
    let ChangedEventStream { input, secret } = known(body, &[], |set: &ChangedEventStream| kept(&set.input))?;
    let stream = event_stream::resolve(&ctx, &stream).await?;
    Ok(event_stream::update(&ctx, stream.id, version, input, secret).await?.into())
}

async fn delete(
    ApiCall(ctx): ApiCall,
    Named(stream): Named,
    IfMatch(version): IfMatch,
) -> Answer<StatusCode> {
    let stream = event_stream::resolve(&ctx, &stream).await?;
    event_stream::delete(&ctx, stream.id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn test(ApiCall(ctx): ApiCall, Named(stream): Named, if_match: IfMatch) -> Answer<StatusCode> {
    ctx.allow(Action::ManageConnectors)?;
    let stream = event_stream::resolve(&ctx, &stream).await?;
    let ctx = if_match.on::<EventStream>(stream.id, ctx);
    event_stream::test(&ctx, stream.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<Shown> for Noun<ShownEventStream> {
    fn from(shown: Shown) -> Self {
        let Shown { stream, has_secret, standing, behind, behind_since } = shown;
        let version = stream.version;
        let standing = ShownStanding::of(standing, behind);
        Self { value: ShownEventStream { stream: stream.value, standing, has_secret, behind_since }, version }
    }
}
