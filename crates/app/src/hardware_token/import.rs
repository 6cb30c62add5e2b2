//! Import of hardware tokens, row by row: a bad row is refused with its reason and never spoils the good ones. The dry
//! run does the very same work and then undoes it.

mod pskc;
mod table;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use sallyport_api::rest::{ImportOutcome, ImportReport, ImportRow};
use sallyport_crypto::Secret;
use sallyport_model::{
    Action, CodeDigest, HardwareToken, HardwareTokenKind, fold, id::HardwareTokenId, name::printable,
};
use zeroize::Zeroizing;

use super::standing::{self, SEED, Standing};
use crate::{
    AppError, Ctx, Tx,
    import::{AGAIN, Problem, rows},
};

/// Alias of a token: a keyed hash of its seed, so that no two have the same.
const SEED_HASH: &str = "otp_seed";

/// Says row by row what [`apply`] would do. Changes nothing.
///
/// # Errors
/// Denied, or the file as a whole cannot be read.
pub async fn plan(ctx: &Ctx, file: &Secret, key: Option<&Secret>) -> Result<ImportReport, AppError> {
    run(ctx, file, key, true).await
}

/// Takes in the tokens of a file, CSV or PSKC (RFC 6030), and reports on every row. `key`, in hexadecimal, is what an
/// encrypted PSKC file was made with.
///
/// # Errors
/// Denied, or the file as a whole cannot be read; then nothing was changed.
pub async fn apply(ctx: &Ctx, file: &Secret, key: Option<&Secret>) -> Result<ImportReport, AppError> {
    run(ctx, file, key, false).await
}

/// A single token, as a program describes it. Its secret and private id are in hexadecimal digits.
pub(crate) struct Single {
    pub(crate) serial: String,
    pub(crate) kind: HardwareTokenKind,
    pub(crate) digits: u8,
    pub(crate) secret: Secret,
    /// Of a YubiKey alone.
    pub(crate) private_id: Option<String>,
}

/// Takes in a single token.
///
/// # Errors
/// Denied, unusable, or there is one with this serial number or secret.
pub(crate) async fn take_in_one(ctx: &Ctx, given: Single) -> Result<HardwareToken, AppError> {
    ctx.allow(Action::ManageHardwareTokens)?;
    let serial = given.serial.trim().to_owned();
    let row = Row { line: 1, token: draft(&serial, &given), serial };
    ctx.write(move |tx| {
        match take_in(tx, &row)? {
            ImportOutcome::Create => {}
            ImportOutcome::Refused | ImportOutcome::Skip | ImportOutcome::Update => {
                return Err(AppError::Conflict("there is a hardware token with this serial number".into()));
            }
        }
        let made = tx.find_by_key::<HardwareToken>(&fold(&row.serial))?;
        made.map(|made| made.value).ok_or_else(|| AppError::not_found("hardware token", &row.serial))
    })
    .await
}

fn draft(serial: &str, given: &Single) -> Result<Draft, Problem> {
    table::usable_serial(serial)?;
    let kind = match given.kind {
        HardwareTokenKind::Hotp { counter } => {
            HardwareTokenKind::Hotp { counter: table::usable_counter(counter)? }
        }
        HardwareTokenKind::Totp { interval } => {
            HardwareTokenKind::Totp { interval: table::usable_interval(interval)? }
        }
        HardwareTokenKind::Yubikey => {
            return table::yubikey(given.private_id.as_deref(), Some(given.secret.expose()));
        }
    };
    let seed = table::hexadecimal(given.secret.expose());
    let seed = table::usable(seed.ok_or_else(|| ("secret", "is not hexadecimal".to_owned()))?)?;
    Ok(Draft { kind, digest: CodeDigest::Sha1, digits: table::usable_digits(given.digits)?, seed })
}

/// One token of a file, or what is wrong with it.
struct Row {
    line: u64,
    serial: String,
    token: Result<Draft, Problem>,
}

/// What a row says about a token.
struct Draft {
    kind: HardwareTokenKind,
    digest: CodeDigest,
    digits: u8,
    seed: Zeroizing<Vec<u8>>,
}

async fn run(
    ctx: &Ctx,
    file: &Secret,
    key: Option<&Secret>,
    dry_run: bool,
) -> Result<ImportReport, AppError> {
    ctx.allow(Action::ManageHardwareTokens)?;
    let (mut rows, ignored_columns) = if pskc::is_pskc(file.expose()) {
        (pskc::read(file.expose(), key)?, Vec::new())
    } else {
        table::read(file.expose().as_bytes())?
    };
    refuse_repetitions(ctx, &mut rows);
    let rows = Arc::new(rows);
    let each = Arc::clone(&rows);
    let work = move |tx: &mut Tx<'_, '_>, index: usize| match each.get(index) {
        Some(row) => take_in(tx, row),
        None => Err(AppError::Internal("no such row".into())),
    };
    let outcomes = rows::work(ctx, rows.len(), dry_run, work).await;
    let mut report = ImportReport { dry_run, ignored_columns, ..ImportReport::default() };
    for (row, outcome) in rows.iter().zip(outcomes) {
        let (outcome, detail) = match outcome {
            Ok(outcome @ ImportOutcome::Skip) => {
                report.skipped += 1;
                (outcome, "is here already".to_owned())
            }
            Ok(outcome) => {
                report.created += 1;
                (outcome, String::new())
            }
            Err(error) => {
                report.refused += 1;
                (ImportOutcome::Refused, error.of_one(AGAIN))
            }
        };
        report.rows.push(ImportRow { line: row.line, name: printable(&row.serial, 64), outcome, detail });
    }
    Ok(report)
}

/// Rows whose serial or secret stands in an earlier row: somebody copied a line and forgot to change it.
fn refuse_repetitions(ctx: &Ctx, rows: &mut [Row]) {
    let (mut serials, mut seeds) = (BTreeMap::new(), BTreeMap::new());
    for row in rows {
        let Ok(draft) = &row.token else { continue };
        let seed = standing::hash(ctx, &draft.seed);
        let problem = match (serials.entry(fold(&row.serial)), seeds.entry(seed)) {
            (Entry::Occupied(line), _) => ("serial", format!("stands in line {} already", line.get())),
            (_, Entry::Occupied(line)) => ("secret", format!("is the one of line {}", line.get())),
            (Entry::Vacant(serial), Entry::Vacant(seed)) => {
                serial.insert(row.line);
                seed.insert(row.line);
                continue;
            }
        };
        row.token = Err(problem);
    }
}

fn take_in(tx: &mut Tx<'_, '_>, row: &Row) -> Result<ImportOutcome, AppError> {
    let draft = match &row.token {
        Ok(draft) => draft,
        Err((field, reason)) => return Err(AppError::invalid(field, reason.clone())),
    };
    let ctx = tx.ctx;
    if let Some(known) = tx.find_by_key::<HardwareToken>(&fold(&row.serial))? {
        let seed = Standing::of(tx, ctx, &known)?;
        let same = (known.kind, known.digest, known.digits) == (draft.kind, draft.digest, draft.digits);
        if same && sallyport_crypto::constant_time_eq(seed.seed(), &draft.seed) {
            return Ok(ImportOutcome::Skip);
        }
        return Err(AppError::Conflict("another hardware token has this serial number already".into()));
    }
    let hash = standing::hash(ctx, &draft.seed);
    if tx.find_alias(SEED_HASH, &hash)?.is_some() {
        return Err(AppError::Conflict("another hardware token has this secret already".into()));
    }
    let token = HardwareToken {
        id: ctx.id(HardwareTokenId::new)?,
        serial: row.serial.clone(),
        kind: draft.kind,
        digits: draft.digits,
        digest: draft.digest,
        duo_id: ctx.duo_id("DH")?,
        holder: None,
        created: ctx.now,
    };
    let created = tx.create(token)?;
    let id = tx.record(created, "import").id.to_string();
    tx.put_alias(SEED_HASH, &hash, &id)?;
    tx.seal_secret(&id, SEED, &draft.seed)?;
    Ok(ImportOutcome::Create)
}
