//! What a program has told or texted to a phone: the link by which its page is activated, where that page is, and codes for
//! later. There is nothing to install, so the page's address stands in for that.

use sallyport_model::{
    Factor, FactorKind, User,
    id::{FactorId, UserId},
};
use sallyport_wire::duo::{
    Params, Reply,
    admin::{
        ActivationObject, SentActivationObject, SentInstallationObject, Texted, activation_life,
        wants_installation, words_around,
    },
};

use super::{
    super::super::{
        DuoError,
        enroll::{barcode, barcode_of_phone},
        portal_url,
    },
    Known, known,
};
use crate::{
    AppError, Ctx,
    factor::{self, invitation::to_phone},
    push::reactivation,
};

/// Where links stand in the caller's words.
const ACTIVATION: &str = "<acturl>";
const INSTALLATION: &str = "<insturl>";
/// They name neither person nor house, but for the host in the link: whoever carries them reads them.
const SET_UP: &str = "Set up your second factor: <acturl> Good once.";
const OPEN: &str = "Open this on your phone and keep it on the home screen: <insturl>";

pub(super) async fn send(ctx: &Ctx, phone: &str, what: Texted, params: &Params) -> Result<Reply, DuoError> {
    match what {
        Texted::Activation => activation(ctx, phone, params).await,
        Texted::Installation => installation(ctx, phone, params).await,
        Texted::Passcodes => {
            let (factor, user) = somebodys(ctx, phone).await?;
            factor::send_batch(ctx, user.id, factor.id).await?;
            Ok(Reply::empty())
        }
    }
}

/// A link that sets up a phone's page anew: the phone stays what it is, and its page makes another key.
async fn anew(
    ctx: &Ctx,
    (user, factor): (UserId, FactorId),
    valid_secs: i64,
    install: bool,
) -> Result<Reply, DuoError> {
    let begun = reactivation::issue(ctx, user, factor, valid_secs).await?;
    let digits = sallyport_crypto::token::typed_digits(begun.code.expose()).unwrap_or_default();
    Ok(Reply::ok(&ActivationObject {
        activation_barcode: barcode_of_phone(ctx, &digits),
        activation_url: begun.url.expose().to_owned(),
        installation_url: install.then(|| page_of_phones(ctx)),
        valid_secs: held_to(valid_secs),
    }))
}

/// A link by which the owner of a phone activates its page: this phone's, or that of another one where this is a number.
pub(super) async fn activation_url(ctx: &Ctx, phone: &str, params: &Params) -> Result<Reply, DuoError> {
    let (valid_secs, install) = (activation_life(params)?, wants_installation(params)?);
    let user = match known(ctx, phone).await? {
        // What has no number is activated by this and nothing else.
        Known::Ungiven(_, Some(holder)) => holder.id,
        known @ (Known::Factor(..) | Known::Ungiven(_, None)) => {
            let (factor, user) = owned(known)?;
            if factor.kind() == FactorKind::Push {
                return anew(ctx, (user.id, factor.id), valid_secs, install).await;
            }
            user.id
        }
    };
    let code = factor::issue_enrollment_code(ctx, user, valid_secs).await?;
    let digits = sallyport_crypto::token::typed_digits(code.expose()).unwrap_or_default();
    Ok(Reply::ok(&ActivationObject {
        activation_url: format!("{}?code={digits}", portal_url(ctx)),
        activation_barcode: barcode(ctx, &digits),
        installation_url: install.then(|| page_of_phones(ctx)),
        valid_secs: held_to(valid_secs),
    }))
}

async fn activation(ctx: &Ctx, phone: &str, params: &Params) -> Result<Reply, DuoError> {
    let (valid_secs, install) = (activation_life(params)?, wants_installation(params)?);
    let words = words_around(params, "activation_msg", ACTIVATION)?;
    words_around(params, "installation_msg", INSTALLATION)?;
    let (factor, user) = somebodys(ctx, phone).await?;
    let around = (words.as_deref().unwrap_or(SET_UP), ACTIVATION);
    let sent = to_phone::activation(ctx, user.id, factor.id, valid_secs, around).await?;
    let digits = sallyport_crypto::token::typed_digits(sent.code.expose()).unwrap_or_default();
    Ok(Reply::ok(&SentActivationObject {
        activation_barcode: barcode(ctx, &digits),
        activation_msg: sent.text.expose().to_owned(),
        installation_msg: install.then(String::new),
        valid_secs: held_to(valid_secs),
    }))
}

async fn installation(ctx: &Ctx, phone: &str, params: &Params) -> Result<Reply, DuoError> {
    let words = words_around(params, "installation_msg", INSTALLATION)?;
    let (factor, user) = somebodys(ctx, phone).await?;
    let installation_msg = words.as_deref().unwrap_or(OPEN).replace(INSTALLATION, &page_of_phones(ctx));
    to_phone::installation(ctx, user.id, factor.id, &installation_msg).await?;
    Ok(Reply::ok(&SentInstallationObject { installation_msg }))
}

/// A phone that somebody has.
async fn somebodys(ctx: &Ctx, phone: &str) -> Result<(Factor, User), DuoError> {
    owned(known(ctx, phone).await?)
}

fn owned(known: Known) -> Result<(Factor, User), DuoError> {
    match known {
        Known::Factor(factor, user, _) => Ok((*factor, *user)),
        Known::Ungiven(_, None) => {
            Err(AppError::invalid("phone_id", "is nobody's; give it to a user first").into())
        }
        Known::Ungiven(_, Some(_)) => {
            Err(AppError::invalid("phone_id", "has no number that anything could be texted to").into())
        }
    }
}

fn page_of_phones(ctx: &Ctx) -> String {
    format!("{}/phone", ctx.org.config.external_url.trim_end_matches('/'))
}

/// How long a link is good at most.
fn held_to(valid_secs: i64) -> i64 {
    valid_secs.clamp(60, factor::LONGEST_ENROLLMENT)
}
