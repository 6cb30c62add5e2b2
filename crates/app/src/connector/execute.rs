//! Doing what a plan says, one step after the other, each noted with what it changed in what we know.
//!
//! It may be stopped anywhere: what a call did is noted in one write behind it, and a creation is noted before it, so that the
//! next run finds what this one did not hear of. That one person's step is refused keeps nobody else from theirs.

mod calls;

use std::collections::{BTreeMap, HashMap, HashSet};

use sallyport_connect::duo_admin::{DuoAdmin, DuoAdminError};
use sallyport_model::{
    Connector, Span,
    connector::{ExportOutcome, ExportStep},
    id::{ExportRunId, UserId},
    name::printable,
};
use sallyport_store::Versioned;
use sallyport_wire::duo::admin::client::{RemoteId, RemoteUser};

use super::ours::Ours;
use super::plan::{Act, Done, Links, Step, StepKey, Subject, Theirs, Wanted};
use crate::{AppError, Ctx};

/// Longest reason that is kept of a step.
const LONGEST_REASON: usize = 300;
/// So many steps in a row may be forbidden before the run ends.
const MOST_FORBIDDEN: usize = 3;
/// So often a run looks whether something changed meanwhile; then another goes on with it, and what changed comes first.
const LOOKS_UP: Span = Span::seconds(60);

/// Why a run did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stopped {
    Failed(String),
    /// The connector was changed or switched off, or somebody else has it.
    Interrupted,
}

/// What became of the steps.
#[derive(Debug, Clone, Default)]
pub(super) struct Ended {
    pub(super) done: u32,
    pub(super) failed: u32,
    /// What was done that nobody had let run.
    pub(super) unseen: Done,
    pub(super) stopped: Option<Stopped>,
    /// Something changed meanwhile; the next run goes on.
    pub(super) is_cut: bool,
}

impl Ended {
    fn count(&mut self, step: &Step, outcome: &ExportOutcome, released: &HashSet<StepKey>) {
        match outcome {
            ExportOutcome::Done => {
                self.done += u32::from(step.kind().is_some());
                let did = Done::of(std::slice::from_ref(step), released);
                self.unseen.made += did.made;
                self.unseen.ended += did.ended;
            }
            ExportOutcome::Failed { .. } => self.failed += 1,
            ExportOutcome::Planned => {}
        }
    }
}

/// Why one step was not done.
enum Refusal {
    /// The step before it for the same person was not.
    After,
    Duo(DuoAdminError),
    One(String),
    Store(AppError),
}

impl From<DuoAdminError> for Refusal {
    fn from(error: DuoAdminError) -> Self {
        Self::Duo(error)
    }
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        Self::Store(error)
    }
}

pub(super) struct Hand<'a> {
    ctx: &'a Ctx,
    duo: &'a DuoAdmin<'a>,
    connector: &'a Versioned<Connector>,
    holder: &'a str,
    /// Of the feed, at which `wanted` was read.
    place: i64,
    wanted: Wanted,
    pub(super) links: Links,
    /// What we heard last of each of theirs.
    known: HashMap<RemoteId, RemoteUser>,
    /// For whom something was not done.
    failed: HashSet<Subject>,
    /// For whom something cannot be done as things are, which is to be said again.
    conflicts: HashSet<Subject>,
    /// How many steps in a row were forbidden.
    forbidden: usize,
    /// How many steps about names and fields are left for each person.
    left: BTreeMap<UserId, usize>,
}

impl<'a> Hand<'a> {
    pub(super) fn new(
        ctx: &'a Ctx,
        duo: &'a DuoAdmin<'a>,
        connector: &'a Versioned<Connector>,
        holder: &'a str,
        ours: Ours,
        theirs: Theirs,
    ) -> Self {
        let known = theirs.users.into_iter().map(|user| (user.user_id.clone(), user)).collect();
        let Ours { wanted, links, place } = ours;
        let (failed, conflicts, left) = (HashSet::new(), HashSet::new(), BTreeMap::new());
        Self {
            ctx,
            duo,
            connector,
            holder,
            place,
            wanted,
            links,
            known,
            failed,
            conflicts,
            forbidden: 0,
            left,
        }
    }

    pub(super) async fn carry_out(
        &mut self,
        steps: &[Step],
        run: Option<ExportRunId>,
        released: &HashSet<StepKey>,
    ) -> Result<Ended, AppError> {
        let mut ended = Ended::default();
        let mut looked = self.ctx.org.clock.now();
        for id in steps.iter().filter_map(named) {
            *self.left.entry(id).or_default() += 1;
        }
        let conflicts = steps.iter().filter(|step| matches!(step.act, Act::Conflict { .. }));
        self.conflicts = conflicts.map(|step| step.subject).collect();
        for (n, step) in (0..).zip(steps) {
            if matches!(step.act, Act::Conflict { .. }) {
                continue;
            }
            let now = self.ctx.org.clock.now();
            if now.since(looked) > LOOKS_UP {
                looked = now;
                if self.has_news().await? {
                    ended.is_cut = true;
                    break;
                }
            }
            if !self.may_go_on().await? {
                ended.stopped = Some(Stopped::Interrupted);
                break;
            }
            let result = self.step(step).await;
            let (outcome, stopped) = self.judge(result)?;
            self.settle(step, &outcome);
            self.note(n, step, run, &outcome).await?;
            ended.count(step, &outcome, released);
            if matches!(outcome, ExportOutcome::Failed { .. }) {
                self.failed.insert(step.subject);
            }
            if stopped.is_some() {
                ended.stopped = stopped;
                break;
            }
        }
        Ok(ended)
    }

    /// What became of a step, and whether the run ends with it.
    fn judge(&mut self, result: Result<(), Refusal>) -> Result<(ExportOutcome, Option<Stopped>), AppError> {
        let error = match result {
            Ok(()) => {
                self.forbidden = 0;
                return Ok((ExportOutcome::Done, None));
            }
            Err(Refusal::Store(error)) => return Err(error),
            Err(Refusal::After) => return Ok((ExportOutcome::Planned, None)),
            Err(Refusal::One(why)) => return Ok((not_done(&why), None)),
            Err(Refusal::Duo(error)) => error,
        };
        let why = error.to_string();
        // Some people may be above our rights there; if all are, the permission is missing.
        let is_forbidden = matches!(error, DuoAdminError::Permission(_));
        self.forbidden = if is_forbidden { self.forbidden + 1 } else { 0 };
        let stops = !error.is_about_one() || self.forbidden >= MOST_FORBIDDEN;
        Ok((not_done(&why), stops.then(|| Stopped::Failed(why.clone()))))
    }

    /// Whether the connector is still what it was when the run began, and still ours to run.
    async fn may_go_on(&self) -> Result<bool, AppError> {
        let (id, version, holder) = (self.connector.id, self.connector.version, self.holder.to_owned());
        self.ctx
            .read(move |reader| {
                let now = reader.find::<Connector>(id)?;
                let standing: super::Standing = reader.connector_standing(id)?;
                let same = now.is_some_and(|now| now.version == version && now.enabled);
                Ok(same && standing.is_held_by(&holder))
            })
            .await
    }

    /// Whether something changed since what is done here was planned.
    async fn has_news(&self) -> Result<bool, AppError> {
        let (id, place) = (self.connector.id, self.place);
        let dirty = self.ctx.read_many(move |reader| Ok(reader.dirty(id, i64::MAX)?)).await?;
        Ok(dirty.iter().any(|(_, seq)| *seq > place))
    }

    /// Notes what we know now of this subject, and what became of the step.
    async fn note(
        &self,
        n: i64,
        step: &Step,
        run: Option<ExportRunId>,
        outcome: &ExportOutcome,
    ) -> Result<(), AppError> {
        let (id, holder, now) = (self.connector.id, self.holder.to_owned(), self.ctx.org.clock.now());
        let subject = step.subject.to_string();
        let link = self.link_doc(step.subject)?;
        let line = run.zip(step.kind()).map(|(run, kind)| {
            let (label, text, corrects) = (step.label.clone(), step.text(), step.corrects);
            (
                run,
                ExportStep {
                    subject: subject.clone(),
                    label,
                    kind,
                    text,
                    corrects,
                    outcome: outcome.clone(),
                },
            )
        });
        self.ctx
            .write(move |tx| {
                if tx.find::<Connector>(id)?.is_none() {
                    return Ok(());
                }
                match &link {
                    Some(link) => tx.put_connector_link(id, &subject, link)?,
                    None => tx.delete_connector_link(id, &subject)?,
                }
                if let Some((run, line)) = &line {
                    tx.put_export_step(*run, n, line)?;
                }
                tx.restand(id, |standing| {
                    if standing.is_held_by(&holder) {
                        standing.lease(&holder, now);
                    }
                })
            })
            .await
    }

    fn link_doc(&self, subject: Subject) -> Result<Option<serde_json::Value>, AppError> {
        Ok(match subject {
            Subject::Group(id) => self.links.groups.get(&id).map(serde_json::to_value).transpose()?,
            Subject::User(id) => self.links.users.get(&id).map(serde_json::to_value).transpose()?,
        })
    }

    /// Once all that was to be said of somebody is said, that is remembered, however it is spelled there.
    fn settle(&mut self, step: &Step, outcome: &ExportOutcome) {
        let Some(id) = named(step) else { return };
        let left = self.left.entry(id).or_default();
        *left = left.saturating_sub(1);
        let is_last = *left == 0 && *outcome == ExportOutcome::Done;
        let is_last =
            is_last && !self.failed.contains(&step.subject) && !self.conflicts.contains(&step.subject);
        let Some(link) = self.links.users.get_mut(&id).filter(|_| is_last) else { return };
        if let Some(theirs) = link.remote.as_ref().and_then(|remote| self.known.get(remote)) {
            link.settle(&self.wanted, id, theirs);
        }
    }

    async fn step(&mut self, step: &Step) -> Result<(), Refusal> {
        match step.subject {
            Subject::Group(id) => self.group(id, step).await,
            // Whoever must be shut out is, whatever else went wrong.
            Subject::User(_) if self.failed.contains(&step.subject) && step.counts() == (false, false) => {
                Err(Refusal::After)
            }
            Subject::User(id) => self.user(id, step).await,
        }
    }
}

/// Whose names and fields a step is about.
fn named(step: &Step) -> Option<UserId> {
    let is_about = match &step.act {
        Act::Create { .. }
        | Act::Found { .. }
        | Act::Rename { .. }
        | Act::TakeOver { .. }
        | Act::Update { .. } => true,
        Act::AddPhone { .. }
        | Act::Conflict { .. }
        | Act::CreateGroup { .. }
        | Act::Disable { .. }
        | Act::Enable { .. }
        | Act::Forget
        | Act::Join { .. }
        | Act::Leave { .. }
        | Act::RemovePhone { .. }
        | Act::Restore { .. }
        | Act::TakeOverGroup { .. }
        | Act::Trash { .. }
        | Act::UpdateGroup { .. } => false,
    };
    match step.subject {
        Subject::User(id) if is_about => Some(id),
        Subject::User(_) | Subject::Group(_) => None,
    }
}

fn not_done(why: &str) -> ExportOutcome {
    ExportOutcome::Failed { why: printable(why, LONGEST_REASON) }
}
