//! How many texts and calls there may still be, for a number, a person, a country, the organisation, and for the money.

use sallyport_model::{CallingCode, PhoneNumber, Span, Telephony, Time, id::UserId};

use crate::{
    AppError, Tx,
    budget::{self, Cap},
};

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
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Country => {
                "This number is in a country that nothing is sent to. Please use another factor."
            }
            Self::TooSoon => "One is on its way. Please wait half a minute before you ask for another.",
            Self::CountryDay | Self::Money | Self::Number | Self::OrganizationDay | Self::Person => {
                "No more can be sent for now. Please use another factor, or ask your administrator."
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

/// The time for which there is one ceiling.
const MONTH: Span = Span::days(30);

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
    let pause = format!("telephony pause of {person}");
    if budget::is_too_soon(tx, &pause)? {
        return Ok(Err(Spent::TooSoon));
    }
    let caps = caps(tx, carried, person, number, country, telephony);
    if let Err(spent) = budget::count(tx, caps)? {
        return Ok(Err(spent));
    }
    budget::pause(tx, &pause)?;
    Ok(Ok(()))
}

fn caps(
    tx: &Tx<'_, '_>,
    carried: Carried,
    person: UserId,
    number: &PhoneNumber,
    country: &CallingCode,
    telephony: &Telephony,
) -> [Cap<Spent>; 5] {
    let limits = &telephony.limits;
    let day = Cap::daily;
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
