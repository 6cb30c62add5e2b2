//! The network half as a process, and the line to it.

use std::{
    io,
    net::Shutdown,
    os::unix::net::UnixStream,
    process::{Child, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use sallyport_ipc::half::Frame;

use crate::{
    child,
    paths::Paths,
    root::event::{Event, LinkEvent, thread},
};

/// A network half that does not take what it is given for so long is started anew.
const PATIENCE: Duration = Duration::from_secs(20);
/// So much may wait for it.
const MOST_WAITING: usize = 32 * 1024 * 1024;

/// A network half that runs.
pub(in crate::root) struct Link {
    pub(in crate::root) generation: u64,
    frames: mpsc::Sender<Frame>,
    waiting: Arc<AtomicUsize>,
    stream: UnixStream,
}

/// A network half that is gone or useless.
pub(in crate::root) struct Ended(Child);

impl Ended {
    /// Waits for it, so that nothing of it is left.
    pub(in crate::root) fn reap(mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Link {
    /// Starts a network half; what it says comes as events of this generation.
    pub(in crate::root) fn start(
        generation: u64,
        paths: &Paths,
        events: &mpsc::SyncSender<Event>,
    ) -> io::Result<Self> {
        let (child, stream) = child::start(child::Task::Channel, paths, Stdio::null())?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let (frames, outgoing) = mpsc::channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let (reading, writing) = (stream.try_clone()?, stream.try_clone()?);
        let written = Arc::clone(&waiting);
        thread("link-write", move || write(writing, &outgoing, &written))?;
        let events = events.clone();
        thread("link-read", move || read(generation, reading, child, &events))?;
        Ok(Self { generation, frames, waiting, stream })
    }

    /// Queues a frame. A network half that takes nothing is cut off.
    pub(in crate::root) fn send(&self, frame: Frame) {
        let size = frame.body.len();
        let waiting = self.waiting.fetch_add(size, Ordering::Relaxed).saturating_add(size);
        if waiting > MOST_WAITING || self.frames.send(frame).is_err() {
            self.cut();
        }
    }

    /// Ends the line, and by that the network half.
    pub(in crate::root) fn cut(&self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

fn write(mut stream: UnixStream, frames: &mpsc::Receiver<Frame>, waiting: &AtomicUsize) {
    while let Ok(frame) = frames.recv() {
        let written = frame.write(&mut stream);
        waiting.fetch_sub(frame.body.len(), Ordering::Relaxed);
        if written.is_err() {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

fn read(generation: u64, mut stream: UnixStream, child: Child, events: &mpsc::SyncSender<Event>) {
    while let Ok(frame) = Frame::read(&mut stream) {
        let event = Event::Link { generation, what: LinkEvent::Frame(frame) };
        if events.send(event).is_err() {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
    let _ = events.send(Event::Link { generation, what: LinkEvent::Gone(Ended(child)) });
}
