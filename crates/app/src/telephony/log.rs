//! The log of texts and calls: to whom, why, what became of it and what it was counted as. What was said is not in it.
//!
//! A text is noted in the write that counts it, so that none is missing, and what the provider said of it is added.
//! Numbers are people's, so a year is long enough.

#[cfg(test)]
mod tests;

use sallyport_model::{
    Action, Grant, PhoneNumber, Span, Time, User,
    id::{TelephonyRecordId, UserId},
    telephony::{TelephonyKind, TelephonyRecord, TelephonyState},
};
use sallyport_store::{Reader, TelephonySum};

use super::Occasion;
use crate::{AppError, Caller, Ctx, Tx, audit, ctx::uuid_at};

const LARGEST_PAGE: usize = 500;
const KEPT: Span = Span::days(365);

/// Which texts and calls to show, newest first.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Text that must occur in name, number, or in what it was and became.
    pub text: String,
    pub before: Option<TelephonyRecordId>,
    pub limit: usize,
}

#[derive(Debug, Clone)]
pub struct TelephonyPage {
    pub items: Vec<TelephonyRecord>,
    /// For [`Wanted::before`], if there are more.
    pub next: Option<TelephonyRecordId>,
}

/// A page of the log, newest first.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, wanted: Wanted) -> Result<TelephonyPage, AppError> {
    ctx.allow(Action::ReadSignIns)?;
    let shows_numbers = shows_numbers(ctx);
    ctx.read_many(move |reader| page(reader, &wanted, shows_numbers)).await
}

/// The newest texts and calls that fit, as CSV for a spreadsheet; each export is logged.
///
/// # Errors
/// Denied.
pub async fn export(ctx: &Ctx, wanted: Wanted) -> Result<Vec<u8>, AppError> {
    ctx.allow(Action::ReadSignIns)?;
    tracing::info!(actor = ctx.actor().label(), "the log of texts and calls is exported");
    let mut rows = audit::csv_rows::telephony()?;
    let mut wanted = Wanted { limit: LARGEST_PAGE, ..wanted };
    for _ in 0..audit::LARGEST_EXPORT / LARGEST_PAGE {
        let page = list(ctx, wanted.clone()).await?;
        for record in &page.items {
            rows.telephony(record)?;
        }
        match page.next {
            Some(next) => wanted.before = Some(next),
            None => break,
        }
    }
    rows.finish()
}

/// Whether this caller is shown whole numbers: whoever may read people's factors, where they stand too.
pub(crate) fn shows_numbers(ctx: &Ctx) -> bool {
    match &ctx.caller {
        // A program that reads counts or applications reads something of the directory, too, but nobody's number.
        Caller::AdminApi { grants, .. } => grants.contains(&Grant::ReadResource),
        Caller::Application { .. }
        | Caller::Device { .. }
        | Caller::LocalAdmin
        | Caller::Nobody
        | Caller::Person { .. }
        | Caller::System { .. }
        | Caller::Token { .. } => ctx.allow(Action::ReadDirectory).is_ok(),
    }
}

/// The record as this caller may see it.
pub(crate) fn shown(record: TelephonyRecord, shows_numbers: bool) -> TelephonyRecord {
    if shows_numbers {
        return record;
    }
    let masked = record.number.parse::<PhoneNumber>().map(|number| number.masked());
    TelephonyRecord { number: masked.unwrap_or_default(), ..record }
}

fn page(reader: &mut Reader, wanted: &Wanted, shows_numbers: bool) -> Result<TelephonyPage, AppError> {
    let limit = wanted.limit.clamp(1, LARGEST_PAGE);
    let fetch = i64::try_from(limit).unwrap_or(1) + 1;
    // Whoever is not shown numbers finds nobody by them.
    let text = if shows_numbers { wanted.text.as_str() } else { "" };
    let mut found = reader.list_telephony(wanted.before, text, fetch)?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|record| record.id);
    Ok(TelephonyPage { items: found.into_iter().map(|record| shown(record, shows_numbers)).collect(), next })
}

/// How many there were from one time to another, both included to the second, and what they were counted as.
///
/// # Errors
/// The store's.
pub(crate) fn sum(reader: &mut Reader, from: Time, until: Time) -> Result<TelephonySum, AppError> {
    Ok(reader.sum_telephony(id_at(from), id_at(until.plus(Span::seconds(1))))?)
}

/// The lowest id a text or call of this time can have.
pub(crate) fn id_at(time: Time) -> TelephonyRecordId {
    TelephonyRecordId::new(uuid_at(time, &[0; 10]))
}

/// Notes a text or call that was counted, and is about to be sent.
pub(super) fn note(
    tx: &mut Tx<'_, '_>,
    kind: TelephonyKind,
    why: Occasion,
    person: UserId,
    number: &PhoneNumber,
    price: u32,
) -> Result<TelephonyRecordId, AppError> {
    let id = tx.ctx.id(TelephonyRecordId::new)?;
    let user = tx.find::<User>(person)?;
    let record = TelephonyRecord {
        id,
        at: tx.ctx.now,
        kind,
        context: why.context,
        user: person,
        name: user.map(|user| user.name.to_string()).unwrap_or_default(),
        number: number.to_string(),
        price,
        sign_in: why.sign_in,
        state: TelephonyState::Sending,
    };
    tx.put_telephony(&record)?;
    Ok(id)
}

/// Notes what became of it. What is sent is sent, whether or not that can be written down.
pub(super) async fn settle(ctx: &Ctx, id: TelephonyRecordId, state: TelephonyState) {
    // A call may write once under what it expects, and this is the second time.
    let later = Ctx { expected: None, ..ctx.clone() };
    if let Err(error) = later.write(move |tx| Ok(tx.settle_telephony(id, state)?)).await {
        tracing::error!(request = &*ctx.request, %error, "what became of a text or call was not noted");
    }
}

/// Forgets what is a year old.
pub(crate) fn sweep(tx: &mut Tx<'_, '_>) -> Result<(), AppError> {
    let before = id_at(tx.ctx.now.minus(KEPT));
    Ok(tx.sweep_telephony(before)?)
}
