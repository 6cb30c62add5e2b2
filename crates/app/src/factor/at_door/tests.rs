use sallyport_api::rest::UpdateUser;
use sallyport_crypto::totp;
use sallyport_model::{Role, Settings, Time, settings::EnrollmentWindow, signin::Resource};

use super::*;
use crate::{
    factor,
    mail::testing::{Office, person as with_mail},
    signin::{
        self, Begin, FirstDoorProof, Step,
        tests::{PASSWORD, with_password},
    },
    testing::{self, TestOrg},
    user,
};

/// Somebody with an address and a password, and nothing for the second door.
async fn person(test: &TestOrg, name: &str) -> Versioned<User> {
    let person = with_mail(test, name).await;
    user::set_password(&test.system(), person.id, &PASSWORD.into()).await.unwrap();
    user::show(&test.system(), person.id).await.unwrap()
}

async fn at_door(test: &TestOrg, name: &str) -> Option<ByMail> {
    let step = signin::begin(&test.nobody(), with_password(name, PASSWORD)).await.unwrap();
    let Step::EnrollmentNeeded { by_mail, .. } = step else { panic!("{step:?}") };
    by_mail.map(|by_mail| *by_mail)
}

/// The first factor of somebody who has the code for it.
async fn enrol(test: &TestOrg, pending: &PendingTotp) {
    let seed = data_encoding::BASE32_NOPAD.decode(pending.seed.expose().as_bytes()).unwrap();
    let first = totp::code(&seed, totp::step_at(test.nobody().now.unix_seconds()));
    factor::confirm_totp(&test.nobody(), &pending.handle, &first.into()).await.unwrap();
}

/// By the password and what is mailed then.
async fn enrol_by_mail(test: &TestOrg, office: &Office, name: &str) {
    let door = at_door(test, name).await.expect("an offer");
    mail_code(&test.nobody(), &door.handle).await.unwrap().1.unwrap();
    let code = code_in(&office.last().text);
    enrol(test, &begin_totp(&test.nobody(), &door.handle, &code).await.unwrap()).await;
}

fn code_in(text: &str) -> Secret {
    let line =
        text.lines().find(|line| line.len() == 9 && line.chars().all(|c| c.is_ascii_digit() || c == '-'));
    line.expect("a code").into()
}

#[tokio::test]
async fn password_and_mailed_code_together_enrol_a_first_factor() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    person(&test, "ada").await;
    let door = at_door(&test, "ada").await.expect("an offer");
    assert_eq!(door.to, "a***@example.com");
    assert!(office.arrived().is_empty(), "nothing before it is asked for");
    let ctx = test.nobody();
    let (to, sent) = mail_code(&ctx, &door.handle).await.unwrap();
    assert_eq!((to.as_str(), sent), ("a***@example.com", Ok(())));
    let mail = office.last();
    assert_eq!(mail.to, "ada@example.com");
    let code = code_in(&mail.text);
    enrol(&test, &begin_totp(&ctx, &door.handle, &code).await.unwrap()).await;
    assert!(begin_totp(&ctx, &door.handle, &code).await.is_err(), "no second one");
    assert!(matches!(mail_code(&ctx, &door.handle).await, Err(AppError::Conflict(_))));
    let step = signin::begin(&ctx, with_password("ada", PASSWORD)).await.unwrap();
    assert!(matches!(step, Step::SecondDoor(_)), "and they still have to sign in");
}

#[tokio::test]
async fn of_two_nodes_one_enrols_what_a_mailed_code_began_at_both() {
    let mut test = testing::org().await;
    let office = Office::of(&test).await;
    for name in ["ada", "bob", "carol"] {
        let id = person(&test, name).await.id;
        let door = at_door(&test, name).await.expect("an offer");
        mail_code(&test.nobody(), &door.handle).await.unwrap().1.unwrap();
        let code = code_in(&office.last().text);
        let nodes = test.doors();
        let mut begun = Vec::new();
        for ctx in &nodes {
            let pending = begin_totp(ctx, &door.handle, &code).await.unwrap();
            let seed = data_encoding::BASE32_NOPAD.decode(pending.seed.expose().as_bytes()).unwrap();
            let first = Secret::from(totp::code(&seed, totp::step_at(ctx.now.unix_seconds())));
            begun.push((pending.handle, first));
        }
        let confirm = async |ctx: &Ctx, (handle, first): &(Secret, Secret)| {
            factor::confirm_totp(ctx, handle, first).await.is_ok()
        };
        let (one, two) = tokio::join!(confirm(&nodes[0], &begun[0]), confirm(&nodes[1], &begun[1]));
        assert_ne!(one, two, "{name}");
        test.restart();
        for ctx in test.doors() {
            for begun in &begun {
                assert!(!confirm(&ctx, begun).await, "{name}");
            }
            assert!(begin_totp(&ctx, &door.handle, &code).await.is_err(), "{name}");
        }
        assert_eq!(factor::list(&test.system(), id).await.unwrap().len(), 1, "{name}");
        test.clock.advance(Span::minutes(20));
    }
}

#[tokio::test]
async fn neither_the_code_nor_the_password_is_enough() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    person(&test, "ada").await;
    let ctx = test.nobody();
    let (one, other) = (at_door(&test, "ada").await.unwrap(), at_door(&test, "ada").await.unwrap());
    mail_code(&ctx, &one.handle).await.unwrap().1.unwrap();
    let code = code_in(&office.last().text);
    assert!(factor::begin_totp(&ctx, &code).await.is_err(), "the code alone");
    assert!(begin_totp(&ctx, &other.handle, &code).await.is_err(), "in another browser");
    assert!(begin_totp(&ctx, &"spe_made-up".into(), &code).await.is_err());
    assert!(begin_totp(&ctx, &one.handle, &"0000-0000".into()).await.is_err(), "the password alone");
    assert!(begin_totp(&ctx, &one.handle, &code).await.is_ok());
}

#[tokio::test]
async fn whoever_enrolled_by_another_way_leaves_no_link_behind_that_adds_a_factor() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    let ada = person(&test, "ada").await;
    let link = factor::issue_enrollment_code(&test.system(), ada.id, 3600).await.unwrap();
    let begun = factor::begin_totp(&test.nobody(), &link).await.unwrap();
    // Codes of an administrator are no way to prove oneself that the link would stand beside.
    factor::issue_bypass_codes(&test.system(), ada.id, 1, 3600).await.unwrap();
    factor::begin_totp(&test.nobody(), &link).await.unwrap();
    let codes = factor::list(&test.system(), ada.id).await.unwrap().remove(0);
    factor::remove(&test.system(), ada.id, codes.id).await.unwrap();
    let link = factor::issue_enrollment_code(&test.system(), ada.id, 3600).await.unwrap();
    let begun = [begun, factor::begin_totp(&test.nobody(), &link).await.unwrap()];
    enrol_by_mail(&test, &office, "ada").await;
    assert!(factor::begin_totp(&test.nobody(), &link).await.is_err(), "the link");
    for begun in begun {
        let seed = data_encoding::BASE32_NOPAD.decode(begun.seed.expose().as_bytes()).unwrap();
        let first = totp::code(&seed, totp::step_at(test.nobody().now.unix_seconds()));
        let late = factor::confirm_totp(&test.nobody(), &begun.handle, &first.into()).await;
        assert!(matches!(late, Err(AppError::Conflict(_))), "what was begun with it: {late:?}");
    }
    assert_eq!(factor::list(&test.system(), ada.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn password_and_mailbox_restore_nothing_that_was_more() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    let ada = person(&test, "ada").await;
    enrol_by_mail(&test, &office, "ada").await;
    let only = factor::list(&test.system(), ada.id).await.unwrap().remove(0);
    factor::remove(&test.system(), ada.id, only.id).await.unwrap();
    test.clock.advance(Span::seconds(31));
    let mails = office.arrived().len();
    assert!(at_door(&test, "ada").await.is_none(), "they had a factor");
    // Where an application vouches for her she may come with a code of an administrator's, and is mailed none.
    let application = ApplicationId::new(uuid::Uuid::from_u128(7));
    let vouched = Vouching { application, name: "Wiki".into() };
    let (handle, to) = open_at_prompt(&test.nobody(), ada.id, vouched).await.unwrap().unwrap();
    assert_eq!(to, None);
    assert!(matches!(mail_code(&test.nobody(), &handle).await, Err(AppError::Conflict(_))));
    assert_eq!(office.arrived().len(), mails);
    let handed_over = factor::issue_enrollment_code(&test.system(), ada.id, 3600).await.unwrap();
    enrol(&test, &begin_totp(&test.nobody(), &handle, &handed_over).await.unwrap()).await;
}

#[tokio::test]
async fn guesses_are_counted_for_the_person_and_former_codes_are_void() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    person(&test, "ada").await;
    let ctx = test.nobody();
    let door = at_door(&test, "ada").await.unwrap();
    mail_code(&ctx, &door.handle).await.unwrap().1.unwrap();
    let former = code_in(&office.last().text);
    assert_eq!(mail_code(&ctx, &door.handle).await.unwrap().1, Err(mail::budget::Spent::TooSoon.phrase()));
    test.clock.advance(Span::seconds(30));
    let ctx = test.nobody();
    mail_code(&ctx, &door.handle).await.unwrap().1.unwrap();
    let code = code_in(&office.last().text);
    assert!(begin_totp(&ctx, &door.handle, &former).await.is_err());
    for guess in 0..5 {
        begin_totp(&ctx, &door.handle, &format!("0000-000{guess}").as_str().into()).await.unwrap_err();
    }
    assert!(matches!(begin_totp(&ctx, &door.handle, &code).await, Err(AppError::Busy)));
    assert!(matches!(
        begin_totp(&ctx, &at_door(&test, "ada").await.unwrap().handle, &code).await,
        Err(AppError::Busy)
    ));
}

#[tokio::test]
async fn a_new_password_and_time_void_it() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    let ada = person(&test, "ada").await;
    let door = at_door(&test, "ada").await.unwrap();
    mail_code(&test.nobody(), &door.handle).await.unwrap().1.unwrap();
    let code = code_in(&office.last().text);
    user::set_password(&test.system(), ada.id, &PASSWORD.into()).await.unwrap();
    assert!(matches!(begin_totp(&test.nobody(), &door.handle, &code).await, Err(AppError::Conflict(_))));
    let door = at_door(&test, "ada").await.unwrap();
    test.clock.advance(LIFE);
    test.clock.advance(Span::seconds(1));
    assert!(matches!(mail_code(&test.nobody(), &door.handle).await, Err(AppError::Conflict(_))));
}

#[tokio::test]
async fn for_some_it_takes_an_administrator() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    assert!(at_door(&test, "ada").await.is_none(), "without a mail server");
    let office = Office::of(&test).await;
    let door = at_door(&test, "ada").await.unwrap();
    let roles = [Role::Auditor].into();
    user::set_roles(&test.system(), ada.id, roles).await.unwrap();
    assert!(at_door(&test, "ada").await.is_none(), "for somebody with a role");
    assert!(mail_code(&test.nobody(), &door.handle).await.is_err(), "nor by what they got before");
    let bob = person(&test, "bob").await;
    let nowhere = UpdateUser { mails: Some(Vec::new()), ..UpdateUser::default() };
    user::update(&test.system(), bob.id, None, nowhere).await.unwrap();
    assert!(at_door(&test, "bob").await.is_none(), "without an address");
    person(&test, "carol").await;
    test.clock.advance(Span::days(91));
    assert!(at_door(&test, "carol").await.is_none(), "after a long absence");
    let vouched = Begin {
        name: "bob".into(),
        resource: Resource::Portal,
        first_door: FirstDoorProof::Vouched { by: "somebody".into() },
    };
    let step = signin::begin(&test.nobody(), vouched).await.unwrap();
    assert!(matches!(step, Step::EnrollmentNeeded { by_mail: None, .. }), "no password of ours was given");
    assert!(office.arrived().is_empty());
}

#[tokio::test]
async fn people_enrol_by_themselves_within_the_window_alone_and_by_an_administrators_code_always() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    let ada = person(&test, "ada").await;
    let (now, hour) = (test.system().now, Span::minutes(60));
    let window = async |from: Option<Time>, until: Option<Time>| {
        let before = crate::settings::show(&test.system()).await.unwrap().value;
        let enrollment = EnrollmentWindow { from, until };
        crate::settings::update(&test.system(), None, Settings { enrollment, ..before }).await.map(drop)
    };
    window(Some(now.plus(hour)), None).await.unwrap();
    assert!(at_door(&test, "ada").await.is_none(), "not yet");
    window(None, Some(now.minus(hour))).await.unwrap();
    assert!(at_door(&test, "ada").await.is_none(), "not any more");
    assert!(window(Some(now), Some(now)).await.is_err(), "it ends as it begins");
    let issued = factor::issue_enrollment_code(&test.system(), ada.id, 3600).await.unwrap();
    factor::begin_totp(&test.nobody(), &issued).await.unwrap();

    // What was mailed within it counts within it.
    window(Some(now.minus(hour)), Some(now.plus(Span::minutes(5)))).await.unwrap();
    let door = at_door(&test, "ada").await.expect("an offer");
    mail_code(&test.nobody(), &door.handle).await.unwrap().1.unwrap();
    let code = code_in(&office.last().text);
    assert!(begin_totp(&test.nobody(), &door.handle, &code).await.is_ok());
    test.clock.advance(Span::minutes(6));
    for late in [
        begin_totp(&test.nobody(), &door.handle, &code).await.map(drop),
        mail_code(&test.nobody(), &door.handle).await.map(drop),
    ] {
        assert!(matches!(late, Err(AppError::Conflict(_))), "{late:?}");
    }
}
