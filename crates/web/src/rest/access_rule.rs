//! Access rules: written, looked at before they hold, and brought back as they were.

use std::{borrow::Cow, net::IpAddr};

use axum::http::StatusCode;
use sallyport_api::rest::{CreateAccessRule, PreviewAccessRule, ReturnToVersion, UpdateAccessRule};
use sallyport_app::{
    access_rule::{self, Changed, Radius, RuleHeard, RuleVersion, WhatIf, WhatIfAt, WhatIfTold},
    application, device,
    policy::Decision,
    user,
};
use sallyport_model::{
    AccessRule, Action, RuleMode, Time,
    access_rule::Obligation,
    id::AccessRuleId,
    policy::{Country, Section},
    signin::{Reason, Resource, Would},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::{All, Answer, Created, Noun, PageOf},
    input::{IfMatch, Json, Listing, Named, Parameters, unacceptable},
    route::{Gives, LISTING, Needs::Right, Parameter, ParameterKind, Route, STATE, shape},
};
use crate::call::ApiCall;

/// An access rule as it is now.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ChangedAccessRule {
    #[serde(flatten)]
    rule: AccessRule,
    /// What follows from the change that whoever made it should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<&'static str>,
}

/// A rule as it was from one change on.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct AccessRuleVersion {
    /// The place of the change in the feed, to return to.
    change: i64,
    at: Time,
    by: String,
    verb: String,
    /// None: from then on it was not there.
    rule: Option<AccessRule>,
}

impl From<RuleVersion> for AccessRuleVersion {
    fn from(version: RuleVersion) -> Self {
        let RuleVersion { change, at, by, verb, rule } = version;
        Self { change, at, by, verb, rule }
    }
}

/// Whose sign-ins of the last thirty days would have ended differently, in one way.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct EndedDifferently {
    /// `denied`, `denied_admin_portal`, `other_factor`, `second_door`, `one_door` or `not_denied`.
    difference: &'static str,
    /// In words.
    says: &'static str,
    sign_ins: usize,
    people: usize,
    /// At most fifty.
    names: Vec<String>,
}

/// What a rule in a dry run would have done, as it was written down at the time.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct TriedOut {
    would: Would,
    sign_ins: usize,
    people: usize,
    /// At most fifty.
    names: Vec<String>,
}

/// Whom a change would have reached.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct BlastRadius {
    since: Time,
    /// How many sign-ins were looked at.
    looked_at: usize,
    /// Whether there were more than are looked at.
    more: bool,
    differences: Vec<EndedDifferently>,
    tried: Vec<TriedOut>,
    /// What was asked as it is now because nobody knows how it was.
    not_known: Vec<&'static str>,
}

impl From<Radius> for BlastRadius {
    fn from(radius: Radius) -> Self {
        let Radius { since, looked_at, more, differences, not_known, tried } = radius;
        let differences = differences.into_iter().map(|found| EndedDifferently {
            difference: found.difference.as_str(),
            says: found.difference.title(),
            sign_ins: found.sign_ins,
            people: found.people,
            names: found.names,
        });
        let tried = tried.into_iter().map(|found| TriedOut {
            would: found.would,
            sign_ins: found.sign_ins,
            people: found.people,
            names: found.names,
        });
        Self { since, looked_at, more, differences: differences.collect(), tried: tried.collect(), not_known }
    }
}

/// What one rule says.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RuleSaid {
    rule: AccessRuleId,
    name: String,
    mode: RuleMode,
    /// The rule in words.
    says: String,
    matches: bool,
    /// Why, in words.
    because: String,
}

impl From<RuleHeard> for RuleSaid {
    fn from(heard: RuleHeard) -> Self {
        Self {
            matches: heard.matches(),
            rule: heard.rule.id,
            name: heard.rule.name,
            mode: heard.rule.mode,
            says: heard.says,
            because: heard.because,
        }
    }
}

/// A section of policy as it holds there.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct SectionSaid {
    section: Section,
    says: String,
    /// Who says so, in words.
    because: String,
}

/// What would follow.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WouldFollow {
    Allow,
    SecondDoor,
    Deny,
}

/// What would happen to a person there, and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct WhatWouldHappen {
    resource: Resource,
    at: Time,
    #[schema(value_type = Option<String>)]
    country: Option<Country>,
    anonymous: bool,
    decision: WouldFollow,
    reasons: Vec<Reason>,
    #[schema(value_type = Vec<String>)]
    explanation: Vec<Cow<'static, str>>,
    /// What the rules ask of the second door, all together.
    obligation: Obligation,
    /// Names of the person's factors that would be offered. With none, whoever is asked has to enrol first.
    offers: Vec<String>,
    /// Every rule's word, in order of names.
    rules: Vec<RuleSaid>,
    /// Every section of policy.
    lines: Vec<SectionSaid>,
}

impl From<WhatIfTold> for WhatWouldHappen {
    fn from(told: WhatIfTold) -> Self {
        let lines =
            told.lines().into_iter().map(|(section, says, because)| SectionSaid { section, says, because });
        let lines = lines.collect();
        let explained = told.explained;
        Self {
            at: told.now,
            country: explained.place.country,
            anonymous: explained.place.anonymous,
            decision: match &explained.decision {
                Decision::Allow(_) => WouldFollow::Allow,
                Decision::SecondDoor(_) => WouldFollow::SecondDoor,
                Decision::Deny(_) => WouldFollow::Deny,
            },
            reasons: explained.reasons().to_vec(),
            explanation: explained.reasons().iter().map(Reason::text).collect(),
            obligation: explained.policy.obligation,
            offers: explained.offers.into_iter().map(|offer| offer.name).collect(),
            rules: told.rules.into_iter().map(RuleSaid::from).collect(),
            lines,
            resource: explained.resource,
        }
    }
}

/// What an expression can ask about.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ExpressionSchema {
    /// In the language of Cedar schemas.
    schema: &'static str,
}

/// At what, from where, on what and when.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Circumstances {
    portal: Option<String>,
    application: Option<String>,
    device: Option<String>,
    source: Option<IpAddr>,
    country: Option<Country>,
    anonymous: Option<bool>,
    on_device: Option<String>,
    at: Option<Time>,
}

const CIRCUMSTANCES: [Parameter; 8] = [
    text("portal", "`user`, `admin` or `api`; without it and what follows, `user`."),
    text("application", "An application."),
    text("device", "A device that is logged in at."),
    text("source", "The IP address that the person comes from."),
    text("country", "The two letters of a country, in place of the one that is known of the address."),
    Parameter {
        name: "anonymous",
        about: "Whether the network hides who uses it, in place of what is known of the address.",
        kind: ParameterKind::Flag,
    },
    text("on_device", "The device that the person is on, where it is known."),
    text("at", "When, such as `2030-12-31T18:00Z`; without it, now."),
];

const fn text(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, about, kind: ParameterKind::Text }
}

pub(super) fn routes() -> Vec<Route> {
    let (read, change) = (Right(Action::ReadSettings), Right(Action::ChangeSettings));
    let noun = || Gives::Noun(shape::<AccessRule>());
    let changed = || Gives::Noun(shape::<ChangedAccessRule>());
    vec![
        Route::get("/access-rules", list, read, "Lists access rules in order of names.")
            .with(&LISTING)
            .with(&[STATE])
            .gives(Gives::PageOfNouns(shape::<AccessRule>())),
        Route::post("/access-rules", create, change, "Writes an access rule.")
            .takes::<CreateAccessRule>()
            .gives(Gives::Created(shape::<ChangedAccessRule>())),
        Route::get("/access-rules/schema", schema, read, "Shows what the expression of an access rule can ask about.")
            .gives(Gives::One(shape::<ExpressionSchema>())),
        Route::post(
            "/access-rules/preview",
            preview,
            read,
            "Shows whose sign-ins of the last thirty days a change would have ended differently. Changes nothing.",
        )
        .takes::<PreviewAccessRule>()
        .gives(Gives::One(shape::<BlastRadius>())),
        Route::get("/access-rules/{access_rule}", show, read, "Shows an access rule.").gives(noun()),
        Route::patch("/access-rules/{access_rule}", update, change, "Changes an access rule, at once for everybody.")
            .takes::<UpdateAccessRule>()
            .conditional()
            .gives(changed()),
        Route::delete("/access-rules/{access_rule}", delete, change, "Deletes an access rule.").conditional(),
        Route::get(
            "/access-rules/{access_rule}/history",
            history,
            read,
            "Lists the versions of an access rule, the newest first; by its id of one that is deleted too.",
        )
        .gives(Gives::All(shape::<AccessRuleVersion>())),
        Route::post(
            "/access-rules/{access_rule}/return",
            restore,
            change,
            "Brings an access rule back as it was, which is a new change.",
        )
        .takes::<ReturnToVersion>()
        .conditional()
        .gives(changed()),
        Route::get(
            "/users/{user}/what-if",
            what_if,
            read,
            "Shows what would happen to a user somewhere, from where, on what and when, and why, rule by rule.",
        )
        .with(&CIRCUMSTANCES)
        .gives(Gives::One(shape::<WhatWouldHappen>())),
    ]
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(listing): Parameters<Listing>,
) -> Answer<PageOf<Noun<AccessRule>>> {
    let modes = RuleMode::ALL.map(RuleMode::as_str);
    Ok(access_rule::list(&ctx, listing.page(&modes)?).await?.into())
}

async fn create(
    ApiCall(ctx): ApiCall,
    Json(input): Json<CreateAccessRule>,
) -> Answer<Created<Noun<ChangedAccessRule>>> {
    let created = access_rule::create(&ctx, input).await?;
    Ok(Created { at: format!("/access-rules/{}", created.rule.id), noun: created.into() })
}

async fn schema(ApiCall(ctx): ApiCall) -> Answer<axum::Json<ExpressionSchema>> {
    ctx.allow(Action::ReadSettings)?;
    Ok(axum::Json(ExpressionSchema { schema: access_rule::SCHEMA }))
}

async fn preview(
    ApiCall(ctx): ApiCall,
    Json(input): Json<PreviewAccessRule>,
) -> Answer<axum::Json<BlastRadius>> {
    Ok(axum::Json(access_rule::radius(&ctx, input).await?.into()))
}

async fn show(ApiCall(ctx): ApiCall, Named(given): Named) -> Answer<Noun<AccessRule>> {
    Ok(access_rule::resolve(&ctx, &given).await?.into())
}

async fn update(
    ApiCall(ctx): ApiCall,
    Named(given): Named,
    IfMatch(version): IfMatch,
    Json(input): Json<UpdateAccessRule>,
) -> Answer<Noun<ChangedAccessRule>> {
    let rule = access_rule::resolve(&ctx, &given).await?;
    Ok(access_rule::update(&ctx, rule.id, version, input).await?.into())
}

async fn delete(ApiCall(ctx): ApiCall, Named(given): Named, IfMatch(version): IfMatch) -> Answer<StatusCode> {
    let rule = access_rule::resolve(&ctx, &given).await?;
    access_rule::delete(&ctx, rule.id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn history(ApiCall(ctx): ApiCall, Named(given): Named) -> Answer<All<AccessRuleVersion>> {
    let id = meant(&ctx, &given).await?;
    Ok(access_rule::history(&ctx, id).await?.into_iter().collect())
}

async fn restore(
    ApiCall(ctx): ApiCall,
    Named(given): Named,
    IfMatch(version): IfMatch,
    Json(input): Json<ReturnToVersion>,
) -> Answer<Noun<ChangedAccessRule>> {
    let id = meant(&ctx, &given).await?;
    Ok(access_rule::restore(&ctx, id, input.change, version).await?.into())
}

async fn what_if(
    ApiCall(ctx): ApiCall,
    Named(given): Named,
    Parameters(asked): Parameters<Circumstances>,
) -> Answer<axum::Json<WhatWouldHappen>> {
    let user = user::resolve(&ctx, &given).await?.id;
    let at = match (asked.portal.as_deref(), &asked.application, &asked.device) {
        (None | Some("user"), None, None) => WhatIfAt::Portal,
        (Some("admin"), None, None) => WhatIfAt::AdminPortal,
        (Some("api"), None, None) => WhatIfAt::Api,
        (None, Some(named), None) => WhatIfAt::Application(application::resolve(&ctx, named).await?.id),
        (None, None, Some(named)) => WhatIfAt::Device(device::resolve(&ctx, named).await?.id),
        _ => {
            return Err(unacceptable("ask about one portal (`user`, `admin`, `api`), application or device"));
        }
    };
    let device = match &asked.on_device {
        Some(named) => Some(device::resolve(&ctx, named).await?.id),
        None => None,
    };
    let Circumstances { source, country, anonymous, at: now, .. } = asked;
    let asked = WhatIf { user, at, source, country, anonymous, device, now };
    Ok(axum::Json(access_rule::what_if(&ctx, asked).await?.into()))
}

/// The rule that is meant, which may be deleted where its id is given.
async fn meant(ctx: &sallyport_app::Ctx, given: &str) -> Answer<AccessRuleId> {
    match given.parse() {
        Ok(id) => Ok(id),
        Err(_) => Ok(access_rule::resolve(ctx, given).await?.id),
    }
}

impl From<Changed> for Noun<ChangedAccessRule> {
    fn from(Changed { rule, notice }: Changed) -> Self {
        Self { version: rule.version, value: ChangedAccessRule { rule: rule.value, notice } }
    }
}
