//! Logs: sign-ins, and the changes administrators and programs made.

mod changes;
mod sign_ins;

use sallyport_wire::duo::{
    Params, Reply,
    admin::{Items, LogMetadata, LogRange, Logs},
};
use serde_json::Value;

use super::super::DuoError;
use crate::Ctx;

pub(super) async fn answer(ctx: &Ctx, call: Logs, params: &Params) -> Result<Reply, DuoError> {
    match call {
        Logs::Activity => changes::activity(ctx, params).await,
        Logs::Administrator => changes::administrator(ctx, params).await,
        Logs::Authentication => sign_ins::authentication(ctx, params).await,
        Logs::AuthenticationV1 => sign_ins::authentication_v1(ctx, params).await,
        // Nobody is called, texted or enrolled offline yet.
        Logs::OfflineEnrollment | Logs::TelephonyV1 => {
            params.int("mintime")?;
            Ok(Reply::ok(&Vec::<Value>::new()))
        }
        Logs::Telephony => {
            LogRange::read(params)?;
            let metadata = LogMetadata { next_offset: Value::Null, total_objects: 0 };
            Ok(Reply::ok(&Items::<Value> { items: Vec::new(), metadata }))
        }
    }
}
