//! Taking the packages away, or putting the same ones there again, leaves people able to log in.

use std::collections::BTreeMap;

use sallyport_testkit::{sandbox::Signal, story::DeviceHouse};

use super::{PASSWORD, let_in, may_raise};

/// Every file that decides about logins, with its mode, owner and content.
pub(super) fn login_files(house: &DeviceHouse) -> BTreeMap<String, String> {
    let script = "cd / && find etc/pam.d etc/ssh/sshd_config etc/ssh/sshd_config.d usr/share/pam-configs -type f \
                  -exec sh -c 'for f; do echo \"$f $(stat -c %a:%u:%g $f) $(sha256sum <$f)\"; done' find {} +";
    let out = house.sandbox.check(["sh", "-c", script]).unwrap();
    String::from_utf8(out)
        .unwrap()
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(file, what)| (file.to_owned(), what.to_owned()))
        .collect()
}

#[test]
fn removing_the_packages_restores_logins_and_leaves_accounts() {
    if !may_raise() {
        return;
    }
    let mut house = DeviceHouse::raise("laptop-35").unwrap();
    let before = login_files(&house);
    house.enroll_with(&house.token(&["laptops"]).unwrap()).unwrap();
    house.start_agent().unwrap();
    house.runs_end_well().unwrap();
    let codes = house.bound_person("heidi", PASSWORD, 1).unwrap();
    let during = login_files(&house);
    assert_ne!(during, before);
    let_in(&house, &house.ssh("heidi", PASSWORD, &[&codes[0]]).unwrap(), "heidi");

    house.sandbox.check(["dpkg", "--remove", "sallyport-login"]).unwrap();
    assert_eq!(login_files(&house), before);
    let outcome = house.ssh("heidi", PASSWORD, &[]).unwrap();
    let_in(&house, &outcome, "heidi");
    assert_eq!(outcome.prompts_seen.len(), 1, "{outcome:?}");

    // Again in front of logins, then everything goes at once, the agent still running.
    house.sandbox.check(["sallyport-agent", "package", "install", "sallyport-login"]).unwrap();
    assert_eq!(login_files(&house), during);
    house.sandbox.check(["dpkg", "--purge", "sallyport-login", "sallyport-agent"]).unwrap();
    assert_eq!(login_files(&house), before);
    for gone in ["/usr/sbin/sallyport-agent", "/var/lib/sallyport", "/etc/sallyport"] {
        assert!(!house.sandbox.run(["test", "-e", gone]).unwrap().status.success(), "{gone} is still there");
    }
    house.end_agent(Signal::TERM).ok();
    let_in(&house, &house.ssh("heidi", PASSWORD, &[]).unwrap(), "heidi");
    assert!(house.sandbox.run(["test", "-d", "/home/heidi"]).unwrap().status.success());
    house.sandbox.check(["visudo", "-c"]).unwrap();
}

#[test]
fn the_agent_alone_does_not_go_from_under_the_login_component() {
    if !may_raise() {
        return;
    }
    let house = DeviceHouse::open("laptop-36").unwrap();
    house.bound_person("inga", PASSWORD, 0).unwrap();
    let out = house.sandbox.run(["dpkg", "--remove", "sallyport-agent"]).unwrap();
    assert!(!out.status.success(), "{out:?}");
    // Forced, the logins are freed first.
    house.sandbox.check(["dpkg", "--remove", "--force-depends", "sallyport-agent"]).unwrap();
    let_in(&house, &house.ssh("inga", PASSWORD, &[]).unwrap(), "inga");
}

#[test]
fn installing_again_leaves_logins_as_they_are() {
    if !may_raise() {
        return;
    }
    let mut house = DeviceHouse::open("laptop-39").unwrap();
    let codes = house.bound_person("jette", PASSWORD, 2).unwrap();
    let before = login_files(&house);
    for package in ["sallyport-login", "sallyport-agent"] {
        house.sandbox.check(["sallyport-agent", "package", "install", package]).unwrap();
    }
    assert_eq!(login_files(&house), before);
    let_in(&house, &house.ssh("jette", PASSWORD, &[&codes[0]]).unwrap(), "jette");
    house.end_agent(Signal::TERM).unwrap();
    house.start_agent().unwrap();
    house.in_step().unwrap();
    let_in(&house, &house.ssh("jette", PASSWORD, &[&codes[1]]).unwrap(), "jette");
}
