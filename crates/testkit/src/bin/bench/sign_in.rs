//! Portal sign-ins up to the second door's page, and what a storm of them does to everybody else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, anyhow, ensure};
use hyper::{Method, body::Bytes};
use sallyport_testkit::browser::Page;
use sallyport_wire::duo::auth::TimeResponse;
use serde_json::json;
use tokio::{runtime::Builder, task::JoinHandle};

use crate::{
    floor,
    house::{Api, AsyncEach, House, PASSWORD, Protected, name_of},
    http::{Client, Origin},
    load::{self, Latencies, Plan, Round, Work, median},
    options::Options,
    process,
    report::{Goal, Line, Report},
};

/// People who sign in at once, for each core: the pool always has somebody waiting.
const PEOPLE_PER_CORE: usize = 4;

/// Between two calls of the application that watches the storm. Unpaced it would take a core for itself, and what
/// is asked is whether it notices the storm.
const PACE: Duration = Duration::from_millis(10);

const MIB: f64 = (1 << 20) as f64;

pub(crate) async fn measure(house: &mut House, options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let people: Vec<usize> = (0..PEOPLE_PER_CORE * process::cores()).collect();
    house.for_each(people.clone(), Prepare).await?;
    // Anew, so that the memory of the hashes made just now is not there yet.
    house.restart().await?;
    let origin = house.origin()?;
    let pid = house.pid()?;
    let (before, before_whole) = (process::resident_anonymous(pid)?, process::resident(pid)?);
    let (mut watched, mut stolen) = (Vec::new(), Duration::ZERO);
    let (mut rates, mut ceilings, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let plan = Plan::of(options.round);
    let mut last_ceiling = ceiling(options.round).await?;
    let memory = Peak::watch(pid);
    for _ in 0..options.rounds {
        let quiet = watch(house, plan, pid)?.await.context("watching broke")??.latencies;
        let stolen_before = process::stolen();
        let storm = rage(&origin, &people, plan, pid);
        let stormy = watch(house, plan, pid)?.await.context("watching broke")??.latencies;
        watched.push(Watched { quiet, stormy });
        let storm = storm.await.context("the storm broke")??;
        stolen += process::stolen().saturating_sub(stolen_before);
        let next_ceiling = ceiling(options.round).await?;
        let at_best = f64::midpoint(last_ceiling, next_ceiling);
        rates.push(storm.per_second());
        ceilings.push(at_best);
        ratios.push(storm.per_second() / at_best);
        last_ceiling = next_ceiling;
    }
    let grown = memory.highest().saturating_sub(before) as f64 / MIB;
    let grown_whole = process::resident(pid)?.saturating_sub(before_whole) as f64 / MIB;
    add_lines(report, &Storm { rates, ceilings, ratios, watched, stolen, grown, grown_whole });
    Ok(())
}

/// Signs all of them in over and over for a round's time. The watching application is held up by what this does to the
/// server, and not by browsers that run on the same cores: those wait until nobody else wants one.
fn rage(origin: &Origin, people: &[usize], plan: Plan, pid: u32) -> JoinHandle<anyhow::Result<Round>> {
    let (origin, people) = (origin.clone(), people.to_vec());
    let raging = std::thread::spawn(move || {
        process::never_interrupt()?;
        Builder::new_current_thread().enable_all().build()?.block_on(async {
            let mut browsers = Vec::new();
            for n in people {
                browsers.push(SignIn::open(&origin, &name_of(n)).await?);
            }
            load::round(plan, browsers, pid).await
        })
    });
    tokio::task::spawn_blocking(move || raging.join().map_err(|_| anyhow!("the storm broke"))?)
}

/// Asks for a round's time on a thread of its own: an application does not wait until the browsers of others have read
/// their pages.
fn watch(house: &House, plan: Plan, pid: u32) -> anyhow::Result<JoinHandle<anyhow::Result<Round>>> {
    let gate = house.gate()?;
    Ok(tokio::task::spawn_blocking(move || {
        Builder::new_current_thread().enable_all().build()?.block_on(async {
            let watching = Check { connection: gate.connect().await? };
            load::round(plan.paced(PACE), vec![watching], pid).await
        })
    }))
}

/// What an application waited in one round.
struct Watched {
    quiet: Latencies,
    stormy: Latencies,
}

struct Storm {
    rates: Vec<f64>,
    ceilings: Vec<f64>,
    ratios: Vec<f64>,
    watched: Vec<Watched>,
    /// By the machine's host, during the storms.
    stolen: Duration,
    /// Memory of no file, in MiB: what hashing costs.
    grown: f64,
    /// With the pages of the program that nobody had needed before, which the kernel may take back.
    grown_whole: f64,
}

fn add_lines(report: &mut Report, storm: &Storm) {
    let rate = median(storm.rates.iter().copied());
    report.add(
        Line::new("sign_ins", "portal sign-ins to the second door", rate, "/s")
            .against("Argon2id on the same cores in this run, /s", median(storm.ceilings.iter().copied()))
            .with_ratio(median(storm.ratios.iter().copied()))
            .goal(Goal::AtLeast(0.9))
            .note(
                "loader and watching application on the same cores, the loader never interrupting; ratio to the ceilings \
                 before and after each round",
            ),
    );
    let each = |of: fn(&Watched) -> f64| median(storm.watched.iter().map(of));
    let note = format!(
        "medians of {} rounds; one connection, a call {} ms after each answer, {} calls in quiet and {} in the storm; \
         p50 {:.2} and {:.2} ms; the machine's host took {:.0} ms of processor time away during the storms",
        storm.watched.len(),
        PACE.as_millis(),
        storm.watched.iter().map(|round| round.quiet.count()).sum::<usize>(),
        storm.watched.iter().map(|round| round.stormy.count()).sum::<usize>(),
        each(|round| round.quiet.percentile(0.5)),
        each(|round| round.stormy.percentile(0.5)),
        storm.stolen.as_secs_f64() * 1e3,
    );
    let stormy = each(|round| round.stormy.percentile(0.99));
    report.add(
        Line::new("check_in_storm", "p99 of /auth/v2/check meanwhile", stormy, "ms")
            .against("its p99 in quiet, ms", each(|round| round.quiet.percentile(0.99)))
            .with_ratio(each(|round| round.stormy.percentile(0.99) / round.quiet.percentile(0.99)))
            .goal(Goal::AtMost(3.0))
            .note(note),
    );
    let cores = process::cores();
    let allowed = cores as f64 * 19.0 + 10e6 / MIB;
    report.add(
        Line::new("memory_in_storm", "server memory grown meanwhile", storm.grown, "MiB")
            .goal(Goal::AtMost(allowed))
            .note(format!(
                "highest RssAnon over RssAnon after the start; allowed: {cores} x 19 MiB + 10 MB; with the program's own \
                 pages that were touched for the first time {:.1} MiB",
                storm.grown_whole
            )),
    );
}

/// The ceiling is measured off the runtime, and nothing else of ours runs meanwhile.
async fn ceiling(time: Duration) -> anyhow::Result<f64> {
    tokio::task::spawn_blocking(move || floor::argon2id(time)).await.context("the ceiling broke")?
}

/// Gives a person a password and something for the second door.
#[derive(Clone)]
struct Prepare;

impl AsyncEach<usize, ()> for Prepare {
    async fn each(&self, api: &mut Api, n: usize) -> anyhow::Result<()> {
        let name = name_of(n);
        api.call(Method::PUT, &format!("/users/{name}/password"), json!({ "password": PASSWORD })).await?;
        api.call(Method::POST, &format!("/users/{name}/bypass-codes"), json!({ "count": 1 })).await?;
        Ok(())
    }
}

/// A browser that signs the same person in over and over.
struct SignIn {
    client: Client,
    cookie: String,
    form: Bytes,
}

impl SignIn {
    async fn open(origin: &Origin, name: &str) -> anyhow::Result<Self> {
        let mut client = origin.connect().await?;
        let page = client.get("/sign-in").await?.ok()?;
        let cookies = page.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
        let cookie: Vec<&str> = cookies.filter_map(|line| line.split(';').next()).collect();
        let shown = Page { status: page.status, path: "/sign-in".to_owned(), body: page.text() };
        let form = shown
            .forms()
            .into_iter()
            .find(|form| form.fields.iter().any(|field| field == "password"))
            .context("no form for a password")?;
        let mut body = format!("name={name}&password={}", PASSWORD.replace(' ', "+"));
        for (name, value) in form.hidden {
            body.push_str(&format!("&{name}={}", value.replace(' ', "+")));
        }
        Ok(Self { client, cookie: cookie.join("; "), form: body.into() })
    }
}

impl Work for SignIn {
    async fn once(&mut self) -> anyhow::Result<bool> {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("cookie", self.cookie.as_str()),
            ("sec-fetch-site", "same-origin"),
        ];
        let reply = self.client.send(Method::POST, "/sign-in", &headers, self.form.clone()).await?.ok()?;
        ensure!(reply.text().contains("name=\"passcode\""), "no second door: {}", reply.text());
        Ok(true)
    }
}

/// An application that asks whether its keys are right.
struct Check {
    connection: Protected,
}

impl Work for Check {
    async fn once(&mut self) -> anyhow::Result<bool> {
        self.connection.ask(&TimeResponse::check()).await?;
        Ok(true)
    }
}

/// The highest memory seen, looked at often.
struct Peak {
    highest: Arc<AtomicU64>,
    done: Arc<AtomicBool>,
}

impl Peak {
    fn watch(pid: u32) -> Self {
        let peak = Self { highest: Arc::default(), done: Arc::default() };
        let (highest, done) = (Arc::clone(&peak.highest), Arc::clone(&peak.done));
        tokio::spawn(async move {
            while !done.load(Ordering::Relaxed) {
                highest.fetch_max(process::resident_anonymous(pid).unwrap_or(0), Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        peak
    }

    fn highest(&self) -> u64 {
        self.done.store(true, Ordering::Relaxed);
        self.highest.load(Ordering::Relaxed)
    }
}
