//! Programs of runs under their supervisor: how they end is told, and when they are ended nothing of them is left,
//! whatever it did to be forgotten.
#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
};

use sallyport_agent::{
    core::Ending,
    paths::Paths,
    platform::{
        PlatformError,
        commands::{Program, start_under},
    },
};
use sallyport_api::agent::RunOrder;
use sallyport_model::{
    Interpreter, Time,
    id::{DeviceId, RunId},
};
use uuid::Uuid;

/// Starts this as whoever runs the tests.
fn start(body: &str, folder: &Path) -> Program {
    start_with(&[], body, folder).map_err(|error| error.to_string()).unwrap()
}

fn start_with(environment: &[(&str, &str)], body: &str, folder: &Path) -> Result<Program, PlatformError> {
    let paths = Paths::under(folder);
    fs::create_dir_all(paths.passwd().parent().unwrap()).unwrap();
    fs::create_dir_all(paths.scripts_dir()).unwrap();
    let uid = rustix::process::geteuid().as_raw();
    fs::write(paths.passwd(), format!("me:x:{uid}:{uid}::/:/bin/sh\n")).unwrap();
    let order = RunOrder {
        run: RunId::new(Uuid::from_u128(1)),
        device: DeviceId::new(Uuid::from_u128(2)),
        interpreter: Interpreter::Sh,
        body: body.into(),
        run_as: "me".into(),
        timeout_seconds: 60,
        environment: environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        not_before: Time(0),
        not_after: Time(i64::MAX),
    };
    let agent = Path::new(env!("CARGO_BIN_EXE_sallyport-agent"));
    start_under(agent, &order, &paths)
}

fn exited(code: Option<i32>, reason: Option<&str>) -> Ending {
    Ending::Exited { code, reason: reason.map(str::to_owned) }
}

#[test]
fn nothing_is_loaded_into_what_runs_as_root() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["LD_PRELOAD", "LD_AUDIT", "GLIBC_TUNABLES"] {
        let started = start_with(&[(name, "/tmp/theirs.so")], "exit 0", folder.path());
        assert!(matches!(started, Err(PlatformError::Refused(_))), "{name}");
    }
    let started = start_with(&[("LDAP", "x")], "test \"$LDAP\" = x", folder.path());
    assert_eq!(started.unwrap().wait(), exited(Some(0), None));
}

#[test]
fn how_a_program_ends_is_told_as_it_is() {
    for (body, ending) in [
        ("exit 0", exited(Some(0), None)),
        ("exit 7", exited(Some(7), None)),
        ("kill -9 $$", exited(None, Some("killed by signal 9"))),
        ("kill -TERM $$", exited(None, Some("killed by signal 15"))),
        ("kill -SEGV $$", exited(None, Some("killed by signal 11"))),
    ] {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(start(body, folder.path()).wait(), ending, "{body}");
    }
}

/// No environment, a session of its own, an orphan, deaf to being asked.
const RUNAWAY: &str =
    "setsid env -i /bin/sh -c '(trap \"\" TERM; exec /bin/sh -c \"echo \\$\\$; exec /bin/sleep 600\") &'";

fn is_there(pid: &str) -> bool {
    Path::new("/proc").join(pid).exists()
}

#[test]
fn what_dropped_environment_session_and_parent_ends_with_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = start(&format!("{RUNAWAY}\n{RUNAWAY}\nsleep 600"), folder.path());
    let mut lines = BufReader::new(program.take_output().0.unwrap()).lines();
    let runaways = [lines.next().unwrap().unwrap(), lines.next().unwrap().unwrap()];
    assert!(runaways.iter().all(|pid| is_there(pid)), "{runaways:?}");
    program.stopper().stop();
    assert_eq!(program.wait(), exited(None, Some("killed by signal 15")));
    assert!(!runaways.iter().any(|pid| is_there(pid)), "{runaways:?}");
}

#[test]
fn what_a_program_that_ends_by_itself_leaves_behind_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = start("sleep 600 >&- 2>&- & echo $!", folder.path());
    let mut printed = String::new();
    program.take_output().0.unwrap().read_to_string(&mut printed).unwrap();
    assert_eq!(program.wait(), exited(Some(0), None));
    let left = printed.trim().parse().ok().and_then(rustix::process::Pid::from_raw).unwrap();
    assert!(is_there(printed.trim()));
    rustix::process::kill_process(left, rustix::process::Signal::KILL).unwrap();
}
