//! Event streams: where they go, in which words, and how far each has come.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::{CreateEventStream, UpdateEventStream};
use sallyport_app::{
    Secret, Versioned,
    event_stream::{self, Shown},
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
        listing::Wanted,
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
    },
};

const HERE: &str = "/admin/event-streams";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/event-streams", get(list).post(create))
        .route("/admin/event-streams/{id}", get(show).post(update))
        .route("/admin/event-streams/{id}/test", post(test))
        .route("/admin/event-streams/{id}/delete", post(delete))
}

#[derive(Template)]
#[template(path = "admin/event_streams.html")]
struct EventStreamsPage {
    shell: Shell,
    streams: Vec<Versioned<EventStream>>,
    wanted: Wanted,
    next: Option<String>,
    may_manage: bool,
    /// What the form begins with.
    target: Typed,
    format: EventFormat,
}

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

async fn list(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let found = event_stream::list(&admin.0.ctx, wanted.request()).await?;
    let page = EventStreamsPage {
        shell: Shell::admin(&admin, HERE),
        next: wanted.next(found.next.as_deref()),
        streams: found.items,
        wanted,
        may_manage: may(&admin.0.ctx, Action::ManageConnectors),
        target: Typed { kind: "tls", ..Typed::default() },
        format: EventFormat::Ocsf,
    };
    Ok(Page(page).into_response())
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
