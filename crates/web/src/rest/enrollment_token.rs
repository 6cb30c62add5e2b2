//! Tokens with which machines enrol.

use axum::http::StatusCode;
use sallyport_api::rest::CreateEnrollmentToken;
use sallyport_app::device;
use sallyport_model::{Action, EnrollmentToken};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer::{Answer, Made, Noun, PageOf},
    input::{IfMatch, Json, Listing, Named, Parameters, id},
    route::{Gives, LISTING, Needs::Right, Route, shape},
};
use crate::call::ApiCall;

/// A new token with the only sight of its secret.
#[derive(Serialize, ToSchema)]
struct CreatedEnrollmentToken {
    #[serde(flatten)]
    noun: EnrollmentToken,
    version: i64,
    /// What `sallyport-agent enroll` is given, shown this once.
    token: String,
    /// A line to type on the machine, which installs the agent and enrols it; none without a package to install.
    install: Option<String>,
}

pub(super) fn routes() -> Vec<Route> {
    let enroll = Right(Action::EnrollDevices);
    vec![
        Route::get(
            "/enrollment-tokens",
            list,
            enroll,
            "Lists enrolment tokens, the oldest first, without their secrets.",
        )
        .with(&LISTING)
        .gives(Gives::PageOfNouns(shape::<EnrollmentToken>())),
        Route::post(
            "/enrollment-tokens",
            create,
            enroll,
            "Permits one machine to enrol. The token is shown this once.",
        )
        .takes::<CreateEnrollmentToken>()
        .gives(Gives::Made(shape::<CreatedEnrollmentToken>())),
        Route::delete(
            "/enrollment-tokens/{token}",
            revoke,
            enroll,
            "Takes a token back that was not used yet.",
        )
        .conditional(),
    ]
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(listing): Parameters<Listing>,
) -> Answer<PageOf<Noun<EnrollmentToken>>> {
    Ok(device::list_tokens(&ctx, listing.page(&[])?).await?.into())
}

async fn create(
    ApiCall(ctx): ApiCall,
    Json(input): Json<CreateEnrollmentToken>,
) -> Answer<Made<CreatedEnrollmentToken>> {
    let device::CreatedToken { token, secret, install } = device::create_token(&ctx, input).await?;
    let (version, secret) = (token.version, secret.expose().to_owned());
    let install = install.map(|line| line.expose().to_owned());
    Ok(Made(CreatedEnrollmentToken { noun: token.value, version, token: secret, install }))
}

async fn revoke(ApiCall(ctx): ApiCall, Named(token): Named, if_match: IfMatch) -> Answer<StatusCode> {
    let token = id(&token)?;
    let ctx = if_match.on::<EnrollmentToken>(token, ctx);
    device::revoke_token(&ctx, token).await?;
    Ok(StatusCode::NO_CONTENT)
}
