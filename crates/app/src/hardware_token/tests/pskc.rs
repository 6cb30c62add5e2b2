//! Files of vendors (RFC 6030) whose secrets are encrypted, from the file to the door.

use sallyport_api::rest::ImportOutcome;

use super::*;

/// The key that the encrypted example of RFC 6030 (section 6.1) was made with, in hexadecimal.
const KEY: &str = "12345678901234567890123456789012";
const SERIAL: &str = "987654321";
/// RFC 4226, appendix D, with the eight digits that the example asks for.
const CODES: [&str; 3] = ["84755224", "94287082", "37359152"];

/// The encrypted example of RFC 6030: a button with the seed of RFC 4226.
fn encrypted() -> String {
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    std::fs::read_to_string(format!("{root}/../../fuzz/seeds/pskc/good-encrypted")).unwrap()
}

async fn handed_to_alice(test: &TestOrg) {
    let (alice, token) = (person(test, "alice").await, resolve(&test.system(), SERIAL).await.unwrap());
    assign(&test.system(), token.id, alice).await.unwrap();
}

#[tokio::test]
async fn an_encrypted_file_brings_a_token_whose_codes_open_the_second_door() {
    let test = testing::org().await;
    let (file, key) = (Secret::from(encrypted()), Secret::from(KEY));
    let planned = import::plan(&test.system(), &file, Some(&key)).await.unwrap();
    assert_eq!((planned.created, planned.refused), (1, 0), "{planned:?}");
    assert!(resolve(&test.system(), SERIAL).await.is_err(), "a plan takes nothing in");
    let report = import::apply(&test.system(), &file, Some(&key)).await.unwrap();
    assert_eq!(report.rows, planned.rows);
    assert_eq!((report.created, report.rows[0].name.as_str()), (1, SERIAL));
    let token = resolve(&test.system(), SERIAL).await.unwrap();
    assert_eq!((token.kind, token.digits), (HardwareTokenKind::Hotp { counter: 0 }, 8));
    handed_to_alice(&test).await;
    let [first, second, third] = CODES;
    let computed = Codes { seed: SEED, digest: Digest::Sha1, digits: 8 };
    assert_eq!([0, 1, 2].map(|counter| computed.at(counter)), CODES);
    assert_eq!(try_at(&test, Resource::Portal, first).await, Ok(()));
    assert_eq!(try_at(&test, Resource::Api, first).await, Err(Reason::FactorUsed));
    assert_eq!(try_at(&test, Resource::Portal, &second[2..]).await, Err(Reason::FactorWrong), "six of them");
    assert_eq!(try_at(&test, Resource::Portal, third).await, Ok(()));
    assert_eq!(try_at(&test, Resource::Portal, second).await, Err(Reason::FactorUsed), "looked over");
    // The same file again, and nothing of seed or key at rest.
    let again = import::apply(&test.system(), &file, Some(&key)).await.unwrap();
    assert_eq!(again.rows[0].outcome, ImportOutcome::Skip);
    let (dump, key) = (test.dump(), data_encoding::HEXLOWER.decode(KEY.as_bytes()).unwrap());
    for secret in [SEED, &key, KEY.as_bytes()] {
        assert!(!dump.windows(secret.len()).any(|window| window == secret));
    }
}

/// What the codes are made of is not part of what is encrypted, so the same secret serves a clock.
#[tokio::test]
async fn an_encrypted_file_brings_a_clock_whose_codes_open_the_second_door() {
    let test = testing::org().await;
    let file = encrypted().replace("keyprov:pskc:hotp", "keyprov:pskc:totp");
    let (before, behind) = file.split_once("<Counter>").unwrap();
    let (_, behind) = behind.split_once("</Counter>").unwrap();
    let interval = "<TimeInterval><PlainValue>60</PlainValue></TimeInterval>";
    let file = Secret::from(format!("{before}{interval}{behind}"));
    let report = import::apply(&test.system(), &file, Some(&KEY.into())).await.unwrap();
    assert_eq!((report.created, report.refused), (1, 0), "{report:?}");
    handed_to_alice(&test).await;
    let step = test.system().now.unix_seconds() / 60;
    let at = |step: i64| Codes { seed: SEED, digest: Digest::Sha1, digits: 8 }.at(step);
    assert_eq!(try_at(&test, Resource::Portal, &at(step + 1)).await, Err(Reason::FactorWrong));
    assert_eq!(try_at(&test, Resource::Portal, &at(step)).await, Ok(()));
    assert_eq!(try_at(&test, Resource::Portal, &at(step)).await, Err(Reason::FactorUsed));
    test.clock.advance(Span::minutes(1));
    assert_eq!(try_at(&test, Resource::Portal, &at(step + 1)).await, Ok(()));
}

#[tokio::test]
async fn without_the_right_key_nothing_of_an_encrypted_file_is_taken_in() {
    let test = testing::org().await;
    let file = Secret::from(encrypted());
    for (key, field) in [
        (None, "file"),
        (Some(""), "file"),
        (Some("1234"), "file"),
        (Some("not hexadecimal"), "key"),
        (Some("00000000000000000000000000000000"), "file"),
        // Another of the right length, to whose padding nothing objects or something does.
        (Some("12345678901234567890123456789013"), "file"),
    ] {
        let key = key.map(Secret::from);
        match import::apply(&test.system(), &file, key.as_ref()).await {
            Err(AppError::Invalid { field: said, .. }) => assert_eq!(said, field),
            Ok(report) => assert_eq!((report.created, report.refused), (0, 1), "{report:?}"),
            Err(other) => panic!("{other:?}"),
        }
    }
    // The right one, and somebody changed the file on its way.
    let altered = encrypted().replace("AAECAwQFBgcI", "BAECAwQFBgcI");
    let report = import::apply(&test.system(), &altered.into(), Some(&KEY.into())).await.unwrap();
    assert_eq!((report.created, report.refused), (0, 1), "{report:?}");
    assert!(resolve(&test.system(), SERIAL).await.is_err());
}
