//! The Open Cybersecurity Schema Framework, version 1.8: which class and activity an event is, and the attributes that those
//! ask for.
//!
//! Sign-ins and ends of sessions are *Authentication* (3002), what happens to people and their factors *Account Change*
//! (3001), groups *Group Management* (3006), commands that run *API Activity* (6003), everything else of the directory *Entity
//! Management* (3004). An activity the schema has no word for is *Other* (99), under the name it has here.

use sallyport_model::{
    Change, ChangeKind, Event, FactorKind, Happening,
    change::Actor,
    event::SessionEnded,
    signin::{Reason, Resource, SignIn, SignInState},
};
use serde_json::{Map, Value, json};

use super::{Facts, Reporter, actor_id, explained, person, resource, shown};

/// The version of the schema.
pub const VERSION: &str = "1.8.0";

const IAM: (u32, &str) = (3, "Identity & Access Management");
const APPLICATION: (u32, &str) = (6, "Application Activity");

/// Class, activity and the attributes of both.
struct Classed {
    category: (u32, &'static str),
    class: (u32, &'static str),
    activity: (u32, String),
    severity: u32,
    /// Whether it came to what was wanted.
    success: bool,
    detail: String,
    message: String,
    attributes: Map<String, Value>,
}

/// An event in the words of the schema.
#[must_use]
pub fn written(event: &Event, by: &Reporter) -> Value {
    let classed = match &event.what {
        Happening::Change(change) => changed(change),
        Happening::SessionEnded(ended) => session_ended(ended),
        Happening::SignIn(sign_in) => signed_in(sign_in),
    };
    let at = event.what.at(event.at);
    let mut all = classed.attributes;
    let (activity, class) = (classed.activity.0, classed.class.0);
    all.extend(object(json!({
        "activity_id": activity,
        "activity_name": classed.activity.1,
        "category_uid": classed.category.0,
        "category_name": classed.category.1,
        "class_uid": class,
        "class_name": classed.class.1,
        "type_uid": u64::from(class) * 100 + u64::from(activity),
        "type_name": format!("{}: {}", classed.class.1, classed.activity.1),
        "severity_id": classed.severity,
        "severity": severity(classed.severity),
        "status_id": if classed.success { 1 } else { 2 },
        "status": if classed.success { "Success" } else { "Failure" },
        "status_detail": classed.detail,
        "message": classed.message,
        "time": at.0.div_euclid(1000),
        "metadata": {
            "version": VERSION,
            "product": { "name": "Sallyport", "vendor_name": "Sallyport", "version": by.version },
            "uid": event.id.to_string(),
            "sequence": event.seq,
            "event_code": event.what.kind(),
            "tenant_uid": by.organization,
            "original_time": at.to_string(),
            "log_name": "events",
            "reporter": { "name": "Sallyport", "hostname": by.host },
        },
    })));
    Value::Object(all)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        Value::Array(_) | Value::Bool(_) | Value::Null | Value::Number(_) | Value::String(_) => Map::new(),
    }
}

/// The word of a severity, and its number in CEF.
fn severity(id: u32) -> &'static str {
    match id {
        1 => "Informational",
        2 => "Low",
        3 => "Medium",
        _ => "High",
    }
}

/// How grave an event is: 1 to 4.
#[must_use]
pub fn severity_of(event: &Event) -> u32 {
    match &event.what {
        Happening::Change(change) => changed(change).severity,
        Happening::SessionEnded(_) => 1,
        Happening::SignIn(sign_in) => grave(sign_in),
    }
}

fn grave(sign_in: &SignIn) -> u32 {
    let alarms = |reason: &Reason| matches!(reason, Reason::PushNotMe | Reason::FactorCopied);
    match sign_in.state {
        SignInState::Denied { .. } if sign_in.reasons.iter().any(alarms) => 4,
        SignInState::Denied { .. } => 2,
        SignInState::Allowed { .. } | SignInState::FirstDoor | SignInState::SecondDoor { .. } => 1,
    }
}

fn signed_in(sign_in: &SignIn) -> Classed {
    let success = matches!(sign_in.state, SignInState::Allowed { .. });
    let user = match sign_in.user {
        Some(user) => user_object(Some(&user.to_string()), Some(&sign_in.name), 1),
        None => json!({ "name": "unknown", "type_id": 0, "type": "Unknown" }),
    };
    let (kind, name) = resource(&sign_in.resource);
    let uid = match &sign_in.resource {
        Resource::Application { application, .. } => Some(application.to_string()),
        Resource::DeviceLogin { device, .. } => Some(device.to_string()),
        Resource::Api | Resource::Portal => None,
    };
    let factors = sign_in.second_door.iter().map(|door| factor(door.kind)).collect::<Vec<_>>();
    let who = sign_in.user.map_or_else(|| "somebody unknown".to_owned(), |_| shown(&sign_in.name));
    let detail = explained(sign_in);
    let attributes = object(json!({
        "user": user,
        "service": object(json!({ "name": name, "uid": uid })),
        "src_endpoint": from(sign_in.source.as_deref(), sign_in.country.map(|country| country.as_str().to_owned())),
        "is_mfa": sign_in.second_door.is_some(),
        "is_remote": true,
        "logon_type_id": if kind == "device" { 2 } else { 3 },
        "logon_type": if kind == "device" { "Interactive" } else { "Network" },
        "auth_factors": if factors.is_empty() { Value::Null } else { Value::Array(factors) },
    }));
    Classed {
        category: IAM,
        class: (3002, "Authentication"),
        activity: (1, "Logon".into()),
        severity: grave(sign_in),
        success,
        message: format!("{who} {} {name}", if success { "signed in to" } else { "was refused at" }),
        detail,
        attributes,
    }
}

fn session_ended(ended: &SessionEnded) -> Classed {
    let attributes = object(json!({
        "user": user_object(Some(&ended.user.to_string()), Some(&ended.name), 1),
        "actor": acting(&ended.by),
        "service": { "name": "Sallyport" },
        "src_endpoint": from(ended.source.as_deref(), None),
        "session": { "uid": ended.session, "created_time": ended.opened.0.div_euclid(1000), "issuer": "Sallyport" },
        "is_remote": true,
    }));
    Classed {
        category: IAM,
        class: (3002, "Authentication"),
        activity: (2, "Logoff".into()),
        severity: 1,
        success: true,
        detail: String::new(),
        message: format!("a session of {} was ended by {}", shown(&ended.name), shown(&ended.by.label())),
        attributes,
    }
}

fn changed(change: &Change) -> Classed {
    let facts = Facts::of(change);
    let other = |change: &Change| (99, change.verb.clone());
    let (category, class, activity, own) = match change.subject.noun.as_str() {
        "user" | "factor" => {
            let (uid, name) = person(change).unwrap_or_else(|| ("unknown".into(), None));
            let activity = account_activity(change).unwrap_or_else(|| other(change));
            let user = user_object(Some(&uid), name.as_deref(), 1);
            (IAM, (3001, "Account Change"), activity, json!({ "user": user }))
        }
        "group" => {
            let group = json!({ "uid": change.subject.id, "name": shown(&change.subject.label) });
            let activity = group_activity(change, &facts).unwrap_or_else(|| other(change));
            (IAM, (3006, "Group Management"), activity, group_attributes(group, &facts))
        }
        "run" => {
            let activity = match change.kind {
                ChangeKind::Created => (1, "Create".to_owned()),
                ChangeKind::Updated => (3, "Update".to_owned()),
                ChangeKind::Deleted => (4, "Delete".to_owned()),
            };
            let own = json!({
                "api": { "operation": format!("{}.{}", change.subject.noun, change.verb) },
                "resources": [entity(change)],
            });
            (APPLICATION, (6003, "API Activity"), activity, own)
        }
        _ => {
            let activity = entity_activity(change);
            (IAM, (3004, "Entity Management"), activity, json!({ "entity": entity(change) }))
        }
    };
    let mut attributes = object(own);
    attributes.insert("actor".into(), acting(&change.actor));
    attributes.insert("src_endpoint".into(), from(change.source.as_deref(), None));
    attributes.insert(
        "unmapped".into(),
        json!({
            "subject": { "noun": change.subject.noun, "id": change.subject.id },
            "verb": change.verb, "changed": facts.changed, "values": facts.values, "request": change.request,
        }),
    );
    let label = format!("{} {}", change.subject.noun, shown(&change.subject.label));
    Classed {
        category,
        class,
        activity,
        severity: if change.subject.noun == "alarm" || change.subject.noun == "spray" { 4 } else { 1 },
        success: true,
        detail: String::new(),
        message: format!("{}: {} by {}", label, change.verb.replace('_', " "), shown(&change.actor.label())),
        attributes,
    }
}

fn account_activity(change: &Change) -> Option<(u32, String)> {
    let (id, name) = match (change.subject.noun.as_str(), change.verb.as_str(), change.kind) {
        ("factor", _, ChangeKind::Created) => (10, "MFA Factor Enable"),
        ("factor", _, ChangeKind::Deleted) => (11, "MFA Factor Disable"),
        ("factor", ..) => return None,
        (_, _, ChangeKind::Created) => (1, "Create"),
        (_, _, ChangeKind::Deleted) => (6, "Delete"),
        (_, "activate" | "awake", _) => (2, "Enable"),
        (_, "change_password", _) => (3, "Password Change"),
        (_, "set_password", _) => (4, "Password Reset"),
        (_, "suspend" | "fall_dormant", _) => (5, "Disable"),
        (_, "lock_password", _) => (9, "Lock"),
        (_, "unlock", _) => (12, "Unlock"),
        _ => return None,
    };
    Some((id, name.to_owned()))
}

fn group_activity(change: &Change, facts: &Facts) -> Option<(u32, String)> {
    let member = |name: &str| facts.values.get(name).and_then(Value::as_str).map(str::to_owned);
    let (added, removed) = (member("member_added"), member("member_removed"));
    let (id, name) = match (added.as_deref(), removed.as_deref(), change.kind) {
        (Some(member), ..) if member.starts_with("usr_") => (3, "Add User"),
        (Some(member), ..) if member.starts_with("grp_") => (7, "Add Subgroup"),
        (_, Some(member), _) if member.starts_with("usr_") => (4, "Remove User"),
        (_, Some(member), _) if member.starts_with("grp_") => (8, "Remove Subgroup"),
        (Some(_), ..) | (_, Some(_), _) => return None,
        (None, None, ChangeKind::Created) => (6, "Create"),
        (None, None, ChangeKind::Deleted) => (5, "Delete"),
        // Of which the schema has no word before its version 1.9.
        (None, None, ChangeKind::Updated) => return None,
    };
    Some((id, name.to_owned()))
}

fn group_attributes(group: Value, facts: &Facts) -> Value {
    let member = ["member_added", "member_removed"].iter().find_map(|name| facts.values.get(*name));
    let member = member.and_then(Value::as_str);
    let user = member.filter(|id| id.starts_with("usr_")).map(|id| user_object(Some(id), None, 1));
    let subgroup = member.filter(|id| id.starts_with("grp_")).map(|id| json!({ "uid": id }));
    json!({ "group": group, "user": user, "subgroup": subgroup })
}

fn entity_activity(change: &Change) -> (u32, String) {
    let (id, name) = match (change.verb.as_str(), change.kind) {
        ("enroll", _) => (6, "Enroll"),
        ("admit", _) => (10, "Activate"),
        ("revoke", _) => (7, "Unenroll"),
        ("switch_off", _) => (9, "Disable"),
        (_, ChangeKind::Created) => (1, "Create"),
        (_, ChangeKind::Updated) => (3, "Update"),
        (_, ChangeKind::Deleted) => (4, "Delete"),
    };
    (id, name.to_owned())
}

/// What is no person and no group.
fn entity(change: &Change) -> Value {
    let (id, kind) = match change.subject.noun.as_str() {
        "device" => (1, "Device"),
        "settings" => (4, "Organization"),
        "policy" => (5, "Policy"),
        noun => (99, noun),
    };
    json!({ "uid": change.subject.id, "name": shown(&change.subject.label), "type_id": id, "type": kind })
}

fn user_object(uid: Option<&str>, name: Option<&str>, kind: u32) -> Value {
    let kinds = [(1, "User"), (3, "System")];
    let word = kinds.iter().find(|(id, _)| *id == kind).map_or("Unknown", |(_, word)| word);
    Value::Object(object(json!({ "uid": uid, "name": name.map(shown), "type_id": kind, "type": word })))
}

fn acting(actor: &Actor) -> Value {
    let (_, id) = actor_id(actor);
    match actor {
        Actor::User { name, .. } => json!({ "user": user_object(id.as_deref(), Some(name), 1) }),
        Actor::LocalAdmin => json!({ "user": user_object(None, Some("local administrator"), 3) }),
        Actor::Application { .. } | Actor::Device { .. } | Actor::System { .. } | Actor::Token { .. } => {
            Value::Object(object(json!({ "app_name": shown(&actor.label()), "app_uid": id })))
        }
    }
}

/// Where it came from; of what came from nowhere, this server.
fn from(source: Option<&str>, country: Option<String>) -> Value {
    let location = country.map(|country| json!({ "country": country }));
    match source {
        Some(ip) => Value::Object(object(json!({ "ip": shown(ip), "location": location }))),
        None => json!({ "svc_name": "Sallyport" }),
    }
}

fn factor(kind: FactorKind) -> Value {
    let (id, name) = match kind {
        FactorKind::Phone => (1, "SMS"),
        FactorKind::Push => (5, "Push Notification"),
        FactorKind::HardwareToken => (6, "Hardware Token"),
        FactorKind::Totp => (7, "OTP"),
        FactorKind::Mail => (8, "Email"),
        FactorKind::Passkey => (10, "WebAuthn"),
        FactorKind::BypassCode | FactorKind::Duo => (99, kind.text()),
    };
    json!({ "factor_type_id": id, "factor_type": name, "is_totp": kind == FactorKind::Totp })
}
