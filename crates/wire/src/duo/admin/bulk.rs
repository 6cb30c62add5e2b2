//! Many calls in one.

use serde::Deserialize;

use super::super::params::{ParamError, Params};

/// Most calls in one.
const MOST: usize = 50;
const NAME: &str = "operations";

/// One of the calls.
#[derive(Debug, Clone)]
pub struct Operation {
    pub method: String,
    pub path: String,
    pub params: Params,
}

#[derive(Deserialize)]
struct Given {
    method: String,
    path: String,
    #[serde(default)]
    body: Params,
}

/// The calls: a list, or one in a text.
pub fn operations(params: &Params) -> Result<Vec<Operation>, ParamError> {
    params
        .objects::<Given>(NAME, MOST)?
        .into_iter()
        .map(|Given { method, path, body }| {
            body.says_nothing_twice()?;
            Ok(Operation { method: method.to_ascii_uppercase(), path, params: body })
        })
        .collect()
}
