//! Debian's own `libpam-duo` and `login-duo`, as they are packaged: undated signatures, answers in BSON, the server's
//! authority by `cafile`. Nothing of ours is on the machine.

mod faults;

use std::process::Output;

use sallyport_testkit::{
    authenticator::Authenticator,
    browser::Browser,
    phone_page::PhonePage,
    ssh,
    story::{self, DeviceHouse, text},
};
use serde_json::Value;

use super::{PASSWORD, let_in, may_raise, refused};

const LOCAL: &str = "of this machine alone 3";
/// These clients compare no addresses of certificates, so the server has a name.
const NAME: &str = "sallyport.example.org";
const WRONG: &str = "That code is not right.";
const ALLOWED: &str = "pamtester: successfully authenticated";

/// A machine with Debian's clients, and a server that knows it as a protected application.
struct Machine {
    house: DeviceHouse,
    application: String,
    host: String,
    ikey: String,
    skey: String,
    /// Whom it believes.
    ca: String,
}

impl Machine {
    fn raise(name: &str) -> Option<Self> {
        if !may_raise() {
            return None;
        }
        let mut house = DeviceHouse::raise(name).unwrap();
        let port = house.house.server.url.rsplit_once(':').unwrap().1.to_owned();
        house.house.server.url = format!("https://{NAME}:{port}");
        house.house.server.kill().unwrap();
        house.house.server.start_again().unwrap();
        let hosts = format!("127.0.0.1 localhost {name}\n{} {NAME}\n", house.sandbox.host_address());
        house.sandbox.write_file("/etc/hosts", 0o644, hosts.as_bytes()).unwrap();
        let created =
            house.cli().json(&["application", "create", "--type", "duo-auth-api", "--name", name]).unwrap();
        let [host, ikey, skey] = ["host", "ikey", "skey"].map(|field| text(&created, field));
        assert_eq!(host, format!("{NAME}:{port}"));
        let ca = house.house.set_up.ca.clone();
        let machine = Self { house, application: name.to_owned(), host, ikey, skey, ca };
        machine.accepts_undated(true);
        machine.configure("secure");
        machine.house.sandbox.write_file("/etc/pam.d/second-door", 0o644, SECOND_DOOR).unwrap();
        Some(machine)
    }

    fn accepts_undated(&self, accepts: bool) {
        let accepts = accepts.to_string();
        self.cli(&["application", "update", &self.application, "--accepts-undated", &accepts]);
    }

    fn cli(&self, arguments: &[&str]) -> Value {
        self.house.cli().json(arguments).unwrap()
    }

    /// Writes the configuration of both clients as an administrator would.
    fn configure(&self, fail_mode: &str) {
        self.configure_more(fail_mode, "");
    }

    fn configure_more(&self, fail_mode: &str, more: &str) {
        let Self { host, ikey, skey, .. } = self;
        // Of two lines about it the client takes the lower number.
        let prompts = if more.contains("prompts") { "" } else { "prompts = 1\n" };
        let text = format!(
            "[duo]\nhost = {host}\nikey = {ikey}\nskey = {skey}\ncafile = /etc/ssl/sallyport.pem\nfailmode = {fail_mode}\n\
             {prompts}{more}"
        );
        let sandbox = &self.house.sandbox;
        sandbox.write_file("/etc/ssl/sallyport.pem", 0o644, self.ca.as_bytes()).unwrap();
        for client in ["pam_duo", "login_duo"] {
            sandbox.write_file(format!("/etc/security/{client}.conf"), 0o600, text.as_bytes()).unwrap();
        }
        // It reads its configuration as this user.
        sandbox.check(["chown", "sshd", "/etc/security/login_duo.conf"]).unwrap();
    }

    /// Somebody with an account of the machine's own, whom the server knows by the same name.
    fn person(&self, name: &str) {
        self.house.local_person(name, LOCAL).unwrap();
        self.house.house.person(name, PASSWORD).unwrap();
    }

    fn with_authenticator(&self, name: &str) -> Authenticator {
        self.person(name);
        let code = text(&self.cli(&["user", "enrollment-code", name]), "code");
        // The machine under test knows the server's name; here it has an address only.
        let browser = Browser::new(&self.house.cli().url, &self.house.house.set_up.ca).unwrap();
        story::enroll(&browser, &code).unwrap()
    }

    fn with_bypass_codes(&self, name: &str, count: usize) -> Vec<String> {
        self.person(name);
        self.house.house.bypass_codes(name, count).unwrap()
    }

    /// Asks libpam for the second door alone, typing this.
    fn second_door(&self, name: &str, typed: &str) -> Output {
        let pamtester = ["pamtester", "second-door", name, "authenticate"];
        self.house.sandbox.run_with_input(pamtester, format!("{typed}\n").as_bytes()).unwrap()
    }

    #[track_caller]
    fn passes(&self, name: &str, typed: &str) -> String {
        let output = self.second_door(name, typed);
        let said = said(&output);
        assert!(output.status.success() && said.contains(ALLOWED), "{said}\n{}", self.house.logs());
        said
    }

    #[track_caller]
    fn is_denied(&self, name: &str, typed: &str) -> String {
        let output = self.second_door(name, typed);
        let said = said(&output);
        assert!(!output.status.success() && !said.contains(ALLOWED), "{said}\n{}", self.house.logs());
        said
    }

    fn newest(&self, name: &str) -> Value {
        self.house.sign_ins(name).unwrap().into_iter().next().unwrap()
    }
}

/// Nothing but Debian's module decides.
const SECOND_DOOR: &[u8] = b"auth required pam_duo.so\naccount required pam_permit.so\n";

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[test]
fn debians_module_lets_in_by_a_passcode_and_nobody_else() {
    let Some(machine) = Machine::raise("debian-1") else { return };
    let ada = machine.with_authenticator("ada");
    machine.person("ben");
    machine.house.local_person("carl", LOCAL).unwrap();

    let code = ada.code(0);
    assert!(machine.is_denied("ada", "000000").contains(WRONG));
    let right = machine.passes("ada", &code);
    assert!(right.contains("Two-factor sign-in for ada"), "{right}");
    let entry = machine.newest("ada");
    assert_eq!(
        (text(&entry, "state").as_str(), entry["second_door"]["kind"].as_str()),
        ("allowed", Some("totp"))
    );
    assert_eq!(entry["resource"]["name"], "debian-1", "{entry}");
    machine.is_denied("ada", &code);

    // What is denied before anything is asked: no second factor, nobody we know, shut out.
    assert!(machine.is_denied("ben", "000000").contains("Enrol a second factor first: https://"));
    let unknown = machine.is_denied("carl", "000000");
    assert!(!unknown.contains("Enter a passcode"), "{unknown}");
    machine.cli(&["user", "suspend", "ada"]);
    machine.is_denied("ada", &ada.code(0));
}

#[test]
fn debians_module_stands_in_front_of_ssh() {
    let Some(machine) = Machine::raise("debian-2") else { return };
    let codes = machine.with_bypass_codes("ada", 2);
    let stack = "auth requisite pam_unix.so\nauth required pam_duo.so\n\
                 account required pam_unix.so\nsession required pam_permit.so\n";
    machine.house.sandbox.write_file("/etc/pam.d/sshd", 0o644, stack.as_bytes()).unwrap();
    let log_in = |password: &str, typed: &str| {
        let login = machine.house.login("ada", password, &[]).answer("passcode", typed);
        ssh::login(&login).unwrap()
    };
    let right = log_in(LOCAL, &codes[0]);
    let_in(&machine.house, &right, "ada");
    assert!(right.prompts_seen[1].contains("Two-factor sign-in for ada"), "{right:?}");
    let entry = machine.newest("ada");
    assert_eq!(text(&entry, "source"), machine.house.sandbox.host_address().to_string());
    refused(&machine.house, &log_in(LOCAL, &codes[0]), "Permission denied");
    assert_eq!(log_in("not it", &codes[1]).prompts_seen.len(), 1, "no second door behind a wrong password");
}

/// The worst that a client may be set to: it lets people in upon whatever it takes for an outage.
#[test]
fn a_client_that_fails_safe_opens_when_the_server_is_away_and_upon_no_answer_of_ours() {
    let Some(mut machine) = Machine::raise("debian-3") else { return };
    let codes = machine.with_bypass_codes("ada", 4);
    machine.configure("safe");
    machine.is_denied("ada", "000000");
    machine.passes("ada", &codes[0]);

    machine.cli(&["application", "disable", "debian-3"]);
    machine.is_denied("ada", &codes[1]);
    machine.cli(&["application", "enable", "debian-3"]);
    machine.passes("ada", &codes[1]);

    machine.accepts_undated(false);
    machine.is_denied("ada", &codes[2]);
    machine.accepts_undated(true);
    machine.cli(&["application", "rotate", "debian-3"]);
    machine.is_denied("ada", &codes[2]);
    machine.house.cli().run(&["application", "delete", "debian-3"], None).unwrap();
    machine.is_denied("ada", &codes[2]);

    machine.house.house.server.kill().unwrap();
    machine.passes("ada", "000000");
    assert!(machine.house.sandbox.syslog().contains("Failsafe Duo login"), "{}", machine.house.logs());
    machine.configure("secure");
    machine.is_denied("ada", &codes[2]);
    assert!(machine.house.sandbox.syslog().contains("Failsecure Duo login"), "{}", machine.house.logs());
}

#[test]
fn debians_login_duo_asks_at_a_terminal() {
    let Some(machine) = Machine::raise("debian-4") else { return };
    // One more than is used: whoever has none left is told to enrol.
    let codes = machine.with_bypass_codes("ada", 5);
    let shell = ["runuser", "--user", "ada", "--", "/usr/sbin/login_duo", "echo", "let", "in"];
    let mut terminal = machine.house.sandbox.at_terminal(&shell).unwrap();
    terminal.wait_for("Enter a passcode: ").unwrap();
    terminal.type_line(&codes[0]).unwrap();
    terminal.wait_for("let in").unwrap();
    let mut terminal = machine.house.sandbox.at_terminal(&shell).unwrap();
    terminal.wait_for("Enter a passcode: ").unwrap();
    terminal.type_line("000000").unwrap();
    terminal.wait_for(WRONG).unwrap();
    assert!(!terminal.shown().contains("let in"), "{}", terminal.shown());
    // Without a terminal it asks nobody, and takes the first factor that needs no typing; ada has none.
    let headless = machine.house.sandbox.run(shell).unwrap();
    assert!(!headless.status.success() && !said(&headless).contains("let in"), "{headless:?}");
    // Unless it may take a passcode from the environment, that is. `pam_duo` knows no such option.
    machine.configure_more("secure", "accept_env_factor = yes\n");
    let with_code = |code: &str| {
        let environment = format!("DUO_PASSCODE={code}");
        machine.house.sandbox.run([&["env", &environment][..], &shell].concat()).unwrap()
    };
    assert!(!said(&with_code("000000")).contains("let in"));
    let right = with_code(&codes[1]);
    assert!(right.status.success() && said(&right).contains("let in"), "{right:?}\n{}", machine.house.logs());
    through_force_command(&machine, &codes[2]);
    // With nothing to push, it asks after all, if it may ask more than once.
    machine.configure_more("secure", "autopush = yes\nprompts = 2\n");
    let mut terminal = machine.house.sandbox.at_terminal(&shell).unwrap();
    terminal.wait_for("Please enter a passcode.").unwrap();
    terminal.wait_for("Enter a passcode: ").unwrap();
    terminal.type_line(&codes[3]).unwrap();
    terminal.wait_for("let in").unwrap();
}

/// As `sshd` starts it in place of whatever is asked for.
fn through_force_command(machine: &Machine, code: &str) {
    machine.configure("secure");
    let sandbox = &machine.house.sandbox;
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    let make = ["-q", "-t", "ed25519", "-N", "", "-f"];
    assert!(std::process::Command::new("ssh-keygen").args(make).arg(&key).status().unwrap().success());
    let public = std::fs::read(key.with_extension("pub")).unwrap();
    sandbox.write_file("/home/ada/.ssh/authorized_keys", 0o644, &public).unwrap();
    sandbox.write_file("/root/key", 0o600, &std::fs::read(&key).unwrap()).unwrap();
    let forced = ["-p", "2222", "-o", "PidFile=none", "-o", "ForceCommand=/usr/sbin/login_duo"];
    let _sshd = sandbox.spawn([&["/usr/sbin/sshd", "-D", "-e"][..], &forced].concat()).unwrap();
    let known = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"];
    let there = ["-o", "ConnectionAttempts=30", "-p", "2222", "-i", "/root/key", "ada@127.0.0.1"];
    let ssh = |first: &[&'static str]| [first, &known, &there].concat();

    let mut terminal = sandbox.at_terminal(&ssh(&["ssh", "-tt"])).unwrap();
    terminal.wait_for("Enter a passcode: ").unwrap();
    terminal.type_line(code).unwrap();
    // Her own shell, where what is typed is not what it prints.
    terminal.type_line("echo in as $(id -un)").unwrap();
    terminal.wait_for("in as ada").unwrap();
    let entry = machine.newest("ada");
    assert_eq!(entry["second_door"]["kind"], "bypass_code");
    assert_eq!(text(&entry, "source"), "127.0.0.1");
    let mut terminal = sandbox.at_terminal(&ssh(&["ssh", "-tt"])).unwrap();
    terminal.wait_for("Enter a passcode: ").unwrap();
    terminal.type_line(code).unwrap();
    terminal.wait_for("Connection to 127.0.0.1 closed").unwrap();
    // A command is asked for without a terminal, so nobody is asked anything.
    let headless = sandbox.run([&ssh(&["ssh"])[..], &["echo", "let", "in"]].concat()).unwrap();
    assert!(!headless.status.success() && !said(&headless).contains("let in"), "{headless:?}");
}

#[test]
fn a_phone_lets_in_through_debians_clients() {
    let Some(machine) = Machine::raise("debian-6") else { return };
    let ada = machine.with_authenticator("ada");
    let (url, ca) = (&machine.house.cli().url, &machine.house.house.set_up.ca);
    let phone = PhonePage::of(("ada", PASSWORD, &ada.code(0)), url, ca).unwrap();
    let shell = ["runuser", "--user", "ada", "--", "/usr/sbin/login_duo", "echo", "let", "in"];
    let mut terminal = machine.house.sandbox.at_terminal(&shell).unwrap();
    // These clients know of no numbers, but they print the menu.
    terminal.wait_for("1. Push to Phone of ada (type ").unwrap();
    terminal.wait_for(" there)").unwrap();
    let number = terminal.shown().split_once("(type ").unwrap().1.split_once(' ').unwrap().0.to_owned();
    terminal.type_line("1").unwrap();
    assert!(phone.say_yes(&number).unwrap().contains("debian-6"));
    terminal.wait_for("let in").unwrap();
    assert_eq!(machine.newest("ada")["second_door"]["kind"], "push");

    // Without asking first, through libpam: nothing is printed, so somebody has to allow that.
    machine.house.cli().push_without_number("debian-6").unwrap();
    machine.configure_more("secure", "autopush = yes\n");
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| machine.second_door("ada", ""));
        phone.say_yes("").unwrap();
        let output = asking.join().unwrap();
        assert!(output.status.success(), "{}\n{}", said(&output), machine.house.logs());
    });
}
