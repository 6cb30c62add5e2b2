//! What opens the second door, as a part of every page that has one: what can be used, and what was brought.

use std::time::Duration;

use axum::{
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use sallyport_app::{
    AppError, Ctx, Secret, passkey,
    remembered::browser::{self, Wish, Word},
    signin::{
        Answer, Offer, SecondDoorStep, call,
        challenge::{self, Shows, Waiting},
        texted_phones,
    },
};
use sallyport_model::{FactorKind, id::FactorId};

use super::fields::Fields;
use crate::{call::user_agent, language::Text};

/// With what the second door could be opened.
pub(super) struct Offers(pub(super) Vec<Offer>);

impl Offers {
    pub(super) fn has(&self, kind: FactorKind) -> bool {
        self.0.iter().any(|offer| offer.kind() == kind)
    }

    /// Phones that a code can be texted to.
    pub(super) fn texted(&self) -> Vec<&Offer> {
        texted_phones(&self.0).collect()
    }
}

/// What the page asks of a browser that is, or wants to be, remembered.
pub(super) struct Remember {
    /// What a script signs, as JSON.
    pub(super) question: String,
    hours: u32,
    /// Whether the person has asked for it already, at a step before.
    pub(super) ticked: bool,
}

impl Remember {
    /// `fields`: what a form brought that led here. A browser that is known answers by itself where the page is new, and
    /// never twice.
    pub(super) fn of(
        ctx: &Ctx,
        step: &SecondDoorStep,
        fields: Option<&Fields>,
    ) -> Result<Option<Self>, AppError> {
        let Some(mut asked) = browser::question(ctx, step)? else { return Ok(None) };
        if fields.is_some() {
            asked.known.clear();
        }
        let ticked = fields.is_some_and(|fields| fields.optional("remember").is_some());
        let question = serde_json::to_string(&asked)?;
        Ok(Some(Self { question, hours: step.remembering.hours, ticked }))
    }

    pub(super) const fn hours(&self) -> u32 {
        self.hours
    }
}

/// Whether whoever opens the door wants this browser to be remembered.
///
/// # Errors
/// It cannot be read.
pub(super) fn wish(fields: &Fields, headers: &HeaderMap) -> Result<Option<Wish>, AppError> {
    let Some(json) = fields.optional("remember") else { return Ok(None) };
    Ok(Some(Wish { word: Word::parse(&json)?, user_agent: user_agent(headers).to_owned() }))
}

/// The forms of `second_door_form.html`.
pub(super) struct SecondDoor {
    /// Where the answers go.
    pub(super) action: &'static str,
    pub(super) form_token: String,
    /// A field that goes with every answer, and what stands in it.
    pub(super) hidden: (&'static str, String),
    pub(super) offers: Offers,
    /// What the browser is asked about passkeys, as JSON.
    pub(super) question: Option<String>,
    /// What stands on the button under the code.
    pub(super) button: Text,
    /// What a phone is being asked.
    pub(super) waiting: Option<Waiting>,
    /// Where a script asks whether the phone has answered; none where phones cannot be asked.
    pub(super) waits_at: Option<&'static str>,
    /// Where somebody goes to Duo from; none where Duo cannot be asked.
    pub(super) duo_at: Option<&'static str>,
    /// Whether this browser may be remembered; none where none are.
    pub(super) remember: Option<Remember>,
    pub(super) said: Said,
}

/// What the page says of what was done last at this door.
#[derive(Default)]
pub(super) struct Said {
    /// What was done.
    pub(super) told: Option<Text>,
    /// What was wrong.
    pub(super) problem: Option<Text>,
    /// Whether that was about a code that somebody typed.
    pub(super) of_code: bool,
}

impl Said {
    /// `fields`: what a form brought that led here.
    pub(super) fn of(told: Option<Text>, problem: Option<Text>, fields: Option<&Fields>) -> Self {
        let typed = fields.is_some_and(|fields| !fields.raw("passcode").is_empty());
        Self { told, of_code: typed && problem.is_some(), problem }
    }
}

/// Where a page begins for whoever types, or has it read aloud. Browsers go there by themselves as the page is new, with
/// scripts or without, and nothing that happens on the page later moves anybody.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    /// At what is asked of the phone, with the number that is to be brought there.
    Asked,
    Code,
    Problem,
    /// At its top, as pages do.
    Top,
}

impl SecondDoor {
    /// A number that nobody has heard yet comes before the field for a code, but a code that was wrong before the number.
    fn begins(&self) -> Begins {
        if self.waiting.is_some() && !self.said.of_code {
            Begins::Asked
        } else if self.takes_codes() {
            Begins::Code
        } else if self.said.problem.is_some() {
            Begins::Problem
        } else {
            Begins::Top
        }
    }

    /// Whether this is the phone that the door waits for.
    pub(super) fn is_asked(&self, offer: &Offer) -> bool {
        self.waiting.as_ref().is_some_and(|asked| asked.factor == offer.factor)
    }

    pub(super) fn begins_at(&self, place: Begins) -> bool {
        self.begins() == place
    }

    /// The number that the phone wants, digit by digit, as it is read aloud.
    pub(super) fn spelled(&self) -> Option<String> {
        let number = self.waiting.as_ref()?.number.as_ref()?;
        Some(number.chars().map(String::from).collect::<Vec<_>>().join(" "))
    }

    /// The phones that can be asked here.
    pub(super) fn phones(&self) -> Vec<&Offer> {
        let asks = self.waits_at.is_some();
        self.offers.0.iter().filter(|offer| asks && offer.kind() == FactorKind::Push).collect()
    }

    /// The phones that can be called here.
    pub(super) fn called(&self) -> Vec<&Offer> {
        let asks = self.waits_at.is_some();
        call::called_phones(&self.offers.0).filter(|_| asks).collect()
    }

    /// Where the person goes to Duo from, if they have it and it can be asked here.
    pub(super) fn duo(&self) -> Option<&'static str> {
        self.duo_at.filter(|_| self.offers.has(FactorKind::Duo))
    }

    /// Whether nothing of the person's can be used here.
    pub(super) fn is_idle(&self) -> bool {
        let codes = self.offers.0.iter().any(|offer| offer.kind().is_code());
        let elsewhere = self.duo().is_some() || !self.phones().is_empty() || !self.called().is_empty();
        self.question.is_none() && !elsewhere && !codes
    }

    /// Whether a code can be typed: something opens by one, or nothing opens by anything else.
    pub(super) fn takes_codes(&self) -> bool {
        let others = self.question.is_some() || self.duo().is_some() || !self.phones().is_empty();
        !others || self.offers.0.iter().any(|offer| offer.kind().is_code())
    }
}

/// A question to a browser as the page carries it.
///
/// # Errors
/// It cannot be written as JSON, which would be a fault of ours.
pub(super) fn question(options: Option<impl serde::Serialize>) -> Result<Option<String>, AppError> {
    Ok(options.as_ref().map(serde_json::to_string).transpose()?)
}

/// What one of the forms brought.
///
/// # Errors
/// The answer of a browser that cannot be read, or a phone that is none.
pub(super) fn answer(fields: &Fields) -> Result<Answer, AppError> {
    if let Some(phone) = fields.optional("ask") {
        return Ok(Answer::Ask { phone: Some(phone.parse()?), shows: Shows::Number });
    }
    if let Some(word) = fields.optional("remembered") {
        return Ok(Answer::Remembered(Box::new(Word::parse(&word)?)));
    }
    if fields.ticked("look") {
        return Ok(Answer::Elsewhere);
    }
    match assertion(fields)? {
        Some(assertion) => Ok(Answer::Passkey(assertion)),
        None => Ok(Answer::Passcode(fields.secret("passcode"))),
    }
}

/// The phone that a form asks a text for.
///
/// # Errors
/// It names none.
pub(super) fn phone(fields: &Fields) -> Result<FactorId, AppError> {
    Ok(fields.text("phone").parse()?)
}

/// How long one request of a script waits for a phone, below what proxies give up after.
pub(super) const PATIENCE: Duration = Duration::from_secs(25);

/// Whether the phone has answered, for a script that asks again as long as it has not.
///
/// # Errors
/// The store's.
pub(super) async fn is_over(ctx: &Ctx, handle: &Secret) -> Result<Response, AppError> {
    Ok(answered(challenge::is_over(ctx, handle, PATIENCE).await?))
}

/// Whether the phone has answered, as the script reads it.
pub(super) fn answered(over: bool) -> Response {
    axum::Json(serde_json::json!({ "over": over })).into_response()
}

/// The browser's answer, where a form brought one.
///
/// # Errors
/// It cannot be read.
pub(super) fn assertion(fields: &Fields) -> Result<Option<Box<passkey::Assertion>>, AppError> {
    let Some(json) = fields.optional("passkey") else { return Ok(None) };
    let unreadable = |error: passkey::WebAuthnError| AppError::invalid("passkey", error.to_string());
    Ok(Some(Box::new(passkey::Assertion::parse(&json).map_err(unreadable)?)))
}

/// What a browser answered that was asked to make a passkey.
///
/// # Errors
/// It cannot be read.
pub(super) fn attestation(fields: &Fields) -> Result<passkey::Attestation, AppError> {
    passkey::Attestation::parse(fields.raw("passkey"))
        .map_err(|error| AppError::invalid("passkey", error.to_string()))
}
