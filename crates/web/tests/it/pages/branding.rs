//! How the organisation looks, on its pages.

use super::house::House;

const PNG: &str = "data:image/png;base64,iVBORw0KGgo=";

#[tokio::test]
async fn name_logo_colours_and_words_stand_at_the_door_and_in_the_portal() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    browser.get("/admin/branding").await;
    let form = [
        ("organization", "Fortress & Sons"),
        ("accent", "#8a1c1c"),
        ("accent_dark", ""),
        ("welcome_en", "Welcome <home>"),
        ("help_en", "Ask Olga"),
        ("help_de", "Fragen Sie Olga"),
    ];
    let saved = browser.submit("/admin/branding", &form).await;
    assert_eq!((saved.status, saved.location()), (303, "/admin/branding?done=saved"), "{}", saved.body);
    let drawn = browser.submit("/admin/branding/logo", &[("logo", PNG)]).await;
    assert_eq!(drawn.status, 303, "{}", drawn.body);
    let page = browser.get("/admin/branding").await;
    assert!(
        page.body.contains("value=\"#8a1c1c\"") && page.body.contains("Fragen Sie Olga"),
        "{}",
        page.body
    );

    let mut visitor = house.browser();
    let door = visitor.get("/sign-in").await;
    assert!(
        door.body.contains("Fortress &#38; Sons") || door.body.contains("Fortress &amp; Sons"),
        "{}",
        door.body
    );
    assert!(!door.body.contains("<home>") && door.body.contains("Ask Olga"), "{}", door.body);
    let style = door.between("<link rel=\"stylesheet\" href=\"/branding/", "\"").to_owned();
    let sheet = visitor.get(&format!("/branding/{style}")).await;
    assert_eq!(sheet.headers["content-type"], "text/css; charset=utf-8");
    assert!(sheet.headers["cache-control"].to_str().unwrap().contains("immutable"));
    assert!(sheet.body.contains("--tblr-primary: #8a1c1c"), "{}", sheet.body);
    let logo = door.between("<img class=\"sp-mark\" src=\"", "\"").to_owned();
    assert!(logo.starts_with("/branding/"), "{logo}");
    let picture = visitor.get(&logo).await;
    assert_eq!((picture.status, picture.headers["content-type"].to_str().unwrap()), (200, "image/png"));
    assert_eq!(visitor.get("/branding/0000/logo").await.status, 404);
    assert_eq!(visitor.get("/branding/0000/style.css").await.status, 404);
    visitor.reads = "de";
    let door = visitor.get("/sign-in").await;
    assert!(door.body.contains("Fragen Sie Olga"), "{}", door.body);
    assert!(
        door.body.contains("<p lang=\"en\">Welcome"),
        "a text in another language says so: {}",
        door.body
    );
    assert!(browser.get("/").await.body.contains("Ask Olga"));
    for refused in ["/there-is-no-such-page", "/admin/users/x", "/phone"] {
        let page = browser.get(refused).await;
        assert!(
            page.body.contains(&format!("<img class=\"sp-mark\" src=\"{logo}\"")),
            "{refused}: {}",
            page.body
        );
        assert!(page.body.contains(&format!("href=\"/branding/{style}\"")), "{refused}: {}", page.body);
    }
}

#[tokio::test]
async fn a_colour_that_nobody_could_read_is_refused_in_words_and_changes_nothing() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    browser.get("/admin/branding").await;
    let refused = browser.submit("/admin/branding", &[("organization", "X"), ("accent", "#ffd500")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("4.5 to 1") && refused.body.contains("the nearest"), "{}", refused.body);
    assert!(!browser.get("/sign-in").await.body.contains("/branding/"));
}
