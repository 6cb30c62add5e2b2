//! The sections of a policy as a form. A section counts where its box *say it here* is ticked, which the page's script does as
//! soon as something in it is changed.

use std::collections::{BTreeMap, BTreeSet};

use sallyport_app::AppError;
use sallyport_model::{
    Method,
    policy::{
        AuthorizedNetworks, Country, Lockout, PlaceAction, RememberedDevices, Section, Sections,
        UserLocation, VerifiedPush,
    },
    settings::SecondDoorPolicy,
};

use super::Form;
use crate::pages::{fields::Fields, refusal::Refusal};

impl Form {
    pub(super) fn second_door(&self) -> &'static str {
        match &self.sections.second_door {
            Some(SecondDoorPolicy::Always) | None => "always",
            Some(SecondDoorPolicy::Groups { .. }) => "groups",
            Some(SecondDoorPolicy::Never) => "never",
            Some(SecondDoorPolicy::Refuse) => "refuse",
        }
    }

    pub(super) fn says(&self, section: Section) -> bool {
        self.sections.has(section)
    }

    /// The countries with this action, with blanks between.
    pub(super) fn countries(&self, action: PlaceAction) -> String {
        let countries = self.sections.user_location.iter().flat_map(|location| &location.countries);
        let named = countries.filter(|(_, of)| **of == action).map(|(country, _)| country.as_str());
        named.collect::<Vec<_>>().join(" ")
    }

    /// What follows from countries that are not named.
    pub(super) fn others(&self) -> PlaceAction {
        self.sections.user_location.as_ref().map(|location| location.others).unwrap_or_default()
    }

    pub(super) fn allows(&self, method: &Method) -> bool {
        self.sections.methods.as_ref().is_none_or(|allowed| allowed.contains(method))
    }

    pub(super) fn networks(&self) -> AuthorizedNetworks {
        self.sections.authorized_networks.clone().unwrap_or_default()
    }

    pub(super) fn remembered(&self) -> RememberedDevices {
        self.sections.remembered_devices.clone().unwrap_or_default()
    }

    pub(super) fn push(&self) -> VerifiedPush {
        self.sections.verified_push.clone().unwrap_or_default()
    }

    pub(super) fn lockout(&self) -> Lockout {
        self.sections.lockout.clone().unwrap_or_default()
    }
}

/// What the form brought. `shown`: what the policy said as the form was filled in, if that is known: a section that was
/// changed in it and is not to be said is refused, because one of the two was not meant.
pub(super) fn read(fields: &Fields, shown: Option<&Sections>) -> Result<Sections, Refusal> {
    let form = Brought { fields, said: fields.words("said").into_iter().collect(), shown };
    let word = || Refusal::missing("Choose one of the answers in every section that is said here.");
    Ok(Sections {
        second_door: form.section(Section::SecondDoor, |of| of.second_door.clone(), second_door)?,
        new_user: form.section(
            Section::NewUser,
            |of| of.new_user,
            |fields| fields.word("new_user").ok_or_else(word),
        )?,
        user_location: form.section(Section::UserLocation, |of| of.user_location.clone(), user_location)?,
        authorized_networks: form.section(
            Section::AuthorizedNetworks,
            |of| of.authorized_networks.clone(),
            networks,
        )?,
        anonymous_networks: form.section(
            Section::AnonymousNetworks,
            |of| of.anonymous_networks,
            |fields| fields.word("anonymous_networks").ok_or_else(word),
        )?,
        remembered_devices: form.section(
            Section::RememberedDevices,
            |of| of.remembered_devices.clone(),
            remembered,
        )?,
        methods: form
            .section(
                Section::Methods,
                |of| Some(Counted(of.methods.clone()?)),
                |fields| Ok(Counted(fields.words("methods").into_iter().collect())),
            )?
            .map(|Counted(methods)| methods),
        verified_push: form.section(Section::VerifiedPush, |of| of.verified_push.clone(), push)?,
        lockout: form.section(Section::Lockout, |of| of.lockout.clone(), lockout)?,
    })
}

/// Which methods count; all, where nobody says.
#[derive(PartialEq)]
struct Counted(BTreeSet<Method>);

impl Default for Counted {
    fn default() -> Self {
        Self(Method::ALL.into())
    }
}

/// A form as it came.
struct Brought<'a> {
    fields: &'a Fields,
    said: BTreeSet<Section>,
    shown: Option<&'a Sections>,
}

impl Brought<'_> {
    fn section<T: Default + PartialEq>(
        &self,
        section: Section,
        of: impl Fn(&Sections) -> Option<T>,
        read: impl FnOnce(&Fields) -> Result<T, Refusal>,
    ) -> Result<Option<T>, Refusal> {
        if self.said.contains(&section) {
            return read(self.fields).map(Some);
        }
        let Some(shown) = self.shown.filter(|_| names(section).iter().any(|name| self.fields.ticked(name)))
        else {
            return Ok(None);
        };
        // What was shown of a section that nobody said is what is built in.
        if read(self.fields).is_ok_and(|brought| brought == of(shown).unwrap_or_default()) {
            return Ok(None);
        }
        Err(Refusal::missing(&format!(
            "The section “{}” was changed, but its box “Say it here” is not ticked. Tick it, or change the section back. Nothing was saved.",
            section.title()
        )))
    }
}

/// The fields of a section; one at least comes with every form that shows it, by a hidden one where all are boxes.
const fn names(section: Section) -> &'static [&'static str] {
    match section {
        Section::AnonymousNetworks => &["anonymous_networks"],
        Section::AuthorizedNetworks => {
            &["networks_no_second_door", "networks_second_door", "networks_blocked"]
        }
        Section::Lockout => &["wrong_codes", "lockout_minutes"],
        Section::Methods => &["methods"],
        Section::NewUser => &["new_user"],
        Section::RememberedDevices => &["remembered_hours", "remembered_reach"],
        Section::SecondDoor => &["second_door"],
        Section::UserLocation => &["countries_others"],
        Section::VerifiedPush => &["digits", "number_when"],
    }
}

fn number<T: std::str::FromStr>(fields: &Fields, name: &'static str) -> Result<T, Refusal> {
    let given = fields.number_if_given(name)?;
    given.ok_or_else(|| Refusal::missing("Give a number in every section that is said here."))
}

fn second_door(fields: &Fields) -> Result<SecondDoorPolicy, Refusal> {
    match fields.raw("second_door") {
        "always" => Ok(SecondDoorPolicy::Always),
        "never" => Ok(SecondDoorPolicy::Never),
        "refuse" => Ok(SecondDoorPolicy::Refuse),
        "groups" => {
            let groups = fields.list("second_door_groups");
            if groups.is_empty() {
                return Err(Refusal::missing("Choose at least one group that has to pass the second door."));
            }
            let groups = groups.iter().map(|id| id.parse()).collect::<Result<_, _>>();
            Ok(SecondDoorPolicy::Groups { groups: groups.map_err(AppError::from)? })
        }
        _ => Err(Refusal::missing("Choose when the second door is asked for.")),
    }
}

fn user_location(fields: &Fields) -> Result<UserLocation, Refusal> {
    let mut countries = BTreeMap::new();
    for (field, action) in [
        ("countries_no_second_door", PlaceAction::NoSecondDoor),
        ("countries_second_door", PlaceAction::SecondDoor),
        ("countries_deny", PlaceAction::Deny),
        ("countries_ignore", PlaceAction::Ignore),
    ] {
        for given in fields.text(field).split([' ', ',', ';', '\n', '\r']).filter(|given| !given.is_empty()) {
            let country: Country = given
                .parse()
                .map_err(|error| AppError::invalid("user_location", format!("`{given}`: {error}")))?;
            if countries.insert(country, action).is_some() {
                let text = format!("`{country}` stands in two lists; leave it in one");
                return Err(AppError::invalid("user_location", text).into());
            }
        }
    }
    let others = fields.word("countries_others");
    let others = others.ok_or_else(|| Refusal::missing("Choose what follows from all other countries."))?;
    Ok(UserLocation { others, countries })
}

fn networks(fields: &Fields) -> Result<AuthorizedNetworks, Refusal> {
    let blocks = |field: &str| -> Result<Vec<ipnet::IpNet>, Refusal> {
        fields.lines(field).iter().map(|line| block(line)).collect()
    };
    Ok(AuthorizedNetworks {
        no_second_door: blocks("networks_no_second_door")?,
        require_enrollment: fields.ticked("networks_require_enrollment"),
        second_door: blocks("networks_second_door")?,
        deny_others: fields.ticked("networks_deny_others"),
        blocked: blocks("networks_blocked")?,
    })
}

/// A block of addresses, or one address, which is a block too.
fn block(line: &str) -> Result<ipnet::IpNet, Refusal> {
    sallyport_wire::networks::block(line).ok_or_else(|| {
        let text = format!("`{line}` is no block of addresses, such as `192.0.2.0/24` or `2001:db8::/32`");
        AppError::invalid("authorized_networks", text).into()
    })
}

fn remembered(fields: &Fields) -> Result<RememberedDevices, Refusal> {
    let reach = fields.word("remembered_reach");
    let reach = reach.ok_or_else(|| Refusal::missing("Choose how far a remembered device reaches."))?;
    Ok(RememberedDevices { hours: number(fields, "remembered_hours")?, reach })
}

fn push(fields: &Fields) -> Result<VerifiedPush, Refusal> {
    let when = fields.word("number_when");
    let when = when.ok_or_else(|| Refusal::missing("Choose when a push has a number."))?;
    Ok(VerifiedPush { digits: number(fields, "digits")?, when })
}

fn lockout(fields: &Fields) -> Result<Lockout, Refusal> {
    Ok(Lockout { wrong_codes: number(fields, "wrong_codes")?, minutes: number(fields, "lockout_minutes")? })
}
