//! The Auth API as a protected application calls it, against a bare HTTPS server and against the disk.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, ensure};
use hyper::Method;
use sallyport_wire::duo::{Call, auth::path, signing::SignedRequest};
use serde_json::{Value, json};

use crate::{
    floor::{self, BareServer},
    house::{Api, AsyncEach, House, Protected, name_of, text},
    http::{Client, Origin},
    load::{self, Plan, Round, Work, median},
    options::Options,
    report::{Goal, Line, Report},
};

/// Connections of applications at once.
pub(crate) const CONNECTIONS: usize = 8;
/// Most codes that one call makes.
const CODES_EACH: usize = 10;
/// Codes prepared for each second of load: more than can be spent.
const CODES_A_SECOND: usize = 6_000;

pub(crate) async fn measure(
    house: &mut House,
    options: &Options,
    report: &mut Report,
    folder: &Path,
) -> anyhow::Result<()> {
    let (people, codes) = codes(house, options, CODES_A_SECOND).await?;
    preauth(house, options, report, folder, people).await?;
    auth(house, options, report, folder, codes).await
}

/// So many codes for each second of load, each with its owner's name; and how many people have some.
pub(crate) async fn codes(
    house: &House,
    options: &Options,
    a_second: usize,
) -> anyhow::Result<(usize, Vec<(String, String)>)> {
    let seconds = options.rounds * (options.round.as_secs() as usize + 1);
    let people = (seconds * a_second / CODES_EACH).min(options.users);
    let codes = house.for_each((0..people).collect(), Codes).await?;
    Ok((people, codes.into_iter().flatten().collect()))
}

async fn preauth(
    house: &House,
    options: &Options,
    report: &mut Report,
    folder: &Path,
    people: usize,
) -> anyhow::Result<()> {
    let bare = BareServer::start(folder)?;
    let (pid, plan) = (house.pid()?, Plan::of(options.round));
    let mut rounds: [Vec<Round>; 3] = Default::default();
    for _ in 0..options.rounds {
        let hello = load::round(plan, hellos(&bare.secure).await?, bare.pid()).await?;
        let mut asking = Vec::new();
        for n in 0..CONNECTIONS {
            asking.push(Preauth::new(house.protected().await?, (n..people).step_by(CONNECTIONS))?);
        }
        let own = load::round(plan, asking, pid).await?;
        let without_tls = load::round(plan, hellos(&bare.plain).await?, bare.pid()).await?;
        for (kept, round) in rounds.iter_mut().zip([hello, own, without_tls]) {
            kept.push(round);
        }
    }
    let [hello, own, without_tls] = &rounds;
    let micros = |rounds: &[Round]| median(rounds.iter().map(Round::processor_micros));
    let ratios = own.iter().zip(hello).map(|(own, hello)| own.processor_micros() / hello.processor_micros());
    report.add(
        Line::new("preauth_processor", "/auth/v2/preauth, processor time each", micros(own), "us")
            .against("hello of a bare axum over TLS, us", micros(hello))
            .with_ratio(median(ratios))
            .goal(Goal::AtMost(3.0))
            .note(rates(own, &format!("the same hello without TLS takes {:.1} us", micros(without_tls)))),
    );
    Ok(())
}

async fn auth(
    house: &House,
    options: &Options,
    report: &mut Report,
    folder: &Path,
    codes: Vec<(String, String)>,
) -> anyhow::Result<()> {
    let (pid, plan, codes) = (house.pid()?, Plan::of(options.round), Arc::new(Mutex::new(codes)));
    let (mut rounds, mut bare, mut sqlite) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        let (folder, time) = (folder.to_owned(), options.round / 2);
        let commits = tokio::task::spawn_blocking(move || floor::commits(&folder, time))
            .await
            .context("the commits broke")??;
        bare.push(commits.bare);
        sqlite.push(commits.sqlite);
        let mut asking = Vec::new();
        for _ in 0..CONNECTIONS {
            asking.push(Auth { connection: house.protected().await?, codes: Arc::clone(&codes) });
        }
        rounds.push(load::round(plan, asking, pid).await?);
    }
    let rate = median(rounds.iter().map(Round::per_second));
    let note = format!(
        "bypass codes, each spent durably by two commits in a row (first door, second door); {CONNECTIONS} connections \
         share commits, the floor is one by one"
    );
    report.add(
        Line::new("auth_durable", "/auth/v2/auth with a passcode, durable", rate, "/s")
            .against("commits of one SQLite row, synchronous=FULL, /s", median(sqlite))
            .note(rates(&rounds, &note)),
    );
    report.add(
        Line::new("auth_disk", "the same against the disk", rate, "/s")
            .against("4 KiB appended and fdatasync, /s", median(bare)),
    );
    let peer = "the peer (privacyIDEA) is not installed by this bench";
    report.add(Line::not_measured("auth_peer", "the same against a peer", None, peer));
    Ok(())
}

pub(crate) fn rates(rounds: &[Round], note: &str) -> String {
    let of = |pick: fn(&Round) -> f64| median(rounds.iter().map(pick));
    format!(
        "{CONNECTIONS} connections, {:.0} /s, p50 {:.2} ms, p99 {:.2} ms, {:.0} us of processor each; {note}",
        of(Round::per_second),
        of(|round| round.latencies.percentile(0.5)),
        of(|round| round.latencies.percentile(0.99)),
        of(Round::processor_micros),
    )
}

pub(crate) async fn hellos(origin: &Origin) -> anyhow::Result<Vec<Hello>> {
    let mut hellos = Vec::new();
    for _ in 0..CONNECTIONS {
        hellos.push(Hello { client: origin.connect().await? });
    }
    Ok(hellos)
}

pub(crate) struct Hello {
    client: Client,
}

impl Work for Hello {
    async fn once(&mut self) -> anyhow::Result<bool> {
        let reply = self.client.get("/").await?.ok()?;
        ensure!(&reply.body[..] == b"hello", "no hello");
        Ok(true)
    }
}

/// An application that asks what would happen to one person after the other. What it asks is signed beforehand: the
/// server is measured, and the load must not take its time away.
struct Preauth {
    connection: Protected,
    questions: Vec<SignedRequest>,
    next: usize,
}

impl Preauth {
    fn new(connection: Protected, people: impl Iterator<Item = usize>) -> anyhow::Result<Self> {
        let question = |n| Call::post(path::PREAUTH).with("username", name_of(n)).with("ipaddr", "192.0.2.7");
        let questions = people.map(|n| connection.sign(&question(n))).collect::<Result<_, _>>()?;
        Ok(Self { connection, questions, next: 0 })
    }
}

impl Work for Preauth {
    async fn once(&mut self) -> anyhow::Result<bool> {
        let question = self.questions.get(self.next % self.questions.len()).context("nobody to ask about")?;
        self.next += 1;
        let reply = self.connection.send(question).await?;
        ensure!(reply.text().contains(r#""result":"auth""#), "not asked for a factor: {}", reply.text());
        Ok(true)
    }
}

/// An application whose people type codes that are good once.
struct Auth {
    connection: Protected,
    codes: Arc<Mutex<Vec<(String, String)>>>,
}

impl Work for Auth {
    async fn once(&mut self) -> anyhow::Result<bool> {
        let next = self.codes.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Some((name, code)) = next else { return Ok(false) };
        let call = Call::post(path::AUTH)
            .with("username", name)
            .with("ipaddr", "192.0.2.7")
            .with("factor", "passcode")
            .with("passcode", code);
        let reply = self.connection.ask(&call).await?;
        ensure!(reply.text().contains(r#""result":"allow""#), "not allowed: {}", reply.text());
        Ok(true)
    }
}

/// Makes codes for a person.
#[derive(Clone)]
struct Codes;

impl AsyncEach<usize, Vec<(String, String)>> for Codes {
    async fn each(&self, api: &mut Api, n: usize) -> anyhow::Result<Vec<(String, String)>> {
        let name = name_of(n);
        let path = format!("/users/{name}/bypass-codes");
        let made = api.call(Method::POST, &path, json!({ "count": CODES_EACH })).await?;
        let codes = made.get("codes").and_then(Value::as_array).context("no codes")?;
        let codes: Vec<_> = codes.iter().filter_map(Value::as_str).collect();
        ensure!(!codes.is_empty(), "no codes: {}", text(&made, "codes").unwrap_or_default());
        Ok(codes.into_iter().map(|code| (name.clone(), code.to_owned())).collect())
    }
}
