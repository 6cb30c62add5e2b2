//! What an import of users did, or would do.

use serde::{Deserialize, Serialize};

/// Every row of the file with what became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportReport {
    /// Nothing was changed; this is what would happen.
    pub dry_run: bool,
    pub created: usize,
    pub updated: usize,
    pub skipped: usize,
    pub refused: usize,
    /// Columns of the file that mean nothing here.
    pub ignored_columns: Vec<String>,
    pub rows: Vec<ImportRow>,
}

/// One row of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportRow {
    /// The line of the file where the row begins.
    pub line: u64,
    pub name: String,
    pub outcome: ImportOutcome,
    /// What changes, or why it is refused.
    pub detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    Create,
    Refused,
    /// All is as the row says.
    Skip,
    Update,
}
