//! Logs: sign-ins, texts and calls, and the changes administrators and programs made.

mod changes;
mod enrollments;
mod sign_ins;
mod telephony;

use sallyport_model::{Span, Time};
use sallyport_wire::duo::{
    Params, Reply,
    admin::{Events, LogRange, Logs},
};
use serde_json::Value;

use super::super::DuoError;
use crate::Ctx;

/// What is younger is told the next time: it may be written after something that is younger still, and whoever reads from
/// the time of the last record on would miss it.
const SETTLING: Span = Span::seconds(5);

/// The latest time that is told yet.
const fn settled(now: Time) -> Time {
    now.minus(SETTLING)
}

pub(super) async fn answer(ctx: &Ctx, call: Logs, params: &Params) -> Result<Reply, DuoError> {
    match call {
        Logs::Activity => changes::activity(ctx, params).await,
        Logs::Administrator => changes::administrator(ctx, params).await,
        Logs::Authentication => sign_ins::authentication(ctx, params).await,
        Logs::AuthenticationV1 => sign_ins::authentication_v1(ctx, params).await,
        Logs::Telephony => telephony::log(ctx, params).await,
        Logs::TelephonyV1 => telephony::first_version(ctx, params).await,
        // Nothing is watched for it.
        Logs::TrustMonitor => {
            LogRange::read(params)?;
            Ok(Reply::ok(&Events::default()))
        }
        // Nobody is enrolled offline by themselves.
        Logs::OfflineEnrollment => {
            params.int("mintime")?;
            Ok(Reply::ok(&Vec::<Value>::new()))
        }
    }
}
