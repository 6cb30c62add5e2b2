//! Who is calling.

use sallyport_app::Caller;
use sallyport_model::{Action, Role, access, id::TokenId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer::Answer,
    route::{Gives, Needs, Route, shape},
};
use crate::{call::ApiCall, problem::Problem};

/// The token that calls, and what it may do.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Me {
    id: TokenId,
    name: String,
    role: Role,
    rights: Vec<Action>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/me", show, Needs::Token, "Shows whom the token speaks for and what it may do.")
            .gives(Gives::One(shape::<Me>())),
    ]
}

async fn show(ApiCall(ctx): ApiCall) -> Answer<axum::Json<Me>> {
    match ctx.caller {
        Caller::Token { id, name, role } => {
            let rights = Action::ALL.into_iter().filter(|action| access::allows(role, *action)).collect();
            Ok(axum::Json(Me { id, name, role, rights }))
        }
        Caller::Application { .. }
        | Caller::Device { .. }
        | Caller::LocalAdmin
        | Caller::Nobody
        | Caller::Person { .. }
        | Caller::System { .. } => Err(Problem::from(sallyport_app::AppError::Unauthenticated)),
    }
}
