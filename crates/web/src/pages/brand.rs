//! How the organisation looks on its pages: a style sheet of two colours and a picture, under addresses that change with
//! them, and a line or two of its own.

use std::collections::BTreeMap;

use axum::{
    Router,
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use sallyport_app::{AppError, branding};
use sallyport_model::branding::Branding;

use super::refusal::Refusal;
use crate::{
    State,
    call::{Anyone, picture_alone},
    language::Language,
};

/// What pages show of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Brand {
    /// Addresses of the style sheet and of the logo, where there are any.
    pub(crate) style: Option<String>,
    pub(crate) logo: Option<String>,
    welcome: BTreeMap<String, String>,
    help: BTreeMap<String, String>,
}

/// A text of the organisation's, and the language it is in.
pub(crate) struct Said<'a> {
    pub(crate) language: &'a str,
    pub(crate) text: &'a str,
}

impl From<Branding> for Brand {
    fn from(branding: Branding) -> Self {
        Self {
            style: branding
                .accent
                .map(|accent| format!("/branding/{}/style.css", branding::style(&accent).0)),
            logo: branding.logo.map(|logo| format!("/branding/{}/logo", logo.digest)),
            welcome: branding.welcome,
            help: branding.help,
        }
    }
}

impl Brand {
    pub(crate) fn welcome(&self, say: &Language) -> Option<Said<'_>> {
        said(&self.welcome, *say)
    }

    pub(crate) fn help(&self, say: &Language) -> Option<Said<'_>> {
        said(&self.help, *say)
    }
}

fn said(texts: &BTreeMap<String, String>, say: Language) -> Option<Said<'_>> {
    Branding::text(texts, say.tag()).map(|(language, text)| Said { language, text })
}

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/branding/{digest}/style.css", get(style))
        .route("/branding/{digest}/logo", get(logo))
}

async fn style(Anyone(ctx): Anyone, Path(digest): Path<String>) -> Result<Response, Refusal> {
    let accent = branding::look(&ctx).await?.branding.accent.ok_or_else(Refusal::nothing_here)?;
    let (wanted, text) = branding::style(&accent);
    if wanted != digest {
        return Err(Refusal::nothing_here());
    }
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
    Ok(response)
}

async fn logo(Anyone(ctx): Anyone, Path(digest): Path<String>) -> Result<Response, Refusal> {
    match branding::logo(&ctx, &digest).await {
        Ok((kind, bytes)) => {
            let mut response = bytes.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.media_type()));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
            picture_alone(headers);
            Ok(response)
        }
        Err(AppError::NotFound { .. }) => Err(Refusal::nothing_here()),
        Err(error) => Err(error.into()),
    }
}

/// Their addresses change with them.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
