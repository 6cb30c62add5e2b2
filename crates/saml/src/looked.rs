//! An answer of ours as whoever sets an application up looks at it: one thing after the other, where [`crate::consume`] has one
//! refusal for all. Nobody is signed in by it.

use sallyport_model::time::Time;

use crate::{
    base64,
    binding::{Kind, PostForm},
    consume::{Answers, Expected, Signed},
    dsig::{Place, verify},
    message::{Refused, issuer},
    name_id::NameIdFormat,
    names::{ADDRESSING, ASSERTION, ASSERTION_1, POLICY, PROTOCOL, TRUST},
    shown::shown,
    when,
    ws_federation::format_1,
    xml::{Element, Limits, read},
};

const FROM_US: &str = "It is from us, by the name that this application has for us (Issuer)";

/// What a careful application looks at, and whether it is as it should be.
pub type Checks = Vec<(&'static str, bool)>;

/// An answer, read back from the form that would carry it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    action: String,
    document: Element,
    assertion: Element,
    is_sealed: bool,
}

impl Looked {
    /// `sealed`: the assertion that was encrypted in it, if it was, which nobody but the application can read out of it.
    ///
    /// # Errors
    /// It has no assertion that could be looked at.
    pub fn read(form: &PostForm, sealed: Option<Element>) -> Result<Self, Refused> {
        let field = |wanted: &str| form.fields.iter().find(|(name, _)| *name == wanted).map(|(_, text)| text);
        let document = match (field(Kind::Response.parameter()), field("wresult")) {
            (Some(message), _) => base64::decoded(message, Limits::MESSAGE.bytes).ok_or(Refused::Encoding)?,
            (None, Some(result)) => result.clone().into_bytes(),
            (None, None) => return Err(Refused::Parameter),
        };
        let document = read(&document, Limits::MESSAGE)?;
        let is_sealed = sealed.is_some();
        let inside = || match document.is(PROTOCOL, "Response") {
            true => document.only(ASSERTION, "Assertion").cloned(),
            false => document.only(TRUST, "RequestedSecurityToken")?.elements().next().cloned(),
        };
        let assertion = sealed.or_else(inside).ok_or(Refused::OneAssertion)?;
        Ok(Self { action: form.action.clone(), document, assertion, is_sealed })
    }

    /// All of it, for people to read.
    #[must_use]
    pub fn shown(&self) -> String {
        shown(&self.document)
    }

    /// The assertion that was encrypted, for people to read, if it was.
    #[must_use]
    pub fn sealed(&self) -> Option<String> {
        self.is_sealed.then(|| shown(&self.assertion))
    }

    /// Holds it against what the application expects, and names people in this format.
    #[must_use]
    pub fn checks(&self, expected: &Expected<'_>, format: NameIdFormat, now: Time) -> Checks {
        let said = Said::of(&self.assertion);
        let mut checks = self.protected(expected);
        match self.document.is(PROTOCOL, "Response") {
            true => checks.extend(self.of_response(&said, expected)),
            false => checks.extend(self.of_token(&said, expected)),
        }
        let lasts = !said.ends.is_empty() && said.ends.iter().all(|end| *end > Some(now));
        let format = if said.is_of_1 { format_1(format) } else { format };
        checks.extend([
            ("It is not over (NotOnOrAfter)", lasts),
            ("It names you in the format that is wanted (NameID)", said.format == Some(format)),
        ]);
        checks
    }

    /// How it is signed, and encrypted where it is.
    fn protected(&self, expected: &Expected<'_>) -> Checks {
        let within = if self.is_sealed { &self.assertion } else { &self.document };
        let is_of_1 = self.assertion.is(ASSERTION_1, "Assertion");
        let place = if is_of_1 { Place::Last } else { Place::AfterIssuer };
        let verified = verify(&self.assertion, within, place, expected.keys);
        let mut checks = vec![("It is signed by a key that stands in our metadata", verified.is_ok())];
        if expected.signed == Signed::Both {
            let verified = verify(&self.document, &self.document, Place::AfterIssuer, expected.keys);
            checks.push(("The response around it is signed as well", verified.is_ok()));
        }
        if self.is_sealed {
            let is_hidden = self.document.only(ASSERTION, "EncryptedAssertion").is_some()
                && self.document.count(&|element| element.is(ASSERTION, "Assertion")) == 0;
            checks.push(("It goes encrypted, and in no other way", is_hidden));
        }
        checks
    }

    fn of_response(&self, said: &Said<'_>, expected: &Expected<'_>) -> Checks {
        let around = self.document.elements().next().and_then(|first| issuer(first).ok());
        let issuers = [around.as_deref(), said.issuer];
        let to = [Some(self.action.as_str()), self.document.attribute("Destination"), said.recipient];
        let answers = [self.document.attribute("InResponseTo"), said.in_response_to];
        let asked = match expected.answers {
            Answers::Request(id) => Some(id),
            Answers::Unasked => None,
        };
        vec![
            (FROM_US, issuers.iter().all(|issuer| *issuer == Some(expected.issuer))),
            ("It is for this application (Audience)", said.audience == Some(expected.entity_id)),
            (
                "It goes where the application takes answers (Destination, Recipient)",
                to.iter().all(|to| *to == Some(expected.acs)),
            ),
            ("It answers this very request (InResponseTo)", answers.iter().all(|given| *given == asked)),
        ]
    }

    /// WS-Federation says less around a token.
    fn of_token(&self, said: &Said<'_>, expected: &Expected<'_>) -> Checks {
        let audiences = [said.audience, self.applies_to()];
        vec![
            (FROM_US, said.issuer == Some(expected.issuer)),
            (
                "It is for this application (Audience, AppliesTo)",
                audiences.iter().all(|audience| *audience == Some(expected.entity_id)),
            ),
            ("It goes where the application takes answers (wreply)", self.action == expected.acs),
        ]
    }

    fn applies_to(&self) -> Option<&str> {
        let reference = self.document.only(POLICY, "AppliesTo")?.only(ADDRESSING, "EndpointReference")?;
        reference.only(ADDRESSING, "Address")?.only_text()
    }
}

/// What an assertion of either version says that is looked at.
#[derive(Default)]
struct Said<'a> {
    is_of_1: bool,
    issuer: Option<&'a str>,
    audience: Option<&'a str>,
    recipient: Option<&'a str>,
    in_response_to: Option<&'a str>,
    /// Every moment from which it is void; none where that cannot be read.
    ends: Vec<Option<Time>>,
    format: Option<NameIdFormat>,
}

impl<'a> Said<'a> {
    fn of(assertion: &'a Element) -> Self {
        if assertion.is(ASSERTION_1, "Assertion") { Self::of_1(assertion) } else { Self::of_2(assertion) }
    }

    fn of_2(assertion: &'a Element) -> Self {
        let conditions = assertion.only(ASSERTION, "Conditions");
        let audience = conditions.and_then(|conditions| conditions.only(ASSERTION, "AudienceRestriction"));
        let subject = assertion.only(ASSERTION, "Subject");
        let confirmed = subject
            .and_then(|subject| subject.only(ASSERTION, "SubjectConfirmation"))
            .and_then(|confirmation| confirmation.only(ASSERTION, "SubjectConfirmationData"));
        let of = |name: &str| confirmed.and_then(|confirmed| confirmed.attribute(name));
        let name = subject.and_then(|subject| subject.only(ASSERTION, "NameID"));
        Self {
            is_of_1: false,
            issuer: assertion.only(ASSERTION, "Issuer").and_then(Element::only_text),
            audience: audience
                .and_then(|audience| audience.only(ASSERTION, "Audience"))
                .and_then(Element::only_text),
            recipient: of("Recipient"),
            in_response_to: of("InResponseTo"),
            ends: [conditions, confirmed].into_iter().map(ends).collect(),
            format: name.and_then(format),
        }
    }

    fn of_1(assertion: &'a Element) -> Self {
        let conditions = assertion.only(ASSERTION_1, "Conditions");
        let audience =
            conditions.and_then(|conditions| conditions.only(ASSERTION_1, "AudienceRestrictionCondition"));
        let subject = assertion
            .only(ASSERTION_1, "AuthenticationStatement")
            .and_then(|statement| statement.only(ASSERTION_1, "Subject"));
        let name = subject.and_then(|subject| subject.only(ASSERTION_1, "NameIdentifier"));
        Self {
            is_of_1: true,
            issuer: assertion.attribute("Issuer"),
            audience: audience
                .and_then(|audience| audience.only(ASSERTION_1, "Audience"))
                .and_then(Element::only_text),
            ends: vec![ends(conditions)],
            format: name.and_then(format),
            ..Self::default()
        }
    }
}

fn ends(element: Option<&Element>) -> Option<Time> {
    element?.attribute("NotOnOrAfter").and_then(when::read)
}

/// The format of a name that is one.
fn format(name: &Element) -> Option<NameIdFormat> {
    let named = name.only_text().is_some_and(|text| !text.is_empty());
    name.attribute("Format").and_then(NameIdFormat::named).filter(|_| named)
}

#[cfg(test)]
mod tests {
    use sallyport_crypto::{SystemRandom, saml_key::Oaep};
    use sallyport_model::{saml::SamlToken, time::Span};

    use super::*;
    use crate::{
        enc::Cipher,
        response::EncryptFor,
        testing::{ACS, APPLICATION, IDP, NOW, PROVIDER, SP, STRANGER, ada, expected, protection, statement},
        ws_federation::answer,
    };

    const FORMAT: NameIdFormat = NameIdFormat::Unspecified;

    fn response(sign_response: bool, is_sealed: bool) -> Looked {
        let encrypt = is_sealed.then(|| EncryptFor {
            key: &APPLICATION.public,
            cipher: Cipher::Aes256Gcm,
            oaep: Oaep::Sha1,
        });
        let (name, random) = (ada(), SystemRandom::new());
        let (statement, protection) = (statement(&name, &[]), protection(sign_response, encrypt));
        let assertion = statement.signed(&protection.signer, &random).unwrap();
        let response = statement.around(assertion.clone(), &protection, &random).unwrap();
        let form = PostForm::new(ACS, Kind::Response, &response, None);
        Looked::read(&form, is_sealed.then_some(assertion)).unwrap()
    }

    fn token(token: SamlToken) -> Looked {
        let name = ada();
        let form = answer(&statement(&name, &[]), token, None, &PROVIDER.signer(), &SystemRandom::new());
        Looked::read(&form.unwrap(), None).unwrap()
    }

    fn bad(checks: Checks) -> Vec<&'static str> {
        checks.into_iter().filter(|(_, good)| !good).map(|(name, _)| name).collect()
    }

    #[test]
    fn an_answer_that_holds_is_good_in_everything() {
        let keys = [&PROVIDER.public];
        let expected = expected(&keys, &[]);
        for (sign_response, is_sealed) in [(false, false), (true, false), (false, true), (true, true)] {
            let looked = response(sign_response, is_sealed);
            let signed = if sign_response { Signed::Both } else { Signed::Assertion };
            let checks = looked.checks(&Expected { signed, ..expected }, FORMAT, NOW);
            assert_eq!(checks.len(), 7 + usize::from(sign_response) + usize::from(is_sealed));
            assert_eq!(bad(checks), [""; 0]);
            assert_eq!(looked.sealed().is_some(), is_sealed);
            assert_eq!(looked.shown().contains(">ada<"), !is_sealed);
        }
        let expected = Expected { answers: Answers::Unasked, signed: Signed::Assertion, ..expected };
        // A format that version 1.1 has no word for is unspecified there.
        for (version, format) in [(SamlToken::Saml11, NameIdFormat::Persistent), (SamlToken::Saml20, FORMAT)]
        {
            let checks = token(version).checks(&expected, format, NOW);
            assert_eq!((checks.len(), bad(checks)), (6, Vec::new()));
        }
    }

    #[test]
    fn each_thing_that_does_not_hold_is_named() {
        let (keys, strangers) = ([&PROVIDER.public], [&STRANGER.public]);
        let good = expected(&keys, &[]);
        let named =
            |expected: Expected<'_>| bad(response(true, false).checks(&expected, FORMAT, NOW)).join("; ");
        let signed = Signed::Both;
        for (expected, part) in [
            (Expected { keys: &strangers, ..good }, "signed by a key"),
            (Expected { keys: &strangers, signed, ..good }, "around it is signed"),
            (Expected { issuer: SP, ..good }, "(Issuer)"),
            (Expected { entity_id: IDP, ..good }, "(Audience)"),
            (Expected { acs: SP, ..good }, "(Destination, Recipient)"),
            (Expected { answers: Answers::Request("_other"), ..good }, "(InResponseTo)"),
        ] {
            assert!(named(expected).contains(part), "{part}: {}", named(expected));
        }
        let later = NOW.plus(Span::hours(1));
        for looked in [response(false, false), token(SamlToken::Saml11), token(SamlToken::Saml20)] {
            let bad = bad(looked.checks(&good, NameIdFormat::EmailAddress, later)).join("; ");
            assert!(bad.contains("(NotOnOrAfter)") && bad.contains("(NameID)"), "{bad}");
        }
        let unsigned = bad(response(false, false).checks(&Expected { signed, ..good }, FORMAT, NOW));
        assert_eq!(unsigned, ["The response around it is signed as well"]);
    }
}
