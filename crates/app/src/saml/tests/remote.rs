use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
};

use super::*;
use crate::saml::{last_read, read_metadata, refresh};

/// A site that answers every request with what it holds just now.
struct Site {
    url: String,
    holds: Arc<Mutex<String>>,
}

impl Site {
    fn open(holds: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://127.0.0.1:{}/metadata?x=1", listener.local_addr().unwrap().port());
        let holds = Arc::new(Mutex::new(holds.to_owned()));
        let shown = Arc::clone(&holds);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut asked = [0; 4096];
                let length = stream.read(&mut asked).unwrap();
                assert!(String::from_utf8_lossy(&asked[..length]).starts_with("GET /metadata?x=1 "));
                let body = shown.lock().unwrap().clone();
                let head = if body.is_empty() { "404 Not Found" } else { "200 OK" };
                write!(
                    stream,
                    "HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                )
                .unwrap();
            }
        });
        Self { url, holds }
    }

    fn holds(&self, text: &str) {
        text.clone_into(&mut self.holds.lock().unwrap());
    }
}

fn described(entity: &str, acs: &str) -> String {
    format!(
        r#"<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}"><md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{acs}" index="0"/></md:SPSSODescriptor></md:EntityDescriptor>"#
    )
}

async fn answered_at(test: &TestOrg, id: ApplicationId) -> String {
    let found = application::show(&test.system(), id).await.unwrap();
    found.saml.as_ref().unwrap().consumers[0].url.to_string()
}

#[tokio::test]
async fn metadata_is_read_where_it_is_published_and_again_the_next_day() {
    let test = testing::org().await;
    let wiki = made(&test, service()).await;
    let site = Site::open(&described(SP, "https://app.example/first"));
    let read = read_metadata(&test.system(), wiki.id, None, &site.url).await.unwrap();
    let saml = read.saml.as_ref().unwrap();
    assert_eq!(saml.metadata_url.as_ref().unwrap().as_str(), site.url);
    assert_eq!(saml.attributes, service().attributes, "what it is told stays");
    assert_eq!(answered_at(&test, wiki.id).await, "https://app.example/first");
    site.holds(&described(SP, "https://app.example/second"));
    test.clock.advance(Span::hours(23));
    refresh(&test.system()).await.unwrap();
    assert_eq!(answered_at(&test, wiki.id).await, "https://app.example/first", "not yet");
    test.clock.advance(Span::hours(1));
    refresh(&test.system()).await.unwrap();
    assert_eq!(answered_at(&test, wiki.id).await, "https://app.example/second");
    let last = last_read(&test.system(), wiki.id).await.unwrap().unwrap();
    assert_eq!((last.at, last.problem), (test.system().now, None));
    // A file takes the place of the address.
    read_metadata(&test.system(), wiki.id, None, &described(SP, ACS)).await.unwrap();
    test.clock.advance(Span::hours(48));
    refresh(&test.system()).await.unwrap();
    assert_eq!(answered_at(&test, wiki.id).await, ACS);
}

#[tokio::test]
async fn what_is_no_metadata_of_the_same_application_changes_nothing_and_is_told() {
    let test = testing::org().await;
    let wiki = made(&test, service()).await;
    let site = Site::open(&described(SP, ACS));
    read_metadata(&test.system(), wiki.id, None, &site.url).await.unwrap();
    for (holds, said) in [
        (described("https://evil.example", "https://evil.example/acs"), "https://evil.example"),
        (String::new(), "404"),
        ("<html/>".into(), "not the metadata"),
    ] {
        site.holds(&holds);
        test.clock.advance(Span::hours(24));
        refresh(&test.system()).await.unwrap();
        let problem = last_read(&test.system(), wiki.id).await.unwrap().unwrap().problem.unwrap();
        assert!(problem.contains(said), "{problem}");
        assert_eq!(answered_at(&test, wiki.id).await, ACS);
    }
    // It is tried again within the hour.
    site.holds(&described(SP, "https://app.example/moved"));
    test.clock.advance(Span::hours(1));
    refresh(&test.system()).await.unwrap();
    assert_eq!(answered_at(&test, wiki.id).await, "https://app.example/moved");
    for bad in ["https://", "ftp://a.example/x", "metadata.xml", "http://10.0.0.1/metadata"] {
        assert!(read_metadata(&test.system(), wiki.id, None, bad).await.is_err(), "{bad}");
    }
}
