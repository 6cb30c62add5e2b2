//! The network half as a child: this program again, under a user that may do nothing here.

use std::{fs, io, path::Path};
#[cfg(unix)]
use std::{
    os::{
        fd::OwnedFd,
        unix::{net::UnixStream, process::CommandExt as _},
    },
    process::{Child, Command, Stdio},
};

use crate::paths::Paths;

/// The subcommand, which people have no use for.
pub const SUBCOMMAND: &str = "net";

#[cfg(unix)]
pub(crate) const NAME: &str = "sallyport-agent";

/// What the network half is started for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    AuthApi,
    Channel,
    Enroll,
    Fetch,
}

impl Task {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthApi => "auth-api",
            Self::Channel => "channel",
            Self::Enroll => "enroll",
            Self::Fetch => "fetch",
        }
    }

    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::AuthApi, Self::Channel, Self::Enroll, Self::Fetch]
            .into_iter()
            .find(|task| task.as_str() == text)
    }
}

/// Starts the network half with one end of a socket pair and gives the other.
///
/// # Errors
/// Its user is missing, or the system refuses.
#[cfg(unix)]
pub fn start(task: Task, paths: &Paths, output: Stdio) -> io::Result<(Child, UnixStream)> {
    prepare(paths)?;
    let (ours, theirs) = UnixStream::pair()?;
    let mut command = Command::new(program()?);
    command
        .arg0(NAME)
        .args([SUBCOMMAND, task.as_str()])
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(output);
    if let Some(journal) = std::env::var_os("JOURNAL_STREAM") {
        command.env("JOURNAL_STREAM", journal);
    }
    drop_privileges(paths, &mut command)?;
    Ok((command.spawn()?, ours))
}

/// This program, also after an upgrade has replaced its file.
#[cfg(unix)]
pub(crate) fn program() -> io::Result<std::path::PathBuf> {
    let link = Path::new("/proc/self/exe");
    if link.exists() { Ok(link.to_owned()) } else { std::env::current_exe() }
}

#[cfg(target_os = "linux")]
fn drop_privileges(paths: &Paths, command: &mut Command) -> io::Result<()> {
    crate::platform::privileges::drop_to_agent(paths, command)
}

#[cfg(all(unix, not(target_os = "linux")))]
fn drop_privileges(_paths: &Paths, _command: &mut Command) -> io::Result<()> {
    Ok(())
}

/// The directories of the agent, with the owners they must have.
///
/// # Errors
/// Somebody else's directory is in the way.
pub fn prepare(paths: &Paths) -> io::Result<()> {
    crate::durable::directory(&paths.state_dir(), 0o711)?;
    let net = paths.net_dir();
    match fs::create_dir(&net) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    if !fs::symlink_metadata(&net)?.is_dir() {
        return Err(io::Error::other(format!("{} is there and is no directory", net.display())));
    }
    own(&net, paths)
}

#[cfg(target_os = "linux")]
fn own(net: &Path, paths: &Paths) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(net, fs::Permissions::from_mode(0o700))?;
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let (uid, gid) = crate::platform::privileges::agent_ids(paths)?;
    std::os::unix::fs::lchown(net, Some(uid), Some(gid))
}

#[cfg(not(target_os = "linux"))]
fn own(_net: &Path, _paths: &Paths) -> io::Result<()> {
    Ok(())
}
