//! Phones that are asked all at once, each with a client of the application that holds a question about it open, and how
//! soon such a client hears of a yes while all the others wait.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use sallyport_wire::duo::{
    Call,
    auth::{AuthResponse, AuthResult, AuthStatus, AuthStatusRequest, path},
};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::{Instant, timeout_at},
};

use crate::{
    agents::tls_alone,
    floor,
    house::{Gate, House, Protected, joined, name_of},
    http::Origin,
    load::Latencies,
    options::Options,
    phones::{self, Phone},
    process,
    report::{Goal, Line, Report},
};

/// Connections over which pushes are begun.
const BEGINNING: usize = 64;
/// Clients that connect at once.
const CONNECTING: usize = 32;
/// Clients of one address: the server lets none have more than twice as many.
const PER_ADDRESS: usize = 1_000;
/// People who say yes, at most, and how many do so side by side.
const APPROVALS: usize = 400;
const APPROVING: usize = 4;
/// Between two approvals of one of those.
const PACE: Duration = Duration::from_millis(50);
/// How long an answer may take before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(20);
/// Until nothing moves any more.
const SETTLE: Duration = Duration::from_secs(3);

const LINES: [(&str, &str, Option<Goal>); 3] = [
    ("pushes_begun", "pushes begun by /auth/v2/auth, durable", None),
    ("memory_per_push", "server memory for each held push, without TLS", None),
    ("push_answered", "approved on the phone: answer at a polling client, p99", Some(Goal::AtMost(100.0))),
];

pub(crate) async fn measure(
    house: &mut House,
    options: &Options,
    report: &mut Report,
    folder: &Path,
) -> anyhow::Result<()> {
    let people = options.pushes.min(options.users);
    house.push_without_number()?;
    let phones: Arc<[Phone]> = phones::activate(house, people).await?.into();
    // Anew, so that what activating left behind does not hide what a push takes.
    house.restart().await?;
    match outstanding(house, options, folder, &phones).await {
        Ok(measured) => measured.add_lines(report),
        // A slow machine is over its minute before all are asked: the other lines stand all the same.
        Err(error) => {
            let why = format!("{error:#}; fewer can be asked with `--pushes`");
            for (id, what, goal) in LINES {
                report.add(Line::not_measured(id, what, goal, &why));
            }
        }
    }
    Ok(())
}

/// What it was like.
struct Measured {
    pushes: usize,
    begun: Begun,
    /// Commits of one row a second.
    commits: f64,
    /// In kB, with TLS and without the rest.
    memory: f64,
    tls: f64,
    /// In shares of one core, while all waited.
    idle: f64,
    /// From sending the yes to the answer at the client.
    answered: Latencies,
    /// Until the phone had its own answer.
    said: Latencies,
    /// Requests still open when the last of those had been heard of.
    left: usize,
    /// Between the first question and then.
    took: Duration,
}

async fn outstanding(
    house: &House,
    options: &Options,
    folder: &Path,
    phones: &Arc<[Phone]>,
) -> anyhow::Result<Measured> {
    let (pid, people) = (house.pid()?, phones.len());
    let tls = tls_alone(folder, people).await?;
    let (commits_in, time) = (folder.to_owned(), options.round / 2);
    let commits = tokio::task::spawn_blocking(move || floor::commits(&commits_in, time)).await;
    let commits = commits.context("the commits broke")??.sqlite;
    // What is kept of people is no part of a push.
    each(house, people, |n| Call::post(path::PREAUTH).with("username", name_of(n))).await?;
    tokio::time::sleep(SETTLE).await;
    let before = process::resident(pid)?;
    let started = Instant::now();
    let begun = begin(house, people).await?;
    let mut clients = Clients::hold(house, &begun.transactions).await?;
    let idle = process::processor_time(pid)?;
    tokio::time::sleep(SETTLE).await;
    let idle = process::processor_time(pid)?.saturating_sub(idle);
    let grown = process::resident(pid)?.saturating_sub(before);
    clients.all_hold(people)?;
    let (answered, said) = approve(house, phones, &mut clients).await?;
    Ok(Measured {
        pushes: people,
        commits,
        memory: grown as f64 / 1000.0 / people as f64,
        tls,
        idle: idle.as_secs_f64() / SETTLE.as_secs_f64(),
        left: clients.holding(),
        took: started.elapsed(),
        begun,
        answered,
        said,
    })
}

struct Begun {
    transactions: Vec<String>,
    took: Duration,
    latencies: Latencies,
}

/// Asks the phones of all these people, as a client does that comes back for the answer.
async fn begin(house: &House, people: usize) -> anyhow::Result<Begun> {
    let started = Instant::now();
    let replies = each(house, people, |n| {
        let call = Call::post(path::AUTH).with("username", name_of(n)).with("ipaddr", "192.0.2.7");
        call.with("factor", "push").with("device", "auto").with("async", "1")
    })
    .await?;
    let took = started.elapsed();
    let mut begun = Begun { transactions: Vec::with_capacity(people), took, latencies: Latencies::default() };
    for (body, latency) in replies {
        begun.latencies.add(latency);
        match AuthResponse::parse(200, &body)? {
            AuthResponse::Accepted { txid } => begun.transactions.push(txid),
            AuthResponse::Done(_) => bail!("not asked: {}", String::from_utf8_lossy(&body)),
        }
    }
    Ok(begun)
}

/// Asks something about each of so many people, over several connections; what was answered, and how soon.
async fn each(
    house: &House,
    people: usize,
    call: fn(usize) -> Call,
) -> anyhow::Result<Vec<(Vec<u8>, Duration)>> {
    let mut hands = JoinSet::new();
    for hand in 0..BEGINNING.min(people) {
        let mut connection = house.protected().await?;
        hands.spawn(async move {
            let mut replies = Vec::new();
            for n in (hand..people).step_by(BEGINNING) {
                let sent = Instant::now();
                let reply = connection.ask(&call(n)).await?;
                replies.push((n, (reply.body.to_vec(), sent.elapsed())));
            }
            anyhow::Ok(replies)
        });
    }
    joined(hands).await
}

/// Clients that each hold a question about one transaction.
struct Clients {
    /// How many are not answered yet.
    waiting: Arc<AtomicUsize>,
    heard: mpsc::UnboundedReceiver<Heard>,
    _tasks: JoinSet<()>,
}

/// What a client heard in the end.
struct Heard {
    person: usize,
    at: Instant,
    status: anyhow::Result<AuthStatus>,
}

impl Clients {
    /// Waits until all of them are told that the phone is asked, and ask again.
    async fn hold(house: &House, transactions: &[String]) -> anyhow::Result<Self> {
        let (waiting, connecting) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(CONNECTING)));
        let (hear, heard) = mpsc::unbounded_channel();
        let (told, mut all_told) = mpsc::channel::<()>(1);
        let (gate, mut tasks) = (house.gate()?, JoinSet::new());
        for (person, txid) in transactions.iter().enumerate() {
            let call = AuthStatusRequest { txid: txid.clone() }.call();
            let gate = gate.clone().calling_from(source(person)?);
            let (waiting, connecting, hear, told) =
                (Arc::clone(&waiting), Arc::clone(&connecting), hear.clone(), told.clone());
            tasks.spawn(async move {
                let status = async {
                    let mut connection = connected(gate, &call, &connecting).await?;
                    waiting.fetch_add(1, Ordering::Relaxed);
                    drop(told);
                    let status = wait(&mut connection, &call).await;
                    waiting.fetch_sub(1, Ordering::Relaxed);
                    status
                };
                let status = status.await;
                hear.send(Heard { person, at: Instant::now(), status }).ok();
            });
        }
        drop(told);
        all_told.recv().await;
        Ok(Self { waiting, heard, _tasks: tasks })
    }

    /// Whether all of them wait; if not, why one does not.
    fn all_hold(&mut self, people: usize) -> anyhow::Result<()> {
        let holding = self.holding();
        if holding == people {
            return Ok(());
        }
        let other = self.heard.try_recv().context("clients are gone")?.status;
        let why = other.map_or_else(|error| format!("{error:#}"), |status| status.status_msg);
        bail!("only {holding} of {people} clients still wait: {why}")
    }

    fn holding(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

/// A client that has heard that the phone is asked.
async fn connected(gate: Gate, call: &Call, connecting: &Semaphore) -> anyhow::Result<Protected> {
    let _turn = connecting.acquire().await?;
    let mut connection = gate.connect().await?;
    let reply = connection.ask(call).await?;
    let status = AuthStatus::parse(reply.status, &reply.body)?;
    ensure!(status.result() == AuthResult::Waiting, "the phone is not asked: {}", reply.text());
    Ok(connection)
}

/// Asks again until there is an answer.
async fn wait(connection: &mut Protected, call: &Call) -> anyhow::Result<AuthStatus> {
    loop {
        let reply = connection.ask(call).await?;
        let status = AuthStatus::parse(reply.status, &reply.body)?;
        if status.result() != AuthResult::Waiting {
            return Ok(status);
        }
    }
}

/// The machine of the application that asks for this person.
fn source(person: usize) -> anyhow::Result<IpAddr> {
    let machine =
        u8::try_from(person / PER_ADDRESS).context("more people than an application has machines")?;
    Ok(IpAddr::V4(Ipv4Addr::new(127, 1, machine, 1)))
}

/// Lets some of the people say yes, spread over all; how soon their clients heard of it, and how soon the phones did.
async fn approve(
    house: &House,
    phones: &Arc<[Phone]>,
    clients: &mut Clients,
) -> anyhow::Result<(Latencies, Latencies)> {
    let many = APPROVALS.min(phones.len().div_ceil(2));
    let chosen: Vec<usize> = (0..phones.len()).step_by(phones.len() / many).take(many).collect();
    let mut hands = JoinSet::new();
    for hand in 0..APPROVING {
        let mine = chosen.iter().copied().skip(hand).step_by(APPROVING).collect();
        hands.spawn(say_yes(house.origin()?, Arc::clone(phones), mine));
    }
    let (mut sent, mut said) = (HashMap::with_capacity(many), Latencies::default());
    while let Some(done) = hands.join_next().await {
        for (person, at, latency) in done.context("a hand broke")?? {
            sent.insert(person, at);
            said.add(latency);
        }
    }
    let (mut answered, end) = (Latencies::default(), Instant::now() + PATIENCE);
    while answered.count() < sent.len() {
        let heard = timeout_at(end, clients.heard.recv()).await.context("an answer was lost")?;
        let Heard { person, at, status } = heard.context("nobody waits any more")?;
        let status = status?;
        let yes = sent.get(&person);
        let yes = yes.with_context(|| format!("nobody said yes, and yet: {}", status.status_msg))?;
        ensure!(status.result() == AuthResult::Allow, "not allowed: {}", status.status_msg);
        answered.add(at.saturating_duration_since(*yes));
    }
    Ok((answered, said))
}

/// Says yes on one phone after the other: whose, when that was sent, and how long until the phone had its answer.
async fn say_yes(
    origin: Origin,
    phones: Arc<[Phone]>,
    mine: Vec<usize>,
) -> anyhow::Result<Vec<(usize, Instant, Duration)>> {
    let mut said = Vec::with_capacity(mine.len());
    for person in mine {
        let mut shown = phones.get(person).context("no such phone")?.open(&origin).await?;
        let sent = shown.approve().await?;
        said.push((person, sent, sent.elapsed()));
        tokio::time::sleep(PACE).await;
    }
    Ok(said)
}

impl Measured {
    fn add_lines(&self, report: &mut Report) {
        let [begun, memory, answered] = LINES;
        let rate = self.pushes as f64 / self.begun.took.as_secs_f64();
        report.add(
            Line::new(begun.0, begun.1, rate, "/s")
                .against("commits of one SQLite row, synchronous=FULL, /s", self.commits)
                .note(self.how_begun()),
        );
        let without_tls = self.memory - self.tls;
        report.add(Line::new(memory.0, memory.1, without_tls, "kB").note(self.how_held()));
        let p99 = self.answered.percentile(0.99);
        let (id, what, goal) = answered;
        let line = Line::new(id, what, p99, "ms").note(self.how_answered());
        report.add(goal.into_iter().fold(line, Line::goal));
    }

    fn how_begun(&self) -> String {
        format!(
            "{} pushes over {BEGINNING} connections, p50 {:.1} ms, p99 {:.1} ms; three commits in a row each (sign-in, \
             request, transaction), which connections share, the floor is one by one",
            self.pushes,
            self.begun.latencies.percentile(0.5),
            self.begun.latencies.percentile(0.99),
        )
    }

    fn how_held(&self) -> String {
        format!(
            "VmRSS: {:.1} kB for each of {} requests to phones with a client that holds its auth_status open ({PER_ADDRESS} \
             clients to an address), less {:.1} kB that as many idle TLS connections take each in a bare server of the \
             same libraries; answers kept for repeated requests included; {:.1} % of a core while all wait and none \
             asks again",
            self.memory,
            self.pushes,
            self.tls,
            self.idle * 100.0,
        )
    }

    fn how_answered(&self) -> String {
        format!(
            "from sending the yes, signed with a key of the browser, to the answer of the held auth_status: {} approvals, \
             {APPROVING} side by side, p50 {:.1} ms; the phone had its own answer after p50 {:.1} ms, p99 {:.1} ms; \
             {} others still waited after the last, {:.0} s after the first was begun",
            self.answered.count(),
            self.answered.percentile(0.5),
            self.said.percentile(0.5),
            self.said.percentile(0.99),
            self.left,
            self.took.as_secs_f64(),
        )
    }
}
