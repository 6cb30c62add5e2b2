//! The organisation's signing keys: one that signs for each algorithm in use, one that waits and is known already, and those
//! that signed before. Rotation is one step and loses nobody; a key that others may have is dead with the write that says so.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use sallyport_crypto::jws::{JwsAlgorithm, JwsKey};
use sallyport_model::{
    Action, SigningKey, SigningKeyState, Span, Time, id::SigningKeyId, oidc::SigningAlgorithm,
};
use sallyport_store::{Reader, Versioned};
use sallyport_wire::oidc::{Jwk, JwkSet};
use zeroize::Zeroizing;

use crate::{AppError, Ctx, Tx, ctx::open_secret};

/// Secret of a signing key: its private half, PKCS #8.
const PRIVATE: &str = "pkcs8";
/// How long what a key signed before its rotation is still good: longer than anything we sign, and than others keep our keys
/// in mind without asking.
const RETIRED_FOR: Span = Span::days(2);
/// How long a key signs.
const SIGNS_FOR: Span = Span::days(90);

/// A key that signs now.
pub(crate) struct Signer {
    pub(crate) kid: String,
    pub(crate) key: JwsKey,
}

/// A key for others to verify with, and when it ends being good.
pub(crate) struct Published {
    pub(crate) jwk: Jwk,
    pub(crate) until: Option<Time>,
}

/// What a key is called where it signs.
#[must_use]
pub(crate) const fn jws(algorithm: SigningAlgorithm) -> JwsAlgorithm {
    match algorithm {
        SigningAlgorithm::EdDsa => JwsAlgorithm::EdDsa,
        SigningAlgorithm::Es256 => JwsAlgorithm::Es256,
        SigningAlgorithm::Rs256 => JwsAlgorithm::Rs256,
    }
}

/// A key to be written, drawn before the write, which may run more than once.
#[derive(Clone)]
struct Draft {
    key: SigningKey,
    pkcs8: Zeroizing<Vec<u8>>,
}

impl Draft {
    /// A fresh key. One for RSA takes a while, so it is made beside the threads that answer.
    async fn draw(ctx: &Ctx, algorithm: SigningAlgorithm) -> Result<Self, AppError> {
        let internal = |error: String| AppError::Internal(format!("no signing key can be made: {error}"));
        let random = Arc::clone(&ctx.org.random);
        let id = ctx.id(SigningKeyId::new)?;
        let drawn = tokio::task::spawn_blocking(move || {
            let pkcs8 = JwsKey::generate(jws(algorithm), &*random).map_err(|error| error.to_string())?;
            let key = JwsKey::from_pkcs8(jws(algorithm), &pkcs8).and_then(|key| key.public());
            Ok::<_, String>((pkcs8, key.ok_or("it cannot be read back")?))
        });
        let (pkcs8, public) = drawn.await.map_err(|error| internal(error.to_string()))?.map_err(internal)?;
        let jwk = Jwk { kid: Some(id.to_string()), alg: Some(jws(algorithm)), key: public };
        let (jwk, state) = (jwk.write().to_string(), SigningKeyState::Standby);
        Ok(Self { key: SigningKey { id, algorithm, jwk, state, created: ctx.now }, pkcs8 })
    }

    fn write(&self, tx: &mut Tx<'_, '_>, state: SigningKeyState) -> Result<(), AppError> {
        let created = tx.create(SigningKey { state, ..self.key.clone() })?;
        let created = tx.record(created, "create");
        tx.seal_secret(&created.id.to_string(), PRIVATE, &self.pkcs8)
    }
}

/// All keys, the youngest first.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx) -> Result<Vec<Versioned<SigningKey>>, AppError> {
    ctx.allow(Action::ReadSettings)?;
    ctx.read_many(|reader| {
        let mut keys = reader.list_all::<SigningKey>()?;
        keys.reverse();
        Ok(keys)
    })
    .await
}

/// Makes the keys of an algorithm, where there are none yet.
///
/// # Errors
/// The store's, or no randomness.
pub(crate) async fn ensure(ctx: &Ctx, algorithm: SigningAlgorithm) -> Result<(), AppError> {
    if ctx.read(move |reader| Ok(active(reader, algorithm)?.is_some())).await? {
        return Ok(());
    }
    let drafts = (Draft::draw(ctx, algorithm).await?, Draft::draw(ctx, algorithm).await?);
    ctx.write(move |tx| {
        if active(tx, algorithm)?.is_none() {
            drafts.0.write(tx, SigningKeyState::Active { since: tx.ctx.now })?;
            drafts.1.write(tx, SigningKeyState::Standby)?;
        }
        Ok(())
    })
    .await
}

/// Has the key that waits sign from now on. What the former one signed stays good for two days.
///
/// # Errors
/// Denied, or there are no keys of this algorithm.
pub async fn rotate(ctx: &Ctx, algorithm: SigningAlgorithm) -> Result<Vec<Versioned<SigningKey>>, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    let draft = Draft::draw(ctx, algorithm).await?;
    ctx.write(move |tx| turn_over(tx, algorithm, &draft, Time(i64::MAX))).await?;
    list(ctx).await
}

/// Declares a key void, at once, as for one that somebody else may have: nothing that it signed is good any more, and where it
/// signed, the key that waited does.
///
/// # Errors
/// Denied, or no such key.
pub async fn revoke(ctx: &Ctx, id: SigningKeyId) -> Result<Vec<Versioned<SigningKey>>, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    let found = ctx.read(move |reader| Ok(reader.find::<SigningKey>(id)?)).await?;
    let algorithm = found.ok_or_else(|| AppError::not_found("signing key", id))?.algorithm;
    let draft = Draft::draw(ctx, algorithm).await?;
    ctx.write(move |tx| {
        let key = tx.find::<SigningKey>(id)?.ok_or_else(|| AppError::not_found("signing key", id))?;
        let before = key.state;
        if matches!(before, SigningKeyState::Revoked { .. }) {
            return Ok(());
        }
        put(tx, &key, SigningKeyState::Revoked { at: tx.ctx.now }, "revoke")?;
        tx.delete_secret(&id.to_string(), PRIVATE)?;
        match before {
            SigningKeyState::Active { .. } => replace_active(tx, key.algorithm, &draft),
            SigningKeyState::Standby => draft.write(tx, SigningKeyState::Standby),
            SigningKeyState::Retired { .. } | SigningKeyState::Revoked { .. } => Ok(()),
        }
    })
    .await?;
    list(ctx).await
}

/// Turns over what has signed for long enough, and forgets what is good no more.
///
/// # Errors
/// The store's, or no randomness.
pub(crate) async fn tend(ctx: &Ctx) -> Result<(), AppError> {
    let now = ctx.now;
    let keys = ctx.read(|reader| Ok(reader.list_all::<SigningKey>()?)).await?;
    for algorithm in SigningAlgorithm::ALL {
        let due = keys.iter().any(|key| {
            key.algorithm == algorithm
                && matches!(key.state, SigningKeyState::Active { since } if since.plus(SIGNS_FOR) <= now)
        });
        if due {
            let draft = Draft::draw(ctx, algorithm).await?;
            ctx.write(move |tx| turn_over(tx, algorithm, &draft, now.minus(SIGNS_FOR))).await?;
        }
    }
    let is_over =
        move |key: &SigningKey| matches!(key.state, SigningKeyState::Retired { .. }) && !key.is_known(now);
    if keys.iter().any(|key| is_over(key)) {
        ctx.write(move |tx| forget(tx, is_over)).await?;
    }
    Ok(())
}

/// Takes keys away for good. Those that were declared void stay, for whoever asks what became of them.
fn forget(tx: &mut Tx<'_, '_>, is_over: impl Fn(&SigningKey) -> bool) -> Result<(), AppError> {
    for key in tx.list_all::<SigningKey>()?.iter().filter(|key| is_over(key)) {
        let deleted = tx.delete(key)?;
        tx.record(deleted, "delete");
    }
    Ok(())
}

/// Retires the key that signs, if it has since before `not_after`, and has the next one sign.
fn turn_over(
    tx: &mut Tx<'_, '_>,
    algorithm: SigningAlgorithm,
    draft: &Draft,
    not_after: Time,
) -> Result<(), AppError> {
    let missing = || AppError::Conflict(format!("nothing is signed with {} yet", algorithm.as_str()).into());
    let former = active(tx, algorithm)?.ok_or_else(missing)?;
    if !matches!(former.state, SigningKeyState::Active { since } if since <= not_after) {
        return Ok(());
    }
    put(tx, &former, SigningKeyState::Retired { until: tx.ctx.now.plus(RETIRED_FOR) }, "retire")?;
    tx.delete_secret(&former.id.to_string(), PRIVATE)?;
    replace_active(tx, algorithm, draft)
}

/// The key that waits signs from now on, or the fresh one where none waits; and another waits.
fn replace_active(tx: &mut Tx<'_, '_>, algorithm: SigningAlgorithm, draft: &Draft) -> Result<(), AppError> {
    let state = SigningKeyState::Active { since: tx.ctx.now };
    let waiting = of(tx, algorithm)?.into_iter().find(|key| key.state == SigningKeyState::Standby);
    match waiting {
        Some(waiting) => {
            put(tx, &waiting, state, "activate")?;
            draft.write(tx, SigningKeyState::Standby)
        }
        None => draft.write(tx, state),
    }
}

fn put(
    tx: &mut Tx<'_, '_>,
    key: &Versioned<SigningKey>,
    state: SigningKeyState,
    verb: &'static str,
) -> Result<(), AppError> {
    let changed = tx.update(key, SigningKey { state, ..key.value.clone() })?;
    tx.record(changed, verb);
    Ok(())
}

fn of(reader: &mut Reader, algorithm: SigningAlgorithm) -> Result<Vec<Versioned<SigningKey>>, AppError> {
    let mut keys = reader.list_all::<SigningKey>()?;
    keys.retain(|key| key.algorithm == algorithm);
    Ok(keys)
}

fn active(
    reader: &mut Reader,
    algorithm: SigningAlgorithm,
) -> Result<Option<Versioned<SigningKey>>, AppError> {
    let is_active = |key: &Versioned<SigningKey>| matches!(key.state, SigningKeyState::Active { .. });
    Ok(of(reader, algorithm)?.into_iter().find(is_active))
}

/// The key that signs, from the store.
pub(crate) fn signer(
    reader: &mut Reader,
    ctx: &Ctx,
    algorithm: SigningAlgorithm,
) -> Result<Option<Signer>, AppError> {
    let Some(found) = active(reader, algorithm)? else { return Ok(None) };
    let sealed = open_secret(reader, ctx, &found.id.to_string(), PRIVATE)?;
    let key = sealed.and_then(|sealed| JwsKey::from_pkcs8(jws(algorithm), &sealed));
    Ok(key.map(|key| Signer { kid: found.kid(), key }))
}

/// Every key that may have signed something that is still good.
pub(crate) fn known(reader: &mut Reader) -> Result<Vec<Published>, AppError> {
    let mut known = Vec::new();
    for key in reader.list_all::<SigningKey>()? {
        let until = match key.state {
            SigningKeyState::Standby | SigningKeyState::Active { .. } => None,
            SigningKeyState::Retired { until } => Some(until),
            SigningKeyState::Revoked { .. } => continue,
        };
        let params = serde_json::from_str(&key.jwk)?;
        let jwk = Jwk::read(&params)
            .map_err(|error| AppError::Internal(format!("the signing key {}: {error}", key.id)))?;
        known.push(Published { jwk, until });
    }
    Ok(known)
}

/// Those that are good at this time, for everybody to verify with.
///
/// # Errors
/// The store's.
pub async fn published(ctx: &Ctx) -> Result<JwkSet, AppError> {
    let (asking, now) = (ctx.clone(), ctx.now);
    ctx.read(move |reader| asking.org.view.jwks(reader, now)).await
}
