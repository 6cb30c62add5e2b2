//! Changing a user: fields, aliases and status, in one write.

use std::collections::BTreeMap;

use sallyport_api::rest::{TellAbout, UpdateUser};
use sallyport_model::{About, Action, Alias, PasswordLock, User, UserState, fold, id::UserId};
use sallyport_store::Versioned;
use sallyport_wire::duo::{
    Reply,
    admin::{Places, UserFields, UserStatus},
};

use super::{super::super::DuoError, id_of, object};
use crate::{
    AppError, Ctx, Tx,
    signin::throttle,
    user::{self, alias},
};

pub(super) async fn modify(ctx: &Ctx, duo_id: &str, fields: UserFields) -> Result<Reply, DuoError> {
    let id = id_of(ctx, duo_id).await?;
    ctx.write(move |tx| {
        let before = tx.user_for(Action::UpdateUser, id)?;
        let after = edited(tx, &before, &fields)?;
        let before =
            if after == before.value { before } else { user::replace(tx, &before, after, "update")? };
        match fields.status {
            None => Ok(()),
            Some(UserStatus::Active) => let_in(tx, before.id),
            Some(UserStatus::Disabled) => shut_out(tx, before.id),
            Some(UserStatus::Bypass) => Err(no_bypass()),
        }
    })
    .await?;
    Ok(Reply::ok(&object(ctx, id).await?))
}

fn edited(tx: &mut Tx<'_, '_>, before: &Versioned<User>, fields: &UserFields) -> Result<User, AppError> {
    if fields.username.as_ref().is_some_and(|name| fold(name) != before.name.as_str()) {
        let text = "a user keeps the name; give another one as an alias";
        return Err(AppError::invalid("username", text));
    }
    let mails = fields.email.as_ref().map(|email| {
        let rest = before.mails.iter().skip(1).map(|mail| mail.address.clone());
        let rest = rest.filter(|address| address != email);
        Some(email.clone()).filter(|email| !email.is_empty()).into_iter().chain(rest).collect()
    });
    let display_name = realname(&before.about, fields);
    let about = about(&before.about.attributes, fields);
    let input = UpdateUser { display_name, mails, about, ..UpdateUser::default() };
    let mut after = user::edited(tx, before, &input)?;
    for mail in &mut after.mails {
        // An address that stayed is as good as it was.
        let known = before.mails.iter().find(|known| known.address == mail.address);
        mail.verified = known.is_some_and(|known| known.verified);
    }
    after.aliases = placed(&before.aliases, &fields.aliases)?;
    Ok(after)
}

/// What is told about a person: attributes that are not named stay, and empty ones go.
pub(super) fn about(known: &BTreeMap<String, String>, fields: &UserFields) -> TellAbout {
    let given = &fields.custom_attributes;
    let attributes = (!given.is_empty()).then(|| {
        let mut all = known.clone();
        all.extend(given.clone());
        all.retain(|_, value| !value.is_empty());
        all
    });
    TellAbout {
        given_name: fields.firstname.clone(),
        family_name: fields.lastname.clone(),
        notes: fields.notes.clone(),
        attributes,
    }
}

/// The name people read: as it is given, or put together of its parts, of which one that is not given stays.
pub(super) fn realname(known: &About, fields: &UserFields) -> Option<String> {
    let given = fields.realname.clone().filter(|name| !name.trim().is_empty());
    if given.is_some() || (fields.firstname.is_none() && fields.lastname.is_none()) {
        return given;
    }
    let first = fields.firstname.as_deref().unwrap_or(&known.given_name);
    let last = fields.lastname.as_deref().unwrap_or(&known.family_name);
    let parts: Vec<&str> = [first, last].into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
    Some(parts.join(" ")).filter(|name| !name.is_empty())
}

/// The aliases as a call leaves them.
pub(super) fn placed(before: &BTreeMap<u8, Alias>, said: &Places) -> Result<BTreeMap<u8, Alias>, AppError> {
    match said {
        Places::All(all) => all.iter().map(|(place, alias)| Ok((*place, alias::parsed(alias)?))).collect(),
        Places::Some(some) => {
            let mut after = before.clone();
            for (place, alias) in some {
                match alias {
                    Some(alias) => after.insert(*place, alias::parsed(alias)?),
                    None => after.remove(place),
                };
            }
            Ok(after)
        }
    }
}

pub(super) fn no_bypass() -> AppError {
    let text =
        "nobody passes without a second door by being told so; issue bypass codes, or change the policy";
    AppError::invalid("status", text)
}

/// Lets somebody in who is not, and forgives wrong attempts. What an administrator locked stays locked.
fn let_in(tx: &mut Tx<'_, '_>, id: UserId) -> Result<(), AppError> {
    let mut user = tx.user_for(Action::SuspendUser, id)?;
    if user.password_lock == Some(PasswordLock::Everybody) {
        return Err(AppError::invalid("status", "an administrator has locked the password of this user"));
    }
    if !user.is_active() {
        let active = user.value.clone().activate()?;
        user = user::replace(tx, &user, active, "activate")?;
    }
    let now = tx.ctx.now;
    let shut = throttle::second_door_wait(tx, id, now)?.is_some();
    if shut || user.password_lock == Some(PasswordLock::Strangers) {
        user::lock::forgive(tx, &user)?;
    }
    Ok(())
}

fn shut_out(tx: &mut Tx<'_, '_>, id: UserId) -> Result<(), AppError> {
    let user = tx.user_for(Action::SuspendUser, id)?;
    let after = match user.state {
        // Never let in.
        UserState::Staged => return Ok(()),
        UserState::Active => user.value.clone().suspend()?,
        UserState::Suspended if user.trashed.is_some() => User { trashed: None, ..user.value.clone() },
        UserState::Suspended => return Ok(()),
    };
    user::replace(tx, &user, after, "suspend").map(|_| ())
}
