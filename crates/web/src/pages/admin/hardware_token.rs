//! Hardware tokens: who has which, and what brings one back into step.

mod import;

use askama::Template;
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_app::{
    AppError, Ctx, Versioned, hardware_token,
    listing::{self, Listed as _},
    user,
};
use sallyport_model::{Action, HardwareToken, HardwareTokenKind, User, id::HardwareTokenId};

use crate::{
    State,
    pages::{
        filters,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
        table::{AT_ONCE, Asked, Cell, Column, Filter, Table, TableOf, marks},
    },
};

const HERE: &str = "/admin/hardware-tokens";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .merge(import::routes())
        .route("/admin/hardware-tokens", get(list))
        .route("/admin/hardware-tokens.csv", get(export))
        .route("/admin/hardware-tokens/{id}", get(show))
        .route("/admin/hardware-tokens/{id}/assign", post(assign))
        .route("/admin/hardware-tokens/{id}/resync", post(resync))
        .route("/admin/hardware-tokens/{id}/unassign", post(unassign))
        .route("/admin/hardware-tokens/{id}/delete", post(delete))
}

#[derive(Template)]
#[template(path = "admin/hardware_tokens.html")]
struct HardwareTokensPage {
    shell: Shell,
    table: Table,
    may_import: bool,
}

/// A token and who has it.
struct Row {
    token: HardwareToken,
    holder: Option<Versioned<User>>,
}

const TABLE: TableOf<Row> = TableOf {
    name: "hardware-tokens",
    path: HERE,
    columns: &[
        Column::new("serial", "Serial number", |row| {
            Cell::link(format!("{HERE}/{}", row.token.id), &*row.token.serial)
        }),
        Column::filed(
            "kind",
            "Form",
            |row| Cell::text(form(&row.token)),
            |row| row.token.kind.as_str().into(),
        ),
        Column::unusual("digits", "Digits", |row| Cell::text(row.token.digits.to_string())),
        Column::unusual("digest", "Digest", |row| Cell::text(row.token.digest.as_str())),
        Column::filed(
            "user",
            "User",
            |row| match &row.holder {
                Some(user) => Cell::link(format!("/admin/users/{}", user.id), user.name.to_string()),
                None => Cell::quiet("nobody"),
            },
            |row| row.holder.as_ref().map(|user| user.name.to_string()).unwrap_or_default(),
        ),
        Column::unusual("state", "State", |row| Cell::text(row.token.state())),
        Column::unusual("created", "Imported", |row| Cell::time(row.token.created)),
        Column::unusual("id", "Id", |row| Cell::code(row.token.id.to_string())),
    ],
    sorts: HardwareToken::SORTS,
    usual_sort: "serial",
    noun: "tokens",
    empty: "Things that show one-time codes, bought by the box. Import the file that came with them; you see what would \
            happen before anything does.",
    tick: None,
    act: None,
};

#[derive(Template)]
#[template(path = "admin/hardware_token.html")]
struct HardwareTokenPage {
    shell: Shell,
    token: Versioned<HardwareToken>,
    holder: Option<Versioned<User>>,
    may_manage: bool,
    may_delete: bool,
}

async fn list(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let (ctx, filters) = (&admin.0.ctx, filters_of(&asked));
    let found = listing::page::<HardwareToken>(ctx, asked.wanted(&TABLE, &marks(&filters))).await?;
    let may_import = may(ctx, Action::ManageHardwareTokens);
    let table = TABLE.asked(&asked, filters).paged(&asked, &found);
    let table = table.begin(may_import, "/admin/hardware-tokens/import", "Import tokens");
    let rows = rows(ctx, found.items).await?.iter().map(|row| TABLE.line(&table, row)).collect();
    let page = HardwareTokensPage { shell: Shell::admin(&admin, HERE), table: table.rows(rows), may_import };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let (ctx, filters) = (&admin.0.ctx, filters_of(&asked));
    let ids = listing::all::<HardwareToken>(ctx, asked.wanted(&TABLE, &marks(&filters))).await?;
    let mut file = TABLE.file(&asked);
    for some in ids.chunks(AT_ONCE) {
        for row in rows(ctx, listing::by_ids(ctx, some.to_vec()).await?).await? {
            file.row(&row);
        }
    }
    Ok(file.into_response())
}

/// The tokens with those who have them, all of whom are read at once.
async fn rows(ctx: &Ctx, tokens: Vec<Versioned<HardwareToken>>) -> Result<Vec<Row>, AppError> {
    let holders = tokens.iter().filter_map(|token| Some(token.holder.as_ref()?.user.to_string())).collect();
    let holders = listing::by_ids::<User>(ctx, holders).await?;
    let row = |token: Versioned<HardwareToken>| {
        let user = token.holder.as_ref().map(|holder| holder.user);
        let holder = user.and_then(|id| holders.iter().find(|user| user.id == id).cloned());
        Row { token: token.value, holder }
    };
    Ok(tokens.into_iter().map(row).collect())
}

fn filters_of(asked: &Asked) -> Vec<Filter> {
    let kinds = [("totp", "clock"), ("hotp", "button"), ("yubikey", "YubiKey")];
    vec![
        Filter::words(asked, "Serial number"),
        Filter::states(asked, "Any state", ["assigned", "unassigned"]),
        Filter::choice(asked, "kind", ("Form", "Any form"), kinds),
    ]
}

async fn show(admin: Admin, Path(id): Path<HardwareTokenId>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let token = hardware_token::resolve(ctx, &id.to_string()).await?;
    let holder = holder(ctx, &token).await?;
    let upon = holder.as_ref().is_none_or(|user| ctx.allow_upon(user).is_ok());
    let page = HardwareTokenPage {
        shell: Shell::admin(&admin, HERE),
        may_manage: upon && may(ctx, Action::ManageFactors),
        may_delete: may(ctx, Action::ManageHardwareTokens),
        holder,
        token,
    };
    Ok(Page(page).into_response())
}

async fn assign(
    Path(id): Path<HardwareTokenId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let ctx = &admin.0.ctx;
    let user = user::resolve(ctx, &fields.text("user")).await?;
    hardware_token::assign(ctx, id, user.id).await?;
    Ok(back(id, "token-assigned"))
}

async fn unassign(Path(id): Path<HardwareTokenId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    hardware_token::unassign(&form.who.0.ctx, id).await?;
    Ok(back(id, "token-unassigned"))
}

async fn resync(
    Path(id): Path<HardwareTokenId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    hardware_token::resync(&admin.0.ctx, id, &fields.list("code")).await?;
    Ok(back(id, "token-resynced"))
}

async fn delete(Path(id): Path<HardwareTokenId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    hardware_token::delete(&form.who.0.ctx, id).await?;
    Ok(Redirect::to("/admin/hardware-tokens?done=deleted"))
}

fn back(id: HardwareTokenId, done: &str) -> Redirect {
    Redirect::to(&format!("{HERE}/{id}?done={done}"))
}

/// Who has a token. Somebody who has just been deleted is nobody.
async fn holder(ctx: &Ctx, token: &HardwareToken) -> Result<Option<Versioned<User>>, AppError> {
    let Some(holder) = token.holder else { return Ok(None) };
    match user::show(ctx, holder.user).await {
        Ok(user) => Ok(Some(user)),
        Err(AppError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a token does, in a few words.
fn form(token: &HardwareToken) -> String {
    let (digits, digest) = (token.digits, token.digest.as_str());
    match token.kind {
        HardwareTokenKind::Hotp { .. } => format!("button, {digits} digits, {digest}"),
        HardwareTokenKind::Totp { interval } => {
            format!("clock of {interval} seconds, {digits} digits, {digest}")
        }
        HardwareTokenKind::Yubikey => "YubiKey, one press a code".to_owned(),
    }
}
