//! The REST API as programs see it: in-process calls to the real router, on a real database.

mod authz;
mod conformance;
mod general;
mod noun;
mod secrets;
mod world;
