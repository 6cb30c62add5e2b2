//! What makers publish of a model of authenticators: a FIDO metadata statement (FIDO Metadata Statement 3.0), as far as
//! attestation needs it. It is taken at the word of whoever hands it in; nothing is signed here.

use data_encoding::BASE64;
use serde::Deserialize;

use super::certificate::Root;

/// Longest statement that is looked at, in bytes; an icon is in it too.
const LONGEST: usize = 512 << 10;
/// Most roots of a model that are looked at.
const MOST_ROOTS: usize = 64;

/// A model as its maker describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// As it is written, for the caller to read.
    pub aaguid: String,
    pub name: String,
    pub roots: Vec<Root>,
}

/// Why a statement is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    #[error(
        "it is no metadata statement of one model: JSON with `aaguid`, `description` and `attestationRootCertificates`"
    )]
    Unreadable,
    #[error(
        "it has no `aaguid`, because the model speaks U2F or UAF; give the name and the certificates by themselves"
    )]
    NoAaguid,
    #[error("one of its `attestationRootCertificates` cannot be read")]
    BadRoot,
    #[error("it has no `attestationRootCertificates`, so nobody vouches for the model")]
    NoRoot,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    aaguid: Option<String>,
    description: String,
    #[serde(default)]
    attestation_root_certificates: Vec<String>,
}

/// An entry of FIDO's list of all models has the statement inside.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    metadata_statement: Statement,
}

/// Reads the statement of one model.
///
/// # Errors
/// It is none, or proves nothing.
pub fn read(json: &str) -> Result<Described, MetadataError> {
    if json.len() > LONGEST {
        return Err(MetadataError::Unreadable);
    }
    let entry = serde_json::from_str::<Entry>(json).map(|entry| entry.metadata_statement);
    let statement = entry.or_else(|_| serde_json::from_str::<Statement>(json));
    let statement = statement.map_err(|_| MetadataError::Unreadable)?;
    let aaguid = statement.aaguid.ok_or(MetadataError::NoAaguid)?;
    let listed = statement.attestation_root_certificates;
    if listed.len() > MOST_ROOTS {
        return Err(MetadataError::Unreadable);
    }
    let roots: Option<Vec<Root>> = listed.iter().map(|text| root(text)).collect();
    let roots = roots.ok_or(MetadataError::BadRoot)?;
    if roots.is_empty() {
        return Err(MetadataError::NoRoot);
    }
    Ok(Described { aaguid, name: statement.description, roots })
}

/// Some write lines into it.
fn root(text: &str) -> Option<Root> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    Root::read(&BASE64.decode(text.as_bytes()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::webauthn::soft::maker::Maker;

    const AAGUID: &str = "ee882879-721c-4913-9775-3dfcce97072a";

    #[test]
    fn a_statement_of_one_model_is_read_alone_and_as_an_entry_of_the_list() {
        let maker = Maker::new("Acme");
        let mut root = BASE64.encode(&maker.root.0);
        root.insert_str(64, "\n  ");
        let statement = json!({
            "aaguid": AAGUID, "description": "Acme Key 5", "schema": 3, "protocolFamily": "fido2",
            "attestationRootCertificates": [root], "icon": "data:image/png;base64,",
        });
        let entry = json!({ "aaguid": AAGUID, "metadataStatement": statement, "statusReports": [] });
        for json in [&statement, &entry] {
            let described = read(&json.to_string()).unwrap();
            assert_eq!((described.aaguid.as_str(), described.name.as_str()), (AAGUID, "Acme Key 5"));
            assert_eq!(described.roots, [Root::read(&maker.root.0).unwrap()]);
        }
    }

    #[test]
    fn what_proves_nothing_is_refused_with_the_reason() {
        let with = |aaguid: Option<&str>, roots: &[&str]| {
            json!({ "aaguid": aaguid, "description": "Key", "attestationRootCertificates": roots })
                .to_string()
        };
        for (json, why) in [
            (String::new(), MetadataError::Unreadable),
            ("[]".into(), MetadataError::Unreadable),
            (format!("\"{}\"", "x".repeat(LONGEST)), MetadataError::Unreadable),
            (with(Some(AAGUID), &["x"; MOST_ROOTS + 1]), MetadataError::Unreadable),
            (with(None, &[]), MetadataError::NoAaguid),
            (with(Some(AAGUID), &[]), MetadataError::NoRoot),
            (with(Some(AAGUID), &["AAAA"]), MetadataError::BadRoot),
            (with(Some(AAGUID), &["*"]), MetadataError::BadRoot),
        ] {
            assert_eq!(read(&json), Err(why), "{json:.60}");
        }
    }
}
