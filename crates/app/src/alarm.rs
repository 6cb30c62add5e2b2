//! Alarms: what people say on their phones was not them, told to them on all channels and to administrators where they look,
//! until one of these closes it. Phones are quiet for a while after it, for which there is a budget beside the challenges.

#[cfg(test)]
mod tests;

use sallyport_model::{
    Action, Alarm, AlarmKind, AlarmState, Challenge, NotMe, User,
    id::{AlarmId, UserId},
    name::printable,
};
use sallyport_store::{Page, PageRequest, Reader, Versioned};

use crate::{AppError, Ctx, Tx};

/// Verbs in the feed by which the person hears of it; see [`crate::user::news`].
pub(crate) const NOT_ME: &str = "say_not_me";
pub(crate) const NOT_ME_AT_HELP_DESK: &str = "say_not_me_at_help_desk";

/// Raises the alarm for whose phone this was asked, or adds to the one that is open.
pub(crate) fn raise(tx: &mut Tx<'_, '_>, id: AlarmId, challenge: &Challenge) -> Result<(), AppError> {
    let Some(person) = tx.find::<User>(challenge.user)? else { return Ok(()) };
    let (now, said) = (tx.ctx.now, NotMe::of(challenge, tx.ctx.now));
    let verb = match said.kind {
        AlarmKind::HelpDesk => NOT_ME_AT_HELP_DESK,
        AlarmKind::SignIn => NOT_ME,
    };
    if let Some(open) = tx.find_by_key::<Alarm>(&Alarm::open_key(person.id))? {
        let changed = tx.update(&open, open.value.clone().again(said))?;
        tx.record(changed, "say_again");
    } else {
        let (user, user_name) = (person.id, person.name.to_string());
        let alarm = Alarm { id, user, user_name, times: 1, last: said, raised: now, state: AlarmState::Open };
        let created = tx.create(alarm)?;
        tx.record(created, "raise");
    }
    tx.record_touched(&person.value, verb);
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

/// Those that are open, at most a page of them.
///
/// # Errors
/// Denied.
pub async fn open(ctx: &Ctx) -> Result<Vec<Versioned<Alarm>>, AppError> {
    ctx.allow(Action::ReadSignIns)?;
    ctx.read_many(|reader| Ok(reader.list::<Alarm>(&of_open())?.items)).await
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
    Ok(reader.list::<Alarm>(&of_open())?.items.len())
}

fn of_open() -> PageRequest {
    PageRequest { state: Some(AlarmState::Open.as_str().into()), limit: 500, ..PageRequest::default() }
}

/// Closes an alarm, with what came of it. Whose it is must be somebody whom the caller may help.
///
/// # Errors
/// Denied, above the caller's own rights, no such alarm, nothing was said, or it is closed already.
pub async fn close(ctx: &Ctx, id: AlarmId, note: &str) -> Result<Versioned<Alarm>, AppError> {
    ctx.allow(Action::ManageFactors)?;
    let note = printable(note.trim(), Alarm::LONGEST_NOTE);
    if note.is_empty() {
        return Err(AppError::invalid("note", "say what came of it, for whoever reads of it later"));
    }
    ctx.write(move |tx| {
        let alarm = find(tx, id)?;
        if tx.find::<User>(alarm.user)?.is_some() {
            tx.user_for(Action::ManageFactors, alarm.user)?;
        }
        let (actor, now) = (tx.ctx.actor(), tx.ctx.now);
        let after = alarm.value.clone().close(actor, note.clone(), now)?;
        let changed = tx.update(&alarm, after)?;
        Ok(tx.record(changed, "close"))
    })
    .await
}

fn find(reader: &mut Reader, id: AlarmId) -> Result<Versioned<Alarm>, AppError> {
    reader.find::<Alarm>(id)?.ok_or_else(|| AppError::not_found("alarm", id))
}
