//! An authenticator application, as a person has it on a phone.

use anyhow::Context as _;
use sallyport_crypto::totp;

use crate::unix_now;

/// The seed behind a QR code.
#[derive(Debug, Clone)]
pub struct Authenticator(Vec<u8>);

impl Authenticator {
    /// From the text under the QR code.
    ///
    /// # Errors
    /// It is not base32.
    pub fn from_text(seed: &str) -> anyhow::Result<Self> {
        let seed: String = seed.chars().filter(|c| !c.is_whitespace()).collect();
        data_encoding::BASE32_NOPAD.decode(seed.as_bytes()).map(Self).context("the seed is not base32")
    }

    /// The code of the step `offset` from now.
    #[must_use]
    pub fn code(&self, offset: i64) -> String {
        self.code_of(self.step() + offset)
    }

    /// The code of this step.
    #[must_use]
    pub fn code_of(&self, step: i64) -> String {
        totp::code(&self.0, step)
    }

    /// What another application would read from a QR code to show the same codes.
    #[must_use]
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        totp::uri(issuer, account, &self.0)
    }

    /// The number of the present step.
    #[must_use]
    pub fn step(&self) -> i64 {
        totp::step_at(unix_now())
    }
}
