//! The agent for Windows against the real server, run by Wine. `make cross` builds it and says where it is; elsewhere
//! this is skipped, loudly. What is seen here was seen under Wine, and not on Windows.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail anywhere")]

use std::{
    fs::File,
    net::{IpAddr, Ipv4Addr, UdpSocket},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use sallyport_testkit::{
    skipped,
    story::{House, items, text, until},
};
use serde_json::Value;

const PASSWORD: &str = "lantern orbit marmalade 4";

/// A server, and the machine that the agent believes to be on.
struct Machine {
    house: House,
    program: PathBuf,
    folder: tempfile::TempDir,
    agent: Option<Child>,
}

impl Machine {
    fn open(program: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let house = House::with_packages(Ipv4Addr::LOCALHOST.into(), folder.path()).unwrap();
        Self { house, program, folder, agent: None }
    }

    fn json(&self, args: &[&str]) -> Value {
        self.house.cli.json(args).unwrap_or_else(|error| panic!("{error}\n{}", self.agent_log()))
    }

    fn agent(&self, args: &[&str]) -> Command {
        let mut command = Command::new("wine64");
        command.arg(&self.program).args(args).stdin(Stdio::null());
        command
    }

    fn enroll(&self, token: &str) -> Output {
        let file = self.folder.path().join("token");
        std::fs::write(&file, token).unwrap();
        let server = &self.house.server.url;
        self.agent(&["enroll", "--server", server, "--token-file", &windows_path(&file)]).output().unwrap()
    }

    fn token(&self) -> String {
        self.json(&["group", "create", "--name", "windows", "--kind", "devices"]);
        let create = ["enrollment-token", "create", "--description", "a test", "--group", "windows"];
        text(&self.json(&create), "token")
    }

    fn start_agent(&mut self) {
        let log = File::create(self.folder.path().join("agent.log")).unwrap();
        let mut command = self.agent(&["run"]);
        self.agent = Some(command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
    }

    fn status(&self) -> Value {
        let out = self.agent(&["status", "--json"]).output().unwrap();
        assert!(out.status.success(), "{}", said(&out));
        serde_json::from_slice(&out.stdout).unwrap()
    }

    fn agent_log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("agent.log")).unwrap_or_default()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(agent) = &mut self.agent {
            agent.kill().ok();
            agent.wait().ok();
        }
    }
}

/// Wine shows the whole file system as a drive.
fn windows_path(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', "\\")
}

fn said(out: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

#[test]
fn the_agent_enrols_is_known_by_its_inventory_and_owns_up_to_what_it_cannot_do() {
    let Some(program) = std::env::var_os("TEST_WINDOWS_AGENT") else {
        skipped("the agent for Windows is not there to be tried; `make cross` does it");
        return;
    };
    let mut machine = Machine::open(program.into());
    let device = enrols(&machine);
    machine.start_agent();
    is_known(&machine, &device);
    says_what_it_cannot_do(&machine, &device);
    refuses_to_run(&machine, &device);
    hears_that_it_is_revoked(&mut machine, &device);
}

fn enrols(machine: &Machine) -> String {
    let token = machine.token();
    let out = machine.enroll("spe_opensesame");
    assert!(!out.status.success() && said(&out).contains("holds no enrolment token"), "{}", said(&out));
    let out = machine.enroll(&token);
    assert!(out.status.success(), "{}", said(&out));
    assert!(said(&out).contains("enrolled with Fortress & Sons as dev_"), "{}", said(&out));
    assert!(said(&out).contains("its key can be read by every account of this machine"), "{}", said(&out));
    let again = machine.enroll(&token);
    assert!(said(&again).contains("enrolled with Fortress & Sons already"), "{}", said(&again));

    let devices = machine.json(&["device", "list"]);
    assert_eq!(items(&devices).len(), 1, "{devices}");
    let device = &items(&devices)[0];
    assert_eq!((text(device, "platform").as_str(), text(device, "state").as_str()), ("windows", "active"));
    text(device, "name")
}

fn is_known(machine: &Machine, device: &str) {
    let state = machine.house.in_step(device).unwrap_or_else(|e| panic!("{e}\n{}", machine.agent_log()));
    assert_eq!(state["login_component"], "unsupported", "{state}");
    let inventory = until("the inventory", || {
        let state = machine.house.cli.json(&["device", "state", device])?;
        Ok(state.get("inventory").filter(|inventory| inventory.is_object()).cloned())
    });
    let inventory = inventory.unwrap_or_else(|error| panic!("{error}\n{}", machine.agent_log()));

    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let host = host.trim().split('.').next().unwrap();
    let told = text(&inventory, "host_name");
    assert!(told.split('.').next().unwrap().eq_ignore_ascii_case(host), "`{told}` is not `{host}`");
    assert!(text(&inventory, "os").contains("Windows"), "{inventory}");
    for field in ["os_version", "kernel"] {
        assert!(text(&inventory, field).contains(|c: char| c.is_ascii_digit()), "{field}: {inventory}");
    }
    assert_eq!(text(&inventory, "architecture"), std::env::consts::ARCH, "{inventory}");
    assert_eq!(text(&inventory, "agent_version"), env!("CARGO_PKG_VERSION"), "{inventory}");
    let cpus = std::thread::available_parallelism().unwrap().get() as u64;
    assert!(inventory["cpus"].as_u64().unwrap() >= cpus, "{inventory}");
    assert!(!text(&inventory, "cpu_model").is_empty(), "{inventory}");
    assert!(inventory["boot_time"].as_i64().unwrap() > 0, "{inventory}");
    let (memory, there) = (inventory["memory_bytes"].as_u64().unwrap(), memory_of_this_machine());
    assert!(memory.abs_diff(there) < there / 20, "{memory} is not {there}");
    has_a_drive(&inventory);
    has_addresses(&inventory);
}

fn has_a_drive(inventory: &Value) {
    let disks = inventory["disks"].as_array().unwrap();
    let drive = disks.iter().find(|disk| text(disk, "mount_point") == "C:\\");
    let drive = drive.unwrap_or_else(|| panic!("no drive C: {inventory}"));
    let (size, free) = (drive["size_bytes"].as_u64().unwrap(), drive["free_bytes"].as_u64().unwrap());
    assert!(size > 0 && free <= size, "{drive}");
    // Nobody has asked, so nobody knows.
    assert!(drive["encrypted"].is_null(), "{drive}");
}

fn has_addresses(inventory: &Value) {
    let addresses: Vec<IpAddr> = inventory["addresses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|address| address.as_str().unwrap().parse().unwrap())
        .collect();
    assert!(!addresses.iter().any(IpAddr::is_loopback), "{addresses:?}");
    if let Some(own) = address_of_this_machine() {
        assert!(addresses.contains(&own), "{own} is missing: {addresses:?}");
    }
}

/// What it would send from; nothing is sent. `None` on a machine without a network.
fn address_of_this_machine() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    Some(socket.local_addr().unwrap().ip()).filter(|address| !address.is_loopback())
}

fn memory_of_this_machine() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// A binding becomes a numbered state there, and the device says that it does not do it: neither silence nor a lie.
fn says_what_it_cannot_do(machine: &Machine, device: &str) {
    let before = machine.house.in_step(device).unwrap()["desired"].clone();
    machine.house.person("wilma", PASSWORD).unwrap();
    machine.json(&["binding", "create", "--user", "wilma", "--device", device]);
    let account = machine.house.account(device, "wilma");
    let account = account.unwrap_or_else(|error| panic!("{error}\n{}", machine.agent_log()));
    assert_eq!(
        (text(&account, "actual").as_str(), text(&account, "difference").as_str()),
        ("failed", "failed")
    );
    assert!(
        account["reasons"].to_string().contains("keeping accounts is not supported on this system yet"),
        "{account}"
    );
    let state = machine.house.in_step(device).unwrap();
    assert_eq!(state["reported"], state["desired"], "{state}");
    let n = |version: &Value| version["n"].as_u64().unwrap();
    assert_eq!(state["desired"]["epoch"], before["epoch"], "{state}");
    assert!(n(&state["desired"]) > n(&before), "{before} and then {state}");
    // The device itself says the same to whoever sits at it.
    let status = machine.status();
    assert_eq!(status["connected"], true, "{status}");
    assert_eq!(status["desired"], state["desired"], "{status}");
    assert_eq!(status["accounts"][0]["condition"], "failed", "{status}");
}

fn refuses_to_run(machine: &Machine, device: &str) {
    for (name, interpreter) in [("By sh", "sh"), ("By PowerShell", "powershell")] {
        let command = ["command", "create", "--name", name, "--body", "exit 0", "--interpreter", interpreter];
        machine.json(&[&command[..], &["--device", device]].concat());
        let runs = machine.json(&["command", "run", name]);
        let run = text(&items(&runs)[0], "id");
        let ended = until("the run to end", || {
            let run = machine.house.cli.json(&["run", "show", &run])?;
            Ok((!["queued", "started"].contains(&text(&run, "state").as_str())).then_some(run))
        });
        let ended = ended.unwrap_or_else(|error| panic!("{error}\n{}", machine.agent_log()));
        assert!(ended["exit_code"].is_null(), "{ended}");
        assert!(
            text(&ended, "reason").contains("running commands is not supported on this system yet"),
            "{ended}"
        );
    }
}

fn hears_that_it_is_revoked(machine: &mut Machine, device: &str) {
    machine.json(&["device", "revoke", device]);
    until("the agent to hear it", || {
        let status = machine.status();
        Ok((status["revoked"] == true && status["connected"] == false).then_some(()))
    })
    .unwrap_or_else(|error| panic!("{error}\n{}", machine.agent_log()));
    assert_eq!(machine.json(&["device", "state", device])["connected"], false);
    // It waits there for an enrolment; as long as it is no service, whoever started it ends it.
    let mut agent = machine.agent.take().unwrap();
    assert!(agent.try_wait().unwrap().is_none(), "the agent ended by itself:\n{}", machine.agent_log());
    agent.kill().unwrap();
    agent.wait().unwrap();
}
