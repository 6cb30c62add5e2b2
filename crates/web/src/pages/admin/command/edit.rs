//! Writing a command.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use sallyport_api::rest::{CreateCommand, UpdateCommand};
use sallyport_app::{AppError, Ctx, command};
use sallyport_model::{Action, Command, Interpreter, Trigger, id::CommandId};

use super::HERE;
use crate::{
    language::sentence,
    pages::{
        admin::pick::{self, Choice, Kind},
        fields::Fields,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::Shell,
    },
};

#[derive(Template)]
#[template(path = "admin/command_new.html")]
struct NewCommandPage {
    shell: Shell,
    form: CommandForm,
    targets: Targets,
    problem: Option<String>,
}

/// The targets that are chosen in a form, by name.
#[derive(Default)]
pub(super) struct Targets {
    pub(super) devices: Vec<Choice>,
    pub(super) groups: Vec<Choice>,
}

impl Targets {
    pub(super) async fn of(ctx: &Ctx, form: &CommandForm) -> Result<Self, AppError> {
        Ok(Self {
            devices: pick::chosen(ctx, Kind::Devices, &form.devices).await?,
            groups: pick::chosen(ctx, Kind::DeviceGroups, &form.groups).await?,
        })
    }
}

/// What the form holds.
pub(super) struct CommandForm {
    pub(super) name: String,
    pub(super) interpreter: &'static str,
    pub(super) body: String,
    pub(super) run_as: String,
    pub(super) timeout_seconds: String,
    pub(super) environment: String,
    pub(super) on_enrollment: bool,
    pub(super) devices: Vec<String>,
    pub(super) groups: Vec<String>,
}

impl CommandForm {
    pub(super) fn of(command: &Command) -> Self {
        let lines = command.environment.iter().map(|(name, value)| format!("{name}={value}"));
        Self {
            name: command.name.clone(),
            interpreter: super::interpreter(&command.interpreter),
            body: command.body.clone(),
            run_as: command.run_as.clone(),
            timeout_seconds: command.timeout_seconds.to_string(),
            environment: lines.collect::<Vec<_>>().join("\n"),
            on_enrollment: command.trigger == Trigger::OnEnrollment,
            devices: command.devices.iter().map(ToString::to_string).collect(),
            groups: command.groups.iter().map(ToString::to_string).collect(),
        }
    }

    fn given(fields: &Fields) -> Self {
        Self {
            name: fields.text("name"),
            interpreter: super::interpreter(&chosen_interpreter(fields)),
            body: body(fields),
            run_as: fields.text("run_as"),
            timeout_seconds: fields.text("timeout_seconds"),
            environment: fields.raw("environment").to_owned(),
            on_enrollment: chosen_trigger(fields) == Trigger::OnEnrollment,
            devices: fields.list("devices"),
            groups: fields.list("groups"),
        }
    }
}

impl Default for CommandForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            interpreter: super::interpreter(&Interpreter::Sh),
            body: "#!/bin/sh\nset -eu\n".into(),
            run_as: "root".into(),
            timeout_seconds: "600".into(),
            environment: String::new(),
            on_enrollment: false,
            devices: Vec::new(),
            groups: Vec::new(),
        }
    }
}

/// Whoever could not send the form is not shown it.
pub(super) async fn blank(admin: Admin) -> Result<Response, Refusal> {
    admin.0.ctx.allow(Action::WriteCommands)?;
    let (form, targets) = (CommandForm::default(), Targets::default());
    Ok(Page(NewCommandPage { shell: Shell::admin(&admin, HERE), form, targets, problem: None })
        .into_response())
}

pub(super) async fn create(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let input = CreateCommand {
        name: fields.text("name"),
        interpreter: chosen_interpreter(&fields),
        body: body(&fields),
        run_as: fields.optional("run_as"),
        timeout_seconds: fields.number("timeout_seconds"),
        environment: environment(&fields),
        trigger: Some(chosen_trigger(&fields)),
        devices: fields.list("devices"),
        groups: fields.list("groups"),
        run_on_present: fields.ticked("run_on_present"),
    };
    match command::create(ctx, input).await {
        Ok(command) => Ok(Redirect::to(&format!("{HERE}/{}?done=created", command.id)).into_response()),
        Err(error @ (AppError::Invalid { .. } | AppError::Conflict(_))) => {
            let form = CommandForm::given(&fields);
            let page = NewCommandPage {
                shell: Shell::admin(&admin, HERE),
                targets: Targets::of(ctx, &form).await?,
                form,
                problem: Some(sentence(&error.to_string())),
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn update(
    Path(id): Path<CommandId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let input = UpdateCommand {
        name: fields.optional("name"),
        interpreter: Some(chosen_interpreter(&fields)),
        body: Some(body(&fields)),
        run_as: fields.optional("run_as"),
        timeout_seconds: fields.number("timeout_seconds"),
        environment: Some(environment(&fields)),
        trigger: Some(chosen_trigger(&fields)),
        devices: Some(fields.list("devices")),
        groups: Some(fields.list("groups")),
        run_on_present: fields.ticked("run_on_present"),
    };
    command::update(&admin.0.ctx, id, fields.number("version"), input).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}?done=saved")))
}

fn chosen_interpreter(fields: &Fields) -> Interpreter {
    fields.word("interpreter").unwrap_or(Interpreter::Sh)
}

fn chosen_trigger(fields: &Fields) -> Trigger {
    fields.word("trigger").unwrap_or(Trigger::Manual)
}

/// Browsers send line ends as CR LF, which no Unix interpreter takes.
fn body(fields: &Fields) -> String {
    fields.raw("body").replace("\r\n", "\n")
}

/// `NAME=value` in each line.
fn environment(fields: &Fields) -> BTreeMap<String, String> {
    let pair = |line: &String| {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        (name.trim().to_owned(), value.to_owned())
    };
    fields.lines("environment").iter().map(pair).collect()
}
