//! Event streams: where they go, in which words, and how far each has come.

use askama::Template;
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::{CreateEventStream, UpdateEventStream};
use sallyport_app::{
    Secret,
    event_stream::{self, Shown},
    listing::Listed as _,
};
use sallyport_model::{
    Action, EventStream,
    event::{EventFormat, HttpShape, StreamTarget, SyslogTransport},
    id::EventStreamId,
};

use crate::{
    State,
    pages::{
        fields::Fields,
        filters,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
        table::{Asked, Cell, Column, Filter, Table, TableOf, cell::Part},
    },
};

const HERE: &str = "/admin/event-streams";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/event-streams", get(list).post(create))
        .route("/admin/event-streams.csv", get(export))
        .route("/admin/event-streams/{id}", get(show).post(update))
        .route("/admin/event-streams/{id}/test", post(test))
        .route("/admin/event-streams/{id}/delete", post(delete))
}

#[derive(Template)]
#[template(path = "admin/event_streams.html")]
struct EventStreamsPage {
    shell: Shell,
    table: Table,
    may_manage: bool,
    /// What the form begins with.
    target: Typed,
    format: EventFormat,
}

const TABLE: TableOf<EventStream> = TableOf {
    name: "event-streams",
    path: HERE,
    columns: &[
        Column::new("name", "Name", |stream| Cell::link(format!("{HERE}/{}", stream.id), &*stream.name)),
        Column::new("target", "To", |stream| {
            Cell::text(stream.target.as_str()).with(Part::Code(stream.target.label()))
        }),
        Column::new("format", "Format", |stream| Cell::text(stream.format.as_str())),
        Column::new("state", "State", |stream| Cell::on_or_off(stream.enabled)),
        Column::unusual("id", "Id", |stream| Cell::code(stream.id.to_string())),
    ],
    sorts: EventStream::SORTS,
    usual_sort: "name",
    noun: "event streams",
    empty: "An event stream tells a system that watches (a SIEM) all that happens here: changes, sign-ins with their reasons, sessions \
            that were ended. Nothing is left out while it is away for less than a week.",
    tick: None,
    act: None,
};

#[derive(Template)]
#[template(path = "admin/event_stream.html")]
struct EventStreamPage {
    shell: Shell,
    shown: Shown,
    may_manage: bool,
    target: Typed,
    format: EventFormat,
}

/// A target as the form has it, every field of every kind.
#[derive(Default)]
struct Typed {
    kind: &'static str,
    file: String,
    url: String,
    host: String,
    port: String,
}

impl Typed {
    fn of(target: &StreamTarget) -> Self {
        match target {
            StreamTarget::File { file } => Self { kind: "file", file: file.clone(), ..Self::default() },
            StreamTarget::Http { url, shape } => {
                let kind = match shape {
                    HttpShape::Lines => "lines",
                    HttpShape::Splunk => "splunk",
                };
                Self { kind, url: url.clone(), ..Self::default() }
            }
            StreamTarget::Syslog { host, port, transport } => Self {
                kind: transport.as_str(),
                host: host.clone(),
                port: port.to_string(),
                ..Self::default()
            },
        }
    }

    fn read(fields: &Fields) -> Result<StreamTarget, Refusal> {
        let syslog = |transport| {
            let port = fields.number_if_given("port")?;
            let port = port.ok_or_else(|| Refusal::missing("Say at which port the collector listens."))?;
            Ok(StreamTarget::Syslog { host: fields.text("host"), port, transport })
        };
        match fields.raw("kind") {
            "file" => Ok(StreamTarget::File { file: fields.text("file") }),
            "lines" => Ok(StreamTarget::Http { url: fields.text("url"), shape: HttpShape::Lines }),
            "splunk" => Ok(StreamTarget::Http { url: fields.text("url"), shape: HttpShape::Splunk }),
            "tls" => syslog(SyslogTransport::Tls),
            "tcp" => syslog(SyslogTransport::Tcp),
            "udp" => syslog(SyslogTransport::Udp),
            _ => Err(Refusal::missing("Say where the events go.")),
        }
    }
}

fn secret(fields: &Fields) -> Option<Secret> {
    Some(fields.secret("secret")).filter(|secret| !secret.is_empty())
}

async fn list(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let page = EventStreamsPage {
        shell: Shell::admin(&admin, HERE),
        table: TABLE.table::<EventStream>(ctx, &asked, filters_of(&asked), |noun| noun).await?,
        may_manage: may(ctx, Action::ManageConnectors),
        target: Typed { kind: "tls", ..Typed::default() },
        format: EventFormat::Ocsf,
    };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let (ctx, filters) = (&admin.0.ctx, filters_of(&asked));
    Ok(TABLE.download::<EventStream>(ctx, &asked, &filters, |noun| noun).await?)
}

fn filters_of(asked: &Asked) -> Vec<Filter> {
    vec![Filter::words(asked, "Name or target"), Filter::on_or_off(asked)]
}

async fn create(Posted { who: admin, fields }: Posted<Admin>) -> Result<Redirect, Refusal> {
    let input = CreateEventStream {
        name: fields.text("name"),
        target: Typed::read(&fields)?,
        format: fields.word("format").unwrap_or_default(),
    };
    let made = event_stream::create(&admin.0.ctx, input, secret(&fields)).await?;
    Ok(Redirect::to(&format!("{HERE}/{}?done=created", made.stream.id)))
}

async fn show(admin: Admin, Path(id): Path<EventStreamId>) -> Result<Response, Refusal> {
    let shown = event_stream::show(&admin.0.ctx, id).await?;
    let page = EventStreamPage {
        shell: Shell::admin(&admin, HERE),
        may_manage: may(&admin.0.ctx, Action::ManageConnectors),
        target: Typed::of(&shown.stream.target),
        format: shown.stream.format,
        shown,
    };
    Ok(Page(page).into_response())
}

async fn update(
    Path(id): Path<EventStreamId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let input = UpdateEventStream {
        name: fields.optional("name"),
        target: Some(Typed::read(&fields)?),
        format: fields.word("format"),
        enabled: Some(fields.ticked("enabled")),
    };
    let version = fields.number("version");
    event_stream::update(&admin.0.ctx, id, version, input, secret(&fields)).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}?done=saved")))
}

async fn test(Path(id): Path<EventStreamId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    event_stream::test(&form.who.0.ctx, id).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}?done=stream-tested")))
}

async fn delete(Path(id): Path<EventStreamId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    event_stream::delete(&form.who.0.ctx, id, form.fields.number("version")).await?;
    Ok(Redirect::to("/admin/event-streams?done=deleted"))
}
