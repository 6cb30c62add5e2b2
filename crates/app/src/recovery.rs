//! Resets: somebody gives another person a way through the doors, or takes theirs away, who has proved themselves here
//! before. Recovery must not be weaker than what it restores, so it takes more than one person's word.
//!
//! Help desk needs the person's own answer to a call back, or a second person. Whoever has a role is told and has a day to
//! stop it, whoever asks. Nothing is handed out before: a reset is asked for, cleared, and then done once by whoever asked,
//! by the use case that does it anyway and that looks for it here, in its own write. Somebody who never had a factor is
//! enrolled, not reset; and whoever holds the machine needs nobody's word.

mod call_back;
mod second_person;
#[cfg(test)]
mod tests;

use sallyport_api::rest::AskReset;
use sallyport_model::{
    Actor, Clearance, FactorKind, Reset, ResetOf, ResetState, Time, User, access,
    access::Action,
    id::{ResetId, UserId},
    name::printable,
    reset::ResetKind,
};
use sallyport_store::{Edge, Page, PageRequest, Reader, Versioned};

pub(crate) use self::call_back::{is_number_theirs, not_me, number_is_theirs};
pub use self::{
    call_back::{Asked, Way, call_back, confirm, ways},
    second_person::approve,
};
use crate::{
    AppError, Caller, Ctx, Tx,
    budget::{self, Cap},
    ctx::settings,
    factor, hardware_token,
    listing::{self, Listing, Wanted},
    push,
    user::{checked_mails, refuse_own_password},
};

/// Counter of a person: they had a factor, or were asked by something that nobody enrols. It tells which was the most.
const HAD_FACTOR: &str = "had_factor";
/// Nothing but codes by mail, which are worth what the mailbox is.
const A_MAILBOX: i64 = 0;
const MORE_THAN_A_MAILBOX: i64 = 1;
/// Counter of a person: when they last had a role. Taking it away does not make the wait shorter.
const HAD_ROLE: &str = "had_role";
/// Most resets that may be asked for in a day, of one person and by one caller: each is told to somebody on all channels.
const MOST_OF_ONE: u32 = 10;
const MOST_BY_ONE: u32 = 100;
/// Of what people read of it.
const LONGEST_DETAIL: usize = 600;
/// How many are looked at at once when they expire.
const AT_ONCE: usize = 200;

/// What stands between a caller and the reset of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// The person has a role: they are told, and have a day.
    Hold,
    /// The person themselves, called back, or somebody else with the right.
    SecondPerson,
}

/// What stands between the caller and a reset of this person, and which resets of theirs are open.
#[derive(Debug, Clone)]
pub struct Standing {
    pub guard: Option<Guard>,
    pub open: Vec<Reset>,
}

/// Asks for a reset. The person is told.
///
/// # Errors
/// Denied, above the caller's own rights, no such user, factor or token, asked for already or too often, or nothing stands
/// between the caller and what they want to do.
pub async fn ask(ctx: &Ctx, user: UserId, input: AskReset) -> Result<Versioned<Reset>, AppError> {
    let reason = printable(input.reason.trim(), Reset::LONGEST_REASON);
    if reason.is_empty() {
        return Err(AppError::invalid("reason", "say why, for whoever has to decide"));
    }
    let id = ctx.id(ResetId::new)?;
    ctx.write(move |tx| {
        let (now, author) = (tx.ctx.now, tx.ctx.actor());
        let person = tx.user_for(input.what.action(), user)?;
        if input.what == ResetKind::Password {
            refuse_own_password(tx.ctx, user)?;
        }
        let guard = guard_against(tx, &person, input.what)?.ok_or_else(|| {
            AppError::Conflict(format!("nothing needs to be asked for `{}`: just do it", person.name).into())
        })?;
        let (what, detail) = target(tx, &person, &input)?;
        let same = |reset: &&Versioned<Reset>| reset.what == what && reset.author.is_same_as(&author);
        if let Some(open) = open_of(tx, user, now)?.iter().find(same) {
            return Err(AppError::Conflict(
                format!("you asked for this already: `{}` is {}", open.id, open.state.as_str()).into(),
            ));
        }
        let caps = [
            Cap::daily(
                format!("resets of {user}"),
                MOST_OF_ONE,
                "enough resets were asked for this user today",
            ),
            Cap::daily(
                format!("resets by {}", known_as(&author)),
                MOST_BY_ONE,
                "you asked for enough resets today",
            ),
        ];
        budget::count(tx, caps)?.map_err(|spent| AppError::Conflict(spent.into()))?;
        let day = now.plus(Reset::DAY);
        let state = match guard {
            Guard::Hold => ResetState::Held { from: day, until: day.plus(Reset::DAY) },
            Guard::SecondPerson => ResetState::Waiting { until: day },
        };
        let (user_name, reason) = (person.name.to_string(), reason.clone());
        let reset = Reset { id, user, user_name, what, detail, reason, author, state, created: now };
        let created = tx.create(reset)?;
        let reset = tx.record(created, "ask");
        tx.put_edge(Edge::UserReset, &user.to_string(), &id.to_string())?;
        // By which the person hears of it.
        tx.record_touched(&person.value, "ask_reset");
        Ok(reset)
    })
    .await
}

/// What stands between the caller and this. The addresses of somebody without a role follow a directory, and everybody may change
/// their own: whom they change is told at the old ones. Not where Duo knows people by their address, for then it is a factor, and
/// whoever took over their session would choose whose.
fn guard_against(tx: &mut Tx<'_, '_>, person: &User, kind: ResetKind) -> Result<Option<Guard>, AppError> {
    let found = guard(tx, person)?;
    if found.is_none() || kind != ResetKind::Addresses {
        return Ok(found);
    }
    let are_a_factor = factor::duo::knows_by_address(&settings(tx)?.value);
    let free = found == Some(Guard::SecondPerson) || tx.ctx.is_person(person.id) && !are_a_factor;
    Ok(found.filter(|_| !free))
}

/// Lets this person be reset by the caller, if nothing stands between them or what they asked for was cleared, which is spent
/// in this transaction.
///
/// # Errors
/// [`AppError::Conflict`], which says what to do.
pub(crate) fn permit(tx: &mut Tx<'_, '_>, person: &User, what: &ResetOf) -> Result<(), AppError> {
    let Some(guard) = guard_against(tx, person, what.kind())? else { return Ok(()) };
    let (now, author) = (tx.ctx.now, tx.ctx.actor());
    let action = what.kind().action();
    for reset in open_of(tx, person.id, now)? {
        if reset.what != *what || !reset.author.is_same_as(&author) {
            continue;
        }
        let cleared = match (&reset.state, guard) {
            (ResetState::Held { from, .. }, Guard::Hold) => *from <= now,
            (ResetState::Cleared { by: Clearance::CallBack { .. }, .. }, Guard::SecondPerson) => true,
            (ResetState::Cleared { by: Clearance::SecondPerson { who }, .. }, Guard::SecondPerson) => {
                still_may(tx, &who.clone(), action)?
            }
            // What was cleared for a person without a role does not reach them now.
            (
                ResetState::Cleared { .. }
                | ResetState::Done { .. }
                | ResetState::Expired { .. }
                | ResetState::Held { .. }
                | ResetState::Refused { .. }
                | ResetState::Waiting { .. },
                Guard::Hold | Guard::SecondPerson,
            ) => false,
        };
        if !cleared || !still_may(tx, &author, action)? {
            return Err(in_the_way(person, guard, Some(&reset)));
        }
        let after = reset.value.clone().carry_out(now)?;
        let changed = tx.update(&reset, after)?;
        tx.record(changed, "carry_out");
        return Ok(());
    }
    Err(in_the_way(person, guard, None))
}

fn in_the_way(person: &User, guard: Guard, asked: Option<&Reset>) -> AppError {
    let name = &person.name;
    let what = match (asked.map(|reset| &reset.state), guard) {
        (None, Guard::Hold) => {
            "has a role and has had a factor: ask for this reset first. It can be done a day later, unless they or an \
             owner stop it"
                .to_owned()
        }
        (None, Guard::SecondPerson) => "has had a factor: ask for this reset first. It takes a call back, or the word \
                                        of a second person"
            .to_owned(),
        (Some(ResetState::Held { from, .. }), Guard::Hold) => {
            format!("has a role: what you asked for can be done from {} on", from.written())
        }
        (Some(ResetState::Waiting { .. }), Guard::SecondPerson) => {
            "was not called back, and no second person has approved what you asked for".to_owned()
        }
        // Between then and now a role came or went, of the person or of whoever asked or approved.
        (Some(_), Guard::Hold | Guard::SecondPerson) => {
            "is not to be reset by what was cleared, for roles have changed since: stop it and ask anew".to_owned()
        }
    };
    AppError::Conflict(format!("`{name}` {what}").into())
}

/// What stands between the caller and this person.
pub(crate) fn guard(tx: &mut Tx<'_, '_>, person: &User) -> Result<Option<Guard>, AppError> {
    let ctx = tx.ctx;
    guard_of(tx, ctx, person)
}

/// The same, for whoever only looks.
pub(crate) fn guard_of(reader: &mut Reader, ctx: &Ctx, person: &User) -> Result<Option<Guard>, AppError> {
    let alone = match &ctx.caller {
        Caller::Person { roles, .. } => roles.iter().any(|role| role.resets_alone()),
        Caller::Token { role, .. } => role.resets_alone(),
        // Whoever holds the machine could do anything to the database. Programs with keys of the Admin API reach nobody with
        // a role, and only owners hand such keys out.
        Caller::AdminApi { .. }
        | Caller::Application { .. }
        | Caller::Device { .. }
        | Caller::LocalAdmin
        | Caller::Nobody
        | Caller::System { .. } => return Ok(None),
    };
    // Nor is anybody spared who is that person: whoever took their session over would be, too. Their own pages are the way, or
    // the machine.
    if !had_factor(reader, person.id, ctx.now)? {
        return Ok(None);
    }
    let had_role = reader.counter(&person.id.to_string(), HAD_ROLE)?.map(Time);
    if !person.roles.is_empty() || had_role.is_some_and(|then| then.plus(Reset::DAY) >= ctx.now) {
        return Ok(Some(Guard::Hold));
    }
    let needed = !alone && !settings(reader)?.recovery.help_desk_alone;
    Ok(needed.then_some(Guard::SecondPerson))
}

/// Whether a person has, or had, anything by which they proved themselves here beside a password.
pub(crate) fn had_factor(reader: &mut Reader, user: UserId, now: Time) -> Result<bool, AppError> {
    Ok(reader.counter(&user.to_string(), HAD_FACTOR)?.is_some() || factor::has_lasting(reader, user, now)?)
}

/// Whether a person has, or had, anything that is worth more than their mailbox: then password and mailbox restore nothing.
pub(crate) fn had_more_than_a_mailbox(
    reader: &mut Reader,
    user: UserId,
    now: Time,
) -> Result<bool, AppError> {
    let most = reader.counter(&user.to_string(), HAD_FACTOR)?;
    Ok(most.is_some_and(|most| most >= MORE_THAN_A_MAILBOX) || factor::has_lasting(reader, user, now)?)
}

/// Remembers that a person had a factor: it is being taken away, or nobody enrols it.
pub(crate) fn note_factor(tx: &mut Tx<'_, '_>, user: UserId, kind: FactorKind) -> Result<(), AppError> {
    let most = match kind {
        FactorKind::BypassCode => return Ok(()),
        FactorKind::Mail => A_MAILBOX,
        FactorKind::Duo
        | FactorKind::HardwareToken
        | FactorKind::Passkey
        | FactorKind::Phone
        | FactorKind::Push
        | FactorKind::Totp => MORE_THAN_A_MAILBOX,
    };
    tx.raise_counter(&user.to_string(), HAD_FACTOR, most)?;
    Ok(())
}

/// Remembers that a person had a role: it is being changed.
pub(crate) fn note_role(tx: &mut Tx<'_, '_>, user: &User) -> Result<(), AppError> {
    let now = tx.ctx.now;
    if !user.roles.is_empty() {
        tx.raise_counter(&user.id.to_string(), HAD_ROLE, now.0)?;
    }
    Ok(())
}

/// What exactly is meant, and what people read of it.
fn target(tx: &mut Tx<'_, '_>, person: &User, input: &AskReset) -> Result<(ResetOf, String), AppError> {
    let missing = |field: &'static str| AppError::invalid(field, "say which");
    Ok(match input.what {
        ResetKind::AddPhone => {
            let given = input.number.as_deref().ok_or_else(|| missing("number"))?;
            let number = factor::phone::read_number(given)?;
            (ResetOf::AddPhone { number: number.clone() }, number.to_string())
        }
        ResetKind::Addresses => {
            let given = input.mails.as_deref().ok_or_else(|| missing("mails"))?;
            let mails: Vec<String> = checked_mails(given)?.into_iter().map(|mail| mail.address).collect();
            (ResetOf::Addresses { mails: mails.clone() }, printable(&mails.join(", "), LONGEST_DETAIL))
        }
        ResetKind::AssignToken => {
            let given = input.token.as_deref().ok_or_else(|| missing("token"))?;
            let token = hardware_token::find(tx, given)?;
            (ResetOf::AssignToken { token: token.id }, token.value.serial)
        }
        ResetKind::BypassCodes => (ResetOf::BypassCodes, String::new()),
        ResetKind::EnrollmentCode => (ResetOf::EnrollmentCode, String::new()),
        ResetKind::Password => (ResetOf::Password, String::new()),
        ResetKind::Reactivate => {
            let found = factor::one_of(tx, person.id, input.factor.ok_or_else(|| missing("factor"))?)?;
            push::refuse_other_kinds(&found)?;
            (ResetOf::Reactivate { factor: found.id }, found.value.name)
        }
        ResetKind::RemoveFactor => {
            let found = factor::one_of(tx, person.id, input.factor.ok_or_else(|| missing("factor"))?)?;
            (ResetOf::RemoveFactor { factor: found.id }, found.value.name)
        }
        ResetKind::Unlock => (ResetOf::Unlock, String::new()),
    })
}

/// The open resets of a person, the oldest first.
fn open_of(reader: &mut Reader, user: UserId, now: Time) -> Result<Vec<Versioned<Reset>>, AppError> {
    let all = reader.list_rights_of::<Reset>(Edge::UserReset, &user.to_string())?;
    Ok(all.into_iter().filter(|reset| reset.is_open(now)).collect())
}

/// Whether this actor, as the store knows them now, may still do this.
fn still_may(reader: &mut Reader, actor: &Actor, action: Action) -> Result<bool, AppError> {
    Ok(match actor {
        Actor::User { id, .. } => reader.find::<User>(*id)?.is_some_and(|user| {
            user.is_active() && user.roles.iter().any(|role| access::allows(*role, action))
        }),
        // What it may is read anew for each of its calls.
        Actor::LocalAdmin | Actor::Token { .. } => true,
        Actor::Application { .. } | Actor::Device { .. } | Actor::System { .. } => false,
    })
}

fn known_as(actor: &Actor) -> String {
    match actor {
        Actor::User { id, .. } => id.to_string(),
        Actor::Token { id, .. } => id.to_string(),
        Actor::Application { .. } | Actor::Device { .. } | Actor::LocalAdmin | Actor::System { .. } => {
            actor.label()
        }
    }
}

fn find(reader: &mut Reader, id: ResetId) -> Result<Versioned<Reset>, AppError> {
    reader.find::<Reset>(id)?.ok_or_else(|| AppError::not_found("reset", id))
}

fn as_of(reset: Versioned<Reset>, now: Time) -> Versioned<Reset> {
    Versioned { value: reset.value.as_of(now), version: reset.version }
}

/// A page of resets, the newest first.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Page<Reset>, AppError> {
    ctx.allow(Action::ManageFactors)?;
    let now = ctx.now;
    ctx.read_many(move |reader| {
        let Page { items, next } = reader.list::<Reset>(&page)?;
        Ok(Page { items: items.into_iter().map(|reset| as_of(reset, now)).collect(), next })
    })
    .await
}

/// A page of resets for their table.
///
/// # Errors
/// Denied.
pub async fn page(ctx: &Ctx, wanted: Wanted) -> Result<Listing<Reset>, AppError> {
    let found = listing::page::<Reset>(ctx, wanted).await?;
    let items = found.items.into_iter().map(|reset| as_of(reset, ctx.now)).collect();
    Ok(Listing { items, ..found })
}

/// One reset: by right, or one's own.
///
/// # Errors
/// Denied, or no such reset.
pub async fn show(ctx: &Ctx, id: ResetId) -> Result<Versioned<Reset>, AppError> {
    let asking = ctx.clone();
    ctx.read(move |reader| {
        let found = reader.find::<Reset>(id)?;
        if !found.as_ref().is_some_and(|reset| asking.is_person(reset.user)) {
            asking.allow(Action::ManageFactors)?;
        }
        found.map(|reset| as_of(reset, asking.now)).ok_or_else(|| AppError::not_found("reset", id))
    })
    .await
}

/// What stands between the caller and a reset of this person, and which are open: by right, or one's own.
///
/// # Errors
/// Denied, or no such user.
pub async fn standing(ctx: &Ctx, user: UserId) -> Result<Standing, AppError> {
    if !ctx.is_person(user) {
        ctx.allow(Action::ReadDirectory)?;
    }
    let asking = ctx.clone();
    ctx.read(move |reader| {
        let person = reader.find::<User>(user)?.ok_or_else(|| AppError::not_found("user", user))?;
        let guard = guard_of(reader, &asking, &person)?;
        let open = open_of(reader, user, asking.now)?.into_iter().map(|reset| reset.value).collect();
        Ok(Standing { guard, open })
    })
    .await
}

/// Stops a reset: by whoever it concerns, whoever asked for it, or anybody who could do it.
///
/// # Errors
/// Denied, above the caller's own rights, no such reset, or it is over.
pub async fn refuse(ctx: &Ctx, id: ResetId) -> Result<Versioned<Reset>, AppError> {
    ctx.write(move |tx| {
        let actor = tx.ctx.actor();
        let found = tx.find::<Reset>(id)?;
        let involved = found
            .as_ref()
            .is_some_and(|reset| tx.ctx.is_person(reset.user) || reset.author.is_same_as(&actor));
        if !involved {
            tx.ctx.allow(Action::ManageFactors)?;
        }
        let reset = found.ok_or_else(|| AppError::not_found("reset", id))?;
        if !involved {
            tx.user_for(reset.what.kind().action(), reset.user)?;
        }
        let after = reset.value.clone().refuse(actor, tx.ctx.now)?;
        let changed = tx.update(&reset, after)?;
        Ok(tx.record(changed, "refuse"))
    })
    .await
}

/// Notes what nothing became of in time. Called from time to time; whoever looks before sees it all the same.
///
/// # Errors
/// The store's.
pub(crate) async fn expire(ctx: &Ctx) -> Result<(), AppError> {
    let now = ctx.now;
    let due = ctx.read_many(move |reader| overdue(reader, now)).await?;
    if due.is_empty() {
        return Ok(());
    }
    ctx.write(move |tx| {
        for id in &due {
            let Some(reset) = tx.find::<Reset>(*id)? else { continue };
            let after = reset.value.clone().as_of(now);
            if after != reset.value {
                let changed = tx.update(&reset, after)?;
                tx.record(changed, "expire");
            }
        }
        Ok(())
    })
    .await
}

fn overdue(reader: &mut Reader, now: Time) -> Result<Vec<ResetId>, AppError> {
    let mut due = Vec::new();
    for state in ResetState::OPEN {
        let mut page = PageRequest { state: Some(state.into()), limit: AT_ONCE, ..PageRequest::default() };
        loop {
            let Page { items, next } = reader.list::<Reset>(&page)?;
            due.extend(items.iter().filter(|reset| !reset.is_open(now)).map(|reset| reset.id));
            let Some(next) = next else { break };
            page.after = next;
        }
    }
    Ok(due)
}
