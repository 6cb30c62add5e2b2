//! From an older version of the packages to the present one: people log in before, in between and after.

use std::path::Path;

use sallyport_installers::{AgentParts, Architecture, LoginParts, agent_package, artifact, login_package};
use sallyport_testkit::{
    sandbox::Signal,
    server::packages_folder,
    story::{DeviceHouse, items, text},
};

use super::{PASSWORD, let_in, may_raise, removal::login_files};

const OLDER: &str = "0.0.9";
const PRESENT: &str = env!("CARGO_PKG_VERSION");
const PACKAGES: [&str; 2] = ["sallyport-agent", "sallyport-login"];

/// Packages of an older version; the programs in them are those of today.
fn older_packages(folder: &Path) {
    let built = packages_folder().unwrap().with_file_name("agent");
    let agent_binary = std::fs::read(built.join("sallyport-agent")).unwrap();
    let pam_module = std::fs::read(built.join("libpam_sallyport.so")).unwrap();
    let pam_check = std::fs::read(built.join("sallyport-pam-check")).unwrap();
    let architecture = if cfg!(target_arch = "aarch64") { Architecture::Arm64 } else { Architecture::Amd64 };
    let agent = AgentParts { agent_binary: &agent_binary, version: OLDER, architecture, mtime: 0 };
    let login =
        LoginParts { pam_module: &pam_module, pam_check: &pam_check, version: OLDER, architecture, mtime: 0 };
    for deb in [agent_package(&agent).unwrap(), login_package(&login).unwrap()] {
        artifact::save(folder, &deb).unwrap();
    }
}

fn add_present_packages(folder: &Path) {
    for entry in std::fs::read_dir(packages_folder().unwrap()).unwrap() {
        let file = entry.unwrap().path();
        std::fs::copy(&file, folder.join(file.file_name().unwrap())).unwrap();
    }
}

fn versions(house: &DeviceHouse) -> [String; 2] {
    PACKAGES.map(|package| {
        let query = ["dpkg-query", "--show", "--showformat", "${Version} ${Status}", package];
        String::from_utf8(house.sandbox.check(query).unwrap()).unwrap()
    })
}

/// Whose device this is and which accounts are the directory's, as it stands on its disk.
fn device_state(house: &DeviceHouse) -> Vec<Vec<u8>> {
    let files = ["trust.json", "accounts.json", "net/device.key"];
    files.map(|file| house.sandbox.read_file(format!("/var/lib/sallyport/{file}")).unwrap()).to_vec()
}

fn devices(house: &DeviceHouse) -> Vec<String> {
    let list = house.cli().json(&["device", "list"]).unwrap();
    items(&list).iter().map(|device| text(device, "id")).collect()
}

#[test]
fn an_upgrade_keeps_the_device_its_doors_and_its_people() {
    if !may_raise() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    older_packages(folder.path());
    let mut house = DeviceHouse::raise_with_packages("laptop-47", folder.path()).unwrap();
    house.enroll_with(&house.token(&["laptops"]).unwrap()).unwrap();
    house.start_agent().unwrap();
    house.runs_end_well().unwrap();
    assert_eq!(versions(&house), [OLDER, OLDER].map(|version| format!("{version} install ok installed")));
    let codes = house.bound_person("ottilie", PASSWORD, 3).unwrap();
    let_in(&house, &house.ssh("ottilie", PASSWORD, &[&codes[0]]).unwrap(), "ottilie");
    let before = (login_files(&house), device_state(&house), devices(&house));

    // The server offers the newer ones from now on, and a command of the ordinary kind brings them.
    add_present_packages(folder.path());
    let body = PACKAGES.map(|package| format!("sallyport-agent package install {package}\n")).concat();
    let command = ["--name", "Upgrade", "--body", &format!("set -e\n{body}"), "--device", "laptop-47"];
    house.cli().json(&[&["command", "create"], &command[..]].concat()).unwrap();
    house.cli().run(&["command", "run", "Upgrade", "--follow"], None).unwrap();
    assert_eq!(versions(&house), [PRESENT, PRESENT].map(|version| format!("{version} install ok installed")));
    assert_eq!(login_files(&house), before.0);

    // The module is the new one, the agent still the old one; then both are new.
    let_in(&house, &house.ssh("ottilie", PASSWORD, &[&codes[1]]).unwrap(), "ottilie");
    house.end_agent(Signal::TERM).unwrap();
    house.start_agent().unwrap();
    assert_eq!(text(&house.in_step().unwrap(), "login_component"), "enabled");
    assert_eq!((login_files(&house), device_state(&house), devices(&house)), before);
    let wrong = house.ssh("ottilie", PASSWORD, &["000000", "000000", "000000"]).unwrap();
    super::refused(&house, &wrong, "Too many wrong codes.");
    let_in(&house, &house.ssh("ottilie", PASSWORD, &[&codes[2]]).unwrap(), "ottilie");
}
