//! The overview and the first hour, as they are drawn.

#![expect(clippy::panic, reason = "a test says what it expects by failing")]

use std::net::Ipv4Addr;

use sallyport_testkit::{chromium::Chromium, story::House};

use super::{at_rest, enter, keep};

/// What of the page is wider than the window, if anything is.
const TOO_WIDE: &str = "(() => { const width = document.documentElement.clientWidth; \
     return [...document.querySelectorAll('main *')].filter((part) => !part.closest('.table-responsive') && \
     part.getBoundingClientRect().right > width + 1).map((part) => part.tagName + '.' + part.getAttribute('class')); })()";

/// Heights of the bars of the charts, and of the whole strips, as they are drawn.
const BARS: &str = "[...document.querySelectorAll('.sp-bars')].map((strip) => [strip.getBoundingClientRect().height, \
     ...[...strip.querySelectorAll('rect')].map((bar) => bar.getBoundingClientRect().height)])";

/// How bars and ground contrast with the card they are on (WCAG 2.2, 1.4.11).
const CONTRAST: &str = "(() => { const parse = (text) => text.match(/[\\d.]+/g).map(Number); \
     const light = ([r, g, b]) => { const of = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; \
       return 0.2126 * of(r) + 0.7152 * of(g) + 0.0722 * of(b); }; \
     const ground = light(parse(getComputedStyle(document.querySelector('.card')).backgroundColor)); \
     return [...document.querySelectorAll('.sp-bars rect, .sp-share rect:not(.sp-ground)')].map((bar) => { \
       const own = light(parse(getComputedStyle(bar).fill)); \
       return (Math.max(own, ground) + 0.05) / (Math.min(own, ground) + 0.05); }); })()";

#[test]
fn charts_are_seen_in_light_and_dark_and_on_a_phone() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    for name in ["alice", "bob-with-a-name-that-will-not-br", "carol"] {
        house.cli.json(&["user", "create", name, "--active"]).unwrap();
    }
    let browser = house.browser().unwrap();
    for (name, times) in [("alice", 4), ("carol", 2), ("nobody-of-this-name", 1)] {
        for _ in 0..times {
            let page = browser.open("/sign-in").unwrap();
            browser.submit(&page, "password", &[("name", name), ("password", "a wrong one")]).unwrap();
        }
    }
    let window = Chromium::start(1280, 900).unwrap();
    enter(&house, &window);
    for phone in [false, true] {
        if phone {
            window.become_phone(360, 740).unwrap();
        }
        for scheme in ["light", "dark"] {
            window.prefer(scheme).unwrap();
            for path in [
                "/admin",
                "/admin?days=7",
                "/admin/first-hour",
                "/admin/factors/people",
                "/admin/devices/drifted",
            ] {
                window.open(&format!("{}{path}", house.server.url)).unwrap();
                at_rest(&window);
                let wide = window.evaluate(TOO_WIDE).unwrap();
                assert_eq!(wide, serde_json::json!([]), "{path} in {scheme}, phone: {phone}");
                keep(&window, &format!("{path} {scheme} {}", if phone { "phone" } else { "desktop" }));
                if path == "/admin" {
                    drawn(&window, scheme);
                }
            }
        }
    }
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}

fn drawn(window: &Chromium, scheme: &str) {
    let bars = window.evaluate(BARS).unwrap();
    let [refused, allowed] = bars.as_array().unwrap().as_slice() else { panic!("{bars}") };
    for strip in [refused, allowed] {
        let heights: Vec<f64> =
            strip.as_array().unwrap().iter().map(|height| height.as_f64().unwrap()).collect();
        let (whole, bars) = heights.split_first().unwrap();
        assert!(!bars.is_empty() && bars.iter().all(|bar| *bar > 1.0 && bar <= whole), "{strip}");
    }
    let contrast = window.evaluate(CONTRAST).unwrap();
    let contrast: Vec<f64> = contrast.as_array().unwrap().iter().map(|of| of.as_f64().unwrap()).collect();
    assert!(!contrast.is_empty() && contrast.iter().all(|of| *of >= 3.0), "{scheme}: {contrast:?}");
}
