//! Our nouns as the protocol tells them.

use std::collections::HashMap;

use sallyport_model::{
    Factor, FactorKind, Group, GroupKind, HardwareToken, HardwareTokenKind, PasswordLock, Time, User,
    UserState,
    id::{FactorId, GroupId, UserId},
    signin::{SignIn, SignInState},
};
use sallyport_store::{Edge, Reader};
use sallyport_wire::duo::admin::{GroupMember, GroupObject, PhoneObject, TokenKind, TokenObject, UserObject};

use super::{ids, phones};
use crate::{AppError, factor, signin::throttle};

/// How many of a person's last sign-ins are looked at for one that succeeded, some at a time.
const LAST_SIGN_INS: i64 = 20;
const LOOKS: usize = 10;

/// Makes the objects of one answer. Groups are read once for all the people in them.
pub(super) struct Objects {
    now: Time,
    groups: HashMap<GroupId, Option<GroupObject>>,
    /// What people were given to activate, once that was read.
    waiting: Option<HashMap<UserId, Vec<PhoneObject>>>,
}

/// How a person stands, in the words of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) status: &'static str,
    pub(super) lockout_reason: Option<&'static str>,
}

impl Objects {
    pub(super) fn new(now: Time) -> Self {
        Self { now, groups: HashMap::new(), waiting: None }
    }

    pub(super) fn user(&mut self, reader: &mut Reader, user: &User) -> Result<UserObject, AppError> {
        let id = user.id.to_string();
        let factors = factor::of(reader, user.id, self.now)?;
        let standing = standing(reader, user, self.now)?;
        let seen = Seen::of(reader, user.id)?;
        let object = UserObject {
            user_id: user.duo_id.clone(),
            username: user.name.to_string(),
            alias1: None,
            alias2: None,
            alias3: None,
            alias4: None,
            aliases: [].into(),
            realname: user.display_name.clone(),
            firstname: user.about.given_name.clone(),
            lastname: user.about.family_name.clone(),
            email: user.mails.first().map(|mail| mail.address.clone()).unwrap_or_default(),
            notes: user.about.notes.clone(),
            status: standing.status,
            lockout_reason: standing.lockout_reason,
            is_enrolled: factors.iter().any(|factor| factor.kind() != FactorKind::BypassCode),
            enable_auto_prompt: true,
            external_id: None,
            created: user.created.unix_seconds(),
            last_login: seen.last_login.map(Time::unix_seconds),
            last_directory_sync: None,
            groups: self.groups_of(reader, &id)?,
            phones: self.phones_of(reader, user.id, &factors, &seen)?,
            tokens: tokens(reader, &factors)?,
            u2ftokens: Vec::new(),
            webauthncredentials: super::webauthn::of(&factors, &seen),
            desktoptokens: Vec::new(),
            desktop_authenticators: Vec::new(),
            custom_attributes: user
                .about
                .attributes
                .iter()
                .map(|(name, value)| (name.clone(), value.clone().into()))
                .collect(),
        };
        Ok(object.with_aliases(user.aliases.iter().map(|(n, alias)| (*n, alias.to_string())).collect()))
    }

    fn phones_of(
        &mut self,
        reader: &mut Reader,
        user: UserId,
        factors: &[Factor],
        seen: &Seen,
    ) -> Result<Vec<PhoneObject>, AppError> {
        let waiting = match self.waiting.take() {
            Some(known) => known,
            None => phones::waiting(reader)?,
        };
        let mut found = phones::of(reader, factors, seen, self.now)?;
        found.extend(waiting.get(&user).cloned().unwrap_or_default());
        self.waiting = Some(waiting);
        Ok(found)
    }

    /// The groups somebody is in without another one between.
    pub(super) fn groups_of(&mut self, reader: &mut Reader, id: &str) -> Result<Vec<GroupObject>, AppError> {
        let mut found = Vec::new();
        for id in reader.lefts_of(Edge::Member, id)? {
            let id: GroupId = id.parse()?;
            let known = match self.groups.get(&id) {
                Some(known) => known.clone(),
                None => {
                    let read = reader.find::<Group>(id)?.filter(|group| group.kind == GroupKind::Users);
                    self.groups.entry(id).or_insert(read.map(|read| group(&read))).clone()
                }
            };
            found.extend(known);
        }
        Ok(found)
    }
}

pub(super) fn group(group: &Group) -> GroupObject {
    GroupObject::new(ids::of_group(group.id), group.name.clone(), group.description.clone())
}

pub(super) fn member(user: &User) -> GroupMember {
    GroupMember { user_id: user.duo_id.clone(), username: user.name.to_string() }
}

/// A token with whoever has it.
pub(super) fn token(reader: &mut Reader, token: &HardwareToken) -> Result<TokenObject, AppError> {
    let holder = match token.holder {
        Some(holder) => reader.find::<User>(holder.user)?,
        None => None,
    };
    let users = holder.iter().map(|user| member(user)).collect();
    Ok(TokenObject { users: Some(users), admins: Some(Vec::new()), ..bare_token(token) })
}

/// A token inside of whoever has it.
fn bare_token(token: &HardwareToken) -> TokenObject {
    TokenObject {
        token_id: token.duo_id.clone(),
        kind: token_kind(token).as_str(),
        serial: token.serial.clone(),
        totp_step: match token.kind {
            HardwareTokenKind::Hotp { .. } | HardwareTokenKind::Yubikey => None,
            HardwareTokenKind::Totp { interval } => Some(interval),
        },
        users: None,
        admins: None,
    }
}

pub(super) const fn token_kind(token: &HardwareToken) -> TokenKind {
    match (token.kind, token.digits) {
        (HardwareTokenKind::Hotp { .. }, 8) => TokenKind::Hotp8,
        (HardwareTokenKind::Hotp { .. }, _) => TokenKind::Hotp6,
        (HardwareTokenKind::Totp { .. }, 8) => TokenKind::Totp8,
        (HardwareTokenKind::Totp { .. }, _) => TokenKind::Totp6,
        (HardwareTokenKind::Yubikey, _) => TokenKind::Yubikey,
    }
}

fn tokens(reader: &mut Reader, factors: &[Factor]) -> Result<Vec<TokenObject>, AppError> {
    let mut found = Vec::new();
    for id in factors.iter().filter_map(Factor::token) {
        found.extend(reader.find::<HardwareToken>(id)?.map(|token| bare_token(&token)));
    }
    Ok(found)
}

/// Whoever is staged was never let in, which this protocol calls disabled too.
pub(super) fn standing(reader: &mut Reader, user: &User, now: Time) -> Result<Standing, AppError> {
    let is = |status, lockout_reason| Ok(Standing { status, lockout_reason });
    if user.trashed.is_some() {
        return is("pending deletion", None);
    }
    match (user.state, user.password_lock) {
        (UserState::Staged | UserState::Suspended, _) => is("disabled", None),
        (UserState::Active, Some(PasswordLock::Everybody)) => is("locked out", Some("Admin disabled")),
        (UserState::Active, Some(PasswordLock::Strangers)) => is("locked out", Some("Failed Attempts")),
        (UserState::Active, None) => {
            let shut = throttle::second_door_wait(reader, user.id, now)?.is_some();
            if shut { is("locked out", Some("Failed Attempts")) } else { is("active", None) }
        }
    }
}

/// When somebody was last let in, and when each of their factors last opened a second door, as far as that is not behind many
/// other sign-ins.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) last_login: Option<Time>,
    factors: HashMap<FactorId, Time>,
}

impl Seen {
    pub(super) fn of(reader: &mut Reader, user: UserId) -> Result<Self, AppError> {
        let (mut seen, mut before) = (Self::default(), None);
        for _ in 0..LOOKS {
            let found = reader.sign_ins_of(user, before.as_deref(), LAST_SIGN_INS)?;
            found.iter().for_each(|sign_in| seen.note(sign_in));
            before = found.last().map(|sign_in| sign_in.id.to_string());
            if seen.last_login.is_some() || before.is_none() {
                break;
            }
        }
        Ok(seen)
    }

    /// The newest come first.
    fn note(&mut self, sign_in: &SignIn) {
        let SignInState::Allowed { at } = sign_in.state else { return };
        self.last_login.get_or_insert(at);
        if let Some(passed) = &sign_in.second_door {
            self.factors.entry(passed.factor).or_insert(at);
        }
    }

    /// When this factor opened a second door.
    pub(super) fn used(&self, factor: FactorId) -> Option<Time> {
        self.factors.get(&factor).copied()
    }
}
