//! What people are told of what happened to their factors, their codes and their password, by whomever: over all that
//! reaches them, mail, the pages of their phones and the numbers they use. (The portal tells it by itself.)
//!
//! A projection decides in its write what is told to whom and puts it into an outbox; from there it is sent, once each, by
//! whichever node is first. What could not be taken for now is tried again a few times. What happened long ago is told to
//! nobody: a feed may be older than the mail server.

mod alarm;
pub(crate) mod connector;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use sallyport_connect::{
    mail::{MailError, is_address},
    telephony::TelephonyError,
};
use sallyport_model::{
    Action, Alarm, Change, Factor, Proof, Settings, Span, Time, User, access,
    id::{FactorId, UserId},
};
use sallyport_store::{Noun as _, Once};
use serde::{Deserialize, Serialize};

use super::Notice;
use crate::{
    AppError, Ctx, Org, Tx,
    alarm::Has,
    ctx::settings,
    factor::{self, phone::Lines},
    mail::{self, Post},
    push::{self, Told},
    recovery,
    telephony::{Counted, Line, Occasion, budget::Carried},
    user::news::{self, News, What, Who},
};

/// Kind, and owner, of what waits to be sent; and the bell of whoever sends it.
pub(crate) const OUTBOX: &str = "notice";
/// What happened longer ago is not told any more, and what could not be sent by then is not sent.
const OLDEST: Span = Span::days(1);
/// How often a mail is tried that could not be taken, and how long after the first time again; then twice as long.
const MOST_TRIES: u8 = 5;
const FIRST_WAIT: Span = Span::minutes(1);
/// So many addresses that somebody had are told that they have others.
const MOST_FORMER: usize = 5;
/// How often the outbox is looked at for what waits to be tried again.
const EVERY: Duration = Duration::from_secs(30);

/// What waits.
#[derive(Clone, Serialize, Deserialize)]
struct Waiting {
    user: UserId,
    #[serde(default)]
    over: Channel,
    /// Where a mail goes that tells of other addresses: one that they had. Without one, where they are written to now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    subject: String,
    text: String,
    not_before: Time,
    tries: u8,
}

/// Over what somebody is told. Each has a line of its own in the outbox, so that none waits for another, nor fails with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Channel {
    /// Whoever may act on an alarm, of whom each gets a line of their own before anything is sent.
    Administrators,
    /// Mail of an alarm to one of them.
    AlarmMail,
    /// Mail of a run that waits, to somebody who may let it go on.
    ConnectorMail,
    #[default]
    Mail,
    /// The page of a phone, which is told to look.
    Push { factor: FactorId },
    /// A number that its owner has used.
    Text { factor: FactorId },
}

impl Waiting {
    /// A mail without words, which may be sent at once.
    fn of(user: UserId, now: Time) -> Self {
        Self {
            user,
            over: Channel::Mail,
            to: None,
            subject: String::new(),
            text: String::new(),
            not_before: now,
            tries: 0,
        }
    }
}

/// What a change is to somebody.
struct Concern {
    user: UserId,
    news: News,
    /// In English.
    what: &'static str,
    /// What a mail says besides, before when it was.
    detail: String,
    /// What they are not told over: the mail that was sent is the notice, and a new factor does not tell of itself.
    not_by_mail: bool,
    not_over: Option<FactorId>,
    /// Where they were written to before, and are told besides.
    former: Vec<String>,
    /// Nothing of theirs changed, so no phone is woken for it and no text spent.
    by_mail_alone: bool,
}

/// Puts into the outbox what these changes mean to somebody.
pub(super) fn apply(tx: &mut Tx<'_, '_>, changes: &[Change]) -> Result<Vec<Notice>, AppError> {
    let now = tx.ctx.now;
    let mut told = Vec::new();
    for change in changes.iter().filter(|change| change.at >= now.minus(OLDEST)) {
        if change.subject.noun == Alarm::NOUN {
            told.extend(alarm::tell_administrators(tx, change)?);
        }
        let Some(concern) = concerns(change) else { continue };
        let Some(person) = tx.find::<User>(concern.user)? else { continue };
        let settings = settings(tx)?.value;
        let (subject, text) = written(&person, &concern, &settings.organization, tx.ctx);
        for over in channels(tx, &person, &concern, &settings)? {
            // By its place in the feed: whoever reads the change again adds nothing.
            let key = match over {
                Channel::Administrators | Channel::AlarmMail | Channel::ConnectorMail | Channel::Mail => {
                    change.seq.to_string()
                }
                Channel::Push { factor } | Channel::Text { factor } => format!("{} {factor}", change.seq),
            };
            let (subject, text) = match over {
                Channel::Administrators | Channel::AlarmMail | Channel::ConnectorMail | Channel::Mail => {
                    (subject.clone(), text.clone())
                }
                Channel::Text { .. } => (String::new(), texted(&concern.news.what, tx.ctx)),
                // This says the same whatever happened.
                Channel::Push { .. } => Default::default(),
            };
            let waiting = Waiting { over, subject, text, ..Waiting::of(person.id, now) };
            put(tx, &key, &waiting, now.plus(OLDEST))?;
            told = vec![Notice::Outbox];
        }
        if !settings.mail.is_on() || !settings.mail.notices {
            continue;
        }
        for (place, address) in concern.former.iter().enumerate() {
            let (to, subject, text) = (Some(address.clone()), subject.clone(), text.clone());
            let waiting = Waiting { to, subject, text, ..Waiting::of(person.id, now) };
            put(tx, &format!("{} former {place}", change.seq), &waiting, now.plus(OLDEST))?;
            told = vec![Notice::Outbox];
        }
    }
    Ok(told)
}

/// Everything that reaches this person. Nobody with a role is ever texted.
fn channels(
    tx: &mut Tx<'_, '_>,
    person: &User,
    concern: &Concern,
    settings: &Settings,
) -> Result<Vec<Channel>, AppError> {
    let mut found = Vec::new();
    if settings.mail.is_on()
        && settings.mail.notices
        && !concern.not_by_mail
        && mail::address_of(person).is_some()
    {
        found.push(Channel::Mail);
    }
    if concern.by_mail_alone {
        return Ok(found);
    }
    let (now, texts) = (tx.ctx.now, Lines::of(person, settings).texts);
    for factor in factor::of(tx, person.id, now)? {
        let id = factor.id;
        if concern.not_over == Some(id) {
            continue;
        }
        match factor.proof {
            Proof::Push { .. } if push::is_subscribed(tx, &id.to_string())? => {
                found.push(Channel::Push { factor: id });
            }
            Proof::Phone { .. } if texts && recovery::is_number_theirs(tx, id)? => {
                found.push(Channel::Text { factor: id });
            }
            Proof::BypassCode { .. }
            | Proof::Duo
            | Proof::HardwareToken { .. }
            | Proof::Mail { .. }
            | Proof::Passkey { .. }
            | Proof::Phone { .. }
            | Proof::Push { .. }
            | Proof::Totp => {}
        }
    }
    Ok(found)
}

fn put(tx: &mut Tx<'_, '_>, key: &str, waiting: &Waiting, expires: Time) -> Result<(), AppError> {
    let doc = serde_json::to_string(&(key, waiting))?;
    if tx.find_once(OUTBOX, key)?.is_none() {
        tx.put_once(OUTBOX, key, &Once { owner: OUTBOX.into(), expires, used: None, doc })?;
    }
    Ok(())
}

/// Whom a change concerns and what it is to them, if they are told of it.
fn concerns(change: &Change) -> Option<Concern> {
    let (user, not_over) = match change.subject.noun.as_str() {
        Alarm::NOUN => return alarm::concern(change),
        Factor::NOUN => {
            let factor = serde_json::from_str::<Factor>(change.after.as_deref()?).ok()?;
            (factor.user, Some(factor.id))
        }
        User::NOUN => (change.subject.id.parse().ok()?, None),
        _ => return None,
    };
    let news = news::told(change, user)?;
    let what = match news.what {
        What::AccessReused => "What an application may do in your name was ended",
        What::AddressesChanged => "Your mail addresses were changed",
        What::BypassCodes | What::EnrollmentCode if news.who == Some(Who::Oneself) => return None,
        What::BypassCodes => "Bypass codes for your second door were made",
        What::EnrollmentCode => "A code to enrol a factor of yours was made",
        What::FactorEnrolled => "A factor was enrolled",
        What::FactorRemoved => "A factor of yours was removed",
        What::PasswordChanged => "Your password was changed",
        What::PasswordLockedToStrangers => "Your password is being guessed",
        What::PasswordSet => "A new password was set for you",
        What::PhoneReactivated => "A phone of yours was set up anew",
        What::ResetAsked => "Somebody asked to reset how you sign in",
        What::SecondDoorShut => "Your second door was shut for a while",
        // Of which the alarm tells.
        What::NotMe(_) | What::NotMeAfterYes | What::NotMeAtHelpDesk => return None,
        What::PasswordGuessed(_)
        | What::PasswordKnown(_)
        | What::PasswordLocked
        | What::SessionElsewhere(_)
        | What::Unlocked => return None,
    };
    let not_by_mail = change.verb == "mail_enrollment_code";
    let by_mail_alone =
        matches!(news.what, What::AccessReused | What::PasswordLockedToStrangers | What::SecondDoorShut);
    let (former, detail) = news::changed_addresses(change).map(moved).unwrap_or_default();
    Some(Concern { user, news, what, detail, not_by_mail, not_over, former, by_mail_alone })
}

/// Whether an administrator is mailed of what it takes this to act on.
fn hears(user: &User, to_act: Action) -> bool {
    let may = user.roles.iter().any(|role| access::allows(*role, to_act));
    user.is_active() && may && mail::address_of(user).is_some()
}

/// All of those, read outside of the write, for which a whole directory is too much.
async fn who_hears(ctx: &Ctx, to_act: Action) -> Result<Vec<UserId>, AppError> {
    let all = ctx.read_many(|reader| Ok(reader.list_all::<User>()?)).await?;
    Ok(all.iter().filter(|user| hears(user, to_act)).map(|user| user.id).collect())
}

/// The addresses that somebody has no more, and where they are written to now, as it is shown there.
fn moved((before, after): (User, User)) -> (Vec<String>, String) {
    let (was, is) = (mail::address_of(&before), mail::address_of(&after));
    let (mut former, kept) = (before.addresses(), after.addresses());
    former.retain(|address| is_address(address) && !kept.contains(address));
    former.truncate(MOST_FORMER);
    let told = match is {
        Some(_) if was == is => "What we write to you goes where it went before.".to_owned(),
        Some(is) => format!("What we write to you goes to {} from now on.", mail::masked(is)),
        None => "There is no address left to write to you.".to_owned(),
    };
    (former, format!("{told}\n"))
}

/// Subject and text of a mail.
fn written(person: &User, concern: &Concern, organization: &str, ctx: &Ctx) -> (String, String) {
    let Concern { news, what, detail, .. } = concern;
    let who = match &news.who {
        Some(Who::Oneself) => "yourself".to_owned(),
        Some(Who::Other(label)) if news.what == What::AccessReused => format!("whoever spoke as the {label}"),
        Some(Who::Other(label)) => format!("an administrator ({label})"),
        None if news.what == What::PhoneReactivated => "whoever had the code for it".to_owned(),
        None if news.what == What::SecondDoorShut => "whoever gave the codes".to_owned(),
        None if alarm::is_one(&news.what) => "somebody else, as you say".to_owned(),
        None => "somebody at the sign-in page".to_owned(),
    };
    let url = ctx.org.config.external_url.trim_end_matches('/');
    let source = news.source.as_ref().map(|source| format!("From: {source}\n")).unwrap_or_default();
    let stop = match (&news.what, person.roles.is_empty()) {
        (What::SecondDoorShut, _) => {
            "Wrong codes were given for you so often that no code opens your second door for a while. If it was not you, \
             somebody may know your password, or have passed the first door of something else that asks for your second.\n\n"
                .to_owned()
        }
        (What::AccessReused, _) => {
            "A token by which an application acts for you came a second time, so somebody may have copied it. All that was \
             given with it is over; where you still use the application, sign in there once more.\n\n"
                .to_owned()
        }
        (What::PasswordLockedToStrangers, _) => {
            "Somebody gave a wrong password for you a hundred times, from where you never signed in. From there your \
             password opens nothing any more, the right one neither, until an administrator unlocks it; where you signed in \
             before, and by a passkey, you sign in as always. It was not found out. Where you used it elsewhere too, set \
             another.\n\n"
                .to_owned()
        }
        _ if alarm::is_one(&news.what) => alarm::what_to_do(&news.what, url),
        (What::ResetAsked, true) => {
            format!("It has not happened yet. If it was not you who asked, stop it at {url}/\n\n")
        }
        (What::ResetAsked, false) => {
            format!(
                "It does not happen before a day is over. If it was not you who asked, stop it at {url}/\n\n"
            )
        }
        _ => String::new(),
    };
    let text = format!(
        "Hello {name},\n\n{what}.\n\n{stop}Where: {organization}\n{detail}When: {at}\nBy: {who}\n{source}\nIf you know of it, \
         there is nothing to do. If you do not, somebody may be taking over your account: change your password at \
         {url}/password, look at your factors there, and tell your administrator at once.\n",
        name = person.display_name,
        at = news.at.written(),
    );
    (format!("{organization}: {what}"), text)
}

/// What is texted. It names neither person nor house, but for the host.
fn texted(what: &What, ctx: &Ctx) -> String {
    let what = match what {
        What::NotMe(Has::Password) => {
            "Somebody who knows your password tried to sign in as you. Set another one"
        }
        What::NotMe(Has::Session) => {
            "Somebody holds a session of yours. End the sessions that you do not know"
        }
        What::NotMe(Has::SomethingElse) => {
            "Somebody tried to sign in as you, and was past the first door. Look"
        }
        What::NotMeAfterYes => {
            "Your phone let somebody in, and you said that it was not you. End your sessions"
        }
        What::NotMeAtHelpDesk => "Somebody spoke to a help desk in your name. If you know of it, look",
        What::AccessReused
        | What::AddressesChanged
        | What::BypassCodes
        | What::EnrollmentCode
        | What::FactorEnrolled
        | What::FactorRemoved
        | What::PasswordChanged
        | What::PasswordGuessed(_)
        | What::PasswordKnown(_)
        | What::PasswordLocked
        | What::PasswordLockedToStrangers
        | What::PasswordSet
        | What::PhoneReactivated
        | What::ResetAsked
        | What::SecondDoorShut
        | What::SessionElsewhere(_)
        | What::Unlocked => CHANGED,
    };
    at_portal(what, ctx)
}

/// What is texted where nothing else is.
const CHANGED: &str = "Somebody changed, or asked to change, how you sign in. If that was not you, look";

fn at_portal(what: &str, ctx: &Ctx) -> String {
    let url = ctx.org.config.external_url.trim_end_matches('/');
    format!("{what} at {url}/ and tell your administrator.")
}

/// Sends what is in the outbox, whenever something was put there and from time to time. Never ends by itself.
pub(super) async fn follow(org: &Arc<Org>) {
    let listener = org.bells.listen(OUTBOX.to_owned());
    loop {
        let look = || async { send_due(&Ctx::system(org, "notices")).await.map(|()| None::<()>) };
        // As on a node of its own: whichever put something there hears its own bell.
        if let Err(error) = listener.until(EVERY, false, look).await {
            tracing::warn!(%error, "notices wait to be sent");
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
    let mut due = due(ctx).await?;
    if alarm::hand_on(ctx, &due).await? {
        due = self::due(ctx).await?;
    }
    // No channel waits for another.
    let over = |of: fn(&Channel) -> bool| {
        let lines: Vec<_> = due.iter().filter(|(_, waiting)| of(&waiting.over)).cloned().collect();
        async move {
            for (key, waiting) in lines {
                send(ctx, key, waiting).await?;
            }
            Ok::<(), AppError>(())
        }
    };
    let (mails, pushes, texts) = tokio::join!(
        over(|over| matches!(over, Channel::AlarmMail | Channel::ConnectorMail | Channel::Mail)),
        over(|over| matches!(over, Channel::Push { .. })),
        over(|over| matches!(over, Channel::Text { .. })),
    );
    mails.and(pushes).and(texts)
}

async fn due(ctx: &Ctx) -> Result<Vec<(String, Waiting)>, AppError> {
    let now = ctx.now;
    ctx.read(move |reader| {
        let all = reader.once_of(OUTBOX, OUTBOX)?;
        let open = all.iter().filter(|once| once.used.is_none() && once.expires >= now);
        let read: Vec<(String, Waiting)> =
            open.map(|once| serde_json::from_str(&once.doc)).collect::<Result<_, _>>()?;
        Ok(read.into_iter().filter(|(_, waiting)| waiting.not_before <= now).collect())
    })
    .await
}

/// What goes out.
enum Ready {
    Mail(Box<Post>, String),
    Push(FactorId),
    Text(Box<Counted>),
}

impl Ready {
    /// What this line becomes as things stand now, counted in its budget; nothing where it cannot be sent any more.
    fn of(tx: &mut Tx<'_, '_>, waiting: &Waiting) -> Result<Option<Self>, AppError> {
        let (ctx, of) = (tx.ctx, waiting.user);
        let Some(person) = tx.find::<User>(of)? else { return Ok(None) };
        let factor = |tx: &mut Tx<'_, '_>, id| {
            let found = tx.find::<Factor>(id)?;
            Ok::<_, AppError>(found.filter(|factor| factor.user == of).map(|factor| factor.value))
        };
        match waiting.over {
            // Handed on before.
            Channel::Administrators => Ok(None),
            over @ (Channel::AlarmMail | Channel::ConnectorMail | Channel::Mail) => {
                let address = waiting.to.clone().or_else(|| mail::address_of(&person).map(str::to_owned));
                let (Some(address), Some(post)) = (address, Post::of(tx, ctx)?) else {
                    return Ok(None);
                };
                let may = match over {
                    Channel::AlarmMail => {
                        hears(&person, alarm::MAY)
                            && mail::budget::spend_on(tx, "alarms", mail::budget::ALARMS, of)?
                    }
                    Channel::ConnectorMail => {
                        hears(&person, connector::MAY)
                            && mail::budget::spend_on(tx, "held runs", mail::budget::HELD_RUNS, of)?
                    }
                    Channel::Administrators | Channel::Mail | Channel::Push { .. } | Channel::Text { .. } => {
                        mail::budget::spend(tx, of, &address, &post.mail, false)?.is_ok()
                    }
                };
                Ok(may.then(|| Self::Mail(Box::new(post), address)))
            }
            Channel::Push { factor: id } => Ok(factor(tx, id)?.map(|factor| Self::Push(factor.id))),
            Channel::Text { factor: id } => {
                let Some(Factor { proof: Proof::Phone { number, .. }, .. }) = factor(tx, id)? else {
                    return Ok(None);
                };
                let line = Line::of(tx, ctx)?.filter(|line| line.telephony.has_texts());
                let Some(line) = line.filter(|_| person.roles.is_empty()) else { return Ok(None) };
                let counted = line.count(tx, Carried::Notice, Occasion::NOTICE, of, number)?;
                Ok(counted.ok().map(|counted| Self::Text(Box::new(counted))))
            }
        }
    }

    /// Sends it; whether it can be tried again later. What went wrong is in the log.
    async fn send(&self, ctx: &Ctx, waiting: &Waiting) -> bool {
        match self {
            Self::Mail(post, address) => matches!(
                post.send(ctx, address, &waiting.subject, &waiting.text).await,
                Err(MailError::Unavailable(_))
            ),
            Self::Push(factor) => matches!(push::tell(ctx, *factor).await, Told::Not { later: true, .. }),
            Self::Text(counted) => {
                // One that an earlier version put there has none.
                let general = waiting.text.is_empty().then(|| at_portal(CHANGED, ctx));
                let sent = counted.text(ctx, general.as_ref().unwrap_or(&waiting.text)).await;
                matches!(sent, Err(TelephonyError::Unavailable(_)))
            }
        }
    }
}

async fn send(ctx: &Ctx, key: String, waiting: Waiting) -> Result<(), AppError> {
    let (taken, of) = (key.clone(), waiting.clone());
    let ready = ctx
        .write(move |tx| {
            let now = tx.ctx.now;
            // Whoever takes it sends it.
            if tx.use_once(OUTBOX, &taken, now)? { Ready::of(tx, &of) } else { Ok(None) }
        })
        .await?;
    let Some(ready) = ready else { return Ok(()) };
    let again = ready.send(ctx, &waiting).await && waiting.tries < MOST_TRIES;
    ctx.write(move |tx| {
        let now = tx.ctx.now;
        tx.delete_once(OUTBOX, &key)?;
        // It went out, or may have, or never will.
        if !again {
            return Ok(());
        }
        let wait = Span(FIRST_WAIT.0.saturating_mul(1 << waiting.tries.min(MOST_TRIES)));
        let later = Waiting { not_before: now.plus(wait), tries: waiting.tries + 1, ..waiting.clone() };
        put(tx, &key, &later, now.plus(OLDEST))
    })
    .await
}
