use sallyport_api::rest::{CreateGroup, CreateUser};
use sallyport_model::{GroupKind, Role, User, UserState, id::UserId, signin::Resource};
use sallyport_store::Versioned;

use super::*;
use crate::{
    group,
    signin::{self, Begin, FirstDoorProof, Step},
    testing::{self, TestOrg},
    user::{self, password::Stored},
};

async fn with_groups(names: &[&str]) -> TestOrg {
    let test = testing::org().await;
    for name in names {
        let input = CreateGroup { name: (*name).into(), description: String::new(), kind: GroupKind::Users };
        group::create(&test.system(), input).await.unwrap();
    }
    test
}

async fn head(test: &TestOrg) -> i64 {
    test.system().read(|reader| Ok(reader.feed_head()?)).await.unwrap()
}

async fn found(test: &TestOrg, name: &str) -> Versioned<User> {
    user::resolve(&test.system(), name).await.unwrap()
}

/// Outcomes and details of the rows.
fn told(report: &ImportReport) -> Vec<(ImportOutcome, &str)> {
    report.rows.iter().map(|row| (row.outcome, row.detail.as_str())).collect()
}

/// The same file planned and applied: the plan changes nothing and says what comes.
async fn planned_and_applied(test: &TestOrg, file: &str) -> ImportReport {
    let before = head(test).await;
    let planned = plan(&test.system(), file.as_bytes()).await.unwrap();
    assert_eq!(head(test).await, before, "a plan changes nothing");
    let applied = apply(&test.system(), file.as_bytes()).await.unwrap();
    assert!(planned.dry_run && !applied.dry_run);
    assert_eq!(planned.rows, applied.rows);
    applied
}

#[tokio::test]
async fn people_are_created_with_all_that_a_row_says() {
    let test = with_groups(&["Staff", "On call"]).await;
    let file = "name,display_name,mails,phones,groups,manager,shell,uid,gid,home,active,shoe size\r\n\
                alice,Alice Äther,alice@example.com;a@example.org,+44 1632 960001,Staff|on call,bob,/bin/sh,66500,66501,/srv/alice,yes,38\r\n\
                bob,\"Bob, the \"\"builder\"\"\",,,,,,,,,,\r\n";
    let report = planned_and_applied(&test, file).await;
    assert_eq!((report.created, report.refused), (2, 0), "{report:?}");
    assert_eq!(report.ignored_columns, ["shoe size"]);
    assert_eq!(report.rows[1].line, 3);
    let (alice, bob) = (found(&test, "alice").await, found(&test, "bob").await);
    assert_eq!((alice.display_name.as_str(), alice.posix.uid), ("Alice Äther", 66_500));
    assert_eq!((alice.mails.len(), alice.phones[0].number.as_str()), (2, "+441632960001"));
    assert_eq!((alice.posix.shell.as_str(), alice.state), ("/bin/sh", UserState::Active));
    assert_eq!((alice.posix.gid, alice.posix.home.as_str()), (66_501, "/srv/alice"));
    assert_eq!(alice.manager, Some(bob.id), "who stands below in the file");
    assert_eq!((bob.display_name.as_str(), bob.state), ("Bob, the \"builder\"", UserState::Staged));
    let around =
        test.system().read(move |reader| Ok(reader.groups_around(&alice.id.to_string())?)).await.unwrap();
    assert_eq!(around.len(), 2);
}

#[tokio::test]
async fn a_second_import_skips_and_updates() {
    let test = with_groups(&["Staff"]).await;
    let first = "name,display_name,mail,groups\nalice,Alice,a@example.com,Staff\nbob,Bob,,\n";
    apply(&test.system(), first.as_bytes()).await.unwrap();
    let report = planned_and_applied(&test, first).await;
    assert_eq!((report.skipped, report.rows.len()), (2, 2));
    let second = "name,display_name,mail,groups,active,home\nALICE,Alice A.,,,yes,\nbob,,,staff,,/srv/bob\n";
    let report = planned_and_applied(&test, second).await;
    assert_eq!(
        told(&report),
        [
            (ImportOutcome::Update, "display name, becomes active"),
            (ImportOutcome::Update, "home, joins `staff`")
        ]
    );
    let alice = found(&test, "alice").await;
    assert_eq!((alice.mails.len(), alice.state), (1, UserState::Active), "an empty cell leaves things alone");
}

#[tokio::test]
async fn a_bad_row_is_refused_with_its_reason_and_the_good_ones_stay() {
    let test = with_groups(&["Staff"]).await;
    let file = "name,mail,groups,manager,uid,active\n\
                good1,,,,,\n\
                root,,,,,\n\
                bad2,not a mail,,,,\n\
                bad3,,Nowhere,,,\n\
                bad4,,,nobody-here,,\n\
                bad5,,,,x,\n\
                bad6,,,,,maybe\n\
                bad7,,\n\
                ,a@example.com,,,,\n\
                GOOD1,,,,,\n\
                bad8,,,bad8,,\n\
                good2,,Staff,,,\n";
    let report = planned_and_applied(&test, file).await;
    assert_eq!((report.created, report.refused), (2, 10), "{report:#?}");
    let reasons: Vec<&str> = report.rows.iter().map(|row| row.detail.as_str()).collect();
    for (index, expected) in [
        (1, "system account"),
        (2, "not a mail address"),
        (3, "there is no group `Nowhere`"),
        (4, "there is no such user"),
        (5, "`x` is not a number"),
        (6, "neither yes nor no"),
        (7, "has 3 cells"),
        (8, "name: is missing"),
        (9, "line 2 has this name already"),
    ] {
        assert!(reasons[index].contains(expected), "row {index}: {}", reasons[index]);
    }
    assert!(user::resolve(&test.system(), "bad3").await.is_err(), "nothing of a refused row stays");
    assert!(found(&test, "good2").await.id != found(&test, "good1").await.id);
}

#[tokio::test]
async fn many_rows_with_one_bad_one_among_them() {
    let test = with_groups(&[]).await;
    let mut file = String::from("name\n");
    for n in 0..120 {
        file.push_str(&if n == 60 { "not a name\n".to_owned() } else { format!("user{n}\n") });
    }
    let report = planned_and_applied(&test, &file).await;
    assert_eq!((report.created, report.refused), (119, 1));
    let uids: BTreeSet<u32> = test
        .system()
        .read(|reader| Ok(reader.list_all::<User>()?.iter().map(|user| user.posix.uid).collect()))
        .await
        .unwrap();
    assert_eq!(uids.len(), 119, "everybody has a number of their own");
}

#[tokio::test]
async fn spreadsheets_write_all_sorts_of_files() {
    let test = with_groups(&[]).await;
    for (file, name) in [
        ("\u{feff}name,display_name\r\nalice,Alice\r\n", "alice"),
        ("User Name;Display Name\r\nbob;Bob\r\n", "bob"),
        ("Name,Display-Name\ncarol,\"Two\nlines\"", "carol"),
        ("name,display_name\ndave,=1+1\n", "dave"),
    ] {
        let report = plan(&test.system(), file.as_bytes()).await.unwrap();
        assert_eq!((report.rows[0].name.as_str(), report.rows[0].line), (name, 2));
    }
    apply(&test.system(), b"name,display_name\ndave,=1+1\n").await.unwrap();
    assert_eq!(found(&test, "dave").await.display_name, "=1+1", "text, whatever it looks like");
    let latin1 = plan(&test.system(), b"name,display_name\neve,\xc4ther\nfay,Fay\n").await.unwrap();
    assert_eq!((latin1.refused, latin1.created), (1, 1));
}

#[tokio::test]
async fn files_beyond_bounds_or_sense_are_refused_whole() {
    let test = with_groups(&[]).await;
    let long = format!("name\n{}", "a\n".repeat(100_001));
    let large = vec![b'x'; 10 * 1024 * 1024 + 1];
    let wide = "c,".repeat(300);
    for file in [
        b"".as_slice(),
        b"mail\na@example.com\n",
        b"name,NAME\na,b\n",
        b"\xff\xfen\0a\0m\0e\0",
        long.as_bytes(),
        &large,
        wide.as_bytes(),
    ] {
        assert!(matches!(plan(&test.system(), file).await, Err(AppError::Invalid { .. })));
    }
}

#[tokio::test]
async fn a_file_reaches_no_further_than_its_importer() {
    let test = with_groups(&["Staff"]).await;
    let input = CreateUser { name: "boss".into(), active: true, ..CreateUser::default() };
    let boss = user::create(&test.system(), input).await.unwrap().id;
    user::set_roles(&test.system(), boss, [Role::Owner].into()).await.unwrap();
    let importer = test.person(test.system().id(UserId::new).unwrap(), &[Role::Administrator]);
    let report = apply(&importer, b"name,display_name\nboss,Fool\nalice,Alice\n").await.unwrap();
    assert_eq!((report.refused, report.created), (1, 1));
    assert!(report.rows[0].detail.contains("above your own rights"));
    let help_desk = test.person(test.system().id(UserId::new).unwrap(), &[Role::HelpDesk]);
    assert!(matches!(plan(&help_desk, b"name\nbob\n").await, Err(AppError::Denied(_))));
}

#[tokio::test]
async fn a_file_lets_nobody_in_again() {
    let test = with_groups(&[]).await;
    apply(&test.system(), b"name,active\nalice,yes\n").await.unwrap();
    user::suspend(&test.system(), found(&test, "alice").await.id).await.unwrap();
    let report = planned_and_applied(&test, "name,active\nalice,yes\n").await;
    assert!(report.rows[0].detail.contains("suspended"), "{}", report.rows[0].detail);
    let taken = planned_and_applied(&test, "name,uid\nalice,66999\n").await;
    assert_eq!(taken.refused, 1);
    let taken = planned_and_applied(&test, "name,gid\nalice,66999\n").await;
    assert!(taken.rows[0].detail.contains("keeps it"), "{}", taken.rows[0].detail);
}

#[tokio::test]
async fn what_another_system_kept_of_a_password_opens_the_first_door_and_is_then_hashed_as_ours() {
    // Of one password, by passlib, argon2-cffi and Django.
    const TYPED: &str = "gravel tulip 15 é";
    const HASHES: [(&str, &str); 8] = [
        ("bcrypt-2a", "$2a$05$SCWBrBK30JyDgIUjmGETz.AwpQyR3JI8aFpk6rL8snWkIhNz88Pxa"),
        ("bcrypt-2b", "$2b$05$bocZ/qbxG5Wq.AiM/vdZYecl1YEmMT8NpkaJxt4iFzFA83wR/H38."),
        ("bcrypt-2y", "$2y$05$vEzDM/LCtjJEhdW7XdLfuekVDRWBxI6GJjP.byAt2PD3r4Y0sfPU."),
        (
            "argon2",
            "$argon2id$v=19$m=1024,t=2,p=4$+dxgHqdK6rMtJgk3/I8BkA$5w4YM8u7Q5N+UuRRzUl8NOScHtDgnvchWPtfycLaREQ",
        ),
        ("pbkdf2", "$pbkdf2-sha256$2000$AiCk9H6PMUaIsTZGiNHa.w$TG.qfigXPQijXqWizusMxFcAS7OgUGLc29lQEmwuiIM"),
        ("django", "pbkdf2_sha256$2000$salzstreuer$klCSSbjB/+TyHp6Li0bQ7PmkBO3bRDj/ne6IiVp0qXs="),
        ("ssha", "{SSHA}wVj1FGFwIwWwgldgpH2hvO/RuOdtTQlB"),
        (
            "sha512-crypt",
            "$6$ZCZzOc9/a8Ux9Ibt$TGWs6Mtf7HysxX9zYXI5VeUTCeGu5KQhDtSY9BX8PN5TW/CpaQkH6KmAjtXqmcqIzV.mHJMpivcans70z0zHS.",
        ),
    ];
    let test = testing::org().await;
    let rows: String = HASHES.iter().map(|(name, hash)| format!("{name},yes,\"{hash}\"\n")).collect();
    let file = format!(
        "name,active,password_hash\n{rows}carl,yes,$1$pQ2txUDh$HVwAWUM5KDwTy5J/.23aP0\ndora,yes,{{CLEARTEXT}}tulip\n"
    );
    let planned = plan(&test.system(), file.as_bytes()).await.unwrap();
    let report = apply(&test.system(), file.as_bytes()).await.unwrap();
    assert_eq!((planned.created, planned.refused), (HASHES.len(), 2), "{planned:?}");
    assert_eq!((report.created, report.refused), (HASHES.len(), 2), "{report:?}");
    let why = &report.rows[HASHES.len()].detail;
    assert!(why.contains("no hash of a kind that is taken over"), "{why}");
    assert!(!format!("{report:?}").contains("tulip"));

    let kept = async |name: &str| {
        let (name, ctx) = (name.to_owned(), test.system());
        let asking = ctx.clone();
        ctx.read(move |reader| {
            let user = user::by_name(reader, &name)?.unwrap();
            let unix = user::unix_password(reader, &asking, user.id)?;
            Ok((Stored::of(reader, &asking, user.id)?, unix.is_some()))
        })
        .await
        .unwrap()
    };
    let begin = async |name: &str, typed: &str| {
        let first_door = FirstDoorProof::Password(typed.into());
        let begin = Begin { name: name.into(), resource: Resource::Portal, first_door };
        signin::begin(&test.nobody(), begin).await.unwrap()
    };
    for (name, _) in HASHES {
        assert!(matches!(begin(name, "gravel tulip 15 e").await, Step::Denied(_)));
        assert!(matches!(kept(name).await, (Stored::Imported(_), false)), "a wrong password changes nothing");
        assert!(matches!(begin(name, TYPED).await, Step::EnrollmentNeeded { .. }), "{name}");
        assert!(matches!(kept(name).await, (Stored::Ours(_), true)), "the devices have one now too");
        assert!(matches!(begin(name, TYPED).await, Step::EnrollmentNeeded { .. }), "{name} again");
    }
    // A file replaces no password, whoever kept it.
    let again = apply(&test.system(), b"name,password_hash\nssha,{SSHA}wVj1FGFwIwWwgldgpH2hvO/RuOdtTQlB\n")
        .await
        .unwrap();
    assert_eq!(again.refused, 1, "{again:?}");
}

#[tokio::test]
async fn an_imported_password_rests_sealed_and_a_new_one_ends_it() {
    const HASH: &str = "{SSHA}wVj1FGFwIwWwgldgpH2hvO/RuOdtTQlB";
    let test = testing::org().await;
    let ctx = test.system();
    apply(&ctx, format!("name,active,password_hash\nada,yes,{HASH}\n").as_bytes()).await.unwrap();
    let (ada, sealed) = ctx
        .read(|reader| {
            let ada = user::by_name(reader, "ada")?.unwrap();
            Ok((ada.id, reader.find_secret(&ada.id.to_string(), "imported_password")?.unwrap()))
        })
        .await
        .unwrap();
    assert!(!String::from_utf8_lossy(&sealed).contains("wVj1FGFw"));
    user::set_password(&ctx, ada, &"hovercraft of eels".into()).await.unwrap();
    let first_door = FirstDoorProof::Password("gravel tulip 15 é".into());
    let begin = Begin { name: "ada".into(), resource: Resource::Portal, first_door };
    assert!(matches!(signin::begin(&test.nobody(), begin).await.unwrap(), Step::Denied(_)));
}
