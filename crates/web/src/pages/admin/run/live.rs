//! One run: how it stands and what it prints. The page asks for more while the run goes on; what devices print is
//! hostile text and is shown as text.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Response},
};
use sallyport_api::agent::Stream;
use sallyport_app::{
    AppError, device,
    run::{self, Piece, Said},
};
use sallyport_model::{Action, Run, RunState, id::RunId};
use serde::Deserialize;

use super::HERE;
use crate::pages::{
    filters,
    guard::Admin,
    page::Page,
    refusal::Refusal,
    shell::{Shell, may},
};

#[derive(Template)]
#[template(path = "admin/run.html")]
struct RunPage {
    shell: Shell,
    live: Live,
}

/// What changes while a run goes on.
#[derive(Template)]
#[template(path = "admin/run_live.html")]
struct Live {
    run: Run,
    device: String,
    segments: Vec<Segment>,
    /// Bytes that are missing in the middle.
    left_out: Option<u64>,
    /// Place to go on from.
    next_seq: i64,
    going_on: bool,
    /// For the form that cancels the run, while there is something to cancel and somebody who may.
    cancel_token: Option<String>,
}

/// A stretch of output of one stream.
#[derive(Debug, PartialEq, Eq)]
struct Segment {
    class: &'static str,
    text: String,
}

#[derive(Deserialize)]
pub(super) struct From {
    #[serde(default)]
    after: i64,
}

/// Most reads of the store for one answer; what is left comes with the next one.
const MOST_READS: usize = 25;

pub(super) async fn show(admin: Admin, Path(id): Path<RunId>) -> Result<Response, Refusal> {
    let page = RunPage { shell: Shell::admin(&admin, HERE), live: Live::read(&admin, id, 0).await? };
    Ok(Page(page).into_response())
}

pub(super) async fn more(
    admin: Admin,
    Path(id): Path<RunId>,
    Query(from): Query<From>,
) -> Result<Response, Refusal> {
    Ok(Page(Live::read(&admin, id, from.after).await?).into_response())
}

impl Live {
    async fn read(admin: &Admin, id: RunId, after: i64) -> Result<Self, AppError> {
        let ctx = &admin.0.ctx;
        let mut output = run::output(ctx, id, after).await?;
        for _ in 1..MOST_READS {
            if !output.more {
                break;
            }
            let following = run::output(ctx, id, output.next_seq).await?;
            let pieces = std::mem::take(&mut output.pieces);
            output = following;
            output.pieces.splice(0..0, pieces);
        }
        let device = match device::show(ctx, output.run.device).await {
            Ok(device) => device.name.clone(),
            Err(AppError::NotFound { .. }) => output.run.device.to_string(),
            Err(error) => return Err(error),
        };
        let may_cancel = !output.run.state.is_final() && may(ctx, Action::LaunchCommands);
        Ok(Self {
            cancel_token: may_cancel.then(|| admin.0.session.form_token.clone()),
            segments: segments(&output.pieces),
            left_out: Some(output.left_out).filter(|bytes| *bytes > 0),
            next_seq: output.next_seq,
            going_on: output.more || !output.run.state.is_final(),
            run: output.run.value,
            device,
        })
    }
}

fn segments(pieces: &[Piece]) -> Vec<Segment> {
    let mut bytes: Vec<(&'static str, Vec<u8>)> = Vec::new();
    for piece in pieces {
        let class = match (&piece.said, piece.stream) {
            (Said::Dropped(_), _) => "text-warning",
            (Said::Printed(_), Stream::Stdout) => "",
            (Said::Printed(_), Stream::Stderr) => "text-danger",
        };
        let said = match &piece.said {
            Said::Dropped(count) => format!("\n[{count} bytes left out here]\n").into_bytes(),
            Said::Printed(printed) => printed.clone(),
        };
        match bytes.last_mut() {
            Some((last, text)) if *last == class => text.extend(said),
            Some(_) | None => bytes.push((class, said)),
        }
    }
    bytes.into_iter().map(|(class, bytes)| Segment { class, text: printable(&bytes) }).collect()
}

/// Text without what would move a cursor or turn its direction.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let lines = text.split('\n').map(|line| {
        let cells = line.split('\t').map(|cell| sallyport_model::name::printable(cell, usize::MAX));
        cells.collect::<Vec<_>>().join("\t")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use sallyport_model::Time;

    use super::*;

    #[test]
    fn output_is_text_in_the_order_it_was_said() {
        let piece = |seq, stream, bytes: &[u8]| Piece {
            seq,
            at: Time(0),
            stream,
            said: Said::Printed(bytes.to_vec()),
        };
        let segments = segments(&[
            piece(1, Stream::Stdout, b"gr\xc3"),
            piece(2, Stream::Stdout, b"\xbc\xc3\x9fe\r\n\x1b[31mred"),
            piece(3, Stream::Stderr, b"<script>"),
        ]);
        assert_eq!(
            segments,
            [
                Segment { class: "", text: "gr\u{fc}\u{df}e\n[31mred".into() },
                Segment { class: "text-danger", text: "<script>".into() }
            ]
        );
    }
}
