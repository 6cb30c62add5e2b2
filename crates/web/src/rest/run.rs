//! Runs, and what they print.

use std::time::Duration;

use axum::extract;
use sallyport_app::{
    Ctx, command, device, run,
    run::{Output, Said},
};
use sallyport_model::{Action, Run, Time, id::RunId};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};
use utoipa::ToSchema;

use super::{
    answer::{Answer, Noun, PageOf},
    input::{IfMatch, Named, Parameters, id, limit, unacceptable},
    route::{Gives, LISTING, Needs::Right, Parameter, ParameterKind, Route, STATE, shape},
};
use crate::{State, call::ApiCall};

const STATES: [&str; 6] = ["queued", "started", "finished", "cancelled", "expired", "unknown"];
/// Longest time in seconds that an answer is held back for something to say. Who asks is looked at only before, and
/// somebody shut out meanwhile must not hear more for long.
const LONGEST_WAIT: u64 = 5;
/// How often to look anyway: another node may have taken the device's word.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Part of what a run printed, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
struct RunOutput {
    run: Run,
    pieces: Vec<OutputPiece>,
    /// Ask for what comes `after` this next.
    next: i64,
    /// Whether there is more to read now.
    more: bool,
    /// Bytes left out because the run printed too much.
    left_out: u64,
}

/// Something a run printed on one of its streams.
#[derive(Debug, Serialize, ToSchema)]
struct OutputPiece {
    seq: i64,
    /// By the device's clock.
    at: Time,
    /// `stdout` or `stderr`.
    stream: &'static str,
    /// As text; what is not UTF-8 is replaced. Characters may be cut between two pieces: `data` has the bytes.
    text: String,
    /// Base64.
    data: String,
    /// Bytes that were left out here.
    dropped: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichRuns {
    #[serde(default)]
    text: String,
    command: Option<String>,
    device: Option<String>,
    state: Option<String>,
    /// Only those launched before this one.
    after: Option<RunId>,
    limit: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichOutput {
    #[serde(default)]
    after: i64,
    #[serde(default)]
    wait: u64,
}

pub(super) fn routes() -> Vec<Route> {
    const COMMAND: Parameter =
        Parameter { name: "command", about: "Only runs of this command.", kind: ParameterKind::Text };
    const DEVICE: Parameter =
        Parameter { name: "device", about: "Only runs on this device.", kind: ParameterKind::Text };
    const AFTER: Parameter = Parameter {
        name: "after",
        about: "Where to begin: the `next` of the answer before.",
        kind: ParameterKind::Number,
    };
    const WAIT: Parameter = Parameter {
        name: "wait",
        about: "Seconds, up to 5, to wait while there is nothing new and the run goes on.",
        kind: ParameterKind::Number,
    };
    let [text, after, limit] = LISTING;
    let (read, launch) = (Right(Action::ReadRuns), Right(Action::LaunchCommands));
    vec![
        Route::get("/runs", list, read, "Lists runs, the newest first.")
            .with(&[text, COMMAND, DEVICE, STATE, after, limit])
            .gives(Gives::PageOfNouns(shape::<Run>())),
        Route::get("/runs/{run}", show, read, "Shows a run.").gives(Gives::Noun(shape::<Run>())),
        Route::get("/runs/{run}/output", output, read, "Shows what a run printed.")
            .with(&[AFTER, WAIT])
            .gives(Gives::One(shape::<RunOutput>())),
        Route::post("/runs/{run}/cancel", cancel, launch, "Withdraws a run, or asks the device to stop it.")
            .conditional()
            .gives(Gives::Noun(shape::<Run>())),
    ]
}

async fn list(ApiCall(ctx): ApiCall, Parameters(which): Parameters<WhichRuns>) -> Answer<PageOf<Noun<Run>>> {
    if which.state.as_deref().is_some_and(|state| !STATES.contains(&state)) {
        return Err(unacceptable(format!("state: unknown; {}", STATES.join(", "))));
    }
    let command = match &which.command {
        Some(command) => Some(command::resolve(&ctx, command).await?.id),
        None => None,
    };
    let device = match &which.device {
        Some(device) => Some(device::resolve(&ctx, device).await?.id),
        None => None,
    };
    let limit = limit(which.limit)?;
    let filter =
        run::RunFilter { command, device, text: which.text, state: which.state, before: which.after, limit };
    let page = run::list(&ctx, filter).await?;
    let next = page.next.map(|next| next.to_string());
    Ok(PageOf { items: page.items.into_iter().map(Noun::from).collect(), next })
}

async fn show(ApiCall(ctx): ApiCall, Named(run): Named) -> Answer<Noun<Run>> {
    Ok(run::show(&ctx, id(&run)?).await?.into())
}

async fn cancel(ApiCall(ctx): ApiCall, Named(run): Named, if_match: IfMatch) -> Answer<Noun<Run>> {
    let run = id(&run)?;
    let ctx = if_match.on::<Run>(run, ctx);
    Ok(run::cancel(&ctx, run).await?.into())
}

async fn output(
    ApiCall(ctx): ApiCall,
    Named(run): Named,
    Parameters(which): Parameters<WhichOutput>,
    extract::State(state): extract::State<State>,
) -> Answer<axum::Json<RunOutput>> {
    if which.wait > LONGEST_WAIT || which.after < 0 {
        return Err(unacceptable(format!("wait: at most {LONGEST_WAIT} seconds; after: not negative")));
    }
    let until = Instant::now() + Duration::from_secs(which.wait);
    let output = followed(&ctx, id(&run)?, which.after, until, state.stopping).await?;
    Ok(axum::Json(output.into()))
}

/// Waits until there is something new to say, the run has ended, or the time is up.
async fn followed(
    ctx: &Ctx,
    run: RunId,
    after: i64,
    until: Instant,
    mut stopping: tokio::sync::watch::Receiver<bool>,
) -> Answer<Output> {
    // From before the first look, so that nothing falls between the two.
    let mut moves = ctx.org.hub.watch_runs();
    loop {
        let output = run::output(ctx, run, after).await?;
        let new = output.next_seq > after || output.run.state.is_final();
        if new || Instant::now() >= until || *stopping.borrow() {
            return Ok(output);
        }
        let pause = until.min(Instant::now() + LOOK_AGAIN);
        tokio::select! {
            _ = timeout_at(pause, moved(&mut moves, run)) => {}
            // Also when nobody is left who could say so.
            _ = stopping.wait_for(|stop| *stop) => return Ok(output),
        }
    }
}

/// Waits until this run moved, or might have.
async fn moved(moves: &mut tokio::sync::broadcast::Receiver<RunId>, run: RunId) {
    use tokio::sync::broadcast::error::RecvError;
    loop {
        match moves.recv().await {
            Ok(moved) if moved != run => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

impl From<Output> for RunOutput {
    fn from(output: Output) -> Self {
        Self {
            pieces: output.pieces.into_iter().map(OutputPiece::from).collect(),
            next: output.next_seq,
            more: output.more,
            left_out: output.left_out,
            run: output.run.value,
        }
    }
}

impl From<run::Piece> for OutputPiece {
    fn from(piece: run::Piece) -> Self {
        use sallyport_api::agent::Stream;
        let stream = match piece.stream {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        };
        let (bytes, dropped) = match piece.said {
            Said::Dropped(bytes) => (Vec::new(), bytes),
            Said::Printed(bytes) => (bytes, 0),
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let data = data_encoding::BASE64.encode(&bytes);
        Self { seq: piece.seq, at: piece.at, stream, text, data, dropped }
    }
}
