//! What stands in the way of a healthy server, said before it hurts.

use std::{
    cmp::Ordering,
    net::TcpListener,
    os::unix::fs::MetadataExt as _,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, SystemTime},
};

use clap::Args;
use sallyport_app::{
    Clock as _, SystemClock, alarm, application,
    places::{FileAge, PlaceFiles, Places},
    signin::spray,
};
use sallyport_store::{Location, Look, Reader, StoreError};
use sallyport_web::tls;

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
    /// What is worth knowing where nothing is wrong.
    note: Option<String>,
}

impl Finding {
    const fn new(what: &'static str, problem: Option<String>) -> Self {
        Self { what, problem, note: None }
    }
}

impl Doctor {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.options.resolve(self.config.as_ref())?;
        let mut opened = look(&config);
        let [countries, anonymous_networks] = places(&config);
        let names = names(&config, opened.as_mut());
        let findings = [
            folder(&config),
            root_key(&config),
            database(opened.as_ref()),
            doors(opened.as_mut()),
            alarms(opened.as_mut()),
            port(&config),
            packages(&config),
            url(&config),
            names,
            countries,
            anonymous_networks,
        ];
        for finding in &findings {
            match (&finding.problem, &finding.note) {
                (Some(problem), _) => print(&format!("PROBLEM  {}: {problem}", finding.what)),
                (None, Some(note)) => print(&format!("ok       {}: {note}", finding.what)),
                (None, None) => print(&format!("ok       {}", finding.what)),
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
    Finding::new("data folder", problem)
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
    Finding::new("root key", problem)
}

/// The database as it is, where there is one.
fn look(config: &Config) -> Option<Result<Look, StoreError>> {
    let location = match &config.database {
        Some(url) => Location::Postgres(url.clone()),
        None => Location::Sqlite(config.data.join("sallyport.db")),
    };
    let missing = matches!(&location, Location::Sqlite(path) if !path.exists());
    (!missing).then(|| Look::at(&location))
}

fn database(opened: Option<&Result<Look, StoreError>>) -> Finding {
    let problem = match opened {
        None => Some("it is not there; the first `sallyport serve` makes it".to_owned()),
        Some(Err(error)) => Some(error.to_string()),
        Some(Ok(look)) => another_schema(look.schema(), Look::wanted()),
    };
    Finding::new("database", problem)
}

/// What follows where the schema is not the one that this program works on.
fn another_schema(found: i64, wanted: i64) -> Option<String> {
    let then = match found.cmp(&wanted) {
        Ordering::Equal => return None,
        Ordering::Less if found == 0 => {
            return Some("it is empty; the first `sallyport serve` fills it".to_owned());
        }
        Ordering::Less => {
            "the next `sallyport serve` brings it there, and no older program opens it any more: keep a copy"
        }
        Ordering::Greater => "use a newer program",
    };
    Some(format!("it has schema {found} and this program wants {wanted}; {then}"))
}

/// Whether somebody is at the doors who should not be. What cannot be read has been said already.
fn doors(opened: Option<&mut Result<Look, StoreError>>) -> Finding {
    let now = SystemClock.now();
    let tried = counted(opened, |reader| spray::names_tried(reader, now).map_err(|error| error.to_string()));
    let told =
        |names| format!("passwords are being tried on {names} names or more; see `sallyport spray list`");
    Finding::new("doors", tried.map_or_else(Some, |names| (names > 0).then(|| told(names))))
}

/// Whether somebody waits for help. What cannot be read has been said already.
fn alarms(opened: Option<&mut Result<Look, StoreError>>) -> Finding {
    let open = counted(opened, |reader| alarm::count_open(reader).map_err(|error| error.to_string()));
    let told = |open| {
        let are = if open == 1 { "alarm is open" } else { "alarms are open" };
        format!("{open} {are}; see `sallyport alarm list --state open`")
    };
    Finding::new("alarms", open.map_or_else(Some, |open| (open > 0).then(|| told(open))))
}

/// How many there are of something in a database of this program's schema; none in any other.
fn counted<N: Default>(
    opened: Option<&mut Result<Look, StoreError>>,
    count: impl FnOnce(&mut Reader) -> Result<N, String>,
) -> Result<N, String> {
    match opened {
        Some(Ok(look)) if look.schema() == Look::wanted() => count(look.reader()),
        None | Some(Ok(_) | Err(_)) => Ok(N::default()),
    }
}

fn port(config: &Config) -> Finding {
    let problem = TcpListener::bind(config.listen)
        .err()
        .map(|error| format!("{}: {error}; fine if that is the running server", config.listen));
    Finding::new("port", problem)
}

fn packages(config: &Config) -> Finding {
    let has_agent = std::fs::read_dir(&config.packages).is_ok_and(|mut files| {
        files.any(|file| file.is_ok_and(|f| f.file_name().to_string_lossy().starts_with("sallyport-agent_")))
    });
    let problem = (!has_agent).then(|| {
        format!("no agent package in `{}`, so devices cannot install one", config.packages.display())
    });
    Finding::new("packages", problem)
}

fn url(config: &Config) -> Finding {
    let problem = config.external_url_is_default.then(|| {
        "--external-url is not set, so only this machine can reach the server by its name".to_owned()
    });
    Finding::new("external URL", problem)
}

/// Whether what people and applications are shown is good for every name they call us by. One of our own is made for them;
/// what cannot be read has been said already.
fn names(config: &Config, opened: Option<&mut Result<Look, StoreError>>) -> Finding {
    let mut names = config.host_names().into_iter().take(1).collect::<Vec<_>>();
    if let Some(Ok(look)) = opened
        && look.schema() == Look::wanted()
    {
        names.extend(application::api_hosts(look.reader()).unwrap_or_default());
    }
    let problem = match config.certificate() {
        Ok(None) => None,
        Ok(Some((chain, _))) => uncovered(&chain, &names),
        Err(error) => Some(error.to_string()),
    };
    let note = config.tls.is_none().then(|| format!("one of our own, for {}", names.join(", ")));
    Finding { what: "certificate", problem, note }
}

fn uncovered(chain: &str, names: &[String]) -> Option<String> {
    let mut missing = Vec::new();
    for name in names {
        match tls::covers(chain, name) {
            Ok(true) => {}
            Ok(false) => missing.push(format!("`{name}`")),
            Err(error) => return Some(error.to_string()),
        }
    }
    let what = if missing.len() == 1 { "a name" } else { "names" };
    (!missing.is_empty()).then(|| {
        format!("that of --tls-cert is not good for {}, {what} we are called by", missing.join(", "))
    })
}

/// The files that say where addresses are. Each is read by itself, so that one that is broken does not hide the other.
fn places(config: &Config) -> [Finding; 2] {
    let PlaceFiles { countries, anonymous_networks } = config.places.clone();
    let now = SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(SystemClock.now().0).unwrap_or(0));
    let countries = PlaceFiles { countries, anonymous_networks: None };
    let anonymous = PlaceFiles { countries: None, anonymous_networks };
    [
        place(
            "countries",
            &countries,
            "none is given, so the country of no address is known",
            COUNTRIES_GOOD,
            now,
        ),
        place("anonymous networks", &anonymous, "none are given", ANONYMOUS_GOOD, now),
    ]
}

/// Addresses move from country to country over months, and exits of Tor come and go within days.
const COUNTRIES_GOOD: u64 = 365;
const ANONYMOUS_GOOD: u64 = 14;

fn place(what: &'static str, files: &PlaceFiles, without: &str, good_days: u64, now: SystemTime) -> Finding {
    let age = match Places::open(files) {
        Ok(places) => places.ages().into_iter().flatten().next(),
        Err(error) => return Finding::new(what, Some(error.to_string())),
    };
    let Some(FileAge { path, made }) = age else {
        return Finding { what, problem: None, note: Some(without.to_owned()) };
    };
    let days = now.duration_since(made).unwrap_or_default().as_secs() / 86_400;
    let told = format!("`{}` is {days} day{} old", path.display(), if days == 1 { "" } else { "s" });
    if days > good_days {
        Finding::new(what, Some(format!("{told}; fetch a newer one")))
    } else {
        Finding { what, problem: None, note: Some(told) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use sallyport_app::places::PlaceFiles;

    use sallyport_crypto::{SystemRandom, authority::Root};

    use super::{another_schema, place, uncovered};

    #[test]
    fn a_certificate_that_lacks_a_name_is_told_with_the_name() {
        let random = SystemRandom::new();
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let root = Root::create(1_767_225_600, &random).unwrap();
        let leaf = root.issue(&names(&["a.example", "192.0.2.7"]), 1_767_225_600, &random).unwrap();
        assert_eq!(uncovered(&leaf.chain_pem, &names(&["a.example", "192.0.2.7"])), None);
        let told = uncovered(&leaf.chain_pem, &names(&["a.example", "wiki.example"])).unwrap();
        assert_eq!(told, "that of --tls-cert is not good for `wiki.example`, a name we are called by");
        assert!(uncovered("nothing", &names(&["a.example"])).unwrap().contains("no certificate"));
    }

    #[test]
    fn a_list_says_how_old_it_is_and_when_it_is_too_old() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("exits.txt");
        std::fs::write(&path, "198.51.100.7\n").unwrap();
        let written = std::fs::metadata(&path).unwrap().modified().unwrap();
        let files = PlaceFiles { countries: None, anonymous_networks: Some(path.clone()) };
        let after = |days: u64| {
            let now = written + Duration::from_secs(days * 86_400 + 60);
            place("list", &files, "none", 14, now)
        };
        assert!(after(1).note.unwrap().ends_with("exits.txt` is 1 day old"));
        assert!(after(14).problem.is_none());
        assert!(after(15).problem.unwrap().ends_with("is 15 days old; fetch a newer one"));
        std::fs::write(&path, "exits\n").unwrap();
        assert!(after(1).problem.unwrap().contains("line 1 is `exits`"));
        let nothing = place("list", &PlaceFiles::default(), "none", 14, SystemTime::UNIX_EPOCH);
        assert_eq!((nothing.problem, nothing.note.as_deref()), (None, Some("none")));
    }

    #[test]
    fn another_schema_than_wanted_is_told_with_both_numbers() {
        assert_eq!(another_schema(3, 3), None);
        for (found, then) in [(2, "keep a copy"), (4, "use a newer program")] {
            let told = another_schema(found, 3).unwrap();
            assert!(told.starts_with(&format!("it has schema {found} and this program wants 3; ")), "{told}");
            assert!(told.ends_with(then), "{told}");
        }
    }
}
