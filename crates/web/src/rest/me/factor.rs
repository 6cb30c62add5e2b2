//! One's own factors, by a program: what the portal does, where no browser is needed for it. A passkey takes one.
//!
//! What decides is the same, and so is who may: whoever is behind both doors, here.

use axum::http::StatusCode;
use sallyport_api::rest::AddPhone;
use sallyport_app::{Secret, factor, hardware_token, push};
use sallyport_model::Factor;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    call::Oneself,
    rest::{
        answer::{All, Answer, Made},
        input::{Json, Named, id},
        route::{Gives, Needs::BothDoors, Route, shape},
        user::credential::{ActivationCode, ListedFactor, RenameFactor, listed},
    },
};

/// An authenticator application about to be added, shown this once.
#[derive(Serialize, ToSchema)]
struct BegunTotp {
    /// Must be brought with its first code, within a quarter of an hour.
    handle: String,
    /// For a QR code.
    uri: String,
    /// For typing.
    seed: String,
}

/// A number about to be added. A code is on its way there.
#[derive(Serialize, ToSchema)]
struct BegunNumber {
    /// Must be brought with the code.
    handle: String,
    last_four: String,
}

/// What was begun, and the code that completes it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmFactor {
    #[schema(value_type = String, format = Password)]
    handle: Secret,
    #[schema(value_type = String, format = Password)]
    passcode: Secret,
}

/// The number of a phone of one's own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddOwnNumber {
    /// With the country's calling code, such as `+49 30 1234567`.
    number: String,
    /// What it is called; its last digits if not given.
    #[serde(default)]
    name: Option<String>,
}

/// Codes of a hardware token, in the order in which it shows them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResyncOwnToken {
    codes: Vec<String>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/me/factors", list, BothDoors, "Lists your factors.")
            .gives(Gives::All(shape::<ListedFactor>())),
        Route::post("/me/factors/totp", begin_totp, BothDoors, "Begins to add an authenticator application.")
            .gives(Gives::Made(shape::<BegunTotp>())),
        Route::post("/me/factors/totp/confirm", confirm_totp, BothDoors, "Adds it, by its first code.")
            .takes::<ConfirmFactor>()
            .gives(Gives::Made(shape::<Factor>())),
        Route::post("/me/factors/number", begin_number, BothDoors, "Texts a code to a number that is to be added.")
            .takes::<AddOwnNumber>()
            .gives(Gives::Made(shape::<BegunNumber>())),
        Route::post("/me/factors/number/confirm", confirm_number, BothDoors, "Adds it, by that code.")
            .takes::<ConfirmFactor>()
            .gives(Gives::Made(shape::<Factor>())),
        Route::post("/me/factors/push", begin_push, BothDoors, "Makes a code by which a phone's page becomes a factor.")
            .gives(Gives::Made(shape::<ActivationCode>())),
        Route::post(
            "/me/factors/{factor}/reactivate",
            reactivate,
            BothDoors,
            "Makes a code by which a phone of yours gets another page and key. The old one counts until then.",
        )
        .gives(Gives::Made(shape::<ActivationCode>())),
        Route::post("/me/factors/{factor}/resync", resync, BothDoors, "Brings a hardware token of yours into step.")
            .takes::<ResyncOwnToken>(),
        Route::patch("/me/factors/{factor}", rename, BothDoors, "Gives a factor of yours another name.")
            .takes::<RenameFactor>()
            .gives(Gives::One(shape::<Factor>())),
        Route::delete(
            "/me/factors/{factor}",
            remove,
            BothDoors,
            "Removes a factor of yours, but not the last. All your sessions end, this one too.",
        ),
    ]
}

async fn list(Oneself { ctx, .. }: Oneself) -> Answer<All<ListedFactor>> {
    listed(&ctx, ctx.person()?).await
}

async fn begin_totp(Oneself { ctx, session }: Oneself) -> Answer<Made<BegunTotp>> {
    let begun = factor::begin_own_totp(&ctx, &session).await?;
    let [handle, uri, seed] = [begun.handle, begun.uri, begun.seed].map(|secret| secret.expose().to_owned());
    Ok(Made(BegunTotp { handle, uri, seed }))
}

async fn confirm_totp(
    Oneself { ctx, .. }: Oneself,
    Json(input): Json<ConfirmFactor>,
) -> Answer<Made<Factor>> {
    Ok(Made(factor::confirm_totp(&ctx, &input.handle, &input.passcode).await?))
}

async fn begin_number(
    Oneself { ctx, session }: Oneself,
    Json(AddOwnNumber { number, name }): Json<AddOwnNumber>,
) -> Answer<Made<BegunNumber>> {
    let input = AddPhone { number, name, ..AddPhone::default() };
    let pending = factor::phone::begin_own(&ctx, &session, &input).await?;
    Ok(Made(BegunNumber { handle: pending.handle.expose().to_owned(), last_four: pending.last_four }))
}

async fn confirm_number(
    Oneself { ctx, session }: Oneself,
    Json(input): Json<ConfirmFactor>,
) -> Answer<Made<Factor>> {
    Ok(Made(factor::phone::confirm_own(&ctx, &session, &input.handle, &input.passcode).await?))
}

async fn begin_push(Oneself { ctx, session }: Oneself) -> Answer<Made<ActivationCode>> {
    Ok(Made(push::begin_own(&ctx, &session).await?.into()))
}

async fn reactivate(Oneself { ctx, session }: Oneself, Named(factor): Named) -> Answer<Made<ActivationCode>> {
    Ok(Made(push::reactivation::begin_own(&ctx, &session, id(&factor)?).await?.into()))
}

async fn resync(
    Oneself { ctx, session }: Oneself,
    Named(factor): Named,
    Json(input): Json<ResyncOwnToken>,
) -> Answer<StatusCode> {
    hardware_token::resync_own(&ctx, &session, id(&factor)?, &input.codes).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn rename(
    Oneself { ctx, session }: Oneself,
    Named(factor): Named,
    Json(input): Json<RenameFactor>,
) -> Answer<axum::Json<Factor>> {
    Ok(axum::Json(factor::rename_own(&ctx, &session, id(&factor)?, &input.name).await?))
}

async fn remove(Oneself { ctx, session }: Oneself, Named(factor): Named) -> Answer<StatusCode> {
    factor::remove_own(&ctx, &session, id(&factor)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
