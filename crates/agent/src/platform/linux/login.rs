//! The login component: in front of logins, and out of the way again.
//!
//! Two phases. First every new file is prepared and checked, the old ones are kept aside, and a note on disk says
//! that a change is under way; then the files are put in place and a login is taken through each of them. Only if all
//! are answered the note goes. Otherwise the old files come back: by the same program, or, should that have been
//! killed, by the agent.

mod change;
mod pam;
pub mod rehearsal;
mod selftest;
pub mod sshd;

use std::{
    fs, io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use rustix::fs::FlockOperation;
use sallyport_api::agent::{ComponentState, DesiredLogin};

pub use self::change::recover;
use self::change::{Change, Edit};
use crate::{durable, paths::Paths, platform::PlatformError, standalone};

/// Of the PAM module's file.
pub const MODULE: &str = "pam_sallyport.so";

/// A name that a module has in it which knows the line that composes passwords.
const COMPOSES: &[u8] = b"pam_sallyport_composes";

const LONGEST_FILE: u64 = 256 * 1024;
/// Without a desired state that names services, these.
const DEFAULT_SERVICES: [&str; 4] = ["sshd", "sudo", "login", "su"];

/// Other services by which the same program lets people in: `sudo -i`, `su -l`. Whoever wants the first wants these.
const COMPANIONS: [(&str, &str); 2] = [("sudo", "sudo-i"), ("su", "su-l")];

/// What `login status` shows of one service.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ServiceStatus {
    pub service: String,
    pub wanted: bool,
    /// There is such a service on this machine.
    pub present: bool,
    /// Logins there come to the second door, by lines of its own or of a service it includes.
    pub enabled: bool,
    /// A password of the directory is right there however its accented letters are typed.
    pub composed: bool,
}

/// A service file with the component in front, where every file that is included has this text.
pub(crate) fn enabled_in(text: &str, included: &str) -> Option<String> {
    pam::enabled(text, true, &|_| Some(included.to_owned())).ok()
}

pub(crate) fn disabled_in(text: &str) -> String {
    pam::disabled(text)
}

pub(crate) fn is_covered_in(text: &str, included: &str) -> bool {
    pam::is_covered(text, &|_| Some(included.to_owned())).unwrap_or(false)
}

/// Puts the component in front of the services that are wanted, and takes it away from those that no longer are.
///
/// # Errors
/// Why not; everything is as it was then.
pub fn enable(login: &DesiredLogin, paths: &Paths) -> Result<Vec<String>, PlatformError> {
    let module = module(paths)?;
    let (change, enabled) = plan(login, &module, paths)?;
    confirmed(change, &enabled, paths)?;
    Ok(enabled)
}

/// Makes the component stand as desired where it stands already; whether that took a change. On a machine where
/// nobody has enabled it, nothing is.
///
/// # Errors
/// Why not; everything is as it was then.
pub fn follow(login: &DesiredLogin, paths: &Paths) -> Result<bool, PlatformError> {
    let mut stands = false;
    for (_, path) in services(paths)? {
        let text = durable::read_text(&path, LONGEST_FILE)?;
        stands |= text.is_some_and(|text| pam::freed(&text) != text);
    }
    if !stands {
        return Ok(false);
    }
    let module = module(paths)?;
    let (change, enabled) = plan(login, &module, paths)?;
    if change.is_empty() {
        return Ok(false);
    }
    confirmed(change, &enabled, paths)?;
    Ok(true)
}

/// Carries the change out, and keeps it if logins go through what was written as they did before.
fn confirmed(change: Change, enabled: &[String], paths: &Paths) -> Result<(), PlatformError> {
    selftest::run(paths)?;
    let before = if change.is_empty() { Vec::new() } else { rehearsal::granted(enabled, paths)? };
    change.carry_out(|| {
        selftest::run(paths)?;
        rehearsal::require(&before, paths)
    })
}

/// What has to change for the component to stand where it is wanted and nowhere else, and where it stands then.
fn plan(login: &DesiredLogin, module: &Path, paths: &Paths) -> Result<(Change, Vec<String>), PlatformError> {
    let composing = composing(module, paths)?;
    let mut change = Change::new(paths);
    let mut enabled = Vec::new();
    let wanted = wanted(&login.services);
    for service in wanted.clone() {
        let path = service_file(&service, paths)?;
        let Some(text) = durable::read_text(&path, LONGEST_FILE)? else { continue };
        if leads_to_another(&service, &text, &wanted) {
            // It asks there, and would ask twice.
            free(path, &text, &mut change);
            continue;
        }
        let include = |name: &str| included(name, paths);
        let edited = pam::enabled(&text, composing, &include)
            .map_err(|error| PlatformError::Refused(format!("{}: {error}", path.display())))?;
        enabled.push(service);
        if edited != text {
            change.add(Edit { path, content: Some(edited) });
        }
    }
    if enabled.is_empty() {
        return Err(PlatformError::Refused("none of the services exists on this machine".to_owned()));
    }
    for (service, path) in services(paths)? {
        if !wanted.contains(&service)
            && let Some(text) = durable::read_text(&path, LONGEST_FILE)?
        {
            free(path, &text, &mut change);
        }
    }
    if enabled.iter().any(|service| service == "sshd") {
        sshd::add_enable(login.ssh_keys, &mut change, paths)?;
    } else {
        sshd::add_disable(&mut change, paths);
    }
    Ok((change, enabled))
}

/// Whether passwords are to be composed: not where there is no directory whose they could be, nor by a module of an
/// older package, to which the agent went ahead and which would complain of the word at every login.
fn composing(module: &Path, paths: &Paths) -> io::Result<bool> {
    if standalone::is_active(paths) {
        return Ok(false);
    }
    Ok(fs::read(module)?.windows(COMPOSES.len()).any(|found| found == COMPOSES))
}

/// Takes out the lines that we put in; what an administrator wrote stays.
fn free(path: PathBuf, text: &str, change: &mut Change) {
    let edited = pam::freed(text);
    if edited != text {
        change.add(Edit { path, content: Some(edited) });
    }
}

/// Takes the component out of every service, wherever it stands.
///
/// # Errors
/// Which file could not be freed of it; the others are.
pub fn disable(paths: &Paths) -> Result<Vec<String>, PlatformError> {
    let mut change = Change::new(paths);
    let mut disabled = Vec::new();
    for (service, path) in services(paths)? {
        let Some(text) = durable::read_text(&path, LONGEST_FILE)? else { continue };
        let edited = pam::disabled(&text);
        if edited != text {
            disabled.push(service);
            change.add(Edit { path, content: Some(edited) });
        }
    }
    sshd::add_disable(&mut change, paths);
    change.carry_out(|| Ok(()))?;
    Ok(disabled)
}

/// Held by whoever changes something: two at once would each take the other's half-done work for what was there
/// before. The kernel takes it back from a program that died, so a change without it is one nobody will confirm.
pub struct Lock {
    _file: fs::File,
}

/// Waits until nobody else changes anything.
///
/// # Errors
/// The file cannot be made.
pub fn lock(paths: &Paths) -> Result<Lock, PlatformError> {
    let file = lock_file(paths)?;
    rustix::fs::flock(&file, FlockOperation::LockExclusive).map_err(io::Error::from)?;
    Ok(Lock { _file: file })
}

/// As [`lock`], without waiting: `None` while somebody else changes something.
///
/// # Errors
/// As [`lock`].
pub fn try_lock(paths: &Paths) -> Result<Option<Lock>, PlatformError> {
    let file = lock_file(paths)?;
    let locked = rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive);
    Ok(locked.is_ok().then_some(Lock { _file: file }))
}

fn lock_file(paths: &Paths) -> io::Result<fs::File> {
    durable::directory(&paths.state_dir(), 0o711)?;
    let mut options = fs::OpenOptions::new();
    options.create(true).truncate(false).write(true).mode(0o600).open(paths.login_lock())
}

/// Where the component stands, and where people come in without it.
///
/// # Errors
/// The files cannot be read.
pub fn status(services: &[String], paths: &Paths) -> Result<Vec<ServiceStatus>, PlatformError> {
    let mut shown = Vec::new();
    let wanted = wanted(services);
    let mut all = wanted.clone();
    all.extend(self::services(paths)?.into_iter().map(|(name, _)| name));
    all.sort();
    all.dedup();
    let include = |name: &str| included(name, paths);
    for service in all {
        // What cannot be read or understood may let people in, and nobody can say that it asks.
        let (present, enabled, lets_in, composed) =
            match durable::read_text(&service_file(&service, paths)?, LONGEST_FILE) {
                Ok(Some(text)) => {
                    let enabled = pam::is_covered(&text, &include).unwrap_or(false);
                    let composed = pam::composes(&text, &include);
                    (true, enabled, pam::lets_in(&text, &include).unwrap_or(true), composed)
                }
                Ok(None) => (false, false, false, false),
                Err(_) => (true, false, true, false),
            };
        let wanted = wanted.contains(&service);
        if wanted || enabled || (lets_in && !is_fragment(&service)) {
            shown.push(ServiceStatus { service, wanted, present, enabled, composed });
        }
    }
    Ok(shown)
}

/// Whether the PAM module is there, and fit to be put in front of logins.
#[must_use]
pub fn is_installed(paths: &Paths) -> bool {
    module(paths).is_ok()
}

/// For the report: enabled only where every wanted service that exists has it.
#[must_use]
pub fn state(login: &DesiredLogin, paths: &Paths) -> ComponentState {
    if module(paths).is_err() {
        return ComponentState::Absent;
    }
    let Ok(services) = status(&login.services, paths) else { return ComponentState::Installed };
    let mut present = services.iter().filter(|service| service.wanted && service.present).peekable();
    if present.peek().is_some() && present.all(|service| service.enabled) {
        ComponentState::Enabled
    } else {
        ComponentState::Installed
    }
}

/// The services that are named, each with its companion.
fn wanted(services: &[String]) -> Vec<String> {
    let named: Vec<String> = services.iter().filter(|name| is_service(name)).cloned().collect();
    let mut wanted = if named.is_empty() { DEFAULT_SERVICES.map(str::to_owned).to_vec() } else { named };
    for (service, companion) in COMPANIONS {
        let has = |name: &str| wanted.iter().any(|wanted| wanted == name);
        if has(service) && !has(companion) {
            wanted.push(companion.to_owned());
        }
    }
    wanted
}

/// Whether this is a companion that includes the service it belongs to.
fn leads_to_another(service: &str, text: &str, wanted: &[String]) -> bool {
    COMPANIONS.iter().any(|(first, companion)| {
        *companion == service && wanted.iter().any(|wanted| wanted == first) && pam::includes(text, first)
    })
}

/// Debian's name for what is there to be included, and no service by itself.
fn is_fragment(name: &str) -> bool {
    name.starts_with("common-")
}

fn is_service(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    !name.is_empty() && name.len() <= 64 && name.bytes().all(plain)
}

fn service_file(service: &str, paths: &Paths) -> Result<PathBuf, PlatformError> {
    if is_service(service) {
        return Ok(paths.pam_dir().join(service));
    }
    Err(PlatformError::Refused(format!("`{service}` is not the name of a service")))
}

fn services(paths: &Paths) -> Result<Vec<(String, PathBuf)>, PlatformError> {
    let Ok(entries) = fs::read_dir(paths.pam_dir()) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).filter(|name| is_service(name));
        if let Some(name) = name
            && path.is_file()
        {
            found.push((name.to_owned(), path.clone()));
        }
    }
    found.sort();
    Ok(found)
}

fn included(name: &str, paths: &Paths) -> Option<String> {
    let path = service_file(name, paths).ok()?;
    durable::read_text(&path, LONGEST_FILE).ok().flatten()
}

/// The PAM module, if it is one that PAM can and may load.
fn module(paths: &Paths) -> Result<PathBuf, PlatformError> {
    let missing = || PlatformError::Refused(format!("{MODULE} is not installed"));
    let folders = [paths.library_dir(), paths.absolute("/usr/lib64"), paths.absolute("/lib")];
    let mut candidates: Vec<PathBuf> = folders.iter().map(|folder| folder.join("security")).collect();
    for entry in fs::read_dir(paths.library_dir()).into_iter().flatten().filter_map(Result::ok) {
        candidates.push(entry.path().join("security"));
    }
    let path = candidates
        .into_iter()
        .map(|folder| folder.join(MODULE))
        .find(|path| path.is_file())
        .ok_or_else(missing)?;
    selftest::require_loadable(&path)?;
    Ok(path)
}

#[cfg(test)]
mod tests;
