//! A house with a device: the server's binary, the shipped packages on a sandbox of its own, a real sshd. What the
//! device is made of and how it is brought up is what a person would do; nothing is put there behind the product's
//! back.

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::{House, items, text, until};
use crate::{
    cli::Cli,
    sandbox::{Sandbox, SandboxChild, SandboxOptions, Signal},
    server,
    ssh::{self, SshLogin, SshOutcome},
};

/// Group of devices that tokens of [`DeviceHouse::open`] join, and on whose enrolment the login component comes.
const GROUP: &str = "laptops";
const KILLED: Duration = Duration::from_secs(10);

/// A server and one device of it.
pub struct DeviceHouse {
    pub house: House,
    agent: Option<SandboxChild>,
    _sshd: SandboxChild,
    pub sandbox: Sandbox,
}

impl DeviceHouse {
    /// A device that is enrolled and admitted, with the second door in front of its logins.
    ///
    /// # Errors
    /// Something of it does not work.
    pub fn open(name: &str) -> anyhow::Result<Self> {
        let mut house = Self::raise(name)?;
        house.enroll_with(&house.token(&[GROUP])?)?;
        house.start_agent()?;
        house.runs_end_well()?;
        Ok(house)
    }

    /// A machine with sshd and no agent, and a server with a group and an on-enrolment command for it.
    ///
    /// # Errors
    /// Something of it does not work.
    pub fn raise(name: &str) -> anyhow::Result<Self> {
        Self::raise_with_packages(name, &server::packages_folder()?)
    }

    /// The same, with a server that offers what is in this folder.
    ///
    /// # Errors
    /// As [`Self::raise`].
    pub fn raise_with_packages(name: &str, packages: &Path) -> anyhow::Result<Self> {
        let sandbox = Sandbox::raise(&SandboxOptions::named(name))?;
        let house = House::with_packages(sandbox.host_address().into(), packages)?;
        sandbox.write_file("/root/ca.pem", 0o644, house.set_up.ca.as_bytes())?;
        house.cli.json(&["group", "create", "--name", GROUP, "--kind", "devices"])?;
        house.cli.json(&[
            "command",
            "create",
            "--name",
            "Install the login component",
            "--body",
            "set -e\nsallyport-agent package install sallyport-login\n",
            "--on-enrollment",
            "--group",
            GROUP,
        ])?;
        let sshd = sandbox.start_sshd()?;
        Ok(Self { house, agent: None, _sshd: sshd, sandbox })
    }

    #[must_use]
    pub fn cli(&self) -> &Cli {
        &self.house.cli
    }

    /// A fresh enrolment token that joins these groups.
    ///
    /// # Errors
    /// The server refuses.
    pub fn token(&self, groups: &[&str]) -> anyhow::Result<String> {
        let joins = groups.iter().flat_map(|group| ["--group", group]);
        let args: Vec<&str> =
            ["enrollment-token", "create", "--description", "a test"].into_iter().chain(joins).collect();
        Ok(text(&self.cli().json(&args)?, "token"))
    }

    /// Runs the one-line installer with this token, whatever comes of it.
    ///
    /// # Errors
    /// It cannot be run.
    pub fn install(&self, token: &str) -> anyhow::Result<Output> {
        self.sandbox.write_file("/root/token", 0o600, token.as_bytes())?;
        let line = format!(
            "curl --silent --show-error --fail --cacert /root/ca.pem {}/install.sh | sh -s -- --token-file /root/token",
            self.house.server.url
        );
        Ok(self.sandbox.run(["sh", "-c", &line])?)
    }

    /// Installs and enrols.
    ///
    /// # Errors
    /// The installer fails, with what it said.
    pub fn enroll_with(&self, token: &str) -> anyhow::Result<()> {
        let out = self.install(token)?;
        ensure!(out.status.success(), "the installer failed: {}", String::from_utf8_lossy(&out.stderr));
        Ok(())
    }

    /// Starts the agent, as its unit would.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start_agent(&mut self) -> anyhow::Result<()> {
        self.agent = Some(self.sandbox.spawn(["/usr/sbin/sallyport-agent", "run"])?);
        until("the agent's socket", || {
            let there = self.sandbox.run(["test", "-S", "/run/sallyport/login.sock"])?;
            Ok(there.status.success().then_some(()))
        })
        .with_context(|| self.logs())
    }

    /// Sends the agent's privileged half a signal and waits for its end.
    ///
    /// # Errors
    /// It does not end.
    pub fn end_agent(&mut self, signal: Signal) -> anyhow::Result<()> {
        let Some(mut agent) = self.agent.take() else { bail!("no agent runs") };
        self.sandbox.kill(signal, &mut agent)?;
        ensure!(agent.wait(KILLED)?.is_some(), "the agent does not end:\n{}", agent.log());
        Ok(())
    }

    /// Waits until the device is connected and has spoken of the state it should have.
    ///
    /// # Errors
    /// It does not happen.
    pub fn in_step(&self) -> anyhow::Result<Value> {
        self.house.in_step(self.sandbox.name()).with_context(|| self.logs())
    }

    /// What the server says of the device.
    ///
    /// # Errors
    /// The server refuses.
    pub fn state(&self) -> anyhow::Result<Value> {
        self.cli().json(&["device", "state", self.sandbox.name()])
    }

    /// What the server says of an account on the device, once the device is in step.
    ///
    /// # Errors
    /// It is not mentioned.
    pub fn account(&self, name: &str) -> anyhow::Result<Value> {
        self.house.account(self.sandbox.name(), name).with_context(|| self.logs())
    }

    /// Binds a person to the device, with these further arguments, and waits for the account.
    ///
    /// # Errors
    /// The account does not come to be as desired.
    pub fn bind(&self, name: &str, more: &[&str]) -> anyhow::Result<String> {
        let args = [&["binding", "create", "--user", name, "--device", self.sandbox.name()], more].concat();
        let binding = text(&self.cli().json(&args)?, "id");
        let account = self.account(name)?;
        ensure!(text(&account, "difference") == "none", "{account}\n{}", self.logs());
        Ok(binding)
    }

    /// A person with a password and so many bypass codes, bound to the device.
    ///
    /// # Errors
    /// Something of it does not work.
    pub fn bound_person(&self, name: &str, password: &str, codes: usize) -> anyhow::Result<Vec<String>> {
        self.house.person(name, password)?;
        let codes = if codes == 0 { Vec::new() } else { self.house.bypass_codes(name, codes)? };
        self.bind(name, &[])?;
        Ok(codes)
    }

    /// An account of the machine alone, numbered below those of the directory.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn local_person(&self, name: &str, password: &str) -> anyhow::Result<()> {
        let add = [
            "useradd",
            "--create-home",
            "--shell",
            "/bin/sh",
            "--key",
            "UID_MAX=9999",
            "--key",
            "GID_MAX=9999",
            name,
        ];
        self.sandbox.check(add)?;
        self.sandbox.check_with_input(["chpasswd"], format!("{name}:{password}\n").as_bytes())?;
        Ok(())
    }

    /// A login that answers to the password prompt, and in turn to the prompts for codes.
    #[must_use]
    pub fn login(&self, user: &str, password: &str, codes: &[&str]) -> SshLogin {
        let login = SshLogin::new(self.sandbox.address(), user).answer("assword", password).command("id -un");
        codes.iter().fold(login, |login, code| login.answer("code", code))
    }

    /// Logs in with the real client.
    ///
    /// # Errors
    /// The client cannot be run; a refusal is an outcome.
    pub fn ssh(&self, user: &str, password: &str, codes: &[&str]) -> anyhow::Result<SshOutcome> {
        Ok(ssh::login(&self.login(user, password, codes))?)
    }

    /// Sign-ins under this name, the newest first.
    ///
    /// # Errors
    /// The server refuses.
    pub fn sign_ins(&self, name: &str) -> anyhow::Result<Vec<Value>> {
        let list = self.cli().json(&["sign-in", "list", "--text", name])?;
        Ok(items(&list).iter().filter(|entry| text(entry, "name") == name).cloned().collect())
    }

    /// Waits until no run is under way any more; all of them must have ended well.
    ///
    /// # Errors
    /// One did not.
    pub fn runs_end_well(&self) -> anyhow::Result<()> {
        until("the runs to end", || {
            let runs = self.cli().json(&["run", "list"])?;
            let mut left = items(&runs).is_empty();
            for run in items(&runs) {
                match text(run, "state").as_str() {
                    "finished" if run.get("exit_code").and_then(Value::as_i64) == Some(0) => {}
                    "queued" | "started" => left = true,
                    _ => {
                        let out =
                            self.cli().run(&["run", "output", &text(run, "id")], None).unwrap_or_default();
                        bail!("the run ended as {run}\n{out}")
                    }
                }
            }
            Ok((!left).then_some(()))
        })
        .with_context(|| self.logs())
    }

    /// Everything that programs of both sides said, for whoever looks into a failure.
    #[must_use]
    pub fn logs(&self) -> String {
        let agent = self.agent.as_ref().map(SandboxChild::log).unwrap_or_default();
        let server = std::fs::read_to_string(&self.house.server.log).unwrap_or_default();
        let tail = |text: &str| {
            let lines: Vec<&str> = text.lines().collect();
            lines.get(lines.len().saturating_sub(60)..).unwrap_or_default().join("\n")
        };
        format!(
            "--- agent\n{}\n--- system log\n{}\n--- server\n{}",
            tail(&agent),
            tail(&self.sandbox.syslog()),
            tail(&server)
        )
    }

    /// What the agent wrote so far.
    #[must_use]
    pub fn agent_log(&self) -> String {
        self.agent.as_ref().map(SandboxChild::log).unwrap_or_default()
    }
}
