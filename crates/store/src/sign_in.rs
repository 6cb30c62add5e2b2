//! Sign-ins, and what was asked of a phone in them: kept beside the nouns, and no part of the feed.

use sallyport_model::{
    Challenge, Happening, Span, Time,
    id::{ChallengeId, SignInId, UserId},
    signin::{SignIn, SignInState},
};

use crate::{
    Reader, StoreError, Tx,
    noun::{decode, encode},
    sql::{contains_pattern, exact_pattern},
};

const PUT_SIGN_IN: &str = "INSERT INTO sign_in (id, owner, handle, state, search, doc) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, handle = excluded.handle, state = excluded.state, search = excluded.search, doc = excluded.doc";
const FIND_SIGN_IN: &str = "SELECT id, handle, doc FROM sign_in WHERE id = $1";
const FIND_BY_HANDLE: &str = "SELECT id, handle, doc FROM sign_in WHERE handle = $1";
const LIST_SIGN_INS: &str = "SELECT id, handle, doc FROM sign_in WHERE id < $1 AND search LIKE $2 ESCAPE '!' ORDER BY id DESC LIMIT $3";
/// Looks at so many and no more, for what is asked may be rare.
const FILTER_SIGN_INS: &str = "SELECT id, handle, doc FROM (SELECT id, handle, state, search, doc FROM sign_in WHERE id < $1 AND id >= $2 ORDER BY id DESC LIMIT $3) AS newest WHERE search LIKE $4 ESCAPE '!' AND state LIKE $5 ESCAPE '!' AND doc LIKE $6 ESCAPE '!' ORDER BY id DESC LIMIT $7";
const NTH_SIGN_IN: &str =
    "SELECT id FROM sign_in WHERE id < $1 AND id >= $2 ORDER BY id DESC LIMIT 1 OFFSET $3";
const SIGN_INS_OF: &str =
    "SELECT id, handle, doc FROM sign_in WHERE owner = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const SIGN_INS_SINCE: &str =
    "SELECT id, handle, doc FROM sign_in WHERE id >= $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const SIGN_INS_FROM: &str =
    "SELECT id, handle, doc FROM sign_in WHERE id >= $1 AND id < $2 ORDER BY id LIMIT $3";
const COUNT_SIGN_INS: &str = "SELECT state, COUNT(*), COUNT(DISTINCT owner), COUNT(CASE WHEN doc LIKE $3 THEN 1 END), COUNT(DISTINCT CASE WHEN doc LIKE $3 THEN owner END) FROM sign_in WHERE id >= $1 AND id < $2 GROUP BY state ORDER BY state";
const SWEEP_SIGN_INS: &str = "DELETE FROM sign_in WHERE owner = $1 AND id < $2";
const PUT_CHALLENGE: &str = "INSERT INTO challenge (id, sign_in, owner, kind, created, doc) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc";
const FIND_CHALLENGE: &str = "SELECT id, doc FROM challenge WHERE id = $1";
const CHALLENGE_AT: &str = "SELECT id, doc FROM challenge WHERE sign_in = $1 ORDER BY id DESC LIMIT 1";
const CHALLENGES_OF: &str =
    "SELECT id, doc FROM challenge WHERE owner = $1 AND created >= $2 ORDER BY created DESC, id DESC";
pub(crate) const SWEEP_CHALLENGES: &str = "DELETE FROM challenge WHERE created < $1";
pub(crate) const FORGET_CHALLENGES: &str = "DELETE FROM challenge WHERE owner = $1";

/// Challenges are counted this long after they were made.
pub(crate) const CHALLENGES_KEPT: Span = Span::days(1);

#[cfg(test)]
pub(crate) const QUERIES: &[&str] = &[
    PUT_SIGN_IN,
    FIND_SIGN_IN,
    FIND_BY_HANDLE,
    LIST_SIGN_INS,
    FILTER_SIGN_INS,
    NTH_SIGN_IN,
    SIGN_INS_OF,
    SIGN_INS_SINCE,
    SIGN_INS_FROM,
    COUNT_SIGN_INS,
    SWEEP_SIGN_INS,
    PUT_CHALLENGE,
    FIND_CHALLENGE,
    CHALLENGE_AT,
    CHALLENGES_OF,
    SWEEP_CHALLENGES,
    FORGET_CHALLENGES,
];

/// A sign-in with the hash of the secret its next step must bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSignIn {
    pub sign_in: SignIn,
    /// Empty when nobody may continue it.
    pub handle: String,
}

/// Which sign-ins to show, newest first.
#[derive(Debug, Clone, Default)]
pub struct SignInFilter {
    /// Text that must occur in name, state or address, as typed.
    pub text: String,
    /// Only those in this state.
    pub state: Option<String>,
    /// Only those in whose document this stands, as it is written.
    pub said: String,
    /// Only those with this id or a higher one.
    pub first: Option<SignInId>,
    /// Only those with a lower id.
    pub before: Option<SignInId>,
    /// How many are looked at.
    pub looked_at: i64,
    pub limit: i64,
}

/// How many sign-ins are in a state, and of how many people; and how many of them somebody said were not theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInCount {
    pub state: String,
    pub all: i64,
    pub people: i64,
    pub not_me: i64,
    pub people_not_me: i64,
}

impl Reader {
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn find_sign_in(&mut self, id: &str) -> Result<Option<StoredSignIn>, StoreError> {
        self.query_one(FIND_SIGN_IN, &[id.into()], stored_sign_in)
    }

    /// The sign-in whose next step brings a secret with this hash.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn find_sign_in_by_handle(&mut self, handle: &str) -> Result<Option<StoredSignIn>, StoreError> {
        if handle.is_empty() {
            return Ok(None);
        }
        self.query_one(FIND_BY_HANDLE, &[handle.into()], stored_sign_in)
    }

    /// Sign-ins, newest first, before an id, with a text in them, as typed.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn list_sign_ins(
        &mut self,
        before: Option<&str>,
        text: &str,
        limit: i64,
    ) -> Result<Vec<SignIn>, StoreError> {
        let (before, pattern) = (before.unwrap_or("~"), contains_pattern(text));
        self.query(LIST_SIGN_INS, &[before.into(), (&pattern).into(), limit.max(0).into()], |row| {
            Ok(stored_sign_in(row)?.sign_in)
        })
    }

    /// Those of the newest sign-ins that fit; and where to look further, where not all were looked at.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn filter_sign_ins(
        &mut self,
        filter: &SignInFilter,
    ) -> Result<(Vec<SignIn>, Option<SignInId>), StoreError> {
        let said = |id: Option<SignInId>, end: &str| id.map_or_else(|| end.to_owned(), |id| id.to_string());
        let (before, first) = (said(filter.before, "~"), said(filter.first, ""));
        let state = filter.state.as_ref().map_or_else(|| "%".to_owned(), |state| exact_pattern(state));
        let (text, doc) = (contains_pattern(&filter.text), contains_pattern(&filter.said));
        let params = [
            (&before).into(),
            (&first).into(),
            filter.looked_at.max(1).into(),
            (&text).into(),
            (&state).into(),
            (&doc).into(),
            filter.limit.max(0).into(),
        ];
        let found = self.query(FILTER_SIGN_INS, &params, |row| Ok(stored_sign_in(row)?.sign_in))?;
        let last = [(&before).into(), (&first).into(), (filter.looked_at.max(1) - 1).into()];
        let last = self.query_one(NTH_SIGN_IN, &last, |row| row.text(0))?;
        Ok((found, last.and_then(|id| id.parse().ok())))
    }

    /// One person's sign-ins, newest first.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn sign_ins_of(
        &mut self,
        owner: UserId,
        before: Option<&str>,
        limit: i64,
    ) -> Result<Vec<SignIn>, StoreError> {
        let owner = owner.to_string();
        self.query(
            SIGN_INS_OF,
            &[(&owner).into(), before.unwrap_or("~").into(), limit.max(0).into()],
            |row| Ok(stored_sign_in(row)?.sign_in),
        )
    }

    /// Everybody's sign-ins with ids from `first` on and before an id, newest first; ids rise with time.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn sign_ins_since(
        &mut self,
        first: SignInId,
        before: Option<SignInId>,
        limit: i64,
    ) -> Result<Vec<SignIn>, StoreError> {
        let (first, before) = (first.to_string(), before.map(|id| id.to_string()));
        let before = before.as_deref().unwrap_or("~");
        self.query(SIGN_INS_SINCE, &[(&first).into(), before.into(), limit.max(0).into()], |row| {
            Ok(stored_sign_in(row)?.sign_in)
        })
    }

    /// As [`Self::sign_ins_since`], the oldest first.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn sign_ins_from(
        &mut self,
        first: SignInId,
        before: SignInId,
        limit: i64,
    ) -> Result<Vec<SignIn>, StoreError> {
        let (first, before) = (first.to_string(), before.to_string());
        self.query(SIGN_INS_FROM, &[(&first).into(), (&before).into(), limit.max(0).into()], |row| {
            Ok(stored_sign_in(row)?.sign_in)
        })
    }

    /// How many sign-ins with ids from `first` on and before an id are in each state.
    ///
    /// # Errors
    /// The engine's.
    pub fn count_sign_ins(
        &mut self,
        first: SignInId,
        before: SignInId,
    ) -> Result<Vec<SignInCount>, StoreError> {
        // The list of reasons as it is written; a quoted word of anybody's has no bracket before its quotes.
        const NOT_ME: &str = "%\"reasons\":[\"push_not_me\"%";
        let (first, before) = (first.to_string(), before.to_string());
        self.query(COUNT_SIGN_INS, &[(&first).into(), (&before).into(), NOT_ME.into()], |row| {
            Ok(SignInCount {
                state: row.text(0)?,
                all: row.int(1)?,
                people: row.int(2)?,
                not_me: row.int(3)?,
                people_not_me: row.int(4)?,
            })
        })
    }

    /// # Errors
    /// The engine's, or a damaged row.
    pub fn find_challenge(&mut self, id: ChallengeId) -> Result<Option<Challenge>, StoreError> {
        self.query_one(FIND_CHALLENGE, &[(&id.to_string()).into()], challenge)
    }

    /// The newest challenge of a sign-in.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn challenge_at(&mut self, sign_in: SignInId) -> Result<Option<Challenge>, StoreError> {
        self.query_one(CHALLENGE_AT, &[(&sign_in.to_string()).into()], challenge)
    }

    /// A person's challenges since `first`, the newest first.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn challenges_of(&mut self, owner: UserId, first: Time) -> Result<Vec<Challenge>, StoreError> {
        self.query(CHALLENGES_OF, &[(&owner.to_string()).into(), first.0.into()], challenge)
    }
}

impl Tx<'_> {
    /// Puts a sign-in as it now stands. `handle` is the hash of the secret its next step must bring, empty
    /// when there is no next step.
    ///
    /// # Errors
    /// The engine's.
    pub fn put_sign_in(&mut self, sign_in: &SignIn, handle: &str) -> Result<(), StoreError> {
        let id = sign_in.id.to_string();
        let owner = sign_in.user.map(|user| user.to_string()).unwrap_or_default();
        let doc = encode("sign_in", sign_in)?;
        let mut search = format!(
            "{} {} {}",
            sign_in.name,
            sign_in.state.as_str(),
            sign_in.source.as_deref().unwrap_or_default()
        );
        for reason in &sign_in.reasons {
            search.push(' ');
            search.push_str(reason.as_str());
        }
        let search = sallyport_model::fold(&search);
        let params = [
            (&id).into(),
            (&owner).into(),
            handle.into(),
            sign_in.state.as_str().into(),
            (&search).into(),
            (&doc).into(),
        ];
        self.execute(PUT_SIGN_IN, &params)?;
        // With the end itself, so that nobody who is told of ends misses one.
        if let SignInState::Allowed { at } | SignInState::Denied { at } = sign_in.state {
            self.note_happening(&id, at, &Happening::SignIn(sign_in.clone()))?;
        }
        Ok(())
    }

    /// Puts a challenge as it now stands.
    ///
    /// # Errors
    /// The engine's.
    pub fn put_challenge(&mut self, challenge: &Challenge) -> Result<(), StoreError> {
        let (id, sign_in) = (challenge.id.to_string(), challenge.sign_in.to_string());
        let (owner, doc) = (challenge.user.to_string(), encode("challenge", challenge)?);
        let params = [
            (&id).into(),
            (&sign_in).into(),
            (&owner).into(),
            challenge.kind.as_str().into(),
            challenge.created.0.into(),
            (&doc).into(),
        ];
        self.execute(PUT_CHALLENGE, &params).map(|_| ())
    }

    /// Removes the sign-ins under names nobody has, up to this id; ids rise with time. Anybody can make them.
    ///
    /// # Errors
    /// The engine's.
    pub fn sweep_sign_ins_of_nobody(&mut self, before: SignInId) -> Result<(), StoreError> {
        self.execute(SWEEP_SIGN_INS, &["".into(), (&before.to_string()).into()]).map(|_| ())
    }
}

fn challenge(row: &crate::sql::Row<'_>) -> Result<Challenge, StoreError> {
    decode("challenge", &row.text(0)?, &row.text(1)?)
}

fn stored_sign_in(row: &crate::sql::Row<'_>) -> Result<StoredSignIn, StoreError> {
    let id = row.text(0)?;
    Ok(StoredSignIn { handle: row.text(1)?, sign_in: decode("sign_in", &id, &row.text(2)?)? })
}
