//! One call of the module from its arguments to its code, without a line of C.
//!
//! Everything the opening needs is gathered before the agent is called, so that the agent never waits for somebody
//! typing a password, and so that nothing is sent for a login that is refused anyway.

use std::{
    fmt,
    io::{Read, Write},
};

use sallyport_ipc::{
    IpcError,
    login::{Conversation, FirstDoor, ShimMessage, VERSION, Verdict, try_converse},
    wipe_bytes,
};

use crate::{
    arguments::{ArgumentError, Arguments, FirstDoorArgument},
    compose,
    door::DoorError,
    handle::{Handle, Item, PamError, Priority, Tone},
    outcome::{Code, Stage},
    panics,
};

/// What libpam called us with.
pub(crate) struct Call<'a> {
    pub(crate) stage: Stage,
    pub(crate) words: &'a [&'a [u8]],
    /// The application set `PAM_SILENT`.
    pub(crate) silent: bool,
}

/// Runs the call to its code. Panics are the caller's to contain.
pub(crate) fn run<H: Handle, S: Read + Write>(
    call: &Call<'_>,
    handle: &mut H,
    connect: impl FnOnce(&Arguments) -> Result<S, DoorError>,
) -> Code {
    let arguments = Arguments::parse(call.words);
    if let Some(arguments) = arguments.as_ref().ok().filter(|arguments| arguments.compose) {
        panics::swallowed(handle, |handle| compose::run(arguments, handle, connect));
        return Code::not_ours();
    }
    let quiet = arguments.as_ref().is_ok_and(|arguments| arguments.quiet);
    let mut screen = Screen { handle, silent: call.silent || quiet };
    let outcome = arguments
        .map_err(Refusal::from)
        .and_then(|arguments| decide(call.stage, &arguments, &mut screen, connect));
    report(&outcome, &mut screen);
    Code::of(call.stage, &outcome)
}

fn decide<H: Handle, S: Read + Write>(
    stage: Stage,
    arguments: &Arguments,
    screen: &mut Screen<'_, H>,
    connect: impl FnOnce(&Arguments) -> Result<S, DoorError>,
) -> Result<Verdict, Refusal> {
    let mut opening = opening(stage, arguments, screen.handle)?;
    let mut stream = match connect(arguments) {
        Ok(stream) => stream,
        Err(error) => {
            opening.wipe();
            return Err(error.into());
        }
    };
    Ok(try_converse(&mut stream, opening, screen)?)
}

fn opening(stage: Stage, arguments: &Arguments, handle: &mut impl Handle) -> Result<ShimMessage, Refusal> {
    let user = user(handle)?;
    let service = item("service", Item::Service, handle)?;
    match stage {
        Stage::Account => Ok(ShimMessage::Account { version: VERSION, service, user }),
        Stage::Authenticate => Ok(ShimMessage::Begin {
            version: VERSION,
            service,
            user,
            tty: item("terminal", Item::Tty, handle)?,
            remote_host: item("remote host", Item::RemoteHost, handle)?,
            remote_user: item("remote user", Item::RemoteUser, handle)?,
            prompts: handle.can_prompt(),
            // Last, so that no later refusal leaves the password behind.
            first_door: first_door(arguments.first_door, handle)?,
        }),
    }
}

pub(crate) fn user(handle: &mut impl Handle) -> Result<String, Refusal> {
    let user = field("user name", handle.user()?)?;
    if user.is_empty() { Err(Refusal::Field("user name")) } else { Ok(user) }
}

fn first_door(argument: FirstDoorArgument, handle: &mut impl Handle) -> Result<FirstDoor, Refusal> {
    match argument {
        FirstDoorArgument::Agent => {
            let password = secret(handle.password()?).filter(|password| !password.is_empty());
            Ok(FirstDoor::Password { password: password.ok_or(Refusal::Field("password"))? })
        }
        FirstDoorArgument::System => Ok(FirstDoor::Vouched { by: "pam_unix".to_owned() }),
    }
}

fn item(name: &'static str, item: Item, handle: &mut impl Handle) -> Result<String, Refusal> {
    field(name, handle.item(item)?.unwrap_or_default())
}

/// Names of people and places: short, UTF-8, and nothing that could end a line in somebody's log.
fn field(name: &'static str, bytes: Vec<u8>) -> Result<String, Refusal> {
    if bytes.len() > MAX_FIELD {
        return Err(Refusal::Field(name));
    }
    let text = String::from_utf8(bytes).map_err(|_| Refusal::Field(name))?;
    if text.chars().any(char::is_control) { Err(Refusal::Field(name)) } else { Ok(text) }
}

/// A password or an answer, in the buffer it came in; refused bytes are wiped.
pub(crate) fn secret(mut bytes: Vec<u8>) -> Option<String> {
    if bytes.len() > MAX_SECRET {
        wipe_bytes(&mut bytes);
        return None;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            wipe_bytes(&mut error.into_bytes());
            None
        }
    }
}

/// Says in the log why a login was refused, and to the person only if the reason lies with the machine. What the
/// agent has to say about its own refusals it has said.
fn report<H: Handle>(outcome: &Result<Verdict, Refusal>, screen: &mut Screen<'_, H>) {
    let (priority, line) = match outcome {
        Ok(Verdict::Allow | Verdict::Exempt) => return,
        Ok(Verdict::Deny) => (Priority::Notice, "denied: the agent refuses this login".to_owned()),
        Ok(Verdict::Unavailable) => (Priority::Notice, "denied: the agent cannot decide now".to_owned()),
        Err(refusal) => (refusal.priority(), format!("denied: {refusal}")),
    };
    screen.handle.log(priority, &line);
    if priority == Priority::Error {
        screen.show(Tone::Warn, OUT_OF_ORDER);
    }
}

/// The screen and keyboard behind a PAM conversation.
struct Screen<'a, H> {
    handle: &'a mut H,
    silent: bool,
}

impl<H: Handle> Screen<'_, H> {
    fn show(&mut self, tone: Tone, text: &str) {
        if !self.silent {
            self.handle.show(tone, text);
        }
    }
}

impl<H: Handle> Conversation for Screen<'_, H> {
    fn prompt(&mut self, echo: bool, text: &str) -> Option<String> {
        secret(self.handle.prompt(echo, text).ok()?)
    }

    fn inform(&mut self, text: &str) {
        self.show(Tone::Inform, text);
    }

    fn warn(&mut self, text: &str) {
        self.show(Tone::Warn, text);
    }
}

/// Why the shim itself refused, without asking the agent or without an answer from it.
#[derive(Debug)]
pub(crate) enum Refusal {
    Arguments(ArgumentError),
    Door(DoorError),
    /// A name or password that is missing, too long, or not text.
    Field(&'static str),
    Ipc(IpcError),
    Pam(PamError),
}

impl Refusal {
    fn priority(&self) -> Priority {
        match self {
            Self::Field(_) | Self::Ipc(IpcError::Cancelled) => Priority::Notice,
            Self::Arguments(_) | Self::Door(_) | Self::Ipc(_) | Self::Pam(_) => Priority::Error,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arguments(error) => error.fmt(f),
            Self::Door(error) => error.fmt(f),
            Self::Field(name) => write!(f, "the {name} is empty, too long or not printable text"),
            Self::Ipc(error) => write!(f, "the conversation with the agent failed: {error}"),
            Self::Pam(error) => error.fmt(f),
        }
    }
}

impl From<ArgumentError> for Refusal {
    fn from(error: ArgumentError) -> Self {
        Self::Arguments(error)
    }
}

impl From<DoorError> for Refusal {
    fn from(error: DoorError) -> Self {
        Self::Door(error)
    }
}

impl From<IpcError> for Refusal {
    fn from(error: IpcError) -> Self {
        Self::Ipc(error)
    }
}

impl From<PamError> for Refusal {
    fn from(error: PamError) -> Self {
        Self::Pam(error)
    }
}

const MAX_FIELD: usize = 256;
const MAX_SECRET: usize = 1024;
const OUT_OF_ORDER: &str = "Sallyport could not check this login, so it is refused.";

#[cfg(test)]
mod tests;
