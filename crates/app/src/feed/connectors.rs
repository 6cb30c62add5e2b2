//! Tells connectors whom a change reached; what they do about it they do by themselves, for it takes calls to others.

use sallyport_model::{Change, ChangeKind, Connector, Group, User, connector::ExportedPeople, id::UserId};
use sallyport_store::Noun as _;
use serde::Deserialize;

use super::Notice;
use crate::{AppError, Tx, connector::Standing};

/// A group's change that is one of its members.
#[derive(Deserialize)]
struct MemberChange {
    member_added: Option<String>,
    member_removed: Option<String>,
}

pub(super) fn apply(tx: &mut Tx<'_, '_>, changes: &[Change]) -> Result<Vec<Notice>, AppError> {
    let is_meant = |noun: &str| noun == User::NOUN || noun == Group::NOUN;
    if !changes.iter().any(|change| is_meant(&change.subject.noun)) {
        return Ok(Vec::new());
    }
    let connectors = tx.list_all::<Connector>()?;
    for connector in connectors.iter().filter(|connector| connector.enabled) {
        for change in changes {
            match reached(change, connector) {
                Reached::Everybody => {
                    let mut standing: Standing = tx.connector_standing(connector.id)?;
                    standing.compare_soon();
                    tx.put_connector_standing(connector.id, &standing)?;
                }
                Reached::Nobody => {}
                Reached::People(people) => {
                    for id in people {
                        tx.mark_dirty(connector.id, &id, change.seq)?;
                    }
                }
            }
        }
    }
    Ok(if connectors.is_empty() { Vec::new() } else { vec![Notice::Connectors] })
}

enum Reached {
    Everybody,
    Nobody,
    People(Vec<String>),
}

fn reached(change: &Change, connector: &Connector) -> Reached {
    let id = &change.subject.id;
    match change.subject.noun.as_str() {
        noun if noun == User::NOUN => Reached::People(vec![id.clone()]),
        noun if noun == Group::NOUN => reached_by_group(change, connector),
        _ => Reached::Nobody,
    }
}

fn reached_by_group(change: &Change, connector: &Connector) -> Reached {
    let docs = [&change.before, &change.after].into_iter().flatten();
    let members = docs
        .filter_map(|doc| serde_json::from_str::<MemberChange>(doc).ok())
        .flat_map(|member| [member.member_added, member.member_removed])
        .flatten();
    let members: Vec<String> = members.collect();
    if members.is_empty() {
        // The group itself: its name, or that it is no more, which may also end what led through it.
        let is_ours = |groups: &[sallyport_model::id::GroupId]| {
            groups.iter().any(|group| group.to_string() == change.subject.id)
        };
        let is_scope = matches!(&connector.people, ExportedPeople::Groups { groups } if is_ours(groups));
        let is_gone = change.kind == ChangeKind::Deleted;
        return if is_gone || is_scope || is_ours(&connector.groups) {
            Reached::Everybody
        } else {
            Reached::Nobody
        };
    }
    if members.iter().all(|member| member.parse::<UserId>().is_ok()) {
        Reached::People(members)
    } else {
        Reached::Everybody
    }
}
