//! What a person may do on a device, and where that comes from.

use serde::{Deserialize, Serialize};

use crate::id::{BindingId, GroupId};

/// A person's right on a device; the greater one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Right {
    #[default]
    Standard,
    Administrator,
}

/// Where a right comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RightSource {
    /// The binding that names the person.
    Binding { binding: BindingId },
    /// A binding of a group the person is in, directly or through other groups.
    GroupBinding { binding: BindingId, group: GroupId },
    /// The person's own setting for all devices they are bound to.
    User,
}

/// The right that holds on a device, with every source that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EffectiveRight {
    pub right: Right,
    /// The source that decided.
    pub from: RightSource,
    /// All sources, the deciding one first.
    pub sources: Vec<(RightSource, Right)>,
}

impl EffectiveRight {
    /// The greatest right of all sources; among equals the person's own setting, then the direct binding, then
    /// groups. `None` without any binding: a right alone puts nobody on a device.
    #[must_use]
    pub fn decide(sources: Vec<(RightSource, Right)>) -> Option<Self> {
        let bound = sources.iter().any(|(source, _)| !matches!(source, RightSource::User));
        let mut sources = sources;
        sources.sort_by(|(a_source, a), (b_source, b)| b.cmp(a).then(rank(*a_source).cmp(&rank(*b_source))));
        let (from, right) = *sources.first()?;
        bound.then_some(Self { right, from, sources })
    }
}

const fn rank(source: RightSource) -> u8 {
    match source {
        RightSource::User => 0,
        RightSource::Binding { .. } => 1,
        RightSource::GroupBinding { .. } => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_greatest_right_wins_and_says_where_from() {
        let direct = RightSource::Binding { binding: BindingId::new(Uuid::from_u128(1)) };
        let group = RightSource::GroupBinding {
            binding: BindingId::new(Uuid::from_u128(2)),
            group: GroupId::new(Uuid::from_u128(3)),
        };
        let effective =
            EffectiveRight::decide(vec![(direct, Right::Standard), (group, Right::Administrator)]).unwrap();
        assert_eq!((effective.right, effective.from), (Right::Administrator, group));
    }

    #[test]
    fn a_right_without_a_binding_binds_nobody() {
        assert_eq!(EffectiveRight::decide(vec![(RightSource::User, Right::Administrator)]), None);
        assert_eq!(EffectiveRight::decide(vec![]), None);
    }
}
