//! Enrolments in the authentication log: factors that people came to have, each at its place among the sign-ins around it.

use std::collections::VecDeque;

use sallyport_model::{Change, Factor, FactorKind, Time, id::SignInId};
use sallyport_store::{During, Reader};
use sallyport_wire::duo::admin::Order;
use uuid::Uuid;

use crate::AppError;

const NOUN: &str = "factor";
const VERB: &str = "enroll";
/// Most that are read for one answer.
const MOST: i64 = 10_000;

/// A factor that somebody came to have.
pub(super) struct Enrollment {
    pub(super) change: Change,
    pub(super) factor: Factor,
    /// Where it stands among sign-ins, and by what it is told apart from them.
    pub(super) place: SignInId,
}

/// Those of a part of the log that were not told yet, in its order.
pub(super) struct Enrollments {
    waiting: VecDeque<Enrollment>,
    order: Order,
    /// Where reading goes on another time, if these are not all.
    pub(super) more: Option<SignInId>,
}

impl Enrollments {
    /// Those from `first` on and before `end`.
    pub(super) fn between(
        reader: &mut Reader,
        (first, end): (SignInId, SignInId),
        order: Order,
    ) -> Result<Self, AppError> {
        let during = During {
            first: Time(millis(first).saturating_mul(1000)),
            last: Time(millis(end).saturating_mul(1000).saturating_add(999)),
            newest_first: order == Order::NewestFirst,
            past: None,
            limit: MOST,
        };
        let changes = reader.changes_of_noun((NOUN, VERB), &during)?;
        let is_full = i64::try_from(changes.len()).is_ok_and(|found| found >= MOST);
        let more = changes.last().filter(|_| is_full).map(place);
        let found = changes.into_iter().filter_map(enrollment);
        Ok(Self { waiting: found.collect(), order, more }.within((first, end)))
    }

    pub(super) fn count(&self) -> usize {
        self.waiting.len()
    }

    /// Leaves out what does not stand from `first` on and before `end`.
    pub(super) fn within(mut self, (first, end): (SignInId, SignInId)) -> Self {
        self.waiting.retain(|found| (first..end).contains(&found.place));
        self
    }

    /// Those that stand before this sign-in, in the order of the log.
    pub(super) fn before(&mut self, sign_in: SignInId) -> Vec<Enrollment> {
        let order = self.order;
        let stands_before = |found: &Enrollment| match order {
            Order::OldestFirst => found.place < sign_in,
            Order::NewestFirst => found.place > sign_in,
        };
        let count = self.waiting.iter().take_while(|found| stands_before(found)).count();
        self.waiting.drain(..count).collect()
    }

    pub(super) fn rest(&mut self) -> Vec<Enrollment> {
        self.waiting.drain(..).collect()
    }
}

/// Codes that an administrator hands out are nobody's enrolment.
fn enrollment(change: Change) -> Option<Enrollment> {
    let factor: Factor = serde_json::from_str(change.after.as_deref()?).ok()?;
    let place = place(&change);
    (factor.kind() != FactorKind::BypassCode).then_some(Enrollment { change, factor, place })
}

/// An id as sign-ins have them, made of when it was and of its place in the feed.
fn place(change: &Change) -> SignInId {
    const VERSION_AND_VARIANT: u128 = (7 << 76) | (2 << 62);
    let millis = u128::try_from(change.at.0 / 1000).unwrap_or(0) << 80;
    let seq = u128::try_from(change.seq).unwrap_or(0) & ((1 << 62) - 1);
    SignInId::new(Uuid::from_u128(millis | VERSION_AND_VARIANT | seq))
}

pub(super) fn millis(id: SignInId) -> i64 {
    i64::try_from(id.uuid().as_u128() >> 80).unwrap_or(i64::MAX)
}
