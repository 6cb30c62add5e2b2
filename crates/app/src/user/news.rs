//! What happened to a person's account that they should hear of, until they say that they have.
//!
//! A view over the change feed and the sign-in log; all that is kept is up to when the person has said so. What
//! somebody did themselves since they came in is told at their next sign-in: whoever took their session over must
//! not be the one to wave it through.

use std::net::IpAddr;

use sallyport_model::{
    Actor, Change, Factor, FactorKind, PasswordLock, Span, Time, User, UserState,
    id::UserId,
    signin::{FirstDoor, Reason, SignIn, SignInState},
};
use sallyport_store::{ChangeFilter, Edge, Noun as _, Reader, Session};

use crate::{
    AppError, Ctx,
    alarm::{self, Has},
    oidc,
    push::reactivation,
    signin::throttle,
};

/// Counter of a person: up to when they have seen what happened.
const SEEN: &str = "news_seen";
/// What lies further back is told to nobody.
const OLDEST: Span = Span::days(90);
/// Most changes and sign-ins looked at, the newest.
const LOOKED_AT: i64 = 200;
/// Fewer wrong passwords than these are not worth a word.
const FEWEST_GUESSES: usize = 5;

/// Something a person should hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    pub at: Time,
    pub what: What,
    /// Who did it, where that can be told: `None` for guessers.
    pub who: Option<Who>,
    /// The address it came from.
    pub source: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// What an application had to act for them was in two hands, and is over.
    AccessReused,
    /// Where they are written to.
    AddressesChanged,
    BypassCodes,
    EnrollmentCode,
    FactorEnrolled,
    FactorRemoved,
    /// Their phone was asked at a second door, by somebody else who had this.
    NotMe(Has),
    /// The same, after they had said yes and a door was opened.
    NotMeAfterYes,
    /// Somebody spoke to a help desk in their name.
    NotMeAtHelpDesk,
    PasswordChanged,
    /// So many times a wrong password, from networks the person never signed in from.
    PasswordGuessed(usize),
    /// So many times the right password, from such networks, and did not get in.
    PasswordKnown(usize),
    PasswordLocked,
    PasswordLockedToStrangers,
    PasswordSet,
    /// A phone of theirs was set up anew.
    PhoneReactivated,
    /// Somebody asked to reset something of theirs.
    ResetAsked,
    /// So many wrong codes were given for them that their second door is shut for a while.
    SecondDoorShut,
    /// So many times a wrong code in a session of the person's, on a network they never signed in from.
    SessionElsewhere(usize),
    Unlocked,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Oneself,
    Other(String),
}

/// What a person has not seen yet, the newest first.
///
/// # Errors
/// Nobody is signed in, or the store's.
pub async fn news(ctx: &Ctx, session: &Session) -> Result<Vec<News>, AppError> {
    let (id, session, now) = (ctx.person()?, session.clone(), ctx.now);
    ctx.read(move |reader| Ok(unseen(reader, id, &session, now)?.0)).await
}

/// The person has seen what happened up to a time.
///
/// # Errors
/// Nobody is signed in, or the store's.
pub async fn seen(ctx: &Ctx, session: &Session, up_to: Time) -> Result<(), AppError> {
    let (id, session) = (ctx.person()?, session.clone());
    ctx.write(move |tx| {
        let now = tx.ctx.now;
        let (_, kept_back) = unseen(tx, id, &session, now)?;
        // Not what is yet to come, nor what this session is not shown.
        let limit = kept_back.map_or(now, |first| first.minus(Span(1)));
        tx.raise_counter(&id.to_string(), SEEN, up_to.min(limit).0)?;
        Ok(())
    })
    .await
}

/// What this session is shown, and the first of what it is not.
fn unseen(
    reader: &mut Reader,
    id: UserId,
    session: &Session,
    now: Time,
) -> Result<(Vec<News>, Option<Time>), AppError> {
    let seen = reader.counter(&id.to_string(), SEEN)?.map_or(Time(0), Time);
    let since = seen.max(now.minus(OLDEST));
    let mut all = changes(reader, id, since)?;
    all.extend(at_the_doors(reader, id, since)?);
    let (own, mut shown): (Vec<News>, Vec<News>) =
        all.into_iter().partition(|news| news.who == Some(Who::Oneself) && news.at >= session.created);
    shown.sort_by_key(|news| std::cmp::Reverse(news.at));
    Ok((shown, own.iter().map(|news| news.at).min()))
}

/// What the feed tells of the person and of their factors.
fn changes(reader: &mut Reader, id: UserId, since: Time) -> Result<Vec<News>, AppError> {
    let of =
        |subject: String| ChangeFilter { subject: Some(subject), limit: LOOKED_AT, ..Default::default() };
    let mut found = reader.list_changes(&of(id.to_string()))?;
    for factor in reader.list_rights_of::<Factor>(Edge::UserFactor, &id.to_string())? {
        if factor.created > since {
            found.extend(reader.list_changes(&of(factor.id.to_string()))?);
        }
    }
    let lately = found.into_iter().filter(|change| change.at > since);
    Ok(lately.filter_map(|change| told(&change, id)).collect())
}

/// What a change means to this person, if it is worth a word.
pub(crate) fn told(change: &Change, id: UserId) -> Option<News> {
    let what = what(change)?;
    let who = match &change.actor {
        // By a page that nobody knew yet, with what a session of theirs was given.
        Actor::System { .. } if change.verb == reactivation::REACTIVATED_OWN => Some(Who::Oneself),
        // Whichever door it was, nobody knows whose hands they were.
        _ if what == What::SecondDoorShut => None,
        Actor::User { id: who, .. } if *who == id => Some(Who::Oneself),
        // Whoever was at a door is told by where it was.
        Actor::System { rule } if rule == "front door" => None,
        actor @ (Actor::Application { .. }
        | Actor::Device { .. }
        | Actor::LocalAdmin
        | Actor::System { .. }
        | Actor::Token { .. }
        | Actor::User { .. }) => Some(Who::Other(actor.label())),
    };
    // It was said on the phone; where it came from stands in the alarm.
    let said_on_phone = matches!(what, What::NotMe(_) | What::NotMeAfterYes | What::NotMeAtHelpDesk);
    let source = change.source.clone().filter(|_| !said_on_phone);
    Some(News { at: change.at, what, who, source })
}

fn what(change: &Change) -> Option<What> {
    let after = change.after.as_deref();
    match (change.subject.noun.as_str(), change.verb.as_str()) {
        (Factor::NOUN, "enroll") => {
            let factor: Factor = serde_json::from_str(after?).ok()?;
            Some(match factor.kind() {
                FactorKind::BypassCode => What::BypassCodes,
                FactorKind::Duo
                | FactorKind::HardwareToken
                | FactorKind::Mail
                | FactorKind::Passkey
                | FactorKind::Phone
                | FactorKind::Push
                | FactorKind::Totp => What::FactorEnrolled,
            })
        }
        (User::NOUN, "import" | "update") => changed_addresses(change).map(|_| What::AddressesChanged),
        (User::NOUN, "ask_reset") => Some(What::ResetAsked),
        (User::NOUN, "change_password") => Some(What::PasswordChanged),
        (User::NOUN, "factor_removed") => Some(What::FactorRemoved),
        (
            User::NOUN,
            "issue_activation_code"
            | "issue_enrollment_code"
            | "mail_enrollment_code"
            | "text_enrollment_code",
        ) => Some(What::EnrollmentCode),
        (User::NOUN, reactivation::REACTIVATED | reactivation::REACTIVATED_OWN) => {
            Some(What::PhoneReactivated)
        }
        (User::NOUN, "lock_password") => {
            let user: User = serde_json::from_str(after?).ok()?;
            Some(match user.password_lock {
                Some(PasswordLock::Strangers) => What::PasswordLockedToStrangers,
                Some(PasswordLock::Everybody) | None => What::PasswordLocked,
            })
        }
        (User::NOUN, oidc::REUSED) => Some(What::AccessReused),
        (User::NOUN, alarm::NOT_ME) => Some(What::NotMe(Has::Password)),
        (User::NOUN, alarm::NOT_ME_IN_SESSION) => Some(What::NotMe(Has::Session)),
        (User::NOUN, alarm::NOT_ME_PAST_FIRST_DOOR) => Some(What::NotMe(Has::SomethingElse)),
        (User::NOUN, alarm::NOT_ME_AFTER_YES) => Some(What::NotMeAfterYes),
        (User::NOUN, alarm::NOT_ME_AT_HELP_DESK) => Some(What::NotMeAtHelpDesk),
        (User::NOUN, "set_password") => Some(What::PasswordSet),
        (User::NOUN, throttle::SECOND_DOOR_SHUT) => Some(What::SecondDoorShut),
        (User::NOUN, "unlock") => Some(What::Unlocked),
        _ => None,
    }
}

/// A person before and after their addresses became others. Whoever is staged has not been here yet.
pub(crate) fn changed_addresses(change: &Change) -> Option<(User, User)> {
    let read = |noun: &Option<String>| serde_json::from_str::<User>(noun.as_deref()?).ok();
    let (before, after) = (read(&change.before)?, read(&change.after)?);
    let differ = before.state != UserState::Staged && before.addresses() != after.addresses();
    differ.then_some((before, after))
}

/// What the sign-in log tells of strangers, each as one.
fn at_the_doors(reader: &mut Reader, id: UserId, since: Time) -> Result<Vec<News>, AppError> {
    let (mut guesses, mut knowing, mut holding) = (Vec::new(), Vec::new(), Vec::new());
    for sign_in in reader.sign_ins_of(id, None, LOOKED_AT)? {
        let source = sign_in.source.as_deref().and_then(|source| source.parse::<IpAddr>().ok());
        let network = throttle::network(source);
        if sign_in.created <= since {
            break;
        }
        if throttle::is_known_network(reader, id, &network)? {
            continue;
        }
        match tried(&sign_in) {
            Tried::Guess => guesses.push(sign_in),
            Tried::RightPassword => knowing.push(sign_in),
            Tried::Session => holding.push(sign_in),
            Tried::Nothing => {}
        }
    }
    // The newest comes first and stands for all.
    let as_one = |all: &[SignIn], what: What| {
        let first = all.first()?;
        Some(News { at: first.created, what, who: None, source: first.source.clone() })
    };
    let guessed = as_one(&guesses, What::PasswordGuessed(guesses.len()));
    let guessed = guessed.filter(|_| guesses.len() >= FEWEST_GUESSES);
    let known = as_one(&knowing, What::PasswordKnown(knowing.len()));
    let held = as_one(&holding, What::SessionElsewhere(holding.len()));
    Ok(guessed.into_iter().chain(known).chain(held).collect())
}

enum Tried {
    Guess,
    RightPassword,
    /// Holding a session.
    Session,
    Nothing,
}

fn tried(sign_in: &SignIn) -> Tried {
    let has = |reason: &Reason| sign_in.reasons.contains(reason);
    match (&sign_in.first_door, &sign_in.state) {
        (Some(FirstDoor::Password), SignInState::SecondDoor { .. } | SignInState::Denied { .. }) => {
            Tried::RightPassword
        }
        (Some(FirstDoor::Session), SignInState::Denied { .. }) => Tried::Session,
        (None, SignInState::Denied { .. }) if has(&Reason::PasswordWrong) => Tried::Guess,
        // Said of nobody whose password was wrong.
        (None, SignInState::Denied { .. }) if has(&Reason::PasswordLocked) || has(&Reason::NoFactor) => {
            Tried::RightPassword
        }
        (
            Some(FirstDoor::Passkey | FirstDoor::Password | FirstDoor::Session | FirstDoor::Vouched { .. })
            | None,
            _,
        ) => Tried::Nothing,
    }
}

#[cfg(test)]
mod tests;
