//! Mail to people about what happened to their factors, their codes and their password, by whomever.
//!
//! A projection decides in its write what is told to whom and puts it into an outbox; from there it is sent, once each, by
//! whichever node is first. A mail that the server could not take for now is tried again a few times. What happened
//! long ago is told to nobody: a feed may be older than the mail server.

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use sallyport_connect::mail::MailError;
use sallyport_model::{Change, Factor, Span, Time, User, id::UserId};
use sallyport_store::{Noun as _, Once};
use serde::{Deserialize, Serialize};

use super::Notice;
use crate::{
    AppError, Ctx, Org, Tx,
    ctx::settings,
    mail::{self, Post},
    user::news::{self, News, What, Who},
};

/// Kind, and owner, of what waits to be sent; and the bell of whoever sends it.
pub(super) const OUTBOX: &str = "notice";
/// What happened longer ago is not told any more, and what could not be sent by then is not sent.
const OLDEST: Span = Span::days(1);
/// How often a mail is tried that could not be taken, and how long after the first time again; then twice as long.
const MOST_TRIES: u8 = 5;
const FIRST_WAIT: Span = Span::minutes(1);
/// How often the outbox is looked at for what waits to be tried again.
const EVERY: Duration = Duration::from_secs(30);

/// What waits.
#[derive(Clone, Serialize, Deserialize)]
struct Waiting {
    user: UserId,
    subject: String,
    text: String,
    not_before: Time,
    tries: u8,
}

/// Puts into the outbox what these changes mean to somebody.
pub(super) fn apply(tx: &mut Tx<'_, '_>, changes: &[Change]) -> Result<Vec<Notice>, AppError> {
    let now = tx.ctx.now;
    let mut told = Vec::new();
    for change in changes.iter().filter(|change| change.at >= now.minus(OLDEST)) {
        let Some((id, news, what)) = concerns(change) else { continue };
        let Some(person) = tx.find::<User>(id)? else { continue };
        let settings = settings(tx)?.value;
        if !settings.mail.is_on() || !settings.mail.notices || mail::address_of(&person).is_none() {
            continue;
        }
        let (subject, text) = written(&person, (&news, what), &settings.organization, tx.ctx);
        let waiting = Waiting { user: id, subject, text, not_before: now, tries: 0 };
        // By its place in the feed: whoever reads the change again adds nothing.
        put(tx, &change.seq.to_string(), &waiting, now.plus(OLDEST))?;
        told = vec![Notice::Mail];
    }
    Ok(told)
}

fn put(tx: &mut Tx<'_, '_>, key: &str, waiting: &Waiting, expires: Time) -> Result<(), AppError> {
    let doc = serde_json::to_string(&(key, waiting))?;
    if tx.find_once(OUTBOX, key)?.is_none() {
        tx.put_once(OUTBOX, key, &Once { owner: OUTBOX.into(), expires, used: None, doc })?;
    }
    Ok(())
}

/// Whom a change concerns and what it is to them, also as a mail says it, if they are told by mail.
fn concerns(change: &Change) -> Option<(UserId, News, &'static str)> {
    let id = match change.subject.noun.as_str() {
        Factor::NOUN => serde_json::from_str::<Factor>(change.after.as_deref()?).ok()?.user,
        User::NOUN => change.subject.id.parse().ok()?,
        _ => return None,
    };
    let news = news::told(change, id)?;
    let what = match news.what {
        // That mail is the notice.
        What::EnrollmentCode if change.verb == "mail_enrollment_code" => return None,
        What::BypassCodes | What::EnrollmentCode if news.who == Some(Who::Oneself) => return None,
        What::BypassCodes => "Bypass codes for your second door were made",
        What::EnrollmentCode => "A code to enrol a factor of yours was made",
        What::FactorEnrolled => "A factor was enrolled",
        What::FactorRemoved => "A factor of yours was removed",
        What::PasswordChanged => "Your password was changed",
        What::PasswordSet => "A new password was set for you",
        What::PasswordGuessed(_)
        | What::PasswordKnown(_)
        | What::PasswordLocked
        | What::PasswordLockedToStrangers
        | What::SessionElsewhere(_)
        | What::Unlocked => return None,
    };
    Some((id, news, what))
}

/// Subject and text.
fn written(person: &User, (news, what): (&News, &str), organization: &str, ctx: &Ctx) -> (String, String) {
    let who = match &news.who {
        Some(Who::Oneself) => "yourself".to_owned(),
        Some(Who::Other(label)) => format!("an administrator ({label})"),
        None => "somebody at the sign-in page".to_owned(),
    };
    let source = news.source.as_ref().map(|source| format!("From: {source}\n")).unwrap_or_default();
    let text = format!(
        "Hello {name},\n\n{what}.\n\nWhere: {organization}\nWhen: {at}\nBy: {who}\n{source}\nIf you know of it, there is \
         nothing to do. If you do not, somebody may be taking over your account: change your password at \
         {url}/password, look at your factors there, and tell your administrator at once.\n",
        name = person.display_name,
        at = news.at.written(),
        url = ctx.org.config.external_url.trim_end_matches('/'),
    );
    (format!("{organization}: {what}"), text)
}

/// Sends what is in the outbox, whenever something was put there and from time to time. Never ends by itself.
pub(super) async fn follow(org: &Arc<Org>) {
    let listener = org.bells.listen(OUTBOX.to_owned());
    loop {
        let look = || async { send_due(&Ctx::system(org, "notices")).await.map(|()| None::<()>) };
        // As on a node of its own: whichever put something there hears its own bell.
        if let Err(error) = listener.until(EVERY, false, look).await {
            tracing::warn!(%error, "notices wait to be mailed");
            tokio::time::sleep(EVERY).await;
        }
    }
}

/// The subjects of all that waits.
#[cfg(test)]
pub(super) fn subjects(reader: &mut sallyport_store::Reader) -> Result<Vec<String>, AppError> {
    let all = reader.once_of(OUTBOX, OUTBOX)?;
    all.iter().map(|once| Ok(serde_json::from_str::<(String, Waiting)>(&once.doc)?.1.subject)).collect()
}

/// Sends what is due.
///
/// # Errors
/// The store's.
pub(crate) async fn send_due(ctx: &Ctx) -> Result<(), AppError> {
    let now = ctx.now;
    let due = ctx
        .read(move |reader| {
            let all = reader.once_of(OUTBOX, OUTBOX)?;
            let open = all.iter().filter(|once| once.used.is_none() && once.expires >= now);
            let read: Vec<(String, Waiting)> =
                open.map(|once| serde_json::from_str(&once.doc)).collect::<Result<_, _>>()?;
            Ok(read.into_iter().filter(|(_, waiting)| waiting.not_before <= now).collect::<Vec<_>>())
        })
        .await?;
    for (key, waiting) in due {
        send(ctx, key, waiting).await?;
    }
    Ok(())
}

async fn send(ctx: &Ctx, key: String, waiting: Waiting) -> Result<(), AppError> {
    let (taken, of) = (key.clone(), waiting.user);
    let ready = ctx
        .write(move |tx| {
            let now = tx.ctx.now;
            // Whoever takes it sends it.
            if !tx.use_once(OUTBOX, &taken, now)? {
                return Ok(None);
            }
            let ctx = tx.ctx;
            let (person, post) = (tx.find::<User>(of)?, Post::of(tx, ctx)?);
            let address = person.as_ref().and_then(|person| mail::address_of(person)).map(str::to_owned);
            let (Some(address), Some(post)) = (address, post) else { return Ok(None) };
            Ok(mail::budget::spend(tx, of, &address, &post.mail, false)?.ok().map(|()| (address, post)))
        })
        .await?;
    let Some((address, post)) = ready else { return Ok(()) };
    let sent = post.send(ctx, &address, &waiting.subject, &waiting.text).await;
    ctx.write(move |tx| {
        let now = tx.ctx.now;
        tx.delete_once(OUTBOX, &key)?;
        let wait = Span(FIRST_WAIT.0.saturating_mul(1 << waiting.tries.min(MOST_TRIES)));
        match &sent {
            Err(MailError::Unavailable(_)) if waiting.tries < MOST_TRIES => {
                let later =
                    Waiting { not_before: now.plus(wait), tries: waiting.tries + 1, ..waiting.clone() };
                put(tx, &key, &later, now.plus(OLDEST))
            }
            // It went out, or may have, or never will; what went wrong is in the log.
            Ok(())
            | Err(
                MailError::Misconfigured(_)
                | MailError::Refused(_)
                | MailError::Uncertain(_)
                | MailError::Unavailable(_),
            ) => Ok(()),
        }
    })
    .await
}
