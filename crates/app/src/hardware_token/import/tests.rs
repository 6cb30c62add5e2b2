use sallyport_store::PageRequest;

use super::*;
use crate::{hardware_token, testing};

const SECRET: &str = "3132333435363738393031323334353637383930";

async fn head(test: &testing::TestOrg) -> i64 {
    test.system().read(|reader| Ok(reader.feed_head()?)).await.unwrap()
}

/// The same file planned and applied: the plan changes nothing and says what comes.
async fn told(test: &testing::TestOrg, file: &str) -> Vec<(u64, String, ImportOutcome, String)> {
    let before = head(test).await;
    let planned = plan(&test.system(), &file.into(), None).await.unwrap();
    assert_eq!(head(test).await, before, "a plan changes nothing");
    let applied = apply(&test.system(), &file.into(), None).await.unwrap();
    assert!(planned.dry_run && !applied.dry_run);
    assert_eq!(planned.rows, applied.rows);
    applied.rows.into_iter().map(|row| (row.line, row.name, row.outcome, row.detail)).collect()
}

fn outcomes(rows: &[(u64, String, ImportOutcome, String)]) -> Vec<(u64, ImportOutcome, &str)> {
    rows.iter().map(|(line, _, outcome, detail)| (*line, *outcome, detail.as_str())).collect()
}

#[tokio::test]
async fn every_form_of_token_is_taken_in_as_the_row_says() {
    let test = testing::org().await;
    let base32 = data_encoding::BASE32.encode(b"another seed of some 25 by");
    let file = format!(
        "Serial;Kind;Digits;Secret;secret_base32;Digest;Counter;Interval\n\
         A-1;hotp;;{SECRET};;;7;\n\
         A-2;t8;8;;{base32};SHA-256;;60\n\
         A-3;TOTP;;00112233 44556677 8899aabb CCDDEEFF;;sha512;;\n"
    );
    assert_eq!(
        outcomes(&told(&test, &file).await),
        [(2, ImportOutcome::Create, ""), (3, ImportOutcome::Create, ""), (4, ImportOutcome::Create, "")]
    );
    let page = PageRequest { limit: 10, ..PageRequest::default() };
    let tokens = hardware_token::list(&test.system(), page).await.unwrap().items;
    let seen: Vec<_> = tokens.iter().map(|token| (token.kind, token.digits, token.digest)).collect();
    assert_eq!(
        seen,
        [
            (HardwareTokenKind::Hotp { counter: 7 }, 6, CodeDigest::Sha1),
            (HardwareTokenKind::Totp { interval: 60 }, 8, CodeDigest::Sha256),
            (HardwareTokenKind::Totp { interval: 30 }, 6, CodeDigest::Sha512),
        ]
    );
    // Once more all of it is as it is.
    assert!(told(&test, &file).await.iter().all(|row| row.2 == ImportOutcome::Skip));
}

#[tokio::test]
async fn a_bad_row_says_why_and_spoils_no_good_one() {
    let test = testing::org().await;
    told(&test, &format!("serial,kind,secret\nOLD,hotp,{SECRET}\n")).await;
    let other = |n: u8| data_encoding::HEXLOWER.encode(&[n; 20]);
    let file = [
        "serial,kind,digits,secret,counter,interval".to_owned(),
        format!("good-1,hotp,6,{},0,", other(1)),
        format!(",hotp,6,{},0,", other(2)),
        format!("x,sundial,6,{},,", other(2)),
        format!("x,hotp,7,{},0,", other(2)),
        format!("x,h6,8,{},0,", other(2)),
        format!("x,hotp,6,{},-1,", other(2)),
        format!("x,hotp,6,{},,30", other(2)),
        format!("x,totp,6,{},,45", other(2)),
        "x,hotp,6,not hexadecimal,0,".to_owned(),
        "x,hotp,6,00112233,0,".to_owned(),
        "x,hotp,6,,0,".to_owned(),
        format!("x,hotp,6,{}", other(2)),
        format!("GOOD-1,hotp,6,{},0,", other(2)),
        format!("x,hotp,6,{},0,", other(1)),
        format!("old,hotp,6,{},0,", other(4)),
        format!("x,hotp,6,{SECRET},0,"),
        format!("good-2,totp,8,{},,60", other(3)),
    ];
    let rows = told(&test, &file.join("\n")).await;
    let refused = |line, detail| (line, ImportOutcome::Refused, detail);
    assert_eq!(
        outcomes(&rows),
        [
            (2, ImportOutcome::Create, ""),
            refused(3, "serial: a name must not be empty"),
            refused(4, "kind: `sundial` is neither hotp, totp nor yubikey"),
            refused(5, "digits: 7 is neither 6 nor 8"),
            refused(6, "digits: are not those that the kind names"),
            refused(7, "counter: -1 is no counter"),
            refused(8, "interval: is for totp alone"),
            refused(9, "interval: 45 is neither 30 nor 60"),
            refused(10, "secret: is not hexadecimal"),
            refused(11, "secret: has 4 bytes; from 16 to 128 are taken"),
            refused(12, "secret: is missing"),
            refused(13, "row: has 4 cells where the first line has 6"),
            refused(14, "serial: stands in line 2 already"),
            refused(15, "secret: is the one of line 2"),
            refused(16, "another hardware token has this serial number already"),
            refused(17, "another hardware token has this secret already"),
            (18, ImportOutcome::Create, ""),
        ]
    );
}

#[tokio::test]
async fn a_yubikey_is_taken_in_with_both_its_secrets_and_nothing_else() {
    const KEY: &str = "000102030405060708090a0b0c0d0e0f";
    let test = testing::org().await;
    let file = [
        "serial,type,private id,aes key,digits".to_owned(),
        format!("Y-1,yk,010203040506,{KEY},"),
        format!("Y-2,YubiKey,01 02 03 04 05 07,{KEY},"),
        format!("Y-3,yk,,{KEY},"),
        format!("Y-4,yk,0102,{KEY},"),
        "Y-5,yk,010203040508,0102,".to_owned(),
        format!("Y-6,yk,010203040509,{KEY},6"),
        format!("Y-7,hotp,010203040510,{KEY},"),
    ];
    let rows = told(&test, &file.join("\n")).await;
    let refused = |line, detail| (line, ImportOutcome::Refused, detail);
    assert_eq!(
        outcomes(&rows),
        [
            (2, ImportOutcome::Create, ""),
            (3, ImportOutcome::Create, ""),
            refused(4, "private_id: is missing"),
            refused(5, "private_id: is not 12 hexadecimal digits"),
            refused(6, "secret: is not 32 hexadecimal digits"),
            refused(7, "digits: is not for yubikey"),
            refused(8, "private_id: is for yubikey alone"),
        ]
    );
    let pskc = "<KeyContainer xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\" Version=\"1.0\"><KeyPackage>\
                <DeviceInfo><SerialNo>Y-1</SerialNo></DeviceInfo><Key Algorithm=\"http://www.yubico.com/#yubikey-aes\">\
                <Data><Secret><PlainValue>AAECAwQFBgcICQoLDA0ODw==</PlainValue></Secret></Data>\
                <UserId>CN=cccccccccccb, UID=010203040506</UserId></Key></KeyPackage></KeyContainer>";
    let rows = told(&test, pskc).await;
    assert_eq!(outcomes(&rows), [(1, ImportOutcome::Skip, "is here already")]);
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_as_a_whole() {
    let test = testing::org().await;
    for file in ["", "serial,secret\n", "kind,secret\nhotp,00\n", "serial,kind,kind\n"] {
        let refused = apply(&test.system(), &file.into(), None).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: "file", .. })), "{file}");
    }
}

#[tokio::test]
async fn a_pskc_file_is_taken_in_key_by_key() {
    let test = testing::org().await;
    let package = |serial: &str, algorithm: &str, length: u8, secret: &[u8]| {
        let secret = data_encoding::BASE64.encode(secret);
        format!(
            "<KeyPackage><DeviceInfo><SerialNo>{serial}</SerialNo></DeviceInfo>\
             <Key Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:{algorithm}\"><AlgorithmParameters>\
             <ResponseFormat Length=\"{length}\" Encoding=\"DECIMAL\"/></AlgorithmParameters><Data><Secret>\
             <PlainValue>{secret}</PlainValue></Secret></Data></Key></KeyPackage>\n"
        )
    };
    let packages = [
        package("P-1", "hotp", 6, b"12345678901234567890"),
        package("P-2", "totp", 8, b"12345678901234567891"),
        package("P-3", "ocra", 6, b"12345678901234567892"),
        package("P-4", "hotp", 7, b"12345678901234567893"),
        package("", "hotp", 6, b"12345678901234567894"),
        package("P-6", "hotp", 6, b"too short"),
        package("p-1", "hotp", 6, b"12345678901234567895"),
    ];
    let file = format!(
        "\u{feff}<KeyContainer xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\" Version=\"1.0\">\n{}</KeyContainer>",
        packages.concat()
    );
    let rows = told(&test, &file).await;
    let refused = |line, detail| (line, ImportOutcome::Refused, detail);
    assert_eq!(
        outcomes(&rows),
        [
            (2, ImportOutcome::Create, ""),
            (3, ImportOutcome::Create, ""),
            refused(4, "key: the key is neither of HOTP, of TOTP nor of a YubiKey"),
            refused(5, "digits: 7 is neither 6 nor 8"),
            refused(6, "serial: a name must not be empty"),
            refused(7, "secret: has 9 bytes; from 16 to 128 are taken"),
            refused(8, "serial: stands in line 2 already"),
        ]
    );
    let bad_key = apply(&test.system(), &file.as_str().into(), Some(&"no key".into())).await;
    assert!(matches!(bad_key, Err(AppError::Invalid { field: "key", .. })));
}
