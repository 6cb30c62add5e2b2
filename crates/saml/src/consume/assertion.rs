//! What a verified assertion says, and whether it holds here and now.

use sallyport_model::time::Time;

use super::{Assertion, Expected, LONGEST_LIFE, Unspent, answers};
use crate::{
    message::{Refused, SKEW, id_and_instant, issuer},
    name_id::NameId,
    names::{ASSERTION, BEARER},
    response::Attribute,
    when,
    xml::{Element, Node},
};

/// Most attributes, and values of one, that are read.
const MOST: usize = 256;

/// The parts of an assertion, each as often as the profile has it.
struct Parts<'a> {
    issuer: &'a Element,
    subject: &'a Element,
    conditions: &'a Element,
    authn: &'a Element,
}

impl<'a> Parts<'a> {
    fn of(assertion: &'a Element) -> Result<Self, Refused> {
        let known = ["Issuer", "Subject", "Conditions", "AuthnStatement", "AttributeStatement"];
        let is_known = |part: &Element| known.iter().any(|local| part.is(ASSERTION, local));
        // The signature is gone by now; advice, and decisions of others, are nothing we would know what to do with.
        if !assertion.elements().all(|part| is_known(part) || super::is_signature(part)) {
            return Err(Refused::Shape);
        }
        let only = |local: &str| assertion.only(ASSERTION, local).ok_or(Refused::Shape);
        let first = assertion.elements().next().ok_or(Refused::Shape)?;
        let (subject, conditions) = (only("Subject")?, only("Conditions")?);
        Ok(Self { issuer: first, subject, conditions, authn: only("AuthnStatement")? })
    }
}

pub(super) fn read(assertion: &Element, expected: &Expected<'_>, now: Time) -> Result<Unspent, Refused> {
    let (id, issued) = id_and_instant(assertion)?;
    let parts = Parts::of(assertion)?;
    let issuer = issuer(parts.issuer)?;
    if issuer != expected.issuer {
        return Err(Refused::Issuer);
    }
    if issued > now.plus(SKEW) {
        return Err(Refused::Time);
    }
    let until = conditions(parts.conditions, expected, now)?;
    let (name_id, confirmed) = subject(parts.subject, expected, now)?;
    let instant = |name: &str| match parts.authn.attribute(name) {
        Some(text) => when::read(text).map(Some).ok_or(Refused::Time),
        None => Ok(None),
    };
    let signed_in = instant("AuthnInstant")?.filter(|at| *at <= now.plus(SKEW)).ok_or(Refused::Time)?;
    let session_until = instant("SessionNotOnOrAfter")?;
    if session_until.is_some_and(|until| until.plus(SKEW) <= now) {
        return Err(Refused::Time);
    }
    let context = parts.authn.only(ASSERTION, "AuthnContext");
    let class = context.and_then(|context| context.only(ASSERTION, "AuthnContextClassRef"));
    let assertion = Assertion {
        issuer,
        name_id,
        session_index: parts.authn.attribute("SessionIndex").map(str::to_owned),
        signed_in,
        session_until,
        context: class.and_then(Element::only_text).map(str::to_owned),
        attributes: attributes(assertion)?,
    };
    Ok(Unspent { id, until: until.max(confirmed).plus(SKEW), assertion })
}

/// Whether a span of time is one, has begun and has not ended; and when it does. One without an end is none, and so is one
/// whose end is far off.
fn ends(element: &Element, now: Time) -> Result<Time, Refused> {
    let moment =
        |name: &str| element.attribute(name).map(|text| when::read(text).ok_or(Refused::Time)).transpose();
    let begins = moment("NotBefore")?.is_none_or(|begins| begins <= now.plus(SKEW));
    let end = moment("NotOnOrAfter")?.ok_or(Refused::Time)?;
    let is_near = end <= now.plus(LONGEST_LIFE);
    if begins && is_near && end.plus(SKEW) > now { Ok(end) } else { Err(Refused::Time) }
}

fn conditions(conditions: &Element, expected: &Expected<'_>, now: Time) -> Result<Time, Refused> {
    let until = ends(conditions, now)?;
    let known = ["AudienceRestriction", "OneTimeUse", "ProxyRestriction"];
    // A condition that is not understood is not met (core section 2.5.1.1).
    if !conditions.elements().all(|part| known.iter().any(|local| part.is(ASSERTION, local))) {
        return Err(Refused::Shape);
    }
    let mut restrictions = conditions.named(ASSERTION, "AudienceRestriction").peekable();
    let names_us = |restriction: &Element| {
        let mut audiences = restriction.named(ASSERTION, "Audience");
        audiences.any(|audience| audience.only_text() == Some(expected.entity_id))
    };
    // Each of several has to be met.
    if restrictions.peek().is_none() || !restrictions.all(names_us) {
        return Err(Refused::Audience);
    }
    Ok(until)
}

/// Who it is, if one of the confirmations is for whoever brings it here, now.
fn subject(subject: &Element, expected: &Expected<'_>, now: Time) -> Result<(NameId, Time), Refused> {
    let mut parts = subject.elements();
    let name_id = NameId::read(parts.next().ok_or(Refused::Subject)?)?;
    if !parts.all(|part| part.is(ASSERTION, "SubjectConfirmation")) {
        return Err(Refused::Subject);
    }
    let mut refused = Refused::Recipient;
    for confirmation in subject.named(ASSERTION, "SubjectConfirmation") {
        match confirmed(confirmation, expected, now) {
            Ok(until) => return Ok((name_id, until)),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

fn confirmed(confirmation: &Element, expected: &Expected<'_>, now: Time) -> Result<Time, Refused> {
    if confirmation.attribute("Method") != Some(BEARER) {
        return Err(Refused::Recipient);
    }
    let data = confirmation.only(ASSERTION, "SubjectConfirmationData").ok_or(Refused::Recipient)?;
    if data.attribute("Recipient") != Some(expected.acs) {
        return Err(Refused::Recipient);
    }
    if !answers(data.attribute("InResponseTo"), expected.answers) {
        return Err(Refused::InResponseTo);
    }
    // It says only when it ends (profiles section 4.1.4.2).
    if data.attribute("NotBefore").is_some() {
        return Err(Refused::Time);
    }
    ends(data, now)
}

/// Everything that is said by words. Values that hold elements are for others.
fn attributes(assertion: &Element) -> Result<Vec<Attribute>, Refused> {
    let statements = assertion.named(ASSERTION, "AttributeStatement");
    let all: Vec<&Element> = statements.flat_map(Element::elements).take(MOST + 1).collect();
    if all.len() > MOST || !all.iter().all(|attribute| attribute.is(ASSERTION, "Attribute")) {
        return Err(Refused::Shape);
    }
    let read = all.into_iter().map(|attribute| {
        let name = attribute.attribute("Name").ok_or(Refused::Shape)?.to_owned();
        let values = attribute.named(ASSERTION, "AttributeValue").take(MOST);
        let is_text = |value: &&Element| value.nodes().iter().all(|node| matches!(node, Node::Text(_)));
        let values = values.filter(is_text).filter_map(Element::only_text).map(str::to_owned).collect();
        Ok(Attribute { name, values })
    });
    read.collect()
}
