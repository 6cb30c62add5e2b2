//! Logging in with the real OpenSSH client, as a person would, but with the answers prepared.
//!
//! The client has no terminal and asks a small program instead (`SSH_ASKPASS`), which sees each prompt, gives the answer
//! that is meant for it, and writes both down.

use std::io;
use std::net::IpAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::sandbox::{Log, input, run_bounded};

/// One login and the command to run by it.
#[derive(Clone, Debug)]
pub struct SshLogin {
    pub host: IpAddr,
    pub port: u16,
    pub user: String,
    /// Part of a prompt, and what to answer to it. Each is used once, for the first prompt that contains the part; a
    /// prompt that none is left for gets an empty answer from the client.
    pub answers: Vec<(String, String)>,
    pub command: String,
    /// Private key to offer. With one, a server that is content with it asks nothing.
    pub identity: Option<PathBuf>,
    /// Part of a prompt whose answer is held back, and the folder where a file `held` then has its words, until somebody
    /// puts a file `go` there, with an answer in it or with nothing.
    pub hold: Option<(String, PathBuf)>,
    pub timeout: Duration,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct SshOutcome {
    /// Of the remote command, or 255 when the login failed (or by the client itself); `None` when time was up or the
    /// client was killed.
    pub exit_code: Option<i32>,
    pub stdout: String,
    /// What the client said. Messages that PAM modules show without asking arrive here, or in front of the next prompt.
    pub stderr: String,
    /// All of them in order, answered or not, each as a person would have seen it.
    pub prompts_seen: Vec<String>,
    /// What was answered to each of them; empty where no answer was left.
    pub answers_given: Vec<String>,
    pub timed_out: bool,
    pub elapsed: Duration,
}

impl SshOutcome {
    /// Whether the login succeeded and the command too.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.exit_code == Some(0)
    }

    /// Whether a server that asked has refused the login: told apart from no server, a broken connection, a client that
    /// gave up, and a remote command that failed.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.exit_code == Some(CLIENT_FAILED)
            && !self.prompts_seen.is_empty()
            && self.stderr.contains("Permission denied")
    }

    /// Everything a person would have read: prompts first, then what the client said.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut lines = self.prompts_seen.clone();
        lines.push(self.stderr.clone());
        lines.join("\n")
    }
}

/// The client could not be run; a refused login is an outcome, not an error.
#[derive(Debug, thiserror::Error)]
pub enum SshError {
    #[error("`ssh` could not be run, is the Debian package openssh-client installed: {0}")]
    Client(#[from] io::Error),
}

impl SshLogin {
    #[must_use]
    pub fn new(host: impl Into<IpAddr>, user: &str) -> Self {
        Self {
            host: host.into(),
            port: 22,
            user: user.to_owned(),
            answers: Vec::new(),
            command: "true".to_owned(),
            identity: None,
            hold: None,
            timeout: Duration::from_secs(60),
        }
    }

    #[must_use]
    pub fn answer(mut self, prompt_part: &str, answer: &str) -> Self {
        self.answers.push((prompt_part.to_owned(), answer.to_owned()));
        self
    }

    #[must_use]
    pub fn command(mut self, command: &str) -> Self {
        command.clone_into(&mut self.command);
        self
    }
}

/// Logs in, runs the command, and tells what happened.
pub fn login(login: &SshLogin) -> Result<SshOutcome, SshError> {
    let [prompts, answers, spent] = [Log::new("prompts")?, Log::new("answers")?, Log::new("spent")?];
    let askpass = Askpass::new()?;
    let mut client = client(login, &askpass);
    client.env("ASKPASS_PROMPTS", prompts.path()).env("ASKPASS_ANSWERS", answers.path());
    client.env("ASKPASS_SPENT", spent.path());
    let start = Instant::now();
    let finished = run_bounded(&mut client, login.timeout)?;
    let status = finished.output.status;
    Ok(SshOutcome {
        exit_code: status.code().filter(|_| status.signal().is_none() && !finished.timed_out),
        stdout: String::from_utf8_lossy(&finished.output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&finished.output.stderr).into_owned(),
        prompts_seen: entries(&prompts),
        answers_given: entries(&answers),
        timed_out: finished.timed_out,
        elapsed: start.elapsed(),
    })
}

fn entries(log: &Log) -> Vec<String> {
    log.text().split_terminator('\0').map(str::to_owned).collect()
}

fn client(login: &SshLogin, askpass: &Askpass) -> Command {
    // It ends with the thread that waits for it, and a session of its own has no terminal to ask at.
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "setsid", "ssh"]);
    command.args(["-T", "-F", "/dev/null", "-p", &login.port.to_string(), "-l", &login.user]);
    for option in OPTIONS {
        command.args(["-o", option]);
    }
    match &login.identity {
        Some(identity) => {
            command.arg("-i").arg(identity);
            command.args(["-o", "PreferredAuthentications=publickey,keyboard-interactive"])
        }
        None => command.args(["-o", "PreferredAuthentications=keyboard-interactive"]),
    };
    command.args(["--", &login.host.to_string(), &login.command]);
    command.stdin(Stdio::null()).env_remove("SSH_AUTH_SOCK");
    command.env("SSH_ASKPASS", askpass.path()).env("SSH_ASKPASS_REQUIRE", "force");
    if let Some((part, folder)) = &login.hold {
        command.env("ASKPASS_HOLD", part).env("ASKPASS_HOLD_FOLDER", folder);
    }
    command.env("ASKPASS_COUNT", login.answers.len().to_string());
    for (number, (part, answer)) in login.answers.iter().enumerate() {
        command.env(format!("ASKPASS_PART_{number}"), part).env(format!("ASKPASS_ANSWER_{number}"), answer);
    }
    command
}

/// The small program, for one login.
struct Askpass(TempDir);

impl Askpass {
    /// It is written by another process: what a thread of this one has open for writing cannot be run, and a process
    /// that another thread starts meanwhile has it open too.
    fn new() -> io::Result<Self> {
        let folder = TempDir::new()?;
        let mut install = Command::new("install");
        install.args(["-m", "0700", "/dev/stdin"]).arg(folder.path().join(PROGRAM));
        install.stdin(input(include_bytes!("ssh/askpass.sh"))?);
        if !install.status()?.success() {
            return Err(io::Error::other("the program that answers prompts cannot be written"));
        }
        Ok(Self(folder))
    }

    fn path(&self) -> PathBuf {
        self.0.path().join(PROGRAM)
    }
}

const PROGRAM: &str = "askpass";
/// With which the client ends when the login failed, whatever the reason.
const CLIENT_FAILED: i32 = 255;
/// Devices are raised with fresh keys, so there is no known host; one refused answer is a refused login.
const OPTIONS: [&str; 6] = [
    "StrictHostKeyChecking=no",
    "UserKnownHostsFile=/dev/null",
    "NumberOfPasswordPrompts=1",
    "IdentitiesOnly=yes",
    "IdentityAgent=none",
    "ConnectTimeout=10",
];
