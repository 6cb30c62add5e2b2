//! Whoever reads what others wrote has a target, or stands here with a reason.
//!
//! Readers are told by how they look: types made of text or bytes by a trait, and functions named for reading that are handed
//! text, bytes or parameters. A target has a reader when it names its type (or its function, or the file of one that is called
//! `read` and no more). What serde derives alone is no reader of ours.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Rooms whose readers read nobody's bytes but ours: the fuzzer's own, and the tests'.
const WITHOUT: [&str; 2] = ["fuzz", "testkit"];

/// Traits that make a type of text or bytes, written by hand.
const TRAITS: [&str; 4] = ["Deserialize<'de> for ", "FromStr for ", "TryFrom<&", "TryFrom<String> for "];
/// How functions that read are named, and what they are handed.
const VERBS: [&str; 4] = ["decode", "from_", "parse", "read"];
const HANDED: [&str; 6] = ["&Form", "&Params", "&str", "String", "Vec<u8>", "[u8]"];

/// Readers that no target names, by name and file, and why.
#[rustfmt::skip]
const OTHERWISE: &[(&str, &str, &str)] = &[
    ("NewApplication", "api/src/rest/catalogue.rs", "a body of the API, which serde reads; what is ours looks which fields are there"),
    ("Color", "model/src/color.rs", "a field of a form of somebody who has signed in"),
    ("Origin", "model/src/application.rs", "`names`, which has the address that it is made of"),
    ("Link", "model/src/link.rs", "a field of a form of somebody who has signed in"),
    ("Task", "agent/src/child.rs", "one of four words, of a program of ours to another"),
    ("Database", "agent/src/platform/linux/passwd.rs", "`agent_files`, through `codecs::accounts`"),
    ("pskc", "app/src/hardware_token/import/pskc.rs", "`pskc` has the file"),
    ("table", "app/src/hardware_token/import/table.rs", "`sheet` has the file; what is made of its cells is text by then"),
    ("table", "app/src/import/table.rs", "`sheet` has the file; what is made of its cells is text by then"),
    ("read_metadata", "app/src/saml/remote.rs", "`saml_metadata` has the file"),
    ("parsed", "app/src/user/alias.rs", "`names`, which has the type that it makes"),
    ("JwsKey", "crypto/src/jws.rs", "keys of our own, which rested sealed"),
    ("EcdsaKey", "crypto/src/p256.rs", "keys of our own, which rested sealed"),
    ("from_alphabet", "crypto/src/random.rs", "letters of our own"),
    ("SamlKey", "crypto/src/saml_key.rs", "keys of our own, which rested sealed"),
    ("artifact", "installers/src/artifact.rs", "opens a file by its name, and reads nothing of it"),
    ("Arguments", "pam/src/arguments.rs", "`pam_arguments`, through `obeys`"),
    ("decoded", "saml/src/base64.rs", "`saml_message` and `saml_answer`, under all that is read"),
    ("Query", "saml/src/binding/query.rs", "`saml_message`, under `Received`"),
    ("Header", "saml/src/message.rs", "`saml_message`, as a part of every message"),
    ("when", "saml/src/when.rs", "`saml_answer` and `saml_metadata`, as their moments"),
    ("reader", "saml/src/xml/reader.rs", "`saml_document`, as `xml::read`"),
    ("noun", "store/src/noun.rs", "what the store wrote, as serde wrote it"),
    ("applied", "web/src/pages/admin/policy/applied.rs", "fields of a form of somebody who has signed in"),
    ("from_duo", "web/src/pages/step_up.rs", "`duo_prompt`, which has what the query is read with"),
    ("Letter", "web/src/simulator/mail/letter.rs", "a mail of our own, in demonstrations and tests"),
    ("RemoteId", "wire/src/duo/admin/client.rs", "`duo_admin_answers`, as a part of a user"),
    ("Status", "wire/src/duo/admin/client.rs", "`duo_admin_answers`, as a part of a user"),
    ("UserStatus", "wire/src/duo/admin/user.rs", "`duo_admin`, as a part of `UserFields`"),
    ("DeviceRef", "wire/src/duo/auth/device.rs", "`duo_requests`, as a part of `AuthRequest`"),
    ("Prompt", "wire/src/duo/auth/prompt.rs", "`duo_answers`, as a part of `PreauthResponse`"),
    ("Members", "wire/src/params.rs", "`duo_params`, as what `Params` reads JSON with"),
    ("date", "wire/src/duo/signing/date.rs", "`duo_signing`, as a header of the request"),
    ("Credentials", "wire/src/duo/signing/request.rs", "`duo_signing`, as a header of the request"),
    ("CallState", "wire/src/twilio/call.rs", "`twilio_callback`, as a part of `Callback`"),
    ("Sender", "wire/src/twilio/message.rs", "`twilio_callback`, as a part of `Message`"),
    ("decode_pairs", "wire/src/urlencoded.rs", "`duo_params` and `twilio_callback`, under `Params` and `Form`"),
    ("AuthenticatorData", "wire/src/webauthn/authenticator.rs", "`webauthn`, under `Attestation` and `Assertion`"),
    ("Value", "wire/src/webauthn/cbor.rs", "`webauthn`, under `Attestation`"),
    ("Chain", "wire/src/webauthn/certificate.rs", "`webauthn`, under `Attestation`"),
    ("Browser", "wire/src/webpush/soft.rs", "the other side, for tests"),
];

#[test]
fn whoever_reads_has_a_target_or_a_reason() {
    let rooms = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("..");
    let mut named = BTreeSet::new();
    for file in sources(&rooms.join("fuzz/src")) {
        named.extend(words(&fs::read_to_string(file).unwrap()));
    }
    assert!(named.contains("TARGETS"), "nothing was found in {}", rooms.display());
    let (mut without, mut reasons) = (Vec::new(), OTHERWISE.to_vec());
    for file in sources(&rooms) {
        let path = file.strip_prefix(&rooms).unwrap().to_str().unwrap().to_owned();
        let is_shipped = !path.split('/').any(|part| part.starts_with("test") || part == "tests.rs");
        if !is_shipped || !path.contains("/src/") || WITHOUT.iter().any(|room| path.starts_with(room)) {
            continue;
        }
        for reader in
            readers(&fs::read_to_string(&file).unwrap(), file.file_stem().unwrap().to_str().unwrap())
        {
            let before = reasons.len();
            reasons.retain(|(name, of, _)| !(*name == reader && *of == path));
            if !named.contains(&reader) && reasons.len() == before && !excused(&reader, &path) {
                without.push(format!("{reader} in {path}"));
            }
        }
    }
    assert!(without.is_empty(), "neither a target nor a reason: {without:#?}");
    assert!(reasons.is_empty(), "there is no such reader any more: {reasons:#?}");
    assert!(OTHERWISE.iter().all(|(.., why)| !why.is_empty()));
}

/// A reader that stands in the list has it for all of its functions.
fn excused(reader: &str, path: &str) -> bool {
    OTHERWISE.iter().any(|(name, of, _)| *name == reader && *of == path)
}

#[test]
fn a_reader_is_told_by_how_it_looks() {
    let text = "\
impl std::str::FromStr for One {
}
impl<'de> Deserialize<'de> for Two {
}
impl Three {
    pub fn parse(
        status: u16, body: &[u8]) -> Self {
    fn parse(text: &str) -> Self {
    pub fn len(&self) -> usize {
}
pub(crate) fn read(file: &[u8]) -> Four {
pub fn parse_five(text: &str) -> Five {
#[cfg(test)]
mod tests {
pub fn read(text: &str) {
";
    assert_eq!(readers(text, "four"), ["One", "Two", "Three", "four", "parse_five"]);
    let said = words("// One\nTwo::parse(three) // Four\n/// Five\n");
    assert_eq!(said, BTreeSet::from(["Two", "parse", "three"].map(str::to_owned)));
}

/// What is read in this file, by type or function.
fn readers(text: &str, stem: &str) -> Vec<String> {
    let shipped = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let (mut found, mut at, mut rest) = (Vec::new(), None, shipped);
    while let Some((line, behind)) = rest.split_once('\n') {
        if let Some(made) = line.strip_prefix("impl").filter(|line| line.ends_with('{')) {
            let name = made.rsplit(" for ").next().unwrap_or_default();
            let name = name.trim_start_matches(|c: char| !c.is_alphabetic());
            let name =
                if name.starts_with('\'') { made.rsplit("> ").next().unwrap_or_default() } else { name };
            at = words(name).into_iter().find(|word| word.starts_with(char::is_uppercase));
            if TRAITS.iter().any(|made_by| made.contains(made_by)) {
                found.extend(at.clone());
            }
        } else if line == "}" {
            at = None;
        }
        let name = line.trim_start().strip_prefix("pub").and_then(|line| line.split_once("fn "));
        if let Some((name, _)) = name.and_then(|(_, behind)| behind.split_once(['(', '<'])) {
            let handed = rest.split_once(name).and_then(|(_, behind)| behind.split_once(['{', ';']));
            let handed = handed.and_then(|(signature, _)| signature.split(" -> ").next()).unwrap_or_default();
            let reads = VERBS.iter().any(|verb| name.starts_with(verb));
            if reads && HANDED.iter().any(|kind| handed.contains(kind)) {
                let alone = if VERBS.contains(&name) { stem } else { name };
                found.push(at.clone().unwrap_or_else(|| alone.to_owned()));
            }
        }
        rest = behind;
    }
    found.dedup();
    found
}

/// The words of the code, not of what is said about it.
fn words(code: &str) -> BTreeSet<String> {
    let code = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.flat_map(|line| line.split(|c: char| !is_part(c)))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}
