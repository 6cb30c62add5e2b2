//! Short ways to what many tests begin with: a server that is set up, a person with both doors, a device.

mod device_house;

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, anyhow};
use serde_json::Value;

use crate::{
    authenticator::Authenticator,
    browser::Browser,
    cli::Cli,
    post_office::PostOffice,
    push_service::PushService,
    server::{self, Server, SetUp},
    telephone_company::TelephoneCompany,
};

pub use device_house::DeviceHouse;

/// A server that is set up, on a folder that goes with it.
pub struct House {
    pub server: Server,
    pub set_up: SetUp,
    pub cli: Cli,
    folder: tempfile::TempDir,
}

impl House {
    /// Starts a server reachable at `host` and names its organisation.
    ///
    /// # Errors
    /// Something of it does not work.
    pub fn open(host: IpAddr) -> anyhow::Result<Self> {
        Self::with_packages(host, &server::packages_folder()?)
    }

    /// The same, offering what is in this folder to devices.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn with_packages(host: IpAddr, packages: &Path) -> anyhow::Result<Self> {
        Self::on(None, host, packages)
    }

    /// The same on a PostgreSQL database.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn on(database: Option<String>, host: IpAddr, packages: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let server = Server::start_on(database, host, &folder.path().join("data"), packages)?;
        Self::furnish(folder, server)
    }

    /// The same on this machine, known by the name that every machine has for itself: browsers make passkeys for names
    /// alone.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_by_name() -> anyhow::Result<Self> {
        Self::by_name(tempfile::tempdir()?, Vec::new())
    }

    /// The same, waking phones through this service and no other.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_beside(service: &PushService) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let ca = folder.path().join("push-ca.pem");
        std::fs::write(&ca, &service.ca_pem)?;
        Self::by_name(folder, vec!["--web-push-test-ca".into(), ca.to_string_lossy().into_owned()])
    }

    /// The same, beside a telephone company that carries its texts and calls to the United States.
    ///
    /// # Errors
    /// As [`Self::open`], or the company does not start.
    pub fn open_with_telephones() -> anyhow::Result<(Self, TelephoneCompany)> {
        let house = Self::open_with_loopback()?;
        let company = TelephoneCompany::start(&house.server.binary, &house.ca_file())?;
        company.serve(&house.cli)?;
        Ok((house, company))
    }

    /// The same, beside a post office that takes its mail.
    ///
    /// # Errors
    /// As [`Self::open`], or the office does not open.
    pub fn open_with_post() -> anyhow::Result<(Self, PostOffice)> {
        let house = Self::open_with_loopback()?;
        let office = PostOffice::open(&house.server.binary)?;
        let port = office.port.to_string();
        let given =
            ["--host", "127.0.0.1", "--port", &port, "--security", "none", "--sender", "it@example.com"];
        house.cli.json(&[&["mail", "update"], &given[..]].concat())?;
        Ok((house, office))
    }

    /// The same, calling services on this machine whose certificates are of the authority in this file.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_calling(ca: &Path) -> anyhow::Result<Self> {
        let ca = ca.to_string_lossy().into_owned();
        let further = ["--outbound-internal", "127.0.0.1", "--outbound-ca", &ca].map(str::to_owned);
        Self::by_name(tempfile::tempdir()?, further.into())
    }

    /// The same, behind a proxy on this machine, and knowing by these files where addresses are and which networks hide.
    ///
    /// # Errors
    /// As [`Self::open`], or a file cannot be used.
    pub fn open_knowing_places(countries: &Path, anonymous: &Path) -> anyhow::Result<Self> {
        let (countries, anonymous) = (countries.to_string_lossy(), anonymous.to_string_lossy());
        let places = ["--countries", &countries, "--anonymous-networks", &anonymous];
        let further = [&places[..], &["--trusted-proxy", "127.0.0.1"]].concat();
        Self::by_name(tempfile::tempdir()?, further.into_iter().map(str::to_owned).collect())
    }

    /// A house that may call what listens on this machine.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with_loopback() -> anyhow::Result<Self> {
        let further = ["--outbound-internal", "127.0.0.1"].map(str::to_owned);
        Self::by_name(tempfile::tempdir()?, further.into())
    }

    fn by_name(folder: tempfile::TempDir, further: Vec<String>) -> anyhow::Result<Self> {
        let (host, data) = (std::net::Ipv4Addr::LOCALHOST.into(), folder.path().join("data"));
        let server = Server::start_as("localhost", further, None, host, &data, &server::packages_folder()?)?;
        Self::furnish(folder, server)
    }

    fn furnish(folder: tempfile::TempDir, server: Server) -> anyhow::Result<Self> {
        let set_up = server.set_up("Fortress & Sons", "olga", "gravel tulip hovercraft 9")?;
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, &set_up.ca)?;
        let cli =
            Cli { binary: server.binary.clone(), url: server.url.clone(), token: set_up.token.clone(), ca };
        Ok(Self { server, set_up, cli, folder })
    }

    /// One more server of this organisation, on the same database.
    ///
    /// # Errors
    /// The database is not one to share, or it does not start.
    pub fn another_server(&self) -> anyhow::Result<Server> {
        self.server.start_another(&self.folder.path().join("another"))
    }

    /// The authority's certificate, as a file.
    #[must_use]
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Writes a file that goes with the house.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn file(&self, name: &str, text: &str) -> anyhow::Result<String> {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path.to_string_lossy().into_owned())
    }

    /// A browser nobody has used yet.
    ///
    /// # Errors
    /// The authority's certificate is damaged.
    pub fn browser(&self) -> anyhow::Result<Browser> {
        Browser::new(&self.server.url, &self.set_up.ca)
    }

    /// An active person with this password.
    ///
    /// # Errors
    /// The server refuses.
    pub fn person(&self, name: &str, password: &str) -> anyhow::Result<()> {
        self.cli.json(&["user", "create", name, "--active"])?;
        self.cli.run(&["user", "set-password", name, "--password-file", "-"], Some(password))?;
        Ok(())
    }

    /// Enrols an authenticator for a person by the pages, as they would; the step before the present is spent.
    ///
    /// # Errors
    /// The pages do not lead there.
    pub fn enroll(&self, name: &str) -> anyhow::Result<Authenticator> {
        let code = text(&self.cli.json(&["user", "enrollment-code", name])?, "code");
        enroll(&self.browser()?, &code)
    }

    /// Waits until a device is connected and has spoken of the state it should have.
    ///
    /// # Errors
    /// It does not happen.
    pub fn in_step(&self, device: &str) -> anyhow::Result<Value> {
        until("the device to be in step", || {
            let state = self.cli.json(&["device", "state", device])?;
            let flag = |name: &str| state.get(name).and_then(Value::as_bool) == Some(true);
            Ok((flag("connected") && flag("reported_is_current")).then_some(state))
        })
    }

    /// What the server says of an account on a device, once the device is in step.
    ///
    /// # Errors
    /// It is not mentioned.
    pub fn account(&self, device: &str, name: &str) -> anyhow::Result<Value> {
        let state = self.in_step(device)?;
        let accounts = state.get("accounts").and_then(Value::as_array).context("no accounts")?;
        accounts
            .iter()
            .find(|account| text(account, "name") == name)
            .cloned()
            .with_context(|| format!("no account `{name}` in {state}"))
    }

    /// Bypass codes of a person.
    ///
    /// # Errors
    /// The server refuses.
    pub fn bypass_codes(&self, name: &str, count: usize) -> anyhow::Result<Vec<String>> {
        let answer = self.cli.json(&["user", "bypass-codes", name, "--count", &count.to_string()])?;
        let codes = answer.get("codes").and_then(Value::as_array).context("no bypass codes")?;
        Ok(codes.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }
}

/// Enrols by the pages with an enrolment code: the seed is read where a person would read it.
///
/// # Errors
/// The pages do not lead there.
pub fn enroll(browser: &Browser, code: &str) -> anyhow::Result<Authenticator> {
    let page = browser.open("/enroll")?.ok()?;
    let page = browser.submit(&page, "code", &[("code", code)])?.ok()?;
    let seed = page.text_of("seed").with_context(|| format!("no seed on the page: {}", page.text()))?;
    let authenticator = Authenticator::from_text(&seed)?;
    // The code of the step before, so that the present one is still good for what comes next.
    browser.submit(&page, "passcode", &[("passcode", &authenticator.code(-1))])?.ok()?;
    Ok(authenticator)
}

/// A text field of an answer, empty if it is not there.
#[must_use]
pub fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The items of a listing.
#[must_use]
pub fn items(value: &Value) -> &[Value] {
    value.get("items").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// How long anything that happens by itself may take.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// Looks until it is so, a few times a second: the product pushes, whoever watches from outside polls. A look that fails
/// saw nothing yet: a page on its way to another has neither.
///
/// # Errors
/// It is not so within [`PATIENCE`]; the error tells what the last look failed of.
pub fn until<T>(what: &str, mut look: impl FnMut() -> anyhow::Result<Option<T>>) -> anyhow::Result<T> {
    let started = Instant::now();
    loop {
        let seen = look();
        if let Ok(Some(found)) = seen {
            return Ok(found);
        }
        if started.elapsed() > PATIENCE {
            let nothing = || anyhow!("it was not to be seen");
            return Err(seen.err().unwrap_or_else(nothing))
                .with_context(|| format!("waited {} s for {what}", PATIENCE.as_secs()));
        }
        pause();
    }
}

#[expect(clippy::disallowed_methods, reason = "an outside observer has nothing to wait on but time")]
fn pause() {
    std::thread::sleep(Duration::from_millis(50));
}
