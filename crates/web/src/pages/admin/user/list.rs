//! The table of users, and the same as a file.

use askama::Template;
use axum::response::{IntoResponse, Response};
use sallyport_app::{
    listing::{self, Listed as _},
    user::people::{self, PeopleWanted},
};
use sallyport_model::{Action, PasswordLock, PasswordStatus, Role, User};

use super::HERE;
use crate::pages::{
    admin::bulk::{BulkForm, TICKS, offers_for_users},
    guard::Admin,
    page::Page,
    refusal::Refusal,
    shell::{Shell, may},
    table::{AT_ONCE, Asked, Cell, Column, Filter, Table, TableOf, or_nothing},
};

pub(in crate::pages::admin) const TABLE: TableOf<User> = TableOf {
    name: "users",
    path: HERE,
    columns: &[
        Column::new("name", "Name", |user| Cell::link(format!("{HERE}/{}", user.id), user.name.to_string())),
        Column::new("display_name", "Display name", |user| Cell::text(&user.display_name)),
        Column::new("state", "State", |user| Cell::state(user.state.as_str())),
        Column::new("password", "Password", |user| Cell::text(password(user))),
        Column::filed(
            "mail",
            "Mail",
            |user| match user.mails.first() {
                Some(mail) => Cell::text(&mail.address),
                None => Cell::default(),
            },
            |user| joined(user.mails.iter().map(|mail| mail.address.as_str())),
        ),
        Column::filed(
            "roles",
            "Roles",
            |user| {
                let roles: Vec<_> = user.roles.iter().map(|role| role.as_str().replace('_', " ")).collect();
                Cell::text(roles.join(", "))
            },
            |user| joined(user.roles.iter().map(|role| role.as_str())),
        ),
        Column::unusual("phones", "Phones", |user| {
            Cell::text(joined(user.phones.iter().map(|phone| phone.number.as_str())))
        }),
        Column::unusual("uid", "UID", |user| Cell::text(user.posix.uid.to_string())),
        Column::new("created", "Created", |user| Cell::time(user.created)),
        Column::unusual("id", "Id", |user| Cell::code(user.id.to_string())),
    ],
    sorts: User::SORTS,
    usual_sort: "name",
    noun: "users",
    empty: "Nobody is here yet. Create people one by one, or import them from a CSV file; you see what would happen before \
            anything does.",
    tick: Some(|user| Some((user.id.to_string(), format!("Choose {}", user.name)))),
    act: None,
};

#[derive(Template)]
#[template(path = "admin/users.html")]
struct UsersPage {
    shell: Shell,
    table: Table,
    bulk: BulkForm,
    may_create: bool,
    /// Enrolment links to many.
    may_send: bool,
}

pub(super) async fn show(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let (found, problem) = or_nothing(people::page(ctx, wanted(&asked)).await)?;
    let may_create = may(ctx, Action::CreateUser);
    let table = TABLE.asked(&asked, filters_of(&asked)).paged(&asked, &found).without(problem).begin(
        may_create,
        "/admin/users/import",
        "Import people",
    );
    let offers = offers_for_users(ctx);
    let table = if offers.is_empty() { table } else { table.ticked_for(TICKS) };
    let rows = found.items.iter().map(|user| TABLE.line(&table, user)).collect();
    let page = UsersPage {
        shell: Shell::admin(&admin, HERE),
        table: table.rows(rows),
        bulk: BulkForm { offers, filter: asked.filter(), commands: false },
        may_create,
        may_send: may(ctx, Action::ManageFactors),
    };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

pub(super) async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let ids = people::all(ctx, wanted(&asked)).await?;
    let mut file = TABLE.file(&asked);
    for some in ids.chunks(AT_ONCE) {
        for user in listing::by_ids::<User>(ctx, some.to_vec()).await? {
            file.row(&user);
        }
    }
    Ok(file.into_response())
}

/// Who is asked for.
pub(in crate::pages::admin) fn wanted(asked: &Asked) -> PeopleWanted {
    PeopleWanted {
        list: asked.wanted(&TABLE, &["role", "password"]),
        group: asked.optional("group"),
        has_factor: asked.yes_or_no("factor"),
    }
}

fn filters_of(asked: &Asked) -> Vec<Filter> {
    let roles = Role::ALL.iter().map(|role| (role.as_str(), role.as_str().replace('_', " ")));
    let roles: Vec<_> = [("any", "any role".to_owned())].into_iter().chain(roles).collect();
    let roles = roles.iter().map(|(value, title)| (*value, title.as_str()));
    let passwords = ["pending", "active", "expired", "locked"].map(|state| (state, state));
    vec![
        Filter::words(asked, "Name or mail address"),
        Filter::states(asked, "All states", ["active", "staged", "suspended"]),
        Filter::choice(asked, "role", ("Role", "With any role or none"), roles),
        Filter::choice(asked, "password", ("Password", "Any password"), passwords),
        Filter::choice(
            asked,
            "factor",
            ("Factors", "With factors or without"),
            [("yes", "with a factor"), ("no", "without any factor")],
        ),
        Filter::named(asked, "group", "In group"),
    ]
}

fn joined<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    texts.collect::<Vec<_>>().join(" ")
}

pub(super) const fn password(user: &User) -> &'static str {
    match (user.password_status, user.password_lock) {
        (PasswordStatus::Pending, _) => "pending",
        (PasswordStatus::Active, _) => "active",
        (PasswordStatus::Expired, _) => "expired",
        (PasswordStatus::Locked, Some(PasswordLock::Strangers)) => "locked for unknown networks",
        (PasswordStatus::Locked, Some(PasswordLock::Everybody) | None) => "locked",
    }
}
