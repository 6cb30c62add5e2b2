//! A person's own pages: factors, password, devices, sign-ins, sessions.

mod application;
mod factor;
mod home;
mod password;
mod search;
mod session;
mod sign_ins;

use axum::{
    Router,
    routing::{get, post},
};

use crate::State;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/", get(home::show))
        .route("/applications", get(application::list))
        .route("/applications/{id}/favourite", post(application::favour))
        .route("/applications/{id}/logo", get(application::logo))
        .route("/news/seen", post(home::news_seen))
        .route("/search", get(search::show))
        .route("/search/list", get(search::list))
        .route("/sign-ins", get(sign_ins::show))
        .route("/password", get(password::show).post(password::change))
        .route("/factors/totp", post(factor::begin))
        .route("/factors/totp/confirm", post(factor::confirm))
        .route("/factors/push", post(factor::begin_phone))
        .route("/factors/{id}/reactivate", post(factor::reactivate))
        .route("/factors/{id}/rename", post(factor::rename))
        .route("/factors/{id}/resync", post(factor::resync))
        .route("/factors/passkey", get(factor::new_passkey).post(factor::add_passkey))
        .route("/factors/duo", post(factor::to_duo))
        .route("/factors/number", post(factor::begin_number))
        .route("/factors/number/confirm", post(factor::confirm_number))
        .route("/factors/{id}/remove", post(factor::remove))
        .route("/resets/{id}/stop", post(session::stop_reset))
        .route("/sessions/{id}/end", post(session::end_one))
        .route("/sessions/end-others", post(session::end_others))
        .route("/remembered/{id}/forget", post(session::forget))
        .route("/remembered/forget-all", post(session::forget_all))
}
