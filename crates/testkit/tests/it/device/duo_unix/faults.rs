//! Debian's clients behind a middle that fails. Set to fail *secure* they open upon nothing; what they do when set to fail
//! *safe* is their own affair, and stands here so that `docs/duo-clients.md` says what is so.

use std::net::SocketAddr;

use sallyport_testkit::relay::{Fault, Relay};

use super::{ALLOWED, Machine, NAME, said};

/// A service of libpam for each way to fail, so that neither waits for the other.
const MODES: [&str; 2] = ["secure", "safe"];

/// What a client that is set to fail safe opens upon: at its first question, before it asked anything of the person. Later
/// an outage is an error to it, whatever it is set to.
fn opens_where_it_fails_safe(fault: &Fault, at: &str) -> bool {
    at == FIRST
        && match fault {
            Fault::Answers { status, .. } => matches!(status, 200 | 401 | 500..),
            Fault::Cuts | Fault::HangsUp | Fault::Stalls => true,
        }
}

/// Its questions.
const FIRST: &str = "/preauth";
const SECOND: &str = "/auth";

struct Between {
    machine: Machine,
    relay: Relay,
}

impl Between {
    fn raise(name: &str) -> Option<Self> {
        let mut machine = Machine::raise(name)?;
        let address = machine.house.sandbox.host_address();
        let port = machine.house.house.server.url.rsplit_once(':').unwrap().1.parse().unwrap();
        let [upstream, at] = [port, 0].map(|port| SocketAddr::from((address, port)));
        let relay = Relay::before(upstream, at, NAME, &machine.house.house.set_up.ca).unwrap();
        machine.host = format!("{NAME}:{}", relay.port);
        machine.ca.clone_from(&relay.ca_pem);
        let sandbox = &machine.house.sandbox;
        for mode in MODES {
            machine.configure_more(mode, "https_timeout = 2\n");
            sandbox
                .check(["cp", "/etc/security/pam_duo.conf", &format!("/etc/security/{mode}.conf")])
                .unwrap();
            let stack = format!(
                "auth required pam_duo.so conf=/etc/security/{mode}.conf\naccount required pam_permit.so\n"
            );
            sandbox.write_file(format!("/etc/pam.d/{mode}"), 0o644, stack.as_bytes()).unwrap();
        }
        machine.configure_more("secure", "https_timeout = 2\naccept_env_factor = yes\n");
        Some(Self { machine, relay })
    }

    /// Whether libpam lets ada in who types this, by a client that fails in this way.
    fn lets_in(&self, mode: &str, typed: &str) -> bool {
        let pamtester = ["pamtester", mode, "ada", "authenticate"];
        let output =
            self.machine.house.sandbox.run_with_input(pamtester, format!("{typed}\n").as_bytes()).unwrap();
        assert_eq!(output.status.success(), said(&output).contains(ALLOWED), "{output:?}");
        output.status.success()
    }

    /// The same by `login_duo`, which fails secure.
    fn login_duo_lets_in(&self, typed: &str) -> bool {
        let code = format!("DUO_PASSCODE={typed}");
        let shell =
            ["env", &code, "runuser", "--user", "ada", "--", "/usr/sbin/login_duo", "echo", "let", "in"];
        let output = self.machine.house.sandbox.run(shell).unwrap();
        output.status.success() || said(&output).contains("let in")
    }
}

#[test]
fn no_fault_opens_a_client_that_fails_secure() {
    let Some(between) = Between::raise("debian-7") else { return };
    let mut codes = between.machine.with_bypass_codes("ada", 10);
    // This version knows nothing of waiting.
    for (what, fault) in Fault::all().into_iter().chain([("a service that is busy", Fault::busy())]) {
        for at in [FIRST, SECOND] {
            let code = codes.last().unwrap();
            between.relay.fails(at, fault.clone());
            assert!(!between.lets_in("secure", code), "{what} {at}\n{}", between.machine.house.logs());
            assert!(!between.login_duo_lets_in(code), "{what} {at}\n{}", between.machine.house.logs());
            // A wrong code: nothing in it could be let in by the server.
            let opens = between.lets_in("safe", "000000");
            assert_eq!(
                opens,
                opens_where_it_fails_safe(&fault, at),
                "{what} {at}\n{}",
                between.machine.house.logs()
            );
            between.relay.mends();
            if at == SECOND && fault.is_done_unheard() {
                codes.pop();
            }
        }
    }
    // Where the line was cut behind the server it heard wrong codes, each three times.
    between.machine.cli(&["user", "unlock", "ada"]);
    assert!(!between.lets_in("safe", "000000"));
    assert!(between.lets_in("secure", &codes.pop().unwrap()), "nothing of it is left");
    assert!(between.login_duo_lets_in(&codes.pop().unwrap()), "nothing of it is left");
}
