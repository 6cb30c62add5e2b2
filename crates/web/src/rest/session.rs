//! Signing in and out at the API: name and password at the first door, a code at the second. What decides is
//! [`sallyport_app::signin`]; here it is told, and its end becomes a token that the caller keeps.
//!
//! Nothing here reads or sets a cookie, so no browser can be made to do any of it for somebody else.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, StatusCode};
use sallyport_app::{
    Ctx, Phrase, Secret,
    session::{
        self,
        step_up::{self, Doors, SteppedUp},
    },
    signin::{self, Admission, Answer as SecondDoorAnswer, Begin, Denial, FirstDoorProof, Step},
};
use sallyport_model::{
    FactorKind, PasswordStatus, Role, Time, User,
    id::{FactorId, UserId},
    signin::{Reason, Resource},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::Answer,
    input::{Json, unacceptable},
    route::{Gives, Needs, Route, shape},
};
use crate::{
    call::{Anyone, SignedIn, user_agent},
    problem::Problem,
};

/// What somebody brings to the first door.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    name: String,
    #[schema(value_type = String, format = Password)]
    password: Secret,
}

/// What somebody brings to the second door.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerSecondDoor {
    /// As it was given at the first door.
    #[schema(value_type = String, format = Password)]
    handle: Secret,
    /// A code of an authenticator application, or a bypass code.
    #[schema(value_type = String, format = Password)]
    passcode: Secret,
}

/// Where a code is to be texted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TextCode {
    /// As it was given at the first door.
    #[schema(value_type = String, format = Password)]
    handle: Secret,
    /// The `id` of an offer that `texts`, be it a phone or a mail address.
    phone: FactorId,
}

/// A code for the second door once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StepUp {
    #[schema(value_type = String, format = Password)]
    passcode: Secret,
}

/// Where a sign-in goes next.
#[derive(Serialize, ToSchema)]
#[serde(tag = "step", rename_all = "snake_case")]
enum NextStep {
    /// The first door is passed; `POST /sign-in/second-door` takes the code.
    SecondDoor {
        /// Must be brought with the code, within five minutes.
        handle: String,
        offers: Vec<Offer>,
    },
    SignedIn(Opened),
}

/// A factor that opens the second door.
#[derive(Serialize, ToSchema)]
struct Offer {
    id: FactorId,
    kind: FactorKind,
    name: String,
    /// Whether a code can be sent to it, as a text or by mail, by `POST /sign-in/text`.
    texts: bool,
}

/// A session that is open, with the only sight of its token.
#[derive(Serialize, ToSchema)]
struct Opened {
    user: UserId,
    name: String,
    /// Those that count: none by one door alone.
    roles: BTreeSet<Role>,
    /// What is sent as `Authorization: Bearer`, shown this once.
    token: String,
    /// Whether the second door was passed too; the rest of the API is behind both.
    both_doors: bool,
    /// When it ends however much it is used.
    expires: Time,
    /// It ends sooner when it is not used for so long.
    idle_seconds: i64,
    /// Then it opens nothing until a new password is set in the portal.
    password_expired: bool,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/sign-in", first_door, Needs::Nothing, "Signs a user in: the first door.")
            .takes::<SignIn>()
            .gives(Gives::One(shape::<NextStep>())),
        Route::post(
            "/sign-in/second-door",
            second_door,
            Needs::Nothing,
            "Signs a user in: the second door. 422 for a wrong code, after which the handle is still good; 410 when the \
             sign-in has to begin again.",
        )
        .takes::<AnswerSecondDoor>()
        .gives(Gives::One(shape::<NextStep>())),
        Route::post(
            "/sign-in/text",
            text,
            Needs::Nothing,
            "Sends a code to one of the phones or the mail address offered, for this second door alone. 422 when there can be none now.",
        )
        .takes::<TextCode>(),
        Route::post(
            "/step-up",
            step_up,
            Needs::Session,
            "Passes the second door once more, from another network. The session goes on under a new token.",
        )
        .takes::<StepUp>()
        .gives(Gives::One(shape::<Opened>())),
        Route::post("/sign-out", sign_out, Needs::Session, "Ends the session that calls."),
    ]
}

async fn first_door(
    Anyone(ctx): Anyone,
    headers: HeaderMap,
    Json(input): Json<SignIn>,
) -> Answer<axum::Json<NextStep>> {
    let first_door = FirstDoorProof::Password(input.password);
    let begin = Begin { name: input.name, resource: Resource::Api, first_door };
    answer(&ctx, &headers, signin::begin(&ctx, begin).await?).await
}

async fn second_door(
    Anyone(ctx): Anyone,
    headers: HeaderMap,
    Json(input): Json<AnswerSecondDoor>,
) -> Answer<axum::Json<NextStep>> {
    let step = signin::passcode(&ctx, &input.handle, &input.passcode).await?;
    answer(&ctx, &headers, step).await
}

async fn text(Anyone(ctx): Anyone, Json(input): Json<TextCode>) -> Answer<StatusCode> {
    match signin::text(&ctx, &input.handle, input.phone).await? {
        Step::SecondDoor(step) => match step.problem {
            None => Ok(StatusCode::NO_CONTENT),
            Some(problem) => Err(unacceptable(problem)),
        },
        Step::Denied(denial) => Err(refusal(&denial)),
        Step::Allowed(_) | Step::EnrollmentNeeded { .. } => Err(Problem::not_found()),
    }
}

async fn step_up(signed_in: SignedIn, Json(input): Json<StepUp>) -> Answer<axum::Json<Opened>> {
    let SignedIn { ctx, user, session } = signed_in;
    session::refuse_expired_password(&user)?;
    if step_up::doors(&ctx, &session) == Doors::One {
        return Err(Problem::second_door_first());
    }
    match step_up::pass(&ctx, &session, &Resource::Api, SecondDoorAnswer::Passcode(input.passcode)).await? {
        SteppedUp::Through(secret) => Ok(axum::Json(opened(&user, &secret, true, session.expires))),
        // Programs ask no phones here.
        SteppedUp::Waiting => Err(wrong_code(signin::WRONG_CODE)),
        SteppedUp::NotYet { text, retry_after_seconds: None } => Err(wrong_code(text)),
        SteppedUp::NotYet { text, retry_after_seconds } => Err(held_back(text, retry_after_seconds)),
    }
}

async fn sign_out(SignedIn { ctx, session, .. }: SignedIn) -> Answer<StatusCode> {
    session::end(&ctx, &session).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn answer(ctx: &Ctx, headers: &HeaderMap, step: Step) -> Answer<axum::Json<NextStep>> {
    match step {
        Step::Allowed(admission) => enter(ctx, headers, &admission).await,
        Step::SecondDoor(step) => match step.problem {
            Some(problem) => Err(wrong_code(problem)),
            None => {
                let offers = step.offers.into_iter().map(|offer| Offer {
                    id: offer.factor,
                    kind: offer.kind(),
                    texts: offer.proof.is_sent_codes(),
                    name: offer.name,
                });
                let handle = step.handle.expose().to_owned();
                Ok(axum::Json(NextStep::SecondDoor { handle, offers: offers.collect() }))
            }
        },
        Step::Denied(denial) => Err(refusal(&denial)),
        Step::EnrollmentNeeded { .. } => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "urn:sallyport:problem:enrollment-needed",
            "You need a second factor first",
            "Your password is right, but nothing of yours opens the second door yet. Ask your administrator for an \
             enrolment code, and enrol with it in the portal.",
        )),
    }
}

async fn enter(ctx: &Ctx, headers: &HeaderMap, admission: &Admission) -> Answer<axum::Json<NextStep>> {
    let (secret, session) = session::open_bearer(ctx, admission, user_agent(headers)).await?;
    let opened = opened(admission.user(), &secret, session.both_doors, session.expires);
    Ok(axum::Json(NextStep::SignedIn(opened)))
}

fn opened(user: &User, secret: &Secret, both_doors: bool, expires: Time) -> Opened {
    Opened {
        user: user.id,
        name: user.name.to_string(),
        roles: if both_doors { user.roles.clone() } else { BTreeSet::new() },
        token: secret.expose().to_owned(),
        both_doors,
        expires,
        idle_seconds: session::idle(user).as_seconds(),
        password_expired: user.password_status == PasswordStatus::Expired,
    }
}

/// A refusal, in the words that the person is told; the reasons are for administrators.
fn refusal(denial: &Denial) -> Problem {
    if denial.retry_after_seconds.is_some() {
        return held_back(denial.text, denial.retry_after_seconds);
    }
    if denial.reasons.contains(&Reason::Expired) {
        return Problem::new(StatusCode::GONE, "urn:sallyport:problem:gone", "Start again", denial.text);
    }
    Problem::new(StatusCode::UNAUTHORIZED, "urn:sallyport:problem:refused", "Not let in", denial.text)
}

fn held_back(text: Phrase, seconds: Option<u32>) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "urn:sallyport:problem:too-many", "Too many attempts", text)
        .after(seconds)
}

/// The second door is still open for another code.
fn wrong_code(text: Phrase) -> Problem {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let mut problem = Problem::new(status, "urn:sallyport:problem:wrong-code", "Not that code", text);
    problem.body.field = Some("passcode");
    problem
}
