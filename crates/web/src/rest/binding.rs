//! Bindings.

use axum::{
    http::StatusCode,
    http::header,
    response::{IntoResponse, Response},
};
use sallyport_api::rest::{CreateBinding, UpdateBinding};
use sallyport_app::binding;
use sallyport_model::{Action, Binding};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer::{Answer, Created, Noun, PageOf, entity_tag},
    input::{IfMatch, Json, Listing, Named, Parameters, id},
    route::{Gives, LISTING, Needs::Right, Route, shape},
};
use crate::call::ApiCall;

/// A binding with what people call its ends.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct NamedBinding {
    #[serde(flatten)]
    binding: Binding,
    version: i64,
    subject_name: String,
    target_name: String,
}

impl From<binding::NamedBinding> for NamedBinding {
    fn from(named: binding::NamedBinding) -> Self {
        Self {
            binding: named.binding,
            version: named.version,
            subject_name: named.subject_name,
            target_name: named.target_name,
        }
    }
}

impl IntoResponse for NamedBinding {
    fn into_response(self) -> Response {
        let tag = entity_tag(self.version);
        ([(header::ETAG, tag)], axum::Json(self)).into_response()
    }
}

pub(super) fn routes() -> Vec<Route> {
    let (read, manage) = (Right(Action::ReadDirectory), Right(Action::ManageBindings));
    vec![
        Route::get("/bindings", list, read, "Lists bindings.")
            .with(&LISTING)
            .gives(Gives::Page(shape::<NamedBinding>())),
        Route::post(
            "/bindings",
            create,
            manage,
            "Binds a user or group of users to a device or group of devices.",
        )
        .takes::<CreateBinding>()
        .gives(Gives::Created(shape::<Binding>())),
        Route::get("/bindings/{binding}", show, read, "Shows a binding.")
            .gives(Gives::One(shape::<NamedBinding>())),
        Route::patch(
            "/bindings/{binding}",
            update,
            manage,
            "Changes the right a binding gives, or whether it may take over.",
        )
        .takes::<UpdateBinding>()
        .conditional()
        .gives(Gives::Noun(shape::<Binding>())),
        Route::delete(
            "/bindings/{binding}",
            delete,
            manage,
            "Unbinds. Accounts that nothing else keeps are locked.",
        )
        .conditional(),
    ]
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(listing): Parameters<Listing>,
) -> Answer<PageOf<NamedBinding>> {
    let page = binding::list(&ctx, listing.page(&[])?).await?;
    Ok(PageOf { items: page.items.into_iter().map(NamedBinding::from).collect(), next: page.next })
}

async fn create(ApiCall(ctx): ApiCall, Json(input): Json<CreateBinding>) -> Answer<Created<Noun<Binding>>> {
    let binding = binding::create(&ctx, input).await?;
    Ok(Created { at: format!("/bindings/{}", binding.id), noun: binding.into() })
}

async fn show(ApiCall(ctx): ApiCall, Named(binding): Named) -> Answer<NamedBinding> {
    Ok(binding::show(&ctx, id(&binding)?).await?.into())
}

async fn update(
    ApiCall(ctx): ApiCall,
    Named(binding): Named,
    IfMatch(version): IfMatch,
    Json(input): Json<UpdateBinding>,
) -> Answer<Noun<Binding>> {
    Ok(binding::update(&ctx, id(&binding)?, version, input).await?.into())
}

async fn delete(ApiCall(ctx): ApiCall, Named(binding): Named, if_match: IfMatch) -> Answer<StatusCode> {
    let binding = id(&binding)?;
    let ctx = if_match.on::<Binding>(binding, ctx);
    binding::delete(&ctx, binding).await?;
    Ok(StatusCode::NO_CONTENT)
}
