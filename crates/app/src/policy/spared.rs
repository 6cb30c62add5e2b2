//! Whom policy asks for the second door where our own password is the first: before a change, and after it.

use std::collections::BTreeSet;

use sallyport_model::{
    Policy, Settings,
    policy::{Applied, Sections},
};
use sallyport_policy::{EffectivePolicy, Origin};
use sallyport_store::Reader;

use super::of_settings;
use crate::AppError;

/// All that may hold for somebody, at the portal and at devices.
pub(crate) struct Spared([Vec<Sections>; 2]);

impl Spared {
    pub(crate) fn of(reader: &mut Reader, settings: &Settings) -> Result<Self, AppError> {
        let [(_, portal), (_, devices)] = of_settings(settings);
        Ok(Self([held(reader, settings, portal)?, held(reader, settings, devices)?]))
    }

    /// Whether somebody may now be asked less than anybody was before.
    pub(crate) fn more_than(&self, before: &Self) -> bool {
        self.0.iter().zip(&before.0).any(|(now, before)| {
            now.iter().any(|now| before.iter().all(|before| now.spares_more_than(before)))
        })
    }
}

/// What holds where these policies are applied: of whoever is in none of the groups, and of each group.
fn held(reader: &mut Reader, settings: &Settings, applied: &Applied) -> Result<Vec<Sections>, AppError> {
    let nobody = BTreeSet::new();
    let merge = |policy: Option<&Policy>| {
        let policy = policy.map(|policy| (Origin::Resource { policy: policy.id }, &policy.sections));
        let layers: Vec<(Origin, &Sections)> =
            policy.into_iter().chain([(Origin::Organization, &settings.policy)]).collect();
        EffectivePolicy::merge(&layers, &settings.factors, &nobody).sections()
    };
    let mut held = Vec::new();
    if applied.policy.is_none() {
        held.push(merge(None));
    }
    for policy in applied.policies() {
        held.extend(reader.find::<Policy>(policy)?.map(|policy| merge(Some(&policy))));
    }
    Ok(held)
}
