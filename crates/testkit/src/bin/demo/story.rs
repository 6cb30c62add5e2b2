//! The steps, in order.

use std::{
    io::Write as _,
    net::IpAddr,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use sallyport_testkit::{
    browser::{Browser, Page},
    cli::Cli,
    sandbox::{Sandbox, SandboxChild, SandboxOptions},
    server::{self, Server, SetUp},
    ssh::{self, SshLogin, SshOutcome},
    story::{enroll, items, text, until},
};
use serde_json::Value;

const PEOPLE: &str = "name,display_name,mails,active\n\
    alice,Alice Ahmadi,alice@example.com,true\n\
    bruno,Bruno Basso,bruno@example.com,true\n\
    chiara,Chiara Conti,chiara@example.com,true\n\
    deniz,Deniz Demir,deniz@example.com,true\n";
const OWNER_PASSWORD: &str = "gravel tulip hovercraft 9";
const ALICE_PASSWORD: &str = "lantern orbit marmalade 4";

/// Writes a line for the audience.
pub(crate) fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").ok();
}

/// What was seen to hold, and how long it took.
#[derive(Default)]
struct Seen(Vec<(String, Duration)>);

impl Seen {
    fn step<T>(&mut self, what: &str, f: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        write!(std::io::stdout(), "{:>2}. {what} ... ", self.0.len() + 1).ok();
        std::io::stdout().flush().ok();
        let started = Instant::now();
        let result = f().with_context(|| format!("step failed: {what}"));
        match &result {
            Ok(_) => say(&format!("seen ({} ms)", started.elapsed().as_millis())),
            Err(_) => say("NOT SEEN"),
        }
        self.0.push((what.to_owned(), started.elapsed()));
        result
    }

    fn table(&self, suspension: &Suspension) {
        say("\nWhat was seen to hold");
        say(&format!("{:-<78}", ""));
        for (what, took) in &self.0 {
            say(&format!("{what:<66} {:>8} ms", took.as_millis()));
        }
        say(&format!("{:-<78}", ""));
        say(&format!(
            "{:<66} {:>8} ms",
            "suspended -> portal session refused",
            suspension.portal.as_millis()
        ));
        say(&format!(
            "{:<66} {:>8} ms",
            "suspended -> account locked on the device",
            suspension.locked.as_millis()
        ));
        say(&format!(
            "{:<66} {:>8} ms",
            "suspended -> ssh login refused, 2 s pause of pam_unix included",
            suspension.ssh.as_millis()
        ));
    }
}

/// Time from the API's answer to the first refusal.
struct Suspension {
    portal: Duration,
    locked: Duration,
    /// Most of it is the pause that pam_unix makes after every failure.
    ssh: Duration,
}

/// The stage: what must stay alive until the curtain.
struct Stage {
    server: Server,
    sandbox: Sandbox,
    cli: Cli,
    set_up: SetUp,
    _running: Vec<SandboxChild>,
}

/// Plays the story. With `keep` the portal and the device stay until Enter is pressed.
pub(crate) fn play(keep: bool) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("sallyport-demo").tempdir()?;
    let mut seen = Seen::default();
    let mut stage = raise(&mut seen, folder.path())?;
    people(&mut seen, &stage)?;
    device(&mut seen, &mut stage)?;
    let alice = alice(&mut seen, &stage)?;
    login(&mut seen, &stage, &alice)?;
    let suspension = suspend(&mut seen, &stage, &alice)?;
    seen.table(&suspension);
    if keep {
        wait_for_audience(&stage)?;
    }
    stage.server.stop()
}

fn raise(seen: &mut Seen, folder: &Path) -> anyhow::Result<Stage> {
    let sandbox = seen.step("a device is raised: own mounts, processes, network, real sshd", || {
        Ok(Sandbox::raise(&SandboxOptions::named("laptop-1"))?)
    })?;
    let host = IpAddr::V4(sandbox.host_address());
    let server = seen.step("the server starts on an empty folder", || {
        Server::start(host, &folder.join("data"), &server::packages_folder()?)
    })?;
    let set_up = seen.step("the organisation gets its name and its first owner", || {
        server.set_up("Fortress & Sons", "olga", OWNER_PASSWORD)
    })?;
    let ca = folder.join("ca.pem");
    std::fs::write(&ca, &set_up.ca)?;
    let cli = Cli { binary: server.binary.clone(), url: server.url.clone(), token: set_up.token.clone(), ca };
    Ok(Stage { server, sandbox, cli, set_up, _running: Vec::new() })
}

fn people(seen: &mut Seen, stage: &Stage) -> anyhow::Result<()> {
    seen.step("people are imported from a CSV file", || {
        let file = stage.server.data.join("people.csv");
        std::fs::write(&file, PEOPLE)?;
        stage.cli.json(&["user", "import", &file.to_string_lossy()])?;
        let alice = stage.cli.json(&["user", "show", "alice"])?;
        ensure!(text(&alice, "state") == "active", "alice is {alice}");
        Ok(())
    })
}

fn device(seen: &mut Seen, stage: &mut Stage) -> anyhow::Result<()> {
    let cli = stage.cli.clone();
    let token = seen.step("a group, an on-enrolment command and a token are made", || {
        cli.json(&["group", "create", "--name", "laptops", "--kind", "devices"])?;
        let body = stage.server.data.join("login.sh");
        std::fs::write(&body, "set -e\nsallyport-agent package install sallyport-login\n")?;
        cli.json(&[
            "command",
            "create",
            "--name",
            "Install the login component",
            "--body-file",
            &body.to_string_lossy(),
            "--on-enrollment",
            "--group",
            "laptops",
        ])?;
        let token =
            cli.json(&["enrollment-token", "create", "--description", "laptop-1", "--group", "laptops"])?;
        Ok(text(&token, "token"))
    })?;
    let sandbox = &stage.sandbox;
    seen.step("the device installs the agent by the one-line installer and enrols", || {
        sandbox.write_file("/root/token", 0o600, token.as_bytes())?;
        sandbox.write_file("/root/ca.pem", 0o644, stage.set_up.ca.as_bytes())?;
        let line = format!(
            "curl --silent --show-error --fail --cacert /root/ca.pem {}/install.sh | sh -s -- --token-file /root/token",
            stage.server.url
        );
        sandbox.check(["sh", "-c", &line])?;
        Ok(())
    })?;
    let sshd = stage.sandbox.start_sshd()?;
    let agent = stage.sandbox.spawn(["/usr/sbin/sallyport-agent", "run"])?;
    stage._running.extend([sshd, agent]);
    let log = |stage: &Stage| stage._running.iter().map(SandboxChild::log).collect::<Vec<_>>().join("\n");
    seen.step("it shows up by itself, and the command runs once and succeeds", || {
        until("the on-enrolment run to end", || {
            let runs = cli.json(&["run", "list"])?;
            let Some(run) = items(&runs).first().cloned() else { return Ok(None) };
            match text(&run, "state").as_str() {
                "finished" if run.get("exit_code").and_then(Value::as_i64) == Some(0) => Ok(Some(())),
                "queued" | "started" => Ok(None),
                _ => {
                    let id = text(&run, "id");
                    let output = cli.run(&["run", "output", &id], None).unwrap_or_default();
                    bail!("the run ended as {run}\n{output}")
                }
            }
        })
        .with_context(|| format!("agent log:\n{}", log(stage)))
    })?;
    seen.step("the second door now stands in front of sshd and sudo on the device", || {
        for service in ["sshd", "sudo"] {
            let stack = stage.sandbox.read_file(format!("/etc/pam.d/{service}"))?;
            ensure!(
                String::from_utf8_lossy(&stack).contains("pam_sallyport.so"),
                "{service} has no second door"
            );
        }
        Ok(())
    })
}

/// Alice with her phone, signed in at the portal.
struct Alice {
    codes: Vec<String>,
    browser: Browser,
    home: Page,
}

fn alice(seen: &mut Seen, stage: &Stage) -> anyhow::Result<Alice> {
    let cli = &stage.cli;
    seen.step("alice is bound to the device as an administrator, with her password", || {
        cli.run(&["user", "set-password", "alice", "--password-file", "-"], Some(ALICE_PASSWORD))?;
        cli.json(&["binding", "create", "--user", "alice", "--device", "laptop-1", "--administrator"])?;
        Ok(())
    })?;
    seen.step("a real Unix account appears on the device: shadow, sudoers, home", || {
        until("the account", || {
            let out = stage.sandbox.run(["getent", "passwd", "alice"])?;
            let shadow = stage.sandbox.read_file("/etc/shadow")?;
            let has_password =
                String::from_utf8_lossy(&shadow).lines().any(|line| line.starts_with("alice:$6$"));
            Ok((out.status.success() && has_password).then_some(()))
        })?;
        until("sudo rights", || {
            let out = stage.sandbox.run(["sudo", "-l", "-U", "alice"])?;
            Ok(String::from_utf8_lossy(&out.stdout).contains("(ALL").then_some(()))
        })
    })?;
    let browser = Browser::new(&stage.server.url, &stage.set_up.ca)?;
    let authenticator = seen.step("alice enrols an authenticator app with the code she was given", || {
        let code = text(&cli.json(&["user", "enrollment-code", "alice"])?, "code");
        enroll(&browser, &code)
    })?;
    let home = seen.step("alice signs in to the portal through both doors", || {
        let page = browser.open("/sign-in")?.ok()?;
        let page =
            browser.submit(&page, "password", &[("name", "alice"), ("password", ALICE_PASSWORD)])?.ok()?;
        let home = browser.submit(&page, "passcode", &[("passcode", &authenticator.code(0))])?.ok()?;
        ensure!(home.path == "/" && home.body.contains("Alice Ahmadi"), "{}: {}", home.path, home.text());
        Ok(home)
    })?;
    let codes = cli.json(&["user", "bypass-codes", "alice", "--count", "4"])?;
    let codes = codes
        .get("codes")
        .and_then(Value::as_array)
        .context("no bypass codes")?
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    Ok(Alice { codes, browser, home })
}

fn login(seen: &mut Seen, stage: &Stage, alice: &Alice) -> anyhow::Result<()> {
    let [for_ssh, for_sudo_login, for_sudo, ..] = alice.codes.as_slice() else { bail!("too few codes") };
    seen.step("ssh with the password alone is refused", || {
        let outcome = ssh::login(
            &person(stage).answer("assword", ALICE_PASSWORD).answer("asscode", "000000").command("id"),
        )?;
        ensure!(!outcome.is_success(), "let in without a second factor:\n{}", outcome.shown());
        Ok(())
    })?;
    let outcome = seen.step("ssh with password and then passcode lets her in", || {
        let outcome = ssh::login(
            &person(stage).answer("assword", ALICE_PASSWORD).answer("asscode", for_ssh).command("id -un"),
        )?;
        ensure!(outcome.stdout.trim() == "alice", "not let in:\n{}\n{}", outcome.shown(), stage.logs());
        Ok(outcome)
    })?;
    show(&outcome);
    seen.step("sudo on the device asks for both doors too, and she is root", || {
        let command =
            format!("printf '%s\\n%s\\n' '{ALICE_PASSWORD}' '{for_sudo}' | sudo -S -p 'Password: ' id -u");
        let outcome = ssh::login(
            &person(stage)
                .answer("assword", ALICE_PASSWORD)
                .answer("asscode", for_sudo_login)
                .command(&command),
        )?;
        ensure!(
            outcome.stdout.trim() == "0",
            "sudo refused:\n{}\n{}\n{}",
            outcome.shown(),
            outcome.stdout,
            stage.logs()
        );
        Ok(())
    })?;
    seen.step("the log says who came in, where, by which factor, and why", || {
        let log = stage.cli.json(&["sign-in", "list"])?;
        let seen = items(&log).iter().any(|entry| {
            text(entry, "name") == "alice"
                && text(entry, "state") == "allowed"
                && entry.to_string().contains("device_login")
        });
        ensure!(seen, "no allowed device login in {log}");
        Ok(())
    })
}

fn suspend(seen: &mut Seen, stage: &Stage, alice: &Alice) -> anyhow::Result<Suspension> {
    let Some(last) = alice.codes.last() else { bail!("no code left") };
    ensure!(
        alice.browser.open(&alice.home.path)?.path == "/",
        "the portal session is gone before the suspension"
    );
    let suspension = seen.step("alice is suspended: portal session and ssh login are refused", || {
        stage.cli.json(&["user", "suspend", "alice"])?;
        let answered = Instant::now();
        let page = alice.browser.open("/")?;
        let portal = answered.elapsed();
        ensure!(page.path.starts_with("/sign-in"), "the portal still shows {}", page.path);
        until("the lock", || Ok(is_locked(stage)?.then_some(())))?;
        let locked = answered.elapsed();
        let outcome = ssh::login(
            &person(stage).answer("assword", ALICE_PASSWORD).answer("asscode", last).command("id"),
        )?;
        let ssh = answered.elapsed();
        ensure!(!outcome.is_success(), "ssh still lets her in");
        Ok(Suspension { portal, locked, ssh })
    })?;
    seen.step("on the device: account locked, sudo rights gone, files still there", || {
        ensure!(is_locked(stage)?, "the account is not locked");
        let sudo = stage.sandbox.run(["sudo", "-l", "-U", "alice"])?;
        ensure!(!String::from_utf8_lossy(&sudo.stdout).contains("(ALL"), "sudo rights are still there");
        stage.sandbox.check(["test", "-d", "/home/alice"])?;
        Ok(())
    })?;
    Ok(suspension)
}

impl Stage {
    fn logs(&self) -> String {
        let logs: Vec<String> = self._running.iter().map(SandboxChild::log).collect();
        format!("{}\n{}", logs.join("\n"), self.sandbox.syslog())
    }
}

fn is_locked(stage: &Stage) -> anyhow::Result<bool> {
    let shadow = stage.sandbox.read_file("/etc/shadow")?;
    Ok(String::from_utf8_lossy(&shadow).lines().any(|line| line.starts_with("alice:!")))
}

fn person(stage: &Stage) -> SshLogin {
    SshLogin::new(stage.sandbox.address(), "alice")
}

/// The conversation as a person would have seen it.
fn show(outcome: &SshOutcome) {
    for prompt in &outcome.prompts_seen {
        for line in prompt.lines().filter(|line| !line.trim().is_empty()) {
            say(&format!("      | {line}"));
        }
    }
}

fn wait_for_audience(stage: &Stage) -> anyhow::Result<()> {
    say(&format!(
        "\nThe portal stays up at {}  (its authority: {})",
        stage.server.url,
        stage.cli.ca.display()
    ));
    say(&format!(
        "  owner   olga    password: {OWNER_PASSWORD}   enrolment code: {}",
        stage.set_up.enrollment_code
    ));
    say(&format!("  alice is suspended; `activate` her in the portal; password: {ALICE_PASSWORD}"));
    say(&format!("  device  ssh alice@{}", stage.sandbox.address()));
    say(&format!(
        "  command line: SALLYPORT_URL={} SALLYPORT_TOKEN={} SALLYPORT_CA={} {}",
        stage.server.url,
        stage.set_up.token,
        stage.cli.ca.display(),
        stage.cli.binary.display()
    ));
    say("Press Enter to take everything down.");
    std::io::stdin().read_line(&mut String::new())?;
    Ok(())
}
