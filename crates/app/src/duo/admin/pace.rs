//! How fast a program may ask, so that one that runs wild leaves room for the others: a number of calls at once, and
//! then so many a second. Beyond that it is told to wait, which clients of this protocol do by themselves.
//!
//! Counted in the memory of this node: a program that reaches several nodes may ask each of them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use sallyport_model::{Time, id::ApplicationId};
use sallyport_wire::duo::admin::{BypassCodes, Endpoint, Phones, Users, WebAuthn};

/// Most that can be asked at once, in units of [`cost`].
const AT_ONCE: i64 = 600;
/// Microseconds in which one unit comes back: twenty in a second.
const BACK_AFTER: i64 = 50_000;

/// What programs asked lately. Cloning shares it.
#[derive(Clone, Default)]
pub struct Pace(Arc<Mutex<HashMap<ApplicationId, Spent>>>);

#[derive(Clone, Copy)]
struct Spent {
    /// Units that have not come back yet.
    units: i64,
    since: Time,
}

/// What a call costs: a log or a whole list is more work than one thing.
const fn cost(endpoint: &Endpoint) -> i64 {
    match endpoint {
        // Of many small ones, or of some that are not.
        Endpoint::Bulk | Endpoint::Users(Users::BulkCreate | Users::BulkRestore | Users::BulkTrash) => 50,
        Endpoint::BypassCodes(BypassCodes::List)
        | Endpoint::Info(_)
        | Endpoint::Logs(_)
        | Endpoint::Phones(Phones::List)
        | Endpoint::Users(Users::List)
        | Endpoint::WebAuthn(WebAuthn::List) => 5,
        Endpoint::Admins(_)
        | Endpoint::BypassCodes(_)
        | Endpoint::Groups(_)
        | Endpoint::Integrations(_)
        | Endpoint::Phones(_)
        | Endpoint::Policies(_)
        | Endpoint::Settings(_)
        | Endpoint::Tokens(_)
        | Endpoint::Users(_)
        | Endpoint::WebAuthn(_)
        | Endpoint::Without(_) => 2,
    }
}

impl Pace {
    /// Whether this program may ask this now; then it has.
    #[must_use]
    pub fn admits(&self, program: ApplicationId, endpoint: &Endpoint, now: Time) -> bool {
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = spent.get(&program).copied().unwrap_or(Spent { units: 0, since: now });
        let passed = now.since(before.since).0.max(0);
        let back = passed / BACK_AFTER;
        let units = (before.units - back).max(0) + cost(endpoint);
        if units > AT_ONCE {
            return false;
        }
        // What is left of a unit's time counts on, so that asking often delays nothing.
        let since = if before.units <= back { now } else { Time(now.0 - passed % BACK_AFTER) };
        spent.insert(program, Spent { units, since });
        true
    }
}

#[cfg(test)]
mod tests {
    use sallyport_model::Span;
    use sallyport_wire::duo::admin::Groups;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn whoever_asks_too_fast_waits_and_nobody_else_does() {
        let (pace, now) = (Pace::default(), Time::from_unix_seconds(1_767_225_600));
        let (wild, calm) = (ApplicationId::new(Uuid::from_u128(1)), ApplicationId::new(Uuid::from_u128(2)));
        let list = Endpoint::Groups(Groups::List);
        let asked = (0..1000).filter(|_| pace.admits(wild, &list, now)).count();
        assert_eq!(asked, 300);
        assert!(pace.admits(calm, &list, now));
        assert!(!pace.admits(wild, &list, now.plus(Span(99_000))));
        assert!(pace.admits(wild, &list, now.plus(Span(100_000))));
        assert!(!pace.admits(wild, &list, now.plus(Span(150_000))));
        let later = now.plus(Span::minutes(1));
        assert_eq!((0..1000).filter(|_| pace.admits(wild, &list, later)).count(), 300);
        let much = later.plus(Span::minutes(1));
        let people = Endpoint::Users(Users::List);
        assert_eq!((0..1000).filter(|_| pace.admits(wild, &people, much)).count(), 120);
        let many = much.plus(Span::minutes(1));
        let made = Endpoint::Users(Users::BulkCreate);
        assert_eq!((0..1000).filter(|_| pace.admits(wild, &made, many)).count(), 12);
    }
}
