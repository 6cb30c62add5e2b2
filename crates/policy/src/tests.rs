use sallyport_model::{
    About, Method, PasswordLock, Posix, Role, Time,
    id::{PolicyId, UserId},
    policy::{
        AnonymousNetworks, AuthorizedNetworks, MethodRow, PlaceAction, RememberedDevices, Section, Sections,
        UserLocation,
    },
    settings::DeviceLogin,
};

use super::*;

pub(crate) fn user() -> User {
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
        about: About::default(),
        credential_epoch: 0,
        duo_id: "DU".into(),
        created: Time(0),
    }
}

fn says(second_door: SecondDoorPolicy) -> EffectivePolicy {
    let sections = Sections { second_door: Some(second_door), ..Sections::default() };
    EffectivePolicy::merge(&[(Origin::Organization, &sections)], &[], &BTreeSet::new())
}

pub(crate) fn request<'a>(
    user: &'a User,
    groups: &'a BTreeSet<GroupId>,
    policy: &'a EffectivePolicy,
) -> Request<'a> {
    Request {
        user,
        groups,
        policy,
        rules: Said::NOTHING,
        device_login: None,
        place: Place::default(),
        enrolled: Enrolled::Factor,
        remembered: false,
        own_password: true,
        stranger: true,
        objection: None,
    }
}

#[test]
fn only_active_people_get_anywhere() {
    let (groups, never) = (BTreeSet::new(), says(SecondDoorPolicy::Never));
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
    let groups = says(SecondDoorPolicy::Groups { groups: vec![group] });
    let alice = user();
    assert!(matches!(
        decide(&request(&alice, &outside, &says(SecondDoorPolicy::Always))),
        Decision::SecondDoor(_)
    ));
    assert!(matches!(decide(&request(&alice, &inside, &groups)), Decision::SecondDoor(_)));
    assert!(matches!(decide(&request(&alice, &outside, &groups)), Decision::Allow(_)));
    let nobody = says(SecondDoorPolicy::Groups { groups: vec![] });
    assert!(matches!(decide(&request(&alice, &outside, &nobody)), Decision::SecondDoor(_)));
}

#[test]
fn a_device_can_ask_fewer_people_but_neither_administrators_nor_the_suspended_profit() {
    let asked = GroupId::new(uuid::Uuid::from_u128(9));
    let settings = DeviceLogin { groups: vec![asked], ..DeviceLogin::default() };
    let login = EffectiveLogin::merge([&settings], &BTreeSet::from([asked]));
    let (inside, outside) = (BTreeSet::from([asked]), BTreeSet::new());
    let at_device = |user: &User, groups: &BTreeSet<GroupId>, policy: &EffectivePolicy| {
        decide(&Request { device_login: Some(&login), ..request(user, groups, policy) })
    };
    let always = says(SecondDoorPolicy::Always);
    let alice = user();
    assert!(matches!(at_device(&alice, &inside, &always), Decision::SecondDoor(_)));
    assert_eq!(at_device(&alice, &outside, &always), Decision::Allow(vec![Reason::OutsideLoginGroups]));
    // It asks nobody whom the organisation lets pass.
    let never = at_device(&alice, &inside, &says(SecondDoorPolicy::Never));
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
                matches!(decide(&request(&admin, &groups, &says(policy.clone()))), Decision::SecondDoor(_)),
                "{role:?}"
            );
        }
    }
}

#[test]
fn an_objection_of_the_resource_and_a_locked_password_deny() {
    let (groups, never) = (BTreeSet::new(), says(SecondDoorPolicy::Never));
    let alice = user();
    let objected = Request { objection: Some(Reason::NotBound), ..request(&alice, &groups, &never) };
    assert_eq!(decide(&objected), Decision::Deny(vec![Reason::NotBound]));
    let locked = User { password_status: PasswordStatus::Locked, ..user() };
    assert_eq!(decide(&request(&locked, &groups, &never)), Decision::Deny(vec![Reason::PasswordLocked]));
}

#[test]
fn a_lock_against_guessers_lets_in_who_was_there_before_and_who_is_vouched_for() {
    let (groups, never) = (BTreeSet::new(), says(SecondDoorPolicy::Never));
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
    let (groups, always) = (BTreeSet::new(), says(SecondDoorPolicy::Always));
    let pending = User { password_status: PasswordStatus::Pending, ..user() };
    assert_eq!(decide(&request(&pending, &groups, &always)), Decision::Deny(vec![Reason::PasswordPending]));
    let vouched = Request { own_password: false, ..request(&pending, &groups, &always) };
    assert!(matches!(decide(&vouched), Decision::SecondDoor(_)));
}

/// What is decided for somebody where these sections hold, from this place.
fn decided(sections: &Sections, place: Place, change: impl Fn(&mut Request<'_>)) -> Decision {
    let (user, groups) = (user(), BTreeSet::new());
    let policy = EffectivePolicy::merge(&[(Origin::Organization, sections)], &[], &groups);
    let mut request = Request { place, ..request(&user, &groups, &policy) };
    change(&mut request);
    decide(&request)
}

fn at(address: &str) -> Place {
    Place { address: Some(address.parse().unwrap()), ..Place::default() }
}

fn in_country(country: &str) -> Place {
    Place { country: Some(country.parse().unwrap()), ..Place::default() }
}

#[test]
fn the_nearest_policy_decides_section_by_section() {
    let policy = |n: u128| PolicyId::new(uuid::Uuid::from_u128(n));
    let staff = GroupId::new(uuid::Uuid::from_u128(9));
    let of = |second_door: Option<SecondDoorPolicy>, new_user: Option<NewUser>| Sections {
        second_door,
        new_user,
        ..Sections::default()
    };
    let group = of(Some(SecondDoorPolicy::Never), None);
    let resource = of(Some(SecondDoorPolicy::Refuse), Some(NewUser::Deny));
    let organization = of(Some(SecondDoorPolicy::Always), Some(NewUser::NoSecondDoor));
    let layers = [
        (Origin::Group { policy: policy(1), group: staff }, &group),
        (Origin::Resource { policy: policy(2) }, &resource),
        (Origin::Organization, &organization),
    ];
    let merged = EffectivePolicy::merge(&layers, &[], &BTreeSet::from([staff]));
    assert_eq!(merged.second_door.value, SecondDoorPolicy::Never);
    assert_eq!(*merged.origin(Section::SecondDoor), layers[0].0);
    assert_eq!((merged.new_user.value, merged.origin(Section::NewUser)), (NewUser::Deny, &layers[1].0));
    assert_eq!(*merged.origin(Section::Lockout), Origin::BuiltIn);
}

#[test]
fn a_method_counts_where_it_is_on_for_the_person_and_the_policy_allows_it() {
    let staff = GroupId::new(uuid::Uuid::from_u128(9));
    let row = |method, on, groups: &[GroupId]| MethodRow { method, on, groups: groups.to_vec() };
    let rows = [
        row(Method::Passkey, true, &[]),
        row(Method::Text, true, &[staff]),
        row(Method::Call, false, &[]),
        row(Method::Totp, true, &[]),
    ];
    let allowed = BTreeSet::from([Method::Passkey, Method::Text, Method::Call]);
    let sections = Sections { methods: Some(allowed), ..Sections::default() };
    let layers = [(Origin::Organization, &sections)];
    let usable = |groups: &BTreeSet<GroupId>| -> Vec<Method> {
        EffectivePolicy::merge(&layers, &rows, groups).usable().collect()
    };
    assert_eq!(usable(&BTreeSet::from([staff])), [Method::Passkey, Method::Text]);
    assert_eq!(usable(&BTreeSet::new()), [Method::Passkey]);
    let merged = EffectivePolicy::merge(&layers, &rows, &BTreeSet::new());
    let standings: Vec<Standing> = merged.methods.iter().take(4).map(|(_, standing)| *standing).collect();
    assert_eq!(standings, [Standing::Usable, Standing::ForOthers, Standing::Off, Standing::NotAllowed]);
}

#[test]
fn a_network_spares_asks_or_shuts_out_and_the_strictest_wins() {
    let networks = AuthorizedNetworks {
        no_second_door: vec!["192.0.2.0/24".parse().unwrap()],
        second_door: vec!["192.0.2.128/25".parse().unwrap()],
        blocked: vec!["198.51.100.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
        ..AuthorizedNetworks::default()
    };
    let sections = Sections { authorized_networks: Some(networks.clone()), ..Sections::default() };
    let from = |address| decided(&sections, at(address), |_| {});
    assert_eq!(from("192.0.2.5"), Decision::Allow(vec![Reason::NetworkAllows]));
    assert_eq!(from("::ffff:192.0.2.5"), Decision::Allow(vec![Reason::NetworkAllows]));
    assert_eq!(from("192.0.2.200"), Decision::SecondDoor(vec![Reason::NetworkRequires]));
    assert_eq!(from("198.51.100.9"), Decision::Deny(vec![Reason::NetworkBlocked]));
    assert_eq!(from("2001:db8::9"), Decision::Deny(vec![Reason::NetworkBlocked]));
    assert_eq!(from("203.0.113.1"), Decision::SecondDoor(vec![Reason::PolicyRequiresSecondDoor]));
    // Of an address that is not known, neither list can be ruled out.
    let unknown = decided(&sections, Place::default(), |_| {});
    assert_eq!(unknown, Decision::SecondDoor(vec![Reason::NetworkRequires]));
    let unenrolled = decided(&sections, at("192.0.2.5"), |request| request.enrolled = Enrolled::Nothing);
    assert!(matches!(unenrolled, Decision::SecondDoor(_)));
    let closed = AuthorizedNetworks { deny_others: true, ..networks };
    let closed = Sections { authorized_networks: Some(closed), ..Sections::default() };
    for place in [at("203.0.113.1"), Place::default()] {
        assert_eq!(decided(&closed, place, |_| {}), Decision::Deny(vec![Reason::NetworkNotAuthorized]));
    }
    assert!(matches!(decided(&closed, at("192.0.2.5"), |_| {}), Decision::Allow(_)));
}

#[test]
fn a_country_decides_and_an_unknown_one_spares_nobody() {
    let actions =
        [("CH", PlaceAction::NoSecondDoor), ("KP", PlaceAction::Deny), ("FR", PlaceAction::SecondDoor)];
    let countries = actions.into_iter().map(|(country, action)| (country.parse().unwrap(), action)).collect();
    let location = UserLocation { others: PlaceAction::NoSecondDoor, countries };
    let sections = Sections { user_location: Some(location), ..Sections::default() };
    let from = |place| decided(&sections, place, |_| {});
    assert_eq!(from(in_country("ch")), Decision::Allow(vec![Reason::CountryAllows]));
    assert_eq!(from(in_country("KP")), Decision::Deny(vec![Reason::CountryDenied]));
    assert_eq!(from(in_country("FR")), Decision::SecondDoor(vec![Reason::CountryRequires]));
    assert_eq!(from(in_country("DE")), Decision::Allow(vec![Reason::CountryAllows]));
    assert_eq!(from(Place::default()), Decision::SecondDoor(vec![Reason::PolicyRequiresSecondDoor]));
    let closed = UserLocation { others: PlaceAction::Deny, ..UserLocation::default() };
    let closed = Sections { user_location: Some(closed), ..Sections::default() };
    assert_eq!(decided(&closed, Place::default(), |_| {}), Decision::Deny(vec![Reason::CountryDenied]));
}

#[test]
fn what_asks_for_the_second_door_is_not_undone_by_what_spares_of_it() {
    let sections = Sections {
        second_door: Some(SecondDoorPolicy::Never),
        anonymous_networks: Some(AnonymousNetworks::SecondDoor),
        new_user: Some(NewUser::NoSecondDoor),
        remembered_devices: Some(RememberedDevices { hours: 8, ..RememberedDevices::default() }),
        ..Sections::default()
    };
    let hidden = Place { anonymous: true, ..Place::default() };
    let asked = Decision::SecondDoor(vec![Reason::AnonymousNetworkRequires]);
    assert_eq!(decided(&sections, hidden, |request| request.remembered = true), asked);
    assert_eq!(decided(&sections, hidden, |request| request.enrolled = Enrolled::Nothing), asked);
    assert!(matches!(decided(&sections, Place::default(), |_| {}), Decision::Allow(_)));
    let denied = Sections { anonymous_networks: Some(AnonymousNetworks::Deny), ..sections };
    assert_eq!(decided(&denied, hidden, |_| {}), Decision::Deny(vec![Reason::AnonymousNetwork]));
}

#[test]
fn a_device_is_remembered_only_where_policy_says_so() {
    let with = |hours| Sections {
        remembered_devices: Some(RememberedDevices { hours, ..RememberedDevices::default() }),
        ..Sections::default()
    };
    let remembered =
        |sections: &Sections| decided(sections, Place::default(), |request| request.remembered = true);
    assert_eq!(remembered(&with(1)), Decision::Allow(vec![Reason::DeviceRemembered]));
    assert!(matches!(remembered(&with(0)), Decision::SecondDoor(_)));
}

#[test]
fn policy_says_what_becomes_of_whoever_has_no_factor() {
    let with = |new_user| Sections { new_user: Some(new_user), ..Sections::default() };
    let new =
        |of: NewUser| decided(&with(of), Place::default(), |request| request.enrolled = Enrolled::Nothing);
    assert!(matches!(new(NewUser::Enroll), Decision::SecondDoor(_)));
    assert_eq!(new(NewUser::NoSecondDoor), Decision::Allow(vec![Reason::NewUserAllowed]));
    assert_eq!(new(NewUser::Deny), Decision::Deny(vec![Reason::NewUserDenied]));
    assert!(matches!(decided(&with(NewUser::Deny), Place::default(), |_| {}), Decision::SecondDoor(_)));
}

#[test]
fn administrators_are_spared_by_nothing_and_shut_out_like_everybody() {
    let networks = AuthorizedNetworks {
        no_second_door: vec!["192.0.2.0/24".parse().unwrap()],
        blocked: vec!["198.51.100.0/24".parse().unwrap()],
        ..AuthorizedNetworks::default()
    };
    let sections = Sections {
        authorized_networks: Some(networks),
        new_user: Some(NewUser::NoSecondDoor),
        remembered_devices: Some(RememberedDevices { hours: 8, ..RememberedDevices::default() }),
        ..Sections::default()
    };
    let admin = User { roles: BTreeSet::from([Role::HelpDesk]), ..user() };
    let groups = BTreeSet::new();
    let policy = EffectivePolicy::merge(&[(Origin::Organization, &sections)], &[], &groups);
    for (address, enrolled) in [("192.0.2.5", Enrolled::Factor), ("203.0.113.5", Enrolled::Nothing)] {
        let request =
            Request { place: at(address), enrolled, remembered: true, ..request(&admin, &groups, &policy) };
        assert!(matches!(decide(&request), Decision::SecondDoor(_)), "{address}");
    }
    let blocked = Request { place: at("198.51.100.5"), ..request(&admin, &groups, &policy) };
    assert_eq!(decide(&blocked), Decision::Deny(vec![Reason::NetworkBlocked]));
    let refused = Sections { second_door: Some(SecondDoorPolicy::Refuse), ..Sections::default() };
    assert_eq!(decided(&refused, Place::default(), |_| {}), Decision::Deny(vec![Reason::PolicyDenies]));
}

#[test]
fn whoever_has_enrolled_nothing_is_denied_whatever_else_spares_them() {
    let staff = GroupId::new(uuid::Uuid::from_u128(9));
    let networks = AuthorizedNetworks {
        no_second_door: vec!["192.0.2.0/24".parse().unwrap()],
        require_enrollment: false,
        ..AuthorizedNetworks::default()
    };
    let countries = [("CH".parse().unwrap(), PlaceAction::NoSecondDoor)].into_iter().collect();
    let asks_in_a_country = [("CH".parse().unwrap(), PlaceAction::SecondDoor)].into_iter().collect();
    let location = |countries| Some(UserLocation { countries, ..UserLocation::default() });
    let nothing = Sections { new_user: Some(NewUser::Deny), ..Sections::default() };
    let second_door = |second_door| Sections { second_door: Some(second_door), ..nothing.clone() };
    for sections in [
        nothing.clone(),
        second_door(SecondDoorPolicy::Never),
        second_door(SecondDoorPolicy::Groups { groups: vec![staff] }),
        Sections { user_location: location(countries), ..nothing.clone() },
        Sections { user_location: location(asks_in_a_country), ..nothing.clone() },
        Sections { authorized_networks: Some(networks), ..nothing.clone() },
        Sections {
            remembered_devices: Some(RememberedDevices { hours: 8, ..RememberedDevices::default() }),
            ..nothing.clone()
        },
    ] {
        let place = Place { country: Some("CH".parse().unwrap()), ..at("192.0.2.5") };
        let of = |enrolled| {
            decided(&sections, place, |request| (request.enrolled, request.remembered) = (enrolled, true))
        };
        assert_eq!(of(Enrolled::Nothing), Decision::Deny(vec![Reason::NewUserDenied]), "{sections:?}");
        for enrolled in [Enrolled::Codes, Enrolled::Factor] {
            assert!(!matches!(of(enrolled), Decision::Deny(_)), "{enrolled:?} {sections:?}");
        }
    }
    // Nor are they spared by a device that asks others, and every reason against them is said.
    let settings = DeviceLogin { groups: vec![staff], ..DeviceLogin::default() };
    let login = EffectiveLogin::merge([&settings], &BTreeSet::from([staff]));
    let (user, groups) = (User { state: UserState::Suspended, ..user() }, BTreeSet::new());
    let policy = EffectivePolicy::merge(&[(Origin::Organization, &nothing)], &[], &groups);
    let at_device = Request {
        device_login: Some(&login),
        enrolled: Enrolled::Nothing,
        ..request(&user, &groups, &policy)
    };
    let reasons = vec![Reason::UserSuspended, Reason::NewUserDenied];
    assert_eq!(decide(&at_device), Decision::Deny(reasons));
    assert!(policy.needs_the_server(), "a device does not know who has enrolled");
}
