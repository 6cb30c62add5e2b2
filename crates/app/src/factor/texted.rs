//! Codes that were texted: good once, hashed at rest, void when others are asked for.
//!
//! A single code is good for ten minutes and only where it was asked for, so that what somebody reads aloud or types into
//! the wrong window opens nothing else. A batch is meant for later, so its codes open anything, once each; the first digit
//! of each is its number.

use sallyport_connect::telephony::TelephonyError;
use sallyport_crypto::{Secret, random};
use sallyport_model::{Factor, FactorKind, PhoneNumber, Proof, Span, Telephony, User, id::FactorId};
use sallyport_store::{Once, Reader, Versioned};
use serde::{Deserialize, Serialize};

use super::{Verdict, phone::Lines};
use crate::{
    AppError, Ctx, Phrase, Tx,
    ctx::settings,
    telephony::{
        Line, NOT_SENT,
        budget::{Carried, spend},
    },
};

const TEXTED: &str = "texted_code";

/// Of a code. Seven, so that none is taken for one of an authenticator.
pub(super) const DIGITS: usize = 7;

/// What stands behind a code.
#[derive(Serialize, Deserialize)]
struct Texted {
    /// The person's credential epoch when it was sent: what voids sessions voids this too.
    epoch: i64,
    /// Where it is good; anywhere if it is one of a batch.
    at: Option<String>,
    /// The first digit.
    first: char,
}

/// Codes drawn before the write that stores them, which may run more than once: one, or as many as a batch can have.
pub(crate) struct Draft {
    single: Secret,
    batch: Vec<Secret>,
}

/// A text ready to be sent.
pub(crate) struct Parcel {
    line: Line,
    factor: FactorId,
    number: PhoneNumber,
    codes: Vec<Secret>,
}

impl Draft {
    /// # Errors
    /// No randomness.
    pub(crate) fn draw(ctx: &Ctx) -> Result<Self, AppError> {
        let digits = |n| random::digits(&*ctx.org.random, n);
        let numbered = |n: u8| Ok::<_, AppError>(Secret::new(format!("{}{}", n % 10, digits(DIGITS - 1)?)));
        Ok(Self {
            single: Secret::new(digits(DIGITS)?),
            batch: (1..=Telephony::MOST_CODES).map(numbered).collect::<Result<_, _>>()?,
        })
    }

    /// Stores codes for this phone, in place of former ones, and counts the text; or says why there is none. `at`: where a
    /// single code is good.
    pub(crate) fn store(
        &self,
        tx: &mut Tx<'_, '_>,
        person: &Versioned<User>,
        factor: &Factor,
        at: &str,
    ) -> Result<Result<Parcel, Phrase>, AppError> {
        let ctx = tx.ctx;
        let Some(number) = texts_to(tx, person, factor)? else { return Ok(Err(NOT_SENT)) };
        let Some(line) = Line::of(tx, ctx)? else { return Ok(Err(NOT_SENT)) };
        if let Err(spent) = spend(tx, Carried::Text, person.id, &number, &line.telephony)? {
            return Ok(Err(spent.phrase()));
        }
        let batch = line.telephony.codes > 1;
        let codes: Vec<Secret> = if batch {
            self.batch.iter().take(line.telephony.codes.into()).cloned().collect()
        } else {
            vec![self.single.clone()]
        };
        let owner = factor.id.to_string();
        tx.void_once(&owner, TEXTED)?;
        let life = if batch {
            Span::hours(line.telephony.batch_hours.into())
        } else {
            Span::minutes(Telephony::CODE_MINUTES)
        };
        let expires = ctx.now.plus(life);
        for code in &codes {
            let first = code.expose().chars().next().unwrap_or('0');
            let at = (!batch).then(|| at.to_owned());
            let doc = serde_json::to_string(&Texted { epoch: person.credential_epoch, at, first })?;
            let once = Once { owner: owner.clone(), expires, used: None, doc };
            tx.put_once(TEXTED, &hash(ctx, &owner, code.expose()), &once)?;
        }
        tx.record_touched(factor, "text");
        Ok(Ok(Parcel { line, factor: factor.id, number, codes }))
    }
}

impl Parcel {
    /// Sends it. What was certainly not sent opens nothing.
    ///
    /// # Errors
    /// The store's; that it was not sent is the answer, in words for whoever asked.
    pub(crate) async fn send(self, ctx: &Ctx) -> Result<Result<(), Phrase>, AppError> {
        let text = words(&self.codes, &self.line.telephony);
        match self.line.text(ctx, &self.number, &text).await {
            Ok(()) => return Ok(Ok(())),
            // It may have come all the same.
            Err(TelephonyError::Uncertain(_)) => return Ok(Err(NOT_SENT)),
            Err(
                TelephonyError::Misconfigured(_)
                | TelephonyError::Refused(_)
                | TelephonyError::Unavailable(_),
            ) => {}
        }
        let owner = self.factor.to_string();
        ctx.write(move |tx| Ok(tx.void_once(&owner, TEXTED)?)).await?;
        Ok(Err(NOT_SENT))
    }
}

/// What is texted. It names neither person nor house: whoever carries it reads it.
pub(super) fn words(codes: &[Secret], telephony: &Telephony) -> String {
    let shown: Vec<&str> = codes.iter().map(Secret::expose).collect();
    match shown.as_slice() {
        [code] => {
            format!("Sign-in code: {code}. Good for {} minutes. Tell it to nobody.", Telephony::CODE_MINUTES)
        }
        codes => {
            format!("Sign-in codes: {}. Good for {} h, each once.", codes.join(" "), telephony.batch_hours)
        }
    }
}

/// Tries a code on a phone. What is accepted is spent in this transaction.
pub(super) fn accept(
    tx: &mut Tx<'_, '_>,
    user: &Versioned<User>,
    factor: &Factor,
    typed: &str,
    places: &[&str],
) -> Result<Verdict, AppError> {
    if texts_to(tx, user, factor)?.is_none() {
        return Ok(Verdict::Wrong);
    }
    let ctx = tx.ctx;
    let owner = factor.id.to_string();
    let hash = hash(ctx, &owner, typed);
    let Some(once) = tx.find_once(TEXTED, &hash)?.filter(|once| once.owner == owner) else {
        return Ok(Verdict::Wrong);
    };
    let texted: Texted = serde_json::from_str(&once.doc)?;
    let is_here = texted.at.as_ref().is_none_or(|at| places.contains(&at.as_str()));
    if texted.epoch != user.credential_epoch || !is_here {
        return Ok(Verdict::Wrong);
    }
    if tx.use_once(TEXTED, &hash, ctx.now)? {
        return Ok(Verdict::Accepted { factor: factor.id, kind: FactorKind::Phone });
    }
    Ok(if once.used.is_some() { Verdict::Used } else { Verdict::Wrong })
}

/// The first digit of the next code of a batch that was texted to this phone, while one is left.
pub(crate) fn next_first_digit(
    reader: &mut Reader,
    ctx: &Ctx,
    factor: FactorId,
) -> Result<Option<char>, AppError> {
    let outstanding = reader.once_of(&factor.to_string(), TEXTED)?;
    let outstanding = outstanding.iter().filter(|once| once.used.is_none() && once.expires >= ctx.now);
    let texted = outstanding.filter_map(|once| serde_json::from_str::<Texted>(&once.doc).ok());
    // Ten is written 0 and comes last.
    let order = |first: &char| if *first == '0' { ':' } else { *first };
    Ok(texted.filter(|texted| texted.at.is_none()).map(|texted| texted.first).min_by_key(order))
}

/// The number that codes for this person's phone may be texted to now.
fn texts_to(reader: &mut Reader, person: &User, factor: &Factor) -> Result<Option<PhoneNumber>, AppError> {
    let lines = Lines::of(person, &settings(reader)?.value);
    Ok(match lines.leave(&factor.proof) {
        Some(Proof::Phone { number, texts: true, .. }) if factor.user == person.id => Some(number),
        _ => None,
    })
}

/// The form in which a code rests: two people may be given the same digits.
fn hash(ctx: &Ctx, owner: &str, digits: &str) -> String {
    ctx.org.keys.hash_token(TEXTED, &format!("{owner} {digits}"))
}
