use super::*;
use crate::{
    session::{self, live},
    signin::{
        self, Step,
        tests::{passcode_of, person, to_second_door},
    },
    testing::{self, TestOrg},
    webhook::tests::hook,
};

/// Kind and subject of all there is to tell.
async fn told(test: &TestOrg) -> Vec<(String, String)> {
    feed_and_events(test).await;
    let found = test.system().read(|reader| Ok(reader.events_after(0, 10_000)?)).await.unwrap();
    found
        .into_iter()
        .map(|placed| placed.event.unwrap().what)
        .map(|what| (what.kind(), what.subject()))
        .collect()
}

async fn feed_and_events(test: &TestOrg) {
    crate::feed::catch_up(&test.org).await.unwrap();
    while collect(&test.org).await.unwrap() {}
}

async fn session_of(test: &TestOrg, alice: &signin::tests::Person) -> Session {
    test.clock.advance(Span::seconds(30));
    let ctx = test.nobody();
    let step = to_second_door(&ctx, "alice").await;
    let Step::Allowed(admission) = passcode_of(&ctx, &step, alice, test).await else { panic!() };
    session::open(&ctx, &admission, "Browser/1").await.unwrap().1
}

#[tokio::test]
async fn sign_ins_and_sessions_that_somebody_ends_are_told_of() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    hook(&test, "http://127.0.0.1:1/", &[]).await;
    let (one, two, three) =
        (session_of(&test, &alice).await, session_of(&test, &alice).await, session_of(&test, &alice).await);
    signin::begin(&test.nobody(), signin::tests::with_password("alice", "wrong")).await.unwrap();
    session::end(&test.person(alice.id, &[]), &one).await.unwrap();
    session::end_one(&test.system(), alice.id, &session::id(&two)).await.unwrap();
    crate::user::suspend(&test.system(), alice.id).await.unwrap();
    let told = told(&test).await;
    let count = |kind: &str| told.iter().filter(|(told, _)| told == kind).count();
    assert_eq!(count("webhook.create"), 1, "{told:?}");
    assert_eq!((count("sign_in.allowed"), count("sign_in.denied")), (3, 1));
    assert_eq!((count("session.ended"), count("user.end_session"), count("user.suspend")), (3, 1, 1));
    assert!(three.user == alice.id && !told.iter().any(|(kind, _)| kind == "user.create"), "before it");
    let alice = alice.id.to_string();
    assert!(told.iter().filter(|(kind, _)| kind != "webhook.create").all(|(_, about)| *about == alice));
}

#[tokio::test]
async fn no_secret_and_no_name_that_nobody_has_is_in_an_event() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    hook(&test, "http://127.0.0.1:1/", &[]).await;
    let session = session_of(&test, &alice).await;
    session::end(&test.person(alice.id, &[]), &session).await.unwrap();
    // A password in the place of the name, as happens.
    let typed = "my-own-Passw0rd!";
    signin::begin(&test.nobody(), signin::tests::with_password(typed, typed)).await.unwrap();
    let new = "a quite different password 77";
    crate::user::set_password(&test.system(), alice.id, &new.into()).await.unwrap();
    feed_and_events(&test).await;
    let events = test.system().read(|reader| Ok(reader.events_after(0, 1000)?)).await.unwrap();
    let by = reporter(&test.org);
    let mut all = String::new();
    for placed in &events {
        let event = placed.event.as_ref().unwrap();
        all.push_str(&sallyport_wire::events::payload(event).to_string());
        all.push_str(&sallyport_wire::events::ocsf::written(event, &by).to_string());
        all.push_str(&sallyport_wire::events::cef::written(event, &by));
    }
    assert!(events.len() >= 5 && all.contains("sign_in.denied") && all.contains(&session::id(&session)));
    for secret in [typed, new, signin::tests::PASSWORD, &session.hash, &session.form_token] {
        assert!(!all.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_reader_that_was_away_too_long_is_told_how_much_it_missed() {
    let test = testing::org().await;
    let id = hook(&test, "http://127.0.0.1:1/", &["user.create"]).await;
    let off = sallyport_api::rest::UpdateWebhook { enabled: Some(false), ..Default::default() };
    crate::webhook::update(&test.system(), id, None, off).await.unwrap();
    feed_and_events(&test).await;
    test.clock.advance(Span::days(8));
    test.system().write(sweep).await.unwrap();
    let (events, reached, lost) = test.system().read(|reader| next(reader, 0, 10)).await.unwrap();
    assert_eq!((events.len(), reached, lost), (0, 2, 2));
    person(&test, "alice").await;
    feed_and_events(&test).await;
    let (events, _, lost) = test.system().read(|reader| next(reader, 0, 1)).await.unwrap();
    assert_eq!((events.len(), events[0].seq, lost), (1, 3, 2));
}

#[tokio::test]
async fn everybodys_sessions_are_listed_by_use_and_ended_together() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let mut opened = Vec::new();
    for _ in 0..5 {
        opened.push(session::id(&session_of(&test, &alice).await));
    }
    let ctx = test.system();
    let mut seen = Vec::new();
    let mut wanted = live::LiveWanted { text: "ALICE".into(), after: None, limit: 2 };
    loop {
        let (page, next) = live::list(&ctx, wanted.clone()).await.unwrap();
        seen.extend(page.iter().map(|live| session::id(&live.session)));
        assert!(page.len() <= 2);
        match next {
            Some(next) => wanted.after = Some(next),
            None => break,
        }
    }
    opened.reverse();
    assert_eq!(seen, opened);
    let none = live::LiveWanted { text: "bob".into(), limit: 10, ..Default::default() };
    assert!(live::list(&ctx, none).await.unwrap().0.is_empty());
    let of = |session: &String| sallyport_api::rest::SessionOf { user: alice.id, session: session.clone() };
    let ended = live::end(&ctx, opened[..2].iter().map(of).collect()).await.unwrap();
    assert_eq!(ended, live::Ended { ended: 2, refused: 0 });
    let all = || live::LiveWanted { limit: 10, ..Default::default() };
    let left: Vec<String> =
        live::list(&ctx, all()).await.unwrap().0.iter().map(|live| session::id(&live.session)).collect();
    assert_eq!(left, opened[2..]);
    // With other roles what was open is dead, and is not listed, whether it was swept or not.
    crate::user::set_roles(&ctx, alice.id, [sallyport_model::Role::Owner].into()).await.unwrap();
    assert!(live::list(&ctx, all()).await.unwrap().0.is_empty());
    // A help desk ends nobody's above it, and is told so.
    let owners = session::id(&session_of(&test, &alice).await);
    let desk =
        test.person(sallyport_model::id::UserId::new(uuid::Uuid::nil()), &[sallyport_model::Role::HelpDesk]);
    let refused = live::end(&test.now(&desk), vec![of(&owners)]).await.unwrap();
    assert_eq!(refused, live::Ended { ended: 0, refused: 1 });
    assert_eq!(live::list(&test.system(), all()).await.unwrap().0.len(), 1);
}

#[test]
fn what_happened_is_placed_by_its_time_and_changes_keep_their_order() {
    let new = |at: i64, waits: Option<&str>| NewEvent {
        waits: waits.map(str::to_owned),
        at: Time(at),
        what: sallyport_store::EventPlace::Feed(at),
    };
    let changes = vec![new(10, None), new(5, None), new(20, None)];
    let happened = vec![new(7, Some("a")), new(15, Some("b")), new(30, Some("c"))];
    let order: Vec<i64> = by_time(changes, happened).iter().map(|new| new.at.0).collect();
    assert_eq!(order, [7, 10, 5, 15, 20, 30]);
}
