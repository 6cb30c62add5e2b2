//! The last request of an application that was refused, for whoever sets it up to look at. Anybody can send one: so there is one of
//! each application, cut short and kept for a while, and it is written down so often and no oftener.

use sallyport_model::{Action, Span, Time, id::ApplicationId, name::printable};
use sallyport_store::Once;
use serde::{Deserialize, Serialize};

use crate::{AppError, Ctx};

/// Kind of what was refused, by the id of its application.
const REFUSED: &str = "saml_refused";
const KEPT: Span = Span::days(7);
/// How long after one the next is not written down.
const BETWEEN: Span = Span::seconds(5);
/// Most bytes of a message that are kept.
const LONGEST: usize = 16 << 10;

/// A request that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRefused {
    pub at: Time,
    /// The check that failed, which whoever sent it is not always told.
    pub why: String,
    /// What was sent, as far as it could be read.
    pub message: String,
}

/// What an application sent last that was refused, if it was lately.
///
/// # Errors
/// Denied.
pub async fn last_refused(ctx: &Ctx, id: ApplicationId) -> Result<Option<LastRefused>, AppError> {
    ctx.allow(Action::ManageApplications)?;
    find(ctx, id).await
}

async fn find(ctx: &Ctx, id: ApplicationId) -> Result<Option<LastRefused>, AppError> {
    let found = ctx.read(move |reader| Ok(reader.find_once(REFUSED, &id.to_string())?)).await?;
    let found = found.filter(|once| once.expires > ctx.now);
    Ok(found.map(|once| serde_json::from_str(&once.doc)).transpose()?)
}

/// Writes it down. Whoever is refused is told so all the same where that fails.
pub(super) async fn note(ctx: &Ctx, id: ApplicationId, why: String, message: &str) {
    let refused = LastRefused { at: ctx.now, why, message: cut(message) };
    if let Err(error) = put(ctx, id, refused).await {
        tracing::warn!(application = %id, %error, "a request that is refused cannot be written down");
    }
}

async fn put(ctx: &Ctx, id: ApplicationId, refused: LastRefused) -> Result<(), AppError> {
    if find(ctx, id).await?.is_some_and(|last| last.at.plus(BETWEEN) > refused.at) {
        return Ok(());
    }
    let (owner, expires) = (id.to_string(), refused.at.plus(KEPT));
    let once = Once { owner: owner.clone(), expires, used: None, doc: serde_json::to_string(&refused)? };
    ctx.write(move |tx| {
        tx.delete_once(REFUSED, &owner)?;
        Ok(tx.put_once(REFUSED, &owner, &once)?)
    })
    .await
}

/// As much of it as is kept, without what would mislead whoever reads it.
fn cut(message: &str) -> String {
    let mut kept = String::new();
    for line in message.lines() {
        let line = printable(line, LONGEST);
        if kept.len() + line.len() >= LONGEST {
            let room = LONGEST.saturating_sub(kept.len());
            kept.extend(line.char_indices().take_while(|(at, c)| at + c.len_utf8() <= room).map(|(_, c)| c));
            break;
        }
        kept.push_str(&line);
        kept.push('\n');
    }
    kept
}
