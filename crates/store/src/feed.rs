//! The change feed: ordered, gapless, read by every projection from its own cursor.
//!
//! The place of a change comes from the one row of `feed_head`, which a transaction updates last. The row's
//! lock is held until the commit, so places become visible in order and a reader that has seen place *n* will
//! never find a lower one later.

use sallyport_model::{Time, change::Change};

use crate::{
    Reader, StoreError, Tx,
    conn::Place,
    noun::{damaged, decode, encode},
    sql::contains_pattern,
    tx::Draft,
};

const HEAD: &str = "SELECT seq FROM feed_head WHERE id = 1";
const ADVANCE: &str = "UPDATE feed_head SET seq = seq + $1 WHERE id = 1 RETURNING seq";
const APPEND: &str = "INSERT INTO change (seq, at, noun, subject, search, doc) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
const AFTER: &str = "SELECT seq, doc FROM change WHERE seq > $1 ORDER BY seq LIMIT $2";
const SUBJECTS: &str = "SELECT seq, noun, subject FROM change WHERE seq > $1 ORDER BY seq LIMIT $2";
const AFTER_OF_NOUN: &str =
    "SELECT seq, doc FROM change WHERE seq > $1 AND seq <= $2 AND noun = $3 ORDER BY seq";
const NEWEST: &str =
    "SELECT seq, doc FROM change WHERE seq < $1 AND search LIKE $2 ESCAPE '!' ORDER BY seq DESC LIMIT $3";
const NEWEST_OF: &str = "SELECT seq, doc FROM change WHERE subject = $1 AND seq < $2 AND search LIKE $3 ESCAPE '!' ORDER BY seq DESC LIMIT $4";
const DURING: &str =
    "SELECT seq, doc FROM change WHERE at >= $1 AND at <= $2 AND seq > $3 ORDER BY seq LIMIT $4";
const DURING_BACKWARDS: &str =
    "SELECT seq, doc FROM change WHERE at >= $1 AND at <= $2 AND seq < $3 ORDER BY seq DESC LIMIT $4";
const OF_NOUN: &str = "SELECT seq, doc FROM change WHERE at >= $1 AND at <= $2 AND seq > $3 AND noun = $4 AND doc LIKE $5 ESCAPE '!' ORDER BY seq LIMIT $6";
const OF_NOUN_BACKWARDS: &str = "SELECT seq, doc FROM change WHERE at >= $1 AND at <= $2 AND seq < $3 AND noun = $4 AND doc LIKE $5 ESCAPE '!' ORDER BY seq DESC LIMIT $6";
const COUNT_DURING: &str = "SELECT COUNT(*) FROM change WHERE at >= $1 AND at <= $2";
const CURSOR: &str = "SELECT seq FROM feed_cursor WHERE projection = $1";
const MOVE_CURSOR: &str = "INSERT INTO feed_cursor (projection, seq) VALUES ($1, $2) ON CONFLICT (projection) DO UPDATE SET seq = excluded.seq";

#[cfg(test)]
pub(crate) const QUERIES: &[&str] = &[
    HEAD,
    ADVANCE,
    APPEND,
    AFTER,
    SUBJECTS,
    AFTER_OF_NOUN,
    NEWEST,
    NEWEST_OF,
    DURING,
    DURING_BACKWARDS,
    OF_NOUN,
    OF_NOUN_BACKWARDS,
    COUNT_DURING,
    CURSOR,
    MOVE_CURSOR,
];

/// Changes made between two times, both included.
#[derive(Debug, Clone, Copy)]
pub struct During {
    pub first: Time,
    pub last: Time,
    pub newest_first: bool,
    /// Those on the other side of this place are left out.
    pub past: Option<i64>,
    pub limit: i64,
}

/// What a change was about, without what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    pub seq: i64,
    pub noun: String,
    pub id: String,
}

/// Which changes to show, newest first.
#[derive(Debug, Clone, Default)]
pub struct ChangeFilter {
    /// Only those of this subject.
    pub subject: Option<String>,
    /// Only those before this place.
    pub before: Option<i64>,
    /// Text that must occur, as typed.
    pub text: String,
    pub limit: i64,
}

impl Reader {
    /// The newest place in the feed.
    ///
    /// # Errors
    /// The engine's.
    pub fn feed_head(&mut self) -> Result<i64, StoreError> {
        Ok(self.query_one(HEAD, &[], |row| row.int(0))?.unwrap_or(0))
    }

    /// The place this snapshot stands at: two snapshots with the same place show the same directory. `None` in a
    /// write, whose own changes have no place before it ends, unless it stands at one: [`crate::Tx::stand_at`].
    ///
    /// # Errors
    /// The engine's.
    pub fn place(&mut self) -> Result<Option<i64>, StoreError> {
        match self.place {
            Place::At(place) => Ok(Some(place)),
            Place::Unasked => {
                let head = self.feed_head()?;
                self.place = Place::At(head);
                Ok(Some(head))
            }
            Place::Writing => Ok(None),
        }
    }

    /// At most `limit` changes after `cursor`, in order.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn changes_after(&mut self, cursor: i64, limit: i64) -> Result<Vec<Change>, StoreError> {
        self.query(AFTER, &[cursor.into(), limit.max(0).into()], change)
    }

    /// What at most `limit` changes after `cursor` were about, in order.
    ///
    /// # Errors
    /// The engine's.
    pub fn touched_after(&mut self, cursor: i64, limit: i64) -> Result<Vec<Touched>, StoreError> {
        self.query(SUBJECTS, &[cursor.into(), limit.max(0).into()], |row| {
            Ok(Touched { seq: row.int(0)?, noun: row.text(1)?, id: row.text(2)? })
        })
    }

    /// What was done to nouns of this kind after `cursor` and up to `last`, in order.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn changes_of_kind_after(
        &mut self,
        noun: &str,
        cursor: i64,
        last: i64,
    ) -> Result<Vec<Change>, StoreError> {
        self.query(AFTER_OF_NOUN, &[cursor.into(), last.into(), noun.into()], change)
    }

    /// Changes for people to read, newest first.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn list_changes(&mut self, filter: &ChangeFilter) -> Result<Vec<Change>, StoreError> {
        let before = filter.before.unwrap_or(i64::MAX);
        let pattern = contains_pattern(&filter.text);
        let limit = filter.limit.max(0);
        match &filter.subject {
            Some(subject) => self.query(
                NEWEST_OF,
                &[subject.into(), before.into(), (&pattern).into(), limit.into()],
                change,
            ),
            None => self.query(NEWEST, &[before.into(), (&pattern).into(), limit.into()], change),
        }
    }

    /// At most `limit` changes of a time.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn changes_during(&mut self, during: &During) -> Result<Vec<Change>, StoreError> {
        let (sql, beyond) = if during.newest_first { (DURING_BACKWARDS, i64::MAX) } else { (DURING, 0) };
        let past = during.past.unwrap_or(beyond);
        let params = [during.first.0.into(), during.last.0.into(), past.into(), during.limit.max(0).into()];
        self.query(sql, &params, change)
    }

    /// The same of what was done to one noun.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn changes_of_noun(
        &mut self,
        (noun, verb): (&str, &str),
        during: &During,
    ) -> Result<Vec<Change>, StoreError> {
        let (sql, beyond) = if during.newest_first { (OF_NOUN_BACKWARDS, i64::MAX) } else { (OF_NOUN, 0) };
        let past = during.past.unwrap_or(beyond);
        // As it is written; what the noun said is a text within a text there, whose quotes have marks before them.
        let pattern = contains_pattern(&format!("\"verb\":\"{verb}\""));
        let params = [
            during.first.0.into(),
            during.last.0.into(),
            past.into(),
            noun.into(),
            (&pattern).into(),
            during.limit.max(0).into(),
        ];
        self.query(sql, &params, change)
    }

    /// How many changes there are of a time, both ends included.
    ///
    /// # Errors
    /// The engine's.
    pub fn count_changes(&mut self, first: Time, last: Time) -> Result<i64, StoreError> {
        let count = self.query_one(COUNT_DURING, &[first.0.into(), last.0.into()], |row| row.int(0))?;
        Ok(count.unwrap_or(0))
    }

    /// How far a projection has come; 0 if it never ran.
    ///
    /// # Errors
    /// The engine's.
    pub fn feed_cursor(&mut self, projection: &str) -> Result<i64, StoreError> {
        Ok(self.query_one(CURSOR, &[projection.into()], |row| row.int(0))?.unwrap_or(0))
    }

    pub(crate) fn append_to_feed(&mut self, drafts: &[Draft]) -> Result<i64, StoreError> {
        let count = i64::try_from(drafts.len()).unwrap_or(i64::MAX);
        let head = self
            .query_one(ADVANCE, &[count.into()], |row| row.int(0))?
            .ok_or(StoreError::Missing { table: "feed_head", id: "1".into() })?;
        for (seq, draft) in (head - count + 1..).zip(drafts) {
            let change = Change {
                seq,
                at: draft.stamp.at,
                actor: draft.stamp.actor.clone(),
                source: draft.stamp.source.clone(),
                request: draft.stamp.request.clone(),
                kind: draft.kind,
                verb: draft.verb.to_owned(),
                subject: draft.subject.clone(),
                before: draft.before.clone(),
                after: draft.after.clone(),
            };
            let doc = encode("change", &change)?;
            let search = sallyport_model::fold(&format!(
                "{} {} {} {}",
                change.actor.label(),
                change.verb,
                change.subject.noun,
                change.subject.label
            ));
            let params = [
                seq.into(),
                change.at.0.into(),
                (&change.subject.noun).into(),
                (&change.subject.id).into(),
                (&search).into(),
                (&doc).into(),
            ];
            if self.execute(APPEND, &params)? == 0 {
                return Err(damaged("feed_head", "1", &format!("there is a change at place {seq} already")));
            }
        }
        Ok(head)
    }
}

fn change(row: &crate::sql::Row<'_>) -> Result<Change, StoreError> {
    let seq = row.int(0)?;
    let id = seq.to_string();
    let change: Change = decode("change", &id, &row.text(1)?)?;
    if change.seq != seq {
        return Err(damaged("change", &id, "it holds another place"));
    }
    Ok(change)
}

impl Tx<'_> {
    /// Remembers how far a projection has come, in the transaction that holds its effect.
    ///
    /// # Errors
    /// The engine's.
    pub fn move_feed_cursor(&mut self, projection: &str, seq: i64) -> Result<(), StoreError> {
        self.execute(MOVE_CURSOR, &[projection.into(), seq.into()]).map(|_| ())
    }
}
