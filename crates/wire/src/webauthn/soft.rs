//! An authenticator in software, for tests: it makes one credential on P-256 and answers for it. What it says can be bent
//! before it is signed, so that every lie is well made. Its maker may vouch for it ([`maker`]).

pub mod maker;

use std::sync::Arc;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::digest::sha256;
use serde_json::json;

use self::maker::Batch;

/// What is said about the person and the credential.
pub const TOUCHED: u8 = 1;
pub const VERIFIED: u8 = 1 << 2;

/// A credential, with all that it says of itself.
pub struct SoftAuthenticator {
    pair: EcdsaKeyPair,
    pub credential: Vec<u8>,
    /// The model it says it is.
    pub aaguid: [u8; 16],
    /// By what its maker vouches for it; without, nothing is said of who made it.
    pub batch: Option<Arc<Batch>>,
    pub user_handle: Option<Vec<u8>>,
    pub rp_id: String,
    pub origin: String,
    pub flags: u8,
    pub counter: u32,
    pub cross_origin: bool,
    /// What the client data say that the answer is to, where that is another question.
    pub kind: Option<&'static str>,
}

impl SoftAuthenticator {
    /// One with a fresh key, used by somebody it verifies.
    ///
    /// # Panics
    /// Without randomness.
    #[must_use]
    #[expect(clippy::expect_used, reason = "for tests alone")]
    pub fn new(rp_id: &str, origin: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("randomness");
        let credential = sha256(pair.public_key().as_ref()).to_vec();
        Self {
            pair,
            credential,
            aaguid: [0; 16],
            batch: None,
            user_handle: None,
            rp_id: rp_id.to_owned(),
            origin: origin.to_owned(),
            flags: TOUCHED | VERIFIED,
            counter: 0,
            cross_origin: false,
            kind: None,
        }
    }

    /// The answer to `navigator.credentials.create`, as JSON.
    #[must_use]
    pub fn create(&self, challenge: &[u8]) -> String {
        self.create_with(challenge, |made| match &self.batch {
            Some(batch) => ("packed", batch.packed(&[&made.data[..], &made.client_data_hash].concat())),
            None => ("none", vec![0xa0]),
        })
    }

    /// The same, with a statement of any kind: its format, and what it says, as CBOR.
    #[must_use]
    pub fn create_with<'f>(
        &self,
        challenge: &[u8],
        statement: impl FnOnce(&Made) -> (&'f str, Vec<u8>),
    ) -> String {
        let attested =
            [&self.aaguid[..], &text_length(self.credential.len()), &self.credential, &self.cose()].concat();
        let client_data = self.client_data("webauthn.create", challenge);
        let made = Made {
            data: [self.data(1 << 6), attested].concat(),
            client_data_hash: sha256(&client_data).to_vec(),
        };
        let (format, about) = statement(&made);
        let object = [
            &[0xa3][..],
            &text("fmt"),
            &text(format),
            &text("attStmt"),
            &about,
            &text("authData"),
            &bytes(&made.data),
        ]
        .concat();
        let id = BASE64URL_NOPAD.encode(&self.credential);
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": BASE64URL_NOPAD.encode(&client_data),
                "attestationObject": BASE64URL_NOPAD.encode(&object),
                "transports": ["internal", "hybrid"],
            },
        })
        .to_string()
    }

    /// The answer to `navigator.credentials.get`, as JSON.
    ///
    /// # Panics
    /// Without randomness.
    #[must_use]
    #[expect(clippy::expect_used, reason = "for tests alone")]
    pub fn get(&self, challenge: &[u8]) -> String {
        let (client_data, data) = (self.client_data("webauthn.get", challenge), self.data(0));
        let signed = [&data[..], &sha256(&client_data)].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &signed).expect("randomness");
        let id = BASE64URL_NOPAD.encode(&self.credential);
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": BASE64URL_NOPAD.encode(&client_data),
                "authenticatorData": BASE64URL_NOPAD.encode(&data),
                "signature": BASE64URL_NOPAD.encode(signature.as_ref()),
                "userHandle": self.user_handle.as_ref().map(|handle| BASE64URL_NOPAD.encode(handle)),
            },
        })
        .to_string()
    }

    /// The public key in COSE form.
    #[must_use]
    pub fn cose(&self) -> Vec<u8> {
        let (x, y) = self.pair.public_key().as_ref().split_at(1).1.split_at(32);
        [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", x, b"\x22\x58\x20", y].concat()
    }

    fn data(&self, more_flags: u8) -> Vec<u8> {
        let flags = [self.flags | more_flags];
        [&sha256(self.rp_id.as_bytes())[..], &flags, &self.counter.to_be_bytes()].concat()
    }

    fn client_data(&self, kind: &str, challenge: &[u8]) -> Vec<u8> {
        json!({
            "type": self.kind.unwrap_or(kind),
            "challenge": BASE64URL_NOPAD.encode(challenge),
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        })
        .to_string()
        .into_bytes()
    }
}

/// What a statement is about.
pub struct Made {
    /// The authenticator data.
    pub data: Vec<u8>,
    pub client_data_hash: Vec<u8>,
}

/// A text as CBOR.
#[must_use]
pub fn text(text: &str) -> Vec<u8> {
    [head(3, text.len()), text.as_bytes().to_vec()].concat()
}

/// Bytes as CBOR.
#[must_use]
pub fn bytes(bytes: &[u8]) -> Vec<u8> {
    [head(2, bytes.len()), bytes.to_vec()].concat()
}

/// What begins an item of CBOR: its major type, and how much follows.
#[must_use]
pub fn head(major: u8, length: usize) -> Vec<u8> {
    match u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes() {
        [0, short @ 0..24] => vec![major << 5 | short],
        [0, one] => vec![major << 5 | 24, one],
        [high, low] => vec![major << 5 | 25, high, low],
    }
}

fn text_length(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes()
}
