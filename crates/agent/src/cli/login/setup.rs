//! `sallyport-agent login setup`, `forget` and `break-glass`: a machine that is not enrolled and asks a service by
//! Duo's Auth API.

use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use sallyport_crypto::{
    Secret, SystemRandom, digest, random,
    token::{grouped_digits, typed_digits},
};
use sallyport_model::settings::SshKeys;

use super::{disable, put_in_front, require_root, say, wanted};
use crate::{
    core::break_glass_hash,
    durable,
    half::AuthApiWord,
    paths::Paths,
    platform::login,
    root::auth_api,
    standalone::{self, Config, Marker},
    trust::Trust,
};

const LONGEST_SECRET: u64 = 4096;
/// Groups of four digits: more than 66 bits, so the hash says nothing about the code.
const DIGITS: usize = 5;

/// What the command line says.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Setup {
    /// The service, as name or name:port; Duo's or Sallyport's
    #[arg(long)]
    host: String,
    /// The integration key of the protected application
    #[arg(long)]
    ikey: String,
    /// File with its secret key
    #[arg(long, value_name = "FILE")]
    skey_file: PathBuf,
    /// File with the authority the service's certificate must come from (PEM), where that is none browsers trust
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// A PAM service to stand in front of; can be repeated [default: sshd, sudo, login and su]
    #[arg(long = "service", value_name = "SERVICE")]
    services: Vec<String>,
    /// Ask members of this group only; can be repeated
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// Push or call at once where that can be done, before asking
    #[arg(long)]
    auto_push: bool,
    /// Let a key open sshd by itself, without password and second door
    #[arg(long)]
    keys_alone: bool,
    /// How many wrong answers one login may give
    #[arg(long, value_name = "NUMBER", default_value_t = standalone::prompts())]
    prompts: u8,
}

pub(in crate::cli) fn setup(setup: Setup, paths: &Paths) -> anyhow::Result<()> {
    require_root()?;
    if let Some(trust) = Trust::load(&paths.trust())? {
        bail!(
            "this device is enrolled with {}, which says how people log in here; there is nothing to set up",
            trust.organization_name
        );
    }
    let config = config(setup)?;
    let authorities = config.ca.as_deref().map(standalone::read_authorities).transpose()?;
    let checked = auth_api::check(&config, authorities.clone(), paths).map_err(anyhow::Error::msg)?;
    match checked {
        AuthApiWord::Decided { allow: true, .. } => {}
        AuthApiWord::Unavailable { reason } => bail!("nothing was changed: {reason}"),
        AuthApiWord::Decided { text, .. } => bail!("nothing was changed: {text}"),
        AuthApiWord::Inform { .. } | AuthApiWord::Prompt { .. } => {
            bail!("nothing was changed: the service gave no answer")
        }
    }
    let (code, marker) = break_glass()?;
    standalone::save(&config, authorities.as_deref(), &marker, paths)?;
    say(&format!("{} is asked for the second door", config.host));
    show(&code);
    let _lock = login::lock(paths)?;
    login::recover(paths)?;
    if login::is_installed(paths) {
        put_in_front(&wanted(paths), paths)?;
        say_keys(&config);
        Ok(())
    } else {
        say("install the package sallyport-login to put the second door in front of logins");
        Ok(())
    }
}

pub(in crate::cli) fn forget(paths: &Paths) -> anyhow::Result<()> {
    require_root()?;
    // The door first: without anybody to ask, whoever still stands behind it would be shut out.
    disable(paths)?;
    standalone::forget(paths)?;
    say("nobody is asked for the second door any more, and the keys are gone");
    Ok(())
}

pub(in crate::cli) fn renew_break_glass(paths: &Paths) -> anyhow::Result<()> {
    require_root()?;
    ensure!(
        standalone::is_active(paths),
        "this machine has no break-glass code of its own; the server has that of an enrolled device"
    );
    let (code, marker) = break_glass()?;
    standalone::save_marker(&marker, paths)?;
    show(&code);
    Ok(())
}

fn config(setup: Setup) -> anyhow::Result<Config> {
    let Setup { host, ikey, skey_file, ca, services, groups, auto_push, keys_alone, prompts } = setup;
    let skey = durable::read_text(&skey_file, LONGEST_SECRET)
        .and_then(|text| text.ok_or_else(|| std::io::Error::other("there is no such file")))
        .with_context(|| format!("the file with the secret key `{}` cannot be read", skey_file.display()))?;
    let services = if services.is_empty() { standalone::services() } else { services };
    let skey = Secret::from(skey.trim());
    let ssh_keys = if keys_alone { SshKeys::KeyAlone } else { SshKeys::KeyAndSecondDoor };
    let config = Config { host, ikey, skey, ca, services, groups, auto_push, prompts, ssh_keys };
    config.check().map_err(anyhow::Error::msg)?;
    Ok(config)
}

fn say_keys(config: &Config) {
    if config.ssh_keys == SshKeys::KeyAndSecondDoor && config.services.iter().any(|service| service == "sshd")
    {
        say(
            "a key no longer opens sshd by itself; root can go on after its key only with `PermitRootLogin yes`",
        );
    }
}

/// A new code, as people read it, and what the machine keeps of it.
fn break_glass() -> anyhow::Result<(Secret, Marker)> {
    let source = SystemRandom::new();
    let code = grouped_digits(DIGITS, &source)?;
    let salt = digest::hex(&random::bytes::<16>(&source)?);
    let digits = typed_digits(code.expose()).context("no code could be made")?;
    let hash = break_glass_hash(&salt, &digits);
    Ok((code, Marker { break_glass_hash: Some(hash), break_glass_salt: salt }))
}

fn show(code: &Secret) {
    say(&format!("break-glass code: {}", code.expose()));
    say(
        "It opens this machine once when the service cannot be asked. Keep it elsewhere; it is not shown again.",
    );
}
