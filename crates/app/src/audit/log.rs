//! The sign-in log as administrators look through it: by text, result, place and time.
//!
//! What is asked for may be rare in a log of millions, so a page looks at so many sign-ins and no more, and says how far back
//! it came; the next one goes on from there.

use sallyport_model::{
    Action, Application, Time, fold,
    id::{ApplicationId, SignInId},
    name::printable,
};
use sallyport_store::{Reader, SignInFilter};

use super::{ExplainedSignIn, LARGEST_EXPORT, LARGEST_PAGE, csv_rows, explained};
use crate::{AppError, Ctx, signin};

/// Sign-ins that one page looks at.
const LOOKED_AT: i64 = 20_000;

/// Which sign-ins to show, newest first.
#[derive(Debug, Clone, Default)]
pub struct LogWanted {
    /// Text that must occur in name, state or address.
    pub text: String,
    /// Only those in this state.
    pub state: Option<String>,
    /// Only those at the portal, the API or logins at devices, by the word for it, or at the application with this id or name.
    pub place: Option<String>,
    /// Only those that began from this time on, or before that one.
    pub since: Option<Time>,
    pub until: Option<Time>,
    pub before: Option<SignInId>,
    pub limit: usize,
}

/// A page of the log.
#[derive(Debug, Clone, Default)]
pub struct LogPage {
    pub items: Vec<ExplainedSignIn>,
    /// For [`LogWanted::before`], if there may be more.
    pub next: Option<SignInId>,
    /// When the oldest was begun that was looked at, where older ones were not.
    pub looked_back_to: Option<Time>,
}

/// A page of the log, newest first.
///
/// # Errors
/// Denied, or no such application.
pub async fn log(ctx: &Ctx, wanted: LogWanted) -> Result<LogPage, AppError> {
    ctx.allow(Action::ReadSignIns)?;
    ctx.read_many(move |reader| page(reader, &wanted)).await
}

/// The newest sign-ins that fit, as CSV for a spreadsheet; each export is logged.
///
/// # Errors
/// As [`log`].
pub async fn export_log(ctx: &Ctx, wanted: LogWanted) -> Result<Vec<u8>, AppError> {
    ctx.allow(Action::ReadSignIns)?;
    tracing::info!(actor = ctx.actor().label(), "the sign-ins are exported");
    let mut rows = csv_rows::sign_ins()?;
    let (mut wanted, mut written) = (LogWanted { limit: LARGEST_PAGE, ..wanted }, 0);
    loop {
        let asked = wanted.clone();
        let found = ctx.read_many(move |reader| page(reader, &asked)).await?;
        for sign_in in &found.items {
            rows.sign_in(sign_in)?;
        }
        written += found.items.len();
        match found.next {
            Some(_) if written >= LARGEST_EXPORT => {
                rows.cut_off(&format!(
                    "Cut off after {written} sign-ins; filter by an earlier time for the rest."
                ))?;
                break;
            }
            Some(next) => wanted.before = Some(next),
            None => break,
        }
    }
    rows.finish()
}

fn page(reader: &mut Reader, wanted: &LogWanted) -> Result<LogPage, AppError> {
    let limit = wanted.limit.clamp(1, LARGEST_PAGE);
    let until = wanted.until.map(signin::id_at);
    let before = match (wanted.before, until) {
        (Some(place), Some(until)) => Some(place.min(until)),
        (place, until) => place.or(until),
    };
    let filter = SignInFilter {
        text: wanted.text.clone(),
        state: wanted.state.clone(),
        said: said(reader, wanted.place.as_deref())?,
        first: wanted.since.map(signin::id_at),
        before,
        looked_at: LOOKED_AT,
        limit: i64::try_from(limit).unwrap_or(1) + 1,
    };
    let (mut found, further) = reader.filter_sign_ins(&filter)?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more).map(|sign_in| sign_in.id);
    Ok(LogPage {
        items: found.into_iter().map(explained).collect(),
        next: last.or(further),
        looked_back_to: further.filter(|_| last.is_none()).map(signin::begun_at),
    })
}

/// What stands in the document of a sign-in at this place. Whatever people typed has a mark before its quotes there.
fn said(reader: &mut Reader, place: Option<&str>) -> Result<String, AppError> {
    let Some(place) = place else { return Ok(String::new()) };
    if ["api", "device_login", "portal"].contains(&place) {
        return Ok(format!("\"resource\":{{\"kind\":\"{place}\""));
    }
    let found = match place.parse::<ApplicationId>() {
        Ok(id) => reader.find::<Application>(id)?,
        Err(_) => reader.find_by_key::<Application>(&fold(place))?,
    };
    let application = found.ok_or_else(|| AppError::not_found("application", printable(place, 64)))?;
    Ok(format!("\"application\":\"{}\"", application.id))
}
