//! Logging in over ssh: what opens, what does not, what the person is told, and what the sign-in log says.

use std::sync::{
    Mutex, Weak,
    atomic::{AtomicBool, Ordering},
};

use sallyport_testkit::{
    browser::Browser,
    sandbox::Signal,
    ssh::{self, SshLogin},
    story::{DeviceHouse, text},
};

use super::{PASSWORD, Shared, let_in, newest, own, refused, shared, strings};

static HOUSE: Shared = Mutex::new(Weak::new());

#[test]
fn password_and_code_open_and_neither_does_alone() {
    let Some(house) = shared(&HOUSE, "laptop-20") else { return };
    let codes = house.bound_person("ada", PASSWORD, 2).unwrap();

    let wrong_code = house.ssh("ada", PASSWORD, &["000000", "111111", "222222"]).unwrap();
    refused(&house, &wrong_code, "That code is not right. Please try again.");
    assert!(wrong_code.shown().contains("Too many wrong codes."), "{wrong_code:?}");
    let (state, reasons) = newest(&house, "ada");
    assert_ne!(state, "allowed");
    assert_eq!(reasons, ["factor_wrong"]);

    // pam_unix is the first door: behind a wrong password nobody is asked for a code, and none is spent.
    let before = house.sign_ins("ada").unwrap().len();
    let wrong_password = house.ssh("ada", "not it", &[&codes[0]]).unwrap();
    refused(&house, &wrong_password, "Permission denied");
    assert_eq!(wrong_password.prompts_seen.len(), 1, "{wrong_password:?}");
    assert_eq!(house.sign_ins("ada").unwrap().len(), before);

    let right = house.ssh("ada", PASSWORD, &[&codes[0]]).unwrap();
    let_in(&house, &right, "ada");
    assert_eq!(right.prompts_seen.len(), 2, "{right:?}");
    assert!(right.prompts_seen[1].contains("Passcode for the second door (bypass code):"), "{right:?}");
    let entry = house.sign_ins("ada").unwrap().remove(0);
    assert_eq!(text(&entry, "state"), "allowed");
    assert_eq!(entry["first_door"]["by"], "pam_unix", "{entry}");
    assert_eq!(entry["second_door"]["kind"], "bypass_code", "{entry}");
    assert_eq!(strings(&entry["reasons"]), ["vouched_door_passed", "policy_requires_second_door"]);
    assert_eq!(entry["resource"]["name"], "laptop-20");
    assert_eq!(entry["resource"]["service"], "sshd");
    assert_eq!(text(&entry, "source"), house.sandbox.host_address().to_string());
}

#[test]
fn a_wrong_code_can_be_corrected() {
    let Some(house) = shared(&HOUSE, "laptop-20") else { return };
    let codes = house.bound_person("bea", PASSWORD, 1).unwrap();
    let outcome = house.ssh("bea", PASSWORD, &["000000", &codes[0]]).unwrap();
    let_in(&house, &outcome, "bea");
    assert!(
        outcome.prompts_seen[2].contains("That code is not right. Please try again. Passcode"),
        "{outcome:?}"
    );
}

#[test]
fn a_bypass_code_opens_once() {
    let Some(house) = shared(&HOUSE, "laptop-20") else { return };
    let codes = house.bound_person("cleo", PASSWORD, 2).unwrap();
    let_in(&house, &house.ssh("cleo", PASSWORD, &[&codes[0]]).unwrap(), "cleo");
    let again = house.ssh("cleo", PASSWORD, &[&codes[0], &codes[0], &codes[0]]).unwrap();
    refused(&house, &again, "Too many wrong codes.");
    assert_ne!(newest(&house, "cleo").0, "allowed");
}

#[test]
fn a_code_of_an_authenticator_opens_once() {
    let Some(house) = shared(&HOUSE, "laptop-20") else { return };
    house.bound_person("dora", PASSWORD, 0).unwrap();
    let nothing_yet = house.ssh("dora", PASSWORD, &[]).unwrap();
    refused(&house, &nothing_yet, "You have nothing yet to open the second door with. Set it up at https://");
    assert_eq!(newest(&house, "dora"), ("denied".to_owned(), vec!["no_factor".to_owned()]));

    let phone = house.house.enroll("dora").unwrap();
    let code = phone.code(0);
    let first = house.ssh("dora", PASSWORD, &[&code]).unwrap();
    let_in(&house, &first, "dora");
    assert!(first.prompts_seen[1].contains("(authenticator)"), "{first:?}");
    let again = house.ssh("dora", PASSWORD, &[&code, &code, &code]).unwrap();
    refused(&house, &again, "That code was used before. Please wait for the next one.");
    assert_eq!(newest(&house, "dora").1, ["factor_used"]);
}

/// Somebody guesses the password at the portal all the while, from the very network that its owner logs in from.
#[test]
fn an_owner_logs_in_while_their_password_is_being_guessed() {
    let Some(house) = shared(&HOUSE, "laptop-20") else { return };
    let codes = house.bound_person("olivia", PASSWORD, 3).unwrap();
    let attacker = Browser::new(&house.cli().url, &house.house.set_up.ca).unwrap();
    let guess = || {
        let page = attacker.open("/sign-in").unwrap();
        attacker
            .submit(&page, "password", &[("name", "olivia"), ("password", "not this one")])
            .unwrap()
            .status
    };
    let statuses: Vec<u16> = (0..8).map(|_| guess()).collect();
    assert!(statuses.starts_with(&[403]) && statuses.ends_with(&[429]), "{statuses:?}");
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                guess();
            }
        });
        let outcomes = codes.iter().map(|code| house.ssh("olivia", PASSWORD, &[code]));
        let outcomes: Vec<_> = outcomes.collect();
        over.store(true, Ordering::Relaxed);
        for outcome in outcomes {
            let_in(&house, &outcome.unwrap(), "olivia");
        }
    });
}

const COMPOSED: &str = "gr\u{e4}vel tulip hovercr\u{e9}ft";
const DECOMPOSED: &str = "gra\u{308}vel tulip hovercre\u{301}ft";

/// What pamtester says of one authentication at this service.
fn pam(house: &DeviceHouse, service: &str, user: &str, typed: &[&str]) -> (bool, String) {
    let input: String = typed.iter().map(|line| format!("{line}\n")).collect();
    let output =
        house.sandbox.run_with_input(["pamtester", service, user, "authenticate"], input.as_bytes()).unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// The server composes what it checks itself, and in front of `pam_unix`, which compares bytes, our module does.
#[test]
fn a_password_is_the_same_in_either_normal_form_wherever_it_is_typed() {
    let Some(house) = shared(&HOUSE, "laptop-20") else { return };
    // Set in the one form, kept in the other.
    let codes = house.bound_person("petra", DECOMPOSED, 8).unwrap();
    let browser = Browser::new(&house.cli().url, &house.house.set_up.ca).unwrap();
    for password in [COMPOSED, DECOMPOSED] {
        let page = browser.open("/sign-in").unwrap();
        let page = browser.submit(&page, "password", &[("name", "petra"), ("password", password)]).unwrap();
        assert!(page.status == 200 && page.body.contains("passcode"), "{password}: {}", page.text());
    }
    let stack = "auth required pam_sallyport.so first_door=agent\naccount required pam_sallyport.so\n";
    house.sandbox.write_file("/etc/pam.d/checked-by-agent", 0o644, stack.as_bytes()).unwrap();
    for (password, code) in [(COMPOSED, &codes[0]), (DECOMPOSED, &codes[1])] {
        let (ok, said) = pam(&house, "checked-by-agent", "petra", &[password, code]);
        assert!(ok, "{password}: {said}\n{}", house.logs());
    }
    for (password, code) in [(COMPOSED, &codes[2]), (DECOMPOSED, &codes[3])] {
        let outcome = house.ssh("petra", password, &[code]).unwrap();
        let_in(&house, &outcome, "petra");
        assert_eq!(outcome.prompts_seen.len(), 2, "{outcome:?}");
    }
    for (service, code) in [("sudo", &codes[4]), ("login", &codes[5])] {
        let (ok, said) = pam(&house, service, "petra", &[DECOMPOSED, code]);
        assert!(ok, "{service}: {said}\n{}", house.logs());
        assert_eq!(said.matches("Password: ").count(), 1, "{service}: {said}");
    }
    let wrong = house.ssh("petra", &DECOMPOSED.replace("ft", "fd"), &[&codes[6]]).unwrap();
    refused(&house, &wrong, "Permission denied");
}

/// Their hash may be of whatever somebody typed once.
#[test]
fn the_password_of_a_local_account_is_compared_as_it_was_typed() {
    let Some(house) = shared(&HOUSE, "laptop-20") else { return };
    for (user, right, wrong) in [("localpia", DECOMPOSED, COMPOSED), ("localpit", COMPOSED, DECOMPOSED)] {
        house.local_person(user, right).unwrap();
        let outcome = house.ssh(user, right, &[]).unwrap();
        let_in(&house, &outcome, user);
        assert_eq!(outcome.prompts_seen.len(), 1, "{outcome:?}");
        refused(&house, &house.ssh(user, wrong, &[]).unwrap(), "Permission denied");
    }
}

/// The first door of a stack as it is written, by itself: without the agent everything is as it was before there was a line
/// that composes.
#[test]
fn without_the_agent_the_first_door_is_as_it_was() {
    let Some(mut house) = own("laptop-70") else { return };
    house.bound_person("paula", COMPOSED, 0).unwrap();
    let stack = "auth optional pam_sallyport.so compose\nauth requisite pam_unix.so\n";
    house.sandbox.write_file("/etc/pam.d/first-door", 0o644, stack.as_bytes()).unwrap();
    let opened = |house: &DeviceHouse| {
        [COMPOSED, DECOMPOSED].map(|password| {
            let (ok, said) = pam(house, "first-door", "paula", &[password]);
            assert_eq!(said.matches("Password: ").count(), 1, "{said}");
            ok
        })
    };
    assert_eq!(opened(&house), [true, true], "{}", house.logs());
    house.end_agent(Signal::KILL).unwrap();
    assert_eq!(opened(&house), [true, false]);
}

#[test]
fn who_guesses_codes_is_held_back() {
    let Some(house) = shared(&HOUSE, "laptop-20") else { return };
    let codes = house.bound_person("edda", PASSWORD, 1).unwrap();
    house.ssh("edda", PASSWORD, &["000000", "111111", "222222"]).unwrap();
    let held = house.ssh("edda", PASSWORD, &["333333", "444444", &codes[0]]).unwrap();
    refused(&house, &held, "minutes and try again.");
    assert_eq!(newest(&house, "edda"), ("denied".to_owned(), vec!["throttled".to_owned()]));
}

#[test]
fn names_that_are_nobodys_or_not_bound_here_do_not_open() {
    let Some(house) = shared(&HOUSE, "laptop-20") else { return };
    house.house.person("fenja", PASSWORD).unwrap();
    let codes = house.house.bypass_codes("fenja", 1).unwrap();
    for name in ["nobody-at-all", "fenja"] {
        let outcome = house.ssh(name, PASSWORD, &[&codes[0]]).unwrap();
        refused(&house, &outcome, "Permission denied");
        assert!(!house.sandbox.run(["getent", "passwd", name]).unwrap().status.success());
        assert!(house.sign_ins(name).unwrap().is_empty());
    }
}

#[test]
fn accounts_the_directory_does_not_own_are_none_of_its_business() {
    let Some(house) = shared(&HOUSE, "laptop-20") else { return };
    house.local_person("localgreta", "of this machine").unwrap();
    let outcome = house.ssh("localgreta", "of this machine", &[]).unwrap();
    let_in(&house, &outcome, "localgreta");
    assert_eq!(outcome.prompts_seen.len(), 1, "{outcome:?}");
    refused(&house, &house.ssh("localgreta", PASSWORD, &[]).unwrap(), "Permission denied");
    assert!(house.sign_ins("localgreta").unwrap().is_empty());
}

#[test]
fn a_suspended_person_is_shut_out_and_let_in_again() {
    let Some(house) = shared(&HOUSE, "laptop-20") else { return };
    let codes = house.bound_person("hanna", PASSWORD, 2).unwrap();
    let_in(&house, &house.ssh("hanna", PASSWORD, &[&codes[0]]).unwrap(), "hanna");

    house.cli().json(&["user", "suspend", "hanna"]).unwrap();
    let account = house.account("hanna").unwrap();
    assert_eq!(
        (text(&account, "actual"), text(&account, "difference")),
        ("locked".to_owned(), "none".to_owned())
    );
    let out = house.ssh("hanna", PASSWORD, &[&codes[1]]).unwrap();
    refused(&house, &out, "Permission denied");
    let shadow = String::from_utf8(house.sandbox.read_file("/etc/shadow").unwrap()).unwrap();
    assert!(shadow.lines().any(|line| line.starts_with("hanna:!")), "not locked");

    house.cli().json(&["user", "activate", "hanna"]).unwrap();
    assert_eq!(text(&house.account("hanna").unwrap(), "actual"), "in_place");
    let_in(&house, &house.ssh("hanna", PASSWORD, &[&codes[1]]).unwrap(), "hanna");
}

#[test]
fn sessions_of_a_suspended_person_end() {
    let Some(house) = shared(&HOUSE, "laptop-20") else { return };
    let codes = house.bound_person("ida", PASSWORD, 1).unwrap();
    let mut login =
        house.login("ida", PASSWORD, &[&codes[0]]).command("touch /tmp/ida-is-in; exec sleep 600");
    login.timeout = std::time::Duration::from_secs(45);
    let session = std::thread::spawn(move || ssh::login(&login).unwrap());
    sallyport_testkit::story::until("her session", || {
        Ok(house.sandbox.run(["test", "-e", "/tmp/ida-is-in"])?.status.success().then_some(()))
    })
    .unwrap();
    house.cli().json(&["user", "suspend", "ida"]).unwrap();
    let outcome = session.join().unwrap();
    assert!(!outcome.timed_out && !outcome.is_success(), "{outcome:?}\n{}", house.logs());
}

#[test]
fn a_staged_person_has_no_account_until_activated() {
    let Some(house) = shared(&HOUSE, "laptop-20") else { return };
    house.cli().json(&["user", "create", "jana"]).unwrap();
    house.cli().run(&["user", "set-password", "jana", "--password-file", "-"], Some(PASSWORD)).unwrap();
    let codes = house.house.bypass_codes("jana", 1).unwrap();
    house.cli().json(&["binding", "create", "--user", "jana", "--device", "laptop-20"]).unwrap();
    house.in_step().unwrap();
    assert!(!house.sandbox.run(["getent", "passwd", "jana"]).unwrap().status.success());
    refused(&house, &house.ssh("jana", PASSWORD, &[&codes[0]]).unwrap(), "Permission denied");

    house.cli().json(&["user", "activate", "jana"]).unwrap();
    assert_eq!(text(&house.account("jana").unwrap(), "actual"), "in_place");
    let_in(&house, &house.ssh("jana", PASSWORD, &[&codes[0]]).unwrap(), "jana");
}

#[test]
fn a_person_without_a_password_waits_for_one() {
    let Some(house) = shared(&HOUSE, "laptop-20") else { return };
    house.cli().json(&["user", "create", "klara", "--active"]).unwrap();
    house.cli().json(&["binding", "create", "--user", "klara", "--device", "laptop-20"]).unwrap();
    let account = house.account("klara").unwrap();
    assert_eq!(text(&account, "difference"), "waiting_for_password", "{account}");
    refused(&house, &house.ssh("klara", "", &[]).unwrap(), "Permission denied");
    let codes = house.house.bypass_codes("klara", 1).unwrap();
    house.cli().run(&["user", "set-password", "klara", "--password-file", "-"], Some(PASSWORD)).unwrap();
    assert_eq!(text(&house.account("klara").unwrap(), "actual"), "in_place");
    let_in(&house, &house.ssh("klara", PASSWORD, &[&codes[0]]).unwrap(), "klara");
}

/// A key is asked for the doors behind it too: the drop-in of the login component says
/// `AuthenticationMethods publickey,keyboard-interactive` for people of the directory, and PAM then asks for
/// password and code. The keys lie where only root can write.
#[test]
fn a_key_does_not_go_round_the_second_door() {
    let Some(house) = shared(&HOUSE, "laptop-20") else { return };
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "lena@home", "-f"])
        .arg(&key)
        .status()
        .unwrap();
    assert!(made.success());
    let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
    house.house.person("lena", PASSWORD).unwrap();
    house.cli().json(&["user", "update", "lena", "--ssh-key", public.trim()]).unwrap();
    let codes = house.house.bypass_codes("lena", 1).unwrap();
    house.bind("lena", &[]).unwrap();

    let file = "/etc/ssh/sallyport-keys/lena";
    let written = String::from_utf8(house.sandbox.read_file(file).unwrap()).unwrap();
    assert!(written.contains(public.split_whitespace().nth(1).unwrap()), "{written}");
    let stat = house.sandbox.check(["stat", "-c", "%U %a", file]).unwrap();
    assert_eq!(String::from_utf8(stat).unwrap().trim(), "root 644");

    let with_key = |login: SshLogin| SshLogin { identity: Some(key.clone()), ..login };
    let alone =
        ssh::login(&with_key(SshLogin::new(house.sandbox.address(), "lena").command("id -un"))).unwrap();
    refused(&house, &alone, "");
    assert_eq!(alone.stdout, "");
    assert!(alone.prompts_seen.iter().any(|prompt| prompt.contains("assword")), "{alone:?}");
    let both = ssh::login(&with_key(house.login("lena", PASSWORD, &[&codes[0]]))).unwrap();
    let_in(&house, &both, "lena");

    house.cli().json(&["user", "suspend", "lena"]).unwrap();
    house.account("lena").unwrap();
    assert!(!house.sandbox.run(["test", "-e", file]).unwrap().status.success(), "the key is still there");
}

#[test]
fn one_bypass_code_opens_one_of_two_doors_at_the_same_moment() {
    let Some(house) = shared(&HOUSE, "laptop-20") else { return };
    let codes = house.bound_person("maja", PASSWORD, 1).unwrap();
    let login = || {
        let login = house.login("maja", PASSWORD, &[&codes[0]]);
        std::thread::spawn(move || ssh::login(&login).unwrap())
    };
    let both = [login(), login(), login()].map(|login| login.join().unwrap());
    assert_eq!(both.iter().filter(|outcome| outcome.is_success()).count(), 1, "{both:?}");
    let allowed =
        house.sign_ins("maja").unwrap().iter().filter(|entry| text(entry, "state") == "allowed").count();
    assert_eq!(allowed, 1);
}

#[test]
fn a_new_password_is_the_one_on_the_device() {
    let Some(house) = shared(&HOUSE, "laptop-20") else { return };
    let codes = house.bound_person("nadja", PASSWORD, 2).unwrap();
    let_in(&house, &house.ssh("nadja", PASSWORD, &[&codes[0]]).unwrap(), "nadja");
    let new = "violet anchor teapot 11";
    house.cli().run(&["user", "set-password", "nadja", "--password-file", "-"], Some(new)).unwrap();
    assert_eq!(text(&house.account("nadja").unwrap(), "difference"), "none");
    refused(&house, &house.ssh("nadja", PASSWORD, &[&codes[1]]).unwrap(), "Permission denied");
    let_in(&house, &house.ssh("nadja", new, &[&codes[1]]).unwrap(), "nadja");
}
