use sallyport_api::rest::{CreateApplication, CreateEnrollmentToken, CreateToken};
use sallyport_crypto::Secret;
use sallyport_model::{ApplicationKind, PasswordStatus, Span};

use super::*;
use crate::{
    application, device, factor, session,
    signin::{self, Step},
    testing, token,
};

fn named(name: &str) -> CreateUser {
    CreateUser { name: name.into(), active: true, ..CreateUser::default() }
}

#[tokio::test]
async fn no_two_people_share_a_unix_number() {
    let test = testing::org().await;
    let ctx = test.system();
    let first = create(&ctx, named("alice")).await.unwrap().posix.uid;
    create(&ctx, CreateUser { uid: Some(first + 1), ..named("bob") }).await.unwrap();
    let third = create(&ctx, named("carol")).await.unwrap().posix.uid;
    assert_eq!(third, first + 2);
    let taken = create(&ctx, CreateUser { uid: Some(first), ..named("dave") }).await;
    assert!(matches!(taken, Err(AppError::Invalid { field: "uid", .. })));
    assert!((66_000..100_000).contains(&third), "useradd or a container could give {third} to somebody else");
    for outside in [0, 999, 20_000, 61_184, 65_534, 100_000] {
        assert!(create(&ctx, CreateUser { uid: Some(outside), ..named("eve") }).await.is_err());
    }
}

#[tokio::test]
async fn a_group_number_is_one_persons_alone() {
    let test = testing::org().await;
    let ctx = test.system();
    let first = create(&ctx, named("alice")).await.unwrap().value.posix;
    assert_eq!(first.uid, first.gid);
    let apart = CreateUser { gid: Some(first.uid + 2), ..named("bob") };
    let bob = create(&ctx, apart).await.unwrap().value.posix;
    assert_eq!((bob.uid, bob.gid), (first.uid + 1, first.uid + 2));
    for (field, input) in [
        ("gid", CreateUser { gid: Some(first.uid), ..named("carol") }),
        ("gid", CreateUser { gid: Some(bob.gid), ..named("carol") }),
        ("uid", CreateUser { uid: Some(bob.gid), ..named("carol") }),
        ("gid", CreateUser { gid: Some(0), ..named("carol") }),
        ("gid", CreateUser { gid: Some(100_000), ..named("carol") }),
    ] {
        let refused = create(&ctx, input.clone()).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: told, .. }) if told == field), "{input:?}");
    }
    assert_eq!(create(&ctx, named("carol")).await.unwrap().posix.uid, first.uid + 3, "over bob's group");
    // Whoever is deleted leaves both numbers.
    let stella = CreateUser { gid: Some(first.uid + 9), active: false, ..named("stella") };
    delete(&ctx, create(&ctx, stella).await.unwrap().id).await.unwrap();
    create(&ctx, CreateUser { uid: Some(first.uid + 9), ..named("dora") }).await.unwrap();
}

#[tokio::test]
async fn a_home_is_where_an_administrator_says_and_in_no_place_of_the_system() {
    let test = testing::org().await;
    let ctx = test.system();
    let input = CreateUser { home: Some("/srv/people/alice".into()), ..named("alice") };
    let alice = create(&ctx, input).await.unwrap();
    assert_eq!(alice.posix.home, "/srv/people/alice");
    let moved = |home: &str| UpdateUser { home: Some(home.into()), ..UpdateUser::default() };
    for bad in ["", "home/x", "/home", "/etc/x", "/home/../etc", "/home/a\nb", "/home/a:b", "/root/a"] {
        let refused = update(&ctx, alice.id, None, moved(bad)).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: "home", .. })), "{bad:?}");
        let refused = create(&ctx, CreateUser { home: Some(bad.into()), ..named("bob") }).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: "home", .. })), "{bad:?}");
    }
    assert_eq!(update(&ctx, alice.id, None, moved("/home/alice")).await.unwrap().posix.home, "/home/alice");
    for (field, home, shell) in [
        ("posix.home", "/etc/{name}", "/bin/sh"),
        ("posix.home", "/home/all", "/bin/sh"),
        ("posix.shell", "/home/{name}", "sh"),
    ] {
        let mut settings = crate::settings::show(&ctx).await.unwrap().value;
        (settings.posix.home, settings.posix.shell) = (home.into(), shell.into());
        let refused = crate::settings::update(&ctx, None, settings).await;
        assert!(
            matches!(refused, Err(AppError::Invalid { field: told, .. }) if told == field),
            "{home} {shell}"
        );
    }
}

#[tokio::test]
async fn the_range_of_numbers_can_be_moved_but_not_onto_others() {
    let test = testing::org().await;
    let ctx = test.system();
    create(&ctx, named("alice")).await.unwrap();
    let range = async |first_uid, last_uid| {
        let mut settings = crate::settings::show(&ctx).await.unwrap().value;
        (settings.posix.first_uid, settings.posix.last_uid) = (first_uid, last_uid);
        crate::settings::update(&ctx, None, settings).await
    };
    for (first, last) in [(1000, 60_000), (50_000, 70_000), (66_000, 100_000), (61_184, 65_519)] {
        let refused = range(first, last).await.unwrap_err().to_string();
        assert!(refused.contains("within 10000 to 60000, or within 66000 to 99999"), "{refused}");
    }
    range(20_000, 20_001).await.unwrap();
    assert_eq!(create(&ctx, named("bob")).await.unwrap().posix.uid, 20_000);
    assert_eq!(create(&ctx, named("carol")).await.unwrap().posix.uid, 20_001);
    assert!(matches!(create(&ctx, named("dave")).await, Err(AppError::Conflict(_))));
}

#[tokio::test]
async fn nobody_acts_above_their_own_rights() {
    let test = testing::org().await;
    let ctx = test.system();
    let olga = create(&ctx, named("olga")).await.unwrap();
    set_roles(&ctx, olga.id, [Role::Owner].into()).await.unwrap();
    let amir = create(&ctx, named("amir")).await.unwrap();
    let admin = test.person(amir.id, &[Role::Administrator]);
    assert!(matches!(suspend(&admin, olga.id).await, Err(AppError::AboveOwnRights)));
    assert!(matches!(
        set_password(&admin, olga.id, &"tulip gravel hovercraft".into()).await,
        Err(AppError::AboveOwnRights)
    ));
    assert!(matches!(set_roles(&admin, amir.id, [Role::Owner].into()).await, Err(AppError::AboveOwnRights)));
    assert!(set_roles(&admin, amir.id, [Role::Auditor].into()).await.is_ok());
    let auditor = test.person(amir.id, &[Role::Auditor]);
    assert!(matches!(create(&auditor, named("x")).await, Err(AppError::Denied(Action::CreateUser))));
    assert!(matches!(create(&test.nobody(), named("x")).await, Err(AppError::Unauthenticated)));
}

#[tokio::test]
async fn there_is_always_an_owner_left() {
    let test = testing::org().await;
    let ctx = test.system();
    let olga = create(&ctx, named("olga")).await.unwrap();
    set_roles(&ctx, olga.id, [Role::Owner].into()).await.unwrap();
    assert!(matches!(suspend(&ctx, olga.id).await, Err(AppError::Conflict(_))));
    assert!(matches!(set_roles(&ctx, olga.id, BTreeSet::new()).await, Err(AppError::Conflict(_))));
    let oskar = create(&ctx, named("oskar")).await.unwrap();
    set_roles(&ctx, oskar.id, [Role::Owner].into()).await.unwrap();
    suspend(&ctx, olga.id).await.unwrap();
    assert!(suspend(&ctx, oskar.id).await.is_err());
}

#[tokio::test]
async fn a_stale_update_is_refused_and_an_empty_one_too() {
    let test = testing::org().await;
    let ctx = test.system();
    let alice = create(&ctx, named("alice")).await.unwrap();
    let renamed = |name: &str| UpdateUser { display_name: Some(name.into()), ..UpdateUser::default() };
    update(&ctx, alice.id, Some(alice.version), renamed("Alice A")).await.unwrap();
    assert!(matches!(
        update(&ctx, alice.id, Some(alice.version), renamed("Alice B")).await,
        Err(AppError::Stale)
    ));
    assert!(update(&ctx, alice.id, None, UpdateUser::default()).await.is_err());
}

#[tokio::test]
async fn a_dump_of_the_database_holds_no_secret_in_the_clear() {
    let test = testing::org().await;
    let ctx = test.system();
    let alice = create(&ctx, named("alice")).await.unwrap();
    let canary = "canary-tulip-hovercraft";
    let set = set_password(&ctx, alice.id, &canary.into()).await.unwrap();
    assert_eq!(set.password_status, PasswordStatus::Active);
    let unix = ctx.read({
        let (ctx, id) = (ctx.clone(), alice.id);
        move |reader| unix_password(reader, &ctx, id)
    });
    let unix = String::from_utf8(unix.await.unwrap().unwrap().to_vec()).unwrap();
    assert!(unix.starts_with("$6$"));
    let mut secrets = vec![("password", canary.to_owned()), ("password for devices", unix)];
    let mut keep = |what, secret: &Secret| secrets.push((what, secret.expose().to_owned()));
    keep("enrolment code", &factor::issue_enrollment_code(&ctx, alice.id, 3600).await.unwrap());
    for code in factor::issue_bypass_codes(&ctx, alice.id, 2, 3600).await.unwrap() {
        keep("bypass code", &code);
    }
    let (bob, nobody) = (signin::tests::person(&test, "bob").await, test.nobody());
    let code = factor::issue_enrollment_code(&ctx, bob.id, 3600).await.unwrap();
    let pending = factor::begin_totp(&nobody, &code).await.unwrap();
    keep("pending seed", &pending.seed);
    keep("pending handle", &pending.handle);
    test.clock.advance(Span::minutes(1));
    let nobody = test.nobody();
    let step = signin::tests::to_second_door(&nobody, "bob").await;
    keep("handle of a sign-in", &step.handle);
    let Step::Allowed(admission) = signin::tests::passcode_of(&nobody, &step, &bob, &test).await else {
        panic!()
    };
    keep("cookie", &session::open(&nobody, &admission, "test").await.unwrap().0);
    let input = CreateToken { name: "spare".into(), role: Role::Auditor, days: 1 };
    keep("API token", &token::create(&ctx, input).await.unwrap().1);
    let input = CreateApplication { name: "vpn".into(), kind: ApplicationKind::DuoAuthApi };
    keep("secret key", &application::create(&ctx, input).await.unwrap().1.skey);
    let made = device::create_token(&ctx, CreateEnrollmentToken::default()).await.unwrap();
    keep("enrolment token", &made.secret);
    let laptop = test.enroll("laptop", &[]).await.unwrap();
    device::admit(&ctx, laptop.device.id).await.unwrap();
    keep("break-glass code", &device::break_glass::reveal(&ctx, laptop.device.id).await.unwrap());
    let root = std::thread::spawn({
        let org = std::sync::Arc::clone(&test.org);
        move || crate::authority::load(&org.db, &org.keys, &*org.random, org.clock.now()).unwrap()
    });
    secrets.push(("key of the authority", root.join().unwrap().key_pem.lines().nth(1).unwrap().to_owned()));

    let dump = test.dump();
    let rests = |needle: &[u8]| dump.windows(needle.len()).any(|window| window == needle);
    for (what, secret) in &secrets {
        let typed = secret.replace(['-', ' '], "");
        assert!(typed.len() >= 6, "{what} is hardly one");
        assert!(!rests(secret.as_bytes()) && !rests(typed.as_bytes()), "a {what} rests in the clear");
    }
    let raw = data_encoding::BASE32_NOPAD.decode(pending.seed.expose().as_bytes()).unwrap();
    assert!(!rests(&bob.seed) && !rests(&raw), "a seed rests in the clear");
    // The Argon2 hash is there, and worthless without the pepper that is not.
    assert!(rests(b"$argon2id$"));
}

#[tokio::test]
async fn help_desk_does_not_become_root_on_a_device() {
    let test = testing::org().await;
    let ctx = test.system();
    let helper = create(&ctx, named("helper")).await.unwrap();
    let root = create(&ctx, CreateUser { device_right: Some(Right::Administrator), ..named("rooty") })
        .await
        .unwrap();
    let help_desk = test.person(helper.id, &[Role::HelpDesk]);
    let set = set_password(&help_desk, root.id, &"tulip gravel hovercraft".into()).await;
    assert!(matches!(set, Err(AppError::AboveOwnRights)));
    let codes = crate::factor::issue_bypass_codes(&help_desk, root.id, 1, 60).await;
    assert!(matches!(codes, Err(AppError::AboveOwnRights)));
    let administrator = test.person(helper.id, &[Role::Administrator]);
    assert!(crate::factor::issue_bypass_codes(&administrator, root.id, 1, 60).await.is_ok());
}

#[tokio::test]
async fn where_nothing_but_the_password_is_asked_it_has_fifteen_characters() {
    use sallyport_model::settings::SecondDoorPolicy;

    use crate::signin::tests::set_policy;
    const TWELVE: &str = "gravel tulip";
    const FIFTEEN: &str = "gravel tulip 15";
    let test = testing::org().await;
    let ctx = test.system();
    let input = CreateUser { name: "alice".into(), active: true, ..CreateUser::default() };
    let alice = create(&ctx, input).await.unwrap().id;
    let refused = async || match set_password(&ctx, alice, &TWELVE.into()).await {
        Ok(_) => None,
        Err(AppError::Invalid { field: "password", reason }) => Some(reason),
        Err(error) => panic!("{error}"),
    };
    assert_eq!(refused().await, None);
    let asked = sallyport_api::rest::CreateGroup {
        name: "asked".into(),
        description: String::new(),
        kind: sallyport_model::GroupKind::Users,
    };
    let group = crate::group::create(&ctx, asked).await.unwrap().id;
    for policy in [SecondDoorPolicy::Never, SecondDoorPolicy::Groups { groups: vec![group] }] {
        set_policy(&ctx, policy).await;
        let reason = refused().await.unwrap();
        assert_eq!(reason, crate::Phrase::PasswordShortAlone(15).into());
        set_password(&ctx, alice, &FIFTEEN.into()).await.unwrap();
    }
    // Whoever is asked after all may have a shorter one: as a member, as an administrator.
    let member = alice.to_string();
    ctx.write(move |tx| Ok(tx.put_edge(Edge::Member, &group.to_string(), &member)?)).await.unwrap();
    assert_eq!(refused().await, None);
    set_policy(&ctx, SecondDoorPolicy::Never).await;
    assert!(refused().await.is_some());
    set_roles(&ctx, alice, [Role::Auditor].into()).await.unwrap();
    assert_eq!(refused().await, None);
    // A longer one that policy wants stays what policy wants.
    set_roles(&ctx, alice, BTreeSet::new()).await.unwrap();
    let mut settings = crate::settings::show(&ctx).await.unwrap().value;
    settings.passwords.shortest = 20;
    let told = crate::settings::update(&ctx, None, settings).await.unwrap();
    assert_eq!(told.notice, None, "nobody is asked less than before");
    assert_eq!(password::length(&ctx, alice).await.unwrap(), password::Length { least: 20, alone: false });
    let missing = UserId::new(uuid::Uuid::nil());
    assert!(matches!(password::length(&ctx, missing).await, Err(AppError::NotFound { .. })));
}
