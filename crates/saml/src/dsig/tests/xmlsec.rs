//! Signatures of ours before xmlsec1, which most service providers verify with, and its own before us.

use std::{fs, path::Path, process::Command};

use super::*;

fn xmlsec(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let ran = Command::new("xmlsec1").args(arguments).current_dir(folder).output();
    let ran = ran.expect("xmlsec1 is missing; scripts/setup test installs it");
    (ran.status.success(), String::from_utf8_lossy(&ran.stderr).into_owned())
}

const RESPONSE: &str = "urn:oasis:names:tc:SAML:2.0:protocol:Response";

#[test]
fn xmlsec_takes_what_we_sign_and_nothing_changed() {
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Rsa2048, KeyKind::Rsa3072] {
        let key = key(kind);
        let certificate = certified(&key);
        let folder = tempfile::tempdir().unwrap();
        let signed =
            text(&Signer::new(&key, Some(&certificate)).sign(response(), Place::AfterIssuer).unwrap());
        fs::write(folder.path().join("key.pem"), certificate.pem()).unwrap();
        fs::write(folder.path().join("good.xml"), &signed).unwrap();
        fs::write(folder.path().join("bad.xml"), signed.replace(">ada<", ">eve<")).unwrap();
        let verify = |file: &str| {
            xmlsec(
                folder.path(),
                &["--verify", "--pubkey-cert-pem", "key.pem", "--id-attr:ID", RESPONSE, file],
            )
        };
        let (good, said) = verify("good.xml");
        assert!(good, "{kind:?}: {said}");
        assert!(!verify("bad.xml").0, "{kind:?}");
    }
}

/// The token of a WS-Federation answer, within what it travels in.
#[test]
fn xmlsec_takes_our_tokens_of_either_version_where_they_travel() {
    use sallyport_model::saml::SamlToken;
    let party = &*crate::testing::PROVIDER;
    for (token, id) in [
        (SamlToken::Saml11, "--id-attr:AssertionID=urn:oasis:names:tc:SAML:1.0:assertion:Assertion"),
        (SamlToken::Saml20, "--id-attr:ID=urn:oasis:names:tc:SAML:2.0:assertion:Assertion"),
    ] {
        let (attribute, node) = id.split_once('=').unwrap();
        let name = crate::testing::ada();
        let statement = crate::testing::statement(&name, &[]);
        let random = sallyport_crypto::SystemRandom::new();
        let form = crate::ws_federation::answer(&statement, token, None, &party.signer(), &random).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("key.pem"), party.certificate.pem()).unwrap();
        fs::write(folder.path().join("good.xml"), &form.fields[1].1).unwrap();
        fs::write(folder.path().join("bad.xml"), form.fields[1].1.replace(">ada<", ">eve<")).unwrap();
        let verify = |file: &str| {
            xmlsec(folder.path(), &["--verify", "--pubkey-cert-pem", "key.pem", attribute, node, file])
        };
        let (good, said) = verify("good.xml");
        assert!(good, "{token:?}: {said}");
        assert!(!verify("bad.xml").0, "{token:?}");
    }
}

/// A template, as xmlsec1 signs it.
fn template(algorithm: &str, digest: &str, inclusive: &str) -> String {
    let list = if inclusive.is_empty() {
        String::new()
    } else {
        format!(
            r#"<ec:InclusiveNamespaces xmlns:ec="{}" PrefixList="{inclusive}"/>"#,
            crate::names::EXCLUSIVE.uri
        )
    };
    let exclusive = crate::names::EXCLUSIVE.uri;
    format!(
        r##"<?xml version="1.0"?>
<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns="urn:default" xmlns:xs="http://www.w3.org/2001/XMLSchema" ID="_r"
    Version = '2.0'>
  <saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://idp.example</saml:Issuer>
  <Signature xmlns="{DSIG_URI}">
    <SignedInfo>
      <CanonicalizationMethod Algorithm="{exclusive}">{list}</CanonicalizationMethod>
      <SignatureMethod Algorithm="{algorithm}"/>
      <Reference URI="#_r">
        <Transforms>
          <Transform Algorithm="{}"/>
          <Transform Algorithm="{exclusive}">{list}</Transform>
        </Transforms>
        <DigestMethod Algorithm="{digest}"/>
        <DigestValue/>
      </Reference>
    </SignedInfo>
    <SignatureValue/>
    <KeyInfo><X509Data/></KeyInfo>
  </Signature>
  <samlp:Status a="&#9;&lt;&quot;"  b='"' xml:lang="en"><samlp:StatusMessage>&#13;&gt; ä &#x1F600; ]] </samlp:StatusMessage></samlp:Status>
  <other xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string"><none xmlns=""/></other>
</samlp:Response>
"##,
        crate::names::ENVELOPED,
    )
}

#[test]
fn what_xmlsec_signs_is_read_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, algorithm) in [
        (KeyKind::P256, Algorithm::EcdsaSha256),
        (KeyKind::P384, Algorithm::EcdsaSha384),
        (KeyKind::Rsa2048, Algorithm::RsaSha256),
        (KeyKind::Rsa2048, Algorithm::RsaSha384),
        (KeyKind::Rsa2048, Algorithm::RsaSha512),
    ] {
        let pkcs8 = SamlKey::generate(kind).unwrap();
        let key = SamlKey::from_pkcs8(&pkcs8).unwrap();
        let body = data_encoding::BASE64.encode(&pkcs8);
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        fs::write(folder.path().join("key.pem"), pem).unwrap();
        fs::write(folder.path().join("certificate.pem"), certified(&key).pem()).unwrap();
        for (digest, inclusive) in DigestMethod::ALL.iter().zip(["", "xs", "#default xs saml"]) {
            fs::write(folder.path().join("in.xml"), template(name_of(algorithm), digest.1, inclusive))
                .unwrap();
            let arguments = ["--sign", "--privkey-pem", "key.pem,certificate.pem"];
            let arguments =
                [&arguments[..], &["--id-attr:ID", RESPONSE, "--output", "out.xml", "in.xml"]].concat();
            let (signed, said) = xmlsec(folder.path(), &arguments);
            assert!(signed, "{algorithm:?}: {said}");
            let signed = fs::read_to_string(folder.path().join("out.xml")).unwrap();
            let back = verified(&signed, &key.public().unwrap());
            let back = back.unwrap_or_else(|error| panic!("{algorithm:?} {inclusive}: {error}"));
            let status = back.element().only(PROTOCOL, "Status").unwrap();
            let message = status.only(PROTOCOL, "StatusMessage").unwrap().only_text().unwrap();
            assert_eq!(message, "> ä \u{1f600} ]]");
            let changed = signed.replace("https://idp.example<", "https://idp.evil<");
            assert_eq!(verified(&changed, &key.public().unwrap()), Err(SignatureError::Digest));
        }
    }
}
