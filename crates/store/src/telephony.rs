//! What was texted and called. Short-lived as the sign-in log is: durable, and not part of the feed. Ids rise with time.

use sallyport_model::{
    fold,
    id::TelephonyRecordId,
    telephony::{TelephonyRecord, TelephonyState},
};

use crate::{
    Reader, StoreError, Tx,
    noun::{decode, encode},
    sql::{Row, contains_pattern},
};

const PUT: &str = "INSERT INTO telephony (id, price, search, doc) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET search = excluded.search, doc = excluded.doc";
const FIND: &str = "SELECT id, doc FROM telephony WHERE id = $1";
const LIST: &str =
    "SELECT id, doc FROM telephony WHERE id < $1 AND search LIKE $2 ESCAPE '!' ORDER BY id DESC LIMIT $3";
const UP: &str = "SELECT id, doc FROM telephony WHERE id >= $1 AND id < $2 ORDER BY id LIMIT $3";
const DOWN: &str = "SELECT id, doc FROM telephony WHERE id >= $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const SUM: &str =
    "SELECT COUNT(*), CAST(COALESCE(SUM(price), 0) AS BIGINT) FROM telephony WHERE id >= $1 AND id < $2";
const SWEEP: &str = "DELETE FROM telephony WHERE id < $1";

#[cfg(test)]
pub(crate) const QUERIES: &[&str] = &[PUT, FIND, LIST, UP, DOWN, SUM, SWEEP];

/// How many texts and calls there were, and what they were counted as together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TelephonySum {
    pub count: i64,
    pub price: i64,
}

impl Reader {
    /// Texts and calls, newest first, before an id, with a text in them, as typed.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn list_telephony(
        &mut self,
        before: Option<TelephonyRecordId>,
        text: &str,
        limit: i64,
    ) -> Result<Vec<TelephonyRecord>, StoreError> {
        let before = before.map_or_else(|| "~".to_owned(), |id| id.to_string());
        let pattern = contains_pattern(text);
        self.query(LIST, &[(&before).into(), (&pattern).into(), limit.max(0).into()], record)
    }

    /// Those with ids from `first` on and before `end`, in this order.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn telephony_between(
        &mut self,
        first: TelephonyRecordId,
        end: TelephonyRecordId,
        newest_first: bool,
        limit: i64,
    ) -> Result<Vec<TelephonyRecord>, StoreError> {
        let (first, end) = (first.to_string(), end.to_string());
        let sql = if newest_first { DOWN } else { UP };
        self.query(sql, &[(&first).into(), (&end).into(), limit.max(0).into()], record)
    }

    /// The sum of those with ids from `first` on and before `end`.
    ///
    /// # Errors
    /// The engine's.
    pub fn sum_telephony(
        &mut self,
        first: TelephonyRecordId,
        end: TelephonyRecordId,
    ) -> Result<TelephonySum, StoreError> {
        let (first, end) = (first.to_string(), end.to_string());
        let found = self.query_one(SUM, &[(&first).into(), (&end).into()], |row| {
            Ok(TelephonySum { count: row.int(0)?, price: row.int(1)? })
        })?;
        Ok(found.unwrap_or_default())
    }
}

impl Tx<'_> {
    /// Puts a text or call as it now stands.
    ///
    /// # Errors
    /// The engine's.
    pub fn put_telephony(&mut self, record: &TelephonyRecord) -> Result<(), StoreError> {
        let id = record.id.to_string();
        let TelephonyRecord { kind, context, name, number, state, .. } = record;
        let words = [kind.as_str(), context.as_str(), name, number, state.as_str()];
        let (search, doc) = (fold(&words.join(" ")), encode("telephony", record)?);
        let params = [(&id).into(), i64::from(record.price).into(), (&search).into(), (&doc).into()];
        self.execute(PUT, &params).map(|_| ())
    }

    /// Says what became of a text or call; nothing of one that is gone.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn settle_telephony(
        &mut self,
        id: TelephonyRecordId,
        state: TelephonyState,
    ) -> Result<(), StoreError> {
        match self.query_one(FIND, &[(&id.to_string()).into()], record)? {
            Some(found) => self.put_telephony(&TelephonyRecord { state, ..found }),
            None => Ok(()),
        }
    }

    /// Removes those before this id.
    ///
    /// # Errors
    /// The engine's.
    pub fn sweep_telephony(&mut self, before: TelephonyRecordId) -> Result<(), StoreError> {
        self.execute(SWEEP, &[(&before.to_string()).into()]).map(|_| ())
    }
}

fn record(row: &Row<'_>) -> Result<TelephonyRecord, StoreError> {
    decode("telephony", &row.text(0)?, &row.text(1)?)
}
