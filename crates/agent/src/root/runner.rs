//! Programs of runs, and what they print, gathered so that a chatty program does not make a message of every byte.

use std::{
    io::{self, Read},
    sync::mpsc,
    time::{Duration, Instant},
};

use sallyport_api::agent::{RunOrder, Stream};

use super::event::{Event, thread};
use crate::{core::Ending, paths::Paths, platform};

const PIECE: usize = 16 * 1024;
const GATHER: Duration = Duration::from_millis(150);
/// After the program ended its output may still be held open by something it left behind.
const AFTERWARDS: Duration = Duration::from_secs(2);

enum Seen {
    Ended(Ending),
    Printed(Stream, Vec<u8>),
}

/// Starts a program; everything about it comes as events, its end last.
pub(super) fn start(order: RunOrder, paths: Paths, events: mpsc::SyncSender<Event>) {
    let run = order.run;
    let failed = events.clone();
    let started = thread("run", move || {
        let ending = follow(&order, &paths, &events);
        let _ = events.send(Event::RunEnded { run, ending });
    });
    if let Err(error) = started {
        // From another thread than the driver's this could wait; from the driver's it must not.
        let ending = Ending::NotStarted { reason: error.to_string() };
        let _ = failed.try_send(Event::RunEnded { run, ending });
    }
}

fn follow(order: &RunOrder, paths: &Paths, events: &mpsc::SyncSender<Event>) -> Ending {
    match begin(order, paths, events) {
        Ok(seen) => gather(order, &seen, events),
        Err(reason) => Ending::NotStarted { reason },
    }
}

fn begin(
    order: &RunOrder,
    paths: &Paths,
    events: &mpsc::SyncSender<Event>,
) -> Result<mpsc::Receiver<Seen>, String> {
    let mut program = platform::commands::start(order, paths).map_err(|error| error.to_string())?;
    let (out, err) = program.take_output();
    let stopper = program.stopper();
    let _ = events.send(Event::RunStarted { run: order.run, stopper: stopper.clone() });
    let (tell, seen) = mpsc::sync_channel(4);
    let readers =
        read(Stream::Stdout, out, tell.clone()).and_then(|()| read(Stream::Stderr, err, tell.clone()));
    let waiter = thread("run-wait", move || {
        let _ = tell.send(Seen::Ended(program.wait()));
    });
    if let Err(error) = readers.and(waiter) {
        stopper.stop();
        return Err(error.to_string());
    }
    Ok(seen)
}

/// Reads to the end even when nobody listens any more, so that what was left behind is not killed by its output.
fn read(
    stream: Stream,
    from: Option<impl Read + Send + 'static>,
    tell: mpsc::SyncSender<Seen>,
) -> io::Result<()> {
    let Some(mut from) = from else { return Ok(()) };
    thread("run-read", move || {
        let mut buffer = vec![0; PIECE];
        let mut heard = true;
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let bytes = buffer.get(..length).unwrap_or_default().to_vec();
            heard = heard && tell.send(Seen::Printed(stream, bytes)).is_ok();
        }
    })
}

fn gather(order: &RunOrder, seen: &mpsc::Receiver<Seen>, events: &mpsc::SyncSender<Event>) -> Ending {
    let mut ending = None;
    let mut until: Option<Instant> = None;
    let mut gathered: Vec<(Stream, Vec<u8>)> = Vec::new();
    loop {
        let received = match until {
            Some(until) => seen.recv_timeout(until.saturating_duration_since(Instant::now())),
            None => seen.recv().map_err(|_| mpsc::RecvTimeoutError::Disconnected),
        };
        match received {
            Ok(Seen::Printed(stream, bytes)) => {
                add(&mut gathered, stream, bytes);
                if gathered.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() >= PIECE {
                    flush(order, &mut gathered, events);
                }
            }
            Ok(Seen::Ended(how)) => {
                ending = Some(how);
                until = Some(Instant::now() + AFTERWARDS);
            }
            Err(mpsc::RecvTimeoutError::Timeout) if ending.is_none() => {
                flush(order, &mut gathered, events);
                until = None;
            }
            Err(_) => break,
        }
        if ending.is_none() && !gathered.is_empty() {
            until.get_or_insert_with(|| Instant::now() + GATHER);
        }
    }
    flush(order, &mut gathered, events);
    ending.unwrap_or(Ending::Exited { code: None, reason: Some("its end was not seen".to_owned()) })
}

fn add(gathered: &mut Vec<(Stream, Vec<u8>)>, stream: Stream, mut bytes: Vec<u8>) {
    match gathered.last_mut() {
        Some((last, before)) if *last == stream => before.append(&mut bytes),
        Some(_) | None => gathered.push((stream, bytes)),
    }
}

fn flush(order: &RunOrder, gathered: &mut Vec<(Stream, Vec<u8>)>, events: &mpsc::SyncSender<Event>) {
    for (stream, bytes) in gathered.drain(..) {
        let _ = events.send(Event::RunOutput { run: order.run, stream, bytes });
    }
}
