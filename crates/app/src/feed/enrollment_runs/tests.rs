use sallyport_api::rest::{CreateCommand, GroupMember};
use sallyport_model::id::GroupId;

use super::*;
use crate::{
    device, feed, group,
    run::tests::{device as new_device, group_of, script},
    testing::{self, TestOrg},
};

async fn command(test: &TestOrg, name: &str, groups: &[GroupId], devices: &[DeviceId]) -> CommandId {
    let input = CreateCommand {
        trigger: Some(Trigger::OnEnrollment),
        groups: groups.iter().map(ToString::to_string).collect(),
        devices: devices.iter().map(ToString::to_string).collect(),
        ..script(name)
    };
    command::create(&test.system(), input).await.unwrap().id
}

async fn runs_on(test: &TestOrg, device: DeviceId) -> Vec<String> {
    feed::catch_up(&test.org).await.unwrap();
    let filter = run::RunFilter { device: Some(device), limit: 100, ..run::RunFilter::default() };
    let page = run::list(&test.system(), filter).await.unwrap();
    page.items.iter().map(|run| run.command_name.clone()).collect()
}

async fn join(test: &TestOrg, group: GroupId, member: GroupMember) {
    group::add_member(&test.system(), group, member).await.unwrap();
}

#[tokio::test]
async fn a_device_that_becomes_active_gets_the_commands_of_its_targets_once() {
    let test = testing::org().await;
    let device = new_device(&test, "web-1", DeviceState::Quarantined).await;
    let group = group_of(&test, "web", &[device]).await;
    command(&test, "of its group", &[group], &[]).await;
    command(&test, "of itself", &[], &[device]).await;
    command(&test, "of others", &[group_of(&test, "other", &[]).await], &[]).await;
    assert!(runs_on(&test, device).await.is_empty(), "quarantined");
    device::admit(&test.system(), device).await.unwrap();
    let mut got = runs_on(&test, device).await;
    got.sort();
    assert_eq!(got, ["of its group", "of itself"]);

    let changes = test.system().read(|reader| Ok(reader.changes_after(0, 1000)?)).await.unwrap();
    let woken = test.system().write(move |tx| apply(tx, &changes)).await.unwrap();
    assert!(woken.is_empty(), "the same changes again");
    assert_eq!(runs_on(&test, device).await.len(), 2);
}

#[tokio::test]
async fn joining_a_group_and_nesting_of_groups_count_too() {
    let test = testing::org().await;
    let device = new_device(&test, "web-1", DeviceState::Active).await;
    let (inner, outer) = (group_of(&test, "inner", &[]).await, group_of(&test, "outer", &[]).await);
    command(&test, "inner", &[inner], &[]).await;
    command(&test, "outer", &[outer], &[]).await;
    join(&test, inner, GroupMember { device: Some(device.to_string()), ..Default::default() }).await;
    assert_eq!(runs_on(&test, device).await, ["inner"]);
    join(&test, outer, GroupMember { group: Some(inner.to_string()), ..Default::default() }).await;
    let mut got = runs_on(&test, device).await;
    got.sort();
    assert_eq!(got, ["inner", "outer"]);

    let leave = GroupMember { device: Some(device.to_string()), ..Default::default() };
    group::remove_member(&test.system(), inner, leave.clone()).await.unwrap();
    join(&test, inner, leave).await;
    assert_eq!(runs_on(&test, device).await.len(), 2, "once for ever");
}

#[tokio::test]
async fn devices_that_were_there_before_the_command_are_left_alone() {
    let test = testing::org().await;
    let device = new_device(&test, "web-1", DeviceState::Active).await;
    let group = group_of(&test, "web", &[device]).await;
    // The feed has not been read yet when the command comes.
    command(&test, "late", &[group], &[]).await;
    assert!(runs_on(&test, device).await.is_empty());
}

#[tokio::test]
async fn an_altered_command_is_left_out_and_stops_nobody_else() {
    let test = testing::org().await;
    let device = new_device(&test, "web-1", DeviceState::Quarantined).await;
    let (good, bad) =
        (command(&test, "good", &[], &[device]).await, command(&test, "bad", &[], &[device]).await);
    test.system()
        .write(move |tx| {
            let found = tx.find::<Command>(bad)?.unwrap();
            let evil = Command { body: "echo evil".into(), ..found.value.clone() };
            let changed = tx.update(&found, evil)?;
            tx.record(changed, "injected");
            Ok(())
        })
        .await
        .unwrap();
    device::admit(&test.system(), device).await.unwrap();
    assert_eq!(runs_on(&test, device).await, ["good"]);
    assert_ne!(good, bad);
}
