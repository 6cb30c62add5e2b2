//! What connectors know of other systems, and what their runs did. Kept by them alone, as JSON of the shapes they like;
//! not part of the feed.

use sallyport_model::{
    connector::{ExportRun, ExportStep},
    id::{ConnectorId, ExportRunId},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Reader, StoreError, Tx,
    noun::{decode, encode},
};

const LINKS: &str = "SELECT subject, doc FROM connector_link WHERE connector = $1 ORDER BY subject";
const PUT_LINK: &str = "INSERT INTO connector_link (connector, subject, doc) VALUES ($1, $2, $3) ON CONFLICT (connector, subject) DO UPDATE SET doc = excluded.doc";
const DELETE_LINK: &str = "DELETE FROM connector_link WHERE connector = $1 AND subject = $2";
const FORGET_LINKS: &str = "DELETE FROM connector_link WHERE connector = $1";
const DIRTY: &str =
    "SELECT subject, seq FROM connector_dirty WHERE connector = $1 ORDER BY seq, subject LIMIT $2";
const MARK: &str = "INSERT INTO connector_dirty (connector, subject, seq) VALUES ($1, $2, $3) ON CONFLICT (connector, subject) DO UPDATE SET seq = excluded.seq";
const CLEAN: &str = "DELETE FROM connector_dirty WHERE connector = $1 AND subject = $2 AND seq <= $3";
const CLEAN_ALL: &str = "DELETE FROM connector_dirty WHERE connector = $1 AND seq <= $2";
const FIND_STANDING: &str = "SELECT doc FROM connector_standing WHERE connector = $1";
const PUT_STANDING: &str = "INSERT INTO connector_standing (connector, doc) VALUES ($1, $2) ON CONFLICT (connector) DO UPDATE SET doc = excluded.doc";
const FORGET_STANDING: &str = "DELETE FROM connector_standing WHERE connector = $1";
const PUT_RUN: &str = "INSERT INTO export_run (id, connector, doc) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc";
const FIND_RUN: &str = "SELECT id, doc FROM export_run WHERE id = $1";
const RUNS: &str =
    "SELECT id, doc FROM export_run WHERE connector = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const RUNS_KEPT: &str =
    "SELECT id FROM export_run WHERE connector = $1 ORDER BY id DESC LIMIT 1000000 OFFSET $2";
const FORGET_RUN: &str = "DELETE FROM export_run WHERE id = $1";
const PUT_STEP: &str = "INSERT INTO export_step (run, n, doc) VALUES ($1, $2, $3) ON CONFLICT (run, n) DO UPDATE SET doc = excluded.doc";
const STEPS: &str = "SELECT n, doc FROM export_step WHERE run = $1 AND n > $2 ORDER BY n LIMIT $3";
const FORGET_STEPS: &str = "DELETE FROM export_step WHERE run = $1";

#[cfg(test)]
pub(crate) const QUERIES: &[&str] = &[
    LINKS,
    PUT_LINK,
    DELETE_LINK,
    FORGET_LINKS,
    DIRTY,
    MARK,
    CLEAN,
    CLEAN_ALL,
    FIND_STANDING,
    PUT_STANDING,
    FORGET_STANDING,
    PUT_RUN,
    FIND_RUN,
    RUNS,
    RUNS_KEPT,
    FORGET_RUN,
    PUT_STEP,
    STEPS,
    FORGET_STEPS,
];

impl Reader {
    /// What a connector knows of each of its subjects.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn connector_links<T: DeserializeOwned>(
        &mut self,
        connector: ConnectorId,
    ) -> Result<Vec<(String, T)>, StoreError> {
        self.query(LINKS, &[(&connector.to_string()).into()], |row| {
            let subject = row.text(0)?;
            let link = decode("connector_link", &subject, &row.text(1)?)?;
            Ok((subject, link))
        })
    }

    /// Who is to be looked at again, with the place of the change that says so.
    ///
    /// # Errors
    /// The engine's.
    pub fn dirty(&mut self, connector: ConnectorId, limit: i64) -> Result<Vec<(String, i64)>, StoreError> {
        let id = connector.to_string();
        self.query(DIRTY, &[(&id).into(), limit.max(0).into()], |row| Ok((row.text(0)?, row.int(1)?)))
    }

    /// How a connector stands.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn connector_standing<T: DeserializeOwned + Default>(
        &mut self,
        connector: ConnectorId,
    ) -> Result<T, StoreError> {
        let id = connector.to_string();
        let found = self.query_one(FIND_STANDING, &[(&id).into()], |row| row.text(0))?;
        found.map_or_else(|| Ok(T::default()), |doc| decode("connector_standing", &id, &doc))
    }

    /// # Errors
    /// The engine's, or a damaged row.
    pub fn find_export_run(&mut self, id: ExportRunId) -> Result<Option<ExportRun>, StoreError> {
        self.query_one(FIND_RUN, &[(&id.to_string()).into()], run)
    }

    /// A connector's runs before `before`, the newest first.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn export_runs(
        &mut self,
        connector: ConnectorId,
        before: Option<ExportRunId>,
        limit: i64,
    ) -> Result<Vec<ExportRun>, StoreError> {
        // Behind every id of this kind.
        let before = before.map_or_else(|| "exr_g".to_owned(), |id| id.to_string());
        self.query(RUNS, &[(&connector.to_string()).into(), (&before).into(), limit.max(0).into()], run)
    }

    /// The steps of a run after place `after`, in order.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn export_steps(
        &mut self,
        id: ExportRunId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, ExportStep)>, StoreError> {
        let id = id.to_string();
        self.query(STEPS, &[(&id).into(), after.into(), limit.max(0).into()], |row| {
            Ok((row.int(0)?, decode("export_step", &id, &row.text(1)?)?))
        })
    }
}

fn run(row: &crate::sql::Row<'_>) -> Result<ExportRun, StoreError> {
    decode("export_run", row.str(0)?, row.str(1)?)
}

impl Tx<'_> {
    /// # Errors
    /// The engine's.
    pub fn put_connector_link<T: Serialize>(
        &mut self,
        connector: ConnectorId,
        subject: &str,
        link: &T,
    ) -> Result<(), StoreError> {
        let doc = encode("connector_link", link)?;
        self.execute(PUT_LINK, &[(&connector.to_string()).into(), subject.into(), (&doc).into()]).map(|_| ())
    }

    /// # Errors
    /// The engine's.
    pub fn delete_connector_link(&mut self, connector: ConnectorId, subject: &str) -> Result<(), StoreError> {
        self.execute(DELETE_LINK, &[(&connector.to_string()).into(), subject.into()]).map(|_| ())
    }

    /// Somebody is to be looked at again, because of the change at place `seq`.
    ///
    /// # Errors
    /// The engine's.
    pub fn mark_dirty(&mut self, connector: ConnectorId, subject: &str, seq: i64) -> Result<(), StoreError> {
        self.execute(MARK, &[(&connector.to_string()).into(), subject.into(), seq.into()]).map(|_| ())
    }

    /// Somebody was looked at; a later change still counts.
    ///
    /// # Errors
    /// The engine's.
    pub fn clean(&mut self, connector: ConnectorId, subject: &str, seq: i64) -> Result<(), StoreError> {
        self.execute(CLEAN, &[(&connector.to_string()).into(), subject.into(), seq.into()]).map(|_| ())
    }

    /// Everybody was looked at, as they were at place `seq`.
    ///
    /// # Errors
    /// The engine's.
    pub fn clean_all(&mut self, connector: ConnectorId, seq: i64) -> Result<(), StoreError> {
        self.execute(CLEAN_ALL, &[(&connector.to_string()).into(), seq.into()]).map(|_| ())
    }

    /// # Errors
    /// The engine's.
    pub fn put_connector_standing<T: Serialize>(
        &mut self,
        connector: ConnectorId,
        standing: &T,
    ) -> Result<(), StoreError> {
        let doc = encode("connector_standing", standing)?;
        self.execute(PUT_STANDING, &[(&connector.to_string()).into(), (&doc).into()]).map(|_| ())
    }

    /// # Errors
    /// The engine's.
    pub fn put_export_run(&mut self, run: &ExportRun) -> Result<(), StoreError> {
        let doc = encode("export_run", run)?;
        let (id, connector) = (run.id.to_string(), run.connector.to_string());
        self.execute(PUT_RUN, &[(&id).into(), (&connector).into(), (&doc).into()]).map(|_| ())
    }

    /// # Errors
    /// The engine's.
    pub fn put_export_step(&mut self, run: ExportRunId, n: i64, step: &ExportStep) -> Result<(), StoreError> {
        let doc = encode("export_step", step)?;
        self.execute(PUT_STEP, &[(&run.to_string()).into(), n.into(), (&doc).into()]).map(|_| ())
    }

    /// Forgets all but the newest runs of a connector.
    ///
    /// # Errors
    /// The engine's.
    pub fn keep_export_runs(&mut self, connector: ConnectorId, newest: i64) -> Result<(), StoreError> {
        let old =
            self.query(RUNS_KEPT, &[(&connector.to_string()).into(), newest.into()], |row| row.text(0))?;
        for run in old {
            self.execute(FORGET_STEPS, &[(&run).into()])?;
            self.execute(FORGET_RUN, &[(&run).into()])?;
        }
        Ok(())
    }

    /// Forgets who is who at the other system, and what was to be looked at.
    ///
    /// # Errors
    /// The engine's.
    pub fn forget_connector_links(&mut self, connector: ConnectorId) -> Result<(), StoreError> {
        let id = connector.to_string();
        self.execute(FORGET_LINKS, &[(&id).into()])?;
        self.clean_all(connector, i64::MAX)
    }

    /// Forgets everything a connector knew and did.
    ///
    /// # Errors
    /// The engine's.
    pub fn forget_connector(&mut self, connector: ConnectorId) -> Result<(), StoreError> {
        self.keep_export_runs(connector, 0)?;
        self.forget_connector_links(connector)?;
        self.execute(FORGET_STANDING, &[(&connector.to_string()).into()]).map(|_| ())
    }
}
