//! Many calls in one: each is permitted, done and answered by itself, one after the other, and one that fails leaves the others.

use sallyport_wire::duo::{
    ApiError, Code, Params, Reply,
    admin::{Endpoint, operations},
};
use serde_json::Value;

use super::{super::DuoError, respond};
use crate::Ctx;

pub(super) async fn answer(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    let mut answers = Vec::new();
    for operation in operations(params)? {
        let reply = match Endpoint::at(&operation.method, &operation.path) {
            Ok(Endpoint::Bulk) => ApiError::new(Code::InvalidParameters).with_detail("path").into(),
            Ok(endpoint) => Box::pin(respond(ctx, &endpoint, &operation.params)).await,
            Err(code) => ApiError::from(code).into(),
        };
        answers.push(serde_json::from_str(&reply.body).unwrap_or(Value::Null));
    }
    Ok(Reply::ok(&answers))
}
