//! The network half as a thread. It gives no protection from the network; a system for which this is all there is is
//! not supported beyond being known.

use std::{io, sync::mpsc};

use sallyport_crypto::SystemRandom;
use sallyport_ipc::half::Frame;
use tokio::sync::mpsc as channel;

use crate::{
    device_key, net,
    paths::Paths,
    root::event::{Event, LinkEvent, thread},
};

const QUEUE: usize = 1024;

/// A network half that runs.
pub(in crate::root) struct Link {
    pub(in crate::root) generation: u64,
    frames: channel::Sender<Frame>,
}

/// Nothing of it is left.
pub(in crate::root) struct Ended;

impl Ended {
    pub(in crate::root) fn reap(self) {}
}

impl Link {
    pub(in crate::root) fn start(
        generation: u64,
        paths: &Paths,
        events: &mpsc::SyncSender<Event>,
    ) -> io::Result<Self> {
        let key = device_key::load(&paths.device_key())?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (frames, inbox) = channel::channel(QUEUE);
        let (outbox, mut from_net) = channel::channel(QUEUE);
        thread("net", move || runtime.block_on(net::run(inbox, outbox, &key, &SystemRandom::new())))?;
        let events = events.clone();
        thread("link-read", move || {
            while let Some(frame) = from_net.blocking_recv() {
                let event = Event::Link { generation, what: LinkEvent::Frame(frame) };
                if events.send(event).is_err() {
                    return;
                }
            }
            let _ = events.send(Event::Link { generation, what: LinkEvent::Gone(Ended) });
        })?;
        Ok(Self { generation, frames })
    }

    /// What does not fit is lost, as it would be with the connection.
    pub(in crate::root) fn send(&self, frame: Frame) {
        let _ = self.frames.try_send(frame);
    }

    /// The thread ends when its owner is dropped.
    pub(in crate::root) fn cut(&self) {}
}
