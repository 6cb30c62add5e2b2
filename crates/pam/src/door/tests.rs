use std::{
    cell::Cell,
    fs::{self, Permissions},
    os::unix::{fs::PermissionsExt, net::UnixListener},
    rc::Rc,
};

use tempfile::TempDir;

use super::*;

/// A private directory with a listener in it, and arguments that fit.
fn place() -> (TempDir, UnixListener, Arguments) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let own_uid = directory.path().metadata().unwrap().uid();
    let mut arguments = Arguments::parse(&[]).unwrap();
    arguments.socket = path;
    arguments.peer_uid = own_uid;
    (directory, listener, arguments)
}

/// A clock that stands still until it is moved.
fn clock() -> (impl Fn() -> Instant, impl Fn(u64)) {
    let start = Instant::now();
    let passed = Rc::new(Cell::new(0));
    let shared = Rc::clone(&passed);
    (move || start + Duration::from_secs(shared.get()), move |seconds| passed.set(passed.get() + seconds))
}

fn fails_to_open(arguments: &Arguments) -> DoorError {
    Door::open(arguments, Instant::now).err().expect("the door must stay shut")
}

#[test]
fn the_right_peer_in_a_private_directory_is_reached() {
    let (_directory, listener, arguments) = place();
    let mut door = Door::open(&arguments, Instant::now).unwrap();
    let (mut agent, _) = listener.accept().unwrap();
    door.write_all(b"hi").unwrap();
    door.flush().unwrap();
    let mut heard = [0; 2];
    agent.read_exact(&mut heard).unwrap();
    agent.write_all(&heard).unwrap();
    let mut echo = [0; 2];
    door.read_exact(&mut echo).unwrap();
    assert_eq!(&echo, b"hi");
}

#[test]
fn a_peer_of_another_user_hears_nothing() {
    let (directory, listener, mut arguments) = place();
    let own_uid = arguments.peer_uid;
    arguments.peer_uid = own_uid + 1;
    if own_uid == 0 {
        assert!(
            matches!(fails_to_open(&arguments), DoorError::Peer { expected: 1, found: 0 }),
            "a directory of root is trusted, its listener is not"
        );
        let (mut agent, _) = listener.accept().unwrap();
        assert_eq!(agent.read(&mut [0; 9]).unwrap(), 0);
    } else {
        assert!(matches!(fails_to_open(&arguments), DoorError::Directory(path) if path == directory.path()));
    }
}

#[test]
fn a_directory_that_others_can_write_to_is_refused() {
    let (directory, _listener, arguments) = place();
    for mode in [0o720, 0o702, 0o1777] {
        fs::set_permissions(directory.path(), Permissions::from_mode(mode)).unwrap();
        assert!(matches!(fails_to_open(&arguments), DoorError::Directory(_)), "{mode:o}");
    }
}

#[test]
fn links_and_other_files_are_no_sockets() {
    let (directory, _listener, mut arguments) = place();
    let real = arguments.socket.clone();
    arguments.socket = directory.path().join("link");
    std::os::unix::fs::symlink(&real, &arguments.socket).unwrap();
    assert!(matches!(fails_to_open(&arguments), DoorError::NotASocket(_)));
    arguments.socket = directory.path().join("file");
    fs::write(&arguments.socket, "").unwrap();
    assert!(matches!(fails_to_open(&arguments), DoorError::NotASocket(_)));

    let other = tempfile::tempdir().unwrap();
    let linked = other.path().join("directory");
    std::os::unix::fs::symlink(directory.path(), &linked).unwrap();
    arguments.socket = linked.join("s");
    assert!(matches!(fails_to_open(&arguments), DoorError::Directory(_)));
}

#[test]
fn an_absent_or_abandoned_socket_is_named() {
    let (directory, listener, mut arguments) = place();
    drop(listener);
    assert!(matches!(fails_to_open(&arguments), DoorError::Connect(..)));
    arguments.socket = directory.path().join("absent");
    let line = fails_to_open(&arguments).to_string();
    assert!(line.contains("absent\": No such file or directory"), "{line}");
    arguments.socket = directory.path().join("a\nb").join("c");
    assert!(!fails_to_open(&arguments).to_string().contains('\n'));
}

#[test]
fn a_listener_whose_queue_is_full_does_not_hold_the_login() {
    let (_directory, listener, mut arguments) = place();
    arguments.timeout = Duration::from_secs(1);
    // The listener accepts nobody, and no more than this fit into its queue.
    let mut waiting = Vec::new();
    let refused = loop {
        match Door::open(&arguments, Instant::now) {
            Ok(door) => waiting.push(door),
            Err(error) => break error,
        }
        assert!(waiting.len() < 10_000, "the queue never fills");
    };
    assert!(matches!(refused, DoorError::Connect(..)), "{refused}");
    drop(listener);
}

#[test]
fn the_first_word_must_come_early_and_trickling_wins_no_time() {
    let (_directory, listener, arguments) = place();
    let (now, pass) = clock();
    let mut door = Door::open(&arguments, &now).unwrap();
    let (mut agent, _) = listener.accept().unwrap();
    agent.write_all(&[1, 2, 3, 4]).unwrap();
    pass(14);
    door.flush().unwrap();
    let mut byte = [0];
    door.read_exact(&mut byte).unwrap();
    for _ in 0..2 {
        pass(44);
        door.read_exact(&mut byte).unwrap();
    }
    pass(2);
    assert_eq!(door.read(&mut byte).unwrap_err().kind(), io::ErrorKind::TimedOut);
}

#[test]
fn silence_is_over_after_15_seconds() {
    let (_directory, listener, arguments) = place();
    let (now, pass) = clock();
    let mut door = Door::open(&arguments, &now).unwrap();
    let (mut agent, _) = listener.accept().unwrap();
    agent.write_all(&[1]).unwrap();
    pass(15);
    assert_eq!(door.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::TimedOut);
    assert_eq!(door.write(&[0]).unwrap_err().kind(), io::ErrorKind::TimedOut);
}

#[test]
fn the_time_a_person_takes_is_not_the_agents() {
    let (_directory, listener, arguments) = place();
    let (now, pass) = clock();
    let mut door = Door::open(&arguments, &now).unwrap();
    let (mut agent, _) = listener.accept().unwrap();
    agent.write_all(&[1, 2]).unwrap();
    let mut byte = [0];
    door.read_exact(&mut byte).unwrap();
    pass(80);
    door.write_all(b"answer").unwrap();
    door.flush().unwrap();
    pass(80);
    door.read_exact(&mut byte).unwrap();
}

#[test]
fn the_socket_timeout_itself_is_in_force() {
    let (_directory, listener, mut arguments) = place();
    arguments.timeout = Duration::from_millis(20);
    let start = Instant::now();
    let mut door = Door::open(&arguments, || start).unwrap();
    let _agent = listener.accept().unwrap();
    assert_eq!(door.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::TimedOut);
}

#[test]
fn writing_to_a_peer_that_is_gone_is_an_error_and_no_signal() {
    let (_directory, listener, arguments) = place();
    let mut door = Door::open(&arguments, Instant::now).unwrap();
    drop(listener.accept().unwrap());
    assert_eq!(door.write(b"x").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}
