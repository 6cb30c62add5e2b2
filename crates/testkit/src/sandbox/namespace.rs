//! The namespaces a device lives in, and the way into them.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::error::SandboxError;
use super::log::{Log, path_of};

/// Open namespaces with their init. Everything is reached through open descriptors, never by process id: were the init
/// gone and its number given to another process, a command meant for the device would run on the machine.
#[derive(Debug)]
pub(crate) struct Namespaces {
    unshare: Child,
    /// The init ends when the far end of its standard input closes, which the kernel does when this process ends.
    _lifeline: ChildStdin,
    inside: Inside,
}

#[derive(Debug)]
struct Inside {
    init: OwnedFd,
    dev: File,
    doors: Vec<(&'static str, File)>,
}

impl Namespaces {
    pub(crate) fn raise(name: &str, shared: &[PathBuf]) -> Result<Self, SandboxError> {
        let log = Log::new("raise").map_err(SandboxError::io("making a log"))?;
        let mut unshare =
            spawn_unshare(name, shared, &log).map_err(SandboxError::io("starting `unshare`"))?;
        let raised = match (unshare.stdin.take(), unshare.stdout.take()) {
            (Some(lifeline), Some(stdout)) => wait_for_init(stdout, &log)
                .and_then(|pid| Inside::open(pid).map_err(SandboxError::io("opening the namespaces")))
                .map(|inside| (lifeline, inside)),
            (_, _) => Err(SandboxError::Raise("`unshare` has no pipes".to_owned())),
        };
        match raised {
            Ok((lifeline, inside)) => Ok(Self { unshare, _lifeline: lifeline, inside }),
            Err(error) => {
                // `--kill-child`: the init, if there is one, goes with it.
                let _ = unshare.kill();
                let _ = unshare.wait();
                Err(error)
            }
        }
    }

    /// A command that runs inside. It dies with the `nsenter` in front of it, so killing that is enough.
    pub(crate) fn command<I, S>(&self, arguments: I) -> Command
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let mut command = Command::new("nsenter");
        for (kind, door) in &self.inside.doors {
            command.arg(format!("--{}={}", option_of(kind), path_of(door).display()));
        }
        command.args(["--", "setpriv", "--pdeathsig", "KILL", "--"]).args(arguments);
        command.stdin(Stdio::null()).env_clear().envs(ENVIRONMENT);
        command
    }

    /// Where other programs of the machine can open one of the namespaces.
    pub(crate) fn path(&self, kind: &str) -> Option<PathBuf> {
        self.inside.doors.iter().find(|(name, _)| *name == kind).map(|(_, door)| path_of(door))
    }

    /// The device's `/dev`, as a path of the machine.
    pub(crate) fn dev(&self) -> PathBuf {
        path_of(&self.inside.dev)
    }

    pub(crate) fn unshare_pid(&self) -> u32 {
        self.unshare.id()
    }
}

impl Inside {
    fn open(pid: Pid) -> io::Result<Self> {
        let init = pidfd_open(pid, PidfdFlags::empty())?;
        let process = Path::new("/proc").join(pid.as_raw_nonzero().to_string());
        let doors: Vec<_> = KINDS
            .into_iter()
            .map(|kind| File::open(process.join("ns").join(kind)).map(|door| (kind, door)))
            .collect::<io::Result<_>>()?;
        for (kind, door) in &doors {
            // Whatever else goes wrong, nothing meant for the device may run on the machine.
            if door.metadata()?.ino() == fs::metadata(Path::new("/proc/self/ns").join(kind))?.ino() {
                return Err(io::Error::other(format!(
                    "process {pid:?} is in the machine's own `{kind}` namespace"
                )));
            }
        }
        Ok(Self { init, dev: File::open(process.join("root/dev"))?, doors })
    }
}

/// The end of the init is the end of every process inside, and of the mounts with them.
impl Drop for Namespaces {
    fn drop(&mut self) {
        // Ended already is as good, and a failure has nobody left to be told.
        let _ = pidfd_send_signal(&self.inside.init, Signal::KILL);
        let _ = self.unshare.wait();
    }
}

fn spawn_unshare(name: &str, shared: &[PathBuf], log: &Log) -> io::Result<Child> {
    Command::new("unshare")
        .args(["--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child"])
        .args(["--propagation", "private", "--", "/bin/sh", "-c", include_str!("raise.sh"), "raise"])
        .args([name, MEMORY])
        .args(shared)
        .env_clear()
        .envs(ENVIRONMENT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log.writer()?)
        .spawn()
}

fn wait_for_init(stdout: ChildStdout, log: &Log) -> Result<Pid, SandboxError> {
    let mut line = String::new();
    BufReader::new(stdout.take(MAX_LINE))
        .read_line(&mut line)
        .map_err(SandboxError::io("waiting for the device's init"))?;
    line.trim_end()
        .strip_prefix("ready ")
        .and_then(|pid| pid.parse().ok())
        .and_then(Pid::from_raw)
        .ok_or_else(|| SandboxError::Raise(log.text().trim().to_owned()))
}

fn option_of(kind: &str) -> &str {
    if kind == "mnt" { "mount" } else { kind }
}

/// As the kernel calls them under `/proc/PID/ns`.
const KINDS: [&str; 5] = ["ipc", "mnt", "net", "pid", "uts"];
pub(crate) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Nothing of the caller's own environment reaches the device.
const ENVIRONMENT: [(&str, &str); 6] = [
    ("DEBIAN_FRONTEND", "noninteractive"),
    ("HOME", "/root"),
    ("LANG", "C.UTF-8"),
    ("LOGNAME", "root"),
    ("PATH", PATH),
    ("USER", "root"),
];
/// The most a device may write, all of it in memory.
const MEMORY: &str = "1g";
const MAX_LINE: u64 = 64;
