//! Sign-ins that end with the answer of `preauth`, upon which clients go no further.

use sallyport_model::{
    policy::NewUser,
    signin::{FirstDoor, Reason, SignIn, SignInState},
};

use super::*;
use crate::{
    audit::{SignInsWanted, sign_ins},
    user::age,
};

const OFFICE: &str = "203.0.113.9";

impl House {
    /// What the log has, the newest first.
    async fn logged(&self) -> Vec<SignIn> {
        let wanted = SignInsWanted { text: String::new(), before: None, limit: 100 };
        let found = sign_ins(&self.test.system(), wanted).await.unwrap();
        found.items.into_iter().map(|item| item.sign_in).collect()
    }

    async fn asks_from(&self, name: &str, address: &str) -> PreauthResult {
        let origin = Origin { ipaddr: Some(address.parse().unwrap()), hostname: Some("build-1".into()) };
        let question = PreauthRequest { origin, ..preauth_of(UserRef::Name(name.into())) };
        preauth(&self.ctx(), &question).await.unwrap().result
    }
}

#[tokio::test]
async fn whoever_is_let_in_by_preauth_is_in_the_log_once_a_minute() {
    let house = house().await;
    house.person_with_authenticator("alice").await;
    let alice = user::resolve(&house.test.system(), "alice").await.unwrap().id;
    house.spare("203.0.113.0/24").await;
    // Elsewhere she is asked, and that goes on by itself.
    assert!(matches!(house.asks_from("alice", "198.51.100.7").await, PreauthResult::Auth { .. }));
    assert_eq!(house.logged().await.len(), 0);
    for _ in 0..3 {
        assert_eq!(house.asks_from("Alice", OFFICE).await, PreauthResult::Allow);
    }
    let logged = house.logged().await;
    let [came_in] = &logged[..] else { panic!("{logged:?}") };
    assert!(matches!(came_in.state, SignInState::Allowed { .. }) && came_in.second_door.is_none());
    assert_eq!((came_in.user, came_in.name.as_str()), (Some(alice), "Alice"));
    assert_eq!((came_in.source.as_deref(), came_in.device.as_deref()), (Some(OFFICE), Some("build-1")));
    assert_eq!(came_in.host.as_deref(), Some("build-1"));
    assert_eq!(came_in.reasons, [Reason::NetworkAllows]);
    assert_eq!(came_in.first_door, Some(FirstDoor::Vouched { by: "SSH gateway".into() }));
    assert!(
        matches!(&came_in.resource, Resource::Application { application, .. } if *application == house.id)
    );
    house.asks_from("alice", "203.0.113.10").await;
    house.test.clock.advance(Span::minutes(1));
    house.asks_from("alice", OFFICE).await;
    assert_eq!(house.logged().await.len(), 3);
}

#[tokio::test]
async fn being_let_in_by_preauth_is_no_success_of_the_person() {
    let house = house().await;
    house.person_with_authenticator("alice").await;
    let alice = user::resolve(&house.test.system(), "alice").await.unwrap().id;
    house.spare("203.0.113.0/24").await;
    let there = || Ctx { source: Some(OFFICE.parse().unwrap()), ..house.test.nobody() };
    let guess = async || {
        let first_door = signin::FirstDoorProof::Password("wrong".into());
        let begin = signin::Begin { name: "alice".into(), resource: Resource::Api, first_door };
        let step = signin::begin(&there(), begin).await.unwrap();
        let signin::Step::Denied(denial) = step else { panic!("{step:?}") };
        denial.reasons
    };
    for _ in 0..6 {
        assert_ne!(guess().await, [Reason::Throttled]);
    }
    assert_eq!(house.asks_from("alice", OFFICE).await, PreauthResult::Allow);
    assert_eq!(guess().await, [Reason::Throttled], "wrong passwords stay counted");
    let known = move |reader: &mut sallyport_store::Reader| {
        signin::throttle::is_known_address(reader, alice, Some(OFFICE))
    };
    assert!(!house.test.system().read(known).await.unwrap());
    // Nor does whoever types a name keep somebody's account from falling dormant.
    for _ in 0..3 {
        house.test.clock.advance(Span::days(60));
        assert_eq!(house.asks_from("alice", OFFICE).await, PreauthResult::Allow);
    }
    age::age_all(&house.test.system()).await.unwrap();
    assert!(user::resolve(&house.test.system(), "alice").await.unwrap().value.dormant);
}

#[tokio::test]
async fn whoever_is_shut_out_between_the_look_and_the_answer_is_denied() {
    let house = house().await;
    house.person("alice").await;
    house.spare("203.0.113.0/24").await;
    let alice = user::resolve(&house.test.system(), "alice").await.unwrap().id;
    let asking = Ctx { source: Some(OFFICE.parse().unwrap()), ..house.ctx() };
    let (application, request) = (caller(&asking).unwrap(), preauth_of(UserRef::Name("alice".into())));
    let look = async || {
        let looked = signin::look(&asking, "alice", &application.resource(), None).await.unwrap();
        assert!(matches!(looked.preview, signin::Preview::Allow), "{looked:?}");
        ("alice".to_owned(), looked)
    };
    let answer = async |looked| preauth::upon(&asking, &application, &request, looked).await.unwrap().result;
    let why = async || {
        let logged = house.logged().await.into_iter();
        let denied = logged.map(|found| {
            assert!(matches!(found.state, SignInState::Denied { .. }), "{found:?}");
            found.reasons
        });
        denied.flatten().collect::<Vec<_>>()
    };
    let looked = look().await;
    user::suspend(&house.test.system(), alice).await.unwrap();
    assert_eq!(answer(looked).await, PreauthResult::Deny);
    assert_eq!(why().await, [Reason::UserSuspended]);
    user::activate(&house.test.system(), alice).await.unwrap();
    let looked = look().await;
    house.spare("198.51.100.0/24").await;
    assert_eq!(answer(looked).await, PreauthResult::Deny, "she is asked there now");
    let why = why().await;
    assert!(why.len() == 2 && why.contains(&Reason::PolicyRequiresSecondDoor), "{why:?}");
}

#[tokio::test]
async fn whoever_is_turned_away_by_preauth_is_in_the_log_with_the_reason() {
    let house = house().await;
    house.person_with_authenticator("alice").await;
    house.person("bob").await;
    let alice = user::resolve(&house.test.system(), "alice").await.unwrap().id;
    user::suspend(&house.test.system(), alice).await.unwrap();
    let expected = [
        ("alice", Reason::UserSuspended, Some(alice)),
        ("bob", Reason::NoFactor, Some(user::resolve(&house.test.system(), "bob").await.unwrap().id)),
        ("mallory", Reason::UnknownUser, None),
    ];
    for (name, _, _) in &expected {
        for _ in 0..2 {
            assert_ne!(house.asks_from(name, OFFICE).await, PreauthResult::Allow);
        }
        house.test.clock.advance(Span::seconds(1));
    }
    let mut logged = house.logged().await;
    logged.reverse();
    assert_eq!(logged.len(), expected.len());
    for (found, (name, reason, user)) in logged.iter().zip(expected) {
        assert!(matches!(found.state, SignInState::Denied { .. }), "{found:?}");
        assert_eq!((found.name.as_str(), &found.reasons[..], found.user), (name, &[reason][..], user));
        assert!(matches!(found.first_door, Some(FirstDoor::Vouched { .. })), "counts for no password spray");
    }
    // Who is let in a moment later came in all the same.
    user::activate(&house.test.system(), alice).await.unwrap();
    house.spare("203.0.113.0/24").await;
    assert_eq!(house.asks_from("alice", OFFICE).await, PreauthResult::Allow);
    assert!(matches!(house.logged().await[0].state, SignInState::Allowed { .. }));
    // Where people without a factor pass, names that nobody has do not.
    house.says(|said| said.new_user = Some(NewUser::NoSecondDoor)).await;
    house.test.clock.advance(Span::seconds(1));
    assert_eq!(house.asks_from("bob", "198.51.100.7").await, PreauthResult::Allow);
    assert_eq!(house.asks_from("mallory", "198.51.100.7").await, PreauthResult::Deny);
}

#[tokio::test]
async fn a_guesser_behind_an_application_fills_no_disk() {
    let house = house().await;
    house.person("bob").await;
    let count = async || {
        let (first, end) = (crate::signin::id_at(sallyport_model::Time(0)), house.test.system().now);
        let end = crate::signin::id_at(end.plus(Span::days(1)));
        let counted = house.test.system().read(move |reader| Ok(reader.count_sign_ins(first, end)?)).await;
        counted.unwrap().iter().map(|found| found.all).sum::<i64>()
    };
    for n in 0..1010 {
        house.asks_from(&format!("guess-{n}"), OFFICE).await;
    }
    assert_eq!(count().await, 1000);
    // What somebody has is counted for them alone.
    for n in 0..130 {
        house.asks_from("bob", &format!("198.51.100.{n}")).await;
    }
    assert_eq!(count().await, 1120);
    house.test.clock.advance(Span::hours(1).plus_one());
    house.asks_from("guess-again", OFFICE).await;
    assert_eq!(count().await, 1121);
}
