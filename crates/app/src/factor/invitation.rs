//! Enrolment codes that are sent instead of handed over: a link, by mail or by text, to the address or the number of record.
//!
//! Where it goes is what stands in the directory and is said by no request. Never to anybody with a role: what guards the
//! house is handed over by a person. The code is that of an administrator in all else: once, for a day at most, and
//! void with the next change of what the person proves themselves with.

#[cfg(test)]
mod tests;
pub(crate) mod to_phone;

use sallyport_connect::{mail::MailError, telephony::TelephonyError};
use sallyport_crypto::Secret;
use sallyport_model::{Action, PhoneNumber, ResetOf, Time, User, id::UserId, mail::Filling};
use sallyport_store::{Reader, Versioned};
use serde::{Deserialize, Serialize};

use super::enrollment::{ENROLLMENT_CODE, EnrollmentCode, LONGEST_ENROLLMENT};
use crate::{
    AppError, Ctx, Tx,
    mail::{self, Post},
    recovery,
    telephony::{Counted, Line, Occasion, budget::Carried},
};

pub use sallyport_api::rest::InvitationBy;

/// What was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub by: InvitationBy,
    /// The address, or the number.
    pub to: String,
    pub expires: Time,
}

/// Why nothing can be sent to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    AboveOwnRights,
    Dormant,
    Gone,
    HasCode,
    HadFactor,
    HasFactor,
    HasRole,
    MailOff,
    NoAddress,
    NoPhone,
    NotActive,
    /// What the provider, the server or a budget said.
    NotSent(String),
    TextsOff,
}

impl Obstacle {
    /// For administrators.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::AboveOwnRights => "this would reach above your own rights".into(),
            Self::Dormant => "was not here for long: look who it is, and send the link to them alone".into(),
            Self::Gone => "is not there any more".into(),
            Self::HasCode => "has an enrolment code that is still good".into(),
            Self::HadFactor => "has had a factor before: ask for a reset, for them alone".into(),
            Self::HasFactor => "has a factor already".into(),
            Self::HasRole => "has an administrator role: hand the enrolment code over yourself".into(),
            Self::MailOff => "there is no mail server yet; name one on the page of mail".into(),
            Self::NoAddress => "has no mail address that can be used".into(),
            Self::NoPhone => "has no phone number that can be used".into(),
            Self::NotActive => "is not active".into(),
            Self::NotSent(why) => why.clone(),
            Self::TextsOff => "texts are not switched on".into(),
        }
    }
}

/// Sends somebody a link with which they enrol their first factor. Former codes are void.
///
/// # Errors
/// Denied, no such user, above the caller's own rights, or [`AppError::Conflict`] with what stands in the way.
pub async fn send(ctx: &Ctx, user: UserId, by: InvitationBy) -> Result<Sent, AppError> {
    let code = EnrollmentCode::draw(ctx, LONGEST_ENROLLMENT)?;
    let parcel = ctx
        .write(move |tx| {
            let person = tx.user_for(Action::ManageFactors, user)?;
            recovery::permit(tx, &person, &ResetOf::EnrollmentCode)?;
            prepare(tx, &person, by, &code, true)?.map_err(|why| in_the_way(&person.name, &why))
        })
        .await?;
    let name = parcel.name.clone();
    parcel.send(ctx).await?.map_err(|why| in_the_way(&name, &why))
}

fn in_the_way(name: impl std::fmt::Display, why: &Obstacle) -> AppError {
    AppError::Conflict(format!("`{name}`: {}", why.text()).into())
}

/// Where it would go, or why nowhere.
pub(super) fn destination(
    reader: &mut Reader,
    person: &User,
    by: InvitationBy,
) -> Result<Result<String, Obstacle>, AppError> {
    if !person.is_active() {
        return Ok(Err(Obstacle::NotActive));
    }
    if !person.roles.is_empty() {
        return Ok(Err(Obstacle::HasRole));
    }
    let settings = crate::ctx::settings(reader)?;
    Ok(match by {
        InvitationBy::Mail if !settings.mail.is_on() => Err(Obstacle::MailOff),
        InvitationBy::Mail => mail::address_of(person).map(str::to_owned).ok_or(Obstacle::NoAddress),
        InvitationBy::Text if !settings.telephony.has_texts() => Err(Obstacle::TextsOff),
        InvitationBy::Text => number_of(person).map(|number| number.to_string()).ok_or(Obstacle::NoPhone),
    })
}

/// The number of record: the first that was verified, or the first.
fn number_of(person: &User) -> Option<PhoneNumber> {
    let verified = person.phones.iter().find(|phone| phone.verified);
    verified.or_else(|| person.phones.first())?.number.parse().ok()
}

/// A link ready to be sent.
pub(crate) struct Parcel {
    carrier: Carrier,
    /// Whether the code stays good when it was not sent: whoever asked has it too.
    shown: bool,
    name: String,
    display_name: String,
    code: Secret,
    hash: String,
    expires: Time,
}

enum Carrier {
    Mail(Box<Post>, String),
    Text(Box<Counted>),
}

/// Issues the code and counts what will be sent, or says what stands in the way. `asked`: somebody asked for it just now.
pub(super) fn prepare(
    tx: &mut Tx<'_, '_>,
    person: &Versioned<User>,
    by: InvitationBy,
    code: &EnrollmentCode,
    asked: bool,
) -> Result<Result<Parcel, Obstacle>, AppError> {
    let to = match destination(tx, person, by)? {
        Ok(to) => to,
        Err(why) => return Ok(Err(why)),
    };
    let ctx = tx.ctx;
    let (carrier, verb) = match by {
        InvitationBy::Mail => {
            let Some(post) = Post::of(tx, ctx)? else { return Ok(Err(Obstacle::MailOff)) };
            if let Err(spent) = mail::budget::spend(tx, person.id, &to, &post.mail, asked)? {
                return Ok(Err(Obstacle::NotSent(spent.why().into())));
            }
            (Carrier::Mail(Box::new(post), to), "mail_enrollment_code")
        }
        InvitationBy::Text => {
            let (Some(line), Ok(number)) = (Line::of(tx, ctx)?, to.parse::<PhoneNumber>()) else {
                return Ok(Err(Obstacle::TextsOff));
            };
            match line.count(tx, Carried::Text, Occasion::ENROLLMENT, person.id, number)? {
                Ok(counted) => (Carrier::Text(Box::new(counted)), "text_enrollment_code"),
                Err(spent) => return Ok(Err(Obstacle::NotSent(spent.as_str().into()))),
            }
        }
    };
    code.issue(tx, person, verb)?;
    Ok(Ok(Parcel {
        carrier,
        shown: false,
        name: person.name.to_string(),
        display_name: person.display_name.clone(),
        code: code.secret.clone(),
        hash: code.hash.clone(),
        expires: code.expires,
    }))
}

/// Issues a code that whoever asked is shown, and mails the link as well, where that can be done.
pub(crate) fn issue_and_mail(
    tx: &mut Tx<'_, '_>,
    person: &Versioned<User>,
    code: &EnrollmentCode,
) -> Result<Option<Parcel>, AppError> {
    match prepare(tx, person, InvitationBy::Mail, code, false)? {
        Ok(parcel) => Ok(Some(Parcel { shown: true, ..parcel })),
        Err(_) => code.issue(tx, person, "issue_enrollment_code").map(|()| None),
    }
}

impl Parcel {
    /// Sends it. What was certainly not sent opens nothing, unless it was shown to somebody.
    ///
    /// # Errors
    /// The store's; that it was not sent is the answer.
    pub(crate) async fn send(self, ctx: &Ctx) -> Result<Result<Sent, Obstacle>, AppError> {
        let link = mail::enrollment_link(ctx, &self.code);
        let (by, to, failed) = match &self.carrier {
            Carrier::Mail(post, address) => {
                (InvitationBy::Mail, address.clone(), self.mail(ctx, post, address, &link).await)
            }
            Carrier::Text(counted) => {
                // It names neither person nor house, but for the host in the link: whoever carries it reads it.
                let text = format!("Set up your second factor: {} Good once, for a day.", link.expose());
                let failed = counted.text(ctx, &text).await.err().map(|error| match error {
                    TelephonyError::Uncertain(why) => (why, false),
                    TelephonyError::Misconfigured(why)
                    | TelephonyError::Refused(why)
                    | TelephonyError::Unavailable(why) => (why, true),
                });
                (InvitationBy::Text, counted.number().to_string(), failed)
            }
        };
        let Some((why, certainly)) = failed else { return Ok(Ok(Sent { by, to, expires: self.expires })) };
        if certainly && !self.shown {
            let hash = self.hash;
            // A call may write once under what it expects, and this is the second time.
            let ctx = Ctx { expected: None, ..ctx.clone() };
            ctx.write(move |tx| Ok(tx.delete_once(ENROLLMENT_CODE, &hash)?)).await?;
        }
        Ok(Err(Obstacle::NotSent(why)))
    }

    /// Why it was not sent, and whether that is certain.
    async fn mail(&self, ctx: &Ctx, post: &Post, address: &str, link: &Secret) -> Option<(String, bool)> {
        let expires = self.expires.written();
        let filling = Filling {
            name: &self.display_name,
            link: link.expose(),
            organization: &post.organization,
            expires: &expires,
        };
        let (subject, text) = post.mail.enrollment.fill(filling);
        let error = post.send(ctx, address, &subject, &text).await.err()?;
        Some(match error {
            MailError::Uncertain(why) => (why, false),
            MailError::Misconfigured(why) | MailError::Refused(why) | MailError::Unavailable(why) => {
                (why, true)
            }
        })
    }
}

/// How codes can be sent to this person now, for whoever may send them.
///
/// # Errors
/// Denied, or no such user.
pub async fn ways(ctx: &Ctx, user: UserId) -> Result<Vec<InvitationBy>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read(move |reader| {
        let person = reader.find::<User>(user)?.ok_or_else(|| AppError::not_found("user", user))?;
        let mut ways = Vec::new();
        for by in InvitationBy::ALL {
            if destination(reader, &person, by)?.is_ok() {
                ways.push(by);
            }
        }
        Ok(ways)
    })
    .await
}
