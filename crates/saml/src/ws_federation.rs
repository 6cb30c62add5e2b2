//! WS-Federation's profile for browsers (WS-Federation 1.2 section 13), as Microsoft's sign-in speaks it: what an application asks
//! in an address, and the token that it is answered with, in a form. Nothing that is asked is signed, so nothing of it counts but as a
//! wish: whom the answer is for and where it goes is registered.

#[cfg(test)]
mod tests;

use sallyport_crypto::random::Random;
use sallyport_model::{saml::SamlToken, time::Span};

use crate::{
    Certificate,
    binding::PostForm,
    dsig::{Place, Signer, sign::key_info},
    message::fresh_id,
    name_id::NameIdFormat,
    names::{ADDRESSING, ASSERTION_1, FEDERATION, METADATA, POLICY, SCHEMA_INSTANCE, TRUST, UTILITY},
    response::{BEFORE, LIFE, ResponseError, Statement},
    when,
    xml::{Element, canonical},
};

/// Longest of what an application wants back with the answer.
const LONGEST_CONTEXT: usize = 2048;
/// Longest name or address that is looked at.
const LONGEST: usize = 1024;

/// That somebody has passed two doors, where Microsoft asks for it and is told so.
pub const MULTIPLE_METHODS: &str = "http://schemas.microsoft.com/claims/multipleauthn";
/// The claim in which it is told.
pub const METHODS: &str = "http://schemas.microsoft.com/claims/authnmethodsreferences";

/// What a browser brings from an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    SignIn(SignIn),
    /// To end the session, here (`wsignout1.0`) or as far as it goes (`wsignoutcleanup1.0`).
    SignOut,
}

/// To sign somebody in (section 13.2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// What the application calls itself (`wtrealm`).
    pub realm: String,
    /// Where it wants the answer (`wreply`).
    pub reply: Option<String>,
    /// What it wants back with it (`wctx`).
    pub context: Option<String>,
    /// How long ago the person may have signed in (`wfresh`).
    pub fresh: Option<Span>,
    /// How they are to (`wauth`).
    pub method: Option<String>,
}

/// Why it is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AskedError {
    #[error(
        "`wa` names nothing that is done here; it is `wsignin1.0`, `wsignout1.0` or `wsignoutcleanup1.0`"
    )]
    Action,
    #[error("`wfresh` is no number of minutes")]
    Fresh,
    #[error("a parameter is longer than allowed, or has control characters")]
    Parameter,
    #[error("`wtrealm` is missing")]
    Realm,
    #[error("a parameter is there twice")]
    Twice,
}

impl Asked {
    /// From the parameters of the address, or of a form, decoded.
    ///
    /// # Errors
    /// They ask for nothing that is done here.
    pub fn read(pairs: &[(String, String)]) -> Result<Self, AskedError> {
        let one = |name: &str, longest: usize| {
            let mut found = pairs.iter().filter(|(given, _)| given == name).map(|(_, value)| value);
            let value = found.next().filter(|value| !value.is_empty());
            match (value, found.next()) {
                (_, Some(_)) => Err(AskedError::Twice),
                (Some(value), None) if value.len() > longest || value.chars().any(char::is_control) => {
                    Err(AskedError::Parameter)
                }
                (value, None) => Ok(value.cloned()),
            }
        };
        match one("wa", LONGEST)?.as_deref() {
            Some("wsignin1.0") => Ok(Self::SignIn(SignIn {
                realm: one("wtrealm", LONGEST)?.ok_or(AskedError::Realm)?,
                reply: one("wreply", LONGEST)?,
                context: one("wctx", LONGEST_CONTEXT)?,
                fresh: one("wfresh", LONGEST)?.map(|text| minutes(&text)).transpose()?,
                method: one("wauth", LONGEST)?,
            })),
            Some("wsignout1.0" | "wsignoutcleanup1.0") => Ok(Self::SignOut),
            Some(_) | None => Err(AskedError::Action),
        }
    }
}

fn minutes(text: &str) -> Result<Span, AskedError> {
    let minutes: u32 = text.parse().map_err(|_| AskedError::Fresh)?;
    Ok(Span::minutes(i64::from(minutes)))
}

/// The form that takes a token to where it is for.
///
/// # Errors
/// No randomness, or a key that does not do what is asked of it.
pub fn answer(
    statement: &Statement<'_>,
    token: SamlToken,
    context: Option<&str>,
    signer: &Signer<'_>,
    random: &dyn Random,
) -> Result<PostForm, ResponseError> {
    let id = fresh_id(random)?;
    let token = match token {
        SamlToken::Saml11 => signer.sign(assertion(statement, id), Place::Last)?,
        SamlToken::Saml20 => signer.sign(statement.assertion(id), Place::AfterIssuer)?,
    };
    let result = canonical(&envelope(statement, token), &[]);
    let result = String::from_utf8_lossy(&result).into_owned();
    let context = context.map(|context| ("wctx", context.to_owned()));
    let fields = [("wa", "wsignin1.0".to_owned()), ("wresult", result)].into_iter().chain(context);
    Ok(PostForm { action: statement.acs.to_owned(), fields: fields.collect() })
}

/// What a token travels in (WS-Trust of February 2005, which is what the profile's readers know).
fn envelope(statement: &Statement<'_>, token: Element) -> Element {
    let of = |local: &str| Element::new(TRUST, local);
    let kind = token.space().to_owned();
    let at = |local: &str, time| Element::new(UTILITY, local).text(&when::written(time));
    let lifetime =
        of("Lifetime").child(at("Created", statement.now)).child(at("Expires", statement.now.plus(LIFE)));
    let address = Element::new(ADDRESSING, "Address").text(statement.audience);
    let applies =
        Element::new(POLICY, "AppliesTo").child(Element::new(ADDRESSING, "EndpointReference").child(address));
    of("RequestSecurityTokenResponse")
        .child(lifetime)
        .child(applies)
        .child(of("RequestedSecurityToken").child(token))
        .child(of("TokenType").text(&kind))
        .child(of("RequestType").text("http://schemas.xmlsoap.org/ws/2005/02/trust/Issue"))
        .child(of("KeyType").text("http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey"))
}

/// An assertion of SAML 1.1 (its core, sections 2.3 and 2.4).
fn assertion(statement: &Statement<'_>, id: String) -> Element {
    let of = |local: &str| Element::new(ASSERTION_1, local);
    let name = &statement.name_id;
    let format = format_1(name.format.unwrap_or(NameIdFormat::Unspecified));
    let subject = of("Subject")
        .child(of("NameIdentifier").with("Format", format.uri()).text(&name.value))
        .child(of("SubjectConfirmation").child(of("ConfirmationMethod").text(BEARER_1)));
    let conditions = of("Conditions")
        .with("NotBefore", when::written(statement.now.minus(BEFORE)))
        .with("NotOnOrAfter", when::written(statement.now.plus(LIFE)))
        .child(of("AudienceRestrictionCondition").child(of("Audience").text(statement.audience)));
    let attributes = statement.attributes.iter().map(|attribute| {
        let (space, name) = split(&attribute.name);
        let values = attribute.values.iter().map(|value| of("AttributeValue").text(value));
        of("Attribute").with("AttributeName", name).with("AttributeNamespace", space).children(values)
    });
    let told = (!statement.attributes.is_empty())
        .then(|| of("AttributeStatement").child(subject.clone()).children(attributes));
    let authenticated = of("AuthenticationStatement")
        .with("AuthenticationMethod", PASSWORD_1)
        .with("AuthenticationInstant", when::written(statement.signed_in))
        .child(subject);
    of("Assertion")
        .with("MajorVersion", "1")
        .with("MinorVersion", "1")
        .with("AssertionID", id)
        .with("Issuer", statement.issuer)
        .with("IssueInstant", when::written(statement.now))
        .child(conditions)
        .children(told)
        .child(authenticated)
}

/// A format as version 1.1 has it: the two that came with 2.0 mean nothing to its readers.
pub(crate) const fn format_1(format: NameIdFormat) -> NameIdFormat {
    match format {
        NameIdFormat::EmailAddress => format,
        NameIdFormat::Persistent | NameIdFormat::Transient | NameIdFormat::Unspecified => {
            NameIdFormat::Unspecified
        }
    }
}

const BEARER_1: &str = "urn:oasis:names:tc:SAML:1.0:cm:bearer";
const PASSWORD_1: &str = "urn:oasis:names:tc:SAML:1.0:am:password";

/// A claim's name as SAML 1.1 writes it: what is before the last slash, and what is behind it.
fn split(name: &str) -> (&str, &str) {
    match name.rsplit_once('/') {
        Some((space, name)) if !space.is_empty() && !name.is_empty() => (space, name),
        Some(_) | None => ("http://schemas.xmlsoap.org/claims", name),
    }
}

/// Our metadata as readers of this profile know it (WS-Federation 1.2 section 3.1).
#[must_use]
pub fn metadata(entity_id: &str, sign_on: &str, certificates: &[Certificate]) -> Element {
    let endpoint = || {
        let address = Element::new(ADDRESSING, "Address").text(sign_on);
        Element::new(ADDRESSING, "EndpointReference").child(address)
    };
    let keys = certificates.iter().map(|certificate| {
        Element::new(METADATA, "KeyDescriptor").with("use", "signing").child(key_info(certificate))
    });
    let role = Element::new(METADATA, "RoleDescriptor")
        .with("protocolSupportEnumeration", FEDERATION.uri)
        // Its type is named by this prefix, in a value, where nothing else declares it.
        .declaring(FEDERATION)
        .with_of(SCHEMA_INSTANCE, "type", "fed:SecurityTokenServiceType")
        .children(keys)
        .child(Element::new(FEDERATION, "SecurityTokenServiceEndpoint").child(endpoint()))
        .child(Element::new(FEDERATION, "PassiveRequestorEndpoint").child(endpoint()));
    Element::new(METADATA, "EntityDescriptor").with("entityID", entity_id).child(role)
}
