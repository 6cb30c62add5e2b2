//! Who asks, and how they spell names.

use sallyport_api::rest::UpdateUser;
use sallyport_model::{FactorKind, UsernameNormalization, client::SeenClient};

use super::*;
use crate::duo::clients::{self, Clients};

#[tokio::test]
async fn a_name_with_a_domain_is_the_name_where_the_application_says_so() {
    let house = house().await;
    let seed = house.person_with_authenticator("alice").await;
    let spelled = ["EXAMPLE\\alice", "alice@example.com", "example.com\\Alice"];
    for name in spelled {
        assert_eq!(house.preauth(name).await, PreauthResult::Deny, "{name}");
    }
    let simple = UsernameNormalization::Simple;
    let simple = UpdateApplication { username_normalization: Some(simple), ..UpdateApplication::default() };
    application::update(&house.test.system(), house.id, None, simple).await.unwrap();
    for name in spelled {
        assert!(matches!(house.preauth(name).await, PreauthResult::Auth { .. }), "{name}");
    }
    let allowed = house.auth(spelled[0], AuthFactor::Passcode(house.code(&seed))).await.unwrap();
    assert_eq!(said(&allowed).0, AuthResult::Allow);
    // The log has the name that was typed, and whose it is.
    let alice = user::resolve(&house.test.system(), "alice").await.unwrap().id;
    let logged =
        house.test.system().read(move |reader| Ok(reader.sign_ins_of(alice, None, 1)?)).await.unwrap();
    assert_eq!((logged[0].name.as_str(), logged[0].user), (spelled[0], Some(alice)));
    assert_eq!(house.preauth("EXAMPLE\\nobody").await, PreauthResult::Deny);

    let named = Params::from_query("username=EXAMPLE%5Cvera").unwrap();
    let enrolled = enroll(&house.ctx(), &EnrollRequest::read(&named).unwrap()).await.unwrap();
    assert_eq!(enrolled.username, "vera");

    // Whoever has the longer name is who is meant by it.
    let bob = house.person("bob").await;
    let aliases = UpdateUser { aliases: Some(vec!["EXAMPLE\\alice".into()]), ..UpdateUser::default() };
    user::update(&house.test.system(), bob, None, aliases).await.unwrap();
    assert!(matches!(house.preauth("EXAMPLE\\alice").await, PreauthResult::Enroll { .. }));
    assert!(matches!(house.preauth("OTHER\\alice").await, PreauthResult::Auth { .. }));
}

#[tokio::test]
async fn clients_are_noted_with_what_they_do_when_they_cannot_ask() {
    const UNIX: &str = "login_duo/2.2.3 (x86_64-pc-linux-gnu) libduo/2.2.3";
    let house = house().await;
    let noted = Clients::default();
    let note = async |agent: &str, query: &str| {
        noted.note(&house.ctx(), agent, &Params::from_query(query).unwrap()).await;
    };
    let all = async || clients::of(&house.test.system(), house.id).await.unwrap();
    note(UNIX, "username=alice&hostname=vm&failmode=open").await;
    let found = all().await;
    let [SeenClient { name, host, seen, .. }] = &found[..] else { panic!("{found:?}") };
    assert_eq!((name.as_str(), host.as_str(), *seen), (UNIX, "vm", house.test.system().now));
    assert!(found[0].fails_open());

    // Within the hour nothing is written, and what a call does not say stays as it was said.
    house.test.clock.advance(Span::minutes(1));
    note(UNIX, "username=bob&hostname=vm").await;
    assert_eq!(all().await, found);
    house.test.clock.advance(Span::minutes(60));
    note(UNIX, "hostname=vm").await;
    assert!(all().await[0].fails_open() && all().await[0].seen > found[0].seen);
    note(UNIX, "hostname=vm&failmode=closed").await;
    assert!(!all().await[0].fails_open());
    note("python", "").await;
    assert_eq!(all().await.len(), 2);

    for n in 0..520 {
        note("many", &format!("hostname=vm{n}")).await;
    }
    assert_eq!(all().await.len(), 500);
    let refused = clients::of(&house.ctx(), house.id).await;
    assert!(matches!(refused, Err(AppError::Denied(_) | AppError::Unauthenticated)), "{refused:?}");
    house.test.clock.advance(Span::days(31));
    crate::jobs::pass(&house.test.system()).await.unwrap();
    assert!(all().await.is_empty());
}

/// Applications of this kind cannot ask a browser for it.
#[tokio::test]
async fn whoever_has_a_passkey_alone_is_sent_to_enrol_something_else() {
    let house = house().await;
    let (alice, _) = crate::passkey::tests::alice(&house.test).await;
    let own = factor::list(&house.test.system(), alice.id).await.unwrap();
    for other in own.iter().filter(|factor| factor.kind() != FactorKind::Passkey) {
        factor::remove(&house.test.system(), alice.id, other.id).await.unwrap();
    }
    let PreauthResult::Enroll { portal_url, prompt } = house.preauth("alice").await else { panic!() };
    assert!(prompt.unwrap().contains(&portal_url));
    // A code that an administrator gives out can be typed.
    factor::issue_bypass_codes(&house.test.system(), alice.id, 1, 3600).await.unwrap();
    let PreauthResult::Auth { devices, .. } = house.preauth("alice").await else { panic!() };
    assert!(devices.is_empty());
}
