//! How many texts and calls there may still be, for a number, a person, a country, the organisation, and for the money.
//!
//! Who asks from where the person never signed in from spends a part of what there is for the person and for the number, and
//! waits for strangers alone: nobody who merely knows a password leaves its owner without a code. Nor do notices of what happened,
//! which have half of what there is for the person and the number, and keep no code waiting.

use sallyport_model::{
    CallingCode, PhoneNumber, Span, Telephony, Time,
    id::UserId,
    telephony::{TelephonyKind, TelephonyLimits},
};

use crate::{
    AppError, Phrase, Tx,
    budget::{self, Cap},
    signin::throttle,
};

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carried {
    Call,
    /// A text that nobody asked for and that no code is in.
    Notice,
    Text,
}

impl Carried {
    pub(crate) const fn kind(self) -> TelephonyKind {
        match self {
            Self::Call => TelephonyKind::Call,
            Self::Notice | Self::Text => TelephonyKind::Text,
        }
    }
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

    /// For administrators.
    pub(crate) const fn as_str(self) -> &'static str {
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

/// Of so many strangers may spend so many, and one at least.
const FOR_STRANGERS: (u32, u32) = (3, 5);
/// The time for which there is one ceiling.
pub(crate) const MONTH: Span = Span::days(30);

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
    let here = throttle::network(tx.ctx.source);
    let by_stranger = !throttle::is_known_network(tx, person, &here)?;
    let pause = format!("telephony {}pause of {person}", if by_stranger { "strangers " } else { "" });
    let asked = carried != Carried::Notice;
    if asked && budget::is_too_soon(tx, &pause)? {
        return Ok(Err(Spent::TooSoon));
    }
    let caps = caps(tx, carried, (person, by_stranger && asked), number, country, telephony);
    if let Err(spent) = budget::count(tx, caps)? {
        return Ok(Err(spent));
    }
    if asked {
        budget::pause(tx, &pause)?;
    }
    Ok(Ok(()))
}

fn caps(
    tx: &Tx<'_, '_>,
    carried: Carried,
    (person, by_stranger): (UserId, bool),
    number: &PhoneNumber,
    country: &CallingCode,
    telephony: &Telephony,
) -> Vec<Cap<Spent>> {
    let limits = &telephony.limits;
    let day = Cap::daily;
    // Numbers are not in counters for whoever reads the database.
    let hashed = tx.ctx.org.keys.hash_token("telephony", number.as_str());
    let price = price(carried, limits);
    let part = |most: u32| {
        let (of_strangers, of_all) = FOR_STRANGERS;
        most.saturating_mul(of_strangers).div_ceil(of_all)
    };
    let of_notices = [
        day(format!("telephony notices to {hashed}"), limits.per_number / 2, Spent::Number),
        day(format!("telephony notices for {person}"), limits.per_person / 2, Spent::Person),
    ];
    let of_strangers = [
        day(format!("telephony of strangers to {hashed}"), part(limits.per_number), Spent::Number),
        day(format!("telephony of strangers for {person}"), part(limits.per_person), Spent::Person),
    ];
    let of_all = [
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
    ];
    let narrower = of_strangers.into_iter().filter(|_| by_stranger);
    let narrower = narrower.chain(of_notices.into_iter().filter(|_| carried == Carried::Notice));
    of_all.into_iter().chain(narrower).collect()
}

/// What one is counted as, in hundredths.
pub(crate) const fn price(carried: Carried, limits: &TelephonyLimits) -> u32 {
    match carried {
        Carried::Call => limits.call_price,
        Carried::Notice | Carried::Text => limits.text_price,
    }
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
