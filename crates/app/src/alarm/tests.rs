use sallyport_api::rest::UpdateUser;
use sallyport_model::{Role, Span};

use super::*;
use crate::{
    feed::{catch_up, notices::send_due},
    mail::testing::Office,
    push::tests::{alice, asked, own_session},
    signin::tests::person,
    testing::{self, TestOrg},
    user::{self, news},
};

fn page() -> PageRequest {
    PageRequest { limit: 10, ..PageRequest::default() }
}

/// Somebody with this role and an address.
async fn with_role(test: &TestOrg, name: &str, role: Role) -> UserId {
    let id = person(test, name).await.id;
    reached(test, id, name).await;
    user::set_roles(&test.system(), id, [role].into()).await.unwrap();
    id
}

async fn reached(test: &TestOrg, id: UserId, name: &str) {
    let mails = Some(vec![format!("{name}@example.com")]);
    let input = UpdateUser { mails, ..UpdateUser::default() };
    user::update(&test.system(), id, None, input).await.unwrap();
}

#[tokio::test]
async fn whoever_says_that_it_was_not_them_raises_one_alarm_that_an_administrator_closes() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    let hana = with_role(&test, "hana", Role::HelpDesk).await;
    let desk = || test.person(hana, &[Role::HelpDesk]);
    assert!(open(&desk()).await.unwrap().is_empty());
    asked(&test).await;
    handset.says_not_me(&test).await;
    let raised = open_of(&desk(), alice.id).await.unwrap().unwrap();
    assert_eq!(
        (raised.times, raised.last.kind, raised.last.what.as_str()),
        (1, AlarmKind::SignIn, "The portal")
    );
    assert_eq!((raised.address(), raised.last.factor), ("192.0.2.7", handset.phone.factor.id));
    let log = desk().read(move |reader| Ok(reader.sign_ins_of(alice.id, None, 1)?)).await.unwrap();
    assert_eq!(raised.last.sign_in, Some(log[0].id));

    // Once more after it was quiet: the same alarm.
    test.clock.advance(Span::minutes(16));
    asked(&test).await;
    handset.says_not_me(&test).await;
    let all = list(&desk(), page()).await.unwrap().items;
    assert_eq!((all.len(), all[0].id, all[0].times), (1, raised.id, 2));
    assert!(all[0].last.said > all[0].raised);
    assert_eq!(test.system().read(count_open).await.unwrap(), 1);

    let nothing = close(&desk(), raised.id, "  ").await;
    assert!(matches!(nothing, Err(AppError::Invalid { field: "note", .. })), "{nothing:?}");
    let closed = close(&desk(), raised.id, "called her, new password").await.unwrap();
    assert!(matches!(&closed.state, AlarmState::Closed { note, .. } if note == "called her, new password"));
    assert!(matches!(close(&desk(), raised.id, "me too").await, Err(AppError::Conflict(_))));
    assert_eq!(test.system().read(count_open).await.unwrap(), 0);
    // What comes later is another one.
    test.clock.advance(Span::minutes(16));
    asked(&test).await;
    handset.says_not_me(&test).await;
    assert_ne!(open_of(&desk(), alice.id).await.unwrap().unwrap().id, raised.id);
    assert_eq!(list(&desk(), page()).await.unwrap().items.len(), 2);
}

#[tokio::test]
async fn alarms_are_read_and_closed_by_right_and_never_above_it() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    user::set_roles(&test.system(), alice.id, [Role::Auditor].into()).await.unwrap();
    asked(&test).await;
    handset.says_not_me(&test).await;
    let id = open(&test.system()).await.unwrap()[0].id;
    let by = |role: Role| test.person(UserId::new(uuid::Uuid::from_u128(7)), &[role]);
    show(&by(Role::Auditor), id).await.unwrap();
    assert!(matches!(show(&by(Role::CommandRunner), id).await, Err(AppError::Denied(_))));
    assert!(matches!(list(&test.nobody(), page()).await, Err(AppError::Unauthenticated)));
    assert!(matches!(close(&by(Role::Auditor), id, "seen").await, Err(AppError::Denied(_))));
    let above = close(&by(Role::HelpDesk), id, "seen").await;
    assert!(matches!(above, Err(AppError::AboveOwnRights)), "{above:?}");
    close(&by(Role::Administrator), id, "seen").await.unwrap();
}

#[tokio::test]
async fn the_person_is_told_what_to_do_and_whoever_may_help_hears_of_it_by_mail() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    reached(&test, alice.id, "alice").await;
    with_role(&test, "hana", Role::HelpDesk).await;
    with_role(&test, "audrey", Role::Auditor).await;
    catch_up(&test.org).await.unwrap();
    let office = Office::of(&test).await;
    asked(&test).await;
    handset.says_not_me(&test).await;
    catch_up(&test.org).await.unwrap();
    send_due(&test.system()).await.unwrap();
    let mut mails = office.arrived();
    mails.sort_by(|a, b| a.to.cmp(&b.to));
    let to: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, ["alice@example.com", "hana@example.com"], "{mails:#?}");
    for part in [
        "What: The portal",
        "From: 192.0.2.7",
        "set another one at https://sallyport.example.com/password",
        "By: somebody else, as you say",
        "not asked for a quarter of an hour",
    ] {
        assert!(mails[0].text.contains(part), "{part}: {}", mails[0].text);
    }
    assert_eq!(mails[1].subject, "Example: alarm of alice");
    for part in ["`alice`", "somebody signed in in their name", "192.0.2.7", "/admin/alarms"] {
        assert!(mails[1].text.contains(part), "{part}: {}", mails[1].text);
    }
    // And at her next sign-in.
    test.clock.advance(Span::minutes(1));
    let (own, session) = own_session(&test, "alice", &alice).await;
    let told = news::news(&own, &session).await.unwrap();
    let told = told.iter().find(|news| news.what == news::What::NotMe).expect("news");
    assert_eq!((&told.who, &told.source), (&None, &None));
}
