//! One row becomes a person, or changes one.

use std::collections::BTreeSet;

use sallyport_api::rest::{CreateUser, ImportOutcome, TellAbout};
use sallyport_model::{Action, GroupKind, Member, Phone, User, UserState, fold, id::UserId, name::printable};
use sallyport_store::{Edge, Versioned};

use super::table::Row;
use crate::{AppError, Tx, ctx::settings, group, user};

/// What a row did, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Effect {
    pub(super) outcome: ImportOutcome,
    /// The names of what changes.
    changes: Vec<String>,
    /// The manager stands further down in the file.
    pub(super) manager_later: bool,
}

impl Effect {
    pub(super) fn detail(&self) -> String {
        self.changes.join(", ")
    }
}

/// Does what a row says. `names` are those the whole file makes people of.
pub(super) fn apply(tx: &mut Tx<'_, '_>, row: &Row, names: &BTreeSet<String>) -> Result<Effect, AppError> {
    if let Some((field, reason)) = &row.problem {
        return Err(AppError::invalid(field, reason.clone()));
    }
    let manager_later = manager_stands_below(tx, row, names)?;
    let manager = row.manager.clone().filter(|_| !manager_later);
    let existing = user::by_name(tx, &row.name)?;
    let (person, outcome, mut changes) = match existing {
        None => (create(tx, row, manager)?, ImportOutcome::Create, Vec::new()),
        Some(existing) => {
            let (person, changes) = update(tx, row, &existing, manager)?;
            (person, ImportOutcome::Update, changes)
        }
    };
    for name in row.groups.iter().flatten() {
        if join(tx, person.id, name)? {
            changes.push(format!("joins `{}`", printable(name, 64)));
        }
    }
    if let Some(hash) = &row.password_hash {
        user::password::import(tx, person.id, hash)?;
        changes.push("password".into());
    }
    if manager_later {
        changes.push("manager".into());
    }
    let idle = outcome == ImportOutcome::Update && changes.is_empty();
    Ok(Effect { outcome: if idle { ImportOutcome::Skip } else { outcome }, changes, manager_later })
}

/// Sets the manager a row names, when all rows were worked on.
pub(super) fn set_manager(tx: &mut Tx<'_, '_>, row: &Row) -> Result<(), AppError> {
    let Some(existing) = user::by_name(tx, &row.name)? else { return Ok(()) };
    let only = Row { name: row.name.clone(), ..Row::default() };
    update(tx, &only, &existing, row.manager.clone())?;
    Ok(())
}

/// Whether the manager is not there yet, and will be by a later row.
fn manager_stands_below(tx: &mut Tx<'_, '_>, row: &Row, names: &BTreeSet<String>) -> Result<bool, AppError> {
    let Some(manager) = &row.manager else { return Ok(false) };
    if manager.parse::<UserId>().is_ok() || user::by_name(tx, manager)?.is_some() {
        return Ok(false);
    }
    Ok(names.contains(&fold(manager)) && fold(manager) != fold(&row.name))
}

fn create(tx: &mut Tx<'_, '_>, row: &Row, manager: Option<String>) -> Result<Versioned<User>, AppError> {
    tx.ctx.allow(Action::CreateUser)?;
    let (id, duo_id) = (tx.ctx.id(UserId::new)?, tx.ctx.duo_id("DU")?);
    let person = user::draft(tx, id, &duo_id, &described(row, manager))?;
    user::insert(tx, person)
}

fn update(
    tx: &mut Tx<'_, '_>,
    row: &Row,
    before: &Versioned<User>,
    manager: Option<String>,
) -> Result<(Versioned<User>, Vec<String>), AppError> {
    tx.ctx.allow_upon(before)?;
    for (field, given, kept) in [("uid", row.uid, before.posix.uid), ("gid", row.gid, before.posix.gid)] {
        if given.is_some_and(|given| given != kept) {
            return Err(AppError::invalid(field, format!("the user has the number {kept} and keeps it")));
        }
    }
    let (after, changes) = amended(tx, row, before, manager)?;
    if changes.is_empty() {
        return Ok((before.clone(), changes));
    }
    if after.state != before.state {
        tx.ctx.allow(Action::SuspendUser)?;
    }
    tx.ctx.allow(Action::UpdateUser)?;
    Ok((user::replace(tx, before, after, "import")?, changes))
}

/// The person as the row wants them, and what is different. Checked by the same function that creates people.
fn amended(
    tx: &mut Tx<'_, '_>,
    row: &Row,
    before: &User,
    manager: Option<String>,
) -> Result<(User, Vec<String>), AppError> {
    // The numbers are not the row's; any good one does for the check.
    let uid = Some(settings(tx)?.posix.first_uid);
    let input = CreateUser { uid, gid: None, ..described(row, manager) };
    let checked = user::draft(tx, before.id, &before.duo_id, &input)?;
    let mut after = before.clone();
    let moves = before.addresses() != checked.addresses();
    let mut changes = Vec::new();
    let mut take = |given: bool, differs: bool, name: &str| {
        let changes_it = given && differs;
        if changes_it {
            changes.push(name.to_owned());
        }
        changes_it
    };
    if take(row.display_name.is_some(), before.display_name != checked.display_name, "display name") {
        after.display_name = checked.display_name;
    }
    if take(row.mails.is_some(), moves, "mails") {
        after.mails = checked.mails;
    }
    if take(row.phones.is_some(), numbers(&before.phones) != numbers(&checked.phones), "phones") {
        after.phones = checked.phones;
    }
    if take(row.ssh_keys.is_some(), before.ssh_keys != checked.ssh_keys, "SSH keys") {
        after.ssh_keys = checked.ssh_keys;
    }
    if take(row.shell.is_some(), before.posix.shell != checked.posix.shell, "shell") {
        after.posix.shell = checked.posix.shell;
    }
    if take(row.home.is_some(), before.posix.home != checked.posix.home, "home") {
        after.posix.home = checked.posix.home;
    }
    if take(row.device_right.is_some(), before.device_right != checked.device_right, "device right") {
        after.device_right = checked.device_right;
    }
    if take(input.manager.is_some(), before.manager != checked.manager, "manager") {
        after.manager = checked.manager;
    }
    let wants_in = row.active == Some(true);
    if wants_in && before.state == UserState::Suspended {
        return Err(AppError::Conflict("the user is suspended; a file lets nobody in again".into()));
    }
    if take(wants_in, before.state != UserState::Active, "becomes active") {
        after = after.activate()?;
    }
    Ok((after, changes))
}

fn numbers(phones: &[Phone]) -> Vec<&str> {
    phones.iter().map(|phone| phone.number.as_str()).collect()
}

fn described(row: &Row, manager: Option<String>) -> CreateUser {
    CreateUser {
        name: row.name.clone(),
        aliases: None,
        display_name: row.display_name.clone(),
        mails: row.mails.clone(),
        phones: row.phones.clone(),
        ssh_keys: row.ssh_keys.clone(),
        shell: row.shell.clone(),
        home: row.home.clone(),
        uid: row.uid,
        gid: row.gid,
        manager,
        device_right: row.device_right,
        about: TellAbout::default(),
        active: row.active.unwrap_or_default(),
    }
}

/// Makes a person a member of a group; whether that is new.
fn join(tx: &mut Tx<'_, '_>, person: UserId, name: &str) -> Result<bool, AppError> {
    let group = group::named_of_kind(tx, name, GroupKind::Users)?;
    let member = Member::User(person);
    if tx.lefts_of(Edge::Member, &member.key())?.contains(&group.id.to_string()) {
        return Ok(false);
    }
    tx.ctx.allow(Action::ManageGroups)?;
    group::join(tx, &group, member)?;
    Ok(true)
}
