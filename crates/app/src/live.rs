//! What an administrator's open page is told: which kinds of things moved, so that it shows them anew, and what ended that
//! this person had begun.
//!
//! A page watches for as long as its session is good. Looking is not using: nobody stays signed in because a page stands
//! open. All that is told was read from the store, so it does not matter which node moved what; the change feed's bell
//! makes it quick where it was this one.

mod ended;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sallyport_model::{
    Action, Connector, Span, Time, User,
    id::{DeviceId, UserId},
};
use sallyport_store::{PageRequest, Reader, Session};
use tokio::sync::watch;

pub use self::ended::Ended;
use crate::{
    AppError, Ctx, Org,
    access_rule::{self, AtAdminPortal},
    session,
};

/// How often is looked for what the feed does not say, or another node did.
const LOOK: Duration = Duration::from_secs(2);
/// What comes in quick succession is told at once.
const GATHER: Duration = Duration::from_millis(700);
/// Most changes looked at in one go.
const MOST_CHANGES: i64 = 1_000;
/// Further back than this nothing is made up for.
const MOST_BEHIND: i64 = 10_000;
const LONGEST_AWAY: Span = Span::hours(1);
/// So many ids of one kind are named; with more, a page shows all of it anew.
const MOST_IDS: usize = 50;
/// So many of the newest sign-ins are looked at: those whose state may still change.
const NEWEST_SIGN_INS: i64 = 20;
/// Pages that watch, of one person and of all on this node.
const MOST_OF_ONE: usize = 6;
const MOST_OF_ALL: usize = 500;

/// What the feed names, and who may hear of it.
const KINDS: [(&str, Action); 20] = [
    ("access_rule", Action::ReadSettings),
    ("alarm", Action::ReadSignIns),
    ("application", Action::ReadDirectory),
    ("binding", Action::ReadDirectory),
    ("command", Action::ReadRuns),
    ("connector", Action::ReadSettings),
    ("device", Action::ReadDirectory),
    ("enrollment_token", Action::EnrollDevices),
    ("event_stream", Action::ReadSettings),
    ("factor", Action::ReadDirectory),
    ("group", Action::ReadDirectory),
    ("hardware_token", Action::ReadDirectory),
    ("policy", Action::ReadSettings),
    ("reset", Action::ManageFactors),
    ("run", Action::ReadRuns),
    ("settings", Action::ReadSettings),
    ("spray", Action::ReadSignIns),
    ("token", Action::ManageTokens),
    ("user", Action::ReadDirectory),
    ("webhook", Action::ReadSettings),
];
/// What is not in the feed.
const SIGN_IN: &str = "sign_in";
const CONNECTOR_RUN: &str = "connector_run";

/// How far a page has been told, as it says itself when it comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    place: i64,
    time: Time,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.place, self.time.0)
    }
}

impl FromStr for Cursor {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (place, time) = text.split_once('.').unwrap_or((text, ""));
        Ok(Self { place: place.parse()?, time: Time(time.parse()?) })
    }
}

/// What a page is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Kinds that moved, with the ids of what did; none where it is not said of which.
    pub moved: BTreeMap<&'static str, BTreeSet<String>>,
    pub ended: Vec<Ended>,
    pub cursor: Cursor,
}

/// The pages that watch on this node.
#[derive(Debug, Clone, Default)]
pub struct Live {
    open: Arc<Mutex<HashMap<UserId, usize>>>,
}

/// A place among them, given back when dropped.
struct Seat {
    live: Live,
    user: UserId,
}

impl Live {
    fn sit_down(&self, user: UserId) -> Option<Seat> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (of_one, of_all) = (open.get(&user).copied().unwrap_or_default(), open.values().sum::<usize>());
        if of_one >= MOST_OF_ONE || of_all >= MOST_OF_ALL {
            return None;
        }
        *open.entry(user).or_default() += 1;
        drop(open);
        Some(Seat { live: self.clone(), user })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.live.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.user);
            }
        }
    }
}

/// How things stood when they were looked at last.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    cursor: Cursor,
    /// The newest sign-ins and runs of connectors with their states.
    sign_ins: Vec<String>,
    connector_runs: Vec<String>,
    connected: BTreeSet<DeviceId>,
}

/// Somebody's open page.
pub struct Watch {
    ctx: Ctx,
    user: User,
    session: Session,
    seen: Option<Seen>,
    after: Option<Cursor>,
    head: watch::Receiver<i64>,
    has_looked: bool,
    /// What was told to have ended: it is found for a while.
    told: BTreeSet<String>,
    _seat: Seat,
}

impl Watch {
    /// Begins to watch, from `after` on if a page was told up to there before.
    ///
    /// # Errors
    /// [`AppError::Busy`] where too many do.
    pub fn begin(ctx: &Ctx, user: User, session: Session, after: Option<Cursor>) -> Result<Self, AppError> {
        let seat = ctx.org.live.sit_down(user.id).ok_or(AppError::Busy)?;
        let head = ctx.org.db.head();
        let (ctx, told) = (ctx.clone(), BTreeSet::new());
        Ok(Self { ctx, user, session, seen: None, after, head, has_looked: false, told, _seat: seat })
    }

    /// Waits for news; none when the page must ask anew who looks at it. May be given up at any time, and nothing is lost.
    ///
    /// # Errors
    /// The store's.
    pub async fn next(&mut self) -> Result<Option<News>, AppError> {
        loop {
            if self.has_looked {
                tokio::time::timeout(LOOK, self.head.changed()).await.ok();
                // A moment, so that what belongs together is told together.
                tokio::time::sleep(GATHER).await;
            }
            self.head.borrow_and_update();
            self.ctx.now = self.ctx.org.clock.now();
            if !self.is_welcome().await? {
                return Ok(None);
            }
            let first = !self.has_looked;
            let mut news = self.look().await?;
            news.ended.retain(|ended| self.told.insert(ended.key()));
            self.has_looked = true;
            // The first answer says from where on the page is told.
            if first || !news.moved.is_empty() || !news.ended.is_empty() {
                return Ok(Some(news));
            }
        }
    }

    async fn is_welcome(&self) -> Result<bool, AppError> {
        if !session::is_good(&self.ctx, &self.session.hash).await? {
            return Ok(false);
        }
        let standing = access_rule::at_admin_portal(&self.ctx, &self.user, &self.session).await?;
        Ok(standing == AtAdminPortal::Open)
    }

    async fn look(&mut self) -> Result<News, AppError> {
        let (ctx, before, after) = (self.ctx.clone(), self.seen.clone(), self.after);
        let (seen, news) = self.ctx.read_many(move |reader| look(reader, &ctx, before, after)).await?;
        self.seen = Some(seen);
        Ok(news)
    }
}

fn look(
    reader: &mut Reader,
    ctx: &Ctx,
    before: Option<Seen>,
    after: Option<Cursor>,
) -> Result<(Seen, News), AppError> {
    let place = reader.place()?.unwrap_or_default();
    let mut seen = Seen {
        cursor: Cursor { place, time: ctx.now },
        sign_ins: sign_ins(reader, ctx)?,
        connector_runs: connector_runs(reader, ctx)?,
        connected: connected(&ctx.org),
    };
    let here = seen.cursor;
    let from = before.as_ref().map(|before| before.cursor).or(after).unwrap_or(here);
    let is_near = (0..=MOST_BEHIND).contains(&place.saturating_sub(from.place))
        && ctx.now.since(from.time) <= LONGEST_AWAY;
    let from = if is_near { from } else { here };
    let mut moved: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    let touched = reader.touched_after(from.place, MOST_CHANGES)?;
    if let Some(last) = touched.last() {
        seen.cursor.place = last.seq;
    }
    for touched in &touched {
        let known = KINDS.iter().find(|(kind, needs)| *kind == touched.noun && ctx.allow(*needs).is_ok());
        if let Some((kind, _)) = known {
            moved.entry(*kind).or_default().insert(touched.id.clone());
        }
    }
    let ended = ended::since(reader, ctx, moved.get("run"), from.time)?;
    moved.values_mut().filter(|ids| ids.len() > MOST_IDS).for_each(BTreeSet::clear);
    if let Some(before) = &before {
        let others = [
            (SIGN_IN, before.sign_ins != seen.sign_ins),
            (CONNECTOR_RUN, before.connector_runs != seen.connector_runs),
            ("device", before.connected != seen.connected && ctx.allow(Action::ReadDirectory).is_ok()),
        ];
        for (kind, _) in others.into_iter().filter(|(_, has_moved)| *has_moved) {
            // Of which is not said: what was named of the kind is not all.
            moved.insert(kind, BTreeSet::new());
        }
    }
    let news = News { moved, ended, cursor: seen.cursor };
    Ok((seen, news))
}

/// Nothing for whoever may not read them, so nothing ever moves.
fn sign_ins(reader: &mut Reader, ctx: &Ctx) -> Result<Vec<String>, AppError> {
    if ctx.allow(Action::ReadSignIns).is_err() {
        return Ok(Vec::new());
    }
    let newest = reader.list_sign_ins(None, "", NEWEST_SIGN_INS)?;
    Ok(newest.iter().map(|sign_in| format!("{} {}", sign_in.id, sign_in.state.as_str())).collect())
}

fn connector_runs(reader: &mut Reader, ctx: &Ctx) -> Result<Vec<String>, AppError> {
    if ctx.allow(Action::ReadSettings).is_err() {
        return Ok(Vec::new());
    }
    let mut newest = Vec::new();
    let page = PageRequest { limit: ended::MOST_CONNECTORS, ..PageRequest::default() };
    for connector in reader.list::<Connector>(&page)?.items {
        for run in reader.export_runs(connector.id, None, 1)? {
            newest.push(format!("{} {}", run.id, run.state.as_str()));
        }
    }
    Ok(newest)
}

fn connected(org: &Org) -> BTreeSet<DeviceId> {
    org.hub.devices().into_iter().collect()
}

/// What another node's clock may be behind.
const OVERLAP: Span = Span::seconds(10);
