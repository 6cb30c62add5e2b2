use sallyport_model::{MailSettings, id::UserId};

use super::*;
use crate::{
    factor,
    feed::catch_up,
    mail::testing::{Arrived, Office, person},
    signin::tests::PASSWORD,
    testing::{self, TestOrg},
    user,
};

/// What has come since, once everything is sent that is due.
async fn told(test: &TestOrg, office: &Office, seen: &mut usize) -> Vec<Arrived> {
    catch_up(&test.org).await.unwrap();
    send_due(&test.system()).await.unwrap();
    let news = office.arrived().split_off(*seen);
    *seen += news.len();
    news
}

async fn totp(test: &TestOrg, id: UserId) -> factor::PendingTotp {
    let code = factor::issue_enrollment_code(&test.system(), id, 3600).await.unwrap();
    factor::begin_totp(&test.nobody(), &code).await.unwrap()
}

#[tokio::test]
async fn people_hear_of_what_happened_to_their_factors_and_passwords() {
    let test = testing::org().await;
    let (office, mut seen) = (Office::of(&test).await, 0);
    let ada = person(&test, "ada").await;
    assert!(told(&test, &office, &mut seen).await.is_empty(), "nothing of the account itself");
    user::set_password(&test.system(), ada.id, &PASSWORD.into()).await.unwrap();
    let pending = totp(&test, ada.id).await;
    let news = told(&test, &office, &mut seen).await;
    assert_eq!(news.len(), 2, "{news:#?}");
    let [set, code] = [&news[0], &news[1]];
    assert_eq!(
        (set.to.as_str(), set.subject.as_str()),
        ("ada@example.com", "Example: A new password was set for you")
    );
    for part in [
        "Hello ada,",
        "Where: Example",
        "When: 1 January 2026, 00:00 UTC",
        "By: an administrator (Sallyport (test))",
        "https://sallyport.example.com/password",
        "tell your administrator at once",
    ] {
        assert!(set.text.contains(part), "{part}: {}", set.text);
    }
    assert!(code.subject.contains("code to enrol"), "{code:?}");
    let seed = data_encoding::BASE32_NOPAD.decode(pending.seed.expose().as_bytes()).unwrap();
    let step = sallyport_crypto::totp::step_at(test.system().now.unix_seconds());
    let first = sallyport_crypto::totp::code(&seed, step);
    let factor = factor::confirm_totp(&test.nobody(), &pending.handle, &first.into()).await.unwrap();
    let news = told(&test, &office, &mut seen).await;
    assert_eq!(news.len(), 1);
    assert!(
        news[0].text.contains("A factor was enrolled") && news[0].text.contains("From: 192.0.2.7"),
        "{news:?}"
    );
    factor::issue_bypass_codes(&test.system(), ada.id, 1, 3600).await.unwrap();
    factor::remove(&test.system(), ada.id, factor.id).await.unwrap();
    let news = told(&test, &office, &mut seen).await;
    let subjects: Vec<&str> = news.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(
        subjects,
        ["Example: Bypass codes for your second door were made", "Example: A factor of yours was removed"]
    );
    // Nothing of it can be used by whoever reads the mail.
    assert!(office.arrived().iter().all(|mail| !mail.text.contains("code=")));
}

#[tokio::test]
async fn a_mailed_link_is_its_own_notice() {
    let test = testing::org().await;
    let (office, mut seen) = (Office::of(&test).await, 0);
    let ada = person(&test, "ada").await;
    factor::invitation::send(&test.system(), ada.id, factor::invitation::InvitationBy::Mail).await.unwrap();
    let news = told(&test, &office, &mut seen).await;
    assert_eq!(news.len(), 1);
    assert!(news[0].subject.starts_with("Set up"), "{news:?}");
}

#[tokio::test]
async fn what_the_server_could_not_take_is_tried_again_and_everything_once() {
    let test = testing::org().await;
    let (office, mut seen) = (Office::of(&test).await, 0);
    let ada = person(&test, "ada").await;
    office.refuse_with(Some("451 later"));
    user::set_password(&test.system(), ada.id, &PASSWORD.into()).await.unwrap();
    assert!(told(&test, &office, &mut seen).await.is_empty());
    office.refuse_with(None);
    assert!(told(&test, &office, &mut seen).await.is_empty(), "not at once");
    test.clock.advance(FIRST_WAIT);
    let other = test.other_node();
    let (here, there) = tokio::join!(async { send_due(&test.system()).await }, send_due(&other));
    here.unwrap();
    there.unwrap();
    assert_eq!(told(&test, &office, &mut seen).await.len(), 1, "by two nodes");
    office.refuse_with(Some("550 nobody here"));
    user::set_password(&test.system(), ada.id, &PASSWORD.into()).await.unwrap();
    told(&test, &office, &mut seen).await;
    office.refuse_with(None);
    test.clock.advance(Span::hours(2));
    assert!(told(&test, &office, &mut seen).await.is_empty(), "a refusal is one");
}

#[tokio::test]
async fn nobody_is_told_of_the_past_nor_without_a_server_nor_against_the_settings() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    user::set_password(&test.system(), ada.id, &PASSWORD.into()).await.unwrap();
    catch_up(&test.org).await.unwrap();
    let (office, mut seen) = (Office::of(&test).await, 0);
    assert!(told(&test, &office, &mut seen).await.is_empty(), "there was no server then");
    let quiet = MailSettings { notices: false, ..office.settings() };
    mail::update(&test.system(), None, quiet, None).await.unwrap();
    user::set_password(&test.system(), ada.id, &PASSWORD.into()).await.unwrap();
    assert!(told(&test, &office, &mut seen).await.is_empty());
    mail::update(&test.system(), None, office.settings(), None).await.unwrap();
    user::set_password(&test.system(), ada.id, &PASSWORD.into()).await.unwrap();
    test.clock.advance(Span::days(2));
    assert!(told(&test, &office, &mut seen).await.is_empty(), "two days ago");
}
