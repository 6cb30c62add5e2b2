//! How long the server takes to start with a full directory, and how much memory it takes then.

use std::time::Duration;

use crate::{
    house::House,
    load::median,
    options::Options,
    process,
    report::{Goal, Line, Report},
};

const STARTS: usize = 5;
const MIB: f64 = (1 << 20) as f64;

pub(crate) async fn measure(house: &mut House, options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(house.restart().await?.as_secs_f64() * 1e3);
    }
    let what = format!("start to ready, {} users", options.users);
    let note = "from exec to the answer of /readyz on a new TLS connection; median of 5 starts";
    report.add(Line::new("start_to_ready", &what, median(times), "ms").goal(Goal::AtMost(300.0)).note(note));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let rest = process::resident(house.pid()?)? as f64 / MIB;
    let what = format!("server memory at rest, {} users", options.users);
    report.add(Line::new("memory_at_rest", &what, rest, "MiB").goal(Goal::AtMost(100.0)).note("VmRSS"));
    browse(house, options).await?;
    let used = process::resident(house.pid()?)? as f64 / MIB;
    let what = "server memory after every user was read through the API";
    report.add(Line::new("memory_after_use", what, used, "MiB").goal(Goal::AtMost(100.0)).note("VmRSS"));
    Ok(())
}

/// Looks at every page of the directory.
async fn browse(house: &House, options: &Options) -> anyhow::Result<()> {
    let mut api = house.api().await?;
    let mut path = "/users?limit=500".to_owned();
    for _ in 0..=options.users / 500 {
        let page = api.call(hyper::Method::GET, &path, serde_json::Value::Null).await?;
        let Some(next) = page.get("next").and_then(serde_json::Value::as_str) else { break };
        path = format!("/users?limit=500&after={next}");
    }
    Ok(())
}
