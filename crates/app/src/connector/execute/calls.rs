//! What each step is in calls, and what is known after it.

use std::collections::BTreeMap;

use sallyport_connect::duo_admin::DuoAdminError;
use sallyport_model::{
    connector::ExportOutcome,
    fold,
    id::{GroupId, UserId},
};
use sallyport_wire::duo::admin::{
    GroupFields, PhoneFields, PhoneType, Places, UserFields, UserStatus,
    client::{RemoteGroup, RemoteId, RemotePhone, Status},
};

use super::{Hand, Refusal};
use crate::connector::plan::{Act, Aliases, GroupLink, Step, UserLink};

impl Hand<'_> {
    pub(super) async fn group(&mut self, id: GroupId, step: &Step) -> Result<(), Refusal> {
        match &step.act {
            Act::CreateGroup { name, desc } => {
                let draft = GroupLink { name: name.clone(), ..GroupLink::default() };
                self.links.groups.insert(id, draft);
                self.note(-1, step, None, &ExportOutcome::Planned).await?;
                match self.duo.create_group(&group_fields(name, desc)).await {
                    Ok(made) => {
                        self.link_group(id, made.group_id.clone(), name, Some(&made));
                        Ok(())
                    }
                    Err(error) => {
                        if error.is_certain() {
                            self.links.groups.remove(&id);
                        }
                        Err(error.into())
                    }
                }
            }
            Act::Found { remote } | Act::TakeOverGroup { remote } => {
                self.link_group(id, remote.clone(), &step.label, None);
                Ok(())
            }
            Act::UpdateGroup { remote, name, desc } => {
                let now = self.duo.modify_group(remote, &group_fields(name, desc)).await?;
                self.link_group(id, remote.clone(), name, Some(&now));
                Ok(())
            }
            Act::Forget => {
                self.links.groups.remove(&id);
                Ok(())
            }
            Act::AddPhone { .. }
            | Act::Conflict { .. }
            | Act::Create { .. }
            | Act::Disable { .. }
            | Act::Enable { .. }
            | Act::Join { .. }
            | Act::Leave { .. }
            | Act::RemovePhone { .. }
            | Act::Rename { .. }
            | Act::Restore { .. }
            | Act::TakeOver { .. }
            | Act::Trash { .. }
            | Act::Update { .. } => Ok(()),
        }
    }

    fn link_group(&mut self, id: GroupId, remote: RemoteId, name: &str, now: Option<&RemoteGroup>) {
        let settled = self.wanted.groups.get(&id).zip(now).map(|(wanted, now)| wanted.settled(now));
        let settled = settled.unwrap_or_default();
        self.links.groups.insert(id, GroupLink { remote: Some(remote), name: name.to_owned(), settled });
    }

    pub(super) async fn user(&mut self, id: UserId, step: &Step) -> Result<(), Refusal> {
        match &step.act {
            Act::AddPhone { number } => self.add_phone(id, number).await,
            Act::Create { username, realname, email, aliases } => {
                let fields = new_user(username, realname, email, aliases);
                self.create(id, step, username, &fields, aliases).await
            }
            Act::Disable { remote } => self.set(remote, UserStatus::Disabled).await,
            Act::Enable { remote } => self.set(remote, UserStatus::Active).await,
            Act::Found { remote } | Act::TakeOver { remote } => {
                let link = self.links.users.entry(id).or_default();
                link.remote = Some(remote.clone());
                link.label.clone_from(&step.label);
                Ok(())
            }
            Act::Join { group, .. } => {
                let (user, group) = self.both(id, *group)?;
                Ok(self.duo.join_group(&user, &group).await?)
            }
            Act::Leave { group, .. } => {
                let (user, group) = self.both(id, *group)?;
                Ok(self.duo.leave_group(&user, &group).await?)
            }
            Act::RemovePhone { number, phone } => self.remove_phone(id, number, phone).await,
            Act::Rename { remote, from, to, renamed, kept } => {
                self.rename(id, remote, (from.as_str(), to.as_str()), renamed, kept).await
            }
            Act::Restore { remote } => self.restore(remote).await,
            Act::Trash { remote, is_disabled } => {
                if !is_disabled {
                    self.set(remote, UserStatus::Disabled).await?;
                }
                Ok(self.duo.trash_user(remote).await?)
            }
            Act::Update { remote, realname, email, aliases } => {
                let (realname, email) = (realname.clone(), email.clone());
                let places = aliases.places.clone().map(Places::All).unwrap_or_default();
                let fields = UserFields { realname, email, aliases: places, ..UserFields::default() };
                self.modify(remote, &fields).await?;
                if aliases.places.is_some() {
                    self.link(id).aliases.clone_from(&aliases.ours);
                }
                Ok(())
            }
            Act::Forget => {
                self.links.users.remove(&id);
                Ok(())
            }
            Act::Conflict { .. }
            | Act::CreateGroup { .. }
            | Act::TakeOverGroup { .. }
            | Act::UpdateGroup { .. } => Ok(()),
        }
    }

    fn link(&mut self, id: UserId) -> &mut UserLink {
        self.links.users.entry(id).or_default()
    }

    fn remote(&self, id: UserId) -> Result<RemoteId, Refusal> {
        self.links.users.get(&id).and_then(|link| link.remote.clone()).ok_or(Refusal::After)
    }

    fn both(&self, id: UserId, group: GroupId) -> Result<(RemoteId, RemoteId), Refusal> {
        let there = self.links.groups.get(&group).and_then(|link| link.remote.clone());
        let there = there.ok_or_else(|| Refusal::One("the group is not there".into()))?;
        Ok((self.remote(id)?, there))
    }

    async fn modify(&mut self, remote: &RemoteId, fields: &UserFields) -> Result<(), Refusal> {
        let user = self.duo.modify_user(remote, fields).await?;
        self.known.insert(remote.clone(), user);
        Ok(())
    }

    async fn set(&mut self, remote: &RemoteId, status: UserStatus) -> Result<(), Refusal> {
        self.modify(remote, &UserFields { status: Some(status), ..UserFields::default() }).await
    }

    async fn create(
        &mut self,
        id: UserId,
        step: &Step,
        username: &str,
        fields: &UserFields,
        aliases: &[String],
    ) -> Result<(), Refusal> {
        let before = self.links.users.get(&id).cloned();
        let former = before.as_ref().map(|link| link.former.clone()).unwrap_or_default();
        let (label, since) = (step.label.clone(), self.ctx.org.clock.now());
        let draft = UserLink { label, username: username.to_owned(), since, former, ..UserLink::default() };
        self.links.users.insert(id, draft);
        self.note(-1, step, None, &ExportOutcome::Planned).await?;
        match self.duo.create_user(fields).await {
            Ok(made) => {
                let link = self.link(id);
                link.remote = Some(made.user_id.clone());
                link.aliases = aliases.iter().map(|alias| fold(alias)).collect();
                self.known.insert(made.user_id.clone(), made);
                Ok(())
            }
            Err(error) => {
                if error.is_certain() {
                    self.links.users.remove(&id);
                }
                Err(error.into())
            }
        }
    }

    /// A service that keeps users' names is told the new one as an alias: people are found by either.
    async fn rename(
        &mut self,
        id: UserId,
        remote: &RemoteId,
        (from, to): (&str, &str),
        renamed: &Aliases,
        kept: &Aliases,
    ) -> Result<(), Refusal> {
        let places = |aliases: &Aliases| aliases.places.clone().map(Places::All).unwrap_or_default();
        let fields =
            UserFields { username: Some(to.to_owned()), aliases: places(renamed), ..UserFields::default() };
        let refused = match self.modify(remote, &fields).await {
            Err(Refusal::Duo(DuoAdminError::Refused(error))) => error,
            Err(other) => return Err(other),
            Ok(()) => {
                let link = self.link(id);
                link.aliases.clone_from(&renamed.ours);
                if renamed.ours.contains(&fold(from)) {
                    link.was_called(from);
                }
                return Ok(());
            }
        };
        if kept.places.is_some() {
            let fields = UserFields { aliases: places(kept), ..UserFields::default() };
            let done = self.modify(remote, &fields).await;
            done.map_err(|_| Refusal::Duo(DuoAdminError::Refused(refused)))?;
        }
        self.link(id).aliases.clone_from(&kept.ours);
        Ok(())
    }

    async fn restore(&mut self, remote: &RemoteId) -> Result<(), Refusal> {
        let refused = match self.duo.restore_user(remote).await {
            Ok(()) => None,
            Err(error) if error.is_about_one() => Some(error),
            Err(error) => return Err(error.into()),
        };
        let user = self.duo.user(remote).await?;
        match user {
            Some(user) if user.status != Status::PendingDeletion => {
                self.known.insert(remote.clone(), user);
                Ok(())
            }
            Some(_) | None => {
                let why = refused.map(|error| format!(" ({error})")).unwrap_or_default();
                Err(Refusal::One(format!("lies in Duo's trash; restore this user in Duo's Admin Panel{why}")))
            }
        }
    }

    /// A phone that is there already and nobody's is taken; one that is somebody else's is left to them.
    async fn add_phone(&mut self, id: UserId, number: &str) -> Result<(), Refusal> {
        let user = self.remote(id)?;
        let found = self.duo.phones_with(number).await?;
        let mut same = found.into_iter().filter(|phone| phone.number == number && phone.extension.is_empty());
        let phone = match same.next() {
            Some(phone) if phone.users.iter().any(|holder| holder.user_id == user) => return Ok(()),
            Some(phone) if phone.users.is_empty() => phone.phone_id,
            Some(_) => return Err(Refusal::One(format!("{number} is somebody else's phone there"))),
            None => {
                let (number, kind) = (Some(number.to_owned()), Some(PhoneType::Mobile));
                self.duo.create_phone(&PhoneFields { number, name: None, kind }).await?.phone_id
            }
        };
        self.duo.give_phone(&user, &phone).await?;
        self.link(id).phones.insert(number.to_owned(), phone);
        Ok(())
    }

    async fn remove_phone(&mut self, id: UserId, number: &str, phone: &RemoteId) -> Result<(), Refusal> {
        let user = self.remote(id)?;
        self.duo.take_phone(&user, phone).await?;
        self.link(id).phones.remove(number);
        let left = self.duo.phones_with(number).await?;
        let is_nobodys =
            |found: &RemotePhone| found.phone_id == *phone && found.users.is_empty() && !found.activated;
        if left.iter().any(is_nobodys) {
            self.duo.delete_phone(phone).await?;
        }
        Ok(())
    }
}

fn group_fields(name: &str, desc: &str) -> GroupFields {
    GroupFields { name: Some(name.to_owned()), desc: Some(desc.to_owned()), status: None }
}

fn new_user(username: &str, realname: &str, email: &str, aliases: &[String]) -> UserFields {
    let places = (1..).zip(aliases.iter().cloned()).collect::<BTreeMap<u8, String>>();
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    UserFields {
        username: Some(username.to_owned()),
        realname: given(realname),
        email: given(email),
        status: Some(UserStatus::Active),
        aliases: if places.is_empty() { Places::default() } else { Places::All(places) },
        ..UserFields::default()
    }
}
