//! Groups in groups: never in a circle, never so deep that something could be overlooked.

use std::collections::{BTreeMap, VecDeque};

use sallyport_model::{Group, id::GroupId};
use sallyport_store::{Edge, Reader};

use super::known;
use crate::AppError;

/// Most groups inside one another. The store follows twice as many, so nothing is ever overlooked.
pub(super) const DEEPEST: usize = 32;

/// Refuses `inner` in `group` when `group` is in `inner` already, or when groups would nest too deep.
pub(super) fn refuse_circle(reader: &mut Reader, group: &Group, inner: &Group) -> Result<(), AppError> {
    if let Some(path) = path_down(reader, inner.id, group.id)? {
        let text =
            format!("group `{}` cannot be in `{}`: it contains it already ({path})", inner.name, group.name);
        return Err(AppError::Conflict(text.into()));
    }
    let above = levels(reader, group.id, |reader, id| Ok(reader.lefts_of(Edge::Member, id)?))?;
    let below = levels(reader, inner.id, |reader, id| Ok(reader.rights_of(Edge::Member, id)?))?;
    if above + below > DEEPEST {
        return Err(AppError::Conflict(
            format!("groups can be in one another {DEEPEST} deep, not deeper").into(),
        ));
    }
    Ok(())
}

/// The way from `top` down to `bottom` in names, if there is one. It is looked for upwards, where only groups are.
fn path_down(reader: &mut Reader, top: GroupId, bottom: GroupId) -> Result<Option<String>, AppError> {
    let (top, bottom) = (top.to_string(), bottom.to_string());
    let mut below: BTreeMap<String, Option<String>> = BTreeMap::from([(bottom.clone(), None)]);
    let mut queue = VecDeque::from([bottom]);
    while let Some(id) = queue.pop_front() {
        if id == top {
            return named_path(reader, &top, &below).map(Some);
        }
        for around in reader.lefts_of(Edge::Member, &id)? {
            if !below.contains_key(&around) {
                below.insert(around.clone(), Some(id.clone()));
                queue.push_back(around);
            }
        }
    }
    Ok(None)
}

fn named_path(
    reader: &mut Reader,
    top: &str,
    below: &BTreeMap<String, Option<String>>,
) -> Result<String, AppError> {
    let mut names = Vec::new();
    let mut at = Some(top.to_owned());
    while let Some(id) = at {
        names.push(known(reader, id.parse()?)?.value.name);
        at = below.get(&id).cloned().flatten();
    }
    Ok(names.join(" > "))
}

/// How many levels of groups there are from `start` in one direction, itself included.
fn levels(
    reader: &mut Reader,
    start: GroupId,
    step: impl Fn(&mut Reader, &str) -> Result<Vec<String>, AppError>,
) -> Result<usize, AppError> {
    let mut level = vec![start.to_string()];
    let mut count = 0;
    // A group may be on several levels; without circles this ends, and the limit ends it in any case.
    while !level.is_empty() && count <= DEEPEST {
        count += 1;
        let mut next = Vec::new();
        for id in &level {
            next.extend(step(reader, id)?.into_iter().filter(|id| id.starts_with(GroupId::PREFIX)));
        }
        next.sort_unstable();
        next.dedup();
        level = next;
    }
    Ok(count)
}
