//! Logins at a machine that is not enrolled: for each one a network half of its own asks the service.

use std::{
    collections::BTreeMap,
    io,
    net::Shutdown,
    os::unix::net::UnixStream,
    process::{Child, Stdio},
    sync::mpsc,
    time::Duration,
};

use sallyport_api::agent::{AgentMessage, LoginBegin, LoginFirstDoor};
use sallyport_ipc::{frame, wipe_bytes};

use super::event::{Event, thread};
use crate::{
    child::{self, Task},
    half::{AUTH_API_FRAME, AuthApiLogin, AuthApiRequest, AuthApiWord, Service},
    log,
    paths::Paths,
    platform,
    standalone::Config,
};

/// A network half that does not take an answer for so long is done.
const PATIENCE: Duration = Duration::from_secs(5);

/// The logins that are being asked for.
pub(super) struct Askers {
    open: BTreeMap<String, Asker>,
    paths: Paths,
    events: mpsc::SyncSender<Event>,
}

/// The line to the network half of one login. Without it that one ends.
struct Asker(UnixStream);

impl Drop for Asker {
    fn drop(&mut self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

impl Askers {
    pub(super) fn new(paths: &Paths, events: &mpsc::SyncSender<Event>) -> Self {
        Self { open: BTreeMap::new(), paths: paths.clone(), events: events.clone() }
    }

    /// Does what a server would do with `message`. What cannot even be begun is told at once.
    pub(super) fn send(&mut self, message: AgentMessage) -> Option<(String, AuthApiWord)> {
        match message {
            AgentMessage::LoginBegin(begin) => {
                let conversation = begin.conversation.clone();
                match self.start(begin) {
                    Ok(asker) => {
                        self.open.insert(conversation, asker);
                        None
                    }
                    Err(reason) => Some((conversation, AuthApiWord::Unavailable { reason })),
                }
            }
            AgentMessage::LoginAnswer { conversation, text } => {
                let mut text = text.into_bytes();
                if let Some(asker) = self.open.get_mut(&conversation) {
                    // One that is gone says so by itself.
                    let _ = frame::write(&mut asker.0, &text, AUTH_API_FRAME);
                }
                wipe_bytes(&mut text);
                None
            }
            AgentMessage::LoginCancel { conversation } => {
                self.end(&conversation);
                None
            }
            AgentMessage::Contact(_)
            | AgentMessage::Hello { .. }
            | AgentMessage::Inventory(_)
            | AgentMessage::Report(_)
            | AgentMessage::RunEvent(_) => None,
        }
    }

    pub(super) fn end(&mut self, conversation: &str) {
        self.open.remove(conversation);
    }

    fn start(&self, begin: LoginBegin) -> Result<Asker, String> {
        match begin.first_door {
            LoginFirstDoor::Vouched { .. } => {}
            LoginFirstDoor::Password { .. } => {
                return Err("the Auth API knows no passwords; `first_door=system` is needed here".to_owned());
            }
        }
        let config = Config::load(&self.paths).map_err(|error| error.to_string())?;
        let login = AuthApiLogin {
            user: begin.user,
            host_name: platform::inventory::host_name(&self.paths),
            remote_host: begin.remote_host,
            prompts: config.prompts,
            auto_push: config.auto_push,
        };
        let authorities = config.authorities().map_err(|error| error.to_string())?;
        let request = AuthApiRequest::Login { service: service(&config, authorities)?, login };
        let (child, stream) = start(&request, &self.paths).map_err(|error| error.to_string())?;
        let reading = stream.try_clone().map_err(|error| error.to_string())?;
        let (conversation, events) = (begin.conversation, self.events.clone());
        thread("auth-api", move || relay(&conversation, reading, child, &events))
            .map_err(|error| error.to_string())?;
        Ok(Asker(stream))
    }
}

/// What the network half needs to know of the service.
fn service(config: &Config, authorities: Option<String>) -> Result<Service, String> {
    Ok(Service {
        address: config.address()?.to_string(),
        ikey: config.ikey.clone(),
        skey: config.skey.expose().to_owned(),
        ca: authorities,
    })
}

/// Whether the service is there and takes the keys, in a word.
///
/// # Errors
/// There is no word.
pub(crate) fn check(
    config: &Config,
    authorities: Option<String>,
    paths: &Paths,
) -> Result<AuthApiWord, String> {
    let request = AuthApiRequest::Check { service: service(config, authorities)? };
    let (child, mut stream) = start(&request, paths).map_err(|error| error.to_string())?;
    let word = read(&mut stream);
    reap(child);
    word.ok_or_else(|| "the network half ended without an answer".to_owned())
}

fn start(request: &AuthApiRequest, paths: &Paths) -> io::Result<(Child, UnixStream)> {
    let (child, mut stream) = child::start(Task::AuthApi, paths, Stdio::null())?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut bytes = serde_json::to_vec(request)?;
    let written = frame::write(&mut stream, &bytes, AUTH_API_FRAME);
    wipe_bytes(&mut bytes);
    if let Err(error) = written {
        reap(child);
        return Err(io::Error::other(error.to_string()));
    }
    Ok((child, stream))
}

fn read(stream: &mut UnixStream) -> Option<AuthApiWord> {
    let bytes = frame::read(stream, AUTH_API_FRAME).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Hands on what the network half says until its last word, and owns up to a last word that never came.
fn relay(conversation: &str, mut stream: UnixStream, child: Child, events: &mpsc::SyncSender<Event>) {
    loop {
        let word = read(&mut stream).unwrap_or_else(|| AuthApiWord::Unavailable {
            reason: "the program that asks the service ended without an answer".to_owned(),
        });
        let is_last = matches!(word, AuthApiWord::Decided { .. } | AuthApiWord::Unavailable { .. });
        let told = events.send(Event::AuthApi { conversation: conversation.to_owned(), word });
        if is_last || told.is_err() {
            break;
        }
    }
    reap(child);
}

fn reap(mut child: Child) {
    let _ = child.kill();
    if let Err(error) = child.wait() {
        log::warn(format_args!("a network half cannot be waited for: {error}"));
    }
}
