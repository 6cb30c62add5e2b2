//! How soon after its answer a suspension is felt outside: by the old portal session, and by ssh clients that knock all the
//! while.

use std::{
    sync::{OnceLock, mpsc},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use sallyport_testkit::{
    api::Api,
    ssh::{self, SshError, SshLogin, SshOutcome},
    story::until,
};

use crate::{
    seen::{Seen, show},
    story::{ALICE_PASSWORD, Alice, Stage, bypass_codes, is_locked, person},
};

/// Pause between two logins that knock; what a login takes is not waited for.
const PACE: Duration = Duration::from_millis(250);
/// How many logins at least are left for after the answer, however long that takes.
const KEPT: usize = 4;

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

    fn is_refused_after(&self, answered: Instant) -> bool {
        self.began > answered && self.outcome.is_refused()
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
    let api = Api::of(&stage.cli)?;
    let what = "alice is suspended while she logs in: portal and ssh refuse her";
    let (portal, locked, between, fresh) = seen.step(what, || {
        let answer = OnceLock::new();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| Knock::make(&between));
            until("the prompt for the passcode", || Ok(folder.path().join("held").exists().then_some(())))?;
            let knocking = scope.spawn(|| knock(logins, &answer));
            let suspended = api.post("/users/alice/suspend");
            // Whatever came of it, nobody waits for it any more.
            answer.set(suspended.as_ref().copied().unwrap_or_else(|_| Instant::now())).ok();
            let answered = suspended?;
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
            let took = |knock: &Knock| {
                knock.ended.checked_duration_since(answered).context("refused before the answer")
            };
            Ok((portal, locked, (took(&between)?, between.outcome), (took(&fresh)?, fresh.outcome)))
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

/// Begins one login after the other until one is refused that began after the answer, and waits for those that are under
/// way.
fn knock(logins: Vec<SshLogin>, answer: &OnceLock<Instant>) -> Result<Vec<Knock>, SshError> {
    thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        let mut knocks = Vec::new();
        let mut left = logins.len();
        for login in logins {
            while left <= KEPT && answer.get().is_none() {
                pause_for(&told, &mut knocks)?;
            }
            left -= 1;
            let tell = tell.clone();
            scope.spawn(move || tell.send(Knock::make(&login)).ok());
            pause_for(&told, &mut knocks)?;
            let is_over = |answered: &Instant| knocks.iter().any(|knock| knock.is_refused_after(*answered));
            if answer.get().is_some_and(is_over) {
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

/// Passes the time between two logins with those that end meanwhile.
fn pause_for(
    told: &mpsc::Receiver<Result<Knock, SshError>>,
    knocks: &mut Vec<Knock>,
) -> Result<(), SshError> {
    if let Ok(knock) = told.recv_timeout(PACE) {
        knocks.push(knock?);
    }
    Ok(())
}

/// The first of the logins that began after the answer to be refused; none of those was let in. Whoever began before may
/// have been asked when nothing was decided yet, and tells nothing.
fn first_refusal(knocks: Vec<Knock>, answered: Instant) -> anyhow::Result<Knock> {
    let mut fresh: Vec<Knock> = knocks.into_iter().filter(|knock| knock.began > answered).collect();
    fresh.sort_by_key(|knock| knock.ended);
    if let Some(knock) = fresh.iter().find(|knock| !knock.outcome.stdout.is_empty()) {
        bail!("let in after the answer:\n{}", knock.outcome.shown());
    }
    let seen: Vec<String> = fresh.iter().map(|knock| knock.outcome.shown()).collect();
    fresh.into_iter().find(|knock| knock.outcome.is_refused()).with_context(|| {
        format!("no login that began after the answer was refused:\n{}", seen.join("\n---\n"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A login so many milliseconds after `start`, and what the client ended with.
    fn at(start: Instant, [began, ended]: [u64; 2], exit_code: i32) -> Knock {
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let outcome = SshOutcome {
            exit_code: Some(exit_code),
            stdout: if exit_code == 0 { "alice\n".to_owned() } else { String::new() },
            stderr: if exit_code == 255 { "Permission denied".to_owned() } else { String::new() },
            prompts_seen: vec!["Password:".to_owned()],
            answers_given: Vec::new(),
            timed_out: false,
            elapsed: Duration::from_millis(ended - began),
        };
        Knock { began: at(began), ended: at(ended), outcome }
    }

    #[test]
    fn only_a_login_that_began_after_the_answer_is_the_first_refused() {
        let start = Instant::now();
        let answered = start + Duration::from_millis(100);
        let first = |knocks| first_refusal(knocks, answered).map(|knock| knock.ended - start);
        // Began before and refused first of all; began after, and the later of two ended sooner.
        let knocks =
            vec![at(start, [90, 120], 255), at(start, [110, 2_300], 255), at(start, [150, 2_200], 255)];
        assert_eq!(first(knocks).unwrap(), Duration::from_millis(2_200));
        let error = first(vec![at(start, [90, 120], 255), at(start, [100, 130], 255)]).unwrap_err();
        assert!(error.to_string().starts_with("no login that began after"), "{error}");
    }

    #[test]
    fn whoever_began_before_the_answer_may_be_let_in_and_nobody_later() {
        let start = Instant::now();
        let answered = start + Duration::from_millis(100);
        let refused = || at(start, [300, 2_400], 255);
        assert!(first_refusal(vec![at(start, [90, 400], 0), refused()], answered).is_ok());
        let error = first_refusal(vec![at(start, [200, 400], 0), refused()], answered).map(drop).unwrap_err();
        assert!(error.to_string().starts_with("let in after the answer"), "{error}");
    }
}
