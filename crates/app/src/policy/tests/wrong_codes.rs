//! After how many wrong codes the second door is shut, and for how long.

use sallyport_store::ChangeFilter;

use super::*;
use crate::user::news::{self, What};

#[tokio::test]
async fn a_stricter_lockout_shuts_sooner_and_longer() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let lockout = Lockout { wrong_codes: 2, minutes: 30 };
    let sections = Sections { lockout: Some(lockout), ..Sections::default() };
    set(&test.system(), |settings| settings.policy = sections).await.unwrap();
    let ctx = test.nobody();
    let step = to_second_door(&ctx, "alice").await;
    for _ in 0..2 {
        signin::passcode(&ctx, &step.handle, &"000000".into()).await.unwrap();
    }
    let held = denial(passcode_of(&ctx, &step, &alice, &test).await);
    assert_eq!(held.retry_after_seconds, Some(30 * 60));
}

#[tokio::test]
async fn a_laxer_door_does_not_forget_what_a_stricter_one_counted() {
    let test = testing::org().await;
    person(&test, "alice").await;
    let lockout = Some(Lockout { wrong_codes: 5, minutes: 1440 });
    let strict = write(&test, "strict", Sections { lockout, ..Sections::default() }).await;
    let vpn = application(&test, "vpn", Applied { policy: Some(strict), groups: vec![] }).await;
    let ctx = || Ctx { now: test.system().now, ..test.nobody() };
    let Step::SecondDoor(at_vpn) = vouched(&ctx(), "alice", &vpn).await else { panic!("not asked") };
    for _ in 0..4 {
        signin::passcode(&ctx(), &at_vpn.handle, &"000000".into()).await.unwrap();
    }
    test.clock.advance(sallyport_model::Span::minutes(6));
    let step = to_second_door(&ctx(), "alice").await;
    signin::passcode(&ctx(), &step.handle, &"000000".into()).await.unwrap();
    let shut = signin::preview(&ctx(), "alice", &Resource::Portal).await.unwrap();
    assert!(matches!(shut, Preview::Denied { reasons } if reasons == [Reason::Throttled]));
}

#[tokio::test]
async fn whose_second_door_is_shut_hears_of_it_whichever_door_counted_to_more() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await.id;
    let door = async |name: &str, wrong_codes| {
        let lockout = Some(Lockout { wrong_codes, minutes: 30 });
        let policy = write(&test, name, Sections { lockout, ..Sections::default() }).await;
        application(&test, name, Applied { policy: Some(policy), groups: vec![] }).await
    };
    let (lax, strict) = (door("lax", 5).await, door("strict", 2).await);
    let guesses = async |at: &Resource, often| {
        let Step::SecondDoor(step) = vouched(&test.nobody(), "alice", at).await else { panic!("not asked") };
        for _ in 0..often {
            signin::passcode(&test.nobody(), &step.handle, &"000000".into()).await.unwrap();
        }
    };
    let told = async || {
        let of = ChangeFilter { subject: Some(alice.to_string()), limit: 50, ..Default::default() };
        let changes = test.system().read(move |reader| Ok(reader.list_changes(&of)?)).await.unwrap();
        let news = changes.iter().filter_map(|change| news::told(change, alice));
        news.filter(|news| news.what == What::SecondDoorShut).count()
    };
    guesses(&lax, 4).await;
    assert_eq!(told().await, 0);
    // More than the strict one lets pass were counted before.
    guesses(&strict, 1).await;
    let shut = signin::preview(&test.nobody(), "alice", &lax).await.unwrap();
    assert!(matches!(shut, Preview::Denied { reasons } if reasons == [Reason::Throttled]));
    assert_eq!(told().await, 1);
}
