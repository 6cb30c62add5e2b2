//! What an administrator wants to know first: who fails to sign in and why, which devices differ from what they should be, who
//! lacks a second factor, what changed. One snapshot, and bounded work however many there are: people and changes are counted
//! in memory, devices by how they stand, sign-ins by sums that are made as time passes.

mod changes;
mod devices;
pub(crate) mod sign_ins;
pub(crate) mod tally;
#[cfg(test)]
mod tests;

use sallyport_api::rest::{AlarmsSum, DirectoryCounts, DriftedDevice, FactorsSum, Holding, Overview};
use sallyport_model::{Action, Alarm, Group, Reset, Span, Spray, Time, User};
use sallyport_store::{Page, PageRequest, Reader};

use crate::{AppError, Ctx};

/// How far back sign-ins are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Window {
    /// Hour by hour.
    #[default]
    Day,
    /// Day by day.
    Week,
}

impl Window {
    /// That of so many days.
    ///
    /// # Errors
    /// Neither one nor seven.
    pub fn of_days(days: u32) -> Result<Self, AppError> {
        match days {
            1 => Ok(Self::Day),
            7 => Ok(Self::Week),
            _ => Err(AppError::invalid("days", "1 or 7")),
        }
    }

    const fn span(self) -> Span {
        match self {
            Self::Day => Span::days(1),
            Self::Week => Span::days(7),
        }
    }

    /// How long a part is that is counted by itself.
    const fn part(self) -> Span {
        match self {
            Self::Day => Span::hours(1),
            Self::Week => Span::days(1),
        }
    }

    /// When it began that ends with the hour of `now`.
    const fn since(self, now: Time) -> Time {
        let hour = Span::hours(1).0;
        Time(now.0 - now.0.rem_euclid(hour) + hour).minus(self.span())
    }
}

/// What goes on, as far as the caller may read it.
///
/// # Errors
/// The store's.
pub async fn show(ctx: &Ctx, window: Window) -> Result<Overview, AppError> {
    let call = ctx.clone();
    ctx.read_many(move |reader| told(reader, &call, window)).await
}

/// Active devices that differ from what they should be, those first that began to last.
///
/// # Errors
/// Denied.
pub async fn drifted(ctx: &Ctx, text: String) -> Result<Vec<DriftedDevice>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    let now = ctx.now;
    ctx.read_many(move |reader| devices::list(reader, now, &text, devices::MOST_LISTED)).await
}

/// What second doors active people have.
///
/// # Errors
/// Denied.
pub async fn factors(ctx: &Ctx) -> Result<FactorsSum, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    let call = ctx.clone();
    ctx.read_many(move |reader| call.org.view.census.ask(reader, call.now, |known| known.people.factors()))
        .await
}

/// A page of active people by what second doors they have.
///
/// # Errors
/// Denied.
pub async fn people_holding(ctx: &Ctx, holding: Holding, page: PageRequest) -> Result<Page<User>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    crate::user::page(ctx, page, Some(holding)).await
}

fn told(reader: &mut Reader, ctx: &Ctx, window: Window) -> Result<Overview, AppError> {
    let may = |action| ctx.allow(action).is_ok();
    let (directory, sign_ins) = (may(Action::ReadDirectory), may(Action::ReadSignIns));
    Ok(Overview {
        at: ctx.now,
        directory: directory.then(|| counts(reader, ctx)).transpose()?,
        sign_ins: sign_ins.then(|| sign_ins::sum(reader, ctx.now, window)).transpose()?,
        devices: directory.then(|| devices::sum(reader, ctx)).transpose()?,
        factors: directory
            .then(|| ctx.org.view.census.ask(reader, ctx.now, |known| known.people.factors()))
            .transpose()?,
        changes: may(Action::ReadAudit).then(|| changes::sum(reader, ctx)).transpose()?,
        alarms: sign_ins.then(|| alarms(reader)).transpose()?,
        resets_waiting: may(Action::ManageFactors)
            .then(|| Ok::<_, AppError>(whole(reader.count_in_state::<Reset>("waiting")?)))
            .transpose()?,
    })
}

fn counts(reader: &mut Reader, ctx: &Ctx) -> Result<DirectoryCounts, AppError> {
    let groups = whole(reader.count::<Group>()?);
    ctx.org.view.census.ask(reader, ctx.now, |known| DirectoryCounts {
        users: known.people.len() as u64,
        active_users: known.people.active(),
        groups,
    })
}

fn alarms(reader: &mut Reader) -> Result<AlarmsSum, AppError> {
    let open = whole(reader.count_in_state::<Alarm>("open")?);
    Ok(AlarmsSum { open, spray: reader.find_by_key::<Spray>(Spray::GOES_ON)?.is_some() })
}

/// A count, which is never negative.
fn whole(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
