//! Proxies by others in front of an application that speaks no protocol: nginx and Caddy as Debian has them, with the very
//! configurations that `docs/forward-auth.md` shows.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it expects by failing")]

mod proxy;
mod upstream;

use sallyport_testkit::{
    chromium::Chromium,
    story::{House, text, until},
};

use self::proxy::{Answer, Kind, PAYROLL, Proxy, WIKI};
use crate::{device::PASSWORD, oidc::Person};

/// What is asked for, with what is easily lost on the way.
const ASKED: &str = "/pages/caf%C3%A9?a=b&c=%26d&to=https://elsewhere.example/";

const GROUPS: [&str; 2] = ["Writers", "Night shift"];

/// A wiki for everybody and a payroll for one group, behind one proxy.
struct Setting {
    house: House,
    proxy: Proxy,
}

impl Setting {
    fn open(kind: Kind) -> Self {
        let house = House::open_by_name().unwrap();
        for (name, host) in [("Wiki", WIKI), ("Payroll", PAYROLL)] {
            let origin = format!("https://{host}");
            house.cli.json(&["application", "create", "--name", name, "--origin", &origin]).unwrap();
        }
        house.cli.json(&["application", "update", "Wiki", "--everybody"]).unwrap();
        let proxy = Proxy::start(kind, &house).unwrap();
        Self { house, proxy }
    }

    /// Somebody with an authenticator, and groups and a name that headers carry badly.
    fn zoe(&self) -> Person {
        let zoe = Person::new(&self.house, "zoe");
        let named = ["--display-name", "Zoë Ünal", "--mail", "zoe@example.com"];
        self.house.cli.json(&[&["user", "update", "zoe"], &named[..]].concat()).unwrap();
        for group in GROUPS {
            self.house.cli.json(&["group", "create", "--name", group, "--kind", "users"]).unwrap();
            self.house.cli.json(&["group", "add-member", group, "--user", "zoe"]).unwrap();
        }
        zoe
    }

    fn window(&self) -> Chromium {
        let port = self.proxy.port;
        let places = [WIKI, PAYROLL].map(|host| format!("MAP {host} 127.0.0.1:{port}")).join(",");
        Chromium::start_elsewhere(1280, 900, &places).unwrap()
    }

    /// Passes both doors, which the window shows.
    fn passes(&self, window: &Chromium, zoe: &Person) {
        until("the first door", || Ok(window.text("#password").is_ok().then_some(()))).unwrap();
        window.type_into("#name", zoe.name).unwrap();
        window.type_into("#password", PASSWORD).unwrap();
        window.click("form[action='/sign-in'] button").unwrap();
        until("the second door", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
        window.type_into("#passcode", &zoe.authenticator.code(0)).unwrap();
        window.click("form[action='/sign-in/second'] button").unwrap();
    }

    /// The cookies of somebody who signed in at our own host and reached the wiki, without a window.
    fn reached(&self, window: &Chromium, zoe: &Person) {
        window.open(&format!("https://{WIKI}{ASKED}")).unwrap();
        self.passes(window, zoe);
        until("the application", || Ok(window.text("#upstream").is_ok().then_some(()))).unwrap();
    }
}

/// The lines of the application's page: what it was asked for, and by whom.
fn told(page: &str) -> Vec<&str> {
    page.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

fn both_ways(story: impl Fn(&Setting)) {
    for kind in [Kind::Nginx, Kind::Caddy] {
        story(&Setting::open(kind));
    }
}

#[test]
fn somebody_is_led_through_the_doors_to_the_very_address_they_asked_for() {
    both_ways(|setting| {
        let (zoe, window) = (setting.zoe(), setting.window());
        window.open(&format!("https://{WIKI}{ASKED}")).unwrap();
        let path = window.path().unwrap();
        assert!(path.starts_with("/sign-in?next="), "{path}");
        setting.passes(&window, &zoe);
        let shown = until("the application", || Ok(window.text("#upstream").ok())).unwrap();
        assert_eq!(window.path().unwrap(), ASKED);
        let told = told(&shown);
        for line in [
            &format!("GET {ASKED}"),
            &format!("host: {WIKI}"),
            "remote-user: zoe",
            "remote-name: Zoë Ünal",
            "remote-email: zoe@example.com",
            "remote-groups: Night shift,Writers",
        ] {
            assert!(told.contains(&line), "{line}: {told:?}");
        }
        // The other application behind this proxy is closed to them, and says so on a page of ours.
        window.open(&format!("https://{PAYROLL}/")).unwrap();
        assert_eq!(window.text("h1").unwrap(), "This door stays shut");
        assert!(window.text("main").unwrap().contains("Payroll"), "{}", window.text("main").unwrap());
    });
}

#[test]
fn what_somebody_says_of_themselves_never_reaches_the_application() {
    both_ways(|setting| {
        let (zoe, window) = (setting.zoe(), setting.window());
        setting.reached(&window, &zoe);
        let cookie = setting.proxy.cookie(&window).unwrap();
        let forged = [
            "Remote-User: olga",
            "remote-user: olga",
            "Remote_User: olga",
            "REMOTE-USER: olga",
            "Remote-Groups: Administrators",
            "Remote_Groups: Administrators",
            "Remote-Email: olga@example.com",
            "Remote-Name: Olga",
            "X-Forwarded-User: olga",
        ];
        let with = [&forged[..], &[&cookie]].concat();
        let answer = setting.proxy.get(WIKI, "/", &with).unwrap();
        assert_eq!(answer.status, 200);
        let told = told(&answer.body);
        let said = |name: &str| {
            told.iter().filter(|line| line.starts_with(&format!("{name}: "))).copied().collect::<Vec<_>>()
        };
        assert_eq!(said("remote-user"), ["remote-user: zoe"], "{told:?}");
        assert_eq!(said("remote-groups"), ["remote-groups: Night shift,Writers"]);
        assert!(!answer.body.contains("remote_"), "{told:?}");
        assert!(!told.iter().any(|line| line.starts_with("remote-") && line.contains("lga")), "{told:?}");
        // Without the cookie none of it opens anything, nor does it without a mail address or groups.
        assert_eq!(setting.proxy.get(WIKI, "/", &forged).unwrap().status, 302);
        let id = text(&setting.house.cli.json(&["user", "show", "zoe"]).unwrap(), "id");
        for group in GROUPS {
            setting.house.cli.json(&["group", "remove-member", group, &id]).unwrap();
        }
        let answer = setting.proxy.get(WIKI, "/", &with).unwrap();
        assert!(!answer.body.contains("Administrators"), "{}", answer.body);
    });
}

#[test]
fn a_cookie_opens_its_own_host_alone_whatever_is_said_about_where_it_is() {
    both_ways(|setting| {
        let (zoe, window) = (setting.zoe(), setting.window());
        setting.reached(&window, &zoe);
        let cookie = setting.proxy.cookie(&window).unwrap();
        let proxy = &setting.proxy;
        assert_eq!(proxy.get(WIKI, "/", &[&cookie]).unwrap().status, 200);
        let lies = [
            "X-Original-URL: https://wiki.example.com/",
            "X-Forwarded-Host: wiki.example.com",
            "X-Forwarded-Uri: https://wiki.example.com/",
            "X-Forwarded-Proto: https",
            "Forwarded: host=wiki.example.com;proto=https",
            "X-Rewrite-URL: https://wiki.example.com/",
        ];
        for lie in lies.into_iter().map(|lie| vec![lie]).chain([lies.to_vec(), Vec::new()]) {
            let answer = proxy.get(PAYROLL, "/", &[&lie[..], &[&cookie]].concat()).unwrap();
            assert_eq!(answer.status, 302, "{lie:?}: {}", answer.body);
        }
        // A `Host` that chooses the application we are asked about, at the place of another.
        for said in [WIKI, "nobody.example.com", "wiki.example.com.", "wiki.example.com:8443"] {
            let answer = proxy.get_as(PAYROLL, said, "/", &[&cookie]).unwrap();
            assert!(!answer.body.contains("<title>payroll"), "{said}: {}", answer.body);
        }
        // The proxy lets nobody ask us by its own way of asking.
        for path in ["/.sallyport/verify", "/.sallyport/callback", "/.sallyport/callback?code=x"] {
            let answer = proxy.get(PAYROLL, path, &[&cookie]).unwrap();
            assert_ne!(answer.status, 200, "{path}: {}", answer.body);
        }
    });
}

#[test]
fn whoever_is_out_is_out_with_the_very_next_request() {
    both_ways(|setting| {
        let (zoe, window) = (setting.zoe(), setting.window());
        setting.reached(&window, &zoe);
        let cookie = setting.proxy.cookie(&window).unwrap();
        let knock = |method| setting.proxy.ask(method, WIKI, "/", &[&cookie]).unwrap().status;
        assert_eq!((knock("GET"), knock("POST")), (200, 200));
        setting.house.cli.json(&["user", "end-sessions", "zoe"]).unwrap();
        // What is no page is not led anywhere.
        assert_eq!((knock("GET"), knock("POST")), (302, 401));
        window.open(&format!("https://{WIKI}{ASKED}")).unwrap();
        assert!(window.path().unwrap().starts_with("/sign-in"), "{}", window.path().unwrap());
        // Once more, by another code; and then they are suspended.
        let code = setting.house.bypass_codes("zoe", 1).unwrap().remove(0);
        window.type_into("#name", zoe.name).unwrap();
        window.type_into("#password", PASSWORD).unwrap();
        window.click("form[action='/sign-in'] button").unwrap();
        until("the second door", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
        window.type_into("#passcode", &code).unwrap();
        window.click("form[action='/sign-in/second'] button").unwrap();
        until("the application", || Ok(window.text("#upstream").is_ok().then_some(()))).unwrap();
        let cookie = setting.proxy.cookie(&window).unwrap();
        let knock = || setting.proxy.get(WIKI, "/", &[&cookie]).unwrap().status;
        assert_eq!(knock(), 200);
        setting.house.cli.json(&["user", "suspend", "zoe"]).unwrap();
        assert_eq!(knock(), 302);
        window.open(&format!("https://{WIKI}{ASKED}")).unwrap();
        assert!(window.path().unwrap().starts_with("/sign-in"), "{}", window.path().unwrap());
    });
}

#[test]
fn a_code_that_was_stolen_on_its_way_opens_nothing_in_another_browser() {
    both_ways(|setting| {
        let (zoe, window, proxy) = (setting.zoe(), setting.window(), &setting.proxy);
        setting.reached(&window, &zoe);
        window.open(&format!("{}/sign-ins", setting.house.server.url)).unwrap();
        let session = cookie_line(&window.cookies().unwrap());
        // Their browser is led to our host, and back with a code.
        let led = proxy.get(WIKI, ASKED, &[]).unwrap();
        let kept = led.cookie().unwrap();
        let back = proxy.house(led.header("location").unwrap(), &[&session]).unwrap();
        let back = back.header("location").unwrap().to_owned();
        let code = back.strip_prefix(&format!("https://{WIKI}")).unwrap();
        // Whoever read it over their shoulder, with nothing, and with a beginning of their own.
        let own = proxy.get(WIKI, "/", &[]).unwrap().cookie().unwrap();
        for thief in [&[][..], &[own.as_str()]] {
            let answer = proxy.get(WIKI, code, thief).unwrap();
            assert_eq!((answer.status, answer.cookie()), (403, None), "{thief:?}: {}", answer.body);
            assert!(answer.body.contains("No way on from here"), "{}", answer.body);
        }
        // It is still good where it began, and once.
        let answer: Answer = proxy.get(WIKI, code, &[&kept]).unwrap();
        assert_eq!(answer.header("location"), Some(format!("https://{WIKI}{ASKED}").as_str()));
        let cookie = answer.cookie().unwrap();
        assert_eq!(proxy.get(WIKI, ASKED, &[&cookie]).unwrap().status, 200);
        assert_eq!(proxy.get(WIKI, code, &[&kept]).unwrap().cookie(), None);
    });
}

/// As a browser sends them.
fn cookie_line(cookies: &[(String, String)]) -> String {
    let cookies: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("Cookie: {}", cookies.join("; "))
}
