//! The search, by keyboard alone.

use std::net::Ipv4Addr;

use sallyport_testkit::{
    chromium::{CONTROL_K, Chromium, ENTER},
    story::{House, text, until},
};

use super::enter;

const DOWN: &str = "\u{e015}";
const ESCAPE: &str = "\u{e00c}";
const FOCUSED: &str = "document.activeElement.name ?? ''";
const EXPANDED: &str = "document.querySelector('[data-search] input').getAttribute('aria-expanded')";
/// What the field says is chosen.
const CHOSEN: &str = "(() => { const id = document.querySelector('[data-search] input').getAttribute('aria-activedescendant'); \
     const option = id && document.getElementById(id); \
     return option?.getAttribute('aria-selected') === 'true' ? option.textContent.trim() : null; })()";

#[test]
fn a_key_leads_to_the_search_and_keys_lead_to_what_it_finds() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let grace =
        house.cli.json(&["user", "create", "grace", "--active", "--display-name", "Grace Hopper"]).unwrap();
    house.cli.json(&["group", "create", "--name", "graceful", "--kind", "users"]).unwrap();
    let window = Chromium::start(1280, 900).unwrap();
    enter(&house, &window);
    for page in ["/admin", "/admin/runs"] {
        window.open(&format!("{}{page}", house.server.url)).unwrap();
        window.press("/").unwrap();
        assert_eq!(window.evaluate(FOCUSED).unwrap(), "text", "{page}");
    }
    window.press("grac").unwrap();
    until("the list", || Ok((window.evaluate(EXPANDED)? == "true").then_some(()))).unwrap();
    window.press(DOWN).unwrap();
    assert!(window.evaluate(CHOSEN).unwrap().as_str().unwrap().contains("Grace Hopper"));
    window.press(DOWN).unwrap();
    assert!(window.evaluate(CHOSEN).unwrap().as_str().unwrap().contains("graceful"));
    window.press(ESCAPE).unwrap();
    assert_eq!(window.evaluate(EXPANDED).unwrap(), "false");
    assert!(window.evaluate(CHOSEN).unwrap().is_null());
    assert_eq!(window.evaluate(FOCUSED).unwrap(), "text");
    window.press(DOWN).unwrap();
    window.press(ENTER).unwrap();
    let page = format!("/admin/users/{}", text(&grace, "id"));
    until("her page", || Ok((window.path()? == page).then_some(()))).unwrap();

    // In a field the key is a letter; Ctrl+K leads to the search from there too, and Enter alone to everything that fits.
    window.open(&format!("{}/admin/users/new", house.server.url)).unwrap();
    window.type_into("#name", "a/b").unwrap();
    assert_eq!(window.evaluate("document.getElementById('name').value").unwrap(), "a/b");
    window.press(CONTROL_K).unwrap();
    window.press("grace").unwrap();
    window.press(ENTER).unwrap();
    until("the page", || Ok((window.path()? == "/admin/search?text=grace").then_some(()))).unwrap();
    assert!(window.text("main").unwrap().contains("Grace Hopper"));

    // Whoever switches the letter off has it off.
    window.click("[data-search-slash]").unwrap();
    window.open(&format!("{}/admin", house.server.url)).unwrap();
    window.press("/").unwrap();
    assert_ne!(window.evaluate(FOCUSED).unwrap(), "text");
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}
