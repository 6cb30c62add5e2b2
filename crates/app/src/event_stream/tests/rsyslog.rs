//! Debian's rsyslog as the collector, over TCP and over TLS.

use std::{
    io::Write as _,
    path::Path,
    process::{Child, Command, Stdio},
};

use rcgen::KeyPair;

use super::*;
use crate::factor::duo::testing::{authority_pem, leaf};

/// An rsyslog of the test's own, stopped with it.
struct Rsyslog {
    child: Child,
    folder: tempfile::TempDir,
}

impl Rsyslog {
    /// One that listens at both ports; nothing where there is none on this machine.
    fn start(tcp: u16, tls: u16) -> Option<Self> {
        let program = Path::new("/usr/sbin/rsyslogd");
        let driver =
            Path::new("/usr/lib").join(format!("{}-linux-gnu/rsyslog/lmnsd_gtls.so", std::env::consts::ARCH));
        if !program.is_file() || !driver.is_file() {
            assert!(std::env::var_os("CI").is_none(), "there is no rsyslog with TLS; run `make test`");
            writeln!(std::io::stderr(), "SKIPPED: rsyslog; run `make test`").ok();
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let key = KeyPair::generate().unwrap();
        std::fs::write(at("ca.pem"), authority_pem()).unwrap();
        std::fs::write(at("cert.pem"), leaf(&key).pem()).unwrap();
        std::fs::write(at("key.pem"), key.serialize_pem()).unwrap();
        let config = format!(
            r#"
global(workDirectory="{work}" maxMessageSize="64k"
       defaultNetstreamDriverCAFile="{ca}" defaultNetstreamDriverCertFile="{cert}" defaultNetstreamDriverKeyFile="{key}")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
module(load="imptcp")
template(name="told" type="string" string="%syslogfacility-text% %hostname% %app-name% %msgid% %msg%\n")
input(type="imptcp" address="127.0.0.1" port="{tcp}")
input(type="imtcp" address="127.0.0.1" port="{tls}")
action(type="omfile" file="{out}" template="told")
"#,
            work = folder.path().display(),
            ca = at("ca.pem"),
            cert = at("cert.pem"),
            key = at("key.pem"),
            out = at("out"),
        );
        std::fs::write(at("rsyslog.conf"), config).unwrap();
        let (config, pid) = (at("rsyslog.conf"), at("pid"));
        let child = Command::new(program)
            .args(["-n", "-f", &config, "-i", &pid])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Some(Self { child, folder })
    }

    /// Stops it, after which it has written all it read.
    fn stop(mut self) -> String {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(pid).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        std::fs::read_to_string(self.folder.path().join("out")).unwrap_or_default()
    }
}

impl Drop for Rsyslog {
    fn drop(&mut self) {
        self.child.kill().ok();
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test(flavor = "multi_thread")]
async fn rsyslog_takes_every_event_over_tcp_and_over_tls() {
    let (tcp, tls) = (free_port(), free_port());
    let Some(rsyslog) = Rsyslog::start(tcp, tls) else { return };
    let test = testing::org().await;
    let mut streams = Vec::new();
    for (transport, port) in [(SyslogTransport::Tcp, tcp), (SyslogTransport::Tls, tls)] {
        let target = StreamTarget::Syslog { host: "localhost".into(), port, transport };
        streams.push(stream(&test, target, EventFormat::Ocsf).await);
    }
    for n in 0..300 {
        person(&test, &format!("person-{n}")).await;
    }
    // It listens soon; until then it is tried again, as often as the clock says.
    for id in &streams {
        let mut tries = 0;
        while shown_now(&test, *id).await.behind > 0 || tries == 0 {
            tell(&test).await;
            test.clock.advance(Span::minutes(6));
            tries += 1;
            assert!(tries < 100_000, "{:?}", shown_now(&test, *id).await.standing);
        }
    }
    let told = rsyslog.stop();
    let people = told.lines().filter(|line| line.contains(" user.create "));
    let people: Vec<Value> = people
        .map(|line| {
            let (head, event) = line.split_once(" {").unwrap();
            assert_eq!(head.trim_end(), "audit sallyport.example.com sallyport user.create", "{line}");
            serde_json::from_str(&format!("{{{event}")).unwrap()
        })
        .collect();
    // By each of the two ways, once.
    let mut names: Vec<&str> = people.iter().map(|event| event["user"]["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 600);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 300);
}
