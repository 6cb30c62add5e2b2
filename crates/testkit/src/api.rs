//! The REST API, called with nothing in between: for times that begin with an answer, which a program that has to end first
//! would shorten.

use std::time::Instant;

use anyhow::ensure;
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
        let authorization = format!("Bearer {}", self.token);
        let call = self.agent.post(format!("{}{path}", self.url)).header("authorization", authorization);
        let mut response = call.send_empty()?;
        let body = response.body_mut().read_to_string()?;
        let answered = Instant::now();
        ensure!(response.status().is_success(), "{path} answered {}: {body}", response.status());
        Ok(answered)
    }
}
