//! What asked for a sign-in, as the logs and the prompt's statement tell it.

use sallyport_model::{
    policy::Country,
    signin::{Resource, SignIn},
};
use sallyport_wire::duo::prompt::{AccessDevice, Location};

/// Systems that stand alone where the browser is not known.
const SYSTEMS: [&str; 6] = ["Android", "Linux", "Windows", "iPad", "iPhone", "macOS"];

/// `in_browser`: whether the application that was signed in to sends browsers to us, and not its own questions.
pub(super) fn of(sign_in: &SignIn, in_browser: bool) -> AccessDevice {
    let (is_browser, hostname) = match &sign_in.resource {
        Resource::Api => (false, None),
        Resource::Application { .. } => (in_browser, sign_in.host.clone()),
        Resource::DeviceLogin { name, .. } => (false, Some(name.clone())),
        Resource::Portal => (true, None),
    };
    let device = sign_in.device.as_deref().filter(|_| is_browser);
    let (browser, os) = device.map(browser_and_system).unwrap_or_default();
    AccessDevice { browser, hostname, os, ..at(sign_in.source.clone(), sign_in.country) }
}

/// Something at an address, of which nothing else is known.
pub(super) fn at(ip: Option<String>, country: Option<Country>) -> AccessDevice {
    AccessDevice { ip, location: within(country), ..AccessDevice::default() }
}

pub(super) fn within(country: Option<Country>) -> Location {
    Location::within(country.map(|country| country.to_string()))
}

/// What is kept of a browser's own name is `Firefox (Linux)`, one of the two, or its beginning where neither is known.
fn browser_and_system(device: &str) -> (Option<String>, Option<String>) {
    match device.strip_suffix(')').and_then(|rest| rest.split_once(" (")) {
        Some((browser, system)) if !device.contains(['/', ';']) => {
            (Some(browser.to_owned()), Some(system.to_owned()))
        }
        Some(_) | None if SYSTEMS.contains(&device) => (None, Some(device.to_owned())),
        Some(_) | None => (Some(device.to_owned()), None),
    }
}
