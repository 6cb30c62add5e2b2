//! Commands: what can be run on devices, and launching it.

mod edit;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::LaunchCommand;
use sallyport_app::{
    Versioned, command,
    run::{self, RunFilter},
};
use sallyport_model::{Action, Command, Interpreter, Run, Trigger, id::CommandId};

use crate::{
    State,
    pages::{
        filters,
        guard::{Admin, Posted},
        listing::Wanted,
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
    },
};

const HERE: &str = "/admin/commands";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/commands", get(list).post(edit::create))
        .route("/admin/commands/new", get(edit::blank))
        .route("/admin/commands/{id}", get(show).post(edit::update))
        .route("/admin/commands/{id}/launch", post(launch))
        .route("/admin/commands/{id}/delete", post(delete))
}

#[derive(Template)]
#[template(path = "admin/commands.html")]
struct CommandsPage {
    shell: Shell,
    commands: Vec<Versioned<Command>>,
    wanted: Wanted,
    next: Option<String>,
    may_write: bool,
}

#[derive(Template)]
#[template(path = "admin/command.html")]
struct CommandPage {
    shell: Shell,
    form: edit::CommandForm,
    targets: edit::Targets,
    command: Versioned<Command>,
    runs: Vec<Run>,
    may_write: bool,
    may_launch: bool,
}

const NEWEST_RUNS: usize = 10;

async fn list(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let found = command::list(&admin.0.ctx, wanted.request()).await?;
    let page = CommandsPage {
        shell: Shell::admin(&admin, HERE),
        next: wanted.next(found.next.as_deref()),
        commands: found.items,
        wanted,
        may_write: may(&admin.0.ctx, Action::WriteCommands),
    };
    Ok(Page(page).into_response())
}

async fn show(admin: Admin, Path(id): Path<CommandId>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let command = command::show(ctx, id).await?;
    let filter = RunFilter { command: Some(id), limit: NEWEST_RUNS, ..RunFilter::default() };
    let form = edit::CommandForm::of(&command);
    let page = CommandPage {
        shell: Shell::admin(&admin, HERE),
        targets: edit::Targets::of(ctx, &form).await?,
        form,
        runs: run::list(ctx, filter).await?.items.into_iter().map(|run| run.value).collect(),
        may_write: may(ctx, Action::WriteCommands),
        may_launch: may(ctx, Action::LaunchCommands),
        command,
    };
    Ok(Page(page).into_response())
}

async fn launch(
    Path(id): Path<CommandId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let input = LaunchCommand {
        devices: fields.list("devices"),
        groups: fields.list("groups"),
        expires_in_hours: fields.number("expires_in_hours"),
    };
    let runs = run::launch(&admin.0.ctx, id, input).await?;
    Ok(match runs.as_slice() {
        [one] => Redirect::to(&format!("/admin/runs/{}?done=launched", one.id)),
        [] | [_, _, ..] => Redirect::to(&format!("/admin/runs?command={id}&done=launched")),
    })
}

async fn delete(Path(id): Path<CommandId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    command::delete(&form.who.0.ctx, id, form.fields.number("version")).await?;
    Ok(Redirect::to("/admin/commands?done=deleted"))
}

const fn interpreter(interpreter: &Interpreter) -> &'static str {
    match interpreter {
        Interpreter::Bash => "bash",
        Interpreter::Cmd => "cmd",
        Interpreter::Powershell => "powershell",
        Interpreter::Sh => "sh",
    }
}

pub(super) const fn trigger(trigger: &Trigger) -> &'static str {
    match trigger {
        Trigger::Manual => "by hand",
        Trigger::OnEnrollment => "on enrolment",
    }
}
