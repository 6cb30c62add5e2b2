//! An administrator who lowers the policy for themselves, from within a session by both doors.

use sallyport_model::policy::{PlaceAction, RememberedDevices, RememberedFor, UserLocation};

use super::*;

#[tokio::test]
async fn whoever_lowers_the_policy_for_themselves_is_asked_for_both_doors_as_before() {
    let test = testing::org().await;
    let olga = person(&test, "olga").await;
    person(&test, "bob").await;
    crate::user::set_roles(&test.system(), olga.id, [Role::Owner].into()).await.unwrap();
    let own = test.person(olga.id, &[Role::Owner]);
    let everywhere = AuthorizedNetworks {
        no_second_door: vec!["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()],
        require_enrollment: false,
        ..AuthorizedNetworks::default()
    };
    let lax = Sections {
        second_door: Some(SecondDoorPolicy::Never),
        new_user: Some(NewUser::NoSecondDoor),
        user_location: Some(UserLocation { others: PlaceAction::NoSecondDoor, ..Default::default() }),
        authorized_networks: Some(everywhere),
        remembered_devices: Some(RememberedDevices { hours: 8, reach: RememberedFor::All }),
        ..Sections::default()
    };
    let policy = write(&test, "lax", lax.clone()).await;
    set(&own, |settings| {
        settings.policy = lax;
        settings.portal_policies = Applied { policy: Some(policy), groups: vec![] };
    })
    .await
    .unwrap();
    let vpn = application(&test, "vpn", Applied { policy: Some(policy), groups: vec![] }).await;
    let ctx = test.nobody();
    assert!(matches!(vouched(&ctx, "bob", &vpn).await, Step::Allowed(_)), "others are spared");
    assert!(matches!(vouched(&ctx, "olga", &vpn).await, Step::SecondDoor(_)));
    let step = to_second_door(&ctx, "olga").await;
    let Step::SecondDoor(again) = signin::passcode(&ctx, &step.handle, &"000000".into()).await.unwrap()
    else {
        panic!("opened")
    };
    assert_eq!(again.problem, Some(WRONG_CODE));
    let Step::Allowed(admission) = passcode_of(&ctx, &step, &olga, &test).await else { panic!("not let in") };
    assert_eq!(admission.reasons()[0], Reason::BothDoorsPassed);
}

#[tokio::test]
async fn nobody_lowers_what_counts_to_what_opens_no_door_of_theirs() {
    let test = testing::org().await;
    let olga = person(&test, "olga").await;
    crate::user::set_roles(&test.system(), olga.id, [Role::Owner].into()).await.unwrap();
    let own = test.person(olga.id, &[Role::Owner]);
    let only = |methods: &[Method]| Some(methods.iter().copied().collect::<BTreeSet<_>>());
    // Texts and calls open nobody's door who has a role; codes that somebody handed out are gone with their next use.
    crate::factor::issue_bypass_codes(&test.system(), olga.id, 2, 3600).await.unwrap();
    for lower in [&[Method::Text, Method::Call][..], &[Method::BypassCode], &[Method::Mail]] {
        let refused = set(&own, |settings| settings.policy.methods = only(lower)).await;
        assert!(matches!(refused, Err(AppError::Conflict(_))), "{lower:?}: {refused:?}");
        let row = |method| MethodRow { method, on: lower.contains(&method), groups: vec![] };
        let refused = set(&own, |settings| settings.factors = Method::ALL.map(row).to_vec()).await;
        assert!(
            matches!(refused, Err(AppError::Conflict(_) | AppError::Invalid { .. })),
            "{lower:?}: {refused:?}"
        );
    }
    let after = crate::settings::show(&test.system()).await.unwrap().value;
    assert_eq!((after.policy.methods, after.factors), (None, vec![]));
    let step = to_second_door(&test.nobody(), "olga").await;
    assert!(matches!(passcode_of(&test.nobody(), &step, &olga, &test).await, Step::Allowed(_)));
}
