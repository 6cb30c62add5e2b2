//! The real Chromium, driven over WebDriver by Debian's chromedriver.

mod aloud;

use std::{
    io::{self, BufRead as _, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context as _, bail};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};
use serde_json::{Value, json};
use ureq::Agent;

pub use self::aloud::Heard;
use crate::{
    sandbox::{Sandbox, SandboxChild},
    story::until,
};

/// A browser window; closed when dropped.
pub struct Chromium {
    driver: Driver,
    agent: Agent,
    session: String,
}

/// What starts and ends Chromium.
enum Driver {
    Here { child: Child, _profile: tempfile::TempDir },
    InDevice(#[expect(dead_code, reason = "ended when dropped")] SandboxChild),
}

/// Where the driver listens in a device, which has all ports to itself.
const PORT_IN_DEVICE: u16 = 9515;

/// Keys that are no letters (W3C WebDriver, section 17.4.2).
pub const ENTER: &str = "\u{e007}";
pub const TAB: &str = "\u{e004}";
/// [`TAB`] in the other direction.
pub const BACK_TAB: &str = "\u{e008}\u{e004}";
/// With the control key held down.
pub const CONTROL_K: &str = "\u{e009}k";
/// Held down with the key that comes after them.
const SHIFT: char = '\u{e008}';
const CONTROL: char = '\u{e009}';

/// The key under which WebDriver names an element (W3C WebDriver, section 12).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Whether the page is there and typing has begun to go where it says. Later on the focus may be anywhere.
const TAKES_KEYS: &str = "(document.readyState === 'complete' && (window.spTakesKeys ||= \
     document.activeElement !== document.body || !document.querySelector('[autofocus]')))";

/// How far down a picture of a page goes, in CSS pixels: much taller ones Chromium refuses to take.
const TALLEST_PICTURE: u32 = 8_000;

impl Chromium {
    /// Opens a window of this size, with scripts on.
    ///
    /// # Errors
    /// Chromium or its driver is missing or does not start.
    pub fn start(width: u32, height: u32) -> anyhow::Result<Self> {
        Self::begin(width, height, None, true)
    }

    /// The same, where names lead elsewhere: `MAP wiki.example.com 127.0.0.1:8443`, several with commas between.
    ///
    /// # Errors
    /// Chromium or its driver is missing or does not start.
    pub fn start_elsewhere(width: u32, height: u32, places: &str) -> anyhow::Result<Self> {
        Self::begin(width, height, Some(&format!("--host-resolver-rules={places}")), true)
    }

    /// The same, with a person at an authenticator of the device, which verifies them: it keeps passkeys, and hands them
    /// out whenever it is asked. On a page whose certificate is complained of browsers make none, so this one trusts the
    /// authority of `ca_pem`.
    ///
    /// # Errors
    /// Chromium or its driver is missing or does not start, or openssl is.
    pub fn start_with_passkeys(width: u32, height: u32, ca_pem: &str) -> anyhow::Result<Self> {
        let window = Self::start_trusting(width, height, ca_pem)?;
        let authenticator = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserConsenting": true,
            "isUserVerified": true,
        });
        window.call("POST", "/webauthn/authenticator", Some(&authenticator))?;
        Ok(window)
    }

    /// The same, with a security key in place of an authenticator of the device: it is plugged in and touched, and does not
    /// know who touches it. It speaks `ctap2`, or `ctap1/u2f` as the first ones did.
    ///
    /// # Errors
    /// Chromium or its driver is missing or does not start, or openssl is.
    pub fn start_with_security_key(
        width: u32,
        height: u32,
        ca_pem: &str,
        protocol: &str,
    ) -> anyhow::Result<Self> {
        let window = Self::start_trusting(width, height, ca_pem)?;
        let authenticator = json!({
            "protocol": protocol,
            "transport": "usb",
            "hasResidentKey": false,
            "hasUserVerification": false,
            "isUserConsenting": true,
            "isUserVerified": false,
        });
        window.call("POST", "/webauthn/authenticator", Some(&authenticator))?;
        Ok(window)
    }

    /// The same without an authenticator.
    ///
    /// # Errors
    /// Chromium or its driver is missing or does not start, or openssl is.
    pub fn start_trusting(width: u32, height: u32, ca_pem: &str) -> anyhow::Result<Self> {
        let key = public_key_digest(ca_pem)?;
        let trust = format!("--ignore-certificate-errors-spki-list={key}");
        Self::begin(width, height, Some(&trust), false)
    }

    /// Opens a window on a device, of the person who has this account of it.
    ///
    /// # Errors
    /// Chromium or its driver is missing or does not start.
    pub fn start_in(sandbox: &Sandbox, account: &str, width: u32, height: u32) -> anyhow::Result<Self> {
        let folder = format!("/tmp/browser-of-{account}");
        let port = format!("--port={PORT_IN_DEVICE}");
        let home = format!("HOME={folder}");
        let as_account = ["runuser", "--user", account, "--"];
        // Whoever reaches the device from outside is this test.
        let driver = ["chromedriver", &port, "--allowed-ips=", "--allowed-origins=*"];
        sandbox.check(["install", "--directory", &format!("--owner={account}"), &folder])?;
        let driver = sandbox
            .spawn(as_account.into_iter().chain(["env", &home]).chain(driver))
            .context("cannot start chromedriver; install chromium-driver")?;
        let at = format!("http://{}:{PORT_IN_DEVICE}", sandbox.address());
        let agent = agent();
        until("chromedriver of a device", || {
            Ok(agent.get(&format!("{at}/status")).call().is_ok().then_some(()))
        })
        .with_context(|| driver.log())?;
        Self::open_window(
            Driver::InDevice(driver),
            agent,
            &at,
            &format!("{folder}/profile"),
            (width, height),
            None,
            true,
        )
    }

    fn begin(width: u32, height: u32, further: Option<&str>, insecure: bool) -> anyhow::Result<Self> {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut command = Command::new("chromedriver");
        command
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut driver = spawn_unaware_of_networks(command)
            .context("cannot start chromedriver; install chromium-driver")?;
        let mut lines =
            BufReader::new(driver.stdout.take().context("no output")?).lines().map_while(Result::ok);
        if !lines.any(|line| line.contains("started successfully")) {
            bail!("chromedriver did not start");
        }
        let profile = tempfile::tempdir()?;
        let path = profile.path().display().to_string();
        let driver = Driver::Here { child: driver, _profile: profile };
        let at = format!("http://127.0.0.1:{port}");
        Self::open_window(driver, agent(), &at, &path, (width, height), further, insecure)
    }

    /// `at`: where the driver listens.
    fn open_window(
        driver: Driver,
        agent: Agent,
        at: &str,
        profile: &str,
        (width, height): (u32, u32),
        further: Option<&str>,
        insecure: bool,
    ) -> anyhow::Result<Self> {
        let mut window = Self { driver, agent, session: format!("{at}/session") };
        let profile = format!("--user-data-dir={profile}");
        let size = format!("--window-size={width},{height}");
        let options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-sync",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-dev-shm-usage",
            // A page that is on its way to where it is to be clicked cannot be clicked there yet.
            "--force-prefers-reduced-motion",
            &size,
            &profile,
        ];
        let options: Vec<&str> = options.into_iter().chain(further).collect();
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "acceptInsecureCerts": insecure,
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "args": options },
        }}});
        let created = window.call("POST", "", Some(&capabilities))?;
        let id = created.get("sessionId").and_then(Value::as_str).context("no session")?.to_owned();
        window.session = format!("{}/{id}", window.session);
        Ok(window)
    }

    /// # Errors
    /// The page does not load.
    pub fn open(&self, url: &str) -> anyhow::Result<()> {
        self.call("POST", "/url", Some(&json!({ "url": url }))).map(drop)
    }

    /// Types into the field that this CSS selector finds, as a person at a keyboard.
    ///
    /// # Errors
    /// There is no such field.
    pub fn type_into(&self, selector: &str, text: &str) -> anyhow::Result<()> {
        let element = self.find(selector)?;
        self.call("POST", &format!("/element/{element}/clear"), Some(&json!({}))).ok();
        self.call("POST", &format!("/element/{element}/value"), Some(&json!({ "text": text }))).map(drop)
    }

    /// # Errors
    /// There is nothing to click, or something lies over it.
    pub fn click(&self, selector: &str) -> anyhow::Result<()> {
        let element = self.find(selector)?;
        self.call("POST", &format!("/element/{element}/click"), Some(&json!({}))).map(drop)
    }

    /// Presses keys one after the other, wherever the focus is; [`TAB`], [`BACK_TAB`] and [`ENTER`] are keys too. A page that
    /// says where typing begins is waited for until it does: Chromium sets that focus only as it first draws the page.
    ///
    /// # Errors
    /// The window is gone, or nothing of the page takes the focus.
    pub fn press(&self, keys: &str) -> anyhow::Result<()> {
        until("a page that takes keys", || Ok((self.evaluate(TAKES_KEYS)? == true).then_some(())))?;
        let stroke = |kind: &str, key: char| json!({ "type": kind, "value": key.to_string() });
        let (mut strokes, mut held) = (Vec::new(), None);
        for key in keys.chars() {
            strokes.push(stroke("keyDown", key));
            if [SHIFT, CONTROL].contains(&key) {
                held = Some(key);
                continue;
            }
            strokes.push(stroke("keyUp", key));
            strokes.extend(held.take().map(|held| stroke("keyUp", held)));
        }
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.call("POST", "/actions", Some(&json!({ "actions": [keyboard] }))).map(drop)
    }

    /// Lets the system prefer this colour scheme, `light` or `dark`.
    ///
    /// # Errors
    /// The window is gone.
    pub fn prefer(&self, scheme: &str) -> anyhow::Result<()> {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.order("Emulation.setEmulatedMedia", json!({ "features": [feature] }))
    }

    /// Lays pages out as a phone with a screen of this size does, which is smaller than any window can be.
    ///
    /// # Errors
    /// The window is gone.
    pub fn become_phone(&self, width: u32, height: u32) -> anyhow::Result<()> {
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 2, "mobile": true });
        self.order("Emulation.setDeviceMetricsOverride", screen)
    }

    /// Lays pages out as the window does, once more.
    ///
    /// # Errors
    /// The window is gone.
    pub fn become_desktop(&self) -> anyhow::Result<()> {
        self.order("Emulation.clearDeviceMetricsOverride", json!({}))
    }

    /// Lets the reader prefer these languages, such as `de-AT,de`.
    ///
    /// # Errors
    /// The window is gone.
    pub fn read(&self, languages: &str) -> anyhow::Result<()> {
        let agent = self.evaluate("navigator.userAgent")?;
        let reader = json!({ "userAgent": agent, "acceptLanguage": languages });
        self.order("Emulation.setUserAgentOverride", reader)
    }

    /// Runs no script of any page from now on.
    ///
    /// # Errors
    /// The window is gone.
    pub fn run_no_scripts(&self) -> anyhow::Result<()> {
        self.order("Emulation.setScriptExecutionDisabled", json!({ "value": true }))
    }

    /// Lets pages of this origin show notifications, as a person who is asked and says yes.
    ///
    /// # Errors
    /// The window is gone.
    pub fn allow_notifications(&self, origin: &str) -> anyhow::Result<()> {
        self.order("Browser.grantPermissions", json!({ "origin": origin, "permissions": ["notifications"] }))
    }

    /// Hands a push message to the first service worker that was registered in this browser, as its vendor's service would.
    ///
    /// # Errors
    /// There is none.
    pub fn deliver_push(&self, origin: &str, payload: &str) -> anyhow::Result<()> {
        self.order("ServiceWorker.enable", json!({}))?;
        let message = json!({ "origin": origin, "registrationId": "0", "data": payload });
        self.order("ServiceWorker.deliverPushMessage", message)
    }

    /// Runs a script in every page before any of the page's own, from now on.
    ///
    /// # Errors
    /// The window is gone.
    pub fn run_first(&self, script: &str) -> anyhow::Result<()> {
        self.order("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }))
    }

    /// What a person reads there.
    ///
    /// # Errors
    /// There is no such element.
    pub fn text(&self, selector: &str) -> anyhow::Result<String> {
        let element = self.find(selector)?;
        let text = self.call("GET", &format!("/element/{element}/text"), None)?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// The whole page as it is drawn, as a PNG.
    ///
    /// # Errors
    /// The window is gone.
    pub fn picture(&self) -> anyhow::Result<Vec<u8>> {
        let width = self.evaluate("document.documentElement.clientWidth")?;
        let height =
            self.evaluate(&format!("Math.min({TALLEST_PICTURE}, document.documentElement.scrollHeight)"))?;
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
        let taken =
            self.ask("Page.captureScreenshot", json!({ "captureBeyondViewport": true, "clip": clip }))?;
        let encoded = taken.get("data").and_then(Value::as_str).context("no picture")?;
        Ok(data_encoding::BASE64.decode(encoded.as_bytes())?)
    }

    /// The path of the page that is shown.
    ///
    /// # Errors
    /// The window is gone.
    pub fn path(&self) -> anyhow::Result<String> {
        let url = self.call("GET", "/url", None)?;
        let url = url.as_str().unwrap_or_default();
        Ok(url.splitn(4, '/').nth(3).map_or_else(|| "/".into(), |path| format!("/{path}")))
    }

    /// Runs an expression in the page and gives back its value.
    ///
    /// # Errors
    /// It throws.
    pub fn evaluate(&self, script: &str) -> anyhow::Result<Value> {
        self.call("POST", "/execute/sync", Some(&json!({ "script": format!("return {script}"), "args": [] })))
    }

    /// Names and values of the cookies of the page that is shown, those that no script sees among them.
    ///
    /// # Errors
    /// The window is gone.
    pub fn cookies(&self) -> anyhow::Result<Vec<(String, String)>> {
        let cookies = self.call("GET", "/cookie", None)?;
        let text = |cookie: &Value, field: &str| {
            cookie.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let cookies = cookies.as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(cookies.iter().map(|cookie| (text(cookie, "name"), text(cookie, "value"))).collect())
    }

    /// Plants the cookies that `victim` has at the page it shows, as somebody would who copied them.
    ///
    /// # Errors
    /// One of the windows is gone, or shows a page of another site.
    pub fn copy_cookies(&self, victim: &Self) -> anyhow::Result<usize> {
        let cookies = victim.call("GET", "/cookie", None)?;
        let cookies = cookies.as_array().map(Vec::as_slice).unwrap_or_default();
        let url = self.evaluate("location.origin")?;
        for cookie in cookies {
            // One whose name begins with `__Host-` may say no domain, which the driver's own order does.
            let of = |field: &str| cookie.get(field);
            let given = json!({
                "url": url, "path": "/", "secure": true, "name": of("name"), "value": of("value"),
                "httpOnly": of("httpOnly"), "sameSite": of("sameSite"),
            });
            self.order("Network.setCookie", given)?;
        }
        Ok(cookies.len())
    }

    /// What the browser complained about since it was asked last: refused scripts and styles, errors, failed loads.
    ///
    /// # Errors
    /// The window is gone.
    pub fn complaints(&self) -> anyhow::Result<Vec<String>> {
        let log = self.call("POST", "/se/log", Some(&json!({ "type": "browser" })))?;
        let entries = log.as_array().map(Vec::as_slice).unwrap_or_default();
        let severe = |entry: &&Value| entry.get("level").and_then(Value::as_str) != Some("INFO");
        let message =
            |entry: &Value| entry.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(entries.iter().filter(severe).map(message).collect())
    }

    /// An order of the DevTools protocol.
    fn order(&self, name: &str, parameters: Value) -> anyhow::Result<()> {
        self.ask(name, parameters).map(drop)
    }

    /// A question of the DevTools protocol.
    fn ask(&self, name: &str, parameters: Value) -> anyhow::Result<Value> {
        let asked = json!({ "cmd": name, "params": parameters });
        self.call("POST", "/goog/cdp/execute", Some(&asked))
    }

    fn find(&self, selector: &str) -> anyhow::Result<String> {
        let query = json!({ "using": "css selector", "value": selector });
        let found = self.call("POST", "/element", Some(&query)).with_context(|| {
            let body = self.evaluate("document.body.innerText").unwrap_or_default();
            format!(
                "nothing matches `{selector}` on {}:\n{}",
                self.path().unwrap_or_default(),
                body.as_str().unwrap_or_default()
            )
        })?;
        found.get(ELEMENT).and_then(Value::as_str).map(str::to_owned).context("no element")
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let url = format!("{}{path}", self.session);
        let mut response = match (method, body) {
            ("POST", Some(body)) => {
                self.agent.post(&url).header("content-type", "application/json").send(body.to_string())?
            }
            ("DELETE", _) => self.agent.delete(&url).call()?,
            _ => self.agent.get(&url).call()?,
        };
        let text = response.body_mut().read_to_string()?;
        let answer: Value = serde_json::from_str(&text)?;
        let value = answer.get("value").cloned().unwrap_or_default();
        match value.get("error").and_then(Value::as_str) {
            Some(error) => {
                bail!("{error}: {}", value.get("message").and_then(Value::as_str).unwrap_or_default())
            }
            None => Ok(value),
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        self.call("DELETE", "", None).ok();
        if let Driver::Here { child, .. } = &mut self.driver {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .build();
    config.into()
}

/// Starts a program that cannot ask the kernel which networks there are. A browser gives up whatever it is loading when
/// one comes or goes, and on a machine of sandbox devices one always does.
fn spawn_unaware_of_networks(mut command: Command) -> anyhow::Result<Child> {
    let filter = without_netlink()?;
    // The filter holds for one thread for ever, and for all that it starts: so for a thread that starts nothing else.
    let spawned = thread::spawn(move || {
        seccompiler::apply_filter(&filter).map_err(io::Error::other)?;
        command.spawn()
    });
    Ok(spawned.join().map_err(|_| io::Error::other("the thread that starts programs broke"))??)
}

/// The SHA-256 of the public key of a certificate, as Chromium is told which it may trust.
fn public_key_digest(pem: &str) -> anyhow::Result<String> {
    use std::io::Write as _;
    let openssl = |args: &[&str], input: &[u8]| -> anyhow::Result<Vec<u8>> {
        let mut child =
            Command::new("openssl").args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        child.stdin.take().context("no input")?.write_all(input)?;
        Ok(child.wait_with_output()?.stdout)
    };
    let key = openssl(&["x509", "-pubkey", "-noout"], pem.as_bytes())?;
    let key = openssl(&["pkey", "-pubin", "-outform", "der"], &key)?;
    if key.is_empty() {
        bail!("openssl reads no certificate");
    }
    Ok(data_encoding::BASE64.encode(&sallyport_crypto::digest::sha256(&key)))
}

fn without_netlink() -> Result<BpfProgram, BackendError> {
    let netlink = u64::from(libc::AF_NETLINK.unsigned_abs());
    let asked = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, netlink)?;
    let rules = [(libc::SYS_socket, vec![SeccompRule::new(vec![asked])?])].into();
    let refused = SeccompAction::Errno(libc::EACCES.unsigned_abs());
    SeccompFilter::new(rules, SeccompAction::Allow, refused, std::env::consts::ARCH.try_into()?)?.try_into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_to_know_of_no_networks_cannot_ask_for_them() {
        let mut listing = Command::new("ip");
        listing
            .arg("link")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let refused = spawn_unaware_of_networks(listing).unwrap().wait_with_output().unwrap();
        assert!(!refused.status.success() && refused.stdout.is_empty(), "{refused:?}");
        assert!(String::from_utf8(refused.stderr).unwrap().contains("Permission denied"));
        // It holds for nothing else that this process starts.
        assert!(Command::new("ip").arg("link").output().unwrap().status.success());
    }
}
