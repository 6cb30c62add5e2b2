//! Import of users from CSV.

use axum::extract::DefaultBodyLimit;
use sallyport_api::rest::ImportReport;
use sallyport_app::import;
use sallyport_model::Action;
use serde::Deserialize;

use super::{
    answer::Answer,
    input::{Csv, Parameters},
    route::{Gives, Needs::Right, Parameter, ParameterKind, Route, shape},
};
use crate::call::ApiCall;

/// Largest file, in bytes.
pub(super) const LARGEST_FILE: usize = 10 << 20;

pub(super) const DRY_RUN: Parameter = Parameter {
    name: "dry_run",
    about: "Say row by row what would happen, and change nothing.",
    kind: ParameterKind::Flag,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct How {
    #[serde(default)]
    pub(super) dry_run: bool,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post(
            "/users/import",
            import,
            Right(Action::CreateUser),
            "Creates and updates users as the rows of a file say. A bad row never spoils the good ones.",
        )
        .takes_csv()
        .with(&[DRY_RUN])
        .gives(Gives::One(shape::<ImportReport>()))
        .served(|route| route.layer(DefaultBodyLimit::max(LARGEST_FILE))),
    ]
}

async fn import(
    ApiCall(ctx): ApiCall,
    Parameters(how): Parameters<How>,
    Csv(file): Csv,
) -> Answer<axum::Json<ImportReport>> {
    let report =
        if how.dry_run { import::plan(&ctx, &file).await? } else { import::apply(&ctx, &file).await? };
    Ok(axum::Json(report))
}
