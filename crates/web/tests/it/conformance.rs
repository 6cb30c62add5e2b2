//! Whether answers are what the OpenAPI document says: a small validator of the schemas it uses. Fields that the
//! document does not know are an error too.

use std::{collections::BTreeSet, sync::LazyLock};

use axum::http::Method;
use sallyport_web::rest::{PREFIX, openapi};
use serde_json::Value;

use crate::world::Answer;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&openapi::document()).expect("the document is JSON"));

/// Panics unless the answer is one that the document describes.
#[track_caller]
pub(crate) fn check(method: &Method, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap_or_default();
    let Some(operation) = operation(method, path) else { return };
    let responses = &operation["responses"];
    let described = match &responses[answer.status.as_str()] {
        Value::Null if answer.status.is_success() => panic!("{method} {path}: undescribed {}", answer.status),
        Value::Null => &responses["default"],
        described => described,
    };
    let kind = answer.header("content-type").split(';').next().unwrap_or_default();
    let Some(content) = described.get("content") else {
        assert!(answer.text.is_empty(), "{method} {path}: an undescribed body");
        return;
    };
    let schema = &content[kind]["schema"];
    assert!(schema.is_object(), "{method} {path}: undescribed content type {kind}");
    if kind.ends_with("json") {
        let mut faults = Vec::new();
        validate(schema, &answer.json, "answer", true, &mut faults);
        assert!(faults.is_empty(), "{method} {path}: {}\n{}", faults.join("; "), answer.text);
    }
    for name in described["headers"].as_object().into_iter().flat_map(|headers| headers.keys()) {
        assert!(!answer.header(name).is_empty(), "{method} {path}: no header {name}");
    }
}

fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let path = format!("{PREFIX}{path}");
    let parts: Vec<&str> = path.split('/').collect();
    let paths = DOCUMENT["paths"].as_object()?;
    let fits = |template: &&String| {
        let template: Vec<&str> = template.split('/').collect();
        template.len() == parts.len()
            && template
                .iter()
                .zip(&parts)
                .all(|(template, part)| template == part || template.starts_with('{'))
    };
    // Literal parts go before those in braces, as in the router.
    let template = paths.keys().filter(fits).min_by_key(|template| template.matches('{').count())?;
    paths[template].get(method.as_str().to_ascii_lowercase())
}

fn resolve(schema: &'static Value) -> &'static Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            resolve(&DOCUMENT["components"]["schemas"][reference.rsplit('/').next().unwrap_or_default()])
        }
        None => schema,
    }
}

fn validate(schema: &'static Value, value: &Value, at: &str, closed: bool, faults: &mut Vec<String>) {
    let schema = resolve(schema);
    let list = |name: &str| schema[name].as_array().map(Vec::as_slice).unwrap_or_default();
    if !has_type(&schema["type"], value) {
        faults.push(format!("{at} is not of type {}", schema["type"]));
        return;
    }
    if !list("enum").is_empty() && !list("enum").contains(value) {
        faults.push(format!("{at} is not one of {}", schema["enum"]));
    }
    for part in list("allOf") {
        validate(part, value, at, false, faults);
    }
    if !list("oneOf").is_empty() {
        let fits = list("oneOf").iter().any(|part| {
            let mut faults = Vec::new();
            validate(part, value, at, false, &mut faults);
            faults.is_empty()
        });
        if !fits {
            faults.push(format!("{at} is none of the alternatives"));
        }
    }
    for name in list("required").iter().filter_map(Value::as_str) {
        if value.get(name).is_none() {
            faults.push(format!("{at} has no {name}"));
        }
    }
    if let Some(fields) = value.as_object() {
        for (name, field) in fields {
            if let Some(schema) = schema["properties"].get(name) {
                validate(schema, field, &format!("{at}.{name}"), true, faults);
            }
        }
        let known = known_fields(schema);
        if closed && !known.is_empty() {
            let unknown = fields.keys().filter(|name| !known.contains(name.as_str()));
            faults.extend(unknown.map(|name| format!("{at} has an undescribed {name}")));
        }
    }
    for (n, item) in value.as_array().into_iter().flatten().enumerate() {
        let items = list("prefixItems").get(n).unwrap_or(&schema["items"]);
        validate(items, item, &format!("{at}[{n}]"), true, faults);
    }
}

fn known_fields(schema: &'static Value) -> BTreeSet<&'static str> {
    let schema = resolve(schema);
    let own =
        schema["properties"].as_object().into_iter().flat_map(|fields| fields.keys().map(String::as_str));
    let parts = ["allOf", "oneOf"].into_iter().filter_map(|name| schema[name].as_array()).flatten();
    own.chain(parts.flat_map(known_fields)).collect()
}

fn has_type(kind: &Value, value: &Value) -> bool {
    match kind {
        Value::Array(kinds) => kinds.iter().any(|kind| has_type(kind, value)),
        Value::String(kind) => match kind.as_str() {
            "array" => value.is_array(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "null" => value.is_null(),
            "number" => value.is_number(),
            "object" => value.is_object(),
            "string" => value.is_string(),
            other => panic!("an unknown type {other} in the document"),
        },
        _ => true,
    }
}

#[test]
fn the_document_in_the_tree_is_fresh() {
    let stored = include_str!("../../../../docs/openapi.json");
    assert!(stored == openapi::document(), "docs/openapi.json is not fresh: run `cargo xtask gen openapi`");
}

#[test]
fn the_document_refers_to_nothing_that_is_not_there() {
    fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    references(&DOCUMENT, &mut found);
    for reference in found {
        assert!(DOCUMENT.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}
