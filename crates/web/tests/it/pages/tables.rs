//! The administrators' tables: sorted, filtered, paged and exported as a whole, and what is done to many rows of them.

use sallyport_api::rest::{CreateGroup, CreateUser};
use sallyport_app::{group, user};
use sallyport_model::{GroupKind, Role, UserState};

use super::{
    browser::{Answer, Browser},
    form::fields_of,
    house::House,
};

/// The texts of the first links in the rows of a table.
fn rows(page: &Answer) -> Vec<String> {
    let Some((_, body)) = page.body.split_once("<tbody>") else { return Vec::new() };
    let body = body.split_once("</tbody>").unwrap().0;
    let first = |row: &str| {
        let (_, link) = row.split_once("<a href=\"").unwrap();
        link.split_once('>').unwrap().1.split_once('<').unwrap().0.to_owned()
    };
    body.split("<tr>").skip(1).map(first).collect()
}

/// The addresses that a page leads to with a link of this text.
fn link(page: &Answer, text: &str) -> Option<String> {
    let (before, _) = page.body.split_once(&format!(">{text}</a>"))?;
    let href = before.rsplit_once("href=\"")?.1.split_once('"')?.0;
    Some(href.replace("&#38;", "&").replace("&amp;", "&"))
}

fn heads(page: &Answer) -> Vec<String> {
    let Some((_, head)) = page.body.split_once("<thead>") else { return Vec::new() };
    let head = head.split_once("</thead>").unwrap().0;
    let text = |cell: &str| {
        let cell = cell.split_once("</th>").unwrap().0;
        let cell = cell.trim_end_matches("</a>");
        cell.rsplit('>').next().unwrap().to_owned()
    };
    head.split("<th scope=\"col\"").skip(1).map(text).collect()
}

/// 120 people besides the owner, in whose display names the order of the names is turned around.
async fn crowded(house: &House) {
    let ctx = house.system();
    for n in 0..120 {
        let input = CreateUser {
            name: format!("user{n:03}"),
            display_name: Some(format!("Person {:03}", 500 - n)),
            active: n % 2 == 0,
            ..CreateUser::default()
        };
        user::create(&ctx, input).await.unwrap();
    }
}

#[tokio::test]
async fn a_table_is_sorted_and_counted_as_a_whole_and_its_pages_lead_on_and_back() {
    let (house, ada) = House::with_owner().await;
    crowded(&house).await;
    let mut browser = house.signed_in(&ada).await;
    let first = browser.get("/admin/users").await;
    assert_eq!((rows(&first).len(), rows(&first)[0].as_str()), (50, "ada"));
    assert!(first.body.contains("1–50 of 121 users") && link(&first, "Previous page").is_none());
    let by_display_name = link(&first, "Display name").unwrap();
    let mut page = browser.get(&format!("/admin/users{by_display_name}")).await;
    assert!(page.body.contains("aria-sort=\"ascending\"><a class=\"sp-sort\""), "{}", page.body);
    let (mut seen, mut back) = (rows(&page), 0);
    assert_eq!(seen[1], "user119", "the last by name is the first by display name, behind the owner");
    while let Some(next) = link(&page, "Next page") {
        page = browser.get(&format!("/admin/users{next}")).await;
        seen.extend(rows(&page));
    }
    assert_eq!(seen.len(), 121);
    assert_eq!(seen.iter().collect::<std::collections::BTreeSet<_>>().len(), 121, "nobody twice");
    while let Some(previous) = link(&page, "Previous page") {
        page = browser.get(&format!("/admin/users{previous}")).await;
        back += 1;
    }
    assert_eq!((back, rows(&page)), (2, seen[..50].to_vec()));
    let falling = link(&page, "Display name").unwrap();
    let falling = browser.get(&format!("/admin/users{falling}")).await;
    assert_eq!(rows(&falling)[0], seen[120]);
    assert!(falling.body.contains("aria-sort=\"descending\""));
}

#[tokio::test]
async fn filters_hold_for_pages_and_for_the_file_which_is_whole() {
    let (house, ada) = House::with_owner().await;
    crowded(&house).await;
    let ctx = house.system();
    let one = user::resolve(&ctx, "user007").await.unwrap().id;
    user::set_roles(&ctx, one, [Role::Auditor].into()).await.unwrap();
    let mut browser = house.signed_in(&ada).await;
    for (query, expected) in [
        ("?state=staged", 60),
        ("?text=PERSON+4", 100),
        ("?text=person+4&state=active", 50),
        ("?role=auditor", 1),
        ("?role=any", 2),
        ("?factor=yes", 1),
        ("?factor=no", 120),
        ("?password=active", 1),
        ("?text=nobody-at-all", 0),
    ] {
        let page = browser.get(&format!("/admin/users{query}")).await;
        let words = match expected {
            0 => "No users fit this filter".to_owned(),
            1 => "1 user<".to_owned(),
            many => format!("{many} users"),
        };
        assert!(page.body.contains(&words), "{query}: {}", page.body);
        assert!(page.body.contains("Show all"), "{query}");
        let file = browser.get(&link(&page, "Export").unwrap()).await;
        assert_eq!(file.body.lines().count(), expected + 1, "{query}");
    }
    // What is not there is said, and is no fault.
    let nowhere = browser.get("/admin/users?group=%3Cnowhere%3E").await;
    assert!(
        nowhere.status == 200 && nowhere.body.contains("There is no group `&#60;nowhere&#62;`"),
        "{}",
        nowhere.body
    );
    let input = CreateGroup { name: "desks".into(), description: String::new(), kind: GroupKind::Devices };
    group::create(&ctx, input).await.unwrap();
    let wrong = browser.get("/admin/users?group=desks").await;
    assert!(wrong.body.contains("is a group of devices, not of users"), "{}", wrong.body);
}

#[tokio::test]
async fn a_browser_remembers_the_columns_that_were_chosen_for_each_table() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let usual = browser.get("/admin/users").await;
    assert_eq!(heads(&usual), ["Name", "Display name", "State", "Password", "Mail", "Roles", "Created"]);
    let chosen = browser.get("/admin/users?columns=name&columns=uid&columns=state").await;
    assert_eq!(heads(&chosen), ["Name", "State", "UID"]);
    let later = browser.get("/admin/users?text=ada").await;
    assert_eq!(heads(&later), ["Name", "State", "UID"]);
    let file = browser.get(&link(&later, "Export").unwrap()).await;
    assert!(file.body.starts_with("\"name\",\"state\",\"uid\"\r\n\"ada\",\"active\","), "{}", file.body);
    assert_eq!(heads(&browser.get("/admin/groups").await), [""; 0], "another table has its own");
    let again = browser.get(&format!("/admin/users{}", link(&later, "As usual").unwrap())).await;
    assert_eq!(heads(&again), heads(&usual));
    assert_eq!(heads(&browser.get("/admin/users").await), heads(&usual));
    let everything = browser.get("/admin/users.csv").await;
    assert!(everything.body.starts_with("\"name\",\"display_name\",\"state\",\"password\",\"mail\",\"roles\",\"phones\",\"uid\",\"created\",\"id\"\r\n"));
}

#[tokio::test]
async fn the_sign_in_log_is_filtered_by_result_and_place_and_says_what_is_not_there() {
    let (house, ada) = House::with_owner().await;
    let mut stranger = house.browser();
    stranger.get("/sign-in").await;
    stranger.submit("/sign-in", &[("name", "mallory"), ("password", "guess")]).await;
    let mut browser = house.signed_in(&ada).await;
    for (query, has_ada, has_mallory) in [
        ("", true, true),
        ("?state=denied", false, true),
        ("?state=allowed&place=portal", true, false),
        ("?place=device_login", false, false),
        ("?until=2020-01-01T00:00", false, false),
        ("?since=2020-01-01T00:00&text=MALL", false, true),
        ("?since=rubbish", true, true),
    ] {
        let page = browser.get(&format!("/admin/sign-ins{query}")).await;
        let shown = page.body.split_once("<tbody>").map_or("", |(_, body)| body);
        assert_eq!((shown.contains(">ada<"), shown.contains("mallory")), (has_ada, has_mallory), "{query}");
        let file = browser.get(&link(&page, "Export").unwrap()).await;
        assert_eq!(
            (file.body.contains(",ada,"), file.body.contains("mallory")),
            (has_ada, has_mallory),
            "{query}"
        );
    }
    let page = browser.get("/admin/sign-ins?application=wiki").await;
    assert!(page.body.contains("There is no application `wiki`"), "{}", page.body);
}

async fn state(house: &House, name: &str) -> UserState {
    user::resolve(&house.system(), name).await.unwrap().state
}

/// Sends the one form of a page that goes there, as it stands, but for the token.
async fn send(browser: &mut Browser, page: &Answer, action: &str) -> Answer {
    let fields = fields_of(&page.body, action);
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.submit(action, &fields).await
}

#[tokio::test]
async fn what_is_done_to_many_is_looked_at_first_reported_and_taken_back() {
    let (house, ada) = House::with_owner().await;
    crowded(&house).await;
    let mut browser = house.signed_in(&ada).await;
    let table = browser.get("/admin/users?state=active").await;
    assert!(table.body.contains("All 61 that fit this filter"), "{}", table.body);
    let filter = table.between("name=\"filter\" value=\"", "\"").replace("&#38;", "&");
    let whom = [("whom", "fitting"), ("filter", filter.as_str()), ("action", "suspend")];
    let preview = browser.submit("/admin/users/bulk", &whom).await;
    assert!(preview.body.contains("Nothing has happened yet"), "{}", preview.body);
    assert!(preview.body.contains("60 of 61 users; 1 user left out"), "{}", preview.body);
    assert!(preview.body.contains("that is you"));
    assert_eq!(state(&house, "user000").await, UserState::Active);
    let done = send(&mut browser, &preview, "/admin/users/bulk").await;
    assert!(done.body.contains("Done for 60 users"), "{}", done.body);
    assert_eq!(state(&house, "user000").await, UserState::Suspended);
    assert_eq!(state(&house, "user001").await, UserState::Staged, "whoever did not fit is left alone");
    // Somebody has another look at one of them meanwhile.
    let one = user::resolve(&house.system(), "user002").await.unwrap().id;
    user::activate(&house.system(), one).await.unwrap();
    user::suspend(&house.system(), one).await.unwrap();
    let undone = send(&mut browser, &done, "/admin/users/bulk").await;
    assert!(undone.body.contains("Done for 59 users; 1 user left out"), "{}", undone.body);
    assert!(undone.body.contains("it has changed since"));
    assert_eq!(state(&house, "user000").await, UserState::Active);
    assert_eq!(state(&house, "user002").await, UserState::Suspended);
}

#[tokio::test]
async fn those_ticked_join_a_group_get_links_or_are_refused_with_words() {
    let (house, ada) = House::with_owner().await;
    let help = house.person("help", &[Role::HelpDesk]).await;
    crowded(&house).await;
    let ctx = house.system();
    let input = CreateGroup { name: "staff".into(), description: String::new(), kind: GroupKind::Users };
    let staff = group::create(&ctx, input).await.unwrap().id;
    let ids =
        [user::resolve(&ctx, "user000").await.unwrap().id, user::resolve(&ctx, "user001").await.unwrap().id];
    let ids = ids.map(|id| id.to_string());
    let ticked = [("whom", "ticked"), ("id", ids[0].as_str()), ("id", ids[1].as_str())];
    let ask = |action: &'static str, group: &'static str| {
        let mut fields = ticked.to_vec();
        fields.extend([("action", action), ("group", group)]);
        fields
    };
    let mut browser = house.signed_in(&ada).await;
    browser.get("/admin/users").await;
    let preview = browser.submit("/admin/users/bulk", &ask("add_to_group", "staff")).await;
    let done = send(&mut browser, &preview, "/admin/users/bulk").await;
    assert!(done.body.contains("Done for 2 users"), "{}", done.body);
    let page = browser.get(&format!("/admin/users?group={staff}")).await;
    assert_eq!(rows(&page), ["user000", "user001"]);
    send(&mut browser, &done, "/admin/users/bulk").await;
    assert!(browser.get("/admin/users?group=staff").await.body.contains("No users fit"));
    let unsaid = browser.submit("/admin/users/bulk", &ask("add_to_group", "")).await;
    assert_eq!(unsaid.status, 422, "{}", unsaid.body);
    let nobody = browser.submit("/admin/users/bulk", &[("whom", "ticked"), ("action", "suspend")]).await;
    assert!(nobody.status == 409 && nobody.body.contains("o users were chosen"), "{}", nobody.body);
    let nothing = browser.submit("/admin/users/bulk", &ticked).await;
    assert_eq!(nothing.status, 422, "{}", nothing.body);
    let links = browser.submit("/admin/users/bulk", &ask("enrollment_link", "")).await;
    assert!(links.body.contains("user000") && links.body.contains("/admin/mailings"), "{}", links.body);
    // Whoever may not is offered nothing of it, and is refused.
    let mut helpers = house.signed_in(&help).await;
    let table = helpers.get("/admin/users").await;
    assert!(table.body.contains("value=\"suspend\"") && !table.body.contains("value=\"add_to_group\""));
    assert_eq!(helpers.submit("/admin/users/bulk", &ask("add_to_group", "staff")).await.status, 403);
}
