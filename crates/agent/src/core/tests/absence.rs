//! On return from absence: what the directory says of people and policy first, then commands.

use sallyport_api::agent::{ActualAccount, ComponentState, Condition, Failure, Report};

use super::*;

fn begun(core: &mut Core) -> Vec<RunId> {
    let begun = |action| if let Action::Begin(order) = action { Some(order.run) } else { None };
    drain(core).into_iter().filter_map(begun).collect()
}

fn report(n: u64) -> Report {
    let version = StateVersion { epoch: 1, n };
    Report { version, accounts: Vec::new(), login_component: ComponentState::Absent, login_failure: None }
}

/// Back, with a state that has not been applied yet.
fn back(n: u64) -> Core {
    let mut core = enrolled();
    core.handle_link_up(at(0));
    core.handle_server_message(desired_message(&state(1, n)), at(0)).unwrap();
    core
}

#[test]
fn an_order_waits_for_the_state_that_came_before_it() {
    let mut core = back(1);
    core.handle_server_message(run_message(&order(1)), at(0)).unwrap();
    core.handle_timeout(at(5));
    assert_eq!(begun(&mut core), []);
    core.handle_applied(report(1), at(6));
    assert_eq!(begun(&mut core), [run_id(1)]);
}

#[test]
fn a_state_that_could_not_be_applied_holds_nothing_back() {
    let mut core = back(1);
    core.handle_server_message(run_message(&order(1)), at(0)).unwrap();
    let failure = Failure { aspect: "account".into(), reason: "disk full".into() };
    let failed = ActualAccount {
        user: account(true).user,
        name: "alice".into(),
        condition: Condition::Failed,
        failures: vec![failure],
    };
    let failed = Report { accounts: vec![failed], login_failure: Some("disk full".into()), ..report(1) };
    core.handle_applied(failed, at(1));
    assert_eq!(begun(&mut core), [run_id(1)]);
}

#[test]
fn the_newest_state_that_came_counts_and_not_the_one_that_was_being_applied() {
    let mut core = back(1);
    core.handle_server_message(desired_message(&state(1, 2)), at(0)).unwrap();
    core.handle_server_message(run_message(&order(1)), at(0)).unwrap();
    core.handle_applied(report(1), at(1));
    assert_eq!(begun(&mut core), []);
    core.handle_applied(report(2), at(2));
    assert_eq!(begun(&mut core), [run_id(1)]);
}

#[test]
fn after_a_start_the_state_that_was_kept_comes_first() {
    let kept = sign(context::DESIRED_STATE, &state(1, 1));
    let memory = Memory { trust: Some(trust()), desired: Some(kept), ..Memory::default() };
    let mut core = Core::new(memory, at(0));
    core.handle_link_up(at(0));
    core.handle_server_message(run_message(&order(1)), at(0)).unwrap();
    assert_eq!(begun(&mut core), []);
    core.handle_applied(report(1), at(1));
    assert_eq!(begun(&mut core), [run_id(1)]);
}

#[test]
fn looking_once_more_at_what_was_applied_holds_nothing_back() {
    let mut core = back(1);
    core.handle_applied(report(1), at(1));
    core.handle_look_again(at(2));
    assert!(drain(&mut core).iter().any(|action| matches!(action, Action::Apply(_))));
    core.handle_server_message(run_message(&order(1)), at(3)).unwrap();
    assert_eq!(begun(&mut core), [run_id(1)]);
}

#[test]
fn what_expires_or_is_cancelled_while_it_waits_never_begins() {
    let mut core = back(1);
    let short = RunOrder { not_after: time(5), ..order(1) };
    core.handle_server_message(run_message(&short), at(0)).unwrap();
    core.handle_server_message(run_message(&order(2)), at(0)).unwrap();
    core.handle_server_message(ServerMessage::CancelRun { run: run_id(2) }, at(1)).unwrap();
    core.handle_applied(report(1), at(6));
    let actions = drain(&mut core);
    assert!(!actions.iter().any(|action| matches!(action, Action::Begin(_))));
    let told = format!("{actions:?}");
    assert!(told.contains("its time had passed") && told.contains("Cancelled"), "{told}");
}

/// A command that installs the login component tells the agent to look again, and the server may send a newer state
/// before the command ends.
#[test]
fn a_run_goes_on_while_what_it_brought_about_is_applied() {
    let mut core = back(1);
    core.handle_applied(report(1), at(1));
    core.handle_server_message(run_message(&order(1)), at(1)).unwrap();
    core.handle_begun(run_id(1), Ok(()), at(1));
    core.handle_started(run_id(1), at(1));
    drain(&mut core);

    core.handle_look_again(at(2));
    core.handle_server_message(desired_message(&state(1, 2)), at(2)).unwrap();
    core.handle_server_message(run_message(&order(2)), at(2)).unwrap();
    assert!(!drain(&mut core).contains(&Action::Stop(run_id(1))));
    core.handle_ended(run_id(1), Ending::Exited { code: Some(0), reason: None }, at(3));
    let told = drain(&mut core);
    assert!(format!("{told:?}").contains("Finished"), "{told:?}");
    assert!(!told.iter().any(|action| matches!(action, Action::Begin(_))));

    // The look, then the newer state.
    core.handle_applied(report(1), at(4));
    assert_eq!(begun(&mut core), []);
    core.handle_applied(report(2), at(5));
    assert_eq!(begun(&mut core), [run_id(2)]);
}
