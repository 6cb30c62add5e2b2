//! Counts about the whole.

use sallyport_model::{Action, Application, Span, Time, User};
use sallyport_wire::duo::{
    Params, Reply,
    admin::{Attempts, Info, Summary, TimeRange},
};
use serde_json::{Map, Value, json};

use super::super::DuoError;
use crate::{
    AppError, Ctx,
    ctx::settings,
    signin,
    telephony::{budget, log},
};

pub(super) async fn answer(ctx: &Ctx, call: Info, params: &Params) -> Result<Reply, DuoError> {
    let range = || TimeRange::read(params, ctx.now.unix_seconds());
    match call {
        Info::AuthenticationAttempts => {
            let range = range()?;
            let (all, _) = attempts(ctx, range).await?;
            counted(range, "authentication_attempts", json!(all))
        }
        Info::Summary => Ok(Reply::ok(&summary(ctx).await?)),
        Info::TelephonyCreditsUsed => {
            let range = range()?;
            counted(range, "telephony_credits_used", json!(credits_used(ctx, range).await?))
        }
        Info::UserAuthenticationAttempts => {
            let range = range()?;
            let (_, users) = attempts(ctx, range).await?;
            counted(range, "user_authentication_attempts", json!(users))
        }
    }
}

fn counted(range: TimeRange, name: &str, counts: Value) -> Result<Reply, DuoError> {
    let mut object = Map::new();
    object.insert("mintime".into(), range.mintime.into());
    object.insert("maxtime".into(), range.maxtime.into());
    object.insert(name.into(), counts);
    Ok(Reply::ok(&object))
}

async fn summary(ctx: &Ctx) -> Result<Summary, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    let now = ctx.now;
    ctx.read_many(move |reader| {
        let ceiling = i64::from(settings(reader)?.telephony.limits.ceiling);
        let (spent, _) = budget::money(reader, now)?;
        let users = reader.list_all::<User>()?;
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Ok(Summary {
            admin_count: count(users.iter().filter(|user| !user.roles.is_empty()).count()),
            integration_count: u64::try_from(reader.count::<Application>()?).unwrap_or(0),
            telephony_credits_remaining: ceiling.saturating_sub(spent).max(0),
            user_count: count(users.len()),
            user_pending_deletion_count: count(users.iter().filter(|user| user.trashed.is_some()).count()),
            edition: "Sallyport",
        })
    })
    .await
}

/// What texts and calls were counted as: a credit is a hundredth of whatever they are paid in.
async fn credits_used(ctx: &Ctx, range: TimeRange) -> Result<i64, AppError> {
    ctx.allow(Action::ReadSignIns)?;
    let (from, until) = (Time::from_unix_seconds(range.mintime), Time::from_unix_seconds(range.maxtime));
    ctx.read_many(move |reader| Ok(log::sum(reader, from, until)?.price)).await
}

/// How sign-ins ended, and for how many people. What has not ended is no attempt yet.
async fn attempts(ctx: &Ctx, range: TimeRange) -> Result<(Attempts, Attempts), AppError> {
    ctx.allow(Action::ReadSignIns)?;
    let from = signin::id_at(Time::from_unix_seconds(range.mintime));
    let until = signin::id_at(Time::from_unix_seconds(range.maxtime).plus(Span::seconds(1)));
    let states = ctx.read_many(move |reader| Ok(reader.count_sign_ins(from, until)?)).await?;
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    let (mut all, mut people) = (Attempts::default(), Attempts::default());
    for found in states {
        match found.state.as_str() {
            "allowed" => (all.success, people.success) = (count(found.all), count(found.people)),
            "denied" => {
                all.failure = count(found.all - found.not_me);
                people.failure = count(found.people);
                (all.fraud, people.fraud) = (count(found.not_me), count(found.people_not_me));
            }
            _ => {}
        }
    }
    Ok((all, people))
}
