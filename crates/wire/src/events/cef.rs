//! The Common Event Format, version 0: a head of seven fields with bars between them, then pairs of name and value.

use std::fmt::Write as _;

use sallyport_model::{
    Event, Happening,
    change::Actor,
    name::printable,
    signin::{SignIn, SignInState},
};

use super::{Facts, Reporter, actor_id, explained, ocsf, person, resource, shown};

/// An event in one line.
#[must_use]
pub fn written(event: &Event, by: &Reporter) -> String {
    let kind = event.what.kind();
    let mut line = format!(
        "CEF:0|Sallyport|Sallyport|{}|{}|{}|{}|",
        head(by.version),
        head(&kind),
        head(&kind.replace(['_', '.'], " ")),
        // Of ten: informational is 2, high is 8.
        ocsf::severity_of(event) * 2,
    );
    let mut pairs = vec![
        ("rt", event.what.at(event.at).0.div_euclid(1000).to_string()),
        ("externalId", event.id.to_string()),
        ("cn1", event.seq.to_string()),
        ("cn1Label", "sequence".to_owned()),
        ("dvchost", by.host.clone()),
    ];
    match &event.what {
        Happening::Change(change) => {
            pairs.extend(acting(&change.actor));
            let target = person(change);
            let id = target.as_ref().map_or(&change.subject.id, |(id, _)| id);
            pairs.push(("duid", id.clone()));
            pairs.push(("duser", target.and_then(|(_, name)| name).unwrap_or_default()));
            pairs.push(("src", change.source.clone().unwrap_or_default()));
            let facts = Facts::of(change);
            pairs.push(("cs1", format!("{} {}", change.subject.id, change.subject.label)));
            pairs.push(("cs1Label", "subject".to_owned()));
            pairs.push(("cs2", facts.changed.join(",")));
            pairs.push(("cs2Label", "changed".to_owned()));
            let values = serde_json::to_string(&facts.values).unwrap_or_default();
            pairs.push(("cs3", values));
            pairs.push(("cs3Label", "values".to_owned()));
            pairs.push(("outcome", "success".to_owned()));
        }
        Happening::SessionEnded(ended) => {
            pairs.extend(acting(&ended.by));
            pairs.push(("duid", ended.user.to_string()));
            pairs.push(("duser", ended.name.clone()));
            pairs.push(("src", ended.source.clone().unwrap_or_default()));
            pairs.push(("cs1", ended.session.clone()));
            pairs.push(("cs1Label", "session".to_owned()));
            pairs.push(("outcome", "success".to_owned()));
        }
        Happening::SignIn(sign_in) => pairs.extend(signed_in(sign_in)),
    }
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        let gap = if line.ends_with('|') { "" } else { " " };
        // Writing to a String cannot fail.
        write!(line, "{gap}{name}={}", extension(value)).ok();
    }
    line
}

fn signed_in(sign_in: &SignIn) -> Vec<(&'static str, String)> {
    let is_allowed = matches!(sign_in.state, SignInState::Allowed { .. });
    let known = sign_in.user.map(|_| sign_in.name.clone());
    vec![
        ("duid", sign_in.user.map(|user| user.to_string()).unwrap_or_default()),
        ("duser", known.unwrap_or_default()),
        ("src", sign_in.source.clone().unwrap_or_default()),
        ("destinationServiceName", resource(&sign_in.resource).1),
        ("outcome", if is_allowed { "success" } else { "failure" }.to_owned()),
        ("reason", explained(sign_in)),
        ("cs1", sign_in.second_door.as_ref().map(|door| door.kind.as_str().to_owned()).unwrap_or_default()),
        ("cs1Label", sign_in.second_door.as_ref().map(|_| "factor".to_owned()).unwrap_or_default()),
        ("cs2", sign_in.country.map(|country| country.as_str().to_owned()).unwrap_or_default()),
        ("cs2Label", sign_in.country.map(|_| "country".to_owned()).unwrap_or_default()),
    ]
}

fn acting(actor: &Actor) -> Vec<(&'static str, String)> {
    let (_, id) = actor_id(actor);
    vec![("suid", id.unwrap_or_default()), ("suser", actor.label())]
}

/// A field of the head: a bar would end it.
fn head(text: &str) -> String {
    shown(text).replace('\\', "\\\\").replace('|', "\\|")
}

/// A value: an equals sign would make the next name of it.
fn extension(text: &str) -> String {
    printable(text, 2000).replace('\\', "\\\\").replace('=', "\\=")
}
