//! Whom a change of access rules would have reached: the sign-ins of the last thirty days asked again, under the rules as they
//! are and as they would be. And what rules in a dry run would have done, as it was written down at the time.
//!
//! A sign-in says who, at what, when and from where; that is asked as it was. Groups, roles, policies and what is known of
//! devices are asked as they are now. How fresh a door was, and what was remembered for how long, cannot be asked again.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use sallyport_api::rest::PreviewAccessRule;
use sallyport_model::{
    AccessRule, Action, PasswordStatus, RuleMode, Span, Time, User, UserState, fold,
    id::{AccessRuleId, GroupId, UserId},
    signin::{Reason, Resource, SignIn, SignInState, Would},
};
use sallyport_policy::{
    Compiled, Decision, EffectiveLogin, EffectivePolicy, Enrolled, Place, Request, Rules, Said, decide,
};
use sallyport_store::Reader;

use super::{From, ask, check, known};
use crate::{AppError, Ctx, device::login_settings, factor, policy, signin::id_at};

/// So far back sign-ins are looked at.
pub const LOOKS_BACK: Span = Span::days(30);
/// At most so many, the newest.
pub const MOST_LOOKED_AT: usize = 20_000;
const AT_ONCE: i64 = 500;
/// So many people are named of each kind of difference; the others are counted.
const MOST_NAMED: usize = 50;

/// How a sign-in would have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// Was let in, and would have been denied.
    Denied,
    /// Was let in to the portal as an administrator, and would have been denied the administrators'.
    DeniedAdminPortal,
    /// Passed the second door with what would not have counted.
    OtherFactor,
    /// Was let in by one door, and would have been asked for the second.
    SecondDoor,
    /// Was asked for the second door, and would not have been.
    OneDoor,
    /// Was denied by a rule, and would not have been.
    NotDenied,
}

impl Difference {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::DeniedAdminPortal => "denied_admin_portal",
            Self::OtherFactor => "other_factor",
            Self::SecondDoor => "second_door",
            Self::OneDoor => "one_door",
            Self::NotDenied => "not_denied",
        }
    }

    /// For people to read.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Denied => "would have been denied",
            Self::DeniedAdminPortal => "would have been denied the administrators' portal",
            Self::OtherFactor => "would have had to use another factor",
            Self::SecondDoor => "would have been asked for the second door",
            Self::OneDoor => "would not have been asked for the second door",
            Self::NotDenied => "would not have been denied by a rule",
        }
    }
}

/// Whose sign-ins would have ended differently in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WentOtherwise {
    pub difference: Difference,
    pub sign_ins: usize,
    pub people: usize,
    /// Names of the people, in order, as far as they are named.
    pub names: Vec<String>,
}

/// What a change would have come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Radius {
    pub since: Time,
    /// How many sign-ins were looked at.
    pub looked_at: usize,
    /// Whether there were more than are looked at.
    pub more: bool,
    pub differences: Vec<WentOtherwise>,
    /// What was asked as it is now because nobody knows how it was.
    pub not_known: Vec<&'static str>,
    /// Of a rule that is in a dry run: what it said at the time, as it was written down.
    pub tried: Vec<Tried>,
}

/// What a rule in a dry run would have done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    pub would: Would,
    pub sign_ins: usize,
    pub people: usize,
    pub names: Vec<String>,
}

/// Looks at whom a change would have reached. Nothing is changed.
///
/// # Errors
/// Denied, no such rule, or a rule that could not be saved.
pub async fn radius(ctx: &Ctx, preview: PreviewAccessRule) -> Result<Radius, AppError> {
    ctx.allow(Action::ReadSettings)?;
    ctx.allow(Action::ReadSignIns)?;
    let (asking, fresh) = (ctx.clone(), ctx.id(AccessRuleId::new)?);
    ctx.read_many(move |reader| {
        let before = asking.org.view.access_rules(reader)?;
        let (changed, now) = changed(reader, &asking, fresh, &preview)?;
        let others = before.iter().filter(|rule| rule.id != changed).map(Arc::clone);
        let asks = now.as_ref().is_some_and(|rule| rule.asks_about_devices());
        let after = Rules::new(others.chain(now));
        let asks = asks || before.iter().any(|rule| rule.id == changed && rule.asks_about_devices());
        Look::new(&asking, before, after, changed).over(reader, asks)
    })
    .await
}

/// The rule that would change, and as it would be from then on; nothing where it would not be asked.
fn changed(
    reader: &mut Reader,
    ctx: &Ctx,
    fresh: AccessRuleId,
    preview: &PreviewAccessRule,
) -> Result<(AccessRuleId, Option<Arc<Compiled>>), AppError> {
    let mut rule = match preview.rule {
        Some(id) => known(reader, id)?.value,
        None => AccessRule {
            id: fresh,
            name: "New rule".into(),
            note: String::new(),
            mode: RuleMode::On,
            says: preview
                .says
                .clone()
                .ok_or_else(|| AppError::invalid("says", "say what the rule would say"))?,
            created: ctx.now,
        },
    };
    rule.mode = preview.mode.unwrap_or(rule.mode);
    if let Some(says) = &preview.says {
        rule.says = says.clone();
    }
    if preview.delete || rule.mode == RuleMode::Off {
        return Ok((rule.id, None));
    }
    check::says(reader, &rule)?;
    Ok((rule.id, Some(Arc::new(Compiled::saved(&rule)))))
}

/// A person as rules see them, and what policy says of them at one place.
struct Person {
    user: User,
    groups: Arc<BTreeSet<GroupId>>,
}

struct Look<'a> {
    ctx: &'a Ctx,
    before: Arc<Rules>,
    after: Rules,
    changed: AccessRuleId,
    people: HashMap<UserId, Option<Arc<Person>>>,
    policies: HashMap<(UserId, String), Arc<EffectivePolicy>>,
    logins: HashMap<String, Arc<EffectiveLogin>>,
    differences: BTreeMap<Difference, (usize, BTreeMap<UserId, String>)>,
    tried: Vec<(Would, usize, BTreeMap<UserId, String>)>,
}

impl<'a> Look<'a> {
    fn new(ctx: &'a Ctx, before: Arc<Rules>, after: Rules, changed: AccessRuleId) -> Self {
        Self {
            ctx,
            before,
            after,
            changed,
            people: HashMap::new(),
            policies: HashMap::new(),
            logins: HashMap::new(),
            differences: BTreeMap::new(),
            tried: Vec::new(),
        }
    }

    fn over(mut self, reader: &mut Reader, asks_about_devices: bool) -> Result<Radius, AppError> {
        let since = self.ctx.now.minus(LOOKS_BACK);
        let (first, mut before, mut looked_at, mut more) = (id_at(since), None, 0, false);
        loop {
            let page = reader.sign_ins_since(first, before, AT_ONCE)?;
            let Some(last) = page.last().map(|sign_in: &SignIn| sign_in.id) else { break };
            for sign_in in &page {
                if looked_at == MOST_LOOKED_AT {
                    more = true;
                    break;
                }
                looked_at += 1;
                self.at(reader, sign_in)?;
            }
            if more || i64::try_from(page.len()).is_ok_and(|found| found < AT_ONCE) {
                break;
            }
            before = Some(last);
        }
        Ok(self.told(since, looked_at, more, asks_about_devices))
    }

    fn told(self, since: Time, looked_at: usize, more: bool, asks_about_devices: bool) -> Radius {
        let named = |people: BTreeMap<UserId, String>| {
            let mut names: Vec<String> = people.into_values().collect();
            names.sort_by_key(|name| fold(name));
            names.truncate(MOST_NAMED);
            names
        };
        let differences = self.differences.into_iter().map(|(difference, (sign_ins, people))| {
            WentOtherwise { difference, sign_ins, people: people.len(), names: named(people) }
        });
        let tried = self.tried.into_iter().map(|(would, sign_ins, people)| Tried {
            would,
            sign_ins,
            people: people.len(),
            names: named(people),
        });
        let mut not_known = vec![
            "groups, roles and policies are asked as they are now",
            "how long ago a second door was passed, and what was remembered for how long, is not asked again",
        ];
        if asks_about_devices {
            not_known.push("devices are asked as they are now, and of sign-ins by browser none is known");
        }
        Radius {
            since,
            looked_at,
            more,
            differences: differences.collect(),
            not_known,
            tried: tried.collect(),
        }
    }

    fn at(&mut self, reader: &mut Reader, sign_in: &SignIn) -> Result<(), AppError> {
        let (Some(user), true) = (sign_in.user, sign_in.state.is_over()) else { return Ok(()) };
        let Some(person) = self.person(reader, user)? else { return Ok(()) };
        self.count_tried(sign_in, &person);
        if let Some(difference) = self.difference(reader, sign_in, &person)? {
            let (count, people) = self.differences.entry(difference).or_default();
            *count += 1;
            people.insert(user, person.user.name.to_string());
        }
        Ok(())
    }

    fn count_tried(&mut self, sign_in: &SignIn, person: &Person) {
        let of_rule =
            sign_in.reasons.iter().filter(|reason| reason.rule().is_some_and(|by| by.rule == self.changed));
        for reason in of_rule {
            let Reason::RuleTried { would, .. } = reason else { continue };
            let place = match self.tried.iter().position(|(known, ..)| known == would) {
                Some(place) => place,
                None => {
                    self.tried.push((*would, 0, BTreeMap::new()));
                    self.tried.len() - 1
                }
            };
            if let Some((_, count, people)) = self.tried.get_mut(place) {
                *count += 1;
                people.insert(person.user.id, person.user.name.to_string());
            }
        }
    }

    /// How this one would have ended, if not as it did.
    fn difference(
        &mut self,
        reader: &mut Reader,
        sign_in: &SignIn,
        person: &Person,
    ) -> Result<Option<Difference>, AppError> {
        let source = sign_in.source.as_deref().and_then(|source| source.parse().ok());
        let place = self.ctx.org.places.of(source);
        // The country as it was known then.
        let place = Place { country: sign_in.country.or(place.country), ..place };
        let from =
            From { place, now: Some(sign_in.created), device: sign_in.managed_device, ..From::default() };
        let was_let_in = matches!(sign_in.state, SignInState::Allowed { .. });
        let [before, after] = self.said(reader, person, &sign_in.resource, &from)?;
        if before != after
            && let Some(difference) = self.ended(reader, sign_in, person, place, [&before, &after])?
        {
            return Ok(Some(difference));
        }
        if was_let_in && sign_in.resource == Resource::Portal && !person.user.roles.is_empty() {
            let from = From { admin_portal: true, ..from };
            let [before, after] = self.said(reader, person, &sign_in.resource, &from)?;
            if before.against().is_empty() && !after.against().is_empty() {
                return Ok(Some(Difference::DeniedAdminPortal));
            }
        }
        Ok(None)
    }

    fn ended(
        &mut self,
        reader: &mut Reader,
        sign_in: &SignIn,
        person: &Person,
        place: Place,
        [before, after]: [&Said; 2],
    ) -> Result<Option<Difference>, AppError> {
        let policy = self.policy(reader, person, &sign_in.resource)?;
        let login = self.login(reader, &sign_in.resource)?;
        let decided = |said: &Said| {
            let held = EffectivePolicy::clone(&policy).under(&said.obligation);
            let decision = decide(&Request {
                user: &person.user,
                groups: &person.groups,
                policy: &held,
                rules: said,
                device_login: login.as_deref(),
                place,
                enrolled: Enrolled::Factor,
                remembered: sign_in.reasons.contains(&Reason::DeviceRemembered),
                own_password: false,
                stranger: false,
                objection: None,
            });
            (decision, held)
        };
        let ((was, held), (would_be, would_hold)) = (decided(before), decided(after));
        let was_let_in = matches!(sign_in.state, SignInState::Allowed { .. });
        let by_a_rule = sign_in
            .reasons
            .iter()
            .any(|reason| matches!(reason, Reason::RuleDenies(_) | Reason::RuleFailed(_)));
        let passed = sign_in.second_door.as_ref().map(|passed| passed.kind);
        Ok(match (was, would_be) {
            (Decision::Allow(_) | Decision::SecondDoor(_), Decision::Deny(_)) if was_let_in => {
                Some(Difference::Denied)
            }
            (Decision::Deny(_), Decision::Allow(_) | Decision::SecondDoor(_)) if by_a_rule => {
                Some(Difference::NotDenied)
            }
            (_, Decision::SecondDoor(_)) if was_let_in && passed.is_none() => Some(Difference::SecondDoor),
            (Decision::SecondDoor(_), Decision::Allow(_)) if was_let_in => Some(Difference::OneDoor),
            (_, Decision::SecondDoor(_)) => passed
                .filter(|kind| {
                    was_let_in && factor::counts(&held, *kind) && !factor::counts(&would_hold, *kind)
                })
                .map(|_| Difference::OtherFactor),
            (Decision::Allow(_) | Decision::Deny(_) | Decision::SecondDoor(_), _) => None,
        })
    }

    /// What the rules say as they are, and as they would be.
    fn said(
        &self,
        reader: &mut Reader,
        person: &Person,
        resource: &Resource,
        from: &From,
    ) -> Result<[Said; 2], AppError> {
        let at = ask::at(reader, self.ctx, resource, from)?;
        let mut said = [const { None }; 2];
        for (rules, said) in [&*self.before, &self.after].into_iter().zip(&mut said) {
            let device = ask::facts(reader, rules, &person.user, resource, from)?;
            *said = Some(rules.ask(&ask::asked(
                self.ctx,
                &person.user,
                &person.groups,
                at,
                device.as_ref(),
                from,
            )));
        }
        Ok(said.map(Option::unwrap_or_default))
    }

    /// Somebody who is still there, as if nothing but rules and policies stood in their way.
    fn person(&mut self, reader: &mut Reader, id: UserId) -> Result<Option<Arc<Person>>, AppError> {
        if let Some(known) = self.people.get(&id) {
            return Ok(known.clone());
        }
        let found = match reader.find::<User>(id)? {
            Some(user) => {
                let groups = self.ctx.org.view.groups_around(reader, id)?;
                let user = User {
                    state: UserState::Active,
                    password_status: PasswordStatus::Active,
                    password_lock: None,
                    ..user.value
                };
                Some(Arc::new(Person { user, groups }))
            }
            None => None,
        };
        self.people.insert(id, found.clone());
        Ok(found)
    }

    /// What holds for them there without any rule.
    fn policy(
        &mut self,
        reader: &mut Reader,
        person: &Person,
        resource: &Resource,
    ) -> Result<Arc<EffectivePolicy>, AppError> {
        let key = (person.user.id, place_of(resource));
        if let Some(known) = self.policies.get(&key) {
            return Ok(Arc::clone(known));
        }
        let found = Arc::new(policy::sections_in_force(reader, self.ctx, resource, &person.groups)?);
        self.policies.insert(key, Arc::clone(&found));
        Ok(found)
    }

    fn login(
        &mut self,
        reader: &mut Reader,
        resource: &Resource,
    ) -> Result<Option<Arc<EffectiveLogin>>, AppError> {
        let Resource::DeviceLogin { device, .. } = resource else { return Ok(None) };
        let key = device.to_string();
        if let Some(known) = self.logins.get(&key) {
            return Ok(Some(Arc::clone(known)));
        }
        let found = Arc::new(login_settings::effective(reader, *device)?);
        self.logins.insert(key, Arc::clone(&found));
        Ok(Some(found))
    }
}

/// What policies are applied by.
fn place_of(resource: &Resource) -> String {
    match resource {
        Resource::Api | Resource::Portal => "portal".into(),
        Resource::Application { application, .. } => application.to_string(),
        Resource::DeviceLogin { .. } => "devices".into(),
    }
}
