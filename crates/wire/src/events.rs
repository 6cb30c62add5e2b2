//! Events as others read them: our own JSON for webhooks, OCSF and CEF for systems that watch, and syslog to carry them.
//!
//! An event names what changed, and gives the values of a few fields that are named here. Everything else of a noun stays at
//! home: what a field holds that somebody adds later is not known here, and an event goes to where nobody can take it back.
//! Of a sign-in under a name that nobody has, the name is left out, for it is now and then somebody's password.

pub mod cef;
pub mod ocsf;
pub mod syslog;

use std::collections::BTreeSet;

use sallyport_model::{
    Change, Event, Happening,
    change::Actor,
    name::printable,
    signin::{Resource, SignIn},
};
use serde_json::{Map, Value, json};

/// Fields whose values are told.
const TOLD: [&str; 14] = [
    "active",
    "display_name",
    "enabled",
    "expires",
    "kind",
    "member_added",
    "member_removed",
    "name",
    "password_status",
    "platform",
    "revoked",
    "right",
    "roles",
    "state",
];
/// Longest text of a value, and most of a list of them.
const LONGEST: usize = 200;
const MOST: usize = 50;

/// Who writes.
#[derive(Debug, Clone)]
pub struct Reporter {
    /// The organisation's id.
    pub organization: String,
    /// The host name of this server, as the outside has it.
    pub host: String,
    pub version: &'static str,
}

/// An event as webhooks are sent it (Standard Webhooks: `type`, `timestamp` and `data`).
#[must_use]
pub fn payload(event: &Event) -> Value {
    json!({
        "type": event.what.kind(),
        "timestamp": event.what.at(event.at).to_string(),
        "id": event.id.to_string(),
        "sequence": event.seq,
        "data": data(&event.what),
    })
}

fn data(what: &Happening) -> Value {
    match what {
        Happening::Change(change) => {
            let facts = Facts::of(change);
            json!({
                "subject": { "noun": change.subject.noun, "id": change.subject.id, "name": shown(&change.subject.label) },
                "actor": actor(&change.actor),
                "source": change.source,
                "request": change.request,
                "change": change.kind.as_str(),
                "changed": facts.changed,
                "values": facts.values,
            })
        }
        Happening::SessionEnded(ended) => json!({
            "subject": { "noun": "user", "id": ended.user.to_string(), "name": shown(&ended.name) },
            "actor": actor(&ended.by),
            "session": ended.session,
            "source": ended.source,
            "opened": ended.opened.to_string(),
        }),
        Happening::SignIn(sign_in) => signed_in(sign_in),
    }
}

fn signed_in(sign_in: &SignIn) -> Value {
    let subject = sign_in
        .user
        .map(|user| json!({ "noun": "user", "id": user.to_string(), "name": shown(&sign_in.name) }));
    json!({
        "subject": subject,
        "sign_in": sign_in.id.to_string(),
        "state": sign_in.state.as_str(),
        "resource": { "kind": resource(&sign_in.resource).0, "name": resource(&sign_in.resource).1 },
        "source": sign_in.source,
        "country": sign_in.country.map(|country| country.as_str().to_owned()),
        "factor": sign_in.second_door.as_ref().map(|door| door.kind.as_str()),
        "reasons": sign_in.reasons.iter().map(|reason| json!(reason)).collect::<Vec<_>>(),
        "explanation": explained(sign_in),
    })
}

/// Kind and name of what somebody signed in to.
fn resource(resource: &Resource) -> (&'static str, String) {
    match resource {
        Resource::Api => ("api", "Sallyport API".into()),
        Resource::Application { name, .. } => ("application", shown(name)),
        Resource::DeviceLogin { name, service, .. } => ("device", shown(&format!("{name} ({service})"))),
        Resource::Portal => ("portal", "Sallyport portal".into()),
    }
}

fn explained(sign_in: &SignIn) -> String {
    sign_in.reasons.iter().map(sallyport_model::signin::Reason::text).collect::<Vec<_>>().join("; ")
}

fn actor(actor: &Actor) -> Value {
    let (kind, id) = actor_id(actor);
    json!({ "kind": kind, "id": id, "name": shown(&actor.label()) })
}

fn actor_id(actor: &Actor) -> (&'static str, Option<String>) {
    match actor {
        Actor::Application { id, .. } => ("application", Some(id.to_string())),
        Actor::Device { id, .. } => ("device", Some(id.to_string())),
        Actor::LocalAdmin => ("local_admin", None),
        Actor::System { .. } => ("system", None),
        Actor::Token { id, .. } => ("token", Some(id.to_string())),
        Actor::User { id, .. } => ("user", Some(id.to_string())),
    }
}

/// Text of people's, without anything that ends a line or moves a cursor.
fn shown(text: &str) -> String {
    printable(text, LONGEST)
}

/// What a change changed.
struct Facts {
    changed: Vec<String>,
    /// What is told of it, as it is now; of something deleted, as it was.
    values: Map<String, Value>,
}

impl Facts {
    fn of(change: &Change) -> Self {
        let (before, after) = (fields(change.before.as_deref()), fields(change.after.as_deref()));
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let changed = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
        let changed: Vec<String> = changed.map(|name| shown(name)).take(MOST).collect();
        let told = |name: &str| changed.iter().any(|known| known == name).then(|| name.to_owned());
        let now = if after.is_empty() { &before } else { &after };
        let values = TOLD.iter().filter_map(|name| Some((told(name)?, value(now.get(*name)?)?)));
        Self { values: values.collect(), changed }
    }
}

fn fields(doc: Option<&str>) -> Map<String, Value> {
    match doc.map(serde_json::from_str::<Value>) {
        Some(Ok(Value::Object(fields))) => fields,
        Some(Ok(_) | Err(_)) | None => Map::new(),
    }
}

/// A plain value, or a list of some; nothing of anything deeper.
fn value(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(_) | Value::Number(_) => Some(value.clone()),
        Value::String(text) => Some(Value::String(shown(text))),
        Value::Array(items) => {
            let plain = items.iter().filter_map(Value::as_str).take(MOST);
            Some(plain.map(|text| Value::String(shown(text))).collect())
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// Whom a factor is of, and whom a user's change is about.
fn person(change: &Change) -> Option<(String, Option<String>)> {
    match change.subject.noun.as_str() {
        "user" => Some((change.subject.id.clone(), Some(shown(&change.subject.label)))),
        "factor" => {
            let doc = fields(change.after.as_deref().or(change.before.as_deref()));
            doc.get("user").and_then(Value::as_str).map(|user| (user.to_owned(), None))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
