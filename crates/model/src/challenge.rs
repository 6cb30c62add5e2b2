//! One request for proof that is answered elsewhere than at the door: on a phone's page, or over the telephone.

use serde::{Deserialize, Serialize};

use crate::{
    factor::FactorKind,
    id::{ChallengeId, FactorId, SignInId, UserId},
    policy::Country,
    time::{Span, Time},
};

/// How it stands. Whether its time is over is for the clock to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChallengeState {
    /// The person said yes; the door has not heard of it yet.
    Approved,
    /// The person said no.
    Denied,
    /// The person says that it was not them who asked.
    NotMe,
    /// It opened its door, which it does once.
    Spent,
    /// Another took its place, or the number was wrong too often.
    Void,
    Waiting,
}

impl ChallengeState {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::NotMe => "not_me",
            Self::Spent => "spent",
            Self::Void => "void",
            Self::Waiting => "waiting",
        }
    }
}

/// How far a request has come on its way to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// The call was answered.
    Answered,
    /// As far as anybody knows.
    #[default]
    OnItsWay,
    /// Whoever carries it did not take it. A phone whose page is open has it all the same.
    Undelivered,
}

/// So long an approval waits for its door, behind the time for the answer.
const FETCHED_WITHIN: Span = Span::seconds(15);

/// So many wrong numbers end it.
pub const MOST_WRONG_NUMBERS: u8 = 3;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    pub id: ChallengeId,
    /// The sign-in whose second door it opens, and no other.
    pub sign_in: SignInId,
    pub user: UserId,
    pub factor: FactorId,
    pub kind: FactorKind,
    pub state: ChallengeState,
    /// The digits that the door shows and the person must bring; none where the door can show nothing.
    pub number: Option<String>,
    #[serde(default)]
    pub wrong_numbers: u8,
    #[serde(default)]
    pub reach: Reach,
    /// Whether it opens no door: a help desk asks whom it speaks with. The sign-in is then one that nobody has.
    #[serde(default)]
    pub verifies: bool,
    /// What the person signs in to, as they know it.
    pub what: String,
    /// The address that somebody signs in from, where it is known.
    #[serde(default)]
    pub source: Option<String>,
    /// The country of that address, where that is known.
    #[serde(default)]
    pub country: Option<Country>,
    /// What asks, as it names itself, where that is known.
    #[serde(default)]
    pub device: Option<String>,
    /// The address that the answer came from, and its country, as far as they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_in: Option<Country>,
    /// The person said that it was not them after its door was opened, which this does not undo.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disowned: bool,
    pub created: Time,
    pub expires: Time,
}

/// Why an answer to a challenge is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChallengeError {
    #[error("this request is over")]
    Over,
    #[error("that is not the number at the door")]
    WrongNumber,
}

/// What is said to a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said<'a> {
    /// With the number that was typed, which is nothing where none was asked for.
    Yes {
        number: &'a str,
    },
    No,
    NotMe,
}

impl Challenge {
    /// So long after it was asked, the person may say that it was not them, however it ended.
    pub const SAID_WITHIN: Span = Span::hours(1);

    /// From where somebody asks, as it is shown: nothing where that is not known, and no country where only that is not.
    #[must_use]
    pub fn place(&self) -> String {
        let source = self.source.as_deref().unwrap_or_default();
        match self.country {
            Some(country) => format!("{source} ({country})"),
            None => source.to_owned(),
        }
    }

    #[must_use]
    pub fn is_open(&self, now: Time) -> bool {
        self.state == ChallengeState::Waiting && now <= self.expires
    }

    /// Whether the person may say now that it was not them: while it can be answered, and for a while however it ended.
    #[must_use]
    pub fn may_be_disowned(&self, now: Time) -> bool {
        let said = self.disowned || self.state == ChallengeState::NotMe;
        !said && now <= self.created.plus(Self::SAID_WITHIN).max(self.expires)
    }

    /// A door that was opened stays so; nothing else opens by it.
    fn disown(self) -> Self {
        match self.state {
            ChallengeState::Spent => Self { disowned: true, ..self },
            ChallengeState::Approved
            | ChallengeState::Denied
            | ChallengeState::NotMe
            | ChallengeState::Void
            | ChallengeState::Waiting => Self { state: ChallengeState::NotMe, ..self },
        }
    }

    /// The challenge after an answer, and whether the answer was taken. A wrong number changes it too.
    pub fn answer(self, said: Said<'_>, now: Time) -> (Self, Result<(), ChallengeError>) {
        if said == Said::NotMe && self.may_be_disowned(now) {
            return (self.disown(), Ok(()));
        }
        if !self.is_open(now) {
            return (self, Err(ChallengeError::Over));
        }
        let into = |state| (Self { state, ..self.clone() }, Ok(()));
        match said {
            Said::No => into(ChallengeState::Denied),
            Said::NotMe => (self, Err(ChallengeError::Over)),
            Said::Yes { number } if self.number.as_deref().unwrap_or_default() == number => {
                into(ChallengeState::Approved)
            }
            Said::Yes { .. } => {
                let wrong_numbers = self.wrong_numbers.saturating_add(1);
                let state =
                    if wrong_numbers >= MOST_WRONG_NUMBERS { ChallengeState::Void } else { self.state };
                (Self { wrong_numbers, state, ..self }, Err(ChallengeError::WrongNumber))
            }
        }
    }

    /// The same after its door has opened by it.
    ///
    /// # Errors
    /// Unless it was approved in time, and not long ago: whoever says yes in the last second is not let down by a door that
    /// looks a second later.
    pub fn spend(self, now: Time) -> Result<Self, ChallengeError> {
        let good = self.state == ChallengeState::Approved && now <= self.expires.plus(FETCHED_WITHIN);
        if good { Ok(Self { state: ChallengeState::Spent, ..self }) } else { Err(ChallengeError::Over) }
    }

    /// The same when it counts no more.
    #[must_use]
    pub fn void(self) -> Self {
        match self.state {
            ChallengeState::Approved | ChallengeState::Waiting => {
                Self { state: ChallengeState::Void, ..self }
            }
            ChallengeState::Denied | ChallengeState::NotMe | ChallengeState::Spent | ChallengeState::Void => {
                self
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn challenge() -> Challenge {
        let id = Uuid::from_u128(1);
        Challenge {
            id: ChallengeId::new(id),
            sign_in: SignInId::new(id),
            user: UserId::new(id),
            factor: FactorId::new(id),
            kind: FactorKind::Totp,
            state: ChallengeState::Waiting,
            number: Some("123".into()),
            wrong_numbers: 0,
            reach: Reach::OnItsWay,
            verifies: false,
            what: "VPN".into(),
            source: None,
            country: None,
            device: None,
            answered_from: None,
            answered_in: None,
            disowned: false,
            created: Time(0),
            expires: Time(60),
        }
    }

    #[test]
    fn a_place_is_an_address_and_its_country_as_far_as_they_are_known() {
        let from = |source: Option<&str>, country: Option<&str>| {
            let country = country.map(|country| country.parse().unwrap());
            Challenge { source: source.map(str::to_owned), country, ..challenge() }.place()
        };
        assert_eq!(from(Some("193.0.6.139"), Some("NL")), "193.0.6.139 (NL)");
        assert_eq!((from(Some("10.0.0.1"), None), from(None, None)), ("10.0.0.1".into(), String::new()));
    }

    #[test]
    fn the_right_number_in_time_opens_once() {
        let (approved, taken) = challenge().answer(Said::Yes { number: "123" }, Time(60));
        assert_eq!(taken, Ok(()));
        let late = Time(60).plus(FETCHED_WITHIN);
        assert_eq!(approved.clone().spend(late.plus(Span(1))), Err(ChallengeError::Over));
        assert!(approved.clone().spend(late).is_ok());
        let spent = approved.spend(Time(60)).unwrap();
        assert_eq!(spent.clone().spend(Time(60)), Err(ChallengeError::Over));
        assert_eq!(spent.answer(Said::No, Time(60)).1, Err(ChallengeError::Over));
    }

    #[test]
    fn the_third_wrong_number_ends_it() {
        let mut challenge = challenge();
        for number in ["", "1234", "321"] {
            let (next, taken) = challenge.answer(Said::Yes { number }, Time(1));
            assert_eq!(taken, Err(ChallengeError::WrongNumber));
            challenge = next;
        }
        assert_eq!(challenge.state, ChallengeState::Void);
        assert_eq!(challenge.answer(Said::Yes { number: "123" }, Time(1)).1, Err(ChallengeError::Over));
    }

    #[test]
    fn nothing_is_taken_afterwards() {
        for said in [Said::No, Said::Yes { number: "123" }] {
            assert_eq!(challenge().answer(said, Time(61)).1, Err(ChallengeError::Over));
            let (answered, _) = challenge().answer(said, Time(1));
            assert_eq!(answered.answer(Said::Yes { number: "123" }, Time(1)).1, Err(ChallengeError::Over));
        }
        assert!(!challenge().void().is_open(Time(1)));
    }

    #[test]
    fn that_it_was_not_them_is_taken_once_for_an_hour_however_it_ended_and_undoes_nothing() {
        let yes = || challenge().answer(Said::Yes { number: "123" }, Time(1)).0;
        let ends = [challenge(), challenge().void(), challenge().answer(Said::No, Time(1)).0, yes()];
        let (last, late) =
            (Time(0).plus(Challenge::SAID_WITHIN), Time(0).plus(Challenge::SAID_WITHIN).plus(Span(1)));
        for ended in ends {
            let state = ended.state;
            assert_eq!(ended.clone().answer(Said::NotMe, late).1, Err(ChallengeError::Over), "{state:?}");
            let (after, taken) = ended.answer(Said::NotMe, last);
            assert_eq!((after.state, taken), (ChallengeState::NotMe, Ok(())), "{state:?}");
            assert_eq!(after.clone().spend(Time(1)), Err(ChallengeError::Over));
            assert_eq!(after.answer(Said::NotMe, last).1, Err(ChallengeError::Over), "once");
        }
        let (after, taken) = yes().spend(Time(1)).unwrap().answer(Said::NotMe, last);
        assert_eq!((after.state, after.disowned, taken), (ChallengeState::Spent, true, Ok(())));
        assert_eq!(after.answer(Said::NotMe, last).1, Err(ChallengeError::Over), "once");
    }
}
