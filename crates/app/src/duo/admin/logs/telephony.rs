//! The log of texts and calls. A credit is a hundredth of whatever they are paid in.

use sallyport_model::{
    Action, Time,
    id::TelephonyRecordId,
    telephony::{TelephonyContext, TelephonyKind, TelephonyRecord},
};
use sallyport_store::Reader;
use sallyport_wire::duo::{
    Params, Reply,
    admin::{Cursor, Items, LogMetadata, LogRange, Order, TelephonyObject, TelephonyObjectV1},
};
use serde_json::Value;
use uuid::Uuid;

use super::{super::super::DuoError, MOST_AT_ONCE, end_of_v1, first_of_v1, settled, whole_seconds};
use crate::{
    AppError, Ctx,
    telephony::log::{id_at, shown, shows_numbers},
};

pub(super) async fn log(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    ctx.allow(Action::ReadSignIns)?;
    // Clients that say nothing ask for the last 180 days by their own clock, so nothing is refused for being older.
    let range = LogRange::read(params)?;
    let (end, shows_numbers) = (end_of(ctx, range.maxtime), shows_numbers(ctx));
    let items = ctx.read_many(move |reader| read(reader, &range, end, shows_numbers)).await?;
    Ok(Reply::ok(&items))
}

/// A thousand from a time on.
pub(super) async fn first_version(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    ctx.allow(Action::ReadSignIns)?;
    let (first, end) = (id_at(first_of_v1(params)?), id_at(end_of_v1(settled(ctx.now))));
    let shows_numbers = shows_numbers(ctx);
    let found = ctx
        .read_many(move |reader| {
            let mut found = reader.telephony_between(first, end, false, MOST_AT_ONCE + 1)?;
            if let Some(second) = whole_seconds(&mut found, |record| record.at.unix_seconds()) {
                let at = |second| id_at(Time::from_unix_seconds(second));
                found = reader.telephony_between(at(second), at(second + 1), false, i64::MAX)?;
            }
            Ok(found)
        })
        .await?;
    let told: Vec<_> = found.into_iter().map(|record| object_v1(shown(record, shows_numbers))).collect();
    Ok(Reply::ok(&told))
}

/// The end of what is told up to a time in milliseconds.
fn end_of(ctx: &Ctx, maxtime: i64) -> TelephonyRecordId {
    let given = Time(maxtime.saturating_add(1).saturating_mul(1000));
    id_at(given.min(settled(ctx.now)))
}

fn read(
    reader: &mut Reader,
    range: &LogRange,
    end: TelephonyRecordId,
    shows_numbers: bool,
) -> Result<Items<TelephonyObject>, AppError> {
    let first = id_at(Time(range.mintime.saturating_mul(1000)));
    let total = reader.sum_telephony(first, end)?.count;
    let after = range.after.as_ref().map(id_of).transpose()?;
    let (first, end) = match (range.order, after) {
        (Order::OldestFirst, Some(after)) => (first.max(following(after)), end),
        (Order::NewestFirst, Some(after)) => (first, end.min(after)),
        (_, None) => (first, end),
    };
    let limit = usize::try_from(range.limit).unwrap_or(1);
    let fetch = i64::try_from(limit).unwrap_or(1) + 1;
    let mut found = reader.telephony_between(first, end, range.order == Order::NewestFirst, fetch)?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(cursor);
    let items = found.into_iter().map(|record| object(shown(record, shows_numbers))).collect();
    let next_offset = next.map_or(Value::Null, |cursor| cursor.text());
    Ok(Items {
        items,
        metadata: LogMetadata { next_offset, total_objects: u64::try_from(total).unwrap_or(0) },
    })
}

fn following(id: TelephonyRecordId) -> TelephonyRecordId {
    TelephonyRecordId::new(Uuid::from_u128(id.uuid().as_u128().saturating_add(1)))
}

fn id_of(cursor: &Cursor) -> Result<TelephonyRecordId, AppError> {
    let id = Uuid::try_parse(&cursor.id);
    id.map(TelephonyRecordId::new).map_err(|_| AppError::invalid("next_offset", "is none of ours"))
}

fn cursor(record: &TelephonyRecord) -> Cursor {
    Cursor { millis: record.at.0 / 1000, id: record.id.uuid().to_string() }
}

const fn kind(kind: TelephonyKind) -> &'static str {
    match kind {
        TelephonyKind::Call => "phone",
        TelephonyKind::Text => "sms",
    }
}

const fn context(context: TelephonyContext) -> &'static str {
    match context {
        TelephonyContext::Enrollment => "enrollment",
        TelephonyContext::HelpDesk | TelephonyContext::NewNumber => "verify",
        // The protocol knows no notices.
        TelephonyContext::Notice | TelephonyContext::SignIn => "authentication",
    }
}

fn object(record: TelephonyRecord) -> TelephonyObject {
    TelephonyObject {
        telephony_id: record.id.uuid().to_string(),
        ts: record.at.to_string(),
        kind: kind(record.kind),
        phone: record.number,
        context: context(record.context),
        credits: record.price,
        txid: record.sign_in.map(|id| id.uuid().to_string()).unwrap_or_default(),
    }
}

fn object_v1(record: TelephonyRecord) -> TelephonyObjectV1 {
    TelephonyObjectV1 {
        timestamp: record.at.unix_seconds(),
        isotimestamp: record.at.to_string(),
        context: context(record.context),
        kind: kind(record.kind),
        phone: record.number,
        credits: record.price,
    }
}
