//! Bells: who waits on this node for something short-lived to move is woken by whoever moved it here. Other nodes move
//! things too, so whoever waits also looks again from time to time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

/// How often somebody who waits looks by themselves, where other nodes share the database, and where none do.
const LOOK_SHARED: Duration = Duration::from_millis(700);
const LOOK_ALONE: Duration = Duration::from_secs(15);

/// So many wait for one bell; who comes later looks once.
const MOST_LISTENERS: usize = 16;

/// By what is waited for: the id of a sign-in, or of a person.
#[derive(Clone, Default)]
pub struct Bells {
    hung: Arc<Mutex<HashMap<String, Arc<Notify>>>>,
}

/// Somebody who listens for one bell. It is taken down with the last of them.
pub(crate) struct Listener {
    key: String,
    bell: Arc<Notify>,
    bells: Bells,
}

impl Bells {
    pub(crate) fn listen(&self, key: String) -> Listener {
        let bell = Arc::clone(self.hung().entry(key.clone()).or_default());
        Listener { key, bell, bells: self.clone() }
    }

    /// Wakes all who listen for this one.
    pub(crate) fn ring(&self, key: &str) {
        if let Some(bell) = self.hung().get(key) {
            bell.notify_waiters();
        }
    }

    fn hung(&self) -> MutexGuard<'_, HashMap<String, Arc<Notify>>> {
        self.hung.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener {
    /// Looks again and again, at every ring and from time to time, until `look` finds something or the time is over.
    ///
    /// # Errors
    /// What `look` returns.
    pub(crate) async fn until<T, E, F>(
        &self,
        longest: Duration,
        shared: bool,
        mut look: impl FnMut() -> F,
    ) -> Result<Option<T>, E>
    where
        F: Future<Output = Result<Option<T>, E>>,
    {
        // Its own, the map's, and those of the others who listen: more than a person has doors are answered at once.
        let crowded = Arc::strong_count(&self.bell) > MOST_LISTENERS + 1;
        let longest = if crowded { Duration::ZERO } else { longest };
        let end = tokio::time::Instant::now() + longest;
        let every = if shared { LOOK_SHARED } else { LOOK_ALONE };
        loop {
            // Taken before the look, so that no ring between the look and the wait is missed.
            let mut rung = std::pin::pin!(self.bell.notified());
            rung.as_mut().enable();
            if let Some(found) = look().await? {
                return Ok(Some(found));
            }
            let now = tokio::time::Instant::now();
            if now >= end {
                return Ok(None);
            }
            tokio::time::timeout_at(end.min(now + every), rung).await.ok();
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut hung = self.bells.hung();
        // Ours, and the map's.
        if hung.get(&self.key).is_some_and(|bell| Arc::strong_count(bell) <= 2) {
            hung.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test]
    async fn whoever_listens_is_woken_and_leaves_nothing_behind() {
        let bells = Bells::default();
        let rung = Arc::new(AtomicBool::new(false));
        let waiting = {
            let (listener, rung) = (bells.listen("sgn_1".into()), Arc::clone(&rung));
            tokio::spawn(async move {
                let look = || std::future::ready(Ok::<_, ()>(rung.load(Ordering::SeqCst).then_some(())));
                listener.until(Duration::from_secs(60), false, look).await
            })
        };
        tokio::task::yield_now().await;
        rung.store(true, Ordering::SeqCst);
        bells.ring("sgn_2");
        bells.ring("sgn_1");
        assert_eq!(waiting.await.unwrap(), Ok(Some(())));
        assert!(bells.hung().is_empty());
    }

    #[tokio::test]
    async fn the_wait_has_an_end() {
        let listener = Bells::default().listen("sgn_1".into());
        let nothing = || std::future::ready(Ok::<Option<()>, ()>(None));
        assert_eq!(listener.until(Duration::from_millis(1), true, nothing).await, Ok(None));
    }
}
