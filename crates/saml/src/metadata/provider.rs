//! Our own metadata, as applications read it.

use sallyport_model::{saml::SamlBinding, time::Time};

use crate::{
    binding::name_of,
    certificate::Certificate,
    dsig::sign::key_info,
    name_id::NameIdFormat,
    names::{METADATA, PROTOCOL},
    when,
    xml::Element,
};

/// What we say about ourselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProvider<'a> {
    pub entity_id: &'a str,
    /// Where people are sent to sign in, by either binding, and where to sign out.
    pub sign_on: &'a str,
    pub logout: Option<&'a str>,
    /// All that count now: while one takes over from another, both.
    pub certificates: &'a [&'a Certificate],
    pub want_signed_requests: bool,
    pub name_id_formats: &'a [NameIdFormat],
    pub valid_until: Option<Time>,
}

impl IdentityProvider<'_> {
    #[must_use]
    pub fn written(&self) -> Element {
        let of = |local: &str| Element::new(METADATA, local);
        let endpoints = |local: &'static str, url: &str| {
            let url = url.to_owned();
            [SamlBinding::Redirect, SamlBinding::Post]
                .map(|binding| of(local).with("Binding", name_of(binding)).with("Location", &*url))
        };
        let keys = self.certificates.iter();
        let keys =
            keys.map(|certificate| of("KeyDescriptor").with("use", "signing").child(key_info(certificate)));
        let formats = self.name_id_formats.iter().map(|format| of("NameIDFormat").text(format.uri()));
        let logout = self.logout.map(|url| endpoints("SingleLogoutService", url));
        let role = of("IDPSSODescriptor")
            .with("protocolSupportEnumeration", PROTOCOL.uri)
            .with("WantAuthnRequestsSigned", if self.want_signed_requests { "true" } else { "false" })
            .children(keys)
            .children(logout.into_iter().flatten())
            .children(formats)
            .children(endpoints("SingleSignOnService", self.sign_on));
        of("EntityDescriptor")
            .with("entityID", self.entity_id)
            .with_some("validUntil", self.valid_until.map(when::written))
            .child(role)
    }
}
