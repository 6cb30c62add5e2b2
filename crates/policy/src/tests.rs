use sallyport_model::{PasswordLock, Posix, Role, Time, id::UserId, settings::DeviceLogin};

use super::*;

fn user() -> User {
    User {
        id: UserId::new(uuid::Uuid::from_u128(1)),
        name: "alice".parse().unwrap(),
        aliases: std::collections::BTreeMap::new(),
        display_name: "Alice".into(),
        mails: vec![],
        phones: vec![],
        posix: Posix { uid: 20_000, gid: 20_000, shell: "/bin/bash".into(), home: "/home/alice".into() },
        ssh_keys: vec![],
        manager: None,
        state: UserState::Active,
        trashed: None,
        dormant: false,
        password_status: PasswordStatus::Active,
        password_set: None,
        password_lock: None,
        roles: BTreeSet::new(),
        device_right: None,
        credential_epoch: 0,
        duo_id: "DU".into(),
        created: Time(0),
    }
}

fn request<'a>(
    user: &'a User,
    groups: &'a BTreeSet<GroupId>,
    second_door: &'a SecondDoorPolicy,
) -> Request<'a> {
    Request {
        user,
        groups,
        second_door,
        device_login: None,
        own_password: true,
        stranger: true,
        objection: None,
    }
}

#[test]
fn only_active_people_get_anywhere() {
    let (groups, never) = (BTreeSet::new(), SecondDoorPolicy::Never);
    for (state, reason) in
        [(UserState::Staged, Reason::UserStaged), (UserState::Suspended, Reason::UserSuspended)]
    {
        let user = User { state, ..user() };
        assert_eq!(decide(&request(&user, &groups, &never)), Decision::Deny(vec![reason]));
    }
    assert!(matches!(decide(&request(&user(), &groups, &never)), Decision::Allow(_)));
}

#[test]
fn the_second_door_is_for_everybody_for_groups_or_for_nobody() {
    let group = GroupId::new(uuid::Uuid::from_u128(9));
    let (inside, outside) = (BTreeSet::from([group]), BTreeSet::new());
    let groups = SecondDoorPolicy::Groups { groups: vec![group] };
    let alice = user();
    assert!(matches!(decide(&request(&alice, &outside, &SecondDoorPolicy::Always)), Decision::SecondDoor(_)));
    assert!(matches!(decide(&request(&alice, &inside, &groups)), Decision::SecondDoor(_)));
    assert!(matches!(decide(&request(&alice, &outside, &groups)), Decision::Allow(_)));
    let nobody = SecondDoorPolicy::Groups { groups: vec![] };
    assert!(matches!(decide(&request(&alice, &outside, &nobody)), Decision::SecondDoor(_)));
}

#[test]
fn a_device_can_ask_fewer_people_but_neither_administrators_nor_the_suspended_profit() {
    let asked = GroupId::new(uuid::Uuid::from_u128(9));
    let settings = DeviceLogin { groups: vec![asked], ..DeviceLogin::default() };
    let login = EffectiveLogin::merge([&settings], &BTreeSet::from([asked]));
    let (inside, outside) = (BTreeSet::from([asked]), BTreeSet::new());
    let at_device = |user: &User, groups: &BTreeSet<GroupId>, second_door: &SecondDoorPolicy| {
        decide(&Request { device_login: Some(&login), ..request(user, groups, second_door) })
    };
    let always = SecondDoorPolicy::Always;
    let alice = user();
    assert!(matches!(at_device(&alice, &inside, &always), Decision::SecondDoor(_)));
    assert_eq!(at_device(&alice, &outside, &always), Decision::Allow(vec![Reason::OutsideLoginGroups]));
    // It asks nobody whom the organisation lets pass.
    let never = at_device(&alice, &inside, &SecondDoorPolicy::Never);
    assert_eq!(never, Decision::Allow(vec![Reason::PolicyAllowsWithout]));
    let admin = User { roles: BTreeSet::from([Role::HelpDesk]), ..user() };
    assert!(matches!(at_device(&admin, &outside, &always), Decision::SecondDoor(_)));
    let suspended = User { state: UserState::Suspended, ..user() };
    assert_eq!(at_device(&suspended, &outside, &always), Decision::Deny(vec![Reason::UserSuspended]));
    let objected = Request {
        device_login: Some(&login),
        objection: Some(Reason::NotBound),
        ..request(&alice, &outside, &always)
    };
    assert_eq!(decide(&objected), Decision::Deny(vec![Reason::NotBound]));
}

#[test]
fn whoever_may_change_the_house_always_needs_both_doors() {
    let groups = BTreeSet::new();
    for role in Role::ALL {
        let admin = User { roles: BTreeSet::from([role]), ..user() };
        for policy in [SecondDoorPolicy::Never, SecondDoorPolicy::Groups { groups: vec![] }] {
            assert!(
                matches!(decide(&request(&admin, &groups, &policy)), Decision::SecondDoor(_)),
                "{role:?}"
            );
        }
    }
}

#[test]
fn an_objection_of_the_resource_and_a_locked_password_deny() {
    let (groups, never) = (BTreeSet::new(), SecondDoorPolicy::Never);
    let alice = user();
    let objected = Request { objection: Some(Reason::NotBound), ..request(&alice, &groups, &never) };
    assert_eq!(decide(&objected), Decision::Deny(vec![Reason::NotBound]));
    let locked = User { password_status: PasswordStatus::Locked, ..user() };
    assert_eq!(decide(&request(&locked, &groups, &never)), Decision::Deny(vec![Reason::PasswordLocked]));
}

#[test]
fn a_lock_against_guessers_lets_in_who_was_there_before_and_who_is_vouched_for() {
    let (groups, never) = (BTreeSet::new(), SecondDoorPolicy::Never);
    let locked = |lock| User { password_status: PasswordStatus::Locked, password_lock: Some(lock), ..user() };
    for (lock, own_password, stranger, passes) in [
        (PasswordLock::Strangers, true, true, false),
        (PasswordLock::Strangers, true, false, true),
        (PasswordLock::Strangers, false, true, true),
        (PasswordLock::Everybody, true, false, false),
        (PasswordLock::Everybody, false, false, false),
    ] {
        let user = locked(lock);
        let decision = decide(&Request { own_password, stranger, ..request(&user, &groups, &never) });
        assert_eq!(matches!(decision, Decision::Allow(_)), passes, "{lock:?} {own_password} {stranger}");
    }
}

#[test]
fn a_vouched_first_door_does_not_ask_for_our_password() {
    let (groups, always) = (BTreeSet::new(), SecondDoorPolicy::Always);
    let pending = User { password_status: PasswordStatus::Pending, ..user() };
    assert_eq!(decide(&request(&pending, &groups, &always)), Decision::Deny(vec![Reason::PasswordPending]));
    let vouched = Request { own_password: false, ..request(&pending, &groups, &always) };
    assert!(matches!(decide(&vouched), Decision::SecondDoor(_)));
}
