//! One run of a connector, from taking it up to what is known of it afterwards.

use std::collections::{BTreeSet, HashSet};

use sallyport_connect::duo_admin::{DuoAdmin, DuoAdminError};
use sallyport_model::{
    Connector,
    connector::{
        ExportCounts, ExportOutcome, ExportRun, ExportRunKind, ExportRunState, ExportStep, ExportStepKind,
    },
    id::{ConnectorId, ExportRunId, UserId},
};
use sallyport_store::Versioned;
use sallyport_wire::duo::signing::Keys;

use super::{
    RUNS_KEPT, Standing, account, clock, duo,
    execute::{Ended, Hand, Stopped},
    gather,
    ours::Ours,
    plan::{Done, Links, Rules, Step, StepKey, Theirs, plan},
    standing::Conflict,
};
use crate::{AppError, Ctx, Tx, feed::notices};

/// More changes than this are met by comparing everybody.
const MOST_CHANGES: usize = 50;
/// Most steps of one run; the next one does the rest.
const MOST_STEPS: usize = 20_000;
/// Steps noted in one transaction.
const AT_ONCE: usize = 200;

/// What a run is about, once it has the connector to itself.
struct Task {
    kind: ExportRunKind,
    by_hand: bool,
    /// Who asked for it by hand.
    by: Option<String>,
    connector: Versioned<Connector>,
    keys: Keys,
    dirty: Vec<(String, i64)>,
    released: Option<ExportRunId>,
}

/// Does what is due for one connector; whether there was anything.
pub(super) async fn attend(ctx: &Ctx, id: ConnectorId, holder: &str) -> Result<bool, AppError> {
    let (reading, by) = (ctx.clone(), holder.to_owned());
    let Some(task) = ctx.write(move |tx| take(tx, &reading, id, &by)).await? else { return Ok(false) };
    let outcome = carry(ctx, &task, holder).await;
    let (now, is_busy) = (ctx.org.clock.now(), matches!(outcome, Err(AppError::Busy)));
    let why = outcome.as_ref().err().map(ToString::to_string);
    ctx.write(move |tx| {
        tx.restand(id, |standing| {
            standing.give_back();
            if let (Some(why), false) = (&why, is_busy) {
                standing.failed(why.clone(), now);
            }
        })
    })
    .await?;
    outcome.map(|()| true)
}

/// Takes a connector up, if it has something to do and nobody else has it.
fn take(tx: &mut Tx<'_, '_>, ctx: &Ctx, id: ConnectorId, holder: &str) -> Result<Option<Task>, AppError> {
    let now = ctx.org.clock.now();
    let mut standing: Standing = tx.connector_standing(id)?;
    if tx.find::<Connector>(id)?.is_none() || !standing.is_free(holder, ctx.org.db.is_shared(), now) {
        return Ok(None);
    }
    let Some((connector, keys)) = account(tx, ctx, id)? else { return Ok(None) };
    let by_hand = standing.asked.is_some();
    let dirty = tx.dirty(id, i64::try_from(MOST_CHANGES).unwrap_or(0) + 1)?;
    let by = standing.asked_by.take().filter(|_| by_hand);
    let kind = match standing.asked.take() {
        Some(ExportRunKind::Preview) => ExportRunKind::Preview,
        _ if !connector.enabled => return Ok(None),
        Some(kind) => kind,
        // What just changed comes first: among it may be somebody who is shut out.
        None if (1..=MOST_CHANGES).contains(&dirty.len()) && standing.compared.is_some() => {
            ExportRunKind::Changes
        }
        None if standing.full_due <= now || !dirty.is_empty() => ExportRunKind::Full,
        None => return Ok(None),
    };
    standing.lease(holder, now);
    let released = standing.released(now);
    tx.put_connector_standing(id, &standing)?;
    for run in tx.export_runs(id, None, RUNS_KEPT)? {
        if run.state == ExportRunState::Running {
            let state = ExportRunState::Interrupted;
            tx.put_export_run(&ExportRun { state, ended: Some(now), ..run })?;
        }
    }
    Ok(Some(Task { kind, by_hand, by, connector, keys, dirty, released }))
}

async fn carry(ctx: &Ctx, task: &Task, holder: &str) -> Result<(), AppError> {
    let clock = clock(ctx);
    let duo = duo(ctx, &task.connector, task.keys.clone(), &clock)?;
    let mut kind = task.kind;
    loop {
        let ours = read(ctx, task).await?;
        let (theirs, rules) = match look(&duo, task, kind, &ours).await {
            Ok(looked) => looked,
            Err(error) => return failed(ctx, task, kind, error.to_string()).await,
        };
        let mut steps = plan(&rules, &ours.wanted, &theirs, &ours.links);
        steps.truncate(MOST_STEPS);
        let held = held(ctx, task, &steps, &ours.links).await?;
        if held.is_some() && kind == ExportRunKind::Changes {
            // Whoever gives their word sees the whole.
            kind = ExportRunKind::Full;
            continue;
        }
        let draft = Draft { task, kind, steps: &steps };
        return match (kind, held) {
            (ExportRunKind::Preview, _) => draft.note(ctx, ExportRunState::Previewed, String::new()).await,
            (_, Some(why)) => draft.hold(ctx, why, &ours).await,
            (_, None) => draft.perform(ctx, &duo, ours, theirs, holder).await,
        };
    }
}

async fn read(ctx: &Ctx, task: &Task) -> Result<Ours, AppError> {
    let connector = task.connector.value.clone();
    ctx.read_many(move |reader| Ours::read(reader, &connector)).await
}

async fn look(
    duo: &DuoAdmin<'_>,
    task: &Task,
    kind: ExportRunKind,
    ours: &Ours,
) -> Result<(Theirs, Rules), DuoAdminError> {
    let (take_over, leavers) = (task.connector.take_over, task.connector.leavers);
    let rules = Rules { take_over, leavers, only: None };
    match kind {
        ExportRunKind::Full | ExportRunKind::Preview => {
            Ok((gather::everything(duo, &ours.links).await?, rules))
        }
        ExportRunKind::Changes => {
            let mut people: BTreeSet<UserId> =
                task.dirty.iter().filter_map(|(subject, _)| subject.parse().ok()).collect();
            let theirs = gather::some(duo, &mut people, &ours.wanted, &ours.links).await?;
            Ok((theirs, Rules { only: Some(people), ..rules }))
        }
    }
}

/// Why the brake holds this plan, if it does. What somebody let run is not counted; what small runs did within the last hour
/// is.
async fn held(ctx: &Ctx, task: &Task, steps: &[Step], links: &Links) -> Result<Option<String>, AppError> {
    let most = task.connector.brake.most(links.managed());
    let released = released(ctx, task).await?;
    let (id, now) = (task.connector.id, ctx.org.clock.now());
    let standing: Standing = ctx.read(move |reader| Ok(reader.connector_standing(id)?)).await?;
    Ok(Done::of(steps, &released).held(standing.lately(now), most))
}

/// The steps that somebody has seen and let run.
async fn released(ctx: &Ctx, task: &Task) -> Result<HashSet<StepKey>, AppError> {
    let Some(run) = task.released else { return Ok(HashSet::new()) };
    let steps = ctx.read_many(move |reader| Ok(reader.export_steps(run, -1, all())?)).await?;
    Ok(steps.into_iter().map(|(_, line)| line.into()).collect())
}

fn all() -> i64 {
    i64::try_from(MOST_STEPS).unwrap_or(i64::MAX)
}

/// A run that could not even begin. The same trouble again and again is noted once.
async fn failed(ctx: &Ctx, task: &Task, kind: ExportRunKind, why: String) -> Result<(), AppError> {
    let id = task.connector.id;
    let standing: Standing = ctx.read(move |reader| Ok(reader.connector_standing(id)?)).await?;
    if task.by_hand || standing.problem.as_ref() != Some(&why) {
        Draft { task, kind, steps: &[] }.note(ctx, ExportRunState::Failed, why.clone()).await?;
    }
    Err(AppError::Conflict(why.into()))
}

/// What a run means to do.
struct Draft<'a> {
    task: &'a Task,
    kind: ExportRunKind,
    steps: &'a [Step],
}

impl Draft<'_> {
    /// The steps that are worth a line, with their places in the plan.
    fn lines(&self) -> Vec<(i64, ExportStep)> {
        let lines = (0..).zip(self.steps).filter_map(|(n, step)| {
            let (subject, label) = (step.subject.to_string(), step.label.clone());
            let (kind, text, corrects) = (step.kind()?, step.text(), step.corrects);
            Some((n, ExportStep { subject, label, kind, text, corrects, outcome: ExportOutcome::Planned }))
        });
        lines.collect()
    }

    fn counts(&self, lines: &[(i64, ExportStep)]) -> ExportCounts {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let conflicts = lines.iter().filter(|(_, step)| step.kind == ExportStepKind::Conflict).count();
        let Done { made, ended } = Done::of(self.steps, &HashSet::new());
        ExportCounts {
            planned: count(lines.len() - conflicts),
            done: 0,
            failed: 0,
            conflicts: count(conflicts),
            made: count(made),
            ended: count(ended),
        }
    }

    /// Writes down what is meant, before anything of it is done.
    async fn write(&self, ctx: &Ctx, state: ExportRunState, reason: String) -> Result<ExportRun, AppError> {
        let (now, lines) = (ctx.org.clock.now(), self.lines());
        let ended = (state != ExportRunState::Running).then_some(now);
        let run = ExportRun {
            id: ctx.id(ExportRunId::new)?,
            connector: self.task.connector.id,
            kind: self.kind,
            by: self.task.by.clone(),
            state,
            started: now,
            ended,
            reason,
            counts: self.counts(&lines),
        };
        let noted = run.clone();
        ctx.write(move |tx| {
            tx.put_export_run(&noted)?;
            Ok(tx.keep_export_runs(noted.connector, RUNS_KEPT)?)
        })
        .await?;
        let id = run.id;
        for some in lines.chunks(AT_ONCE).map(<[_]>::to_vec) {
            ctx.write(move |tx| some.iter().try_for_each(|(n, step)| Ok(tx.put_export_step(id, *n, step)?)))
                .await?;
        }
        Ok(run)
    }

    async fn note(&self, ctx: &Ctx, state: ExportRunState, reason: String) -> Result<(), AppError> {
        self.write(ctx, state, reason).await.map(|_| ())
    }

    /// Waits for somebody's word. The same plan again is the same run.
    async fn hold(&self, ctx: &Ctx, why: String, ours: &Ours) -> Result<(), AppError> {
        let id = self.task.connector.id;
        let standing: Standing = ctx.read(move |reader| Ok(reader.connector_standing(id)?)).await?;
        let before = match standing.held {
            Some(run) => ctx.read_many(move |reader| Ok(reader.export_steps(run, -1, all())?)).await?,
            None => Vec::new(),
        };
        let run = match standing.held.filter(|_| before == self.lines()) {
            Some(run) => run,
            None => self.write(ctx, ExportRunState::Held, why.clone()).await?.id,
        };
        tracing::warn!(connector = %id, %run, "the brake holds a run; an administrator decides");
        let (now, place, managed) = (ctx.org.clock.now(), ours.place, ours.links.managed());
        let tells = standing.tells(now);
        let hearing = if tells { notices::connector::who_hears(ctx).await? } else { Vec::new() };
        let connector = self.task.connector.clone();
        ctx.write(move |tx| {
            // What is held is found again by comparing; a change that comes now is not kept waiting by it.
            tx.clean_all(id, place)?;
            notices::connector::tell_held(tx, &connector, (run, &why), &hearing)?;
            tx.restand(id, |standing| {
                standing.succeeded(true, false, now);
                standing.hold(run, tells, now);
                standing.managed = managed;
            })
        })
        .await?;
        ctx.org.bells.ring(notices::OUTBOX);
        Ok(())
    }

    /// Does it.
    async fn perform(
        &self,
        ctx: &Ctx,
        duo: &DuoAdmin<'_>,
        ours: Ours,
        theirs: Theirs,
        holder: &str,
    ) -> Result<(), AppError> {
        let lines = self.lines();
        let has_work = lines.iter().any(|(_, step)| step.kind != ExportStepKind::Conflict);
        let run = if has_work || self.task.by_hand {
            Some(self.write(ctx, ExportRunState::Running, String::new()).await?)
        } else {
            None
        };
        let unreleased = released(ctx, self.task).await?;
        let place = ours.place;
        let mut hand = Hand::new(ctx, duo, &self.task.connector, holder, ours, theirs);
        let ended = hand.carry_out(self.steps, run.as_ref().map(|run| run.id), &unreleased).await?;
        self.finish(ctx, run, ended, place, hand.links.managed()).await
    }

    async fn finish(
        &self,
        ctx: &Ctx,
        run: Option<ExportRun>,
        ended: Ended,
        place: i64,
        managed: usize,
    ) -> Result<(), AppError> {
        let (id, now) = (self.task.connector.id, ctx.org.clock.now());
        let is_full = self.kind != ExportRunKind::Changes && !ended.is_cut;
        let conflicts = self.conflicts();
        let dirty = self.task.dirty.clone();
        let Ended { done, failed, unseen, stopped, is_cut } = ended;
        let why = stopped.clone();
        ctx.write(move |tx| {
            if let Some(run) = &run {
                let state = match &why {
                    None => ExportRunState::Done,
                    Some(Stopped::Failed(_)) => ExportRunState::Failed,
                    Some(Stopped::Interrupted) => ExportRunState::Interrupted,
                };
                let counts = ExportCounts { done, failed, ..run.counts };
                let reason = match &why {
                    Some(Stopped::Failed(why)) => why.clone(),
                    None if is_cut => {
                        "something changed meanwhile and comes first; the next run goes on".into()
                    }
                    Some(Stopped::Interrupted) | None => String::new(),
                };
                tx.put_export_run(&ExportRun { state, ended: Some(now), reason, counts, ..run.clone() })?;
            }
            match (&why, is_full) {
                (Some(_), _) => {}
                _ if is_cut => {}
                (None, true) => tx.clean_all(id, place)?,
                (None, false) => {
                    for (subject, seq) in &dirty {
                        tx.clean(id, subject, *seq)?;
                    }
                }
            }
            tx.restand(id, |standing| {
                standing.remember(unseen, now);
                standing.managed = managed;
                if why.is_none() {
                    standing.succeeded(is_full, failed > 0, now);
                    if is_full {
                        standing.conflicts.clone_from(&conflicts);
                        (standing.released, standing.held) = (None, None);
                    }
                }
            })
        })
        .await?;
        match stopped {
            Some(Stopped::Failed(why)) => Err(AppError::Conflict(why.into())),
            Some(Stopped::Interrupted) | None => Ok(()),
        }
    }

    fn conflicts(&self) -> Vec<Conflict> {
        let lines = self.lines();
        let conflicts = lines.into_iter().filter(|(_, step)| step.kind == ExportStepKind::Conflict);
        conflicts
            .map(|(_, step)| Conflict { label: step.label, why: step.text })
            .take(Standing::MOST_CONFLICTS)
            .collect()
    }
}
