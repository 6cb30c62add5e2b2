//! Applications that speak no protocol, behind a proxy that asks us about every request. The proxy brings the cookie of the
//! application's own host; who has none is led to us, decided about like for any other application, and led back with a code
//! that the host turns into its cookie. Our own cookie never leaves our host.
//!
//! The way begins at the application's host, with a secret that the browser keeps there. Its digest travels to us and into the
//! code, so that the code is good in that browser alone: somebody else's is refused, and so is one that was slipped to somebody.
//!
//! A cookie stands for a session here and is looked at anew with every request: the person, their credential epoch, the
//! session, the application and who may use it.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use sallyport_crypto::{Secret, token};
use sallyport_model::{
    Application, Group, Span, User,
    application::Origin,
    id::{ApplicationId, GroupId, SessionId, SignInId, UserId},
};
use sallyport_store::{Once, Reader, Session, Versioned};
use serde::{Deserialize, Serialize};

use crate::{
    AppError, Ctx, Phrase, Tx,
    signin::Denial,
    sso::{self, Ask, Level, Passage, Standing, Wanted},
};

/// Alias of an application: an origin that a proxy asks for.
pub(crate) const ORIGIN: &str = "forward_origin";
/// Kind of a code that is carried to an application's host, and prefix of it.
const CODE: &str = "spfc";
/// Kind of what a cookie of such a host stands for, and prefix of its value.
const COOKIE: &str = "spfs";
/// Kind of what a browser is known by while it is on its way, and prefix of it.
const BROWSER: &str = "spfb";
const CODE_LIFE: Span = Span::seconds(60);
/// How long a cookie is good, if the session goes on for so long. Then policy decides anew, mostly without anybody noticing.
const COOKIE_LIFE: Span = Span::hours(8);
/// How long a digest is, in hexadecimal.
const DIGEST: usize = 64;
/// Longest address that somebody wanted to go to.
const LONGEST: usize = 4096;
/// Most groups that are told, and the longest line of them: proxies refuse long headers.
const MOST_GROUPS: usize = 200;
const LONGEST_GROUPS: usize = 4096;

/// What a code and a cookie stand for.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Passed {
    application: ApplicationId,
    user: UserId,
    epoch: i64,
    session: SessionId,
    origin: String,
    /// Where to go on.
    path: String,
    /// Digest of what the browser is known by that began.
    browser: String,
}

/// Who is behind a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub user: String,
    pub name: String,
    pub mail: String,
    /// Names, with commas between.
    pub groups: String,
}

/// Where the browser goes next.
#[derive(Debug)]
pub enum Turn {
    Ask(Ask),
    /// To the application's host, with a code.
    Back(String),
    /// Not through.
    Over {
        application: String,
        origin: String,
        text: Phrase,
    },
    /// It did not begin at the application's host.
    NotBegun,
    /// No application has this address.
    Unknown,
}

/// The beginning of a way, at the application's host.
#[derive(Debug)]
pub struct Beginning {
    /// What the browser keeps there.
    pub browser: Secret,
    /// Its digest, which travels.
    pub digest: String,
}

/// What came of a code that a browser brought to an application's host.
#[derive(Debug)]
pub enum Redeemed {
    /// The cookie of that host, and where to go on.
    Known { cookie: Secret, path: String },
    /// Spent, too old, or never one of ours for this host.
    Nothing,
    /// Another browser began.
    OtherBrowser,
}

/// An absolute address, in its origin and what is behind it.
#[must_use]
pub fn split(address: &str) -> Option<(Origin, &str)> {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    if address.len() > LONGEST || !address.bytes().all(plain) {
        return None;
    }
    let host = address.find("://")? + 3;
    let end = address.get(host..)?.find(['/', '?', '#']).map_or(address.len(), |at| host + at);
    let (origin, path) = address.split_at_checked(end)?;
    let path = if path.starts_with('/') { path } else { "/" };
    Some((origin.to_ascii_lowercase().parse().ok()?, path))
}

/// The application at an origin, if it is enabled.
fn at(reader: &mut Reader, ctx: &Ctx, origin: &Origin) -> Result<Option<Application>, AppError> {
    let Some(id) = reader.find_alias(ORIGIN, origin.as_str())?.and_then(|id| id.parse().ok()) else {
        return Ok(None);
    };
    let found = ctx.org.view.application(reader, id)?;
    Ok(found.filter(|found| found.enabled).map(|found| (*found).clone()))
}

/// Who is behind a request to an origin, by the cookie that it brought.
///
/// # Errors
/// The store's.
pub async fn verify(ctx: &Ctx, origin: &Origin, cookie: &str) -> Result<Option<Identity>, AppError> {
    let (asking, origin, hash) = (ctx.clone(), origin.clone(), ctx.org.keys.hash_token(COOKIE, cookie));
    ctx.read(move |reader| {
        let once = reader.find_once(COOKIE, &hash)?;
        let Some(once) = once.filter(|once| once.used.is_none() && once.expires >= asking.now) else {
            return Ok(None);
        };
        let passed: Passed = serde_json::from_str(&once.doc)?;
        if passed.origin != origin.as_str() {
            return Ok(None);
        }
        let Some(application) = at(reader, &asking, &origin)? else { return Ok(None) };
        let Some(user) = still(reader, &asking, &passed)?.filter(|_| application.id == passed.application)
        else {
            return Ok(None);
        };
        let around = asking.org.view.groups_around(reader, user.id)?;
        if !application.used_by.is_for(user.id, &around) {
            return Ok(None);
        }
        Ok(Some(identity(reader, &user, &around)?))
    })
    .await
}

/// The person, if they and the session are what they were.
fn still(reader: &mut Reader, ctx: &Ctx, passed: &Passed) -> Result<Option<Versioned<User>>, AppError> {
    let user = reader.find::<User>(passed.user)?;
    let Some(user) = user.filter(|user| user.is_active() && user.credential_epoch == passed.epoch) else {
        return Ok(None);
    };
    let goes_on = |session: &Session| session.id == Some(passed.session) && session.expires >= ctx.now;
    Ok(reader.sessions_of(passed.user)?.iter().any(goes_on).then_some(user))
}

fn identity(reader: &mut Reader, user: &User, around: &BTreeSet<GroupId>) -> Result<Identity, AppError> {
    let mut names = BTreeSet::new();
    for id in around {
        names.extend(reader.find::<Group>(*id)?.map(|group| group.value.name));
    }
    let mut groups = String::new();
    // A name with a comma would be two to whoever reads them.
    for name in names.iter().filter(|name| !name.contains(',')).take(MOST_GROUPS) {
        if groups.len() + name.len() < LONGEST_GROUPS {
            groups.push_str(if groups.is_empty() { "" } else { "," });
            groups.push_str(name);
        }
    }
    let mail = user.mails.first().map(|mail| mail.address.clone()).unwrap_or_default();
    Ok(Identity { user: user.name.to_string(), name: user.display_name.clone(), mail, groups })
}

/// What came of a look at the person.
enum Came {
    Ask(Ask),
    Denied(Denial),
    Through,
}

/// Sets out from an application's host. A browser that is on its way already, in another window perhaps, stays the one it was.
///
/// # Errors
/// No randomness.
pub fn set_out(ctx: &Ctx, brought: Option<&str>) -> Result<Beginning, AppError> {
    let known = brought.filter(|brought| token::is_well_formed(BROWSER, brought));
    let browser = match known {
        Some(known) => Secret::from(known),
        None => ctx.bearer(BROWSER)?.0,
    };
    let digest = ctx.org.keys.hash_token(BROWSER, browser.expose());
    Ok(Beginning { browser, digest })
}

/// Goes on at our host, for somebody who wants to go to `to` in the browser of this digest. `session`: of the browser here, if
/// there is one.
///
/// # Errors
/// Busy, or something of ours failed.
pub async fn begin(ctx: &Ctx, to: &str, browser: &str, session: Option<&Session>) -> Result<Turn, AppError> {
    let Some((origin, path)) = split(to) else { return Ok(Turn::Unknown) };
    let (asking, wanted) = (ctx.clone(), origin.clone());
    let Some(application) = ctx.read(move |reader| at(reader, &asking, &wanted)).await? else {
        return Ok(Turn::Unknown);
    };
    if browser.len() != DIGEST || !browser.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(Turn::NotBegun);
    }
    let Some(session) = session.cloned() else {
        return Ok(Turn::Ask(Ask::sign_in(&application)));
    };
    let ((code, hash), sign_in) = (ctx.bearer(CODE)?, ctx.id(SignInId::new)?);
    let (name, path, here) = (application.name.clone(), path.to_owned(), origin.as_str().to_owned());
    let browser = browser.to_owned();
    let came = ctx
        .write(move |tx| {
            let passage = match decide(tx, &application, &session, sign_in)? {
                Ok(passage) => passage,
                Err(came) => return Ok(came),
            };
            let passed = Passed {
                application: application.id,
                user: passage.user.id,
                epoch: passage.user.credential_epoch,
                session: passage.session,
                origin: here.clone(),
                path: path.clone(),
                browser: browser.clone(),
            };
            let once = once(&passed, tx.ctx.now.plus(CODE_LIFE))?;
            tx.put_once(CODE, &hash, &once)?;
            Ok(Came::Through)
        })
        .await?;
    Ok(match came {
        Came::Ask(ask) => Turn::Ask(ask),
        Came::Denied(denial) => {
            Turn::Over { application: name, origin: origin.to_string(), text: denial.text }
        }
        Came::Through => Turn::Back(format!("{origin}{CALLBACK}?code={}", code.expose())),
    })
}

/// Decides whether somebody passes, and notes what was decided.
fn decide(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    session: &Session,
    sign_in: SignInId,
) -> Result<Result<Box<Passage>, Came>, AppError> {
    let (ctx, to) = (tx.ctx, sso::resource(application));
    let wanted = Wanted { to: &to, since: None, level: Level::OneDoor };
    let denial = match sso::stand(tx, ctx, session, wanted)? {
        Standing::Through(passage) => {
            sso::note(tx, sign_in, application, &passage)?;
            return Ok(Ok(passage));
        }
        Standing::Denied(denial) => denial,
        Standing::Ask(ask) => return Ok(Err(Came::Ask(ask))),
    };
    sso::note_denial(tx, sign_in, to, session, &denial)?;
    Ok(Err(Came::Denied(denial)))
}

/// Where on its own host a browser hands over a code.
pub const CALLBACK: &str = "/.sallyport/callback";

fn once(passed: &Passed, expires: sallyport_model::Time) -> Result<Once, AppError> {
    let owner = passed.user.to_string();
    Ok(Once { owner, expires, used: None, doc: serde_json::to_string(passed)? })
}

/// Turns a code into the cookie of the host that it was made for; and where to go on there. A code is good once, and in the browser
/// that began, which brings what it has kept.
///
/// # Errors
/// The store's.
pub async fn redeem(
    ctx: &Ctx,
    origin: &Origin,
    code: &str,
    brought: Option<&str>,
) -> Result<Redeemed, AppError> {
    let hash = ctx.org.keys.hash_token(CODE, code);
    let browser = brought.map(|brought| ctx.org.keys.hash_token(BROWSER, brought));
    let ((cookie, kept), origin) = (ctx.bearer(COOKIE)?, origin.clone());
    ctx.write(move |tx| {
        let (ctx, now) = (tx.ctx, tx.ctx.now);
        let Some(found) = tx.find_once(CODE, &hash)? else { return Ok(Redeemed::Nothing) };
        let passed: Passed = serde_json::from_str(&found.doc)?;
        if passed.origin != origin.as_str() {
            return Ok(Redeemed::Nothing);
        }
        if browser.as_ref() != Some(&passed.browser) {
            return Ok(Redeemed::OtherBrowser);
        }
        if !tx.use_once(CODE, &hash, now)? || still(tx, ctx, &passed)?.is_none() {
            return Ok(Redeemed::Nothing);
        }
        tx.put_once(COOKIE, &kept, &once(&passed, now.plus(COOKIE_LIFE))?)?;
        Ok(Redeemed::Known { cookie: cookie.clone(), path: passed.path })
    })
    .await
}
