//! What sudo says of people: an entry that is not ours may let somebody run what the directory does not.

use std::{
    collections::BTreeMap,
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use sallyport_api::agent::StateVersion;

use crate::{
    paths::Paths,
    platform::linux::tool::{self, Outcome},
};

/// What sudo answered of people before, and what that rests upon. Each question costs a program and a line in the log
/// of the machine, so that nobody is asked for again as long as nothing has changed.
#[derive(Debug, Default)]
pub struct Answers {
    basis: Option<Basis>,
    /// Whether sudo lets them run anything, by name.
    lets: BTreeMap<String, bool>,
}

#[derive(Debug, PartialEq, Eq)]
struct Basis {
    version: StateVersion,
    files: Vec<(PathBuf, Stamp)>,
}

/// Another one after every write; `None` for what cannot be looked at.
type Stamp = Option<(u64, u64, i64, i64)>;

/// One answer takes milliseconds, unless sudo asks a directory elsewhere.
const PATIENCE: Duration = Duration::from_secs(10);

impl Answers {
    /// Why these people have more than the right of a standard user, or may have: for each whom sudo lets run
    /// anything. `ask` is asked as far as the answers are not there yet.
    pub(super) fn objections<'a>(
        &mut self,
        names: impl IntoIterator<Item = &'a str>,
        version: StateVersion,
        paths: &Paths,
        ask: impl Fn(&str) -> Result<bool, String>,
    ) -> BTreeMap<&'a str, String> {
        let basis = Some(Basis { version, files: files(paths) });
        if self.basis != basis {
            self.lets.clear();
            self.basis = basis;
        }
        let mut unanswered = None;
        let mut objections = BTreeMap::new();
        for name in names {
            let lets = match (self.lets.get(name), &unanswered) {
                (Some(lets), _) => Ok(*lets),
                // Who does not answer once is not waited for a thousand times.
                (None, Some(reason)) => Err(String::clone(reason)),
                (None, None) => ask(name),
            };
            match lets {
                Ok(lets) => {
                    self.lets.insert(name.to_owned(), lets);
                    if lets {
                        objections.insert(name, LETS.to_owned());
                    }
                }
                Err(reason) => {
                    objections.insert(name, format!("{DOUBT}: {reason}"));
                    unanswered = Some(reason);
                }
            }
        }
        objections
    }
}

/// Whether there is a sudo that could let anybody run anything.
pub(super) fn is_installed() -> bool {
    tool::find("sudo").is_some()
}

/// Asks sudo whether it lets this person, whose name is validated, run anything.
pub(super) fn lets_run(name: &str) -> Result<bool, String> {
    let outcome = tool::ask("sudo", &["-n", "-l", "-U", name], b"", PATIENCE);
    answer(name, &outcome.map_err(|error| error.to_string())?)
}

/// Reads what `sudo -l -U` prints. Anything but its two sentences is no answer.
fn answer(name: &str, outcome: &Outcome) -> Result<bool, String> {
    let printed = outcome.printed.trim_end();
    let no = format!("User {name} is not allowed to run sudo on ");
    let yes = format!("User {name} may run the following commands on ");
    // Releases differ in the code that comes with a no.
    let ended = matches!(outcome.status.code(), Some(0 | 1));
    if ended && printed.lines().count() == 1 && printed.starts_with(&no) && printed.ends_with('.') {
        return Ok(false);
    }
    if printed.lines().any(|line| line.starts_with(&yes)) {
        return Ok(true);
    }
    let said = outcome.complained.lines().chain(printed.lines()).find(|line| !line.trim().is_empty());
    Err(sallyport_model::name::printable(said.unwrap_or("sudo says nothing").trim(), LONGEST_REASON))
}

/// Whatever sudo decides by that lies in a file where every system has it.
fn files(paths: &Paths) -> Vec<(PathBuf, Stamp)> {
    let dropped = entries(&paths.sudoers_dir()).unwrap_or_default();
    let always = [paths.sudoers_file(), paths.sudoers_dir(), paths.passwd(), paths.group()];
    always
        .into_iter()
        .chain(dropped)
        .map(|path| {
            let stamp = stamp(&path);
            (path, stamp)
        })
        .collect()
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>()?;
    entries.sort();
    Ok(entries)
}

fn stamp(path: &Path) -> Stamp {
    let found = fs::metadata(path).ok()?;
    Some((found.ino(), found.size(), found.ctime(), found.ctime_nsec()))
}

const LETS: &str = "sudo lets this person run programs by an entry that is not the directory's; find it in \
    /etc/sudoers or /etc/sudoers.d, and take it out there";
const DOUBT: &str = "whether sudo lets this person run programs by an entry of /etc/sudoers or /etc/sudoers.d cannot \
    be told";
const LONGEST_REASON: usize = 200;

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, os::unix::process::ExitStatusExt as _, process::ExitStatus};

    use super::*;

    const FIRST: StateVersion = StateVersion { epoch: 1, n: 1 };
    const NO: &str = "User alice is not allowed to run sudo on vm.\n";
    const YES: &str = "Matching Defaults entries for alice on vm:\n    env_reset, mail_badpass\n\n\
        User alice may run the following commands on vm:\n    (ALL) NOPASSWD: ALL\n";

    fn of(code: i32, printed: &str, complained: &str) -> Result<bool, String> {
        let status = ExitStatus::from_raw(code << 8);
        let (printed, complained) = (printed.to_owned(), complained.to_owned());
        answer("alice", &Outcome { status, printed, complained })
    }

    #[test]
    fn only_its_two_sentences_are_an_answer_of_sudo() {
        assert_eq!(of(0, NO, ""), Ok(false));
        assert_eq!(of(1, NO, "sudo: unable to resolve host vm"), Ok(false));
        assert_eq!(of(0, YES, ""), Ok(true));
        for (code, printed, complained, reason) in [
            (0, "", "", "sudo says nothing"),
            (1, "", "sudo: unknown user alice\n", "unknown user"),
            (1, "", "\n/etc/sudoers.d/x:1:5: syntax error\n", "syntax error"),
            // Of somebody else, of a name that begins like hers, and in the words of somebody who writes entries.
            (0, "User bob is not allowed to run sudo on vm.", "", "bob"),
            (0, "User alice2 is not allowed to run sudo on vm.", "", "alice2"),
            (0, "(root) /bin/x User alice is not allowed to run sudo on vm.", "", "/bin/x"),
            (0, "User alice is not allowed to run sudo on vm.\n    (ALL) ALL\n", "", "not allowed"),
            (0, "User alice is not allowed to run sudo on ", "", "not allowed"),
            (2, NO, "", "not allowed"),
        ] {
            let unclear = of(code, printed, complained).unwrap_err();
            assert!(unclear.contains(reason), "{printed:?}: {unclear}");
        }
        let killed =
            Outcome { status: ExitStatus::from_raw(9), printed: NO.to_owned(), complained: String::new() };
        assert!(answer("alice", &killed).is_err());
        let long = of(1, "", &format!("\u{1b}[2J{}", "x".repeat(5000))).unwrap_err();
        assert!(long.len() <= LONGEST_REASON + 4 && !long.contains('\u{1b}'), "{long}");
    }

    #[test]
    fn sudo_is_asked_again_when_a_state_came_or_a_file_changed_and_not_at_every_look() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::under(folder.path());
        fs::create_dir_all(paths.sudoers_dir()).unwrap();
        fs::write(paths.sudoers_file(), "root ALL=(ALL) ALL\n").unwrap();
        let asked = RefCell::new(Vec::new());
        let ask = |name: &str| {
            asked.borrow_mut().push(name.to_owned());
            Ok(name == "bob")
        };
        let mut answers = Answers::default();
        let mut look = |names: &[&'static str], n| {
            let version = StateVersion { n, ..FIRST };
            let told = answers.objections(names.iter().copied(), version, &paths, ask);
            let told: Vec<&str> = told.into_keys().collect();
            (asked.take().join(" "), told.join(" "))
        };
        let is = |asked: &str, told: &str| (asked.to_owned(), told.to_owned());
        assert_eq!(look(&["alice", "bob"], 1), is("alice bob", "bob"));
        assert_eq!(look(&["alice", "bob"], 1), is("", "bob"));
        assert_eq!(look(&["alice", "bob", "carol"], 1), is("carol", "bob"));
        assert_eq!(look(&["alice"], 2), is("alice", ""));
        let entry = paths.sudoers_dir().join("90-cloud-init-users");
        fs::write(&entry, "alice ALL=(ALL) ALL\n").unwrap();
        assert_eq!(look(&["alice"], 2), is("alice", ""));
        fs::write(&entry, "alice ALL=(ALL) NOPASSWD: ALL\n").unwrap();
        assert_eq!(look(&["alice"], 2), is("alice", ""));
        fs::remove_file(&entry).unwrap();
        assert_eq!(look(&["alice"], 2), is("alice", ""));
        assert_eq!(look(&["alice"], 2), is("", ""));
    }

    #[test]
    fn without_an_answer_nobody_is_called_a_standard_user_and_the_next_look_asks_again() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::under(folder.path());
        let mut answers = Answers::default();
        let times = RefCell::new(0);
        let silent = |_: &str| {
            *times.borrow_mut() += 1;
            Err("it took longer than 10 seconds".to_owned())
        };
        let told = answers.objections(["alice", "bob"], FIRST, &paths, silent);
        assert_eq!((told.len(), *times.borrow()), (2, 1));
        for reason in told.values() {
            assert!(reason.contains("/etc/sudoers.d cannot be told: it took longer"), "{reason}");
        }
        let told = answers.objections(["alice", "bob"], FIRST, &paths, |_| Ok(false));
        assert_eq!(told, BTreeMap::new());
    }

    /// Only root is told of others.
    #[test]
    fn the_sudo_of_this_machine_says_so() {
        if is_installed() && rustix::process::geteuid().is_root() {
            assert_eq!(lets_run("root"), Ok(true));
            assert!(lets_run("nobody").is_ok());
            assert!(lets_run("nobody-of-this-name").is_err());
        }
    }
}
