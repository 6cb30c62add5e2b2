//! The REST API, called with nothing in between: for times that begin with an answer, which a program that has to end first
//! would shorten, and for houses that have something of everything in them.

use std::time::Instant;

use anyhow::ensure;
use serde_json::Value;
use ureq::Agent;

use crate::{browser, cli::Cli};

pub struct Api {
    agent: Agent,
    url: String,
    token: String,
}

impl Api {
    /// With the token and the authority of this command line.
    ///
    /// # Errors
    /// The authority's certificate cannot be read.
    pub fn of(cli: &Cli) -> anyhow::Result<Self> {
        let agent = browser::trusting(&std::fs::read_to_string(&cli.ca)?)?;
        Ok(Self { agent, url: format!("{}/api/v1", cli.url), token: cli.token.clone() })
    }

    /// Posts to `path`, such as `/users/alice/suspend`; the moment at which the whole answer had been read.
    ///
    /// # Errors
    /// The server refuses, or does not answer.
    pub fn post(&self, path: &str) -> anyhow::Result<Instant> {
        let call = self.agent.post(format!("{}{path}", self.url)).header("authorization", self.bearer());
        let mut response = call.send_empty()?;
        let body = response.body_mut().read_to_string()?;
        let answered = Instant::now();
        ensure!(response.status().is_success(), "{path} answered {}: {body}", response.status());
        Ok(answered)
    }

    /// Reads what is at `path`.
    ///
    /// # Errors
    /// The server refuses, or does not answer.
    pub fn get(&self, path: &str) -> anyhow::Result<Value> {
        let call = self.agent.get(format!("{}{path}", self.url)).header("authorization", self.bearer());
        read(path, call.call()?)
    }

    /// Sends this to `path`, by `POST`, `PUT` or `PATCH`; what was answered.
    ///
    /// # Errors
    /// The server refuses, or does not answer.
    pub fn send(&self, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let url = format!("{}{path}", self.url);
        let call = match method {
            "PATCH" => self.agent.patch(url),
            "PUT" => self.agent.put(url),
            _ => self.agent.post(url),
        };
        let call = call.header("authorization", self.bearer()).header("content-type", "application/json");
        read(path, call.send(body.to_string())?)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }
}

fn read(path: &str, mut response: ureq::http::Response<ureq::Body>) -> anyhow::Result<Value> {
    let body = response.body_mut().read_to_string()?;
    ensure!(response.status().is_success(), "{path} answered {}: {body}", response.status());
    Ok(if body.is_empty() { Value::Null } else { serde_json::from_str(&body)? })
}
