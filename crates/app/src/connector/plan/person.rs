//! One person: made, taken over, renamed, changed, disabled, let in again; their groups and phones.

use std::collections::{BTreeMap, BTreeSet};

use sallyport_model::{
    fold,
    id::{GroupId, UserId},
};
use sallyport_wire::duo::admin::client::{RemoteId, RemoteUser, Status};

use super::{Act, Aliases, PLACES, Person, Planner, Subject, UserLink, Wanted, digest_of, stored};

const OF_OURS: &str = "somebody else of ours has the same name there";
const NOT_OURS: &str = "Duo has a user of this name who is not ours; let the connector take over who is there, or rename one \
    of them";

impl Person {
    /// The further names this person should have: their own, then those they had before; none that somebody is called by.
    fn further_names(&self, link: Option<&UserLink>, is_called: impl Fn(&str) -> bool) -> Vec<String> {
        let own = self.username.as_deref().map(fold);
        let former = link.iter().flat_map(|link| link.former.iter().rev());
        let mut names: Vec<String> = Vec::new();
        for name in self.aliases.iter().map(|alias| fold(alias)).chain(former.cloned()) {
            if own.as_ref() != Some(&name) && !names.contains(&name) && !is_called(&name) {
                names.push(name);
            }
        }
        names.truncate(PLACES.count());
        names
    }

    pub(super) fn digest(&self, link: &UserLink, wanted: &Wanted) -> String {
        let names = self.further_names(Some(link), |name| wanted.calls_somebody(name));
        digest_of(&(&self.username, names, &self.realname, &self.email))
    }
}

impl Planner<'_> {
    pub(super) fn person(&mut self, id: UserId, person: &Person) {
        let subject = Subject::User(id);
        let link = self.links.users.get(&id);
        let present = link.and_then(|link| self.present(link));
        if present.is_none() && !person.active {
            // Nobody is made there to be shut out at once.
            if link.is_some() {
                self.add(subject, &person.label, Act::Forget, false);
            }
            return;
        }
        let username = person.username.clone();
        let username = username.filter(|name| self.owners.get(&fold(name)) == Some(&id));
        let Some(username) = username else { return self.without_name(id, person, present) };
        match (present, link) {
            (Some(theirs), Some(link)) => {
                if link.remote.is_none() {
                    self.add(subject, &person.label, Act::Found { remote: theirs.user_id.clone() }, false);
                }
                self.compare(id, person, &username, link, theirs);
            }
            (_, link) => self.arrive(id, person, username, link),
        }
    }

    /// Somebody who cannot be named: what they are called stays as it is, whether they may pass does not.
    fn without_name(&mut self, id: UserId, person: &Person, present: Option<&RemoteUser>) {
        if let Some(theirs) = present {
            self.standing(id, person, theirs, false);
        }
        let has_name = person.username.is_some();
        let why = if has_name { OF_OURS } else { "has no mail address, by which people are known there" };
        self.conflict(id, person, why);
    }

    fn conflict(&mut self, id: UserId, person: &Person, why: &str) {
        self.add(Subject::User(id), &person.label, Act::Conflict { why: why.to_owned() }, false);
    }

    /// Somebody who is not there yet, or there without being ours.
    fn arrive(&mut self, id: UserId, person: &Person, username: String, link: Option<&UserLink>) {
        let subject = Subject::User(id);
        if let Some(theirs) = self.names.get(&fold(&username)).copied() {
            let owner = self.linked.get(&theirs.user_id).copied();
            if owner.is_none() && self.rules.take_over {
                self.add(subject, &person.label, Act::TakeOver { remote: theirs.user_id.clone() }, false);
                return self.compare(id, person, &username, &UserLink::default(), theirs);
            }
            // A name that somebody of ours had before is freed in the same run.
            let is_freed = owner.and_then(|owner| self.links.users.get(&owner)).is_some_and(|owner| {
                owner.aliases.contains(&fold(&username)) && fold(&theirs.username) != fold(&username)
            });
            if !is_freed {
                return self.conflict(id, person, if owner.is_some() { OF_OURS } else { NOT_OURS });
            }
        }
        let names = person.further_names(link, |name| self.owners.contains_key(name));
        let aliases = names.into_iter().filter(|name| !self.names.contains_key(name)).collect();
        let (realname, email) = (person.realname.clone(), person.email.clone());
        self.add(subject, &person.label, Act::Create { username, realname, email, aliases }, false);
        let groups: Vec<GroupId> =
            person.groups.iter().filter(|group| self.usable.contains_key(group)).copied().collect();
        for group in groups {
            let name = self.name_of(group);
            self.add(subject, &person.label, Act::Join { group, name }, false);
        }
        for number in person.phones.iter().flatten() {
            self.add(subject, &person.label, Act::AddPhone { number: number.clone() }, false);
        }
    }

    /// Somebody who is there and ours.
    fn compare(&mut self, id: UserId, person: &Person, username: &str, link: &UserLink, theirs: &RemoteUser) {
        let now = stored(theirs);
        let was_settled = !link.stored.is_empty();
        self.standing(id, person, theirs, was_settled);
        let wish = person.digest(link, self.wanted);
        if link.stored != now || link.wanted != wish {
            let they_changed = was_settled && link.stored != now;
            let new_wish = link.wanted != wish;
            self.name(id, person, username, link, theirs, they_changed, new_wish);
        }
        self.memberships(id, person, theirs);
        self.phones(id, person, link, theirs);
    }

    /// Whether somebody may pass. That they are locked out there, or pass without a second door, is Duo's own business for
    /// whoever may pass.
    fn standing(&mut self, id: UserId, person: &Person, theirs: &RemoteUser, was_settled: bool) {
        let (subject, remote) = (Subject::User(id), theirs.user_id.clone());
        match (&theirs.status, person.active) {
            (Status::Disabled | Status::PendingDeletion, false)
            | (Status::Active | Status::Bypass | Status::LockedOut | Status::Other(_), true) => {}
            (Status::PendingDeletion, true) => {
                self.add(subject, &person.label, Act::Restore { remote: remote.clone() }, false);
                self.add(subject, &person.label, Act::Enable { remote }, false);
            }
            (Status::Disabled, true) => self.add(subject, &person.label, Act::Enable { remote }, was_settled),
            (Status::Active | Status::Bypass | Status::LockedOut | Status::Other(_), false) => {
                self.add(subject, &person.label, Act::Disable { remote }, false);
            }
        }
    }

    /// What somebody is called and known by.
    #[expect(clippy::too_many_arguments, reason = "one person, seen from both sides")]
    fn name(
        &mut self,
        id: UserId,
        person: &Person,
        username: &str,
        link: &UserLink,
        theirs: &RemoteUser,
        corrects: bool,
        new_wish: bool,
    ) {
        let (subject, remote) = (Subject::User(id), theirs.user_id.clone());
        let mut names = person.further_names(Some(link), |name| self.owners.contains_key(name));
        names.retain(|name| self.names.get(name).is_none_or(|user| user.user_id == theirs.user_id));
        let has = theirs.aliases();
        let mut aliases = placed(&has, &link.aliases, &names);
        if fold(&theirs.username) != fold(username) {
            let other = self.names.get(&fold(username)).filter(|user| user.user_id != theirs.user_id);
            if other.is_some_and(|other| !self.linked.contains_key(&other.user_id)) {
                self.conflict(id, person, NOT_OURS);
            } else {
                let (from, to) = (theirs.username.clone(), username.to_owned());
                // A name that somebody else gave there is not kept.
                let keeps = new_wish && !self.owners.contains_key(&fold(&from));
                let renamed = renamed(&has, &link.aliases, &names, username, keeps.then_some(&from));
                names.retain(|name| *name != fold(&from));
                names.insert(0, fold(username));
                let kept = placed(&has, &link.aliases, &names);
                let act = Act::Rename { remote: remote.clone(), from, to, renamed, kept };
                self.add(subject, &person.label, act, corrects);
            }
            aliases.places = None;
        }
        let realname = (theirs.realname != person.realname).then(|| person.realname.clone());
        let email = (fold(&theirs.email) != fold(&person.email)).then(|| person.email.clone());
        if realname.is_some() || email.is_some() || aliases.places.is_some() {
            self.add(subject, &person.label, Act::Update { remote, realname, email, aliases }, corrects);
        }
    }

    fn memberships(&mut self, id: UserId, person: &Person, theirs: &RemoteUser) {
        let is_in = |remote: &RemoteId| theirs.groups.iter().any(|group| group.group_id == *remote);
        // Groups of ours there, those included that are to be kept no longer.
        let known = self.links.groups.iter().map(|(group, link)| (*group, link.remote.clone()));
        let mut groups: BTreeMap<GroupId, Option<RemoteId>> = known.collect();
        groups.extend(self.usable.iter().map(|(group, remote)| (*group, remote.clone())));
        for (group, remote) in groups {
            let is_there = remote.as_ref().is_some_and(is_in);
            let is_wanted = person.groups.contains(&group) && self.usable.contains_key(&group);
            let name = self.name_of(group);
            let act = match (is_wanted, is_there) {
                (true, false) => Act::Join { group, name },
                (false, true) => Act::Leave { group, name },
                (true, true) | (false, false) => continue,
            };
            self.add(Subject::User(id), &person.label, act, false);
        }
    }

    /// Only phones that we put there are taken away, and none on which Duo's own app was activated since: it may be all that
    /// somebody has.
    fn phones(&mut self, id: UserId, person: &Person, link: &UserLink, theirs: &RemoteUser) {
        let Some(wanted) = &person.phones else { return };
        let subject = Subject::User(id);
        for number in wanted {
            if !theirs.phones.iter().any(|phone| phone.number == *number) {
                self.add(subject, &person.label, Act::AddPhone { number: number.clone() }, false);
            }
        }
        for (number, phone) in link.phones.iter().filter(|(number, _)| !wanted.contains(*number)) {
            let there = theirs.phones.iter().find(|known| known.phone_id == *phone);
            if there.is_some_and(|known| !known.activated) {
                let (number, phone) = (number.clone(), phone.clone());
                self.add(subject, &person.label, Act::RemovePhone { number, phone }, false);
            }
        }
    }
}

impl Wanted {
    fn calls_somebody(&self, name: &str) -> bool {
        self.called.contains(name)
    }

    /// The names that people of ours are called by, folded.
    pub(crate) fn with_names(mut self) -> Self {
        let names: BTreeSet<String> =
            self.users.values().filter_map(|person| person.username.as_deref().map(fold)).collect();
        self.called = names;
        self
    }
}

/// The aliases beside a new name, which leaves its own place among them; the former one is the first to have a place.
fn renamed(
    has: &BTreeMap<u8, String>,
    ours: &BTreeSet<String>,
    names: &[String],
    to: &str,
    from: Option<&String>,
) -> Aliases {
    let mut names = names.to_vec();
    if let Some(from) = from.map(|from| fold(from)) {
        names.retain(|name| *name != from);
        names.insert(0, from);
    }
    let mut without = has.clone();
    for alias in without.values_mut().filter(|alias| fold(alias) == fold(to)) {
        alias.clear();
    }
    let after = placed(&without, ours, &names);
    let places = after.places.or_else(|| (without != *has).then_some(without));
    Aliases { places, ours: after.ours }
}

/// The aliases after those of ours that are wanted no longer gave way to those that are. Others' stay where they are.
fn placed(has: &BTreeMap<u8, String>, ours: &BTreeSet<String>, wanted: &[String]) -> Aliases {
    let mut after = has.clone();
    for alias in after.values_mut() {
        let name = fold(alias);
        if ours.contains(&name) && !wanted.contains(&name) {
            alias.clear();
        }
    }
    for name in wanted {
        if after.values().any(|alias| fold(alias) == *name) {
            continue;
        }
        let free = PLACES.into_iter().find(|place| after.get(place).is_none_or(String::is_empty));
        let Some(place) = free else { break };
        after.insert(place, name.clone());
    }
    // One that stood there before and was not ours stays somebody else's.
    let is_foreign = |name: &String| has.values().any(|alias| fold(alias) == *name) && !ours.contains(name);
    let is_there = |name: &String| after.values().any(|alias| fold(alias) == *name);
    let ours = wanted.iter().filter(|name| is_there(name) && !is_foreign(name)).cloned().collect();
    let changed = after != *has;
    Aliases { places: changed.then_some(after), ours }
}
