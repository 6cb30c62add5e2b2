//! The network half as a process: its standard input is a socket to the privileged half.

use std::{
    io,
    os::{fd::OwnedFd, unix::net::UnixStream as StdStream},
    process::ExitCode,
    sync::Arc,
};

use sallyport_crypto::SystemRandom;
use sallyport_ipc::half::{Frame, MAX_FRAME};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, watch},
};

use crate::{device_key, half::NetConfig, log, paths::Paths};

/// Frames on their way between the halves.
const QUEUE: usize = 64;

/// The whole life of the network half.
#[must_use]
pub fn main(paths: &Paths) -> ExitCode {
    match serve(paths) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::warn(format_args!("network half: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn serve(paths: &Paths) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    crate::platform::privileges::harden()?;
    let stream = StdStream::from(stdin()?);
    stream.set_nonblocking(true)?;
    let key = Arc::new(device_key::load(&paths.device_key())?);
    #[cfg(target_os = "linux")]
    let browsers = super::device_proof::open();
    #[cfg(target_os = "linux")]
    crate::platform::syscalls::confine()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (read, write) = UnixStream::from_std(stream)?.into_split();
        let (to_net, inbox) = mpsc::channel(QUEUE);
        let (outbox, from_net) = mpsc::channel(QUEUE);
        let (told, known) = watch::channel(None);
        #[cfg(target_os = "linux")]
        let answering = tokio::spawn(super::device_proof::answer(browsers, known, Arc::clone(&key)));
        #[cfg(not(target_os = "linux"))]
        drop(known);
        let reader = tokio::spawn(read_frames(read, to_net, told));
        let writer = tokio::spawn(write_frames(write, from_net));
        super::run(inbox, outbox, &key, &SystemRandom::new()).await;
        #[cfg(target_os = "linux")]
        answering.abort();
        reader.abort();
        writer.abort();
        Ok(())
    })
}

/// A copy of standard input that is ours to close.
pub(crate) fn stdin() -> io::Result<OwnedFd> {
    Ok(rustix::io::dup(io::stdin())?)
}

async fn read_frames(
    mut stream: OwnedReadHalf,
    to: mpsc::Sender<Frame>,
    told: watch::Sender<Option<NetConfig>>,
) {
    while let Ok(length) = stream.read_u32().await {
        let Some(length) = usize::try_from(length).ok().filter(|length| *length <= MAX_FRAME) else { return };
        let mut payload = vec![0; length];
        if stream.read_exact(&mut payload).await.is_err() {
            return;
        }
        let Ok(frame) = Frame::decode(&payload) else { return };
        if let Some(config) = super::config(&frame) {
            told.send_replace(Some(config));
        }
        if to.send(frame).await.is_err() {
            return;
        }
    }
}

async fn write_frames(mut stream: OwnedWriteHalf, mut from: mpsc::Receiver<Frame>) {
    while let Some(frame) = from.recv().await {
        let payload = frame.encode();
        let Ok(length) = u32::try_from(payload.len()) else { continue };
        let mut bytes = Vec::with_capacity(payload.len() + 4);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&payload);
        if stream.write_all(&bytes).await.is_err() {
            return;
        }
    }
}
