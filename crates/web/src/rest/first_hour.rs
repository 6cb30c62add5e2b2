//! What a new organisation does first.

use axum::http::StatusCode;
use sallyport_api::rest::FirstHour;
use sallyport_app::first_hour;
use sallyport_model::Action;

use super::{
    answer::Answer,
    route::{Gives, Needs::Right, Route, shape},
};
use crate::call::ApiCall;

pub(super) fn routes() -> Vec<Route> {
    let change = Right(Action::ChangeSettings);
    let about = "Shows what a new organisation does first, and which of it is done.";
    vec![
        Route::get("/first-hour", show, Right(Action::ReadSettings), about)
            .gives(Gives::One(shape::<FirstHour>())),
        Route::post("/first-hour/dismiss", dismiss, change, "Puts that list away."),
        Route::post("/first-hour/resume", resume, change, "Brings that list back."),
    ]
}

async fn show(ApiCall(ctx): ApiCall) -> Answer<axum::Json<FirstHour>> {
    Ok(axum::Json(first_hour::show(&ctx).await?))
}

async fn dismiss(ApiCall(ctx): ApiCall) -> Answer<StatusCode> {
    first_hour::dismiss(&ctx, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn resume(ApiCall(ctx): ApiCall) -> Answer<StatusCode> {
    first_hour::dismiss(&ctx, false).await?;
    Ok(StatusCode::NO_CONTENT)
}
