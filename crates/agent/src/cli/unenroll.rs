//! `sallyport-agent unenroll`.

use anyhow::Context as _;

use super::{login, require_root, say};
use crate::{durable, paths::Paths, trust::Trust};

/// Logins first: without an organisation nobody answers at the second door. Accounts, and which of them were the
/// directory's, stay.
pub(super) fn run(paths: &Paths) -> anyhow::Result<()> {
    require_root()?;
    let trust = Trust::load(&paths.trust()).ok().flatten();
    login::disable(paths).context("the second door cannot be taken away, so this device stays enrolled")?;
    durable::remove(&paths.trust())?;
    durable::remove(&paths.desired())?;
    durable::remove(&paths.offline())?;
    durable::remove(&paths.device_key())?;
    match trust {
        Some(trust) => say(&format!(
            "this device has forgotten {}; its accounts stay as they are. An administrator can now revoke {}",
            trust.organization_name, trust.device
        )),
        None => say("this device was not enrolled"),
    }
    Ok(())
}
