//! Mail: who takes it, with which password, and whether there may be one more.
//!
//! Whom a mail is for and where it goes is read from the store, never from a request. The server's password rests sealed
//! and is forgotten when the server becomes another.

pub(crate) mod budget;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use sallyport_connect::mail::{Letter, MailError, Postman, check_trust, is_address};
use sallyport_crypto::Secret;
use sallyport_model::{
    Action, MailSettings, MailTemplate, Settings, User,
    mail::{Filling, MailLimits, MailServer},
    name::printable,
};
use sallyport_store::Reader;

use crate::{
    AppError, Ctx, Phrase, Tx,
    ctx::{open_secret, settings},
    settings::{PartSecret, owner, replace_part},
};

const PASSWORD: PartSecret = PartSecret { kind: "mail_password", set: "set_mail_password" };
const LONGEST_PASSWORD: usize = 512;
const LONGEST_HOST: usize = 253;
const LONGEST_CA: usize = 32 * 1024;
/// Most that a budget may be; beyond it, it is none.
const HIGHEST: u32 = 10_000_000;

/// Said to people when the server would not take it, or did not say.
pub const NOT_SENT: Phrase = Phrase::MailNotSent;

/// Mail as it is set.
#[derive(Debug, Clone)]
pub struct Standing {
    pub mail: MailSettings,
    /// Of the settings as a whole.
    pub version: i64,
    /// Whether there is a password; nobody is ever shown it.
    pub has_password: bool,
    /// How many mails were counted in the present day.
    pub sent_today: i64,
}

/// A template as somebody would read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub subject: String,
    pub text: String,
}

/// Mail as it is set.
///
/// # Errors
/// Denied.
pub async fn show(ctx: &Ctx) -> Result<Standing, AppError> {
    ctx.allow(Action::ReadSettings)?;
    let asking = ctx.clone();
    ctx.read(move |reader| standing(reader, &asking)).await
}

/// Replaces the settings of mail. Without a password the one before stays, unless it was another server's.
///
/// # Errors
/// Denied, invalid, or the settings were changed by somebody else since `version`.
pub async fn update(
    ctx: &Ctx,
    version: Option<i64>,
    mail: MailSettings,
    password: Option<Secret>,
) -> Result<Standing, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    check_settings(&mail)?;
    if let Some(password) = &password {
        check_password(password)?;
        if mail.server.as_ref().is_none_or(|server| server.user.is_empty()) {
            return Err(AppError::invalid("password", "needs a server, and a user there"));
        }
    }
    ctx.write(move |tx| {
        replace_part(tx, version, &PASSWORD, password.as_ref(), |tx, before| {
            keep_password_from(tx, &before.mail, &mail)?;
            Ok(Settings { mail: mail.clone(), ..before.clone() })
        })?;
        let ctx = tx.ctx;
        standing(tx, ctx)
    })
    .await
}

/// Goes to the server up to where a mail would be handed over, and says what is wrong, if anything is. Nothing is sent.
///
/// # Errors
/// Denied.
pub async fn check(ctx: &Ctx) -> Result<Option<String>, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    let reading = ctx.clone();
    let Some(post) = ctx.read(move |reader| Post::of(reader, &reading)).await? else {
        return Ok(Some("there is no mail server yet".into()));
    };
    Ok(post.postman(ctx).check(&ctx.org.outbound).await.err().map(|error| error.to_string()))
}

/// What somebody would read if this were the mail with an enrolment link.
///
/// # Errors
/// Denied, or the template cannot be used.
pub async fn preview(ctx: &Ctx, template: MailTemplate) -> Result<Preview, AppError> {
    ctx.allow(Action::ReadSettings)?;
    check_template(&template)?;
    let organization = ctx.read(move |reader| Ok(settings(reader)?.organization.clone())).await?;
    let link = enrollment_link(ctx, &Secret::from("0000-0000-0000-0000"));
    let expires = ctx.now.plus(sallyport_model::Span::days(1)).written();
    let filling =
        Filling { name: "Ada Lovelace", link: link.expose(), organization: &organization, expires: &expires };
    let (subject, text) = template.fill(filling);
    Ok(Preview { subject, text })
}

/// The page that an enrolment code is brought to, with the code filled in. Opening it spends nothing.
pub(crate) fn enrollment_link(ctx: &Ctx, code: &Secret) -> Secret {
    Secret::new(format!(
        "{}/enroll?code={}",
        ctx.org.config.external_url.trim_end_matches('/'),
        code.expose()
    ))
}

/// The address of record of a person: the first that was verified, or the first.
pub(crate) fn address_of(user: &User) -> Option<&str> {
    let usable = || user.mails.iter().filter(|mail| is_address(&mail.address));
    let found = usable().find(|mail| mail.verified).or_else(|| usable().next());
    found.map(|mail| mail.address.as_str())
}

/// An address as it is shown to somebody who has passed the first door alone.
pub(crate) fn masked(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}***@{domain}")
}

fn standing(reader: &mut Reader, ctx: &Ctx) -> Result<Standing, AppError> {
    let found = settings(reader)?;
    let has_password = reader.find_secret(&owner(), PASSWORD.kind)?.is_some();
    let sent_today = budget::sent_today(reader, ctx.now)?;
    Ok(Standing { mail: found.value.mail, version: found.version, has_password, sent_today })
}

/// The server as it is set, with its password.
#[derive(Clone)]
pub(crate) struct Post {
    pub(crate) mail: MailSettings,
    pub(crate) organization: String,
    server: MailServer,
    password: Secret,
}

impl Post {
    /// None without a server.
    pub(crate) fn of(reader: &mut Reader, ctx: &Ctx) -> Result<Option<Self>, AppError> {
        let Settings { mail, organization, .. } = settings(reader)?.value;
        let Some(server) = mail.server.clone() else { return Ok(None) };
        let password = match open_secret(reader, ctx, &owner(), PASSWORD.kind)? {
            Some(bytes) => Secret::from(std::str::from_utf8(&bytes).unwrap_or_default()),
            None => Secret::default(),
        };
        Ok(Some(Self { mail, organization, server, password }))
    }

    fn postman<'a>(&'a self, ctx: &'a Ctx) -> Postman<'a> {
        // Without the port: it is a name in a greeting.
        let host = ctx.org.config.host();
        let hello =
            if host.ends_with(']') { host } else { host.rsplit_once(':').map_or(host, |(host, _)| host) };
        Postman { server: &self.server, password: &self.password, hello }
    }

    /// Sends one mail. What went wrong is logged, without the address and without the text.
    pub(crate) async fn send(&self, ctx: &Ctx, to: &str, subject: &str, text: &str) -> Result<(), MailError> {
        let id = ctx.uuid().map_err(|error| MailError::Unavailable(error.to_string()))?.to_string();
        let subject: String = subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let letter = Letter {
            id: &id,
            at: ctx.now,
            from: &self.mail.sender,
            from_name: &self.organization,
            to,
            subject: &subject,
            text,
        };
        let sent = self.postman(ctx).send(&letter, &ctx.org.outbound).await;
        if let Err(error) = &sent {
            tracing::error!(request = &*ctx.request, %error, "a mail was not sent");
        }
        sent
    }
}

/// A password meant for one server goes to no other.
pub(crate) fn keep_password_from(
    tx: &mut Tx<'_, '_>,
    before: &MailSettings,
    after: &MailSettings,
) -> Result<bool, AppError> {
    let elsewhere = match (&before.server, &after.server) {
        (Some(before), Some(after)) => before.is_elsewhere_than(after),
        (Some(_), None) => true,
        (None, _) => false,
    };
    Ok(elsewhere && tx.delete_secret(&owner(), PASSWORD.kind)?)
}

fn check_password(password: &Secret) -> Result<(), AppError> {
    let text = password.expose();
    if text.is_empty() || text.len() > LONGEST_PASSWORD || text.chars().any(char::is_control) {
        let reason = format!("1 to {LONGEST_PASSWORD} letters, digits and signs");
        return Err(AppError::invalid("password", reason));
    }
    Ok(())
}

/// Whether these settings can be worked with.
///
/// # Errors
/// The field that is not right.
pub(crate) fn check_settings(mail: &MailSettings) -> Result<(), AppError> {
    let MailSettings { server, sender, notices: _, limits, enrollment } = mail;
    if let Some(server @ MailServer { host, port, security: _, user, ca }) = server {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':');
        if host.is_empty() || host.len() > LONGEST_HOST || !host.bytes().all(plain) {
            return Err(AppError::invalid(
                "mail.server.host",
                "is a name such as `smtp.example.com`, or a number",
            ));
        }
        if *port == 0 {
            return Err(AppError::invalid("mail.server.port", "from 1 to 65535; mostly 465 or 587"));
        }
        if user.len() > 256 || user.chars().any(char::is_control) {
            return Err(AppError::invalid("mail.server.user", "at most 256 printable characters"));
        }
        if ca.len() > LONGEST_CA {
            return Err(AppError::invalid("mail.server.ca", format!("at most {LONGEST_CA} bytes")));
        }
        check_trust(server).map_err(|reason| AppError::invalid("mail.server.ca", reason))?;
        if sender.is_empty() {
            return Err(AppError::invalid("mail.sender", "give the address that mail comes from"));
        }
    }
    if !sender.is_empty() && !is_address(sender) {
        let shown = printable(sender, 80);
        return Err(AppError::invalid("mail.sender", format!("`{shown}` is no mail address")));
    }
    let MailLimits { per_address, per_person, per_day } = *limits;
    if [per_address, per_person, per_day].into_iter().any(|n| n > HIGHEST) {
        return Err(AppError::invalid("mail.limits", format!("at most {HIGHEST} each")));
    }
    check_template(enrollment)
}

fn check_template(template: &MailTemplate) -> Result<(), AppError> {
    template.check().map_err(|(part, error)| {
        let field = if part == "subject" { "mail.enrollment.subject" } else { "mail.enrollment.text" };
        AppError::invalid(field, error.to_string())
    })
}
