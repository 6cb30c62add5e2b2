//! The organisation's settings.

use sallyport_app::settings::{self, Stranded};
use sallyport_model::{Action, Settings};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    answer::{Answer, Noun},
    input::{IfMatch, Json, unacceptable},
    route::{Gives, Needs::Right, Route, shape},
};
use crate::call::ApiCall;

/// The settings as they are now.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ReplacedSettings {
    #[serde(flatten)]
    settings: Settings,
    /// What follows from the change that whoever made it should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<&'static str>,
}

/// Whom settings would leave with nothing that opens the portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct SettingsPreview {
    /// How many people would have nothing left to pass the second door of the portal with.
    stranded: usize,
    /// The names of the first twenty of them.
    names: Vec<String>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/settings", show, Right(Action::ReadSettings), "Shows the settings.")
            .gives(Gives::Noun(shape::<Settings>())),
        Route::put("/settings", update, Right(Action::ChangeSettings), "Replaces the settings.")
            .takes::<Settings>()
            .conditional()
            .gives(Gives::Noun(shape::<ReplacedSettings>())),
        Route::post(
            "/settings/preview",
            preview,
            Right(Action::ChangeSettings),
            "Says whom these settings would leave with nothing that opens the portal. Nothing is saved.",
        )
        .takes::<Settings>()
        .gives(Gives::One(shape::<SettingsPreview>())),
    ]
}

async fn show(ApiCall(ctx): ApiCall) -> Answer<Noun<Settings>> {
    Ok(settings::show(&ctx).await?.into())
}

async fn update(
    ApiCall(ctx): ApiCall,
    IfMatch(version): IfMatch,
    Json(input): Json<Value>,
) -> Answer<Noun<ReplacedSettings>> {
    let replaced = settings::update(&ctx, version, read(input)?).await?;
    let value = ReplacedSettings { settings: replaced.settings.value, notice: replaced.notice };
    Ok(Noun { value, version: replaced.settings.version })
}

async fn preview(ApiCall(ctx): ApiCall, Json(input): Json<Value>) -> Answer<axum::Json<SettingsPreview>> {
    let Stranded { count, names } = settings::preview(&ctx, read(input)?).await?;
    Ok(axum::Json(SettingsPreview { stranded: count, names }))
}

/// The settings in a body. The `version` and the `notice` that were shown may come back. They are replaced whole: what a
/// body leaves out would go back to what is built in, which nobody means who wrote it before there was such a setting.
fn read(body: Value) -> Answer<Settings> {
    let kept = |settings: &Settings| serde_json::to_value(settings).unwrap_or_default();
    let settings = known(body.clone(), &["version", "notice"], kept)?;
    match unknown(&kept(&settings), &body) {
        Some(name) => Err(unacceptable(format!(
            "the body: `{name}` is missing; settings are replaced whole, so send all that GET shows"
        ))),
        None => Ok(settings),
    }
}

/// What is in a body. It is kept as it is read, so its type lets newer fields pass; here a field that means nothing is
/// refused: one that is not in what `kept` says is kept of it. Those of `shown` were shown and may come back.
pub(super) fn known<T: DeserializeOwned>(
    mut body: Value,
    shown: &[&str],
    kept: impl FnOnce(&T) -> Value,
) -> Answer<T> {
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|name, _| !shown.contains(&name.as_str()));
    }
    let read: T =
        serde_json::from_value(body.clone()).map_err(|error| unacceptable(format!("the body: {error}")))?;
    match unknown(&body, &kept(&read)) {
        Some(name) => Err(unacceptable(format!("the body: unknown field `{name}`"))),
        None => Ok(read),
    }
}

/// The first field of `given` that is not in `known`.
fn unknown(given: &Value, known: &Value) -> Option<String> {
    let (given, known) = (given.as_object()?, known.as_object()?);
    given.iter().find_map(|(name, value)| match known.get(name) {
        Some(known) => unknown(value, known),
        None => Some(name.clone()),
    })
}
