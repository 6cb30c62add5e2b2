//! Bells: who waits on this node for something short-lived to move is woken by whoever moved it here. Other nodes move
//! things too, so whoever waits also looks again from time to time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

/// How often somebody who waits looks by themselves, where other nodes share the database, and where none do.
const LOOK_SHARED: Duration = Duration::from_millis(700);
const LOOK_ALONE: Duration = Duration::from_secs(15);

/// So many wait for one bell; who comes later looks once.
const MOST_LISTENERS: usize = 16;

/// By what is waited for: the id of a sign-in, or of a person.
#[derive(Clone, Default)]
pub struct Bells {
    hung: Arc<Mutex<HashMap<String, Arc<Notify>>>>,
    /// Since when the server is stopping.
    stopping: Arc<OnceLock<Instant>>,
}

/// Somebody who listens for one bell. It is taken down with the last of them.
pub(crate) struct Listener {
    key: String,
    bell: Arc<Notify>,
    bells: Bells,
    /// How long it goes on when the server stops; for ever if nobody waits for the answer.
    stays: Option<Duration>,
}

impl Bells {
    /// For work of the server itself, which is told otherwise when to stop.
    pub(crate) fn listen(&self, key: String) -> Listener {
        let bell = Arc::clone(self.hung().entry(key.clone()).or_default());
        Listener { key, bell, bells: self.clone(), stays: None }
    }

    /// For somebody whose request is held meanwhile: when the server stops they are answered as things stand, after this
    /// long, and ask again where there is somebody to ask.
    pub(crate) fn listen_for(&self, key: String, stays: Duration) -> Listener {
        let mut listener = self.listen(key);
        listener.stays = Some(stays);
        listener
    }

    /// The server stops: whoever is held is answered.
    pub fn stop(&self) {
        self.stopping.get_or_init(Instant::now);
        for bell in self.hung().values() {
            bell.notify_waiters();
        }
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
    /// The next ring, or that this long is over.
    pub(crate) async fn rung(&self, longest: Duration) {
        tokio::time::timeout(longest, self.bell.notified()).await.ok();
    }

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
        let end = Instant::now() + longest;
        let every = if shared { LOOK_SHARED } else { LOOK_ALONE };
        loop {
            // Taken before the look, so that no ring between the look and the wait is missed.
            let mut rung = std::pin::pin!(self.bell.notified());
            rung.as_mut().enable();
            if let Some(found) = look().await? {
                return Ok(Some(found));
            }
            let now = Instant::now();
            let end = end.min(self.leaves_at().unwrap_or(end));
            if now >= end {
                return Ok(None);
            }
            tokio::time::timeout_at(end.min(now + every), rung).await.ok();
        }
    }
}

impl Listener {
    /// When it gives up because the server stops, if it does.
    fn leaves_at(&self) -> Option<Instant> {
        Some(*self.bells.stopping.get()? + self.stays?)
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
    async fn when_the_server_stops_whoever_is_held_is_answered_and_its_own_work_is_not_hurried() {
        let bells = Bells::default();
        let nothing = || std::future::ready(Ok::<Option<()>, ()>(None));
        let hour = Duration::from_secs(3600);
        let held = |stays| {
            let listener = bells.listen_for("sgn_1".into(), stays);
            tokio::spawn(async move { listener.until(hour, false, nothing).await })
        };
        let (poll, last) = (held(Duration::ZERO), held(hour));
        let work = bells.listen("sgn_1".into());
        let work = tokio::spawn(async move { work.until(hour, false, nothing).await });
        tokio::task::yield_now().await;
        bells.stop();
        assert_eq!(poll.await.unwrap(), Ok(None));
        // Whoever comes now is not held at all.
        assert_eq!(held(Duration::ZERO).await.unwrap(), Ok(None));
        assert!(!last.is_finished() && !work.is_finished());
    }

    #[tokio::test]
    async fn the_wait_has_an_end() {
        let listener = Bells::default().listen("sgn_1".into());
        let nothing = || std::future::ready(Ok::<Option<()>, ()>(None));
        assert_eq!(listener.until(Duration::from_millis(1), true, nothing).await, Ok(None));
    }
}
