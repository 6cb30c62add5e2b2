//! What time does to people: passwords expire, and accounts nobody uses fall dormant. Looked at when somebody signs in,
//! and once an hour for everybody else.

use sallyport_model::{PasswordStatus, Settings, Span, Time, User, id::UserId};
use sallyport_store::{PageRequest, Reader, Versioned};

use crate::{AppError, Ctx, Tx, ctx::settings};

/// People looked at in one read.
const AT_ONCE: usize = 500;

/// Counter of a user: when they last came through a door.
pub(crate) const SIGNED_IN: &str = "signed_in";

/// The person as time has left them.
pub(crate) fn aged(tx: &mut Tx<'_, '_>, user: Versioned<User>) -> Result<Versioned<User>, AppError> {
    let (now, settings) = (tx.ctx.now, settings(tx)?);
    let user = with_password_age(tx, user, &settings, now)?;
    if !falls_dormant(tx, &user, &settings, now)? {
        return Ok(user);
    }
    let changed = tx.update(&user, User { dormant: true, ..user.value.clone() })?;
    Ok(tx.record(changed, "fall_dormant"))
}

fn with_password_age(
    tx: &mut Tx<'_, '_>,
    user: Versioned<User>,
    settings: &Settings,
    now: Time,
) -> Result<Versioned<User>, AppError> {
    let after = user.value.clone().with_password_age(settings.passwords.oldest(now));
    if after == user.value {
        return Ok(user);
    }
    let verb = match after.password_status {
        PasswordStatus::Expired => "expire_password",
        PasswordStatus::Pending | PasswordStatus::Active | PasswordStatus::Locked => "renew_password",
    };
    let changed = tx.update(&user, after)?;
    Ok(tx.record(changed, verb))
}

fn falls_dormant(reader: &mut Reader, user: &User, settings: &Settings, now: Time) -> Result<bool, AppError> {
    if user.dormant || !user.is_active() {
        return Ok(false);
    }
    let last = reader.counter(&user.id.to_string(), SIGNED_IN)?.map(Time);
    let idle = Span::days(i64::from(settings.accounts.idle_days));
    Ok(now.since(last.max(Some(user.created)).unwrap_or(now)) > idle)
}

/// A factor of this person was seen, or an administrator's code: they are dormant no more.
pub(crate) fn awake(tx: &mut Tx<'_, '_>, user: &Versioned<User>) -> Result<(), AppError> {
    if user.dormant {
        let changed = tx.update(user, User { dormant: false, ..user.value.clone() })?;
        tx.record(changed, "awake");
    }
    Ok(())
}

/// Does to everybody what time has done to them.
///
/// # Errors
/// The store's.
pub(crate) async fn age_all(ctx: &Ctx) -> Result<(), AppError> {
    let mut after = String::new();
    loop {
        let (request, now) = (PageRequest { after, limit: AT_ONCE, ..PageRequest::default() }, ctx.now);
        let (due, next) = ctx.read_many(move |reader| due(reader, &request, now)).await?;
        if !due.is_empty() {
            ctx.write(move |tx| due.iter().try_for_each(|id| age(tx, *id))).await?;
        }
        match next {
            Some(next) => after = next,
            None => return Ok(()),
        }
    }
}

/// Those of a page to whom time has done something, and where the next page begins.
fn due(
    reader: &mut Reader,
    request: &PageRequest,
    now: Time,
) -> Result<(Vec<UserId>, Option<String>), AppError> {
    let settings = settings(reader)?;
    let oldest = settings.passwords.oldest(now);
    let page = reader.list::<User>(request)?;
    let mut due = Vec::new();
    for user in &page.items {
        let password = user.value.clone().with_password_age(oldest) != user.value;
        if password || falls_dormant(reader, user, &settings, now)? {
            due.push(user.id);
        }
    }
    Ok((due, page.next))
}

fn age(tx: &mut Tx<'_, '_>, id: UserId) -> Result<(), AppError> {
    match tx.find::<User>(id)? {
        Some(user) => aged(tx, user).map(|_| ()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
