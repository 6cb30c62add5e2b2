//! Logins at a machine that is not enrolled.

use sallyport_api::agent::DesiredLogin;
use sallyport_ipc::login::Verdict;

use super::{
    login::{TALK, begin, linked, prompts, verdicts},
    *,
};
use crate::{core::login::break_glass_hash, half::AuthApiWord};

/// A machine that is not enrolled and asks by itself, with a break-glass code 1234.
fn standalone() -> Core {
    let standalone = DesiredLogin {
        prompts: 2,
        break_glass_hash: Some(break_glass_hash("salt", "1234")),
        break_glass_salt: "salt".into(),
        ..DesiredLogin::default()
    };
    let mut core = Core::new(Memory::default(), at(0));
    core.handle_standalone(Some(standalone));
    drain(&mut core);
    core
}

fn said(allow: bool) -> AuthApiWord {
    AuthApiWord::Decided { allow, text: String::new() }
}

#[test]
fn a_machine_that_is_not_enrolled_asks_the_service_it_was_given() {
    for (allow, verdict) in [(true, Verdict::Allow), (false, Verdict::Deny)] {
        let mut core = standalone();
        core.handle_login(begin(), Standing::Active, true, at(0));
        assert_eq!(drain(&mut core), [Action::Send(AgentMessage::LoginBegin(begin()))]);
        core.handle_auth_api(TALK, AuthApiWord::Prompt { text: "Passcode: ".into() }, at(1));
        assert_eq!(prompts(&drain(&mut core)), 1);
        // Whoever speaks out of turn is not heard.
        core.handle_auth_api(TALK, said(true), at(1));
        core.handle_auth_api("another", said(true), at(1));
        assert_eq!(drain(&mut core), []);
        core.handle_login_answer(TALK, "123456".into(), at(2));
        drain(&mut core);
        core.handle_auth_api(TALK, said(allow), at(3));
        assert_eq!(verdicts(&drain(&mut core)), [verdict]);
        core.handle_auth_api(TALK, said(true), at(3));
        assert_eq!(drain(&mut core), [], "a decision counts once");
    }
}

#[test]
fn a_service_that_cannot_be_asked_leaves_the_break_glass_code() {
    let mut core = standalone();
    core.handle_login(begin(), Standing::Active, true, at(0));
    core.handle_auth_api(TALK, AuthApiWord::Unavailable { reason: "gone".into() }, at(1));
    assert_eq!(prompts(&drain(&mut core)), 1);
    core.handle_login_answer(TALK, "1234".into(), at(2));
    let actions = drain(&mut core);
    assert!(matches!(actions.as_slice(), [Action::Spend { .. }]), "{actions:?}");
    core.handle_spent(TALK, true, at(3));
    assert_eq!(verdicts(&drain(&mut core)), [Verdict::Allow]);
}

#[test]
fn a_service_that_says_nothing_counts_as_away() {
    let mut core = standalone();
    core.handle_login(begin(), Standing::Active, false, at(0));
    drain(&mut core);
    core.handle_timeout(at(60));
    let actions = drain(&mut core);
    assert_eq!(verdicts(&actions), [Verdict::Unavailable]);
    assert!(actions.contains(&Action::Send(AgentMessage::LoginCancel { conversation: TALK.into() })));
}

#[test]
fn where_an_organisation_decides_no_other_service_does() {
    let mut core = linked();
    core.handle_login(begin(), Standing::Active, true, at(0));
    drain(&mut core);
    core.handle_auth_api(TALK, said(true), at(1));
    assert_eq!(drain(&mut core), []);
}

#[test]
fn without_anybody_to_ask_nobody_comes_in() {
    let mut core = Core::new(Memory::default(), at(0));
    drain(&mut core);
    core.handle_login(begin(), Standing::Active, true, at(0));
    assert_eq!(verdicts(&drain(&mut core)), [Verdict::Unavailable]);
}
