//! Background work that follows the clock and nothing else.

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use sallyport_model::{Run, RunState, Span, Time, id::RunId};
use sallyport_store::Reader;

use crate::{
    AppError, Ctx, Org, Tx,
    duo::clients,
    event,
    factor::mailing,
    listing,
    overview::sign_ins,
    places, recovery,
    run::{self, order},
    saml, setup,
    signin::{self, spray},
    signing_key,
    telephony::log,
    user,
};

/// How often the clock is looked at.
const EVERY: Duration = Duration::from_secs(60);
/// How long a device that took a run may stay silent after the run's time.
const PATIENCE: Span = Span::days(1);
/// For a run whose order can no longer be read.
const LONGEST_TIMEOUT: Span = Span::days(1);
/// Sign-ins under names nobody has are kept for this long; everybody else's stay.
const NOBODYS_SIGN_INS_KEPT: Span = Span::days(30);
/// Counter of the organisation: the hour for which people were aged.
const AGED: &str = "people_aged";
/// Counter of the organisation: the time up to which was swept, in microseconds.
const SWEPT: &str = "swept";
/// How far one pass sweeps at most: a clock that jumps ahead and back again must not have taken the marks of what was used.
const SWEPT_AT_ONCE: Span = Span::minutes(10);
/// How long what has expired is kept besides.
const SWEPT_AFTER: Span = Span::days(1);
/// Runs ended in one transaction.
const AT_ONCE: usize = 200;

/// Does what is due each minute, until `stop` completes.
pub async fn run(org: Arc<Org>, stop: impl Future<Output = ()>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            _ = ticks.tick() => {}
        }
        let ctx = Ctx::system(&org, "jobs");
        if let Err(error) = pass(&ctx).await {
            tracing::error!(%error, "a job failed; it is tried again in a minute");
        }
        if let Err(error) = listing::keep_up(&ctx).await {
            tracing::error!(%error, "what listings look at could not be read; the next page reads it");
        }
    }
}

/// Does once what is due now.
///
/// # Errors
/// The store's.
pub async fn pass(ctx: &Ctx) -> Result<(), AppError> {
    // Before anything is swept that says how a spray stands. What it cannot read keeps nothing else from being done.
    if let Err(error) = spray::watch(ctx).await {
        tracing::error!(%error, "the sign-in log cannot be watched for password sprays");
    }
    if let Err(error) = sign_ins::sum_up(ctx).await {
        tracing::error!(%error, "the sign-in log cannot be summed up");
    }
    places::look_again(ctx).await?;
    signing_key::tend(ctx).await?;
    ctx.write(|tx| {
        let now = tx.ctx.now;
        let until = swept_until(tx)?;
        tx.sweep(until.minus(SWEPT_AFTER))?;
        log::sweep(tx)?;
        clients::sweep(tx)?;
        event::sweep(tx)?;
        Ok(tx.sweep_sign_ins_of_nobody(signin::id_at(now.minus(NOBODYS_SIGN_INS_KEPT)))?)
    })
    .await?;
    let hour = ctx.now.unix_seconds() / 3600;
    if ctx.write(move |tx| Ok(tx.raise_counter("org", AGED, hour)?)).await? && setup::is_done(ctx).await? {
        user::age::age_all(ctx).await?;
    }
    mailing::resume(ctx).await?;
    recovery::expire(ctx).await?;
    let reading = ctx.clone();
    let overdue = ctx.read_many(move |reader| overdue(reader, &reading)).await?;
    for some in overdue.chunks(AT_ONCE) {
        let some = some.to_vec();
        let ended = ctx.write(move |tx| end(tx, &some)).await?;
        run::announce(ctx, &ended);
    }
    // Last, because it waits for others.
    saml::refresh(ctx).await
}

/// Up to when is swept now: it follows the clock, but slowly where the clock jumps.
fn swept_until(tx: &mut Tx<'_, '_>) -> Result<Time, AppError> {
    let now = tx.ctx.now;
    let before = tx.counter("org", SWEPT)?.map(Time);
    let until = before.map_or(now, |before| now.min(before.plus(SWEPT_AT_ONCE)));
    tx.raise_counter("org", SWEPT, until.0)?;
    Ok(until)
}

/// The runs whose time is over.
fn overdue(reader: &mut Reader, ctx: &Ctx) -> Result<Vec<RunId>, AppError> {
    let since = ctx.now.minus(run::LONGEST_LIFE).minus(PATIENCE);
    let mut overdue = Vec::new();
    for state in ["queued", "started"] {
        for run in run::launched_since(reader, since, Some(state), "")? {
            if fate(reader, ctx, &run)?.is_some() {
                overdue.push(run.id);
            }
        }
    }
    Ok(overdue)
}

fn end(tx: &mut Tx<'_, '_>, runs: &[RunId]) -> Result<Vec<Run>, AppError> {
    let mut ended = Vec::new();
    for id in runs {
        let Some(run) = tx.find::<Run>(*id)? else { continue };
        let ctx = tx.ctx;
        if let Some((next, verb)) = fate(tx, ctx, &run)? {
            ended.push(run::advance(tx, &run, next, verb)?.value);
        }
    }
    Ok(ended)
}

/// How an undecided run ends by the clock, if it does now. Only a run that never left the house can be said to have
/// expired; of all others nobody knows.
fn fate(reader: &mut Reader, ctx: &Ctx, run: &Run) -> Result<Option<(RunState, &'static str)>, AppError> {
    let at = ctx.now;
    if run.state.is_final() || run.not_after >= at {
        return Ok(None);
    }
    if run.state == RunState::Queued && !run::is_handed_out(reader, run.id)? {
        return Ok(Some((RunState::Expired { at }, "expire")));
    }
    if silent_since(reader, ctx, run) >= at {
        return Ok(None);
    }
    let reason = "the device took it and was not heard of again".into();
    Ok(Some((RunState::Unknown { at, reason }, "lose")))
}

/// When even a run begun at the last moment must have been reported.
fn silent_since(reader: &mut Reader, ctx: &Ctx, run: &Run) -> Time {
    let timeout = match order::find(reader, ctx, run.id) {
        Ok(Some(order)) => Span::seconds(i64::from(order.timeout_seconds)),
        Ok(None) | Err(_) => LONGEST_TIMEOUT,
    };
    run.not_after.plus(timeout).plus(PATIENCE)
}
