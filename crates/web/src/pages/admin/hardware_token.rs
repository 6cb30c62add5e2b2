//! Hardware tokens: who has which, and what brings one back into step.

mod import;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_app::{AppError, Ctx, Versioned, hardware_token, user};
use sallyport_model::{Action, HardwareToken, HardwareTokenKind, User, id::HardwareTokenId};

use crate::{
    State,
    pages::{
        filters,
        guard::{Admin, Posted},
        listing::Wanted,
        page::{Csv, Page},
        refusal::Refusal,
        shell::{Shell, may},
    },
};

const HERE: &str = "/admin/hardware-tokens";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .merge(import::routes())
        .route("/admin/hardware-tokens", get(list))
        .route("/admin/hardware-tokens.csv", get(export))
        .route("/admin/hardware-tokens/{id}", get(show))
        .route("/admin/hardware-tokens/{id}/assign", post(assign))
        .route("/admin/hardware-tokens/{id}/resync", post(resync))
        .route("/admin/hardware-tokens/{id}/unassign", post(unassign))
        .route("/admin/hardware-tokens/{id}/delete", post(delete))
}

#[derive(Template)]
#[template(path = "admin/hardware_tokens.html")]
struct HardwareTokensPage {
    shell: Shell,
    tokens: Vec<(Versioned<HardwareToken>, Option<Versioned<User>>)>,
    wanted: Wanted,
    next: Option<String>,
    may_import: bool,
}

#[derive(Template)]
#[template(path = "admin/hardware_token.html")]
struct HardwareTokenPage {
    shell: Shell,
    token: Versioned<HardwareToken>,
    holder: Option<Versioned<User>>,
    may_manage: bool,
    may_delete: bool,
}

async fn list(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let found = hardware_token::list(ctx, wanted.request()).await?;
    let mut tokens = Vec::with_capacity(found.items.len());
    for token in found.items {
        let holder = holder(ctx, &token).await?;
        tokens.push((token, holder));
    }
    let page = HardwareTokensPage {
        shell: Shell::admin(&admin, HERE),
        next: wanted.next(found.next.as_deref()),
        tokens,
        wanted,
        may_import: may(ctx, Action::ManageHardwareTokens),
    };
    Ok(Page(page).into_response())
}

async fn export(admin: Admin, Query(mut wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let mut csv = Csv::new(&["serial", "kind", "digits", "digest", "user"]);
    loop {
        let page = hardware_token::list(ctx, wanted.request_of(500)).await?;
        for token in page.items {
            let user = holder(ctx, &token).await?.map(|user| user.name.to_string()).unwrap_or_default();
            let digits = token.digits.to_string();
            csv.row(&[&token.serial, token.kind.as_str(), &digits, token.digest.as_str(), &user]);
        }
        match page.next {
            Some(next) => wanted.after = next,
            None => return Ok(csv.into_response("hardware-tokens.csv")),
        }
    }
}

async fn show(admin: Admin, Path(id): Path<HardwareTokenId>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let token = hardware_token::resolve(ctx, &id.to_string()).await?;
    let holder = holder(ctx, &token).await?;
    let upon = holder.as_ref().is_none_or(|user| ctx.allow_upon(user).is_ok());
    let page = HardwareTokenPage {
        shell: Shell::admin(&admin, HERE),
        may_manage: upon && may(ctx, Action::ManageFactors),
        may_delete: may(ctx, Action::ManageHardwareTokens),
        holder,
        token,
    };
    Ok(Page(page).into_response())
}

async fn assign(
    Path(id): Path<HardwareTokenId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let ctx = &admin.0.ctx;
    let user = user::resolve(ctx, &fields.text("user")).await?;
    hardware_token::assign(ctx, id, user.id).await?;
    Ok(back(id, "token-assigned"))
}

async fn unassign(Path(id): Path<HardwareTokenId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    hardware_token::unassign(&form.who.0.ctx, id).await?;
    Ok(back(id, "token-unassigned"))
}

async fn resync(
    Path(id): Path<HardwareTokenId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    hardware_token::resync(&admin.0.ctx, id, &fields.list("code")).await?;
    Ok(back(id, "token-resynced"))
}

async fn delete(Path(id): Path<HardwareTokenId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    hardware_token::delete(&form.who.0.ctx, id).await?;
    Ok(Redirect::to("/admin/hardware-tokens?done=deleted"))
}

fn back(id: HardwareTokenId, done: &str) -> Redirect {
    Redirect::to(&format!("{HERE}/{id}?done={done}"))
}

/// Who has a token. Somebody who has just been deleted is nobody.
async fn holder(ctx: &Ctx, token: &HardwareToken) -> Result<Option<Versioned<User>>, AppError> {
    let Some(holder) = token.holder else { return Ok(None) };
    match user::show(ctx, holder.user).await {
        Ok(user) => Ok(Some(user)),
        Err(AppError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a token does, in a few words.
fn form(token: &HardwareToken) -> String {
    let (digits, digest) = (token.digits, token.digest.as_str());
    match token.kind {
        HardwareTokenKind::Hotp { .. } => format!("button, {digits} digits, {digest}"),
        HardwareTokenKind::Totp { interval } => {
            format!("clock of {interval} seconds, {digits} digits, {digest}")
        }
        HardwareTokenKind::Yubikey => "YubiKey, one press a code".to_owned(),
    }
}
