//! What changed lately, by whom.

use std::collections::HashMap;

use sallyport_api::rest::{ChangedNouns, ChangesBy, ChangesSum};
use sallyport_store::Reader;

use crate::{
    AppError, Ctx,
    census::{Did, Lately},
};

/// So many who changed something are named, and so many kinds of what they did.
const MOST_NAMED: usize = 6;
const MOST_TOLD: usize = 4;

pub(super) fn sum(reader: &mut Reader, ctx: &Ctx) -> Result<ChangesSum, AppError> {
    let now = ctx.now;
    ctx.org.view.census.ask(reader, now, |known| {
        let (did, others) = known.lately.at(now);
        let count = did.values().sum::<u64>() + others;
        let actors = by_actor(did);
        let named: u64 = actors.iter().map(|by| by.count).sum();
        ChangesSum { since: Lately::since(now), count, others: count - named, actors }
    })
}

fn by_actor(did: HashMap<&Did, u64>) -> Vec<ChangesBy> {
    let mut by: HashMap<&str, ChangesBy> = HashMap::new();
    for (did, count) in did {
        let who = by.entry(&did.who).or_insert_with(|| ChangesBy {
            who: did.who.clone(),
            count: 0,
            changed: Vec::new(),
        });
        who.count += count;
        who.changed.push(ChangedNouns { noun: did.noun.clone(), kind: did.kind, count });
    }
    let mut by: Vec<ChangesBy> = by.into_values().collect();
    by.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.who.cmp(&b.who)));
    by.truncate(MOST_NAMED);
    for who in &mut by {
        let order = |of: &ChangedNouns| (std::cmp::Reverse(of.count), of.noun.clone(), of.kind.as_str());
        who.changed.sort_by_key(order);
        who.changed.truncate(MOST_TOLD);
    }
    by
}
