//! Conditions in Cedar, for what the form of a rule cannot say. An expression is checked against the schema in strict mode
//! before it is kept, so what it asks about is there and of the type it takes it for; what can still go wrong when it is
//! asked is said, and denies.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::LazyLock,
};

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, EvalResult, Policy, PolicySet, Request,
    RestrictedExpression, ValidationMode, Validator, eval_expression,
};
use jiff::{Timestamp, tz::TimeZone};
use sallyport_model::{access_rule::RuleSays, id::GroupId};

use super::{Asked, Compiled, RuleError, device};

/// What an expression can ask about.
pub const SCHEMA: &str = include_str!("schema.cedarschema");

/// An expression that was checked.
#[derive(Debug)]
pub(super) struct Expression {
    ready: cedar_policy::Expression,
    /// The groups it names; whether somebody is in others, nobody asks.
    pub(super) groups: BTreeSet<GroupId>,
}

/// What an expression is asked in.
pub(super) type World = Result<(Request, Entities), String>;

/// The schema, read once.
struct Names {
    validator: Result<Validator, String>,
    user: Option<EntityTypeName>,
    group: Option<EntityTypeName>,
    resource: Option<EntityTypeName>,
    action: Option<EntityUid>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| Names {
    validator: cedar_policy::Schema::from_cedarschema_str(SCHEMA)
        .map(|(schema, _)| Validator::new(schema))
        .map_err(|error| error.to_string()),
    user: "User".parse().ok(),
    group: "Group".parse().ok(),
    resource: "Resource".parse().ok(),
    action: r#"Action::"sign_in""#.parse().ok(),
});

/// An expression that holds what the schema promises.
pub(super) fn check(text: &str) -> Result<Expression, RuleError> {
    let wrong = |why: String| RuleError::Expression(short(&why));
    if text.len() > RuleSays::LONGEST_EXPRESSION {
        return Err(wrong(format!("it is longer than {} bytes", RuleSays::LONGEST_EXPRESSION)));
    }
    let ready: cedar_policy::Expression = text.parse().map_err(|error| wrong(format!("{error}")))?;
    // As it was understood, not as it was written: what comes after a comment would be the end of the policy.
    let policy = format!(
        "permit (principal is User, action == Action::\"sign_in\", resource is Resource) when {{ {ready} }};"
    );
    let policy = Policy::parse(None, policy).map_err(|error| wrong(error.to_string()))?;
    let groups = policy.entity_literals();
    let set = PolicySet::from_policies([policy]).map_err(|error| wrong(error.to_string()))?;
    let validator = NAMES.validator.as_ref().map_err(|why| wrong(why.clone()))?;
    let result = validator.validate(&set, ValidationMode::Strict);
    if let Some(error) = result.validation_errors().next() {
        return Err(wrong(error.to_string()));
    }
    let groups = groups.iter().filter(|uid| Some(uid.type_name()) == NAMES.group.as_ref());
    Ok(Expression { ready, groups: groups.filter_map(|uid| uid.id().unescaped().parse().ok()).collect() })
}

/// All that expressions may ask about in this attempt. Of the groups around the person those that one of them names.
pub(super) fn world<'r>(asked: &Asked<'_>, rules: impl Iterator<Item = &'r Compiled>) -> World {
    let named: BTreeSet<&GroupId> =
        rules.filter_map(Compiled::expression).flat_map(|expression| &expression.groups).collect();
    let inside: Vec<&GroupId> = named.into_iter().filter(|group| asked.groups.contains(group)).collect();
    facts(asked, &inside).map_err(|why| short(&why))
}

impl Expression {
    pub(super) fn holds(&self, world: &World) -> Result<bool, String> {
        let (request, entities) = world.as_ref().map_err(Clone::clone)?;
        match eval_expression(request, entities, &self.ready) {
            Ok(EvalResult::Bool(holds)) => Ok(holds),
            Ok(_) => Err("it is neither true nor false".into()),
            Err(error) => Err(short(&error.to_string())),
        }
    }
}

fn facts(asked: &Asked<'_>, inside: &[&GroupId]) -> Result<(Request, Entities), String> {
    let names = &*NAMES;
    let missing = || "the schema cannot be read".to_owned();
    let uid = |kind: &Option<EntityTypeName>, id: String| {
        let kind = kind.clone().ok_or_else(missing)?;
        Ok::<_, String>(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
    };
    let person = uid(&names.user, asked.user.id.to_string())?;
    let at = asked.at;
    let place = at.application.map_or_else(|| at.kind.as_str().to_owned(), |id| id.to_string());
    let resource = uid(&names.resource, place)?;
    let around = inside.iter().map(|group| uid(&names.group, group.to_string()));
    let around = around.collect::<Result<HashSet<_>, _>>()?;
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let entities = [
        Entity::new_with_tags(person.clone(), user(asked), around, attributes(asked))
            .map_err(|error| said(&error))?,
        Entity::new(resource.clone(), resource_facts(asked), HashSet::new()).map_err(|error| said(&error))?,
    ];
    let entities = Entities::from_entities(entities, None).map_err(|error| said(&error))?;
    let context = Context::from_pairs(context(asked)?).map_err(|error| said(&error))?;
    let action = names.action.clone().ok_or_else(missing)?;
    let request = Request::new(person, action, resource, context, None).map_err(|error| said(&error))?;
    Ok((request, entities))
}

fn text(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_owned())
}

fn texts<'t>(values: impl IntoIterator<Item = &'t str>) -> RestrictedExpression {
    RestrictedExpression::new_set(values.into_iter().map(text))
}

fn user(asked: &Asked<'_>) -> HashMap<String, RestrictedExpression> {
    let user = asked.user;
    let facts = [
        ("name", text(user.name.as_str())),
        ("display_name", text(&user.display_name)),
        ("roles", texts(user.roles.iter().map(|role| role.as_str()))),
    ];
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What the organisation calls by names of its own.
fn attributes<'a>(asked: &Asked<'a>) -> impl Iterator<Item = (String, RestrictedExpression)> + use<'a> {
    asked.user.about.attributes.iter().map(|(name, value)| (name.clone(), text(value)))
}

fn resource_facts(asked: &Asked<'_>) -> HashMap<String, RestrictedExpression> {
    let facts = [("kind", text(asked.at.kind.as_str())), ("name", text(asked.at.name))];
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn context(asked: &Asked<'_>) -> Result<Vec<(String, RestrictedExpression)>, String> {
    let place = asked.place;
    let flag = RestrictedExpression::new_bool;
    let mut facts = vec![("anonymous".to_owned(), flag(place.anonymous)), ("time".to_owned(), time(asked)?)];
    if let Some(address) = place.address {
        let address = RestrictedExpression::new_ip(address.to_canonical().to_string());
        facts.push(("address".to_owned(), address));
    }
    if let Some(country) = place.country {
        facts.push(("country".to_owned(), text(country.as_str())));
    }
    if let Some(facts_of) = asked.device {
        let long = RestrictedExpression::new_long;
        let seen = facts_of.seen.map(|seen| asked.now.since(seen).as_seconds() / (24 * 3600));
        let known = [
            ("managed", Some(flag(facts_of.managed))),
            ("bound", Some(flag(facts_of.bound))),
            ("encrypted", facts_of.encrypted.map(flag)),
            ("platform", Some(text(device::platform(facts_of.platform)))),
            ("os", Some(text(&facts_of.os))),
            ("os_version", Some(text(&facts_of.os_version))),
            ("seen_days", seen.map(long)),
        ];
        let known = known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let record = RestrictedExpression::new_record(known).map_err(|error| error.to_string())?;
        facts.push(("device".to_owned(), record));
    }
    Ok(facts)
}

/// The time in UTC.
fn time(asked: &Asked<'_>) -> Result<RestrictedExpression, String> {
    let stamp = Timestamp::from_microsecond(asked.now.0).map_err(|error| error.to_string())?;
    let here = TimeZone::UTC.to_datetime(stamp);
    let long = |value: i8| RestrictedExpression::new_long(value.into());
    let facts = [
        ("unix", RestrictedExpression::new_long(asked.now.unix_seconds())),
        ("weekday", long(here.weekday().to_monday_one_offset())),
        ("hour", long(here.hour())),
        ("minute", long(here.minute())),
    ];
    RestrictedExpression::new_record(facts.map(|(name, value)| (name.to_owned(), value)))
        .map_err(|error| error.to_string())
}

/// Longest explanation that is passed on.
const LONGEST: usize = 300;

fn short(why: &str) -> String {
    why.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}
