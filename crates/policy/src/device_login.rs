//! How people log in at one device, out of all the settings that reach it: pure, and the strictest wins.

use std::collections::BTreeSet;

use sallyport_model::{
    Right, User,
    id::GroupId,
    settings::{DeviceLogin, FailMode, SshKeys},
};

/// The settings that hold at one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectiveLogin {
    /// PAM services the second door stands in front of; never none.
    pub services: BTreeSet<String>,
    pub scope: Scope,
    pub auto_push: bool,
    pub prompts: u8,
    pub ssh_keys: SshKeys,
    pub fail_mode: FailMode,
}

/// Who is asked for the second door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    Everybody,
    /// Who is in any of these; there is at least one, and somebody in each.
    MembersOf(BTreeSet<GroupId>),
}

impl EffectiveLogin {
    /// What these settings come to together: all services, everybody whom one of them asks, the fewest prompts, the
    /// strictest word on keys, and a push without asking or an open door without the server only where all say so.
    /// The order does not matter.
    ///
    /// `populated` are those of the named groups that exist and have somebody in them. A scope without any of them
    /// would ask nobody; that was never meant, so it asks everybody.
    #[must_use]
    pub fn merge<'a>(
        settings: impl IntoIterator<Item = &'a DeviceLogin>,
        populated: &BTreeSet<GroupId>,
    ) -> Self {
        let each = settings.into_iter().map(|settings| Self::of_one(settings, populated));
        each.reduce(Self::and).unwrap_or_else(|| Self::of_one(&DeviceLogin::default(), populated))
    }

    /// Whether somebody who is in these groups is asked for the second door.
    #[must_use]
    pub fn asks(&self, groups: &BTreeSet<GroupId>) -> bool {
        match &self.scope {
            Scope::Everybody => true,
            Scope::MembersOf(asked) => !asked.is_disjoint(groups),
        }
    }

    /// Whether somebody with this right on the device may pass by the first door alone while the server cannot be
    /// reached: never who administers the device, or anything in the directory.
    #[must_use]
    pub fn fails_open_for(&self, user: &User, right: Right) -> bool {
        match (self.fail_mode, right) {
            (FailMode::Open, Right::Standard) => user.is_active() && user.roles.is_empty(),
            (FailMode::Open, Right::Administrator) | (FailMode::Closed, _) => false,
        }
    }

    fn of_one(settings: &DeviceLogin, populated: &BTreeSet<GroupId>) -> Self {
        let named: BTreeSet<String> = settings.services.iter().cloned().collect();
        let asked: BTreeSet<GroupId> =
            settings.groups.iter().filter(|group| populated.contains(group)).copied().collect();
        Self {
            services: if named.is_empty() {
                DeviceLogin::USUAL_SERVICES.map(str::to_owned).into()
            } else {
                named
            },
            scope: if asked.is_empty() { Scope::Everybody } else { Scope::MembersOf(asked) },
            auto_push: settings.auto_push,
            prompts: settings.prompts.max(1),
            ssh_keys: settings.ssh_keys,
            fail_mode: settings.fail_mode,
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            services: self.services.into_iter().chain(other.services).collect(),
            scope: self.scope.and(other.scope),
            auto_push: self.auto_push && other.auto_push,
            prompts: self.prompts.min(other.prompts),
            ssh_keys: self.ssh_keys.max(other.ssh_keys),
            fail_mode: self.fail_mode.max(other.fail_mode),
        }
    }
}

impl Scope {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::MembersOf(these), Self::MembersOf(those)) => {
                Self::MembersOf(these.into_iter().chain(those).collect())
            }
            (Self::Everybody, _) | (_, Self::Everybody) => Self::Everybody,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn group(n: u8) -> GroupId {
        GroupId::new(uuid::Uuid::from_u128(u128::from(n) + 1))
    }

    fn groups() -> impl Strategy<Value = BTreeSet<GroupId>> {
        proptest::collection::btree_set((0..6_u8).prop_map(group), 0..5)
    }

    fn settings() -> impl Strategy<Value = DeviceLogin> {
        let service = prop_oneof!["sshd", "sudo", "su", "login", "cockpit"];
        let keys = prop_oneof![Just(SshKeys::KeyAlone), Just(SshKeys::KeyAndSecondDoor)];
        let mode = prop_oneof![Just(FailMode::Open), Just(FailMode::Closed)];
        (proptest::collection::vec(service, 0..4), groups(), any::<bool>(), 1..=5_u8, keys, mode).prop_map(
            |(services, groups, auto_push, prompts, ssh_keys, fail_mode)| DeviceLogin {
                services,
                groups: groups.into_iter().collect(),
                auto_push,
                prompts,
                ssh_keys,
                fail_mode,
            },
        )
    }

    fn several() -> impl Strategy<Value = Vec<DeviceLogin>> {
        proptest::collection::vec(settings(), 1..5)
    }

    proptest! {
        #[test]
        fn together_they_are_at_least_as_strict_as_each(
            several in several(), populated in groups(), person in groups()
        ) {
            let merged = EffectiveLogin::merge(&several, &populated);
            for one in &several {
                let alone = EffectiveLogin::merge([one], &populated);
                prop_assert!(merged.services.is_superset(&alone.services));
                prop_assert!(merged.asks(&person) || !alone.asks(&person));
                prop_assert!(merged.prompts <= alone.prompts);
                prop_assert!(merged.ssh_keys >= alone.ssh_keys);
                prop_assert!(alone.auto_push || !merged.auto_push);
                prop_assert!(merged.fail_mode >= alone.fail_mode);
            }
        }

        #[test]
        fn nothing_is_stricter_than_one_of_them_asks_for(
            several in several(), populated in groups(), person in groups()
        ) {
            let merged = EffectiveLogin::merge(&several, &populated);
            let each: Vec<_> = several.iter().map(|one| EffectiveLogin::merge([one], &populated)).collect();
            prop_assert!(merged.services.iter().all(|service| each.iter().any(|one| one.services.contains(service))));
            prop_assert_eq!(merged.asks(&person), each.iter().any(|one| one.asks(&person)));
            prop_assert!(each.iter().any(|one| one.prompts == merged.prompts));
            prop_assert!(each.iter().any(|one| one.ssh_keys == merged.ssh_keys));
            prop_assert_eq!(merged.auto_push, each.iter().all(|one| one.auto_push));
            prop_assert!(each.iter().any(|one| one.fail_mode == merged.fail_mode));
        }

        #[test]
        fn neither_order_nor_repetition_matters(several in several(), populated in groups()) {
            let merged = EffectiveLogin::merge(&several, &populated);
            prop_assert_eq!(&merged, &EffectiveLogin::merge(several.iter().rev(), &populated));
            prop_assert_eq!(&merged, &EffectiveLogin::merge(several.iter().chain(&several), &populated));
        }

        #[test]
        fn a_scope_that_reaches_nobody_asks_everybody(one in settings(), person in groups()) {
            let merged = EffectiveLogin::merge([&one], &BTreeSet::new());
            prop_assert_eq!(&merged.scope, &Scope::Everybody);
            prop_assert!(merged.asks(&person));
        }

        #[test]
        fn there_is_always_a_service_and_a_prompt(several in proptest::collection::vec(settings(), 0..4)) {
            let merged = EffectiveLogin::merge(&several, &BTreeSet::new());
            prop_assert!(!merged.services.is_empty() && merged.prompts >= 1);
            prop_assert!(!several.is_empty() || merged.fail_mode == FailMode::Closed);
        }
    }

    #[test]
    fn a_group_that_is_gone_does_not_empty_the_scope_of_another() {
        let scoped = |n| DeviceLogin { groups: vec![group(n)], ..DeviceLogin::default() };
        let (here, gone) = (scoped(0), scoped(1));
        let populated = BTreeSet::from([group(0)]);
        let outside = BTreeSet::from([group(5)]);
        assert!(!EffectiveLogin::merge([&here], &populated).asks(&outside));
        // What named only the one that is gone asks everybody now, and the strictest wins.
        assert!(EffectiveLogin::merge([&here, &gone], &populated).asks(&outside));
        let both = DeviceLogin { groups: vec![group(0), group(1)], ..DeviceLogin::default() };
        assert!(!EffectiveLogin::merge([&both], &populated).asks(&outside));
    }
}
