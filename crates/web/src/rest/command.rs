//! Commands, and launching them.

use axum::http::StatusCode;
use sallyport_api::rest::{CreateCommand, LaunchCommand, UpdateCommand};
use sallyport_app::{command, run};
use sallyport_model::{Action, Command, Run};

use super::{
    answer::{All, Answer, Created, Noun, PageOf},
    input::{IfMatch, Json, Listing, Named, Parameters},
    route::{Gives, LISTING, Needs::Right, Route, shape},
};
use crate::call::ApiCall;

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Right(Action::ReadRuns), Right(Action::WriteCommands));
    vec![
        Route::get("/commands", list, read, "Lists commands in order of names.")
            .with(&LISTING)
            .gives(Gives::PageOfNouns(shape::<Command>())),
        Route::post("/commands", create, write, "Creates a command.")
            .takes::<CreateCommand>()
            .gives(Gives::Created(shape::<Command>())),
        Route::get("/commands/{command}", show, read, "Shows a command.")
            .gives(Gives::Noun(shape::<Command>())),
        Route::patch("/commands/{command}", update, write, "Changes a command; what is not given stays.")
            .takes::<UpdateCommand>()
            .conditional()
            .gives(Gives::Noun(shape::<Command>())),
        Route::delete(
            "/commands/{command}",
            delete,
            write,
            "Deletes a command and withdraws its queued runs.",
        )
        .conditional(),
        Route::post(
            "/commands/{command}/launch",
            launch,
            Right(Action::LaunchCommands),
            "Runs a command now: one run for each active device.",
        )
        .takes::<LaunchCommand>()
        .gives(Gives::All(shape::<Run>())),
    ]
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(listing): Parameters<Listing>,
) -> Answer<PageOf<Noun<Command>>> {
    Ok(command::list(&ctx, listing.page(&[])?).await?.into())
}

async fn create(ApiCall(ctx): ApiCall, Json(input): Json<CreateCommand>) -> Answer<Created<Noun<Command>>> {
    let command = command::create(&ctx, input).await?;
    Ok(Created { at: format!("/commands/{}", command.id), noun: command.into() })
}

async fn show(ApiCall(ctx): ApiCall, Named(command): Named) -> Answer<Noun<Command>> {
    Ok(command::resolve(&ctx, &command).await?.into())
}

async fn update(
    ApiCall(ctx): ApiCall,
    Named(command): Named,
    IfMatch(version): IfMatch,
    Json(input): Json<UpdateCommand>,
) -> Answer<Noun<Command>> {
    let command = command::resolve(&ctx, &command).await?;
    Ok(command::update(&ctx, command.id, version, input).await?.into())
}

async fn delete(
    ApiCall(ctx): ApiCall,
    Named(command): Named,
    IfMatch(version): IfMatch,
) -> Answer<StatusCode> {
    let command = command::resolve(&ctx, &command).await?;
    command::delete(&ctx, command.id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn launch(
    ApiCall(ctx): ApiCall,
    Named(command): Named,
    Json(input): Json<LaunchCommand>,
) -> Answer<All<Run>> {
    let command = command::resolve(&ctx, &command).await?;
    Ok(run::launch(&ctx, command.id, input).await?.into_iter().collect())
}
