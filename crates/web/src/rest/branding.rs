//! How the organisation looks.

use sallyport_api::rest::UpdateBranding;
use sallyport_app::{
    Versioned,
    branding::{self, Look},
};
use sallyport_model::{Action, branding::Branding};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer::{Answer, Noun},
    input::{IfMatch, Json},
    route::{Gives, Needs::Right, Route, shape},
};
use crate::call::ApiCall;

/// What the organisation is called and how it looks.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct OrganizationBranding {
    organization: String,
    #[serde(flatten)]
    branding: Branding,
}

pub(super) fn routes() -> Vec<Route> {
    let noun = || Gives::Noun(shape::<OrganizationBranding>());
    vec![
        Route::get("/branding", show, Right(Action::ReadSettings), "Shows how the organisation looks.")
            .gives(noun()),
        Route::patch(
            "/branding",
            update,
            Right(Action::ChangeSettings),
            "Changes the name, the logo, the colours and the texts. Colours that cannot be read are refused.",
        )
        .takes::<UpdateBranding>()
        .conditional()
        .gives(noun()),
    ]
}

async fn show(ApiCall(ctx): ApiCall) -> Answer<Noun<OrganizationBranding>> {
    Ok(noun(branding::show(&ctx).await?))
}

async fn update(
    ApiCall(ctx): ApiCall,
    IfMatch(version): IfMatch,
    Json(input): Json<UpdateBranding>,
) -> Answer<Noun<OrganizationBranding>> {
    Ok(noun(branding::update(&ctx, version, input).await?))
}

fn noun(look: Versioned<Look>) -> Noun<OrganizationBranding> {
    let Look { organization, branding } = look.value;
    Noun { value: OrganizationBranding { organization, branding }, version: look.version }
}
