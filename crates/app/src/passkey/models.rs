//! Models of authenticators that an organisation names: a passkey then counts only where its maker vouched, when it was
//! enrolled, that it is of one of them.
//!
//! A passkey keeps with it what it was proved to be and whose certificate that led to. So a model that is taken out of the
//! list, or a certificate that its maker has lost, ends what was proved by it, and nothing has to be enrolled again when
//! either comes back.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use sallyport_api::rest::NamePasskeyModel;
use sallyport_crypto::digest;
use sallyport_model::{
    Aaguid, Action, Attested, Factor, PasskeyModel, Proof, Settings, id::FactorId, name::display_name,
    settings::PasskeyPolicy,
};
use sallyport_store::Reader;
pub use sallyport_wire::webauthn::certificate::Root;
use sallyport_wire::webauthn::{Attestation, Model, Registered, RelyingParty, WebAuthnError, metadata};

use crate::{AppError, Ctx, Words, ctx::settings, settings as org_settings};

/// Where errors are said to be.
const FIELD: &str = "passkeys.models";

/// Said to whoever takes worth from passkeys that had it.
pub const FEWER_COUNT: &str = "Passkeys that were not attested as one of these models when they were enrolled \
    open no door any more. Whoever has nothing else needs an enrolment code.";

/// Names a model, in place of what was said of it before.
///
/// # Errors
/// Denied, it is described by nothing that can be read, or it would shut out whoever does it.
pub async fn name(ctx: &Ctx, input: &NamePasskeyModel) -> Result<org_settings::Replaced, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    let model = described(input)?;
    change(ctx, move |models| {
        match models.iter_mut().find(|before| before.aaguid == model.aaguid) {
            Some(before) => *before = model.clone(),
            None => models.push(model.clone()),
        }
        Ok(())
    })
    .await
}

/// Takes a model out of the list. With the last, every passkey counts again.
///
/// # Errors
/// Denied, no such model, or it would shut out whoever does it.
pub async fn remove(ctx: &Ctx, aaguid: &str) -> Result<org_settings::Replaced, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    let none = AppError::not_found("model", sallyport_model::name::printable(aaguid, 64));
    let Ok(aaguid) = aaguid.parse::<Aaguid>() else { return Err(none) };
    change(ctx, move |models| {
        let before = models.len();
        models.retain(|model| model.aaguid != aaguid);
        if models.len() < before { Ok(()) } else { Err(none.clone()) }
    })
    .await
}

async fn change(
    ctx: &Ctx,
    with: impl Fn(&mut Vec<PasskeyModel>) -> Result<(), AppError> + Send + 'static,
) -> Result<org_settings::Replaced, AppError> {
    ctx.write(move |tx| {
        let mut after: Settings = settings(tx)?.value;
        with(&mut after.passkeys.models)?;
        org_settings::replace(tx, None, &after)
    })
    .await
}

/// The names of the models, for people who are about to enrol a passkey; none where every passkey counts.
///
/// # Errors
/// The store's.
pub async fn accepted(ctx: &Ctx) -> Result<Option<String>, AppError> {
    let asking = ctx.clone();
    let settings = ctx.read(move |reader| asking.org.view.settings(reader)).await?;
    Ok((!settings.passkeys.models.is_empty()).then(|| names(&settings.passkeys)))
}

/// Which of these factors open no door, because other models are named than that of what keeps them.
///
/// # Errors
/// The store's.
pub async fn without_worth(ctx: &Ctx, factors: &[Factor]) -> Result<Vec<FactorId>, AppError> {
    let asking = ctx.clone();
    let settings = ctx.read(move |reader| asking.org.view.settings(reader)).await?;
    let shut = factors.iter().filter(|factor| !counts(&settings.passkeys, &factor.proof));
    Ok(shut.map(|factor| factor.id).collect())
}

pub(crate) fn names(policy: &PasskeyPolicy) -> String {
    policy.models.iter().map(|model| model.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// What is said to whoever brings another.
pub(super) fn refused(policy: &PasskeyPolicy) -> AppError {
    AppError::Conflict(Words::ModelNotAccepted { models: names(policy) })
}

/// The model that somebody describes: by its maker's statement, or in their own words.
fn described(input: &NamePasskeyModel) -> Result<PasskeyModel, AppError> {
    let given = input.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let (aaguid, name, roots) = match (&input.metadata, &input.aaguid, &input.roots) {
        (Some(statement), None, None) => {
            let found = metadata::read(statement)
                .map_err(|error| AppError::invalid("metadata", error.to_string()))?;
            (found.aaguid, given.map_or(found.name, str::to_owned), found.roots)
        }
        (None, Some(aaguid), Some(roots)) => {
            let name = given.ok_or_else(|| AppError::invalid("name", "say what people call the model"))?;
            let roots =
                Root::all_of_pem(roots).map_err(|error| AppError::invalid("roots", error.to_string()))?;
            (aaguid.trim().to_owned(), name.to_owned(), roots)
        }
        _ => {
            let text = "give the maker's metadata statement, or the AAGUID, the name and the certificates";
            return Err(AppError::invalid("metadata", text));
        }
    };
    let aaguid = aaguid.parse::<Aaguid>().map_err(|error| AppError::invalid("aaguid", error.to_string()))?;
    // A statement may have more to say than a name; people are shown the list in one line.
    let name = sallyport_model::name::printable(&name, LONGEST_NAME);
    Ok(PasskeyModel { aaguid, name, roots: roots.iter().map(Root::to_pem).collect() })
}

/// Longest name of a model.
const LONGEST_NAME: usize = 100;

/// # Errors
/// A model that is there twice, or of which nobody could tell whether a key is of it.
pub(crate) fn check(policy: &PasskeyPolicy) -> Result<(), AppError> {
    let models = &policy.models;
    let invalid = |reason: String| AppError::invalid(FIELD, reason);
    let each: BTreeSet<Aaguid> = models.iter().map(|model| model.aaguid).collect();
    if models.len() > PasskeyModel::MOST || each.len() < models.len() {
        return Err(invalid(format!("at most {} models, each once", PasskeyModel::MOST)));
    }
    let length: usize = models.iter().flat_map(|model| &model.roots).map(String::len).sum();
    if length > PasskeyModel::LONGEST {
        return Err(invalid(format!(
            "all certificates together have at most {} bytes",
            PasskeyModel::LONGEST
        )));
    }
    for PasskeyModel { aaguid, name, roots } in models {
        display_name(name).map_err(|error| invalid(format!("the name of `{aaguid}`: {error}")))?;
        if name.chars().count() > LONGEST_NAME {
            return Err(invalid(format!("the name of `{aaguid}` has at most {LONGEST_NAME} characters")));
        }
        if !(1..=PasskeyModel::MOST_ROOTS).contains(&roots.len()) {
            let most = PasskeyModel::MOST_ROOTS;
            return Err(invalid(format!("`{aaguid}` needs from 1 to {most} certificates to lead to")));
        }
        for pem in roots {
            if pem.len() > PasskeyModel::LONGEST_ROOT {
                return Err(invalid(format!("a certificate of `{aaguid}` is too long")));
            }
            Root::of_pem(pem).map_err(|error| invalid(format!("a certificate of `{aaguid}`: {error}")))?;
        }
    }
    Ok(())
}

/// Whether passkeys that counted may count no longer.
pub(crate) fn takes_worth(before: &PasskeyPolicy, after: &PasskeyPolicy) -> bool {
    let leads = |policy: &PasskeyPolicy| -> BTreeSet<(Aaguid, String)> {
        let of = |model: &PasskeyModel| {
            model.roots.iter().map(|root| (model.aaguid, root.clone())).collect::<Vec<_>>()
        };
        policy.models.iter().flat_map(of).collect()
    };
    !after.models.is_empty() && (before.models.is_empty() || !leads(before).is_subset(&leads(after)))
}

/// Whether a new passkey holds, and what it is proved to be, where models are named.
pub(super) fn verified(
    ctx: &Ctx,
    attestation: &Attestation,
    challenge: &[u8],
    rp: &RelyingParty,
    policy: &PasskeyPolicy,
) -> Result<(Registered, Option<Attested>), WebAuthnError> {
    let wanted = super::wanted(policy);
    if policy.models.is_empty() {
        return Ok((attestation.verify(challenge, rp, wanted)?, None));
    }
    let (models, now) = (trusted(policy), ctx.now.unix_seconds());
    let (made, root) = attestation.verify_model(challenge, rp, wanted, &models, now)?;
    let attested = attested(policy, made.aaguid, &root);
    Ok((made, attested))
}

/// The models in the form in which statements are verified.
fn trusted(policy: &PasskeyPolicy) -> Vec<Model> {
    let model = |model: &PasskeyModel| Model {
        aaguid: model.aaguid.bytes(),
        roots: model.roots.iter().filter_map(|pem| Root::of_pem(pem).ok()).collect(),
    };
    policy.models.iter().map(model).collect()
}

/// What a passkey of this model was proved to be.
fn attested(policy: &PasskeyPolicy, aaguid: [u8; 16], root: &[u8; 32]) -> Option<Attested> {
    let model = policy.models.iter().find(|model| model.aaguid.bytes() == aaguid)?;
    Some(Attested { model: model.name.clone(), root: digest::hex(root) })
}

/// Whether this opens doors, as far as the organisation names models.
pub(crate) fn counts(policy: &PasskeyPolicy, proof: &Proof) -> bool {
    let Proof::Passkey { aaguid, attested, .. } = proof else { return true };
    if policy.models.is_empty() {
        return true;
    }
    let (Ok(aaguid), Some(attested)) = (aaguid.parse::<Aaguid>(), attested) else { return false };
    let led_to =
        |pem: &String| Root::of_pem(pem).is_ok_and(|root| digest::hex(&root.sha256()) == attested.root);
    policy.models.iter().filter(|model| model.aaguid == aaguid).flat_map(|model| &model.roots).any(led_to)
}

/// The same, as things stand in this snapshot.
pub(crate) fn counts_now(reader: &mut Reader, proof: &Proof) -> Result<bool, AppError> {
    Ok(!matches!(proof, Proof::Passkey { .. }) || counts(&settings(reader)?.passkeys, proof))
}

/// Leaves out of somebody's factors the passkeys that do not count.
pub(crate) fn leave_those_that_count(reader: &mut Reader, factors: &mut Vec<Factor>) -> Result<(), AppError> {
    if factors.iter().any(|factor| matches!(factor.proof, Proof::Passkey { .. })) {
        let settings = settings(reader)?;
        factors.retain(|factor| counts(&settings.passkeys, &factor.proof));
    }
    Ok(())
}
