//! An alarm: somebody says that they were asked for a proof and had asked for nothing. Whoever did stood behind their first
//! door, or spoke to a help desk in their name. Or their password was guessed at until it was locked for strangers. So it stands where administrators look until one of them says what came of it.

use serde::{Deserialize, Serialize};

use crate::{
    challenge::{Challenge, ChallengeState},
    change::Actor,
    id::{AlarmId, FactorId, SignInId, UserId},
    signin::FirstDoor,
    time::Time,
};

/// Where somebody stood who was not the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// On the line with a help desk, which asked the person's phone.
    HelpDesk,
    /// At the first door, a hundred times, from where the person never was.
    PasswordGuessed,
    /// At a second door, so behind the first.
    SignIn,
}

impl AlarmKind {
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::PasswordGuessed => "their password is being guessed",
            Self::HelpDesk => "somebody spoke to a help desk in their name",
            Self::SignIn => "somebody signed in in their name",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum AlarmState {
    Closed {
        by: Actor,
        at: Time,
        /// What came of it, in the words of whoever closed it.
        note: String,
    },
    Open,
}

impl AlarmState {
    pub const ALL: [&str; 2] = ["open", "closed"];

    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Closed { .. } => "closed",
            Self::Open => "open",
        }
    }
}

/// What a person said was not them. Of each person there is one that is open, and what they say meanwhile is told by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Alarm {
    pub id: AlarmId,
    pub user: UserId,
    /// Their name at the time.
    pub user_name: String,
    /// How often they said so since it is open.
    pub times: u32,
    #[serde(flatten)]
    pub last: NotMe,
    pub raised: Time,
    #[serde(flatten)]
    pub state: AlarmState,
}

/// What was not the person: what a phone was asked, when its owner said so, or who guesses at their password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotMe {
    pub kind: AlarmKind,
    /// What somebody signed in to, or which help desk asked; or what became of a password.
    pub what: String,
    /// The address it came from, and its country; empty where they are not known.
    #[serde(default)]
    pub place: String,
    /// The browser or machine that asked, as it named itself; empty where it is not known.
    #[serde(default)]
    pub device: String,
    /// The phone on which they said so; none where nobody said anything.
    #[serde(default)]
    pub factor: Option<FactorId>,
    /// The attempt in the sign-in log; none where a help desk asked.
    #[serde(default)]
    pub sign_in: Option<SignInId>,
    /// How whoever it was passed the first door of it; none where a help desk asked, or it is not known.
    #[serde(default)]
    pub first_door: Option<FirstDoor>,
    /// Whether they had said yes before, and the door was opened by it.
    #[serde(default)]
    pub opened: bool,
    /// When they said so last.
    pub said: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this alarm is closed already")]
pub struct AlarmClosed;

impl Alarm {
    pub const LONGEST_NOTE: usize = 300;

    /// Key of the one that is open for this person.
    #[must_use]
    pub fn open_key(user: UserId) -> String {
        format!("open {user}")
    }

    /// The person says it once more.
    #[must_use]
    pub fn again(self, last: NotMe) -> Self {
        Self { times: self.times.saturating_add(1), last, ..self }
    }

    /// Somebody has looked into it.
    ///
    /// # Errors
    /// Somebody else was faster.
    pub fn close(self, by: Actor, note: String, now: Time) -> Result<Self, AlarmClosed> {
        match self.state {
            AlarmState::Closed { .. } => Err(AlarmClosed),
            AlarmState::Open => Ok(Self { state: AlarmState::Closed { by, at: now, note }, ..self }),
        }
    }

    /// The address alone, by which the sign-in log is searched.
    #[must_use]
    pub fn address(&self) -> &str {
        self.last.place.split(' ').next().unwrap_or_default()
    }
}

impl NotMe {
    /// That the owner of a phone said of this, which was asked behind this first door, that it was not them.
    #[must_use]
    pub fn of(challenge: &Challenge, first_door: Option<FirstDoor>, now: Time) -> Self {
        Self {
            kind: if challenge.verifies { AlarmKind::HelpDesk } else { AlarmKind::SignIn },
            what: challenge.what.clone(),
            place: challenge.place(),
            device: challenge.device.clone().unwrap_or_default(),
            factor: Some(challenge.factor),
            sign_in: (!challenge.verifies).then_some(challenge.sign_in),
            first_door: first_door.filter(|_| !challenge.verifies),
            opened: challenge.state == ChallengeState::Spent,
            said: now,
        }
    }

    /// That a password was guessed at, last from this place, until it was locked for strangers.
    #[must_use]
    pub fn guessed(place: String, now: Time) -> Self {
        Self {
            kind: AlarmKind::PasswordGuessed,
            what: "it opens nothing any more from where they never signed in".into(),
            place,
            device: String::new(),
            factor: None,
            sign_in: None,
            first_door: None,
            opened: false,
            said: now,
        }
    }

    /// What whoever it was has of the person's, in a sentence for administrators; empty where that is not known.
    #[must_use]
    pub fn has(&self) -> String {
        let has = match &self.first_door {
            Some(FirstDoor::Passkey) => "Whoever asked their phone has a passkey of theirs.".into(),
            Some(FirstDoor::Password) => "Whoever asked their phone knows their password.".into(),
            Some(FirstDoor::Session) => "Whoever asked their phone holds a session of theirs.".into(),
            Some(FirstDoor::Vouched { by }) => {
                format!("Whoever asked their phone passed the first door of {by}, which is not ours.")
            }
            None => String::new(),
        };
        let opened = if self.opened { "They had said yes before, so the door was opened. " } else { "" };
        format!("{opened}{has}").trim_end().to_owned()
    }
}
