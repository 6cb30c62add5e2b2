//! The packages on a device: real dpkg in a copy of this machine's root, with a scripted agent.

use std::fs;
use std::io::Write as _;
use std::process::Command;

use sallyport_installers::{
    AgentParts, Architecture, Deb, DebError, LoginParts, agent_package, login_package,
};

/// Keeps a PAM file as the real agent would, and can be told to fail at it.
const SCRIPTED_AGENT: &str = r#"#!/bin/sh
set -e
file=/etc/pam.d/sallyport-test
case "$1 $2" in
    'login enable') grep -q pam_sallyport $file || echo 'auth required pam_sallyport.so' >>$file ;;
    'login disable') [ ! -e /run/break-disable ] && sed -i /pam_sallyport/d $file ;;
    *) exit 1 ;;
esac
"#;

const STORY: &str = "\
# install, twice
ii sallyport-agent 1
/nonexistent:/usr/sbin/nologin
-rwxr-xr-x root:root /usr/sbin/sallyport-agent
-rw-r--r-- root:root /lib/systemd/system/sallyport-agent.service
drwxr-xr-x root:root /etc/sallyport
drwx--x--x root:root /var/lib/sallyport
drwx------ sallyport-agent:sallyport-agent /var/lib/sallyport/net
unit enabled
verified
# login component
ii sallyport-login 1
pam lines: 1
module beside the others
# upgrade of both, agent first
ii sallyport-agent 2
ii sallyport-login 2
pam lines: 1
# the agent alone cannot go while login needs it
refused
# an agent that cannot undo its PAM lines keeps login installed
refused
ri sallyport-login 2
pam lines: 1
# removal of both in one call
pam lines: 0
absent /usr/sbin/sallyport-agent
-rw------- root:root /var/lib/sallyport/device.key
user kept
# purge
absent /etc/sallyport
absent /var/lib/sallyport
unit gone
# a running agent is stopped by removal
ended with 143
";

fn agent(version: &str, agent_binary: &[u8]) -> Result<Deb, DebError> {
    agent_package(&AgentParts { agent_binary, version, architecture: this_machine(), mtime: 1 })
}

fn login(version: &str) -> Result<Deb, DebError> {
    let (pam_module, pam_check) = (b"no module is loaded in this test", b"#!/bin/false\n");
    login_package(&LoginParts { pam_module, pam_check, version, architecture: this_machine(), mtime: 1 })
}

fn this_machine() -> Architecture {
    if cfg!(target_arch = "aarch64") { Architecture::Arm64 } else { Architecture::Amd64 }
}

#[test]
fn packages_live_and_die_on_a_device_without_systemd() {
    let dir = tempfile::tempdir().unwrap();
    let debs = dir.path().join("debs");
    let work = dir.path().join("work");
    fs::create_dir(&debs).unwrap();
    fs::create_dir(&work).unwrap();
    for (name, deb) in [
        ("agent_1.deb", agent("1", SCRIPTED_AGENT.as_bytes())),
        ("agent_2.deb", agent("2", SCRIPTED_AGENT.as_bytes())),
        ("sleeper.deb", agent("3", &fs::read("/bin/sleep").unwrap())),
        ("login_1.deb", login("1")),
        ("login_2.deb", login("2")),
    ] {
        fs::write(debs.join(name), deb.unwrap().bytes).unwrap();
    }
    let probe = Command::new("unshare").args(UNSHARE).arg("true").output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return skipped("SKIPPED: namespaces cannot be made here");
    }
    let output = Command::new("unshare")
        .args(UNSHARE)
        .args(["sh", "-c", include_str!("device/walk.sh"), "walk"])
        .args([&work, &debs])
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    if told.starts_with("SKIPPED") {
        return skipped(&told);
    }
    assert_eq!(told, STORY, "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success());
}

/// What a passing test prints is swallowed, so this goes round it.
fn skipped(why: &str) {
    writeln!(std::io::stderr(), "{}", why.trim_end()).ok();
}

const UNSHARE: [&str; 4] = ["--mount", "--pid", "--fork", "--propagation=private"];
