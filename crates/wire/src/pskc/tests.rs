use super::*;

const SECRET: &[u8] = b"12345678901234567890";
/// The key of RFC 6030, section 6.1.
const SHARED: [u8; 16] =
    [0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12];

/// RFC 6030, figure 6.
const ENCRYPTED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0"
    xmlns="urn:ietf:params:xml:ns:keyprov:pskc"
    xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
    xmlns:xenc="http://www.w3.org/2001/04/xmlenc#">
    <EncryptionKey>
        <ds:KeyName>Pre-shared-key</ds:KeyName>
    </EncryptionKey>
    <MACMethod Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1">
        <MACKey>
            <xenc:EncryptionMethod
            Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
            <xenc:CipherData>
                <xenc:CipherValue>
    ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX
                </xenc:CipherValue>
            </xenc:CipherData>
        </MACKey>
    </MACMethod>
    <KeyPackage>
        <DeviceInfo>
            <Manufacturer>Manufacturer</Manufacturer>
            <SerialNo>987654321</SerialNo>
        </DeviceInfo>
        <CryptoModuleInfo>
            <Id>CM_ID_001</Id>
        </CryptoModuleInfo>
        <Key Id="12345678"
            Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp">
            <Issuer>Issuer</Issuer>
            <AlgorithmParameters>
                <ResponseFormat Length="8" Encoding="DECIMAL"/>
            </AlgorithmParameters>
            <Data>
                <Secret>
                    <EncryptedValue>
                        <xenc:EncryptionMethod
            Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
                        <xenc:CipherData>
                            <xenc:CipherValue>
    AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv
                            </xenc:CipherValue>
                        </xenc:CipherData>
                    </EncryptedValue>
                    <ValueMAC>Su+NvtQfmvfJzF6bmQiJqoLRExc=
                    </ValueMAC>
                </Secret>
                <Counter>
                    <PlainValue>0</PlainValue>
                </Counter>
            </Data>
        </Key>
    </KeyPackage>
</KeyContainer>"#;

fn container(packages: &str) -> String {
    format!("<pskc:KeyContainer xmlns:pskc=\"{NAMESPACE}\" Version=\"1.0\">\n{packages}</pskc:KeyContainer>")
}

/// A package with this algorithm, format and data beside a plain secret.
fn package(algorithm: &str, parameters: &str, data: &str) -> String {
    let secret = data_encoding::BASE64.encode(SECRET);
    format!(
        "<pskc:KeyPackage><pskc:DeviceInfo><pskc:SerialNo> A-1 </pskc:SerialNo></pskc:DeviceInfo>\
         <pskc:Key Id=\"k\" Algorithm=\"{NAMESPACE}:{algorithm}\"><pskc:AlgorithmParameters>{parameters}\
         </pskc:AlgorithmParameters><pskc:Data><pskc:Secret><pskc:PlainValue>{secret}</pskc:PlainValue></pskc:Secret>\
         {data}</pskc:Data></pskc:Key></pskc:KeyPackage>\n"
    )
}

const SIX: &str = "<pskc:ResponseFormat Length=\"6\" Encoding=\"DECIMAL\"/>";

/// What became of a key: its kind, digits and digest.
type Read = Result<(Kind, u8, String), KeyError>;

fn kinds(text: &str) -> Vec<(u64, Read)> {
    let packages = read(text, None).unwrap();
    packages
        .into_iter()
        .map(|package| (package.line, package.key.map(|key| (key.kind, key.digits, key.digest))))
        .collect()
}

#[test]
fn the_encrypted_example_of_the_rfc_opens_with_its_key_alone() {
    let packages = read(ENCRYPTED, Some(&SHARED)).unwrap();
    let [package] = packages.as_slice() else { panic!("{} packages", packages.len()) };
    assert_eq!((package.serial.as_str(), package.line), ("987654321", 20));
    let key = package.key.as_ref().ok().unwrap();
    assert_eq!((key.kind, key.digits, key.secret.as_slice()), (Kind::Hotp { counter: 0 }, 8, SECRET));
    let whole = |key| read(ENCRYPTED, key).err().unwrap();
    assert_eq!(whole(None), PskcError::KeyNeeded);
    assert_eq!(whole(Some(&[1; 15])), PskcError::KeyLength);
    let wrong = read(ENCRYPTED, Some(&[1; 16]));
    assert!(
        wrong.is_err()
            || wrong.is_ok_and(|packages| packages[0].key.as_ref().err() == Some(&KeyError::Altered))
    );
}

#[test]
fn an_altered_or_unauthenticated_secret_is_not_read() {
    let altered = |from: &str, to: &str| {
        assert!(ENCRYPTED.contains(from));
        let mut packages = read(&ENCRYPTED.replace(from, to), Some(&SHARED)).unwrap();
        packages.remove(0).key.err()
    };
    assert_eq!(altered("AAECAwQFBgcI", "BAECAwQFBgcI"), Some(KeyError::Altered));
    assert_eq!(altered("Su+NvtQf", "Su+NvtQg"), Some(KeyError::Altered));
    assert_eq!(altered("ValueMAC>", "OtherMAC>"), Some(KeyError::Altered));
    let without = ENCRYPTED.replace("MACMethod", "OtherMethod");
    assert_eq!(read(&without, Some(&SHARED)).err(), Some(PskcError::NoMac));
}

#[test]
fn plain_keys_are_read_and_one_bad_one_spoils_no_other() {
    let eight =
        "<pskc:Suite>HMAC-SHA256</pskc:Suite><pskc:ResponseFormat Length=\"8\" Encoding=\"DECIMAL\"/>";
    let sixty = "<pskc:TimeInterval><pskc:PlainValue>60</pskc:PlainValue></pskc:TimeInterval>";
    let seven = "<pskc:Counter><pskc:PlainValue>7</pskc:PlainValue></pskc:Counter>";
    let text = container(
        &[
            package("hotp", SIX, seven),
            package("totp", eight, sixty),
            package("totp", SIX, ""),
            package("ocra", SIX, ""),
            package("hotp", "<pskc:ResponseFormat Length=\"6\" Encoding=\"HEXADECIMAL\"/>", ""),
            package("hotp", "", ""),
            package("hotp", SIX, "<pskc:Counter><pskc:PlainValue>many</pskc:PlainValue></pskc:Counter>"),
            package("hotp", SIX, "").replace("PlainValue", "Other"),
            "<pskc:KeyPackage/>\n".to_owned(),
            package("hotp", SIX, ""),
        ]
        .concat(),
    );
    assert_eq!(
        kinds(&text),
        [
            (2, Ok((Kind::Hotp { counter: 7 }, 6, String::new()))),
            (3, Ok((Kind::Totp { interval: 60 }, 8, "sha256".into()))),
            (4, Ok((Kind::Totp { interval: 30 }, 6, String::new()))),
            (5, Err(KeyError::Algorithm)),
            (6, Err(KeyError::Encoding)),
            (7, Err(KeyError::Digits)),
            (8, Err(KeyError::Counter)),
            (9, Err(KeyError::Secret)),
            (10, Err(KeyError::Algorithm)),
            (11, Ok((Kind::Hotp { counter: 0 }, 6, String::new()))),
        ]
    );
}

/// As Yubico's personalization tool writes them.
#[test]
fn a_yubikey_is_its_private_id_and_its_key() {
    let with = |user: &str| {
        let format = "<pskc:ResponseFormat Length=\"44\" Encoding=\"ALPHANUMERIC\"/>";
        let named = format!("</pskc:Data><pskc:UserId>{user}</pskc:UserId></pskc:Key>");
        let package = package("hotp", format, "");
        package.replace(&format!("{NAMESPACE}:hotp"), YUBIKEY).replace("</pskc:Data></pskc:Key>", &named)
    };
    let text = container(
        &[with("CN=cccccccccccb, UID=01 02 03 04 05 0A"), with("CN=cccccccccccb"), with("UID=0102")].concat(),
    );
    let packages = read(&text, None).unwrap();
    let key = packages[0].key.as_ref().ok().unwrap();
    let expected = [&[1, 2, 3, 4, 5, 10], SECRET].concat();
    assert_eq!((key.kind, key.secret.as_slice()), (Kind::Yubikey, expected.as_slice()));
    for package in &packages[1..] {
        assert_eq!(package.key.as_ref().err(), Some(&KeyError::PrivateId));
    }
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><x>&b;</x>";
    assert!(matches!(read(bomb, None), Err(PskcError::Xml(_))));
    assert!(matches!(read("<a>", None), Err(PskcError::Xml(_))));
    assert_eq!(read("<a/>", None).err(), Some(PskcError::NoContainer));
    assert_eq!(read(&" ".repeat(LARGEST_FILE + 1), None).err(), Some(PskcError::TooLarge));
    // As deep as the bounds let it be, and with more nodes than they do.
    let deep = [&"<a>".repeat(400_000), "", &"</a>".repeat(400_000)].concat();
    assert!(read(&deep, None).is_err());
    let wide = container(&"<a/>".repeat(1_100_000));
    assert!(matches!(read(&wide, None), Err(PskcError::Xml(_))));
}
