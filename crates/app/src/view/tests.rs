use sallyport_api::rest::{CreateApplication, CreateGroup, CreateUser, GroupMember, UpdateApplication};
use sallyport_model::{
    ApplicationKind, GroupKind, Span,
    settings::SecondDoorPolicy,
    signin::{Reason, Resource},
};

use crate::{
    Ctx, application, factor, group, settings,
    signin::{self, Preview},
    testing::{self, TestOrg},
    user,
};

async fn application(test: &TestOrg) -> (Resource, application::Credentials) {
    let input = CreateApplication { name: "VPN".into(), kind: ApplicationKind::DuoAuthApi };
    let (application, keys) = application::create(&test.system(), input).await.unwrap();
    (Resource::Application { application: application.id, name: "VPN".into() }, keys)
}

async fn person(test: &TestOrg, name: &str) -> sallyport_model::id::UserId {
    let input = CreateUser { name: name.into(), active: true, ..CreateUser::default() };
    user::create(&test.system(), input).await.unwrap().id
}

async fn second_door(ctx: &Ctx, second_door: SecondDoorPolicy) {
    let before = settings::show(ctx).await.unwrap().value;
    let after = before.with_second_door(second_door);
    settings::update(ctx, None, after).await.unwrap();
}

async fn look(ctx: &Ctx, resource: &Resource) -> Preview {
    signin::preview(ctx, "alice", resource).await.unwrap()
}

#[tokio::test]
async fn what_shuts_a_door_shuts_it_for_the_very_next_question() {
    let test = testing::org().await;
    let (resource, _) = application(&test).await;
    let Resource::Application { application: id, .. } = &resource else { panic!() };
    let alice = person(&test, "alice").await;
    let ctx = test.nobody();
    for _ in 0..3 {
        second_door(&test.system(), SecondDoorPolicy::Never).await;
        // Twice, so that the second answer comes from memory.
        for _ in 0..2 {
            assert!(matches!(look(&ctx, &resource).await, Preview::Allow));
        }
        second_door(&test.system(), SecondDoorPolicy::Always).await;
        assert!(matches!(look(&ctx, &resource).await, Preview::EnrollmentNeeded));
        second_door(&test.system(), SecondDoorPolicy::Never).await;
        assert!(matches!(look(&ctx, &resource).await, Preview::Allow));

        let enabled = |enabled| UpdateApplication { enabled: Some(enabled), ..UpdateApplication::default() };
        application::update(&test.system(), *id, None, enabled(false)).await.unwrap();
        let Preview::Denied { reasons } = look(&ctx, &resource).await else { panic!("not denied") };
        assert_eq!(reasons, [Reason::ApplicationDisabled]);
        application::update(&test.system(), *id, None, enabled(true)).await.unwrap();

        user::suspend(&test.system(), alice).await.unwrap();
        let Preview::Denied { reasons } = look(&ctx, &resource).await else { panic!("not denied") };
        assert_eq!(reasons, [Reason::UserSuspended]);
        user::activate(&test.system(), alice).await.unwrap();
    }
    application::delete(&test.system(), *id, None).await.unwrap();
    assert!(matches!(look(&ctx, &resource).await, Preview::Denied { .. }));
}

#[tokio::test]
async fn what_a_person_has_and_where_they_belong_counts_at_the_very_next_question() {
    let test = testing::org().await;
    let (resource, _) = application(&test).await;
    let ctx = test.nobody();
    assert!(matches!(look(&ctx, &resource).await, Preview::Unknown));
    let alice = person(&test, "alice").await;
    let input = CreateGroup { name: "staff".into(), description: String::new(), kind: GroupKind::Users };
    let staff = group::create(&test.system(), input).await.unwrap().id;
    second_door(&test.system(), SecondDoorPolicy::Groups { groups: vec![staff] }).await;
    for _ in 0..2 {
        assert!(matches!(look(&ctx, &resource).await, Preview::Allow));
    }
    let member = GroupMember { user: Some("alice".into()), ..GroupMember::default() };
    group::add_member(&test.system(), staff, member).await.unwrap();
    for _ in 0..2 {
        assert!(matches!(look(&ctx, &resource).await, Preview::EnrollmentNeeded));
    }
    factor::issue_bypass_codes(&test.system(), alice, 1, 3600).await.unwrap();
    for _ in 0..2 {
        let Preview::SecondDoor { offers, .. } = look(&ctx, &resource).await else {
            panic!("no second door")
        };
        assert_eq!(offers.len(), 1);
    }
    // What has expired is offered no more, though nothing was written.
    test.clock.advance(Span::hours(2));
    assert!(matches!(look(&test.nobody(), &resource).await, Preview::EnrollmentNeeded));
}

#[tokio::test]
async fn a_door_that_wrong_codes_shut_is_shut_at_the_very_next_question() {
    let test = testing::org().await;
    let (resource, _) = application(&test).await;
    let alice = signin::tests::person(&test, "alice").await;
    let ctx = test.nobody();
    for _ in 0..5 {
        // More than once, so that the last answer comes from memory.
        for _ in 0..3 {
            assert!(matches!(look(&ctx, &resource).await, Preview::SecondDoor { .. }));
        }
        let step = signin::tests::to_second_door(&ctx, "alice").await;
        signin::passcode(&ctx, &step.handle, &"000000".into()).await.unwrap();
    }
    for _ in 0..3 {
        let Preview::Denied { reasons } = look(&ctx, &resource).await else { panic!("not denied") };
        assert_eq!(reasons, [Reason::Throttled]);
    }
    user::unlock(&test.system(), alice.id).await.unwrap();
    for _ in 0..3 {
        assert!(matches!(look(&ctx, &resource).await, Preview::SecondDoor { .. }));
    }
}

#[tokio::test]
async fn a_replaced_key_is_worth_nothing_from_the_answer_on() {
    let test = testing::org().await;
    let (resource, mut keys) = application(&test).await;
    let Resource::Application { application: id, .. } = resource else { panic!() };
    for _ in 0..20 {
        for _ in 0..2 {
            let found = application::credentials(&test.nobody(), &keys.ikey).await.unwrap().unwrap();
            assert!(found.skey.matches(keys.skey.expose()));
        }
        keys = application::rotate_skey(&test.system(), id).await.unwrap();
    }
    application::delete(&test.system(), id, None).await.unwrap();
    assert!(application::credentials(&test.nobody(), &keys.ikey).await.unwrap().is_none());
}

#[tokio::test]
async fn what_another_node_wrote_counts_at_once() {
    let test = testing::org().await;
    // A file belongs to one server, which its folder's lock sees to; a database server may have many.
    if !test.org.db.is_shared() {
        return;
    }
    let (resource, keys) = application(&test).await;
    let Resource::Application { application: id, .. } = resource.clone() else { panic!() };
    let alice = person(&test, "alice").await;
    let ctx = test.nobody();
    let other = test.other_node();
    second_door(&other, SecondDoorPolicy::Never).await;
    assert!(matches!(look(&ctx, &resource).await, Preview::Allow));
    application::credentials(&ctx, &keys.ikey).await.unwrap().unwrap();
    second_door(&other, SecondDoorPolicy::Always).await;
    assert!(matches!(look(&ctx, &resource).await, Preview::EnrollmentNeeded));
    user::suspend(&other, alice).await.unwrap();
    assert!(matches!(look(&ctx, &resource).await, Preview::Denied { .. }));
    let replaced = application::rotate_skey(&other, id).await.unwrap();
    let found = application::credentials(&ctx, &keys.ikey).await.unwrap().unwrap();
    assert!(found.skey.matches(replaced.skey.expose()));
}

#[tokio::test]
async fn a_write_sees_what_it_wrote_itself() {
    let test = testing::org().await;
    second_door(&test.system(), SecondDoorPolicy::Never).await;
    let seen = test
        .system()
        .write(|tx| {
            let view = &tx.ctx.org.view;
            let before = view.settings(tx)?.second_door();
            let settings = crate::ctx::settings(tx)?;
            let always = settings.value.clone().with_second_door(SecondDoorPolicy::Always);
            let changed = tx.update(&settings, always)?;
            tx.record(changed, "update");
            let after = view.settings(tx)?.second_door();
            Ok((before, after))
        })
        .await
        .unwrap();
    assert_eq!(seen, (SecondDoorPolicy::Never, SecondDoorPolicy::Always));
}

#[tokio::test]
async fn guessed_keys_and_unknown_ids_fill_nothing() {
    let test = testing::org().await;
    let (_, keys) = application(&test).await;
    for n in 0..50 {
        let guess = format!("DI{n:018}");
        assert!(application::credentials(&test.nobody(), &guess).await.unwrap().is_none());
    }
    application::credentials(&test.nobody(), &keys.ikey).await.unwrap().unwrap();
    let place = test.nobody().read(|reader| Ok(reader.place()?)).await.unwrap();
    let known = test.org.view.at(place).unwrap();
    assert_eq!((known.keyed.len(), known.applications.len()), (1, 0));
}
