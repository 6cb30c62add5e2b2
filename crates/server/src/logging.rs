//! Where log lines go: standard error. For people on a terminal line by line, as JSON everywhere else.
//!
//! A busy server writes a line for each request, and a system call for each line would cost more than what the line is
//! about. So lines wait a moment for each other; a warning or an error takes all that wait along at once.

mod json;

use std::{
    io::{self, IsTerminal as _, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How long a line waits for others.
const WAIT: Duration = Duration::from_millis(20);

/// So many waits in a row without a line, and whoever writes them sleeps until there is one. Waking it costs whoever has
/// that line; while lines keep coming it wakes by itself.
const WAITS_IN_VAIN: u32 = 50;

/// So many bytes wait at most: then whoever has a line writes them all.
const MOST_WAITING: usize = 64 * 1024;

/// Starts logging, until the process ends. What still waits is written when this is dropped.
pub(crate) fn start(filter: &str) -> anyhow::Result<Flush> {
    let filter = tracing_subscriber::EnvFilter::try_new(filter).context("--log is not a filter")?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    if io::stderr().is_terminal() {
        builder.with_writer(io::stderr).with_target(false).init();
        return Ok(Flush(None));
    }
    let lines = Lines::new(Box::new(io::stderr()));
    let writing = lines.clone();
    std::thread::Builder::new().name("log".into()).spawn(move || writing.write_now_and_then())?;
    builder.event_format(json::JsonLine).with_writer(lines.clone()).init();
    Ok(Flush(Some(lines)))
}

/// Writes what waits when the server ends.
pub(crate) struct Flush(Option<Lines>);

impl Drop for Flush {
    fn drop(&mut self) {
        if let Some(lines) = &self.0 {
            lines.flush();
        }
    }
}

/// Lines on their way out. Cloning shares them.
#[derive(Clone)]
struct Lines(Arc<Shared>);

struct Shared {
    waiting: Mutex<Vec<u8>>,
    some: Condvar,
    /// Held while writing, so that lines stay in order.
    out: Mutex<Box<dyn Write + Send>>,
}

impl Lines {
    fn new(out: Box<dyn Write + Send>) -> Self {
        let waiting = Mutex::new(Vec::with_capacity(MOST_WAITING));
        Self(Arc::new(Shared { waiting, some: Condvar::new(), out: Mutex::new(out) }))
    }

    #[expect(clippy::disallowed_methods, reason = "what is waited for here is that time passes")]
    fn write_now_and_then(&self) {
        loop {
            let none = |waiting: &mut Vec<u8>| waiting.is_empty();
            drop(self.0.some.wait_while(lock(&self.0.waiting), none));
            let mut in_vain = 0;
            while in_vain < WAITS_IN_VAIN {
                std::thread::sleep(WAIT);
                if lock(&self.0.waiting).is_empty() {
                    in_vain += 1;
                } else {
                    self.flush();
                    in_vain = 0;
                }
            }
        }
    }

    fn add(&self, line: &[u8], at_once: bool) {
        let mut waiting = lock(&self.0.waiting);
        let is_first = waiting.is_empty();
        waiting.extend_from_slice(line);
        let is_full = waiting.len() >= MOST_WAITING;
        drop(waiting);
        if at_once || is_full {
            self.flush();
        } else if is_first {
            self.0.some.notify_one();
        }
    }

    fn flush(&self) {
        let mut out = lock(&self.0.out);
        let mut waiting = lock(&self.0.waiting);
        let lines = std::mem::replace(&mut *waiting, Vec::with_capacity(MOST_WAITING));
        drop(waiting);
        // Where nobody takes the log there is nobody to tell.
        out.write_all(&lines).and_then(|()| out.flush()).ok();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One line being made.
struct Line<'a> {
    lines: &'a Lines,
    at_once: bool,
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { lines: self, at_once: true }
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> Line<'a> {
        Line { lines: self, at_once: *about.level() <= Level::WARN }
    }
}

impl Write for Line<'_> {
    /// Takes a whole line at once, which is how they come.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.lines.add(line, self.at_once);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    struct Sent(mpsc::Sender<String>);

    impl Write for Sent {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(String::from_utf8_lossy(bytes).into_owned()).ok();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn lines() -> (Lines, mpsc::Receiver<String>) {
        let (sender, written) = mpsc::channel();
        (Lines::new(Box::new(Sent(sender))), written)
    }

    #[test]
    fn lines_wait_for_each_other_and_a_warning_takes_them_along() {
        let (lines, written) = lines();
        lines.add(b"a\n", false);
        lines.add(b"b\n", false);
        assert!(written.try_recv().is_err());
        lines.add(b"warning\n", true);
        assert_eq!(written.try_recv().unwrap(), "a\nb\nwarning\n");
    }

    #[test]
    fn lines_that_nothing_takes_along_are_written_by_themselves() {
        let (lines, written) = lines();
        let writing = lines.clone();
        std::thread::spawn(move || writing.write_now_and_then());
        lines.add(b"a\n", false);
        assert_eq!(written.recv().unwrap(), "a\n");
        lines.add(b"b\n", false);
        assert_eq!(written.recv().unwrap(), "b\n");
    }

    #[test]
    fn what_waits_is_bounded_and_nothing_is_lost() {
        let (lines, written) = lines();
        let line = [b'x'; 1000];
        for _ in 0..200 {
            lines.add(&line, false);
        }
        drop(Flush(Some(lines)));
        let sizes: Vec<usize> = written.iter().map(|lines| lines.len()).collect();
        assert_eq!(sizes.iter().sum::<usize>(), 200_000);
        assert!(sizes.iter().all(|size| *size <= MOST_WAITING + line.len()), "{sizes:?}");
    }
}
