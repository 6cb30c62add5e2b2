//! What the threads of the privileged half tell the driver.

use std::{io, sync::mpsc, thread};

use sallyport_api::agent::{Inventory, LoginBegin, Report, Stream};
use sallyport_ipc::{half::Frame, login::AgentMessage};
use sallyport_model::id::RunId;

use super::link::Ended;
use crate::{
    core::{Ending, Standing},
    half::AuthApiWord,
};

#[cfg_attr(not(unix), expect(dead_code, reason = "nobody comes to the door, and signals are not caught"))]
pub(super) enum Event {
    Applied(Report),
    /// A network half that asks for the second door said something.
    AuthApi {
        conversation: String,
        word: AuthApiWord,
    },
    Inventory(Box<Inventory>),
    /// From the network half of this generation.
    Link {
        generation: u64,
        what: LinkEvent,
    },
    /// Somebody changed something: look again.
    LookAgain,
    LoginAnswered {
        conversation: String,
        text: String,
    },
    LoginGone {
        conversation: String,
    },
    LoginOpened {
        begin: LoginBegin,
        standing: Standing,
        prompts: bool,
        door: mpsc::Sender<AgentMessage>,
    },
    RunEnded {
        run: RunId,
        ending: Ending,
    },
    RunOutput {
        run: RunId,
        stream: Stream,
        bytes: Vec<u8>,
    },
    RunStarted {
        run: RunId,
        stopper: crate::platform::commands::Stopper,
    },
    Stop,
}

pub(super) enum LinkEvent {
    Frame(Frame),
    Gone(Ended),
}

/// A thread with little stack: there are some, and they do little.
pub(super) fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    const STACK: usize = 256 * 1024;
    thread::Builder::new().name(name.to_owned()).stack_size(STACK).spawn(work).map(|_| ())
}
