//! What an overview tells, as pictures.

use sallyport_api::rest::{DevicesSum, FactorsSum, Holding, SignInsSum};
use sallyport_model::FactorKind;

use crate::pages::{
    chart::{Bars, Share, Shares, Strip, Tone},
    fields::encode,
};

pub(super) fn sign_ins(sum: &SignInsSum, week: bool) -> Bars {
    let strip = |name, tone, count: fn(&sallyport_api::rest::SignInsOfAWhile) -> u64| Strip {
        name,
        tone,
        counts: sum.over_time.iter().map(count).collect(),
    };
    let (part, first) = if week { ("day", "7 days ago") } else { ("hour", "24 hours ago") };
    Bars {
        id: "sign-ins",
        strips: vec![
            strip("Refused", Tone::Bad, |part| part.denied),
            strip("Allowed", Tone::Good, |part| part.allowed),
        ],
        since: sum.over_time.iter().map(|part| part.since).collect(),
        part,
        first,
    }
}

pub(super) fn reasons(sum: &SignInsSum) -> Shares {
    let part = |of: &sallyport_api::rest::DeniedFor| Share {
        name: of.text.clone(),
        href: Some(format!("/admin/sign-ins?text={}", encode(&of.reason))),
        count: of.count,
        tone: Tone::Bad,
    };
    Shares { whole: sum.denied, parts: sum.reasons.iter().map(part).collect() }
}

pub(super) fn drifts(sum: &DevicesSum) -> Shares {
    let differing = sum.drifts.iter().filter(|of| of.devices > 0);
    let part = |of: &sallyport_api::rest::DriftCount| Share {
        name: of.kind.text().to_owned(),
        href: None,
        count: of.devices,
        tone: Tone::Doubtful,
    };
    Shares { whole: sum.active, parts: differing.map(part).collect() }
}

pub(super) fn factors(sum: &FactorsSum) -> Shares {
    let part = |name: &str, holding: Holding, count, tone| Share {
        name: name.to_owned(),
        href: Some(format!("/admin/factors/people?holding={}", holding.as_str())),
        count,
        tone,
    };
    let lack = [
        part("No second factor", Holding::None, sum.none, Tone::Bad),
        part("Only a phone number", Holding::PhoneOnly, sum.phone_only, Tone::Doubtful),
    ];
    let has = sum.kinds.iter().filter_map(|of| {
        let (name, holding) = match of.kind {
            FactorKind::Passkey => ("Passkey", Holding::Passkey),
            FactorKind::Push => ("Phone that asks", Holding::Push),
            FactorKind::Totp => ("Authenticator app", Holding::Totp),
            FactorKind::HardwareToken => ("Hardware token", Holding::HardwareToken),
            FactorKind::BypassCode | FactorKind::Duo | FactorKind::Mail | FactorKind::Phone => return None,
        };
        Some(part(name, holding, of.users, Tone::Good))
    });
    Shares { whole: sum.active_users, parts: lack.into_iter().chain(has).collect() }
}
