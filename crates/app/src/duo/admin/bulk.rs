//! Many calls in one: each is permitted, done and answered by itself, one after the other, and one that fails leaves the others.
//! They are the few by which users are made, changed and put into groups: none whose answer could be large, and none that
//! needs another permission.

use sallyport_wire::duo::{
    ApiError, Code, Params, Reply,
    admin::{Endpoint, Users, operations},
};
use serde_json::Value;

use super::{super::DuoError, respond};
use crate::Ctx;

const NOT_TAKEN: &str =
    "takes calls that make, change and trash users and put them into groups or out of them";

const fn is_taken(endpoint: &Endpoint) -> bool {
    matches!(
        endpoint,
        Endpoint::Users(
            Users::Create
                | Users::JoinGroup { .. }
                | Users::LeaveGroup { .. }
                | Users::Modify { .. }
                | Users::Trash { .. }
        )
    )
}

pub(super) async fn answer(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    let mut answers = Vec::new();
    for operation in operations(params)? {
        let reply = match Endpoint::at(&operation.method, &operation.path) {
            Ok(endpoint) if is_taken(&endpoint) => Box::pin(respond(ctx, &endpoint, &operation.params)).await,
            Ok(_) => ApiError::new(Code::InvalidParameters).with_detail(NOT_TAKEN).into(),
            Err(code) => ApiError::from(code).into(),
        };
        // Nothing was done yet, so the whole may be sent again.
        if answers.is_empty() && (reply.status == 429 || reply.status >= 500) {
            return Ok(reply);
        }
        answers.push(serde_json::from_str(&reply.body).unwrap_or(Value::Null));
    }
    Ok(Reply::ok(&answers))
}
