mod effective;
mod lockout;
mod lowered;
mod pushes;
mod wrong_codes;

use std::collections::BTreeSet;

use sallyport_api::rest::{CreateApplication, CreateGroup, UpdateApplication};
use sallyport_model::{
    ApplicationKind, GroupKind, Method, Role,
    id::{GroupId, UserId},
    policy::{AuthorizedNetworks, GroupPolicy, Lockout, MethodRow, NewUser, Section, Sections},
    settings::SecondDoorPolicy,
    signin::{Reason, Resource},
};

use super::*;
use crate::{
    group,
    signin::{
        self, Begin, FirstDoorProof, Preview, Step, WRONG_CODE,
        tests::{denial, passcode_of, person, to_second_door},
    },
    testing::{self, TestOrg},
};

async fn write(test: &TestOrg, name: &str, sections: Sections) -> PolicyId {
    create(&test.system(), CreatePolicy { name: name.into(), sections }).await.unwrap().id
}

async fn application(test: &TestOrg, name: &str, policies: Applied) -> Resource {
    let input = CreateApplication { name: name.into(), kind: ApplicationKind::DuoAuthApi };
    let (made, _) = crate::application::create(&test.system(), input).await.unwrap();
    if policies != Applied::default() {
        let input = UpdateApplication { policies: Some(policies), ..UpdateApplication::default() };
        crate::application::update(&test.system(), made.id, None, input).await.unwrap();
    }
    Resource::Application { application: made.id, name: name.into() }
}

async fn staff(test: &TestOrg, member: UserId) -> GroupId {
    let input = CreateGroup { name: "staff".into(), description: String::new(), kind: GroupKind::Users };
    let group = group::create(&test.system(), input).await.unwrap();
    let member = crate::device::testing::user_member(&member.to_string());
    group::add_member(&test.system(), group.id, member).await.unwrap();
    group.id
}

async fn set(ctx: &Ctx, change: impl FnOnce(&mut Settings)) -> Result<(), AppError> {
    let mut settings = crate::settings::show(ctx).await?.value;
    change(&mut settings);
    crate::settings::update(ctx, None, settings).await.map(|_| ())
}

fn says(second_door: SecondDoorPolicy) -> Sections {
    Sections { second_door: Some(second_door), ..Sections::default() }
}

async fn vouched(ctx: &Ctx, name: &str, resource: &Resource) -> Step {
    let first_door = FirstDoorProof::Vouched { by: "test".into() };
    signin::begin(ctx, Begin { name: name.into(), resource: resource.clone(), first_door }).await.unwrap()
}

#[tokio::test]
async fn what_is_applied_at_an_application_holds_there_alone_and_a_groups_comes_first() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    person(&test, "bob").await;
    let group = staff(&test, alice.id).await;
    let (lax, shut) = (
        write(&test, "lax", says(SecondDoorPolicy::Never)).await,
        write(&test, "shut", says(SecondDoorPolicy::Refuse)).await,
    );
    let applied = Applied { policy: Some(shut), groups: vec![GroupPolicy { group, policy: lax }] };
    let vpn = application(&test, "vpn", applied).await;
    let mail = application(&test, "mail", Applied::default()).await;
    let ctx = test.nobody();
    let Step::Allowed(admission) = vouched(&ctx, "alice", &vpn).await else { panic!("not allowed") };
    assert_eq!(admission.reasons(), [Reason::PolicyAllowsWithout]);
    assert_eq!(denial(vouched(&ctx, "bob", &vpn).await).reasons, [Reason::PolicyDenies]);
    for name in ["alice", "bob"] {
        assert!(matches!(vouched(&ctx, name, &mail).await, Step::SecondDoor(_)), "{name}");
    }
}

#[tokio::test]
async fn a_method_that_does_not_count_here_is_neither_offered_nor_taken() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let only = |method| Sections { methods: Some(BTreeSet::from([method])), ..Sections::default() };
    let passkeys = write(&test, "passkeys", only(Method::Passkey)).await;
    let vpn = application(&test, "vpn", Applied { policy: Some(passkeys), groups: vec![] }).await;
    let ctx = test.nobody();
    assert!(matches!(vouched(&ctx, "alice", &vpn).await, Step::EnrollmentNeeded { .. }));
    assert!(matches!(signin::preview(&ctx, "alice", &vpn).await.unwrap(), Preview::EnrollmentNeeded));
    // With bypass codes offered besides, a right code of the app opens nothing and is not spent either.
    crate::factor::issue_bypass_codes(&test.system(), alice.id, 1, 3600).await.unwrap();
    let update_to = |method| UpdatePolicy { sections: Some(only(method)), ..UpdatePolicy::default() };
    update(&test.system(), passkeys, None, update_to(Method::BypassCode)).await.unwrap();
    let Step::SecondDoor(step) = vouched(&ctx, "alice", &vpn).await else { panic!("not asked") };
    assert_eq!(step.offers.len(), 1);
    let Step::SecondDoor(again) = passcode_of(&ctx, &step, &alice, &test).await else { panic!("opened") };
    assert_eq!(again.problem, Some(WRONG_CODE));
    update(&test.system(), passkeys, None, update_to(Method::Totp)).await.unwrap();
    assert!(matches!(passcode_of(&ctx, &step, &alice, &test).await, Step::Allowed(_)));
}

#[tokio::test]
async fn whoever_stands_at_a_door_that_nothing_of_theirs_opens_any_more_is_told_to_enrol() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let ctx = test.nobody();
    let step = to_second_door(&ctx, "alice").await;
    let off = MethodRow { method: Method::Totp, on: false, groups: vec![] };
    set(&test.system(), |settings| settings.factors = vec![off]).await.unwrap();
    assert!(matches!(passcode_of(&ctx, &step, &alice, &test).await, Step::EnrollmentNeeded { .. }));
    set(&test.system(), |settings| settings.factors.clear()).await.unwrap();
    let step = to_second_door(&ctx, "alice").await;
    assert!(matches!(passcode_of(&ctx, &step, &alice, &test).await, Step::Allowed(_)));
}

#[tokio::test]
async fn methods_are_offered_in_the_order_of_the_list_to_those_they_are_for() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    person(&test, "bob").await;
    let group = staff(&test, alice.id).await;
    for name in ["alice", "bob"] {
        let id = crate::user::resolve(&test.system(), name).await.unwrap().id;
        crate::factor::issue_bypass_codes(&test.system(), id, 1, 3600).await.unwrap();
    }
    let row = |method, groups| MethodRow { method, on: true, groups };
    let rows = vec![row(Method::BypassCode, vec![group]), row(Method::Totp, vec![])];
    set(&test.system(), |settings| settings.factors = rows).await.unwrap();
    let ctx = test.nobody();
    let offered = async |name: &str| -> Vec<&'static str> {
        to_second_door(&ctx, name).await.offers.iter().map(|offer| offer.kind().as_str()).collect()
    };
    assert_eq!(offered("alice").await, ["bypass_code", "totp"]);
    assert_eq!(offered("bob").await, ["totp"]);
}

#[tokio::test]
async fn a_network_spares_people_and_no_administrator_and_its_sign_in_is_judged_where_it_began() {
    let test = testing::org().await;
    person(&test, "alice").await;
    let olga = person(&test, "olga").await;
    crate::user::set_roles(&test.system(), olga.id, [Role::Owner].into()).await.unwrap();
    let networks = AuthorizedNetworks {
        no_second_door: vec!["192.0.2.0/24".parse().unwrap()],
        blocked: vec!["198.51.100.0/24".parse().unwrap()],
        ..AuthorizedNetworks::default()
    };
    let sections = Sections { authorized_networks: Some(networks), ..Sections::default() };
    set(&test.system(), |settings| settings.policy = sections).await.unwrap();
    let vpn = application(&test, "vpn", Applied::default()).await;
    let (office, blocked) = (test.nobody(), Ctx { source: Some([198, 51, 100, 7].into()), ..test.nobody() });
    assert!(matches!(vouched(&office, "alice", &vpn).await, Step::Allowed(_)));
    assert_eq!(denial(vouched(&blocked, "alice", &vpn).await).reasons, [Reason::NetworkBlocked]);
    let Step::SecondDoor(step) = vouched(&office, "olga", &vpn).await else { panic!("spared") };
    // The answer is brought by whoever waits for it, from wherever that is.
    assert!(matches!(passcode_of(&blocked, &step, &olga, &test).await, Step::Allowed(_)));
}

#[tokio::test]
async fn whoever_has_no_factor_is_what_policy_makes_of_them() {
    let test = testing::org().await;
    let new = sallyport_api::rest::CreateUser { name: "new".into(), active: true, ..Default::default() };
    crate::user::create(&test.system(), new).await.unwrap();
    let with = |new_user| Sections { new_user: Some(new_user), ..Sections::default() };
    let policy = write(&test, "new", with(NewUser::NoSecondDoor)).await;
    let vpn = application(&test, "vpn", Applied { policy: Some(policy), groups: vec![] }).await;
    let ctx = test.nobody();
    assert!(matches!(vouched(&ctx, "new", &vpn).await, Step::Allowed(_)));
    assert!(matches!(signin::preview(&ctx, "new", &vpn).await.unwrap(), Preview::Allow));
    let deny = UpdatePolicy { sections: Some(with(NewUser::Deny)), ..UpdatePolicy::default() };
    update(&test.system(), policy, None, deny).await.unwrap();
    assert_eq!(denial(vouched(&ctx, "new", &vpn).await).reasons, [Reason::NewUserDenied]);
    let never = Sections { second_door: Some(SecondDoorPolicy::Never), ..with(NewUser::Deny) };
    let never = UpdatePolicy { sections: Some(never), ..UpdatePolicy::default() };
    update(&test.system(), policy, None, never).await.unwrap();
    assert_eq!(denial(vouched(&ctx, "new", &vpn).await).reasons, [Reason::NewUserDenied]);
    // Whoever has a factor that does not count here is not new, and so not spared.
    person(&test, "alice").await;
    let methods = Some(BTreeSet::from([Method::Passkey]));
    let strict = Sections { methods, ..with(NewUser::NoSecondDoor) };
    let strict = UpdatePolicy { sections: Some(strict), ..UpdatePolicy::default() };
    update(&test.system(), policy, None, strict).await.unwrap();
    assert!(matches!(vouched(&ctx, "alice", &vpn).await, Step::EnrollmentNeeded { .. }));
}

#[tokio::test]
async fn nobody_shuts_themselves_out_of_the_portal() {
    let test = testing::org().await;
    let olga = person(&test, "olga").await;
    let owner = || [Role::Owner].into();
    crate::user::set_roles(&test.system(), olga.id, owner()).await.unwrap();
    let portal = Ctx { source: Some([192, 0, 2, 7].into()), ..test.person(olga.id, &[Role::Owner]) };
    let before = crate::settings::show(&portal).await.unwrap();
    let blocked = AuthorizedNetworks { blocked: vec!["192.0.2.0/24".parse().unwrap()], ..Default::default() };
    let blocked = || Sections { authorized_networks: Some(blocked.clone()), ..Sections::default() };
    let refused = set(&portal, |settings| settings.policy = blocked()).await;
    assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
    let off = MethodRow { method: Method::Totp, on: false, groups: vec![] };
    assert!(matches!(
        set(&portal, |settings| settings.factors = vec![off]).await,
        Err(AppError::Conflict(_))
    ));
    let policy = write(&test, "office", Sections::default()).await;
    let applied = Applied { policy: Some(policy), groups: vec![] };
    set(&portal, |settings| settings.portal_policies = applied).await.unwrap();
    let input = UpdatePolicy { sections: Some(blocked()), ..UpdatePolicy::default() };
    assert!(matches!(update(&portal, policy, None, input.clone()).await, Err(AppError::Conflict(_))));
    assert_eq!(crate::settings::show(&portal).await.unwrap().policy, before.policy);
    // Whoever holds the machine is shut out of nothing.
    update(&test.system(), policy, None, input).await.unwrap();
}

#[tokio::test]
async fn what_cannot_hold_is_refused_by_its_field() {
    let test = testing::org().await;
    let system = test.system();
    let field =
        async |sections: Sections| match create(&system, CreatePolicy { name: "p".into(), sections }).await {
            Err(AppError::Invalid { field, .. }) => field.to_string(),
            other => panic!("{other:?}"),
        };
    let lockout = |wrong_codes, minutes| Sections {
        lockout: Some(Lockout { wrong_codes, minutes }),
        ..Sections::default()
    };
    assert_eq!(field(lockout(6, 5)).await, "lockout.wrong_codes");
    assert_eq!(field(lockout(0, 5)).await, "lockout.wrong_codes");
    assert_eq!(field(lockout(5, 4)).await, "lockout.minutes");
    let none = Sections { methods: Some(BTreeSet::new()), ..Sections::default() };
    assert_eq!(field(none).await, "methods");
    let row = |method, on| MethodRow { method, on, groups: vec![] };
    let all_off = Method::ALL.into_iter().map(|method| row(method, method == Method::BypassCode)).collect();
    for rows in [all_off, vec![row(Method::Push, true), row(Method::Push, false)]] {
        let refused = set(&system, |settings| settings.factors = rows).await;
        assert!(matches!(refused, Err(AppError::Invalid { .. })), "{refused:?}");
    }
    let gone = says(SecondDoorPolicy::Groups { groups: vec![GroupId::new(uuid::Uuid::from_u128(7))] });
    let refused = create(&system, CreatePolicy { name: "p".into(), sections: gone }).await;
    assert!(matches!(refused, Err(AppError::NotFound { .. })), "{refused:?}");
}

#[tokio::test]
async fn what_is_in_use_is_not_deleted() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let group = staff(&test, alice.id).await;
    let policy = write(&test, "strict", says(SecondDoorPolicy::Groups { groups: vec![group] })).await;
    let vpn = application(&test, "vpn", Applied { policy: Some(policy), groups: vec![] }).await;
    let refused = delete(&test.system(), policy, None).await.unwrap_err().to_string();
    assert!(refused.contains("`vpn`"), "{refused}");
    let refused = group::delete(&test.system(), group).await.unwrap_err().to_string();
    assert!(refused.contains("`strict`"), "{refused}");
    let Resource::Application { application, .. } = vpn else { panic!() };
    let input = UpdateApplication { policies: Some(Applied::default()), ..UpdateApplication::default() };
    crate::application::update(&test.system(), application, None, input).await.unwrap();
    delete(&test.system(), policy, None).await.unwrap();
    group::delete(&test.system(), group).await.unwrap();
}

#[tokio::test]
async fn whoever_holds_the_machine_opens_a_portal_that_a_policy_shut() {
    let test = testing::org().await;
    let olga = person(&test, "olga").await;
    crate::user::set_roles(&test.system(), olga.id, [Role::Owner].into()).await.unwrap();
    let refuse = write(&test, "refuse", says(SecondDoorPolicy::Refuse)).await;
    let off = |method| MethodRow { method, on: method == Method::Text, groups: vec![] };
    set(&test.system(), |settings| {
        settings.portal_policies = Applied { policy: Some(refuse), groups: vec![] };
        settings.factors = Method::ALL.into_iter().map(off).collect();
        settings.policy.new_user = Some(NewUser::Deny);
    })
    .await
    .unwrap();
    let ctx = test.nobody();
    assert!(matches!(
        signin::preview(&ctx, "olga", &Resource::Portal).await.unwrap(),
        Preview::Denied { .. }
    ));
    let local = test.system().with_caller(crate::Caller::LocalAdmin);
    for _ in 0..2 {
        crate::setup::recover(&local, "olga", true).await.unwrap();
    }
    let step = to_second_door(&ctx, "olga").await;
    assert!(matches!(passcode_of(&ctx, &step, &olga, &test).await, Step::Allowed(_)));
    assert_eq!(crate::settings::show(&test.system()).await.unwrap().policy.new_user, Some(NewUser::Deny));
}

#[tokio::test]
async fn a_session_that_a_network_spared_the_second_door_is_good_there_alone() {
    let test = testing::org().await;
    person(&test, "alice").await;
    let networks = AuthorizedNetworks {
        no_second_door: vec!["192.0.2.0/24".parse().unwrap()],
        ..AuthorizedNetworks::default()
    };
    let sections = Sections { authorized_networks: Some(networks), ..Sections::default() };
    set(&test.system(), |settings| settings.policy = sections).await.unwrap();
    let office = test.nobody();
    let begin = signin::tests::with_password("alice", signin::tests::PASSWORD);
    let Step::Allowed(admission) = signin::begin(&office, begin).await.unwrap() else { panic!("not spared") };
    let (cookie, _) = crate::session::open(&office, &admission, "test").await.unwrap();
    crate::session::authenticate(&office, cookie.expose()).await.unwrap();
    for source in [Some([203, 0, 113, 7].into()), None] {
        let elsewhere = Ctx { source, ..office.clone() };
        let refused = crate::session::authenticate(&elsewhere, cookie.expose()).await;
        assert!(matches!(refused, Err(AppError::Unauthenticated)), "{source:?}");
    }
}

#[tokio::test]
async fn at_the_portal_the_answer_is_judged_by_where_it_comes_from_too() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let blocked =
        AuthorizedNetworks { blocked: vec!["198.51.100.0/24".parse().unwrap()], ..Default::default() };
    let sections = Sections { authorized_networks: Some(blocked), ..Sections::default() };
    set(&test.system(), |settings| settings.policy = sections).await.unwrap();
    let step = to_second_door(&test.nobody(), "alice").await;
    let there = Ctx { source: Some([198, 51, 100, 7].into()), ..test.nobody() };
    assert_eq!(denial(passcode_of(&there, &step, &alice, &test).await).reasons, [Reason::NetworkBlocked]);
}

#[tokio::test]
async fn whole_groups_move_by_an_owner_alone_where_they_decide_about_the_portal() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let group = staff(&test, alice.id).await;
    let input = CreateGroup { name: "owners".into(), description: String::new(), kind: GroupKind::Users };
    group::create(&test.system(), input).await.unwrap();
    let refuse = write(&test, "refuse", says(SecondDoorPolicy::Refuse)).await;
    let applied = Applied { policy: None, groups: vec![GroupPolicy { group, policy: refuse }] };
    set(&test.system(), |settings| settings.portal_policies = applied).await.unwrap();
    let administrator = test.person(alice.id, &[Role::Administrator]);
    let inner = || crate::device::testing::group_member("owners");
    let refused = group::add_member(&administrator, group, inner()).await;
    assert!(matches!(refused, Err(AppError::Denied(_))), "{refused:?}");
    group::add_member(&test.system(), group, inner()).await.unwrap();
    let refused = group::remove_member(&administrator, group, inner()).await;
    assert!(matches!(refused, Err(AppError::Denied(_))), "{refused:?}");
}

#[tokio::test]
async fn where_a_policy_spares_people_the_password_is_long_and_whoever_writes_it_is_told() {
    let test = testing::org().await;
    let ctx = test.system();
    let ada = person(&test, "ada").await.id;
    let least = async || crate::user::password::length(&ctx, ada).await.unwrap().least;
    let asked = least().await;
    let sections = |json: &str| serde_json::from_str::<Sections>(json).unwrap();
    let lax = write(&test, "lax", Sections::default()).await;
    let update = async |sections: Sections| {
        let input = UpdatePolicy { sections: Some(sections), name: None };
        super::update(&ctx, lax, None, input).await.unwrap().notice
    };
    // What is applied nowhere, or at applications, where another checks the password, spares nobody here.
    assert_eq!(update(says(SecondDoorPolicy::Never)).await, None);
    application(&test, "wiki", Applied { policy: Some(lax), groups: Vec::new() }).await;
    assert_eq!((update(Sections::default()).await, least().await), (None, asked));
    let applied = Applied { policy: Some(lax), groups: Vec::new() };
    set(&ctx, |settings| settings.portal_policies = applied.clone()).await.unwrap();
    for sparing in [
        r#"{"second_door": {"when": "never"}}"#,
        r#"{"new_user": "no_second_door"}"#,
        r#"{"authorized_networks": {"no_second_door": ["192.0.2.0/24"]}}"#,
        r#"{"user_location": {"countries": {"CH": "no_second_door"}}}"#,
        r#"{"user_location": {"others": "no_second_door"}}"#,
    ] {
        assert_eq!(update(sections(sparing)).await, Some(PASSWORDS_ALONE), "{sparing}");
        assert_eq!(least().await, 15, "{sparing}");
        assert_eq!(update(Sections::default()).await, None, "{sparing}");
        assert_eq!(least().await, asked, "{sparing}");
    }
    // Whoever applies one is told too, and not twice.
    set(&ctx, |settings| settings.portal_policies = Applied::default()).await.unwrap();
    assert_eq!(update(says(SecondDoorPolicy::Never)).await, None);
    let mut settings = crate::settings::show(&ctx).await.unwrap().value;
    settings.device_policies = applied;
    let told = crate::settings::update(&ctx, None, settings.clone()).await.unwrap().notice;
    assert_eq!(told, Some(PASSWORDS_ALONE));
    settings.organization = "Another".into();
    assert_eq!(crate::settings::update(&ctx, None, settings).await.unwrap().notice, None);
}
