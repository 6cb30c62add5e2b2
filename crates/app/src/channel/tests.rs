use sallyport_api::agent::{
    ActualAccount, ComponentState, Condition, DesiredState, Failure, Inventory, Report,
};

use super::*;
use crate::{
    device::{self, testing::Enrolled},
    feed,
    testing::{self, TestOrg},
    user,
};

const EXPORTER: [u8; 32] = [5; 32];
const NONCE: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn channel(test: &TestOrg) -> Channel {
    Channel::new(Arc::clone(&test.org), EXPORTER, Some([192, 0, 2, 9].into())).unwrap()
}

fn hello(test: &TestOrg, channel: &Channel, from: &Enrolled, desired: Option<StateVersion>) -> AgentMessage {
    let organization = test.org.keys.device_signing().public().to_hex();
    let ServerMessage::Challenge { nonce: challenge } = channel.challenge() else { panic!() };
    let bytes = hello_bytes(&organization, from.device.id, &challenge, NONCE, &EXPORTER);
    AgentMessage::Hello {
        device: from.device.id,
        nonce: NONCE.into(),
        signature: digest::hex(&from.key.sign(context::HELLO, &bytes)),
        agent_version: "0.1.0".into(),
        desired,
    }
}

async fn connect(test: &TestOrg, from: &Enrolled, desired: Option<StateVersion>) -> (Channel, Connection) {
    let mut channel = channel(test);
    let message = hello(test, &channel, from, desired);
    let greeting = channel.hello(message).await.unwrap();
    assert!(matches!(greeting.messages.as_slice(), [ServerMessage::Welcome { .. }]));
    (channel, greeting.connection.unwrap())
}

/// The state in the only message, its signature checked as the agent checks it.
fn state(test: &TestOrg, messages: &[ServerMessage]) -> DesiredState {
    let [ServerMessage::Desired { state }] = messages else { panic!("{messages:?}") };
    let signature = data_encoding::HEXLOWER.decode(state.signature.as_bytes()).unwrap();
    let key = test.org.keys.device_signing().public();
    assert!(key.verifies(context::DESIRED_STATE, state.payload.as_bytes(), &signature));
    serde_json::from_str(&state.payload).unwrap()
}

#[tokio::test]
async fn both_sides_prove_themselves_on_this_connection() {
    let test = testing::org().await;
    let laptop = test.active_device("laptop").await;
    let mut channel = channel(&test);
    let ServerMessage::Challenge { nonce: challenge } = channel.challenge() else { panic!() };
    let message = hello(&test, &channel, &laptop, None);
    let greeting = channel.hello(message.clone()).await.unwrap();
    let [ServerMessage::Welcome { signature, now }] = greeting.messages.as_slice() else { panic!() };
    let key = test.org.keys.device_signing().public();
    let bytes = welcome_bytes(&key.to_hex(), laptop.device.id, &challenge, NONCE, &EXPORTER);
    let signature = data_encoding::HEXLOWER.decode(signature.as_bytes()).unwrap();
    assert!(key.verifies(context::WELCOME, &bytes, &signature));
    assert_eq!(*now, test.system().now);
    assert!(test.org.hub.is_connected(laptop.device.id));
    assert!(matches!(channel.hello(message).await, Err(ChannelError::OutOfOrder)));
    assert!(channel.is_closed());
}

#[tokio::test]
async fn nobody_else_gets_in() {
    let test = testing::org().await;
    let (laptop, other) = (test.active_device("laptop").await, test.active_device("other").await);
    let with_others_key = Enrolled { device: laptop.device.clone(), key: other.key };
    let mut first = channel(&test);
    let message = hello(&test, &first, &with_others_key, None);
    assert!(matches!(first.hello(message).await, Err(ChannelError::NotProven)));

    // A good proof of another connection: another challenge, another exporter.
    let recorded = hello(&test, &channel(&test), &laptop, None);
    assert!(matches!(channel(&test).hello(recorded).await, Err(ChannelError::NotProven)));
    let mut elsewhere = Channel::new(Arc::clone(&test.org), [6; 32], None).unwrap();
    let message = hello(&test, &elsewhere, &laptop, None);
    assert!(matches!(elsewhere.hello(message).await, Err(ChannelError::NotProven)));

    let unknown =
        sallyport_model::Device { id: DeviceId::new(uuid::Uuid::from_u128(9)), ..laptop.device.clone() };
    let mut last = channel(&test);
    let message = hello(&test, &last, &Enrolled { device: unknown, key: laptop.key }, None);
    assert!(matches!(last.hello(message).await, Err(ChannelError::NotProven)));
    let early = AgentMessage::LoginCancel { conversation: String::new() };
    assert!(matches!(channel(&test).handle(early.clone()).await, Err(ChannelError::OutOfOrder)));
    assert!(matches!(channel(&test).hello(early).await, Err(ChannelError::OutOfOrder)));
    assert_eq!(test.org.hub.connected(), 0);
}

#[tokio::test]
async fn a_hello_with_a_nonce_that_is_none_is_refused() {
    let test = testing::org().await;
    let laptop = test.active_device("laptop").await;
    for bad in ["", "00", "zz112233445566778899aabbccddeeff", &"0".repeat(4096), &format!("{NONCE}\n")] {
        let mut channel = channel(&test);
        let mut message = hello(&test, &channel, &laptop, None);
        if let AgentMessage::Hello { nonce, .. } = &mut message {
            *nonce = bad.to_owned();
        }
        assert!(matches!(channel.hello(message).await, Err(ChannelError::NotProven)), "{bad:?}");
    }
}

#[tokio::test]
async fn a_device_that_comes_gets_its_state_and_hears_of_the_next() {
    let test = testing::org().await;
    let alice = test.user_with_password("alice", "tulip-gravel-hovercraft").await;
    let laptop = test.active_device("laptop").await;
    test.bind("alice", "laptop").await;
    // The projection has not run yet; the device does not wait for it.
    let (mut channel, connection) = connect(&test, &laptop, None).await;
    assert_eq!(connection.woken().await, Wakeup::Desired);
    let first = state(&test, &channel.on_wakeup(Wakeup::Desired).await.unwrap());
    assert_eq!((first.accounts.len(), first.device), (1, laptop.device.id));
    feed::catch_up(&test.org).await.unwrap();
    assert!(channel.on_wakeup(Wakeup::Desired).await.unwrap().is_empty());

    user::suspend(&test.system(), alice.id).await.unwrap();
    feed::catch_up(&test.org).await.unwrap();
    assert_eq!(connection.woken().await, Wakeup::Desired);
    assert_eq!(connection.woken().await, Wakeup::Runs);
    let second = state(&test, &channel.on_wakeup(Wakeup::Desired).await.unwrap());
    assert!(second.accounts[0].suspended && second.version > first.version);

    let (mut again, _connection) = connect(&test, &laptop, Some(second.version)).await;
    assert!(again.on_wakeup(Wakeup::Desired).await.unwrap().is_empty());
    let (mut behind, _connection) = connect(&test, &laptop, Some(first.version)).await;
    assert_eq!(state(&test, &behind.on_wakeup(Wakeup::Desired).await.unwrap()).version, second.version);
    let ahead = StateVersion { epoch: 1, n: 99 };
    let (mut restored, _connection) = connect(&test, &laptop, Some(ahead)).await;
    assert!(state(&test, &restored.on_wakeup(Wakeup::Desired).await.unwrap()).version > ahead);
}

#[tokio::test]
async fn a_quarantined_device_is_told_an_empty_state() {
    let test = testing::org().await;
    test.user("alice").await;
    let waiting = test.enroll("laptop", &[]).await.unwrap();
    test.bind("alice", "laptop").await;
    let (mut channel, _connection) = connect(&test, &waiting, None).await;
    let told = state(&test, &channel.on_wakeup(Wakeup::Desired).await.unwrap());
    assert!(told.accounts.is_empty() && told.login.break_glass_hash.is_none());
    assert!(channel.on_wakeup(Wakeup::Runs).await.unwrap().is_empty());
}

#[tokio::test]
async fn revocation_holds_with_the_next_message_and_at_the_door() {
    let test = testing::org().await;
    let laptop = test.active_device("laptop").await;
    let (mut channel, _connection) = connect(&test, &laptop, None).await;
    device::revoke(&test.system(), laptop.device.id).await.unwrap();
    let message = AgentMessage::Inventory(Box::default());
    assert_eq!(channel.handle(message.clone()).await.unwrap(), [ServerMessage::Revoked]);
    assert!(channel.is_closed());
    assert!(matches!(channel.handle(message).await, Err(ChannelError::OutOfOrder)));
    let mut next = self::channel(&test);
    let message = hello(&test, &next, &laptop, None);
    let greeting = next.hello(message).await.unwrap();
    assert!(matches!(greeting.messages.as_slice(), [ServerMessage::Welcome { .. }, ServerMessage::Revoked]));
    assert!(greeting.connection.is_none() && next.is_closed());
}

#[tokio::test]
async fn what_a_device_says_of_itself_is_kept_short_and_printable() {
    let test = testing::org().await;
    let laptop = test.active_device("laptop").await;
    let (mut channel, _connection) = connect(&test, &laptop, None).await;
    let inventory = Inventory {
        os: "\u{1b}[31mDebian".into(),
        addresses: vec!["192.0.2.1".into(); 5000],
        ..Inventory::default()
    };
    channel.handle(AgentMessage::Inventory(Box::new(inventory))).await.unwrap();
    let alice = test.user("alice").await;
    let failure = Failure { aspect: "account".into(), reason: "x".repeat(5000) };
    let account = ActualAccount {
        user: alice.id,
        name: "alice".into(),
        condition: Condition::Failed,
        failures: vec![failure; 500],
    };
    let version = StateVersion { epoch: 1, n: 1 };
    let report = Report {
        version,
        accounts: vec![account],
        login_component: ComponentState::Installed,
        login_failure: None,
    };
    test.clock.advance(Span::seconds(61));
    channel.handle(AgentMessage::Report(Box::new(report))).await.unwrap();
    let shown = device::view(&test.system(), laptop.device.id).await.unwrap();
    let inventory = shown.inventory.unwrap();
    assert_eq!((inventory.os.as_str(), inventory.addresses.len()), ("[31mDebian", 64));
    assert_eq!((shown.accounts[0].reasons.len(), shown.accounts[0].reasons[0].reason.len()), (16, 300));
    assert_eq!((shown.seen, shown.connected), (Some(test.system().now), true));
}

#[tokio::test]
async fn a_used_break_glass_code_is_replaced_and_told_in_the_feed() {
    let test = testing::org().await;
    let alice = test.user("alice").await;
    let laptop = test.active_device("laptop").await;
    test.bind("alice", "laptop").await;
    let (mut channel, _connection) = connect(&test, &laptop, None).await;
    let first = state(&test, &channel.on_wakeup(Wakeup::Desired).await.unwrap());
    let failure = Failure { aspect: "break_glass".into(), reason: "the break-glass code was used".into() };
    let account = ActualAccount {
        user: alice.id,
        name: "alice".into(),
        condition: Condition::InPlace,
        failures: vec![failure],
    };
    let report = Report {
        version: first.version,
        accounts: vec![account],
        login_component: ComponentState::Enabled,
        login_failure: None,
    };
    for _ in 0..2 {
        channel.handle(AgentMessage::Report(Box::new(report.clone()))).await.unwrap();
        feed::catch_up(&test.org).await.unwrap();
    }
    let second = state(&test, &channel.on_wakeup(Wakeup::Desired).await.unwrap());
    assert_ne!(second.login.break_glass_hash, first.login.break_glass_hash);
    assert_eq!(second.version.n, first.version.n + 1);
}

#[tokio::test]
async fn an_end_closes_the_channel_with_the_fitting_word() {
    let test = testing::org().await;
    let laptop = test.active_device("laptop").await;
    for (end, said) in [
        (End::Reconnect { after_seconds: 7 }, vec![ServerMessage::Reconnect { after_seconds: 7 }]),
        (End::Replaced, Vec::new()),
        (End::Revoked, vec![ServerMessage::Revoked]),
    ] {
        let (mut channel, _connection) = connect(&test, &laptop, None).await;
        assert_eq!(channel.on_wakeup(Wakeup::End(end)).await.unwrap(), said);
        assert!(channel.is_closed());
    }
}
