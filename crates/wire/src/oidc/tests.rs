//! Tests of what relying parties send.

mod authorize;
mod clients;
mod keys;
mod proofs;
mod tokens;

use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::{
    SystemRandom,
    jws::{JwsAlgorithm, JwsKey},
};
use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://sallyport.example.com";
const NOW: i64 = 1_767_225_600;

fn key(algorithm: JwsAlgorithm) -> JwsKey {
    let pkcs8 = JwsKey::generate(algorithm, &SystemRandom::new()).unwrap();
    JwsKey::from_pkcs8(algorithm, &pkcs8).unwrap()
}

fn jwk(key: &JwsKey) -> Jwk {
    Jwk { kid: None, alg: None, key: key.public().unwrap() }
}

fn set(key: &JwsKey) -> JwkSet {
    JwkSet(vec![jwk(key)])
}

fn base64(text: impl AsRef<[u8]>) -> String {
    BASE64URL_NOPAD.encode(text.as_ref())
}

/// A token of these two texts, signed by this key.
fn token_of(key: &JwsKey, header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", base64(header), base64(claims));
    let signature = base64(key.sign(signed.as_bytes()).unwrap());
    format!("{signed}.{signature}")
}

/// One with this in its header beside the algorithm of the key.
fn token(key: &JwsKey, header: &Value, claims: &Value) -> String {
    let mut header = header.clone();
    header["alg"] = key.algorithm().as_str().into();
    token_of(key, &header.to_string(), &claims.to_string())
}

fn form(pairs: &[(&str, &str)]) -> Params {
    Params::from_query(with_query("", pairs).trim_start_matches('?')).unwrap()
}

/// Some pairs with one in its place; an empty one takes it away.
fn with<'a>(usual: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let rest = usual.iter().filter(|(given, _)| *given != name).copied();
    rest.chain([(name, value)]).filter(|(_, value)| !value.is_empty()).collect()
}
