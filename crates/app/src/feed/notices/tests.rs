use sallyport_crypto::SystemRandom;
use sallyport_model::{MailSettings, Role, Telephony, id::UserId, telephony::TelephonyLimits};
use sallyport_wire::webpush::{Subscription, soft::Browser};

use super::*;
use crate::{
    factor,
    feed::catch_up,
    mail::testing::{Arrived, Office, person},
    push::{self, tests::alice},
    signin::{
        self,
        tests::{PASSWORD, denial, with_password},
    },
    telephony::testing::{Company, phone_of, twilio},
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

/// A thousand wrong passwords from one address, and a thousand from two hundred.
#[tokio::test]
async fn of_all_guesses_at_a_password_a_hundred_are_checked_and_its_owner_is_told() {
    let test = testing::org().await;
    let (office, mut seen) = (Office::of(&test).await, 0);
    let ada = person(&test, "ada").await;
    user::set_password(&test.system(), ada.id, &PASSWORD.into()).await.unwrap();
    told(&test, &office, &mut seen).await;
    let guess = async |network: u8| {
        let ctx = Ctx { source: Some([203, 0, network, 1].into()), ..test.nobody() };
        denial(signin::begin(&ctx, with_password("ada", "wrong")).await.unwrap()).retry_after_seconds
    };
    let before = test.org.passwords.computed();
    let mut waits = Vec::new();
    for _ in 0..1000 {
        waits.extend(guess(250).await);
    }
    assert_eq!(test.org.passwords.computed() - before, 6, "of a thousand in one moment");
    assert_eq!(waits.len(), 994);
    assert!(told(&test, &office, &mut seen).await.is_empty(), "nothing worth a mail yet");
    for n in 0..1000u16 {
        guess(u8::try_from(n % 200).unwrap()).await;
    }
    assert_eq!(test.org.passwords.computed() - before, 100, "of two thousand");
    let news = told(&test, &office, &mut seen).await;
    let subjects: Vec<&str> = news.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(subjects, ["Example: Your password is being guessed"], "once");
    assert!(news[0].to == "ada@example.com" && news[0].text.contains("From: 203.0."), "{news:?}");
    assert!(news[0].text.contains("It was not found out."), "{news:?}");
    // It goes on for days, and she is not told again.
    for day in 0..3u8 {
        test.clock.advance(Span::days(1));
        for network in 0..10 {
            guess(210 + 10 * day + network).await;
        }
    }
    assert!(told(&test, &office, &mut seen).await.is_empty());
}

/// Whatever the first door was: somebody else answers for it here.
#[tokio::test]
async fn a_second_door_that_shuts_is_told_to_its_owner_and_not_without_end() {
    let test = testing::org().await;
    let (alice, _) = alice(&test).await;
    let mails = Some(vec!["alice@example.com".into()]);
    let input = sallyport_api::rest::UpdateUser { mails, ..Default::default() };
    user::update(&test.system(), alice.id, None, input).await.unwrap();
    catch_up(&test.org).await.unwrap();
    let (office, mut seen) = (Office::of(&test).await, 0);
    let guess = async || {
        let begin = signin::Begin {
            name: "alice".into(),
            resource: sallyport_model::signin::Resource::Api,
            first_door: signin::FirstDoorProof::Vouched { by: "sshd".into() },
        };
        let signin::Step::SecondDoor(step) = signin::begin(&test.nobody(), begin).await.unwrap() else {
            panic!("no second door")
        };
        signin::passcode(&test.nobody(), &step.handle, &"000000".into()).await.unwrap();
    };
    for _ in 0..20 {
        guess().await;
    }
    let news = told(&test, &office, &mut seen).await;
    assert_eq!(news.len(), 1, "{news:#?}");
    assert_eq!(news[0].subject, "Example: Your second door was shut for a while");
    for part in ["From: 192.0.2.7", "By: whoever gave the codes", "somebody may know your password"] {
        assert!(news[0].text.contains(part), "{part}: {}", news[0].text);
    }
    // Somebody goes on through the day.
    for _ in 0..10 {
        test.clock.advance(Span::hours(2));
        for _ in 0..6 {
            guess().await;
        }
    }
    assert_eq!(told(&test, &office, &mut seen).await.len(), 2, "three in a day");
    test.clock.advance(Span::hours(2));
    let (own, session) = push::tests::own_session(&test, "alice", &alice).await;
    let seen = news::news(&own, &session).await.unwrap();
    let shut: Vec<_> = seen.iter().filter(|news| news.what == What::SecondDoorShut).collect();
    assert!(shut.len() == 3 && shut.iter().all(|news| news.who.is_none()), "{seen:?}");
}

#[tokio::test]
async fn other_addresses_are_told_at_those_there_were_and_at_the_next_sign_in() {
    let test = testing::org().await;
    let (office, mut seen) = (Office::of(&test).await, 0);
    let ada = person(&test, "ada").await;
    let to = |mails: &[&str]| sallyport_api::rest::UpdateUser {
        mails: Some(mails.iter().map(|mail| (*mail).to_owned()).collect()),
        ..Default::default()
    };
    user::update(&test.system(), ada.id, None, to(&["ada@example.org", "evil@example.net"])).await.unwrap();
    let news = told(&test, &office, &mut seen).await;
    let mut whom: Vec<&str> = news.iter().map(|mail| mail.to.as_str()).collect();
    whom.sort_unstable();
    assert_eq!(whom, ["ada@example.com", "ada@example.org"]);
    for mail in &news {
        assert_eq!(mail.subject, "Example: Your mail addresses were changed");
        assert!(mail.text.contains("goes to a***@example.org from now on."), "{}", mail.text);
        assert!(mail.text.contains("By: an administrator (Sallyport (test))"), "{}", mail.text);
    }
    // In two steps, and to none at all: each is told where they were written to until then.
    user::update(&test.system(), ada.id, None, to(&["evil@example.net", "ada@example.org"])).await.unwrap();
    user::update(&test.system(), ada.id, None, to(&[])).await.unwrap();
    let news = told(&test, &office, &mut seen).await;
    let gone: Vec<&str> = news
        .iter()
        .filter(|mail| mail.text.contains("There is no address left"))
        .map(|mail| mail.to.as_str())
        .collect();
    assert_eq!(gone.len(), 2, "{news:#?}");
    assert!(gone.contains(&"ada@example.org"), "{gone:?}");
    // What leaves them as they were is no news, nor is what is written of somebody who was never here.
    let shell = sallyport_api::rest::UpdateUser { shell: Some("/bin/sh".into()), ..Default::default() };
    user::update(&test.system(), ada.id, None, shell).await.unwrap();
    let staged = sallyport_api::rest::CreateUser { name: "sam".into(), ..Default::default() };
    let sam = user::create(&test.system(), staged).await.unwrap();
    user::update(&test.system(), sam.id, None, to(&["sam@example.com"])).await.unwrap();
    assert!(told(&test, &office, &mut seen).await.is_empty());
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

/// Alice with a mail address, the page of a phone that can be woken, and a number that she used.
async fn reached_everywhere(test: &TestOrg) -> (UserId, FactorId) {
    let (alice, handset) = alice(test).await;
    let mails = sallyport_api::rest::UpdateUser {
        mails: Some(vec!["alice@example.com".into()]),
        ..Default::default()
    };
    user::update(&test.system(), alice.id, None, mails).await.unwrap();
    // Where nobody takes anything.
    let subscription = Browser::new(&SystemRandom::new()).unwrap().subscription("https://127.0.0.1:1/push");
    let subscription = Subscription::parse(subscription.as_bytes()).unwrap();
    push::application_server_key(&test.system()).await.unwrap();
    push::subscribe(&test.nobody(), &handset.phone, &subscription).await.unwrap();
    let phone = phone_of(test, alice.id, "+15005550010").await.id;
    phone_of(test, alice.id, "+15005550011").await;
    test.system().write(move |tx| recovery::number_is_theirs(tx, phone)).await.unwrap();
    (alice.id, handset.phone.factor.id)
}

async fn waiting(test: &TestOrg) -> Vec<Channel> {
    let system = test.system();
    let lines = system.read(|reader| {
        let all = reader.once_of(OUTBOX, OUTBOX)?;
        all.iter().map(|once| Ok(serde_json::from_str::<(String, Waiting)>(&once.doc)?.1.over)).collect()
    });
    lines.await.unwrap()
}

#[tokio::test]
async fn people_are_told_over_all_that_reaches_them_and_no_channel_hinders_another() {
    let test = testing::org().await;
    let limits = TelephonyLimits { per_number: 100, per_person: 100, ..Default::default() };
    let company = Company::of(&test, Telephony { limits, ..twilio() }).await;
    let office = Office::of(&test).await;
    let (alice, page) = reached_everywhere(&test).await;
    let mut seen = office.arrived().len();
    told(&test, &office, &mut seen).await;
    let before = company.texts().len();
    factor::issue_bypass_codes(&test.system(), alice, 1, 3600).await.unwrap();
    catch_up(&test.org).await.unwrap();
    let lines = waiting(&test).await;
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines.contains(&Channel::Push { factor: page }));
    // Nobody is there to take the push.
    assert_eq!(told(&test, &office, &mut seen).await.len(), 1);
    let texts = company.texts().split_off(before);
    assert_eq!((texts.len(), texts[0].0.as_str()), (1, "+15005550010"), "only the number that she used");
    for name in ["alice", "Alice", "Example", "bypass"] {
        assert!(!texts[0].1.contains(name), "{}", texts[0].1);
    }
    // Nor the text, for now; the mail goes all the same, and the text later.
    company.answer_with(503);
    user::set_password(&test.system(), alice, &PASSWORD.into()).await.unwrap();
    assert_eq!(told(&test, &office, &mut seen).await.len(), 1);
    assert_eq!(waiting(&test).await, [Channel::Text { factor: text_line(&lines) }]);
    company.answer_with(201);
    office.refuse_with(Some("550 nobody here"));
    factor::issue_enrollment_code(&test.system(), alice, 60).await.unwrap();
    test.clock.advance(FIRST_WAIT);
    told(&test, &office, &mut seen).await;
    assert_eq!(company.texts().split_off(before).len(), 4, "two that were taken, one that was not at first");
    assert!(waiting(&test).await.is_empty());
}

fn text_line(lines: &[Channel]) -> FactorId {
    let of = |line: &Channel| if let Channel::Text { factor } = line { Some(*factor) } else { None };
    lines.iter().find_map(of).unwrap()
}

#[tokio::test]
async fn nobody_with_a_role_is_texted_and_a_new_factor_does_not_tell_of_itself() {
    let test = testing::org().await;
    let company = Company::of(&test, twilio()).await;
    let (alice, page) = reached_everywhere(&test).await;
    catch_up(&test.org).await.unwrap();
    let system = test.system();
    let seqs = system.read(|reader| Ok(reader.changes_after(0, 500)?)).await.unwrap();
    let enrolled = seqs.iter().filter(|change| change.verb == "enroll");
    let told_there = async |change: &Change| {
        let key = format!("{} {page}", change.seq);
        system.read(move |reader| Ok(reader.find_once(OUTBOX, &key)?.is_some())).await.unwrap()
    };
    for change in enrolled {
        assert_eq!(told_there(change).await, change.subject.id != page.to_string(), "{change:?}");
    }
    send_due(&test.system()).await.unwrap();
    let before = company.texts().len();
    user::set_roles(&test.system(), alice, [Role::Auditor].into()).await.unwrap();
    user::set_password(&test.system(), alice, &PASSWORD.into()).await.unwrap();
    catch_up(&test.org).await.unwrap();
    assert_eq!(waiting(&test).await, [Channel::Push { factor: page }]);
    send_due(&test.system()).await.unwrap();
    assert_eq!(company.texts().len(), before);
}

/// Twice: whoever sends hears of it although nobody with an address is told anything, and reads the directory by themselves.
#[tokio::test]
async fn what_administrators_hear_is_one_line_until_it_is_sent_and_wakes_whoever_sends() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    for name in ["hana", "hugo"] {
        let id = person(&test, name).await.id;
        user::set_roles(&test.system(), id, [Role::HelpDesk].into()).await.unwrap();
    }
    let (alice, handset) = alice(&test).await;
    push::tests::asked(&test).await;
    handset.says_not_me(&test).await;
    let system = test.system();
    let notices = system.write(move |tx| {
        let all = tx.changes_after(0, 500)?;
        let raised: Vec<_> = all.into_iter().filter(|change| change.verb == "raise").collect();
        Ok((apply(tx, &raised)?.len(), apply(tx, &raised)?.len()))
    });
    assert_eq!(notices.await.unwrap(), (1, 1));
    assert_eq!(waiting(&test).await, [Channel::Administrators], "read twice, once there");
    let before = office.arrived().len();
    let other = test.other_node();
    let (here, there) = tokio::join!(async { send_due(&test.system()).await }, send_due(&other));
    here.unwrap();
    there.unwrap();
    let mut to: Vec<String> = office.arrived().split_off(before).into_iter().map(|mail| mail.to).collect();
    to.sort();
    assert_eq!(to, ["hana@example.com", "hugo@example.com"], "by two nodes, of {}", alice.id);
    // By the writer: a snapshot that is open here may be older than what the other node wrote.
    let left = test.system().write(|tx| Ok(tx.once_of(OUTBOX, OUTBOX)?.len())).await;
    assert_eq!(left.unwrap(), 0);
}

#[tokio::test]
async fn a_text_that_an_earlier_version_left_behind_says_what_it_said_then() {
    let test = testing::org().await;
    let company = Company::of(&test, twilio()).await;
    let (alice, _) = reached_everywhere(&test).await;
    let system = test.system();
    catch_up(&test.org).await.unwrap();
    send_due(&test.system()).await.unwrap();
    let (before, now) = (company.texts().len(), system.now);
    let phones = factor::list(&system, alice).await.unwrap();
    let by_number = |factor: &&sallyport_model::Factor| matches!(factor.proof, Proof::Phone { .. });
    let factor = phones.iter().find(by_number).unwrap().id;
    let put = system.write(move |tx| {
        let line = serde_json::json!({
            "user": alice, "over": Channel::Text { factor }, "subject": "", "text": "", "not_before": now, "tries": 0,
        });
        put(tx, "7 old", &serde_json::from_value(line)?, now.plus(OLDEST))
    });
    put.await.unwrap();
    send_due(&test.system()).await.unwrap();
    let texts = company.texts().split_off(before);
    let [(_, text)] = &texts[..] else { panic!("{texts:?}") };
    assert!(text.starts_with("Somebody changed, or asked to change, how you sign in"), "{text}");
    assert!(text.contains("https://sallyport.example.com/"), "{text}");
}

#[tokio::test]
async fn a_run_that_waits_is_mailed_to_whoever_can_let_it_go_on_and_not_without_end() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    let (owner, helper) = (person(&test, "olga").await, person(&test, "helga").await);
    user::set_roles(&test.system(), owner.id, [Role::Owner].into()).await.unwrap();
    user::set_roles(&test.system(), helper.id, [Role::HelpDesk].into()).await.unwrap();
    let id = crate::connector::tests::unreachable(&test).await;
    let hearing = connector::who_hears(&test.system()).await.unwrap();
    assert_eq!(hearing, [owner.id]);
    let mut seen = 0;
    told(&test, &office, &mut seen).await;
    let hold = async |n: u128, to: Vec<UserId>| {
        let run = sallyport_model::id::ExportRunId::new(uuid::Uuid::from_u128(n));
        let ctx = test.system();
        let held = ctx.write(move |tx| {
            let found = tx.expect::<sallyport_model::Connector>(id)?;
            connector::tell_held(tx, &found, (run, "11 people would be disabled"), &to)
        });
        held.await.unwrap();
    };
    hold(1, hearing.clone()).await;
    let news = told(&test, &office, &mut seen).await;
    assert_eq!(news.len(), 1);
    assert_eq!(
        (news[0].to.as_str(), news[0].subject.as_str()),
        ("olga@example.com", "Example: a run of the connector duo waits for you")
    );
    let page = format!("https://sallyport.example.com/admin/connectors/{id}");
    assert!(
        news[0].text.contains("11 people would be disabled.") && news[0].text.contains(&page),
        "{news:?}"
    );
    // Whoever may not let it run any more hears of none; and there is an end of them for a day.
    hold(2, vec![helper.id]).await;
    assert_eq!(told(&test, &office, &mut seen).await.len(), 0);
    for n in 3..9 {
        hold(n, hearing.clone()).await;
    }
    assert_eq!(told(&test, &office, &mut seen).await.len(), mail::budget::HELD_RUNS as usize - 1);
}
