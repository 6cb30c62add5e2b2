//! BSON (bsonspec.org, version 1.1), as much of it as answers have: strings, 32-bit numbers, flags and documents
//! in documents.
//!
//! Written by hand because the one client that wants it reads no more than this (it refuses 64-bit numbers), and we
//! read none of it.

use serde_json::{Map, Value};

const STRING: u8 = 0x02;
const DOCUMENT: u8 = 0x03;
const BOOLEAN: u8 = 0x08;
const INT32: u8 = 0x10;

/// Why a document cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BsonError {
    /// The byte ends a name, so the rest of it would be read as something else.
    #[error("a name holds a null byte")]
    Name,
    #[error("the document is too long")]
    TooLong,
    #[error("a value has a type that clients do not read")]
    Type,
}

/// One document.
///
/// # Errors
/// Values of other types, among them numbers beyond 32 bits; names with a null byte; 2 GiB and more.
pub fn encode(document: &Map<String, Value>) -> Result<Vec<u8>, BsonError> {
    let mut elements = Vec::new();
    for (name, value) in document {
        let (kind, bytes) = element(value)?;
        if name.contains('\0') {
            return Err(BsonError::Name);
        }
        elements.push(kind);
        elements.extend_from_slice(name.as_bytes());
        elements.push(0);
        elements.extend_from_slice(&bytes);
    }
    // The length counts itself and the closing byte.
    let mut bytes = length(elements.len().saturating_add(5))?.to_vec();
    bytes.append(&mut elements);
    bytes.push(0);
    Ok(bytes)
}

fn element(value: &Value) -> Result<(u8, Vec<u8>), BsonError> {
    match value {
        Value::Bool(flag) => Ok((BOOLEAN, vec![u8::from(*flag)])),
        Value::Number(number) => {
            let number = number.as_i64().and_then(|number| i32::try_from(number).ok());
            Ok((INT32, number.ok_or(BsonError::Type)?.to_le_bytes().to_vec()))
        }
        Value::Object(inner) => Ok((DOCUMENT, encode(inner)?)),
        Value::String(text) => {
            let mut bytes = length(text.len().saturating_add(1))?.to_vec();
            bytes.extend_from_slice(text.as_bytes());
            bytes.push(0);
            Ok((STRING, bytes))
        }
        Value::Array(_) | Value::Null => Err(BsonError::Type),
    }
}

fn length(length: usize) -> Result<[u8; 4], BsonError> {
    i32::try_from(length).map(i32::to_le_bytes).map_err(|_| BsonError::TooLong)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bytes(value: &Value) -> Result<Vec<u8>, BsonError> {
        encode(value.as_object().unwrap())
    }

    #[test]
    fn documents_have_the_bytes_of_the_specification() {
        let hello = b"\x16\x00\x00\x00\x02hello\x00\x06\x00\x00\x00world\x00\x00";
        assert_eq!(bytes(&json!({ "hello": "world" })).unwrap(), hello);
        assert_eq!(bytes(&json!({})).unwrap(), b"\x05\x00\x00\x00\x00");
        let nested = b"\x14\x00\x00\x00\x03a\x00\x0c\x00\x00\x00\x10b\x00\xff\xff\xff\xff\x00\x00";
        assert_eq!(bytes(&json!({ "a": { "b": -1 } })).unwrap(), nested);
        assert_eq!(bytes(&json!({ "a": true })).unwrap(), b"\x09\x00\x00\x00\x08a\x00\x01\x00");
    }

    #[test]
    fn what_the_client_cannot_read_is_refused() {
        for value in [json!(1_i64 << 31), json!(1.5), json!(null), json!([1])] {
            assert_eq!(bytes(&json!({ "a": { "b": value } })), Err(BsonError::Type), "{value}");
        }
        assert_eq!(bytes(&json!({ "a\0b": "c" })), Err(BsonError::Name));
        assert!(bytes(&json!({ "a": i32::MIN })).is_ok() && bytes(&json!({ "a": "b\0c" })).is_ok());
    }
}
