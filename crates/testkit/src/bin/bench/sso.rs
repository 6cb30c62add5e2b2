//! Single sign-on: OpenID Connect against a provider by others (oidc-provider on Node, in memory and without TLS, while ours keeps
//! everything and speaks TLS), and SAML, for which there is no such peer, against a bare signature.
//!
//! The rounds of both alternate, each with the same loader, and what counts first is the processor's time for each operation.

#[path = "sso/peer.rs"]
mod peer;
#[path = "sso/provider.rs"]
mod provider;
#[path = "sso/work.rs"]
mod work;

use std::time::Instant;

use anyhow::Context as _;
use sallyport_crypto::{
    SystemRandom,
    jws::{JwsAlgorithm, JwsKey},
};

use self::{
    peer::Peer,
    provider::Provider,
    work::{Asking, Doing},
};
use crate::{
    auth_api::{CONNECTIONS, hellos, rates},
    floor::BareServer,
    house::House,
    load::{self, Plan, Round, median},
    options::Options,
    process,
    report::{Goal, Line, Report},
};

const PEER: &str = "oidc-provider on Node, in memory, without TLS";

/// Something that both providers do, and how much of the peer's processor time it may take.
struct Goals {
    doing: Doing,
    id: [&'static str; 3],
    what: &'static str,
    of_peer: f64,
    /// How much longer it may take than a bare axum's hello over TLS.
    of_hello: Option<f64>,
    /// How long its slowest may take of the peer's.
    of_slowest: Option<f64>,
}

/// What has no signature in it.
const READING: [Goals; 3] = [
    Goals {
        doing: Doing::Discovery,
        id: ["oidc_discovery", "oidc_discovery_hello", ""],
        what: "OpenID discovery, processor time each",
        of_peer: 0.25,
        of_hello: Some(2.5),
        of_slowest: None,
    },
    Goals {
        doing: Doing::Keys,
        id: ["oidc_jwks", "oidc_jwks_hello", ""],
        what: "JWKS, processor time each",
        of_peer: 0.4,
        of_hello: Some(2.5),
        of_slowest: None,
    },
    Goals {
        doing: Doing::UserInfo,
        id: ["oidc_userinfo", "", ""],
        what: "userinfo by an opaque token, processor time each",
        of_peer: 0.35,
        of_hello: None,
        of_slowest: None,
    },
];

fn signing(algorithm: JwsAlgorithm) -> [Goals; 2] {
    let is_rsa = algorithm == JwsAlgorithm::Rs256;
    let goals =
        |doing, ids: [[&'static str; 3]; 2], whats: [&'static str; 2], of_peer: [f64; 2], of_slowest| {
            let at = usize::from(!is_rsa);
            let pick = |of: [f64; 2]| of.get(at).copied().unwrap_or_default();
            let (id, what) =
                (ids.get(at).copied().unwrap_or_default(), whats.get(at).copied().unwrap_or_default());
            Goals { doing, id, what, of_peer: pick(of_peer), of_hello: None, of_slowest }
        };
    [
        goals(
            Doing::Credentials,
            [["oidc_credentials_rs256", "", ""], ["oidc_credentials_es256", "", ""]],
            [
                "client credentials, a JWT by RS256, processor time",
                "client credentials, a JWT by ES256, processor time",
            ],
            [0.7, 0.35],
            None,
        ),
        goals(
            Doing::Code,
            [["oidc_code_rs256", "", "oidc_code_rs256_p99"], ["oidc_code_es256", "", "oidc_code_es256_p99"]],
            [
                "code flow in a session, durable, RS256, processor time",
                "code flow in a session, durable, ES256, processor time",
            ],
            [0.5, 0.4],
            Some(0.7),
        ),
    ]
}

pub(crate) async fn measure(
    house: &mut House,
    options: &Options,
    report: &mut Report,
    folder: &std::path::Path,
) -> anyhow::Result<()> {
    let bare = BareServer::start(folder)?;
    for algorithm in [JwsAlgorithm::Rs256, JwsAlgorithm::Es256] {
        let ours = Provider::ours(house, algorithm).await?;
        let reading = if algorithm == JwsAlgorithm::Es256 { &READING[..] } else { &[] };
        let goals: Vec<&Goals> = reading.iter().collect();
        let signing = signing(algorithm);
        let goals: Vec<&Goals> = goals.into_iter().chain(&signing).collect();
        match Peer::start(algorithm).await {
            Ok(peer) => against(house, options, report, (&ours, &peer, &bare), &goals).await?,
            Err(error) => {
                for goal in goals {
                    let why = format!("the peer did not start: {error:#}");
                    report.add(Line::not_measured(
                        goal.id[0],
                        goal.what,
                        Some(Goal::AtMost(goal.of_peer)),
                        &why,
                    ));
                }
            }
        }
        let note = "what a flow and a program's token cannot be without";
        let (id, what) = match algorithm {
            JwsAlgorithm::Rs256 => ("signature_rs256", "a bare signature by RS256, 2048 bits"),
            JwsAlgorithm::EdDsa | JwsAlgorithm::Es256 | JwsAlgorithm::Ps256 => {
                ("signature_es256", "a bare signature by ES256")
            }
        };
        report.add(Line::new(id, what, signature(algorithm)?, "us").note(note));
    }
    saml(house, options, report).await
}

/// Ours and the peer in turn, and a bare server between them.
async fn against(
    house: &House,
    options: &Options,
    report: &mut Report,
    (ours, peer, bare): (&Provider, &Peer, &BareServer),
    goals: &[&Goals],
) -> anyhow::Result<()> {
    let (pid, plan) = (house.pid()?, Plan::of(options.round));
    let mut memory = Vec::new();
    for goal in goals {
        let [mut own, mut theirs, mut hello]: [Vec<Round>; 3] = Default::default();
        for _ in 0..options.rounds {
            hello.push(load::round(plan, hellos(&bare.secure).await?, bare.pid()).await?);
            own.push(load::round(plan, asking(ours, goal.doing).await?, pid).await?);
            memory.push((process::resident(pid)? as f64, process::resident(peer.pid())? as f64));
            theirs.push(load::round(plan, asking(&peer.provider, goal.doing).await?, peer.pid()).await?);
        }
        lines(report, goal, &own, &theirs, &hello);
    }
    if goals.iter().any(|goal| matches!(goal.doing, Doing::UserInfo)) {
        let mebibytes = |pick: fn(&(f64, f64)) -> f64| median(memory.iter().map(pick)) / f64::from(1 << 20);
        let (own, theirs) = (mebibytes(|(own, _)| *own), mebibytes(|(_, theirs)| *theirs));
        report.add(
            Line::new("oidc_memory", "memory under these loads", own, "MiB")
                .against(PEER, theirs)
                .goal(Goal::AtMost(0.6))
                .note(format!("with a directory of {} people, of whom the peer knows none", options.users)),
        );
    }
    Ok(())
}

fn lines(report: &mut Report, goal: &Goals, own: &[Round], theirs: &[Round], hello: &[Round]) {
    let micros = |rounds: &[Round]| median(rounds.iter().map(Round::processor_micros));
    let ratio = |pick: fn(&Round) -> f64, of: &[Round]| {
        median(own.iter().zip(of).map(|(own, other)| pick(own) / pick(other)))
    };
    let [id, of_hello, of_slowest] = goal.id;
    let note = format!("the peer: {}", rates(theirs, "one process"));
    report.add(
        Line::new(id, goal.what, micros(own), "us")
            .against(PEER, micros(theirs))
            .with_ratio(ratio(Round::processor_micros, theirs))
            .goal(Goal::AtMost(goal.of_peer))
            .note(rates(own, &note)),
    );
    if let Some(most) = goal.of_hello {
        report.add(
            Line::new(of_hello, "the same against a hello", micros(own), "us")
                .against("hello of a bare axum over TLS, us", micros(hello))
                .with_ratio(ratio(Round::processor_micros, hello))
                .goal(Goal::AtMost(most)),
        );
    }
    if let Some(most) = goal.of_slowest {
        let slowest = |round: &Round| round.latencies.percentile(0.99);
        report.add(
            Line::new(of_slowest, "the same, p99", median(own.iter().map(slowest)), "ms")
                .against(PEER, median(theirs.iter().map(slowest)))
                .with_ratio(ratio(slowest, theirs))
                .goal(Goal::AtMost(most)),
        );
    }
}

async fn asking(provider: &Provider, doing: Doing) -> anyhow::Result<Vec<Asking>> {
    let mut asking = Vec::new();
    for worker in 0..CONNECTIONS {
        asking.push(Asking::open(provider, doing, worker).await?);
    }
    Ok(asking)
}

/// SAML from a session, with an answer signed by RSA, as most applications want it.
async fn saml(house: &House, options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let service = Provider::saml(house).await?;
    let (pid, plan) = (house.pid()?, Plan::of(options.round));
    let mut own = Vec::new();
    for _ in 0..options.rounds {
        own.push(load::round(plan, asking(&service, Doing::Saml).await?, pid).await?);
    }
    let micros = median(own.iter().map(Round::processor_micros));
    report.add(
        Line::new("saml_sign_on", "SAML sign-on in a session, processor time each", micros, "us")
            .against("a bare signature by RSA, 2048 bits, us", signature(JwsAlgorithm::Rs256)?)
            .note(rates(&own, "begun here; durable; no peer")),
    );
    Ok(())
}

/// Microseconds of one signature, on one core that does nothing else.
fn signature(algorithm: JwsAlgorithm) -> anyhow::Result<f64> {
    const TIMES: u32 = 2_000;
    let pkcs8 = JwsKey::generate(algorithm, &SystemRandom::new())?;
    let key = JwsKey::from_pkcs8(algorithm, &pkcs8).context("no key")?;
    let message = [7; 600];
    key.sign(&message).context("no signature")?;
    let started = Instant::now();
    for _ in 0..TIMES {
        key.sign(&message).context("no signature")?;
    }
    Ok(started.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES))
}
