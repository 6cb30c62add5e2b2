//! `preauth`: what would happen if this person signed in now. What is written is the number of a push or a call, for
//! an application that shows it; and an answer upon which applications go no further, as the sign-in that it ends.

use std::{collections::BTreeMap, sync::Arc};

use sallyport_model::{
    Proof,
    id::{FactorId, UserId},
    policy,
    signin::Reason,
};
use sallyport_wire::duo::auth::{
    Capability, Device, DeviceKind, MenuDigits, PreauthRequest, PreauthResponse, PreauthResult, Prompt,
    Shown, VerifiedPush,
};

use super::{DuoError, Protected, asked, at, caller, name_of, portal_url};
use crate::{
    AppError, Ctx, Phrase,
    factor::next_first_digit,
    signin::{self, Looked, Offer, Preview, Unasked},
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
    match answer(ctx, &application, request, name).await {
        Ok(response) => Ok(response),
        Err(AppError::Busy) => Err(AppError::Busy.into()),
        Err(error) => Ok(in_doubt(ctx, &application, &error)),
    }
}

async fn answer(
    ctx: &Ctx,
    application: &Protected,
    request: &PreauthRequest,
    name: String,
) -> Result<PreauthResponse, AppError> {
    let host: Option<Arc<str>> = request.origin.hostname.as_deref().map(Into::into);
    let asking = Ctx { device: host.clone(), host, ..at(ctx, request.origin.ipaddr) };
    let (resource, token) = (application.resource(), request.trusted_device_token.as_ref());
    let looked = signin::look(&asking, &name, &resource, token).await?;
    upon(&asking, application, request, (name, looked)).await
}

/// The answer upon what was looked at, which may have changed meanwhile. `ctx` is where the person asks from.
pub(super) async fn upon(
    ctx: &Ctx,
    application: &Protected,
    request: &PreauthRequest,
    (name, looked): (String, Looked),
) -> Result<PreauthResponse, AppError> {
    let phones = match &looked.preview {
        Preview::SecondDoor { person, offers, push } if offers.iter().any(counts_here) => {
            let of = (person.user.id, offers.as_slice(), push);
            Phones::of(ctx, application, request, of).await?
        }
        Preview::SecondDoor { .. }
        | Preview::Allow
        | Preview::Denied { .. }
        | Preview::EnrollmentNeeded
        | Preview::Unknown => {
            let (by, token) = (application.name.clone(), request.trusted_device_token.clone());
            let resource = application.resource();
            if !keep(ctx, Unasked { name, resource, by, token, looked: looked.clone() }).await? {
                return Ok(denied(signin::NO_ACCESS));
            }
            Phones::default()
        }
    };
    Ok(response(ctx, request, looked.preview, phones))
}

/// Nobody comes in without a trace, nor by what held a moment ago. A refusal stands, whether it could be written down or
/// not.
async fn keep(ctx: &Ctx, unasked: Unasked) -> Result<bool, AppError> {
    let is_let_in = matches!(unasked.looked.preview, Preview::Allow);
    match signin::keep_unasked(ctx, unasked).await {
        Err(error) if !is_let_in => {
            tracing::warn!(request = &*ctx.request, %error, "a refused preauth was not written down");
            Ok(true)
        }
        kept => kept,
    }
}

fn response(ctx: &Ctx, request: &PreauthRequest, preview: Preview, phones: Phones) -> PreauthResponse {
    match preview {
        // Whoever has nothing that such an application can ask for.
        Preview::SecondDoor { offers, .. } if !offers.iter().any(counts_here) => {
            enrollment(ctx, request, "You have no second factor that can be used here. Enrol one")
        }
        Preview::SecondDoor { person, offers, .. } => {
            let devices = devices(offers, &phones);
            let (name, is_verified) = (person.user.name.as_str(), phones.verified_push.is_some());
            let prompt =
                request.text_prompt.then(|| Prompt::menu(name, &devices, is_verified, &phones.shown));
            let result = PreauthResult::Auth { devices, prompt, verified_push: phones.verified_push };
            PreauthResponse { result, status_msg: "Account is active".into() }
        }
        Preview::Allow => {
            PreauthResponse { result: PreauthResult::Allow, status_msg: "No second factor is needed".into() }
        }
        Preview::EnrollmentNeeded => enrollment(ctx, request, "Enrol a second factor first"),
        Preview::Unknown => denied(signin::NO_ACCESS),
        Preview::Denied { reasons } if reasons.contains(&Reason::Throttled) => denied(signin::TOO_MANY),
        Preview::Denied { .. } => denied(signin::NO_ACCESS),
    }
}

/// Whether a factor is a device, or one whose code is typed.
fn counts_here(offer: &Offer) -> bool {
    match offer.proof {
        Proof::BypassCode { .. }
        | Proof::HardwareToken { .. }
        | Proof::Mail { .. }
        | Proof::Phone { .. }
        | Proof::Push { .. }
        | Proof::Totp => true,
        Proof::Duo | Proof::Passkey { .. } => false,
    }
}

fn enrollment(ctx: &Ctx, request: &PreauthRequest, what: &str) -> PreauthResponse {
    let portal_url = portal_url(ctx);
    let status_msg = format!("{what}: {portal_url}");
    let prompt = request.text_prompt.then(|| status_msg.clone());
    PreauthResponse { result: PreauthResult::Enroll { portal_url, prompt }, status_msg }
}

/// Applications know hardware tokens as tokens, and authenticator apps too. A mail address is to them a phone that takes
/// texts and nothing else. Bypass codes are no device, and no application
/// of this kind can ask a browser.
fn devices(offers: Vec<Offer>, phones: &Phones) -> Vec<Device> {
    let device = |offer: Offer| {
        let kind = match &offer.proof {
            Proof::HardwareToken { .. } | Proof::Totp => DeviceKind::Token,
            Proof::Mail { .. } => DeviceKind::Phone {
                number: String::new(),
                display_name: offer.name.clone(),
                capabilities: vec![Capability::Sms],
                sms_nextcode: phones.next_codes.get(&offer.factor).map(char::to_string),
            },
            Proof::Phone { number, texts, calls } => DeviceKind::Phone {
                number: number.masked(),
                display_name: format!("Phone ({})", number.masked()),
                capabilities: [calls.then_some(Capability::Phone), texts.then_some(Capability::Sms)]
                    .into_iter()
                    .flatten()
                    .collect(),
                sms_nextcode: phones.next_codes.get(&offer.factor).map(char::to_string),
            },
            Proof::Push { .. } => DeviceKind::Phone {
                number: String::new(),
                display_name: offer.name.clone(),
                capabilities: if phones.push { vec![Capability::Auto, Capability::Push] } else { Vec::new() },
                sms_nextcode: None,
            },
            Proof::BypassCode { .. } | Proof::Duo | Proof::Passkey { .. } => return None,
        };
        Some(Device { device: offer.duo_id, name: offer.name, kind })
    };
    offers.into_iter().filter_map(device).collect()
}

/// What the application has to know of a person's phones.
#[derive(Default)]
struct Phones {
    next_codes: NextCodes,
    /// The digits that the menu is to show, where there is one.
    shown: Shown,
    /// Whether they can be pushed from there.
    push: bool,
    /// The number that the application is to show, where it can.
    verified_push: Option<VerifiedPush>,
}

impl Phones {
    /// Nothing is read or written where there is no phone, and all numbers in one write.
    async fn of(
        ctx: &Ctx,
        application: &Protected,
        request: &PreauthRequest,
        (person, offers, push): (UserId, &[Offer], &policy::VerifiedPush),
    ) -> Result<Self, AppError> {
        let next_codes = next_codes(ctx, offers).await?;
        let calls = request.text_prompt && signin::call::called_phones(offers).next().is_some();
        let can_push = offers.iter().any(asked::can_push);
        let shows = can_push && (request.text_prompt || request.client_supports_verified_push);
        let wanted = (calls, shows.then_some(push.digits));
        let Shown { calls, pushes } = asked::show(ctx, application, person, wanted).await?;
        // Clients that print the menu read no number beside it, so where both are asked for they are the same.
        let number = pushes.clone().filter(|_| request.client_supports_verified_push);
        let verified_push = number.map(|MenuDigits { digits, txid }| VerifiedPush {
            txid,
            verification_code: digits,
            expiration: asked::SHOWN,
        });
        let pushes = pushes.filter(|_| request.text_prompt);
        let push = can_push && (shows || push.allows_plain());
        Ok(Self { next_codes, shown: Shown { calls, pushes }, push, verified_push })
    }
}

/// With which digit the next code begins that was texted to a phone.
type NextCodes = BTreeMap<FactorId, char>;

/// Nothing is read where there is no phone.
async fn next_codes(ctx: &Ctx, offers: &[Offer]) -> Result<NextCodes, AppError> {
    let phones: Vec<FactorId> = signin::texted_phones(offers).map(|offer| offer.factor).collect();
    if phones.is_empty() {
        return Ok(NextCodes::default());
    }
    let asking = ctx.clone();
    ctx.read(move |reader| {
        let mut found = NextCodes::default();
        for phone in phones {
            if let Some(first) = next_first_digit(reader, &asking, phone)? {
                found.insert(phone, first);
            }
        }
        Ok(found)
    })
    .await
}

fn denied(phrase: Phrase) -> PreauthResponse {
    PreauthResponse { result: PreauthResult::Deny, status_msg: phrase.into() }
}

fn in_doubt(ctx: &Ctx, application: &Protected, error: &AppError) -> PreauthResponse {
    let (request, application) = (&*ctx.request, &application.name);
    tracing::error!(request, application, %error, "a preauth cannot be decided and is denied");
    denied(signin::NO_ACCESS)
}
