//! Sign-ins that end before anybody is asked for anything: an application asks what would happen, and goes no further upon
//! *yes*, *no* or *enrol first*. Who came in that way, and who was turned away, is in the log like all others.
//!
//! Applications ask as often as they like, so of the same answer about the same person from the same address one is
//! written down in a minute. And names come from whoever knocks there, so of refusals there are so many in an hour at one
//! application: a guesser behind it fills no disk.

use sallyport_crypto::Secret;
use sallyport_model::{
    Span, User,
    id::SignInId,
    signin::{FirstDoor, Passed, Reason, Resource, SignIn},
};
use sallyport_policy::Decision;
use sallyport_store::Throttle;

use super::{Looked, Preview, SECOND_DOOR_OPEN, admit, counted_name, new_sign_in, preview::rule_with};
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
    /// Of the device, if whoever asks has one.
    pub token: Option<Secret>,
    pub looked: Looked,
}

impl Unasked {
    const fn is_let_in(&self) -> bool {
        matches!(self.looked.preview, Preview::Allow)
    }

    /// Why somebody is turned away. What they have cannot be asked for by an application that ends a sign-in upon it.
    fn reasons(&self) -> Vec<Reason> {
        match &self.looked.preview {
            Preview::Denied { reasons } => reasons.clone(),
            Preview::EnrollmentNeeded | Preview::SecondDoor { .. } => vec![Reason::NoFactor],
            Preview::Unknown => vec![Reason::UnknownUser],
            Preview::Allow => Vec::new(),
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

    /// Of how many refusals this is one.
    fn cap(&self) -> Option<Cap<()>> {
        if self.is_let_in() {
            return None;
        }
        let at = at(&self.resource);
        let (who, most) = match self.looked.person {
            Some(id) => (id.to_string(), MOST_OF_ONE),
            None => ("names of nobody".to_owned(), MOST_OF_NOBODY),
        };
        Some(Cap { bucket: format!("refusals of {who} at {at}"), adds: 1, most, window: WINDOW, spent: () })
    }

    /// Whether there is one of it already, or there are enough.
    async fn is_kept(&self, ctx: &Ctx) -> Result<bool, AppError> {
        let (bucket, cap, now) = (self.bucket(ctx), self.cap(), ctx.now);
        ctx.read(move |reader| {
            if reader.throttle(&bucket)?.until > now {
                return Ok(true);
            }
            cap.as_ref().map_or(Ok(false), |cap| cap.is_spent(reader, now))
        })
        .await
    }
}

/// Writes it down, if it was not a moment ago. Whether the answer stands: who was to be let in is looked at once more where
/// it is written, and is not if things have changed since.
///
/// Nobody has shown anything by being asked about, and an application may ask before it looks at a password. So this is
/// no success that clears wrong passwords, makes a network known or shows that a person is about.
///
/// # Errors
/// Busy, or the store's.
pub async fn keep_unasked(ctx: &Ctx, unasked: Unasked) -> Result<bool, AppError> {
    if unasked.is_kept(ctx).await? {
        return Ok(true);
    }
    let (id, bucket) = (ctx.id(SignInId::new)?, unasked.bucket(ctx));
    ctx.write(move |tx| put(tx, id, &bucket, &unasked)).await
}

fn put(tx: &mut Tx<'_, '_>, id: SignInId, bucket: &str, unasked: &Unasked) -> Result<bool, AppError> {
    let (ctx, now) = (tx.ctx, tx.ctx.now);
    // Of many that ask at once the first comes here first.
    if tx.throttle(bucket)?.until > now || budget::count(tx, unasked.cap())?.is_err() {
        return Ok(true);
    }
    let user = match unasked.looked.person {
        Some(id) => tx.find::<User>(id)?,
        None => None,
    };
    let decision = match &user {
        _ if !unasked.is_let_in() => Decision::Deny(unasked.reasons()),
        Some(user) => rule_with(tx, ctx, user, &unasked.resource, unasked.token.as_ref())?.decision,
        None => Decision::Deny(vec![Reason::UnknownUser]),
    };
    let vouched = FirstDoor::Vouched { by: unasked.by.clone() };
    let sign_in = new_sign_in(ctx, id, &unasked.name, user.as_deref(), unasked.resource.clone());
    let said_so = Throttle { failures: 1, since: now, until: now.plus(APART) };
    match (decision, user) {
        (Decision::Allow(reasons), Some(user)) => {
            tx.put_throttle(bucket, said_so)?;
            let sign_in = sign_in.open_second_door(vouched, now.plus(SECOND_DOOR_OPEN))?;
            admit(tx, sign_in, &user, Passed::NoneNeeded, reasons)?;
            Ok(true)
        }
        (Decision::Allow(reasons) | Decision::Deny(reasons) | Decision::SecondDoor(reasons), _) => {
            let stands = !unasked.is_let_in();
            if stands {
                tx.put_throttle(bucket, said_so)?;
            }
            let denied = SignIn { first_door: Some(vouched), ..sign_in }.deny(reasons, now)?;
            tx.put_sign_in(&denied, "")?;
            Ok(stands)
        }
    }
}

fn at(resource: &Resource) -> String {
    match resource {
        Resource::Api => "the API".to_owned(),
        Resource::Application { application, .. } => application.to_string(),
        Resource::DeviceLogin { device, .. } => device.to_string(),
        Resource::Portal => "the portal".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn a_refusal_beyond_the_cap_is_known_by_a_look() {
        let test = testing::org().await;
        let person = Some(test.user("ada").await.id);
        let unasked = Unasked {
            name: "ada".into(),
            resource: Resource::Api,
            by: "gateway".into(),
            token: None,
            looked: Looked { preview: Preview::EnrollmentNeeded, person },
        };
        let from = |n: i64| {
            let address = Ipv4Addr::from(0x0a00_0000 + u32::try_from(n).unwrap());
            Ctx { source: Some(address.into()), ..test.nobody() }
        };
        for n in 0..MOST_OF_ONE {
            assert!(!unasked.is_kept(&from(n)).await.unwrap(), "{n}");
            assert!(keep_unasked(&from(n), unasked.clone()).await.unwrap());
        }
        assert!(unasked.is_kept(&from(MOST_OF_ONE)).await.unwrap());
        // Whoever is let in is written down all the same.
        let looked = Looked { preview: Preview::Allow, person };
        let let_in = Unasked { looked, ..unasked.clone() };
        assert!(!let_in.is_kept(&from(MOST_OF_ONE)).await.unwrap());
        test.clock.advance(WINDOW);
        assert!(!unasked.is_kept(&from(MOST_OF_ONE)).await.unwrap());
    }
}
