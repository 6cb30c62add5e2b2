use sallyport_api::rest::UpdateUser;
use sallyport_model::{Role, Span};

use super::*;
use crate::{
    factor,
    mail::testing::{Office, person},
    signin::tests::PASSWORD,
    telephony::testing::{Company, twilio},
    testing::{self, TestOrg},
    user,
};

/// The code in a link that arrived, for whom it is meant.
fn code_in(text: &str) -> Secret {
    let (_, rest) = text.split_once("/enroll?code=").expect("a link");
    rest.chars().take_while(|c| c.is_ascii_digit() || *c == '-').collect::<String>().into()
}

async fn is_good(test: &TestOrg, code: &Secret) -> bool {
    factor::begin_totp(&test.nobody(), code).await.is_ok()
}

fn why(result: Result<Sent, AppError>) -> String {
    let Err(AppError::Conflict(text)) = result else { panic!("{result:?}") };
    text.to_string()
}

#[tokio::test]
async fn a_link_goes_to_the_stored_address_and_is_good_once_for_a_day() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    let ada = person(&test, "ada").await;
    let sent = send(&test.system(), ada.id, InvitationBy::Mail).await.unwrap();
    assert_eq!((sent.to.as_str(), sent.expires), ("ada@example.com", test.system().now.plus(Span::days(1))));
    let mail = office.last();
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("ada@example.com", "Set up your second factor at Example")
    );
    assert!(
        mail.text.contains("Hello ada,") && mail.text.contains("2 January 2026, 00:00 UTC"),
        "{}",
        mail.text
    );
    assert!(mail.text.contains("https://sallyport.example.com/enroll?code="), "{}", mail.text);
    let code = code_in(&mail.text);
    // Looking at it spends nothing; the first factor does.
    assert!(is_good(&test, &code).await && is_good(&test, &code).await);
    let pending = factor::begin_totp(&test.nobody(), &code).await.unwrap();
    let seed = data_encoding::BASE32_NOPAD.decode(pending.seed.expose().as_bytes()).unwrap();
    let step = sallyport_crypto::totp::step_at(test.system().now.unix_seconds());
    let first = sallyport_crypto::totp::code(&seed, step);
    factor::confirm_totp(&test.nobody(), &pending.handle, &first.into()).await.unwrap();
    assert!(!is_good(&test, &code).await, "spent");
    let bob = person(&test, "bob").await;
    send(&test.system(), bob.id, InvitationBy::Mail).await.unwrap();
    let code = code_in(&office.last().text);
    test.clock.advance(Span::days(1));
    test.clock.advance(Span::seconds(1));
    assert!(!is_good(&test, &code).await, "a day is over");
}

#[tokio::test]
async fn a_new_link_and_a_new_password_void_the_one_before() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    let ada = person(&test, "ada").await;
    let mut codes = Vec::new();
    for _ in 0..2 {
        send(&test.system(), ada.id, InvitationBy::Mail).await.unwrap();
        codes.push(code_in(&office.last().text));
        test.clock.advance(Span::seconds(31));
    }
    assert!(!is_good(&test, &codes[0]).await && is_good(&test, &codes[1]).await);
    user::set_password(&test.system(), ada.id, &PASSWORD.into()).await.unwrap();
    assert!(!is_good(&test, &codes[1]).await);
}

#[tokio::test]
async fn what_stands_in_the_way_is_said_and_nothing_is_issued() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    assert!(why(send(&test.system(), ada.id, InvitationBy::Mail).await).contains("no mail server"));
    assert!(why(send(&test.system(), ada.id, InvitationBy::Text).await).contains("texts are not"));
    let office = Office::of(&test).await;
    let bob = person(&test, "bob").await;
    let nowhere = UpdateUser { mails: Some(Vec::new()), ..UpdateUser::default() };
    user::update(&test.system(), bob.id, None, nowhere).await.unwrap();
    assert!(why(send(&test.system(), bob.id, InvitationBy::Mail).await).contains("no mail address"));
    let boss = person(&test, "boss").await;
    let roles = [Role::HelpDesk].into();
    user::set_roles(&test.system(), boss.id, roles).await.unwrap();
    assert!(why(send(&test.system(), boss.id, InvitationBy::Mail).await).contains("role"));
    user::suspend(&test.system(), ada.id).await.unwrap();
    assert!(why(send(&test.system(), ada.id, InvitationBy::Mail).await).contains("not active"));
    assert!(office.arrived().is_empty());
    let auditor = test.person(bob.id, &[Role::Auditor]);
    assert!(matches!(send(&auditor, ada.id, InvitationBy::Mail).await, Err(AppError::Denied(_))));
    let desk = test.person(bob.id, &[Role::HelpDesk]);
    let above = send(&desk, boss.id, InvitationBy::Mail).await;
    assert!(matches!(above, Err(AppError::AboveOwnRights) | Err(AppError::Conflict(_))), "{above:?}");
}

#[tokio::test]
async fn what_was_not_taken_opens_nothing_and_asking_again_at_once_waits() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    let ada = person(&test, "ada").await;
    office.refuse_with(Some("550 nobody here"));
    assert!(why(send(&test.system(), ada.id, InvitationBy::Mail).await).contains("550"));
    let asking = test.system();
    let left =
        asking.read(move |reader| super::super::enrollment::has_code(reader, &ada, Time(0))).await.unwrap();
    assert!(!left, "the code is gone with the mail");
    office.refuse_with(None);
    assert!(
        why(send(&test.system(), ada_id(&test).await, InvitationBy::Mail).await).contains("half a minute")
    );
    test.clock.advance(Span::seconds(30));
    send(&test.system(), ada_id(&test).await, InvitationBy::Mail).await.unwrap();
}

async fn ada_id(test: &TestOrg) -> UserId {
    user::resolve(&test.system(), "ada").await.unwrap().id
}

#[tokio::test]
async fn a_text_goes_to_the_number_of_record_and_names_nobody() {
    let test = testing::org().await;
    let company = Company::of(&test, twilio()).await;
    let ada = person(&test, "ada").await;
    assert!(why(send(&test.system(), ada.id, InvitationBy::Text).await).contains("no phone number"));
    let phone = UpdateUser { phones: Some(vec!["+1 555 010 0100".into()]), ..UpdateUser::default() };
    user::update(&test.system(), ada.id, None, phone).await.unwrap();
    assert_eq!(ways(&test.system(), ada.id).await.unwrap(), [InvitationBy::Text]);
    let sent = send(&test.system(), ada.id, InvitationBy::Text).await.unwrap();
    assert_eq!(sent.to, "+15550100100");
    let (to, text) = company.texts().pop().unwrap();
    assert_eq!(to, "+15550100100");
    assert!(!text.contains("ada") && !text.contains("Example"), "{text}");
    assert!(is_good(&test, &code_in(&text)).await);
}
