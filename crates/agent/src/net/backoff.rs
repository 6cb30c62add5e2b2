//! Pauses between attempts: doubling, bounded, and different on every device.

use std::time::Duration;

use sallyport_crypto::{Random, random};

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);

#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(crate) const fn new() -> Self {
        Self { next: FIRST }
    }

    pub(crate) const fn reset(&mut self) {
        self.next = FIRST;
    }

    /// The next pause: between half of the present bound and all of it.
    pub(crate) fn next(&mut self, random: &dyn Random) -> Duration {
        let bound = self.next;
        self.next = bound.saturating_mul(2).min(LONGEST);
        spread(bound / 2, bound, random)
    }

    /// A pause the server asked for, with something on top so that not all devices come at once.
    pub(crate) fn at_least(&mut self, asked: Duration, random: &dyn Random) -> Duration {
        let asked = asked.min(Duration::from_secs(24 * 3600));
        spread(asked, asked + (asked / 4).max(FIRST), random)
    }
}

/// Without randomness the pause is the longer one.
fn spread(from: Duration, to: Duration, random: &dyn Random) -> Duration {
    let Ok(bytes) = random::bytes::<4>(random) else { return to };
    let share = f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX);
    from + to.saturating_sub(from).mul_f64(share)
}

#[cfg(test)]
mod tests {
    use sallyport_crypto::SystemRandom;

    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_and_begin_anew() {
        let random = SystemRandom::new();
        let mut backoff = Backoff::new();
        for bound in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            let pause = backoff.next(&random);
            assert!(pause <= Duration::from_secs(bound) && pause >= Duration::from_secs(bound) / 2);
        }
        backoff.reset();
        assert!(backoff.next(&random) <= FIRST);
        let asked = backoff.at_least(Duration::from_secs(40), &random);
        assert!(asked >= Duration::from_secs(40) && asked <= Duration::from_secs(50));
    }
}
