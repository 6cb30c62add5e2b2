//! The doors, as people pass them: with a phone that scans, with a keyboard alone, in the dark.

use std::net::Ipv4Addr;

use anyhow::bail;
use sallyport_testkit::{
    chromium::{Chromium, ENTER, TAB},
    story::{House, text, until},
};
use serde_json::{Value, json};

use super::{OWNER_PASSWORD, PAGES, enroll, enter, scanned, shows, to_seed};
use crate::{
    device::PASSWORD,
    duo_client::{application, calls},
};

#[test]
fn a_phone_that_scans_the_picture_gets_what_can_be_typed_too() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let window = Chromium::start(1280, 900).unwrap();
    let typed: String = to_seed(&house, &window).split_whitespace().collect();
    let scanned = scanned(&window);
    let (address, parameters) = scanned.split_once('?').unwrap();
    assert_eq!(address, "otpauth://totp/Fortress%20%26%20Sons:olga");
    let parameters: Vec<&str> = parameters.split('&').collect();
    assert!(parameters.contains(&format!("secret={typed}").as_str()), "{scanned}");
    assert!(parameters.contains(&"issuer=Fortress%20%26%20Sons"), "{scanned}");
}

/// What has the focus: its id, or its text.
pub(super) const FOCUS: &str = "(document.activeElement?.id || document.activeElement?.textContent.trim())";

/// The page that is to come has this field, and one may begin to type into it.
pub(super) fn typing_begins_at(window: &Chromium, field: &str) {
    until(field, || {
        let focus = window.evaluate(FOCUS)?;
        if focus != field {
            bail!("it begins at {focus} of {}: {:?}", window.path()?, window.text("main"));
        }
        Ok(Some(()))
    })
    .unwrap();
}

#[test]
fn a_keyboard_alone_leads_through_both_doors_and_out_again() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let window = Chromium::start(1280, 900).unwrap();
    let phone = enroll(&house, &window);
    window.open(&format!("{}/sign-in?next=%2Fadmin", house.server.url)).unwrap();
    assert_eq!(window.evaluate(FOCUS).unwrap(), "name", "where one begins to type");
    window.press(&["olga", TAB, OWNER_PASSWORD, ENTER].concat()).unwrap();
    typing_begins_at(&window, "passcode");
    window.press(&[phone.code(0).as_str(), ENTER].concat()).unwrap();
    until("the house", || Ok((window.path()? == "/admin").then_some(()))).unwrap();

    // The first stop leads over the menu.
    window.press(TAB).unwrap();
    assert_eq!(window.evaluate(FOCUS).unwrap(), "To the content");
    let seen = "document.activeElement.getBoundingClientRect().left >= 0 && \
                getComputedStyle(document.activeElement).outlineStyle !== 'none'";
    assert_eq!(window.evaluate(seen).unwrap(), true, "whoever stops there sees it");
    window.press(ENTER).unwrap();
    until("the content", || Ok((window.path()? == "/admin#main").then_some(()))).unwrap();

    // Every stop shows that it is one, and one of them leads out.
    window.open(&format!("{}/admin", house.server.url)).unwrap();
    for stop in 0.. {
        assert!(stop < 60, "no way out in sixty stops");
        window.press(TAB).unwrap();
        let focus = window.evaluate(FOCUS).unwrap();
        let outlined = "document.activeElement.checkVisibility({ opacityProperty: true }) && \
                        getComputedStyle(document.activeElement).outlineStyle !== 'none'";
        assert_eq!(window.evaluate(outlined).unwrap(), true, "{focus}");
        if focus == "Sign out" {
            break;
        }
    }
    window.press(ENTER).unwrap();
    until("the doors", || Ok(window.path()?.starts_with("/sign-in").then_some(()))).unwrap();
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}

#[test]
fn whoever_is_refused_is_told_nothing_and_the_log_says_why() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    house.person("ada", PASSWORD).unwrap();
    house.person("grace", PASSWORD).unwrap();
    house.cli.json(&["user", "suspend", "grace"]).unwrap();
    let window = Chromium::start(1280, 900).unwrap();
    let refusal = |name: &str, password: &str| {
        window.open(&format!("{}/sign-in", house.server.url)).unwrap();
        window.type_into("#name", name).unwrap();
        window.type_into("#password", password).unwrap();
        window.click("form[action='/sign-in'] button").unwrap();
        until("the refusal", || Ok(window.text("[role='alert']").ok())).unwrap()
    };
    let told = refusal("ada", "not her password");
    assert_eq!(refusal("grace", PASSWORD), told);
    assert_eq!(refusal("nobody", PASSWORD), told);

    enter(&house, &window);
    let rows = "[...document.querySelectorAll('tbody tr')].map((row) => \
                [1, 2, 5, 6].map((cell) => row.cells[cell].textContent.trim()).join(', '))";
    window.open(&format!("{}/admin/sign-ins", house.server.url)).unwrap();
    let log = window.evaluate(rows).unwrap();
    let log: Vec<&str> = log.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let refused = [
        "nobody, Portal, denied, no user has this name",
        "grace, Portal, denied, the user is suspended",
        "ada, Portal, denied, wrong password",
    ];
    assert!(log.ends_with(&refused), "{log:?}");
    window.type_into(".sp-filter input[name='text']", "grace\n").unwrap();
    until("the ones of one name", || Ok((window.evaluate(rows)? == json!(refused[1..2])).then_some(())))
        .unwrap();
}

/// Words on the page that do not stand out from what is behind them: the contrast of each (WCAG 2, section 1.4.3), where it
/// is below 4.5, or below 3 for large letters.
pub(super) const FAINT: &str = "(() => { \
     const rgba = (text) => { const canvas = document.createElement('canvas'); canvas.width = canvas.height = 1; \
       const context = canvas.getContext('2d', { willReadFrequently: true }); context.fillStyle = text; \
       context.fillRect(0, 0, 1, 1); const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; }; \
     const over = (top, below) => [0, 1, 2].map((n) => top[n] * top[3] + below[n] * (1 - top[3])); \
     const light = (colour) => { const [r, g, b] = colour.slice(0, 3).map((n) => n / 255) \
       .map((n) => n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; }; \
     const ground = (element) => { if (!element) return [255, 255, 255]; \
       const own = rgba(getComputedStyle(element).backgroundColor); \
       return own[3] === 1 ? own : over(own, ground(element.parentElement)); }; \
     const faint = []; \
     for (const element of document.querySelectorAll('body *')) { \
       const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join(' ').trim(); \
       if (!text || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue; \
       const style = getComputedStyle(element); const behind = ground(element); \
       const [a, b] = [light(over(rgba(style.color), behind)), light(behind)].sort((a, b) => b - a); \
       const contrast = (a + 0.05) / (b + 0.05); const size = parseFloat(style.fontSize); \
       const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700); \
       if (contrast < (large ? 3 : 4.5)) faint.push(`${text.slice(0, 40)}: ${contrast.toFixed(2)}`); } \
     return faint; })()";

#[test]
fn every_word_can_be_read_by_day_and_in_the_dark() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let window = Chromium::start(1280, 900).unwrap();
    enter(&house, &window);
    let own_page =
        format!("/admin/users/{}", text(&house.cli.json(&["user", "show", "olga"]).unwrap(), "id"));
    // A client that lets people in while we are away is warned of.
    let keys = application(&house);
    let asked = json!({ "username": "olga", "failmode": "open", "hostname": "gateway" });
    let call = json!({ "method": "POST", "path": "/auth/v2/preauth", "params": asked });
    let preauth = calls(&keys, None, &[("json_api_call", call)]);
    assert_eq!(preauth[0]["answer"]["result"], "auth", "{preauth:?}");
    let protected = text(&house.cli.json(&["application", "show", "VPN"]).unwrap(), "id");
    let protected = format!("/admin/applications/{protected}");
    window.open(&format!("{}{protected}", house.server.url)).unwrap();
    assert_eq!(window.text("main .badge.bg-yellow-lt").unwrap(), "lets people in");
    // And whoever has nothing yet to open the second door with.
    house.person("nova", PASSWORD).unwrap();
    let has_nothing = "/admin/effective-policy?user=nova&at=portal";
    window.open(&format!("{}{has_nothing}", house.server.url)).unwrap();
    shows(&window, "main .badge.bg-yellow-lt", "has to enrol first");
    let mut faint = Vec::new();
    for scheme in ["light", "dark"] {
        window.prefer(scheme).unwrap();
        let forms = [
            "/admin/users/new",
            "/admin/users/import",
            "/admin/commands/new",
            &own_page,
            &protected,
            has_nothing,
        ];
        for page in PAGES.into_iter().chain(forms) {
            window.open(&format!("{}{page}", house.server.url)).unwrap();
            let painted = window.evaluate("document.documentElement.dataset.bsTheme").unwrap();
            assert_eq!(painted, scheme, "{page}");
            let words = window.evaluate(FAINT).unwrap();
            let words = words.as_array().unwrap().iter().filter_map(Value::as_str);
            faint.extend(words.map(|words| format!("{page} in {scheme}: {words}")));
        }
    }
    assert!(faint.is_empty(), "{}", faint.join("\n"));
}
