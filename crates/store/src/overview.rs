//! What an overview counts, kept so that it can be told without reading all of it: sums of the sign-in log, and how devices
//! stand to what they should be. Both follow from what is kept besides, and are no part of the feed.

use sallyport_model::{Device, Factor, Role, Time, User};

use crate::{
    Noun, Reader, StoreError, Tx, Versioned,
    noun::decode,
    sql::{Row, contains_pattern},
};

const PUT_TALLY: &str = "INSERT INTO sign_in_tally (since, doc) VALUES ($1, $2) ON CONFLICT (since) DO UPDATE SET doc = excluded.doc";
const TALLIES: &str = "SELECT since, doc FROM sign_in_tally WHERE since >= $1 AND since < $2 ORDER BY since";
const SWEEP_TALLIES: &str = "DELETE FROM sign_in_tally WHERE since < $1";
const PEOPLE: &str = "SELECT id, key, search, state FROM app_user ORDER BY key";
const MAYBE_OWNERS: &str = "SELECT id, doc FROM app_user WHERE doc LIKE '%\"owner\"%' ORDER BY id";
const FACTORS: &str = "SELECT id, doc FROM factor ORDER BY id";
const PUT_STANDING: &str = "INSERT INTO device_standing (device, drift, since, doc) VALUES ($1, $2, $3, $4) ON CONFLICT (device) DO UPDATE SET drift = excluded.drift, since = CASE WHEN device_standing.drift = 0 THEN excluded.since ELSE device_standing.since END, doc = excluded.doc";
const COUNT_DRIFTS: &str = "SELECT standing.drift, COUNT(*) FROM device_standing AS standing JOIN device ON device.id = standing.device WHERE standing.drift > 0 AND (standing.drift <> $1 OR standing.since < $2) AND device.state = 'active' GROUP BY standing.drift ORDER BY standing.drift";
const LIST_DRIFTED: &str = "SELECT device.id, device.doc, device.version, standing.drift, standing.since, standing.doc FROM device_standing AS standing JOIN device ON device.id = standing.device WHERE standing.drift > 0 AND (standing.drift <> $1 OR standing.since < $2) AND device.state = 'active' AND device.search LIKE $3 ESCAPE '!' ORDER BY standing.since DESC, device.id LIMIT $4";
const COUNT_SEEN: &str = "SELECT COUNT(*) FROM device_status WHERE seen >= $1";
pub(crate) const FORGET_STANDING: &str = "DELETE FROM device_standing WHERE device = $1";

#[cfg(test)]
pub(crate) const QUERIES: &[&str] = &[
    PUT_TALLY,
    TALLIES,
    SWEEP_TALLIES,
    PEOPLE,
    MAYBE_OWNERS,
    FACTORS,
    PUT_STANDING,
    COUNT_DRIFTS,
    LIST_DRIFTED,
    COUNT_SEEN,
    FORGET_STANDING,
];

/// A person as far as listings search and count people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    pub id: String,
    pub key: String,
    pub search: String,
    pub state: String,
}

/// What is left out of the devices that differ: those of which nothing is said but this, and that since this time or later.
#[derive(Debug, Clone, Copy)]
pub struct Passing {
    pub drift: i64,
    pub since: Time,
}

/// How a device stands to what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// A bit for each kind of difference.
    pub drift: i64,
    /// Since when it differs at all.
    pub since: Time,
    /// What differs, as JSON.
    pub doc: String,
}

impl Reader {
    /// Everybody, in the order of their keys.
    ///
    /// # Errors
    /// The engine's.
    pub fn people(&mut self) -> Result<Vec<PersonRow>, StoreError> {
        self.query(PEOPLE, &[], |row| {
            Ok(PersonRow { id: row.text(0)?, key: row.text(1)?, search: row.text(2)?, state: row.text(3)? })
        })
    }

    /// Everybody who has the role of an owner. Whoever cannot be read is none.
    ///
    /// # Errors
    /// The engine's.
    pub fn owners(&mut self) -> Result<Vec<User>, StoreError> {
        // Whatever else is called so is found too, and left out.
        let found = self.query(MAYBE_OWNERS, &[], readable::<User>)?;
        Ok(found.into_iter().flatten().filter(|user| user.roles.contains(&Role::Owner)).collect())
    }

    /// All factors but those that cannot be read.
    ///
    /// # Errors
    /// The engine's.
    pub fn readable_factors(&mut self) -> Result<Vec<Factor>, StoreError> {
        Ok(self.query(FACTORS, &[], readable::<Factor>)?.into_iter().flatten().collect())
    }

    /// The sums of the sign-in log that begin from `first` on and before `end`, with their beginnings.
    ///
    /// # Errors
    /// The engine's.
    pub fn tallies(&mut self, first: Time, end: Time) -> Result<Vec<(Time, String)>, StoreError> {
        self.query(TALLIES, &[first.0.into(), end.0.into()], |row| Ok((Time(row.int(0)?), row.text(1)?)))
    }

    /// How many active devices differ in each combination of kinds.
    ///
    /// # Errors
    /// The engine's.
    pub fn count_drifts(&mut self, but: Passing) -> Result<Vec<(i64, i64)>, StoreError> {
        self.query(COUNT_DRIFTS, &[but.drift.into(), but.since.0.into()], |row| {
            Ok((row.int(0)?, row.int(1)?))
        })
    }

    /// Active devices that differ, with this text in their names, those first that began to last.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn list_drifted(
        &mut self,
        text: &str,
        but: Passing,
        limit: i64,
    ) -> Result<Vec<(Versioned<Device>, Standing)>, StoreError> {
        let pattern = contains_pattern(text);
        let params = [but.drift.into(), but.since.0.into(), (&pattern).into(), limit.max(0).into()];
        self.query(LIST_DRIFTED, &params, drifted)
    }

    /// How many devices were heard of since `first`.
    ///
    /// # Errors
    /// The engine's.
    pub fn count_devices_seen(&mut self, first: Time) -> Result<i64, StoreError> {
        Ok(self.query_one(COUNT_SEEN, &[first.0.into()], |row| row.int(0))?.unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Puts the sums of the sign-in log for the time that begins at `since`.
    ///
    /// # Errors
    /// The engine's.
    pub fn put_tally(&mut self, since: Time, doc: &str) -> Result<(), StoreError> {
        self.execute(PUT_TALLY, &[since.0.into(), doc.into()]).map(|_| ())
    }

    /// Forgets the sums that begin before this time.
    ///
    /// # Errors
    /// The engine's.
    pub fn sweep_tallies(&mut self, before: Time) -> Result<(), StoreError> {
        self.execute(SWEEP_TALLIES, &[before.0.into()]).map(|_| ())
    }

    /// Notes how a device stands from now on. Where it differed before, it has done so since then.
    ///
    /// # Errors
    /// The engine's.
    pub fn put_standing(&mut self, device: &str, standing: &Standing) -> Result<(), StoreError> {
        let params = [device.into(), standing.drift.into(), standing.since.0.into(), (&standing.doc).into()];
        self.execute(PUT_STANDING, &params).map(|_| ())
    }
}

/// A noun by its JSON, unless that is damaged.
fn readable<T: Noun>(row: &Row<'_>) -> Result<Option<T>, StoreError> {
    Ok(decode(T::NOUN, row.str(0)?, row.str(1)?).ok())
}

fn drifted(row: &Row<'_>) -> Result<(Versioned<Device>, Standing), StoreError> {
    let value = decode(Device::NOUN, row.str(0)?, row.str(1)?)?;
    let device = Versioned { value, version: row.int(2)? };
    Ok((device, Standing { drift: row.int(3)?, since: Time(row.int(4)?), doc: row.text(5)? }))
}
