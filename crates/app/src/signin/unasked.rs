//! Sign-ins that end before anybody is asked for anything: an application asks what would happen, and goes no further upon
//! *yes*, *no* or *enrol first*. Who came in that way, and who was turned away, is in the log like all others.
//!
//! Applications ask as often as they like, so of the same answer about the same person from the same address one is
//! written down in a minute. And names come from whoever knocks there, so of refusals there are so many in an hour at one
//! application: a guesser behind it fills no disk.

use sallyport_model::{
    Span, User,
    id::SignInId,
    signin::{FirstDoor, Passed, Reason, Resource, SignIn},
};
use sallyport_store::Throttle;

use super::{Looked, Preview, SECOND_DOOR_OPEN, admit, counted_name, new_sign_in, throttle};
use crate::{
    AppError, Ctx, Tx,
    budget::{self, Cap},
};

/// Of answers that are the same, one in so long is written down.
const APART: Span = Span::minutes(1);
/// In which so many refusals of one person are written down, and so many of names that nobody has, at one application.
const WINDOW: Span = Span::hours(1);
const MOST_OF_ONE: i64 = 120;
const MOST_OF_NOBODY: i64 = 1000;

/// A sign-in that ended with an answer, or that an application ends upon it.
#[derive(Debug, Clone)]
pub struct Unasked {
    /// As the application said it.
    pub name: String,
    pub resource: Resource,
    /// Who vouches for the first door.
    pub by: String,
    pub looked: Looked,
}

impl Unasked {
    const fn is_let_in(&self) -> bool {
        matches!(self.looked.preview, Preview::Allow)
    }

    /// Why, where the application can ask for nothing of what somebody has.
    fn reasons(&self) -> Vec<Reason> {
        match &self.looked.preview {
            Preview::SecondDoor { .. } => vec![Reason::NoFactor],
            Preview::Allow | Preview::Denied { .. } | Preview::EnrollmentNeeded | Preview::Unknown => {
                self.looked.reasons.clone()
            }
        }
    }

    fn who(&self) -> String {
        match self.looked.person {
            Some(id) => id.to_string(),
            None => format!("nobody {}", counted_name(&self.name)),
        }
    }

    /// Under which the next one that is the same is known.
    fn bucket(&self, ctx: &Ctx) -> String {
        let said = if self.is_let_in() { "let in" } else { "turned away" };
        let from = ctx.source.map_or_else(|| "somewhere".to_owned(), |source| source.to_string());
        format!("{said} {} at {} from {from}", self.who(), at(&self.resource))
    }
}

/// Writes it down, if it was not a moment ago.
///
/// # Errors
/// Busy, or the store's.
pub async fn keep_unasked(ctx: &Ctx, unasked: Unasked) -> Result<(), AppError> {
    let (bucket, now) = (unasked.bucket(ctx), ctx.now);
    let looked_up = bucket.clone();
    if ctx.read(move |reader| Ok(reader.throttle(&looked_up)?.until > now)).await? {
        return Ok(());
    }
    let id = ctx.id(SignInId::new)?;
    ctx.write(move |tx| put(tx, id, &bucket, &unasked)).await
}

fn put(tx: &mut Tx<'_, '_>, id: SignInId, bucket: &str, unasked: &Unasked) -> Result<(), AppError> {
    let (ctx, now) = (tx.ctx, tx.ctx.now);
    // Of many that ask at once the first comes here first.
    if tx.throttle(bucket)?.until > now || !has_room(tx, unasked)? {
        return Ok(());
    }
    tx.put_throttle(bucket, Throttle { failures: 1, since: now, until: now.plus(APART) })?;
    let user = match unasked.looked.person {
        Some(id) => tx.find::<User>(id)?,
        None => None,
    };
    let (vouched, reasons) = (FirstDoor::Vouched { by: unasked.by.clone() }, unasked.reasons());
    let sign_in = new_sign_in(ctx, id, &unasked.name, user.as_deref(), unasked.resource.clone());
    match user {
        Some(user) if unasked.is_let_in() => {
            let sign_in = sign_in.open_second_door(vouched, now.plus(SECOND_DOOR_OPEN))?;
            admit(tx, sign_in, &user, Passed::NoneNeeded, reasons)?;
            throttle::Held::at(user.name.as_str(), ctx.source).succeeded(tx, &user)
        }
        // Gone in this moment.
        None if unasked.is_let_in() => Ok(()),
        Some(_) | None => {
            let denied = SignIn { first_door: Some(vouched), ..sign_in }.deny(reasons, now)?;
            Ok(tx.put_sign_in(&denied, "")?)
        }
    }
}

/// Whether one more refusal is written down.
fn has_room(tx: &mut Tx<'_, '_>, unasked: &Unasked) -> Result<bool, AppError> {
    if unasked.is_let_in() {
        return Ok(true);
    }
    let at = at(&unasked.resource);
    let (who, most) = match unasked.looked.person {
        Some(id) => (id.to_string(), MOST_OF_ONE),
        None => ("names of nobody".to_owned(), MOST_OF_NOBODY),
    };
    let bucket = format!("refusals of {who} at {at}");
    let cap = Cap { bucket, adds: 1, most, window: WINDOW, spent: () };
    Ok(budget::count(tx, [cap])?.is_ok())
}

fn at(resource: &Resource) -> String {
    match resource {
        Resource::Api => "the API".to_owned(),
        Resource::Application { application, .. } => application.to_string(),
        Resource::DeviceLogin { device, .. } => device.to_string(),
        Resource::Portal => "the portal".to_owned(),
    }
}
