//! Connectors: what they export, how they stand, what their runs did and what waits for somebody's word.

mod run;

use askama::Template;
use axum::{
    Router,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::{CreateConnector, UpdateConnector};
use sallyport_app::{
    AppError,
    connector::{self, Shown},
    listing::Listed as _,
};
use sallyport_model::{
    Action, Connector, ConnectorKind,
    connector::{Brake, ExportRun, ExportRunKind, ExportedPeople, Leavers, UsernameSource},
    id::{ConnectorId, GroupId},
};

use super::pick::{self, Choice, Kind};
use crate::{
    State,
    pages::{
        fields::Fields,
        filters,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
        table::{Asked, Cell, Column, Filter, Table, TableOf},
    },
};

const HERE: &str = "/admin/connectors";
/// Runs shown beside a connector.
const RUNS_SHOWN: usize = 20;

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/connectors", get(list).post(create))
        .route("/admin/connectors.csv", get(export))
        .route("/admin/connectors/{id}", get(show).post(update))
        .route("/admin/connectors/{id}/check", post(check))
        .route("/admin/connectors/{id}/preview", post(preview))
        .route("/admin/connectors/{id}/run", post(run_now))
        .route("/admin/connectors/{id}/delete", post(delete))
        .merge(run::routes())
}

#[derive(Template)]
#[template(path = "admin/connectors.html")]
struct ConnectorsPage {
    shell: Shell,
    table: Table,
    may_manage: bool,
}

const TABLE: TableOf<Connector> = TableOf {
    name: "connectors",
    path: HERE,
    columns: &[
        Column::new("name", "Name", |connector| {
            Cell::link(format!("{HERE}/{}", connector.id), &*connector.name)
        }),
        Column::new("type", "Type", |connector| Cell::text(connector.kind.as_str())),
        Column::new("host", "Host", |connector| Cell::code(&*connector.host)),
        Column::new("state", "State", |connector| Cell::on_or_off(connector.enabled)),
        Column::unusual("id", "Id", |connector| Cell::code(connector.id.to_string())),
    ],
    sorts: Connector::SORTS,
    usual_sort: "name",
    noun: "connectors",
    empty: "A connector keeps people, groups and phones of an account at Duo in step with this directory, by Duo's Admin API. It \
            touches nobody there whom it did not make or take over.",
    tick: None,
    act: None,
};

#[derive(Template)]
#[template(path = "admin/connector.html")]
struct ConnectorPage {
    shell: Shell,
    shown: Shown,
    runs: Vec<ExportRun>,
    /// The groups whose members are exported, where it is for groups.
    people_groups: Vec<Choice>,
    groups: Vec<Choice>,
    may_manage: bool,
    under_way: bool,
    /// What Duo said when it was asked.
    problem: Option<String>,
}

async fn list(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let page = ConnectorsPage {
        shell: Shell::admin(&admin, HERE),
        table: TABLE.table::<Connector>(ctx, &asked, filters_of(&asked), |noun| noun).await?,
        may_manage: may(ctx, Action::ManageConnectors),
    };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let (ctx, filters) = (&admin.0.ctx, filters_of(&asked));
    Ok(TABLE.download::<Connector>(ctx, &asked, &filters, |noun| noun).await?)
}

fn filters_of(asked: &Asked) -> Vec<Filter> {
    vec![Filter::words(asked, "Name or host"), Filter::on_or_off(asked)]
}

async fn create(Posted { who: admin, fields }: Posted<Admin>) -> Result<Redirect, Refusal> {
    let input = CreateConnector {
        name: fields.text("name"),
        kind: ConnectorKind::DuoExport,
        host: fields.text("host"),
        ikey: fields.text("ikey"),
    };
    let made = connector::create(&admin.0.ctx, input, &fields.secret("skey")).await?;
    Ok(Redirect::to(&format!("{HERE}/{}?done=connector-created", made.connector.id)))
}

async fn page(
    admin: &Admin,
    id: ConnectorId,
    problem: Option<String>,
) -> Result<Page<ConnectorPage>, Refusal> {
    let ctx = &admin.0.ctx;
    let shown = connector::show(ctx, id).await?;
    let scope: &[GroupId] = match &shown.connector.people {
        ExportedPeople::All => &[],
        ExportedPeople::Groups { groups } => groups,
    };
    Ok(Page(ConnectorPage {
        shell: Shell::admin(admin, HERE),
        runs: connector::runs(ctx, id, None, RUNS_SHOWN).await?.0,
        people_groups: pick::chosen(ctx, Kind::UserGroups, scope).await?,
        groups: pick::chosen(ctx, Kind::UserGroups, &shown.connector.groups).await?,
        may_manage: may(ctx, Action::ManageConnectors),
        under_way: shown.standing.is_under_way(ctx.now),
        problem,
        shown,
    }))
}

async fn show(admin: Admin, Path(id): Path<ConnectorId>) -> Result<Response, Refusal> {
    Ok(page(&admin, id, None).await?.into_response())
}

async fn update(
    Path(id): Path<ConnectorId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let secret = Some(fields.secret("skey")).filter(|secret| !secret.is_empty());
    connector::update(&admin.0.ctx, id, fields.number("version"), read(&fields)?, secret).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}?done=saved")))
}

fn read(fields: &Fields) -> Result<UpdateConnector, Refusal> {
    let people = match fields.raw("who") {
        "groups" => ExportedPeople::Groups { groups: groups(fields, "people_groups")? },
        _ => ExportedPeople::All,
    };
    let number = |name: &'static str| -> Result<u32, Refusal> {
        let given = fields.number_if_given(name)?;
        given.ok_or_else(|| Refusal::missing("Say how many may be shut out or made without your word."))
    };
    Ok(UpdateConnector {
        name: fields.optional("name"),
        host: fields.optional("host"),
        ikey: fields.optional("ikey"),
        enabled: Some(fields.ticked("enabled")),
        people: Some(people),
        groups: Some(groups(fields, "groups")?),
        username: Some(fields.word("username").unwrap_or_default()),
        phones: Some(fields.ticked("phones")),
        take_over: Some(fields.ticked("take_over")),
        leavers: Some(fields.word("leavers").unwrap_or_default()),
        brake: Some(Brake { people: number("brake_people")?, percent: number("brake_percent")? }),
    })
}

fn groups(fields: &Fields, name: &'static str) -> Result<Vec<GroupId>, Refusal> {
    let groups = fields.list(name).iter().map(|id| id.parse()).collect::<Result<_, _>>();
    Ok(groups.map_err(AppError::from)?)
}

async fn check(
    Path(id): Path<ConnectorId>,
    Posted { who: admin, .. }: Posted<Admin>,
) -> Result<Response, Refusal> {
    match connector::check(&admin.0.ctx, id).await? {
        None => Ok(Redirect::to(&format!("{HERE}/{id}?done=connector-known")).into_response()),
        Some(problem) => {
            let page = page(&admin, id, Some(problem)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn preview(Path(id): Path<ConnectorId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    connector::ask(&form.who.0.ctx, id, ExportRunKind::Preview).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}?done=connector-asked")))
}

async fn run_now(Path(id): Path<ConnectorId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    connector::ask(&form.who.0.ctx, id, ExportRunKind::Full).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}?done=connector-asked")))
}

async fn delete(Path(id): Path<ConnectorId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    connector::delete(&form.who.0.ctx, id, form.fields.number("version")).await?;
    Ok(Redirect::to("/admin/connectors?done=deleted"))
}
