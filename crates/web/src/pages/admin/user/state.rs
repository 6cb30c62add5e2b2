//! Letting a user in, shutting them out, and what they may do here.

use axum::{
    extract::Path,
    response::{IntoResponse as _, Redirect, Response},
};
use sallyport_app::{remembered, session, user};
use sallyport_model::{User, UserState, id::UserId};

use super::HERE;
use crate::pages::{
    guard::{Admin, Posted},
    refusal::Refusal,
    undo::Undo,
};

pub(super) async fn activate(Path(id): Path<UserId>, form: Posted<Admin>) -> Result<Response, Refusal> {
    let ctx = form.who.0.ctx.clone().expecting::<User>(id, form.fields.number("version"));
    let before = user::show(&ctx, id).await?.state;
    let after = user::activate(&ctx, id).await?;
    // Nobody becomes staged again.
    if before == UserState::Staged {
        return Ok(back(id, "activated").into_response());
    }
    let undo = Undo::new(format!("{HERE}/{id}/suspend")).with("version", after.version);
    Ok(undo.beside(&format!("{HERE}/{id}?done=activated")))
}

pub(super) async fn suspend(Path(id): Path<UserId>, form: Posted<Admin>) -> Result<Response, Refusal> {
    let ctx = form.who.0.ctx.clone().expecting::<User>(id, form.fields.number("version"));
    let after = user::suspend(&ctx, id).await?;
    let undo = Undo::new(format!("{HERE}/{id}/activate")).with("version", after.version);
    Ok(undo.beside(&format!("{HERE}/{id}?done=suspended")))
}

pub(super) async fn delete(Path(id): Path<UserId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    user::delete(&form.who.0.ctx, id).await?;
    Ok(Redirect::to("/admin/users?done=deleted"))
}

pub(super) async fn set_roles(Path(id): Path<UserId>, form: Posted<Admin>) -> Result<Response, Refusal> {
    let ctx = form.who.0.ctx.clone().expecting::<User>(id, form.fields.number("version"));
    let before = user::show(&ctx, id).await?.value.roles;
    let after = user::set_roles(&ctx, id, form.fields.words("roles").into_iter().collect()).await?;
    let undo = Undo::new(format!("{HERE}/{id}/roles")).with("version", after.version);
    let undo = before.iter().fold(undo, |undo, role| undo.with("roles", role.as_str()));
    Ok(undo.beside(&format!("{HERE}/{id}?done=roles-set")))
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
