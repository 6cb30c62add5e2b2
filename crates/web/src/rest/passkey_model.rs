//! The models of authenticators whose passkeys count. They are among the settings; here each by itself.

use axum::http::StatusCode;
use sallyport_api::rest::NamePasskeyModel;
use sallyport_app::{passkey::models, settings};
use sallyport_model::{Action, PasskeyModel};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer::{All, Answer},
    input::{Json, Named},
    route::{Gives, Needs::Right, Route, shape},
};
use crate::call::ApiCall;

/// The models as they are now.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct NamedPasskeyModels {
    items: Vec<PasskeyModel>,
    /// What follows from the change that whoever made it should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<&'static str>,
}

pub(super) fn routes() -> Vec<Route> {
    let change = Right(Action::ChangeSettings);
    vec![
        Route::get(
            "/passkey-models",
            list,
            Right(Action::ReadSettings),
            "Lists the models of authenticators whose passkeys count. With none, every passkey does.",
        )
        .gives(Gives::All(shape::<PasskeyModel>())),
        Route::post(
            "/passkey-models",
            name,
            change,
            "Names a model of authenticators, in place of what was said of it before.",
        )
        .takes::<NamePasskeyModel>()
        .gives(Gives::One(shape::<NamedPasskeyModels>())),
        Route::delete(
            "/passkey-models/{aaguid}",
            remove,
            change,
            "Takes a model of authenticators out of the list.",
        ),
    ]
}

async fn list(ApiCall(ctx): ApiCall) -> Answer<All<PasskeyModel>> {
    Ok(settings::show(&ctx).await?.value.passkeys.models.into_iter().collect())
}

async fn name(
    ApiCall(ctx): ApiCall,
    Json(input): Json<NamePasskeyModel>,
) -> Answer<axum::Json<NamedPasskeyModels>> {
    let replaced = models::name(&ctx, &input).await?;
    let items = replaced.settings.value.passkeys.models;
    Ok(axum::Json(NamedPasskeyModels { items, notice: replaced.notice }))
}

async fn remove(ApiCall(ctx): ApiCall, Named(aaguid): Named) -> Answer<StatusCode> {
    models::remove(&ctx, &aaguid).await?;
    Ok(StatusCode::NO_CONTENT)
}
