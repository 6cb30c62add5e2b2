use sallyport_model::{Role, id::UserId};

use super::*;
use crate::{
    run::tests::{device, group_of, script},
    testing::{self, TestOrg},
};

fn on_enrollment(name: &str, devices: &[DeviceId]) -> CreateCommand {
    let devices = devices.iter().map(ToString::to_string).collect();
    CreateCommand { trigger: Some(Trigger::OnEnrollment), devices, ..script(name) }
}

async fn runs_of(test: &TestOrg, command: CommandId) -> usize {
    let filter = run::RunFilter { command: Some(command), limit: 100, ..run::RunFilter::default() };
    run::list(&test.system(), filter).await.unwrap().items.len()
}

#[tokio::test]
async fn a_command_is_found_by_name_and_id_changed_and_deleted() {
    let test = testing::org().await;
    let created = create(&test.system(), script("Update packages")).await.unwrap();
    assert_eq!(resolve(&test.system(), "update PACKAGES").await.unwrap(), created);
    assert_eq!(show(&test.system(), created.id).await.unwrap(), created);
    let taken = create(&test.system(), script("UPDATE packages")).await;
    assert!(matches!(taken, Err(AppError::Conflict(_))));
    let change = UpdateCommand { timeout_seconds: Some(5), ..UpdateCommand::default() };
    let changed = update(&test.system(), created.id, Some(1), change.clone()).await.unwrap();
    assert_eq!((changed.timeout_seconds, changed.version), (5, 2));
    assert!(matches!(
        update(&test.system(), created.id, Some(1), change.clone()).await,
        Err(AppError::Stale)
    ));
    let same = update(&test.system(), created.id, None, change).await;
    assert!(matches!(same, Err(AppError::Invalid { .. })));
    delete(&test.system(), created.id, None).await.unwrap();
    assert!(matches!(show(&test.system(), created.id).await, Err(AppError::NotFound { .. })));
}

#[tokio::test]
async fn what_no_device_should_run_is_refused() {
    let test = testing::org().await;
    let environment = |name: &str, value: &str| CreateCommand {
        environment: [(name.to_owned(), value.to_owned())].into(),
        ..script("c")
    };
    let bad = [
        ("name", CreateCommand { name: " ".into(), ..script("c") }),
        ("body", CreateCommand { body: "\n".into(), ..script("c") }),
        ("body", CreateCommand { body: "x".repeat(256 * 1024 + 1), ..script("c") }),
        ("body", CreateCommand { body: "echo \0".into(), ..script("c") }),
        ("body", CreateCommand { body: "\u{1}".repeat(200 * 1024), ..script("c") }),
        ("run_as", CreateCommand { run_as: Some("root; id".into()), ..script("c") }),
        ("run_as", CreateCommand { run_as: Some(String::new()), ..script("c") }),
        ("run_as", CreateCommand { run_as: Some("-u".into()), ..script("c") }),
        ("timeout_seconds", CreateCommand { timeout_seconds: Some(0), ..script("c") }),
        ("timeout_seconds", CreateCommand { timeout_seconds: Some(86_401), ..script("c") }),
        ("environment", environment("path", "x")),
        ("environment", environment("1A", "x")),
        ("environment", environment("A=B", "x")),
        ("environment", environment("", "x")),
        ("environment", environment("LD_PRELOAD", "x")),
        ("environment", environment("GLIBC_TUNABLES", "x")),
        ("environment", environment("A", "x\ny")),
        ("environment", environment("A", "x\0y")),
        ("run_on_present", CreateCommand { run_on_present: true, ..script("c") }),
    ];
    for (expected, input) in bad {
        match create(&test.system(), input).await {
            Err(AppError::Invalid { field, .. }) => assert_eq!(field, expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
    let good = CreateCommand { body: "\"".repeat(200 * 1024), run_as: Some("alice".into()), ..script("c") };
    assert!(create(&test.system(), good).await.is_ok());
    let nowhere = CreateCommand { devices: vec!["nowhere".into()], ..script("d") };
    assert!(matches!(create(&test.system(), nowhere).await, Err(AppError::NotFound { .. })));
}

#[tokio::test]
async fn a_command_altered_in_the_database_is_not_launched() {
    let test = testing::org().await;
    let device = device(&test, "web-1", DeviceState::Active).await;
    let created = create(&test.system(), script("update")).await.unwrap();
    let id = created.id;
    test.system()
        .write(move |tx| {
            let evil = Command { body: "echo evil".into(), ..created.value.clone() };
            let changed = tx.update(&created, evil)?;
            tx.record(changed, "injected");
            Ok(())
        })
        .await
        .unwrap();
    let input =
        sallyport_api::rest::LaunchCommand { devices: vec![device.to_string()], ..Default::default() };
    assert!(matches!(run::launch(&test.system(), id, input).await, Err(AppError::Internal(_))));
    let rename = UpdateCommand { name: Some("washed".into()), ..UpdateCommand::default() };
    assert!(matches!(update(&test.system(), id, None, rename).await, Err(AppError::Internal(_))));
    delete(&test.system(), id, None).await.unwrap();
}

#[tokio::test]
async fn present_devices_are_run_on_only_if_that_is_chosen() {
    let test = testing::org().await;
    let present = device(&test, "web-1", DeviceState::Active).await;
    let waiting = device(&test, "web-2", DeviceState::Quarantined).await;
    group_of(&test, "web", &[present, waiting]).await;
    let silent = create(&test.system(), on_enrollment("silent", &[present])).await.unwrap();
    assert_eq!(runs_of(&test, silent.id).await, 0);
    let loud =
        CreateCommand { run_on_present: true, groups: vec!["web".into()], ..on_enrollment("loud", &[]) };
    let loud = create(&test.system(), loud).await.unwrap();
    assert_eq!(runs_of(&test, loud.id).await, 1);
}

#[tokio::test]
async fn a_command_is_switched_to_on_enrollment_and_back_and_each_device_has_one_turn() {
    let test = testing::org().await;
    let (a, b) = (
        device(&test, "web-1", DeviceState::Active).await,
        device(&test, "web-2", DeviceState::Active).await,
    );
    let input = CreateCommand { devices: vec![a.to_string()], ..script("login component") };
    let command = create(&test.system(), input).await.unwrap();
    let switch = |trigger, run_on_present| UpdateCommand {
        trigger: Some(trigger),
        run_on_present,
        ..UpdateCommand::default()
    };
    update(&test.system(), command.id, None, switch(Trigger::OnEnrollment, true)).await.unwrap();
    assert_eq!(runs_of(&test, command.id).await, 1);
    update(&test.system(), command.id, None, switch(Trigger::Manual, false)).await.unwrap();
    update(&test.system(), command.id, None, switch(Trigger::OnEnrollment, true)).await.unwrap();
    assert_eq!(runs_of(&test, command.id).await, 1, "once for ever");
    let wider = UpdateCommand {
        devices: Some(vec![a.to_string(), b.to_string()]),
        run_on_present: true,
        ..UpdateCommand::default()
    };
    update(&test.system(), command.id, None, wider).await.unwrap();
    assert_eq!(runs_of(&test, command.id).await, 2);
}

#[tokio::test]
async fn deleting_a_command_cancels_what_no_device_took() {
    let test = testing::org().await;
    let device = device(&test, "web-1", DeviceState::Active).await;
    let command = create(&test.system(), script("update")).await.unwrap();
    let input =
        sallyport_api::rest::LaunchCommand { devices: vec![device.to_string()], ..Default::default() };
    let run = run::launch(&test.system(), command.id, input).await.unwrap().remove(0);
    delete(&test.system(), command.id, None).await.unwrap();
    assert_eq!(run::show(&test.system(), run.id).await.unwrap().state.as_str(), "cancelled");
}

#[tokio::test]
async fn only_who_writes_commands_writes_them() {
    let test = testing::org().await;
    let user = test.system().id(UserId::new).unwrap();
    for role in [Role::HelpDesk, Role::Auditor, Role::CommandRunner] {
        let ctx = test.person(user, &[role]);
        assert!(matches!(create(&ctx, script("c")).await, Err(AppError::Denied(_))), "{role:?}");
    }
    let ctx = test.person(user, &[Role::Administrator]);
    assert!(create(&ctx, on_enrollment("c", &[])).await.is_ok());
    assert!(matches!(list(&test.nobody(), PageRequest::default()).await, Err(AppError::Unauthenticated)));
}
