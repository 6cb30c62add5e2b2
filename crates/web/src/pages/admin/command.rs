//! Commands: what can be run on devices, and launching it.

mod edit;

use askama::Template;
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::LaunchCommand;
use sallyport_app::{
    Versioned, command,
    listing::Listed as _,
    run::{self, RunFilter},
};
use sallyport_model::{Action, Command, Interpreter, Run, Trigger, id::CommandId};

use crate::{
    State,
    pages::{
        filters,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
        table::{Asked, Cell, Column, Filter, Table, TableOf},
    },
};

const HERE: &str = "/admin/commands";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/commands", get(list).post(edit::create))
        .route("/admin/commands.csv", get(export))
        .route("/admin/commands/new", get(edit::blank))
        .route("/admin/commands/{id}", get(show).post(edit::update))
        .route("/admin/commands/{id}/launch", post(launch))
        .route("/admin/commands/{id}/delete", post(delete))
}

#[derive(Template)]
#[template(path = "admin/commands.html")]
struct CommandsPage {
    shell: Shell,
    table: Table,
    may_write: bool,
}

const TABLE: TableOf<Command> = TableOf {
    name: "commands",
    path: HERE,
    columns: &[
        Column::new("name", "Name", |command| Cell::link(format!("{HERE}/{}", command.id), &*command.name)),
        Column::new("interpreter", "Interpreter", |command| Cell::text(interpreter(&command.interpreter))),
        Column::new("trigger", "Runs", |command| Cell::text(trigger(&command.trigger))),
        Column::new("run_as", "As", |command| Cell::text(&*command.run_as)),
        Column::new("targets", "Targets", |command| {
            Cell::text(format!("{} devices, {} groups", command.devices.len(), command.groups.len()))
        }),
        Column::unusual("id", "Id", |command| Cell::code(command.id.to_string())),
    ],
    sorts: Command::SORTS,
    usual_sort: "name",
    noun: "commands",
    empty: "A command is a small program for devices. Run it by hand and watch what it prints, or let it run once by itself on every \
            device that enrols: that is how the login component is rolled out.",
    tick: None,
    act: None,
};

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

async fn list(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let page = CommandsPage {
        shell: Shell::admin(&admin, HERE),
        table: TABLE.table::<Command>(ctx, &asked, filters_of(&asked), |noun| noun).await?.begin(
            may(ctx, Action::WriteCommands),
            "/admin/commands/new",
            "Write a command",
        ),
        may_write: may(ctx, Action::WriteCommands),
    };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let (ctx, filters) = (&admin.0.ctx, filters_of(&asked));
    Ok(TABLE.download::<Command>(ctx, &asked, &filters, |noun| noun).await?)
}

fn filters_of(asked: &Asked) -> Vec<Filter> {
    vec![
        Filter::words(asked, "Name"),
        Filter::choice(
            asked,
            "state",
            ("Runs", "Run any way"),
            Trigger::ALL.iter().map(|known| (known.as_str(), trigger(known))),
        ),
    ]
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
