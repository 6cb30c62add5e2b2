mod absence;
mod desired;
mod login;
mod login_model;
mod model;
mod offline;
mod standalone;

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use sallyport_api::agent::{
    DesiredAccount, DesiredLogin, DesiredState, RunOrder, ServerMessage, Signed, StateVersion, context,
};
use sallyport_crypto::sign::SigningKey;
use sallyport_model::{
    Interpreter, Right, Span, Time,
    id::{DeviceId, OrgId, RunId, UserId},
};
use serde::Serialize;
use uuid::Uuid;

use super::*;

const DEVICE: DeviceId = DeviceId::new(Uuid::from_u128(0xd));
const OTHER_DEVICE: DeviceId = DeviceId::new(Uuid::from_u128(0xe));
const NOON: i64 = 1_700_000_000;

fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32]).unwrap()
}

fn trust() -> Trust {
    Trust {
        device: DEVICE,
        organization: OrgId::new(Uuid::from_u128(1)),
        organization_name: "Acme".into(),
        signing_key: key().public().to_hex(),
        server: "https://x:1".into(),
        ca: String::new(),
    }
}

fn sign(context: &str, what: &impl Serialize) -> Signed {
    let payload = serde_json::to_string(what).unwrap();
    let signature = HEXLOWER.encode(&key().sign(context, payload.as_bytes()));
    Signed { payload, signature }
}

fn at(seconds: i64) -> Now {
    Now {
        monotonic: Span::seconds(seconds),
        wall: Time::from_unix_seconds(NOON + seconds),
        uptime: uptime(1, seconds),
    }
}

/// In the machine's life of this number.
fn uptime(boot: u128, seconds: i64) -> Option<Uptime> {
    Some(Uptime { boot: Uuid::from_u128(boot), at: Span::seconds(seconds) })
}

fn time(seconds: i64) -> Time {
    Time::from_unix_seconds(NOON + seconds)
}

fn run_id(n: u128) -> RunId {
    RunId::new(Uuid::from_u128(n))
}

fn order(n: u128) -> RunOrder {
    RunOrder {
        run: run_id(n),
        device: DEVICE,
        interpreter: Interpreter::Sh,
        body: "true".into(),
        run_as: "root".into(),
        timeout_seconds: 60,
        environment: BTreeMap::new(),
        not_before: time(0),
        not_after: time(3600),
    }
}

fn run_message(order: &RunOrder) -> ServerMessage {
    ServerMessage::Run { order: sign(context::RUN, order) }
}

fn state(epoch: u64, n: u64) -> DesiredState {
    DesiredState {
        device: DEVICE,
        version: StateVersion { epoch, n },
        issued: time(0),
        accounts: Vec::new(),
        login: DesiredLogin { prompts: 2, break_glass_salt: "salt".into(), ..DesiredLogin::default() },
        portal: None,
    }
}

/// Of alice.
fn account(second_door: bool) -> DesiredAccount {
    DesiredAccount {
        user: UserId::new(Uuid::from_u128(1)),
        name: "alice".into(),
        display_name: "Alice".into(),
        uid: 20_001,
        gid: 20_001,
        shell: "/bin/sh".into(),
        home: "/home/alice".into(),
        password: None,
        ssh_keys: Vec::new(),
        right: Right::Standard,
        suspended: false,
        take_over: false,
        second_door,
        fail_open: false,
        bindings: Vec::new(),
    }
}

fn desired_message(state: &DesiredState) -> ServerMessage {
    ServerMessage::Desired { state: sign(context::DESIRED_STATE, state) }
}

fn enrolled() -> Core {
    let mut core = Core::new(Memory { trust: Some(trust()), ..Memory::default() }, at(0));
    drain(&mut core);
    core
}

fn drain(core: &mut Core) -> Vec<Action> {
    std::iter::from_fn(|| core.poll_action()).collect()
}

#[test]
fn orders_of_others_for_others_or_of_another_time_start_nothing() {
    let started = |message: ServerMessage| {
        let mut core = enrolled();
        let outcome = core.handle_server_message(message, at(0));
        let begun = drain(&mut core).iter().any(|action| matches!(action, Action::Begin(_)));
        (outcome.is_ok(), begun)
    };
    assert_eq!(started(run_message(&order(1))), (true, true));
    assert_eq!(started(run_message(&RunOrder { device: OTHER_DEVICE, ..order(1) })), (false, false));
    assert_eq!(started(run_message(&RunOrder { not_after: time(-1), ..order(1) })), (true, false));
    assert_eq!(started(run_message(&RunOrder { not_before: time(9), ..order(1) })), (true, false));
    let other_context = sign(context::DESIRED_STATE, &order(1));
    assert_eq!(started(ServerMessage::Run { order: other_context }), (false, false));
    let mut altered = sign(context::RUN, &order(1));
    altered.payload = altered.payload.replace("true", "evil");
    assert_eq!(started(ServerMessage::Run { order: altered }), (false, false));
}

#[test]
fn an_order_waits_for_its_time_and_expires_by_signed_time_whatever_the_clock_says() {
    let mut core = enrolled();
    let later = RunOrder { not_before: time(30), ..order(1) };
    core.handle_server_message(run_message(&later), at(0)).unwrap();
    assert!(core.poll_timeout() <= Span::seconds(1));
    core.handle_timeout(at(29));
    assert!(!drain(&mut core).iter().any(|action| matches!(action, Action::Begin(_))));
    core.handle_timeout(at(31));
    assert!(drain(&mut core).iter().any(|action| matches!(action, Action::Begin(_))));
    let newer = DesiredState { issued: time(4000), ..state(1, 1) };
    core.handle_server_message(desired_message(&newer), at(32)).unwrap();
    drain(&mut core);
    let back = Now { monotonic: Span::seconds(33), wall: Time(0), uptime: None };
    core.handle_server_message(run_message(&order(2)), back).unwrap();
    assert!(!drain(&mut core).iter().any(|action| matches!(action, Action::Begin(_))));
}

#[test]
fn without_a_journal_nothing_starts() {
    let mut core = enrolled();
    core.handle_server_message(run_message(&order(1)), at(0)).unwrap();
    drain(&mut core);
    core.handle_begun(run_id(1), Err("disk full".into()), at(0));
    assert!(!drain(&mut core).iter().any(|action| matches!(action, Action::Start(_))));
}

#[test]
fn a_run_is_stopped_at_its_timeout_and_says_so() {
    let mut core = enrolled();
    core.handle_link_up(at(0));
    core.handle_server_message(run_message(&order(1)), at(0)).unwrap();
    core.handle_begun(run_id(1), Ok(()), at(0));
    core.handle_started(run_id(1), at(0));
    drain(&mut core);
    assert_eq!(core.poll_timeout(), Span::seconds(0));
    core.handle_timeout(at(59));
    assert!(!drain(&mut core).contains(&Action::Stop(run_id(1))));
    core.handle_timeout(at(60));
    assert!(drain(&mut core).contains(&Action::Stop(run_id(1))));
    core.handle_ended(run_id(1), Ending::Exited { code: None, reason: None }, at(61));
    let told = format!("{:?}", drain(&mut core));
    assert!(told.contains("longer than 60 seconds"), "{told}");
}
