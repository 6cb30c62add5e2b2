//! The directory in memory, as far as it is asked about with every request: the settings, protected applications with
//! their keys, people with their groups and factors. A projection of the feed.
//!
//! What is kept here was read at one place in the feed, and is handed out only to a snapshot that stands at that very
//! place: a snapshot of any other place forgets all of it and reads anew. So an answer from here is the answer the
//! store would have given, on every node, and nothing waits for anybody to be told. A write has no place and reads the
//! store, unless it finds first that nothing has changed since the place that is known here (`Tx::by_view`), and
//! until it changes something itself. Passwords and sessions are never kept, and of what is counted about people only
//! how long their second door stays shut: that is no part of the feed, and is forgotten with every write of anything.

pub(crate) mod words;

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sallyport_crypto::{Secret, saml_key::SamlKey};
use sallyport_model::{
    AccessRule, Application, Factor, Policy, Settings, Time, User, fold,
    id::{ApplicationId, GroupId, PolicyId, UserId},
    oidc::SigningAlgorithm,
};
use sallyport_policy::{Compiled, Rules};
use sallyport_store::{Edge, Reader, Versioned};
use sallyport_wire::{duo::signing::VerifyingKey, oidc::JwkSet};

use self::words::Index;
use crate::{
    AppError, Ctx, application,
    census::Census,
    ctx,
    listing::Listings,
    oidc::Client,
    saml,
    signin::throttle,
    signing_key::{self, Published, Signer},
    user,
};

/// Most of a kind that are kept: of a larger directory what is asked about.
const MOST_KEPT: usize = 20_000;

/// A person with all of their factors, the expired ones too.
#[derive(Debug)]
pub struct Person {
    pub user: Versioned<User>,
    pub factors: Vec<Factor>,
    /// In which edition of the store their second door was found shut, and until when.
    shut: Mutex<Option<(u64, Time)>>,
}

/// A protected application with the key its requests are signed with.
pub struct Keyed {
    pub application: Application,
    pub skey: Secret,
    /// The same, ready for use.
    pub verifying: VerifyingKey,
}

/// What is known of the directory.
#[derive(Default)]
pub struct View {
    known: Mutex<Known>,
    /// Access rules as they were compiled last, which takes longer than to read them. What is compiled is known by the
    /// very documents it was made of, so whoever reads those, in a write too, is given what they say.
    compiled: Mutex<CompiledRules>,
    /// What searches look through.
    pub(crate) words: Index,
    /// What listings look at.
    pub(crate) listings: Listings,
    /// Who there is, to be searched through and counted.
    pub(crate) census: Census,
}

#[derive(Default)]
struct CompiledRules {
    docs: Vec<(String, String)>,
    each: Vec<Arc<Compiled>>,
    rules: Arc<Rules>,
}

#[derive(Default)]
struct Known {
    place: i64,
    settings: Option<Arc<Settings>>,
    applications: HashMap<ApplicationId, Arc<Application>>,
    policies: HashMap<PolicyId, Arc<Policy>>,
    /// By integration key. Only those that are there, so that guessing keys fills nothing.
    keyed: HashMap<String, Arc<Keyed>>,
    /// By folded name or alias.
    people: HashMap<String, Arc<Person>>,
    groups: HashMap<UserId, Arc<BTreeSet<GroupId>>>,
    rules: Option<Arc<Rules>>,
    /// Relying parties by client id. Only those that are there.
    clients: HashMap<String, Arc<Client>>,
    signers: HashMap<SigningAlgorithm, Arc<Signer>>,
    /// Keys that sign for one application alone.
    saml_keys: HashMap<ApplicationId, Arc<SamlKey>>,
    keys: Option<Arc<Vec<Published>>>,
}

impl CompiledRules {
    /// The rules that these documents say; whatever of them is the same as before is compiled already.
    fn of(&mut self, docs: Vec<(String, String)>) -> Result<Arc<Rules>, AppError> {
        if docs == self.docs {
            return Ok(Arc::clone(&self.rules));
        }
        let former: HashMap<&(String, String), &Arc<Compiled>> = self.docs.iter().zip(&self.each).collect();
        let compile = |doc: &(String, String)| match former.get(doc) {
            Some(known) => Ok(Arc::clone(known)),
            None => Ok(Arc::new(Compiled::saved(&serde_json::from_str::<AccessRule>(&doc.1)?))),
        };
        let each = docs.iter().map(compile).collect::<Result<Vec<_>, AppError>>()?;
        let rules = Arc::new(Rules::new(each.iter().map(Arc::clone)));
        *self = Self { docs, each, rules: Arc::clone(&rules) };
        Ok(rules)
    }
}

impl Person {
    /// Until when this person's second door is shut.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn second_door_shut_until(&self, reader: &mut Reader) -> Result<Time, AppError> {
        let known = || self.shut.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(edition) = reader.edition() else {
            return throttle::second_door_shut_until(reader, self.user.id);
        };
        if let Some((_, until)) = known().filter(|(of, _)| *of == edition) {
            return Ok(until);
        }
        let until = throttle::second_door_shut_until(reader, self.user.id)?;
        *known() = Some((edition, until));
        Ok(until)
    }
}

impl View {
    /// The organisation's settings.
    ///
    /// # Errors
    /// As [`ctx::settings`].
    pub(crate) fn settings(&self, reader: &mut Reader) -> Result<Arc<Settings>, AppError> {
        let place = reader.place()?;
        if let Some(settings) = self.at(place).and_then(|known| known.settings.clone()) {
            return Ok(settings);
        }
        let settings = Arc::new(ctx::settings(reader)?.value);
        if let Some(mut known) = self.at(place) {
            known.settings = Some(Arc::clone(&settings));
        }
        Ok(settings)
    }

    /// The application with this id.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn application(
        &self,
        reader: &mut Reader,
        id: ApplicationId,
    ) -> Result<Option<Arc<Application>>, AppError> {
        let read = |reader: &mut Reader| Ok(reader.find::<Application>(id)?.map(|found| found.value));
        self.at_hand(reader, |known| &mut known.applications, &id, read)
    }

    /// The policy with this id.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn policy(&self, reader: &mut Reader, id: PolicyId) -> Result<Option<Arc<Policy>>, AppError> {
        let read = |reader: &mut Reader| Ok(reader.find::<Policy>(id)?.map(|found| found.value));
        self.at_hand(reader, |known| &mut known.policies, &id, read)
    }

    /// All access rules that are on or in a dry run, ready to be asked.
    ///
    /// # Errors
    /// The store's, or a rule that cannot be read, without which nobody knows who may pass.
    pub(crate) fn access_rules(&self, reader: &mut Reader) -> Result<Arc<Rules>, AppError> {
        let place = reader.place()?;
        if let Some(rules) = self.at(place).and_then(|known| known.rules.clone()) {
            return Ok(rules);
        }
        let docs = reader.access_rules_in_use()?;
        let rules = self.compiled.lock().unwrap_or_else(PoisonError::into_inner).of(docs)?;
        if let Some(mut known) = self.at(place) {
            known.rules = Some(Arc::clone(&rules));
        }
        Ok(rules)
    }

    /// The application with this integration key, and its secret key.
    ///
    /// # Errors
    /// The store's, or a key that does not open.
    pub(crate) fn keyed(
        &self,
        reader: &mut Reader,
        ctx: &Ctx,
        ikey: &str,
    ) -> Result<Option<Arc<Keyed>>, AppError> {
        let read = |reader: &mut Reader| application::keyed(reader, ctx, ikey);
        self.at_hand(reader, |known| &mut known.keyed, ikey, read)
    }

    /// The person with this name or alias.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn person(&self, reader: &mut Reader, name: &str) -> Result<Option<Arc<Person>>, AppError> {
        let name = fold(name);
        let read = |reader: &mut Reader| {
            let Some(user) = user::by_any_name(reader, &name)? else { return Ok(None) };
            let factors = reader.list_rights_of::<Factor>(Edge::UserFactor, &user.id.to_string())?;
            let factors = factors.into_iter().map(|factor| factor.value).collect();
            Ok(Some(Person { user, factors, shut: Mutex::default() }))
        };
        self.at_hand(reader, |known| &mut known.people, &*name, read)
    }

    /// The groups this person is in, directly or through other groups.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn groups_around(
        &self,
        reader: &mut Reader,
        user: UserId,
    ) -> Result<Arc<BTreeSet<GroupId>>, AppError> {
        let read = |reader: &mut Reader| {
            let found = reader.groups_around(&user.to_string())?;
            Ok(Some(found.iter().filter_map(|id| id.parse().ok()).collect()))
        };
        Ok(self.at_hand(reader, |known| &mut known.groups, &user, read)?.unwrap_or_default())
    }

    /// The relying party with this client id.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn client(&self, reader: &mut Reader, id: &str) -> Result<Option<Arc<Client>>, AppError> {
        self.at_hand(reader, |known| &mut known.clients, id, |reader| Client::find(reader, id))
    }

    /// The key that signs with this algorithm.
    ///
    /// # Errors
    /// The store's, or there is none.
    pub(crate) fn signer(
        &self,
        reader: &mut Reader,
        ctx: &Ctx,
        algorithm: SigningAlgorithm,
    ) -> Result<Arc<Signer>, AppError> {
        let read = |reader: &mut Reader| signing_key::signer(reader, ctx, algorithm);
        let missing = || AppError::Internal(format!("there is no key to sign with {}", algorithm.as_str()));
        self.at_hand(reader, |known| &mut known.signers, &algorithm, read)?.ok_or_else(missing)
    }

    /// The key that signs for this application.
    ///
    /// # Errors
    /// The store's, or there is none.
    pub(crate) fn saml_key(
        &self,
        reader: &mut Reader,
        ctx: &Ctx,
        id: ApplicationId,
    ) -> Result<Arc<SamlKey>, AppError> {
        let read = |reader: &mut Reader| saml::keys::signs(reader, ctx, id);
        let missing = || AppError::Internal(format!("{id} has no key to sign with"));
        self.at_hand(reader, |known| &mut known.saml_keys, &id, read)?.ok_or_else(missing)
    }

    /// The keys by which what we signed is verified at this time.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn jwks(&self, reader: &mut Reader, now: Time) -> Result<JwkSet, AppError> {
        let place = reader.place()?;
        let keys = match self.at(place).and_then(|known| known.keys.clone()) {
            Some(keys) => keys,
            None => {
                let keys = Arc::new(signing_key::known(reader)?);
                if let Some(mut known) = self.at(place) {
                    known.keys = Some(Arc::clone(&keys));
                }
                keys
            }
        };
        let good = keys.iter().filter(|key| key.until.is_none_or(|until| now <= until));
        Ok(JwkSet(good.map(|key| key.jwk.clone()).collect()))
    }

    /// As [`Self::keyed`], if it is known at this place, for whoever has no snapshot and wants nothing but this.
    pub(crate) fn keyed_at(&self, place: Option<i64>, ikey: &str) -> Option<Arc<Keyed>> {
        self.at(place)?.keyed.get(ikey).cloned()
    }

    /// What one of the maps has under this key, or what is read for it and kept there. What is not there is not kept, so that
    /// asking for what nobody has fills nothing.
    fn at_hand<K: Eq + Hash + ToOwned<Owned: Eq + Hash> + ?Sized, V>(
        &self,
        reader: &mut Reader,
        map: fn(&mut Known) -> &mut HashMap<K::Owned, Arc<V>>,
        key: &K,
        read: impl FnOnce(&mut Reader) -> Result<Option<V>, AppError>,
    ) -> Result<Option<Arc<V>>, AppError> {
        let place = reader.place()?;
        if let Some(found) = self.at(place).and_then(|mut known| map(&mut known).get(key).cloned()) {
            return Ok(Some(found));
        }
        let Some(found) = read(reader)?.map(Arc::new) else { return Ok(None) };
        if let Some(mut known) = self.at(place) {
            let map = map(&mut known);
            if map.len() >= MOST_KEPT {
                map.clear();
            }
            map.insert(key.to_owned(), Arc::clone(&found));
        }
        Ok(Some(found))
    }

    /// The place that was read last. Only what is durable has been read.
    pub(crate) fn place(&self) -> i64 {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).place
    }

    /// What is known at this place of the feed, which is nothing at first. None for who has no place.
    fn at(&self, place: Option<i64>) -> Option<MutexGuard<'_, Known>> {
        let place = place?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.place != place {
            *known = Known { place, ..Known::default() };
        }
        Some(known)
    }
}

#[cfg(test)]
mod tests;
