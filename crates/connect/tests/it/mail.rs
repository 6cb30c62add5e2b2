//! Letters to mail servers that are not what they should be. A real server is asked in `testkit`.

use std::sync::{Arc, Mutex};

use sallyport_connect::{
    mail::{Letter, MailError, Postman},
    outbound::Outbound,
};
use sallyport_crypto::Secret;
use sallyport_model::{
    Time,
    mail::{MailSecurity, MailServer},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};

type Heard = Arc<Mutex<Vec<String>>>;

/// A server that greets, and has one answer for each line that begins with a word; the last one stands for all others.
async fn server(greeting: &'static str, answers: &'static [(&'static str, &'static str)]) -> (u16, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Heard::default();
    let hearing = Arc::clone(&heard);
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(socket);
        stream.get_mut().write_all(greeting.as_bytes()).await.unwrap();
        let mut in_data = false;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            let line = line.trim_end().to_owned();
            hearing.lock().unwrap().push(line.clone());
            if in_data && line != "." {
                continue;
            }
            in_data = line == "DATA";
            let answer =
                answers.iter().find(|(word, _)| line.starts_with(word)).map_or("250 ok\r\n", |found| found.1);
            if stream.get_mut().write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    });
    (port, heard)
}

const DATA: (&str, &str) = ("DATA", "354 go on\r\n");

fn at(port: u16, security: MailSecurity) -> MailServer {
    MailServer { host: "127.0.0.1".into(), port, security, user: String::new(), ca: String::new() }
}

fn loopback() -> Outbound {
    Outbound::new(vec!["127.0.0.0/8".parse().unwrap()])
}

fn letter<'a>() -> Letter<'a> {
    Letter {
        id: "1",
        at: Time(1_767_225_600_000_000),
        from: "sallyport@example.com",
        from_name: "Example, Inc.",
        to: "ada@example.com",
        subject: "Grüße",
        text: "one\n.\ntwo\n",
    }
}

async fn send(server: &MailServer, letter: &Letter<'_>, outbound: &Outbound) -> Result<(), MailError> {
    Postman { server, password: &Secret::from("secret"), hello: "sallyport.example.com" }
        .send(letter, outbound)
        .await
}

#[tokio::test]
async fn a_letter_arrives_whole_and_a_dot_in_it_is_no_end() {
    let (port, heard) = server("220 hello\r\n", &[DATA]).await;
    send(&at(port, MailSecurity::None), &letter(), &loopback()).await.unwrap();
    let heard = heard.lock().unwrap().clone();
    assert_eq!(heard[0], "EHLO sallyport.example.com");
    assert_eq!(heard[1], "MAIL FROM:<sallyport@example.com>");
    assert_eq!(heard[2], "RCPT TO:<ada@example.com>");
    let has = |line: &str| heard.iter().any(|found| found == line);
    assert!(has("Message-ID: <1@sallyport.example.com>"), "{heard:#?}");
    assert!(
        heard.iter().any(|line| line.starts_with("From: ") && line.ends_with(" <sallyport@example.com>"))
    );
    assert!(has("one") && has("..") && has("two"), "{heard:#?}");
    assert!(has("To: ada@example.com") || has("To: <ada@example.com>"), "{heard:#?}");
    assert!(
        has("Auto-Submitted: auto-generated") && has("Date: Thu, 01 Jan 2026 00:00:00 +0000"),
        "{heard:#?}"
    );
    assert!(heard.iter().all(|line| line.is_ascii()), "{heard:#?}");
    assert_eq!(heard.last().unwrap(), "QUIT");
}

#[tokio::test]
async fn nothing_that_is_filled_in_becomes_a_header_or_a_recipient() {
    let (port, heard) = server("220 hello\r\n", &[DATA]).await;
    let server = at(port, MailSecurity::None);
    for letter in [
        Letter { subject: "a\r\nBcc: eve@example.com", ..letter() },
        Letter { from_name: "a\nBcc: eve@example.com", ..letter() },
        Letter { to: "ada@example.com>\r\nRCPT TO:<eve@example.com", ..letter() },
        Letter { to: "ada@example.com, eve@example.com", ..letter() },
        Letter { to: "", ..letter() },
        Letter { id: "1\r\nBcc: eve@example.com", ..letter() },
    ] {
        let refused = send(&server, &letter, &loopback()).await;
        assert!(matches!(refused, Err(MailError::Refused(_))), "{letter:?} {refused:?}");
    }
    assert!(heard.lock().unwrap().is_empty(), "nothing was even begun");
}

#[tokio::test]
async fn a_server_that_will_not_hide_the_conversation_is_handed_nothing() {
    let (port, heard) = server("220 hello\r\n", &[]).await;
    let error = send(&at(port, MailSecurity::Starttls), &letter(), &loopback()).await.unwrap_err();
    assert!(matches!(&error, MailError::Misconfigured(text) if text.contains("STARTTLS")), "{error}");
    assert_eq!(*heard.lock().unwrap(), ["EHLO sallyport.example.com"]);
    // Whoever stands in between puts an answer behind the server's last word in the clear.
    let injected = &[("EHLO", "250 STARTTLS\r\n"), ("STARTTLS", "220 go\r\n250 AUTH PLAIN\r\n")];
    let (port, _) = server("220 hello\r\n", injected).await;
    let error = send(&at(port, MailSecurity::Starttls), &letter(), &loopback()).await.unwrap_err();
    assert!(matches!(&error, MailError::Unavailable(text) if text.contains("before it is asked")), "{error}");
    // And one who answers in the clear where TLS begins is nobody.
    let (port, _) = server("220 hello\r\n", &[]).await;
    let error = send(&at(port, MailSecurity::Tls), &letter(), &loopback()).await.unwrap_err();
    assert!(matches!(error, MailError::Misconfigured(_)), "{error}");
}

#[tokio::test]
async fn why_it_was_not_taken_is_told_apart() {
    let refusing: &[(&str, &[(&str, &str)])] = &[
        ("refused", &[("RCPT", "550 nobody here\r\n")]),
        ("later", &[("RCPT", "451 later\r\n")]),
        ("refused", &[DATA, (".", "554 no\r\n")]),
        ("uncertain", &[DATA, (".", "nonsense\r\n")]),
        ("later", &[("EHLO", "421 busy\r\n")]),
    ];
    for (expected, answers) in refusing {
        let (port, _) = server("220 hello\r\n", answers).await;
        let error = send(&at(port, MailSecurity::None), &letter(), &loopback()).await.unwrap_err();
        let kind = match &error {
            MailError::Misconfigured(_) => "misconfigured",
            MailError::Refused(_) => "refused",
            MailError::Uncertain(_) => "uncertain",
            MailError::Unavailable(_) => "later",
        };
        assert_eq!(kind, *expected, "{answers:?} {error}");
    }
    let (port, _) =
        server("220 hello\r\n", &[("EHLO", "250 AUTH PLAIN\r\n"), ("AUTH", "535 wrong\r\n")]).await;
    let named = MailServer { user: "sallyport".into(), ..at(port, MailSecurity::None) };
    let error = send(&named, &letter(), &loopback()).await.unwrap_err();
    assert!(matches!(error, MailError::Misconfigured(_)), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn what_is_internal_takes_mail_where_it_is_listed() {
    let (port, heard) = server("220 hello\r\n", &[]).await;
    for security in [MailSecurity::None, MailSecurity::Starttls, MailSecurity::Tls] {
        let error = send(&at(port, security), &letter(), &Outbound::default()).await.unwrap_err();
        assert!(matches!(&error, MailError::Misconfigured(text) if text.contains("internal")), "{error}");
    }
    assert!(heard.lock().unwrap().is_empty());
}
