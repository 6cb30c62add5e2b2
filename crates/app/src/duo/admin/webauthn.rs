//! WebAuthn credentials.

use sallyport_model::Factor;
use sallyport_wire::duo::{Params, Reply, admin::WebAuthn};
use serde_json::Value;

use super::{super::DuoError, not_found, nothing, users::id_of};
use crate::Ctx;

pub(super) async fn answer(_ctx: &Ctx, call: &WebAuthn, params: &Params) -> Result<Reply, DuoError> {
    match call {
        WebAuthn::List => nothing(params),
        WebAuthn::Delete { .. } | WebAuthn::Show { .. } => Err(not_found()),
    }
}

pub(super) fn of(_factors: &[Factor]) -> Vec<Value> {
    Vec::new()
}

pub(super) async fn of_user(ctx: &Ctx, user: &str, params: &Params) -> Result<Reply, DuoError> {
    id_of(ctx, user).await?;
    nothing(params)
}
