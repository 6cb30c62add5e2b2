//! Programs of administrators: started as a user, ended with everything they started.

use std::{
    fs,
    io::Write as _,
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex},
};

use sallyport_api::agent::RunOrder;
use sallyport_model::Interpreter;

use super::{
    accounts,
    passwd::{Database, User},
    supervisor, tool,
};
use crate::{
    child,
    core::{Ending, Standing},
    durable, log,
    paths::Paths,
    platform::PlatformError,
};

/// A program that runs.
pub struct Program {
    /// The program's [`supervisor`], which ends as it does.
    child: Child,
    stopper: Stopper,
    script: PathBuf,
}

/// Ends a program with everything it started; does nothing once it has ended by itself.
#[derive(Debug, Clone)]
pub struct Stopper {
    /// To the supervisor; empty once it was told.
    line: Arc<Mutex<Option<ChildStdin>>>,
}

/// Starts what was ordered.
///
/// # Errors
/// Why it was not started.
pub fn start(order: &RunOrder, paths: &Paths) -> Result<Program, PlatformError> {
    start_under(&child::program()?, order, paths)
}

/// As [`start`], with this agent to supervise it.
///
/// # Errors
/// As [`start`].
pub fn start_under(agent: &Path, order: &RunOrder, paths: &Paths) -> Result<Program, PlatformError> {
    let interpreter = interpreter(order.interpreter)?;
    let database = Database::load(paths)?;
    let user = database.user(&order.run_as).ok_or_else(|| {
        PlatformError::Refused(format!("there is no account `{}` here", printable(&order.run_as)))
    })?;
    require_open(&user.name, paths)?;
    let environment = environment(order, user)?;
    let script = script(order, user, paths)?;
    let child = command(agent, &interpreter, &script, user)?
        .env_clear()
        .envs(environment)
        .current_dir(if Path::new(&user.home).is_dir() { user.home.as_str() } else { "/" })
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn();
    match child {
        Ok(mut child) => {
            let line = Arc::new(Mutex::new(child.stdin.take()));
            Ok(Program { child, stopper: Stopper { line }, script })
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
    /// Asks everything to end, and some seconds later it is ended.
    pub fn stop(&self) {
        if let Ok(mut line) = self.line.lock()
            && let Some(mut line) = line.take()
        {
            // Nobody there any more to be told is as good.
            let _ = line.write_all(supervisor::STOP);
        }
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

fn command(agent: &Path, interpreter: &Path, script: &Path, user: &User) -> Result<Command, PlatformError> {
    let mut command = Command::new(agent);
    command.arg0(child::NAME).args([supervisor::SUBCOMMAND, "--"]);
    if user.uid != rustix::process::geteuid().as_raw() {
        let setpriv = tool::find("setpriv")
            .ok_or_else(|| PlatformError::Refused("`setpriv` is not installed".to_owned()))?;
        command
            .arg(setpriv)
            .arg(format!("--reuid={}", user.uid))
            .arg(format!("--regid={}", user.gid))
            .args(["--init-groups", "--inh-caps=-all", "--"]);
    }
    command.arg(interpreter).arg(script);
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
        if is_for_the_loader(name) {
            return Err(PlatformError::Refused(format!(
                "`{name}` would be heeded before the program runs as its user; set it in the command's body"
            )));
        }
        all.push((name.clone(), value.clone()));
    }
    Ok(all)
}

/// What runs between this agent and the program is root's, and is loaded with the same environment.
fn is_for_the_loader(name: &str) -> bool {
    name.starts_with("LD_") || name == "GLIBC_TUNABLES"
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

fn printable(text: &str) -> String {
    sallyport_model::name::printable(text, 64)
}

#[cfg(test)]
mod tests {
    use sallyport_model::{
        Time,
        id::{DeviceId, RunId, UserId},
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
        require_open("alice", &paths).unwrap();
        require_open("joe", &paths).unwrap();
    }

    #[test]
    fn where_nobody_can_say_whose_accounts_are_nothing_runs_but_as_root() {
        let (_folder, paths) = machine("{ torn");
        assert!(refusal("joe", &paths).contains("cannot be told"));
        require_open("root", &paths).unwrap();
    }
}
