//! Panics end here. They deny, say in the log where they happened, and never reach the C code around us.

use std::{
    mem,
    panic::{self, AssertUnwindSafe},
    sync::{Mutex, Once, PoisonError},
};

use crate::{
    handle::{Handle, Priority},
    outcome::{Code, Stage},
};

#[cfg(not(panic = "unwind"))]
compile_error!("a login process must survive a panic of this module");

static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// Replaces the standard hook, which prints to the login process's standard error and reads its environment. The
/// message of the panic is not kept, because it may hold what somebody typed; only its place is.
pub(crate) fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line()));
            *PLACE.lock().unwrap_or_else(PoisonError::into_inner) = place;
        }));
    });
}

/// Runs the body; a panic in it denies.
pub(crate) fn contained<H: Handle>(stage: Stage, handle: &mut H, body: impl FnOnce(&mut H) -> Code) -> Code {
    if let Some(code) = catch(|| body(handle)) {
        return code;
    }
    log(handle, "denied");
    Code::denied(stage)
}

/// Runs a body on which nothing depends; a panic in it is as if it had not been run.
pub(crate) fn swallowed<H: Handle>(handle: &mut H, body: impl FnOnce(&mut H)) {
    if catch(|| body(handle)).is_none() {
        log(handle, "passed over");
    }
}

/// A log that cannot be written changes nothing.
fn log<H: Handle>(handle: &mut H, what: &str) {
    let _ = catch(|| {
        let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner).take();
        let place = place.as_deref().unwrap_or("an unknown place");
        handle.log(Priority::Error, &format!("{what}: internal error at {place}"));
    });
}

fn catch<T>(body: impl FnOnce() -> T) -> Option<T> {
    match panic::catch_unwind(AssertUnwindSafe(body)) {
        Ok(value) => Some(value),
        Err(payload) => {
            // Dropping a payload may panic once more, outside of any net.
            mem::forget(payload);
            None
        }
    }
}
