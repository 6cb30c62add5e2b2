//! Binding and unbinding, from the pages of both ends.

use axum::{Router, extract::Path, response::Response, routing::post};
use sallyport_api::rest::{CreateBinding, UpdateBinding};
use sallyport_app::binding;
use sallyport_model::{Binding, BindingSubject, BindingTarget, Right, id::BindingId};

use crate::{
    State,
    pages::{
        fields::Fields,
        guard::{Admin, Posted},
        refusal::Refusal,
        undo::Undo,
    },
};

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/bindings", post(create))
        .route("/admin/bindings/{id}", post(update))
        .route("/admin/bindings/{id}/delete", post(delete))
}

async fn create(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let input = CreateBinding {
        user: fields.optional("user"),
        user_group: fields.optional("user_group"),
        device: fields.optional("device"),
        device_group: fields.optional("device_group"),
        right: fields.word("right"),
        take_over: fields.ticked("take_over"),
    };
    let made = binding::create(&admin.0.ctx, input).await?;
    let undo = Undo::new(format!("/admin/bindings/{}/delete", made.id)).with("version", made.version);
    Ok(undo.with("back", fields.raw("back")).beside(&back(&fields, "bound")))
}

async fn update(
    Path(id): Path<BindingId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let before = binding::show(ctx, id).await?.binding;
    let input =
        UpdateBinding { right: Some(fields.word("right")), take_over: Some(fields.ticked("take_over")) };
    let after = binding::update(ctx, id, fields.number("version"), input).await?;
    let undo = Undo::new(format!("/admin/bindings/{id}"))
        .with("version", after.version)
        .with_some("right", before.right.map(word))
        .with_some("take_over", before.take_over.then_some("yes"));
    Ok(undo.with("back", fields.raw("back")).beside(&back(&fields, "saved")))
}

async fn delete(
    Path(id): Path<BindingId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Response, Refusal> {
    let ctx = admin.0.ctx.clone().expecting::<Binding>(id, fields.number("version"));
    let before = binding::show(&ctx, id).await?.binding;
    binding::delete(&ctx, id).await?;
    let undo = Undo::new("/admin/bindings");
    let undo = match before.subject {
        BindingSubject::User(user) => undo.with("user", user),
        BindingSubject::Group(group) => undo.with("user_group", group),
    };
    let undo = match before.target {
        BindingTarget::Device(device) => undo.with("device", device),
        BindingTarget::Group(group) => undo.with("device_group", group),
    };
    let undo = undo
        .with_some("right", before.right.map(word))
        .with_some("take_over", before.take_over.then_some("yes"));
    Ok(undo.with("back", fields.raw("back")).beside(&back(&fields, "unbound")))
}

/// A right as a form says it.
const fn word(right: Right) -> &'static str {
    match right {
        Right::Administrator => "administrator",
        Right::Standard => "standard",
    }
}

/// To the page the form stood on.
fn back(fields: &Fields, done: &str) -> String {
    let page = sallyport_wire::http::local_path(fields.raw("back"))
        .filter(|path| !path.contains('?'))
        .unwrap_or("/admin");
    format!("{page}?done={done}")
}
