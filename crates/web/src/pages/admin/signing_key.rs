//! The organisation's signing keys: which sign, and what to do when one got into other hands.

use askama::Template;
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_app::{AppError, Versioned, signing_key};
use sallyport_model::{Action, SigningKey, SigningKeyState, id::SigningKeyId, oidc::SigningAlgorithm};

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
        .route("/admin/signing-keys", get(list))
        .route("/admin/signing-keys/rotate", post(rotate))
        .route("/admin/signing-keys/{id}/revoke", post(revoke))
}

#[derive(Template)]
#[template(path = "admin/signing_keys.html")]
struct KeysPage {
    shell: Shell,
    keys: Vec<Versioned<SigningKey>>,
    may_change: bool,
}

async fn list(admin: Admin) -> Result<Response, Refusal> {
    let page = KeysPage {
        shell: Shell::admin(&admin, "/admin/applications"),
        keys: signing_key::list(&admin.0.ctx).await?,
        may_change: may(&admin.0.ctx, Action::ChangeSettings),
    };
    Ok(Page(page).into_response())
}

async fn rotate(Posted { who: admin, fields }: Posted<Admin>) -> Result<Redirect, Refusal> {
    let unknown = || AppError::invalid("algorithm", "is ES256, EdDSA or RS256");
    let algorithm: SigningAlgorithm = fields.word("algorithm").ok_or_else(unknown)?;
    signing_key::rotate(&admin.0.ctx, algorithm).await?;
    Ok(Redirect::to("/admin/signing-keys?done=key-rotated"))
}

async fn revoke(
    Path(id): Path<SigningKeyId>,
    Posted { who: admin, .. }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    signing_key::revoke(&admin.0.ctx, id).await?;
    Ok(Redirect::to("/admin/signing-keys?done=key-revoked"))
}
