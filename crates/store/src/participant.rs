//! Applications that take part in sessions, as SAML calls it: they were reached from one and want to be told when it ends. Durable,
//! and not part of the feed. Whoever ends a session makes the telling due with the same write.

use sallyport_model::{
    Time,
    id::{ApplicationId, IdError, SessionId, UserId},
};

use crate::{Reader, StoreError, Tx, sql::Row};

const PUT: &str = "INSERT INTO participant (session, application, owner, expires, due, tries, doc) VALUES ($1, $2, $3, $4, 0, 0, $5) ON CONFLICT (session, application) DO UPDATE SET expires = excluded.expires, doc = excluded.doc";
const DUE: &str = "SELECT session, application, owner, due, tries, doc FROM participant WHERE due > 0 AND due <= $1 ORDER BY due, session, application LIMIT $2";
const TAKE: &str =
    "UPDATE participant SET due = $4, tries = tries + 1 WHERE session = $1 AND application = $2 AND due = $3";
const SPARE: &str = "UPDATE participant SET due = 0, tries = 0 WHERE session = $1";
const DELETE: &str = "DELETE FROM participant WHERE session = $1 AND application = $2";
const END: &str = "UPDATE participant SET due = 1 WHERE session = $1 AND due = 0";
const END_OF: &str = "UPDATE participant SET due = 1 WHERE owner = $1 AND session <> $2 AND due = 0";
pub(crate) const END_ALL_OF: &str = "UPDATE participant SET due = 1 WHERE owner = $1 AND due = 0";
pub(crate) const SWEEP: &str = "DELETE FROM participant WHERE expires < $1";

#[cfg(test)]
pub(crate) const QUERIES: &[&str] = &[PUT, DUE, TAKE, SPARE, DELETE, END, END_OF, END_ALL_OF, SWEEP];

/// An application that takes part in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    pub session: SessionId,
    pub application: ApplicationId,
    pub owner: UserId,
    /// When it is to be told that the session has ended; 0 while that goes on.
    pub due: Time,
    /// How often that was tried.
    pub tries: i64,
    /// What it is told by, as JSON.
    pub doc: String,
}

impl Reader {
    /// Those who are to be told by now, the longest due first.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn due_participants(&mut self, now: Time, limit: i64) -> Result<Vec<Participant>, StoreError> {
        self.query(DUE, &[now.0.into(), limit.max(0).into()], participant)
    }
}

impl Tx<'_> {
    /// Notes that an application takes part in a session that ends at `expires` by itself.
    ///
    /// # Errors
    /// The engine's.
    pub fn put_participant(&mut self, new: &Participant, expires: Time) -> Result<(), StoreError> {
        let (session, application) = (new.session.to_string(), new.application.to_string());
        let owner = new.owner.to_string();
        let params =
            [(&session).into(), (&application).into(), (&owner).into(), expires.0.into(), (&new.doc).into()];
        self.execute(PUT, &params).map(|_| ())
    }

    /// Takes one that is due, so that nobody else tells it before `until`; whether it was still to be had.
    ///
    /// # Errors
    /// The engine's.
    pub fn take_participant(&mut self, due: &Participant, until: Time) -> Result<bool, StoreError> {
        let (session, application) = (due.session.to_string(), due.application.to_string());
        let params = [(&session).into(), (&application).into(), due.due.0.into(), until.0.into()];
        Ok(self.execute(TAKE, &params)? == 1)
    }

    /// The session goes on after all, under another secret.
    pub(crate) fn spare_participants(&mut self, session: SessionId) -> Result<(), StoreError> {
        self.execute(SPARE, &[(&session.to_string()).into()]).map(|_| ())
    }

    /// Told, or given up.
    ///
    /// # Errors
    /// The engine's.
    pub fn delete_participant(&mut self, told: &Participant) -> Result<(), StoreError> {
        let (session, application) = (told.session.to_string(), told.application.to_string());
        self.execute(DELETE, &[(&session).into(), (&application).into()]).map(|_| ())
    }

    pub(crate) fn session_has_ended(&mut self, session: SessionId) -> Result<(), StoreError> {
        self.execute(END, &[(&session.to_string()).into()]).map(|_| ())
    }

    /// The sessions of a person have ended, but one.
    pub(crate) fn sessions_have_ended(
        &mut self,
        owner: &str,
        keep: Option<SessionId>,
    ) -> Result<(), StoreError> {
        let keep = keep.map(|keep| keep.to_string()).unwrap_or_default();
        self.execute(END_OF, &[owner.into(), (&keep).into()]).map(|_| ())
    }
}

fn participant(row: &Row<'_>) -> Result<Participant, StoreError> {
    let (session, application, owner) = (row.text(0)?, row.text(1)?, row.text(2)?);
    let damaged = |error: IdError| StoreError::BadRow {
        table: "participant",
        id: session.clone(),
        reason: error.to_string(),
    };
    Ok(Participant {
        session: session.parse().map_err(damaged)?,
        application: application.parse().map_err(damaged)?,
        owner: owner.parse().map_err(damaged)?,
        due: Time(row.int(3)?),
        tries: row.int(4)?,
        doc: row.text(5)?,
    })
}
