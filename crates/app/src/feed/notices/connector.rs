//! A run that the brake holds, told to whoever can let it go on, and a webhook that was switched off. Until somebody does, whoever is shut out here may still be
//! let in there, and nobody looks at a page that says nothing new.

use sallyport_model::{
    Action, Connector, Webhook,
    id::{ExportRunId, UserId},
};
use sallyport_store::Versioned;

use super::{Channel, OLDEST, Waiting, put};
use crate::{AppError, Ctx, Tx, ctx::settings, mail};

/// What it takes to let it run.
pub(super) const MAY: Action = Action::ManageConnectors;

/// Whoever is mailed of it: they may let it run.
///
/// # Errors
/// The store's.
pub(crate) async fn who_hears(ctx: &Ctx) -> Result<Vec<UserId>, AppError> {
    super::who_hears(ctx, MAY).await
}

/// Puts a mail to each of these into the outbox.
pub(crate) fn tell_held(
    tx: &mut Tx<'_, '_>,
    connector: &Versioned<Connector>,
    (run, why): (ExportRunId, &str),
    to: &[UserId],
) -> Result<(), AppError> {
    let settings = settings(tx)?.value;
    if !settings.mail.is_on() || !settings.mail.notices {
        return Ok(());
    }
    let url = tx.ctx.org.config.external_url.trim_end_matches('/').to_owned();
    let (name, id) = (&connector.name, connector.id);
    let subject = format!("{}: a run of the connector {name} waits for you", settings.organization);
    let text = format!(
        "The brake holds a run of the connector `{name}`: {why}.\n\nNothing of it is done until one of you lets it run. Whoever \
         it would disable gets in there as before: if that is urgent, disable them in the other system by hand.\n\nIf so many \
         changes are right, look at the steps and let them run; if not, mend what they come of: a group, a setting, an \
         import. Both begin at {url}/admin/connectors/{id}\n\nOf runs that wait you are mailed {most} times a day at most.\n",
        most = mail::budget::HELD_RUNS,
    );
    let now = tx.ctx.now;
    for user in to {
        let (over, subject, text) = (Channel::ConnectorMail, subject.clone(), text.clone());
        let waiting = Waiting { over, subject, text, ..Waiting::of(*user, now) };
        put(tx, &format!("{run} {user}"), &waiting, now.plus(OLDEST))?;
    }
    Ok(())
}

/// The same of a webhook that the server switched off by itself.
pub(crate) fn tell_switched_off(
    tx: &mut Tx<'_, '_>,
    webhook: &Versioned<Webhook>,
    why: &str,
    to: &[UserId],
) -> Result<(), AppError> {
    let settings = settings(tx)?.value;
    if !settings.mail.is_on() || !settings.mail.notices {
        return Ok(());
    }
    let url = tx.ctx.org.config.external_url.trim_end_matches('/').to_owned();
    let (name, id) = (&webhook.name, webhook.id);
    let subject = format!("{}: the webhook {name} is switched off", settings.organization);
    let text = format!(
        "The webhook `{name}` is switched off: {why}.\n\nWhat happens from now on is kept for it for a week. Mend the receiver, \
         then switch the webhook on again; it goes on where it stopped. Begin at {url}/admin/webhooks/{id}\n",
    );
    let now = tx.ctx.now;
    for user in to {
        let (over, subject, text) = (Channel::ConnectorMail, subject.clone(), text.clone());
        let waiting = Waiting { over, subject, text, ..Waiting::of(*user, now) };
        put(tx, &format!("{id} {} {user}", webhook.version), &waiting, now.plus(OLDEST))?;
    }
    Ok(())
}
