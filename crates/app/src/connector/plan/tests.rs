//! Plans, carried out on a model of an account that keeps names unique.

use std::collections::HashSet;

use proptest::prelude::*;
use sallyport_model::connector::ExportStepKind;
use uuid::Uuid;

use super::*;

const T0: i64 = 1_767_225_600;

fn user(n: u128) -> UserId {
    UserId::new(Uuid::from_u128(n))
}

fn group(n: u128) -> GroupId {
    GroupId::new(Uuid::from_u128(n))
}

fn remote(id: &str) -> RemoteId {
    RemoteId::new(id).unwrap()
}

fn person(name: &str) -> Person {
    Person {
        label: name.into(),
        username: Some(name.into()),
        realname: name.to_uppercase(),
        active: true,
        phones: Some(BTreeSet::new()),
        ..Person::default()
    }
}

fn wanted(people: &[(u128, Person)]) -> Wanted {
    let users = people.iter().map(|(n, person)| (user(*n), person.clone())).collect();
    Wanted { users, ..Wanted::default() }.with_names()
}

/// An account at Duo, and what we know of it.
#[derive(Debug, Clone, Default)]
struct Account {
    theirs: Theirs,
    links: Links,
    made: usize,
    /// Whether users keep their names, as some services have it.
    keeps_names: bool,
}

impl Account {
    fn new() -> Self {
        let theirs = Theirs { groups: Some(Vec::new()), ..Theirs::default() };
        Self { theirs, ..Self::default() }
    }

    fn with(mut self, name: &str, aliases: &[&str]) -> Self {
        let aliases = (1..).zip(aliases.iter().map(|alias| (*alias).to_owned())).collect();
        self.made += 1;
        let id = remote(&format!("DU{}", self.made));
        self.theirs.users.push(RemoteUser::new(id, name.to_owned(), Status::Active).with_aliases(aliases));
        self
    }

    fn find(&self, name: &str) -> &RemoteUser {
        self.theirs.users.iter().find(|user| user.username == name).unwrap()
    }

    fn at(&mut self, id: &RemoteId) -> &mut RemoteUser {
        self.theirs.users.iter_mut().find(|user| user.user_id == *id).unwrap()
    }

    fn is_free(&self, name: &str, of: Option<&RemoteId>) -> bool {
        let mut others = self.theirs.users.iter().filter(|user| Some(&user.user_id) != of);
        others.all(|user| {
            fold(&user.username) != fold(name)
                && user.aliases().values().all(|alias| fold(alias) != fold(name))
        })
    }

    fn place(&mut self, id: &RemoteId, aliases: &Aliases) -> bool {
        let Some(places) = &aliases.places else { return true };
        let after: BTreeMap<u8, String> = places
            .iter()
            .filter(|(_, alias)| !alias.is_empty())
            .map(|(n, alias)| (*n, alias.clone()))
            .collect();
        if !after.values().all(|alias| self.is_free(alias, Some(id))) {
            return false;
        }
        let there = self.at(id);
        *there = there.clone().with_aliases(after);
        true
    }

    /// Does a step as the service would; whether it was accepted.
    fn accept(&mut self, step: &Step) -> bool {
        let Subject::User(id) = step.subject else { return self.accept_group(step) };
        match step.act.clone() {
            Act::Create { username, realname, aliases, .. } => {
                if !self.is_free(&username, None) || !aliases.iter().all(|alias| self.is_free(alias, None)) {
                    return false;
                }
                let names: Vec<&str> = aliases.iter().map(String::as_str).collect();
                *self = self.clone().with(&username, &names);
                let made = self.theirs.users.last_mut().unwrap();
                made.realname = realname;
                let remote = made.user_id.clone();
                let former = self.links.users.get(&id).map(|link| link.former.clone()).unwrap_or_default();
                let aliases = aliases.iter().map(|alias| fold(alias)).collect();
                let link = UserLink { remote: Some(remote), former, aliases, ..UserLink::default() };
                self.links.users.insert(id, link);
            }
            Act::TakeOver { remote } | Act::Found { remote } => {
                self.links.users.entry(id).or_default().remote = Some(remote);
            }
            Act::Rename { remote, from, to, renamed, kept } => {
                if self.keeps_names {
                    if !self.place(&remote, &kept) {
                        return false;
                    }
                    self.links.users.get_mut(&id).unwrap().aliases = kept.ours;
                } else {
                    if !self.is_free(&to, Some(&remote)) || !self.place(&remote, &renamed) {
                        return false;
                    }
                    self.at(&remote).username = to;
                    let link = self.links.users.get_mut(&id).unwrap();
                    if renamed.ours.contains(&fold(&from)) {
                        link.was_called(&from);
                    }
                    link.aliases = renamed.ours;
                }
            }
            Act::Update { remote, realname, email, aliases } => {
                if !self.place(&remote, &aliases) {
                    return false;
                }
                let there = self.at(&remote);
                there.realname = realname.unwrap_or(there.realname.clone());
                there.email = email.unwrap_or(there.email.clone());
                if aliases.places.is_some() {
                    self.links.users.get_mut(&id).unwrap().aliases = aliases.ours;
                }
            }
            Act::Disable { remote } => self.at(&remote).status = Status::Disabled,
            Act::Trash { remote, .. } => self.at(&remote).status = Status::PendingDeletion,
            Act::Restore { remote } => self.at(&remote).status = Status::Disabled,
            Act::Enable { remote } => self.at(&remote).status = Status::Active,
            Act::Join { group, name } => {
                let group_id = self.links.groups[&group].remote.clone().unwrap();
                let remote = self.links.users[&id].remote.clone().unwrap();
                let json = serde_json::json!({ "group_id": group_id, "name": name });
                self.at(&remote).groups.push(serde_json::from_value(json).unwrap());
            }
            Act::Leave { group, .. } => {
                let group_id = self.links.groups[&group].remote.clone().unwrap();
                let remote = self.links.users[&id].remote.clone().unwrap();
                self.at(&remote).groups.retain(|group| group.group_id != group_id);
            }
            Act::AddPhone { number } => {
                let remote = self.links.users[&id].remote.clone().unwrap();
                self.made += 1;
                let json = serde_json::json!({ "phone_id": format!("DP{}", self.made), "number": number });
                let phone: sallyport_wire::duo::admin::client::RemotePhone =
                    serde_json::from_value(json).unwrap();
                self.links.users.get_mut(&id).unwrap().phones.insert(number, phone.phone_id.clone());
                self.at(&remote).phones.push(phone);
            }
            Act::RemovePhone { number, phone } => {
                let remote = self.links.users[&id].remote.clone().unwrap();
                self.links.users.get_mut(&id).unwrap().phones.remove(&number);
                self.at(&remote).phones.retain(|known| known.phone_id != phone);
            }
            Act::Forget => {
                self.links.users.remove(&id);
            }
            Act::Conflict { .. } => {}
            Act::CreateGroup { .. } | Act::TakeOverGroup { .. } | Act::UpdateGroup { .. } => {
                panic!("not about a person")
            }
        }
        true
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are about people")]
    fn accept_group(&mut self, step: &Step) -> bool {
        let Subject::Group(id) = step.subject else { panic!("not about a group") };
        let groups = self.theirs.groups.as_mut().unwrap();
        match step.act.clone() {
            Act::CreateGroup { name, desc } => {
                self.made += 1;
                let group_id = format!("DG{}", self.made);
                let json = serde_json::json!({ "group_id": group_id, "name": name, "desc": desc });
                groups.push(serde_json::from_value(json).unwrap());
                let remote = Some(remote(&group_id));
                self.links.groups.insert(id, GroupLink { remote, name, ..GroupLink::default() });
            }
            Act::UpdateGroup { remote, name, desc } => {
                let there = groups.iter_mut().find(|group| group.group_id == remote).unwrap();
                (there.name, there.desc) = (name, desc);
            }
            Act::TakeOverGroup { remote } | Act::Found { remote } => {
                let name = step.label.clone();
                self.links
                    .groups
                    .insert(id, GroupLink { remote: Some(remote), name, ..GroupLink::default() });
            }
            other => {
                assert!(matches!(other, Act::Forget | Act::Conflict { .. }));
                self.links.groups.remove(&id);
            }
        }
        true
    }

    /// Carries a plan out as far as the service accepts it; how many steps it did, and what it refused.
    fn carry_out(&mut self, rules: &Rules, wanted: &Wanted) -> (usize, Vec<Step>) {
        let steps = plan(rules, wanted, &self.theirs, &self.links);
        let (mut done, mut refused) = (0, Vec::new());
        let mut failed = HashSet::new();
        for step in steps.iter().filter(|step| step.kind() != Some(ExportStepKind::Conflict)) {
            if !failed.contains(&step.subject) && self.accept(step) {
                done += 1;
            } else {
                failed.insert(step.subject);
                refused.push(step.clone());
            }
        }
        let known: Vec<UserId> = self.links.users.keys().copied().collect();
        for id in known.into_iter().filter(|id| !failed.contains(&Subject::User(*id))) {
            let remote = self.links.users[&id].remote.clone();
            let there = self.theirs.users.iter().find(|user| Some(&user.user_id) == remote.as_ref()).cloned();
            if let Some(there) = there {
                let about = |step: &&Step| step.subject == Subject::User(id);
                if steps.iter().filter(about).all(|step| step.kind() != Some(ExportStepKind::Conflict)) {
                    self.links.users.get_mut(&id).unwrap().settle(wanted, id, &there);
                }
            }
        }
        (done, refused)
    }

    /// Until nothing is left to do.
    fn settle(&mut self, rules: &Rules, wanted: &Wanted) {
        for _ in 0..8 {
            if self.carry_out(rules, wanted).0 == 0 {
                return;
            }
        }
        panic!("it never comes to rest: {:#?}", plan(rules, wanted, &self.theirs, &self.links));
    }
}

fn kinds(steps: &[Step]) -> Vec<ExportStepKind> {
    steps.iter().filter_map(Step::kind).collect()
}

#[test]
fn somebody_is_made_renamed_with_the_old_name_kept_disabled_and_let_in_again() {
    let (rules, mut account) = (Rules::default(), Account::new());
    account.settle(&rules, &wanted(&[(1, person("ada"))]));
    let made = account.find("ada").user_id.clone();

    account.settle(&rules, &wanted(&[(1, person("lovelace"))]));
    let there = account.find("lovelace");
    assert_eq!((&there.user_id, there.aliases()), (&made, BTreeMap::from([(1, "ada".into())])));

    let suspended = wanted(&[(1, Person { active: false, ..person("lovelace") })]);
    assert_eq!(kinds(&plan(&rules, &suspended, &account.theirs, &account.links)), [ExportStepKind::Disable]);
    account.settle(&rules, &suspended);
    account.settle(&rules, &wanted(&[(1, person("lovelace"))]));
    assert_eq!(account.find("lovelace").status, Status::Active);
    assert_eq!(account.theirs.users.len(), 1);
}

#[test]
fn where_names_stay_the_new_one_becomes_an_alias_and_is_not_asked_for_again() {
    let (rules, mut account) = (Rules::default(), Account { keeps_names: true, ..Account::new() });
    account.settle(&rules, &wanted(&[(1, person("ada"))]));
    let renamed = wanted(&[(1, person("lovelace"))]);
    account.settle(&rules, &renamed);
    assert_eq!(account.find("ada").aliases(), BTreeMap::from([(1, "lovelace".into())]));
    assert_eq!(plan(&rules, &renamed, &account.theirs, &account.links), []);
}

#[test]
fn a_name_of_before_gives_way_to_whoever_is_called_by_it_now() {
    let (rules, mut account) = (Rules::default(), Account::new());
    account.settle(&rules, &wanted(&[(1, person("ada"))]));
    account.settle(&rules, &wanted(&[(1, person("lovelace"))]));
    let both = wanted(&[(1, person("lovelace")), (2, person("ada"))]);
    account.settle(&rules, &both);
    assert_eq!(account.find("lovelace").aliases(), BTreeMap::new());
    assert_eq!(account.links.users[&user(2)].remote.as_ref(), Some(&account.find("ada").user_id));
}

#[test]
fn whoever_leaves_is_disabled_or_put_into_the_trash_and_comes_back_out_of_it() {
    for (leavers, status) in [(Leavers::Disable, Status::Disabled), (Leavers::Trash, Status::PendingDeletion)]
    {
        let (rules, mut account) = (Rules { leavers, ..Rules::default() }, Account::new());
        account.settle(&rules, &wanted(&[(1, person("ada"))]));
        account.settle(&rules, &wanted(&[]));
        assert_eq!(account.find("ada").status, status);
        assert!(plan(&rules, &wanted(&[]), &account.theirs, &account.links).is_empty());
        account.settle(&rules, &wanted(&[(1, person("ada"))]));
        assert_eq!(account.find("ada").status, Status::Active);
        // Once Duo purged somebody, that is known here too.
        account.settle(&rules, &wanted(&[]));
        account.theirs.users.clear();
        account.settle(&rules, &wanted(&[]));
        assert!(account.links.users.is_empty());
    }
}

#[test]
fn somebody_elses_user_is_a_conflict_unless_the_connector_may_take_over() {
    let mut account = Account::new().with("ada", &[]).with("bob.x", &["bob"]);
    let people = wanted(&[(1, person("ada")), (2, person("bob"))]);
    let steps = plan(&Rules::default(), &people, &account.theirs, &account.links);
    assert_eq!(kinds(&steps), [ExportStepKind::Conflict; 2]);
    let rules = Rules { take_over: true, ..Rules::default() };
    account.settle(&rules, &people);
    assert_eq!(account.theirs.users.len(), 2);
    let bob = account.find("bob");
    assert_eq!(bob.aliases().into_values().collect::<Vec<_>>(), ["bob.x"]);
}

#[test]
fn a_creation_nobody_heard_of_is_found_again() {
    let rules = Rules::default();
    let mut account = Account::new().with("ada", &[]);
    let link = UserLink { username: "ada".into(), since: Time::from_unix_seconds(T0), ..UserLink::default() };
    account.links.users.insert(user(1), link);
    // It is older than our note: somebody else's.
    let people = wanted(&[(1, person("ada"))]);
    assert_eq!(kinds(&plan(&rules, &people, &account.theirs, &account.links)), [ExportStepKind::Conflict]);
    account.theirs.users[0].created = T0 + 1;
    account.settle(&rules, &people);
    assert_eq!(account.theirs.users.len(), 1);
    assert!(account.links.users[&user(1)].remote.is_some());
}

#[test]
fn what_somebody_changed_there_is_put_right_and_said_and_what_is_not_ours_stays() {
    let (rules, mut account) = (Rules::default(), Account::new());
    let people = wanted(&[(1, person("ada"))]);
    account.settle(&rules, &people);
    let there = &mut account.theirs.users[0];
    (there.realname, there.username) = ("Eve".into(), "eve".into());
    *there = there.clone().with_aliases(BTreeMap::from([(4, "theirs".into())]));
    let steps = plan(&rules, &people, &account.theirs, &account.links);
    assert_eq!(kinds(&steps), [ExportStepKind::Rename, ExportStepKind::Update]);
    assert!(steps.iter().all(|step| step.corrects));
    account.settle(&rules, &people);
    let there = account.find("ada");
    assert_eq!((there.realname.as_str(), there.aliases()), ("ADA", BTreeMap::from([(4, "theirs".into())])));
    // Passing without a second door and being locked out are Duo's own business.
    for status in [Status::Bypass, Status::LockedOut] {
        account.theirs.users[0].status = status;
        assert!(plan(&rules, &people, &account.theirs, &account.links).is_empty());
    }
}

#[test]
fn a_phone_with_the_app_on_it_stays() {
    let (rules, mut account) = (Rules::default(), Account::new());
    let with = |numbers: &[&str]| {
        let phones = Some(numbers.iter().map(|number| (*number).to_owned()).collect());
        wanted(&[(1, Person { phones, ..person("ada") })])
    };
    account.settle(&rules, &with(&["+491", "+492"]));
    account.theirs.users[0].phones[0].activated = true;
    account.settle(&rules, &with(&[]));
    assert_eq!(account.theirs.users[0].phones.len(), 1);
}

#[test]
fn the_brake_counts_what_nobody_has_seen_and_nothing_else() {
    let account = Account::new();
    let people: Vec<(u128, Person)> = (1..=12).map(|n| (n, person(&format!("p{n}")))).collect();
    let steps = plan(&Rules::default(), &wanted(&people), &account.theirs, &account.links);
    let none = HashSet::new();
    assert_eq!(Done::of(&steps, &none), Done { made: 12, ended: 0 });
    assert!(Done::of(&steps, &none).held(Done::default(), 11).is_some());
    assert!(Done::of(&steps, &none).held(Done::default(), 12).is_none());
    assert!(Done::of(&steps, &none).held(Done { made: 1, ended: 0 }, 12).is_some());
    assert!(Done::of(&steps, &none).held(Done { made: 0, ended: 9 }, 12).is_none());
    let seen: HashSet<StepKey> = steps.iter().take(11).map(Step::key).collect();
    assert_eq!(Done::of(&steps, &seen), Done { made: 1, ended: 0 });
    let nothing = Done::default();
    assert!(nothing.held(Done { made: 99, ended: 99 }, 0).is_none());
}

const NAMES: [&str; 6] = ["ada", "bob", "cy", "dee", "eve", "fay"];

fn a_person() -> impl Strategy<Value = Person> {
    let name = proptest::sample::select(NAMES.to_vec());
    let aliases = proptest::collection::vec(proptest::sample::select(NAMES.to_vec()), 0..2);
    let groups = proptest::collection::btree_set(1_u128..3, 0..2);
    let phones = proptest::collection::btree_set(proptest::sample::select(vec!["+491", "+492"]), 0..2);
    (name, aliases, any::<bool>(), groups, phones).prop_map(|(name, aliases, active, groups, phones)| {
        Person {
            aliases: aliases.into_iter().map(str::to_owned).collect(),
            active,
            groups: groups.into_iter().map(group).collect(),
            phones: Some(phones.into_iter().map(str::to_owned).collect()),
            ..person(name)
        }
    })
}

fn some_people() -> impl Strategy<Value = Wanted> {
    proptest::collection::btree_map((1_u128..5).prop_map(user), a_person(), 0..5).prop_map(|users| {
        let named = |n: u128| (group(n), WantedGroup { name: format!("group {n}"), desc: String::new() });
        let groups = BTreeMap::from([named(1), named(2)]);
        Wanted { users, groups, ..Wanted::default() }.with_names()
    })
}

proptest! {
    #[test]
    fn every_plan_comes_to_rest_and_touches_nobody_who_is_not_ours(
        rounds in proptest::collection::vec(some_people(), 1..4),
        strangers in proptest::sample::subsequence(NAMES.to_vec(), 0..3),
        take_over in any::<bool>(),
        trash in any::<bool>(),
        keeps_names in any::<bool>(),
    ) {
        let leavers = if trash { Leavers::Trash } else { Leavers::Disable };
        let rules = Rules { take_over, leavers, only: None };
        let mut account = strangers.iter().fold(Account::new(), |account, name| account.with(name, &[]));
        account.keeps_names = keeps_names;
        let before = account.theirs.users.clone();
        for people in &rounds {
            account.settle(&rules, people);
            // At rest, whoever is there and ours may pass as they should.
            for (id, person) in &people.users {
                let remote = account.links.users.get(id).and_then(|link| link.remote.clone());
                let there = account.theirs.users.iter().find(|user| Some(&user.user_id) == remote.as_ref());
                if let Some(there) = there {
                    prop_assert_eq!(there.status == Status::Active, person.active);
                }
            }
        }
        let ours: HashSet<&RemoteId> = account.links.users.values().filter_map(|link| link.remote.as_ref()).collect();
        for stranger in &before {
            let now = account.theirs.users.iter().find(|user| user.user_id == stranger.user_id);
            if !take_over {
                prop_assert!(!ours.contains(&stranger.user_id));
            }
            if !ours.contains(&stranger.user_id) && !take_over {
                prop_assert_eq!(now, Some(stranger));
            }
        }
    }

    #[test]
    fn no_step_of_a_plan_names_somebody_who_is_not_ours(
        people in some_people(),
        strangers in proptest::sample::subsequence(NAMES.to_vec(), 0..6),
    ) {
        let account = strangers.iter().fold(Account::new(), |account, name| account.with(name, &[]));
        let steps = plan(&Rules::default(), &people, &account.theirs, &account.links);
        for step in steps {
            let is_new = matches!(
                step.act,
                Act::Create { .. } | Act::CreateGroup { .. } | Act::Join { .. } | Act::AddPhone { .. } | Act::Conflict { .. }
            );
            prop_assert!(is_new, "{:?}", step);
        }
    }
}
