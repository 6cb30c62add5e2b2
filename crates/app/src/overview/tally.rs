//! What the sign-in log comes to in a while: how many were let in, who was not, and why.

use std::collections::HashMap;

use sallyport_model::{
    Time,
    id::UserId,
    signin::{Reason, Resource, SignIn, SignInState},
};
use serde::{Deserialize, Serialize};

/// So many people are told apart in what is kept; of the others it is known how often they were denied.
const MOST_KEPT: usize = 40;

/// How often sign-ins were denied for this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ForReason {
    pub(crate) reason: Reason,
    pub(crate) count: u64,
}

/// Somebody who was denied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Denied {
    pub(crate) user: UserId,
    pub(crate) count: u64,
    pub(crate) last: Time,
    pub(crate) reasons: Vec<ForReason>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Tally {
    pub(crate) allowed: u64,
    pub(crate) denied: u64,
    /// Logins at devices among those who were let in.
    pub(crate) device_logins: u64,
    pub(crate) reasons: Vec<ForReason>,
    pub(crate) people: Vec<Denied>,
    /// Attempts under names that nobody has.
    pub(crate) strangers: u64,
}

/// Sums as they are added up.
#[derive(Default)]
pub(crate) struct Tallying {
    sums: Tally,
    people: HashMap<UserId, Denied>,
}

impl Tallying {
    pub(crate) fn take(&mut self, sign_in: &SignIn) {
        match sign_in.state {
            SignInState::FirstDoor | SignInState::SecondDoor { .. } => {}
            SignInState::Allowed { .. } => {
                self.sums.allowed += 1;
                let at_device = matches!(sign_in.resource, Resource::DeviceLogin { .. });
                self.sums.device_logins += u64::from(at_device);
            }
            // What was only a request for a code that is on its way is nobody's failure.
            SignInState::Denied { .. } if sign_in.reasons.contains(&Reason::CodeTexted) => {}
            SignInState::Denied { at } => self.deny(sign_in, at),
        }
    }

    fn deny(&mut self, sign_in: &SignIn, at: Time) {
        self.sums.denied += 1;
        let reasons: Vec<ForReason> = sign_in
            .refusal()
            .map(|reason| ForReason { reason: reason.clone(), count: 1 })
            .into_iter()
            .collect();
        add_reasons(&mut self.sums.reasons, &reasons);
        match sign_in.user {
            None => self.sums.strangers += 1,
            Some(user) => self.add_person(&Denied { user, count: 1, last: at, reasons }),
        }
    }

    pub(crate) fn add(&mut self, tally: &Tally) {
        self.sums.allowed += tally.allowed;
        self.sums.denied += tally.denied;
        self.sums.device_logins += tally.device_logins;
        self.sums.strangers += tally.strangers;
        add_reasons(&mut self.sums.reasons, &tally.reasons);
        tally.people.iter().for_each(|person| self.add_person(person));
    }

    fn add_person(&mut self, person: &Denied) {
        match self.people.get_mut(&person.user) {
            Some(known) => {
                known.count += person.count;
                known.last = known.last.max(person.last);
                add_reasons(&mut known.reasons, &person.reasons);
            }
            None => drop(self.people.insert(person.user, person.clone())),
        }
    }

    /// The sums, with those who were denied most.
    pub(crate) fn done(mut self) -> Tally {
        let mut people: Vec<Denied> = self.people.into_values().collect();
        people.sort_by_key(|person| std::cmp::Reverse((person.count, person.last, person.user)));
        people.truncate(MOST_KEPT);
        people.iter_mut().for_each(|person| sort(&mut person.reasons));
        sort(&mut self.sums.reasons);
        Tally { people, ..self.sums }
    }
}

impl Tally {
    pub(crate) const fn is_empty(&self) -> bool {
        self.allowed == 0 && self.denied == 0
    }
}

fn add_reasons(sums: &mut Vec<ForReason>, more: &[ForReason]) {
    for of in more {
        match sums.iter_mut().find(|known| known.reason == of.reason) {
            Some(known) => known.count += of.count,
            None => sums.push(of.clone()),
        }
    }
}

/// The most frequent first.
fn sort(reasons: &mut [ForReason]) {
    reasons.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.as_str().cmp(b.reason.as_str())));
}
