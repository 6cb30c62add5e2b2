mod modules;
mod standard;

use std::sync::Arc;

use proptest::prelude::*;
use rcgen::{
    CertificateParams, CustomExtension, DnType, IsCa, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256,
    PublicKeyData, RsaKeySize, SignatureAlgorithm, date_time_ymd,
};

use super::{
    super::{
        Attestation, RelyingParty, UserVerification, WebAuthnError,
        soft::{
            Made, SoftAuthenticator, bytes, head,
            maker::{Batch, Maker, batch_params, key},
            text,
        },
    },
    *,
};

const CHALLENGE: &[u8] = b"thirty-two bytes of a challenge.";
const MODEL: [u8; 16] = [0xa1; 16];
const OTHER: [u8; 16] = [0xb2; 16];
/// In November 2026.
const NOW: i64 = 1_795_000_000;

/// What comes of this answer where keys of `MODEL` are accepted that `root` vouches for.
fn come_of(json: &str, root: &[u8]) -> Result<[u8; 32], NotAttested> {
    at(json, &[Model { aaguid: MODEL, roots: vec![Root::read(root).unwrap()] }], NOW)
}

fn at(json: &str, models: &[Model], now: i64) -> Result<[u8; 32], NotAttested> {
    let rp = RelyingParty::of_url("https://example.com").unwrap();
    let answer = Attestation::parse(json).unwrap();
    match answer.verify_model(CHALLENGE, &rp, UserVerification::Required, models, now) {
        Ok((made, root)) => {
            assert!(models.iter().any(|model| model.aaguid == made.aaguid));
            Ok(root)
        }
        Err(WebAuthnError::NotAttested(why)) => Err(why),
        Err(other) => panic!("{other:?}"),
    }
}

fn soft() -> SoftAuthenticator {
    let mut soft = SoftAuthenticator::new("example.com", "https://example.com");
    soft.aaguid = MODEL;
    soft
}

/// An authenticator of this batch says that it is of `MODEL`.
fn of(batch: Batch) -> String {
    let mut soft = soft();
    soft.batch = Some(Arc::new(batch));
    soft.create(CHALLENGE)
}

/// The same of a batch whose certificate is bent.
fn bent(maker: &Maker, bend: impl FnOnce(&mut CertificateParams)) -> String {
    let mut params = batch_params(MODEL);
    bend(&mut params);
    of(maker.batch_of(&params, key(), -7))
}

fn signed(made: &Made) -> Vec<u8> {
    [&made.data[..], &made.client_data_hash].concat()
}

#[test]
fn what_the_maker_vouches_for_leads_to_its_root() {
    let maker = Maker::new("Acme");
    let root = Root::read(&maker.root.0).unwrap();
    assert_eq!(come_of(&of(maker.batch(MODEL)), &maker.root.0), Ok(root.sha256()));
    // With somebody in between, and without a number of the model in the certificate.
    let (below, between) = maker.below(IsCa::Ca(rcgen::BasicConstraints::Unconstrained));
    let mut batch = below.batch(MODEL);
    batch.chain.push(between);
    assert_eq!(come_of(&of(batch), &maker.root.0), Ok(root.sha256()));
    assert_eq!(
        come_of(&bent(&maker, |params| params.custom_extensions.clear()), &maker.root.0),
        Ok(root.sha256())
    );
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let rsa = maker.batch_of(&batch_params(MODEL), key, -257);
    assert_eq!(come_of(&of(rsa), &maker.root.0), Ok(root.sha256()));
}

#[test]
fn a_batch_may_be_named_itself_and_then_vouches_for_nobody_else() {
    let maker = Maker::new("Acme");
    let batch = maker.batch(MODEL);
    let own = batch.chain[0].clone();
    assert_eq!(come_of(&of(batch), &own), Ok(Root::read(&own).unwrap().sha256()));
    // One that signs a certificate for itself anew each time is known by its key.
    let (params, pair) = (batch_params(MODEL), key());
    let sign = || params.self_signed(&pair).unwrap().der().to_vec();
    let (named, shown) = (sign(), sign());
    assert_ne!(named, shown);
    let pair = KeyPair::try_from(pair.serialize_der()).unwrap();
    let again = Batch { key: pair, algorithm: -7, chain: vec![shown] };
    assert_eq!(come_of(&of(again), &named), Ok(Root::read(&named).unwrap().sha256()));
    // What follows from a certificate that is no authority leads nowhere.
    let (below, between) = maker.below(IsCa::ExplicitNoCa);
    assert_eq!(come_of(&of(below.batch(MODEL)), &between), Err(NotAttested::NoRoot));
    let mut batch = below.batch(MODEL);
    batch.chain.push(between);
    assert_eq!(come_of(&of(batch), &maker.root.0), Err(NotAttested::NoRoot));
}

#[test]
fn what_leads_to_another_root_or_model_is_refused() {
    let (maker, stranger) = (Maker::new("Acme"), Maker::new("Acme"));
    assert_eq!(come_of(&of(stranger.batch(MODEL)), &maker.root.0), Err(NotAttested::NoRoot));
    // The certificate is of one model, the authenticator says another.
    assert_eq!(come_of(&of(maker.batch(OTHER)), &maker.root.0), Err(NotAttested::OtherModel));
    let roots = vec![Root::read(&maker.root.0).unwrap()];
    let others = [Model { aaguid: OTHER, roots }, Model { aaguid: MODEL, roots: Vec::new() }];
    assert_eq!(at(&of(maker.batch(MODEL)), &others[..1], NOW), Err(NotAttested::Unnamed));
    assert_eq!(at(&of(maker.batch(MODEL)), &[], NOW), Err(NotAttested::Unnamed));
    // The root is another model's.
    assert_eq!(at(&of(maker.batch(MODEL)), &others, NOW), Err(NotAttested::NoRoot));
}

#[test]
fn a_certificate_is_as_those_of_authenticators_are() {
    type Bend = fn(&mut CertificateParams);
    let unit = |text: &'static str| {
        move |params: &mut CertificateParams| {
            params.distinguished_name.push(DnType::OrganizationalUnitName, text);
        }
    };
    let maker = Maker::new("Acme");
    assert_eq!(
        come_of(&bent(&maker, unit("Authenticator attestation")), &maker.root.0),
        Err(NotAttested::Certificate)
    );
    let wrong: [(&str, Bend); 8] = [
        ("no unit", |params| _ = params.distinguished_name.remove(DnType::OrganizationalUnitName)),
        ("no organisation", |params| _ = params.distinguished_name.remove(DnType::OrganizationName)),
        ("no country", |params| _ = params.distinguished_name.remove(DnType::CountryName)),
        ("no name", |params| _ = params.distinguished_name.remove(DnType::CommonName)),
        ("an authority", |params| params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained)),
        ("does not say that it is none", |params| params.is_ca = IsCa::NoCa),
        ("critical", |params| params.custom_extensions[0].set_criticality(true)),
        ("too short", |params| {
            let oid = &[1, 3, 6, 1, 4, 1, 45724, 1, 1, 4];
            params.custom_extensions = vec![CustomExtension::from_oid_content(oid, vec![0x04, 0x01, 0xa1])];
        }),
    ];
    for (what, bend) in wrong {
        assert_eq!(come_of(&bent(&maker, bend), &maker.root.0), Err(NotAttested::Certificate), "{what}");
    }
}

#[test]
fn certificates_are_good_for_a_time() {
    let maker = Maker::new("Acme");
    let over: fn(&mut CertificateParams) = |params| params.not_after = date_time_ymd(2026, 1, 1);
    let not_yet: fn(&mut CertificateParams) = |params| params.not_before = date_time_ymd(2027, 1, 1);
    for bend in [over, not_yet] {
        assert_eq!(come_of(&bent(&maker, bend), &maker.root.0), Err(NotAttested::NoRoot));
        // Nor is one that is named itself.
        let mut params = batch_params(MODEL);
        bend(&mut params);
        let batch = maker.batch_of(&params, key(), -7);
        let own = batch.chain[0].clone();
        assert_eq!(come_of(&of(batch), &own), Err(NotAttested::NoRoot));
    }
    let models = [Model { aaguid: MODEL, roots: vec![Root::read(&maker.root.0).unwrap()] }];
    let json = of(maker.batch(MODEL));
    for (now, good) in [(NOW, true), (0, false), (-1, false), (i64::MAX, false), (5_000_000_000, false)] {
        assert_eq!(at(&json, &models, now).is_ok(), good, "{now}");
    }
}

#[test]
fn what_proves_no_model_is_not_attested() {
    let maker = Maker::new("Acme");
    let soft = soft();
    let come = |json: String| come_of(&json, &maker.root.0);
    let own_word = |made: &Made| {
        let signature = maker.batch(MODEL).sign(&signed(made));
        [&[0xa2][..], &text("alg"), &head(1, 6), &text("sig"), &bytes(&signature)].concat()
    };
    let packed = |made: &Made| maker.batch(MODEL).packed(&signed(made));
    assert_eq!(come(soft.create(CHALLENGE)), Err(NotAttested::Nothing));
    // Good as it may be, `none` says nothing.
    assert_eq!(come(soft.create_with(CHALLENGE, |made| ("none", packed(made)))), Err(NotAttested::Nothing));
    assert_eq!(
        come(soft.create_with(CHALLENGE, |made| ("packed", own_word(made)))),
        Err(NotAttested::Itself)
    );
    for format in ["TPM", "android-key", "android-safetynet", "compound", "Packed", ""] {
        let refused = come(soft.create_with(CHALLENGE, |made| (format, packed(made))));
        assert_eq!(refused, Err(NotAttested::Format), "{format}");
    }
}

#[test]
fn a_statement_is_of_one_signature_and_one_form() {
    let maker = Maker::new("Acme");
    let soft = soft();
    let come = |statement: &dyn Fn(&Made, &Batch) -> Vec<u8>| {
        let batch = maker.batch(MODEL);
        come_of(&soft.create_with(CHALLENGE, |made| ("packed", statement(made, &batch))), &maker.root.0)
    };
    assert!(come(&|made, batch| batch.packed(&signed(made))).is_ok());
    // Another message, another algorithm than the key's, and a key of nobody's.
    assert_eq!(come(&|made, batch| batch.packed(&made.data)), Err(NotAttested::Signature));
    for algorithm in [-8, -35, -257, -65535] {
        let other = |made: &Made, batch: &Batch| {
            let bent = maker.batch_of(&batch_params(MODEL), key(), algorithm);
            Batch { chain: batch.chain.clone(), ..bent }.packed(&signed(made))
        };
        assert_eq!(come(&other), Err(NotAttested::Signature), "{algorithm}");
    }
    let stolen = |made: &Made, batch: &Batch| {
        Batch { key: key(), algorithm: -7, chain: batch.chain.clone() }.packed(&signed(made))
    };
    assert_eq!(come(&stolen), Err(NotAttested::Signature));
    // A certificate with something behind it, none at all, too many, and members that do not belong there.
    let chained = |chain: Vec<Vec<u8>>| {
        move |made: &Made, batch: &Batch| {
            let key = KeyPair::try_from(batch.key.serialize_der()).unwrap();
            Batch { key, algorithm: -7, chain: chain.clone() }.packed(&signed(made))
        }
    };
    let mut trailing = maker.batch(MODEL).chain;
    trailing[0].push(0);
    assert_eq!(come(&chained(trailing)), Err(NotAttested::Certificate));
    assert_eq!(come(&chained(Vec::new())), Err(NotAttested::Certificate));
    assert_eq!(come(&chained(vec![vec![0x30, 0x80]])), Err(NotAttested::Certificate));
    let more = |made: &Made, batch: &Batch| {
        let mut packed = batch.packed(&signed(made));
        packed[0] += 1;
        [packed, text("ecdaaKeyId"), bytes(&[1])].concat()
    };
    assert_eq!(come(&more), Err(NotAttested::Malformed));
    assert_eq!(come(&|_, _| vec![0xa0]), Err(NotAttested::Malformed));
}

#[test]
fn a_chain_is_short() {
    let maker = Maker::new("Acme");
    let mut lowest = maker.below(IsCa::Ca(rcgen::BasicConstraints::Unconstrained));
    let mut between = vec![lowest.1.clone()];
    for length in 2..=5 {
        let mut batch = lowest.0.batch(MODEL);
        batch.chain.extend(between.iter().rev().cloned());
        let come = come_of(&of(batch), &maker.root.0);
        let wanted = if length <= 4 {
            Ok(Root::read(&maker.root.0).unwrap().sha256())
        } else {
            Err(NotAttested::Certificate)
        };
        assert_eq!(come, wanted, "{length}");
        lowest = lowest.0.below(IsCa::Ca(rcgen::BasicConstraints::Unconstrained));
        between.push(lowest.1.clone());
    }
}

/// A statement of a key that speaks U2F alone.
fn u2f(soft: &SoftAuthenticator, batch: &Batch, first: u8) -> String {
    soft.create_with(CHALLENGE, |made| {
        let cose = soft.cose();
        let point = [&[4][..], &cose[10..42], &cose[45..]].concat();
        let signed =
            [&[first][..], &made.data[..32], &made.client_data_hash, &soft.credential, &point].concat();
        ("fido-u2f", [&[0xa2][..], &text("sig"), &bytes(&batch.sign(&signed)), &batch.x5c()].concat())
    })
}

#[test]
fn a_key_that_speaks_u2f_alone_is_named_by_no_model() {
    let maker = Maker::new("Acme");
    let roots = vec![Root::read(&maker.root.0).unwrap()];
    let models = [Model { aaguid: [0; 16], roots: roots.clone() }, Model { aaguid: MODEL, roots }];
    let mut soft = soft();
    soft.aaguid = [0; 16];
    let mut batch = maker.batch(MODEL);
    assert!(at(&u2f(&soft, &batch, 0), &models, NOW).is_ok());
    assert_eq!(at(&u2f(&soft, &batch, 0), &models[1..], NOW), Err(NotAttested::Unnamed));
    assert_eq!(at(&u2f(&soft, &batch, 1), &models, NOW), Err(NotAttested::Signature));
    // One that knows its model does not hide behind that it could be any.
    let hidden = soft.create_with(CHALLENGE, |made| ("packed", maker.batch([0; 16]).packed(&signed(made))));
    assert_eq!(at(&hidden, &models, NOW), Err(NotAttested::OtherModel));
    soft.aaguid = MODEL;
    assert_eq!(at(&u2f(&soft, &batch, 0), &models, NOW), Err(NotAttested::OtherModel));
    batch.chain.push(maker.root.0.clone());
    assert_eq!(at(&u2f(&soft, &batch, 0), &models, NOW), Err(NotAttested::Certificate));
}

#[test]
fn what_apple_certifies_is_this_credential() {
    let maker = Maker::new("Fruit");
    let soft = soft();
    // The certificate's key is the credential's.
    let certified = |bend: fn(&mut Vec<u8>), of: &SoftAuthenticator| {
        soft.create_with(CHALLENGE, |made| {
            let mut nonce = sha256(&signed(made)).to_vec();
            bend(&mut nonce);
            let mut params = batch_params(MODEL);
            let value = [&[0x30, 0x24, 0xa1, 0x22, 0x04, 0x20][..], &nonce].concat();
            let oid = &[1, 2, 840, 113635, 100, 8, 2];
            params.custom_extensions = vec![CustomExtension::from_oid_content(oid, value)];
            let cose = of.cose();
            let key = Point([&[4], &cose[10..42], &cose[45..]].concat());
            let certificate = maker.certify(&params, &key);
            ("apple", [&[0xa1][..], &text("x5c"), &head(4, 1), &bytes(&certificate)].concat())
        })
    };
    assert!(come_of(&certified(|_| (), &soft), &maker.root.0).is_ok());
    let stranger = Maker::new("Fruit").root.0;
    assert_eq!(come_of(&certified(|_| (), &soft), &stranger), Err(NotAttested::NoRoot));
    assert_eq!(come_of(&certified(|nonce| nonce[0] ^= 1, &soft), &maker.root.0), Err(NotAttested::Signature));
    let other = self::soft();
    assert_eq!(come_of(&certified(|_| (), &other), &maker.root.0), Err(NotAttested::Signature));
    let none = soft.create_with(CHALLENGE, |_| ("apple", [&[0xa1][..], &maker.batch(MODEL).x5c()].concat()));
    assert_eq!(come_of(&none, &maker.root.0), Err(NotAttested::Certificate));
}

/// The public half of a key of P-256.
struct Point(Vec<u8>);

impl PublicKeyData for Point {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

#[test]
fn a_root_is_one_certificate_and_nothing_else() {
    let maker = Maker::new("Acme");
    let pem = &maker.root.1;
    let root = Root::of_pem(pem).unwrap();
    assert_eq!(Root::read(&maker.root.0), Ok(root.clone()));
    assert_eq!(Root::of_pem(&root.to_pem()), Ok(root.clone()));
    assert!(root.subject.contains("Acme"), "{}", root.subject);
    let key = key().serialize_pem();
    for bad in ["", "no certificate", &pem[..200], &format!("{pem}{pem}"), &format!("{pem}{key}"), &key] {
        assert_eq!(Root::of_pem(bad), Err(super::super::certificate::RootError::NotOne), "{bad}");
    }
    assert!(Root::read(&maker.root.0[1..]).is_err());
    assert!(Root::read(&[maker.root.0.clone(), vec![0]].concat()).is_err());
}

proptest! {
    #[test]
    fn no_byte_of_a_statement_can_be_another(place in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let maker = Maker::new("Acme");
        let soft = soft();
        let json = soft.create_with(CHALLENGE, |made| {
            let mut packed = maker.batch(MODEL).packed(&signed(made));
            let place = place.index(packed.len());
            packed[place] ^= 1 << bit;
            ("packed", packed)
        });
        let rp = RelyingParty::of_url("https://example.com").unwrap();
        let models = [Model { aaguid: MODEL, roots: vec![Root::read(&maker.root.0).unwrap()] }];
        let verified = Attestation::parse(&json).unwrap()
            .verify_model(CHALLENGE, &rp, UserVerification::Required, &models, NOW);
        prop_assert!(verified.is_err());
    }

    #[test]
    fn no_certificate_panics(input in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = (Root::read(&input), Chain::read(&[&input, &input]).map(|_| ()));
    }
}
