//! What ended that somebody had begun and left to the server: runs of commands, runs of connectors, mailings.

use std::collections::{BTreeMap, BTreeSet};

use sallyport_model::{
    Action, Connector, Run, RunState, Time, Trigger,
    connector::{ExportRun, ExportRunState},
    id::{CommandId, ConnectorId, RunId},
};
use sallyport_store::{PageRequest, Reader};

use super::OVERLAP;
use crate::{AppError, Ctx, factor::mailing, run};

/// So many connectors are looked at.
pub(super) const MOST_CONNECTORS: usize = 50;
/// So many of the newest runs of each.
const NEWEST_RUNS: i64 = 5;

/// Something that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    ConnectorRun {
        connector: ConnectorId,
        name: String,
        run: ExportRun,
    },
    Mailing {
        id: String,
        total: usize,
    },
    /// What one launch put in the queue.
    Runs {
        command: CommandId,
        name: String,
        /// When it was launched, by which it is told from others.
        launched: Time,
        /// Where it is the only one.
        only: Option<RunId>,
        total: usize,
        succeeded: usize,
    },
}

impl Ended {
    /// By which a page knows what it was told twice.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::ConnectorRun { run, .. } => run.id.to_string(),
            Self::Mailing { id, .. } => id.clone(),
            Self::Runs { command, launched, .. } => format!("{command} {}", launched.0),
        }
    }
}

/// What ended since a time, or by the runs that moved, and was begun by whoever calls.
pub(super) fn since(
    reader: &mut Reader,
    ctx: &Ctx,
    runs: Option<&BTreeSet<String>>,
    time: Time,
) -> Result<Vec<Ended>, AppError> {
    let (by, since) = (ctx.actor().label(), time.minus(OVERLAP));
    let mut ended = match runs {
        Some(runs) => launches(reader, runs, &by)?,
        None => Vec::new(),
    };
    if ctx.allow(Action::ReadSettings).is_ok() {
        ended.extend(connector_runs(reader, &by, since)?);
    }
    if ctx.allow(Action::ManageFactors).is_ok() {
        let over = mailing::ended_since(reader, &by, since)?;
        ended.extend(over.into_iter().map(|mailing| Ended::Mailing { id: mailing.id, total: mailing.total }));
    }
    Ok(ended)
}

/// Launches of which the last run is among these.
fn launches(reader: &mut Reader, moved: &BTreeSet<String>, by: &str) -> Result<Vec<Ended>, AppError> {
    let mut launches: BTreeMap<(Time, CommandId), Run> = BTreeMap::new();
    for id in moved.iter().filter_map(|id| id.parse::<RunId>().ok()) {
        let Some(run) = reader.find::<Run>(id)? else { continue };
        if run.state.is_final() && run.trigger == Trigger::Manual && run.launched_by == by {
            launches.insert((run.created, run.command), run.value);
        }
    }
    let mut ended = Vec::new();
    for ((launched, command), run) in launches {
        // Whoever withdrew all of it knows.
        let Some(all) = run::ended_together(reader, &run)? else { continue };
        if all.iter().all(|run| matches!(run.state, RunState::Cancelled { .. })) {
            continue;
        }
        let succeeded = all
            .iter()
            .filter(|run| matches!(run.state, RunState::Finished { exit_code: Some(0), .. }))
            .count();
        ended.push(Ended::Runs {
            command,
            name: run.command_name,
            launched,
            only: (all.len() == 1).then_some(run.id),
            total: all.len(),
            succeeded,
        });
    }
    Ok(ended)
}

fn connector_runs(reader: &mut Reader, by: &str, since: Time) -> Result<Vec<Ended>, AppError> {
    let mut ended = Vec::new();
    let page = PageRequest { limit: MOST_CONNECTORS, ..PageRequest::default() };
    for connector in reader.list::<Connector>(&page)?.items {
        for run in reader.export_runs(connector.id, None, NEWEST_RUNS)? {
            let is_over = run.state != ExportRunState::Running && run.ended.is_some_and(|at| at > since);
            if is_over && run.by.as_deref() == Some(by) {
                ended.push(Ended::ConnectorRun {
                    connector: connector.id,
                    name: connector.name.clone(),
                    run,
                });
            }
        }
    }
    Ok(ended)
}
