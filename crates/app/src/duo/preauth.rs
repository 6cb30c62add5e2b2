//! `preauth`: what would happen if this person signed in now. Nothing is written.

use sallyport_model::{FactorKind, signin::Reason};
use sallyport_wire::duo::auth::{Device, DeviceKind, PreauthRequest, PreauthResponse, PreauthResult, Prompt};

use super::{DuoError, Protected, at, caller, name_of, portal_url};
use crate::{
    AppError, Ctx,
    signin::{self, Offer, Preview},
};

/// Tells an application whether a person may, must or cannot pass the second door, and with what.
///
/// The portal's address carries no enrolment code: an application vouches that somebody passed the first door, and
/// by that alone nobody may get a factor. The code comes from an administrator.
///
/// # Errors
/// The caller is no application, an unknown id, or busy. Whatever else fails denies.
pub async fn preauth(ctx: &Ctx, request: &PreauthRequest) -> Result<PreauthResponse, DuoError> {
    let application = caller(ctx)?;
    let name = name_of(ctx, &request.user).await?;
    let preview = signin::preview(&at(ctx, request.origin.ipaddr), &name, &application.resource()).await;
    match preview {
        Ok(preview) => Ok(response(ctx, request, preview)),
        Err(AppError::Busy) => Err(AppError::Busy.into()),
        Err(error) => Ok(in_doubt(ctx, &application, &error)),
    }
}

fn response(ctx: &Ctx, request: &PreauthRequest, preview: Preview) -> PreauthResponse {
    match preview {
        Preview::SecondDoor { person, offers } => {
            let devices = devices(offers);
            let prompt =
                request.text_prompt.then(|| Prompt::menu(person.user.name.as_str(), &devices, false));
            let result = PreauthResult::Auth { devices, prompt, verified_push: None };
            PreauthResponse { result, status_msg: "Account is active".into() }
        }
        Preview::Allow => {
            PreauthResponse { result: PreauthResult::Allow, status_msg: "No second factor is needed".into() }
        }
        Preview::EnrollmentNeeded => {
            let portal_url = portal_url(ctx);
            let status_msg = format!("Enrol a second factor first: {portal_url}");
            let prompt = request.text_prompt.then(|| status_msg.clone());
            PreauthResponse { result: PreauthResult::Enroll { portal_url, prompt }, status_msg }
        }
        Preview::Unknown => denied(signin::NO_ACCESS),
        Preview::Denied { reasons } if reasons.contains(&Reason::Throttled) => denied(signin::TOO_MANY),
        Preview::Denied { .. } => denied(signin::NO_ACCESS),
    }
}

/// Applications know hardware tokens as tokens, and authenticator apps too. Bypass codes are no device.
fn devices(offers: Vec<Offer>) -> Vec<Device> {
    offers
        .into_iter()
        .filter(|offer| match offer.kind() {
            FactorKind::HardwareToken | FactorKind::Totp => true,
            // No application of this kind can ask a browser.
            FactorKind::BypassCode | FactorKind::Passkey => false,
        })
        .map(|offer| Device { device: offer.duo_id, name: offer.name, kind: DeviceKind::Token })
        .collect()
}

fn denied(text: &str) -> PreauthResponse {
    PreauthResponse { result: PreauthResult::Deny, status_msg: text.to_owned() }
}

fn in_doubt(ctx: &Ctx, application: &Protected, error: &AppError) -> PreauthResponse {
    let (request, application) = (&*ctx.request, &application.name);
    tracing::error!(request, application, %error, "a preauth cannot be decided and is denied");
    denied(signin::NO_ACCESS)
}
