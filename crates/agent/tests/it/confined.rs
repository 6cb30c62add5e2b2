//! What a process can still do that is held to the network half's list of calls. Nobody gets out of that again, so it
//! is another process, of this same program, that is held and tells what came of its attempts.

use std::{
    env, fs, io,
    net::{TcpListener, ToSocketAddrs as _},
    os::unix::{
        fs::{PermissionsExt as _, symlink},
        net::UnixStream,
        process::CommandExt as _,
    },
    path::Path,
    process::Command,
    thread,
};

use rustix::{
    mount::{UnmountFlags, unmount},
    process::{
        DumpableBehavior, Resource, getppid, getrlimit, set_dumpable_behavior, setrlimit, test_kill_process,
    },
};
use sallyport_agent::{device_key, net, platform::syscalls};
use sallyport_api::agent::EnrollmentSecret;
use sallyport_crypto::SystemRandom;
use sallyport_model::Time;

use crate::server::{DEVICE, Server};

/// A folder for the attempts.
const FOLDER: &str = "CONFINED_FOLDER";
/// A server and a token of it.
const SERVER: &str = "CONFINED_SERVER";
const TOKEN: &str = "CONFINED_TOKEN";

/// Runs one of the ignored tests below in a process of its own, where it must pass.
fn child(test: &str, environment: &[(&str, &str)]) -> io::Result<()> {
    let out = Command::new(env::current_exe()?)
        .args(["--exact", &format!("confined::{test}"), "--ignored", "--nocapture"])
        .envs(environment.iter().copied())
        .output()?;
    let text = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success() && text.contains("1 passed"), "{text}");
    Ok(())
}

#[test]
fn a_confined_process_starts_nothing_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    fs::write(&kept, "as it was").unwrap();
    child("attempts", &[(FOLDER, folder.path().to_str().unwrap())]).unwrap();
    assert_eq!(fs::read_to_string(kept).unwrap(), "as it was");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
#[ignore = "another test runs this in a process of its own"]
fn attempts() {
    let folder = env::var_os(FOLDER).unwrap();
    let kept = Path::new(&folder).join("kept");
    let (new, parent) = (kept.with_file_name("new"), getppid().unwrap());
    let open = |options: &mut fs::OpenOptions| options.open(&kept).map(drop);
    syscalls::confine().unwrap();
    let attempts: [(&str, io::Result<()>); 17] = [
        ("become another program", Err(Command::new("/bin/true").exec())),
        ("start a program", Command::new("/bin/true").status().map(drop)),
        ("make a file", fs::File::create(&new).map(drop)),
        ("open to write", open(fs::OpenOptions::new().write(true))),
        ("open to add", open(fs::OpenOptions::new().append(true))),
        ("remove a file", fs::remove_file(&kept)),
        ("rename a file", fs::rename(&kept, &new)),
        ("make a folder", fs::create_dir(&new)),
        ("make a link", symlink(&kept, &new)),
        ("change a mode", fs::set_permissions(&kept, fs::Permissions::from_mode(0o777))),
        ("list a folder", fs::read_dir(&folder).and_then(|mut list| list.next().transpose()).map(drop)),
        ("take connections", TcpListener::bind(("127.0.0.1", 0)).map(drop)),
        ("speak to a local service", UnixStream::connect("/run/dbus/system_bus_socket").map(drop)),
        ("signal another process", test_kill_process(parent).map_err(Into::into)),
        ("let itself be traced", set_dumpable_behavior(DumpableBehavior::Dumpable).map_err(Into::into)),
        ("change its limits", setrlimit(Resource::Core, getrlimit(Resource::Core)).map_err(Into::into)),
        ("unmount", unmount("/absent", UnmountFlags::empty()).map_err(Into::into)),
    ];
    for (what, outcome) in attempts {
        let refused = outcome.expect_err(what).kind();
        assert_eq!(refused, io::ErrorKind::Unsupported, "{what}");
    }
    // And what it is there for.
    assert_eq!(fs::read_to_string(&kept).unwrap(), "as it was");
    thread::spawn(|| ()).join().unwrap();
    assert!(("localhost", 1).to_socket_addrs().unwrap().count() > 0);
}

#[tokio::test]
async fn a_confined_process_finds_the_server_by_its_name_and_enrols() {
    let server = Server::start("127.0.0.1:0", Time(1)).await;
    let port = server.address.rsplit_once(':').unwrap().1;
    let (address, token) = (format!("https://localhost:{port}"), server.token());
    let enrolled =
        tokio::task::spawn_blocking(move || child("enrolment", &[(SERVER, &address), (TOKEN, &token)]));
    enrolled.await.unwrap().unwrap();
}

#[test]
#[ignore = "another test runs this in a process of its own"]
fn enrolment() {
    let address = env::var(SERVER).unwrap().parse().unwrap();
    let secret = EnrollmentSecret::parse(&env::var(TOKEN).unwrap()).unwrap();
    syscalls::confine().unwrap();
    let (key, _) = device_key::generate(&SystemRandom::new()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let enrolled = runtime.block_on(net::enroll(&address, &secret, None, "host", key.public())).unwrap();
    assert_eq!(enrolled.device, DEVICE);
}
