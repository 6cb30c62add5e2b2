//! Codes that were texted, or mailed: good once, hashed at rest, void when others are asked for.
//!
//! A single code is good for ten minutes and only where it was asked for, so that what somebody reads aloud or types into
//! the wrong window opens nothing else. A batch is meant for later, so its codes open anything, once each; the first digit
//! of each is its number.

use sallyport_connect::{mail::MailError, telephony::TelephonyError};
use sallyport_crypto::{Secret, random};
use sallyport_model::{
    Action, Factor, PhoneNumber, Proof, Span, Telephony, Time, User,
    id::{FactorId, SignInId, UserId},
};
use sallyport_store::{Once, Reader, Versioned};
use serde::{Deserialize, Serialize};

use super::{Verdict, mailed, phone::Lines};
use crate::{
    AppError, Ctx, Phrase, Tx,
    ctx::settings,
    mail::{self, Post},
    telephony::{Counted, Line, NOT_SENT, Occasion, budget::Carried},
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

/// A text or a mail ready to be sent.
pub(crate) struct Parcel {
    carrier: Carrier,
    factor: FactorId,
    codes: Vec<Secret>,
}

enum Carrier {
    Mail(Box<Post>, String),
    Text(Box<Counted>),
}

impl Carrier {
    /// What codes for this factor are carried by now, with one more of it counted; or why there is none.
    fn count(
        tx: &mut Tx<'_, '_>,
        person: &User,
        factor: &Factor,
        sign_in: Option<SignInId>,
    ) -> Result<Result<Self, Phrase>, AppError> {
        let ctx = tx.ctx;
        match address_of(tx, person, factor)? {
            None => Ok(Err(NOT_SENT)),
            Some(Address::Mail(address)) => {
                let Some(post) = Post::of(tx, ctx)? else { return Ok(Err(NOT_SENT)) };
                let spent = mail::budget::spend(tx, person.id, &address, &post.mail, true)?;
                Ok(spent.map(|()| Self::Mail(Box::new(post), address)).map_err(|spent| spent.phrase()))
            }
            Some(Address::Number(number)) => {
                let Some(line) = Line::of(tx, ctx)? else { return Ok(Err(NOT_SENT)) };
                let counted = line.count(tx, Carried::Text, Occasion::sign_in(sign_in), person.id, number)?;
                Ok(counted.map(|counted| Self::Text(Box::new(counted))).map_err(|spent| spent.phrase()))
            }
        }
    }

    /// How many codes one brings, and how many hours those of a batch are good. Mails bring one.
    fn batch(&self) -> Option<(u8, u8)> {
        match self {
            Self::Mail(..) => None,
            Self::Text(counted) => {
                let telephony = counted.telephony();
                (telephony.codes > 1).then_some((telephony.codes, telephony.batch_hours))
            }
        }
    }
}

/// Where codes are sent.
enum Address {
    Mail(String),
    Number(PhoneNumber),
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

    /// Stores codes for this phone or address, in place of former ones, and counts the text or mail; or says why there is
    /// none. `at`: where a single code is good, and the sign-in it is asked for at.
    pub(crate) fn store(
        &self,
        tx: &mut Tx<'_, '_>,
        person: &Versioned<User>,
        factor: &Factor,
        (at, sign_in): (&str, Option<SignInId>),
    ) -> Result<Result<Parcel, Phrase>, AppError> {
        let ctx = tx.ctx;
        let carrier = match Carrier::count(tx, person, factor, sign_in)? {
            Ok(carrier) => carrier,
            Err(why) => return Ok(Err(why)),
        };
        let batch = carrier.batch();
        let codes: Vec<Secret> = match batch {
            Some((codes, _)) => self.batch.iter().take(codes.into()).cloned().collect(),
            None => vec![self.single.clone()],
        };
        let owner = factor.id.to_string();
        tx.void_once(&owner, TEXTED)?;
        let life = match batch {
            Some((_, hours)) => Span::hours(hours.into()),
            None => Span::minutes(Telephony::CODE_MINUTES),
        };
        let expires = ctx.now.plus(life);
        for code in &codes {
            let first = code.expose().chars().next().unwrap_or('0');
            let at = batch.is_none().then(|| at.to_owned());
            let doc = serde_json::to_string(&Texted { epoch: person.credential_epoch, at, first })?;
            let once = Once { owner: owner.clone(), expires, used: None, doc };
            tx.put_once(TEXTED, &hash(ctx, &owner, code.expose()), &once)?;
        }
        match &carrier {
            // No factor of anybody's stands behind it in the store.
            Carrier::Mail(..) => tx.record_touched(&person.value, "mail_code"),
            Carrier::Text(..) => tx.record_touched(factor, "text"),
        }
        Ok(Ok(Parcel { carrier, factor: factor.id, codes }))
    }
}

impl Parcel {
    /// Sends it. What was certainly not sent opens nothing.
    ///
    /// # Errors
    /// The store's; that it was not sent is the answer, in words for whoever asked.
    pub(crate) async fn send(self, ctx: &Ctx) -> Result<Result<(), Phrase>, AppError> {
        match self.carry(ctx).await {
            Carriage::Done => return Ok(Ok(())),
            // It may have come all the same.
            Carriage::Uncertain => return Ok(Err(NOT_SENT)),
            Carriage::Failed => {}
        }
        let owner = self.factor.to_string();
        ctx.write(move |tx| Ok(tx.void_once(&owner, TEXTED)?)).await?;
        Ok(Err(NOT_SENT))
    }

    async fn carry(&self, ctx: &Ctx) -> Carriage {
        match &self.carrier {
            Carrier::Mail(post, address) => {
                let (subject, text) = letter(&self.codes, &post.organization);
                match post.send(ctx, address, &subject, &text).await {
                    Ok(()) => Carriage::Done,
                    Err(MailError::Uncertain(_)) => Carriage::Uncertain,
                    Err(MailError::Misconfigured(_) | MailError::Refused(_) | MailError::Unavailable(_)) => {
                        Carriage::Failed
                    }
                }
            }
            Carrier::Text(counted) => {
                match counted.text(ctx, &words(&self.codes, counted.telephony())).await {
                    Ok(()) => Carriage::Done,
                    Err(TelephonyError::Uncertain(_)) => Carriage::Uncertain,
                    Err(
                        TelephonyError::Misconfigured(_)
                        | TelephonyError::Refused(_)
                        | TelephonyError::Unavailable(_),
                    ) => Carriage::Failed,
                }
            }
        }
    }
}

/// What became of a text or a mail.
enum Carriage {
    Done,
    Failed,
    Uncertain,
}

/// What is mailed.
fn letter(codes: &[Secret], organization: &str) -> (String, String) {
    let code = codes.first().map(Secret::expose).unwrap_or_default();
    let text = format!(
        "Somebody is signing in as you at {organization} and asked for this code:\n\n{code}\n\nIt is good once, for {} \
         minutes, and only where it was asked for. Tell it to nobody.\n\nIf that was not you, somebody else knows your \
         password: change it now and tell your administrator.\n",
        Telephony::CODE_MINUTES,
    );
    (format!("Your sign-in code for {organization}"), text)
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

/// Tries a code on a phone or an address. What is accepted is spent in this transaction.
pub(super) fn accept(
    tx: &mut Tx<'_, '_>,
    user: &Versioned<User>,
    factor: &Factor,
    typed: &str,
    places: &[&str],
) -> Result<Verdict, AppError> {
    if address_of(tx, user, factor)?.is_none() {
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
        return Ok(Verdict::Accepted { factor: factor.id, kind: factor.kind() });
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

/// Whether codes were texted to this phone that open something yet.
pub(crate) fn has_outstanding(reader: &mut Reader, factor: FactorId, now: Time) -> Result<bool, AppError> {
    let texted = reader.once_of(&factor.to_string(), TEXTED)?;
    Ok(texted.iter().any(|once| once.used.is_none() && once.expires >= now))
}

/// Texts a batch of codes to a phone of somebody, for later.
///
/// # Errors
/// Denied, above the caller's own rights, no such phone, texts bring single codes here, or it was not sent.
pub(crate) async fn send_batch(ctx: &Ctx, user: UserId, phone: FactorId) -> Result<(), AppError> {
    let draft = Draft::draw(ctx)?;
    let parcel = ctx
        .write(move |tx| {
            let person = tx.user_for(Action::ManageFactors, user)?;
            let factor = super::one_of(tx, user, phone)?;
            if settings(tx)?.telephony.codes < 2 {
                let text = "a text brings a single code, which is good only where somebody asked for it; have \
                    texts bring several codes first";
                return Err(AppError::Conflict(text.into()));
            }
            let stored = draft.store(tx, &person, &factor, ("", None))?;
            stored.map_err(|why| AppError::Conflict(why.into()))
        })
        .await?;
    parcel.send(ctx).await?.map_err(|why| AppError::Conflict(why.into()))
}

/// Where codes for this factor of this person may be sent now.
fn address_of(reader: &mut Reader, person: &User, factor: &Factor) -> Result<Option<Address>, AppError> {
    if factor.user != person.id {
        return Ok(None);
    }
    let settings = settings(reader)?.value;
    if let Proof::Mail { address } = &factor.proof {
        return Ok(mailed::of(person, &settings).map(|_| Address::Mail(address.clone())));
    }
    Ok(match Lines::of(person, &settings).leave(&factor.proof) {
        Some(Proof::Phone { number, texts: true, .. }) => Some(Address::Number(number)),
        _ => None,
    })
}

/// The form in which a code rests: two people may be given the same digits.
fn hash(ctx: &Ctx, owner: &str, digits: &str) -> String {
    ctx.org.keys.hash_token(TEXTED, &format!("{owner} {digits}"))
}
