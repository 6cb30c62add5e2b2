use sallyport_api::rest::{CreateApplication, UpdateApplication};
use sallyport_crypto::{Secret, totp};
use sallyport_model::{
    ApplicationKind, GroupKind, Settings, Span,
    id::PolicyId,
    policy::{Applied, GroupPolicy, Sections},
};

use super::*;
use crate::{
    application,
    factor::{self, PendingTotp},
    mail::testing::Office,
    passkey::tests::{self as passkeys, challenge_in, soft},
    policy, push, session, settings as org_settings,
    signin::{
        self, Step,
        tests::{PASSWORD, Person, person, with_password},
    },
    testing::{self, TestOrg},
    user,
};

/// Switches these off, and everything else on that is on by itself.
pub(crate) async fn switch_off(test: &TestOrg, methods: &[Method]) {
    let rows = MethodRow::complete(&[]);
    let rows = rows.into_iter().map(|row| MethodRow { on: row.on && !methods.contains(&row.method), ..row });
    let before = org_settings::show(&test.system()).await.unwrap().value;
    let after = Settings { factors: rows.collect(), ..before };
    org_settings::update(&test.system(), None, after).await.unwrap();
}

/// A policy that counts these alone.
async fn counting(test: &TestOrg, name: &str, methods: &[Method]) -> PolicyId {
    let sections = Sections { methods: Some(methods.iter().copied().collect()), ..Sections::default() };
    let input = sallyport_api::rest::CreatePolicy { name: name.into(), sections };
    policy::create(&test.system(), input).await.unwrap().id
}

async fn at_portal(test: &TestOrg, policy: PolicyId) {
    let before = org_settings::show(&test.system()).await.unwrap().value;
    let portal_policies = Applied { policy: Some(policy), groups: Vec::new() };
    org_settings::update(&test.system(), None, Settings { portal_policies, ..before }).await.unwrap();
}

async fn new_hire(test: &TestOrg) -> (UserId, Secret) {
    new_hire_named(test, "nina").await
}

async fn new_hire_named(test: &TestOrg, name: &str) -> (UserId, Secret) {
    let person = crate::mail::testing::person(test, name).await;
    user::set_password(&test.system(), person.id, &PASSWORD.into()).await.unwrap();
    (person.id, factor::issue_enrollment_code(&test.system(), person.id, 7200).await.unwrap())
}

async fn confirm(ctx: &Ctx, pending: &PendingTotp) -> Result<sallyport_model::Factor, AppError> {
    let seed = data_encoding::BASE32_NOPAD.decode(pending.seed.expose().as_bytes()).unwrap();
    let code = totp::code(&seed, totp::step_at(ctx.now.unix_seconds()));
    factor::confirm_totp(ctx, &pending.handle, &code.into()).await
}

fn refused<T: std::fmt::Debug>(result: Result<T, AppError>, phrase: Phrase) {
    let Err(AppError::Conflict(words)) = result else { panic!("{result:?}") };
    assert_eq!(words.to_string(), phrase.text());
}

#[tokio::test]
async fn what_is_off_is_neither_offered_nor_enrolled_and_what_is_on_opens_the_door() {
    let test = testing::org().await;
    let (nina, code) = new_hire(&test).await;
    let early = factor::begin_totp(&test.nobody(), &code).await.unwrap();
    assert!(early.ways.totp && early.ways.push && early.ways.passkey);
    switch_off(&test, &[Method::Totp, Method::Push]).await;
    let pending = factor::begin_totp(&test.nobody(), &code).await.unwrap();
    assert!(!pending.ways.totp && !pending.ways.push && pending.ways.passkey, "{:?}", pending.ways);
    // Also not what was begun before, and nothing is spent by trying.
    for begun in [&early, &pending] {
        refused(confirm(&test.nobody(), begun).await, Phrase::OpensNothing);
        refused(push::begin_first(&test.nobody(), &begun.handle).await, Phrase::OpensNothing);
    }
    let soft = soft(&test, nina);
    let options = crate::passkey::ask_for_first(&test.nobody(), &pending.handle).await.unwrap().unwrap();
    let made = crate::passkey::Attestation::parse(&soft.create(&challenge_in(&options))).unwrap();
    crate::passkey::enroll_first(&test.nobody(), &pending.handle, "Key", &made).await.unwrap();
    let step = signin::begin(&test.nobody(), with_password("nina", PASSWORD)).await.unwrap();
    assert!(matches!(step, Step::SecondDoor(_)), "{step:?}");
}

#[tokio::test]
async fn where_nothing_can_be_enrolled_nothing_is_mailed_and_it_is_said() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    let (_, code) = new_hire(&test).await;
    switch_off(&test, &[Method::Totp, Method::Push, Method::Passkey]).await;
    let step = signin::begin(&test.nobody(), with_password("nina", PASSWORD)).await.unwrap();
    assert!(matches!(step, Step::EnrollmentNeeded { by_mail: None, .. }), "{step:?}");
    assert!(office.arrived().is_empty());
    refused(factor::begin_totp(&test.nobody(), &code).await, Phrase::NothingToEnroll);
    switch_off(&test, &[]).await;
    factor::begin_totp(&test.nobody(), &code).await.unwrap();
}

#[tokio::test]
async fn a_first_factor_opens_the_portal_and_a_further_one_any_door() {
    let test = testing::org().await;
    let (alice, handset) = push::tests::alice(&test).await;
    let (own, session) = passkeys::session_of(&test, "alice", &alice).await;
    drop(handset);
    let (_, code) = new_hire(&test).await;
    let keys = counting(&test, "Keys", &[Method::Passkey, Method::Totp]).await;
    at_portal(&test, keys).await;
    let pending = factor::begin_totp(&test.nobody(), &code).await.unwrap();
    assert!(pending.ways.passkey && pending.ways.totp && !pending.ways.push, "{:?}", pending.ways);
    // Logins at devices take everything, so whoever is inside may add a phone for them.
    assert!(enrollable_of(&own).await.push);
    push::begin_own(&own, &session).await.unwrap();
    // The organisation's policy counts it nowhere, but for one application.
    let mut settings = org_settings::show(&test.system()).await.unwrap().value;
    settings.policy.methods = Some([Method::Totp].into());
    org_settings::update(&test.system(), None, settings).await.unwrap();
    assert!(!enrollable_of(&own).await.push);
    refused(push::begin_own(&own, &session).await, Phrase::OpensNothing);
    let phones = counting(&test, "Phones", &[Method::Push]).await;
    let wiki = CreateApplication { name: "Wiki".into(), kind: ApplicationKind::DuoAuthApi };
    let (wiki, _) = application::create(&test.system(), wiki).await.unwrap();
    let policies = Some(Applied { policy: Some(phones), groups: Vec::new() });
    let under = UpdateApplication { policies, ..UpdateApplication::default() };
    application::update(&test.system(), wiki.id, None, under).await.unwrap();
    assert!(enrollable_of(&own).await.push);
    push::begin_own(&own, &session).await.unwrap();
}

async fn enrollable_of(own: &Ctx) -> Enrollable {
    super::own(own).await.unwrap()
}

#[tokio::test]
async fn nobody_has_more_than_five_authenticator_applications() {
    let test = testing::org().await;
    let alice: Person = person(&test, "alice").await;
    let (own, session) = passkeys::session_of(&test, "alice", &alice).await;
    let late = factor::begin_own_totp(&own, &session).await.unwrap();
    for _ in 0..4 {
        confirm(&own, &factor::begin_own_totp(&own, &session).await.unwrap()).await.unwrap();
    }
    refused(factor::begin_own_totp(&own, &session).await, Phrase::TooManyApps(5));
    refused(confirm(&own, &late).await, Phrase::TooManyApps(5));
    assert_eq!(factor::list(&own, alice.id).await.unwrap().len(), 5);
}

#[tokio::test]
async fn a_passkey_is_asked_for_at_the_first_door_where_it_counts_for_somebody() {
    let test = testing::org().await;
    passkeys::alice(&test).await;
    let door = session::door_token(&test.nobody()).unwrap();
    let asked = async || crate::passkey::ask_at_first_door(&test.nobody(), &door).await.unwrap().is_some();
    assert!(asked().await);
    switch_off(&test, &[Method::Passkey]).await;
    assert!(!asked().await, "it would end in a denial");
    switch_off(&test, &[]).await;
    let codes = counting(&test, "Codes", &[Method::Totp]).await;
    at_portal(&test, codes).await;
    assert!(!asked().await, "nor where the portal's policy does not count it");
    // One of the groups that have it is under that policy; whoever is in the other alone has their passkey.
    let (here, there) =
        (test.group("here", GroupKind::Users).await, test.group("there", GroupKind::Users).await);
    let mut settings = org_settings::show(&test.system()).await.unwrap().value;
    settings.factors = vec![MethodRow { method: Method::Passkey, on: true, groups: vec![here.id, there.id] }];
    settings.portal_policies =
        Applied { policy: None, groups: vec![GroupPolicy { group: here.id, policy: codes }] };
    org_settings::update(&test.system(), None, settings).await.unwrap();
    assert!(asked().await);
}

#[tokio::test]
async fn what_was_begun_ends_by_its_time_and_as_it_is_completed() {
    let test = testing::org().await;
    let (_, code) = new_hire(&test).await;
    let begun = factor::begin_totp(&test.nobody(), &code).await.unwrap();
    let ask = async || crate::passkey::ask_for_first(&test.nobody(), &begun.handle).await;
    assert!(ask().await.is_ok());
    test.clock.advance(Span::hours(1));
    refused(ask().await, Phrase::EnrollmentExpired);
    let (_, code) = new_hire_named(&test, "nora").await;
    let begun = factor::begin_totp(&test.nobody(), &code).await.unwrap();
    confirm(&test.nobody(), &begun).await.unwrap();
    let again = crate::passkey::ask_for_first(&test.nobody(), &begun.handle).await;
    refused(again, Phrase::EnrollmentExpired);
}
