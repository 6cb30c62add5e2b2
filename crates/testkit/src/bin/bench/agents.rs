//! Simulated agents: a thousand devices that enrol and keep their channel open over TLS, as the real agent does, and
//! say that they look as they should. What they cost, and how soon they hear of a suspension.

mod fleet;

use std::{
    net::IpAddr,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use hyper::Method;
use serde_json::{Value, json};

use self::fleet::{Fleet, Heard};
use crate::{
    device::RealDevice,
    floor::BareServer,
    house::{Api, House, name_of, text},
    load::Latencies,
    options::Options,
    process,
    report::{Goal, Line, Report},
};

pub(crate) const GROUP: &str = "fleet";
/// Suspensions of people with one device.
const PEOPLE: usize = 100;
/// Suspensions of somebody who is on every device.
const STORMS: usize = 5;
/// How long anything may take before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(60);
/// Until nothing moves any more.
const SETTLE: Duration = Duration::from_secs(3);

pub(crate) async fn measure(
    house: &mut House,
    options: &Options,
    report: &mut Report,
    folder: &Path,
) -> anyhow::Result<()> {
    // Raised first: the server must listen where the device sees it.
    let sandbox = RealDevice::raise();
    let host =
        sandbox.as_ref().map_or(IpAddr::from([127, 0, 0, 1]), |device| IpAddr::V4(device.host_address()));
    house.restart_at(host).await?;
    let mut api = house.api().await?;
    api.call(Method::POST, "/groups", json!({ "name": GROUP, "kind": "devices" })).await?;
    let mut fleet = Fleet::enroll(house, options.agents).await?;
    // Anew, so that what enrolment left behind does not hide what a connection takes.
    house.restart().await?;
    connect(house, &mut fleet, report, folder).await?;
    let mut api = house.api().await?;
    everywhere(&mut api, &mut fleet, report).await?;
    one_device(&mut api, &mut fleet, report).await?;
    match sandbox {
        Ok(device) => device.measure(house, &mut api, report).await?,
        Err(error) => {
            let why = format!("no device can be raised here: {error:#}");
            for (id, what, goal) in crate::device::LINES {
                report.add(Line::not_measured(id, what, Some(goal), &why));
            }
        }
    }
    fleet.disband();
    Ok(())
}

async fn connect(house: &House, fleet: &mut Fleet, report: &mut Report, folder: &Path) -> anyhow::Result<()> {
    let tls = tls_alone(folder, fleet.len()).await?;
    let pid = house.pid()?;
    // One connection first, for what the first of anything costs.
    house.api().await?.call(Method::GET, "/me", Value::Null).await?;
    tokio::time::sleep(SETTLE).await;
    let before = process::resident(pid)?;
    let started = Instant::now();
    fleet.connect(house).await?;
    let took = started.elapsed();
    tokio::time::sleep(SETTLE).await;
    let grown = process::resident(pid)?.saturating_sub(before);
    let idle = process::processor_time(pid)?;
    tokio::time::sleep(SETTLE).await;
    let idle = process::processor_time(pid)?.saturating_sub(idle);
    let each = grown as f64 / 1000.0 / fleet.len() as f64;
    let note = format!(
        "VmRSS: {each:.1} kB for each of {} agents over TLS, less {tls:.1} kB that as many idle TLS connections take each in \
         a bare server of the same libraries; connected in {:.1} s, then {:.1} % of a core when idle",
        fleet.len(),
        took.as_secs_f64(),
        idle.as_secs_f64() * 100.0 / SETTLE.as_secs_f64(),
    );
    report.add(
        Line::new("memory_per_agent", "server memory for each idle agent, without TLS", each - tls, "kB")
            .goal(Goal::AtMost(12.0))
            .note(note),
    );
    Ok(())
}

/// What a connection takes that is open and does nothing, in kB: the task, its socket and TLS.
pub(crate) async fn tls_alone(folder: &Path, count: usize) -> anyhow::Result<f64> {
    let bare = BareServer::start(folder)?;
    let first = bare.held.hold().await?;
    let before = process::resident(bare.pid())?;
    let mut held = vec![first];
    for _ in 0..count {
        held.push(bare.held.hold().await?);
    }
    tokio::time::sleep(SETTLE).await;
    let grown = process::resident(bare.pid())?.saturating_sub(before);
    Ok(grown as f64 / 1000.0 / count as f64)
}

/// Somebody who is bound to every device at once: the worst that a suspension can be.
async fn everywhere(api: &mut Api, fleet: &mut Fleet, report: &mut Report) -> anyhow::Result<()> {
    let name = name_of(0);
    api.call(Method::POST, "/bindings", json!({ "user": name, "device_group": GROUP })).await?;
    let all = fleet.len();
    fleet.hear(all, Instant::now() + PATIENCE, |heard| heard.has(&name)).await?;
    let mut latencies = Latencies::default();
    for _ in 0..STORMS {
        fleet.forget();
        let sent = Instant::now();
        api.post(&format!("/users/{name}/suspend")).await?;
        let heard = fleet.hear(all, sent + PATIENCE, |heard| heard.suspended(&name)).await?;
        heard.iter().for_each(|heard| latencies.add(heard.at - sent));
        api.post(&format!("/users/{name}/activate")).await?;
        fleet
            .hear(all, Instant::now() + PATIENCE, |heard| heard.has(&name) && !heard.suspended(&name))
            .await?;
        tokio::time::sleep(SETTLE).await;
    }
    let what = format!("suspended on {all} devices: delivered to the channel, p99");
    let note = format!(
        "from sending the request to the new state read by a simulated agent, {STORMS} suspensions x {all} devices, \
         p50 {:.0} ms; agents report back meanwhile",
        latencies.percentile(0.5)
    );
    let p99 = latencies.percentile(0.99);
    report.add(Line::new("suspend_everywhere", &what, p99, "ms").goal(Goal::AtMost(1000.0)).note(note));
    Ok(())
}

/// People with one device each, while all the others are connected.
async fn one_device(api: &mut Api, fleet: &mut Fleet, report: &mut Report) -> anyhow::Result<()> {
    let people = PEOPLE.min(fleet.len());
    let mut names = Vec::new();
    for n in 0..people {
        let (name, device) = (name_of(n + 1), fleet.device(n).context("no such device")?);
        api.call(Method::POST, "/bindings", json!({ "user": name, "device": device })).await?;
        fleet.hear(1, Instant::now() + PATIENCE, |heard| heard.agent == n && heard.has(&name)).await?;
        names.push(name);
    }
    tokio::time::sleep(SETTLE).await;
    let (mut delivered, mut answered) = (Latencies::default(), Latencies::default());
    for (n, name) in names.iter().enumerate() {
        fleet.forget();
        let sent = Instant::now();
        api.post(&format!("/users/{name}/suspend")).await?;
        answered.add(sent.elapsed());
        let mine = |heard: &Heard| heard.agent == n && heard.suspended(name);
        let heard = fleet.hear(1, sent + PATIENCE, mine).await?;
        ensure!(heard.len() == 1, "heard {} times", heard.len());
        heard.iter().for_each(|heard| delivered.add(heard.at - sent));
    }
    let what = format!("suspended on one of {} devices: delivered to the channel, p99", fleet.len());
    let note = format!(
        "from sending the request to the new state read by a simulated agent, {people} suspensions, p50 {:.1} ms; \
         the API answered after p50 {:.1} ms, p99 {:.1} ms",
        delivered.percentile(0.5),
        answered.percentile(0.5),
        answered.percentile(0.99)
    );
    let p99 = delivered.percentile(0.99);
    report.add(Line::new("suspend_delivered", &what, p99, "ms").goal(Goal::AtMost(1000.0)).note(note));
    Ok(())
}

/// A token for one device of the group.
pub(crate) async fn token(api: &mut Api) -> anyhow::Result<String> {
    let asked = json!({ "description": "bench", "groups": [GROUP] });
    text(&api.call(Method::POST, "/enrollment-tokens", asked).await?, "token")
}
