//! What may be said to people at a door and on their own pages: a closed list, so that a page can say each of them in its
//! reader's language. Devices, programs and clients of other protocols are told in English, as it stands here.

use std::fmt;

use sallyport_model::{NameError, PhoneError, Span};

macro_rules! phrases {
    ($($(#[$doc:meta])* $name:ident $(($number:ident: $type:ty))? => $text:literal,)*) => {
        /// Something that is said to a person.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Phrase {
            $($(#[$doc])* $name $(($type))?,)*
        }

        impl Phrase {
            /// Every one of them, with an eight where a number is said.
            pub const ALL: &[Self] = &[$(Self::$name $((8 as $type))?,)*];

            /// In English.
            #[must_use]
            pub fn text(self) -> String {
                match self {
                    $(Self::$name $(($number))? => format!($text),)*
                }
            }
        }
    };
}

phrases! {
    /// A text menu shows the digits of a call, and it was chosen otherwise.
    ByNumber => "A call asks for the digits that stand beside it in the menu. Please choose it by its number there.",
    /// A call needs digits on the screen, and whoever asks shows none.
    CannotShowDigits => "A call asks for digits that are shown here, and this cannot show any. Please use a code.",
    /// A push needs a number on the screen, and whoever asks shows none.
    CannotShowNumber => "A push needs a number that is shown here, and this cannot show one. Please use a code.",
    CountryClosed => "This number is in a country that nothing is sent to. Please use another factor.",
    Dormant => "this account was not used for long; ask your administrator for an enrolment code",
    /// Duo does not answer, or has no time.
    DuoIsDown => "Duo cannot be asked now. Use another factor if you have one, try again later, or ask your administrator.",
    /// Duo asks by mail address, and there is none.
    DuoNoName => "Duo cannot be asked about you, because you have no mail address here. Ask your administrator.",
    DuoNotOn => "Duo does not open this door for you now. Please choose another factor.",
    DuoSaidNo => "Duo did not let you pass. Try again, or use another factor.",
    DuoStale => "What came back from Duo does not belong to this sign-in, or came a second time. Please choose again.",
    /// Of an authenticator application that is being enrolled.
    EnrolledCodeWrong => "that code is not right; check the clock of your phone and try again",
    EnrollmentCodeWrong => "that enrolment code is not right or no longer good",
    EnrollmentExpired => "this enrolment has expired; start it again",
    Held => "There were too many requests to your phone. Please use a code or a passkey.",
    LastFactor => "this is your last factor; enrol another one first",
    /// A budget of mails is spent.
    MailNoMore => "No more can be sent for now. Please ask your administrator.",
    MailNotSent => "It could not be sent. Please try again later, or ask your administrator.",
    MailOnItsWay => "A code is on its way to your mail address.",
    /// Of a code that somebody asked for by mail to enrol a first factor.
    MailedCodeWrong => "that code is not right or no longer good",
    MailedExpired => "this has expired; sign in again",
    NameControl => "a name must not contain control characters or line breaks",
    NameEmpty => "a name must not be empty",
    NameTooLong(most: usize) => "a name has at most {most} characters",
    NewCodeExpired => "this code has expired; ask for another",
    /// The first door was fine, but somebody may not pass all the same.
    NoAccess => "Access is denied. Ask your administrator.",
    NoAnswer => "Nobody answered in time. Ask again, or use another factor.",
    /// A budget of texts and calls is spent. Which one is for administrators.
    NoMore => "No more can be sent for now. Please use another factor, or ask your administrator.",
    NoPhoneToAsk => "There is no phone to ask. Please use another factor.",
    NoPhoneToCall => "That phone cannot be called now. Please use another factor.",
    NoPhoneToText => "No code can be sent there. Please use another factor.",
    NoTexts => "codes are not texted here",
    /// Of somebody who came to enrol a factor.
    NothingToEnroll => "Nothing that you could set up by yourself opens a door here. Ask your administrator.",
    NotANumber => "a telephone number is `+`, the country's calling code and the number, such as `+49 30 1234567`",
    NotAsked => "Nothing is waiting for an answer. Please choose again.",
    NotHere => "That does not open this door any more. Please use another factor.",
    NoNameThere => "This application knows people by something that is not known of you here. Please ask your administrator.",
    NoFactorHere => "This application asks for a second door, and nothing of yours opens it there. Add a factor in your portal, or ask your administrator.",
    /// Of a redirect URI that the application does not have.
    NotRegistered => "The application wants you sent to an address that is not registered for it, so you are not sent \
         there. Whoever runs it: enter the redirect URI on its page in the administration, exactly as it \
         stands in its configuration.",
    NotRemembered => "This browser is not remembered any more. Please pass the second door.",
    /// The provider would not take it, or did not say.
    NotSent => "It could not be sent. Please try again later, or use another factor.",
    /// No application can be told. Whether a client is unknown or its key is another is said in one way.
    NotSigned => "This did not come from an application that is known here. Whoever runs the application: compare its \
         client id, client secret and API host with those on its page in the administration.",
    /// It is not known where somebody is.
    Nowhere => "It cannot be told which network you are on, so no factor counts here. Ask your administrator.",
    NumberClosed => "nothing is sent to numbers of this country",
    /// Of a telephone number that is being enrolled.
    NumberCodeWrong => "that code is not right; please try again",
    NumberTaken => "this number is there already",
    NumberWithRole => "texts and calls open no door of anybody with a role; use a passkey or an authenticator app",
    /// What a menu showed is spent, or of long ago.
    OldDigits => "The digits of that menu are not good any more. Please choose again.",
    OnItsWay => "A code is on its way.",
    OneAtATime => "Your phone has another request waiting. Answer that one, or wait a minute.",
    /// Of a factor that is about to be enrolled.
    OpensNothing => "a factor of this kind opens no door of yours as things are set; use another kind, or ask your administrator",
    PasskeyDoesNotHold => "the browser's answer does not hold; please try again",
    PasskeyTaken => "this passkey belongs to somebody already",
    PasskeyUsed => "this answer was used before; please try again",
    PasswordAgain => "choose another one than the present",
    PasswordCodeWrong => "that code is not right or was used before; give one for the second door",
    PasswordCommon => "it is one of the passwords that are guessed first",
    PasswordIsName => "it is little more than your name",
    PasswordIsOrganization => "it is little more than the organisation's name",
    PasswordLineBreaks => "a password must not contain line breaks",
    PasswordShort(least: u32) => "use at least {least} characters; several words in a row are easy to remember",
    /// For somebody of whom nothing but the password is asked.
    PasswordShortAlone(least: u32) => "use at least {least} characters, because no second door is asked for; several words in a row are \
         easy to remember",
    PasswordTooLong(most: usize) => "the password is longer than {most} bytes",
    PhoneCodeWrong => "that code is not right or no longer good; ask for a new one on your own page",
    PhoneDidNotSign => "the phone's key did not sign this request",
    PhoneHasNoKey => "the phone did not show that it has its key; please try again",
    PhoneNumberWrong => "that is not the number that is shown where you sign in",
    PresentPasswordWrong => "that is not your present password",
    RequestOver => "this request is over",
    SaidNo => "The request was denied on the phone.",
    StartAgain => "This sign-in has expired. Please start again.",
    /// Of a prompt that was good once.
    TooLate => "This sign-in took too long, or it was finished or begun again in another window. Go back to the \
         application and sign in once more.",
    TokenNotInStep => "these are not the codes that this token shows one after the other, or they were used before",
    /// Where it is not known for how long.
    TooMany => "Too many attempts. Please wait and try again.",
    TooManyAMinute => "Too many attempts. Please wait a minute and try again.",
    TooManyApps(most: usize) => "you have {most} authenticator apps already; remove one first",
    /// Of two or more.
    TooManyHours(hours: u32) => "Too many attempts. Please wait {hours} hours and try again.",
    /// Of two or more.
    TooManyMinutes(minutes: u32) => "Too many attempts. Please wait {minutes} minutes and try again.",
    TooManyNumbers(most: usize) => "there are {most} phones already; remove one first",
    TooManyPasskeys(most: usize) => "you have {most} passkeys already; remove one first",
    TooManyPhones(most: usize) => "you have {most} phones already; remove one first",
    TooSoon => "One is on its way. Please wait half a minute before you ask for another.",
    UsedCode => "That code was used before. Please wait for the next one.",
    /// Of every failure at the first door, so that nobody learns which names exist.
    Wrong => "The name or the password is not right.",
    WrongCode => "That code is not right. Please try again.",
    WrongPasskey => "That passkey did not open the door. Please try again, or use another factor.",
}

impl Phrase {
    /// That somebody has to wait for so long. It is rounded up: whoever comes then is not told to wait again.
    #[must_use]
    pub fn too_many(wait: Span) -> Self {
        let seconds = u32::try_from(wait.as_seconds()).unwrap_or(0);
        match (seconds.div_ceil(60), seconds.div_ceil(3600)) {
            (0 | 1, _) => Self::TooManyAMinute,
            (minutes @ 2..120, _) => Self::TooManyMinutes(minutes),
            (_, hours) => Self::TooManyHours(hours),
        }
    }

    /// Whether it says that there were too many attempts.
    #[must_use]
    pub const fn is_too_many(self) -> bool {
        matches!(self, Self::TooMany | Self::TooManyAMinute | Self::TooManyHours(_) | Self::TooManyMinutes(_))
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl From<Phrase> for String {
    fn from(phrase: Phrase) -> Self {
        phrase.text()
    }
}

/// The words of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// For whoever enrols a passkey of another model than these.
    ModelNotAccepted { models: String },
    /// For administrators, programs and the log.
    Plain(String),
    /// For everybody.
    Phrase(Phrase),
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ModelNotAccepted { models } => {
                write!(f, "this security key is not one of the models your organisation accepts: {models}")
            }
            Self::Plain(text) => f.write_str(text),
            Self::Phrase(phrase) => phrase.fmt(f),
        }
    }
}

impl From<Phrase> for Words {
    fn from(phrase: Phrase) -> Self {
        Self::Phrase(phrase)
    }
}

impl From<NameError> for Words {
    fn from(error: NameError) -> Self {
        match error {
            NameError::Control => Phrase::NameControl.into(),
            NameError::Empty => Phrase::NameEmpty.into(),
            NameError::TooLong(most) => Phrase::NameTooLong(most).into(),
            NameError::NotAUserName(_) | NameError::Reserved(_) => Self::Plain(error.to_string()),
        }
    }
}

impl From<PhoneError> for Words {
    fn from(error: PhoneError) -> Self {
        match error {
            PhoneError::NotACallingCode => Self::Plain(error.to_string()),
            PhoneError::NotANumber => Phrase::NotANumber.into(),
        }
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_said_in_minutes_and_long_ones_in_hours_never_as_less_than_it_is() {
        for (seconds, said) in [
            (1, Phrase::TooManyAMinute),
            (60, Phrase::TooManyAMinute),
            (61, Phrase::TooManyMinutes(2)),
            (900, Phrase::TooManyMinutes(15)),
            (119 * 60, Phrase::TooManyMinutes(119)),
            (119 * 60 + 1, Phrase::TooManyHours(2)),
            (6 * 3600, Phrase::TooManyHours(6)),
            (6 * 3600 + 1, Phrase::TooManyHours(7)),
        ] {
            assert_eq!(Phrase::too_many(Span::seconds(seconds)), said, "{seconds}");
        }
    }
}
