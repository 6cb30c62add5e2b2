//! The front page of a person: what they own and where they are.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use sallyport_app::{
    Session, application, audit, binding,
    binding::BoundDevice,
    factor::{
        self,
        bypass::{self, Left},
        enrollable::Enrollable,
    },
    hardware_token,
    passkey::models,
    recovery,
    remembered::{self, Remembered},
    session,
    session::step_up::{Doors, doors},
    signin::{self, duo::SelfService},
    user::news::{self, News},
};
use sallyport_model::{DeviceState, Factor, FactorKind, Reset, ResetState, Right, Time, id::FactorId};

use super::application::{Shown, at_hand};
use crate::pages::{
    filters,
    guard::{Portal, Posted},
    mark::Shape,
    page::Page,
    refusal::Refusal,
    shell::Shell,
    sign_in_row::{SignInRow, newest},
};

#[derive(Template)]
#[template(path = "portal/home.html")]
struct HomePage {
    shell: Shell,
    /// What the session that looks counts as here.
    doors: Doors,
    /// What is theirs to see and to change, behind both doors alone.
    own: Option<Own>,
    /// Whether there is anything to pass the second door with.
    can_step_up: bool,
    /// Where their devices at Duo are looked after, for whoever has Duo.
    duo: Option<SelfService>,
    devices: Vec<BoundDevice>,
    /// What is opened most, and how many applications there are.
    at_hand: Vec<Shown>,
    applications: usize,
    /// What happened that the person has not seen yet.
    news: Vec<News>,
    /// What somebody asked to do to them, and they may stop.
    resets: Vec<Reset>,
}

/// A person's factors, and where and how they came in.
struct Own {
    factors: Vec<Factor>,
    /// What is left of codes that an administrator made.
    left: BTreeMap<FactorId, Left>,
    /// Those that open no door.
    shut: Vec<FactorId>,
    /// Those that can be brought back into step.
    stepping: Vec<FactorId>,
    /// What can be added.
    ways: Enrollable,
    sessions: Vec<Session>,
    remembered: Vec<Remembered>,
    /// Hash of the session that looks.
    present: String,
    sign_ins: Vec<SignInRow>,
}

impl HomePage {
    /// Up to when somebody who sees this page has seen what happened.
    fn seen_up_to(&self) -> i64 {
        self.news.first().map_or(0, |news| news.at.0)
    }

    /// Whether there are other sessions to end, or it is not told here.
    fn may_have_others(&self) -> bool {
        self.own.as_ref().is_none_or(|own| own.sessions.len() > 1)
    }
}

/// How many sign-ins the front page shows.
const NEWEST: usize = 5;

pub(super) async fn show(portal: Portal) -> Result<Response, Refusal> {
    let (ctx, user) = (&portal.ctx, portal.user.id);
    let (factors, doors) = (factor::list(ctx, user).await?, doors(ctx, &portal.session));
    let tiles = application::tiles(ctx).await?;
    let duo = signin::duo::self_service(ctx, user).await?;
    let page = HomePage {
        can_step_up: !factors.is_empty() || duo.is_some(),
        own: if doors == Doors::Both { Some(Own::of(&portal, factors).await?) } else { None },
        doors,
        duo,
        devices: binding::devices_of(ctx, user).await?,
        at_hand: at_hand(&tiles),
        applications: tiles.len(),
        news: news::news(ctx, &portal.session).await?,
        resets: recovery::standing(ctx, user).await?.open,
        shell: Shell::portal(&portal, "/").chosen_at("/"),
    };
    Ok(Page(page).into_response())
}

impl Own {
    async fn of(portal: &Portal, factors: Vec<Factor>) -> Result<Self, Refusal> {
        let (ctx, user) = (&portal.ctx, portal.user.id);
        let sign_ins = audit::sign_ins_of(ctx, user, newest(NEWEST)).await?;
        Ok(Self {
            shut: models::without_worth(ctx, &factors).await?,
            stepping: hardware_token::with_steps(ctx, &factors).await?,
            factors,
            left: bypass::left(ctx, user).await?,
            ways: factor::enrollable::own(ctx).await?,
            sessions: session::list(ctx, user).await?,
            remembered: remembered::list(ctx, user).await?,
            present: portal.session.hash.clone(),
            sign_ins: SignInRow::own(sign_ins.items, portal.language),
        })
    }
}

pub(super) async fn news_seen(Posted { who: portal, fields }: Posted<Portal>) -> Result<Redirect, Refusal> {
    let up_to = Time(fields.number("up_to").unwrap_or(0));
    news::seen(&portal.ctx, &portal.session, up_to).await?;
    Ok(Redirect::to("/"))
}
