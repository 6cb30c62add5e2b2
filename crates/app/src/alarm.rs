//! Alarms: what people say on their phones was not them, told to them on all channels and to administrators where they look,
//! until one of these closes it. Phones are quiet for a while after it, for which there is a budget beside the challenges.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use sallyport_model::{
    Action, Alarm, AlarmKind, AlarmState, Challenge, NotMe, Role, User,
    id::{AlarmId, UserId},
    name::printable,
    signin::FirstDoor,
};
use sallyport_store::{Page, PageRequest, Reader, Versioned};

use crate::{AppError, Caller, Ctx, Tx, recovery, signin::challenge::budget, user};

/// Verbs in the feed by which the person hears of it; see [`crate::user::news`].
pub(crate) const NOT_ME: &str = "say_not_me";
pub(crate) const NOT_ME_AFTER_YES: &str = "say_not_me_after_yes";
pub(crate) const NOT_ME_AT_HELP_DESK: &str = "say_not_me_at_help_desk";
pub(crate) const NOT_ME_IN_SESSION: &str = "say_not_me_in_session";
pub(crate) const NOT_ME_PAST_FIRST_DOOR: &str = "say_not_me_past_first_door";

/// What somebody has of a person's whose phone they asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    Password,
    Session,
    /// What opens a first door that somebody else keeps, or a passkey; or nobody knows what.
    SomethingElse,
}

impl Has {
    pub(crate) const fn of(first_door: Option<&FirstDoor>) -> Self {
        match first_door {
            Some(FirstDoor::Password) => Self::Password,
            Some(FirstDoor::Session) => Self::Session,
            Some(FirstDoor::Passkey | FirstDoor::Vouched { .. }) | None => Self::SomethingElse,
        }
    }

    const fn verb(self) -> &'static str {
        match self {
            Self::Password => NOT_ME,
            Self::Session => NOT_ME_IN_SESSION,
            Self::SomethingElse => NOT_ME_PAST_FIRST_DOOR,
        }
    }
}

/// A person said on their phone that this was not them: their phones are quiet for a while, a call back of the help desk is
/// refused in their name, and the alarm is raised.
pub(crate) fn not_me(tx: &mut Tx<'_, '_>, id: AlarmId, said: &Challenge) -> Result<(), AppError> {
    let (user, sign_in) = (said.user, said.sign_in);
    tracing::warn!(%user, %sign_in, "a person says that a request to their phone was not theirs");
    budget::quiet(tx, user)?;
    recovery::not_me(tx, said)?;
    raise(tx, id, said)
}

/// Raises the alarm for whose phone this was asked, or adds to the one that is open.
pub(crate) fn raise(tx: &mut Tx<'_, '_>, id: AlarmId, challenge: &Challenge) -> Result<(), AppError> {
    let Some(person) = tx.find::<User>(challenge.user)? else { return Ok(()) };
    let now = tx.ctx.now;
    let asked = tx.find_sign_in(&challenge.sign_in.to_string())?;
    let said = NotMe::of(challenge, asked.and_then(|asked| asked.sign_in.first_door), now);
    let verb = match said.kind {
        AlarmKind::HelpDesk => NOT_ME_AT_HELP_DESK,
        // Made by [`raise_guessed`] alone, of which the person hears otherwise.
        AlarmKind::PasswordGuessed => return Ok(()),
        AlarmKind::SignIn if said.opened => NOT_ME_AFTER_YES,
        AlarmKind::SignIn => Has::of(said.first_door.as_ref()).verb(),
    };
    if let Some(open) = tx.find_by_key::<Alarm>(&Alarm::open_key(person.id))? {
        let changed = tx.update(&open, open.value.clone().again(said))?;
        tx.record(changed, "say_again");
    } else {
        begin(tx, id, &person, said)?;
    }
    tx.record_touched(&person.value, verb);
    Ok(())
}

/// Raises the alarm for whose password was guessed at until it was locked for strangers. One that is open says more already.
pub(crate) fn raise_guessed(tx: &mut Tx<'_, '_>, person: &User) -> Result<(), AppError> {
    if tx.find_by_key::<Alarm>(&Alarm::open_key(person.id))?.is_some() {
        return Ok(());
    }
    let (id, place) = (tx.ctx.id(AlarmId::new)?, tx.ctx.org.places.of(tx.ctx.source));
    let address = place.address.map(|address| address.to_string()).unwrap_or_default();
    let place = place.country.map_or(address.clone(), |country| format!("{address} ({country})"));
    let said = NotMe::guessed(place, tx.ctx.now);
    begin(tx, id, person, said)
}

fn begin(tx: &mut Tx<'_, '_>, id: AlarmId, person: &User, last: NotMe) -> Result<(), AppError> {
    let (user, user_name, raised) = (person.id, person.name.to_string(), tx.ctx.now);
    let created =
        tx.create(Alarm { id, user, user_name, times: 1, last, raised, state: AlarmState::Open })?;
    tx.record(created, "raise");
    Ok(())
}

/// Alarms, the open ones first and then the newest.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Page<Alarm>, AppError> {
    ctx.allow(Action::ReadSignIns)?;
    ctx.read_many(move |reader| Ok(reader.list::<Alarm>(&page)?)).await
}

/// One alarm.
///
/// # Errors
/// Denied, or no such alarm.
pub async fn show(ctx: &Ctx, id: AlarmId) -> Result<Versioned<Alarm>, AppError> {
    ctx.allow(Action::ReadSignIns)?;
    ctx.read(move |reader| find(reader, id)).await
}

/// As many of those that are open as are shown beside something else.
pub const SHOWN: usize = 5;

/// Those that are open, and one more at most than are shown, by which it is seen that there are more.
///
/// # Errors
/// Denied.
pub async fn open(ctx: &Ctx) -> Result<Vec<Versioned<Alarm>>, AppError> {
    ctx.allow(Action::ReadSignIns)?;
    ctx.read_many(|reader| Ok(reader.list::<Alarm>(&of_open(SHOWN + 1))?.items)).await
}

/// The one that is open for a person.
///
/// # Errors
/// Denied.
pub async fn open_of(ctx: &Ctx, user: UserId) -> Result<Option<Versioned<Alarm>>, AppError> {
    ctx.allow(Action::ReadSignIns)?;
    ctx.read(move |reader| Ok(reader.find_by_key::<Alarm>(&Alarm::open_key(user))?)).await
}

/// How many are open, counted up to a page of them: for whoever watches the server.
///
/// # Errors
/// The store's.
pub fn count_open(reader: &mut Reader) -> Result<usize, AppError> {
    Ok(reader.list::<Alarm>(&of_open(500))?.items.len())
}

fn of_open(limit: usize) -> PageRequest {
    PageRequest { state: Some(AlarmState::Open.as_str().into()), limit, ..PageRequest::default() }
}

/// Closes an alarm, with what came of it. Whose it is must be somebody whom the caller may help, and somebody else: whoever
/// took over a session of theirs must not be the one to close it.
///
/// # Errors
/// Denied, above the caller's own rights, no such alarm, nothing was said, it takes somebody else, or it is closed already.
pub async fn close(ctx: &Ctx, id: AlarmId, note: &str) -> Result<Versioned<Alarm>, AppError> {
    ctx.allow(Action::ManageFactors)?;
    let note = printable(note.trim(), Alarm::LONGEST_NOTE);
    if note.is_empty() {
        return Err(AppError::invalid("note", "say what came of it, for whoever reads of it later"));
    }
    ctx.write(move |tx| {
        let alarm = find(tx, id)?;
        if let Some(person) = tx.find::<User>(alarm.user)? {
            let ctx = tx.ctx;
            if let Some(why) = refusal(tx, ctx, &person)? {
                return Err(AppError::Conflict(why.into()));
            }
            tx.user_for(Action::ManageFactors, alarm.user)?;
        }
        let (actor, now) = (tx.ctx.actor(), tx.ctx.now);
        let after = alarm.value.clone().close(actor, note.clone(), now)?;
        let changed = tx.update(&alarm, after)?;
        Ok(tx.record(changed, "close"))
    })
    .await
}

/// Whose alarms among these the caller could close.
///
/// # Errors
/// The store's.
pub async fn closable(ctx: &Ctx, of: BTreeSet<UserId>) -> Result<BTreeSet<UserId>, AppError> {
    if of.is_empty() || ctx.allow(Action::ManageFactors).is_err() {
        return Ok(BTreeSet::new());
    }
    let asking = ctx.clone();
    ctx.read_many(move |reader| {
        let mut found = BTreeSet::new();
        for id in of {
            let may = match reader.find::<User>(id)? {
                None => true,
                Some(person) => match user::allow_taking_over(reader, &asking, &person) {
                    Ok(()) => refusal(reader, &asking, &person)?.is_none(),
                    Err(AppError::AboveOwnRights | AppError::Denied(_)) => false,
                    Err(error) => return Err(error),
                },
            };
            found.extend(may.then_some(id));
        }
        Ok(found)
    })
    .await
}

/// Why the caller is not the one to close what is about this person. Of an owner that nobody else may touch they are the one.
fn refusal(reader: &mut Reader, ctx: &Ctx, person: &User) -> Result<Option<&'static str>, AppError> {
    Ok(match &ctx.caller {
        Caller::Person { id, .. } if *id == person.id => {
            let is_alone = person.roles.contains(&Role::Owner) && !user::has_another_owner(reader, *id)?;
            let text = "this alarm is about you: it takes another owner or administrator to close it";
            (!is_alone).then_some(text)
        }
        // Whose hands a token is in nobody can say, and whoever has a role may have made it.
        Caller::AdminApi { .. } | Caller::Token { .. } if !person.roles.is_empty() => {
            Some("this alarm is about somebody with a role: it takes a person who signed in to close it")
        }
        Caller::AdminApi { .. }
        | Caller::Application { .. }
        | Caller::Device { .. }
        | Caller::LocalAdmin
        | Caller::Nobody
        | Caller::Person { .. }
        | Caller::System { .. }
        | Caller::Token { .. } => None,
    })
}

fn find(reader: &mut Reader, id: AlarmId) -> Result<Versioned<Alarm>, AppError> {
    reader.find::<Alarm>(id)?.ok_or_else(|| AppError::not_found("alarm", id))
}
