//! What holds for somebody, told.

use super::*;

#[tokio::test]
async fn the_effective_policy_says_who_says_each_line() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let group = staff(&test, alice.id).await;
    let lax = write(&test, "lax", says(SecondDoorPolicy::Never)).await;
    let new = Sections { new_user: Some(NewUser::Deny), ..Sections::default() };
    let strict = write(&test, "strict", new).await;
    let applied = Applied { policy: Some(strict), groups: vec![GroupPolicy { group, policy: lax }] };
    let Resource::Application { application, .. } = application(&test, "vpn", applied).await else {
        panic!()
    };
    let of = Where::Application(application);
    let explained = explain(&test.system(), alice.id, of, None).await.unwrap();
    let by = |section| explained.said_by.iter().find(|(of, _)| *of == section).map(|(_, by)| by.as_str());
    assert_eq!(by(Section::SecondDoor), Some("policy “lax”, applied here to group “staff”"));
    assert_eq!(by(Section::NewUser), Some("policy “strict”, applied here"));
    assert_eq!(by(Section::Lockout), Some("built in; nobody said otherwise"));
    assert_eq!(explained.reasons(), [Reason::PolicyAllowsWithout]);
    let helper = test.person(alice.id, &[Role::CommandRunner]);
    assert!(matches!(explain(&helper, alice.id, Where::Portal, None).await, Err(AppError::Denied(_))));

    // Groups and blocks by their names, but not without end, and blocks not to whoever may not read settings.
    let blocks = |count: u8| (1..=count).map(|n| format!("192.0.2.{n}/32").parse().unwrap()).collect();
    let networks =
        AuthorizedNetworks { no_second_door: blocks(1), blocked: blocks(10), ..Default::default() };
    let by_groups = says(SecondDoorPolicy::Groups { groups: vec![group] });
    let sections = Sections { authorized_networks: Some(networks), ..by_groups };
    set(&test.system(), |settings| settings.policy = sections).await.unwrap();
    let explained = explain(&test.system(), alice.id, Where::Portal, None).await.unwrap();
    assert_eq!(explained.tell(Section::SecondDoor), "asked for of members of staff");
    let told = explained.tell(Section::AuthorizedNetworks);
    assert!(
        told.starts_with("no second door from 192.0.2.1/32, for whoever has enrolled; 192.0.2.1/32, "),
        "{told}"
    );
    assert!(told.ends_with(", 192.0.2.8/32 and 2 more denied"), "{told}");
    let helper = test.person(alice.id, &[Role::HelpDesk]);
    let told =
        explain(&helper, alice.id, Where::Portal, None).await.unwrap().tell(Section::AuthorizedNetworks);
    assert_eq!(told, "no second door from 1 block, for whoever has enrolled; 10 blocks denied");
}
