//! What a run was launched with, sealed: the device is asked to do what was seen at the launch, whatever became of
//! the command, and whatever somebody wrote into the database since.
//!
//! The content of a command is large and the same for all runs of a launch, so it is kept once for each version
//! of the command; what is a run's own is kept with the run until its end.

use sallyport_api::agent::RunOrder;
use sallyport_crypto::{digest, seal::Place};
use sallyport_model::{
    Command, Interpreter, Run, Time,
    id::{CommandId, DeviceId, RunId},
};
use sallyport_store::Reader;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::{AppError, Ctx, Tx, ctx::open_secret};

/// Secret of a run: its terms.
const TERMS: &str = "run_terms";

/// What every run of one version of a command does.
#[derive(Serialize, Deserialize)]
struct Content {
    interpreter: Interpreter,
    body: String,
    run_as: String,
    timeout_seconds: u32,
    environment: BTreeMap<String, String>,
}

/// What is one run's own.
#[derive(Serialize, Deserialize)]
struct Terms {
    run: RunId,
    device: DeviceId,
    command: CommandId,
    /// Digest of the content.
    content: String,
    not_before: Time,
    not_after: Time,
}

/// Seals what `run` shall do.
pub(super) fn put(tx: &mut Tx<'_, '_>, run: &Run, command: &Command) -> Result<(), AppError> {
    let content = serde_json::to_vec(&Content {
        interpreter: command.interpreter,
        body: command.body.clone(),
        run_as: command.run_as.clone(),
        timeout_seconds: command.timeout_seconds,
        environment: command.environment.clone(),
    })?;
    let digest = digest::hex(&digest::sha256(&content));
    let (owner, purpose) = (command.id.to_string(), content_purpose(&digest));
    if tx.find_secret(&owner, &purpose)?.is_none() {
        let ctx = tx.ctx;
        let sealed =
            ctx.org.keys.sealing().seal(&content, &place(ctx, &owner, &purpose), &*ctx.org.random)?;
        tx.put_secret(&owner, &purpose, &sealed)?;
    }
    let terms = Terms {
        run: run.id,
        device: run.device,
        command: command.id,
        content: digest,
        not_before: run.created,
        not_after: run.not_after,
    };
    tx.seal_secret(&run.id.to_string(), TERMS, &serde_json::to_vec(&terms)?)
}

/// The order for a run; `None` once it has ended or its command is gone.
pub(crate) fn find(reader: &mut Reader, ctx: &Ctx, id: RunId) -> Result<Option<RunOrder>, AppError> {
    let Some(terms) = open_secret(reader, ctx, &id.to_string(), TERMS)? else { return Ok(None) };
    let terms: Terms = serde_json::from_slice(&terms)?;
    let (owner, purpose) = (terms.command.to_string(), content_purpose(&terms.content));
    let Some(sealed) = reader.find_secret(&owner, &purpose)? else { return Ok(None) };
    let content = ctx.org.keys.sealing().open(&sealed, &place(ctx, &owner, &purpose))?;
    let content: Content = serde_json::from_slice(&content)?;
    Ok(Some(RunOrder {
        run: terms.run,
        device: terms.device,
        interpreter: content.interpreter,
        body: content.body,
        run_as: content.run_as,
        timeout_seconds: content.timeout_seconds,
        environment: content.environment,
        not_before: terms.not_before,
        not_after: terms.not_after,
    }))
}

/// Drops what a run that has ended was launched with.
pub(super) fn forget(tx: &mut Tx<'_, '_>, run: RunId) -> Result<(), AppError> {
    tx.delete_secret(&run.to_string(), TERMS)?;
    Ok(())
}

fn content_purpose(digest: &str) -> String {
    format!("run_content {digest}")
}

fn place<'a>(ctx: &'a Ctx, owner: &'a str, purpose: &'a str) -> Place<'a> {
    Place { organization: ctx.org.keys.organization(), table: "secret", column: purpose, row: owner }
}
