//! Alarms: what people said was not them.

use sallyport_app::alarm;
use sallyport_model::{Action, Alarm, AlarmState, id::AlarmId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answer::{Answer, Noun, PageOf},
    input::{IfMatch, Json, Listing, Named, Parameters, id},
    route::{Gives, LISTING, Needs::Right, Route, STATE, shape},
};
use crate::call::ApiCall;

/// What came of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CloseAlarm {
    /// In your words, for whoever reads of it later.
    note: String,
}

pub(super) fn routes() -> Vec<Route> {
    let read = Right(Action::ReadSignIns);
    let noun = || Gives::Noun(shape::<Alarm>());
    vec![
        Route::get("/alarms", list, read, "Lists alarms, the open ones first and then the newest.")
            .with(&LISTING)
            .with(&[STATE])
            .gives(Gives::PageOfNouns(shape::<Alarm>())),
        Route::get("/alarms/{alarm}", show, read, "Shows an alarm.").gives(noun()),
        Route::post(
            "/alarms/{alarm}/close",
            close,
            Right(Action::ManageFactors),
            "Closes an alarm with what came of it.",
        )
        .conditional()
        .takes::<CloseAlarm>()
        .gives(noun()),
    ]
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(listing): Parameters<Listing>,
) -> Answer<PageOf<Noun<Alarm>>> {
    Ok(alarm::list(&ctx, listing.page(&AlarmState::ALL)?).await?.into())
}

async fn show(ApiCall(ctx): ApiCall, Named(alarm): Named) -> Answer<Noun<Alarm>> {
    Ok(alarm::show(&ctx, id(&alarm)?).await?.into())
}

async fn close(
    ApiCall(ctx): ApiCall,
    Named(alarm): Named,
    if_match: IfMatch,
    Json(input): Json<CloseAlarm>,
) -> Answer<Noun<Alarm>> {
    let id: AlarmId = id(&alarm)?;
    let ctx = if_match.on::<Alarm>(id, ctx);
    Ok(alarm::close(&ctx, id, &input.note).await?.into())
}
