//! How long pages take at the server with a large organisation in it, and how much of them goes over the wire on a first visit.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use hyper::{Method, body::Bytes};
use sallyport_testkit::{browser::Browser, server::Server, story::enroll};
use serde_json::Value;

use crate::{
    crowd::{self, Crowd},
    house::PASSWORD,
    http::{Client, Origin, Reply},
    load::Latencies,
    options::Options,
    report::{Goal, Line, Report, say},
};

/// The cookie of a signed-in browser.
const SESSION: &str = "__Host-sallyport";
/// Each page is opened so often.
const TIMES: usize = 40;
/// What a page may take, in milliseconds, and weigh with all it asks for, in KiB.
const LONGEST: f64 = 50.0;
const HEAVIEST: f64 = 200.0;
const KIB: f64 = 1024.0;
/// How long the sign-in log may take to be summed up after such a filling.
const SUMMED_WITHIN: Duration = Duration::from_secs(600);

/// Pages whose address says all. Of a search for what is nowhere everything has to be looked through.
const PAGES: [(&str, &str); 30] = [
    ("page_overview", "/admin"),
    ("page_overview_week", "/admin?days=7"),
    ("page_first_hour", "/admin/first-hour"),
    ("page_users", "/admin/users"),
    ("page_users_search", "/admin/users?text=er00"),
    ("page_users_search_nowhere", "/admin/users?text=nowhere"),
    ("page_users_suspended", "/admin/users?state=suspended"),
    ("page_people_without_factor", "/admin/factors/people?holding=none"),
    ("page_people_holding_nowhere", "/admin/factors/people?holding=passkey&text=nowhere"),
    ("page_groups", "/admin/groups"),
    ("page_groups_search", "/admin/groups?text=nowhere"),
    ("page_devices", "/admin/devices"),
    ("page_devices_search", "/admin/devices?text=nowhere"),
    ("page_devices_drifted", "/admin/devices/drifted"),
    ("page_sign_ins", "/admin/sign-ins"),
    ("page_sign_ins_denied", "/admin/sign-ins?text=denied"),
    ("page_sign_ins_nowhere", "/admin/sign-ins?text=nowhere"),
    ("page_audit", "/admin/audit"),
    ("page_audit_nowhere", "/admin/audit?text=nowhere"),
    ("page_sessions", "/admin/sessions"),
    ("page_applications", "/admin/applications"),
    ("page_catalogue", "/admin/catalogue"),
    ("page_commands", "/admin/commands"),
    ("page_runs", "/admin/runs"),
    ("page_resets", "/admin/resets"),
    ("page_policies", "/admin/policies"),
    ("page_access_rules", "/admin/access-rules"),
    ("page_settings", "/admin/settings"),
    ("page_mailings", "/admin/mailings"),
    ("page_own", "/"),
];

pub(crate) async fn measure(options: &Options, report: &mut Report, folder: &Path) -> anyhow::Result<()> {
    let crowd = Crowd::of(options.crowd);
    let mut visitor = Visitor::enter(crowd, &folder.join("crowd")).await?;
    visitor.wait_until_summed().await?;
    let mut weights = Vec::new();
    let of_user = ("page_user", format!("/admin/users/{}", crowd::user_id(7)));
    let of_group = ("page_group", format!("/admin/groups/{}", crowd::everybody()));
    let listed = PAGES.into_iter().map(|(id, path)| (id, path.to_owned()));
    for (id, path) in listed.chain([of_user, of_group]) {
        let (times, page) = visitor.time(&path).await?;
        let what = format!("{path}, {} users, p95", crowd.people);
        let note = format!("p50 {:.1} ms, at most {:.1} ms", times.percentile(0.5), times.percentile(1.0));
        report.add(Line::new(id, &what, times.percentile(0.95), "ms").goal(Goal::AtMost(LONGEST)).note(note));
        weights.push((visitor.weight(&page).await?, path));
    }
    weights.sort_by(|a, b| b.0.total_cmp(&a.0));
    let others: Vec<String> =
        weights.iter().skip(1).take(3).map(|(weight, path)| format!("{path} {weight:.0} KiB")).collect();
    if let Some((weight, path)) = weights.first() {
        let what = format!("heaviest page on a first visit, {path}");
        let note = format!(
            "page and all it asks for, as sent to a browser that takes compressed answers; next {}",
            others.join(", ")
        );
        report.add(Line::new("page_weight", &what, *weight, "KiB").goal(Goal::AtMost(HEAVIEST)).note(note));
    }
    visitor.server.stop()
}

/// The owner, signed in.
struct Visitor {
    server: Server,
    client: Client,
    cookie: String,
    token: String,
}

impl Visitor {
    /// Founds the organisation, fills it, and comes in.
    async fn enter(crowd: Crowd, folder: &Path) -> anyhow::Result<Self> {
        let (host, packages) = (IpAddr::V4(Ipv4Addr::LOCALHOST), folder.with_extension("packages"));
        let server = Server::start(host, folder, &packages)?;
        let set_up = server.set_up("Bench", "olga", PASSWORD)?;
        let browser = Browser::new(&server.url, &set_up.ca)?;
        let phone = enroll(&browser, &set_up.enrollment_code)?;
        server.stop()?;
        let started = Instant::now();
        crowd.fill(folder)?;
        say(&format!("{crowd:?} written in {:.0} s", started.elapsed().as_secs_f64()));
        let server = Server::start(host, folder, &packages)?;
        let browser = browser.at(&server.url);
        let page = browser.open("/sign-in")?.ok()?;
        let page = browser.submit(&page, "password", &[("name", "olga"), ("password", PASSWORD)])?.ok()?;
        browser.submit(&page, "passcode", &[("passcode", &phone.code(0))])?.ok()?;
        let cookie = browser.cookie(SESSION).context("the owner was not let in")?;
        let port = server.url.rsplit(':').next().and_then(|port| port.parse().ok()).context("no port")?;
        let origin = Origin::secure(SocketAddr::new(host, port), &host.to_string(), &set_up.ca)?;
        let client = origin.connect().await?;
        Ok(Self { server, client, cookie: format!("{SESSION}={cookie}"), token: set_up.token })
    }

    /// Waits until the overview tells of the whole log.
    async fn wait_until_summed(&mut self) -> anyhow::Result<()> {
        let started = Instant::now();
        loop {
            let authorization = format!("Bearer {}", self.token);
            let headers = [("authorization", authorization.as_str())];
            let path = "/api/v1/overview?days=7";
            let reply = self.client.send(Method::GET, path, &headers, Bytes::new()).await?.ok()?;
            let told: Value = serde_json::from_slice(&reply.body)?;
            if told.pointer("/sign_ins/at_least") == Some(&Value::Bool(false)) {
                return Ok(());
            }
            ensure!(started.elapsed() < SUMMED_WITHIN, "the sign-in log is still not summed up: {told}");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Opens a page over and over; how long it took, and the page.
    async fn time(&mut self, path: &str) -> anyhow::Result<(Latencies, Reply)> {
        let mut page = self.get(path).await?;
        let mut times = Latencies::default();
        for _ in 0..TIMES {
            let sent = Instant::now();
            page = self.get(path).await?;
            times.add(sent.elapsed());
        }
        Ok((times, page))
    }

    /// What a browser that has nothing yet is sent for this page, in KiB.
    async fn weight(&mut self, page: &Reply) -> anyhow::Result<f64> {
        let mut bytes = page.body.len();
        for asset in assets(&page.text()) {
            bytes += self.get(&asset).await?.body.len();
        }
        Ok(bytes as f64 / KIB)
    }

    async fn get(&mut self, path: &str) -> anyhow::Result<Reply> {
        let headers = [("cookie", self.cookie.as_str()), ("accept-encoding", "gzip, deflate, br, zstd")];
        let reply = self.client.send(Method::GET, path, &headers, Bytes::new()).await;
        reply.and_then(Reply::ok).with_context(|| format!("opening {path}"))
    }
}

/// What a page asks for besides itself, each once.
fn assets(html: &str) -> BTreeSet<String> {
    let named = html.split("\"/assets/").skip(1).filter_map(|rest| rest.split(['"', '#']).next());
    named.map(|name| format!("/assets/{name}")).collect()
}
