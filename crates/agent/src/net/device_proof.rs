//! Tells the server which device a browser is on that was sent here: a window of somebody whose account of this machine the directory
//! owns is led back to where they sign in, with what this device signed for them. Whoever else asks learns nothing, not even
//! whether this device belongs to anybody.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener as StdListener},
    sync::Arc,
    thread,
    time::Duration,
};

use data_encoding::HEXLOWER;
use sallyport_api::agent::{DEVICE_PROOF_BACK, DEVICE_PROOF_PORT, context, device_proof_bytes};
use sallyport_crypto::sign::SigningKey;
use sallyport_wire::http::device_question::{LONGEST, NoQuestion, Question, question};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::timeout,
};

use crate::{half::NetConfig, log, platform::sockets};

/// The network half before this one may not be gone yet.
const TRIES: u32 = 10;
const BETWEEN: Duration = Duration::from_millis(100);
/// Browsers at the same time, and how long one may take.
const AT_ONCE: usize = 16;
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens the address where browsers of this machine ask; afterwards nothing can be opened any more.
pub(super) fn open() -> Option<StdListener> {
    for _ in 0..TRIES {
        match StdListener::bind((Ipv4Addr::LOCALHOST, DEVICE_PROOF_PORT)) {
            Ok(listener) => return Some(listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => pause(),
            Err(error) => {
                log::warn(format_args!("browsers cannot ask this device who it is: {error}"));
                return None;
            }
        }
    }
    log::warn(format_args!(
        "browsers cannot ask this device who it is: another program has port {DEVICE_PROOF_PORT} of 127.0.0.1"
    ));
    None
}

#[expect(clippy::disallowed_methods, reason = "nobody tells when an address of another process becomes free")]
fn pause() {
    thread::sleep(BETWEEN);
}

/// Answers whoever asks, for as long as the network half lives.
pub(super) async fn answer(
    listener: Option<StdListener>,
    known: watch::Receiver<Option<NetConfig>>,
    key: Arc<SigningKey>,
) {
    let Some(listener) = listener.and_then(|listener| {
        listener.set_nonblocking(true).ok()?;
        TcpListener::from_std(listener).ok()
    }) else {
        return;
    };
    let places = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let Ok((stream, from)) = listener.accept().await else {
            tokio::time::sleep(BETWEEN).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let (config, key) = (known.borrow().clone(), Arc::clone(&key));
        tokio::spawn(async move {
            let _ = timeout(PATIENCE, converse(stream, from, config, &key)).await;
            drop(place);
        });
    }
}

async fn converse(mut stream: TcpStream, from: SocketAddr, config: Option<NetConfig>, key: &SigningKey) {
    let mut head = Vec::with_capacity(1024);
    let asked = loop {
        let mut part = [0; 1024];
        let Ok(read @ 1..) = stream.read(&mut part).await else { return };
        head.extend_from_slice(part.get(..read).unwrap_or_default());
        match question(&head, DEVICE_PROOF_PORT) {
            Err(NoQuestion::Partial) if head.len() < LONGEST => {}
            asked => break asked,
        }
    };
    let who = sockets::owner(from, DEVICE_PROOF_PORT);
    let answer = match asked {
        Ok(question) => answer_to(&question, who, config.as_ref(), key),
        Err(_) => None,
    };
    let answer = match answer {
        Some(to) => format!("HTTP/1.1 303 See Other\r\nLocation: {to}\r\n{ALWAYS}Content-Length: 0\r\n\r\n"),
        None => format!(
            "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\n{ALWAYS}Content-Length: {}\r\n\r\n{NOTHING}",
            NOTHING.len()
        ),
    };
    if stream.write_all(answer.as_bytes()).await.is_ok() {
        let _ = stream.shutdown().await;
    }
}

const ALWAYS: &str = "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
                      Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\nConnection: close\r\n";
const NOTHING: &str = "Nothing is said here. Begin where you sign in.\n";

/// Where a browser is led that asks this; nowhere unless it asks for where this organisation signs in.
fn answer_to(
    question: &Question,
    who: Option<u32>,
    config: Option<&NetConfig>,
    key: &SigningKey,
) -> Option<String> {
    let config = config.filter(|config| config.portal.as_ref() == Some(&question.origin))?;
    let Question { challenge, origin } = question;
    let Some(user) = who.and_then(|who| config.people.get(&who)) else {
        return Some(format!("{origin}{DEVICE_PROOF_BACK}?refused=account"));
    };
    let device = config.device;
    let signed = device_proof_bytes(&config.signing_key, device, *user, origin, challenge);
    let signature = HEXLOWER.encode(&key.sign(context::DEVICE_PROOF, &signed));
    Some(format!(
        "{origin}{DEVICE_PROOF_BACK}?challenge={challenge}&device={device}&user={user}&signature={signature}"
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use sallyport_model::id::{DeviceId, UserId};
    use uuid::Uuid;

    use super::*;

    const PORTAL: &str = "https://sallyport.example.com";

    fn config() -> NetConfig {
        NetConfig {
            device: DeviceId::new(Uuid::from_u128(1)),
            signing_key: "00".repeat(32),
            server: "https://10.0.0.1".into(),
            ca: String::new(),
            desired: None,
            portal: Some(PORTAL.into()),
            people: BTreeMap::from([(20_001, UserId::new(Uuid::from_u128(2)))]),
        }
    }

    fn asked(origin: &str, who: Option<u32>, config: Option<&NetConfig>) -> Option<String> {
        let key = SigningKey::from_seed(&[7; 32]).unwrap();
        let question = Question { challenge: "ab".repeat(32), origin: origin.into() };
        answer_to(&question, who, config, &key)
    }

    #[test]
    fn who_asks_is_told_where_they_sign_in_and_nowhere_else() {
        let known = config();
        let to = asked(PORTAL, Some(20_001), Some(&known)).unwrap();
        let (to, signature) = to.split_once("&signature=").unwrap();
        let (device, user) = (known.device, known.people[&20_001]);
        let challenge = "ab".repeat(32);
        assert_eq!(
            to,
            format!("{PORTAL}/this-device/back?challenge={challenge}&device={device}&user={user}")
        );
        let signed = device_proof_bytes(&known.signing_key, device, user, PORTAL, &challenge);
        let signature = HEXLOWER.decode(signature.as_bytes()).unwrap();
        let key = SigningKey::from_seed(&[7; 32]).unwrap();
        assert!(key.public().verifies(context::DEVICE_PROOF, &signed, &signature));
        assert_eq!(asked("https://evil.example", Some(20_001), Some(&known)), None);
        assert_eq!(asked(PORTAL, Some(20_001), None), None);
        let unsaid = NetConfig { portal: None, ..known };
        assert_eq!(asked(PORTAL, Some(20_001), Some(&unsaid)), None);
    }

    #[test]
    fn an_account_that_is_not_the_directorys_is_vouched_for_by_nobody() {
        for who in [None, Some(0), Some(20_002)] {
            let to = asked(PORTAL, who, Some(&config())).unwrap();
            assert_eq!(to, format!("{PORTAL}/this-device/back?refused=account"));
        }
    }
}
