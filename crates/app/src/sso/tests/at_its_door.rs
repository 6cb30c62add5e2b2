//! Signing in to an application by whoever has no session: its own policy decides, and the portal's once they come there.

use sallyport_api::rest::CreateApplication;
use sallyport_model::{ApplicationKind, Settings, signin::SignInState};

use super::*;
use crate::{
    application,
    session::{entry, entry::AtPortal, open, step_up::SteppedUp},
    signin::{
        Admission, Begin, Step, answer, begin,
        tests::{PASSWORD, with_password},
    },
};

async fn at(house: &House, resource: Resource) -> Step {
    begin(&house.test.nobody(), Begin { resource, ..with_password("ada", PASSWORD) }).await.unwrap()
}

fn admitted(step: Step) -> Admission {
    let Step::Allowed(admission) = step else { panic!("{step:?}") };
    *admission
}

async fn by_one_door(house: &House, rp: &Rp) -> Session {
    let admission = admitted(at(house, resource_of(rp)).await);
    open(&house.test.nobody(), &admission, "").await.unwrap().1
}

async fn portal_says(house: &House, sections: Sections) {
    let system = house.test.system();
    let name = format!("portal {}", system.uuid().unwrap());
    let made = policy::create(&system, CreatePolicy { name, sections }).await.unwrap();
    let settings = crate::settings::show(&system).await.unwrap();
    let portal_policies = Applied { policy: Some(made.id), groups: vec![] };
    let changed = Settings { portal_policies, ..settings.value };
    crate::settings::update(&system, None, changed).await.unwrap();
}

async fn enters(house: &House, session: &Session) -> AtPortal {
    entry::enter(&house.test.nobody(), session).await.unwrap()
}

#[tokio::test]
async fn an_application_may_ask_for_less_than_the_portal() {
    let house = house().await;
    let wiki = house.wiki().await;
    ruled(&house, &wiki, says(SecondDoorPolicy::Never)).await;
    let session = by_one_door(&house, &wiki).await;
    assert_eq!(session.opened_for, Some(wiki.id));
    let code = code_in(house.comes(&wiki, &[], Some(&session)).await);
    let said = claims(&house.redeem(&wiki, &code).await.unwrap().id_token.unwrap());
    assert_eq!(said["acr"], "urn:sallyport:acr:one-door");
    // Another application asks by its own policy.
    let chat = house.rp("Chat", OidcClient::default()).await;
    assert!(matches!(asked(house.comes(&chat, &[], Some(&session)).await).1, Ask::StepUp { .. }));
    // And so does the portal.
    let there = enters(&house, &session).await;
    assert!(matches!(there, AtPortal::Ask(Ask::StepUp { application: None, .. })), "{there:?}");
    let code = Answer::Passcode(house.ada.code(&house.test, 0));
    let passed = session::step_up::pass(&house.test.nobody(), &session, &Resource::Portal, code).await;
    let SteppedUp::Through(secret) = passed.unwrap() else { panic!("a right code") };
    let (_, _, session) = session::authenticate(&house.test.nobody(), secret.expose()).await.unwrap();
    assert_eq!((session.opened_for, session.both_doors), (None, true));
    assert!(matches!(enters(&house, &session).await, AtPortal::In(_)));
}

#[tokio::test]
async fn an_application_may_let_in_whom_the_portal_does_not() {
    let house = house().await;
    let wiki = house.wiki().await;
    portal_says(&house, says(SecondDoorPolicy::Refuse)).await;
    let Step::SecondDoor(step) = at(&house, resource_of(&wiki)).await else { panic!("the second door") };
    let code = Answer::Passcode(house.ada.code(&house.test, 0));
    let step = answer(&house.test.nobody(), &step.handle, code).await.unwrap();
    let (_, session) = open(&house.test.nobody(), &admitted(step), "").await.unwrap();
    let code = code_in(house.comes(&wiki, &[], Some(&session)).await);
    let said = claims(&house.redeem(&wiki, &code).await.unwrap().id_token.unwrap());
    assert_eq!(said["acr"], "urn:sallyport:acr:both-doors");
    assert!(matches!(enters(&house, &session).await, AtPortal::Shut));
    let given = session::NewPassword {
        old: PASSWORD.into(),
        new: "walnut ferry umbrella".into(),
        passcode: house.ada.code(&house.test, 1),
    };
    let own = house.test.person(house.ada.id, &[]);
    let refused = session::change_own_password(&own, &session, &given).await.unwrap_err();
    assert_eq!(refused.phrase(), Some(Phrase::NoAccess), "{refused}");
    // Nothing of the portal's is open to such a session, whatever it was passed with.
    assert_eq!(session::step_up::doors(&house.test.nobody(), &session), session::step_up::Doors::One);
}

#[tokio::test]
async fn whom_an_application_is_shut_to_is_told_so_after_both_doors() {
    let house = house().await;
    let wiki = house.wiki().await;
    let nobody = UpdateApplication { used_by: Some(UsedBy::nobody()), ..UpdateApplication::default() };
    house.change(&wiki, nobody).await;
    let Step::SecondDoor(step) = at(&house, resource_of(&wiki)).await else { panic!("at the portal") };
    let code = Answer::Passcode(house.ada.code(&house.test, 0));
    let admission = admitted(answer(&house.test.nobody(), &step.handle, code).await.unwrap());
    assert_eq!(*admission.resource(), Resource::Portal);
    let (_, session) = open(&house.test.nobody(), &admission, "").await.unwrap();
    assert!(is_over(&house.comes(&wiki, &[], Some(&session)).await));
    // Where the portal is shut too, it is a wrong password to whoever tries.
    portal_says(&house, says(SecondDoorPolicy::Refuse)).await;
    let Step::Denied(denial) = at(&house, resource_of(&wiki)).await else { panic!("shut") };
    assert_eq!(denial.text, signin::WRONG);
}

#[tokio::test]
async fn what_was_proved_for_an_application_counts_at_the_portal_where_its_policy_takes_it() {
    let house = house().await;
    let wiki = house.wiki().await;
    let session_for_wiki = async || {
        house.test.clock.advance(sallyport_model::Span::seconds(30));
        let Step::SecondDoor(step) = at(&house, resource_of(&wiki)).await else { panic!("the second door") };
        let code = Answer::Passcode(house.ada.code(&house.test, 0));
        let step = answer(&house.test.nobody(), &step.handle, code).await.unwrap();
        open(&house.test.nobody(), &admitted(step), "").await.unwrap().1
    };
    let session = session_for_wiki().await;
    let AtPortal::In(session) = enters(&house, &session).await else { panic!("a code counts there") };
    assert_eq!(session::step_up::doors(&house.test.nobody(), &session), session::step_up::Doors::Both);
    let log = house.test.system().read(|reader| Ok(reader.list_sign_ins(None, "", 10)?)).await.unwrap();
    let entered = log.iter().find(|entry| entry.resource == Resource::Portal).unwrap();
    assert_eq!(entered.first_door, Some(FirstDoor::Session));
    assert!(matches!(entered.state, SignInState::Allowed { .. }), "{:?}", entered.state);
    portal_says(&house, only(Method::Passkey)).await;
    let session = session_for_wiki().await;
    assert!(matches!(enters(&house, &session).await, AtPortal::NoFactor));
}

#[tokio::test]
async fn an_admission_by_another_protocol_opens_no_session() {
    let house = house().await;
    set_policy(&house.test.system(), SecondDoorPolicy::Never).await;
    let input = CreateApplication { name: "VPN".into(), kind: ApplicationKind::DuoAuthApi };
    let (vpn, _) = application::create(&house.test.system(), input).await.unwrap();
    house
        .test
        .system()
        .write({
            let id = vpn.id;
            move |tx| {
                let found = tx.find::<Application>(id)?.unwrap();
                let changed =
                    tx.update(&found, Application { used_by: UsedBy::Everybody, ..found.value.clone() })?;
                tx.record(changed, "update");
                Ok(())
            }
        })
        .await
        .unwrap();
    let admission = admitted(at(&house, resource(&vpn)).await);
    let refused = open(&house.test.nobody(), &admission, "").await;
    assert!(matches!(refused, Err(AppError::Unauthenticated)));
}
