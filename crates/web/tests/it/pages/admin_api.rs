//! Programs that look after the directory, and further names of people, by the forms of the portal.

use sallyport_app::{application, user};
use sallyport_model::{Grant, Role};

use super::house::House;

#[tokio::test]
async fn what_a_program_may_do_is_ticked_on_its_page_by_owners_alone() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    browser.get("/admin/applications").await;
    let made = [("name", "HR sync"), ("type", "duo-admin-api")];
    let keys = browser.submit("/admin/applications", &made).await;
    assert!(keys.body.contains("Secret key"), "{}", keys.body);
    let known = application::resolve(&house.system(), "hr sync").await.unwrap();
    assert!(known.grants.is_empty());
    let page = format!("/admin/applications/{}", known.id);
    let body = browser.get(&page).await.body;
    assert!(body.contains("What it may do") && !body.contains("accepts_undated"), "{body}");
    let ticked = [
        ("name", "HR sync"),
        ("enabled", "yes"),
        ("with_grants", "yes"),
        ("grants", "read_log"),
        ("grants", "info"),
    ];
    assert_eq!(browser.submit(&page, &ticked).await.status, 303);
    let granted = || async { application::resolve(&house.system(), "hr sync").await.unwrap().value.grants };
    assert_eq!(granted().await, [Grant::Info, Grant::ReadLog].into());
    let none = [("name", "HR sync"), ("enabled", "yes"), ("with_grants", "yes")];
    assert_eq!(browser.submit(&page, &none).await.status, 303);
    assert!(granted().await.is_empty());

    let eve = house.person("eve", &[Role::Administrator]).await;
    let mut browser = house.signed_in(&eve).await;
    assert!(!browser.get("/admin/catalogue").await.body.contains("value=\"duo-admin-api\""));
    assert!(!browser.get(&page).await.body.contains("<button class=\"btn btn-primary\">Save"));
    assert_eq!(browser.submit(&page, &ticked).await.status, 403);
    assert_eq!(
        browser.submit("/admin/applications", &[("name", "Mine"), ("type", "duo-admin-api")]).await.status,
        403
    );
}

#[tokio::test]
async fn further_names_are_given_on_a_users_page() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let page = format!("/admin/users/{}", ada.id);
    browser.get(&page).await;
    let fields = [
        ("display_name", "Ada"),
        ("aliases", "Ada@example.com\r\nEXAMPLE\\ada"),
        ("shell", "/bin/sh"),
        ("home", "/home/ada"),
    ];
    assert_eq!(browser.submit(&page, &fields).await.status, 303);
    assert_eq!(user::resolve(&house.system(), "ADA@example.com").await.unwrap().id, ada.id);
    assert!(browser.get(&page).await.body.contains("example\\ada"));
}
