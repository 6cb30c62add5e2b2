use sallyport_crypto::Secret;
use sallyport_model::{FactorKind, Method, Role, Settings, Span, policy::MethodRow, signin::Resource};

use crate::{
    Ctx, Phrase, factor,
    mail::testing::{Office, person as with_mail},
    settings,
    signin::{
        self, SecondDoorStep, Step,
        tests::{PASSWORD, denial, with_password},
    },
    testing::{self, TestOrg},
    user,
};

/// Mail opens doors, for everybody or for nobody.
pub(crate) async fn switch(test: &TestOrg, on: bool) {
    let before = settings::show(&test.system()).await.unwrap().value;
    let factors = vec![MethodRow { method: Method::Mail, on, groups: Vec::new() }];
    settings::update(&test.system(), None, Settings { factors, ..before }).await.unwrap();
}

async fn house() -> (TestOrg, Office) {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    switch(&test, true).await;
    let ada = with_mail(&test, "ada").await;
    user::set_password(&test.system(), ada.id, &PASSWORD.into()).await.unwrap();
    (test, office)
}

async fn at_door(test: &TestOrg) -> SecondDoorStep {
    let step = signin::begin(&test.nobody(), with_password("ada", PASSWORD)).await.unwrap();
    let Step::SecondDoor(step) = step else { panic!("{step:?}") };
    step
}

async fn ask(test: &TestOrg, step: &SecondDoorStep) -> Option<Phrase> {
    let asked = signin::text(&test.nobody(), &step.handle, step.offers[0].factor).await.unwrap();
    let Step::SecondDoor(asked) = asked else { panic!("{asked:?}") };
    asked.problem
}

fn code(office: &Office) -> Secret {
    let text = office.last().text;
    let line = text.lines().find(|line| line.len() == 7 && line.bytes().all(|b| b.is_ascii_digit()));
    line.expect("a code").into()
}

#[tokio::test]
async fn a_mailed_code_opens_the_door_it_was_asked_for_at_once_for_ten_minutes() {
    let (test, office) = house().await;
    let (step, other) = (at_door(&test).await, at_door(&test).await);
    assert_eq!(step.offers.iter().map(signin::Offer::kind).collect::<Vec<_>>(), [FactorKind::Mail]);
    assert_eq!(step.offers[0].name, "a***@example.com");
    assert_eq!(ask(&test, &step).await, None);
    assert_eq!(office.last().to, "ada@example.com");
    let mailed = code(&office);
    let elsewhere = signin::passcode(&test.nobody(), &other.handle, &mailed).await.unwrap();
    assert!(matches!(elsewhere, Step::SecondDoor(SecondDoorStep { problem: Some(_), .. })), "another door");
    let Step::Allowed(admission) = signin::passcode(&test.nobody(), &step.handle, &mailed).await.unwrap()
    else {
        panic!("not allowed")
    };
    assert!(admission.both_doors());
    let again = at_door(&test).await;
    let used = signin::passcode(&test.nobody(), &again.handle, &mailed).await.unwrap();
    assert!(matches!(used, Step::SecondDoor(_)), "once");
    test.clock.advance(Span::seconds(31));
    let late = at_door(&test).await;
    assert_eq!(ask(&test, &late).await, None);
    assert!(ask(&test, &late).await.unwrap().text().contains("half a minute"));
    assert!(!test.dump().windows(7).any(|window| window == code(&office).expose().as_bytes()));
}

#[tokio::test]
async fn mail_is_off_until_it_is_switched_on_and_stops_at_once_when_it_is_off() {
    let (test, office) = house().await;
    let step = at_door(&test).await;
    assert_eq!(ask(&test, &step).await, None);
    let opened = signin::passcode(&test.nobody(), &step.handle, &code(&office)).await.unwrap();
    assert!(matches!(opened, Step::Allowed(_)), "{opened:?}");
    test.clock.advance(Span::seconds(31));
    let step = at_door(&test).await;
    assert_eq!(ask(&test, &step).await, None);
    switch(&test, false).await;
    let refused = signin::passcode(&test.nobody(), &step.handle, &code(&office)).await.unwrap();
    assert!(matches!(refused, Step::EnrollmentNeeded { .. }), "{refused:?}");
    let before = settings::show(&test.system()).await.unwrap().value;
    let nothing_said = Settings { factors: Vec::new(), ..before };
    settings::update(&test.system(), None, nothing_said).await.unwrap();
    // Password and mailbox were all she had, so they may enrol what is more.
    let step = signin::begin(&test.nobody(), with_password("ada", PASSWORD)).await.unwrap();
    assert!(matches!(step, Step::EnrollmentNeeded { by_mail: Some(_), .. }), "{step:?}");
}

#[tokio::test]
async fn nobody_with_a_role_is_mailed_a_code_and_a_role_shuts_what_was_mailed_before() {
    let (test, office) = house().await;
    let step = at_door(&test).await;
    assert_eq!(ask(&test, &step).await, None);
    let ada = user::resolve(&test.system(), "ada").await.unwrap();
    user::set_roles(&test.system(), ada.id, [Role::Auditor].into()).await.unwrap();
    denial(signin::passcode(&test.nobody(), &step.handle, &code(&office)).await.unwrap());
    let step = signin::begin(&test.nobody(), with_password("ada", PASSWORD)).await.unwrap();
    assert!(matches!(step, Step::EnrollmentNeeded { by_mail: None, .. }), "{step:?}");
}

#[tokio::test]
async fn a_mailbox_wakes_nobody_and_is_no_factor_to_give_up() {
    let (test, office) = house().await;
    test.clock.advance(Span::days(91));
    let step = at_door(&test).await;
    assert_eq!(ask(&test, &step).await, None);
    let opened = signin::passcode(&test.nobody(), &step.handle, &code(&office)).await.unwrap();
    assert!(matches!(opened, Step::Allowed(_)), "{opened:?}");
    let ada = user::resolve(&test.system(), "ada").await.unwrap();
    assert!(ada.dormant, "an enrolment still takes an administrator's code");
    assert!(factor::list(&test.system(), ada.id).await.unwrap().is_empty());
    let preview = signin::preview(&test.system(), "ada", &Resource::Portal).await.unwrap();
    assert!(
        matches!(&preview, signin::Preview::SecondDoor { offers, .. } if offers.len() == 1),
        "{preview:?}"
    );
}

#[tokio::test]
async fn of_many_at_once_on_two_nodes_one_mailed_code_opens_its_door_once() {
    let (mut test, office) = house().await;
    for round in 0..3 {
        test.clock.advance(Span::minutes(1));
        let step = at_door(&test).await;
        assert_eq!(ask(&test, &step).await, None);
        let (nodes, mailed) = (test.doors(), code(&office));
        let bring = |ctx: Ctx| {
            let (handle, mailed) = (step.handle.clone(), mailed.clone());
            async move { matches!(signin::passcode(&ctx, &handle, &mailed).await.unwrap(), Step::Allowed(_)) }
        };
        let opened = async |nodes| {
            testing::at_once(nodes, 10, bring).await.into_iter().filter(|opened| *opened).count()
        };
        assert_eq!(opened(&nodes).await, 1, "{round}");
        test.restart();
        assert_eq!(opened(&test.doors()).await, 0, "{round}");
    }
}

#[tokio::test]
async fn wrong_codes_are_counted_over_two_nodes_and_the_mailed_one_comes_too_late() {
    let (mut test, office) = house().await;
    let step = at_door(&test).await;
    assert_eq!(ask(&test, &step).await, None);
    let guess = |ctx: Ctx| {
        let handle = step.handle.clone();
        async move { signin::passcode(&ctx, &handle, &"0000000".into()).await.unwrap() }
    };
    let steps = testing::at_once(&test.doors(), 10, guess).await;
    let looked_at = steps.iter().filter(|step| matches!(step, Step::SecondDoor(_))).count();
    assert_eq!(looked_at, 5, "{steps:?}");
    test.restart();
    for ctx in test.doors() {
        let late = signin::passcode(&ctx, &step.handle, &code(&office)).await.unwrap();
        assert!(matches!(late, Step::Denied(_)), "{late:?}");
    }
}
