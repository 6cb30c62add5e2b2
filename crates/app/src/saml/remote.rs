//! Metadata that an application publishes at an address of its own: fetched by the one egress client when the address is given, and
//! once a day from then on. It takes the place of what was known before, but only under the same name: an address that changed hands
//! is no other application.

use std::time::Duration;

use sallyport_connect::{
    http::{Call, Limits, Method},
    outbound::Url,
};
use sallyport_model::{Action, Application, RedirectUri, Span, Time, id::ApplicationId, name::printable};
use sallyport_saml::metadata::ServiceProvider;
use sallyport_store::{Once, Reader, Versioned};
use serde::{Deserialize, Serialize};

use super::registration::{Given, take};
use crate::{AppError, Ctx, PageRequest, Tx, application};

/// How often it is read, and how soon again where that failed.
const EVERY: Span = Span::hours(24);
const AGAIN: Span = Span::hours(1);
/// Those of large federations are of this order; that of one application is a few kilobytes.
const PATIENCE: Limits = Limits { time: Duration::from_secs(10), bytes: 1024 * 1024 };
/// So many are read in one pass, that those who do not answer keep other jobs waiting for a minute at most.
const AT_ONCE: usize = 6;
/// Kind of what is kept of the last look, and for how long.
const READ: &str = "saml_metadata_read";
const KEPT: Span = Span::days(400);

/// When an application's metadata was looked at last, and what was wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRead {
    pub url: RedirectUri,
    pub at: Time,
    pub problem: Option<String>,
}

impl LastRead {
    fn is_due(&self, url: &RedirectUri, now: Time) -> bool {
        let wait = if self.problem.is_some() { AGAIN } else { EVERY };
        self.url != *url || now.since(self.at) >= wait
    }
}

/// Takes over what an application says about itself in its metadata; what we tell it stays as it was. `metadata`: the file, or where
/// it is published, which is read there now and from now on.
///
/// # Errors
/// Denied, no such application, not one that asks by SAML, no address that can be fetched from, or no metadata of one application.
pub async fn read_metadata(
    ctx: &Ctx,
    id: ApplicationId,
    version: Option<i64>,
    metadata: &str,
) -> Result<Versioned<Application>, AppError> {
    ctx.allow(Action::ManageApplications)?;
    let (provider, url) = given(ctx, metadata).await?;
    ctx.write(move |tx| {
        let before = tx.application_to_manage(id)?;
        let after = take(tx, before, version, &Given { provider: &provider, url: url.as_ref() })?;
        if let Some(url) = &url {
            note(tx, id, &LastRead { url: url.clone(), at: tx.ctx.now, problem: None })?;
        }
        Ok(after)
    })
    .await
}

/// What somebody gave as an application's metadata: the file itself, or where it is to be had.
///
/// # Errors
/// It is neither.
pub(crate) async fn given(ctx: &Ctx, text: &str) -> Result<(ServiceProvider, Option<RedirectUri>), AppError> {
    let invalid = |reason: String| AppError::invalid("metadata", reason);
    if text.trim_start().starts_with('<') {
        let provider = ServiceProvider::read(text.as_bytes(), &[], ctx.now);
        return Ok((provider.map_err(|error| invalid(error.to_string()))?, None));
    }
    let url: RedirectUri =
        text.trim().parse().map_err(|error| invalid(format!("`{}` {error}", printable(text, 200))))?;
    let provider = fetch(ctx, &url).await.map_err(invalid)?;
    Ok((provider, Some(url)))
}

async fn fetch(ctx: &Ctx, url: &RedirectUri) -> Result<ServiceProvider, String> {
    let at: Url = url.as_str().parse().map_err(|error| format!("{error}"))?;
    let call = Call {
        method: Method::GET,
        path: at.path(),
        headers: &[("accept", "application/samlmetadata+xml, application/xml, text/xml")],
        body: None,
    };
    let answer = ctx.org.outbound.send(&at, call, PATIENCE).await.map_err(|error| error.to_string())?;
    if !answer.is_success() {
        return Err(format!("{url} answered {}", answer.status));
    }
    ServiceProvider::read(&answer.body, &[], ctx.now).map_err(|error| format!("what is at {url}: {error}"))
}

/// When the metadata of an application was looked at last.
///
/// # Errors
/// Denied.
pub async fn last_read(ctx: &Ctx, id: ApplicationId) -> Result<Option<LastRead>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read(move |reader| find(reader, id)).await
}

fn find(reader: &mut Reader, id: ApplicationId) -> Result<Option<LastRead>, AppError> {
    let found = reader.find_once(READ, &id.to_string())?;
    Ok(found.map(|once| serde_json::from_str(&once.doc)).transpose()?)
}

fn note(tx: &mut Tx<'_, '_>, id: ApplicationId, read: &LastRead) -> Result<(), AppError> {
    let (owner, expires) = (id.to_string(), read.at.plus(KEPT));
    let once = Once { owner: owner.clone(), expires, used: None, doc: serde_json::to_string(read)? };
    tx.delete_once(READ, &owner)?;
    Ok(tx.put_once(READ, &owner, &once)?)
}

/// Reads again what is due. What fails for one application keeps no other from being read, and leaves it as it was.
pub(crate) async fn refresh(ctx: &Ctx) -> Result<(), AppError> {
    for (id, url) in due(ctx).await?.into_iter().take(AT_ONCE) {
        let fetched = fetch(ctx, &url).await;
        let (at, url_then) = (ctx.now, url.clone());
        let problem = ctx
            .write(move |tx| {
                let problem = match &fetched {
                    Ok(provider) => renew(tx, id, &url_then, provider)?,
                    Err(problem) => Some(problem.clone()),
                };
                note(tx, id, &LastRead { url: url_then.clone(), at, problem: problem.clone() })?;
                Ok(problem)
            })
            .await?;
        if let Some(problem) = problem {
            tracing::warn!(application = %id, %url, problem, "an application's metadata cannot be read again");
        }
    }
    Ok(())
}

/// Takes over what was read, or says why not.
fn renew(
    tx: &mut Tx<'_, '_>,
    id: ApplicationId,
    url: &RedirectUri,
    provider: &ServiceProvider,
) -> Result<Option<String>, AppError> {
    let Some(before) = tx.find::<Application>(id)? else { return Ok(None) };
    let Some(service) = before.saml.as_ref().filter(|saml| saml.metadata_url.as_ref() == Some(url)) else {
        return Ok(None);
    };
    if service.entity_id != provider.entity_id {
        let (now, then) = (printable(&provider.entity_id, 200), printable(&service.entity_id, 200));
        return Ok(Some(format!("it is the metadata of `{now}` now, and was that of `{then}`")));
    }
    match take(tx, before, None, &Given { provider, url: Some(url) }) {
        Ok(_) => Ok(None),
        Err(AppError::Invalid { reason, .. }) => Ok(Some(reason.to_string())),
        Err(error) => Err(error),
    }
}

async fn due(ctx: &Ctx) -> Result<Vec<(ApplicationId, RedirectUri)>, AppError> {
    let mut due = Vec::new();
    let mut page = PageRequest { limit: 500, ..PageRequest::default() };
    loop {
        let found = application::list(ctx, page.clone()).await?;
        let published = found.items.iter().filter(|found| found.enabled).filter_map(|found| {
            let url = found.saml.as_ref()?.metadata_url.clone()?;
            Some((found.id, url))
        });
        let (published, now): (Vec<_>, _) = (published.collect(), ctx.now);
        let some = ctx.read(move |reader| {
            let mut some = Vec::new();
            for (id, url) in published {
                if find(reader, id)?.is_none_or(|read| read.is_due(&url, now)) {
                    some.push((id, url));
                }
            }
            Ok(some)
        });
        due.extend(some.await?);
        match found.next {
            Some(next) => page.after = next,
            None => return Ok(due),
        }
    }
}
