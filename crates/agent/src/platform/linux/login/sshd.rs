//! What the ssh server must be told.

use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};
use sallyport_model::settings::SshKeys;

use super::change::{Change, Edit};
use crate::{
    durable, log,
    paths::Paths,
    platform::{
        PlatformError,
        linux::{scope, tool},
    },
    standalone,
};

/// Keys do not lead through PAM, so whether a person of the directory who has one comes to the second door is said
/// here.
fn login_config(keys: SshKeys, whom: &str) -> String {
    let methods = match keys {
        SshKeys::KeyAlone => "keyboard-interactive publickey",
        SshKeys::KeyAndSecondDoor => "keyboard-interactive publickey,keyboard-interactive",
    };
    format!(
        "# Written by sallyport-agent: the second door asks by keyboard-interactive.\n\
         UsePAM yes\n\
         KbdInteractiveAuthentication yes\n\
         Match {whom}\n    \
         AuthenticationMethods {methods}\n\
         Match all\n"
    )
}

const LONGEST_FILE: u64 = 1024 * 1024;

/// Whom this is said of, in the words of sshd_config(5): people of the directory; where a machine asks by itself those
/// it asks.
fn whom(paths: &Paths) -> String {
    match standalone::groups(paths) {
        None => "Group sallyport-users".to_owned(),
        Some(groups) => match scope::existing(&groups).as_slice() {
            [] => "all".to_owned(),
            groups => format!("Group {}", groups.join(",")),
        },
    }
}

/// Plans the drop-in that the second door needs.
pub(super) fn add_enable(keys: SshKeys, change: &mut Change, paths: &Paths) -> Result<(), PlatformError> {
    let path = paths.ssh_login_config();
    if !paths.sshd_config().exists() {
        return Ok(());
    }
    require_drop_ins(paths)?;
    let config = login_config(keys, &whom(paths));
    if durable::read_text(&path, LONGEST_FILE)?.as_ref() != Some(&config) {
        change.add(Edit { path, content: Some(config) });
        change.concerns_sshd = true;
    }
    Ok(())
}

pub(super) fn add_disable(change: &mut Change, paths: &Paths) {
    let path = paths.ssh_login_config();
    if path.exists() {
        change.add(Edit { path, content: None });
        change.concerns_sshd = true;
    }
}

/// Puts a file of options in place, and takes it away again if the ssh server would not start with it.
///
/// # Errors
/// Everything is as it was.
pub fn write_drop_in(path: &Path, content: &str, paths: &Paths) -> Result<(), PlatformError> {
    require_drop_ins(paths)?;
    let before = durable::read(path, LONGEST_FILE)?;
    let sound = check().is_ok();
    durable::write(path, content.as_bytes(), 0o644)?;
    if let (true, Err(error)) = (sound, check()) {
        match before {
            Some(before) => durable::write(path, &before, 0o644)?,
            None => durable::remove(path)?,
        }
        return Err(error);
    }
    reload(paths);
    Ok(())
}

/// Whether the ssh server would start with its present configuration. One that would not start before either, for
/// want of host keys for instance, is nobody's fault who changes something else.
pub(super) fn check() -> Result<(), PlatformError> {
    if tool::find("sshd").is_none() {
        return Ok(());
    }
    // Without this directory, which its service makes, it complains about that instead.
    let _ = std::fs::create_dir("/run/sshd");
    tool::run("sshd", &["-t"])
}

/// Makes a running ssh server read its configuration again; one that does not run has nothing to read.
pub(super) fn reload(paths: &Paths) {
    if paths.systemd().is_dir() {
        let reloaded = ["ssh.service", "sshd.service"]
            .into_iter()
            .any(|unit| tool::run("systemctl", &["reload", "--", unit]).is_ok());
        if reloaded {
            return;
        }
    }
    let pid = durable::read_text(&paths.sshd_pid(), 64).ok().flatten();
    let pid = pid.and_then(|text| text.trim().parse().ok()).and_then(Pid::from_raw);
    match pid.map(|pid| kill_process(pid, Signal::HUP)) {
        Some(Ok(())) => {}
        Some(Err(error)) => log::warn(format_args!("sshd cannot be told to read its configuration: {error}")),
        None => log::info(format_args!("sshd does not run; it reads its configuration when it starts")),
    }
}

/// A drop-in counts only if the main file asks for it before it says anything itself.
fn require_drop_ins(paths: &Paths) -> Result<(), PlatformError> {
    let config = durable::read_text(&paths.sshd_config(), LONGEST_FILE)?.unwrap_or_default();
    let first = config.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let included = first.is_some_and(|line| {
        line.to_ascii_lowercase().starts_with("include") && line.contains("sshd_config.d/*.conf")
    });
    if included {
        return Ok(());
    }
    Err(PlatformError::Refused(format!(
        "{} does not begin with `Include /etc/ssh/sshd_config.d/*.conf`",
        paths.sshd_config().display()
    )))
}
