//! The menu leads nowhere that is shut, and neither does the search.

use sallyport_api::rest::CreateUser;
use sallyport_app::user;
use sallyport_model::Role;

use super::house::House;

/// The addresses of links in a part of a page.
fn links(part: &str) -> Vec<String> {
    let hrefs = part.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    hrefs.filter(|href| !href.starts_with("/assets/")).map(str::to_owned).collect()
}

#[tokio::test]
async fn menu_and_search_lead_administrators_only_where_they_may_go() {
    let (house, _) = House::with_owner().await;
    for (name, role) in [
        ("adam", Role::Administrator),
        ("helen", Role::HelpDesk),
        ("audrey", Role::Auditor),
        ("carl", Role::CommandRunner),
    ] {
        let person = house.person(name, &[role]).await;
        let mut browser = house.signed_in(&person).await;
        let page = browser.get("/admin/search?text=e").await;
        let menu = links(page.between("<nav", "</nav>"));
        let found = links(page.between("<main", "</main>"));
        assert!(menu.len() > 5 && found.len() > 5, "{name}: {menu:?} {found:?}");
        for href in menu.iter().chain(&found) {
            assert_eq!(browser.get(href).await.status, 200, "{name} is led to {href}");
        }
        // No heading stands over nothing.
        let menu = page.between("<nav", "</nav>");
        assert_eq!(menu.matches("sp-menu-heading").count() + 1, menu.matches("<ul").count(), "{name}");
        assert_eq!(menu.contains("Connections"), role != Role::HelpDesk && role != Role::CommandRunner);
    }
}

#[tokio::test]
async fn what_fits_is_shown_by_kind_and_nothing_of_it_is_markup() {
    let (house, ada) = House::with_owner().await;
    let name = Some("<b>Grace</b> Hopper".into());
    let input = CreateUser { name: "grace".into(), display_name: name, ..CreateUser::default() };
    let grace = user::create(&house.system(), input).await.unwrap().id;
    let mut browser = house.signed_in(&ada).await;
    let page = browser.get("/admin/search?text=hopper").await;
    assert!(page.body.contains(&format!("href=\"/admin/users/{grace}\"")), "{}", page.body);
    assert!(!page.body.contains("<b>Grace"), "{}", page.body);
    let list = browser.get("/admin/search/list?text=GRAC").await;
    assert_eq!(list.body.matches("role=\"option\"").count(), 1, "{}", list.body);
    for (words, href) in [("smtp", "/admin/mail"), ("duo", "/admin/duo"), ("csv", "/admin/users/import")] {
        let list = browser.get(&format!("/admin/search/list?text={words}")).await;
        assert!(list.body.contains(&format!("href=\"{href}\"")), "{words}: {}", list.body);
    }
    let hostile = browser.get("/admin/search?text=%22%3E%3Ci%3Ex").await;
    assert!(!hostile.body.contains("<i>x") && hostile.body.contains("Nothing fits"), "{}", hostile.body);
    assert!(browser.get("/admin/search").await.body.contains("Type a part of a name"));
}

#[tokio::test]
async fn people_find_their_own_pages_and_factors_in_their_language_and_nobody_else() {
    let (house, _) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let mut browser = house.signed_in(&bob).await;
    browser.reads = "de";
    let list = browser.get("/search/list?text=passwort").await;
    assert!(list.body.contains("href=\"/password\"") && list.body.contains("Passwort"), "{}", list.body);
    let others = browser.get("/search?text=ada").await;
    assert!(others.body.contains("Nichts passt zu") && !others.body.contains("/admin/"), "{}", others.body);
    let factors = browser.get("/search?text=a").await;
    assert!(factors.body.contains("href=\"/#factors\""), "{}", factors.body);
    assert_eq!(browser.get("/admin/search?text=ada").await.status, 403);
}
