//! Where a token stands: which codes it spent, and how far its clock is off.
//!
//! What is remembered belongs to the seed and not to the token's row: whoever imports the same token again finds it
//! where it stood. It rests in a counter of the store that only rises.

use std::ops::Range;

use sallyport_crypto::{
    otp::{Codes, Digest},
    yubikey,
};
use sallyport_model::{CodeDigest, HardwareToken, HardwareTokenKind};
use sallyport_store::Reader;
use zeroize::Zeroizing;

use crate::{AppError, Ctx, Tx, ctx::open_secret};

/// Secret of a token, sealed.
pub(super) const SEED: &str = "otp_seed";
/// The counters of what was spent: a counter says something else than a step of time.
const SPENT_COUNTER: &str = "hotp_spent";
const SPENT_STEP: &str = "totp_spent";
const SPENT_PRESS: &str = "yubikey_spent";

/// How many codes ahead a button may have been pressed idly (RFC 4226, section 7.2).
const LOOK_AHEAD: i64 = 10;
/// How far a token is searched when its codes are given one after the other.
const FAR_AHEAD: i64 = 1000;
/// So many of the codes before are called used instead of wrong.
const REMEMBERED: i64 = 5;
/// How many steps of time a clock may be off, one way or the other.
const MOST_DRIFT: i64 = 100;
/// A step and the drift it was accepted with, as one number that rises with the step.
const DRIFTS: i64 = 256;

/// What a code turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tried {
    /// Right and not spent yet; to be spent by moving to the mark.
    Fresh(Mark),
    Used,
    Wrong,
}

/// Where a token stands once a code is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark(i64);

/// A token with its seed, and what it spent.
pub(super) struct Standing {
    kind: HardwareTokenKind,
    digest: Digest,
    digits: u8,
    seed: Zeroizing<Vec<u8>>,
    /// Whose counter it is: a keyed hash of the seed.
    owner: String,
    spent: Option<Mark>,
}

impl Standing {
    /// # Errors
    /// The store's, or the seed is not there or does not open.
    pub(super) fn of(reader: &mut Reader, ctx: &Ctx, token: &HardwareToken) -> Result<Self, AppError> {
        let seed = open_secret(reader, ctx, &token.id.to_string(), SEED)?
            .ok_or_else(|| AppError::Internal(format!("{} has no seed", token.id)))?;
        let owner = hash(ctx, &seed);
        let spent = reader.counter(&owner, spent_by(token.kind))?.map(Mark);
        let (kind, digits) = (token.kind, token.digits);
        Ok(Self { kind, digest: digest(token.digest), digits, seed, owner, spent })
    }

    pub(super) fn seed(&self) -> &[u8] {
        &self.seed
    }

    /// Tries one code. Nothing is spent yet. `drifts`: whether its clock is followed where it goes.
    pub(super) fn try_code(&self, typed: &str, now: i64, drifts: bool) -> Tried {
        let codes = self.codes();
        match self.kind {
            HardwareTokenKind::Hotp { counter } => {
                let next = self.next_counter(counter);
                match codes.find(ahead(next, LOOK_AHEAD), typed) {
                    Some(counter) => Tried::Fresh(Mark(counter)),
                    None if codes.find((next - REMEMBERED).max(counter)..next, typed).is_some() => {
                        Tried::Used
                    }
                    None => Tried::Wrong,
                }
            }
            HardwareTokenKind::Totp { interval } => {
                let (now, spent) = (step(now, interval), self.spent.map(Mark::step));
                // As for every authenticator, this step and the one before. Of a token whose clock consecutive codes have shown to be
                // off, those around where it stood, for the last of them may have been typed late.
                let drift = self.spent.map_or(0, Mark::drift);
                let (here, there) = (-1..=i64::from(drifts), drift - 1..=drift + 1);
                let mut steps: Vec<i64> = match drift {
                    0 => here.collect(),
                    _ if drifts => here.chain(there).collect(),
                    _ => there.collect(),
                };
                steps.iter_mut().for_each(|step| *step += now);
                steps.sort_unstable();
                steps.dedup();
                let fresh = steps.iter().copied().filter(|step| spent.is_none_or(|spent| *step > spent));
                match codes.find(fresh, typed) {
                    Some(step) => {
                        let drift = if drifts { step - now } else { drift };
                        Mark::of(step, drift).map_or(Tried::Wrong, Tried::Fresh)
                    }
                    None if codes.find(steps, typed).is_some() => Tried::Used,
                    None => Tried::Wrong,
                }
            }
            HardwareTokenKind::Yubikey => match self.pressed(typed) {
                Some(place) if self.spent.is_none_or(|Mark(spent)| place > spent) => {
                    Tried::Fresh(Mark(place))
                }
                Some(_) => Tried::Used,
                None => Tried::Wrong,
            },
        }
    }

    /// The place of the press that typed this, if it was one of this key.
    fn pressed(&self, typed: &str) -> Option<i64> {
        let (private_id, key) = self.seed.split_first_chunk()?;
        yubikey::opened(typed, private_id, key.try_into().ok()?).map(yubikey::Press::place)
    }

    /// Tries consecutive codes, far from where the token should stand but never behind what it spent.
    pub(super) fn try_run(&self, typed: &[&str], now: i64) -> Option<Mark> {
        let codes = self.codes();
        match self.kind {
            HardwareTokenKind::Hotp { counter } => {
                codes.find_run(ahead(self.next_counter(counter), FAR_AHEAD), typed).map(Mark)
            }
            HardwareTokenKind::Totp { interval } => {
                let now = step(now, interval);
                let first = self.spent.map_or(i64::MIN, |spent| spent.step() + 1).max(now - MOST_DRIFT);
                let last = codes.find_run(first..now + MOST_DRIFT, typed)?;
                Mark::of(last, last - now)
            }
            // Every code says where it stands, so there is nothing to search.
            HardwareTokenKind::Yubikey => None,
        }
    }

    /// Spends what leads to this mark; `false` if that is spent already.
    ///
    /// # Errors
    /// The store's.
    pub(super) fn move_to(&self, tx: &mut Tx<'_, '_>, mark: Mark) -> Result<bool, AppError> {
        Ok(tx.raise_counter(&self.owner, spent_by(self.kind), mark.0)?)
    }

    fn codes(&self) -> Codes<'_> {
        Codes { seed: &self.seed, digest: self.digest, digits: self.digits }
    }

    /// The counter of the first code that is not spent.
    fn next_counter(&self, imported: i64) -> i64 {
        self.spent.map_or(imported, |Mark(counter)| counter.saturating_add(1).max(imported))
    }
}

impl Mark {
    /// Nothing where the clock is too far off to be remembered.
    fn of(step: i64, drift: i64) -> Option<Self> {
        (-MOST_DRIFT..=MOST_DRIFT).contains(&drift).then(|| Self(step * DRIFTS + drift + DRIFTS / 2))
    }

    const fn step(self) -> i64 {
        self.0.div_euclid(DRIFTS)
    }

    const fn drift(self) -> i64 {
        self.0.rem_euclid(DRIFTS) - DRIFTS / 2
    }
}

/// The name under which a seed is known without being told.
pub(super) fn hash(ctx: &Ctx, seed: &[u8]) -> String {
    ctx.org.keys.hash_token(SEED, &Zeroizing::new(data_encoding::HEXLOWER.encode(seed)))
}

const fn digest(digest: CodeDigest) -> Digest {
    match digest {
        CodeDigest::Sha1 => Digest::Sha1,
        CodeDigest::Sha256 => Digest::Sha256,
        CodeDigest::Sha512 => Digest::Sha512,
    }
}

const fn spent_by(kind: HardwareTokenKind) -> &'static str {
    match kind {
        HardwareTokenKind::Hotp { .. } => SPENT_COUNTER,
        HardwareTokenKind::Totp { .. } => SPENT_STEP,
        HardwareTokenKind::Yubikey => SPENT_PRESS,
    }
}

const fn ahead(next: i64, far: i64) -> Range<i64> {
    next..next.saturating_add(far)
}

fn step(now: i64, interval: u32) -> i64 {
    now.div_euclid(i64::from(interval.max(1)))
}
