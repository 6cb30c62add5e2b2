//! What an alarm is to whoever raised it, and to whoever can help.

use sallyport_model::{Action, Alarm, AlarmKind, Change};

use super::{Channel, Concern, Notice, OLDEST, OUTBOX, Waiting, put};
use crate::{
    AppError, Ctx, Tx,
    alarm::Has,
    ctx::settings,
    mail,
    user::news::{News, What},
};

/// What it takes to act on one.
pub(super) const MAY: Action = Action::ManageFactors;
/// In the key of the line for all of them, where each has their id.
const TO_ALL: &str = "administrators";
const QUIET: &str =
    " Your phones are not asked for a quarter of an hour; sign in by another factor meanwhile.";

/// The alarm after a change by which a person said that something was not them.
fn raised(change: &Change) -> Option<Alarm> {
    if !matches!(change.verb.as_str(), "raise" | "say_again") {
        return None;
    }
    serde_json::from_str(change.after.as_deref()?).ok()
}

/// Whoever raised it is told on everything but the phone that they said it on.
pub(super) fn concern(change: &Change) -> Option<Concern> {
    let alarm = raised(change)?;
    // Which they are told by what became of their password.
    if alarm.last.kind == AlarmKind::PasswordGuessed {
        return None;
    }
    let has = Has::of(alarm.last.first_door.as_ref());
    let (what, told) = match alarm.last.kind {
        AlarmKind::HelpDesk => (What::NotMeAtHelpDesk, "Somebody spoke to a help desk in your name"),
        AlarmKind::PasswordGuessed => return None,
        AlarmKind::SignIn if alarm.last.opened => {
            (What::NotMeAfterYes, "Your phone let somebody in, and you said that it was not you")
        }
        AlarmKind::SignIn => {
            (What::NotMe(has), "Your phone was asked to let somebody in, and you said that it was not you")
        }
    };
    let source = Some(alarm.last.place.clone()).filter(|place| !place.is_empty());
    Some(Concern {
        by_mail_alone: false,
        former: Vec::new(),
        user: alarm.user,
        news: News { at: alarm.last.said, what, who: None, source },
        what: told,
        detail: detail(&alarm),
        not_by_mail: false,
        not_over: alarm.last.factor,
    })
}

/// Whether this is what an alarm tells.
pub(super) const fn is_one(what: &What) -> bool {
    matches!(what, What::NotMe(_) | What::NotMeAfterYes | What::NotMeAtHelpDesk)
}

fn detail(alarm: &Alarm) -> String {
    let device = &alarm.last.device;
    let device = if device.is_empty() { String::new() } else { format!("With: {device}\n") };
    format!("What: {}\n{device}", alarm.last.what)
}

/// What whoever raised an alarm does next.
pub(super) fn what_to_do(what: &What, url: &str) -> String {
    if *what == What::NotMeAfterYes {
        return format!(
            "You had said yes, so what is named below was opened: end your sessions at {url}/ now, or set another password at \
             {url}/password, which ends them too.{QUIET} Your administrators see it too.\n\n"
        );
    }
    let What::NotMe(has) = what else {
        return "Whoever it was was not helped. Nothing has happened to your account. Your administrators see it too.\n\n"
            .to_owned();
    };
    let next = match has {
        Has::Password => format!(
            "Whoever it was did not get in, but knew your password: set another one at {url}/password now, and wherever \
             else you use the same.{QUIET}"
        ),
        Has::Session => format!(
            "Whoever it was did not get further, but holds a session of yours: end your other sessions at {url}/ now, or set \
             another password at {url}/password, which ends them too.{QUIET}"
        ),
        Has::SomethingElse => format!(
            "Whoever it was did not get in, but had passed the first door there: change the password or the key that you \
             sign in with at what is named below.{QUIET}"
        ),
    };
    format!("{next} Your administrators see it too.\n\n")
}

/// Whether administrators have not been mailed of this: it is a new alarm, or what was said to one that was of guesses alone.
fn is_news(change: &Change, alarm: &Alarm) -> bool {
    let guessed = |alarm: &Alarm| alarm.last.kind == AlarmKind::PasswordGuessed;
    let before = || serde_json::from_str::<Alarm>(change.before.as_deref()?).ok();
    change.verb == "raise" || !guessed(alarm) && before().is_some_and(|before| guessed(&before))
}

/// Puts a mail to everybody who may act on it into the outbox. They find it on their pages besides.
pub(super) fn tell_administrators(tx: &mut Tx<'_, '_>, change: &Change) -> Result<Option<Notice>, AppError> {
    let Some(alarm) = raised(change).filter(|alarm| is_news(change, alarm)) else { return Ok(None) };
    let settings = settings(tx)?.value;
    if !settings.mail.is_on() || !settings.mail.notices {
        return Ok(None);
    }
    let url = tx.ctx.org.config.external_url.trim_end_matches('/').to_owned();
    let name = &alarm.user_name;
    let subject = format!("{}: alarm of {name}", settings.organization);
    let has = Some(alarm.last.has()).filter(|has| !has.is_empty()).map(|has| format!(" {has}"));
    let has = has.unwrap_or_default();
    let place = if alarm.last.place.is_empty() { "an unknown address" } else { &alarm.last.place };
    let kind = alarm.last.kind.text();
    let (opening, quiet) = match alarm.last.kind {
        AlarmKind::PasswordGuessed => {
            (format!("`{name}`: {kind}. A hundred wrong ones were given, and nobody got in."), "")
        }
        AlarmKind::HelpDesk | AlarmKind::SignIn => (
            format!("`{name}` said on their phone that a request was not theirs: {kind}."),
            "Their phones are not asked for a quarter of an hour. ",
        ),
    };
    let text = format!(
        "{opening}{has}\n\n{detail}From: {place}\nWhen: {at}\n\n{quiet}What to do next stands beside the alarm, at \
         {url}/admin/alarms, which stays until one of you closes it. Of alarms you are mailed {most} times a day at most; all stand \
         there.\n",
        most = mail::budget::ALARMS,
        detail = detail(&alarm),
        at = alarm.last.said.written(),
    );
    let (now, user, over) = (tx.ctx.now, alarm.user, Channel::Administrators);
    let waiting = Waiting { over, subject, text, ..Waiting::of(user, now) };
    put(tx, &format!("{} {TO_ALL}", change.seq), &waiting, now.plus(OLDEST))?;
    Ok(Some(Notice::Outbox))
}

/// Gives each of those who hear of alarms a line of their own.
pub(super) async fn hand_on(ctx: &Ctx, due: &[(String, Waiting)]) -> Result<bool, AppError> {
    let lines: Vec<_> =
        due.iter().filter(|(_, waiting)| waiting.over == Channel::Administrators).cloned().collect();
    if lines.is_empty() {
        return Ok(false);
    }
    let all = super::who_hears(ctx, MAY).await?;
    ctx.write(move |tx| {
        let now = tx.ctx.now;
        for (key, of_all) in &lines {
            // Whoever takes it hands it on.
            if !tx.use_once(OUTBOX, key, now)? {
                continue;
            }
            for user in all.iter().filter(|user| **user != of_all.user) {
                let line = Waiting { user: *user, over: Channel::AlarmMail, ..of_all.clone() };
                put(tx, &key.replace(TO_ALL, &user.to_string()), &line, of_all.not_before.plus(OLDEST))?;
            }
            tx.delete_once(OUTBOX, key)?;
        }
        Ok(())
    })
    .await?;
    Ok(true)
}
