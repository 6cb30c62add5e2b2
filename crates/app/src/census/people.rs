//! Everybody by name, with what they have to open the second door with.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Bound,
    sync::Arc,
};

use sallyport_api::rest::{FactorCount, FactorsSum, Holding};
use sallyport_model::{
    Change, ChangeKind, Factor, FactorKind, Role, User, fold,
    id::{FactorId, UserId},
};
use sallyport_store::{Noun as _, PageRequest, PersonRow};

use crate::AppError;

/// The kinds that people have of their own.
const KINDS: [FactorKind; 5] =
    [FactorKind::Passkey, FactorKind::Push, FactorKind::Totp, FactorKind::HardwareToken, FactorKind::Phone];

struct Person {
    id: UserId,
    state: State,
    search: Box<str>,
    /// How many they have of each kind.
    has: [u16; KINDS.len()],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Active,
    Other(&'static str),
}

#[derive(Default)]
pub(crate) struct People {
    by_key: BTreeMap<Arc<str>, Person>,
    keys: HashMap<UserId, Arc<str>>,
    factors: HashMap<FactorId, (UserId, usize)>,
    /// How many active people have which kinds, by a bit for each.
    active: BTreeMap<u8, u64>,
    owners: BTreeSet<UserId>,
}

/// The active people who own the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owners {
    pub(crate) active: usize,
    /// Of these who have a second factor of their own.
    pub(crate) with_factor: usize,
}

/// People in the order of their keys.
pub(crate) struct Found {
    pub(crate) ids: Vec<UserId>,
    /// The key after which there are more, if there are.
    pub(crate) next: Option<String>,
}

impl Person {
    fn holds(&self) -> u8 {
        let held = KINDS.iter().zip(self.has).filter(|(_, count)| *count > 0);
        held.fold(0, |bits, (kind, _)| bits | bit(*kind))
    }

    fn is(&self, holding: Holding) -> bool {
        self.state == State::Active && is(self.holds(), holding)
    }
}

const fn bit(kind: FactorKind) -> u8 {
    match kind {
        FactorKind::Passkey => 1,
        FactorKind::Push => 2,
        FactorKind::Totp => 4,
        FactorKind::HardwareToken => 8,
        FactorKind::Phone => 16,
        FactorKind::BypassCode | FactorKind::Duo | FactorKind::Mail => 0,
    }
}

/// Whether whoever has these kinds is among those.
const fn is(holds: u8, holding: Holding) -> bool {
    match holding {
        Holding::None => holds == 0,
        Holding::PhoneOnly => holds == bit(FactorKind::Phone),
        Holding::Passkey => holds & bit(FactorKind::Passkey) > 0,
        Holding::Push => holds & bit(FactorKind::Push) > 0,
        Holding::Totp => holds & bit(FactorKind::Totp) > 0,
        Holding::HardwareToken => holds & bit(FactorKind::HardwareToken) > 0,
    }
}

impl State {
    fn of(state: &str) -> Self {
        match state {
            "active" => Self::Active,
            "staged" => Self::Other("staged"),
            _ => Self::Other("suspended"),
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Other(state) => state,
        }
    }
}

impl People {
    pub(super) fn new(rows: Vec<PersonRow>, factors: &[Factor], owners: BTreeSet<UserId>) -> Self {
        let mut people = Self { owners, ..Self::default() };
        for row in rows {
            if let Ok(id) = row.id.parse() {
                people.put(id, &row.key, &row.search, State::of(&row.state));
            }
        }
        factors.iter().for_each(|factor| people.put_factor(factor));
        people
    }

    pub(super) fn take(&mut self, change: &Change) -> Result<(), AppError> {
        let after = change.after.as_deref();
        match (change.subject.noun.as_str(), change.kind, after) {
            (User::NOUN, ChangeKind::Created | ChangeKind::Updated, Some(doc)) => {
                let user: User = serde_json::from_str(doc)?;
                self.put(user.id, &user.key(), &user.search(), State::of(user.state.as_str()));
                if user.roles.contains(&Role::Owner) {
                    self.owners.insert(user.id);
                } else {
                    self.owners.remove(&user.id);
                }
            }
            (User::NOUN, ChangeKind::Deleted, _) => {
                if let Ok(id) = change.subject.id.parse() {
                    self.remove(id);
                    self.owners.remove(&id);
                }
            }
            (Factor::NOUN, ChangeKind::Created, Some(doc)) => self.put_factor(&serde_json::from_str(doc)?),
            (Factor::NOUN, ChangeKind::Deleted, _) => {
                if let Ok(id) = change.subject.id.parse() {
                    self.remove_factor(id);
                }
            }
            _ => {}
        }
        Ok(())
    }

    pub(crate) fn len(&self) -> usize {
        self.by_key.len()
    }

    pub(crate) fn owners(&self) -> Owners {
        let owners = self.owners.iter().filter_map(|id| self.by_key.get(self.keys.get(id)?));
        let active = owners.filter(|person| person.state == State::Active);
        let holds: Vec<u8> = active.map(Person::holds).collect();
        Owners { active: holds.len(), with_factor: holds.iter().filter(|holds| **holds != 0).count() }
    }

    /// How many are active.
    pub(crate) fn active(&self) -> u64 {
        self.active.values().sum()
    }

    /// What active people have.
    pub(crate) fn factors(&self) -> FactorsSum {
        let count = |wanted: &dyn Fn(u8) -> bool| {
            self.active.iter().filter(|(holds, _)| wanted(**holds)).map(|(_, count)| count).sum()
        };
        FactorsSum {
            active_users: self.active(),
            none: count(&|holds| is(holds, Holding::None)),
            phone_only: count(&|holds| is(holds, Holding::PhoneOnly)),
            kinds: KINDS
                .iter()
                .map(|kind| FactorCount { kind: *kind, users: count(&|holds| holds & bit(*kind) > 0) })
                .collect(),
        }
    }

    /// A page of those whom a listing asks for, and of these those who hold this, if it is asked.
    pub(crate) fn page(&self, request: &PageRequest, limit: usize, holding: Option<Holding>) -> Found {
        let (text, after) = (fold(&request.text), Bound::Excluded(request.after.as_str()));
        let fits = |person: &Person| {
            request.state.as_deref().is_none_or(|state| person.state.as_str() == state)
                && holding.is_none_or(|holding| person.is(holding))
                && person.search.contains(&text)
        };
        let mut found = self.by_key.range::<str, _>((after, Bound::Unbounded));
        let mut found = found.by_ref().filter(|(_, person)| fits(person)).take(limit + 1);
        let page: Vec<_> = found.by_ref().take(limit).collect();
        let more = found.next().is_some();
        let next = page.last().filter(|_| more).map(|(key, _)| key.to_string());
        Found { ids: page.into_iter().map(|(_, person)| person.id).collect(), next }
    }

    fn put(&mut self, id: UserId, key: &str, search: &str, state: State) {
        let has = self.remove(id).unwrap_or_default();
        let key: Arc<str> = key.into();
        let person = Person { id, state, search: search.into(), has };
        self.count(&person, 1);
        self.keys.insert(id, Arc::clone(&key));
        self.by_key.insert(key, person);
    }

    /// Takes somebody out; what they had.
    fn remove(&mut self, id: UserId) -> Option<[u16; KINDS.len()]> {
        let person = self.keys.remove(&id).and_then(|key| self.by_key.remove(&key))?;
        self.count(&person, -1);
        Some(person.has)
    }

    fn put_factor(&mut self, factor: &Factor) {
        let Some(place) = KINDS.iter().position(|kind| *kind == factor.kind()) else { return };
        if self.factors.insert(factor.id, (factor.user, place)).is_none() {
            self.change(factor.user, place, 1);
        }
    }

    fn remove_factor(&mut self, id: FactorId) {
        if let Some((user, place)) = self.factors.remove(&id) {
            self.change(user, place, -1);
        }
    }

    /// Somebody has one more of a kind, or one less.
    fn change(&mut self, user: UserId, place: usize, by: i16) {
        let Some(key) = self.keys.get(&user).map(Arc::clone) else { return };
        let Some(mut person) = self.by_key.remove(&key) else { return };
        self.count(&person, -1);
        if let Some(count) = person.has.get_mut(place) {
            *count = count.saturating_add_signed(by);
        }
        self.count(&person, 1);
        self.by_key.insert(key, person);
    }

    fn count(&mut self, person: &Person, by: i64) {
        if person.state == State::Active {
            let count = self.active.entry(person.holds()).or_default();
            *count = count.saturating_add_signed(by);
        }
    }
}
