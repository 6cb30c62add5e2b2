//! Logs: sign-ins, texts and calls, and the changes administrators and programs made.

mod changes;
mod enrollments;
mod sign_ins;
mod telephony;

use sallyport_model::{Span, Time};
use sallyport_wire::duo::{
    ParamError, Params, Reply,
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

/// Most records of an answer of the first versions, but for a second that has more.
const MOST_AT_ONCE: i64 = 1000;

/// From when on a log of a first version is asked for. Its clients read on from the second after that of the last record,
/// so no answer ends within a second.
fn first_of_v1(params: &Params) -> Result<Time, ParamError> {
    Ok(Time::from_unix_seconds(params.int("mintime")?.unwrap_or(0).max(0)))
}

/// The first second that such a log does not tell of yet, if it tells of nothing from this time on.
const fn end_of_v1(settled: Time) -> Time {
    Time::from_unix_seconds(settled.unix_seconds())
}

/// The whole seconds of what was read, which is one more than an answer has if there is more; or the second that has to be
/// read whole, because it alone is more.
fn whole_seconds<T>(found: &mut Vec<T>, second: impl Fn(&T) -> i64) -> Option<i64> {
    if i64::try_from(found.len()).is_ok_and(|found| found <= MOST_AT_ONCE) {
        return None;
    }
    let last = second(found.last()?);
    let whole = found.iter().take_while(|one| second(one) != last).count();
    found.truncate(whole);
    (whole == 0).then_some(last)
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
