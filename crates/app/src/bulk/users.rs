//! Many users at once.

use std::sync::Arc;

use sallyport_api::rest::{BulkReport, GroupMember, UserAction};
use sallyport_model::{
    Action, GroupKind, User, UserState,
    id::{GroupId, UserId},
    name::printable,
};
use sallyport_store::Reader;

use super::{Effect, Found, MOST, Target, counted, once, refuse_changed, refuse_none_or_too_many, report};
use crate::{
    AppError, Ctx, Tx, group,
    import::rows,
    session,
    user::{
        self,
        people::{self, PeopleWanted},
    },
};

/// What is done to them, by id or name of the group where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserWork {
    pub action: UserAction,
    pub group: Option<String>,
}

/// Does it, or says what would come of it.
///
/// # Errors
/// Denied, nobody or too many, or a group that is not there.
pub async fn users(
    ctx: &Ctx,
    work: UserWork,
    targets: Vec<Target>,
    dry_run: bool,
) -> Result<BulkReport, AppError> {
    let action = work.action;
    ctx.allow(right(action))?;
    let targets = once(targets);
    refuse_none_or_too_many(targets.len(), "users")?;
    let (group, found) =
        ctx.read_many(move |reader| Ok((group_of(reader, &work)?, found(reader, targets)?))).await?;
    let found = Arc::new(found);
    let each = Arc::clone(&found);
    let outcomes = rows::work(ctx, found.len(), dry_run, move |tx, index| {
        let one = each.get(index).ok_or_else(|| AppError::Internal("no such row".into()))?;
        apply(tx, action, group, one)
    })
    .await;
    Ok(report(dry_run, &found, outcomes, |effect| effect))
}

/// Everybody who fits, in the order of their table.
///
/// # Errors
/// Denied, or too many.
pub async fn users_that_fit(ctx: &Ctx, wanted: PeopleWanted) -> Result<Vec<Target>, AppError> {
    let ids = people::all(ctx, wanted).await?;
    refuse_none_or_too_many(ids.len().max(1), "users")?;
    Ok(ids.into_iter().take(MOST).map(Target::new).collect())
}

const fn right(action: UserAction) -> Action {
    match action {
        UserAction::Activate | UserAction::EndSessions | UserAction::Suspend => Action::SuspendUser,
        UserAction::AddToGroup | UserAction::RemoveFromGroup => Action::ManageGroups,
        UserAction::Delete => Action::CreateUser,
    }
}

fn group_of(reader: &mut Reader, work: &UserWork) -> Result<Option<GroupId>, AppError> {
    match work.action {
        UserAction::AddToGroup | UserAction::RemoveFromGroup => {
            let given = work.group.as_deref().map(str::trim).unwrap_or_default();
            if given.is_empty() {
                return Err(AppError::invalid("group", "must be given"));
            }
            Ok(Some(group::named_of_kind(reader, given, GroupKind::Users)?.id))
        }
        UserAction::Activate | UserAction::Delete | UserAction::EndSessions | UserAction::Suspend => Ok(None),
    }
}

fn found(reader: &mut Reader, targets: Vec<Target>) -> Result<Vec<Found<UserId>>, AppError> {
    let mut all = Vec::with_capacity(targets.len());
    for target in targets {
        let user = match group::named_user(reader, &target.given) {
            Ok(user) => Some(user),
            Err(AppError::NotFound { .. }) => None,
            Err(error) => return Err(error),
        };
        let name = user.as_ref().map_or_else(|| printable(&target.given, 64), |user| user.name.to_string());
        all.push(Found { id: user.map(|user| user.id), name, target });
    }
    Ok(all)
}

fn apply(
    tx: &mut Tx<'_, '_>,
    action: UserAction,
    group: Option<GroupId>,
    found: &Found<UserId>,
) -> Result<Effect, AppError> {
    let id = found.id.ok_or_else(|| AppError::not_found("user", &found.name))?;
    let before = tx.find::<User>(id)?.ok_or_else(|| AppError::not_found("user", &found.name))?;
    refuse_changed(&found.target, before.version)?;
    match action {
        UserAction::Suspend => {
            refuse_oneself(tx, id)?;
            let sessions = tx.sessions_of(id)?.len();
            let after = user::suspend_in(tx, id)?;
            let detail = match sessions {
                0 => "no door opens for them".into(),
                n => format!("no door opens for them, and {}", ends(n)),
            };
            Ok(Effect { detail, version: Some(after.version) })
        }
        UserAction::Activate => {
            let after = user::activate_in(tx, id)?;
            let detail = format!("was {}", before.state.as_str());
            // Nobody becomes staged again.
            let version = (before.state == UserState::Suspended).then_some(after.version);
            Ok(Effect { detail, version })
        }
        UserAction::Delete => {
            refuse_oneself(tx, id)?;
            user::delete_in(tx, id)?;
            Ok(Effect::new("is gone for good"))
        }
        UserAction::EndSessions => {
            refuse_oneself(tx, id)?;
            let ended = session::end_all_in(tx, id, None)?;
            Ok(Effect::new(ends(usize::try_from(ended).unwrap_or(usize::MAX))))
        }
        UserAction::AddToGroup => {
            group::add_member_in(tx, named(group)?, &member(id))?;
            Ok(Effect::new("joins it"))
        }
        UserAction::RemoveFromGroup => {
            group::remove_member_in(tx, named(group)?, &member(id))?;
            Ok(Effect::new("leaves it"))
        }
    }
}

fn named(group: Option<GroupId>) -> Result<GroupId, AppError> {
    group.ok_or_else(|| AppError::invalid("group", "must be given"))
}

fn member(id: UserId) -> GroupMember {
    GroupMember { user: Some(id.to_string()), ..GroupMember::default() }
}

/// Whoever does something to many does not mean themselves.
fn refuse_oneself(tx: &Tx<'_, '_>, id: UserId) -> Result<(), AppError> {
    if tx.ctx.is_person(id) { Err(AppError::Conflict("that is you".into())) } else { Ok(()) }
}

fn ends(sessions: usize) -> String {
    match sessions {
        0 => "no session was open".into(),
        1 => "1 session ends".into(),
        n => format!("{} end", counted(n, "session", "sessions")),
    }
}
