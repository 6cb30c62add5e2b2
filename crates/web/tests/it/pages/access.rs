//! Who gets to which page, and which requests may change something.

use sallyport_app::application;
use sallyport_model::{ApplicationKind, Role};

use super::house::{House, PASSWORD, URL};

/// Every page for administrators that is only looked at.
const ADMIN_PAGES: &[&str] = &[
    "/admin",
    "/admin/users",
    "/admin/users.csv",
    "/admin/users/new",
    "/admin/users/import",
    "/admin/groups",
    "/admin/groups.csv",
    "/admin/devices",
    "/admin/devices.csv",
    "/admin/enrollment-tokens",
    "/admin/commands",
    "/admin/commands/new",
    "/admin/runs",
    "/admin/runs.csv",
    "/admin/applications",
    "/admin/applications.csv",
    "/admin/sign-ins",
    "/admin/sign-ins.csv",
    "/admin/audit",
    "/admin/audit.csv",
    "/admin/settings",
    "/admin/telephony",
    "/admin/telephony/log",
    "/admin/duo",
    "/admin/connectors",
    "/admin/tokens",
];

const OWN_PAGES: &[&str] = &["/", "/sign-ins", "/password"];

#[tokio::test]
async fn whoever_is_not_signed_in_is_sent_to_the_doors_and_back() {
    let (house, _) = House::with_owner().await;
    let mut browser = house.browser();
    for page in ADMIN_PAGES.iter().chain(OWN_PAGES) {
        let answer = browser.get(page).await;
        assert_eq!(answer.status, 303, "{page}");
        let wanted = match *page {
            "/" => "/sign-in".to_owned(),
            page => format!("/sign-in?next={}", page.replace('/', "%2F")),
        };
        assert_eq!(answer.location(), wanted);
    }
}

#[tokio::test]
async fn people_without_a_role_see_their_own_pages_only() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let mut browser = house.signed_in(&bob).await;
    for page in ADMIN_PAGES {
        assert_eq!(browser.get(page).await.status, 403, "{page}");
    }
    for page in OWN_PAGES {
        assert_eq!(browser.get(page).await.status, 200, "{page}");
    }
    let path = format!("/admin/users/{}/suspend", ada.id);
    assert_eq!(browser.submit(&path, &[]).await.status, 403);
}

#[tokio::test]
async fn an_owner_sees_every_page_and_every_page_carries_the_headers() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let mut stranger = house.browser();
    for page in ADMIN_PAGES.iter().chain(OWN_PAGES) {
        let answer = browser.get(page).await;
        assert_eq!(answer.status, 200, "{page}: {}", answer.body);
        for answer in [&answer, &stranger.get(page).await] {
            let header = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap());
            let policy = header("content-security-policy");
            assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{page}");
            assert!(header("strict-transport-security").contains("max-age="), "{page}");
            assert_eq!(header("x-content-type-options"), "nosniff", "{page}");
            assert_eq!(header("cache-control"), "no-store", "{page}");
        }
        for inline in ["<style", " style=", " onclick=", "javascript:", "hx-on"] {
            assert!(!answer.body.contains(inline), "{page} has {inline}");
        }
    }
}

#[tokio::test]
async fn an_auditor_reads_and_changes_nothing() {
    let (house, ada) = House::with_owner().await;
    let eve = house.person("eve", &[Role::Auditor]).await;
    let mut browser = house.signed_in(&eve).await;
    assert_eq!(browser.get("/admin/audit").await.status, 200);
    let page = browser.get(&format!("/admin/users/{}", ada.id)).await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("Suspend"));
    for (path, fields) in [
        (format!("/admin/users/{}/suspend", ada.id), &[][..]),
        ("/admin/users/new".into(), &[("name", "mallory")]),
        ("/admin/groups".into(), &[("name", "x"), ("kind", "users")]),
        ("/admin/tokens".into(), &[("name", "x"), ("role", "owner"), ("days", "1")]),
    ] {
        assert_eq!(browser.submit(&path, fields).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn a_form_from_elsewhere_changes_nothing() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    browser.get("/admin/groups").await;
    let token = browser.form_token.clone();
    let fields = [("name", "staff"), ("kind", "users")];
    let with = |token: &'static str| [("form_token", token), fields[0], fields[1]];
    let good = [("form_token", token.as_str()), fields[0], fields[1]];
    let ours = [("origin", URL)];
    for (what, answer) in [
        ("no token", browser.post("/admin/groups", &fields, &ours).await),
        ("another token", browser.post("/admin/groups", &with("spf_other"), &ours).await),
        ("empty token", browser.post("/admin/groups", &with(""), &ours).await),
        ("no origin", browser.post("/admin/groups", &good, &[]).await),
        ("foreign origin", browser.post("/admin/groups", &good, &[("origin", "https://evil.example")]).await),
        (
            "cross site",
            browser.post("/admin/groups", &good, &[("origin", URL), ("sec-fetch-site", "cross-site")]).await,
        ),
    ] {
        assert_eq!(answer.status, 403, "{what}");
    }
    assert!(!browser.get("/admin/groups").await.body.contains("staff"));
    assert_eq!(browser.post("/admin/groups", &good, &ours).await.status, 303);
    assert!(browser.get("/admin/groups").await.body.contains("staff"));
}

#[tokio::test]
async fn nobody_is_signed_in_by_somebody_elses_form() {
    let (house, _) = House::with_owner().await;
    let mut browser = house.browser();
    let fields = [("name", "ada"), ("password", PASSWORD)];
    let without_page = browser.post("/sign-in", &fields, &[("origin", URL)]).await;
    assert_eq!(without_page.status, 403, "the browser never saw our form");
    browser.get("/sign-in").await;
    let foreign =
        [("form_token", browser.form_token.as_str()), fields[0], fields[1]].map(|(a, b)| (a, b.to_owned()));
    let foreign: Vec<(&str, &str)> = foreign.iter().map(|(a, b)| (*a, b.as_str())).collect();
    let answer = browser.post("/sign-in", &foreign, &[("origin", "https://evil.example")]).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn a_suspended_person_is_out_with_the_next_click() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let (mut owner, mut browser) = (house.signed_in(&ada).await, house.signed_in(&bob).await);
    assert_eq!(browser.get("/").await.status, 200);
    let path = format!("/admin/users/{}", bob.id);
    assert!(owner.get(&path).await.body.contains("What happens at once"));
    let done = owner.submit(&format!("{path}/suspend"), &[]).await;
    assert_eq!(done.location(), format!("{path}?done=suspended"));
    assert_eq!(browser.get("/").await.status, 303);
}

#[tokio::test]
async fn an_address_that_only_takes_a_form_says_so() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let answer = browser.get("/admin/bindings").await;
    assert_eq!(answer.status, 405);
    assert!(answer.body.contains("takes a form and shows nothing by itself"), "{}", answer.body);
}

#[tokio::test]
async fn a_way_back_to_elsewhere_is_not_followed() {
    let (house, ada) = House::with_owner().await;
    for next in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/%2fevil.example",
    ] {
        let mut browser = house.browser();
        browser.get(&format!("/sign-in?next={}", next.replace('\\', "%5C").replace('%', "%25"))).await;
        browser.submit("/sign-in", &[("name", "ada"), ("password", PASSWORD), ("next", next)]).await;
        let code = house.fresh_code(&ada);
        let inside = browser.submit("/sign-in/second", &[("passcode", &code), ("next", next)]).await;
        assert_eq!(inside.location(), "/admin", "{next}");
    }
}

#[tokio::test]
async fn a_file_has_every_row_however_many_there_are() {
    use sallyport_api::rest::CreateApplication;
    let (house, ada) = House::with_owner().await;
    for n in 0..502 {
        let input = CreateApplication { name: format!("gate {n:03}"), kind: ApplicationKind::DuoAuthApi };
        application::create(&house.system(), input).await.unwrap();
    }
    let file = house.signed_in(&ada).await.get("/admin/applications.csv").await;
    let rows = file.body.lines().filter(|line| line.starts_with("\"gate ")).count();
    assert_eq!(rows, 502, "{}", file.body);
}
