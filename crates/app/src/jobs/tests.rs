use sallyport_api::{
    agent::{RunEvent, RunHappening},
    rest::LaunchCommand,
};
use sallyport_model::DeviceState;
use sallyport_store::Once;

use super::*;
use crate::{
    command,
    run::tests::{device, script},
    testing::{self, TestOrg},
};

async fn launched(test: &TestOrg) -> Run {
    let device = device(test, "web-1", DeviceState::Active).await;
    let command = command::create(&test.system(), script("update")).await.unwrap();
    let input = LaunchCommand { devices: vec![device.to_string()], ..LaunchCommand::default() };
    run::launch(&test.system(), command.id, input).await.unwrap().remove(0)
}

async fn state_after_a_pass(test: &TestOrg, run: &Run) -> &'static str {
    pass(&test.system()).await.unwrap();
    run::show(&test.system(), run.id).await.unwrap().state.as_str()
}

#[tokio::test]
async fn a_run_that_no_device_came_for_expires() {
    let test = testing::org().await;
    let run = launched(&test).await;
    test.clock.advance(Span::hours(24));
    assert_eq!(state_after_a_pass(&test, &run).await, "queued");
    test.clock.advance(Span(1));
    assert_eq!(state_after_a_pass(&test, &run).await, "expired");
    assert!(run::orders_for(&test.system(), run.device).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_run_that_was_taken_never_expires_but_is_called_unknown() {
    let test = testing::org().await;
    let run = launched(&test).await;
    run::orders_for(&test.system(), run.device).await.unwrap();
    test.clock.advance(Span::hours(48));
    assert_eq!(state_after_a_pass(&test, &run).await, "queued");
    test.clock.advance(Span::seconds(60));
    assert_eq!(state_after_a_pass(&test, &run).await, "queued");
    test.clock.advance(Span(1));
    assert_eq!(state_after_a_pass(&test, &run).await, "unknown");
    // The device comes back after all: its words are taken, the fate stays.
    let what = RunHappening::Finished { exit_code: Some(0), reason: None };
    let event = RunEvent { run: run.id, seq: 1, at: test.system().now, what };
    assert!(run::event(&test.system(), run.device, event).await.is_ok());
    assert_eq!(state_after_a_pass(&test, &run).await, "unknown");
}

#[tokio::test]
async fn what_expired_is_swept_a_day_later() {
    let test = testing::org().await;
    let expires = test.system().now.plus(Span::hours(1));
    let once = Once { owner: "x".into(), expires, used: None, doc: String::new() };
    test.system().write(move |tx| Ok(tx.put_once("kind", "hash", &once)?)).await.unwrap();
    let there =
        async || test.system().read(|reader| Ok(reader.find_once("kind", "hash")?)).await.unwrap().is_some();
    test.clock.advance(Span::hours(1));
    test.clock.advance(SWEPT_AFTER);
    pass(&test.system()).await.unwrap();
    assert!(there().await);
    test.clock.advance(Span(1));
    pass(&test.system()).await.unwrap();
    assert!(!there().await);
}

#[tokio::test]
async fn the_work_ends_when_it_is_told_to() {
    let test = testing::org().await;
    run(std::sync::Arc::clone(&test.org), std::future::ready(())).await;
}

#[tokio::test]
async fn sign_ins_of_nobody_are_forgotten_and_those_of_people_are_not() {
    use crate::signin::{Begin, FirstDoorProof, begin};
    let test = testing::org().await;
    let input = sallyport_api::rest::CreateUser { name: "alice".into(), active: true, ..Default::default() };
    crate::user::create(&test.system(), input).await.unwrap();
    for name in ["alice", "nobody-here"] {
        let resource = sallyport_model::signin::Resource::Portal;
        let first_door = FirstDoorProof::Password("wrong".into());
        begin(&test.nobody(), Begin { name: name.into(), resource, first_door }).await.unwrap();
    }
    test.clock.advance(NOBODYS_SIGN_INS_KEPT);
    test.clock.advance(Span::minutes(1));
    pass(&test.system()).await.unwrap();
    let kept = test.system().read(|reader| Ok(reader.list_sign_ins(None, "", 10)?)).await.unwrap();
    assert_eq!(kept.iter().map(|sign_in| sign_in.name.as_str()).collect::<Vec<_>>(), ["alice"]);
}
