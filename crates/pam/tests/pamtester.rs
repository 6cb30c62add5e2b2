//! The built module inside a real libpam, driven by Debian's `pamtester`, against an agent played by the test.
//!
//! `pam_wrapper` gives each run a service directory of its own, so neither `/etc/pam.d` nor root is needed. The
//! Debian packages are `pamtester` and `libpam-wrapper`. Each run waits its [`Turn`], because two `pam_wrapper`s that
//! start or end at the same moment can end up with each other's services.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this file is a test; the exemption of tests stops at their helping functions"
)]

use std::{
    fs::{self, File, Permissions},
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use sallyport_ipc::login::{AgentMessage, FirstDoor, ShimMessage, Verdict};
use tempfile::TempDir;

const ALLOWED: &str = "pamtester: successfully authenticated";
const AUTH_ERR: &str = "pamtester: Authentication failure";
const AUTHINFO_UNAVAIL: &str = "pamtester: Authentication service cannot retrieve authentication info";
const ACCOUNT_ALLOWED: &str = "pamtester: account management done.";
const PERM_DENIED: &str = "pamtester: Permission denied";

/// A private directory with a service file named `test`, and the place for the agent's socket.
struct Machine {
    directory: TempDir,
}

/// One step of the played agent.
enum Act {
    Hear,
    /// Goes on with the next connection.
    Next,
    Say(AgentMessage),
    SayBytes(Vec<u8>),
    /// As `SayBytes`, with a system call for each byte.
    Trickle(Vec<u8>),
    /// Says nothing more, until the shim hangs up.
    Wait,
}

/// The exclusive use of `/tmp/pam.*`, where `pam_wrapper` keeps its copies, over all tests on the machine.
struct Turn(#[expect(dead_code, reason = "the lock ends when the file is closed")] File);

impl Turn {
    fn take() -> Self {
        let folder = File::open("/tmp").unwrap();
        folder.lock().unwrap();
        Self(folder)
    }
}

struct Seen {
    /// The last line of `pamtester`, which carries libpam's word for the result.
    result: String,
    out: String,
    err: String,
}

impl Machine {
    /// `rest` may add arguments; `{uid}` is the user who runs the test.
    fn new(rest: &str) -> Self {
        Self::with_stack(&format!("auth required {{module}} {rest}\naccount required {{module}} {rest}\n"))
    }

    fn with_stack(stack: &str) -> Self {
        let machine = Self { directory: tempfile::tempdir().unwrap() };
        fs::create_dir(machine.path("services")).unwrap();
        let uid = machine.directory.path().metadata().unwrap().uid();
        let module = format!(
            "{} socket={} peer_uid={{uid}}",
            module().display(),
            machine.path("agent.sock").display()
        );
        let stack = stack
            .replace("{module}", &module)
            .replace("{bare_module}", &module_path())
            .replace("{socket}", &machine.path("agent.sock").display().to_string())
            .replace("{other_uid}", &(uid + 1).to_string())
            .replace("{uid}", &uid.to_string());
        fs::write(machine.path("services/test"), stack).unwrap();
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn listen(&self) -> UnixListener {
        UnixListener::bind(self.path("agent.sock")).unwrap()
    }

    fn pamtester(&self, arguments: &[&str], typed: &str) -> Seen {
        let _turn = Turn::take();
        let mut child = self.command(arguments).spawn().unwrap();
        // A module that refuses before it reads leaves a closed pipe behind; that is no failure of the test.
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        let output = child.wait_with_output().unwrap();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        let code =
            output.status.code().unwrap_or_else(|| panic!("pamtester died: {:?} {err}", output.status));
        let last = |text: &str| text.lines().rfind(|line| line.starts_with("pamtester: ")).map(str::to_owned);
        let result = if code == 0 { last(&out) } else { last(&err) };
        Seen { result: result.unwrap_or_else(|| format!("no result in {out}{err}")), out, err }
    }

    /// Starts a login and waits until its `pam_wrapper` has found its place.
    fn start_login(&self) -> Child {
        let mut child = self.command(&["test", "zoe", "authenticate"]).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("Successfully initialized pam_wrapper")));
        let socket = self.path("agent.sock");
        thread::spawn(move || {
            lines.for_each(drop);
            // The login is over; if its module never called, this call ends the agent's wait.
            drop(UnixStream::connect(socket));
        });
        child
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(pamtester());
        command
            .args(arguments)
            .env_clear()
            .env("LD_PRELOAD", pam_wrapper())
            .env("PAM_WRAPPER", "1")
            .env("PAM_WRAPPER_SERVICE_DIR", self.path("services"))
            .env("PAM_WRAPPER_DEBUGLEVEL", "2")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the operation while an agent plays its acts, and returns what the agent heard as well.
    fn play(&self, arguments: &[&str], typed: &str, acts: Vec<Act>) -> (Seen, Vec<ShimMessage>) {
        let listener = self.listen();
        let agent = thread::spawn(move || play_agent(&listener, acts));
        let seen = self.pamtester(arguments, typed);
        // If the module never called, this call ends the agent's wait.
        drop(UnixStream::connect(self.path("agent.sock")));
        let heard = agent.join().unwrap();
        fs::remove_file(self.path("agent.sock")).unwrap();
        (seen, heard)
    }

    fn authenticate(&self, acts: Vec<Act>) -> Seen {
        self.play(&["test", "zoe", "authenticate"], "", acts).0
    }
}

impl Seen {
    fn logged(&self, words: &str) -> bool {
        self.err
            .lines()
            .any(|line| line.contains("SYSLOG") && line.contains("denied: ") && line.contains(words))
    }
}

fn play_agent(listener: &UnixListener, acts: Vec<Act>) -> Vec<ShimMessage> {
    let (mut stream, _) = listener.accept().unwrap();
    let mut heard = Vec::new();
    for act in acts {
        match act {
            Act::Hear => match ShimMessage::read(&mut stream) {
                Ok(message) => heard.push(message),
                Err(_) => return heard,
            },
            Act::Next => stream = listener.accept().unwrap().0,
            Act::Say(message) => drop(message.write(&mut stream)),
            Act::SayBytes(bytes) => drop(stream.write_all(&bytes)),
            Act::Trickle(bytes) => {
                for byte in bytes {
                    drop(stream.write_all(&[byte]));
                }
            }
            Act::Wait => drop(stream.read_to_end(&mut Vec::new())),
        }
    }
    heard
}

/// The module stands beside this test's executable.
fn module() -> PathBuf {
    let module = std::env::current_exe().unwrap().with_file_name("libpam_sallyport.so");
    assert!(module.exists(), "{} was not built with the tests", module.display());
    module
}

fn module_path() -> String {
    module().display().to_string()
}

fn pamtester() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&path).map(|folder| folder.join("pamtester")).find(|file| file.exists());
    found.expect("no `pamtester`: install the Debian package pamtester")
}

fn pam_wrapper() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap().map(|entry| entry.unwrap().path());
    let mut places = folders.chain([PathBuf::from("/usr/lib"), PathBuf::from("/usr/lib64")]);
    let found = places.find_map(|folder| Some(folder.join("libpam_wrapper.so")).filter(|file| file.exists()));
    found.expect("no `libpam_wrapper.so`: install the Debian package libpam-wrapper")
}

fn done(verdict: Verdict) -> Act {
    Act::Say(AgentMessage::Done { verdict })
}

fn bytes_of(messages: &[AgentMessage]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for message in messages {
        message.write(&mut bytes).unwrap();
    }
    bytes
}

fn prompt(echo: bool, text: &str) -> AgentMessage {
    AgentMessage::Prompt { echo, text: text.into() }
}

fn inform(text: &str) -> AgentMessage {
    AgentMessage::Inform { text: text.into() }
}

fn warn(text: &str) -> AgentMessage {
    AgentMessage::Warn { text: text.into() }
}

/// A stack of the module alone tells success from ignore; one with `pam_permit` behind it tells ignore from a
/// refusal.
#[test]
fn each_verdict_is_what_libpam_makes_of_it() {
    let permit = "auth required {module}\nauth required pam_permit.so\n\
                  account required {module}\naccount required pam_permit.so\n";
    let (alone, permit) = (Machine::new(""), Machine::with_stack(permit));
    let rows = [
        (Verdict::Allow, [ALLOWED, ALLOWED], [ACCOUNT_ALLOWED, ACCOUNT_ALLOWED]),
        (Verdict::Exempt, [PERM_DENIED, ALLOWED], [PERM_DENIED, ACCOUNT_ALLOWED]),
        (Verdict::Deny, [AUTH_ERR, AUTH_ERR], [PERM_DENIED, PERM_DENIED]),
        (Verdict::Unavailable, [AUTHINFO_UNAVAIL; 2], [AUTHINFO_UNAVAIL; 2]),
    ];
    for (verdict, authenticate, account) in rows {
        for (operation, expected) in [("authenticate", authenticate), ("acct_mgmt", account)] {
            for (machine, expected) in [&alone, &permit].into_iter().zip(expected) {
                let acts = vec![Act::Hear, done(verdict)];
                let (seen, heard) = machine.play(&["test", "zoe", operation], "", acts);
                assert_eq!(seen.result, expected, "{operation} {verdict:?}\n{}", seen.err);
                assert_eq!(heard.len(), 1);
            }
        }
    }
}

#[test]
fn a_conversation_is_carried_both_ways() {
    let machine = Machine::new("");
    let items =
        ["-I", "rhost=192.0.2.7", "-I", "tty=/dev/pts/3", "-I", "ruser=max", "test", "zoe", "authenticate"];
    let acts = vec![
        Act::Hear,
        Act::Say(inform("Second door\u{1b}[2J\u{7}")),
        Act::Say(prompt(true, "Choose: ")),
        Act::Hear,
        Act::Say(warn("That was wrong.\u{202e}")),
        Act::Say(prompt(false, "Passcode: %s%n ")),
        Act::Hear,
        done(Verdict::Allow),
    ];
    let (seen, heard) = machine.play(&items, "1\n123 456\n", acts);
    assert_eq!(seen.result, ALLOWED, "{}", seen.err);
    let begin = ShimMessage::Begin {
        version: 1,
        service: "test".into(),
        user: "zoe".into(),
        tty: "/dev/pts/3".into(),
        remote_host: "192.0.2.7".into(),
        remote_user: "max".into(),
        first_door: FirstDoor::Vouched { by: "pam_unix".into() },
        prompts: true,
    };
    let answers = ["1", "123 456"].map(|text| ShimMessage::Answer { text: text.into() });
    assert_eq!(heard, [&[begin], answers.as_slice()].concat());
    let shown = format!("{}{}", seen.out, seen.err);
    for text in ["Second door[2J\n", "Choose: ", "That was wrong.\n", "Passcode: %s%n "] {
        assert!(shown.contains(text), "{shown}");
    }
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{7}') && !shown.contains('\u{202e}'), "{shown}");
}

#[test]
fn the_password_goes_to_the_agent_only_if_the_line_says_so() {
    let machine = Machine::new("first_door=agent");
    let acts = vec![Act::Hear, done(Verdict::Allow)];
    let (seen, heard) = machine.play(&["test", "zoe", "authenticate"], "correct horse\n", acts);
    assert_eq!(seen.result, ALLOWED, "{}", seen.err);
    let expected = FirstDoor::Password { password: "correct horse".into() };
    assert!(
        matches!(heard.as_slice(), [ShimMessage::Begin { first_door, .. }] if *first_door == expected),
        "{heard:?}"
    );
    assert!(!format!("{}{}", seen.out, seen.err).contains("correct horse"));

    let (seen, heard) =
        machine.play(&["test", "zoe", "authenticate"], "", vec![Act::Hear, done(Verdict::Allow)]);
    assert_eq!((seen.result.as_str(), heard.len()), (AUTH_ERR, 0), "no password, no question");
}

/// What the module behind finds where libpam keeps the password, which was asked for once.
#[test]
fn the_next_module_finds_the_password_composed_if_the_directory_has_the_person() {
    const DECOMPOSED: &str = "gra\u{308}vel";
    let stack = "auth optional {module} compose\nauth required {module} first_door=agent\n";
    let machine = Machine::with_stack(stack);
    for (verdict, expected) in
        [(Verdict::Allow, "gr\u{e4}vel"), (Verdict::Exempt, DECOMPOSED), (Verdict::Deny, DECOMPOSED)]
    {
        let acts = vec![Act::Hear, done(verdict), Act::Next, Act::Hear, done(Verdict::Allow)];
        let typed = format!("{DECOMPOSED}\n");
        let (seen, heard) = machine.play(&["test", "zoe", "authenticate"], &typed, acts);
        assert_eq!(seen.result, ALLOWED, "{verdict:?} {}", seen.err);
        let password = FirstDoor::Password { password: expected.into() };
        assert!(
            matches!(heard.as_slice(), [ShimMessage::Whose { .. }, ShimMessage::Begin { first_door, .. }] if *first_door == password),
            "{verdict:?} {heard:?}"
        );
        let prompts = format!("{}{}", seen.out, seen.err).matches("Password: ").count();
        assert_eq!(prompts, 1, "{verdict:?} {}{}", seen.out, seen.err);
    }
}

/// Required on purpose: with any other answer than to be ignored it would decide.
#[test]
fn composing_lets_nobody_in_and_keeps_nobody_out() {
    let alone = Machine::with_stack("auth required {module} compose\naccount required {module} compose\n");
    let permit = Machine::with_stack(
        "auth required {module} compose\nauth required pam_permit.so\n\
         account required {module} compose\naccount required pam_permit.so\n",
    );
    for verdict in [Verdict::Allow, Verdict::Exempt, Verdict::Deny, Verdict::Unavailable] {
        for (operation, allowed) in [("authenticate", ALLOWED), ("acct_mgmt", ACCOUNT_ALLOWED)] {
            let play = |machine: &Machine| {
                let acts = vec![Act::Hear, done(verdict)];
                machine.play(&["test", "zoe", operation], "horse\n", acts).0
            };
            let refused = play(&alone);
            assert!(refused.err.contains(PERM_DENIED), "{operation} {verdict:?}\n{}", refused.err);
            let allowing = play(&permit);
            assert_eq!(allowing.result, allowed, "{operation} {verdict:?}\n{}", allowing.err);
        }
    }
    let away = permit.pamtester(&["test", "zoe", "authenticate"], "");
    assert_eq!(away.result, ALLOWED, "{}", away.err);
    let garbage = permit.authenticate(vec![Act::Hear, Act::SayBytes(vec![0x13; 4096])]);
    assert_eq!(garbage.result, ALLOWED, "{}", garbage.err);
}

#[test]
fn breaking_off_at_a_prompt_denies_although_the_agent_allows() {
    let acts = vec![Act::Hear, Act::Say(prompt(true, "Passcode: ")), done(Verdict::Allow), Act::Hear];
    let (seen, heard) = Machine::new("").play(&["test", "zoe", "authenticate"], "", acts);
    assert_eq!(seen.result, AUTH_ERR);
    assert_eq!(heard.last(), Some(&ShimMessage::Cancel));
}

#[test]
fn garbage_denies() {
    let machine = Machine::new("");
    let table: [&[u8]; 12] = [
        b"",
        b"\0",
        b"\0\0\0\0",
        b"\0\0\0\x01\x13",
        b"\0\0\0\x02\x13\0",
        b"\0\0\0\x02\x13\x05",
        b"\0\0\0\x03\x13\x01\x01",
        b"\0\0\0\x02\x01\x01",
        b"\0\0\0\x06\x11\0\0\0\x01\xff",
        b"\xff\xff\xff\xff\x13\x01",
        b"HTTP/1.1 200 OK\r\n\r\n",
        &[0x13; 4096],
    ];
    for bytes in table {
        let seen = machine.authenticate(vec![Act::Hear, Act::SayBytes(bytes.to_vec())]);
        assert_eq!(seen.result, AUTH_ERR, "{bytes:?}");
        assert!(seen.logged("the conversation with the agent failed"), "{bytes:?} {}", seen.err);
        assert!(seen.err.contains("Sallyport could not check this login"), "{}", seen.err);
    }
    let endless = vec![inform("wait"); 40];
    let seen = machine.authenticate(vec![Act::Hear, Act::SayBytes(bytes_of(&endless)), done(Verdict::Allow)]);
    assert_eq!(seen.result, AUTH_ERR);
    assert!(seen.logged("more than 32 messages"), "{}", seen.err);
}

#[test]
fn hanging_up_anywhere_denies() {
    let machine = Machine::new("");
    let bytes = bytes_of(&[inform("wait"), AgentMessage::Done { verdict: Verdict::Allow }]);
    for cut in 0..bytes.len() {
        let seen = machine.authenticate(vec![Act::Hear, Act::SayBytes(bytes[..cut].to_vec())]);
        assert_eq!(seen.result, AUTH_ERR, "cut at {cut}");
    }
    let before_hearing = machine.authenticate(vec![]);
    assert_eq!(before_hearing.result, AUTH_ERR);
    let at_a_prompt = vec![Act::Hear, Act::Say(prompt(true, "Passcode: "))];
    let (seen, _) = machine.play(&["test", "zoe", "authenticate"], "123456\n", at_a_prompt);
    assert_eq!(seen.result, AUTH_ERR);
    assert_eq!(machine.authenticate(vec![Act::Hear, Act::SayBytes(bytes)]).result, ALLOWED);
}

#[test]
fn one_byte_at_a_time_is_understood() {
    let bytes = bytes_of(&[inform("slowly"), AgentMessage::Done { verdict: Verdict::Allow }]);
    let seen = Machine::new("").authenticate(vec![Act::Hear, Act::Trickle(bytes)]);
    assert_eq!(seen.result, ALLOWED);
    assert!(seen.out.contains("slowly"), "{}", seen.out);
}

#[test]
fn silence_denies_when_the_time_is_over() {
    let seen = Machine::new("timeout=1").authenticate(vec![Act::Hear, Act::Wait]);
    assert_eq!(seen.result, AUTH_ERR);
    assert!(seen.logged("timed out"), "{}", seen.err);
    let seen = Machine::new("timeout=1").authenticate(vec![Act::Hear, Act::Say(inform("wait")), Act::Wait]);
    assert_eq!(seen.result, AUTH_ERR);
}

#[test]
fn an_agent_that_is_not_there_denies() {
    let machine = Machine::new("");
    let seen = machine.pamtester(&["test", "zoe", "authenticate"], "");
    assert_eq!(seen.result, AUTH_ERR);
    assert!(seen.logged("agent.sock\": No such file or directory"), "{}", seen.err);

    drop(machine.listen());
    for (operation, expected) in [("authenticate", AUTH_ERR), ("acct_mgmt", PERM_DENIED)] {
        let seen = machine.pamtester(&["test", "zoe", operation], "");
        assert_eq!(seen.result, expected);
        assert!(seen.logged("Connection refused"), "{}", seen.err);
    }

    fs::remove_file(machine.path("agent.sock")).unwrap();
    fs::write(machine.path("agent.sock"), "").unwrap();
    let seen = machine.pamtester(&["test", "zoe", "authenticate"], "");
    assert_eq!(seen.result, AUTH_ERR);
    assert!(seen.logged("is not a socket"), "{}", seen.err);
}

#[test]
fn a_listener_of_another_user_hears_no_word() {
    let machine = Machine::with_stack(
        "auth required {bare_module} socket={socket} peer_uid={other_uid} first_door=agent\n",
    );
    let listener = machine.listen();
    let seen = machine.pamtester(&["test", "zoe", "authenticate"], "correct horse\n");
    assert_eq!(seen.result, AUTH_ERR);
    assert!(seen.logged("tampering") || seen.logged("trusted owner"), "{}", seen.err);
    listener.set_nonblocking(true).unwrap();
    match listener.accept() {
        Ok((mut stream, _)) => assert_eq!(stream.read(&mut [0; 9]).unwrap(), 0, "something was said"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
    }
}

#[test]
fn a_directory_open_to_others_denies() {
    let machine = Machine::new("");
    fs::set_permissions(machine.directory.path(), Permissions::from_mode(0o777)).unwrap();
    let (seen, heard) =
        machine.play(&["test", "zoe", "authenticate"], "", vec![Act::Hear, done(Verdict::Allow)]);
    assert_eq!((seen.result.as_str(), heard.len()), (AUTH_ERR, 0));
    assert!(seen.logged("trusted owner"), "{}", seen.err);
}

#[test]
fn a_line_that_is_not_understood_denies() {
    for rest in [
        "debug",
        "nullok",
        "failmode=open",
        "peer_uid={uid}",
        "socket=/run/other.sock",
        "first_door=system first_door=agent",
        "first_door=none",
        "compose first_door=system",
        "compose=yes",
        "timeout=0",
        "timeout=soon",
        "quiet quiet",
        "[quiet\u{7} x]",
    ] {
        let machine = Machine::new(rest);
        for (operation, expected) in [("authenticate", AUTH_ERR), ("acct_mgmt", PERM_DENIED)] {
            let acts = vec![Act::Hear, done(Verdict::Allow)];
            let (seen, heard) = machine.play(&["test", "zoe", operation], "", acts);
            assert_eq!((seen.result.as_str(), heard.len()), (expected, 0), "{rest}");
            assert!(seen.logged("module argument `"), "{rest}: {}", seen.err);
        }
    }
}

#[test]
fn hostile_user_names_are_refused_or_carried_unchanged() {
    let machine = Machine::new("");
    let long = "a".repeat(257);
    for user in [long.as_str(), "zoe\nroot", "zoe\troot", "\u{1b}[2J"] {
        let (seen, heard) =
            machine.play(&["test", user, "authenticate"], "", vec![Act::Hear, done(Verdict::Allow)]);
        assert_eq!((seen.result.as_str(), heard.len()), (AUTH_ERR, 0), "{user:?}");
        assert!(seen.logged("the user name is"), "{}", seen.err);
    }
    let longest = "a".repeat(256);
    for user in [longest.as_str(), "a:b", "%s%n", "../../etc/passwd", "zoë", "a b"] {
        let acts = vec![Act::Hear, done(Verdict::Deny)];
        let (seen, heard) = machine.play(&["--", "test", user, "authenticate"], "", acts);
        assert_eq!(seen.result, AUTH_ERR);
        assert!(
            matches!(heard.as_slice(), [ShimMessage::Begin { user: heard, .. }] if heard == user),
            "{user:?}"
        );
    }
}

#[test]
fn silence_is_kept_on_request_and_prompts_remain() {
    let silent = ["test", "zoe", "authenticate(PAM_SILENT)"];
    let plain = ["test", "zoe", "authenticate"];
    for (rest, arguments) in [("", silent), ("quiet", plain)] {
        let acts = vec![
            Act::Hear,
            Act::Say(inform("hello")),
            Act::Say(warn("careful")),
            Act::Say(prompt(true, "Passcode: ")),
            Act::Hear,
            done(Verdict::Allow),
        ];
        let (seen, heard) = Machine::new(rest).play(&arguments, "1\n", acts);
        assert_eq!((seen.result.as_str(), heard.len()), (ALLOWED, 2));
        let shown = format!("{}{}", seen.out, seen.err);
        assert!(!shown.contains("hello") && !shown.contains("careful"), "{shown}");
        assert!(shown.contains("Passcode: "), "{shown}");
    }
}

#[test]
fn the_environment_has_no_say() {
    let machine = Machine::new("");
    let elsewhere = Path::new("/nonexistent");
    for (verdict, success) in [(Verdict::Allow, true), (Verdict::Deny, false)] {
        let listener = machine.listen();
        let agent = thread::spawn(move || play_agent(&listener, vec![Act::Hear, done(verdict)]));
        let mut command = machine.command(&["test", "zoe", "authenticate"]);
        for name in
            ["HOME", "TMPDIR", "XDG_RUNTIME_DIR", "SALLYPORT_SOCKET", "SSL_CERT_FILE", "USER", "LOGNAME"]
        {
            command.env(name, elsewhere);
        }
        command.env("http_proxy", "http://192.0.2.1").env("RUST_BACKTRACE", "full").env("LANG", "%s%n");
        let turn = Turn::take();
        let status = command.stdin(Stdio::null()).output().unwrap().status;
        drop(turn);
        drop(UnixStream::connect(machine.path("agent.sock")));
        assert_eq!(agent.join().unwrap().len(), 1);
        assert_eq!(status.success(), success);
        fs::remove_file(machine.path("agent.sock")).unwrap();
    }
}

/// Nobody gets an answer before everybody has asked.
#[test]
fn logins_at_the_same_time_do_not_wait_for_each_other() {
    const LOGINS: usize = 16;
    let machine = Machine::new("");
    let listener = machine.listen();
    let _turn = Turn::take();
    let mut logins: Vec<Child> = (0..LOGINS).map(|_| machine.start_login()).collect();
    let mut asked: Vec<UnixStream> = (0..LOGINS).map(|_| listener.accept().unwrap().0).collect();
    for stream in &mut asked {
        ShimMessage::read(stream).unwrap();
    }
    for stream in &mut asked {
        AgentMessage::Done { verdict: Verdict::Allow }.write(stream).unwrap();
    }
    for login in &mut logins {
        assert!(login.wait().unwrap().success());
    }
}

#[test]
fn the_other_stages_neither_hinder_nor_help() {
    let alone = Machine::with_stack(
        "auth required {module}\naccount required {module}\nsession required {module}\npassword required {module}\n",
    );
    let acts = vec![Act::Hear, done(Verdict::Allow)];
    let (seen, heard) = alone.play(&["test", "zoe", "authenticate", "setcred(PAM_ESTABLISH_CRED)"], "", acts);
    assert_eq!(
        (seen.result.as_str(), heard.len()),
        ("pamtester: credential info has successfully been set.", 1)
    );
    for operation in ["open_session", "chauthtok"] {
        let seen = alone.pamtester(&["test", "zoe", operation], "");
        assert_eq!(seen.result, PERM_DENIED, "{operation}: an ignoring module alone opens nothing");
    }
    let permit = Machine::with_stack(
        "session required {module}\nsession required pam_permit.so\n\
         password required {module}\npassword required pam_permit.so\n",
    );
    for (operation, result) in [
        ("open_session", "pamtester: successfully opened a session"),
        ("close_session", "pamtester: session has successfully been closed."),
        ("chauthtok", "pamtester: authentication token altered successfully."),
    ] {
        assert_eq!(permit.pamtester(&["test", "zoe", operation], "").result, result);
    }
}
