//! The flow against a scripted PAM and a scripted agent. Each call of either is a place where a panic can be put.

use std::{
    cell::Cell,
    collections::VecDeque,
    io,
    panic::{self, AssertUnwindSafe},
    rc::Rc,
};

use sallyport_ipc::login::AgentMessage;

use super::*;
use crate::panics;

const ALLOW: i32 = 0;
const PERM_DENIED: i32 = 6;
const AUTH_ERR: i32 = 7;
const AUTHINFO_UNAVAIL: i32 = 9;
const IGNORE: i32 = 25;

/// Counts calls of the world outside, and panics at the one it was told to.
#[derive(Clone, Default)]
struct Fuse {
    calls: Rc<Cell<usize>>,
    blows_at: Option<usize>,
}

impl Fuse {
    fn step(&self) {
        let call = self.calls.get();
        self.calls.set(call + 1);
        // `resume_unwind` unwinds as a panic does, but leaves the test's output alone.
        if self.blows_at == Some(call) {
            panic::resume_unwind(Box::new("fuse"));
        }
    }
}

#[derive(Clone)]
struct Pam {
    user: Result<Vec<u8>, PamError>,
    password: Result<Vec<u8>, PamError>,
    service: Vec<u8>,
    remote_host: Option<Vec<u8>>,
    can_prompt: bool,
    answers: VecDeque<Vec<u8>>,
    seen: Vec<String>,
    logged: Vec<String>,
    fuse: Fuse,
}

impl Default for Pam {
    fn default() -> Self {
        Self {
            user: Ok(b"zoe".to_vec()),
            password: Ok(b"correct horse".to_vec()),
            service: b"sshd".to_vec(),
            remote_host: Some(b"192.0.2.7".to_vec()),
            can_prompt: true,
            answers: VecDeque::new(),
            seen: Vec::new(),
            logged: Vec::new(),
            fuse: Fuse::default(),
        }
    }
}

impl Handle for Pam {
    fn user(&mut self) -> Result<Vec<u8>, PamError> {
        self.fuse.step();
        self.user.clone()
    }

    fn password(&mut self) -> Result<Vec<u8>, PamError> {
        self.fuse.step();
        self.seen.push("password taken".into());
        self.password.clone()
    }

    fn set_password(&mut self, password: &[u8]) -> Result<(), PamError> {
        self.fuse.step();
        self.seen.push("password set".into());
        self.password = Ok(password.to_vec());
        Ok(())
    }

    fn item(&mut self, item: Item) -> Result<Option<Vec<u8>>, PamError> {
        self.fuse.step();
        Ok(match item {
            Item::RemoteHost => self.remote_host.clone(),
            Item::RemoteUser => None,
            Item::Service => Some(self.service.clone()),
            Item::Tty => Some(b"ssh".to_vec()),
        })
    }

    fn can_prompt(&mut self) -> bool {
        self.fuse.step();
        self.can_prompt
    }

    fn prompt(&mut self, echo: bool, text: &str) -> Result<Vec<u8>, PamError> {
        self.fuse.step();
        self.seen.push(format!("prompt {echo} {text}"));
        self.answers.pop_front().ok_or(PamError(19))
    }

    fn show(&mut self, tone: Tone, text: &str) {
        self.fuse.step();
        self.seen.push(format!("{tone:?} {text}"));
    }

    fn log(&mut self, priority: Priority, line: &str) {
        self.fuse.step();
        self.logged.push(format!("{priority:?} {line}"));
    }
}

/// An agent that says its part whatever it hears, and keeps what it heard for the test.
struct Agent {
    says: VecDeque<u8>,
    heard: Rc<std::cell::RefCell<Vec<u8>>>,
    fuse: Fuse,
}

impl Read for Agent {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.fuse.step();
        self.says.read(buffer)
    }
}

impl Write for Agent {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.fuse.step();
        self.heard.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.fuse.step();
        Ok(())
    }
}

struct Played {
    code: i32,
    pam: Pam,
    heard: Vec<ShimMessage>,
    /// Whether a connection was asked for.
    connected: bool,
    /// Whether the agent was left with words unsaid.
    unsaid: bool,
}

struct Scene<'a> {
    stage: Stage,
    line: &'a str,
    silent: bool,
    pam: Pam,
    agent: &'a [AgentMessage],
}

impl Default for Scene<'_> {
    fn default() -> Self {
        Self { stage: Stage::Authenticate, line: "", silent: false, pam: Pam::default(), agent: &[] }
    }
}

impl Scene<'_> {
    fn play(self) -> Played {
        let mut said = Vec::new();
        for message in self.agent {
            message.write(&mut said).unwrap();
        }
        let heard = Rc::default();
        let mut pam = self.pam;
        let agent = Agent { says: said.into(), heard: Rc::clone(&heard), fuse: pam.fuse.clone() };
        let words: Vec<&[u8]> = self.line.split_ascii_whitespace().map(str::as_bytes).collect();
        let call = Call { stage: self.stage, words: &words, silent: self.silent };
        let mut agent = Some(agent);
        let code = panics::contained(self.stage, &mut pam, |pam| {
            run(&call, pam, |_| {
                let agent = agent.as_mut().unwrap();
                agent.fuse.step();
                Ok(Borrowed(agent))
            })
        });
        let mut bytes = heard.borrow().as_slice().to_vec();
        let connected = !bytes.is_empty();
        let mut rest = bytes.as_mut_slice() as &[u8];
        let mut messages = Vec::new();
        while let Ok(message) = ShimMessage::read(&mut rest) {
            messages.push(message);
        }
        let unsaid = agent.is_some_and(|agent| !agent.says.is_empty());
        Played { code: code.to_c(), pam, heard: messages, connected, unsaid }
    }
}

struct Borrowed<'a>(&'a mut Agent);

impl Read for Borrowed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Borrowed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn done(verdict: Verdict) -> AgentMessage {
    AgentMessage::Done { verdict }
}

fn inform(text: &str) -> AgentMessage {
    AgentMessage::Inform { text: text.into() }
}

fn prompt(text: &str) -> AgentMessage {
    AgentMessage::Prompt { echo: false, text: text.into() }
}

fn begin(first_door: FirstDoor) -> ShimMessage {
    ShimMessage::Begin {
        version: 1,
        service: "sshd".into(),
        user: "zoe".into(),
        tty: "ssh".into(),
        remote_host: "192.0.2.7".into(),
        remote_user: String::new(),
        first_door,
        prompts: true,
    }
}

#[test]
fn each_verdict_has_its_code_in_each_stage() {
    let rows = [
        (Verdict::Allow, ALLOW, ALLOW),
        (Verdict::Exempt, IGNORE, IGNORE),
        (Verdict::Deny, AUTH_ERR, PERM_DENIED),
        (Verdict::Unavailable, AUTHINFO_UNAVAIL, AUTHINFO_UNAVAIL),
    ];
    for (verdict, authenticate, account) in rows {
        for (stage, code) in [(Stage::Authenticate, authenticate), (Stage::Account, account)] {
            let played = Scene { stage, agent: &[done(verdict)], ..Scene::default() }.play();
            assert_eq!(played.code, code, "{stage:?} {verdict:?}");
            assert_eq!(played.pam.logged.len(), usize::from(code != ALLOW && code != IGNORE), "{verdict:?}");
        }
    }
}

#[test]
fn the_agent_hears_what_pam_knows() {
    let agent = [done(Verdict::Allow)];
    let played = Scene { agent: &agent, ..Scene::default() }.play();
    assert_eq!(played.heard, [begin(FirstDoor::Vouched { by: "pam_unix".into() })]);
    assert_eq!(played.pam.seen, [""; 0]);

    let played = Scene { line: "first_door=agent", agent: &agent, ..Scene::default() }.play();
    assert_eq!(played.heard, [begin(FirstDoor::Password { password: "correct horse".into() })]);

    let played =
        Scene { stage: Stage::Account, line: "first_door=agent", agent: &agent, ..Scene::default() }.play();
    assert_eq!(
        played.heard,
        [ShimMessage::Account { version: 1, service: "sshd".into(), user: "zoe".into() }]
    );
    assert_eq!(played.pam.seen, [""; 0], "the account stage takes no password");
}

#[test]
fn a_conversation_goes_over_the_pam_screen() {
    let agent = [inform("hello\u{1b}"), prompt("Passcode: "), done(Verdict::Allow)];
    let pam = Pam { answers: [b"123456".to_vec()].into(), ..Pam::default() };
    let played = Scene { pam, agent: &agent, ..Scene::default() }.play();
    assert_eq!(played.code, ALLOW);
    assert_eq!(played.pam.seen, ["Inform hello", "prompt false Passcode: "]);
    assert_eq!(played.heard.get(1), Some(&ShimMessage::Answer { text: "123456".into() }));
    assert!(!played.unsaid && played.pam.answers.is_empty());
}

#[test]
fn silent_and_quiet_leave_prompts_alone() {
    let agent = [inform("a"), AgentMessage::Warn { text: "b".into() }, prompt("c"), done(Verdict::Deny)];
    for (silent, line) in [(true, ""), (false, "quiet")] {
        let pam = Pam { answers: [b"1".to_vec()].into(), ..Pam::default() };
        let played = Scene { silent, line, pam, agent: &agent, ..Scene::default() }.play();
        assert_eq!(played.pam.seen, ["prompt false c"]);
        assert_eq!(played.code, AUTH_ERR);
        let played = Scene { silent, line, ..Scene::default() }.play();
        assert_eq!(played.pam.seen, [""; 0], "our own words are silenced too");
    }
}

#[test]
fn answers_that_are_missing_too_long_or_no_text_cancel() {
    for answer in [None, Some(vec![b'1'; 1025]), Some(vec![0xff])] {
        let agent = [prompt("Passcode: "), done(Verdict::Allow)];
        let pam = Pam { answers: answer.into_iter().collect(), ..Pam::default() };
        let played = Scene { pam, agent: &agent, ..Scene::default() }.play();
        assert_eq!((played.code, played.heard.get(1)), (AUTH_ERR, Some(&ShimMessage::Cancel)));
        assert_eq!(
            played.pam.logged,
            ["Notice denied: the conversation with the agent failed: the person broke off"]
        );
    }
}

#[test]
fn names_that_cannot_be_names_are_refused_without_asking_the_agent() {
    let names: [&[u8]; 6] =
        [b"", b"zoe\nroot", b"zoe\x1b[2J", b"\xff\xfe", &[b'a'; 257], "zoe\u{85}".as_bytes()];
    for name in names {
        for stage in [Stage::Authenticate, Stage::Account] {
            let pam = Pam { user: Ok(name.to_vec()), ..Pam::default() };
            let played = Scene { stage, pam, agent: &[done(Verdict::Allow)], ..Scene::default() }.play();
            assert_eq!(played.code, Code::denied(stage).to_c(), "{name:?}");
            assert!(!played.connected, "{name:?}");
            assert_eq!(
                played.pam.logged,
                ["Notice denied: the user name is empty, too long or not printable text"]
            );
        }
    }
}

#[test]
fn strange_names_that_are_text_reach_the_agent_unchanged() {
    for name in
        ["a".repeat(256), "%s%n".into(), "../../etc".into(), "-rf".into(), "a:b c".into(), "zoë".into()]
    {
        let pam = Pam { user: Ok(name.clone().into_bytes()), ..Pam::default() };
        let played = Scene { pam, agent: &[done(Verdict::Deny)], ..Scene::default() }.play();
        assert!(matches!(played.heard.first(), Some(ShimMessage::Begin { user, .. }) if *user == name));
    }
}

#[test]
fn other_fields_are_bounded_too() {
    let played = Scene {
        pam: Pam { remote_host: Some(vec![b'a'; 257]), ..Pam::default() },
        agent: &[done(Verdict::Allow)],
        ..Scene::default()
    };
    assert_eq!(played.play().code, AUTH_ERR);
    let pam = Pam { service: b"sshd\n".to_vec(), ..Pam::default() };
    assert_eq!(Scene { pam, agent: &[done(Verdict::Allow)], ..Scene::default() }.play().code, AUTH_ERR);
}

#[test]
fn without_a_password_the_agent_is_not_asked() {
    let passwords = [Err(PamError(19)), Ok(Vec::new()), Ok(vec![0xff]), Ok(vec![b'a'; 1025])];
    for password in passwords {
        let pam = Pam { password, ..Pam::default() };
        let played =
            Scene { line: "first_door=agent", pam, agent: &[done(Verdict::Allow)], ..Scene::default() }
                .play();
        assert_eq!((played.code, played.connected), (AUTH_ERR, false));
    }
}

#[test]
fn a_line_that_is_not_understood_denies_before_anything_is_asked() {
    for line in ["nonsense", "first_door=agent first_door=system", "timeout=0", "socket=relative"] {
        let agent = [done(Verdict::Allow)];
        let played = Scene { line, agent: &agent, ..Scene::default() }.play();
        assert_eq!((played.code, played.connected), (AUTH_ERR, false), "{line}");
        assert!(played.pam.logged[0].starts_with("Error denied: "), "{:?}", played.pam.logged);
        assert!(played.pam.logged[0].contains("module argument"), "{:?}", played.pam.logged);
        assert_eq!(played.pam.seen, [format!("Warn {OUT_OF_ORDER}")]);
        let played = Scene { stage: Stage::Account, line, agent: &agent, ..Scene::default() }.play();
        assert_eq!(played.code, PERM_DENIED, "{line}");
    }
}

#[test]
fn a_door_that_does_not_open_denies() {
    let mut pam = Pam::default();
    let call = Call { stage: Stage::Authenticate, words: &[b"first_door=agent"], silent: false };
    let closed = |_: &Arguments| Err::<Agent, _>(DoorError::Peer { expected: 0, found: 7 });
    assert_eq!(run(&call, &mut pam, closed).to_c(), AUTH_ERR);
    assert_eq!(
        pam.logged,
        ["Error denied: the listener runs as uid 7 instead of 0, which looks like tampering"]
    );
}

#[test]
fn an_agent_that_says_nothing_denies() {
    let played = Scene::default().play();
    assert_eq!(played.code, AUTH_ERR);
    assert_eq!(
        played.pam.logged,
        ["Error denied: the conversation with the agent failed: the peer closed the connection"]
    );
}

#[test]
fn a_panic_at_any_call_denies() {
    let agent = [inform("hello"), prompt("Passcode: "), prompt("Again: "), done(Verdict::Allow)];
    for stage in [Stage::Authenticate, Stage::Account] {
        let scene = |blows_at| {
            let fuse = Fuse { blows_at, ..Fuse::default() };
            let answers = [b"1".to_vec(), b"2".to_vec()].into();
            let pam = Pam { answers, fuse, ..Pam::default() };
            Scene { stage, line: "first_door=agent", pam, agent: &agent, ..Scene::default() }.play()
        };
        let whole = scene(None);
        let calls = whole.pam.fuse.calls.get();
        assert_eq!(whole.code, ALLOW);
        assert!(calls >= 20, "{calls} places");
        for place in 0..calls {
            let played = scene(Some(place));
            assert_eq!(played.code, Code::denied(stage).to_c(), "panic at call {place}");
            assert_eq!(played.pam.logged, ["Error denied: internal error at an unknown place"]);
        }
    }
}

const DECOMPOSED: &str = "gra\u{308}vel";

fn composing(password: &[u8], agent: &[AgentMessage]) -> Played {
    let pam = Pam { password: Ok(password.to_vec()), ..Pam::default() };
    Scene { line: "compose", pam, agent, ..Scene::default() }.play()
}

#[test]
fn a_password_of_the_directory_is_composed_and_nothing_decided() {
    let played = composing(DECOMPOSED.as_bytes(), &[done(Verdict::Allow)]);
    assert_eq!((played.code, played.pam.password), (IGNORE, Ok("gr\u{e4}vel".as_bytes().to_vec())));
    assert_eq!(played.pam.seen, ["password taken", "password set"]);
    let question = ShimMessage::Whose { version: 1, user: "zoe".into() };
    assert_eq!(played.heard, [question], "and the agent hears no password");
    for whole in ["gr\u{e4}vel", "correct horse", ""] {
        let played = composing(whole.as_bytes(), &[done(Verdict::Allow)]);
        assert_eq!((played.code, played.pam.seen), (IGNORE, vec!["password taken".to_owned()]), "{whole}");
    }
    // Of what is too long or no text nobody can say what it would be.
    for strange in [DECOMPOSED.repeat(150).into_bytes(), b"e\xcc\x81\xff".to_vec()] {
        let played = composing(&strange, &[done(Verdict::Allow)]);
        assert_eq!((played.code, played.pam.password), (IGNORE, Ok(strange)));
    }
}

#[test]
fn for_everybody_else_the_line_that_composes_is_not_there() {
    let others: [&[AgentMessage]; 6] = [
        &[done(Verdict::Exempt)],
        &[done(Verdict::Deny)],
        &[done(Verdict::Unavailable)],
        &[inform("hello"), AgentMessage::Warn { text: "careful".into() }],
        &[prompt("Passcode: "), done(Verdict::Allow)],
        &[],
    ];
    for agent in others {
        let played = composing(DECOMPOSED.as_bytes(), agent);
        assert_eq!((played.code, played.pam.password), (IGNORE, Ok(DECOMPOSED.as_bytes().to_vec())));
        assert_eq!((played.pam.seen, played.pam.logged), (vec![], vec![]), "{agent:?}");
    }
    let strangers = [Err(PamError(19)), Ok(b"zoe\nroot".to_vec()), Ok(vec![0xff])];
    for user in strangers {
        let pam = Pam { user, ..Pam::default() };
        let played =
            Scene { line: "compose", pam, agent: &[done(Verdict::Allow)], ..Scene::default() }.play();
        assert_eq!((played.code, played.connected, played.pam.seen), (IGNORE, false, vec![]));
    }
    let mut pam = Pam::default();
    let call = Call { stage: Stage::Authenticate, words: &[b"compose"], silent: false };
    let closed = |_: &Arguments| Err::<Agent, _>(DoorError::NotASocket("/".into()));
    assert_eq!(run(&call, &mut pam, closed).to_c(), IGNORE);
    assert_eq!((pam.seen, pam.logged), (vec![], vec![]));
}

#[test]
fn a_password_that_cannot_be_had_is_asked_for_by_whoever_checks_it() {
    let pam = Pam { password: Err(PamError(19)), ..Pam::default() };
    let played = Scene { line: "compose", pam, agent: &[done(Verdict::Allow)], ..Scene::default() }.play();
    assert_eq!((played.code, played.pam.seen), (IGNORE, vec!["password taken".to_owned()]));
}

#[test]
fn a_panic_while_composing_is_passed_over() {
    for stage in [Stage::Authenticate, Stage::Account] {
        let scene = |blows_at| {
            let password = Ok(DECOMPOSED.as_bytes().to_vec());
            let pam = Pam { password, fuse: Fuse { blows_at, ..Fuse::default() }, ..Pam::default() };
            Scene { stage, line: "compose", pam, agent: &[done(Verdict::Allow)], ..Scene::default() }.play()
        };
        let calls = scene(None).pam.fuse.calls.get();
        assert!(calls >= 6, "{calls} places");
        for place in 0..calls {
            let played = scene(Some(place));
            assert_eq!(played.code, IGNORE, "panic at call {place}");
            assert_eq!(played.pam.logged, ["Error passed over: internal error at an unknown place"]);
        }
    }
}

#[test]
fn a_panic_while_logging_a_panic_denies() {
    struct Broken;
    impl Handle for Broken {
        fn user(&mut self) -> Result<Vec<u8>, PamError> {
            panic::resume_unwind(Box::new(()))
        }
        fn password(&mut self) -> Result<Vec<u8>, PamError> {
            panic::resume_unwind(Box::new(()))
        }
        fn set_password(&mut self, _: &[u8]) -> Result<(), PamError> {
            panic::resume_unwind(Box::new(()))
        }
        fn item(&mut self, _: Item) -> Result<Option<Vec<u8>>, PamError> {
            panic::resume_unwind(Box::new(()))
        }
        fn can_prompt(&mut self) -> bool {
            panic::resume_unwind(Box::new(()))
        }
        fn prompt(&mut self, _: bool, _: &str) -> Result<Vec<u8>, PamError> {
            panic::resume_unwind(Box::new(()))
        }
        fn show(&mut self, _: Tone, _: &str) {
            panic::resume_unwind(Box::new(()))
        }
        fn log(&mut self, _: Priority, _: &str) {
            panic::resume_unwind(Box::new(()))
        }
    }
    let call = Call { stage: Stage::Authenticate, words: &[], silent: false };
    let unreached = |_: &Arguments| Err::<Agent, _>(DoorError::NotASocket("/".into()));
    let code = panic::catch_unwind(AssertUnwindSafe(|| {
        panics::contained(Stage::Authenticate, &mut Broken, |handle| run(&call, handle, unreached))
    }));
    assert_eq!(code.ok(), Some(Code::denied(Stage::Authenticate)));
}
