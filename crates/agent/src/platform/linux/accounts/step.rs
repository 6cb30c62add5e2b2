//! Single steps, by the tools of the system or by a file replaced as a whole.

use std::{io, time::Duration};

use sallyport_model::id::UserId;

use super::{
    files::SSH_KEYS_CONFIG,
    plan::{DIRECTORY_GROUP, Step, sudoers},
};
use crate::{
    accounts::{Ledger, Owned},
    durable,
    paths::Paths,
    platform::{
        PlatformError,
        linux::{sessions, tool},
    },
};

const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn carry_out(
    step: &Step,
    user: UserId,
    paths: &Paths,
    ledger: &mut Ledger,
) -> Result<(), PlatformError> {
    match step {
        Step::ConfigureSshKeys => configure_ssh_keys(paths),
        Step::CreateDirectoryGroup => tool::run("groupadd", &["--system", "--", DIRECTORY_GROUP]),
        Step::CreateGroup { name, gid } => tool::run("groupadd", &["--gid", &gid.to_string(), "--", name]),
        Step::CreateUser { name, uid, gid, gecos, home, shell } => {
            let (uid, gid) = (uid.to_string(), gid.to_string());
            let arguments = [
                "--uid",
                &uid,
                "--gid",
                &gid,
                "--comment",
                gecos,
                "--home-dir",
                home,
                "--shell",
                shell,
                "--create-home",
                "--key",
                "UMASK=0077",
                "--",
                name,
            ];
            tool::run("useradd", &arguments)
        }
        Step::EndSessions { name, uid } => sessions::end(paths, *uid, name),
        Step::Expire { name } => tool::run("usermod", &["--expiredate", "1970-01-02", "--", name]),
        Step::JoinGroup { name, group } => tool::run("usermod", &["--append", "--groups", group, "--", name]),
        Step::LeaveGroup { name, group } => tool::run("gpasswd", &["--delete", name, group]),
        Step::LockPassword { name } => tool::run("usermod", &["--lock", "--", name]),
        Step::Modify { name, gecos, shell } => {
            tool::run("usermod", &["--comment", gecos, "--shell", shell, "--", name])
        }
        Step::Own(owned) => own(user, owned, paths, ledger),
        Step::RemoveSshKeys { name } => Ok(durable::remove(&paths.ssh_keys(name))?),
        Step::RemoveSudoers => Ok(durable::remove(&paths.sudoers(user))?),
        Step::SetPassword { name, hash } => set_password(name, hash),
        Step::Unexpire { name } => tool::run("usermod", &["--expiredate", "", "--", name]),
        Step::WriteSshKeys { name, file } => {
            durable::directory(&paths.ssh_keys_dir(), 0o755)?;
            Ok(durable::write(&paths.ssh_keys(name), file.as_bytes(), 0o644)?)
        }
        Step::WriteSudoers { name } => write_sudoers(user, name, paths),
    }
}

fn own(user: UserId, owned: &Owned, paths: &Paths, ledger: &mut Ledger) -> Result<(), PlatformError> {
    let mut next = ledger.clone();
    next.accounts.insert(user, owned.clone());
    next.save(&paths.accounts())?;
    *ledger = next;
    Ok(())
}

/// Over standard input: an argument could be read by everybody on the machine.
fn set_password(name: &str, hash: &str) -> Result<(), PlatformError> {
    let line = zeroize::Zeroizing::new(format!("{name}:{hash}\n"));
    tool::run_with("chpasswd", &["--encrypted"], line.as_bytes(), PATIENCE).map(|_| ())
}

/// The file counts from the rename on, so it is checked before. Names with a dot are no files to sudo.
fn write_sudoers(user: UserId, name: &str, paths: &Paths) -> Result<(), PlatformError> {
    if tool::find("visudo").is_none() || !paths.sudoers_dir().is_dir() {
        return Err(PlatformError::Refused("sudo is not installed".to_owned()));
    }
    let path = paths.sudoers(user);
    let staged = durable::stage(&path, sudoers(name).as_bytes(), 0o440)?;
    let checked = tool::run("visudo", &["--check", "--quiet", "--file", &text(&staged)?]);
    if let Err(error) = checked {
        durable::remove(&staged)?;
        return Err(error);
    }
    Ok(durable::commit(&staged, &path)?)
}

fn configure_ssh_keys(paths: &Paths) -> Result<(), PlatformError> {
    super::super::login::sshd::write_drop_in(&paths.ssh_keys_config(), SSH_KEYS_CONFIG, paths)
}

fn text(path: &std::path::Path) -> io::Result<String> {
    path.to_str().map(str::to_owned).ok_or_else(|| io::Error::other("a path is not UTF-8"))
}
