//! What an application asks when it sends somebody here to sign in (core section 3.4.1, profiles section 4.1.4.1).

use sallyport_model::time::Time;

use crate::{
    binding::Opened,
    message::{Header, Refused, is_true},
    name_id::{NameId, NameIdFormat},
    names::{ASSERTION, POST, PROTOCOL},
    xml::Element,
};

/// Most classes of authentication that are looked at, and longest name of one.
const MOST_CLASSES: usize = 16;
const LONGEST_NAME: usize = 512;

/// How what is wanted is compared with what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Better,
    Exact,
    Maximum,
    Minimum,
}

/// With which proof somebody is to be signed in: any of the classes, compared so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedContext {
    pub comparison: Comparison,
    pub classes: Vec<String>,
}

/// How the person is to be named in the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameIdPolicy {
    /// As it was named; one that we do not give is refused by whoever answers.
    pub format: Option<String>,
    pub sp_name_qualifier: Option<String>,
}

impl NameIdPolicy {
    /// The format asked for: none where any is good, and an error where it is one that we do not give.
    ///
    /// # Errors
    /// It is one that we do not give.
    pub fn format(&self) -> Result<Option<NameIdFormat>, Refused> {
        match self.format.as_deref().map(NameIdFormat::named) {
            // Whatever is registered is what is unspecified here.
            None | Some(Some(NameIdFormat::Unspecified)) => Ok(None),
            Some(Some(format)) => Ok(Some(format)),
            Some(None) => Err(Refused::Subject),
        }
    }
}

/// A request to sign somebody in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthnRequest {
    pub header: Header,
    /// Where the answer is to go, by address or by number. It goes there only if it is registered.
    pub acs_url: Option<String>,
    pub acs_index: Option<u16>,
    /// Whether a session is not enough.
    pub force_authn: bool,
    /// Whether nobody may be asked anything.
    pub is_passive: bool,
    pub name_id: NameIdPolicy,
    pub context: Option<RequestedContext>,
    /// Whom it is to be, where the application knows.
    pub subject: Option<NameId>,
}

impl AuthnRequest {
    /// Reads a request that came to `here`, our address for them.
    ///
    /// # Errors
    /// It is none, is old, was sent elsewhere, or wants what there is not.
    pub fn read(opened: &Opened, here: &str, now: Time) -> Result<Self, Refused> {
        let element = &opened.element;
        let header = Header::read(element, "AuthnRequest")?;
        header.check(here, opened.is_signed, now)?;
        // The answer is an assertion with secrets in it; it goes in a form, whatever else is asked for.
        if element.attribute("ProtocolBinding").is_some_and(|binding| binding != POST) {
            return Err(Refused::Address);
        }
        let acs_url = element.attribute("AssertionConsumerServiceURL").map(str::to_owned);
        let acs_index = element.attribute("AssertionConsumerServiceIndex");
        let acs_index = acs_index.map(|index| index.parse().map_err(|_| Refused::Address)).transpose()?;
        if acs_url.is_some() && acs_index.is_some() {
            return Err(Refused::Address);
        }
        Ok(Self {
            header,
            acs_url,
            acs_index,
            force_authn: is_true(element.attribute("ForceAuthn"))?,
            is_passive: is_true(element.attribute("IsPassive"))?,
            name_id: name_id_policy(element)?,
            context: context(element)?,
            subject: subject(element)?,
        })
    }
}

/// What an application asks that leaves to its registration all but where it is answered.
#[must_use]
pub fn plain(header: &Header, acs: &str) -> Element {
    header.written("AuthnRequest").with("AssertionConsumerServiceURL", acs).with("ProtocolBinding", POST)
}

/// The one element of this name in a message; an error if there are more.
fn at_most_one<'a>(
    element: &'a Element,
    space: crate::xml::Space,
    local: &'static str,
) -> Result<Option<&'a Element>, Refused> {
    match (element.named(space, local).count(), element.only(space, local)) {
        (0, _) => Ok(None),
        (_, Some(found)) => Ok(Some(found)),
        (_, None) => Err(Refused::Shape),
    }
}

fn name_id_policy(element: &Element) -> Result<NameIdPolicy, Refused> {
    let Some(policy) = at_most_one(element, PROTOCOL, "NameIDPolicy")? else {
        return Ok(NameIdPolicy::default());
    };
    let named = |name: &str| match policy.attribute(name) {
        Some(value) if value.len() > LONGEST_NAME => Err(Refused::Shape),
        value => Ok(value.map(str::to_owned)),
    };
    Ok(NameIdPolicy { format: named("Format")?, sp_name_qualifier: named("SPNameQualifier")? })
}

fn context(element: &Element) -> Result<Option<RequestedContext>, Refused> {
    let Some(context) = at_most_one(element, PROTOCOL, "RequestedAuthnContext")? else { return Ok(None) };
    let comparison = match context.attribute("Comparison") {
        None | Some("exact") => Comparison::Exact,
        Some("better") => Comparison::Better,
        Some("maximum") => Comparison::Maximum,
        Some("minimum") => Comparison::Minimum,
        Some(_) => return Err(Refused::Shape),
    };
    let classes = context.named(ASSERTION, "AuthnContextClassRef").take(MOST_CLASSES);
    let classes = classes.map(|class| class.only_text().filter(|name| name.len() <= LONGEST_NAME));
    let classes: Option<Vec<String>> = classes.map(|class| class.map(str::to_owned)).collect();
    let classes = classes.filter(|classes| !classes.is_empty()).ok_or(Refused::Shape)?;
    Ok(Some(RequestedContext { comparison, classes }))
}

fn subject(element: &Element) -> Result<Option<NameId>, Refused> {
    let Some(subject) = at_most_one(element, ASSERTION, "Subject")? else { return Ok(None) };
    NameId::read(subject.only(ASSERTION, "NameID").ok_or(Refused::Subject)?).map(Some)
}
