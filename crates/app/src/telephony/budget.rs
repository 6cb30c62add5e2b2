//! How many texts and calls there may still be, for a number, a person, a country, the organisation, and for the money.
//!
//! Everything is counted in the store before anything leaves the house, in the transaction that decides it, so that many
//! nodes, many requests at once and restarts have one budget between them. What was counted stays counted when the
//! provider fails: it may have carried it all the same.

use sallyport_model::{CallingCode, PhoneNumber, Span, Telephony, Time, id::UserId};
use sallyport_store::Throttle;

use crate::{AppError, Phrase, Tx};

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carried {
    Call,
    Text,
}

/// Why there may be none now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spent {
    /// Nobody allowed this country.
    Country,
    CountryDay,
    Money,
    Number,
    OrganizationDay,
    Person,
    /// The one before was a moment ago; it may still be on its way.
    TooSoon,
}

impl Spent {
    /// For whoever asked. Which budget it was is for administrators.
    pub(crate) const fn phrase(self) -> Phrase {
        match self {
            Self::Country => Phrase::CountryClosed,
            Self::TooSoon => Phrase::TooSoon,
            Self::CountryDay | Self::Money | Self::Number | Self::OrganizationDay | Self::Person => {
                Phrase::NoMore
            }
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Country => "the country is not allowed",
            Self::CountryDay => "the country's day",
            Self::Money => "the ceiling of thirty days",
            Self::Number => "the number's day",
            Self::OrganizationDay => "the organisation's day",
            Self::Person => "the person's day",
            Self::TooSoon => "too soon after the one before",
        }
    }
}

/// Between one and the next to the same person.
const PAUSE: Span = Span::seconds(30);
const DAY: Span = Span::days(1);
/// The time for which there is one ceiling.
const MONTH: Span = Span::days(30);

struct Cap {
    bucket: String,
    adds: i64,
    most: i64,
    window: Span,
    spent: Spent,
}

/// Counts one text or call to this number for this person, if there may be one more; else nothing is counted.
pub(crate) fn spend(
    tx: &mut Tx<'_, '_>,
    carried: Carried,
    person: UserId,
    number: &PhoneNumber,
    telephony: &Telephony,
) -> Result<Result<(), Spent>, AppError> {
    let spent = try_to_spend(tx, carried, person, number, telephony)?;
    if let Err(spent) = spent {
        tracing::warn!(request = &*tx.ctx.request, budget = spent.as_str(), "a text or call was not sent");
    }
    Ok(spent)
}

fn try_to_spend(
    tx: &mut Tx<'_, '_>,
    carried: Carried,
    person: UserId,
    number: &PhoneNumber,
    telephony: &Telephony,
) -> Result<Result<(), Spent>, AppError> {
    let Some(country) = CallingCode::of(number, &telephony.countries) else { return Ok(Err(Spent::Country)) };
    let now = tx.ctx.now;
    let pause = format!("telephony pause of {person}");
    if tx.throttle(&pause)?.until > now {
        return Ok(Err(Spent::TooSoon));
    }
    let caps = caps(tx, carried, person, number, country, telephony);
    let mut counted = Vec::with_capacity(caps.len());
    for cap in caps {
        let before = tx.throttle(&cap.bucket)?;
        let fresh = Throttle { failures: 0, since: now, until: now.plus(cap.window) };
        let current = if before.until > now { before } else { fresh };
        let failures = current.failures.saturating_add(cap.adds);
        if failures > cap.most {
            return Ok(Err(cap.spent));
        }
        counted.push((cap.bucket, Throttle { failures, ..current }));
    }
    for (bucket, throttle) in counted {
        tx.put_throttle(&bucket, throttle)?;
    }
    tx.put_throttle(&pause, Throttle { failures: 1, since: now, until: now.plus(PAUSE) })?;
    Ok(Ok(()))
}

fn caps(
    tx: &Tx<'_, '_>,
    carried: Carried,
    person: UserId,
    number: &PhoneNumber,
    country: &CallingCode,
    telephony: &Telephony,
) -> [Cap; 5] {
    let limits = &telephony.limits;
    let day = |bucket: String, most: u32, spent: Spent| Cap {
        bucket,
        adds: 1,
        most: i64::from(most),
        window: DAY,
        spent,
    };
    // Numbers are not in counters for whoever reads the database.
    let hashed = tx.ctx.org.keys.hash_token("telephony", number.as_str());
    let price = match carried {
        Carried::Call => limits.call_price,
        Carried::Text => limits.text_price,
    };
    [
        day(format!("telephony to {hashed}"), limits.per_number, Spent::Number),
        day(format!("telephony for {person}"), limits.per_person, Spent::Person),
        day(format!("telephony into {country}"), limits.per_country, Spent::CountryDay),
        day("telephony of all".into(), limits.per_day, Spent::OrganizationDay),
        Cap {
            bucket: MONEY.into(),
            adds: i64::from(price),
            most: i64::from(limits.ceiling),
            window: MONTH,
            spent: Spent::Money,
        },
    ]
}

const MONEY: &str = "telephony money";

/// What was spent of the ceiling, in hundredths, and until when that counts.
pub(crate) fn money(
    reader: &mut sallyport_store::Reader,
    now: Time,
) -> Result<(i64, Option<Time>), AppError> {
    let found = reader.throttle(MONEY)?;
    Ok(if found.until > now { (found.failures, Some(found.until)) } else { (0, None) })
}
