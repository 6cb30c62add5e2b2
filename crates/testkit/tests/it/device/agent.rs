//! The agent killed: in the middle of a login, in the middle of a run, one half at a time.

use sallyport_testkit::{
    sandbox::Signal,
    ssh,
    story::{DeviceHouse, items, text, until},
};
use serde_json::Value;

use super::{PASSWORD, let_in, own, refused};

/// Process ids inside the device of programs with this name.
fn pids(house: &DeviceHouse, comm: &str) -> Vec<String> {
    let script = "for p in /proc/[0-9]*; do [ \"$(cat $p/comm 2>/dev/null)\" = \"$1\" ] && echo ${p#/proc/}; done; true";
    let out = house.sandbox.check(["sh", "-c", script, "pids", comm]).unwrap();
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

fn run_of(house: &DeviceHouse, command: &str) -> Value {
    let runs = house.cli().json(&["run", "list", "--command", command]).unwrap();
    assert_eq!(items(&runs).len(), 1, "{runs}");
    items(&runs)[0].clone()
}

#[test]
fn a_login_whose_agent_dies_is_refused_and_the_next_works() {
    let Some(mut house) = own("laptop-24") else { return };
    let codes = house.bound_person("runa", PASSWORD, 2).unwrap();

    // The person at the door answers only after the agent is gone.
    let folder = tempfile::tempdir().unwrap();
    let mut login = house.login("runa", PASSWORD, &[&codes[0]]);
    login.hold = Some(("code".to_owned(), folder.path().to_owned()));
    let waiting = std::thread::spawn(move || ssh::login(&login).unwrap());
    until("the prompt", || Ok(folder.path().join("held").exists().then_some(()))).unwrap();
    house.end_agent(Signal::KILL).unwrap();
    std::fs::write(folder.path().join("go"), "").unwrap();
    let outcome = waiting.join().unwrap();
    refused(&house, &outcome, "Sallyport could not check this login, so it is refused.");

    // Nobody there at all.
    let outcome = house.ssh("runa", PASSWORD, &[&codes[0]]).unwrap();
    refused(&house, &outcome, "Sallyport could not check this login, so it is refused.");
    assert_eq!(outcome.prompts_seen.len(), 1, "{outcome:?}");

    house.start_agent().unwrap();
    house.in_step().unwrap();
    let_in(&house, &house.ssh("runa", PASSWORD, &[&codes[0]]).unwrap(), "runa");
}

#[test]
fn the_network_half_is_started_again() {
    let Some(house) = own("laptop-25") else { return };
    let codes = house.bound_person("sina", PASSWORD, 1).unwrap();
    let before = pids(&house, "sallyport-net");
    assert_eq!(before.len(), 1, "{before:?}");
    let ids = house.sandbox.read_file(format!("/proc/{}/status", before[0])).unwrap();
    let ids = String::from_utf8(ids).unwrap();
    assert!(!ids.lines().any(|line| line.starts_with("Uid:\t0\t")), "{ids}");
    for fact in ["NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000", "CapPrm:\t0000000000000000"] {
        assert!(ids.lines().any(|line| line == fact), "no `{fact}` in {ids}");
    }
    house.sandbox.check(["kill", "-9", &before[0]]).unwrap();
    until("another network half", || {
        let now = pids(&house, "sallyport-net");
        Ok((now.len() == 1 && now != before).then_some(()))
    })
    .unwrap();
    house.in_step().unwrap();
    let_in(&house, &house.ssh("sina", PASSWORD, &[&codes[0]]).unwrap(), "sina");
}

#[test]
fn a_run_lost_between_start_and_end_is_unknown_and_never_run_again() {
    let Some(mut house) = own("laptop-26") else { return };
    let body = "echo once >>/root/ran; echo begun; while [ ! -e /root/go-on ]; do sleep 0.1; done; echo over";
    house
        .cli()
        .json(&["command", "create", "--name", "Append", "--body", body, "--device", "laptop-26"])
        .unwrap();
    house.cli().json(&["command", "run", "Append"]).unwrap();
    until("the run to have begun", || {
        Ok(house.sandbox.run(["test", "-e", "/root/ran"])?.status.success().then_some(()))
    })
    .unwrap();

    house.end_agent(Signal::KILL).unwrap();
    house.start_agent().unwrap();
    let run = until("the run to be owned up to", || {
        let run = run_of(&house, "Append");
        Ok((!["queued", "started"].contains(&text(&run, "state").as_str())).then_some(run))
    })
    .unwrap();
    assert_eq!(text(&run, "state"), "unknown", "{run}");
    assert!(text(&run, "reason").contains("the agent or the machine stopped while it ran"), "{run}");

    // Neither another start of the agent nor one of the server makes it run again.
    house.end_agent(Signal::TERM).unwrap();
    house.house.server.kill().unwrap();
    house.house.server.start_again().unwrap();
    house.start_agent().unwrap();
    house.in_step().unwrap();
    house
        .cli()
        .json(&["command", "create", "--name", "Later", "--body", "true", "--device", "laptop-26"])
        .unwrap();
    house.cli().run(&["command", "run", "Later", "--follow"], None).unwrap();
    assert_eq!(house.sandbox.read_file("/root/ran").unwrap(), b"once\n");
    assert_eq!(text(&run_of(&house, "Append"), "state"), "unknown");
}
