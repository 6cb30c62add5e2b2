//! Passwords: which are good enough, what is derived from one, and how it is put.

use sallyport_crypto::{
    Secret,
    password::{Imported, PasswordError, normalize},
    unix_crypt,
};
use sallyport_model::{Action, PasswordStatus, ResetOf, Settings, User, UserName, fold, id::UserId};
use sallyport_store::{Reader, Versioned};

use super::{PASSWORD_HASH, UNIX_PASSWORD};
use crate::{AppError, Ctx, Phrase, Tx, ctx::settings, policy, recovery, signin::throttle};

/// Secret of a user: what another system kept of the password, sealed, until the password was typed here once.
const IMPORTED: &str = "imported_password";

/// What is kept of a password: never the password.
#[derive(Clone)]
pub(crate) struct Derived {
    /// For us: Argon2id behind the pepper.
    hash: String,
    /// For Linux devices: crypt(5).
    unix: zeroize::Zeroizing<String>,
}

/// How long a person's password has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    pub least: u32,
    /// Whether that is because the password is all that is asked of them, somewhere at least.
    pub alone: bool,
}

impl Length {
    /// Of somebody who passes both doors.
    pub(crate) const fn behind_two_doors(settings: &Settings) -> Self {
        Self { least: settings.passwords.shortest, alone: false }
    }

    /// Of this person, as policy stands.
    pub(crate) fn of(
        reader: &mut Reader,
        ctx: &Ctx,
        user: &User,
        settings: &Settings,
    ) -> Result<Self, AppError> {
        let spared = is_spared(reader, ctx, user, settings)?;
        let least = settings.passwords.least(spared);
        Ok(Self { least, alone: spared && least > settings.passwords.shortest })
    }
}

/// Whether the password is all that is asked of this person at the portal, or at devices, from wherever that may be.
fn is_spared(reader: &mut Reader, ctx: &Ctx, user: &User, settings: &Settings) -> Result<bool, AppError> {
    let groups = ctx.org.view.groups_around(reader, user.id)?;
    for (_, applied) in policy::of_settings(settings) {
        let (policy, _) = policy::in_force_for(reader, ctx, settings, applied, &groups)?;
        if policy.may_spare(user, &groups) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How long the password of a person has to be: one's own, or by right anybody's.
///
/// # Errors
/// Denied, or no such user.
pub async fn length(ctx: &Ctx, id: UserId) -> Result<Length, AppError> {
    if !ctx.is_person(id) {
        ctx.allow(Action::ReadDirectory)?;
    }
    let asking = ctx.clone();
    ctx.read(move |reader| {
        let user = reader.find::<User>(id)?.ok_or_else(|| AppError::not_found("user", id))?;
        let settings = settings(reader)?;
        Length::of(reader, &asking, &user, &settings)
    })
    .await
}

/// Refuses a password that the policy does not take, saying why.
pub(crate) fn check(
    password: &Secret,
    name: &UserName,
    settings: &Settings,
    length: Length,
) -> Result<(), AppError> {
    let refuse = |reason: Phrase| Err(AppError::invalid("password", reason));
    let password = normalize(password)?;
    let (text, least) = (password.expose(), length.least);
    if text.chars().any(|c| matches!(c, '\0' | '\n' | '\r')) {
        return refuse(Phrase::PasswordLineBreaks);
    }
    if text.chars().count() < least as usize {
        return refuse(if length.alone {
            Phrase::PasswordShortAlone(least)
        } else {
            Phrase::PasswordShort(least)
        });
    }
    if !settings.passwords.refuse_common {
        return Ok(());
    }
    let folded = fold(text);
    for (what, word) in
        [(Phrase::PasswordIsName, name.as_str()), (Phrase::PasswordIsOrganization, &settings.organization)]
    {
        let word = fold(word);
        if word.chars().count() >= 4
            && folded.contains(&word)
            && folded.chars().count() < 2 * word.chars().count() + 4
        {
            return refuse(what);
        }
    }
    if is_common(&folded) {
        return refuse(Phrase::PasswordCommon);
    }
    Ok(())
}

/// Passwords that guessers try first, at the lengths policies ask for: list words alone or repeated, runs of
/// keys, and the usual endings.
///
/// The list is that of the ten thousand most used passwords in published leaks, by the count of zxcvbn 4.5 (MIT), and
/// words that stand before such endings.
fn is_common(folded: &str) -> bool {
    const WORDS: &str = include_str!("common_passwords.txt");
    let plain: String = folded
        .trim_end_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation())
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            other => other,
        })
        .collect();
    let listed = |candidate: &str| WORDS.lines().any(|word| word == candidate);
    let distinct: std::collections::BTreeSet<char> = folded.chars().collect();
    let half: String = plain.chars().take(plain.chars().count() / 2).collect();
    distinct.len() <= 3
        || is_sequence(folded)
        || listed(folded)
        || plain.is_empty()
        || listed(&plain)
        || (!half.is_empty() && format!("{half}{half}") == plain && listed(&half))
}

/// Whether nearly every character follows its neighbour, on the keyboard or in the alphabet.
fn is_sequence(text: &str) -> bool {
    const ROWS: [&str; 5] =
        ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let chars: Vec<char> = text.chars().collect();
    let follows = chars
        .windows(2)
        .filter(|pair| {
            let pair: String = pair.iter().collect();
            let back: String = pair.chars().rev().collect();
            ROWS.iter().any(|row| row.contains(&pair) || row.contains(&back))
        })
        .count();
    chars.len() > 1 && follows + 2 >= chars.len()
}

/// Computes what is kept of a password.
pub(crate) async fn derive(ctx: &Ctx, password: &Secret) -> Result<Derived, AppError> {
    let hash = ctx.org.passwords.hash(password, &*ctx.org.random).await?;
    let unix = unix(ctx, password).await?;
    Ok(Derived { hash, unix })
}

async fn unix(ctx: &Ctx, password: &Secret) -> Result<zeroize::Zeroizing<String>, AppError> {
    let (random, password) = (std::sync::Arc::clone(&ctx.org.random), normalize(password)?);
    tokio::task::spawn_blocking(move || unix_crypt::sha512(password.expose(), &*random))
        .await
        .map_err(|_| AppError::Internal("password hashing was interrupted".into()))?
        .map_err(AppError::from)
}

/// What a password that somebody types is compared with.
#[derive(Clone)]
pub(crate) enum Stored {
    Ours(String),
    /// A hash of another system.
    Imported(Secret),
    Nothing,
    /// Something that cannot be opened any more. No password is the one.
    Unreadable,
}

impl Stored {
    /// Of whoever this is. What is looked up for a person is looked up for nobody too.
    pub(crate) fn of(reader: &mut Reader, ctx: &Ctx, owner: UserId) -> Result<Self, AppError> {
        let owner = owner.to_string();
        let ours = reader.find_secret(&owner, PASSWORD_HASH)?;
        let imported = reader.find_secret(&owner, IMPORTED)?;
        let imported = imported.map(|sealed| ctx.open(&owner, IMPORTED, &sealed));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(match (ours, imported) {
            (Some(ours), _) => Self::Ours(text(&ours)),
            (None, Some(Ok(imported))) => Self::Imported(Secret::new(text(&imported))),
            (None, Some(Err(_))) => Self::Unreadable,
            (None, None) => Self::Nothing,
        })
    }

    /// Whether there is none.
    pub(crate) const fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// Whether this is the password. Spends one hash whatever is known, so that time tells nothing of who is known here; of
    /// an imported one, which takes as long as the other system thought right, it may tell that it was never used yet.
    /// What is damaged is no password, and takes as long; whoever reads the log hears of it.
    pub(crate) async fn is(&self, ctx: &Ctx, owner: UserId, password: &Secret) -> Result<bool, AppError> {
        match self.compare(ctx, password).await {
            Err(PasswordError::Damaged) => {
                tracing::error!(user = %owner, "what is kept of a password is damaged; set a new one");
                Ok(ctx.org.passwords.verify_nobody(password).await?)
            }
            compared => Ok(compared?),
        }
    }

    async fn compare(&self, ctx: &Ctx, password: &Secret) -> Result<bool, PasswordError> {
        match self {
            Self::Ours(stored) => ctx.org.passwords.verify(password, stored).await,
            Self::Imported(hash) => {
                let hash = Imported::parse(hash.expose()).map_err(|_| PasswordError::Damaged)?;
                ctx.org.passwords.verify_imported(password, hash).await
            }
            Self::Nothing => ctx.org.passwords.verify_nobody(password).await,
            Self::Unreadable => Err(PasswordError::Damaged),
        }
    }

    /// What to keep of this password from now on, where that is more than what is kept: it was just found to be the one.
    pub(crate) async fn renewed(&self, ctx: &Ctx, password: &Secret) -> Result<Option<Derived>, AppError> {
        match self {
            Self::Imported(_) => derive(ctx, password).await.map(Some),
            Self::Nothing | Self::Ours(_) | Self::Unreadable => Ok(None),
        }
    }
}

/// Takes over what another system kept of a password. It opens the first door as the password did there, and is hashed as
/// ours are when it does so first; the devices have none until then.
///
/// # Errors
/// Denied, the person has a password, or a hash of no kind that is taken over.
pub(crate) fn import(tx: &mut Tx<'_, '_>, id: UserId, hash: &Secret) -> Result<(), AppError> {
    let user = tx.user_for(Action::SetPassword, id)?;
    if user.password_status != PasswordStatus::Pending {
        return Err(AppError::Conflict("the user has a password; a file replaces none".into()));
    }
    recovery::permit(tx, &user, &ResetOf::Password)?;
    Imported::parse(hash.expose()).map_err(|error| AppError::invalid("password_hash", error.to_string()))?;
    tx.seal_secret(&id.to_string(), IMPORTED, hash.expose().as_bytes())?;
    let after = user.value.clone().with_new_password(tx.ctx.now);
    let changed = tx.update(&user, after)?;
    tx.record(changed, "import_password");
    Ok(())
}

/// Keeps of a password what is kept of ours, in the place of what another system kept of it.
pub(crate) fn renew(
    tx: &mut Tx<'_, '_>,
    user: Versioned<User>,
    derived: &Derived,
) -> Result<Versioned<User>, AppError> {
    if !tx.delete_secret(&user.id.to_string(), IMPORTED)? {
        return Ok(user);
    }
    keep(tx, user.id, derived)?;
    let changed = tx.update(&user, user.value.clone())?;
    Ok(tx.record(changed, "rehash_password"))
}

fn keep(tx: &mut Tx<'_, '_>, id: UserId, derived: &Derived) -> Result<(), AppError> {
    let owner = id.to_string();
    tx.put_secret(&owner, PASSWORD_HASH, derived.hash.as_bytes())?;
    tx.seal_secret(&owner, UNIX_PASSWORD, derived.unix.as_bytes())
}

/// Puts a new password: what the person proved before is void.
pub(crate) fn put(
    tx: &mut Tx<'_, '_>,
    user: &Versioned<User>,
    derived: &Derived,
    verb: &'static str,
) -> Result<Versioned<User>, AppError> {
    keep(tx, user.id, derived)?;
    tx.delete_secret(&user.id.to_string(), IMPORTED)?;
    throttle::forget_guesses(tx, user)?;
    let after = user.value.clone().with_new_password(tx.ctx.now);
    let changed = tx.update(user, after)?;
    Ok(tx.record(changed, verb))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_guessers_try_first_is_refused() {
        for common in [
            "password12345",
            "Passw0rd2026!",
            "qwertyuiop123",
            "123456789012",
            "aaaaaaaaaaaaaaa",
            "letmeinletmein",
            "abcdefghijklm",
            "Welcome2026!!",
            "dragon123456",
            "butterfly2026!",
            "manchester1!!",
            "supermansuperman",
        ] {
            assert!(is_common(&fold(common)), "{common}");
        }
        for own in ["ada.lovelace", "Ada.Lovelace1", "Fortress & Sons", "fortress & sons 26"] {
            let name = "ada.lovelace".parse().unwrap();
            let settings = Settings { organization: "Fortress & Sons".into(), ..Settings::default() };
            let length = Length { least: 8, alone: false };
            let refused = check(&own.into(), &name, &settings, length).unwrap_err();
            let (name, organization) = (Phrase::PasswordIsName, Phrase::PasswordIsOrganization);
            let AppError::Invalid { reason, .. } = refused else { panic!("{refused}") };
            assert!(reason == name.into() || reason == organization.into(), "{own}: {reason}");
        }
        for good in ["correct horse battery", "tulip-gravel-hovercraft", "Ähre über Öl 77"] {
            assert!(!is_common(&fold(good)), "{good}");
        }
    }
}
