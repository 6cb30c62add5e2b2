//! The socket that login shims come to. Root alone may connect and is answered: programs that log people in run as
//! root, and who is at the other end the kernel says.
//!
//! A connection takes a place until it has said what it wants, and that is a matter of seconds. How many logins may
//! then wait for people, in all and of one account, the core decides; what needs nobody is answered in any case.

use std::{
    fs, io,
    os::unix::{
        fs::PermissionsExt as _,
        net::{UnixListener, UnixStream},
    },
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use data_encoding::HEXLOWER;
use sallyport_api::agent::{LoginBegin, LoginFirstDoor};
use sallyport_crypto::{SystemRandom, random};
use sallyport_ipc::login::{AgentMessage, FirstDoor, ShimMessage, VERSION, Verdict};

use super::event::{Event, thread};
use crate::{core::Standing, durable, log, paths::Paths, platform, standalone};

/// Connections that have not said yet what they want.
const MOST: usize = 256;
/// For the opening, which a program sends at once.
const OPENING: Duration = Duration::from_secs(10);
/// For an answer, which a person types; beyond the core's own patience.
const ANSWER: Duration = Duration::from_secs(200);
/// For the core's next word.
const WORD: Duration = Duration::from_secs(240);
const LONGEST_FIELD: usize = 256;

pub(super) fn listen(paths: &Paths, events: mpsc::SyncSender<Event>) -> io::Result<()> {
    let socket = paths.login_socket();
    durable::remove(&socket)?;
    let listener = UnixListener::bind(&socket)?;
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o600))?;
    let paths = paths.clone();
    thread("login-socket", move || {
        let open = Arc::new(AtomicUsize::new(0));
        for stream in listener.incoming() {
            match stream {
                Ok(stream) => admit(stream, &open, &paths, &events),
                Err(error) => log::warn(format_args!("login socket: {error}")),
            }
        }
    })
}

/// A place among the connections that have said nothing yet, given back when dropped.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn admit(stream: UnixStream, open: &Arc<AtomicUsize>, paths: &Paths, events: &mpsc::SyncSender<Event>) {
    let before = open.fetch_add(1, Ordering::Relaxed);
    let place = Place(Arc::clone(open));
    if before >= MOST {
        log::warn(format_args!("login: too many at once"));
        return;
    }
    let (paths, events) = (paths.clone(), events.clone());
    let started = thread("login", move || {
        if let Err(error) = serve(stream, place, &paths, &events) {
            log::warn(format_args!("login: {error}"));
        }
    });
    if let Err(error) = started {
        log::warn(format_args!("login: {error}"));
    }
}

#[derive(Debug, thiserror::Error)]
enum DoorError {
    #[error(transparent)]
    Ipc(#[from] sallyport_ipc::IpcError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("the agent is ending")]
    Ending,
    #[error("no randomness")]
    NoRandomness,
}

fn serve(
    mut stream: UnixStream,
    place: Place,
    paths: &Paths,
    events: &mpsc::SyncSender<Event>,
) -> Result<(), DoorError> {
    stream.set_read_timeout(Some(OPENING))?;
    stream.set_write_timeout(Some(OPENING))?;
    if !is_root(&stream) {
        log::warn(format_args!("login: refused a program that is not root's"));
        return done(&mut stream, Verdict::Deny);
    }
    let opening = ShimMessage::read(&mut stream)?;
    drop(place);
    match opening {
        ShimMessage::Account { version: VERSION, service, user } => {
            let verdict = account(&user, paths);
            log::info(format_args!("login: account {user} at {service}: {verdict:?}"));
            done(&mut stream, verdict)
        }
        opening @ ShimMessage::Begin { version: VERSION, .. } => {
            stream.set_read_timeout(Some(ANSWER))?;
            converse(&mut stream, opening, paths, events)
        }
        ShimMessage::Whose { version: VERSION, user } => {
            let ours = platform::accounts::is_active(&user, paths);
            done(&mut stream, if ours { Verdict::Allow } else { Verdict::Exempt })
        }
        ShimMessage::Account { .. } | ShimMessage::Begin { .. } | ShimMessage::Whose { .. } => {
            log::warn(format_args!("login: a shim of another version"));
            done(&mut stream, Verdict::Deny)
        }
        ShimMessage::Answer { .. } | ShimMessage::Cancel => done(&mut stream, Verdict::Deny),
    }
}

/// Whether root is at the other end. Tests are run by somebody else, who then is the one to be answered.
fn is_root(stream: &UnixStream) -> bool {
    #[cfg(target_os = "linux")]
    let peer = rustix::net::sockopt::socket_peercred(stream).ok().map(|peer| peer.uid);
    #[cfg(not(target_os = "linux"))]
    let peer: Option<rustix::process::Uid> = None;
    let _ = stream;
    peer.is_some_and(|uid| uid.is_root() || uid == rustix::process::geteuid())
}

fn account(user: &str, paths: &Paths) -> Verdict {
    match platform::accounts::standing(user, paths) {
        Standing::Active => Verdict::Allow,
        Standing::Local => Verdict::Exempt,
        Standing::Locked | Standing::Unknown => Verdict::Deny,
    }
}

/// Who is asked for the second door. A machine that asks a service by itself asks people whom no directory brought.
fn standing(user: &str, paths: &Paths) -> Standing {
    match platform::accounts::standing(user, paths) {
        Standing::Local if standalone::is_active(paths) => platform::scope::standing(user, paths),
        standing @ (Standing::Active | Standing::Local | Standing::Locked | Standing::Unknown) => standing,
    }
}

/// Whether somebody who wrote a stack tries it. Root alone can make the service; and it opens nothing but itself.
#[cfg(target_os = "linux")]
fn is_rehearsal(user: &str, service: &str) -> bool {
    user == "root" && service == platform::login::rehearsal::SERVICE
}

#[cfg(not(target_os = "linux"))]
const fn is_rehearsal(_user: &str, _service: &str) -> bool {
    false
}

fn converse(
    stream: &mut UnixStream,
    opening: ShimMessage,
    paths: &Paths,
    events: &mpsc::SyncSender<Event>,
) -> Result<(), DoorError> {
    let id = random::bytes::<32>(&SystemRandom::new()).map_err(|_| DoorError::NoRandomness)?;
    let conversation = HEXLOWER.encode(&id);
    let Some((begin, prompts)) = begin(&conversation, opening) else {
        return done(stream, Verdict::Deny);
    };
    let (user, service) = (begin.user.clone(), begin.service.clone());
    let standing = if is_rehearsal(&user, &service) { Standing::Local } else { standing(&user, paths) };
    let (door, words) = mpsc::channel();
    let opened = Event::LoginOpened { begin, standing, prompts, door };
    events.send(opened).map_err(|_| DoorError::Ending)?;
    let outcome = relay(stream, &conversation, &words, events);
    if let Ok(verdict) = &outcome {
        log::info(format_args!("login: {user} at {service}: {verdict:?}"));
    } else {
        let _ = events.send(Event::LoginGone { conversation });
    }
    outcome.map(|_| ())
}

fn begin(conversation: &str, opening: ShimMessage) -> Option<(LoginBegin, bool)> {
    let ShimMessage::Begin { service, user, remote_host, first_door, prompts, .. } = opening else {
        return None;
    };
    let fits = [&service, &user, &remote_host].iter().all(|field| field.len() <= LONGEST_FIELD);
    let first_door = match first_door {
        FirstDoor::Vouched { by } => LoginFirstDoor::Vouched { by },
        FirstDoor::Password { password } => LoginFirstDoor::Password { password },
    };
    let begin = LoginBegin {
        conversation: conversation.to_owned(),
        user,
        service,
        remote_host: (!remote_host.is_empty()).then_some(remote_host),
        first_door,
    };
    fits.then_some((begin, prompts))
}

/// Carries words to the shim and answers back, until the verdict.
fn relay(
    stream: &mut UnixStream,
    conversation: &str,
    words: &mpsc::Receiver<AgentMessage>,
    events: &mpsc::SyncSender<Event>,
) -> Result<Verdict, DoorError> {
    loop {
        let word = words.recv_timeout(WORD).map_err(|_| DoorError::Ending)?;
        word.write(stream)?;
        match word {
            AgentMessage::Done { verdict } => return Ok(verdict),
            AgentMessage::Inform { .. } | AgentMessage::Warn { .. } => {}
            AgentMessage::Prompt { .. } => match ShimMessage::read(stream)? {
                ShimMessage::Answer { text } => {
                    let conversation = conversation.to_owned();
                    let answered = Event::LoginAnswered { conversation, text };
                    events.send(answered).map_err(|_| DoorError::Ending)?;
                }
                ShimMessage::Cancel
                | ShimMessage::Account { .. }
                | ShimMessage::Begin { .. }
                | ShimMessage::Whose { .. } => {
                    return Err(sallyport_ipc::IpcError::Cancelled.into());
                }
            },
        }
    }
}

fn done(stream: &mut UnixStream, verdict: Verdict) -> Result<(), DoorError> {
    Ok(AgentMessage::Done { verdict }.write(stream)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connect(paths: &Paths, opening: &ShimMessage) -> UnixStream {
        let mut stream = UnixStream::connect(paths.login_socket()).unwrap();
        opening.write(&mut stream).unwrap();
        stream
    }

    fn begin() -> ShimMessage {
        ShimMessage::Begin {
            version: VERSION,
            service: "sudo".into(),
            user: "root".into(),
            tty: String::new(),
            remote_host: String::new(),
            remote_user: String::new(),
            first_door: FirstDoor::Vouched { by: "pam_unix".into() },
            prompts: true,
        }
    }

    /// A machine with root on it, and what the core would hear.
    fn machine() -> (tempfile::TempDir, Paths, mpsc::Receiver<Event>) {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path());
        fs::create_dir_all(paths.run_dir()).unwrap();
        fs::create_dir_all(paths.pam_dir()).unwrap();
        fs::write(paths.passwd(), "root:x:0:0::/root:/bin/sh\n").unwrap();
        let (events, inbox) = mpsc::sync_channel(8);
        listen(&paths, events).unwrap();
        (dir, paths, inbox)
    }

    fn account() -> ShimMessage {
        ShimMessage::Account { version: VERSION, service: "sudo".into(), user: "root".into() }
    }

    #[test]
    fn logins_that_wait_for_people_keep_nobody_out() {
        let (_dir, paths, inbox) = machine();
        let mode = fs::metadata(paths.login_socket()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        // More than there are places, all waiting for a word of the core.
        let mut waiting = Vec::new();
        for _ in 0..MOST + 8 {
            let stream = connect(&paths, &begin());
            waiting.push((stream, inbox.recv().unwrap()));
        }
        let mut stream = connect(&paths, &account());
        let answer = AgentMessage::read(&mut stream).unwrap();
        assert_eq!(answer, AgentMessage::Done { verdict: Verdict::Exempt });
        for user in ["root", "nobody-at-all"] {
            let mut stream = connect(&paths, &ShimMessage::Whose { version: VERSION, user: user.into() });
            let answer = AgentMessage::read(&mut stream).unwrap();
            assert_eq!(answer, AgentMessage::Done { verdict: Verdict::Exempt }, "{user}");
        }
    }

    /// The kernel says who is at the other end, for each thread by itself, and from a thread that gave up root there
    /// is no way back. Nothing in a message has a say, and nothing of it reaches the core.
    #[cfg(target_os = "linux")]
    #[test]
    fn whoever_is_not_root_is_not_heard_whatever_the_socket_lets_through() {
        use std::{path::Path, thread};

        use rustix::process::Uid;

        if !rustix::process::geteuid().is_root() {
            eprintln!("SKIPPED: only root can be somebody else");
            return;
        }
        let (dir, paths, inbox) = machine();
        let open_to_all =
            |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        let mut path = paths.run_dir();
        while path.starts_with(dir.path()) {
            open_to_all(&path, 0o755);
            path.pop();
        }
        let somebody = |uid: u32, attempt: &(dyn Fn() + Sync)| {
            thread::scope(|scope| {
                let attempt = scope.spawn(move || {
                    let uid = Uid::from_raw(uid);
                    rustix::thread::set_thread_res_uid(uid, uid, uid).unwrap();
                    attempt();
                });
                attempt.join().unwrap();
            });
        };
        // The agent's own network half among them: its account is an ordinary one.
        for uid in [1000, 65534] {
            somebody(uid, &|| {
                let refused = UnixStream::connect(paths.login_socket()).unwrap_err();
                assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
            });
        }
        open_to_all(&paths.login_socket(), 0o666);
        let denied = AgentMessage::Done { verdict: Verdict::Deny };
        for uid in [1000, 65534] {
            somebody(uid, &|| {
                let mut stream = UnixStream::connect(paths.login_socket()).unwrap();
                assert_eq!(AgentMessage::read(&mut stream).unwrap(), denied, "{uid}");
                for opening in [begin(), account()] {
                    let mut stream = UnixStream::connect(paths.login_socket()).unwrap();
                    stream.set_read_timeout(Some(OPENING)).unwrap();
                    // Nobody listens, and what is said to somebody who hung up may cost the answer as well.
                    let _ = opening.write(&mut stream);
                    let answer = AgentMessage::read(&mut stream);
                    assert!(answer.as_ref().map_or(true, |answer| *answer == denied), "{uid}: {answer:?}");
                }
            });
            assert!(inbox.try_recv().is_err(), "{uid}");
        }
        somebody(0, &|| {
            let mut stream = connect(&paths, &account());
            let answer = AgentMessage::read(&mut stream).unwrap();
            assert_eq!(answer, AgentMessage::Done { verdict: Verdict::Exempt });
        });
    }
}
