use sallyport_model::{Role, Span};

use super::*;
use crate::{
    signin::{self, Begin, FirstDoorProof, Step},
    testing::{self, TestOrg},
    user,
};

async fn person(test: &TestOrg, name: &str) -> Versioned<User> {
    let input = sallyport_api::rest::CreateUser { name: name.into(), active: true, ..Default::default() };
    user::create(&test.system(), input).await.unwrap()
}

fn code_now(pending: &PendingTotp, test: &TestOrg, offset: i64) -> Secret {
    let seed = data_encoding::BASE32_NOPAD.decode(pending.seed.expose().as_bytes()).unwrap();
    totp::code(&seed, totp::step_at(test.system().now.unix_seconds()) + offset).into()
}

#[tokio::test]
async fn an_enrolment_code_enrols_one_factor_and_is_spent_with_it() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let code = issue_enrollment_code(&test.system(), alice.id, 3600).await.unwrap();
    // Opening the link twice spends nothing.
    begin_totp(&test.nobody(), &code).await.unwrap();
    let pending = begin_totp(&test.nobody(), &code).await.unwrap();
    let wrong = confirm_totp(&test.nobody(), &pending.handle, &"000000".into()).await;
    assert!(matches!(wrong, Err(AppError::Invalid { field: "passcode", .. })));
    let factor = confirm_totp(&test.nobody(), &pending.handle, &code_now(&pending, &test, 0)).await.unwrap();
    assert_eq!((factor.user, factor.kind()), (alice.id, FactorKind::Totp));
    assert!(begin_totp(&test.nobody(), &code).await.is_err());
    assert!(confirm_totp(&test.nobody(), &pending.handle, &code_now(&pending, &test, 0)).await.is_err());
}

#[tokio::test]
async fn a_new_enrolment_code_voids_the_former_and_all_end_by_themselves() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let first = issue_enrollment_code(&test.system(), alice.id, 3600).await.unwrap();
    let second = issue_enrollment_code(&test.system(), alice.id, 3600).await.unwrap();
    assert!(begin_totp(&test.nobody(), &first).await.is_err());
    assert!(begin_totp(&test.nobody(), &second).await.is_ok());
    test.clock.advance(Span::hours(2));
    assert!(begin_totp(&test.nobody(), &second).await.is_err());
}

#[tokio::test]
async fn guessing_enrolment_codes_is_held_back() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let good = issue_enrollment_code(&test.system(), alice.id, 3600).await.unwrap();
    for guess in 0..7 {
        begin_totp(&test.nobody(), &format!("0000-0000-0000-000{guess}").as_str().into()).await.unwrap_err();
    }
    assert!(matches!(begin_totp(&test.nobody(), &good).await, Err(AppError::Busy)));
}

#[tokio::test]
async fn only_those_who_may_hand_out_codes_and_never_above_themselves() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let bob = person(&test, "bob").await;
    user::set_roles(&test.system(), bob.id, [Role::Administrator].into()).await.unwrap();
    let help_desk = test.person(alice.id, &[Role::HelpDesk]);
    assert!(issue_enrollment_code(&help_desk, alice.id, 60).await.is_ok());
    assert!(matches!(issue_enrollment_code(&help_desk, bob.id, 60).await, Err(AppError::AboveOwnRights)));
    assert!(matches!(issue_bypass_codes(&help_desk, bob.id, 1, 60).await, Err(AppError::AboveOwnRights)));
    let nobody = test.person(alice.id, &[]);
    assert!(matches!(issue_bypass_codes(&nobody, alice.id, 1, 60).await, Err(AppError::Denied(_))));
}

#[tokio::test]
async fn nobody_removes_their_own_last_factor_and_removal_voids_what_it_proved() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let code = issue_enrollment_code(&test.system(), alice.id, 3600).await.unwrap();
    let pending = begin_totp(&test.nobody(), &code).await.unwrap();
    let factor = confirm_totp(&test.nobody(), &pending.handle, &code_now(&pending, &test, 0)).await.unwrap();
    let own = Ctx { source: test.nobody().source, ..test.person(alice.id, &[]) };
    let session = |both_doors| Session {
        hash: String::new(),
        user: alice.id,
        id: None,
        first_door: None,
        proofs: Vec::new(),
        bearer: false,
        opened_for: None,
        both_doors,
        epoch: 0,
        networks: vec!["192.0.2.0/24".into()],
        form_token: String::new(),
        source: None,
        user_agent: String::new(),
        created: Time(0),
        proved: None,
        expires: Time(0),
        seen: Time(0),
    };
    // Half a sign-in manages nothing.
    assert!(matches!(remove_own(&own, &session(false), factor.id).await, Err(AppError::Unauthenticated)));
    assert!(matches!(begin_own_totp(&own, &session(false)).await, Err(AppError::Unauthenticated)));
    // Nor does one that comes from where it was not proved.
    let elsewhere = Ctx { source: Some([203, 0, 113, 9].into()), ..own.clone() };
    let refused = remove_own(&elsewhere, &session(true), factor.id).await;
    assert!(matches!(refused, Err(AppError::Unauthenticated)));
    assert!(matches!(begin_own_totp(&elsewhere, &session(true)).await, Err(AppError::Unauthenticated)));
    assert!(matches!(remove_own(&own, &session(true), factor.id).await, Err(AppError::Conflict(_))));
    assert!(matches!(remove(&own, alice.id, factor.id).await, Err(AppError::Denied(_))));
    let before = user::show(&test.system(), alice.id).await.unwrap().credential_epoch;
    remove(&test.system(), alice.id, factor.id).await.unwrap();
    assert!(user::show(&test.system(), alice.id).await.unwrap().credential_epoch > before);
    assert!(list(&own, alice.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_last_factor_is_the_last_that_opens_the_portal() {
    use crate::{factor::enrollable::tests::switch_off, passkey::tests as passkeys, telephony::testing};
    let test = crate::testing::org().await;
    let _company = testing::Company::of(&test, testing::twilio()).await;
    let (alice, _) = passkeys::alice(&test).await;
    let (own, session) = passkeys::session_of(&test, "alice", &alice).await;
    let phone = sallyport_api::rest::AddPhone { number: "+15005550010".into(), ..Default::default() };
    phone::add(&test.system(), alice.id, phone).await.unwrap();
    issue_bypass_codes(&test.system(), alice.id, 1, 3600).await.unwrap();
    let find = async |kind| {
        let all = list(&test.system(), alice.id).await.unwrap();
        all.into_iter().find(|factor| factor.kind() == kind).unwrap().id
    };
    let app = find(FactorKind::Totp).await;
    // A number that texts are not sent to, a method that is off, and codes of an administrator are nothing to come in by.
    switch_off(&test, &[Method::Text, Method::Call, Method::Passkey]).await;
    let last = |result: Result<(), AppError>| {
        let Err(AppError::Conflict(words)) = result else { panic!("{result:?}") };
        assert_eq!(words.to_string(), Phrase::LastFactor.text());
    };
    last(remove_own(&own, &session, app).await);
    switch_off(&test, &[Method::Text, Method::Call]).await;
    user::set_roles(&test.system(), alice.id, [Role::Auditor].into()).await.unwrap();
    switch_off(&test, &[Method::Passkey]).await;
    last(
        test.system()
            .write(move |tx| {
                let found = one_of(tx, alice.id, app)?;
                refuse_last(tx, &found)
            })
            .await,
    );
    switch_off(&test, &[]).await;
    test.system()
        .write(move |tx| {
            let found = one_of(tx, alice.id, app)?;
            refuse_last(tx, &found)
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn of_fifty_at_once_one_bypass_code_opens_one_door() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let code = issue_bypass_codes(&test.system(), alice.id, 1, 3600).await.unwrap().remove(0);
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (ctx, code) = (test.nobody(), code.clone());
        tries.spawn(async move {
            let begin = Begin {
                name: "alice".into(),
                resource: sallyport_model::signin::Resource::Portal,
                first_door: FirstDoorProof::Vouched { by: "test".into() },
            };
            let Step::SecondDoor(step) = signin::begin(&ctx, begin).await.unwrap() else { return false };
            matches!(signin::passcode(&ctx, &step.handle, &code).await.unwrap(), Step::Allowed(_))
        });
    }
    let allowed = tries.join_all().await.into_iter().filter(|allowed| *allowed).count();
    assert_eq!(allowed, 1);
}

#[tokio::test]
async fn a_begun_enrolment_dies_with_what_voids_sessions() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let begin = async || {
        let code = issue_enrollment_code(&test.system(), alice.id, 3600).await.unwrap();
        begin_totp(&test.nobody(), &code).await.unwrap()
    };
    let pending = begin().await;
    user::set_password(&test.system(), alice.id, &"tulip gravel hovercraft".into()).await.unwrap();
    assert!(confirm_totp(&test.nobody(), &pending.handle, &code_now(&pending, &test, 0)).await.is_err());
    let pending = begin().await;
    user::suspend(&test.system(), alice.id).await.unwrap();
    assert!(confirm_totp(&test.nobody(), &pending.handle, &code_now(&pending, &test, 0)).await.is_err());
}

#[tokio::test]
async fn an_authenticator_a_step_ahead_opens_nothing_unless_drift_is_allowed() {
    let test = testing::org().await;
    let alice = signin::tests::person(&test, "alice").await;
    let opens = async |offset: i64| {
        test.clock.advance(Span::minutes(20));
        let step = signin::tests::to_second_door(&test.nobody(), "alice").await;
        let step = signin::passcode(&test.nobody(), &step.handle, &alice.code(&test, offset)).await.unwrap();
        matches!(step, Step::Allowed(_))
    };
    let mut settings = test.system().read(settings).await.unwrap().value;
    for drift in [false, true] {
        settings.codes.drift = drift;
        crate::settings::update(&test.system(), None, settings.clone()).await.unwrap();
        for (offset, opened) in [(-2, false), (-1, true), (0, true), (1, drift), (2, false)] {
            assert_eq!(opens(offset).await, opened, "{drift} {offset}");
        }
    }
    // Whoever has such a clock can enrol it too.
    let bob = person(&test, "bob").await;
    let code = issue_enrollment_code(&test.system(), bob.id, 3600).await.unwrap();
    let pending = begin_totp(&test.nobody(), &code).await.unwrap();
    confirm_totp(&test.nobody(), &pending.handle, &code_now(&pending, &test, 1)).await.unwrap();
}
