//! Answers given lately, by the signature of the request: whoever sends the identical signed request again, because
//! an answer was lost or we were busy, is answered again, and nothing is done twice.
//!
//! They are kept in the memory of this node, a bounded number of them, the oldest forgotten first. That is enough
//! because forgetting fails safely: a code is accepted once and a name is given once, by the store, so a request
//! that is executed anew can only be denied.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sallyport_crypto::digest;
use sallyport_model::{Span, Time};
use sallyport_wire::duo::{ApiError, Code, Credentials, Reply, signing::Signature};
use tokio::sync::watch;

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
    pub async fn once(
        &self,
        key: AnswerKey,
        now: Time,
        work: impl Future<Output = Reply> + Send + 'static,
    ) -> Reply {
        let mut reply = self.begin_or_join(key, now, work);
        // An error means that the work came to no end.
        match reply.wait_for(Option::is_some).await {
            Ok(done) => done.clone().unwrap_or_else(failed),
            Err(_) => failed(),
        }
    }

    fn begin_or_join(
        &self,
        key: AnswerKey,
        now: Time,
        work: impl Future<Output = Reply> + Send + 'static,
    ) -> watch::Receiver<Option<Reply>> {
        let mut kept = self.lock();
        kept.forget_old(now);
        if let Some(answer) = kept.answers.get(&key) {
            return answer.reply.clone();
        }
        let (sender, reply) = watch::channel(None);
        kept.answers.insert(key, Answer { since: now, reply: reply.clone() });
        kept.order.push_back((now, key));
        drop(kept);
        let answers = self.clone();
        tokio::spawn(async move {
            let mut place = Place { answers, key, keep: false };
            let done = work.await;
            place.keep = is_final(&done);
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
    reply.status < 500 && reply.status != 429
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
            if self.answers.get(&key).is_some_and(|answer| answer.since == since) {
                self.answers.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const NOW: Time = Time::from_unix_seconds(1_767_225_600);

    fn key(n: u8) -> AnswerKey {
        let credentials = Credentials { ikey: "DI".into(), signature: Some(Signature::Sha1([n; 20])) };
        AnswerKey::new(&credentials, Some(5)).unwrap()
    }

    fn counted(done: &Arc<AtomicUsize>, status: u16) -> impl Future<Output = Reply> + Send + 'static {
        let done = Arc::clone(done);
        async move {
            tokio::task::yield_now().await;
            let n = done.fetch_add(1, Ordering::SeqCst);
            Reply { status, body: n.to_string() }
        }
    }

    #[tokio::test]
    async fn the_same_request_is_answered_again_and_done_once() {
        let (answers, done) = (Answers::default(), Arc::new(AtomicUsize::new(0)));
        let (first, second) = tokio::join!(
            answers.once(key(1), NOW, counted(&done, 200)),
            answers.once(key(1), NOW, counted(&done, 200)),
        );
        let third = answers.once(key(1), NOW, counted(&done, 200)).await;
        assert_eq!((&first, &first), (&second, &third));
        let other = answers.once(key(2), NOW, counted(&done, 200)).await;
        assert_eq!((first.body.as_str(), other.body.as_str()), ("0", "1"));
    }

    #[tokio::test]
    async fn busy_is_no_answer_and_a_refusal_is_one() {
        let (answers, done) = (Answers::default(), Arc::new(AtomicUsize::new(0)));
        assert_eq!(answers.once(key(1), NOW, counted(&done, 429)).await.status, 429);
        assert_eq!(answers.once(key(1), NOW, counted(&done, 400)).await.status, 400);
        assert_eq!(answers.once(key(1), NOW, counted(&done, 200)).await.status, 400);
    }

    #[tokio::test]
    async fn work_goes_on_when_whoever_asked_goes_away() {
        let (answers, done) = (Answers::default(), Arc::new(AtomicUsize::new(0)));
        drop(answers.begin_or_join(key(1), NOW, counted(&done, 200)));
        assert_eq!(answers.once(key(1), NOW, counted(&done, 200)).await.body, "0");
    }

    #[tokio::test]
    async fn old_answers_are_forgotten_and_the_number_is_bounded() {
        let (answers, done) = (Answers::default(), Arc::new(AtomicUsize::new(0)));
        answers.once(key(1), NOW, counted(&done, 200)).await;
        let later = NOW.plus(Span::minutes(12));
        assert_eq!(answers.once(key(1), later, counted(&done, 200)).await.body, "1");
        let mut kept = Kept::default();
        for n in 0..MOST_KEPT + 10 {
            kept.forget_old(NOW);
            let key = AnswerKey(digest::sha256(&n.to_be_bytes()));
            kept.answers.insert(key, Answer { since: NOW, reply: watch::channel(None).1 });
            kept.order.push_back((NOW, key));
        }
        assert!(kept.answers.len() <= MOST_KEPT && kept.order.len() <= MOST_KEPT);
    }
}
