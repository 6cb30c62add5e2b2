//! What would happen, whom a change would have reached, and how a rule was before.

use sallyport_api::rest::PreviewAccessRule;
use sallyport_model::policy::Section;
use sallyport_policy::{Condition, Decision, Verdict};

use super::*;

fn asked(user: UserId, at: WhatIfAt) -> WhatIf {
    let source = Some("192.0.2.7".parse().unwrap());
    WhatIf { user, at, source, country: None, anonymous: None, device: None, now: None }
}

#[tokio::test]
async fn what_if_says_rule_by_rule_why_and_what_follows() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let device = test.active_device("laptop").await.device;
    let abroad = RuleSays { from: from(true, "192.0.2.0/24"), ..says(Effect::Deny) };
    let managed = OnDevice { managed: Some(true), ..OnDevice::default() };
    let managed = RuleSays { device: managed, ..at(ResourceKind::UserPortal, Effect::Allow) };
    let a = write(&test, "A abroad", abroad).await;
    write(&test, "B managed", managed).await;
    let input = CreateAccessRule { mode: RuleMode::DryRun, ..on("C try", says(Effect::Deny)) };
    create(&test.system(), input).await.unwrap();
    let off = CreateAccessRule { mode: RuleMode::Off, ..on("D off", says(Effect::Deny)) };
    create(&test.system(), off).await.unwrap();
    let told = what_if(&test.system(), asked(alice.id, WhatIfAt::Portal)).await.unwrap();
    let verdicts: Vec<_> = told.rules.iter().map(|heard| heard.verdict.clone()).collect();
    let unmet = |condition| Some(Verdict::Unmet(condition));
    assert_eq!(
        verdicts,
        [unmet(Condition::Networks), unmet(Condition::Managed), Some(Verdict::Matches), None]
    );
    assert!(told.rules[1].because.contains("not known"), "{}", told.rules[1].because);
    assert!(told.rules[2].because.contains("dry run"), "{}", told.rules[2].because);
    assert!(matches!(told.explained.decision, Decision::SecondDoor(_)));
    assert_eq!(told.lines().len(), Section::ALL.len());
    assert_eq!(told.rules[0].says, "For everybody, at every door, not from 192.0.2.0/24: deny.");
    // The same from elsewhere, and on a device that is known.
    let elsewhere =
        WhatIf { source: Some("198.51.100.7".parse().unwrap()), ..asked(alice.id, WhatIfAt::Portal) };
    let told = what_if(&test.system(), elsewhere).await.unwrap();
    let tried = told.explained.reasons().last().unwrap().clone();
    assert_eq!(told.explained.reasons()[0], Reason::RuleDenies(by(&a)));
    assert!(matches!(tried, Reason::RuleTried { .. }), "{tried:?}");
    let on_it = WhatIf { device: Some(device.id), ..asked(alice.id, WhatIfAt::Portal) };
    let told = what_if(&test.system(), on_it).await.unwrap();
    assert!(told.rules[1].matches());
    assert!(matches!(told.explained.decision, Decision::Allow(_)), "{:?}", told.explained.decision);
    let help_desk = test.person(alice.id, &[Role::HelpDesk]);
    let denied = what_if(&help_desk, asked(alice.id, WhatIfAt::Portal)).await;
    assert!(matches!(denied, Err(AppError::Denied(_))), "{denied:?}");
}

fn preview(rule: Option<AccessRuleId>, says: RuleSays) -> PreviewAccessRule {
    PreviewAccessRule { rule, delete: false, mode: None, says: Some(says) }
}

async fn differences(test: &TestOrg, preview: PreviewAccessRule) -> Vec<(Difference, usize, Vec<String>)> {
    let found = radius(&test.now(&test.system()), preview).await.unwrap();
    found.differences.into_iter().map(|found| (found.difference, found.sign_ins, found.names)).collect()
}

#[tokio::test]
async fn the_sign_ins_of_thirty_days_are_asked_again_before_a_rule_is_saved() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    person(&test, "bob").await;
    let (_, vpn) = duo_application(&test, "vpn").await;
    let home = Ctx { source: Some([198, 51, 100, 7].into()), ..test.nobody() };
    let step = to_second_door(&test.nobody(), "alice").await;
    assert!(matches!(passcode_of(&test.nobody(), &step, &alice, &test).await, Step::Allowed(_)));
    // Somebody who never got in is no difference.
    to_second_door(&home, "bob").await;
    let Step::SecondDoor(step) = vouched(&home, "alice", &vpn).await else { panic!("not asked") };
    test.clock.advance(Span::minutes(1));
    let later = test.now(&home);
    let code = alice.code(&test, 0);
    assert!(matches!(signin::passcode(&later, &step.handle, &code).await.unwrap(), Step::Allowed(_)));

    let alice_alone = || vec!["alice".to_owned()];
    let abroad = RuleSays { from: from(true, "192.0.2.0/24"), ..says(Effect::Deny) };
    let found = differences(&test, preview(None, abroad.clone())).await;
    assert_eq!(found, [(Difference::Denied, 1, alice_alone())]);
    let methods = Some(BTreeSet::from([Method::Passkey]));
    let then = Then { effect: Effect::SecondDoor, methods, ..Then::default() };
    let passkeys = RuleSays { then, ..RuleSays::default() };
    let found = differences(&test, preview(None, passkeys)).await;
    assert_eq!(found, [(Difference::OtherFactor, 2, alice_alone())]);
    let found = differences(&test, preview(None, at(ResourceKind::UserPortal, Effect::Allow))).await;
    assert_eq!(found, [(Difference::OneDoor, 1, alice_alone())]);
    assert_eq!(differences(&test, preview(None, says(Effect::SecondDoor))).await, []);

    // What a rule has denied since is let in again if it goes.
    let rule = write(&test, "Abroad", abroad.clone()).await;
    assert!(matches!(vouched(&later, "bob", &vpn).await, Step::Denied(_)));
    let gone = PreviewAccessRule { rule: Some(rule.id), delete: true, mode: None, says: None };
    let found = differences(&test, gone).await;
    assert_eq!(found, [(Difference::NotDenied, 1, vec!["bob".to_owned()])]);
    // Beyond thirty days nothing is looked at.
    to_mode(&test, rule.id, RuleMode::Off).await;
    test.clock.advance(Span::days(31));
    assert_eq!(differences(&test, preview(Some(rule.id), abroad)).await, []);
}

#[tokio::test]
async fn what_a_rule_would_have_done_in_its_dry_run_is_counted_as_it_was_written_down() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let input = CreateAccessRule { mode: RuleMode::DryRun, ..on("Try", says(Effect::Deny)) };
    let rule = create(&test.system(), input).await.unwrap().rule;
    let step = to_second_door(&test.nobody(), "alice").await;
    assert!(matches!(passcode_of(&test.nobody(), &step, &alice, &test).await, Step::Allowed(_)));
    let on = PreviewAccessRule { rule: Some(rule.id), delete: false, mode: Some(RuleMode::On), says: None };
    let found = radius(&test.now(&test.system()), on).await.unwrap();
    let [tried] = found.tried.as_slice() else { panic!("{:?}", found.tried) };
    assert_eq!((tried.would, tried.sign_ins, tried.people), (Would::Deny, 1, 1));
    assert_eq!(found.differences[0].difference, Difference::Denied);
}

#[tokio::test]
async fn a_rule_is_brought_back_as_it_was_even_when_it_is_gone() {
    let test = testing::org().await;
    person(&test, "alice").await;
    let first = at(ResourceKind::DeviceLogin, Effect::Deny);
    let rule = write(&test, "Rule", first.clone()).await;
    let input = UpdateAccessRule { says: Some(says(Effect::SecondDoor)), ..UpdateAccessRule::default() };
    update(&test.system(), rule.id, None, input).await.unwrap();
    delete(&test.system(), rule.id, None).await.unwrap();
    let versions = history(&test.system(), rule.id).await.unwrap();
    let verbs: Vec<&str> = versions.iter().map(|version| version.verb.as_str()).collect();
    assert_eq!(verbs, ["delete", "update", "create"]);
    assert!(versions[0].rule.is_none());
    let back = restore(&test.system(), rule.id, versions[2].change, None).await.unwrap().rule;
    assert_eq!((back.id, &back.says), (rule.id, &first));
    let again = restore(&test.system(), rule.id, versions[2].change, None).await;
    assert!(matches!(again, Err(AppError::Conflict(_))), "{again:?}");
    restore(&test.system(), rule.id, versions[1].change, None).await.unwrap();
    assert_eq!(show(&test.system(), rule.id).await.unwrap().says, says(Effect::SecondDoor));
    // What is no version of it is not brought back: not its deletion, and not a change of something else.
    for wrong in [versions[0].change, 1, i64::MAX] {
        let refused = restore(&test.system(), rule.id, wrong, None).await;
        assert!(matches!(refused, Err(AppError::NotFound { .. })), "{refused:?}");
    }
    assert_eq!(history(&test.system(), rule.id).await.unwrap().len(), 5);
}
