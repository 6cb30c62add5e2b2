//! An application before there is one.

use std::collections::BTreeSet;

use sallyport_api::rest::CreateApplication;
use sallyport_crypto::Secret;
use sallyport_model::{
    Action, Application, ApplicationKind, OidcClient, SamlService, UsedBy, UsernameNormalization,
    id::ApplicationId, name::display_name, policy::Applied,
};
use sallyport_store::Versioned;

use super::{
    IKEY, allow_kind,
    key::{fresh_skey, put_skey},
    put_origins,
};
use crate::{AppError, Ctx, Tx, saml::KeyDraft};

/// An application to be made, with ids and key drawn before the write, which may run more than once.
pub(crate) struct Draft {
    pub(crate) application: Application,
    skey: Secret,
    /// What we sign with for it, if it asks by SAML.
    saml_keys: Option<[KeyDraft; 2]>,
}

impl Draft {
    /// # Errors
    /// Denied, an unusable name, or no randomness.
    pub(crate) fn new(ctx: &Ctx, input: &CreateApplication) -> Result<Self, AppError> {
        ctx.allow(Action::ManageApplications)?;
        allow_kind(ctx, input.kind)?;
        let application = Application {
            id: ctx.id(ApplicationId::new)?,
            name: display_name(&input.name)?,
            kind: input.kind,
            redirect_uris: Vec::new(),
            ikey: ctx.duo_id(match input.kind {
                ApplicationKind::Bookmark => "BM",
                ApplicationKind::DuoAdminApi | ApplicationKind::DuoAuthApi => "DI",
                ApplicationKind::ForwardAuth => "FA",
                ApplicationKind::Oidc => "OC",
                ApplicationKind::Saml => "SP",
                ApplicationKind::WsFederation => "WF",
            })?,
            api_host: None,
            duo_type: None,
            enabled: true,
            accepts_undated: false,
            plain_push: false,
            username_normalization: UsernameNormalization::None,
            policies: Applied::default(),
            // Who may use what asks us about people is said by somebody, and not by default.
            used_by: match input.kind {
                ApplicationKind::DuoAdminApi | ApplicationKind::DuoAuthApi => UsedBy::Everybody,
                ApplicationKind::Bookmark
                | ApplicationKind::ForwardAuth
                | ApplicationKind::Oidc
                | ApplicationKind::Saml
                | ApplicationKind::WsFederation => UsedBy::nobody(),
            },
            oidc: (input.kind == ApplicationKind::Oidc).then(OidcClient::default),
            made_from: None,
            link: None,
            logo: None,
            origins: Vec::new(),
            saml: input.kind.takes_assertions().then(SamlService::default),
            saml_certificates: Vec::new(),
            grants: BTreeSet::new(),
            created: ctx.now,
        };
        // Others have no secret: one that asks by SAML is known by what it signs, and the rest never ask.
        let skey = match input.kind {
            ApplicationKind::DuoAdminApi | ApplicationKind::DuoAuthApi | ApplicationKind::Oidc => {
                fresh_skey(ctx)?
            }
            ApplicationKind::Bookmark
            | ApplicationKind::ForwardAuth
            | ApplicationKind::Saml
            | ApplicationKind::WsFederation => Secret::from(""),
        };
        Ok(Self { application, skey, saml_keys: None })
    }

    pub(crate) fn create(&self, tx: &mut Tx<'_, '_>) -> Result<Versioned<Application>, AppError> {
        let created = tx.create(self.application.clone())?;
        let created = tx.record(created, "create");
        let id = created.id.to_string();
        tx.put_alias(IKEY, &created.ikey, &id)?;
        put_origins(tx, &id, &created.origins)?;
        put_skey(tx, &created, &self.skey)?;
        if let Some(pair) = &self.saml_keys {
            KeyDraft::put_first(pair, tx, created.id)?;
        }
        Ok(created)
    }

    /// With the keys that we sign with for it, if it is of the kind that needs them.
    pub(super) async fn with_keys(mut self, ctx: &Ctx) -> Result<Self, AppError> {
        if self.application.kind.takes_assertions() {
            let pair = [KeyDraft::draw(ctx).await?, KeyDraft::draw(ctx).await?];
            self.application.saml_certificates = KeyDraft::certificates(&pair);
            self.saml_keys = Some(pair);
        }
        Ok(self)
    }

    /// The secret key, which is told once.
    pub(crate) const fn skey(&self) -> &Secret {
        &self.skey
    }
}
