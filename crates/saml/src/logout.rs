//! Ending sessions elsewhere (core section 3.7, profiles section 4.4): asked and answered, by us and by applications.
//!
//! A request that is not signed ends nothing, whoever it names.

use sallyport_crypto::random::{NoRandomness, Random};
use sallyport_model::time::Time;

use crate::{
    binding::Opened,
    dsig::SignatureError,
    message::{Header, Refused, SKEW, fresh_id, is_id},
    name_id::NameId,
    names::{ASSERTION, PROTOCOL},
    response::{STATUS, Status, status},
    when,
    xml::Element,
};

/// Most sessions that one request names, and longest name of one.
const MOST_SESSIONS: usize = 64;
const LONGEST_INDEX: usize = 256;

/// Somebody's sessions are to end: those named, or all if none is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutRequest {
    pub header: Header,
    pub name_id: NameId,
    pub session_indexes: Vec<String>,
}

impl LogoutRequest {
    /// A fresh one of ours.
    ///
    /// # Errors
    /// No randomness.
    pub fn new(
        issuer: &str,
        to: &str,
        name_id: NameId,
        session_indexes: Vec<String>,
        (now, random): (Time, &dyn Random),
    ) -> Result<Self, NoRandomness> {
        Ok(Self { header: fresh(issuer, to, now, random)?, name_id, session_indexes })
    }

    /// Reads one that came to `here`.
    ///
    /// # Errors
    /// It is none, is not signed, is old, or was sent elsewhere.
    pub fn read(opened: &Opened, here: &str, now: Time) -> Result<Self, Refused> {
        let element = signed(opened)?;
        let header = Header::read(element, "LogoutRequest")?;
        header.check(here, true, now)?;
        if let Some(until) = element.attribute("NotOnOrAfter")
            && when::read(until).is_none_or(|until| until.plus(SKEW) <= now)
        {
            return Err(Refused::Time);
        }
        let name_id = NameId::read(element.only(ASSERTION, "NameID").ok_or(Refused::Subject)?)?;
        let indexes = element.named(PROTOCOL, "SessionIndex").take(MOST_SESSIONS + 1);
        let indexes = indexes.map(|index| index.only_text().filter(|index| index.len() <= LONGEST_INDEX));
        let indexes: Option<Vec<String>> = indexes.map(|index| index.map(str::to_owned)).collect();
        // One that is cut short would end fewer sessions than it names, or all of them.
        let session_indexes = indexes.filter(|indexes| indexes.len() <= MOST_SESSIONS);
        Ok(Self { header, name_id, session_indexes: session_indexes.ok_or(Refused::Shape)? })
    }

    /// As it is sent, and not signed yet.
    #[must_use]
    pub fn written(&self) -> Element {
        let indexes = self.session_indexes.iter();
        let indexes = indexes.map(|index| Element::new(PROTOCOL, "SessionIndex").text(index));
        self.header.written("LogoutRequest").child(self.name_id.written()).children(indexes)
    }
}

/// How a request to end sessions ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutResponse {
    pub header: Header,
    pub in_response_to: String,
    /// Whether all of them ended.
    pub all_ended: bool,
}

impl LogoutResponse {
    /// A fresh one of ours.
    ///
    /// # Errors
    /// No randomness.
    pub fn new(
        issuer: &str,
        to: &str,
        in_response_to: &str,
        all_ended: bool,
        (now, random): (Time, &dyn Random),
    ) -> Result<Self, NoRandomness> {
        let header = fresh(issuer, to, now, random)?;
        Ok(Self { header, in_response_to: in_response_to.to_owned(), all_ended })
    }

    /// Which request it says that it answers, to look up what was asked; [`Self::read`] holds it to that.
    #[must_use]
    pub fn answers(opened: &Opened) -> Option<&str> {
        opened.element.attribute("InResponseTo").filter(|id| is_id(id))
    }

    /// Reads one that came to `here` and has to answer `asked`.
    ///
    /// # Errors
    /// It is none, is not signed, is old, was sent elsewhere, or answers something else.
    pub fn read(opened: &Opened, here: &str, asked: &str, now: Time) -> Result<Self, Refused> {
        let element = signed(opened)?;
        let header = Header::read(element, "LogoutResponse")?;
        header.check(here, true, now)?;
        let in_response_to = element.attribute("InResponseTo").unwrap_or_default().to_owned();
        if in_response_to != asked {
            return Err(Refused::InResponseTo);
        }
        let all_ended = succeeded(element)?;
        Ok(Self { header, in_response_to, all_ended })
    }

    /// As it is sent, and not signed yet.
    #[must_use]
    pub fn written(&self) -> Element {
        let ended = if self.all_ended { Status::SUCCESS } else { Status::PARTIAL_LOGOUT };
        let message = self.header.written("LogoutResponse");
        message.with("InResponseTo", &*self.in_response_to).child(status(ended))
    }
}

fn signed(opened: &Opened) -> Result<&Element, Refused> {
    if opened.is_signed { Ok(&opened.element) } else { Err(SignatureError::Missing.into()) }
}

fn fresh(issuer: &str, to: &str, now: Time, random: &dyn Random) -> Result<Header, NoRandomness> {
    let (issuer, destination) = (issuer.to_owned(), Some(to.to_owned()));
    Ok(Header { id: fresh_id(random)?, issued: now, destination, issuer })
}

/// Whether a status is one of success and nothing below it says otherwise (some say so in part).
pub(crate) fn succeeded(response: &Element) -> Result<bool, Refused> {
    let status = response.only(PROTOCOL, "Status").ok_or(Refused::Shape)?;
    let code = status.only(PROTOCOL, "StatusCode").ok_or(Refused::Shape)?;
    let said = code.attribute("Value").ok_or(Refused::Shape)?;
    let below = code.elements().next().is_none();
    Ok(below && said.strip_prefix(STATUS) == Some(Status::SUCCESS.first))
}
