//! A telephone company of the test's own: `sallyport dev telephony`, looked at as a program would.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail};
use serde_json::Value;
use ureq::Agent;

use crate::{cli::Cli, story::until};

/// A running company; ended when dropped.
pub struct TelephoneCompany {
    child: Child,
    agent: Agent,
    pub url: String,
    pub account: String,
    pub token: String,
}

impl TelephoneCompany {
    /// Starts one that trusts servers of this authority when it calls them back.
    ///
    /// # Errors
    /// It does not come up.
    pub fn start(binary: &Path, ca: &Path) -> anyhow::Result<Self> {
        Self::start_by(Command::new(binary), ca)
    }

    /// The same, knowing hosts by this file in place of the machine's. Takes root.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with_hosts(binary: &Path, ca: &Path, hosts: &Path) -> anyhow::Result<Self> {
        let mut unshare = Command::new("unshare");
        unshare.args(["--mount", "--propagation", "private", "/bin/sh", "-euc"]);
        unshare.arg(r#"mount --bind "$0" /etc/hosts; exec "$@""#).args([hosts, binary]);
        Self::start_by(unshare, ca)
    }

    fn start_by(mut program: Command, ca: &Path) -> anyhow::Result<Self> {
        let (account, token) = ("ACsimulated".to_owned(), "a-token-of-the-company".to_owned());
        let mut child = program
            .args(["dev", "telephony", "--listen", "127.0.0.1:0", "--account", &account])
            .args(["--ca".as_ref(), ca.as_os_str()])
            .env("SALLYPORT_DEV_TELEPHONY_TOKEN", &token)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let Some((_, url)) = line.trim().rsplit_once(' ').filter(|(_, url)| url.starts_with("http://"))
        else {
            child.kill().ok();
            child.wait().ok();
            bail!("the telephone company did not start: {line}");
        };
        let agent = Agent::config_builder().http_status_as_error(false).build().into();
        Ok(Self { child, agent, url: url.to_owned(), account, token })
    }

    /// Makes a server its customer, for texts and calls to the United States.
    ///
    /// # Errors
    /// The server refuses.
    pub fn serve(&self, cli: &Cli) -> anyhow::Result<()> {
        let given = [
            ["--twilio-account", &self.account],
            ["--twilio-url", &self.url],
            ["--secret-file", "-"],
            ["--sender", "+15005550006"],
            ["--country", "+1"],
            ["--texts", "true"],
            ["--calls", "true"],
        ];
        cli.run(&[&["telephony", "update"], given.as_flattened()].concat(), Some(&self.token))?;
        Ok(())
    }

    /// All texts and calls so far, the oldest first.
    ///
    /// # Errors
    /// It does not answer.
    pub fn list(&self) -> anyhow::Result<Value> {
        let text = self.agent.get(format!("{}/list.json", self.url)).call()?.body_mut().read_to_string()?;
        Ok(serde_json::from_str(&text)?)
    }

    /// The code in the `n`th text, counted from 0, once it is there.
    ///
    /// # Errors
    /// It does not come.
    pub fn code(&self, n: usize) -> anyhow::Result<String> {
        until("the text", || {
            let listed = self.list()?;
            let body = listed.pointer(&format!("/texts/{n}/body")).and_then(Value::as_str);
            let code =
                body.and_then(|body| body.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 7));
            Ok(code.map(str::to_owned))
        })
    }

    /// Answers the last call, once it rings, and types these digits; what was said in it.
    ///
    /// # Errors
    /// Nothing rings, or what was typed is not taken.
    pub fn answer(&self, digits: &str) -> anyhow::Result<Vec<String>> {
        let sid = until("the call", || {
            let listed = self.list()?;
            let calls = listed.get("calls").and_then(Value::as_array).context("no list of calls")?;
            let rings = calls.last().filter(|call| call.get("wants").is_some_and(|wants| !wants.is_null()));
            Ok(rings.and_then(|call| Some(call.get("sid")?.as_str()?.to_owned())))
        })?;
        let typed = self
            .agent
            .post(format!("{}/calls/{sid}/answer", self.url))
            .config()
            .max_redirects(0)
            .build()
            .send_form([("digits", digits)])?;
        if typed.status().as_u16() != 303 {
            bail!("what was typed was answered with {}", typed.status());
        }
        let listed = self.list()?;
        let calls = listed.get("calls").and_then(Value::as_array).context("no list of calls")?;
        let said = calls.iter().find(|call| call.get("sid").and_then(Value::as_str) == Some(&sid));
        let said = said.and_then(|call| call.get("said")?.as_array()).context("the call is gone")?;
        Ok(said.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }
}

impl Drop for TelephoneCompany {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
