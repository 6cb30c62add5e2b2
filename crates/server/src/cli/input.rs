//! Reads what verbs are given: files, and the fields of a request.

use std::{io::Read as _, path::Path};

use anyhow::Context as _;
use serde_json::{Map, Value};

/// Longest file that is read, in bytes.
const LONGEST: u64 = 16 << 20;

/// A file's bytes, or standard input's for `-`.
pub(super) fn file(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = |source: &mut dyn std::io::Read, bytes: &mut Vec<u8>| source.take(LONGEST).read_to_end(bytes);
    if path.as_os_str() == "-" {
        read(&mut std::io::stdin(), &mut bytes)?;
    } else {
        std::fs::File::open(path)
            .and_then(|mut file| read(&mut file, &mut bytes))
            .with_context(|| format!("cannot read `{}`", path.display()))?;
    }
    Ok(bytes)
}

/// A file's text, or standard input's for `-`.
pub(super) fn text(path: &Path) -> anyhow::Result<String> {
    String::from_utf8(file(path)?).with_context(|| format!("`{}` is not UTF-8 text", path.display()))
}

/// The version that settings were read in.
pub(super) fn version(settings: &Value) -> anyhow::Result<i64> {
    settings
        .get("version")
        .and_then(Value::as_i64)
        .context("the settings have no `version`: begin with what `show --json` prints")
}

/// Puts what was given into the settings as they were read, each at its place (RFC 6901).
pub(super) fn set<const N: usize>(
    settings: &mut Value,
    given: [(&str, Option<Value>); N],
) -> anyhow::Result<()> {
    for (place, value) in given {
        let Some(value) = value else { continue };
        let found = settings.pointer_mut(place);
        *found.with_context(|| format!("the server knows no `{place}`: is it older than this program?"))? =
            value;
    }
    Ok(())
}

/// The fields of a request: those that were given.
#[derive(Debug, Default)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn with(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
        self
    }

    /// A list, unless it is empty.
    pub(super) fn with_list(self, name: &str, values: Vec<String>) -> Self {
        self.with(name, (!values.is_empty()).then_some(values))
    }

    /// Nothing at all in a list or a map, if that was asked for.
    pub(super) fn with_none(self, name: &str, asked: bool, nothing: Value) -> Self {
        self.with(name, asked.then_some(nothing))
    }

    /// A flag, if it is set.
    pub(super) fn with_flag(self, name: &str, set: bool) -> Self {
        self.with(name, set.then_some(true))
    }

    pub(super) fn json(self) -> Value {
        Value::Object(self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_setting_goes_to_its_place_and_one_that_the_server_does_not_know_is_an_error() {
        let mut settings = json!({ "version": 3, "second_door": { "prompts": 1 } });
        let given = [("/second_door/prompts", Some(json!(2))), ("/version", None)];
        set(&mut settings, given).unwrap();
        assert_eq!(settings, json!({ "version": 3, "second_door": { "prompts": 2 } }));
        for unknown in ["/second_door/colour", "/colour", "colour", "/second_door/prompts/x"] {
            let before = settings.clone();
            let refused = set(&mut settings, [(unknown, Some(json!(true)))]).unwrap_err().to_string();
            assert!(refused.contains(&format!("`{unknown}`")), "{refused}");
            assert_eq!(settings, before, "{unknown}");
        }
        // What was not given asks nothing of the server.
        set(&mut settings, [("/colour", None)]).unwrap();
    }
}
