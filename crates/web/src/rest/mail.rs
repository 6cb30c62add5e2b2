//! Mail: which server takes it, how much there may be, and what is written.

use sallyport_app::{
    Secret,
    mail::{self, Preview, Standing},
};
use sallyport_model::{Action, MailSettings, MailTemplate};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    answer::{Answer, Noun},
    input::{IfMatch, Json},
    route::{Gives, Needs::Right, Route, shape},
    settings::known,
};
use crate::call::ApiCall;

/// Mail as it is set, and how it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ShownMail {
    #[serde(flatten)]
    mail: MailSettings,
    /// Whether there is a password; it is never shown.
    has_password: bool,
    /// How many mails were counted in the present day.
    sent_today: i64,
}

/// Mail as it is to be.
#[derive(Deserialize, ToSchema)]
struct SetMail {
    #[serde(flatten)]
    mail: MailSettings,
    /// Of the user at the server. Without it the one before stays.
    #[schema(value_type = Option<String>, format = Password)]
    #[serde(default)]
    password: Option<Secret>,
}

impl SetMail {
    fn read(body: Value) -> Answer<Self> {
        known(body, &["version", "has_password", "sent_today"], |set: &Self| {
            let mut kept = serde_json::to_value(&set.mail).unwrap_or_default();
            if let Some(fields) = kept.as_object_mut() {
                fields.insert("password".into(), Value::Null);
            }
            kept
        })
    }
}

/// What came of trying the mail server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct CheckedMail {
    /// What was wrong, if anything was.
    problem: Option<String>,
}

/// A template as somebody would read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct MailPreview {
    subject: String,
    text: String,
}

pub(super) fn routes() -> Vec<Route> {
    let shown = || Gives::Noun(shape::<ShownMail>());
    vec![
        Route::get("/mail", show, Right(Action::ReadSettings), "Shows who takes mail, and how it stands.")
            .gives(shown()),
        Route::put(
            "/mail",
            update,
            Right(Action::ChangeSettings),
            "Replaces the settings of mail, and its password where one is given.",
        )
        .conditional()
        .takes::<SetMail>()
        .gives(shown()),
        Route::post(
            "/mail/check",
            check,
            Right(Action::ChangeSettings),
            "Goes to the mail server up to where a mail would be handed over. Nothing is sent to anybody.",
        )
        .gives(Gives::One(shape::<CheckedMail>())),
        Route::post(
            "/mail/preview",
            preview,
            Right(Action::ReadSettings),
            "Shows a template for enrolment links as somebody would read it. Nothing is saved.",
        )
        .takes::<MailTemplate>()
        .gives(Gives::One(shape::<MailPreview>())),
    ]
}

async fn show(ApiCall(ctx): ApiCall) -> Answer<Noun<ShownMail>> {
    Ok(mail::show(&ctx).await?.into())
}

async fn update(
    ApiCall(ctx): ApiCall,
    IfMatch(version): IfMatch,
    Json(input): Json<Value>,
) -> Answer<Noun<ShownMail>> {
    let SetMail { mail, password } = SetMail::read(input)?;
    Ok(mail::update(&ctx, version, mail, password).await?.into())
}

async fn check(ApiCall(ctx): ApiCall) -> Answer<axum::Json<CheckedMail>> {
    Ok(axum::Json(CheckedMail { problem: mail::check(&ctx).await? }))
}

async fn preview(ApiCall(ctx): ApiCall, Json(body): Json<Value>) -> Answer<axum::Json<MailPreview>> {
    let template: MailTemplate =
        known(body, &[], |template| serde_json::to_value(template).unwrap_or_default())?;
    let Preview { subject, text } = mail::preview(&ctx, template).await?;
    Ok(axum::Json(MailPreview { subject, text }))
}

impl From<Standing> for Noun<ShownMail> {
    fn from(standing: Standing) -> Self {
        let Standing { mail, version, has_password, sent_today } = standing;
        Self { value: ShownMail { mail, has_password, sent_today }, version }
    }
}
