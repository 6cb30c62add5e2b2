use sallyport_model::signin::Resource;

use super::*;
use crate::{
    factor,
    signin::{self, Begin, FirstDoorProof, Step},
    testing::{self, TestOrg},
    user,
};

const HOUR: i64 = 3600;

async fn person(test: &TestOrg) -> UserId {
    let input = sallyport_api::rest::CreateUser { name: "alice".into(), active: true, ..Default::default() };
    user::create(&test.system(), input).await.unwrap().id
}

/// Whether a code opens a door of its own; none where there is nothing to open one with.
async fn opens(ctx: &Ctx, code: &Secret) -> Option<bool> {
    let begin = Begin {
        name: "alice".into(),
        resource: Resource::Portal,
        first_door: FirstDoorProof::Vouched { by: "test".into() },
    };
    match signin::begin(ctx, begin).await.unwrap() {
        Step::SecondDoor(step) => {
            let step = signin::passcode(ctx, &step.handle, code).await.unwrap();
            Some(matches!(step, Step::Allowed(_)))
        }
        Step::EnrollmentNeeded { .. } => None,
        other @ (Step::Allowed(_) | Step::Denied(_)) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_batch_is_gone_with_its_last_code_and_ends_nobodys_session() {
    let test = testing::org().await;
    let alice = person(&test).await;
    let codes = issue_bypass_codes(&test.system(), alice, 2, HOUR).await.unwrap();
    let epoch = user::show(&test.system(), alice).await.unwrap().credential_epoch;
    let left = async || left(&test.system(), alice).await.unwrap().into_values().next().unwrap();
    assert_eq!(left().await, Left { codes: 2, of: 2, uses: 2 });
    assert_eq!(opens(&test.nobody(), &codes[0]).await, Some(true));
    assert_eq!(left().await, Left { codes: 1, of: 2, uses: 1 });
    assert_eq!(opens(&test.nobody(), &codes[0]).await, Some(false), "once");
    assert_eq!(opens(&test.nobody(), &codes[1]).await, Some(true));
    assert!(factor::list(&test.system(), alice).await.unwrap().is_empty());
    assert_eq!(opens(&test.nobody(), &codes[1]).await, None, "nothing is left that opens a door");
    let after = user::show(&test.system(), alice).await.unwrap().credential_epoch;
    assert_eq!(after, epoch, "what a code opened stays open");
}

#[tokio::test]
async fn a_code_opens_as_often_as_was_said_and_not_once_more_across_nodes() {
    let test = testing::org().await;
    let alice = person(&test).await;
    let batch = Batch { count: 2, uses: 3, valid_secs: HOUR };
    let codes = issue(&test.system(), alice, batch).await.unwrap();
    let other = Ctx { source: test.nobody().source, ..test.other_node().with_caller(crate::Caller::Nobody) };
    let mut tries = tokio::task::JoinSet::new();
    for n in 0..50 {
        let ctx = if n % 2 == 0 { test.nobody() } else { other.clone() };
        let code = codes[0].clone();
        tries.spawn(async move { opens(&ctx, &code).await });
    }
    let opened = tries.join_all().await.into_iter().filter(|opened| *opened == Some(true)).count();
    assert_eq!(opened, 3);
    let left = left(&test.system(), alice).await.unwrap().into_values().next().unwrap();
    assert_eq!(left, Left { codes: 1, of: 2, uses: 3 });
    assert!(!test.dump().windows(14).any(|window| window == codes[1].expose().as_bytes()));
}

#[tokio::test]
async fn a_code_of_many_uses_ends_with_its_time_and_too_many_are_refused() {
    let test = testing::org().await;
    let alice = person(&test).await;
    for uses in [0, MOST_USES + 1] {
        let refused = issue(&test.system(), alice, Batch { count: 1, uses, valid_secs: HOUR }).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: "uses", .. })), "{refused:?}");
    }
    let batch = Batch { count: 1, uses: MOST_USES, valid_secs: HOUR };
    let code = issue(&test.system(), alice, batch).await.unwrap().remove(0);
    // Beside them another, so that there is a door to try it at.
    issue_bypass_codes(&test.system(), alice, 1, 2 * HOUR).await.unwrap();
    assert_eq!(opens(&test.nobody(), &code).await, Some(true));
    test.clock.advance(Span::seconds(HOUR + 1));
    assert_eq!(opens(&test.nobody(), &code).await, Some(false));
}

#[tokio::test]
async fn no_more_codes_are_open_than_may_be_and_those_taken_back_are_not() {
    let test = testing::org().await;
    let alice = person(&test).await;
    for _ in 0..MOST_OPEN / MOST {
        issue_bypass_codes(&test.system(), alice, MOST, HOUR).await.unwrap();
    }
    let refused = issue_bypass_codes(&test.system(), alice, 1, HOUR).await;
    assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
    let batch = factor::list(&test.system(), alice).await.unwrap()[0].id;
    factor::remove(&test.system(), alice, batch).await.unwrap();
    issue_bypass_codes(&test.system(), alice, MOST, HOUR).await.unwrap();
    assert!(issue_bypass_codes(&test.system(), alice, 1, HOUR).await.is_err());
}
