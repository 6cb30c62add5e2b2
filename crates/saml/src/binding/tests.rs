use flate2::{Compression, write::DeflateEncoder};
use sallyport_crypto::SystemRandom;
use sallyport_model::time::Span;
use std::io::Write as _;

use super::*;
use crate::{
    dsig::Signer,
    message::Header,
    name_id::NameId,
    names::DSIG,
    request::{AuthnRequest, Comparison},
    testing::{ACS, APPLICATION, IDP, NOW, PROVIDER, SP, SSO, STRANGER, part, posted, text},
    when,
    xml::XmlError,
};

/// A request as applications send it, with more attributes and elements.
fn request(attributes: &str, inside: &str) -> String {
    format!(
        r#"<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_request" Version="2.0" IssueInstant="{}" Destination="{SSO}"{attributes}><saml:Issuer>{SP}</saml:Issuer>{inside}</samlp:AuthnRequest>"#,
        when::written(NOW)
    )
}

fn element(text: &str) -> Element {
    read(text.as_bytes(), Limits::MESSAGE).unwrap()
}

fn signer() -> Signer<'static> {
    APPLICATION.signer()
}

fn read_posted(message: &str, must_be_signed: bool) -> Result<AuthnRequest, Refused> {
    let opened = posted(Kind::Request, message)?.open(&[&APPLICATION.public], must_be_signed)?;
    AuthnRequest::read(&opened, SSO, NOW)
}

fn query(message: &str, relay_state: Option<&str>, signer: Option<&Signer<'_>>) -> String {
    let state = relay_state.map(|state| RelayState::parse(state).unwrap());
    let url = redirect(SSO, Kind::Request, &element(message), state.as_ref(), signer).unwrap();
    url.strip_prefix(SSO).unwrap().strip_prefix('?').unwrap().to_owned()
}

fn read_query(query: &str, must_be_signed: bool) -> Result<AuthnRequest, Refused> {
    let opened = Received::from_query(query)?.open(&[&APPLICATION.public], must_be_signed)?;
    AuthnRequest::read(&opened, SSO, NOW)
}

#[test]
fn a_request_is_read_from_form_and_query_signed_or_not() {
    let message = request(
        &format!(
            r#" ForceAuthn="true" IsPassive="0" AssertionConsumerServiceURL="{ACS}" ProtocolBinding="{POST}""#
        ),
        r#"<saml:Subject><saml:NameID>ada</saml:NameID></saml:Subject><samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" AllowCreate="true"/><samlp:RequestedAuthnContext Comparison="minimum"><saml:AuthnContextClassRef>urn:a</saml:AuthnContextClassRef><saml:AuthnContextClassRef>urn:b</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>"#,
    );
    let signed = text(&signer().sign(element(&message), Place::AfterIssuer).unwrap());
    let read = read_posted(&message, false).unwrap();
    assert_eq!(
        (read.header.id.as_str(), read.header.issuer.as_str(), read.header.issued),
        ("_request", SP, NOW)
    );
    assert_eq!((read.force_authn, read.is_passive, read.acs_url.as_deref()), (true, false, Some(ACS)));
    assert_eq!(read.subject.as_ref().unwrap().value, "ada");
    assert_eq!(read.name_id.format(), Ok(Some(crate::NameIdFormat::Persistent)));
    let context = read.context.as_ref().unwrap();
    assert_eq!((context.comparison, context.classes.len()), (Comparison::Minimum, 2));
    assert_eq!(read_posted(&signed, true).as_ref(), Ok(&read));
    assert_eq!(read_query(&query(&message, None, None), false).as_ref(), Ok(&read));
    for state in [None, Some("a+b/c=d&e ä")] {
        let query = query(&message, state, Some(&signer()));
        assert_eq!(read_query(&query, true).as_ref(), Ok(&read));
        let received = Received::from_query(&query).unwrap();
        assert_eq!(received.relay_state.as_ref().map(RelayState::as_str), state);
        assert_eq!((received.alleged_issuer().as_deref(), received.alleged_name()), (Ok(SP), "AuthnRequest"));
    }
    for missing in [read_posted(&message, true), read_query(&query(&message, None, None), true)] {
        assert_eq!(missing, Err(SignatureError::Missing.into()));
    }
}

#[test]
fn a_request_is_recent_and_sent_here_and_what_it_says_is_possible() {
    let at = |seconds| when::written(NOW.plus(Span::seconds(seconds)));
    let good = request("", "");
    assert!(read_posted(&good, false).is_ok());
    let now = at(0);
    for (from, to, error) in [
        (&*now, &*at(61), Refused::Time),
        (&now, &at(-361), Refused::Time),
        (&now, "yesterday", Refused::Shape),
        (SSO, "https://idp.example/other", Refused::Destination),
        ("Version=\"2.0\"", "Version=\"1.1\"", Refused::Shape),
        ("ID=\"_request\"", "ID=\"1\"", Refused::Shape),
        ("ID=\"_request\"", "ID=\"a b\"", Refused::Shape),
        ("AuthnRequest", "ManageNameIDRequest", Refused::Shape),
        ("<saml:Issuer>", "<saml:Issuer Format=\"urn:x\">", Refused::Issuer),
    ] {
        assert_eq!(read_posted(&good.replace(from, to), false), Err(error), "{to}");
    }
    for (attributes, inside, error) in [
        (" ForceAuthn=\"yes\"", "", Refused::Shape),
        (" AssertionConsumerServiceIndex=\"-1\"", "", Refused::Address),
        (" AssertionConsumerServiceIndex=\"99999\"", "", Refused::Address),
        (
            " AssertionConsumerServiceIndex=\"1\" AssertionConsumerServiceURL=\"https://app.example/acs\"",
            "",
            Refused::Address,
        ),
        (" ProtocolBinding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\"", "", Refused::Address),
        ("", "<samlp:NameIDPolicy/><samlp:NameIDPolicy/>", Refused::Shape),
        ("", "<samlp:RequestedAuthnContext/>", Refused::Shape),
        ("", "<samlp:RequestedAuthnContext Comparison=\"roughly\"/>", Refused::Shape),
        ("", "<saml:Subject/>", Refused::Subject),
        ("", "text", Refused::Shape),
    ] {
        assert_eq!(read_posted(&request(attributes, inside), false), Err(error), "{attributes}{inside}");
    }
    let undirected = good.replace(&format!(" Destination=\"{SSO}\""), "");
    assert!(read_posted(&undirected, false).is_ok());
    let signed = text(&signer().sign(element(&undirected), Place::AfterIssuer).unwrap());
    assert_eq!(read_posted(&signed, false), Err(Refused::Destination));
}

#[test]
fn no_layout_of_a_genuine_signature_makes_another_request_genuine() {
    let genuine = text(&signer().sign(element(&request("", "")), Place::AfterIssuer).unwrap());
    let signature = part(&genuine, "<ds:Signature ", "</ds:Signature>");
    let bare = genuine.replace(signature, "");
    let evil_acs = " AssertionConsumerServiceURL=\"https://evil.example/\" ";
    for id in ["_request", "_evil"] {
        let evil = bare.replacen(" ID=\"_request\"", &format!("{evil_acs}ID=\"{id}\""), 1);
        let with = |behind: &str| evil.replacen("</saml:Issuer>", &format!("</saml:Issuer>{behind}"), 1);
        let around = |inner: &str| signature.replace("</ds:Signature>", &format!("{inner}</ds:Signature>"));
        let object = format!("<ds:Object>{bare}</ds:Object>");
        for (layout, message) in [
            ("within the signature", with(&around(&bare))),
            ("in an object", with(&around(&object))),
            ("before the signature", with(&format!("{bare}{signature}"))),
            ("behind the signature", with(&format!("{signature}{bare}"))),
            ("in extensions", with(&format!("{signature}<samlp:Extensions>{bare}</samlp:Extensions>"))),
            ("signed, in extensions", with(&format!("<samlp:Extensions>{genuine}</samlp:Extensions>"))),
            ("signed, within its own signature", with(&around(&genuine))),
            ("the signature alone", with(signature)),
        ] {
            for must_be_signed in [true, false] {
                let refused = read_posted(&message, must_be_signed).expect_err(layout);
                assert!(matches!(refused, Refused::Signature(_)), "{layout}: {refused}");
            }
        }
    }
}

#[test]
fn whatever_is_changed_in_a_signed_query_is_refused() {
    let message = request("", "");
    let good = query(&message, Some("state"), Some(&signer()));
    let evil = query(&request(" ForceAuthn=\"1\"", ""), None, None);
    let own = part(&good, "SAMLRequest=", "&").trim_end_matches('&').to_owned();
    let algorithm = crate::dsig::name_of(Algorithm::RsaSha256);
    let escaped = algorithm.replace(':', "%3A").replace('/', "%2F").replace('#', "%23");
    let as_ecdsa = escaped.replace("rsa-sha256", "ecdsa-sha256");
    assert!(good.contains(&escaped));
    let no_key = Refused::Signature(SignatureError::NoKey);
    for (bad, error) in [
        (good.replace(&own, &evil), no_key),
        (good.replace("RelayState=state", "RelayState=other"), no_key),
        (good.replace("RelayState=state", "RelayState=%73tate"), no_key),
        (good.replace("&RelayState=state", ""), no_key),
        (good.replace(&escaped, &as_ecdsa), no_key),
        (good.replace("rsa-sha256", "rsa-sha1"), SignatureError::Algorithm.into()),
        (good.replace("rsa-sha256", "hmac-sha256"), SignatureError::Algorithm.into()),
        (good.replace("rsa-sha256", "rsa-md5"), SignatureError::Algorithm.into()),
        (good.split("&Signature=").next().unwrap().to_owned(), Refused::Parameter),
        (good.split("&SigAlg=").next().unwrap().to_owned(), SignatureError::Missing.into()),
        (format!("{good}&{own}"), Refused::Parameter),
        (format!("{good}&RelayState=x"), Refused::Parameter),
        (good.replace("SAMLRequest", "SAMLResponse"), no_key),
        (format!("{good}&SAMLResponse=x"), Refused::Parameter),
        (format!("{good}&SAMLEncoding=urn:other"), Refused::Encoding),
        (String::new(), Refused::Parameter),
    ] {
        assert_eq!(read_query(&bad, true), Err(error), "{bad}");
    }
    // What means nothing to us may stand beside it, in any order.
    let parts: Vec<&str> = good.split('&').rev().collect();
    assert!(read_query(&format!("login_hint=x&{}", parts.join("&")), true).is_ok());
    let strangers = query(&message, None, Some(&STRANGER.signer()));
    assert_eq!(read_query(&strangers, false), Err(no_key));
    // Where nothing is known to verify with, nothing counts as signed.
    let opened = Received::from_query(&good).unwrap().open(&[], false).unwrap();
    assert!(!opened.is_signed);
    assert_eq!(Received::from_query(&good).unwrap().open(&[], true), Err(SignatureError::Missing.into()));
}

fn deflated(bytes: &[u8]) -> String {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    let encoded = base64::encoded(&encoder.finish().unwrap());
    encoded.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

#[test]
fn what_inflates_without_end_is_given_up_at_the_size_of_a_message() {
    let most = Limits::MESSAGE.bytes;
    assert!(most <= 1 << 20);
    let bomb = deflated(&vec![b' '; 64 << 20]);
    assert_eq!(Received::from_query(&format!("SAMLRequest={bomb}")), Err(Refused::Encoding));
    let message = request("", "");
    let padded = format!("{message}{}", " ".repeat(most - message.len()));
    assert!(Received::from_query(&format!("SAMLRequest={}", deflated(padded.as_bytes()))).is_ok());
    let longer = deflated(format!("{padded} ").as_bytes());
    assert_eq!(Received::from_query(&format!("SAMLRequest={longer}")), Err(Refused::Encoding));
    let endless = format!("SAMLRequest={}", "A".repeat(200 << 10));
    assert_eq!(Received::from_query(&endless), Err(Refused::Encoding));
    let form = base64::encoded(&vec![b' '; most + 1]);
    assert_eq!(Received::from_form(Kind::Request, &form, None), Err(Refused::Encoding));
}

#[test]
fn what_is_not_encoded_as_it_should_be_is_refused() {
    let good = deflated(request("", "").as_bytes());
    assert!(Received::from_query(&format!("SAMLRequest={good}")).is_ok());
    let cut =
        base64::decoded(&good.replace("%2B", "+").replace("%2F", "/").replace("%3D", "="), 4096).unwrap();
    let cut = base64::encoded(&cut[..cut.len() - 3]).replace('+', "%2B");
    for bad in ["", "%", "%4", "%zz", "A", "%ff%fe", "AAAA====", &cut, &format!("{good}AAAA")] {
        assert_eq!(Received::from_query(&format!("SAMLRequest={bad}")), Err(Refused::Encoding), "{bad}");
    }
    assert_eq!(Received::from_form(Kind::Request, "%%%", None), Err(Refused::Encoding));
}

#[test]
fn entities_and_document_types_open_nothing() {
    let external = |what: &str| format!("<!DOCTYPE r [<!ENTITY x SYSTEM \"{what}\">]>{}", request("", "&x;"));
    let levels: String =
        (1..10).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    for bad in [
        external("file:///etc/passwd"),
        external("http://127.0.0.1:1/"),
        format!("<!DOCTYPE r [<!ENTITY % x SYSTEM \"http://127.0.0.1:1/\"> %x;]>{}", request("", "")),
        format!("<!DOCTYPE r [<!ENTITY l0 \"lol\">{levels}]>{}", request("", "&l9;")),
        format!("<!DOCTYPE r SYSTEM \"http://127.0.0.1:1/\">{}", request("", "")),
    ] {
        assert_eq!(read_posted(&bad, false), Err(Refused::Xml(XmlError::DocumentType)));
        let by_query = Received::from_query(&format!("SAMLRequest={}", deflated(bad.as_bytes())));
        assert_eq!(by_query, Err(Refused::Xml(XmlError::DocumentType)));
    }
    assert_eq!(read_posted(&request("", "&x;"), false), Err(Refused::Xml(XmlError::Entity)));
}

#[test]
fn what_is_wanted_back_is_short_and_plain_and_stays_data() {
    for good in [
        "",
        "/home",
        "https://app.example/?a=b",
        "javascript:alert(1)",
        "//evil.example",
        "\\\\evil.example",
        "\"><script>alert(1)</script>",
        "&RelayState=x",
        &"x".repeat(2048),
    ] {
        let state = RelayState::parse(good).unwrap();
        let form = PostForm::new(ACS, Kind::Response, &Element::new(DSIG, "x"), Some(&state));
        assert_eq!((form.action.as_str(), form.fields[1].1.as_str()), (ACS, good));
        // In an address it stands escaped, and comes back as it was.
        let query = query(&request("", ""), Some(good), None);
        let written = query.split_once("&RelayState=").map_or("", |(_, written)| written);
        assert!(
            written.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)),
            "{written}"
        );
        let back = Received::from_query(&query).unwrap().relay_state;
        assert_eq!(back, Some(state).filter(|state| !state.as_str().is_empty()));
    }
    for bad in ["a\r\nLocation: //evil", "a\0", "\u{1b}[2J", "\u{85}", &"x".repeat(2049), &"ä".repeat(1025)]
    {
        assert_eq!(RelayState::parse(bad), Err(Refused::RelayState), "{bad:?}");
        assert_eq!(
            Received::from_form(Kind::Request, &base64::encoded(b"<r/>"), Some(bad)),
            Err(Refused::RelayState)
        );
    }
    assert!(serde_json::from_str::<RelayState>("\"a\\u0000\"").is_err());
}

mod logout {
    use super::*;
    use crate::logout::{LogoutRequest, LogoutResponse};

    const SLO: &str = "https://idp.example/saml/slo";

    fn asked(name: &str) -> Element {
        let name = NameId::new(crate::NameIdFormat::Unspecified, name);
        let by = (NOW, &SystemRandom::new() as &dyn sallyport_crypto::Random);
        LogoutRequest::new(SP, SLO, name, vec!["_session".into()], by).unwrap().written()
    }

    fn read(message: &Element) -> Result<LogoutRequest, Refused> {
        let opened = posted(Kind::Request, &text(message))?.open(&[&APPLICATION.public], false)?;
        LogoutRequest::read(&opened, SLO, NOW)
    }

    #[test]
    fn a_request_that_its_application_did_not_sign_ends_nothing() {
        let signed = signer().sign(asked("ada"), Place::AfterIssuer).unwrap();
        let taken = read(&signed).unwrap();
        assert_eq!(
            (taken.name_id.value.as_str(), taken.session_indexes.as_slice()),
            ("ada", &["_session".to_owned()][..])
        );
        assert_eq!(read(&asked("bob")), Err(SignatureError::Missing.into()));
        let by_another = STRANGER.signer().sign(asked("bob"), Place::AfterIssuer).unwrap();
        assert_eq!(read(&by_another), Err(SignatureError::NoKey.into()));
        let changed = element(&text(&signed).replace(">ada<", ">bob<"));
        assert_eq!(read(&changed), Err(SignatureError::Digest.into()));
        // In an address it is the same.
        let by_query = |signer: Option<&Signer<'_>>| {
            let url = redirect(SLO, Kind::Request, &asked("ada"), None, signer).unwrap();
            let opened =
                Received::from_query(url.split_once('?').unwrap().1)?.open(&[&APPLICATION.public], false)?;
            LogoutRequest::read(&opened, SLO, NOW)
        };
        assert!(by_query(Some(&signer())).is_ok());
        assert_eq!(by_query(None), Err(SignatureError::Missing.into()));
        assert_eq!(by_query(Some(&STRANGER.signer())), Err(SignatureError::NoKey.into()));
        // And where no key is known, nobody can have signed.
        let opened = posted(Kind::Request, &text(&signed)).unwrap().open(&[], false).unwrap();
        assert_eq!(LogoutRequest::read(&opened, SLO, NOW), Err(SignatureError::Missing.into()));
    }

    #[test]
    fn a_request_is_about_somebody_and_has_its_time() {
        let of = |element: Element| read(&signer().sign(element, Place::AfterIssuer).unwrap());
        let past = when::written(NOW.minus(Span::minutes(2)));
        assert_eq!(of(asked("ada").with("NotOnOrAfter", past)), Err(Refused::Time));
        assert_eq!(of(asked("ada").with("NotOnOrAfter", "soon")), Err(Refused::Time));
        let header =
            Header { id: "_1".into(), issued: NOW, destination: Some(SLO.into()), issuer: SP.into() };
        assert_eq!(of(header.written("LogoutRequest")), Err(Refused::Subject));
        let many = (0..65).map(|n| Element::new(PROTOCOL, "SessionIndex").text(&n.to_string()));
        assert_eq!(of(asked("ada").children(many)), Err(Refused::Shape));
    }

    #[test]
    fn an_answer_is_signed_and_to_what_was_asked() {
        let by = (NOW, &SystemRandom::new() as &dyn sallyport_crypto::Random);
        for all_ended in [true, false] {
            let answer = LogoutResponse::new(IDP, SLO, "_asked", all_ended, by).unwrap();
            let signed = PROVIDER.signer().sign(answer.written(), Place::AfterIssuer).unwrap();
            let opened = |element: &Element| {
                posted(Kind::Response, &text(element)).unwrap().open(&[&PROVIDER.public], false).unwrap()
            };
            assert_eq!(LogoutResponse::answers(&opened(&signed)), Some("_asked"));
            assert_eq!(LogoutResponse::read(&opened(&signed), SLO, "_asked", NOW), Ok(answer.clone()));
            let other = LogoutResponse::read(&opened(&signed), SLO, "_other", NOW);
            assert_eq!(other, Err(Refused::InResponseTo));
            let bare = LogoutResponse::read(&opened(&answer.written()), SLO, "_asked", NOW);
            assert_eq!(bare, Err(SignatureError::Missing.into()));
        }
    }
}
