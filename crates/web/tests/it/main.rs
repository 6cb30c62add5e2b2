//! REST API and pages as programs and people see them: in-process calls to the real router, on a real database.

// A world holds servers within servers, whose types the compiler has to look through.
#![recursion_limit = "256"]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "all of this is a test; the exemption of tests stops at their helping functions"
)]

mod alarms;
mod authz;
mod busy;
mod conformance;
mod damaged;
mod duo_admin;
mod duo_export;
mod duo_unix;
mod effective_policy;
mod general;
mod lists;
mod logo;
mod noun;
mod own;
mod pages;
mod people;
mod rest_v1;
mod secrets;
mod serve;
mod session;
mod telephony;
mod world;
