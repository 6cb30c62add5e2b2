use sallyport_api::rest::UpdateUser;
use sallyport_model::{Role, Span, signin::SignIn};
use sallyport_store::ChangeFilter;

use super::*;
use crate::{
    feed::{catch_up, notices::send_due},
    mail::testing::Office,
    push::{
        self, Proved,
        tests::{alice, asked, own_session},
    },
    signin::tests::{person, with_password},
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
    assert_eq!((raised.address(), raised.last.factor), ("192.0.2.7", Some(handset.phone.factor.id)));
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
    let by_what = "somebody signed in in their name. Whoever asked their phone knows their password.";
    for part in ["`alice`", by_what, "192.0.2.7", "/admin/alarms"] {
        assert!(mails[1].text.contains(part), "{part}: {}", mails[1].text);
    }
    // And at her next sign-in.
    test.clock.advance(Span::minutes(1));
    let (own, session) = own_session(&test, "alice", &alice).await;
    let told = news::news(&own, &session).await.unwrap();
    let told = told.iter().find(|news| news.what == news::What::NotMe(Has::Password)).expect("news");
    assert_eq!((&told.who, &told.source), (&None, &None));
}

/// Alice says that it was not her, of a request behind this first door.
async fn raised_behind(test: &TestOrg, first_door: FirstDoor) -> (UserId, crate::push::tests::Handset) {
    let (alice, handset) = alice(test).await;
    reached(test, alice.id, "alice").await;
    asked(test).await;
    let system = test.system();
    let put = system.write(move |tx| {
        let asked = tx.sign_ins_of(alice.id, None, 1)?.remove(0);
        Ok(tx.put_sign_in(&SignIn { first_door: Some(first_door.clone()), ..asked }, "")?)
    });
    put.await.unwrap();
    handset.says_not_me(test).await;
    (alice.id, handset)
}

#[tokio::test]
async fn nobody_is_said_to_know_a_password_that_nobody_checked() {
    let vouched = FirstDoor::Vouched { by: "sshd".into() };
    for (first_door, has, mail, mail_of_desk) in [
        (FirstDoor::Session, Has::Session, "end your other sessions", "holds a session of theirs."),
        (vouched, Has::SomethingElse, "passed the first door there", "passed the first door of sshd"),
        (FirstDoor::Passkey, Has::SomethingElse, "passed the first door there", "has a passkey of theirs."),
    ] {
        let test = testing::org().await;
        with_role(&test, "hana", Role::HelpDesk).await;
        catch_up(&test.org).await.unwrap();
        let office = Office::of(&test).await;
        let (alice, _) = raised_behind(&test, first_door.clone()).await;
        assert_eq!(open(&test.system()).await.unwrap()[0].last.first_door, Some(first_door));
        catch_up(&test.org).await.unwrap();
        send_due(&test.system()).await.unwrap();
        let of = |name: &str| {
            let mut all =
                office.arrived().into_iter().filter(|mail| mail.to == format!("{name}@example.com"));
            all.find(|mail| mail.text.contains("not theirs") || mail.text.contains("not you")).unwrap().text
        };
        let (hers, desks) = (of("alice"), of("hana"));
        assert!(hers.contains(mail) && !hers.contains("knew your password"), "{hers}");
        assert!(desks.contains(mail_of_desk) && !desks.contains("knows their password"), "{desks}");
        let system = test.system();
        let changes = system.read(move |reader| {
            let of = ChangeFilter { subject: Some(alice.to_string()), limit: 50, ..Default::default() };
            Ok(reader.list_changes(&of)?)
        });
        let told = changes.await.unwrap().into_iter().filter_map(|change| news::told(&change, alice));
        assert!(told.into_iter().any(|news| news.what == news::What::NotMe(has)));
    }
}

#[tokio::test]
async fn an_alarm_is_closed_by_somebody_else_than_whom_it_is_about() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    asked(&test).await;
    handset.says_not_me(&test).await;
    let id = open(&test.system()).await.unwrap()[0].id;
    let roles: &[Role] = &[Role::Administrator];
    user::set_roles(&test.system(), alice.id, roles.iter().copied().collect()).await.unwrap();
    let program = |role: Role| {
        let id = sallyport_model::id::TokenId::new(uuid::Uuid::from_u128(7));
        test.nobody().with_caller(Caller::Token { id, name: "ci".into(), role })
    };
    let could = async |ctx: &Ctx| closable(ctx, [alice.id].into()).await.unwrap().contains(&alice.id);
    let herself = test.person(alice.id, roles);
    for refused in [&herself, &program(Role::Owner)] {
        assert!(matches!(close(refused, id, "all is well").await, Err(AppError::Conflict(_))));
        assert!(!could(refused).await);
    }
    let olga = test.person(UserId::new(uuid::Uuid::from_u128(8)), &[Role::Owner]);
    let desk = test.person(UserId::new(uuid::Uuid::from_u128(9)), &[Role::HelpDesk]);
    assert!(could(&olga).await && !could(&desk).await && !could(&test.nobody()).await);
    // Of whoever has no role, a program may.
    user::set_roles(&test.system(), alice.id, [].into()).await.unwrap();
    assert!(could(&program(Role::HelpDesk)).await && could(&desk).await);
    assert!(!could(&test.person(alice.id, &[Role::Owner])).await);
    user::set_roles(&test.system(), alice.id, roles.iter().copied().collect()).await.unwrap();
    // Of the only owner nobody else may close any; of one of two, the other does.
    user::set_roles(&test.system(), alice.id, [Role::Owner].into()).await.unwrap();
    let herself = test.person(alice.id, &[Role::Owner]);
    assert!(could(&herself).await);
    let otto = with_role(&test, "otto", Role::Owner).await;
    assert!(!could(&herself).await && could(&test.person(otto, &[Role::Owner])).await);
    // And whoever holds the machine.
    let machine = test.nobody().with_caller(Caller::LocalAdmin);
    close(&machine, id, "called her").await.unwrap();
}

/// As twenty people would who say so on their phones.
#[tokio::test]
async fn many_alarms_use_up_no_mail_but_their_own() {
    let test = testing::org().await;
    let hana = with_role(&test, "hana", Role::HelpDesk).await;
    catch_up(&test.org).await.unwrap();
    let office = Office::of(&test).await;
    let limits = sallyport_model::mail::MailLimits { per_address: 1, per_person: 1, per_day: 1 };
    let tight = sallyport_model::MailSettings { limits, ..office.settings() };
    crate::mail::update(&test.system(), None, tight, None).await.unwrap();
    let now = test.system().now;
    for n in 0..20 {
        let system = test.system();
        let put = system.write(move |tx| {
            let last = NotMe {
                kind: AlarmKind::SignIn,
                what: "VPN".into(),
                place: String::new(),
                device: String::new(),
                factor: Some(sallyport_model::id::FactorId::new(uuid::Uuid::from_u128(n))),
                sign_in: None,
                first_door: None,
                opened: false,
                said: now,
            };
            let (id, user) =
                (AlarmId::new(uuid::Uuid::from_u128(n)), UserId::new(uuid::Uuid::from_u128(100 + n)));
            let user_name = format!("person{n}");
            let alarm = Alarm { id, user, user_name, times: 1, last, raised: now, state: AlarmState::Open };
            let created = tx.create(alarm)?;
            tx.record(created, "raise");
            Ok(())
        });
        put.await.unwrap();
    }
    catch_up(&test.org).await.unwrap();
    send_due(&test.system()).await.unwrap();
    let arrived = office.arrived();
    assert_eq!(arrived.len(), usize::try_from(crate::mail::budget::ALARMS).unwrap());
    assert!(arrived[0].text.contains("5 times a day at most"), "{}", arrived[0].text);
    // What happens to her is told as ever.
    user::set_password(&test.system(), hana, &crate::signin::tests::PASSWORD.into()).await.unwrap();
    catch_up(&test.org).await.unwrap();
    send_due(&test.system()).await.unwrap();
    let last = office.arrived().pop().unwrap();
    assert!(last.subject.contains("A new password was set for you"), "{}", last.subject);
    assert_eq!(
        test.system().read(move |reader| crate::mail::budget::sent_today(reader, now)).await.unwrap(),
        1
    );
}

/// Somebody guesses from all over the world.
async fn guessed_at(test: &TestOrg, name: &str) {
    for n in 0..100u8 {
        let ctx = Ctx { source: Some([203, 0, n, 1].into()), ..test.nobody() };
        crate::signin::begin(&ctx, with_password(name, "wrong")).await.unwrap();
    }
}

#[tokio::test]
async fn a_password_that_is_guessed_at_is_an_alarm_and_hides_none_that_is_more() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    reached(&test, alice.id, "alice").await;
    with_role(&test, "hana", Role::HelpDesk).await;
    catch_up(&test.org).await.unwrap();
    let office = Office::of(&test).await;
    let mails = async || {
        catch_up(&test.org).await.unwrap();
        send_due(&test.system()).await.unwrap();
        office.arrived().into_iter().filter(|mail| mail.to == "hana@example.com").collect::<Vec<_>>()
    };
    guessed_at(&test, "nobody-here").await;
    assert!(open(&test.system()).await.unwrap().is_empty(), "of somebody who is nobody");
    guessed_at(&test, "alice").await;
    let raised = open_of(&test.system(), alice.id).await.unwrap().unwrap();
    assert_eq!((raised.last.kind, raised.address()), (AlarmKind::PasswordGuessed, "203.0.99.1"));
    assert_eq!((raised.last.factor, raised.last.has()), (None, String::new()));
    let told = mails().await;
    assert_eq!(told.len(), 1, "{told:#?}");
    for part in
        ["`alice`: their password is being guessed.", "nobody got in", "From: 203.0.99.1", "/admin/alarms"]
    {
        assert!(told[0].text.contains(part), "{part}: {}", told[0].text);
    }
    assert!(!told[0].text.contains("phone"), "{}", told[0].text);
    // What she says meanwhile is the same alarm, and worth another mail; once more is not.
    for (times, mailed) in [(2, 2), (3, 2)] {
        test.clock.advance(Span::minutes(16));
        asked(&test).await;
        handset.says_not_me(&test).await;
        let open = open_of(&test.system(), alice.id).await.unwrap().unwrap();
        assert_eq!((open.id, open.times, open.last.kind), (raised.id, times, AlarmKind::SignIn));
        let told = mails().await;
        assert_eq!(told.len(), mailed, "{told:#?}");
        assert!(told[1].text.contains("said on their phone"), "{}", told[1].text);
    }
    // Nor do guesses write over what she said.
    user::unlock(&test.system(), alice.id).await.unwrap();
    guessed_at(&test, "alice").await;
    let open = open_of(&test.system(), alice.id).await.unwrap().unwrap();
    assert_eq!((open.times, open.last.kind), (3, AlarmKind::SignIn));
}

#[tokio::test]
async fn that_it_was_not_them_can_be_said_for_an_hour_after_nobody_answered() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    let (step, _) = asked(&test).await;
    let request = handset.request(&test).await;
    let listed = async || push::ended(&test.nobody(), &handset.phone).await.unwrap();
    assert!(listed().await.is_empty(), "it can be answered yet");
    test.clock.advance(Span::seconds(61));
    let ended = listed().await;
    assert_eq!((ended.len(), ended[0].request.clone(), ended[0].opened), (1, request.clone(), false));
    let say = async |said: Proved| push::answer(&test.nobody(), &handset.phone, request.id, said).await;
    assert!(matches!(say(Proved::No).await, Err(AppError::Conflict(_))), "a no is too late");
    say(Proved::NotMe).await.unwrap();
    assert!(open_of(&test.system(), alice.id).await.unwrap().is_some());
    assert!(matches!(say(Proved::NotMe).await, Err(AppError::Conflict(_))), "once");
    assert!(listed().await.is_empty());
    // Whoever stands at that door yet is sent away.
    let step = crate::push::tests::look(&test, &step).await;
    assert!(matches!(step, crate::signin::Step::Denied(_)), "{step:?}");
    // An hour later it is nobody's business any more.
    test.clock.advance(Span::minutes(20));
    asked(&test).await;
    let request = handset.request(&test).await;
    test.clock.advance(Span::minutes(60));
    test.clock.advance(Span::seconds(1));
    assert!(listed().await.is_empty());
    let late = push::answer(&test.nobody(), &handset.phone, request.id, Proved::NotMe).await;
    assert!(matches!(late, Err(AppError::Conflict(_))));
}

#[tokio::test]
async fn whoever_said_yes_and_thinks_again_raises_the_alarm_and_what_was_opened_is_said() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    reached(&test, alice.id, "alice").await;
    catch_up(&test.org).await.unwrap();
    let office = Office::of(&test).await;
    let (step, number) = asked(&test).await;
    let request = handset.request(&test).await;
    handset.yes(&test, &request, &number).await.unwrap();
    let opened = crate::push::tests::look(&test, &step).await;
    let crate::signin::Step::Allowed(admission) = opened else { panic!("{opened:?}") };
    let (cookie, _) = crate::session::open(&test.nobody(), &admission, "test").await.unwrap();
    let ended = push::ended(&test.nobody(), &handset.phone).await.unwrap();
    assert_eq!((ended.len(), ended[0].opened), (1, true));
    push::answer(&test.nobody(), &handset.phone, request.id, Proved::NotMe).await.unwrap();
    assert!(crate::session::authenticate(&test.nobody(), cookie.expose()).await.is_ok(), "it is not undone");
    let raised = open_of(&test.system(), alice.id).await.unwrap().unwrap();
    assert!(raised.last.opened && raised.last.has().starts_with("They had said yes"), "{raised:?}");
    catch_up(&test.org).await.unwrap();
    send_due(&test.system()).await.unwrap();
    let mail = office.last();
    assert!(mail.text.contains("end your sessions at https://sallyport.example.com/ now"), "{}", mail.text);
    test.clock.advance(Span::minutes(1));
    let (own, session) = own_session(&test, "alice", &alice).await;
    let told = news::news(&own, &session).await.unwrap();
    assert!(told.iter().any(|news| news.what == news::What::NotMeAfterYes && news.who.is_none()), "{told:?}");
}
