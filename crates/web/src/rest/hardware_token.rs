//! Hardware tokens.

use axum::{extract::DefaultBodyLimit, http::StatusCode};
use sallyport_api::rest::{AssignHardwareToken, ImportReport, ResyncHardwareToken};
use sallyport_app::{Secret, hardware_token, user};
use sallyport_model::{Action, HardwareToken};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answer::{Answer, Noun, PageOf},
    import::{DRY_RUN, How, LARGEST_FILE},
    input::{IfMatch, Json, Listing, Named, Parameters},
    route::{Gives, LISTING, Needs::Right, Route, STATE, shape},
};
use crate::call::ApiCall;

const STATES: [&str; 2] = ["assigned", "unassigned"];

/// A file of tokens.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ImportHardwareTokens {
    /// CSV, the first line with the names of the columns; or PSKC (RFC 6030).
    #[schema(value_type = String, format = Password)]
    file: Secret,
    /// What an encrypted PSKC file was made with, in hexadecimal.
    #[schema(value_type = Option<String>, format = Password)]
    key: Option<Secret>,
}

pub(super) fn routes() -> Vec<Route> {
    let (read, manage) = (Right(Action::ReadDirectory), Right(Action::ManageFactors));
    let noun = || Gives::Noun(shape::<HardwareToken>());
    vec![
        Route::get("/hardware-tokens", list, read, "Lists hardware tokens in order of their serial numbers.")
            .with(&LISTING)
            .with(&[STATE])
            .gives(Gives::PageOfNouns(shape::<HardwareToken>())),
        Route::post(
            "/hardware-tokens/import",
            import,
            Right(Action::ManageHardwareTokens),
            "Takes in the hardware tokens of a file. A bad row never spoils the good ones.",
        )
        .takes::<ImportHardwareTokens>()
        .with(&[DRY_RUN])
        .gives(Gives::One(shape::<ImportReport>()))
        .served(|route| route.layer(DefaultBodyLimit::max(LARGEST_FILE))),
        Route::get("/hardware-tokens/{hardware_token}", show, read, "Shows a hardware token.").gives(noun()),
        Route::delete(
            "/hardware-tokens/{hardware_token}",
            delete,
            Right(Action::ManageHardwareTokens),
            "Deletes a hardware token that nobody has.",
        )
        .conditional(),
        Route::post(
            "/hardware-tokens/{hardware_token}/assign",
            assign,
            manage,
            "Hands a hardware token to a user, for whom it is a factor from now on.",
        )
        .takes::<AssignHardwareToken>()
        .conditional()
        .gives(noun()),
        Route::post(
            "/hardware-tokens/{hardware_token}/unassign",
            unassign,
            manage,
            "Takes a hardware token back from whoever has it.",
        )
        .conditional()
        .gives(noun()),
        Route::post(
            "/hardware-tokens/{hardware_token}/resync",
            resync,
            manage,
            "Brings a hardware token back into step by codes it shows one after the other.",
        )
        .takes::<ResyncHardwareToken>()
        .conditional()
        .gives(noun()),
    ]
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(listing): Parameters<Listing>,
) -> Answer<PageOf<Noun<HardwareToken>>> {
    Ok(hardware_token::list(&ctx, listing.page(&STATES)?).await?.into())
}

async fn import(
    ApiCall(ctx): ApiCall,
    Parameters(how): Parameters<How>,
    Json(ImportHardwareTokens { file, key }): Json<ImportHardwareTokens>,
) -> Answer<axum::Json<ImportReport>> {
    let report = if how.dry_run {
        hardware_token::import::plan(&ctx, &file, key.as_ref()).await?
    } else {
        hardware_token::import::apply(&ctx, &file, key.as_ref()).await?
    };
    Ok(axum::Json(report))
}

async fn show(ApiCall(ctx): ApiCall, Named(token): Named) -> Answer<Noun<HardwareToken>> {
    Ok(hardware_token::resolve(&ctx, &token).await?.into())
}

async fn delete(ApiCall(ctx): ApiCall, Named(token): Named, if_match: IfMatch) -> Answer<StatusCode> {
    let token = hardware_token::resolve(&ctx, &token).await?;
    let ctx = if_match.on::<HardwareToken>(token.id, ctx);
    hardware_token::delete(&ctx, token.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn assign(
    ApiCall(ctx): ApiCall,
    Named(token): Named,
    if_match: IfMatch,
    Json(input): Json<AssignHardwareToken>,
) -> Answer<Noun<HardwareToken>> {
    let token = hardware_token::resolve(&ctx, &token).await?;
    let user = user::resolve(&ctx, &input.user).await?;
    let ctx = if_match.on::<HardwareToken>(token.id, ctx);
    Ok(hardware_token::assign(&ctx, token.id, user.id).await?.into())
}

async fn unassign(
    ApiCall(ctx): ApiCall,
    Named(token): Named,
    if_match: IfMatch,
) -> Answer<Noun<HardwareToken>> {
    let token = hardware_token::resolve(&ctx, &token).await?;
    let ctx = if_match.on::<HardwareToken>(token.id, ctx);
    Ok(hardware_token::unassign(&ctx, token.id).await?.into())
}

async fn resync(
    ApiCall(ctx): ApiCall,
    Named(token): Named,
    if_match: IfMatch,
    Json(input): Json<ResyncHardwareToken>,
) -> Answer<Noun<HardwareToken>> {
    let token = hardware_token::resolve(&ctx, &token).await?;
    let ctx = if_match.on::<HardwareToken>(token.id, ctx);
    Ok(hardware_token::resync(&ctx, token.id, &input.codes).await?.into())
}
