//! What the place somebody comes from and the device they use say for and against them.

use std::net::IpAddr;

use ipnet::IpNet;
use sallyport_model::{
    policy::{AnonymousNetworks, AuthorizedNetworks, PlaceAction},
    signin::Reason,
};

use super::{Enrolled, Place, Request};

/// What is said, in the order in which administrators know the sections.
#[derive(Debug, Default)]
pub(super) struct Says {
    pub(super) against: Vec<Reason>,
    /// Why the second door is asked for whatever spares the person of it.
    pub(super) asks: Vec<Reason>,
    /// Why it need not be asked for.
    pub(super) spares: Vec<Reason>,
    /// Whether a device that is remembered is one reason of them.
    pub(super) remembered: bool,
}

impl Says {
    pub(super) fn of(request: &Request<'_>) -> Self {
        let (mut said, policy, place) = (Self::default(), request.policy, request.place);
        let location = &policy.user_location.value;
        let named = place.country.and_then(|country| location.countries.get(&country).copied());
        match named.unwrap_or(location.others) {
            PlaceAction::Ignore => {}
            PlaceAction::Deny => said.against.push(Reason::CountryDenied),
            PlaceAction::SecondDoor => said.asks.push(Reason::CountryRequires),
            // Of what is not known nobody profits.
            PlaceAction::NoSecondDoor if place.country.is_none() => {}
            PlaceAction::NoSecondDoor => said.spares.push(Reason::CountryAllows),
        }
        said.networks(&policy.authorized_networks.value, place, request.enrolled == Enrolled::Factor);
        match policy.anonymous_networks.value {
            AnonymousNetworks::Deny if place.anonymous => said.against.push(Reason::AnonymousNetwork),
            AnonymousNetworks::SecondDoor if place.anonymous => {
                said.asks.push(Reason::AnonymousNetworkRequires);
            }
            AnonymousNetworks::Deny | AnonymousNetworks::Ignore | AnonymousNetworks::SecondDoor => {}
        }
        if request.remembered && policy.remembered_devices.value.hours > 0 {
            said.spares.push(Reason::DeviceRemembered);
            said.remembered = true;
        }
        said
    }

    fn networks(&mut self, networks: &AuthorizedNetworks, place: Place, enrolled: bool) {
        let within = |blocks: &[IpNet]| place.address.is_some_and(|address| is_within(blocks, address));
        let (spared, asked) = (within(&networks.no_second_door), within(&networks.second_door));
        if within(&networks.blocked) {
            self.against.push(Reason::NetworkBlocked);
        } else if networks.deny_others && !spared && !asked {
            self.against.push(Reason::NetworkNotAuthorized);
        }
        let unknown =
            place.address.is_none() && !(networks.second_door.is_empty() && networks.blocked.is_empty());
        if asked || unknown {
            self.asks.push(Reason::NetworkRequires);
        } else if spared && (enrolled || !networks.require_enrollment) {
            self.spares.push(Reason::NetworkAllows);
        }
    }
}

/// Whether an address is in one of these blocks, however it is written.
pub(super) fn is_within(blocks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    blocks.iter().any(|block| block.contains(&address))
}
