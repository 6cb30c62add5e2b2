mod at_its_door;

use std::collections::BTreeSet;

use sallyport_api::rest::{CreateGroup, CreatePolicy, UpdateApplication};
use sallyport_model::{
    GroupKind, Method, OidcClient, UsedBy,
    id::UserId,
    policy::{Applied, AuthorizedNetworks, Sections},
    settings::SecondDoorPolicy,
};

use super::*;
use crate::{
    group,
    oidc::{
        Turn,
        tests::{House, Rp, asked, claims, code_in, error_in, house},
    },
    passkey::tests::{enroll, session_of, soft},
    policy, session,
    signin::{Answer, tests::set_policy},
};

/// The same house, as somebody on another network sees it.
fn elsewhere(house: &House) -> Ctx {
    Ctx { source: Some([198, 51, 100, 7].into()), ..house.test.nobody() }
}

async fn ruled(house: &House, rp: &Rp, sections: Sections) {
    let system = house.test.system();
    let name = format!("policy {}", system.uuid().unwrap());
    let made = policy::create(&system, CreatePolicy { name, sections }).await.unwrap();
    let policies = Applied { policy: Some(made.id), groups: vec![] };
    house.change(rp, UpdateApplication { policies: Some(policies), ..UpdateApplication::default() }).await;
}

fn says(second_door: SecondDoorPolicy) -> Sections {
    Sections { second_door: Some(second_door), ..Sections::default() }
}

fn only(method: Method) -> Sections {
    Sections { methods: Some(BTreeSet::from([method])), ..Sections::default() }
}

fn is_over(turn: &Turn) -> bool {
    matches!(turn, Turn::Over { .. })
}

#[tokio::test]
async fn an_application_is_for_those_it_is_for() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let used_by = async |users: &[UserId], groups: &[sallyport_model::id::GroupId]| {
        let used_by =
            UsedBy::Only { users: users.iter().copied().collect(), groups: groups.iter().copied().collect() };
        house
            .change(&wiki, UpdateApplication { used_by: Some(used_by), ..UpdateApplication::default() })
            .await;
    };
    let input =
        |name: &str| CreateGroup { name: name.into(), description: String::new(), kind: GroupKind::Users };
    let outer = group::create(&house.test.system(), input("outer")).await.unwrap();
    let inner = group::create(&house.test.system(), input("inner")).await.unwrap();
    let nested = sallyport_api::rest::GroupMember { group: Some(inner.id.to_string()), ..Default::default() };
    group::add_member(&house.test.system(), outer.id, nested).await.unwrap();
    used_by(&[], &[outer.id]).await;
    assert!(is_over(&house.comes(&wiki, &[], Some(&session)).await));
    let member = crate::device::testing::user_member(&house.ada.id.to_string());
    group::add_member(&house.test.system(), inner.id, member).await.unwrap();
    code_in(house.comes(&wiki, &[], Some(&session)).await);
    used_by(&[], &[]).await;
    assert!(is_over(&house.comes(&wiki, &[], Some(&session)).await));
    used_by(&[house.ada.id], &[]).await;
    code_in(house.comes(&wiki, &[], Some(&session)).await);
    let log = house.test.system().read(|reader| Ok(reader.list_sign_ins(None, "", 10)?)).await.unwrap();
    let at_wiki: Vec<_> = log.iter().filter(|entry| entry.resource == resource_of(&wiki)).collect();
    assert_eq!(at_wiki.len(), 4, "each try is in the log");
    let passed = at_wiki.iter().filter(|entry| entry.reasons[0] == Reason::SessionOpen).count();
    assert_eq!(passed, 2);
}

fn resource_of(rp: &Rp) -> Resource {
    Resource::Application { application: rp.id, name: "Wiki".into() }
}

#[tokio::test]
async fn what_was_proved_elsewhere_does_not_count_here() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let come = async |session: &Session| {
        let asks = sallyport_wire::oidc::Params::from_query(
            sallyport_wire::oidc::with_query("", &wiki.asks(&[])).trim_start_matches('?'),
        );
        crate::oidc::begin(&elsewhere(&house), asks.unwrap(), Some(session)).await.unwrap()
    };
    let (ticket, ask) = asked(come(&session).await);
    assert!(matches!(ask, Ask::StepUp { level: Level::OneDoor, .. }), "{ask:?}");
    house.test.clock.advance(sallyport_model::Span::seconds(30));
    let there = house.test.now(&elsewhere(&house));
    let code = Answer::Passcode(house.ada.code(&house.test, 0));
    let stepped_up = session::step_up::pass(&there, &session, &Resource::Portal, code).await.unwrap();
    let session::step_up::SteppedUp::Through(secret) = stepped_up else { panic!("{stepped_up:?}") };
    let (_, _, renewed) = session::authenticate(&there, secret.expose()).await.unwrap();
    assert_eq!(
        (renewed.id, renewed.created),
        (session.id, session.created),
        "the same session to applications"
    );
    let turn = crate::oidc::go_on(&there, &ticket, Some(&renewed)).await.unwrap();
    let said = house.redeem(&wiki, &code_in(turn)).await.unwrap().id_token.unwrap();
    assert_eq!(claims(&said)["sid"], session.id.unwrap().to_string());
    // Under its former secret it is nobody, and where it began it is what it was.
    assert!(matches!(asked(come(&session).await).1, Ask::SignIn { .. }));
    code_in(house.comes(&wiki, &[], Some(&renewed)).await);
}

#[tokio::test]
async fn the_policy_of_an_application_says_which_proof_counts_there() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    ruled(&house, &wiki, only(Method::Passkey)).await;
    // With nothing that counts there, nobody is led in circles.
    assert!(is_over(&house.comes(&wiki, &[], Some(&session)).await));
    let silent = house.comes(&wiki, &[("prompt", "none")], Some(&session)).await;
    assert_eq!(error_in(silent), "access_denied");
    let (own, session) = session_of(&house.test, "ada", &house.ada).await;
    enroll(&own, &session, &soft(&house.test, house.ada.id)).await.unwrap();
    let (_, session) = session_of(&house.test, "ada", &house.ada).await;
    let (_, ask) = asked(house.comes(&wiki, &[], Some(&session)).await);
    let Ask::StepUp { application, level } = ask else { panic!("{ask:?}") };
    let to = on_the_way(&house.test.nobody(), application).await.unwrap();
    let (offered, _) = offers(&house.test.nobody(), &session, &to, level).await.unwrap();
    assert_eq!(offered.iter().map(Offer::kind).collect::<Vec<_>>(), [FactorKind::Passkey]);
    // Elsewhere the code of the authenticator is as good as before.
    let chat = house.rp("Chat", OidcClient::default()).await;
    code_in(house.comes(&chat, &[], Some(&session)).await);
}

#[tokio::test]
async fn where_policy_asks_for_less_less_is_enough_and_where_it_refuses_nothing_is() {
    let house = house().await;
    let system = house.test.system();
    set_policy(&system, SecondDoorPolicy::Never).await;
    let ctx = house.test.nobody();
    let step = crate::signin::begin(
        &ctx,
        crate::signin::tests::with_password("ada", crate::signin::tests::PASSWORD),
    );
    let crate::signin::Step::Allowed(admission) = step.await.unwrap() else { panic!("not by one door") };
    let (_, session) = session::open(&house.test.nobody(), &admission, "").await.unwrap();
    let wiki = house.wiki().await;
    let said = house.redeem(&wiki, &code_in(house.comes(&wiki, &[], Some(&session)).await)).await.unwrap();
    let said = claims(&said.id_token.unwrap());
    assert_eq!(
        (&said["acr"], &said["amr"]),
        (&"urn:sallyport:acr:one-door".into(), &serde_json::json!(["pwd"]))
    );
    ruled(&house, &wiki, says(SecondDoorPolicy::Always)).await;
    assert!(matches!(asked(house.comes(&wiki, &[], Some(&session)).await).1, Ask::StepUp { .. }));
    ruled(&house, &wiki, says(SecondDoorPolicy::Refuse)).await;
    assert!(is_over(&house.comes(&wiki, &[], Some(&session)).await));
    // A network that is spared is spared here, and by that alone nobody has passed two doors.
    let spared = AuthorizedNetworks {
        no_second_door: vec!["192.0.2.0/24".parse().unwrap()],
        require_enrollment: false,
        ..AuthorizedNetworks::default()
    };
    ruled(&house, &wiki, Sections { authorized_networks: Some(spared), ..says(SecondDoorPolicy::Always) })
        .await;
    let code = code_in(house.comes(&wiki, &[], Some(&session)).await);
    let said = claims(&house.redeem(&wiki, &code).await.unwrap().id_token.unwrap());
    assert_eq!(said["acr"], "urn:sallyport:acr:one-door");
}

#[tokio::test]
async fn whoever_has_to_change_their_password_does_that_first() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let (ada, system) = (house.ada.id, house.test.system());
    system
        .write(move |tx| {
            let user = tx.find::<User>(ada)?.unwrap();
            let expired = User { password_status: PasswordStatus::Expired, ..user.value.clone() };
            let changed = tx.update(&user, expired)?;
            tx.record(changed, "expire");
            Ok(())
        })
        .await
        .unwrap();
    assert!(matches!(asked(house.comes(&wiki, &[], Some(&session)).await).1, Ask::NewPassword));
    let silent = house.comes(&wiki, &[("prompt", "none")], Some(&session)).await;
    assert_eq!(error_in(silent), "interaction_required");
}
