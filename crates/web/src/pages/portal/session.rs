//! Ending one's sessions elsewhere: one of them, or all others.

use axum::{extract::Path, response::Redirect};
use sallyport_app::session;

use crate::pages::{
    guard::{Portal, Posted},
    refusal::Refusal,
};

pub(super) async fn end_one(
    Path(id): Path<String>,
    Posted { who: portal, .. }: Posted<Portal>,
) -> Result<Redirect, Refusal> {
    session::end_one(&portal.ctx, portal.user.id, &id).await?;
    Ok(Redirect::to("/?done=session-ended"))
}

pub(super) async fn end_others(Posted { who: portal, .. }: Posted<Portal>) -> Result<Redirect, Refusal> {
    session::end_all(&portal.ctx, portal.user.id, Some(&portal.session)).await?;
    Ok(Redirect::to("/?done=sessions-ended"))
}
