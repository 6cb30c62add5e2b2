//! A post office of the test's own: `sallyport dev mail`, looked at as a program would.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail};
use serde_json::Value;
use ureq::Agent;

use crate::story::until;

/// A running office; closed when dropped.
pub struct PostOffice {
    child: Child,
    agent: Agent,
    /// Where it takes mail, on loopback.
    pub port: u16,
    /// The page that shows it.
    pub url: String,
}

impl PostOffice {
    /// Opens one.
    ///
    /// # Errors
    /// It does not come up.
    pub fn open(binary: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(binary)
            .args(["dev", "mail", "--smtp", "127.0.0.1:0", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let port =
            line.split_once("mail at 127.0.0.1:").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
        let url = line.trim().rsplit_once(' ').map(|(_, url)| url.to_owned());
        let (Some(port), Some(url)) = (port, url) else {
            child.kill().ok();
            child.wait().ok();
            bail!("the post office did not open: {line}");
        };
        let agent = Agent::config_builder().http_status_as_error(false).build().into();
        Ok(Self { child, agent, port, url })
    }

    /// All mail so far, the oldest first.
    ///
    /// # Errors
    /// It does not answer.
    pub fn list(&self) -> anyhow::Result<Vec<Value>> {
        let text = self.agent.get(format!("{}/list.json", self.url)).call()?.body_mut().read_to_string()?;
        let listed: Value = serde_json::from_str(&text)?;
        Ok(listed.get("letters").and_then(Value::as_array).context("no list of letters")?.clone())
    }

    /// The text of the newest mail to this address, once one is there with this in it.
    ///
    /// # Errors
    /// It does not come.
    pub fn text_to(&self, address: &str, has: &str) -> anyhow::Result<String> {
        until("the mail", || {
            let letters = self.list()?;
            let texts = letters
                .iter()
                .rev()
                .filter(|letter| letter.get("to").and_then(Value::as_str) == Some(address));
            let mut texts = texts.filter_map(|letter| letter.get("text")?.as_str());
            Ok(texts.find(|text| text.contains(has)).map(str::to_owned))
        })
    }
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
