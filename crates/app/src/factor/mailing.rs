//! Enrolment links to many people by mail: who would get one is looked at first, then each is sent in the background, and
//! what became of each can be read.
//!
//! A line is taken by whoever sends it in one write, together with its code, so no line is sent twice, whichever node does
//! it and however often the server is started anew. What was being sent when the server stopped is called unknown.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use sallyport_api::rest::{ChoosePeople, InvitationBy};
use sallyport_model::{Action, GroupKind, Span, Time, User, id::UserId, name::printable};
use sallyport_store::{Once, Reader, Throttle, Versioned};
use serde::{Deserialize, Serialize};

use super::{
    enrollment::{EnrollmentCode, LONGEST_ENROLLMENT, has_code},
    invitation::{self, Obstacle},
    opening,
};
use crate::{AppError, Ctx, Tx, group, recovery, user};

/// A mailing, and one of its lines.
const MAILING: &str = "mailing";
const LINE: &str = "mailing_line";
/// How long it can be read what became of it.
const KEPT: Span = Span::days(30);
/// Most people in one.
const MOST: usize = 5000;
/// Lines written in one transaction.
const AT_ONCE: usize = 200;
/// Whoever sends says so line by line; after so long without a word another may go on.
const LEASE: Span = Span::minutes(2);

/// Who would get a link, or why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chosen {
    pub user: UserId,
    pub name: String,
    pub display_name: String,
    /// The address it would go to.
    pub to: Option<String>,
    /// What stands in the way.
    pub obstacle: Option<String>,
}

/// One sending to many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mailing {
    pub id: String,
    /// Who began it.
    pub by: String,
    pub begun: Time,
    /// When the last was sent.
    pub ended: Option<Time>,
    pub total: usize,
}

/// What became of one person's link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    pub user: UserId,
    pub name: String,
    pub state: LineState,
    /// Where it went.
    pub to: Option<String>,
    /// Why it did not, or may not have.
    pub why: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineState {
    /// Nothing was sent.
    Failed,
    /// The server stopped while it was sent.
    Unknown,
    Sending,
    Waiting,
    Sent,
}

impl LineState {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Sending => "sending",
            Self::Waiting => "waiting",
            Self::Sent => "sent",
        }
    }
}

/// Who would get a link, and who cannot. Writes nothing.
///
/// # Errors
/// Denied, nobody was chosen, or too many.
pub async fn preview(ctx: &Ctx, input: ChoosePeople) -> Result<Vec<Chosen>, AppError> {
    ctx.allow(Action::ManageFactors)?;
    let asking = ctx.clone();
    ctx.read_many(move |reader| chosen(reader, &asking, &input)).await
}

/// Sends everybody who can get one a link, in the background. The answer names the mailing.
///
/// # Errors
/// As [`preview`], or nobody of them can get one.
pub async fn begin(ctx: &Ctx, input: ChoosePeople) -> Result<Mailing, AppError> {
    let people = preview(ctx, input).await?;
    let people: Vec<Chosen> = people.into_iter().filter(|chosen| chosen.obstacle.is_none()).collect();
    if people.is_empty() {
        return Err(AppError::Conflict(
            "none of these people can be sent a link; look at the preview".into(),
        ));
    }
    let id = ctx.uuid()?.to_string();
    let expires = ctx.now.plus(KEPT);
    for some in people.chunks(AT_ONCE) {
        let (id, lines) = (id.clone(), some.iter().map(Stored::waiting).collect::<Vec<_>>());
        ctx.write(move |tx| {
            for line in &lines {
                let once = Once { owner: id.clone(), expires, used: None, doc: serde_json::to_string(line)? };
                tx.put_once(LINE, &line.key(&id), &once)?;
            }
            Ok(())
        })
        .await?;
    }
    let head = Head { id: id.clone(), by: ctx.actor().label(), begun: ctx.now, total: people.len() };
    let (doc, key) = (serde_json::to_string(&head)?, id.clone());
    ctx.write(move |tx| {
        let once = Once { owner: MAILING.into(), expires, used: None, doc: doc.clone() };
        tx.put_once(MAILING, &key, &once)?;
        // Nobody else goes on with it while it is begun here.
        lease(tx, &key)
    })
    .await?;
    let sender = Ctx { expected: None, ..ctx.clone() };
    tokio::spawn(async move { work_and_say(&sender, &id).await });
    Ok(head.mailing(None))
}

/// The mailings of the last weeks, the newest first.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx) -> Result<Vec<Mailing>, AppError> {
    ctx.allow(Action::ManageFactors)?;
    ctx.read(|reader| {
        let mut found = heads(reader)?;
        found.sort_by_key(|mailing| std::cmp::Reverse(mailing.begun));
        Ok(found)
    })
    .await
}

/// One mailing with what became of everybody's link: what needs a look first.
///
/// # Errors
/// Denied, or there is none.
pub async fn show(ctx: &Ctx, id: &str) -> Result<(Mailing, Vec<Line>), AppError> {
    ctx.allow(Action::ManageFactors)?;
    let id = id.to_owned();
    ctx.read_many(move |reader| {
        let found = find(reader, &id)?;
        let mut lines = lines(reader, &id)?;
        lines.sort_by(|a, b| (a.state, &a.name).cmp(&(b.state, &b.name)));
        let lines = lines.into_iter().map(|line| Line {
            user: line.user,
            name: line.name,
            state: line.state,
            to: line.to,
            why: line.why,
        });
        Ok((found, lines.collect()))
    })
    .await
}

/// Goes on with what a server that was stopped left behind. Called from time to time.
///
/// # Errors
/// The store's.
pub(crate) async fn resume(ctx: &Ctx) -> Result<(), AppError> {
    let open = ctx
        .write(|tx| {
            let now = tx.ctx.now;
            let mut open = Vec::new();
            for mailing in heads(tx)?.into_iter().filter(|mailing| mailing.ended.is_none()) {
                if tx.throttle(&lease_bucket(&mailing.id))?.until <= now {
                    lease(tx, &mailing.id)?;
                    open.push(mailing.id);
                }
            }
            Ok(open)
        })
        .await?;
    for id in open {
        let ctx = Ctx::system(&ctx.org, "bulk enrolment");
        tokio::spawn(async move { work_and_say(&ctx, &id).await });
    }
    Ok(())
}

async fn work_and_say(ctx: &Ctx, id: &str) {
    if let Err(error) = work(ctx, id).await {
        tracing::error!(%error, mailing = id, "a mailing stopped; it goes on in a few minutes");
    }
}

/// Sends line after line until none is left.
///
/// # Errors
/// The store's.
pub(crate) async fn work(ctx: &Ctx, id: &str) -> Result<(), AppError> {
    let key = id.to_owned();
    let lines = ctx.read_many(move |reader| lines(reader, &key)).await?;
    for line in lines {
        // Times of codes and budgets are those of the line, not of the beginning.
        let ctx = Ctx { now: ctx.org.clock.now(), ..ctx.clone() };
        match line.state {
            LineState::Waiting => send(&ctx, id, line).await?,
            LineState::Sending => lost(&ctx, id, line).await?,
            LineState::Failed | LineState::Sent | LineState::Unknown => {}
        }
    }
    let (key, now) = (id.to_owned(), ctx.org.clock.now());
    ctx.write(move |tx| {
        tx.use_once(MAILING, &key, now)?;
        Ok(tx.delete_throttle(&lease_bucket(&key))?)
    })
    .await
}

async fn send(ctx: &Ctx, id: &str, line: Stored) -> Result<(), AppError> {
    let code = EnrollmentCode::draw(ctx, LONGEST_ENROLLMENT)?;
    let (key, taken) = (id.to_owned(), line.clone());
    let parcel = ctx
        .write(move |tx| {
            lease(tx, &key)?;
            let (person, why) = now_for(tx, taken.user)?;
            let parcel = match (person, why) {
                (Some(person), None) => invitation::prepare(tx, &person, InvitationBy::Mail, &code, false)?,
                (_, Some(why)) => Err(why),
                (None, None) => Err(Obstacle::Gone),
            };
            let next = match &parcel {
                Ok(_) => Stored { state: LineState::Sending, ..taken.clone() },
                Err(why) => taken.failed(why),
            };
            // Another node may have been faster; then this one has issued nothing.
            if !taken.replace(tx, &key, &next)? {
                return Err(AppError::Stale);
            }
            Ok(parcel.ok())
        })
        .await;
    let parcel = match parcel {
        Ok(Some(parcel)) => parcel,
        Ok(None) | Err(AppError::Stale) => return Ok(()),
        Err(error) => return Err(error),
    };
    let sending = Stored { state: LineState::Sending, ..line };
    let next = match parcel.send(ctx).await? {
        Ok(sent) => Stored { state: LineState::Sent, to: Some(sent.to), ..sending.clone() },
        Err(why) => sending.failed(&why),
    };
    note(ctx, id, sending, next).await
}

/// A line that was being sent when somebody stopped.
async fn lost(ctx: &Ctx, id: &str, line: Stored) -> Result<(), AppError> {
    let why = "the server stopped while it was sent, so it may have arrived or not".to_owned();
    let next = Stored { state: LineState::Unknown, why: Some(why), ..line.clone() };
    note(ctx, id, line, next).await
}

async fn note(ctx: &Ctx, id: &str, before: Stored, after: Stored) -> Result<(), AppError> {
    let id = id.to_owned();
    ctx.write(move |tx| before.replace(tx, &id, &after).map(|_| ())).await
}

/// The person as they are now, and what stands in the way by now.
fn now_for(
    tx: &mut Tx<'_, '_>,
    user: UserId,
) -> Result<(Option<Versioned<User>>, Option<Obstacle>), AppError> {
    let Some(person) = tx.find::<User>(user)? else { return Ok((None, Some(Obstacle::Gone))) };
    let ctx = tx.ctx;
    let why = obstacle(tx, ctx, &person)?.err();
    Ok((Some(person), why))
}

/// Where a link would go in a mailing, or why nowhere.
fn obstacle(reader: &mut Reader, ctx: &Ctx, person: &User) -> Result<Result<String, Obstacle>, AppError> {
    match user::allow_taking_over(reader, ctx, person) {
        Ok(()) => {}
        Err(AppError::AboveOwnRights) => return Ok(Err(Obstacle::AboveOwnRights)),
        Err(error) => return Err(error),
    }
    let to = match invitation::destination(reader, person, InvitationBy::Mail)? {
        Ok(to) => to,
        Err(why) => return Ok(Err(why)),
    };
    Ok(if opening::has_own(reader, ctx, person)? {
        Err(Obstacle::HasFactor)
    } else if recovery::guard_of(reader, ctx, person)?.is_some() {
        Err(Obstacle::HadFactor)
    } else if person.dormant {
        Err(Obstacle::Dormant)
    } else if has_code(reader, person, ctx.now)? {
        Err(Obstacle::HasCode)
    } else {
        Ok(to)
    })
}

fn chosen(reader: &mut Reader, ctx: &Ctx, input: &ChoosePeople) -> Result<Vec<Chosen>, AppError> {
    let people = people(reader, ctx, input)?;
    if people.len() > MOST {
        return Err(AppError::Conflict(format!("these are more than {MOST} people; choose a group").into()));
    }
    let mut all = Vec::with_capacity(people.len());
    for person in people {
        let to = obstacle(reader, ctx, &person)?;
        all.push(Chosen {
            user: person.id,
            name: person.name.to_string(),
            display_name: person.display_name.clone(),
            obstacle: to.as_ref().err().map(Obstacle::text),
            to: to.ok(),
        });
    }
    Ok(all)
}

/// Those who are meant, in order of their names. Of all, those whom nothing of theirs lets in as things are set: it may be
/// there and not count any more.
fn people(reader: &mut Reader, ctx: &Ctx, input: &ChoosePeople) -> Result<Vec<Versioned<User>>, AppError> {
    let mut found = match input {
        ChoosePeople { unenrolled: true, group: None, users: None } => {
            let mut without = Vec::new();
            for person in reader.list_all::<User>()? {
                if person.is_active() && !opening::has_own(reader, ctx, &person)? {
                    without.push(person);
                }
            }
            without
        }
        ChoosePeople { unenrolled: false, group: Some(group), users: None } => members(reader, group)?,
        ChoosePeople { unenrolled: false, group: None, users: Some(names) } => named(reader, names)?,
        ChoosePeople { .. } => {
            return Err(AppError::invalid(
                "users",
                "choose all without a factor, or a group, or a list of users",
            ));
        }
    };
    found.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
    Ok(found)
}

fn members(reader: &mut Reader, group: &str) -> Result<Vec<Versioned<User>>, AppError> {
    let group = group::named_of_kind(reader, group, GroupKind::Users)?;
    let mut found = Vec::new();
    for id in reader.members_within(&group.id.to_string())? {
        if let Ok(id) = id.parse::<UserId>()
            && let Some(person) = reader.find::<User>(id)?
        {
            found.push(person);
        }
    }
    Ok(found)
}

fn named(reader: &mut Reader, names: &[String]) -> Result<Vec<Versioned<User>>, AppError> {
    if names.len() > MOST {
        return Err(AppError::invalid("users", format!("at most {MOST}")));
    }
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    for name in names {
        let person = group::named_user(reader, name)?;
        if seen.insert(person.id) {
            found.push(person);
        }
    }
    Ok(found)
}

/// What stands behind a mailing.
#[derive(Serialize, Deserialize)]
struct Head {
    id: String,
    by: String,
    begun: Time,
    total: usize,
}

impl Head {
    fn mailing(self, ended: Option<Time>) -> Mailing {
        Mailing { id: self.id, by: self.by, begun: self.begun, ended, total: self.total }
    }
}

fn heads(reader: &mut Reader) -> Result<Vec<Mailing>, AppError> {
    reader.once_of(MAILING, MAILING)?.iter().map(mailing).collect()
}

/// Those that somebody began and that ended since.
pub(crate) fn ended_since(reader: &mut Reader, by: &str, since: Time) -> Result<Vec<Mailing>, AppError> {
    let mut ended = heads(reader)?;
    ended.retain(|mailing| mailing.by == by && mailing.ended.is_some_and(|at| at > since));
    Ok(ended)
}

fn find(reader: &mut Reader, id: &str) -> Result<Mailing, AppError> {
    let found = reader.find_once(MAILING, id)?;
    found.as_ref().map(mailing).transpose()?.ok_or_else(|| AppError::not_found("mailing", printable(id, 64)))
}

fn mailing(once: &Once) -> Result<Mailing, AppError> {
    Ok(serde_json::from_str::<Head>(&once.doc)?.mailing(once.used))
}

fn lease_bucket(id: &str) -> String {
    format!("mailing {id}")
}

/// Says that this node is at it.
fn lease(tx: &mut Tx<'_, '_>, id: &str) -> Result<(), AppError> {
    let since = tx.ctx.now;
    Ok(tx.put_throttle(&lease_bucket(id), Throttle { failures: 1, since, until: since.plus(LEASE) })?)
}

/// What stands behind a line.
#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    user: UserId,
    name: String,
    state: LineState,
    to: Option<String>,
    why: Option<String>,
}

impl Stored {
    fn waiting(chosen: &Chosen) -> Self {
        let Chosen { user, name, to, .. } = chosen.clone();
        Self { user, name, state: LineState::Waiting, to, why: None }
    }

    fn failed(&self, why: &Obstacle) -> Self {
        Self { state: LineState::Failed, why: Some(why.text()), ..self.clone() }
    }

    fn key(&self, mailing: &str) -> String {
        format!("{mailing} {}", self.user)
    }

    /// Puts another in its place, if it is still as it was.
    fn replace(&self, tx: &mut Tx<'_, '_>, mailing: &str, next: &Self) -> Result<bool, AppError> {
        let (before, after) = (serde_json::to_string(self)?, serde_json::to_string(next)?);
        Ok(tx.note_once(LINE, &self.key(mailing), &before, &after)?)
    }
}

fn lines(reader: &mut Reader, id: &str) -> Result<Vec<Stored>, AppError> {
    reader.once_of(id, LINE)?.iter().map(|once| Ok(serde_json::from_str(&once.doc)?)).collect()
}
