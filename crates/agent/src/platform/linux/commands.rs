//! Programs of administrators: started as a user, ended with everything they started.

use std::{
    fs,
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, getpid, kill_process, kill_process_group, waitid};
use sallyport_api::agent::RunOrder;
use sallyport_model::{Interpreter, id::RunId};

use super::{
    accounts,
    passwd::{Database, User},
    tool,
};
use crate::{
    core::{Ending, Standing},
    durable, log,
    paths::Paths,
    platform::PlatformError,
};

/// In the environment of everything a run starts, so that it can be found again.
const MARK: &str = "SALLYPORT_RUN";
/// Between asking a program to end and ending it.
const GRACE: Duration = Duration::from_secs(3);
const PASSES: usize = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// A program that runs.
pub struct Program {
    child: Child,
    stopper: Stopper,
    script: PathBuf,
}

/// Ends a program; does nothing once it has ended by itself.
#[derive(Debug, Clone)]
pub struct Stopper {
    run: RunId,
    /// Empty as soon as the number may be somebody else's.
    leader: Arc<Mutex<Option<Pid>>>,
}

/// Starts what was ordered.
///
/// # Errors
/// Why it was not started.
pub fn start(order: &RunOrder, paths: &Paths) -> Result<Program, PlatformError> {
    let interpreter = interpreter(order.interpreter)?;
    let database = Database::load(paths)?;
    let user = database.user(&order.run_as).ok_or_else(|| {
        PlatformError::Refused(format!("there is no account `{}` here", printable(&order.run_as)))
    })?;
    require_open(&user.name, paths)?;
    let environment = environment(order, user)?;
    let script = script(order, user, paths)?;
    let child = command(&interpreter, &script, user)?
        .env_clear()
        .envs(environment)
        .current_dir(if Path::new(&user.home).is_dir() { user.home.as_str() } else { "/" })
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn();
    match child {
        Ok(child) => {
            let leader = Arc::new(Mutex::new(Some(Pid::from_child(&child))));
            Ok(Program { child, stopper: Stopper { run: order.run, leader }, script })
        }
        Err(error) => {
            remove(&script);
            Err(error.into())
        }
    }
}

impl Program {
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// What it prints; once.
    pub fn take_output(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.child.stdout.take(), self.child.stderr.take())
    }

    /// Waits for its end.
    #[must_use]
    pub fn wait(mut self) -> Ending {
        // Seen first and reaped after, so that its number is not killed when it is somebody else's already.
        let pid = Pid::from_child(&self.child);
        let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        if let Ok(mut leader) = self.stopper.leader.lock() {
            *leader = None;
        }
        let status = self.child.wait();
        remove(&self.script);
        match status {
            Ok(status) => Ending::Exited {
                code: status.code(),
                reason: status.signal().map(|signal| format!("killed by signal {signal}")),
            },
            Err(error) => Ending::Exited { code: None, reason: Some(error.to_string()) },
        }
    }
}

impl Stopper {
    /// Asks the program to end, then ends it and everything that carries its mark. Takes seconds.
    pub fn stop(&self, paths: &Paths) {
        let (_open, never) = mpsc::channel::<()>();
        self.signal(Signal::TERM);
        for _ in 0..GRACE.as_millis() / PAUSE.as_millis() {
            if self.is_over() && marked(self.run, paths).is_empty() {
                return;
            }
            let _ = never.recv_timeout(PAUSE);
        }
        for _ in 0..PASSES {
            self.signal(Signal::KILL);
            let left = marked(self.run, paths);
            if self.is_over() && left.is_empty() {
                return;
            }
            for pid in left {
                // Gone already is as good as killed.
                let _ = kill_process(pid, Signal::KILL);
            }
            let _ = never.recv_timeout(PAUSE);
        }
        log::warn(format_args!("processes of {} are still there", self.run));
    }

    fn signal(&self, signal: Signal) {
        if let Ok(leader) = self.leader.lock()
            && let Some(leader) = *leader
        {
            let _ = kill_process_group(leader, signal);
        }
    }

    fn is_over(&self) -> bool {
        self.leader.lock().map_or(true, |leader| leader.is_none())
    }
}

/// Where commands keep their bodies; others may pass through.
///
/// # Errors
/// The directory is somebody else's.
pub fn prepare(paths: &Paths) -> Result<(), PlatformError> {
    let _ = fs::remove_dir_all(paths.scripts_dir());
    Ok(durable::directory(&paths.scripts_dir(), 0o711)?)
}

/// Nobody runs anything as a person whom the directory shut out. Where it cannot be told whose the account is, it
/// may be theirs.
fn require_open(name: &str, paths: &Paths) -> Result<(), PlatformError> {
    let reason = match accounts::standing(name, paths) {
        Standing::Active | Standing::Local => return Ok(()),
        Standing::Locked => "is locked: its person is suspended, or no longer bound to this device",
        Standing::Unknown => "cannot be told from one of the directory's, which may be locked",
    };
    Err(PlatformError::Refused(format!("the account `{}` {reason}", printable(name))))
}

fn interpreter(wanted: Interpreter) -> Result<PathBuf, PlatformError> {
    let name = match wanted {
        Interpreter::Bash => "bash",
        Interpreter::Sh => "sh",
        Interpreter::Powershell => "pwsh",
        Interpreter::Cmd => return Err(PlatformError::Unsupported("cmd")),
    };
    tool::find(name).ok_or_else(|| PlatformError::Refused(format!("`{name}` is not installed")))
}

fn command(interpreter: &Path, script: &Path, user: &User) -> Result<Command, PlatformError> {
    if user.uid == rustix::process::geteuid().as_raw() {
        let mut command = Command::new(interpreter);
        command.arg(script);
        return Ok(command);
    }
    let setpriv = tool::find("setpriv")
        .ok_or_else(|| PlatformError::Refused("`setpriv` is not installed".to_owned()))?;
    let mut command = Command::new(setpriv);
    command
        .arg(format!("--reuid={}", user.uid))
        .arg(format!("--regid={}", user.gid))
        .args(["--init-groups", "--inh-caps=-all", "--"])
        .arg(interpreter)
        .arg(script);
    Ok(command)
}

fn environment(order: &RunOrder, user: &User) -> Result<Vec<(String, String)>, PlatformError> {
    let own = [
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("HOME", user.home.as_str()),
        ("LANG", "C.UTF-8"),
        ("LOGNAME", user.name.as_str()),
        ("SHELL", user.shell.as_str()),
        ("USER", user.name.as_str()),
    ];
    let mut all: Vec<(String, String)> =
        own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    for (name, value) in &order.environment {
        if !is_variable(name) || value.contains('\0') {
            return Err(PlatformError::Refused(format!(
                "`{}` is no name or value of an environment variable",
                printable(name)
            )));
        }
        all.push((name.clone(), value.clone()));
    }
    all.push((MARK.to_owned(), order.run.to_string()));
    Ok(all)
}

fn is_variable(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    !name.is_empty()
        && name.len() <= 128
        && name.bytes().all(plain)
        && !name.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

/// The body as a file that its user alone can read: as an argument everybody could, and on standard input the
/// programs it starts would take it for theirs.
fn script(order: &RunOrder, user: &User, paths: &Paths) -> Result<PathBuf, PlatformError> {
    let extension = match order.interpreter {
        Interpreter::Powershell => ".ps1",
        Interpreter::Bash | Interpreter::Cmd | Interpreter::Sh => "",
    };
    let path = paths.scripts_dir().join(format!("{}{extension}", order.run));
    durable::write(&path, order.body.as_bytes(), 0o400)?;
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::lchown(&path, Some(user.uid), Some(user.gid))?;
    }
    Ok(path)
}

fn remove(script: &Path) {
    if let Err(error) = durable::remove(script) {
        log::warn(format_args!("{} cannot be removed: {error}", script.display()));
    }
}

/// Living processes that carry the mark of this run, wherever they went.
fn marked(run: RunId, paths: &Paths) -> Vec<Pid> {
    let mark = format!("{MARK}={run}");
    let Ok(entries) = fs::read_dir(paths.proc()) else { return Vec::new() };
    entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
            let environment = fs::read(entry.path().join("environ")).ok()?;
            let ours = environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes());
            (ours && pid != getpid()).then_some(pid)
        })
        .collect()
}

fn printable(text: &str) -> String {
    sallyport_model::name::printable(text, 64)
}

#[cfg(test)]
mod tests {
    use sallyport_model::{
        Time,
        id::{DeviceId, UserId},
    };
    use uuid::Uuid;

    use super::*;
    use crate::accounts::{Ledger, Owned};

    /// A machine on which everybody has the number that the tests run with, so that they can start something.
    fn machine(ledger: &str) -> (tempfile::TempDir, Paths) {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::under(folder.path());
        let uid = rustix::process::geteuid().as_raw();
        for path in [paths.passwd(), paths.accounts(), paths.scripts_dir().join("x")] {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
        }
        let line = |name: &str, uid: u32| format!("{name}:x:{uid}:{uid}::/:/bin/sh\n");
        let lines = [line("alice", uid), line("bob", uid + 1), line("joe", uid + 2), line("alias", uid)];
        fs::write(paths.passwd(), lines.concat()).unwrap();
        fs::write(paths.accounts(), ledger).unwrap();
        (folder, paths)
    }

    fn ledger(locked: bool) -> String {
        let uid = rustix::process::geteuid().as_raw();
        let owned = |name: &str, uid| Owned { name: name.into(), uid, taken_over: false, locked };
        let accounts = [("alice", uid), ("bob", uid + 1)];
        let accounts =
            accounts.map(|(name, uid)| (UserId::new(Uuid::from_u128(uid.into())), owned(name, uid)));
        serde_json::to_string(&Ledger { accounts: accounts.into() }).unwrap()
    }

    fn order(run_as: &str) -> RunOrder {
        RunOrder {
            run: RunId::new(Uuid::from_u128(1)),
            device: DeviceId::new(Uuid::from_u128(2)),
            interpreter: Interpreter::Sh,
            body: "exit 7".into(),
            run_as: run_as.into(),
            timeout_seconds: 60,
            environment: std::collections::BTreeMap::new(),
            not_before: Time(0),
            not_after: Time(i64::MAX),
        }
    }

    fn refusal(run_as: &str, paths: &Paths) -> String {
        start(&order(run_as), paths).err().map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn nothing_runs_as_whom_the_directory_shut_out() {
        let (_folder, paths) = machine(&ledger(true));
        for name in ["alice", "bob"] {
            let reason = refusal(name, &paths);
            assert!(reason.contains(&format!("`{name}` is locked")), "{reason}");
        }
        // The same number under another name.
        assert!(refusal("alias", &paths).contains("cannot be told"));
        assert!(!paths.scripts_dir().join(order("alice").run.to_string()).exists());
    }

    #[test]
    fn whose_account_is_open_may_run_something() {
        let (_folder, paths) = machine(&ledger(false));
        let program = start(&order("alice"), &paths).map_err(|error| error.to_string()).unwrap();
        assert_eq!(program.wait(), Ending::Exited { code: Some(7), reason: None });
        require_open("joe", &paths).unwrap();
    }

    #[test]
    fn where_nobody_can_say_whose_accounts_are_nothing_runs_but_as_root() {
        let (_folder, paths) = machine("{ torn");
        assert!(refusal("joe", &paths).contains("cannot be told"));
        require_open("root", &paths).unwrap();
    }
}
