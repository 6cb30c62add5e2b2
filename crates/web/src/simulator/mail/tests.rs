use super::*;

fn said(office: &Office, lines: &[&str]) -> Vec<&'static str> {
    let mut session = Session::default();
    lines.iter().map(|line| session.hear(line.as_bytes(), office)).collect()
}

#[test]
fn a_letter_is_taken_and_read() {
    let office = Office::default();
    let lines = [
        "EHLO x",
        "MAIL FROM:<it@example.com>",
        "RCPT TO:<ada@example.com>",
        "DATA",
        "Subject: =?utf-8?b?R3LDvMOf?=",
        " =?utf-8?b?ZQ==?=",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "..gr=C3=BC=C3=9F=",
        "e =",
        "https://sallyport.example.com/enroll?code=3D1",
        ".",
        "QUIT",
    ];
    assert_eq!(*said(&office, &lines).last().unwrap(), GOODBYE);
    let letters = office.letters();
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].to.as_str(), letters[0].subject.as_str()), ("ada@example.com", "Grüße"));
    assert_eq!(letters[0].text, ".grüße https://sallyport.example.com/enroll?code=1\n");
    let quoted = Letter::read("", &[], "Subject: An =?UTF-8?Q?=C3=BCbrige_G?=\n =?utf-8?q?=C3=A4ste?=\n\n");
    assert_eq!(quoted.subject, "An übrige Gäste");
    let base64 = Letter::read("", &[], "Content-Transfer-Encoding: base64\n\nb25l\nCg==\n");
    assert_eq!(base64.text, "one\n");
    let link = Letter::read("", &[], "a: b\n\nhttps://x.example/\nhttps://x.example and more\n");
    assert_eq!(link.lines(), [("https://x.example/", true), ("https://x.example and more", false)]);
}

#[test]
fn nonsense_is_answered_and_too_much_is_cut_off() {
    let office = Office::default();
    assert_eq!(
        said(&office, &["DATA", "RCPT TO:<a@b>", "", "\u{0}\u{ff}"])[..2],
        ["503 to whom\r\n", "503 not now\r\n"]
    );
    assert_eq!(said(&office, &["MAIL FROM:<>", "RCPT TO:<x@refused.example>"])[1][..3], *"550");
    let mut session = Session::default();
    for line in ["MAIL FROM:<a@b.c>", "RCPT TO:<d@e.f>", "DATA"] {
        session.hear(line.as_bytes(), &office);
    }
    let long = "x".repeat(4000);
    for _ in 0..300 {
        session.hear(long.as_bytes(), &office);
    }
    session.hear(b".", &office);
    assert!(office.letters()[0].text.len() <= LONGEST_LETTER);
    for broken in ["=?utf-8?b?%%%?=", "=?x", "=?utf-8?q?a?=", "=", "=?utf-8?b?/w==?="] {
        assert_eq!(Letter::read("", &[], &format!("Subject: {broken}\n\n")).subject, broken);
    }
    for _ in 0..KEPT + 5 {
        office.keep(Letter::read("", &[], ""));
    }
    assert_eq!(office.letters().len(), KEPT);
}
