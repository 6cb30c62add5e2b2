//! Alarms on the pages of administrators.

use sallyport_model::{AlarmState, Role, id::AlarmId, signin::FirstDoor};

use super::house::{House, Person};
use crate::alarms::raise_behind;

async fn raised(house: &House, person: &Person, first_door: FirstDoor) -> AlarmId {
    let ctx = sallyport_app::Ctx::system(&house.org, "test");
    let user = (person.id, person.name);
    raise_behind(&ctx, person.id.uuid().as_u128(), user, AlarmState::Open, first_door).await
}

#[tokio::test]
async fn an_alarm_stands_where_administrators_look_until_one_says_what_came_of_it() {
    let (house, _) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let hana = house.person("hana", &[Role::HelpDesk]).await;
    let audrey = house.person("audrey", &[Role::Auditor]).await;
    let (mut hers, mut theirs) = (house.signed_in(&hana).await, house.signed_in(&audrey).await);
    assert!(hers.get("/admin/alarms").await.body.contains("Nobody has said"));
    let id = raised(&house, &bob, FirstDoor::Password).await;
    let user = format!("/admin/users/{}", bob.id);
    for page in ["/admin", "/admin/sign-ins", &user] {
        let shown = hers.get(page).await.body;
        assert!(shown.contains("An alarm is open") && shown.contains("VPN &#60;b&#62;"), "{page}: {shown}");
    }
    let list = hers.get("/admin/alarms?state=open").await.body;
    for part in [
        "2 times",
        "Call them back",
        "knows their password",
        "Set a new password",
        "/admin/sign-ins?text=192.0.2.9",
        "Chrome (Linux)",
        "What came of it",
    ] {
        assert!(list.contains(part), "{part}: {list}");
    }
    // Whoever only reads finds nothing that they could not do, and is refused all the same.
    let read = theirs.get("/admin/alarms").await.body;
    assert!(read.contains("who may manage") && read.contains("/admin/sign-ins?text=192.0.2.9"), "{read}");
    for part in ["/close", "Set a new password", "/admin/resets"] {
        assert!(!read.contains(part), "{part}: {read}");
    }
    let close = format!("/admin/alarms/{id}/close");
    assert_eq!(theirs.submit(&close, &[("note", "mine")]).await.status, 403);
    let closed = hers.submit(&close, &[("note", "called him, new password")]).await;
    assert_eq!(closed.location(), "/admin/alarms?done=alarm-closed", "{}", closed.body);
    for page in ["/admin", "/admin/sign-ins", &user] {
        assert!(!hers.get(page).await.body.contains("alarm is open"), "{page}");
    }
    let list = hers.get("/admin/alarms").await.body;
    assert!(list.contains("called him, new password") && list.contains("closed by hana"), "{list}");
}

#[tokio::test]
async fn an_alarm_says_what_was_taken_and_is_closed_by_none_but_who_may_help() {
    let (house, ada) = House::with_owner().await;
    house.person("olga", &[Role::Owner]).await;
    let (bob, carl) = (house.person("bob", &[]).await, house.person("carl", &[]).await);
    let hana = house.person("hana", &[Role::HelpDesk]).await;
    let (mut owners, mut desks) = (house.signed_in(&ada).await, house.signed_in(&hana).await);
    let of_owner = raised(&house, &ada, FirstDoor::Session).await;
    let of_bob = raised(&house, &bob, FirstDoor::Session).await;
    let of_carl = raised(&house, &carl, FirstDoor::Vouched { by: "<sshd>".into() }).await;
    let shown = desks.get("/admin/alarms").await.body;
    for (id, is_offered) in [(of_owner, false), (of_bob, true), (of_carl, true)] {
        assert_eq!(shown.contains(&format!("/admin/alarms/{id}/close")), is_offered, "{shown}");
    }
    for part in ["holds a session of theirs", "End their sessions", "the first door of &#60;sshd&#62;"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("knows their password"), "{shown}");
    let close = format!("/admin/alarms/{of_owner}/close");
    assert_eq!(desks.submit(&close, &[("note", "all is well")]).await.status, 403);
    // Nor does whoever it is about close it.
    let shown = owners.get("/admin/alarms").await.body;
    assert!(!shown.contains(&close) && shown.contains(&format!("/admin/alarms/{of_bob}/close")), "{shown}");
    assert_eq!(owners.submit(&close, &[("note", "all is well")]).await.status, 409);
}

#[tokio::test]
async fn beside_other_things_a_few_alarms_are_shown_and_that_there_are_more() {
    let (house, ada) = House::with_owner().await;
    let mut owners = house.signed_in(&ada).await;
    for (n, name) in (1..).zip(["bea", "bob", "cora", "dan", "eva", "fay", "gil"]) {
        let person = house.person(name, &[]).await;
        raised(&house, &person, FirstDoor::Password).await;
        let shown = owners.get("/admin").await.body;
        let heading = match n {
            1 => "An alarm is open".to_owned(),
            2..=5 => format!("{n} alarms are open"),
            _ => "More than 5 alarms are open".to_owned(),
        };
        assert!(shown.contains(&heading), "{n}: {shown}");
        assert_eq!(shown.matches(": somebody signed in in their name").count(), n.min(5));
        assert_eq!(shown.contains(" and more."), n > 5);
    }
}
