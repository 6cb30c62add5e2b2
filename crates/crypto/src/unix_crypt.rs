//! The form in which a Linux device checks the directory password by itself: crypt(5) with SHA-512.

use sha_crypt::{Params, ShaCrypt};
use zeroize::Zeroizing;

use crate::random::{self, NoRandomness, Random};

/// Rounds of SHA-512 crypt. About 60 ms on a current core: dear to guess, unnoticed at a login.
const ROUNDS: u32 = 100_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnixCryptError {
    #[error("the password could not be hashed for Linux")]
    Failed,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// `$6$rounds=...$salt$hash` of a password.
///
/// # Errors
/// No randomness.
pub fn sha512(password: &str, random: &dyn Random) -> Result<Zeroizing<String>, UnixCryptError> {
    use sha_crypt::CustomizedPasswordHasher as _;
    let salt = random::bytes::<12>(random)?;
    let params = Params::new(ROUNDS).map_err(|_| UnixCryptError::Failed)?;
    ShaCrypt::SHA512
        .hash_password_customized(password.as_bytes(), &salt, None, None, params)
        .map(|hash| Zeroizing::new(hash.as_str().to_owned()))
        .map_err(|_| UnixCryptError::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    #[test]
    fn the_system_crypt_agrees() {
        let ours = sha512("correct horse", &SystemRandom::new()).unwrap();
        let setting: String = ours.rsplit_once('$').unwrap().0.to_owned() + "$";
        let theirs = std::process::Command::new("perl")
            .args(["-e", "print crypt($ARGV[0], $ARGV[1])", "correct horse", &setting])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(theirs.stdout).unwrap(), *ours);
    }
}
