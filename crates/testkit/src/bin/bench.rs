//! Measures the release build of the server against what this very machine can do at best: ceilings of the processor,
//! a bare HTTPS server, the disk. Only ratios within one run mean something elsewhere; what did not run says so.
//!
//! Loaders are closed: a worker sends its next request when it has the answer to the last. Load and server share the
//! cores, so processor time for each request, read from `/proc`, says more than requests per second.

#[path = "bench/agents.rs"]
mod agents;
#[path = "bench/auth_api.rs"]
mod auth_api;
#[path = "bench/browser.rs"]
mod browser;
#[path = "bench/crowd.rs"]
mod crowd;
#[path = "bench/decisions.rs"]
mod decisions;
#[path = "bench/device.rs"]
mod device;
#[path = "bench/floor.rs"]
mod floor;
#[path = "bench/house.rs"]
mod house;
#[path = "bench/http.rs"]
mod http;
#[path = "bench/load.rs"]
mod load;
#[path = "bench/options.rs"]
mod options;
#[path = "bench/pages.rs"]
mod pages;
#[path = "bench/phones.rs"]
mod phones;
#[path = "bench/process.rs"]
mod process;
#[path = "bench/prompt.rs"]
mod prompt;
#[path = "bench/pushes.rs"]
mod pushes;
#[path = "bench/report.rs"]
mod report;
#[path = "bench/sign_in.rs"]
mod sign_in;
#[path = "bench/size.rs"]
mod size;
#[path = "bench/sso.rs"]
mod sso;

use std::process::ExitCode;

use anyhow::Context as _;
use sallyport_testkit::server::build_folder;

use crate::{
    house::House,
    options::{Options, Part},
    report::Report,
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.as_slice() {
        // The bare server runs in a process of its own, so that its processor time can be told.
        [word, certificate, key] if word == floor::BARE_SERVER => floor::serve(certificate, key),
        _ => measure(&arguments),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            report::say(&format!("\nThe bench stopped: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let Some(options) = Options::read(arguments)? else { return Ok(ExitCode::SUCCESS) };
    process::raise_open_files()?;
    let target = build_folder()?.parent().context("no target folder")?.to_owned();
    let folder = tempfile::Builder::new().prefix("bench-data").tempdir_in(&target)?;
    let mut report = Report::begin(&options);
    // One thread sends all load that is measured by the server's processor time: what wakes another thread of the loader
    // takes that time from the server. Ten thousand phones and a thousand devices need more hands.
    if options.wants(Part::Decisions) {
        decisions::measure(&mut report)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut house = runtime.block_on(async {
        let mut house = House::open(folder.path(), &options).await?;
        if options.wants(Part::Size) {
            size::measure(&mut house, &options, &mut report).await?;
        }
        if options.wants(Part::SignIn) {
            sign_in::measure(&mut house, &options, &mut report).await?;
        }
        if options.wants(Part::AuthApi) {
            auth_api::measure(&mut house, &options, &mut report, folder.path()).await?;
        }
        if options.wants(Part::Prompt) {
            prompt::measure(&house, &options, &mut report, folder.path()).await?;
        }
        if options.wants(Part::SingleSignOn) {
            sso::measure(&mut house, &options, &mut report, folder.path()).await?;
        }
        anyhow::Ok(house)
    })?;
    drop(runtime);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        if options.wants(Part::Pushes) {
            pushes::measure(&mut house, &options, &mut report, folder.path()).await?;
        }
        if options.wants(Part::Agents) {
            agents::measure(&mut house, &options, &mut report, folder.path()).await?;
        }
        house.close()
    })?;
    if options.wants(Part::Pages) {
        runtime.block_on(pages::measure(&options, &mut report, folder.path()))?;
    }
    let file = target.join("bench.json");
    report.finish(&file)?;
    Ok(if options.strict && report.missed() > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
