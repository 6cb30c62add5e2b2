use std::io::Write as _;
use std::process::Command;

use super::*;
use crate::login::{LoginParts, login_package};
use crate::sandbox::Sandbox;

fn agent(version: &str) -> Deb {
    let agent_binary = b"#!/bin/sh\nexit 0\n";
    agent_package(&AgentParts { agent_binary, version, architecture: Architecture::Amd64, mtime: 1 }).unwrap()
}

fn login(version: &str) -> Deb {
    let parts = LoginParts {
        pam_module: b"module",
        pam_check: b"check",
        version,
        architecture: Architecture::Amd64,
        mtime: 1,
    };
    login_package(&parts).unwrap()
}

fn dpkg_deb(deb: &Deb, args: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(&deb.file_name);
    std::fs::write(&path, &deb.bytes).unwrap();
    let output =
        Command::new("dpkg-deb").arg(args[0]).arg(&path).args(&args[1..]).output().expect("dpkg-deb runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Modes and paths of the payload without the parents everybody owns.
fn contents(deb: &Deb) -> Vec<String> {
    let shared = ["./", "./etc/", "./lib/", "./usr/", "./var/"];
    dpkg_deb(deb, &["--contents"])
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|words| !shared.contains(&words[5]))
        .map(|words| format!("{} {}", words[0], words[5]))
        .collect()
}

/// A script as it stands in the built package.
fn script(deb: &Deb, name: &str) -> String {
    dpkg_deb(deb, &["--info", name])
}

/// A device without systemd, where adduser works.
fn device() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.fake("getent", r#"[ -e "$SANDBOX/user" ] && cat "$SANDBOX/user""#);
    let create =
        r#"echo "sallyport-agent:x:${UID_GIVEN:-120}:120::/nonexistent:/usr/sbin/nologin" >"$SANDBOX/user""#;
    sandbox.fake("adduser", create);
    sandbox.fake("useradd", create);
    sandbox.fake("install", r#"while [ $# -gt 1 ]; do shift; done; mkdir -p "$1""#);
    sandbox.fake("stat", "echo 0 directory");
    sandbox.fake_in_root("/usr/sbin/sallyport-agent", "");
    sandbox
}

fn with_systemd(sandbox: &Sandbox) {
    sandbox.mkdir("/run/systemd/system");
    sandbox.fake("systemctl", "case $1 in show) echo 1 ;; esac");
    sandbox.fake("deb-systemd-helper", "");
    sandbox.fake("deb-systemd-invoke", "");
    sandbox.fake("systemd-run", "");
}

fn with_pam(sandbox: &Sandbox, line: &str) {
    sandbox.write("/etc/pam.d/sshd", &format!("auth required pam_unix.so\n{line}\n"));
}

fn called(calls: &[String], start: &str) -> bool {
    calls.iter().any(|call| call.starts_with(start))
}

#[test]
fn the_agent_package_holds_what_it_should() {
    let deb = agent("0.1.0");
    assert_eq!(deb.file_name, "sallyport-agent_0.1.0_amd64.deb");
    let payload = contents(&deb);
    for line in [
        "-rwxr-xr-x ./usr/sbin/sallyport-agent",
        "-rw-r--r-- ./lib/systemd/system/sallyport-agent.service",
        "drwxr-xr-x ./etc/sallyport/",
        "drwx--x--x ./var/lib/sallyport/",
        "-rw-r--r-- ./usr/share/doc/sallyport-agent/copyright",
    ] {
        assert!(payload.iter().any(|entry| entry == line), "{line} in {payload:?}");
    }
    assert_eq!(agent("0.1.0"), deb);
}

#[test]
fn the_login_package_holds_the_module_where_libpam_looks() {
    let deb = login("0.1.0");
    assert_eq!(deb.file_name, "sallyport-login_0.1.0_amd64.deb");
    let module = "-rw-r--r-- ./lib/x86_64-linux-gnu/security/pam_sallyport.so";
    assert!(contents(&deb).iter().any(|entry| entry == module));
    let depends = dpkg_deb(&deb, &["--field", "Depends"]);
    assert_eq!(depends, "sallyport-agent (>= 0.1.0), libpam-runtime\n");
}

#[test]
fn every_script_is_complete_posix_shell() {
    for (deb, names) in [
        (agent("1"), ["preinst", "postinst", "prerm", "postrm"].as_slice()),
        (login("1"), ["postinst", "prerm"].as_slice()),
    ] {
        for name in names {
            let text = script(&deb, name);
            assert!(!text.contains("#UNIT#") && !text.contains("#LOGIN#"), "{name}");
            assert!(text.contains("\nset -e\n"), "{name}");
            let sandbox = Sandbox::new();
            let outcome = sandbox.run(&format!("sh -n <<'END_OF_SCRIPT'\n{text}END_OF_SCRIPT\n"), &[]);
            assert!(outcome.ok && outcome.stderr.is_empty(), "{name}: {}", outcome.stderr);
            assert!(!sandbox.run(&text, &["nonsense"]).ok, "{name} takes any argument");
        }
    }
}

#[test]
fn systemd_knows_every_line_of_the_unit() {
    let dir = tempfile::tempdir().unwrap();
    let unit = dir.path().join("sallyport-agent.service");
    // The agent is not installed here, and verify looks for it.
    std::fs::write(&unit, UNIT.replace("/usr/sbin/sallyport-agent", "/bin/true")).unwrap();
    let Ok(output) = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&unit).output() else {
        writeln!(std::io::stderr(), "SKIPPED: systemd-analyze is not installed").ok();
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("sallyport-agent")).collect();
    assert!(ours.is_empty(), "{ours:?}");
}

#[test]
fn installing_without_systemd_makes_user_and_directories_once() {
    let sandbox = device();
    let deb = agent("1");
    assert!(sandbox.run(&script(&deb, "preinst"), &["install"]).ok);
    let postinst = script(&deb, "postinst");
    let outcome = sandbox.run(&postinst, &["configure", ""]);
    assert!(outcome.ok, "{}", outcome.stderr);
    let calls = sandbox.calls();
    let root = sandbox.root("");
    let root = root.to_str().unwrap().trim_end_matches('/');
    assert!(called(&calls, "adduser --system --group --quiet --no-create-home"), "{calls:?}");
    for (mode, owner, path) in [
        ("0755", "root", "/etc/sallyport"),
        ("0711", "root", "/var/lib/sallyport"),
        ("0700", "sallyport-agent", "/var/lib/sallyport/net"),
    ] {
        assert!(
            called(&calls, &format!("install -d -m {mode} -o {owner} -g {owner} {root}{path}")),
            "{calls:?}"
        );
    }
    assert!(!called(&calls, "useradd"));

    assert!(sandbox.run(&postinst, &["configure", "1"]).ok);
    assert!(!called(&sandbox.calls(), "adduser"), "the user is there already");
}

#[test]
fn useradd_stands_in_for_adduser() {
    let sandbox = device();
    sandbox.fake("adduser", "exit 1");
    assert!(sandbox.run(&script(&agent("1"), "postinst"), &["configure", ""]).ok);
    let calls = sandbox.calls();
    assert!(called(&calls, "useradd --system --user-group --no-create-home --home-dir /nonexistent"));
    assert!(calls.iter().any(|call| call.contains("--shell /usr/sbin/nologin sallyport-agent")));
}

#[test]
fn a_person_named_like_the_agent_is_not_taken_over() {
    for uid in ["0", "1000", "5000"] {
        let mut sandbox = device();
        sandbox.env("UID_GIVEN", uid);
        let outcome = sandbox.run(&script(&agent("1"), "postinst"), &["configure", ""]);
        assert!(!outcome.ok && outcome.stderr.contains("not a system user"), "{}", outcome.stderr);
        assert!(!called(&sandbox.calls(), "install"));
    }
}

#[test]
fn directories_somebody_else_prepared_are_refused() {
    let deb = agent("1");
    let sandbox = device();
    sandbox.mkdir("/var/lib");
    std::os::unix::fs::symlink("/tmp", sandbox.root("/var/lib/sallyport")).unwrap();
    let outcome = sandbox.run(&script(&deb, "preinst"), &["install"]);
    assert!(!outcome.ok && outcome.stderr.contains("symbolic link"));

    let sandbox = device();
    sandbox.mkdir("/etc/sallyport");
    sandbox.fake("stat", "echo 1000 directory");
    let outcome = sandbox.run(&script(&deb, "preinst"), &["install"]);
    assert!(!outcome.ok && outcome.stderr.contains("not a directory of root"));
}

#[test]
fn systemd_starts_a_first_installation_and_restarts_an_upgrade() {
    let sandbox = device();
    with_systemd(&sandbox);
    let postinst = script(&agent("2"), "postinst");
    assert!(sandbox.run(&postinst, &["configure", ""]).ok);
    let calls = sandbox.calls();
    assert!(called(&calls, "systemctl --system daemon-reload"));
    assert!(called(&calls, "deb-systemd-helper enable sallyport-agent.service"));
    assert!(called(&calls, "deb-systemd-invoke start sallyport-agent.service"));
    assert!(sandbox.run(&postinst, &["configure", "1"]).ok);
    assert!(called(&sandbox.calls(), "deb-systemd-invoke restart sallyport-agent.service"));
}

#[test]
fn a_service_that_may_not_or_cannot_start_does_not_fail_the_package() {
    let sandbox = device();
    with_systemd(&sandbox);
    for tool in ["systemctl", "deb-systemd-helper", "deb-systemd-invoke"] {
        sandbox.fake(tool, "exit 101");
    }
    for args in [["configure", ""], ["configure", "1"], ["abort-upgrade", "2"]] {
        assert!(sandbox.run(&script(&agent("2"), "postinst"), &args).ok);
    }
    assert!(sandbox.run(&script(&agent("2"), "prerm"), &["remove"]).ok);
    assert!(sandbox.run(&script(&agent("2"), "postrm"), &["remove"]).ok);
}

#[test]
fn a_command_of_the_agent_that_upgrades_or_removes_it_is_not_cut_short() {
    let sandbox = device();
    with_systemd(&sandbox);
    sandbox.write("/proc/self/cgroup", "0::/system.slice/sallyport-agent.service\n");
    for (name, args, verb) in
        [("postinst", ["configure", "1"], "try-restart"), ("prerm", ["remove", ""], "stop")]
    {
        assert!(sandbox.run(&script(&agent("2"), name), &args).ok);
        let calls = sandbox.calls();
        assert!(!called(&calls, "deb-systemd-invoke"), "{calls:?}");
        assert!(called(&calls, "systemd-run --quiet --collect --no-block"), "{calls:?}");
        let last = format!(" {verb} sallyport-agent.service");
        assert!(calls.iter().any(|call| call.ends_with(&last)), "{calls:?}");
    }
}

#[test]
fn removal_takes_the_login_component_out_before_the_service() {
    let sandbox = device();
    with_systemd(&sandbox);
    with_pam(&sandbox, "auth required pam_sallyport.so");
    sandbox.fake_in_root("/usr/sbin/sallyport-agent", r#"echo >"$DPKG_ROOT/etc/pam.d/sshd""#);
    let outcome = sandbox.run(&script(&agent("1"), "prerm"), &["remove"]);
    assert!(outcome.ok, "{}", outcome.stderr);
    assert_eq!(
        sandbox.calls(),
        ["sallyport-agent login disable", "deb-systemd-invoke stop sallyport-agent.service"]
    );
}

#[test]
fn removal_stops_where_it_would_lock_people_out() {
    for (deb, args) in [(agent("1"), "remove"), (login("1"), "remove"), (login("1"), "deconfigure")] {
        let sandbox = device();
        with_systemd(&sandbox);
        with_pam(&sandbox, "auth [success=1] pam_sallyport.so");
        sandbox.fake_in_root("/usr/sbin/sallyport-agent", "exit 1");
        let outcome = sandbox.run(&script(&deb, "prerm"), &[args]);
        assert!(!outcome.ok, "{}", deb.file_name);
        assert!(outcome.stderr.contains("would lock"), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("etc/pam.d/sshd"), "the line is named: {}", outcome.stderr);
        assert!(!called(&sandbox.calls(), "deb-systemd-invoke"));
    }
}

#[test]
fn removal_goes_on_when_the_agent_is_broken_but_pam_is_clean() {
    for deb in [agent("1"), login("1")] {
        let sandbox = device();
        with_pam(&sandbox, "# auth required pam_sallyport.so");
        sandbox.write("/etc/pam.d/sudo.dpkg-old", "auth required pam_sallyport.so\n");
        sandbox.fake_in_root("/usr/sbin/sallyport-agent", "exit 1");
        assert!(sandbox.run(&script(&deb, "prerm"), &["remove"]).ok, "{}", deb.file_name);
        std::fs::remove_file(sandbox.root("/usr/sbin/sallyport-agent")).unwrap();
        assert!(sandbox.run(&script(&deb, "prerm"), &["remove"]).ok, "{}", deb.file_name);
    }
}

#[test]
fn without_systemd_removal_stops_the_process_itself() {
    let sandbox = device();
    sandbox.fake("start-stop-daemon", "exit 1");
    assert!(sandbox.run(&script(&agent("1"), "prerm"), &["remove"]).ok);
    assert!(called(&sandbox.calls(), "sallyport-agent login disable"));
    assert!(sandbox.run(&script(&agent("1"), "prerm"), &["remove"]).ok, "and again");
    assert!(called(&sandbox.calls(), "sallyport-agent login disable"));
}

#[test]
fn an_upgrade_touches_neither_logins_nor_the_service_before_the_new_agent_is_there() {
    for deb in [agent("1"), login("1")] {
        let sandbox = device();
        with_systemd(&sandbox);
        with_pam(&sandbox, "auth required pam_sallyport.so");
        assert!(sandbox.run(&script(&deb, "prerm"), &["upgrade", "2"]).ok);
        assert!(sandbox.run(&script(&deb, "prerm"), &["failed-upgrade", "2"]).ok);
        assert_eq!(sandbox.calls(), [] as [String; 0]);
    }
    let sandbox = device();
    assert!(sandbox.run(&script(&agent("1"), "postrm"), &["upgrade", "2"]).ok);
    assert_eq!(sandbox.calls(), [] as [String; 0]);
}

#[test]
fn removal_keeps_what_the_agent_knows_and_purge_forgets_it() {
    let sandbox = device();
    for file in
        ["/etc/sallyport/agent.toml", "/var/lib/sallyport/device.key", "/run/sallyport/x", "/etc/passwd"]
    {
        sandbox.write(file, "kept");
    }
    let postrm = script(&agent("1"), "postrm");
    assert!(sandbox.run(&postrm, &["remove"]).ok);
    assert!(sandbox.root("/var/lib/sallyport/device.key").exists());
    for _ in 0..2 {
        assert!(sandbox.run(&postrm, &["purge"]).ok);
    }
    for gone in ["/etc/sallyport", "/var/lib/sallyport", "/run/sallyport"] {
        assert!(!sandbox.root(gone).exists(), "{gone}");
    }
    assert!(sandbox.root("/etc/passwd").exists());
    assert!(!called(&sandbox.calls(), "deluser"));
}

#[test]
fn the_login_package_goes_into_use_or_says_that_it_did_not() {
    let postinst = script(&login("1"), "postinst");
    let sandbox = device();
    assert!(sandbox.run(&postinst, &["configure", ""]).ok);
    assert_eq!(sandbox.calls(), ["sallyport-agent login enable"]);

    sandbox.fake_in_root("/usr/sbin/sallyport-agent", "exit 1");
    assert!(!sandbox.run(&postinst, &["configure", ""]).ok, "a component not in use must not look installed");
    let outcome = sandbox.run(&postinst, &["abort-remove"]);
    assert!(outcome.ok && outcome.stderr.contains("not in use"), "{}", outcome.stderr);
}
