//! What moves by itself, while somebody looks or does something else.

use sallyport_testkit::{
    chromium::Chromium,
    story::{House, text, until},
};

use super::enter;
use crate::device::own;

/// Notes that this page was loaded, and whether it still is that one.
const MARK: &str = "void (window.loadedOnce = true)";
const MARKED: &str = "window.loadedOnce === true";

#[test]
fn the_end_of_a_run_is_told_on_another_page_and_its_list_moves_by_itself() {
    let Some(house) = own("laptop-54") else { return };
    let body = "while ! test -e /root/go-on; do sleep 0.1; done";
    let create = ["command", "create", "--name", "Patience", "--body", body, "--device", "laptop-54"];
    let command = text(&house.cli().json(&create).unwrap(), "id");
    let window = Chromium::start(1280, 900).unwrap();
    enter(&house.house, &window);
    let url = &house.house.server.url;
    window.open(&format!("{url}/admin/commands/{command}")).unwrap();
    window.click(&format!("form[action='/admin/commands/{command}/launch'] button")).unwrap();
    until("the run's page", || Ok(window.path()?.starts_with("/admin/runs/").then_some(()))).unwrap();
    let run = window.path().unwrap();
    let run = run.split('?').next().unwrap().to_owned();

    // Somebody types a filter and looks at a row.
    window.open(&format!("{url}/admin/runs")).unwrap();
    let list = |words: &str| {
        until(words, || Ok(window.text("#list").unwrap_or_default().contains(words).then_some(()))).unwrap();
    };
    list("started");
    window.evaluate(MARK).unwrap();
    window.type_into("main input[type='search']", "half a wo").unwrap();
    window.evaluate("void document.querySelector('#list a[href^=\"/admin/runs/\"]').focus()").unwrap();
    house.sandbox.write_file("/root/go-on", 0o600, b"").unwrap();
    list("finished");
    assert_eq!(window.evaluate(MARKED).unwrap(), true, "the page was not loaded anew");
    assert_eq!(
        window.evaluate("document.querySelector('main input[type=search]').value").unwrap(),
        "half a wo"
    );
    assert_eq!(window.evaluate("document.activeElement.getAttribute('href')").unwrap(), run.as_str());

    until("the word of its end", || {
        Ok(window.text("#toasts").unwrap_or_default().contains("Patience: the run succeeded.").then_some(()))
    })
    .unwrap();
    // It goes along to the next page, is told once, and leads to the run.
    window.open(&format!("{url}/admin/users")).unwrap();
    let toasts = "document.querySelectorAll('#toasts .sp-toast').length";
    until("it on the next page", || Ok((window.evaluate(toasts)? == 1).then_some(()))).unwrap();
    window.click("#toasts a").unwrap();
    until("the run", || Ok((window.path()? == run).then_some(()))).unwrap();
    assert_eq!(window.evaluate(toasts).unwrap(), 0);
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}

#[test]
fn the_end_of_a_mailing_is_told_to_whoever_began_it() {
    let (house, _office) = House::open_with_post().unwrap();
    house.cli.json(&["user", "create", "ada", "--active", "--mail", "ada@example.com"]).unwrap();
    let window = Chromium::start(1280, 900).unwrap();
    enter(&house, &window);
    // What somebody else began is not told.
    house.cli.json(&["mailing", "send", "--unenrolled"]).unwrap();
    house.cli.json(&["user", "create", "grace", "--active", "--mail", "grace@example.com"]).unwrap();
    window.open(&format!("{}/admin/mailings", house.server.url)).unwrap();
    window.type_into("#users", "grace").unwrap();
    window.click("input[name='who'][value='users']").unwrap();
    window.click("form[action='/admin/mailings/preview'] button").unwrap();
    let send = "form[action='/admin/mailings'] button";
    until("the preview", || Ok(window.text(send).is_ok().then_some(()))).unwrap();
    window.click(send).unwrap();
    until("the word of its end", || {
        let told = window.text("#toasts").unwrap_or_default();
        Ok(told.contains("The mailing to 1 person is over.").then_some(()))
    })
    .unwrap();
    let toasts = "document.querySelectorAll('#toasts .sp-toast').length";
    assert_eq!(window.evaluate(toasts).unwrap(), 1);
    window.click("#toasts .btn-close").unwrap();
    assert_eq!(window.evaluate(toasts).unwrap(), 0);
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}
