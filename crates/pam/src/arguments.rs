//! The arguments of the module's line in a PAM service file. Strict: what is not understood, said twice or out of
//! range is an error, and an error denies, because nobody can know what the line was meant to demand.

use std::{ffi::OsStr, fmt, os::unix::ffi::OsStrExt, path::PathBuf, time::Duration};

use sallyport_ipc::login;

/// Which door was, or is to be, passed before the second one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstDoorArgument {
    /// The agent checks the password.
    Agent,
    /// `pam_unix` has checked it before us in the same stack.
    System,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// Decide nothing, and bring the password into its composed form.
    pub(crate) compose: bool,
    pub(crate) first_door: FirstDoorArgument,
    /// Who must be listening at the socket.
    pub(crate) peer_uid: u32,
    /// Show nothing but prompts.
    pub(crate) quiet: bool,
    pub(crate) socket: PathBuf,
    /// How long the agent may take over one answer.
    pub(crate) timeout: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArgumentError {
    BadValue(String),
    /// It is to decide and not to decide.
    Both,
    Repeated(String),
    TooMany(usize),
    Unknown(String),
}

impl Arguments {
    pub(crate) fn parse(words: &[&[u8]]) -> Result<Self, ArgumentError> {
        if words.len() > MAX_ARGUMENTS {
            return Err(ArgumentError::TooMany(words.len()));
        }
        let mut given = Given::default();
        for word in words {
            given.take(word)?;
        }
        if given.compose.is_some() && given.first_door.is_some() {
            return Err(ArgumentError::Both);
        }
        Ok(Self {
            compose: given.compose.is_some(),
            first_door: given.first_door.unwrap_or(FirstDoorArgument::System),
            peer_uid: given.peer_uid.unwrap_or(0),
            quiet: given.quiet.is_some(),
            socket: given.socket.unwrap_or_else(|| PathBuf::from(login::SOCKET)),
            timeout: given.timeout.unwrap_or(DEFAULT_TIMEOUT),
        })
    }
}

#[derive(Default)]
struct Given {
    compose: Option<()>,
    first_door: Option<FirstDoorArgument>,
    peer_uid: Option<u32>,
    quiet: Option<()>,
    socket: Option<PathBuf>,
    timeout: Option<Duration>,
}

impl Given {
    fn take(&mut self, word: &[u8]) -> Result<(), ArgumentError> {
        let mut parts = word.splitn(2, |byte| *byte == b'=');
        let key = parts.next().unwrap_or_default();
        match (key, parts.next()) {
            (b"compose", None) => once(&mut self.compose, Some(()), word),
            (b"first_door", Some(value)) => once(&mut self.first_door, first_door(value), word),
            (b"peer_uid", Some(value)) => once(&mut self.peer_uid, number(value), word),
            (b"quiet", None) => once(&mut self.quiet, Some(()), word),
            (b"socket", Some(value)) => once(&mut self.socket, socket(value), word),
            (b"timeout", Some(value)) => once(&mut self.timeout, timeout(value), word),
            (_, _) => Err(ArgumentError::Unknown(quoted(word))),
        }
    }
}

fn once<T>(slot: &mut Option<T>, value: Option<T>, word: &[u8]) -> Result<(), ArgumentError> {
    let value = value.ok_or_else(|| ArgumentError::BadValue(quoted(word)))?;
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(ArgumentError::Repeated(quoted(word))),
    }
}

fn first_door(value: &[u8]) -> Option<FirstDoorArgument> {
    match value {
        b"agent" => Some(FirstDoorArgument::Agent),
        b"system" => Some(FirstDoorArgument::System),
        _ => None,
    }
}

/// Plain decimal digits; the standard parser alone would also take a plus sign.
fn number(value: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(value).ok()?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn socket(value: &[u8]) -> Option<PathBuf> {
    let path = PathBuf::from(OsStr::from_bytes(value));
    (path.is_absolute() && value.len() <= MAX_SOCKET_PATH).then_some(path)
}

fn timeout(value: &[u8]) -> Option<Duration> {
    let seconds = number(value)?;
    (1..=MAX_TIMEOUT_SECONDS).contains(&seconds).then(|| Duration::from_secs(seconds.into()))
}

/// For the log: on one line, printable, short.
fn quoted(word: &[u8]) -> String {
    word.escape_ascii().take(MAX_QUOTED).map(char::from).collect()
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadValue(word) => write!(f, "module argument `{word}` has no valid value"),
            Self::Both => f.write_str("module argument `compose` contradicts `first_door`"),
            Self::Repeated(word) => write!(f, "module argument `{word}` was given before"),
            Self::TooMany(count) => write!(f, "{count} module arguments are too many"),
            Self::Unknown(word) => write!(f, "unknown module argument `{word}`"),
        }
    }
}

impl std::error::Error for ArgumentError {}

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(90);
const MAX_ARGUMENTS: usize = 32;
const MAX_QUOTED: usize = 120;
/// `sockaddr_un.sun_path` with its terminating zero.
const MAX_SOCKET_PATH: usize = 107;
const MAX_TIMEOUT_SECONDS: u32 = 600;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(line: &str) -> Result<Arguments, ArgumentError> {
        let words: Vec<&[u8]> = line.split_ascii_whitespace().map(str::as_bytes).collect();
        Arguments::parse(&words)
    }

    #[test]
    fn a_bare_line_asks_root_at_the_usual_place() {
        let expected = Arguments {
            compose: false,
            first_door: FirstDoorArgument::System,
            peer_uid: 0,
            quiet: false,
            socket: "/run/sallyport/login.sock".into(),
            timeout: Duration::from_secs(90),
        };
        assert_eq!(parse(""), Ok(expected));
    }

    #[test]
    fn every_argument_is_read() {
        let expected = Arguments {
            compose: false,
            first_door: FirstDoorArgument::Agent,
            peer_uid: 1000,
            quiet: true,
            socket: "/a=b/s".into(),
            timeout: Duration::from_secs(600),
        };
        assert_eq!(parse("quiet timeout=600 socket=/a=b/s peer_uid=1000 first_door=agent"), Ok(expected));
        let composing = Arguments { compose: true, ..parse("timeout=5").unwrap() };
        assert_eq!(parse("compose timeout=5"), Ok(composing));
    }

    #[test]
    fn a_line_decides_or_composes() {
        for line in ["compose first_door=system", "first_door=agent quiet compose"] {
            assert_eq!(parse(line), Err(ArgumentError::Both), "{line}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for line in [
            "debug",
            "QUIET",
            "try_first_pass",
            "compose=yes",
            "Compose",
            "first_door",
            "socket",
            "quiet=yes",
            "=",
            "quiet=",
            " x=",
        ] {
            assert!(matches!(parse(line), Err(ArgumentError::Unknown(_))), "{line}");
        }
        for line in [
            "first_door=",
            "first_door=System",
            "first_door=none",
            "peer_uid=-1",
            "peer_uid=+1",
            "peer_uid=",
            "peer_uid=4294967296",
            "socket=",
            "socket=run/x",
            "timeout=0",
            "timeout=601",
            "timeout=1.5",
            "timeout=",
        ] {
            assert!(matches!(parse(line), Err(ArgumentError::BadValue(_))), "{line}");
        }
        let long = format!("socket=/{}", "x".repeat(107));
        assert!(matches!(parse(&long), Err(ArgumentError::BadValue(_))));
        assert!(matches!(parse(&"quiet ".repeat(33)), Err(ArgumentError::TooMany(33))));
    }

    #[test]
    fn what_is_said_twice_is_refused_even_if_it_agrees() {
        for line in ["first_door=system first_door=agent", "quiet quiet", "timeout=5 timeout=5"] {
            assert!(matches!(parse(line), Err(ArgumentError::Repeated(_))), "{line}");
        }
    }

    #[test]
    fn errors_stay_on_one_short_line() {
        let error = Arguments::parse(&[&[b'\n'; 500]]).unwrap_err().to_string();
        assert!(error.starts_with("unknown module argument `\\n\\n") && error.len() < 200, "{error}");
    }

    proptest! {
        #[test]
        fn random_words_never_panic(words in any::<Vec<Vec<u8>>>()) {
            let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
            prop_assert!(words.is_empty() || Arguments::parse(&words).is_err());
        }
    }
}
