//! The logs of changes: the house's audit trail, in the words of the protocol.

use sallyport_model::{Action, Actor, Change, Time, User};
use sallyport_store::{During, Reader};
use sallyport_wire::duo::{
    Params, Reply,
    admin::{ActivityRecord, AdministratorRecord, Cursor, Items, LogMetadata, LogRange, Named, Order, Verb},
};
use serde_json::{Value, json};

use super::{
    super::{
        super::{DuoError, access_device},
        words,
    },
    MOST_AT_ONCE, end_of_v1, first_of_v1, settled, whole_seconds,
};
use crate::{AppError, Ctx, audit};

/// The first version: a thousand from a time on.
pub(super) async fn administrator(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    ctx.allow(Action::ReadAudit)?;
    let during = During {
        first: first_of_v1(params)?,
        last: Time(end_of_v1(settled(ctx.now)).0 - 1),
        newest_first: false,
        past: None,
        limit: MOST_AT_ONCE + 1,
    };
    let changes = ctx
        .read_many(move |reader| {
            let mut changes = reader.changes_during(&during)?;
            if let Some(second) = whole_seconds(&mut changes, |change| change.at.unix_seconds()) {
                let first = Time::from_unix_seconds(second);
                let last = Time(first.0 + 999_999);
                changes = reader.changes_during(&During { first, last, limit: i64::MAX, ..during })?;
            }
            Ok(changes)
        })
        .await?;
    let records: Vec<AdministratorRecord> = changes.iter().map(administrator_record).collect();
    Ok(Reply::ok(&records))
}

fn administrator_record(change: &Change) -> AdministratorRecord {
    AdministratorRecord {
        timestamp: change.at.unix_seconds(),
        isotimestamp: change.at.to_string(),
        username: change.actor.label(),
        action: words::action(&change.subject.noun, change.kind),
        object: Some(change.subject.label.clone()),
        description: Some(description(change)),
    }
}

/// What was done in our own word, and which fields it changed. Values may be about people, so they stay in the audit
/// trail.
fn description(change: &Change) -> String {
    json!({ "verb": change.verb, "fields": audit::changed_fields(change), "id": change.subject.id })
        .to_string()
}

pub(super) async fn activity(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    ctx.allow(Action::ReadAudit)?;
    let range = LogRange::read(params)?;
    let past = range.after.as_ref().map(place_of).transpose()?;
    let limit = usize::try_from(range.limit).unwrap_or(1);
    let during = During {
        first: Time(range.mintime.saturating_mul(1000)),
        last: Time(range.maxtime.saturating_mul(1000).saturating_add(999)).min(settled(ctx.now)),
        newest_first: range.order == Order::NewestFirst,
        past,
        limit: i64::try_from(limit).unwrap_or(1) + 1,
    };
    let (items, next, total) = ctx
        .read_many(move |reader| {
            let mut changes = reader.changes_during(&during)?;
            let more = changes.len() > limit;
            changes.truncate(limit);
            let next = changes.last().filter(|_| more).map(cursor);
            let items: Result<Vec<_>, AppError> =
                changes.iter().map(|change| activity_record(reader, change)).collect();
            Ok((items?, next, reader.count_changes(during.first, during.last)?))
        })
        .await?;
    let next_offset = next.map_or(Value::Null, |cursor| cursor.text());
    let metadata = LogMetadata { next_offset, total_objects: u64::try_from(total).unwrap_or(0) };
    Ok(Reply::ok(&Items { items, metadata }))
}

fn cursor(change: &Change) -> Cursor {
    Cursor { millis: change.at.0 / 1000, id: change.seq.to_string() }
}

fn place_of(cursor: &Cursor) -> Result<i64, AppError> {
    cursor.id.parse().map_err(|_| AppError::invalid("next_offset", "is none of ours"))
}

fn activity_record(reader: &mut Reader, change: &Change) -> Result<ActivityRecord, AppError> {
    Ok(ActivityRecord {
        activity_id: change.seq.to_string(),
        ts: change.at.to_string(),
        action: Verb {
            name: words::action(&change.subject.noun, change.kind),
            details: Some(description(change)),
        },
        actor: actor(reader, &change.actor)?,
        target: Named {
            key: Some(change.subject.id.clone()),
            name: change.subject.label.clone(),
            kind: change.subject.noun.clone(),
            details: None,
        },
        access_device: access_device::at(change.source.clone(), None),
        application: Value::Null,
        akey: String::new(),
    })
}

fn actor(reader: &mut Reader, actor: &Actor) -> Result<Named, AppError> {
    let named = |key: Option<String>, kind: &str| Named {
        key,
        name: actor.label(),
        kind: kind.to_owned(),
        details: None,
    };
    Ok(match actor {
        Actor::Application { id, .. } => named(Some(id.to_string()), "api"),
        Actor::Device { id, .. } => named(Some(id.to_string()), "device"),
        Actor::LocalAdmin => named(None, "admin"),
        Actor::System { .. } => named(None, "system"),
        Actor::Token { id, .. } => named(Some(id.to_string()), "api"),
        Actor::User { id, .. } => {
            let found = reader.find::<User>(*id)?;
            let is_admin = found.as_ref().is_some_and(|user| !user.roles.is_empty());
            let key = found.map_or_else(|| id.to_string(), |user| user.value.duo_id);
            named(Some(key), if is_admin { "admin" } else { "user" })
        }
    })
}
