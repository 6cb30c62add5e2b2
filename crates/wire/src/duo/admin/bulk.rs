//! Many calls in one.

use serde::Deserialize;
use serde_json::{Map, Value};

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
    body: Map<String, Value>,
}

/// The calls: a list, or one in a text.
pub fn operations(params: &Params) -> Result<Vec<Operation>, ParamError> {
    let invalid = || ParamError::Invalid(NAME);
    let given = params.json(NAME)?.ok_or(ParamError::Missing(NAME))?;
    let all: Result<Vec<Given>, _> = if let Value::String(text) = given {
        serde_json::from_str(text)
    } else {
        serde_json::from_value(given.clone())
    };
    let all = all.map_err(|_| invalid())?;
    if all.is_empty() || all.len() > MOST {
        return Err(invalid());
    }
    all.into_iter()
        .map(|Given { method, path, body }| {
            let params = Params::from_object(body).map_err(|_| invalid())?;
            Ok(Operation { method: method.to_ascii_uppercase(), path, params })
        })
        .collect()
}
