//! Texts and calls: who carries them, how many there may be, and which there were.

use axum::response::Response;
use sallyport_app::{
    Secret,
    telephony::{self, Known, Standing, log},
};
use sallyport_model::{Action, Telephony, Time, id::TelephonyRecordId, telephony::TelephonyRecord};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    answer::{Answer, Noun, PageOf},
    audit::csv,
    input::{IfMatch, Json, Parameters, limit},
    route::{Gives, LISTING, Needs::Right, Route, shape},
    settings::known,
};
use crate::call::ApiCall;

/// Telephony as it is set, and how it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ShownTelephony {
    #[serde(flatten)]
    telephony: Telephony,
    /// Whether there is a secret; it is never shown.
    has_secret: bool,
    /// What was spent of the ceiling, in hundredths.
    spent: i64,
    /// When the ceiling begins anew, if anything was spent.
    spent_until: Option<Time>,
}

/// Telephony as it is to be.
#[derive(Deserialize, ToSchema)]
struct SetTelephony {
    #[serde(flatten)]
    telephony: Telephony,
    /// The account's token, or what `{secret}` stands for. Without it the one before stays.
    #[schema(value_type = Option<String>, format = Password)]
    #[serde(default)]
    secret: Option<Secret>,
}

impl SetTelephony {
    fn read(body: Value) -> Answer<Self> {
        known(body, &["version", "has_secret", "spent", "spent_until"], |set: &Self| {
            let mut kept = serde_json::to_value(&set.telephony).unwrap_or_default();
            if let Some(fields) = kept.as_object_mut() {
                fields.insert("secret".into(), Value::Null);
            }
            kept
        })
    }
}

/// What the provider says of us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct CheckedTelephony {
    /// Whether it knows account and secret; null where it cannot be asked.
    known: Option<bool>,
    /// What was wrong.
    problem: Option<String>,
}

/// Which texts and calls.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichTexts {
    #[serde(default)]
    text: String,
    after: Option<TelephonyRecordId>,
    limit: Option<usize>,
}

impl WhichTexts {
    fn wanted(self) -> Answer<log::Wanted> {
        Ok(log::Wanted { text: self.text, before: self.after, limit: limit(self.limit)? })
    }
}

pub(super) fn routes() -> Vec<Route> {
    let read = Right(Action::ReadSignIns);
    let [text, after, _] = LISTING;
    let shown = || Gives::Noun(shape::<ShownTelephony>());
    vec![
        Route::get(
            "/telephony",
            show,
            Right(Action::ReadSettings),
            "Shows who carries texts and calls, and how it stands.",
        )
        .gives(shown()),
        Route::put(
            "/telephony",
            update,
            Right(Action::ChangeSettings),
            "Replaces the settings of telephony, and its secret where one is given.",
        )
        .conditional()
        .takes::<SetTelephony>()
        .gives(shown()),
        Route::post(
            "/telephony/check",
            check,
            Right(Action::ChangeSettings),
            "Asks the provider whether it knows account and secret. Nothing is sent to anybody.",
        )
        .gives(Gives::One(shape::<CheckedTelephony>())),
        Route::get("/telephony/log", list, read, "Lists texts and calls, the newest first.")
            .with(&LISTING)
            .gives(Gives::Page(shape::<TelephonyRecord>())),
        Route::get("/telephony/log/export", export, read, "Exports texts and calls, the newest first.")
            .with(&[text, after])
            .gives(Gives::Csv),
    ]
}

async fn show(ApiCall(ctx): ApiCall) -> Answer<Noun<ShownTelephony>> {
    Ok(telephony::show(&ctx).await?.into())
}

async fn update(
    ApiCall(ctx): ApiCall,
    IfMatch(version): IfMatch,
    Json(input): Json<Value>,
) -> Answer<Noun<ShownTelephony>> {
    let SetTelephony { telephony, secret } = SetTelephony::read(input)?;
    Ok(telephony::update(&ctx, version, telephony, secret).await?.into())
}

async fn check(ApiCall(ctx): ApiCall) -> Answer<axum::Json<CheckedTelephony>> {
    let (known, problem) = match telephony::check(&ctx).await? {
        Known::CannotSay => (None, None),
        Known::No(problem) => (Some(false), Some(problem)),
        Known::Yes => (Some(true), None),
    };
    Ok(axum::Json(CheckedTelephony { known, problem }))
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(which): Parameters<WhichTexts>,
) -> Answer<PageOf<TelephonyRecord>> {
    let page = log::list(&ctx, which.wanted()?).await?;
    Ok(PageOf { items: page.items, next: page.next.map(|next| next.to_string()) })
}

async fn export(ApiCall(ctx): ApiCall, Parameters(which): Parameters<WhichTexts>) -> Answer<Response> {
    Ok(csv("texts-and-calls.csv", log::export(&ctx, which.wanted()?).await?))
}

impl From<Standing> for Noun<ShownTelephony> {
    fn from(standing: Standing) -> Self {
        let Standing { telephony, version, has_secret, spent, spent_until } = standing;
        Self { value: ShownTelephony { telephony, has_secret, spent, spent_until }, version }
    }
}
