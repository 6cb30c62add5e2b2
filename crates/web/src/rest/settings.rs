//! The organisation's settings.

use sallyport_app::settings;
use sallyport_model::{Action, Settings};
use serde::Serialize;
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

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/settings", show, Right(Action::ReadSettings), "Shows the settings.")
            .gives(Gives::Noun(shape::<Settings>())),
        Route::put("/settings", update, Right(Action::ChangeSettings), "Replaces the settings.")
            .takes::<Settings>()
            .conditional()
            .gives(Gives::Noun(shape::<ReplacedSettings>())),
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

/// The settings in a body. They are kept as they are read, so their type lets newer fields pass; here a field that
/// means nothing is refused. The `version` and the `notice` that were shown may come back.
fn read(mut body: Value) -> Answer<Settings> {
    if let Some(fields) = body.as_object_mut() {
        fields.remove("version");
        fields.remove("notice");
    }
    let settings: Settings =
        serde_json::from_value(body.clone()).map_err(|error| unacceptable(format!("the body: {error}")))?;
    let known = serde_json::to_value(&settings).unwrap_or_default();
    match unknown(&body, &known) {
        Some(name) => Err(unacceptable(format!("the body: unknown field `{name}`"))),
        None => Ok(settings),
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
