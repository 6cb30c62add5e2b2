//! Passwords that are refused although they may be right.

use sallyport_model::{Action, PasswordLock, PasswordStatus, ResetOf, Role, User, id::UserId};
use sallyport_store::Versioned;

use super::{password::Stored, refuse_without_owner};
use crate::{
    AppError, Ctx, Tx, alarm,
    ctx::settings,
    recovery,
    signin::{challenge, throttle},
};

/// Locks a person's password for everybody: no first door opens, and what it proved before is void.
///
/// # Errors
/// Denied, no such user, locked already, or the last owner who could let anybody in again.
pub async fn lock_password(ctx: &Ctx, id: UserId) -> Result<Versioned<User>, AppError> {
    ctx.write(move |tx| {
        let user = tx.user_for(Action::SetPassword, id)?;
        if user.roles.contains(&Role::Owner) {
            refuse_without_owner(tx, id)?;
        }
        lock(tx, &user, PasswordLock::Everybody)
    })
    .await
}

/// Locks a password that was guessed at too often, for whoever comes from where its owner never was.
pub(crate) fn for_strangers(tx: &mut Tx<'_, '_>, user: &Versioned<User>) -> Result<(), AppError> {
    match user.password_status {
        PasswordStatus::Active | PasswordStatus::Expired => {
            tracing::warn!(user = %user.id, "a password is being guessed; it opens nothing from where its owner never was");
            alarm::raise_guessed(tx, user)?;
            lock(tx, user, PasswordLock::Strangers).map(|_| ())
        }
        // There is nothing to guess, or it is refused already.
        PasswordStatus::Pending | PasswordStatus::Locked => Ok(()),
    }
}

fn lock(
    tx: &mut Tx<'_, '_>,
    user: &Versioned<User>,
    lock: PasswordLock,
) -> Result<Versioned<User>, AppError> {
    let changed = tx.update(user, user.value.clone().lock_password(lock)?)?;
    Ok(tx.record(changed, "lock_password"))
}

/// Takes the lock off a person's password and forgets their wrong attempts.
///
/// # Errors
/// Denied, or no such user.
pub async fn unlock(ctx: &Ctx, id: UserId) -> Result<Versioned<User>, AppError> {
    ctx.write(move |tx| {
        let user = tx.user_for(Action::SetPassword, id)?;
        // Wrong attempts are anybody's; these somebody meant.
        if user.password_lock == Some(PasswordLock::Everybody) || challenge::budget::are_off(tx, id)? {
            recovery::permit(tx, &user, &ResetOf::Unlock)?;
        }
        forgive(tx, &user)
    })
    .await
}

/// The same, for a person the caller may act upon.
pub(crate) fn forgive(tx: &mut Tx<'_, '_>, user: &Versioned<User>) -> Result<Versioned<User>, AppError> {
    throttle::forgive(tx, user)?;
    if user.password_status != PasswordStatus::Locked {
        tx.record_touched(&user.value, "unlock");
        return Ok(user.clone());
    }
    let ctx = tx.ctx;
    let has_password = !Stored::of(tx, ctx, user.id)?.is_nothing();
    let oldest = settings(tx)?.passwords.oldest(tx.ctx.now);
    let after = user.value.clone().unlock_password(has_password).with_password_age(oldest);
    let changed = tx.update(user, after)?;
    Ok(tx.record(changed, "unlock"))
}

#[cfg(test)]
mod tests;
