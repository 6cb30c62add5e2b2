//! Closed-loop load: workers that send, wait for the answer, and send again.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use crate::process;

/// What one worker does over and over.
pub(crate) trait Work: Send + Sized + 'static {
    /// Does it once; `false` when there is nothing left to do.
    fn once(&mut self) -> impl Future<Output = anyhow::Result<bool>> + Send;
}

/// How a round goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) warm_up: Duration,
    pub(crate) time: Duration,
    /// Between an answer and the next request.
    pub(crate) pause: Duration,
}

impl Plan {
    pub(crate) fn of(time: Duration) -> Self {
        Self { warm_up: (time / 4).min(Duration::from_secs(1)), time, pause: Duration::ZERO }
    }

    pub(crate) fn paced(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }
}

/// What a round gave.
#[derive(Debug, Clone, Default)]
pub(crate) struct Round {
    pub(crate) time: Duration,
    /// Of the server, over the round.
    pub(crate) processor: Duration,
    pub(crate) latencies: Latencies,
}

impl Round {
    pub(crate) fn per_second(&self) -> f64 {
        self.latencies.count() as f64 / self.time.as_secs_f64()
    }

    /// Processor time of the server for each request, in microseconds.
    pub(crate) fn processor_micros(&self) -> f64 {
        self.processor.as_secs_f64() * 1e6 / self.latencies.count().max(1) as f64
    }
}

/// Times of many requests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(crate) fn add(&mut self, latency: Duration) {
        self.0.push(latency);
    }

    pub(crate) fn extend(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that `share` of the requests stayed under, in milliseconds.
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        let place = (sorted.len() as f64 * share).ceil() as usize;
        sorted.get(place.saturating_sub(1).min(last)).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    }
}

/// Runs a round with these workers on the server `pid`. Workers connect anew for each round: the server rightly closes
/// connections on which nothing is asked.
pub(crate) async fn round<W: Work>(plan: Plan, workers: Vec<W>, pid: u32) -> anyhow::Result<Round> {
    let begin = Instant::now() + plan.warm_up;
    let end = begin + plan.time;
    let working: Vec<_> =
        workers.into_iter().map(|worker| tokio::spawn(work(worker, begin, end, plan.pause))).collect();
    tokio::time::sleep_until(begin.into()).await;
    let before = process::processor_time(pid)?;
    let mut round = Round { time: plan.time, ..Round::default() };
    tokio::time::sleep_until(end.into()).await;
    round.processor = process::processor_time(pid)?.saturating_sub(before);
    for worker in working {
        let (latencies, dry) = worker.await.context("a worker broke")??;
        if dry {
            bail!("there was not enough to do for a whole round; shorten it with `--seconds`");
        }
        round.latencies.extend(&latencies);
    }
    Ok(round)
}

async fn work<W: Work>(
    mut worker: W,
    begin: Instant,
    end: Instant,
    pause: Duration,
) -> anyhow::Result<(Latencies, bool)> {
    let mut latencies = Latencies::default();
    loop {
        let sent = Instant::now();
        if sent >= end {
            return Ok((latencies, false));
        }
        if !worker.once().await? {
            return Ok((latencies, true));
        }
        let answered = Instant::now();
        if answered >= begin && answered < end {
            latencies.add(answered - sent);
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
}

/// The middle one.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
