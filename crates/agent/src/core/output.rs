//! What a program prints, with both ends kept: the beginning as it comes, the end when it is over.

use std::collections::VecDeque;

use data_encoding::BASE64;
use sallyport_api::agent::{RunHappening, Stream};

/// Of each stream so many bytes from the beginning and as many from the end.
pub(super) const KEPT: usize = 64 * 1024;

/// Bytes in one happening; base64 of it fits a frame many times over.
const PIECE: usize = 16 * 1024;

#[derive(Debug)]
pub(super) struct Output {
    stream: Stream,
    head: usize,
    tail: VecDeque<u8>,
    dropped: u64,
}

impl Output {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, head: 0, tail: VecDeque::new(), dropped: 0 }
    }

    /// What of these bytes is to be told at once.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<RunHappening> {
        let now = bytes.len().min(KEPT - self.head);
        let (head, rest) = bytes.split_at(now);
        self.head += now;
        // Of a long piece only the end can remain; the rest need not be copied first.
        let (skipped, rest) = rest.split_at(rest.len().saturating_sub(KEPT));
        self.dropped = self.dropped.saturating_add(skipped.len() as u64);
        self.tail.extend(rest);
        let excess = self.tail.len().saturating_sub(KEPT);
        self.tail.drain(..excess);
        self.dropped = self.dropped.saturating_add(excess as u64);
        self.told(head)
    }

    /// What is left to tell when the program is over.
    pub(super) fn finish(mut self) -> Vec<RunHappening> {
        let mut last = Vec::new();
        if self.dropped > 0 {
            last.push(RunHappening::Dropped { stream: self.stream, bytes: self.dropped });
        }
        let tail = std::mem::take(&mut self.tail);
        last.extend(self.told(&Vec::from(tail)));
        last
    }

    fn told(&self, bytes: &[u8]) -> Vec<RunHappening> {
        bytes
            .chunks(PIECE)
            .map(|piece| RunHappening::Output { stream: self.stream, data: BASE64.encode(piece) })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(happenings: &[RunHappening]) -> (Vec<u8>, u64) {
        let mut bytes = Vec::new();
        let mut dropped = 0;
        for happening in happenings {
            match happening {
                RunHappening::Output { data, .. } => bytes.extend(BASE64.decode(data.as_bytes()).unwrap()),
                RunHappening::Dropped { bytes, .. } => dropped += bytes,
                RunHappening::Started
                | RunHappening::Finished { .. }
                | RunHappening::Refused { .. }
                | RunHappening::Cancelled
                | RunHappening::Unknown { .. } => panic!("{happening:?}"),
            }
        }
        (bytes, dropped)
    }

    proptest! {
        #[test]
        fn both_ends_are_kept_and_all_bytes_accounted_for(
            lengths in prop::collection::vec(0usize..100_000, 0..8)
        ) {
            let printed: Vec<Vec<u8>> =
                lengths.iter().enumerate().map(|(i, n)| (0..*n).map(|j| (i * 31 + j % 251) as u8).collect()).collect();
            let whole: Vec<u8> = printed.concat();
            let mut output = Output::new(Stream::Stdout);
            let mut told = Vec::new();
            for piece in &printed {
                told.extend(output.take(piece));
            }
            told.extend(output.finish());
            let (kept, dropped) = texts(&told);
            prop_assert_eq!(kept.len() as u64 + dropped, whole.len() as u64);
            let head = whole.len().min(KEPT);
            prop_assert_eq!(&kept[..head], &whole[..head]);
            let tail = kept.len() - head;
            prop_assert_eq!(&kept[head..], &whole[whole.len() - tail..]);
            prop_assert!(dropped == 0 || tail == KEPT);
        }
    }
}
