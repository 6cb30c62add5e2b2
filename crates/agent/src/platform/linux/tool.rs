//! Programs of the system, called with an argument list, an empty environment, and not for ever.

use std::{
    io::{self, Read, Write},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use crate::platform::PlatformError;

const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";
const FOLDERS: [&str; 4] = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
const PATIENCE: Duration = Duration::from_secs(60);
/// Of what a tool says about its failure.
const LONGEST_REASON: u64 = 2000;

/// Where a program is; only the folders of the system are searched.
pub(super) fn find(program: &str) -> Option<std::path::PathBuf> {
    FOLDERS.iter().map(|folder| std::path::Path::new(folder).join(program)).find(|path| path.exists())
}

/// Runs a program of the system to its end.
pub(super) fn run(program: &str, arguments: &[&str]) -> Result<(), PlatformError> {
    run_with(program, arguments, b"", PATIENCE).map(|_| ())
}

/// How a program ended, and the beginning of what it said.
pub(super) struct Outcome {
    pub(super) status: std::process::ExitStatus,
    pub(super) printed: String,
    pub(super) complained: String,
}

/// As [`run`], with something to read, and gives what the program printed.
pub(super) fn run_with(
    program: &str,
    arguments: &[&str],
    input: &[u8],
    patience: Duration,
) -> Result<String, PlatformError> {
    let outcome = ask(program, arguments, input, patience)?;
    let reason = match outcome.status.code() {
        Some(0) => return Ok(outcome.printed),
        Some(code) if outcome.complained.trim().is_empty() => format!("exit code {code}"),
        Some(_) => outcome.complained,
        None => "it was killed".to_owned(),
    };
    Err(failed(program, &reason))
}

/// As [`run_with`], for a program whose exit code is no failure.
pub(super) fn ask(
    program: &str,
    arguments: &[&str],
    input: &[u8],
    patience: Duration,
) -> Result<Outcome, PlatformError> {
    let path = find(program).ok_or_else(|| failed(program, "it is not installed"))?;
    let child = Command::new(path)
        .args(arguments)
        .env_clear()
        .env("PATH", PATH)
        .env("LC_ALL", "C")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(program, &error.to_string()))?;
    finish(child, input.to_vec(), patience).map_err(|error| failed(program, &error.to_string()))
}

fn failed(program: &str, reason: &str) -> PlatformError {
    PlatformError::Tool { tool: program.to_owned(), reason: reason.trim().to_owned() }
}

fn finish(mut child: Child, input: Vec<u8>, patience: Duration) -> io::Result<Outcome> {
    let stdin = child.stdin.take();
    let printed = collect(child.stdout.take());
    let complained = collect(child.stderr.take());
    // A tool that does not read its input must not hold us up.
    let writing = thread::spawn(move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(&input)));
    let (done, over) = mpsc::channel();
    let pid = rustix::process::Pid::from_child(&child);
    let waiting = thread::spawn(move || done.send(child.wait()));
    let status = over.recv_timeout(patience).unwrap_or_else(|_| {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        Err(io::Error::other(format!("it took longer than {} seconds", patience.as_secs())))
    })?;
    let _ = waiting.join();
    let _ = writing.join();
    Ok(Outcome { status, printed: text(&printed), complained: text(&complained) })
}

fn collect(from: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        if let Some(mut from) = from {
            let _ = from.by_ref().take(LONGEST_REASON).read_to_end(&mut kept);
            let _ = sender.send(kept);
            let _ = io::copy(&mut from, &mut io::sink());
        }
    });
    receiver
}

/// A daemon the tool left behind may hold its output open; what has come by then is enough.
fn text(from: &mpsc::Receiver<Vec<u8>>) -> String {
    let bytes = from.recv_timeout(Duration::from_secs(2)).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
