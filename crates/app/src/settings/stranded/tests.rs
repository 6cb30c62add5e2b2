use sallyport_api::rest::{ChoosePeople, UpdateUser};
use sallyport_model::{Method, PhoneKeyKind, Proof, Role, id::FactorId, policy::MethodRow};

use super::*;
use crate::{
    factor::{self, enrollable::tests::switch_off, mailing},
    mail::testing::Office,
    passkey::{
        self,
        tests::{challenge_in, soft},
    },
    settings as org_settings,
    signin::{
        self, Step,
        tests::{PASSWORD, Person, person, with_password},
    },
    testing::{self, TestOrg},
    user,
};

/// The settings as they are, without these methods.
async fn without(test: &TestOrg, methods: &[Method]) -> Settings {
    let before = org_settings::show(&test.system()).await.unwrap().value;
    let rows = MethodRow::complete(&[]).into_iter();
    let off = |row: MethodRow| MethodRow { on: row.on && !methods.contains(&row.method), ..row };
    Settings { factors: rows.map(off).collect(), ..before }
}

/// Gives somebody a phone with a page.
async fn phone(test: &TestOrg, person: &Person) {
    let (user, id) = (person.id, FactorId::new(uuid::Uuid::from_u128(9)));
    let proof = Proof::Push { platform: "a test".into(), signs_with: PhoneKeyKind::BrowserKey };
    let (name, duo_id, created) = ("Phone".into(), format!("DP{:0>18}", 9), test.system().now);
    let phone = sallyport_model::Factor { id, user, proof, name, duo_id, created };
    test.system().write(move |tx| factor::insert(tx, phone.clone()).map(drop)).await.unwrap();
}

async fn alice(test: &TestOrg) -> Person {
    let alice = person(test, "alice").await;
    let mails = UpdateUser { mails: Some(vec!["alice@example.com".into()]), ..UpdateUser::default() };
    user::update(&test.system(), alice.id, None, mails).await.unwrap();
    alice
}

#[tokio::test]
async fn whom_a_change_would_leave_outside_is_told_before_it_is_saved() {
    let test = testing::org().await;
    alice(&test).await;
    phone(&test, &person(&test, "bob").await).await;
    let nina = crate::mail::testing::person(&test, "nina").await;
    factor::issue_bypass_codes(&test.system(), nina.id, 1, 3600).await.unwrap();
    let asked =
        async |methods: &[Method]| preview(&test.system(), without(&test, methods).await).await.unwrap();
    let told = |count, names: &[&str]| Stranded {
        count,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
    };
    assert_eq!(asked(&[]).await, Stranded::default());
    assert_eq!(asked(&[Method::Push, Method::BypassCode]).await, Stranded::default());
    assert_eq!(asked(&[Method::Totp]).await, told(1, &["alice"]), "bob has a phone, and nina had nothing");
    assert_eq!(asked(&[Method::Totp, Method::Push]).await, told(2, &["alice", "bob"]));
    // The same by a policy.
    let mut policy = org_settings::show(&test.system()).await.unwrap().value;
    policy.policy.methods = Some([Method::Push].into());
    assert_eq!(preview(&test.system(), policy).await.unwrap(), told(1, &["alice"]));
    // A mailbox that may open the door is something that is left.
    let _office = Office::of(&test).await;
    let mut mail = without(&test, &[Method::Totp]).await;
    mail.factors.iter_mut().filter(|row| row.method == Method::Mail).for_each(|row| row.on = true);
    assert_eq!(preview(&test.system(), mail).await.unwrap(), Stranded::default());
    let now = org_settings::show(&test.system()).await.unwrap().value;
    assert!(now.factors.is_empty(), "nothing was saved");
    let administrator = test.person(nina.id, &[Role::Administrator]);
    assert!(matches!(preview(&administrator, now).await, Err(AppError::Denied(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_had_only_what_was_switched_off_comes_in_again_by_a_link_of_an_administrators() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    let alice = alice(&test).await;
    switch_off(&test, &[Method::Totp]).await;
    let step = signin::begin(&test.nobody(), with_password("alice", PASSWORD)).await.unwrap();
    assert!(matches!(step, Step::EnrollmentNeeded { by_mail: None, .. }), "{step:?}");
    let all = ChoosePeople { unenrolled: true, ..ChoosePeople::default() };
    let someone = crate::mail::testing::person(&test, "boss").await.id;
    // Help desk alone restores nothing to anybody; administrators do, deliberately.
    let hana = test.person(someone, &[Role::HelpDesk]);
    let shown = mailing::preview(&hana, all.clone()).await.unwrap();
    let why = shown.iter().find(|chosen| chosen.name == "alice").unwrap().obstacle.clone();
    assert!(why.is_some_and(|why| why.contains("ask for a reset")));
    let boss = test.person(someone, &[Role::Administrator]);
    let shown = mailing::preview(&boss, all).await.unwrap();
    assert_eq!(shown.iter().find(|chosen| chosen.name == "alice").unwrap().obstacle, None);
    let only = ChoosePeople { users: Some(vec!["alice".into()]), ..ChoosePeople::default() };
    let mailing = mailing::begin(&boss, only).await.unwrap();
    while mailing::show(&test.system(), &mailing.id).await.unwrap().0.ended.is_none() {
        tokio::task::yield_now().await;
    }
    let mail = office.last();
    assert_eq!(mail.to, "alice@example.com");
    let code = mail.text.split("code=").nth(1).unwrap()[..19].to_owned();
    let pending = factor::begin_totp(&test.nobody(), &code.as_str().into()).await.unwrap();
    assert!(!pending.ways.totp && pending.ways.passkey);
    let key = soft(&test, alice.id);
    let options = passkey::ask_for_first(&test.nobody(), &pending.handle).await.unwrap().unwrap();
    let made = passkey::Attestation::parse(&key.create(&challenge_in(&options))).unwrap();
    passkey::enroll_first(&test.nobody(), &pending.handle, "Key", &made).await.unwrap();
    let Step::SecondDoor(step) =
        signin::begin(&test.nobody(), with_password("alice", PASSWORD)).await.unwrap()
    else {
        panic!("no second door")
    };
    let options =
        passkey::ask_at_second_door(&test.nobody(), &step.handle, &step.offers).await.unwrap().unwrap();
    let answer = passkey::tests::answer_to(&key, &options);
    let opened = signin::answer(&test.nobody(), &step.handle, signin::Answer::Passkey(answer)).await.unwrap();
    assert!(matches!(opened, Step::Allowed(_)), "{opened:?}");
}
