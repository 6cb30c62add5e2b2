//! Enrolment at the door: whoever gave the right password and has nothing for the second door is mailed a code to the
//! address of record, and with both enrols their first factor.
//!
//! Neither is enough. The code opens an enrolment only together with the handle that the right password gave, and the
//! handle only with the code. Not for people with a role, nor for those who were not here for long, nor for whoever has had
//! more than a mailbox to prove themselves with, which these two must not restore: for them it takes a code that an
//! administrator hands over.
//!
//! The same at the prompt of a protected application, which checked the password and vouches for the person. There a code
//! of an administrator may be typed too, for this person alone, for the way to the enrolment page leads away from the
//! application.

#[cfg(test)]
mod tests;

use sallyport_connect::mail::MailError;
use sallyport_crypto::{Secret, token};
use sallyport_model::{
    FactorKind, Span, User,
    id::{ApplicationId, UserId},
    policy::NewUser,
    signin::Resource,
};
use sallyport_store::{Once, Reader, Versioned};
use serde::{Deserialize, Serialize};

use super::{
    ENROLLMENT_CODE, PendingTotp,
    enrollable::{self, Where},
    enrollment::{ByCode, TotpDraft, person_behind, refuse_dormant},
    offers,
};
use crate::{
    AppError, Ctx, Phrase, Tx,
    ctx::settings,
    mail::{self, NOT_SENT, Post},
    policy::in_force,
    recovery,
    signin::{Offer, throttle},
};

/// Kind of the bearer secret that the right password gave.
pub(crate) const HANDLE: &str = "spe";
/// How long somebody may take from the password to the code.
pub(crate) const LIFE: Span = Span::minutes(15);
/// Groups of four digits in a code.
const GROUPS: usize = 2;

/// Said when the code is on its way.
pub const ON_ITS_WAY: Phrase = Phrase::MailOnItsWay;

/// An enrolment that can begin at a door.
#[derive(Debug, Clone)]
pub struct ByMail {
    /// Must be brought with what follows.
    pub handle: Secret,
    /// The address, for somebody who has passed one door.
    pub to: String,
}

/// What stands behind the handle.
#[derive(Serialize, Deserialize)]
struct Door {
    epoch: i64,
    /// The form in which the code rests that was mailed last.
    code: Option<String>,
    /// Who checked the password, where it was not us.
    #[serde(default)]
    vouched: Option<Vouching>,
}

/// A protected application at whose prompt somebody stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Vouching {
    pub(crate) application: ApplicationId,
    pub(crate) name: String,
}

impl Vouching {
    pub(super) fn resource(&self) -> Resource {
        Resource::Application { application: self.application, name: self.name.clone() }
    }
}

impl Door {
    fn resource(&self) -> Resource {
        self.vouched.as_ref().map_or(Resource::Portal, Vouching::resource)
    }

    /// Where what is enrolled here has to open a door.
    fn place(&self) -> Where<'_> {
        self.vouched.as_ref().map_or(Where::Portal, Where::Prompt)
    }
}

/// Lets somebody who gave the right password come back with a code, if one may be mailed to them. Gives where it would go.
pub(crate) fn open(
    tx: &mut Tx<'_, '_>,
    person: &Versioned<User>,
    handle_hash: &str,
) -> Result<Option<String>, AppError> {
    let ctx = tx.ctx;
    let door = Door { epoch: person.credential_epoch, code: None, vouched: None };
    let Some(address) = address(tx, ctx, person)? else { return Ok(None) };
    if !enrolls(tx, ctx, person, &door)? {
        return Ok(None);
    }
    put(tx, person, handle_hash, &door)?;
    Ok(Some(mail::masked(&address)))
}

/// Lets somebody for whom an application vouches come back with a code, where policy has new people enrol there. Gives
/// the handle, and where a code would be mailed to, if one may be.
///
/// # Errors
/// No randomness, or the store's.
pub(crate) async fn open_at_prompt(
    ctx: &Ctx,
    user: UserId,
    vouched: Vouching,
) -> Result<Option<(Secret, Option<String>)>, AppError> {
    let (handle, hash) = ctx.bearer(HANDLE)?;
    let opened = ctx
        .write(move |tx| {
            let Some(person) = tx.find::<User>(user)? else { return Ok(None) };
            let ctx = tx.ctx;
            let vouched = Some(vouched.clone());
            let door = Door { epoch: person.credential_epoch, code: None, vouched };
            if !enrolls(tx, ctx, &person, &door)? {
                return Ok(None);
            }
            put(tx, &person, &hash, &door)?;
            Ok(Some(address(tx, ctx, &person)?))
        })
        .await?;
    Ok(opened.map(|address| (handle, address.as_deref().map(mail::masked))))
}

fn put(tx: &mut Tx<'_, '_>, person: &User, handle_hash: &str, door: &Door) -> Result<(), AppError> {
    let (owner, expires) = (person.id.to_string(), tx.ctx.now.plus(LIFE));
    let doc = serde_json::to_string(door)?;
    Ok(tx.put_once(HANDLE, handle_hash, &Once { owner, expires, used: None, doc })?)
}

/// Where a code may be mailed to for whoever has this handle.
///
/// # Errors
/// The first door was too long ago, or what it proved is void.
pub(crate) async fn mails_to(ctx: &Ctx, handle: &Secret) -> Result<Option<String>, AppError> {
    let (hash, asking) = (handle_hash(ctx, handle), ctx.clone());
    ctx.read(move |reader| Ok(behind(reader, &asking, &hash)?.address.as_deref().map(mail::masked))).await
}

/// Mails the code. The answer says in words for whoever asked why it was not sent, and the masked address in any case.
///
/// # Errors
/// The password was too long ago, or what it proved is void; or something of ours failed.
pub async fn mail_code(ctx: &Ctx, handle: &Secret) -> Result<(String, Result<(), Phrase>), AppError> {
    let code = token::grouped_digits(GROUPS, &*ctx.org.random)?;
    let (handle_hash, hash) = (handle_hash(ctx, handle), code_hash(ctx, handle, code.expose()));
    let stored = hash.clone();
    let asked = ctx
        .write(move |tx| {
            let ctx = tx.ctx;
            let Behind { person, once, door, address } = behind(tx, ctx, &handle_hash)?;
            let address = address.ok_or_else(too_late)?;
            let Some(post) = Post::of(tx, ctx)? else { return Err(too_late()) };
            if let Err(spent) = mail::budget::spend(tx, person.id, &address, &post.mail, true)? {
                return Ok((address, Err(spent.phrase())));
            }
            let at = door.vouched.as_ref().map(|vouched| vouched.name.clone());
            if let Some(former) = &door.code {
                tx.delete_once(ENROLLMENT_CODE, former)?;
            }
            let doc = serde_json::to_string(&Door { code: Some(stored.clone()), ..door })?;
            tx.replace_once(HANDLE, &handle_hash, &Once { doc, ..once.clone() })?;
            let doc = person.credential_epoch.to_string();
            tx.put_once(ENROLLMENT_CODE, &stored, &Once { doc, ..once })?;
            tx.record_touched(&person.value, "mail_enrollment_code");
            Ok((address, Ok((post, at))))
        })
        .await?;
    let (address, post) = asked;
    let shown = mail::masked(&address);
    let (post, at) = match post {
        Ok(ready) => ready,
        Err(problem) => return Ok((shown, Err(problem))),
    };
    let subject = format!("Your code for {}", post.organization);
    let text = format!(
        "Somebody gave your password at {at} and asked for this code to set up a second factor at \
         {organization}:\n\n{code}\n\n\
         Type it where it was asked for. It is good once, for {minutes} minutes. Tell it to nobody.\n\nIf that was not \
         you, somebody else knows your password: change it now and tell your administrator.\n",
        at = at.as_ref().unwrap_or(&post.organization),
        organization = post.organization,
        code = code.expose(),
        minutes = LIFE.as_seconds() / 60,
    );
    match post.send(ctx, &address, &subject, &text).await {
        Ok(()) => Ok((shown, Ok(()))),
        // It may have come all the same.
        Err(MailError::Uncertain(_)) => Ok((shown, Err(NOT_SENT))),
        Err(MailError::Misconfigured(_) | MailError::Refused(_) | MailError::Unavailable(_)) => {
            ctx.write(move |tx| Ok(tx.delete_once(ENROLLMENT_CODE, &hash)?)).await?;
            Ok((shown, Err(NOT_SENT)))
        }
    }
}

/// Begins to enrol an authenticator application, by the password that gave the handle and the code that was mailed; at the
/// prompt of an application by one of an administrator's for this person too. Nothing is spent yet.
///
/// # Errors
/// The code is not right, too many were wrong, or the password was too long ago.
pub async fn begin_totp(ctx: &Ctx, handle: &Secret, code: &Secret) -> Result<PendingTotp, AppError> {
    let draft = TotpDraft::new(ctx)?;
    let (handle_hash, hash) = (handle_hash(ctx, handle), code_hash(ctx, handle, code.expose()));
    let issued = super::code_hash(ctx, ENROLLMENT_CODE, code.expose());
    let begun = ctx
        .write(move |tx| {
            let now = tx.ctx.now;
            let ctx = tx.ctx;
            let Behind { person, door, address, .. } = behind(tx, ctx, &handle_hash)?;
            let at_prompt = door.vouched.is_some();
            let held_back = at_prompt && throttle::guess_wait(tx, ctx)?.is_some();
            if held_back || throttle::second_door_wait(tx, person.id, now)?.is_some() {
                return Err(AppError::Busy);
            }
            let mailed = (address.is_some() && door.code.as_deref() == Some(&*hash)).then_some(&hash);
            let issued = issued.as_ref().filter(|_| at_prompt);
            for given in mailed.into_iter().chain(issued) {
                if is_good_for(tx, given, &person)? {
                    let by = Some(ByCode { hash: given.clone(), vouched: door.vouched });
                    return draft.begin(tx, &person, by).map(Some);
                }
            }
            // The failure must be counted, so it is not an error of the transaction. It counts with those at the second
            // door, whichever door it was; and where it may have been at an administrator's code, with those too.
            if at_prompt {
                throttle::guess_failed(tx)?;
            }
            let policy = in_force(tx, ctx, person.id, &door.resource(), false)?.policy;
            throttle::second_door_failed(tx, person.id, &policy.lockout.value).map(|()| None)
        })
        .await?;
    begun.ok_or_else(|| AppError::invalid("code", Phrase::MailedCodeWrong))
}

/// Whether an enrolment code that rests in this form is this person's, and was neither used nor voided.
fn is_good_for(tx: &mut Tx<'_, '_>, hash: &str, person: &User) -> Result<bool, AppError> {
    let now = tx.ctx.now;
    let found = tx.find_once(ENROLLMENT_CODE, hash)?;
    let Some(once) = found.filter(|once| once.used.is_none() && once.expires >= now) else {
        return Ok(false);
    };
    Ok(person_behind(tx, &once)?.is_some_and(|owner| owner.id == person.id))
}

/// What is behind a handle.
struct Behind {
    person: Versioned<User>,
    once: Once,
    door: Door,
    /// Where a code may be mailed to; none where it takes an administrator.
    address: Option<String>,
}

/// Who is behind a handle, if they may still enrol by it: nobody who has a factor by now.
fn behind(reader: &mut Reader, ctx: &Ctx, handle_hash: &str) -> Result<Behind, AppError> {
    let now = ctx.now;
    let once =
        reader.find_once(HANDLE, handle_hash)?.filter(|once| once.expires >= now).ok_or_else(too_late)?;
    let door: Door = serde_json::from_str(&once.doc)?;
    let id = once.owner.parse().map_err(|_| too_late())?;
    let person = reader.find::<User>(id)?.filter(|person| person.credential_epoch == door.epoch);
    let person = person.ok_or_else(too_late)?;
    // At the portal the mail is all there is to go on with; the enrolment page takes what administrators hand out.
    let address = address(reader, ctx, &person)?;
    if (door.vouched.is_none() && address.is_none()) || !enrolls(reader, ctx, &person, &door)? {
        return Err(too_late());
    }
    Ok(Behind { person, once, door, address })
}

/// Whether this person enrols a factor at this door, by whatever code: nothing that lasts opens it for them as things are
/// set, there is something that would, and policy has no other plans with new people there.
fn enrolls(reader: &mut Reader, ctx: &Ctx, person: &User, door: &Door) -> Result<bool, AppError> {
    if !person.is_active() {
        return Ok(false);
    }
    let policy = in_force(reader, ctx, person.id, &door.resource(), false)?.policy;
    let opens = offers(reader, person.id, &policy, ctx.now)?;
    let lasting = opens.iter().map(Offer::kind).any(|kind| kind != FactorKind::BypassCode);
    let plain = !lasting && policy.new_user.value == NewUser::Enroll;
    Ok(plain && enrollable::of(reader, ctx, person.id, door.place())?.has_a_first())
}

/// Where a code may be mailed to, with which this person enrols a first factor by themselves where [`enrolls`] says so; none
/// where it takes an administrator.
fn address(reader: &mut Reader, ctx: &Ctx, person: &User) -> Result<Option<String>, AppError> {
    let settings = settings(reader)?;
    let now = settings.mail.is_on() && settings.enrollment.is_open(ctx.now);
    let may = now
        && person.roles.is_empty()
        && refuse_dormant(person).is_ok()
        && !recovery::had_more_than_a_mailbox(reader, person.id, ctx.now)?;
    Ok(mail::address_of(person).filter(|_| may).map(str::to_owned))
}

pub(crate) fn handle_hash(ctx: &Ctx, handle: &Secret) -> String {
    ctx.org.keys.hash_token(HANDLE, handle.expose())
}

/// The form in which a code rests: worth nothing without the handle.
fn code_hash(ctx: &Ctx, handle: &Secret, typed: &str) -> String {
    let digits = token::typed_digits(typed).unwrap_or_default();
    ctx.org.keys.hash_token(ENROLLMENT_CODE, &format!("{} {digits}", handle.expose()))
}

fn too_late() -> AppError {
    AppError::Conflict(Phrase::MailedExpired.into())
}
