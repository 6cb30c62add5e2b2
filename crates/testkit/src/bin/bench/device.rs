//! A real agent on a sandbox device: when a suspension is applied there, and how much memory the agent takes.

use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use hyper::Method;
use sallyport_testkit::{
    sandbox::{Sandbox, SandboxOptions},
    server,
};
use serde_json::json;

use crate::{
    agents::token,
    house::{Api, House, PASSWORD},
    load::Latencies,
    process,
    report::{Goal, Line, Report},
};

/// What is said to be missing where no device can be raised.
pub(crate) const LINES: [(&str, &str, Goal); 2] = [
    ("suspend_applied", "suspended: applied on a real device, p99", Goal::AtMost(1000.0)),
    ("agent_memory", "memory of an idle agent, all halves", Goal::AtMost(12.0)),
];

const NAME: &str = "bench-device";
const PERSON: &str = "robin";
const SUSPENSIONS: usize = 30;
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at the device's files.
const LOOK: Duration = Duration::from_millis(2);
const IDLE: Duration = Duration::from_secs(10);

pub(crate) struct RealDevice {
    sandbox: Sandbox,
}

impl RealDevice {
    pub(crate) fn raise() -> anyhow::Result<Self> {
        server::packages_folder()?;
        Ok(Self { sandbox: Sandbox::raise(&SandboxOptions::named(NAME))? })
    }

    pub(crate) fn host_address(&self) -> Ipv4Addr {
        self.sandbox.host_address()
    }

    pub(crate) async fn measure(
        self,
        house: &House,
        api: &mut Api,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        let token = token(api).await?;
        self.sandbox.write_file("/root/token", 0o600, token.as_bytes())?;
        self.sandbox.write_file("/root/ca.pem", 0o644, house.ca.as_bytes())?;
        let install = format!(
            "curl --silent --show-error --fail --cacert /root/ca.pem {}/install.sh | sh -s -- --token-file /root/token",
            house.url()?
        );
        self.sandbox.check(["sh", "-c", &install])?;
        let _agent = self.sandbox.spawn(["/usr/sbin/sallyport-agent", "run"])?;
        let init = self.init()?;
        self.applied(api, &init, report).await?;
        tokio::time::sleep(IDLE).await;
        memory(&init, report)
    }

    /// The device's first process, as this machine knows it.
    fn init(&self) -> anyhow::Result<PathBuf> {
        let parent = self.sandbox.host_pid();
        let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"))?;
        let init = children.split_whitespace().next().context("the device has no first process")?;
        Ok(Path::new("/proc").join(init))
    }

    async fn applied(&self, api: &mut Api, init: &Path, report: &mut Report) -> anyhow::Result<()> {
        let shadow = init.join("root/etc/shadow");
        api.call(Method::POST, "/users", json!({ "name": PERSON, "active": true })).await?;
        let password = json!({ "password": PASSWORD });
        api.call(Method::PUT, &format!("/users/{PERSON}/password"), password).await?;
        api.call(Method::POST, "/bindings", json!({ "user": PERSON, "device": NAME })).await?;
        until(&shadow, false).await?;
        let mut latencies = Latencies::default();
        for _ in 0..SUSPENSIONS {
            let sent = Instant::now();
            api.post(&format!("/users/{PERSON}/suspend")).await?;
            until(&shadow, true).await?;
            latencies.add(sent.elapsed());
            api.post(&format!("/users/{PERSON}/activate")).await?;
            until(&shadow, false).await?;
        }
        let note = format!(
            "p99 of {SUSPENSIONS}, which is the slowest; p50 {:.0} ms; from sending the request to the locked account in \
             the device's /etc/shadow; a sandbox device with the shipped package, all simulated agents connected",
            latencies.percentile(0.5)
        );
        let p99 = latencies.percentile(0.99);
        let [(id, what, goal), _] = LINES;
        report.add(Line::new(id, what, p99, "ms").goal(goal).note(note));
        Ok(())
    }
}

/// Waits until the account is there, locked or not.
async fn until(shadow: &Path, locked: bool) -> anyhow::Result<()> {
    let started = Instant::now();
    loop {
        let text = fs::read_to_string(shadow).unwrap_or_default();
        let password = text.lines().find_map(|line| line.strip_prefix(PERSON)?.strip_prefix(':'));
        if password.is_some_and(|password| password.starts_with('!') == locked) {
            return Ok(());
        }
        if started.elapsed() > PATIENCE {
            bail!("the device did not {} the account", if locked { "lock" } else { "unlock" });
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// What the two halves of the agent take together.
fn memory(init: &Path, report: &mut Report) -> anyhow::Result<()> {
    let namespace = fs::read_link(init.join("ns/pid"))?;
    let (mut halves, mut total) = (Vec::new(), 0.0);
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let here = fs::read_link(entry.path().join("ns/pid")).is_ok_and(|own| own == namespace);
        // The half that was started by the other has another name, but is the same program.
        let agent = fs::read_link(entry.path().join("exe"))
            .is_ok_and(|program| program.to_string_lossy().contains("sallyport-agent"));
        if !here || !agent {
            continue;
        }
        let (all, own) = (megabytes(process::resident(pid)?), megabytes(process::resident_anonymous(pid)?));
        let line = fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
        let what = line.trim_end_matches('\0').rsplit(['\0', '/']).next().unwrap_or_default().to_owned();
        halves.push(format!("`{what}` {all:.1} MiB, of which {own:.1} belong to no file"));
        total += all;
    }
    ensure!(!halves.is_empty(), "the agent is not running");
    let note = format!("VmRSS; pages of the program file count in each half: {}", halves.join("; "));
    let [_, (id, what, goal)] = LINES;
    report.add(Line::new(id, what, total, "MiB").goal(goal).note(note));
    Ok(())
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
