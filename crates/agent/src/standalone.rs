//! The login component of a machine that is not enrolled: the second door is asked of a service that speaks Duo's
//! Auth API, with nothing but a host and the two keys of a protected application.
//!
//! Two files of root's. What an administrator writes is in `/etc/sallyport/login.toml`; that the machine is to ask at
//! all, and its break-glass code, is in the state directory. So a configuration that is lost or broken shuts the door
//! instead of leaving it open. An enrolment goes before both.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sallyport_api::agent::DesiredLogin;
use sallyport_connect::ServerAddress;
use sallyport_crypto::Secret;
use sallyport_model::settings::{DeviceLogin, SshKeys};
use serde::{Deserialize, Serialize};

use crate::{durable, paths::Paths};

const LONGEST_FILE: u64 = 64 * 1024;
const LONGEST_CA: u64 = 256 * 1024;
const MOST_PROMPTS: u8 = 5;

/// What the configuration file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `name` or `name:port`.
    pub host: String,
    pub ikey: String,
    pub skey: Secret,
    /// PEM file with the authorities the service's certificate must come from; without it those that browsers trust.
    pub ca: Option<PathBuf>,
    /// PAM services the second door stands in front of.
    #[serde(default = "services")]
    pub services: Vec<String>,
    /// Groups of this machine whose members are asked; empty for everybody.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Push or call at once where that can be done, before anything is asked.
    #[serde(default)]
    pub auto_push: bool,
    /// How many wrong answers one login may give.
    #[serde(default = "prompts")]
    pub prompts: u8,
    /// What a key is worth to the ssh server.
    #[serde(default)]
    pub ssh_keys: SshKeys,
}

/// Says that this machine asks by itself, and holds the hash of its break-glass code.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Marker {
    /// As in [`DesiredLogin::break_glass_hash`].
    pub break_glass_hash: Option<String>,
    pub break_glass_salt: String,
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path} belongs to others than root, or they can change it; `chown root` and `chmod 644` it")]
    Changeable { path: String },
    #[error("{path} is readable by others than root; `chmod 600` it")]
    Exposed { path: String },
    #[error("{path}: {reason}")]
    Invalid { path: String, reason: String },
    #[error("{path} is missing")]
    Missing { path: String },
    #[error("{path} cannot be read: {reason}")]
    Unreadable { path: String, reason: io::Error },
}

impl Config {
    /// # Errors
    /// The file is missing, others can read or change it, or it does not say everything it must.
    pub fn load(paths: &Paths) -> Result<Self, ConfigError> {
        let path = paths.login_config();
        let shown = path.display().to_string();
        if !is_roots(&path, 0o077)? {
            return Err(ConfigError::Exposed { path: shown });
        }
        let unreadable = |reason| ConfigError::Unreadable { path: shown.clone(), reason };
        let text = durable::read_text(&path, LONGEST_FILE).map_err(unreadable)?;
        let text = text.ok_or_else(|| ConfigError::Missing { path: shown.clone() })?;
        Self::parse(&text).map_err(|reason| ConfigError::Invalid { path: shown, reason })
    }

    /// # Errors
    /// What is wrong, in words for whoever wrote it. They never contain a value of the file.
    pub fn parse(text: &str) -> Result<Self, String> {
        let config: Self = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        config.check()?;
        Ok(config)
    }

    /// # Errors
    /// As [`Config::parse`].
    pub fn check(&self) -> Result<(), String> {
        self.address()?;
        let key =
            |text: &str| !text.is_empty() && text.len() <= 256 && text.bytes().all(|b| b.is_ascii_graphic());
        if !key(&self.ikey) || self.ikey.contains(':') {
            return Err("`ikey` is no integration key".to_owned());
        }
        if !key(self.skey.expose()) {
            return Err("`skey` is no secret key".to_owned());
        }
        if !(1..=MOST_PROMPTS).contains(&self.prompts) {
            return Err(format!("`prompts` must be from 1 to {MOST_PROMPTS}"));
        }
        if self.services.is_empty() {
            return Err("`services` names no service".to_owned());
        }
        if let Some(group) = self.groups.iter().find(|group| !is_group(group)) {
            return Err(format!("`groups`: `{}` cannot be a group", group.escape_debug()));
        }
        Ok(())
    }

    /// # Errors
    /// The host is none.
    pub fn address(&self) -> Result<ServerAddress, String> {
        let host = format!("https://{}", self.host);
        host.parse().map_err(|_| "`host` must be a name, or name:port, and nothing else".to_owned())
    }

    /// The authorities, as PEM; `None` for those that browsers trust.
    ///
    /// # Errors
    /// The file that is named cannot be read, or others than root could say what is in it.
    pub fn authorities(&self) -> Result<Option<String>, ConfigError> {
        let Some(path) = &self.ca else { return Ok(None) };
        if !is_roots(path, 0o022)? {
            return Err(ConfigError::Changeable { path: path.display().to_string() });
        }
        read_authorities(path).map(Some)
    }
}

/// # Errors
/// There is no such file, or it cannot be read.
pub fn read_authorities(path: &Path) -> Result<String, ConfigError> {
    let shown = || path.display().to_string();
    match durable::read_text(path, LONGEST_CA) {
        Ok(Some(pem)) => Ok(pem),
        Ok(None) => Err(ConfigError::Missing { path: shown() }),
        Err(reason) => Err(ConfigError::Unreadable { path: shown(), reason }),
    }
}

/// The configuration as a file that people can go on editing.
#[derive(Serialize)]
struct Written<'a> {
    host: &'a str,
    ikey: &'a str,
    skey: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca: Option<&'a Path>,
    services: &'a [String],
    groups: &'a [String],
    auto_push: bool,
    prompts: u8,
    ssh_keys: SshKeys,
}

/// Writes everything down, the authorities as a copy of root's own; from then on the machine asks.
///
/// # Errors
/// What the file system says.
pub fn save(config: &Config, authorities: Option<&str>, marker: &Marker, paths: &Paths) -> io::Result<()> {
    durable::directory(&paths.config_dir(), 0o755)?;
    let ca = authorities.map(|_| paths.login_ca());
    if let (Some(path), Some(pem)) = (&ca, authorities) {
        durable::write(path, pem.as_bytes(), 0o644)?;
    }
    let written = Written {
        host: &config.host,
        ikey: &config.ikey,
        skey: config.skey.expose(),
        ca: ca.as_deref(),
        services: &config.services,
        groups: &config.groups,
        auto_push: config.auto_push,
        prompts: config.prompts,
        ssh_keys: config.ssh_keys,
    };
    let text = zeroize::Zeroizing::new(toml::to_string(&written).map_err(io::Error::other)?);
    durable::write(&paths.login_config(), format!("{HEAD}{}", *text).as_bytes(), 0o600)?;
    save_marker(marker, paths)
}

/// # Errors
/// What the file system says.
pub fn save_marker(marker: &Marker, paths: &Paths) -> io::Result<()> {
    durable::directory(&paths.state_dir(), 0o711)?;
    durable::write(&paths.standalone(), &serde_json::to_vec(marker)?, 0o600)
}

/// Whether this machine asks by itself: it was set up to, and no organisation has it.
#[must_use]
pub fn is_active(paths: &Paths) -> bool {
    paths.standalone().exists() && !paths.trust().exists()
}

/// How people log in at a machine that asks by itself; `None` at any other. What cannot be read leaves out what it
/// would say, which makes nothing easier for anybody.
#[must_use]
pub fn policy(paths: &Paths) -> Option<DesiredLogin> {
    if !is_active(paths) {
        return None;
    }
    let marker = durable::read(&paths.standalone(), LONGEST_FILE).ok().flatten();
    let marker: Marker = marker.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let config = Config::load(paths).ok();
    Some(DesiredLogin {
        services: config.as_ref().map_or_else(services, |config| config.services.clone()),
        prompts: config.as_ref().map_or_else(prompts, |config| config.prompts),
        ssh_keys: config.map_or_else(SshKeys::default, |config| config.ssh_keys),
        break_glass_hash: marker.break_glass_hash,
        break_glass_salt: marker.break_glass_salt,
    })
}

/// The groups of this machine whose members are asked, where it asks by itself; empty for everybody.
#[must_use]
pub fn groups(paths: &Paths) -> Option<Vec<String>> {
    is_active(paths).then(|| Config::load(paths).map(|config| config.groups).unwrap_or_default())
}

/// Takes all of it away: the machine asks nobody any more.
///
/// # Errors
/// What the file system says.
pub fn forget(paths: &Paths) -> io::Result<()> {
    durable::remove(&paths.login_config())?;
    durable::remove(&paths.login_ca())?;
    durable::remove(&paths.standalone())
}

pub(crate) fn services() -> Vec<String> {
    DeviceLogin::USUAL_SERVICES.map(str::to_owned).to_vec()
}

pub(crate) const fn prompts() -> u8 {
    3
}

/// Whether this could be the name of a group, and no option of a program that is asked about it.
fn is_group(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'@' | b'\\');
    !name.is_empty() && name.len() <= 64 && !name.starts_with('-') && name.bytes().all(plain)
}

/// Whether root alone has a say in this file: it is root's, and others have none of these rights.
#[cfg(unix)]
fn is_roots(path: &Path, forbidden: u32) -> Result<bool, ConfigError> {
    use std::os::unix::fs::MetadataExt as _;
    let found = ordinary(path)?;
    Ok(found.uid() == rustix::process::geteuid().as_raw() && found.mode() & forbidden == 0)
}

#[cfg(not(unix))]
fn is_roots(path: &Path, _forbidden: u32) -> Result<bool, ConfigError> {
    ordinary(path).map(|_| true)
}

/// What is known of a file that is one, and no way to another.
fn ordinary(path: &Path) -> Result<fs::Metadata, ConfigError> {
    let shown = || path.display().to_string();
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(found),
        Ok(_) => Err(ConfigError::Invalid { path: shown(), reason: "it is not an ordinary file".to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ConfigError::Missing { path: shown() }),
        Err(reason) => Err(ConfigError::Unreadable { path: shown(), reason }),
    }
}

const HEAD: &str = "\
# How this machine asks for the second door. Read at every login; `sallyport-agent login enable` after a change of
# `services`, `groups` or `ssh_keys`. Without `ca` the service's certificate must come from an authority that browsers trust.
";

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    const LEAST: &str =
        "host = \"api.example.org\"\nikey = \"DIAAAAAAAAAAAAAAAAAA\"\nskey = \"secretsecret\"\n";

    fn machine() -> (tempfile::TempDir, Paths) {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path());
        (dir, paths)
    }

    #[test]
    fn host_and_keys_are_enough() {
        let config = Config::parse(LEAST).unwrap();
        assert_eq!(config.address().unwrap().to_string(), "https://api.example.org:443");
        assert_eq!((config.prompts, config.services.len(), config.auto_push), (3, 4, false));
        assert!(config.groups.is_empty() && config.ca.is_none());
    }

    #[test]
    fn what_is_wrong_is_refused_without_repeating_a_secret() {
        for (text, words) in [
            ("host = \"a\"\nikey = \"DI\"\n", "skey"),
            (&format!("{LEAST}failmode = \"safe\"\n"), "unknown field"),
            (&format!("{LEAST}skey = \"hunter2hunter2\"\n"), "duplicate key"),
            (&format!("{LEAST}prompts = 0\n"), "prompts"),
            (&format!("{LEAST}services = []\n"), "services"),
            (&format!("{LEAST}groups = [\"--help\"]\n"), "groups"),
            (&LEAST.replace("api.example.org", "api.example.org/x"), "host"),
            (&LEAST.replace("secretsecret", "hunter2 hunter2"), "skey"),
            (&LEAST.replace("DIAAAA", "DI:AAA"), "ikey"),
            (&LEAST.replace('=', "\0"), ""),
            ("", "host"),
        ] {
            let refused = Config::parse(text).unwrap_err();
            assert!(refused.contains(words), "{text:?}: {refused}");
            assert!(!refused.contains("hunter2"), "{refused}");
        }
    }

    #[test]
    fn it_is_written_for_root_alone_and_read_back() {
        let (_dir, paths) = machine();
        let config = Config { auto_push: true, groups: vec!["ops".into()], ..Config::parse(LEAST).unwrap() };
        let marker = Marker { break_glass_hash: Some("ab".into()), break_glass_salt: "s".into() };
        save(&config, None, &marker, &paths).unwrap();
        let mode = fs::metadata(paths.login_config()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let read = Config::load(&paths).unwrap();
        assert_eq!((read.skey.expose(), read.auto_push), ("secretsecret", true));
        assert_eq!(read.groups, ["ops"]);
        let policy = policy(&paths).unwrap();
        assert_eq!((policy.break_glass_hash.as_deref(), policy.prompts), (Some("ab"), 3));
    }

    #[test]
    fn a_file_that_others_can_read_or_that_is_gone_is_told_as_such() {
        let (_dir, paths) = machine();
        save(&Config::parse(LEAST).unwrap(), None, &Marker::default(), &paths).unwrap();
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(paths.login_config(), fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(Config::load(&paths), Err(ConfigError::Exposed { .. })), "{mode:o}");
        }
        fs::remove_file(paths.login_config()).unwrap();
        std::os::unix::fs::symlink("/dev/null", paths.login_config()).unwrap();
        assert!(matches!(Config::load(&paths), Err(ConfigError::Invalid { .. })));
        fs::remove_file(paths.login_config()).unwrap();
        assert!(matches!(Config::load(&paths), Err(ConfigError::Missing { .. })));
        assert!(is_active(&paths), "a lost configuration must not open the door");
        assert_eq!(policy(&paths).unwrap().prompts, 3);
    }

    #[test]
    fn the_authorities_are_a_copy_that_root_alone_can_change() {
        let (_dir, paths) = machine();
        let config = Config { ca: Some("/home/somebody/ca.pem".into()), ..Config::parse(LEAST).unwrap() };
        save(&config, Some("PEM"), &Marker::default(), &paths).unwrap();
        let read = Config::load(&paths).unwrap();
        assert_eq!(read.ca, Some(paths.login_ca()));
        assert_eq!(read.authorities().unwrap().as_deref(), Some("PEM"));
        for mode in [0o664, 0o646] {
            fs::set_permissions(paths.login_ca(), fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(read.authorities(), Err(ConfigError::Changeable { .. })), "{mode:o}");
        }
        forget(&paths).unwrap();
        assert!(!paths.login_ca().exists());
        assert!(matches!(read.authorities(), Err(ConfigError::Missing { .. })));
    }

    #[test]
    fn an_enrolment_goes_before_it_and_forgetting_ends_it() {
        let (_dir, paths) = machine();
        save(&Config::parse(LEAST).unwrap(), None, &Marker::default(), &paths).unwrap();
        fs::write(paths.trust(), "{}").unwrap();
        assert!(!is_active(&paths) && policy(&paths).is_none());
        fs::remove_file(paths.trust()).unwrap();
        assert!(is_active(&paths));
        forget(&paths).unwrap();
        assert!(!is_active(&paths));
    }
}
