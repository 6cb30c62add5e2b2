//! What the flow needs of PAM, so that it runs against a scripted fake as well as inside a login process.

use std::fmt;

/// The items that tell the agent where a login comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item {
    RemoteHost,
    RemoteUser,
    Service,
    Tty,
}

/// How a text without an answer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Inform,
    Warn,
}

/// How loud a line in the system log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Priority {
    /// Something is wrong with the machine or its configuration.
    Error,
    /// A login was refused as it should be.
    Notice,
}

/// A call of libpam that failed, with the code it returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PamError(pub(crate) i32);

/// One PAM transaction. Bytes come as PAM has them; judging them is up to the flow.
pub(crate) trait Handle {
    /// The user who logs in, asked for if the application does not know yet.
    fn user(&mut self) -> Result<Vec<u8>, PamError>;
    /// The password of this login, asked for if no module before us did.
    fn password(&mut self) -> Result<Vec<u8>, PamError>;
    /// Puts another in its place, for the modules behind us.
    fn set_password(&mut self, password: &[u8]) -> Result<(), PamError>;
    fn item(&mut self, item: Item) -> Result<Option<Vec<u8>>, PamError>;
    /// Whether the application brought a conversation function.
    fn can_prompt(&mut self) -> bool;
    /// Shows the text and returns what was answered.
    fn prompt(&mut self, echo: bool, text: &str) -> Result<Vec<u8>, PamError>;
    fn show(&mut self, tone: Tone, text: &str);
    fn log(&mut self, priority: Priority, line: &str);
}

impl fmt::Display for PamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "libpam answered {}", self.0)
    }
}

impl std::error::Error for PamError {}
