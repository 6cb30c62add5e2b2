//! The packages devices install: listed and signed, and the script that installs the first of them.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use sallyport_api::agent::{INTERNAL_NAME, Package, PackageIndex, Signed, context};
use sallyport_crypto::{Secret, digest::hex};
pub use sallyport_installers::Artifact;
use sallyport_installers::{Architecture, ArtifactError, InstallScript, artifact, install_script};
use sallyport_model::Platform;

use crate::{AppError, Ctx};

/// The packages as they were last read: a file is read and hashed anew only when it has changed.
#[derive(Default)]
pub struct Shelf {
    kept: Mutex<BTreeMap<String, (FileStamp, Arc<Artifact>)>>,
}

type FileStamp = (u64, Option<SystemTime>);

impl Shelf {
    fn read(&self, folder: &Path, name: &str) -> Result<Arc<Artifact>, ArtifactError> {
        let stamp = std::fs::symlink_metadata(folder.join(name))
            .map(|metadata| (metadata.len(), metadata.modified().ok()))
            .map_err(|source| ArtifactError::Io { path: folder.join(name), source })?;
        // The lock is held while a file is read, so that a crowd asking at once reads it once.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, artifact)) = kept.get(name).filter(|(known, _)| *known == stamp) {
            return Ok(Arc::clone(artifact));
        }
        let artifact = Arc::new(artifact::read(folder, name)?);
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(name.to_owned(), (stamp, Arc::clone(&artifact)));
        Ok(artifact)
    }

    fn list(&self, folder: &Path) -> Result<Vec<Arc<Artifact>>, ArtifactError> {
        let at = |source| ArtifactError::Io { path: folder.to_owned(), source };
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .map_err(at)?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.ends_with(".deb"))
            .take(MOST_KEPT)
            .collect();
        names.sort_unstable();
        names.iter().map(|name| self.read(folder, name)).collect()
    }
}

/// Most files a packages folder may hold.
const MOST_KEPT: usize = 64;

/// One package by its file name, which may come from a URL.
///
/// # Errors
/// There is none of this name.
pub async fn read(ctx: &Ctx, file: &str) -> Result<Arc<Artifact>, AppError> {
    let (folder, name) = (ctx.org.config.packages.clone(), file.to_owned());
    let missing = AppError::not_found("package", sallyport_model::name::printable(file, 128));
    let org = Arc::clone(&ctx.org);
    let read = blocking(move || org.shelf.read(&folder, &name)).await?;
    read.map_err(|error| {
        tracing::debug!(%error, "package");
        missing
    })
}

/// What the server offers, signed so that a device installs nothing else.
///
/// # Errors
/// The folder cannot be read.
pub async fn index(ctx: &Ctx) -> Result<Signed, AppError> {
    let packages = list(ctx).await?.iter().filter_map(|artifact| described(artifact)).collect();
    let payload = serde_json::to_string(&PackageIndex { issued: ctx.now, packages })?;
    let signature = hex(&ctx.org.keys.device_signing().sign(context::PACKAGES, payload.as_bytes()));
    Ok(Signed { payload, signature })
}

/// The installer's shell script for this server.
///
/// # Errors
/// No agent package is in the folder.
pub async fn script(ctx: &Ctx) -> Result<String, AppError> {
    let missing =
        || AppError::Conflict("this server has no agent package yet; put it into its packages folder".into());
    let packages = list(ctx).await?;
    let (agent, package) = packages
        .iter()
        .filter_map(|artifact| described(artifact).map(|package| (artifact, package)))
        .filter(|(_, package)| package.name == "sallyport-agent")
        .max_by_key(|(_, package)| version_key(&package.version))
        .ok_or_else(missing)?;
    let architecture =
        if package.architecture == "arm64" { Architecture::Arm64 } else { Architecture::Amd64 };
    install_script(&InstallScript {
        server_url: &ctx.org.config.external_url,
        internal_name: INTERNAL_NAME,
        ca_pem: &ctx.org.config.ca_pem,
        agent_deb_sha256: agent.sha256,
        version: &package.version,
        architecture,
    })
    .map_err(|error| AppError::Internal(error.to_string()))
}

/// The line to type on a machine that enrols with `token`, if there is an agent package to install. It fetches the
/// installer, checks that it is the very script this line was made for, and runs it. The hash comes over the
/// administrator's own connection, so it does not matter what certificate the machine sees.
///
/// # Errors
/// The folder cannot be read.
pub async fn install_line(ctx: &Ctx, token: &Secret) -> Result<Option<String>, AppError> {
    let script = match script(ctx).await {
        Ok(script) => script,
        // No package to install yet.
        Err(AppError::Conflict(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let (url, hash) = (ctx.org.config.external_url.trim_end_matches('/'), script_hash(&script));
    let token = token.expose();
    Ok(Some(format!(
        "f=$(mktemp) && curl -fsSk -o \"$f\" {url}/install.sh && echo \"{hash}  $f\" | sha256sum -c --quiet && \
         printf %s '{token}' | sudo sh \"$f\""
    )))
}

/// The hexadecimal SHA-256 of the script, for whoever fetches it over a connection they cannot trust yet.
#[must_use]
pub fn script_hash(script: &str) -> String {
    hex(&sallyport_crypto::digest::sha256(script.as_bytes()))
}

async fn list(ctx: &Ctx) -> Result<Vec<Arc<Artifact>>, AppError> {
    let (folder, org) = (ctx.org.config.packages.clone(), Arc::clone(&ctx.org));
    match blocking(move || org.shelf.list(&folder)).await? {
        Ok(packages) => Ok(packages),
        Err(ArtifactError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            Ok(Vec::new())
        }
        Err(error) => Err(AppError::Internal(error.to_string())),
    }
}

/// Name, version and architecture of `name_version_architecture.deb`.
fn described(artifact: &Artifact) -> Option<Package> {
    let mut parts = artifact.file_name.strip_suffix(".deb")?.splitn(3, '_');
    let (name, version, architecture) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Package {
        name: name.to_owned(),
        version: version.to_owned(),
        platform: Platform::Linux,
        architecture: architecture.to_owned(),
        file: artifact.file_name.clone(),
        size: artifact.size,
        sha256: artifact.sha256_hex(),
    })
}

/// Versions of our packages are numbers with dots; 0.10 comes after 0.9.
fn version_key(version: &str) -> Vec<u64> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

async fn blocking<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    tokio::task::spawn_blocking(f).await.map_err(|error| AppError::Internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_comes_after_nine() {
        assert!(version_key("0.10.0") > version_key("0.9.0"));
        assert!(version_key("1.0.0") > version_key("0.99.9"));
    }

    #[test]
    fn a_package_is_read_again_only_when_it_changed() {
        let folder = tempfile::tempdir().unwrap();
        let (shelf, file) = (Shelf::default(), folder.path().join("a_1_amd64.deb"));
        std::fs::write(&file, "one").unwrap();
        let first = shelf.read(folder.path(), "a_1_amd64.deb").unwrap();
        assert!(Arc::ptr_eq(&first, &shelf.read(folder.path(), "a_1_amd64.deb").unwrap()));
        std::fs::write(&file, "another").unwrap();
        assert_eq!(shelf.read(folder.path(), "a_1_amd64.deb").unwrap().bytes, b"another");
        assert!(shelf.read(folder.path(), "../a_1_amd64.deb").is_err());
    }
}
