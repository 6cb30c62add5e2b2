//! The local protocols of a device. Whoever writes to a login process, or to the half of the agent that may do everything,
//! is not believed.

use std::io::{self, Read, Write};

use sallyport_ipc::{
    frame,
    half::Frame,
    login::{AgentMessage, Conversation, ShimMessage, VERSION, Verdict, try_converse},
};

/// Single messages: there is one way to write each, and none is understood by its author.
pub(crate) fn messages(bytes: &[u8]) -> bool {
    let (shim, agent) = (ShimMessage::decode(bytes), AgentMessage::decode(bytes));
    if let Ok(message) = &shim {
        assert_eq!(message.encode(), bytes);
    }
    if let Ok(message) = &agent {
        assert_eq!(message.encode(), bytes);
    }
    if let Ok(frame) = Frame::decode(bytes) {
        assert_eq!(frame.encode(), bytes);
    }
    let mut stream = bytes;
    if let Ok(payload) = frame::read(&mut stream, 64 * 1024) {
        let mut written = Vec::new();
        assert!(frame::write(&mut written, &payload, 64 * 1024).is_ok());
        assert_eq!(bytes.strip_prefix(written.as_slice()), Some(stream));
    }
    assert!(shim.is_err() || agent.is_err());
    shim.is_ok() || agent.is_ok()
}

/// A whole conversation: the bytes are what the agent sends.
pub(crate) fn conversation(bytes: &[u8]) -> bool {
    let opening =
        ShimMessage::Account { version: VERSION, service: "sshd".to_owned(), user: "ada".to_owned() };
    let mut screen = Screen::default();
    let verdict = try_converse(&mut Line(bytes), opening, &mut screen);
    let plain = |text: &String| text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    assert!(screen.0.iter().all(|text| plain(text) && text.len() <= 4096), "{:?}", screen.0);
    matches!(verdict, Ok(Verdict::Allow | Verdict::Deny | Verdict::Exempt | Verdict::Unavailable))
}

/// What was shown.
#[derive(Default)]
struct Screen(Vec<String>);

impl Conversation for Screen {
    fn prompt(&mut self, _echo: bool, text: &str) -> Option<String> {
        self.0.push(text.to_owned());
        (self.0.len() < 8).then(|| "123456".to_owned())
    }

    fn inform(&mut self, text: &str) {
        self.0.push(text.to_owned());
    }

    fn warn(&mut self, text: &str) {
        self.0.push(text.to_owned());
    }
}

/// Somebody who talks and never listens.
struct Line<'a>(&'a [u8]);

impl Read for Line<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
