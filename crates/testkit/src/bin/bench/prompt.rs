//! The prompt of Duo's Web SDKs: the page that a browser is shown, and the whole way from there to the statement that an
//! application redeems, against a bare HTTPS server and against the disk.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Context as _, bail, ensure};
use sallyport_crypto::Secret;
use sallyport_testkit::{browser::Page, unix_now};
use sallyport_wire::duo::prompt::{AuthorizeRequest, Callback, RedeemReply, RedeemRequest, params, path};
use serde_json::json;

use crate::{
    auth_api::{CONNECTIONS, codes, hellos, rates},
    browser::{Browser, hidden},
    floor::{self, BareServer},
    house::{Gate, House, name_of},
    http::Client,
    load::{self, Plan, Round, Work, median},
    options::Options,
    report::{Line, Report},
};

/// Where browsers go back to. Nobody listens there: the load reads the code out of the address.
const BACK: &str = "https://wiki.example/callback";
/// Codes prepared for each second of load: more than can be spent.
const CODES_A_SECOND: usize = 1_500;

pub(crate) async fn measure(
    house: &House,
    options: &Options,
    report: &mut Report,
    folder: &Path,
) -> anyhow::Result<()> {
    house.configure(json!({ "redirect_uris": [BACK] })).await?;
    let (people, codes) = codes(house, options, CODES_A_SECOND).await?;
    shown(house, options, report, folder, people).await?;
    passages(house, options, report, folder, codes).await
}

async fn shown(
    house: &House,
    options: &Options,
    report: &mut Report,
    folder: &Path,
    people: usize,
) -> anyhow::Result<()> {
    let bare = BareServer::start(folder)?;
    let (pid, plan) = (house.pid()?, Plan::of(options.round));
    let (mut own, mut hello) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        hello.push(load::round(plan, hellos(&bare.secure).await?, bare.pid()).await?);
        let mut asking = Vec::new();
        for n in 0..CONNECTIONS {
            asking.push(Asking { site: Site::open(house).await?, person: n, people });
        }
        own.push(load::round(plan, asking, pid).await?);
    }
    let micros = |rounds: &[Round]| median(rounds.iter().map(Round::processor_micros));
    let ratios = own.iter().zip(&hello).map(|(own, hello)| own.processor_micros() / hello.processor_micros());
    let note =
        "signed request to the page with the second door; two commits in a row (sign-in, prompt), durable";
    report.add(
        Line::new("prompt_shown", "prompt shown in a browser, processor time each", micros(&own), "us")
            .against("hello of a bare axum over TLS, us", micros(&hello))
            .with_ratio(median(ratios))
            .note(rates(&own, note)),
    );
    Ok(())
}

async fn passages(
    house: &House,
    options: &Options,
    report: &mut Report,
    folder: &Path,
    codes: Vec<(String, String)>,
) -> anyhow::Result<()> {
    let (pid, plan, codes) = (house.pid()?, Plan::of(options.round), Arc::new(Mutex::new(codes)));
    let (mut rounds, mut sqlite) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        let (folder, time) = (folder.to_owned(), options.round / 2);
        let commits = tokio::task::spawn_blocking(move || floor::commits(&folder, time)).await;
        sqlite.push(commits.context("the commits broke")??.sqlite);
        let mut passing = Vec::new();
        for _ in 0..CONNECTIONS {
            let backend = house.origin()?.connect().await?;
            passing.push(Passing { site: Site::open(house).await?, backend, codes: Arc::clone(&codes) });
        }
        rounds.push(load::round(plan, passing, pid).await?);
    }
    let note = "each is three requests (page, bypass code, token) and five commits in a row, the load reading the pages on the \
                same cores; connections share commits, the floor is one by one";
    report.add(
        Line::new(
            "prompt_passages",
            "prompt passed: page, passcode, code, token, durable",
            median(rounds.iter().map(Round::per_second)),
            "/s",
        )
        .against("commits of one SQLite row, synchronous=FULL, /s", median(sqlite))
        .note(rates(&rounds, note)),
    );
    Ok(())
}

/// An application with a browser that it sends to the prompt.
struct Site {
    browser: Browser,
    gate: Gate,
}

impl Site {
    async fn open(house: &House) -> anyhow::Result<Self> {
        let gate = house.gate()?;
        Ok(Self { browser: Browser::new(gate.origin.connect().await?), gate })
    }

    fn client(&self) -> (&str, &Secret) {
        (&self.gate.keys.ikey, &self.gate.keys.skey)
    }

    async fn show(&mut self, username: String) -> anyhow::Result<Page> {
        let request = AuthorizeRequest {
            redirect_uri: BACK.to_owned(),
            state: "the state of one request".to_owned(),
            username,
            nonce: Some("the nonce of one request".to_owned()),
            use_duo_code_attribute: true,
        };
        let url = request.url(self.client(), &self.gate.host, unix_now());
        let at = url.find(path::AUTHORIZE).context("no address")?;
        self.browser.open(url.get(at..).unwrap_or_default()).await
    }
}

/// Sends one person after the other to the prompt.
struct Asking {
    site: Site,
    person: usize,
    people: usize,
}

impl Work for Asking {
    async fn once(&mut self) -> anyhow::Result<bool> {
        let page = self.site.show(name_of(self.person % self.people)).await?;
        self.person += CONNECTIONS;
        ensure!(page.body.contains("name=\"passcode\""), "no second door: {}", page.text());
        Ok(true)
    }
}

/// People who type a code that is good once, and the application's server that redeems what they come back with.
struct Passing {
    site: Site,
    backend: Client,
    codes: Arc<Mutex<Vec<(String, String)>>>,
}

impl Work for Passing {
    async fn once(&mut self) -> anyhow::Result<bool> {
        let next = self.codes.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Some((name, passcode)) = next else { return Ok(false) };
        let page = self.site.show(name).await?;
        let mut form = hidden(&page, "passcode")?;
        form.push(("passcode".to_owned(), passcode));
        let form: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let page = self.site.browser.submit("/oauth/v1/prompt", &form).await?;
        self.redeem(&code_in(&page)?).await?;
        Ok(true)
    }
}

impl Passing {
    async fn redeem(&mut self, code: &str) -> anyhow::Result<()> {
        let jti = format!("assertion number {}", ASSERTIONS.fetch_add(1, Ordering::Relaxed));
        let request = RedeemRequest { code, redirect_uri: BACK, jti: &jti };
        let form = request.form(self.site.client(), &self.site.gate.host, unix_now());
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let reply = self.backend.send(hyper::Method::POST, path::TOKEN, &kind, form.into()).await?;
        match RedeemReply::parse(reply.status, &reply.body) {
            Ok(_) => Ok(()),
            Err(error) => bail!("the code is not redeemed: {error}"),
        }
    }
}

/// Assertions made in this run: none is taken twice.
static ASSERTIONS: AtomicUsize = AtomicUsize::new(0);

/// The code in the address that a page leads back to.
fn code_in(page: &Page) -> anyhow::Result<String> {
    let link = page.body.split_once("id=\"back\" href=\"").and_then(|(_, rest)| rest.split_once('"'));
    let (address, _) = link.with_context(|| format!("no way back: {}", page.text()))?;
    let address = address.replace("&#38;", "&").replace("&amp;", "&");
    let query = address.split_once('?').map(|(_, query)| query).context("nothing in the way back")?;
    match Callback::read(&params(query, None, b"")?) {
        Ok(Callback::Code { code, .. }) => Ok(code),
        other => bail!("no code: {other:?}"),
    }
}
