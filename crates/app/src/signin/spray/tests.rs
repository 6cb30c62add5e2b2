use std::net::IpAddr;

use sallyport_model::{
    id::SignInId,
    signin::{Resource, SignInState},
};

use super::*;
use crate::{
    audit, jobs,
    signin::{
        self, Step, WRONG,
        tests::{denial, passcode_of, person, to_second_door, with_password},
    },
    testing::{self, TestOrg},
};

const MINUTE: Span = Span::minutes(1);

/// The address of the attacker with this number; each is in a network of its own.
fn address(n: u32) -> IpAddr {
    let [.., b, c] = (n % 300).to_be_bytes();
    [203, b, c, 9].into()
}

fn from(test: &TestOrg, source: IpAddr) -> Ctx {
    Ctx { source: Some(source), ..test.nobody() }
}

/// One password on one name after the other, a second apart and from the next of 300 addresses each, until the jobs,
/// which run each minute, have noticed; how long that took.
async fn spray_until_noticed(test: &TestOrg) -> Span {
    let began = test.system().now;
    for n in 1..=10_000 {
        let ctx = from(test, address(n));
        let name = if n % 10 == 0 { "alice".to_owned() } else { format!("person.{n}") };
        signin::begin(&ctx, with_password(&name, "Winter2026!!")).await.unwrap();
        test.clock.advance(Span::seconds(1));
        if n % 60 == 0 {
            jobs::pass(&test.system()).await.unwrap();
            if going_on(&test.system()).await.unwrap().is_some() {
                return test.system().now.since(began);
            }
        }
    }
    panic!("ten thousand names were tried and nobody noticed")
}

async fn verbs(test: &TestOrg) -> Vec<String> {
    let wanted = audit::ChangesWanted { text: "spray".into(), limit: 50, ..Default::default() };
    let mut changes = audit::changes(&test.system(), wanted).await.unwrap().items;
    changes.retain(|change| change.subject.noun == "spray");
    changes.into_iter().map(|change| change.verb).rev().collect()
}

/// How many wrong passwords are checked for a network within a minute.
async fn checked_from(test: &TestOrg, network: [u8; 3]) -> usize {
    let [a, b, c] = network;
    let mut checked = 0;
    for n in 0..60u8 {
        let ctx = from(test, [a, b, c, n].into());
        let refused = denial(
            signin::begin(&ctx, with_password(&format!("other.{c}.{n}"), "Winter2026!!")).await.unwrap(),
        );
        if refused.retry_after_seconds.is_some() {
            assert!(refused.text.is_too_many());
            break;
        }
        assert_eq!(refused.text, WRONG);
        checked += 1;
    }
    checked
}

#[tokio::test]
async fn a_spray_is_noticed_within_five_minutes_holds_strangers_back_harder_and_ends_by_itself() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let home = test.nobody().source.unwrap();
    let (ctx, step) = (from(&test, home), to_second_door(&from(&test, home), "alice").await);
    assert!(matches!(passcode_of(&ctx, &step, &alice, &test).await, Step::Allowed(_)));
    assert_eq!(checked_from(&test, [198, 18, 1]).await, 51, "without a spray");
    test.clock.advance(Span::hours(1));

    let took = spray_until_noticed(&test).await;
    assert!(took <= Span::minutes(5), "it took {} seconds", took.as_seconds());
    let noticed = going_on(&test.system()).await.unwrap().unwrap();
    assert!(noticed.names >= 50 && noticed.names <= noticed.attempts, "{noticed:?}");
    assert_eq!(noticed.all_networks, noticed.attempts, "{noticed:?}");
    assert_eq!(noticed.networks.len(), Spray::MOST_NETWORKS);
    assert!(noticed.networks.iter().all(|from| from.network.starts_with("203.")), "{noticed:?}");
    let at = noticed.noticed;
    let names = test.system().read(move |reader| names_tried(reader, at)).await.unwrap();
    assert_eq!(names, i64::try_from(noticed.names).unwrap());

    // Strangers have a tighter budget, here and on other nodes; people at home have theirs.
    assert_eq!(checked_from(&test, [198, 18, 2]).await, 6, "in a spray");
    let elsewhere = test.other_node();
    assert!(elsewhere.read(move |reader| goes_on(reader, at)).await.unwrap());
    let ctx = from(&test, home);
    for wrong in 0..4 {
        let refused = denial(signin::begin(&ctx, with_password("alice", "wrong")).await.unwrap());
        assert_eq!((refused.text, refused.retry_after_seconds), (WRONG, None), "{wrong}");
    }
    let step = to_second_door(&ctx, "alice").await;
    assert!(matches!(passcode_of(&ctx, &step, &alice, &test).await, Step::Allowed(_)));

    // Every node looks at the same log, and says it once.
    jobs::pass(&Ctx { now: test.system().now, ..elsewhere }).await.unwrap();
    assert_eq!(verbs(&test).await, ["begin"]);
    for _ in 0..40 {
        test.clock.advance(MINUTE);
        jobs::pass(&test.system()).await.unwrap();
    }
    assert_eq!(going_on(&test.system()).await.unwrap(), None);
    assert_eq!(verbs(&test).await, ["begin", "end"]);
    let now = test.system().now;
    assert!(!test.system().read(move |reader| goes_on(reader, now)).await.unwrap());
    assert_eq!(checked_from(&test, [198, 18, 3]).await, 51, "after the spray");
    let all = list(&test.system(), PageRequest { limit: 9, ..PageRequest::default() }).await.unwrap();
    assert_eq!(all.items.len(), 1);
    assert!(all.items[0].ended.is_some() && all.items[0].names >= noticed.names, "{:?}", all.items);
}

/// How a morning's attempts end.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Passed,
    Wrong,
}

/// Puts attempts into the log as the doors would, each by somebody from where they never were.
async fn log(test: &TestOrg, attempts: Vec<(Time, u32, End)>) {
    let nobody = test.nobody();
    let rows: Vec<SignIn> = attempts
        .into_iter()
        .map(|(at, n, end)| {
            let (passed, wrong) = (end == End::Passed, end == End::Wrong);
            let [.., b, c, _] = n.to_be_bytes();
            SignIn {
                id: Ctx { now: at, ..nobody.clone() }.id(SignInId::new).unwrap(),
                name: format!("person.{n}"),
                user: None,
                resource: Resource::Portal,
                source: Some(format!("10.{b}.{c}.1")),
                country: None,
                device: None,
                host: None,
                managed_device: None,
                state: if wrong { SignInState::Denied { at } } else { SignInState::Allowed { at } },
                first_door: passed.then_some(FirstDoor::Password),
                second_door: None,
                tried: None,
                reasons: if wrong { vec![Reason::PasswordWrong] } else { vec![Reason::BothDoorsPassed] },
                epoch: 0,
                created: at,
            }
        })
        .collect();
    test.system()
        .write(move |tx| {
            rows.iter().try_for_each(|row| tx.put_sign_in(row, ""))?;
            Ok(())
        })
        .await
        .unwrap();
}

/// A quarter of an hour of the morning on which ten thousand people come within an hour: one in eight mistypes first
/// and gets in twenty seconds later, one in forty gives up.
fn morning(begins: Time) -> Vec<(Time, u32, End)> {
    let mut attempts = Vec::new();
    for n in 0..2_500u32 {
        let at = begins.plus(Span(360_000 * i64::from(n)));
        match n {
            n if n % 40 == 0 => attempts.push((at, n, End::Wrong)),
            n if n % 8 == 0 => {
                attempts.extend([(at, n, End::Wrong), (at.plus(Span::seconds(20)), n, End::Passed)])
            }
            n => attempts.push((at, n, End::Passed)),
        }
    }
    attempts
}

#[tokio::test]
async fn an_honest_monday_morning_is_no_spray_and_one_within_it_is() {
    let test = testing::org().await;
    let begins = test.system().now;
    log(&test, morning(begins)).await;
    for _ in 0..16 {
        test.clock.advance(MINUTE);
        watch(&test.system()).await.unwrap();
        assert_eq!(going_on(&test.system()).await.unwrap(), None);
    }
    // The same morning with a password tried on a name each second for its last ten minutes.
    let sprayed =
        (0..600u32).map(|n| (begins.plus(Span::seconds(300 + i64::from(n))), 90_000 + n, End::Wrong));
    log(&test, sprayed.collect()).await;
    watch(&test.system()).await.unwrap();
    assert!(going_on(&test.system()).await.unwrap().is_some());
}

#[tokio::test]
async fn those_who_gave_up_would_be_a_spray_if_nobody_else_came() {
    let test = testing::org().await;
    let begins = test.system().now;
    let mut gave_up = morning(begins);
    gave_up.retain(|(_, n, _)| n % 40 == 0);
    log(&test, gave_up).await;
    test.clock.advance(Span::minutes(15));
    watch(&test.system()).await.unwrap();
    assert!(going_on(&test.system()).await.unwrap().is_some());
}

#[tokio::test]
async fn many_guesses_at_one_name_and_names_that_others_vouch_for_are_no_spray() {
    let test = testing::org().await;
    let now = test.system().now;
    log(&test, (0..200).map(|n| (now.plus(Span::seconds(n)), 7, End::Wrong)).collect()).await;
    for n in 0..60 {
        let vouched = signin::Begin {
            first_door: signin::FirstDoorProof::Vouched { by: "pam_unix".into() },
            ..with_password(&format!("person.{n}"), "")
        };
        signin::begin(&from(&test, address(n)), vouched).await.unwrap();
    }
    test.clock.advance(Span::minutes(4));
    watch(&test.system()).await.unwrap();
    assert_eq!(going_on(&test.system()).await.unwrap(), None);
}
