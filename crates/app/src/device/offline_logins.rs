//! Logins at a device by the first door alone, while it could not reach us: told afterwards, kept as sign-ins.
//!
//! The device repeats what it was not thanked for, so each is taken once, by its conversation. What a device says is
//! believed of people who are bound to it and of nobody else.

use sallyport_api::agent::{Contact, ContactProof, OfflineLogin, ServerMessage, context};
use sallyport_crypto::digest;
use sallyport_model::{
    Action, Device, Span, Time, User,
    id::{DeviceId, SignInId},
    name::printable,
    signin::{FirstDoor, Passed, Reason, Resource, SignIn, SignInState},
};
use sallyport_store::{Once, Reader};

use crate::{AppError, Ctx, Tx, channel::signed, ctx::uuid_at, desired};

/// Kind of what is good once.
const TAKEN: &str = "offline_login";
/// So long a repetition is known as one, and the device's page shows it. The sign-in log keeps it longer.
const KEPT: Span = Span::days(90);
/// Agents keep fewer; what lies beyond comes from no agent of ours.
const MOST: usize = 16;
const LONGEST_WORD: usize = 64;
const SHOWN: usize = 20;

/// Takes what the device tells, and proves to it that it was heard.
pub(crate) async fn take(ctx: &Ctx, device: &Device, contact: Contact) -> Result<ServerMessage, AppError> {
    let Contact { nonce, logins } = contact;
    if nonce.len() != 64 || !digest::is_hex(&nonce) {
        return Err(AppError::invalid("nonce", "64 hexadecimal digits"));
    }
    if logins.len() > MOST {
        return Err(AppError::invalid("logins", format!("at most {MOST}")));
    }
    if !logins.is_empty() {
        let device = device.clone();
        ctx.write(move |tx| {
            let mut news = false;
            for login in &logins {
                news |= take_one(tx, &device, login)?;
            }
            if news {
                tx.record_touched(&device, "offline_login");
            }
            Ok(())
        })
        .await?;
    }
    let proof = signed(&ctx.org, context::CONTACT, &ContactProof { device: device.id, nonce })?;
    Ok(ServerMessage::Contact { proof })
}

/// Whether it was new.
fn take_one(tx: &mut Tx<'_, '_>, device: &Device, login: &OfflineLogin) -> Result<bool, AppError> {
    let key = digest::sha256(format!("{} {}", device.id, login.conversation).as_bytes());
    let hash = digest::hex(&key);
    if tx.find_once(TAKEN, &hash)?.is_some() {
        return Ok(false);
    }
    let now = tx.ctx.now;
    // A clock that goes wrong must not put it where nobody looks.
    let at = login.at.min(now).max(now.minus(KEPT));
    let bound = desired::is_bound(tx, login.user, device.id)?;
    let user = tx.find::<User>(login.user)?.filter(|_| bound);
    let id = id_at(at, &key);
    let sign_in = SignIn {
        id,
        name: printable(&login.name, LONGEST_WORD),
        user: user.as_ref().map(|user| user.id),
        resource: Resource::DeviceLogin {
            device: device.id,
            name: device.name.clone(),
            service: printable(&login.service, LONGEST_WORD),
        },
        source: None,
        country: None,
        device: None,
        host: None,
        managed_device: None,
        state: SignInState::FirstDoor,
        first_door: None,
        second_door: None,
        tried: None,
        reasons: Vec::new(),
        epoch: user.map_or(0, |user| user.credential_epoch),
        created: at,
    };
    let first_door = FirstDoor::Vouched { by: printable(&login.first_door, LONGEST_WORD) };
    // It is no admission of ours: the door is long open. The log says so in the words it has for all others.
    let open = sign_in.open_second_door(first_door, at)?;
    tx.put_sign_in(&open.allow(Passed::NoneNeeded, vec![Reason::ServerUnreachable], at)?, "")?;
    let once =
        Once { owner: device.id.to_string(), expires: now.plus(KEPT), used: None, doc: id.to_string() };
    tx.put_once(TAKEN, &hash, &once)?;
    Ok(true)
}

/// The newest such sign-ins at a device, for those who may read sign-ins.
pub(super) fn list(reader: &mut Reader, ctx: &Ctx, device: DeviceId) -> Result<Vec<SignIn>, AppError> {
    if ctx.allow(Action::ReadSignIns).is_err() {
        return Ok(Vec::new());
    }
    let taken = reader.once_of(&device.to_string(), TAKEN)?;
    let mut ids: Vec<String> = taken.into_iter().map(|once| once.doc).collect();
    // Ids rise with time.
    ids.sort_unstable_by(|one, other| other.cmp(one));
    let mut found = Vec::new();
    for id in ids.into_iter().take(SHOWN) {
        found.extend(reader.find_sign_in(&id)?.map(|stored| stored.sign_in));
    }
    Ok(found)
}

/// An id among those of its time; the same for the same login.
fn id_at(time: Time, key: &[u8; 32]) -> SignInId {
    let mut rest = [0; 10];
    rest.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    SignInId::new(uuid_at(time, &rest))
}

#[cfg(test)]
mod tests;
