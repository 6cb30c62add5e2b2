//! `sallyport-agent package install`: fetched without privileges, verified with them, then installed.
//!
//! A signature says who wrote something, and not when: an old list of packages is signed as well as a new one. So
//! neither a list older than one that was seen is believed, nor a package older than what is there installed.

mod version;

use std::{cmp::Ordering, io::Write, path::PathBuf};
#[cfg(unix)]
use std::{
    fs::File,
    io::{self, Read as _},
    net::Shutdown,
    process::{ExitCode, Stdio},
};

use anyhow::{Context as _, ensure};
use sallyport_api::agent::{Package, PackageIndex, Signed, context};
use sallyport_crypto::digest;
use sallyport_model::{Platform, Time};
use serde::{Deserialize, Serialize};

use self::version::compare;
use super::{require_root, say};
#[cfg(unix)]
use crate::child::{self, Task};
use crate::{durable, net, paths::Paths, platform, trust::Trust};

const INDEX: &str = "index.json";
const LONGEST_INDEX: u64 = 1024 * 1024;
const LONGEST_PACKAGE: u64 = 128 * 1024 * 1024;
#[cfg(unix)]
const LONGEST_TALK: u64 = 128 * 1024;

const LONGEST_SEEN: u64 = 64 * 1024;

/// The newest list that was seen, and whose it was: another organisation has a clock of its own.
#[derive(Serialize, Deserialize)]
struct Seen {
    signing_key: String,
    issued: Time,
}

#[derive(Serialize, Deserialize)]
struct Request {
    server: String,
    ca: String,
    file: String,
    longest: u64,
}

pub(super) fn install(name: &str, paths: &Paths) -> anyhow::Result<()> {
    require_root()?;
    let trust = Trust::load(&paths.trust())?.context("this device is not enrolled")?;
    let index = fetch(&trust, INDEX, LONGEST_INDEX, paths)?;
    let signed: Signed = serde_json::from_slice(&index).context("the index of packages cannot be read")?;
    let index: PackageIndex =
        trust.open(&signed, context::PACKAGES).context("the index of packages cannot be believed")?;
    require_not_replayed(&index, &trust, paths)?;
    let package = choose(index, name, &platform::packages::architecture()?)?;
    require_no_step_back(&package, platform::packages::installed(&package.name)?.as_deref())?;
    let content = fetch(&trust, &package.file, package.size, paths)?;
    verify(&package, &content)?;
    let file = keep(&package, &content, paths)?;
    drop(content);
    let installed = platform::packages::install(&file);
    durable::remove(&file)?;
    say(installed?.trim_end());
    say(&format!("installed {} {}", package.name, package.version));
    Ok(())
}

/// Refuses a list that is older than one this device has seen, and remembers the newest.
fn require_not_replayed(index: &PackageIndex, trust: &Trust, paths: &Paths) -> anyhow::Result<()> {
    let file = paths.packages_seen();
    let seen = durable::read(&file, LONGEST_SEEN)?;
    let seen: Option<Seen> = seen
        .map(|bytes| serde_json::from_slice(&bytes))
        .transpose()
        .with_context(|| format!("{} cannot be understood", file.display()))?;
    if let Some(seen) = seen.filter(|seen| seen.signing_key == trust.signing_key) {
        ensure!(
            index.issued >= seen.issued,
            "the index of packages is of {}, and this device has seen one of {}",
            index.issued,
            seen.issued
        );
    }
    let seen = Seen { signing_key: trust.signing_key.clone(), issued: index.issued };
    durable::write(&file, &serde_json::to_vec(&seen)?, 0o600)?;
    Ok(())
}

/// Refuses a package that is older than what is there; the same again is a repair.
fn require_no_step_back(package: &Package, installed: Option<&str>) -> anyhow::Result<()> {
    if let Some(installed) = installed {
        ensure!(
            compare(&package.version, installed) != Ordering::Less,
            "the server offers {} {}, which is older than {installed} that is installed",
            package.name,
            package.version
        );
    }
    Ok(())
}

/// The newest package of this name for this machine.
fn choose(index: PackageIndex, name: &str, architecture: &str) -> anyhow::Result<Package> {
    let fits = |package: &Package| {
        package.name == name
            && package.platform == Platform::Linux
            && (package.architecture == architecture || package.architecture == "all")
    };
    let fitting = index.packages.into_iter().filter(fits);
    let package = fitting.max_by(|one, other| compare(&one.version, &other.version));
    let package = package.with_context(|| {
        format!("the server offers no package `{name}` for this machine ({architecture})")
    })?;
    ensure!(is_file_name(&package.file), "the package has a file name that is none");
    ensure!(package.size <= LONGEST_PACKAGE, "the package is longer than {LONGEST_PACKAGE} bytes");
    Ok(package)
}

fn is_file_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+' | b'~');
    !name.starts_with('.') && !name.is_empty() && name.len() <= 200 && name.bytes().all(plain)
}

fn verify(package: &Package, content: &[u8]) -> anyhow::Result<()> {
    ensure!(content.len() as u64 == package.size, "the package has not the size it must have");
    ensure!(
        digest::hex(&digest::sha256(content)) == package.sha256.to_ascii_lowercase(),
        "the package is not the one that was signed"
    );
    Ok(())
}

fn keep(package: &Package, content: &[u8], paths: &Paths) -> anyhow::Result<PathBuf> {
    durable::directory(&paths.packages_dir(), 0o700)?;
    let file = paths.packages_dir().join(&package.file);
    durable::write(&file, content, 0o600)?;
    Ok(file)
}

fn fetch(trust: &Trust, file: &str, longest: u64, paths: &Paths) -> anyhow::Result<Vec<u8>> {
    let request =
        Request { server: trust.server.clone(), ca: trust.ca.clone(), file: file.to_owned(), longest };
    ask(&request, paths).with_context(|| format!("`{file}` could not be fetched from {}", trust.server))
}

#[cfg(unix)]
fn ask(request: &Request, paths: &Paths) -> anyhow::Result<Vec<u8>> {
    let (mut child, mut stream) =
        child::start(Task::Fetch, paths, Stdio::null()).context("the network half cannot be started")?;
    stream.write_all(&serde_json::to_vec(request)?)?;
    stream.shutdown(Shutdown::Write)?;
    let mut content = Vec::new();
    stream.take(request.longest.saturating_add(1)).read_to_end(&mut content)?;
    let status = child.wait()?;
    ensure!(status.success(), "the network half failed");
    ensure!(content.len() as u64 <= request.longest, "it is too long");
    Ok(content)
}

/// Without a network half as a process of its own it is done here.
#[cfg(not(unix))]
fn ask(request: &Request, _paths: &Paths) -> anyhow::Result<Vec<u8>> {
    let mut content = Vec::new();
    download(request, &mut content)?;
    Ok(content)
}

/// The network half's part; what goes wrong it says on standard error.
#[cfg(unix)]
pub(super) fn child() -> ExitCode {
    match fetch_unprivileged() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sallyport-agent: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(unix)]
fn fetch_unprivileged() -> anyhow::Result<()> {
    #[cfg(target_os = "linux")]
    platform::privileges::harden()?;
    let mut text = Vec::new();
    io::stdin().take(LONGEST_TALK).read_to_end(&mut text)?;
    let request: Request = serde_json::from_slice(&text)?;
    #[cfg(target_os = "linux")]
    platform::syscalls::confine()?;
    download(&request, &mut File::from(net::process::stdin()?))
}

fn download(request: &Request, out: &mut impl Write) -> anyhow::Result<()> {
    ensure!(is_file_name(&request.file), "no file name");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(net::fetch(&request.server, &request.ca, &request.file, request.longest, out))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use sallyport_model::id::{DeviceId, OrgId};

    use super::*;

    fn package(name: &str, architecture: &str, file: &str) -> Package {
        Package {
            name: name.into(),
            version: "1".into(),
            platform: Platform::Linux,
            architecture: architecture.into(),
            file: file.into(),
            size: 2,
            sha256: digest::hex(&digest::sha256(b"ab")),
        }
    }

    #[test]
    fn only_a_fitting_package_with_a_plain_file_name_is_chosen() {
        let index = PackageIndex {
            issued: Time(0),
            packages: vec![
                package("sallyport-login", "amd64", "a.deb"),
                package("sallyport-login", "arm64", "b.deb"),
                package("evil", "all", "../x"),
            ],
        };
        assert_eq!(choose(index.clone(), "sallyport-login", "amd64").unwrap().file, "a.deb");
        assert!(choose(index.clone(), "sallyport-login", "riscv64").is_err());
        assert!(choose(index, "evil", "amd64").is_err());
        for bad in ["", ".", "..", ".x", "a/b", "a b", "a\n"] {
            assert!(!is_file_name(bad), "{bad:?}");
        }
    }

    #[test]
    fn the_newest_version_is_chosen_wherever_it_stands() {
        let of = |version: &str| Package { version: version.into(), ..package("x", "amd64", "x.deb") };
        let versions = ["0.10.0", "0.9.0", "0.10.0~rc1"];
        for rotation in 0..versions.len() {
            let mut packages: Vec<Package> = versions.map(of).to_vec();
            packages.rotate_left(rotation);
            let index = PackageIndex { issued: Time(0), packages };
            assert_eq!(choose(index, "x", "amd64").unwrap().version, "0.10.0");
        }
    }

    #[test]
    fn what_is_installed_is_not_replaced_by_something_older() {
        let offered = Package { version: "0.9.0".into(), ..package("x", "all", "x.deb") };
        for (installed, fine) in
            [(None, true), (Some("0.9.0"), true), (Some("0.8.12"), true), (Some("0.10.0"), false)]
        {
            assert_eq!(require_no_step_back(&offered, installed).is_ok(), fine, "{installed:?}");
        }
    }

    #[test]
    fn a_list_of_before_is_not_believed_again() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path());
        durable::directory(&paths.state_dir(), 0o711).unwrap();
        let trust = |signing_key: &str| Trust {
            device: DeviceId::new(uuid::Uuid::from_u128(1)),
            organization: OrgId::new(uuid::Uuid::from_u128(1)),
            organization_name: "Acme".into(),
            signing_key: signing_key.into(),
            server: "https://x:1".into(),
            ca: String::new(),
        };
        let check = |key: &str, issued: i64| {
            let index = PackageIndex { issued: Time(issued), packages: Vec::new() };
            require_not_replayed(&index, &trust(key), &paths).is_ok()
        };
        assert!(check("a", 5) && check("a", 5) && check("a", 7));
        assert!(!check("a", 6), "older than the newest");
        assert!(!check("a", 5) && check("a", 7));
        assert!(check("b", 1), "another organisation");
        durable::write(&paths.packages_seen(), b"{", 0o600).unwrap();
        assert!(!check("b", 9), "what was seen cannot be read");
    }

    #[test]
    fn a_package_must_be_the_one_that_was_signed() {
        let package = package("x", "all", "x.deb");
        assert!(verify(&package, b"ab").is_ok());
        assert!(verify(&package, b"ac").is_err());
        assert!(verify(&package, b"abc").is_err());
    }

    #[test]
    fn a_package_is_kept_where_nobody_else_looks() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path());
        let kept = keep(&package("x", "all", "x.deb"), b"ab", &paths).unwrap();
        assert!(kept.starts_with(paths.packages_dir()));
    }
}
