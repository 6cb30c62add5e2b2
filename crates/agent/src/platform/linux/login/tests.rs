use std::{os::unix::net::UnixListener, thread};

use sallyport_ipc::login::{AgentMessage, ShimMessage, Verdict};

use super::*;

/// As Debian has them.
const FILES: [(&str, &str); 9] = [
    (
        "common-auth",
        "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth required pam_permit.so\n",
    ),
    ("common-account", "account required pam_unix.so\n"),
    ("chsh", "auth sufficient pam_rootok.so\n@include common-auth\n@include common-account\n"),
    ("passwd", "password required pam_unix.so\n"),
    ("runuser", "auth sufficient pam_rootok.so\nsession required pam_unix.so\n"),
    ("su", "auth sufficient pam_rootok.so\n@include common-auth\n@include common-account\n"),
    ("su-l", "auth include su\naccount include su\nsession include su\n"),
    ("sudo", "@include common-auth\n@include common-account\n"),
    ("sudo-i", "@include common-auth\n@include common-account\n"),
];

/// A machine with Debian's services and a module, and an agent that says of everybody that they are exempt.
fn machine() -> (tempfile::TempDir, Paths) {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::under(dir.path());
    durable::directory(&paths.state_dir(), 0o711).unwrap();
    fs::create_dir_all(paths.pam_dir()).unwrap();
    for (name, text) in FILES {
        fs::write(paths.pam_dir().join(name), text).unwrap();
    }
    let security = paths.library_dir().join("security");
    fs::create_dir_all(&security).unwrap();
    let head = fs::read("/proc/self/exe").unwrap()[..64].to_vec();
    durable::write(&security.join(MODULE), &head, 0o644).unwrap();
    fs::create_dir_all(paths.run_dir()).unwrap();
    let listener = UnixListener::bind(paths.login_socket()).unwrap();
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = ShimMessage::read(&mut stream);
            let _ = AgentMessage::Done { verdict: Verdict::Exempt }.write(&mut stream);
        }
    });
    (dir, paths)
}

fn desired(services: &[&str]) -> DesiredLogin {
    DesiredLogin {
        services: services.iter().map(|name| (*name).to_owned()).collect(),
        ..DesiredLogin::default()
    }
}

fn shown(services: &[String], paths: &Paths) -> Vec<(String, bool, bool)> {
    let status = status(services, paths).unwrap();
    status.into_iter().map(|status| (status.service, status.wanted, status.enabled)).collect()
}

#[test]
fn who_wants_sudo_and_su_gets_the_doors_of_a_login_shell_as_well() {
    let (_dir, paths) = machine();
    let desired = desired(&["sudo", "su"]);
    assert_eq!(state(&desired, &paths), ComponentState::Installed);
    assert_eq!(enable(&desired.services, &paths).unwrap(), ["sudo", "su", "sudo-i"]);
    assert!(fs::read_to_string(paths.pam_dir().join("sudo-i")).unwrap().contains(MODULE));
    // It includes su, and would ask twice.
    assert!(!fs::read_to_string(paths.pam_dir().join("su-l")).unwrap().contains(MODULE));
    assert_eq!(state(&desired, &paths), ComponentState::Enabled);
    let all: Vec<_> = ["su", "su-l", "sudo", "sudo-i"].map(|name| (name.to_owned(), true, true)).to_vec();
    assert_eq!(shown(&desired.services, &paths), [vec![("chsh".to_owned(), false, false)], all].concat());
}

#[test]
fn a_family_with_a_gap_is_not_enabled() {
    let gaps = [
        ("sudo-i", "@include common-auth\n@include common-account\n"),
        ("sudo-i", "auth include /elsewhere\n"),
        ("su-l", "@include common-auth\n@include common-account\n"),
        ("su-l", "auth sufficient pam_unix.so\nauth include su\naccount include su\n"),
    ];
    for (service, text) in gaps {
        let (_dir, paths) = machine();
        let desired = desired(&["sudo", "su"]);
        enable(&desired.services, &paths).unwrap();
        fs::write(paths.pam_dir().join(service), text).unwrap();
        assert_eq!(state(&desired, &paths), ComponentState::Installed, "{service} {text}");
        assert!(
            shown(&desired.services, &paths).contains(&(service.to_owned(), true, false)),
            "{service} {text}"
        );
    }
}

#[test]
fn the_door_of_a_login_shell_alone_gets_lines_of_its_own() {
    let (_dir, paths) = machine();
    assert_eq!(enable(&["su-l".to_owned()], &paths).unwrap(), ["su-l"]);
    assert!(fs::read_to_string(paths.pam_dir().join("su-l")).unwrap().contains(MODULE));
}

#[test]
fn an_include_that_cannot_be_read_is_no_empty_one() {
    let (_dir, paths) = machine();
    fs::create_dir(paths.pam_dir().join("a-folder")).unwrap();
    fs::write(paths.pam_dir().join("long"), "#".repeat(300 * 1024)).unwrap();
    for name in ["a-folder", "long", "missing", "with.dot", "../x", "/etc/pam.d/sudo"] {
        for line in [format!("@include {name}"), format!("auth include {name}")] {
            let text = format!("{line}\n@include common-auth\n@include common-account\n");
            fs::write(paths.pam_dir().join("sudo"), &text).unwrap();
            let refused = enable(&["sudo".to_owned()], &paths);
            assert!(
                matches!(&refused, Err(PlatformError::Refused(why)) if why.contains(name)),
                "{line} {refused:?}"
            );
            assert_eq!(fs::read_to_string(paths.pam_dir().join("sudo")).unwrap(), text);
        }
    }
}
