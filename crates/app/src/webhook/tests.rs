use data_encoding::BASE64;
use sallyport_api::rest::CreateUser;
use sallyport_crypto::mac::hmac_sha256;
use sallyport_model::{Role, id::UserId};

use super::*;
use crate::{
    Clock as _,
    event::testing::{Posted, Receiver},
    testing::{self, TestOrg},
    user,
};

/// A webhook to this URL that is told of these kinds.
pub(crate) async fn hook(test: &TestOrg, url: &str, kinds: &[&str]) -> WebhookId {
    made(test, url, kinds).await.0
}

async fn made(test: &TestOrg, url: &str, kinds: &[&str]) -> (WebhookId, Secret) {
    let kinds = kinds.iter().map(|kinds| kinds.parse().unwrap()).collect();
    let input = CreateWebhook { name: format!("hook to {url}"), url: url.into(), kinds };
    let (shown, secret) = create(&test.system(), input).await.unwrap();
    (shown.webhook.id, secret)
}

async fn person(test: &TestOrg, name: &str) -> UserId {
    let input = CreateUser { name: name.into(), active: true, ..CreateUser::default() };
    user::create(&test.system(), input).await.unwrap().id
}

async fn rename(test: &TestOrg, id: UserId, name: &str) {
    let input = sallyport_api::rest::UpdateUser { display_name: Some(name.into()), ..Default::default() };
    user::update(&test.system(), id, None, input).await.unwrap();
}

async fn tell(test: &TestOrg) {
    event::catch_up(&test.org).await.unwrap();
}

async fn standing(test: &TestOrg, id: WebhookId) -> Shown {
    show(&test.system(), id).await.unwrap()
}

/// As a receiver checks it: which of these secrets signed.
fn signers(posted: &Posted, secrets: &[&Secret]) -> Vec<bool> {
    let signed =
        format!("{}.{}.{}", posted.header("webhook-id"), posted.header("webhook-timestamp"), posted.body);
    let signatures: Vec<&str> = posted.header("webhook-signature").split(' ').collect();
    let by = |secret: &&Secret| {
        let key = BASE64.decode(secret.expose().strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
        signatures.contains(&format!("v1,{}", BASE64.encode(&hmac_sha256(&key, signed.as_bytes()))).as_str())
    };
    secrets.iter().map(by).collect()
}

fn kinds_of(posted: &[Posted]) -> Vec<String> {
    posted.iter().map(|posted| posted.json()["type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_is_wanted_is_told_signed_and_once() {
    let test = testing::org().await;
    let receiver = Receiver::open().await;
    person(&test, "before").await;
    let (id, secret) = made(&test, &receiver.url(), &["user", "group.create"]).await;
    let alice = person(&test, "alice").await;
    let team = sallyport_api::rest::CreateGroup {
        name: "team".into(),
        description: String::new(),
        kind: sallyport_model::GroupKind::Users,
    };
    crate::group::create(&test.system(), team).await.unwrap();
    tell(&test).await;
    tell(&test).await;
    let posted = receiver.take();
    assert_eq!(kinds_of(&posted), ["user.create", "group.create"]);
    assert!(posted.iter().all(|one| signers(one, &[&secret]) == [true]));
    let first = posted[0].json();
    assert_eq!(first["data"]["subject"]["id"], alice.to_string());
    assert_eq!(first["data"]["values"]["name"], "alice");
    assert_eq!(first["id"], posted[0].header("webhook-id"));
    let now = test.clock.now().unix_seconds().to_string();
    assert_eq!(
        (posted[0].header("webhook-timestamp"), posted[0].header("content-type")),
        (&*now, "application/json")
    );
    let shown = standing(&test, id).await;
    assert_eq!((shown.standing.sent, shown.behind, shown.waiting), (2, 0, 0));
    let (found, _) = deliveries(&test.system(), id, None, 10).await.unwrap();
    assert!(
        found
            .iter()
            .all(|one| one.state == DeliveryState::Delivered && one.last().unwrap().status == Some(204))
    );
}

#[tokio::test]
async fn a_delivery_that_fails_holds_back_its_subject_alone_and_keeps_its_id() {
    let test = testing::org().await;
    let receiver = Receiver::open().await;
    let (alice, bob) = (person(&test, "alice").await, person(&test, "bob").await);
    let id = hook(&test, &receiver.url(), &["user.update"]).await;
    let stuck = alice.to_string();
    receiver.answer(
        move |posted| if posted.body.contains(&stuck) { (503, "later".into()) } else { (200, String::new()) },
    );
    for n in 0..3 {
        rename(&test, alice, &format!("Alice {n}")).await;
        rename(&test, bob, &format!("Bob {n}")).await;
    }
    tell(&test).await;
    let (of_alice, of_bob): (Vec<_>, Vec<_>) =
        receiver.take().into_iter().partition(|posted| posted.body.contains(&alice.to_string()));
    let names = |posted: &[Posted]| -> Vec<String> {
        posted
            .iter()
            .map(|one| one.json()["data"]["values"]["display_name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        (names(&of_alice), names(&of_bob)),
        (vec!["Alice 0".into()], vec!["Bob 0".into(), "Bob 1".into(), "Bob 2".into()])
    );
    let shown = standing(&test, id).await;
    assert_eq!((shown.waiting, shown.standing.sent), (3, 3));
    // Not before its time; then again under the same id, and once it is taken the others follow in order.
    tell(&test).await;
    assert!(receiver.take().is_empty());
    test.clock.advance(Span::seconds(deliver::waits()[0]));
    tell(&test).await;
    let again = receiver.take();
    assert_eq!(
        (names(&again), again[0].header("webhook-id")),
        (vec!["Alice 0".into()], of_alice[0].header("webhook-id"))
    );
    receiver.answer(|_| (200, String::new()));
    test.clock.advance(Span::seconds(deliver::waits()[1]));
    tell(&test).await;
    assert_eq!(names(&receiver.take()), ["Alice 0", "Alice 1", "Alice 2"]);
    assert_eq!(standing(&test, id).await.standing.problem, None);
    let (found, _) = deliveries(&test.system(), id, None, 10).await.unwrap();
    let tried = found.iter().find(|one| one.tries == 3).unwrap();
    let statuses: Vec<_> = tried.attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!((statuses, &*tried.attempts[0].answer), (vec![Some(503), Some(503), Some(200)], "later"));
}

#[tokio::test]
async fn a_receiver_that_takes_nothing_is_given_up_after_its_last_day_with_a_notice() {
    let test = testing::org().await;
    let receiver = Receiver::open().await;
    receiver.answer(|_| (500, "no".into()));
    let id = hook(&test, &receiver.url(), &["user.create"]).await;
    let owner = person(&test, "owner").await;
    let mut days = 0;
    while standing(&test, id).await.webhook.enabled {
        tell(&test).await;
        test.clock.advance(Span::hours(8));
        days += 1;
        assert!(days < 20, "never switched off");
    }
    let shown = standing(&test, id).await;
    assert!(shown.webhook.switched_off.as_deref().unwrap().contains("three days"), "{:?}", shown.webhook);
    let (found, _) = deliveries(&test.system(), id, None, 10).await.unwrap();
    assert_eq!(found.iter().map(|one| one.state).collect::<Vec<_>>(), [DeliveryState::Failed]);
    let ctx = test.system();
    let changes = ctx.read(|reader| {
        Ok(reader.list_changes(&sallyport_store::ChangeFilter { limit: 1, ..Default::default() })?)
    });
    assert_eq!(changes.await.unwrap()[0].verb, "switch_off");
    // What happens meanwhile waits, and follows once it is on again; what was given up is made by hand.
    receiver.take();
    receiver.answer(|_| (200, String::new()));
    person(&test, "meanwhile").await;
    tell(&test).await;
    assert!(receiver.take().is_empty());
    assert!(redeliver(&test.system(), id, found[0].event).await.is_err(), "it is off");
    let on = UpdateWebhook { enabled: Some(true), ..UpdateWebhook::default() };
    assert_eq!(update(&test.system(), id, None, on).await.unwrap().webhook.switched_off, None);
    tell(&test).await;
    assert_eq!(receiver.take().len(), 1);
    redeliver(&test.system(), id, found[0].event).await.unwrap();
    tell(&test).await;
    let again = receiver.take();
    assert_eq!((again.len(), again[0].header("webhook-id")), (1, &*found[0].event.to_string()));
    assert!(again[0].body.contains(&owner.to_string()));
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_switched_off_at_once_and_its_administrators_hear_of_it() {
    let test = testing::org().await;
    let receiver = Receiver::open().await;
    receiver.answer(|_| (410, String::new()));
    let office = crate::mail::testing::Office::of(&test).await;
    for (name, role) in [("ada", Role::Administrator), ("abe", Role::Auditor)] {
        let id = crate::mail::testing::person(&test, name).await.id;
        user::set_roles(&test.system(), id, [role].into()).await.unwrap();
    }
    crate::feed::catch_up(&test.org).await.unwrap();
    let id = hook(&test, &receiver.url(), &["user.create"]).await;
    person(&test, "alice").await;
    tell(&test).await;
    let shown = standing(&test, id).await;
    assert!(!shown.webhook.enabled && shown.webhook.switched_off.as_deref().unwrap().contains("410"));
    crate::feed::notices::send_due(&test.system()).await.unwrap();
    let told = office.arrived().into_iter().filter(|mail| mail.text.contains("is switched off"));
    let told: Vec<_> = told.map(|mail| mail.to).collect();
    assert_eq!(told, ["ada@example.com"], "who may switch it on again, and nobody else");
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_sign_and_after_a_day_the_new_one_alone() {
    let test = testing::org().await;
    let receiver = Receiver::open().await;
    let (id, old) = made(&test, &receiver.url(), &[]).await;
    let (shown, new) = rotate(&test.system(), id).await.unwrap();
    assert_eq!(shown.both_sign_until, Some(test.clock.now().plus(BOTH_SIGN)));
    tell(&test).await;
    let posted = receiver.take();
    assert!(kinds_of(&posted).contains(&"webhook.rotate_secret".to_owned()));
    assert!(posted.iter().all(|one| signers(one, &[&old, &new]) == [true, true]));
    test.clock.advance(BOTH_SIGN);
    let tested = test_now(&test, id).await;
    assert_eq!(tested.state, DeliveryState::Delivered);
    tell(&test).await;
    let posted = receiver.take();
    assert!(posted.len() == 2 && posted.iter().all(|one| signers(one, &[&old, &new]) == [false, true]));
    // Neither rests in the clear.
    let dump = test.dump();
    for secret in [&old, &new] {
        let text = secret.expose().as_bytes();
        assert!(!dump.windows(text.len()).any(|window| window == text));
    }
}

async fn test_now(test: &TestOrg, id: WebhookId) -> Delivery {
    super::test(&test.system(), id).await.unwrap()
}

#[tokio::test]
async fn a_test_says_what_came_of_it_and_what_is_internal_is_never_called() {
    let test = testing::org().await;
    let receiver = Receiver::open().await;
    receiver.answer(|_| (418, "short\u{1b}[31m and stout".into()));
    let id = hook(&test, &receiver.url(), &["user"]).await;
    let tested = test_now(&test, id).await;
    let last = tested.last().unwrap();
    assert_eq!(
        (tested.state, last.status, &*last.answer),
        (DeliveryState::Failed, Some(418), "short[31m and stout")
    );
    assert_eq!(kinds_of(&receiver.take()), ["webhook.test"]);
    for (url, why) in [
        ("https://169.254.169.254/latest", "internal address"),
        ("https://[::1]:1/", "internal address"),
        ("https://10.0.0.1/", "internal address"),
        ("https://2130706434/", "internal address"),
    ] {
        let input = UpdateWebhook { url: Some(url.into()), ..UpdateWebhook::default() };
        update(&test.system(), id, None, input).await.unwrap();
        let answer = test_now(&test, id).await.last().unwrap().answer.clone();
        assert!(answer.contains(why), "{url}: {answer}");
    }
    for bad in ["ftp://a.example/", "https://u:p@a.example/", "https://a.example/#x", "a.example", ""] {
        let input = UpdateWebhook { url: Some(bad.into()), ..UpdateWebhook::default() };
        assert!(
            matches!(
                update(&test.system(), id, None, input).await,
                Err(AppError::Invalid { field: "url", .. })
            ),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn a_redirect_is_no_delivery_and_is_not_followed() {
    let test = testing::org().await;
    let receiver = Receiver::open().await;
    receiver.answer(|_| (302, "elsewhere".into()));
    let id = hook(&test, &receiver.url(), &["user.create"]).await;
    person(&test, "alice").await;
    tell(&test).await;
    assert_eq!((receiver.take().len(), standing(&test, id).await.waiting), (1, 1));
}

#[tokio::test]
async fn two_nodes_do_not_tell_the_same_twice() {
    let test = testing::org().await;
    let receiver = Receiver::open().await;
    let id = hook(&test, &receiver.url(), &["user.update"]).await;
    let alice = person(&test, "alice").await;
    for n in 0..20 {
        rename(&test, alice, &format!("Alice {n}")).await;
    }
    let other = test.other_node();
    let (here, there) = tokio::join!(event::catch_up(&test.org), event::catch_up(&other.org));
    here.unwrap();
    there.unwrap();
    tell(&test).await;
    let told: Vec<_> = receiver.take().iter().map(|posted| posted.header("webhook-id").to_owned()).collect();
    let mut once = told.clone();
    once.sort();
    once.dedup();
    // On a database of its own there is no other node, and whoever was there before may have told without a note of it.
    if test.org.db.is_shared() {
        assert_eq!((told.len(), once.len()), (20, 20));
    } else {
        assert_eq!(once.len(), 20);
    }
    assert_eq!(standing(&test, id).await.waiting, 0);
}

#[tokio::test]
async fn only_so_many_wait_and_the_others_follow() {
    let test = testing::org().await;
    let receiver = Receiver::open().await;
    receiver.answer(|_| (503, String::new()));
    let id = hook(&test, &receiver.url(), &["user.create"]).await;
    // One subject each, so each is tried once.
    let ctx = test.system();
    ctx.write(|tx| {
        for n in 0..1100_u32 {
            let mut event = crate::webhook::tests::change(n);
            event.seq = 0;
            let now = tx.ctx.now;
            tx.note_happening(&format!("x {n}"), now, &sallyport_model::Happening::Change(event))?;
        }
        Ok(())
    })
    .await
    .unwrap();
    tell(&test).await;
    let shown = standing(&test, id).await;
    assert!(shown.waiting == 1000 && shown.behind > 0, "{} {}", shown.waiting, shown.behind);
    receiver.answer(|_| (200, String::new()));
    receiver.take();
    test.clock.advance(Span::seconds(deliver::waits()[0]));
    tell(&test).await;
    let shown = standing(&test, id).await;
    assert_eq!((shown.waiting, shown.behind, receiver.take().len()), (0, 0, 1100));
}

pub(crate) fn change(n: u32) -> sallyport_model::Change {
    sallyport_model::Change {
        seq: i64::from(n),
        at: Time::from_unix_seconds(1_767_225_600),
        actor: sallyport_model::Actor::LocalAdmin,
        source: None,
        request: String::new(),
        kind: sallyport_model::ChangeKind::Created,
        verb: "create".into(),
        subject: sallyport_model::Subject { noun: "user".into(), id: format!("usr_{n}"), label: "x".into() },
        before: None,
        after: None,
    }
}
