//! Binding and unbinding, from the pages of both ends.

use axum::{Router, extract::Path, response::Redirect, routing::post};
use sallyport_api::rest::{CreateBinding, UpdateBinding};
use sallyport_app::{AppError, Ctx, PageRequest, binding, device, group, user};
use sallyport_model::id::BindingId;

use crate::{
    State,
    pages::{
        fields::Fields,
        guard::{Admin, Posted},
        listing::everything,
        next::local_path,
        refusal::Refusal,
    },
};

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/bindings", post(create))
        .route("/admin/bindings/{id}", post(update))
        .route("/admin/bindings/{id}/delete", post(delete))
}

/// What there is to choose from in forms; what is not among it can still be typed where it is typed.
pub(super) struct Choices {
    pub(super) users: Vec<Choice>,
    pub(super) user_groups: Vec<Choice>,
    pub(super) devices: Vec<Choice>,
    pub(super) device_groups: Vec<Choice>,
}

pub(super) struct Choice {
    pub(super) id: String,
    pub(super) name: String,
}

impl Choice {
    fn new(id: impl ToString, name: impl ToString) -> Self {
        Self { id: id.to_string(), name: name.to_string() }
    }
}

pub(super) async fn choices(ctx: &Ctx) -> Result<Choices, AppError> {
    let kind = |kind: &str| PageRequest { state: Some(kind.into()), ..everything() };
    let groups = async |word: &str| -> Result<Vec<Choice>, AppError> {
        let found = group::list(ctx, kind(word)).await?;
        Ok(found.items.iter().map(|group| Choice::new(group.id, &group.name)).collect())
    };
    let users = user::list(ctx, everything()).await?;
    let devices = device::list(ctx, everything()).await?;
    Ok(Choices {
        users: users.items.iter().map(|user| Choice::new(user.id, &user.name)).collect(),
        user_groups: groups("users").await?,
        devices: devices.items.iter().map(|device| Choice::new(device.id, &device.name)).collect(),
        device_groups: groups("devices").await?,
    })
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
    let page = local_path(fields.raw("back")).filter(|path| !path.contains('?')).unwrap_or("/admin");
    Redirect::to(&format!("{page}?done={done}"))
}
