//! Event streams: all events, one after the other, to a system that watches: a file, a syslog collector, or HTTP.
//!
//! Each has its own place among the events, moved once the receiver has taken what lies before. So a stream may be stopped
//! anywhere, waits for nobody else, and tells nothing twice but what was taken while our note of it was lost; every event has an
//! id to tell that by.

mod file;
pub(crate) mod send;
#[cfg(test)]
mod tests;

use sallyport_api::rest::{CreateEventStream, UpdateEventStream};
use sallyport_connect::outbound::Url;
use sallyport_crypto::Secret;
use sallyport_model::{
    Action, EventStream, Time,
    event::StreamTarget,
    fold,
    id::EventStreamId,
    name::{display_name, printable},
};
use sallyport_store::{Page, PageRequest, Reader, Versioned};

use crate::{
    AppError, Ctx, Tx,
    event::{self, Standing},
    user::expect_version,
};

/// Kind of the sealed secret that an HTTP collector asks for.
const SECRET: &str = "event_stream_secret";
const LONGEST_SECRET: usize = 4096;
const LONGEST_FILE: usize = 64;

/// Said when the secret was forgotten.
pub const SECRET_FORGOTTEN: &str =
    "The secret was for the target before and is forgotten. Give the new one's.";

/// An event stream, and how it stands.
#[derive(Debug, Clone)]
pub struct Shown {
    pub stream: Versioned<EventStream>,
    pub has_secret: bool,
    pub standing: Standing,
    /// Events that it was not told of yet.
    pub behind: i64,
    /// When the oldest of those happened.
    pub behind_since: Option<Time>,
}

impl Tx<'_, '_> {
    fn stream_to_manage(&mut self, id: EventStreamId) -> Result<Versioned<EventStream>, AppError> {
        self.ctx.allow(Action::ManageConnectors)?;
        self.find::<EventStream>(id)?.ok_or_else(|| AppError::not_found("event stream", id))
    }
}

/// A page of event streams, in order of names.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Page<EventStream>, AppError> {
    ctx.allow(Action::ReadSettings)?;
    ctx.read_many(move |reader| Ok(reader.list::<EventStream>(&page)?)).await
}

/// One event stream by id or name, as people type it.
///
/// # Errors
/// Denied, or no such stream.
pub async fn resolve(ctx: &Ctx, given: &str) -> Result<Versioned<EventStream>, AppError> {
    ctx.allow(Action::ReadSettings)?;
    let given = given.to_owned();
    ctx.read(move |reader| {
        let found = match given.parse::<EventStreamId>() {
            Ok(id) => reader.find::<EventStream>(id)?,
            Err(_) => reader.find_by_key::<EventStream>(&fold(&given))?,
        };
        found.ok_or_else(|| AppError::not_found("event stream", printable(&given, 64)))
    })
    .await
}

/// An event stream, and how it stands.
///
/// # Errors
/// Denied, or no such stream.
pub async fn show(ctx: &Ctx, id: EventStreamId) -> Result<Shown, AppError> {
    ctx.allow(Action::ReadSettings)?;
    ctx.read(move |reader| shown(reader, id)).await
}

fn shown(reader: &mut Reader, id: EventStreamId) -> Result<Shown, AppError> {
    let stream = reader.find::<EventStream>(id)?.ok_or_else(|| AppError::not_found("event stream", id))?;
    let has_secret = reader.find_secret(&id.to_string(), SECRET)?.is_some();
    let (seq, standing) = reader.event_reader::<Standing>(&id.to_string())?.unwrap_or_default();
    let next = reader.events_after(seq, 1)?.into_iter().next();
    let behind_since = next.and_then(|placed| placed.event.ok()).map(|event| event.what.at(event.at));
    let behind = (reader.event_head()? - seq).max(0);
    Ok(Shown { stream, has_secret, standing, behind, behind_since })
}

/// Makes an event stream that is on.
///
/// # Errors
/// Denied, an unusable name or target, or the name is taken.
pub async fn create(ctx: &Ctx, input: CreateEventStream, secret: Option<Secret>) -> Result<Shown, AppError> {
    ctx.allow(Action::ManageConnectors)?;
    let stream = EventStream {
        id: ctx.id(EventStreamId::new)?,
        name: display_name(&input.name)?,
        target: checked(input.target)?,
        format: input.format,
        enabled: true,
        created: ctx.now,
    };
    let secret = secret.filter(|secret| !secret.is_empty());
    check_secret(&stream.target, secret.as_ref())?;
    ctx.write(move |tx| {
        let id = stream.id.to_string();
        one_writer(tx, &stream)?;
        event::begin(tx, &id)?;
        let created = tx.create(stream.clone())?;
        let created = tx.record(created, "create");
        if let Some(secret) = &secret {
            tx.seal_secret(&id, SECRET, secret.expose().as_bytes())?;
        }
        shown(tx, created.id)
    })
    .await
}

/// Changes an event stream; what is not given stays. Without a secret the one before stays, unless it was for another target.
///
/// # Errors
/// Denied, invalid, or changed by somebody else since `version`.
pub async fn update(
    ctx: &Ctx,
    id: EventStreamId,
    version: Option<i64>,
    input: UpdateEventStream,
    secret: Option<Secret>,
) -> Result<Shown, AppError> {
    let name = input.name.as_deref().map(display_name).transpose()?;
    let target = input.target.map(checked).transpose()?;
    let secret = secret.filter(|secret| !secret.is_empty());
    let shown = ctx
        .write(move |tx| {
            let before = tx.stream_to_manage(id)?;
            expect_version(&before, version)?;
            let mut after = before.value.clone();
            after.name = name.clone().unwrap_or(after.name);
            after.target = target.clone().unwrap_or(after.target);
            after.format = input.format.unwrap_or(after.format);
            after.enabled = input.enabled.unwrap_or(after.enabled);
            check_secret(&after.target, secret.as_ref())?;
            one_writer(tx, &after)?;
            let (owner, moved) = (id.to_string(), is_elsewhere(&before.target, &after.target));
            let changed = tx.update(&before, after)?;
            tx.record(changed, "update");
            match &secret {
                Some(secret) => tx.seal_secret(&owner, SECRET, secret.expose().as_bytes())?,
                None if moved => drop(tx.delete_secret(&owner, SECRET)?),
                None => {}
            }
            tx.restand_reader(&owner, |_, standing| standing.retry())?;
            shown(tx, id)
        })
        .await?;
    ctx.org.bells.ring(event::BELL);
    Ok(shown)
}

/// Whether a secret for one of these would be told to somebody else at the other.
fn is_elsewhere(before: &StreamTarget, after: &StreamTarget) -> bool {
    let origin = |target: &StreamTarget| match target {
        StreamTarget::Http { url, .. } => {
            url.parse::<Url>().ok().map(|url| (url.is_secure(), url.host_header()))
        }
        StreamTarget::File { .. } | StreamTarget::Syslog { .. } => None,
    };
    origin(before) != origin(after)
}

/// Deletes an event stream. What it wrote stays where it is.
///
/// # Errors
/// Denied, or changed by somebody else since `version`.
pub async fn delete(ctx: &Ctx, id: EventStreamId, version: Option<i64>) -> Result<(), AppError> {
    ctx.write(move |tx| {
        let before = tx.stream_to_manage(id)?;
        expect_version(&before, version)?;
        let changed = tx.delete(&before)?;
        tx.record(changed, "delete");
        Ok(tx.forget_event_reader(&id.to_string())?)
    })
    .await
}

/// Records a change of the kind `event_stream.test`, which goes the way of all events: if the receiver has it, it has all
/// before it.
///
/// # Errors
/// Denied, no such stream, or it is off.
pub async fn test(ctx: &Ctx, id: EventStreamId) -> Result<(), AppError> {
    ctx.write(move |tx| {
        let stream = tx.stream_to_manage(id)?;
        if !stream.enabled {
            return Err(AppError::Conflict("the event stream is off; switch it on first".into()));
        }
        tx.record_touched(&stream.value, "test");
        tx.restand_reader(&id.to_string(), |_, standing| standing.retry())
    })
    .await?;
    ctx.org.bells.ring(event::BELL);
    Ok(())
}

fn checked(target: StreamTarget) -> Result<StreamTarget, AppError> {
    match target {
        StreamTarget::File { file } => Ok(StreamTarget::File { file: file_name(&file)? }),
        StreamTarget::Http { url, shape } => {
            let parsed: Url = url.trim().parse().map_err(|_| {
                AppError::invalid(
                    "url",
                    "is `https://host[:port]/path`, or `http` to a listed internal address",
                )
            })?;
            Ok(StreamTarget::Http { url: parsed.to_string(), shape })
        }
        StreamTarget::Syslog { host, port, transport } => {
            let host = host.trim().to_ascii_lowercase();
            let written = if host.contains(':') { format!("[{host}]") } else { host.clone() };
            let is_host = !written.contains('@')
                && format!("https://{written}:{port}/").parse::<Url>().is_ok_and(|url| url.host() == host);
            if !is_host {
                return Err(AppError::invalid("host", "is a host name or address, with a port beside it"));
            }
            Ok(StreamTarget::Syslog { host, port, transport })
        }
    }
}

/// A name that leads nowhere else: neither out of the folder nor to a hidden file, nor to one that a turn makes.
fn file_name(given: &str) -> Result<String, AppError> {
    let given = given.trim();
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let fits = (1..=LONGEST_FILE).contains(&given.len()) && given.bytes().all(plain);
    let turned = given.rsplit_once('.').is_some_and(|(_, end)| end.bytes().all(|b| b.is_ascii_digit()));
    if fits && !given.starts_with('.') && !turned {
        return Ok(given.to_owned());
    }
    let reason =
        "is a plain name of letters, digits, `-`, `_` and `.`, such as `events.json`, and ends in no number";
    Err(AppError::invalid("file", reason))
}

fn check_secret(target: &StreamTarget, secret: Option<&Secret>) -> Result<(), AppError> {
    let Some(secret) = secret else { return Ok(()) };
    match target {
        StreamTarget::Http { .. } => {}
        StreamTarget::File { .. } | StreamTarget::Syslog { .. } => {
            return Err(AppError::invalid("secret", "is for HTTP alone"));
        }
    }
    let text = secret.expose();
    if text.len() <= LONGEST_SECRET && text.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(());
    }
    Err(AppError::invalid("secret", "is printable ASCII without blanks"))
}

/// Two streams in one file would stand in each other's way.
fn one_writer(reader: &mut Reader, stream: &EventStream) -> Result<(), AppError> {
    let StreamTarget::File { file } = &stream.target else { return Ok(()) };
    let others = reader.list_all::<EventStream>()?;
    let taken = others.iter().filter(|other| other.id != stream.id).any(|other| match &other.target {
        StreamTarget::File { file: theirs } => theirs.eq_ignore_ascii_case(file),
        StreamTarget::Http { .. } | StreamTarget::Syslog { .. } => false,
    });
    if taken { Err(AppError::invalid("file", "another event stream writes it")) } else { Ok(()) }
}
