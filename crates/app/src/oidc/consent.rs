//! Whether people are asked before an application is told about them, and what they said.

use sallyport_model::{Span, Time, id::UserId};
use sallyport_store::{Once, Reader};
use sallyport_wire::oidc::{Prompt, Scope};

use super::{
    authorize::{Consenting, Kept},
    claims::scopes_of,
};
use crate::{AppError, Tx};

/// Kind of what a person agreed to, by the application's id and theirs.
const CONSENT: &str = "oidc_consent";
/// How long it is not asked again.
const CONSENT_LIFE: Span = Span::days(365);

/// What the person has to be asked, if they have.
pub(super) fn wanted(
    reader: &mut Reader,
    kept: &Kept,
    user: UserId,
    now: Time,
) -> Result<Option<Consenting>, AppError> {
    let always = kept.request.prompt.contains(&Prompt::Consent);
    let asks = always || (kept.client.settings.asks_consent && !is_given(reader, kept, user, now)?);
    if kept.agreed || !asks {
        return Ok(None);
    }
    let scopes = asked(kept).words().map(str::to_owned).collect();
    Ok(Some(Consenting { application: kept.client.application.name.clone(), scopes }))
}

fn is_given(reader: &mut Reader, kept: &Kept, user: UserId, now: Time) -> Result<bool, AppError> {
    let once = reader.find_once(CONSENT, &key(kept, user))?;
    let Some(once) = once.filter(|once| once.expires >= now) else { return Ok(false) };
    let given: Scope = serde_json::from_str(&once.doc)?;
    Ok(asked(kept).is_within(&given))
}

/// All that is asked for: the scopes, and those whose claims are asked for one by one.
fn asked(kept: &Kept) -> Scope {
    let request = &kept.request;
    let one_by_one = scopes_of(&request.claims).and(&kept.client.settings.scopes);
    request.scope.words().chain(one_by_one.words()).collect()
}

/// Keeps what somebody just agreed to.
pub(super) fn keep(tx: &mut Tx<'_, '_>, kept: &Kept, user: UserId) -> Result<(), AppError> {
    if !kept.agreed {
        return Ok(());
    }
    let key = key(kept, user);
    tx.delete_once(CONSENT, &key)?;
    let once = Once {
        owner: user.to_string(),
        expires: tx.ctx.now.plus(CONSENT_LIFE),
        used: None,
        doc: serde_json::to_string(&asked(kept))?,
    };
    Ok(tx.put_once(CONSENT, &key, &once)?)
}

fn key(kept: &Kept, user: UserId) -> String {
    format!("{} {user}", kept.client.application.id)
}
