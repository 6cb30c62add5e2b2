//! Answers given lately, by the signature of the request: whoever sends the identical signed request again, because
//! an answer was lost or we were busy, is answered again, and nothing is done twice.
//!
//! They are kept in the memory of this node, a bounded number of them, the oldest forgotten first. That a request was
//! executed stands in the store besides, said with its first effect: another node, or this one after it has forgotten,
//! refuses it in words.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sallyport_crypto::digest;
use sallyport_model::{Span, Time};
use sallyport_wire::duo::{ApiError, Code, Credentials, Reply, signing::Signature};
use tokio::sync::watch;

use super::claim::{Claim, DONE_BEFORE};
use crate::{Caller, Ctx};

/// Answers kept, those still being worked out included.
const MOST_KEPT: usize = 16 * 1024;
/// No request is taken longer than this after it was signed, clocks of both sides included.
const KEPT: Span = Span::minutes(11);

/// What makes two requests the same: who signed, what, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnswerKey([u8; 32]);

impl AnswerKey {
    /// `signed_at` is the date the signature covers, in Unix seconds. Nothing for credentials without signature.
    #[must_use]
    pub fn new(credentials: &Credentials, signed_at: Option<i64>) -> Option<Self> {
        let signature: &[u8] = match credentials.signature.as_ref()? {
            Signature::Sha1(bytes) => bytes,
            Signature::Sha512(bytes) => bytes,
        };
        let date = signed_at?.to_be_bytes();
        Some(Self(digest::sha256_of_parts(&[credentials.ikey.as_bytes(), signature, &date])))
    }

    fn claim(&self, ctx: &Ctx) -> Claim {
        let owner = match &ctx.caller {
            Caller::AdminApi { id, .. } | Caller::Application { id, .. } => id.to_string(),
            Caller::Device { .. }
            | Caller::LocalAdmin
            | Caller::Nobody
            | Caller::Person { .. }
            | Caller::System { .. }
            | Caller::Token { .. } => String::new(),
        };
        Claim::new(digest::hex(&self.0), owner, KEPT)
    }
}

/// The answers of this node. Cloning shares them.
#[derive(Clone, Default)]
pub struct Answers {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    answers: HashMap<AnswerKey, Answer>,
    /// Oldest first; may name what is gone already.
    order: VecDeque<(Time, AnswerKey)>,
    /// Of requests that are to come again, and whose word could not be taken back from the store. They are as many as
    /// answers at most, and forgotten with those.
    held: HashMap<AnswerKey, Arc<Claim>>,
}

#[derive(Clone)]
struct Answer {
    since: Time,
    /// Empty while it is being worked out.
    reply: watch::Receiver<Option<Reply>>,
}

impl Answers {
    /// The answer to this request, worked out by `work` unless it was before or is being just now. The work goes on
    /// when whoever asked goes away.
    pub async fn once<F>(
        &self,
        key: AnswerKey,
        ctx: Ctx,
        work: impl FnOnce(Ctx) -> F + Send + 'static,
    ) -> Reply
    where
        F: Future<Output = Reply> + Send,
    {
        let mut reply = self.begin_or_join(key, ctx, work);
        // An error means that the work came to no end.
        match reply.wait_for(Option::is_some).await {
            Ok(done) => done.clone().unwrap_or_else(failed),
            Err(_) => failed(),
        }
    }

    fn begin_or_join<F>(
        &self,
        key: AnswerKey,
        ctx: Ctx,
        work: impl FnOnce(Ctx) -> F + Send + 'static,
    ) -> watch::Receiver<Option<Reply>>
    where
        F: Future<Output = Reply> + Send,
    {
        let now = ctx.now;
        let mut kept = self.lock();
        kept.forget_old(now);
        if let Some(answer) = kept.answers.get(&key) {
            return answer.reply.clone();
        }
        let (sender, reply) = watch::channel(None);
        kept.answers.insert(key, Answer { since: now, reply: reply.clone() });
        kept.order.push_back((now, key));
        let claim = kept.held.remove(&key).unwrap_or_else(|| Arc::new(key.claim(&ctx)));
        drop(kept);
        let answers = self.clone();
        tokio::spawn(async move {
            let mut place = Place { answers, key, keep: false };
            let done = work(Ctx { claim: Some(Arc::clone(&claim)), ..ctx.clone() }).await;
            let done = if claim.is_refused() { done_before() } else { done };
            place.keep = is_final(&done);
            if is_to_come_again(&done) && claim.release(&ctx).await.is_err() {
                place.answers.lock().held.insert(key, claim);
            }
            drop(place);
            sender.send_replace(Some(done));
        });
        reply
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Busy is no answer: the client is told to send the same request again, which must then be done.
fn is_final(reply: &Reply) -> bool {
    reply.status < 500 && !is_to_come_again(reply)
}

const fn is_to_come_again(reply: &Reply) -> bool {
    reply.status == 429
}

fn done_before() -> Reply {
    ApiError::new(Code::InvalidParameters).with_detail(DONE_BEFORE).into()
}

fn failed() -> Reply {
    ApiError::new(Code::Internal).into()
}

/// The place of an answer being worked out; however that ends, without an answer the request may be tried again.
struct Place {
    answers: Answers,
    key: AnswerKey,
    keep: bool,
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.keep {
            self.answers.lock().answers.remove(&self.key);
        }
    }
}

impl Kept {
    fn forget_old(&mut self, now: Time) {
        while let Some((since, key)) = self.order.front().copied() {
            if self.order.len() < MOST_KEPT && now.since(since) <= KEPT {
                break;
            }
            self.order.pop_front();
            self.held.remove(&key);
            if self.answers.get(&key).is_some_and(|answer| answer.since == since) {
                self.answers.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests;
