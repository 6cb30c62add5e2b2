//! People: created, changed, let in, shut out.

use std::collections::{BTreeMap, BTreeSet};

use sallyport_api::rest::{CreateUser, HeldBack, Holding, TellAbout, UpdateUser};
use sallyport_crypto::Secret;
use sallyport_model::{
    About, Action, Binding, Mail, PasswordStatus, Phone, ResetOf, Right, Role, SshKey, User, UserName,
    UserState, fold, id::UserId, name::display_name,
};
use sallyport_store::{Edge, Page, PageRequest, Reader, Versioned};

use crate::{
    AppError, Ctx, Tx, access_rule,
    ctx::{self, settings},
    factor, recovery,
    signin::throttle,
};

pub(crate) mod age;
pub(crate) mod alias;
pub(crate) mod lock;
pub mod news;
pub mod password;
pub mod people;
mod posix;

pub use lock::{lock_password, unlock};

/// Secret of a user: the Argon2id hash of the password, as a PHC string.
pub(crate) const PASSWORD_HASH: &str = "password_hash";
/// Secret of a user: the crypt(5) hash their Linux devices get, sealed.
pub(crate) const UNIX_PASSWORD: &str = "unix_password";
/// Alias kinds.
pub(crate) const DUO_USER: &str = "duo_user";

impl Tx<'_, '_> {
    /// Loads a user to act upon: refuses unless the caller may do this, and may do it to this person.
    pub(crate) fn user_for(&mut self, action: Action, id: UserId) -> Result<Versioned<User>, AppError> {
        self.ctx.allow(action)?;
        let user = self.find::<User>(id)?.ok_or_else(|| AppError::not_found("user", id))?;
        let ctx = self.ctx;
        if matches!(action, Action::SetPassword | Action::ManageFactors) {
            allow_taking_over(self, ctx, &user)?;
        } else {
            ctx.allow_upon(&user)?;
        }
        Ok(user)
    }
}

/// Refuses unless the caller may hold this person's proofs: whoever does is that person, on their devices too.
///
/// # Errors
/// [`AppError::AboveOwnRights`], or the store's.
pub(crate) fn allow_taking_over(reader: &mut Reader, ctx: &Ctx, user: &User) -> Result<(), AppError> {
    ctx.allow_upon(user)?;
    if ctx.allow(Action::ManageBindings).is_err() && is_device_administrator(reader, user)? {
        return Err(AppError::AboveOwnRights);
    }
    Ok(())
}

/// Whether a person may be administrator on some device.
fn is_device_administrator(reader: &mut Reader, user: &User) -> Result<bool, AppError> {
    if user.device_right == Some(Right::Administrator) {
        return Ok(true);
    }
    gives_administrator(reader, &user.id.to_string())
}

/// Whether a binding of this user or group, or of a group around, makes administrators.
pub(crate) fn gives_administrator(reader: &mut Reader, subject: &str) -> Result<bool, AppError> {
    let mut subjects = reader.groups_around(subject)?;
    subjects.insert(subject.to_owned());
    for subject in subjects {
        for id in reader.lefts_of(Edge::BindingSubject, &subject)? {
            let binding = id.parse().ok().map(|id| reader.find::<Binding>(id)).transpose()?.flatten();
            if binding.is_some_and(|binding| binding.right == Some(Right::Administrator)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// One person.
///
/// # Errors
/// Denied, or no such user.
pub async fn show(ctx: &Ctx, id: UserId) -> Result<Versioned<User>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read(move |reader| reader.find::<User>(id)?.ok_or_else(|| AppError::not_found("user", id))).await
}

/// One person by id or by name, as people type it.
///
/// # Errors
/// Denied, or no such user.
pub async fn resolve(ctx: &Ctx, name_or_id: &str) -> Result<Versioned<User>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    let given = name_or_id.to_owned();
    ctx.read(move |reader| {
        let found = match given.parse::<UserId>() {
            Ok(id) => reader.find::<User>(id)?,
            Err(_) => by_any_name(reader, &given)?,
        };
        found.ok_or_else(|| AppError::not_found("user", sallyport_model::name::printable(&given, 64)))
    })
    .await
}

/// Until when a person waits after wrong attempts.
///
/// # Errors
/// Denied, or no such user.
pub async fn held_back(ctx: &Ctx, id: UserId) -> Result<HeldBack, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    let now = ctx.now;
    ctx.read(move |reader| {
        let user = reader.find::<User>(id)?.ok_or_else(|| AppError::not_found("user", id))?;
        throttle::held_back(reader, &user, now)
    })
    .await
}

/// A page of people, in order of names.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Page<User>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    self::page(ctx, page, None).await
}

/// Most items a page holds, whatever is asked for.
const LARGEST_PAGE: usize = 500;

/// The same, and of these only who has such second doors, if it is asked. Whom it is of is found in memory: a text that hardly
/// anybody has would be looked for in every row.
pub(crate) async fn page(
    ctx: &Ctx,
    page: PageRequest,
    holding: Option<Holding>,
) -> Result<Page<User>, AppError> {
    let call = ctx.clone();
    ctx.read_many(move |reader| {
        if page.text.is_empty() && page.state.is_none() && holding.is_none() {
            return Ok(reader.list::<User>(&page)?);
        }
        let limit = page.limit.clamp(1, LARGEST_PAGE);
        let found =
            call.org.view.census.ask(reader, call.now, |known| known.people.page(&page, limit, holding))?;
        let mut items = Vec::with_capacity(found.ids.len());
        for id in found.ids {
            items.extend(reader.find::<User>(id)?);
        }
        Ok(Page { items, next: found.next })
    })
    .await
}

/// Creates a person. Without `active` they are staged.
///
/// # Errors
/// Denied, invalid input, or the name is taken.
pub async fn create(ctx: &Ctx, input: CreateUser) -> Result<Versioned<User>, AppError> {
    ctx.allow(Action::CreateUser)?;
    let id = ctx.id(UserId::new)?;
    let duo_id = ctx.duo_id("DU")?;
    ctx.write(move |tx| {
        let user = draft(tx, id, &duo_id, &input)?;
        insert(tx, user)
    })
    .await
}

/// Writes a new user with the aliases it is found by.
pub(crate) fn insert(tx: &mut Tx<'_, '_>, user: User) -> Result<Versioned<User>, AppError> {
    let (id, duo_id) = (user.id.to_string(), user.duo_id.clone());
    posix::claim(tx, &user.posix, &id)?;
    alias::refuse_name(tx, user.name.as_str())?;
    let created = tx.create(user)?;
    let created = tx.record(created, "create");
    alias::claim(tx, &id, &BTreeMap::new(), &created.aliases)?;
    tx.put_alias(DUO_USER, &duo_id, &id)?;
    Ok(created)
}

/// The user that `input` describes, checked, with a Unix uid where none was given.
pub(crate) fn draft(
    tx: &mut Tx<'_, '_>,
    id: UserId,
    duo_id: &str,
    input: &CreateUser,
) -> Result<User, AppError> {
    let name: UserName = input.name.parse()?;
    let settings = settings(tx)?;
    let wanted = posix::Wanted {
        uid: input.uid,
        gid: input.gid,
        shell: input.shell.as_deref(),
        home: input.home.as_deref(),
    };
    let state = if input.active { UserState::Active } else { UserState::Staged };
    let mut user = User {
        id,
        display_name: display_name(input.display_name.as_deref().unwrap_or(name.as_str()))
            .map_err(|error| AppError::invalid("display_name", error.to_string()))?,
        mails: Vec::new(),
        phones: Vec::new(),
        posix: posix::draft(tx, &name, &wanted, &settings)?,
        aliases: alias::placed(&BTreeMap::new(), input.aliases.as_deref().unwrap_or_default())?,
        name,
        ssh_keys: Vec::new(),
        manager: None,
        state,
        trashed: None,
        dormant: false,
        password_status: PasswordStatus::Pending,
        password_set: None,
        password_lock: None,
        roles: BTreeSet::new(),
        device_right: input.device_right,
        about: about(&About::default(), &input.about)?,
        credential_epoch: 0,
        duo_id: duo_id.to_owned(),
        created: tx.ctx.now,
    };
    if let Some(mails) = &input.mails {
        user.mails = checked_mails(mails)?;
    }
    if let Some(phones) = &input.phones {
        user.phones = checked_phones(phones)?;
    }
    if let Some(keys) = &input.ssh_keys {
        user.ssh_keys = checked_keys(keys)?;
    }
    if let Some(manager) = &input.manager {
        user.manager = Some(known_manager(tx, id, manager)?);
    }
    Ok(user)
}

/// Changes a person; what is not given stays.
///
/// # Errors
/// Denied, invalid input, or changed by somebody else since `version`.
pub async fn update(
    ctx: &Ctx,
    id: UserId,
    version: Option<i64>,
    input: UpdateUser,
) -> Result<Versioned<User>, AppError> {
    ctx.allow(Action::UpdateUser)?;
    ctx.write(move |tx| {
        let before = tx.user_for(Action::UpdateUser, id)?;
        expect_version(&before, version)?;
        let after = edited(tx, &before, &input)?;
        if after == before.value {
            return Err(AppError::invalid("body", "nothing would change"));
        }
        replace(tx, &before, after, "update")
    })
    .await
}

/// What `input` makes of a person, checked; nothing is written.
pub(crate) fn edited(
    reader: &mut Reader,
    before: &Versioned<User>,
    input: &UpdateUser,
) -> Result<User, AppError> {
    let mut after = before.value.clone();
    if let Some(name) = &input.display_name {
        after.display_name =
            display_name(name).map_err(|error| AppError::invalid("display_name", error.to_string()))?;
    }
    after.about = about(&before.about, &input.about)?;
    if let Some(aliases) = &input.aliases {
        after.aliases = alias::placed(&before.aliases, aliases)?;
    }
    if let Some(mails) = &input.mails {
        after.mails = checked_mails(mails)?;
    }
    if let Some(phones) = &input.phones {
        after.phones = checked_phones(phones)?;
    }
    if let Some(keys) = &input.ssh_keys {
        after.ssh_keys = checked_keys(keys)?;
    }
    if let Some(shell) = &input.shell {
        after.posix.shell = posix::shell(shell)?;
    }
    if let Some(home) = &input.home {
        after.posix.home = posix::home(home)?;
    }
    if let Some(right) = input.device_right {
        after.device_right = right;
    }
    if let Some(manager) = &input.manager {
        let id = before.id;
        after.manager = manager.as_deref().map(|manager| known_manager(reader, id, manager)).transpose()?;
    }
    Ok(after)
}

/// What is told about a person as `input` leaves it.
fn about(before: &About, input: &TellAbout) -> Result<About, AppError> {
    let said = |given: &Option<String>, before: &str| match given {
        Some(text) => text.trim().to_owned(),
        None => before.to_owned(),
    };
    let after = About {
        given_name: said(&input.given_name, &before.given_name),
        family_name: said(&input.family_name, &before.family_name),
        notes: said(&input.notes, &before.notes),
        attributes: input.attributes.clone().unwrap_or_else(|| before.attributes.clone()),
    };
    after.checked().map_err(|error| AppError::invalid(error.field, error.reason))
}

/// Writes what has become of a person, with the names they are found by.
pub(crate) fn replace(
    tx: &mut Tx<'_, '_>,
    before: &Versioned<User>,
    after: User,
    verb: &'static str,
) -> Result<Versioned<User>, AppError> {
    alias::claim(tx, &before.id.to_string(), &before.aliases, &after.aliases)?;
    let mails = after.addresses();
    if before.addresses() != mails {
        recovery::permit(tx, before, &ResetOf::Addresses { mails })?;
    }
    let changed = tx.update(before, after)?;
    Ok(tx.record(changed, verb))
}

/// Lets a staged or suspended person in.
///
/// # Errors
/// Denied, no such user, or active already.
pub async fn activate(ctx: &Ctx, id: UserId) -> Result<Versioned<User>, AppError> {
    ctx.write(move |tx| activate_in(tx, id)).await
}

pub(crate) fn activate_in(tx: &mut Tx<'_, '_>, id: UserId) -> Result<Versioned<User>, AppError> {
    let user = tx.user_for(Action::SuspendUser, id)?;
    let active = user.value.clone().activate()?;
    let changed = tx.update(&user, active)?;
    Ok(tx.record(changed, "activate"))
}

/// Shuts a person out everywhere. Sessions and sign-ins look at the person each time, so they are dead with this
/// commit; devices follow by the feed.
///
/// # Errors
/// Denied, no such user, suspended already, or the last owner who could let anybody in again.
pub async fn suspend(ctx: &Ctx, id: UserId) -> Result<Versioned<User>, AppError> {
    ctx.write(move |tx| suspend_in(tx, id)).await
}

pub(crate) fn suspend_in(tx: &mut Tx<'_, '_>, id: UserId) -> Result<Versioned<User>, AppError> {
    let user = tx.user_for(Action::SuspendUser, id)?;
    if user.roles.contains(&Role::Owner) {
        refuse_without_owner(tx, id)?;
    }
    let suspended = user.value.clone().suspend()?;
    let changed = tx.update(&user, suspended)?;
    Ok(tx.record(changed, "suspend"))
}

/// Sets the administrator roles of a person. What they proved before is void.
///
/// # Errors
/// Denied, above the caller's own rights, or nobody would be owner any more.
pub async fn set_roles(ctx: &Ctx, id: UserId, roles: BTreeSet<Role>) -> Result<Versioned<User>, AppError> {
    ctx.allow(Action::GrantRole)?;
    ctx.write(move |tx| {
        let user = tx.user_for(Action::GrantRole, id)?;
        for role in user.roles.symmetric_difference(&roles) {
            tx.ctx.allow_granting(Some(*role))?;
        }
        if user.roles.contains(&Role::Owner) && !roles.contains(&Role::Owner) {
            refuse_without_owner(tx, id)?;
        }
        recovery::note_role(tx, &user)?;
        if user.roles.is_empty() && !roles.is_empty() {
            // Whoever handed them out could not hand out any to somebody with a role.
            factor::bypass::void(tx, id)?;
        }
        let after = User { roles: roles.clone(), ..user.value.clone() }.with_next_epoch();
        let changed = tx.update(&user, after)?;
        Ok(tx.record(changed, "set_roles"))
    })
    .await
}

/// Deletes a staged person who never did anything here; everybody else is suspended instead.
///
/// # Errors
/// Denied, or the person is or was active.
pub async fn delete(ctx: &Ctx, id: UserId) -> Result<(), AppError> {
    ctx.write(move |tx| delete_in(tx, id)).await
}

pub(crate) fn delete_in(tx: &mut Tx<'_, '_>, id: UserId) -> Result<(), AppError> {
    let user = tx.user_for(Action::CreateUser, id)?;
    if user.state != UserState::Staged {
        return Err(AppError::Conflict(
            format!("user `{}` is not staged; suspend instead", user.name).into(),
        ));
    }
    crate::binding::delete_all_of(tx, &id.to_string())?;
    crate::hardware_token::release_all_of(tx, id)?;
    let deleted = tx.delete(&user)?;
    tx.record(deleted, "delete");
    Ok(())
}

/// Sets a person's password as an administrator.
///
/// # Errors
/// Denied, above the caller's own rights, a password the policy refuses, or busy.
pub async fn set_password(ctx: &Ctx, id: UserId, password: &Secret) -> Result<Versioned<User>, AppError> {
    ctx.allow(Action::SetPassword)?;
    refuse_own_password(ctx, id)?;
    let asking = ctx.clone();
    let (user, settings, length) = ctx
        .read(move |reader| {
            let user = reader.find::<User>(id)?.ok_or_else(|| AppError::not_found("user", id))?;
            let settings = settings(reader)?;
            let length = password::Length::of(reader, &asking, &user, &settings)?;
            Ok((user, settings, length))
        })
        .await?;
    ctx.allow_upon(&user)?;
    password::check(password, &user.name, &settings, length)?;
    let derived = password::derive(ctx, password).await?;
    ctx.write(move |tx| {
        let user = tx.user_for(Action::SetPassword, id)?;
        recovery::permit(tx, &user, &ResetOf::Password)?;
        password::put(tx, &user, &derived, "set_password")
    })
    .await
}

/// One's own takes the present one and a fresh second door, whatever one may do to others: a session is not enough for it.
pub(crate) fn refuse_own_password(ctx: &Ctx, id: UserId) -> Result<(), AppError> {
    if ctx.is_person(id) {
        let text = "your own password is changed at /password, with the present one and your second door";
        return Err(AppError::Conflict(text.into()));
    }
    Ok(())
}

pub(crate) fn expect_version<T>(found: &Versioned<T>, expected: Option<i64>) -> Result<(), AppError> {
    if expected.is_some_and(|version| version != found.version) { Err(AppError::Stale) } else { Ok(()) }
}

/// Whether somebody but this person is an active owner.
pub(crate) fn has_another_owner(reader: &mut Reader, person: UserId) -> Result<bool, AppError> {
    Ok(reader.owners()?.iter().any(|owner| owner.id != person && owner.is_active()))
}

/// Refuses when nobody but `leaving` is an active owner whom the access rules let in.
fn refuse_without_owner(tx: &mut Tx<'_, '_>, leaving: UserId) -> Result<(), AppError> {
    if has_another_owner(tx, leaving)? {
        access_rule::refuse_to_do_without(tx, leaving)
    } else {
        Err(AppError::Conflict("this is the last owner; make another one first".into()))
    }
}

pub(crate) fn checked_mails(given: &[String]) -> Result<Vec<Mail>, AppError> {
    given
        .iter()
        .map(|address| {
            let address = address.trim();
            let parts: Vec<&str> = address.split('@').collect();
            let plausible = matches!(parts.as_slice(), [local, domain] if !local.is_empty() && domain.contains('.'))
                && address.len() <= 254
                && !address.chars().any(|c| c.is_control() || c.is_whitespace() || "<>,;\"".contains(c));
            if plausible {
                Ok(Mail { address: address.to_owned(), verified: false })
            } else {
                let shown = sallyport_model::name::printable(address, 80);
                Err(AppError::invalid("mails", format!("`{shown}` is not a mail address")))
            }
        })
        .collect()
}

fn checked_phones(given: &[String]) -> Result<Vec<Phone>, AppError> {
    given
        .iter()
        .map(|number| {
            let digits: String = number.chars().filter(|c| !" -()./".contains(*c)).collect();
            let plausible = digits.strip_prefix('+').is_some_and(|rest| {
                (7..=15).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit())
            });
            if plausible {
                Ok(Phone { number: digits, verified: false })
            } else {
                let shown = sallyport_model::name::printable(number, 40);
                Err(AppError::invalid("phones", format!("`{shown}` is not a number such as +441632960000")))
            }
        })
        .collect()
}

fn checked_keys(given: &[String]) -> Result<Vec<SshKey>, AppError> {
    given.iter().map(|line| Ok(SshKey::parse(line)?)).collect()
}

fn known_manager(reader: &mut Reader, of: UserId, manager: &str) -> Result<UserId, AppError> {
    let id = match manager.parse::<UserId>() {
        Ok(id) => reader.find::<User>(id)?.map(|user| user.id),
        Err(_) => reader.find_by_key::<User>(&fold(manager))?.map(|user| user.id),
    };
    match id {
        Some(id) if id != of => Ok(id),
        Some(_) => Err(AppError::invalid("manager", "nobody manages themselves")),
        None => Err(AppError::invalid("manager", "there is no such user")),
    }
}

/// The user of this very name.
pub(crate) fn by_name(reader: &mut Reader, name: &str) -> Result<Option<Versioned<User>>, AppError> {
    Ok(reader.find_by_key::<User>(&fold(name))?)
}

/// The user of this name, or of this alias: nobody has one that is another's name.
pub(crate) fn by_any_name(reader: &mut Reader, name: &str) -> Result<Option<Versioned<User>>, AppError> {
    // Both are always asked for: a door must not take longer for a name that nobody has.
    let (by_name, by_alias) = (by_name(reader, name)?, alias::owner(reader, name)?);
    Ok(by_name.or(by_alias))
}

/// The user with a Duo id.
pub(crate) fn by_duo_id(reader: &mut Reader, duo_id: &str) -> Result<Option<Versioned<User>>, AppError> {
    match reader.find_alias(DUO_USER, duo_id)?.and_then(|id| id.parse().ok()) {
        Some(id) => Ok(reader.find::<User>(id)?),
        None => Ok(None),
    }
}

/// The sealed crypt hash for Linux devices, opened.
pub(crate) fn unix_password(
    reader: &mut Reader,
    ctx: &Ctx,
    id: UserId,
) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, AppError> {
    ctx::open_secret(reader, ctx, &id.to_string(), UNIX_PASSWORD)
}

#[cfg(test)]
mod tests;
