//! The OpenAPI 3.1 document, made from the table of routes and the types that travel.
//!
//! What is served is the file in the tree; a test refuses a tree in which that is not what the table says.

use std::collections::BTreeMap;

use axum::http::header;
use serde_json::{Map, Value, json};
use utoipa::{PartialSchema as _, ToSchema as _};

use super::{
    PREFIX,
    route::{Gives, Needs, Parameter, ParameterKind, Route, Shape, Takes},
};
use crate::problem;

const DOCUMENT: &str = include_str!("../../../../docs/openapi.json");

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/openapi.json", show, Needs::Nothing, "Shows this document.")
            .gives(Gives::Anything("This document.")),
    ]
}

async fn show() -> ([(header::HeaderName, &'static str); 1], &'static str) {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT)
}

/// The document as the table says, with a line break at its end.
#[must_use]
pub fn document() -> String {
    let table = super::table();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for route in &table {
        let methods = paths.entry(format!("{PREFIX}{}", route.path)).or_default();
        methods.insert(route.method.as_str().to_ascii_lowercase(), operation(route));
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sallyport",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Everything an administrator can do, with an API token or with the token of an administrator who signed in \
                by both doors (`/sign-in`). Times are microseconds since the Unix epoch, UTC. \
                Nouns are named by id or by name. Refusals are problem details (RFC 9457).",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas(&table),
        },
    });
    // The order must not depend on how serde_json was built.
    format!("{:#}\n", sorted(document))
}

fn operation(route: &Route) -> Value {
    let mut operation = json!({
        "operationId": operation_id(route),
        "tags": [route.path.split('/').nth(1).unwrap_or_default()],
        "summary": route.about,
        "parameters": parameters(route),
        "responses": responses(route),
    });
    let Some(fields) = operation.as_object_mut() else { return operation };
    match route.needs {
        Needs::BothDoors => {
            fields.insert(
                "description".into(),
                json!("Needs the token of somebody who signed in by both doors, not an API token."),
            );
        }
        Needs::Nothing => {
            fields.insert("security".into(), json!([]));
        }
        Needs::Right(action) => {
            fields.insert("description".into(), json!(format!("Needs the right to {}.", action.text())));
            fields.insert("x-right".into(), json!(action));
        }
        Needs::Session => {
            fields.insert(
                "description".into(),
                json!("Needs the token of somebody who signed in, not an API token."),
            );
        }
        Needs::Token => {
            fields.insert("description".into(), json!("Needs a live token."));
        }
    }
    if let Some(takes) = &route.takes {
        let content = match takes {
            Takes::Csv => json!({ "text/csv": { "schema": { "type": "string" } } }),
            Takes::Json(shape) => json!({ "application/json": { "schema": reference(&shape.name) } }),
        };
        fields.insert("requestBody".into(), json!({ "required": true, "content": content }));
    }
    operation
}

/// Such as `post_users_user_suspend`.
fn operation_id(route: &Route) -> String {
    let words = route.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let method = route.method.as_str().to_ascii_lowercase();
    std::iter::once(method.as_str()).chain(words).collect::<Vec<_>>().join("_")
}

fn parameters(route: &Route) -> Vec<Value> {
    let names = route.path.split(['{', '}']).skip(1).step_by(2);
    let in_path = names
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
    let in_query = route.parameters.iter().map(in_query);
    let conditional = route.conditional.then(|| {
        let about = "The entity tag the noun must still have; 412 if it changed in the meantime.";
        json!({ "name": "If-Match", "in": "header", "description": about, "schema": { "type": "string" } })
    });
    in_path.chain(in_query).chain(conditional).collect()
}

fn in_query(parameter: &Parameter) -> Value {
    let kind = match parameter.kind {
        ParameterKind::Flag => "boolean",
        ParameterKind::Number => "integer",
        ParameterKind::Text => "string",
    };
    json!({ "name": parameter.name, "in": "query", "description": parameter.about, "schema": { "type": kind } })
}

fn responses(route: &Route) -> Value {
    let (status, about, schema) = match &route.gives {
        Gives::Nothing => ("204", "Done.", None),
        Gives::One(shape) => ("200", "Here it is.", Some(reference(&shape.name))),
        Gives::Noun(shape) => ("200", "The noun.", Some(versioned(shape))),
        Gives::Created(shape) => ("201", "It was created.", Some(versioned(shape))),
        Gives::CreatedOnce(shape) | Gives::Made(shape) => {
            ("201", "It was made. Secrets are shown this once.", Some(reference(&shape.name)))
        }
        Gives::All(shape) => ("200", "All of them.", Some(list(&reference(&shape.name), false))),
        Gives::Page(shape) => ("200", "One page.", Some(list(&reference(&shape.name), true))),
        Gives::PageOfNouns(shape) => ("200", "One page.", Some(list(&versioned(shape), true))),
        Gives::Anything(about) => ("200", *about, Some(json!({ "type": "object" }))),
        Gives::Csv => ("200", "Rows for a spreadsheet.", None),
    };
    let mut accepted = json!({ "description": about });
    if let Some(fields) = accepted.as_object_mut() {
        match (&route.gives, schema) {
            (Gives::Csv, _) => {
                fields.insert("content".into(), json!({ "text/csv": { "schema": { "type": "string" } } }));
            }
            (_, Some(schema)) => {
                fields.insert("content".into(), json!({ "application/json": { "schema": schema } }));
            }
            (_, None) => {}
        }
        if let Some(headers) = headers(&route.gives) {
            fields.insert("headers".into(), headers);
        }
    }
    let problem = json!({
        "description": "It was refused.",
        "content": { "application/problem+json": { "schema": reference("Problem") } },
    });
    json!({ status: accepted, "default": problem })
}

fn headers(gives: &Gives) -> Option<Value> {
    let tag = json!({ "description": "The version, for If-Match.", "schema": { "type": "string" } });
    let location = json!({ "description": "Where it is from now on.", "schema": { "type": "string" } });
    match gives {
        Gives::Noun(_) => Some(json!({ "ETag": tag })),
        Gives::Created(_) | Gives::CreatedOnce(_) => Some(json!({ "ETag": tag, "Location": location })),
        Gives::All(_)
        | Gives::Anything(_)
        | Gives::Csv
        | Gives::Made(_)
        | Gives::Nothing
        | Gives::One(_)
        | Gives::Page(_)
        | Gives::PageOfNouns(_) => None,
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn versioned(shape: &Shape) -> Value {
    let version = json!({ "type": "integer", "format": "int64", "description": "Rises with every update." });
    let version = json!({ "type": "object", "required": ["version"], "properties": { "version": version } });
    json!({ "allOf": [reference(&shape.name), version] })
}

fn list(items: &Value, paged: bool) -> Value {
    let items = json!({ "type": "array", "items": items });
    if paged {
        let next = json!({ "type": ["string", "null"], "description": "For `after`, if there is more." });
        json!({ "type": "object", "required": ["items", "next"], "properties": { "items": items, "next": next } })
    } else {
        json!({ "type": "object", "required": ["items"], "properties": { "items": items } })
    }
}

fn schemas(table: &[Route]) -> BTreeMap<String, Value> {
    let mut found = vec![("Problem".to_owned(), problem::Body::schema())];
    problem::Body::schemas(&mut found);
    for route in table {
        if let Some(Takes::Json(shape)) = &route.takes {
            (shape.collect)(&mut found);
        }
        match &route.gives {
            Gives::All(shape)
            | Gives::Created(shape)
            | Gives::CreatedOnce(shape)
            | Gives::Made(shape)
            | Gives::Noun(shape)
            | Gives::One(shape)
            | Gives::Page(shape)
            | Gives::PageOfNouns(shape) => (shape.collect)(&mut found),
            Gives::Anything(_) | Gives::Csv | Gives::Nothing => {}
        }
    }
    found.into_iter().map(|(name, schema)| (name, json!(schema))).collect()
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<String, Value> =
                fields.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            Value::Object(fields.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}
