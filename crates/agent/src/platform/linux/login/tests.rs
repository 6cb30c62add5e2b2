use std::{collections::BTreeMap, os::unix::net::UnixListener, process::Command, thread};

use sallyport_ipc::login::{AgentMessage, ShimMessage, Verdict};
use sallyport_model::settings::SshKeys;

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
    write_module(COMPOSES, &paths);
    // A login that is always granted. It is written by another process: what a thread of this one has open for
    // writing cannot be run, and a process that another thread starts meanwhile has it open too.
    fs::create_dir_all(paths.pam_check().parent().unwrap()).unwrap();
    let mut install = Command::new("install");
    assert!(install.args(["-m", "0755", "/bin/true"]).arg(paths.pam_check()).status().unwrap().success());
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

/// A module of this machine with this name in it.
fn write_module(name: &[u8], paths: &Paths) {
    let head = fs::read("/proc/self/exe").unwrap()[..64].to_vec();
    let file = paths.library_dir().join("security").join(MODULE);
    durable::write(&file, &[&head, name, b"\0"].concat(), 0o644).unwrap();
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
    assert_eq!(enable(&desired, &paths).unwrap(), ["sudo", "su", "sudo-i"]);
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
        enable(&desired, &paths).unwrap();
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
    assert_eq!(enable(&desired(&["su-l"]), &paths).unwrap(), ["su-l"]);
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
            let refused = enable(&desired(&["sudo"]), &paths);
            assert!(
                matches!(&refused, Err(PlatformError::Refused(why)) if why.contains(name)),
                "{line} {refused:?}"
            );
            assert_eq!(fs::read_to_string(paths.pam_dir().join("sudo")).unwrap(), text);
        }
    }
}

fn text(service: &str, paths: &Paths) -> String {
    fs::read_to_string(paths.pam_dir().join(service)).unwrap()
}

/// The services that name the module.
fn asking(paths: &Paths) -> Vec<&'static str> {
    FILES.into_iter().map(|(name, _)| name).filter(|name| text(name, paths).contains(MODULE)).collect()
}

#[test]
fn where_the_component_stands_it_follows_what_is_wanted() {
    let (_dir, paths) = machine();
    // Rolling out is a command: nothing is enabled because a state would like it.
    assert!(!follow(&desired(&["sudo", "su"]), &paths).unwrap());
    assert!(asking(&paths).is_empty());

    enable(&desired(&["sudo"]), &paths).unwrap();
    assert_eq!(asking(&paths), ["sudo", "sudo-i"]);
    assert!(!follow(&desired(&["sudo"]), &paths).unwrap());
    assert!(follow(&desired(&["su"]), &paths).unwrap());
    assert_eq!(asking(&paths), ["su"]);
    for (name, original) in FILES.into_iter().filter(|(name, _)| *name != "su") {
        assert_eq!(text(name, &paths), original, "{name}");
    }
    assert_eq!(state(&desired(&["su"]), &paths), ComponentState::Enabled);

    disable(&paths).unwrap();
    assert!(!follow(&desired(&["su"]), &paths).unwrap());
    assert!(asking(&paths).is_empty());
}

#[test]
fn what_cannot_be_followed_leaves_everything_as_it_was_and_says_why() {
    let (_dir, paths) = machine();
    enable(&desired(&["sudo"]), &paths).unwrap();
    fs::write(paths.pam_dir().join("su"), "auth sufficient pam_unix.so\n@include common-account\n").unwrap();
    let before = (text("sudo", &paths), text("su", &paths));
    for (services, why) in [(["su"], "would go round"), (["nothing-here"], "none of the services exists")] {
        let refused = follow(&desired(&services), &paths).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
        assert_eq!((text("sudo", &paths), text("su", &paths)), before);
    }
    // Without an agent that answers nothing new is put in front of anybody.
    fs::remove_file(paths.login_socket()).unwrap();
    let refused = follow(&desired(&["chsh"]), &paths).unwrap_err().to_string();
    assert!(refused.contains("the agent does not answer"), "{refused}");
    assert_eq!(asking(&paths), ["sudo", "sudo-i"]);
}

#[test]
fn lines_of_an_administrator_are_not_taken_out() {
    let (_dir, paths) = machine();
    enable(&desired(&["sudo"]), &paths).unwrap();
    let own = format!("@include common-auth\nauth required {MODULE}\naccount required {MODULE}\n");
    fs::write(paths.pam_dir().join("chsh"), &own).unwrap();
    assert!(follow(&desired(&["su"]), &paths).unwrap());
    assert_eq!(text("chsh", &paths), own);
}

#[test]
fn a_door_with_lines_of_its_own_gives_them_up_when_the_one_it_leads_to_asks() {
    let (_dir, paths) = machine();
    enable(&desired(&["su-l"]), &paths).unwrap();
    assert!(follow(&desired(&["su"]), &paths).unwrap());
    assert_eq!(asking(&paths), ["su"]);
    assert_eq!(state(&desired(&["su"]), &paths), ComponentState::Enabled);
}

#[test]
fn the_ssh_server_is_told_what_a_key_is_worth_and_forgets_it_with_the_door() {
    let (_dir, paths) = machine();
    fs::write(paths.pam_dir().join("sshd"), "@include common-auth\n@include common-account\n").unwrap();
    fs::create_dir_all(paths.ssh_login_config().parent().unwrap()).unwrap();
    fs::write(paths.sshd_config(), "Include /etc/ssh/sshd_config.d/*.conf\n").unwrap();
    let methods = |paths: &Paths| {
        let config = fs::read_to_string(paths.ssh_login_config()).ok()?;
        let line = config.lines().find(|line| line.contains("AuthenticationMethods")).unwrap().trim();
        Some(line.strip_prefix("AuthenticationMethods ").unwrap().to_owned())
    };
    let with = |ssh_keys| DesiredLogin { ssh_keys, ..desired(&["sshd", "sudo"]) };
    enable(&with(SshKeys::KeyAndSecondDoor), &paths).unwrap();
    assert_eq!(methods(&paths).unwrap(), "keyboard-interactive publickey,keyboard-interactive");
    assert!(follow(&with(SshKeys::KeyAlone), &paths).unwrap());
    assert_eq!(methods(&paths).unwrap(), "keyboard-interactive publickey");
    assert!(!follow(&with(SshKeys::KeyAlone), &paths).unwrap());
    assert!(follow(&desired(&["sudo"]), &paths).unwrap());
    assert_eq!(methods(&paths), None);
}

#[test]
fn without_the_program_that_rehearses_nothing_is_changed() {
    let (_dir, paths) = machine();
    enable(&desired(&["sudo"]), &paths).unwrap();
    fs::remove_file(paths.pam_check()).unwrap();
    let before = login_files(&paths);
    let refusals =
        [enable(&desired(&["su"]), &paths).map(|_| ()), follow(&desired(&["su"]), &paths).map(|_| ())];
    for refusal in refusals {
        let why = refusal.unwrap_err().to_string();
        assert!(why.contains("pam-check is missing") && why.contains("sallyport-login"), "{why}");
    }
    assert_eq!(login_files(&paths), before);
    // Neither where nothing is to be changed, nor where people are to be let out again.
    assert!(!follow(&desired(&["sudo"]), &paths).unwrap());
    disable(&paths).unwrap();
    assert!(asking(&paths).is_empty());
}

/// Everything that decides about logins, and whatever else lies beside it.
fn login_files(paths: &Paths) -> BTreeMap<PathBuf, String> {
    let folders = [paths.pam_dir(), paths.ssh_login_config().parent().unwrap().to_owned()];
    let files = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    files
        .map(|file| file.unwrap().path())
        .map(|path| (path.clone(), fs::read_to_string(&path).unwrap()))
        .collect()
}

/// Those among them that are obeyed: libpam knows no service that begins with a dot, and sshd reads `*.conf`.
fn obeyed(files: &BTreeMap<PathBuf, String>) -> BTreeMap<&PathBuf, &String> {
    let hidden = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with('.');
    let copy = |path: &PathBuf| path.ends_with(rehearsal::SERVICE);
    files.iter().filter(|(path, _)| !hidden(path) && !copy(path)).collect()
}

/// A machine with an ssh server as well, where the component stands in front of these already.
fn machine_with_sshd(first: &[&str]) -> (tempfile::TempDir, Paths) {
    let (dir, paths) = machine();
    fs::write(paths.pam_dir().join("sshd"), "@include common-auth\n@include common-account\n").unwrap();
    fs::create_dir_all(paths.ssh_login_config().parent().unwrap()).unwrap();
    fs::write(paths.sshd_config(), "Include /etc/ssh/sshd_config.d/*.conf\n").unwrap();
    if !first.is_empty() {
        enable(&desired(first), &paths).unwrap();
    }
    (dir, paths)
}

/// While nobody has put it right each file is the old one or the new one, so people come in by one door or by two; once
/// somebody has, everything is as it was, also if they were killed at it before.
#[test]
fn killed_at_any_write_of_a_change_each_file_is_whole_and_the_next_start_brings_back_all() {
    type Deed = fn(&Paths);
    let deeds: [(&[&str], Deed); 3] = [
        (&[], |paths| drop(enable(&desired(&["sshd", "sudo", "su"]), paths).unwrap())),
        (&["sshd", "sudo"], |paths| assert!(follow(&desired(&["su"]), paths).unwrap())),
        (&["sshd", "sudo"], |paths| drop(disable(paths).unwrap())),
    ];
    for (first, deed) in deeds {
        let (_dir, paths) = machine_with_sshd(first);
        deed(&paths);
        let done: Vec<String> = login_files(&paths).into_values().collect();
        let mut points = 0;
        loop {
            let (_dir, paths) = machine_with_sshd(first);
            let before = login_files(&paths);
            if !durable::killing::at(points + 1, || deed(&paths)) {
                break;
            }
            points += 1;
            let cut_off = login_files(&paths);
            for (path, text) in obeyed(&cut_off) {
                assert!(before.get(path) == Some(text) || done.contains(text), "{} {text}", path.display());
            }
            for (name, _) in FILES {
                assert!(cut_off.contains_key(&paths.pam_dir().join(name)), "{name} is gone");
            }
            durable::killing::at(points, || assert!(recover(&paths).is_ok()));
            recover(&paths).unwrap();
            assert_eq!(login_files(&paths), before);
            assert!(!paths.login_pending().exists());
            // And nothing is in the way of trying again.
            deed(&paths);
            assert_eq!(login_files(&paths).into_values().collect::<Vec<_>>(), done);
        }
        assert!(points > 8, "{points}");
    }
}

/// The services with the line that composes.
fn composing(paths: &Paths) -> Vec<&'static str> {
    let composes = |name: &str| text(name, paths).contains("pam_sallyport.so compose");
    FILES.into_iter().map(|(name, _)| name).filter(|name| composes(name)).collect()
}

/// What an agent wrote that knew of no such line gets it, and an agent that went ahead of its module waits for that.
#[test]
fn the_line_that_composes_comes_with_a_module_that_knows_it() {
    let (_dir, paths) = machine();
    write_module(b"pam_sm_authenticate", &paths);
    enable(&desired(&["sudo", "su"]), &paths).unwrap();
    assert_eq!((asking(&paths).len(), composing(&paths).len()), (3, 0));
    let shown = |paths: &Paths| {
        let status = status(&["sudo".to_owned()], paths).unwrap();
        let sudo = status.into_iter().find(|status| status.service == "sudo").unwrap();
        (sudo.enabled, sudo.composed)
    };
    assert_eq!(shown(&paths), (true, false));
    let older = login_files(&paths);

    write_module(COMPOSES, &paths);
    assert!(follow(&desired(&["sudo", "su"]), &paths).unwrap());
    assert_eq!(composing(&paths), ["su", "sudo", "sudo-i"]);
    assert_eq!(shown(&paths), (true, true));
    assert_eq!(state(&desired(&["sudo", "su"]), &paths), ComponentState::Enabled);
    assert!(!follow(&desired(&["sudo", "su"]), &paths).unwrap());

    write_module(b"pam_sm_authenticate", &paths);
    assert!(follow(&desired(&["sudo", "su"]), &paths).unwrap());
    assert_eq!(login_files(&paths), older);
    disable(&paths).unwrap();
    for (name, original) in FILES {
        assert_eq!(text(name, &paths), original, "{name}");
    }
}

#[test]
fn where_there_is_no_directory_nothing_is_composed() {
    let (_dir, paths) = machine();
    standalone::save_marker(&standalone::Marker::default(), &paths).unwrap();
    enable(&desired(&["sudo"]), &paths).unwrap();
    assert_eq!((asking(&paths), composing(&paths)), (vec!["sudo", "sudo-i"], vec![]));
    // Enrolled, it has one.
    fs::write(paths.trust(), "{}").unwrap();
    assert!(follow(&desired(&["sudo"]), &paths).unwrap());
    assert_eq!(composing(&paths), ["sudo", "sudo-i"]);
}
