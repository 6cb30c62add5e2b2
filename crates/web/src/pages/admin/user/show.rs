//! The page of one user: who they are, what they own, where they are bound, what they did.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use sallyport_api::rest::{HeldBack, InvitationBy};
use sallyport_app::{
    AppError, Ctx, Session, Versioned, alarm, audit, binding,
    binding::{BoundDevice, NamedBinding},
    factor::{
        self,
        bypass::{self, Left},
    },
    group,
    group::Membership,
    passkey::models,
    recovery::{self, Guard},
    remembered::{self, Remembered},
    session, user,
    user::password::{Length, length},
};
use sallyport_model::{
    Action, Alarm, Factor, FactorKind, Member, PasswordLock, PasswordStatus, ResetKind, Right, Role, User,
    UserState,
    id::{FactorId, UserId},
};

use super::{HERE, list::password};
use crate::pages::{
    admin::right::RightView,
    filters,
    guard::Admin,
    page::Page,
    refusal::Refusal,
    shell::{Shell, may},
    sign_in_row::{SignInRow, newest},
};

#[derive(Template)]
#[template(path = "admin/user.html")]
struct UserPage {
    shell: Shell,
    user: Versioned<User>,
    manager: String,
    held_back: HeldBack,
    factors: Vec<Factor>,
    /// What is left of codes that an administrator made.
    left: BTreeMap<FactorId, Left>,
    /// What they said was not them, unless somebody looked into it.
    alarms: Vec<Versioned<Alarm>>,
    /// Those that open no door.
    shut: Vec<FactorId>,
    /// What stands between whoever looks and a reset of them.
    standing: recovery::Standing,
    /// How an enrolment link could be sent to them now.
    links: Vec<InvitationBy>,
    groups: Vec<Membership>,
    bindings: Vec<NamedBinding>,
    /// The page that forms lead back to.
    back_to: String,
    devices: Vec<(BoundDevice, RightView)>,
    sign_ins: Vec<SignInRow>,
    sessions: Vec<Session>,
    remembered: Vec<Remembered>,
    /// Of the next password.
    length: Length,
    may: UserMay,
    /// One's own password is changed on a page of its own.
    is_self: bool,
}

/// Which buttons there are.
struct UserMay {
    update: bool,
    suspend: bool,
    create: bool,
    set_password: bool,
    grant: bool,
    manage_factors: bool,
    bind: bool,
    read_sign_ins: bool,
}

impl UserMay {
    fn new(ctx: &Ctx, user: &User) -> Self {
        let upon = ctx.is_person(user.id) || ctx.allow_upon(user).is_ok();
        Self {
            update: upon && may(ctx, Action::UpdateUser),
            suspend: upon && may(ctx, Action::SuspendUser),
            create: upon && may(ctx, Action::CreateUser),
            set_password: upon && may(ctx, Action::SetPassword),
            grant: upon && may(ctx, Action::GrantRole),
            manage_factors: upon && may(ctx, Action::ManageFactors),
            bind: upon && may(ctx, Action::ManageBindings),
            read_sign_ins: may(ctx, Action::ReadSignIns),
        }
    }
}

/// How many sign-ins the page shows.
const NEWEST: usize = 15;

pub(super) async fn show(admin: Admin, Path(id): Path<UserId>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let user = user::show(ctx, id).await?;
    let bindings = binding::list_of_user(ctx, id).await?;
    let devices = binding::devices_of(ctx, id).await?;
    let (may, factors) = (UserMay::new(ctx, &user), factor::list(ctx, id).await?);
    let (sign_ins, sessions, remembered) =
        if may.read_sign_ins { seen(ctx, id).await? } else { Default::default() };
    let page = UserPage {
        shell: Shell::admin(&admin, HERE),
        held_back: user::held_back(ctx, id).await?,
        manager: manager(ctx, user.manager).await?,
        alarms: if may.read_sign_ins {
            alarm::open_of(ctx, id).await?.into_iter().collect()
        } else {
            Vec::new()
        },
        shut: models::without_worth(ctx, &factors).await?,
        factors,
        left: bypass::left(ctx, id).await?,
        standing: standing(ctx, id, may.manage_factors).await?,
        links: factor::invitation::ways(ctx, id).await?,
        groups: group::groups_of(ctx, Member::User(id)).await?,
        devices: devices
            .into_iter()
            .map(|bound| {
                let right = RightView::new(&bound.right, &bindings);
                (bound, right)
            })
            .collect(),
        back_to: format!("{HERE}/{id}"),
        sign_ins,
        sessions,
        remembered,
        bindings,
        length: length(ctx, id).await?,
        may,
        is_self: ctx.is_person(id),
        user,
    };
    Ok(Page(page).into_response())
}

/// Nothing for whoever could do nothing anyway.
async fn standing(ctx: &Ctx, id: UserId, may: bool) -> Result<recovery::Standing, AppError> {
    let found = recovery::standing(ctx, id).await?;
    Ok(recovery::Standing { guard: found.guard.filter(|_| may), ..found })
}

async fn seen(ctx: &Ctx, id: UserId) -> Result<(Vec<SignInRow>, Vec<Session>, Vec<Remembered>), AppError> {
    let sign_ins = audit::sign_ins_of(ctx, id, newest(NEWEST)).await?;
    let sessions = session::list(ctx, id).await?;
    Ok((SignInRow::all(sign_ins.items), sessions, remembered::list(ctx, id).await?))
}

async fn manager(ctx: &Ctx, id: Option<UserId>) -> Result<String, AppError> {
    let Some(id) = id else { return Ok(String::new()) };
    match user::show(ctx, id).await {
        Ok(manager) => Ok(manager.name.to_string()),
        Err(AppError::NotFound { .. }) => Ok(String::new()),
        Err(error) => Err(error),
    }
}
