//! The models of authenticators whose passkeys count: what they are, one more by its maker's word or by hand, one less.

use askama::Template;
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::NamePasskeyModel;
use sallyport_app::{
    passkey::models::{self, Root},
    settings::{self, Replaced},
};
use sallyport_model::{Action, PasskeyModel, Time};

use super::methods;
use crate::{
    State,
    pages::{
        filters,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
    },
};

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/passkey-models", get(show).post(name))
        .route("/admin/passkey-models/{aaguid}/remove", post(remove))
}

#[derive(Template)]
#[template(path = "admin/passkey_models.html")]
struct ModelsPage {
    shell: Shell,
    models: Vec<Shown>,
    may_change: bool,
}

struct Shown {
    model: PasskeyModel,
    /// Whom each of its certificates names, and when it ends.
    roots: Vec<(String, Time)>,
}

impl Shown {
    fn of(model: PasskeyModel) -> Self {
        let read = model.roots.iter().filter_map(|pem| Root::of_pem(pem).ok());
        let roots = read.map(|root| (root.subject, Time::from_unix_seconds(root.valid.1))).collect();
        Self { model, roots }
    }
}

async fn show(admin: Admin) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let models = settings::show(ctx).await?.value.passkeys.models;
    let page = ModelsPage {
        shell: Shell::admin(&admin, methods::HERE),
        models: models.into_iter().map(Shown::of).collect(),
        may_change: may(ctx, Action::ChangeSettings),
    };
    Ok(Page(page).into_response())
}

async fn name(Posted { who: admin, fields }: Posted<Admin>) -> Result<Redirect, Refusal> {
    let input = NamePasskeyModel {
        metadata: fields.optional("metadata"),
        aaguid: fields.optional("aaguid"),
        name: fields.optional("name"),
        roots: fields.optional("roots"),
    };
    Ok(back(&models::name(&admin.0.ctx, &input).await?))
}

async fn remove(
    Path(aaguid): Path<String>,
    Posted { who: admin, .. }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    Ok(back(&models::remove(&admin.0.ctx, &aaguid).await?))
}

fn back(replaced: &Replaced) -> Redirect {
    let done = if replaced.notice.is_some() { "saved-fewer-passkeys" } else { "saved" };
    Redirect::to(&format!("/admin/passkey-models?done={done}"))
}
