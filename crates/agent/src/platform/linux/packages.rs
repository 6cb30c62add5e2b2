//! Packages, by dpkg.

use std::{path::Path, time::Duration};

use super::tool;
use crate::platform::PlatformError;

const PATIENCE: Duration = Duration::from_secs(1800);

/// What packages for this machine are called.
///
/// # Errors
/// dpkg is missing.
pub fn architecture() -> Result<String, PlatformError> {
    let printed = tool::run_with("dpkg", &["--print-architecture"], b"", Duration::from_secs(30))?;
    Ok(printed.trim().to_owned())
}

/// Installs a file that has been verified; gives what dpkg had to say.
///
/// # Errors
/// What dpkg says.
pub fn install(file: &Path) -> Result<String, PlatformError> {
    let file = file.to_str().ok_or_else(|| PlatformError::Refused("the path is not UTF-8".to_owned()))?;
    tool::run_with("dpkg", &["--install", "--", file], b"", PATIENCE)
}
