use sallyport_api::rest::{CreateGroup, GroupMember};
use sallyport_model::Role;

use super::*;
use crate::{
    factor,
    mail::testing::{Office, person},
    testing::{self, TestOrg},
};

fn unenrolled() -> ChoosePeople {
    ChoosePeople { unenrolled: true, ..ChoosePeople::default() }
}

fn list_of(names: &[&str]) -> ChoosePeople {
    ChoosePeople {
        users: Some(names.iter().map(|name| (*name).to_owned()).collect()),
        ..ChoosePeople::default()
    }
}

/// Until nobody's line waits any more. Whoever holds the mailing is left alone: a second worker would take what is being
/// sent for lost.
async fn end(test: &TestOrg, id: &str) -> Vec<Line> {
    loop {
        let (mailing, lines) = show(&test.system(), id).await.unwrap();
        let open = |line: &Line| matches!(line.state, LineState::Sending | LineState::Waiting);
        if mailing.ended.is_some() && !lines.iter().any(open) {
            return lines;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn who_gets_a_link_and_who_cannot_is_seen_before_anything_is_sent() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    for name in ["ada", "bob", "boss", "nomail"] {
        person(&test, name).await;
    }
    let boss = user::resolve(&test.system(), "boss").await.unwrap();
    user::set_roles(&test.system(), boss.id, [Role::Auditor].into()).await.unwrap();
    let nomail = user::resolve(&test.system(), "nomail").await.unwrap();
    let nowhere = sallyport_api::rest::UpdateUser { mails: Some(Vec::new()), ..Default::default() };
    user::update(&test.system(), nomail.id, None, nowhere).await.unwrap();
    crate::signin::tests::person(&test, "enrolled").await;
    let shown = preview(&test.system(), unenrolled()).await.unwrap();
    let shown: Vec<_> =
        shown.iter().map(|one| (one.name.as_str(), one.to.as_deref(), one.obstacle.is_some())).collect();
    assert_eq!(
        shown,
        [
            ("ada", Some("ada@example.com"), false),
            ("bob", Some("bob@example.com"), false),
            ("boss", None, true),
            ("nomail", None, true)
        ]
    );
    let all = preview(&test.system(), list_of(&["enrolled", "ada", "ADA"])).await.unwrap();
    assert_eq!(all.len(), 2, "nobody twice");
    assert_eq!(
        all[1].obstacle.as_deref(),
        Some("has no mail address that can be used"),
        "a factor comes second"
    );
    assert!(office.arrived().is_empty());
    for wrong in [ChoosePeople::default(), ChoosePeople { unenrolled: true, ..list_of(&["ada"]) }] {
        assert!(matches!(preview(&test.system(), wrong).await, Err(AppError::Invalid { .. })));
    }
    assert!(matches!(preview(&test.system(), list_of(&["nobody"])).await, Err(AppError::NotFound { .. })));
    let auditor = test.person(boss.id, &[Role::Auditor]);
    assert!(matches!(begin(&auditor, unenrolled()).await, Err(AppError::Denied(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_one_link_and_the_report_says_what_became_of_it() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    let input = CreateGroup { name: "new".into(), description: String::new(), kind: GroupKind::Users };
    let group = crate::group::create(&test.system(), input).await.unwrap();
    for name in ["ada", "bob", "carol"] {
        let id = person(&test, name).await.id;
        let member = GroupMember { user: Some(id.to_string()), ..GroupMember::default() };
        crate::group::add_member(&test.system(), group.id, member).await.unwrap();
    }
    let choice = ChoosePeople { group: Some("new".into()), ..ChoosePeople::default() };
    let mailing = begin(&test.system(), choice.clone()).await.unwrap();
    assert_eq!(mailing.total, 3);
    let lines = end(&test, &mailing.id).await;
    assert!(lines.iter().all(|line| line.state == LineState::Sent), "{lines:?}");
    let mut to: Vec<String> = office.arrived().into_iter().map(|mail| mail.to).collect();
    to.sort();
    assert_eq!(to, ["ada@example.com", "bob@example.com", "carol@example.com"]);
    assert_eq!(list(&test.system()).await.unwrap().len(), 1);
    let again = begin(&test.system(), choice).await;
    assert!(matches!(again, Err(AppError::Conflict(_))), "their codes are still good");
    let code = office.last().text.split("code=").nth(1).unwrap()[..19].to_owned();
    factor::begin_totp(&test.nobody(), &code.as_str().into()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_or_changed_in_between_fails_by_itself() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    let ada = person(&test, "ada").await;
    let id = stored(&test, &[&ada]).await;
    office.refuse_with(Some("550 nobody here"));
    work(&test.system(), &id).await.unwrap();
    let lines = end(&test, &id).await;
    assert!(
        lines[0].state == LineState::Failed && lines[0].why.as_deref().unwrap().contains("550"),
        "{lines:?}"
    );
    office.refuse_with(None);
    let (bob, carol) = (person(&test, "bob").await, person(&test, "carol").await);
    let id = stored(&test, &[&bob, &carol]).await;
    user::suspend(&test.system(), bob.id).await.unwrap();
    work(&test.system(), &id).await.unwrap();
    let lines = end(&test, &id).await;
    let states: Vec<_> = lines.iter().map(|line| (line.name.as_str(), line.state)).collect();
    assert_eq!(states, [("bob", LineState::Failed), ("carol", LineState::Sent)]);
    assert_eq!(lines[0].why.as_deref(), Some("is not active"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_send_nothing_twice() {
    let test = testing::org().await;
    let office = Office::of(&test).await;
    let (ada, bob, carol) =
        (person(&test, "ada").await, person(&test, "bob").await, person(&test, "carol").await);
    let id = stored(&test, &[&ada, &bob, &carol]).await;
    let ctx = test.system();
    // As if one had been silent for longer than its lease and was still alive.
    let (one, other) = tokio::join!(work(&ctx, &id), work(&ctx, &id));
    one.and(other).unwrap();
    end(&test, &id).await;
    let mut to: Vec<String> = office.arrived().into_iter().map(|mail| mail.to).collect();
    to.sort();
    assert_eq!(to, ["ada@example.com", "bob@example.com", "carol@example.com"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stopped_goes_on_and_calls_unknown_what_is() {
    let mut test = testing::org().await;
    let office = Office::of(&test).await;
    let (ada, bob) = (person(&test, "ada").await, person(&test, "bob").await);
    let id = stored(&test, &[&ada, &bob]).await;
    let key = id.clone();
    test.system()
        .write(move |tx| {
            for line in lines(tx, &key)?.into_iter().filter(|line| line.name == "ada") {
                let sending = Stored { state: LineState::Sending, ..line.clone() };
                assert!(line.replace(tx, &key, &sending)?);
            }
            lease(tx, &key)
        })
        .await
        .unwrap();
    test.restart();
    crate::jobs::pass(&test.system()).await.unwrap();
    assert!(office.arrived().is_empty(), "somebody may still be at it");
    test.clock.advance(LEASE);
    crate::jobs::pass(&test.system()).await.unwrap();
    let lines = end(&test, &id).await;
    let states: Vec<_> = lines.iter().map(|line| (line.name.as_str(), line.state)).collect();
    assert_eq!(states, [("ada", LineState::Unknown), ("bob", LineState::Sent)]);
    assert_eq!(office.arrived().len(), 1);
}

/// A mailing that nobody works at yet.
async fn stored(test: &TestOrg, people: &[&Versioned<User>]) -> String {
    let lines: Vec<Stored> = people
        .iter()
        .map(|person| Stored {
            user: person.id,
            name: person.name.to_string(),
            state: LineState::Waiting,
            to: None,
            why: None,
        })
        .collect();
    let id = test.system().uuid().unwrap().to_string();
    let (key, expires) = (id.clone(), test.system().now.plus(KEPT));
    test.system()
        .write(move |tx| {
            for line in &lines {
                let once =
                    Once { owner: key.clone(), expires, used: None, doc: serde_json::to_string(line)? };
                tx.put_once(LINE, &line.key(&key), &once)?;
            }
            let head = Head { id: key.clone(), by: "test".into(), begun: tx.ctx.now, total: lines.len() };
            let doc = serde_json::to_string(&head)?;
            let once = Once { owner: MAILING.into(), expires, used: None, doc };
            Ok(tx.put_once(MAILING, &key, &once)?)
        })
        .await
        .unwrap();
    id
}
