//! A rule as a sentence, for people to read: the same words in lists, in what-if and beside the form.

use sallyport_model::{
    AccessRule, Action, Application, Group, User,
    access_rule::{Effect, OnDevice, RuleSays, Then, Weekday, What, When, Who},
    id::{AccessRuleId, GroupId, UserId},
};
use sallyport_store::Reader;

use crate::{AppError, Ctx};

/// So many of a list are named; the others are counted.
const MOST_NAMED: usize = 6;

/// A rule in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    pub rule: AccessRuleId,
    pub text: String,
}

/// These rules in words. Whoever may read rules reads the names in them.
///
/// # Errors
/// Denied.
pub async fn sentences(ctx: &Ctx, rules: Vec<AccessRule>) -> Result<Vec<Sentence>, AppError> {
    ctx.allow(Action::ReadSettings)?;
    ctx.read_many(move |reader| {
        let each = rules.iter().map(|rule| Ok(Sentence { rule: rule.id, text: text(reader, &rule.says)? }));
        each.collect()
    })
    .await
}

/// What a rule would say, in words.
///
/// # Errors
/// Denied.
pub async fn sentence(ctx: &Ctx, says: RuleSays) -> Result<String, AppError> {
    ctx.allow(Action::ReadSettings)?;
    ctx.read_many(move |reader| text(reader, &says)).await
}

pub(super) fn text(reader: &mut Reader, says: &RuleSays) -> Result<String, AppError> {
    let parts = [
        Some(who(reader, &says.who)?),
        Some(what(reader, &says.what)?),
        networks(says),
        countries(says),
        says.from.anonymous.map(|hides| format!("{} from a network that hides who uses it", not(!hides))),
        device(&says.device),
        says.when.as_ref().map(when),
        says.expression.as_ref().map(|_| "where its expression holds".to_owned()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().map(|part| part.trim().to_owned()).collect();
    Ok(format!("{}: {}.", parts.join(", "), then(&says.then)))
}

const fn not(not: bool) -> &'static str {
    if not { "not" } else { "" }
}

fn listed(names: &[String], last: &str) -> String {
    let more = names.len().saturating_sub(MOST_NAMED);
    let shown = names.get(..names.len() - more).unwrap_or_default();
    match shown {
        _ if more > 0 => format!("{} {last} {more} more", shown.join(", ")),
        [init @ .., end] if !init.is_empty() => format!("{} {last} {end}", init.join(", ")),
        all => all.join(""),
    }
}

fn users<'a>(
    reader: &mut Reader,
    ids: impl IntoIterator<Item = &'a UserId>,
) -> Result<Vec<String>, AppError> {
    let name = |id: &UserId| {
        let found = reader.find::<User>(*id)?;
        Ok(found.map_or_else(|| "somebody who is deleted".to_owned(), |user| user.name.to_string()))
    };
    ids.into_iter().map(name).collect()
}

fn groups<'a>(
    reader: &mut Reader,
    ids: impl IntoIterator<Item = &'a GroupId>,
) -> Result<Vec<String>, AppError> {
    let name = |id: &GroupId| {
        let found = reader.find::<Group>(*id)?;
        Ok(found
            .map_or_else(|| "a group that is deleted".to_owned(), |group| format!("“{}”", group.value.name)))
    };
    ids.into_iter().map(name).collect()
}

fn who(reader: &mut Reader, who: &Who) -> Result<String, AppError> {
    let mut named = users(reader, &who.users)?;
    let of_groups = groups(reader, &who.groups)?;
    named.extend(of_groups.into_iter().map(|group| format!("members of {group}")));
    let mut excepted = users(reader, &who.except_users)?;
    let of_groups = groups(reader, &who.except_groups)?;
    excepted.extend(of_groups.into_iter().map(|group| format!("members of {group}")));
    let meant = if who.is_everybody() { "everybody".to_owned() } else { listed(&named, "and") };
    Ok(if excepted.is_empty() {
        format!("For {meant}")
    } else {
        format!("For {meant} except {}", listed(&excepted, "and"))
    })
}

fn what(reader: &mut Reader, what: &What) -> Result<String, AppError> {
    if what.is_everything() {
        return Ok("at every door".into());
    }
    let mut named: Vec<String> = what.kinds.iter().map(|kind| kind.title().to_owned()).collect();
    for id in &what.applications {
        let found = reader.find::<Application>(*id)?;
        named.push(found.map_or_else(
            || "an application that is deleted".to_owned(),
            |application| format!("“{}”", application.value.name),
        ));
    }
    Ok(format!("at {}", listed(&named, "and")))
}

fn networks(says: &RuleSays) -> Option<String> {
    let of = says.from.networks.as_ref()?;
    let blocks: Vec<String> = of.networks.iter().map(ToString::to_string).collect();
    Some(format!("{} from {}", not(of.not), listed(&blocks, "or")))
}

fn countries(says: &RuleSays) -> Option<String> {
    let of = says.from.countries.as_ref()?;
    let names: Vec<String> = of.countries.iter().map(ToString::to_string).collect();
    Some(format!("{} in {}", not(of.not), listed(&names, "or")))
}

fn device(on: &OnDevice) -> Option<String> {
    let OnDevice { managed, bound, encrypted, os, seen } = on;
    let is = |is: bool| if is { "is" } else { "is not" };
    let mut said: Vec<String> = Vec::new();
    said.extend(managed.map(|wanted| format!("{} managed", is(wanted))));
    said.extend(bound.map(|wanted| format!("{} bound to them", is(wanted))));
    said.extend(encrypted.map(|wanted| format!("{} encrypted", is(wanted))));
    said.extend(os.as_ref().map(|os| {
        let named: Vec<String> =
            os.at_least.iter().map(|(name, version)| format!("{name} {version} or newer")).collect();
        format!("{} on {}", is(!os.not), listed(&named, "or"))
    }));
    said.extend(seen.map(|seen| {
        let was = if seen.not { "was not" } else { "was" };
        format!("{was} seen within {}", counted(seen.days.into(), "day"))
    }));
    (!said.is_empty()).then(|| format!("on a device that {}", listed(&said, "and")))
}

fn when(when: &When) -> String {
    let days: Vec<&str> =
        Weekday::ALL.into_iter().filter(|day| when.days.contains(day)).map(Weekday::title).collect();
    let days = match days.as_slice() {
        [] => "every day".to_owned(),
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"] => "Monday to Friday".to_owned(),
        ["Saturday", "Sunday"] => "at weekends".to_owned(),
        some => some.join(", "),
    };
    let hours = match (when.from, when.to) {
        (Some(from), Some(to)) => format!(" from {from} to {to}"),
        (Some(_), None) | (None, Some(_) | None) => String::new(),
    };
    let zone = if when.zone.is_empty() { "UTC" } else { &when.zone };
    let outside = if when.outside { "outside of " } else { "" };
    format!("{outside}{days}{hours} ({zone})")
}

fn then(then: &Then) -> String {
    match then.effect {
        Effect::Allow => "the first door is enough, but never for administrators".into(),
        Effect::Deny => "deny".into(),
        Effect::SecondDoor => {
            let by = then.methods.as_ref().map(|methods| {
                let names: Vec<String> = methods.iter().map(|method| method.text().to_owned()).collect();
                format!("by {}", listed(&names, "or"))
            });
            let fresh = then
                .fresh_minutes
                .map(|minutes| format!("passed within {}", counted(minutes as usize, "minute")));
            let remembered = then.remember_hours.map(|hours| match hours {
                0 => "never remembered".to_owned(),
                hours => format!("remembered for at most {}", counted(hours as usize, "hour")),
            });
            let more: Vec<String> = [by, fresh, remembered].into_iter().flatten().collect();
            if more.is_empty() {
                "ask for the second door".into()
            } else {
                format!("ask for the second door, {}", more.join(", "))
            }
        }
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
