use sallyport_model::{
    RedirectUriError,
    saml::SamlBinding,
    time::{Span, Time},
};

use super::*;
use crate::{
    Certificate, NameIdFormat, Refused,
    binding::Kind,
    certificate::CertificateError,
    dsig::{Place, SignatureError},
    enc::Cipher,
    names::METADATA,
    request::AuthnRequest,
    testing::{ACS, APPLICATION, NOW, PROVIDER, SP, SSO, posted, text},
    when,
    xml::{Element, Limits, XmlError, read},
};

/// As applications publish it, with comments and all.
fn file() -> String {
    let certificate = APPLICATION.certificate.pem();
    let certificate =
        certificate.lines().filter(|line| !line.starts_with('-')).collect::<Vec<_>>().join("\n");
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- of the application -->
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{SP}" ID="_m" validUntil="{until}" cacheDuration="PT6H">
  <md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol urn:oasis:names:tc:SAML:2.0:protocol" AuthnRequestsSigned="true" WantAssertionsSigned="1">
    <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
{certificate}
    </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:KeyDescriptor><ds:KeyInfo><ds:KeyName>both</ds:KeyName><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
      <md:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
      <md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes128-gcm"/>
      <md:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/></md:KeyDescriptor>
    <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="http://10.0.0.1/soap"/>
    <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://app.example/slo" ResponseLocation="https://app.example/slo-done"/>
    <md:NameIDFormat> urn:oasis:names:tc:SAML:2.0:nameid-format:persistent </md:NameIDFormat>
    <md:AssertionConsumerService index="7" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact" Location="https://app.example/artifact"/>
    <md:AssertionConsumerService index="1" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://app.example/other"/>
    <md:AssertionConsumerService index="2" isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{ACS}"/>
    <md:AttributeConsumingService index="0"><md:ServiceName xml:lang="en">App</md:ServiceName><md:RequestedAttribute Name="mail"/></md:AttributeConsumingService>
  </md:SPSSODescriptor>
  <md:Organization><md:OrganizationName xml:lang="en">app</md:OrganizationName><md:OrganizationDisplayName xml:lang="en">The App</md:OrganizationDisplayName><md:OrganizationURL xml:lang="en">https://app.example</md:OrganizationURL></md:Organization>
</md:EntityDescriptor>
"#,
        until = when::written(NOW.plus(Span::days(1))),
    )
}

fn taken(file: &str) -> Result<ServiceProvider, MetadataError> {
    ServiceProvider::read(file.as_bytes(), &[], NOW)
}

#[test]
fn an_application_is_read_as_it_describes_itself() {
    let provider = taken(&file()).unwrap();
    assert_eq!((provider.entity_id.as_str(), provider.name.as_deref()), (SP, Some("The App")));
    let acs: Vec<_> = provider.acs.iter().map(|acs| (acs.index, acs.url.as_str(), acs.is_default)).collect();
    assert_eq!(acs, [(1, "https://app.example/other", false), (2, ACS, true)]);
    let [logout] = provider.logout.as_slice() else { panic!("{:?}", provider.logout) };
    assert_eq!((logout.binding, logout.url.as_str()), (SamlBinding::Redirect, "https://app.example/slo"));
    assert_eq!(logout.response_url.as_ref().unwrap().as_str(), "https://app.example/slo-done");
    assert_eq!((provider.signing.len(), provider.encryption.len()), (2, 1));
    assert_eq!(provider.keys(), [&APPLICATION.public; 2]);
    assert_eq!(provider.name_id_formats, [NameIdFormat::Persistent.uri()]);
    assert!(provider.signs_requests && provider.wants_signed_assertions);
    assert_eq!(
        (provider.attributes.as_slice(), cipher(&provider.encryption_methods)),
        (&["mail".to_owned()][..], Some(Cipher::Aes128Gcm))
    );
    assert_eq!(
        (provider.valid_until, provider.read_again_after),
        (Some(NOW.plus(Span::days(1))), Some(Span::hours(6)))
    );
    // It is kept as it was read.
    let kept = serde_json::to_string(&provider).unwrap();
    assert_eq!(serde_json::from_str::<ServiceProvider>(&kept).unwrap(), provider);
    // In a collection of one it is the same.
    let start = file().find("<md:EntityDescriptor").unwrap();
    let other = "<md:EntityDescriptor entityID=\"urn:idp\"><md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"/></md:EntityDescriptor>";
    let collected = |inside: &str| {
        format!(
            "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{inside}</md:EntitiesDescriptor>"
        )
    };
    let own = file()[start..].to_owned();
    assert_eq!(taken(&collected(&format!("{other}{own}"))), Ok(provider));
    assert_eq!(taken(&collected(&own.repeat(3))), Err(MetadataError::Several(3)));
    assert_eq!(taken(&collected(other)), Err(MetadataError::NoServiceProvider));
}

#[test]
fn what_cannot_be_used_is_refused_with_the_reason() {
    let host = |url: &str, why| MetadataError::Address { url: url.to_owned(), why };
    let certificate = APPLICATION.certificate.base64();
    for (from, to, error) in [
        (ACS, "http://app.example/acs", host("http://app.example/acs", RedirectUriError::Scheme)),
        (ACS, "javascript:alert(1)", host("javascript:alert(1)", RedirectUriError::Scheme)),
        (ACS, "https://app.example/#x", host("https://app.example/#x", RedirectUriError::Fragment)),
        ("https://app.example/slo-done", "https://u@x/", host("https://u@x/", RedirectUriError::Host)),
        (&format!("entityID=\"{SP}\""), "", MetadataError::EntityId),
        (&format!("entityID=\"{SP}\""), "entityID=\"a&#10;b\"", MetadataError::EntityId),
        ("index=\"2\"", "index=\"1\"", MetadataError::Index(1)),
        ("index=\"2\"", "index=\"many\"", MetadataError::Shape("AssertionConsumerService")),
        ("HTTP-POST", "PAOS", MetadataError::NoConsumer),
        ("SAML:2.0:protocol", "SAML:3.0:protocol", MetadataError::NoServiceProvider),
        ("SPSSODescriptor", "IDPSSODescriptor", MetadataError::NoServiceProvider),
        ("md:EntityDescriptor", "md:Entity", MetadataError::NoServiceProvider),
        ("use=\"signing\"", "use=\"both\"", MetadataError::Shape("KeyDescriptor")),
        (
            "<ds:KeyName>both</ds:KeyName><ds:X509Data><ds:X509Certificate>MII",
            "<ds:X509Data><ds:X509Certificate>MIJ",
            CertificateError::Unreadable.into(),
        ),
        (
            "AuthnRequestsSigned=\"true\"",
            "AuthnRequestsSigned=\"TRUE\"",
            MetadataError::Shape("AuthnRequestsSigned"),
        ),
        ("<!-- of the application -->", "<!DOCTYPE x>", XmlError::DocumentType.into()),
    ] {
        let changed = file().replace(from, to);
        assert_ne!(changed, file(), "{from} {certificate}");
        assert_eq!(taken(&changed), Err(error), "{to}");
    }
    let ended = NOW.plus(Span::days(1));
    let late = ServiceProvider::read(file().as_bytes(), &[], ended);
    assert_eq!(late, Err(MetadataError::Expired(ended)));
    let large = format!("{}{}", file(), " ".repeat(1 << 20));
    assert_eq!(taken(&large), Err(XmlError::TooLarge(1 << 20).into()));
    let before = "<md:AssertionConsumerService index=\"2\"";
    let many: String = (10..100)
        .map(|n| format!("<md:AssertionConsumerService index=\"{n}\" Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"{ACS}\"/>"))
        .collect();
    assert_eq!(taken(&file().replace(before, &format!("{many}{before}"))), Err(MetadataError::TooMany));
}

#[test]
fn metadata_that_has_to_be_signed_is_read_from_what_was() {
    let bare = read(file().as_bytes(), Limits::METADATA).unwrap();
    let signed = text(&APPLICATION.signer().sign(bare, Place::First).unwrap());
    let taken = |file: &str, key| ServiceProvider::read(file.as_bytes(), &[key], NOW);
    assert_eq!(taken(&signed, &APPLICATION.public), super::tests::taken(&file()));
    assert_eq!(taken(&signed, &PROVIDER.public), Err(SignatureError::NoKey.into()));
    assert_eq!(taken(&file(), &APPLICATION.public), Err(SignatureError::Missing.into()));
    let changed = signed.replace("The App", "Another App");
    assert_eq!(taken(&changed, &APPLICATION.public), Err(SignatureError::Digest.into()));
}

#[test]
fn an_answer_goes_to_an_address_that_is_registered_byte_for_byte() {
    let provider = taken(&file()).unwrap();
    let asked = |attributes: &str| {
        let message = format!(
            r#"<p:AuthnRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0" IssueInstant="{}" Destination="{SSO}" {attributes}><Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">{SP}</Issuer></p:AuthnRequest>"#,
            when::written(NOW)
        );
        let element = read(message.as_bytes(), Limits::MESSAGE).unwrap();
        let signed = text(&APPLICATION.signer().sign(element, Place::AfterIssuer).unwrap());
        // Whether or not it is signed makes no difference.
        let answers = [message, signed].map(|message| {
            let opened = posted(Kind::Request, &message)?.open(&provider.keys(), false)?;
            let request = AuthnRequest::read(&opened, SSO, NOW)?;
            consumer(&provider.acs, &request).map(|acs| acs.url.as_str().to_owned())
        });
        assert_eq!(answers[0], answers[1], "{attributes}");
        answers[0].clone()
    };
    assert_eq!(asked("").as_deref(), Ok(ACS));
    assert_eq!(asked("AssertionConsumerServiceIndex=\"1\"").as_deref(), Ok("https://app.example/other"));
    assert_eq!(
        asked("AssertionConsumerServiceURL=\"https://app.example/other\"").as_deref(),
        Ok("https://app.example/other")
    );
    for bad in ["0", "3", "7", "65535", "65536", "-1", "1 1", "", "0x1"] {
        let attribute = format!("AssertionConsumerServiceIndex=\"{bad}\"");
        assert_eq!(asked(&attribute), Err(Refused::Address), "{bad}");
    }
    for bad in [
        "https://evil.example/acs",
        "https://app.example/acs/",
        "https://app.example/acs?x",
        "https://app.example/ACS",
        "https://app.example:443/acs",
        "https://app.example/acs#",
        "http://app.example/acs",
        "https://app.example/%61cs",
        "https://app.example/x/../acs",
        "//app.example/acs",
        "/acs",
        "",
        "https://app.example.evil/acs",
        "https://user@app.example/acs",
        "javascript:alert(1)",
        "https://app.example/artifact",
    ] {
        let attribute = format!("AssertionConsumerServiceURL=\"{bad}\"");
        assert_eq!(asked(&attribute), Err(Refused::Address), "{bad}");
    }
}

#[test]
fn our_own_metadata_says_where_and_by_which_keys() {
    let certificates = [&PROVIDER.certificate, &APPLICATION.certificate];
    let own = IdentityProvider {
        entity_id: "https://idp.example/saml",
        sign_on: SSO,
        logout: Some("https://idp.example/saml/slo"),
        certificates: &certificates,
        want_signed_requests: false,
        name_id_formats: &NameIdFormat::ALL,
        valid_until: Some(Time(0)),
    };
    let written = read(text(&own.written()).as_bytes(), Limits::METADATA).unwrap();
    assert_eq!(written.attribute("validUntil"), Some("1970-01-01T00:00:00Z"));
    let role = written.only(METADATA, "IDPSSODescriptor").unwrap();
    let of = |local: &'static str| role.named(METADATA, local).collect::<Vec<&Element>>();
    assert_eq!((of("KeyDescriptor").len(), of("NameIDFormat").len()), (2, 4));
    let shown: Vec<_> = of("KeyDescriptor").iter().map(|key| text(key)).collect();
    assert!(shown.iter().zip(certificates).all(|(shown, own)| shown.contains(&own.base64())));
    // The schema has them in this order.
    let order: Vec<_> = role.elements().map(Element::local).collect();
    let schema = ["KeyDescriptor", "SingleLogoutService", "NameIDFormat", "SingleSignOnService"];
    assert!(order.is_sorted_by_key(|local| schema.iter().position(|known| known == local)));
    assert_eq!(of("SingleSignOnService").len(), 2);
    assert!(matches!(Certificate::parse(""), Err(CertificateError::Unreadable)));
}
