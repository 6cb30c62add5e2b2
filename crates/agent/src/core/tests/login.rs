use sallyport_api::agent::{ActualAccount, ComponentState, Condition, LoginDecision, LoginFirstDoor};
use sallyport_ipc::login::Verdict;
use sallyport_model::id::UserId;

use super::*;
use crate::core::login::break_glass_hash;

pub(super) const TALK: &str = "talk";

pub(super) fn begin() -> LoginBegin {
    LoginBegin {
        conversation: TALK.into(),
        user: "alice".into(),
        service: "sshd".into(),
        remote_host: None,
        first_door: LoginFirstDoor::Vouched { by: "pam_unix".into() },
    }
}

fn decision() -> LoginDecision {
    LoginDecision {
        device: DEVICE,
        conversation: TALK.into(),
        user: "alice".into(),
        service: "sshd".into(),
        allow: true,
        exempt: false,
        text: String::new(),
        not_after: time(60),
    }
}

fn decided(decision: &LoginDecision) -> ServerMessage {
    let step = LoginStep::Decided { decision: sign(context::LOGIN, decision) };
    ServerMessage::Login { conversation: TALK.into(), step }
}

fn prompt() -> ServerMessage {
    let step = LoginStep::Prompt { echo: false, text: "Passcode: ".into() };
    ServerMessage::Login { conversation: TALK.into(), step }
}

pub(super) fn linked() -> Core {
    let mut core = enrolled();
    core.handle_link_up(at(0));
    drain(&mut core);
    core
}

/// With a break-glass code 1234.
fn lonely() -> Core {
    let mut state = state(1, 1);
    state.login.break_glass_hash = Some(break_glass_hash("salt", "1234"));
    let desired = Some(sign(context::DESIRED_STATE, &state));
    let mut core = Core::new(Memory { trust: Some(trust()), desired, ..Memory::default() }, at(0));
    drain(&mut core);
    core
}

pub(super) fn verdicts(actions: &[Action]) -> Vec<Verdict> {
    let verdict = |action: &Action| {
        if let Action::Say { say: Say::Done(verdict), .. } = action { Some(*verdict) } else { None }
    };
    actions.iter().filter_map(verdict).collect()
}

pub(super) fn prompts(actions: &[Action]) -> usize {
    actions.iter().filter(|action| matches!(action, Action::Say { say: Say::Prompt { .. }, .. })).count()
}

#[test]
fn the_standing_of_the_account_comes_first() {
    for (standing, verdict) in [
        (Standing::Local, Verdict::Exempt),
        (Standing::Locked, Verdict::Deny),
        (Standing::Unknown, Verdict::Deny),
    ] {
        let mut core = linked();
        core.handle_login(begin(), standing, true, at(0));
        assert_eq!(verdicts(&drain(&mut core)), [verdict]);
    }
}

#[test]
fn a_person_is_asked_and_let_in_by_the_organisations_word() {
    let mut core = linked();
    core.handle_login(begin(), Standing::Active, true, at(0));
    assert_eq!(drain(&mut core), [Action::Send(AgentMessage::LoginBegin(begin()))]);
    core.handle_server_message(prompt(), at(1)).unwrap();
    assert_eq!(prompts(&drain(&mut core)), 1);
    core.handle_login_answer(TALK, "123456".into(), at(2));
    let answer = AgentMessage::LoginAnswer { conversation: TALK.into(), text: "123456".into() };
    assert_eq!(drain(&mut core), [Action::Send(answer)]);
    core.handle_server_message(decided(&decision()), at(3)).unwrap();
    assert_eq!(verdicts(&drain(&mut core)), [Verdict::Allow]);
    assert!(core.handle_server_message(decided(&decision()), at(3)).is_err(), "a decision counts once");
}

#[test]
fn a_decision_about_anything_else_denies() {
    let variants = [
        LoginDecision { device: OTHER_DEVICE, ..decision() },
        LoginDecision { conversation: "other".into(), ..decision() },
        LoginDecision { user: "bob".into(), ..decision() },
        LoginDecision { service: "sudo".into(), ..decision() },
        LoginDecision { not_after: time(2), ..decision() },
        LoginDecision { allow: false, ..decision() },
        LoginDecision { allow: false, exempt: true, ..decision() },
    ];
    for variant in variants {
        let mut core = linked();
        core.handle_login(begin(), Standing::Active, true, at(0));
        let _ = core.handle_server_message(decided(&variant), at(3));
        assert_eq!(verdicts(&drain(&mut core)), [Verdict::Deny], "{variant:?}");
    }
    let mut core = linked();
    core.handle_login(begin(), Standing::Active, true, at(0));
    let wrong = sign(context::RUN, &decision());
    let step = LoginStep::Decided { decision: wrong };
    let message = ServerMessage::Login { conversation: TALK.into(), step };
    assert!(core.handle_server_message(message, at(1)).is_err());
    assert_eq!(verdicts(&drain(&mut core)), [Verdict::Deny]);
}

#[test]
fn who_cannot_answer_is_not_asked() {
    let mut core = linked();
    core.handle_login(begin(), Standing::Active, false, at(0));
    core.handle_server_message(prompt(), at(1)).unwrap();
    let actions = drain(&mut core);
    assert_eq!((prompts(&actions), verdicts(&actions)), (0, vec![Verdict::Deny]));
}

#[test]
fn a_server_that_only_talks_is_cut_short() {
    let mut core = linked();
    core.handle_login(begin(), Standing::Active, true, at(0));
    let inform = || ServerMessage::Login {
        conversation: TALK.into(),
        step: LoginStep::Inform { text: "wait".into() },
    };
    let mut said = Vec::new();
    for _ in 0..40 {
        let _ = core.handle_server_message(inform(), at(1));
        said.extend(drain(&mut core));
    }
    assert_eq!(verdicts(&said), [Verdict::Deny]);
    assert!(said.len() < 32, "the shim takes no more than 32");
}

#[test]
fn without_a_server_the_code_opens_once() {
    let mut core = lonely();
    core.handle_login(begin(), Standing::Active, true, at(0));
    assert_eq!(prompts(&drain(&mut core)), 1);
    core.handle_login_answer(TALK, "99".into(), at(1));
    assert_eq!(prompts(&drain(&mut core)), 1);
    core.handle_login_answer(TALK, "12-34".into(), at(2));
    let actions = drain(&mut core);
    assert!(matches!(actions.as_slice(), [Action::Spend { .. }]), "{actions:?}");
    core.handle_spent(TALK, true, at(2));
    assert_eq!(verdicts(&drain(&mut core)), [Verdict::Allow]);
    core.handle_login(begin(), Standing::Active, true, at(3));
    assert_eq!(verdicts(&drain(&mut core)), [Verdict::Unavailable]);
}

#[test]
fn the_use_of_the_code_is_reported_when_the_server_is_back() {
    let mut core = lonely();
    let account = || ActualAccount {
        user: UserId::new(uuid::Uuid::from_u128(1)),
        name: "alice".into(),
        condition: Condition::InPlace,
        failures: Vec::new(),
    };
    let report = |core: &Core| Report {
        version: core.desired_version().unwrap(),
        accounts: vec![account()],
        login_component: ComponentState::Enabled,
        login_failure: None,
    };
    core.handle_applied(report(&core), at(0));
    core.handle_login(begin(), Standing::Active, true, at(0));
    core.handle_login_answer(TALK, "1234".into(), at(1));
    core.handle_spent(TALK, true, at(2));
    assert!(drain(&mut core).iter().any(|action| matches!(action, Action::Apply(_))));
    core.handle_applied(report(&core), at(3));
    core.handle_link_up(at(4));
    let told = drain(&mut core).into_iter().find_map(|action| {
        if let Action::Send(AgentMessage::Report(report)) = action { Some(report) } else { None }
    });
    assert_eq!(told.unwrap().accounts[0].failures[0].aspect, "break_glass");
}

#[test]
fn a_code_that_cannot_be_marked_opens_nothing() {
    let mut core = lonely();
    core.handle_login(begin(), Standing::Active, true, at(0));
    core.handle_login_answer(TALK, "1234".into(), at(1));
    drain(&mut core);
    core.handle_spent(TALK, false, at(2));
    assert_eq!(verdicts(&drain(&mut core)), [Verdict::Deny]);
}

#[test]
fn wrong_codes_end_the_login_and_many_of_them_the_offer() {
    let mut core = lonely();
    let mut asked = 0;
    for n in 0..12 {
        core.handle_login(begin(), Standing::Active, true, at(n));
        for _ in 0..2 {
            asked += prompts(&drain(&mut core));
            core.handle_login_answer(TALK, "0000".into(), at(n));
        }
        let actions = drain(&mut core);
        assert_eq!(verdicts(&actions).iter().filter(|verdict| **verdict == Verdict::Allow).count(), 0);
    }
    assert_eq!(asked, 10);
    core.handle_login(begin(), Standing::Active, true, at(3600));
    assert_eq!(prompts(&drain(&mut core)), 1, "after a while it is offered again");
}

#[test]
fn who_types_wrong_codes_keeps_nobody_else_from_the_code() {
    let mut core = lonely();
    for n in 0..12 {
        core.handle_login(begin(), Standing::Active, true, at(n));
        for _ in 0..2 {
            core.handle_login_answer(TALK, "0000".into(), at(n));
        }
    }
    core.handle_login(begin(), Standing::Active, true, at(20));
    assert_eq!(verdicts(&drain(&mut core)).last(), Some(&Verdict::Unavailable));
    let bob = LoginBegin { user: "bob".into(), ..begin() };
    core.handle_login(bob, Standing::Active, true, at(20));
    core.handle_login_answer(TALK, "1234".into(), at(21));
    let spent = drain(&mut core)
        .into_iter()
        .find_map(|action| if let Action::Spend { code, .. } = action { Some(code.user) } else { None });
    assert_eq!(spent.as_deref(), Some("bob"));
}

/// A login of `user` in a conversation of its own.
fn login_of(user: &str, n: usize) -> LoginBegin {
    LoginBegin { user: user.into(), conversation: format!("{user}-{n}"), ..begin() }
}

#[test]
fn one_account_holds_few_places_and_leaves_the_others_theirs() {
    let mut core = linked();
    for n in 0..4 {
        core.handle_login(login_of("alice", n), Standing::Active, true, at(0));
    }
    assert_eq!(verdicts(&drain(&mut core)), []);
    core.handle_login(login_of("alice", 4), Standing::Active, true, at(0));
    assert_eq!(verdicts(&drain(&mut core)), [Verdict::Deny]);
    core.handle_login(login_of("bob", 0), Standing::Active, true, at(0));
    assert_eq!(verdicts(&drain(&mut core)), []);
    core.handle_login_gone("alice-0");
    drain(&mut core);
    core.handle_login(login_of("alice", 5), Standing::Active, true, at(0));
    assert_eq!(verdicts(&drain(&mut core)), []);
}

#[test]
fn local_accounts_need_no_place() {
    let mut core = linked();
    for n in 0..70 {
        core.handle_login(login_of(&format!("user{n}"), n), Standing::Active, true, at(0));
    }
    assert_eq!(verdicts(&drain(&mut core)), [Verdict::Deny; 6]);
    core.handle_login(login_of("root", 0), Standing::Local, true, at(0));
    assert_eq!(verdicts(&drain(&mut core)), [Verdict::Exempt]);
}

#[test]
fn a_server_that_does_not_answer_in_time_is_as_good_as_away() {
    let mut core = lonely();
    core.handle_link_up(at(0));
    core.handle_login(begin(), Standing::Active, true, at(0));
    drain(&mut core);
    core.handle_timeout(at(9));
    assert_eq!(prompts(&drain(&mut core)), 0);
    core.handle_timeout(at(10));
    assert_eq!(prompts(&drain(&mut core)), 1);
    assert!(core.handle_server_message(decided(&decision()), at(11)).is_err(), "too late");
    assert_eq!(verdicts(&drain(&mut core)), []);
}

#[test]
fn a_tampered_decision_is_never_taken_for_a_server_that_is_away() {
    let mut core = lonely();
    core.handle_link_up(at(0));
    core.handle_login(begin(), Standing::Active, true, at(0));
    drain(&mut core);
    let _ = core.handle_server_message(decided(&LoginDecision { user: "bob".into(), ..decision() }), at(1));
    let actions = drain(&mut core);
    assert_eq!((prompts(&actions), verdicts(&actions)), (0, vec![Verdict::Deny]));
}

#[test]
fn the_link_breaking_in_the_middle_offers_the_code() {
    let mut core = lonely();
    core.handle_link_up(at(0));
    core.handle_login(begin(), Standing::Active, true, at(0));
    drain(&mut core);
    core.handle_link_down(at(1));
    assert_eq!(prompts(&drain(&mut core)), 1);
}

#[test]
fn who_does_not_answer_is_denied() {
    let mut core = linked();
    core.handle_login(begin(), Standing::Active, true, at(0));
    core.handle_server_message(prompt(), at(1)).unwrap();
    drain(&mut core);
    core.handle_timeout(at(600));
    assert_eq!(verdicts(&drain(&mut core)), [Verdict::Deny]);
}

#[test]
fn an_answer_goes_to_the_connection_that_asked_or_nowhere() {
    for (back, words) in [(true, "The connection to the server was interrupted"), (false, BREAK_GLASS)] {
        let mut core = linked_with_code();
        core.handle_login(begin(), Standing::Active, true, at(0));
        core.handle_server_message(prompt(), at(1)).unwrap();
        core.handle_link_down(at(2));
        assert_eq!(verdicts(&drain(&mut core)), []);
        if back {
            core.handle_link_up(at(3));
        }
        core.handle_login_answer(TALK, "123456".into(), at(4));
        let actions = drain(&mut core);
        assert!(
            !actions.iter().any(|action| matches!(action, Action::Send(AgentMessage::LoginAnswer { .. })))
        );
        assert!(format!("{actions:?}").contains(words), "{actions:?}");
    }
}

const BREAK_GLASS: &str = "The server cannot be reached. Break-glass code";

fn linked_with_code() -> Core {
    let mut core = lonely();
    core.handle_link_up(at(0));
    drain(&mut core);
    core
}

/// Without a server, with these accounts.
fn alone_with(accounts: Vec<DesiredAccount>) -> Core {
    let state = DesiredState { accounts, ..state(1, 1) };
    let desired = Some(sign(context::DESIRED_STATE, &state));
    let mut core = Core::new(Memory { trust: Some(trust()), desired, ..Memory::default() }, at(0));
    drain(&mut core);
    core
}

#[test]
fn without_a_server_the_signed_state_says_who_is_not_asked() {
    let suspended = DesiredAccount { suspended: true, ..account(false) };
    let other = DesiredAccount { name: "alicia".into(), ..account(false) };
    for (accounts, verdict) in [
        (vec![account(false)], Verdict::Exempt),
        (vec![account(true)], Verdict::Unavailable),
        (vec![account(false), account(true)], Verdict::Unavailable),
        (vec![suspended], Verdict::Unavailable),
        (vec![other], Verdict::Unavailable),
        (Vec::new(), Verdict::Unavailable),
    ] {
        let mut core = alone_with(accounts.clone());
        core.handle_login(begin(), Standing::Active, true, at(0));
        assert_eq!(verdicts(&drain(&mut core)), [verdict], "{accounts:?}");
    }
    for standing in [Standing::Locked, Standing::Unknown] {
        let mut core = alone_with(vec![account(false)]);
        core.handle_login(begin(), standing, true, at(0));
        assert_eq!(verdicts(&drain(&mut core)), [Verdict::Deny]);
    }
}

#[test]
fn a_password_that_nobody_checked_is_not_let_through_without_a_server() {
    let mut core = alone_with(vec![account(false)]);
    let first_door = LoginFirstDoor::Password { password: "open".into() };
    core.handle_login(LoginBegin { first_door, ..begin() }, Standing::Active, true, at(0));
    assert_eq!(verdicts(&drain(&mut core)), [Verdict::Unavailable]);
}

#[test]
fn a_state_that_says_nothing_of_the_second_door_asks_for_it() {
    let mut kept =
        serde_json::to_value(DesiredState { accounts: vec![account(false)], ..state(1, 1) }).unwrap();
    kept["accounts"][0].as_object_mut().unwrap().remove("second_door");
    let desired = Some(sign(context::DESIRED_STATE, &kept));
    let mut core = Core::new(Memory { trust: Some(trust()), desired, ..Memory::default() }, at(0));
    drain(&mut core);
    core.handle_login(begin(), Standing::Active, true, at(0));
    assert_eq!(verdicts(&drain(&mut core)), [Verdict::Unavailable]);
}
