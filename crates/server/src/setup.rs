//! Setting the organisation up from the command line, and letting an owner in again, through the running server.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use clap::Args;

use crate::{
    admin_socket::{self, Answer, Request},
    print,
};

#[derive(Args)]
pub(crate) struct Setup {
    /// Data folder of the running server
    #[arg(long, env = "SALLYPORT_DATA", value_name = "DIR", default_value = "sallyport-data")]
    data: PathBuf,
    /// Name of the organisation
    #[arg(long)]
    organization: String,
    /// User name of the first owner
    #[arg(long, value_name = "NAME")]
    admin: String,
    /// File with the owner's password in its first line; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl Setup {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let password = read_secret_line(&self.password_file)?;
        let request = Request::Setup { organization: self.organization, admin: self.admin, password };
        let Answer::SetUp(done) = admin_socket::ask(&self.data, &request)? else { bail!(UNEXPECTED) };
        if self.json {
            print(&serde_json::to_string_pretty(&done)?);
            return Ok(ExitCode::SUCCESS);
        }
        print(&format!("{} is set up at {}", done.organization, done.url));
        print(&format!("\nOwner            {}", done.admin));
        print(&format!(
            "Enrolment code   {}   (enrol the second factor at {}/enroll)",
            done.enrollment_code, done.url
        ));
        print(&format!("API token        {}   (good for 30 days)", done.token));
        print("\nThe code and the token are not shown again.");
        Ok(ExitCode::SUCCESS)
    }
}

const UNEXPECTED: &str = "the server answered something else; is it of the same version?";

#[derive(Args)]
pub(crate) struct Recover {
    /// Data folder of the running server
    #[arg(long, env = "SALLYPORT_DATA", value_name = "DIR", default_value = "sallyport-data")]
    data: PathBuf,
    /// User name of the owner
    #[arg(long, value_name = "NAME")]
    owner: String,
    /// Set the portal back to what is built in, where a policy lets no owner in
    #[arg(long)]
    lift_policies: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl Recover {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let request = Request::Recover { owner: self.owner, lift_policies: self.lift_policies };
        let Answer::Recovered(code) = admin_socket::ask(&self.data, &request)? else { bail!(UNEXPECTED) };
        if self.json {
            print(&serde_json::to_string_pretty(&code)?);
            return Ok(ExitCode::SUCCESS);
        }
        print(&format!("{} can enrol a second factor at {}/enroll", code.owner, code.url));
        print(&format!("\nEnrolment code   {}   (good for 24 hours)", code.enrollment_code));
        print("\nThe code is not shown again. The password is still asked for.");
        Ok(ExitCode::SUCCESS)
    }
}

/// The first line of a file, or of standard input for `-`.
pub(crate) fn read_secret_line(path: &Path) -> anyhow::Result<String> {
    let mut text = zeroize::Zeroizing::new(String::new());
    if path.as_os_str() == "-" {
        std::io::stdin().take(64 * 1024).read_to_string(&mut text)?;
    } else {
        std::fs::File::open(path)
            .with_context(|| format!("cannot read `{}`", path.display()))?
            .take(64 * 1024)
            .read_to_string(&mut text)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
    }
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
