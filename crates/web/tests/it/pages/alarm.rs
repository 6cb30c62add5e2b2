//! Alarms on the pages of administrators.

use sallyport_model::{AlarmState, Role};

use super::house::House;
use crate::alarms::raise;

#[tokio::test]
async fn an_alarm_stands_where_administrators_look_until_one_says_what_came_of_it() {
    let (house, _) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let hana = house.person("hana", &[Role::HelpDesk]).await;
    let audrey = house.person("audrey", &[Role::Auditor]).await;
    let (mut hers, mut theirs) = (house.signed_in(&hana).await, house.signed_in(&audrey).await);
    assert!(hers.get("/admin/alarms").await.body.contains("Nobody has said"));
    let ctx = sallyport_app::Ctx::system(&house.org, "test");
    let id = raise(&ctx, 9, (bob.id, bob.name), AlarmState::Open).await;
    let user = format!("/admin/users/{}", bob.id);
    for page in ["/admin", "/admin/sign-ins", &user] {
        let shown = hers.get(page).await.body;
        assert!(shown.contains("An alarm is open") && shown.contains("VPN &#60;b&#62;"), "{page}: {shown}");
    }
    let list = hers.get("/admin/alarms?state=open").await.body;
    for part in
        ["2 times", "Call them back", "/admin/sign-ins?text=192.0.2.9", "Chrome (Linux)", "What came of it"]
    {
        assert!(list.contains(part), "{part}: {list}");
    }
    // Whoever only reads finds no form, and is refused all the same.
    let read = theirs.get("/admin/alarms").await.body;
    assert!(read.contains("Call them back") && !read.contains("/close"), "{read}");
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
