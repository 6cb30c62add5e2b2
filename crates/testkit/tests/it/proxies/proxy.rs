//! A proxy as a program of its own, with the configuration of `docs/forward-auth.md`, and curl before it.

use std::{
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail};
use sallyport_crypto::{SystemRandom, authority::Root};
use sallyport_testkit::{chromium::Chromium, story, story::House, unix_now};

use super::upstream;

pub(super) const WIKI: &str = "wiki.example.com";
pub(super) const PAYROLL: &str = "payroll.example.com";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Caddy,
    Nginx,
}

/// A running proxy; ended when dropped.
pub(super) struct Proxy {
    child: Child,
    pub(super) port: u16,
    house_ca: PathBuf,
    _folder: tempfile::TempDir,
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Kind {
    /// What the page shows for it.
    fn documented(self) -> anyhow::Result<String> {
        let fence = match self {
            Self::Caddy => "```caddy\n",
            Self::Nginx => "```nginx\n",
        };
        let page = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../../docs/forward-auth.md");
        let page = std::fs::read_to_string(page)?;
        let (_, shown) = page.split_once(fence).context("the page shows no configuration")?;
        Ok(shown.split_once("```").context("it does not end")?.0.to_owned())
    }
}

/// Everything that differs between the page and this machine, and nothing else. What is to be replaced has to be there.
fn here(shown: &str, places: &[(&str, &str)]) -> anyhow::Result<String> {
    let mut text = shown.to_owned();
    for (theirs, ours) in places {
        if !text.contains(theirs) {
            bail!("the page no longer says `{theirs}`");
        }
        text = text.replace(theirs, ours);
    }
    Ok(text)
}

impl Proxy {
    pub(super) fn start(kind: Kind, house: &House) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = house.server.url.trim_start_matches("https://");
        let mut command = match kind {
            Kind::Caddy => caddy(folder.path(), port, server, house)?,
            Kind::Nginx => nginx(folder.path(), port, server, house)?,
        };
        let log = std::fs::File::create(folder.path().join("log"))?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().with_context(|| format!("{kind:?} is missing; run `make test`"))?;
        let proxy = Self { child, port, house_ca: house.ca_file(), _folder: folder };
        story::until("the proxy", || {
            let answers = TcpStream::connect(("127.0.0.1", port)).is_ok();
            let log = std::fs::read_to_string(proxy._folder.path().join("log"));
            if answers { Ok(Some(())) } else { bail!("it does not answer: {}", log.unwrap_or_default()) }
        })?;
        Ok(proxy)
    }

    pub(super) fn get(&self, host: &str, path: &str, headers: &[&str]) -> anyhow::Result<Answer> {
        self.ask("GET", host, path, headers)
    }

    /// A request to an application.
    pub(super) fn ask(
        &self,
        method: &str,
        host: &str,
        path: &str,
        headers: &[&str],
    ) -> anyhow::Result<Answer> {
        let place = format!("{host}:443:127.0.0.1:{}", self.port);
        let url = format!("https://{host}{path}");
        // Its certificate is of nobody's authority, and is not what is tried here.
        curl(&["--insecure", "--request", method, "--connect-to", &place, &url], headers)
    }

    /// A request at the place of one application that says it is for another.
    pub(super) fn get_as(
        &self,
        host: &str,
        said: &str,
        path: &str,
        headers: &[&str],
    ) -> anyhow::Result<Answer> {
        self.get(host, path, &[headers, &[&format!("Host: {said}")]].concat())
    }

    /// A request to our own host.
    pub(super) fn house(&self, url: &str, headers: &[&str]) -> anyhow::Result<Answer> {
        curl(&["--cacert", &self.house_ca.to_string_lossy(), url], headers)
    }

    /// The cookie of the application whose page a window shows, as a header.
    pub(super) fn cookie(&self, window: &Chromium) -> anyhow::Result<String> {
        let cookies = window.cookies()?;
        let found = cookies.iter().find(|(name, _)| name == "__Host-sallyport-at");
        let (name, value) = found.context("no cookie")?;
        Ok(format!("Cookie: {name}={value}"))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Both applications, each with an upstream of its own, as the page shows one.
fn sites(shown: &str, places: &[(&str, &str)], upstream: &str) -> anyhow::Result<String> {
    let mut text = String::new();
    // The payroll comes first, where a request goes that names no application.
    for (name, host) in [("payroll", PAYROLL), ("wiki", WIKI)] {
        let place = format!("127.0.0.1:{}", upstream::start(name)?);
        let places = [places, &[(WIKI, host), (upstream, &place)]].concat();
        text.push_str(&here(shown, &places)?);
    }
    Ok(text)
}

/// One process without a master, which starts, logs and writes where it is told to.
fn nginx(folder: &Path, port: u16, server: &str, house: &House) -> anyhow::Result<Command> {
    let places = [
        ("listen 443 ssl;", format!("listen 127.0.0.1:{port} ssl;")),
        ("sallyport.example.com", server.to_owned()),
        ("/etc/ssl/certs/ca-certificates.crt", house.ca_file().to_string_lossy().into_owned()),
    ];
    let places: Vec<_> = places.iter().map(|(theirs, ours)| (*theirs, ours.as_str())).collect();
    let shown = sites(&Kind::Nginx.documented()?, &places, "127.0.0.1:8080")?;
    let (now, random) = (unix_now(), SystemRandom::new());
    let leaf = Root::create(now, &random)?.issue(&[WIKI.into(), PAYROLL.into()], now, &random)?;
    std::fs::write(folder.join("leaf.pem"), &leaf.chain_pem)?;
    std::fs::write(folder.join("leaf.key"), leaf.key_pem.as_bytes())?;
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("    {kind}_temp_path {kind};\n"))
        .concat();
    let text = format!(
        "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n    access_log off;\n\
         {temporary}    ssl_certificate leaf.pem;\n    ssl_certificate_key leaf.key;\n{shown}}}\n"
    );
    std::fs::write(folder.join("nginx.conf"), text)?;
    let mut command = Command::new("/usr/sbin/nginx");
    command.arg("-p").arg(folder).args(["-c", "nginx.conf", "-e", "stderr"]);
    Ok(command)
}

/// With certificates of an authority of its own, which it makes.
fn caddy(folder: &Path, port: u16, server: &str, house: &House) -> anyhow::Result<Command> {
    let places = [("sallyport.example.com", server)];
    let shown = sites(&Kind::Caddy.documented()?, &places, "127.0.0.1:8080")?;
    let storage = folder.join("storage");
    let text = format!(
        "{{\n    admin off\n    auto_https disable_redirects\n    https_port {port}\n    local_certs\n    \
         skip_install_trust\n    storage file_system {}\n}}\n{shown}",
        storage.display()
    );
    let file = folder.join("Caddyfile");
    std::fs::write(&file, text)?;
    let mut command = Command::new("caddy");
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(&file);
    command.env("SSL_CERT_FILE", house.ca_file()).env("HOME", folder).env("XDG_CONFIG_HOME", folder);
    Ok(command)
}

/// One request, which is led nowhere.
fn curl(arguments: &[&str], headers: &[&str]) -> anyhow::Result<Answer> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--include", "--http1.1", "--path-as-is", "--max-time", "20"]);
    command.args(headers.iter().flat_map(|header| ["--header", header]));
    let out = command.args(arguments).output()?;
    if !out.status.success() {
        bail!("{}", String::from_utf8_lossy(&out.stderr));
    }
    let text = String::from_utf8_lossy(&out.stdout);
    let (head, body) = text.split_once("\r\n\r\n").context("no head")?;
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status")?.parse()?;
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Ok(Answer { status, headers, body: body.to_owned() })
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The cookie that it gives, as the header that brings it back.
    pub(super) fn cookie(&self) -> Option<String> {
        let (cookie, _) = self.header("set-cookie")?.split_once(';')?;
        Some(format!("Cookie: {cookie}"))
    }
}
