use std::{
    collections::VecDeque,
    io::{self, Read, Write},
};

use proptest::{prelude::*, sample::Index};

use super::*;

fn begin(first_door: FirstDoor) -> ShimMessage {
    ShimMessage::Begin {
        version: VERSION,
        service: "sshd".into(),
        user: "zoe".into(),
        tty: "ssh".into(),
        remote_host: "192.0.2.7".into(),
        remote_user: String::new(),
        first_door,
        prompts: true,
    }
}

fn vouched() -> ShimMessage {
    begin(FirstDoor::Vouched { by: "pam_unix".into() })
}

fn first_door() -> impl Strategy<Value = FirstDoor> {
    prop_oneof![
        any::<String>().prop_map(|by| FirstDoor::Vouched { by }),
        any::<String>().prop_map(|password| FirstDoor::Password { password }),
    ]
}

fn shim_message() -> impl Strategy<Value = ShimMessage> {
    let texts = any::<[String; 5]>();
    prop_oneof![
        (any::<u8>(), texts, first_door(), any::<bool>()).prop_map(
            |(version, texts, first_door, prompts)| {
                let [service, user, tty, remote_host, remote_user] = texts;
                ShimMessage::Begin {
                    version,
                    service,
                    user,
                    tty,
                    remote_host,
                    remote_user,
                    first_door,
                    prompts,
                }
            }
        ),
        any::<(u8, String, String)>().prop_map(|(version, service, user)| ShimMessage::Account {
            version,
            service,
            user
        }),
        any::<String>().prop_map(|text| ShimMessage::Answer { text }),
        Just(ShimMessage::Cancel),
        any::<(u8, String)>().prop_map(|(version, user)| ShimMessage::Whose { version, user }),
    ]
}

fn agent_message() -> impl Strategy<Value = AgentMessage> {
    let verdict =
        prop::sample::select(vec![Verdict::Allow, Verdict::Deny, Verdict::Exempt, Verdict::Unavailable]);
    prop_oneof![
        verdict.prop_map(|verdict| AgentMessage::Done { verdict }),
        any::<(bool, String)>().prop_map(|(echo, text)| AgentMessage::Prompt { echo, text }),
        any::<String>().prop_map(|text| AgentMessage::Inform { text }),
        any::<String>().prop_map(|text| AgentMessage::Warn { text }),
    ]
}

proptest! {
    #[test]
    fn shim_decode_after_encode_is_identity(message in shim_message()) {
        prop_assert_eq!(ShimMessage::decode(&message.encode()).unwrap(), message);
    }

    #[test]
    fn agent_decode_after_encode_is_identity(message in agent_message()) {
        prop_assert_eq!(AgentMessage::decode(&message.encode()).unwrap(), message);
    }

    #[test]
    fn every_truncation_errs(shim in shim_message(), agent in agent_message()) {
        let (shim, agent) = (shim.encode(), agent.encode());
        for cut in 0..shim.len() {
            prop_assert!(ShimMessage::decode(&shim[..cut]).is_err());
        }
        for cut in 0..agent.len() {
            prop_assert!(AgentMessage::decode(&agent[..cut]).is_err());
        }
    }

    #[test]
    fn trailing_bytes_err(shim in shim_message(), agent in agent_message(), extra in any::<u8>()) {
        let (mut shim, mut agent) = (shim.encode(), agent.encode());
        shim.push(extra);
        agent.push(extra);
        prop_assert!(matches!(ShimMessage::decode(&shim), Err(IpcError::TrailingBytes(1))));
        prop_assert!(matches!(AgentMessage::decode(&agent), Err(IpcError::TrailingBytes(1))));
    }

    #[test]
    fn what_decodes_has_no_second_encoding(mut shim in shim_message().prop_map(|m| m.encode()), at in any::<Index>(), byte: u8) {
        let at = at.index(shim.len());
        shim[at] = byte;
        if let Ok(message) = ShimMessage::decode(&shim) {
            prop_assert_eq!(message.encode(), shim);
        }
    }

    #[test]
    fn random_bytes_never_panic_nor_allow(bytes in any::<Vec<u8>>()) {
        let _ = ShimMessage::decode(&bytes);
        let _ = AgentMessage::decode(&bytes);
        let mut stream = Peer::saying(bytes.clone());
        if !bytes.starts_with(&AGENT_ALLOWS) {
            prop_assert_ne!(converse(&mut stream, vouched(), &mut Screen::default()), Verdict::Allow);
        }
    }

    #[test]
    fn neither_direction_understands_its_own_messages(shim in shim_message(), agent in agent_message()) {
        prop_assert!(AgentMessage::decode(&shim.encode()).is_err());
        prop_assert!(ShimMessage::decode(&agent.encode()).is_err());
    }
}

const AGENT_ALLOWS: [u8; 6] = [0, 0, 0, 2, 19, 1];

#[test]
fn the_bytes_on_the_wire_are_these() {
    let message = ShimMessage::Account { version: 1, service: "su".into(), user: "é".into() };
    assert_eq!(message.encode(), b"\x02\x01\x00\x00\x00\x02su\x00\x00\x00\x02\xc3\xa9");
    let message = AgentMessage::Prompt { echo: true, text: "?".into() };
    assert_eq!(message.encode(), b"\x10\x01\x00\x00\x00\x01?");
    let mut bytes = Vec::new();
    AgentMessage::Done { verdict: Verdict::Allow }.write(&mut bytes).unwrap();
    assert_eq!(bytes, AGENT_ALLOWS);
}

#[test]
fn malformed_fields_are_named() {
    assert!(matches!(AgentMessage::decode(b"\x10\x02\0\0\0\0"), Err(IpcError::BadBool(2))));
    assert!(matches!(AgentMessage::decode(b"\x11\0\0\0\x01\xff"), Err(IpcError::NotUtf8)));
    assert!(matches!(AgentMessage::decode(b"\x11\xff\xff\xff\xff"), Err(IpcError::Truncated)));
    assert!(matches!(AgentMessage::decode(b"\x13\0"), Err(IpcError::UnknownTag(0))));
    assert!(matches!(AgentMessage::decode(b"\0"), Err(IpcError::UnknownTag(0))));
    let long = AgentMessage::Inform { text: "x".repeat(MAX_FRAME) };
    assert!(matches!(AgentMessage::decode(&long.encode()), Err(IpcError::FrameTooLong { .. })));
    assert!(matches!(long.write(&mut Vec::new()), Err(IpcError::FrameTooLong { .. })));
}

#[test]
fn debug_output_holds_no_secret() {
    let password = begin(FirstDoor::Password { password: "hunter2".into() });
    let answer = ShimMessage::Answer { text: "hunter2".into() };
    let shown = format!("{password:?} {answer:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("zoe"), "{shown}");
}

#[test]
fn a_conversation_shows_answers_and_ends_with_the_verdict() {
    for verdict in [Verdict::Allow, Verdict::Deny, Verdict::Exempt, Verdict::Unavailable] {
        let mut peer = Peer::script(&[
            AgentMessage::Inform { text: "hello\u{1b}[2J".into() },
            AgentMessage::Prompt { echo: false, text: "Passcode: \u{7}".into() },
            AgentMessage::Warn { text: "wrong\r".into() },
            AgentMessage::Prompt { echo: true, text: "again: ".into() },
            AgentMessage::Done { verdict },
        ]);
        let mut screen = Screen::answering(&["1", "123456"]);
        assert_eq!(converse(&mut peer, vouched(), &mut screen), verdict);
        assert_eq!(
            screen.shown,
            ["inform hello[2J", "prompt false Passcode: ", "warn wrong", "prompt true again: "]
        );
        let answers = ["1", "123456"].map(|text| ShimMessage::Answer { text: text.into() });
        assert_eq!(peer.heard(), [&[vouched()], answers.as_slice()].concat());
    }
}

#[test]
fn breaking_off_cancels_and_an_allow_behind_it_is_not_read() {
    let mut peer = Peer::script(&[
        AgentMessage::Prompt { echo: true, text: "?".into() },
        AgentMessage::Done { verdict: Verdict::Allow },
    ]);
    let outcome = try_converse(&mut peer, vouched(), &mut Screen::default());
    assert!(matches!(outcome, Err(IpcError::Cancelled)));
    assert_eq!(peer.heard(), [vouched(), ShimMessage::Cancel]);
}

#[test]
fn the_verdict_must_be_among_the_first_32_messages() {
    let mut script = vec![AgentMessage::Inform { text: "wait".into() }; MAX_MESSAGES - 1];
    script.push(AgentMessage::Done { verdict: Verdict::Allow });
    assert_eq!(converse(&mut Peer::script(&script), vouched(), &mut Screen::default()), Verdict::Allow);
    script.insert(0, AgentMessage::Inform { text: "wait".into() });
    let outcome = try_converse(&mut Peer::script(&script), vouched(), &mut Screen::default());
    assert!(matches!(outcome, Err(IpcError::TooManyMessages(32))));
}

#[test]
fn hanging_up_at_any_byte_denies() {
    let mut said = Vec::new();
    AgentMessage::Inform { text: "wait".into() }.write(&mut said).unwrap();
    AgentMessage::Done { verdict: Verdict::Allow }.write(&mut said).unwrap();
    for cut in 0..said.len() {
        let mut peer = Peer::saying(said[..cut].to_vec());
        assert_eq!(converse(&mut peer, vouched(), &mut Screen::default()), Verdict::Deny, "cut at {cut}");
    }
    assert_eq!(converse(&mut Peer::saying(said), vouched(), &mut Screen::default()), Verdict::Allow);
}

#[test]
fn a_peer_that_takes_nothing_denies_even_if_it_says_allow() {
    let mut peer = Peer { deaf: true, ..Peer::saying(AGENT_ALLOWS.to_vec()) };
    assert_eq!(converse(&mut peer, vouched(), &mut Screen::default()), Verdict::Deny);
}

#[test]
fn only_openings_open() {
    for message in [ShimMessage::Cancel, ShimMessage::Answer { text: String::new() }] {
        let mut peer = Peer::saying(AGENT_ALLOWS.to_vec());
        let outcome = try_converse(&mut peer, message, &mut Screen::default());
        assert!(matches!(outcome, Err(IpcError::NotAnOpening)));
        assert_eq!(peer.heard, []);
    }
}

/// An agent that says prepared bytes, one at a time, and remembers what it hears.
#[derive(Default)]
struct Peer {
    says: VecDeque<u8>,
    heard: Vec<u8>,
    deaf: bool,
}

impl Peer {
    fn saying(bytes: Vec<u8>) -> Self {
        Self { says: bytes.into(), ..Self::default() }
    }

    fn script(messages: &[AgentMessage]) -> Self {
        let mut bytes = Vec::new();
        for message in messages {
            message.write(&mut bytes).unwrap();
        }
        Self::saying(bytes)
    }

    fn heard(&self) -> Vec<ShimMessage> {
        let mut heard = self.heard.as_slice();
        let mut messages = Vec::new();
        while !heard.is_empty() {
            messages.push(ShimMessage::read(&mut heard).unwrap());
        }
        messages
    }
}

impl Read for Peer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(first) = buffer.first_mut() else { return Ok(0) };
        let Some(byte) = self.says.pop_front() else { return Ok(0) };
        *first = byte;
        Ok(1)
    }
}

impl Write for Peer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.deaf {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.heard.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Default)]
struct Screen {
    answers: VecDeque<String>,
    shown: Vec<String>,
}

impl Screen {
    fn answering(answers: &[&str]) -> Self {
        Self { answers: answers.iter().map(|answer| (*answer).to_owned()).collect(), shown: Vec::new() }
    }
}

impl Conversation for Screen {
    fn prompt(&mut self, echo: bool, text: &str) -> Option<String> {
        self.shown.push(format!("prompt {echo} {text}"));
        self.answers.pop_front()
    }

    fn inform(&mut self, text: &str) {
        self.shown.push(format!("inform {text}"));
    }

    fn warn(&mut self, text: &str) {
        self.shown.push(format!("warn {text}"));
    }
}
