//! The list of users, and the same as a file.

use askama::Template;
use axum::{
    extract::Query,
    response::{IntoResponse, Response},
};
use sallyport_app::{Versioned, user};
use sallyport_model::{Action, PasswordLock, PasswordStatus, User};

use super::HERE;
use crate::pages::{
    filters,
    guard::Admin,
    listing::Wanted,
    page::{Csv, Page},
    refusal::Refusal,
    shell::{Shell, may},
};

#[derive(Template)]
#[template(path = "admin/users.html")]
struct UsersPage {
    shell: Shell,
    users: Vec<Versioned<User>>,
    wanted: Wanted,
    next: Option<String>,
    may_create: bool,
    /// Enrolment links to many.
    may_send: bool,
}

pub(super) async fn show(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let found = user::list(&admin.0.ctx, wanted.request()).await?;
    let page = UsersPage {
        shell: Shell::admin(&admin, HERE),
        next: wanted.next(found.next.as_deref()),
        users: found.items,
        wanted,
        may_create: may(&admin.0.ctx, Action::CreateUser),
        may_send: may(&admin.0.ctx, Action::ManageFactors),
    };
    Ok(Page(page).into_response())
}

pub(super) async fn export(admin: Admin, Query(mut wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let mut csv = Csv::new(&["name", "display_name", "state", "password", "mails", "phones", "uid", "roles"]);
    loop {
        let page = user::list(&admin.0.ctx, wanted.request_of(500)).await?;
        for user in &page.items {
            csv.row(&cells(user));
        }
        match page.next {
            Some(next) => wanted.after = next,
            None => return Ok(csv.into_response("users.csv")),
        }
    }
}

fn cells(user: &User) -> [String; 8] {
    let mails: Vec<_> = user.mails.iter().map(|mail| mail.address.as_str()).collect();
    let phones: Vec<_> = user.phones.iter().map(|phone| phone.number.as_str()).collect();
    let roles: Vec<_> = user.roles.iter().map(|role| role.as_str()).collect();
    [
        user.name.to_string(),
        user.display_name.clone(),
        user.state.as_str().into(),
        password(user).into(),
        mails.join(" "),
        phones.join(" "),
        user.posix.uid.to_string(),
        roles.join(" "),
    ]
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
