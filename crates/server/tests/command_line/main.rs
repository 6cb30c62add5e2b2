//! The binary as people meet it on their command line.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what it expects by failing"
)]

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use sallyport_model::{
    Actor, Alarm, AlarmKind, AlarmState, NotMe, Time,
    id::{AlarmId, FactorId, UserId},
};
use sallyport_store::{Db, Location, Stamp, StoreError, Throttle, Tx};
use uuid::Uuid;

mod configuration;
mod stop;
mod verbs;

const PASSWORD: &str = "gravel tulip hovercraft";

fn sallyport(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sallyport"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SALLYPORT_"))
    {
        command.env_remove(name);
    }
    command.args(args).stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    sallyport(args).output().unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A running server on `data`, killed when dropped.
struct Running(Child);

impl Running {
    fn start(data: &Path) -> (Self, String) {
        Self::start_at(data, "127.0.0.1:0")
    }

    fn start_at(data: &Path, listen: &str) -> (Self, String) {
        Self::by(&mut sallyport(&["serve", "--listen", listen, "--data", data.to_str().unwrap()]))
    }

    fn by(command: &mut Command) -> (Self, String) {
        Self::logging(command, Stdio::null())
    }

    fn logging(command: &mut Command, log: Stdio) -> (Self, String) {
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut said = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        said.push_str(&lines.next().unwrap().unwrap());
        (Self(child), said)
    }

    fn terminate(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    fn stop(mut self) {
        self.terminate();
        assert!(self.0.wait().unwrap().success(), "a clean stop");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn setup(data: &Path) -> Output {
    let password = data.join("password");
    std::fs::write(&password, format!("{PASSWORD}\n")).unwrap();
    let (data, password) = (data.to_str().unwrap(), password.to_str().unwrap());
    run(&["setup", "--data", data, "--organization", "X", "--admin", "olga", "--password-file", password])
}

#[test]
fn the_example_configuration_passes_its_own_check() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sallyport.toml");
    std::fs::write(&file, run(&["config", "example"]).stdout).unwrap();
    let checked = run(&["config", "check", file.to_str().unwrap()]);
    assert!(checked.status.success(), "{}", err(&checked));
    std::fs::write(&file, "lisen = 1").unwrap();
    let wrong = run(&["config", "check", file.to_str().unwrap()]);
    assert!(!wrong.status.success() && err(&wrong).contains("lisen"), "{}", err(&wrong));
}

#[test]
fn setup_happens_once_and_the_second_start_knows_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (server, said) = Running::start(&data);
    assert!(said.starts_with("Sallyport is running at https://"), "{said}");
    let done = setup(&data);
    assert!(done.status.success(), "{}", err(&done));
    assert!(String::from_utf8_lossy(&done.stdout).contains("spt_"));
    let again = setup(&data);
    assert!(!again.status.success() && err(&again).contains("set up already"), "{}", err(&again));
    server.stop();
    let (server, _) = Running::start(&data);
    assert!(!setup(&data).status.success());
    server.stop();
}

#[test]
fn an_owner_who_lost_every_factor_is_let_in_again_on_the_machine_itself() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let at = data.to_str().unwrap();
    let nobody = run(&["recover", "--data", at, "--owner", "olga"]);
    assert!(!nobody.status.success() && err(&nobody).contains("no server is running"), "{}", err(&nobody));
    let (server, _) = Running::start(&data);
    assert!(setup(&data).status.success());
    let unknown = run(&["recover", "--data", at, "--owner", "mallory"]);
    assert!(
        !unknown.status.success() && err(&unknown).contains("no owner has this name"),
        "{}",
        err(&unknown)
    );
    let known = run(&["recover", "--data", at, "--owner", "olga", "--json"]);
    assert!(known.status.success(), "{}", err(&known));
    let given: serde_json::Value = serde_json::from_slice(&known.stdout).unwrap();
    assert_eq!(given["owner"], "olga");
    assert_eq!(given["enrollment_code"].as_str().unwrap().len(), "1234-1234-1234-1234".len());
    let told = run(&["recover", "--data", at, "--owner", "olga"]);
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("Enrolment code") && told.contains("/enroll"), "{told}");
    server.stop();
}

#[test]
fn the_data_folder_is_private_and_held_by_one_server() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (server, _) = Running::start(&data);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&data), mode(&data.join("root.key")), mode(&data.join("admin.sock"))),
        (0o700, 0o400, 0o600)
    );
    let second = run(&["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()]);
    assert!(!second.status.success() && err(&second).contains("another server"), "{}", err(&second));
    server.stop();
}

#[test]
fn nothing_of_its_memory_reaches_the_disk() {
    const IPC_LOCK: u64 = 1 << 14;
    let folder = tempfile::tempdir().unwrap();
    let (server, _) = Running::start(&folder.path().join("data"));
    let about = |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", server.0.id())).unwrap();
    let line = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(line(&about("limits"), "Max core file size")[..2], ["0", "0"]);
    let status = about("status");
    let is_allowed = u64::from_str_radix(&line(&status, "CapEff:")[0], 16).unwrap() & IPC_LOCK != 0;
    let locked: u64 = line(&status, "VmLck:")[0].parse().unwrap();
    // Under a limit it would be later allocations that fail, so then none of it is.
    assert_eq!(locked > 0, is_allowed || line(&about("limits"), "Max locked memory")[0] == "unlimited");
    server.stop();
}

#[test]
fn a_lost_or_open_root_key_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    Running::start(&data).0.stop();
    let key = data.join("root.key");
    let serve = || run(&["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()]);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let open = serve();
    assert!(!open.status.success() && err(&open).contains("chmod 400"), "{}", err(&open));
    std::fs::remove_file(&key).unwrap();
    let lost = serve();
    assert!(!lost.status.success() && err(&lost).contains("backup"), "{}", err(&lost));
    std::fs::write(&key, [7; 32]).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o400)).unwrap();
    let foreign = serve();
    assert!(!foreign.status.success() && err(&foreign).contains("root key"), "{}", err(&foreign));
}

/// What the doctor says of this.
fn doctors_line(data: &Path, of: &str) -> String {
    let said = run(&["doctor", "--data", data.to_str().unwrap()]);
    let said = String::from_utf8(said.stdout).unwrap();
    said.lines().find(|line| line.contains(of)).unwrap().to_owned()
}

#[test]
fn the_doctor_says_what_goes_on_at_the_doors() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    Running::start(&data).0.stop();
    let line = || doctors_line(&data, "doors");
    assert_eq!(line(), "ok       doors");
    let held = Throttle { failures: 61, since: Time(0), until: Time(i64::MAX) };
    let db = Db::open(Location::Sqlite(data.join("sallyport.db"))).unwrap();
    db.write_blocking(move |tx| tx.put_throttle("spray", held)).unwrap();
    let warned = line();
    assert!(warned.starts_with("PROBLEM  doors") && warned.contains("61 names or more"), "{warned}");
}

#[test]
fn the_doctor_names_alarms_that_nobody_has_closed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    Running::start(&data).0.stop();
    let line = || doctors_line(&data, "alarms");
    assert_eq!(line(), "ok       alarms");
    let db = Db::open(Location::Sqlite(data.join("sallyport.db"))).unwrap();
    for (n, told) in [(1, "PROBLEM  alarms: 1 alarm is open; "), (2, "PROBLEM  alarms: 2 alarms are open; ")]
    {
        let (uuid, user) = (Uuid::from_u128(n), UserId::new(Uuid::from_u128(n)));
        let alarm = open_alarm(uuid, user);
        db.write_blocking(move |tx| raise(tx, alarm.clone())).unwrap();
        assert!(
            line().starts_with(told) && line().contains("sallyport alarm list --state open"),
            "{}",
            line()
        );
    }
}

/// That somebody said on their phone that it was not them.
fn open_alarm(uuid: Uuid, user: UserId) -> Alarm {
    let now = Time::from_unix_seconds(1_767_225_600);
    let last = NotMe {
        kind: AlarmKind::SignIn,
        what: "vpn".into(),
        place: String::new(),
        device: String::new(),
        factor: Some(FactorId::new(uuid)),
        sign_in: None,
        first_door: None,
        opened: false,
        said: now,
    };
    let (id, user_name) = (AlarmId::new(uuid), "olga".to_owned());
    Alarm { id, user, user_name, times: 1, last, raised: now, state: AlarmState::Open }
}

/// Writes it as the server would.
fn raise(tx: &mut Tx<'_>, alarm: Alarm) -> Result<(), StoreError> {
    let stamp = Stamp { at: alarm.raised, actor: Actor::LocalAdmin, source: None, request: String::new() };
    let raised = tx.create(alarm)?;
    tx.record(raised, "raise", &stamp);
    Ok(())
}

#[test]
fn the_doctor_only_looks_at_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    Running::start(&data).0.stop();
    let files = || {
        let files = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path());
        // The index that processes share is theirs, and made anew by whoever is the first.
        let files = files.filter(|path| path.extension() != Some("db-shm".as_ref()));
        files.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect::<BTreeMap<_, _>>()
    };
    let line = || {
        let before = files();
        let said = run(&["doctor", "--data", data.to_str().unwrap()]);
        assert!(files() == before, "something was changed or made");
        let said = String::from_utf8(said.stdout).unwrap();
        said.lines().find(|line| line.contains("database")).unwrap().to_owned()
    };
    assert_eq!(line(), "ok       database");
    for name in ["sallyport.db-wal", "sallyport.db-shm"] {
        std::fs::remove_file(data.join(name)).ok();
    }
    std::fs::write(data.join("sallyport.db"), "").unwrap();
    assert_eq!(line(), "PROBLEM  database: it is empty; the first `sallyport serve` fills it");
}

#[test]
fn without_a_server_the_command_line_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = setup(folder.path());
    assert!(!nobody.status.success() && err(&nobody).contains("sallyport serve"), "{}", err(&nobody));
    let usage = run(&["no-such-thing"]);
    assert_eq!(usage.status.code(), Some(2));
}
