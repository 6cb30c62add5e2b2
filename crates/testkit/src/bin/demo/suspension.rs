//! How soon a suspension is felt outside: by the old portal session, and by ssh clients that knock all the while.

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use sallyport_testkit::{
    ssh::{self, SshError, SshLogin, SshOutcome},
    story::until,
};

use crate::{
    seen::{Seen, show},
    story::{ALICE_PASSWORD, Alice, Stage, bypass_codes, is_locked, person},
};

/// Pause between two logins that knock; what a login takes is not waited for.
const PACE: Duration = Duration::from_millis(250);

/// One login, and when.
struct Knock {
    began: Instant,
    ended: Instant,
    outcome: SshOutcome,
}

impl Knock {
    fn make(login: &SshLogin) -> Result<Self, SshError> {
        let began = Instant::now();
        let outcome = ssh::login(login)?;
        Ok(Self { began, ended: Instant::now(), outcome })
    }
}

/// Suspends Alice while she stands between the doors of one login, and keeps coming with others: all of them with the
/// right password and good codes.
pub(crate) fn suspend(seen: &mut Seen, stage: &Stage, alice: &Alice) -> anyhow::Result<()> {
    let codes = bypass_codes(stage, 10)?;
    let login = |code: &String| {
        person(stage).answer("assword", ALICE_PASSWORD).answer("asscode", code).command("id -un")
    };
    let mut logins: Vec<SshLogin> = codes.iter().map(login).collect();
    let folder = tempfile::tempdir()?;
    let mut between = logins.pop().context("no bypass codes")?;
    between.hold = Some(("asscode".to_owned(), folder.path().to_owned()));
    ensure!(
        alice.browser.open(&alice.home.path)?.path == "/",
        "the portal session is gone before the suspension"
    );
    let what = "alice is suspended while she logs in: portal and ssh refuse her";
    let (portal, locked, between, fresh) = seen.step(what, || {
        thread::scope(|scope| {
            let waiting = scope.spawn(|| Knock::make(&between));
            until("the prompt for the passcode", || Ok(folder.path().join("held").exists().then_some(())))?;
            let knocking = scope.spawn(|| knock(logins));
            stage.cli.json(&["user", "suspend", "alice"])?;
            let answered = Instant::now();
            std::fs::write(folder.path().join("go"), "")?;
            let page = alice.browser.open("/")?;
            let portal = answered.elapsed();
            ensure!(page.path.starts_with("/sign-in"), "the portal still shows {}", page.path);
            until("the lock", || Ok(is_locked(stage)?.then_some(())))?;
            let locked = answered.elapsed();
            let watched = "a login could not be watched";
            let between = waiting.join().ok().context(watched)??;
            ensure!(between.outcome.is_refused(), "not refused:\n{}", between.outcome.shown());
            let fresh = first_refusal(knocking.join().ok().context(watched)??, answered)?;
            let took = |knock: &Knock| knock.ended.saturating_duration_since(answered);
            Ok((portal, locked, (took(&between), between.outcome), (took(&fresh), fresh.outcome)))
        })
    })?;
    show(&between.1);
    show(&fresh.1);
    seen.consequence("suspended -> portal session refused", portal);
    // After a failure PAM pauses for about two seconds, as pam_unix asks it to, whichever module it was that refused.
    seen.consequence(
        "suspended -> ssh client between the doors refused, 2 s pause of PAM included",
        between.0,
    );
    seen.consequence("suspended -> account locked on the device", locked);
    seen.consequence("suspended -> new ssh client refused, 2 s pause of PAM included", fresh.0);
    Ok(())
}

/// Begins one login after the other until one is refused, and waits for those that are under way.
fn knock(logins: Vec<SshLogin>) -> Result<Vec<Knock>, SshError> {
    thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        let mut knocks = Vec::new();
        for login in logins {
            let tell = tell.clone();
            scope.spawn(move || tell.send(Knock::make(&login)).ok());
            if let Ok(knock) = told.recv_timeout(PACE) {
                knocks.push(knock?);
            }
            if knocks.iter().any(|knock: &Knock| knock.outcome.is_refused()) {
                break;
            }
        }
        drop(tell);
        for knock in told {
            knocks.push(knock?);
        }
        Ok(knocks)
    })
}

/// The first login that was refused; none that began after the answer was let in.
fn first_refusal(mut knocks: Vec<Knock>, answered: Instant) -> anyhow::Result<Knock> {
    knocks.sort_by_key(|knock| knock.ended);
    if let Some(knock) =
        knocks.iter().find(|knock| knock.began > answered && !knock.outcome.stdout.is_empty())
    {
        bail!("let in after the answer:\n{}", knock.outcome.shown());
    }
    let seen: Vec<String> = knocks.iter().map(|knock| knock.outcome.shown()).collect();
    knocks
        .into_iter()
        .find(|knock| knock.outcome.is_refused())
        .with_context(|| format!("no login was refused:\n{}", seen.join("\n---\n")))
}
