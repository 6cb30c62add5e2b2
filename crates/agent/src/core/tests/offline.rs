//! The first door alone, while the server is away: to whom, where, how long and how often.

use sallyport_api::agent::{
    ActualAccount, ComponentState, Condition, Contact, ContactProof, Failure, LoginFirstDoor, OfflineLogin,
};
use sallyport_ipc::login::Verdict;

use super::{
    login::{TALK, verdicts},
    *,
};

fn alice() -> DesiredAccount {
    DesiredAccount { fail_open: true, ..account(true) }
}

fn begin() -> LoginBegin {
    LoginBegin { service: "login".into(), ..super::login::begin() }
}

fn report(core: &Core, failures: Vec<Failure>) -> Report {
    let condition = if failures.is_empty() { Condition::InPlace } else { Condition::Failed };
    Report {
        version: core.desired_version().unwrap(),
        accounts: vec![ActualAccount { user: alice().user, name: "alice".into(), condition, failures }],
        login_component: ComponentState::Enabled,
        login_failure: None,
    }
}

/// What became of a disk that takes everything.
fn kept(actions: &[Action]) -> Option<OfflineRecord> {
    actions.iter().rev().find_map(|action| {
        if let Action::KeepOffline { record, .. } = action { Some((**record).clone()) } else { None }
    })
}

fn told(actions: &[Action]) -> Option<Contact> {
    actions.iter().find_map(|action| {
        if let Action::Send(AgentMessage::Contact(contact)) = action { Some(contact.clone()) } else { None }
    })
}

fn proof(nonce: &str) -> ContactProof {
    ContactProof { device: DEVICE, nonce: nonce.into() }
}

fn contact_message(proof: &ContactProof) -> ServerMessage {
    ServerMessage::Contact { proof: sign(context::CONTACT, proof) }
}

fn memory(accounts: Vec<DesiredAccount>, offline: Option<OfflineRecord>) -> Memory {
    let state = DesiredState { accounts, ..state(1, 1) };
    let desired = Some(sign(context::DESIRED_STATE, &state));
    Memory { trust: Some(trust()), desired, offline, ..Memory::default() }
}

/// With these accounts, which are as desired, and no network.
fn core(accounts: Vec<DesiredAccount>, offline: Option<OfflineRecord>, now: Now) -> Core {
    let mut core = Core::new(memory(accounts, offline), now);
    core.handle_applied(report(&core, Vec::new()), now);
    core.handle_network(false);
    drain(&mut core);
    core
}

/// The server was there once, at `now`.
fn meet(core: &mut Core, now: Now) -> Option<OfflineRecord> {
    core.handle_link_up(now);
    assert!(drain(core).contains(&Action::ProveContact));
    core.handle_nonce("fresh".into(), now);
    assert_eq!(told(&drain(core)).unwrap().nonce, "fresh");
    core.handle_server_message(contact_message(&proof("fresh")), now).unwrap();
    let record = kept(&drain(core));
    core.handle_link_down(now);
    drain(core);
    record
}

fn met(accounts: Vec<DesiredAccount>) -> Core {
    let mut core = core(accounts, None, at(0));
    meet(&mut core, at(0)).unwrap();
    core
}

/// What becomes of a login; whatever is to be remembered is.
fn try_with(core: &mut Core, begin: LoginBegin, now: Now) -> (Vec<Verdict>, Option<OfflineRecord>) {
    let conversation = begin.conversation.clone();
    core.handle_login(begin, Standing::Active, true, now);
    let mut said = drain(core);
    let record = kept(&said);
    if record.is_some() {
        assert!(verdicts(&said).is_empty(), "before it is remembered nobody passes");
        core.handle_remembered(&conversation, true);
        said = drain(core);
    }
    (verdicts(&said), record)
}

fn try_at(core: &mut Core, now: Now) -> Vec<Verdict> {
    try_with(core, begin(), now).0
}

const PASSES: [Verdict; 1] = [Verdict::Exempt];
const STAYS_OUT: [Verdict; 1] = [Verdict::Unavailable];

#[test]
fn a_standard_user_passes_three_times_in_an_hour_and_the_server_hears_of_each() {
    let mut core = met(vec![alice()]);
    for n in 1..=3 {
        let (verdicts, record) = try_with(&mut core, begin(), at(60 * n));
        assert_eq!(
            (verdicts.as_slice(), record.unwrap().logins.len()),
            (&PASSES[..], usize::try_from(n).unwrap())
        );
    }
    assert_eq!(try_at(&mut core, at(200)), STAYS_OUT);

    core.handle_link_up(at(300));
    core.handle_nonce("second".into(), at(300));
    let contact = told(&drain(&mut core)).unwrap();
    let expected = |n: i64| OfflineLogin {
        conversation: TALK.into(),
        user: alice().user,
        name: "alice".into(),
        service: "login".into(),
        first_door: "pam_unix".into(),
        at: time(60 * n),
    };
    assert_eq!(contact.logins, [1, 2, 3].map(expected));
    // Lost on the way: it is told again, and until it is known it counts.
    core.handle_link_down(at(310));
    assert_eq!(try_at(&mut core, at(311)), STAYS_OUT);
    assert!(meet(&mut core, at(320)).unwrap().logins.is_empty());
    assert_eq!(try_at(&mut core, at(330)), PASSES);
}

#[test]
fn nobody_passes_of_whom_the_state_does_not_say_so_or_says_two_things() {
    let administrator = DesiredAccount { right: Right::Administrator, ..alice() };
    let suspended = DesiredAccount { suspended: true, ..alice() };
    let bob = DesiredAccount { name: "bob".into(), ..alice() };
    for (accounts, expected) in [
        (vec![alice()], PASSES),
        (vec![account(true), bob.clone()], STAYS_OUT),
        (vec![administrator, bob.clone()], STAYS_OUT),
        (vec![suspended, bob.clone()], STAYS_OUT),
        (vec![alice(), account(true)], STAYS_OUT),
        (vec![alice(), alice()], STAYS_OUT),
        (vec![bob], STAYS_OUT),
    ] {
        assert_eq!(try_at(&mut met(accounts.clone()), at(1)), expected, "{accounts:?}");
    }
}

#[test]
fn an_account_that_is_not_as_desired_does_not_pass() {
    let mut core = met(vec![alice()]);
    let failure = Failure { aspect: "right".into(), reason: "still in the group `sudo`".into() };
    core.handle_applied(report(&core, vec![failure]), at(1));
    assert_eq!(try_at(&mut core, at(2)), STAYS_OUT);
    let mut fresh = Core::new(memory(vec![alice()], meet(&mut met(vec![alice()]), at(0))), at(1));
    fresh.handle_network(false);
    drain(&mut fresh);
    assert_eq!(try_at(&mut fresh, at(2)), STAYS_OUT, "nobody has looked yet");
}

#[test]
fn only_who_sits_in_front_of_the_machine_and_gave_the_right_password_passes() {
    let at_service = |service: &str| LoginBegin { service: service.into(), ..begin() };
    let password = LoginFirstDoor::Password { password: "x".into() };
    for begin in [
        at_service("sshd"),
        at_service("sudo"),
        at_service("sudo-i"),
        at_service("su"),
        at_service("su-l"),
        at_service("cockpit"),
        at_service("remote"),
        LoginBegin { remote_host: Some("192.0.2.1".into()), ..begin() },
        LoginBegin { first_door: password, ..begin() },
        LoginBegin { first_door: LoginFirstDoor::Vouched { by: "pam_fprintd".into() }, ..begin() },
    ] {
        let mut core = met(vec![alice()]);
        assert_eq!(try_with(&mut core, begin.clone(), at(1)), (STAYS_OUT.to_vec(), None), "{begin:?}");
    }
}

#[test]
fn a_network_that_is_up_closes() {
    let mut core = met(vec![alice()]);
    core.handle_network(true);
    assert_eq!(try_at(&mut core, at(1)), STAYS_OUT);
    core.handle_network(false);
    assert_eq!(try_at(&mut core, at(2)), PASSES);
}

#[test]
fn a_server_that_is_there_and_silent_opens_nothing() {
    let mut core = met(vec![alice()]);
    core.handle_link_up(at(1));
    drain(&mut core);
    core.handle_login(begin(), Standing::Active, true, at(2));
    assert!(verdicts(&drain(&mut core)).is_empty());
    core.handle_link_down(at(3));
    assert_eq!(verdicts(&drain(&mut core)), STAYS_OUT);
}

#[test]
fn the_hour_is_one_of_a_clock_that_nobody_sets() {
    let last = 3600;
    let clock =
        |uptime, wall| Now { monotonic: Span::seconds(5), wall: Time::from_unix_seconds(wall), uptime };
    for (now, expected) in [
        (at(last), PASSES),
        (at(last + 1), STAYS_OUT),
        // The clock of the machine is set back, or on: neither counts.
        (clock(uptime(1, last + 1), 0), STAYS_OUT),
        (clock(uptime(1, last), NOON + 999_999), PASSES),
        // It slept in between, and only the other clock stood still.
        (clock(uptime(1, 9 * last), NOON + 5), STAYS_OUT),
        // Another life of the machine, or none that is known, or a time before the proof.
        (clock(uptime(2, 10), NOON + 10), STAYS_OUT),
        (clock(None, NOON + 10), STAYS_OUT),
        (clock(uptime(1, -1), NOON + 10), STAYS_OUT),
    ] {
        assert_eq!(try_at(&mut met(vec![alice()]), now), expected, "{now:?}");
    }
    assert_eq!(try_at(&mut core(vec![alice()], None, at(0)), at(1)), STAYS_OUT, "the server was never there");
}

#[test]
fn a_restart_of_the_agent_neither_lengthens_the_hour_nor_refills_the_count() {
    let mut record = meet(&mut core(vec![alice()], None, at(0)), at(0));
    for n in 1..=3 {
        let mut again = core(vec![alice()], record, at(10 * n));
        let (verdicts, kept) = try_with(&mut again, begin(), at(10 * n));
        assert_eq!(verdicts, PASSES);
        record = kept;
    }
    assert_eq!(try_at(&mut core(vec![alice()], record.clone(), at(40)), at(40)), STAYS_OUT);
    let mut one = record.unwrap();
    one.logins.truncate(1);
    assert_eq!(try_at(&mut core(vec![alice()], Some(one.clone()), at(50)), at(3600)), PASSES);
    assert_eq!(try_at(&mut core(vec![alice()], Some(one.clone()), at(50)), at(3601)), STAYS_OUT);
    let other = OfflineRecord { device: OTHER_DEVICE, ..one };
    assert_eq!(try_at(&mut core(vec![alice()], Some(other), at(50)), at(51)), STAYS_OUT);
}

#[test]
fn who_only_carries_messages_cannot_make_the_server_be_there() {
    let mut core = met(vec![alice()]);
    let late = at(3000);
    core.handle_link_up(late);
    core.handle_nonce("second".into(), late);
    drain(&mut core);
    let wrong_key = Signed { signature: "00".repeat(64), ..sign(context::CONTACT, &proof("second")) };
    for message in [
        contact_message(&proof("fresh")),
        contact_message(&ContactProof { device: OTHER_DEVICE, ..proof("second") }),
        ServerMessage::Contact { proof: sign(context::LOGIN, &proof("second")) },
        ServerMessage::Contact { proof: wrong_key },
    ] {
        assert!(core.handle_server_message(message, late).is_err());
    }
    // Held back on its way: it proves the time of the question, not that of its coming.
    core.handle_server_message(contact_message(&proof("second")), at(9000)).unwrap();
    assert!(core.handle_server_message(contact_message(&proof("second")), at(9001)).is_err(), "once");
    core.handle_link_down(at(9002));
    drain(&mut core);
    assert_eq!(try_at(&mut core, at(9003)), STAYS_OUT);
    // An answer to a question of a connection that is gone.
    core.handle_link_up(at(9004));
    core.handle_nonce("third".into(), at(9004));
    core.handle_link_down(at(9005));
    assert!(core.handle_server_message(contact_message(&proof("third")), at(9006)).is_err());
}

#[test]
fn the_server_is_asked_to_prove_itself_now_and_then_where_it_matters_and_nowhere_else() {
    let mut core = core(vec![alice()], None, at(0));
    core.handle_link_up(at(0));
    drain(&mut core);
    core.handle_timeout(at(299));
    assert!(!drain(&mut core).contains(&Action::ProveContact));
    assert!(core.poll_timeout() <= Span::seconds(300));
    core.handle_timeout(at(300));
    assert!(drain(&mut core).contains(&Action::ProveContact));
    let closed = DesiredState { accounts: vec![account(true)], ..state(1, 2) };
    core.handle_server_message(desired_message(&closed), at(301)).unwrap();
    core.handle_timeout(at(9000));
    assert!(!drain(&mut core).contains(&Action::ProveContact));
    let open = DesiredState { accounts: vec![alice()], ..state(1, 3) };
    core.handle_server_message(desired_message(&open), at(9001)).unwrap();
    assert!(drain(&mut core).contains(&Action::ProveContact));
}

#[test]
fn what_cannot_be_remembered_opens_nothing_and_is_not_told() {
    let mut core = met(vec![alice()]);
    core.handle_login(begin(), Standing::Active, true, at(1));
    assert_eq!(kept(&drain(&mut core)).unwrap().logins.len(), 1);
    core.handle_remembered(TALK, false);
    assert_eq!(verdicts(&drain(&mut core)), [Verdict::Deny]);
    assert_eq!(try_with(&mut core, begin(), at(2)).1.unwrap().logins.len(), 1);
}
