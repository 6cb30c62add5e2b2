//! Sections in the protocol's words and in ours, both ways. What has no equal here is refused, never left out in silence.

use std::collections::BTreeSet;

use ipnet::IpNet;
use sallyport_model::{
    Method,
    name::printable,
    policy::{
        AnonymousNetworks, AuthorizedNetworks, Country, NewUser, NumberWhen, PlaceAction, RememberedDevices,
        RememberedFor, Sections, UserLocation, VerifiedPush,
    },
    settings::SecondDoorPolicy,
};
use sallyport_wire::{duo::admin as theirs, networks};
use theirs::{Behavior, LocationAction, SectionName};

use crate::AppError;

/// The factors by the protocol's names, of which two are one here.
const METHODS: [(&str, Method); 8] = [
    ("duo-push", Method::Push),
    ("webauthn-platform", Method::Passkey),
    ("webauthn-roaming", Method::Passkey),
    ("duo-passcode", Method::Totp),
    ("hardware-token", Method::HardwareToken),
    ("sms", Method::Text),
    ("phonecall", Method::Call),
    ("bypass", Method::BypassCode),
];

/// Factors that nobody has here. To block them is what is so anyway.
const WITHOUT: [&str; 7] = [
    "bypass-pwl",
    "desktop",
    "duo-push-pwl",
    "smart-card",
    "webauthn-platform-pwl",
    "webauthn-require-user-verification",
    "webauthn-roaming-pwl",
];

const AUTHENTICATION_METHODS: &str = "sections.authentication_methods";
const AUTHORIZED_NETWORKS: &str = "sections.authorized_networks";
const REMEMBERED_DEVICES: &str = "sections.remembered_devices";
const USER_LOCATION: &str = "sections.user_location";

/// What a policy says after the given sections took the place of those it had.
pub(super) fn read(given: &theirs::Sections, before: &Sections) -> Result<Sections, AppError> {
    let mut after = before.clone();
    if let Some(section) = &given.anonymous_networks {
        after.anonymous_networks = Some(match section.anonymous_access_behavior {
            Behavior::NoAction => AnonymousNetworks::Ignore,
            Behavior::RequireMfa => AnonymousNetworks::SecondDoor,
            Behavior::Deny => AnonymousNetworks::Deny,
        });
    }
    if let Some(section) = &given.authentication_methods {
        after.methods = methods(section)?;
        after.verified_push = verified_push(section);
    }
    if let Some(section) = &given.authentication_policy {
        after.second_door = Some(match section.user_auth_behavior.as_str() {
            "enforce" => SecondDoorPolicy::Always,
            "bypass" => SecondDoorPolicy::Never,
            "deny" => SecondDoorPolicy::Refuse,
            _ => return Err(AppError::invalid("sections.authentication_policy", "enforce, bypass or deny")),
        });
    }
    if let Some(section) = &given.authorized_networks {
        after.authorized_networks = Some(networks(section)?);
    }
    if let Some(section) = &given.new_user {
        after.new_user = Some(match section.new_user_behavior.as_str() {
            "enroll" => NewUser::Enroll,
            "no-mfa" => NewUser::NoSecondDoor,
            "deny" => NewUser::Deny,
            _ => return Err(AppError::invalid("sections.new_user", "enroll, no-mfa or deny")),
        });
    }
    if let Some(section) = &given.remembered_devices {
        // How far it reaches this protocol has no word for, so that stays.
        let reach = before.remembered_devices.as_ref().map(|before| before.reach).unwrap_or_default();
        after.remembered_devices = Some(remembered(section, reach)?);
    }
    if let Some(section) = &given.user_location {
        after.user_location = Some(location(section)?);
    }
    Ok(after)
}

/// Takes a section out. What this protocol has no word for stays.
pub(super) fn forget(sections: &mut Sections, name: SectionName) {
    match name {
        SectionName::AnonymousNetworks => sections.anonymous_networks = None,
        SectionName::AuthenticationMethods => (sections.methods, sections.verified_push) = (None, None),
        SectionName::AuthenticationPolicy => sections.second_door = None,
        SectionName::AuthorizedNetworks => sections.authorized_networks = None,
        SectionName::NewUser => sections.new_user = None,
        SectionName::RememberedDevices => sections.remembered_devices = None,
        SectionName::UserLocation => sections.user_location = None,
    }
}

/// Whether a section is among these.
pub(super) const fn says(sections: &theirs::Sections, name: SectionName) -> bool {
    match name {
        SectionName::AnonymousNetworks => sections.anonymous_networks.is_some(),
        SectionName::AuthenticationMethods => sections.authentication_methods.is_some(),
        SectionName::AuthenticationPolicy => sections.authentication_policy.is_some(),
        SectionName::AuthorizedNetworks => sections.authorized_networks.is_some(),
        SectionName::NewUser => sections.new_user.is_some(),
        SectionName::RememberedDevices => sections.remembered_devices.is_some(),
        SectionName::UserLocation => sections.user_location.is_some(),
    }
}

/// The sections as they are told.
pub(super) fn told(sections: &Sections) -> theirs::Sections {
    let behavior = |text: &str| theirs::AuthenticationPolicy { user_auth_behavior: text.into() };
    theirs::Sections {
        anonymous_networks: sections.anonymous_networks.map(|ours| theirs::AnonymousSection {
            anonymous_access_behavior: match ours {
                AnonymousNetworks::Ignore => Behavior::NoAction,
                AnonymousNetworks::SecondDoor => Behavior::RequireMfa,
                AnonymousNetworks::Deny => Behavior::Deny,
            },
        }),
        authentication_methods: told_methods(sections),
        authentication_policy: match sections.second_door {
            Some(SecondDoorPolicy::Always) => Some(behavior("enforce")),
            Some(SecondDoorPolicy::Never) => Some(behavior("bypass")),
            Some(SecondDoorPolicy::Refuse) => Some(behavior("deny")),
            // Any of the three would be wrong of somebody.
            Some(SecondDoorPolicy::Groups { .. }) | None => None,
        },
        authorized_networks: sections.authorized_networks.as_ref().map(told_networks),
        new_user: sections.new_user.map(|ours| theirs::NewUserSection {
            new_user_behavior: match ours {
                NewUser::Enroll => "enroll",
                NewUser::NoSecondDoor => "no-mfa",
                NewUser::Deny => "deny",
            }
            .into(),
        }),
        remembered_devices: sections.remembered_devices.as_ref().map(told_remembered),
        user_location: sections.user_location.as_ref().map(told_location),
    }
}

fn methods(section: &theirs::AuthenticationMethods) -> Result<Option<BTreeSet<Method>>, AppError> {
    let refuse = |text: String| Err(AppError::invalid(AUTHENTICATION_METHODS, text));
    let (allowed, blocked) = (&section.allowed_auth_list, &section.blocked_auth_list);
    for name in allowed.iter().chain(blocked).flatten() {
        let known = METHODS.iter().any(|(known, _)| known == name);
        let told = printable(name, 64);
        match (known, WITHOUT.contains(&name.as_str())) {
            (false, false) => return refuse(format!("`{told}` is no factor")),
            (false, true) if allowed.as_ref().is_some_and(|allowed| allowed.contains(name)) => {
                return refuse(format!("`{told}` is not to be had here and cannot be allowed"));
            }
            (true, _) | (false, true) => {}
        }
    }
    let is_in = |list: &Option<Vec<String>>, name: &str| {
        list.as_ref().is_some_and(|list| list.iter().any(|given| given == name))
    };
    let counts = |name: &str| match (allowed, blocked) {
        (Some(_), _) => is_in(allowed, name),
        (None, Some(_)) => !is_in(blocked, name),
        (None, None) => true,
    };
    let mut methods = BTreeSet::new();
    for (name, method) in METHODS {
        if is_in(allowed, name) && is_in(blocked, name) {
            return refuse(format!("`{name}` is both allowed and blocked"));
        }
        if METHODS.iter().any(|(other, same)| *same == method && counts(other) != counts(name)) {
            return refuse("passkeys of either kind are one here: allow or block both webauthn names".into());
        }
        if counts(name) {
            methods.insert(method);
        }
    }
    Ok((allowed.is_some() || blocked.is_some()).then_some(methods))
}

/// Where it is not required, a number is asked for all the same wherever one can be shown.
fn verified_push(section: &theirs::AuthenticationMethods) -> Option<VerifiedPush> {
    let when = match section.require_verified_push {
        Some(false) => NumberWhen::WhereShown,
        Some(true) => NumberWhen::Always,
        None => {
            section.verified_push_digits?;
            NumberWhen::Always
        }
    };
    Some(VerifiedPush { digits: section.verified_push_digits.unwrap_or(VerifiedPush::FEWEST), when })
}

fn told_methods(sections: &Sections) -> Option<theirs::AuthenticationMethods> {
    let listed = |allowed: bool| {
        let methods = sections.methods.as_ref()?;
        let names = METHODS.iter().filter(|(_, method)| methods.contains(method) == allowed);
        Some(names.map(|(name, _)| (*name).to_owned()).collect())
    };
    let push = sections.verified_push.as_ref();
    (sections.methods.is_some() || push.is_some()).then(|| theirs::AuthenticationMethods {
        allowed_auth_list: listed(true),
        blocked_auth_list: listed(false),
        require_verified_push: push.map(|push| !push.allows_plain()),
        verified_push_digits: push.map(|push| push.digits),
    })
}

fn networks(section: &theirs::AuthorizedNetworks) -> Result<AuthorizedNetworks, AppError> {
    Ok(AuthorizedNetworks {
        no_second_door: blocks(&section.no_2fa_required.ip_list)?,
        require_enrollment: section.no_2fa_required.require_enrollment,
        second_door: blocks(&section.mfa_required.ip_list)?,
        deny_others: section.deny_other_access,
        blocked: blocks(&section.blocked.ip_list)?,
    })
}

/// Addresses, blocks of them, and ranges, which become the blocks that they are made of.
fn blocks(given: &[String]) -> Result<Vec<IpNet>, AppError> {
    let mut blocks = Vec::new();
    for text in given {
        let found = networks::blocks(text.trim()).ok_or_else(|| {
            let text = format!("`{}` is no address, no block and no range", printable(text, 64));
            AppError::invalid(AUTHORIZED_NETWORKS, text)
        })?;
        blocks.extend(found);
        if blocks.len() > AuthorizedNetworks::MOST {
            let text =
                format!("at most {} blocks in one list, those of ranges counted", AuthorizedNetworks::MOST);
            return Err(AppError::invalid(AUTHORIZED_NETWORKS, text));
        }
    }
    Ok(blocks)
}

fn told_networks(ours: &AuthorizedNetworks) -> theirs::AuthorizedNetworks {
    let listed = |blocks: &[IpNet]| blocks.iter().map(ToString::to_string).collect();
    theirs::AuthorizedNetworks {
        no_2fa_required: theirs::NoSecondFactor {
            ip_list: listed(&ours.no_second_door),
            require_enrollment: ours.require_enrollment,
        },
        mfa_required: theirs::Blocks { ip_list: listed(&ours.second_door) },
        deny_other_access: ours.deny_others,
        blocked: theirs::Blocks { ip_list: listed(&ours.blocked) },
    }
}

fn remembered(
    section: &theirs::RememberedDevices,
    reach: RememberedFor,
) -> Result<RememberedDevices, AppError> {
    let refuse = |text: &str| Err(AppError::invalid(REMEMBERED_DEVICES, text));
    if section.windows_logon.as_ref().is_some_and(|logon| logon.enabled) {
        return refuse("logins at devices are not remembered here");
    }
    let browsers = &section.browser_apps;
    if !browsers.enabled {
        return Ok(RememberedDevices { hours: 0, reach });
    }
    if browsers.remember_method == Some(theirs::RememberMethod::RiskBased) {
        return refuse("devices are remembered for a time (`user-based`) and not by risk");
    }
    let Some(span) = &browsers.user_based else {
        return refuse("say for how long, in user_based");
    };
    let hours = match span.max_time_units.as_str() {
        "hours" => 1,
        "days" => 24,
        "weeks" => 7 * 24,
        _ => return refuse("max_time_units is hours, days or weeks"),
    };
    if span.max_time_value == 0 {
        return refuse("max_time_value is 1 or more; `enabled` is false for never");
    }
    Ok(RememberedDevices { hours: span.max_time_value.saturating_mul(hours), reach })
}

fn told_remembered(ours: &RememberedDevices) -> theirs::RememberedDevices {
    let in_days = ours.hours.is_multiple_of(24);
    let (units, value) = if in_days { ("days", ours.hours / 24) } else { ("hours", ours.hours) };
    let enabled = ours.hours > 0;
    theirs::RememberedDevices {
        browser_apps: theirs::BrowserApps {
            enabled,
            remember_method: enabled.then_some(theirs::RememberMethod::UserBased),
            user_based: enabled.then(|| theirs::Span { max_time_units: units.into(), max_time_value: value }),
            risk_based: None,
        },
        windows_logon: Some(theirs::WindowsLogon { enabled: false }),
    }
}

fn location(section: &theirs::UserLocation) -> Result<UserLocation, AppError> {
    if section.access_device_only == Some(false) {
        let text = "only the place counts that somebody signs in from: access_device_only is true";
        return Err(AppError::invalid(USER_LOCATION, text));
    }
    let mut ours = UserLocation { others: action(section.default_action), ..UserLocation::default() };
    for (listed, of) in [
        (&section.allow_access_no_2fa_countries_list, PlaceAction::NoSecondDoor),
        (&section.deny_access_countries_list, PlaceAction::Deny),
        (&section.ignore_location_countries_list, PlaceAction::Ignore),
        (&section.require_mfa_countries_list, PlaceAction::SecondDoor),
    ] {
        for text in listed {
            let country: Country = text.parse().map_err(|error| {
                AppError::invalid(USER_LOCATION, format!("`{}`: {error}", printable(text, 16)))
            })?;
            if ours.countries.insert(country, of).is_some_and(|before| before != of) {
                let text = format!("`{country}` stands in two lists; leave it in one");
                return Err(AppError::invalid(USER_LOCATION, text));
            }
        }
    }
    Ok(ours)
}

const fn action(theirs: LocationAction) -> PlaceAction {
    match theirs {
        LocationAction::AllowAccessNo2fa => PlaceAction::NoSecondDoor,
        LocationAction::DenyAccess => PlaceAction::Deny,
        LocationAction::IgnoreLocation => PlaceAction::Ignore,
        LocationAction::RequireMfa => PlaceAction::SecondDoor,
    }
}

fn told_location(ours: &UserLocation) -> theirs::UserLocation {
    let listed = |action: PlaceAction| {
        let named = ours.countries.iter().filter(|(_, of)| **of == action);
        named.map(|(country, _)| country.to_string()).collect()
    };
    theirs::UserLocation {
        default_action: match ours.others {
            PlaceAction::Ignore => LocationAction::IgnoreLocation,
            PlaceAction::NoSecondDoor => LocationAction::AllowAccessNo2fa,
            PlaceAction::SecondDoor => LocationAction::RequireMfa,
            PlaceAction::Deny => LocationAction::DenyAccess,
        },
        allow_access_no_2fa_countries_list: listed(PlaceAction::NoSecondDoor),
        deny_access_countries_list: listed(PlaceAction::Deny),
        ignore_location_countries_list: listed(PlaceAction::Ignore),
        require_mfa_countries_list: listed(PlaceAction::SecondDoor),
        access_device_only: Some(true),
    }
}
