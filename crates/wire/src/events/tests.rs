use sallyport_model::{
    ChangeKind, Factor, FactorKind, Group, GroupKind, Proof, Subject, Time,
    change::Actor,
    event::SessionEnded,
    id::{ApplicationId, DeviceId, EventId, FactorId, GroupId, SignInId, TokenId, UserId},
    signin::{Reason, SecondDoor, SignInState},
};
use uuid::Uuid;

use super::*;

const NOW: Time = Time(1_767_225_600_123_456);

fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn alice() -> UserId {
    UserId::new(uuid(1))
}

fn by() -> Reporter {
    Reporter { organization: "org_1".into(), host: "sallyport.example.com".into(), version: "1.2.3" }
}

fn event(what: Happening) -> Event {
    Event { id: EventId::new(uuid(9)), seq: 7, at: NOW, what }
}

fn change(noun: &str, verb: &str, kind: ChangeKind, docs: [Option<Value>; 2]) -> Event {
    let [before, after] = docs.map(|doc| doc.map(|doc| doc.to_string()));
    event(Happening::Change(Change {
        seq: 3,
        at: NOW,
        actor: Actor::User { id: UserId::new(uuid(2)), name: "ada".into() },
        source: Some("192.0.2.7".into()),
        request: "req-1".into(),
        kind,
        verb: verb.into(),
        subject: Subject { noun: noun.into(), id: alice().to_string(), label: "alice".into() },
        before,
        after,
    }))
}

fn sign_in(user: Option<UserId>, state: SignInState) -> SignIn {
    SignIn {
        id: SignInId::new(uuid(4)),
        name: "alice".into(),
        user,
        resource: Resource::Application { application: ApplicationId::new(uuid(5)), name: "VPN".into() },
        source: Some("2001:db8::7".into()),
        country: "CH".parse().ok(),
        device: None,
        host: None,
        managed_device: None,
        state,
        first_door: None,
        second_door: Some(SecondDoor::here(FactorId::new(uuid(6)), FactorKind::Totp)),
        tried: None,
        reasons: vec![Reason::BothDoorsPassed],
        epoch: 0,
        created: NOW,
    }
}

/// One of every sort.
fn samples() -> Vec<Event> {
    let factor = Factor {
        id: FactorId::new(uuid(6)),
        user: alice(),
        proof: Proof::Totp,
        name: "Phone".into(),
        duo_id: String::new(),
        created: NOW,
    };
    let group = Group {
        id: GroupId::new(uuid(8)),
        name: "staff".into(),
        description: String::new(),
        kind: GroupKind::Users,
        device_login: None,
        created: NOW,
    };
    let (factor, group) = (json!(factor), json!(group));
    let member = |id: String| [None, Some(json!({ "member_added": id }))];
    let mut all = vec![
        change("user", "create", ChangeKind::Created, [None, Some(json!({ "name": "alice" }))]),
        change("user", "suspend", ChangeKind::Updated, [None, None]),
        change("user", "text", ChangeKind::Updated, [None, None]),
        change("factor", "enroll", ChangeKind::Created, [None, Some(factor.clone())]),
        change("factor", "remove", ChangeKind::Deleted, [Some(factor), None]),
        change("factor", "rename", ChangeKind::Updated, [None, None]),
        change("group", "create", ChangeKind::Created, [None, Some(group.clone())]),
        change("group", "update", ChangeKind::Updated, [Some(group.clone()), Some(group)]),
        change("group", "add_member", ChangeKind::Updated, member(alice().to_string())),
        change("group", "add_member", ChangeKind::Updated, member(GroupId::new(uuid(3)).to_string())),
        change("group", "add_member", ChangeKind::Updated, member(DeviceId::new(uuid(3)).to_string())),
        change("device", "admit", ChangeKind::Updated, [None, None]),
        change("settings", "update", ChangeKind::Updated, [None, None]),
        change("run", "launch", ChangeKind::Created, [None, None]),
        change("something_new", "do", ChangeKind::Deleted, [None, None]),
        event(Happening::SignIn(sign_in(Some(alice()), SignInState::Allowed { at: NOW }))),
        event(Happening::SignIn(sign_in(None, SignInState::Denied { at: NOW }))),
        event(Happening::SessionEnded(SessionEnded {
            session: "abc".into(),
            user: alice(),
            name: "alice".into(),
            by: Actor::System { rule: "sessions".into() },
            source: None,
            opened: NOW,
        })),
    ];
    for actor in [
        Actor::LocalAdmin,
        Actor::Token { id: TokenId::new(uuid(2)), name: "backup".into() },
        Actor::Application { id: ApplicationId::new(uuid(2)), name: "admin".into() },
        Actor::Device { id: DeviceId::new(uuid(2)), name: "laptop".into() },
    ] {
        let mut event = change("user", "update", ChangeKind::Updated, [None, None]);
        if let Happening::Change(change) = &mut event.what {
            (change.actor, change.source) = (actor, None);
        }
        all.push(event);
    }
    all
}

type Class = (u64, u64, &'static [&'static str], &'static [&'static str], u64);

/// What version 1.8.0 of the schema asks of a class: its category, the attributes it requires besides those of every event, of
/// which it wants one at least, and its activities up to this one (besides 99).
#[rustfmt::skip]
const CLASSES: [Class; 5] = [
    (3001, 3, &["user"],                          &[],                          12),
    (3002, 3, &["user"],                          &["service", "dst_endpoint"], 7),
    (3004, 3, &["entity"],                        &[],                          13),
    (3006, 3, &["group"],                         &[],                          8),
    (6003, 6, &["actor", "api", "src_endpoint"],  &[],                          4),
];
const EVERY_EVENT: [&str; 7] =
    ["activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid"];
/// Of objects: what is required, and of what there must be one at least.
#[rustfmt::skip]
const OBJECTS: [(&str, &[&str], &[&str]); 10] = [
    ("metadata",         &["product", "version"], &[]),
    ("product",          &[],                     &["name", "uid"]),
    ("user",             &[],                     &["account", "name", "uid"]),
    ("group",            &[],                     &["name", "uid"]),
    ("subgroup",         &[],                     &["name", "uid"]),
    ("service",          &[],                     &["name", "uid"]),
    ("entity",           &[],                     &["name", "uid", "device", "group", "org", "policy", "user"]),
    ("actor",            &[],                     &["process", "user", "invoked_by", "session", "app_name", "app_uid"]),
    ("src_endpoint",     &[],                     &["ip", "uid", "name", "hostname", "svc_name", "domain"]),
    ("api",              &["operation"],          &[]),
];

fn check_objects(value: &Value) {
    let Value::Object(fields) = value else { return };
    for (name, field) in fields {
        assert!(!field.is_null(), "{name} is null: {value}");
        if let Some((_, required, one_of)) = OBJECTS.iter().find(|(known, ..)| known == name) {
            assert!(required.iter().all(|required| field.get(required).is_some()), "{name}: {field}");
            assert!(
                one_of.is_empty() || one_of.iter().any(|one| field.get(one).is_some()),
                "{name}: {field}"
            );
        }
        // What the schema does not map has its own shape.
        if name != "unmapped" {
            check_objects(field);
        }
    }
}

#[test]
fn every_event_has_what_the_schema_requires_of_its_class() {
    let mut seen = std::collections::BTreeSet::new();
    for event in samples() {
        let written = ocsf::written(&event, &by());
        let number = |name: &str| written[name].as_u64().unwrap_or_else(|| panic!("{name}: {written}"));
        let class = number("class_uid");
        let (_, category, required, one_of, last) =
            CLASSES.iter().find(|(uid, ..)| *uid == class).unwrap_or_else(|| panic!("{written}"));
        for name in EVERY_EVENT.iter().chain(*required) {
            assert!(written.get(name).is_some(), "{name} of {class}: {written}");
        }
        assert!(one_of.is_empty() || one_of.iter().any(|name| written.get(name).is_some()), "{written}");
        let activity = number("activity_id");
        assert!(activity == 99 || (1..=*last).contains(&activity), "{activity} of {class}");
        assert_eq!((number("type_uid"), number("category_uid")), (class * 100 + activity, *category));
        assert_eq!((number("time"), &written["metadata"]["version"]), (1_767_225_600_123, &"1.8.0".into()));
        assert!((1..=6).contains(&number("severity_id")));
        for factor in written["auth_factors"].as_array().into_iter().flatten() {
            assert!(factor["factor_type_id"].is_u64());
        }
        check_objects(&written);
        seen.insert(class);
    }
    assert_eq!(seen.len(), CLASSES.len(), "a class that nothing is written in");
}

#[test]
fn what_happened_is_in_the_words_of_the_schema() {
    let said: Vec<String> = samples()
        .iter()
        .map(|event| ocsf::written(event, &by())["type_name"].as_str().unwrap_or_default().to_owned())
        .collect();
    let expected = [
        "Account Change: Create",
        "Account Change: Disable",
        "Account Change: text",
        "Account Change: MFA Factor Enable",
        "Account Change: MFA Factor Disable",
        "Account Change: rename",
        "Group Management: Create",
        "Group Management: update",
        "Group Management: Add User",
        "Group Management: Add Subgroup",
        "Group Management: add_member",
        "Entity Management: Activate",
        "Entity Management: Update",
        "API Activity: Create",
        "Entity Management: Delete",
        "Authentication: Logon",
        "Authentication: Logon",
        "Authentication: Logoff",
    ];
    assert_eq!(said[..expected.len()], expected);
    let denied = ocsf::written(&samples()[16], &by());
    assert_eq!((&denied["status"], &denied["user"]["name"]), (&"Failure".into(), &"unknown".into()));
    let enrolled = ocsf::written(&samples()[3], &by());
    assert_eq!(enrolled["user"]["uid"], alice().to_string());
}

#[test]
fn hostile_names_stay_one_event_of_one_line() {
    let hostile = "eve\r\n<110>1 - - - - - -|=\\ \u{1b}[31m\u{202e} CEF:0|x\"}";
    for event in [
        change(
            "user",
            "update",
            ChangeKind::Updated,
            [None, Some(json!({ "name": hostile, "display_name": hostile }))],
        ),
        event(Happening::SignIn(SignIn {
            name: hostile.into(),
            source: Some(hostile.into()),
            ..sign_in(Some(alice()), SignInState::Denied { at: NOW })
        })),
    ] {
        let mut event = event;
        if let Happening::Change(change) = &mut event.what {
            change.subject.label = hostile.into();
            change.actor = Actor::User { id: alice(), name: hostile.into() };
        }
        let json = ocsf::written(&event, &by()).to_string();
        let cef = cef::written(&event, &by());
        for text in [&json, &cef] {
            assert!(!text.contains(['\n', '\r', '\u{1b}', '\u{202e}']), "{text}");
            let message = syslog::message(&event, text, &by());
            assert!(!message.contains(['\n', '\r']), "{message}");
            let head: Vec<&str> = message.splitn(8, ' ').collect();
            assert!(head[0].starts_with("<1") && head[0].ends_with(">1") && head[6] == "-", "{message}");
            let framed = syslog::framed(&message);
            let (length, rest) = std::str::from_utf8(&framed).unwrap().split_once(' ').unwrap();
            assert_eq!(length.parse::<usize>().unwrap(), rest.len());
        }
        let payload = payload(&event).to_string();
        assert!(!payload.contains(['\n', '\r', '\u{1b}']), "{payload}");
        // Bars end fields of the head, equals signs names of the rest, unless there is a mark before them.
        let bars = cef.replace("\\\\", "").replace("\\|", "");
        let extension = bars.splitn(8, '|').nth(7).unwrap().replace("\\=", "");
        let names: Vec<&str> =
            extension.split('=').map(|part| part.rsplit(' ').next().unwrap_or_default()).collect();
        let known = [
            "rt",
            "externalId",
            "cn1",
            "cn1Label",
            "dvchost",
            "suid",
            "suser",
            "duid",
            "duser",
            "src",
            "cs1",
            "cs1Label",
            "cs2",
            "cs2Label",
            "cs3",
            "cs3Label",
            "outcome",
            "reason",
            "destinationServiceName",
        ];
        assert!(names[..names.len() - 1].iter().all(|name| known.contains(name)), "{names:?}");
    }
}

#[test]
fn of_what_changed_only_what_is_listed_is_told_with_its_value() {
    let before = json!({ "name": "a", "roles": [], "notes": "n", "secret": "s1", "kind": { "deep": 1 } });
    let after =
        json!({ "name": "b", "roles": ["owner"], "notes": "private", "secret": "s2", "kind": { "deep": 2 } });
    let payload = payload(&change("user", "update", ChangeKind::Updated, [Some(before), Some(after)]));
    assert_eq!(payload["data"]["changed"], json!(["kind", "name", "notes", "roles", "secret"]));
    assert_eq!(payload["data"]["values"], json!({ "name": "b", "roles": ["owner"] }));
    assert!(!payload.to_string().contains("private") && !payload.to_string().contains("s2"));
}

#[test]
fn a_name_that_nobody_has_is_told_to_nobody() {
    let typed = "correct horse battery staple";
    let event = event(Happening::SignIn(SignIn {
        name: typed.into(),
        ..sign_in(None, SignInState::Denied { at: NOW })
    }));
    for text in
        [payload(&event).to_string(), ocsf::written(&event, &by()).to_string(), cef::written(&event, &by())]
    {
        assert!(!text.contains("horse"), "{text}");
    }
}
