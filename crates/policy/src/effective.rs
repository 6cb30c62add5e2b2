//! What holds for one person at one resource, section by section, with where each line comes from.

use std::collections::BTreeSet;

use sallyport_model::{
    User,
    access_rule::Obligation,
    id::{GroupId, PolicyId},
    policy::{
        AnonymousNetworks, AuthorizedNetworks, Lockout, Method, MethodRow, NewUser, PlaceAction,
        RememberedDevices, Section, Sections, UserLocation, VerifiedPush,
    },
    settings::SecondDoorPolicy,
};

use super::waiver;

/// Who says what a section says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Origin {
    /// Nobody: it is built in.
    #[default]
    BuiltIn,
    /// The organisation's own policy.
    Organization,
    /// A policy that is applied to the resource.
    Resource { policy: PolicyId },
    /// A policy that is applied to a group there.
    Group { policy: PolicyId, group: GroupId },
}

/// One section as it holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line<T> {
    pub value: T,
    pub origin: Origin,
}

/// Whether a person may use a method at a resource, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Usable,
    /// It is off for everybody.
    Off,
    /// It is on for groups this person is not in.
    ForOthers,
    /// The policy of the resource does not count it.
    NotAllowed,
    /// An access rule does not count it.
    RuledOut,
    /// It cannot be asked for there.
    NotHere,
}

/// All sections as they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectivePolicy {
    pub second_door: Line<SecondDoorPolicy>,
    pub new_user: Line<NewUser>,
    pub user_location: Line<UserLocation>,
    pub authorized_networks: Line<AuthorizedNetworks>,
    pub anonymous_networks: Line<AnonymousNetworks>,
    pub remembered_devices: Line<RememberedDevices>,
    /// `None`: all that are on.
    pub allowed: Line<Option<BTreeSet<Method>>>,
    pub verified_push: Line<VerifiedPush>,
    pub lockout: Line<Lockout>,
    /// Every method in the order in which they are offered.
    pub methods: Vec<(Method, Standing)>,
    /// What access rules ask of the second door; the methods and the hours above have heard of it already.
    pub obligation: Obligation,
}

impl EffectivePolicy {
    /// Merges layers, the nearest first, section by section: the first that says something decides. `rows`: the
    /// organisation's methods; `groups`: every group around the person.
    #[must_use]
    pub fn merge(layers: &[(Origin, &Sections)], rows: &[MethodRow], groups: &BTreeSet<GroupId>) -> Self {
        let allowed = line(layers, |sections| sections.methods.clone().map(Some));
        let standing = |row: &MethodRow| {
            if !row.on {
                Standing::Off
            } else if !row.is_for(groups) {
                Standing::ForOthers
            } else if allowed.value.as_ref().is_some_and(|allowed| !allowed.contains(&row.method)) {
                Standing::NotAllowed
            } else {
                Standing::Usable
            }
        };
        let methods = MethodRow::complete(rows).iter().map(|row| (row.method, standing(row))).collect();
        Self {
            second_door: line(layers, |sections| sections.second_door.clone()),
            new_user: line(layers, |sections| sections.new_user),
            user_location: line(layers, |sections| sections.user_location.clone()),
            authorized_networks: line(layers, |sections| sections.authorized_networks.clone()),
            anonymous_networks: line(layers, |sections| sections.anonymous_networks),
            remembered_devices: line(layers, |sections| sections.remembered_devices.clone()),
            verified_push: line(layers, |sections| sections.verified_push.clone()),
            lockout: line(layers, |sections| sections.lockout.clone()),
            allowed,
            methods,
            obligation: Obligation::default(),
        }
    }

    /// The methods that open the second door here, in the order in which they are offered.
    pub fn usable(&self) -> impl Iterator<Item = Method> + '_ {
        self.methods.iter().filter(|(_, standing)| *standing == Standing::Usable).map(|(method, _)| *method)
    }

    #[must_use]
    pub fn allows(&self, method: Method) -> bool {
        self.usable().any(|usable| usable == method)
    }

    /// The same without a method that cannot be asked for there, whatever the organisation says of it.
    #[must_use]
    pub fn without(mut self, method: Method) -> Self {
        for (_, standing) in self.methods.iter_mut().filter(|(named, _)| *named == method) {
            *standing = Standing::NotHere;
        }
        self
    }

    /// The same under what access rules ask of the second door: fewer methods count, and it is remembered for less long.
    #[must_use]
    pub fn under(mut self, obligation: &Obligation) -> Self {
        if let Some(counting) = &obligation.methods {
            for (method, standing) in &mut self.methods {
                // What is let back in where Duo is out of reach is not let round a rule.
                if matches!(standing, Standing::Usable | Standing::NotAllowed) && !counting.contains(method) {
                    *standing = Standing::RuledOut;
                }
            }
        }
        let remembered = &mut self.remembered_devices.value;
        remembered.hours =
            obligation.remember_hours.map_or(remembered.hours, |most| remembered.hours.min(most));
        self.obligation = self.obligation.and(obligation);
        self
    }

    /// The same with all methods that are on for the person, also those that the policy of the resource does not count.
    #[must_use]
    pub fn with_all_that_are_on(mut self) -> Self {
        for (_, standing) in self.methods.iter_mut().filter(|(_, standing)| *standing == Standing::NotAllowed)
        {
            *standing = Standing::Usable;
        }
        self
    }

    /// Whether it matters for the decision what a person has to pass the second door with.
    #[must_use]
    pub fn looks_at_enrollment(&self) -> bool {
        let networks = &self.authorized_networks.value;
        self.new_user.value != NewUser::Enroll
            || (networks.require_enrollment && !networks.no_second_door.is_empty())
    }

    /// Whether from some place somebody is denied here, or asked for the second door whatever spares them of it.
    fn minds_the_place(&self) -> bool {
        let minds = |action: &PlaceAction| matches!(action, PlaceAction::Deny | PlaceAction::SecondDoor);
        let (location, networks) = (&self.user_location.value, &self.authorized_networks.value);
        minds(&location.others)
            || location.countries.values().any(minds)
            || networks.deny_others
            || !networks.second_door.is_empty()
            || !networks.blocked.is_empty()
            || self.anonymous_networks.value != AnonymousNetworks::Ignore
    }

    /// Whether what a device without the server cannot know could make somebody be denied here, or asked for the second door
    /// whatever spares them of it: where they are, and whether they have enrolled.
    #[must_use]
    pub fn needs_the_server(&self) -> bool {
        self.minds_the_place() || self.new_user.value == NewUser::Deny
    }

    /// Whether the first door is ever enough here for somebody: always, from some places, or before they enrolled.
    #[must_use]
    pub fn may_spare(&self, user: &User, groups: &BTreeSet<GroupId>) -> bool {
        user.roles.is_empty()
            && (waiver(user, groups, &self.second_door.value, None).is_some()
                || self.sections().spares_somewhere())
    }

    /// The same as a policy that says everything.
    #[must_use]
    pub fn sections(&self) -> Sections {
        Sections {
            second_door: Some(self.second_door.value.clone()),
            new_user: Some(self.new_user.value),
            user_location: Some(self.user_location.value.clone()),
            authorized_networks: Some(self.authorized_networks.value.clone()),
            anonymous_networks: Some(self.anonymous_networks.value),
            remembered_devices: Some(self.remembered_devices.value.clone()),
            methods: Some(self.allowed.value.clone().unwrap_or_else(|| Method::ALL.into())),
            verified_push: Some(self.verified_push.value.clone()),
            lockout: Some(self.lockout.value.clone()),
        }
    }

    /// Where a section comes from.
    #[must_use]
    pub const fn origin(&self, section: Section) -> &Origin {
        match section {
            Section::SecondDoor => &self.second_door.origin,
            Section::NewUser => &self.new_user.origin,
            Section::UserLocation => &self.user_location.origin,
            Section::AuthorizedNetworks => &self.authorized_networks.origin,
            Section::AnonymousNetworks => &self.anonymous_networks.origin,
            Section::RememberedDevices => &self.remembered_devices.origin,
            Section::Methods => &self.allowed.origin,
            Section::VerifiedPush => &self.verified_push.origin,
            Section::Lockout => &self.lockout.origin,
        }
    }
}

impl Default for EffectivePolicy {
    /// What is built in.
    fn default() -> Self {
        Self::merge(&[], &[], &BTreeSet::new())
    }
}

/// What the nearest layer says that says anything.
fn line<T: Default>(layers: &[(Origin, &Sections)], said: impl Fn(&Sections) -> Option<T>) -> Line<T> {
    let found = layers
        .iter()
        .find_map(|(origin, sections)| Some(Line { value: said(sections)?, origin: origin.clone() }));
    found.unwrap_or_default()
}
