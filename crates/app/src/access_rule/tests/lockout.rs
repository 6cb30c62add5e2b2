//! A change that would shut out every owner is refused, whoever makes it.

use sallyport_model::access_rule::Weekday;

use super::*;
use crate::device::testing::user_member;

async fn owners(test: &TestOrg) -> [UserId; 2] {
    let mut ids = Vec::new();
    for name in ["olga", "otto"] {
        let person = person(test, name).await;
        crate::user::set_roles(&test.system(), person.id, [Role::Owner].into()).await.unwrap();
        ids.push(person.id);
    }
    [ids[0], ids[1]]
}

async fn is_refused(test: &TestOrg, says: RuleSays) -> bool {
    match create(&test.system(), on("Rule", says)).await {
        Ok(changed) => {
            delete(&test.system(), changed.rule.id, None).await.unwrap();
            false
        }
        Err(AppError::Conflict(text)) => {
            assert!(text.to_string().contains("no owner could reach"), "{text}");
            assert!(all(&test.system()).await.unwrap().is_empty(), "nothing is kept");
            true
        }
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn a_rule_that_leaves_no_owner_a_way_in_is_refused_and_one_that_leaves_one_is_not() {
    let test = testing::org().await;
    let [olga, _] = owners(&test).await;
    let admin = |effect| at(ResourceKind::AdminPortal, effect);
    let except = |users: &[UserId]| Who { except_users: users.iter().copied().collect(), ..Who::default() };
    let then = |method| Then {
        effect: Effect::SecondDoor,
        methods: Some(BTreeSet::from([method])),
        ..Then::default()
    };
    let expression = |text: &str| RuleSays { expression: Some(text.into()), ..says(Effect::Allow) };
    let friday = When { days: [Weekday::Friday].into(), ..When::default() };
    let unmanaged = OnDevice { managed: Some(false), ..OnDevice::default() };
    let everywhere = |not| from(not, "0.0.0.0/0");
    for (says, refused) in [
        (says(Effect::Deny), true),
        (admin(Effect::Deny), true),
        (at(ResourceKind::UserPortal, Effect::Deny), true),
        (at(ResourceKind::DeviceLogin, Effect::Deny), false),
        (RuleSays { who: except(&[olga]), ..says(Effect::Deny) }, false),
        (RuleSays { from: from(true, "192.0.2.0/24"), ..admin(Effect::Deny) }, false),
        (RuleSays { from: everywhere(false), ..admin(Effect::Deny) }, false),
        (RuleSays { when: Some(When { outside: true, ..friday.clone() }), ..admin(Effect::Deny) }, false),
        // A device can be lost: none is counted on.
        (RuleSays { device: unmanaged, ..admin(Effect::Deny) }, true),
        (RuleSays { then: then(Method::Passkey), ..admin(Effect::SecondDoor) }, true),
        (RuleSays { then: then(Method::Totp), ..admin(Effect::SecondDoor) }, false),
        (expression("context.time.hour + 9223372036854775807 > 0"), false),
        (expression("context.time.unix + 9223372036854775807 > 0"), true),
    ] {
        assert_eq!(is_refused(&test, says.clone()).await, refused, "{says:?}");
    }
}

#[tokio::test]
async fn rules_that_shut_owners_out_together_are_refused_though_none_does_alone() {
    let test = testing::org().await;
    owners(&test).await;
    let admin = at(ResourceKind::AdminPortal, Effect::Deny);
    let inside = RuleSays { from: from(false, "192.0.2.0/24"), ..admin.clone() };
    let outside = RuleSays { from: from(true, "192.0.2.0/24"), ..admin };
    let first = write(&test, "Inside", inside).await;
    let input = CreateAccessRule { mode: RuleMode::DryRun, ..on("Outside", outside) };
    let second = create(&test.system(), input).await.unwrap().rule;
    let switched_on = UpdateAccessRule { mode: Some(RuleMode::On), ..UpdateAccessRule::default() };
    let refused = update(&test.system(), second.id, None, switched_on.clone()).await;
    assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
    to_mode(&test, first.id, RuleMode::Off).await;
    update(&test.system(), second.id, None, switched_on).await.unwrap();
}

#[tokio::test]
async fn a_change_of_a_group_that_a_rule_excepts_is_refused_where_it_was_the_last_way_in() {
    let test = testing::org().await;
    owners(&test).await;
    let keepers = test.group("keepers", GroupKind::Users).await;
    test.join(&keepers, user_member("olga")).await;
    let who = Who { except_groups: [keepers.id].into(), ..Who::default() };
    write(&test, "Keepers", RuleSays { who, ..at(ResourceKind::AdminPortal, Effect::Deny) }).await;
    let gone = crate::group::remove_member(&test.system(), keepers.id, user_member("olga")).await;
    assert!(matches!(gone, Err(AppError::Conflict(_))), "{gone:?}");
    test.join(&keepers, user_member("otto")).await;
    crate::group::remove_member(&test.system(), keepers.id, user_member("olga")).await.unwrap();
}

#[tokio::test]
async fn nobody_does_without_the_last_owner_whom_the_rules_let_in() {
    let test = testing::org().await;
    let [olga, otto] = owners(&test).await;
    let who = Who { except_users: [olga].into(), ..Who::default() };
    let rule =
        write(&test, "But Olga", RuleSays { who, ..at(ResourceKind::AdminPortal, Effect::Deny) }).await;
    let system = test.system();
    for refused in [
        crate::user::suspend(&system, olga).await.err(),
        crate::user::set_roles(&system, olga, BTreeSet::new()).await.err(),
    ] {
        let Some(AppError::Conflict(text)) = refused else { panic!("{refused:?}") };
        assert!(text.to_string().contains("no other owner"), "{text}");
    }
    crate::user::suspend(&system, otto).await.unwrap();
    crate::user::activate(&system, otto).await.unwrap();
    to_mode(&test, rule.id, RuleMode::Off).await;
    crate::user::suspend(&system, olga).await.unwrap();
}

#[tokio::test]
async fn nobody_shuts_themselves_out_of_the_administrators_portal_from_where_they_are() {
    let test = testing::org().await;
    let [olga, otto] = owners(&test).await;
    let ctx = Ctx { source: Some([192, 0, 2, 7].into()), ..test.person(olga, &[Role::Owner]) };
    let admin = at(ResourceKind::AdminPortal, Effect::Deny);
    let here = RuleSays { from: from(false, "192.0.2.0/24"), ..admin.clone() };
    let refused = create(&ctx, on("Here", here.clone())).await;
    let Err(AppError::Conflict(text)) = refused else { panic!("{refused:?}") };
    assert!(text.to_string().contains("yourself"), "{text}");
    let who = Who { users: [otto].into(), ..Who::default() };
    create(&ctx, on("Otto", RuleSays { who, ..here })).await.unwrap();
    // A token is nobody who could be shut out.
    let token = test.system().with_caller(Caller::LocalAdmin);
    create(&token, on("Here", RuleSays { from: from(false, "192.0.2.0/24"), ..admin })).await.unwrap();
}

#[tokio::test]
async fn whoever_holds_the_machine_lifts_the_rules_that_keep_an_owner_out() {
    let test = testing::org().await;
    let [olga, _] = owners(&test).await;
    let office = RuleSays { from: from(true, "192.0.2.0/24"), ..at(ResourceKind::AdminPortal, Effect::Deny) };
    let keeps_out = write(&test, "Office", office).await;
    let devices = write(&test, "Devices", at(ResourceKind::DeviceLogin, Effect::Deny)).await;
    let local = test.system().with_caller(Caller::LocalAdmin);
    crate::setup::recover(&local, "olga", true).await.unwrap();
    assert_eq!(show(&local, keeps_out.id).await.unwrap().mode, RuleMode::Off);
    assert_eq!(show(&local, devices.id).await.unwrap().mode, RuleMode::On);
    assert!(crate::user::show(&local, olga).await.unwrap().is_active());
}
