//! The organisation's signing keys.

use sallyport_app::signing_key;
use sallyport_model::{Action, SigningKey, oidc::SigningAlgorithm};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answer::{All, Answer},
    input::{Json, Named, id},
    route::{Gives, Needs::Right, Route, shape},
};
use crate::call::ApiCall;

/// Which key signs no more from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RotateSigningKey {
    algorithm: SigningAlgorithm,
}

pub(super) fn routes() -> Vec<Route> {
    let change = Right(Action::ChangeSettings);
    let all = || Gives::All(shape::<SigningKey>());
    vec![
        Route::get(
            "/signing-keys",
            list,
            Right(Action::ReadSettings),
            "Lists the keys that sign what is stated to applications, the youngest first.",
        )
        .gives(all()),
        Route::post(
            "/signing-keys/rotate",
            rotate,
            change,
            "Has the key that waits sign from now on. What the former one signed stays good for two days.",
        )
        .takes::<RotateSigningKey>()
        .gives(all()),
        Route::post(
            "/signing-keys/{signing_key}/revoke",
            revoke,
            change,
            "Declares a key void at once, as for one that somebody else may have.",
        )
        .gives(all()),
    ]
}

async fn list(ApiCall(ctx): ApiCall) -> Answer<All<SigningKey>> {
    Ok(signing_key::list(&ctx).await?.into_iter().map(|key| key.value).collect())
}

async fn rotate(
    ApiCall(ctx): ApiCall,
    Json(RotateSigningKey { algorithm }): Json<RotateSigningKey>,
) -> Answer<All<SigningKey>> {
    Ok(signing_key::rotate(&ctx, algorithm).await?.into_iter().map(|key| key.value).collect())
}

async fn revoke(ApiCall(ctx): ApiCall, Named(signing_key): Named) -> Answer<All<SigningKey>> {
    let keys = signing_key::revoke(&ctx, id(&signing_key)?).await?;
    Ok(keys.into_iter().map(|key| key.value).collect())
}
