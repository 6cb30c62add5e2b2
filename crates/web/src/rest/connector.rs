//! Connectors to other systems, and what their runs did.

use std::time::Duration;

use axum::{http::StatusCode, response::IntoResponse};
use sallyport_api::rest::{CreateConnector, UpdateConnector};
use sallyport_app::{
    Ctx, Secret,
    connector::{self, Conflict, Shown},
};
use sallyport_model::{
    Action, Connector, Time,
    connector::{ExportRun, ExportRunKind, ExportStep},
    id::ExportRunId,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    answer::{Answer, Created, Noun, PageOf},
    input::{IfMatch, Json, Listing, Named, NamedTwo, Parameters, id, limit, unacceptable},
    route::{Gives, LISTING, Needs::Right, Parameter, ParameterKind, Route, STATE, shape},
    settings::known,
};
use crate::call::ApiCall;

const STATES: [&str; 2] = ["enabled", "disabled"];
/// Longest time in seconds that an answer is held back, as for what runs of commands say.
const LONGEST_WAIT: u64 = 5;

/// A connector, and how it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ShownConnector {
    #[serde(flatten)]
    connector: Connector,
    /// Whether there is a secret key; it is never shown.
    has_secret: bool,
    /// People who are there because of us.
    managed: usize,
    /// When everybody was compared last, without anything in the way.
    compared: Option<Time>,
    /// What went wrong in the last run, if something did.
    problem: Option<String>,
    /// The run that the brake holds, and that waits for somebody's word.
    held: Option<ExportRunId>,
    /// Who could not be exported, and why; the first of them.
    conflicts: Vec<Unexported>,
}

/// Somebody who could not be exported.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Unexported {
    label: String,
    why: String,
}

/// A connector to make, with the secret key of the application of the Admin API there.
#[derive(Deserialize, ToSchema)]
struct NewConnector {
    #[serde(flatten)]
    input: CreateConnector,
    #[schema(value_type = String, format = Password)]
    skey: Secret,
}

/// Changes to a connector. Without a secret key the one before stays.
#[derive(Deserialize, ToSchema)]
struct ChangedConnector {
    #[serde(flatten)]
    input: UpdateConnector,
    #[schema(value_type = Option<String>, format = Password)]
    #[serde(default)]
    skey: Option<Secret>,
}

/// A step of a run, with its place.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct PlacedStep {
    seq: i64,
    #[serde(flatten)]
    step: ExportStep,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichRuns {
    after: Option<ExportRunId>,
    limit: Option<usize>,
    #[serde(default)]
    wait: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichSteps {
    #[serde(default = "before_all")]
    after: i64,
    limit: Option<usize>,
}

const fn before_all() -> i64 {
    -1
}

pub(super) fn routes() -> Vec<Route> {
    let (read, manage) = (Right(Action::ReadSettings), Right(Action::ManageConnectors));
    let shown = || Gives::Noun(shape::<ShownConnector>());
    let [_, after, most] = LISTING;
    let wait = Parameter {
        name: "wait",
        about: "Seconds to hold the answer back while a run is asked for or under way, at most 5.",
        kind: ParameterKind::Number,
    };
    vec![
        Route::get("/connectors", list, read, "Lists connectors in order of names.")
            .with(&LISTING)
            .with(&[STATE])
            .gives(Gives::PageOfNouns(shape::<Connector>())),
        Route::post(
            "/connectors",
            create,
            manage,
            "Makes a connector, which is off until it is switched on.",
        )
        .takes::<NewConnector>()
        .gives(Gives::Created(shape::<ShownConnector>())),
        Route::get("/connectors/{connector}", show, read, "Shows a connector, and how it stands.")
            .gives(shown()),
        Route::patch(
            "/connectors/{connector}",
            update,
            manage,
            "Changes a connector, or switches it on or off. What it made at the other system stays there.",
        )
        .takes::<ChangedConnector>()
        .conditional()
        .gives(shown()),
        Route::delete("/connectors/{connector}", delete, manage, "Deletes a connector with what it knew.")
            .conditional(),
        Route::post(
            "/connectors/{connector}/check",
            check,
            manage,
            "Asks the other system whether it knows our keys. Nothing is changed there.",
        )
        .gives(Gives::One(shape::<CheckedConnector>())),
        Route::post(
            "/connectors/{connector}/preview",
            preview,
            manage,
            "Has everybody compared, and nothing written; what came out is the newest of the runs then.",
        )
        .conditional(),
        Route::post(
            "/connectors/{connector}/run",
            run,
            manage,
            "Has everybody compared and put in step now.",
        )
        .conditional(),
        Route::get(
            "/connectors/{connector}/runs",
            runs,
            read,
            "Lists what a connector did, the newest first.",
        )
        .with(&[after, most, wait])
        .gives(Gives::Page(shape::<ExportRun>())),
        Route::get("/connectors/{connector}/runs/{export_run}", show_run, read, "Shows a run.")
            .gives(Gives::One(shape::<ExportRun>())),
        Route::get(
            "/connectors/{connector}/runs/{export_run}/steps",
            steps,
            read,
            "Lists the steps of a run in their order, with what became of each.",
        )
        .with(&[after, most])
        .gives(Gives::Page(shape::<PlacedStep>())),
        Route::post(
            "/connectors/{connector}/runs/{export_run}/release",
            release,
            manage,
            "Lets be done what this run meant to do, which the brake holds, and nothing else that it would hold.",
        )
        .conditional(),
    ]
}

/// What the other system says of our keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct CheckedConnector {
    known: bool,
    /// What was wrong.
    problem: Option<String>,
}

/// The fields that the input has, with the secret key's.
fn kept(input: &impl Serialize) -> Value {
    let mut kept = serde_json::to_value(input).unwrap_or_default();
    if let Some(fields) = kept.as_object_mut() {
        fields.insert("skey".into(), Value::Null);
    }
    kept
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(listing): Parameters<Listing>,
) -> Answer<PageOf<Noun<Connector>>> {
    Ok(connector::list(&ctx, listing.page(&STATES)?).await?.into())
}

async fn create(ApiCall(ctx): ApiCall, Json(body): Json<Value>) -> Answer<Created<Noun<ShownConnector>>> {
    let NewConnector { input, skey } = known(body, &[], |new: &NewConnector| kept(&new.input))?;
    let made = connector::create(&ctx, input, &skey).await?;
    Ok(Created { at: format!("/connectors/{}", made.connector.id), noun: made.into() })
}

async fn show(ApiCall(ctx): ApiCall, Named(connector): Named) -> Answer<Noun<ShownConnector>> {
    let connector = connector::resolve(&ctx, &connector).await?;
    Ok(connector::show(&ctx, connector.id).await?.into())
}

async fn update(
    ApiCall(ctx): ApiCall,
    Named(connector): Named,
    IfMatch(version): IfMatch,
    Json(body): Json<Value>,
) -> Answer<Noun<ShownConnector>> {
    let ChangedConnector { input, skey } = known(body, &[], |set: &ChangedConnector| kept(&set.input))?;
    let connector = connector::resolve(&ctx, &connector).await?;
    Ok(connector::update(&ctx, connector.id, version, input, skey).await?.into())
}

async fn delete(
    ApiCall(ctx): ApiCall,
    Named(connector): Named,
    IfMatch(version): IfMatch,
) -> Answer<StatusCode> {
    let connector = connector::resolve(&ctx, &connector).await?;
    connector::delete(&ctx, connector.id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn check(ApiCall(ctx): ApiCall, Named(connector): Named) -> Answer<axum::Json<CheckedConnector>> {
    ctx.allow(Action::ManageConnectors)?;
    let connector = connector::resolve(&ctx, &connector).await?;
    let problem = connector::check(&ctx, connector.id).await?;
    Ok(axum::Json(CheckedConnector { known: problem.is_none(), problem }))
}

async fn preview(ApiCall(ctx): ApiCall, Named(connector): Named, if_match: IfMatch) -> Answer<StatusCode> {
    ask(ctx, &connector, if_match, ExportRunKind::Preview).await
}

async fn run(ApiCall(ctx): ApiCall, Named(connector): Named, if_match: IfMatch) -> Answer<StatusCode> {
    ask(ctx, &connector, if_match, ExportRunKind::Full).await
}

async fn ask(ctx: Ctx, connector: &str, if_match: IfMatch, kind: ExportRunKind) -> Answer<StatusCode> {
    ctx.allow(Action::ManageConnectors)?;
    let connector = connector::resolve(&ctx, connector).await?;
    let ctx = if_match.on::<Connector>(connector.id, ctx);
    connector::ask(&ctx, connector.id, kind).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn runs(
    ApiCall(ctx): ApiCall,
    Named(connector): Named,
    Parameters(which): Parameters<WhichRuns>,
) -> Answer<impl IntoResponse> {
    if which.wait > LONGEST_WAIT {
        return Err(unacceptable(format!("wait: at most {LONGEST_WAIT} seconds")));
    }
    let connector = connector::resolve(&ctx, &connector).await?;
    connector::wait(&ctx, connector.id, Duration::from_secs(which.wait)).await?;
    let (items, next) = connector::runs(&ctx, connector.id, which.after, limit(which.limit)?).await?;
    Ok(PageOf { items, next: next.map(|next| next.to_string()) })
}

async fn show_run(
    ApiCall(ctx): ApiCall,
    NamedTwo(connector, run): NamedTwo,
) -> Answer<axum::Json<ExportRun>> {
    let connector = connector::resolve(&ctx, &connector).await?;
    Ok(axum::Json(connector::show_run(&ctx, connector.id, id(&run)?, 0, 1).await?.run))
}

async fn steps(
    ApiCall(ctx): ApiCall,
    NamedTwo(connector, run): NamedTwo,
    Parameters(which): Parameters<WhichSteps>,
) -> Answer<PageOf<PlacedStep>> {
    let connector = connector::resolve(&ctx, &connector).await?;
    let limit = limit(which.limit)?;
    let shown = connector::show_run(&ctx, connector.id, id(&run)?, which.after, limit).await?;
    let items = shown.steps.into_iter().map(|(seq, step)| PlacedStep { seq, step }).collect();
    Ok(PageOf { items, next: shown.next.map(|next| next.to_string()) })
}

async fn release(
    ApiCall(ctx): ApiCall,
    NamedTwo(connector, run): NamedTwo,
    if_match: IfMatch,
) -> Answer<StatusCode> {
    ctx.allow(Action::ManageConnectors)?;
    let connector = connector::resolve(&ctx, &connector).await?;
    let ctx = if_match.on::<Connector>(connector.id, ctx);
    connector::release(&ctx, connector.id, id(&run)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<Shown> for Noun<ShownConnector> {
    fn from(shown: Shown) -> Self {
        let Shown { connector, has_secret, standing } = shown;
        let conflicts = standing.conflicts.into_iter();
        let conflicts = conflicts.map(|Conflict { label, why }| Unexported { label, why }).collect();
        let (version, connector) = (connector.version, connector.value);
        let value = ShownConnector {
            connector,
            has_secret,
            managed: standing.managed,
            compared: standing.compared,
            problem: standing.problem,
            held: standing.held,
            conflicts,
        };
        Self { value, version }
    }
}
