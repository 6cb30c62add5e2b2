use std::time::Duration;

use sallyport_connect::{ConnectError, Connection, Tls};

use crate::server::{Authority, NAME, Odd};

const PATIENCE: Duration = Duration::from_secs(20);

async fn outcome(tls: Result<Tls, ConnectError>, address: &sallyport_connect::ServerAddress) -> String {
    match Connection::open(address, &tls.unwrap(), PATIENCE).await {
        Ok(connection) => {
            assert_ne!(connection.exporter("label").unwrap(), [0; 32]);
            "open".to_owned()
        }
        Err(ConnectError::Impostor { .. }) => "impostor".to_owned(),
        Err(other) => format!("{other:?}"),
    }
}

#[tokio::test]
async fn the_root_the_name_and_the_time_must_all_be_right() {
    let (ours, other) = (Authority::new(), Authority::new());
    let table = [
        (Odd::default(), "open"),
        (Odd { name: Some("elsewhere.example"), ..Odd::default() }, "impostor"),
        (Odd { expired: true, ..Odd::default() }, "impostor"),
        (Odd { only_tls12: true, ..Odd::default() }, "impostor"),
    ];
    for (odd, expected) in table {
        let address = ours.serve(odd, b"").await;
        assert_eq!(outcome(Tls::pinned(&ours.pem(), NAME), &address).await, expected);
        assert_eq!(outcome(Tls::by_fingerprint(&ours.fingerprint(), NAME), &address).await, expected);
        assert_eq!(outcome(Tls::pinned(&other.pem(), NAME), &address).await, "impostor");
        assert_eq!(outcome(Tls::by_fingerprint(&other.fingerprint(), NAME), &address).await, "impostor");
    }
}

#[tokio::test]
async fn a_fingerprint_needs_its_root_in_the_chain_and_a_pin_does_not() {
    let ours = Authority::new();
    let address = ours.serve(Odd { without_root: true, ..Odd::default() }, b"").await;
    assert_eq!(outcome(Tls::by_fingerprint(&ours.fingerprint(), NAME), &address).await, "impostor");
    assert_eq!(outcome(Tls::pinned(&ours.pem(), NAME), &address).await, "open");
}

#[test]
fn what_is_no_root_is_refused() {
    for bad in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "junk"] {
        assert!(matches!(Tls::pinned(bad, NAME), Err(ConnectError::BadRoot(_))), "{bad:?}");
    }
    for short in ["", "abcdef"] {
        assert!(matches!(Tls::by_fingerprint(short, NAME), Err(ConnectError::BadRoot(_))), "{short:?}");
    }
}
