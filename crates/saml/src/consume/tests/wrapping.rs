//! The eight classic layouts in which a genuine signature is put beside something forged, as Somorovsky and others described
//! them in 2012, and some relatives.

use super::*;

/// A genuine answer and its parts, and the same with somebody else in it.
struct Parts {
    whole: String,
    /// The signature that is wrapped, what it is over, and that without it.
    signature: String,
    bare: String,
    evil: String,
    is_response: bool,
}

fn parts(is_response: bool, same_id: bool) -> Parts {
    let (ada, mail) = (ada(), mail());
    let said = statement(&ada, &mail);
    // One signature, so that the layout is all there is to see.
    let whole = text(&said.response(&protection(is_response, None), &SystemRandom::new()).unwrap());
    let (whole, signed) = if is_response {
        let assertion = part(&whole, "<saml2:Assertion", "</saml2:Assertion>").to_owned();
        let unsigned = assertion.replace(part(&assertion, "<ds:Signature ", "</ds:Signature>"), "");
        let bare = whole.replace(&assertion, &unsigned);
        let outer = part(&bare, "<ds:Signature ", "</ds:Signature>").to_owned();
        let read = crate::xml::read(bare.replace(&outer, "").as_bytes(), crate::xml::Limits::MESSAGE);
        let whole = text(&PROVIDER.signer().sign(read.unwrap(), Place::AfterIssuer).unwrap());
        (whole.clone(), whole)
    } else {
        let signed = part(&whole, "<saml2:Assertion", "</saml2:Assertion>").to_owned();
        (whole, signed)
    };
    let signature = part(&signed, "<ds:Signature ", "</ds:Signature>").to_owned();
    let bare = signed.replace(&signature, "");
    let evil = bare.replace(">ada<", ">admin<");
    let evil = if same_id { evil } else { evil.replacen(" ID=\"_", " ID=\"_evil", 1) };
    Parts { whole, signature, bare, evil, is_response }
}

impl Parts {
    /// Something behind the issuer of the forged element, which is where a signature stands.
    fn evil_with(&self, behind_issuer: &str) -> String {
        self.evil.replacen("</saml2:Issuer>", &format!("</saml2:Issuer>{behind_issuer}"), 1)
    }

    /// The signature with something in it.
    fn signature_around(&self, inner: &str) -> String {
        self.signature.replace("</ds:Signature>", &format!("{inner}</ds:Signature>"))
    }

    /// The answer with something in the place of the signed assertion.
    fn instead(&self, other: &str) -> String {
        let signed = part(&self.whole, "<saml2:Assertion", "</saml2:Assertion>");
        self.whole.replace(signed, other)
    }

    fn layouts(&self) -> Vec<(&'static str, String)> {
        let object = format!("<ds:Object>{}</ds:Object>", self.bare);
        if self.is_response {
            let (inside, around) = (self.signature_around(&self.bare), self.signature_around(&object));
            let beside = format!("{}{}", self.bare, self.signature);
            let behind = self
                .evil_with(&self.signature)
                .replace("</saml2p:Response>", &format!("{}</saml2p:Response>", self.bare));
            let extensions =
                format!("{}<saml2p:Extensions>{}</saml2p:Extensions>", self.signature, self.bare);
            return vec![
                ("1, within the signature", self.evil_with(&inside)),
                ("2, before the signature", self.evil_with(&beside)),
                ("behind everything", behind),
                ("in an object", self.evil_with(&around)),
                ("in extensions", self.evil_with(&extensions)),
            ];
        }
        let signed = part(&self.whole, "<saml2:Assertion", "</saml2:Assertion>").to_owned();
        let nested = self.evil.replace("</saml2:Assertion>", &format!("{signed}</saml2:Assertion>"));
        let extended = self.instead(&signed).replace(
            "<saml2p:Status>",
            &format!("<saml2p:Extensions>{}</saml2p:Extensions><saml2p:Status>", self.evil),
        );
        vec![
            ("3, before the signed one", self.instead(&format!("{}{signed}", self.evil))),
            ("behind the signed one", self.instead(&format!("{signed}{}", self.evil))),
            ("4, around the signed one", self.instead(&nested)),
            (
                "5, with its signature",
                self.instead(&format!("{}{}", self.evil_with(&self.signature), self.bare)),
            ),
            ("6, within the signature", self.instead(&self.evil_with(&self.signature_around(&self.bare)))),
            ("7, in extensions", extended),
            ("8, in an object", self.instead(&self.evil_with(&self.signature_around(&object)))),
            ("the forged one alone", self.instead(&self.evil_with(&self.signature))),
        ]
    }
}

#[test]
fn no_layout_of_a_genuine_signature_makes_something_else_genuine() {
    let keys = [&PROVIDER.public];
    let mut tried = 0;
    for is_response in [true, false] {
        for same_id in [true, false] {
            let parts = parts(is_response, same_id);
            assert!(consumed(&parts.whole).is_ok());
            for (layout, message) in parts.layouts() {
                assert!(message.contains(">admin<"), "{layout}");
                for signed in [Signed::Assertion, Signed::Either, Signed::Response] {
                    let refused = consumed_as(&message, &Expected { signed, ..expected(&keys, &[]) }, NOW);
                    let refused = refused.expect_err(layout);
                    assert!(!matches!(refused, Refused::Xml(_)), "{layout}: {refused}");
                    tried += 1;
                }
            }
        }
    }
    assert_eq!(tried, 2 * 3 * (5 + 8));
}
