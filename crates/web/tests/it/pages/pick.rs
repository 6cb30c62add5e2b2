//! Choosing from more than fits a page.

use sallyport_api::rest::{CreateCommand, CreateGroup, CreateUser};
use sallyport_app::{command, group, user};
use sallyport_model::{GroupKind, Interpreter, Role, Trigger};

use super::house::House;

async fn crowd(house: &House) {
    let ctx = house.system();
    for n in 0..60 {
        let name = format!("worker{n:02}");
        user::create(&ctx, CreateUser { name, ..CreateUser::default() }).await.unwrap();
    }
    for (name, kind) in
        [("laptops", GroupKind::Devices), ("servers", GroupKind::Devices), ("staff", GroupKind::Users)]
    {
        let input = CreateGroup { name: name.into(), description: String::new(), kind };
        group::create(&ctx, input).await.unwrap();
    }
}

#[tokio::test]
async fn names_are_found_by_part_of_them_however_many_there_are() {
    let (house, ada) = House::with_owner().await;
    crowd(&house).await;
    let mut browser = house.signed_in(&ada).await;
    let first = browser.get("/admin/pick/users?manager=").await;
    assert_eq!((first.status, first.body.matches("<option").count()), (200, 20));
    let found = browser.get("/admin/pick/users?manager=ORKER57").await;
    assert_eq!(found.body.matches("<option").count(), 1);
    assert!(found.body.contains("value=\"worker57\""), "{}", found.body);
    let groups = browser.get("/admin/pick/device-groups?device_group=").await;
    assert!(groups.body.contains("laptops") && !groups.body.contains("staff"));
    assert_eq!(browser.get("/admin/pick/secrets?x=").await.status, 404);
}

#[tokio::test]
async fn what_is_ticked_stays_ticked_while_somebody_looks_for_more() {
    let (house, ada) = House::with_owner().await;
    crowd(&house).await;
    let mut browser = house.signed_in(&ada).await;
    let id = user::resolve(&house.system(), "worker03").await.unwrap().id;
    let query =
        format!("/admin/pick/users/ticks?find=worker5&field=people&people={id}&people=usr_gone&other=x");
    let page = browser.get(&query).await.body;
    assert_eq!(page.matches(" checked").count(), 2, "{page}");
    assert!(page.contains(&format!("name=\"people\" value=\"{id}\" checked")), "{page}");
    assert!(page.contains("usr_gone") && page.contains("worker55") && !page.contains("worker44"), "{page}");
    let hostile = browser.get("/admin/pick/users/ticks?field=%22%3E%3Cb%3E&%22%3E%3Cb%3E=%3Ci%3E").await.body;
    assert!(!hostile.contains("<b>") && !hostile.contains("<i>"), "{hostile}");
}

#[tokio::test]
async fn whoever_may_not_read_the_directory_is_offered_nothing() {
    let (house, _) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    assert_eq!(house.browser().get("/admin/pick/users?q=").await.status, 303);
    assert_eq!(house.signed_in(&bob).await.get("/admin/pick/users?q=").await.status, 403);
    let helper = house.person("helper", &[Role::HelpDesk]).await;
    assert_eq!(house.signed_in(&helper).await.get("/admin/pick/users?q=").await.status, 200);
}

#[tokio::test]
async fn commands_are_listed_by_what_makes_them_run() {
    let (house, ada) = House::with_owner().await;
    for (name, trigger) in [("byhand", Trigger::Manual), ("byitself", Trigger::OnEnrollment)] {
        let input = CreateCommand {
            name: name.into(),
            interpreter: Interpreter::Sh,
            body: "true\n".into(),
            run_as: None,
            timeout_seconds: None,
            environment: Default::default(),
            trigger: Some(trigger),
            devices: Vec::new(),
            groups: Vec::new(),
            run_on_present: false,
        };
        command::create(&house.system(), input).await.unwrap();
    }
    let mut browser = house.signed_in(&ada).await;
    for (state, by_hand, by_itself) in
        [("", true, true), ("manual", true, false), ("on_enrollment", false, true)]
    {
        let page = browser.get(&format!("/admin/commands?state={state}")).await.body;
        assert_eq!((page.contains("byhand"), page.contains("byitself")), (by_hand, by_itself), "{state}");
    }
}
