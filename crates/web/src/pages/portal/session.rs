//! Ending one's other sessions.

use axum::response::Redirect;
use sallyport_app::session;

use crate::pages::{
    guard::{Portal, Posted},
    refusal::Refusal,
};

pub(super) async fn end_others(Posted { who: portal, .. }: Posted<Portal>) -> Result<Redirect, Refusal> {
    session::end_all(&portal.ctx, portal.user.id, Some(&portal.session)).await?;
    Ok(Redirect::to("/?done=sessions-ended"))
}
