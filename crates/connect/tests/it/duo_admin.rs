use std::time::{Duration, Instant};

use sallyport_connect::{
    duo_admin::{DuoAdmin, DuoAdminError, Patience, url_of},
    outbound::Outbound,
};
use sallyport_wire::duo::signing::Keys;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

const BUSY: &str = "HTTP/1.1 429 x\r\nContent-Length: 0\r\n\r\n";
const NOBODY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 29\r\n\r\n{\"stat\":\"OK\",\"response\":[]}  ";

/// Answers one after the other, the last of them for ever; and tells what was asked.
async fn service(answers: Vec<&'static str>) -> (String, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut answers = answers.into_iter().peekable();
        let mut last = "";
        while let Ok((mut socket, _)) = listener.accept().await {
            last = answers.next().unwrap_or(last);
            let mut heard = vec![0; 8192];
            let n = socket.read(&mut heard).await.unwrap_or(0);
            tell.send(String::from_utf8_lossy(&heard[..n]).into_owned()).ok();
            socket.write_all(last.as_bytes()).await.ok();
        }
    });
    (host, told)
}

fn duo<'a>(
    outbound: &'a Outbound,
    host: &str,
    clock: &'a (dyn Fn() -> i64 + Send + Sync),
    tries: u32,
) -> DuoAdmin<'a> {
    let keys =
        Keys { ikey: "DIWJ8X6AEYOR5OMC6TQ1".into(), skey: "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep".into() };
    let first = Duration::from_millis(20);
    let patience = Patience { first, tries, longest: Duration::from_secs(1) };
    DuoAdmin { outbound, url: url_of(host).unwrap(), keys, clock, patience }
}

#[tokio::test]
async fn a_busy_service_is_waited_for_twice_as_long_each_time_under_a_new_signature() {
    let outbound = Outbound::new(vec!["127.0.0.1/32".parse().unwrap()]);
    let (host, mut told) = service(vec![BUSY, BUSY, NOBODY]).await;
    let now = std::sync::atomic::AtomicI64::new(1_767_225_600);
    let clock = move || now.fetch_add(60, std::sync::atomic::Ordering::SeqCst);
    let began = Instant::now();
    duo(&outbound, &host, &clock, 3).check().await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(60));
    let mut dates = std::collections::BTreeSet::new();
    while let Ok(asked) = told.try_recv() {
        assert!(asked.starts_with("GET /admin/v1/groups?limit=1&offset=0 HTTP/1.1\r\n"), "{asked}");
        dates.insert(
            asked.lines().find(|line| line.to_ascii_lowercase().starts_with("date:")).unwrap().to_owned(),
        );
    }
    assert_eq!(dates.len(), 3, "{dates:?}");
    let busy = duo(&outbound, &host, &clock, 0).check().await;
    assert!(busy.is_ok(), "the service is not busy any more");
}

#[tokio::test]
async fn patience_has_an_end_and_only_listed_places_are_asked() {
    let outbound = Outbound::new(vec!["127.0.0.1/32".parse().unwrap()]);
    let (host, mut told) = service(vec![BUSY]).await;
    let clock = || 1_767_225_600;
    let busy = duo(&outbound, &host, &clock, 2).check().await;
    assert!(matches!(busy, Err(DuoAdminError::Busy)));
    let nothing = Outbound::default();
    let internal = duo(&nothing, &host, &clock, 2).check().await;
    assert!(matches!(internal, Err(DuoAdminError::Misconfigured(_))));
    let mut asked = 0;
    while told.try_recv().is_ok() {
        asked += 1;
    }
    assert_eq!(asked, 2);
    for bad in ["", "a b", "https://a.example/path", "ftp://a.example", "a.example/x", "u@a.example"] {
        assert!(url_of(bad).is_err(), "{bad}");
    }
}
