//! Connectors: exchanges with other systems, for now the export of people, groups and phones to an account at Duo.
//!
//! Use cases say what a connector is to do; what it does follows from the feed and from comparing now and then, in `worker`,
//! and nowhere else. Its secret key is sealed and shown to nobody, and is for one host and one integration key.

mod execute;
mod gather;
mod ours;
mod plan;
mod run;
mod standing;
#[cfg(test)]
pub(crate) mod tests;
mod worker;

use std::time::Duration;

use sallyport_api::rest::{CreateConnector, UpdateConnector};
use sallyport_connect::duo_admin::{DuoAdmin, Patience, url_of};
use sallyport_crypto::Secret;
use sallyport_model::{
    Action, Connector, Group, GroupKind,
    connector::{
        Brake, ExportRun, ExportRunKind, ExportRunState, ExportStep, ExportedPeople, Leavers, UsernameSource,
    },
    fold,
    id::{ConnectorId, ExportRunId, GroupId},
    name::{display_name, printable},
};
use sallyport_store::{Page, PageRequest, Reader, Versioned};
use sallyport_wire::duo::signing::Keys;

pub use self::{
    standing::{Conflict, Standing},
    worker::{catch_up, run},
};
use crate::{AppError, Ctx, Tx, ctx::open_secret, user::expect_version};

/// Kind of the sealed secret of a connector.
const SECRET: &str = "connector_skey";
/// Rung when a connector has something to do.
pub(crate) const BELL: &str = "connectors";
const LONGEST_HOST: usize = 255;
/// Most runs that are remembered of one connector.
const RUNS_KEPT: i64 = 100;

/// Said when the secret key was forgotten.
pub const SECRET_FORGOTTEN: &str =
    "The secret key was for the host and integration key before and is forgotten. Give the new one's.";

/// A connector, and how it stands.
#[derive(Debug, Clone)]
pub struct Shown {
    pub connector: Versioned<Connector>,
    pub has_secret: bool,
    pub standing: Standing,
}

/// A run with part of its steps.
#[derive(Debug, Clone)]
pub struct ShownRun {
    pub run: ExportRun,
    /// With their places.
    pub steps: Vec<(i64, ExportStep)>,
    /// The place after which there are more, if there are.
    pub next: Option<i64>,
}

impl Tx<'_, '_> {
    fn connector_to_manage(&mut self, id: ConnectorId) -> Result<Versioned<Connector>, AppError> {
        self.ctx.allow(Action::ManageConnectors)?;
        self.find::<Connector>(id)?.ok_or_else(|| AppError::not_found("connector", id))
    }

    /// Changes how a connector stands.
    fn restand(&mut self, id: ConnectorId, change: impl FnOnce(&mut Standing)) -> Result<(), AppError> {
        // One that was deleted meanwhile leaves nothing behind.
        if self.find::<Connector>(id)?.is_none() {
            return Ok(());
        }
        let mut standing: Standing = self.connector_standing(id)?;
        change(&mut standing);
        Ok(self.put_connector_standing(id, &standing)?)
    }
}

/// A page of connectors, in order of names.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Page<Connector>, AppError> {
    ctx.allow(Action::ReadSettings)?;
    ctx.read_many(move |reader| Ok(reader.list::<Connector>(&page)?)).await
}

/// One connector by id or name, as people type it.
///
/// # Errors
/// Denied, or no such connector.
pub async fn resolve(ctx: &Ctx, given: &str) -> Result<Versioned<Connector>, AppError> {
    ctx.allow(Action::ReadSettings)?;
    let given = given.to_owned();
    ctx.read(move |reader| {
        let found = match given.parse::<ConnectorId>() {
            Ok(id) => reader.find::<Connector>(id)?,
            Err(_) => reader.find_by_key::<Connector>(&fold(&given))?,
        };
        found.ok_or_else(|| AppError::not_found("connector", printable(&given, 64)))
    })
    .await
}

/// A connector, and how it stands.
///
/// # Errors
/// Denied, or no such connector.
pub async fn show(ctx: &Ctx, id: ConnectorId) -> Result<Shown, AppError> {
    ctx.allow(Action::ReadSettings)?;
    ctx.read(move |reader| shown(reader, id)).await
}

fn shown(reader: &mut Reader, id: ConnectorId) -> Result<Shown, AppError> {
    let connector = reader.find::<Connector>(id)?.ok_or_else(|| AppError::not_found("connector", id))?;
    let has_secret = reader.find_secret(&id.to_string(), SECRET)?.is_some();
    Ok(Shown { connector, has_secret, standing: reader.connector_standing(id)? })
}

/// Makes a connector that is off.
///
/// # Errors
/// Denied, an unusable name, host or key, or the name is taken.
pub async fn create(ctx: &Ctx, input: CreateConnector, secret: &Secret) -> Result<Shown, AppError> {
    ctx.allow(Action::ManageConnectors)?;
    check_secret(secret)?;
    let connector = Connector {
        id: ctx.id(ConnectorId::new)?,
        name: display_name(&input.name)?,
        kind: input.kind,
        host: host(&input.host)?,
        ikey: ikey(&input.ikey)?,
        enabled: false,
        people: ExportedPeople::All,
        groups: Vec::new(),
        username: UsernameSource::default(),
        phones: false,
        take_over: false,
        leavers: Leavers::default(),
        brake: Brake::default(),
        created: ctx.now,
    };
    let secret = secret.clone();
    ctx.write(move |tx| {
        let created = tx.create(connector.clone())?;
        let created = tx.record(created, "create");
        tx.seal_secret(&created.id.to_string(), SECRET, secret.expose().as_bytes())?;
        shown(tx, created.id)
    })
    .await
}

/// Changes a connector; what is not given stays. Without a secret key the one before stays, unless it was for another host
/// or integration key. Who is who at another host nobody knows any more.
///
/// # Errors
/// Denied, invalid, or changed by somebody else since `version`.
pub async fn update(
    ctx: &Ctx,
    id: ConnectorId,
    version: Option<i64>,
    input: UpdateConnector,
    secret: Option<Secret>,
) -> Result<Shown, AppError> {
    if let Some(secret) = &secret {
        check_secret(secret)?;
    }
    let done = ctx
        .write(move |tx| {
            let before = tx.connector_to_manage(id)?;
            expect_version(&before, version)?;
            let after = edited(tx, &before, &input)?;
            let owner = id.to_string();
            let forgotten = before.is_elsewhere_than(&after) && tx.delete_secret(&owner, SECRET)?;
            if !before.host.eq_ignore_ascii_case(&after.host) {
                tx.forget_connector_links(id)?;
            }
            if let Some(secret) = &secret {
                tx.seal_secret(&owner, SECRET, secret.expose().as_bytes())?;
            }
            if after.enabled && forgotten && secret.is_none() {
                return Err(AppError::invalid(
                    "skey",
                    "another host or integration key needs its secret key",
                ));
            }
            if after == before.value && secret.is_none() {
                return Err(AppError::invalid("body", "nothing would change"));
            }
            let verb = match (before.enabled, after.enabled) {
                (true, false) => "disable",
                (false, true) => "enable",
                (true, true) | (false, false) => "update",
            };
            let changed = tx.update(&before, after)?;
            tx.record(changed, verb);
            // What somebody let run was let run under other settings.
            tx.restand(id, |standing| {
                standing.compare_now();
                (standing.released, standing.held) = (None, None);
            })?;
            shown(tx, id)
        })
        .await?;
    ctx.org.bells.ring(BELL);
    Ok(done)
}

fn edited(reader: &mut Reader, before: &Connector, input: &UpdateConnector) -> Result<Connector, AppError> {
    let mut after = before.clone();
    let UpdateConnector { name, host: at, ikey: key, enabled, people, groups, username, .. } = input;
    if let Some(name) = name {
        after.name = display_name(name)?;
    }
    if let Some(at) = at {
        after.host = host(at)?;
    }
    if let Some(key) = key {
        after.ikey = ikey(key)?;
    }
    if let Some(people) = people {
        if let ExportedPeople::Groups { groups } = people {
            known_groups(reader, groups, "people")?;
        }
        after.people = people.clone();
    }
    if let Some(groups) = groups {
        known_groups(reader, groups, "groups")?;
        after.groups.clone_from(groups);
    }
    if input.brake.is_some_and(|brake| brake.percent > 100) {
        return Err(AppError::invalid("brake.percent", "from 0 to 100"));
    }
    after.enabled = enabled.unwrap_or(after.enabled);
    after.username = username.unwrap_or(after.username);
    after.phones = input.phones.unwrap_or(after.phones);
    after.take_over = input.take_over.unwrap_or(after.take_over);
    after.leavers = input.leavers.unwrap_or(after.leavers);
    after.brake = input.brake.unwrap_or(after.brake);
    Ok(after)
}

fn known_groups(reader: &mut Reader, groups: &[GroupId], field: &'static str) -> Result<(), AppError> {
    if groups.len() > Connector::MOST_GROUPS {
        return Err(AppError::invalid(field, format!("at most {} groups", Connector::MOST_GROUPS)));
    }
    for id in groups {
        let group = reader.find::<Group>(*id)?.filter(|group| group.kind == GroupKind::Users);
        if group.is_none() {
            return Err(AppError::invalid(field, format!("there is no group of users `{id}`")));
        }
    }
    Ok(())
}

fn host(given: &str) -> Result<String, AppError> {
    let given = given.trim().to_ascii_lowercase();
    let is_host = given.len() <= LONGEST_HOST && url_of(&given).is_ok();
    is_host.then_some(given).ok_or_else(|| {
        AppError::invalid("host", "is the API hostname at Duo, such as `api-0123abcd.duosecurity.com`")
    })
}

fn ikey(given: &str) -> Result<String, AppError> {
    let given = given.trim();
    let fits = given.len() == 20 && given.bytes().all(|b| b.is_ascii_alphanumeric());
    if fits {
        Ok(given.to_owned())
    } else {
        Err(AppError::invalid("ikey", "is 20 letters and digits: `DI...`"))
    }
}

fn check_secret(secret: &Secret) -> Result<(), AppError> {
    let text = secret.expose();
    let fits = text.len() == 40 && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if fits { Ok(()) } else { Err(AppError::invalid("skey", "is 40 letters and digits")) }
}

/// Deletes a connector with what it knew. What it made at Duo stays there.
///
/// # Errors
/// Denied, or changed by somebody else since `version`.
pub async fn delete(ctx: &Ctx, id: ConnectorId, version: Option<i64>) -> Result<(), AppError> {
    ctx.write(move |tx| {
        let before = tx.connector_to_manage(id)?;
        expect_version(&before, version)?;
        let changed = tx.delete(&before)?;
        tx.record(changed, "delete");
        Ok(tx.forget_connector(id)?)
    })
    .await
}

/// What Duo says of the keys: nothing, or what is wrong. Nothing is changed there.
///
/// # Errors
/// Denied, or no such connector.
pub async fn check(ctx: &Ctx, id: ConnectorId) -> Result<Option<String>, AppError> {
    ctx.allow(Action::ManageConnectors)?;
    let reading = ctx.clone();
    let found = ctx.read(move |reader| account(reader, &reading, id)).await?;
    let Some((connector, keys)) = found else {
        return Ok(Some("there is no secret key; give the one of the application at Duo".into()));
    };
    let clock = clock(ctx);
    Ok(duo(ctx, &connector, keys, &clock)?.check().await.err().map(|error| error.to_string()))
}

/// Has everybody compared now, and written if `kind` says so.
///
/// # Errors
/// Denied, no such connector, or it is off.
pub async fn ask(ctx: &Ctx, id: ConnectorId, kind: ExportRunKind) -> Result<(), AppError> {
    ctx.write(move |tx| {
        let connector = tx.connector_to_manage(id)?;
        if kind != ExportRunKind::Preview && !connector.enabled {
            return Err(AppError::Conflict(
                "the connector is off; look at its preview, then switch it on".into(),
            ));
        }
        if tx.find_secret(&id.to_string(), SECRET)?.is_none() {
            return Err(AppError::Conflict("the connector has no secret key".into()));
        }
        let by = tx.ctx.actor().label();
        tx.restand(id, |standing| (standing.asked, standing.asked_by) = (Some(kind), Some(by.clone())))?;
        let verb = if kind == ExportRunKind::Preview { "preview" } else { "run" };
        tx.record_touched(&connector.value, verb);
        Ok(())
    })
    .await?;
    ctx.org.bells.ring(BELL);
    Ok(())
}

/// Lets be done what a run meant to do, and nothing else that the brake would hold.
///
/// # Errors
/// Denied, no such run, or one that waits for nobody.
pub async fn release(ctx: &Ctx, id: ConnectorId, run: ExportRunId) -> Result<(), AppError> {
    ctx.write(move |tx| {
        let connector = tx.connector_to_manage(id)?;
        let found = known_run(tx, id, run)?;
        if !found.state.can_be_released() {
            let text = format!("this run is {} and waits for nobody", found.state.as_str());
            return Err(AppError::Conflict(text.into()));
        }
        if !connector.enabled {
            return Err(AppError::Conflict("the connector is off; switch it on first".into()));
        }
        let newest = tx.export_runs(id, None, RUNS_KEPT)?;
        let newer = newest.iter().any(|other| other.id > run && other.state.can_be_released());
        if newer {
            return Err(AppError::Conflict("there is a newer preview; look at that one".into()));
        }
        tx.put_export_run(&ExportRun { state: ExportRunState::Released, ..found })?;
        let now = tx.ctx.now;
        tx.restand(id, |standing| standing.release(run, now))?;
        tx.record_touched(&connector.value, "let_run");
        Ok(())
    })
    .await?;
    ctx.org.bells.ring(BELL);
    Ok(())
}

/// The newest runs of a connector, before one of them if it is named; and before which there are more, if there are.
///
/// # Errors
/// Denied, or no such connector.
pub async fn runs(
    ctx: &Ctx,
    id: ConnectorId,
    before: Option<ExportRunId>,
    limit: usize,
) -> Result<(Vec<ExportRun>, Option<ExportRunId>), AppError> {
    ctx.allow(Action::ReadSettings)?;
    let limit = limit.clamp(1, 500);
    ctx.read(move |reader| {
        let fetch = i64::try_from(limit).unwrap_or(1) + 1;
        let mut runs = reader.export_runs(id, before, fetch)?;
        let more = runs.len() > limit;
        runs.truncate(limit);
        let next = runs.last().map(|run| run.id).filter(|_| more);
        Ok((runs, next))
    })
    .await
}

/// Waits until nothing is asked for or under way, or the time is over.
///
/// # Errors
/// Denied, or the store's.
pub async fn wait(ctx: &Ctx, id: ConnectorId, longest: Duration) -> Result<(), AppError> {
    ctx.allow(Action::ReadSettings)?;
    let listener = ctx.org.bells.listen_for(BELL.to_owned(), Duration::ZERO);
    let look = || async {
        let now = ctx.org.clock.now();
        let rests = ctx
            .read(move |reader| {
                let standing: Standing = reader.connector_standing(id)?;
                Ok(!standing.is_under_way(now))
            })
            .await?;
        Ok::<_, AppError>(rests.then_some(()))
    };
    // A run rings when it ended, and another node's is looked for.
    listener.until(longest, true, look).await.map(|_| ())
}

/// A run, with its steps after a place.
///
/// # Errors
/// Denied, or no such run.
pub async fn show_run(
    ctx: &Ctx,
    id: ConnectorId,
    run: ExportRunId,
    after: i64,
    limit: usize,
) -> Result<ShownRun, AppError> {
    ctx.allow(Action::ReadSettings)?;
    let limit = limit.clamp(1, 500);
    ctx.read(move |reader| {
        let run = known_run(reader, id, run)?;
        let fetch = i64::try_from(limit).unwrap_or(1) + 1;
        let mut steps = reader.export_steps(run.id, after, fetch)?;
        let more = steps.len() > limit;
        steps.truncate(limit);
        let next = steps.last().map(|(n, _)| *n).filter(|_| more);
        Ok(ShownRun { run, steps, next })
    })
    .await
}

fn known_run(reader: &mut Reader, id: ConnectorId, run: ExportRunId) -> Result<ExportRun, AppError> {
    let found = reader.find_export_run(run)?.filter(|found| found.connector == id);
    found.ok_or_else(|| AppError::not_found("run", run))
}

/// A connector and its keys; none without a secret key.
fn account(
    reader: &mut Reader,
    ctx: &Ctx,
    id: ConnectorId,
) -> Result<Option<(Versioned<Connector>, Keys)>, AppError> {
    let connector = reader.find::<Connector>(id)?.ok_or_else(|| AppError::not_found("connector", id))?;
    let Some(skey) = open_secret(reader, ctx, &id.to_string(), SECRET)? else { return Ok(None) };
    let skey = Secret::from(std::str::from_utf8(&skey).unwrap_or_default());
    let keys = Keys { ikey: connector.ikey.clone(), skey };
    Ok(Some((connector, keys)))
}

/// The time for signatures, asked when one is made.
fn clock(ctx: &Ctx) -> impl Fn() -> i64 + Send + Sync + use<> {
    let org = std::sync::Arc::clone(&ctx.org);
    move || org.clock.now().unix_seconds()
}

fn duo<'a>(
    ctx: &'a Ctx,
    connector: &Connector,
    keys: Keys,
    clock: &'a (dyn Fn() -> i64 + Send + Sync),
) -> Result<DuoAdmin<'a>, AppError> {
    let url = url_of(&connector.host).map_err(|error| AppError::invalid("host", error.to_string()))?;
    Ok(DuoAdmin { outbound: &ctx.org.outbound, url, keys, clock, patience: Patience::default() })
}
