//! A signed request is executed once, on however many nodes and through restarts: the first thing that it writes says, in
//! the same transaction, that it was. What writes nothing needs no word, and costs none.

use std::sync::atomic::{AtomicBool, Ordering};

use sallyport_model::{Span, Time};
use sallyport_store::{Once, StoreError};

use crate::{AppError, Ctx};

/// Kind of the word in the store.
const REQUEST: &str = "request";
/// Said of a request whose answer nobody has any more.
pub(super) const DONE_BEFORE: &str = "this request was executed before, and its answer is not known any more; look what came of it, and send another";

/// The word that a request is executed.
#[derive(Debug)]
pub struct Claim {
    hash: String,
    /// Who signed it.
    owner: String,
    good: Span,
    held: AtomicBool,
    refused: AtomicBool,
}

impl Claim {
    pub(super) fn new(hash: String, owner: String, good: Span) -> Self {
        Self { hash, owner, good, held: AtomicBool::new(false), refused: AtomicBool::new(false) }
    }

    /// Whether it stands in the store, by this node's word.
    pub(crate) fn is_held(&self) -> bool {
        self.held.load(Ordering::SeqCst)
    }

    /// Notes that the write is durable which took it.
    pub(crate) fn hold(&self) {
        self.held.store(true, Ordering::SeqCst);
    }

    /// Whether somebody else executed the request.
    pub(super) fn is_refused(&self) -> bool {
        self.refused.load(Ordering::SeqCst)
    }

    /// Takes it within a write, which comes to nothing where it is taken.
    pub(crate) fn take(&self, tx: &mut sallyport_store::Tx<'_>, now: Time) -> Result<(), AppError> {
        let once =
            Once { owner: self.owner.clone(), expires: now.plus(self.good), used: None, doc: String::new() };
        match tx.put_once(REQUEST, &self.hash, &once) {
            Ok(()) => Ok(()),
            Err(StoreError::Taken { .. }) => {
                self.refused.store(true, Ordering::SeqCst);
                Err(AppError::Conflict(DONE_BEFORE.into()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Takes the word back of a request that is to come again, because there was too much at once.
    pub(super) async fn release(&self, ctx: &Ctx) -> Result<(), AppError> {
        if !self.is_held() {
            return Ok(());
        }
        let (hash, ctx) = (self.hash.clone(), Ctx { claim: None, ..ctx.clone() });
        ctx.write(move |tx| Ok(tx.delete_once(REQUEST, &hash)?)).await?;
        self.held.store(false, Ordering::SeqCst);
        Ok(())
    }
}
