//! The rows of an import, some in one commit while all of them are good, and one by one if any of them is bad, which so
//! spoils no other. A dry run does the very same work and undoes it.

use std::{
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{AppError, Ctx, Tx};

/// Rows in one commit while all of them are good.
const AT_ONCE: usize = 50;

/// Does `apply` for each row by its index, and says what became of each.
pub(crate) async fn work<E: Send + 'static>(
    ctx: &Ctx,
    rows: usize,
    dry_run: bool,
    apply: impl Fn(&mut Tx<'_, '_>, usize) -> Result<E, AppError> + Send + Sync + 'static,
) -> Vec<Result<E, AppError>> {
    let apply = Arc::new(apply);
    let mut outcomes = Vec::with_capacity(rows);
    for start in (0..rows).step_by(AT_ONCE) {
        let chunk = start..(start + AT_ONCE).min(rows);
        if let Ok(effects) = in_one_write(ctx, dry_run, &apply, chunk.clone()).await {
            outcomes.extend(effects.into_iter().map(Ok));
            continue;
        }
        for index in chunk {
            let alone = in_one_write(ctx, dry_run, &apply, index..index + 1).await;
            outcomes.push(alone.and_then(|mut effects| {
                effects.pop().ok_or_else(|| AppError::Internal("no outcome".into()))
            }));
        }
    }
    outcomes
}

/// Works on rows in one transaction; the first bad one undoes all of them. A dry run undoes them in any case.
async fn in_one_write<E: Send + 'static>(
    ctx: &Ctx,
    dry_run: bool,
    apply: &Arc<impl Fn(&mut Tx<'_, '_>, usize) -> Result<E, AppError> + Send + Sync + 'static>,
    chunk: Range<usize>,
) -> Result<Vec<E>, AppError> {
    let tried = Arc::new(Mutex::new(None));
    let (seen, apply) = (Arc::clone(&tried), Arc::clone(apply));
    let written = ctx
        .write(move |tx| {
            let effects: Vec<E> = chunk.clone().map(|index| apply(tx, index)).collect::<Result<_, _>>()?;
            if dry_run {
                *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(effects);
                return Err(AppError::Conflict("a dry run changes nothing".into()));
            }
            Ok(effects)
        })
        .await;
    let tried = tried.lock().unwrap_or_else(PoisonError::into_inner).take();
    match tried {
        Some(effects) if dry_run => Ok(effects),
        Some(_) | None => written,
    }
}
