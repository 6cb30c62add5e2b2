//! Texts and calls: who carries them, with which secret, and whether there may be one more.
//!
//! The provider is no friend of the house: it is told a number and a text without a name, its secret rests sealed, and what
//! it posts back counts only under its signature.

pub(crate) mod budget;
pub mod log;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use sallyport_connect::telephony::{Carrier, Ring, TelephonyError, check_gateway};
use sallyport_crypto::Secret;
use sallyport_model::{
    Action, PhoneNumber, Settings, Telephony, Time,
    id::{SignInId, TelephonyRecordId, UserId},
    telephony::{Provider, TelephonyContext, TelephonyLimits, TelephonyState},
};
use sallyport_store::Reader;
use sallyport_wire::twilio;

use self::budget::{Carried, Spent};
use crate::{
    AppError, Ctx, Phrase, Tx,
    ctx::{open_secret, settings},
    settings::{PartSecret, owner, replace_part},
};

const SECRET: PartSecret = PartSecret { kind: "telephony_secret", set: "set_telephony_secret" };
const LONGEST_SECRET: usize = 512;
const MOST_COUNTRIES: usize = 300;
/// Most that a cap may be; beyond it, it is none.
const HIGHEST: u32 = 10_000_000;

/// Said to people when the provider would not take it, or did not say.
pub const NOT_SENT: Phrase = Phrase::NotSent;

/// Telephony as it is set, and how it stands.
#[derive(Debug, Clone)]
pub struct Standing {
    pub telephony: Telephony,
    /// Of the settings as a whole.
    pub version: i64,
    /// Whether there is a secret; nobody is ever shown it.
    pub has_secret: bool,
    /// What was spent of the ceiling, in hundredths.
    pub spent: i64,
    /// When the ceiling begins anew, if anything was spent.
    pub spent_until: Option<Time>,
}

/// What the provider says to whoever asks whether it knows us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// A gateway cannot be asked.
    CannotSay,
    No(String),
    Yes,
}

/// Telephony as it is set, and how it stands.
///
/// # Errors
/// Denied.
pub async fn show(ctx: &Ctx) -> Result<Standing, AppError> {
    ctx.allow(Action::ReadSettings)?;
    let now = ctx.now;
    ctx.read(move |reader| standing(reader, now)).await
}

/// Replaces the settings of telephony. Without a secret the one before stays, unless it was another provider's.
///
/// # Errors
/// Denied, invalid, or the settings were changed by somebody else since `version`.
pub async fn update(
    ctx: &Ctx,
    version: Option<i64>,
    telephony: Telephony,
    secret: Option<Secret>,
) -> Result<Standing, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    check_settings(&telephony)?;
    if let Some(secret) = &secret {
        check_secret(secret)?;
        if telephony.provider.is_none() {
            return Err(AppError::invalid("secret", "needs a provider"));
        }
    }
    ctx.write(move |tx| {
        replace_part(tx, version, &SECRET, secret.as_ref(), |tx, before| {
            keep_secret_from(tx, &before.telephony, &telephony)?;
            Ok(Settings { telephony: telephony.clone(), ..before.clone() })
        })?;
        let now = tx.ctx.now;
        standing(tx, now)
    })
    .await
}

fn standing(reader: &mut Reader, now: Time) -> Result<Standing, AppError> {
    let found = settings(reader)?;
    let (spent, spent_until) = budget::money(reader, now)?;
    let has_secret = reader.find_secret(&owner(), SECRET.kind)?.is_some();
    Ok(Standing { telephony: found.value.telephony, version: found.version, has_secret, spent, spent_until })
}

fn check_secret(secret: &Secret) -> Result<(), AppError> {
    let text = secret.expose();
    if text.is_empty() || text.len() > LONGEST_SECRET || !text.bytes().all(|b| b.is_ascii_graphic()) {
        let reason = format!("1 to {LONGEST_SECRET} letters, digits and signs, without blanks");
        return Err(AppError::invalid("secret", reason));
    }
    Ok(())
}

/// Asks the provider whether it knows us. Nothing is sent to anybody, and nothing is spent.
///
/// # Errors
/// Denied.
pub async fn check(ctx: &Ctx) -> Result<Known, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    let reading = ctx.clone();
    let Some(line) = ctx.read(move |reader| Line::of(reader, &reading)).await? else {
        return Ok(Known::No("there is no provider yet".into()));
    };
    Ok(match (line.carrier().check(&ctx.org.outbound).await, &line.provider) {
        (Err(error), _) => Known::No(error.to_string()),
        (Ok(()), Provider::Gateway { .. }) => Known::CannotSay,
        (Ok(()), Provider::Twilio { .. }) => Known::Yes,
    })
}

/// The provider as it is set, with its secret.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) telephony: Telephony,
    provider: Provider,
    secret: Secret,
}

impl Line {
    /// None without a provider.
    pub(crate) fn of(reader: &mut Reader, ctx: &Ctx) -> Result<Option<Self>, AppError> {
        let telephony = settings(reader)?.value.telephony;
        let Some(provider) = telephony.provider.clone() else { return Ok(None) };
        let secret = match open_secret(reader, ctx, &owner(), SECRET.kind)? {
            Some(bytes) => Secret::from(std::str::from_utf8(&bytes).unwrap_or_default()),
            None => Secret::default(),
        };
        Ok(Some(Self { telephony, provider, secret }))
    }

    pub(crate) const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The account in whose name callbacks come; none at a gateway.
    pub(crate) fn account(&self) -> Option<&str> {
        match &self.provider {
            Provider::Gateway { .. } => None,
            Provider::Twilio { account, .. } => Some(account),
        }
    }

    fn carrier(&self) -> Carrier<'_> {
        Carrier { provider: &self.provider, sender: &self.telephony.sender, secret: &self.secret }
    }

    /// Counts one text or call to this number for this person and notes it in the log, if there may be one more.
    pub(crate) fn count(
        self,
        tx: &mut Tx<'_, '_>,
        carried: Carried,
        why: Occasion,
        person: UserId,
        number: PhoneNumber,
    ) -> Result<Result<Counted, Spent>, AppError> {
        if let Err(spent) = budget::spend(tx, carried, person, &number, &self.telephony)? {
            return Ok(Err(spent));
        }
        let price = budget::price(carried, &self.telephony.limits);
        let record = log::note(tx, carried.kind(), why, person, &number, price)?;
        Ok(Ok(Counted { line: self, number, record }))
    }
}

/// What a text or call is for, and at which sign-in it was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Occasion {
    pub(crate) context: TelephonyContext,
    pub(crate) sign_in: Option<SignInId>,
}

impl Occasion {
    pub(crate) const ENROLLMENT: Self = Self { context: TelephonyContext::Enrollment, sign_in: None };
    pub(crate) const HELP_DESK: Self = Self { context: TelephonyContext::HelpDesk, sign_in: None };
    pub(crate) const NOTICE: Self = Self { context: TelephonyContext::Notice, sign_in: None };
    pub(crate) const NEW_NUMBER: Self = Self { context: TelephonyContext::NewNumber, sign_in: None };

    pub(crate) const fn sign_in(sign_in: Option<SignInId>) -> Self {
        Self { context: TelephonyContext::SignIn, sign_in }
    }
}

/// A text or a call that was counted. Nothing is sent without one, so nothing is missing in the log.
#[derive(Clone)]
pub(crate) struct Counted {
    line: Line,
    number: PhoneNumber,
    record: TelephonyRecordId,
}

impl Counted {
    pub(crate) const fn telephony(&self) -> &Telephony {
        &self.line.telephony
    }

    pub(crate) const fn number(&self) -> &PhoneNumber {
        &self.number
    }

    /// Sends the text. What went wrong is logged, without the number and without the text.
    pub(crate) async fn text(&self, ctx: &Ctx, text: &str) -> Result<(), TelephonyError> {
        let sent = self.line.carrier().text(&self.number, text, &ctx.org.outbound).await;
        if let Err(error) = &sent {
            tracing::error!(request = &*ctx.request, %error, "a text was not sent");
        }
        log::settle(ctx, self.record, became(&sent)).await;
        sent
    }

    /// Places the call. What went wrong is logged, without the number.
    pub(crate) async fn ring(
        &self,
        ctx: &Ctx,
        twiml: String,
        status_callback: String,
    ) -> Result<String, TelephonyError> {
        let ring = Ring { to: &self.number, twiml, status_callback };
        let placed = self.line.carrier().ring(ring, &ctx.org.outbound).await;
        if let Err(error) = &placed {
            tracing::error!(request = &*ctx.request, %error, "a call was not placed");
        }
        log::settle(ctx, self.record, became(&placed)).await;
        placed
    }
}

const fn became<T>(sent: &Result<T, TelephonyError>) -> TelephonyState {
    match sent {
        Ok(_) => TelephonyState::Sent,
        Err(TelephonyError::Uncertain(_)) => TelephonyState::Unknown,
        Err(
            TelephonyError::Misconfigured(_) | TelephonyError::Refused(_) | TelephonyError::Unavailable(_),
        ) => TelephonyState::Failed,
    }
}

/// A secret meant for one provider goes to no other.
pub(crate) fn keep_secret_from(
    tx: &mut Tx<'_, '_>,
    before: &Telephony,
    after: &Telephony,
) -> Result<bool, AppError> {
    let elsewhere = match (&before.provider, &after.provider) {
        (Some(before), Some(after)) => before.is_elsewhere_than(after),
        (Some(_), None) => true,
        (None, _) => false,
    };
    Ok(elsewhere && tx.delete_secret(&owner(), SECRET.kind)?)
}

/// Whether these settings can be worked with.
///
/// # Errors
/// The field that is not right.
pub(crate) fn check_settings(telephony: &Telephony) -> Result<(), AppError> {
    let Telephony { provider, sender, texts, calls, codes, batch_hours, countries, limits } = telephony;
    if let Some(provider) = provider {
        check_provider(provider, sender)?;
    }
    let needs = |on: bool, field: &'static str| match (on, provider) {
        (true, None) => Err(AppError::invalid(field, "needs a provider")),
        (true, Some(_)) if countries.is_empty() => {
            Err(AppError::invalid("telephony.countries", "name at least one country, such as `+49`"))
        }
        _ => Ok(()),
    };
    needs(*texts, "telephony.texts")?;
    needs(*calls, "telephony.calls")?;
    if *calls && !telephony.has_calls() {
        return Err(AppError::invalid("telephony.calls", "a gateway carries texts and no calls"));
    }
    if *calls && sender.parse::<PhoneNumber>().is_err() {
        return Err(AppError::invalid(
            "telephony.sender",
            "calls come from a number, such as `+49 30 1234567`",
        ));
    }
    if !(1..=Telephony::MOST_CODES).contains(codes) {
        return Err(AppError::invalid("telephony.codes", format!("from 1 to {}", Telephony::MOST_CODES)));
    }
    if !(1..=Telephony::MOST_BATCH_HOURS).contains(batch_hours) {
        let reason = format!("from 1 to {}", Telephony::MOST_BATCH_HOURS);
        return Err(AppError::invalid("telephony.batch_hours", reason));
    }
    if countries.len() > MOST_COUNTRIES {
        return Err(AppError::invalid("telephony.countries", format!("at most {MOST_COUNTRIES}")));
    }
    let TelephonyLimits { per_number, per_person, per_country, per_day, text_price, call_price, ceiling } =
        *limits;
    let within = |n: u32| n <= HIGHEST;
    if ![per_number, per_person, per_country, per_day, text_price, call_price, ceiling]
        .into_iter()
        .all(within)
    {
        return Err(AppError::invalid("telephony.limits", format!("at most {HIGHEST} each")));
    }
    Ok(())
}

fn check_provider(provider: &Provider, sender: &str) -> Result<(), AppError> {
    match provider {
        Provider::Gateway { .. } => {
            check_gateway(provider).map_err(|(field, reason)| AppError::invalid(field, reason))?;
        }
        Provider::Twilio { url, account } => {
            if !url.is_empty() {
                let read: Result<sallyport_connect::outbound::Url, _> = url.parse();
                let url =
                    read.map_err(|error| AppError::invalid("telephony.provider.url", error.to_string()))?;
                if url.path().contains('?') {
                    return Err(AppError::invalid(
                        "telephony.provider.url",
                        "must have nothing behind a `?`",
                    ));
                }
            }
            if !twilio::is_identifier(account) {
                return Err(AppError::invalid("telephony.provider.account", "is the account's `AC...`"));
            }
            if sender.is_empty() {
                let reason = "give the number, or the messaging service, that texts come from";
                return Err(AppError::invalid("telephony.sender", reason));
            }
        }
    }
    if sender.len() > 64 || sender.chars().any(char::is_control) {
        return Err(AppError::invalid("telephony.sender", "at most 64 printable characters"));
    }
    Ok(())
}
