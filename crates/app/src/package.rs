//! The packages devices install: listed and signed, and the script that installs the first of them.

use sallyport_api::agent::{INTERNAL_NAME, Package, PackageIndex, Signed, context};
use sallyport_crypto::digest::hex;
use sallyport_installers::{Architecture, Artifact, ArtifactError, InstallScript, artifact, install_script};
use sallyport_model::Platform;

use crate::{AppError, Ctx};

/// One package by its file name, which may come from a URL.
///
/// # Errors
/// There is none of this name.
pub async fn read(ctx: &Ctx, file: &str) -> Result<Artifact, AppError> {
    let (folder, name) = (ctx.org.config.packages.clone(), file.to_owned());
    let missing = AppError::not_found("package", sallyport_model::name::printable(file, 128));
    let read = blocking(move || artifact::read(&folder, &name)).await?;
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
    let packages = list(ctx).await?.iter().filter_map(described).collect();
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
        .rfind(|(_, package)| package.name == "sallyport-agent")
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

/// The hexadecimal SHA-256 of the script, for whoever fetches it over a connection they cannot trust yet.
#[must_use]
pub fn script_hash(script: &str) -> String {
    hex(&sallyport_crypto::digest::sha256(script.as_bytes()))
}

async fn list(ctx: &Ctx) -> Result<Vec<Artifact>, AppError> {
    let folder = ctx.org.config.packages.clone();
    match blocking(move || artifact::list(&folder)).await? {
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

async fn blocking<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    tokio::task::spawn_blocking(f).await.map_err(|error| AppError::Internal(error.to_string()))
}
