//! What should be there, read from the directory; and what we know of who is who.

use std::collections::{BTreeMap, BTreeSet};

use sallyport_model::{
    Connector, Group, GroupKind, User,
    connector::{ExportedPeople, UsernameSource},
    id::{GroupId, UserId},
};
use sallyport_store::Reader;

use super::plan::{Links, Person, Wanted, WantedGroup};
use crate::AppError;

/// Most people one connector manages.
pub(super) const MOST_PEOPLE: usize = 50_000;

/// What is wanted, and what we know, at one place of the feed.
pub(super) struct Ours {
    pub(super) wanted: Wanted,
    pub(super) links: Links,
    pub(super) place: i64,
}

impl Ours {
    pub(super) fn read(reader: &mut Reader, connector: &Connector) -> Result<Self, AppError> {
        let place = reader.feed_head()?;
        Ok(Self { wanted: wanted(reader, connector)?, links: links(reader, connector)?, place })
    }
}

fn wanted(reader: &mut Reader, connector: &Connector) -> Result<Wanted, AppError> {
    let chosen = chosen(reader, &connector.people)?;
    let mut wanted = Wanted::default();
    let mut groups_of: BTreeMap<String, BTreeSet<GroupId>> = BTreeMap::new();
    for id in &connector.groups {
        let group = reader.find::<Group>(*id)?.filter(|group| group.kind == GroupKind::Users);
        let Some(group) = group else { continue };
        let (name, desc) = (group.name.clone(), group.description.clone());
        wanted.groups.insert(*id, WantedGroup { name, desc });
        for member in reader.members_within(&id.to_string())? {
            groups_of.entry(member).or_default().insert(*id);
        }
    }
    for user in reader.list_all::<User>()? {
        let id = user.id.to_string();
        // Whoever lies in the trash here has left.
        if user.trashed.is_some() {
            continue;
        }
        if chosen.as_ref().is_none_or(|chosen| chosen.contains(&id)) {
            let groups = groups_of.remove(&id).unwrap_or_default();
            wanted.users.insert(user.id, person(&user, groups, connector));
        }
    }
    if wanted.users.len() > MOST_PEOPLE {
        return Err(AppError::Conflict(format!("a connector manages at most {MOST_PEOPLE} people").into()));
    }
    Ok(wanted.with_names())
}

/// The ids of those who are exported; none where everybody is.
fn chosen(reader: &mut Reader, people: &ExportedPeople) -> Result<Option<BTreeSet<String>>, AppError> {
    let ExportedPeople::Groups { groups } = people else { return Ok(None) };
    let mut chosen = BTreeSet::new();
    for group in groups {
        chosen.extend(reader.members_within(&group.to_string())?);
    }
    Ok(Some(chosen))
}

fn person(user: &User, groups: BTreeSet<GroupId>, connector: &Connector) -> Person {
    let mail = user.mails.first().map(|mail| mail.address.clone());
    Person {
        label: user.name.to_string(),
        username: match connector.username {
            UsernameSource::Mail => mail.clone(),
            UsernameSource::Name => Some(user.name.to_string()),
        },
        aliases: user.aliases.values().map(ToString::to_string).collect(),
        realname: user.display_name.clone(),
        email: mail.unwrap_or_default(),
        active: user.is_active(),
        groups,
        phones: connector.phones.then(|| user.phones.iter().map(|phone| phone.number.clone()).collect()),
    }
}

fn links(reader: &mut Reader, connector: &Connector) -> Result<Links, AppError> {
    let mut links = Links::default();
    for (subject, link) in reader.connector_links::<serde_json::Value>(connector.id)? {
        if let Ok(user) = subject.parse::<UserId>() {
            links.users.insert(user, serde_json::from_value(link)?);
        } else {
            links.groups.insert(subject.parse()?, serde_json::from_value(link)?);
        }
    }
    Ok(links)
}
