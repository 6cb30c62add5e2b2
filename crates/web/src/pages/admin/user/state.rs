//! Letting a user in, shutting them out, and what they may do here.

use axum::{extract::Path, response::Redirect};
use sallyport_app::{remembered, session, user};
use sallyport_model::id::UserId;

use super::HERE;
use crate::pages::{
    guard::{Admin, Posted},
    refusal::Refusal,
};

pub(super) async fn activate(Path(id): Path<UserId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    user::activate(&form.who.0.ctx, id).await?;
    Ok(back(id, "activated"))
}

pub(super) async fn suspend(Path(id): Path<UserId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    user::suspend(&form.who.0.ctx, id).await?;
    Ok(back(id, "suspended"))
}

pub(super) async fn delete(Path(id): Path<UserId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    user::delete(&form.who.0.ctx, id).await?;
    Ok(Redirect::to("/admin/users?done=deleted"))
}

pub(super) async fn set_roles(Path(id): Path<UserId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    let roles = form.fields.words("roles").into_iter().collect();
    user::set_roles(&form.who.0.ctx, id, roles).await?;
    Ok(back(id, "roles-set"))
}

pub(super) async fn end_sessions(Path(id): Path<UserId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    let own = form.who.0.ctx.is_person(id).then_some(&form.who.0.session);
    session::end_all(&form.who.0.ctx, id, own).await?;
    Ok(back(id, "sessions-ended"))
}

pub(super) async fn end_session(
    Path((id, session)): Path<(UserId, String)>,
    form: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    session::end_one(&form.who.0.ctx, id, &session).await?;
    Ok(back(id, "session-ended"))
}

pub(super) async fn forget(
    Path((id, browser)): Path<(UserId, String)>,
    form: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    remembered::forget(&form.who.0.ctx, id, &browser).await?;
    Ok(back(id, "forgotten"))
}

pub(super) async fn forget_all(Path(id): Path<UserId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    remembered::forget_all(&form.who.0.ctx, id).await?;
    Ok(back(id, "forgotten"))
}

pub(super) fn back(id: UserId, done: &str) -> Redirect {
    Redirect::to(&format!("{HERE}/{id}?done={done}"))
}
