//! What an alarm is to whoever raised it, and to whoever can help.

use sallyport_model::{Action, Alarm, AlarmKind, Change, User, access};

use super::{Channel, Concern, OLDEST, Waiting, put};
use crate::{
    AppError, Tx,
    ctx::settings,
    mail,
    user::news::{News, What},
};

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
    let (what, told) = match alarm.last.kind {
        AlarmKind::HelpDesk => (What::NotMeAtHelpDesk, "Somebody spoke to a help desk in your name"),
        AlarmKind::SignIn => {
            (What::NotMe, "Your phone was asked to let somebody in, and you said that it was not you")
        }
    };
    let source = Some(alarm.last.place.clone()).filter(|place| !place.is_empty());
    Some(Concern {
        by_mail_alone: false,
        user: alarm.user,
        news: News { at: alarm.last.said, what, who: None, source },
        what: told,
        detail: detail(&alarm),
        not_by_mail: false,
        not_over: Some(alarm.last.factor),
    })
}

/// Whether this is what an alarm tells.
pub(super) const fn is_one(what: &What) -> bool {
    matches!(what, What::NotMe | What::NotMeAtHelpDesk)
}

fn detail(alarm: &Alarm) -> String {
    let device = &alarm.last.device;
    let device = if device.is_empty() { String::new() } else { format!("With: {device}\n") };
    format!("What: {}\n{device}", alarm.last.what)
}

/// What whoever raised an alarm does next.
pub(super) fn what_to_do(what: &What, url: &str) -> String {
    let next = if *what == What::NotMeAtHelpDesk {
        "Whoever it was was not helped. Nothing has happened to your account.".to_owned()
    } else {
        format!(
            "Whoever it was did not get in, but knew your password: set another one at {url}/password now, and wherever \
             else you use the same. Your phones are not asked for a quarter of an hour; sign in by another factor \
             meanwhile."
        )
    };
    format!("{next} Your administrators see it too.\n\n")
}

/// Mails everybody who may act on it. They find it on their pages besides, so a budget that is spent loses nothing.
pub(super) fn tell_administrators(tx: &mut Tx<'_, '_>, change: &Change) -> Result<(), AppError> {
    let Some(alarm) = raised(change).filter(|_| change.verb == "raise") else { return Ok(()) };
    let settings = settings(tx)?.value;
    if !settings.mail.is_on() || !settings.mail.notices {
        return Ok(());
    }
    let may = |user: &User| user.roles.iter().any(|role| access::allows(*role, Action::ManageFactors));
    let url = tx.ctx.org.config.external_url.trim_end_matches('/').to_owned();
    let name = &alarm.user_name;
    let subject = format!("{}: alarm of {name}", settings.organization);
    let place = if alarm.last.place.is_empty() { "an unknown address" } else { &alarm.last.place };
    let text = format!(
        "`{name}` said on their phone that a request was not theirs: {kind}.\n\n{detail}From: {place}\nWhen: {at}\n\n\
         Their phones are not asked for a quarter of an hour. What to do next stands beside the alarm, at \
         {url}/admin/alarms, which stays until one of you closes it.\n",
        kind = alarm.last.kind.text(),
        detail = detail(&alarm),
        at = alarm.last.said.written(),
    );
    for person in tx.list_all::<User>()? {
        let tells = person.is_active() && person.id != alarm.user && may(&person);
        if !tells || mail::address_of(&person).is_none() {
            continue;
        }
        let now = tx.ctx.now;
        let (over, user, subject, text) = (Channel::Mail, person.id, subject.clone(), text.clone());
        let waiting = Waiting { user, over, subject, text, not_before: now, tries: 0 };
        put(tx, &format!("{} {}", change.seq, person.id), &waiting, now.plus(OLDEST))?;
    }
    Ok(())
}
