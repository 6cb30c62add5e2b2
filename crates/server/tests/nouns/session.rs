//! A person at the command line: signing in by both doors.

use std::{
    io::{Read, Write as _},
    process::{Command, Stdio},
};

use sallyport_app::{Caller, Clock as _, SystemClock, factor, user};
use sallyport_crypto::totp;

use super::{House, PASSWORD, err, finish, path, sallyport};

impl House {
    /// The seed of an authenticator of olga's.
    async fn authenticator(&self) -> Vec<u8> {
        let olga = user::resolve(&self.system(), "olga").await.unwrap().id;
        let code = factor::issue_enrollment_code(&self.system(), olga, 3600).await.unwrap();
        let nobody = self.system().with_caller(Caller::Nobody);
        let pending = factor::begin_totp(&nobody, &code).await.unwrap();
        let seed = data_encoding::BASE32_NOPAD.decode(pending.seed.expose().as_bytes()).unwrap();
        // The step before this one, so that this one is still unused.
        let first = totp::code(&seed, totp::step_at(SystemClock.now().unix_seconds()) - 1);
        factor::confirm_totp(&nobody, &pending.handle, &first.into()).await.unwrap();
        seed
    }

    /// Writes a file with one line.
    fn line(&self, name: &str, line: &str) -> String {
        let file = self.path(name);
        std::fs::write(&file, format!("{line}\n")).unwrap();
        path(&file).to_owned()
    }
}

fn present_code(seed: &[u8]) -> String {
    totp::code(seed, totp::step_at(SystemClock.now().unix_seconds()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_by_both_doors_and_out_again() {
    let house = House::open().await;
    let seed = house.authenticator().await;
    let (password, saved) = (house.line("password", PASSWORD), house.path("session"));
    let open = |code: &str| {
        let code = house.line("code", code);
        let args =
            ["session", "open", "--name", "olga", "--password-file", &password, "--passcode-file", &code];
        [&args[..], &["--save", path(&saved)]].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let run = async |args: Vec<String>| {
        // Without a token, for there is none yet.
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let mut command = sallyport(&args);
        command.env("SALLYPORT_URL", &house.url).env("SALLYPORT_CA", house.path("ca.pem"));
        tokio::task::spawn_blocking(move || finish(command, "")).await.unwrap()
    };
    let wrong = run(open("000000")).await;
    assert!(!wrong.status.success() && err(&wrong).contains("not right"), "{}", err(&wrong));
    assert!(!saved.exists());
    let opened = run(open(&present_code(&seed))).await;
    assert!(opened.status.success(), "{}", err(&opened));
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&saved).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let token = std::fs::read_to_string(&saved).unwrap();
    assert!(token.starts_with("spb_") && !String::from_utf8_lossy(&opened.stdout).contains(token.trim()));

    let as_olga = |args: &[&'static str]| {
        let file = ["--token-file".to_owned(), path(&saved).to_owned()];
        run(args.iter().map(|arg| (*arg).to_owned()).chain(file).collect())
    };
    let listed = as_olga(&["user", "list"]).await;
    assert!(String::from_utf8_lossy(&listed.stdout).contains("olga"), "{}", err(&listed));
    let sessions = house.json(&["user", "sessions", "olga"]).await;
    assert!(sessions["items"][0]["user_agent"].as_str().unwrap().starts_with("sallyport/"));
    assert!(as_olga(&["session", "close"]).await.status.success());
    let out = as_olga(&["user", "list"]).await;
    assert!(!out.status.success() && err(&out).contains("sign in first"), "{}", err(&out));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_at_the_terminal_is_not_shown_and_a_wrong_code_may_be_typed_again() {
    let house = House::open().await;
    let seed = house.authenticator().await;
    // A terminal of its own, which script(1) makes.
    let program = format!("{} session open", env!("CARGO_BIN_EXE_sallyport"));
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--flush", "--echo", "always", "--command", &program, "/dev/null"]);
    command.env("SALLYPORT_URL", &house.url).env("SALLYPORT_CA", house.path("ca.pem"));
    let typed =
        [("Name: ", "olga".to_owned()), ("Password: ", PASSWORD.to_owned()), ("Passcode: ", "000000".into())];
    let shown = tokio::task::spawn_blocking(move || {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (mut keys, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut shown = String::new();
        let typed = typed.into_iter().chain([("Passcode: ", present_code(&seed))]);
        for (prompt, answer) in typed {
            until(&mut screen, &mut shown, prompt);
            writeln!(keys, "{answer}").unwrap();
        }
        screen.read_to_string(&mut shown).unwrap();
        assert!(child.wait().unwrap().success(), "{shown}");
        shown
    })
    .await
    .unwrap();
    assert!(shown.contains("not right") && shown.contains("spb_"), "{shown}");
    assert!(!shown.contains(PASSWORD) && !shown.contains("000000"), "{shown}");
}

/// Reads on until what is shown ends with `prompt`.
fn until(screen: &mut impl Read, shown: &mut String, prompt: &str) {
    let before = shown.len();
    while !(shown.len() > before && shown.ends_with(prompt)) {
        let mut byte = [0];
        assert_eq!(screen.read(&mut byte).unwrap(), 1, "it ended: {shown}");
        shown.push(char::from(byte[0]));
    }
}
