use sallyport_model::Right;
use uuid::Uuid;

use super::{
    plan::{Step, desired, unbound},
    *,
};
use crate::accounts::Owned;

const HASH: &str = "$6$saltsaltsalt$abcdefghijklmnopqrstuvwxyz";

fn user(n: u128) -> UserId {
    UserId::new(Uuid::from_u128(n))
}

fn alice() -> DesiredAccount {
    DesiredAccount {
        user: user(1),
        name: "alice".into(),
        display_name: "Alice Example, PhD".into(),
        uid: 20001,
        gid: 20001,
        shell: "/bin/bash".into(),
        home: "/home/alice".into(),
        password: Some(HASH.into()),
        ssh_keys: Vec::new(),
        right: Right::Standard,
        suspended: false,
        take_over: false,
        second_door: true,
        fail_open: false,
        bindings: Vec::new(),
    }
}

fn owned(name: &str, uid: u32) -> Owned {
    Owned { name: name.into(), uid, taken_over: false, locked: false }
}

fn ledger(accounts: impl IntoIterator<Item = (u128, Owned)>) -> Ledger {
    Ledger { accounts: accounts.into_iter().map(|(n, owned)| (user(n), owned)).collect() }
}

/// A machine with root, a daemon, and a person who administers it.
fn machine() -> System {
    system(
        "root:x:0:0:root:/root:/bin/bash\n\
         daemon:x:1:1::/:/usr/sbin/nologin\n\
         joe:x:1000:1000:Joe:/home/joe:/bin/bash\n",
        "root:*:1::::::\ndaemon:*:1::::::\njoe:$6$x$y:1:0:99999:7:::\n",
        "root:x:0:\nsudo:x:27:joe\njoe:x:1000:\nsallyport-users:x:990:\n",
    )
}

/// The same with alice as she should be.
fn settled() -> System {
    system(
        "root:x:0:0:root:/root:/bin/bash\n\
         alice:x:20001:20001:Alice Example  PhD:/home/alice:/bin/bash\n",
        &format!("root:*:1::::::\nalice:{HASH}:1:0:99999:7:::\n"),
        "root:x:0:\nalice:x:20001:\nsallyport-users:x:990:alice\n",
    )
}

fn system(passwd: &str, shadow: &str, group: &str) -> System {
    System {
        database: Database::parse(passwd, shadow, group),
        files: [("/bin/bash".to_owned(), 0)].into(),
        ssh_keys_configured: true,
        ..System::default()
    }
}

fn steps(plan: &AccountPlan) -> Vec<&Step> {
    plan.steps.iter().map(|(_, step)| step).collect()
}

fn reason(plan: &AccountPlan) -> &str {
    plan.failures.first().map_or("", |failure| failure.reason.as_str())
}

#[test]
fn a_new_account_is_written_down_before_it_is_made() {
    let plan = desired(&alice(), &Ledger::default(), &machine());
    assert_eq!(plan.failures, []);
    assert_eq!(
        steps(&plan),
        [
            &Step::Own(owned("alice", 20001)),
            &Step::CreateGroup { name: "alice".into(), gid: 20001 },
            &Step::CreateUser {
                name: "alice".into(),
                uid: 20001,
                gid: 20001,
                gecos: "Alice Example  PhD".into(),
                home: "/home/alice".into(),
                shell: "/bin/bash".into()
            },
            &Step::JoinGroup { name: "alice".into(), group: "sallyport-users".into() },
            &Step::SetPassword { name: "alice".into(), hash: HASH.into() },
        ]
    );
}

#[test]
fn an_account_as_desired_needs_nothing() {
    let plan = desired(&alice(), &ledger([(1, owned("alice", 20001))]), &settled());
    assert_eq!((steps(&plan), plan.failures.len(), plan.want), (vec![], 0, Want::Active));
}

#[test]
fn a_home_or_a_group_that_differs_is_told_and_left_alone() {
    let elsewhere = DesiredAccount { home: "/srv/people/alice".into(), gid: 20009, ..alice() };
    let plan = desired(&elsewhere, &ledger([(1, owned("alice", 20001))]), &settled());
    assert_eq!(steps(&plan), Vec::<&Step>::new());
    let told: Vec<_> = plan.failures.iter().map(|failure| failure.aspect.as_str()).collect();
    assert_eq!(told, ["home", "group"]);
    assert!(reason(&plan).contains("`/home/alice` here"), "{}", reason(&plan));
    // What somebody brought along when they were taken over is theirs.
    let taken = Owned { taken_over: true, ..owned("alice", 20001) };
    let plan = desired(&elsewhere, &ledger([(1, taken)]), &settled());
    assert_eq!((steps(&plan), plan.failures.len()), (vec![], 0));
}

#[test]
fn a_new_account_gets_the_home_and_the_group_it_should_have() {
    let elsewhere = DesiredAccount { home: "/srv/people/alice".into(), gid: 20009, ..alice() };
    let plan = desired(&elsewhere, &Ledger::default(), &machine());
    assert_eq!(plan.failures, []);
    let steps = steps(&plan);
    assert!(steps.contains(&&Step::CreateGroup { name: "alice".into(), gid: 20009 }));
    assert!(steps.iter().any(|step| {
        matches!(step, Step::CreateUser { gid: 20009, home, .. } if home == "/srv/people/alice")
    }));
}

#[test]
fn a_crash_between_the_ledger_and_the_tool_is_made_good() {
    let plan = desired(&alice(), &ledger([(1, owned("alice", 20001))]), &machine());
    assert!(steps(&plan).iter().any(|step| matches!(step, Step::CreateUser { .. })));
}

#[test]
fn what_the_directory_does_not_own_is_not_touched() {
    let refused = |desired_account: &DesiredAccount, ledger: &Ledger, machine: &System| {
        let plan = desired(desired_account, ledger, machine);
        assert_eq!(steps(&plan), Vec::<&Step>::new(), "{plan:?}");
        assert_eq!(plan.failures.len(), 1);
        reason(&plan).to_owned()
    };
    let none = Ledger::default();
    let joe = DesiredAccount { name: "joe".into(), ..alice() };
    assert!(refused(&joe, &none, &machine()).contains("does not take it over"));
    for system_name in ["root", "daemon", "sudo", "sallyport-agent"] {
        let taken = DesiredAccount { name: system_name.into(), take_over: true, ..alice() };
        refused(&taken, &none, &machine());
    }
    let low = system("app:x:999:999::/:/bin/sh\n", "app:*:1::::::\n", "");
    let app = DesiredAccount { name: "app".into(), take_over: true, ..alice() };
    assert!(refused(&app, &none, &low).contains("system's"));
    let number = DesiredAccount { uid: 1000, ..alice() };
    refused(&number, &none, &machine());
    let taken = system("x:x:20001:1::/:/bin/sh\n", "", "");
    assert!(refused(&alice(), &none, &taken).contains("taken by the account `x`"));
    let group = system("", "", "other:x:20001:\n");
    assert!(refused(&alice(), &none, &group).contains("taken by the group `other`"));
    assert!(
        refused(&alice(), &ledger([(2, owned("alice", 20001))]), &settled()).contains("another person's")
    );
    assert!(refused(&alice(), &ledger([(1, owned("alice", 20009))]), &settled()).contains("another one"));
    assert!(refused(&alice(), &ledger([(1, owned("al", 20001))]), &settled()).contains("renamed"));
}

#[test]
fn hostile_accounts_are_refused_before_anything_is_looked_at() {
    let hostile = [
        DesiredAccount { name: "alice\nroot".into(), ..alice() },
        DesiredAccount { name: "../x".into(), ..alice() },
        DesiredAccount { name: "-r".into(), ..alice() },
        DesiredAccount { display_name: "a:0:0".into(), ..alice() },
        DesiredAccount { display_name: "a\nroot::0:0".into(), ..alice() },
        DesiredAccount { shell: "/bin/sh\n".into(), ..alice() },
        DesiredAccount { home: "/etc".into(), ..alice() },
        DesiredAccount { home: "/home/../etc/x".into(), ..alice() },
        DesiredAccount { uid: 0, ..alice() },
        DesiredAccount { gid: 0, ..alice() },
        DesiredAccount { uid: 65534, ..alice() },
        DesiredAccount { uid: 61184, ..alice() },
        DesiredAccount { uid: 100_000, gid: 100_000, ..alice() },
    ];
    for account in hostile {
        let plan = desired(&account, &Ledger::default(), &machine());
        assert_eq!((steps(&plan), plan.failures.len()), (vec![], 1), "{account:?}");
    }
}

#[test]
fn an_existing_person_is_taken_over_as_they_are() {
    let mut machine = machine();
    machine.database.groups[1].members.push("root".into());
    machine
        .database
        .shadow
        .insert("root".into(), super::super::passwd::Shadow { hash: "$6$r$r".into(), expire: String::new() });
    let joe = DesiredAccount { name: "joe".into(), take_over: true, ..alice() };
    let plan = desired(&joe, &Ledger::default(), &machine);
    assert_eq!(plan.failures, []);
    assert_eq!(
        steps(&plan),
        [
            &Step::Own(Owned { name: "joe".into(), uid: 1000, taken_over: true, locked: false }),
            &Step::JoinGroup { name: "joe".into(), group: "sallyport-users".into() },
            &Step::SetPassword { name: "joe".into(), hash: HASH.into() },
            &Step::LeaveGroup { name: "joe".into(), group: "sudo".into() },
        ]
    );
}

#[test]
fn the_last_local_administrator_is_not_taken_over() {
    let joe = DesiredAccount { name: "joe".into(), take_over: true, ..alice() };
    let plan = desired(&joe, &Ledger::default(), &machine());
    assert_eq!(steps(&plan), Vec::<&Step>::new());
    assert!(reason(&plan).contains("last local administrator"));
}

/// Joe administers by his primary group, nobody else does, and root has no password.
fn machine_of_joe(others: &str, secrets: &str) -> System {
    system(
        &format!("root:x:0:0:root:/root:/bin/bash\njoe:x:1000:27:Joe:/home/joe:/bin/bash\n{others}"),
        &format!("root:*:1::::::\njoe:$6$x$y:1:0:99999:7:::\n{secrets}"),
        "root:x:0:\nsudo:x:27:\nsallyport-users:x:990:\n",
    )
}

#[test]
fn who_administers_by_their_primary_group_can_be_the_last_one() {
    let joe = DesiredAccount { name: "joe".into(), take_over: true, ..alice() };
    let plan = desired(&joe, &Ledger::default(), &machine_of_joe("", ""));
    assert_eq!(steps(&plan), Vec::<&Step>::new());
    assert!(reason(&plan).contains("last local administrator"), "{plan:?}");

    // And can be the one who is left.
    let ann = machine_of_joe("ann:x:1001:27:Ann:/home/ann:/bin/bash\n", "ann:$6$x$y:1::::::\n");
    let plan = desired(&joe, &Ledger::default(), &ann);
    assert!(steps(&plan).iter().any(|step| matches!(step, Step::Own(_))), "{plan:?}");
}

#[test]
fn a_primary_group_of_administrators_is_told_and_left_to_people() {
    let mut system = machine_of_joe("", "");
    system.database.groups[1].members.push("joe".into());
    let ours = ledger([(1, Owned { taken_over: true, ..owned("joe", 1000) })]);
    let joe = DesiredAccount { name: "joe".into(), ..alice() };
    let plan = desired(&joe, &ours, &system);
    assert!(reason(&plan).contains("primary group `sudo`"), "{plan:?}");
    let left: Vec<_> =
        steps(&plan).into_iter().filter(|step| matches!(step, Step::LeaveGroup { .. })).collect();
    assert_eq!(left, [&Step::LeaveGroup { name: "joe".into(), group: "sudo".into() }]);
    let administrator = DesiredAccount { right: Right::Administrator, ..joe };
    assert_eq!(desired(&administrator, &ours, &system).failures, []);
}

#[test]
fn suspension_shuts_everything_and_lifting_it_opens_it_again() {
    let mut system = settled();
    system.sudoers.insert(user(1), "x".into());
    system.ssh_keys.insert("alice".into(), "x".into());
    system.present.insert(20001);
    let ours = ledger([(1, owned("alice", 20001))]);
    let locked = Owned { locked: true, ..owned("alice", 20001) };
    let expected = [
        &Step::Own(locked.clone()),
        &Step::RemoveSudoers,
        &Step::RemoveSshKeys { name: "alice".into() },
        &Step::Expire { name: "alice".into() },
        &Step::LockPassword { name: "alice".into() },
        &Step::EndSessions { name: "alice".into(), uid: 20001 },
    ];
    let suspended = DesiredAccount { suspended: true, ..alice() };
    let plan = desired(&suspended, &ours, &system);
    assert_eq!((steps(&plan), plan.want), (expected.to_vec(), Want::Locked));
    assert_eq!(steps(&unbound(user(1), &ours, &system).unwrap()), expected);

    let mut shut = settled();
    let shadow = shut.database.shadow.get_mut("alice").unwrap();
    shadow.hash = format!("!{HASH}");
    shadow.expire = "1".into();
    let ours = ledger([(1, locked)]);
    assert_eq!(steps(&desired(&suspended, &ours, &shut)), Vec::<&Step>::new());
    assert_eq!(
        steps(&desired(&alice(), &ours, &shut)),
        [
            &Step::Own(owned("alice", 20001)),
            &Step::SetPassword { name: "alice".into(), hash: HASH.into() },
            &Step::Unexpire { name: "alice".into() },
        ]
    );
}

#[test]
fn an_account_of_ours_that_became_somebody_elses_is_not_locked() {
    let other = system("alice:x:1234:1234::/home/alice:/bin/sh\n", "alice:$6$x$y:1::::::\n", "");
    let plan = unbound(user(1), &ledger([(1, owned("alice", 20001))]), &other).unwrap();
    assert_eq!(steps(&plan), [&Step::Own(Owned { locked: true, ..owned("alice", 20001) })]);
}

#[test]
fn who_is_suspended_before_ever_being_here_gets_no_account() {
    let plan = desired(&DesiredAccount { suspended: true, ..alice() }, &Ledger::default(), &machine());
    assert_eq!((steps(&plan), plan.failures.len(), plan.want), (vec![], 0, Want::Locked));
}

#[test]
fn without_a_password_the_account_waits_and_takes_none() {
    let ours = ledger([(1, owned("alice", 20001))]);
    let plan = desired(&DesiredAccount { password: None, ..alice() }, &ours, &settled());
    assert_eq!(
        (steps(&plan), plan.want),
        (vec![&Step::LockPassword { name: "alice".into() }], Want::Waiting)
    );
    let bad = DesiredAccount { password: Some("$6$a:b:c:d:e:f:g".into()), ..alice() };
    let plan = desired(&bad, &ours, &settled());
    assert_eq!(plan.failures[0].aspect, "password");
    assert_eq!(steps(&plan), [&Step::LockPassword { name: "alice".into() }]);
}

#[test]
fn rights_and_keys_follow() {
    let ours = ledger([(1, owned("alice", 20001))]);
    let key = format!("ssh-ed25519 {} alice", "A".repeat(68));
    let account = DesiredAccount { right: Right::Administrator, ssh_keys: vec![key.clone()], ..alice() };
    let mut system = settled();
    system.ssh_keys_configured = false;
    let expected = [
        &Step::WriteSudoers { name: "alice".into() },
        &Step::WriteSshKeys { name: "alice".into(), file: format!("{key}\n") },
        &Step::ConfigureSshKeys,
    ];
    assert_eq!(steps(&desired(&account, &ours, &system)), expected);
    system.sudoers.insert(user(1), plan::sudoers("alice"));
    system.ssh_keys.insert("alice".into(), format!("{key}\n"));
    system.ssh_keys_configured = true;
    assert_eq!(steps(&desired(&account, &ours, &system)), Vec::<&Step>::new());
    assert_eq!(
        steps(&desired(&alice(), &ours, &system)),
        [&Step::RemoveSudoers, &Step::RemoveSshKeys { name: "alice".into() }]
    );
}

#[test]
fn sudo_is_asked_of_standard_accounts_that_are_there_and_what_it_says_is_a_failure_of_the_right() {
    let desired = [
        alice(),
        DesiredAccount { user: user(2), name: "bob".into(), right: Right::Administrator, ..alice() },
        DesiredAccount { user: user(3), name: "carol".into(), suspended: true, ..alice() },
        DesiredAccount { user: user(4), name: "dave".into(), password: None, ..alice() },
        DesiredAccount { user: user(5), name: "erin".into(), ..alice() },
    ];
    let mut actual: Vec<ActualAccount> = desired
        .iter()
        .map(|account| ActualAccount {
            user: account.user,
            name: account.name.clone(),
            condition: Condition::InPlace,
            failures: Vec::new(),
        })
        .collect();
    actual[4].failures.push(Failure { aspect: plan::ACCOUNT.into(), reason: "it is the system's".into() });
    assert_eq!(standard(&desired, &actual), ["alice", "dave"]);

    object("alice", "an entry of somebody else".into(), &mut actual);
    let told = Failure { aspect: "right".into(), reason: "an entry of somebody else".into() };
    assert_eq!((actual[0].condition, &actual[0].failures), (Condition::Failed, &vec![told]));
    assert_eq!((actual[3].condition, actual[3].failures.len()), (Condition::InPlace, 0));
}

mod standing {
    use std::fs;

    use super::*;

    fn machine(passwd: &str, ledger: &str) -> (tempfile::TempDir, Paths) {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path());
        fs::create_dir_all(dir.path().join("etc")).unwrap();
        fs::create_dir_all(paths.state_dir()).unwrap();
        fs::write(paths.passwd(), passwd).unwrap();
        fs::write(paths.accounts(), ledger).unwrap();
        (dir, paths)
    }

    #[test]
    fn only_accounts_of_the_directory_are_asked_and_doubt_denies() {
        let ours = serde_json::to_string(&ledger([
            (1, owned("alice", 20001)),
            (2, Owned { locked: true, ..owned("bob", 20002) }),
            (3, owned("carol", 20003)),
        ]))
        .unwrap();
        let passwd = "root:x:0:0::/root:/bin/sh\njoe:x:1000:1000::/:/bin/sh\n\
            alice:x:20001:1::/:/bin/sh\nbob:x:20002:1::/:/bin/sh\ncarol:x:7:1::/:/bin/sh\n\
            alias:x:20001:1::/:/bin/sh\n";
        let (_dir, paths) = machine(passwd, &ours);
        for (name, expected) in [
            ("root", Standing::Local),
            ("joe", Standing::Local),
            ("alice", Standing::Active),
            ("bob", Standing::Locked),
            // A name of ours on another number, and another name on a number of ours.
            ("carol", Standing::Unknown),
            ("alias", Standing::Unknown),
            ("ALICE", Standing::Unknown),
            ("nobody-of-this-name", Standing::Unknown),
            ("", Standing::Unknown),
        ] {
            assert_eq!(super::super::standing(name, &paths), expected, "{name}");
            assert_eq!(super::super::is_active(name, &paths), expected == Standing::Active, "{name}");
        }
    }

    #[test]
    fn with_an_unreadable_ledger_only_root_gets_in() {
        let (_dir, paths) = machine("joe:x:1000:1000::/:/bin/sh\n", "{ torn");
        assert_eq!(super::super::standing("joe", &paths), Standing::Unknown);
        assert_eq!(super::super::standing("root", &paths), Standing::Local);
    }
}
