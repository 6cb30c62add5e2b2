//! Typed reading of request parameters, whether they came in a query, a form or a JSON object.
//!
//! Clients send almost everything as text even in JSON, so an integer may be `3600` or `"3600"` and a flag
//! `true`, `1`, `"1"` or `"True"`. What is not tolerated is doubt: a parameter that is to have one value and
//! arrives with two is an error, whichever of them would have been convenient.

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::text::is_printable;
use super::urlencoded::{self, Pair};

/// The most parameters one request may carry, and the most items a list may have.
pub const MAX_PARAMS: usize = 512;
/// The most bytes a body may have.
pub const MAX_BODY: usize = 512 * 1024;
/// The most bytes a form body may have: its parameters are sorted and signed several times over.
pub const MAX_FORM: usize = 128 * 1024;

/// Why parameters cannot be read. Names come from the code, never from the request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParamError {
    #[error("parameter `{0}` has an unusable value")]
    Invalid(&'static str),
    #[error("parameter `{0}` is missing")]
    Missing(&'static str),
    #[error("the body is not a JSON object")]
    NotJson,
    #[error("a parameter is not UTF-8")]
    NotUtf8,
    #[error("parameter `{0}` is given more than once")]
    Repeated(&'static str),
    #[error("the request is too large")]
    TooLarge,
    #[error("the request has too many parameters")]
    TooMany,
}

/// Parameters by name, in the order received.
#[derive(Clone, Default, PartialEq)]
pub struct Params(Vec<(String, Value)>);

impl Params {
    /// Reads a query string without its `?`.
    pub fn from_query(query: &str) -> Result<Self, ParamError> {
        Self::from_form(query.as_bytes())
    }

    /// Reads a form body.
    pub fn from_form(form: &[u8]) -> Result<Self, ParamError> {
        if form.len() > MAX_FORM {
            return Err(ParamError::TooLarge);
        }
        Self::from_pairs(urlencoded::decode_pairs(form, MAX_PARAMS).ok_or(ParamError::TooMany)?)
    }

    /// Reads a JSON object; an empty body is an empty object.
    pub fn from_json(body: &[u8]) -> Result<Self, ParamError> {
        if body.len() > MAX_BODY {
            return Err(ParamError::TooLarge);
        }
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        let Members(members) = serde_json::from_slice(body).map_err(|_| ParamError::NotJson)?;
        Self::of(members)
    }

    fn of(members: Vec<(String, Value)>) -> Result<Self, ParamError> {
        if members.len() > MAX_PARAMS { Err(ParamError::TooMany) } else { Ok(Self(members)) }
    }

    /// Everything, in the order received.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The first value of a name that came with the request.
    pub(crate) fn entry(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub(crate) fn from_pairs(pairs: Vec<Pair>) -> Result<Self, ParamError> {
        let text = |bytes| String::from_utf8(bytes).map_err(|_| ParamError::NotUtf8);
        pairs
            .into_iter()
            .map(|(k, v)| Ok((text(k)?, Value::String(text(v)?))))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// These parameters followed by `other`'s.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names in the order received, repeats included.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Refuses a name that is given more than once, whoever reads it.
    pub fn says_nothing_twice(&self) -> Result<(), ParamError> {
        let mut names: Vec<&str> = self.names().collect();
        names.sort_unstable();
        let twice = names.windows(2).any(|pair| matches!(pair, [one, other] if one == other));
        if twice { Err(ParamError::Repeated("one of them")) } else { Ok(()) }
    }

    /// The value as JSON; `null` counts as absent.
    pub fn json(&self, name: &'static str) -> Result<Option<&Value>, ParamError> {
        let mut values = self.values(name);
        let value = values.next();
        if values.next().is_some() { Err(ParamError::Repeated(name)) } else { Ok(value) }
    }

    /// Objects: from one to `most` in an array, or in one in a text. In an array that was no text, of a name that an object gives
    /// twice the last counts: who read the whole has kept no other.
    pub(crate) fn objects<T: DeserializeOwned>(
        &self,
        name: &'static str,
        most: usize,
    ) -> Result<Vec<T>, ParamError> {
        let given = self.json(name)?.ok_or(ParamError::Missing(name))?;
        let all: Result<Vec<T>, _> = if let Value::String(text) = given {
            serde_json::from_str(text)
        } else {
            serde_json::from_value(given.clone())
        };
        let all = all.map_err(|_| ParamError::Invalid(name))?;
        if all.is_empty() || all.len() > most { Err(ParamError::Invalid(name)) } else { Ok(all) }
    }

    /// The value as text, which may be empty. A JSON number is its own text, so that a passcode may be one.
    pub fn string(&self, name: &'static str) -> Result<Option<String>, ParamError> {
        self.json(name)?.map(|value| text_of(value).ok_or(ParamError::Invalid(name))).transpose()
    }

    /// The value as text of at most `max` bytes; empty counts as absent.
    pub fn text(&self, name: &'static str, max: usize) -> Result<Option<String>, ParamError> {
        match self.string(name)? {
            Some(text) if text.len() > max => Err(ParamError::Invalid(name)),
            text => Ok(text.filter(|text| !text.is_empty())),
        }
    }

    /// Like `text`, and without control characters: fit for names, logs and terminals.
    pub fn line(&self, name: &'static str, max: usize) -> Result<Option<String>, ParamError> {
        match self.text(name, max)? {
            Some(text) if !text.chars().all(is_printable) => Err(ParamError::Invalid(name)),
            text => Ok(text),
        }
    }

    /// Like `line`, and present.
    pub fn required_line(&self, name: &'static str, max: usize) -> Result<String, ParamError> {
        self.line(name, max)?.ok_or(ParamError::Missing(name))
    }

    /// The value as an integer, from a number or a text of digits; empty counts as absent.
    pub fn int(&self, name: &'static str) -> Result<Option<i64>, ParamError> {
        let Some(text) = self.text(name, 20)? else { return Ok(None) };
        // `parse` alone would also take `+5`, which no client means.
        let starts_well = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        text.parse().ok().filter(|_| starts_well).map(Some).ok_or(ParamError::Invalid(name))
    }

    /// Like `int`, and present.
    pub fn required_int(&self, name: &'static str) -> Result<i64, ParamError> {
        self.int(name)?.ok_or(ParamError::Missing(name))
    }

    /// The value as a flag; empty counts as absent.
    pub fn bool(&self, name: &'static str) -> Result<Option<bool>, ParamError> {
        if let Some(Value::Bool(flag)) = self.json(name)? {
            return Ok(Some(*flag));
        }
        let Some(text) = self.text(name, 5)? else { return Ok(None) };
        match text.to_ascii_lowercase().as_str() {
            "1" | "true" => Ok(Some(true)),
            "0" | "false" => Ok(Some(false)),
            _ => Err(ParamError::Invalid(name)),
        }
    }

    /// Whether the flag is present and set.
    pub fn is_set(&self, name: &'static str) -> Result<bool, ParamError> {
        Ok(self.bool(name)?.unwrap_or(false))
    }

    /// The values of a list: a JSON array, a JSON array in a text, comma separated text, or repeated names.
    pub fn list(&self, name: &'static str) -> Result<Option<Vec<String>>, ParamError> {
        let values: Vec<&Value> = self.values(name).collect();
        let items = match values.as_slice() {
            [] => return Ok(None),
            [Value::Array(items)] => texts_of(items),
            [Value::String(text)] => split_list(text),
            several => several.iter().map(|value| text_of(value)).collect(),
        };
        match items {
            Some(items) if items.len() > MAX_PARAMS => Err(ParamError::TooMany),
            Some(items) => Ok(Some(items)),
            None => Err(ParamError::Invalid(name)),
        }
    }

    fn values(&self, name: &'static str) -> impl Iterator<Item = &Value> {
        self.0.iter().filter(move |(key, value)| key == name && !value.is_null()).map(|(_, value)| value)
    }
}

/// Those of a JSON object that came inside of a parameter.
impl<'de> Deserialize<'de> for Params {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Members(members) = Members::deserialize(deserializer)?;
        Self::of(members).map_err(serde::de::Error::custom)
    }
}

/// The members of a JSON object as they stand there, repeats included: a map would silently keep one of them.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// Shows names only, because values may be passcodes.
impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Params").field(&self.names().collect::<Vec<_>>()).finish()
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(_) | Value::Bool(_) | Value::Null | Value::Object(_) => None,
    }
}

fn texts_of(values: &[Value]) -> Option<Vec<String>> {
    values.iter().map(text_of).collect()
}

fn split_list(text: &str) -> Option<Vec<String>> {
    if text.trim_start().starts_with('[') {
        return texts_of(&serde_json::from_str::<Vec<Value>>(text).ok()?);
    }
    Some(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests;
