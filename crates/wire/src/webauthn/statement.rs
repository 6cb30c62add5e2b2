//! Attestation statements (WebAuthn Level 3 section 8): what the maker of an authenticator says of it, and whether that
//! leads to somebody who is trusted to say it of this model.
//!
//! Verified are the formats in which a certificate of the maker vouches and that security keys and platforms send:
//! `packed`, `tpm`, `fido-u2f` and `apple`. Self attestation and `none` prove no model. What is not verified here,
//! `android-key` among it, is not attested.

#[cfg(test)]
mod tests;

use sallyport_crypto::digest::sha256;

use super::{
    authenticator::{Attested, point, public_key},
    cbor::Value,
    certificate::{Chain, Root},
    tpm,
};

/// A model of authenticators, and who is trusted to say that one is of it.
#[derive(Debug, Clone)]
pub struct Model {
    /// All zero for keys that speak U2F alone, which tell of no model: whatever U2F key leads to these roots.
    pub aaguid: [u8; 16],
    pub roots: Vec<Root>,
}

/// Why an authenticator counts as of no model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAttested {
    #[error("nothing was said of who made it")]
    Nothing,
    #[error("it vouches for itself alone")]
    Itself,
    #[error("the format of its statement is not verified")]
    Format,
    #[error("its statement cannot be read")]
    Malformed,
    #[error("the signature of its statement is wrong")]
    Signature,
    #[error("its certificate is not as those of authenticators are")]
    Certificate,
    #[error("its certificate is of another model than it says")]
    OtherModel,
    #[error("its model is not one of those named")]
    Unnamed,
    #[error("its certificate leads to no root of its model that is good now")]
    NoRoot,
}

/// A statement, with what it is about.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    pub(super) format: &'a str,
    pub(super) about: Value<'a>,
    /// The authenticator data as they were sent.
    pub(super) raw: &'a [u8],
    pub(super) rp_id_hash: &'a [u8],
    pub(super) attested: Attested<'a>,
    pub(super) client_data_hash: [u8; 32],
}

impl<'a> Statement<'a> {
    /// The SHA-256 of the root that vouches for the model.
    pub(super) fn verify(&self, models: &[Model], now: i64) -> Result<[u8; 32], NotAttested> {
        let chain = match self.format {
            "packed" => self.packed()?,
            "tpm" => self.tpm()?,
            "fido-u2f" => self.fido_u2f()?,
            "apple" => self.apple()?,
            "none" => return Err(NotAttested::Nothing),
            _ => return Err(NotAttested::Format),
        };
        // A key that tells of no model is named as such, and no other may hide behind its name.
        if (self.attested.aaguid == [0; 16]) != (self.format == "fido-u2f") {
            return Err(NotAttested::OtherModel);
        }
        let model = models.iter().find(|model| model.aaguid == self.attested.aaguid);
        let model = model.ok_or(NotAttested::Unnamed)?;
        chain.leads_to(&model.roots, now).ok_or(NotAttested::NoRoot)
    }

    /// Section 8.2.
    fn packed(&self) -> Result<Chain<'a>, NotAttested> {
        let (algorithm, signature) = (self.number("alg")?, self.bytes("sig")?);
        if self.has_members(2) {
            return Err(NotAttested::Itself);
        }
        let chain = self.chain(3)?;
        let signed = [self.raw, &self.client_data_hash].concat();
        if !chain.signed(algorithm, &signed, signature) {
            return Err(NotAttested::Signature);
        }
        if !chain.is_for_packed() {
            return Err(NotAttested::Certificate);
        }
        self.of_its_model(chain)
    }

    /// Section 8.3: what a module states of the key is signed, and names what was to be signed.
    fn tpm(&self) -> Result<Chain<'a>, NotAttested> {
        let (algorithm, signature) = (self.number("alg")?, self.bytes("sig")?);
        let (stated, public) = (self.bytes("certInfo")?, self.bytes("pubArea")?);
        let (chain, key) = (self.chain(6)?, public_key(self.attested.cose).ok_or(NotAttested::Malformed)?);
        let digest = sha256(&[self.raw, &self.client_data_hash].concat());
        let of_version_2 = self.about.text_at("ver") == Some("2.0");
        if !of_version_2 || !tpm::is_of_key(public, &key) || !tpm::certifies(stated, public, &digest) {
            return Err(NotAttested::Malformed);
        }
        if !chain.signed(algorithm, stated, signature) {
            return Err(NotAttested::Signature);
        }
        if !chain.is_for_tpm() {
            return Err(NotAttested::Certificate);
        }
        self.of_its_model(chain)
    }

    /// That the certificate is for no other model, where it says which.
    fn of_its_model(&self, chain: Chain<'a>) -> Result<Chain<'a>, NotAttested> {
        match chain.aaguid()? {
            Some(aaguid) if aaguid != self.attested.aaguid => Err(NotAttested::OtherModel),
            Some(_) | None => Ok(chain),
        }
    }

    /// Section 8.6: the form of keys that were made before there were models.
    fn fido_u2f(&self) -> Result<Chain<'a>, NotAttested> {
        let (signature, chain) = (self.bytes("sig")?, self.chain(2)?);
        let point = point(self.attested.cose).ok_or(NotAttested::Malformed)?;
        let signed = [&[0], self.rp_id_hash, &self.client_data_hash, self.attested.id, &point].concat();
        if !chain.is_alone() {
            return Err(NotAttested::Certificate);
        }
        if chain.signed(ES256, &signed, signature) { Ok(chain) } else { Err(NotAttested::Signature) }
    }

    /// Section 8.8: the certificate is made for this one credential, and names what it was made for.
    fn apple(&self) -> Result<Chain<'a>, NotAttested> {
        let chain = self.chain(1)?;
        let nonce = sha256(&[self.raw, &self.client_data_hash].concat());
        let point = point(self.attested.cose).ok_or(NotAttested::Malformed)?;
        if chain.apple_nonce()? != nonce || !chain.is_of_key(&point) {
            return Err(NotAttested::Signature);
        }
        Ok(chain)
    }

    /// The certificates, of a statement with this many members.
    fn chain(&self, members: usize) -> Result<Chain<'a>, NotAttested> {
        let listed = self.about.at(&Value::Text("x5c"));
        let Some(Value::Array(listed)) = listed.filter(|_| self.has_members(members)) else {
            return Err(NotAttested::Malformed);
        };
        let listed: Option<Vec<&'a [u8]>> = listed
            .iter()
            .map(|certificate| if let Value::Bytes(der) = certificate { Some(*der) } else { None })
            .collect();
        Chain::read(&listed.ok_or(NotAttested::Malformed)?).ok_or(NotAttested::Certificate)
    }

    fn has_members(&self, count: usize) -> bool {
        matches!(&self.about, Value::Map(pairs) if pairs.len() == count)
    }

    fn bytes(&self, name: &str) -> Result<&'a [u8], NotAttested> {
        self.about.bytes_at(&Value::Text(name)).ok_or(NotAttested::Malformed)
    }

    fn number(&self, name: &str) -> Result<i64, NotAttested> {
        match self.about.at(&Value::Text(name)) {
            Some(Value::Int(number)) => Ok(*number),
            _ => Err(NotAttested::Malformed),
        }
    }
}

/// ECDSA with SHA-256, by its COSE number.
const ES256: i64 = -7;
