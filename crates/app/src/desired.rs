//! What a device should look like, computed from the directory.
//!
//! The same directory always gives the same content, so a digest tells whether a device needs to hear anything.
//! The content itself is never stored, for it carries password hashes; what is stored is its number and digest.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
    sync::Arc,
};

use sallyport_api::agent::{DesiredAccount, DesiredLogin, DesiredState, StateVersion};
use sallyport_crypto::digest;
use sallyport_model::{
    Binding, BindingSubject, Device, DeviceState, EffectiveRight, PasswordLock, PasswordStatus, Settings,
    Time, User, UserState,
    id::{BindingId, DeviceId, GroupId, UserId},
    settings::SecondDoorPolicy,
};
use sallyport_policy::{EffectiveLogin, Rules, rules::AtDevices, waiver};
use sallyport_store::{DeviceStatus, Reader};
use serde::Serialize;

use crate::{
    AppError, Ctx, Tx, binding,
    device::{
        break_glass::{self, BreakGlass},
        login_settings::LoginSettings,
        standing,
    },
    oidc::issuer,
    policy, user,
};

/// A desired state before it has a number.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Content {
    /// In the order of the people's ids.
    pub accounts: Vec<DesiredAccount>,
    pub login: DesiredLogin,
    pub portal: Option<String>,
}

impl Content {
    /// Hexadecimal SHA-256 of the content as JSON.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn digest(&self) -> Result<String, AppError> {
        Ok(digest::hex(&digest::sha256(&serde_json::to_vec(self)?)))
    }

    /// The state as a device is told it.
    #[must_use]
    pub fn numbered(self, device: DeviceId, version: StateVersion, issued: Time) -> DesiredState {
        DesiredState {
            device,
            version,
            issued,
            accounts: self.accounts,
            login: self.login,
            portal: self.portal,
        }
    }
}

/// The number of the state a device should have; zero before there is one.
#[must_use]
pub fn version(status: &DeviceStatus) -> StateVersion {
    let number = |value: i64| u64::try_from(value).unwrap_or_default();
    StateVersion { epoch: number(status.epoch), n: number(status.n) }
}

/// The content for one device.
///
/// # Errors
/// The store's, or before setup.
pub fn compute(reader: &mut Reader, ctx: &Ctx, device: &Device) -> Result<Content, AppError> {
    Directory::default().content(reader, ctx, device)
}

/// Whether this user may be on this device at all: it is active, and a binding joins the two.
///
/// # Errors
/// The store's.
pub fn is_bound(reader: &mut Reader, user: UserId, device: DeviceId) -> Result<bool, AppError> {
    let active = reader.find::<Device>(device)?.is_some_and(|device| device.state == DeviceState::Active);
    Ok(active && !binding::between(reader, user, device)?.is_empty())
}

/// Gives the state of a device a new number if its content is not what the last number stood for; whether it did.
///
/// `agent_has` is what the device says it has. When that is ahead of us, our memory went back in time (a restore),
/// and a new epoch begins, or the device would rightly refuse what it is told.
pub(crate) fn refresh(
    tx: &mut Tx<'_, '_>,
    directory: &mut Directory,
    device: &Device,
    agent_has: Option<StateVersion>,
) -> Result<bool, AppError> {
    let ctx = tx.ctx;
    let digest = directory.content(tx, ctx, device)?.digest()?;
    let key = device.id.to_string();
    let mut status = tx.device_status(&key)?;
    match agent_has
        .filter(|theirs| *theirs > version(&status))
        .and_then(|theirs| i64::try_from(theirs.epoch).ok())
    {
        Some(epoch) if epoch < i64::MAX => (status.epoch, status.n) = (epoch + 1, 1),
        Some(_) | None if status.digest == digest => return Ok(false),
        Some(_) | None => (status.epoch, status.n) = (status.epoch.max(1), status.n.saturating_add(1)),
    }
    status.digest = digest;
    standing::put(tx, device.id, &status)?;
    Ok(true)
}

/// The directory as far as desired states need it, read once for many devices of one snapshot.
#[derive(Default)]
pub(crate) struct Directory {
    login: LoginSettings,
    bindings: HashMap<BindingId, Option<Rc<Binding>>>,
    groups: HashMap<GroupId, Rc<[UserId]>>,
    people: HashMap<UserId, Option<Rc<Person>>>,
    rules: Option<Arc<Rules>>,
}

struct Person {
    user: User,
    /// Every group around the person.
    groups: BTreeSet<GroupId>,
    /// When they are asked for the second door at devices, without a word of where they are.
    second_door: SecondDoorPolicy,
    /// What access rules come to for them there, without a word of where they are either.
    rules: AtDevices,
    password: Option<String>,
}

impl Directory {
    pub(crate) fn content(
        &mut self,
        reader: &mut Reader,
        ctx: &Ctx,
        device: &Device,
    ) -> Result<Content, AppError> {
        match device.state {
            DeviceState::Active => {}
            // Trusted with nothing: no name, no hash, no code.
            DeviceState::Quarantined | DeviceState::Revoked => {
                let login = DesiredLogin::default();
                return Ok(Content { accounts: Vec::new(), login, portal: None });
            }
        }
        let mut by_person: BTreeMap<UserId, Vec<Rc<Binding>>> = BTreeMap::new();
        for id in binding::reaching(reader, &device.id.to_string())? {
            let Some(binding) = self.binding(reader, id)? else { continue };
            for user in self.people_of(reader, binding.subject)?.iter() {
                by_person.entry(*user).or_default().push(Rc::clone(&binding));
            }
        }
        let login = self.login.effective(reader, device.id)?;
        let mut accounts = Vec::with_capacity(by_person.len());
        for (user, bindings) in by_person {
            let person = self.person(reader, ctx, user)?;
            accounts.extend(person.and_then(|person| person.account(&bindings, &login)));
        }
        let portal = Some(issuer(ctx).to_owned());
        Ok(Content { accounts, login: desired_login(reader, ctx, device, login), portal })
    }

    fn binding(&mut self, reader: &mut Reader, id: BindingId) -> Result<Option<Rc<Binding>>, AppError> {
        if let Some(known) = self.bindings.get(&id) {
            return Ok(known.clone());
        }
        let found = reader.find::<Binding>(id)?.map(|binding| Rc::new(binding.value));
        self.bindings.insert(id, found.clone());
        Ok(found)
    }

    fn people_of(&mut self, reader: &mut Reader, subject: BindingSubject) -> Result<Rc<[UserId]>, AppError> {
        let group = match subject {
            BindingSubject::User(user) => return Ok(Rc::new([user])),
            BindingSubject::Group(group) => group,
        };
        if let Some(known) = self.groups.get(&group) {
            return Ok(Rc::clone(known));
        }
        let within = reader.members_within(&group.to_string())?;
        let people: Rc<[UserId]> = within.iter().filter_map(|key| key.parse().ok()).collect();
        self.groups.insert(group, Rc::clone(&people));
        Ok(people)
    }

    fn rules(&mut self, reader: &mut Reader, ctx: &Ctx) -> Result<Arc<Rules>, AppError> {
        if let Some(known) = &self.rules {
            return Ok(Arc::clone(known));
        }
        let found = ctx.org.view.access_rules(reader)?;
        self.rules = Some(Arc::clone(&found));
        Ok(found)
    }

    fn person(&mut self, reader: &mut Reader, ctx: &Ctx, id: UserId) -> Result<Option<Rc<Person>>, AppError> {
        if let Some(known) = self.people.get(&id) {
            return Ok(known.clone());
        }
        let found = match reader.find::<User>(id)? {
            Some(user) => {
                let password = password(reader, ctx, &user)?;
                let groups = reader.groups_around(&id.to_string())?;
                let groups = groups.iter().filter_map(|id| id.parse().ok()).collect();
                let settings = self.login.organization(reader)?;
                let second_door = second_door(reader, ctx, &settings, &groups)?;
                let rules = self.rules(reader, ctx)?.at_devices(&user, &groups);
                Some(Rc::new(Person { user: user.value, groups, second_door, rules, password }))
            }
            None => None,
        };
        self.people.insert(id, found.clone());
        Ok(found)
    }
}

fn desired_login(reader: &mut Reader, ctx: &Ctx, device: &Device, login: EffectiveLogin) -> DesiredLogin {
    // A code that cannot be opened must not keep the device from everything else.
    let code = break_glass::find(reader, ctx, device.id).unwrap_or_else(|error| {
        tracing::error!(device = %device.id, %error, "the break-glass code cannot be opened");
        None
    });
    DesiredLogin {
        services: login.services.into_iter().collect(),
        prompts: login.prompts,
        ssh_keys: login.ssh_keys,
        break_glass_hash: code.as_ref().map(BreakGlass::hash),
        break_glass_salt: code.map(|code| code.salt).unwrap_or_default(),
    }
}

/// When somebody who is in these groups is asked for the second door at devices. A device without the server does not know
/// where anybody is, nor who has enrolled: where that could make somebody be asked or denied, they are asked, and so they are
/// where a policy is missing of which nobody knows what it said.
fn second_door(
    reader: &mut Reader,
    ctx: &Ctx,
    settings: &Settings,
    groups: &BTreeSet<GroupId>,
) -> Result<SecondDoorPolicy, AppError> {
    let (policy, missing) = policy::in_force_for(reader, ctx, settings, &settings.device_policies, groups)?;
    let needs_the_server = policy.needs_the_server();
    Ok(match policy.second_door.value {
        SecondDoorPolicy::Refuse => SecondDoorPolicy::Refuse,
        _ if missing || needs_the_server => SecondDoorPolicy::Always,
        said @ (SecondDoorPolicy::Always | SecondDoorPolicy::Groups { .. } | SecondDoorPolicy::Never) => said,
    })
}

impl Person {
    /// The person's account where these bindings put them; none while they are staged.
    fn account(&self, bindings: &[Rc<Binding>], login: &EffectiveLogin) -> Option<DesiredAccount> {
        let Self { user, groups, second_door, rules, password } = self;
        let suspended = match user.state {
            UserState::Staged => return None,
            UserState::Active => rules.denied || *second_door == SecondDoorPolicy::Refuse,
            UserState::Suspended => true,
        };
        let EffectiveRight { right, .. } =
            binding::effective_right(user, bindings.iter().map(|binding| &**binding))?;
        let ssh_keys = user.ssh_keys.iter().map(|key| key.as_str().to_owned());
        Some(DesiredAccount {
            user: user.id,
            name: user.name.to_string(),
            // The field the name goes into on Unix is cut at colons.
            display_name: user.display_name.replace(':', " "),
            uid: user.posix.uid,
            gid: user.posix.gid,
            shell: user.posix.shell.clone(),
            home: user.posix.home.clone(),
            password: password.clone(),
            ssh_keys: if suspended { Vec::new() } else { ssh_keys.collect() },
            right,
            suspended,
            take_over: bindings.iter().any(|binding| binding.take_over),
            second_door: rules.asked || waiver(user, groups, second_door, Some(login)).is_none(),
            fail_open: !rules.may_be_denied && login.fails_open_for(user, right),
            bindings: bindings.iter().map(|binding| binding.id).collect(),
        })
    }
}

/// The crypt hash that the person's accounts get: none for those who may not come in with it. A hash that cannot
/// be opened leaves that one account waiting instead of keeping everybody's devices where they were.
fn password(reader: &mut Reader, ctx: &Ctx, user: &User) -> Result<Option<String>, AppError> {
    let usable = match user.password_status {
        PasswordStatus::Active | PasswordStatus::Expired => user.is_active(),
        // Who guesses at our door does not guess at the device's.
        PasswordStatus::Locked => user.is_active() && user.password_lock == Some(PasswordLock::Strangers),
        PasswordStatus::Pending => false,
    };
    if !usable {
        return Ok(None);
    }
    match user::unix_password(reader, ctx, user.id) {
        Ok(hash) => Ok(hash.and_then(|hash| std::str::from_utf8(&hash).ok().map(str::to_owned))),
        Err(AppError::Busy) => Err(AppError::Busy),
        Err(error) => {
            tracing::error!(user = %user.id, %error, "the password for devices cannot be opened");
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests;
