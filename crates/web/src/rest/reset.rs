//! Resets: asked for, cleared by the person's own answer or by a second person, or stopped. What was cleared is done by the
//! route that does it anyway.

use std::time::Duration;

use sallyport_api::rest::{AskReset, CallBack, CallBackBy, ConfirmReset};
use sallyport_app::{Secret, recovery, user};
use sallyport_model::{
    Action, Reset, ResetState, Time, User,
    id::{FactorId, ResetId},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer::{All, Answer, Created, Noun, PageOf},
    input::{IfMatch, Json, Listing, Named, Parameters, id},
    route::{Gives, LISTING, Needs::Right, Route, STATE, shape},
};
use crate::call::ApiCall;

/// How long an answer of the person's phone is waited for in one call.
const PATIENCE: Duration = Duration::from_secs(20);

/// A way to ask the person whether it is them who calls.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct CallBackWay {
    by: CallBackBy,
    factor: FactorId,
    /// What the factor is called.
    name: String,
}

/// That the person was asked.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct CalledBack {
    by: CallBackBy,
    factor: FactorId,
    name: String,
    /// What the person types on their phone; read it out to them. Null where they read a code back.
    number: Option<String>,
    /// Until when they may answer.
    until: Time,
}

pub(super) fn routes() -> Vec<Route> {
    let manage = Right(Action::ManageFactors);
    let noun = || Gives::Noun(shape::<Reset>());
    vec![
        Route::post(
            "/users/{user}/resets",
            ask,
            manage,
            "Asks for a reset of a user who has had a factor. The user is told at once.",
        )
        .conditional()
        .takes::<AskReset>()
        .gives(Gives::Created(shape::<Reset>())),
        Route::get("/resets", list, manage, "Lists resets, the newest first.")
            .with(&LISTING)
            .with(&[STATE])
            .gives(Gives::PageOfNouns(shape::<Reset>())),
        Route::get("/resets/{reset}", show, manage, "Shows a reset.").gives(noun()),
        Route::get(
            "/resets/{reset}/call-back",
            ways,
            manage,
            "Lists how the user could be asked whether it is them who calls, by whoever asked for the reset.",
        )
        .gives(Gives::All(shape::<CallBackWay>())),
        Route::post(
            "/resets/{reset}/call-back",
            call_back,
            manage,
            "Sends the user a code, which they read back, or asks their phone for a number, which is read out to them.",
        )
        .conditional()
        .takes::<CallBack>()
        .gives(Gives::One(shape::<CalledBack>())),
        Route::post(
            "/resets/{reset}/confirm",
            confirm,
            manage,
            "Takes the code that the user read back, or waits for the answer of their phone. The reset may then be done \
             for ten minutes, once.",
        )
        .conditional()
        .takes::<ConfirmReset>()
        .gives(noun()),
        Route::post(
            "/resets/{reset}/approve",
            approve,
            manage,
            "Approves a reset as a second person, who is neither whoever asked nor whom it concerns, nor an API token. \
             Whoever asked may then do it for eight hours, once.",
        )
        .conditional()
        .gives(noun()),
        Route::post("/resets/{reset}/refuse", refuse, manage, "Stops a reset that is open.")
            .conditional()
            .gives(noun()),
    ]
}

async fn ask(
    ApiCall(ctx): ApiCall,
    Named(user): Named,
    if_match: IfMatch,
    Json(input): Json<AskReset>,
) -> Answer<Created<Noun<Reset>>> {
    let user = user::resolve(&ctx, &user).await?;
    let ctx = if_match.on::<User>(user.id, ctx);
    let reset = recovery::ask(&ctx, user.id, input).await?;
    Ok(Created { at: format!("/resets/{}", reset.id), noun: reset.into() })
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(listing): Parameters<Listing>,
) -> Answer<PageOf<Noun<Reset>>> {
    Ok(recovery::list(&ctx, listing.page(&ResetState::ALL)?).await?.into())
}

async fn show(ApiCall(ctx): ApiCall, Named(reset): Named) -> Answer<Noun<Reset>> {
    Ok(recovery::show(&ctx, id(&reset)?).await?.into())
}

async fn ways(ApiCall(ctx): ApiCall, Named(reset): Named) -> Answer<All<CallBackWay>> {
    Ok(recovery::ways(&ctx, id(&reset)?).await?.into_iter().collect())
}

async fn call_back(
    ApiCall(ctx): ApiCall,
    Named(reset): Named,
    if_match: IfMatch,
    Json(CallBack { by, factor }): Json<CallBack>,
) -> Answer<axum::Json<CalledBack>> {
    let id: ResetId = id(&reset)?;
    let ctx = if_match.on::<Reset>(id, ctx);
    let recovery::Asked { way, number, until } = recovery::call_back(&ctx, id, by, factor).await?;
    let recovery::Way { by, factor, name } = way;
    Ok(axum::Json(CalledBack { by, factor, name, number, until }))
}

async fn confirm(
    ApiCall(ctx): ApiCall,
    Named(reset): Named,
    if_match: IfMatch,
    Json(input): Json<ConfirmReset>,
) -> Answer<Noun<Reset>> {
    let (id, code): (ResetId, _) = (id(&reset)?, input.code.map(Secret::new));
    let ctx = if_match.on::<Reset>(id, ctx);
    Ok(recovery::confirm(&ctx, id, code.as_ref(), PATIENCE).await?.into())
}

async fn approve(ApiCall(ctx): ApiCall, Named(reset): Named, if_match: IfMatch) -> Answer<Noun<Reset>> {
    let id: ResetId = id(&reset)?;
    let ctx = if_match.on::<Reset>(id, ctx);
    Ok(recovery::approve(&ctx, id).await?.into())
}

async fn refuse(ApiCall(ctx): ApiCall, Named(reset): Named, if_match: IfMatch) -> Answer<Noun<Reset>> {
    let id: ResetId = id(&reset)?;
    let ctx = if_match.on::<Reset>(id, ctx);
    Ok(recovery::refuse(&ctx, id).await?.into())
}

impl From<recovery::Way> for CallBackWay {
    fn from(recovery::Way { by, factor, name }: recovery::Way) -> Self {
        Self { by, factor, name }
    }
}
