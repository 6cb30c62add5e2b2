//! The `sallyport` command line, called as a person would call it.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// A command line that knows its server.
#[derive(Debug, Clone)]
pub struct Cli {
    pub binary: PathBuf,
    pub url: String,
    pub token: String,
    pub ca: PathBuf,
}

impl Cli {
    /// Runs `sallyport ARGS --json` and reads the answer.
    ///
    /// # Errors
    /// It fails, with what it said.
    pub fn json(&self, args: &[&str]) -> anyhow::Result<Value> {
        let out = self.run(&[args, &["--json"]].concat(), None)?;
        if out.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&out)
            .with_context(|| format!("`sallyport {}` printed no JSON:\n{out}", args.join(" ")))
    }

    /// Applies a policy to an application, by which people are pushed from there without a number.
    ///
    /// # Errors
    /// The server refuses.
    pub fn push_without_number(&self, application: &str) -> anyhow::Result<()> {
        let name = format!("Push without a number at {application}");
        let create = ["policy", "create", "--json", "--sections-file", "-", "--name", &name];
        let made = self.run(&create, Some(r#"{ "verified_push": { "when": "where_shown" } }"#))?;
        let made: Value = serde_json::from_str(&made)?;
        let policy = made.get("id").and_then(Value::as_str).context("a policy without id")?;
        self.run(&["application", "update", application, "--policy", policy], None).map(drop)
    }

    /// Runs `sallyport ARGS` with `input` as its standard input; what it printed.
    ///
    /// # Errors
    /// It fails, with what it said.
    pub fn run(&self, args: &[&str], input: Option<&str>) -> anyhow::Result<String> {
        run(
            &self.binary,
            args,
            input,
            &[
                ("SALLYPORT_URL", self.url.as_str()),
                ("SALLYPORT_TOKEN", self.token.as_str()),
                ("SALLYPORT_CA", &self.ca.to_string_lossy()),
            ],
        )
    }
}

/// Runs a program and gives back what it printed.
///
/// # Errors
/// It fails, with what it said.
pub fn run(
    program: &Path,
    args: &[&str],
    input: Option<&str>,
    environment: &[(&str, &str)],
) -> anyhow::Result<String> {
    let mut child = Command::new(program)
        .args(args)
        .envs(environment.iter().copied())
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", program.display()))?;
    if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
        stdin.write_all(input.as_bytes())?;
    }
    let out = child.wait_with_output()?;
    if !out.status.success() {
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        bail!("`{name} {}` failed: {}", args.join(" "), String::from_utf8_lossy(&out.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}
