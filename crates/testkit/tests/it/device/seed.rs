//! What all of this began with: a command marked *on enrolment* installs Debian's own `libpam-duo` on a device, with the keys
//! of a protected application, and whoever logs in there is asked for a texted code or called. Nothing but the agent, and
//! what the command does, changes the device.

use std::{path::Path, thread};

use sallyport_testkit::{
    ssh::{self, SshLogin, SshOutcome},
    story::{DeviceHouse, text, until},
    telephone_company::TelephoneCompany,
};

use super::{PASSWORD, let_in, may_raise, refused};

/// The client compares no addresses of certificates, so the server has a name.
const NAME: &str = "sallyport.example.org";
const GROUP: &str = "workstations";

/// A device's mirror of Debian is the device itself: it reaches nothing but our server, so the packages that this machine
/// has are packed again as they were, taken off, and offered to apt from a folder.
const MIRROR: &str = r#"
mkdir -p /srv/debian
for package in libduo3 libpam-duo login-duo; do
    root=$(mktemp -d)
    chmod 0755 "$root"
    dpkg-query -L "$package" | while read -r path; do
        if [ -f "$path" ]; then echo "${path#/}"; fi
    done | tar -C / -cf - -T - | tar -C "$root" -xf -
    mkdir "$root/DEBIAN"
    dpkg-query -s "$package" |
        awk '/^[^ ]/ { skip = /^(Conffiles|Status):/ } !skip' >"$root/DEBIAN/control"
    for part in conffiles preinst postinst prerm postrm shlibs triggers; do
        for file in "/var/lib/dpkg/info/$package.$part" "/var/lib/dpkg/info/$package":*".$part"; do
            if [ -e "$file" ]; then cp "$file" "$root/DEBIAN/$part"; fi
        done
    done
    dpkg-deb --build "$root" "/srv/debian/$package.deb"
done
dpkg --purge login-duo libpam-duo libduo3
cd /srv/debian
dpkg-scanpackages . >Packages
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d
echo 'deb [trusted=yes] file:/srv/debian ./' >/etc/apt/sources.list
"#;

/// The command, as an administrator would write it; its keys come in its environment, and the authority's certificate in
/// place of the mark.
const COMMAND: &str = r#"set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq --yes --no-install-recommends libpam-duo

cat >/etc/ssl/sallyport.pem <<'END'
@CA@
END
umask 077
cat >/etc/security/pam_duo.conf <<END
[duo]
host = $HOST
ikey = $IKEY
skey = $SKEY
cafile = /etc/ssl/sallyport.pem
failmode = secure
END

sed -i 's/^@include common-auth$/auth requisite pam_unix.so\nauth required pam_duo.so/' /etc/pam.d/sshd
grep -q '^auth required pam_duo.so$' /etc/pam.d/sshd
cat >/etc/ssh/sshd_config.d/duo.conf <<'END'
UsePAM yes
PasswordAuthentication no
KbdInteractiveAuthentication yes
AuthenticationMethods keyboard-interactive
END
sshd -t
systemctl reload ssh 2>/dev/null || kill -HUP "$(cat /run/sshd.pid)"
"#;

/// A machine without any of Duo's packages, and a server with a telephone company, known by a name.
fn raise(name: &str) -> (DeviceHouse, TelephoneCompany, tempfile::TempDir) {
    let mut house = DeviceHouse::raise(name).unwrap();
    let port = house.house.server.url.rsplit_once(':').unwrap().1.to_owned();
    house.house.server.url = format!("https://{NAME}:{port}");
    house.house.server.further = ["--outbound-internal", "127.0.0.1"].map(str::to_owned).into();
    house.house.server.kill().unwrap();
    house.house.server.start_again().unwrap();
    let hosts = format!("127.0.0.1 localhost {name}\n{} {NAME}\n", house.sandbox.host_address());
    house.sandbox.write_file("/etc/hosts", 0o644, hosts.as_bytes()).unwrap();
    house.sandbox.check(["bash", "-euc", MIRROR]).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hosts");
    std::fs::write(&file, hosts).unwrap();
    let server = &house.house.server;
    let company = TelephoneCompany::start_with_hosts(&server.binary, &house.house.ca_file(), &file).unwrap();
    company.serve(house.cli()).unwrap();
    (house, company, folder)
}

/// What an administrator does before the device is there: an application, a group, and the command with its keys.
fn prepare(house: &DeviceHouse) {
    let cli = house.cli();
    let application =
        cli.json(&["application", "create", "--type", "duo-auth-api", "--name", "Workstations"]).unwrap();
    // Debian's client dates none of its requests.
    cli.json(&["application", "update", "Workstations", "--accepts-undated", "true"]).unwrap();
    cli.json(&["group", "create", "--name", GROUP, "--kind", "devices"]).unwrap();
    let keys = ["HOST", "IKEY", "SKEY"]
        .map(|key| format!("{key}={}", text(&application, &key.to_ascii_lowercase())));
    let body = COMMAND.replace("@CA@", house.house.set_up.ca.trim());
    let create = ["command", "create", "--name", "Install libpam-duo", "--interpreter", "bash"];
    let env = keys.iter().flat_map(|key| ["--env", key.as_str()]).collect::<Vec<_>>();
    let when = ["--body", &body, "--on-enrollment", "--group", GROUP];
    cli.json(&[&create[..], &env, &when].concat()).unwrap();
}

/// Somebody with an account on the device, brought there by the agent, and a phone.
fn person(house: &DeviceHouse, name: &str, number: &str) {
    house.bound_person(name, PASSWORD, 0).unwrap();
    house.cli().json(&["user", "add-phone", name, number]).unwrap();
}

/// Logs in, and answers the first prompt with `part` in it by what `answer` makes of its words.
fn log_in(login: SshLogin, part: &str, answer: impl FnOnce(&str) -> String) -> SshOutcome {
    let folder = tempfile::tempdir().unwrap();
    let login = SshLogin { hold: Some((part.to_owned(), folder.path().to_owned())), ..login };
    thread::scope(|scope| {
        let logging_in = scope.spawn(|| ssh::login(&login).unwrap());
        let held = folder.path().join("held");
        let asked = until("the prompt", || {
            if logging_in.is_finished() {
                return Ok(Some(None));
            }
            Ok(held.exists().then(|| std::fs::read_to_string(&held).ok()))
        });
        if let Some(words) = asked.unwrap() {
            put(&folder.path().join("go"), &answer(&words));
        }
        logging_in.join().unwrap()
    })
}

/// Whole or not at all.
fn put(file: &Path, text: &str) {
    let new = file.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(new, file).unwrap();
}

fn opened_by(house: &DeviceHouse, name: &str) -> (String, String, String) {
    let newest = house.sign_ins(name).unwrap().remove(0);
    let kind = newest["second_door"]["kind"].as_str().unwrap_or_default().to_owned();
    (text(&newest, "state"), text(&newest["resource"], "name"), kind)
}

const THROUGH: [&str; 3] = ["allowed", "Workstations", "phone"];

#[test]
fn a_command_on_enrolment_brings_debians_libpam_duo_and_logins_ask_for_a_text_or_a_call() {
    if !may_raise() {
        return;
    }
    let (mut house, company, _hosts) = raise("workstation-1");
    prepare(&house);
    assert!(
        !house.sandbox.run(["dpkg", "-s", "libpam-duo"]).unwrap().status.success(),
        "it is there already"
    );
    house.enroll_with(&house.token(&[GROUP]).unwrap()).unwrap();
    house.start_agent().unwrap();
    house.runs_end_well().unwrap();
    house.sandbox.check(["dpkg", "-s", "libpam-duo"]).unwrap();
    person(&house, "ada", "+15005550010");
    person(&house, "ben", "+15005550011");

    // By a code that is texted: the menu, the text, and the menu again, which takes the code.
    let login = house.login("ada", PASSWORD, &[]).answer("Passcode or option (1-2)", "sms1");
    let by_text = log_in(login, "New SMS passcodes sent", |_| company.code(0).unwrap());
    let_in(&house, &by_text, "ada");
    assert!(by_text.prompts_seen[1].contains("2. SMS passcodes to XXX-XXX-0010"), "{by_text:?}");
    assert_eq!(opened_by(&house, "ada"), THROUGH.map(str::to_owned).into());
    // It was good once.
    let used = by_text.answers_given.last().unwrap();
    let again = house.login("ada", PASSWORD, &[]).answer("Passcode or option", used);
    refused(&house, &ssh::login(&again).unwrap(), "Permission denied");

    // By a call, which asks for the digits that the menu shows.
    let login = house.login("ben", PASSWORD, &[]);
    let by_call = thread::scope(|scope| {
        log_in(login, "Passcode or option", |menu| {
            let (_, behind) = menu.split_once("1. Phone call to XXX-XXX-0011 (type ").unwrap();
            let digits = behind.split_once(" when asked)").unwrap().0.to_owned();
            let company = &company;
            scope.spawn(move || {
                let said = company.answer(&digits).unwrap();
                assert!(said.last().unwrap().contains("Thank you"), "{said:?}");
            });
            "1".to_owned()
        })
    });
    let_in(&house, &by_call, "ben");
    assert_eq!(opened_by(&house, "ben"), THROUGH.map(str::to_owned).into());

    // And by nothing less.
    let guess = house.login("ben", PASSWORD, &[]).answer("Passcode or option", "0000000");
    refused(&house, &ssh::login(&guess).unwrap(), "Permission denied");
    assert_eq!(house.ssh("ben", "not it", &[]).unwrap().prompts_seen.len(), 1);
}
