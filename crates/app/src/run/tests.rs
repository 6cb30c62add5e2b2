use sallyport_api::{
    agent::{RunEvent, RunHappening, RunOrder, ServerMessage, Signed, Stream, context},
    rest::{CreateCommand, CreateGroup, GroupMember, UpdateCommand},
};
use sallyport_model::{
    GroupKind, Interpreter, Platform, Role,
    id::{EnrollmentTokenId, GroupId, UserId},
};

use super::*;
use crate::{
    group,
    hub::Wakeup,
    testing::{self, TestOrg},
};

/// A device in this state.
pub(crate) async fn device(test: &TestOrg, name: &str, state: DeviceState) -> DeviceId {
    let system = test.system();
    let device = Device {
        id: system.id(DeviceId::new).unwrap(),
        name: name.into(),
        platform: Platform::Linux,
        state,
        public_key: "0".repeat(64),
        enrolled_with: system.id(EnrollmentTokenId::new).unwrap(),
        created: system.now,
    };
    system
        .write(move |tx| {
            let created = tx.create(device.clone())?;
            Ok(tx.record(created, "enroll").id)
        })
        .await
        .unwrap()
}

/// A group of devices with these members.
pub(crate) async fn group_of(test: &TestOrg, name: &str, devices: &[DeviceId]) -> GroupId {
    let input = CreateGroup { name: name.into(), description: String::new(), kind: GroupKind::Devices };
    let id = group::create(&test.system(), input).await.unwrap().id;
    for device in devices {
        let member = GroupMember { device: Some(device.to_string()), ..GroupMember::default() };
        group::add_member(&test.system(), id, member).await.unwrap();
    }
    id
}

pub(crate) fn script(name: &str) -> CreateCommand {
    CreateCommand {
        name: name.into(),
        interpreter: Interpreter::Sh,
        body: "echo hello".into(),
        run_as: None,
        timeout_seconds: Some(60),
        environment: std::collections::BTreeMap::new(),
        trigger: None,
        devices: Vec::new(),
        groups: Vec::new(),
        run_on_present: false,
    }
}

fn on(device: DeviceId) -> LaunchCommand {
    LaunchCommand { devices: vec![device.to_string()], ..LaunchCommand::default() }
}

async fn launched(test: &TestOrg, device: DeviceId) -> Run {
    let name = format!("command {}", test.system().uuid().unwrap());
    let command = command::create(&test.system(), script(&name)).await.unwrap();
    launch(&test.system(), command.id, on(device)).await.unwrap().remove(0)
}

fn says(test: &TestOrg, run: RunId, seq: u64, what: RunHappening) -> RunEvent {
    RunEvent { run, seq, at: test.system().now, what }
}

fn printed(text: &[u8]) -> RunHappening {
    RunHappening::Output { stream: Stream::Stdout, data: data_encoding::BASE64.encode(text) }
}

async fn state(test: &TestOrg, run: RunId) -> RunState {
    show(&test.system(), run).await.unwrap().value.state
}

fn opened(test: &TestOrg, signed: &Signed) -> RunOrder {
    let signature = data_encoding::HEXLOWER.decode(signed.signature.as_bytes()).unwrap();
    let key = test.org.keys.device_signing().public();
    assert!(key.verifies(context::RUN, signed.payload.as_bytes(), &signature));
    serde_json::from_str(&signed.payload).unwrap()
}

#[tokio::test]
async fn a_run_goes_from_the_queue_to_its_end_with_its_output() {
    let test = testing::org().await;
    let device = device(&test, "web-1", DeviceState::Active).await;
    let run = launched(&test, device).await;
    let orders = orders_for(&test.system(), device).await.unwrap();
    let order = opened(&test, &orders[0]);
    assert_eq!((order.run, order.body.as_str(), order.run_as.as_str()), (run.id, "echo hello", "root"));
    assert_eq!(order.not_after, run.created.plus(Span::hours(24)));
    assert_eq!(orders_for(&test.system(), device).await.unwrap(), orders, "asked again, the same bytes");

    for (seq, what) in [(1, RunHappening::Started), (2, printed(b"hel")), (3, printed(b"lo\xff"))] {
        let answer = event(&test.system(), device, says(&test, run.id, seq, what)).await.unwrap();
        assert_eq!(answer, ServerMessage::RunAcknowledged { run: run.id, seq });
    }
    assert!(orders_for(&test.system(), device).await.unwrap().is_empty());
    let end = RunHappening::Finished { exit_code: Some(3), reason: None };
    event(&test.system(), device, says(&test, run.id, 4, end.clone())).await.unwrap();
    let expected = RunState::Finished { at: test.system().now, exit_code: Some(3), reason: None };
    assert_eq!(state(&test, run.id).await, expected);

    let output = output(&test.system(), run.id, 0).await.unwrap();
    let said: Vec<Said> = output.pieces.into_iter().map(|piece| piece.said).collect();
    assert_eq!(said, [Said::Printed(b"hel".to_vec()), Said::Printed(b"lo\xff".to_vec())]);
    assert_eq!((output.next_seq, output.more, output.left_out), (3, false, 0));
    assert!(super::output(&test.system(), run.id, 3).await.unwrap().pieces.is_empty());
}

#[tokio::test]
async fn what_is_said_again_is_acknowledged_and_changes_nothing() {
    let test = testing::org().await;
    let device = device(&test, "web-1", DeviceState::Active).await;
    let run = launched(&test, device).await;
    for seq in [1, 2, 1, 2] {
        event(&test.system(), device, says(&test, run.id, seq, printed(b"x"))).await.unwrap();
    }
    assert_eq!(output(&test.system(), run.id, 0).await.unwrap().pieces.len(), 2);
    let end = says(&test, run.id, 3, RunHappening::Refused { reason: "no such account\u{1b}[2J".into() });
    event(&test.system(), device, end.clone()).await.unwrap();
    let before = show(&test.system(), run.id).await.unwrap();
    let answer = event(&test.system(), device, end).await.unwrap();
    assert_eq!(answer, ServerMessage::RunAcknowledged { run: run.id, seq: 3 });
    assert_eq!(show(&test.system(), run.id).await.unwrap(), before);
    let RunState::Finished { reason, .. } = before.value.state else { panic!("not finished") };
    assert_eq!(reason.as_deref(), Some("no such account[2J"));
    // A later word than the last changes nothing either.
    event(&test.system(), device, says(&test, run.id, 4, RunHappening::Started)).await.unwrap();
    assert_eq!(state(&test, run.id).await.as_str(), "finished");
}

#[tokio::test]
async fn a_device_speaks_for_its_own_runs_only() {
    let test = testing::org().await;
    let own = device(&test, "web-1", DeviceState::Active).await;
    let other = device(&test, "web-2", DeviceState::Active).await;
    let run = launched(&test, own).await;
    for id in [run.id, test.system().id(RunId::new).unwrap()] {
        let refused = event(&test.system(), other, says(&test, id, 1, RunHappening::Started)).await;
        assert!(matches!(refused, Err(AppError::Denied(_))), "{refused:?}");
    }
    assert!(orders_for(&test.system(), other).await.unwrap().is_empty());
    assert_eq!(state(&test, run.id).await, RunState::Queued);
}

#[tokio::test]
async fn output_is_kept_up_to_a_limit_and_the_rest_is_counted() {
    let test = testing::org().await;
    let device = device(&test, "web-1", DeviceState::Active).await;
    let run = launched(&test, device).await;
    let piece = vec![b'x'; 200 * 1024];
    for seq in 1..=10 {
        event(&test.system(), device, says(&test, run.id, seq, printed(&piece))).await.unwrap();
    }
    let bad = RunHappening::Output { stream: Stream::Stderr, data: "no base64!".into() };
    event(&test.system(), device, says(&test, run.id, 11, bad)).await.unwrap();
    let output = output(&test.system(), run.id, 0).await.unwrap();
    assert_eq!(output.left_out, 5 * 200 * 1024);
    assert_eq!(output.pieces.len(), 6);
    assert_eq!(output.pieces[5].said, Said::Dropped(10));
}

#[tokio::test]
async fn a_run_that_no_device_took_is_cancelled_at_once() {
    let test = testing::org().await;
    let device = device(&test, "web-1", DeviceState::Active).await;
    let run = launched(&test, device).await;
    let cancelled = cancel(&test.system(), run.id).await.unwrap();
    assert_eq!(cancelled.state.as_str(), "cancelled");
    assert!(orders_for(&test.system(), device).await.unwrap().is_empty());
    assert!(matches!(cancel(&test.system(), run.id).await, Err(AppError::Conflict(_))));
}

#[tokio::test]
async fn a_run_that_was_handed_out_is_cancelled_by_the_device_alone() {
    let test = testing::org().await;
    let device = device(&test, "web-1", DeviceState::Active).await;
    let run = launched(&test, device).await;
    orders_for(&test.system(), device).await.unwrap();
    let connection = test.org.hub.register(device);
    assert_eq!(connection.woken().await, Wakeup::Desired);
    let asked = cancel(&test.system(), run.id).await.unwrap();
    assert_eq!(asked.state, RunState::Queued);
    assert_eq!(connection.woken().await, Wakeup::Message(ServerMessage::CancelRun { run: run.id }));
    assert!(matches!(connection.woken().await, Wakeup::Message(ServerMessage::Run { .. })));

    // It comes back: the stop is asked for again, and before the order.
    assert!(orders_for(&test.system(), device).await.unwrap().is_empty());
    assert_eq!(connection.woken().await, Wakeup::Message(ServerMessage::CancelRun { run: run.id }));
    assert!(matches!(connection.woken().await, Wakeup::Message(ServerMessage::Run { .. })));

    // It began all the same: it is told to stop what it runs.
    event(&test.system(), device, says(&test, run.id, 1, RunHappening::Started)).await.unwrap();
    assert_eq!(connection.woken().await, Wakeup::Message(ServerMessage::CancelRun { run: run.id }));
    event(&test.system(), device, says(&test, run.id, 2, RunHappening::Cancelled)).await.unwrap();
    assert_eq!(state(&test, run.id).await.as_str(), "cancelled");
}

#[tokio::test]
async fn only_active_devices_get_runs() {
    let test = testing::org().await;
    let active = device(&test, "web-1", DeviceState::Active).await;
    let waiting = device(&test, "web-2", DeviceState::Quarantined).await;
    let group = group_of(&test, "web", &[active, waiting]).await;
    let input = CreateCommand { groups: vec!["web".into()], ..script("update") };
    let command = command::create(&test.system(), input).await.unwrap();
    let runs = launch(&test.system(), command.id, LaunchCommand::default()).await.unwrap();
    assert_eq!(runs.iter().map(|run| run.device).collect::<Vec<_>>(), [active]);
    assert!(matches!(launch(&test.system(), command.id, on(waiting)).await, Err(AppError::Conflict(_))));
    let empty = LaunchCommand {
        groups: vec![group_of(&test, "none", &[]).await.to_string()],
        ..LaunchCommand::default()
    };
    assert!(matches!(launch(&test.system(), command.id, empty).await, Err(AppError::Conflict(_))));
    let forever = LaunchCommand { expires_in_hours: Some(721), ..on(active) };
    assert!(matches!(launch(&test.system(), command.id, forever).await, Err(AppError::Invalid { .. })));
    let unknown = LaunchCommand { devices: vec!["nowhere".into()], ..LaunchCommand::default() };
    assert!(matches!(launch(&test.system(), command.id, unknown).await, Err(AppError::NotFound { .. })));
    assert!(group.to_string().starts_with("grp_"));
}

#[tokio::test]
async fn a_run_does_what_was_launched_whatever_became_of_the_command() {
    let test = testing::org().await;
    let device = device(&test, "web-1", DeviceState::Active).await;
    let run = launched(&test, device).await;
    let change = UpdateCommand { body: Some("echo changed".into()), ..UpdateCommand::default() };
    command::update(&test.system(), run.command, None, change).await.unwrap();
    let orders = orders_for(&test.system(), device).await.unwrap();
    assert_eq!(opened(&test, &orders[0]).body, "echo hello");
}

#[tokio::test]
async fn what_is_written_past_the_use_cases_is_not_signed() {
    let test = testing::org().await;
    let device = device(&test, "web-1", DeviceState::Active).await;
    let (own, foreign) = (launched(&test, device).await, launched(&test, device).await);
    test.system()
        .write(move |tx| {
            let terms = tx.find_secret(&own.id.to_string(), "run_terms")?.unwrap();
            tx.put_secret(&foreign.id.to_string(), "run_terms", &terms)?;
            Ok(())
        })
        .await
        .unwrap();
    let orders = orders_for(&test.system(), device).await.unwrap();
    assert_eq!(orders.iter().map(|order| opened(&test, order).run).collect::<Vec<_>>(), [own.id]);
}

#[tokio::test]
async fn lists_are_newest_first_and_page() {
    let test = testing::org().await;
    let (a, b) = (
        device(&test, "web-1", DeviceState::Active).await,
        device(&test, "web-2", DeviceState::Active).await,
    );
    let mut runs = Vec::new();
    for day in 0..6 {
        test.clock.advance(Span::days(1));
        runs.push(launched(&test, if day % 2 == 0 { a } else { b }).await);
    }
    let ids = |runs: &[Versioned<Run>]| runs.iter().map(|run| run.id).collect::<Vec<_>>();
    for device in [None, Some(a)] {
        let mut expected: Vec<RunId> = runs
            .iter()
            .filter(|run| device.is_none_or(|device| device == run.device))
            .map(|r| r.id)
            .collect();
        expected.reverse();
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let filter = RunFilter { device, before, limit: 2, ..RunFilter::default() };
            let page = list(&test.system(), filter).await.unwrap();
            seen.extend(ids(&page.items));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected);
    }
    let filter = RunFilter { command: Some(runs[3].command), limit: 5, ..RunFilter::default() };
    assert_eq!(ids(&list(&test.system(), filter).await.unwrap().items), [runs[3].id]);
    let filter = RunFilter { state: Some("started".into()), limit: 5, ..RunFilter::default() };
    assert!(list(&test.system(), filter).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn who_may_not_launch_may_not_launch() {
    let test = testing::org().await;
    let device = device(&test, "web-1", DeviceState::Active).await;
    let run = launched(&test, device).await;
    let user = test.system().id(UserId::new).unwrap();
    for role in [Role::HelpDesk, Role::Auditor] {
        let ctx = test.person(user, &[role]);
        assert!(matches!(launch(&ctx, run.command, on(device)).await, Err(AppError::Denied(_))));
        assert!(matches!(cancel(&ctx, run.id).await, Err(AppError::Denied(_))));
    }
    let ctx = test.person(user, &[Role::HelpDesk]);
    assert!(matches!(output(&ctx, run.id, 0).await, Err(AppError::Denied(_))));
    assert!(matches!(list(&ctx, RunFilter::default()).await, Err(AppError::Denied(_))));
    assert!(launch(&test.person(user, &[Role::CommandRunner]), run.command, on(device)).await.is_ok());
}

#[test]
fn ids_tell_the_time_of_the_launch() {
    let time = Time::from_unix_seconds(1_767_225_600);
    let id: RunId = floor(time).parse().unwrap();
    assert_eq!(launched_at(id), time);
    assert!(floor(time.plus(Span(1000))) > floor(time));
}
