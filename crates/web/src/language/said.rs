//! What use cases say, in a language: their closed lists, word for word.

use std::borrow::Cow;

use askama::filters::HtmlSafeOutput;
use sallyport_app::{
    Phrase, Words,
    alarm::Has,
    user::news::{News, What, Who},
};
use sallyport_model::{
    FactorKind,
    signin::{FirstDoor, Resource, SignInState},
};

use super::{Language, Markup, Text, shown};

/// A line that may not be said in every language.
#[derive(Debug, Clone)]
pub(crate) enum Line {
    /// For administrators: English.
    English(Cow<'static, str>),
    /// A message.
    Message(fn(Language) -> Text),
    /// Words of a use case.
    Words(Words),
}

impl Line {
    pub(crate) const fn english(text: &'static str) -> Self {
        Self::English(Cow::Borrowed(text))
    }

    /// As it is said where it is written down, if it is English.
    pub(crate) const fn english_text(&self) -> Option<&'static str> {
        match self {
            Self::English(Cow::Borrowed(text)) => Some(text),
            Self::English(Cow::Owned(_)) | Self::Message(_) | Self::Words(_) => None,
        }
    }

    pub(crate) fn say(&self, language: Language) -> Markup {
        match self {
            Self::English(text) => language.foreign(text),
            Self::Message(message) => shown(&message(language)),
            Self::Words(words) => language.words(words),
        }
    }
}

impl Language {
    /// English amid this language.
    fn foreign(self, text: &str) -> Markup {
        let text = shown(text);
        if self == Self::En {
            text
        } else {
            HtmlSafeOutput(format!("<span lang=\"en\">{text}</span>").into())
        }
    }

    pub(crate) fn words(self, words: &Words) -> Markup {
        match words {
            Words::ModelNotAccepted { models } => shown(&self.said_model_not_accepted(models)),
            Words::Phrase(phrase) => shown(&self.said(*phrase)),
            Words::Plain(text) => self.foreign(&sentence(text)),
        }
    }

    pub(crate) fn said(self, phrase: Phrase) -> Text {
        match phrase {
            Phrase::ByNumber => self.said_by_number(),
            Phrase::CannotShowDigits => self.said_cannot_show_digits(),
            Phrase::CannotShowNumber => self.said_cannot_show_number(),
            Phrase::CountryClosed => self.said_country_closed(),
            Phrase::Dormant => self.said_dormant(),
            Phrase::DuoIsDown => self.said_duo_is_down(),
            Phrase::DuoNoName => self.said_duo_no_name(),
            Phrase::DuoNotOn => self.said_duo_not_on(),
            Phrase::DuoSaidNo => self.said_duo_said_no(),
            Phrase::DuoStale => self.said_duo_stale(),
            Phrase::EnrolledCodeWrong => self.said_enrolled_code_wrong(),
            Phrase::EnrollmentCodeWrong => self.said_enrolment_code_wrong(),
            Phrase::EnrollmentExpired => self.said_enrolment_expired(),
            Phrase::Held => self.said_held(),
            Phrase::LastFactor => self.said_last_factor(),
            Phrase::MailNoMore => self.said_mail_no_more(),
            Phrase::MailNotSent => self.said_mail_not_sent(),
            Phrase::MailOnItsWay => self.said_mail_on_its_way(),
            Phrase::MailedCodeWrong => self.said_mailed_code_wrong(),
            Phrase::MailedExpired => self.said_mailed_expired(),
            Phrase::NameControl => self.said_name_control(),
            Phrase::NameEmpty => self.said_name_empty(),
            Phrase::NameTooLong(most) => self.said_name_too_long(most),
            Phrase::NewCodeExpired => self.said_new_code_expired(),
            Phrase::NoAccess => self.said_no_access(),
            Phrase::NoAnswer => self.said_no_answer(),
            Phrase::NoMore => self.said_no_more(),
            Phrase::NoPhoneToAsk => self.said_no_phone_to_ask(),
            Phrase::NoPhoneToCall => self.said_no_phone_to_call(),
            Phrase::NoPhoneToText => self.said_no_phone_to_text(),
            Phrase::NoTexts => self.said_no_texts(),
            Phrase::NothingToEnroll => self.said_nothing_to_enrol(),
            Phrase::NotANumber => self.said_not_a_number(),
            Phrase::NotAsked => self.said_not_asked(),
            Phrase::NotHere => self.said_not_here(),
            Phrase::NoNameThere => self.said_no_name_there(),
            Phrase::NoFactorHere => self.said_no_factor_here(),
            Phrase::NotRegistered => self.said_not_registered(),
            Phrase::NotRemembered => self.said_not_remembered(),
            Phrase::NotSent => self.said_not_sent(),
            Phrase::NotSigned => self.said_not_signed(),
            Phrase::Nowhere => self.said_nowhere(),
            Phrase::NumberClosed => self.said_number_closed(),
            Phrase::NumberCodeWrong => self.said_number_code_wrong(),
            Phrase::NumberTaken => self.said_number_taken(),
            Phrase::NumberWithRole => self.said_number_with_role(),
            Phrase::OldDigits => self.said_old_digits(),
            Phrase::OnItsWay => self.said_on_its_way(),
            Phrase::OneAtATime => self.said_one_at_a_time(),
            Phrase::OpensNothing => self.said_opens_nothing(),
            Phrase::PasskeyDoesNotHold => self.said_passkey_does_not_hold(),
            Phrase::PasskeyTaken => self.said_passkey_taken(),
            Phrase::PasskeyUsed => self.said_passkey_used(),
            Phrase::PasswordAgain => self.said_password_again(),
            Phrase::PasswordCodeWrong => self.said_password_code_wrong(),
            Phrase::PasswordCommon => self.said_password_common(),
            Phrase::PasswordIsName => self.said_password_is_name(),
            Phrase::PasswordIsOrganization => self.said_password_is_organization(),
            Phrase::PasswordLineBreaks => self.said_password_line_breaks(),
            Phrase::PasswordShort(least) => self.said_password_short(least),
            Phrase::PasswordShortAlone(least) => self.said_password_short_alone(least),
            Phrase::PasswordTooLong(most) => self.said_password_too_long(most),
            Phrase::PhoneCodeWrong => self.said_phone_code_wrong(),
            Phrase::PhoneDidNotSign => self.said_phone_did_not_sign(),
            Phrase::PhoneHasNoKey => self.said_phone_has_no_key(),
            Phrase::PhoneNumberWrong => self.said_phone_number_wrong(),
            Phrase::PresentPasswordWrong => self.said_present_password_wrong(),
            Phrase::RequestOver => self.said_request_over(),
            Phrase::SaidNo => self.said_said_no(),
            Phrase::StartAgain => self.said_start_again(),
            Phrase::TokenNotInStep => self.said_token_not_in_step(),
            Phrase::TooLate => self.said_too_late(),
            Phrase::TooMany => self.said_too_many(),
            Phrase::TooManyAMinute => self.said_too_many_a_minute(),
            Phrase::TooManyApps(most) => self.said_too_many_apps(most),
            Phrase::TooManyHours(hours) => self.said_too_many_hours(hours),
            Phrase::TooManyMinutes(minutes) => self.said_too_many_minutes(minutes),
            Phrase::TooManyNumbers(most) => self.said_too_many_numbers(most),
            Phrase::TooManyPasskeys(most) => self.said_too_many_passkeys(most),
            Phrase::TooManyPhones(most) => self.said_too_many_phones(most),
            Phrase::TooSoon => self.said_too_soon(),
            Phrase::UsedCode => self.said_used_code(),
            Phrase::Wrong => self.said_wrong(),
            Phrase::WrongCode => self.said_wrong_code(),
            Phrase::WrongPasskey => self.said_wrong_passkey(),
        }
    }

    pub(crate) fn factor(self, kind: FactorKind) -> Text {
        match kind {
            FactorKind::BypassCode => self.factor_bypass(),
            FactorKind::Duo => "Duo".into(),
            FactorKind::HardwareToken => self.factor_token(),
            FactorKind::Mail => self.factor_mail(),
            FactorKind::Passkey => self.factor_passkey(),
            FactorKind::Phone => self.factor_number(),
            FactorKind::Push => self.factor_push(),
            FactorKind::Totp => self.factor_app(),
        }
    }

    /// That a browser is to be remembered, for so long.
    pub(crate) fn remember_for(self, hours: u32) -> Text {
        if hours >= 48 && hours.is_multiple_of(24) {
            self.remember_days(hours / 24)
        } else {
            self.remember_hours(hours)
        }
    }

    pub(crate) fn first_door(self, door: &FirstDoor) -> Text {
        match door {
            FirstDoor::Passkey => self.factor_passkey(),
            FirstDoor::Password => self.by_password(),
            FirstDoor::Session => self.by_session(),
            FirstDoor::Vouched { by } => self.by_vouched(by),
        }
    }

    /// What somebody signs in to.
    pub(crate) fn place(self, resource: &Resource) -> Text {
        match resource {
            Resource::Api => self.rest_api(),
            Resource::Application { name, .. } => name.clone().into(),
            Resource::DeviceLogin { name, service, .. } => format!("{name} ({service})").into(),
            Resource::Portal => self.portal(),
        }
    }

    pub(crate) fn sign_in_state(self, state: &SignInState) -> Text {
        match state {
            SignInState::Allowed { .. } => self.state_allowed(),
            SignInState::Denied { .. } => self.state_denied(),
            SignInState::FirstDoor => self.state_first_door(),
            SignInState::SecondDoor { .. } => self.state_second_door(),
        }
    }

    pub(crate) fn news(self, what: &What) -> Text {
        match what {
            What::AccessReused => self.news_access_reused(),
            What::AddressesChanged => self.news_addresses_changed(),
            What::BypassCodes => self.news_bypass(),
            What::EnrollmentCode => self.news_enrolment_code(),
            What::FactorEnrolled => self.news_enrolled(),
            What::FactorRemoved => self.news_removed(),
            What::NotMe(Has::Password) => self.news_not_me(),
            What::NotMe(Has::Session) => self.news_not_me_in_session(),
            What::NotMe(Has::SomethingElse) => self.news_not_me_past_first_door(),
            What::NotMeAfterYes => self.news_not_me_after_yes(),
            What::NotMeAtHelpDesk => self.news_not_me_at_help_desk(),
            What::PasswordChanged => self.news_password_changed(),
            What::PasswordGuessed(count) => self.news_guessed(count),
            What::PasswordKnown(count) => self.news_known(count),
            What::PasswordLocked => self.news_locked(),
            What::PasswordLockedToStrangers => self.news_locked_to_strangers(),
            What::PasswordSet => self.news_password_set(),
            What::PhoneReactivated => self.news_phone_reactivated(),
            What::ResetAsked => self.news_reset_asked(),
            What::SecondDoorShut => self.news_second_door_shut(),
            What::SessionElsewhere(count) => self.news_session_elsewhere(count),
            What::Unlocked => self.news_unlocked(),
        }
    }

    /// When something happened to an account, from where, and by whom.
    pub(crate) fn of_news(self, News { at, who, source, .. }: &News) -> Markup {
        match (source, who) {
            (None, None) => self.at_time(at),
            (None, Some(Who::Oneself)) => self.news_by_you(at),
            (None, Some(Who::Other(who))) => self.news_by(at, who),
            (Some(source), None) => self.at_time_from(at, source),
            (Some(source), Some(Who::Oneself)) => self.news_from_by_you(at, source),
            (Some(source), Some(Who::Other(who))) => self.news_from_by(at, source, who),
        }
    }

    /// What a browser calls itself, shortened to what its owner calls it.
    pub(crate) fn browser(self, user_agent: &str) -> Text {
        match named(user_agent) {
            (Some("sallyport"), _) => self.command_line(),
            (Some(browser), Some(system)) => self.browser_on(browser, system),
            (Some(only), None) | (None, Some(only)) => only.into(),
            (None, None) if user_agent.is_empty() => self.unknown_browser(),
            (None, None) => shortened(user_agent).into(),
        }
    }
}

/// The same in no language: as it is kept, and signed by phones.
pub(crate) fn device(user_agent: &str) -> Option<String> {
    match named(user_agent) {
        (Some(browser), Some(system)) => Some(format!("{browser} ({system})")),
        (Some(only), None) | (None, Some(only)) => Some(only.to_owned()),
        (None, None) => Some(shortened(user_agent)).filter(|name| !name.is_empty()),
    }
}

/// The browser and the system that it runs on, as far as they are known.
fn named(user_agent: &str) -> (Option<&'static str>, Option<&'static str>) {
    let first_of = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser = first_of(&[
        ("Firefox/", "Firefox"),
        ("Edg/", "Edge"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
        ("sallyport/", "sallyport"),
    ]);
    let system = first_of(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    (browser, system)
}

fn shortened(user_agent: &str) -> String {
    user_agent.chars().take(40).collect()
}

/// A message of ours, made for programs' logs, as a sentence.
pub(crate) fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if message.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn what_asks_is_named_in_no_language() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0";
        assert_eq!(device(edge).as_deref(), Some("Edge (Windows)"));
        assert_eq!(device("curl/8.1").as_deref(), Some("curl"));
        assert_eq!(device(&"x".repeat(99)).map(|name| name.len()), Some(40));
        assert_eq!(device(""), None);
    }
}
