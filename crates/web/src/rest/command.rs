//! Commands, and launching them.

use axum::http::StatusCode;
use sallyport_api::rest::{CreateCommand, LaunchCommand, UpdateCommand};
use sallyport_app::{PageRequest, command, run};
use sallyport_model::{Action, Command, Run, Trigger};
use serde::Deserialize;

use super::{
    answer::{All, Answer, Created, Noun, PageOf},
    input::{IfMatch, Json, Named, Parameters, limit},
    route::{Gives, LISTING, Needs::Right, Parameter, ParameterKind, Route, shape},
};
use crate::call::ApiCall;

const TRIGGER: Parameter = Parameter {
    name: "trigger",
    about: "Only those that run `manual`ly or `on_enrollment`.",
    kind: ParameterKind::Text,
};

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Right(Action::ReadRuns), Right(Action::WriteCommands));
    vec![
        Route::get("/commands", list, read, "Lists commands in order of names.")
            .with(&LISTING)
            .with(&[TRIGGER])
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
        .conditional()
        .takes::<LaunchCommand>()
        .gives(Gives::All(shape::<Run>())),
    ]
}

/// A page of commands; what makes them run is to them what its state is to another noun.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    text: String,
    trigger: Option<Trigger>,
    #[serde(default)]
    after: String,
    limit: Option<usize>,
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(wanted): Parameters<Wanted>,
) -> Answer<PageOf<Noun<Command>>> {
    let state = wanted.trigger.map(|trigger| trigger.as_str().to_owned());
    let page = PageRequest { after: wanted.after, text: wanted.text, state, limit: limit(wanted.limit)? };
    Ok(command::list(&ctx, page).await?.into())
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
    if_match: IfMatch,
    Json(input): Json<LaunchCommand>,
) -> Answer<All<Run>> {
    let command = command::resolve(&ctx, &command).await?;
    let ctx = if_match.on::<Command>(command.id, ctx);
    Ok(run::launch(&ctx, command.id, input).await?.into_iter().collect())
}
