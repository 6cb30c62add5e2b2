//! How many changes of what were made by whom, hour by hour.

use std::collections::{BTreeMap, HashMap};

use sallyport_model::{Change, ChangeKind, Span, Time};

const HOUR: i64 = Span::hours(1).0;
/// Of an hour so many combinations are told apart; what is more is only counted.
const MOST_TOLD_APART: usize = 2_000;

/// Who changed what kind of noun in which way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Did {
    pub(crate) who: String,
    pub(crate) noun: String,
    pub(crate) kind: ChangeKind,
}

#[derive(Default)]
struct Hour {
    did: HashMap<Did, u64>,
    others: u64,
}

#[derive(Default)]
pub(crate) struct Lately(BTreeMap<i64, Hour>);

impl Lately {
    /// So long it is remembered, and the hour in which that begins.
    pub(crate) const KEPT: Span = Span::days(1);

    /// When the hour begins in which the time begins that is remembered.
    pub(crate) const fn since(now: Time) -> Time {
        let begins = now.minus(Self::KEPT).0;
        Time(begins - begins.rem_euclid(HOUR))
    }

    pub(super) fn take(&mut self, change: &Change) {
        let hour = change.at.0.div_euclid(HOUR);
        if let Some((newest, _)) = self.0.last_key_value() {
            let oldest = newest - Self::KEPT.0 / HOUR;
            if hour < oldest {
                return;
            }
            let oldest = oldest.max(hour - Self::KEPT.0 / HOUR);
            self.0.retain(|hour, _| *hour >= oldest);
        }
        let hour = self.0.entry(hour).or_default();
        let (who, noun) = (change.actor.label(), change.subject.noun.clone());
        let did = Did { who, noun, kind: change.kind };
        let has_room = hour.did.len() < MOST_TOLD_APART;
        match hour.did.get_mut(&did) {
            Some(count) => *count += 1,
            None if has_room => drop(hour.did.insert(did, 1)),
            None => hour.others += 1,
        }
    }

    /// How often each was done in the time that is told of, and how much more there was.
    pub(crate) fn at(&self, now: Time) -> (HashMap<&Did, u64>, u64) {
        let first = Self::since(now).0.div_euclid(HOUR);
        let (mut all, mut others) = (HashMap::new(), 0);
        for hour in self.0.range(first..).map(|(_, hour)| hour) {
            others += hour.others;
            for (did, count) in &hour.did {
                *all.entry(did).or_default() += count;
            }
        }
        (all, others)
    }
}
