//! API tokens.

use sallyport_api::rest::CreateToken;
use sallyport_app::token;
use sallyport_model::{Action, ApiToken};
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
struct CreatedToken {
    #[serde(flatten)]
    noun: ApiToken,
    version: i64,
    /// What programs send as `Authorization: Bearer`, shown this once.
    token: String,
}

pub(super) fn routes() -> Vec<Route> {
    let manage = Right(Action::ManageTokens);
    vec![
        Route::get("/tokens", list, manage, "Lists API tokens, without their secrets.")
            .with(&LISTING)
            .gives(Gives::PageOfNouns(shape::<ApiToken>())),
        Route::post("/tokens", create, manage, "Makes an API token. The token is shown this once.")
            .takes::<CreateToken>()
            .gives(Gives::Made(shape::<CreatedToken>())),
        Route::post("/tokens/{token}/revoke", revoke, manage, "Revokes an API token at once.")
            .conditional()
            .gives(Gives::Noun(shape::<ApiToken>())),
    ]
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(listing): Parameters<Listing>,
) -> Answer<PageOf<Noun<ApiToken>>> {
    Ok(token::list(&ctx, listing.page(&[])?).await?.into())
}

async fn create(ApiCall(ctx): ApiCall, Json(input): Json<CreateToken>) -> Answer<Made<CreatedToken>> {
    let (token, secret) = token::create(&ctx, input).await?;
    let (version, secret) = (token.version, secret.expose().to_owned());
    Ok(Made(CreatedToken { noun: token.value, version, token: secret }))
}

async fn revoke(ApiCall(ctx): ApiCall, Named(token): Named, if_match: IfMatch) -> Answer<Noun<ApiToken>> {
    let token = id(&token)?;
    let ctx = if_match.on::<ApiToken>(token, ctx);
    Ok(token::revoke(&ctx, token).await?.into())
}
