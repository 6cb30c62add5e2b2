//! `KEEP=1`: everything stays up, with what it takes to try it by hand.

use std::{io::BufRead as _, thread};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

use crate::{
    seen::say,
    story::{ALICE_PASSWORD, Alice, ORGANIZATION, OWNER_PASSWORD, Stage, bypass_codes},
};

/// Lets Alice in again, says where everything is, and waits until somebody has seen enough.
pub(crate) fn stay(stage: &Stage, alice: &Alice) -> anyhow::Result<()> {
    stage.cli.json(&["user", "activate", "alice"])?;
    let codes = bypass_codes(stage, 5)?.join("  ");
    let (url, ca, address) = (&stage.server.url, stage.cli.ca.display(), stage.sandbox.address());
    say("\nEverything stays up, and alice is active again.");
    say(&format!("  portal         {url}  (its authority, for the browser: {ca})"));
    say(&format!("  alice          password: {ALICE_PASSWORD}"));
    say(&format!("                 authenticator: {}", alice.phone.uri(ORGANIZATION, "alice")));
    say(&format!("                 bypass codes, each good once: {codes}"));
    say(&format!("  olga, owner    password: {OWNER_PASSWORD}"));
    say(&format!("                 no second door yet: {url}/enroll with {}", stage.set_up.enrollment_code));
    say("  others         bruno, chiara, deniz: no password yet, olga can set one");
    say(&format!("  texts, calls   {}", stage.company.url));
    say(&format!(
        "  device         ssh -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no alice@{address}"
    ));
    say(&format!(
        "  command line   SALLYPORT_URL={url} SALLYPORT_TOKEN={} SALLYPORT_CA={ca} {}",
        stage.set_up.token,
        stage.cli.binary.display()
    ));
    wait()
}

/// Until Enter is pressed or a signal asks for the end. A standard input that is closed says nothing.
fn wait() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (pressed, enter) = oneshot::channel();
    thread::spawn(move || {
        if std::io::stdin().lock().read_line(&mut String::new()).is_ok_and(|length| length > 0) {
            pressed.send(()).ok();
        }
    });
    runtime.block_on(async {
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        say(&format!("Press Enter, or end process {}, to take everything down.", std::process::id()));
        let enter = async {
            if enter.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = enter => {}
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        Ok(())
    })
}
