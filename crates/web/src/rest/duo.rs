//! Duo as the second door: whom this server asks, and whether it can.

use sallyport_app::{
    Secret,
    factor::duo::{self, Standing},
};
use sallyport_model::{Action, Duo};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    answer::{Answer, Noun},
    input::{IfMatch, Json},
    route::{Gives, Needs::Right, Route, shape},
    settings::known,
};
use crate::call::ApiCall;

/// Duo as it is set.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ShownDuo {
    #[serde(flatten)]
    duo: Duo,
    /// Whether there is a client secret; it is never shown.
    has_secret: bool,
    /// Where Duo sends browsers back to.
    redirect_uri: String,
}

/// Duo as it is to be.
#[derive(Deserialize, ToSchema)]
struct SetDuo {
    #[serde(flatten)]
    duo: Duo,
    /// The client secret. Without it the one before stays, unless client id or host become others.
    #[schema(value_type = Option<String>, format = Password)]
    #[serde(default)]
    secret: Option<Secret>,
}

impl SetDuo {
    fn read(body: Value) -> Answer<Self> {
        known(body, &["version", "has_secret", "redirect_uri"], |set: &Self| {
            let mut kept = serde_json::to_value(&set.duo).unwrap_or_default();
            if let Some(fields) = kept.as_object_mut() {
                fields.insert("secret".into(), Value::Null);
            }
            kept
        })
    }
}

/// What Duo says to whether it is there and knows us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct CheckedDuo {
    healthy: bool,
    /// What is wrong: the clock, the key, the host, or the way there.
    problem: Option<String>,
}

pub(super) fn routes() -> Vec<Route> {
    let shown = || Gives::Noun(shape::<ShownDuo>());
    vec![
        Route::get(
            "/duo",
            show,
            Right(Action::ReadSettings),
            "Shows which Duo is asked at the second door of the portal.",
        )
        .gives(shown()),
        Route::put(
            "/duo",
            update,
            Right(Action::ChangeSettings),
            "Replaces the settings of Duo, and the client secret where one is given.",
        )
        .conditional()
        .takes::<SetDuo>()
        .gives(shown()),
        Route::post(
            "/duo/check",
            check,
            Right(Action::ChangeSettings),
            "Asks Duo whether it is there, knows this client and has the same time. Nobody is asked for anything.",
        )
        .gives(Gives::One(shape::<CheckedDuo>())),
    ]
}

async fn show(ApiCall(ctx): ApiCall) -> Answer<Noun<ShownDuo>> {
    Ok(duo::show(&ctx).await?.into())
}

async fn update(
    ApiCall(ctx): ApiCall,
    IfMatch(version): IfMatch,
    Json(input): Json<Value>,
) -> Answer<Noun<ShownDuo>> {
    let SetDuo { duo, secret } = SetDuo::read(input)?;
    Ok(duo::update(&ctx, version, duo, secret).await?.into())
}

async fn check(ApiCall(ctx): ApiCall) -> Answer<axum::Json<CheckedDuo>> {
    let problem = duo::check(&ctx).await?.err();
    Ok(axum::Json(CheckedDuo { healthy: problem.is_none(), problem }))
}

impl From<Standing> for Noun<ShownDuo> {
    fn from(standing: Standing) -> Self {
        let Standing { duo, version, has_secret, redirect_uri } = standing;
        Self { value: ShownDuo { duo, has_secret, redirect_uri }, version }
    }
}
