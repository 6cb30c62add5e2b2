//! What administrators do by forms that take more than one page.

use std::net::Ipv4Addr;

use sallyport_testkit::{
    chromium::Chromium,
    story::{House, items, text, until},
};

use super::{at_rest, enter};

#[test]
fn an_application_is_created_shown_once_and_given_another_key() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let window = Chromium::start(1280, 900).unwrap();
    enter(&house, &window);
    window.open(&format!("{}/admin/catalogue", house.server.url)).unwrap();
    window.type_into("#duo-name", "Ward VPN").unwrap();
    window.click("form:has(#duo-name) button").unwrap();
    until("the keys", || Ok(window.text("#secret-1").is_ok().then_some(()))).unwrap();
    let shown = window.text("main").unwrap();
    let made = items(&house.cli.json(&["application", "list"]).unwrap())[0].clone();
    let (id, ikey) = (text(&made, "id"), text(&made, "ikey"));
    assert!(shown.contains(&ikey) && shown.contains("This is shown once"), "{shown}");
    let secret = shown.lines().find(|line| line.len() == 40).unwrap().to_owned();

    let page = format!("{}/admin/applications/{id}", house.server.url);
    window.open(&page).unwrap();
    let facts = window.text("main").unwrap();
    assert!(facts.contains(&ikey) && !facts.contains(&secret), "{facts}");
    window.click("input[name='enabled']").unwrap();
    window.click(&format!("form[action='/admin/applications/{id}'] button")).unwrap();
    until("the end of it", || {
        Ok((window.text(".sp-sub .badge").unwrap_or_default() == "disabled").then_some(()))
    })
    .unwrap();

    window.click("details.sp-more summary").unwrap();
    window.click(&format!("form[action='/admin/applications/{id}/rotate'] button")).unwrap();
    until("another key", || Ok(window.text("#secret-1").is_ok().then_some(()))).unwrap();
    let shown = window.text("main").unwrap();
    let another = shown.lines().find(|line| line.len() == 40).unwrap();
    assert_ne!(another, secret);
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}

#[test]
fn a_command_is_written_from_a_file() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let window = Chromium::start(1280, 900).unwrap();
    enter(&house, &window);
    let folder = tempfile::tempdir().unwrap();
    let choose = |name: &str, program: &str| {
        at_rest(&window);
        let file = folder.path().join(name);
        std::fs::write(&file, program).unwrap();
        window.type_into("#chosen", file.to_str().unwrap()).unwrap();
        let held = "document.getElementById('body').value";
        until("what is in the file", || Ok((window.evaluate(held)? == program).then_some(()))).unwrap();
    };
    let programs = ["#!/bin/sh\n\n\techo 'größer' <&2 & wait\n", "exit 3\n"];
    window.open(&format!("{}/admin/commands/new", house.server.url)).unwrap();
    window.type_into("#name", "Tidy up").unwrap();
    choose("tidy.sh", programs[0]);
    window.click("form[action='/admin/commands'] button").unwrap();
    until("its page", || Ok(window.path()?.ends_with("?done=created").then_some(()))).unwrap();
    let held = |program: &str| {
        assert_eq!(window.evaluate("document.getElementById('body').value").unwrap(), program);
        let command = items(&house.cli.json(&["command", "list"]).unwrap())[0].clone();
        assert_eq!((text(&command, "name").as_str(), text(&command, "body").as_str()), ("Tidy up", program));
        text(&command, "id")
    };
    let id = held(programs[0]);

    choose("another.sh", programs[1]);
    window.click(&format!("form[action='/admin/commands/{id}'] button")).unwrap();
    until("its page again", || Ok(window.path()?.ends_with("?done=saved").then_some(()))).unwrap();
    held(programs[1]);
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}

#[test]
fn an_import_says_row_by_row_what_would_happen_and_then_does_it() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    house.cli.json(&["user", "create", "ada", "--display-name", "Ada"]).unwrap();
    let window = Chromium::start(1280, 900).unwrap();
    enter(&house, &window);
    window.open(&format!("{}/admin/users/import", house.server.url)).unwrap();
    let file = "name,display_name,home\nada,Ada Lovelace,\nbob,Bob,/srv/people/bob\nroot,Root,\ncarol,Carol,/etc/carol\n";
    window.type_into("#file", file).unwrap();
    window.click("form[action='/admin/users/import'] button").unwrap();
    until("the report", || Ok(window.text("#report").is_ok().then_some(()))).unwrap();
    assert_eq!(window.text("#report").unwrap(), "What would happen");
    assert!(
        window
            .text("main")
            .unwrap()
            .contains("1 would be created, 1 updated, 0 left as they are, 2 refused.")
    );
    let rows = "[...document.querySelectorAll('tbody tr')].map((row) => [...row.cells].slice(1, 3).map((cell) => cell.textContent).join(' '))";
    let expected = serde_json::json!(["ada updated", "bob created", "root refused", "carol refused"]);
    assert_eq!(window.evaluate(rows).unwrap(), expected);
    let names = || {
        let users = house.cli.json(&["user", "list"]).unwrap();
        items(&users).iter().map(|user| text(user, "name")).collect::<Vec<_>>()
    };
    assert_eq!(names(), ["ada", "olga"], "a dry run changes nothing");

    window.click("input[name='step'] ~ button").unwrap();
    until("what happened", || {
        Ok((window.text("#report").unwrap_or_default() == "What happened").then_some(()))
    })
    .unwrap();
    assert_eq!(window.evaluate(rows).unwrap(), expected);
    assert_eq!(names(), ["ada", "bob", "olga"]);
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}
