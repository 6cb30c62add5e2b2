//! The steps, in order.

use std::{net::IpAddr, path::Path, thread};

use anyhow::{Context as _, bail, ensure};
use sallyport_testkit::{
    authenticator::Authenticator,
    browser::{Browser, Page},
    cli::Cli,
    phone_page::{self, PhonePage},
    sandbox::{Sandbox, SandboxChild, SandboxOptions},
    server::{self, Server, SetUp},
    ssh::{self, SshLogin, SshOutcome},
    story::{enroll, items, text, until},
    telephone_company::TelephoneCompany,
};
use serde_json::Value;

use crate::{
    audience,
    seen::{Seen, say, show},
    suspension,
};

const PEOPLE: &str = "name,display_name,mails,active\n\
    alice,Alice Ahmadi,alice@example.com,true\n\
    bruno,Bruno Basso,bruno@example.com,true\n\
    chiara,Chiara Conti,chiara@example.com,true\n\
    deniz,Deniz Demir,deniz@example.com,true\n";
pub(crate) const ORGANIZATION: &str = "Fortress & Sons";
pub(crate) const OWNER_PASSWORD: &str = "gravel tulip hovercraft 9";
/// Nobody has it: it is of those that are kept free for tests.
const ALICE_NUMBER: &str = "+15005550010";
pub(crate) const ALICE_PASSWORD: &str = "lantern orbit marmalade 4";

/// The stage: what must stay alive until the curtain.
pub(crate) struct Stage {
    pub(crate) server: Server,
    pub(crate) sandbox: Sandbox,
    pub(crate) cli: Cli,
    pub(crate) set_up: SetUp,
    pub(crate) company: TelephoneCompany,
    running: Vec<SandboxChild>,
}

/// Alice with her phone, signed in at the portal.
pub(crate) struct Alice {
    pub(crate) phone: Authenticator,
    /// Step of the code that opened the portal.
    spent: i64,
    page: PhonePage,
    pub(crate) browser: Browser,
    pub(crate) home: Page,
}

/// Plays the story, and shows the table however it ends. With `keep` portal and device then stay up.
pub(crate) fn play(keep: bool) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("sallyport-demo").tempdir()?;
    let mut seen = Seen::begin();
    let told = tell(&mut seen, folder.path());
    seen.table(told.is_ok());
    let (stage, alice) = told?;
    if keep {
        audience::stay(&stage, &alice)?;
    }
    stage.server.stop()
}

fn tell(seen: &mut Seen, folder: &Path) -> anyhow::Result<(Stage, Alice)> {
    let mut stage = raise(seen, folder)?;
    people(seen, &stage)?;
    let alice = alice(seen, &stage)?;
    device(seen, &mut stage)?;
    bind(seen, &stage)?;
    login(seen, &stage, &alice)?;
    suspension::suspend(seen, &stage, &alice)?;
    nothing_deleted(seen, &stage)?;
    Ok((stage, alice))
}

fn raise(seen: &mut Seen, folder: &Path) -> anyhow::Result<Stage> {
    let sandbox = seen.step("a device is raised: own mounts, processes, network, real sshd", || {
        Ok(Sandbox::raise(&SandboxOptions::named("laptop-1"))?)
    })?;
    let host = IpAddr::V4(sandbox.host_address());
    let server = seen.step("the server starts on an empty folder", || {
        // The telephone company of this story is on this machine, so the server may call it.
        let further = ["--outbound-internal", "127.0.0.1"].map(str::to_owned);
        let (data, packages) = (folder.join("data"), server::packages_folder()?);
        Server::start_as(&host.to_string(), further.into(), None, host, &data, &packages)
    })?;
    let set_up = seen.step("the organisation gets its name and its first owner", || {
        server.set_up(ORGANIZATION, "olga", OWNER_PASSWORD)
    })?;
    let ca = folder.join("ca.pem");
    std::fs::write(&ca, &set_up.ca)?;
    let cli = Cli { binary: server.binary.clone(), url: server.url.clone(), token: set_up.token.clone(), ca };
    let company = seen.step("a telephone company takes the server as its customer (simulated)", || {
        let company = TelephoneCompany::start(&server.binary, &cli.ca)?;
        company.serve(&cli)?;
        Ok(company)
    })?;
    Ok(Stage { server, sandbox, cli, set_up, company, running: Vec::new() })
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
    stage.running.extend([sshd, agent]);
    let log = |stage: &Stage| stage.running.iter().map(SandboxChild::log).collect::<Vec<_>>().join("\n");
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

fn alice(seen: &mut Seen, stage: &Stage) -> anyhow::Result<Alice> {
    let cli = &stage.cli;
    let browser = Browser::new(&stage.server.url, &stage.set_up.ca)?;
    let phone = seen.step("alice enrols an authenticator app with the code she was given", || {
        cli.run(&["user", "set-password", "alice", "--password-file", "-"], Some(ALICE_PASSWORD))?;
        let code = text(&cli.json(&["user", "enrollment-code", "alice"])?, "code");
        enroll(&browser, &code)
    })?;
    let (home, spent) = seen.step("alice signs in to the portal through both doors", || {
        let page = browser.open("/sign-in")?.ok()?;
        let page =
            browser.submit(&page, "password", &[("name", "alice"), ("password", ALICE_PASSWORD)])?.ok()?;
        let spent = phone.step();
        let home = browser.submit(&page, "passcode", &[("passcode", &phone.code_of(spent))])?.ok()?;
        ensure!(home.path == "/" && home.body.contains("Alice Ahmadi"), "{}: {}", home.path, home.text());
        Ok((home, spent))
    })?;
    let page = seen.step("a page on her phone is a factor now (a headless Chromium)", || {
        let shown = browser.submit_to(&home, "/factors/push", &[])?.ok()?;
        let code = shown.text_of("phone-code").context("no code for the phone")?;
        PhonePage::activate(&stage.server.url, &stage.set_up.ca, &code, "Alice's phone")
    })?;
    texted(seen, stage)?;
    Ok(Alice { phone, spent, page, browser, home })
}

/// In another browser, where she has nothing but her old phone with her.
fn texted(seen: &mut Seen, stage: &Stage) -> anyhow::Result<()> {
    let (to, body) = seen.step("a texted code opens the portal for her from another browser", || {
        stage.cli.json(&["user", "add-phone", "alice", ALICE_NUMBER, "--name", "My old phone"])?;
        let browser = Browser::new(&stage.server.url, &stage.set_up.ca)?;
        let page = browser.open("/sign-in")?.ok()?;
        let page =
            browser.submit(&page, "password", &[("name", "alice"), ("password", ALICE_PASSWORD)])?.ok()?;
        let page = browser.submit_to(&page, "/sign-in/second/text", &[])?.ok()?;
        let code = stage.company.code(0)?;
        let home = browser.submit(&page, "passcode", &[("passcode", &code)])?.ok()?;
        ensure!(home.path == "/" && home.body.contains("Alice Ahmadi"), "{}: {}", home.path, home.text());
        let carried = stage.company.list()?;
        let sent = carried.pointer("/texts/0").context("no text")?;
        Ok((text(sent, "to"), text(sent, "body")))
    })?;
    say(&format!("      | (text to {to}: {body})"));
    Ok(())
}

/// A login by ssh whose second door is her phone.
fn ask_phone(stage: &Stage, alice: &Alice) -> anyhow::Result<SshOutcome> {
    let folder = tempfile::tempdir()?;
    let mut login = person(stage)
        .answer("assword", ALICE_PASSWORD)
        .answer("asscode", "push")
        .answer("press Enter", "")
        .command("id -un");
    login.hold = Some(("press Enter".to_owned(), folder.path().to_owned()));
    thread::scope(|scope| {
        let client = scope.spawn(|| ssh::login(&login));
        let answered = (|| {
            let held = folder.path().join("held");
            let prompt = until("the number", || {
                ensure!(!client.is_finished(), "ssh ended before it showed a number");
                Ok(std::fs::read_to_string(&held).ok())
            })?;
            alice.page.say_yes(&phone_page::number_in(&prompt)?)
        })();
        // Whatever came of it, the client must not wait for ever.
        std::fs::write(folder.path().join("go"), "")?;
        let outcome = client.join().map_err(|_| anyhow::anyhow!("the client's thread broke"))??;
        answered?;
        Ok(outcome)
    })
}

fn bind(seen: &mut Seen, stage: &Stage) -> anyhow::Result<()> {
    seen.step("alice is bound to the device as an administrator", || {
        stage.cli.json(&[
            "binding",
            "create",
            "--user",
            "alice",
            "--device",
            "laptop-1",
            "--administrator",
        ])?;
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
    })
}

fn login(seen: &mut Seen, stage: &Stage, alice: &Alice) -> anyhow::Result<()> {
    let refused = seen.step("ssh with the password alone is refused", || {
        let outcome = ssh::login(&person(stage).answer("assword", ALICE_PASSWORD).command("id -un"))?;
        ensure!(outcome.is_refused(), "not refused by the device:\n{}", outcome.shown());
        Ok(outcome)
    })?;
    show(&refused);
    // A code opens once, in whatever door: the one shown now may be the one that opened the portal.
    let step = seen.step("her authenticator app shows a code that was not used yet", || {
        until("the next code", || {
            let step = alice.phone.step();
            Ok((step > alice.spent).then_some(step))
        })
    })?;
    let outcome = seen.step("ssh with password and then that passcode lets her in", || {
        let login = person(stage)
            .answer("assword", ALICE_PASSWORD)
            .answer("asscode", &alice.phone.code_of(step))
            .command("id -un");
        let outcome = ssh::login(&login)?;
        ensure!(outcome.stdout.trim() == "alice", "not let in:\n{}\n{}", outcome.shown(), stage.logs());
        Ok(outcome)
    })?;
    show(&outcome);
    let outcome = seen.step("ssh asks her phone, where she types the number it shows", || {
        let outcome = ask_phone(stage, alice)?;
        ensure!(outcome.stdout.trim() == "alice", "not let in:\n{}\n{}", outcome.shown(), stage.logs());
        Ok(outcome)
    })?;
    show(&outcome);
    let (outcome, typed) =
        seen.step("sudo on the device asks for both doors too, and she is root", || {
            let codes = bypass_codes(stage, 2)?;
            let [for_ssh, for_sudo] = codes.as_slice() else { bail!("{} bypass codes", codes.len()) };
            let typed = format!("{ALICE_PASSWORD}\\n{for_sudo}\\n");
            let command = format!("printf '{typed}' | sudo -S id -u");
            let login =
                person(stage).answer("assword", ALICE_PASSWORD).answer("asscode", for_ssh).command(&command);
            let outcome = ssh::login(&login)?;
            let both = format!("{}\n{}", outcome.shown(), outcome.stdout);
            ensure!(outcome.stdout.trim() == "0", "sudo refused:\n{both}\n{}", stage.logs());
            Ok((outcome, format!("{ALICE_PASSWORD}, then {for_sudo}")))
        })?;
    show(&outcome);
    say(&format!("      | (sudo was answered {typed})"));
    seen.step("the log says who came in, where, by which factor, and why", || {
        let log = stage.cli.json(&["sign-in", "list"])?;
        let is_hers = |entry: &&Value| {
            text(entry, "name") == "alice"
                && text(entry, "state") == "allowed"
                && entry.to_string().contains("device_login")
        };
        let factors: Vec<String> = items(&log)
            .iter()
            .filter(is_hers)
            .filter_map(|entry| Some(text(entry.get("second_door")?, "kind")))
            .collect();
        ensure!(
            ["totp", "push", "bypass_code"].iter().all(|kind| factors.iter().any(|f| f == kind)),
            "{log}"
        );
        Ok(())
    })
}

fn nothing_deleted(seen: &mut Seen, stage: &Stage) -> anyhow::Result<()> {
    seen.step("on the device: account locked, sudo rights gone, files still there", || {
        ensure!(is_locked(stage)?, "the account is not locked");
        let sudo = stage.sandbox.run(["sudo", "-l", "-U", "alice"])?;
        ensure!(!String::from_utf8_lossy(&sudo.stdout).contains("(ALL"), "sudo rights are still there");
        stage.sandbox.check(["test", "-d", "/home/alice"])?;
        Ok(())
    })
}

/// So many fresh bypass codes of Alice.
pub(crate) fn bypass_codes(stage: &Stage, count: usize) -> anyhow::Result<Vec<String>> {
    let answer = stage.cli.json(&["user", "bypass-codes", "alice", "--count", &count.to_string()])?;
    let codes = answer.get("codes").and_then(Value::as_array).context("no bypass codes")?;
    Ok(codes.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

impl Stage {
    fn logs(&self) -> String {
        let logs: Vec<String> = self.running.iter().map(SandboxChild::log).collect();
        format!("{}\n{}", logs.join("\n"), self.sandbox.syslog())
    }
}

pub(crate) fn is_locked(stage: &Stage) -> anyhow::Result<bool> {
    let shadow = stage.sandbox.read_file("/etc/shadow")?;
    Ok(String::from_utf8_lossy(&shadow).lines().any(|line| line.starts_with("alice:!")))
}

/// A login of Alice, with nothing answered yet.
pub(crate) fn person(stage: &Stage) -> SshLogin {
    SshLogin::new(stage.sandbox.address(), "alice")
}
