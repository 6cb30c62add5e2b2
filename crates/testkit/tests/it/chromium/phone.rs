//! Every page on the screen of a phone, in a house that has long names.

use std::net::Ipv4Addr;

use sallyport_testkit::{
    chromium::Chromium,
    story::{House, text, until},
};

use super::{PAGES, enter};

/// By how much the page is wider than the screen, with all its foldings open too, and what sticks out. What scrolls by
/// itself, such as a table, may.
pub(super) const STICKS_OUT: &str = "(() => { \
     const page = document.scrollingElement; \
     const closed = page.scrollWidth - page.clientWidth; \
     for (const folding of document.querySelectorAll('details')) folding.open = true; \
     const menu = document.getElementById('menu'); if (menu) menu.checked = true; \
     const over = Math.max(closed, page.scrollWidth - page.clientWidth); \
     if (over <= 0) return null; \
     const outside = (element) => element.getBoundingClientRect().right > page.clientWidth \
       && !element.closest('.table-responsive, .sp-output'); \
     const named = (element) => `${element.localName}.${element.className} ${element.textContent.trim().slice(0, 30)}`; \
     return [`${over} px`, ...[...document.querySelectorAll('body *')].filter(outside).map(named)].join('; '); })()";

/// What does not fit the screen on a page.
pub(super) fn sticks_out(window: &Chromium, url: &str, page: &str) -> Option<String> {
    window.open(&format!("{url}{page}")).unwrap();
    assert_eq!(window.path().unwrap(), page);
    let found = window.evaluate(STICKS_OUT).unwrap();
    found.as_str().map(|found| format!("{page} ({}): {found}", window.text("h1, h2").unwrap()))
}

/// A word without a place to break it, as long as a name may be.
pub(super) fn long(word: &str) -> String {
    word.chars().cycle().take(120).collect()
}

#[test]
fn every_page_fits_a_phone_whatever_it_has_to_show() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let person = "maximiliane_von_und_zu_hohenburg";
    let pages = furnish(&house, person);
    let window = Chromium::start(1280, 900).unwrap();
    window.become_phone(375, 812).unwrap();
    let doors = ["/sign-in", "/enroll", "/no-such-page"];
    let url = &house.server.url;
    let mut found: Vec<String> = doors.iter().filter_map(|page| sticks_out(&window, url, page)).collect();
    enter(&house, &window);
    let pages = PAGES.into_iter().map(str::to_owned).chain(pages);
    found.extend(pages.filter_map(|page| sticks_out(&window, url, &page)));

    window.open(&format!("{url}/admin/users/import")).unwrap();
    let rows = format!("name,display_name,{}\n{person},{},x\n", long("nothing"), long("Grossmeisterin"));
    window.type_into("#file", &rows).unwrap();
    window.click("form[action='/admin/users/import'] button").unwrap();
    until("the report", || Ok(window.text("#report").is_ok().then_some(()))).unwrap();
    let report = window.evaluate(STICKS_OUT).unwrap();
    found.extend(report.as_str().map(|found| format!("the report of an import: {found}")));
    assert_eq!(found, Vec::<String>::new());
}

/// Fills the house with what has long names; the pages of each of these things.
fn furnish(house: &House, person: &str) -> Vec<String> {
    let made = |args: &[&str]| text(&house.cli.json(args).unwrap(), "id");
    house.cli.json(&["settings", "update", "--organization", &long("Donaudampfschiff")]).unwrap();
    house.person(person, "lantern orbit marmalade 4").unwrap();
    let mail = format!("{person}@{}.example.com", "hohenburg".repeat(6));
    let home = format!("/srv/{}", "people".repeat(18));
    let shown = long("Vizepraesidentin");
    house
        .cli
        .json(&["user", "update", person, "--display-name", &shown, "--mail", &mail, "--home", &home])
        .unwrap();
    house.cli.json(&["user", "update", "olga", "--display-name", &long("Owner")]).unwrap();
    let user = text(&house.cli.json(&["user", "show", person]).unwrap(), "id");
    house.enroll(person).unwrap();
    house.bypass_codes(person, 2).unwrap();
    house.cli.json(&["user", "set-roles", person, "--role", "help_desk", "--role", "auditor"]).unwrap();

    let (people, racks) = (long("Volksvertretung"), long("Rechenzentrum"));
    let describe = long("undbeschreibung");
    let group = |name: &str, kind: &str| {
        made(&["group", "create", "--name", name, "--kind", kind, "--description", &describe])
    };
    let inner = long("Unterabteilung");
    let pages = [group(&people, "users"), group(&racks, "devices"), group(&inner, "users")]
        .map(|id| format!("/admin/groups/{id}"));
    house.cli.json(&["group", "add-member", &people, "--user", person]).unwrap();
    house.cli.json(&["group", "add-member", &people, "--group", &inner]).unwrap();
    house.cli.json(&["binding", "create", "--user-group", &people, "--device-group", &racks]).unwrap();
    house.cli.json(&["binding", "create", "--user", person, "--device-group", &racks]).unwrap();

    let application = ["application", "create", "--type", "duo-auth-api", "--name", &long("Stationsnetz")];
    let application = text(&house.cli.json(&application).unwrap(), "id");
    let value = format!("GREETING={}", long("hello"));
    let name = long("Aufraeumkommando");
    let create = ["command", "create", "--name", &name, "--body", &value, "--env", &value];
    let command = made(&[&create[..], &["--on-enrollment", "--group", &racks]].concat());
    house.cli.json(&["token", "create", "--name", &long("Programm"), "--role", "auditor"]).unwrap();
    house.cli.json(&["enrollment-token", "create", "--description", &long("Rechner")]).unwrap();
    let more = [
        format!("/admin/users/{user}"),
        format!("/admin/applications/{application}"),
        format!("/admin/commands/{command}"),
        format!("/admin/audit?subject={user}"),
        "/admin/users/new".to_owned(),
        "/admin/commands/new".to_owned(),
    ];
    pages.into_iter().chain(more).collect()
}
