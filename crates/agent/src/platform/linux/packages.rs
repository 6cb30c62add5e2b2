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

/// The version of a package that is there, wholly or in part.
///
/// # Errors
/// What dpkg says.
pub fn installed(name: &str) -> Result<Option<String>, PlatformError> {
    let format = "${db:Status-Status} ${Version}\\n";
    let arguments = ["--show", "--showformat", format, "--", name];
    match tool::run_with("dpkg-query", &arguments, b"", Duration::from_secs(30)) {
        Ok(printed) => Ok(present(&printed)),
        Err(PlatformError::Tool { reason, .. }) if reason.contains("no packages found") => Ok(None),
        Err(error) => Err(error),
    }
}

/// Of lines of a status and a version.
fn present(printed: &str) -> Option<String> {
    let mut versions = printed.lines().filter_map(|line| line.split_once(' '));
    let gone = |status: &str| matches!(status, "not-installed" | "config-files");
    versions
        .find(|(status, version)| !gone(status) && !version.is_empty())
        .map(|(_, version)| version.to_owned())
}

/// Installs a file that has been verified; gives what dpkg had to say.
///
/// # Errors
/// What dpkg says.
pub fn install(file: &Path) -> Result<String, PlatformError> {
    let file = file.to_str().ok_or_else(|| PlatformError::Refused("the path is not UTF-8".to_owned()))?;
    tool::run_with("dpkg", &["--install", "--", file], b"", PATIENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_removed_is_not_there() {
        assert_eq!(present("installed 1.2-1\n").as_deref(), Some("1.2-1"));
        assert_eq!(present("half-configured 1.2-1\n").as_deref(), Some("1.2-1"));
        assert_eq!(present("config-files 1.2-1\nnot-installed \n"), None);
    }

    #[test]
    fn dpkg_is_asked_as_it_wants_to_be() {
        if tool::find("dpkg-query").is_some() {
            assert!(installed("dpkg").unwrap().is_some());
            assert_eq!(installed("sallyport-no-such-package").unwrap(), None);
        }
    }
}
