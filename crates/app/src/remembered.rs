//! Remembered devices: who passed the second door in a browser and chose to be remembered there is not asked for it again
//! for as long as policy says. Never at a device's login, and never who has a role.
//!
//! A browser is remembered by a key that it cannot give away: it signs a question of ours each time, so nothing that can
//! be copied out of it opens anything. A protected application keeps a token instead (`token`). Whatever raises the
//! person's credential epoch voids both, and policy is asked anew at each use.

pub mod browser;
#[cfg(test)]
mod tests;
pub(crate) mod token;

use sallyport_crypto::digest;
use sallyport_model::{
    Action, FactorKind, Span, Time, User,
    id::{FactorId, UserId},
    name::printable,
    policy::{RememberedDevices, RememberedFor},
    signin::Resource,
};
use sallyport_policy::EffectivePolicy;
use sallyport_store::{Once, Reader};
use serde::{Deserialize, Serialize};

use crate::{AppError, Ctx, Tx, factor, passkey::models, policy};

/// Kind of a remembered browser.
const BROWSER: &str = "remembered_browser";
/// Counter of a person: what was remembered up to then is forgotten.
const FORGOTTEN: &str = "remembered_forgotten";
/// Most browsers of a person. The oldest give way.
const MOST: usize = 20;

/// A browser that is remembered, for whoever looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// By which it is forgotten.
    pub id: String,
    /// Where the second door was passed.
    pub resource: Resource,
    /// Whether it counts at all others too whose policy says so.
    pub everywhere: bool,
    pub user_agent: String,
    pub created: Time,
    /// As policy stands now.
    pub until: Time,
}

/// What was proved, when and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Proof {
    user: UserId,
    /// The person's credential epoch at the time.
    epoch: i64,
    factor: FactorId,
    kind: FactorKind,
    resource: Resource,
    #[serde(default)]
    reach: RememberedFor,
    at: Time,
}

impl Proof {
    /// Until when this counts for this person at a resource where this policy holds; `None` if it does not.
    fn until(&self, user: &User, resource: &Resource, policy: &EffectivePolicy, now: Time) -> Option<Time> {
        let RememberedDevices { hours, reach } = policy.remembered_devices.value;
        let reaches = is_same(&self.resource, resource)
            || (self.reach == RememberedFor::All && reach == RememberedFor::All);
        let stands = (self.user, self.epoch) == (user.id, user.credential_epoch) && user.is_active();
        let until = self.at.plus(Span::hours(i64::from(hours)));
        let counts = stands && reaches && is_for(user, resource) && factor::counts(policy, self.kind);
        (counts && now >= self.at && now < until).then_some(until)
    }

    /// Whether the person has yet what it was proved with, and it still counts.
    fn is_there(&self, reader: &mut Reader, now: Time) -> Result<bool, AppError> {
        let mut factors = factor::of(reader, self.user, now)?;
        factors.retain(|factor| factor.id == self.factor);
        models::leave_those_that_count(reader, &mut factors)?;
        Ok(!factors.is_empty())
    }
}

/// A browser as it rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Browser {
    id: String,
    /// By which the browser knows its key.
    thumbprint: String,
    /// An uncompressed point of P-256, in hexadecimal.
    point: String,
    user_agent: String,
    proof: Proof,
}

/// Whether anything of this person's may be remembered there.
fn is_for(user: &User, resource: &Resource) -> bool {
    let is_place = match resource {
        Resource::Application { .. } | Resource::Portal => true,
        // Nobody is at a browser there.
        Resource::Api | Resource::DeviceLogin { .. } => false,
    };
    is_place && user.roles.is_empty()
}

fn is_same(one: &Resource, other: &Resource) -> bool {
    match (one, other) {
        (Resource::Application { application: one, .. }, Resource::Application { application, .. }) => {
            one == application
        }
        (Resource::Portal, Resource::Portal) => true,
        (
            Resource::Api | Resource::Application { .. } | Resource::DeviceLogin { .. } | Resource::Portal,
            _,
        ) => false,
    }
}

/// What a bypass code opens is open once: it was given for want of anything better. What is asked elsewhere, or by mail, is
/// no factor of ours that could be taken away and take the trace along.
const fn leaves_a_trace(kind: FactorKind) -> bool {
    match kind {
        FactorKind::BypassCode | FactorKind::Duo | FactorKind::Mail => false,
        FactorKind::HardwareToken
        | FactorKind::Passkey
        | FactorKind::Phone
        | FactorKind::Push
        | FactorKind::Totp => true,
    }
}

/// A person's browsers as they rest, whether or not they count.
fn browsers(reader: &mut Reader, user: UserId) -> Result<Vec<(Browser, Time)>, AppError> {
    let rows = reader.once_of(&user.to_string(), BROWSER)?;
    rows.iter().map(|Once { doc, expires, .. }| Ok((serde_json::from_str(doc)?, *expires))).collect()
}

/// The browsers in which a person is remembered, the newest first: one's own, or as an administrator anybody's.
///
/// # Errors
/// Denied, or no such user.
pub async fn list(ctx: &Ctx, user: UserId) -> Result<Vec<Remembered>, AppError> {
    if !ctx.is_person(user) {
        ctx.allow(Action::ReadSignIns)?;
    }
    let (asking, now) = (ctx.clone(), ctx.now);
    ctx.read(move |reader| {
        let person = reader.find::<User>(user)?.ok_or_else(|| AppError::not_found("user", user))?;
        let mut found = Vec::new();
        for (browser, expires) in browsers(reader, user)? {
            let (resource, proof) = (&browser.proof.resource, &browser.proof);
            let held = policy::in_force(reader, &asking, user, resource, false)?;
            let until = proof.until(&person, resource, &held.policy, now).map(|until| until.min(expires));
            if let Some(until) = until.filter(|until| now < *until)
                && proof.is_there(reader, now)?
            {
                found.push(Remembered {
                    everywhere: proof.reach == RememberedFor::All,
                    created: proof.at,
                    id: browser.id,
                    resource: browser.proof.resource,
                    user_agent: browser.user_agent,
                    until,
                });
            }
        }
        found.sort_by_key(|remembered| std::cmp::Reverse(remembered.created));
        Ok(found)
    })
    .await
}

/// Forgets one of a person's browsers: one's own, or as an administrator anybody's.
///
/// # Errors
/// Denied, or no such browser.
pub async fn forget(ctx: &Ctx, user: UserId, wanted: &str) -> Result<(), AppError> {
    let (own, wanted) = (ctx.is_person(user), wanted.to_owned());
    ctx.write(move |tx| {
        let person = if own { None } else { Some(tx.user_for(Action::SuspendUser, user)?) };
        let known = browsers(tx, user)?.iter().any(|(browser, _)| browser.id == wanted);
        if !known || !tx.delete_once(BROWSER, &wanted)? {
            return Err(AppError::not_found("remembered browser", printable(&wanted, 32)));
        }
        if let Some(person) = person {
            tx.record_touched(&person.value, "forget_browser");
        }
        Ok(())
    })
    .await
}

/// Forgets all of a person's browsers, and the tokens that applications keep for them.
///
/// # Errors
/// Denied, or no such user.
pub async fn forget_all(ctx: &Ctx, user: UserId) -> Result<(), AppError> {
    let own = ctx.is_person(user);
    ctx.write(move |tx| {
        if !own {
            let person = tx.user_for(Action::SuspendUser, user)?;
            tx.record_touched(&person.value, "forget_browsers");
        }
        forget_all_of(tx, user)
    })
    .await
}

/// Forgets all that is remembered of a person.
pub(crate) fn forget_all_of(tx: &mut Tx<'_, '_>, user: UserId) -> Result<(), AppError> {
    let (owner, now) = (user.to_string(), tx.ctx.now);
    tx.void_once(&owner, BROWSER)?;
    tx.raise_counter(&owner, FORGOTTEN, now.0)?;
    Ok(())
}

/// What a browser is called when it is shown or forgotten. Of one key there is one for each person and place.
fn id_of(thumbprint: &str, user: UserId, resource: &Resource) -> String {
    let place = match resource {
        Resource::Application { application, .. } => application.to_string(),
        Resource::Api | Resource::DeviceLogin { .. } | Resource::Portal => "portal".to_owned(),
    };
    let digest = digest::sha256(format!("{thumbprint} {user} {place}").as_bytes());
    digest::hex(&digest).chars().take(32).collect()
}
