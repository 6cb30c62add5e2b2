use sallyport_api::agent::{ComponentState, Report};

use super::*;

fn report(version: StateVersion) -> Report {
    Report { version, accounts: Vec::new(), login_component: ComponentState::Absent, login_failure: None }
}

fn applied(actions: &[Action]) -> Vec<StateVersion> {
    let version = |action: &Action| {
        if let Action::Apply(state) = action { Some(state.version) } else { None }
    };
    actions.iter().filter_map(version).collect()
}

fn reports(actions: &[Action]) -> usize {
    actions.iter().filter(|action| matches!(action, Action::Send(AgentMessage::Report(_)))).count()
}

#[test]
fn a_device_never_goes_back() {
    let mut core = enrolled();
    for (epoch, n, taken) in
        [(1, 5, true), (1, 4, false), (1, 5, true), (1, 6, true), (2, 1, true), (1, 99, false), (2, 0, false)]
    {
        let outcome = core.handle_server_message(desired_message(&state(epoch, n)), at(1));
        assert_eq!(outcome.is_ok(), taken, "{epoch}.{n}");
        if taken {
            assert_eq!(applied(&drain(&mut core)), [StateVersion { epoch, n }]);
            core.handle_applied(report(StateVersion { epoch, n }), at(1));
            drain(&mut core);
        }
    }
    assert_eq!(core.desired_version(), Some(StateVersion { epoch: 2, n: 1 }));
}

#[test]
fn a_state_for_another_device_or_without_a_signature_changes_nothing() {
    let mut core = enrolled();
    let other = DesiredState { device: OTHER_DEVICE, ..state(1, 1) };
    assert!(core.handle_server_message(desired_message(&other), at(1)).is_err());
    let mut forged = sign(context::DESIRED_STATE, &state(1, 1));
    forged.signature = "00".repeat(64);
    assert!(core.handle_server_message(ServerMessage::Desired { state: forged }, at(1)).is_err());
    assert_eq!(drain(&mut core), []);
}

#[test]
fn while_one_state_is_applied_the_newest_of_those_that_came_follows() {
    let mut core = enrolled();
    core.handle_link_up(at(0));
    drain(&mut core);
    for n in 1..=3 {
        core.handle_server_message(desired_message(&state(1, n)), at(1)).unwrap();
    }
    assert_eq!(applied(&drain(&mut core)), [StateVersion { epoch: 1, n: 1 }]);
    core.handle_applied(report(StateVersion { epoch: 1, n: 1 }), at(2));
    assert_eq!(applied(&drain(&mut core)), [StateVersion { epoch: 1, n: 3 }]);
    core.handle_applied(report(StateVersion { epoch: 1, n: 3 }), at(3));
    assert_eq!(reports(&drain(&mut core)), 1);
}

#[test]
fn the_device_is_compared_again_and_tells_only_news() {
    let mut core = enrolled();
    core.handle_link_up(at(0));
    core.handle_server_message(desired_message(&state(1, 1)), at(1)).unwrap();
    let version = StateVersion { epoch: 1, n: 1 };
    core.handle_applied(report(version), at(2));
    drain(&mut core);
    core.handle_timeout(at(3600));
    assert_eq!(applied(&drain(&mut core)), [version]);
    core.handle_applied(report(version), at(3601));
    assert_eq!(reports(&drain(&mut core)), 0);
    core.handle_link_down(at(3602));
    core.handle_link_up(at(3603));
    assert_eq!(reports(&drain(&mut core)), 1);
}

#[test]
fn the_state_that_was_kept_is_applied_at_the_start_and_cannot_be_undercut() {
    let kept = sign(context::DESIRED_STATE, &state(3, 3));
    let memory = Memory { trust: Some(trust()), desired: Some(kept), ..Memory::default() };
    let mut core = Core::new(memory, at(0));
    assert_eq!(applied(&drain(&mut core)), [StateVersion { epoch: 3, n: 3 }]);
    assert!(core.handle_server_message(desired_message(&state(3, 2)), at(1)).is_err());
}
