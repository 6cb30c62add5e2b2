use sallyport_crypto::{
    SystemRandom,
    saml_key::{KeyKind, PublicKey, SamlKey},
};

use super::*;
use crate::{
    certificate::Certificate,
    names::{ASSERTION, PROTOCOL},
    xml::{Element, Limits, canonical, read},
};

mod xmlsec;

fn key(kind: KeyKind) -> SamlKey {
    SamlKey::from_pkcs8(&SamlKey::generate(kind).unwrap()).unwrap()
}

fn certified(key: &SamlKey) -> Certificate {
    let der = key.certificate("idp.example", (0, 4_000_000_000), &SystemRandom::new()).unwrap();
    Certificate::from_der(&der).unwrap()
}

fn response() -> Element {
    let issuer = || Element::new(ASSERTION, "Issuer").text("https://idp.example");
    let subject = Element::new(ASSERTION, "Subject").child(Element::new(ASSERTION, "NameID").text("ada"));
    let assertion = Element::new(ASSERTION, "Assertion").with("ID", "_a").child(issuer()).child(subject);
    Element::new(PROTOCOL, "Response").with("ID", "_r").child(issuer()).child(assertion)
}

fn text(element: &Element) -> String {
    String::from_utf8(canonical(element, &[])).unwrap()
}

fn parsed(text: &str) -> Element {
    read(text.as_bytes(), Limits::MESSAGE).unwrap()
}

fn verified(text: &str, key: &PublicKey) -> Result<Verified, SignatureError> {
    let document = parsed(text);
    verify(&document, &document, Place::AfterIssuer, &[key])
}

#[test]
fn what_was_signed_comes_back_without_its_signature() {
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Rsa2048] {
        let key = key(kind);
        let public = key.public().unwrap();
        let signed = text(&Signer::new(&key, None).sign(response(), Place::AfterIssuer).unwrap());
        let back = verified(&signed, &public).unwrap();
        assert_eq!(text(back.element()), text(&response()), "{kind:?}");
        // As somebody else may write the same.
        let spaced =
            signed.replace("<ds:Reference ", "\n  <ds:Reference\n").replace("></ds:Transform>", " />");
        assert_eq!(verified(&spaced, &public), Err(SignatureError::NoKey));
        let another = signed.replace(" xmlns:saml2p=", "\n xmlns:other='urn:other' xmlns:saml2p=");
        assert_eq!(text(verified(&another, &public).unwrap().element()), text(&response()));
    }
}

#[test]
fn whatever_is_changed_is_refused() {
    let key = key(KeyKind::Rsa2048);
    let public = key.public().unwrap();
    let signed = text(&Signer::new(&key, None).sign(response(), Place::AfterIssuer).unwrap());
    let other = super::tests::key(KeyKind::Rsa2048).public().unwrap();
    assert_eq!(verified(&signed, &other), Err(SignatureError::NoKey));
    let document = parsed(&signed);
    assert_eq!(verify(&document, &document, Place::AfterIssuer, &[]), Err(SignatureError::NoKey));
    assert_eq!(verify(&document, &document, Place::First, &[&public]), Err(SignatureError::Place));
    let unsigned = text(&response());
    assert_eq!(verified(&unsigned, &public), Err(SignatureError::Missing));
    let signature = {
        let start = signed.find("<ds:Signature ").unwrap();
        let end = signed.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
        signed[start..end].to_owned()
    };
    let moved = signed
        .replace(&signature, "")
        .replace("</saml2p:Response>", &format!("{signature}</saml2p:Response>"));
    let twice = signed.replace(&signature, &signature.repeat(2));
    let object = signed.replace("</ds:Signature>", "<ds:Object></ds:Object></ds:Signature>");
    let second = signed.replace("<saml2:Subject>", r#"<saml2:Subject Id="_r">"#);
    for (bad, error) in [
        (signed.replace(">ada<", ">eve<"), SignatureError::Digest),
        (signed.replace("</saml2:NameID>", " </saml2:NameID>"), SignatureError::Digest),
        (signed.replacen(r#"ID="_r""#, r#"ID="_x""#, 1), SignatureError::Reference),
        (signed.replacen(r#" ID="_r""#, "", 1), SignatureError::Reference),
        (moved, SignatureError::Place),
        (twice, SignatureError::Place),
        (object, SignatureError::Shape),
        (second, SignatureError::Reference),
    ] {
        assert_eq!(verified(&bad, &public), Err(error), "{bad}");
    }
}

/// A signature by our own key over whatever is said, as one who has the key could make it.
fn forged(key: &SamlKey, change: impl Fn(String) -> String) -> String {
    let signed = text(&Signer::new(key, None).sign(response(), Place::AfterIssuer).unwrap());
    let start = signed.find("<ds:SignedInfo>").unwrap();
    let end = signed.find("</ds:SignedInfo>").unwrap() + "</ds:SignedInfo>".len();
    let info = change(signed[start..end].to_owned());
    let bytes = info.replacen("<ds:SignedInfo>", &format!("<ds:SignedInfo xmlns:ds=\"{}\">", DSIG_URI), 1);
    let bytes = canonical(&parsed(&bytes), &[]);
    let value = key.sign(key.algorithm(), &bytes).unwrap();
    let from = signed.find("<ds:SignatureValue>").unwrap() + "<ds:SignatureValue>".len();
    let to = signed.find("</ds:SignatureValue>").unwrap();
    format!(
        "{}{info}{}{}{}",
        &signed[..start],
        &signed[end..from],
        crate::base64::encoded(&value),
        &signed[to..]
    )
}

const DSIG_URI: &str = crate::names::DSIG.uri;

#[test]
fn only_the_algorithms_of_the_list_are_taken_even_from_who_has_the_key() {
    let key = key(KeyKind::Rsa2048);
    let public = key.public().unwrap();
    assert!(verified(&forged(&key, |info| info), &public).is_ok());
    let transform = format!(r#"<ds:Transform Algorithm="{}"></ds:Transform>"#, crate::names::EXCLUSIVE.uri);
    let exclusive = crate::names::EXCLUSIVE.uri;
    let reference_twice = |info: String| {
        let start = info.find("<ds:Reference ").unwrap();
        let end = info.find("</ds:SignedInfo>").unwrap();
        format!("{}{}{}", &info[..end], &info[start..end], &info[end..])
    };
    assert_eq!(verified(&forged(&key, reference_twice), &public), Err(SignatureError::Shape));
    for (from, to, error) in [
        (
            name_of(Algorithm::RsaSha256),
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            SignatureError::Algorithm,
        ),
        (
            name_of(Algorithm::RsaSha256),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
            SignatureError::Algorithm,
        ),
        (
            name_of(Algorithm::RsaSha256),
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            SignatureError::Algorithm,
        ),
        (
            name_of(Algorithm::RsaSha256),
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            SignatureError::Algorithm,
        ),
        (name_of(Algorithm::RsaSha256), name_of(Algorithm::EcdsaSha256), SignatureError::NoKey),
        (name_of(Algorithm::RsaSha256), name_of(Algorithm::RsaSha512), SignatureError::NoKey),
        (SHA256, "http://www.w3.org/2000/09/xmldsig#sha1", SignatureError::Algorithm),
        (SHA256, "http://www.w3.org/2001/04/xmldsig-more#md5", SignatureError::Algorithm),
        (exclusive, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315", SignatureError::Algorithm),
        (exclusive, "http://www.w3.org/2001/10/xml-exc-c14n#WithComments", SignatureError::Algorithm),
        (exclusive, "urn:unknown", SignatureError::Algorithm),
        (&transform, "", SignatureError::Shape),
        (&transform, &transform.repeat(2), SignatureError::Shape),
        (crate::names::ENVELOPED, "http://www.w3.org/TR/1999/REC-xslt-19991116", SignatureError::Algorithm),
        (crate::names::ENVELOPED, "http://www.w3.org/TR/1999/REC-xpath-19991116", SignatureError::Algorithm),
        (crate::names::ENVELOPED, exclusive, SignatureError::Algorithm),
        (r##"URI="#_r""##, r#"URI="""#, SignatureError::Reference),
        (r##" URI="#_r""##, "", SignatureError::Reference),
        (r##"URI="#_r""##, r##"URI="#_a""##, SignatureError::Reference),
        (r##"URI="#_r""##, r##"URI="#xpointer(/)""##, SignatureError::Reference),
        (r##"URI="#_r""##, r#"URI="https://idp.example/x""#, SignatureError::Reference),
        (r##"URI="#_r""##, r##"URI="#_r" Type="urn:x""##, SignatureError::Shape),
    ] {
        let bad = forged(&key, |info| {
            assert!(info.contains(from), "{from}");
            info.replace(from, to)
        });
        assert_eq!(verified(&bad, &public), Err(error), "{to}");
    }
}

#[test]
fn a_length_cut_off_or_text_between_is_no_signature() {
    let key = key(KeyKind::Rsa2048);
    let public = key.public().unwrap();
    let method = format!(r#"<ds:SignatureMethod Algorithm="{}">"#, name_of(Algorithm::RsaSha256));
    let bad = forged(&key, |info| {
        info.replace(&method, &format!("{method}<ds:HMACOutputLength>8</ds:HMACOutputLength>"))
    });
    assert_eq!(verified(&bad, &public), Err(SignatureError::Algorithm));
    let bad = forged(&key, |info| info.replace("<ds:DigestMethod", "x<ds:DigestMethod"));
    assert_eq!(verified(&bad, &public), Err(SignatureError::Shape));
}
