//! Binding and unbinding, from the pages of both ends.

use axum::{Router, extract::Path, response::Redirect, routing::post};
use sallyport_api::rest::{CreateBinding, UpdateBinding};
use sallyport_app::binding;
use sallyport_model::id::BindingId;

use crate::{
    State,
    pages::{
        fields::Fields,
        guard::{Admin, Posted},
        refusal::Refusal,
    },
};

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/bindings", post(create))
        .route("/admin/bindings/{id}", post(update))
        .route("/admin/bindings/{id}/delete", post(delete))
}

async fn create(Posted { who: admin, fields }: Posted<Admin>) -> Result<Redirect, Refusal> {
    let input = CreateBinding {
        user: fields.optional("user"),
        user_group: fields.optional("user_group"),
        device: fields.optional("device"),
        device_group: fields.optional("device_group"),
        right: fields.word("right"),
        take_over: fields.ticked("take_over"),
    };
    binding::create(&admin.0.ctx, input).await?;
    Ok(back(&fields, "bound"))
}

async fn update(
    Path(id): Path<BindingId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let input =
        UpdateBinding { right: Some(fields.word("right")), take_over: Some(fields.ticked("take_over")) };
    binding::update(&admin.0.ctx, id, fields.number("version"), input).await?;
    Ok(back(&fields, "saved"))
}

async fn delete(
    Path(id): Path<BindingId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    binding::delete(&admin.0.ctx, id).await?;
    Ok(back(&fields, "unbound"))
}

/// To the page the form stood on.
fn back(fields: &Fields, done: &str) -> Redirect {
    let page = sallyport_wire::http::local_path(fields.raw("back"))
        .filter(|path| !path.contains('?'))
        .unwrap_or("/admin");
    Redirect::to(&format!("{page}?done={done}"))
}
