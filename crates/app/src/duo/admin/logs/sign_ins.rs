//! The authentication log: every sign-in that is over and every factor that was enrolled, in the order they began.
//!
//! Whoever reads it from time to time must miss none, so it ends before the oldest sign-in that somebody may still
//! continue: a door stands open for minutes at most.

use std::collections::HashMap;

use sallyport_model::{
    Action, Application, Factor, Span, Time, User,
    id::{ApplicationId, SignInId, UserId},
    signin::{FirstDoor, Reason, Resource, SignIn, SignInState},
};
use sallyport_store::{Edge, Reader};
use sallyport_wire::duo::{
    Params, Reply,
    admin::{
        self, AuthDevice, AuthFilter, AuthLogs, AuthRecord, AuthRecordV1, Cursor, LogMetadata, LogRange,
        LogUser, Order,
    },
    prompt::Unjudged,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    super::{
        super::{DuoError, access_device},
        ids, words,
    },
    MOST_AT_ONCE, end_of_v1,
    enrollments::{Enrollment, Enrollments, millis},
    first_of_v1, settled, whole_seconds,
};
use crate::{
    AppError, Ctx,
    factor::phone,
    signin::{self, SECOND_DOOR_OPEN},
    telephony::log::shows_numbers,
};

/// Sign-ins read at once, and most that are looked at for one answer: a filter that takes few goes on in the next.
const AT_ONCE: i64 = 500;
const MOST_LOOKED_AT: usize = 10_000;

pub(super) async fn authentication(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    ctx.allow(Action::ReadSignIns)?;
    let (range, filter) = (LogRange::read(params)?, AuthFilter::read(params)?);
    // Whoever is not told numbers does not find them by trying either.
    if !filter.phone_numbers.is_empty() && !shows_numbers(ctx) {
        return Err(AppError::invalid("phone_numbers", "is for applications that may read users").into());
    }
    if range.mintime < ctx.now.0 / 1000 - LogRange::OLDEST {
        return Err(AppError::invalid("mintime", "must lie within the past 180 days").into());
    }
    let ctx_now = ctx.now;
    let found = ctx.read_many(move |reader| read(reader, ctx_now, &range, &filter)).await?;
    let next_offset = found.next.map_or(Value::Null, |cursor| cursor.pair());
    let metadata = LogMetadata { next_offset, total_objects: found.total };
    Ok(Reply::ok(&AuthLogs { authlogs: found.records, metadata }))
}

/// The first version: a thousand from a time on.
pub(super) async fn authentication_v1(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    ctx.allow(Action::ReadSignIns)?;
    let (first, now) = (first_of_v1(params)?, ctx.now);
    let found = ctx
        .read_many(move |reader| {
            let settled = Time(millis(settled_until(reader, now)?).saturating_mul(1000));
            let mut found = seconds(reader, now, (first, end_of_v1(settled)), Some(MOST_AT_ONCE + 1))?;
            if let Some(second) = whole_seconds(&mut found, |record| record.timestamp) {
                let at = Time::from_unix_seconds;
                found = seconds(reader, now, (at(second), at(second + 1)), None)?;
            }
            Ok(found)
        })
        .await?;
    Ok(Reply::ok(&found.into_iter().map(AuthRecordV1::from).collect::<Vec<_>>()))
}

/// What there is from one second to another, all of it or so many.
fn seconds(
    reader: &mut Reader,
    now: Time,
    (first, end): (Time, Time),
    most: Option<i64>,
) -> Result<Vec<AuthRecord>, AppError> {
    let (mintime, maxtime) = (first.0 / 1000, end.0 / 1000 - 1);
    let limit = u64::try_from(most.unwrap_or(MOST_AT_ONCE)).unwrap_or(1);
    let mut range = LogRange { mintime, maxtime, limit, order: Order::OldestFirst, after: None };
    let mut records = Vec::new();
    if mintime > maxtime {
        return Ok(records);
    }
    loop {
        let found = read(reader, now, &range, &AuthFilter::default())?;
        records.extend(found.records);
        match found.next {
            Some(next) if most.is_none() => range.after = Some(next),
            Some(_) | None => return Ok(records),
        }
    }
}

struct Found {
    records: Vec<AuthRecord>,
    next: Option<Cursor>,
    total: u64,
}

fn read(reader: &mut Reader, now: Time, range: &LogRange, filter: &AuthFilter) -> Result<Found, AppError> {
    let at = |millis: i64| signin::id_at(Time(millis.saturating_mul(1000)));
    let whole = (at(range.mintime), settled_until(reader, now)?.min(at(range.maxtime.saturating_add(1))));
    let enrolled = Enrollments::between(reader, whole, range.order)?;
    let total = total(reader, whole, enrolled.count())?;
    let after = range.after.as_ref().map(id_of).transpose()?;
    let (mut first, mut end) = match (range.order, after) {
        (Order::OldestFirst, Some(after)) => (whole.0.max(following(after)), whole.1),
        (Order::NewestFirst, Some(after)) => (whole.0, whole.1.min(after)),
        (_, None) => whole,
    };
    let mut enrolled = match enrolled.more {
        // There are more than are read at once, and this part may lie behind those.
        Some(_) if after.is_some() => Enrollments::between(reader, (first, end), range.order)?,
        Some(_) | None => enrolled.within((first, end)),
    };
    match (range.order, enrolled.more) {
        (Order::OldestFirst, Some(more)) => end = end.min(following(more)),
        (Order::NewestFirst, Some(more)) => first = first.max(more),
        (_, None) => {}
    }
    let limit = usize::try_from(range.limit).unwrap_or(1);
    let (mut records, mut looked_at, mut people) = (Vec::new(), 0, People::default());
    loop {
        let batch = match range.order {
            Order::OldestFirst => reader.sign_ins_from(first, end, AT_ONCE)?,
            Order::NewestFirst => reader.sign_ins_since(first, Some(end), AT_ONCE)?,
        };
        let last = batch.last().map(|sign_in| sign_in.id);
        let entries = entries(batch, &mut enrolled);
        looked_at += entries.len();
        for entry in &entries {
            let record = people.record_of(reader, entry)?;
            if !filter.takes(&record) {
                continue;
            }
            if records.len() == limit {
                let next = records.last().map(cursor_of);
                return Ok(Found { records, next, total });
            }
            records.push(record);
        }
        let Some(last) = last else {
            return Ok(Found { records, next: enrolled.more.map(cursor), total });
        };
        match range.order {
            Order::OldestFirst => first = following(last),
            Order::NewestFirst => end = last,
        }
        if looked_at >= MOST_LOOKED_AT {
            return Ok(Found { records, next: Some(cursor(last)), total });
        }
    }
}

/// How much there is from one place to another.
fn total(reader: &mut Reader, whole: (SignInId, SignInId), enrolled: usize) -> Result<u64, AppError> {
    let sign_ins = reader.count_sign_ins(whole.0, whole.1)?.iter().map(|found| found.all).sum::<i64>();
    Ok(u64::try_from(sign_ins).unwrap_or(0) + u64::try_from(enrolled).unwrap_or(0))
}

/// What the log tells of.
enum Entry {
    Enrolled(Box<Enrollment>),
    SignIn(Box<SignIn>),
}

/// Sign-ins with the enrolments between them, in the order of the log; with none left to read, all that are left.
fn entries(batch: Vec<SignIn>, enrolled: &mut Enrollments) -> Vec<Entry> {
    if batch.is_empty() {
        return enrolled.rest().into_iter().map(|found| Entry::Enrolled(Box::new(found))).collect();
    }
    let mut entries = Vec::with_capacity(batch.len());
    for sign_in in batch {
        let before = enrolled.before(sign_in.id);
        entries.extend(before.into_iter().map(|found| Entry::Enrolled(Box::new(found))));
        entries.push(Entry::SignIn(Box::new(sign_in)));
    }
    entries
}

/// The id of the oldest sign-in that somebody may still continue, or one that none has yet.
fn settled_until(reader: &mut Reader, now: Time) -> Result<SignInId, AppError> {
    let mut from = signin::id_at(now.minus(SECOND_DOOR_OPEN).minus(Span::seconds(1)));
    let newest = signin::id_at(settled(now));
    loop {
        let batch = reader.sign_ins_from(from, newest, AT_ONCE)?;
        for sign_in in &batch {
            if is_open(reader, sign_in, now)? {
                return Ok(sign_in.id);
            }
        }
        match batch.last() {
            Some(last) if batch.len() >= usize::try_from(AT_ONCE).unwrap_or(1) => from = following(last.id),
            _ => return Ok(newest),
        }
    }
}

/// Whether anybody holds what continues it.
fn is_open(reader: &mut Reader, sign_in: &SignIn, now: Time) -> Result<bool, AppError> {
    match &sign_in.state {
        SignInState::SecondDoor { until } => Ok(*until >= now && !is_answered(reader, sign_in)?),
        SignInState::FirstDoor => Ok(now.since(sign_in.created) < SECOND_DOOR_OPEN),
        SignInState::Allowed { .. } | SignInState::Denied { .. } => Ok(false),
    }
}

/// An application that asks by itself is answered once, right or wrong, and begins anew; one that sends browsers lets people
/// try again.
fn is_answered(reader: &mut Reader, sign_in: &SignIn) -> Result<bool, AppError> {
    let Resource::Application { application, .. } = &sign_in.resource else { return Ok(false) };
    let was_wrong = matches!(sign_in.reasons.as_slice(), [Reason::FactorWrong | Reason::FactorUsed]);
    if !was_wrong || !matches!(sign_in.first_door, Some(FirstDoor::Vouched { .. })) {
        return Ok(false);
    }
    let application = reader.find::<Application>(*application)?;
    Ok(application.is_none_or(|application| application.redirect_uris.is_empty()))
}

fn following(id: SignInId) -> SignInId {
    SignInId::new(Uuid::from_u128(id.uuid().as_u128().saturating_add(1)))
}

fn id_of(cursor: &Cursor) -> Result<SignInId, AppError> {
    let id = Uuid::try_parse(&cursor.id);
    id.map(SignInId::new).map_err(|_| AppError::invalid("next_offset", "is none of ours"))
}

fn cursor(id: SignInId) -> Cursor {
    Cursor { millis: millis(id), id: id.uuid().to_string() }
}

fn cursor_of(record: &AuthRecord) -> Cursor {
    Uuid::try_parse(&record.txid)
        .map_or_else(|_| Cursor { millis: 0, id: record.txid.clone() }, |id| cursor(SignInId::new(id)))
}

/// Who and what the records of one answer are about, each read once.
#[derive(Default)]
struct People {
    users: HashMap<UserId, Option<(LogUser, Option<String>)>>,
    /// Integration keys, and whether browsers are sent to us.
    applications: HashMap<ApplicationId, (Option<String>, bool)>,
}

impl People {
    fn record_of(&mut self, reader: &mut Reader, entry: &Entry) -> Result<AuthRecord, AppError> {
        match entry {
            Entry::Enrolled(enrolled) => self.enrolled(reader, enrolled),
            Entry::SignIn(sign_in) => self.record(reader, sign_in),
        }
    }

    /// Whoever enrols approves of nothing, so there is no reason.
    fn enrolled(&mut self, reader: &mut Reader, enrolled: &Enrollment) -> Result<AuthRecord, AppError> {
        let Enrollment { change, factor, place } = enrolled;
        let gone = || (LogUser { key: None, name: String::new(), groups: Vec::new() }, None);
        let (user, email) = self.user(reader, factor.user)?.unwrap_or_else(gone);
        let number = phone::number_of(factor).map(ToString::to_string);
        Ok(AuthRecord {
            txid: place.uuid().to_string(),
            timestamp: change.at.unix_seconds(),
            isotimestamp: change.at.to_string(),
            event_type: "enrollment",
            result: "success",
            reason: "",
            factor: words::enrolled(factor),
            alias: String::new(),
            user,
            application: admin::Application { key: None, name: "Sallyport".into() },
            email,
            access_device: access_device::at(change.source.clone(), None),
            auth_device: AuthDevice::new(Some(factor.duo_id.clone()), Some(factor.name.clone()))
                .with_number(number),
            unjudged: Unjudged::default(),
        })
    }

    fn record(&mut self, reader: &mut Reader, sign_in: &SignIn) -> Result<AuthRecord, AppError> {
        let end = words::end(sign_in);
        let known = match sign_in.user {
            Some(id) => self.user(reader, id)?,
            None => None,
        };
        let (user, email) = known
            .unwrap_or_else(|| (LogUser { key: None, name: sign_in.name.clone(), groups: Vec::new() }, None));
        let alias = if user.name == sign_in.name { "" } else { &sign_in.name };
        let auth_device = match &sign_in.second_door {
            Some(passed) => {
                let factor = reader.find::<Factor>(passed.factor)?;
                let number =
                    factor.as_ref().and_then(|factor| phone::number_of(factor)).map(ToString::to_string);
                let (key, name) = factor.map(|factor| (factor.duo_id.clone(), factor.value.name)).unzip();
                let country = passed.country.map(|country| country.to_string());
                AuthDevice::new(key, name).with_number(number).at(passed.source.clone(), country)
            }
            None => AuthDevice::new(None, None),
        };
        let (application, in_browser) = self.application(reader, &sign_in.resource)?;
        Ok(AuthRecord {
            txid: sign_in.id.uuid().to_string(),
            timestamp: sign_in.created.unix_seconds(),
            isotimestamp: sign_in.created.to_string(),
            event_type: "authentication",
            result: end.result,
            reason: end.reason,
            factor: words::factor_of(reader, sign_in)?,
            alias: alias.to_owned(),
            user,
            application,
            email,
            access_device: access_device::of(sign_in, in_browser),
            auth_device,
            unjudged: Unjudged::default(),
        })
    }

    fn user(
        &mut self,
        reader: &mut Reader,
        id: UserId,
    ) -> Result<Option<(LogUser, Option<String>)>, AppError> {
        if let Some(known) = self.users.get(&id) {
            return Ok(known.clone());
        }
        let found = match reader.find::<User>(id)? {
            Some(user) => {
                let mut groups = Vec::new();
                for group in reader.lefts_of(Edge::Member, &id.to_string())? {
                    let group = reader.find::<sallyport_model::Group>(group.parse()?)?;
                    groups.extend(group.map(|group| format!("{} ({})", group.name, ids::of_group(group.id))));
                }
                let told = LogUser { key: Some(user.duo_id.clone()), name: user.name.to_string(), groups };
                Some((told, user.mails.first().map(|mail| mail.address.clone())))
            }
            None => None,
        };
        self.users.insert(id, found.clone());
        Ok(found)
    }

    /// What was signed in to, and whether it sends browsers.
    fn application(
        &mut self,
        reader: &mut Reader,
        resource: &Resource,
    ) -> Result<(admin::Application, bool), AppError> {
        let ours = |name: &str| admin::Application { key: None, name: name.to_owned() };
        Ok(match resource {
            Resource::Api => (ours("Sallyport API"), false),
            Resource::Application { application, name } => {
                let (ikey, in_browser) = match self.applications.get(application) {
                    Some(known) => known.clone(),
                    None => {
                        let found = reader.find::<Application>(*application)?;
                        let in_browser = found.as_ref().is_some_and(|found| !found.redirect_uris.is_empty());
                        let known = (found.map(|application| application.value.ikey), in_browser);
                        self.applications.entry(*application).or_insert(known).clone()
                    }
                };
                (admin::Application { key: ikey, name: name.clone() }, in_browser)
            }
            Resource::DeviceLogin { service, .. } => (ours(service), false),
            Resource::Portal => (ours("Sallyport portal"), false),
        })
    }
}
