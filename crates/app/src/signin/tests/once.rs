//! What opened a door, and how often somebody guessed, is remembered by the store alone: not by a server, nor by its clock.

use sallyport_store::ChangeFilter;

use super::*;
use crate::user::news::{self, What};

/// Whether this code opens the second door.
async fn opens(ctx: &Ctx, name: &str, code: &Secret) -> bool {
    let step = to_second_door(ctx, name).await;
    matches!(passcode(ctx, &step.handle, code).await.unwrap(), Step::Allowed(_))
}

/// What can go wrong with the memory of a server.
const TROUBLES: [fn(&mut TestOrg); 4] = [
    |_| {},
    TestOrg::restart,
    // A clock that was set right after it ran ahead.
    |test| test.clock.advance(Span(-Span::minutes(2).0)),
    |test| {
        test.clock.advance(Span(-Span::seconds(31).0));
        test.restart();
    },
];

#[tokio::test]
async fn a_code_stays_used_through_restarts_and_clocks_that_go_back() {
    for (n, trouble) in TROUBLES.into_iter().enumerate() {
        let mut test = testing::org().await;
        let ada = person(&test, "ada").await;
        test.clock.advance(Span::minutes(5));
        let of_the_application = ada.code(&test, 0);
        let of_the_paper =
            factor::issue_bypass_codes(&test.system(), ada.id, 1, 3600).await.unwrap().remove(0);
        for code in [&of_the_application, &of_the_paper] {
            assert!(opens(&test.nobody(), "ada", code).await, "{n}");
        }
        trouble(&mut test);
        for code in [&of_the_application, &of_the_paper] {
            assert!(!opens(&test.nobody(), "ada", code).await, "{n}");
        }
        // Nor does any older one that the clock makes fresh again.
        let now = ada.code(&test, 0);
        assert!(n < 2 || !opens(&test.nobody(), "ada", &now).await, "{n}");
    }
}

#[tokio::test]
async fn one_code_opens_one_door_of_two_servers() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    test.clock.advance(Span::minutes(1));
    let nodes = [test.nobody(), Ctx { source: test.nobody().source, ..test.other_node() }];
    let code = ada.code(&test, 0);
    let mut asked = tokio::task::JoinSet::new();
    for ctx in nodes {
        let (code, step) = (code.clone(), to_second_door(&ctx, "ada").await);
        asked.spawn(
            async move { matches!(passcode(&ctx, &step.handle, &code).await.unwrap(), Step::Allowed(_)) },
        );
    }
    assert_eq!(asked.join_all().await.into_iter().filter(|opened| *opened).count(), 1);
}

#[tokio::test]
async fn guesses_stay_counted_through_restarts_and_wait_longer_each_time() {
    let mut test = testing::org().await;
    let ada = person(&test, "ada").await;
    let guess = async |test: &TestOrg| {
        let step = to_second_door(&test.nobody(), "ada").await;
        passcode(&test.nobody(), &step.handle, &"000000".into()).await.unwrap()
    };
    for _ in 0..5 {
        assert!(matches!(guess(&test).await, Step::SecondDoor(_)));
        test.restart();
    }
    let mut waits = Vec::new();
    for _ in 0..3 {
        let wait = denial(guess(&test).await).retry_after_seconds.unwrap();
        waits.push(wait);
        test.clock.advance(Span::seconds(i64::from(wait) + 1));
        test.restart();
        // One more guess is let through, and shuts the door for longer.
        assert!(matches!(guess(&test).await, Step::SecondDoor(_)));
    }
    assert!(waits.is_sorted_by(|a, b| a < b), "{waits:?}");
    let (id, system) = (ada.id, test.system());
    let told = system.read(move |reader| {
        let of = ChangeFilter { subject: Some(id.to_string()), limit: 50, ..Default::default() };
        let changes = reader.list_changes(&of)?;
        Ok(changes
            .iter()
            .filter_map(|change| news::told(change, id))
            .map(|news| news.what)
            .collect::<Vec<_>>())
    });
    let told = told.await.unwrap();
    let shut = told.iter().filter(|what| **what == What::SecondDoorShut).count();
    assert_eq!(shut, 3, "four times, and so often they hear of it: {told:?}");
    let wait = denial(guess(&test).await).retry_after_seconds.unwrap();
    test.clock.advance(Span::seconds(i64::from(wait) + 1));
    assert!(opens(&test.nobody(), "ada", &ada.code(&test, 0)).await);
}

#[tokio::test]
async fn a_bypass_code_ends_with_its_time_and_guesses_at_it_count() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    let code = async || factor::issue_bypass_codes(&test.system(), ada.id, 1, 3600).await.unwrap().remove(0);
    let late = code().await;
    test.clock.advance(Span::seconds(3601));
    assert!(!opens(&test.nobody(), "ada", &late).await);
    let guessed = code().await;
    for n in 0..4 {
        assert!(!opens(&test.nobody(), "ada", &format!("{n:012}").into()).await);
    }
    assert!(!opens(&test.nobody(), "ada", &guessed).await, "the right one is not looked at after five wrong");
}
