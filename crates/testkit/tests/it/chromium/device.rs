//! The pages of a real device, while it does what they show.

use sallyport_testkit::{
    chromium::Chromium,
    story::{DeviceHouse, items, text, until},
};

use super::{at_rest, enter, phone::sticks_out};
use crate::device::{PASSWORD, own};

#[test]
fn a_devices_page_shows_what_should_be_what_is_and_why_that_differs() {
    let Some(house) = own("laptop-51") else { return };
    house.bound_person("alice", PASSWORD, 0).unwrap();
    // Somebody whose name is taken there, and somebody whose home was put elsewhere since.
    house.local_person("joe", "of this machine").unwrap();
    house.house.person("joe", PASSWORD).unwrap();
    house.bound_person("mara", PASSWORD, 0).unwrap();
    house.cli().json(&["binding", "create", "--user", "joe", "--device", "laptop-51"]).unwrap();
    house.cli().json(&["user", "update", "mara", "--home", "/srv/people/mara"]).unwrap();
    house.in_step().unwrap();

    let window = Chromium::start(1280, 900).unwrap();
    enter(&house.house, &window);
    window.open(&format!("{}/admin/devices/{}", house.house.server.url, id(&house))).unwrap();
    let row = |name: &str| {
        let row = format!(
            "[...document.querySelectorAll('tbody tr')].find((row) => row.cells[0].textContent.trim() === '{name}')\
             .innerText"
        );
        window.evaluate(&row).unwrap().as_str().unwrap().to_owned()
    };
    let alice = row("alice");
    assert!(alice.contains("in place") && alice.contains("as desired"), "{alice}");
    assert!(alice.contains("open, with password") && alice.contains("/home/alice"), "{alice}");
    let joe = row("joe");
    assert!(joe.contains("failed") && joe.contains("does not take it over"), "{joe}");
    let mara = row("mara");
    assert!(mara.contains("/srv/people/mara"), "{mara}");
    assert!(mara.contains("home: it is `/home/mara` here, and homes are not moved"), "{mara}");
    let facts = window.text("main").unwrap();
    for shown in ["connected", "the device has answered", "in front of logins", "Kernel", "laptop-51"] {
        assert!(facts.contains(shown), "{shown} is missing in {facts}");
    }
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}

#[test]
fn what_a_command_prints_is_on_the_page_while_it_runs() {
    let Some(house) = own("laptop-52") else { return };
    let body = "echo begun; while ! test -e /root/go-on; do sleep 0.1; done; echo '<b>ended</b>'; exit 3";
    let create = ["command", "create", "--name", "Slow", "--body", body, "--device", "laptop-52"];
    let command = text(&house.cli().json(&create).unwrap(), "id");
    let window = Chromium::start(1280, 900).unwrap();
    enter(&house.house, &window);
    window.open(&format!("{}/admin/commands/{command}", house.house.server.url)).unwrap();
    window.click(&format!("form[action='/admin/commands/{command}/launch'] button")).unwrap();
    until("the run's page", || Ok(window.path()?.starts_with("/admin/runs/").then_some(()))).unwrap();
    window.evaluate("void (window.loadedOnce = true)").unwrap();
    until("the beginning", || {
        Ok((window.text("#output").unwrap_or_default().trim() == "begun").then_some(()))
    })
    .unwrap();
    let facts = |words: &str| {
        until(words, || Ok(window.text("#facts").unwrap_or_default().contains(words).then_some(()))).unwrap();
    };
    facts("started");

    house.sandbox.write_file("/root/go-on", 0o600, b"").unwrap();
    until("the end", || Ok(window.text("#output").unwrap_or_default().contains("ended").then_some(())))
        .unwrap();
    assert_eq!(window.text("#output").unwrap().trim(), "begun\n<b>ended</b>", "text, whatever it looks like");
    facts("exit code 3");
    assert_eq!(window.evaluate("window.loadedOnce").unwrap(), true, "the page was not loaded anew");
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}

#[test]
fn a_command_turns_to_run_by_itself_on_the_devices_that_are_there_if_that_is_ticked() {
    let Some(house) = own("laptop-53") else { return };
    let name = "Inventarisierungsvorgang".repeat(5);
    let create = ["command", "create", "--name", &name, "--body", "echo here", "--group", "laptops"];
    let command = text(&house.cli().json(&create).unwrap(), "id");
    let runs = || {
        let runs = house.cli().json(&["run", "list"]).unwrap();
        items(&runs).iter().filter(|run| text(run, "command") == command).cloned().collect::<Vec<_>>()
    };
    let window = Chromium::start(1280, 900).unwrap();
    enter(&house.house, &window);
    let url = &house.house.server.url;
    let switch = |trigger: &str, on_present: bool| {
        window.open(&format!("{url}/admin/commands/{command}")).unwrap();
        at_rest(&window);
        window.click(&format!("input[name='trigger'][value='{trigger}']")).unwrap();
        if on_present {
            window.click("input[name='run_on_present']").unwrap();
        }
        window.click(&format!("form[action='/admin/commands/{command}'] button")).unwrap();
        until("it to be saved", || Ok(window.path()?.ends_with("?done=saved").then_some(()))).unwrap();
        let chosen = "document.querySelector('input[name=trigger]:checked').value";
        assert_eq!(window.evaluate(chosen).unwrap(), trigger);
        window.text(".sp-sub .badge").unwrap()
    };
    assert_eq!(switch("on_enrollment", true), "on enrolment");
    house.runs_end_well().unwrap();
    let run = runs();
    assert_eq!(run.len(), 1, "once on the device that is there");
    assert_eq!(switch("manual", false), "by hand");
    assert_eq!(switch("on_enrollment", false), "on enrolment");
    assert_eq!(runs().len(), 1, "and not again");

    // The pages of a device and of a run fit a phone, as all others do.
    window.become_phone(375, 812).unwrap();
    let run = format!("/admin/runs/{}", text(&run[0], "id"));
    let device = format!("/admin/devices/{}", id(&house));
    let pages = [&device, &run, &format!("/admin/commands/{command}"), "/admin/runs", "/admin"];
    let found: Vec<String> = pages.iter().filter_map(|page| sticks_out(&window, url, page)).collect();
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}

fn id(house: &DeviceHouse) -> String {
    let devices = house.cli().json(&["device", "list"]).unwrap();
    text(&items(&devices)[0], "id")
}
