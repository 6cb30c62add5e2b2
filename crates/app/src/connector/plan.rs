//! What has to be done at Duo so that what is there is what should be: a function of what we want, what they have and what
//! we know of each other. Nothing is asked and nothing written here.
//!
//! Whoever is not ours there is never touched: ours is who we made, or took over where the connector may.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sallyport_crypto::digest;
use sallyport_model::{
    Time,
    connector::Leavers,
    fold,
    id::{GroupId, UserId},
};
use sallyport_wire::duo::admin::client::{RemoteGroup, RemoteId, RemoteUser, Status};
use serde::{Deserialize, Serialize};

mod person;
mod step;
#[cfg(test)]
mod tests;

pub(crate) use self::step::{Act, Aliases, Done, Step, StepKey, Subject};

/// Former names that are kept as aliases.
const FORMER_KEPT: usize = 3;
/// How much earlier than our note of a creation its time there may be: clocks differ.
const CLOCKS_DIFFER: i64 = 300;
/// Places of aliases there.
const PLACES: std::ops::RangeInclusive<u8> = 1..=8;

/// A person as they should be there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) label: String,
    /// None where there is nothing to know them by.
    pub(crate) username: Option<String>,
    pub(crate) aliases: Vec<String>,
    pub(crate) realname: String,
    pub(crate) email: String,
    pub(crate) active: bool,
    pub(crate) groups: BTreeSet<GroupId>,
    /// None where phones are none of the connector's business.
    pub(crate) phones: Option<BTreeSet<String>>,
}

/// A group as it should be there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WantedGroup {
    pub(crate) name: String,
    pub(crate) desc: String,
}

/// All that should be there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    pub(crate) users: BTreeMap<UserId, Person>,
    pub(crate) groups: BTreeMap<GroupId, WantedGroup>,
    /// By [`Wanted::with_names`].
    called: BTreeSet<String>,
}

/// What is there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Theirs {
    pub(crate) users: Vec<RemoteUser>,
    /// None where they were not looked at.
    pub(crate) groups: Option<Vec<RemoteGroup>>,
}

/// Who somebody of ours is there, and what we did to them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UserLink {
    /// None while it is not known whether the creation took place.
    pub(crate) remote: Option<RemoteId>,
    pub(crate) label: String,
    /// The name under which they were to be made.
    pub(crate) username: String,
    pub(crate) since: Time,
    /// Names they had before, the latest last.
    pub(crate) former: Vec<String>,
    /// Aliases that are there because of us, folded.
    pub(crate) aliases: BTreeSet<String>,
    /// Phones that are there because of us, by their numbers.
    pub(crate) phones: BTreeMap<String, RemoteId>,
    /// Digest of what was wanted, and of what was there then: while neither changes there is nothing to do, however the
    /// service spells what it was told.
    pub(crate) wanted: String,
    pub(crate) stored: String,
}

/// Which group one of ours is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GroupLink {
    pub(crate) remote: Option<RemoteId>,
    pub(crate) name: String,
    /// Digest of what was wanted and of what was there then, as for people.
    pub(crate) settled: String,
}

impl WantedGroup {
    pub(crate) fn settled(&self, theirs: &RemoteGroup) -> String {
        digest_of(&(&self.name, &self.desc, &theirs.name, &theirs.desc))
    }
}

/// What we know of each other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Links {
    pub(crate) users: BTreeMap<UserId, UserLink>,
    pub(crate) groups: BTreeMap<GroupId, GroupLink>,
}

impl Links {
    /// How many people are there because of us.
    pub(crate) fn managed(&self) -> usize {
        self.users.values().filter(|link| link.remote.is_some()).count()
    }
}

/// The settings that decide.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    pub(crate) take_over: bool,
    pub(crate) leavers: Leavers,
    /// Only these people; everybody if none.
    pub(crate) only: Option<BTreeSet<UserId>>,
}

/// Everything that has to be done, in the order in which it is to be done.
pub(crate) fn plan(rules: &Rules, wanted: &Wanted, theirs: &Theirs, links: &Links) -> Vec<Step> {
    let mut planner = Planner::new(rules, wanted, theirs, links);
    planner.groups();
    for (id, person) in &wanted.users {
        if planner.is_meant(*id) {
            planner.person(*id, person);
        }
    }
    for (id, link) in &links.users {
        if planner.is_meant(*id) && !wanted.users.contains_key(id) {
            planner.leaver(*id, link);
        }
    }
    let mut steps = planner.steps;
    steps.sort_by_key(Step::rank);
    steps
}

struct Planner<'a> {
    rules: &'a Rules,
    wanted: &'a Wanted,
    theirs: &'a Theirs,
    links: &'a Links,
    by_id: HashMap<&'a RemoteId, &'a RemoteUser>,
    /// Whose each name is there, aliases included, folded.
    names: HashMap<String, &'a RemoteUser>,
    /// Who of ours each of theirs is.
    linked: HashMap<&'a RemoteId, UserId>,
    /// Who of ours each name is for, folded.
    owners: HashMap<String, UserId>,
    /// Groups that people can be in there, with their ids where they have one yet.
    usable: BTreeMap<GroupId, Option<RemoteId>>,
    steps: Vec<Step>,
}

impl<'a> Planner<'a> {
    fn new(rules: &'a Rules, wanted: &'a Wanted, theirs: &'a Theirs, links: &'a Links) -> Self {
        let by_id = theirs.users.iter().map(|user| (&user.user_id, user)).collect();
        let mut names = HashMap::new();
        for user in &theirs.users {
            for alias in user.aliases().values() {
                names.entry(fold(alias)).or_insert(user);
            }
        }
        for user in &theirs.users {
            names.insert(fold(&user.username), user);
        }
        let linked = links.users.iter().filter_map(|(id, link)| Some((link.remote.as_ref()?, *id))).collect();
        let mut owners = HashMap::new();
        // Whoever is there already comes before whoever is to come.
        let (known, new): (Vec<_>, Vec<_>) =
            wanted.users.iter().partition(|(id, _)| links.users.contains_key(id));
        for (id, person) in known.into_iter().chain(new) {
            if let Some(name) = &person.username {
                owners.entry(fold(name)).or_insert(*id);
            }
        }
        let steps = Vec::new();
        Self { rules, wanted, theirs, links, by_id, names, linked, owners, usable: BTreeMap::new(), steps }
    }

    /// The name of a group of ours, as it is or was.
    fn name_of(&self, group: GroupId) -> String {
        let wanted = self.wanted.groups.get(&group).map(|group| &group.name);
        wanted.or_else(|| self.links.groups.get(&group).map(|link| &link.name)).cloned().unwrap_or_default()
    }

    fn is_meant(&self, id: UserId) -> bool {
        self.rules.only.as_ref().is_none_or(|only| only.contains(&id))
    }

    fn add(&mut self, subject: Subject, label: &str, act: Act, corrects: bool) {
        self.steps.push(Step { subject, label: label.to_owned(), act, corrects });
    }

    fn groups(&mut self) {
        let Some(theirs) = &self.theirs.groups else {
            self.usable = self.links.groups.iter().map(|(id, link)| (*id, link.remote.clone())).collect();
            self.usable.retain(|id, remote| remote.is_some() && self.wanted.groups.contains_key(id));
            return;
        };
        let taken: BTreeSet<&RemoteId> =
            self.links.groups.values().filter_map(|link| link.remote.as_ref()).collect();
        for (id, group) in &self.wanted.groups {
            let link = self.links.groups.get(id);
            let known = link.and_then(|link| link.remote.as_ref());
            let present = known.and_then(|remote| theirs.iter().find(|theirs| theirs.group_id == *remote));
            if let Some(present) = present {
                self.usable.insert(*id, Some(present.group_id.clone()));
                let differs = present.name != group.name || present.desc != group.desc;
                if differs && link.is_none_or(|link| link.settled != group.settled(present)) {
                    let (remote, name, desc) =
                        (present.group_id.clone(), group.name.clone(), group.desc.clone());
                    let corrects = link.is_some_and(|link| link.name != present.name);
                    self.add(
                        Subject::Group(*id),
                        &group.name,
                        Act::UpdateGroup { remote, name, desc },
                        corrects,
                    );
                }
                continue;
            }
            let same = theirs.iter().find(|theirs| fold(&theirs.name) == fold(&group.name));
            let was_being_made =
                link.is_some_and(|link| link.remote.is_none() && fold(&link.name) == fold(&group.name));
            let act = match same.filter(|same| !taken.contains(&same.group_id)) {
                Some(same) if was_being_made => Act::Found { remote: same.group_id.clone() },
                Some(same) if self.rules.take_over => Act::TakeOverGroup { remote: same.group_id.clone() },
                None if same.is_none() => {
                    Act::CreateGroup { name: group.name.clone(), desc: group.desc.clone() }
                }
                Some(_) | None => {
                    let why = "Duo has a group of this name that is not ours; let the connector take over what is there, or \
                               rename one of them";
                    self.add(Subject::Group(*id), &group.name, Act::Conflict { why: why.into() }, false);
                    continue;
                }
            };
            let remote = same.filter(|_| !matches!(act, Act::CreateGroup { .. }));
            self.usable.insert(*id, remote.map(|remote| remote.group_id.clone()));
            self.add(Subject::Group(*id), &group.name, act, false);
        }
        self.groups_no_longer_wanted(theirs);
    }

    /// A group that is exported no longer stays there, for policies may hang on it; ours are taken out of it, and once
    /// none is in it any more it is forgotten.
    fn groups_no_longer_wanted(&mut self, theirs: &[RemoteGroup]) {
        for (id, link) in &self.links.groups {
            if self.wanted.groups.contains_key(id) {
                continue;
            }
            let there =
                link.remote.as_ref().filter(|remote| theirs.iter().any(|group| group.group_id == **remote));
            let has_ours = there.is_some_and(|remote| {
                let ours = self.theirs.users.iter().filter(|user| {
                    let owner = self.linked.get(&user.user_id);
                    owner.is_some_and(|owner| self.wanted.users.contains_key(owner))
                });
                ours.flat_map(|user| &user.groups).any(|group| group.group_id == *remote)
            });
            if !has_ours {
                self.steps.push(Step {
                    subject: Subject::Group(*id),
                    label: link.name.clone(),
                    act: Act::Forget,
                    corrects: false,
                });
            }
        }
    }

    /// Somebody who is there because of us and should be no longer.
    fn leaver(&mut self, id: UserId, link: &UserLink) {
        let subject = Subject::User(id);
        let Some(theirs) = self.present(link) else {
            self.add(subject, &link.label, Act::Forget, false);
            return;
        };
        if link.remote.is_none() {
            self.add(subject, &link.label, Act::Found { remote: theirs.user_id.clone() }, false);
        }
        let (remote, is_disabled) = (theirs.user_id.clone(), theirs.status == Status::Disabled);
        match (&theirs.status, self.rules.leavers) {
            (Status::PendingDeletion, _) | (Status::Disabled, Leavers::Disable) => {}
            (_, Leavers::Disable) => self.add(subject, &link.label, Act::Disable { remote }, false),
            (_, Leavers::Trash) => self.add(subject, &link.label, Act::Trash { remote, is_disabled }, false),
        }
    }

    /// Who somebody of ours is there: by id, or, where we did not hear what became of the creation, by the name that was
    /// meant and the time.
    fn present(&self, link: &UserLink) -> Option<&'a RemoteUser> {
        if let Some(remote) = &link.remote {
            return self.by_id.get(remote).copied();
        }
        let found = *self.names.get(&fold(&link.username))?;
        let is_ours = fold(&found.username) == fold(&link.username)
            && found.created >= link.since.unix_seconds() - CLOCKS_DIFFER
            && !self.linked.contains_key(&found.user_id);
        is_ours.then_some(found)
    }
}

/// What somebody is known by and is called there.
fn stored(user: &RemoteUser) -> String {
    let mut aliases: Vec<String> = user.aliases().values().map(|alias| fold(alias)).collect();
    aliases.sort();
    digest_of(&(&user.username, &user.realname, &user.email, aliases))
}

fn digest_of(value: &impl Serialize) -> String {
    digest::hex(&digest::sha256(&serde_json::to_vec(value).unwrap_or_default()))
}

impl UserLink {
    /// Notes that what is wanted was said, and what is there since.
    pub(crate) fn settle(&mut self, wanted: &Wanted, id: UserId, theirs: &RemoteUser) {
        if let Some(person) = wanted.users.get(&id) {
            self.wanted = person.digest(self, wanted);
            self.stored = stored(theirs);
        }
    }

    /// Notes that a name is a former one from now on.
    pub(crate) fn was_called(&mut self, name: &str) {
        let name = fold(name);
        self.former.retain(|former| *former != name);
        self.former.push(name);
        let many = self.former.len().saturating_sub(FORMER_KEPT);
        self.former.drain(..many);
    }
}
