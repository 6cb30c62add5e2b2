//! What to measure, and for how long.

use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::report::say;

const USAGE: &str = "\
usage: bench [--only PART[,PART]] [--seconds N] [--rounds N] [--users N] [--pushes N]
             [--agents N] [--crowd N] [--quick] [--strict]

  --only     decisions, size, sign-in, auth-api, prompt, sso, pushes, agents, pages; all if not given
  --seconds  length of a round (4)
  --rounds   rounds of which the median counts (5)
  --users    people in the directory (10000)
  --pushes   people whose phones are asked at once (10000)
  --agents   simulated devices (1000)
  --crowd    people in the organisation whose pages are timed (100000)
  --quick    short rounds and few of everything: to see that the bench works, not to measure
  --strict   end with an error if a goal was missed, or could not be measured";

/// The parts of the bench, in the order they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Decisions,
    Size,
    SignIn,
    AuthApi,
    Prompt,
    SingleSignOn,
    Pushes,
    Agents,
    Pages,
}

#[derive(Debug, Clone)]
pub(crate) struct Options {
    only: Vec<Part>,
    pub(crate) round: Duration,
    pub(crate) rounds: usize,
    pub(crate) users: usize,
    pub(crate) pushes: usize,
    pub(crate) agents: usize,
    pub(crate) crowd: usize,
    pub(crate) strict: bool,
}

impl Options {
    /// Reads the command line; nothing when it only asked for help.
    pub(crate) fn read(arguments: &[String]) -> anyhow::Result<Option<Self>> {
        let mut options = Self {
            only: Vec::new(),
            round: Duration::from_secs(4),
            rounds: 5,
            users: 10_000,
            pushes: 10_000,
            agents: 1_000,
            crowd: 100_000,
            strict: false,
        };
        let mut words = arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            let mut number = || -> anyhow::Result<usize> {
                let text = words.next().with_context(|| format!("`{word}` needs a number"))?;
                text.parse().ok().filter(|n| *n > 0).with_context(|| format!("`{text}` is no number"))
            };
            match word {
                "--seconds" => options.round = Duration::from_secs(number()? as u64),
                "--rounds" => options.rounds = number()?,
                "--users" => options.users = number()?,
                "--pushes" => options.pushes = number()?,
                "--agents" => options.agents = number()?,
                "--crowd" => options.crowd = number()?,
                "--strict" => options.strict = true,
                "--quick" => {
                    (options.round, options.rounds) = (Duration::from_secs(1), 1);
                    (options.users, options.pushes, options.agents) = (300, 100, 40);
                    options.crowd = 2_000;
                }
                "--only" => {
                    let names = words.next().context("`--only` needs names")?;
                    options.only = names.split(',').map(part).collect::<Result<_, _>>()?;
                }
                "--help" | "-h" => {
                    say(USAGE);
                    return Ok(None);
                }
                other => bail!("`{other}` is not understood\n{USAGE}"),
            }
        }
        Ok(Some(options))
    }

    pub(crate) fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

fn part(name: &str) -> anyhow::Result<Part> {
    Ok(match name {
        "decisions" => Part::Decisions,
        "size" => Part::Size,
        "sign-in" => Part::SignIn,
        "auth-api" => Part::AuthApi,
        "prompt" => Part::Prompt,
        "sso" => Part::SingleSignOn,
        "pushes" => Part::Pushes,
        "agents" => Part::Agents,
        "pages" => Part::Pages,
        other => bail!("`{other}` is no part of the bench\n{USAGE}"),
    })
}
