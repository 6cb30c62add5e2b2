//! Policies, and what they come to for somebody.

use std::{borrow::Cow, net::IpAddr};

use axum::http::StatusCode;
use sallyport_api::rest::{CreatePolicy, UpdatePolicy};
use sallyport_app::{
    application, device,
    policy::{self, AppliedTo, Changed, Decision, Explained, Origin, Standing, Where},
    user,
};
use sallyport_model::{
    Action, Method, Policy, Time,
    id::{ApplicationId, GroupId, PolicyId},
    policy::{Country, Section, Sections},
    signin::{Reason, Resource},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    answer::{All, Answer, Created, Noun, PageOf},
    input::{IfMatch, Json, Listing, Named, Parameters, unacceptable},
    route::{Gives, LISTING, Needs::Right, Parameter, ParameterKind, Route, shape},
    settings::known,
};
use crate::call::ApiCall;

/// A policy as it is now.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ChangedPolicy {
    #[serde(flatten)]
    policy: Policy,
    /// What follows from the change that whoever made it should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<&'static str>,
}

/// Where a policy is applied.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Place {
    Application { application: ApplicationId, name: String },
    Devices,
    Portal,
}

impl From<AppliedTo> for Place {
    fn from(place: AppliedTo) -> Self {
        match place {
            AppliedTo::Application { id, name } => Self::Application { application: id, name },
            AppliedTo::Devices => Self::Devices,
            AppliedTo::Portal => Self::Portal,
        }
    }
}

/// Who says a section.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum SaidBy {
    BuiltIn,
    Organization,
    /// A policy that is applied to the resource.
    Resource {
        policy: PolicyId,
    },
    /// A policy that is applied to a group there.
    Group {
        policy: PolicyId,
        group: GroupId,
    },
}

/// One section as it holds.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct SectionInForce {
    section: Section,
    /// In words.
    says: String,
    said_by: SaidBy,
    /// In words.
    because: String,
}

/// What a method is worth to the person there.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum MethodStanding {
    Usable,
    /// Off for everybody.
    Off,
    /// On for groups the person is not in.
    ForOthers,
    /// Not allowed by the policy in force.
    NotAllowed,
    /// It cannot be asked for there.
    NotHere,
    /// Not counted by an access rule.
    RuledOut,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct MethodInForce {
    method: Method,
    standing: MethodStanding,
}

/// What would follow if the first door were passed now.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Follows {
    Allow,
    SecondDoor,
    Deny,
}

/// What all policies come to for a person at a resource.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct PolicyInForce {
    resource: Resource,
    /// The country of the address that was asked about, if it is known.
    #[schema(value_type = Option<String>)]
    country: Option<Country>,
    /// Whether that address is of a network that hides who uses it.
    anonymous: bool,
    /// A policy that says all that holds; for whoever may read the settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    sections: Option<Sections>,
    lines: Vec<SectionInForce>,
    /// In the order in which they are offered.
    methods: Vec<MethodInForce>,
    /// Names of the person's factors that would be offered. With none, whoever is asked has to enrol first.
    offers: Vec<String>,
    decision: Follows,
    /// After wrong codes, no code opens their second door before.
    second_door_shut_until: Option<Time>,
    reasons: Vec<Reason>,
    #[schema(value_type = Vec<String>)]
    explanation: Vec<Cow<'static, str>>,
}

impl PolicyInForce {
    fn of(explained: Explained, with_sections: bool) -> Self {
        let said_by = |section| match explained.policy.origin(section).clone() {
            Origin::BuiltIn => SaidBy::BuiltIn,
            Origin::Organization => SaidBy::Organization,
            Origin::Resource { policy } => SaidBy::Resource { policy },
            Origin::Group { policy, group } => SaidBy::Group { policy, group },
        };
        let line = |(section, because): &(Section, String)| SectionInForce {
            section: *section,
            says: explained.tell(*section),
            said_by: said_by(*section),
            because: because.clone(),
        };
        let standing = |(method, standing): &(Method, Standing)| MethodInForce {
            method: *method,
            standing: match standing {
                Standing::Usable => MethodStanding::Usable,
                Standing::Off => MethodStanding::Off,
                Standing::ForOthers => MethodStanding::ForOthers,
                Standing::NotAllowed => MethodStanding::NotAllowed,
                Standing::NotHere => MethodStanding::NotHere,
                Standing::RuledOut => MethodStanding::RuledOut,
            },
        };
        Self {
            sections: with_sections.then(|| explained.policy.sections()),
            lines: explained.said_by.iter().map(line).collect(),
            methods: explained.policy.methods.iter().map(standing).collect(),
            offers: explained.offers.iter().map(|offer| offer.name.clone()).collect(),
            decision: match explained.decision {
                Decision::Allow(_) => Follows::Allow,
                Decision::SecondDoor(_) => Follows::SecondDoor,
                Decision::Deny(_) => Follows::Deny,
            },
            second_door_shut_until: explained.shut_until,
            reasons: explained.reasons().to_vec(),
            explanation: explained.reasons().iter().map(Reason::text).collect(),
            country: explained.place.country,
            anonymous: explained.place.anonymous,
            resource: explained.resource,
        }
    }
}

/// At what, and from where.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    application: Option<String>,
    device: Option<String>,
    source: Option<IpAddr>,
}

const AT: [Parameter; 3] = [
    Parameter {
        name: "application",
        about: "An application; without it, the portal.",
        kind: ParameterKind::Text,
    },
    Parameter { name: "device", about: "A device that is logged in at.", kind: ParameterKind::Text },
    Parameter {
        name: "source",
        about: "The IP address that the person comes from.",
        kind: ParameterKind::Text,
    },
];

pub(super) fn routes() -> Vec<Route> {
    let (read, change) = (Right(Action::ReadSettings), Right(Action::ChangeSettings));
    let noun = || Gives::Noun(shape::<Policy>());
    vec![
        Route::get("/policies", list, read, "Lists policies in order of names, but the organisation's own.")
            .with(&LISTING)
            .gives(Gives::PageOfNouns(shape::<Policy>())),
        Route::post("/policies", create, change, "Writes a policy, which says nothing until it is applied.")
            .takes::<CreatePolicy>()
            .gives(Gives::Created(shape::<Policy>())),
        Route::get("/policies/{policy}", show, read, "Shows a policy.").gives(noun()),
        Route::get("/policies/{policy}/applied", applied, read, "Lists where a policy is applied.")
            .gives(Gives::All(shape::<Place>())),
        Route::patch("/policies/{policy}", update, change, "Changes a policy, at once for all it is applied to.")
            .takes::<UpdatePolicy>()
            .conditional()
            .gives(Gives::Noun(shape::<ChangedPolicy>())),
        Route::delete("/policies/{policy}", delete, change, "Deletes a policy that is applied nowhere.")
            .conditional(),
        Route::get(
            "/users/{user}/effective-policy",
            effective,
            Right(Action::ReadSignIns),
            "Shows what all policies come to for a user at the portal, an application or a device, and who says so.",
        )
        .with(&AT)
        .gives(Gives::One(shape::<PolicyInForce>())),
    ]
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(listing): Parameters<Listing>,
) -> Answer<PageOf<Noun<Policy>>> {
    Ok(policy::list(&ctx, listing.page(&[])?).await?.into())
}

async fn create(ApiCall(ctx): ApiCall, Json(body): Json<Value>) -> Answer<Created<Noun<Policy>>> {
    let created = policy::create(&ctx, read(body)?).await?;
    Ok(Created { at: format!("/policies/{}", created.id), noun: created.into() })
}

async fn show(ApiCall(ctx): ApiCall, Named(given): Named) -> Answer<Noun<Policy>> {
    Ok(policy::resolve(&ctx, &given).await?.into())
}

async fn applied(ApiCall(ctx): ApiCall, Named(given): Named) -> Answer<All<Place>> {
    let policy = policy::resolve(&ctx, &given).await?;
    Ok(policy::applied_to(&ctx, policy.id).await?.into_iter().collect())
}

async fn update(
    ApiCall(ctx): ApiCall,
    Named(given): Named,
    IfMatch(version): IfMatch,
    Json(body): Json<Value>,
) -> Answer<Noun<ChangedPolicy>> {
    let policy = policy::resolve(&ctx, &given).await?;
    let Changed { policy, notice } = policy::update(&ctx, policy.id, version, read(body)?).await?;
    Ok(Noun { version: policy.version, value: ChangedPolicy { policy: policy.value, notice } })
}

async fn delete(ApiCall(ctx): ApiCall, Named(given): Named, IfMatch(version): IfMatch) -> Answer<StatusCode> {
    let policy = policy::resolve(&ctx, &given).await?;
    policy::delete(&ctx, policy.id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn effective(
    ApiCall(ctx): ApiCall,
    Named(given): Named,
    Parameters(at): Parameters<At>,
) -> Answer<axum::Json<PolicyInForce>> {
    let user = user::resolve(&ctx, &given).await?;
    let place = match (at.application, at.device) {
        (None, None) => Where::Portal,
        (Some(named), None) => Where::Application(application::resolve(&ctx, &named).await?.id),
        (None, Some(named)) => Where::Device(device::resolve(&ctx, &named).await?.id),
        (Some(_), Some(_)) => return Err(unacceptable("ask about an application or about a device")),
    };
    let explained = policy::explain(&ctx, user.id, place, at.source).await?;
    Ok(axum::Json(PolicyInForce::of(explained, ctx.allow(Action::ReadSettings).is_ok())))
}

/// A policy in a body, in which a section that means nothing is refused: it would be taken for one that is left out.
fn read<T: serde::de::DeserializeOwned + Serialize>(body: Value) -> Answer<T> {
    known(body, &[], |given| serde_json::to_value(given).unwrap_or_default())
}
