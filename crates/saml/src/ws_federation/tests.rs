use sallyport_crypto::{SystemRandom, digest::sha256, saml_key::Algorithm};

use super::*;
use crate::{
    base64,
    names::DSIG,
    response::Attribute,
    testing::{ACS, NOW, PROVIDER, SP, ada, part, statement, text},
    xml::{Limits, canonical_without, read},
};

fn asked(query: &str) -> Result<Asked, AskedError> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let pairs: Vec<_> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Asked::read(&pairs)
}

fn answered(token: SamlToken) -> String {
    let attributes = [
        Attribute {
            name: "http://schemas.xmlsoap.org/claims/UPN".into(),
            values: vec!["ada@example.com".into()],
        },
        Attribute { name: "team".into(), values: vec!["<a&b>".into(), "c".into()] },
    ];
    let name = ada();
    let statement = statement(&name, &attributes);
    let form =
        answer(&statement, token, Some("rm=0&id=1"), &PROVIDER.signer(), &SystemRandom::new()).unwrap();
    assert_eq!(form.action, ACS);
    let [(_, wa), (name, result), (_, context)] = &form.fields[..] else { panic!("{form:?}") };
    assert_eq!((wa.as_str(), *name, context.as_str()), ("wsignin1.0", "wresult", "rm=0&id=1"));
    result.clone()
}

/// The token within an answer, as its reader sees it, and whether its signature is over all of it.
fn token(answer: &str, id: &str) -> (Element, bool) {
    let answer = read(answer.as_bytes(), Limits::MESSAGE).unwrap();
    let requested = answer.only(TRUST, "RequestedSecurityToken").unwrap();
    let token = requested.elements().next().unwrap().clone();
    let place = token.elements().position(|element| element.is(DSIG, "Signature")).unwrap();
    let signature = token.only(DSIG, "Signature").unwrap();
    let info = signature.only(DSIG, "SignedInfo").unwrap();
    let reference = info.only(DSIG, "Reference").unwrap();
    assert_eq!(reference.attribute("URI"), Some(&*format!("#{}", token.attribute(id).unwrap())));
    let told = reference.only(DSIG, "DigestValue").unwrap().only_text().unwrap();
    let digest = sha256(&canonical_without(&token, &[], Some(place)));
    let value = signature.only(DSIG, "SignatureValue").unwrap().only_text().unwrap();
    let value = base64::decoded(value, 1024).unwrap();
    let is_good = PROVIDER.public.verifies(Algorithm::RsaSha256, &canonical(info, &[]), &value);
    let is_good = is_good && told == base64::encoded(&digest);
    (token.clone(), is_good)
}

#[test]
fn what_an_application_asks_is_read() {
    let full = "wa=wsignin1.0&wtrealm=urn:app&wreply=https://app.example/&wctx=c&wfresh=0&wauth=m&other=1";
    let wanted = SignIn {
        realm: "urn:app".into(),
        reply: Some("https://app.example/".into()),
        context: Some("c".into()),
        fresh: Some(Span::minutes(0)),
        method: Some("m".into()),
    };
    assert_eq!(asked(full), Ok(Asked::SignIn(wanted)));
    for ends in ["wsignout1.0", "wsignoutcleanup1.0"] {
        assert_eq!(asked(&format!("wa={ends}&wreply=https://evil.example/")), Ok(Asked::SignOut));
    }
}

#[test]
fn what_cannot_be_read_is_refused_in_words() {
    let long = "x".repeat(LONGEST_CONTEXT + 1);
    for (query, error) in [
        ("", AskedError::Action),
        ("wa=wattr1.0&wtrealm=a", AskedError::Action),
        ("wa=wsignin1.0", AskedError::Realm),
        ("wa=wsignin1.0&wtrealm=", AskedError::Realm),
        ("wa=wsignin1.0&wtrealm=a&wtrealm=b", AskedError::Twice),
        ("wa=wsignin1.0&wa=wsignout1.0&wtrealm=a", AskedError::Twice),
        ("wa=wsignin1.0&wtrealm=a&wfresh=soon", AskedError::Fresh),
        ("wa=wsignin1.0&wtrealm=a&wfresh=-1", AskedError::Fresh),
        ("wa=wsignin1.0&wtrealm=a\u{0}", AskedError::Parameter),
        (&format!("wa=wsignin1.0&wtrealm=a&wctx={long}"), AskedError::Parameter),
    ] {
        assert_eq!(asked(query), Err(error), "{query}");
    }
}

#[test]
fn a_token_of_either_version_is_signed_over_all_of_it() {
    let (token_1, is_good) = token(&answered(SamlToken::Saml11), "AssertionID");
    assert!(is_good && token_1.is(ASSERTION_1, "Assertion"));
    let (token_2, is_good) = token(&answered(SamlToken::Saml20), "ID");
    assert!(is_good && token_2.is(crate::names::ASSERTION, "Assertion"));
}

#[test]
fn an_assertion_of_the_first_version_says_who_for_whom_and_until_when() {
    let answer = answered(SamlToken::Saml11);
    let (token, _) = token(&answer, "AssertionID");
    let names: Vec<&str> = token.elements().map(Element::local).collect();
    assert_eq!(names, ["Conditions", "AttributeStatement", "AuthenticationStatement", "Signature"]);
    assert_eq!(token.attribute("Issuer"), Some(crate::testing::IDP));
    let conditions = token.only(ASSERTION_1, "Conditions").unwrap();
    assert_eq!(conditions.attribute("NotOnOrAfter"), Some(&*when::written(NOW.plus(LIFE))));
    let audience = conditions.only(ASSERTION_1, "AudienceRestrictionCondition").unwrap();
    assert_eq!(audience.only(ASSERTION_1, "Audience").unwrap().only_text(), Some(SP));
    let said = text(token.only(ASSERTION_1, "AttributeStatement").unwrap());
    assert!(
        said.contains("AttributeName=\"UPN\" AttributeNamespace=\"http://schemas.xmlsoap.org/claims\""),
        "{said}"
    );
    assert!(said.contains("AttributeName=\"team\" AttributeNamespace=\"http://schemas.xmlsoap.org/claims\""));
    assert!(said.contains("&lt;a&amp;b&gt;"));
    assert!(part(&answer, "<t:TokenType>", "</t:TokenType>").contains(ASSERTION_1.uri));
    assert!(answer.contains(&format!("<wsa:Address>{SP}</wsa:Address>")));
}

#[test]
fn our_metadata_names_its_types_by_a_prefix_that_is_declared() {
    let certificates = [PROVIDER.certificate.clone()];
    let written =
        metadata("https://idp.example/saml/x", "https://idp.example/ws-federation/x", &certificates);
    let text = String::from_utf8(canonical(&written, &["fed"])).unwrap();
    let role = part(&text, "<md:RoleDescriptor", ">");
    assert!(
        role.contains("xmlns:fed=") && role.contains("xsi:type=\"fed:SecurityTokenServiceType\""),
        "{role}"
    );
    assert!(text.contains("https://idp.example/ws-federation/x"));
}
