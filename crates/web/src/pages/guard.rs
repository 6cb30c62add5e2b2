//! Who may see a page. A handler that takes one of these extractors cannot run for anybody else.
//!
//! What changes something comes as [`Posted`]: it proves that the form was one of ours, filled in on this very site.

use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, request::Parts},
    response::Response,
};
use sallyport_app::{
    AppError, Ctx, Secret, Session,
    access_rule::{self, AtAdminPortal},
    branding,
    device::proof,
    session,
    session::{
        entry::AtPortal,
        step_up::{self, Doors, doors},
    },
    sso::Ask,
};
use sallyport_model::{
    User,
    id::UserId,
    signin::{Reason, Resource},
};

use super::{brand::Brand, cookie, fields::Fields, next, notice, origin, refusal::Refusal, undo::Undo};
use crate::{
    State,
    call::{Anyone, wonder_about_proxies},
    language::{Language, Line},
};

/// Somebody who is signed in. Policy may have let them in by one door, and they may have come from elsewhere since; what
/// needs both doors takes [`BehindBothDoors`].
pub(crate) struct Portal {
    pub(crate) ctx: Ctx,
    pub(crate) user: User,
    pub(crate) session: Session,
    pub(crate) organization: String,
    pub(crate) brand: Brand,
    /// What the page before this one achieved.
    pub(crate) notice: Option<Line>,
    /// How that is taken back, where it can be.
    pub(crate) undo: Option<Undo>,
    pub(crate) language: Language,
    /// Whether a rule asks which device they are on, and this browser has not proved it.
    pub(crate) asks_device: bool,
}

/// Somebody who is signed in, even with a password that has expired: they may set a new one, or leave.
pub(crate) struct AtPassword(pub(crate) Portal);

/// Somebody who is signed in and has passed both doors, from where they are now.
pub(crate) struct BehindBothDoors(pub(crate) Portal);

/// Somebody behind both doors who has an administrator's role.
pub(crate) struct Admin(pub(crate) Portal);

/// Somebody at a door, not signed in.
pub(crate) struct Door {
    pub(crate) ctx: Ctx,
    pub(crate) headers: HeaderMap,
    pub(crate) organization: String,
    pub(crate) brand: Brand,
    /// In every form of the doors and in a cookie; a page of another site cannot know it.
    pub(crate) form_token: Secret,
    /// Whether a rule asks which device somebody is on, and this browser has not proved it.
    pub(crate) asks_device: bool,
}

/// Somebody whom another site sent here, signed in or not.
pub(crate) struct Visitor {
    pub(crate) door: Door,
    pub(crate) portal: Option<Portal>,
}

impl Visitor {
    pub(crate) fn session(&self) -> Option<&Session> {
        self.portal.as_ref().map(|portal| &portal.session)
    }

    /// What they are called, if they are signed in.
    pub(crate) fn name(&self) -> &str {
        self.portal.as_ref().map_or("", |portal| portal.user.name.as_str())
    }
}

/// A form that was filled in on a page of ours by this very browser.
pub(crate) struct Posted<W> {
    pub(crate) who: W,
    pub(crate) fields: Fields,
}

/// Whose forms carry which token. `None`: this browser has no form of ours.
pub(crate) trait FormToken {
    fn form_token(&self) -> Option<&str>;
}

impl FormToken for Portal {
    fn form_token(&self) -> Option<&str> {
        Some(&self.session.form_token)
    }
}

impl FormToken for AtPassword {
    fn form_token(&self) -> Option<&str> {
        self.0.form_token()
    }
}

impl FormToken for BehindBothDoors {
    fn form_token(&self) -> Option<&str> {
        self.0.form_token()
    }
}

impl FormToken for Admin {
    fn form_token(&self) -> Option<&str> {
        self.0.form_token()
    }
}

impl FormToken for Door {
    fn form_token(&self) -> Option<&str> {
        cookie::find(&self.headers, cookie::FORM).filter(|token| is_form_token(token))
    }
}

impl FromRequestParts<State> for Portal {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Refusal> {
        let AtPassword(portal) = AtPassword::from_request_parts(parts, state).await?;
        session::refuse_expired_password(&portal.user).map_err(|_| Refusal::new_password(&parts.headers))?;
        let back = || Refusal::sign_in(&parts.headers, &parts.method, &parts.uri);
        match session::entry::enter(&portal.ctx, &portal.session).await {
            Ok(AtPortal::In(session)) => Ok(Self { session: *session, ..portal }),
            Ok(AtPortal::Ask(Ask::StepUp { .. })) => {
                Err(Refusal::step_up(&parts.headers, &parts.method, &parts.uri))
            }
            Ok(AtPortal::Ask(Ask::NewPassword)) => Err(Refusal::new_password(&parts.headers)),
            Ok(AtPortal::NoFactor) => Err(Refusal::second_door_first()),
            Ok(AtPortal::Shut) => Err(if portal.asks_device {
                Refusal::this_device(&parts.headers, &parts.method, &parts.uri)
            } else {
                Refusal::no_portal()
            }),
            Ok(AtPortal::Ask(Ask::SignIn { .. })) | Err(AppError::Unauthenticated) => Err(back()),
            Err(error) => Err(error.into()),
        }
    }
}

impl FromRequestParts<State> for AtPassword {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Refusal> {
        let Anyone(ctx) = Anyone::from_request_parts(parts, state).await?;
        let back = || Refusal::sign_in(&parts.headers, &parts.method, &parts.uri);
        let cookie = cookie::find(&parts.headers, cookie::SESSION).ok_or_else(back)?;
        let found = match looks_by_itself(parts) {
            true => session::authenticate_unused(&ctx, cookie).await,
            false => session::authenticate_to_change_password(&ctx, cookie).await,
        };
        let (ctx, user, session) = match found {
            Ok(found) => found,
            Err(AppError::Unauthenticated) => return Err(back()),
            Err(error) => return Err(error.into()),
        };
        let (organization, brand) = look(&ctx).await;
        let (notice, language) = (notice::of(&parts.uri), Language::of(&parts.headers));
        let undo = Undo::of(&parts.headers, &parts.uri);
        let asks_device = asks_device(&ctx, Some(user.id)).await?;
        Ok(Self(Portal { ctx, user, session, organization, brand, notice, undo, language, asks_device }))
    }
}

impl FromRequestParts<State> for BehindBothDoors {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Refusal> {
        Ok(Self(behind_both_doors(Portal::from_request_parts(parts, state).await?, parts).await?))
    }
}

impl FromRequestParts<State> for Admin {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Refusal> {
        let portal = Portal::from_request_parts(parts, state).await?;
        if portal.user.roles.is_empty() {
            return Err(Refusal::not_an_administrator());
        }
        let portal = behind_both_doors(portal, parts).await?;
        // The rules are asked with every page: this portal has no sign-in of its own.
        match access_rule::at_admin_portal(&portal.ctx, &portal.user, &portal.session).await? {
            AtAdminPortal::Open => Ok(Self(portal)),
            AtAdminPortal::StepUp => Err(Refusal::step_up(&parts.headers, &parts.method, &parts.uri)),
            AtAdminPortal::Shut(reasons) => {
                let why: Vec<_> = reasons.iter().map(Reason::text).collect();
                tracing::info!(user = %portal.user.id, ?why, "an access rule shuts the administrators' portal");
                if portal.asks_device {
                    return Err(Refusal::this_device(&parts.headers, &parts.method, &parts.uri));
                }
                Err(Refusal::shut_by_rule())
            }
        }
    }
}

/// Whether a page of ours asks without anybody having done anything. Whoever says so only has their own session end
/// sooner.
fn looks_by_itself(parts: &Parts) -> bool {
    parts.uri.path() == super::admin::live::PATH || parts.headers.contains_key(LOOKS_BY_ITSELF)
}

/// The header by which a page says so.
const LOOKS_BY_ITSELF: &str = "sallyport-live";

/// Asks those for the second door who came in without it or come from another network, and refuses whoever has nothing to pass
/// it with.
async fn behind_both_doors(portal: Portal, parts: &Parts) -> Result<Portal, Refusal> {
    let stands_there = || Refusal::step_up(&parts.headers, &parts.method, &parts.uri);
    match doors(&portal.ctx, &portal.session) {
        Doors::Both => Ok(portal),
        Doors::Elsewhere => Err(stands_there()),
        Doors::One
            if step_up::offers(&portal.ctx, &portal.session, &Resource::Portal).await?.0.is_empty() =>
        {
            Err(Refusal::second_door_first())
        }
        Doors::One => Err(stands_there()),
    }
}

impl FromRequestParts<State> for Door {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Refusal> {
        wonder_about_proxies(parts);
        let Anyone(ctx) = Anyone::from_request_parts(parts, state).await?;
        let form_token = match cookie::find(&parts.headers, cookie::FORM) {
            Some(token) if is_form_token(token) => Secret::from(token),
            Some(_) | None => sallyport_app::session::door_token(&ctx)?,
        };
        let (organization, brand) = look(&ctx).await;
        let asks_device = asks_device(&ctx, None).await?;
        Ok(Self { organization, brand, headers: parts.headers.clone(), form_token, asks_device, ctx })
    }
}

impl FromRequestParts<State> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Refusal> {
        let portal = AtPassword::from_request_parts(parts, state).await.ok().map(|AtPassword(portal)| portal);
        Ok(Self { door: Door::from_request_parts(parts, state).await?, portal })
    }
}

impl<W> FromRequest<State> for Posted<W>
where
    W: FromRequestParts<State, Rejection = Refusal> + FormToken + Send,
{
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &State) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        if !origin::is_ours(&parts.headers, &state.org.config.external_url) {
            return Err(Refusal::foreign_form());
        }
        let who = W::from_request_parts(&mut parts, state).await?;
        let Form(fields) =
            Form::<Vec<(String, String)>>::from_request(Request::from_parts(parts, body), state)
                .await
                .map_err(|rejection| Refusal::unreadable_form(rejection.status()))?;
        let fields = Fields(fields);
        let genuine = who.form_token().is_some_and(|token| fields.secret("form_token").matches(token));
        if genuine { Ok(Self { who, fields }) } else { Err(Refusal::foreign_form()) }
    }
}

impl Door {
    /// Puts the token's twin into the browser.
    pub(crate) fn with_form_cookie(&self, mut response: Response) -> Response {
        cookie::set_for(response.headers_mut(), cookie::FORM, self.form_token.expose(), FORM_LIFE);
        response
    }
}

/// The address of the page at `door`, which leads back to where a request wanted to go.
pub(crate) fn return_path(door: &str, uri: &axum::http::Uri) -> String {
    next::door_then(door, uri.path_and_query().map_or("/", |path| path.as_str()))
}

/// How long a form may stay open, in seconds.
const FORM_LIFE: u32 = 12 * 3600;

fn is_form_token(token: &str) -> bool {
    sallyport_app::session::is_door_token(token)
}

/// Whether it would matter which device this browser is on, which it has not shown. `user`: whoever uses it, where that is known.
async fn asks_device(ctx: &Ctx, user: Option<UserId>) -> Result<bool, AppError> {
    let shown = user.map_or(ctx.on_device.map(|shown| shown.device), |user| ctx.device_of(user));
    Ok(shown.is_none() && proof::matters(ctx).await?)
}

/// What the house is called and how it looks; before setup it is called after us.
pub(crate) async fn look(ctx: &Ctx) -> (String, Brand) {
    branding::look(ctx).await.map_or_else(|_| bare(), |look| (look.organization, look.branding.into()))
}

/// How a house looks of which nothing is known.
pub(crate) fn bare() -> (String, Brand) {
    ("Sallyport".into(), Brand::default())
}
