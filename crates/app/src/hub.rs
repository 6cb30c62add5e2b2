//! The devices connected to this node, and how they are woken.
//!
//! What a device should look like and what it should run is kept in the store; here is only who listens. A wake-up
//! says *look again*, so ten of them are as good as one and none can be too many. Nothing here waits: a lock is
//! held for a few instructions and never across an await.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sallyport_api::agent::ServerMessage;
use sallyport_model::id::{DeviceId, RunId};
use tokio::sync::{Notify, broadcast};

/// Messages kept for one connection; a device that is further behind is told to come back.
const MOST_WAITING: usize = 64;

/// Runs that moved and that a live watcher has not looked at yet; one that is slower sees a gap and reads again.
const RUNS_KEPT: usize = 256;

/// Why a connection comes to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Reconnect {
        after_seconds: u32,
    },
    /// The same device came again; the newer connection counts.
    Replaced,
    Revoked,
}

/// What a connection is woken for.
#[derive(Debug, Clone, PartialEq)]
pub enum Wakeup {
    /// Look whether the desired state has a new number.
    Desired,
    End(End),
    Message(ServerMessage),
    /// Look whether runs are queued.
    Runs,
}

/// The registry of connected devices. Cloning shares it.
#[derive(Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

struct Inner {
    connections: Mutex<HashMap<DeviceId, Arc<Slot>>>,
    runs: broadcast::Sender<RunId>,
}

#[derive(Default)]
struct Slot {
    pending: Mutex<Pending>,
    woken: Notify,
}

#[derive(Default)]
struct Pending {
    desired: bool,
    runs: bool,
    messages: VecDeque<ServerMessage>,
    end: Option<End>,
}

impl Default for Hub {
    fn default() -> Self {
        let (runs, _) = broadcast::channel(RUNS_KEPT);
        Self { inner: Arc::new(Inner { connections: Mutex::default(), runs }) }
    }
}

impl Hub {
    /// Takes a connection in, in place of an older one of the same device. It is woken at once, to look at
    /// everything that happened while the device was away.
    #[must_use]
    pub fn register(&self, device: DeviceId) -> Connection {
        let pending = Pending { desired: true, runs: true, ..Pending::default() };
        let slot = Arc::new(Slot { pending: Mutex::new(pending), woken: Notify::new() });
        if let Some(older) = self.connections().insert(device, Arc::clone(&slot)) {
            older.end(End::Replaced);
        }
        Connection { device, slot, hub: self.clone() }
    }

    /// Has the device look at its desired state, if it is connected here.
    pub fn notify_desired(&self, device: DeviceId) {
        if let Some(slot) = self.slot(device) {
            slot.wake(|pending| pending.desired = true);
        }
    }

    /// Has the device look at its queue of runs, if it is connected here.
    pub fn notify_runs(&self, device: DeviceId) {
        if let Some(slot) = self.slot(device) {
            slot.wake(|pending| pending.runs = true);
        }
    }

    /// Sends a message to the device; whether it is connected here.
    pub fn send(&self, device: DeviceId, message: ServerMessage) -> bool {
        let Some(slot) = self.slot(device) else { return false };
        slot.wake(|pending| {
            if pending.messages.len() < MOST_WAITING {
                pending.messages.push_back(message);
            } else {
                pending.end.get_or_insert(End::Reconnect { after_seconds: 5 });
            }
        });
        true
    }

    /// Ends the device's connection, if it has one here.
    pub fn disconnect(&self, device: DeviceId, end: End) {
        if let Some(slot) = self.connections().remove(&device) {
            slot.end(end);
        }
    }

    /// Ends all connections, asking the devices back over `within_seconds`, not all at the same moment.
    pub fn disconnect_all(&self, within_seconds: u32) {
        let connections = std::mem::take(&mut *self.connections());
        for (after_seconds, slot) in (1..=within_seconds.max(1)).cycle().zip(connections.into_values()) {
            slot.end(End::Reconnect { after_seconds });
        }
    }

    #[must_use]
    pub fn is_connected(&self, device: DeviceId) -> bool {
        self.connections().contains_key(&device)
    }

    /// How many devices are connected here.
    #[must_use]
    pub fn connected(&self) -> usize {
        self.connections().len()
    }

    /// Those that are connected here.
    #[must_use]
    pub fn devices(&self) -> Vec<DeviceId> {
        self.connections().keys().copied().collect()
    }

    /// Tells live watchers that a run moved.
    pub fn announce_run(&self, run: RunId) {
        // Nobody watching is no error.
        self.inner.runs.send(run).ok();
    }

    /// The runs that move from now on.
    #[must_use]
    pub fn watch_runs(&self) -> broadcast::Receiver<RunId> {
        self.inner.runs.subscribe()
    }

    fn slot(&self, device: DeviceId) -> Option<Arc<Slot>> {
        self.connections().get(&device).cloned()
    }

    fn connections(&self) -> MutexGuard<'_, HashMap<DeviceId, Arc<Slot>>> {
        self.inner.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    fn wake(&self, change: impl FnOnce(&mut Pending)) {
        change(&mut self.pending());
        self.woken.notify_one();
    }

    fn end(&self, end: End) {
        self.wake(|pending| pending.end = Some(end));
    }

    /// The most urgent thing: how a device should look goes before what it should run.
    fn take(&self) -> Option<Wakeup> {
        let mut pending = self.pending();
        if let Some(end) = pending.end {
            return Some(Wakeup::End(end));
        }
        if std::mem::take(&mut pending.desired) {
            return Some(Wakeup::Desired);
        }
        if let Some(message) = pending.messages.pop_front() {
            return Some(Wakeup::Message(message));
        }
        std::mem::take(&mut pending.runs).then_some(Wakeup::Runs)
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place in the hub; it leaves when dropped.
pub struct Connection {
    device: DeviceId,
    slot: Arc<Slot>,
    hub: Hub,
}

impl Connection {
    #[must_use]
    pub const fn device(&self) -> DeviceId {
        self.device
    }

    /// Waits for the next reason to do something. Safe to give up half-way: nothing is lost.
    pub async fn woken(&self) -> Wakeup {
        loop {
            if let Some(wakeup) = self.slot.take() {
                return wakeup;
            }
            // A wake-up between the look and this line left a permit, so it is not missed.
            self.slot.woken.notified().await;
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut connections = self.hub.connections();
        if connections.get(&self.device).is_some_and(|slot| Arc::ptr_eq(slot, &self.slot)) {
            connections.remove(&self.device);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn device(n: u128) -> DeviceId {
        DeviceId::new(Uuid::from_u128(n))
    }

    #[tokio::test]
    async fn a_new_connection_looks_at_everything_and_then_waits() {
        let hub = Hub::default();
        let connection = hub.register(device(1));
        assert_eq!(connection.woken().await, Wakeup::Desired);
        assert_eq!(connection.woken().await, Wakeup::Runs);
        hub.notify_runs(device(1));
        hub.notify_desired(device(1));
        hub.notify_desired(device(1));
        assert_eq!(connection.woken().await, Wakeup::Desired);
        assert_eq!(connection.woken().await, Wakeup::Runs);
        assert!(hub.send(device(1), ServerMessage::Revoked));
        assert_eq!(connection.woken().await, Wakeup::Message(ServerMessage::Revoked));
        assert!(!hub.send(device(2), ServerMessage::Revoked));
    }

    #[tokio::test]
    async fn the_newer_connection_of_a_device_counts() {
        let hub = Hub::default();
        let older = hub.register(device(1));
        let newer = hub.register(device(1));
        assert_eq!(older.woken().await, Wakeup::End(End::Replaced));
        drop(older);
        assert!(hub.is_connected(device(1)));
        drop(newer);
        assert!(!hub.is_connected(device(1)));
    }

    #[tokio::test]
    async fn a_device_that_takes_nothing_is_sent_away_instead_of_filling_memory() {
        let hub = Hub::default();
        let connection = hub.register(device(1));
        for _ in 0..=MOST_WAITING {
            hub.send(device(1), ServerMessage::Revoked);
        }
        assert_eq!(connection.woken().await, Wakeup::End(End::Reconnect { after_seconds: 5 }));
    }

    #[tokio::test]
    async fn a_stop_asks_devices_back_at_different_times() {
        let hub = Hub::default();
        let connections: Vec<_> = (1..=3).map(|n| hub.register(device(n))).collect();
        hub.disconnect_all(30);
        let mut times = std::collections::BTreeSet::new();
        for connection in &connections {
            let Wakeup::End(End::Reconnect { after_seconds }) = connection.woken().await else { panic!() };
            times.insert(after_seconds);
        }
        assert_eq!(times.len(), 3);
        assert_eq!(hub.connected(), 0);
    }
}
