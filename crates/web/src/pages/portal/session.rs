//! Ending one's sessions elsewhere: one of them, or all others. Forgetting browsers that are remembered; and stopping what
//! somebody asked to do to one's account. Whoever came in by one door sees none of them, and may still end all others.

use axum::{extract::Path, response::Redirect};
use sallyport_app::{recovery, remembered, session};
use sallyport_model::id::ResetId;

use crate::pages::{
    guard::{BehindBothDoors, Portal, Posted},
    refusal::Refusal,
};

pub(super) async fn end_one(
    Path(id): Path<String>,
    Posted { who: BehindBothDoors(portal), .. }: Posted<BehindBothDoors>,
) -> Result<Redirect, Refusal> {
    session::end_one(&portal.ctx, portal.user.id, &id).await?;
    Ok(Redirect::to("/?done=session-ended"))
}

pub(super) async fn end_others(Posted { who: portal, .. }: Posted<Portal>) -> Result<Redirect, Refusal> {
    session::end_all(&portal.ctx, portal.user.id, Some(&portal.session)).await?;
    Ok(Redirect::to("/?done=sessions-ended"))
}

pub(super) async fn stop_reset(
    Path(id): Path<ResetId>,
    Posted { who: portal, .. }: Posted<Portal>,
) -> Result<Redirect, Refusal> {
    recovery::refuse(&portal.ctx, id).await?;
    Ok(Redirect::to("/?done=reset-stopped"))
}

pub(super) async fn forget(
    Path(id): Path<String>,
    Posted { who: BehindBothDoors(portal), .. }: Posted<BehindBothDoors>,
) -> Result<Redirect, Refusal> {
    remembered::forget(&portal.ctx, portal.user.id, &id).await?;
    Ok(Redirect::to("/?done=forgotten"))
}

pub(super) async fn forget_all(
    Posted { who: BehindBothDoors(portal), .. }: Posted<BehindBothDoors>,
) -> Result<Redirect, Refusal> {
    remembered::forget_all(&portal.ctx, portal.user.id).await?;
    Ok(Redirect::to("/?done=forgotten"))
}
