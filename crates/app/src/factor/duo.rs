//! Duo as a factor that is nobody's own: whom this server asks, with which secret, and whether that can be asked.
//!
//! The client secret rests sealed, is shown to nobody, and goes to no other client id and no other host than those it was
//! given for. How somebody passes the second door by it is [`crate::signin::duo`]'s.

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use sallyport_connect::duo::{Client, DuoError, plain_host};
use sallyport_crypto::Secret;
use sallyport_model::{
    Action, DUO_NAME_PLACE, Duo, DuoName, Method, Proof, Settings, User, id::FactorId, policy::MethodRow,
    signin::Resource,
};
use sallyport_store::Reader;
use uuid::Uuid;

use crate::{
    AppError, Caller, Ctx, Tx,
    ctx::{open_secret, settings},
    mail, policy,
    settings::{PartSecret, owner, replace_part},
    signin::Offer,
    sso::is_ours,
    view::View,
};

const SECRET: PartSecret = PartSecret { kind: "duo_secret", set: "set_duo_secret" };
/// What Duo gives out: 20 signs and 40.
const CLIENT_ID: usize = 20;
const CLIENT_SECRET: usize = 40;
const LONGEST_URL: usize = 500;
const LONGEST_TEMPLATE: usize = 128;

/// Where a browser comes back from Duo.
pub const CALLBACK: &str = "/sign-in/duo";

/// Duo as it is set.
#[derive(Debug, Clone)]
pub struct Standing {
    pub duo: Duo,
    /// Of the settings as a whole.
    pub version: i64,
    /// Whether there is a secret; nobody is ever shown it.
    pub has_secret: bool,
    /// Where Duo sends browsers back to.
    pub redirect_uri: String,
}

/// Duo as it is set.
///
/// # Errors
/// Denied.
pub async fn show(ctx: &Ctx) -> Result<Standing, AppError> {
    ctx.allow(Action::ReadSettings)?;
    let asking = ctx.clone();
    ctx.read(move |reader| standing(reader, &asking)).await
}

/// Replaces the settings of Duo. Without a secret the one before stays, unless it was another client's or another host's.
///
/// # Errors
/// Denied, invalid, or the settings were changed by somebody else since `version`.
pub async fn update(
    ctx: &Ctx,
    version: Option<i64>,
    duo: Duo,
    secret: Option<Secret>,
) -> Result<Standing, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    let duo = Duo { host: written(&duo.host)?, ..duo };
    check_settings(&duo)?;
    if let Some(secret) = &secret {
        check_secret(secret)?;
        if !duo.is_set_up() {
            return Err(AppError::invalid("secret", "needs a client id and an API host"));
        }
    }
    // It may be all by which whoever sets it comes in again, so it is asked before it counts.
    let asked = match &secret {
        Some(secret) if is_authors_way(ctx).await? => {
            let line = Line { duo: duo.clone(), secret: secret.clone() };
            Some(line.health_check(ctx).await?.map(|()| line.proof(ctx)).map_err(|error| error.to_string()))
        }
        Some(_) | None => None,
    };
    ctx.write(move |tx| {
        if let Some(Ok(proof)) = &asked {
            note_proof(tx, proof)?;
        }
        replace_part(tx, version, &SECRET, secret.as_ref(), |tx, before| {
            keep_secret_from(tx, &before.duo, &duo)?;
            Ok(Settings { duo: duo.clone(), ..before.clone() })
        })?;
        let after = settings(tx)?;
        refuse_on_without_set_up(tx, &after)?;
        policy::refuse_own_lockout(tx).map_err(|refused| match (refused, &asked) {
            // What was wrong with these, of which nobody can ask any more.
            (AppError::Conflict(_), Some(Err(said))) => AppError::invalid("secret", said.clone()),
            (refused, _) => refused,
        })?;
        let ctx = tx.ctx;
        standing(tx, ctx)
    })
    .await
}

/// Asks Duo whether it is there, knows this client and has the same time; nobody is asked for anything. Gives what is
/// wrong, in words.
///
/// # Errors
/// Denied, or no randomness.
pub async fn check(ctx: &Ctx) -> Result<Result<(), String>, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    let reading = ctx.clone();
    Ok(match ctx.read(move |reader| Line::of(reader, &reading)).await? {
        None => Err("client id, client secret and API host are not all there yet".into()),
        Some(line) => {
            let said = line.health_check(ctx).await?;
            if said.is_ok() {
                let proof = line.proof(ctx);
                ctx.write(move |tx| note_proof(tx, &proof)).await?;
            }
            said.map_err(|error| error.to_string())
        }
    })
}

/// Whether Duo is on for people while somebody in person sets it, who may have nothing else.
async fn is_authors_way(ctx: &Ctx) -> Result<bool, AppError> {
    if !matches!(ctx.caller, Caller::Person { .. }) {
        return Ok(false);
    }
    ctx.read(|reader| Ok(is_on(&settings(reader)?.value))).await
}

/// Whether Duo is on for people and knows them by their mail address.
pub(crate) fn knows_by_address(settings: &Settings) -> bool {
    is_on(settings) && settings.duo.name == DuoName::Mail
}

fn is_on(settings: &Settings) -> bool {
    MethodRow::complete(&settings.factors).iter().any(|row| row.on && row.method == Method::Duo)
}

/// Remembers when Duo said last that it knows us by what this stands for.
fn note_proof(tx: &mut Tx<'_, '_>, proof: &str) -> Result<(), AppError> {
    let now = tx.ctx.now;
    tx.raise_counter(&owner(), proof, now.0)?;
    Ok(())
}

/// Whether Duo ever said that it knows us by the client id, the host and the secret there are.
pub(crate) fn is_proved(reader: &mut Reader, ctx: &Ctx) -> Result<bool, AppError> {
    let Some(line) = Line::of(reader, ctx)? else { return Ok(false) };
    Ok(reader.counter(&owner(), &line.proof(ctx))?.is_some())
}

/// Whom to ask and as whom, with the secret.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) duo: Duo,
    secret: Secret,
}

impl Line {
    /// None where something is missing.
    pub(crate) fn of(reader: &mut Reader, ctx: &Ctx) -> Result<Option<Self>, AppError> {
        let duo = settings(reader)?.value.duo;
        if !duo.is_set_up() {
            return Ok(None);
        }
        let Some(bytes) = open_secret(reader, ctx, &owner(), SECRET.kind)? else { return Ok(None) };
        Ok(Some(Self { secret: Secret::from(std::str::from_utf8(&bytes).unwrap_or_default()), duo }))
    }

    pub(crate) fn client(&self) -> Client<'_> {
        Client { id: &self.duo.client_id, secret: &self.secret, host: &self.duo.host }
    }

    /// Kind of the counter that says when Duo knew us by these three; under our key, so that it tells nothing of them.
    fn proof(&self, ctx: &Ctx) -> String {
        let Duo { client_id, host, .. } = &self.duo;
        ctx.org.keys.hash_token("duo_proved", &format!("{client_id} {host} {}", self.secret.expose()))
    }

    /// Whether it can be asked now.
    pub(crate) async fn health_check(&self, ctx: &Ctx) -> Result<Result<(), DuoError>, AppError> {
        let (jti, now) = (ctx.uuid()?.to_string(), ctx.now.unix_seconds());
        Ok(self.client().health_check(&jti, now, &ctx.org.outbound).await)
    }

    /// Under which name Duo knows this person, if under any.
    pub(crate) fn name_of(&self, user: &User) -> Option<String> {
        match self.duo.name {
            DuoName::Mail => mail::address_of(user).map(str::to_owned),
            DuoName::Template => Some(self.duo.name_template.replace(DUO_NAME_PLACE, user.name.as_str())),
            DuoName::Username => Some(user.name.to_string()),
        }
    }
}

/// Whether Duo can be asked where this is signed in to: it needs a browser on a page of ours.
pub(crate) fn can_be_asked_at(
    reader: &mut Reader,
    view: &View,
    resource: &Resource,
) -> Result<bool, AppError> {
    if !is_ours(reader, view, resource)? {
        return Ok(false);
    }
    let duo = settings(reader)?.value.duo;
    has_all(reader, &duo)
}

fn has_all(reader: &mut Reader, duo: &Duo) -> Result<bool, AppError> {
    Ok(duo.is_set_up() && reader.find_secret(&owner(), SECRET.kind)?.is_some())
}

/// Refuses settings by which Duo would be on for people and could not be asked about them.
pub(crate) fn refuse_on_without_set_up(reader: &mut Reader, settings: &Settings) -> Result<(), AppError> {
    if is_on(settings) && !has_all(reader, &settings.duo)? {
        let text = "Duo is on for people, so it needs a client id, an API host and the client secret that belongs to \
            them; or switch it off first";
        return Err(AppError::Conflict(text.into()));
    }
    Ok(())
}

/// Duo among what opens the second door.
pub(crate) fn offer() -> Offer {
    Offer { factor: NOT_OURS, proof: Proof::Duo, name: "Duo".into(), duo_id: String::new() }
}

/// Stands where a factor of ours would: what opened the door is in Duo's books.
pub(crate) const NOT_OURS: FactorId = FactorId::new(Uuid::nil());

/// Where Duo sends browsers back to; of our own making, never taken from a request.
pub(crate) fn redirect_uri(ctx: &Ctx) -> String {
    format!("{}{CALLBACK}", ctx.org.config.external_url.trim_end_matches('/'))
}

fn standing(reader: &mut Reader, ctx: &Ctx) -> Result<Standing, AppError> {
    let found = settings(reader)?;
    let has_secret = reader.find_secret(&owner(), SECRET.kind)?.is_some();
    let redirect_uri = redirect_uri(ctx);
    Ok(Standing { duo: found.value.duo, version: found.version, has_secret, redirect_uri })
}

/// A secret meant for one client at one host goes to no other.
pub(crate) fn keep_secret_from(tx: &mut Tx<'_, '_>, before: &Duo, after: &Duo) -> Result<bool, AppError> {
    Ok(before.is_elsewhere_than(after) && tx.delete_secret(&owner(), SECRET.kind)?)
}

/// The host as it is written in all that is signed; nothing stays nothing.
fn written(host: &str) -> Result<String, AppError> {
    if host.trim().is_empty() {
        return Ok(String::new());
    }
    plain_host(host).map_err(|error| AppError::invalid("duo.host", error.to_string()))
}

/// Whether these settings can be worked with.
///
/// # Errors
/// The field that is not right.
pub(crate) fn check_settings(duo: &Duo) -> Result<(), AppError> {
    let Duo { client_id, host, name, name_template, when_down: _, self_service } = duo;
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_id = client_id.len() == CLIENT_ID && plain(client_id);
    if !client_id.is_empty() && !is_id {
        let reason = format!("has {CLIENT_ID} letters and digits, such as `DIXXXXXXXXXXXXXXXXXX`");
        return Err(AppError::invalid("duo.client_id", reason));
    }
    if client_id.is_empty() != host.is_empty() {
        return Err(AppError::invalid(
            "duo.host",
            "client id and API host belong together: give both or none",
        ));
    }
    if *host != written(host)? {
        return Err(AppError::invalid("duo.host", "a host in lower case and nothing else"));
    }
    check_template(*name, name_template)?;
    if self_service.is_empty() {
        return Ok(());
    }
    let read = self_service.parse::<sallyport_connect::outbound::Url>();
    if self_service.len() > LONGEST_URL || !read.is_ok_and(|url| url.is_secure()) {
        return Err(AppError::invalid("duo.self_service", "is a URL that begins with `https://`"));
    }
    Ok(())
}

/// Around the place of the user name stands what Duo and we both read as it is: no blank, and no second place.
fn check_template(name: DuoName, template: &str) -> Result<(), AppError> {
    if template.is_empty() && name != DuoName::Template {
        return Ok(());
    }
    let around: Vec<&str> = template.split(DUO_NAME_PLACE).collect();
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && !matches!(c, '{' | '}');
    let is_one = around.len() == 2 && around.iter().all(|part| part.chars().all(plain));
    if is_one && template.len() <= LONGEST_TEMPLATE && template != DUO_NAME_PLACE {
        return Ok(());
    }
    let reason = format!(
        "has `{DUO_NAME_PLACE}` once, in what Duo's names have around it, such as `{DUO_NAME_PLACE}@example.com` or \
         `EXAMPLE\\{DUO_NAME_PLACE}`, without blanks and up to {LONGEST_TEMPLATE} signs"
    );
    Err(AppError::invalid("duo.name_template", reason))
}

fn check_secret(secret: &Secret) -> Result<(), AppError> {
    let text = secret.expose();
    if text.len() != CLIENT_SECRET || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(AppError::invalid("secret", format!("has {CLIENT_SECRET} letters and digits")));
    }
    Ok(())
}
