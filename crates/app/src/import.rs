//! Import of people from CSV (RFC 4180), row by row: a bad row is refused with its reason and never spoils the good
//! ones. The dry run does the very same work and then undoes it, so what it says is what will happen.
//!
//! Cells are text whatever they look like. An empty cell leaves things as they are.

mod row;
pub(crate) mod rows;
mod table;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use sallyport_api::rest::{ImportOutcome, ImportReport, ImportRow};
use sallyport_model::{Action, UserName, fold, name::printable};

use self::{
    row::Effect,
    table::{Row, Table},
};
use crate::{AppError, Ctx, Tx};

/// Says row by row what [`apply`] would do. Changes nothing.
///
/// # Errors
/// Denied, or the file as a whole cannot be read.
pub async fn plan(ctx: &Ctx, file: &[u8]) -> Result<ImportReport, AppError> {
    run(ctx, file, true).await
}

/// Creates and updates people as the file says, and reports on every row.
///
/// # Errors
/// Denied, or the file as a whole cannot be read; then nothing was changed.
pub async fn apply(ctx: &Ctx, file: &[u8]) -> Result<ImportReport, AppError> {
    run(ctx, file, false).await
}

/// What whoever imports does about a row that failed through no fault of it.
pub(crate) const AGAIN: &str = "import the file again";

/// What is wrong with a row: which part of it, and why.
pub(crate) type Problem = (&'static str, String);

/// What all rows of a file share.
struct Import {
    rows: Vec<Row>,
    /// Folded names that the file makes people of: somebody's manager may stand further down.
    names: BTreeSet<String>,
    /// Rows whose name stands in an earlier row, with that row's line.
    twice: BTreeMap<usize, u64>,
    dry_run: bool,
}

type Outcome = Result<Effect, AppError>;

impl Import {
    /// Does what one row says.
    fn apply(&self, tx: &mut Tx<'_, '_>, index: usize) -> Outcome {
        let row = self.rows.get(index).ok_or_else(|| AppError::Internal("no such row".into()))?;
        if let Some(line) = self.twice.get(&index) {
            return Err(AppError::Conflict(format!("line {line} has this name already").into()));
        }
        row::apply(tx, row, &self.names)
    }
}

async fn run(ctx: &Ctx, file: &[u8], dry_run: bool) -> Result<ImportReport, AppError> {
    ctx.allow(Action::CreateUser)?;
    let Table { rows, ignored_columns } = table::read(file)?;
    let (names, twice) = (names_in(&rows), twice_in(&rows));
    let import = Arc::new(Import { names, twice, rows, dry_run });
    let each = Arc::clone(&import);
    let mut outcomes =
        rows::work(ctx, import.rows.len(), dry_run, move |tx, index| each.apply(tx, index)).await;
    if !dry_run {
        set_managers(ctx, &import, &mut outcomes).await;
    }
    Ok(report(&import, &outcomes, ignored_columns))
}

/// Sets the managers who were not there when their people were.
async fn set_managers(ctx: &Ctx, import: &Arc<Import>, outcomes: &mut [Outcome]) {
    for (row, outcome) in import.rows.iter().zip(outcomes) {
        let Ok(effect) = outcome else { continue };
        if !effect.manager_later {
            continue;
        }
        let owned = row.clone();
        if let Err(error) = ctx.write(move |tx| row::set_manager(tx, &owned)).await {
            let text = format!("the manager was not set: {error}; everything else was done");
            *outcome = Err(AppError::Conflict(text.into()));
        }
    }
}

fn names_in(rows: &[Row]) -> BTreeSet<String> {
    rows.iter()
        .filter(|row| row.problem.is_none())
        .filter_map(|row| row.name.parse::<UserName>().ok())
        .map(|name| name.to_string())
        .collect()
}

/// Rows whose name stands in an earlier row, with that row's line.
fn twice_in(rows: &[Row]) -> BTreeMap<usize, u64> {
    let (mut first, mut twice) = (BTreeMap::new(), BTreeMap::new());
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| !row.name.is_empty()) {
        match first.get(&fold(&row.name)) {
            Some(line) => {
                twice.insert(index, *line);
            }
            None => {
                first.insert(fold(&row.name), row.line);
            }
        }
    }
    twice
}

fn report(import: &Import, outcomes: &[Outcome], ignored_columns: Vec<String>) -> ImportReport {
    let mut report = ImportReport { dry_run: import.dry_run, ignored_columns, ..ImportReport::default() };
    for (row, outcome) in import.rows.iter().zip(outcomes) {
        let (outcome, detail) = match outcome {
            Ok(effect) => (effect.outcome, effect.detail()),
            Err(error) => (ImportOutcome::Refused, error.of_one(AGAIN)),
        };
        match outcome {
            ImportOutcome::Create => report.created += 1,
            ImportOutcome::Refused => report.refused += 1,
            ImportOutcome::Skip => report.skipped += 1,
            ImportOutcome::Update => report.updated += 1,
        }
        report.rows.push(ImportRow { line: row.line, name: printable(&row.name, 64), outcome, detail });
    }
    report
}
