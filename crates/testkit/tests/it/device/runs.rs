//! Commands on a real device: as whom, with what, how they end, and what is kept of what they print.

use std::sync::{Mutex, Weak};

use sallyport_testkit::story::{DeviceHouse, items, text, until};
use serde_json::Value;

use super::{Shared, own, shared};

static HOUSE: Shared = Mutex::new(Weak::new());

/// Creates a command on the device and launches it; the id of its run.
fn launch(house: &DeviceHouse, name: &str, body: &str, more: &[&str]) -> String {
    let create = ["command", "create", "--name", name, "--body", body, "--device", house.sandbox.name()];
    house.cli().json(&[&create, more].concat()).unwrap();
    let runs = house.cli().json(&["command", "run", name]).unwrap();
    text(&items(&runs)[0], "id")
}

fn ended(house: &DeviceHouse, run: &str) -> Value {
    until("the run to end", || {
        let run = house.cli().json(&["run", "show", run])?;
        Ok((!["queued", "started"].contains(&text(&run, "state").as_str())).then_some(run))
    })
    .unwrap_or_else(|error| panic!("{error}\n{}", house.logs()))
}

/// Everything of one stream, with a mark where something was left out.
fn printed(house: &DeviceHouse, run: &str, stream: &str) -> String {
    let lines = house.cli().run(&["run", "output", run, "--json"], None).unwrap();
    let answers = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let pieces: Vec<Value> =
        answers.flat_map(|answer| answer["pieces"].as_array().cloned().unwrap_or_default()).collect();
    let of_stream = pieces.iter().filter(|piece| text(piece, "stream") == stream);
    of_stream
        .map(|piece| match piece["dropped"].as_u64() {
            Some(bytes) if bytes > 0 => format!("[{bytes}]"),
            _ => text(piece, "text"),
        })
        .collect()
}

#[test]
fn as_another_user_with_an_environment_and_an_exit_code() {
    let Some(house) = shared(&HOUSE, "laptop-29") else { return };
    house.local_person("worker", "of this machine").unwrap();
    house.sandbox.check(["usermod", "--append", "--groups", "games", "worker"]).unwrap();
    let body = "id -un; id -Gn; pwd; echo \"$COLOUR\"; env | grep -c TOKEN; echo aside >&2; cat; exit 7";
    let more = ["--run-as", "worker", "--env", "COLOUR=deep blue; $(id)", "--interpreter", "bash"];
    let run = launch(&house, "As worker", body, &more);
    let end = ended(&house, &run);
    assert_eq!((text(&end, "state").as_str(), end["exit_code"].as_i64()), ("finished", Some(7)), "{end}");
    let out = printed(&house, &run, "stdout");
    assert_eq!(out, "worker\nworker games\n/home/worker\ndeep blue; $(id)\n0\n");
    assert_eq!(printed(&house, &run, "stderr"), "aside\n");
    // People see the failure too.
    let followed =
        house.cli().run(&["command", "run", "As worker", "--follow"], None).unwrap_err().to_string();
    assert!(followed.contains("finished, exit code 7"), "{followed}");
}

#[test]
fn as_somebody_who_is_not_there_it_is_not_run() {
    let Some(house) = shared(&HOUSE, "laptop-29") else { return };
    let run = launch(&house, "As nobody", "touch /root/as-nobody", &["--run-as", "absent"]);
    let end = ended(&house, &run);
    assert!(end.to_string().contains("there is no account `absent` here"), "{end}");
    assert!(!house.sandbox.run(["test", "-e", "/root/as-nobody"]).unwrap().status.success());
}

#[test]
fn of_much_output_both_ends_are_kept() {
    let Some(house) = shared(&HOUSE, "laptop-29") else { return };
    let body = "echo first; yes 0123456789abcde | head -c 10485760; echo; echo last";
    let run = launch(&house, "Much", body, &[]);
    assert_eq!(ended(&house, &run)["exit_code"], 0);
    let out = printed(&house, &run, "stdout");
    assert!(out.starts_with("first\n0123456789abcde\n"), "{}", &out[..80]);
    assert!(out.ends_with("\nlast\n"));
    assert!(out.len() < 200 * 1024, "{} bytes are kept", out.len());
    assert!(out.contains('['), "nothing says that something was left out");
    let shown = house.cli().run(&["run", "output", &run], None).unwrap();
    assert!(shown.contains(" bytes left out]"));
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let Some(house) = shared(&HOUSE, "laptop-29") else { return };
    let body = r"printf 'red \033[31m\033]0;title\007 \202 \r\b tab\tend\n'";
    let run = launch(&house, "Colourful", body, &[]);
    ended(&house, &run);
    let shown = house.cli().run(&["run", "output", &run], None).unwrap();
    assert!(shown.contains("red ") && shown.contains("end\n"), "{shown:?}");
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{shown:?}");
}

/// Whether anything runs in the device with this in its command line.
fn runs(house: &DeviceHouse, what: &str) -> bool {
    let script = "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null | grep -q \"^sleep $1\" && exit 0; done; exit 1";
    house.sandbox.run(["sh", "-c", script, "runs", what]).unwrap().status.success()
}

#[test]
fn a_run_that_takes_too_long_ends_with_all_it_started() {
    let Some(house) = shared(&HOUSE, "laptop-29") else { return };
    // The last one has given up everything that could tell whose it is: environment, session, parent.
    let body = "setsid sleep 7771 & (trap '' TERM; sleep 7772; sleep 7772) & \
                setsid env -i sh -c '(setsid env -i sleep 7774 &) & sleep 1' & echo up; sleep 7773";
    let run = launch(&house, "Slow", body, &["--timeout", "2"]);
    let end = ended(&house, &run);
    assert_eq!(text(&end, "state"), "finished", "{end}");
    assert_eq!(end["exit_code"], Value::Null, "{end}");
    assert!(text(&end, "reason").contains("longer than 2 seconds"), "{end}");
    assert_eq!(printed(&house, &run, "stdout"), "up\n");
    // By then all of it has ended.
    for what in ["7771", "7772", "7773", "7774"] {
        assert!(!runs(&house, what), "sleep {what} is still there");
    }
}

#[test]
fn a_run_can_be_cancelled() {
    let Some(house) = shared(&HOUSE, "laptop-29") else { return };
    house.local_person("idler", "of this machine").unwrap();
    let body = "setsid env -i sh -c '(setsid env -i sleep 7781 &)'; echo up; sleep 7782";
    for run_as in ["root", "idler"] {
        let run = launch(&house, &format!("Endless as {run_as}"), body, &["--run-as", run_as]);
        until("it to run", || Ok((runs(&house, "7781") && runs(&house, "7782")).then_some(()))).unwrap();
        house.cli().json(&["run", "cancel", &run]).unwrap();
        assert_eq!(text(&ended(&house, &run), "state"), "cancelled");
        assert!(!runs(&house, "7781") && !runs(&house, "7782"), "{run_as}: something is still there");
    }
}

#[test]
fn a_command_on_enrolment_runs_once() {
    let Some(mut house) = own("laptop-30") else { return };
    let runs = house.cli().json(&["run", "list"]).unwrap();
    assert_eq!(items(&runs).len(), 1, "{runs}");
    // Not on a device that is there already, unless that is asked for.
    let create = |name: &str, more: &[&str]| {
        let create =
            ["command", "create", "--name", name, "--body", "true", "--on-enrollment", "--group", "laptops"];
        house.cli().json(&[&create, more].concat()).unwrap();
    };
    create("For those to come", &[]);
    create("For those here too", &["--run-on-present"]);
    house.runs_end_well().unwrap();
    let list = || house.cli().json(&["run", "list"]).unwrap();
    let names: Vec<String> = items(&list()).iter().map(|run| text(run, "command_name")).collect();
    assert_eq!(names, ["For those here too", "Install the login component"]);
    // Neither a new start nor leaving the group and coming back is an enrolment.
    house.end_agent(sallyport_testkit::sandbox::Signal::TERM).unwrap();
    house.start_agent().unwrap();
    house.in_step().unwrap();
    let runs = house.cli().json(&["run", "list"]).unwrap();
    assert_eq!(items(&runs).len(), 2, "{runs}");
}

#[test]
fn what_was_withdrawn_while_the_device_was_away_is_not_run() {
    let Some(mut house) = own("laptop-31") else { return };
    house.end_agent(sallyport_testkit::sandbox::Signal::TERM).unwrap();
    let withdrawn = launch(&house, "Withdrawn", "touch /root/withdrawn", &[]);
    let kept = launch(&house, "Kept", "touch /root/kept; id -u", &[]);
    let run = house.cli().json(&["run", "cancel", &withdrawn]).unwrap();
    assert_eq!(text(&run, "state"), "cancelled", "{run}");
    house.start_agent().unwrap();
    assert_eq!(ended(&house, &kept)["exit_code"], 0);
    assert!(house.sandbox.run(["test", "-e", "/root/kept"]).unwrap().status.success());
    assert!(!house.sandbox.run(["test", "-e", "/root/withdrawn"]).unwrap().status.success());
    assert_eq!(text(&ended(&house, &withdrawn), "state"), "cancelled");
    // Launched by whom, and when, is in the record.
    let run = house.cli().json(&["run", "show", &kept]).unwrap();
    assert!(run.to_string().contains("launched_by") && run["created"].is_i64(), "{run}");
}
