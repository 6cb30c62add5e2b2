//! Our REST and agent messages; source of the OpenAPI document.

pub mod agent;
pub mod rest;
