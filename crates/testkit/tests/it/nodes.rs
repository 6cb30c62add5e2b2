//! Two whole servers side by side on one PostgreSQL database: what ends at one is refused by the other at its very next
//! request.

#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

use std::{net::Ipv4Addr, process::Command};

use sallyport_testkit::{
    browser::Browser,
    cli::Cli,
    server::{self, Server},
    skipped,
    story::{House, text},
};

const PASSWORD: &str = "walnut ferry umbrella";

/// The same house, entered at two servers.
struct Nodes {
    house: House,
    other: Server,
}

impl Nodes {
    /// `None`, said aloud, where there is no PostgreSQL.
    fn open() -> Option<Self> {
        let Ok(admin) = std::env::var("TEST_DATABASE_URL") else {
            assert!(std::env::var_os("CI").is_none(), "TEST_DATABASE_URL is not set; run `make test`");
            skipped("two servers on one PostgreSQL; run `make test`");
            return None;
        };
        let packages = server::packages_folder().unwrap();
        let house = House::on(Some(fresh_database(&admin)), Ipv4Addr::LOCALHOST.into(), &packages).unwrap();
        let other = house.another_server().unwrap();
        Some(Self { house, other })
    }

    /// The command line at the other server, with this token.
    fn there(&self, token: &str) -> Cli {
        Cli { url: self.other.url.clone(), token: token.to_owned(), ..self.house.cli.clone() }
    }

    /// A browser that alice signed in with at the first server.
    fn signed_in(&self) -> Browser {
        let code = self.house.bypass_codes("alice", 1).unwrap().remove(0);
        let browser = self.house.browser().unwrap();
        let page = browser.open("/sign-in").unwrap();
        let page = browser
            .submit(&page, "password", &[("name", "alice"), ("password", PASSWORD)])
            .unwrap()
            .ok()
            .unwrap();
        let page = browser.submit(&page, "passcode", &[("passcode", &code)]).unwrap().ok().unwrap();
        assert_eq!(page.path, "/", "{}", page.text());
        browser
    }

    /// Where a browser that goes to the front page of the other server comes out.
    fn front_page(&self, browser: &Browser) -> String {
        browser.at(&self.other.url).open("/").unwrap().ok().unwrap().path
    }
}

/// A database of its own, which goes with the PostgreSQL it is on.
fn fresh_database(admin: &str) -> String {
    let name = format!("nodes_{}", std::process::id());
    let create = format!("CREATE DATABASE {name} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
    let made = Command::new("psql").args(["--quiet", "--command", &create, admin]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (before, after) = admin.rsplit_once('/').unwrap();
    let options = after.split_once('?').map(|(_, options)| format!("?{options}")).unwrap_or_default();
    format!("{before}/{name}{options}")
}

#[test]
fn what_ends_at_one_server_is_refused_by_the_other_at_its_next_request() {
    let Some(nodes) = Nodes::open() else { return };
    let here = &nodes.house.cli;
    nodes.house.person("alice", PASSWORD).unwrap();

    // A session that an administrator ended.
    let browser = nodes.signed_in();
    assert_eq!(nodes.front_page(&browser), "/");
    here.json(&["user", "end-sessions", "alice"]).unwrap();
    assert_eq!(nodes.front_page(&browser), "/sign-in");

    // A token that was revoked.
    let token = here.json(&["token", "create", "--name", "spare", "--role", "auditor"]).unwrap();
    let spare = nodes.there(&text(&token, "token"));
    spare.json(&["user", "show", "alice"]).unwrap();
    here.json(&["token", "revoke", &text(&token, "id")]).unwrap();
    let refused = spare.json(&["user", "show", "alice"]).unwrap_err().to_string();
    assert!(refused.contains("sign in first"), "{refused}");

    // A person who was suspended: their session, and the password at both servers.
    let browser = nodes.signed_in();
    assert_eq!(nodes.front_page(&browser), "/");
    here.json(&["user", "suspend", "alice"]).unwrap();
    assert_eq!(nodes.front_page(&browser), "/sign-in");
    let there = browser.at(&nodes.other.url);
    let page = there.open("/sign-in").unwrap();
    let page = there.submit(&page, "password", &[("name", "alice"), ("password", PASSWORD)]).unwrap();
    assert_eq!(page.status, 403, "{}", page.text());
}
