//! What a run printed, in the order it was said. Hostile text wherever it is shown.

use data_encoding::BASE64;
use sallyport_api::agent::{RunEvent, RunHappening, Stream};
use sallyport_model::{Action, Run, Time, id::RunId};
use sallyport_store::Versioned;

use super::report;
use crate::{AppError, Ctx};

/// Events read at once.
const MOST_EVENTS: i64 = 200;

/// Part of a run's output, and how the run stands.
#[derive(Debug, Clone)]
pub struct Output {
    pub run: Versioned<Run>,
    pub pieces: Vec<Piece>,
    /// Ask for what comes after this next.
    pub next_seq: i64,
    /// Whether there is more to read now.
    pub more: bool,
    /// Bytes left out because the run printed too much.
    pub left_out: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub seq: i64,
    /// By the device's clock.
    pub at: Time,
    pub stream: Stream,
    pub said: Said,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Bytes in the middle were left out on the device.
    Dropped(u64),
    /// Whatever was printed; characters may be cut between two pieces.
    Printed(Vec<u8>),
}

/// What a run has printed after place `after_seq`, and how the run stands.
///
/// # Errors
/// Denied, or no such run.
pub async fn output(ctx: &Ctx, id: RunId, after_seq: i64) -> Result<Output, AppError> {
    ctx.allow(Action::ReadRuns)?;
    ctx.read(move |reader| {
        let run = reader.find::<Run>(id)?.ok_or_else(|| AppError::not_found("run", id))?;
        let docs = reader.run_events(&id.to_string(), after_seq, MOST_EVENTS)?;
        let more = docs.len() >= usize::try_from(MOST_EVENTS).unwrap_or(usize::MAX);
        let (mut pieces, mut next_seq) = (Vec::new(), after_seq);
        for doc in docs {
            let event: RunEvent = serde_json::from_str(&doc)?;
            next_seq = i64::try_from(event.seq).unwrap_or(i64::MAX);
            pieces.extend(piece(event, next_seq));
        }
        Ok(Output { run, pieces, next_seq, more, left_out: report::left_out(reader, id)? })
    })
    .await
}

fn piece(event: RunEvent, seq: i64) -> Option<Piece> {
    let (stream, said) = match event.what {
        RunHappening::Output { stream, data } => {
            (stream, Said::Printed(BASE64.decode(data.as_bytes()).ok()?))
        }
        RunHappening::Dropped { stream, bytes } => (stream, Said::Dropped(bytes)),
        RunHappening::Started
        | RunHappening::Finished { .. }
        | RunHappening::Refused { .. }
        | RunHappening::Cancelled
        | RunHappening::Unknown { .. } => return None,
    };
    Some(Piece { seq, at: event.at, stream, said })
}
