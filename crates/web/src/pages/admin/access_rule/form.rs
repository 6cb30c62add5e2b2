//! The form of a rule, which reads as its sentence: each condition is chosen as minded or not.

use std::collections::{BTreeMap, BTreeSet};

use sallyport_app::{AppError, Ctx, PageRequest, application};
use sallyport_model::{
    Method,
    access_rule::{
        Effect, FromCountries, FromNetworks, FromWhere, OnDevice, OsVersions, ResourceKind, RuleSays,
        SeenWithin, Then, Weekday, What, When, Who,
    },
    id::ApplicationId,
};

use super::pick;
use crate::pages::{fields::Fields, refusal::Refusal};

/// So many applications are offered.
const OFFERED: usize = 200;

/// What the form shows.
pub(super) struct Form {
    pub(super) says: RuleSays,
    pub(super) users: Vec<pick::Choice>,
    pub(super) groups: Vec<pick::Choice>,
    pub(super) except_users: Vec<pick::Choice>,
    pub(super) except_groups: Vec<pick::Choice>,
    pub(super) applications: Vec<(ApplicationId, String)>,
}

/// One thing that may be minded or not.
const fn is(wanted: Option<bool>) -> &'static str {
    match wanted {
        None => "",
        Some(true) => "is",
        Some(false) => "is_not",
    }
}

impl Form {
    pub(super) async fn of(ctx: &Ctx, says: RuleSays) -> Result<Self, Refusal> {
        let who = &says.who;
        let ids = |ids: &BTreeSet<sallyport_model::id::UserId>| ids.iter().copied().collect::<Vec<_>>();
        let group_ids =
            |ids: &BTreeSet<sallyport_model::id::GroupId>| ids.iter().copied().collect::<Vec<_>>();
        let request = PageRequest { limit: OFFERED, ..PageRequest::default() };
        let known = application::list(ctx, request).await?.items;
        let known = known.into_iter().filter(|application| application.kind.is_signed_in_to());
        let mut applications: Vec<_> = known.map(|known| (known.id, known.value.name)).collect();
        // One that is named and beyond the list, or gone, must not fall out of the rule unseen.
        for id in &says.what.applications {
            if !applications.iter().any(|(known, _)| known == id) {
                applications.push((*id, id.to_string()));
            }
        }
        Ok(Self {
            users: pick::chosen(ctx, pick::Kind::Users, &ids(&who.users)).await?,
            groups: pick::chosen(ctx, pick::Kind::UserGroups, &group_ids(&who.groups)).await?,
            except_users: pick::chosen(ctx, pick::Kind::Users, &ids(&who.except_users)).await?,
            except_groups: pick::chosen(ctx, pick::Kind::UserGroups, &group_ids(&who.except_groups)).await?,
            applications,
            says,
        })
    }

    pub(super) fn names_kind(&self, kind: &ResourceKind) -> bool {
        self.says.what.kinds.contains(kind)
    }

    pub(super) fn names_application(&self, id: &ApplicationId) -> bool {
        self.says.what.applications.contains(id)
    }

    pub(super) fn networks_are(&self) -> &'static str {
        is(self.says.from.networks.as_ref().map(|of| !of.not))
    }

    pub(super) fn networks(&self) -> String {
        let blocks = self.says.from.networks.iter().flat_map(|of| &of.networks);
        blocks.map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    pub(super) fn countries_are(&self) -> &'static str {
        is(self.says.from.countries.as_ref().map(|of| !of.not))
    }

    pub(super) fn countries(&self) -> String {
        let names = self.says.from.countries.iter().flat_map(|of| &of.countries);
        names.map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    pub(super) fn anonymous(&self) -> &'static str {
        is(self.says.from.anonymous)
    }

    pub(super) fn managed(&self) -> &'static str {
        is(self.says.device.managed)
    }

    pub(super) fn bound(&self) -> &'static str {
        is(self.says.device.bound)
    }

    pub(super) fn encrypted(&self) -> &'static str {
        is(self.says.device.encrypted)
    }

    pub(super) fn os_is(&self) -> &'static str {
        is(self.says.device.os.as_ref().map(|of| !of.not))
    }

    pub(super) fn os(&self) -> String {
        let named = self.says.device.os.iter().flat_map(|of| &of.at_least);
        named.map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join("\n")
    }

    pub(super) fn seen_is(&self) -> &'static str {
        is(self.says.device.seen.map(|of| !of.not))
    }

    pub(super) fn seen_days(&self) -> String {
        self.says.device.seen.map(|of| of.days.to_string()).unwrap_or_default()
    }

    pub(super) fn when_is(&self) -> &'static str {
        is(self.says.when.as_ref().map(|when| !when.outside))
    }

    pub(super) fn names_day(&self, day: &Weekday) -> bool {
        self.says.when.as_ref().is_some_and(|when| when.days.contains(day))
    }

    pub(super) fn time_from(&self) -> String {
        self.says.when.as_ref().and_then(|when| when.from).map(|time| time.to_string()).unwrap_or_default()
    }

    pub(super) fn time_to(&self) -> String {
        self.says.when.as_ref().and_then(|when| when.to).map(|time| time.to_string()).unwrap_or_default()
    }

    pub(super) fn zone(&self) -> &str {
        self.says.when.as_ref().map_or("", |when| when.zone.as_str())
    }

    pub(super) fn expression(&self) -> &str {
        self.says.expression.as_deref().unwrap_or_default()
    }

    pub(super) fn counts(&self, method: &Method) -> bool {
        self.says.then.methods.as_ref().is_some_and(|methods| methods.contains(method))
    }

    pub(super) fn fresh(&self) -> String {
        self.says.then.fresh_minutes.map(|minutes| minutes.to_string()).unwrap_or_default()
    }

    pub(super) fn remember(&self) -> String {
        self.says.then.remember_hours.map(|hours| hours.to_string()).unwrap_or_default()
    }
}

/// What the form brought.
pub(super) fn read(fields: &Fields) -> Result<RuleSays, Refusal> {
    Ok(RuleSays {
        who: Who {
            users: ids(fields, "users")?,
            groups: ids(fields, "groups")?,
            except_users: ids(fields, "except_users")?,
            except_groups: ids(fields, "except_groups")?,
        },
        what: What {
            kinds: fields.words("kinds").into_iter().collect(),
            applications: ids(fields, "applications")?,
        },
        from: from(fields)?,
        device: device(fields)?,
        when: when(fields)?,
        expression: fields.optional("expression"),
        then: then(fields)?,
    })
}

fn ids<T: std::str::FromStr<Err = sallyport_model::id::IdError> + Ord>(
    fields: &Fields,
    name: &str,
) -> Result<BTreeSet<T>, Refusal> {
    let ids = fields.list(name).iter().map(|id| id.parse()).collect::<Result<_, _>>();
    Ok(ids.map_err(AppError::from)?)
}

/// Whether something is minded, and which way. What is filled in and not minded is refused, for one of the two was not meant.
fn minded(fields: &Fields, name: &str, of: &[&str]) -> Result<Option<bool>, Refusal> {
    match fields.raw(name) {
        "is" => Ok(Some(true)),
        "is_not" => Ok(Some(false)),
        _ if of.iter().any(|field| !fields.text(field).is_empty()) => Err(Refusal::missing(
            "Something is filled in that the rule does not mind. Choose in front of it what it should be, or empty it. Nothing was saved.",
        )),
        _ => Ok(None),
    }
}

fn from(fields: &Fields) -> Result<FromWhere, Refusal> {
    let networks = match minded(fields, "networks_are", &["networks"])? {
        Some(is) => Some(FromNetworks {
            not: !is,
            networks: fields.lines("networks").iter().map(|line| block(line)).collect::<Result<_, _>>()?,
        }),
        None => None,
    };
    let countries = match minded(fields, "countries_are", &["countries"])? {
        Some(is) => {
            let given = fields.text("countries");
            let names = given.split([' ', ',', ';', '\n', '\r']).filter(|name| !name.is_empty());
            let read = |name: &str| {
                name.parse().map_err(|error| AppError::invalid("countries", format!("`{name}`: {error}")))
            };
            Some(FromCountries { not: !is, countries: names.map(read).collect::<Result<_, AppError>>()? })
        }
        None => None,
    };
    Ok(FromWhere { networks, countries, anonymous: minded(fields, "anonymous", &[])? })
}

/// A block of addresses, or one address, which is a block too.
fn block(line: &str) -> Result<ipnet::IpNet, AppError> {
    sallyport_wire::networks::block(line).ok_or_else(|| {
        let text = format!("`{line}` is no block of addresses, such as `192.0.2.0/24` or `2001:db8::/32`");
        AppError::invalid("networks", text)
    })
}

fn device(fields: &Fields) -> Result<OnDevice, Refusal> {
    let os = match minded(fields, "os_is", &["os"])? {
        Some(is) => Some(OsVersions { not: !is, at_least: versions(fields)? }),
        None => None,
    };
    let seen = match minded(fields, "seen_is", &["seen_days"])? {
        Some(is) => {
            let days = fields.number_if_given("seen_days")?;
            let days =
                days.ok_or_else(|| Refusal::missing("Give the days within which the device was seen."))?;
            Some(SeenWithin { not: !is, days })
        }
        None => None,
    };
    Ok(OnDevice {
        managed: minded(fields, "managed", &[])?,
        bound: minded(fields, "bound", &[])?,
        encrypted: minded(fields, "encrypted", &[])?,
        os,
        seen,
    })
}

/// A system and its oldest version in a line.
fn versions(fields: &Fields) -> Result<BTreeMap<String, String>, AppError> {
    let read = |line: &String| {
        let parts = line.rsplit_once(' ').map(|(name, version)| (name.trim().to_owned(), version.to_owned()));
        let text = || format!("`{line}` is no system and version, such as `debian 12`");
        parts.ok_or_else(|| AppError::invalid("os", text()))
    };
    fields.lines("os").iter().map(read).collect()
}

fn when(fields: &Fields) -> Result<Option<When>, Refusal> {
    let Some(is) = minded(fields, "when_is", &["time_from", "time_to", "zone"])? else { return Ok(None) };
    let time = |name: &'static str| {
        let given = fields.optional(name).map(|text| text.parse());
        given.transpose().map_err(|error: sallyport_model::access_rule::DayTimeError| {
            AppError::invalid(name, error.to_string())
        })
    };
    Ok(Some(When {
        outside: !is,
        days: fields.words("days").into_iter().collect(),
        from: time("time_from")?,
        to: time("time_to")?,
        zone: fields.text("zone"),
    }))
}

fn then(fields: &Fields) -> Result<Then, Refusal> {
    let effect = fields.word("effect").ok_or_else(|| Refusal::missing("Choose what follows."))?;
    let methods: BTreeSet<Method> = fields.words("methods").into_iter().collect();
    Ok(match effect {
        Effect::Allow | Effect::Deny => Then { effect, ..Then::default() },
        Effect::SecondDoor => Then {
            effect,
            methods: (!methods.is_empty()).then_some(methods),
            fresh_minutes: fields.number_if_given("fresh_minutes")?,
            remember_hours: fields.number_if_given("remember_hours")?,
        },
    })
}
