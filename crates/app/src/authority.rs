//! The organisation's certificate authority at rest: its certificate in the open, its key sealed.

use sallyport_crypto::{Random, authority::Root, keyring::KeyRing, seal::Place};
use sallyport_model::Time;
use sallyport_store::Db;
use zeroize::Zeroizing;

use crate::AppError;

const OWNER: &str = "org";
const CERTIFICATE: &str = "ca_certificate";
const KEY: &str = "ca_key";

/// Loads the authority, or makes it the first time. Blocks.
///
/// # Errors
/// No randomness, the store's, or a key that does not open under this root key.
pub fn load(db: &Db, keys: &KeyRing, random: &dyn Random, now: Time) -> Result<Root, AppError> {
    if find(db)?.is_none() {
        let made = Root::create(now.unix_seconds(), random)
            .map_err(|error| AppError::Internal(error.to_string()))?;
        let sealed = keys.sealing().seal(made.key_pem.as_bytes(), &place(keys), random)?;
        // Of several nodes starting at once the first one wins; all then read what it wrote.
        db.write_blocking(move |tx| {
            if tx.find_secret(OWNER, CERTIFICATE)?.is_none() {
                tx.put_secret(OWNER, KEY, &sealed)?;
                tx.put_secret(OWNER, CERTIFICATE, made.certificate_pem.as_bytes())?;
            }
            Ok::<_, AppError>(())
        })?;
    }
    let (certificate, sealed) =
        find(db)?.ok_or_else(|| AppError::Internal("the certificate authority is not there".into()))?;
    let key = keys
        .sealing()
        .open(&sealed, &place(keys))
        .map_err(|_| AppError::Internal("this root key is not the one the database was made with".into()))?;
    let text =
        |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|error| AppError::Internal(error.to_string()));
    Ok(Root { certificate_pem: text(certificate)?, key_pem: Zeroizing::new(text(key.to_vec())?) })
}

type Kept = (Vec<u8>, Vec<u8>);

fn find(db: &Db) -> Result<Option<Kept>, AppError> {
    db.read_blocking(|reader| {
        Ok(reader.find_secret(OWNER, CERTIFICATE)?.zip(reader.find_secret(OWNER, KEY)?))
    })
}

fn place(keys: &KeyRing) -> Place<'_> {
    Place { organization: keys.organization(), table: "secret", column: KEY, row: OWNER }
}
