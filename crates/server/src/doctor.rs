//! What stands in the way of a healthy server, said before it hurts.

use std::{net::TcpListener, os::unix::fs::MetadataExt as _, path::PathBuf, process::ExitCode};

use clap::Args;
use sallyport_app::{Clock as _, SystemClock, signin::spray};
use sallyport_store::{Db, Location, StoreError};

use crate::{
    config::{Config, Options},
    print,
};

#[derive(Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    options: Options,
    /// A configuration file
    #[arg(long, env = "SALLYPORT_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

/// One thing looked at.
struct Finding {
    what: &'static str,
    problem: Option<String>,
}

impl Doctor {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.options.resolve(self.config.as_ref())?;
        let opened = open(&config);
        let findings = [
            folder(&config),
            root_key(&config),
            database(opened.as_ref()),
            doors(opened.as_ref()),
            port(&config),
            packages(&config),
            url(&config),
        ];
        for finding in &findings {
            match &finding.problem {
                None => print(&format!("ok       {}", finding.what)),
                Some(problem) => print(&format!("PROBLEM  {}: {problem}", finding.what)),
            }
        }
        let healthy = findings.iter().all(|finding| finding.problem.is_none());
        Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn folder(config: &Config) -> Finding {
    let problem = match std::fs::metadata(&config.data) {
        Err(_) => {
            Some(format!("`{}` is not there; the first `sallyport serve` makes it", config.data.display()))
        }
        Ok(metadata) if metadata.mode() & 0o077 != 0 => {
            Some(format!("others can look into `{}`; run chmod 700 on it", config.data.display()))
        }
        Ok(_) => None,
    };
    Finding { what: "data folder", problem }
}

fn root_key(config: &Config) -> Finding {
    let path = config.data.join("root.key");
    let problem = match std::fs::metadata(&path) {
        Err(_) => Some(format!("`{}` is not there", path.display())),
        Ok(metadata) if metadata.mode() & 0o077 != 0 => {
            Some(format!("others can read `{}`; run chmod 400 on it", path.display()))
        }
        Ok(_) => None,
    };
    Finding { what: "root key", problem }
}

/// The database, where there is one.
fn open(config: &Config) -> Option<Result<Db, StoreError>> {
    let location = match &config.database {
        Some(url) => Location::Postgres(url.clone()),
        None => Location::Sqlite(config.data.join("sallyport.db")),
    };
    let missing = matches!(&location, Location::Sqlite(path) if !path.exists());
    (!missing).then(|| Db::open(location))
}

fn database(opened: Option<&Result<Db, StoreError>>) -> Finding {
    let problem = match opened {
        None => Some("it is not there; the first `sallyport serve` makes it".to_owned()),
        Some(Err(error)) => Some(error.to_string()),
        Some(Ok(_)) => None,
    };
    Finding { what: "database", problem }
}

/// Whether somebody is at the doors who should not be. What cannot be opened has been said already.
fn doors(opened: Option<&Result<Db, StoreError>>) -> Finding {
    let now = SystemClock.now();
    let problem = match opened {
        None | Some(Err(_)) => None,
        Some(Ok(db)) => match db.read_blocking(|reader| spray::names_tried(reader, now)) {
            Ok(0) => None,
            Ok(names) => Some(format!(
                "passwords are being tried on {names} names or more; see `sallyport spray list`"
            )),
            Err(error) => Some(error.to_string()),
        },
    };
    Finding { what: "doors", problem }
}

fn port(config: &Config) -> Finding {
    let problem = TcpListener::bind(config.listen)
        .err()
        .map(|error| format!("{}: {error}; fine if that is the running server", config.listen));
    Finding { what: "port", problem }
}

fn packages(config: &Config) -> Finding {
    let has_agent = std::fs::read_dir(&config.packages).is_ok_and(|mut files| {
        files.any(|file| file.is_ok_and(|f| f.file_name().to_string_lossy().starts_with("sallyport-agent_")))
    });
    let problem = (!has_agent).then(|| {
        format!("no agent package in `{}`, so devices cannot install one", config.packages.display())
    });
    Finding { what: "packages", problem }
}

fn url(config: &Config) -> Finding {
    let problem = config.external_url_is_default.then(|| {
        "--external-url is not set, so only this machine can reach the server by its name".to_owned()
    });
    Finding { what: "external URL", problem }
}
