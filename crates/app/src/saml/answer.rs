//! What an application is told about somebody who may pass to it.

use sallyport_crypto::saml_key::Oaep;
use sallyport_model::{
    Application, ApplicationKind, NameIdFormat, SamlService, Time, User, id::SessionId, oidc::ValueSource,
};
use sallyport_saml::{
    NameId,
    binding::{Kind, PostForm, RelayState},
    dsig::Signer,
    message::fresh_id,
    metadata::cipher,
    response::{self, Attribute, EncryptFor, Protection, Statement, Status, context},
    xml::Element,
};
use sallyport_store::Reader;
use serde_json::Value;

use super::{certificates, entity_id, ws_federation};
use crate::{
    AppError, Ctx,
    oidc::{Person, group_names},
    sso::{Level, Passage},
};

/// All that is said about a person, found out in the write in which they passed.
pub(super) struct Said {
    pub(super) name_id: NameId,
    pub(super) attributes: Vec<Attribute>,
    pub(super) session: SessionId,
    signed_in: Time,
    context: String,
}

/// Why a person cannot be named to an application.
pub(super) struct Nameless;

impl Said {
    pub(super) fn of(
        reader: &mut Reader,
        ctx: &Ctx,
        (application, service): (&Application, &SamlService),
        format: NameIdFormat,
        passage: &Passage,
        context: Option<&str>,
    ) -> Result<Result<Self, Nameless>, AppError> {
        let groups = group_names(reader, &passage.user)?;
        let person = Person { user: &passage.user, groups: &groups };
        let values = |source: &ValueSource| person.value(source).map(texts).unwrap_or_default();
        let one = |source: &ValueSource| values(source).into_iter().find(|text| !text.is_empty());
        let Some(name) = name(ctx, application, service, format, &passage.user, one)? else {
            return Ok(Err(Nameless));
        };
        let rules = service.attributes.iter();
        let attributes =
            rules.map(|rule| Attribute { name: rule.attribute.clone(), values: values(&rule.value) });
        let usual = if passage.level >= Level::BothDoors { context::TWO_FACTORS } else { context::PASSWORD };
        let sp_name_qualifier = (format == NameIdFormat::Persistent).then(|| service.entity_id.clone());
        let name_qualifier = sp_name_qualifier.as_ref().map(|_| entity_id(ctx, application.id));
        Ok(Ok(Self {
            name_id: NameId { format: Some(format), value: name, name_qualifier, sp_name_qualifier },
            attributes: attributes
                .filter(|attribute| !attribute.values.is_empty())
                .chain(ws_federation::methods(application, passage.level))
                .collect(),
            session: passage.session,
            signed_in: passage.authenticated,
            context: context.unwrap_or(usual).to_owned(),
        }))
    }
}

/// By what name a person is known there: what was chosen for it, else what is usual for the format.
fn name(
    ctx: &Ctx,
    application: &Application,
    service: &SamlService,
    format: NameIdFormat,
    user: &User,
    one: impl Fn(&ValueSource) -> Option<String>,
) -> Result<Option<String>, AppError> {
    if format == NameIdFormat::Transient {
        return Ok(Some(fresh_id(&*ctx.org.random)?));
    }
    // What was chosen is for the format that was; another one, asked for by a request, has its own.
    if let Some(source) = service.name_id_value.as_ref().filter(|_| format == service.name_id) {
        return Ok(one(source));
    }
    Ok(match format {
        NameIdFormat::EmailAddress => one(&ValueSource::Mail),
        NameIdFormat::Persistent => {
            Some(ctx.org.keys.hash_token("saml_subject", &format!("{} {}", application.id, user.id)))
        }
        NameIdFormat::Transient | NameIdFormat::Unspecified => one(&ValueSource::UserName),
    })
}

fn texts(value: Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.into_iter().flat_map(texts).collect(),
        Value::String(text) => vec![text],
        Value::Bool(truth) => vec![truth.to_string()],
        Value::Number(number) => vec![number.to_string()],
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

/// Where an answer goes, and what it answers.
pub(super) struct To<'a> {
    pub(super) application: &'a Application,
    pub(super) service: &'a SamlService,
    pub(super) consumer: &'a str,
    pub(super) in_response_to: Option<&'a str>,
    pub(super) relay_state: Option<&'a RelayState>,
}

/// An answer, and the assertion that was encrypted in it, if it was.
pub(super) struct Answer {
    pub(super) form: PostForm,
    pub(super) sealed: Option<Element>,
}

/// Why there is no answer that the application would read.
#[derive(Debug, thiserror::Error)]
pub(super) enum AnswerError {
    #[error(
        "it wants to be encrypted for, and has no certificate with an RSA key, or no cipher in common with us"
    )]
    Encryption,
    #[error(transparent)]
    Response(#[from] response::ResponseError),
}

impl To<'_> {
    /// The form that takes somebody there who may pass.
    pub(super) async fn told(&self, ctx: &Ctx, said: &Said) -> Result<PostForm, AppError> {
        let answer = self.answer(ctx, said).await?.map_err(|error| self.unanswered(&error))?;
        Ok(answer.form)
    }

    fn unanswered(&self, error: &dyn std::error::Error) -> AppError {
        AppError::Internal(format!("an answer to {}: {error}", self.application.id))
    }

    /// What is told about somebody who may pass.
    pub(super) async fn answer(
        &self,
        ctx: &Ctx,
        said: &Said,
    ) -> Result<Result<Answer, AnswerError>, AppError> {
        let readers = match self.service.wants_encryption {
            true => certificates(&self.service.encryption_certificates)?,
            false => Vec::new(),
        };
        let reader = readers.iter().find(|reader| reader.key().can_wrap());
        let encrypt = reader
            .zip(cipher(&self.service.encryption_methods))
            .map(|(reader, cipher)| EncryptFor { key: reader.key(), cipher, oaep: Oaep::Sha1 });
        // What was to be encrypted is never sent in the clear.
        if self.service.wants_encryption && encrypt.is_none() {
            return Ok(Err(AnswerError::Encryption));
        }
        let issuer = entity_id(ctx, self.application.id);
        let session = said.session.to_string();
        let statement = Statement {
            issuer: &issuer,
            audience: &self.service.entity_id,
            acs: self.consumer,
            in_response_to: self.in_response_to,
            name_id: &said.name_id,
            session_index: &session,
            signed_in: said.signed_in,
            session_until: None,
            context: &said.context,
            attributes: &said.attributes,
            now: ctx.now,
        };
        if self.application.kind == ApplicationKind::WsFederation {
            let context = self.relay_state.map(RelayState::as_str);
            let (token, random) = (self.service.token, &*ctx.org.random);
            return self
                .signed(ctx, |signer| {
                    let form =
                        sallyport_saml::ws_federation::answer(&statement, token, context, &signer, random)?;
                    Ok(Answer { form, sealed: None })
                })
                .await;
        }
        self.signed(ctx, |signer| {
            let protection =
                Protection { signer, sign_response: self.service.wants_signed_response, encrypt };
            let assertion = statement.signed(&signer, &*ctx.org.random)?;
            let sealed = encrypt.map(|_| assertion.clone());
            let response = statement.around(assertion, &protection, &*ctx.org.random)?;
            Ok(Answer { form: self.form(&response), sealed })
        })
        .await
    }

    /// The form that takes back what came to nothing.
    pub(super) async fn failed(&self, ctx: &Ctx, why: Status) -> Result<PostForm, AppError> {
        let issuer = entity_id(ctx, self.application.id);
        let failure = self.signed(ctx, |signer| {
            let by = (ctx.now, &*ctx.org.random);
            response::failure(&issuer, self.consumer, self.in_response_to, why, &signer, by)
        });
        Ok(self.form(&failure.await?.map_err(|error| self.unanswered(&error))?))
    }

    fn form(&self, response: &Element) -> PostForm {
        PostForm::new(self.consumer, Kind::Response, response, self.relay_state)
    }

    /// What is made with the key that signs for the application.
    async fn signed<T>(&self, ctx: &Ctx, make: impl FnOnce(Signer<'_>) -> T) -> Result<T, AppError> {
        let (asking, id) = (ctx.clone(), self.application.id);
        let key = ctx.read(move |reader| asking.org.view.saml_key(reader, &asking, id)).await?;
        let certificates = certificates(&self.application.saml_certificates)?;
        Ok(make(Signer::new(&key, certificates.first())))
    }
}
