//! What users prove themselves with: passwords, factors, codes, and the sessions that came of it.

use axum::http::StatusCode;
use sallyport_api::rest::{AddPhone, InvitationBy, SendEnrollmentLink};
use sallyport_app::{
    Ctx, Secret,
    factor::{
        self,
        bypass::{self, Batch, Left},
        invitation::Sent,
    },
    push, remembered, session, user,
};
use sallyport_model::{Action, Factor, Time, User, id::UserId, signin::Resource};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    call::ApiCall,
    rest::{
        answer::{All, Answer, Made, Noun},
        input::{IfMatch, Json, Named, NamedTwo, id, unacceptable},
        route::{Gives, Needs::Right, Route, shape},
    },
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetPassword {
    #[schema(value_type = String, format = Password)]
    password: Secret,
}

/// A factor, and what is left of it where it is codes of an administrator.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::rest) struct ListedFactor {
    #[serde(flatten)]
    factor: Factor,
    #[serde(skip_serializing_if = "Option::is_none")]
    codes: Option<CodesLeft>,
}

/// What is left of a batch of codes.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
struct CodesLeft {
    /// How many open a door yet,
    left: usize,
    /// of so many.
    of: usize,
    /// How often they open one yet, all together.
    uses: u64,
}

impl From<&Left> for CodesLeft {
    fn from(left: &Left) -> Self {
        Self { left: left.codes, of: left.of, uses: left.uses }
    }
}

/// The factors of a person, for whoever may look.
pub(in crate::rest) async fn listed(ctx: &Ctx, user: UserId) -> Answer<All<ListedFactor>> {
    let left = bypass::left(ctx, user).await?;
    let listed = factor::list(ctx, user).await?.into_iter().map(|factor| {
        let codes = left.get(&factor.id).map(CodesLeft::from);
        ListedFactor { factor, codes }
    });
    Ok(listed.collect())
}

/// A batch of codes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct IssueBypassCodes {
    /// From 1 to 10; 1 if not given.
    count: Option<usize>,
    /// How often each opens a door, from 1 to 100 times; once if not given.
    uses: Option<u32>,
    /// How long they are good, from 1 to 720 hours; 24 if not given.
    hours: Option<i64>,
}

/// A code with which a user enrols their first factor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct IssueEnrollmentCode {
    /// How long it is good, from 1 to 24 hours; 24 if not given.
    hours: Option<i64>,
}

/// Another name for a factor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rest) struct RenameFactor {
    pub(in crate::rest) name: String,
}

/// A code by which a phone is set up anew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReactivatePhone {
    /// How long it is good, from 1 to 24 hours; 24 if not given.
    hours: Option<i64>,
}

/// A code for the page of a phone, shown this once.
#[derive(Serialize, ToSchema)]
pub(in crate::rest) struct ActivationCode {
    /// Typed at the page,
    code: String,
    /// or brought along by this address.
    url: String,
    /// Until when it is good.
    expires: Time,
}

impl From<push::Begun> for ActivationCode {
    fn from(begun: push::Begun) -> Self {
        let [code, url] = [begun.code, begun.url].map(|secret| secret.expose().to_owned());
        Self { code, url, expires: begun.expires }
    }
}

/// Bypass codes, shown this once.
#[derive(Serialize, ToSchema)]
struct BypassCodes {
    codes: Vec<String>,
}

/// An enrolment code, shown this once.
#[derive(Serialize, ToSchema)]
struct EnrollmentCode {
    code: String,
}

/// An enrolment link that is on its way.
#[derive(Debug, Serialize, ToSchema)]
struct SentEnrollmentLink {
    by: InvitationBy,
    /// The address, or the number, it went to.
    to: String,
    /// Until when it is good.
    expires: Time,
}

/// A signed-in browser, or program.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::rest) struct Session {
    /// By which it is ended.
    id: String,
    /// Whether it is a program's, which signed in at the API.
    bearer: bool,
    /// Whether the second door was passed too.
    both_doors: bool,
    /// The networks the second door was passed from; roles count from these only.
    networks: Vec<String>,
    /// The address it was opened from.
    source: Option<String>,
    /// As the browser or program names itself.
    user_agent: String,
    created: Time,
    expires: Time,
    /// When it was used last, to the minute.
    seen: Time,
}

impl From<sallyport_app::Session> for Session {
    fn from(session: sallyport_app::Session) -> Self {
        Self {
            id: session::id(&session),
            bearer: session.bearer,
            both_doors: session.both_doors,
            networks: session.networks,
            source: session.source,
            user_agent: session.user_agent,
            created: session.created,
            expires: session.expires,
            seen: session.seen,
        }
    }
}

/// A browser in which a user passed the second door and need not for a while.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::rest) struct RememberedBrowser {
    /// By which it is forgotten.
    id: String,
    /// Where the second door was passed.
    resource: Resource,
    /// Whether it counts at all others too whose policy says so.
    everywhere: bool,
    /// As the browser names itself.
    user_agent: String,
    created: Time,
    /// As policy stands now.
    until: Time,
}

impl From<remembered::Remembered> for RememberedBrowser {
    fn from(browser: remembered::Remembered) -> Self {
        Self {
            id: browser.id,
            resource: browser.resource,
            everywhere: browser.everywhere,
            user_agent: browser.user_agent,
            created: browser.created,
            until: browser.until,
        }
    }
}

/// How many sessions ended.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct Ended {
    pub(in crate::rest) ended: u64,
}

pub(super) fn routes() -> Vec<Route> {
    let noun = || Gives::Noun(shape::<User>());
    vec![
        Route::put("/users/{user}/password", set_password, Right(Action::SetPassword), "Sets a user's password.").conditional()
            .takes::<SetPassword>()
            .gives(noun()),
        Route::post(
            "/users/{user}/lock-password",
            lock_password,
            Right(Action::SetPassword),
            "Locks a user's password: no first door opens for them, and their sessions end.",
        ).conditional()
        .gives(noun()),
        Route::post(
            "/users/{user}/unlock",
            unlock,
            Right(Action::SetPassword),
            "Takes the lock off a user's password and forgets wrong attempts.",
        ).conditional()
        .gives(noun()),
        Route::get("/users/{user}/factors", factors, Right(Action::ReadDirectory), "Lists a user's factors.")
            .gives(Gives::All(shape::<ListedFactor>())),
        Route::patch(
            "/users/{user}/factors/{factor}",
            rename_factor,
            Right(Action::ManageFactors),
            "Gives a factor of a user another name.",
        )
        .takes::<RenameFactor>()
        .gives(Gives::One(shape::<Factor>())),
        Route::post(
            "/users/{user}/factors/{factor}/reactivate",
            reactivate,
            Right(Action::ManageFactors),
            "Makes a code by which a phone of a user's gets another page and key, and stays the same phone. The old key \
             counts until then. It is shown this once; former ones are void.",
        )
        .conditional()
        .takes::<ReactivatePhone>()
        .gives(Gives::Made(shape::<ActivationCode>())),
        Route::delete(
            "/users/{user}/factors/{factor}",
            remove_factor,
            Right(Action::ManageFactors),
            "Removes a factor of a user.",
        ),
        Route::post(
            "/users/{user}/phones",
            add_phone,
            Right(Action::ManageFactors),
            "Adds a phone to a user, at the caller's word that it is theirs.",
        )
        .conditional()
        .takes::<AddPhone>()
        .gives(Gives::Made(shape::<Factor>())),
        Route::post(
            "/users/{user}/bypass-codes",
            issue_bypass_codes,
            Right(Action::ManageFactors),
            "Makes bypass codes for a user, each good once or as often as is said. They are shown this once.",
        ).conditional()
        .takes::<IssueBypassCodes>()
        .gives(Gives::Made(shape::<BypassCodes>())),
        Route::post(
            "/users/{user}/enrollment-code",
            issue_enrollment_code,
            Right(Action::ManageFactors),
            "Makes a code with which a user enrols their first factor. It is shown this once; former ones are void.",
        ).conditional()
        .takes::<IssueEnrollmentCode>()
        .gives(Gives::Made(shape::<EnrollmentCode>())),
        Route::post(
            "/users/{user}/enrollment-link",
            send_enrollment_link,
            Right(Action::ManageFactors),
            "Sends a user a link with which they enrol their first factor, to the address or number in the directory. \
             Former codes are void.",
        )
        .conditional()
        .takes::<SendEnrollmentLink>()
        .gives(Gives::One(shape::<SentEnrollmentLink>())),
        Route::get("/users/{user}/sessions", sessions, Right(Action::ReadSignIns), "Lists a user's sessions.")
            .gives(Gives::All(shape::<Session>())),
        Route::delete("/users/{user}/sessions", end_sessions, Right(Action::SuspendUser), "Ends all sessions of a user.")
            .gives(Gives::One(shape::<Ended>())),
        Route::delete(
            "/users/{user}/sessions/{session}",
            end_session,
            Right(Action::SuspendUser),
            "Ends one session of a user.",
        ),
        Route::get(
            "/users/{user}/remembered-browsers",
            remembered_browsers,
            Right(Action::ReadSignIns),
            "Lists the browsers in which a user is remembered.",
        )
        .gives(Gives::All(shape::<RememberedBrowser>())),
        Route::delete(
            "/users/{user}/remembered-browsers",
            forget_browsers,
            Right(Action::SuspendUser),
            "Forgets all browsers of a user, and the devices that applications have tokens for.",
        ),
        Route::delete(
            "/users/{user}/remembered-browsers/{browser}",
            forget_browser,
            Right(Action::SuspendUser),
            "Forgets one browser of a user.",
        ),
    ]
}

async fn set_password(
    ApiCall(ctx): ApiCall,
    Named(user): Named,
    if_match: IfMatch,
    Json(input): Json<SetPassword>,
) -> Answer<Noun<User>> {
    let user = user::resolve(&ctx, &user).await?;
    let ctx = if_match.on::<User>(user.id, ctx);
    Ok(user::set_password(&ctx, user.id, &input.password).await?.into())
}

async fn lock_password(ApiCall(ctx): ApiCall, Named(user): Named, if_match: IfMatch) -> Answer<Noun<User>> {
    let user = user::resolve(&ctx, &user).await?;
    let ctx = if_match.on::<User>(user.id, ctx);
    Ok(user::lock_password(&ctx, user.id).await?.into())
}

async fn unlock(ApiCall(ctx): ApiCall, Named(user): Named, if_match: IfMatch) -> Answer<Noun<User>> {
    let user = user::resolve(&ctx, &user).await?;
    let ctx = if_match.on::<User>(user.id, ctx);
    Ok(user::unlock(&ctx, user.id).await?.into())
}

async fn factors(ApiCall(ctx): ApiCall, Named(user): Named) -> Answer<All<ListedFactor>> {
    let user = user::resolve(&ctx, &user).await?;
    listed(&ctx, user.id).await
}

async fn rename_factor(
    ApiCall(ctx): ApiCall,
    NamedTwo(user, factor): NamedTwo,
    Json(input): Json<RenameFactor>,
) -> Answer<axum::Json<Factor>> {
    let user = user::resolve(&ctx, &user).await?;
    Ok(axum::Json(factor::rename(&ctx, user.id, id(&factor)?, &input.name).await?))
}

async fn reactivate(
    ApiCall(ctx): ApiCall,
    NamedTwo(user, factor): NamedTwo,
    if_match: IfMatch,
    Json(input): Json<ReactivatePhone>,
) -> Answer<Made<ActivationCode>> {
    let seconds = seconds(input.hours, 24)?;
    let user = user::resolve(&ctx, &user).await?;
    let ctx = if_match.on::<User>(user.id, ctx);
    Ok(Made(push::reactivation::issue(&ctx, user.id, id(&factor)?, seconds).await?.into()))
}

async fn remove_factor(ApiCall(ctx): ApiCall, NamedTwo(user, factor): NamedTwo) -> Answer<StatusCode> {
    let user = user::resolve(&ctx, &user).await?;
    factor::remove(&ctx, user.id, id(&factor)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn add_phone(
    ApiCall(ctx): ApiCall,
    Named(user): Named,
    if_match: IfMatch,
    Json(input): Json<AddPhone>,
) -> Answer<Made<Factor>> {
    let user = user::resolve(&ctx, &user).await?;
    let ctx = if_match.on::<User>(user.id, ctx);
    Ok(Made(factor::phone::add(&ctx, user.id, input).await?))
}

async fn issue_bypass_codes(
    ApiCall(ctx): ApiCall,
    Named(user): Named,
    if_match: IfMatch,
    Json(input): Json<IssueBypassCodes>,
) -> Answer<Made<BypassCodes>> {
    let (count, uses) = (input.count.unwrap_or(1), input.uses.unwrap_or(1));
    let batch = Batch { count, uses, valid_secs: seconds(input.hours, 720)? };
    let user = user::resolve(&ctx, &user).await?;
    let ctx = if_match.on::<User>(user.id, ctx);
    let codes = bypass::issue(&ctx, user.id, batch).await?;
    Ok(Made(BypassCodes { codes: codes.iter().map(|code| code.expose().to_owned()).collect() }))
}

async fn issue_enrollment_code(
    ApiCall(ctx): ApiCall,
    Named(user): Named,
    if_match: IfMatch,
    Json(input): Json<IssueEnrollmentCode>,
) -> Answer<Made<EnrollmentCode>> {
    let seconds = seconds(input.hours, 24)?;
    let user = user::resolve(&ctx, &user).await?;
    let ctx = if_match.on::<User>(user.id, ctx);
    let code = factor::issue_enrollment_code(&ctx, user.id, seconds).await?;
    Ok(Made(EnrollmentCode { code: code.expose().to_owned() }))
}

async fn send_enrollment_link(
    ApiCall(ctx): ApiCall,
    Named(user): Named,
    if_match: IfMatch,
    Json(input): Json<SendEnrollmentLink>,
) -> Answer<axum::Json<SentEnrollmentLink>> {
    let user = user::resolve(&ctx, &user).await?;
    let ctx = if_match.on::<User>(user.id, ctx);
    let Sent { by, to, expires } = factor::invitation::send(&ctx, user.id, input.by).await?;
    Ok(axum::Json(SentEnrollmentLink { by, to, expires }))
}

async fn sessions(ApiCall(ctx): ApiCall, Named(user): Named) -> Answer<All<Session>> {
    let user = user::resolve(&ctx, &user).await?;
    Ok(session::list(&ctx, user.id).await?.into_iter().map(Session::from).collect())
}

async fn end_sessions(ApiCall(ctx): ApiCall, Named(user): Named) -> Answer<axum::Json<Ended>> {
    let user = user::resolve(&ctx, &user).await?;
    Ok(axum::Json(Ended { ended: session::end_all(&ctx, user.id, None).await? }))
}

async fn end_session(ApiCall(ctx): ApiCall, NamedTwo(user, session): NamedTwo) -> Answer<StatusCode> {
    let user = user::resolve(&ctx, &user).await?;
    session::end_one(&ctx, user.id, &session).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remembered_browsers(ApiCall(ctx): ApiCall, Named(user): Named) -> Answer<All<RememberedBrowser>> {
    let user = user::resolve(&ctx, &user).await?;
    Ok(remembered::list(&ctx, user.id).await?.into_iter().map(RememberedBrowser::from).collect())
}

async fn forget_browsers(ApiCall(ctx): ApiCall, Named(user): Named) -> Answer<StatusCode> {
    let user = user::resolve(&ctx, &user).await?;
    remembered::forget_all(&ctx, user.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn forget_browser(ApiCall(ctx): ApiCall, NamedTwo(user, browser): NamedTwo) -> Answer<StatusCode> {
    let user = user::resolve(&ctx, &user).await?;
    remembered::forget(&ctx, user.id, &browser).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// So many hours, 24 where nothing is said, in seconds.
fn seconds(hours: Option<i64>, most: i64) -> Answer<i64> {
    match hours.unwrap_or(24) {
        hours if (1..=most).contains(&hours) => Ok(hours * 3600),
        _ => Err(unacceptable(format!("hours: from 1 to {most}"))),
    }
}
