//! The pages in a real Chromium: two doors, the portals, and no complaint of the browser's.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it expects by failing")]

mod accessible;
mod device;
mod doors;
mod duo;
mod enroll;
mod forms;
mod language;
mod live;
mod mail;
mod overview;
mod passkey;
mod phone;
mod prompt;
mod push;
mod search;
mod second_door;
mod settings;
mod telephony;

use std::net::Ipv4Addr;

use sallyport_testkit::{
    authenticator::Authenticator,
    chromium::Chromium,
    story::{House, text, until},
    unix_now,
};

const OWNER_PASSWORD: &str = "gravel tulip hovercraft 9";

/// The owner enrols by the code that setup gave and signs in; the authenticator, with the present step spent.
fn enter(house: &House, window: &Chromium) -> Authenticator {
    let url = &house.server.url;
    let phone = enroll(house, window);
    window.open(&format!("{url}/admin/users")).unwrap();
    assert!(window.path().unwrap().starts_with("/sign-in"), "{}", window.path().unwrap());
    window.type_into("#name", "olga").unwrap();
    window.type_into("#password", OWNER_PASSWORD).unwrap();
    window.click("form[action='/sign-in'] button").unwrap();
    until("the second door", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
    window.type_into("#passcode", &phone.code(0)).unwrap();
    window.click("form[action='/sign-in/second'] button").unwrap();
    // A click that sends a form comes back before the next page is there.
    until("her way back to where she wanted to go", || Ok((window.path()? == "/admin/users").then_some(())))
        .unwrap();
    phone
}

/// The owner's authenticator, enrolled by the code that setup gave.
fn enroll(house: &House, window: &Chromium) -> Authenticator {
    let seed = to_seed(house, window);
    let phone = Authenticator::from_text(&seed).unwrap();
    // A code of the step before is good until the present one ends.
    until("a step that does not end now", || Ok((unix_now() % 30 < 25).then_some(()))).unwrap();
    window.type_into("#passcode", &phone.code(-1)).unwrap();
    window.click("form[action='/enroll/confirm'] button").unwrap();
    until("the enrolment", || Ok((window.path()? == "/enroll/confirm").then_some(()))).unwrap();
    assert_eq!(window.text("h1").unwrap(), "Enrolled");
    phone
}

/// To the page that shows the owner's seed; the seed as it can be typed.
fn to_seed(house: &House, window: &Chromium) -> String {
    window.open(&format!("{}/enroll?code={}", house.server.url, house.set_up.enrollment_code)).unwrap();
    window.click("form[action='/enroll'] button").unwrap();
    until("the seed", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
    window.evaluate("document.getElementById('seed').textContent").unwrap().as_str().unwrap().to_owned()
}

/// Keeps a picture for whoever wants to look, where `PICTURES` says.
fn keep(window: &Chromium, name: &str) {
    let Some(folder) = std::env::var_os("PICTURES") else { return };
    let file = name.replace(['/', '?', ' ', '='], "-");
    let file = std::path::Path::new(&folder).join(format!("{}.png", file.trim_matches('-')));
    std::fs::write(file, window.picture().unwrap()).unwrap();
}

/// The picture as Chromium draws it: width, then a byte of brightness for each pixel, row by row.
const PIXELS: &str = "(() => { const picture = document.querySelector('img.sp-qr'); \
     const canvas = document.createElement('canvas'); \
     [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight]; \
     const context = canvas.getContext('2d'); context.drawImage(picture, 0, 0); \
     const data = context.getImageData(0, 0, canvas.width, canvas.height).data; \
     return [canvas.width, ...data.filter((_, n) => n % 4 === 0)]; })()";

/// What a camera reads from the one picture of the page.
fn scanned(window: &Chromium) -> String {
    until("the picture", || {
        Ok((window.evaluate("document.querySelector('img.sp-qr')?.complete")? == true).then_some(()))
    })
    .unwrap();
    let drawn = window.evaluate(PIXELS).unwrap();
    let drawn: Vec<usize> =
        drawn.as_array().unwrap().iter().map(|n| usize::try_from(n.as_u64().unwrap()).unwrap()).collect();
    let (width, pixels) = drawn.split_first().unwrap();
    let height = pixels.len() / width;
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(*width, height, |x, y| {
        u8::try_from(pixels[y * width + x]).unwrap()
    });
    let codes = picture.detect_grids();
    assert_eq!(codes.len(), 1, "{width} x {height}");
    codes[0].decode().unwrap().1
}

fn at(window: &Chromium, path: &str) {
    until(path, || Ok((window.path()? == path).then_some(()))).unwrap();
}

fn shows(window: &Chromium, selector: &str, words: &str) {
    until(words, || Ok(window.text(selector).is_ok_and(|text| text.contains(words)).then_some(()))).unwrap();
}

/// The owner's name and password, on the page of the first door.
fn first_door(window: &Chromium) {
    window.type_into("#name", "olga").unwrap();
    window.type_into("#password", OWNER_PASSWORD).unwrap();
    window.click("form[action='/sign-in'] button").unwrap();
}

fn sign_out(window: &Chromium) {
    window.click("form[action='/sign-out'] button").unwrap();
    at(window, "/sign-in?done=signed-out");
}

/// Waits until the page has fetched what it fetches by itself, such as what there is to choose from: that moves what is
/// below it.
fn at_rest(window: &Chromium) {
    let rests =
        "document.readyState === 'complete' && !document.querySelector('.htmx-request, .htmx-swapping')";
    until("the page to rest", || Ok((window.evaluate(rests)? == true).then_some(()))).unwrap();
}

const PAGES: [&str; 34] = [
    "/",
    "/search",
    "/search?text=a",
    "/sign-ins",
    "/password",
    "/factors/passkey",
    "/admin",
    "/admin/search?text=a",
    "/admin/users",
    "/admin/groups",
    "/admin/devices",
    "/admin/enrollment-tokens",
    "/admin/commands",
    "/admin/runs",
    "/admin/alarms",
    "/admin/applications",
    "/admin/sign-ins",
    "/admin/audit",
    "/admin/branding",
    "/admin/settings",
    "/admin/factors",
    "/admin/policies",
    "/admin/effective-policy",
    "/admin/access-rules",
    "/admin/access-rules/new",
    "/admin/what-if",
    "/admin/passkey-models",
    "/admin/telephony",
    "/admin/telephony/log",
    "/admin/mail",
    "/admin/mailings",
    "/admin/duo",
    "/admin/connectors",
    "/admin/tokens",
];

#[test]
fn every_page_loads_without_a_complaint_and_shows_hostile_names_as_text() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let hostile = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">";
    let mallory =
        house.cli.json(&["user", "create", "mallory", "--active", "--display-name", hostile]).unwrap();
    house.cli.json(&["group", "create", "--name", hostile, "--kind", "users"]).unwrap();
    let racks = house.cli.json(&["group", "create", "--name", "racks", "--kind", "devices"]).unwrap();
    let window = Chromium::start(1280, 900).unwrap();
    enter(&house, &window);
    window.complaints().unwrap();
    let own_page = format!("/admin/users/{}", text(&mallory, "id"));
    let group_page = format!("/admin/groups/{}", text(&racks, "id"));
    for page in PAGES.into_iter().chain([own_page.as_str(), group_page.as_str()]) {
        window.open(&format!("{}{page}", house.server.url)).unwrap();
        assert_eq!(window.path().unwrap(), page);
        assert!(!window.text("main h1, main h2").unwrap().is_empty(), "{page} has no heading");
        assert_ne!(window.evaluate("document.title").unwrap(), "owned", "{page}");
        assert_eq!(window.complaints().unwrap(), Vec::<String>::new(), "{page}");
    }
}

#[test]
fn names_and_targets_are_found_by_typing_part_of_them() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    for n in 0..30 {
        house.cli.json(&["group", "create", "--name", &format!("rack {n:02}"), "--kind", "devices"]).unwrap();
    }
    let mallory = house.cli.json(&["user", "create", "mallory", "--active"]).unwrap();
    let window = Chromium::start(500, 800).unwrap();
    enter(&house, &window);
    window.open(&format!("{}/admin/users/{}", house.server.url, text(&mallory, "id"))).unwrap();
    window.type_into("#manager", "olg").unwrap();
    let offered = "document.querySelector('#manager-known option')?.value";
    until("the suggestion", || Ok((window.evaluate(offered)? == "olga").then_some(()))).unwrap();
    window.open(&format!("{}/admin/commands/new", house.server.url)).unwrap();
    let boxes = "document.querySelectorAll('#target-groups-ticks input').length";
    until("the first twenty", || Ok((window.evaluate(boxes)? == 20).then_some(()))).unwrap();
    window.evaluate("document.querySelector('#target-groups-ticks input').click()").unwrap();
    // Enter looks, and sends no form.
    window.type_into("#target-groups-find", "rack 29\n").unwrap();
    until("the one that fits beside the one that is ticked", || {
        Ok((window.evaluate(boxes)? == 2).then_some(()))
    })
    .unwrap();
    let ticked =
        "document.querySelector('#target-groups-ticks input:checked').parentElement.textContent.trim()";
    assert_eq!(window.evaluate(ticked).unwrap(), "rack 00");
    assert_eq!(window.path().unwrap(), "/admin/commands/new");
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}

#[test]
fn a_wrong_address_is_a_page_that_says_so() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let window = Chromium::start(1280, 900).unwrap();
    enter(&house, &window);
    for path in ["/no-such-page", "/admin/users/olga", "/admin/users/usr_00000000000000000000000000000000"] {
        window.open(&format!("{}{path}", house.server.url)).unwrap();
        assert_eq!(window.text("h1, h2").unwrap(), "Not found", "{path}");
    }
}
