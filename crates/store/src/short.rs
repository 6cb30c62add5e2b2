//! Short-lived state: durable, so that once means once through restarts, but not part of the feed.

use sallyport_model::{
    FactorKind, Span, Time, User,
    id::{ApplicationId, FactorId, SessionId, UserId},
    signin::FirstDoor,
};
use serde::{Deserialize, Serialize};

use crate::{
    Reader, StoreError, Tx,
    noun::{decode, encode},
    overview::FORGET_STANDING,
    participant,
    sign_in::{CHALLENGES_KEPT, FORGET_CHALLENGES, SWEEP_CHALLENGES},
};

const PUT_SESSION: &str = "INSERT INTO session (hash, owner, expires, seen, doc) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
const FIND_SESSION: &str = "SELECT owner, seen, doc FROM session WHERE hash = $1";
const SEE_SESSION: &str = "UPDATE session SET seen = $2 WHERE hash = $1";
const SESSIONS_OF: &str = "SELECT owner, seen, doc FROM session WHERE owner = $1 ORDER BY seen DESC, hash";
const SESSIONS_BY_USE: &str = "SELECT session.owner, session.seen, session.doc, app_user.doc FROM session JOIN app_user ON app_user.id = session.owner WHERE session.expires >= $1 AND (session.seen < $2 OR (session.seen = $2 AND session.hash > $3)) ORDER BY session.seen DESC, session.hash LIMIT $4";
const END_SESSION: &str = "DELETE FROM session WHERE hash = $1";
const END_SESSIONS_OF: &str = "DELETE FROM session WHERE owner = $1 AND hash <> $2";
const SWEEP_SESSIONS: &str = "DELETE FROM session WHERE expires < $1";
const FIND_THROTTLE: &str = "SELECT failures, since, until FROM throttle WHERE bucket = $1";
const PUT_THROTTLE: &str = "INSERT INTO throttle (bucket, failures, since, until) VALUES ($1, $2, $3, $4) ON CONFLICT (bucket) DO UPDATE SET failures = excluded.failures, since = excluded.since, until = excluded.until";
const DELETE_THROTTLE: &str = "DELETE FROM throttle WHERE bucket = $1";
const DELETE_THROTTLES: &str = "DELETE FROM throttle WHERE bucket >= $1 AND bucket < $2";
const LATEST_THROTTLE: &str =
    "SELECT COALESCE(MAX(until), 0) FROM throttle WHERE bucket >= $1 AND bucket < $2";
const SWEEP_THROTTLES: &str = "DELETE FROM throttle WHERE until < $1 AND since < $2";
const PUT_ONCE: &str = "INSERT INTO once (kind, hash, owner, expires, used, doc) VALUES ($1, $2, $3, $4, NULL, $5) ON CONFLICT DO NOTHING";
const USE_ONCE: &str =
    "UPDATE once SET used = $3 WHERE kind = $1 AND hash = $2 AND used IS NULL AND expires >= $3";
const NOTE_ONCE: &str = "UPDATE once SET doc = $4 WHERE kind = $1 AND hash = $2 AND doc = $3";
const FIND_ONCE: &str = "SELECT owner, expires, used, doc FROM once WHERE kind = $1 AND hash = $2";
const ONCE_OF: &str = "SELECT owner, expires, used, doc FROM once WHERE owner = $1 AND kind = $2";
const REPLACE_ONCE: &str =
    "UPDATE once SET owner = $3, expires = $4, doc = $5 WHERE kind = $1 AND hash = $2 AND used IS NULL";
const DELETE_ONCE: &str = "DELETE FROM once WHERE kind = $1 AND hash = $2";
const VOID_ONCE: &str = "DELETE FROM once WHERE owner = $1 AND kind = $2";
const VOID_UNUSED: &str = "DELETE FROM once WHERE owner = $1 AND kind = $2 AND used IS NULL";
const SWEEP_ONCE: &str = "DELETE FROM once WHERE expires < $1";
const RAISE_COUNTER: &str = "INSERT INTO counter (owner, kind, value) VALUES ($1, $2, $3) ON CONFLICT (owner, kind) DO UPDATE SET value = excluded.value WHERE counter.value < excluded.value";
const FIND_COUNTER: &str = "SELECT value FROM counter WHERE owner = $1 AND kind = $2";
const FIND_STATUS: &str =
    "SELECT seen, epoch, n, digest, report, inventory FROM device_status WHERE device = $1";
const PUT_STATUS: &str = "INSERT INTO device_status (device, seen, epoch, n, digest, report, inventory) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (device) DO UPDATE SET seen = excluded.seen, epoch = excluded.epoch, n = excluded.n, digest = excluded.digest, report = excluded.report, inventory = excluded.inventory";
const PUT_RUN_EVENT: &str =
    "INSERT INTO run_event (run, seq, doc) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const RUN_EVENTS: &str = "SELECT doc FROM run_event WHERE run = $1 AND seq > $2 ORDER BY seq LIMIT $3";
const LAST_RUN_EVENT: &str = "SELECT seq FROM run_event WHERE run = $1 ORDER BY seq DESC LIMIT 1";
const FORGET_SESSIONS: &str = "DELETE FROM session WHERE owner = $1";
const FORGET_ONCE: &str = "DELETE FROM once WHERE owner = $1";
const FORGET_COUNTERS: &str = "DELETE FROM counter WHERE owner = $1";
const FORGET_STATUS: &str = "DELETE FROM device_status WHERE device = $1";
const FORGET_RUN_EVENTS: &str = "DELETE FROM run_event WHERE run = $1";

/// What a noun leaves behind when it is deleted.
pub(crate) const FORGET: [&str; 8] = [
    participant::END_ALL_OF,
    FORGET_SESSIONS,
    FORGET_ONCE,
    FORGET_COUNTERS,
    FORGET_STATUS,
    FORGET_STANDING,
    FORGET_RUN_EVENTS,
    FORGET_CHALLENGES,
];

/// Failures that nobody is held back for any more are remembered this long after the first of them.
const FAILURES_KEPT: Span = Span::days(1);

#[cfg(test)]
pub(crate) const QUERIES: &[&str] = &[
    PUT_SESSION,
    FIND_SESSION,
    SEE_SESSION,
    SESSIONS_OF,
    SESSIONS_BY_USE,
    END_SESSION,
    END_SESSIONS_OF,
    SWEEP_SESSIONS,
    FIND_THROTTLE,
    PUT_THROTTLE,
    DELETE_THROTTLE,
    DELETE_THROTTLES,
    LATEST_THROTTLE,
    SWEEP_THROTTLES,
    PUT_ONCE,
    USE_ONCE,
    NOTE_ONCE,
    FIND_ONCE,
    ONCE_OF,
    REPLACE_ONCE,
    DELETE_ONCE,
    VOID_ONCE,
    VOID_UNUSED,
    SWEEP_ONCE,
    RAISE_COUNTER,
    FIND_COUNTER,
    FIND_STATUS,
    PUT_STATUS,
    PUT_RUN_EVENT,
    RUN_EVENTS,
    LAST_RUN_EVENT,
    FORGET_SESSIONS,
    FORGET_ONCE,
    FORGET_COUNTERS,
    FORGET_STATUS,
    FORGET_RUN_EVENTS,
];

/// A second door that was passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proved {
    pub kind: FactorKind,
    pub factor: FactorId,
    pub at: Time,
    /// From which network.
    pub network: String,
}

/// A signed-in browser, or program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Hash of the secret in the browser's cookie, or in the program's header.
    pub hash: String,
    pub user: UserId,
    /// What it is called to applications: it stays the same when the secret is replaced. None in sessions from before there
    /// was one, which reach no application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<SessionId>,
    /// How the first door was passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_door: Option<FirstDoor>,
    /// The second doors that were passed in it, the latest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<Proved>,
    /// Whether a program brings the secret in a header, and no browser in a cookie.
    #[serde(default)]
    pub bearer: bool,
    /// The application it was opened for, by whose policy. None in what was opened at the portal, or was let in there since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_for: Option<ApplicationId>,
    /// Whether the second door was passed, or policy asked for none.
    pub both_doors: bool,
    /// The person's credential epoch at the time; another one now means the session is dead.
    pub epoch: i64,
    /// The networks the second door was passed from, the latest last.
    #[serde(default)]
    pub networks: Vec<String>,
    /// Token that forms carry against forgery.
    pub form_token: String,
    pub source: Option<String>,
    pub user_agent: String,
    pub created: Time,
    /// When the second door was passed last, once more after it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proved: Option<Time>,
    pub expires: Time,
    /// Last use, about.
    #[serde(skip)]
    pub seen: Time,
}

/// How often something failed lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Throttle {
    pub failures: i64,
    /// When the first of them was.
    pub since: Time,
    /// Nothing is tried before.
    pub until: Time,
}

/// Something that is good once, such as a bypass code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    pub owner: String,
    pub expires: Time,
    pub used: Option<Time>,
    /// What it stands for, as JSON.
    pub doc: String,
}

/// What is known of a device from itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceStatus {
    pub seen: Time,
    /// The desired state's number.
    pub epoch: i64,
    pub n: i64,
    /// Digest of the desired state with that number.
    pub digest: String,
    /// The last report, as JSON.
    pub report: Option<String>,
    /// The last inventory, as JSON.
    pub inventory: Option<String>,
}

impl Reader {
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn find_session(&mut self, hash: &str) -> Result<Option<Session>, StoreError> {
        self.query_one(FIND_SESSION, &[hash.into()], session)
    }

    /// A person's sessions, the last used first.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn sessions_of(&mut self, owner: UserId) -> Result<Vec<Session>, StoreError> {
        self.query(SESSIONS_OF, &[(&owner.to_string()).into()], session)
    }

    /// Everybody's sessions that have not expired, the last used first, with whom they are of: those after `after` (last use
    /// and hash).
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn sessions_by_use(
        &mut self,
        now: Time,
        after: Option<(Time, &str)>,
        limit: i64,
    ) -> Result<Vec<(Session, User)>, StoreError> {
        let (seen, hash) = after.unwrap_or((Time(i64::MAX), ""));
        let params = [now.0.into(), seen.0.into(), hash.into(), limit.max(0).into()];
        self.query(SESSIONS_BY_USE, &params, |row| {
            Ok((session(row)?, decode("app_user", row.str(0)?, row.str(3)?)?))
        })
    }

    /// # Errors
    /// The engine's.
    pub fn throttle(&mut self, bucket: &str) -> Result<Throttle, StoreError> {
        let found = self.query_one(FIND_THROTTLE, &[bucket.into()], |row| {
            Ok(Throttle { failures: row.int(0)?, since: Time(row.int(1)?), until: Time(row.int(2)?) })
        })?;
        Ok(found.unwrap_or_default())
    }

    /// Until when the longest of all those holds whose bucket begins so; long ago if there is none.
    ///
    /// # Errors
    /// The engine's.
    pub fn latest_throttle(&mut self, beginning: &str) -> Result<Time, StoreError> {
        let end = end_of(beginning);
        let params = [beginning.into(), (&end).into()];
        let found = self.query_one(LATEST_THROTTLE, &params, |row| Ok(Time(row.int(0)?)))?;
        Ok(found.unwrap_or(Time(0)))
    }

    /// # Errors
    /// The engine's.
    pub fn find_once(&mut self, kind: &str, hash: &str) -> Result<Option<Once>, StoreError> {
        self.query_one(FIND_ONCE, &[kind.into(), hash.into()], once)
    }

    /// Everything of one kind that an owner has, in no order.
    ///
    /// # Errors
    /// The engine's.
    pub fn once_of(&mut self, owner: &str, kind: &str) -> Result<Vec<Once>, StoreError> {
        self.query(ONCE_OF, &[owner.into(), kind.into()], once)
    }

    /// The value of a counter that only rises.
    ///
    /// # Errors
    /// The engine's.
    pub fn counter(&mut self, owner: &str, kind: &str) -> Result<Option<i64>, StoreError> {
        self.query_one(FIND_COUNTER, &[owner.into(), kind.into()], |row| row.int(0))
    }

    /// # Errors
    /// The engine's.
    pub fn device_status(&mut self, device: &str) -> Result<DeviceStatus, StoreError> {
        let found = self.query_one(FIND_STATUS, &[device.into()], |row| {
            Ok(DeviceStatus {
                seen: Time(row.int(0)?),
                epoch: row.int(1)?,
                n: row.int(2)?,
                digest: row.text(3)?,
                report: row.optional_text(4)?,
                inventory: row.optional_text(5)?,
            })
        })?;
        Ok(found.unwrap_or_default())
    }

    /// What a run has said after place `after`, as JSON, in order.
    ///
    /// # Errors
    /// The engine's.
    pub fn run_events(&mut self, run: &str, after: i64, limit: i64) -> Result<Vec<String>, StoreError> {
        self.query(RUN_EVENTS, &[run.into(), after.into(), limit.max(0).into()], |row| row.text(0))
    }

    /// The last place of a run's events; 0 if it has said nothing.
    ///
    /// # Errors
    /// The engine's.
    pub fn last_run_event(&mut self, run: &str) -> Result<i64, StoreError> {
        Ok(self.query_one(LAST_RUN_EVENT, &[run.into()], |row| row.int(0))?.unwrap_or(0))
    }
}

impl Tx<'_> {
    /// # Errors
    /// [`StoreError::Taken`] when there is one with this hash.
    pub fn put_session(&mut self, session: &Session) -> Result<(), StoreError> {
        let (owner, doc) = (session.user.to_string(), encode("session", session)?);
        let params = [
            (&session.hash).into(),
            (&owner).into(),
            session.expires.0.into(),
            session.seen.0.into(),
            (&doc).into(),
        ];
        if self.execute(PUT_SESSION, &params)? == 0 {
            return Err(StoreError::Taken { table: "session", key: owner });
        }
        // One that goes on under another secret has not ended.
        match session.id {
            Some(id) => self.spare_participants(id),
            None => Ok(()),
        }
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// The engine's.
    pub fn see_session(&mut self, hash: &str, now: Time) -> Result<(), StoreError> {
        self.execute(SEE_SESSION, &[hash.into(), now.0.into()]).map(|_| ())
    }

    /// # Errors
    /// The engine's.
    pub fn end_session(&mut self, hash: &str) -> Result<(), StoreError> {
        if let Some(id) = self.find_session(hash)?.and_then(|session| session.id) {
            self.session_has_ended(id)?;
        }
        self.execute(END_SESSION, &[hash.into()]).map(|_| ())
    }

    /// Ends a person's sessions but the one with hash `keep`, if any; how many ended.
    ///
    /// # Errors
    /// The engine's.
    pub fn end_sessions_of(&mut self, owner: UserId, keep: Option<&str>) -> Result<u64, StoreError> {
        let kept = match keep {
            Some(hash) => self.find_session(hash)?.and_then(|session| session.id),
            None => None,
        };
        let owner = owner.to_string();
        self.sessions_have_ended(&owner, kept)?;
        let params = [(&owner).into(), keep.unwrap_or("").into()];
        self.execute(END_SESSIONS_OF, &params)
    }

    /// # Errors
    /// The engine's.
    pub fn put_throttle(&mut self, bucket: &str, throttle: Throttle) -> Result<(), StoreError> {
        let params =
            [bucket.into(), throttle.failures.into(), throttle.since.0.into(), throttle.until.0.into()];
        self.execute(PUT_THROTTLE, &params).map(|_| ())
    }

    /// # Errors
    /// The engine's.
    pub fn delete_throttle(&mut self, bucket: &str) -> Result<(), StoreError> {
        self.execute(DELETE_THROTTLE, &[bucket.into()]).map(|_| ())
    }

    /// Deletes all whose bucket begins so.
    ///
    /// # Errors
    /// The engine's.
    pub fn delete_throttles(&mut self, beginning: &str) -> Result<(), StoreError> {
        self.execute(DELETE_THROTTLES, &[beginning.into(), (&end_of(beginning)).into()]).map(|_| ())
    }

    /// Puts something that is good once. `hash` is of the secret that redeems it.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when it exists.
    pub fn put_once(&mut self, kind: &'static str, hash: &str, once: &Once) -> Result<(), StoreError> {
        let params =
            [kind.into(), hash.into(), (&once.owner).into(), once.expires.0.into(), (&once.doc).into()];
        if self.execute(PUT_ONCE, &params)? == 0 {
            return Err(StoreError::Taken { table: "once", key: kind.into() });
        }
        Ok(())
    }

    /// Redeems it: one compare-and-set, so that of any number of callers one is told `true`.
    ///
    /// # Errors
    /// The engine's.
    pub fn use_once(&mut self, kind: &str, hash: &str, now: Time) -> Result<bool, StoreError> {
        Ok(self.execute(USE_ONCE, &[kind.into(), hash.into(), now.0.into()])? == 1)
    }

    /// Changes what it stands for, if that is still what it was; whether it was.
    ///
    /// # Errors
    /// The engine's.
    pub fn note_once(
        &mut self,
        kind: &str,
        hash: &str,
        before: &str,
        after: &str,
    ) -> Result<bool, StoreError> {
        Ok(self.execute(NOTE_ONCE, &[kind.into(), hash.into(), before.into(), after.into()])? == 1)
    }

    /// Says something else of it; `false` if it is gone or redeemed.
    ///
    /// # Errors
    /// The engine's.
    pub fn replace_once(&mut self, kind: &str, hash: &str, once: &Once) -> Result<bool, StoreError> {
        let params =
            [kind.into(), hash.into(), (&once.owner).into(), once.expires.0.into(), (&once.doc).into()];
        Ok(self.execute(REPLACE_ONCE, &params)? == 1)
    }

    /// Removes it; `false` if it is gone already.
    ///
    /// # Errors
    /// The engine's.
    pub fn delete_once(&mut self, kind: &str, hash: &str) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE_ONCE, &[kind.into(), hash.into()])? == 1)
    }

    /// Voids everything of one kind that an owner has.
    ///
    /// # Errors
    /// The engine's.
    pub fn void_once(&mut self, owner: &str, kind: &str) -> Result<(), StoreError> {
        self.execute(VOID_ONCE, &[owner.into(), kind.into()]).map(|_| ())
    }

    /// Voids everything of one kind that an owner has and that nobody redeemed; what was is still told of.
    ///
    /// # Errors
    /// The engine's.
    pub fn void_unused_once(&mut self, owner: &str, kind: &str) -> Result<(), StoreError> {
        self.execute(VOID_UNUSED, &[owner.into(), kind.into()]).map(|_| ())
    }

    /// Raises a counter to `value`; `false` if it stands there or higher already.
    ///
    /// # Errors
    /// The engine's.
    pub fn raise_counter(&mut self, owner: &str, kind: &str, value: i64) -> Result<bool, StoreError> {
        Ok(self.execute(RAISE_COUNTER, &[owner.into(), kind.into(), value.into()])? == 1)
    }

    /// # Errors
    /// The engine's.
    pub fn put_device_status(&mut self, device: &str, status: &DeviceStatus) -> Result<(), StoreError> {
        let params = [
            device.into(),
            status.seen.0.into(),
            status.epoch.into(),
            status.n.into(),
            (&status.digest).into(),
            status.report.as_ref().into(),
            status.inventory.as_ref().into(),
        ];
        self.execute(PUT_STATUS, &params).map(|_| ())
    }

    /// Puts what a run said at place `seq`; a repetition changes nothing.
    ///
    /// # Errors
    /// The engine's.
    pub fn put_run_event(&mut self, run: &str, seq: i64, doc: &str) -> Result<(), StoreError> {
        self.execute(PUT_RUN_EVENT, &[run.into(), seq.into(), doc.into()]).map(|_| ())
    }

    /// Removes what has expired. Failures count for a day, so that sweeping gives nobody fresh attempts.
    ///
    /// # Errors
    /// The engine's.
    pub fn sweep(&mut self, now: Time) -> Result<(), StoreError> {
        self.execute(SWEEP_SESSIONS, &[now.0.into()])?;
        self.execute(SWEEP_ONCE, &[now.0.into()])?;
        self.execute(participant::SWEEP, &[now.0.into()])?;
        self.execute(SWEEP_CHALLENGES, &[now.minus(CHALLENGES_KEPT).0.into()])?;
        self.execute(SWEEP_THROTTLES, &[now.0.into(), now.minus(FAILURES_KEPT).0.into()])?;
        Ok(())
    }
}

/// A damaged session is named by its owner: even the hash of its secret does not belong into logs.
fn session(row: &crate::sql::Row<'_>) -> Result<Session, StoreError> {
    let mut session: Session = decode("session", &row.text(0)?, &row.text(2)?)?;
    session.seen = Time(row.int(1)?);
    Ok(session)
}

fn once(row: &crate::sql::Row<'_>) -> Result<Once, StoreError> {
    Ok(Once {
        owner: row.text(0)?,
        expires: Time(row.int(1)?),
        used: row.optional_int(2)?.map(Time),
        doc: row.text(3)?,
    })
}

/// Behind everything that begins so: both engines compare by bytes, and nothing comes behind the last sign there is.
fn end_of(beginning: &str) -> String {
    format!("{beginning}{}", char::MAX)
}
