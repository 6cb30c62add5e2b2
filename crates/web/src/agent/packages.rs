//! Packages for devices, and the script that installs the first of them.

use std::sync::Arc;

use axum::body::Bytes;
use axum::{Json, Router, extract::Path, http::header, response::IntoResponse, routing::get};
use sallyport_api::agent::{PACKAGES_PATH, Signed};
use sallyport_app::package;

use crate::{State, call::Anyone, problem::Problem};

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/install.sh", get(script))
        .route("/packages/{file}", get(file))
        .route(&format!("{PACKAGES_PATH}/index.json"), get(index))
        .route(&format!("{PACKAGES_PATH}/{{file}}"), get(file))
}

async fn index(Anyone(ctx): Anyone) -> Result<Json<Signed>, Problem> {
    Ok(Json(package::index(&ctx).await?))
}

async fn file(Anyone(ctx): Anyone, Path(file): Path<String>) -> Result<impl IntoResponse, Problem> {
    let artifact = package::read(&ctx, &file).await?;
    let kind = artifact.media_type();
    // All who fetch it share one copy.
    Ok(([(header::CONTENT_TYPE, kind)], Bytes::from_owner(Shared(artifact))))
}

async fn script(Anyone(ctx): Anyone) -> Result<impl IntoResponse, Problem> {
    Ok(([(header::CONTENT_TYPE, "text/x-shellscript; charset=utf-8")], package::script(&ctx).await?))
}

struct Shared(Arc<package::Artifact>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0.bytes
    }
}
