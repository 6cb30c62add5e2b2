//! Passwords whose hashes were damaged where they rest: they are their owners' trouble alone, and somebody hears of it.

use std::{
    io,
    sync::{Arc, Mutex},
};

use sallyport_app::user;
use serde_json::json;

use crate::world::{PASSWORD, World};

/// What is logged, kept.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn taken(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).expect("text")
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes that are no password hash, whatever they are kept as.
fn damaged() -> Vec<Vec<u8>> {
    let argon2 = |terms: &str| format!("$argon2id$v=19${terms}$AAAAAAAAAAAAAAAAAAAAAA$AAAA").into_bytes();
    vec![
        Vec::new(),
        vec![0xff; 60],
        "é".repeat(30).into_bytes(),
        [b"$2b$12$".to_vec(), vec![0xc3; 53]].concat(),
        format!("$2y$10${}!", "é".repeat(26)).into_bytes(),
        b"$2y$10$abcdefghijklmnopqrstuv".to_vec(),
        argon2("m=4294967295,t=2,p=1,keyid=MQ"),
        argon2("m=19456,t=4000000000,p=1,keyid=MQ"),
        argon2("m=19456,t=2,p=4000000000"),
        argon2("m=0,t=0,p=0"),
        b"$argon2id$v=19$m=19456,t=2,p=1,keyid=MQ$AAAA".to_vec(),
    ]
}

#[tokio::test]
async fn a_damaged_password_fails_for_its_owner_alone_and_somebody_hears_of_it() {
    let world = World::full().await;
    let ada = world.person("ada", &[]).await;
    world.person("eve", &[]).await;
    let wrong = world.first_door("eve", "wrong").await;
    wrong.problem(401, "refused");
    let log = Log::default();
    let lines = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || lines.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let mut network = 0;
    let mut is_refused = async |what: String| {
        log.taken();
        network += 1;
        let given = json!({ "name": "ada", "password": PASSWORD });
        let refused = world.caller("nobody").at([203, 0, network, 1]).post("/sign-in", given).await;
        assert_eq!((refused.status, &refused.text), (wrong.status, &wrong.text), "{what}");
        let said = log.taken();
        let alarm =
            said.lines().find(|line| line.contains("ERROR")).unwrap_or_else(|| panic!("{what}: {said}"));
        assert!(alarm.contains(&ada.id.to_string()) && alarm.contains("damaged"), "{what}: {alarm}");
        assert!(!said.contains(PASSWORD), "{said}");
        let other = world.first_door("eve", PASSWORD).await.expect(200);
        assert_eq!(other.json["step"], "second_door", "{what}");
    };
    let owner = ada.id.to_string();
    for bytes in damaged() {
        let (id, kept) = (owner.clone(), bytes.clone());
        world
            .system()
            .write(move |tx| Ok(tx.put_secret(&id, "password_hash", &kept)?))
            .await
            .expect("written");
        is_refused(format!("ours: {}", bytes.escape_ascii())).await;
    }
    // What another system kept of it rests sealed, and may be damaged within or without.
    let id = owner.clone();
    let deleted = world.system().write(move |tx| Ok(tx.delete_secret(&id, "password_hash")?)).await;
    assert!(deleted.expect("deleted"));
    for bytes in damaged() {
        let (id, kept) = (owner.clone(), bytes.clone());
        world
            .system()
            .write(move |tx| tx.seal_secret(&id, "imported_password", &kept))
            .await
            .expect("written");
        is_refused(format!("sealed: {}", bytes.escape_ascii())).await;
        let (id, kept) = (owner.clone(), bytes.clone());
        world
            .system()
            .write(move |tx| Ok(tx.put_secret(&id, "imported_password", &kept)?))
            .await
            .expect("written");
        is_refused(format!("the seal: {}", bytes.escape_ascii())).await;
    }
    // A new one mends it.
    user::set_password(&world.system(), ada.id, &PASSWORD.into()).await.expect("a password");
    assert_eq!(world.first_door("ada", PASSWORD).await.expect(200).json["step"], "second_door");
}
