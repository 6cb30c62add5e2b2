//! Packages for devices, and the script that installs the first of them.

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
    Ok(([(header::CONTENT_TYPE, artifact.media_type())], artifact.bytes))
}

async fn script(Anyone(ctx): Anyone) -> Result<impl IntoResponse, Problem> {
    Ok(([(header::CONTENT_TYPE, "text/x-shellscript; charset=utf-8")], package::script(&ctx).await?))
}
