//! What an authenticator itself says: authenticator data (WebAuthn Level 3 section 6.1) and public keys in COSE
//! (RFC 9053, section 6.5.1.1 of WebAuthn).

use sallyport_crypto::foreign::ForeignKey;

use super::cbor::Value;

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const ATTESTED: u8 = 1 << 6;
const EXTENSIONS: u8 = 1 << 7;

/// Longest id of a credential (section 4, *credential ID*).
const LONGEST_ID: usize = 1023;

/// Authenticator data, read to its last byte.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AuthenticatorData<'a> {
    pub(super) rp_id_hash: &'a [u8],
    pub(super) user_present: bool,
    pub(super) user_verified: bool,
    pub(super) backup_eligible: bool,
    pub(super) backed_up: bool,
    pub(super) counter: u32,
    pub(super) attested: Option<Attested<'a>>,
}

/// A credential that was just made.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attested<'a> {
    pub(super) aaguid: [u8; 16],
    pub(super) id: &'a [u8],
    /// The key as it was sent.
    pub(super) cose: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    pub(super) fn read(input: &'a [u8]) -> Option<Self> {
        let (rp_id_hash, rest) = input.split_at_checked(32)?;
        let (&flags, rest) = rest.split_first()?;
        let (counter, rest) = rest.split_first_chunk::<4>()?;
        let has = |flag: u8| flags & flag != 0;
        let (attested, rest) = if has(ATTESTED) {
            let (attested, rest) = Attested::read(rest)?;
            (Some(attested), rest)
        } else {
            (None, rest)
        };
        let rest = if has(EXTENSIONS) {
            let (extensions, rest) = Value::read(rest)?;
            matches!(extensions, Value::Map(_)).then_some(rest)?
        } else {
            rest
        };
        // What cannot be backed up is not backed up (section 6.1.3).
        let told_apart = has(BACKUP_ELIGIBLE) || !has(BACKED_UP);
        (rest.is_empty() && told_apart).then_some(Self {
            rp_id_hash,
            user_present: has(USER_PRESENT),
            user_verified: has(USER_VERIFIED),
            backup_eligible: has(BACKUP_ELIGIBLE),
            backed_up: has(BACKED_UP),
            counter: u32::from_be_bytes(*counter),
            attested,
        })
    }
}

impl<'a> Attested<'a> {
    fn read(input: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (aaguid, rest) = input.split_first_chunk::<16>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (id, key) = rest.split_at_checked(length)?;
        let (_, rest) = Value::read(key)?;
        let cose = key.get(..key.len() - rest.len())?;
        (1..=LONGEST_ID).contains(&id.len()).then_some((Self { aaguid: *aaguid, id, cose }, rest))
    }
}

/// The public key in COSE form, if it is of one of the algorithms that we offer and nothing else.
pub(super) fn public_key(cose: &[u8]) -> Option<ForeignKey> {
    let key = Value::read_all(cose)?;
    let bytes = |label: i64| key.bytes_at(&Value::Int(label));
    let found = match (key.int_at(1)?, key.int_at(3)?) {
        (2, ES256) if key.int_at(-1)? == 1 => {
            ForeignKey::es256(bytes(-2)?.try_into().ok()?, bytes(-3)?.try_into().ok()?)
        }
        (1, EDDSA) if key.int_at(-1)? == 6 => ForeignKey::Ed25519(bytes(-2)?.try_into().ok()?),
        (3, RS256) => ForeignKey::Rs256 { modulus: bytes(-1)?.to_vec(), exponent: bytes(-2)?.to_vec() },
        _ => return None,
    };
    found.is_sound().then_some(found)
}

/// The uncompressed point of a key of P-256 in COSE form.
pub(super) fn point(cose: &[u8]) -> Option<[u8; 65]> {
    if let ForeignKey::Es256(point) = public_key(cose)? { Some(point) } else { None }
}

/// The algorithms by their COSE numbers, the preferred first.
pub(super) const ALGORITHMS: [i64; 3] = [ES256, EDDSA, RS256];
const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;
