use super::*;

/// Of one password, by passlib 1.7.4, argon2-cffi and Django, in the form in which each writes it.
const PASSWORD: &str = "gravel tulip 15 é";
const HASHES: [&str; 21] = [
    "$2a$05$SCWBrBK30JyDgIUjmGETz.AwpQyR3JI8aFpk6rL8snWkIhNz88Pxa",
    "$2b$05$bocZ/qbxG5Wq.AiM/vdZYecl1YEmMT8NpkaJxt4iFzFA83wR/H38.",
    "$2y$05$vEzDM/LCtjJEhdW7XdLfuekVDRWBxI6GJjP.byAt2PD3r4Y0sfPU.",
    "$argon2id$v=19$m=1024,t=2,p=4$+dxgHqdK6rMtJgk3/I8BkA$5w4YM8u7Q5N+UuRRzUl8NOScHtDgnvchWPtfycLaREQ",
    "$argon2i$v=19$m=512,t=1,p=1$EHrLLmyYMPITj1Ie2t50Qg$PKdPPcyYV9bDFytdBK6grxgI08Rs020xeUTKM2IiUJ0",
    "$argon2id$v=16$m=512,t=1,p=1$c29tZXNhbHQ$fNqUtF4FBYy4/tb/pDtbUKtLl1r8Wb85RSNpYcdsLpU",
    "$pbkdf2$2000$w3hPSUkJIUSIsVYq5TznvA$rl/Oek2vfHnooQk170cN1921FRg",
    "$pbkdf2-sha256$2000$AiCk9H6PMUaIsTZGiNHa.w$TG.qfigXPQijXqWizusMxFcAS7OgUGLc29lQEmwuiIM",
    "$pbkdf2-sha256$i=2000,l=32$AiCk9H6PMUaIsTZGiNHa+w$TG+qfigXPQijXqWizusMxFcAS7OgUGLc29lQEmwuiIM",
    "$pbkdf2-sha512$2000$nVPq/b93bk1p7d17D4GQ0g$RaXDPSxE2lAhuHTYaTBKrKzlexb6odKl2wcYARboCjMc.8p8XvxADageyvxbTB1k3RsBEbQHq6lhTx8d1k3adQ",
    "pbkdf2_sha256$2000$salzstreuer$klCSSbjB/+TyHp6Li0bQ7PmkBO3bRDj/ne6IiVp0qXs=",
    "pbkdf2_sha1$2000$salzstreuer$yqA0/hJOuRZa+QIYBThtP3O9HBo=",
    "{SSHA}wVj1FGFwIwWwgldgpH2hvO/RuOdtTQlB",
    "{SSHA256}wbP6gn+OijF5Sd5CteMZlobjk8/+14t5rUhrgxf9VbLSOifkvNd6Dw==",
    "{ssha512}oLQGYKR+mWj6Ub00Zk2L80y1wldv17gJ7/hDFl4AkSW1f+PSTJlRAYIXN8Wcx780cr+J608h+PTT02ft48fNLPVeq3UOQcgZ",
    "$5$jQcuLksiU4HwFKKV$GS9w47taS3ba9glp7SU0BweKgY0exPI.1ZjNVfn439/",
    "$6$ZCZzOc9/a8Ux9Ibt$TGWs6Mtf7HysxX9zYXI5VeUTCeGu5KQhDtSY9BX8PN5TW/CpaQkH6KmAjtXqmcqIzV.mHJMpivcans70z0zHS.",
    "$6$rounds=1500$ylbk/Bbd3DuNdVpN$mnlWz.ntc7fuDdy4Hsq9LIhpJs93VsZ9bSBKJY7idbb1cDAWXIUSc2Sk6fB1Xli4kFgwk2KzDPJYGrWb.BoeI.",
    "{CRYPT}$6$rounds=1500$8P5mVReWcEtof4Fg$x3iwOsYsR1eYZIWQOkLGrz9Ao1siS9tYa2Anag0OWeT0RfW0T2Egf/WwOIiz3w4V9PBXXAegROgdOJj86fBNm/",
    "{CRYPT}$2b$04$urwVtpaQVWZ6d/2/CKBYbe31y0EBGGgRaBnqXPtn2LkoCavT9W/fW",
    "{PBKDF2-SHA256}2000$hZDynnMuJQQAoDQGgJDyPg$UCJeZUdHkXEluAkJToq3/RggO9c2092AwPKfEej.s8M",
];

fn refused(text: &str) -> ImportError {
    Imported::parse(text).err().unwrap_or_else(|| panic!("{text} was taken"))
}

#[test]
fn each_kind_knows_its_password_and_no_other() {
    for hash in HASHES {
        let read = Imported::parse(&format!(" {hash}\n")).unwrap_or_else(|error| panic!("{hash}: {error}"));
        assert!(read.verifies(PASSWORD.as_bytes()), "{hash}");
        for other in ["gravel tulip 15 è", "gravel tulip 15 é ", "", hash] {
            assert!(!read.verifies(other.as_bytes()), "{hash} {other}");
        }
    }
}

#[test]
fn what_is_weak_or_strange_is_refused() {
    for hash in [
        "",
        PASSWORD,
        "$1$pQ2txUDh$HVwAWUM5KDwTy5J/.23aP0",
        "{SHA}nD/RCLmBLDN2PfeG0d/a5ASC6nQ=",
        "{MD5}nD/RCLmBLDN2PfeG0d/a5A==",
        "{CLEARTEXT}gravel tulip",
        "a3c3708b9dc1a6a261796d80c43458ee",
        "LAKHTdaflkkt6",
        "$2x$05$bocZ/qbxG5Wq.AiM/vdZYecl1YEmMT8NpkaJxt4iFzFA83wR/H38.",
        "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7",
        "$argon2id$v=19$m=1024,t=2,p=4,keyid=MQ$+dxgHqdK6rMtJgk3/I8BkA$5w4YM8u7Q5N+UuRRzUl8NOScHtDgnvchWPtfycLaREQ",
        &"{SSHA}".repeat(200),
    ] {
        assert_eq!(refused(hash), ImportError::Unknown, "{hash}");
    }
}

#[test]
fn what_costs_too_much_is_refused_before_it_is_computed() {
    for hash in [
        "$2b$15$bocZ/qbxG5Wq.AiM/vdZYecl1YEmMT8NpkaJxt4iFzFA83wR/H38.",
        "$2b$31$bocZ/qbxG5Wq.AiM/vdZYecl1YEmMT8NpkaJxt4iFzFA83wR/H38.",
        "$argon2id$v=19$m=4194304,t=2,p=4$+dxgHqdK6rMtJgk3/I8BkA$5w4YM8u7Q5N+UuRRzUl8NOScHtDgnvchWPtfycLaREQ",
        "$argon2id$v=19$m=1024,t=4294967295,p=4$+dxgHqdK6rMtJgk3/I8BkA$5w4YM8u7Q5N+UuRRzUl8NOScHtDgnvchWPtfycLaREQ",
        "$argon2id$v=19$m=1024,t=2,p=400$+dxgHqdK6rMtJgk3/I8BkA$5w4YM8u7Q5N+UuRRzUl8NOScHtDgnvchWPtfycLaREQ",
        "$pbkdf2-sha256$1000001$AiCk9H6PMUaIsTZGiNHa.w$TG.qfigXPQijXqWizusMxFcAS7OgUGLc29lQEmwuiIM",
        "pbkdf2_sha256$99999999999$salzstreuer$klCSSbjB/+TyHp6Li0bQ7PmkBO3bRDj/ne6IiVp0qXs=",
        "$6$rounds=999999999$ylbk/Bbd3DuNdVpN$mnlWz.ntc7fuDdy4Hsq9LIhpJs93VsZ9bSBKJY7idbb1cDAWXIUSc2Sk6fB1Xli4kFgwk2KzDPJYGrWb.BoeI.",
    ] {
        assert_eq!(refused(hash), ImportError::TooCostly, "{hash}");
    }
}

#[test]
fn a_piece_of_a_hash_is_none() {
    for hash in HASHES {
        for end in (0..hash.len()).filter(|end| hash.is_char_boundary(*end)) {
            // Base64 says nothing of how long it was meant to be, so a cut digest of the key derivations may be one.
            if let Ok(read) = Imported::parse(&hash[..end]) {
                let padding = hash[end..].chars().all(|c| c == '=');
                assert!(padding || !read.verifies(b"anything else"), "{hash} to {end}");
            }
        }
        let changed = hash.replacen('$', "$$", 2);
        assert!(changed == hash || Imported::parse(&changed).is_err(), "{changed}");
    }
    for hash in [
        "{SSHA}",
        "{SSHA}wVj1FGFwIwWwgldgpH2hvO/RuOc=",
        "$6$rounds=10$ylbk/Bbd3DuNdVpN$mnlWz.ntc7fuDdy4Hsq9LIhpJs93VsZ9bSBKJY7idbb1cDAWXIUSc2Sk6fB1Xli4kFgwk2KzDPJYGrWb.BoeI.",
        "$6$salt$short",
        "$pbkdf2-sha256$0$AiCk9H6PMUaIsTZGiNHa.w$TG.qfigXPQijXqWizusMxFcAS7OgUGLc29lQEmwuiIM",
        "$pbkdf2-sha256$-1$AiCk9H6PMUaIsTZGiNHa.w$TG.qfigXPQijXqWizusMxFcAS7OgUGLc29lQEmwuiIM",
        "$argon2id$v=19$m=8,m=8,t=2,p=4$+dxgHqdK6rMtJgk3/I8BkA$5w4YM8u7Q5N+UuRRzUl8NOScHtDgnvchWPtfycLaREQ",
        "$2b$03$bocZ/qbxG5Wq.AiM/vdZYecl1YEmMT8NpkaJxt4iFzFA83wR/H38.",
    ] {
        assert_eq!(refused(hash), ImportError::Damaged, "{hash}");
    }
}
