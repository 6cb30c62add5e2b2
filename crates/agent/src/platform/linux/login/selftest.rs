//! Whether the component would work, before and after it stands in front of logins.

use std::{
    fs,
    io::Read as _,
    os::unix::{fs::MetadataExt as _, net::UnixStream},
    path::Path,
    time::Duration,
};

use sallyport_ipc::login::{AgentMessage, ShimMessage, VERSION, Verdict};

use crate::{paths::Paths, platform::PlatformError};

const PATIENCE: Duration = Duration::from_secs(5);
/// An account that is on every machine and never the directory's.
const USER: &str = "root";
const SERVICE: &str = "sallyport-selftest";

/// Goes through a login that must be answered with *exempt*, as a shim does.
pub(super) fn run(paths: &Paths) -> Result<(), PlatformError> {
    let failed = |reason: String| {
        PlatformError::Refused(format!(
            "the agent does not answer at {}: {reason}",
            paths.login_socket().display()
        ))
    };
    let mut stream = UnixStream::connect(paths.login_socket()).map_err(|error| failed(error.to_string()))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let opening =
        ShimMessage::Account { version: VERSION, service: SERVICE.to_owned(), user: USER.to_owned() };
    opening.write(&mut stream).map_err(|error| failed(error.to_string()))?;
    match AgentMessage::read(&mut stream).map_err(|error| failed(error.to_string()))? {
        AgentMessage::Done { verdict: Verdict::Exempt } => Ok(()),
        AgentMessage::Done { verdict } => Err(failed(format!("it says {verdict:?} about `{USER}`"))),
        AgentMessage::Inform { .. } | AgentMessage::Prompt { .. } | AgentMessage::Warn { .. } => {
            Err(failed("it asks where it should answer".to_owned()))
        }
    }
}

/// Whether the file is a library for this machine that root alone can change.
pub(super) fn require_loadable(path: &Path) -> Result<(), PlatformError> {
    let refused = |reason: &str| PlatformError::Refused(format!("{}: {reason}", path.display()));
    let found = fs::metadata(path)?;
    if found.uid() != rustix::process::geteuid().as_raw() || found.mode() & 0o022 != 0 {
        return Err(refused("others than root can change it"));
    }
    if identification(path)? != identification(Path::new("/proc/self/exe"))? {
        return Err(refused("it is no library for this machine"));
    }
    Ok(())
}

/// Class, byte order and machine of an ELF file.
fn identification(path: &Path) -> Result<(Vec<u8>, Vec<u8>), PlatformError> {
    let mut head = [0; 20];
    fs::File::open(path)?.read_exact(&mut head)?;
    let part = |from: usize, to: usize| head.get(from..to).unwrap_or_default().to_vec();
    if part(0, 4) != b"\x7fELF" {
        return Err(PlatformError::Refused(format!("{} is no program", path.display())));
    }
    Ok((part(4, 6), part(18, 20)))
}
