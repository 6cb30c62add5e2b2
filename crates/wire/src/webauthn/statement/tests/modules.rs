//! Trusted Platform Modules.

use super::*;

/// What the certificate of a module says, which has no subject of its own.
pub(super) fn tpm_params() -> CertificateParams {
    let mut params = batch_params(MODEL);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::Other(vec![2, 23, 133, 8, 3])];
    // A directory name (RFC 5280 section 4.2.1.6) with the module's maker, model and version.
    let said = [(1_u8, "id:00000000"), (2, "Module"), (3, "id:00000001")].map(|(number, text)| {
        let value =
            [&[0x06, 0x05, 0x67, 0x81, 0x05, 0x02, number, 0x0c, short(text)][..], text.as_bytes()].concat();
        let pair = [&[0x30, short(&value)][..], &value].concat();
        [&[0x31, short(&pair)][..], &pair].concat()
    });
    let wrapped = [0x30, 0xa4, 0x30]
        .iter()
        .fold(said.concat(), |inner, tag| [&[*tag, short(&inner)][..], &inner].concat());
    let mut names = CustomExtension::from_oid_content(&[2, 5, 29, 17], wrapped);
    names.set_criticality(true);
    params.custom_extensions.push(names);
    params
}

fn short(bytes: impl AsRef<[u8]>) -> u8 {
    u8::try_from(bytes.as_ref().len()).unwrap()
}

/// A statement of a module, about an authenticator of `MODEL`.
pub(super) fn tpm(soft: &SoftAuthenticator, batch: &Batch, made: &Made) -> Vec<u8> {
    let cose = soft.cose();
    let head = [0, 0x23, 0, 0x0b, 0, 4, 0, 0x72, 0, 0, 0, 0x10, 0, 0x10, 0, 3, 0, 0x10];
    let public = [&head[..], &[0, 32], &cose[10..42], &[0, 32], &cose[45..]].concat();
    let asked = sha256(&signed(made));
    let stated = [
        &[0xff, 0x54, 0x43, 0x47, 0x80, 0x17, 0, 0, 0, 32][..],
        &asked,
        &[0; 25],
        &[0, 34, 0, 0x0b],
        &sha256(&public),
        &[0, 0],
    ]
    .concat();
    let algorithm = head_of_algorithm(batch.algorithm);
    [
        &[0xa6][..],
        &text("ver"),
        &text("2.0"),
        &text("alg"),
        &algorithm,
        &text("sig"),
        &bytes(&batch.sign(&stated)),
        &text("certInfo"),
        &bytes(&stated),
        &text("pubArea"),
        &bytes(&public),
        &batch.x5c(),
    ]
    .concat()
}

fn head_of_algorithm(algorithm: i64) -> Vec<u8> {
    head(1, usize::try_from(-1 - algorithm).unwrap())
}

#[test]
fn a_modules_certificate_is_of_a_module() {
    let maker = Maker::new("Acme");
    let soft = soft();
    let come = |params: CertificateParams| {
        let batch = maker.batch_of(&params, key(), -7);
        come_of(&soft.create_with(CHALLENGE, |made| ("tpm", tpm(&soft, &batch, made))), &maker.root.0)
    };
    assert!(come(tpm_params()).is_ok());
    let bent = |bend: fn(&mut CertificateParams)| {
        let mut params = tpm_params();
        bend(&mut params);
        come(params)
    };
    for (what, bend) in [
        (
            "a subject",
            (|params| params.distinguished_name.push(DnType::CommonName, "Module"))
                as fn(&mut CertificateParams),
        ),
        ("no use", |params| params.extended_key_usages.clear()),
        ("another use", |params| {
            params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth]
        }),
        ("no name", |params| _ = params.custom_extensions.pop()),
        ("an authority", |params| params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained)),
    ] {
        assert_eq!(bent(bend), Err(NotAttested::Certificate), "{what}");
    }
    let other = bent(|params| params.custom_extensions[0] = batch_params(OTHER).custom_extensions[0].clone());
    assert_eq!(other, Err(NotAttested::OtherModel));
    // What is stated of another key, or to another question, is of no worth however well it is signed.
    let batch = maker.batch_of(&tpm_params(), key(), -7);
    let stranger = self::soft();
    let of_another = soft.create_with(CHALLENGE, |made| ("tpm", tpm(&stranger, &batch, made)));
    assert_eq!(come_of(&of_another, &maker.root.0), Err(NotAttested::Malformed));
    let to_another = soft.create_with(CHALLENGE, |made| {
        let other = Made { data: made.data.clone(), client_data_hash: vec![7; 32] };
        ("tpm", tpm(&soft, &batch, &other))
    });
    assert_eq!(come_of(&to_another, &maker.root.0), Err(NotAttested::Malformed));
}
