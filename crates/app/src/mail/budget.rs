//! How many mails there may still be: to an address, for a person, for the organisation.

use sallyport_model::{MailSettings, Time, id::UserId};
use sallyport_store::Reader;

use crate::{
    AppError, Phrase, Tx,
    budget::{self, Cap},
};

/// Why there may be none now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spent {
    Address,
    OrganizationDay,
    Person,
    /// The one before was a moment ago; it may still be on its way.
    TooSoon,
}

impl Spent {
    /// For whoever asked at a door. Which budget it was is for administrators.
    pub(crate) const fn phrase(self) -> Phrase {
        match self {
            Self::TooSoon => Phrase::TooSoon,
            Self::Address | Self::OrganizationDay | Self::Person => Phrase::MailNoMore,
        }
    }

    /// For administrators.
    pub(crate) const fn why(self) -> &'static str {
        match self {
            Self::Address => "no more mail goes to this address today",
            Self::OrganizationDay => "the organisation's mails of this day are spent",
            Self::Person => "no more mail goes to this person today",
            Self::TooSoon => "one was sent less than half a minute ago",
        }
    }
}

const ALL: &str = "mail of all";
/// Most mails of alarms to one administrator in a day.
pub(crate) const ALARMS: u32 = 5;
/// And of runs of connectors that wait for somebody.
pub(crate) const HELD_RUNS: u32 = 3;

/// Counts one mail to this address for this person, if there may be one more; else nothing is counted. `asked`: somebody
/// asked for it just now, and might ask again and again.
pub(crate) fn spend(
    tx: &mut Tx<'_, '_>,
    person: UserId,
    address: &str,
    mail: &MailSettings,
    asked: bool,
) -> Result<Result<(), Spent>, AppError> {
    let pause = format!("mail pause of {person}");
    if asked && budget::is_too_soon(tx, &pause)? {
        return Ok(Err(Spent::TooSoon));
    }
    let limits = &mail.limits;
    // Addresses are not in counters for whoever reads the database; and two spellings are one mailbox, mostly.
    let hashed = tx.ctx.org.keys.hash_token("mail", &sallyport_model::fold(address));
    let caps = [
        Cap::daily(format!("mail to {hashed}"), limits.per_address, Spent::Address),
        Cap::daily(format!("mail for {person}"), limits.per_person, Spent::Person),
        Cap::daily(ALL.into(), limits.per_day, Spent::OrganizationDay),
    ];
    if let Err(spent) = budget::count(tx, caps)? {
        tracing::warn!(request = &*tx.ctx.request, budget = spent.why(), "a mail was not sent");
        return Ok(Err(spent));
    }
    if asked {
        budget::pause(tx, &pause)?;
    }
    Ok(Ok(()))
}

/// Counts one mail of such things to this administrator, if there may be one more in the day. Each has a budget of its own:
/// whoever raises alarms must not use up what tells people of their accounts, nor the codes of those who enrol, nor a source
/// gone wrong the mails of alarms.
pub(crate) fn spend_on(
    tx: &mut Tx<'_, '_>,
    what: &str,
    most: u32,
    administrator: UserId,
) -> Result<bool, AppError> {
    let cap = Cap::daily(format!("mail of {what} for {administrator}"), most, ());
    Ok(budget::count(tx, [cap])?.is_ok())
}

/// How many were counted in the present day.
pub(crate) fn sent_today(reader: &mut Reader, now: Time) -> Result<i64, AppError> {
    let found = reader.throttle(ALL)?;
    Ok(if found.until > now { found.failures } else { 0 })
}
